#include "input/activity.h"

#include <math.h>

/* --- loads ----------------------------------------------------------------------------------- */

void ost_limb_load_vectors(const OstLimbLoad *load, PetscBool right, PetscReal force[3],
                           PetscReal moment[3])
{
  const PetscReal lateral = right ? -1.0 : 1.0; /* y is the patient's left */

  force[0] = load->anterior;
  force[1] = lateral * load->lateral;
  force[2] = load->axial;
  /* r x F of a force on the distal end, r = (0, 0, -d): anterior gives -y, +y gives +x */
  moment[0] = lateral * load->bending_lateral;
  moment[1] = -load->bending_anterior;
  moment[2] = lateral * load->torsion; /* outwards is +z on the left, -z on the right */
}

void ost_limb_vector(PetscReal anterior, PetscReal medial, PetscReal proximal, PetscBool right,
                     PetscReal v[3])
{
  v[0] = anterior;
  v[1] = right ? medial : -medial; /* y is the patient's left */
  v[2] = proximal;
}

OstLimbLoad ost_limb_load_scaled(const OstLimbLoad *load, PetscReal force, PetscReal moment)
{
  const OstLimbLoad scaled = {force * load->axial,
                              force * load->anterior,
                              force * load->lateral,
                              moment * load->bending_anterior,
                              moment * load->bending_lateral,
                              moment * load->torsion};
  return scaled;
}

PetscReal ost_limb_load_resultant(const OstLimbLoad *load)
{
  return PetscSqrtReal(PetscSqr(load->axial) + PetscSqr(load->anterior) + PetscSqr(load->lateral));
}

PetscReal ost_limb_load_bending(const OstLimbLoad *load)
{
  return PetscSqrtReal(PetscSqr(load->bending_anterior) + PetscSqr(load->bending_lateral));
}

/* --- reading ---------------------------------------------------------------------------------- */

