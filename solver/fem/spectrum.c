#include "fem/spectrum.h"

#include <petscblaslapack.h>

PetscReal ost_spectrum_largest(PetscInt num, const PetscReal alpha[], const PetscReal beta[])
{
  PetscReal    diagonal[OST_SPECTRUM_STEPS], off[OST_SPECTRUM_STEPS];
  PetscBLASInt n = (PetscBLASInt)num, one = 1, info;

  if (!num) return 0.0;
  for (PetscInt k = 0; k < num; k++) {
    diagonal[k] = 1.0 / alpha[k] + (k ? beta[k] / alpha[k - 1] : 0.0);
    if (k) off[k - 1] = PetscSqrtReal(beta[k]) / alpha[k - 1];
  }
  LAPACKsteqr_("N", &n, diagonal, off, NULL, &one, NULL, &info);
  return info ? 0.0 : diagonal[num - 1];
}
