#include "loads/support.h"

const char *const ost_support_names[OST_NUM_SUPPORTS] = {"clamp", "foundation"};

PetscErrorCode ost_support_read(OstNode *root, const OstPatchList *patches, OstDiagList *list,
                                OstSupport *support)
{
  /* a soft end of the range still holds: a hundred times softer than cartilage */
  const OstRealKey normal = {"normal_stiffness", "N/mm3", OST_REQUIRED, 0.01, 1e6};
  const OstRealKey shear  = {"shear_stiffness", "N/mm3", OST_REQUIRED, 0.01, 1e6};
  OstNode         *section;
  const char      *patch;
  PetscInt         type;

  PetscFunctionBeginUser;
  *support = (OstSupport){0};
  PetscCall(ost_value_section_or_defaults(root, "support", list, &section));
  PetscCall(ost_value_word(section, "type", ost_support_names, OST_NUM_SUPPORTS, OST_SUPPORT_CLAMP,
                           list, &type));
  support->type = (OstSupportType)type;
  PetscCall(ost_value_text(section, "patch", "", list, &patch));
  PetscCall(PetscStrncpy(support->patch, patch, OST_NAME_LENGTH));
  if (patch[0])
    PetscCall(ost_patches_check_name(patches, patch,
                                     ost_node_where(ost_node_find(section, "patch")), list));
  if (support->type == OST_SUPPORT_FOUNDATION) {
    PetscCall(ost_value_real(section, &normal, list, &support->normal));
    PetscCall(ost_value_real(section, &shear, list, &support->shear));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
