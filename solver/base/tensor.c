#include "base/tensor.h"

void ost_principal_values(const PetscReal voigt[OST_VOIGT], PetscBool is_strain,
                          PetscReal values[3])
{
  const PetscReal shear = is_strain ? 0.5 : 1.0;
  const PetscReal yz = shear * voigt[OST_YZ], xz = shear * voigt[OST_XZ],
                  xy   = shear * voigt[OST_XY];
  const PetscReal mean = (voigt[OST_XX] + voigt[OST_YY] + voigt[OST_ZZ]) / 3.0;
  const PetscReal x = voigt[OST_XX] - mean, y = voigt[OST_YY] - mean, z = voigt[OST_ZZ] - mean;
  const PetscReal j2 = 0.5 * (x * x + y * y + z * z) + yz * yz + xz * xz + xy * xy;

  values[0] = values[1] = values[2] = mean;
  if (j2 <= 0.0) return;
  {
    const PetscReal radius = 2.0 * PetscSqrtReal(j2 / 3.0);
    const PetscReal j3  = x * (y * z - yz * yz) - xy * (xy * z - yz * xz) + xz * (xy * yz - y * xz);
    const PetscReal arg = 4.0 * j3 / (radius * radius * radius); /* cos(3 theta), Lode angle */
    const PetscReal theta = PetscAcosReal(PetscMax(-1.0, PetscMin(1.0, arg))) / 3.0;

    values[0] += radius * PetscCosReal(theta);
    values[1] += radius * PetscCosReal(theta - 2.0 * PETSC_PI / 3.0);
    values[2] += radius * PetscCosReal(theta + 2.0 * PETSC_PI / 3.0);
  }
}

PetscReal ost_von_mises(const PetscReal sig[OST_VOIGT])
{
  const PetscReal a = sig[OST_XX] - sig[OST_YY], b = sig[OST_YY] - sig[OST_ZZ],
                  c = sig[OST_ZZ] - sig[OST_XX];
  const PetscReal s =
      sig[OST_YZ] * sig[OST_YZ] + sig[OST_XZ] * sig[OST_XZ] + sig[OST_XY] * sig[OST_XY];
  return PetscSqrtReal(0.5 * (a * a + b * b + c * c) + 3.0 * s);
}
