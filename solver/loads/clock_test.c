/* The protocol's clock: what rules do to it, what they leave alone, and that what is planned comes
   once. */
#include "loads/clock.h"

#include "support/check.h"

#include <math.h>

static const char text[] =
    "name: sample\n"
    "second_operation: 10 week\n"
    "rules:\n"
    "  - hold while micromotion.p95 > 40 um\n"
    "  - step back 1 week if over_150um > 20 %\n"
    "activities:\n"
    "  - {name: standing, force: {axial: 100 N}}\n"
    "stages:\n"
    "  - {name: rest, until: S2 + 1 week}\n"
    "  - name: scale\n"
    "    until: S2 + 5 week\n"
    "    go_on_when: bonded_area > 30 %\n"
    "    at_latest: S2 + 8 week\n"
    "    do:\n"
    "      - {activity: standing, start: 200 N, increment: 100 N/week, every: 1 week,\n"
    "         target: 900 N, cycles: 210 1/day}\n"
    "  - name: free\n"
    "    rules: [hold while strength <= 10 %, step back 3 week if debonded_area >= 50 %]\n"
    "    do:\n"
    "      - {activity: standing, start: 900 N, cycles: 100 1/day}\n";

#define REST_END  77.0
#define SCALE_END 105.0
#define LATEST    126.0

static PetscErrorCode reading(OstProtocol **protocol)
{
  OstDiagList *list;
  OstCase     *file;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("p.yaml", "protocol", text, list, &file));
  ost_case_set_body_weight(file, 700.0);
  PetscCall(ost_protocol_read(ost_case_root(file), -1.0, list, protocol));
  PetscCall(ost_case_report_unread(file, list));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A limb at which no rule takes offence, with one sign changed. */
typedef struct {
  PetscReal sign[OST_NUM_SIGNS];
} Limb;

static Limb well(void)
{
  Limb limb = {{0.0}};

  limb.sign[OST_SIGN_BONDED_AREA] = 0.5;
  limb.sign[OST_SIGN_STRENGTH]    = 0.5;
  return limb;
}

static Limb but(OstSign sign, PetscReal value)
{
  Limb limb = well();

  limb.sign[sign] = value;
  return limb;
}

static OstDecision last; /* of the judgement before */

static PetscInt judge(OstClock *clock, const OstProtocol *p, PetscReal t, Limb limb)
{
  OstDecision    decision[OST_CLOCK_DECISIONS];
  const PetscInt num = ost_clock_judge(clock, p, t, limb.sign, decision);

  if (num > 0) last = decision[num - 1];
  return num;
}

static PetscReal load_on(const OstClock *clock, const OstProtocol *p, PetscReal t, PetscBool before)
{
  OstActive      active[OST_STAGE_EXERCISES];
  const PetscInt num =
      ost_protocol_at(p, ost_clock_day(clock, t), ost_clock_before(clock, before), active);

  return num > 0 ? active[0].load.axial : 0.0;
}

/* The same clock, days and events to the last bit as without any rules. */
static void a_rule_that_is_never_true_changes_nothing(const OstProtocol *p)
{
  OstClock clock = ost_clock_start();

  for (PetscInt day = 0; day < 300; day++) {
    const PetscReal t = 1.37 * (PetscReal)day;
    OST_CHECK_INT(judge(&clock, p, t, well()), 0);
    OST_CHECK_INT(judge(&clock, p, 7.0 * (PetscReal)day, well()), 0);
    OST_CHECK(ost_clock_day(&clock, t) == t);
    OST_CHECK(ost_clock_next_change(&clock, p, t) == ost_protocol_next_event(p, t));
    OST_CHECK_INT(ost_clock_before(&clock, PETSC_FALSE), PETSC_FALSE);
  }
  /* at rest there is nothing to review, with loads every week */
  OST_CHECK(ost_clock_next_review(&clock, p, 10.0) == PETSC_MAX_REAL);
  OST_CHECK_NEAR(ost_clock_next_review(&clock, p, REST_END), 84.0, 1e-12);
  OST_CHECK_NEAR(ost_clock_next_review(&clock, p, 85.5), 91.0, 1e-12);
}

