#include "loads/timetable.h"

#include "base/page.h"
#include "input/quantity.h"

#include <math.h>

#define WEEK 7.0

/* A stretch of days with its loads as they are at its end, and where those began. */
typedef struct {
  PetscReal from, until; /* [day] */
  PetscInt  stage, num;
  OstActive active[OST_STAGE_EXERCISES];
  PetscReal least[OST_STAGE_EXERCISES];  /* axial load at the beginning [N] */
  PetscReal cycles[OST_STAGE_EXERCISES]; /* at the beginning [1/day] */
} Row;

typedef struct {
  const OstSchedule *schedule;
  OstPage            page;
  PetscInt           stage;   /* of the line above, which is not repeated; */
  PetscReal          written; /* what is planned until this day has been written [day] */
} Table;

/* --- rows ------------------------------------------------------------------------------------- */

static Row look_at(const OstSchedule *schedule, PetscReal from, PetscReal until)
{
  Row row = {.from = from, .until = until};

  row.stage = ost_protocol_stage(schedule->protocol, until, PETSC_TRUE);
  row.num   = ost_protocol_at(schedule->protocol, until, PETSC_TRUE, row.active);

  OstActive      first[OST_STAGE_EXERCISES];
  const PetscInt num = ost_protocol_at(schedule->protocol, from, PETSC_FALSE, first);
  for (PetscInt i = 0; i < row.num; i++) {
    row.least[i]  = 0.0; /* an exercise that begins at nothing is not among the first */
    row.cycles[i] = row.active[i].cycles;
    for (PetscInt k = 0; k < num; k++) {
      if (first[k].activity != row.active[i].activity) continue;
      row.least[i]  = first[k].load.axial;
      row.cycles[i] = first[k].cycles;
    }
  }
  return row;
}

