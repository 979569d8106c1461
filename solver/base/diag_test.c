#include "base/diag.h"

#include "support/check.h"

static PetscErrorCode entries_are_ordered_by_file_and_line(void)
{
  const OstWhere case_40 = {"case.yaml", 40}, case_3 = {"case.yaml", 3}, case_0 = {"case.yaml", 0},
                 bone_1 = {"bone.yaml", 1};
  OstDiagList *list;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_diag_error(list, case_40, "a fix", "value %d", 40));
  PetscCall(ost_diag_error(list, bone_1, NULL, "bone"));
  PetscCall(ost_diag_warning(list, case_3, NULL, "first of line 3"));
  PetscCall(ost_diag_error(list, case_3, NULL, "second of line 3"));
  PetscCall(ost_diag_error(list, case_0, NULL, "the file as a whole"));
  PetscCall(ost_diag_error(list, case_40, "another fix", "value %d", 40)); /* known: not repeated */
  OST_CHECK_INT(ost_diag_num_errors(list), 4);
  OST_CHECK_INT(ost_diag_num_warnings(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "as a whole");
  OST_CHECK_TEXT(ost_diag_get(list, 1).message, "first of line 3");
  OST_CHECK(!ost_diag_get(list, 1).is_error);
  OST_CHECK_TEXT(ost_diag_get(list, 2).message, "second of line 3");
  OST_CHECK(ost_diag_get(list, 2).is_error);
  OST_CHECK_TEXT(ost_diag_get(list, 3).message, "value 40");
  OST_CHECK_TEXT(ost_diag_get(list, 3).fix, "a fix");
  OST_CHECK_TEXT(ost_diag_get(list, 4).at.file, "bone.yaml");
  OST_CHECK(!ost_diag_get(list, 4).fix);
  PetscCall(ost_diag_destroy(&list));
  OST_CHECK(!list);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode print_gives_place_message_fix_and_count(void)
{
  const char *const wanted    = "case.yaml: error: cannot be read\n"
                                "case.yaml:41: error: friction = -0.3 is outside 0 ... 2\n"
                                "    fix: give a value from 0 to 2\n"
                                "case.yaml:50: warning: slow\n"
                                "2 errors, 1 warning\n";
  char              text[512] = "";
  OstDiagList      *list;
  FILE             *f = fmemopen(text, sizeof text, "w");

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_diag_print(list, f)); /* nothing wrong: nothing printed */
  PetscCall(ost_diag_warning(list, (OstWhere){"case.yaml", 50}, NULL, "slow"));
  PetscCall(ost_diag_error(list, (OstWhere){"case.yaml", 41}, "give a value from 0 to 2",
                           "friction = %g is outside 0 ... 2", -0.3));
  PetscCall(ost_diag_error(list, (OstWhere){"case.yaml", 0}, NULL, "cannot be read"));
  PetscCall(ost_diag_print(list, f));
  (void)fclose(f);
  OST_CHECK_TEXT(text, wanted);
  OST_CHECK_INT(strlen(text), strlen(wanted));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode many_entries_stay_in_order(void)
{
  OstDiagList *list;
  PetscInt     num_wrong = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  for (PetscInt i = 0; i < 200; i++) {
    const OstWhere at = {"case.yaml", (i * 73) % 200};
    PetscCall(ost_diag_error(list, at, NULL, "line %d", (int)at.line));
  }
  OST_CHECK_INT(ost_diag_num_errors(list), 200);
  for (PetscInt i = 0; i < 200; i++) num_wrong += ost_diag_get(list, i).at.line != i;
  OST_CHECK_INT(num_wrong, 0);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void nearest_word_is_found_or_none(void)
{
  static const char *const words[] = {"friction", "stiffness", "interference", "tip"};

  OST_CHECK_TEXT(ost_diag_nearest("fricton", words, 4), "friction");
  OST_CHECK_TEXT(ost_diag_nearest("Friction", words, 4), "friction");
  OST_CHECK_TEXT(ost_diag_nearest("firction", words, 4), "friction"); /* swapped letters */
  OST_CHECK_TEXT(ost_diag_nearest("tpi", words, 4), "tip");
  OST_CHECK(!ost_diag_nearest("density", words, 4));
  OST_CHECK(!ost_diag_nearest("", words, 4));
  OST_CHECK(!ost_diag_nearest("friction", words, 0));
  OST_CHECK(!ost_diag_nearest(
      "a_word_that_is_very_much_longer_than_any_key_of_any_case_file_may_be", words, 4));
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(entries_are_ordered_by_file_and_line());
  PetscCall(print_gives_place_message_fix_and_count());
  PetscCall(many_entries_stay_in_order());
  nearest_word_is_found_or_none();
  PetscCall(PetscFinalize());
  return ost_check_report();
}
