#include "analysis/transitions.h"

#include "base/gather.h"

const char *const ost_state_names[OST_NUM_STATES] = {
    [OST_OPEN] = "open",     [OST_STICK] = "stick",       [OST_SLIP] = "slip",
    [OST_BONDED] = "bonded", [OST_DEBONDED] = "debonded", [OST_FIBROUS] = "fibrous"};

const char *const ost_cause_names[OST_NUM_CAUSES] = {[OST_PRESSED]        = "pressed",
                                                     [OST_LIFTED]         = "lifted",
                                                     [OST_SLID]           = "slid",
                                                     [OST_HELD]           = "held",
                                                     [OST_GREW]           = "grew",
                                                     [OST_BROKE_TENSION]  = "broke_tension",
                                                     [OST_BROKE_SHEAR]    = "broke_shear",
                                                     [OST_RESORBED]       = "resorbed",
                                                     [OST_HEALED]         = "healed",
                                                     [OST_FIBROUS_MOTION] = "fibrous_motion",
                                                     [OST_FIBROUS_GAP]    = "fibrous_gap",
                                                     [OST_MATURED]        = "matured",
                                                     [OST_UNEXPLAINED]    = "unexplained"};

/* --- one point -------------------------------------------------------------------------------- */

OstIfaceState ost_point_state(const OstIfaceAnswer *peak, const OstMaturity *maturity)
{
  return ost_mature_is_fibrous(maturity) ? OST_FIBROUS : peak->state;
}

static PetscBool carries(OstIfaceState state)
{
  return state == OST_BONDED || state == OST_DEBONDED ? PETSC_TRUE : PETSC_FALSE;
}

/* Fibrous tissue comes by micromotion alone (B7), that of either end of the step; bone comes back
   where it is small. */
static OstCause fibrous_cause(const OstMature *law, const OstPointDay *before,
                              const OstPointDay *after)
{
  const PetscReal most  = PetscMax(before->micromotion, after->micromotion);
  const PetscReal least = PetscMin(before->micromotion, after->micromotion);
  const PetscReal gap   = PetscMax(before->gap, after->gap);

  if (after->state != OST_FIBROUS)
    return ost_mature_micromotion_gate(law, least) > 0.0 ? OST_MATURED : OST_UNEXPLAINED;
  if (ost_mature_fibrous_gate(law, most) <= 0.0) return OST_UNEXPLAINED;
  return ost_mature_gap_gate(law, gap) < 1.0 ? OST_FIBROUS_GAP : OST_FIBROUS_MOTION;
}

/* Whether the change of damage, not that of bond, has made the state: the one that would have done
   it alone, or the one that has moved more of the area in question. */
static PetscBool damage_decided(const OstPointDay *a, const OstPointDay *b)
{
  const OstIfaceState wanted    = carries(b->state) ? b->state : OST_OPEN;
  const PetscBool     by_bond   = ost_iface_state(b->bond, a->damage, OST_OPEN) == wanted;
  const PetscBool     by_damage = ost_iface_state(a->bond, b->damage, OST_OPEN) == wanted;
  const PetscBool     broken    = a->state == OST_DEBONDED || b->state == OST_DEBONDED;
  const PetscReal     bond = 0.5 * (a->bond + b->bond), damage = 0.5 * (a->damage + b->damage);
  const PetscReal     of_bond   = (b->bond - a->bond) * (broken ? damage : 1.0 - damage);
  const PetscReal     of_damage = bond * (b->damage - a->damage);

  if (carries(a->state) && carries(b->state)) return PETSC_TRUE;
  if (by_bond != by_damage) return by_damage;
  return PetscAbsReal(of_damage) > PetscAbsReal(of_bond) ? PETSC_TRUE : PETSC_FALSE;
}

static OstCause bond_cause(const OstPointDay *before, const OstPointDay *after)
{
  if (damage_decided(before, after)) {
    if (after->damage < before->damage) return OST_HEALED;
    if (after->damage == before->damage) return OST_UNEXPLAINED;
    return after->tension > 0.5 ? OST_BROKE_TENSION : OST_BROKE_SHEAR;
  }
  if (after->bond == before->bond) return OST_UNEXPLAINED;
  return after->bond > before->bond ? OST_GREW : OST_RESORBED;
}

OstCause ost_transition_cause(const OstMature *law, const OstPointDay *before,
                              const OstPointDay *after)
{
  if (before->state == OST_FIBROUS || after->state == OST_FIBROUS)
    return fibrous_cause(law, before, after);
  if (carries(before->state) || carries(after->state)) return bond_cause(before, after);
  if (before->state == OST_OPEN) return OST_PRESSED;
  if (after->state == OST_OPEN) return OST_LIFTED;
  return after->state == OST_SLIP ? OST_SLID : OST_HELD;
}

void ost_transition_pack(const OstTransition *change, PetscReal v[OST_TRANSITION_REALS])
{
  v[0] = change->day;
  v[1] = (PetscReal)change->note;
  v[2] = (PetscReal)change->face;
  v[3] = (PetscReal)change->point;
  v[4] = (PetscReal)change->from;
  v[5] = (PetscReal)change->to;
  v[6] = (PetscReal)change->cause;
}

OstTransition ost_transition_unpack(const PetscReal v[OST_TRANSITION_REALS])
{
  return (OstTransition){.day   = v[0],
                         .note  = (PetscInt)v[1],
                         .face  = (PetscInt)v[2],
                         .point = (char)v[3],
                         .from  = (char)v[4],
                         .to    = (char)v[5],
                         .cause = (char)v[6]};
}

