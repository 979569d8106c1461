/* coating.h: what kinds of surface do to friction, to the bond and to how fast it grows.

   Owns the table of coatings (theory.md, Table G2): the defaults that a finish starts from before
   the case changes them. Pure. */
#pragma once

#include "base/groups.h"
#include "interface/traction_law.h"

/* How bone grows onto a surface: what of OstMature (physics/mature.h) depends on it. */
typedef struct {
  PetscReal bond_max;      /* bonded fraction of a healed surface [-] */
  PetscReal bond_time;     /* clock of the bonded fraction [day] */
  PetscReal strength_time; /* clock of the strength [day] */
} OstGrowth;

OstTractionLaw ost_coating_law(OstCoating coating);
OstGrowth      ost_coating_growth(OstCoating coating);
