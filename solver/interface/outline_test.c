/* Normals of a body of revolution: a straight stem with a round tip, a cone, and what lies off
   them. */
#include "interface/outline.h"

#include "base/tensor.h"
#include "support/check.h"

/* Radius 8, straight to 72, a quarter of a circle to the apex at 80, in pieces as limb.yaml. */
enum { PIECES = 8, POINTS = PIECES + 2 };

static OstOutline stem(PetscReal at[2 * POINTS])
{
  at[0] = 0.0;
  at[1] = 8.0;
  for (int i = 0; i <= PIECES; i++) {
    const PetscReal a = 0.5 * PETSC_PI * i / PIECES;
    at[2 + 2 * i]     = 72.0 + 8.0 * PetscSinReal(a);
    at[3 + 2 * i]     = i == PIECES ? 0.0 : 8.0 * PetscCosReal(a);
  }
  return (OstOutline){POINTS, at};
}

static void straight_part_is_radial(const OstOutline *outline)
{
  PetscReal normal[3], distance;

  for (PetscReal z = 1.0; z < 72.0; z += 7.0) {
    const PetscReal x[3] = {8.1 * 0.6, -8.1 * 0.8, z};
    ost_outline_normal(outline, x, normal, &distance);
    OST_CHECK_NEAR(distance, 0.1, 1e-12);
    OST_CHECK_NEAR(normal[0], 0.6, 1e-12);
    OST_CHECK_NEAR(normal[1], -0.8, 1e-12);
    OST_CHECK_NEAR(normal[2], 0.0, 1e-12);
  }
}

/* On the circle the normal points from its centre: within a thousandth, for pieces of 11 degree. */
static void round_tip_turns_evenly(const OstOutline *outline)
{
  PetscReal normal[3], distance;

  for (PetscReal a = 0.02; a < 1.55; a += 0.05) {
    const PetscReal x[3]   = {0.0, 8.0 * PetscCosReal(a), 72.0 + 8.0 * PetscSinReal(a)};
    const PetscReal out[3] = {0.0, PetscCosReal(a), PetscSinReal(a)};
    PetscReal       across[3];
    ost_outline_normal(outline, x, normal, &distance);
    ost_cross3(normal, out, across);
    OST_CHECK(ost_norm3(across) < 3e-3);
    OST_CHECK_NEAR(ost_norm3(normal), 1.0, 1e-12);
    OST_CHECK(distance < 0.05);
  }
  ost_outline_normal(outline, (PetscReal[3]){0.0, 0.0, 80.0}, normal, &distance);
  OST_CHECK_NEAR(normal[2], 1.0, 1e-12);
}

/* A groove as the mesher writes it, with short pieces at its corners, is no curve: a flank of 30
   degrees leans by 60 all along, crest and root do not lean. */
static void a_groove_keeps_its_corners(void)
{
  const PetscReal slant = 1.5 * PetscTanReal(PETSC_PI / 6.0);
  const PetscReal z[6] = {0.0, 2.0, 2.0 + slant, 3.0 + slant, 3.0 + 2.0 * slant, 6.0 + 2.0 * slant};
  const PetscReal r[6] = {8.0, 8.0, 6.5, 6.5, 8.0, 8.0};
  PetscReal       at[32] = {z[0], r[0]}, normal[3], distance;
  OstOutline      groove = {1, at};

  for (int i = 0; i < 5; i++)
    for (int k = 0; k < 3; k++, groove.num++) {
      const PetscReal share  = k == 0 ? 0.02 : k == 1 ? 0.98 : 1.0;
      at[2 * groove.num]     = z[i] + share * (z[i + 1] - z[i]);
      at[2 * groove.num + 1] = r[i] + share * (r[i + 1] - r[i]);
    }
  for (int i = 0; i < 5; i++)
    for (PetscReal share = 0.1; share < 0.95; share += 0.2) {
      const PetscReal x[3] = {0.0, r[i] + share * (r[i + 1] - r[i]),
                              z[i] + share * (z[i + 1] - z[i])};
      const PetscReal up   = i == 1 ? 1.0 : i == 3 ? -1.0 : 0.0;
      ost_outline_normal(&groove, x, normal, &distance);
      OST_CHECK_NEAR(distance, 0.0, 1e-12);
      OST_CHECK_NEAR(normal[1], up != 0.0 ? 0.5 : 1.0, 1e-12);
      OST_CHECK_NEAR(normal[2], up * PetscSqrtReal(0.75), 1e-12);
    }
}

static void a_cone_leans(void)
{
  PetscReal        at[4] = {0.0, 10.0, 50.0, 5.0}, normal[3], distance;
  const OstOutline cone  = {2, at};

  ost_outline_normal(&cone, (PetscReal[3]){7.5, 0.0, 25.0}, normal, &distance);
  OST_CHECK_NEAR(distance, 0.0, 1e-12);
  OST_CHECK_NEAR(normal[2] / normal[0], 0.1, 1e-12);
}

/* Points near it follow; one under the collar, and one that faces elsewhere, keep their normals. */
static void only_what_lies_on_it_follows(const OstOutline *outline)
{
  PetscReal normal[12] = {0.995, 0.0, 0.0998749,   0,     0,   -1,
                          0.7,   0.0, 0.714142843, 0.995, 0.0, 0.0998749};
  PetscReal place[12]  = {7.95, 0, 30, 10, 0, 0, 8, 0, 30, 12, 0, 30};
  OstIface  iface      = {.num_points = 4, .normal = normal, .place = place};

  ost_outline_lead(outline, &iface);
  OST_CHECK_NEAR(normal[0], 1.0, 1e-12);
  OST_CHECK_NEAR(normal[2], 0.0, 1e-12);
  OST_CHECK_NEAR(normal[5], -1.0, 0.0);
  OST_CHECK_NEAR(normal[6], 0.7, 0.0);
  OST_CHECK_NEAR(normal[9], 0.995, 0.0);
}

int main(int argc, char **argv)
{
  PetscReal        at[2 * POINTS];
  const OstOutline outline = stem(at);

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  straight_part_is_radial(&outline);
  round_tip_turns_evenly(&outline);
  a_cone_leans();
  a_groove_keeps_its_corners();
  only_what_lies_on_it_follows(&outline);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
