/* quantity.h: the text of one quantity ("20 kgf", "0.5 BW", "40 %") to a number in a wanted unit.

   Owns UDUNITS-2, the further spellings and the unit BW, and the wording of what can be wrong with
   a quantity. Knows no keys: value.h does. */
#pragma once

#include "input/casefile.h"

/* Days of a month: a twelfth of the tropical year, as UDUNITS-2 has it. What a user writes in
   months then falls on the same days as the defaults do. */
#define OST_MONTH (365.24219878125 / 12.0)

/* Days closer than this, about a second, are the same: sums of weeks and months are not exact. */
#define OST_DAY_SLACK 1e-5

typedef struct {
  OstCase     *file;  /* gives the body weight; NULL: there is none */
  OstWhere     at;    /* where the user wrote the text */
  const char  *label; /* what messages begin with: "`friction` ", or "" */
  const char  *unit;  /* wanted; must be one that UDUNITS-2 knows */
  OstDiagList *list;
} OstQuantityContext;

/* The number in c->unit. A fault is appended to c->list, *ok is then false and *v unchanged. */
PetscErrorCode ost_quantity_parse(const OstQuantityContext *c, const char *text, PetscReal *v,
                                  PetscBool *ok);
