/* column.h: a column of bone on a block of metal, to be lived through whole histories.

   A bar along z, metal below z = 0 and bone above, tied by a mature bond, held at its proximal end
   and pressed or bent at the other one. Without Poisson's ratio the stress is that of the bar, to
   the last digit, whatever the density does with the height. The limb is that of limb.h. */
#pragma once

#include "analysis/history.h"
#include "support/limb.h"

typedef struct {
  int        n[3];           /* bricks; of those along z a quarter is of metal */
  double     size[3];        /* of the bone [mm] */
  double     stress, moment; /* axial [MPa]; bending about the left-right axis [N.mm] */
  double     cycles;         /* a day */
  double     until;          /* [day] */
  double     step;           /* fixed length of a step; 0: as long as the error allows [day] */
  double     tolerance;      /* of that error */
  double     rho, spread;    /* density of the start, and how far cells are from it [g/cm3] */
  double     c, p;           /* E = c rho^p [MPa] */
  double     metal;          /* modulus; 0: that of bone of density rho [MPa] */
  int        axis;           /* 0 isotropic; else direction of the axis, 1 to 3 */
  double     ratio;          /* E1/E3 [-] */
  OstRemodel remodel;
} OstBoneColumn;

OstBoneColumn ost_column_default(void);

/* A complete model; freed by ost_model_destroy. Collective. */
PetscErrorCode ost_column_model(const OstBoneColumn *column, OstModel *model);

/* Densities of the bone at the end of a whole history: least, most [g/cm3], and the largest change
   of a cell over its density [-]. Checks that the end is reached. Collective. */
typedef struct {
  double least, most, change;
  int    steps;
} OstBoneColumnEnd;
/* rho [num_cells] densities of the end, 0 outside bone; NULL: not wanted. */
PetscErrorCode ost_column_live(const OstModel *model, OstBoneColumnEnd *end, PetscReal rho[]);

/* A number in [-1, 1] that belongs to a cell, on any number of ranks. */
double ost_column_noise(const OstMesh *mesh, PetscInt cell);
