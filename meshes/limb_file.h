/* limb_file.h: the sidecar limb.yaml, which tells the solver what the mesh file cannot.

   Owns its keys (role "limb"). Written by the mesher, read by the solver with the getters of
   value.h. */
#pragma once

#include "meshes/limb_options.h"
#include "meshes/quality.h"

typedef struct {
  OstSide           side;
  const char       *bone; /* femur, tibia, humerus or radius */
  const OstImplant *implant;
  PetscReal         bone_length;       /* resection to the proximal end of the model [mm] */
  const char       *density_image;     /* file beside the sidecar, or NULL */
  const PetscReal (*image_to_limb)[4]; /* [3][4], or NULL */
  const PetscReal  *region_density;    /* [3] cortical, cancellous, marrow [g/cm3], or NULL */
  PetscInt          num_canal;
  const PetscReal  *canal_z, *canal_radius, *outer_radius; /* [num_canal] [mm] */
  const OstQuality *quality;
  const char       *fingerprint; /* of what it was made from (limb_case.h) */
} OstLimbFile;

/* Write to `path`; PETSC_ERR_FILE_OPEN or PETSC_ERR_FILE_WRITE when the disk does not take it. */
PetscErrorCode ost_limb_file_write(const OstLimbFile *limb, const char *path);

/* Whether the file is a sidecar that a mesher wrote, and may be replaced. Not collective. */
PetscBool ost_limb_file_is_one(const char *path);
