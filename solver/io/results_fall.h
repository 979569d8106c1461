/* results_fall.h: the group of a fall in results.h5, written and read. */
#pragma once

#include "io/results.h"

/* Make the group and write the numbers of a fall; its fields are left to the caller. Collective. */
PetscErrorCode ost_results_fall_write(OstH5 *file, const char *group, const OstFallReport *fall);

/* Call `fall` of a listener with what the group says, without fields. Collective. */
PetscErrorCode ost_results_fall_tell(OstH5 *file, const char *group, const OstObserver *listener);
