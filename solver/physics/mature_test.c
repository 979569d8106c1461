/* The bond at a point: gates, exact solutions of every rate, and what a case may say. */
#include "physics/mature.h"

#include "physics/timestep.h"

#include "support/check.h"
#include "support/heun.h"

#define MONTH 30.4368498984

static const OstMatureInput quiet = {0.0, 0.0, 1.8};

/* The four numbers of a maturity as an array, in the order of the struct. */
typedef union {
  OstMaturity state;
  PetscReal   y[4];
} Packed;

static OstMaturity integrate(const OstMature *law, OstMaturity state, const OstMatureInput *input,
                             PetscReal t_day, PetscInt steps)
{
  const PetscReal dt  = t_day / (PetscReal)steps;
  Packed          now = {.state = state};

  for (PetscInt i = 0; i < steps; i++) {
    Packed end, k0, k1;
    k0.state = ost_mature_rate(law, &now.state, input);
    heun_predict(4, dt, now.y, k0.y, end.y);
    k1.state = ost_mature_rate(law, &end.state, input);
    (void)heun_correct(4, dt, now.y, k0.y, k1.y, now.y);
  }
  return now.state;
}

static void gates_open_and_close_where_published(void)
{
  const OstMature law = ost_mature_default();
  OST_CHECK_NEAR(ost_mature_micromotion_gate(&law, 0.028), 1.0, 0.0);
  OST_CHECK_NEAR(ost_mature_micromotion_gate(&law, 0.090), 0.5, 1e-14);
  OST_CHECK_NEAR(ost_mature_micromotion_gate(&law, 0.150), 0.0, 0.0);
  OST_CHECK_NEAR(ost_mature_gap_gate(&law, -0.1), 1.0, 0.0);
  OST_CHECK_NEAR(ost_mature_gap_gate(&law, 0.29), 0.5, 1e-14);
  OST_CHECK_NEAR(ost_mature_gap_gate(&law, 1.0), 0.0, 0.0);
  OST_CHECK_NEAR(ost_mature_bone_gate(&law, 0.01), 0.0, 0.0);
  OST_CHECK_NEAR(ost_mature_bone_gate(&law, 0.125), 0.5, 1e-14);
  OST_CHECK_NEAR(ost_mature_bone_gate(&law, 1.8), 1.0, 0.0);
}

/* From nothing, undisturbed: B = B_max (1 - exp(-t/tau_f)); s the difference of two exponentials.
   (B8) */
static void undisturbed_bond_follows_two_exponentials(void)
{
  const OstMature law = ost_mature_default();
  const PetscReal f = law.bond_time, s = law.strength_time;
  PetscReal       last[2] = {0.0, 0.0};

  for (PetscInt steps = 8; steps <= 32; steps *= 2) {
    const PetscReal   t   = 3.0 * MONTH;
    const OstMaturity end = integrate(&law, (OstMaturity){0}, &quiet, t, steps);
    const PetscReal   B   = 0.7 * (1.0 - PetscExpReal(-t / f));
    const PetscReal   strength =
        1.0 - (s * PetscExpReal(-t / s) - f * PetscExpReal(-t / f)) / (s - f);
    const PetscReal error[2] = {PetscAbsReal(end.bond - B), PetscAbsReal(end.strength - strength)};
    for (PetscInt i = 0; i < 2; i++) {
      if (steps > 8) OST_CHECK_NEAR(last[i] / error[i], 4.0, 0.1);
      last[i] = error[i];
    }
    OST_CHECK(error[0] < 1e-3 && error[1] < 1e-3);
  }
}

/* Jeyapalina et al. (2014): ingrowth 48 % at 3 months, 71 % at 12, of 72 % at the end. */
static void sheep_ingrowth_is_met_at_both_times(void)
{
  OstMature law = ost_mature_default();
  law.bond_max  = 0.72;
  OST_CHECK_NEAR(integrate(&law, (OstMaturity){0}, &quiet, 3.0 * MONTH, 200).bond, 0.48, 0.01);
  OST_CHECK_NEAR(integrate(&law, (OstMaturity){0}, &quiet, 12.0 * MONTH, 800).bond, 0.71, 0.01);
}

/* Half-closed gate: growth and loss balance at B_max (h/tau_f) / (h/tau_f + (1-h)/tau_r). (B9) */
static void micromotion_lowers_the_bond_to_a_balance(void)
{
  OstMature            law  = ost_mature_default();
  const OstMatureInput in   = {0.090, 0.0, 1.8};
  const PetscReal      gain = 0.5 / law.bond_time, loss = 0.5 / law.resorption_time;
  const PetscReal      rest = law.bond_max * gain / (gain + loss), t = 60.0;
  const OstMaturity    end = integrate(&law, (OstMaturity){.bond = 0.6}, &in, t, 600);

  OST_CHECK_NEAR(end.bond, rest + (0.6 - rest) * PetscExpReal(-(gain + loss) * t), 1e-5);
  OST_CHECK_NEAR(end.fibrous, 0.0, 0.0);
}

/* Above 150 um the bond goes with tau_r, fibrous tissue comes with tau_fib, and then keeps bone
   out. (B10) */