static void a_hold_stops_the_load_until_it_is_over(const OstProtocol *p)
{
  const Limb moving = but(OST_SIGN_MICROMOTION_P95, 0.0401);
  OstClock   clock  = ost_clock_start();

  /* neither at rest nor between reviews nor at the limit itself */
  OST_CHECK_INT(judge(&clock, p, 70.0, moving), 0);
  OST_CHECK_INT(judge(&clock, p, REST_END, moving), 0); /* as it is reached: still rest */
  OST_CHECK_INT(judge(&clock, p, 80.0, moving), 0);
  OST_CHECK_INT(judge(&clock, p, 84.0, but(OST_SIGN_MICROMOTION_P95, 0.04)), 0);
  /* the raise of that very day does not come */
  OST_CHECK_NEAR(load_on(&clock, p, 84.0, PETSC_FALSE), 300.0, 1e-9);
  OST_CHECK_INT(judge(&clock, p, 84.0, moving), 1);
  OST_CHECK_INT(last.kind, OST_DECIDED_TO_HOLD);
  OST_CHECK_TEXT(last.rule, "hold while micromotion.p95 > 40 um");
  OST_CHECK_NEAR(last.value, 0.0401, 0.0);
  for (PetscReal t = 84.0; t < 97.9; t += 1.0) {
    OST_CHECK_NEAR(load_on(&clock, p, t, PETSC_FALSE), 200.0, 1e-9);
    OST_CHECK_NEAR(ost_clock_day(&clock, t), 84.0, 0.0);
  }
  OST_CHECK(ost_clock_next_change(&clock, p, 84.0) == PETSC_MAX_REAL);
  OST_CHECK_NEAR(ost_clock_next_review(&clock, p, 84.0), 91.0, 1e-12);
  OST_CHECK_INT(judge(&clock, p, 91.0, moving), 0); /* nothing new */
  OST_CHECK_INT(judge(&clock, p, 98.0, well()), 1);
  OST_CHECK_INT(last.kind, OST_DECIDED_TO_RELEASE);
  /* from there on everything comes two weeks later */
  OST_CHECK_NEAR(load_on(&clock, p, 98.0, PETSC_FALSE), 300.0, 1e-9);
  OST_CHECK_NEAR(ost_clock_next_change(&clock, p, 98.0), 105.0, 1e-9);
  OST_CHECK_NEAR(ost_clock_day(&clock, SCALE_END + 14.0), SCALE_END, 1e-9);
}

static void a_step_back_waits_and_stays_in_its_stage(const OstProtocol *p)
{
  const Limb loose = but(OST_SIGN_OVER_150UM, 0.21);
  OstClock   clock = ost_clock_start();

  OST_CHECK_INT(judge(&clock, p, 98.0, loose), 1);
  OST_CHECK_INT(last.kind, OST_DECIDED_TO_STEP_BACK);
  OST_CHECK_NEAR(last.from_day, 98.0, 0.0);
  OST_CHECK_NEAR(last.to_day, 91.0, 0.0);
  OST_CHECK_NEAR(load_on(&clock, p, 98.0, PETSC_FALSE), 400.0, 1e-9); /* as day 91 is left */
  OST_CHECK_NEAR(ost_clock_next_change(&clock, p, 98.0), 105.0, 1e-9);
  OST_CHECK_NEAR(ost_clock_day(&clock, 101.0), 94.0, 1e-12);
  OST_CHECK_INT(judge(&clock, p, 98.0, loose), 0); /* not again before a week has passed */
  OST_CHECK_INT(judge(&clock, p, 105.0, loose), 1);
  OST_CHECK_NEAR(last.to_day, 91.0, 1e-9);
  /* not before the beginning of the stage */
  clock                           = ost_clock_start();
  Limb broken                     = but(OST_SIGN_DEBONDED_AREA, 0.5);
  broken.sign[OST_SIGN_OVER_40UM] = 1.0; /* of which no rule speaks */
  OST_CHECK_INT(judge(&clock, p, 119.0, broken), 1);
  OST_CHECK_NEAR(last.to_day, SCALE_END, 1e-9);
  OST_CHECK_NEAR(load_on(&clock, p, 119.0, PETSC_FALSE), 900.0, 1e-9);
  /* the rule is that of the last stage alone */
  clock = ost_clock_start();
  OST_CHECK_INT(judge(&clock, p, 98.0, broken), 0);
}

static void back_and_held_at_once(const OstProtocol *p)
{
  Limb     both                       = but(OST_SIGN_OVER_150UM, 0.9);
  OstClock clock                      = ost_clock_start();
  both.sign[OST_SIGN_MICROMOTION_P95] = 0.2;

  OST_CHECK_INT(judge(&clock, p, 98.0, both), 2);
  OST_CHECK_INT(last.kind, OST_DECIDED_TO_HOLD);
  OST_CHECK_NEAR(ost_clock_day(&clock, 104.0), 91.0, 0.0);
  OST_CHECK_NEAR(load_on(&clock, p, 104.0, PETSC_TRUE), 400.0, 1e-9);
  OST_CHECK_INT(judge(&clock, p, 105.0, both), 1); /* another week, and still held */
  OST_CHECK_INT(last.kind, OST_DECIDED_TO_STEP_BACK);
  OST_CHECK_NEAR(ost_clock_day(&clock, 111.0), 84.0, 1e-12);
  OST_CHECK_INT(judge(&clock, p, 112.0, well()), 1);
  OST_CHECK_NEAR(ost_clock_day(&clock, 119.0), 91.0, 1e-12);
}

