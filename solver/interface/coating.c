#include "interface/coating.h"

#include "input/quantity.h"

OstTractionLaw ost_coating_law(OstCoating coating)
{
  OstTractionLaw law = ost_traction_law_default();

  switch (coating) {
  case OST_MACHINED:
    law.friction         = 0.3;
    law.tensile_strength = 0.5;
    law.shear_strength   = 2.0;
    law.energy_I         = 0.01;
    law.energy_II        = 0.02;
    break;
  case OST_GRIT_BLASTED:
    law.friction         = 0.4;
    law.tensile_strength = 0.75;
    law.shear_strength   = 7.5;
    law.energy_I         = 0.015;
    law.energy_II        = 0.05;
    break;
  default: /* plasma-sprayed and porous: those of traction_law.h */
    break;
  }
  return law;
}

OstGrowth ost_coating_growth(OstCoating coating)
{
  OstGrowth growth = {
      .bond_max = 0.7, .bond_time = 2.7 * OST_MONTH, .strength_time = 9.6 * OST_MONTH};

  if (coating == OST_MACHINED) {
    growth.bond_max  = 0.53;
    growth.bond_time = 3.5 * OST_MONTH;
  }
  return growth;
}
