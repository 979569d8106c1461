/* events.h: what a protocol has planned for single days beside its loads: falls, outputs.

   Owns the list `events` of a protocol file. Days are those of the protocol: its clock says when
   they come. The falls themselves are read into the list of all falls (fall.h). */
#pragma once

#include "loads/fall.h"

typedef enum { OST_PLANNED_FALL, OST_PLANNED_OUTPUT } OstPlannedKind;

typedef struct {
  PetscReal      day; /* of the protocol [day] */
  OstPlannedKind kind;
  char           name[OST_NAME_LENGTH]; /* of the fall */
  OstWhere       at;                    /* where the user named the day */
} OstPlanned;

typedef struct {
  PetscInt    num;
  OstPlanned *event; /* [num] in the order of the file */
  PetscInt    num_outputs;
  PetscReal  *output; /* [num_outputs] days of the protocol with an output [day] */
  OstFallList falls;  /* one an event, with its day by the protocol */
} OstPlannedList;

/** Read `events` of a protocol file: a list of {at, fall} and {at, output: true}.
 *  @param[in]  s2_day  second operation [day]; 0: there is none
 *  The falls are left in `events->falls`; ost_fall_join hands them on to those of the case.
 *  Collective.
 */
PetscErrorCode ost_events_read(OstNode *root, PetscReal s2_day, OstDiagList *list,
                               OstPlannedList *events);
PetscErrorCode ost_events_destroy(OstPlannedList *events);
