#include "physics/stimulus.h"

PetscReal ost_stimulus_daily_stress(PetscInt num, const PetscReal U[], const PetscReal cycles[],
                                    PetscReal E, PetscReal rho, PetscReal rho_c, PetscReal m)
{
  PetscReal largest = 0.0, sum = 0.0;

  /* The largest stress is taken out of the sum, so that high exponents do not overflow. */
  for (PetscInt i = 0; i < num; i++) {
    largest = PetscMax(largest, ost_stimulus_effective_stress(E, U[i]));
  }
  if (largest <= 0.0) return 0.0;
  for (PetscInt i = 0; i < num; i++) {
    sum += cycles[i] * PetscPowReal(ost_stimulus_effective_stress(E, U[i]) / largest, m);
  }
  return PetscSqr(rho_c / rho) * largest * PetscPowReal(sum, 1.0 / m);
}

PetscReal ost_stimulus_energy(PetscInt num, const PetscReal U[], const PetscReal weight[],
                              PetscReal rho)
{
  PetscReal sum = 0.0, weights = 0.0;

  for (PetscInt i = 0; i < num; i++) {
    const PetscReal w = weight ? weight[i] : 1.0;
    sum += w * U[i];
    weights += w;
  }
  return weights > 0.0 ? sum / (weights * rho) : 0.0;
}
