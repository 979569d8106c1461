/* heun.h: Heun's method for small systems, by which tests integrate rates that the run integrates
   field by field. */
#pragma once

#include "base/base.h"

/* Euler's predictor y = y0 + dt k0 [n]. */
static inline void heun_predict(PetscInt n, PetscReal dt, const PetscReal y0[],
                                const PetscReal k0[], PetscReal y[])
{
  for (PetscInt i = 0; i < n; i++) y[i] = y0[i] + dt * k0[i];
}

/* y1 = y0 + dt/2 (k0 + k1) [n]; y1 may be y0. Returns the largest |dt/2 (k1 - k0)|. */
static inline PetscReal heun_correct(PetscInt n, PetscReal dt, const PetscReal y0[],
                                     const PetscReal k0[], const PetscReal k1[], PetscReal y1[])
{
  PetscReal error = 0.0;

  for (PetscInt i = 0; i < n; i++) {
    error = PetscMax(error, PetscAbsReal(0.5 * dt * (k1[i] - k0[i])));
    y1[i] = y0[i] + 0.5 * dt * (k0[i] + k1[i]);
  }
  return error;
}
