/* smoother.h: a cell quantity of bone, smoothed over a length.

   Owns the Helmholtz filter S - l^2 lap S = s on the corners of the bone cells, with no flux
   through the bone's surface (theory.md, R12): the weight of a place a distance r away falls like
   exp(-r/l). Keeps a constant and the integral over the bone. Knows nothing of what it smooths. */
#pragma once

#include "mesh/mesh.h"

typedef struct OstSmoother OstSmoother;

/** @param[in] mesh    its regions say what is bone; must outlive the object
 *  @param[in] length  l, > 0 [mm]
 *  Collective.
 */
PetscErrorCode ost_smoother_create(const OstMesh *mesh, PetscReal length, OstSmoother **smoother);
PetscErrorCode ost_smoother_destroy(OstSmoother **smoother);

/** @param[in]  rough   [num_cells] of bone cells, others are not read
 *  @param[out] smooth  [num_cells] mean of the corners in bone cells, 0 in others; may be `rough`
 *  Collective.
 */
PetscErrorCode ost_smoother_apply(OstSmoother *smoother, const PetscReal rough[],
                                  PetscReal smooth[]);
