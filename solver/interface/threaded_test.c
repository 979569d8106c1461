/* One point of a threaded interface: what it bears in each direction, how its teeth strip, tangent,
   energies, memory, and that it is the smooth law without thread. */
#include "interface/threaded.h"

#include "base/tensor.h"
#include "support/check.h"

/* Normal, axis, round; oblique, so that no component is zero by chance. */
static const PetscReal n[3] = {2.0 / 7.0, 3.0 / 7.0, 6.0 / 7.0};
static const PetscReal a[3] = {6.0 / 7.0, 2.0 / 7.0, -3.0 / 7.0};
static const PetscReal b[3] = {-3.0 / 7.0, 6.0 / 7.0, -2.0 / 7.0};

#define DEGREE (PETSC_PI / 180.0)

static OstTractionLaw test_law(PetscReal friction)
{
  return (OstTractionLaw){.normal_stiffness = 1e4,
                          .shear_stiffness  = 6e3,
                          .bond_stiffness   = 4e3,
                          .friction         = friction,
                          .tensile_strength = 2.0,
                          .shear_strength   = 3.0,
                          .energy_I         = 0.02,
                          .energy_II        = 0.05};
}

static OstThread test_thread(void)
{
  const OstThreadBone bone   = ost_thread_bone_default();
  OstThread           thread = {.pitch = 1.6, .depth = 1.0, .flank = 30.0, .radius = 8.5};
  ost_thread_set_tooth(&thread, &bone);
  return thread;
}

static void jump_of(PetscReal along, PetscReal on_a, PetscReal on_b, PetscReal jump[3])
{
  for (int i = 0; i < 3; i++) jump[i] = along * n[i] + on_a * a[i] + on_b * b[i];
}

static OstIfaceAnswer ask(const OstTractionLaw *law, const OstThread *thread,
                          const OstIfacePoint *point, PetscReal along, PetscReal on_a,
                          PetscReal on_b)
{
  OstIfaceAnswer answer;
  PetscReal      jump[3];
  jump_of(along, on_a, on_b, jump);
  ost_threaded_traction(law, thread, point, n, a, jump, OST_CONSISTENT, &answer);
  return answer;
}

static void same_answer(const OstIfaceAnswer *one, const OstIfaceAnswer *other)
{
  for (int i = 0; i < 3; i++) {
    OST_CHECK_NEAR(one->traction[i], other->traction[i], 1e-13);
    OST_CHECK_NEAR(one->next.slip[i], other->next.slip[i], 1e-15);
  }
  for (int i = 0; i < 9; i++) OST_CHECK_NEAR(one->tangent[i], other->tangent[i], 1e-13);
  OST_CHECK_NEAR(one->pressure, other->pressure, 1e-13);
  OST_CHECK_NEAR(one->friction_work, other->friction_work, 1e-13);
  OST_CHECK_NEAR(one->next.damage, other->next.damage, 1e-15);
  OST_CHECK_INT(one->state, other->state);
  OST_CHECK_INT(one->symmetric, other->symmetric);
}

/* Without depth, pitch or direction the answer is the smooth law's; with all teeth sheared off it
   is that of a cylinder without bond. */
