/* amg.h: a multigrid hierarchy of rigid bodies under a matrix of displacements.

   Smoothed aggregation: neighbouring nodes that are joined stiffly make one body, whose six rigid
   motions are unknowns of the next level; a step of block Jacobi smooths these motions, and the
   coarse matrix is the Galerkin product. Since a body is again a place with motions, one code makes
   all levels. Bodies end where joints are soft, so that marrow beside titanium does no harm
   (theory.md, S9). The last level is small and solved densely on every rank.

   A distributed matrix is given, and kept on all levels, as shares: each rank holds what its own
   cells and faces contribute to the local nodes, owned ones first, then the halo; the matrix is
   the sum over the ranks. */
#pragma once

#include "fem/blocks.h"
#include "mesh/exchange.h"

typedef struct OstAmg OstAmg;

/** @param[in] A          this rank's share, square, 3 x 3 blocks; in sum symmetric and positive
 *                        semi-definite, or nearly so (friction)
 *  @param[in] exchange   of its rows; all arrays outlive the object
 *  @param[in] num_owned  rows of this rank
 *  @param[in] place      [num_rows x 3] of the nodes [mm]
 *  @param[in] fixed      [num_rows x 3] nonzero where the solution is zero: A has nothing but
 *                        its diagonal there
 */
PetscErrorCode ost_amg_create(MPI_Comm comm, const OstBlocks *A, OstExchange *exchange,
                              PetscInt num_owned, const PetscReal place[], const char fixed[],
                              OstAmg **amg);
PetscErrorCode ost_amg_destroy(OstAmg **amg);

/** Bodies and motions from `bulk`, values of A's pattern without the interface, for bodies that
 *  stem and bone have in common could not slide; then the matrices of all levels by these motions
 *  from the values that A has now. If `same` the two are alike, which saves half of it.
 *  Collective. */
PetscErrorCode ost_amg_set_up(OstAmg *amg, PetscReal bulk[], PetscBool same);

/* Have the first level's smoother follow the values of A, which changed a little; the levels below
   stay. Collective. */
PetscErrorCode ost_amg_follow(OstAmg *amg);

/* x = B r, one cycle. Owned values of both; r and x [num_rows x 3], distinct.
   Collective. */
PetscErrorCode ost_amg_cycle(OstAmg *amg, const PetscReal r[], PetscReal x[]);

/* y = A x by the same means: x [num_rows x 3] gets its halo, y its owned values. */
PetscErrorCode ost_amg_apply(OstAmg *amg, PetscReal x[], PetscReal y[]);
