/* volume.h: operations on masks over an image's grid.

   A mask is an array of one byte per voxel in the order of OstImage.voxels. Distances respect the
   spacing of the grid. Owns no anatomy: segment.h does. None of these fails but for want of
   memory. */
#pragma once

#include "meshes/image/image.h"

/* The grid a mask lives on. */
typedef struct {
  PetscInt  n[3];
  PetscReal spacing[3]; /* [mm] */
} OstGrid;

OstGrid              ost_grid_of(const OstImage *image);
static inline size_t ost_grid_size(const OstGrid *grid)
{
  return (size_t)grid->n[0] * (size_t)grid->n[1] * (size_t)grid->n[2];
}

/** Squared distance from each voxel centre to the nearest voxel of value `of` (0 or 1) [mm2]; a
 *  huge
 *  number when there is none. Exact (Felzenszwalb and Huttenlocher 2012, Theory of Computing
 *     8:415).
 *  What lies outside of the image counts as neither.
 *  @param[in]  mask      [size]
 *  @param[out] distance2 [size]
 */
PetscErrorCode ost_volume_distance2(const OstGrid *grid, const unsigned char mask[],
                                    unsigned char of, float distance2[]);

/* Ball of radius `radius` [mm] added to, taken from the mask; both for closing and opening. */
PetscErrorCode ost_volume_dilate(const OstGrid *grid, PetscReal radius, unsigned char mask[]);
PetscErrorCode ost_volume_erode(const OstGrid *grid, PetscReal radius, unsigned char mask[]);

/* Set what the mask encloses in each plane of constant k: whatever the plane's rim cannot reach
   through 4-connected unset voxels. A tube that is open at its ends becomes solid. */
PetscErrorCode ost_volume_fill_planes(const OstGrid *grid, unsigned char mask[]);

/* Label 6-connected components 1..*num in the order of their size, largest first: label [size],
   0 outside; count [*num] voxels each, freed by the caller with PetscFree (NULL: not wanted). */
PetscErrorCode ost_volume_components(const OstGrid *grid, const unsigned char mask[], PetscInt *num,
                                     int label[], PetscInt **count);

/** Regions that grow from markers over the bright voxels first, so that they meet where the
 *  image is
 *  darkest between them (watershed by flooding).
 *  @param[in]     value  brightness [size]
 *  @param[in]     floor  voxels below are never entered
 *  @param[in,out] label  markers > 0 on entry, regions on return [size]
 */
PetscErrorCode ost_volume_flood(const OstGrid *grid, const float value[], PetscReal floor,
                                int label[]);

/* Gaussian of standard deviation sigma [mm], cut at 3 sigma, edges repeated. */
PetscErrorCode ost_volume_gauss(const OstGrid *grid, PetscReal sigma, float value[]);
