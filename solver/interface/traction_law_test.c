/* One point of the interface: tangents, dissipation, memory, and that each part can be switched
   off. */
#include "interface/traction_law.h"

#include "base/tensor.h"
#include "support/check.h"

#include <stddef.h>
#include <string.h>

/* An oblique normal and two tangents, so that no component is zero by chance. */
static const PetscReal n[3] = {2.0 / 7.0, 3.0 / 7.0, 6.0 / 7.0};
static const PetscReal a[3] = {6.0 / 7.0, 2.0 / 7.0, -3.0 / 7.0};
static const PetscReal b[3] = {-3.0 / 7.0, 6.0 / 7.0, -2.0 / 7.0};

/* stick as stiff as k_t, unless a test says otherwise */
static OstTractionLaw test_law(void)
{
  return (OstTractionLaw){.normal_stiffness = 1e4,
                          .shear_stiffness  = 6e3,
                          .bond_stiffness   = 4e3,
                          .friction         = 0.4,
                          .tensile_strength = 2.0,
                          .shear_strength   = 3.0,
                          .energy_I         = 0.02,
                          .energy_II        = 0.05};
}

static void jump_of(PetscReal along, PetscReal on_a, PetscReal on_b, PetscReal jump[3])
{
  for (int i = 0; i < 3; i++) jump[i] = along * n[i] + on_a * a[i] + on_b * b[i];
}

static OstIfaceAnswer ask(const OstTractionLaw *law, const OstIfacePoint *point, PetscReal along,
                          PetscReal on_a, PetscReal on_b)
{
  OstIfaceAnswer answer;
  PetscReal      jump[3];
  jump_of(along, on_a, on_b, jump);
  ost_traction(law, point, n, jump, OST_CONSISTENT, &answer);
  return answer;
}

/* --- tangents -------------------------------------------------------------------------------- */

typedef struct {
  const char   *name;
  OstIfacePoint point;
  PetscReal     along, on_a, on_b; /* jump [mm] */
  OstIfaceState state;
  PetscBool     symmetric;
} State;

/* Central differences with a step of 1e-9 mm: truncation and rounding both stay below 1e-5 of k. */
static void tangent_is_the_derivative(const OstTractionLaw *law, size_t num_states,
                                      const State states[])
{
  for (size_t s = 0; s < num_states; s++) {
    const State   *at = &states[s];
    OstIfaceAnswer answer;
    PetscReal      jump[3];
    const int      before = ost_check_failures;
    jump_of(at->along, at->on_a, at->on_b, jump);
    ost_traction(law, &at->point, n, jump, OST_CONSISTENT, &answer);
    OST_CHECK_INT(answer.state, at->state);
    OST_CHECK_INT(answer.symmetric, at->symmetric);
    for (int k = 0; k < 3; k++) {
      const PetscReal step = 1e-9;
      OstIfaceAnswer  more, less;
      PetscReal       moved[3] = {jump[0], jump[1], jump[2]};
      moved[k] += step;
      ost_traction(law, &at->point, n, moved, OST_CONSISTENT, &more);
      moved[k] -= 2.0 * step;
      ost_traction(law, &at->point, n, moved, OST_CONSISTENT, &less);
      for (int i = 0; i < 3; i++) {
        const PetscReal slope = 0.5 * (more.traction[i] - less.traction[i]) / step;
        OST_CHECK_NEAR((answer.tangent[3 * i + k] - slope) / law->normal_stiffness, 0.0, 1e-5);
      }
      for (int i = 0; i < 3; i++)
        if (answer.symmetric)
          OST_CHECK_NEAR(answer.tangent[3 * i + k] - answer.tangent[3 * k + i], 0.0, 1e-9);
    }
    if (ost_check_failures > before) printf("    in state \"%s\"\n", at->name);
  }
}

