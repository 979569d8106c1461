#include "loads/schedule.h"

#include <math.h>

#define TWO_YEARS 730.484397562 /* 24 month of UDUNITS [day] */

PetscErrorCode ost_schedule_read(OstNode *root, PetscBool right, OstDiagList *list,
                                 OstSchedule *schedule)
{
  const OstRealKey until  = {"until", "day", TWO_YEARS, 0.01, 36500.0};
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
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_schedule_destroy(OstSchedule *schedule)
{
  PetscFunctionBeginUser;
  PetscCall(ost_protocol_destroy(&schedule->protocol));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt ost_schedule_at(const OstSchedule *schedule, PetscReal t_day, PetscBool before,
                         OstDayLoad loads[OST_STAGE_EXERCISES])
{
  OstActive      active[OST_STAGE_EXERCISES];
  const PetscInt num = ost_protocol_at(schedule->protocol, t_day, before, active);

  for (PetscInt i = 0; i < num; i++) {
    const OstLimbLoad load =
        ost_limb_load_scaled(&active[i].load, schedule->load_factor, schedule->load_factor);
    loads[i].name   = schedule->protocol->activity[active[i].activity].name;
    loads[i].cycles = active[i].cycles;
    ost_limb_load_vectors(&load, schedule->right, loads[i].force, loads[i].moment);
  }
  return num;
}

PetscInt ost_schedule_leading(PetscInt num, const OstDayLoad loads[], PetscReal arm)
{
  PetscInt  leading = -1;
  PetscReal most    = -1.0;

  for (PetscInt i = 0; i < num; i++) {
    const PetscReal demand = sqrt(PetscSqr(loads[i].moment[0]) + PetscSqr(loads[i].moment[1]) +
                                  PetscSqr(loads[i].moment[2])) +
                             arm * sqrt(PetscSqr(loads[i].force[0]) + PetscSqr(loads[i].force[1]) +
                                        PetscSqr(loads[i].force[2]));
    if (demand <= most) continue;
    most    = demand;
    leading = i;
  }
  return leading;
}

PetscReal ost_schedule_next_event(const OstSchedule *schedule, PetscReal t_day)
{
  return PetscMin(ost_protocol_next_event(schedule->protocol, t_day), schedule->until);
}

const char *ost_schedule_stage(const OstSchedule *schedule, PetscReal t_day, PetscBool before,
                               PetscInt *index)
{
  const PetscInt stage = ost_protocol_stage(schedule->protocol, t_day, before);

  if (index) *index = stage;
  return stage == OST_NO_STAGE ? "no stage" : schedule->protocol->stage[stage].name;
}
