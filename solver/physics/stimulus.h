/* stimulus.h: what bone feels, from the strain energy densities of the day's activities.

   The daily stress stimulus (R1, R2), the strain energy per mass (R3) and the effective strain of
   the hardest activity (R4). One point in, one value out; no mesh, no state. None can fail. */
#pragma once

#include "base/base.h"

/* Energy-equivalent stress sqrt(2 E U) [MPa] at the scale of the apparent bone. (R1) */
static inline PetscReal ost_stimulus_effective_stress(PetscReal E, PetscReal U)
{
  return PetscSqrtReal(2.0 * E * PetscMax(U, 0.0));
}

/* Energy-equivalent strain sqrt(2 U / E) [-]. (R4) */
static inline PetscReal ost_stimulus_effective_strain(PetscReal E, PetscReal U)
{
  return PetscSqrtReal(2.0 * PetscMax(U, 0.0) / E);
}

/** Daily stress stimulus at the level of bone tissue (R2).
 *  @param[in] num    activities of the day, >= 0
 *  @param[in] U      strain energy density at the peak of each [num] [MPa]
 *  @param[in] cycles per day [num] [1/day]
 *  @param[in] E      modulus at the point [MPa]
 *  @param[in] rho    apparent density [g/cm3]
 *  @param[in] rho_c  density of bone without pores [g/cm3]
 *  @param[in] m      exponent that weighs size against number [-], 4 (3-8)
 *  Returns [MPa/day, short for MPa/day^(1/m)]; 0 without activities.
 */
PetscReal ost_stimulus_daily_stress(PetscInt num, const PetscReal U[], const PetscReal cycles[],
                                    PetscReal E, PetscReal rho, PetscReal rho_c, PetscReal m);

/** Strain energy per bone mass, averaged over the load cases (R3).
 *  @param[in] weight  of each case [num], e.g. cycles per day; NULL: all alike, as published
 *  Returns [MPa/(g/cm3) = J/g]; 0 without activities or with weights that sum to 0.
 */
PetscReal ost_stimulus_energy(PetscInt num, const PetscReal U[], const PetscReal weight[],
                              PetscReal rho);