static void tangent_is_the_derivative_in_every_state(void)
{
  const OstIfacePoint bare = {.gap0 = -1e-3}, apart = {.gap0 = 5e-3};
  const OstIfacePoint slid     = {.gap0 = -1e-3, .slip = {2e-4, 1e-4, -2e-4}};
  const OstIfacePoint bond     = {.bond = 0.7, .strength = 0.8, .origin = {1e-5, -2e-5, 1e-5}};
  const OstIfacePoint pressed  = {.bond = 0.7, .strength = 0.8, .gap0 = -1e-4};
  const OstIfacePoint broken   = {.bond = 0.9, .strength = 1.0, .damage = 1.0};
  const OstIfacePoint bridging = {.bond = 0.9, .strength = 1.0, .gap0 = 4e-3};
  const State         states[] = {
              {"open", apart, 1e-3, 2e-4, 3e-4, OST_OPEN, PETSC_TRUE},
              {"open, never moved", apart, 0.0, 0.0, 0.0, OST_OPEN, PETSC_TRUE},
              {"closed, stick", bare, -1e-4, 2e-4, -1e-4, OST_STICK, PETSC_TRUE},
              {"closed, slip", bare, -1e-4, 4e-3, 3e-3, OST_SLIP, PETSC_FALSE},
              {"slip on", slid, -3e-4, 3e-3, -5e-3, OST_SLIP, PETSC_FALSE},
              {"bonded, whole", bond, 5e-5, 2e-5, 6e-5, OST_BONDED, PETSC_TRUE},
              {"bonded, press-fit, slipping", pressed, -5e-5, 2e-4, 1e-4, OST_BONDED, PETSC_FALSE},
              {"damage grows in mode I", bond, 2e-3, 0.0, 0.0, OST_DEBONDED, PETSC_FALSE},
              {"damage grows in mode II", bond, -1e-6, 2e-3, 1e-3, OST_DEBONDED, PETSC_FALSE},
              {"damage grows in mixed mode", bond, 1e-3, 1e-3, -2e-3, OST_DEBONDED, PETSC_FALSE},
              {"damage grows while slipping", pressed, 5e-5, 4e-3, 2e-3, OST_DEBONDED, PETSC_FALSE},
              {"gone", broken, 5e-2, 2e-2, 1e-2, OST_DEBONDED, PETSC_TRUE},
              {"bond across a gap, pressed", bridging, -1e-4, 1e-5, 2e-5, OST_BONDED, PETSC_TRUE},
              {"the gap it bridged is closed", bridging, -5e-3, 1e-5, 2e-5, OST_BONDED, PETSC_TRUE},
  };
  /* friction that grows over 2 um: with way and pressure, or as stiff as k_t */
  const OstIfacePoint hard    = {.gap0 = -6e-3};
  const State         eases[] = {
              {"stick grows with pressure", bare, -1e-4, 2e-4, -1e-4, OST_STICK, PETSC_FALSE},
              {"stick cannot be stiffer", hard, -1e-4, 2e-4, -1e-4, OST_STICK, PETSC_TRUE},
              {"slip", bare, -1e-4, 4e-3, 3e-3, OST_SLIP, PETSC_FALSE},
              {"bonded in part, stick", pressed, -5e-5, 2e-4, 1e-4, OST_BONDED, PETSC_FALSE},
  };
  OstTractionLaw law = test_law();

  tangent_is_the_derivative(&law, sizeof states / sizeof *states, states);
  law.elastic_slip = 2e-3;
  tangent_is_the_derivative(&law, sizeof eases / sizeof *eases, eases);
}

/* --- contact and friction --------------------------------------------------------------------- */

static void contact_answers_with_its_stiffness_and_never_pulls(void)
{
  const OstTractionLaw law  = test_law();
  const OstIfacePoint  rest = {.gap0 = -2e-3};
  OstIfaceAnswer       answer;

  answer = ask(&law, &rest, 0.0, 0.0, 0.0); /* interference 2 um at 1e4 N/mm3 = 20 MPa */
  OST_CHECK_NEAR(answer.pressure, 20.0, 1e-12);
  OST_CHECK_NEAR(ost_dot3(answer.traction, n), -20.0, 1e-12); /* pushes the bone off the stem */
  answer = ask(&law, &rest, 2.001e-3, 0.0, 0.0);
  OST_CHECK_NEAR(ost_norm3(answer.traction), 0.0, 0.0);
  OST_CHECK_INT(answer.state, OST_OPEN);
}

