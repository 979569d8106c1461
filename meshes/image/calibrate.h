/* calibrate.h: Hounsfield units to apparent bone density.

   rho_QCT = intercept + slope HU;  rho_ash = ash_intercept + ash_slope rho_QCT; rho_app = rho_ash /
   ash_fraction, clipped to [rho_min, rho_max]. Defaults: slope 0.0008 g/cm3 per HU and no
   intercept, the middle of what is usual at 120 kVp, for want of a phantom; 0.877 and 0.079 for a
   hydroxyapatite phantom (Schileo et al. 2008, J Biomech 41:2483); fraction 0.60 (same). Images
   that hold a density already are brought to "equivalent HU" by the inverse, so that thresholds
   mean the same thing for every image. */
#pragma once

#include "meshes/image/image.h"
#include "meshes/image/volume.h"
#include "meshes/limb_options.h"

/* Apparent density [g/cm3] of a voxel of `hu` [HU]. */
PetscReal ost_calibrate_density(const OstCalibrationOptions *options, PetscReal hu);
/* Equivalent HU of a voxel value of the image's own kind. */
PetscReal ost_calibrate_hounsfield(const OstCalibrationOptions *options, PetscReal value);

/** Density image of a segmented bone.
 *  The outermost layer of voxels shares its volume with soft tissue; with `partial_volume` it takes
 *  the largest value of the inner neighbours, and a layer that has none keeps its own. Beyond
 *     the bone
 *  the nearest bone is carried on for `margin` [mm], further out stands rho_min.
 *  @param[in]  hu       image of equivalent HU
 *  @param[in]  solid    the bone, canal included [size of hu]
 *  @param[out] density  apparent density on the same grid [g/cm3]; freed by the caller
 */
PetscErrorCode ost_calibrate_image(const OstCalibrationOptions *options, const OstImage *hu,
                                   const unsigned char solid[], PetscReal margin,
                                   OstImage *density);
