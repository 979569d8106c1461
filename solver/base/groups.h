/* groups.h: the named volumes and surfaces of a limb mesh, fixed once for mesher and solver.

   The names are those of the mesh file's physical groups, the case file and the results; the
   numbers are those the results store. What a group means mechanically is said where it is used. */
#pragma once

#include "base/base.h"

typedef enum {
  OST_CORTICAL,
  OST_CANCELLOUS,
  OST_MARROW,
  OST_BONE, /* heterogeneous bone whose density comes from an image */
  OST_STEM,
  OST_ABUTMENT,
  OST_NUM_REGIONS
} OstRegion;

/* The two interfaces together are all faces between an implant cell and a bone cell. */
typedef enum {
  OST_INTERFACE_COATED,
  OST_INTERFACE_SMOOTH,
  OST_RESECTION,
  OST_PROXIMAL,
  OST_ABUTMENT_END,
  OST_PERIOSTEUM,
  OST_NUM_SURFACES
} OstSurfaceGroup;

/* Kinds of implant surface, roughest last. */
typedef enum {
  OST_MACHINED,
  OST_GRIT_BLASTED,
  OST_PLASMA_SPRAYED,
  OST_POROUS,
  OST_NUM_COATINGS
} OstCoating;
extern const char *const ost_coating_names[OST_NUM_COATINGS]; /* as case and catalogue have them */

const char *ost_region_name(PetscInt region);   /* "cortical"; NULL beyond the last */
const char *ost_surface_name(PetscInt surface); /* "interface_coated" */
PetscInt    ost_region_find(const char *name);  /* -1 when there is no such region */
PetscInt    ost_surface_find(const char *name);

/* Stem and abutment: one metal body, on the other side of the interface. */
PetscBool ost_region_is_implant(PetscInt region);
/* Cortical, cancellous and heterogeneous bone: remodels and can break; marrow does neither. */
PetscBool ost_region_is_bone(PetscInt region);
/* The surface groups between implant and bone. */
PetscBool ost_surface_is_interface(PetscInt surface);
