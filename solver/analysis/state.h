/* state.h: everything that a time step may change, and only that.

   Densities, the interface's maturity and memory, the displacement at rest (press-fit and what
   friction and growth have locked in, no external load). Roll-back is a copy of this struct. */
#pragma once

#include "analysis/archive.h"
#include "analysis/model.h"

typedef struct OstState {
  PetscReal      day;
  OstClock       clock;    /* of the protocol */
  PetscReal     *rho;      /* [num_cells] g/cm3; 0 where there is no bone */
  OstMaturity   *maturity; /* [num_points] */
  OstIfacePoint *point;    /* [num_points] the interface's memory at rest */
  Vec            u;        /* displacement at rest (global) [mm] */
} OstState;

/* Day 0: densities of the model, nothing grown, nothing seated. */
PetscErrorCode ost_state_create(const OstModel *model, OstState *state);
PetscErrorCode ost_state_destroy(OstState *state);
/* Both must have been created for the same model. */
PetscErrorCode ost_state_copy(const OstModel *model, const OstState *from, OstState *to);

/* The protocol's clock under that name, to a checkpoint or back. */
PetscErrorCode ost_clock_archive(OstClock *clock, const char *name, OstArchive *archive);

/* All of it, to a checkpoint or back. */
PetscErrorCode ost_state_archive(const OstModel *model, OstState *state, OstArchive *archive);
