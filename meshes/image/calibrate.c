#include "meshes/image/calibrate.h"

#include <string.h>

PetscReal ost_calibrate_density(const OstCalibrationOptions *options, PetscReal hu)
{
  const PetscReal qct = options->intercept + options->slope * hu;
  const PetscReal ash = options->ash_intercept + options->ash_slope * qct;
  return PetscMin(PetscMax(ash / options->ash_fraction, options->rho_min), options->rho_max);
}

PetscReal ost_calibrate_hounsfield(const OstCalibrationOptions *options, PetscReal value)
{
  PetscReal qct = value * options->to_g_cm3;
  if (options->kind == OST_IMAGE_HOUNSFIELD) return value;
  if (options->kind == OST_IMAGE_APPARENT) qct *= options->ash_fraction;
  if (options->kind != OST_IMAGE_QCT) qct = (qct - options->ash_intercept) / options->ash_slope;
  return (qct - options->intercept) / options->slope;
}

/* Calls of a function for the 26 neighbours are spelt as loops over this box. */
typedef struct {
  PetscInt lo[3], hi[3];
} Box;

static Box box_around(const OstGrid *grid, size_t at)
{
  const size_t   n0 = (size_t)grid->n[0], n1 = (size_t)grid->n[1];
  const PetscInt x[3] = {(PetscInt)(at % n0), (PetscInt)((at / n0) % n1),
                         (PetscInt)(at / (n0 * n1))};
  Box            box;
  for (PetscInt d = 0; d < 3; d++) {
    box.lo[d] = PetscMax(x[d] - 1, 0);
    box.hi[d] = PetscMin(x[d] + 1, grid->n[d] - 1);
  }
  return box;
}

/* The outer layer takes the largest density of those neighbours that lie deeper. */
static PetscErrorCode lift_outer_layer(const OstGrid *grid, const unsigned char solid[],
                                       OstImage *density)
{
  const PetscReal h     = PetscMin(grid->spacing[0], PetscMin(grid->spacing[1], grid->spacing[2]));
  const float     layer = (float)(1.02 * h * h); /* voxels that touch the outside by a face */
  float          *depth2, *lifted;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(ost_grid_size(grid), &depth2, ost_grid_size(grid), &lifted));
  PetscCall(ost_volume_distance2(grid, solid, 0, depth2));
  memcpy(lifted, density->voxels, sizeof(float) * ost_grid_size(grid));
  for (size_t at = 0; at < ost_grid_size(grid); at++) {
    if (!solid[at] || depth2[at] > layer) continue;
    const Box box = box_around(grid, at);
    for (PetscInt k = box.lo[2]; k <= box.hi[2]; k++) {
      for (PetscInt j = box.lo[1]; j <= box.hi[1]; j++) {
        for (PetscInt i = box.lo[0]; i <= box.hi[0]; i++) {
          const size_t b = ost_image_at(density, i, j, k);
          if (solid[b] && depth2[b] > layer) lifted[at] = PetscMax(lifted[at], density->voxels[b]);
        }
      }
    }
  }
  memcpy(density->voxels, lifted, sizeof(float) * ost_grid_size(grid));
  PetscCall(PetscFree2(depth2, lifted));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Layer by layer outwards, each new voxel the mean of its neighbours that are set. */
static PetscErrorCode carry_on(const OstGrid *grid, const unsigned char solid[], PetscInt layers,
                               float rest, OstImage *density)
{
  const size_t   size = ost_grid_size(grid);
  unsigned char *set;
  size_t        *front, num_front, *fresh, num_fresh = 0;
  float         *value;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc4(size, &set, size, &front, size, &fresh, size, &value));
  num_front = 0;
  for (size_t at = 0; at < size; at++) {
    set[at] = solid[at];
    if (set[at])
      front[num_front++] = at;
    else
      density->voxels[at] = rest;
  }
  for (PetscInt layer = 0; layer < layers; layer++) {
    num_fresh = 0;
    for (size_t f = 0; f < num_front; f++) {
      const Box box = box_around(grid, front[f]);
      for (PetscInt k = box.lo[2]; k <= box.hi[2]; k++) {
        for (PetscInt j = box.lo[1]; j <= box.hi[1]; j++) {
          for (PetscInt i = box.lo[0]; i <= box.hi[0]; i++) {
            const size_t at = ost_image_at(density, i, j, k);
            if (set[at]) continue;
            set[at]            = 2; /* found in this layer: not yet a source */
            fresh[num_fresh++] = at;
          }
        }
      }
    }
    for (size_t f = 0; f < num_fresh; f++) {
      const Box box = box_around(grid, fresh[f]);
      PetscReal sum = 0.0;
      PetscInt  num = 0;
      for (PetscInt k = box.lo[2]; k <= box.hi[2]; k++) {
        for (PetscInt j = box.lo[1]; j <= box.hi[1]; j++) {
          for (PetscInt i = box.lo[0]; i <= box.hi[0]; i++) {
            const size_t at = ost_image_at(density, i, j, k);
            if (set[at] != 1) continue;
            sum += (PetscReal)density->voxels[at];
            num++;
          }
        }
      }
      value[f] = (float)(sum / (PetscReal)num);
    }
    for (size_t f = 0; f < num_fresh; f++) {
      density->voxels[fresh[f]] = value[f];
      set[fresh[f]]             = 1;
    }
    memcpy(front, fresh, num_fresh * sizeof *front);
    num_front = num_fresh;
  }
  PetscCall(PetscFree4(set, front, fresh, value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_calibrate_image(const OstCalibrationOptions *options, const OstImage *hu,
                                   const unsigned char solid[], PetscReal margin, OstImage *density)
{
  const OstGrid   grid = ost_grid_of(hu);
  PetscReal       map[3][4];
  const PetscReal h = PetscMin(grid.spacing[0], PetscMin(grid.spacing[1], grid.spacing[2]));

  PetscFunctionBeginUser;
  memcpy(map, hu->to_world, sizeof map);
  PetscCall(ost_image_create(hu->n, map, density));
  for (size_t i = 0; i < ost_image_size(hu); i++) {
    density->voxels[i] = (float)ost_calibrate_density(options, (PetscReal)hu->voxels[i]);
  }
  if (options->partial_volume) PetscCall(lift_outer_layer(&grid, solid, density));
  PetscCall(carry_on(&grid, solid, (PetscInt)PetscCeilReal(margin / h), (float)options->rho_min,
                     density));
  PetscFunctionReturn(PETSC_SUCCESS);
}
