/* Loading protocols: loads of left and right limbs, times, ramps, aids, events, and what is
   refused. The published protocols of cases/protocols are read as they stand. */
#include "input/protocol.h"

#include "base/tensor.h"

#include "support/check.h"

#define KGF    9.80665
#define S2_DAY 182.6210993905 /* 6 month of UDUNITS */
#define BW     (73.0 * 9.80665)

static void loads_mirror_between_left_and_right(void)
{
  const OstLimbLoad load = {500, 60, 40, 20e3, 10e3, 4e3};
  PetscReal         f_right[3], m_right[3], f_left[3], m_left[3];

  ost_limb_load_vectors(&load, PETSC_TRUE, f_right, m_right);
  ost_limb_load_vectors(&load, PETSC_FALSE, f_left, m_left);
  /* mirror y -> -y: forces flip y, moments flip x and z */
  for (PetscInt i = 0; i < 3; i++) {
    OST_CHECK_NEAR(f_left[i], i == 1 ? -f_right[i] : f_right[i], 0.0);
    OST_CHECK_NEAR(m_left[i], i == 1 ? m_right[i] : -m_right[i], 0.0);
  }
  OST_CHECK_NEAR(f_left[0], 60, 0.0);
  OST_CHECK_NEAR(f_left[1], 40, 0.0); /* left limb: lateral is the patient's left */
  OST_CHECK_NEAR(f_left[2], 500, 0.0);
}

/* Bending is named by the force on the distal end that causes it: r x F with r = (0, 0, -d). */
static void bending_has_the_sense_of_a_force_on_the_end(void)
{
  const PetscReal   arm[3] = {0, 0, -200.0};
  const OstLimbLoad push = {0, 60, 40, 0, 0, 0}, bend = {0, 0, 0, 60 * 200.0, 40 * 200.0, 0};

  for (PetscInt side = 0; side < 2; side++) {
    PetscReal force[3], moment[3], none[3], want[3];
    ost_limb_load_vectors(&push, (PetscBool)side, force, none);
    ost_limb_load_vectors(&bend, (PetscBool)side, none, moment);
    ost_cross3(arm, force, want);
    for (PetscInt i = 0; i < 3; i++) OST_CHECK_NEAR(moment[i], want[i], 1e-12);
  }
}

