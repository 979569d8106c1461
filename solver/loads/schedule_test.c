/* Schedule: the case's protocol section, vectors for the limb's side, the leading activity. */
#include "loads/schedule.h"

#include "support/check.h"

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
  OST_CHECK_INT(ost_schedule_at(&s, 10.0, PETSC_FALSE, loads), 0);
  OST_CHECK_TEXT(ost_schedule_stage(&s, 10.0, PETSC_FALSE, &index), "rest after S1");
  OST_CHECK_INT(index, 0);
  OST_CHECK_TEXT(ost_schedule_stage(&s, 600.0, PETSC_TRUE, NULL), "hard steps");
  OST_CHECK_INT(ost_schedule_at(&s, 600.0, PETSC_FALSE, loads), 2);
  OST_CHECK_TEXT(loads[0].name, "walking");
  OST_CHECK_NEAR(loads[0].phase[0].load.force[2], 1.1 * 590.0, 1e-9);
  OST_CHECK_NEAR(loads[0].phase[0].load.force[1], 1.1 * 64.0, 1e-9); /* left limb */
  OST_CHECK_NEAR(loads[0].phase[0].load.moment[1], -1.1 * 24.3e3, 1e-6);
  OST_CHECK_NEAR(loads[1].phase[0].load.moment[1], -1.1 * 0.11e3 * BW, 1e-6);
  OST_CHECK_INT(ost_schedule_leading(2, loads, 150.0, &index), 1);
  OST_CHECK_INT(ost_schedule_leading(1, loads, 150.0, &index), 0);
  OST_CHECK_INT(ost_schedule_leading(0, loads, 150.0, &index), -1);
  /* the last event is the end of the history */
  OST_CHECK_NEAR(ost_schedule_next_event(&s, 0.0), 182.0, 1e-12);
  OST_CHECK_NEAR(ost_schedule_next_event(&s, 546.0), 730.484397562, 1e-12);
  PetscCall(ost_schedule_destroy(&s));
  PetscCall(reading("protocol: {file: cases/protocols/composite.yaml, until: 6 month,"
                    " second_operation: 8 week}\n",
                    PETSC_TRUE, list, &s));
  OST_CHECK_NEAR(ost_schedule_next_event(&s, 0.0), 56.0, 1e-12);
  PetscCall(ost_schedule_destroy(&s));
  PetscCall(ost_diag_destroy(&list));
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

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(protocol_of_the_case_acts_on_its_days());
  PetscCall(missing_protocol_is_told());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
