/* Remodelling at a point: the shape of the rate, published equilibria, exact solutions to the
   order of the step, and what a case may say. */
#include "physics/remodel.h"

#include "physics/stimulus.h"
#include "physics/timestep.h"

#include "support/check.h"
#include "support/heun.h"

/* Martin (1984): values derived from the polynomial */
static void specific_surface_has_its_published_values(void)
{
  OST_CHECK_NEAR(ost_remodel_specific_surface(0.05), 1.40, 0.01);
  OST_CHECK_NEAR(ost_remodel_specific_surface(0.10), 2.41, 0.01);
  OST_CHECK_NEAR(ost_remodel_specific_surface(0.37), 4.19, 0.01);
  OST_CHECK_NEAR(ost_remodel_specific_surface(0.0), 0.0, 0.0);
  for (PetscReal p = 0.0; p <= 1.0; p += 0.01) OST_CHECK(ost_remodel_specific_surface(p) <= 4.195);
}

/* The published daily stress law: no background, no cap, no limits in reach. */
static OstRemodel published_stress_law(void)
{
  OstRemodel law        = ost_remodel_default(OST_REMODEL_DAILY_STRESS);
  law.reference         = OST_REFERENCE_FIXED;
  law.background        = 0.0;
  law.active_surface    = 1.0;
  law.max_formation_um  = 1e3;
  law.max_resorption_um = 1e3;
  law.bound_width       = 0.0;
  return law;
}

static void published_rates_in_cortex_are_met(void)
{
  const OstRemodel law = published_stress_law();
  const PetscReal  rho = 0.95 * law.rho_c, ref = ost_remodel_reference(&law, 7.0);

  OST_CHECK_NEAR(ref, 50.0, 0.0);
  OST_CHECK_NEAR(1e3 * ost_remodel_rate(&law, 0.0, ref, 0.0, rho), -2.0, 0.02);
  OST_CHECK_NEAR(1e3 * ost_remodel_rate(&law, 100.0, ref, 0.0, rho), 2.0, 0.02);
  OST_CHECK_NEAR(1e3 * ost_remodel_rate(&law, 200.0, ref, 0.0, rho), 7.4, 0.02);
}

/* Each side of the lazy zone goes at its own pace, in both forms of both laws: a factor on one
   leaves the other alone. */
static void formation_and_resorption_have_rates_of_their_own(void)
{
  OstRemodel laws[3] = {published_stress_law(), ost_remodel_default(OST_REMODEL_ENERGY),
                        ost_remodel_default(OST_REMODEL_ENERGY)};

  laws[1].reference = laws[2].reference = OST_REFERENCE_FIXED;
  laws[2].whole_volume                  = PETSC_TRUE;
  for (int i = 0; i < 3; i++) {
    const OstRemodel law = laws[i];
    const PetscReal  ref = law.attractor, high = (1.1 + law.lazy_zone) * ref, low = 0.1 * ref;
    const PetscReal  form  = ost_remodel_rate(&law, high, ref, 0.0, 1.0);
    const PetscReal  lose  = ost_remodel_rate(&law, low, ref, 0.0, 1.0);
    OstRemodel       quick = law, slow = law;
    quick.formation_um *= 3.0;
    quick.bulk_formation *= 3.0;
    slow.resorption_um *= 0.25;
    slow.bulk_resorption *= 0.25;
    OST_CHECK(form > 0.0 && lose < 0.0);
    OST_CHECK_NEAR(ost_remodel_rate(&quick, high, ref, 0.0, 1.0) / form, 3.0, 1e-12);
    OST_CHECK_NEAR(ost_remodel_rate(&quick, low, ref, 0.0, 1.0) / lose, 1.0, 1e-12);
    OST_CHECK_NEAR(ost_remodel_rate(&slow, low, ref, 0.0, 1.0) / lose, 0.25, 1e-12);
    OST_CHECK_NEAR(ost_remodel_rate(&slow, high, ref, 0.0, 1.0) / form, 1.0, 1e-12);
  }
}

/* Energy of the load cases by their cycles, or their plain mean as Huiskes has it. */
static void load_cases_count_by_cycles_or_alike(void)
{
  OstRemodel      law  = ost_remodel_default(OST_REMODEL_ENERGY);
  const PetscReal U[2] = {0.001, 0.004}, n[2] = {3000.0, 1000.0};

  OST_CHECK_NEAR(ost_remodel_stimulus(&law, 2, U, n, 1.0, 0.5), 2.0 * 0.00175, 1e-15);
  law.equal_weights = PETSC_TRUE;
  OST_CHECK_NEAR(ost_remodel_stimulus(&law, 2, U, n, 1.0, 0.5), 2.0 * 0.0025, 1e-15);
}

