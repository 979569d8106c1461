#include "material/implant.h"

const char *const ost_metal_names[OST_NUM_METALS] = {"ti-6al-4v-eli", "cp-ti-4", "cocrmo"};

OstMetal ost_metal(OstMetalName name)
{
  /* theory.md, Table M2 */
  static const OstMetal metals[OST_NUM_METALS] = {
      [OST_METAL_TI64_ELI] = {{.E = 113800.0, .nu = 0.342}, 790.0, 860.0, 300.0},
      [OST_METAL_CPTI_4]   = {{.E = 104000.0, .nu = 0.36}, 483.0, 550.0, 275.0},
      [OST_METAL_COCRMO]   = {{.E = 220000.0, .nu = 0.30}, 500.0, 700.0, 255.0},
  };
  return metals[name];
}

PetscErrorCode ost_metal_read(OstNode *material, const char *key, const OstMetal *catalogue,
                              OstDiagList *list, OstMetal *metal)
{
  const char *const words[] = {"implant", ost_metal_names[0], ost_metal_names[1],
                               ost_metal_names[2]};
  OstNode          *section;
  PetscInt          name;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(material, key, list, &section));
  PetscCall(ost_value_word(section, "metal", words, 1 + OST_NUM_METALS, 0, list, &name));
  *metal = name == 0 ? *catalogue : ost_metal((OstMetalName)(name - 1));
  {
    const OstRealKey E        = {"modulus", "MPa", metal->elastic.E, 1000.0, 500000.0};
    const OstRealKey nu       = {"poisson", "1", metal->elastic.nu, 0.0, 0.49};
    const OstRealKey yield    = {"yield", "MPa", metal->yield, 10.0, 5000.0};
    const OstRealKey ultimate = {"ultimate", "MPa", metal->ultimate, 10.0, 5000.0};
    const OstRealKey fatigue  = {"fatigue", "MPa", metal->fatigue, 1.0, 5000.0};
    PetscCall(ost_value_real(section, &E, list, &metal->elastic.E));
    PetscCall(ost_value_real(section, &nu, list, &metal->elastic.nu));
    PetscCall(ost_value_real(section, &yield, list, &metal->yield));
    PetscCall(ost_value_real(section, &ultimate, list, &metal->ultimate));
    PetscCall(ost_value_real(section, &fatigue, list, &metal->fatigue));
  }
  if (metal->yield > metal->ultimate) {
    PetscCall(ost_diag_error(list, ost_node_where(section), "a metal yields before it breaks",
                             "yield = %g MPa is above ultimate = %g MPa", (double)metal->yield,
                             (double)metal->ultimate));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
