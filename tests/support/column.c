#include "support/column.h"

#define STRONG 1e4 /* of a bond that is not to break [MPa] */

static void place(const double p[3], double x[3], const void *context)
{
  const OstBoneColumn *column = context;

  for (int i = 0; i < 2; i++) x[i] = column->size[i] * (p[i] - 0.5);
  x[2] = column->size[2] * (4.0 * p[2] - 1.0) / 3.0;
}

static int body(const double centre[3], const void *context)
{
  (void)context;
  return centre[2] > 0.25 ? OST_CORTICAL : OST_STEM;
}

OstBoneColumn ost_column_default(void)
{
  return (OstBoneColumn){.n         = {2, 2, 8},
                         .size      = {6.0, 6.0, 12.0},
                         .stress    = 1.0,
                         .cycles    = 1000.0,
                         .until     = 730.5,
                         .tolerance = 0.005,
                         .rho       = 0.8,
                         .c         = 3790.0,
                         .p         = 3.0,
                         .metal     = 110000.0,
                         .remodel   = ost_remodel_default(OST_REMODEL_ENERGY)};
}

double ost_column_noise(const OstMesh *mesh, PetscInt cell)
{
  const double wave = 43758.5453 * sin(12.9898 * (double)(mesh->cell_file[cell] + 1));

  return 2.0 * (wave - floor(wave)) - 1.0;
}

/* Bone with an axis everywhere the same. */
static PetscErrorCode set_axis(const OstBoneColumn *column, OstModel *model)
{
  PetscFunctionBeginUser;
  model->material.anisotropy = (OstAnisotropy){.type          = OST_TRANSVERSE,
                                               .density_full  = 1e-6,
                                               .modulus_ratio = column->ratio,
                                               .shear_ratio   = 0.3};
  PetscCall(PetscCalloc1(3 * model->mesh->num_cells, &model->axis));
  for (PetscInt c = 0; c < model->mesh->num_cells; c++) model->axis[3 * c + column->axis - 1] = 1.0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A power law without floor, the remodelling law of the column, its densities and its axis. */
static PetscErrorCode adjust(OstModel *model, const void *context)
{
  const OstBoneColumn *column = context;
  const OstMesh       *mesh   = model->mesh;
  OstDensityLaw       *law    = &model->material.law;

  PetscFunctionBeginUser;
  *law                     = ost_density_law(OST_LAW_POWER);
  law->power[0].c          = column->c;
  law->power[0].p          = column->p;
  law->E_min               = 1e-3;
  law->E_max               = 1e6;
  model->remodel           = column->remodel;
  model->remodel.rim_depth = 0.0;
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    if (ost_region_is_bone(mesh->region[c]))
      model->rho_start[c] = column->rho + column->spread * ost_column_noise(mesh, c);
  model->material.density[OST_CORTICAL] = column->rho;
  if (!(column->metal > 0.0))
    model->material.stem.elastic.E = ost_density_law_modulus(law, column->rho);
  model->material.marrow = (OstElastic){.E = 2.0};
  if (column->axis) PetscCall(set_axis(column, model));
  model->schedule.until   = column->until;
  model->day.output_every = 1e6;
  model->step.tolerance   = column->tolerance;
  if (column->step > 0.0)
    model->step = (OstStepOptions){column->step, column->step, column->step, 0.5};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_column_model(const OstBoneColumn *column, OstModel *model)
{
  const OstBlock block = {.n        = {column->n[0], column->n[1], column->n[2]},
                          .wrap     = -1,
                          .straight = 1,
                          .map      = place,
                          .region   = body,
                          .surface  = ost_block_ends,
                          .context  = column};
  char           text[512];
  OstTestLimb    limb = {.bone    = 1.0, /* the law is the column's */
                         .metal   = column->metal,
                         .law     = ost_traction_law_default(),
                         .right   = PETSC_TRUE,
                         .text    = text,
                         .adjust  = adjust,
                         .context = column};

  PetscFunctionBeginUser;
  limb.law.bond_stiffness   = limb.law.normal_stiffness;
  limb.law.tensile_strength = limb.law.shear_strength = STRONG;
  limb.law.energy_I = limb.law.energy_II = 1e6;
  (void)snprintf(text, sizeof text,
                 "interface: {initial_bond: 1, initial_strength: 1, coated: {bond_max: 1}}\n"
                 "activities:\n"
                 "  - name: a\n"
                 "    force: {axial: %.17g N}\n"
                 "    moment: {bending_anterior: %.17g N.mm}\n"
                 "name: column\n"
                 "stages:\n"
                 "  - {name: s, do: [{activity: a, cycles: %.17g 1/day}]}\n",
                 column->stress * column->size[0] * column->size[1], column->moment,
                 column->cycles);
  PetscCall(ost_test_limb_model(&block, &limb, model));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  const OstModel   *model;
  OstBoneColumnEnd *end;
  PetscReal        *rho; /* or NULL */
} Watcher;

/* The last snapshot is what counts. */
static PetscErrorCode look(void *context, const OstSnapshot *snapshot)
{
  const Watcher  *watcher = context;
  const OstModel *model   = watcher->model;
  const OstMesh  *mesh    = model->mesh;
  double          most[3] = {-PETSC_MAX_REAL, -PETSC_MAX_REAL, 0.0};

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < snapshot->num_fields; i++) {
    const OstField *field = &snapshot->fields[i];
    if (strcmp(field->info.name, "density")) continue;
    for (PetscInt c = 0; c < mesh->num_cells; c++) {
      if (watcher->rho) watcher->rho[c] = 0.0;
      if (!ost_region_is_bone(mesh->region[c])) continue;
      if (watcher->rho) watcher->rho[c] = field->values[c];
      const double rho = field->values[c], from = model->rho_start[c];
      most[0] = fmax(most[0], -rho);
      most[1] = fmax(most[1], rho);
      most[2] = fmax(most[2], fabs(rho - from) / from);
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, most, 3, MPI_DOUBLE, MPI_MAX, mesh->comm));
  *watcher->end = (OstBoneColumnEnd){
      .least = -most[0], .most = most[1], .change = most[2], (int)snapshot->step};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_column_live(const OstModel *model, OstBoneColumnEnd *end, PetscReal rho[])
{
  Watcher           watcher  = {model, end, rho};
  const OstObserver observer = {.context = &watcher, .snapshot = look};
  OstHistoryOutcome outcome;
  PetscReal         day;

  PetscFunctionBeginUser;
  *end = (OstBoneColumnEnd){0};
  PetscCall(ost_history_run(model, NULL, 1, &observer, &outcome, &day));
  OST_CHECK_INT(outcome, OST_HISTORY_DONE);
  OST_CHECK_NEAR(day, model->schedule.until, 1e-9);
  PetscFunctionReturn(PETSC_SUCCESS);
}
