/* transition_log.h: the group /transitions of the results: who changed state, when and why.

   Owns its six columns (README, "Results"), which grow with every snapshot: an entry stands in the
   file once the snapshot after it does, and is not kept in memory longer. Entries are in the order
   of the days, then of the mesh file's faces and points, whatever the ranks. Collective. */
#pragma once

#include "analysis/observer.h"
#include "base/h5.h"

/* Bytes that an entry takes. */
#define OST_TRANSITION_BYTES (sizeof(PetscReal) + 5 * sizeof(PetscInt))

/* Entries of all ranks in their order [num] on rank 0, NULL on the others; num on every rank. To be
   freed with PetscFree. */
PetscErrorCode ost_transition_log_gather(MPI_Comm comm, PetscInt num_local,
                                         const OstTransition local[], PetscInt *num,
                                         OstTransition **all);

/* The group, with no entry yet. */
PetscErrorCode ost_transition_log_create(OstH5 *file);

/* Append gathered entries. */
PetscErrorCode ost_transition_log_append(OstH5 *file, PetscInt num, const OstTransition all[]);

/* Leave only the first num. */
PetscErrorCode ost_transition_log_shorten(OstH5 *file, PetscInt num);
