/* activity.h: what the prosthesis and the muscles do to a limb in one load cycle.

   Owns the frame in which loads on a limb are given, the schema of activity files
   (cases/activities: comments there show it), and the phases of a cycle. Knows neither days nor
   stages, and of patches only their names. */
#pragma once

#include "input/value.h"

enum {
  OST_NAME_LENGTH   = 64, /* of a stage, an activity, a protocol */
  OST_CYCLE_PHASES  = 8,  /* most phases of one load cycle */
  OST_PHASE_MUSCLES = 16  /* most muscle forces of one phase */
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

/* The name of a stage, an activity, a protocol under `name`, which must be there. */
PetscErrorCode ost_name_read(OstNode *at, OstDiagList *list, char name[OST_NAME_LENGTH]);

/** Read `activities`, each in a file of its own or with its loads in the entry.
 *  @param[in]  root      of the protocol
 *  @param[out] num, activity  [num], freed by ost_activities_destroy; each has a phase to look at
 *     even after a fault
 *  Collective, since files may be opened.
 */
PetscErrorCode ost_activities_read(OstNode *root, OstDiagList *list, PetscInt *num,
                                   OstActivity **activity);
PetscErrorCode ost_activities_destroy(PetscInt num, OstActivity **activity);
