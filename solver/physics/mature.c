#include "physics/mature.h"

#include "input/quantity.h"

OstMature ost_mature_default(void)
{
  /* theory.md, Table B1 */
  OstMature law = {.bond_max         = 0.7,
                   .bond_time        = 2.7 * OST_MONTH,
                   .strength_time    = 9.6 * OST_MONTH,
                   .resorption_time  = 1.5 * OST_MONTH,
                   .micromotion_full = 0.030,
                   .micromotion_none = 0.150,
                   .gap_full         = 0.08,
                   .gap_none         = 0.5,
                   .density_none     = 0.05,
                   .density_full     = 0.20,
                   .fibrous_time     = 42.0,
                   .recovery_time    = 12.0 * OST_MONTH};
  return law;
}

/* What each kind of surface has its own of, unless it is given here. */
static PetscErrorCode read_for_all_surfaces(OstNode *section, OstDiagList *list, OstMature *law)
{
  const OstRealKey keys[3]  = {{"bond_max", "1", OST_OPTIONAL, 0.0, 1.0},
                               {"bond_time", "day", OST_OPTIONAL, 1.0, 3650.0},
                               {"strength_time", "day", OST_OPTIONAL, 1.0, 3650.0}};
  PetscReal *const value[3] = {&law->bond_max, &law->bond_time, &law->strength_time};

  PetscFunctionBeginUser;
  for (int i = 0; i < 3; i++) {
    PetscReal given;
    PetscCall(ost_value_real(section, &keys[i], list, &given));
    law->given[i] = isnan(given) ? PETSC_FALSE : PETSC_TRUE;
    if (law->given[i]) *value[i] = given;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mature_read(OstNode *biology, OstDiagList *list, OstMature *law)
{
  OstNode *section;

  PetscFunctionBeginUser;
  *law = ost_mature_default();
  PetscCall(ost_value_section_or_defaults(biology, "bond", list, &section));
  PetscCall(read_for_all_surfaces(section, list, law));
  {
    const struct {
      OstRealKey key;
      PetscReal *value;
    } reals[] = {
        {{"resorption_time", "day", law->resorption_time, 1.0, 3650.0}, &law->resorption_time},
        {{"micromotion_full", "mm", law->micromotion_full, 0.0, 1.0}, &law->micromotion_full},
        {{"micromotion_none", "mm", law->micromotion_none, 0.0, 2.0}, &law->micromotion_none},
        {{"gap_full", "mm", law->gap_full, 0.0, 2.0}, &law->gap_full},
        {{"gap_none", "mm", law->gap_none, 0.0, 5.0}, &law->gap_none},
        {{"density_none", "g/cm3", law->density_none, 0.0, 2.0}, &law->density_none},
        {{"density_full", "g/cm3", law->density_full, 0.0, 2.0}, &law->density_full},
        {{"fibrous_time", "day", law->fibrous_time, 1.0, 3650.0}, &law->fibrous_time},
        {{"recovery_time", "day", law->recovery_time, 1.0, 36500.0}, &law->recovery_time},
    };
    for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
      PetscCall(ost_value_real(section, &reals[i].key, list, reals[i].value));
    }
  }
  if (section) PetscCall(ost_mature_check(law, ost_node_where(section), list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The two ends of a gate must be apart, in this order. */
static PetscErrorCode check_gate(const char *first, PetscReal a, const char *second, PetscReal b,
                                 const char *unit, const char *fix, OstWhere at, OstDiagList *list)
{
  PetscFunctionBeginUser;
  if (!(a < b)) {
    PetscCall(ost_diag_error(list, at, fix, "%s = %g %s is not below %s = %g %s", first, (double)a,
                             unit, second, (double)b, unit));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mature_check(const OstMature *law, OstWhere at, OstDiagList *list)
{
  PetscFunctionBeginUser;
  PetscCall(check_gate("micromotion_full", law->micromotion_full, "micromotion_none",
                       law->micromotion_none, "mm", "30 um and 150 um are usual", at, list));
  PetscCall(check_gate("gap_full", law->gap_full, "gap_none", law->gap_none, "mm",
                       "0.08 mm and 0.5 mm are usual", at, list));
  PetscCall(check_gate("density_none", law->density_none, "density_full", law->density_full,
                       "g/cm3", "0.05 and 0.2 g/cm3 are usual", at, list));
  if (!(law->bond_time > 0.0 && law->strength_time > 0.0 && law->resorption_time > 0.0 &&
        law->fibrous_time > 0.0 && law->recovery_time > 0.0)) {
    PetscCall(ost_diag_error(list, at, "times such as 2.7 month",
                             "a clock of the bond is not "
                             "positive"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* 1 up to `full`, 0 from `none` on, linear between. */
static PetscReal falling_gate(PetscReal v, PetscReal full, PetscReal none)
{
  return PetscMin(PetscMax((none - v) / (none - full), 0.0), 1.0);
}

PetscReal ost_mature_micromotion_gate(const OstMature *law, PetscReal micromotion)
{
  return falling_gate(micromotion, law->micromotion_full, law->micromotion_none);
}

PetscReal ost_mature_gap_gate(const OstMature *law, PetscReal gap)
{
  return falling_gate(gap, law->gap_full, law->gap_none);
}

PetscReal ost_mature_bone_gate(const OstMature *law, PetscReal density)
{
  return 1.0 - falling_gate(density, law->density_none, law->density_full);
}

/* Fibrous tissue appears around micromotion_none; the ramp spares the step control a jump. */
PetscReal ost_mature_fibrous_gate(const OstMature *law, PetscReal micromotion)
{
  return 1.0 - falling_gate(micromotion, 0.8 * law->micromotion_none, law->micromotion_none);
}

OstMaturity ost_mature_rate(const OstMature *law, const OstMaturity *state,
                            const OstMatureInput *input)
{
  const PetscReal h_m     = ost_mature_micromotion_gate(law, input->micromotion);
  const PetscReal h_g     = ost_mature_gap_gate(law, input->gap);
  const PetscReal h_b     = ost_mature_bone_gate(law, input->density);
  const PetscReal h_f     = ost_mature_fibrous_gate(law, input->micromotion);
  const PetscReal ceiling = law->bond_max * h_b * (1.0 - state->fibrous); /* (B4) */
  const PetscReal below   = ceiling - state->bond;
  OstMaturity     rate;

  /* (B5) growth towards the ceiling; what stands above it (bone or room lost) goes by resorption */
  rate.bond = below > 0.0 ? below * h_m * h_g / law->bond_time : below / law->resorption_time;
  rate.bond -= (1.0 - h_m) * state->bond / law->resorption_time;
  /* (B6) strength follows what is bonded and whole */
  rate.strength = (law->bond_max > 0.0 ? ost_mature_bonded(state) / law->bond_max - state->strength
                                       : -state->strength) /
                  law->strength_time;
  /* (B7) damage heals where bond would grow; fibrous tissue comes fast and leaves slowly */
  rate.damage = -state->damage * h_m * h_g * h_b / law->bond_time;
  rate.fibrous =
      (1.0 - state->fibrous) * h_f / law->fibrous_time - state->fibrous * h_m / law->recovery_time;
  return rate;
}

static PetscReal clamp(PetscReal v, PetscReal hi)
{
  return PetscMin(PetscMax(v, 0.0), hi);
}

void ost_mature_clamp(const OstMature *law, OstMaturity *state)
{
  state->bond     = clamp(state->bond, law->bond_max);
  state->strength = clamp(state->strength, 1.0);
  state->damage   = clamp(state->damage, 1.0);
  state->fibrous  = clamp(state->fibrous, 1.0);
}
