/* history.h: the main job: press-fit, the protocol day by day, the falls on their days.

   Owns the time loop: Heun steps with error control (theory.md, T1), events hit exactly, rejection
   and shorter steps when the mechanics find no equilibrium. Collective. */
#pragma once

#include "analysis/biology.h"
#include "analysis/measures.h"

typedef enum {
  OST_HISTORY_DONE,
  OST_HISTORY_NO_FIT,  /* the press-fit found no equilibrium */
  OST_HISTORY_NO_STEP, /* a day found none, however short the step */
  OST_HISTORY_STOPPED  /* it was asked to end (base/stop.h) */
} OstHistoryOutcome;

/** Run the whole history, or what is left of it.
 *  @param[in]  model      complete
 *  @param[in]  from       state of an earlier run of the same model between two steps; NULL: from
 *                         the press-fit on
 *  @param[in]  num, observers  called in order
 *  @param[out] outcome    on anything but DONE the observers hold everything up to the last good
 *                         day
 *  @param[out] last_day   where it ended [day]
 */
PetscErrorCode ost_history_run(const OstModel *model, OstArchive *from, PetscInt num,
                               const OstObserver observers[], OstHistoryOutcome *outcome,
                               PetscReal *last_day);