static void without_thread_it_is_the_smooth_law(void)
{
  const OstTractionLaw law        = test_law(0.4);
  const PetscReal      none[3]    = {0};
  const OstIfacePoint  points[]   = {{.gap0 = -1e-3},
                                     {.gap0 = -1e-3, .slip = {2e-4, 1e-4, -2e-4}},
                                     {.bond = 0.7, .strength = 0.8, .origin = {1e-5, -2e-5, 1e-5}},
                                     {.gap0 = 2e-3}};
  const PetscReal      jumps[][3] = {{0, 0, 0}, {-1e-4, 4e-3, 3e-3}, {1.1e-3, 1e-3, -2e-3}};

  for (size_t p = 0; p < sizeof points / sizeof *points; p++)
    for (size_t k = 0; k < sizeof jumps / sizeof *jumps; k++) {
      OstIfaceAnswer smooth, flat, directionless;
      OstThread      thread = test_thread();
      PetscReal      jump[3];
      jump_of(jumps[k][0], jumps[k][1], jumps[k][2], jump);
      ost_traction(&law, &points[p], n, jump, OST_CONSISTENT, &smooth);
      ost_threaded_traction(&law, &thread, &points[p], n, none, jump, OST_CONSISTENT,
                            &directionless);
      same_answer(&directionless, &smooth);
      thread.depth = 0.0;
      ost_threaded_traction(&law, &thread, &points[p], n, a, jump, OST_CONSISTENT, &flat);
      same_answer(&flat, &smooth);
      OST_CHECK_INT(memcmp(&flat.next, &smooth.next, sizeof flat.next), 0);

      OstIfacePoint stripped = points[p];
      thread                 = test_thread();
      stripped.thread.tooth  = 1.0;
      for (int i = 0; i < 3; i++) stripped.thread.plane[0].slip[i] = stripped.slip[i];
      stripped.bond = 0.0;
      ost_traction(&law, &stripped, n, jump, OST_CONSISTENT, &smooth);
      ost_threaded_traction(&law, &thread, &stripped, n, a, jump, OST_CONSISTENT, &flat);
      OST_CHECK_NEAR(flat.next.thread.tooth, 1.0, 0.0);
      for (int i = 0; i < 3; i++) OST_CHECK_NEAR(flat.traction[i], smooth.traction[i], 1e-13);
      for (int i = 0; i < 9; i++) OST_CHECK_NEAR(flat.tangent[i], smooth.tangent[i], 1e-13);
    }
}

/* --- what it bears by direction --------------------------------------------------------------- */

/* Held radially and pushed along the axis without friction, one family of flanks bears t = q u,
   1/q = P/(H cos(alpha) k_n) + 1/k_z, and wedges bone and stem apart by t tan(alpha), whichever way
   it is pushed; round the axis rings give nothing; radially crest, root and both flanks work
   together. */
static void stiffness_by_direction(void)
{
  const OstTractionLaw law    = test_law(0.0);
  const OstIfacePoint  rest   = {.gap0 = 0.0};
  OstThread            thread = test_thread();
  const PetscReal      u      = 1e-3;

  for (int trial = 0; trial < 3; trial++) {
    const PetscReal flanks[3] = {30.0, 15.0, 5.0};
    thread.flank              = flanks[trial];
    const PetscReal c = cos(thread.flank * DEGREE), s = sin(thread.flank * DEGREE);
    const PetscReal axial =
        1.0 / (thread.pitch / (thread.depth * c * 1e4) + 1.0 / thread.tooth_stiffness);
    for (int sign = -1; sign <= 1; sign += 2) {
      const OstIfaceAnswer answer = ask(&law, &thread, &rest, 0.0, sign * u, 0.0);
      OST_CHECK_NEAR(ost_dot3(answer.traction, a), sign * axial * u, 1e-12);
      OST_CHECK_NEAR(ost_dot3(answer.traction, n), -axial * u * s / c, 1e-12);
      OST_CHECK_NEAR(answer.pressure, axial * u * s / c, 1e-12);
      OST_CHECK_NEAR(ost_norm3(ask(&law, &thread, &rest, 0.0, 0.0, sign * u).traction), 0.0, 1e-12);
    }
    const PetscReal share = 2.0 * thread.depth / thread.pitch * s / c;
    OST_CHECK_NEAR(ost_dot3(ask(&law, &thread, &rest, -u, 0.0, 0.0).traction, n),
                   -u * ((1.0 - share) * 1e4 + share * s * 1e4), 1e-12);
  }
  OST_CHECK_NEAR(ost_norm3(ask(&law, &thread, &rest, u, 0.0, 0.0).traction), 0.0, 0.0);
}

