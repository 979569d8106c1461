#include "analysis/equilibrium.h"

#include "base/log.h"

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
  Vec *vecs[] = {&eq->u,     &eq->load,  &eq->r,     &eq->du,
                 &eq->trial, &eq->force, &eq->spare, &eq->external};
  for (size_t i = 0; i < sizeof vecs / sizeof *vecs; i++)
    PetscCall(ost_linear_create_vec(lin, vecs[i]));
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &eq->local_u));
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &eq->local_f));
  PetscCall(PetscCalloc1(3 * iface->num_points, &eq->jump));
  PetscCall(PetscCalloc1(iface->num_points, &eq->answer));
  *out = eq;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_equilibrium_destroy(OstEquilibrium **eq)
{
  PetscFunctionBeginUser;
  if (!*eq) PetscFunctionReturn(PETSC_SUCCESS);
  Vec *vecs[] = {&(*eq)->u,     &(*eq)->load,  &(*eq)->r,     &(*eq)->du,
                 &(*eq)->trial, &(*eq)->force, &(*eq)->spare, &(*eq)->external};
  for (size_t i = 0; i < sizeof vecs / sizeof *vecs; i++) PetscCall(VecDestroy(vecs[i]));
  PetscCall(PetscFree((*eq)->local_u));
  PetscCall(PetscFree((*eq)->local_f));
  PetscCall(PetscFree((*eq)->jump));
  PetscCall(PetscFree((*eq)->answer));
  PetscCall(PetscFree(*eq));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* r = K u + interface forces - load, without the fixed rows; its norm, the norm of what it is
   measured against, and the rounding errors in it. Leaves jumps and answers of u behind. */
static PetscErrorCode residual(OstEquilibrium *eq, Vec u, Vec load, Vec r, PetscReal *norm,
                               PetscReal *reference, PetscReal *rounding)
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
  PetscCall(VecNorm(r, NORM_2, norm));
  PetscCall(VecNorm(load, NORM_2, &of_load));
  PetscCall(VecNorm(eq->force, NORM_2, &of_interface));
  PetscCall(VecNorm(u, NORM_2, &of_u));
  *reference = PetscMax(of_load, of_interface);
  *rounding  = ost_linear_rounding(eq->lin, of_u);
  PetscCall(ost_log_end(OST_EVENT_INTERFACE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_equilibrium_refresh(OstEquilibrium *eq)
{
  PetscReal norm, reference, rounding;

  PetscFunctionBeginUser;
  PetscCall(residual(eq, eq->u, eq->load, eq->r, &norm, &reference, &rounding));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Newton from eq->trial under eq->external. On success trial is the solution and answer its
   state. */
static PetscErrorCode iterate(OstEquilibrium *eq, PetscBool *converged)
{
  OstNewtonCount *count = &eq->count;
  PetscReal       norm, reference, start, rounding, forcing = PETSC_MAX_REAL;
  PetscInt        it = 0;
  Vec             candidate;

  PetscFunctionBeginUser;
  *converged = PETSC_FALSE;
  PetscCall(VecDuplicate(eq->trial, &candidate));
  PetscCall(residual(eq, eq->trial, eq->external, eq->r, &norm, &start, &rounding));
  /* with neither load nor interface forces, prescribed displacements set the scale; those at the
     start count to the end, since an unloading ends without either */
  if (start <= 0.0) start = norm;
  reference = start;
  while (!(*converged = norm <= PetscMax(eq->options.tolerance * reference, rounding)
                            ? PETSC_TRUE
                            : PETSC_FALSE) &&
         it < eq->options.max_newton && !PetscIsInfOrNanReal(norm)) {
    PetscBool symmetric, solved;
    PetscInt  krylov;
    PetscReal step = 1.0, new_norm, scale;
    PetscCall(ost_iface_set_tangent(eq->iface, eq->answer, eq->lin, &symmetric));
    /* no more accurate than the residual has to become */
    const PetscReal enough = 0.1 * eq->options.tolerance * reference / norm;
    PetscCall(ost_linear_solve(
        eq->lin, eq->r, eq->du,
        PetscMax(eq->options.krylov, PetscMin(PetscMax(enough, forcing), eq->options.krylov_loose)),
        &krylov, &solved));
    count->krylov += krylov;
    count->krylov_max = PetscMax(count->krylov_max, krylov);
    count->solves++;
    it++;
    if (!solved) break;
    for (int halvings = 0;; halvings++) {
      PetscCall(VecWAXPY(candidate, -step, eq->du, eq->trial));
      PetscCall(residual(eq, candidate, eq->external, eq->spare, &new_norm, &scale, &rounding));
      if (new_norm <= (1.0 - 1e-4 * step) * norm ||
          new_norm <= PetscMax(eq->options.tolerance * PetscMax(scale, start), rounding))
        break;
      if (halvings == 6) break; /* a short step that does not descend: better than standing still */
      step *= 0.5;
    }
    PetscCall(VecCopy(candidate, eq->trial));
    PetscCall(VecCopy(eq->spare, eq->r));
    /* while contact still changes, a step is wrong by more than the linear solve; as it settles,
       the solve may not hold it back (Eisenstat & Walker 1996, choice 2) */
    forcing   = 0.9 * PetscSqr(new_norm / norm);
    norm      = new_norm;
    reference = PetscMax(start, scale); /* not the largest on the way: that may be an overshoot */
    PetscCall(ost_log(OST_LOG_DEBUG,
                      "    newton = %" PetscInt_FMT
                      "  step = %g  residual = %.3e  krylov = %" PetscInt_FMT "  %s",
                      it, (double)step, (double)(norm / reference), krylov,
                      symmetric ? "cg" : "fgmres"));
  }
  count->newton += it;
  count->newton_max = PetscMax(count->newton_max, it);
  count->residual   = reference > 0.0 ? norm / reference : 0.0;
  PetscCall(VecDestroy(&candidate));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Put the increment's share of the prescribed displacements into trial. */
static PetscErrorCode impose(OstEquilibrium *eq, Vec start, Vec prescribed, PetscReal share)
{
  Vec kept, wanted;

  PetscFunctionBeginUser;
  if (!prescribed) PetscFunctionReturn(PETSC_SUCCESS);
  /* trial <- free part of trial + fixed part of (1 - share) start + share prescribed */
  PetscCall(VecDuplicate(eq->trial, &kept));
  PetscCall(VecCopy(eq->trial, kept));
  PetscCall(ost_linear_mask(eq->lin, kept));
  PetscCall(VecDuplicate(eq->trial, &wanted));
  PetscCall(VecCopy(start, wanted));
  PetscCall(VecAXPBY(wanted, share, 1.0 - share, prescribed));
  PetscCall(VecCopy(wanted, eq->trial));
  PetscCall(ost_linear_mask(eq->lin, wanted));
  PetscCall(VecAXPY(eq->trial, -1.0, wanted));
  PetscCall(VecAXPY(eq->trial, 1.0, kept));
  PetscCall(VecDestroy(&kept));
  PetscCall(VecDestroy(&wanted));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_equilibrium_reach(OstEquilibrium *eq, Vec load, PetscReal fit, Vec prescribed,
                                     Vec guess, PetscBool *reached)
{
  OstIface       *iface = eq->iface;
  Vec             u0, load0;
  OstIfacePoint  *point0;
  PetscReal       done = 0.0, step = 1.0;
  const PetscReal fit0     = eq->fit;
  PetscInt        cutbacks = 0;

  PetscFunctionBeginUser;
  PetscCall(VecDuplicate(eq->u, &u0));
  PetscCall(VecCopy(eq->u, u0));
  PetscCall(VecDuplicate(eq->u, &load0));
  PetscCall(VecCopy(eq->load, load0));
  PetscCall(PetscMalloc1(iface->num_points, &point0));
  PetscCall(PetscArraycpy(point0, iface->point, iface->num_points));
  while (done < 1.0 && cutbacks <= eq->options.max_cutbacks) {
    const PetscReal share = PetscMin(1.0, done + step);
    PetscBool       converged;
    PetscCall(VecCopy(load0, eq->external));
    PetscCall(VecScale(eq->external, 1.0 - share));
    if (load) PetscCall(VecAXPY(eq->external, share, load));
    eq->fit = fit0 + share * (fit - fit0);
    for (PetscInt p = 0; p < iface->num_points; p++) iface->point[p].gap0 = eq->fit * iface->fit[p];
    PetscCall(VecCopy(guess && share >= 1.0 && done == 0.0 ? guess : eq->u, eq->trial));
    PetscCall(impose(eq, u0, prescribed, share));
    PetscCall(iterate(eq, &converged));
    if (converged) {
      PetscCall(VecCopy(eq->trial, eq->u));
      PetscCall(VecCopy(eq->external, eq->load));
      ost_iface_accept(iface, eq->answer);
      eq->count.increments++;
      done = share;
      step = PetscMin(1.0 - done, 2.0 * step);
    } else {
      step *= guess && done == 0.0 && share >= 1.0 ? 1.0 : 0.5; /* a bad guess costs no load step */
      guess = NULL;
      cutbacks++;
      eq->count.cutbacks++;
    }
  }
  *reached = done >= 1.0 ? PETSC_TRUE : PETSC_FALSE;
  if (!*reached) {
    PetscCall(VecCopy(u0, eq->u));
    PetscCall(VecCopy(load0, eq->load));
    PetscCall(PetscArraycpy(iface->point, point0, iface->num_points));
    eq->fit = fit0;
  }
  PetscCall(ost_equilibrium_refresh(eq));
  PetscCall(VecDestroy(&u0));
  PetscCall(VecDestroy(&load0));
  PetscCall(PetscFree(point0));
  PetscFunctionReturn(PETSC_SUCCESS);
}
