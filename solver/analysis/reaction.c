#include "analysis/reaction.h"

#include "base/tensor.h"

/* Nodal forces of a clamp: what is missing from equilibrium in the rows that are fixed. */
static PetscErrorCode clamp_forces(const OstEquilibrium *eq, Vec forces)
{
  Vec        rest;
  PetscReal *local;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(3 * eq->mesh->num_nodes, &local));
  PetscCall(VecDuplicate(forces, &rest));
  ost_iface_add_forces(eq->iface, eq->answer, local);
  PetscCall(ost_mesh_local_to_global(eq->mesh, local, rest));
  PetscCall(ost_linear_apply_bulk(eq->lin, eq->u, forces));
  PetscCall(VecAXPY(forces, 1.0, rest));
  PetscCall(VecAXPY(forces, -1.0, eq->load));
  /* without the free rows, which hold the residual of Newton's method */
  PetscCall(VecCopy(forces, rest));
  PetscCall(ost_linear_mask(eq->lin, rest));
  PetscCall(VecAXPY(forces, -1.0, rest));
  PetscCall(VecDestroy(&rest));
  PetscCall(PetscFree(local));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode foundation_forces(const OstEquilibrium *eq, Vec forces)
{
  PetscReal *local;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(3 * eq->mesh->num_nodes, &local));
  ost_linear_foundation_forces(eq->lin, eq->local_u, local);
  PetscCall(ost_mesh_local_to_global(eq->mesh, local, forces));
  PetscCall(PetscFree(local));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_reaction_find(const OstModel *model, const OstEquilibrium *eq,
                                 PetscReal force[3], PetscReal moment[3])
{
  const OstMesh     *mesh   = model->mesh;
  PetscReal          sum[6] = {0};
  const PetscScalar *value;
  Vec                forces;

  PetscFunctionBeginUser;
  PetscCall(ost_linear_create_vec(eq->lin, &forces));
  if (model->support.type == OST_SUPPORT_FOUNDATION)
    PetscCall(foundation_forces(eq, forces));
  else
    PetscCall(clamp_forces(eq, forces));
  PetscCall(VecGetArrayRead(forces, &value));
  for (PetscInt k = 0; k < mesh->num_owned; k++) {
    PetscReal arm[3], turn[3];
    for (int i = 0; i < 3; i++) arm[i] = mesh->x[3 * k + i] - model->held_at[i];
    ost_cross3(arm, &value[3 * k], turn);
    for (int i = 0; i < 3; i++) {
      sum[i] += value[3 * k + i];
      sum[3 + i] += turn[i];
    }
  }
  PetscCall(VecRestoreArrayRead(forces, &value));
  PetscCall(VecDestroy(&forces));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 6, MPIU_REAL, MPIU_SUM, mesh->comm));
  for (int i = 0; i < 3; i++) {
    force[i]  = sum[i];
    moment[i] = sum[3 + i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
