#include "cli/teller.h"

#include "analysis/measures.h"
#include "base/log.h"

/* Once a stage: a micromotion that still changes is not yet what the bond will feel. */
static PetscErrorCode warn_of_unsettled(OstTeller *teller, const OstHistoryRow *row)
{
  const PetscReal *v     = row->values;
  const PetscInt   stage = (PetscInt)v[OST_COL_STAGE];

  PetscFunctionBeginUser;
  if (v[OST_COL_UNSETTLED] <= 0.0 || stage == teller->warned) PetscFunctionReturn(PETSC_SUCCESS);
  teller->warned = stage;
  PetscCall(ost_log(OST_LOG_WARNING,
                    "stage %s, day %.1f: the micromotion of %.0f activities still changes after "
                    "%" PetscInt_FMT " cycles (more: solver.cycles_max); it may be a stem that "
                    "works its way on",
                    row->stage, (double)v[OST_COL_DAY], (double)v[OST_COL_UNSETTLED],
                    teller->model->day.max_cycles));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_row(void *context, const OstHistoryRow *row)
{
  OstTeller       *teller = context;
  const PetscReal *v      = row->values;
  const PetscReal  until  = teller->model->schedule.until;
  const PetscReal  done   = v[OST_COL_DAY] / until;
  PetscReal        here, spent; /* share of its own way that this run has come; time [s] */

  PetscFunctionBeginUser;
  if (!teller->rows++) teller->start_day = v[OST_COL_DAY] - v[OST_COL_STEP_SIZE];
  here  = (v[OST_COL_DAY] - teller->start_day) / (until - teller->start_day);
  spent = (PetscReal)MPI_Wtime() - teller->start_s;
  PetscCall(ost_log(OST_LOG_STEP,
                    "day = %8.2f  step = %6.2f  bonded = %.4f  micromotion_p95 = %.3e mm  bone = "
                    "%.3f g  newton = %.1f  krylov = %.1f  %s",
                    (double)v[OST_COL_DAY], (double)v[OST_COL_STEP_SIZE],
                    (double)v[OST_COL_BONDED_AREA], (double)v[OST_COL_MICROMOTION_P95],
                    (double)v[OST_COL_BONE_MASS], (double)v[OST_COL_NEWTON_MEAN],
                    (double)v[OST_COL_KRYLOV_MEAN], row->stage));
  if (here > 0.0)
    PetscCall(ost_log_progress(
        "day %.0f of %.0f (%.0f %%), step %.2f day, Newton %.1f, Krylov %.1f, %.0f s left",
        (double)v[OST_COL_DAY], (double)until, (double)(100.0 * done), (double)v[OST_COL_STEP_SIZE],
        (double)v[OST_COL_NEWTON_MEAN], (double)v[OST_COL_KRYLOV_MEAN],
        (double)(spent * (1.0 / here - 1.0))));
  PetscCall(warn_of_unsettled(teller, row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_fall(void *context, const OstFallReport *fall)
{
  const char *what = fall->at_least                     ? "breaks at more than"
                     : fall->reached && fall->converged ? "breaks at"
                                                        : "holds up to";

  PetscFunctionBeginUser;
  (void)context;
  PetscCall(
      ost_log(OST_LOG_STEP,
              "fall %s on day %.0f: bone %s %.2f x the load, by %s, %s; stem yields at %.2f x",
              fall->name, (double)fall->day, what, (double)fall->factor, fall->mode, fall->place,
              (double)fall->stem_yield_factor));
  if (!fall->reached)
    PetscCall(ost_log(OST_LOG_WARNING,
                      "fall %s: the interface gives way before the bone, beyond %.2f x the load",
                      fall->name, (double)fall->factor));
  if (!fall->converged)
    PetscCall(ost_log(OST_LOG_WARNING,
                      "fall %s: the load that breaks the bone was not found; it holds at %.2f x",
                      fall->name, (double)fall->factor));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_decision(void *context, const OstDecision *decision)
{
  char text[320];

  PetscFunctionBeginUser;
  (void)context;
  ost_decision_tell(decision, text, sizeof text);
  PetscCall(ost_log(OST_LOG_STEP, "%s", text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_failure(void *context, const OstFailureReport *failure)
{
  PetscFunctionBeginUser;
  (void)context;
  PetscCall(ost_log_progress("%s", ""));
  PetscCall(ost_log(OST_LOG_ERROR, "%s", failure->words));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_end(void *context, const OstSummary *s)
{
  PetscFunctionBeginUser;
  (void)context;
  PetscCall(ost_log_progress("%s", ""));
  PetscCall(ost_log(OST_LOG_STEP, "%s", s->verdict));
  if (s->rates_turned > 0.05)
    PetscCall(
        ost_log(OST_LOG_WARNING,
                "in %.0f %% of the bone a time step turned the rate of density round: the law "
                "is fast for such steps (theory.md, T5); see whether a smaller "
                "time.tolerance changes the results",
                100.0 * (double)s->rates_turned));
  PetscCall(ost_log(OST_LOG_STEP,
                    "steps = %" PetscInt_FMT "  newton_mean = %.2f  newton_max = %" PetscInt_FMT
                    "  krylov_mean = %.2f  krylov_max = %" PetscInt_FMT
                    "  krylov_linear = %" PetscInt_FMT "  cutbacks = %" PetscInt_FMT
                    "  wall = %.1f s",
                    s->steps, (double)s->newton_mean, s->newton_max, (double)s->krylov_mean,
                    s->krylov_max, s->krylov_linear, s->cutbacks, (double)s->wall_s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

OstTeller ost_teller_start(const OstModel *model)
{
  return (OstTeller){.model = model, .start_s = (PetscReal)MPI_Wtime(), .warned = OST_NO_STAGE - 1};
}

OstObserver ost_teller_observer(OstTeller *teller)
{
  return (OstObserver){.context  = teller,
                       .row      = tell_row,
                       .fall     = tell_fall,
                       .decision = tell_decision,
                       .end      = tell_end,
                       .failure  = tell_failure};
}
