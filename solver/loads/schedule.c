#include "loads/schedule.h"

#include "base/tensor.h"
#include "input/quantity.h"

#include <math.h>

PetscErrorCode ost_schedule_read(OstNode *root, PetscBool right, OstDiagList *list,
                                 OstSchedule *schedule)
{
  const OstRealKey until  = {"until", "day", 24.0 * OST_MONTH, 0.01, 36500.0};
  const OstRealKey second = {"second_operation", "day", (PetscReal)NAN, 0.0, 3650.0};
  const OstRealKey factor = {"load_factor", "1", 1.0, 0.0, 10.0};
  OstNode         *section;
  OstCase         *file = NULL;
  const char      *path;
  PetscReal        s2_day;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(schedule, sizeof(*schedule)));
  schedule->right = right;
  PetscCall(ost_value_section(root, "protocol", PETSC_TRUE, list, &section));
  if (!section) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_value_path(section, "file", NULL, list, &path));
  PetscCall(ost_value_real(section, &until, list, &schedule->until));
  PetscCall(ost_value_real(section, &second, list, &s2_day));
  PetscCall(ost_value_real(section, &factor, list, &schedule->load_factor));
  PetscCall(ost_case_load_part(section, "file", path, "protocol", list, &file));
  if (file) {
    PetscCall(ost_protocol_read(ost_case_root(file), PetscIsNanReal(s2_day) ? -1.0 : s2_day, list,
                                &schedule->protocol));
    PetscCall(ost_events_read(ost_case_root(file), schedule->protocol->second_operation, list,
                              &schedule->events));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_schedule_destroy(OstSchedule *schedule)
{
  PetscFunctionBeginUser;
  PetscCall(ost_protocol_destroy(&schedule->protocol));
  PetscCall(ost_events_destroy(&schedule->events));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static OstClock given(const OstClock *clock)
{
  return clock ? *clock : ost_clock_start();
}

/* Every muscle of the protocol in turn; NULL after the last. `at` counts activity, phase, muscle
   and begins as zeros. */
static const OstMuscle *next_muscle(const OstProtocol *protocol, PetscInt at[3])
{
  for (; at[0] < protocol->num_activities; at[0]++, at[1] = 0) {
    const OstActivity *activity = &protocol->activity[at[0]];
    for (; at[1] < activity->num_phases; at[1]++, at[2] = 0)
      if (at[2] < activity->phase[at[1]].num_muscles)
        return &activity->phase[at[1]].muscle[at[2]++];
  }
  return NULL;
}

PetscErrorCode ost_schedule_check_patches(const OstSchedule *schedule, const OstPatchList *patches,
                                          OstDiagList *list)
{
  PetscInt         at[3] = {0, 0, 0};
  const OstMuscle *muscle;

  PetscFunctionBeginUser;
  if (!schedule->protocol) PetscFunctionReturn(PETSC_SUCCESS);
  while ((muscle = next_muscle(schedule->protocol, at)))
    if (muscle->patch[0]) /* otherwise its absence has been told */
      PetscCall(ost_patches_check_name(patches, muscle->patch, muscle->at, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscBool ost_schedule_uses_patch(const OstSchedule *schedule, const char *name)
{
  PetscInt         at[3] = {0, 0, 0};
  const OstMuscle *muscle;

  while ((muscle = next_muscle(schedule->protocol, at)))
    if (!strcmp(muscle->patch, name)) return PETSC_TRUE;
  return PETSC_FALSE;
}

PetscInt ost_schedule_at(const OstSchedule *schedule, const OstClock *clock, PetscReal t,
                         PetscBool before, OstDayLoad loads[OST_STAGE_EXERCISES])
{
  const OstClock  c = given(clock);
  OstActive       active[OST_STAGE_EXERCISES];
  const PetscInt  num    = ost_protocol_at(schedule->protocol, ost_clock_day(&c, t),
                                           ost_clock_before(&c, before), active);
  const PetscReal factor = schedule->load_factor;

  for (PetscInt i = 0; i < num; i++) {
    const OstActivity *activity = &schedule->protocol->activity[active[i].activity];
    loads[i].name               = activity->name;
    loads[i].cycles             = active[i].cycles;
    loads[i].num_phases         = activity->num_phases;
    for (PetscInt k = 0; k < activity->num_phases; k++)
      loads[i].phase[k] = (OstDayPhase){
          activity->phase[k].name, ost_load_of_phase(&activity->phase[k], factor * active[i].force,
                                                     factor * active[i].moment, schedule->right)};
  }
  return num;
}

void ost_schedule_name_phase(const OstDayLoad *load, PetscInt phase, char text[], size_t length)
{
  const char *name = load->phase[phase].name;

  (void)snprintf(text, length, "%s%s%s", load->name, name[0] ? ": " : "", name);
}

PetscInt ost_schedule_leading(PetscInt num, const OstDayLoad loads[], PetscReal arm,
                              PetscInt *phase)
{
  PetscInt  leading = -1;
  PetscReal most    = -1.0;

  *phase = 0;
  for (PetscInt i = 0; i < num; i++) {
    for (PetscInt k = 0; k < loads[i].num_phases; k++) {
      const OstLoad  *load   = &loads[i].phase[k].load;
      const PetscReal demand = ost_norm3(load->moment) + arm * ost_norm3(load->force);
      if (demand <= most) continue;
      most    = demand;
      leading = i;
      *phase  = k;
    }
  }
  return leading;
}

PetscReal ost_schedule_next_change(const OstSchedule *schedule, const OstClock *clock, PetscReal t)
{
  const OstClock c = given(clock);

  return PetscMin(ost_clock_next_change(&c, schedule->protocol, t), schedule->until);
}

PetscReal ost_schedule_next_event(const OstSchedule *schedule, const OstClock *clock, PetscReal t)
{
  const OstClock  c = given(clock);
  const PetscReal output =
      ost_clock_next_of(&c, schedule->events.num_outputs, schedule->events.output, t);
  const PetscReal review = ost_clock_next_review(&c, schedule->protocol, t);

  return PetscMin(PetscMin(output, review), ost_schedule_next_change(schedule, clock, t));
}

PetscBool ost_schedule_writes(const OstSchedule *schedule, const OstClock *clock, PetscReal t)
{
  const OstClock c = given(clock);

  for (PetscInt i = 0; i < schedule->events.num_outputs; i++)
    if (ost_clock_reaches(&c, schedule->events.output[i], t)) return PETSC_TRUE;
  return PETSC_FALSE;
}

const char *ost_schedule_stage(const OstSchedule *schedule, const OstClock *clock, PetscReal t,
                               PetscBool before, PetscInt *index)
{
  const OstClock c = given(clock);
  const PetscInt stage =
      ost_protocol_stage(schedule->protocol, ost_clock_day(&c, t), ost_clock_before(&c, before));

  if (index) *index = stage;
  return stage == OST_NO_STAGE ? "no stage" : schedule->protocol->stage[stage].name;
}