PetscErrorCode ost_name_read(OstNode *at, OstDiagList *list, char name[OST_NAME_LENGTH])
{
  const char *text;

  PetscFunctionBeginUser;
  PetscCall(ost_value_text(at, "name", NULL, list, &text));
  if (strlen(text) >= OST_NAME_LENGTH) {
    PetscCall(ost_diag_error(list, ost_node_where(at), "shorten it", "name is longer than %d bytes",
                             OST_NAME_LENGTH - 1));
  }
  PetscCall(PetscStrncpy(name, text, OST_NAME_LENGTH));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_load(OstNode *at, OstDiagList *list, OstLimbLoad *load)
{
  static const PetscReal big = 1e5, big_moment = 1e6; /* 10 t, 1 kN.m: more is a wrong unit */
  const struct {
    OstRealKey key;
    PetscReal *value;
  } forces[]  = {{{"axial", "N", OST_REQUIRED, -big, big}, &load->axial},
                 {{"anterior", "N", 0.0, -big, big}, &load->anterior},
                 {{"lateral", "N", 0.0, -big, big}, &load->lateral}},
    moments[] = {
        {{"bending_anterior", "N.mm", 0.0, -big_moment, big_moment}, &load->bending_anterior},
        {{"bending_lateral", "N.mm", 0.0, -big_moment, big_moment}, &load->bending_lateral},
        {{"torsion", "N.mm", 0.0, -big_moment, big_moment}, &load->torsion}};
  OstNode *force, *moment;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(load, sizeof(*load)));
  PetscCall(ost_value_section(at, "force", PETSC_TRUE, list, &force));
  PetscCall(ost_value_section_or_defaults(at, "moment", list, &moment));
  for (PetscInt i = 0; i < 3; i++) {
    if (force) PetscCall(ost_value_real(force, &forces[i].key, list, forces[i].value));
    PetscCall(ost_value_real(moment, &moments[i].key, list, moments[i].value));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One of `muscles`: {patch: NAME, force: {medial, anterior, proximal}}. */
static PetscErrorCode read_muscle(OstNode *entry, OstDiagList *list, OstMuscle *muscle)
{
  static const PetscReal big    = 2e4; /* 2 t: more is a wrong unit */
  const OstRealKey       keys[] = {{"anterior", "N", 0.0, -big, big},
                                   {"medial", "N", 0.0, -big, big},
                                   {"proximal", "N", 0.0, -big, big}};
  const char            *patch;
  OstNode               *force;

  PetscFunctionBeginUser;
  PetscCall(ost_value_text(entry, "patch", NULL, list, &patch));
  PetscCall(PetscStrncpy(muscle->patch, patch, OST_NAME_LENGTH));
  OstNode *named = ost_node_find(entry, "patch");
  muscle->at     = ost_node_where(named ? named : entry);
  PetscCall(ost_value_section(entry, "force", PETSC_TRUE, list, &force));
  if (!force) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_value_real(force, &keys[0], list, &muscle->anterior));
  PetscCall(ost_value_real(force, &keys[1], list, &muscle->medial));
  PetscCall(ost_value_real(force, &keys[2], list, &muscle->proximal));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_muscles(OstNode *at, OstDiagList *list, OstPhase *phase)
{
  OstNode *sequence;

  PetscFunctionBeginUser;
  PetscCall(ost_value_list(at, "muscles", PETSC_FALSE, list, &sequence));
  for (PetscInt i = 0; sequence && i < ost_node_size(sequence); i++) {
    OstNode *entry = ost_node_item(sequence, i);
    if (i >= OST_PHASE_MUSCLES || ost_node_kind(entry) != OST_NODE_MAPPING) {
      PetscCall(ost_diag_error(list, ost_node_where(entry),
                               "write up to 16 lines such as {patch: greater trochanter, force: "
                               "{medial: 0.5 BW}}",
                               "a muscle that cannot be read"));
      ost_node_skip(entry);
      continue;
    }
    PetscCall(read_muscle(entry, list, &phase->muscle[phase->num_muscles++]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_phase(OstNode *at, OstDiagList *list, OstPhase *phase)
{
  PetscFunctionBeginUser;
  PetscCall(read_load(at, list, &phase->load));
  PetscCall(read_muscles(at, list, phase));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Beside `phases` nothing may say what the load is. */
static PetscErrorCode refuse_beside_phases(OstNode *at, OstDiagList *list)
{
  static const char *const keys[] = {"force", "moment", "muscles"};

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    OstNode *node = ost_node_find(at, keys[i]);
    if (!node) continue;
    PetscCall(ost_diag_error(list, ost_node_where(node), "move it into one of the phases",
                             "`%s` stands beside `phases`", keys[i]));
    ost_node_skip(node);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The phases of a cycle; without `phases` the one that stands here. */
static PetscErrorCode read_cycle(OstNode *at, OstDiagList *list, OstActivity *activity)
{
  const char *name;
  OstNode    *sequence;

  PetscFunctionBeginUser;
  PetscCall(ost_value_list(at, "phases", PETSC_FALSE, list, &sequence));
  if (!sequence) {
    activity->num_phases = 1;
    PetscCall(PetscCalloc1(1, &activity->phase));
    PetscCall(read_phase(at, list, activity->phase));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(refuse_beside_phases(at, list));
  PetscCall(PetscCalloc1(ost_node_size(sequence) + 1, &activity->phase));
  for (PetscInt i = 0; i < ost_node_size(sequence); i++) {
    OstNode *entry = ost_node_item(sequence, i);
    if (i >= OST_CYCLE_PHASES || ost_node_kind(entry) != OST_NODE_MAPPING) {
      PetscCall(ost_diag_error(list, ost_node_where(entry),
                               "write up to 8 sections, each with force, moment, muscles",
                               "a phase that cannot be read"));
      ost_node_skip(entry);
      continue;
    }
    OstPhase *phase = &activity->phase[activity->num_phases++];
    PetscCall(ost_value_text(entry, "name", "", list, &name));
    PetscCall(PetscStrncpy(phase->name, name, OST_NAME_LENGTH));
    PetscCall(read_phase(entry, list, phase));
  }
  if (ost_node_size(sequence) == 0)
    PetscCall(ost_diag_error(list, ost_node_where(sequence),
                             "list at least one phase, or give the force itself",
                             "`phases` is empty"));
  activity->num_phases = PetscMax(activity->num_phases, 1); /* others may look at the first */
  PetscFunctionReturn(PETSC_SUCCESS);
}

const OstPhase *ost_activity_peak(const OstActivity *activity)
{
  const OstPhase *peak = &activity->phase[0];

  for (PetscInt i = 1; i < activity->num_phases; i++)
    if (activity->phase[i].load.axial > peak->load.axial) peak = &activity->phase[i];
  return peak;
}

/* An activity stands in a file of its own, or its loads in the entry. */
static PetscErrorCode read_activity(OstNode *entry, OstDiagList *list, OstActivity *activity)
{
  const char *path, *ignored;
  OstCase    *file;

  PetscFunctionBeginUser;
  PetscCall(ost_name_read(entry, list, activity->name));
  PetscCall(ost_value_path(entry, "file", "", list, &path));
  if (!ost_node_find(entry, "file")) {
    PetscCall(read_cycle(entry, list, activity));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_case_load_part(entry, "file", path, "activity", list, &file));
  if (!file) { /* told; others may look at the first phase */
    activity->num_phases = 1;
    PetscCall(PetscCalloc1(1, &activity->phase));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_value_text(ost_case_root(file), "name", NULL, list, &ignored));
  PetscCall(ost_value_text(ost_case_root(file), "description", "", list, &ignored));
  PetscCall(read_cycle(ost_case_root(file), list, activity));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool is_taken(const char *name, PetscInt num, const OstActivity activity[])
{
  for (PetscInt k = 0; k < num; k++)
    if (!strcmp(name, activity[k].name)) return PETSC_TRUE;
  return PETSC_FALSE;
}

PetscErrorCode ost_activities_read(OstNode *root, OstDiagList *list, PetscInt *num,
                                   OstActivity **activity)
{
  OstNode *sequence;

  PetscFunctionBeginUser;
  *num = 0;
  PetscCall(ost_value_list(root, "activities", PETSC_TRUE, list, &sequence));
  const PetscInt entries = sequence ? ost_node_size(sequence) : 0;
  PetscCall(PetscCalloc1(entries, activity));
  for (PetscInt i = 0; i < entries; i++) {
    OstNode     *entry = ost_node_item(sequence, i);
    OstActivity *next  = &(*activity)[*num];
    if (ost_node_kind(entry) != OST_NODE_MAPPING) {
      PetscCall(ost_diag_error(list, ost_node_where(entry), "write {name: walking, file: ...}",
                               "an activity is a section with a name"));
      continue;
    }
    PetscCall(read_activity(entry, list, next));
    if (is_taken(next->name, *num, *activity))
      PetscCall(ost_diag_error(list, ost_node_where(entry), "give each its own name",
                               "activity %s is named twice", next->name));
    ++*num;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_activities_destroy(PetscInt num, OstActivity **activity)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) PetscCall(PetscFree((*activity)[i].phase));
  PetscCall(PetscFree(*activity));
  PetscFunctionReturn(PETSC_SUCCESS);
}
