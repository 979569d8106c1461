/* tensor.h: 3-vectors and symmetric tensors at a point.

   Fixes the Voigt order of the whole project once: xx yy zz yz xz xy. Stresses hold the tensor
   components; strains hold engineering shear (gamma = 2 eps), so that sig . eps is the work. */
#pragma once

#include "base/base.h"

enum { OST_XX, OST_YY, OST_ZZ, OST_YZ, OST_XZ, OST_XY, OST_VOIGT };

static inline PetscReal ost_dot3(const PetscReal a[3], const PetscReal b[3])
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static inline PetscReal ost_norm3(const PetscReal a[3])
{
  return PetscSqrtReal(ost_dot3(a, a));
}

static inline void ost_cross3(const PetscReal a[3], const PetscReal b[3], PetscReal c[3])
{
  c[0] = a[1] * b[2] - a[2] * b[1];
  c[1] = a[2] * b[0] - a[0] * b[2];
  c[2] = a[0] * b[1] - a[1] * b[0];
}

/* Principal values of a symmetric tensor in Voigt order, largest first. `is_strain`: the shear
   entries are engineering shears. Closed form (Smith 1961), exact for repeated values. */
void ost_principal_values(const PetscReal voigt[OST_VOIGT], PetscBool is_strain,
                          PetscReal values[3]);

/* von Mises equivalent of a stress [same unit]. */
PetscReal ost_von_mises(const PetscReal sig[OST_VOIGT]);
