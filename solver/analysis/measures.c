#include "analysis/measures.h"

#include "base/gather.h"
#include "base/tensor.h"

#define ZONES(name, unit, text)                                                                    \
  {name "_1", unit, text " in zone 1"}, {name "_2", unit, text " in zone 2"},                      \
      {name "_3", unit, text " in zone 3"}, {name "_4", unit, text " in zone 4"},                  \
      {name "_5", unit, text " in zone 5"}, {name "_6", unit, text " in zone 6"},                  \
  {                                                                                                \
    name "_7", unit, text " in zone 7"                                                             \
  }

const OstColumn ost_history_columns[OST_NUM_COLUMNS] = {
    {"day", "day", "time since the first operation"},
    {"step", "1", "time step"},
    {"stage", "1", "index of the protocol's stage, -1 outside all"},
    {"protocol_day", "day", "day of the protocol; behind `day` by what its rules have held it up"},
    {"load_axial", "N", "axial load of the leading activity, towards the body"},
    {"load_moment", "N.mm", "resultant moment of the leading activity at the load point"},
    {"cycles_per_day", "1/day", "load cycles of all activities"},
    {"bonded_area_fraction", "1", "share of the interface that carries bond, B (1 - d)"},
    {"bond_mean", "1", "area mean of the grown bond B"},
    {"strength_mean", "1", "area mean of bond times strength, of the mature strength"},
    {"debonded_area_fraction", "1", "share of the interface whose bond is broken, B d"},
    {"micromotion_mean", "mm", "area mean of the peak-to-valley relative displacement"},
    {"micromotion_p95", "mm", "95th percentile by area of the micromotion"},
    {"micromotion_max", "mm", "largest micromotion"},
    {"area_over_40um", "1", "share of the interface with micromotion over 40 um"},
    {"area_over_150um", "1", "share of the interface with micromotion over 150 um"},
    ZONES("bond_zone", "1", "bonded area fraction"),
    ZONES("strength_zone", "1", "bond times strength"),
    ZONES("micromotion_zone", "mm", "mean micromotion"),
    ZONES("density_change_zone", "1", "change of bone mass since the operation, relative"),
    {"bone_mass", "g", "apparent mass of all bone"},
    {"strain_tension_max", "1", "largest principal strain of a bone cell at the leading peak"},
    {"strain_compression_min", "1", "smallest principal strain of a bone cell at the leading peak"},
    {"contact_pressure_max", "MPa", "largest contact pressure at the leading peak"},
    {"newton_mean", "1", "Newton iterations per increment since the last row"},
    {"krylov_mean", "1", "Krylov iterations per linear solve since the last row"},
    {"step_size", "day", "length of the time step"},
    {"stem_stress_max", "MPa", "largest von Mises stress in stem and abutment at the leading peak"},
    {"cycles_to_settle", "1", "most load cycles that an activity took until micromotion settled"},
    {"unsettled", "1", "activities whose micromotion had not settled after solver.cycles_max"},
    {"support_force", "N", "resultant force of the support at the leading peak"},
    {"support_moment", "N.mm", "its moment about the middle of the surface that is held"},
    {"area_open", "1", "share of the interface that stands open, unbonded, at the leading peak"},
    {"area_stick", "1", "share that touches without bond and sticks there"},
    {"area_slip", "1", "share that touches without bond and slides there"},
    {"area_bonded", "1", "share whose points carry bond on a tenth of their area or more"},
    {"area_debonded", "1", "share whose grown bond is more than half broken"},
    {"area_fibrous", "1", "share with fibrous tissue, whatever else holds there; the six sum to 1"},
};

/* --- percentile ------------------------------------------------------------------------------- */

static int compare_values(const void *a, const void *b)
{
  const PetscReal *s = a, *t = b;
  return (s[0] > t[0]) - (s[0] < t[0]);
}

