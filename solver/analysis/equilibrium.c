#include "analysis/equilibrium.h"

#include "analysis/balance.h"
#include "analysis/newton.h"
#include "base/log.h"
#include "base/tensor.h"

/* An increment of at most this share that still fails is taken for a sudden move: bond that breaks
   and lets the stem go to its next hold. [-] */
#define SUDDEN 0.125
/* The drag it starts with, of the contact stiffness; what it fades and grows by; how many steps the
   move may take; and the motion, of the root of the interface's area, after which nothing is
   expected to hold the stem any more. [-] */
#define DRAG_START 0.1
#define DRAG_FADE  0.25
#define DRAG_GROW  4.0
#define DRAG_STEPS 40
#define LOOSE      0.02
/* Further than this it has left its seat, whatever the residual says. [-] */
#define FLIGHT 0.2

OstNewtonOptions ost_newton_options_default(void)
{
  return (OstNewtonOptions){.tolerance    = 1e-8,
                            .krylov       = 1e-6,
                            .krylov_loose = 1e-2,
                            .max_newton   = 25,
                            .max_cutbacks = 12};
}

PetscErrorCode ost_equilibrium_create(const OstMesh *mesh, OstLinear *lin, OstIface *iface,
                                      const OstNewtonOptions *options, OstEquilibrium **out)
{
  OstEquilibrium *eq;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&eq));
  eq->mesh    = mesh;
  eq->lin     = lin;
  eq->iface   = iface;
  eq->options = *options;
  eq->stride  = 1.0;
  Vec *vecs[] = {&eq->u,     &eq->load,  &eq->reaction, &eq->r,       &eq->du,
                 &eq->trial, &eq->force, &eq->spare,    &eq->external};
  for (size_t i = 0; i < sizeof vecs / sizeof *vecs; i++)
    PetscCall(ost_linear_create_vec(lin, vecs[i]));
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &eq->local_u));
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &eq->local_f));
  PetscCall(PetscCalloc1(3 * iface->num_points, &eq->jump));
  PetscCall(PetscCalloc1(iface->num_points, &eq->answer));
  PetscCall(PetscCalloc1(iface->num_points, &eq->failure.turns));
  PetscCall(PetscCalloc1(iface->num_points, &eq->failure.answer));
  PetscCall(PetscCalloc1(3 * iface->num_points, &eq->failure.jump));
  PetscCall(PetscCalloc1(3 * iface->num_points, &eq->failure.last_jump));
  PetscCall(ost_watch_create(iface, &eq->watch));
  *out = eq;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_equilibrium_destroy(OstEquilibrium **address)
{
  OstEquilibrium *eq = *address;

  PetscFunctionBeginUser;
  if (!eq) PetscFunctionReturn(PETSC_SUCCESS);
  Vec *vecs[] = {&eq->u,     &eq->load,  &eq->reaction, &eq->r,       &eq->du,
                 &eq->trial, &eq->force, &eq->spare,    &eq->external};
  for (size_t i = 0; i < sizeof vecs / sizeof *vecs; i++) PetscCall(VecDestroy(vecs[i]));
  PetscCall(ost_watch_destroy(&eq->watch));
  PetscCall(PetscFree(eq->local_u));
  PetscCall(PetscFree(eq->local_f));
  PetscCall(PetscFree(eq->jump));
  PetscCall(PetscFree(eq->answer));
  PetscCall(PetscFree(eq->failure.turns));
  PetscCall(PetscFree(eq->failure.answer));
  PetscCall(PetscFree(eq->failure.jump));
  PetscCall(PetscFree(eq->failure.last_jump));
  PetscCall(PetscFree(*address));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_equilibrium_refresh(OstEquilibrium *eq)
{
  OstResidual size;

  PetscFunctionBeginUser;
  PetscCall(ost_newton_residual(eq, eq->u, eq->load, eq->r, &size));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- increments ------------------------------------------------------------------------------- */

/* What a call goes from, and back to if it fails. */
typedef struct {
  Vec            u, load;
  OstIfacePoint *point;
  PetscReal      fit;
  OstHeld        held; /* of the last accepted increment */
} Start;

static PetscErrorCode start_create(OstEquilibrium *eq, Start *start)
{
  const PetscInt num_points = eq->iface->num_points;

  PetscFunctionBeginUser;
  PetscCall(VecDuplicate(eq->u, &start->u));
  PetscCall(VecCopy(eq->u, start->u));
  PetscCall(VecDuplicate(eq->u, &start->load));
  PetscCall(VecCopy(eq->load, start->load));
  PetscCall(PetscMalloc1(num_points, &start->point));
  start->fit = eq->fit;
  PetscCall(ost_held_create(eq, &start->held));
  eq->energy = (OstEnergy){0};
  PetscCall(ost_equilibrium_refresh(eq));
  ost_iface_rebase(eq->iface, eq->answer);
  PetscCall(ost_held_take(eq, eq->u, eq->load, &start->held));
  PetscCall(PetscArraycpy(start->point, eq->iface->point, num_points));
  PetscCall(PetscArraycpy(eq->failure.last_jump, eq->jump, 3 * num_points));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode start_restore(const Start *start, OstEquilibrium *eq)
{
  PetscFunctionBeginUser;
  PetscCall(VecCopy(start->u, eq->u));
  PetscCall(VecCopy(start->load, eq->load));
  PetscCall(PetscArraycpy(eq->iface->point, start->point, eq->iface->num_points));
  eq->fit = start->fit;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode start_destroy(Start *start)
{
  PetscFunctionBeginUser;
  PetscCall(VecDestroy(&start->u));
  PetscCall(VecDestroy(&start->load));
  PetscCall(PetscFree(start->point));
  PetscCall(ost_held_destroy(&start->held));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Where a call goes, and how far of the way it is now. */
typedef struct {
  Vec       load, prescribed; /* may be NULL */
  PetscReal fit, share;
} Target;

/* Put the target's share of the prescribed displacements into trial. */
static PetscErrorCode impose(OstEquilibrium *eq, const Start *start, const Target *target)
{
  Vec kept, wanted;

  PetscFunctionBeginUser;
  if (!target->prescribed) PetscFunctionReturn(PETSC_SUCCESS);
  /* trial <- free part of trial + fixed part of (1 - share) start + share prescribed */
  PetscCall(VecDuplicate(eq->trial, &kept));
  PetscCall(VecCopy(eq->trial, kept));
  PetscCall(ost_linear_mask(eq->lin, kept));
  PetscCall(VecDuplicate(eq->trial, &wanted));
  PetscCall(VecCopy(start->u, wanted));
  PetscCall(VecAXPBY(wanted, target->share, 1.0 - target->share, target->prescribed));
  PetscCall(VecCopy(wanted, eq->trial));
  PetscCall(ost_linear_mask(eq->lin, wanted));
  PetscCall(VecAXPY(eq->trial, -1.0, wanted));
  PetscCall(VecAXPY(eq->trial, 1.0, kept));
  PetscCall(VecDestroy(&kept));
  PetscCall(VecDestroy(&wanted));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Loads, interference and trial at the target's share, the iteration to begin at `guess`. */
static PetscErrorCode aim(OstEquilibrium *eq, const Start *start, const Target *target, Vec guess)
{
  OstIface *iface = eq->iface;

  PetscFunctionBeginUser;
  PetscCall(VecCopy(start->load, eq->external));
  PetscCall(VecScale(eq->external, 1.0 - target->share));
  if (target->load) PetscCall(VecAXPY(eq->external, target->share, target->load));
  eq->fit = start->fit + target->share * (target->fit - start->fit);
  for (PetscInt p = 0; p < iface->num_points; p++) iface->point[p].gap0 = eq->fit * iface->fit[p];
  PetscCall(VecCopy(guess, eq->trial));
  PetscCall(impose(eq, start, target));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* trial, whose answers are at hand, becomes the accepted state. */
static PetscErrorCode accept(OstEquilibrium *eq, Start *start, PetscBool sudden)
{
  OstHeld before = start->held, after;

  PetscFunctionBeginUser;
  PetscCall(ost_held_create(eq, &after));
  PetscCall(ost_held_take(eq, eq->trial, eq->external, &after));
  PetscCall(ost_balance_add(eq, &before, &after, sudden));
  PetscCall(ost_held_destroy(&before));
  start->held = after;
  PetscCall(VecCopy(eq->trial, eq->u));
  PetscCall(VecCopy(eq->external, eq->load));
  ost_iface_accept(eq->iface, eq->answer);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode record_failure(OstEquilibrium *eq, const Target *target)
{
  OstFailure    *failure    = &eq->failure;
  const PetscInt num_points = eq->iface->num_points;

  PetscFunctionBeginUser;
  failure->why   = eq->stop;
  failure->share = target->share;
  failure->num   = eq->watch->num;
  PetscCall(PetscArraycpy(failure->iterate, eq->watch->iterate, OST_WATCH_LENGTH));
  PetscCall(PetscArraycpy(failure->turns, eq->watch->turns, num_points));
  PetscCall(PetscArraycpy(failure->answer, eq->answer, num_points));
  PetscCall(PetscArraycpy(failure->jump, eq->jump, 3 * num_points));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Largest distance of the present jumps from others, over all ranks. */
static PetscErrorCode largest_move(const OstEquilibrium *eq, const PetscReal from[],
                                   PetscReal *largest)
{
  PetscFunctionBeginUser;
  *largest = 0.0;
  for (PetscInt p = 0; p < eq->iface->num_points; p++) {
    PetscReal way[3];
    for (int i = 0; i < 3; i++) way[i] = eq->jump[3 * p + i] - from[3 * p + i];
    *largest = PetscMax(*largest, ost_norm3(way));
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, largest, 1, MPIU_REAL, MPIU_MAX, eq->mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One step of a sudden move, under a drag from where the last one ended. *rest: the equilibrium
   holds without it. */
static PetscErrorCode drag_step(OstEquilibrium *eq, Start *start, const Target *target,
                                PetscReal drag, PetscBool *solved, PetscBool *rest)
{
  OstIface   *iface = eq->iface;
  OstResidual size;

  PetscFunctionBeginUser;
  *rest = PETSC_FALSE;
  PetscCall(ost_equilibrium_refresh(eq));
  PetscCall(PetscArraycpy(iface->anchor, eq->jump, 3 * iface->num_points));
  iface->drag = drag;
  PetscCall(aim(eq, start, target, eq->u));
  PetscCall(ost_newton_iterate(eq, solved));
  iface->drag = 0.0;
  if (!*solved) PetscFunctionReturn(record_failure(eq, target));
  PetscCall(accept(eq, start, PETSC_TRUE));
  PetscCall(ost_newton_residual(eq, eq->u, eq->load, eq->r, &size));
  if (size.norm <= PetscMax(eq->options.tolerance * size.reference, size.rounding))
    *rest = PETSC_TRUE;
  PetscCall(ost_log(OST_LOG_DEBUG, "    drag = %g N/mm3  residual = %.3e", (double)drag,
                    (double)(size.norm / size.reference)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Find the equilibrium at the target that the interface moves to when it is let go: each step is
   held back by a drag, and the drag fades as the steps come to rest. On FALSE some steps may have
   been accepted. (S6) */
static PetscErrorCode let_go(OstEquilibrium *eq, Start *start, const Target *target,
                             PetscBool *converged)
{
  const OstIface *iface = eq->iface;
  const PetscReal far   = LOOSE * PetscSqrtReal(iface->total_area);
  PetscReal       stiff = 0.0, moved;
  PetscBool       solved;

  PetscFunctionBeginUser;
  *converged = PETSC_FALSE;
  for (PetscInt f = 0; f < iface->mesh->num_faces; f++)
    stiff = PetscMax(stiff, iface->law[iface->face_law[f]].normal_stiffness);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &stiff, 1, MPIU_REAL, MPIU_MAX, iface->mesh->comm));
  PetscReal drag = DRAG_START * stiff;
  for (PetscInt k = 0; k < DRAG_STEPS && !*converged && drag <= stiff; k++) {
    PetscCall(drag_step(eq, start, target, drag, &solved, converged));
    drag *= solved ? DRAG_FADE : DRAG_GROW;
    if (!solved) continue;
    PetscCall(largest_move(eq, eq->failure.last_jump, &moved));
    if (moved <= far) continue;
    eq->stop = OST_STOP_LOOSE;
    PetscCall(record_failure(eq, target));
    break;
  }
  if (*converged) eq->count.sudden++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The same, but for a move that fails everything is as before it. */
static PetscErrorCode move_suddenly(OstEquilibrium *eq, Start *start, const Target *target,
                                    PetscBool *converged)
{
  const PetscInt  num_points = eq->iface->num_points;
  const OstEnergy energy     = eq->energy;
  OstIfacePoint  *point;
  OstHeld         held;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num_points, &point));
  PetscCall(PetscArraycpy(point, eq->iface->point, num_points));
  PetscCall(ost_held_copy(eq, &start->held, &held));
  PetscCall(let_go(eq, start, target, converged));
  if (!*converged) {
    const OstHeld spoilt = start->held;
    start->held          = held;
    held                 = spoilt;
    PetscCall(VecCopy(start->held.u, eq->u));
    PetscCall(VecCopy(start->held.load, eq->load));
    PetscCall(PetscArraycpy(eq->iface->point, point, num_points));
    eq->energy = energy;
  }
  PetscCall(ost_held_destroy(&held));
  PetscCall(PetscFree(point));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A stem that nothing holds flies off in one Newton step, so far that rounding hides what is left
   of the residual: no equilibrium. */
static PetscErrorCode refuse_flight(OstEquilibrium *eq, PetscBool *converged)
{
  PetscReal moved;

  PetscFunctionBeginUser;
  PetscCall(largest_move(eq, eq->failure.last_jump, &moved));
  if (moved > FLIGHT * PetscSqrtReal(eq->iface->total_area)) {
    *converged = PETSC_FALSE;
    eq->stop   = OST_STOP_SLOW;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Go on to the target; a short increment that fails is tried as a sudden move. */
static PetscErrorCode try_increment(OstEquilibrium *eq, Start *start, const Target *target,
                                    PetscReal step, Vec guess, PetscBool *converged)
{
  PetscFunctionBeginUser;
  PetscCall(aim(eq, start, target, guess ? guess : eq->u));
  PetscCall(ost_newton_iterate(eq, converged));
  if (*converged) PetscCall(refuse_flight(eq, converged));
  if (*converged)
    PetscCall(accept(eq, start, PETSC_FALSE));
  else {
    PetscCall(record_failure(eq, target));
    if (step <= SUDDEN) PetscCall(move_suddenly(eq, start, target, converged));
  }
  if (*converged) eq->count.increments++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_equilibrium_reach(OstEquilibrium *eq, Vec load, PetscReal fit, Vec prescribed,
                                     Vec guess, PetscBool *reached)
{
  PetscReal done = 0.0, step = guess ? 1.0 : eq->stride, longest = 0.0;
  PetscInt  cutbacks = 0;
  Start     start;

  PetscFunctionBeginUser;
  PetscCall(start_create(eq, &start));
  while (done < 1.0 && cutbacks <= eq->options.max_cutbacks) {
    const Target target = {load, prescribed, fit, PetscMin(1.0, done + step)};
    PetscBool    converged;
    PetscCall(try_increment(eq, &start, &target, step, guess, &converged));
    if (converged) {
      longest = PetscMax(longest, step);
      done    = target.share;
      step    = PetscMin(1.0 - done, 2.0 * step);
    } else {
      if (eq->stop == OST_STOP_LOOSE) break;
      step *= guess ? 1.0 : 0.5; /* a bad guess costs no load step */
      cutbacks++;
      eq->count.cutbacks++;
    }
    guess = NULL;
  }
  eq->failure.carried = done;
  *reached            = done >= 1.0 ? PETSC_TRUE : PETSC_FALSE;
  if (*reached) {
    eq->stride = PetscMin(1.0, 2.0 * longest);
    eq->work += eq->energy.gross;
    eq->unaccounted += eq->energy.gross * ost_energy_imbalance(&eq->energy);
    PetscCall(VecCopy(start.held.reaction, eq->reaction));
  } else
    PetscCall(start_restore(&start, eq));
  PetscCall(ost_equilibrium_refresh(eq));
  PetscCall(start_destroy(&start));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

PetscErrorCode ost_newton_count_archive(OstNewtonCount *count, const char *prefix,
                                        OstArchive *archive)
{
  PetscInt *const ints[] = {&count->increments, &count->newton,     &count->newton_max,
                            &count->krylov,     &count->krylov_max, &count->solves,
                            &count->cutbacks,   &count->sudden,     &count->calmed};
  enum { NUM_INTS = sizeof ints / sizeof *ints };
  PetscReal values[NUM_INTS + 1];
  char      name[64];

  PetscFunctionBeginUser;
  for (int i = 0; i < NUM_INTS; i++) values[i] = (PetscReal)*ints[i];
  values[NUM_INTS] = count->residual;
  (void)snprintf(name, sizeof name, "%s/count", prefix);
  PetscCall(archive->numbers(archive, name, NUM_INTS + 1, values));
  for (int i = 0; i < NUM_INTS; i++) *ints[i] = (PetscInt)values[i];
  count->residual = values[NUM_INTS];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_equilibrium_archive(OstEquilibrium *eq, OstArchive *archive)
{
  PetscFunctionBeginUser;
  PetscCall(ost_newton_count_archive(&eq->count, "equilibrium", archive));
  PetscCall(ost_archive_real(archive, "equilibrium/work", &eq->work));
  PetscCall(ost_archive_real(archive, "equilibrium/unaccounted", &eq->unaccounted));
  PetscCall(ost_archive_real(archive, "equilibrium/stride", &eq->stride));
  PetscFunctionReturn(PETSC_SUCCESS);
}