/* A closed loop of sliding: force mu p against the motion, work 4 s mu p less the elastic ends. */
static void friction_opposes_the_motion_and_dissipates(void)
{
  const OstTractionLaw law = test_law();
  const PetscReal      p = 20.0, limit = law.friction * p, give = limit / law.shear_stiffness;
  OstIfacePoint        point = {.gap0 = -p / law.normal_stiffness};
  PetscReal            work = 0.0, path = 0.0, last_jump = 0.0, last_t = 0.0;
  const PetscReal      stroke = 0.02;

  for (int step = 1; step <= 4000; step++) {
    const PetscReal phase  = step / 4000.0;
    const PetscReal x      = phase < 0.25   ? 4.0 * phase * stroke
                             : phase < 0.75 ? (2.0 - 4.0 * phase) * stroke
                                            : (4.0 * phase - 4.0) * stroke;
    OstIfaceAnswer  answer = ask(&law, &point, 0.0, x, 0.0);
    const PetscReal t      = ost_dot3(answer.traction, a);
    OST_CHECK(fabs(t) <= limit * (1.0 + 1e-12));
    path += 0.5 * (t + last_t) * (x - last_jump);
    work += answer.friction_work;
    last_jump = x;
    last_t    = t;
    point     = answer.next;
  }
  /* 4 strokes of sliding, each reversal gives 2 x the elastic slip away; the end is loaded */
  OST_CHECK_NEAR(work / (limit * (4.0 * stroke - 5.0 * give)), 1.0, 1e-3);
  OST_CHECK_NEAR(path - 0.5 * limit * give, work, 1e-3);
}

static void reversal_sticks_first(void)
{
  const OstTractionLaw law    = test_law();
  OstIfacePoint        point  = {.gap0 = -2e-3};
  OstIfaceAnswer       answer = ask(&law, &point, 0.0, 5e-3, 0.0);

  OST_CHECK_INT(answer.state, OST_SLIP);
  point  = answer.next;
  answer = ask(&law, &point, 0.0, 5e-3, 0.0); /* asked again: the same force, still at its limit */
  OST_CHECK_NEAR(ost_dot3(answer.traction, a), 8.0, 1e-9);
  OST_CHECK_INT(answer.state, OST_SLIP);
  OST_CHECK(answer.symmetric);
  answer = ask(&law, &point, 0.0, 4.9e-3, 0.0);
  OST_CHECK_INT(answer.state, OST_STICK);
  OST_CHECK_NEAR(ost_dot3(answer.traction, a), 8.0 - 1e-4 * 6e3, 1e-9);
}

/* Friction that grows over a given way: in proportion to way and pressure, at its limit from there
   on, and no stiffer than k_t however hard it is pressed. */
static void friction_grows_over_the_elastic_slip(void)
{
  OstTractionLaw law = test_law();
  OstIfaceAnswer answer;

  law.elastic_slip = 2e-3;
  for (PetscReal p = 1.0; p <= 16.0; p *= 4.0) {
    const OstIfacePoint fresh = {.gap0 = -p / law.normal_stiffness};
    const OstIfacePoint point = ask(&law, &fresh, 0.0, 0.0, 0.0).next; /* pressed, at rest */
    answer                    = ask(&law, &point, 0.0, 5e-4, 0.0);
    OST_CHECK_NEAR(ost_dot3(answer.traction, a), 0.25 * law.friction * p, 1e-12);
    OST_CHECK_INT(answer.state, OST_STICK);
    answer = ask(&law, &point, 0.0, 0.0, -2.1e-3);
    OST_CHECK_NEAR(ost_dot3(answer.traction, b), -law.friction * p, 1e-12);
    OST_CHECK_NEAR(answer.friction_work, law.friction * p * 1e-4, 1e-12);
    OST_CHECK_NEAR(ost_dot3(answer.next.slip, b), -1e-4, 1e-15);
    OST_CHECK_INT(answer.state, OST_SLIP);
  }
  const OstIfacePoint hard = {.gap0 = -60.0 / law.normal_stiffness};
  answer                   = ask(&law, &hard, 0.0, 1e-3, 0.0);
  OST_CHECK_NEAR(ost_dot3(answer.traction, a), law.shear_stiffness * 1e-3, 1e-10);
}

static void a_gap_forgets_the_friction(void)
{
  const OstTractionLaw law   = test_law();
  OstIfacePoint        point = {.gap0 = -2e-3};

  point = ask(&law, &point, 0.0, 1e-3, 0.0).next;
  point = ask(&law, &point, 5e-3, 2e-3, 0.0).next; /* lifted off and moved on */
  const OstIfaceAnswer answer = ask(&law, &point, 0.0, 2e-3, 0.0);
  OST_CHECK_NEAR(ost_dot3(answer.traction, a), 0.0, 1e-9);
}

