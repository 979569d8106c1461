#include "input/treatment_day.h"

PetscErrorCode ost_treatment_day_parse(OstNode *node, const char *key, const char *text,
                                       PetscReal s2_day, OstDiagList *list, PetscReal *t_day)
{
  const OstWhere where = ost_node_where(node);
  const char    *c     = text;
  PetscReal      base = 0.0, sign = 1.0, offset = 0.0;

  PetscFunctionBeginUser;
  if (c[0] == 'S' && (c[1] == '1' || c[1] == '2')) {
    if (c[1] == '2' && s2_day <= 0.0) {
      PetscCall(ost_diag_error(list, where, "add `second_operation: 26 week`, or count from S1",
                               "`%s` %s: the protocol has no second operation S2", key, text));
    }
    base = c[1] == '2' ? s2_day : 0.0;
    c += 2;
    while (*c == ' ') c++;
    if (*c && *c != '+' && *c != '-') {
      PetscCall(ost_diag_error(list, where, "write e.g. `S2 + 6 week`", "`%s` %s is not a time",
                               key, text));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    if (*c) sign = *c++ == '-' ? -1.0 : 1.0;
    while (*c == ' ') c++;
  }
  if (*c || c == text)
    PetscCall(ost_value_parse(ost_node_case(node), where, c, "day", list, &offset));
  *t_day = base + sign * offset;
  if (*t_day < 0.0) {
    PetscCall(ost_diag_error(list, where, "times count from the first operation, day 0",
                             "`%s` %s lies before the first operation", key, text));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_treatment_day_read(OstNode *at, const char *key, PetscReal def,
                                      PetscBool required, PetscReal s2_day, OstDiagList *list,
                                      PetscReal *t_day)
{
  OstNode    *node = ost_node_find(at, key);
  const char *text;

  PetscFunctionBeginUser;
  *t_day = def;
  PetscCall(ost_value_text(at, key, required ? NULL : "", list, &text));
  if (node && text[0]) PetscCall(ost_treatment_day_parse(node, key, text, s2_day, list, t_day));
  PetscFunctionReturn(PETSC_SUCCESS);
}
