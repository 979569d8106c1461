#include "interface/iface_options.h"

OstTractionLaw ost_traction_law_smooth(void)
{
  OstTractionLaw law   = ost_traction_law_default();
  law.friction         = 0.3;
  law.tensile_strength = 0.5;
  law.shear_strength   = 2.0;
  law.energy_I         = 0.01;
  law.energy_II        = 0.02;
  return law;
}

static PetscErrorCode read_law(OstNode *section, const char *key, OstTractionLaw def,
                               OstDiagList *list, OstTractionLaw *law)
{
  const PetscInt before = ost_diag_num_errors(list);
  OstNode       *at;

  PetscFunctionBeginUser;
  *law = def;
  PetscCall(ost_value_section_or_defaults(section, key, list, &at));
  const struct {
    OstRealKey key;
    PetscReal *value;
  } keys[] = {
      {{"friction", "1", def.friction, 0.0, 2.0}, &law->friction},
      {{"elastic_slip", "mm", def.elastic_slip, 0.0, 0.1}, &law->elastic_slip},
      {{"normal_stiffness", "N/mm3", def.normal_stiffness, 1e2, 1e7}, &law->normal_stiffness},
      {{"shear_stiffness", "N/mm3", def.shear_stiffness, 1e2, 1e7}, &law->shear_stiffness},
      {{"bond_stiffness", "N/mm3", def.bond_stiffness, 1.0, 1e7}, &law->bond_stiffness},
      {{"tensile_strength", "MPa", def.tensile_strength, 1e-3, 100.0}, &law->tensile_strength},
      {{"shear_strength", "MPa", def.shear_strength, 1e-3, 100.0}, &law->shear_strength},
      {{"energy_I", "N/mm", def.energy_I, 1e-6, 10.0}, &law->energy_I},
      {{"energy_II", "N/mm", def.energy_II, 1e-6, 10.0}, &law->energy_II},
  };
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    PetscCall(ost_value_real(at, &keys[i].key, list, keys[i].value));
  if (at && ost_diag_num_errors(list) == before)
    PetscCall(ost_traction_law_check(law, ost_node_where(at), list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_iface_options_read(OstNode *root, PetscReal interference, OstDiagList *list,
                                      OstIfaceOptions *options)
{
  const OstRealKey key = {"interference", "mm", interference, -0.5, 0.5};
  OstNode         *section;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(root, "interface", list, &section));
  PetscCall(ost_value_real(section, &key, list, &options->interference));
  PetscCall(read_law(section, "smooth", ost_traction_law_smooth(), list, &options->law[0]));
  PetscCall(read_law(section, "coated", ost_traction_law_default(), list, &options->law[1]));
  PetscFunctionReturn(PETSC_SUCCESS);
}