static void lasting_micromotion_turns_fibrous(void)
{
  const OstMature      law   = ost_mature_default();
  const OstMatureInput loose = {0.2, 0.0, 1.8};
  const OstMaturity    grown = {.bond = 0.7, .strength = 0.5};
  const OstMaturity    after = integrate(&law, grown, &loose, 84.0, 840);

  OST_CHECK_NEAR(after.fibrous, 1.0 - PetscExpReal(-84.0 / law.fibrous_time), 1e-5);
  OST_CHECK(after.bond < 0.7 * PetscExpReal(-84.0 / law.resorption_time) + 1e-6);
  OST_CHECK(ost_mature_is_fibrous(&after) && !ost_mature_is_fibrous(&grown));
  /* three quiet months later it is still bonded far less than a fresh surface would be */
  {
    const OstMaturity later = integrate(&law, after, &quiet, 90.0, 900);
    const OstMaturity fresh = integrate(&law, (OstMaturity){0}, &quiet, 90.0, 900);
    OST_CHECK(later.bond < 0.5 * fresh.bond);
    OST_CHECK_NEAR(later.fibrous, after.fibrous * PetscExpReal(-90.0 / law.recovery_time), 1e-5);
  }
}

static void damage_heals_with_the_clock_of_the_bond(void)
{
  const OstMature   law   = ost_mature_default();
  const OstMaturity torn  = {.bond = 0.7, .strength = 1.0, .damage = 0.8};
  const OstMaturity later = integrate(&law, torn, &quiet, 100.0, 1000);

  OST_CHECK_NEAR(ost_mature_bonded(&torn), 0.14, 1e-14);
  OST_CHECK_NEAR(later.damage, 0.8 * PetscExpReal(-100.0 / law.bond_time), 1e-5);
  OST_CHECK(later.strength < 1.0); /* what has healed is young */
  {
    const OstMatureInput loose = {0.15, 0.0, 1.8};
    OST_CHECK_NEAR(integrate(&law, torn, &loose, 100.0, 100).damage, 0.8, 0.0);
  }
}

static void marrow_and_open_gaps_do_not_bond(void)
{
  const OstMature      law    = ost_mature_default();
  const OstMatureInput marrow = {0.0, 0.0, 0.03}, open = {0.0, 0.6, 1.8};

  OST_CHECK_NEAR(integrate(&law, (OstMaturity){0}, &marrow, 500.0, 100).bond, 0.0, 0.0);
  OST_CHECK_NEAR(integrate(&law, (OstMaturity){0}, &open, 500.0, 100).bond, 0.0, 0.0);
  /* bone that resorbs behind a grown bond takes the bond with it, by the clock of resorption */
  OST_CHECK_NEAR(integrate(&law, (OstMaturity){.bond = 0.7}, &marrow, 45.0, 450).bond,
                 0.7 * PetscExpReal(-45.0 / law.resorption_time), 1e-5);
}

static void state_stays_in_its_bounds(void)
{
  const OstMature law   = ost_mature_default();
  OstMaturity     state = {1.2, -0.1, 1.5, 2.0};

  ost_mature_clamp(&law, &state);
  OST_CHECK_NEAR(state.bond, 0.7, 0.0);
  OST_CHECK_NEAR(state.strength, 0.0, 0.0);
  OST_CHECK_NEAR(state.damage, 1.0, 0.0);
  OST_CHECK_NEAR(state.fibrous, 1.0, 0.0);
}

static PetscErrorCode reading(const char *text, OstDiagList *list, OstMature *law)
{
  OstCase *file;
  OstNode *biology;

  PetscFunctionBeginUser;
  PetscCall(ost_case_load_text("t.yaml", "case", text, list, &file));
  PetscCall(ost_value_section(ost_case_root(file), "biology", PETSC_TRUE, list, &biology));
  PetscCall(ost_mature_read(biology, list, law));
  PetscCall(ost_case_report_unread(file, list));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode case_file_is_read_and_checked(void)
{
  OstDiagList *list;
  OstMature    law;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(
      reading("biology:\n  bond: {bond_max: 60 %, bond_time: 3 month, micromotion_full: 40 um}\n",
              list, &law));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(law.bond_max, 0.6, 1e-12);
  OST_CHECK_NEAR(law.bond_time, 3.0 * MONTH, 1e-5);
  OST_CHECK_NEAR(law.micromotion_full, 0.04, 1e-12);
  PetscCall(reading("biology:\n"
                    "  bond:\n"
                    "    micromotion_full: 0.2 mm\n"
                    "    bond_time: 3 mm\n",
                    list, &law));
  OST_CHECK_INT(ost_diag_num_errors(list), 2); /* order of the gate; a time in mm */
  OST_CHECK_INT(ost_diag_get(list, 1).at.line, 4);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  gates_open_and_close_where_published();
  undisturbed_bond_follows_two_exponentials();
  sheep_ingrowth_is_met_at_both_times();
  micromotion_lowers_the_bond_to_a_balance();
  lasting_micromotion_turns_fibrous();
  damage_heals_with_the_clock_of_the_bond();
  marrow_and_open_gaps_do_not_bond();
  state_stays_in_its_bounds();
  PetscCall(case_file_is_read_and_checked());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
