/* region.h: which material fills which named region of the mesh.

   Owns the region names (the physical volumes of limb.msh), the section `material` of the case, and
   the rule that turns region and density into elastic constants. `bone` is the heterogeneous bone
   of a CT; `cortical` and `cancellous` are the template's. Pure: no mesh. */
#pragma once

#include "base/groups.h"
#include "material/anisotropy.h"
#include "material/implant.h"

typedef struct {
  OstDensityLaw law;
  PetscReal     nu_porous;  /* Poisson's ratio of bone below nu_density [-] */
  PetscReal     nu_dense;   /* and above [-] */
  PetscReal     nu_density; /* [g/cm3] */
  OstAnisotropy anisotropy;
  /* Apparent density at the start [OST_NUM_REGIONS] [g/cm3]; for `bone` where no image gives one;
     0 for marrow and metal, which have none. */
  PetscReal density[OST_NUM_REGIONS];
  PetscReal marrow_below; /* a cell of `bone` less dense than this at the start is marrow [g/cm3] */
  OstElastic marrow;
  OstMetal   stem, abutment;
} OstMaterialSet;

/* Defaults of theory.md, Table M3. */
OstMaterialSet ost_material_default(void);

/** Read the section `material` of the case; `root` is the case's root, `implant` the metal of the
 *  implant's catalogue entry.
 *  Keys (below material): density_law {...}; anisotropy {...}; poisson_porous, poisson_dense,
 *  poisson_density; cortical, cancellous, bone {density, marrow_below}; marrow {modulus, poisson};
 *  stem, abutment {metal, ...}.
 */
PetscErrorCode ost_material_read(OstNode *root, const OstMetal *implant, OstDiagList *list,
                                 OstMaterialSet *set);

/* Elastic constants of `region`; rho [g/cm3] counts for bone only, and axis, the unit direction of
   the shaft, for dense bone where the case makes it transversely isotropic (NULL: isotropic). (M1,
   M4 to M6) */
OstElastic ost_material_elastic(const OstMaterialSet *set, OstRegion region, PetscReal rho,
                                const PetscReal axis[3]);

/* Metal of stem or abutment; NULL for other regions. */
const OstMetal *ost_material_metal(const OstMaterialSet *set, OstRegion region);