PetscErrorCode ost_measure_percentile(MPI_Comm comm, PetscInt n, const PetscReal values[],
                                      const PetscReal area[], PetscReal share, PetscReal *value)
{
  PetscReal *mine, *all, total = 0.0, below = 0.0;
  PetscInt   num;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(2 * n, &mine));
  for (PetscInt i = 0; i < n; i++) {
    mine[2 * i]     = values[i];
    mine[2 * i + 1] = area[i];
  }
  PetscCall(ost_gather_rows(comm, 2, n, mine, &num, &all));
  if (num) qsort(all, (size_t)num, 2 * sizeof *all, compare_values);
  *value = 0.0;
  for (PetscInt i = 0; i < num; i++) total += all[2 * i + 1];
  for (PetscInt i = 0; i < num; i++) {
    below += all[2 * i + 1];
    *value = all[2 * i];
    if (below >= share * total) break;
  }
  PetscCallMPI(MPI_Bcast(value, 1, MPIU_REAL, 0, comm));
  PetscCall(PetscFree(all));
  PetscCall(PetscFree(mine));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the row ---------------------------------------------------------------------------------- */

typedef struct {
  PetscReal bonded, bond, strength, broken, motion, over40, over150, area, in[OST_NUM_STATES];
  PetscReal mass, moving_max, tension_max, compression_min, pressure_max, stem_max;
} Sums;

static void sum_interface(const OstDay *day, const OstState *state, Sums *s, OstZoneSum zones[3])
{
  const OstModel *model = day->model;

  for (PetscInt p = 0; p < day->iface->num_points; p++) {
    const OstMaturity *m    = &state->maturity[p];
    const PetscReal    area = day->iface->area[p], bonded = ost_mature_bonded(m),
                    motion = day->micromotion[p];
    const PetscInt zone    = model->face_zone[p / OST_FACE_POINTS];
    s->area += area;
    s->bonded += area * bonded;
    s->bond += area * m->bond;
    s->strength += area * bonded * m->strength;
    s->broken += area * m->bond * m->damage;
    s->in[ost_point_state(&day->peak_answer[p], m)] += area;
    s->motion += area * motion;
    s->over40 += motion > 0.040 ? area : 0.0;
    s->over150 += motion > 0.150 ? area : 0.0;
    s->moving_max   = PetscMax(s->moving_max, motion);
    s->pressure_max = PetscMax(s->pressure_max, day->peak_answer[p].pressure);
    ost_zone_add(&zones[0], zone, area, bonded);
    ost_zone_add(&zones[1], zone, area, bonded * m->strength);
    ost_zone_add(&zones[2], zone, area, motion);
  }
}

static void sum_cells(const OstDay *day, const OstState *state, Sums *s, OstZoneSum *change,
                      OstZoneSum *start)
{
  const OstModel *model = day->model;

  for (PetscInt c = 0; c < model->mesh->num_cells; c++) {
    const OstCellResult *cell = &day->peak_cell[c];
    if (ost_region_is_implant(model->mesh->region[c]))
      s->stem_max = PetscMax(s->stem_max, cell->von_mises_max);
    if (!ost_region_is_bone(model->mesh->region[c])) continue;
    const PetscReal volume = model->volume[c];
    s->mass += 1e-3 * volume * state->rho[c]; /* mm3 g/cm3 = mg */
    s->tension_max     = PetscMax(s->tension_max, cell->principal_max);
    s->compression_min = PetscMin(s->compression_min, cell->principal_min);
    ost_zone_add(change, model->cell_zone[c], volume, state->rho[c] - model->rho_start[c]);
    ost_zone_add(start, model->cell_zone[c], volume, model->rho_start[c]);
  }
}

