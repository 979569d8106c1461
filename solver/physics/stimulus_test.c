/* Stimuli: hand values, what adds and what does not, the unloaded limit. */
#include "physics/stimulus.h"

#include "support/check.h"

static void one_activity_is_the_hand_value(void)
{
  /* uniaxial 10 MPa in bone of 10 GPa: U = 0.005 MPa; solid bone, 10000 cycles: 10 * 10 */
  const PetscReal U = 0.005, n = 10000.0;
  OST_CHECK_NEAR(ost_stimulus_effective_stress(1e4, U), 10.0, 1e-14);
  OST_CHECK_NEAR(ost_stimulus_effective_strain(1e4, U), 1e-3, 1e-14);
  OST_CHECK_NEAR(ost_stimulus_daily_stress(1, &U, &n, 1e4, 1.92, 1.92, 4.0), 100.0, 1e-13);
  /* half the density: tissue stress four times the apparent one */
  OST_CHECK_NEAR(ost_stimulus_daily_stress(1, &U, &n, 1e4, 0.96, 1.92, 4.0), 400.0, 1e-13);
}

static void activities_add_as_powers(void)
{
  const PetscReal U[2] = {0.005, 0.02}, n[2] = {3000.0, 50.0};
  const PetscReal want = pow(3000.0 * pow(10.0, 4) + 50.0 * pow(20.0, 4), 0.25);
  OST_CHECK_NEAR(ost_stimulus_daily_stress(2, U, n, 1e4, 1.92, 1.92, 4.0), want, 1e-13);
  /* 16 times the cycles count as much as twice the stress */
  {
    const PetscReal many = 16.0 * 50.0, few = 50.0;
    OST_CHECK_NEAR(ost_stimulus_daily_stress(1, &U[0], &many, 1e4, 1.0, 1.92, 4.0),
                   ost_stimulus_daily_stress(1, &U[1], &few, 1e4, 1.0, 1.92, 4.0), 1e-13);
  }
}

static void energy_per_mass_is_a_mean(void)
{
  const PetscReal U[2] = {0.002, 0.006}, w[2] = {3.0, 1.0};
  OST_CHECK_NEAR(ost_stimulus_energy(2, U, NULL, 0.5), 0.008, 1e-15);
  OST_CHECK_NEAR(ost_stimulus_energy(2, U, w, 0.5), 0.006, 1e-15);
}

static void rest_gives_no_stimulus(void)
{
  const PetscReal zero = 0.0, n = 1000.0;
  OST_CHECK_NEAR(ost_stimulus_daily_stress(0, NULL, NULL, 1e4, 1.0, 1.92, 4.0), 0.0, 0.0);
  OST_CHECK_NEAR(ost_stimulus_daily_stress(1, &zero, &n, 1e4, 1.0, 1.92, 4.0), 0.0, 0.0);
  OST_CHECK_NEAR(ost_stimulus_energy(0, NULL, NULL, 1.0), 0.0, 0.0);
}

int main(void)
{
  one_activity_is_the_hand_value();
  activities_add_as_powers();
  energy_per_mass_is_a_mean();
  rest_gives_no_stimulus();
  return ost_check_report();
}
