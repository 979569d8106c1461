/* Schedule: the case's protocol section, vectors for the limb's side, the leading activity. */
#include "loads/schedule.h"

#include "support/check.h"

#include <glob.h>

#define BW (73.0 * 9.80665)

static PetscErrorCode reading(const char *text, PetscBool right, OstDiagList *list,
                              OstSchedule *schedule)
{
  OstCase *file;

  PetscFunctionBeginUser;
  PetscCall(ost_case_load_text("case.yaml", "case", text, list, &file));
  ost_case_set_body_weight(file, BW);
  PetscCall(ost_schedule_read(ost_case_root(file), right, list, schedule));
  PetscCall(ost_case_report_unread(file, list));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode protocol_of_the_case_acts_on_its_days(void)
{
  OstDiagList *list;
  OstSchedule  s;
  OstDayLoad   loads[OST_STAGE_EXERCISES];
  PetscInt     index;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("protocol:\n  file: cases/protocols/composite.yaml\n  load_factor: 110 %\n",
                    PETSC_FALSE, list, &s));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(s.until, 730.484397562, 1e-9);
  OST_CHECK_INT(ost_schedule_at(&s, NULL, 10.0, PETSC_FALSE, loads), 0);
  OST_CHECK_TEXT(ost_schedule_stage(&s, NULL, 10.0, PETSC_FALSE, &index), "rest after S1");
  OST_CHECK_INT(index, 0);
  OST_CHECK_TEXT(ost_schedule_stage(&s, NULL, 600.0, PETSC_TRUE, NULL), "hard steps");
  OST_CHECK_INT(ost_schedule_at(&s, NULL, 600.0, PETSC_FALSE, loads), 2);
  OST_CHECK_TEXT(loads[0].name, "walking");
  OST_CHECK_NEAR(loads[0].phase[0].load.force[2], 1.1 * 590.0, 1e-9);
  OST_CHECK_NEAR(loads[0].phase[0].load.force[1], -1.1 * 64.0, 1e-9); /* left limb */
  OST_CHECK_NEAR(loads[0].phase[0].load.moment[1], -1.1 * 24.3e3, 1e-6);
  OST_CHECK_NEAR(loads[1].phase[0].load.moment[1], -1.1 * 0.11e3 * BW, 1e-6);
  OST_CHECK_INT(ost_schedule_leading(2, loads, 150.0, &index), 1);
  OST_CHECK_INT(ost_schedule_leading(1, loads, 150.0, &index), 0);
  OST_CHECK_INT(ost_schedule_leading(0, loads, 150.0, &index), -1);
  /* the last event is the end of the history */
  OST_CHECK_NEAR(ost_schedule_next_event(&s, NULL, 0.0), 182.0, 1e-12);
  OST_CHECK_NEAR(ost_schedule_next_event(&s, NULL, 546.0), 730.484397562, 1e-12);
  PetscCall(ost_schedule_destroy(&s));
  PetscCall(reading("protocol: {file: cases/protocols/composite.yaml, until: 6 month,"
                    " second_operation: 8 week}\n",
                    PETSC_TRUE, list, &s));
  OST_CHECK_NEAR(ost_schedule_next_event(&s, NULL, 0.0), 56.0, 1e-12);
  PetscCall(ost_schedule_destroy(&s));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Muscles follow the factors on forces, keep their side, and must have a patch; phases stay in
   order, and the most demanding one leads. */
static PetscErrorCode muscles_scale_and_mirror(void)
{
  static const char text[] = "name: x\n"
                             "activities:\n"
                             "  - name: a\n"
                             "    phases:\n"
                             "      - {name: first, force: {axial: 100 N}}\n"
                             "      - name: second\n"
                             "        force: {axial: 50 N}\n"
                             "        moment: {torsion: 30 N.m}\n"
                             "        muscles: [{patch: hip, force: {medial: 10 N, anterior: 3 N,\n"
                             "          proximal: -5 N}}]\n"
                             "stages:\n"
                             "  - name: s\n"
                             "    aid: one_crutch\n"
                             "    do: [{activity: a, share: 50 %, cycles: 1 1/day}]\n";
  OstDiagList      *list;
  OstCase          *file;
  OstDayLoad        loads[OST_STAGE_EXERCISES];
  OstPatch          hip = {.name = "hip"};
  PetscInt          phase;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("p.yaml", "protocol", text, list, &file));
  for (int right = 0; right < 2; right++) {
    const OstPatchList none = {0}, one = {1, &hip};
    OstSchedule        s  = {.until = 10.0, .load_factor = 2.0, .right = (PetscBool)right};
    const PetscReal    by = 2.0 * 0.5 * 0.90, turn_by = 2.0 * 0.5 * 0.85;
    PetscCall(ost_protocol_read(ost_case_root(file), -1.0, list, &s.protocol));
    OST_CHECK_INT(ost_diag_num_errors(list), 0);
    OST_CHECK_INT(ost_schedule_at(&s, NULL, 1.0, PETSC_FALSE, loads), 1);
    OST_CHECK_INT(loads[0].num_phases, 2);
    OST_CHECK_TEXT(loads[0].phase[1].name, "second");
    const OstLoad *load = &loads[0].phase[1].load;
    OST_CHECK_INT(load->num_muscles, 1);
    OST_CHECK_TEXT(load->muscle[0].patch, "hip");
    OST_CHECK_NEAR(load->muscle[0].force[0], by * 3.0, 1e-12);
    OST_CHECK_NEAR(load->muscle[0].force[1], by * (right ? 10.0 : -10.0), 1e-12);
    OST_CHECK_NEAR(load->muscle[0].force[2], by * -5.0, 1e-12);
    OST_CHECK_NEAR(load->force[2], by * 50.0, 1e-12);
    OST_CHECK_NEAR(load->moment[2], turn_by * (right ? -30e3 : 30e3), 1e-9);
    OST_CHECK_INT(loads[0].phase[0].load.num_muscles, 0);
    /* 30 N.m are more than 100 N on an arm of 150 mm, less than on one of 1 m */
    OST_CHECK_INT(ost_schedule_leading(1, loads, 150.0, &phase), 0);
    OST_CHECK_INT(phase, 1);
    OST_CHECK_INT(ost_schedule_leading(1, loads, 1000.0, &phase), 0);
    OST_CHECK_INT(phase, 0);
    OST_CHECK(ost_schedule_uses_patch(&s, "hip") && !ost_schedule_uses_patch(&s, "knee"));
    PetscCall(ost_schedule_check_patches(&s, &one, list));
    OST_CHECK_INT(ost_diag_num_errors(list), 0);
    if (right) {
      PetscCall(ost_schedule_check_patches(&s, &none, list));
      OST_CHECK_INT(ost_diag_num_errors(list), 1);
      OST_CHECK_TEXT(ost_diag_get(list, 0).message, "there is no patch `hip`");
      OST_CHECK_INT(ost_diag_get(list, 0).at.line, 9);
    }
    PetscCall(ost_protocol_destroy(&s.protocol));
  }
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The shipped muscles are those that their files say are kept (Heller et al. 2005). */
static PetscErrorCode shipped_muscles_sum_to_their_source(void)
{
  static const struct {
    const char *path;
    PetscReal   medial, anterior, proximal; /* of all muscles [BW] */
  } want[] = {{"level-walking-with-muscles", 0.652, 0.159, 0.997},
              {"stairs-with-muscles", 0.837, 0.367, 1.006}};

  PetscFunctionBeginUser;
  for (int i = 0; i < 2; i++) {
    char         text[512];
    PetscReal    sum[3] = {0};
    OstDiagList *list;
    OstCase     *file;
    OstProtocol *p;
    (void)snprintf(text, sizeof text,
                   "name: x\nactivities: [{name: a, file: cases/activities/%s.yaml}]\nstages: "
                   "[{name: s}]\n",
                   want[i].path);
    PetscCall(ost_diag_create(&list));
    PetscCall(ost_case_load_text("p.yaml", "protocol", text, list, &file));
    ost_case_set_body_weight(file, BW);
    PetscCall(ost_protocol_read(ost_case_root(file), -1.0, list, &p));
    PetscCall(ost_case_report_unread(file, list));
    if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
    OST_CHECK_INT(ost_diag_num_errors(list), 0);
    for (PetscInt k = 0; k < p->activity[0].phase[0].num_muscles; k++) {
      const OstMuscle *m = &p->activity[0].phase[0].muscle[k];
      sum[0] += m->medial / BW;
      sum[1] += m->anterior / BW;
      sum[2] += m->proximal / BW;
    }
    OST_CHECK_NEAR(sum[0], want[i].medial, 1e-12);
    OST_CHECK_NEAR(sum[1], want[i].anterior, 1e-12);
    OST_CHECK_NEAR(sum[2], want[i].proximal, 1e-12);
    PetscCall(ost_protocol_destroy(&p));
    PetscCall(ost_case_destroy(&file));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode missing_protocol_is_told(void)
{
  OstDiagList *list;
  OstSchedule  s;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("title: x\n", PETSC_TRUE, list, &s));
  OST_CHECK_INT(ost_diag_num_errors(list), 2); /* no protocol; title is nobody's here */
  PetscCall(ost_schedule_destroy(&s));
  PetscCall(ost_diag_destroy(&list));
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("protocol: {file: cases/protocols/compsite.yaml}\n", PETSC_TRUE, list, &s));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).fix, "composite.yaml");
  PetscCall(ost_schedule_destroy(&s));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Every protocol of the project, for limbs of both sides and patients from light to heavy: nothing
   is unread, loads begin and come to an end of their rise. */
