/* elastic.h: isotropic linear elasticity at a point.

   Stress from strain, in the Voigt order of base/tensor.h (strains
   carry engineering shear). Pure functions; none can fail. */
#pragma once

#include "base/tensor.h"

typedef struct {
  PetscReal E;  /* Young's modulus [MPa] */
  PetscReal nu; /* Poisson's ratio [-], 0 <= nu < 0.5 */
} OstElastic;

/* Lame's constants [MPa]. */
static inline PetscReal ost_elastic_lambda(const OstElastic *m)
{
  return m->E * m->nu / ((1.0 + m->nu) * (1.0 - 2.0 * m->nu));
}
static inline PetscReal ost_elastic_mu(const OstElastic *m)
{
  return m->E / (2.0 * (1.0 + m->nu));
}

/* Stress [6] [MPa] of strain eps [6] [-]. */
void ost_elastic_stress(const OstElastic *m, const PetscReal eps[OST_VOIGT],
                        PetscReal sig[OST_VOIGT]);
