#include "analysis/biology.h"

#include "base/log.h"
#include "physics/stimulus.h"

PetscErrorCode ost_rates_create(const OstModel *model, OstRates *rates)
{
  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(model->mesh->num_cells, &rates->rho));
  PetscCall(PetscCalloc1(model->iface_geometry->num_points, &rates->maturity));
  PetscCall(PetscCalloc1(model->mesh->num_cells, &rates->stimulus));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_rates_destroy(OstRates *rates)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(rates->rho));
  PetscCall(PetscFree(rates->maturity));
  PetscCall(PetscFree(rates->stimulus));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_rates_archive(OstRates *rates, OstArchive *archive)
{
  PetscFunctionBeginUser;
  PetscCall(archive->field(archive, "rates/density", OST_ON_CELL, 1, rates->rho));
  PetscCall(archive->field(archive, "rates/maturity", OST_ON_INTERFACE_POINT, OST_MATURITY_REALS,
                           (PetscReal *)rates->maturity));
  PetscCall(archive->field(archive, "rates/stimulus", OST_ON_CELL, 1, rates->stimulus));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What each bone cell feels of the day [num_cells], smoothed where the case wants it; 0 outside
   bone. */
static PetscErrorCode find_stimulus(const OstDay *day, const OstState *state, PetscReal felt[])
{
  const OstModel *model = day->model;
  PetscReal       cycles[OST_STAGE_EXERCISES];

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < day->num; k++) cycles[k] = day->load[k].cycles;
  for (PetscInt c = 0; c < model->mesh->num_cells; c++)
    felt[c] = ost_region_is_bone(model->mesh->region[c])
                  ? ost_remodel_stimulus(&model->remodel, day->num, &day->U[day->num * c], cycles,
                                         day->elastic[c].E, state->rho[c])
                  : 0.0;
  if (model->smoother) PetscCall(ost_smoother_apply(model->smoother, felt, felt));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Effective strain of the hardest activity in a cell; damage is where it is, and not smoothed. */
static PetscReal strain_peak(const OstDay *day, PetscInt c)
{
  PetscReal peak = 0.0;

  for (PetscInt k = 0; k < day->num; k++)
    peak =
        PetscMax(peak, ost_stimulus_effective_strain(day->elastic[c].E, day->U[day->num * c + k]));
  return peak;
}

PetscErrorCode ost_rates_find(const OstDay *day, const OstState *state, PetscReal t_day,
                              OstRates *rates)
{
  const OstModel *model = day->model;
  const OstMesh  *mesh  = model->mesh;

  PetscFunctionBeginUser;
  PetscCall(find_stimulus(day, state, rates->stimulus));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    if (!ost_region_is_bone(mesh->region[c])) continue;
    const PetscReal felt      = rates->stimulus[c];
    const PetscReal reference = ost_remodel_reference(&model->remodel, model->reference[c]);
    const PetscReal size =
        PetscPowReal(6.0 * PETSC_SQRT2 * model->volume[c], 1.0 / 3.0); /* edge of a regular cell */
    rates->rho[c] =
        ost_remodel_rate(&model->remodel, felt, reference, strain_peak(day, c), state->rho[c]) *
        ost_remodel_alive(&model->remodel, model->stem_distance[c], size, t_day);
    rates->stimulus[c] = reference > 0.0 ? felt / reference : 0.0;
  }
  for (PetscInt p = 0; p < day->iface->num_points; p++) {
    const OstMatureInput input = {
        .micromotion = day->micromotion[p], .gap = day->rest_gap[p], .density = day->behind[p]};
    rates->maturity[p] = ost_mature_rate(ost_model_mature(model, p), &state->maturity[p], &input);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static OstMaturity moved(const OstMature *law, const OstMaturity *from, PetscReal dt,
                         const OstMaturity *rate)
{
  OstMaturity to = {.bond     = from->bond + dt * rate->bond,
                    .strength = from->strength + dt * rate->strength,
                    .damage   = from->damage + dt * rate->damage,
                    .fibrous  = from->fibrous + dt * rate->fibrous};
  ost_mature_clamp(law, &to);
  return to;
}

static PetscReal bounded(const OstRemodel *law, PetscReal rho)
{
  return PetscMax(law->rho_min, PetscMin(law->rho_max, rho));
}

void ost_rates_predict(const OstModel *model, const OstState *from, PetscReal dt, const OstRates *k,
                       PetscReal rho[], OstMaturity maturity[])
{
  for (PetscInt c = 0; c < model->mesh->num_cells; c++)
    rho[c] =
        k->rho[c] != 0.0 ? bounded(&model->remodel, from->rho[c] + dt * k->rho[c]) : from->rho[c];
  for (PetscInt p = 0; p < model->iface_geometry->num_points; p++)
    maturity[p] = moved(ost_model_mature(model, p), &from->maturity[p], dt, &k->maturity[p]);
}

/* A rate that moves the density by more than nothing to speak of, and is against it after. */
static PetscBool has_turned(PetscReal dt, PetscReal before, PetscReal after)
{
  return (PetscBool)(before * after < 0.0 && PetscAbsReal(dt * before) > 1e-4);
}

PetscErrorCode ost_rates_correct(const OstModel *model, PetscReal dt, const OstRates *k0,
                                 const OstRates *k1, OstState *state, OstMaturity maturity[],
                                 PetscReal *error, PetscReal *turned)
{
  const OstMesh *mesh = model->mesh;
  /* bone: square, volume; interface: square, area; bone that turned */
  PetscReal sums[5] = {0, 0, 0, 0, 0};

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    const PetscReal move = 0.5 * dt * (k1->rho[c] - k0->rho[c]);
    if (!ost_region_is_bone(mesh->region[c])) continue;
    sums[0] += model->volume[c] * move * move; /* scale 1 g/cm3 */
    sums[1] += model->volume[c];
    if (has_turned(dt, k0->rho[c], k1->rho[c])) sums[4] += model->volume[c];
    if (move != 0.0) state->rho[c] = bounded(&model->remodel, state->rho[c] + move);
  }
  for (PetscInt p = 0; p < model->iface_geometry->num_points; p++) {
    const OstMaturity *a = &k0->maturity[p], *b = &k1->maturity[p];
    const OstMaturity change = {b->bond - a->bond, b->strength - a->strength, b->damage - a->damage,
                                b->fibrous - a->fibrous};
    sums[2] += model->iface_geometry->area[p] * 0.25 * dt * dt *
               (PetscSqr(change.bond) + PetscSqr(change.strength));
    sums[3] += model->iface_geometry->area[p];
    maturity[p] = moved(ost_model_mature(model, p), &state->maturity[p], 0.5 * dt, &change);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sums, 5, MPIU_REAL, MPIU_SUM, mesh->comm));
  *turned = sums[4] > 0.0 ? sums[4] / sums[1] : 0.0;
  /* a limb may lack bone or interface, in tests at least */
  for (int k = 0; k < 2; k++) sums[2 * k] /= sums[2 * k + 1] > 0.0 ? sums[2 * k + 1] : 1.0;
  *error = PetscSqrtReal(PetscMax(sums[0], sums[2]));
  PetscFunctionReturn(PETSC_SUCCESS);
}
