/* Micromotion over a load cycle of several phases (theory.md, L5): a stem that slides to and fro.

   A shaft in a ring with interference, next to rigid (k h/E = 1e-5), is pushed along its axis. The
   jump is then uniform, the pressure p = k_n times the interference, and each point is a spring
   B k_t beside a slider of limit (1 - B) mu p and elastic way r = mu p/k_t (I3-I5). A load of tau
   per area that overcomes the slider moves it by
       w = (tau - (1 - B) mu p)/(B k_t)   on the first way, and
       D = tau/(B k_t + (1 - B) mu p/r)   back when it is taken off, as long as D <= 2 r.
   One phase +F: micromotion D. Two phases +F, -F: from w over -w to -w + D, peak to valley 2 w,
   which no two states of a single peak have. All of it is shear. 1 %: what the bodies give.
   The day counts the cycles until that settles: the second is like the first. */
#include "support/limb.h"
#include "support/mutation.h"
#include "support/ring.h"

static const OstRing scene = {2.0, 7.0, 14.0, 12.0, 1, 1, 8, 2};

#define STIFFNESS    100.0
#define FRICTION     0.4
#define INTERFERENCE 0.02
#define BOND         0.5
#define STRESS       1.2 /* tau of the load */

static const char *const one_phase  = "activities:\n"
                                      "  - {name: a, force: {axial: %.17g N}}\n";
static const char *const two_phases = "activities:\n"
                                      "  - name: a\n"
                                      "    phases:\n"
                                      "      - {name: out, force: {axial: %.17g N}}\n"
                                      "      - {name: in, force: {axial: -%.17g N}}\n";
static const char *const stages     = "name: ring\n"
                                      "stages:\n"
                                      "  - {name: s, do: [{activity: a, cycles: 10 1/day}]}\n";

static PetscErrorCode build(const char *activities, OstModel *model)
{
  const OstBlock block = ost_ring_block(&scene);
  const double   force = STRESS * 2.0 * M_PI * scene.middle * scene.height;
  char           text[1024];
  OstTestLimb    limb = {.bone         = 1e8,
                         .metal        = 1e8,
                         .nu           = 0.3,
                         .law          = ost_traction_law_default(),
                         .interference = INTERFERENCE,
                         .load_point   = 10.0,
                         .right        = PETSC_TRUE,
                         .text         = text};
  int            used;

  PetscFunctionBeginUser;
  limb.law.normal_stiffness = limb.law.shear_stiffness = limb.law.bond_stiffness = STIFFNESS;
  limb.law.friction                                                              = FRICTION;
  limb.law.tensile_strength = limb.law.shear_strength = 1e3; /* nothing breaks */
  limb.law.energy_I = limb.law.energy_II = 1e5;
  used                                   = snprintf(text, sizeof text, activities, force, force);
  (void)snprintf(text + used, sizeof text - (size_t)used, "%s", stages);
  PetscCall(ost_test_limb_model(&block, &limb, model));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Press-fit, bond at rest, then days. */
static PetscErrorCode begin(const OstModel *model, OstDay **day, OstState *state)
{
  const PetscReal bond = ost_mutated(OST_MUTATE_BOND) ? 0.0 : BOND;
  OstMaturity    *maturity;
  PetscBool       reached;

  PetscFunctionBeginUser;
  PetscCall(ost_day_create(model, day));
  PetscCall(ost_state_create(model, state));
  PetscCall(ost_day_press_fit(*day, state, &reached));
  OST_CHECK(reached);
  PetscCall(PetscMalloc1((*day)->iface->num_points, &maturity));
  for (PetscInt p = 0; p < (*day)->iface->num_points; p++)
    maturity[p] = (OstMaturity){.bond = bond, .strength = 1.0};
  PetscCall(ost_day_grow(*day, state, maturity));
  PetscCall(PetscFree(maturity));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode end(OstModel *model, OstDay **day, OstState *state)
{
  PetscFunctionBeginUser;
  PetscCall(ost_state_destroy(state));
  PetscCall(ost_day_destroy(day));
  PetscCall(ost_model_destroy(model));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void check_motion(const OstDay *day, double wanted)
{
  for (PetscInt p = 0; p < day->iface->num_points; p++) {
    OST_CHECK(fabs(day->micromotion[p] / wanted - 1.0) < 0.01);
    OST_CHECK(fabs(day->micromotion_shear[p] / wanted - 1.0) < 0.01);
    OST_CHECK(day->micromotion_normal[p] < 0.01 * wanted);
  }
}

static PetscErrorCode span_is_that_of_the_slider(const char *activities, double wanted)
{
  OstModel  model;
  OstDay   *day;
  OstState  state;
  PetscBool reached;

  PetscFunctionBeginUser;
  PetscCall(build(activities, &model));
  PetscCall(begin(&model, &day, &state));
  PetscCall(ost_day_run(day, &state, 1.0, PETSC_FALSE, &reached));
  OST_CHECK(reached);
  check_motion(day, wanted);
  OST_CHECK_INT(day->cycles_to_settle, 2);
  OST_CHECK_INT(day->unsettled, 0);
  /* the next day knows it already */
  PetscCall(ost_day_run(day, &state, 2.0, PETSC_FALSE, &reached));
  check_motion(day, wanted);
  OST_CHECK_INT(day->cycles_to_settle, 1);
  PetscCall(end(&model, &day, &state));

  /* a single cycle of a new load settles nothing */
  PetscCall(build(activities, &model));
  model.day.max_cycles = 1;
  PetscCall(begin(&model, &day, &state));
  PetscCall(ost_day_run(day, &state, 1.0, PETSC_FALSE, &reached));
  OST_CHECK_INT(day->cycles_to_settle, 1);
  OST_CHECK_INT(day->unsettled, 1);
  PetscCall(end(&model, &day, &state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  const double limit = (1.0 - BOND) * FRICTION * STIFFNESS * INTERFERENCE;
  const double whole = BOND * STIFFNESS + (1.0 - BOND) * STIFFNESS; /* mu p/r = k_t */
  const double way = (STRESS - limit) / (BOND * STIFFNESS), back = STRESS / whole;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  OST_CHECK(STRESS > limit * whole / ((1.0 - BOND) * STIFFNESS)); /* it slides, */
  OST_CHECK(back < 2.0 * FRICTION * INTERFERENCE);                /* and not on the way back */
  PetscCall(span_is_that_of_the_slider(one_phase, back));
  PetscCall(span_is_that_of_the_slider(two_phases, 2.0 * way));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
