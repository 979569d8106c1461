/* history.h: the main job: press-fit, the protocol day by day, the falls on their days.

   Owns the time loop: Heun steps with error control (theory.md, T1), events hit exactly, rejection
   and shorter steps when the mechanics find no equilibrium. Collective. */
#pragma once

#include "analysis/biology.h"
#include "analysis/measures.h"

typedef enum {
  OST_HISTORY_DONE,
  OST_HISTORY_NO_FIT, /* the press-fit found no equilibrium */
  OST_HISTORY_NO_STEP /* a day found none, however short the step */
} OstHistoryOutcome;

/** Run the whole history.
 *  @param[in]  model      complete
 *  @param[in]  num, observers  called in order
 *  @param[out] outcome    on anything but DONE the observers hold everything up to the last good
 *     day
 *  @param[out] failed_day where it stopped [day]
 */
PetscErrorCode ost_history_run(const OstModel *model, PetscInt num, const OstObserver observers[],
                               OstHistoryOutcome *outcome, PetscReal *failed_day);
