/* Shape, teeth and directions of a thread. */
#include "interface/thread.h"

#include "base/tensor.h"
#include "support/check.h"

#define DEGREE (PETSC_PI / 180.0)

static OstThread test_thread(void)
{
  const OstThreadBone bone = ost_thread_bone_default();
  OstThread thread = {.pitch = 1.6, .depth = 1.0, .flank = 30.0, .lead = 1.6, .radius = 8.5};
  ost_thread_set_tooth(&thread, &bone);
  return thread;
}

/* What a uniform pressure does to the planes it does to the cylinder: the areas along their normals
   add up to the nominal one. */
static void planes_close(void)
{
  const PetscReal n[3] = {2.0 / 7.0, 3.0 / 7.0, 6.0 / 7.0};
  const PetscReal e[3] = {6.0 / 7.0, 2.0 / 7.0, -3.0 / 7.0};

  for (PetscReal flank = 0.0; flank <= 35.0; flank += 5.0) {
    OstThread thread = test_thread();
    PetscReal normal[3][3];
    thread.flank = flank;
    ost_thread_plane_normals(&thread, n, e, normal);
    for (int i = 0; i < 3; i++)
      OST_CHECK_NEAR(ost_thread_flat_share(&thread) * n[i] +
                         ost_thread_flank_area(&thread) * (normal[1][i] + normal[2][i]),
                     n[i], 1e-14);
    for (int k = 0; k < 3; k++) OST_CHECK_NEAR(ost_norm3(normal[k]), 1.0, 1e-14);
    OST_CHECK_NEAR(ost_dot3(normal[1], n), sin(flank * DEGREE), 1e-14);
    OST_CHECK_NEAR(ost_dot3(normal[1], e), cos(flank * DEGREE), 1e-14);
  }
}

/* --- teeth ------------------------------------------------------------------------------------ */

/* Of a thread of 60 degrees the root is 0.5 + 0.57735 depth/pitch of the pitch, on the outside
   diameter (Chapman 1996). */
static void root_is_chapmans_shape_factor(void)
{
  const OstThread     thread = test_thread();
  const OstThreadBone bone   = ost_thread_bone_default();

  OST_CHECK_NEAR(ost_thread_root_share(&thread), 0.5 + 0.57735 * 1.0 / 1.6, 1e-5);
  OST_CHECK_NEAR(thread.tooth_strength, 51.6 * (0.5 + 0.57735 / 1.6) * 9.0 / 8.5, 1e-3);
  OST_CHECK_NEAR(thread.tooth_energy / bone.shear_energy,
                 ost_thread_root_share(&thread) * 9.0 / 8.5, 1e-12);
}

/* A square tooth is a cantilever of constant width: shear 1.2 p^2 H^3/(3 G w), bending p^2 H^5 /
   (20 E' I), both twice the energy, on a root that tilts by less than that of a single tooth,
   18/(pi E' w^2) times its moment (Flamant); of its way the bone that takes its place gives
   H/(2 G). */
static void tooth_is_a_short_cantilever(void)
{
  const OstThreadBone bone = {.young = 1e4, .poisson = 0.3, .shear_strength = 1, .shear_energy = 1};
  const PetscReal     plane = bone.young / (1.0 - 0.09), G = bone.young / 2.6, w = 1.0;
  PetscReal           stiffness[4];

  for (int k = 0; k < 4; k++) {
    const PetscReal H      = 0.25 * (1 << k);
    OstThread       thread = {.pitch = 2.0 * w, .depth = H, .flank = 0.0, .radius = 10.0};
    ost_thread_set_tooth(&thread, &bone);
    const PetscReal beam =
        1.2 * pow(H, 3) / (3.0 * G * w) + pow(H, 5) * 12.0 / (20.0 * plane * w * w * w);
    const PetscReal root = 0.25 * pow(H, 4) * 18.0 / (PETSC_PI * plane * w * w);
    const PetscReal work = (1.0 / thread.tooth_stiffness + 0.5 * H / G) * H * H / thread.pitch;
    OST_CHECK(work > (beam + 0.5 * root) * (1.0 - 1e-3));
    OST_CHECK(work < (beam + root) * (1.0 + 1e-3));
    stiffness[k] = thread.tooth_stiffness;
  }
  for (int k = 0; k < 3; k++) OST_CHECK(stiffness[k] > 2.0 * stiffness[k + 1]);
  OST_CHECK(stiffness[2] > 3.0 * stiffness[3]); /* slender: it bends */
}

