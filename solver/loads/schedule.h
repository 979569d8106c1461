/* schedule.h: which loads act on a day, how often, and when that changes next.

   Owns section `protocol` of the case: the protocol file, the length of the treatment, the
   patient's own date of the second operation, and a factor on all loads. Turns the protocol's
   loads into vectors of the limb frame. Where a function takes a clock, that says which day of the
   protocol a real day is; NULL: nothing holds it up. Knows no mesh. */
#pragma once

#include "loads/clock.h"
#include "loads/events.h"
#include "loads/load.h"

typedef struct {
  OstProtocol   *protocol;
  OstPlannedList events;      /* that the protocol plans */
  PetscReal      until;       /* last day of the history, a real one [day] */
  PetscReal      load_factor; /* on every force and moment [-] */
  PetscBool      right;       /* which limb */
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

/* One phase of a load cycle. */
typedef struct {
  const char *name; /* owned by the protocol; "" where the cycle has no other */
  OstLoad     load;
} OstDayPhase;

/* One activity of a day: a cycle from rest through its phases and back. */
typedef struct {
  const char *name;   /* owned by the protocol */
  PetscReal   cycles; /* [1/day] */
  PetscInt    num_phases;
  OstDayPhase phase[OST_CYCLE_PHASES];
} OstDayLoad;

/* "walking", or "walking: toe-off" where the cycle has named phases; text [length]. */
void ost_schedule_name_phase(const OstDayLoad *load, PetscInt phase, char text[], size_t length);

/* Every muscle of the protocol must have its patch among those of the case. */
PetscErrorCode ost_schedule_check_patches(const OstSchedule *schedule, const OstPatchList *patches,
                                          OstDiagList *list);

/* TRUE where a muscle of the protocol is attached to the patch of that name. */
PetscBool ost_schedule_uses_patch(const OstSchedule *schedule, const char *name);

/* The activities of t_day into loads [OST_STAGE_EXERCISES]; returns how many, 0 at rest. `before`:
   as the day is reached, for the end of a time step; false for its beginning. (P2-P4) */
PetscInt ost_schedule_at(const OstSchedule *schedule, const OstClock *clock, PetscReal t_day,
                         PetscBool before, OstDayLoad loads[OST_STAGE_EXERCISES]);

/* The activity that asks most of the interface in its most demanding phase: largest |M| + |F| * arm
   at the load point, arm [mm] a length of the stem's order. Returns its index, -1 for num 0, and
   that phase. */
PetscInt ost_schedule_leading(PetscInt num, const OstDayLoad loads[], PetscReal arm,
                              PetscInt *phase);

/* Next day after t_day on which the loads change their course, at most `until`. */
PetscReal ost_schedule_next_change(const OstSchedule *schedule, const OstClock *clock,
                                   PetscReal t_day);

/* Next day after t_day on which the protocol asks for anything: such a change, an output, a rule to
   be judged. At most `until`. Its falls are in the list of all (fall.h). */
PetscReal ost_schedule_next_event(const OstSchedule *schedule, const OstClock *clock,
                                  PetscReal t_day);

/* TRUE where the protocol plans an output on the day t_day, which was just reached. */
PetscBool ost_schedule_writes(const OstSchedule *schedule, const OstClock *clock, PetscReal t_day);

/* Name of the stage at t_day, and its index where `index` is not NULL; "no stage" and OST_NO_STAGE
   where there is none. */
const char *ost_schedule_stage(const OstSchedule *schedule, const OstClock *clock, PetscReal t_day,
                               PetscBool before, PetscInt *index);