PetscErrorCode ost_measure_day(const OstDay *day, const OstState *state, PetscInt step,
                               PetscReal step_size, PetscInt stage, const OstNewtonCount *since,
                               PetscReal v[])
{
  const OstModel       *model    = day->model;
  const MPI_Comm        comm     = model->mesh->comm;
  const OstNewtonCount *now      = &day->eq->count;
  Sums                  s        = {0};
  OstZoneSum            zones[3] = {{{0}, {0}}}, change = {{0}, {0}}, start = {{0}, {0}};

  PetscFunctionBeginUser;
  sum_interface(day, state, &s, zones);
  sum_cells(day, state, &s, &change, &start);
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, &s.bonded, 8 + OST_NUM_STATES, MPIU_REAL, MPIU_SUM, comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &s.mass, 1, MPIU_REAL, MPIU_SUM, comm));
  PetscReal extremes[5] = {s.moving_max, s.tension_max, -s.compression_min, s.pressure_max,
                           s.stem_max};
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, extremes, 5, MPIU_REAL, MPIU_MAX, comm));
  for (int k = 0; k < 3; k++) PetscCall(ost_model_reduce_zones(model, &zones[k]));
  PetscCall(ost_model_reduce_zones(model, &change));
  PetscCall(ost_model_reduce_zones(model, &start));

  for (int i = 0; i < OST_NUM_COLUMNS; i++) v[i] = 0.0;
  v[OST_COL_DAY]          = state->day;
  v[OST_COL_STEP]         = (PetscReal)step;
  v[OST_COL_STAGE]        = (PetscReal)stage;
  v[OST_COL_PROTOCOL_DAY] = ost_clock_day(&state->clock, state->day);
  if (day->leading >= 0) {
    const OstLoad *load    = &day->load[day->leading].phase[day->leading_phase].load;
    v[OST_COL_LOAD_AXIAL]  = load->force[2];
    v[OST_COL_LOAD_MOMENT] = ost_norm3(load->moment);
  }
  for (PetscInt k = 0; k < day->num; k++) v[OST_COL_CYCLES] += day->load[k].cycles;
  v[OST_COL_BONDED_AREA]      = s.bonded / s.area;
  v[OST_COL_BOND_MEAN]        = s.bond / s.area;
  v[OST_COL_STRENGTH_MEAN]    = s.strength / s.area;
  v[OST_COL_DEBONDED_AREA]    = s.broken / s.area;
  v[OST_COL_MICROMOTION_MEAN] = s.motion / s.area;
  v[OST_COL_OVER_40]          = s.over40 / s.area;
  v[OST_COL_OVER_150]         = s.over150 / s.area;
  PetscCall(ost_measure_percentile(comm, day->iface->num_points, day->micromotion, day->iface->area,
                                   0.95, &v[OST_COL_MICROMOTION_P95]));
  v[OST_COL_MICROMOTION_MAX] = extremes[0];
  for (int z = 0; z < OST_NUM_ZONES; z++) {
    v[OST_COL_BOND_ZONE + z]        = ost_zone_mean(&zones[0], z + 1, 0.0);
    v[OST_COL_STRENGTH_ZONE + z]    = ost_zone_mean(&zones[1], z + 1, 0.0);
    v[OST_COL_MICROMOTION_ZONE + z] = ost_zone_mean(&zones[2], z + 1, 0.0);
    v[OST_COL_DENSITY_ZONE + z]     = start.value[z] > 0.0 ? change.value[z] / start.value[z] : 0.0;
  }
  v[OST_COL_BONE_MASS]          = s.mass;
  v[OST_COL_STRAIN_TENSION]     = extremes[1];
  v[OST_COL_STRAIN_COMPRESSION] = -extremes[2];
  v[OST_COL_PRESSURE_MAX]       = extremes[3];
  v[OST_COL_NEWTON_MEAN] =
      (PetscReal)(now->newton - since->newton) / PetscMax(1, now->increments - since->increments);
  v[OST_COL_KRYLOV_MEAN] =
      (PetscReal)(now->krylov - since->krylov) / PetscMax(1, now->solves - since->solves);
  v[OST_COL_STEP_SIZE]   = step_size;
  v[OST_COL_STEM_STRESS] = extremes[4];

  v[OST_COL_CYCLES_TO_SETTLE] = (PetscReal)day->cycles_to_settle;
  v[OST_COL_UNSETTLED]        = (PetscReal)day->unsettled;
  v[OST_COL_SUPPORT_FORCE]    = ost_norm3(day->support_force);
  v[OST_COL_SUPPORT_MOMENT]   = ost_norm3(day->support_moment);
  for (int k = 0; k < OST_NUM_STATES; k++) v[OST_COL_AREA_IN + k] = s.in[k] / s.area;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the fields ------------------------------------------------------------------------------- */

enum {
  F_DISPLACEMENT,
  F_DENSITY,
  F_MODULUS,
  F_TENSION,
  F_COMPRESSION,
  F_ENERGY,
  F_STIMULUS,
  F_VON_MISES,
  F_BOND,
  F_STRENGTH,
  F_DAMAGE,
  F_GAP,
  F_PRESSURE,
  F_SHEAR,
  F_MICROMOTION,
  F_STATE,
  F_POINT_MICROMOTION,
  F_POINT_MICROMOTION_NORMAL,
  F_POINT_MICROMOTION_SHEAR,
  F_POINT_BOND,
  F_POINT_STATE,
  F_POINT_TEETH, /* last: only a screw has it */
  NUM_FIELDS
};