static void seating_forgets_the_shear(void)
{
  const OstTractionLaw law   = test_law();
  OstIfacePoint        point = {.gap0 = -2e-3};
  PetscReal            jump[3];

  jump_of(0.0, 4e-4, -2e-4, jump);
  OST_CHECK(fabs(ost_dot3(ask(&law, &point, 0.0, 4e-4, -2e-4).traction, a)) > 1.0);
  ost_iface_point_seat(&point, n, jump);
  OST_CHECK_NEAR(ost_dot3(ask(&law, &point, 0.0, 4e-4, -2e-4).traction, a), 0.0, 1e-12);
}

/* --- the bond --------------------------------------------------------------------------------- */

/* Pull to the end along a straight path of opening and sliding; work per bonded area of the two
   modes. Trapezoids over 4000 steps: error below 1e-3. */
static void break_bond(const OstTractionLaw *law, PetscReal maturity, PetscReal open,
                       PetscReal slide, PetscReal work[2])
{
  OstIfacePoint point   = {.bond = 1.0, .strength = maturity};
  PetscReal     last[2] = {0, 0};
  const int     steps   = 4000;
  const double  end     = 0.05 / maturity; /* mm, beyond both critical jumps (20, 33 um)/s */

  work[0] = work[1] = 0.0;
  for (int step = 1; step <= steps; step++) {
    const OstIfaceAnswer answer =
        ask(law, &point, end * step / steps * open, end * step / steps * slide, 0.0);
    const PetscReal t[2] = {ost_dot3(answer.traction, n), ost_dot3(answer.traction, a)};
    work[0] += 0.5 * (t[0] + last[0]) * end / steps * open;
    work[1] += 0.5 * (t[1] + last[1]) * end / steps * slide;
    for (int k = 0; k < 2; k++) last[k] = t[k];
    point = answer.next;
  }
  OST_CHECK_NEAR(point.damage, 1.0, 0.0);
}

/* Pure modes dissipate G_I and G_II; on a straight mixed path W_I/G_I + W_II/G_II = 1. */
static void dissipation_is_the_fracture_energy(void)
{
  OstTractionLaw law = test_law();
  PetscReal      work[2];

  law.friction = 0.0;
  break_bond(&law, 1.0, 1.0, 0.0, work);
  OST_CHECK_NEAR(work[0] / law.energy_I, 1.0, 1e-3);
  break_bond(&law, 1.0, 0.0, 1.0, work);
  OST_CHECK_NEAR(work[1] / law.energy_II, 1.0, 1e-3);
  break_bond(&law, 0.25, 1.0, 0.0,
             work); /* young bond: a quarter of the force over four times the way */
  OST_CHECK_NEAR(work[0] / law.energy_I, 1.0, 1e-3);
  for (int k = 1; k <= 4; k++) {
    const PetscReal angle = 0.3 * k;
    break_bond(&law, 1.0, cos(angle), sin(angle), work);
    OST_CHECK(work[0] > 0.02 * law.energy_I && work[1] > 0.02 * law.energy_II);
    OST_CHECK_NEAR(work[0] / law.energy_I + work[1] / law.energy_II, 1.0, 1e-3);
  }
}

/* Strength is reached where it was promised, in each mode; a young bond has s times the strength at
   1/s times the jump. */
static void onset_is_the_strength_times_maturity(void)
{
  const OstTractionLaw law = test_law();

  for (int k = 0; k < 2; k++) {
    const PetscReal maturity = k ? 0.3 : 1.0;
    OstIfacePoint   point    = {.bond = 1.0, .strength = maturity};
    const PetscReal dn       = law.tensile_strength / law.bond_stiffness / maturity;
    const PetscReal dt       = law.shear_strength / law.shear_stiffness / maturity;
    OST_CHECK_NEAR(ask(&law, &point, 0.9999 * dn, 0.0, 0.0).next.damage, 0.0, 0.0);
    OST_CHECK(ask(&law, &point, 1.0001 * dn, 0.0, 0.0).next.damage > 0.0);
    OST_CHECK_NEAR(ask(&law, &point, 0.0, 0.0, 0.9999 * dt).next.damage, 0.0, 0.0);
    OST_CHECK(ask(&law, &point, 0.0, 0.0, 1.0001 * dt).next.damage > 0.0);
    /* quadratic interaction: 0.8^2 + 0.6^2 = 1 */
    OST_CHECK_NEAR(ask(&law, &point, 0.7999 * dn, 0.5999 * dt, 0.0).next.damage, 0.0, 0.0);
    OST_CHECK(ask(&law, &point, 0.8001 * dn, 0.6001 * dt, 0.0).next.damage > 0.0);
    OST_CHECK_NEAR(ost_dot3(ask(&law, &point, dn, 0.0, 0.0).traction, n),
                   maturity * law.tensile_strength, 1e-12);
  }
}

