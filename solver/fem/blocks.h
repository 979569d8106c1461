/* blocks.h: sparse matrices of small dense blocks, one row of blocks to a node.

   What the multigrid levels below P2 are made of: P1 has 3 x 3 blocks, the levels of rigid bodies
   6 x 6, their prolongators 3 x 6 and 6 x 6. One rank; a distributed matrix is the sum of what the
   ranks hold (amg.h). */
#pragma once

#include "base/base.h"

typedef struct {
  PetscInt   num_rows, num_columns; /* of blocks */
  PetscInt   height, width;         /* of a block, at most OST_BLOCK_MOST */
  PetscInt  *start;                 /* [num_rows + 1] */
  PetscInt  *column;                /* [start[num_rows]] */
  PetscReal *value;                 /* [start[num_rows] x height x width], each row by row */
} OstBlocks;

#define OST_BLOCK_MOST 6

/* Fill in start and column first; owns them and value from there on. */
PetscErrorCode ost_blocks_destroy(OstBlocks *A);

/** The pattern of a matrix that joins every two nodes of a group: of a cell, or an interface face.
 *  @param[in]  num_nodes  rows and columns
 *  @param[in]  num        groups
 *  @param[in]  size       nodes of a group
 *  @param[in]  node       [num x size]
 *  @param[out] A          square, its columns ascending in each row; values zero
 *  Two kinds of groups at once: num, size and node of each, [2].
 */
PetscErrorCode ost_blocks_create_joined(PetscInt num_nodes, PetscInt height, const PetscInt num[2],
                                        const PetscInt size[2], const PetscInt *const node[2],
                                        OstBlocks *A);

/* Index of a block that exists. */
PetscInt ost_blocks_find(const OstBlocks *A, PetscInt row, PetscInt column);

/* y = A x; y += A x; y += A^T x. x and y [blocks x width or height]. */
void ost_blocks_apply(const OstBlocks *A, const PetscReal x[], PetscReal y[]);
void ost_blocks_add(const OstBlocks *A, const PetscReal x[], PetscReal y[]);
void ost_blocks_add_transpose(const OstBlocks *A, const PetscReal x[], PetscReal y[]);

/* C = P^T A P, of a square A and a prolongator from its columns. */
PetscErrorCode ost_blocks_galerkin(const OstBlocks *A, const OstBlocks *P, OstBlocks *C);