static const OstFieldInfo field_list[NUM_FIELDS] = {
    [F_DISPLACEMENT] = {"displacement", "mm", "displacement at the leading activity's peak",
                        OST_ON_NODE, 3},
    [F_DENSITY]      = {"density", "g/cm3", "apparent density", OST_ON_CELL, 1},
    [F_MODULUS] = {"modulus", "MPa", "Young's modulus; along the shaft where it has a direction",
                   OST_ON_CELL, 1},
    [F_TENSION] = {"strain_tension", "1", "largest principal strain of the cell's mean strain",
                   OST_ON_CELL, 1},
    [F_COMPRESSION] = {"strain_compression", "1",
                       "smallest principal strain of the cell's mean strain", OST_ON_CELL, 1},
    [F_ENERGY] = {"energy_density", "MPa", "strain energy density, mean over the cell", OST_ON_CELL,
                  1},
    [F_STIMULUS]  = {"stimulus", "1", "remodelling stimulus over its reference; 0 outside bone",
                     OST_ON_CELL, 1},
    [F_VON_MISES] = {"von_mises", "MPa", "von Mises stress of the cell's mean stress", OST_ON_CELL,
                     1},
    [F_BOND]      = {"bond", "1", "share of the face that carries bond, B (1 - d)",
                     OST_ON_INTERFACE_FACE, 1},
    [F_STRENGTH]  = {"strength", "1", "maturity of the bond's strength", OST_ON_INTERFACE_FACE, 1},
    [F_DAMAGE]    = {"damage", "1", "broken fraction of the bond", OST_ON_INTERFACE_FACE, 1},
    [F_GAP] = {"gap", "mm", "gap at rest, negative: closed under pressure", OST_ON_INTERFACE_FACE,
               1},
    [F_PRESSURE]    = {"pressure", "MPa", "contact pressure at the peak", OST_ON_INTERFACE_FACE, 1},
    [F_SHEAR]       = {"shear", "MPa", "shear traction at the peak", OST_ON_INTERFACE_FACE, 1},
    [F_MICROMOTION] = {"micromotion", "mm", "largest micromotion of the face's points",
                       OST_ON_INTERFACE_FACE, 1},
    [F_STATE]       = {"state", "index",
                       "0 open 1 stick 2 slip 3 bonded 4 debonded 5 fibrous, most of the face",
                       OST_ON_INTERFACE_FACE, 1},
    [F_POINT_MICROMOTION] = {"micromotion", "mm", "peak-to-valley relative displacement of the day",
                             OST_ON_INTERFACE_POINT, 1},
    [F_POINT_MICROMOTION_NORMAL] = {"micromotion_normal", "mm",
                                    "its part along the normal, opening and closing",
                                    OST_ON_INTERFACE_POINT, 1},
    [F_POINT_MICROMOTION_SHEAR] = {"micromotion_shear", "mm", "its part across the normal, sliding",
                                   OST_ON_INTERFACE_POINT, 1},

    [F_POINT_BOND]  = {"bond", "1", "share of the point that carries bond, B (1 - d)",
                       OST_ON_INTERFACE_POINT, 1},
    [F_POINT_STATE] = {"state", "index",
                       "0 open 1 stick 2 slip 3 bonded 4 debonded 5 fibrous, at the peak",
                       OST_ON_INTERFACE_POINT, 1},
    [F_POINT_TEETH] = {"teeth", "1", "share of the thread's teeth of bone that is sheared off",
                       OST_ON_INTERFACE_POINT, 1},
};

struct OstSnapshotData {
  PetscReal *values[NUM_FIELDS];
  OstField   fields[NUM_FIELDS];
};

