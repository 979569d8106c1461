#include "analysis/calendar.h"

#include "input/quantity.h"

PetscBool ost_calendar_same(PetscReal a, PetscReal b)
{
  return PetscAbsReal(a - b) <= OST_DAY_SLACK ? PETSC_TRUE : PETSC_FALSE;
}

PetscReal ost_calendar_next(const OstModel *model, const OstClock *clock, PetscReal t,
                            PetscReal last_output)
{
  const PetscReal events[] = {ost_schedule_next_event(&model->schedule, clock, t),
                              ost_fall_next_event(&model->falls, clock, t),
                              ost_remodel_next_event(&model->remodel, t),
                              last_output + model->day.output_every};
  PetscReal       first    = model->schedule.until, last;

  for (size_t i = 0; i < sizeof events / sizeof *events; i++) first = PetscMin(first, events[i]);
  if (ost_calendar_same(first, model->schedule.until)) return model->schedule.until;
  last = first;
  for (size_t i = 0; i < sizeof events / sizeof *events; i++)
    if (ost_calendar_same(events[i], first)) last = PetscMax(last, events[i]);
  return last;
}

PetscBool ost_calendar_writes(const OstModel *model, const OstClock *clock, PetscReal end,
                              PetscReal last_output)
{
  return end >= last_output + model->day.output_every - OST_DAY_SLACK ||
                 end >= model->schedule.until || ost_schedule_writes(&model->schedule, clock, end)
             ? PETSC_TRUE
             : PETSC_FALSE;
}

PetscBool ost_calendar_breaks(const OstModel *model, const OstClock *clock, PetscReal t,
                              PetscReal end)
{
  return end < model->schedule.until &&
                 (ost_calendar_same(end, ost_schedule_next_change(&model->schedule, clock, t)) ||
                  ost_calendar_same(end, ost_remodel_next_event(&model->remodel, t)))
             ? PETSC_TRUE
             : PETSC_FALSE;
}
