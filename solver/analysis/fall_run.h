/* fall_run.h: a fall on the state of a day: does the bone break, where, at which load?

   Each direction of the sweep is loaded from the state at rest; in the worst one the load that
   breaks the bone is bracketed (F7). The state is left as it was. Collective. */
#pragma once

#include "analysis/day.h"

/** @param[in,out] day     its mechanical objects are used; the results of its last run are kept
 *  @param[in]     state   unchanged
 *  @param[in]     fall    one of the model's falls
 *  @param[in]     tell    called once with the result, e.g. to pass it to observers
 */
typedef PetscErrorCode (*OstFallTell)(const OstFallReport *report, void *context);
PetscErrorCode ost_fall_run(OstDay *day, const OstState *state, const OstFall *fall,
                            OstFallTell tell, void *context);
