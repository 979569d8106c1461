/* plan.h: how much work a history will be, counted before it is computed.

   Walks the calendar as the history does, with steps as long as the laws let expect, and counts
   days, equilibria and what solving them takes by means that were measured (theory.md, T3). A
   stem that slides or comes loose takes more. Pure. */
#pragma once

#include "analysis/model.h"

typedef struct {
  PetscInt  steps;      /* time steps */
  PetscInt  breaks;     /* days on which the loads change their course: lived once more */
  PetscInt  snapshots;  /* fields written */
  PetscInt  falls;      /* falls looked at */
  PetscReal days_lived; /* equilibria of the days, at rest and under load */
  PetscReal in_falls;   /* equilibria of the falls */
  PetscReal newton;     /* iterations of Newton's method, each a linear solve */
  PetscReal krylov;     /* iterations of the linear solves */
} OstPlan;

/* model: options only, as before there is a mesh. */
OstPlan ost_plan_make(const OstModel *model);
