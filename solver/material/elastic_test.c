/* Isotropic elasticity at a point: uniaxial stress, tangent against differences, energy. */
#include "material/elastic.h"

#include "support/check.h"

static const OstElastic metal = {113800.0, 0.342};

static void uniaxial_stress_gives_the_modulus(void)
{
  const PetscReal e              = 1e-3;
  const PetscReal eps[OST_VOIGT] = {-metal.nu * e, -metal.nu * e, e, 0, 0, 0};
  PetscReal       sig[OST_VOIGT];

  ost_elastic_stress(&metal, eps, sig);
  OST_CHECK_NEAR(sig[OST_ZZ], metal.E * e, 1e-12);
  OST_CHECK_NEAR(sig[OST_XX], 0.0, 1e-11);
  OST_CHECK_NEAR(sig[OST_YZ], 0.0, 0.0);
  OST_CHECK_NEAR(ost_elastic_energy_density(&metal, eps), 0.5 * metal.E * e * e, 1e-13);
}

static void shear_strain_is_engineering_shear(void)
{
  const PetscReal eps[OST_VOIGT] = {0, 0, 0, 2e-3, 0, 0};
  PetscReal       sig[OST_VOIGT];

  ost_elastic_stress(&metal, eps, sig);
  OST_CHECK_NEAR(sig[OST_YZ], metal.E / (2 * (1 + metal.nu)) * 2e-3, 1e-12);
  OST_CHECK_NEAR(ost_elastic_energy_density(&metal, eps), 0.5 * sig[OST_YZ] * 2e-3, 1e-13);
}

static void tangent_matches_finite_difference(void)
{
  const PetscReal eps[OST_VOIGT] = {1e-3, -4e-4, 2e-4, 3e-4, -7e-4, 5e-4};
  PetscReal       C[OST_VOIGT][OST_VOIGT];

  ost_elastic_tangent(&metal, C);
  for (PetscInt j = 0; j < OST_VOIGT; j++) {
    PetscReal       plus[OST_VOIGT], minus[OST_VOIGT], sig_plus[OST_VOIGT], sig_minus[OST_VOIGT];
    const PetscReal h = 1e-4;
    for (PetscInt i = 0; i < OST_VOIGT; i++) plus[i] = minus[i] = eps[i];
    plus[j] += h;
    minus[j] -= h;
    ost_elastic_stress(&metal, plus, sig_plus);
    ost_elastic_stress(&metal, minus, sig_minus);
    for (PetscInt i = 0; i < OST_VOIGT; i++) {
      OST_CHECK_NEAR(C[i][j], (sig_plus[i] - sig_minus[i]) / (2 * h), 1e-9);
      OST_CHECK_NEAR(C[i][j], C[j][i], 0.0);
    }
  }
}

static PetscErrorCode impossible_constants_are_refused(void)
{
  const OstElastic bad = {-1.0, 0.5};
  const OstWhere   at  = {"x.yaml", 3};
  OstDiagList     *list;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_elastic_check(&metal, "stem", at, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(ost_elastic_check(&bad, "stem", at, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 2);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  uniaxial_stress_gives_the_modulus();
  shear_strain_is_engineering_shear();
  tangent_matches_finite_difference();
  PetscCall(impossible_constants_are_refused());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
