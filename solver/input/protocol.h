/* protocol.h: a loading protocol, from the text a clinician writes to numbers for a day.

   Owns the schema of protocol and activity files (cases/protocols, cases/activities: comments there
   show it), the frame in which loads on a limb are given, and the clock that counts from the first
   operation S1 (day 0) with times relative to the second, S2. Knows nothing of meshes, of patches
   but their names, or of what the loads do. */
#pragma once

#include "input/value.h"

enum {
  OST_NAME_LENGTH     = 64, /* of a stage, an activity, a protocol */
  OST_STAGE_EXERCISES = 8,  /* most exercises of one stage */
  OST_CYCLE_PHASES    = 8,  /* most phases of one load cycle */
  OST_PHASE_MUSCLES   = 16, /* most muscle forces of one phase */
  OST_NO_STAGE        = -1  /* stage index of a time that belongs to no stage */
};

/* What the prosthesis does to the abutment, in words that are the same for a left and a right limb.
   Forces act on the limb at the load point; bending is named by the force on the distal end that
   would cause it. */
typedef struct {
  PetscReal axial;            /* along the stem towards the body; compression > 0 [N] */
  PetscReal anterior;         /* forwards [N] */
  PetscReal lateral;          /* away from the midline of the body [N] */
  PetscReal bending_anterior; /* as a forward force on the distal end: about the ML axis [N.mm] */
  PetscReal bending_lateral;  /* as a sideward force on the distal end: about the AP axis [N.mm] */
  PetscReal torsion;          /* turns the distal end outwards: about the long axis [N.mm] */
} OstLimbLoad;

/* Force [3] [N] and moment [3] [N.mm] vectors in the limb frame of the mesh: x anterior, z proximal
   along the stem, y the patient's left. `right`: the limb is a right one. (P1) */
void ost_limb_load_vectors(const OstLimbLoad *load, PetscBool right, PetscReal force[3],
                           PetscReal moment[3]);

/* Vector [3] in that frame of a place or a force that is given by its parts. */
void ost_limb_vector(PetscReal anterior, PetscReal medial, PetscReal proximal, PetscBool right,
                     PetscReal v[3]);

/* load scaled: forces by `force`, moments by `moment` [-]. */
OstLimbLoad ost_limb_load_scaled(const OstLimbLoad *load, PetscReal force, PetscReal moment);
PetscReal   ost_limb_load_resultant(const OstLimbLoad *load); /* of the force [N] */
PetscReal   ost_limb_load_bending(const OstLimbLoad *load);   /* resultant bending moment [N.mm] */

typedef enum { OST_AID_NONE, OST_AID_ONE_CRUTCH, OST_AID_TWO_CRUTCHES, OST_NUM_AIDS } OstAid;
extern const char *const ost_aid_names[OST_NUM_AIDS]; /* "none", "one_crutch", "two_crutches" */

/* What a muscle does to the bone. */
typedef struct {
  char      patch[OST_NAME_LENGTH];     /* of the case, where it is attached */
  PetscReal anterior, medial, proximal; /* force on the bone [N] */
  OstWhere  at;                         /* where the user names the patch */
} OstMuscle;

/* One moment of a load cycle. */
typedef struct {
  char        name[OST_NAME_LENGTH]; /* "" where the cycle has one phase only */
  OstLimbLoad load;                  /* at the abutment */
  PetscInt    num_muscles;
  OstMuscle   muscle[OST_PHASE_MUSCLES];
} OstPhase;

/* A load cycle: from rest through its phases in order, back to rest. */
typedef struct {
  char      name[OST_NAME_LENGTH];
  PetscInt  num_phases; /* 1 .. OST_CYCLE_PHASES */
  OstPhase *phase;      /* [num_phases] */
} OstActivity;

/* The phase with the largest axial load, which a scale would read. */
const OstPhase *ost_activity_peak(const OstActivity *activity);

/* One line of a stage. Either a load that is read off a scale (by_scale), or a share of the
   activity's own peak. */
typedef struct {
  PetscInt  activity;           /* index into OstProtocol.activity */
  PetscBool by_scale;           /* the peak's axial load prescribed; aids do not change what a scale
                                   reads */
  PetscReal start, limit;       /* axial load at the beginning, and the most allowed [N] */
  PetscReal increment;          /* [N/day]; 0: linear from start to limit over the stage */
  PetscReal every;              /* raised in steps of so many days; 0: continuously [day] */
  PetscReal share, share_end;   /* of the activity's loads, over the stage [-] */
  PetscReal cycles, cycles_end; /* per day, over the stage [1/day] */
} OstExercise;

typedef struct {
  char        name[OST_NAME_LENGTH];
  PetscReal   from, until; /* [day]; until of the last may be PETSC_MAX_REAL */
  OstAid      aid;
  PetscInt    num_exercises; /* 0: rest */
  OstExercise exercise[OST_STAGE_EXERCISES];
} OstStage;

typedef struct {
  char         name[OST_NAME_LENGTH];
  PetscReal    second_operation;                                  /* S2 [day]; 0: there is none */
  PetscReal    aid_force[OST_NUM_AIDS], aid_moment[OST_NUM_AIDS]; /* factors [-] */
  PetscInt     num_activities, num_stages;
  OstActivity *activity; /* [num_activities] */
  OstStage    *stage;    /* [num_stages], ascending in time, not overlapping */
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
  PetscReal   cycles;        /* [1/day] */
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

/* Week by week until `until_day`, one line an activity, for a human to check. *text is freed by the
   caller with PetscFree. */
PetscErrorCode ost_protocol_table(const OstProtocol *protocol, PetscReal until_day, char **text);
