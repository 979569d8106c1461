#include "analysis/plan.h"

#include "analysis/calendar.h"

/* Means of the demonstration, the humerus and two years of the femur (theory.md, T3): Newton
   iterations of an equilibrium at rest, under a daily load and on the way into a fall, and of the
   press-fit; Krylov iterations of each. */
#define NEWTON_REST   2.0
#define NEWTON_LOADED 2.7
#define NEWTON_FALL   5.3
#define NEWTON_FIT    11.0
#define KRYLOV        3.7
/* Cycles that an exercise takes to settle on the first day of its stage. */
#define CYCLES_FIRST 2.0
/* Steps up to the whole load of a fall in each direction; more in the worst, to where bone
   breaks. */
#define FALL_STEPS  4.0
#define FALL_SEARCH 6.0
/* What bone density adds to the error of a step [1/day2]. */
#define DENSITY_ERROR 1e-5

/* Error of a step (T1) where bond grows as it does on a stem at rest: half the step squared times
   the second derivative. */
static PetscReal expected_error(const OstModel *model, PetscReal t, PetscReal dt)
{
  /* most of the interface is coated */
  const OstGrowth *law = &model->iface.finish[OST_FINISH_COATED].growth;
  const PetscReal  bond =
      law->bond_max / PetscSqr(law->bond_time) * PetscExpReal(-t / law->bond_time);
  const PetscReal strength = 1.0 / PetscSqr(law->strength_time);
  const PetscReal density  = model->remodel.law == OST_REMODEL_OFF ? 0.0 : DENSITY_ERROR;

  return dt * dt * PetscMax(0.5 * PetscSqrtReal(PetscSqr(bond) + PetscSqr(strength)), density);
}

/* One day: the rest, then every exercise through its phases and back, `cycles` times. */
static void count_day(const OstModel *model, PetscReal t, PetscBool before, PetscReal cycles,
                      OstPlan *plan)
{
  OstDayLoad     load[OST_STAGE_EXERCISES];
  const PetscInt num    = ost_schedule_at(&model->schedule, NULL, t, before, load);
  PetscReal      loaded = 0.0;

  for (PetscInt k = 0; k < num; k++)
    loaded +=
        PetscMin(cycles, (PetscReal)model->day.max_cycles) * (PetscReal)(load[k].num_phases + 1);
  plan->days_lived += 1.0 + loaded;
  plan->newton += NEWTON_REST + NEWTON_LOADED * loaded;
}

static void count_falls(const OstModel *model, PetscReal t, OstPlan *plan)
{
  const OstClock clock = ost_clock_start();

  for (PetscInt i = 0; i < model->falls.num; i++) {
    const OstFall *fall = &model->falls.fall[i];
    if (!ost_fall_is_due(fall, &clock, t)) continue;
    const PetscReal num = FALL_STEPS * (PetscReal)fall->num_angles + FALL_SEARCH;
    plan->falls++;
    plan->in_falls += num;
    plan->newton += NEWTON_FALL * num;
  }
}

OstPlan ost_plan_make(const OstModel *model)
{
  const OstClock clock   = ost_clock_start(); /* nobody knows beforehand what rules will hold */
  OstStepControl control = ost_step_start(&model->step);
  OstPlan        plan    = {.snapshots = 1, .newton = NEWTON_FIT};
  PetscReal      t = 0.0, written = 0.0;

  count_day(model, t, PETSC_FALSE, CYCLES_FIRST, &plan);
  count_falls(model, t, &plan);
  while (t < model->schedule.until) {
    const PetscReal start = t, event = ost_calendar_next(model, &clock, start, written);
    const PetscReal dt = ost_step_clip(&control, start, event);
    count_day(model, start + dt, PETSC_TRUE, 1.0, &plan);
    if (!ost_step_judge(&control, dt, expected_error(model, start, dt))) continue;
    plan.steps++;
    t = start + dt >= event * (1.0 - 1e-12) ? event : start + dt;
    if (t < event) continue;
    if (ost_calendar_writes(model, &clock, t, written)) {
      plan.snapshots++;
      written = t;
    }
    count_falls(model, t, &plan);
    if (!ost_calendar_breaks(model, &clock, start, t)) continue;
    count_day(model, t, PETSC_FALSE, CYCLES_FIRST, &plan);
    plan.breaks++;
    ost_step_restart(&control);
  }
  plan.krylov = KRYLOV * plan.newton;
  return plan;
}
