/* segment.h: one bone out of a CT.

   Threshold, then the bone wanted is told from its neighbours: what is left of every bone after an
   erosion marks it, the marks grow over the bright voxels first and meet where the joint space is
   darkest; closing, filling and opening make a solid of the one wanted, medullary canal included. A
   label image takes the place of all that where one is given. Knows no limb frame and no
   density. */
#pragma once

#include "meshes/image/image.h"
#include "meshes/image/volume.h"
#include "meshes/limb_options.h"

typedef struct {
  OstImage       hu;         /* equivalent HU on a grid of about 1 mm around the bone; RAS order */
  unsigned char *solid;      /* the bone with its canal [size of hu] */
  OstImage       field;      /* smooth field, 0.5 on the bone's surface; same grid */
  PetscBool at_border[3][2]; /* this face of the grid is a face of the whole image: lower, upper */
} OstSegmentation;

/** @param[in]  image  equivalent HU in RAS order (ost_image_reorient)
 *  @param[in]  labels label image in RAS order, or n[0] = 0
 *  @param[out] list   no bone at the threshold, seed not in a bone, label absent: at options->where
 *  @param[out] result empty (solid NULL) when an error was found
 */
PetscErrorCode ost_segment_bone(const OstImage *image, const OstImage *labels,
                                const OstSegmentationOptions *options, OstDiagList *list,
                                OstSegmentation *result);
PetscErrorCode ost_segment_destroy(OstSegmentation *segmentation);
