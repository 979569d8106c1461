#include "input/stage.h"

#include "input/quantity.h"
#include "input/treatment_day.h"

#include <math.h>

const char *const ost_aid_names[OST_NUM_AIDS] = {"none", "one_crutch", "two_crutches"};

/* How `until` speaks of a load instead of a time; and of each load's own target. */
#define UNTIL_LOAD   "load reaches "
#define UNTIL_TARGET "target"

typedef struct {
  const OstStageContext *context;
  OstDiagList           *list;
  const char           **names; /* of the activities, as written */
} Reader;

/* --- exercises -------------------------------------------------------------------------------- */

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
  if (r->context->num_activities == 0) { /* reported where they are missing */
    ost_node_skip(at);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_value_word(at, "activity", r->names, r->context->num_activities, -1, r->list,
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
  if (e->by_scale && !(ost_activity_peak(&r->context->activity[e->activity])->load.axial > 0.0)) {
    PetscCall(ost_diag_error(r->list, ost_node_where(at), "give the activity an axial force > 0",
                             "%s has no axial load that a scale could read",
                             r->names[e->activity]));
  }
  if (PetscIsNanReal(e->share)) e->share = 1.0;
  if (PetscIsNanReal(e->share_end)) e->share_end = e->share;
  if (PetscIsNanReal(e->cycles_end)) e->cycles_end = e->cycles;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_exercises(OstNode *at, const Reader *r, OstStage *stage)
{
  OstNode *exercises;

  PetscFunctionBeginUser;
  PetscCall(ost_value_list(at, "do", PETSC_FALSE, r->list, &exercises));
  for (PetscInt i = 0; exercises && i < ost_node_size(exercises); i++) {
    OstNode *entry = ost_node_item(exercises, i);
    if (i >= OST_STAGE_EXERCISES || ost_node_kind(entry) != OST_NODE_MAPPING) {
      PetscCall(ost_diag_error(r->list, ost_node_where(entry),
                               "write up to 8 lines such as {activity: walking, cycles: 500 1/day}",
                               "an exercise that cannot be read"));
      continue;
    }
    PetscCall(read_exercise(entry, r, &stage->exercise[stage->num_exercises++]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool rises_evenly(const OstExercise *e)
{
  return e->by_scale && e->increment <= 0.0 && e->limit > e->start ? PETSC_TRUE : PETSC_FALSE;
}

/* Lines of a stage without end; told at its `do`. */
static PetscErrorCode refuse_endless_rise(OstNode *at, const Reader *r, const OstStage *stage)
{
  OstNode *lines = ost_node_find(at, "do");

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < stage->num_exercises && stage->until >= PETSC_MAX_REAL; i++)
    if (rises_evenly(&stage->exercise[i]))
      PetscCall(ost_diag_error(r->list, ost_node_where(ost_node_item(lines, i)),
                               "add an increment, or an end to the stage",
                               "a load rises evenly over a stage that has no end"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- until a load ----------------------------------------------------------------------------- */

/* Days after the stage's beginning on which a load of the scale is `load` [N]; < 0: never. A load
   that is there from the start is stood for one step, or one day. */
static PetscReal days_to_load(const OstExercise *e, PetscReal load)
{
  const PetscReal slack = 1e-9 * PetscMax(load, 1.0), step = e->every > 0.0 ? e->every : 1.0;
  PetscReal       days;

  if (load > e->limit + slack) return -1.0;
  if (load <= e->start + slack) return step;
  days = (load - e->start) / e->increment;
  return e->every > 0.0 ? e->every * PetscCeilReal(days / e->every - OST_DAY_SLACK) : days;
}

/* The same of any exercise; *most: what its load becomes at most [N]. */
static PetscReal days_of_exercise(const Reader *r, const OstStage *stage, const OstExercise *e,
                                  PetscReal load, PetscReal *most)
{
  const OstActivity *activity = &r->context->activity[e->activity];
  const PetscReal    peak     = ost_activity_peak(activity)->load.axial;

  if (e->by_scale) {
    *most = e->limit;
    return days_to_load(e, PetscIsNanReal(load) ? e->limit : load);
  }
  *most = e->share * r->context->aid_force[stage->aid] * peak;
  return *most >= load ? 1.0 : -1.0; /* not where the scale's target is asked for: NaN */
}

/* `until: load reaches 0.5 BW`, or `target`: the first day on which an exercise of the stage gets
   there. Its loads must not hang on the stage's end, which is looked for. */
static PetscErrorCode resolve_until_load(OstNode *node, const char *text, const Reader *r,
                                         OstStage *stage)
{
  const char    *what   = text + strlen(UNTIL_LOAD);
  const PetscInt errors = ost_diag_num_errors(r->list);
  PetscReal      load = (PetscReal)NAN, first = PETSC_MAX_REAL, most = 0.0;

  PetscFunctionBeginUser;
  PetscCall(PetscStrncpy(stage->until_load, text, OST_RULE_LENGTH));
  if (strcmp(what, UNTIL_TARGET) != 0)
    PetscCall(
        ost_value_parse(ost_node_case(node), ost_node_where(node), what, "N", r->list, &load));
  if (ost_diag_num_errors(r->list) > errors) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < stage->num_exercises; i++) {
    const OstExercise *e = &stage->exercise[i];
    PetscReal          limit;
    if (rises_evenly(e) || (!e->by_scale && e->share != e->share_end)) {
      PetscCall(ost_diag_error(r->list, ost_node_where(node),
                               "give the load an increment, or the stage a time to end at",
                               "`until` waits for a load that rises evenly until then"));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    const PetscReal days = days_of_exercise(r, stage, e, load, &limit);
    if (days >= 0.0) first = PetscMin(first, days);
    most = PetscMax(most, limit);
  }
  if (first < PETSC_MAX_REAL) {
    stage->until = stage->from + first;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_diag_error(r->list, ost_node_where(node),
                           "raise target and cap, or wait for `load reaches target`",
                           "`until: %s` is never true: the loads of stage %s end at %.0f N", text,
                           stage->name, (double)most));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- times ------------------------------------------------------------------------------------ */

static PetscErrorCode read_until(OstNode *at, PetscBool last, const Reader *r, OstStage *stage)
{
  OstNode    *node = ost_node_find(at, "until");
  const char *text;

  PetscFunctionBeginUser;
  stage->until = PETSC_MAX_REAL;
  PetscCall(ost_value_text(at, "until", last ? "" : NULL, r->list, &text));
  if (!node || !text[0]) PetscFunctionReturn(PETSC_SUCCESS);
  if (!strncmp(text, UNTIL_LOAD, strlen(UNTIL_LOAD)))
    PetscCall(resolve_until_load(node, text, r, stage));
  else
    PetscCall(ost_treatment_day_parse(node, "until", text, r->context->second_operation, r->list,
                                      &stage->until));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Times of a stage must follow one another. Once one could not be read, *trusted is false and the
   order is not checked any further: one fault, one message. */
static PetscErrorCode read_stage_times(OstNode *at, PetscReal from, PetscBool last, const Reader *r,
                                       OstStage *stage, PetscBool *trusted)
{
  const PetscInt errors = ost_diag_num_errors(r->list);

  PetscFunctionBeginUser;
  PetscCall(ost_treatment_day_read(at, "from", from, PETSC_FALSE, r->context->second_operation,
                                   r->list, &stage->from));
  PetscCall(read_until(at, last, r, stage));
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
  PetscCall(refuse_endless_rise(at, r, stage));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- conditions ------------------------------------------------------------------------------- */

/* At rest some signs say nothing. */
static PetscErrorCode check_sign(OstNode *node, const OstStage *stage, const Reader *r)
{
  const OstSignInfo *sign = &ost_signs[stage->go_on.sign];

  PetscFunctionBeginUser;
  if (stage->num_exercises == 0 && sign->loaded)
    PetscCall(ost_diag_error(
        r->list, ost_node_where(node), "wait for bonded_area or strength, or in a stage with loads",
        "%s says nothing in stage %s, which has no exercises", sign->name, stage->name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_go_on(OstNode *at, const Reader *r, PetscBool trusted, OstStage *stage)
{
  OstNode    *node = ost_node_find(at, "go_on_when"), *latest = ost_node_find(at, "at_latest");
  const char *text;

  PetscFunctionBeginUser;
  PetscCall(ost_value_text(at, "go_on_when", "", r->list, &text));
  PetscCall(ost_treatment_day_read(at, "at_latest", PETSC_MAX_REAL, PETSC_FALSE,
                                   r->context->second_operation, r->list, &stage->at_latest));
  if (node && text[0])
    PetscCall(ost_condition_parse(node, text, r->list, &stage->go_on, &stage->waits));
  if (latest && !node)
    PetscCall(ost_diag_error(r->list, ost_node_where(latest),
                             "add `go_on_when: bonded_area > 30 %`, or leave it to `until`",
                             "`at_latest` without `go_on_when`"));
  if (!stage->waits) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(check_sign(node, stage, r));
  if (!trusted) PetscFunctionReturn(PETSC_SUCCESS);
  if (stage->until >= PETSC_MAX_REAL)
    PetscCall(ost_diag_error(r->list, ost_node_where(node), "add the planned end, `until: ...`",
                             "stage %s has no end that could be put off", stage->name));
  else if (stage->at_latest < stage->until - OST_DAY_SLACK)
    PetscCall(ost_diag_error(r->list, ost_node_where(latest), "let it lie after `until`",
                             "`at_latest` is day %g, before the planned end on day %g",
                             (double)stage->at_latest, (double)stage->until));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- stages ----------------------------------------------------------------------------------- */

static PetscErrorCode read_stage(OstNode *at, PetscReal from, PetscBool last, const Reader *r,
                                 OstStage *stage, PetscBool *trusted)
{
  static const OstIntKey rest_days = {"rest_days", 0, 0, 6};
  PetscInt               aid;

  PetscFunctionBeginUser;
  PetscCall(ost_name_read(at, r->list, stage->name));
  PetscCall(ost_value_word(at, "aid", ost_aid_names, OST_NUM_AIDS, OST_AID_NONE, r->list, &aid));
  stage->aid = (OstAid)aid;
  PetscCall(read_exercises(at, r, stage));
  PetscCall(ost_value_int(at, &rest_days, r->list, &stage->rest_days));
  if (stage->rest_days > 0 && stage->num_exercises == 0)
    PetscCall(ost_diag_error(r->list, ost_node_where(ost_node_find(at, "rest_days")),
                             "leave it out, or say what is done on the other days",
                             "stage %s has no exercise on any day", stage->name));
  PetscCall(read_stage_times(at, from, last, r, stage, trusted));
  PetscCall(ost_rules_read(at, r->list, &stage->rules));
  if (stage->rules.num > 0 && stage->num_exercises == 0)
    PetscCall(ost_diag_error(r->list, ost_node_where(ost_node_find(at, "rules")),
                             "put them into a stage with loads",
                             "stage %s has no exercises, and no load to hold", stage->name));
  PetscCall(read_go_on(at, r, *trusted, stage));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_stages_read(OstNode *root, const OstStageContext *context, OstDiagList *list,
                               PetscInt *num, OstStage **stage)
{
  Reader    r = {context, list, NULL};
  OstNode  *sequence;
  PetscReal from    = 0.0;
  PetscBool trusted = PETSC_TRUE;

  PetscFunctionBeginUser;
  *num = 0;
  PetscCall(PetscCalloc1(context->num_activities + 1, &r.names));
  for (PetscInt i = 0; i < context->num_activities; i++) r.names[i] = context->activity[i].name;
  PetscCall(ost_value_list(root, "stages", PETSC_TRUE, list, &sequence));
  const PetscInt entries = sequence ? ost_node_size(sequence) : 0;
  PetscCall(PetscCalloc1(entries, stage));
  for (PetscInt i = 0; i < entries; i++) {
    OstNode  *entry = ost_node_item(sequence, i);
    OstStage *next  = &(*stage)[*num];
    if (ost_node_kind(entry) != OST_NODE_MAPPING) {
      PetscCall(ost_diag_error(list, ost_node_where(entry), "write name, from, until, do",
                               "a stage is a section"));
      continue;
    }
    PetscCall(read_stage(entry, from, (PetscBool)(i == entries - 1), &r, next, &trusted));
    from = PetscMax(from, next->until);
    ++*num;
  }
  PetscCall(PetscFree(r.names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- asking ----------------------------------------------------------------------------------- */

PetscReal ost_stage_progress(const OstStage *stage, PetscReal t_day)
{
  if (stage->until >= PETSC_MAX_REAL) return 0.0;
  return PetscMin(PetscMax((t_day - stage->from) / (stage->until - stage->from), 0.0), 1.0);
}

PetscReal ost_exercise_scale_load(const OstStage *stage, const OstExercise *e, PetscReal t_day,
                                  PetscBool before)
{
  PetscReal days = PetscMax(t_day - stage->from, 0.0);

  if (e->increment <= 0.0)
    return e->start + (e->limit - e->start) * ost_stage_progress(stage, t_day);
  if (e->every > 0.0) {
    const PetscReal slack = (before ? -OST_DAY_SLACK : OST_DAY_SLACK) / e->every;
    days                  = e->every * PetscMax(PetscFloorReal(days / e->every + slack), 0.0);
  }
  return PetscMin(e->start + e->increment * days, e->limit);
}

PetscReal ost_exercise_next_raise(const OstStage *stage, const OstExercise *e, PetscReal t_day)
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
