/* level2.h: the P2 level of the multigrid: its operator without a matrix, and its smoother.

   The operator is the bulk (product.h) and dense blocks: of interface faces on the jump between
   their two sides, of facets on an elastic foundation. In double precision it is the tangent of the
   equilibrium; in single precision it serves the preconditioner alone. Rows and columns of fixed
   displacements are zero. Collective unless said otherwise. */
#pragma once

#include "fem/level1.h"
#include "fem/product.h"

typedef struct OstLevel2 OstLevel2;

/* fixed [num_nodes x 3] local; borrowed, like the mesh. */
PetscErrorCode ost_level2_create(const OstMesh *mesh, const char fixed[], OstLevel2 **level);
PetscErrorCode ost_level2_destroy(OstLevel2 **level);

/* The bulk, without faces: begin (none), the diagonal blocks of each cell's stiffness [10 x 9],
   then end. add_cell is not collective. */
PetscErrorCode ost_level2_begin_bulk(OstLevel2 *level);
void ost_level2_add_cell(OstLevel2 *level, PetscInt cell, const PetscReal diagonal[10 * 9]);
/** @param[in] elastic     of each cell [num_cells]
 *  @param[in] num_ground  facets on a foundation
 *  @param[in] facet       their indices in mesh->facets [num_ground]
 *  @param[in] ground      their stiffness [num_ground x 18 x 18], symmetric [N/mm]
 */
PetscErrorCode ost_level2_end_bulk(OstLevel2 *level, const OstElastic elastic[],
                                   PetscInt num_ground, const PetscInt facet[],
                                   const PetscReal ground[]);

/* The faces: begin (none), then each with its stiffness on the jump (K2 [6 x 6 x 9], row a, column
   b, 3 x 3), then end. add_face is not collective. */
PetscErrorCode ost_level2_begin_faces(OstLevel2 *level);
void           ost_level2_add_face(OstLevel2 *level, PetscInt face, const PetscReal K2[6 * 6 * 9]);
PetscErrorCode ost_level2_end_faces(OstLevel2 *level);

/* y = K x of the tangent; global vectors. */
PetscErrorCode ost_level2_apply(OstLevel2 *level, Vec x, Vec y);
/* f = K u of the bulk, fixed displacements included; global vectors. */
PetscErrorCode ost_level2_apply_bulk(OstLevel2 *level, Vec u, Vec f);
/* Infinity norm of the largest 3 x 3 diagonal block of the bulk [N/mm]. Not collective. */
PetscReal ost_level2_size(const OstLevel2 *level);

/* Set the smoother up for the tangent: the largest eigenvalue, preconditioned by the diagonal
   blocks, is estimated. Collective. */
PetscErrorCode ost_level2_set_up(OstLevel2 *level);
/* The same, for an eigenvalue that is `more` times as large. */
void ost_level2_widen(OstLevel2 *level, PetscReal more);

/* One cycle for K x = r from x = 0: smooth, correct by P1, smooth. Global vectors. */
PetscErrorCode ost_level2_cycle(OstLevel2 *level, OstLevel1 *level1, Vec r, Vec x);
