#include "analysis/newton.h"

#include "base/log.h"

/* Halvings of a step that is not accepted; after them the shortest is taken: better than standing
   still. */
#define MAX_HALVINGS 6
/* A step is also accepted that brings the residual along it down to this share, while the norm
   stays below so many times what it was; only in the first iterations, lest it goes round. [-] */
#define ALONG     0.5
#define OVERSHOOT 1e3
#define GENEROUS  15

PetscErrorCode ost_newton_residual(OstEquilibrium *eq, Vec u, Vec load, Vec r, OstResidual *size)
{
  PetscReal of_load, of_interface, of_u;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_INTERFACE));
  PetscCall(ost_mesh_global_to_local(eq->mesh, u, eq->local_u));
  ost_iface_jumps(eq->iface, eq->local_u, eq->jump);
  ost_iface_answers(eq->iface, eq->jump, eq->answer);
  PetscCall(PetscArrayzero(eq->local_f, 3 * eq->mesh->num_nodes));
  ost_iface_add_forces(eq->iface, eq->answer, eq->local_f);
  PetscCall(ost_mesh_local_to_global(eq->mesh, eq->local_f, eq->force));
  PetscCall(ost_linear_apply_bulk(eq->lin, u, r));
  PetscCall(VecAXPY(r, 1.0, eq->force));
  PetscCall(VecAXPY(r, -1.0, load));
  PetscCall(ost_linear_mask(eq->lin, r));
  PetscCall(VecNorm(r, NORM_2, &size->norm));
  PetscCall(VecNorm(load, NORM_2, &of_load));
  PetscCall(VecNorm(eq->force, NORM_2, &of_interface));
  PetscCall(VecNorm(u, NORM_2, &of_u));
  size->reference = PetscMax(of_load, of_interface);
  size->rounding  = ost_linear_rounding(eq->lin, of_u);
  PetscCall(ost_log_end(OST_EVENT_INTERFACE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* An iteration on its way. */
typedef struct {
  OstResidual now;     /* at trial */
  PetscReal   start;   /* reference at the start: counts to the end [N] */
  PetscReal   forcing; /* wanted of the next linear solve [-] */
  Vec         candidate;
} Way;

static PetscReal reference_of(const Way *way)
{
  /* not the largest on the way: that may be an overshoot */
  return PetscMax(way->start, way->now.reference);
}

static PetscBool is_small(const OstEquilibrium *eq, const Way *way, const OstResidual *r)
{
  const PetscReal reference = PetscMax(way->start, r->reference);
  return r->norm <= PetscMax(eq->options.tolerance * reference, r->rounding) ? PETSC_TRUE
                                                                             : PETSC_FALSE;
}

static PetscErrorCode begin(OstEquilibrium *eq, Way *way)
{
  PetscFunctionBeginUser;
  way->forcing = PETSC_MAX_REAL;
  PetscCall(VecDuplicate(eq->trial, &way->candidate));
  PetscCall(PetscArrayzero(eq->iface->calm, eq->iface->num_points));
  PetscCall(ost_newton_residual(eq, eq->trial, eq->external, eq->r, &way->now));
  /* with neither load nor interface forces, prescribed displacements set the scale; those at the
     start count to the end, since an unloading ends without either */
  way->start = way->now.reference > 0.0 ? way->now.reference : way->now.norm;
  ost_watch_begin(eq->watch, eq->answer);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The Newton step of the present tangent, no more accurate than the residual has to become. */
static PetscErrorCode find_step(OstEquilibrium *eq, const Way *way, OstIterate *iterate,
                                PetscBool *solved)
{
  const OstNewtonOptions *o      = &eq->options;
  OstNewtonCount         *count  = &eq->count;
  const PetscReal         enough = 0.1 * o->tolerance * reference_of(way) / way->now.norm;
  const PetscReal         wanted = PetscMin(PetscMax(enough, way->forcing), o->krylov_loose);

  PetscFunctionBeginUser;
  PetscCall(ost_iface_set_tangent(eq->iface, eq->answer, eq->lin, &iterate->symmetric));
  PetscCall(ost_linear_solve(eq->lin, eq->r, eq->du, PetscMax(o->krylov, wanted), &iterate->krylov,
                             solved));
  count->krylov += iterate->krylov;
  count->krylov_max = PetscMax(count->krylov_max, iterate->krylov);
  count->solves++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Whether a step may be taken that leads to `next`, with the residuals eq->r before and eq->spare
   after it. A few points that open or close far from their force raise the norm of a good step; its
   work tells. (S4) */
static PetscErrorCode is_acceptable(const OstEquilibrium *eq, const Way *way,
                                    const OstResidual *next, PetscReal step, PetscBool *yes)
{
  PetscReal before, after;

  PetscFunctionBeginUser;
  *yes = next->norm <= (1.0 - 1e-4 * step) * way->now.norm || is_small(eq, way, next) ? PETSC_TRUE
                                                                                      : PETSC_FALSE;
  if (*yes || eq->watch->num >= GENEROUS || !(next->norm < OVERSHOOT * way->now.norm))
    PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(VecDot(eq->du, eq->r, &before));
  PetscCall(VecDot(eq->du, eq->spare, &after));
  if (PetscAbsReal(after) <= ALONG * PetscAbsReal(before)) *yes = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode take_step(OstEquilibrium *eq, Way *way, OstIterate *iterate)
{
  OstResidual next;
  PetscBool   good = PETSC_FALSE;

  PetscFunctionBeginUser;
  iterate->step = 2.0;
  for (int halvings = 0; halvings <= MAX_HALVINGS && !good; halvings++) {
    iterate->step *= 0.5;
    PetscCall(VecWAXPY(way->candidate, -iterate->step, eq->du, eq->trial));
    PetscCall(ost_newton_residual(eq, way->candidate, eq->external, eq->spare, &next));
    PetscCall(is_acceptable(eq, way, &next, iterate->step, &good));
  }
  PetscCall(VecCopy(way->candidate, eq->trial));
  PetscCall(VecCopy(eq->spare, eq->r));
  /* while contact still changes, a step is wrong by more than the linear solve; as it settles, the
     solve may not hold it back (Eisenstat & Walker 1996, choice 2) */
  way->forcing      = 0.9 * PetscSqr(next.norm / way->now.norm);
  way->now          = next;
  iterate->residual = next.norm / reference_of(way);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode iterate(OstEquilibrium *eq, Way *way, PetscBool *converged)
{
  *converged = PETSC_FALSE;
  PetscFunctionBeginUser;
  for (;;) {
    OstIterate iterate = {0};
    PetscBool  solved;
    *converged = is_small(eq, way, &way->now);
    if (*converged) break;
    eq->stop = eq->watch->ever_calmed ? OST_STOP_TURNING : OST_STOP_SLOW;
    if (eq->watch->num >= eq->options.max_newton) break;
    eq->stop = OST_STOP_NOT_FINITE;
    if (PetscIsInfOrNanReal(way->now.norm)) break;
    PetscCall(find_step(eq, way, &iterate, &solved));
    eq->stop = OST_STOP_LINEAR;
    if (!solved) break;
    PetscCall(take_step(eq, way, &iterate));
    PetscCall(ost_watch_add(eq->watch, &iterate, eq->answer));
    PetscCall(ost_watch_calm(eq->watch, eq->iface));
    if (eq->watch->calmed) ost_iface_answers(eq->iface, eq->jump, eq->answer);
    PetscCall(ost_log(
        OST_LOG_DEBUG,
        "    newton = %" PetscInt_FMT "  step = %g  residual = %.3e  turned = %" PetscInt_FMT
        "  calmed = %" PetscInt_FMT "  krylov = %" PetscInt_FMT "  %s",
        eq->watch->num, (double)iterate.step, (double)iterate.residual, iterate.turned,
        eq->watch->calmed, iterate.krylov, iterate.symmetric ? "cg" : "fgmres"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_newton_iterate(OstEquilibrium *eq, PetscBool *converged)
{
  OstNewtonCount *count = &eq->count;
  Way             way;

  PetscFunctionBeginUser;
  PetscCall(begin(eq, &way));
  PetscCall(iterate(eq, &way, converged));
  if (*converged) eq->stop = OST_STOP_NONE;
  count->newton += eq->watch->num;
  count->newton_max = PetscMax(count->newton_max, eq->watch->num);
  if (eq->watch->ever_calmed) count->calmed++;
  count->residual = reference_of(&way) > 0.0 ? way.now.norm / reference_of(&way) : 0.0;
  PetscCall(PetscArrayzero(eq->iface->calm, eq->iface->num_points));
  PetscCall(VecDestroy(&way.candidate));
  PetscFunctionReturn(PETSC_SUCCESS);
}