/* Softer teeth in softer bone; flanks in series with them; axial stiffness by hand. */
static void stiffness_follows_the_bone(void)
{
  const OstThread whole = test_thread(), half = ost_thread_in_bone(&whole, 8500.0);
  const OstThread same = ost_thread_in_bone(&whole, 17000.0);
  OstThreadBone   bone = ost_thread_bone_default();
  OstThread       soft = whole;

  OST_CHECK_INT(memcmp(&whole, &same, sizeof whole), 0);
  OST_CHECK_NEAR(half.tooth_stiffness / whole.tooth_stiffness, 0.5, 1e-12);
  OST_CHECK_NEAR(half.tooth_strength / whole.tooth_strength, pow(0.5, 0.75), 1e-12);
  OST_CHECK_NEAR(half.tooth_energy / whole.tooth_energy, sqrt(0.5), 1e-12);
  bone.young *= 0.5;
  ost_thread_set_tooth(&soft, &bone);
  OST_CHECK_NEAR(soft.tooth_stiffness / half.tooth_stiffness, 1.0, 1e-12);
  const PetscReal flanks = 1.0 / 1.6 * cos(30.0 * DEGREE) * 1e4;
  OST_CHECK_NEAR(1.0 / ost_thread_axial_stiffness(&whole, 1e4),
                 1.0 / flanks + 1.0 / whole.tooth_stiffness, 1e-15);
}

/* Linear softening of the axial traction, over the work G_S, with the derivative of its slope. */
static void teeth_shear_off_with_their_energy(void)
{
  const OstThread thread = test_thread();
  const PetscReal kn = 1e4, k = ost_thread_axial_stiffness(&thread, kn), S = thread.tooth_strength;
  const PetscReal way  = 2.0 * thread.tooth_energy / S; /* at which they are off [mm] */
  PetscReal       work = 0.0, last = 0.0, slope;
  const int       steps = 20000;

  OST_CHECK_NEAR(ost_thread_shear_off(&thread, kn, S * 0.9999, &slope), 0.0, 0.0);
  for (int sign = -1; sign <= 1; sign += 2)
    for (int step = 1; step <= steps; step++) {
      const PetscReal u = sign * way * step / steps, load = k * u;
      const PetscReal tooth = ost_thread_shear_off(&thread, kn, load, &slope);
      const PetscReal t     = (1.0 - tooth) * load;
      OST_CHECK(fabs(t) <= S * (1.0 + 1e-12));
      if (fabs(load) > S) OST_CHECK_NEAR(fabs(t) / S, (way - fabs(u)) / (way - S / k), 1e-9);
      if (step % 1000 == 0 && fabs(load) > S * 1.01 && tooth < 1.0) {
        PetscReal       spare;
        const PetscReal by = 1e-4 * S;
        OST_CHECK_NEAR((ost_thread_shear_off(&thread, kn, load + by, &spare) -
                        ost_thread_shear_off(&thread, kn, load - by, &spare)) /
                           (2.0 * by) / slope,
                       1.0, 1e-6);
      }
      if (sign > 0) {
        work += 0.5 * (t + last) * way / steps;
        last = t;
      }
    }
  OST_CHECK_NEAR(work / thread.tooth_energy, 1.0, 1e-6);
  OST_CHECK_NEAR(ost_thread_shear_off(&thread, kn, 1e6, &slope), 1.0, 0.0);
}

static void flanks_part_over_the_depth(void)
{
  const OstThread thread = test_thread();
  const PetscReal step   = 1e-6;

  OST_CHECK_NEAR(ost_thread_overlap(&thread, -0.1).share, 1.0, 0.0);
  OST_CHECK_NEAR(ost_thread_overlap(&thread, -0.1).slope, 0.0, 0.0);
  OST_CHECK_NEAR(ost_thread_overlap(&thread, 0.5).share, 0.5, 1e-15);
  OST_CHECK_NEAR(ost_thread_overlap(&thread, 1.0).share, 0.0, 0.0);
  OST_CHECK_NEAR(ost_thread_overlap(&thread, 1.0).slope, 0.0, 0.0);
  for (PetscReal g = 0.125; g < 1.0; g += 0.125) {
    const OstThreadOverlap at   = ost_thread_overlap(&thread, g);
    const OstThreadOverlap more = ost_thread_overlap(&thread, g + step);
    const OstThreadOverlap less = ost_thread_overlap(&thread, g - step);
    OST_CHECK_NEAR((more.share - less.share) / (2.0 * step), at.slope, 1e-6);
    OST_CHECK_NEAR((more.slope - less.slope) / (2.0 * step), at.curvature, 1e-6);
  }
}