static PetscErrorCode reading(const char *text, PetscReal s2_day, OstDiagList *list,
                              OstProtocol **protocol)
{
  OstCase *file;

  PetscFunctionBeginUser;
  *protocol = NULL;
  PetscCall(ost_case_load_text("p.yaml", "protocol", text, list, &file));
  if (!file) PetscFunctionReturn(PETSC_SUCCESS);
  ost_case_set_body_weight(file, BW);
  PetscCall(ost_protocol_read(ost_case_root(file), s2_day, list, protocol));
  PetscCall(ost_case_report_unread(file, list));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static const char sample[] =
    "name: sample\n"
    "second_operation: 10 week\n"
    "activities:\n"
    "  - {name: standing, force: {axial: 100 N, anterior: 10 N}}\n"
    "  - name: walking\n"
    "    force: {axial: 600 N}\n"
    "    moment: {bending_anterior: 30 N.m, torsion: 4 N.m}\n"
    "stages:\n"
    "  - {name: rest, until: S2 + 1 week}\n"
    "  - name: scale\n"
    "    until: S2 + 5 week\n"
    "    do:\n"
    "      - {activity: standing, start: 20 kgf, increment: 10 kgf/week, every: 1 week,\n"
    "         target: 0.5 BW, cycles: 240 cycles/day}\n"
    "  - name: crutches\n"
    "    until: 20 week\n"
    "    aid: one_crutch\n"
    "    do:\n"
    "      - {activity: walking, share: 50 %, share_end: 100 %, cycles: 500 cycles/day,\n"
    "         cycles_end: 1500 cycles/day}\n"
    "  - name: free\n"
    "    from: S1 + 21 week\n"
    "    do:\n"
    "      - {activity: walking, cycles: 3000 1/day}\n"
    "      - {activity: standing, start: 1 BW, cycles: 100 1/day}\n";

static PetscErrorCode sample_is_followed_day_by_day(void)
{
  OstDiagList *list;
  OstProtocol *p;
  OstActive    a[OST_STAGE_EXERCISES];

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading(sample, -1.0, list, &p));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(p->num_stages, 4);
  OST_CHECK_NEAR(p->stage[0].until, 77.0, 1e-12);
  OST_CHECK_NEAR(p->stage[2].from, 105.0, 1e-12);
  /* rest, and the boundary seen from either side */
  OST_CHECK_INT(ost_protocol_at(p, 50.0, PETSC_FALSE, a), 0);
  OST_CHECK_INT(ost_protocol_stage(p, 77.0, PETSC_TRUE), 0);
  OST_CHECK_INT(ost_protocol_stage(p, 77.0, PETSC_FALSE), 1);
  OST_CHECK_INT(ost_protocol_stage(p, 143.0, PETSC_FALSE), OST_NO_STAGE); /* week 20 to 21 */
  /* weekly steps of 10 kg from 20 kg, until 0.5 BW = 36.5 kg */
  OST_CHECK_INT(ost_protocol_at(p, 77.0, PETSC_FALSE, a), 1);
  OST_CHECK_NEAR(a[0].load.axial, 20 * KGF, 1e-12);
  OST_CHECK_NEAR(a[0].load.anterior, 2 * KGF, 1e-12);
  OST_CHECK_NEAR(a[0].cycles, 240.0, 1e-12);
  OST_CHECK_INT(ost_protocol_at(p, 84.0, PETSC_TRUE, a), 1);
  OST_CHECK_NEAR(a[0].load.axial, 20 * KGF, 1e-12);
  OST_CHECK_INT(ost_protocol_at(p, 84.0, PETSC_FALSE, a), 1);
  OST_CHECK_NEAR(a[0].load.axial, 30 * KGF, 1e-12);
  OST_CHECK_INT(ost_protocol_at(p, 100.0, PETSC_FALSE, a), 1);
  OST_CHECK_NEAR(a[0].load.axial, 36.5 * KGF, 1e-12);
  /* half way through five weeks: 75 % of walking, relieved by a crutch */
  OST_CHECK_INT(ost_protocol_at(p, 122.5, PETSC_FALSE, a), 1);
  OST_CHECK_NEAR(a[0].load.axial, 0.75 * 0.90 * 600.0, 1e-9);
  OST_CHECK_NEAR(a[0].load.bending_anterior, 0.75 * 0.85 * 30e3, 1e-9);
  OST_CHECK_NEAR(a[0].load.torsion, 0.75 * 0.85 * 4e3, 1e-9);
  OST_CHECK_NEAR(a[0].cycles, 1000.0, 1e-9);
  /* without end; two activities */
  OST_CHECK_INT(ost_protocol_at(p, 5000.0, PETSC_FALSE, a), 2);
  OST_CHECK_NEAR(a[0].load.axial, 600.0, 1e-12);
  OST_CHECK_NEAR(a[1].load.axial, BW, 1e-12);
  PetscCall(ost_protocol_destroy(&p));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode events_are_all_found_in_order(void)
{
  /* stage ends, the scale's steps at +7 and +14 (36.5 kg is reached), the gap at week 20-21 */
  const PetscReal want[] = {77, 84, 91, 105, 140, 147};
  OstDiagList    *list;
  OstProtocol    *p;
  PetscReal       day = 0.0;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading(sample, -1.0, list, &p));
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    day = ost_protocol_next_event(p, day);
    OST_CHECK_NEAR(day, want[i], 1e-12);
  }
  OST_CHECK(ost_protocol_next_event(p, day) == PETSC_MAX_REAL);
  PetscCall(ost_protocol_destroy(&p));
  /* the patient's own second operation moves everything that hangs on it */
  PetscCall(reading(sample, 84.0, list, &p));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(p->stage[0].until, 91.0, 1e-12);
  OST_CHECK_NEAR(p->stage[2].until, 140.0, 1e-12);
  PetscCall(ost_protocol_destroy(&p));
  /* evenly raised: the day on which the target is reached is an event */
  PetscCall(
      reading("name: x\nactivities: [{name: a, force: {axial: 1 N}}]\nstages:\n"
              "  - {name: s, until: 30 day, do: [{activity: a, start: 10 N, increment: 2 N/day,"
              " target: 30 N, cycles: 1 1/day}]}\n",
              -1.0, list, &p));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(ost_protocol_next_event(p, 0.0), 10.0, 1e-12);
  OST_CHECK_NEAR(ost_protocol_next_event(p, 10.0), 30.0, 1e-12);
  PetscCall(ost_protocol_destroy(&p));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The load between two events has no jump: what the events are for. */
