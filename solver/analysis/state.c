#include "analysis/state.h"

PetscErrorCode ost_state_create(const OstModel *model, OstState *state)
{
  const PetscInt num_points = model->iface_geometry->num_points;

  PetscFunctionBeginUser;
  *state = (OstState){.clock = ost_clock_start()};
  PetscCall(PetscMalloc1(model->mesh->num_cells, &state->rho));
  PetscCall(PetscCalloc1(num_points, &state->maturity));
  PetscCall(PetscCalloc1(num_points, &state->point));
  PetscCall(ost_mesh_create_vec(model->mesh, &state->u));
  PetscCall(VecZeroEntries(state->u));
  PetscCall(PetscArraycpy(state->rho, model->rho_start, model->mesh->num_cells));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_state_destroy(OstState *state)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(state->rho));
  PetscCall(PetscFree(state->maturity));
  PetscCall(PetscFree(state->point));
  PetscCall(VecDestroy(&state->u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_state_copy(const OstModel *model, const OstState *from, OstState *to)
{
  const PetscInt num_points = model->iface_geometry->num_points;

  PetscFunctionBeginUser;
  to->day   = from->day;
  to->clock = from->clock;
  PetscCall(PetscArraycpy(to->rho, from->rho, model->mesh->num_cells));
  PetscCall(PetscArraycpy(to->maturity, from->maturity, num_points));
  PetscCall(PetscArraycpy(to->point, from->point, num_points));
  PetscCall(VecCopy(from->u, to->u));
  PetscFunctionReturn(PETSC_SUCCESS);
}
