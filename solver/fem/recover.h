/* recover.h: strain, stress and energy density of each cell from a displacement.

   Values are means over the cell's four integration points: for a straight P2 cell the mean strain
   is its value at the centroid, and the superconvergent one. Not collective. */
#pragma once

#include "material/elastic.h"
#include "mesh/mesh.h"

typedef struct {
  PetscReal strain[6];      /* Voigt, engineering shear [-] */
  PetscReal energy_density; /* mean of the points' sig.eps/2, not that of the mean strain [MPa] */
  PetscReal von_mises;      /* of the mean stress [MPa] */
  PetscReal von_mises_max;  /* largest of the points [MPa] */
  PetscReal principal_max;  /* principal strains of the mean strain [-] */
  PetscReal principal_min;
} OstCellResult;

/** @param[in]  u       displacement [num_nodes x 3] local, with halo [mm]
 *  @param[in]  elastic [num_cells]
 *  @param[out] cell    [num_cells]
 */
PetscErrorCode ost_recover_cells(const OstMesh *mesh, const PetscReal u[],
                                 const OstElastic elastic[], OstCellResult cell[]);
