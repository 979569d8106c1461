/* fall.h: falls onto the prosthesis, as peak loads at the abutment from several directions.

   Owns section `falls` of the case and the schema of fall files (cases/falls). A fall is a
   resultant force, a bending moment whose direction is swept about the long axis, and a torsion
   (F1); a fail-safe device between abutment and prosthesis caps the moments it lets through (F2).
   Knows no mesh. */
#pragma once

#include "loads/clock.h"

typedef struct {
  char       name[OST_NAME_LENGTH];
  PetscReal  force; /* resultant [N] */
  PetscReal  tilt;  /* of the resultant from the long axis, towards the swept direction [degree] */
  PetscReal  bending;                  /* [N.mm] */
  PetscReal  torsion;                  /* outwards > 0 [N.mm] */
  PetscReal  cap_bending, cap_torsion; /* of the device [N.mm]; OST_NO_LIMIT: no device */
  PetscInt   num_angles;
  PetscReal *angle; /* [num_angles] direction, from anterior over lateral [degree] */
  PetscInt   num_days;
  PetscReal *day;         /* [num_days] ascending, on which the fall is looked at [day] */
  PetscBool  by_protocol; /* its days are the protocol's, not real ones */
} OstFall;

typedef struct {
  PetscInt num;
  OstFall *fall; /* [num] */
} OstFallList;

/** Read section `falls` of the case: a list of {file, days, name, device: {bending,
 *  torsion}, angles}.
 *  `root` is the root of the case; the body weight must have been set. An absent section gives an
 *  empty list. name, device and angles of the case go before those of the file. Collective.
 */
PetscErrorCode ost_fall_read(OstNode *root, OstDiagList *list, OstFallList *falls);
PetscErrorCode ost_fall_destroy(OstFallList *falls);

/* One fall that a protocol plans for its day `t_day`: the file under `fall` of the entry. Without
   it or after a fault *found is false. Collective. */
PetscErrorCode ost_fall_read_planned(OstNode *entry, PetscReal t_day, OstDiagList *list,
                                     OstFall *fall, PetscBool *found);

/* Append `more` to `falls`, which owns them from then on; `more` is empty afterwards. A fall that a
   protocol plans must not share its name with one of the case, told at `at`: on which real day it
   comes nobody knows beforehand. */
PetscErrorCode ost_fall_join(OstFallList *falls, OstFallList *more, OstWhere at, OstDiagList *list);

/* Peak load of direction i, 0 <= i < num_angles, behind the device. (F1, F2) */
OstLimbLoad ost_fall_load(const OstFall *fall, PetscInt i);

/* First day after t_day on which any fall is looked at; PETSC_MAX_REAL if none. */
PetscReal ost_fall_next_event(const OstFallList *falls, const OstClock *clock, PetscReal t_day);

/* Whether `fall` is to be looked at on t_day. */
PetscBool ost_fall_is_due(const OstFall *fall, const OstClock *clock, PetscReal t_day);
