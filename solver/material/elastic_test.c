/* Isotropic elasticity at a point: uniaxial stress and shear. */
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
}

static void shear_strain_is_engineering_shear(void)
{
  const PetscReal eps[OST_VOIGT] = {0, 0, 0, 2e-3, 0, 0};
  PetscReal       sig[OST_VOIGT];

  ost_elastic_stress(&metal, eps, sig);
  OST_CHECK_NEAR(sig[OST_YZ], metal.E / (2 * (1 + metal.nu)) * 2e-3, 1e-12);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  uniaxial_stress_gives_the_modulus();
  shear_strain_is_engineering_shear();
  PetscCall(PetscFinalize());
  return ost_check_report();
}
