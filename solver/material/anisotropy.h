/* anisotropy.h: cortex as a transversely isotropic material, from its density and the direction of
   the shaft.

   Owns the section `material.anisotropy`, the published sets of constants (theory.md, Table M4) and
   the rule (M5, M6) that makes five constants of a density: the density law gives the modulus along
   the shaft, ratios or the same authors' second law the one across, and between two densities the
   compliance goes from the isotropic one to the cortex's. Pure: the direction is given. */
#pragma once

#include "material/density_law.h"
#include "material/elastic.h"

typedef enum { OST_ISOTROPIC, OST_TRANSVERSE, OST_NUM_SYMMETRIES } OstSymmetry;

typedef struct {
  OstSymmetry   type;
  PetscReal     density_none; /* bone up to this density is isotropic [g/cm3] */
  PetscReal     density_full; /* and from this one on the cortex's constants hold [g/cm3] */
  PetscBool     own_law;      /* the modulus across comes from `across`, not by modulus_ratio */
  OstDensityLaw across;
  PetscReal     modulus_ratio;      /* E1 / E3 [-] */
  PetscReal     shear_ratio;        /* G13 / E3 [-] */
  PetscReal     poisson_axial;      /* nu31 [-] */
  PetscReal     poisson_transverse; /* nu12 [-] */
} OstAnisotropy;

/* Isotropic; the constants are those of Reilly & Burstein (1975), should the type be changed. */
OstAnisotropy ost_anisotropy_default(void);

/** Read the section `anisotropy` of `material` (which may be NULL: defaults).
 *  @param[in]  law   the density law of the modulus along the shaft
 *  @param[out] list  gets every fault; also constants that are not admissible at some density
 *  Keys: type; and with type: transverse constants, modulus_ratio, shear_ratio, poisson_axial,
 *  poisson_transverse, transverse_modulus, density_none, density_full.
 */
PetscErrorCode ost_anisotropy_read(OstNode *material, const OstDensityLaw *law, OstDiagList *list,
                                   OstAnisotropy *anisotropy);

/* Elasticity of bone of density rho [g/cm3] whose isotropic constants are `bone`; axis is a unit
   vector. With type OST_ISOTROPIC, and up to density_none, it is `bone`. (M5, M6) */
OstElastic ost_anisotropy_elastic(const OstAnisotropy *anisotropy, const OstElastic *bone,
                                  PetscReal rho, const PetscReal axis[3]);
