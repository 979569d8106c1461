/* rules.h: the conditions on which a protocol waits, as a clinician writes them.

   "hold while micromotion.p95 > 40 um", "step back 1 week if over_150um > 20 %", "bonded_area >
   30 %". Owns the names of what a condition may speak of (signs), their units, and the reading of
   the text. Knows neither who measures the signs nor what a protocol does about them (loads/clock).
 */
#pragma once

#include "input/value.h"

enum {
  OST_RULE_LENGTH = 96, /* of the text of a rule */
  OST_MAX_RULES   = 8   /* of a protocol, and of each of its stages */
};

/* What can be seen of a limb on a day of review. */
typedef enum {
  OST_SIGN_BONDED_AREA,
  OST_SIGN_DEBONDED_AREA,
  OST_SIGN_FIBROUS_AREA,
  OST_SIGN_STRENGTH,
  OST_SIGN_MICROMOTION_MEAN,
  OST_SIGN_MICROMOTION_P95,
  OST_SIGN_MICROMOTION_MAX,
  OST_SIGN_OVER_40UM,
  OST_SIGN_OVER_150UM,
  OST_NUM_SIGNS
} OstSign;

typedef struct {
  const char *name;   /* "micromotion.p95" */
  const char *unit;   /* in which a limit is read: um or 1 */
  PetscReal   house;  /* from it to the house unit, mm or 1: divided by this */
  const char *shown;  /* unit in which people speak of it: um or % */
  PetscReal   scale;  /* from the house unit to that */
  PetscReal   most;   /* no limit lies above it, in house units */
  PetscBool   loaded; /* it says nothing at rest */
} OstSignInfo;

extern const OstSignInfo ost_signs[OST_NUM_SIGNS];

typedef enum { OST_ABOVE, OST_AT_LEAST, OST_BELOW, OST_AT_MOST, OST_NUM_COMPARISONS } OstComparison;

typedef struct {
  OstSign       sign;
  OstComparison comparison;
  PetscReal     limit;                 /* in the sign's house unit */
  char          text[OST_RULE_LENGTH]; /* as it was written */
} OstCondition;

typedef enum { OST_RULE_HOLD, OST_RULE_STEP_BACK } OstProtocolRuleKind;

typedef struct {
  OstProtocolRuleKind kind;
  PetscReal           back; /* how far a step back goes [day] */
  OstCondition        condition;
  char                text[OST_RULE_LENGTH]; /* as it was written */
} OstProtocolRule;

typedef struct {
  PetscInt        num;
  OstProtocolRule rule[OST_MAX_RULES];
} OstProtocolRules;

/* "bonded_area > 30 %" into `condition`; a fault is told at `node`, and *ok is then false. */
PetscErrorCode ost_condition_parse(OstNode *node, const char *text, OstDiagList *list,
                                   OstCondition *condition, PetscBool *ok);

/* The list `rules` of a protocol or a stage; a rule with a fault is left out. */
PetscErrorCode ost_rules_read(OstNode *at, OstDiagList *list, OstProtocolRules *rules);

/* Whether the condition is true of signs [OST_NUM_SIGNS]. A sign that is not known (NaN) makes none
   true. */
PetscBool ost_condition_holds(const OstCondition *condition, const PetscReal signs[]);

/* "52.1 um": a sign's value as people speak of it. */
void ost_sign_format(OstSign sign, PetscReal value, char text[], size_t length);