static void damage_stays_when_the_crack_closes(void)
{
  const OstTractionLaw law   = test_law();
  OstIfacePoint        point = {.bond = 1.0, .strength = 1.0};

  point                  = ask(&law, &point, 5e-3, 0.0, 0.0).next;
  const PetscReal damage = point.damage;
  OST_CHECK(damage > 0.5 && damage < 1.0);
  OST_CHECK_NEAR(ask(&law, &point, -1e-3, 0.0, 0.0).next.damage, damage, 0.0);
  point = ask(&law, &point, -1e-3, 0.0, 0.0).next;
  /* the crack opens again along the weakened line, the closed part pushes back in full */
  OST_CHECK_NEAR(ost_dot3(ask(&law, &point, 2e-3, 0.0, 0.0).traction, n),
                 (1.0 - damage) * law.bond_stiffness * 2e-3, 1e-12);
  OST_CHECK_NEAR(ost_dot3(ask(&law, &point, -1e-3, 0.0, 0.0).traction, n), -10.0, 1e-12);
}

/* A bond that formed over a gap holds it open until the gap is closed, then contact takes over. */
static void bond_over_a_gap_carries_as_far_as_it_bridged(void)
{
  const OstTractionLaw law   = test_law();
  const OstIfacePoint  point = {.bond = 1.0, .strength = 1.0, .gap0 = 3e-3};

  OST_CHECK_NEAR(ost_dot3(ask(&law, &point, -1e-3, 0.0, 0.0).traction, n), -4.0, 1e-12);
  OST_CHECK_NEAR(ost_dot3(ask(&law, &point, -3e-3, 0.0, 0.0).traction, n), -12.0, 1e-12);
  OST_CHECK_NEAR(ost_dot3(ask(&law, &point, -4e-3, 0.0, 0.0).traction, n), -22.0, 1e-12);
}

static void new_bond_is_free_of_stress_where_it_forms(void)
{
  OstTractionLaw law   = test_law();
  OstIfacePoint  point = {.gap0 = 0.0};
  PetscReal      jump[3], before[3], after[3];

  law.friction = 0.0;
  jump_of(1e-4, 5e-5, 0.0, jump);
  ost_iface_point_grow(&point, 0.4, 0.6, 0.0, jump);
  OST_CHECK_NEAR(ost_norm3(ask(&law, &point, 1e-4, 5e-5, 0.0).traction), 0.0, 1e-12);

  /* more bond at a loaded place: what the old one carries stays, the new adds nothing; nor does the
     old bond carry more because it matures */
  for (int i = 0; i < 3; i++) before[i] = ask(&law, &point, 2e-4, 9e-5, 1e-5).traction[i];
  jump_of(2e-4, 9e-5, 1e-5, jump);
  ost_iface_point_grow(&point, 0.9, 1.0, 0.0, jump);
  for (int i = 0; i < 3; i++) after[i] = ask(&law, &point, 2e-4, 9e-5, 1e-5).traction[i];
  OST_CHECK(ost_norm3(before) > 0.05);
  for (int i = 0; i < 3; i++) OST_CHECK_NEAR(after[i], before[i], 1e-12);

  /* bond that is lost takes its share of the traction with it */
  ost_iface_point_grow(&point, 0.45, 1.0, 0.0, jump);
  OST_CHECK_NEAR(ost_norm3(ask(&law, &point, 2e-4, 9e-5, 1e-5).traction), 0.5 * ost_norm3(before),
                 1e-12);
}

/* --- each part can be switched off, and that is seen ------------------------------------------ */