/* Bone that can give: a radial spring K behind the point. The flank slides up the wedge until
   K g = t tan(alpha) with t = q (u - g tan(alpha)), q the axial stiffness of a held flank (less the
   overlap lost, 0.1 %): g = q u tan(alpha)/(K + q tan(alpha)^2). */
static void a_wedge_opens_the_bone(void)
{
  const OstTractionLaw law    = test_law(0.0);
  const OstIfacePoint  rest   = {.gap0 = 0.0};
  const OstThread      thread = test_thread();
  const PetscReal      K = 2e3, u = 3e-3, slant = tan(30.0 * DEGREE);
  const PetscReal      q = ost_thread_axial_stiffness(&thread, 1e4);
  PetscReal            g = 0.0;

  for (int it = 0; it < 20; it++) {
    const OstIfaceAnswer answer = ask(&law, &thread, &rest, g, u, 0.0);
    PetscReal            slope  = K;
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++) slope += n[i] * answer.tangent[3 * i + k] * n[k];
    g -= (ost_dot3(answer.traction, n) + K * g) / slope;
  }
  OST_CHECK(g > 5e-4);
  OST_CHECK_NEAR(g / (q * u * slant / (K + q * slant * slant)), 1.0, 2e-3);
}

/* Round the axis a ring thread has friction only: mu times all pressures. */
static void twist_meets_friction_only(void)
{
  const OstTractionLaw law    = test_law(0.4);
  const OstThread      thread = test_thread();
  const PetscReal      press  = 2e-3;
  const OstIfacePoint  rest   = {.gap0 = -press};
  const PetscReal      limit =
      0.4 * press * 1e4 *
      (ost_thread_flat_share(&thread) + 2.0 * ost_thread_flank_area(&thread) * 0.5);
  const OstIfaceAnswer answer = ask(&law, &thread, &rest, 0.0, 0.0, 0.02);

  OST_CHECK_NEAR(ost_dot3(answer.traction, b), limit, 1e-12);
  OST_CHECK_NEAR(ost_dot3(answer.traction, a), 0.0, 1e-12);
  OST_CHECK_INT(answer.state, OST_SLIP);
  OST_CHECK_INT(ask(&law, &thread, &rest, 0.0, 0.0, 1e-5).state, OST_STICK);
  OST_CHECK_INT(ask(&law, &thread, &rest, 1e-2, 0.0, 0.0).state, OST_OPEN);
}

/* On a helix without friction force and torque go by the lead, F lead = 2 pi T: what pushes the
   screw turns it. Rings do not. */
static void a_helix_turns_what_is_pushed(void)
{
  const OstTractionLaw law    = test_law(0.0);
  const OstIfacePoint  rest   = {.gap0 = 0.0};
  OstThread            thread = test_thread();

  for (int hand = -1; hand <= 1; hand++) {
    OstIfaceAnswer answer;
    PetscReal      jump[3], across[3], around[3];
    thread.lead = hand * 1.6;
    ost_cross3(a, n, around);
    ost_thread_across(&thread, a, n, across);
    jump_of(0.0, 1e-3, 0.0, jump);
    ost_threaded_traction(&law, &thread, &rest, n, across, jump, OST_CONSISTENT, &answer);
    const PetscReal force  = ost_dot3(answer.traction, a);
    const PetscReal torque = thread.radius * ost_dot3(answer.traction, around);
    OST_CHECK(force > 1.0);
    OST_CHECK_NEAR(torque, -force * thread.lead / (2.0 * PETSC_PI), 1e-12);
  }
}

/* --- stripping -------------------------------------------------------------------------------- */

/* Push along the axis to the end: the largest traction is the shear strength of the bone on the
   root, the work G_S, all of it told as fracture; then nothing is left. With friction on the flanks
   the strength is the same. */
