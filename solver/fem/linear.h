/* linear.h: the linear systems of the P2 displacement and the one solver they are solved with.

   Owns the P2 level (level2.h: bulk, interface and smoother without a matrix), the P1 level
   (level1.h) and the Krylov methods that their cycle preconditions (theory.md, S1). There is no
   other default. Knows nothing of where the interface terms come from.

   All systems are for increments: fixed displacements have zero increment, their rows and columns
   are those of the identity times a stiffness. Collective unless said otherwise. */
#pragma once

#include "fem/facets.h"
#include "material/elastic.h"

#include <petscksp.h>

typedef struct OstLinear OstLinear;

typedef struct {
  /* P1 unknowns up to which the P1 level is factorised at once; beyond, it is where a hierarchy
     serves badly, up to 150 000 [-] */
  PetscInt direct_limit;
} OstLinearOptions;

OstLinearOptions ost_linear_options_default(void);

/* fixed [num_nodes x 3]: nonzero where the displacement is prescribed, consistent on shared nodes.
   The mesh must outlive the object. */
PetscErrorCode ost_linear_create(const OstMesh *mesh, const char fixed[],
                                 const OstLinearOptions *options, OstLinear **lin);
PetscErrorCode ost_linear_destroy(OstLinear **lin);

/** Hold a surface by an elastic foundation; counts from the next ost_linear_set_bulk on. (L3)
 *  @param[in]  set     facets it acts on; must outlive the object; NULL: none (as at the start)
 *  @param[in]  normal  stiffness along each facet's own normal, per area [N/mm3]
 *  @param[in]  shear   stiffness across it, per area [N/mm3]; > 0, or sliding and turning are free
 *  Not collective. It is part of the bulk from there on: of tangent, residual and P1 level.
 */
PetscErrorCode ost_linear_set_foundation(OstLinear *lin, const OstFacetSet *set, PetscReal normal,
                                         PetscReal shear);

/* What the foundation exerts on the body under a displacement u [num_nodes x 3] (local, with halo),
   added to local nodal forces f [num_nodes x 3] [N]. Not collective. */
void ost_linear_foundation_forces(const OstLinear *lin, const PetscReal u[], PetscReal f[]);

/* Bulk stiffness from the elasticity of each cell [num_cells]. Also makes it the tangent. */
PetscErrorCode ost_linear_set_bulk(OstLinear *lin, const OstElastic elastic[]);

/* f = K_bulk u, including the rows of fixed displacements (their reactions): u, f global
   vectors. */
PetscErrorCode ost_linear_apply_bulk(const OstLinear *lin, Vec u, Vec f);

/* Size of the rounding errors in K_bulk u for a displacement of 2-norm norm_u [N]: a residual below
   it says nothing. Not collective. */
PetscReal ost_linear_rounding(const OstLinear *lin, PetscReal norm_u);

/* The tangent: begin (bulk), then each face's share, then end. The blocks are those of
   (d traction / d jump) integrated over a face: nodes [6], P2 blocks N_a N_b, and the same for the
   P1 corners; the signs of the two sides are put in here.
     symmetric      the whole tangent is, on all ranks: decides the Krylov method and the P1 level
     K2 [6 x 6 x 9] consistent tangent of the face's P2 nodes (row a, column b, 3 x 3)
     K1 [3 x 3 x 9] of its P1 corners
   add_face is not collective; begin and end are. */
PetscErrorCode ost_linear_begin_tangent(OstLinear *lin, PetscBool symmetric);
PetscErrorCode ost_linear_add_face(OstLinear *lin, PetscInt face, const PetscReal K2[6 * 6 * 9],
                                   const PetscReal K1[3 * 3 * 9]);
PetscErrorCode ost_linear_end_tangent(OstLinear *lin);

/* Solve tangent x = b to the relative unpreconditioned residual rtol, from x = 0: by conjugate
   gradients if the tangent is symmetric, by FGMRES otherwise. *reached is FALSE when it did not
   converge (the caller decides); *iterations counts. */
PetscErrorCode ost_linear_solve(OstLinear *lin, Vec b, Vec x, PetscReal rtol, PetscInt *iterations,
                                PetscBool *reached);

/* Zero the entries of a global vector at fixed displacements. */
PetscErrorCode ost_linear_mask(const OstLinear *lin, Vec r);

/* Global P2 vector of zeros. */
PetscErrorCode ost_linear_create_vec(const OstLinear *lin, Vec *v);
