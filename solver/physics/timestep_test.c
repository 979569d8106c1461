/* Step control: the error it steers, the events it hits, the failures it reports. */
#include "physics/timestep.h"

#include "support/check.h"
#include "support/heun.h"

/* y' = -k y with a rate that changes a thousandfold at t = 50: returns the global error. */
static PetscReal run(PetscReal tolerance, PetscInt *steps, PetscInt *rejected)
{
  OstStepOptions options = ost_step_default();
  OstStepControl control;
  PetscReal      t = 0.0, y = 1.0, exact;

  options.tolerance = tolerance;
  options.max       = 30.0;
  control           = ost_step_start(&options);
  while (t < 100.0) {
    const PetscReal event = t < 50.0 ? 50.0 : 100.0;
    const PetscReal k     = t < 50.0 ? 1e-3 : 1.0;
    const PetscReal dt    = ost_step_clip(&control, t, event);
    const PetscReal k0    = -k * y;
    PetscReal       end, k1, error, next;
    heun_predict(1, dt, &y, &k0, &end);
    k1    = -k * end;
    error = heun_correct(1, dt, &y, &k0, &k1, &next);
    if (!ost_step_judge(&control, dt, error)) continue;
    y = next;
    t = event - t <= dt ? event : t + dt;
    if (t == 50.0) { /* the same law until 53 days, then at rest near zero */
      exact = PetscExpReal(-0.05);
      OST_CHECK_NEAR(y, exact, 20.0 * tolerance);
    }
  }
  *steps    = control.accepted;
  *rejected = control.rejected;
  return PetscAbsReal(y - PetscExpReal(-0.05 - 50.0));
}

static void error_follows_the_tolerance(void)
{
  PetscInt steps[2], rejected[2];

  OST_CHECK(run(1e-2, &steps[0], &rejected[0]) < 1e-2);
  OST_CHECK(run(1e-4, &steps[1], &rejected[1]) < 1e-4);
  OST_CHECK(rejected[0] > 0); /* the jump in the rate is caught by rejection */
  OST_CHECK(steps[1] > steps[0] && steps[0] < 120 && steps[1] < 800);
}

static void event_is_hit_without_a_sliver(void)
{
  OstStepOptions options = ost_step_default();
  OstStepControl control = ost_step_start(&options);

  control.next = 4.0;
  OST_CHECK_NEAR(ost_step_clip(&control, 10.0, 100.0), 4.0, 0.0);
  OST_CHECK_NEAR(ost_step_clip(&control, 10.0, 13.0), 3.0, 0.0);
  OST_CHECK_NEAR(ost_step_clip(&control, 10.0, 14.1), 2.05, 1e-14);
  OST_CHECK_NEAR(ost_step_clip(&control, 10.0, 14.0), 4.0, 0.0);
}

static void smooth_phases_grow_the_step_to_its_maximum(void)
{
  OstStepOptions options = ost_step_default();
  OstStepControl control = ost_step_start(&options);

  OST_CHECK(ost_step_judge(&control, 0.5, 0.0));
  OST_CHECK_NEAR(control.next, 1.25, 1e-14);
  for (PetscInt i = 0; i < 10; i++) OST_CHECK(ost_step_judge(&control, control.next, 1e-12));
  OST_CHECK_NEAR(control.next, options.max, 0.0);
  ost_step_restart(&control);
  OST_CHECK_NEAR(control.next, options.first, 0.0);
}

/* A sliver before an event says nothing against the step that was proposed before it. */
static void event_does_not_shorten_the_steps_after_it(void)
{
  OstStepOptions options = ost_step_default();
  OstStepControl control = ost_step_start(&options);

  control.next = 15.0;
  OST_CHECK(ost_step_judge(&control, 0.01, 1e-9));
  OST_CHECK_NEAR(control.next, 15.0, 0.0);
  OST_CHECK(
      ost_step_judge(&control, 14.0, 1e-9)); /* an error this small lets it grow all the same */
  OST_CHECK_NEAR(control.next, 30.0, 0.0);
  OST_CHECK(!ost_step_judge(&control, 1.0, 4.0 * options.tolerance)); /* but a failure counts */
  OST_CHECK_NEAR(control.next, 0.45, 1e-12);
}

static void nan_and_failed_mechanics_shorten_the_step(void)
{
  OstStepOptions options = ost_step_default();
  OstStepControl control = ost_step_start(&options);

  OST_CHECK(!ost_step_judge(&control, 1.0, (PetscReal)NAN));
  OST_CHECK_NEAR(control.next, 0.2, 1e-14);
  ost_step_cut(&control, 0.2);
  OST_CHECK_NEAR(control.next, 0.05, 1e-14);
  OST_CHECK(!ost_step_failed(&control));
  ost_step_cut(&control, 0.03);
  OST_CHECK(ost_step_failed(&control));
  OST_CHECK_INT(control.rejected, 3);
}

static PetscErrorCode case_file_is_read(void)
{
  OstDiagList   *list;
  OstCase       *file;
  OstStepOptions options;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("t.yaml", "case",
                               "time:\n  step_first: 12 h\n  step_max: 1 week\n  tolerance: 1 %\n",
                               list, &file));
  PetscCall(ost_step_read(ost_case_root(file), list, &options));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(options.first, 0.5, 1e-12);
  OST_CHECK_NEAR(options.max, 7.0, 1e-12);
  OST_CHECK_NEAR(options.tolerance, 0.01, 1e-12);
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_case_load_text("t.yaml", "case", "time: {step_first: 60 day}\n", list, &file));
  PetscCall(ost_step_read(ost_case_root(file), list, &options));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "step_first = 60");
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  error_follows_the_tolerance();
  event_is_hit_without_a_sliver();
  smooth_phases_grow_the_step_to_its_maximum();
  event_does_not_shorten_the_steps_after_it();
  nan_and_failed_mechanics_shorten_the_step();
  PetscCall(case_file_is_read());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
