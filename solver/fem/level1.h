/* level1.h: the P1 level of the multigrid solver: linear fields on the corners of the cells.

   Owns its matrix (bulk, and bulk with the interface), the way from and to P2, and its solver: a
   factorisation by MUMPS up to a size, or beyond it a few steps that minimise the residual, with a
   hierarchy of rigid bodies (amg.h) as their preconditioner. Knows nothing of the P2 operator
   (level2.h). (S1, S9)

   Factors are always those of the present tangent. A hierarchy also serves tangents that differ a
   little from its own. */
#pragma once

#include "fem/blocks.h"
#include "mesh/mesh.h"

typedef struct OstLevel1 OstLevel1;

/** @param[in] fixed         [num_nodes x 3] nonzero where the displacement is prescribed
 *  @param[in] direct_limit  unknowns up to which the level is factorised [-]
 *  Mesh and fixed must outlive the object.
 */
PetscErrorCode ost_level1_create(const OstMesh *mesh, const char fixed[], PetscInt direct_limit,
                                 OstLevel1 **level);
PetscErrorCode ost_level1_destroy(OstLevel1 **level);

/* The bulk: begin (none), the cells and the facets on a foundation with their matrices, end.
   add is not collective; the nodes are corners, K [3 num x 3 num] row by row [N/mm]. */
PetscErrorCode ost_level1_begin_bulk(OstLevel1 *level);
void ost_level1_add(OstLevel1 *level, PetscInt num, const PetscInt nodes[], const PetscReal K[]);
/* size: for the diagonal of fixed rows [N/mm] */
PetscErrorCode ost_level1_end_bulk(OstLevel1 *level, PetscReal size);

/* The tangent: begin (bulk), then each face's corners with K [3 x 3 x 9] on the jump. */
PetscErrorCode ost_level1_begin_faces(OstLevel1 *level, PetscBool symmetric);
void           ost_level1_add_face(OstLevel1 *level, PetscInt face, const PetscReal K[3 * 3 * 9]);

/* Factors of the tangent, or if `anew` a hierarchy of it; if not, the last one follows. It must
   have been made once. Collective. */
PetscErrorCode ost_level1_set_up(OstLevel1 *level, PetscBool anew);

/* Whether the level has a hierarchy, but is small enough for a factorisation; have it factorised
   from the next set-up on, for this bulk and some more. */
PetscBool ost_level1_may_factorise(const OstLevel1 *level);
void      ost_level1_factorise(OstLevel1 *level);

/* x = P A1^-1 P^T r of a residual on P2: owned values of r and x [num_nodes x 4], three of a node
   and one that is not used; they are distinct, and r gets its halo. Not quite linear with a
   hierarchy: Krylov methods about it must be flexible. Collective. */
PetscErrorCode ost_level1_correct(OstLevel1 *level, PetscReal r[], PetscReal x[]);