/* --- the log ---------------------------------------------------------------------------------- */

struct OstTransitions {
  PetscInt       num_points, notes;
  OstPointDay   *last; /* [num_points] at the last note */
  PetscInt       num, capacity;
  OstTransition *change; /* [capacity] */
};

PetscErrorCode ost_transitions_create(PetscInt num_points, OstTransitions **log)
{
  PetscFunctionBeginUser;
  PetscCall(PetscNew(log));
  (*log)->num_points = num_points;
  PetscCall(PetscCalloc1(num_points, &(*log)->last));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_transitions_destroy(OstTransitions **log)
{
  PetscFunctionBeginUser;
  if (!*log) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree((*log)->last));
  PetscCall(PetscFree((*log)->change));
  PetscCall(PetscFree(*log));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode add(OstTransitions *log, const OstTransition *change)
{
  PetscFunctionBeginUser;
  if (log->num == log->capacity) {
    log->capacity = PetscMax(256, 2 * log->capacity);
    PetscCall(PetscRealloc(sizeof *log->change * (size_t)log->capacity, &log->change));
  }
  log->change[log->num++] = *change;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_transitions_note(OstTransitions *log, const OstDay *day, const OstState *state)
{
  const OstIface *iface = day->iface;
  const OstMesh  *mesh  = iface->mesh;
  PetscReal      *jump;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * log->num_points, &jump));
  ost_iface_jumps(iface, day->peak_u, jump);
  for (PetscInt p = 0; p < log->num_points; p++) {
    const OstIfaceAnswer *peak   = &day->peak_answer[p];
    const PetscInt        face   = p / OST_FACE_POINTS;
    const OstPointDay     before = log->last[p];
    log->last[p] =
        (OstPointDay){.state   = ost_point_state(peak, &state->maturity[p]),
                      .bond    = peak->next.bond,
                      .damage  = peak->next.damage,
                      .tension = ost_bond_tension(&iface->law[iface->face_law[face]], &peak->next,
                                                  &iface->normal[3 * p], &jump[3 * p]),
                      .micromotion = day->micromotion[p],
                      .gap         = day->rest_gap[p]};
    if (!log->notes || before.state == log->last[p].state) continue;
    const OstTransition change = {
        .day   = state->day,
        .note  = log->notes,
        .face  = mesh->face_file[face],
        .point = (char)(p % OST_FACE_POINTS),
        .from  = (char)before.state,
        .to    = (char)log->last[p].state,
        .cause = (char)ost_transition_cause(&day->model->mature, &before, &log->last[p])};
    PetscCall(add(log, &change));
  }
  log->notes++;
  PetscCall(PetscFree(jump));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_transitions_get(const OstTransitions *log, PetscInt *num, const OstTransition **changes)
{
  *num     = log->num;
  *changes = log->change;
}

void ost_transitions_clear(OstTransitions *log)
{
  log->num = 0;
}

/* --- checkpoints ------------------------------------------------------------------------------ */

enum { DAY_REALS = 6 };

static void pack_day(const OstPointDay *d, PetscReal v[DAY_REALS])
{
  v[0] = (PetscReal)d->state;
  v[1] = d->bond;
  v[2] = d->damage;
  v[3] = d->tension;
  v[4] = d->micromotion;
  v[5] = d->gap;
}

static OstPointDay unpack_day(const PetscReal v[DAY_REALS])
{
  return (OstPointDay){(OstIfaceState)v[0], v[1], v[2], v[3], v[4], v[5]};
}

/* The changes that were not told yet: those of all ranks come back on the first, which tells them
   as well as any. */
static PetscErrorCode archive_changes(OstTransitions *log, MPI_Comm comm, OstArchive *archive)
{
  PetscReal *mine, *all = NULL;
  PetscInt   num = 0;

  PetscFunctionBeginUser;
  if (!archive->loading) {
    PetscCall(PetscMalloc1(OST_TRANSITION_REALS * log->num, &mine));
    for (PetscInt i = 0; i < log->num; i++)
      ost_transition_pack(&log->change[i], &mine[OST_TRANSITION_REALS * i]);
    PetscCall(ost_gather_rows(comm, OST_TRANSITION_REALS, log->num, mine, &num, &all));
    PetscCall(PetscFree(mine));
  }
  PetscCall(archive->table(archive, "transitions/untold", OST_TRANSITION_REALS, &num, &all));
  if (archive->loading) {
    log->num = 0;
    for (PetscInt i = 0; all && i < num; i++) {
      const OstTransition change = ost_transition_unpack(&all[OST_TRANSITION_REALS * i]);
      PetscCall(add(log, &change));
    }
  }
  PetscCall(PetscFree(all));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_transitions_archive(OstTransitions *log, const OstMesh *mesh,
                                       OstArchive *archive)
{
  PetscReal *last;

  PetscFunctionBeginUser;
  PetscCall(ost_archive_int(archive, "transitions/notes", &log->notes));
  PetscCall(PetscMalloc1(DAY_REALS * log->num_points, &last));
  for (PetscInt p = 0; p < log->num_points; p++) pack_day(&log->last[p], &last[DAY_REALS * p]);
  PetscCall(archive->field(archive, "transitions/last", OST_ON_INTERFACE_POINT, DAY_REALS, last));
  for (PetscInt p = 0; p < log->num_points; p++) log->last[p] = unpack_day(&last[DAY_REALS * p]);
  PetscCall(PetscFree(last));
  PetscCall(archive_changes(log, mesh->comm, archive));
  PetscFunctionReturn(PETSC_SUCCESS);
}
