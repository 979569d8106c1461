/* Density laws: values by hand, slope against differences, inverse, and what is refused. */
#include "material/density_law.h"

#include "support/check.h"

static void published_values_are_met(void)
{
  OstDensityLaw law = ost_density_law(OST_LAW_MORGAN_FEMORAL_NECK);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 0.5), 2438.68596, 1e-8); /* 6850 0.5^1.49 */
  law = ost_density_law(OST_LAW_MORGAN_POOLED);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 0.5), 8920.0 * pow(0.5, 1.83), 1e-12);
  /* ash laws: 1 g/cm3 of ash is 1/0.6 apparent */
  law = ost_density_law(OST_LAW_KELLER);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.0 / 0.6), 10500.0, 1e-12);
  law = ost_density_law(OST_LAW_KEYAK);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.0 / 0.6), 14900.0, 1e-12);
  law = ost_density_law_carter_hayes(1.0);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.5), 3790.0 * 3.375, 1e-12);
  /* ten times the rate is 15 % stiffer */
  law = ost_density_law_carter_hayes(10.0);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.0) / 3790.0, 1.1482, 1e-4);
  law = ost_density_law(OST_LAW_WIRTZ_AXIAL);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 0.5), 1904.0 * pow(0.5, 1.64), 1e-12);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.8), 2065.0 * pow(1.8, 3.09), 1e-12);
  law = ost_density_law(OST_LAW_BEAUPRE);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.0), 2014.0, 1e-12);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.9), 1763.0 * pow(1.9, 3.2), 1e-12);
  OST_CHECK_NEAR(law.power[1].from, 1.2, 0.01); /* published change of regime */
  law = ost_density_law(OST_LAW_MORGAN_VERTEBRA);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 0.5), 4730.0 * pow(0.5, 1.56), 1e-12);
  law = ost_density_law(OST_LAW_WIRTZ_CORTICAL_TRANSVERSE);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.8), 2314.0 * pow(1.8, 1.57), 1e-12);
  law = ost_density_law(OST_LAW_WIRTZ_CANCELLOUS_TRANSVERSE);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 0.5), 1157.0 * pow(0.5, 1.78), 1e-12);
  law = ost_density_law(OST_LAW_SCHAFFLER_BURR);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 2.0), 90.0 * pow(2.0, 7.4), 1e-12);
  law = ost_density_law(OST_LAW_LOTZ_CORTICAL);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.5), 7961.5, 1e-12);
  OST_CHECK_NEAR(ost_density_law_slope(&law, 1.5), 14261.0, 1e-12);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 0.5), law.E_min, 0.0); /* the line is below zero */
  law = ost_density_law(OST_LAW_LOTZ_CORTICAL_TRANSVERSE);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.5), 8913.0, 1e-12);
  law = ost_density_law(OST_LAW_LOTZ);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 0.5), 1310.0 * pow(0.5, 1.4), 1e-12);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.8), 12239.8, 1e-12);
  law = ost_density_law(OST_LAW_ZYSSET_CURNIER);
  OST_CHECK_NEAR(law.power[1].from, 1.0, 1e-12);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 0.8), 7500.0 * 0.64, 1e-12);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.85), 7500.0 * pow(1.85, 1.3), 1e-12);
  /* BV/TV = 1 at the tissue density: 84370 alpha^2.74 */
  law         = ost_density_law_hernandez(0.65);
  law.rho_max = 3.0;
  law.E_max   = 1e5;
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.41 + 1.29 * 0.65), 84370.0 * pow(0.65, 2.74),
                 1e-12);
}

static void slope_matches_finite_difference(void)
{
  for (PetscInt name = 0; name < OST_NUM_LAWS; name++) {
    const OstDensityLaw law = ost_density_law((OstLawName)name);
    for (PetscReal rho = 0.105; rho < 1.6; rho += 0.13) {
      const PetscReal h = 1e-5;
      const PetscReal difference =
          (ost_density_law_modulus(&law, rho + h) - ost_density_law_modulus(&law, rho - h)) /
          (2 * h);
      OST_CHECK_NEAR(ost_density_law_slope(&law, rho), difference, 1e-6);
    }
  }
}

static void density_inverts_modulus(void)
{
  for (PetscInt name = 0; name < OST_NUM_LAWS; name++) {
    OstDensityLaw law = ost_density_law((OstLawName)name);
    law.E_max         = 1e6;
    law.E_min         = 1e-9;
    for (PetscReal rho = 0.05; rho < 2.05; rho += 0.05) {
      if (!(ost_density_law_slope(&law, rho) > 0.0)) continue; /* Lotz's lines below zero */
      OST_CHECK_NEAR(ost_density_law_density(&law, ost_density_law_modulus(&law, rho)), rho, 1e-12);
    }
    OST_CHECK_NEAR(ost_density_law_density(&law, 1e9), law.rho_max, 0.0);
    OST_CHECK_NEAR(ost_density_law_density(&law, 0.0), law.rho_min, 0.0);
  }
}

static void modulus_is_continuous_and_rises(void)
{
  for (PetscInt name = 0; name < OST_NUM_LAWS; name++) {
    const OstDensityLaw law  = ost_density_law((OstLawName)name);
    PetscReal           last = ost_density_law_modulus(&law, 0.0);
    OST_CHECK_NEAR(last, ost_density_law_modulus(&law, law.rho_min), 0.0);
    for (PetscReal rho = 0.01; rho < 2.2; rho += 1e-3) {
      const PetscReal E = ost_density_law_modulus(&law, rho);
      OST_CHECK(E >= last && E - last < 150.0);
      last = E;
    }
  }
}

