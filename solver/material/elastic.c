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

void ost_elastic_tangent(const OstElastic *m, PetscReal C[OST_VOIGT][OST_VOIGT])
{
  const PetscReal mu = ost_elastic_mu(m), lambda = ost_elastic_lambda(m);

  for (PetscInt i = 0; i < OST_VOIGT; i++) {
    for (PetscInt j = 0; j < OST_VOIGT; j++) C[i][j] = i < 3 && j < 3 ? lambda : 0.0;
    C[i][i] += i < 3 ? 2.0 * mu : mu;
  }
}

PetscReal ost_elastic_energy_density(const OstElastic *m, const PetscReal eps[OST_VOIGT])
{
  PetscReal sig[OST_VOIGT], work = 0.0;

  ost_elastic_stress(m, eps, sig);
  for (PetscInt i = 0; i < OST_VOIGT; i++) work += sig[i] * eps[i];
  return 0.5 * work;
}

PetscErrorCode ost_elastic_check(const OstElastic *m, const char *what, OstWhere at,
                                 OstDiagList *list)
{
  PetscFunctionBeginUser;
  if (!(m->E > 0.0)) {
    PetscCall(ost_diag_error(list, at, "give a positive modulus, such as 110 GPa",
                             "modulus of %s is %g MPa", what, (double)m->E));
  }
  if (!(m->nu >= 0.0 && m->nu < 0.5)) {
    PetscCall(ost_diag_error(list, at, "0.3 suits bone and metals",
                             "Poisson's ratio of %s is %g, outside 0 <= nu < 0.5", what,
                             (double)m->nu));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
