/* curve.h: points in the order of a space-filling curve.

   Element loops of an unstructured mesh run from memory: cells that follow each other should share
   nodes, whatever order the mesher wrote them in. Hilbert's curve keeps neighbours close and needs
   no graph. Depends on the places alone, not on the ranks. Not collective. */
#pragma once

#include "base/base.h"

/* order [num]: the points x [num x 3] along the curve; equal ones as they stood. Coordinates are
   finite. */
PetscErrorCode ost_curve_order(PetscInt num, const PetscReal x[], PetscInt order[]);
