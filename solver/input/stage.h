/* stage.h: a stage of a protocol: when, what the patient does, and what has to be true.

   Owns the schema of one entry of `stages` (README, "Protocols") and the loads it prescribes.
   Knows no clock: days are those of the protocol as it is written. */
#pragma once

#include "input/activity.h"
#include "input/rules.h"

enum {
  OST_STAGE_EXERCISES = 8, /* most exercises of one stage */
  OST_NO_STAGE        = -1 /* stage index of a time that belongs to no stage */
};

typedef enum { OST_AID_NONE, OST_AID_ONE_CRUTCH, OST_AID_TWO_CRUTCHES, OST_NUM_AIDS } OstAid;
extern const char *const ost_aid_names[OST_NUM_AIDS]; /* "none", "one_crutch", "two_crutches" */

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
  PetscReal cycles, cycles_end; /* on a day of exercise, over the stage [1/day] */
} OstExercise;

typedef struct {
  char             name[OST_NAME_LENGTH];
  PetscReal        from, until; /* [day]; until of the last may be PETSC_MAX_REAL */
  OstAid           aid;
  PetscInt         rest_days;     /* of each week, 0..6 (P5) */
  PetscInt         num_exercises; /* 0: rest */
  OstExercise      exercise[OST_STAGE_EXERCISES];
  OstProtocolRules rules;           /* of this stage alone */
  PetscBool        waits;           /* it ends only when go_on is true: */
  OstCondition     go_on;           /* (P8) */
  PetscReal        at_latest;       /* [day], >= until; PETSC_MAX_REAL: as long as it takes */
  char until_load[OST_RULE_LENGTH]; /* "load reaches 0.5 BW", "" where a time was given */
} OstStage;

/* What the stages of one protocol share. */
typedef struct {
  PetscInt           num_activities;
  const OstActivity *activity; /* [num_activities] */
  PetscReal          aid_force[OST_NUM_AIDS];
  PetscReal          second_operation; /* [day]; 0: there is none */
} OstStageContext;

/** Read the list `stages`.
 *  @param[out] num, stage  [num] ascending in time, freed by the caller with PetscFree
 */
PetscErrorCode ost_stages_read(OstNode *root, const OstStageContext *context, OstDiagList *list,
                               PetscInt *num, OstStage **stage);

/* Share of the stage that has passed, in [0, 1]; 0 in a stage without end. */
PetscReal ost_stage_progress(const OstStage *stage, PetscReal t_day);

/* Axial load on the scale [N]. `before`: as the day is reached, not as it is left. (P2) */
PetscReal ost_exercise_scale_load(const OstStage *stage, const OstExercise *exercise,
                                  PetscReal t_day, PetscBool before);

/* First day after t_day on which a load on the scale steps up or reaches its limit; PETSC_MAX_REAL
   if none. */
PetscReal ost_exercise_next_raise(const OstStage *stage, const OstExercise *exercise,
                                  PetscReal t_day);
