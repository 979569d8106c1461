#include "cli/wire.h"

#include "analysis/reference.h"
#include "base/log.h"
#include "meshes/image/image.h"
#include "meshes/image/nifti.h"

typedef struct {
  OstImage  image;
  PetscReal world_to_index[3][4];
} Density;

static PetscReal density_at(const PetscReal x[3], void *context)
{
  Density  *density = context;
  PetscReal value;

  ost_image_sample(&density->image, density->world_to_index, 1, x, &value);
  return value;
}

/* Density of each bone cell at the start: from the image where the region is heterogeneous, from
   the sidecar or the case's material elsewhere. */
static PetscErrorCode fill_density(OstSetup *setup, const OstSidecar *sidecar, OstDiagList *list)
{
  OstModel *model   = &setup->model;
  OstMesh  *mesh    = model->mesh;
  Density   density = {0};
  PetscBool image   = sidecar->density_image[0] ? PETSC_TRUE : PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(mesh->num_cells, &model->rho_start));
  if (sidecar->density[0] >= 0.0) model->material.density[OST_CORTICAL] = sidecar->density[0];
  if (sidecar->density[1] >= 0.0) model->material.density[OST_CANCELLOUS] = sidecar->density[1];
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    if (ost_region_is_bone(mesh->region[c]))
      model->rho_start[c] = model->material.density[mesh->region[c]];
  if (!image) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_nifti_read(sidecar->density_image, (OstWhere){sidecar->density_image, 0}, list,
                           &density.image));
  if (density.image.n[0]) {
    OstAssert(ost_affine_invert(density.image.to_world, density.world_to_index),
              "the density image has no volume");
    ost_model_density_from_field(mesh, &model->material.law, density_at, &density,
                                 model->rho_start);
    /* what the image shows as soft is no bone: it neither remodels nor breaks (theory.md, M4) */
    for (PetscInt c = 0; c < mesh->num_cells; c++)
      if (mesh->region[c] == OST_BONE && model->rho_start[c] < model->material.marrow_below) {
        mesh->region[c]     = OST_MARROW;
        model->rho_start[c] = 0.0;
      }
  }
  PetscCall(ost_image_destroy(&density.image));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The finish of each face; what a zone says of it stands above the mesh's group. */
static PetscErrorCode fill_finishes(OstModel *model, OstDiagList *list)
{
  OstMesh *mesh = model->mesh;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_faces, &model->face_finish));
  PetscCall(ost_finish_assign(mesh, model->iface.num_finishes, model->iface.finish, list,
                              model->face_finish));
  for (PetscInt f = 0; f < mesh->num_faces; f++)
    mesh->coated[f] = model->iface.finish[model->face_finish[f]].coated;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A muscle that pulls at what is clamped does nothing to the bone. */
static PetscErrorCode warn_of_held_muscles(const OstModel *model, OstDiagList *list)
{
  PetscFunctionBeginUser;
  if (model->support.type != OST_SUPPORT_CLAMP) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < model->patches.num; i++) {
    const OstPatch *patch = &model->patches.patch[i];
    PetscReal       share;
    PetscCall(ost_facets_shared(model->mesh, &patch->facets, &model->held, &share));
    if (share > 0.0 && ost_schedule_uses_patch(&model->schedule, patch->name))
      PetscCall(ost_diag_warning(list, patch->at,
                                 "hold less of the bone (geometry.proximal, support.patch), or use "
                                 "support: {type: foundation, ...}",
                                 "%.0f %% of the patch %s is clamped: what its muscles pull there "
                                 "never reaches the bone",
                                 100.0 * (double)share, patch->name));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Whether any rank found one: each opens the density image itself, and one may not see it. */
static PetscErrorCode agree_on_faults(const OstDiagList *list, PetscBool *faults)
{
  PetscInt num = ost_diag_num_errors(list);

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &num, 1, MPIU_INT, MPI_MAX, PETSC_COMM_WORLD));
  *faults = num ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_wire_model(OstSetup *setup, const char *mesh_path, const char *sidecar_path,
                              OstDiagList *list, OstCase **sidecar_file, PetscBool *reached)
{
  OstModel  *model = &setup->model;
  OstSidecar sidecar;
  PetscBool  found, faults;

  PetscFunctionBeginUser;
  *reached = PETSC_TRUE;
  PetscCall(ost_sidecar_read(sidecar_path, list, sidecar_file, &sidecar));
  PetscCall(ost_mesh_create(PETSC_COMM_WORLD, mesh_path, list, &model->mesh));
  PetscCall(agree_on_faults(list, &faults));
  if (faults) PetscFunctionReturn(PETSC_SUCCESS);
  model->load_point     = sidecar.load_point;
  model->outline        = sidecar.outline;
  model->zones.tip      = sidecar.stem_tip;
  model->zones.diameter = sidecar.stem_diameter;
  model->zones.right    = setup->right;
  PetscCall(fill_density(setup, &sidecar, list));
  PetscCall(fill_finishes(model, list));
  PetscCall(ost_patches_locate(&model->patches, model->mesh, setup->right, list));
  PetscCall(ost_reference_check(model, list));
  PetscCall(agree_on_faults(list, &faults));
  if (faults) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_model_find_axis(model, &found));
  if (!found) {
    PetscCall(
        ost_diag_error(list, (OstWhere){mesh_path, 0},
                       "name the cut end `resection` and the held one `proximal` in the mesh, "
                       "or write material.anisotropy.type: isotropic",
                       "the shaft has no direction: no way through bone from the surface "
                       "group resection to the group proximal"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_model_complete(model, reached));
  PetscCall(warn_of_held_muscles(model, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}
