#include "analysis/balance.h"

PetscReal ost_energy_imbalance(const OstEnergy *e)
{
  const PetscReal open = e->external - e->stored - e->friction - e->fracture - e->drag;
  return e->gross > 0.0 ? PetscAbsReal(open) / e->gross : 0.0;
}

PetscErrorCode ost_held_create(const OstEquilibrium *eq, OstHeld *held)
{
  PetscFunctionBeginUser;
  PetscCall(VecDuplicate(eq->u, &held->u));
  PetscCall(VecDuplicate(eq->u, &held->load));
  PetscCall(VecDuplicate(eq->u, &held->reaction));
  PetscCall(
      PetscMalloc2(eq->iface->num_points, &held->pressure, eq->iface->num_points, &held->gap0));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_held_destroy(OstHeld *held)
{
  PetscFunctionBeginUser;
  PetscCall(VecDestroy(&held->u));
  PetscCall(VecDestroy(&held->load));
  PetscCall(VecDestroy(&held->reaction));
  PetscCall(PetscFree2(held->pressure, held->gap0));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_held_take(OstEquilibrium *eq, Vec u, Vec load, OstHeld *held)
{
  const OstIface *iface = eq->iface;
  PetscReal       bulk, stored = 0.0;
  Vec             internal = eq->spare;

  PetscFunctionBeginUser;
  PetscCall(VecCopy(u, held->u));
  PetscCall(VecCopy(load, held->load));
  PetscCall(ost_linear_apply_bulk(eq->lin, u, internal));
  PetscCall(VecDot(u, internal, &bulk));
  /* on the fixed displacements, what the bodies exert beyond the load is the supports' */
  PetscCall(VecAXPY(internal, 1.0, eq->force));
  PetscCall(VecAXPY(internal, -1.0, load));
  PetscCall(VecCopy(internal, held->reaction));
  PetscCall(ost_linear_mask(eq->lin, internal));
  PetscCall(VecAXPY(held->reaction, -1.0, internal));
  for (PetscInt p = 0; p < iface->num_points; p++) {
    held->pressure[p] = eq->answer[p].pressure;
    held->gap0[p]     = iface->point[p].gap0;
    stored += iface->area[p] * eq->answer[p].stored;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &stored, 1, MPIU_REAL, MPIU_SUM, eq->mesh->comm));
  held->stored = stored + 0.5 * bulk;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_held_copy(const OstEquilibrium *eq, const OstHeld *from, OstHeld *to)
{
  const PetscInt num_points = eq->iface->num_points;

  PetscFunctionBeginUser;
  PetscCall(ost_held_create(eq, to));
  PetscCall(VecCopy(from->u, to->u));
  PetscCall(VecCopy(from->load, to->load));
  PetscCall(VecCopy(from->reaction, to->reaction));
  PetscCall(PetscArraycpy(to->pressure, from->pressure, num_points));
  PetscCall(PetscArraycpy(to->gap0, from->gap0, num_points));
  to->stored = from->stored;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_balance_add(OstEquilibrium *eq, const OstHeld *a, const OstHeld *b,
                               PetscBool sudden)
{
  const OstIface *iface  = eq->iface;
  PetscReal       sum[3] = {0, 0, 0}, work[4];
  Vec             way    = eq->spare;

  PetscFunctionBeginUser;
  PetscCall(VecWAXPY(way, -1.0, a->u, b->u));
  PetscCall(VecDot(way, a->load, &work[0]));
  PetscCall(VecDot(way, b->load, &work[1]));
  PetscCall(VecDot(way, a->reaction, &work[2]));
  PetscCall(VecDot(way, b->reaction, &work[3]));
  for (PetscInt p = 0; p < iface->num_points; p++) {
    sum[0] -= 0.5 * iface->area[p] * (a->pressure[p] + b->pressure[p]) * (b->gap0[p] - a->gap0[p]);
    sum[1] += iface->area[p] * eq->answer[p].friction_work;
    sum[2] += iface->area[p] * eq->answer[p].fracture_work;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 3, MPIU_REAL, MPIU_SUM, eq->mesh->comm));
  const PetscReal external = 0.5 * (work[0] + work[1] + work[2] + work[3]) + sum[0];
  const PetscReal stored   = b->stored - a->stored;
  eq->energy.external += external;
  eq->energy.stored += stored;
  eq->energy.friction += sum[1];
  eq->energy.fracture += sum[2];
  if (sudden) eq->energy.drag += external - stored - sum[1] - sum[2];
  eq->energy.gross += PetscMax(PetscAbsReal(external), PetscAbsReal(stored));
  PetscFunctionReturn(PETSC_SUCCESS);
}