static void nothing_happens_in_the_lazy_zone(void)
{
  const OstRemodel law = published_stress_law();
  OST_CHECK_NEAR(ost_remodel_rate(&law, 37.6, 50.0, 0.0, 1.5), 0.0, 0.0);
  OST_CHECK_NEAR(ost_remodel_rate(&law, 62.4, 50.0, 0.0, 1.5), 0.0, 0.0);
  OST_CHECK(ost_remodel_rate(&law, 37.4, 50.0, 0.0, 1.5) < 0.0);
  OST_CHECK(ost_remodel_rate(&law, 62.6, 50.0, 0.0, 1.5) > 0.0);
}

/* A bone under its own reference loads keeps every density it has; the published attractor would
   not. */
static void unchanged_state_does_not_drift_with_site_reference(void)
{
  const OstRemodel laws[] = {ost_remodel_default(OST_REMODEL_DAILY_STRESS),
                             ost_remodel_default(OST_REMODEL_ENERGY)};
  const PetscReal  n[2]   = {3000.0, 50.0};

  for (PetscInt i = 0; i < 2; i++) {
    for (PetscReal rho = 0.1; rho < 1.9; rho += 0.1) {
      for (PetscReal stress = 0.01; stress < 50.0; stress *= 3.0) {
        const PetscReal E    = 6850.0 * PetscPowReal(rho, 1.49);
        const PetscReal U[2] = {0.5 * stress * stress / E, 0.9 * stress * stress / E};
        const PetscReal S    = ost_remodel_stimulus(&laws[i], 2, U, n, E, rho);
        const PetscReal ref  = ost_remodel_reference(&laws[i], S);
        const PetscReal rate = ost_remodel_rate(&laws[i], S, ref, 0.0, rho);
        if (S >= laws[i].reference_min)
          OST_CHECK_NEAR(rate, 0.0, 0.0);
        else
          OST_CHECK(rate <= 0.0);
      }
    }
  }
}

static void formation_is_capped_and_limits_are_soft(void)
{
  const OstRemodel law = ost_remodel_default(OST_REMODEL_DAILY_STRESS);

  OST_CHECK_NEAR(ost_remodel_surface_rate(&law, 1e6, 50.0, 0.0),
                 law.active_surface * law.max_formation_um, 0.0);
  OST_CHECK_NEAR(ost_remodel_surface_rate(&law, 0.0, 1e6, 1.0),
                 -law.active_surface * law.max_resorption_um, 0.0);
  OST_CHECK_NEAR(ost_remodel_rate(&law, 1e6, 50.0, 0.0, law.rho_max), 0.0, 0.0);
  OST_CHECK_NEAR(ost_remodel_rate(&law, 0.0, 50.0, 0.0, law.rho_min), 0.0, 0.0);
  /* half way through the width: half the rate */
  {
    OstRemodel hard  = law;
    hard.bound_width = 0.0;
    OST_CHECK_NEAR(ost_remodel_rate(&law, 1e6, 50.0, 0.0, law.rho_max - 0.025),
                   0.5 * ost_remodel_rate(&hard, 1e6, 50.0, 0.0, law.rho_max - 0.025), 1e-15);
    OST_CHECK_NEAR(ost_remodel_rate(&law, 0.0, 50.0, 0.0, law.rho_min + 0.01),
                   0.2 * ost_remodel_rate(&hard, 0.0, 50.0, 0.0, law.rho_min + 0.01), 1e-15);
  }
}

