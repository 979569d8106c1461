/* shaft_axis.h: the direction of the shaft at every cell, from the outer shape of the limb alone.

   A potential that is 0 in the resection and 1 in the proximal end, and flows nowhere else out of
   the limb, rises along the shaft: its gradient follows a bow and a flare, touches the periosteum,
   and is the tangent of a shaft bent to a circle exactly (theory.md, E6). Bone, marrow and stem
   conduct alike, as if the stem had grown there: the direction does not bend round the stem's tip,
   nor round what a CT shows as pores. Of an end that is held all round over some length
   (support_length) the upper half counts. Knows neither densities nor what the direction is for. */
#pragma once

#include "mesh/mesh.h"

/** @param[out] axis   unit vectors, proximal [num_cells x 3]; 0 in the implant
 *  @param[out] found  FALSE: the bone has no cut end (surface group resection, or a collar at
 *                     z = 0) or no group proximal, or the potential was not found; axis is then
 *                     undefined
 *  Collective. The same on any number of ranks but for the solver's tolerance of 1e-12.
 */
PetscErrorCode ost_shaft_axis_find(const OstMesh *mesh, PetscReal axis[], PetscBool *found);
