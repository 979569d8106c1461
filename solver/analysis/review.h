/* review.h: a day of the history under the eyes of the protocol's rules.

   Owns which column of the history each sign is that a rule may speak of (input/rules.h). */
#pragma once

#include "analysis/measures.h"

/** Judge the day that `row` tells and set the state's clock by it.
 *  @param[in]  row        [OST_NUM_COLUMNS] of state->day, equal on all ranks
 *  @param[out] decisions  [OST_CLOCK_DECISIONS]
 *  Returns how many decisions were taken. Not collective: every rank comes to the same.
 */
PetscInt ost_review_day(const OstModel *model, OstState *state, const PetscReal row[],
                        OstDecision decisions[]);
