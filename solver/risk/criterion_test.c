/* Strain limits: which side governs, and by how much. */
#include "risk/criterion.h"

#include "support/check.h"

static void each_limit_governs_its_side(void)
{
  const OstCriterion criterion = ost_criterion_default();
  OstFailureMode     mode;

  OST_CHECK_NEAR(ost_criterion_principal(&criterion, 0.0073, -0.002, &mode), 1.0, 1e-12);
  OST_CHECK_INT(mode, OST_MODE_TENSION);
  OST_CHECK_NEAR(ost_criterion_principal(&criterion, 0.003, -0.0104, &mode), 1.0, 1e-12);
  OST_CHECK_INT(mode, OST_MODE_COMPRESSION);
  OST_CHECK_TEXT(ost_failure_mode_name(mode), "compression");
  OST_CHECK_NEAR(ost_criterion_principal(&criterion, 0.0073, -0.0073, &mode), 1.0, 1e-12);
  OST_CHECK_INT(mode, OST_MODE_TENSION); /* of pure shear */
  OST_CHECK_NEAR(ost_criterion_principal(&criterion, -0.001, -0.0052, &mode), 0.5, 1e-12);
}

static PetscErrorCode case_file_is_read(void)
{
  OstDiagList *list;
  OstCase     *file;
  OstCriterion criterion;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("t.yaml", "case",
                               "risk:\n  strain_tension: 0.61 %\n  volume: 27 mm3\n", list, &file));
  PetscCall(ost_criterion_read(ost_case_root(file), list, &criterion));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(criterion.strain_tension, 0.0061, 1e-12);
  OST_CHECK_NEAR(criterion.strain_compression, 0.0104, 1e-12);
  OST_CHECK_NEAR(criterion.volume, 27.0, 1e-12);
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_case_load_text("t.yaml", "case", "risk:\n  strain_tension: 73 %\n", list, &file));
  PetscCall(ost_criterion_read(ost_case_root(file), list, &criterion));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 2);
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  each_limit_governs_its_side();
  PetscCall(case_file_is_read());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