static PetscErrorCode every_protocol_is_read_for_every_patient(void)
{
  static const PetscReal kilograms[] = {40.0, 73.0, 130.0};
  glob_t                 found;

  PetscFunctionBeginUser;
  OST_CHECK_INT(glob("cases/protocols/*.yaml", 0, NULL, &found), 0);
  OST_CHECK(found.gl_pathc >= 14);
  for (size_t i = 0; i < found.gl_pathc; i++)
    for (size_t k = 0; k < 2 * sizeof kilograms / sizeof *kilograms; k++) {
      char         text[256];
      OstDiagList *list;
      OstCase     *file;
      OstSchedule  s;
      OstDayLoad   loads[OST_STAGE_EXERCISES];
      (void)snprintf(text, sizeof text, "protocol: {file: %s, until: 24 month}\n",
                     found.gl_pathv[i]);
      PetscCall(ost_diag_create(&list));
      PetscCall(ost_case_load_text("case.yaml", "case", text, list, &file));
      ost_case_set_body_weight(file, 9.80665 * kilograms[k / 2]);
      PetscCall(ost_schedule_read(ost_case_root(file), (PetscBool)(k % 2), list, &s));
      PetscCall(ost_case_report_unread(file, list));
      OST_CHECK_INT(ost_diag_num_errors(list), 0);
      if (ost_diag_num_errors(list)) {
        PetscCall(ost_diag_print(list, stdout));
      } else {
        OST_CHECK_INT(ost_schedule_at(&s, NULL, 0.0, PETSC_FALSE, loads), 0);
        OST_CHECK(ost_schedule_at(&s, NULL, 700.0, PETSC_FALSE, loads) > 0);
        OST_CHECK(loads[0].phase[0].load.force[2] > 0.0 && loads[0].cycles > 0.0);
      }
      PetscCall(ost_case_destroy(&file));
      PetscCall(ost_schedule_destroy(&s));
      PetscCall(ost_diag_destroy(&list));
    }
  globfree(&found);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The activities of the project, each the only one of a protocol. */
static PetscErrorCode every_activity_is_read(void)
{
  glob_t    found;
  PetscReal up = 0.0, level = 0.0, down = 0.0;

  PetscFunctionBeginUser;
  OST_CHECK_INT(glob("cases/activities/*.yaml", 0, NULL, &found), 0);
  OST_CHECK(found.gl_pathc >= 9);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    const char  *path = found.gl_pathv[i];
    char         text[256];
    OstDiagList *list;
    OstCase     *file;
    OstProtocol *p;
    (void)snprintf(text, sizeof text,
                   "name: x\nactivities: [{name: a, file: %s}]\n"
                   "stages: [{name: s, do: [{activity: a, cycles: 1 1/day}]}]\n",
                   path);
    PetscCall(ost_diag_create(&list));
    PetscCall(ost_case_load_text("p.yaml", "protocol", text, list, &file));
    ost_case_set_body_weight(file, BW);
    PetscCall(ost_protocol_read(ost_case_root(file), -1.0, list, &p));
    PetscCall(ost_case_report_unread(file, list));
    if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
    OST_CHECK_INT(ost_diag_num_errors(list), 0);
    const OstLimbLoad *peak = &ost_activity_peak(&p->activity[0])->load;
    OST_CHECK(peak->axial > 0.0 && peak->axial < 2.0 * BW);
    OST_CHECK(ost_limb_load_bending(peak) < 0.3e3 * BW);
    if (strstr(path, "/stairs-up.")) up = ost_limb_load_resultant(peak);
    if (strstr(path, "/level-walking.")) level = ost_limb_load_resultant(peak);
    if (strstr(path, "/stairs-down.")) down = ost_limb_load_resultant(peak);
    if (strstr(path, "/sit-to-stand.")) OST_CHECK_NEAR(peak->axial, 0.5 * BW, 1e-9);
    PetscCall(ost_protocol_destroy(&p));
    PetscCall(ost_case_destroy(&file));
    PetscCall(ost_diag_destroy(&list));
  }
  globfree(&found);
  /* the ends and the middle of what was measured over all activities (Thesleff et al. 2020) */
  OST_CHECK_NEAR(up, 684.0, 2e-3);
  OST_CHECK_NEAR(level, 600.0, 2e-3);
  OST_CHECK_NEAR(down, 498.0, 2e-3);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What a protocol plans: outputs and falls by its clock, falls of the case on their real days. */
static PetscErrorCode planned_days_follow_the_clock(void)
{
  OstDiagList *list;
  OstCase     *file;
  OstSchedule  s     = {.until = 300.0, .load_factor = 1.0};
  OstFallList  falls = {0};
  OstClock     clock = ost_clock_start();

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text(
      "p.yaml", "protocol",
      "name: x\n"
      "activities: [{name: stand, force: {axial: 100 N}}]\n"
      "events:\n"
      "  - {at: 20 day, output: true}\n"
      "  - {at: 30 day, fall: cases/falls/forward-torsion.yaml}\n"
      "falls: [{file: cases/falls/forward.yaml, days: [30 day]}]\n"
      "stages: [{name: a, rules: [hold while strength < 5 %], do: [{activity: stand, cycles: 1 "
      "1/day}]}]\n",
      list, &file));
  ost_case_set_body_weight(file, BW);
  PetscCall(ost_protocol_read(ost_case_root(file), -1.0, list, &s.protocol));
  PetscCall(ost_events_read(ost_case_root(file), 0.0, list, &s.events));
  PetscCall(ost_fall_read(ost_case_root(file), list, &falls));
  PetscCall(ost_fall_join(&falls, &s.events.falls, (OstWhere){"p.yaml", 1}, list));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(falls.num, 2);
  OST_CHECK_NEAR(ost_schedule_next_event(&s, &clock, 14.0), 20.0, 1e-12);
  OST_CHECK(ost_schedule_writes(&s, &clock, 20.0) && !ost_schedule_writes(&s, &clock, 21.0));
  /* held from day 7 to day 21 */
  const PetscReal weak[OST_NUM_SIGNS] = {0.0}, strong[OST_NUM_SIGNS] = {[OST_SIGN_STRENGTH] = 1.0};
  OstDecision     decision[OST_CLOCK_DECISIONS];
  OST_CHECK_INT(ost_clock_judge(&clock, s.protocol, 7.0, weak, decision), 1);
  OST_CHECK_NEAR(ost_fall_next_event(&falls, &clock, 7.0), 30.0, 1e-12); /* the case's alone */
  OST_CHECK_INT(ost_clock_judge(&clock, s.protocol, 21.0, strong, decision), 1);
  OST_CHECK(!ost_schedule_writes(&s, &clock, 20.0));
  OST_CHECK_NEAR(ost_schedule_next_event(&s, &clock, 28.0), 34.0, 1e-9);
  OST_CHECK(ost_schedule_writes(&s, &clock, 34.0));
  OST_CHECK(ost_fall_is_due(&falls.fall[0], &clock, 30.0)); /* of the case */
  OST_CHECK(!ost_fall_is_due(&falls.fall[1], &clock, 30.0));
  OST_CHECK(ost_fall_is_due(&falls.fall[1], &clock, 44.0));
  OST_CHECK_NEAR(ost_fall_next_event(&falls, &clock, 30.0), 44.0, 1e-9);
  PetscCall(ost_fall_destroy(&falls));
  PetscCall(ost_schedule_destroy(&s));
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(protocol_of_the_case_acts_on_its_days());
  PetscCall(muscles_scale_and_mirror());
  PetscCall(shipped_muscles_sum_to_their_source());
  PetscCall(missing_protocol_is_told());
  PetscCall(every_protocol_is_read_for_every_patient());
  PetscCall(every_activity_is_read());
  PetscCall(planned_days_follow_the_clock());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
