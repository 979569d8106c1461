/* density_law.h: Young's modulus from apparent density, by the published laws.

   Owns the table of laws (theory.md, Table M1), the power law that all of them are (M1), its
   derivative (M2), its inverse (M3), the clamps that keep a stiffness matrix regular, and the range
   of densities in which each law was measured. A law of two regimes (Wirtz, Lotz, Beaupre,
   Zysset-Curnier) changes over where its two powers meet, so that E is continuous and invertible.
   Knows nothing of meshes: one point in, one value out. */
#pragma once

#include "input/value.h"

#define OST_DENSITY_ASH_PER_APPARENT                                                               \
  0.6 /* rho_ash / rho_app [-], 0.55-0.63 (Schileo et al. 2008) */

typedef enum {
  OST_LAW_MORGAN_FEMORAL_NECK,
  OST_LAW_MORGAN_POOLED,
  OST_LAW_MORGAN_GREATER_TROCHANTER,
  OST_LAW_MORGAN_PROXIMAL_TIBIA,
  OST_LAW_MORGAN_VERTEBRA,
  OST_LAW_KELLER,
  OST_LAW_KEYAK,
  OST_LAW_CARTER_HAYES,
  OST_LAW_WIRTZ_AXIAL, /* cancellous and cortical in one */
  OST_LAW_WIRTZ_CORTICAL,
  OST_LAW_WIRTZ_CORTICAL_TRANSVERSE,
  OST_LAW_WIRTZ_CANCELLOUS,
  OST_LAW_WIRTZ_CANCELLOUS_TRANSVERSE,
  OST_LAW_SCHAFFLER_BURR,
  OST_LAW_LOTZ, /* cancellous and cortical in one */
  OST_LAW_LOTZ_CORTICAL,
  OST_LAW_LOTZ_CORTICAL_TRANSVERSE,
  OST_LAW_LOTZ_CANCELLOUS,
  OST_LAW_BEAUPRE,
  OST_LAW_ZYSSET_CURNIER,
  OST_LAW_HERNANDEZ,
  OST_LAW_POWER,
  OST_NUM_LAWS
} OstLawName;

/* The names as a case file has them, in the order of OstLawName. */
extern const char *const ost_density_law_names[OST_NUM_LAWS];

/* E = e0 + c (f rho)^p from `from` on, rho the apparent density, f = law->ash_factor. */
typedef struct {
  PetscReal e0;   /* 0 but for the straight lines of Lotz [MPa] */
  PetscReal c;    /* modulus at 1 g/cm3 of the law's own density [MPa/(g/cm3)^p] */
  PetscReal p;    /* exponent [-] */
  PetscReal from; /* apparent density from which this power holds [g/cm3]; 0 for the first */
} OstDensityPower;

typedef struct {
  OstLawName      name;
  PetscInt        num_powers; /* 1 or 2 */
  OstDensityPower power[2];
  PetscReal       ash_factor; /* law's density / apparent density [-]: 1, or rho_ash / rho_app */
  PetscReal       rho_min;    /* densities below count as this [g/cm3] */
  PetscReal       rho_max;    /* densities above count as this [g/cm3] */
  PetscReal       E_min;      /* floor: what fills the pores when the bone is gone [MPa] */
  PetscReal       E_max;      /* ceiling: above it no law was measured [MPa] */
  /* Measured range, apparent density [g/cm3]; of the user's own law 0 and PETSC_MAX_REAL. Beaupre
     and Zysset-Curnier were not measured: their authors' limits. */
  PetscReal valid_from, valid_to;
} OstDensityLaw;

/* A published law with the coefficients of theory.md, Table M1; OST_LAW_POWER gives 1 GPa, p = 2,
   to be changed. Hernandez: ash fraction 0.65; Carter-Hayes: strain rate 0.01 1/s (walking). */
OstDensityLaw ost_density_law(OstLawName name);
/* Morgan's femoral neck: the default of the case file. */
OstDensityLaw ost_density_law_default(void);
/* Carter & Hayes at a strain rate [1/s]; Hernandez at an ash fraction of the tissue [-]. */
OstDensityLaw ost_density_law_carter_hayes(PetscReal strain_rate);
OstDensityLaw ost_density_law_hernandez(PetscReal ash_fraction);

/* The law by which the same authors have cortex's modulus across its axis, with the limits of
   `law`; FALSE where they have none. */
PetscBool ost_density_law_across(const OstDensityLaw *law, OstDensityLaw *across);

/** Read the section `density_law` of `material` (which may be NULL: defaults).
 *  @param[in]  material  section `material` of the case
 *  @param[out] list      gets every fault
 *  @param[out] law       usable if no error was added
 *  Keys: law, c, p, density, ash_per_apparent, ash_fraction, strain_rate, density_min, density_max,
 *  modulus_min, modulus_max. A coefficient given for a law that has its own is an error.
 */
PetscErrorCode ost_density_law_read(OstNode *material, OstDiagList *list, OstDensityLaw *law);

/* Append to `list` every reason why `law` cannot be used. `at` is where the user wrote it. */
PetscErrorCode ost_density_law_check(const OstDensityLaw *law, OstWhere at, OstDiagList *list);

/* Modulus [MPa] at apparent density rho [g/cm3], clamped to the law's density and modulus limits.
   (M1) Cannot fail. */
PetscReal ost_density_law_modulus(const OstDensityLaw *law, PetscReal rho);

/* dE/drho [MPa/(g/cm3)] (M2); 0 where a clamp holds; at a change of regime the upper one's. */
PetscReal ost_density_law_slope(const OstDensityLaw *law, PetscReal rho);

/* Apparent density [g/cm3] whose modulus is E (M3), within [rho_min, rho_max]. Serves the density
   of an element over which E, not the density, was averaged. */
PetscReal ost_density_law_density(const OstDensityLaw *law, PetscReal E);

/* How much bone lies outside the range in which a law was measured. */
typedef struct {
  PetscReal volume; /* of all bone counted [mm3] */
  PetscReal below;  /* of bone lighter than valid_from [mm3] */
  PetscReal above;  /* of bone denser than valid_to [mm3] */
  PetscReal least;  /* lowest and highest density counted [g/cm3] */
  PetscReal most;
} OstDensityRange;

/* Nothing counted yet. */
OstDensityRange ost_density_range_empty(void);
/* Count a piece of bone of density rho [g/cm3] and volume [mm3]. */
void ost_density_range_add(OstDensityRange *range, const OstDensityLaw *law, PetscReal rho,
                           PetscReal volume);
/* Say in words what is outside, and how far; FALSE, and text empty, where nothing is. */
PetscBool ost_density_range_tell(const OstDensityRange *range, const OstDensityLaw *law,
                                 char text[], size_t length);
