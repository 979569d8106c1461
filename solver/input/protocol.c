#include "input/protocol.h"

#include "input/quantity.h"

#include <math.h>

const char *const ost_aid_names[OST_NUM_AIDS] = {"none", "one_crutch", "two_crutches"};

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

/* --- reading --------------------------------------------------------------------------------- */

typedef struct {
  OstProtocol *protocol;
  OstDiagList *list;
  const char **names; /* of the activities, as written */
} Reader;

static PetscErrorCode read_name(OstNode *at, OstDiagList *list, char name[OST_NAME_LENGTH])
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
  PetscCall(read_name(entry, list, activity->name));
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

static PetscErrorCode read_activities(OstNode *root, Reader *r)
{
  OstProtocol *p = r->protocol;
  OstNode     *sequence;
  PetscInt     num;

  PetscFunctionBeginUser;
  PetscCall(ost_value_list(root, "activities", PETSC_TRUE, r->list, &sequence));
  num = sequence ? ost_node_size(sequence) : 0;
  PetscCall(PetscCalloc1(num, &p->activity));
  PetscCall(PetscCalloc1(num + 1, &r->names));
  for (PetscInt i = 0; i < num; i++) {
    OstNode *entry = ost_node_item(sequence, i);
    if (ost_node_kind(entry) != OST_NODE_MAPPING) {
      PetscCall(ost_diag_error(r->list, ost_node_where(entry), "write {name: walking, file: ...}",
                               "an activity is a section with a name"));
      continue;
    }
    PetscCall(read_activity(entry, r->list, &p->activity[p->num_activities]));
    for (PetscInt k = 0; k < p->num_activities; k++) {
      if (!strcmp(r->names[k], p->activity[p->num_activities].name)) {
        PetscCall(ost_diag_error(r->list, ost_node_where(entry), "give each its own name",
                                 "activity %s is named twice", r->names[k]));
      }
    }
    r->names[p->num_activities] = p->activity[p->num_activities].name;
    p->num_activities++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* "26 week", "S2", "S2 + 6 week", "S1 + 3 day" to days since S1. */
static PetscErrorCode read_time(OstNode *at, const char *key, PetscReal def, PetscBool required,
                                const Reader *r, PetscReal *t_day)
{
  OstNode    *node = ost_node_find(at, key);
  OstWhere    where;
  const char *text, *c;
  PetscReal   base = 0.0, sign = 1.0, offset = 0.0;

  PetscFunctionBeginUser;
  *t_day = def;
  PetscCall(ost_value_text(at, key, required ? NULL : "", r->list, &text));
  if (!node || !text[0]) PetscFunctionReturn(PETSC_SUCCESS);
  where = ost_node_where(node);
  c     = text;
  if (c[0] == 'S' && (c[1] == '1' || c[1] == '2')) {
    if (c[1] == '2' && r->protocol->second_operation <= 0.0) {
      PetscCall(ost_diag_error(r->list, where, "add `second_operation: 26 week`, or count from S1",
                               "`%s` %s: the protocol has no second operation S2", key, text));
    }
    base = c[1] == '2' ? r->protocol->second_operation : 0.0;
    c += 2;
    while (*c == ' ') c++;
    if (*c && *c != '+' && *c != '-') {
      PetscCall(ost_diag_error(r->list, where, "write e.g. `S2 + 6 week`", "`%s` %s is not a time",
                               key, text));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    if (*c) sign = *c++ == '-' ? -1.0 : 1.0;
    while (*c == ' ') c++;
  }
  if (*c || c == text) {
    PetscCall(ost_value_parse(ost_node_case(at), where, c, "day", r->list, &offset));
  }
  *t_day = base + sign * offset;
  if (*t_day < 0.0) {
    PetscCall(ost_diag_error(r->list, where, "times count from the first operation, day 0",
                             "`%s` %s lies before the first operation", key, text));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A load read off a scale: start, increment, every, target, cap. */
static PetscErrorCode read_scale(OstNode *at, const Reader *r, PetscReal start, OstExercise *e)
{
  const OstRealKey increment = {"increment", "N/day", 0.0, 0.0, 1e4};
  const OstRealKey every     = {"every", "day", 0.0, 0.0, 365.0};
  const OstRealKey target    = {"target", "N", (PetscReal)NAN, 0.0, 1e4};
  const OstRealKey cap       = {"cap", "N", (PetscReal)NAN, 0.0, 1e4};
  PetscReal        most, cap_value;

  PetscFunctionBeginUser;
  PetscCall(ost_value_real(at, &increment, r->list, &e->increment));
  PetscCall(ost_value_real(at, &every, r->list, &e->every));
  PetscCall(ost_value_real(at, &target, r->list, &most));
  PetscCall(ost_value_real(at, &cap, r->list, &cap_value));
  e->by_scale = (PetscBool)!PetscIsNanReal(start);
  if (!e->by_scale) {
    static const char *const keys[] = {"increment", "every", "target", "cap"};
    for (PetscInt i = 0; i < 4; i++) {
      if (!ost_node_find(at, keys[i])) continue;
      PetscCall(ost_diag_error(r->list, ost_node_where(ost_node_find(at, keys[i])),
                               "add `start: 20 kgf`", "%s without start", keys[i]));
    }
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (PetscIsNanReal(most) && e->increment > 0.0) {
    PetscCall(ost_diag_error(r->list, ost_node_where(at), "add `target: 0.5 BW`",
                             "a load that is raised needs a target"));
  }
  if (e->every > 0.0 && !(e->increment > 0.0)) {
    PetscCall(ost_diag_error(r->list, ost_node_where(ost_node_find(at, "every")),
                             "add `increment: 10 kgf/week`", "every without increment"));
  }
  if (PetscIsNanReal(most)) most = start;
  e->limit = PetscIsNanReal(cap_value) ? most : PetscMin(most, cap_value);
  e->start = PetscMin(start, e->limit); /* a light patient's target may be below the usual start */
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_exercise(OstNode *at, const Reader *r, OstExercise *e)
{
  const OstRealKey start      = {"start", "N", (PetscReal)NAN, 0.0, 1e4};
  const OstRealKey share      = {"share", "1", (PetscReal)NAN, 0.0, 10.0};
  const OstRealKey share_end  = {"share_end", "1", (PetscReal)NAN, 0.0, 10.0};
  const OstRealKey cycles     = {"cycles", "1/day", OST_REQUIRED, 0.0, 1e5};
  const OstRealKey cycles_end = {"cycles_end", "1/day", (PetscReal)NAN, 0.0, 1e5};
  PetscReal        start_value;

  PetscFunctionBeginUser;
  if (r->protocol->num_activities == 0) { /* reported where they are missing */
    ost_node_skip(at);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_value_word(at, "activity", r->names, r->protocol->num_activities, -1, r->list,
                           &e->activity));
  PetscCall(ost_value_real(at, &start, r->list, &start_value));
  PetscCall(read_scale(at, r, start_value, e));
  PetscCall(ost_value_real(at, &share, r->list, &e->share));
  PetscCall(ost_value_real(at, &share_end, r->list, &e->share_end));
  PetscCall(ost_value_real(at, &cycles, r->list, &e->cycles));
  PetscCall(ost_value_real(at, &cycles_end, r->list, &e->cycles_end));
  if (e->by_scale && !(PetscIsNanReal(e->share) && PetscIsNanReal(e->share_end))) {
    PetscCall(ost_diag_error(r->list, ost_node_where(at), "keep one of the two",
                             "start (a load in newtons) and share (of the activity) exclude each "
                             "other"));
  }
  if (e->by_scale && !(ost_activity_peak(&r->protocol->activity[e->activity])->load.axial > 0.0)) {
    PetscCall(ost_diag_error(r->list, ost_node_where(at), "give the activity an axial force > 0",
                             "%s has no axial load that a scale could read",
                             r->names[e->activity]));
  }
  if (PetscIsNanReal(e->share)) e->share = 1.0;
  if (PetscIsNanReal(e->share_end)) e->share_end = e->share;
  if (PetscIsNanReal(e->cycles_end)) e->cycles_end = e->cycles;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Times of a stage must follow one another. Once one could not be read, *trusted is false and the
   order is not checked any further: one fault, one message. */
static PetscErrorCode read_stage_times(OstNode *at, PetscReal from, PetscBool last, const Reader *r,
                                       OstStage *stage, PetscBool *trusted)
{
  const PetscInt errors = ost_diag_num_errors(r->list);

  PetscFunctionBeginUser;
  PetscCall(read_time(at, "from", from, PETSC_FALSE, r, &stage->from));
  PetscCall(read_time(at, "until", PETSC_MAX_REAL, (PetscBool)!last, r, &stage->until));
  if (ost_diag_num_errors(r->list) > errors) *trusted = PETSC_FALSE;
  if (!*trusted) PetscFunctionReturn(PETSC_SUCCESS);
  if (stage->from < from - OST_DAY_SLACK) {
    PetscCall(ost_diag_error(r->list, ost_node_where(at), "stages follow one another in time",
                             "stage %s begins on day %g, before the one above it ends (day %g)",
                             stage->name, (double)stage->from, (double)from));
  }
  if (!(stage->until > stage->from + OST_DAY_SLACK)) {
    PetscCall(ost_diag_error(r->list, ost_node_where(at), "let it end after it begins",
                             "stage %s lasts from day %g until day %g", stage->name,
                             (double)stage->from, (double)stage->until));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_stage(OstNode *at, const Reader *r, OstStage *stage)
{
  OstNode *exercises;
  PetscInt aid;

  PetscFunctionBeginUser;
  PetscCall(ost_value_word(at, "aid", ost_aid_names, OST_NUM_AIDS, OST_AID_NONE, r->list, &aid));
  stage->aid = (OstAid)aid;
  PetscCall(ost_value_list(at, "do", PETSC_FALSE, r->list, &exercises));
  for (PetscInt i = 0; exercises && i < ost_node_size(exercises); i++) {
    OstNode     *entry = ost_node_item(exercises, i);
    OstExercise *e     = &stage->exercise[stage->num_exercises];
    if (i >= OST_STAGE_EXERCISES || ost_node_kind(entry) != OST_NODE_MAPPING) {
      PetscCall(ost_diag_error(r->list, ost_node_where(entry),
                               "write up to 8 lines such as {activity: walking, cycles: 500 1/day}",
                               "an exercise that cannot be read"));
      continue;
    }
    PetscCall(read_exercise(entry, r, e));
    if (e->by_scale && e->increment <= 0.0 && e->limit > e->start &&
        stage->until >= PETSC_MAX_REAL) {
      PetscCall(ost_diag_error(r->list, ost_node_where(entry),
                               "add an increment, or an end to the stage",
                               "a load rises evenly over a stage that has no end"));
    }
    stage->num_exercises++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_stages(OstNode *root, const Reader *r)
{
  OstProtocol *p = r->protocol;
  OstNode     *sequence;
  PetscInt     num;
  PetscReal    from    = 0.0;
  PetscBool    trusted = PETSC_TRUE;

  PetscFunctionBeginUser;
  PetscCall(ost_value_list(root, "stages", PETSC_TRUE, r->list, &sequence));
  num = sequence ? ost_node_size(sequence) : 0;
  PetscCall(PetscCalloc1(num, &p->stage));
  for (PetscInt i = 0; i < num; i++) {
    OstNode  *entry = ost_node_item(sequence, i);
    OstStage *stage = &p->stage[p->num_stages];
    if (ost_node_kind(entry) != OST_NODE_MAPPING) {
      PetscCall(ost_diag_error(r->list, ost_node_where(entry), "write name, from, until, do",
                               "a stage is a section"));
      continue;
    }
    PetscCall(read_name(entry, r->list, stage->name));
    PetscCall(read_stage_times(entry, from, (PetscBool)(i == num - 1), r, stage, &trusted));
    PetscCall(read_stage(entry, r, stage));
    from = PetscMax(from, stage->until);
    p->num_stages++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Factors by which a walking aid unloads the limb (P3). */
static PetscErrorCode read_aids(OstNode *root, const Reader *r)
{
  static const PetscReal force[OST_NUM_AIDS] = {1.0, 0.90, 0.50}, moment[] = {1.0, 0.85, 0.50};
  OstProtocol           *p = r->protocol;
  OstNode               *aids, *aid;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(root, "aids", r->list, &aids));
  p->aid_force[OST_AID_NONE] = p->aid_moment[OST_AID_NONE] = 1.0;
  for (PetscInt i = OST_AID_ONE_CRUTCH; i < OST_NUM_AIDS; i++) {
    const OstRealKey f = {"force", "1", force[i], 0.0, 1.5},
                     m = {"moment", "1", moment[i], 0.0, 1.5};
    PetscCall(ost_value_section_or_defaults(aids, ost_aid_names[i], r->list, &aid));
    PetscCall(ost_value_real(aid, &f, r->list, &p->aid_force[i]));
    PetscCall(ost_value_real(aid, &m, r->list, &p->aid_moment[i]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_protocol_read(OstNode *root, PetscReal s2_day, OstDiagList *list,
                                 OstProtocol **protocol)
{
  const OstRealKey second = {"second_operation", "day", 0.0, 0.0, 3650.0};
  Reader           r      = {NULL, list, NULL};
  const char      *description;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&r.protocol));
  PetscCall(read_name(root, list, r.protocol->name));
  PetscCall(ost_value_text(root, "description", "", list, &description));
  PetscCall(ost_value_real(root, &second, list, &r.protocol->second_operation));
  if (s2_day >= 0.0) r.protocol->second_operation = s2_day;
  PetscCall(read_aids(root, &r));
  PetscCall(read_activities(root, &r));
  PetscCall(read_stages(root, &r));
  PetscCall(PetscFree(r.names));
  *protocol = r.protocol;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_protocol_destroy(OstProtocol **protocol)
{
  PetscFunctionBeginUser;
  if (!*protocol) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < (*protocol)->num_activities; i++)
    PetscCall(PetscFree((*protocol)->activity[i].phase));
  PetscCall(PetscFree((*protocol)->activity));
  PetscCall(PetscFree((*protocol)->stage));
  PetscCall(PetscFree(*protocol));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- asking ---------------------------------------------------------------------------------- */

PetscInt ost_protocol_stage(const OstProtocol *protocol, PetscReal t_day, PetscBool before)
{
  /* just inside the interval that is meant */
  const PetscReal t = t_day + (before ? -OST_DAY_SLACK : OST_DAY_SLACK);

  for (PetscInt i = 0; i < protocol->num_stages; i++) {
    if (t >= protocol->stage[i].from && t < protocol->stage[i].until) return i;
  }
  return OST_NO_STAGE;
}

/* Share of the stage that has passed, in [0, 1]; 0 in a stage without end. */
static PetscReal progress(const OstStage *stage, PetscReal t_day)
{
  if (stage->until >= PETSC_MAX_REAL) return 0.0;
  return PetscMin(PetscMax((t_day - stage->from) / (stage->until - stage->from), 0.0), 1.0);
}

/* Axial load on the scale (P2) [N]. */
static PetscReal scale_load(const OstStage *stage, const OstExercise *e, PetscReal t_day,
                            PetscBool before)
{
  PetscReal days = PetscMax(t_day - stage->from, 0.0);

  if (e->increment <= 0.0) return e->start + (e->limit - e->start) * progress(stage, t_day);
  if (e->every > 0.0) {
    const PetscReal slack = (before ? -OST_DAY_SLACK : OST_DAY_SLACK) / e->every;
    days                  = e->every * PetscMax(PetscFloorReal(days / e->every + slack), 0.0);
  }
  return PetscMin(e->start + e->increment * days, e->limit);
}

PetscInt ost_protocol_at(const OstProtocol *protocol, PetscReal t_day, PetscBool before,
                         OstActive active[OST_STAGE_EXERCISES])
{
  const PetscInt  index = ost_protocol_stage(protocol, t_day, before);
  const OstStage *stage;
  PetscInt        num = 0;

  if (index == OST_NO_STAGE) return 0;
  stage = &protocol->stage[index];
  for (PetscInt i = 0; i < stage->num_exercises; i++) {
    const OstExercise *e    = &stage->exercise[i];
    const OstLimbLoad *peak = &ost_activity_peak(&protocol->activity[e->activity])->load;
    const PetscReal    done = progress(stage, t_day);
    PetscReal          force, moment;

    if (e->by_scale) {
      force = moment = scale_load(stage, e, t_day, before) / peak->axial;
    } else {
      const PetscReal share = e->share + (e->share_end - e->share) * done;
      force                 = share * protocol->aid_force[stage->aid];
      moment                = share * protocol->aid_moment[stage->aid];
    }
    active[num].activity = e->activity;
    active[num].force    = force;
    active[num].moment   = moment;
    active[num].load     = ost_limb_load_scaled(peak, force, moment);
    active[num].cycles   = e->cycles + (e->cycles_end - e->cycles) * done;
    if (active[num].cycles > 0.0 && (force > 0.0 || moment > 0.0)) num++;
  }
  return num;
}

/* First day after t_day on which a load on the scale steps up or reaches its limit. */
static PetscReal next_raise(const OstStage *stage, const OstExercise *e, PetscReal t_day)
{
  const PetscReal reached = stage->from + (e->limit - e->start) / PetscMax(e->increment, 1e-300);

  if (!e->by_scale || e->increment <= 0.0) return PETSC_MAX_REAL;
  if (e->every > 0.0) {
    const PetscReal passed = PetscMax(t_day - stage->from, -e->every);
    const PetscReal next   = PetscFloorReal(passed / e->every + OST_DAY_SLACK / e->every) + 1.0;
    const PetscReal last   = PetscCeilReal((reached - stage->from) / e->every - OST_DAY_SLACK);
    return next <= last && next > 0.5 ? stage->from + next * e->every : PETSC_MAX_REAL;
  }
  return reached > t_day + OST_DAY_SLACK ? reached : PETSC_MAX_REAL;
}

PetscReal ost_protocol_next_event(const OstProtocol *protocol, PetscReal t_day)
{
  PetscReal next = PETSC_MAX_REAL;

  for (PetscInt i = 0; i < protocol->num_stages; i++) {
    const OstStage *stage = &protocol->stage[i];
    if (stage->from > t_day + OST_DAY_SLACK) next = PetscMin(next, stage->from);
    if (stage->until > t_day + OST_DAY_SLACK) next = PetscMin(next, stage->until);
    if (stage->from > t_day + OST_DAY_SLACK || stage->until <= t_day + OST_DAY_SLACK) continue;
    for (PetscInt k = 0; k < stage->num_exercises; k++) {
      next = PetscMin(next, next_raise(stage, &stage->exercise[k], t_day));
    }
  }
  return next;
}

PetscErrorCode ost_protocol_table(const OstProtocol *protocol, PetscReal until_day, char **text)
{
  const PetscInt weeks  = (PetscInt)PetscCeilReal(PetscMin(until_day, 1e5) / 7.0);
  const size_t   line   = 256;
  const size_t   length = line * ((size_t)weeks * OST_STAGE_EXERCISES + 4);
  size_t         used;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(length, text));
  used = (size_t)snprintf(*text, length, "%s\n%5s %6s  %-28s %-12s %-22s %8s %8s %8s %8s\n",
                          protocol->name, "week", "day", "stage", "aid", "activity", "axial N",
                          "bend N.m", "tors N.m", "1/day");
  for (PetscInt week = 0; week <= weeks; week++) {
    const PetscReal t_day = PetscMin(7.0 * (PetscReal)week, until_day);
    const PetscBool end   = (PetscBool)(week == weeks);
    const PetscInt  s     = ost_protocol_stage(protocol, t_day, end);
    const char     *stage = s < 0 ? "-" : protocol->stage[s].name;
    const char     *aid   = s < 0 ? "none" : ost_aid_names[protocol->stage[s].aid];
    OstActive       active[OST_STAGE_EXERCISES];
    const PetscInt  num = ost_protocol_at(protocol, t_day, end, active);

    for (PetscInt i = 0; i < PetscMax(num, 1) && used + line < length; i++) {
      used += (size_t)snprintf(*text + used, line, "%5.0f %6.0f  %-28.28s %-12s ",
                               (double)PetscFloorReal(t_day / 7.0), (double)t_day, stage, aid);
      if (num == 0) {
        used += (size_t)snprintf(*text + used, line, "rest\n");
        break;
      }
      used += (size_t)snprintf(*text + used, line - 100, "%-22.22s %8.0f %8.1f %8.1f %8.0f\n",
                               protocol->activity[active[i].activity].name,
                               (double)active[i].load.axial,
                               (double)ost_limb_load_bending(&active[i].load) / 1e3,
                               (double)active[i].load.torsion / 1e3, (double)active[i].cycles);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
