/* quantity.h: the text of one quantity ("20 kgf", "0.5 BW", "40 %") to a number in a wanted unit.

   Owns UDUNITS-2, the further spellings and the unit BW, and the wording of what can be wrong with
   a quantity. Knows no keys: value.h does. */
#pragma once

#include "input/casefile.h"

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
