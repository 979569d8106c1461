/* protocol.h: a loading protocol, from the text a clinician writes to numbers for a day.

   Owns the schema of protocol files (README, "Protocols"; comments in cases/protocols show it) as a
   whole; its parts are activity.h, stage.h and rules.h. Days are those of the protocol as it is
   written, from the first operation S1 (day 0), with times relative to the second, S2; what holds
   them up is loads/clock.h. Knows nothing of meshes, of patches but their names, or of what the
   loads do. */
#pragma once

#include "input/stage.h"

typedef struct {
  char             name[OST_NAME_LENGTH];
  PetscReal        body_weight;      /* of the patient [N] */
  PetscReal        second_operation; /* S2 [day]; 0: there is none */
  PetscReal        aid_force[OST_NUM_AIDS], aid_moment[OST_NUM_AIDS]; /* factors [-] */
  PetscInt         num_activities, num_stages;
  OstActivity     *activity; /* [num_activities] */
  OstStage        *stage;    /* [num_stages], ascending in time, not overlapping */
  PetscReal        review;   /* rules are judged every so many days from S1 [day] */
  OstProtocolRules rules;    /* of all stages with loads (P6) */
} OstProtocol;

/** Read a protocol file.
 *  @param[in]  root      root of the file (role "protocol"); its case must know the body weight
 *  @param[in]  s2_day    second operation [day]; < 0: as the file says
 *  @param[out] list      gets every fault
 *  @param[out] protocol  freed by ost_protocol_destroy; complete if no error was added
 *  Collective, since activity files may be opened.
 */
PetscErrorCode ost_protocol_read(OstNode *root, PetscReal s2_day, OstDiagList *list,
                                 OstProtocol **protocol);
PetscErrorCode ost_protocol_destroy(OstProtocol **protocol);

/* One activity on one day. */
typedef struct {
  PetscInt    activity;      /* index; name and phases in protocol->activity */
  PetscReal   force, moment; /* factors on its forces, muscles among them, and moments: scale or
                                share, and aid [-] */
  OstLimbLoad load;          /* of its peak, times the factors */
  PetscReal   cycles;        /* the week's average [1/day] (P5) */
} OstActive;

/* Index of the stage that acts at t_day, or OST_NO_STAGE where none does. `before`: as the
   day is reached (a step's end), not as it is left (a step's beginning): matters on boundaries. */
PetscInt ost_protocol_stage(const OstProtocol *protocol, PetscReal t_day, PetscBool before);

/* The activities of a day, active [OST_STAGE_EXERCISES]; returns how many, 0 at rest. Exercises
   with no load or no cycles are left out. (P2, P3) */
PetscInt ost_protocol_at(const OstProtocol *protocol, PetscReal t_day, PetscBool before,
                         OstActive active[OST_STAGE_EXERCISES]);

/* The first day after t_day on which the load changes its course: stage boundary, step of a raised
   load, target reached. PETSC_MAX_REAL if none. */
PetscReal ost_protocol_next_event(const OstProtocol *protocol, PetscReal t_day);