static PetscErrorCode load_is_smooth_between_events(void)
{
  OstDiagList *list;
  OstProtocol *p;
  PetscReal    from = 0.0;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading(sample, -1.0, list, &p));
  while (from < 200.0) {
    const PetscReal until = PetscMin(ost_protocol_next_event(p, from), 200.0);
    OstActive       a[OST_STAGE_EXERCISES], b[OST_STAGE_EXERCISES], c[OST_STAGE_EXERCISES];
    const PetscInt  num = ost_protocol_at(p, from, PETSC_FALSE, a);
    OST_CHECK_INT(ost_protocol_at(p, until, PETSC_TRUE, b), num);
    OST_CHECK_INT(ost_protocol_at(p, 0.5 * (from + until), PETSC_FALSE, c), num);
    for (PetscInt i = 0; i < num; i++) {
      OST_CHECK_NEAR(c[i].cycles, 0.5 * (a[i].cycles + b[i].cycles), 1e-9);
      OST_CHECK_NEAR(c[i].load.axial, 0.5 * (a[i].load.axial + b[i].load.axial), 1e-9);
    }
    from = until;
  }
  PetscCall(ost_protocol_destroy(&p));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define RISE "{activity: stand, start: 50 N, increment: 10 N/day, target: 90 N, cycles: 1 1/day}"

