#include "analysis/watch.h"

#include "base/tensor.h"

/* Iterations after which a point that has turned so often, and does so again, is calmed, and for
   how many iterations. [-] */
#define PATIENCE   8
#define MANY_TURNS 3
#define CALM_FOR   2

enum { CLOSED = 1, SLIDES = 2 };

PetscErrorCode ost_watch_create(const OstIface *iface, OstWatch **out)
{
  OstWatch *watch;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&watch));
  watch->iface = iface;
  PetscCall(PetscCalloc1(iface->num_points, &watch->way));
  PetscCall(PetscCalloc1(3 * iface->num_points, &watch->traction));
  PetscCall(PetscCalloc1(iface->num_points, &watch->turns));
  PetscCall(PetscCalloc1(iface->num_points, &watch->turned));
  *out = watch;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_watch_destroy(OstWatch **watch)
{
  PetscFunctionBeginUser;
  if (!*watch) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree((*watch)->way));
  PetscCall(PetscFree((*watch)->traction));
  PetscCall(PetscFree((*watch)->turns));
  PetscCall(PetscFree((*watch)->turned));
  PetscCall(PetscFree(*watch));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static char way_of(const OstIfaceAnswer *answer)
{
  if (answer->pressure <= 0.0) return 0;
  return answer->state == OST_SLIP ? CLOSED | SLIDES : CLOSED;
}

static void look(OstWatch *watch, const OstIfaceAnswer answers[])
{
  for (PetscInt p = 0; p < watch->iface->num_points; p++) {
    watch->way[p] = way_of(&answers[p]);
    for (int i = 0; i < 3; i++) watch->traction[3 * p + i] = answers[p].traction[i];
  }
}

void ost_watch_begin(OstWatch *watch, const OstIfaceAnswer answers[])
{
  watch->num = watch->calmed = 0;
  watch->ever_calmed         = PETSC_FALSE;
  for (PetscInt p = 0; p < watch->iface->num_points; p++) watch->turns[p] = 0;
  look(watch, answers);
}

/* Whether the point contradicts its last iterate. */
static PetscBool has_turned(const OstWatch *watch, PetscInt p, const OstIfaceAnswer *answer)
{
  const PetscReal *n = &watch->iface->normal[3 * p], *before = &watch->traction[3 * p];
  const char       way = way_of(answer);

  if (way != watch->way[p]) return PETSC_TRUE;
  if (!(way & SLIDES)) return PETSC_FALSE;
  const PetscReal shear =
      ost_dot3(before, answer->traction) - ost_dot3(before, n) * ost_dot3(answer->traction, n);
  return shear < 0.0 ? PETSC_TRUE : PETSC_FALSE;
}

PetscErrorCode ost_watch_add(OstWatch *watch, OstIterate *iterate, const OstIfaceAnswer answers[])
{
  PetscFunctionBeginUser;
  iterate->turned = 0;
  for (PetscInt p = 0; p < watch->iface->num_points; p++) {
    watch->turned[p] = has_turned(watch, p, &answers[p]) ? 1 : 0;
    if (!watch->turned[p]) continue;
    watch->turns[p]++;
    iterate->turned++;
  }
  look(watch, answers);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &iterate->turned, 1, MPIU_INT, MPI_SUM,
                             watch->iface->mesh->comm));
  watch->iterate[watch->num % OST_WATCH_LENGTH] = *iterate;
  watch->num++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_watch_calm(OstWatch *watch, OstIface *iface)
{
  PetscInt calmed = 0;

  PetscFunctionBeginUser;
  for (PetscInt p = 0; p < iface->num_points; p++) {
    if (iface->calm[p]) iface->calm[p]--;
    if (watch->num >= PATIENCE && watch->turned[p] && watch->turns[p] >= MANY_TURNS)
      iface->calm[p] = CALM_FOR;
    calmed += iface->calm[p] > 0;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &calmed, 1, MPIU_INT, MPI_SUM, iface->mesh->comm));
  watch->calmed      = calmed;
  watch->ever_calmed = watch->ever_calmed || calmed ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}