static void teeth_strip_at_the_shear_strength_of_their_root(void)
{
  const OstThread thread = test_thread();
  const PetscReal wanted =
      51.6 * (0.5 + tan(30.0 * DEGREE) * thread.depth / thread.pitch) * 9.0 / 8.5;

  for (int trial = 0; trial < 3; trial++) {
    const OstTractionLaw law  = test_law(trial == 2 ? 0.4 : 0.0);
    const PetscReal      sign = trial ? -1.0 : 1.0, end = 0.06;
    OstIfacePoint        point = {.gap0 = 0.0};
    PetscReal            most = 0.0, work = 0.0, spent = 0.0, last = 0.0;
    const int            steps = 4000;
    for (int step = 1; step <= steps; step++) {
      const OstIfaceAnswer answer = ask(&law, &thread, &point, 0.0, sign * end * step / steps, 0.0);
      const PetscReal      t      = sign * ost_dot3(answer.traction, a);
      most                        = PetscMax(most, t);
      work += 0.5 * (t + last) * end / steps;
      spent += answer.fracture_work;
      last  = t;
      point = answer.next;
    }
    OST_CHECK_NEAR(most / wanted, 1.0, 2e-3);
    OST_CHECK_NEAR(point.thread.tooth, 1.0, 0.0);
    OST_CHECK_NEAR(last, 0.0, 1e-12);
    if (trial == 2) continue;
    OST_CHECK_NEAR(work / thread.tooth_energy, 1.0, 1e-3);
    OST_CHECK_NEAR(spent / thread.tooth_energy, 1.0, 1e-3);
  }
}

/* However few the steps. */
static void sheared_teeth_tell_their_energy(void)
{
  const OstTractionLaw law    = test_law(0.0);
  const OstThread      thread = test_thread();
  OstIfacePoint        point  = {.gap0 = 0.0};
  PetscReal            spent  = 0.0;

  for (int step = 1; step <= 5; step++) {
    const OstIfaceAnswer answer = ask(&law, &thread, &point, 0.0, 0.012 * step, 0.0);
    spent += answer.fracture_work;
    point = answer.next;
  }
  OST_CHECK_NEAR(point.thread.tooth, 1.0, 0.0);
  OST_CHECK_NEAR(spent / thread.tooth_energy, 1.0, 1e-9);
}

static void stripped_teeth_stay_stripped(void)
{
  const OstTractionLaw law    = test_law(0.0);
  const OstThread      thread = test_thread();
  const PetscReal      onset  = thread.tooth_strength / ost_thread_axial_stiffness(&thread, 1e4);
  OstIfacePoint        point  = {.gap0 = 0.0};

  point = ask(&law, &thread, &point, 0.0, 1.5 * onset, 0.0).next;
  OST_CHECK(point.thread.tooth > 0.3 && point.thread.tooth < 0.9);
  const PetscReal tooth = point.thread.tooth;
  for (int sign = -1; sign <= 1; sign += 2) {
    const OstIfaceAnswer back = ask(&law, &thread, &point, 0.0, sign * 0.5 * onset, 0.0);
    OST_CHECK_NEAR(back.next.thread.tooth, tooth, 0.0);
    OST_CHECK_NEAR(ost_dot3(back.traction, a), sign * 0.5 * (1.0 - tooth) * thread.tooth_strength,
                   1e-9);
  }
}

/* A uniform squeeze loads the flanks but shears no tooth; an opening of the depth frees them for
   good, half of it leaves half the area. */
