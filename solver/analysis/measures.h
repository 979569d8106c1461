/* measures.h: the scalars of a day: columns of the history, and the fields of a snapshot.

   Owns the one list of history columns and the one list of result fields; the writer, the summary
   and the progress line walk them. Collective where it sums over ranks. */
#pragma once

#include "analysis/transitions.h"

enum {
  OST_COL_DAY,
  OST_COL_STEP,
  OST_COL_STAGE,
  OST_COL_PROTOCOL_DAY,
  OST_COL_LOAD_AXIAL,
  OST_COL_LOAD_MOMENT,
  OST_COL_CYCLES,
  OST_COL_BONDED_AREA,
  OST_COL_BOND_MEAN,
  OST_COL_STRENGTH_MEAN,
  OST_COL_DEBONDED_AREA,
  OST_COL_MICROMOTION_MEAN,
  OST_COL_MICROMOTION_P95,
  OST_COL_MICROMOTION_MAX,
  OST_COL_OVER_40,
  OST_COL_OVER_150,
  OST_COL_BOND_ZONE,
  OST_COL_STRENGTH_ZONE    = OST_COL_BOND_ZONE + OST_NUM_ZONES,
  OST_COL_MICROMOTION_ZONE = OST_COL_STRENGTH_ZONE + OST_NUM_ZONES,
  OST_COL_DENSITY_ZONE     = OST_COL_MICROMOTION_ZONE + OST_NUM_ZONES,
  OST_COL_BONE_MASS        = OST_COL_DENSITY_ZONE + OST_NUM_ZONES,
  OST_COL_STRAIN_TENSION,
  OST_COL_STRAIN_COMPRESSION,
  OST_COL_PRESSURE_MAX,
  OST_COL_NEWTON_MEAN,
  OST_COL_KRYLOV_MEAN,
  OST_COL_STEP_SIZE,
  OST_COL_STEM_STRESS,
  OST_COL_CYCLES_TO_SETTLE,
  OST_COL_UNSETTLED,
  OST_COL_SUPPORT_FORCE,
  OST_COL_SUPPORT_MOMENT,
  OST_COL_AREA_IN, /* by OstIfaceState */
  OST_NUM_COLUMNS = OST_COL_AREA_IN + OST_NUM_STATES
};

/* [OST_NUM_COLUMNS] name, unit, description. */
extern const OstColumn ost_history_columns[OST_NUM_COLUMNS];

/* Values [OST_NUM_COLUMNS] after a day was run. `since`: counts at the last row, for the means. */
PetscErrorCode ost_measure_day(const OstDay *day, const OstState *state, PetscInt step,
                               PetscReal step_size, PetscInt stage, const OstNewtonCount *since,
                               PetscReal values[]);

/* Value below which a share of the area lies; values, area [num_points] of this rank.
   Collective. */
PetscErrorCode ost_measure_percentile(MPI_Comm comm, PetscInt n, const PetscReal values[],
                                      const PetscReal area[], PetscReal share, PetscReal *value);

typedef struct OstSnapshotData OstSnapshotData;

/* Fields of a snapshot; the arrays belong to `data` and are freed with it. */
PetscErrorCode ost_snapshot_create(const OstDay *day, const OstState *state,
                                   const PetscReal stimulus[], OstSnapshotData **data,
                                   PetscInt *num_fields, const OstField **fields);
PetscErrorCode ost_snapshot_destroy(OstSnapshotData **data);
