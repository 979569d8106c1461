/* aggregate.h: which nodes make one body of the next multigrid level.

   Serial and pure: each rank divides the nodes it owns. */
#pragma once

#include "fem/blocks.h"

/** Vanek's greedy passes over the nodes in their order: a node whose strong neighbours are all free
 *  makes a body with them; what is left joins the body it is joined to most, or makes bodies of its
 *  own. Strong is what reaches a share of the geometric mean of the two diagonal blocks: a joint of
 *  soft and stiff material is weak, one inside either is strong, whatever their contrast.
 *  @param[in]  A         square
 *  @param[in]  num       nodes to divide, the first of A's rows
 *  @param[in]  diagonal  [num] norms of the diagonal blocks
 *  @param[out] body      [num] 0.. or -1: a node without neighbours, which is fixed
 *  Returns the number of bodies.
 */
PetscErrorCode ost_aggregate(const OstBlocks *A, PetscInt num, const PetscReal diagonal[],
                             PetscInt body[], PetscInt *num_bodies);