/* --- directions ------------------------------------------------------------------------------- */

/* Across is a unit vector in the surface. It leans from the axis by the rise of the helix, so that
   the thread itself climbs with a positive turn if right-handed; rings do not lean. */
static void across_stands_on_the_helix(void)
{
  OstThread       thread  = test_thread();
  const PetscReal axis[3] = {2.0 / 7.0, 3.0 / 7.0, 6.0 / 7.0};
  const PetscReal n[3]    = {6.0 / 7.0, 2.0 / 7.0, -3.0 / 7.0};
  PetscReal       across[3], around[3], tip[3];

  ost_cross3(axis, n, around);
  for (int hand = -1; hand <= 1; hand++) {
    PetscReal helix[3];
    thread.lead = hand * 1.6;
    for (int i = 0; i < 3; i++)
      helix[i] = 2.0 * PETSC_PI * thread.radius * around[i] + thread.lead * axis[i];
    ost_thread_across(&thread, axis, n, across);
    OST_CHECK_NEAR(ost_norm3(across), 1.0, 1e-14);
    OST_CHECK_NEAR(ost_dot3(across, n), 0.0, 1e-14);
    OST_CHECK_NEAR(ost_dot3(across, helix), 0.0, 1e-12);
    OST_CHECK(ost_dot3(across, axis) > 0.99);
    if (!hand) OST_CHECK_NEAR(ost_dot3(across, axis), 1.0, 1e-14);
  }
  for (int i = 0; i < 3; i++) tip[i] = 0.8 * n[i] + 0.6 * axis[i];
  ost_thread_across(&thread, axis, tip, across);
  OST_CHECK_NEAR(ost_norm3(across), 0.0, 0.0);
}

/* The load at which the next of them goes. */
static void what_is_left_of_the_teeth_bears_its_hold(void)
{
  const OstThread thread = test_thread();

  for (int k = 1; k < 20; k++) {
    PetscReal       slope, load = thread.tooth_strength * (1.0 + 0.02 * k);
    const PetscReal tooth = ost_thread_shear_off(&thread, 1e4, load, &slope);
    OST_CHECK_NEAR((1.0 - tooth) * load, ost_thread_hold(&thread, 1e4, tooth),
                   1e-9 * thread.tooth_strength);
  }
  OST_CHECK_NEAR(ost_thread_hold(&thread, 1e4, 0.0), thread.tooth_strength, 1e-12);
  OST_CHECK_NEAR(ost_thread_hold(&thread, 1e4, 1.0), 0.0, 0.0);
}

static PetscErrorCode unusable_threads_are_named(void)
{
  OstThread    thread = test_thread();
  OstDiagList *list;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_thread_check(&thread, 1e4, (OstWhere){"case.yaml", 7}, list));
  PetscCall(ost_thread_check(&(const OstThread){.pitch = 0.0}, 1e4, (OstWhere){"", 0}, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  thread.depth = 1.5;
  PetscCall(ost_thread_check(&thread, 1e4, (OstWhere){"case.yaml", 7}, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "meet at a depth of 1.38564 mm");
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 7);
  thread                = test_thread();
  thread.tooth_strength = 200.0;
  PetscCall(ost_thread_check(&thread, 1e4, (OstWhere){"case.yaml", 8}, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 2);
  OST_CHECK_TEXT(ost_diag_get(list, 1).message, "teeth of bone");
  OST_CHECK_INT(ost_diag_get(list, 1).at.line, 8);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  planes_close();
  root_is_chapmans_shape_factor();
  tooth_is_a_short_cantilever();
  stiffness_follows_the_bone();
  teeth_shear_off_with_their_energy();
  what_is_left_of_the_teeth_bears_its_hold();
  flanks_part_over_the_depth();
  across_stands_on_the_helix();
  PetscCall(unusable_threads_are_named());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
