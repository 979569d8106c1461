/* observer.h: how results leave an analysis, so that the analysis never knows a file format.

   The analysis fills these structs and calls every observer; io/ writes files, the cli prints. All
   calls are collective; arrays are only valid during the call. */
#pragma once

#include "analysis/archive.h"
#include "base/log.h"
#include "loads/clock.h"

/* One field of a snapshot. values: what this rank owns, in the row order of the mesh:
   OST_ON_NODE mesh->rows_node, OST_ON_CELL rows_cell, OST_ON_INTERFACE_* rows_face. */
typedef struct {
  OstFieldInfo     info;
  const PetscReal *values;
} OstField;

/* A point of the interface that is not in the state of the day before (transitions.h). */
typedef struct {
  PetscReal day;
  PetscInt  note;     /* which comparison found it: 1, 2 ... of the run; a day may have two */
  PetscInt  face;     /* row in the mesh file (rows_face) */
  char      point;    /* 0 ... OST_FACE_POINTS - 1 */
  char      from, to; /* OstIfaceState */
  char      cause;    /* OstCause */
} OstTransition;

typedef struct {
  PetscInt        index; /* 0, 1, 2 ... of the snapshots of a run */
  PetscInt        step;  /* time step it belongs to */
  PetscReal       day;
  PetscReal       time_step; /* length of the last step [day] */
  const char     *stage;     /* name of the protocol's stage */
  const char     *activity;  /* leading activity, whose peak the fields show, and its phase after a
                              colon where it has several; "" at rest */
  PetscInt        num_fields;
  const OstField *fields;

  PetscInt             num_transitions;
  const OstTransition *transitions; /* of this rank's points since the last snapshot, by note */
} OstSnapshot;

/* The scalar history: column names are fixed for a run, a row follows each accepted step. */
typedef struct {
  const char *name, *unit, *description;
} OstColumn;

typedef struct {
  PetscInt         num_columns;
  const OstColumn *columns;
  const PetscReal
             *values; /* [num_columns], equal on all ranks; the column "stage" holds its index */
  const char *stage;
} OstHistoryRow;

/* A fall on a saved state. Its fields, mode and place are those at load factor `factor`. */
typedef struct {
  const char *name;
  PetscReal   day;
  PetscReal angle_deg; /* worst direction of the sweep, from anterior towards the patient's left */
  PetscReal force, moment; /* of the fall as prescribed [N], [N mm] */
  PetscReal factor;        /* of the load, at which the bone breaks by strain limits; see below */
  PetscBool at_least;      /* the bone holds at `factor`, which is as far as was looked */
  PetscBool reached;   /* FALSE: the bone holds at `factor`, beyond it there is no equilibrium */
  PetscBool converged; /* FALSE: the bone holds at `factor`, where beyond it breaks is not known */
  const char *mode;    /* "tension" or "compression" */
  const char *place;   /* in words */
  PetscInt    zone;    /* 1..7, 0 outside the zones */
  PetscReal   at[3];   /* centre of the overstrained volume [mm] */
  PetscReal   share; /* of the fall's load, at which the next two were found: 1, or `factor` if the
                        whole load was not carried */
  PetscReal   stem_yield_factor;      /* by the stress there, as if proportional; NaN: unknown */
  PetscReal   debonded_area_fraction; /* of the bonded area */
  PetscInt    num_fields;
  const OstField *fields; /* on cells */
} OstFallReport;

/* A load without equilibrium, after which the run could not go on. */
typedef struct {
  PetscReal        day;
  const char      *stage;        /* of the protocol */
  const char      *load;         /* activity, or "press-fit", "rest" */
  PetscReal        carried;      /* share of the way to the load that was reached [-] */
  PetscReal        share;        /* that was given up [-] */
  const char      *words;        /* what failed, where, and what to change: lines of text */
  PetscInt         num_iterates; /* of the increment that was given up */
  const PetscReal *iterates;     /* [num_iterates x 4] relative residual, share of the step taken,
                                    points that turned, Krylov iterations */
  PetscInt         num_fields;
  const OstField  *fields; /* on interface points */
} OstFailureReport;

