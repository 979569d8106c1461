/* teller.h: the observer that speaks to a person: steps, progress, falls, warnings, the verdict. */
#pragma once

#include "analysis/model.h"
#include "analysis/observer.h"

typedef struct OstTeller {
  const OstModel *model;
  PetscReal       start_s, start_day; /* MPI_Wtime and day of its first row */
  PetscInt        rows;
  PetscInt        warned; /* stage of which it was told that something does not settle */
} OstTeller;

OstTeller   ost_teller_start(const OstModel *model);
OstObserver ost_teller_observer(OstTeller *teller); /* which must outlive it */
