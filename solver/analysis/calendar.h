/* calendar.h: on which days of a history something is due.

   What ends a time step wherever it is: a change of the loads, a fall, the end of the rim's
   healing, an output, a review, the last day. Pure, from the options of the model and the
   protocol's clock alone. */
#pragma once

#include "analysis/model.h"

/* TRUE for days that differ by rounding only. */
PetscBool ost_calendar_same(PetscReal a_day, PetscReal b_day);

/* The next day after t_day on which something is due, with the last output on last_output; what
   falls on the same day is one event, the last of them. At most the last day of the history. */
PetscReal ost_calendar_next(const OstModel *model, const OstClock *clock, PetscReal t_day,
                            PetscReal last_output);

/* On `end`, which a step from t_day reached: fields are due; the rates of the past end here. */
PetscBool ost_calendar_writes(const OstModel *model, const OstClock *clock, PetscReal end,
                              PetscReal last_output);
PetscBool ost_calendar_breaks(const OstModel *model, const OstClock *clock, PetscReal t_day,
                              PetscReal end);
