/* treatment_day.h: a time of a treatment, as a clinician writes it, to days.

   Days count from the first operation S1 (day 0); times may be given relative to the second, S2. */
#pragma once

#include "input/value.h"

/** Read a time: "26 week", "S2", "S2 + 6 week", "S1 + 3 day".
 *  @param[in]  def, required  what an absent key gives, unless that is a fault
 *  @param[in]  s2_day  second operation [day]; <= 0: there is none, and to name it is a fault
 *  @param[out] t_day   [day], not below 0 unless a fault was added
 */
PetscErrorCode ost_treatment_day_read(OstNode *at, const char *key, PetscReal def,
                                      PetscBool required, PetscReal s2_day, OstDiagList *list,
                                      PetscReal *t_day);

/* The same of a text that was found under `key`. */
PetscErrorCode ost_treatment_day_parse(OstNode *node, const char *key, const char *text,
                                       PetscReal s2_day, OstDiagList *list, PetscReal *t_day);