static void overload_resorbs_and_muscles_hold_against_disuse(void)
{
  OstRemodel law = ost_remodel_default(OST_REMODEL_DAILY_STRESS);

  /* half a year of rest: 1 % of the cortex, 2 % a month of cancellous bone */
  OST_CHECK_NEAR(183.0 * ost_remodel_rate(&law, 0.0, 50.0, 0.0, 1.85) / 1.85, -0.010, 0.003);
  OST_CHECK_NEAR(30.4 * ost_remodel_rate(&law, 0.0, 50.0, 0.0, 0.30) / 0.30, -0.02, 0.005);
  /* the same loss wherever half the usual stimulus is left, however high that was */
  OST_CHECK_NEAR(ost_remodel_surface_rate(&law, 0.0, 500.0, 0.0),
                 ost_remodel_surface_rate(&law, 0.0, 50.0, 0.0), 1e-14);
  law.active_surface = 1.0;
  /* formation at its cap of 2 is undone at 1.5 times the overload strain, and lost beyond */
  OST_CHECK_NEAR(ost_remodel_surface_rate(&law, 1e6, 50.0, 0.004), 2.0, 1e-12);
  OST_CHECK_NEAR(ost_remodel_surface_rate(&law, 1e6, 50.0, 0.006), 0.0, 1e-12);
  OST_CHECK_NEAR(ost_remodel_surface_rate(&law, 1e6, 50.0, 0.008), -2.0, 1e-12);
  /* disuse with half the stress left: (1 - 0.25 - 0.5) 50 MPa/day below the lazy zone */
  OST_CHECK_NEAR(ost_remodel_surface_rate(&law, 0.0, 50.0, 0.0), -0.02 * 12.5, 1e-12);
}

static void surface_floor_keeps_dense_bone_alive(void)
{
  const OstRemodel law = published_stress_law();
  OST_CHECK_NEAR(ost_remodel_rate(&law, 0.0, 50.0, 0.0, law.rho_c), -0.75e-3 * 0.084 * 1.92, 1e-12);
}

static void law_off_does_nothing(void)
{
  const OstRemodel law = ost_remodel_default(OST_REMODEL_OFF);
  OST_CHECK_NEAR(ost_remodel_rate(&law, 1e6, 50.0, 1.0, 1.0), 0.0, 0.0);
  OST_CHECK(ost_remodel_next_event(&law, 0.0) == PETSC_MAX_REAL);
}

static void dead_rim_sleeps_until_its_day(void)
{
  const OstRemodel law = ost_remodel_default(OST_REMODEL_DAILY_STRESS); /* 0.5 mm, 84 days */
  OST_CHECK_NEAR(ost_remodel_alive(&law, 0.25, 0.5, 10.0), 0.0, 1e-14);
  OST_CHECK_NEAR(ost_remodel_alive(&law, 1.0, 2.0, 10.0), 0.75, 1e-14); /* 0.5 of 2 mm dead */
  OST_CHECK_NEAR(ost_remodel_alive(&law, 3.0, 2.0, 10.0), 1.0, 1e-14);
  OST_CHECK_NEAR(ost_remodel_alive(&law, 0.25, 0.5, 84.0), 1.0, 0.0);
  OST_CHECK_NEAR(ost_remodel_next_event(&law, 10.0), 84.0, 0.0);
  OST_CHECK(ost_remodel_next_event(&law, 84.0) == PETSC_MAX_REAL);
}

/* --- a point of bone under given stress or strain, integrated in time ------------------------ */

typedef struct {
  OstRemodel law;
  PetscReal  c, g;   /* E = c rho^g [MPa] */
  PetscReal  stress; /* constant apparent stress [MPa], or */
  PetscReal  strain; /* constant strain [-] */
  PetscReal  cycles;
} Point;

static PetscReal point_rate(const Point *point, PetscReal rho)
{
  const PetscReal E = point->c * PetscPowReal(rho, point->g);
  const PetscReal U =
      point->strain > 0.0 ? 0.5 * E * PetscSqr(point->strain) : 0.5 * PetscSqr(point->stress) / E;
  const PetscReal S = ost_remodel_stimulus(&point->law, 1, &U, &point->cycles, E, rho);
  return ost_remodel_rate(&point->law, S, ost_remodel_reference(&point->law, 0.0), 0.0, rho);
}

static PetscReal integrate(const Point *point, PetscReal rho, PetscReal t_day, PetscInt steps)
{
  const PetscReal dt = t_day / (PetscReal)steps;
  for (PetscInt i = 0; i < steps; i++) {
    PetscReal       end;
    const PetscReal k0 = point_rate(point, rho);
    heun_predict(1, dt, &rho, &k0, &end);
    {
      const PetscReal k1 = point_rate(point, end);
      (void)heun_correct(1, dt, &rho, &k0, &k1, &rho);
    }
  }
  return rho;
}