static void only_shear_strips_and_only_opening_frees(void)
{
  const OstTractionLaw law    = test_law(0.0);
  const OstThread      thread = test_thread();
  OstIfacePoint        point  = {.gap0 = -0.2};

  OST_CHECK_NEAR(ask(&law, &thread, &point, -0.1, 0.0, 0.0).next.thread.tooth, 0.0, 0.0);
  point.gap0             = 0.0;
  const PetscReal      u = 5e-3, slant = tan(30.0 * DEGREE);
  const PetscReal      q    = ost_thread_axial_stiffness(&thread, 0.5e4);
  const OstIfaceAnswer half = ask(&law, &thread, &point, 0.5, 0.5 * slant + u, 0.0);
  OST_CHECK_NEAR(ost_dot3(half.traction, a), q * u, 1e-9);
  point = ask(&law, &thread, &point, 1.001, 0.2, 0.0).next;
  OST_CHECK_NEAR(point.thread.tooth, 1.0, 0.0);
  OST_CHECK_NEAR(ost_norm3(ask(&law, &thread, &point, 0.0, u, 0.0).traction), 0.0, 1e-12);
}

/* --- tangent and energies --------------------------------------------------------------------- */

static void tangent_is_the_derivative_in_every_state(void)
{
  const OstThread      thread  = test_thread();
  const OstThreadPoint slipped = {.plane = {{.slip = {2e-4, 1e-4, -2e-4}},
                                            {.slip = {1e-4, 2e-4, -1e-4}},
                                            {.slip = {-2e-4, 1e-4, 0.0}}}};
  const OstIfacePoint  bare = {.gap0 = -1e-3}, apart = {.gap0 = 5e-3};
  const OstIfacePoint  slid = {.gap0 = -1e-3, .thread = slipped};
  const OstIfacePoint  bond = {.bond = 0.7, .strength = 0.8, .origin = {1e-5, -2e-5, 1e-5}};
  const OstIfacePoint  part = {
       .gap0     = -1e-3,
       .bond     = 0.5,
       .strength = 1.0,
       .damage   = 0.2,
       .thread   = {.plane = {{.damage = 0.1}, {.damage = 0.3}}, .tooth = 0.4}};
  const struct {
    const char   *name;
    OstIfacePoint point;
    PetscReal     friction, along, on_a, on_b;
    OstIfaceState state;
    PetscBool     symmetric;
    int           teeth; /* 0 whole, 1 growing, 2 stripped */
  } states[] = {
      {"open", apart, 0.4, 1e-3, 2e-4, 3e-4, OST_OPEN, PETSC_TRUE, 0},
      {"pressed, stick", bare, 0.4, -1e-4, 1e-4, -1e-4, OST_STICK, PETSC_TRUE, 0},
      {"pressed, slip", bare, 0.4, -1e-4, 4e-3, 3e-3, OST_SLIP, PETSC_FALSE, 0},
      {"slip on", slid, 0.4, -3e-4, 3e-3, -5e-3, OST_SLIP, PETSC_FALSE, 0},
      {"one flank, radially apart, frictionless", bare, 0.0, 3e-3, 4e-3, 0.0, OST_SLIP, PETSC_TRUE,
       0},
      {"one flank, radially apart, rubbing", bare, 0.4, 3e-3, -4e-3, 2e-3, OST_SLIP, PETSC_FALSE,
       0},
      {"bonded", bond, 0.4, 5e-5, 2e-5, 6e-5, OST_BONDED, PETSC_FALSE, 0},
      {"bonded, pressed", bond, 0.0, -5e-5, 2e-5, 6e-5, OST_BONDED, PETSC_TRUE, 0},
      {"bond breaks", bond, 0.4, 1e-3, 1e-3, -2e-3, OST_DEBONDED, PETSC_FALSE, 0},
      {"teeth give", bare, 0.0, -2e-4, 0.02, 0.0, OST_SLIP, PETSC_FALSE, 1},
      {"teeth give, rubbing", bare, 0.4, -2e-4, -0.02, 0.01, OST_SLIP, PETSC_FALSE, 1},
      {"teeth give, radially apart", bare, 0.4, 5e-3, 0.024, 0.01, OST_SLIP, PETSC_FALSE, 1},
      {"teeth give, bonded", part, 0.4, 2e-4, 0.019, 3e-3, OST_DEBONDED, PETSC_FALSE, 1},
      {"half stripped", part, 0.0, -1e-4, 2e-4, 3e-4, OST_BONDED, PETSC_TRUE, 0},
      {"stripped", bare, 0.4, -2e-4, 0.3, 0.1, OST_SLIP, PETSC_FALSE, 2},
      {"out of the groove", bare, 0.4, 1.2, 0.3, 0.0, OST_OPEN, PETSC_TRUE, 2},
  };

  for (size_t s = 0; s < sizeof states / sizeof *states; s++) {
    const OstTractionLaw law    = test_law(states[s].friction);
    const int            before = ost_check_failures;
    OstIfaceAnswer       answer;
    PetscReal            jump[3];
    jump_of(states[s].along, states[s].on_a, states[s].on_b, jump);
    ost_threaded_traction(&law, &thread, &states[s].point, n, a, jump, OST_CONSISTENT, &answer);
    OST_CHECK_INT(answer.state, states[s].state);
    OST_CHECK_INT(answer.symmetric, states[s].symmetric);
    const PetscReal gain = answer.next.thread.tooth - states[s].point.thread.tooth;
    OST_CHECK_INT(answer.next.thread.tooth >= 1.0 ? 2 : gain > 0.0 ? 1 : 0, states[s].teeth);
    for (int k = 0; k < 3; k++) {
      const PetscReal step     = 1e-8;
      PetscReal       moved[3] = {jump[0], jump[1], jump[2]};
      OstIfaceAnswer  more, less;
      moved[k] += step;
      ost_threaded_traction(&law, &thread, &states[s].point, n, a, moved, OST_CONSISTENT, &more);
      moved[k] -= 2.0 * step;
      ost_threaded_traction(&law, &thread, &states[s].point, n, a, moved, OST_CONSISTENT, &less);
      for (int i = 0; i < 3; i++) {
        const PetscReal slope = 0.5 * (more.traction[i] - less.traction[i]) / step;
        OST_CHECK_NEAR((answer.tangent[3 * i + k] - slope) / law.normal_stiffness, 0.0, 1e-5);
        if (answer.symmetric)
          OST_CHECK_NEAR(answer.tangent[3 * i + k] - answer.tangent[3 * k + i], 0.0, 1e-9);
      }
    }
    /* the secant never pushes the wrong way */
    OstIfaceAnswer secant;
    ost_threaded_traction(&law, &thread, &states[s].point, n, a, jump, OST_SECANT, &secant);
    OST_CHECK(secant.symmetric);
    for (int i = 0; i < 3; i++) OST_CHECK_NEAR(secant.traction[i], answer.traction[i], 1e-9);
    for (int trial = 0; trial < 50; trial++) {
      const PetscReal v[3]      = {sin(trial), cos(2.3 * trial), sin(5.1 * trial + 1.0)};
      PetscReal       by_secant = 0.0;
      for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) by_secant += v[i] * secant.tangent[3 * i + k] * v[k];
      OST_CHECK(by_secant >= -1e-9);
    }
    if (ost_check_failures > before) printf("    in state \"%s\"\n", states[s].name);
  }
}

