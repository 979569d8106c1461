/* Rules as a clinician writes them: what is understood, and what is refused with which words. */
#include "input/rules.h"

#include "support/check.h"

#include <math.h>

static PetscErrorCode reading(const char *rules, OstDiagList *list, OstProtocolRules *out)
{
  OstCase *file;
  char     text[512];

  PetscFunctionBeginUser;
  (void)snprintf(text, sizeof text, "name: x\nrules:\n%s", rules);
  PetscCall(ost_case_load_text("p.yaml", "protocol", text, list, &file));
  (void)ost_node_find(ost_case_root(file), "name");
  PetscCall(ost_rules_read(ost_case_root(file), list, out));
  PetscCall(ost_case_report_unread(file, list));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode rules_are_understood(void)
{
  OstDiagList     *list;
  OstProtocolRules rules;
  PetscReal        signs[OST_NUM_SIGNS] = {0.0};

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("  - hold while micromotion.p95 > 40 um   # a comment\n"
                    "  -  step  back   10 day if over_150um>=20%\n"
                    "  - hold while bonded_area < 0.25\n"
                    "  - hold while strength <= 5 %\n",
                    list, &rules));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(rules.num, 4);
  const OstProtocolRule *hold = &rules.rule[0], *back = &rules.rule[1];
  OST_CHECK_INT(hold->kind, OST_RULE_HOLD);
  OST_CHECK_INT(hold->condition.sign, OST_SIGN_MICROMOTION_P95);
  OST_CHECK_NEAR(hold->condition.limit, 0.040, 1e-15);
  OST_CHECK_TEXT(hold->text, "hold while micromotion.p95 > 40 um");
  OST_CHECK_INT(back->kind, OST_RULE_STEP_BACK);
  OST_CHECK_NEAR(back->back, 10.0, 1e-12);
  OST_CHECK_NEAR(back->condition.limit, 0.20, 1e-15);
  /* the four comparisons at, below and above their limits */
  static const struct {
    PetscInt  rule, holds[3];
    PetscReal at;
  } want[] = {
      {0, {0, 0, 1}, 0.040}, {1, {0, 1, 1}, 0.20}, {2, {1, 0, 0}, 0.25}, {3, {1, 1, 0}, 0.05}};
  for (size_t i = 0; i < sizeof want / sizeof *want; i++)
    for (int k = 0; k < 3; k++) {
      const OstCondition *condition = &rules.rule[want[i].rule].condition;
      signs[condition->sign]        = condition->limit + 1e-3 * (k - 1);
      OST_CHECK_NEAR(condition->limit, want[i].at, 1e-15);
      OST_CHECK_INT(ost_condition_holds(condition, signs), want[i].holds[k]);
    }
  signs[OST_SIGN_MICROMOTION_P95] = (PetscReal)NAN;
  OST_CHECK_INT(ost_condition_holds(&hold->condition, signs), PETSC_FALSE);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode faults_say_what_to_write(void)
{
  static const struct {
    const char *rule, *message, *fix;
  } faults[] = {
      {"hold while micromotion.p59 > 40 um", "nothing that a rule can speak of",
       "did you mean `micromotion.p95`?"},
      {"hold while pain > 5", "`pain` is nothing", "allowed: bonded_area, "},
      {"hold while micromotion.p95 = 40 um", "compares nothing", "> 40 um"},
      {"hold while micromotion.p95 => 40 um", "compares nothing", "> 40 um"},
      {"hold while micromotion.p95 >> 40 um", "compares nothing", "> 40 um"},
      {"hold while > 40 um", "compares nothing", "> 40 um"},
      {"hold while micromotion.p95 > 40", "no unit", "40 um"},
      {"hold while micromotion.p95 > 40 N", "40 N", "um"},
      {"hold while micromotion.p95 > 40 mm", "never beyond 40 mm", "can be crossed"},
      {"hold while over_150um > 120 %", "lies within 0 ... 100 %", "can be crossed"},
      {"hold while over_150um < -1 %", "never beyond -1 %", "can be crossed"},
      {"step back 1 week over_150um > 20 %", "no condition after `if`", "step back 1 week if"},
      {"step back 1 if over_150um > 20 %", "no unit", "1 day"},
      {"step back -1 week if over_150um > 20 %", "goes nowhere", "step back 1 week"},
      {"stop while over_150um > 20 %", "a rule that cannot be read", "hold while"},
      {"holdwhile over_150um > 20 %", "a rule that cannot be read", "hold while"},
      {"{hold: 3}", "a rule that cannot be read", "hold while"},
      {"hold while micromotion.p95 > 40 um and also this is far too long for any rule, whatever it "
       "may have meant to say",
       "a rule that cannot be read", "hold while"},
  };

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    char             text[256];
    OstDiagList     *list;
    OstProtocolRules rules;
    (void)snprintf(text, sizeof text, "  - hold while strength < 1 %%\n  - %s\n", faults[i].rule);
    PetscCall(ost_diag_create(&list));
    PetscCall(reading(text, list, &rules));
    OST_CHECK_INT(rules.num, 1); /* the good one */
    OST_CHECK_INT(ost_diag_num_errors(list), 1);
    if (ost_diag_num_errors(list) == 1) {
      OST_CHECK_TEXT(ost_diag_get(list, 0).message, faults[i].message);
      OST_CHECK(ost_diag_get(list, 0).fix != NULL);
      if (ost_diag_get(list, 0).fix) OST_CHECK_TEXT(ost_diag_get(list, 0).fix, faults[i].fix);
      OST_CHECK_INT(ost_diag_get(list, 0).at.line, 4);
    } else {
      PetscCall(ost_diag_print(list, stdout));
    }
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void signs_are_told_as_people_speak_of_them(void)
{
  char text[32];

  ost_sign_format(OST_SIGN_MICROMOTION_P95, 0.0521, text, sizeof text);
  OST_CHECK_TEXT(text, "52.1 um");
  ost_sign_format(OST_SIGN_OVER_150UM, 0.125, text, sizeof text);
  OST_CHECK_TEXT(text, "12.5 %");
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(rules_are_understood());
  PetscCall(faults_say_what_to_write());
  signs_are_told_as_people_speak_of_them();
  PetscCall(PetscFinalize());
  return ost_check_report();
}
