#include "loads/clock.h"

#include "input/quantity.h"

const char *const ost_decision_names[OST_NUM_DECISIONS] = {"hold", "release", "step back",
                                                           "wait", "go on",   "at the latest"};

OstClock ost_clock_start(void)
{
  const OstClock clock = {
      .held_by = -1, .no_back_till = -PETSC_MAX_REAL, .furthest = -PETSC_MAX_REAL};
  return clock;
}

PetscBool ost_clock_stands(const OstClock *clock)
{
  return clock->held_by >= 0 || clock->waits ? PETSC_TRUE : PETSC_FALSE;
}

PetscReal ost_clock_day(const OstClock *clock, PetscReal t)
{
  return ost_clock_stands(clock) ? clock->day : clock->day + (t - clock->since);
}

PetscBool ost_clock_before(const OstClock *clock, PetscBool before)
{
  if (!ost_clock_stands(clock)) return before;
  return clock->left ? PETSC_FALSE : PETSC_TRUE;
}

PetscBool ost_clock_reaches(const OstClock *clock, PetscReal planned, PetscReal t)
{
  return !ost_clock_stands(clock) && planned > clock->furthest + OST_DAY_SLACK &&
                 PetscAbsReal(planned - ost_clock_day(clock, t)) <= OST_DAY_SLACK
             ? PETSC_TRUE
             : PETSC_FALSE;
}

/* --- what comes next -------------------------------------------------------------------------- */

/* The real day of a day of the protocol, for a clock that goes on. */
static PetscReal real_day(const OstClock *clock, PetscReal planned)
{
  return planned >= PETSC_MAX_REAL ? PETSC_MAX_REAL : clock->since + (planned - clock->day);
}

PetscReal ost_clock_next_change(const OstClock *clock, const OstProtocol *protocol, PetscReal t)
{
  if (ost_clock_stands(clock)) return PETSC_MAX_REAL;
  return real_day(clock, ost_protocol_next_event(protocol, ost_clock_day(clock, t)));
}

PetscReal ost_clock_next_of(const OstClock *clock, PetscInt num, const PetscReal planned[],
                            PetscReal t)
{
  PetscReal next = PETSC_MAX_REAL;

  if (ost_clock_stands(clock)) return next;
  for (PetscInt i = 0; i < num; i++) {
    const PetscReal day = real_day(clock, planned[i]);
    if (planned[i] > clock->furthest + OST_DAY_SLACK && day > t + OST_DAY_SLACK)
      next = PetscMin(next, day);
  }
  return next;
}

/* The stage that the clock is in; `before`: as the day is reached. */
static const OstStage *stage_on(const OstClock *clock, const OstProtocol *protocol, PetscReal t,
                                PetscBool before)
{
  const PetscInt index =
      ost_protocol_stage(protocol, ost_clock_day(clock, t), ost_clock_before(clock, before));

  return index == OST_NO_STAGE ? NULL : &protocol->stage[index];
}

/* The day on which a stage that waits goes on in any case. */
static PetscReal latest_end(const OstClock *clock, const OstStage *stage)
{
  if (stage->at_latest >= PETSC_MAX_REAL) return PETSC_MAX_REAL;
  return clock->waits_since + (stage->at_latest - stage->until);
}

PetscReal ost_clock_next_review(const OstClock *clock, const OstProtocol *protocol, PetscReal t)
{
  const OstStage *stage = stage_on(clock, protocol, t, PETSC_FALSE);
  PetscReal       next  = PETSC_MAX_REAL;

  if (!stage) return next;
  if (clock->waits || (stage->num_exercises > 0 && protocol->rules.num + stage->rules.num > 0))
    next = protocol->review * (PetscFloorReal((t + OST_DAY_SLACK) / protocol->review) + 1.0);
  if (clock->waits && latest_end(clock, stage) > t + OST_DAY_SLACK)
    next = PetscMin(next, latest_end(clock, stage));
  return next;
}

/* --- judging ---------------------------------------------------------------------------------- */

typedef struct {
  OstClock          *clock;
  const OstProtocol *protocol;
  const OstStage    *stage;
  const PetscReal   *signs;
  PetscReal          t, p; /* real day, the protocol's day as it was reached */
  PetscInt           num;
  OstDecision       *decisions;
} Court;

static void decide(Court *c, OstDecisionKind kind, const OstCondition *condition, const char *rule)
{
  c->decisions[c->num++] = (OstDecision){.kind     = kind,
                                         .day      = c->t,
                                         .from_day = c->p,
                                         .to_day   = c->clock->day,
                                         .rule     = rule,
                                         .stage    = c->stage->name,
                                         .sign     = condition->sign,
                                         .value    = c->signs[condition->sign]};
}

/* Rule k of protocol and stage, as OstClock.held_by counts; NULL where there is none. */
static const OstProtocolRule *rule_of(const Court *c, PetscInt k)
{
  const OstProtocolRules *list = k < OST_MAX_RULES ? &c->protocol->rules : &c->stage->rules;
  const PetscInt          i    = k % OST_MAX_RULES;

  return i < list->num ? &list->rule[i] : NULL;
}