static void a_stage_waits_for_its_condition(const OstProtocol *p)
{
  const Limb bare  = but(OST_SIGN_BONDED_AREA, 0.3);
  OstClock   clock = ost_clock_start();

  OST_CHECK_INT(judge(&clock, p, 98.0, bare), 0); /* no one asks before the end */
  OST_CHECK_INT(judge(&clock, p, SCALE_END, bare), 1);
  OST_CHECK_INT(last.kind, OST_DECIDED_TO_WAIT);
  OST_CHECK_NEAR(load_on(&clock, p, 110.0, PETSC_FALSE), 500.0, 1e-9);
  OST_CHECK_INT(judge(&clock, p, 112.0, bare), 0);
  OST_CHECK_INT(judge(&clock, p, 117.0, but(OST_SIGN_BONDED_AREA, 0.31)), 0); /* no review */
  OST_CHECK_INT(judge(&clock, p, 119.0, but(OST_SIGN_BONDED_AREA, 0.31)), 1);
  OST_CHECK_INT(last.kind, OST_DECIDED_TO_GO_ON);
  OST_CHECK_NEAR(load_on(&clock, p, 119.0, PETSC_FALSE), 900.0, 1e-9);
  OST_CHECK_NEAR(ost_clock_day(&clock, 129.0), SCALE_END + 10.0, 1e-12);
  /* but not for ever */
  clock = ost_clock_start();
  OST_CHECK_INT(judge(&clock, p, SCALE_END, bare), 1);
  OST_CHECK_NEAR(ost_clock_next_review(&clock, p, 119.0), LATEST, 1e-9);
  OST_CHECK_INT(judge(&clock, p, LATEST, bare), 1);
  OST_CHECK_INT(last.kind, OST_DECIDED_AT_THE_LATEST);
  OST_CHECK_NEAR(load_on(&clock, p, LATEST, PETSC_FALSE), 900.0, 1e-9);
  /* who is held at the end does not go on, at the latest or not */
  clock                                = ost_clock_start();
  Limb worse                           = bare;
  worse.sign[OST_SIGN_MICROMOTION_P95] = 1.0;
  OST_CHECK_INT(judge(&clock, p, SCALE_END, worse), 1);
  OST_CHECK_INT(judge(&clock, p, 140.0, worse), 0);
  OST_CHECK_INT(judge(&clock, p, 147.0, bare), 2); /* released, and waits */
  OST_CHECK_NEAR(ost_clock_next_review(&clock, p, 167.0), 168.0, 1e-9);
  OST_CHECK_INT(judge(&clock, p, 147.0 + (LATEST - SCALE_END), bare), 1);
}

static void what_is_not_known_decides_nothing(const OstProtocol *p)
{
  OstClock clock = ost_clock_start();
  Limb     blind;

  for (int i = 0; i < OST_NUM_SIGNS; i++) blind.sign[i] = (PetscReal)NAN;
  OST_CHECK_INT(judge(&clock, p, 84.0, blind), 0);
}

static void what_is_planned_comes_once(const OstProtocol *p)
{
  const PetscReal planned[] = {95.0, 103.0};
  OstClock        clock     = ost_clock_start();

  OST_CHECK_NEAR(ost_clock_next_of(&clock, 2, planned, 0.0), 95.0, 0.0);
  OST_CHECK(ost_clock_reaches(&clock, 95.0, 95.0) && !ost_clock_reaches(&clock, 95.0, 96.0));
  (void)judge(&clock, p, 98.0, but(OST_SIGN_OVER_150UM, 0.9)); /* back to day 91 */
  OST_CHECK(!ost_clock_reaches(&clock, 95.0, 102.0));          /* its day 95, a second time */
  OST_CHECK_NEAR(ost_clock_next_of(&clock, 2, planned, 98.0), 110.0, 1e-9);
  (void)judge(&clock, p, 105.0, but(OST_SIGN_MICROMOTION_P95, 0.9));
  OST_CHECK(ost_clock_next_of(&clock, 2, planned, 105.0) == PETSC_MAX_REAL);
  (void)judge(&clock, p, 112.0, well());
  OST_CHECK(ost_clock_reaches(&clock, 103.0, 117.0));
}

int main(int argc, char **argv)
{
  OstProtocol *p;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(reading(&p));
  a_rule_that_is_never_true_changes_nothing(p);
  a_hold_stops_the_load_until_it_is_over(p);
  a_step_back_waits_and_stays_in_its_stage(p);
  back_and_held_at_once(p);
  a_stage_waits_for_its_condition(p);
  what_is_not_known_decides_nothing(p);
  what_is_planned_comes_once(p);
  PetscCall(ost_protocol_destroy(&p));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