static void every_parameter_changes_the_answer(void)
{
  const OstTractionLaw law     = test_law();
  const OstIfacePoint  pressed = {.gap0 = -2e-3}, bonded = {.bond = 0.8, .strength = 1.0};
  OstTractionLaw       other = law;
  OstIfaceAnswer       here, there;
  PetscReal            jump[3], flipped[3] = {-n[0], -n[1], -n[2]};

  here           = ask(&law, &pressed, 0.0, 3e-3, 0.0);
  other.friction = 0.0;
  there          = ask(&other, &pressed, 0.0, 3e-3, 0.0);
  OST_CHECK_NEAR(ost_dot3(here.traction, a), 8.0, 1e-12);
  OST_CHECK_NEAR(ost_dot3(there.traction, a), 0.0, 1e-12);
  OST_CHECK_INT(there.state, OST_SLIP);

  jump_of(0.5e-3, 0.0, 0.0, jump); /* a normal the wrong way closes what opens */
  ost_traction(&law, &pressed, n, jump, OST_CONSISTENT, &here);
  ost_traction(&law, &pressed, flipped, jump, OST_CONSISTENT, &there);
  OST_CHECK_NEAR(here.pressure, 15.0, 1e-12);
  OST_CHECK_NEAR(there.pressure, 25.0, 1e-12);

  other                  = law;
  other.normal_stiffness = 10.0 * law.normal_stiffness;
  OST_CHECK_NEAR(ask(&other, &pressed, 0.0, 0.0, 0.0).pressure, 200.0, 1e-12);

  here                 = ask(&law, &bonded, 1e-4, 0.0, 0.0);
  there                = ask(&law, &(const OstIfacePoint){.strength = 1.0}, 1e-4, 0.0, 0.0);
  other                = law;
  other.bond_stiffness = 2.0 * law.bond_stiffness;
  OST_CHECK_NEAR(ost_dot3(ask(&other, &bonded, 1e-4, 0.0, 0.0).traction, n), 0.64, 1e-12);
  OST_CHECK_NEAR(ost_dot3(here.traction, n), 0.32, 1e-12);
  OST_CHECK_NEAR(ost_norm3(there.traction), 0.0, 0.0);

  OST_CHECK(ask(&law, &bonded, 1.5e-3, 0.0, 0.0).next.damage > 0.0);
  other                  = law;
  other.tensile_strength = 10.0;
  OST_CHECK_NEAR(ask(&other, &bonded, 1.5e-3, 0.0, 0.0).next.damage, 0.0, 0.0);
  OST_CHECK(ask(&law, &bonded, 0.0, 1.5e-3, 0.0).next.damage > 0.0);
  other                = law;
  other.shear_strength = 15.0;
  OST_CHECK_NEAR(ask(&other, &bonded, 0.0, 1.5e-3, 0.0).next.damage, 0.0, 0.0);
  other          = law;
  other.energy_I = 2.0 * law.energy_I;
  OST_CHECK(ask(&other, &bonded, 5e-3, 0.0, 0.0).next.damage <
            ask(&law, &bonded, 5e-3, 0.0, 0.0).next.damage);
  other           = law;
  other.energy_II = 2.0 * law.energy_II;
  OST_CHECK(ask(&other, &bonded, 0.0, 5e-3, 0.0).next.damage <
            ask(&law, &bonded, 0.0, 5e-3, 0.0).next.damage);
}

/* Work of the tractions along a path of small steps against what is stored and lost at its end, in
   terms of the largest of them. (I14) */
static void energies_close(const OstTractionLaw *law, OstIfacePoint point, PetscReal lost[2])
{
  enum { STEPS = 4000 };
  PetscReal before[3] = {0, 0, 0}, jump[3], work = 0.0, stored0 = 0.0, most = 0.0;

  lost[0] = lost[1]   = 0.0;
  OstIfaceAnswer last = ask(law, &point, 0.0, 0.0, 0.0);
  stored0             = last.stored;
  point               = last.next;
  for (int k = 1; k <= STEPS; k++) {
    /* opens, closes, slides to and fro and round about */
    const PetscReal t = (PetscReal)k / STEPS;
    jump_of(2e-3 * PetscSinReal(9.0 * t), 9e-3 * PetscSinReal(5.0 * t) * t,
            6e-3 * (PetscCosReal(7.0 * t) - 1.0), jump);
    OstIfaceAnswer now;
    ost_traction(law, &point, n, jump, OST_CONSISTENT, &now);
    for (int i = 0; i < 3; i++)
      work += 0.5 * (last.traction[i] + now.traction[i]) * (jump[i] - before[i]);
    for (int i = 0; i < 3; i++) before[i] = jump[i];
    lost[0] += now.friction_work;
    lost[1] += now.fracture_work;
    point = now.next;
    last  = now;
    most  = PetscMax(most, PetscAbsReal(now.stored) + lost[0] + lost[1]);
  }
  OST_CHECK_NEAR((work - (last.stored - stored0 + lost[0] + lost[1])) / most, 0.0, 1e-3);
}

