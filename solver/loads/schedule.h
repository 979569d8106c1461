/* schedule.h: which loads act on a day, how often, and when that changes next.

   Owns section `protocol` of the case: the protocol file, the length of the treatment, the
   patient's own date of the second operation, and a factor on all loads. Turns the protocol's
   loads into vectors of the limb frame. Knows no mesh. */
#pragma once

#include "input/protocol.h"

typedef struct {
  OstProtocol *protocol;
  PetscReal    until;       /* last day of the history [day] */
  PetscReal    load_factor; /* on every force and moment [-] */
  PetscBool    right;       /* which limb */
} OstSchedule;

/** Read section `protocol` of the case.
 *  @param[in]  root   root of the case; the body weight must have been set
 *  @param[in]  right  the limb is a right one
 *  Keys: file (required), until (24 month), second_operation (as the file says), load_factor (1).
 *  Collective. The schedule is freed by ost_schedule_destroy.
 */
PetscErrorCode ost_schedule_read(OstNode *root, PetscBool right, OstDiagList *list,
                                 OstSchedule *schedule);
PetscErrorCode ost_schedule_destroy(OstSchedule *schedule);

/* One activity of a day, ready for the abutment's load point. */
typedef struct {
  const char *name;      /* owned by the protocol */
  PetscReal   force[3];  /* limb frame [N] */
  PetscReal   moment[3]; /* about the load point, limb frame [N.mm] */
  PetscReal   cycles;    /* [1/day] */
} OstDayLoad;

/* The activities of t_day into loads [OST_STAGE_EXERCISES]; returns how many, 0 at rest. `before`:
   as the day is reached, for the end of a time step; false for its beginning. */
PetscInt ost_schedule_at(const OstSchedule *schedule, PetscReal t_day, PetscBool before,
                         OstDayLoad loads[OST_STAGE_EXERCISES]);

/* The one that asks most of the interface: largest |M| + |F| * arm, arm [mm] a length of the stem's
   order. Returns its index, -1 for num 0. */
PetscInt ost_schedule_leading(PetscInt num, const OstDayLoad loads[], PetscReal arm);

/* Next day after t_day on which the loads change their course, at most `until`. */
PetscReal ost_schedule_next_event(const OstSchedule *schedule, PetscReal t_day);

/* Name of the stage at t_day, and its index where `index` is not NULL; "no stage" and OST_NO_STAGE
   where there is none. */
const char *ost_schedule_stage(const OstSchedule *schedule, PetscReal t_day, PetscBool before,
                               PetscInt *index);
