#include "material/elastic.h"

void ost_elastic_stress(const OstElastic *m, const PetscReal eps[OST_VOIGT],
                        PetscReal sig[OST_VOIGT])
{
  const PetscReal mu       = ost_elastic_mu(m);
  const PetscReal pressure = ost_elastic_lambda(m) * (eps[OST_XX] + eps[OST_YY] + eps[OST_ZZ]);

  for (PetscInt i = 0; i < 3; i++) {
    sig[i]     = pressure + 2.0 * mu * eps[i];
    sig[3 + i] = mu * eps[3 + i]; /* engineering shear */
  }
}