static void energy_is_stored_or_lost(void)
{
  const OstIfacePoint pressed = {.gap0 = -3e-3};
  const OstIfacePoint bonded  = {.gap0 = -1e-3, .bond = 0.8, .strength = 0.9};
  OstTractionLaw      law = test_law(), smooth = test_law(), strong = test_law();
  PetscReal           lost[2];

  for (int elastic_slip = 0; elastic_slip < 2; elastic_slip++) {
    law.elastic_slip = 1e-3 * elastic_slip;
    energies_close(&law, pressed, lost);
    OST_CHECK(lost[0] > 1e-3);
    OST_CHECK_NEAR(lost[1], 0.0, 0.0);
    energies_close(&law, bonded, lost);
    OST_CHECK(lost[0] > 1e-3);
    OST_CHECK(lost[1] > 1e-3);
  }
  smooth.friction = 0.0;
  energies_close(&smooth, pressed, lost);
  OST_CHECK_NEAR(lost[0], 0.0, 1e-15);
  strong.tensile_strength = strong.shear_strength = 1e6;
  strong.energy_I = strong.energy_II = 1e12;
  energies_close(&strong, bonded, lost);
  OST_CHECK_NEAR(lost[1], 0.0, 0.0);
  law.unbroken   = 0.9;
  law.wear_from  = 2e-3;
  law.wear_width = 1.0;
  energies_close(&law, bonded, lost);
  OST_CHECK(lost[0] > 1e-3);
  OST_CHECK_NEAR(lost[1], 0.0, 0.0);
}

/* Grown bone on a surface that wears: friction falls as it slides, and bond pulls at nothing. */
static void wear_takes_the_place_of_bond(void)
{
  OstTractionLaw      law   = test_law();
  const OstIfacePoint grown = {.gap0 = -2e-3, .bond = 0.8, .strength = 1.0};
  OstIfaceAnswer      near, far;

  law.shear_stiffness = 1e6; /* the elastic slip rules */
  law.elastic_slip    = 1e-4;
  law.unbroken        = 0.8;
  law.wear_from       = 1e-3;
  law.wear_width      = 1.0;
  near                = ask(&law, &grown, 0.0, 1e-3, 0.0);
  far                 = ask(&law, &grown, 0.0, 5e-3, 0.0);
  OST_CHECK_NEAR(ost_dot3(near.traction, a), 20.0 * (0.4 + 0.8 * 0.4), 1e-9);
  OST_CHECK_NEAR(ost_dot3(far.traction, a), 20.0 * 0.4, 1e-9);
  OST_CHECK_NEAR(near.next.damage, 0.0, 1e-12);
  OST_CHECK_NEAR(far.next.damage, 1.0, 1e-12);
  OST_CHECK_INT(near.state, OST_BONDED);
  OST_CHECK_INT(far.state, OST_DEBONDED);
  OST_CHECK_NEAR(ost_norm3(ask(&law, &grown, 3e-3, 0.0, 0.0).traction), 0.0, 0.0);
  /* healed by half, the surface has half of what it had more */
  OstIfacePoint healed      = far.next;
  healed.damage             = 0.5;
  const OstIfaceAnswer back = ask(&law, &healed, 0.0, 5e-3, 1e-3);
  OST_CHECK(back.next.damage >= 0.5 && back.next.damage < 1.0);
}

/* Slip of the days before bone is there, or under a gap, leaves what grows later as it is. */
static void only_grown_bone_that_is_pressed_wears(void)
{
  OstTractionLaw      law  = test_law();
  const OstIfacePoint bare = {.gap0 = -2e-3}, grown = {.gap0 = -2e-3, .bond = 0.5, .strength = 0.5};
  const OstIfacePoint apart = {.gap0 = 2e-3, .bond = 0.5, .strength = 0.5};

  law.unbroken   = 0.8;
  law.wear_from  = 1e-3;
  law.wear_width = 1.0;
  OST_CHECK_NEAR(ask(&law, &bare, 0.0, 1.0, 0.0).next.worn, 0.0, 0.0);
  OST_CHECK_NEAR(ask(&law, &bare, 0.0, 1.0, 0.0).next.damage, 0.0, 0.0);
  OST_CHECK_NEAR(ask(&law, &apart, 0.0, 1.0, 0.0).next.damage, 0.0, 0.0);
  OST_CHECK_NEAR(ask(&law, &grown, 0.0, 1.0, 0.0).next.damage, 1.0, 1e-12);
}