/* Round a closed loop from and to a free point, through pressing, pushing, turning and partial
   opening: at every step the work is what is stored, what friction and what broken bond and teeth
   took. 60 000 steps: 1e-5 of the work done back and forth; lost overlap takes some energy of the
   bond along, and it breaks on a crooked way: 2e-3. */
static void work_is_stored_rubbed_or_spent_on_teeth(void)
{
  const OstThread thread = test_thread();
  const struct {
    PetscReal friction, bond, reach, bar; /* reach of the axial way [mm] */
  } loops[] = {{0.0, 0.0, 4e-3, 1e-8},
               {0.4, 0.0, 4e-3, 1e-6},
               {0.0, 0.0, 0.03, 1e-6},
               {0.4, 0.0, 0.03, 1e-5},
               {0.4, 0.7, 0.03, 2e-3}};

  for (size_t l = 0; l < sizeof loops / sizeof *loops; l++) {
    const OstTractionLaw law   = test_law(loops[l].friction);
    OstIfacePoint        point = {.bond = loops[l].bond, .strength = 1.0};
    PetscReal            work = 0.0, rubbed = 0.0, spent = 0.0, scale = 0.0, worst = 0.0;
    PetscReal            jump[3], last_jump[3], last[3] = {0};
    const int            steps = 60000;
    jump_of(1e-2, 0.0, 0.0, last_jump);
    for (int i = 0; i < 3; i++) point.origin[i] = point.thread.origin[i] = last_jump[i];
    for (int step = 1; step <= steps; step++) {
      const PetscReal phase = 2.0 * PETSC_PI * step / steps;
      OstIfaceAnswer  answer;
      jump_of(1e-2 * cos(phase) + 2e-3 * sin(3.0 * phase), loops[l].reach * sin(phase),
              3e-3 * sin(2.0 * phase), jump);
      ost_threaded_traction(&law, &thread, &point, n, a, jump, OST_CONSISTENT, &answer);
      for (int i = 0; i < 3; i++) {
        const PetscReal part = 0.5 * (answer.traction[i] + last[i]) * (jump[i] - last_jump[i]);
        work += part;
        scale += fabs(part);
        last[i]      = answer.traction[i];
        last_jump[i] = jump[i];
      }
      rubbed += answer.friction_work;
      spent += answer.fracture_work;
      worst = PetscMax(worst, fabs(work - rubbed - spent - answer.stored));
      point = answer.next;
    }
    OST_CHECK_NEAR(worst / scale, 0.0, loops[l].bar);
    OST_CHECK((rubbed > 0.0) == (loops[l].friction > 0.0));
    OST_CHECK((point.thread.tooth > 0.0) == (loops[l].reach > 0.01));
    OST_CHECK((spent > 0.0) == (loops[l].reach > 0.01));
    printf("loop %zu: work %g, friction %g, teeth and bond %g, off by %g of %g\n", l, (double)work,
           (double)rubbed, (double)spent, (double)worst, (double)scale);
  }
}

