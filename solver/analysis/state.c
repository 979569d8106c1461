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

/* What the points of the interface remember. A member that is added to OstIfacePoint and forgotten
   here would make a resumed run another one: the sizes are compared. */
static PetscErrorCode archive_points(PetscInt num, OstIfacePoint *point, OstArchive *archive)
{
  enum { THREAD = sizeof(OstThreadPoint) / sizeof(PetscReal) };
  static OstIfacePoint none; /* where there is no point, members still have an address */
  OstIfacePoint       *p = num ? point : &none;
  const struct {
    const char *name;
    PetscInt    num_comp;
    PetscReal  *first;
  } members[] = {
      {"point/gap", 1, &p->gap0},          {"point/slip", 3, p->slip},
      {"point/origin", 3, p->origin},      {"point/bond", 1, &p->bond},
      {"point/strength", 1, &p->strength}, {"point/damage", 1, &p->damage},
      {"point/worn", 1, &p->worn},         {"point/loose", 1, &p->loose},
      {"point/limit", 1, &p->limit},       {"point/held", 1, &p->held},
      {"point/release", 1, &p->release},   {"point/thread", THREAD, (PetscReal *)&p->thread}};
  size_t num_reals = 0;

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
    PetscCall(ost_archive_members(archive, members[i].name, OST_ON_INTERFACE_POINT,
                                  members[i].num_comp, num, sizeof *p, members[i].first));
    num_reals += (size_t)members[i].num_comp;
  }
  OstAssert(num_reals * sizeof(PetscReal) == sizeof *p, "a member of the points is not archived");
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_clock_archive(OstClock *clock, const char *name, OstArchive *archive)
{
  PetscReal v[] = {clock->day,
                   clock->since,
                   (PetscReal)clock->held_by,
                   (PetscReal)clock->waits,
                   (PetscReal)clock->left,
                   clock->waits_since,
                   clock->no_back_till,
                   clock->furthest};

  PetscFunctionBeginUser;
  PetscCall(archive->numbers(archive, name, sizeof v / sizeof *v, v));
  *clock = (OstClock){.day          = v[0],
                      .since        = v[1],
                      .held_by      = (PetscInt)v[2],
                      .waits        = (PetscInt)v[3],
                      .left         = (PetscInt)v[4],
                      .waits_since  = v[5],
                      .no_back_till = v[6],
                      .furthest     = v[7]};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_state_archive(const OstModel *model, OstState *state, OstArchive *archive)
{
  const PetscInt num_points = model->iface_geometry->num_points;

  PetscFunctionBeginUser;
  PetscCall(ost_archive_real(archive, "day", &state->day));
  PetscCall(ost_clock_archive(&state->clock, "clock", archive));
  PetscCall(archive->field(archive, "density", OST_ON_CELL, 1, state->rho));
  PetscCall(archive->field(archive, "maturity", OST_ON_INTERFACE_POINT, OST_MATURITY_REALS,
                           (PetscReal *)state->maturity));
  PetscCall(archive_points(num_points, state->point, archive));
  PetscCall(ost_archive_vec(archive, "displacement", state->u));
  PetscFunctionReturn(PETSC_SUCCESS);
}