/* The end of a run, in numbers a script reads. */
typedef struct {
  PetscReal   day;
  PetscReal   bonded_area_fraction, strength_mean, micromotion_p95; /* [-], [-], [mm] */
  PetscReal   area_over_40um, area_over_150um;
  PetscReal   density_change_zone[7], bond_zone[7];
  const char *density_law;      /* name */
  PetscReal   density_known[2]; /* range in which the law was measured; +-PETSC_MAX_REAL: none */
  PetscReal   density_found[2]; /* range of the bone at the end [g/cm3] */
  PetscReal   volume_below, volume_above; /* shares of the bone's volume outside the law's range */
  const char *remodelling, *reference;    /* law; what it compares with: site, fixed, none */
  const char *reference_limb;             /* whose stimulus the site's is: filled, intact, none */
  PetscReal   smoothing;                  /* of the stimulus; 0: none [mm] */
  const char *verdict;                    /* in plain words, with what it rests on */
  PetscReal   newton_mean, krylov_mean;
  PetscInt    newton_max, krylov_max, krylov_linear, steps, cutbacks;
  PetscInt    linear_solves, iterations; /* of all Newton and of all Krylov iterations */
  PetscInt    calmed, sudden; /* load increments with calmed points; with a sudden move */
  PetscReal   rates_turned;   /* largest share of bone whose rate one step turned round (T5) [-] */
  PetscReal   energy_imbalance; /* what load steps leave open, of their work (theory.md, S7) [-] */
  PetscReal   wall_s;
  PetscReal   seconds[OST_NUM_EVENTS]; /* of it, on the first rank (ost_log_seconds) */
} OstSummary;

/* A run between two steps. */
typedef struct {
  PetscReal day;
  PetscInt  steps;
  PetscBool ends; /* it was asked to end here, before the last day */
  void     *context;
  PetscErrorCode (*archive)(void *context, OstArchive *archive); /* all that the next step needs */
} OstRunState;

typedef struct {
  void *context;
  PetscErrorCode (*snapshot)(void *context, const OstSnapshot *snapshot);
  PetscErrorCode (*row)(void *context, const OstHistoryRow *row);
  PetscErrorCode (*fall)(void *context, const OstFallReport *fall);
  PetscErrorCode (*end)(void *context, const OstSummary *summary);
  PetscErrorCode (*failure)(void *context, const OstFailureReport *failure);
  PetscErrorCode (*between)(void *context, const OstRunState *state); /* after every step */
  /* of the protocol's rules, on a day whose row was told */
  PetscErrorCode (*decision)(void *context, const OstDecision *decision);
} OstObserver;

/* What is known of the interface's geometry and the mesh's quality once and for all; for the `mesh`
   group of the results. */
typedef struct {
  const PetscReal *volume; /* [num_cells] mm3 */
  const PetscReal *sicn; /* [num_cells] signed inverse condition number of the corner tetrahedron */
  const PetscReal *axis; /* [num_cells x 3] direction of the shaft; NULL: all bone is isotropic */
  const PetscReal *place; /* [num_faces x OST_FACE_POINTS x 3] mm */
  const PetscReal *area;  /* [num_faces x OST_FACE_POINTS] mm2 */
  const PetscReal
      *angle_deg; /* [num_faces x OST_FACE_POINTS] about the stem axis, 0 anterior, 90 = +y */
  const PetscInt *face_zone; /* [num_faces] 1..7 */
  const PetscInt *surface;   /* [num_faces] which kind of surface, of OstResultsInfo's names */
  const PetscReal
      *gap; /* [num_faces x OST_FACE_POINTS] before the press-fit, < 0 interference [mm] */
} OstStaticFields;
