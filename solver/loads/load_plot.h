/* load_plot.h: a protocol drawn in characters: how the load and the number of cycles rise. */
#pragma once

#include "loads/schedule.h"

/** Weeks along x; above the peak axial load in percent of body weight, the largest of the
 *  activities, below it all cycles of a day; then the stages by letter.
 *  @param[in]  utf8  bars of eighths of a line; otherwise plain ASCII
 *  @param[out] text  lines of at most 100 columns, freed by the caller with PetscFree
 *  Not collective.
 */
PetscErrorCode ost_load_plot(const OstSchedule *schedule, PetscBool utf8, char **text);
