/* coupling.h: a force and a moment on a surface, spread so that nothing is stiffened.

   The distributing coupling (theory.md, L1): a traction that is constant plus a rotation about the
   surface's centroid, t(x) = F/A + w x (x - c), with w chosen so that the nodal forces have exactly
   the wanted force and moment. It does not tie the surface together as a rigid coupling would. */
#pragma once

#include "fem/linear.h"

/** Add to nodal forces what is equivalent to a force and a moment at a reference point.
 *  @param[in]     mesh
 *  @param[in]     set       facets that are loaded; some rank must have one
 *  @param[in]     at        reference point the force goes through [3] [mm]; NULL: the centroid of
 *                           the set, so that a force alone is spread evenly
 *  @param[in]     force     [3] [N], limb frame
 *  @param[in]     moment    about the reference point [3] [N mm]
 *  @param[in,out] load      global vector [N]
 *  Collective. PETSC_ERR_ARG_WRONGSTATE when the set is empty.
 */
PetscErrorCode ost_coupling_add(const OstMesh *mesh, const OstFacetSet *set, const PetscReal at[3],
                                const PetscReal force[3], const PetscReal moment[3], Vec load);
