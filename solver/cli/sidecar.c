#include "cli/sidecar.h"

PetscErrorCode ost_sidecar_read(const char *path, OstDiagList *list, OstCase **file, OstSidecar *s)
{
  OstNode *limb, *stem, *point, *density;

  PetscFunctionBeginUser;
  *s = (OstSidecar){.density_image = "", .made_from = "", .density = {-1.0, -1.0, -1.0}};
  PetscCall(ost_case_load(path, "limb", list, file));
  if (!*file) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_value_section(ost_case_root(*file), "limb", PETSC_TRUE, list, &limb));
  if (!limb) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_value_text(limb, "side", NULL, list, &s->side));
  PetscCall(ost_value_text(limb, "bone", NULL, list, &s->bone));
  PetscCall(ost_value_real(limb, &(OstRealKey){"bone_length", "mm", OST_REQUIRED, 1.0, 2000.0},
                           list, &s->bone_length));
  PetscCall(ost_value_text(limb, "made_from", "", list, &s->made_from));
  PetscCall(ost_value_path(limb, "density_image", "", list, &s->density_image));
  PetscCall(ost_value_section(limb, "stem", PETSC_TRUE, list, &stem));
  if (stem) {
    PetscCall(ost_value_real(stem, &(OstRealKey){"length", "mm", OST_REQUIRED, 1.0, 1000.0}, list,
                             &s->stem_length));
    PetscCall(ost_value_real(stem, &(OstRealKey){"diameter", "mm", OST_REQUIRED, 1.0, 100.0}, list,
                             &s->stem_diameter));
    PetscCall(ost_value_real(stem, &(OstRealKey){"tip", "mm", OST_REQUIRED, 1.0, 1000.0}, list,
                             &s->stem_tip));
    PetscCall(ost_outline_read(stem, "profile", list, &s->outline));
  }
  PetscCall(ost_value_section(limb, "load_point", PETSC_TRUE, list, &point));
  if (point)
    PetscCall(ost_value_real(point, &(OstRealKey){"distance", "mm", OST_REQUIRED, 0.0, 1000.0},
                             list, &s->load_point));
  PetscCall(ost_value_section(limb, "density", PETSC_FALSE, list, &density));
  if (density) {
    static const char *const regions[3] = {"cortical", "cancellous", "marrow"};
    for (int k = 0; k < 3; k++)
      PetscCall(ost_value_real(density, &(OstRealKey){regions[k], "g/cm3", OST_REQUIRED, 0.0, 2.5},
                               list, &s->density[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
