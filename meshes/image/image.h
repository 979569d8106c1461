/* image.h: a volume image in memory, and values at points in it.

   Owns the voxel array with its affine map; linear sampling, resampling, reorientation. Knows no
   file format (nifti.h, dicom.h) and no Hounsfield unit (calibrate.h).

   World coordinates of an image that was read from a file are those of the patient, in mm: +x to
   the patient's right, +y anterior, +z superior (RAS+, the convention of NIfTI). */
#pragma once

#include "base/base.h"

typedef struct {
  PetscInt  n[3];           /* voxels along i, j, k; n[0] = 0: there is no image */
  PetscReal to_world[3][4]; /* voxel index (centre of voxel i, j, k at integers) to world [mm] */
  float    *voxels;         /* [n[0] x n[1] x n[2]], i runs fastest */
} OstImage;

/* A zeroed image of n[3] voxels with the affine given; free with ost_image_destroy. */
PetscErrorCode ost_image_create(const PetscInt n[3], PetscReal to_world[3][4], OstImage *image);
/* Frees the voxels and leaves n = 0. Harmless on an image that is empty already. */
PetscErrorCode ost_image_destroy(OstImage *image);

static inline size_t ost_image_size(const OstImage *image)
{
  return (size_t)image->n[0] * (size_t)image->n[1] * (size_t)image->n[2];
}

static inline size_t ost_image_at(const OstImage *image, PetscInt i, PetscInt j, PetscInt k)
{
  return (size_t)i + (size_t)image->n[0] * ((size_t)j + (size_t)image->n[1] * (size_t)k);
}

/* Affine maps [3][4] (rotation-scale, translation): c = a b; inverse; image of a point. */
void ost_affine_multiply(PetscReal a[3][4], PetscReal b[3][4], PetscReal c[3][4]);
/* Returns PETSC_FALSE (and leaves the result undefined) for a singular map. */
PetscBool ost_affine_invert(PetscReal a[3][4], PetscReal inverse[3][4]);
void      ost_affine_apply(PetscReal a[3][4], const PetscReal x[3], PetscReal y[3]);

/* Distance of neighbouring voxel centres along i, j, k [mm]. */
void ost_image_spacing(const OstImage *image, PetscReal spacing[3]);

/* Value at the voxel coordinates v[3], linear between centres; outside, the nearest voxel's. */
PetscReal ost_image_sample_index(const OstImage *image, const PetscReal v[3]);
/* Value at world points x [n x 3] [mm], as above; cannot fail. `world_to_index` is the inverse of
   the image's affine. */
void ost_image_sample(const OstImage *image, PetscReal world_to_index[3][4], PetscInt n,
                      const PetscReal x[], PetscReal values[]);

/* Permute and flip the axes so that i runs nearest to +x, j to +y, k to +z of the world; values at
   world points stay what they are. */
PetscErrorCode ost_image_reorient(OstImage *image);

/* The part of `image` from voxel lo[3] to hi[3] (both included) on a grid of spacing `spacing` [mm]
   along its own axes, linear between centres. */
PetscErrorCode ost_image_resample(const OstImage *image, const PetscInt lo[3], const PetscInt hi[3],
                                  const PetscReal spacing[3], OstImage *result);