/* One fault at a time in a good protocol: it must be named with its line. */
static PetscErrorCode faults_name_their_line(void)
{
  static const struct {
    const char *stages;
    const char *message;
    PetscInt    line;
  } faults[] = {
      {"  - {name: a, until: S2}\n", "no second operation", 6},
      {"  - {name: a, until: six weeks}\n", "", 6},
      {"  - {name: a, until: 6}\n", "", 6},
      {"  - {name: a, from: 3 day, until: 2 day}\n", "lasts from day 3 until day 2", 6},
      {"  - {name: a, until: 9 day}\n  - {name: b, from: 4 day}\n", "before the one above", 7},
      {"  - {name: a}\n  - {name: b}\n", "`until` is missing", 6},
      {"  - name: a\n    do:\n      - {activity: jump, cycles: 1 1/day}\n", "jump", 8},
      {"  - name: a\n    do:\n      - {activity: stand, share: 1}\n", "`cycles` is missing", 8},
      {"  - name: a\n    do:\n      - {activity: stand, start: 5 kg, cycles: 1 1/day}\n", "5 kg",
       8},
      {"  - name: a\n    do:\n      - {activity: stand, start: 5 N, share: 1, cycles: 1 1/day}\n",
       "exclude each other", 8},
      {"  - name: a\n    do:\n      - {activity: stand, target: 5 N, cycles: 1 1/day}\n",
       "target without start", 8},
      {"  - name: a\n    do:\n      - {activity: stand, start: 5 N, increment: 1 N/day, cycles: 1 "
       "1/day}\n",
       "needs a target", 8},
      {"  - name: a\n    do:\n      - {activity: bend, start: 5 N, cycles: 1 1/day}\n",
       "no axial load", 8},
      {"  - name: a\n    do:\n      - {activity: stand, start: 5 N, target: 9 N, cycles: 1 "
       "1/day}\n",
       "no end", 8},
      {"  - {name: a, aid: crutch}\n", "crutch", 6},
      {"  - {name: a, until: load reaches 300 N, do: [" RISE "]}\n", "loads of stage a end at 90 N",
       6},
      {"  - {name: a, until: load reaches 300, do: [" RISE "]}\n", "no unit", 6},
      {"  - name: a\n    until: load reaches 70 N\n    do:\n      - {activity: stand, start: 5 N, "
       "target: 90 N, cycles: 1 1/day}\n",
       "rises evenly until then", 7},
      {"  - {name: a, until: load reaches 300 N}\n", "is never true", 6},
      {"  - {name: a, rest_days: 7, do: [" RISE "]}\n", "outside 0 ... 6", 6},
      {"  - {name: a, rest_days: 0.5, do: [" RISE "]}\n", "not a whole number", 6},
      {"  - {name: a, rest_days: 1}\n", "no exercise on any day", 6},
      {"  - {name: a, rules: [hold while strength < 5 %]}\n", "no load to hold", 6},
      {"  - {name: a, rules: [hold it], do: [" RISE "]}\n", "cannot be read", 6},
      {"  - {name: a, go_on_when: bonded_area > 30 %, do: [" RISE "]}\n",
       "no end that could be put", 6},
      {"  - {name: a, until: 9 day, go_on_when: over_40um < 5 %}\n", "says nothing in stage a", 6},
      {"  - {name: a, until: 9 day, go_on_when: bond > 5 %}\n", "nothing that a rule", 6},
      {"  - {name: a, until: 9 day, go_on_when: bonded_area > 5 %, at_latest: 8 day}\n",
       "before the planned end on day 9", 6},
      {"  - {name: a, until: 9 day, at_latest: 20 day}\n", "without `go_on_when`", 6},
  };

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    char         text[1024];
    OstDiagList *list;
    OstProtocol *p;
    (void)snprintf(text, sizeof text,
                   "name: x\nactivities:\n  - {name: stand, force: {axial: 100 N}}\n"
                   "  - {name: bend, force: {axial: 0 N}, moment: {torsion: 1 N.m}}\nstages:\n%s",
                   faults[i].stages);
    PetscCall(ost_diag_create(&list));
    PetscCall(reading(text, -1.0, list, &p));
    OST_CHECK_INT(ost_diag_num_errors(list), 1);
    if (ost_diag_num_errors(list) == 1) {
      OST_CHECK_TEXT(ost_diag_get(list, 0).message, faults[i].message);
      OST_CHECK_INT(ost_diag_get(list, 0).at.line, faults[i].line);
    } else {
      PetscCall(ost_diag_print(list, stdout));
    }
    PetscCall(ost_protocol_destroy(&p));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define STAND "{activity: stand, start: 300 N, cycles: 1 1/day}"

/* A cycle of three phases, the last with muscles, and what a scale reads of it. */
static PetscErrorCode phases_and_muscles_are_read(void)
{
  OstDiagList *list;
  OstProtocol *p;
  OstActive    a[OST_STAGE_EXERCISES];

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("name: x\nactivities:\n"
                    "  - name: stand\n"
                    "    phases:\n"
                    "      - {name: heel strike, force: {axial: 400 N}}\n"
                    "      - {force: {axial: 600 N}, moment: {torsion: 2 N.m}}\n"
                    "      - name: toe-off\n"
                    "        force: {axial: 500 N, anterior: 50 N}\n"
                    "        muscles:\n"
                    "          - {patch: hip, force: {medial: 0.5 BW, proximal: -20 N}}\n"
                    "          - {patch: knee, force: {anterior: 7 N}}\n"
                    "  - {name: one, force: {axial: 9 N}, muscles: [{patch: hip, force: {}}]}\n"
                    "stages:\n  - {name: a, do: [" STAND ", {activity: one, cycles: 5 1/day}]}\n",
                    -1.0, list, &p));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  const OstActivity *stand = &p->activity[0], *one = &p->activity[1];
  OST_CHECK_INT(stand->num_phases, 3);
  OST_CHECK_TEXT(stand->phase[0].name, "heel strike");
  OST_CHECK(ost_activity_peak(stand) == &stand->phase[1]);
  OST_CHECK_INT(stand->phase[0].num_muscles, 0);
  OST_CHECK_INT(stand->phase[2].num_muscles, 2);
  OST_CHECK_TEXT(stand->phase[2].muscle[0].patch, "hip");
  OST_CHECK_NEAR(stand->phase[2].muscle[0].medial, 0.5 * BW, 1e-12);
  OST_CHECK_NEAR(stand->phase[2].muscle[0].proximal, -20.0, 0.0);
  OST_CHECK_NEAR(stand->phase[2].muscle[1].anterior, 7.0, 0.0);
  OST_CHECK_INT(stand->phase[2].muscle[1].at.line, 11);
  OST_CHECK_INT(one->num_phases, 1);
  OST_CHECK_INT(one->phase[0].num_muscles, 1);
  /* the scale reads the largest phase; the factor is that of all */
  OST_CHECK_INT(ost_protocol_at(p, 1.0, PETSC_FALSE, a), 2);
  OST_CHECK_NEAR(a[0].load.axial, 300.0, 1e-12);
  OST_CHECK_NEAR(a[0].force, 0.5, 1e-12);
  OST_CHECK_NEAR(a[0].moment, 0.5, 1e-12);
  OST_CHECK_NEAR(a[0].load.torsion, 1000.0, 1e-12);
  PetscCall(ost_protocol_destroy(&p));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The same of the lines of an activity. */
static PetscErrorCode faults_of_cycles_name_their_line(void)
{
  static const struct {
    const char *activity;
    const char *message;
    PetscInt    line;
  } faults[] = {
      {"    phases: [{force: {axial: 1 N}}]\n    force: {axial: 9 N}\n", "beside `phases`", 5},
      {"    phases: [{force: {axial: 1 N}}]\n    muscles: []\n", "beside `phases`", 5},
      {"    phases: []\n", "`phases` is empty", 4},
      {"    phases:\n      - {name: a}\n", "`force` is missing", 5},
      {"    phases:\n      - 7\n      - {force: {axial: 1 N}}\n", "phase that cannot be read", 5},
      {"    force: {axial: 1 N}\n    muscles: [{force: {medial: 1 N}}]\n", "`patch` is missing", 5},
      {"    force: {axial: 1 N}\n    muscles: [{patch: hip}]\n", "`force` is missing", 5},
      {"    force: {axial: 1 N}\n    muscles: [hip]\n", "muscle that cannot be read", 5},
      {"    force: {axial: 1 N}\n    muscles:\n      - {patch: hip, force: {medial: 5}}\n",
       "no unit", 6},
      {"    force: {axial: 1 N}\n    muscles:\n      - {patch: hip, force: {lateral: 5 N}}\n",
       "lateral", 6},
      {"    force: {axial: 1 N}\n    muscles:\n      - {patch: hip, force: {medial: 90 kN}}\n",
       "outside", 6},
  };

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    char         text[1024];
    OstDiagList *list;
    OstProtocol *p;
    (void)snprintf(text, sizeof text, "name: x\nactivities:\n  - name: stand\n%sstages:\n%s",
                   faults[i].activity, "  - {name: a, do: [{activity: stand, cycles: 1 1/day}]}\n");
    PetscCall(ost_diag_create(&list));
    PetscCall(reading(text, -1.0, list, &p));
    OST_CHECK_INT(ost_diag_num_errors(list), 1);
    if (ost_diag_num_errors(list) == 1) {
      OST_CHECK_TEXT(ost_diag_get(list, 0).message, faults[i].message);
      OST_CHECK_INT(ost_diag_get(list, 0).at.line, faults[i].line);
    } else {
      PetscCall(ost_diag_print(list, stdout));
    }
    PetscCall(ost_protocol_destroy(&p));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode empty_protocol_does_not_crash(void)
{
  OstDiagList *list;
  OstProtocol *p;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("name: x\n", -1.0, list, &p));
  OST_CHECK_INT(ost_diag_num_errors(list), 2); /* activities, stages */
  PetscCall(ost_protocol_destroy(&p));
  PetscCall(reading("name: x\nstages:\n  - {name: a, do: [{activity: b, cycles: 1 1/day}, 7]}\n"
                    "activities: [walk, 3]\n",
                    -1.0, list, &p));
  OST_CHECK(ost_diag_num_errors(list) >= 4);
  PetscCall(ost_protocol_destroy(&p));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode end_of_first_stage(const char *exercise, const char *until, PetscReal *end)
{
  OstDiagList *list;
  OstProtocol *p;
  char         text[512];

  PetscFunctionBeginUser;
  (void)snprintf(
      text, sizeof text,
      "name: x\nactivities: [{name: stand, force: {axial: 100 N}}]\nstages:\n"
      "  - {name: a, from: 3 day, until: load reaches %s, do: [{%s, cycles: 70 1/day}],\n"
      "     aid: two_crutches, rest_days: 2}\n  - {name: b}\n",
      until, exercise);
  PetscCall(ost_diag_create(&list));
  PetscCall(reading(text, -1.0, list, &p));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  *end = p->stage[0].until;
  OST_CHECK_NEAR(p->stage[1].from, *end, 0.0);
  PetscCall(ost_protocol_destroy(&p));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* From day 3: by the slope, by whole steps, at the cap, at once. */
static PetscErrorCode a_stage_lasts_until_its_load_is_reached(void)
{
  static const struct {
    const char *exercise, *until;
    PetscReal   end;
  } want[] = {
      {"activity: stand, start: 50 N, increment: 10 N/day, target: 90 N", "75 N", 5.5},
      {"activity: stand, start: 50 N, increment: 10 N/day, target: 90 N", "target", 7.0},
      {"activity: stand, start: 50 N, increment: 10 N/day, target: 90 N, cap: 80 N", "target", 6.0},
      {"activity: stand, start: 50 N, increment: 10 N/day, every: 2 day, target: 90 N", "75 N",
       7.0},
      {"activity: stand, start: 50 N, increment: 10 N/day, every: 2 day, target: 90 N", "70 N",
       5.0},
      {"activity: stand, start: 50 N, increment: 10 N/day, every: 2 day, target: 90 N", "50 N",
       5.0},
      {"activity: stand, start: 50 N", "50 N", 4.0},
      {"activity: stand", "50 N", 4.0}, /* on two crutches: half of 100 N */
  };

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    PetscReal end;
    PetscCall(end_of_first_stage(want[i].exercise, want[i].until, &end));
    OST_CHECK_NEAR(end, want[i].end, 1e-9);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What sums over the cycles of a week is the same as with so many whole days of exercise. */
static PetscErrorCode rest_days_leave_the_week_its_sum(void)
{
  PetscFunctionBeginUser;
  for (PetscInt rest = 0; rest <= 6; rest++) {
    OstDiagList *list;
    OstProtocol *p;
    OstActive    a[OST_STAGE_EXERCISES];
    char         text[256];
    PetscReal    week = 0.0;
    (void)snprintf(text, sizeof text,
                   "name: x\nactivities: [{name: stand, force: {axial: 100 N}}]\nstages:\n"
                   "  - {name: a, rest_days: %d, do: [{activity: stand, cycles: 35 1/day}]}\n",
                   (int)rest);
    PetscCall(ost_diag_create(&list));
    PetscCall(reading(text, -1.0, list, &p));
    for (PetscInt day = 0; day < 7; day++) {
      OST_CHECK_INT(ost_protocol_at(p, (PetscReal)day, PETSC_FALSE, a), 1);
      OST_CHECK_NEAR(a[0].load.axial, 100.0, 1e-12); /* on its days the load is the whole */
      week += a[0].cycles;
    }
    OST_CHECK_NEAR(week, 35.0 * (PetscReal)(7 - rest), 1e-9);
    PetscCall(ost_protocol_destroy(&p));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What each published protocol says about three of its days, for 73 kg. */
static PetscErrorCode published_protocols_say_what_their_sources_do(void)
{
  static const struct {
    const char *path;
    PetscReal   day, axial, cycles; /* of the first activity; axial < 0: rest */
  } want[] = {
      {"opra-normal", 100.0, -1.0, 0.0},
      {"opra-normal", S2_DAY + 35.0, 20 * KGF, 240.0},
      {"opra-normal", S2_DAY + 35.0 + 15.0, 40 * KGF, 240.0},
      {"opra-normal", S2_DAY + 83.0, BW, 240.0}, /* the target in the sixth week */
      {"opra-normal", S2_DAY + 84.0, 295.0, 500.0},
      {"opra-normal", 1000.0, 590.0, 3000.0},
      {"opra-half", S2_DAY + 35.0 + 15.0, 20 * KGF, 240.0},
      {"ogaap-1", 49.0 + 3.0, 20 * KGF, 240.0},
      {"ogaap-1", 49.0 + 5.0, 30 * KGF, 240.0},
      {"ogaap-1", 49.0 + 16.0, 0.5 * BW, 240.0},
      {"royal-free", 1.0, 5 * KGF, 240.0},
      {"royal-free", 8.0, 15 * KGF, 302.222222},
      {"royal-free", 130.0, 590.0, 3000.0},
      {"radboud-standard", 56.0 + 3.0, 5 * KGF, 360.0},
      {"radboud-standard", 56.0 + 10.0, 295.0, 500.0},
      {"composite", 28 * 7.0, 5 * KGF, 240.0},
      {"composite", 30 * 7.0, 0.5 * (5 * KGF + 0.5 * BW), 360.0},
      {"composite", 38 * 7.0, 0.9 * 590.0, 1500.0},
      {"composite", 700.0, 590.0, 3000.0},
      {"../femur-ct/ogaap-1-with-muscles", 700.0, 590.0, 3000.0},
      {"ogaap-2", 2.0, -1.0, 0.0},
      {"ogaap-2", 3.0, 20 * KGF, 240.0},
      {"ogaap-2", 6.3 - 1e-3, 36.495 * KGF, 240.0}, /* of 36.5 kg, half the weight */
      {"ogaap-2", 6.3 + 1e-3, 295.0, 500.046083},
      {"ogaap-2", 42.0, 590.0, 3000.0},
      {"radboud-slow", 56.0 + 3.0, 5 * KGF, 360.0},
      {"radboud-slow", 56.0 + 42.0, 295.0, 500.0},
      {"radboud-slow", 56.0 + 84.0 - 2e-5, 589.9999, 1499.9995},
      {"pop", 42.0 + 4.0, 5 * KGF, 240.0},
      {"pop", 42.0 + 14.0, 295.0, 500.0},
      {"half-weight", 3.0, 5 * KGF, 240.0 * 6.0 / 7.0},
      {"half-weight", 3.0 + 20.0, 15 * KGF, 240.0 * 6.0 / 7.0},
      {"half-weight", 3.0 + 21.0, 20 * KGF, 480.0 * 6.0 / 7.0}, /* where 20 kg are reached */
      {"half-weight", 3.0 + 21.0 + 21.0 - 0.1, 34.9994 * KGF, 480.0 * 6.0 / 7.0},
      {"half-weight", 3.0 + 21.0 + 21.0, 295.0, 500.0}, /* 36.5 kg after seven steps */
      {"ilp-two-stage", 42.0 + 4.0, 5 * KGF, 240.0},
      {"ilp-two-stage", 42.0 + 49.0 - 2e-5, 589.99975, 1499.99917},
      {"dorset", 4.0, 5 * KGF, 240.0},
      {"dorset", 5.0, 7.5 * KGF, 240.0},
      {"composite-guided", 38 * 7.0, 0.9 * 590.0, 1500.0},
  };

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    char         path[256];
    OstDiagList *list;
    OstCase     *file;
    OstProtocol *p = NULL;
    OstActive    a[OST_STAGE_EXERCISES];
    PetscInt     num;
    (void)snprintf(path, sizeof path, "cases/protocols/%s.yaml", want[i].path);
    PetscCall(ost_diag_create(&list));
    PetscCall(ost_case_load(path, "protocol", list, &file));
    OST_CHECK(file != NULL);
    if (file) {
      ost_case_set_body_weight(file, BW);
      PetscCall(ost_protocol_read(ost_case_root(file), -1.0, list, &p));
      if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
      OST_CHECK_INT(ost_diag_num_errors(list), 0);
      num = ost_protocol_at(p, want[i].day, PETSC_FALSE, a);
      OST_CHECK_INT(num > 0, want[i].axial >= 0.0);
      if (num > 0) {
        OST_CHECK_NEAR(a[0].load.axial, want[i].axial, 1e-6);
        OST_CHECK_NEAR(a[0].cycles, want[i].cycles, 1e-6);
      }
      PetscCall(ost_protocol_destroy(&p));
      PetscCall(ost_case_destroy(&file));
    }
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  loads_mirror_between_left_and_right();
  bending_has_the_sense_of_a_force_on_the_end();
  PetscCall(sample_is_followed_day_by_day());
  PetscCall(events_are_all_found_in_order());
  PetscCall(load_is_smooth_between_events());
  PetscCall(faults_name_their_line());
  PetscCall(phases_and_muscles_are_read());
  PetscCall(faults_of_cycles_name_their_line());
  PetscCall(empty_protocol_does_not_crash());
  PetscCall(a_stage_lasts_until_its_load_is_reached());
  PetscCall(rest_days_leave_the_week_its_sum());
  PetscCall(published_protocols_say_what_their_sources_do());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
