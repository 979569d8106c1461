/* Regions and metals: names, defaults, what the case may say and what is refused. */
#include "material/region.h"

#include "support/check.h"

static void names_are_found(void)
{
  for (PetscInt i = 0; i < OST_NUM_REGIONS; i++) {
    OST_CHECK_INT(ost_region_find(ost_region_name(i)), i);
  }
  OST_CHECK_INT(ost_region_find("Cortical"), -1);
  OST_CHECK(ost_region_is_bone(OST_BONE) && !ost_region_is_bone(OST_MARROW));
  OST_CHECK(ost_region_is_implant(OST_STEM) && !ost_region_is_implant(OST_BONE));
}

static void defaults_are_bone_and_titanium(void)
{
  const OstMaterialSet set = ost_material_default();
  const OstElastic     cortex =
      ost_material_elastic(&set, OST_CORTICAL, set.density[OST_CORTICAL], NULL);
  const OstElastic spongy =
      ost_material_elastic(&set, OST_CANCELLOUS, set.density[OST_CANCELLOUS], NULL);
  OST_CHECK_NEAR(cortex.E, 17131.0, 1e-4); /* the 17 GPa of cortical bone */
  OST_CHECK_NEAR(cortex.nu, 0.32, 0.0);
  OST_CHECK(spongy.E > 100.0 && spongy.E < 1500.0);
  OST_CHECK_NEAR(spongy.nu, 0.2, 0.0);
  OST_CHECK_NEAR(ost_material_elastic(&set, OST_STEM, 0.0, NULL).E, 113800.0, 0.0);
  OST_CHECK_NEAR(ost_material_elastic(&set, OST_MARROW, 0.0, NULL).E, 2.0, 0.0);
  OST_CHECK(ost_material_metal(&set, OST_BONE) == NULL);
  OST_CHECK_NEAR(ost_material_metal(&set, OST_STEM)->yield, 790.0, 0.0);
}

static void metals_yield_before_they_break(void)
{
  for (PetscInt i = 0; i < OST_NUM_METALS; i++) {
    const OstMetal metal = ost_metal((OstMetalName)i);
    OST_CHECK(metal.fatigue < metal.yield && metal.yield < metal.ultimate);
    OST_CHECK(metal.elastic.E > 1e5 && metal.elastic.nu > 0.2 && metal.elastic.nu < 0.4);
  }
}

static PetscErrorCode reading(const char *text, OstDiagList *list, OstMaterialSet *set)
{
  OstCase *file;

  PetscFunctionBeginUser;
  PetscCall(ost_case_load_text("t.yaml", "case", text, list, &file));
  const OstMetal catalogue = ost_metal(OST_METAL_TI64_ELI);
  PetscCall(ost_material_read(ost_case_root(file), &catalogue, list, set));
  PetscCall(ost_case_report_unread(file, list));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode case_file_is_read(void)
{
  OstDiagList   *list;
  OstMaterialSet set;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("title: x\n", list, &set));
  OST_CHECK_NEAR(set.density[OST_CORTICAL], 1.85, 0.0);
  PetscCall(ost_diag_destroy(&list));
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("material:\n"
                    "  density_law: {law: carter-hayes}\n"
                    "  poisson_dense: 0.3\n"
                    "  cortical: {density: 1900 kg/m3}\n"
                    "  marrow: {modulus: 300 kPa, poisson: 0.45}\n"
                    "  stem: {metal: cocrmo, modulus: 230 GPa}\n",
                    list, &set));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(set.law.name, OST_LAW_CARTER_HAYES);
  OST_CHECK_NEAR(set.density[OST_CORTICAL], 1.9, 1e-12);
  OST_CHECK_NEAR(set.nu_dense, 0.3, 1e-12);
  OST_CHECK_NEAR(set.marrow.E, 0.3, 1e-12);
  OST_CHECK_NEAR(set.stem.elastic.E, 230000.0, 1e-12);
  OST_CHECK_NEAR(set.stem.yield, 500.0, 1e-12);
  OST_CHECK_NEAR(set.abutment.elastic.E, 113800.0, 1e-12);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode bad_input_names_its_line(void)
{
  OstDiagList   *list;
  OstMaterialSet set;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("material:\n"
                    "  cortical:\n"
                    "    density: 19 g/cm3\n"
                    "  stem:\n"
                    "    metal: titanum\n"
                    "    yield: 900 MPa\n"
                    "    ultimate: 800 MPa\n",
                    list, &set));
  OST_CHECK_INT(ost_diag_num_errors(list), 3);
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 3);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  names_are_found();
  defaults_are_bone_and_titanium();
  metals_yield_before_they_break();
  PetscCall(case_file_is_read());
  PetscCall(bad_input_names_its_line());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
