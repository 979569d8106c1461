#include "input/rules.h"

/* No micromotion of a stem that is still in the bone comes near 10 mm: more is a wrong unit. */
#define MOTION(name)                                                                               \
  {                                                                                                \
    name, "um", 1e3, "um", 1e3, 10.0, PETSC_TRUE                                                   \
  }
#define SHARE(name, loaded)                                                                        \
  {                                                                                                \
    name, "1", 1.0, "%", 100.0, 1.0, loaded                                                        \
  }

const OstSignInfo ost_signs[OST_NUM_SIGNS] = {
    SHARE("bonded_area", PETSC_FALSE),  SHARE("debonded_area", PETSC_FALSE),
    SHARE("fibrous_area", PETSC_FALSE), SHARE("strength", PETSC_FALSE),
    MOTION("micromotion.mean"),         MOTION("micromotion.p95"),
    MOTION("micromotion.max"),          SHARE("over_40um", PETSC_TRUE),
    SHARE("over_150um", PETSC_TRUE),
};

/* by OstComparison; where one begins as another does, the longer is looked for first */
static const char *const comparisons[OST_NUM_COMPARISONS] = {">", ">=", "<", "<="};

static const char *skip_blanks(const char *c)
{
  while (*c == ' ' || *c == '\t') c++;
  return c;
}

/* Past the words, each between blanks, or NULL where the text does not begin with them. */
static const char *after_words(const char *c, const char *words)
{
  c = skip_blanks(c);
  for (; *words; words++) {
    if (*words == ' ') {
      if (*c != ' ' && *c != '\t') return NULL;
      c = skip_blanks(c);
    } else if (*words != *c++) {
      return NULL;
    }
  }
  return *c == ' ' || *c == '\t' || !*c ? skip_blanks(c) : NULL;
}

