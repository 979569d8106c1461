/* timetable.h: a protocol as this program understood it, for a person to check.

   Week by week in words and numbers, with what it plans and the rules that may hold it up. Shows
   the protocol's own days: what the rules will make of them nobody knows beforehand. */
#pragma once

#include "loads/schedule.h"

enum { OST_TIMETABLE_WIDTH = 100 }; /* columns of a terminal that nothing exceeds */

/* A line for each activity of a week, weeks that are the same in one. Not collective. *text is
   freed by the caller with PetscFree. */
PetscErrorCode ost_timetable_write(const OstSchedule *schedule, char **text);
