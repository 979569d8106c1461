/* region.h: which material fills which named region of the mesh.

   Owns the region names (the physical volumes of limb.msh), the section `material` of the case, and
   the rule that turns region and density into elastic constants. `bone` is the heterogeneous bone of
   a CT; `cortical` and `cancellous` are the template's. Pure: no mesh. */
#pragma once

#include "material/density_law.h"
#include "material/implant.h"

typedef enum {
  OST_REGION_CORTICAL,
  OST_REGION_CANCELLOUS,
  OST_REGION_MARROW,
  OST_REGION_BONE,
  OST_REGION_STEM,
  OST_REGION_ABUTMENT,
  OST_NUM_REGIONS
} OstRegion;

/* "cortical", "cancellous", "marrow", "bone", "stem", "abutment": in the order of OstRegion. */
extern const char *const ost_region_names[OST_NUM_REGIONS];

/* Index of a region name, or -1. */
PetscInt ost_region_find(const char *name);

/* Bone remodels and can break; marrow and metal do neither. */
PetscBool ost_region_is_bone(OstRegion region);
PetscBool ost_region_is_metal(OstRegion region);

typedef struct {
  OstDensityLaw law;
  PetscReal     nu_porous;  /* Poisson's ratio of bone below nu_density [-] */
  PetscReal     nu_dense;   /* and above [-] */
  PetscReal     nu_density; /* [g/cm3] */
  /* Apparent density at the start [OST_NUM_REGIONS] [g/cm3]; for `bone` where no image gives one;
     0 for marrow and metal, which have none. */
  PetscReal  density[OST_NUM_REGIONS];
  OstElastic marrow;
  OstMetal   stem, abutment;
} OstMaterialSet;

/* Defaults of theory.md, Table M3. */
OstMaterialSet ost_material_default(void);

/** Read the section `material` of the case; `root` is the case's root.
 *  Keys (below material): density_law {...}; poisson_porous, poisson_dense, poisson_density;
 *  cortical, cancellous, bone {density}; marrow {modulus, poisson}; stem, abutment {metal, ...}.
 */
PetscErrorCode ost_material_read(OstNode *root, OstDiagList *list, OstMaterialSet *set);

/* Elastic constants of `region`; rho [g/cm3] counts for bone only. (M1, M4) */
OstElastic ost_material_elastic(const OstMaterialSet *set, OstRegion region, PetscReal rho);

/* Metal of stem or abutment; NULL for other regions. */
const OstMetal *ost_material_metal(const OstMaterialSet *set, OstRegion region);
