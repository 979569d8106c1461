#include "support/limb.h"

#include "support/mutation.h"

#define BODY_WEIGHT 700.0

static PetscErrorCode read_text(const OstTestLimb *limb, OstModel *model)
{
  const double           fit      = ost_mutated(OST_MUTATE_FIT) ? 0.0 : limb->interference;
  const OstIfaceDefaults defaults = {
      .interference = 2.0 * fit, .coating = OST_PLASMA_SPRAYED, .growth = {NAN, NAN, NAN}};
  OstDiagList *list;
  OstCase     *file;
  PetscMPIInt  rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("text", "case", limb->text, list, &file));
  OstAssert(file, "the test's text is no YAML");
  ost_case_set_body_weight(file, BODY_WEIGHT);
  OstNode *root = ost_case_root(file);
  PetscCall(ost_patches_read(root, limb->right, list, &model->patches));
  PetscCall(ost_support_read(root, &model->patches, list, &model->support));
  PetscCall(ost_protocol_read(root, -1.0, list, &model->schedule.protocol));
  PetscCall(ost_schedule_check_patches(&model->schedule, &model->patches, list));
  PetscCall(ost_iface_options_read(root, &defaults, list, &model->iface));
  PetscCall(ost_case_report_unread(file, list));
  PetscCall(ost_patches_locate(&model->patches, model->mesh, limb->right, list));
  for (PetscInt k = 0; k < model->iface.num_finishes; k++)
    model->iface.finish[k].law = ost_mutate_law(limb->law);
  PetscCall(PetscMalloc1(model->mesh->num_faces, &model->face_finish));
  PetscCall(ost_finish_assign(model->mesh, model->iface.num_finishes, model->iface.finish, list,
                              model->face_finish));
  if (!rank && ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OstAssert(!ost_diag_num_errors(list), "the test's text has faults");
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static OstMaterialSet two_moduli(const OstTestLimb *limb)
{
  OstMaterialSet set = ost_material_default();

  set.law.E_min = set.law.E_max = limb->bone;
  set.nu_porous = set.nu_dense = limb->nu;
  set.stem.elastic = set.abutment.elastic = (OstElastic){.E = limb->metal, .nu = limb->nu};
  return set;
}

PetscErrorCode ost_test_limb_model(const OstBlock *block, const OstTestLimb *limb, OstModel *model)
{
  PetscBool reached;

  PetscFunctionBeginUser;
  *model            = (OstModel){0};
  model->material   = two_moduli(limb);
  model->remodel    = ost_remodel_default(OST_REMODEL_DAILY_STRESS);
  model->mature     = ost_mature_default();
  model->schedule   = (OstSchedule){.until = 1.0, .load_factor = 1.0, .right = limb->right};
  model->newton     = ost_newton_options_default();
  model->linear     = ost_linear_options_default();
  model->day        = ost_day_options_default();
  model->step       = ost_step_default();
  model->zones      = (OstZones){.tip = 10.0, .diameter = 10.0, .right = limb->right};
  model->load_point = limb->load_point;

  model->newton.tolerance = 1e-11;
  model->newton.krylov = model->newton.krylov_loose = 1e-8;
  PetscCall(ost_problem_mesh(PETSC_COMM_WORLD, block, &model->mesh));
  PetscCall(read_text(limb, model));
  PetscCall(PetscCalloc1(model->mesh->num_cells, &model->rho_start));
  for (PetscInt c = 0; c < model->mesh->num_cells; c++)
    if (ost_region_is_bone(model->mesh->region[c])) model->rho_start[c] = 1.85;
  if (limb->adjust) PetscCall(limb->adjust(model, limb->context));
  PetscCall(ost_model_complete(model, &reached));
  OstAssert(reached, "the reference analysis found no equilibrium");
  PetscFunctionReturn(PETSC_SUCCESS);
}
