#include "loads/fall.h"

#include "input/quantity.h"

#include <math.h>

#define RAD_PER_DEG  (PETSC_PI / 180.0)
#define EIGHT_AROUND 8

/* Directions swept when none are given: every 45 degrees. */
static PetscErrorCode all_around(OstFall *fall)
{
  PetscFunctionBeginUser;
  fall->num_angles = EIGHT_AROUND;
  PetscCall(PetscMalloc1(EIGHT_AROUND, &fall->angle));
  for (PetscInt i = 0; i < EIGHT_AROUND; i++) {
    fall->angle[i] = 360.0 / EIGHT_AROUND * (PetscReal)i;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_angles(OstNode *at, OstDiagList *list, OstFall *fall)
{
  const OstRealKey angles = {"angles", "degree", 0.0, -360.0, 360.0};
  PetscInt         num;
  PetscReal       *values;

  PetscFunctionBeginUser;
  PetscCall(ost_value_reals(at, &angles, 0, list, &num, &values));
  if (num > 0) {
    PetscCall(PetscFree(fall->angle));
    fall->angle      = values;
    fall->num_angles = num;
  } else {
    PetscCall(PetscFree(values));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* `device: {bending, torsion}`: what it does not name it does not cap. */
static PetscErrorCode read_device(OstNode *at, OstDiagList *list, OstFall *fall)
{
  const OstRealKey bending = {"bending", "N.mm", (PetscReal)NAN, 1000.0, 1e6};
  const OstRealKey torsion = {"torsion", "N.mm", (PetscReal)NAN, 1000.0, 1e6};
  OstNode         *device;
  PetscReal        value;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(at, "device", list, &device));
  PetscCall(ost_value_real(device, &bending, list, &value));
  if (!PetscIsNanReal(value)) fall->cap_bending = value;
  PetscCall(ost_value_real(device, &torsion, list, &value));
  if (!PetscIsNanReal(value)) fall->cap_torsion = value;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_file(OstNode *root, OstDiagList *list, OstFall *fall)
{
  const OstRealKey force   = {"force", "N", OST_REQUIRED, 0.0, 1e5};
  const OstRealKey tilt    = {"tilt", "degree", 0.0, -90.0, 90.0};
  const OstRealKey bending = {"bending", "N.mm", OST_REQUIRED, 0.0, 1e6};
  const OstRealKey torsion = {"torsion", "N.mm", 0.0, -1e6, 1e6};
  const OstRealKey cap     = {"torsion_max", "N.mm", (PetscReal)NAN, 0.0, 1e6};
  const char      *name, *description;
  PetscReal        torsion_max;

  PetscFunctionBeginUser;
  PetscCall(ost_value_text(root, "name", NULL, list, &name));
  PetscCall(PetscStrncpy(fall->name, name, sizeof(fall->name)));
  PetscCall(ost_value_text(root, "description", "", list, &description));
  PetscCall(ost_value_real(root, &force, list, &fall->force));
  PetscCall(ost_value_real(root, &tilt, list, &fall->tilt));
  PetscCall(ost_value_real(root, &bending, list, &fall->bending));
  PetscCall(ost_value_real(root, &torsion, list, &fall->torsion));
  PetscCall(ost_value_real(root, &cap, list, &torsion_max));
  if (!PetscIsNanReal(torsion_max)) {
    fall->torsion = PetscMax(PetscMin(fall->torsion, torsion_max), -torsion_max);
  }
  PetscCall(read_angles(root, list, fall));
  PetscCall(read_device(root, list, fall));
  if (fall->num_angles == 0) PetscCall(all_around(fall));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_entry(OstNode *entry, OstDiagList *list, OstFall *fall)
{
  const OstRealKey days = {"days", "day", 0.0, 0.0, 36500.0};
  const char      *path, *name;
  OstCase         *file;

  PetscFunctionBeginUser;
  fall->cap_bending = fall->cap_torsion = OST_NO_LIMIT;
  PetscCall(ost_value_path(entry, "file", NULL, list, &path));
  PetscCall(ost_value_reals(entry, &days, 1, list, &fall->num_days, &fall->day));
  PetscCall(PetscSortReal(fall->num_days, fall->day));
  PetscCall(ost_case_load_part(entry, "file", path, "fall", list, &file));
  if (file) PetscCall(read_file(ost_case_root(file), list, fall));
  PetscCall(ost_value_text(entry, "name", "", list, &name));
  if (name[0]) PetscCall(PetscStrncpy(fall->name, name, sizeof(fall->name)));
  PetscCall(read_angles(entry, list, fall));
  PetscCall(read_device(entry, list, fall));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool is_listed(const OstFall *fall, PetscReal day)
{
  for (PetscInt k = 0; k < fall->num_days; k++)
    if (PetscAbsReal(fall->day[k] - day) <= OST_DAY_SLACK) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* Results are filed under name and day: two falls of one name must not share a day. */
static PetscErrorCode check_names(OstNode *sequence, const OstFallList *falls, OstDiagList *list)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < falls->num; i++) {
    for (PetscInt j = 0; j < i; j++) {
      const OstFall *a = &falls->fall[i], *b = &falls->fall[j];
      for (PetscInt k = 0; k < b->num_days && !strcmp(a->name, b->name); k++) {
        if (!is_listed(a, b->day[k])) continue;
        PetscCall(ost_diag_error(list, ost_node_where(sequence), "give one of them another `name`",
                                 "two falls are called %s on day %g", a->name, (double)b->day[k]));
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_fall_read(OstNode *root, OstDiagList *list, OstFallList *falls)
{
  OstNode *sequence;
  PetscInt num;

  PetscFunctionBeginUser;
  falls->num  = 0;
  falls->fall = NULL;
  PetscCall(ost_value_list(root, "falls", PETSC_FALSE, list, &sequence));
  num = sequence ? ost_node_size(sequence) : 0;
  PetscCall(PetscCalloc1(num, &falls->fall));
  for (PetscInt i = 0; i < num; i++) {
    OstNode *entry = ost_node_item(sequence, i);
    if (ost_node_kind(entry) != OST_NODE_MAPPING) {
      PetscCall(ost_diag_error(list, ost_node_where(entry),
                               "write {file: ../falls/forward.yaml, days: [30 day]}",
                               "a fall is a section with a file"));
      continue;
    }
    PetscCall(read_entry(entry, list, &falls->fall[falls->num]));
    falls->num++;
  }
  if (sequence) PetscCall(check_names(sequence, falls, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_fall_read_planned(OstNode *entry, PetscReal t_day, OstDiagList *list,
                                     OstFall *fall, PetscBool *found)
{
  const char *path;
  OstCase    *file;

  PetscFunctionBeginUser;
  *found = PETSC_FALSE;
  PetscCall(ost_value_path(entry, "fall", "", list, &path));
  if (!ost_node_find(entry, "fall")) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_case_load_part(entry, "fall", path, "fall", list, &file));
  if (!file) PetscFunctionReturn(PETSC_SUCCESS);
  *fall = (OstFall){
      .cap_bending = OST_NO_LIMIT, .cap_torsion = OST_NO_LIMIT, .by_protocol = PETSC_TRUE};
  PetscCall(read_file(ost_case_root(file), list, fall));
  PetscCall(PetscMalloc1(1, &fall->day));
  fall->day[fall->num_days++] = t_day;
  *found                      = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_fall_join(OstFallList *falls, OstFallList *more, OstWhere at, OstDiagList *list)
{
  const PetscInt num = falls->num;

  PetscFunctionBeginUser;
  PetscCall(PetscRealloc(sizeof(OstFall) * (size_t)(num + more->num + 1), &falls->fall));
  for (PetscInt i = 0; i < more->num; i++) {
    falls->fall[falls->num++] = more->fall[i];
    for (PetscInt k = 0; k < num; k++)
      if (!strcmp(falls->fall[k].name, more->fall[i].name))
        PetscCall(ost_diag_error(list, at, "give the case's a `name` of its own",
                                 "the protocol plans a fall %s, and so does the case",
                                 more->fall[i].name));
  }
  PetscCall(PetscFree(more->fall));
  more->num = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_fall_destroy(OstFallList *falls)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < falls->num; i++) {
    PetscCall(PetscFree(falls->fall[i].angle));
    PetscCall(PetscFree(falls->fall[i].day));
  }
  PetscCall(PetscFree(falls->fall));
  falls->num = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

OstLimbLoad ost_fall_load(const OstFall *fall, PetscInt i)
{
  const PetscReal forward = PetscCosReal(fall->angle[i] * RAD_PER_DEG);
  const PetscReal outward = PetscSinReal(fall->angle[i] * RAD_PER_DEG);
  const PetscReal across  = fall->force * PetscSinReal(fall->tilt * RAD_PER_DEG);
  const PetscReal bending = PetscMin(fall->bending, fall->cap_bending);
  OstLimbLoad     load;

  load.axial            = fall->force * PetscCosReal(fall->tilt * RAD_PER_DEG);
  load.anterior         = across * forward;
  load.lateral          = across * outward;
  load.bending_anterior = bending * forward;
  load.bending_lateral  = bending * outward;
  load.torsion          = PetscMax(PetscMin(fall->torsion, fall->cap_torsion), -fall->cap_torsion);
  return load;
}

PetscReal ost_fall_next_event(const OstFallList *falls, const OstClock *clock, PetscReal t)
{
  PetscReal next = PETSC_MAX_REAL;

  for (PetscInt i = 0; i < falls->num; i++) {
    const OstFall *fall = &falls->fall[i];
    if (fall->by_protocol)
      next = PetscMin(next, ost_clock_next_of(clock, fall->num_days, fall->day, t));
    for (PetscInt k = 0; k < fall->num_days && !fall->by_protocol; k++)
      if (fall->day[k] > t + OST_DAY_SLACK) next = PetscMin(next, fall->day[k]);
  }
  return next;
}

PetscBool ost_fall_is_due(const OstFall *fall, const OstClock *clock, PetscReal t)
{
  if (!fall->by_protocol) return is_listed(fall, t);
  for (PetscInt k = 0; k < fall->num_days; k++)
    if (ost_clock_reaches(clock, fall->day[k], t)) return PETSC_TRUE;
  return PETSC_FALSE;
}
