/* stiffness.h: element matrices of elasticity, isotropic or transversely isotropic.

   Pure functions of one element; the loop over elements is in linear.c. */
#pragma once

#include "fem/element.h"
#include "material/elastic.h"

/** Stiffness of one 10-node tetrahedron. (E2, E5)
 *  @param[in]  x   nodes [10 x 3] [mm]
 *  @param[in]  m   admissible elasticity, constant over the cell
 *  @param[out] K   [30 x 30] row by row, dof 3 a + i [N/mm]
 *  A straight cell takes 4 points and is integrated exactly, a curved one 14.
 */
void ost_stiffness(const PetscReal x[], const OstElastic *m, PetscReal K[30 * 30]);

/** Shares of the four corners in the mid-side nodes [6 x 4] of a cell's linear fields: halves on
 *  straight edges; on curved ones what makes a linear field linear where the node is, or P1 could
 *  not turn a curved body without straining it.
 *  @param[in]  x  nodes [10 x 3] [mm]
 */
void ost_stiffness_p1_weights(const PetscReal x[], PetscReal weight[6 * 4]);

/** Galerkin projection of a P2 cell matrix to its linear fields: K2 [30 x 30], K1 [12 x 12], nodes
 *  x [10 x 3] [mm].
 */
void ost_stiffness_to_p1(const PetscReal x[], const PetscReal K2[30 * 30], PetscReal K1[12 * 12]);

/** What the multigrid levels need of a cell, by closed forms where it is straight. (E9)
 *  @param[in]  x         nodes [10 x 3] [mm]
 *  @param[in]  m         elasticity
 *  @param[out] diagonal  [10 x 9] the diagonal blocks of K2, each row by row [N/mm]
 *  @param[out] K1        [12 x 12] as of ost_stiffness_to_p1
 */
void ost_stiffness_of_levels(const PetscReal x[], const OstElastic *m, PetscReal diagonal[10 * 9],
                             PetscReal K1[12 * 12]);
