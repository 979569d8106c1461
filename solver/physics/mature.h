/* mature.h: how bone grows onto the stem, how the bond gains strength, and how it is lost.

   Four numbers at an interface point: bonded fraction B, strength s, damage d (made by the
   interface law, healed here) and fibrous tissue f. Rates (B4-B7) from what the point feels:
   micromotion, gap, and the bone behind it. Bond and strength have clocks of their own, because
   ingrowth is seen to settle in months and strength over a year (Jeyapalina et al. 2014). Pure: no
   mesh. */
#pragma once

#include "input/value.h"

typedef struct {
  PetscReal bond_max;           /* bonded fraction of a healed interface [-] */
  PetscReal bond_time;          /* clock of the bonded fraction and of healing [day] */
  PetscReal strength_time;      /* clock of the strength [day] */
  PetscReal resorption_time;    /* clock of the loss of bond under micromotion [day] */
  PetscReal micromotion_full;   /* below it bone grows unhindered [mm] */
  PetscReal micromotion_none;   /* above it none grows, fibrous tissue does [mm] */
  PetscReal gap_full, gap_none; /* the same for the gap [mm] */
  PetscReal density_none;       /* bone behind the point so thin that nothing bonds [g/cm3] */
  PetscReal density_full;       /* and dense enough for a full bond [g/cm3] */
  PetscReal fibrous_time;       /* clock of fibrous tissue above micromotion_none [day] */
  PetscReal recovery_time;      /* clock of its replacement by bone at rest [day] */
  /* whether the case gives bond_max, bond_time, strength_time for all surfaces; else each kind of
     surface has its own */
  PetscBool given[3];
} OstMature;

typedef struct {
  PetscReal bond;     /* B in [0, bond_max] */
  PetscReal strength; /* s in [0, 1], of the mature strength */
  PetscReal damage;   /* d in [0, 1] */
  PetscReal fibrous;  /* f in [0, 1] */
} OstMaturity;

enum { OST_MATURITY_REALS = sizeof(OstMaturity) / sizeof(PetscReal) };

typedef struct {
  PetscReal micromotion; /* peak to valley over the day's activities [mm]; 0 at rest */
  PetscReal gap;         /* opening, > 0 when open [mm] */
  PetscReal density;     /* apparent density of the bone behind the point [g/cm3] */
} OstMatureInput;

/* Parameters of theory.md, Table B1. */
OstMature ost_mature_default(void);

/* Read section `bond` of `biology` (NULL: defaults). Keys, units: theory.md, Table B1. */
PetscErrorCode ost_mature_read(OstNode *biology, OstDiagList *list, OstMature *law);

PetscErrorCode ost_mature_check(const OstMature *law, OstWhere at, OstDiagList *list);

/* Gates in [0, 1] of micromotion (B1), gap (B2) and bone behind the point (B3), which are 1 where
   bone grows freely; and of fibrous tissue (B7), which is 0 where none comes. */
PetscReal ost_mature_micromotion_gate(const OstMature *law, PetscReal micromotion);
PetscReal ost_mature_gap_gate(const OstMature *law, PetscReal gap);
PetscReal ost_mature_bone_gate(const OstMature *law, PetscReal density);
PetscReal ost_mature_fibrous_gate(const OstMature *law, PetscReal micromotion);

/* d(state)/dt [1/day] (B4-B7). Cannot fail; `state` within its bounds. */
OstMaturity ost_mature_rate(const OstMature *law, const OstMaturity *state,
                            const OstMatureInput *input);

/* Brings a state that a time step overshot back into its bounds. */
void ost_mature_clamp(const OstMature *law, OstMaturity *state);

/* Fraction of the point that carries bond, B (1 - d). */
static inline PetscReal ost_mature_bonded(const OstMaturity *state)
{
  return state->bond * (1.0 - state->damage);
}

/* More fibrous tissue than bone can replace soon: what maps and reports call "fibrous". */
static inline PetscBool ost_mature_is_fibrous(const OstMaturity *state)
{
  return state->fibrous > 0.5 ? PETSC_TRUE : PETSC_FALSE;
}
