/* fit.h: the gap between stem and bone before anything moves.

   Owns how far the bore is from fitting the stem: interference, a bore that is out of round, and a
   measured table of gaps (theory.md, G2). All are radial, positive where the bore is wider than the
   stem. Heights are those above the resection plane along the stem's axis, angles about it, 0
   anterior, 90 the patient's left. Pure, but for memory. */
#pragma once

#include "base/diag.h"

/* Radial gaps on a grid of heights and angles. */
typedef struct {
  const char *file;                    /* for diagnostics */
  PetscInt    num_heights, num_angles; /* 0: no table */
  PetscReal  *height;                  /* [num_heights] rising [mm] */
  PetscReal  *angle;                   /* [num_angles] rising, in [0, 360) [degree] */
  PetscReal  *gap;                     /* [num_heights x num_angles] [mm] */
} OstGapTable;

/** Read a table of comma-separated values: a line of names with units, as
 *  `height [mm],angle [degree],gap [mm]` in any order, then a line for each place of the grid, in
 *  any order. Empty lines and lines that begin with # are passed over.
 *  @param[in]  file   its name, for diagnostics; must outlive the list
 *  @param[out] list   every fault with its line: columns, units, numbers, places that are missing
 *                     or given twice
 *  @param[out] table  empty after a fault; the caller destroys it
 */
PetscErrorCode ost_gap_table_parse(const char *file, const char *text, OstDiagList *list,
                                   OstGapTable *table);
PetscErrorCode ost_gap_table_destroy(OstGapTable *table);

/* Bilinear, periodic in the angle [degree]; beyond the first and the last height as there. An empty
   table is 0. [mm] */
PetscReal ost_gap_table_at(const OstGapTable *table, PetscReal height, PetscReal angle);

typedef struct {
  PetscReal   amplitude; /* by which the bore's radius departs from round [mm] */
  PetscInt    lobes;     /* wide places round it: 1 beside the axis, 2 oval, 3 three-cornered */
  PetscReal   direction; /* angle of a wide place [degree] */
  OstGapTable table;     /* owned */
} OstFit;

/** Initial gap normal to the stem's surface, < 0 interference. (G2)
 *  @param[in] interference  of the radii [mm]
 *  @param[in] place         in the limb frame [3] [mm]
 *  @param[in] normal        unit normal there [3]: what is radial acts on the shaft, less on the
 *                           tip, not at all under a collar
 */
PetscReal ost_fit_gap(const OstFit *fit, PetscReal interference, const PetscReal place[3],
                      const PetscReal normal[3]);