static void limits_hold(void)
{
  OstDensityLaw law = ost_density_law(OST_LAW_KELLER);
  law.E_min         = 50.0;
  law.E_max         = 15000.0;
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 0.02), 50.0, 0.0);
  OST_CHECK_NEAR(ost_density_law_slope(&law, 0.02), 0.0, 0.0);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 5.0), 15000.0, 0.0);
  OST_CHECK_NEAR(ost_density_law_slope(&law, 5.0), 0.0, 0.0);
}

/* 1 mm3 of each density: what is outside, and that the ends of the range are inside. */
static void densities_outside_the_measured_range_are_told(void)
{
  const OstDensityLaw law   = ost_density_law(OST_LAW_KEYAK); /* ash: 0.15 to 2.03 apparent */
  OstDensityRange     range = ost_density_range_empty();
  char                text[512];

  OST_CHECK(!ost_density_range_tell(&range, &law, text, sizeof text));
  ost_density_range_add(&range, &law, law.valid_from, 1.0);
  ost_density_range_add(&range, &law, law.valid_to, 1.0);
  OST_CHECK(!ost_density_range_tell(&range, &law, text, sizeof text));
  OST_CHECK(!text[0]);
  ost_density_range_add(&range, &law, 0.06, 2.0);
  OST_CHECK(ost_density_range_tell(&range, &law, text, sizeof text));
  OST_CHECK_TEXT(text, "keyak is known from 0.15 to 2.03 g/cm3");
  OST_CHECK_TEXT(text, "50 % of the bone's volume, 50 % below, down to 0.06 g/cm3");
  OST_CHECK(!strstr(text, "above"));
  ost_density_range_add(&range, &law, 2.05, 4.0);
  OST_CHECK(ost_density_range_tell(&range, &law, text, sizeof text));
  OST_CHECK_TEXT(text,
                 "75 % of the bone's volume, 25 % below, down to 0.06, 50 % above, up to 2.05");
  OST_CHECK_NEAR(range.volume, 8.0, 0.0);
}

static void every_law_knows_its_range(void)
{
  for (PetscInt name = 0; name < OST_NUM_LAWS; name++) {
    const OstDensityLaw law   = ost_density_law((OstLawName)name);
    OstDensityRange     range = ost_density_range_empty();
    char                text[512];
    OST_CHECK(law.valid_from >= 0.0 && law.valid_from < law.valid_to);
    ost_density_range_add(&range, &law, 3.0, 1.0);
    OST_CHECK(ost_density_range_tell(&range, &law, text, sizeof text) == (name != OST_LAW_POWER));
  }
}

static PetscErrorCode bad_law_is_refused(void)
{
  const OstWhere at = {"x.yaml", 7};
  OstDiagList   *list;
  OstDensityLaw  law = ost_density_law_default();

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_density_law_check(&law, at, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  law.power[0].p = -2.0;
  law.rho_min    = 3.0;
  law.E_min      = 1e6;
  PetscCall(ost_density_law_check(&law, at, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 3);
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 7);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "p = -2");
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode reading(const char *text, OstDiagList *list, OstDensityLaw *law)
{
  OstCase *file;
  OstNode *material;

  PetscFunctionBeginUser;
  PetscCall(ost_case_load_text("t.yaml", "case", text, list, &file));
  PetscCall(ost_value_section(ost_case_root(file), "material", PETSC_TRUE, list, &material));
  PetscCall(ost_density_law_read(material, list, law));
  PetscCall(ost_case_report_unread(file, list));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode case_file_is_read(void)
{
  OstDiagList  *list;
  OstDensityLaw law;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("material:\n  density_law: {law: keller, modulus_max: 20 GPa}\n", list, &law));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(law.name, OST_LAW_KELLER);
  OST_CHECK_NEAR(law.E_max, 20000.0, 1e-12);
  OST_CHECK_NEAR(law.ash_factor, 0.6, 1e-12);
  PetscCall(reading("material:\n  density_law: {law: power, c: 10.5 GPa, p: 2.57, density: ash, "
                    "ash_per_apparent: 55 %}\n",
                    list, &law));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(ost_density_law_modulus(&law, 1.0 / 0.55), 10500.0, 1e-12);
  PetscCall(reading("material:\n  density_law:\n    law: carter-hayes\n    strain_rate: 1 1/s\n",
                    list, &law));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(law.power[0].c, 3790.0, 1e-12);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode coefficient_of_a_named_law_names_the_line(void)
{
  OstDiagList  *list;
  OstDensityLaw law;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("material:\n  density_law:\n    law: keyak\n    c: 5 GPa\n", list, &law));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 4);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "does not go with law: keyak");
  PetscCall(ost_diag_destroy(&list));
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("material:\n  density_law: {law: kellar}\n", list, &law));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  published_values_are_met();
  slope_matches_finite_difference();
  density_inverts_modulus();
  modulus_is_continuous_and_rises();
  limits_hold();
  densities_outside_the_measured_range_are_told();
  every_law_knows_its_range();
  PetscCall(bad_law_is_refused());
  PetscCall(case_file_is_read());
  PetscCall(coefficient_of_a_named_law_names_the_line());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