/* --- bond, memory, parameters ----------------------------------------------------------------- */

/* The bond breaks plane by plane, its damage is the mean over their areas, and healing takes the
   same share of each. */
static void bond_breaks_plane_by_plane_and_heals_as_one(void)
{
  const OstTractionLaw law     = test_law(0.0);
  const OstThread      thread  = test_thread();
  OstIfacePoint        point   = {.bond = 1.0, .strength = 1.0};
  const PetscReal      jump[3] = {0};
  const PetscReal      area    = ost_thread_flank_area(&thread);

  point                       = ask(&law, &thread, &point, 0.0, 8e-4, 0.0).next;
  const OstThreadPoint broken = point.thread;
  OST_CHECK(broken.plane[0].damage != broken.plane[1].damage);
  OST_CHECK(PetscMax(broken.plane[0].damage,
                     PetscMax(broken.plane[1].damage, broken.plane[2].damage)) > 0.1);
  OST_CHECK_NEAR(point.damage * (ost_thread_flat_share(&thread) + 2.0 * area),
                 ost_thread_flat_share(&thread) * broken.plane[0].damage +
                     area * (broken.plane[1].damage + broken.plane[2].damage),
                 1e-12);
  ost_iface_point_grow(&point, 1.0, 1.0, 0.25 * point.damage, jump);
  for (int k = 0; k < 3; k++)
    OST_CHECK_NEAR(point.thread.plane[k].damage, 0.25 * broken.plane[k].damage, 1e-15);
}

