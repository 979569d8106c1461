#include "physics/timestep.h"

/* (T2): proportional-integral control for an error of second order in dt (Gustafsson 1991). */
#define SAFETY         0.9
#define EXPONENT_ERROR (0.7 / 2.0)
#define EXPONENT_TREND (0.4 / 2.0)
#define GROWTH         2.5
#define SHRINK         0.2

OstStepOptions ost_step_default(void)
{
  OstStepOptions options = {.first = 1.0, .min = 0.01, .max = 30.0, .tolerance = 0.005};
  return options;
}

PetscErrorCode ost_step_read(OstNode *root, OstDiagList *list, OstStepOptions *options)
{
  const OstStepOptions def       = ost_step_default();
  const OstRealKey     first     = {"step_first", "day", def.first, 1e-6, 365.0};
  const OstRealKey     min       = {"step_min", "day", def.min, 1e-9, 30.0};
  const OstRealKey     max       = {"step_max", "day", def.max, 1e-3, 365.0};
  const OstRealKey     tolerance = {"tolerance", "1", def.tolerance, 1e-8, 0.5};
  OstNode             *section;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(root, "time", list, &section));
  PetscCall(ost_value_real(section, &first, list, &options->first));
  PetscCall(ost_value_real(section, &min, list, &options->min));
  PetscCall(ost_value_real(section, &max, list, &options->max));
  PetscCall(ost_value_real(section, &tolerance, list, &options->tolerance));
  if (section) PetscCall(ost_step_check(options, ost_node_where(section), list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_step_check(const OstStepOptions *options, OstWhere at, OstDiagList *list)
{
  PetscFunctionBeginUser;
  if (!(options->min <= options->first && options->first <= options->max)) {
    PetscCall(ost_diag_error(list, at, "0.01, 0.5 and 14 day are usual",
                             "steps are not in order: step_min = %g day, step_first = %g day, "
                             "step_max = %g day",
                             (double)options->min, (double)options->first, (double)options->max));
  }
  if (!(options->tolerance > 0.0)) {
    PetscCall(ost_diag_error(list, at, "0.005 is usual", "tolerance = %g is not positive",
                             (double)options->tolerance));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

OstStepControl ost_step_start(const OstStepOptions *options)
{
  OstStepControl control = {.options = *options, .next = options->first};
  return control;
}

PetscReal ost_step_clip(const OstStepControl *control, PetscReal t_day, PetscReal event)
{
  const PetscReal left = event - t_day;
  if (left <= control->next) return left;
  return left < 2.0 * control->next ? 0.5 * left : control->next;
}

PetscBool ost_step_judge(OstStepControl *control, PetscReal dt, PetscReal error)
{
  const PetscReal ratio = PetscMax(error / control->options.tolerance, 1e-10);
  /* an error far below the tolerance says nothing of a trend: growth is bounded anyway */
  const PetscReal trend = PetscMax(control->last_error > 0.0 ? control->last_error : 1.0, 0.5);
  PetscReal       factor, next;
  PetscBool       cut;

  if (!(ratio <= 1.0)) { /* a NaN is rejected too */
    factor        = ratio > 1.0 ? PetscMax(SAFETY / PetscSqrtReal(ratio), SHRINK) : SHRINK;
    control->next = dt * factor;
    control->rejected++;
    return PETSC_FALSE;
  }
  factor = SAFETY * PetscPowReal(ratio, -EXPONENT_ERROR) * PetscPowReal(trend, EXPONENT_TREND);
  next   = PetscMin(dt * PetscMin(PetscMax(factor, SHRINK), GROWTH), control->options.max);
  next   = PetscMax(next, control->options.min);
  cut    = dt < control->next && factor >= 1.0 ? PETSC_TRUE : PETSC_FALSE;
  control->next       = cut ? PetscMax(next, control->next) : next;
  control->last_error = ratio;
  control->accepted++;
  return PETSC_TRUE;
}

void ost_step_cut(OstStepControl *control, PetscReal dt)
{
  control->next = 0.25 * dt;
  control->rejected++;
}

PetscBool ost_step_failed(const OstStepControl *control)
{
  return control->next < control->options.min ? PETSC_TRUE : PETSC_FALSE;
}

void ost_step_restart(OstStepControl *control)
{
  control->next       = PetscMin(control->next, control->options.first);
  control->last_error = 0.0;
}