/* The peak of what is left to go, sheared on and on from where it broke off. */
static void what_is_left_of_the_bond_bears_its_hold(void)
{
  OstTractionLaw law = test_law();

  law.friction = 0.0;
  for (int k = 0; k <= 4; k++) {
    const OstIfacePoint point = {.bond = 0.6, .strength = 0.5, .damage = 0.25 * k, .gap0 = 1.0};
    PetscReal           most  = 0.0;
    for (int i = 0; i <= 4000; i++) {
      const OstIfaceAnswer answer = ask(&law, &point, 0.0, 2e-5 * i, 0.0);
      most                        = PetscMax(most, ost_dot3(answer.traction, a));
    }
    OST_CHECK_NEAR(most, ost_bond_shear_hold(&law, &point), 1e-3 * law.shear_strength);
  }
  OST_CHECK(
      ost_bond_shear_hold(&law, &(OstIfacePoint){.bond = 0.6, .strength = 0.5, .damage = 0.5}) >
      0.5 * 0.6 * 0.5 * law.shear_strength);
}

static PetscErrorCode unusable_laws_are_named(void)
{
  const OstTractionLaw good  = ost_traction_law_default();
  OstTractionLaw       wears = good;
  const struct {
    const OstTractionLaw *law;
    size_t                field;
    PetscReal             value;
    const char           *part;
  } bad[] = {
      {&good, offsetof(OstTractionLaw, tensile_strength), 30.0, "tensile bond stores 0.45"},
      {&good, offsetof(OstTractionLaw, shear_stiffness), 1e2, "shear bond stores"},
      {&good, offsetof(OstTractionLaw, friction), -0.1, "friction -0.1"},
      {&good, offsetof(OstTractionLaw, elastic_slip), -1e-3, "elastic slip -0.001"},
      {&good, offsetof(OstTractionLaw, normal_stiffness), 0.0, "contact stiffness 0"},
      {&good, offsetof(OstTractionLaw, bond_stiffness), 0.0,
       "of the tensile bond must all be positive"},
      {&good, offsetof(OstTractionLaw, shear_strength), 0.0,
       "of the shear bond must all be positive"},
      {&wears, offsetof(OstTractionLaw, unbroken), 0.4,
       "friction_unbroken 0.4 is below friction 0.5"},
      {&wears, offsetof(OstTractionLaw, wear_width), 0.0, "wears over a width of 0"},
  };
  OstDiagList *list;

  PetscFunctionBeginUser;
  wears.unbroken       = 0.7;
  wears.wear_from      = 0.05;
  wears.wear_width     = 2.0;
  wears.shear_strength = 100.0; /* not asked for, not judged */
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_traction_law_check(&good, (OstWhere){"case.yaml", 7}, list));
  PetscCall(ost_traction_law_check(&wears, (OstWhere){"case.yaml", 7}, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(ost_diag_destroy(&list));
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    PetscCall(ost_diag_create(&list));
    OstTractionLaw law = *bad[k].law;
    memcpy((char *)&law + bad[k].field, &bad[k].value, sizeof bad[k].value);
    PetscCall(ost_traction_law_check(&law, (OstWhere){"case.yaml", 7}, list));
    OST_CHECK_INT(ost_diag_num_errors(list), 1);
    if (ost_diag_num_errors(list)) {
      OST_CHECK_TEXT(ost_diag_get(list, 0).message, bad[k].part);
      OST_CHECK_INT(ost_diag_get(list, 0).at.line, 7);
    }
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  tangent_is_the_derivative_in_every_state();
  contact_answers_with_its_stiffness_and_never_pulls();
  friction_opposes_the_motion_and_dissipates();
  reversal_sticks_first();
  friction_grows_over_the_elastic_slip();
  a_gap_forgets_the_friction();
  seating_forgets_the_shear();
  dissipation_is_the_fracture_energy();
  onset_is_the_strength_times_maturity();
  damage_stays_when_the_crack_closes();
  bond_over_a_gap_carries_as_far_as_it_bridged();
  new_bond_is_free_of_stress_where_it_forms();
  every_parameter_changes_the_answer();
  energy_is_stored_or_lost();
  what_is_left_of_the_bond_bears_its_hold();
  wear_takes_the_place_of_bond();
  only_grown_bone_that_is_pressed_wears();
  PetscCall(unusable_laws_are_named());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
