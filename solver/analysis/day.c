#include "analysis/day.h"

#include "analysis/reaction.h"
#include "base/log.h"
#include "base/tensor.h"

/* Share of the friction while the stem is seated: next to nothing, but a smooth stem without any is
   free to turn and slide, and Newton's method gropes along that freedom. [-] */
#define SEATING 0.02

enum { MAX_VISITS = OST_CYCLE_PHASES + 1 }; /* the phases and the rest after them */

PetscErrorCode ost_day_create(const OstModel *model, OstDay **out)
{
  const OstMesh *mesh = model->mesh;
  OstDay        *day;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&day));
  day->model = model;
  PetscCall(ost_model_create_linear(model, &day->lin));
  PetscCall(ost_model_create_iface(model, &day->iface));
  PetscCall(ost_equilibrium_create(mesh, day->lin, day->iface, &model->newton, &day->eq));
  const PetscInt num_points = day->iface->num_points;
  PetscCall(PetscMalloc1(mesh->num_cells, &day->elastic));
  PetscCall(PetscMalloc1(mesh->num_cells * OST_STAGE_EXERCISES, &day->U));
  PetscCall(PetscCalloc1(num_points, &day->micromotion));
  PetscCall(PetscCalloc1(num_points, &day->micromotion_normal));
  PetscCall(PetscCalloc1(num_points, &day->micromotion_shear));
  PetscCall(PetscCalloc1(num_points, &day->rest_gap));
  PetscCall(PetscCalloc1(num_points, &day->behind));
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &day->peak_u));
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &day->rest_u));
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &day->swing_u));
  PetscCall(PetscCalloc1(mesh->num_cells, &day->peak_cell));
  PetscCall(PetscCalloc1(num_points, &day->peak_answer));
  PetscCall(PetscMalloc1(3 * MAX_VISITS * num_points, &day->visited));
  PetscCall(PetscMalloc1(num_points, &day->last));
  day->leading = -1;
  day->stage   = OST_NO_STAGE;
  *out         = day;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode forget_visits(OstDay *day)
{
  PetscFunctionBeginUser;
  for (int k = 0; k < OST_STAGE_EXERCISES; k++) {
    for (int i = 0; i < OST_CYCLE_PHASES; i++) PetscCall(VecDestroy(&day->peak[k][i]));
    PetscCall(VecDestroy(&day->back[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_day_destroy(OstDay **day)
{
  PetscFunctionBeginUser;
  if (!*day) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_equilibrium_destroy(&(*day)->eq));
  PetscCall(ost_iface_destroy(&(*day)->iface));
  PetscCall(ost_linear_destroy(&(*day)->lin));
  PetscCall(forget_visits(*day));
  PetscCall(PetscFree((*day)->elastic));
  PetscCall(PetscFree((*day)->U));
  PetscCall(PetscFree((*day)->micromotion));
  PetscCall(PetscFree((*day)->micromotion_normal));
  PetscCall(PetscFree((*day)->micromotion_shear));
  PetscCall(PetscFree((*day)->rest_gap));
  PetscCall(PetscFree((*day)->behind));
  PetscCall(PetscFree((*day)->peak_u));
  PetscCall(PetscFree((*day)->rest_u));
  PetscCall(PetscFree((*day)->swing_u));
  PetscCall(PetscFree((*day)->peak_cell));
  PetscCall(PetscFree((*day)->peak_answer));
  PetscCall(PetscFree((*day)->visited));
  PetscCall(PetscFree((*day)->last));
  PetscCall(PetscFree(*day));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_day_enter(OstDay *day, const OstState *state, PetscBool new_stiffness)
{
  OstEquilibrium *eq = day->eq;

  PetscFunctionBeginUser;
  if (new_stiffness) {
    ost_model_elastic(day->model, state->rho, day->elastic);
    PetscCall(ost_linear_set_bulk(day->lin, day->elastic));
    PetscCall(ost_iface_set_bone(day->iface, day->elastic));
  }
  PetscCall(VecCopy(state->u, eq->u));
  PetscCall(VecZeroEntries(eq->load));
  PetscCall(PetscArraycpy(day->iface->point, state->point, day->iface->num_points));
  PetscCall(ost_equilibrium_refresh(eq));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The equilibrium's rest becomes the state's. */
static PetscErrorCode leave(OstDay *day, OstState *state)
{
  PetscFunctionBeginUser;
  PetscCall(VecCopy(day->eq->u, state->u));
  PetscCall(PetscArraycpy(state->point, day->iface->point, day->iface->num_points));
  for (PetscInt p = 0; p < day->iface->num_points; p++)
    state->maturity[p].damage = state->point[p].damage;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What growth looks at: the gap at rest, and the bone behind each point. */
static PetscErrorCode look_at_rest(OstDay *day, const OstState *state)
{
  const OstIface *iface = day->iface;
  PetscReal      *behind;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(day->model->mesh->num_faces, &behind));
  ost_mesh_cells_to_faces(day->model->mesh, state->rho, behind);
  for (PetscInt p = 0; p < iface->num_points; p++) {
    day->rest_gap[p] =
        ost_dot3(&day->eq->jump[3 * p], &iface->normal[3 * p]) + iface->point[p].gap0;
    day->behind[p] = behind[p / OST_FACE_POINTS];
  }
  PetscCall(PetscFree(behind));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The bond that is there from the start, where bone could have grown it, stress-free at the present
   rest. (G3) */
static PetscErrorCode start_bond(OstDay *day, OstState *state)
{
  const OstModel  *model = day->model;
  const OstMature *law   = &model->mature;

  PetscFunctionBeginUser;
  PetscCall(look_at_rest(day, state));
  for (PetscInt p = 0; p < day->iface->num_points; p++) {
    const OstFinish *finish = &model->iface.finish[model->face_finish[p / OST_FACE_POINTS]];
    OstMaturity     *m      = &state->maturity[p];
    m->bond                 = PetscMin(finish->bond, finish->growth.bond_max) *
              ost_mature_gap_gate(law, day->rest_gap[p]) *
              ost_mature_bone_gate(law, day->behind[p]);
    m->strength = finish->strength;
    ost_iface_point_grow(&day->iface->point[p], m->bond, m->strength, 0.0, &day->eq->jump[3 * p]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_day_press_fit(OstDay *day, OstState *state, PetscBool *reached)
{
  OstIface *iface = day->iface;

  PetscFunctionBeginUser;
  PetscCall(ost_day_enter(day, state, PETSC_TRUE));
  day->eq->fit          = 0.0;
  iface->friction_scale = SEATING;
  day->running          = -1;
  day->running_name     = "press-fit";
  PetscCall(ost_equilibrium_reach(day->eq, NULL, 1.0, NULL, NULL, reached));
  iface->friction_scale = 1.0;
  if (!*reached) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt p = 0; p < iface->num_points; p++)
    ost_iface_point_seat(&iface->point[p], &iface->normal[3 * p], &day->eq->jump[3 * p]);
  PetscCall(start_bond(day, state));
  PetscCall(ost_equilibrium_refresh(day->eq));
  PetscCall(leave(day, state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_day_grow(OstDay *day, OstState *state, const OstMaturity maturity[])
{
  PetscFunctionBeginUser;
  PetscCall(ost_day_enter(day, state, PETSC_FALSE));
  for (PetscInt p = 0; p < day->iface->num_points; p++) {
    ost_iface_point_grow(&state->point[p], maturity[p].bond, maturity[p].strength,
                         maturity[p].damage, &day->eq->jump[3 * p]);
    state->maturity[p] = maturity[p];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode keep_peak(OstDay *day)
{
  const OstMesh *mesh = day->model->mesh;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < 3 * mesh->num_nodes; i++) day->peak_u[i] = day->eq->local_u[i];
  for (PetscInt p = 0; p < day->iface->num_points; p++) day->peak_answer[p] = day->eq->answer[p];
  PetscCall(ost_reaction_find(day->model, day->eq, day->support_force, day->support_moment));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Energy density of exercise k's swing from rest to the present phase. What the press-fit keeps
   strained day and night is no load cycle, and bone does not answer to it (theory.md, R1); of the
   phases of one cycle each cell answers to the one that strains it most (L6). */
static PetscErrorCode keep_stimulus(OstDay *day, PetscInt k, PetscInt phase)
{
  const OstMesh *mesh = day->model->mesh;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < 3 * mesh->num_nodes; i++)
    day->swing_u[i] = day->eq->local_u[i] - day->rest_u[i];
  PetscCall(ost_recover_cells(mesh, day->swing_u, day->elastic, day->peak_cell));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscReal *U = &day->U[day->num * c + k];
    *U           = PetscMax(phase ? *U : 0.0, day->peak_cell[c].energy_density);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void note_visit(OstDay *day, PetscInt visit)
{
  for (PetscInt p = 0; p < day->iface->num_points; p++)
    for (int i = 0; i < 3; i++)
      day->visited[3 * (MAX_VISITS * p + visit) + i] = day->eq->jump[3 * p + i];
}

/* Put the present displacement into *v, which is made when it is not there. */
static PetscErrorCode keep(const OstDay *day, Vec *v)
{
  PetscFunctionBeginUser;
  if (!*v) PetscCall(VecDuplicate(day->eq->u, v));
  PetscCall(VecCopy(day->eq->u, *v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* From the last phase of exercise k back to rest, by the way it went back the last time: from where
   the stem is now, for one that is loose rests wherever it is left. */
static PetscErrorCode go_back(OstDay *day, PetscInt k, PetscBool *reached)
{
  Vec loaded = NULL, guess = NULL;

  PetscFunctionBeginUser;
  PetscCall(keep(day, &loaded));
  if (day->back[k]) {
    PetscCall(keep(day, &guess));
    PetscCall(VecAXPY(guess, 1.0, day->back[k]));
  }
  PetscCall(ost_equilibrium_reach(day->eq, NULL, 1.0, NULL, guess, reached));
  if (*reached) {
    PetscCall(keep(day, &day->back[k]));
    PetscCall(VecAXPY(day->back[k], -1.0, loaded));
  }
  PetscCall(VecDestroy(&loaded));
  PetscCall(VecDestroy(&guess));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One cycle of activity k: from rest through its phases and back. Leaves behind what was visited on
   the way, from the first phase on: the way into the first load also slides into place for good,
   which is no micromotion. */
static PetscErrorCode run_cycle(OstDay *day, PetscInt k, Vec force, PetscBool *reached)
{
  const OstDayLoad *load = &day->load[k];
  OstEquilibrium   *eq   = day->eq;

  PetscFunctionBeginUser;
  PetscCall(PetscArraycpy(day->rest_u, eq->local_u, 3 * day->model->mesh->num_nodes));
  for (PetscInt i = 0; i < load->num_phases; i++) {
    day->running_phase = i;
    PetscCall(ost_model_load(day->model, &load->phase[i].load, force));
    PetscCall(ost_equilibrium_reach(eq, force, 1.0, NULL, day->peak[k][i], reached));
    if (!*reached) PetscFunctionReturn(PETSC_SUCCESS);
    PetscCall(keep(day, &day->peak[k][i]));
    note_visit(day, i);
    PetscCall(keep_stimulus(day, k, i));
    if (k == day->leading && i == day->leading_phase) PetscCall(keep_peak(day));
  }
  PetscCall(go_back(day, k, reached));
  note_visit(day, load->num_phases);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Micromotion of each point in the last cycle of `num` visits; the largest on all ranks. */
static PetscErrorCode measure_cycle(OstDay *day, PetscInt num, PetscReal *largest)
{
  PetscFunctionBeginUser;
  *largest = 0.0;
  for (PetscInt p = 0; p < day->iface->num_points; p++) {
    day->last[p] =
        ost_micromotion_span(num, &day->visited[3 * MAX_VISITS * p], &day->iface->normal[3 * p]);
    *largest = PetscMax(*largest, day->last[p].length);
  }
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, largest, 1, MPIU_REAL, MPIU_MAX, day->model->mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One activity: cycles until its micromotion settles; that of the last one into the day's. */
static PetscErrorCode run_activity(OstDay *day, PetscInt k, Vec force, PetscBool *reached)
{
  const OstDayOptions *options = &day->model->day;
  PetscBool            settled = PETSC_FALSE;
  PetscInt             cycle   = 0;

  PetscFunctionBeginUser;
  while (!settled && cycle < options->max_cycles) {
    PetscReal largest;
    PetscCall(run_cycle(day, k, force, reached));
    if (!*reached) PetscFunctionReturn(PETSC_SUCCESS);
    PetscCall(measure_cycle(day, day->load[k].num_phases + 1, &largest));
    /* the first cycle is compared with the same exercise on the day before */
    const PetscReal change = PetscAbsReal(largest - day->settled_at[k]);
    settled                = change <= options->settled * largest ? PETSC_TRUE : PETSC_FALSE;
    day->settled_at[k]     = largest;
    cycle++;
  }
  day->cycles_to_settle = PetscMax(day->cycles_to_settle, cycle);
  if (!settled) day->unsettled++;
  for (PetscInt p = 0; p < day->iface->num_points; p++) {
    const OstMicromotion *m    = &day->last[p];
    day->micromotion[p]        = PetscMax(day->micromotion[p], m->length);
    day->micromotion_normal[p] = PetscMax(day->micromotion_normal[p], m->normal);
    day->micromotion_shear[p]  = PetscMax(day->micromotion_shear[p], m->shear);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The exercises of the last day, by name; one without load or cycles is left out of a day. */
static PetscBool are_the_same(const OstDay *day, PetscInt num, const OstDayLoad load[])
{
  PetscBool same = num == day->num ? PETSC_TRUE : PETSC_FALSE;

  for (PetscInt k = 0; same && k < num; k++)
    if (load[k].name != day->load[k].name || load[k].num_phases != day->load[k].num_phases)
      same = PETSC_FALSE;
  return same;
}

PetscErrorCode ost_day_run(OstDay *day, OstState *state, PetscReal t_day, PetscBool before,
                           PetscBool *reached)
{
  const OstModel *model = day->model;
  const OstMesh  *mesh  = model->mesh;
  OstEquilibrium *eq    = day->eq;
  OstDayLoad      load[OST_STAGE_EXERCISES];
  PetscInt        stage, num;
  Vec             force;

  PetscFunctionBeginUser;
  ost_schedule_stage(&model->schedule, &state->clock, t_day, before, &stage);
  num = ost_schedule_at(&model->schedule, &state->clock, t_day, before, load);
  if (stage != day->stage || !are_the_same(day, num, load)) { /* exercise k is another one now */
    PetscCall(forget_visits(day));
    for (int k = 0; k < OST_STAGE_EXERCISES; k++) day->settled_at[k] = 0.0;
  }
  day->stage  = stage;
  day->lived  = t_day;
  day->before = before;
  day->clock  = state->clock;
  day->num    = num;
  PetscCall(PetscArraycpy(day->load, load, num));
  day->leading = ost_schedule_leading(num, load, model->zones.tip, &day->leading_phase);
  PetscCall(ost_day_enter(day, state, PETSC_TRUE));
  eq->fit               = 1.0;
  day->cycles_to_settle = day->unsettled = 0;
  PetscCall(PetscArrayzero(day->micromotion, day->iface->num_points));
  PetscCall(PetscArrayzero(day->micromotion_normal, day->iface->num_points));
  PetscCall(PetscArrayzero(day->micromotion_shear, day->iface->num_points));

  /* at rest first: stiffness and bond have changed since */
  day->running      = -1;
  day->running_name = "rest";
  PetscCall(ost_equilibrium_reach(eq, NULL, 1.0, NULL, NULL, reached));
  PetscCall(ost_linear_create_vec(day->lin, &force));
  for (PetscInt k = 0; k < day->num && *reached; k++) {
    day->running = k;
    PetscCall(run_activity(day, k, force, reached));
  }
  PetscCall(VecDestroy(&force));
  if (!*reached) PetscFunctionReturn(PETSC_SUCCESS);

  PetscCall(look_at_rest(day, state));
  if (day->num == 0) PetscCall(keep_peak(day));
  PetscCall(ost_recover_cells(mesh, day->peak_u, day->elastic, day->peak_cell));
  PetscCall(leave(day, state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

/* A displacement that may not be there yet. */
static PetscErrorCode archive_visit(OstDay *day, const char *what, PetscInt k, PetscInt i, Vec *v,
                                    OstArchive *archive)
{
  PetscBool there = *v ? PETSC_TRUE : PETSC_FALSE;
  char      name[64], part[80];

  PetscFunctionBeginUser;
  (void)snprintf(name, sizeof name, "%s/%d-%d", what, (int)k, (int)i);
  (void)snprintf(part, sizeof part, "%s/known", name);
  PetscCall(ost_archive_bool(archive, part, &there));
  if (!there) PetscFunctionReturn(PETSC_SUCCESS);
  if (!*v) PetscCall(VecDuplicate(day->eq->u, v));
  (void)snprintf(part, sizeof part, "%s/displacement", name);
  PetscCall(ost_archive_vec(archive, part, *v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_day_archive(OstDay *day, OstArchive *archive)
{
  PetscFunctionBeginUser;
  PetscCall(ost_equilibrium_archive(day->eq, archive));
  PetscCall(ost_archive_int(archive, "lived/stage", &day->stage));
  PetscCall(ost_archive_real(archive, "lived/day", &day->lived));
  PetscCall(ost_archive_bool(archive, "lived/before", &day->before));
  PetscCall(ost_clock_archive(&day->clock, "lived/clock", archive));
  PetscCall(archive->numbers(archive, "lived/settled_at", OST_STAGE_EXERCISES, day->settled_at));
  if (archive->loading)
    day->num =
        ost_schedule_at(&day->model->schedule, &day->clock, day->lived, day->before, day->load);
  for (PetscInt k = 0; k < day->num; k++) {
    for (PetscInt i = 0; i < day->load[k].num_phases; i++)
      PetscCall(archive_visit(day, "visit", k, i, &day->peak[k][i], archive));
    PetscCall(archive_visit(day, "back", k, 0, &day->back[k], archive));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