static OstRemodel benchmark_law(void)
{
  OstRemodel law     = ost_remodel_default(OST_REMODEL_ENERGY);
  law.reference      = OST_REFERENCE_FIXED;
  law.attractor      = 0.004;
  law.lazy_zone      = 0.0;
  law.whole_volume   = PETSC_TRUE;
  law.bulk_formation = law.bulk_resorption = 1.0;
  law.rho_min                              = 0.01;
  law.rho_max                              = 1.92;
  law.bound_width                          = 0.0;
  return law;
}

/* Equilibrium of a column under constant stress: rho = (s^2 / (2 C S_ref))^(1/(g+1)). (R8) */
static void constant_stress_settles_at_the_published_density(void)
{
  Point point = {benchmark_law(), 100.0, 2.0, 1.0, 0.0, 1.0};

  OST_CHECK_NEAR(integrate(&point, 0.8, 2000.0, 2000), 1.0772, 5e-5);
  OST_CHECK_NEAR(integrate(&point, 1.5, 2000.0, 2000), 1.0772, 5e-5);
  {
    const PetscReal stress[] = {1.0, 2.0, 5.0, 10.0}, want[] = {0.4262, 0.6027, 0.9529, 1.3476};
    point.c = 3790.0;
    point.g = 3.0;
    for (PetscInt i = 0; i < 4; i++) {
      point.stress = stress[i];
      OST_CHECK_NEAR(integrate(&point, 0.8, 2000.0, 4000), want[i], 5e-5);
    }
  }
}

/* With a reference of zero only formation acts: rho^(g+2) grows linearly. (R9) */
static void growth_under_constant_stress_is_second_order(void)
{
  Point     point     = {benchmark_law(), 100.0, 2.0, 1.0, 0.0, 1.0};
  PetscReal last      = 0.0;
  point.law.attractor = 0.0;
  {
    const PetscReal t = 20.0, k = 1.0 / (2.0 * 100.0);
    const PetscReal exact = PetscPowReal(PetscPowReal(0.5, 4.0) + 4.0 * k * t, 0.25);
    for (PetscInt steps = 8; steps <= 64; steps *= 2) {
      const PetscReal error = PetscAbsReal(integrate(&point, 0.5, t, steps) - exact);
      if (steps > 16) OST_CHECK_NEAR(last / error, 4.0, 0.12);
      last = error;
    }
    OST_CHECK(last < 1e-4);
  }
}

/* Constant strain, E = C rho^2: U / rho is linear in rho, the solution an exponential. (R10) */
static void constant_strain_follows_the_exponential(void)
{
  Point           point = {benchmark_law(), 100.0, 2.0, 0.0, 0.01, 1.0};
  const PetscReal a = 0.5 * 100.0 * PetscSqr(0.01), rest = 0.004 / a, t = 100.0;
  const PetscReal exact  = rest + (0.9 - rest) * PetscExpReal(a * t);
  const PetscReal coarse = integrate(&point, 0.9, t, 10) - exact;
  const PetscReal fine   = integrate(&point, 0.9, t, 20) - exact;

  OST_CHECK(PetscAbsReal(fine) < 1e-3 && PetscAbsReal(exact - 0.9) > 0.05);
  OST_CHECK_NEAR(coarse / fine, 4.0, 0.12);
}

/* Disuse of the surface law: dp/dt = k S_v(p), so that t = (1/k) int dp / S_v(p). (R11) */
static void disuse_time_is_the_integral_over_the_surface(void)
{
  Point           point = {published_stress_law(), 6850.0, 1.49, 1e-9, 0.0, 1.0};
  const PetscReal from = 1.8, t = 300.0;
  const PetscReal to = integrate(&point, from, t, 1200);
  const PetscReal p0 = 1.0 - from / 1.92, p1 = 1.0 - to / 1.92;
  const PetscInt  n   = 2000; /* Simpson */
  PetscReal       sum = 0.0;

  for (PetscInt i = 0; i <= n; i++) {
    const PetscReal weight = i == 0 || i == n ? 1.0 : (i % 2 ? 4.0 : 2.0);
    sum += weight / ost_remodel_specific_surface(p0 + (p1 - p0) * (PetscReal)i / (PetscReal)n);
  }
  OST_CHECK_NEAR(sum * (p1 - p0) / (3.0 * (PetscReal)n) / (0.75e-3), t, 1e-5);
  OST_CHECK(to < 0.75 * from);
}

