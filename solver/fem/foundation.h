/* foundation.h: element matrices of an elastic foundation on a facet.

   The ground is at rest and answers to the displacement of the surface by a traction along the
   facet's own normal and one across it (theory.md, L3). Pure functions of one facet; the loop over
   facets is in linear.c. */
#pragma once

#include "base/base.h"

/** Stiffness of the ground under one facet. (L3)
 *  @param[in]  x        nodes [6 x 3] [mm]; the facet may be curved
 *  @param[in]  normal   stiffness along the normal, per area [N/mm3]
 *  @param[in]  shear    stiffness across it, per area [N/mm3]
 *  @param[out] K2       [18 x 18] row by row, dof 3 a + i, of the six nodes [N/mm]
 *  @param[out] K1       [9 x 9] of the three corners, by their own shape functions: on
 *                      straight edges the Galerkin projection of K2
 */
void ost_foundation_stiffness(const PetscReal x[18], PetscReal normal, PetscReal shear,
                              PetscReal K2[18 * 18], PetscReal K1[9 * 9]);