/* The first rule of that kind whose condition is true; -1. */
static PetscInt find_true(const Court *c, OstProtocolRuleKind kind)
{
  for (PetscInt k = 0; k < 2 * OST_MAX_RULES; k++) {
    const OstProtocolRule *rule = rule_of(c, k);
    if (rule && rule->kind == kind && ost_condition_holds(&rule->condition, c->signs)) return k;
  }
  return -1;
}

/* A step back leaves the day it leads to as it is left: the loads of the days that follow. */
static PetscBool step_back(Court *c)
{
  const PetscInt k = find_true(c, OST_RULE_STEP_BACK);

  if (k < 0 || c->t < c->clock->no_back_till - OST_DAY_SLACK ||
      c->p <= c->stage->from + OST_DAY_SLACK)
    return PETSC_FALSE;
  const OstProtocolRule *rule = rule_of(c, k);
  c->clock->furthest          = PetscMax(c->clock->furthest, c->p);
  c->clock->no_back_till      = c->t + rule->back;
  c->clock->day               = PetscMax(c->p - rule->back, c->stage->from);
  c->clock->waits             = 0;
  c->clock->left              = 1;
  decide(c, OST_DECIDED_TO_STEP_BACK, &rule->condition, rule->text);
  return PETSC_TRUE;
}

static void hold_or_release(Court *c)
{
  const PetscInt         held = c->clock->held_by, k = find_true(c, OST_RULE_HOLD);
  const OstProtocolRule *rule = rule_of(c, k >= 0 ? k : PetscMax(held, 0));

  c->clock->held_by = k;
  if (k >= 0 && held < 0) decide(c, OST_DECIDED_TO_HOLD, &rule->condition, rule->text);
  if (k < 0 && held >= 0) decide(c, OST_DECIDED_TO_RELEASE, &rule->condition, rule->text);
}

/* At the planned end of a stage, unless it is held there; later only on days of review. */
static void wait_or_go_on(Court *c, PetscBool review)
{
  const OstStage *stage   = c->stage;
  const PetscBool is_true = ost_condition_holds(&stage->go_on, c->signs);

  if (c->clock->waits && review && is_true) {
    c->clock->waits = 0;
    decide(c, OST_DECIDED_TO_GO_ON, &stage->go_on, stage->go_on.text);
  } else if (c->clock->waits && c->t >= latest_end(c->clock, stage) - OST_DAY_SLACK) {
    c->clock->waits = 0;
    decide(c, OST_DECIDED_AT_THE_LATEST, &stage->go_on, stage->go_on.text);
  } else if (!c->clock->waits && !is_true && stage->at_latest > stage->until + OST_DAY_SLACK) {
    c->clock->waits       = 1;
    c->clock->waits_since = c->t;
    decide(c, OST_DECIDED_TO_WAIT, &stage->go_on, stage->go_on.text);
  }
}

static PetscBool is_review(const OstProtocol *protocol, PetscReal t)
{
  const PetscReal nearest = protocol->review * PetscFloorReal(t / protocol->review + 0.5);

  return nearest > 0.0 && PetscAbsReal(t - nearest) <= OST_DAY_SLACK ? PETSC_TRUE : PETSC_FALSE;
}

PetscInt ost_clock_judge(OstClock *clock, const OstProtocol *protocol, PetscReal t,
                         const PetscReal signs[], OstDecision decisions[])
{
  Court c = {.clock     = clock,
             .protocol  = protocol,
             .stage     = stage_on(clock, protocol, t, PETSC_TRUE),
             .signs     = signs,
             .t         = t,
             .p         = ost_clock_day(clock, t),
             .decisions = decisions};

  if (!c.stage) return 0;
  const OstClock  old      = *clock;
  const PetscBool review   = is_review(protocol, t);
  const PetscBool reviewed = c.stage->num_exercises > 0 ? review : PETSC_FALSE;

  /* the clock is set anew on this day; one that stood is seen from the side it was */
  clock->day   = c.p;
  clock->since = t;
  if (!ost_clock_stands(&old)) clock->left = 0;
  const PetscBool moved = reviewed ? step_back(&c) : PETSC_FALSE;
  if (reviewed) hold_or_release(&c);
  if (!moved && clock->held_by < 0 && c.stage->waits &&
      PetscAbsReal(c.p - c.stage->until) <= OST_DAY_SLACK)
    wait_or_go_on(&c, review);
  if (c.num == 0) *clock = old; /* sums of many days are not exact: leave what goes on alone */
  return c.num;
}

void ost_decision_tell(const OstDecision *decision, char text[], size_t length)
{
  static const char *const did[OST_NUM_DECISIONS] = {
      "the protocol is held", "the protocol goes on", "the protocol is set back",
      "the stage waits",      "the stage ends",       "the stage ends at the latest day"};
  char value[32];

  ost_sign_format(decision->sign, decision->value, value, sizeof value);
  (void)snprintf(text, length, "day %.1f, %s: %s, now at its day %.1f; %s is %s (%s)",
                 (double)decision->day, decision->stage, did[decision->kind],
                 (double)decision->to_day, ost_signs[decision->sign].name, value, decision->rule);
}
