/* placement.h: where the stem goes: shaft axis, resection level, limb frame, canal profile.

   Works on a voxel model of the bone, whatever it came from: the solid, and an image whose values
   tell cortex from canal. Knows no file, no surface and no stem. */
#pragma once

#include "base/diag.h"
#include "meshes/image/image.h"
#include "meshes/image/volume.h"
#include "meshes/limb_bone.h"

/* The voxel model. All images share one grid; world is the frame of the data. */
typedef struct {
  const OstImage      *field;         /* 0.5 on the bone's surface, more inside */
  const OstImage      *value;         /* HU, or a density */
  const OstImage      *depth;         /* distance to the outside [mm]; 0 outside */
  const unsigned char *solid;         /* [size] */
  PetscReal            canal_level;   /* below this value lies canal */
  const PetscBool (*at_border)[2];    /* [3]: faces of the grid where the data end */
  PetscReal proximal[3], anterior[3]; /* rough directions in the world, unit vectors */
} OstBody;

/** Find the limb frame.
 *  The axis is the straight line through the centroids of the canal (of the section where there is
 *  none) in planes square to itself, over the stretch of the options; then the user's shifts and
 *     tilts
 *  about the point where it meets the resection.
 *  @param[out] to_limb  world to limb frame
 *  Faults (no bone at the level, too short) go to `list`; *ok says whether to_limb can be used.
 */
PetscErrorCode ost_placement_find(const OstBody *body, const OstResectionOptions *resection,
                                  const OstPlacementOptions *placement, OstSide side,
                                  OstDiagList *list, PetscReal to_limb[3][4], PetscBool *ok);

/* Canal and outline by slices of `step` [mm] from the resection to z = top; fills the profile of
   `bone`, isthmus included. */
PetscErrorCode ost_placement_profile(const OstBody *body, PetscReal to_limb[3][4], PetscReal top,
                                     PetscReal step, OstLimbBone *bone);

/* Largest and smallest limb coordinate z of the solid [mm]. */
void ost_placement_extent(const OstBody *body, PetscReal to_limb[3][4], PetscReal *lowest,
                          PetscReal *highest);

/* Mean of y (towards the patient's left) of the solid above z = from [mm]; 0 when there is none. */
PetscReal ost_placement_lean(const OstBody *body, PetscReal to_limb[3][4], PetscReal from);