/* The same loads; cycles of a stage run on evenly and may differ. */
static PetscBool is_the_same(const Row *a, const Row *b)
{
  if (a->stage != b->stage || a->num != b->num) return PETSC_FALSE;
  for (PetscInt i = 0; i < a->num; i++) {
    const OstActive *p = &a->active[i], *q = &b->active[i];
    if (p->activity != q->activity || PetscAbsReal(p->force - q->force) > 1e-9 ||
        PetscAbsReal(p->moment - q->moment) > 1e-9 ||
        PetscAbsReal(a->least[i] - b->least[i]) > 1e-6)
      return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* The next day after t on which something is planned. */
static PetscReal next_planned(const OstSchedule *schedule, PetscReal t)
{
  const PetscReal after = t + OST_DAY_SLACK, s2 = schedule->protocol->second_operation;
  PetscReal       next = s2 > 0.0 && s2 > after ? s2 : PETSC_MAX_REAL;

  for (PetscInt i = 0; i < schedule->events.num; i++)
    if (schedule->events.event[i].day > after) next = PetscMin(next, schedule->events.event[i].day);
  return next;
}

/* The end of the week that begins on day t, weeks of a stage counting from its beginning: its end,
   or the next day with something planned, if that comes first. */
static PetscReal week_end(const OstSchedule *schedule, PetscReal t)
{
  const OstProtocol *protocol = schedule->protocol;
  const PetscInt     stage    = ost_protocol_stage(protocol, t, PETSC_FALSE);
  PetscReal          end = PetscMin(PetscMin(t + WEEK, next_planned(schedule, t)), schedule->until);

  if (stage != OST_NO_STAGE) return PetscMin(end, protocol->stage[stage].until);
  for (PetscInt i = 0; i < protocol->num_stages; i++)
    if (protocol->stage[i].from > t + OST_DAY_SLACK) end = PetscMin(end, protocol->stage[i].from);
  return end;
}

/* "26", "26.1" */
static void format_weeks(PetscReal day, char text[], size_t length)
{
  const double weeks = (double)(day / WEEK);

  (void)snprintf(text, length, fabs(weeks - round(weeks)) < 0.005 ? "%.0f" : "%.1f", weeks);
}

/* "358", or "196-358" of what rises meanwhile. */
static void format_range(PetscReal from, PetscReal until, char text[], size_t length)
{
  if (fabs((double)(from - until)) < 0.5)
    (void)snprintf(text, length, "%.0f", (double)until);
  else
    (void)snprintf(text, length, "%.0f-%.0f", (double)from, (double)until);
}

/* One activity of a row. */
static PetscErrorCode add_activity(Table *t, const Row *row, PetscInt i, PetscInt rest_days)
{
  const OstProtocol *protocol = t->schedule->protocol;
  const OstActive   *a        = &row->active[i];
  const PetscReal    factor   = t->schedule->load_factor;
  const OstLimbLoad  load     = ost_limb_load_scaled(&a->load, factor, factor);
  const PetscReal    from     = factor * row->least[i];
  const PetscReal    percent  = 100.0 / PetscMax(protocol->body_weight, 1e-9);
  char               axial[24], of_weight[24], cycles[24];

  PetscFunctionBeginUser;
  format_range(from, load.axial, axial, sizeof axial);
  format_range(percent * from, percent * load.axial, of_weight, sizeof of_weight);
  format_range(row->cycles[i], a->cycles, cycles, sizeof cycles);
  PetscCall(ost_page_add(
      &t->page, "%-13.13s %9s %6s %5.1f %4.1f %9s", protocol->activity[a->activity].name, axial,
      of_weight, (double)ost_limb_load_bending(&load) / 1e3, (double)load.torsion / 1e3, cycles));
  if (rest_days > 0) PetscCall(ost_page_add(&t->page, " %3" PetscInt_FMT, rest_days));
  PetscCall(ost_page_add(&t->page, "\n"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* By OstAid. */
static const char *const aids[OST_NUM_AIDS] = {"", "1 crutch", "2 crutches"};

static PetscErrorCode add_row(Table *t, const Row *row)
{
  const OstProtocol *protocol = t->schedule->protocol;
  const OstStage    *stage    = row->stage == OST_NO_STAGE ? NULL : &protocol->stage[row->stage];
  const PetscBool    again    = row->stage == t->stage ? PETSC_TRUE : PETSC_FALSE;
  char               from[16], until[16], weeks[40];

  PetscFunctionBeginUser;
  format_weeks(row->from, from, sizeof from);
  format_weeks(row->until, until, sizeof until);
  (void)snprintf(weeks, sizeof weeks, "%s-%s", from, until);
  for (PetscInt i = 0; i < PetscMax(row->num, 1); i++) {
    const PetscBool first = i == 0 && !again ? PETSC_TRUE : PETSC_FALSE;
    PetscCall(ost_page_add(&t->page, "%-9s %-23.23s %-10s ", i == 0 ? weeks : "",
                           !first  ? ""
                           : stage ? stage->name
                                   : "-",
                           first && stage ? aids[stage->aid] : ""));
    if (row->num == 0) {
      PetscCall(ost_page_add(&t->page, "rest\n"));
      break;
    }
    PetscCall(add_activity(t, row, i, stage->rest_days));
  }
  t->stage = row->stage;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- what is planned -------------------------------------------------------------------------- */

static PetscBool is_same_day(PetscReal a, PetscReal b)
{
  return PetscAbsReal(a - b) <= OST_DAY_SLACK ? PETSC_TRUE : PETSC_FALSE;
}

static PetscErrorCode add_planned(Table *t, PetscReal day, const char *what, const char *name)
{
  char week[16];

  PetscFunctionBeginUser;
  format_weeks(day, week, sizeof week);
  PetscCall(ost_page_add(&t->page, "%-9s * %s%s\n", week, what, name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What falls on days after t->written until `day`, in the order of the days. */
static PetscErrorCode add_all_planned(Table *t, PetscReal day)
{
  const OstPlannedList *events = &t->schedule->events;
  const PetscReal       s2     = t->schedule->protocol->second_operation;

  PetscFunctionBeginUser;
  while (t->written < day) {
    const PetscReal next = next_planned(t->schedule, t->written);
    t->written           = PetscMin(next, day);
    if (next > day) break;
    if (s2 > 0.0 && is_same_day(next, s2))
      PetscCall(add_planned(t, next, "S2, second operation", ""));
    for (PetscInt i = 0; i < events->num; i++) {
      const OstPlanned *event = &events->event[i];
      if (!is_same_day(event->day, next)) continue;
      PetscCall(
          add_planned(t, next, event->kind == OST_PLANNED_FALL ? "fall " : "output", event->name));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- conditions ------------------------------------------------------------------------------- */

static PetscErrorCode add_rules(Table *t, const char *where, const OstProtocolRules *rules)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < rules->num; i++)
    PetscCall(ost_page_add(&t->page, "  %.24s: %s\n", where, rules->rule[i].text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool has_conditions(const OstProtocol *protocol)
{
  PetscInt num = protocol->rules.num;

  for (PetscInt i = 0; i < protocol->num_stages; i++)
    num += protocol->stage[i].rules.num + (protocol->stage[i].waits ? 1 : 0);
  return num > 0 ? PETSC_TRUE : PETSC_FALSE;
}

static PetscErrorCode add_conditions(Table *t)
{
  const OstProtocol *protocol = t->schedule->protocol;

  PetscFunctionBeginUser;
  if (!has_conditions(protocol)) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_page_add(&t->page, "Conditions, judged every %g days from S1:\n",
                         (double)protocol->review));
  PetscCall(add_rules(t, "whenever there are loads", &protocol->rules));
  for (PetscInt i = 0; i < protocol->num_stages; i++) {
    const OstStage *stage = &protocol->stage[i];
    char            week[16];
    PetscCall(add_rules(t, stage->name, &stage->rules));
    if (!stage->waits) continue;
    PetscCall(ost_page_add(&t->page, "  %.24s: ends when %s", stage->name, stage->go_on.text));
    format_weeks(stage->at_latest, week, sizeof week);
    if (stage->at_latest < PETSC_MAX_REAL)
      PetscCall(ost_page_add(&t->page, ", at the latest in week %s", week));
    PetscCall(ost_page_add(&t->page, "\n"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_timetable_write(const OstSchedule *schedule, char **text)
{
  Table t = {.schedule = schedule, .stage = OST_NO_STAGE - 1, .written = -1.0};
  Row   row, next;

  PetscFunctionBeginUser;
  PetscCall(ost_page_create(&t.page));
  PetscCall(ost_page_add(&t.page,
                         "%s\n%-9s %-23s %-10s %-13s %9s %6s %5s %4s %9s %3s\n"
                         "%-44s %-13s %9s %6s %5s %4s %9s %3s\n",
                         schedule->protocol->name, "weeks", "stage", "aid", "activity", "axial",
                         "% of", "bend", "tors", "times", "off", "", "(at the end)", "N", "BW",
                         "N.m", "N.m", "a day", "wk"));
  PetscCall(add_all_planned(&t, 0.0));
  row = look_at(schedule, 0.0, week_end(schedule, 0.0));
  while (row.until < schedule->until - OST_DAY_SLACK) {
    next = look_at(schedule, row.until, week_end(schedule, row.until));
    if (is_the_same(&row, &next) && next_planned(schedule, t.written) > row.until) {
      row.until = next.until;
      for (PetscInt i = 0; i < row.num; i++) row.active[i].cycles = next.active[i].cycles;
      continue;
    }
    PetscCall(add_row(&t, &row));
    PetscCall(add_all_planned(&t, row.until));
    row = next;
  }
  PetscCall(add_row(&t, &row));
  PetscCall(add_all_planned(&t, schedule->until));
  PetscCall(add_conditions(&t));
  *text = t.page.text;
  PetscFunctionReturn(PETSC_SUCCESS);
}