static PetscErrorCode find_sign(OstNode *node, const char *name, OstDiagList *list, OstSign *sign,
                                PetscBool *ok)
{
  const char *names[OST_NUM_SIGNS];
  char        fix[512], all[384] = "";

  PetscFunctionBeginUser;
  for (int i = 0; i < OST_NUM_SIGNS; i++) {
    names[i] = ost_signs[i].name;
    PetscCall(PetscStrlcat(all, i ? ", " : "", sizeof all));
    PetscCall(PetscStrlcat(all, names[i], sizeof all));
    if (!strcmp(name, names[i])) {
      *sign = (OstSign)i;
      *ok   = PETSC_TRUE;
      PetscFunctionReturn(PETSC_SUCCESS);
    }
  }
  *ok                 = PETSC_FALSE;
  const char *nearest = ost_diag_nearest(name, names, OST_NUM_SIGNS);
  if (nearest)
    (void)snprintf(fix, sizeof fix, "did you mean `%s`? Allowed: %s", nearest, all);
  else
    (void)snprintf(fix, sizeof fix, "allowed: %s", all);
  PetscCall(ost_diag_error(list, ost_node_where(node), fix,
                           "`%s` is nothing that a rule can speak of", name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool find_comparison(const char **c, OstComparison *comparison)
{
  for (int i = OST_NUM_COMPARISONS - 1; i >= 0; i--) {
    const size_t length = strlen(comparisons[i]);
    /* "<=" stands above "<", ">=" above ">" in the list that is walked backwards */
    if (strncmp(*c, comparisons[i], length) != 0) continue;
    *c += length;
    *comparison = (OstComparison)i;
    return **c == '=' || **c == '>' || **c == '<' ? PETSC_FALSE : PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode read_limit(OstNode *node, const char *text, OstDiagList *list,
                                 OstCondition *condition, PetscBool *ok)
{
  const OstSignInfo *info   = &ost_signs[condition->sign];
  const PetscInt     errors = ost_diag_num_errors(list);
  char               most[32];

  PetscFunctionBeginUser;
  PetscCall(ost_value_parse(ost_node_case(node), ost_node_where(node), text, info->unit, list,
                            &condition->limit));
  condition->limit /= info->house;
  *ok = ost_diag_num_errors(list) == errors ? PETSC_TRUE : PETSC_FALSE;
  if (!*ok || (condition->limit >= 0.0 && condition->limit <= info->most))
    PetscFunctionReturn(PETSC_SUCCESS);
  *ok = PETSC_FALSE;
  ost_sign_format(condition->sign, info->most, most, sizeof most);
  PetscCall(ost_diag_error(list, ost_node_where(node), "give a limit that can be crossed",
                           "%s is never beyond %s: it lies within 0 ... %s", info->name, text,
                           most));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_condition_parse(OstNode *node, const char *text, OstDiagList *list,
                                   OstCondition *condition, PetscBool *ok)
{
  const char *c = skip_blanks(text);
  char        name[OST_RULE_LENGTH];
  size_t      n = 0;

  PetscFunctionBeginUser;
  *condition = (OstCondition){0};
  *ok        = PETSC_FALSE;
  PetscCall(PetscStrncpy(condition->text, c, OST_RULE_LENGTH));
  for (; *c && !strchr(" \t<>=", *c) && n + 1 < sizeof name; c++) name[n++] = *c;
  name[n] = '\0';
  c       = skip_blanks(c);
  if (!n || !find_comparison(&c, &condition->comparison)) {
    PetscCall(ost_diag_error(list, ost_node_where(node),
                             "write e.g. `micromotion.p95 > 40 um`, with >, >=, < or <=",
                             "`%s` compares nothing", condition->text));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(find_sign(node, name, list, &condition->sign, ok));
  if (*ok) PetscCall(read_limit(node, skip_blanks(c), list, condition, ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* "1 week if CONDITION": how far, then on what condition. */
static PetscErrorCode read_step_back(OstNode *node, const char *text, OstDiagList *list,
                                     OstProtocolRule *rule, PetscBool *ok)
{
  const PetscInt errors = ost_diag_num_errors(list);
  const char    *found  = strstr(text, " if ");
  char           far[OST_RULE_LENGTH];

  PetscFunctionBeginUser;
  *ok = PETSC_FALSE;
  if (!found) {
    PetscCall(ost_diag_error(list, ost_node_where(node),
                             "write e.g. `step back 1 week if over_150um > 20 %`",
                             "`%s` has no condition after `if`", rule->text));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscStrncpy(far, text, PetscMin(sizeof far, (size_t)(found - text) + 1)));
  PetscCall(
      ost_value_parse(ost_node_case(node), ost_node_where(node), far, "day", list, &rule->back));
  if (ost_diag_num_errors(list) > errors) PetscFunctionReturn(PETSC_SUCCESS);
  if (!(rule->back > 0.0)) {
    PetscCall(ost_diag_error(list, ost_node_where(node), "write e.g. `step back 1 week if ...`",
                             "a step back by %s goes nowhere", far));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_condition_parse(node, found + strlen(" if "), list, &rule->condition, ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_rule(OstNode *node, OstDiagList *list, OstProtocolRule *rule,
                                PetscBool *ok)
{
  const char *text = ost_node_text(node), *rest;

  PetscFunctionBeginUser;
  *rule = (OstProtocolRule){0};
  *ok   = PETSC_FALSE;
  if (text && strlen(text) < OST_RULE_LENGTH) {
    PetscCall(PetscStrncpy(rule->text, text, OST_RULE_LENGTH));
    PetscCall(ost_node_note(node, "text", "", text, "required", ""));
    if ((rest = after_words(text, "hold while"))) {
      rule->kind = OST_RULE_HOLD;
      PetscCall(ost_condition_parse(node, rest, list, &rule->condition, ok));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    if ((rest = after_words(text, "step back"))) {
      rule->kind = OST_RULE_STEP_BACK;
      PetscCall(read_step_back(node, rest, list, rule, ok));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
  }
  PetscCall(ost_diag_error(list, ost_node_where(node),
                           "write `hold while micromotion.p95 > 40 um` or `step back 1 week if "
                           "over_150um > 20 %`",
                           "a rule that cannot be read%s%.40s", text ? ": " : "",
                           text ? text : ""));
  ost_node_skip(node);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_rules_read(OstNode *at, OstDiagList *list, OstProtocolRules *rules)
{
  OstNode *sequence;

  PetscFunctionBeginUser;
  rules->num = 0;
  PetscCall(ost_value_list(at, "rules", PETSC_FALSE, list, &sequence));
  for (PetscInt i = 0; sequence && i < ost_node_size(sequence); i++) {
    OstNode  *node = ost_node_item(sequence, i);
    PetscBool ok   = PETSC_FALSE;
    if (rules->num < OST_MAX_RULES) {
      PetscCall(read_rule(node, list, &rules->rule[rules->num], &ok));
    } else {
      PetscCall(ost_diag_error(list, ost_node_where(node), "keep those that decide",
                               "more than %d rules", (int)OST_MAX_RULES));
      ost_node_skip(node);
    }
    if (ok) rules->num++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscBool ost_condition_holds(const OstCondition *condition, const PetscReal signs[])
{
  const PetscReal value = signs[condition->sign], limit = condition->limit;

  switch (condition->comparison) {
  case OST_ABOVE:
    return value > limit ? PETSC_TRUE : PETSC_FALSE;
  case OST_AT_LEAST:
    return value >= limit ? PETSC_TRUE : PETSC_FALSE;
  case OST_BELOW:
    return value < limit ? PETSC_TRUE : PETSC_FALSE;
  default:
    return value <= limit ? PETSC_TRUE : PETSC_FALSE;
  }
}

void ost_sign_format(OstSign sign, PetscReal value, char text[], size_t length)
{
  const OstSignInfo *info = &ost_signs[sign];

  (void)snprintf(text, length, "%.4g %s", (double)(info->scale * value), info->shown);
}