static void seating_forgets_the_shear_of_all_planes(void)
{
  const OstTractionLaw law    = test_law(0.4);
  const OstThread      thread = test_thread();
  OstIfacePoint        point  = {.gap0 = -2e-3};
  PetscReal            jump[3];

  jump_of(0.0, 0.0, 4e-4, jump);
  OST_CHECK(ost_dot3(ask(&law, &thread, &point, 0.0, 0.0, 4e-4).traction, b) > 0.5);
  ost_iface_point_seat(&point, n, jump);
  OST_CHECK_NEAR(ost_dot3(ask(&law, &thread, &point, 0.0, 0.0, 4e-4).traction, b), 0.0, 1e-12);
}

static void every_parameter_changes_the_answer(void)
{
  const OstTractionLaw law      = test_law(0.0);
  const OstThread      thread   = test_thread();
  const OstIfacePoint  rest     = {.gap0 = -1e-3};
  const OstIfaceAnswer here     = ask(&law, &thread, &rest, 0.0, 6e-3, 0.0);
  const OstIfaceAnswer late     = ask(&law, &thread, &rest, 0.0, 0.02, 0.0);
  OstThread            other[5] = {thread, thread, thread, thread, thread};

  other[0].pitch *= 1.2;
  other[1].depth *= 0.8;
  other[2].flank *= 0.5;
  other[3].tooth_stiffness *= 0.5;
  for (int k = 0; k < 4; k++) {
    const OstIfaceAnswer there = ask(&law, &other[k], &rest, 0.0, 6e-3, 0.0);
    OST_CHECK(fabs(ost_dot3(there.traction, a) / ost_dot3(here.traction, a) - 1.0) > 0.02);
  }
  other[0] = other[1]     = thread;
  other[0].tooth_strength = 0.5 * thread.tooth_strength;
  other[1].tooth_energy   = 2.0 * thread.tooth_energy;
  OST_CHECK(ask(&law, &other[0], &rest, 0.0, 0.02, 0.0).next.thread.tooth > late.next.thread.tooth);
  OST_CHECK(ask(&law, &other[1], &rest, 0.0, 0.02, 0.0).next.thread.tooth < late.next.thread.tooth);
}

/* Although the teeth are bent: (I8) for what lies on them. */
static void new_bond_is_free_of_stress_on_bent_teeth(void)
{
  const OstTractionLaw law    = test_law(0.0);
  const OstThread      thread = test_thread();
  OstIfacePoint        point  = {.gap0 = -1e-3};
  PetscReal            jump[3];

  jump_of(0.0, -3e-3, 0.0, jump);
  const OstIfaceAnswer before = ask(&law, &thread, &point, 0.0, -3e-3, 0.0);
  point                       = before.next;
  OST_CHECK(ost_norm3(point.thread.bent) > 1e-4);
  ost_iface_point_grow(&point, 0.7, 1.0, 0.0, jump);
  const OstIfaceAnswer after = ask(&law, &thread, &point, 0.0, -3e-3, 0.0);
  for (int i = 0; i < 3; i++) OST_CHECK_NEAR(after.traction[i], before.traction[i], 1e-9);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  without_thread_it_is_the_smooth_law();
  stiffness_by_direction();
  a_wedge_opens_the_bone();
  twist_meets_friction_only();
  a_helix_turns_what_is_pushed();
  teeth_strip_at_the_shear_strength_of_their_root();
  sheared_teeth_tell_their_energy();
  stripped_teeth_stay_stripped();
  only_shear_strips_and_only_opening_frees();
  tangent_is_the_derivative_in_every_state();
  work_is_stored_rubbed_or_spent_on_teeth();
  bond_breaks_plane_by_plane_and_heals_as_one();
  seating_forgets_the_shear_of_all_planes();
  every_parameter_changes_the_answer();
  new_bond_is_free_of_stress_on_bent_teeth();
  PetscCall(PetscFinalize());
  return ost_check_report();
}