/* The daily stress law under constant stress ends inside its lazy zone, wherever it starts. */
static void daily_stress_settles_in_the_lazy_zone(void)
{
  Point point = {published_stress_law(), 6850.0, 1.49, 2.0, 0.0, 10000.0};

  for (PetscReal rho = 0.4; rho < 1.9; rho += 0.3) {
    const PetscReal end = integrate(&point, rho, 40000.0, 40000);
    const PetscReal psi = PetscSqr(1.92 / end) * 20.0; /* 10000 cycles of 2 MPa */
    OST_CHECK(psi > 37.4 && psi < 62.6);
  }
}

/* --- the case file -------------------------------------------------------------------------- */

static PetscErrorCode reading(const char *text, OstDiagList *list, OstRemodel *law)
{
  OstCase *file;
  OstNode *biology;

  PetscFunctionBeginUser;
  PetscCall(ost_case_load_text("t.yaml", "case", text, list, &file));
  PetscCall(ost_value_section(ost_case_root(file), "biology", PETSC_TRUE, list, &biology));
  PetscCall(ost_remodel_read(biology, list, law));
  PetscCall(ost_case_report_unread(file, list));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode case_file_is_read(void)
{
  OstDiagList *list;
  OstRemodel   law;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("biology:\n"
                    "  remodelling:\n"
                    "    law: daily-stress\n"
                    "    reference: fixed\n"
                    "    attractor: 60 MPa\n"
                    "    formation_rate: 0.03 um/day/MPa\n"
                    "    resorption_rate: 0.01 um/day/MPa\n"
                    "    lazy_zone: 30 %\n"
                    "    dead_rim: {depth: 1 mm, until: 6 week}\n",
                    list, &law));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(law.reference, OST_REFERENCE_FIXED);
  OST_CHECK_NEAR(law.attractor, 60.0, 1e-12);
  OST_CHECK_NEAR(law.formation_um, 0.03, 1e-12);
  OST_CHECK_NEAR(law.resorption_um, 0.01, 1e-12);
  OST_CHECK(!law.equal_weights);
  OST_CHECK_NEAR(law.lazy_zone, 0.3, 1e-12);
  OST_CHECK_NEAR(law.rim_until, 42.0, 1e-12);
  PetscCall(
      reading("biology:\n"
              "  remodelling: {law: strain-energy, attractor_energy: 4 mJ/g, reference: fixed,"
              " whole_volume: true, bulk_formation_rate: 2 g2.cm-3.J-1.day-1, lazy_zone: 0,"
              " bulk_resorption_rate: 0.5 g2.cm-3.J-1.day-1, weights: equal}\n",
              list, &law));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(law.attractor, 0.004, 1e-15);
  OST_CHECK_NEAR(law.bulk_formation, 2.0, 1e-12);
  OST_CHECK_NEAR(law.bulk_resorption, 0.5, 1e-12);
  OST_CHECK(law.equal_weights);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode key_of_the_other_law_names_the_line(void)
{
  OstDiagList *list;
  OstRemodel   law;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("biology:\n"
                    "  remodelling:\n"
                    "    law: strain-energy\n"
                    "    attractor: 60 MPa\n"
                    "    density_min: 0.9 g/cm3\n"
                    "    density_max: 0.8 g/cm3\n",
                    list, &law));
  OST_CHECK_INT(ost_diag_num_errors(list), 3); /* key, order of the limits, width */
  OST_CHECK_INT(ost_diag_get(list, ost_diag_num_errors(list) - 1).at.line, 4);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  specific_surface_has_its_published_values();
  published_rates_in_cortex_are_met();
  formation_and_resorption_have_rates_of_their_own();
  load_cases_count_by_cycles_or_alike();
  nothing_happens_in_the_lazy_zone();
  unchanged_state_does_not_drift_with_site_reference();
  formation_is_capped_and_limits_are_soft();
  overload_resorbs_and_muscles_hold_against_disuse();
  surface_floor_keeps_dense_bone_alive();
  law_off_does_nothing();
  dead_rim_sleeps_until_its_day();
  constant_stress_settles_at_the_published_density();
  growth_under_constant_stress_is_second_order();
  constant_strain_follows_the_exponential();
  disuse_time_is_the_integral_over_the_surface();
  daily_stress_settles_in_the_lazy_zone();
  PetscCall(case_file_is_read());
  PetscCall(key_of_the_other_law_names_the_line());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