static void fill_cells(const OstDay *day, const OstState *state, const PetscReal stimulus[],
                       PetscReal *values[])
{
  for (PetscInt c = 0; c < day->model->mesh->num_cells; c++) {
    const OstCellResult *cell = &day->peak_cell[c];
    values[F_DENSITY][c]      = state->rho[c];
    values[F_MODULUS][c]      = day->elastic[c].E;
    values[F_TENSION][c]      = cell->principal_max;
    values[F_COMPRESSION][c]  = cell->principal_min;
    values[F_ENERGY][c]       = cell->energy_density;
    values[F_VON_MISES][c]    = cell->von_mises;
    values[F_STIMULUS][c]     = stimulus[c];
  }
}

static void fill_faces(const OstDay *day, const OstState *state, PetscReal *values[])
{
  const OstIface *iface = day->iface;

  for (PetscInt f = 0; f < day->model->mesh->num_faces; f++) {
    PetscReal area                  = 0.0;
    PetscInt  votes[OST_NUM_STATES] = {0}, most = 0;
    for (int q = 0; q < OST_FACE_POINTS; q++) {
      const PetscInt        p      = OST_FACE_POINTS * f + q;
      const OstIfaceAnswer *answer = &day->peak_answer[p];
      const OstMaturity    *m      = &state->maturity[p];
      const PetscReal w = iface->area[p], along = ost_dot3(answer->traction, &iface->normal[3 * p]);
      PetscReal       shear2 = ost_dot3(answer->traction, answer->traction) - along * along;
      area += w;
      values[F_BOND][f] += w * ost_mature_bonded(m);
      values[F_STRENGTH][f] += w * m->strength;
      values[F_DAMAGE][f] += w * m->damage;
      values[F_GAP][f] += w * day->rest_gap[p];
      values[F_PRESSURE][f] += w * answer->pressure;
      values[F_SHEAR][f] += w * PetscSqrtReal(PetscMax(shear2, 0.0));
      values[F_MICROMOTION][f]       = PetscMax(values[F_MICROMOTION][f], day->micromotion[p]);
      values[F_POINT_MICROMOTION][p] = day->micromotion[p];
      values[F_POINT_MICROMOTION_NORMAL][p] = day->micromotion_normal[p];
      values[F_POINT_MICROMOTION_SHEAR][p]  = day->micromotion_shear[p];
      values[F_POINT_BOND][p]               = ost_mature_bonded(m);
      values[F_POINT_STATE][p]              = (PetscReal)ost_point_state(answer, m);
      values[F_POINT_TEETH][p]              = state->point[p].thread.tooth;
      votes[ost_point_state(answer, m)]++;
    }
    for (int k = F_BOND; k <= F_SHEAR; k++) values[k][f] /= area;
    for (int k = 1; k < OST_NUM_STATES; k++)
      if (votes[k] > votes[most]) most = k;
    values[F_STATE][f] = (PetscReal)most;
  }
}

PetscErrorCode ost_snapshot_create(const OstDay *day, const OstState *state,
                                   const PetscReal stimulus[], OstSnapshotData **out,
                                   PetscInt *num_fields, const OstField **fields)
{
  const OstMesh   *mesh      = day->model->mesh;
  const PetscInt   places[4] = {mesh->num_owned, mesh->num_cells, mesh->num_faces,
                                OST_FACE_POINTS * mesh->num_faces};
  OstSnapshotData *data;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&data));
  for (int k = 0; k < NUM_FIELDS; k++) {
    PetscCall(PetscCalloc1(places[field_list[k].place] * field_list[k].num_comp, &data->values[k]));
    data->fields[k] = (OstField){field_list[k], data->values[k]};
  }
  PetscCall(PetscArraycpy(data->values[F_DISPLACEMENT], day->peak_u, 3 * mesh->num_owned));
  fill_cells(day, state, stimulus, data->values);
  fill_faces(day, state, data->values);
  *num_fields = day->iface->thread.pitch > 0.0 ? NUM_FIELDS : NUM_FIELDS - 1;
  *fields     = data->fields;
  *out        = data;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_snapshot_destroy(OstSnapshotData **data)
{
  PetscFunctionBeginUser;
  if (!*data) PetscFunctionReturn(PETSC_SUCCESS);
  for (int k = 0; k < NUM_FIELDS; k++) PetscCall(PetscFree((*data)->values[k]));
  PetscCall(PetscFree(*data));
  PetscFunctionReturn(PETSC_SUCCESS);
}
