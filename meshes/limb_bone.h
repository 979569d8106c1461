/* limb_bone.h: from a patient's CT or a surface file to the residual bone in the limb frame.

   Owns the order of the work: read, segment, find the shaft's axis, turn into the limb frame, cut,
   clean the surface, calibrate the density. The limb frame: origin on the stem axis in the
   resection plane, z proximal along the stem axis, x anterior, y = z cross x, which is the
   patient's left: medial in a right limb, lateral in a left one. Knows no stem and no volume mesh.

   What is wrong with the data is the user's to mend: it goes to the OstDiagList with the file's
   name, and the bone is left empty. Work of one rank; not collective. */
#pragma once

#include "meshes/image/image.h"
#include "meshes/limb_options.h"
#include "meshes/surface/surface.h"

typedef struct {
  OstSurface surface; /* closed, manifold, outward; flat at z = 0 (resection) and, where a proximal
                         cut was asked for, at z = length; one piece; limb frame [mm] */
  OstImage   density; /* apparent density [g/cm3], to_world = voxel index to limb frame; carried on
                         beyond the surface by the nearest bone, so that points on the surface never
                         see soft tissue; n[0] = 0: none */
  PetscReal  image_to_limb[3]
                         [4]; /* patient frame RAS (or the surface file's frame, in mm) to limb */
  PetscReal  length;          /* resection to the proximal end of the surface [mm] */
  PetscReal  proximal_from;   /* surface with z >= this is the `proximal` support [mm] */
  PetscBool  proximal_flat;   /* the proximal end is a plane cut at z = length */
  PetscInt   num_canal;       /* entries of the profile below, every 2 mm or so, z increasing */
  PetscReal *canal_z;         /* [num_canal] [mm] */
  PetscReal *canal_radius;    /* [num_canal] of the circle of equal area; 0: none seen [mm] */
  PetscReal *outer_radius;    /* [num_canal] likewise, periosteal [mm] */
  PetscReal *canal_centre;    /* [num_canal x 2] x and y of the canal's centroid (the section's
                                     where no canal is seen) [mm] */
  PetscReal  isthmus_z, isthmus_radius; /* narrowest canal within the shaft [mm] */
} OstLimbBone;

/* All zero: what the functions below fill and ost_limb_bone_destroy takes. */
OstLimbBone ost_limb_bone_empty(void);
/* Frees everything and zeroes the struct. Harmless on an empty bone. */
PetscErrorCode ost_limb_bone_destroy(OstLimbBone *bone);

/** The bone of a CT.
 *  @param[in]  options  checked options
 *  @param[in]  side     of the limb; checked against the image where it can be
 *  @param[out] list     every reason why the data cannot be used, and warnings
 *  @param[out] bone     empty on entry; empty on return when `list` got errors
 */
PetscErrorCode ost_limb_bone_from_ct(const OstCtOptions *options, OstSide side, OstBoneKind kind,
                                     OstDiagList *list, OstLimbBone *bone);
/* The bone of a surface file; its density image is the template of the options. */
PetscErrorCode ost_limb_bone_from_surface(const OstSurfaceOptions *options, OstSide side,
                                          OstBoneKind kind, OstDiagList *list, OstLimbBone *bone);

/* Canal and outer radius [mm] at z, linear in the profile, constant beyond its ends. */
PetscReal ost_limb_bone_canal_radius(const OstLimbBone *bone, PetscReal z);
PetscReal ost_limb_bone_outer_radius(const OstLimbBone *bone, PetscReal z);
