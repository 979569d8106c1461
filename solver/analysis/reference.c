#include "analysis/reference.h"

#include "fem/recover.h"

/* Height of the cut, in the frame of the limb. [mm] */
#define CUT 0.0

/* A day in the protocol's last stage, when everything it raises has been raised, whether or not
   this run goes that far. */
static PetscReal full_activity_day(const OstSchedule *schedule)
{
  const OstProtocol *protocol = schedule->protocol;
  const OstStage    *last     = &protocol->stage[protocol->num_stages - 1];

  return last->until < PETSC_MAX_REAL ? last->until : last->from + 3652.5;
}

/* One linear analysis: what it is made of and what it leaves. */
typedef struct {
  OstElastic     *elastic; /* [num_cells] */
  OstLinear      *lin;
  OstIface       *iface;
  OstEquilibrium *eq;
  OstFacetSet     cut; /* of the intact limb */
  OstLoadPlaces   places;
  PetscInt        num;
  OstDayLoad      load[OST_STAGE_EXERCISES];
  PetscReal      *U; /* [num_cells x num] [MPa] */
} Analysis;

/* The limb of the first day; in the stem's place cortical bone (filled) or marrow (intact). */
static PetscErrorCode set_bone(const OstModel *model, Analysis *a)
{
  const OstMesh   *mesh     = model->mesh;
  const PetscReal  along[3] = {0.0, 0.0, 1.0}; /* the shaft where the stem will be */
  const OstElastic in_place =
      model->remodel.limb == OST_LIMB_INTACT
          ? model->material.marrow
          : ost_material_elastic(&model->material, OST_CORTICAL,
                                 model->material.density[OST_CORTICAL], along);

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_cells, &a->elastic));
  ost_model_elastic(model, model->rho_start, a->elastic);
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    if (ost_region_is_implant(mesh->region[c])) a->elastic[c] = in_place;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* An interface that ties, so that one linear solve does. */
static PetscErrorCode set_up(const OstModel *model, Analysis *a)
{
  const OstMesh   *mesh   = model->mesh;
  OstNewtonOptions newton = model->newton;
  OstTractionLaw   tied   = ost_traction_law_default();

  PetscFunctionBeginUser;
  tied.tensile_strength = tied.shear_strength = 1e6; /* not to break */
  tied.energy_I = tied.energy_II = 1e12;
  tied.bond_stiffness            = tied.normal_stiffness;
  newton.krylov = newton.krylov_loose = 1e-8;
  PetscCall(ost_model_create_linear(model, &a->lin));
  PetscCall(ost_linear_set_bulk(a->lin, a->elastic));
  PetscCall(ost_iface_create(mesh, (OstTractionLaw[2]){tied, tied}, &a->iface));
  for (PetscInt p = 0; p < a->iface->num_points; p++)
    a->iface->point[p].bond = a->iface->point[p].strength = 1.0;
  PetscCall(ost_equilibrium_create(mesh, a->lin, a->iface, &newton, &a->eq));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Where the loads act: on the abutment's end, or, since of the limb below the cut nothing is left
   but its section forces, on the cut itself. The load point is the same. */
static PetscErrorCode set_places(const OstModel *model, Analysis *a)
{
  PetscFunctionBeginUser;
  a->places = (OstLoadPlaces){.mesh     = model->mesh,
                              .abutment = &model->abutment,
                              .point    = {0.0, 0.0, -model->load_point},
                              .patches  = &model->patches};
  if (model->remodel.limb == OST_LIMB_INTACT) {
    PetscCall(ost_facets_cut(model->mesh, CUT, &a->cut));
    a->places.abutment = &a->cut;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Of an activity of several phases each cell feels the one that strains it most (L6). */
static PetscErrorCode find_energies(const OstModel *model, Analysis *a, PetscBool *reached)
{
  const OstMesh *mesh = model->mesh;
  OstCellResult *cell;
  Vec            force;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_cells, &cell));
  PetscCall(PetscCalloc1(mesh->num_cells * PetscMax(a->num, 1), &a->U));
  PetscCall(ost_linear_create_vec(a->lin, &force));
  for (PetscInt k = 0; k < a->num && *reached; k++)
    for (PetscInt i = 0; i < a->load[k].num_phases && *reached; i++) {
      PetscCall(ost_load_assemble(&a->places, &a->load[k].phase[i].load, force));
      PetscCall(ost_equilibrium_reach(a->eq, force, 0.0, NULL, NULL, reached));
      PetscCall(ost_recover_cells(mesh, a->eq->local_u, a->elastic, cell));
      for (PetscInt c = 0; c < mesh->num_cells; c++) {
        PetscReal *U = &a->U[a->num * c + k];
        *U           = PetscMax(*U, cell[c].energy_density);
      }
    }
  PetscCall(VecDestroy(&force));
  PetscCall(PetscFree(cell));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode clean_up(Analysis *a)
{
  PetscFunctionBeginUser;
  PetscCall(ost_equilibrium_destroy(&a->eq));
  PetscCall(ost_iface_destroy(&a->iface));
  PetscCall(ost_linear_destroy(&a->lin));
  PetscCall(ost_facets_free(&a->cut));
  PetscCall(PetscFree(a->elastic));
  PetscCall(PetscFree(a->U));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_reference_find(OstModel *model, PetscBool *reached)
{
  const OstMesh *mesh = model->mesh;
  PetscReal      cycles[OST_STAGE_EXERCISES];
  Analysis       a = {.num = 0};

  PetscFunctionBeginUser;
  *reached = PETSC_TRUE;
  a.num = ost_schedule_at(&model->schedule, NULL, full_activity_day(&model->schedule), PETSC_TRUE,
                          a.load);
  for (PetscInt k = 0; k < a.num; k++) cycles[k] = a.load[k].cycles;
  PetscCall(set_bone(model, &a));
  PetscCall(set_up(model, &a));
  PetscCall(set_places(model, &a));
  PetscCall(find_energies(model, &a, reached));
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    if (ost_region_is_bone(mesh->region[c]))
      model->reference[c] = ost_remodel_stimulus(&model->remodel, a.num, &a.U[a.num * c], cycles,
                                                 a.elastic[c].E, model->rho_start[c]);
  if (model->smoother)
    PetscCall(ost_smoother_apply(model->smoother, model->reference, model->reference));
  model->krylov_linear = a.eq->count.krylov_max;
  PetscCall(clean_up(&a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_reference_check(const OstModel *model, OstDiagList *list)
{
  OstFacetSet cut;
  PetscReal   area, centroid[3];

  PetscFunctionBeginUser;
  if (model->remodel.limb != OST_LIMB_INTACT) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_facets_cut(model->mesh, CUT, &cut));
  PetscCall(ost_facets_measure(model->mesh, &cut, &area, centroid));
  PetscCall(ost_facets_free(&cut));
  if (area <= 0.0)
    PetscCall(ost_diag_error(list, model->remodel.where_limb,
                             "name the cut end of the bone `resection` in the mesh, or write "
                             "reference_limb: filled",
                             "the intact limb is loaded at its cut, but no face of bone is in the "
                             "surface group resection"));
  PetscFunctionReturn(PETSC_SUCCESS);
}
