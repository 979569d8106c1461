#include "material/elastic.h"

/* What the axis adds to the stress of the isotropic part. */
static void add_axial_stress(const OstElasticModuli *c, const PetscReal a[3],
                             const PetscReal eps[OST_VOIGT], PetscReal sig[OST_VOIGT])
{
  const PetscReal trace = eps[OST_XX] + eps[OST_YY] + eps[OST_ZZ];
  const PetscReal e[3]  = {/* eps a; shear entries are engineering shears */
                          eps[OST_XX] * a[0] + 0.5 * (eps[OST_XY] * a[1] + eps[OST_XZ] * a[2]),
                          eps[OST_YY] * a[1] + 0.5 * (eps[OST_XY] * a[0] + eps[OST_YZ] * a[2]),
                          eps[OST_ZZ] * a[2] + 0.5 * (eps[OST_XZ] * a[0] + eps[OST_YZ] * a[1])};
  const PetscReal along = ost_dot3(a, e), both = c->alpha * trace + c->beta * along;
  const int       pair[3][2] = {{1, 2}, {0, 2}, {0, 1}};

  for (int i = 0; i < 3; i++) {
    const int j = pair[i][0], k = pair[i][1];
    sig[i] += c->alpha * along + (both * a[i] + 4.0 * c->kappa * e[i]) * a[i];
    sig[3 + i] += both * a[j] * a[k] + 2.0 * c->kappa * (a[j] * e[k] + e[j] * a[k]);
  }
}

void ost_elastic_stress(const OstElastic *m, const PetscReal eps[OST_VOIGT],
                        PetscReal sig[OST_VOIGT])
{
  const OstElasticModuli c        = ost_elastic_moduli(m);
  const PetscReal        pressure = c.lambda * (eps[OST_XX] + eps[OST_YY] + eps[OST_ZZ]);

  for (PetscInt i = 0; i < 3; i++) {
    sig[i]     = pressure + 2.0 * c.mu * eps[i];
    sig[3 + i] = c.mu * eps[3 + i]; /* engineering shear */
  }
  if (m->transverse) add_axial_stress(&c, m->axis, eps, sig);
}

PetscReal ost_elastic_energy(const OstElastic *m, const PetscReal eps[OST_VOIGT])
{
  PetscReal sig[OST_VOIGT], energy = 0.0;

  ost_elastic_stress(m, eps, sig);
  for (int i = 0; i < OST_VOIGT; i++) energy += 0.5 * sig[i] * eps[i];
  return energy;
}

void ost_elastic_stiffness(const OstElastic *m, PetscReal C[OST_VOIGT * OST_VOIGT])
{
  for (int k = 0; k < OST_VOIGT; k++) {
    PetscReal eps[OST_VOIGT] = {0}, sig[OST_VOIGT];
    eps[k]                   = 1.0;
    ost_elastic_stress(m, eps, sig);
    for (int i = 0; i < OST_VOIGT; i++) C[OST_VOIGT * i + k] = sig[i];
  }
}

PetscReal ost_elastic_margin(const OstElastic *m)
{
  const PetscReal n     = m->transverse ? m->nu_across : m->nu;
  const PetscReal least = PetscMin(m->E, PetscMin(1.0 + n, 1.0 - n));

  if (!m->transverse) return PetscMin(least, 1.0 - 2.0 * n);
  if (!(m->E > 0.0)) return least;
  return PetscMin(PetscMin(least, PetscMin(m->E_across, m->G_along)),
                  1.0 - n - 2.0 * m->nu * m->nu * m->E_across / m->E);
}

PetscErrorCode ost_elastic_check(const OstElastic *m, const char *what, OstWhere at,
                                 OstDiagList *list)
{
  PetscFunctionBeginUser;
  if (ost_elastic_margin(m) > 0.0) PetscFunctionReturn(PETSC_SUCCESS);
  if (!m->transverse) {
    PetscCall(ost_diag_error(list, at, "the modulus must be positive, Poisson's ratio below 0.5",
                             "%s stores no energy in some strain: E = %g MPa, nu = %g", what,
                             (double)m->E, (double)m->nu));
  } else {
    PetscCall(ost_diag_error(
        list, at,
        "moduli must be positive and nu12 + 2 nu31^2 E1/E3 below 1: lower poisson_transverse, "
        "poisson_axial or modulus_ratio",
        "%s stores no energy in some strain: E3 = %g, E1 = %g, G13 = %g MPa, nu31 = %g, nu12 = %g",
        what, (double)m->E, (double)m->E_across, (double)m->G_along, (double)m->nu,
        (double)m->nu_across));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
