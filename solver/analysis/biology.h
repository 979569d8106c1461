/* biology.h: the rates of bone and bond from what a day left behind.

   Joins the point laws of physics/ with the fields of OstDay: one rate per bone cell, one per
   interface point. Not collective unless said. */
#pragma once

#include "analysis/day.h"

typedef struct {
  PetscReal   *rho;      /* d rho / dt [num_cells] [g/cm3/day] */
  OstMaturity *maturity; /* d/dt [num_points] [1/day] */
  PetscReal   *stimulus; /* stimulus over its reference [num_cells]; 0 outside bone; for results */
} OstRates;

PetscErrorCode ost_rates_create(const OstModel *model, OstRates *rates);
PetscErrorCode ost_rates_destroy(OstRates *rates);

/* All of them, to a checkpoint or back. */
PetscErrorCode ost_rates_archive(OstRates *rates, OstArchive *archive);

/* Rates at t_day from the last ost_day_run and the state it ended in. Collective. */
PetscErrorCode ost_rates_find(const OstDay *day, const OstState *state, PetscReal t_day,
                              OstRates *rates);

/* y = y0 + dt k: densities and maturities of the predictor into rho [num_cells], maturity
   [num_points]. */
void ost_rates_predict(const OstModel *model, const OstState *from, PetscReal dt, const OstRates *k,
                       PetscReal rho[], OstMaturity maturity[]);

/* Heun's corrector: the state holds the predictor (and what the mechanics broke since); move it by
   dt/2 (k1 - k0). maturity [num_points] receives the new values, rho is changed in the state.
   *error is the scaled error of the step (T1): the larger of the root mean squares over bone volume
   and over interface area, so that one cell on the kink of a law does not rule the clock. *turned
   is the share of bone's volume whose rate the step more than took away, a sign of a law that is
   too fast for such steps (T5). Collective. */
PetscErrorCode ost_rates_correct(const OstModel *model, PetscReal dt, const OstRates *k0,
                                 const OstRates *k1, OstState *state, OstMaturity maturity[],
                                 PetscReal *error, PetscReal *turned);
