/* bodies.h: from one level of the hierarchy (amg.h) to the next: nodes become rigid bodies.

   Private to the hierarchy. Bodies are made of nodes of one rank; their smoothed motions reach into
   the neighbours' nodes, so rows of the prolongator are summed and sent to the ranks that have
   their nodes in the halo. */
#pragma once

#include "fem/blocks.h"
#include "mesh/exchange.h"

typedef struct {
  OstBlocks    A;        /* this rank's share; those of the first level belong to the caller */
  OstExchange *exchange; /* likewise */
  PetscInt     num_owned;
  PetscReal   *place;     /* [num_rows x 3] likewise */
  const char  *fixed;     /* [num_rows x 3] on the first level, else NULL */
  PetscReal    length;    /* that makes displacements of the rotations of this level's bodies */
  PetscReal   *inverse;   /* [num_owned x block] of the diagonal */
  PetscReal    largest;   /* eigenvalue of the block Jacobi preconditioned matrix [-] */
  OstBlocks    P;         /* to this level's rows from the next one's */
  PetscReal   *b, *x;     /* [num_rows x height] right-hand side and solution, but of the first */
  PetscReal   *r, *d, *t; /* [num_rows x height] work */
} OstAmgLevel;

/** Bodies of `level`, the prolongator from their motions to its rows, and of `next` all but what
 *  its smoother needs.
 *  @param[in] norm  [num_owned] of the diagonal blocks
 *  Collective.
 */
PetscErrorCode ost_bodies_create(MPI_Comm comm, OstAmgLevel *level, const PetscReal norm[],
                                 OstAmgLevel *next);
