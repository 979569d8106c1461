#include "io/transition_log.h"

#include "analysis/transitions.h"
#include "base/gather.h"

enum { DAY, NOTE, FACE, POINT, FROM, TO, CAUSE, WIDTH = OST_TRANSITION_REALS };

static int compare_entries(const void *a, const void *b)
{
  const PetscReal *s = a, *t = b;

  for (int k = NOTE; k <= POINT; k++) {
    if (s[k] != t[k]) return s[k] < t[k] ? -1 : 1;
  }
  return 0;
}

PetscErrorCode ost_transition_log_gather(MPI_Comm comm, PetscInt num_local,
                                         const OstTransition local[], PetscInt *num,
                                         OstTransition **all)
{
  PetscReal *mine, *rows;

  PetscFunctionBeginUser;
  *all = NULL;
  PetscCall(PetscMalloc1(WIDTH * num_local, &mine));
  for (PetscInt i = 0; i < num_local; i++) ost_transition_pack(&local[i], &mine[WIDTH * i]);
  PetscCall(ost_gather_rows(comm, WIDTH, num_local, mine, num, &rows));
  PetscCall(PetscFree(mine));
  if (*num) {
    qsort(rows, (size_t)*num, WIDTH * sizeof *rows, compare_entries);
    PetscCall(PetscMalloc1(*num, all));
  }
  for (PetscInt i = 0; i < *num; i++) (*all)[i] = ost_transition_unpack(&rows[WIDTH * i]);
  PetscCall(PetscFree(rows));
  PetscCallMPI(MPI_Bcast(num, 1, MPIU_INT, 0, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- columns ---------------------------------------------------------------------------------- */

static PetscErrorCode name_values(OstH5 *file, const char *path, PetscInt num,
                                  const char *const names[])
{
  char text[256] = "";

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) {
    const size_t used = strlen(text);
    (void)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "", names[i]);
  }
  PetscCall(ost_h5_attr_text(file, path, "names", text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscInt value_of(const OstTransition *e, PetscInt column)
{
  switch (column) {
  case FACE:
    return e->face;
  case POINT:
    return e->point;
  case FROM:
    return e->from;
  case TO:
    return e->to;
  default:
    return e->cause;
  }
}

static const struct {
  const char *path, *description;
} columns[WIDTH] = {[DAY]   = {"/transitions/day",
                               "day on which a point of the interface was first in another state"},
                    [FACE]  = {"/transitions/face", "row of the face in /mesh/interface/faces"},
                    [POINT] = {"/transitions/point", "point of the face, 0..5"},
                    [FROM]  = {"/transitions/from", "state on the day before, index in `names`"},
                    [TO]    = {"/transitions/to", "state from that day on, index in `names`"},
                    [CAUSE] = {"/transitions/cause", "why, index in `names` (theory.md, B12)"}};

PetscErrorCode ost_transition_log_append(OstH5 *file, PetscInt num, const OstTransition all[])
{
  PetscReal *day    = NULL;
  PetscInt  *column = NULL;

  PetscFunctionBeginUser;
  if (all) PetscCall(PetscMalloc2(num, &day, num, &column));
  for (PetscInt i = 0; all && i < num; i++) day[i] = all[i].day;
  PetscCall(
      ost_h5_append_reals(file, columns[DAY].path, num, day, "day", columns[DAY].description));
  for (PetscInt k = FACE; k < WIDTH; k++) {
    for (PetscInt i = 0; all && i < num; i++) column[i] = value_of(&all[i], k);
    PetscCall(ost_h5_append_ints(file, columns[k].path, num, column, columns[k].description));
  }
  PetscCall(PetscFree2(day, column));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_transition_log_shorten(OstH5 *file, PetscInt num)
{
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < WIDTH; k++)
    if (columns[k].path) PetscCall(ost_h5_shorten(file, columns[k].path, num));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_transition_log_create(OstH5 *file)
{
  PetscFunctionBeginUser;
  PetscCall(ost_transition_log_append(file, 0, NULL));
  PetscCall(name_values(file, "/transitions/from", OST_NUM_STATES, ost_state_names));
  PetscCall(name_values(file, "/transitions/to", OST_NUM_STATES, ost_state_names));
  PetscCall(name_values(file, "/transitions/cause", OST_NUM_CAUSES, ost_cause_names));
  PetscFunctionReturn(PETSC_SUCCESS);
}
