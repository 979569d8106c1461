/* How the bone is held: the default, a foundation, and what is refused. */
#include "loads/support.h"

#include "support/check.h"

static PetscErrorCode reading(const char *text, OstDiagList *list, OstSupport *support)
{
  OstPatchList patches;
  OstCase     *file;

  PetscFunctionBeginUser;
  PetscCall(ost_case_load_text("case.yaml", "case", text, list, &file));
  PetscCall(ost_patches_read(ost_case_root(file), PETSC_TRUE, list, &patches));
  PetscCall(ost_support_read(ost_case_root(file), &patches, list, support));
  PetscCall(ost_case_report_unread(file, list));
  PetscCall(ost_patches_destroy(&patches));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode bone_is_clamped_unless_it_is_said(void)
{
  OstDiagList *list;
  OstSupport   s;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("{}\n", list, &s));
  OST_CHECK_INT(s.type, OST_SUPPORT_CLAMP);
  OST_CHECK(!s.patch[0]);
  PetscCall(reading("patches:\n  - {name: head, surface: outer}\n"
                    "support:\n  type: foundation\n  patch: head\n"
                    "  normal_stiffness: 3 N/mm3\n  shear_stiffness: 0.1 MPa/mm\n",
                    list, &s));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(s.type, OST_SUPPORT_FOUNDATION);
  OST_CHECK_TEXT(s.patch, "head");
  OST_CHECK_NEAR(s.normal, 3.0, 1e-15);
  OST_CHECK_NEAR(s.shear, 0.1, 1e-15);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One text, its number of errors, and what the first says. */
static PetscErrorCode refused(const char *text, PetscInt errors, const char *message)
{
  OstDiagList *list;
  OstSupport   s;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading(text, list, &s));
  OST_CHECK_INT(ost_diag_num_errors(list), errors);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, message);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode faults_are_told(void)
{
  PetscFunctionBeginUser;
  PetscCall(refused("support: {type: foundation}\n", 2, "`normal_stiffness` is missing"));
  PetscCall(refused("support: {type: foundation, normal_stiffness: 1 N/mm3,\n"
                    "  shear_stiffness: 0 N/mm3}\n",
                    1, "shear_stiffness = 0"));
  PetscCall(refused("support: {normal_stiffness: 1 N/mm3}\n", 1, "normal_stiffness"));
  PetscCall(refused("support: {patch: head}\n", 1, "there is no patch `head`"));
  PetscCall(refused("support: {type: glue}\n", 1, "glue"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(bone_is_clamped_unless_it_is_said());
  PetscCall(faults_are_told());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
