/* The bond along given paths: K = 1000 N/mm3, strength 50 MPa, fracture energy 5 N/mm.

   Linear up to the onset at 50/1000 = 0.05 mm, softening in a line to nothing at 2 G/strength =
   0.2 mm:
       t(w) = K w,  then  50 (0.2 - w)/(0.2 - 0.05),  then 0
   in opening, in sliding and, with equal parameters in both modes, in any direction between. Back
   from the softening line the way is straight through the origin with (1 - d) K; what is broken
   stays so when the crack closes, there contact answers with its own stiffness, and after failure
   so does friction, mu p. With unequal energies a straight path of direction (cos, sin) fails at
       w_f = 2/(strength (cos^2/G_I + sin^2/G_II)),   W_I/G_I + W_II/G_II = 1.
   Source: the bilinear law and power criterion of exponent 1 of Camanho and Davila (2002), NASA
   TM-2002-211737; closed forms by integration of theory.md, (I5) to (I7).
   Once at a point (to 1e-12), once between two blocks that are driven apart and past each other by
   their far ends; these are so stiff (E = 1e8 MPa) that they keep 0.04 % of the way for themselves
   where contact is pressed, 0.004 % else: traction to 0.1 % of the strength, damage to 1e-3,
   energies to 0.5 % (40 steps cut off the peak). Mutation: a strength 10 % higher must fail the
   same checks. */
#include "support/mutation.h"
#include "support/problem.h"

#include "base/tensor.h"

#define K_BOND   1000.0
#define STRENGTH 50.0
#define ENERGY   5.0
#define CONTACT  1e4
#define FRICTION 0.3
#define ONSET    0.05
#define FAILURE  0.2

static OstTractionLaw the_law(double strength, double energy_II)
{
  return (OstTractionLaw){.normal_stiffness = CONTACT,
                          .shear_stiffness  = K_BOND,
                          .bond_stiffness   = K_BOND,
                          .friction         = FRICTION,
                          .tensile_strength = strength,
                          .shear_strength   = strength,
                          .energy_I         = ENERGY,
                          .energy_II        = energy_II};
}

static double bilinear(double w)
{
  if (w <= ONSET) return K_BOND * w;
  return w < FAILURE ? STRENGTH * (FAILURE - w) / (FAILURE - ONSET) : 0.0;
}

/* Of the stiffness that is left at w on the way out, (1 - d) = t(w) / (K w). */
static double damage_at(double w)
{
  return w <= ONSET ? 0.0 : 1.0 - bilinear(w) / (K_BOND * w);
}

/* --- at a point ------------------------------------------------------------------------------- */

/* No axis of the frame is special: normal and sliding direction are oblique. */
static const PetscReal normal[3] = {2.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0};
static const PetscReal across[3] = {1.0 / 3.0, -2.0 / 3.0, -2.0 / 3.0};

typedef struct {
  OstTractionLaw law;
  OstIfacePoint  point;
  double         pull, shear; /* the last answer, along normal and across [MPa] */
} Probe;

static Probe probe(OstTractionLaw law)
{
  return (Probe){.law   = ost_mutate_law(law),
                 .point = {.bond = ost_mutated(OST_MUTATE_BOND) ? 0.0 : 1.0, .strength = 1.0}};
}

static void go(Probe *at, double open, double slide)
{
  const double   sign = ost_mutated(OST_MUTATE_NORMAL) ? -1.0 : 1.0;
  PetscReal      jump[3], n[3];
  OstIfaceAnswer answer;

  for (int i = 0; i < 3; i++) {
    jump[i] = open * normal[i] + slide * across[i];
    n[i]    = sign * normal[i];
  }
  ost_traction(&at->law, &at->point, n, jump, OST_CONSISTENT, &answer);
  at->point = answer.next;
  at->pull  = ost_dot3(answer.traction, normal);
  at->shear = ost_dot3(answer.traction, across);
}

static void point_follows_the_bilinear_law(double angle)
{
  const double c = cos(angle), s = sin(angle);
  Probe        at = probe(the_law(STRENGTH, ENERGY));

  for (int step = 1; step <= 250; step++) {
    const double w = 1e-3 * step;
    go(&at, c * w, s * w);
    OST_CHECK_NEAR(at.pull / STRENGTH, c * bilinear(w) / STRENGTH, 1e-12);
    OST_CHECK_NEAR(at.shear / STRENGTH, s * bilinear(w) / STRENGTH, 1e-12);
    OST_CHECK_NEAR(at.point.damage, fmin(damage_at(w), 1.0), 1e-12);
  }
  at = probe(the_law(STRENGTH, ENERGY));
  go(&at, c * ONSET * (1.0 - 1e-9), s * ONSET * (1.0 - 1e-9));
  OST_CHECK(at.point.damage <= 0.0);
  go(&at, c * ONSET * (1.0 + 1e-6), s * ONSET * (1.0 + 1e-6));
  OST_CHECK(at.point.damage > 0.0);
  go(&at, c * FAILURE * (1.0 - 1e-6), s * FAILURE * (1.0 - 1e-6));
  OST_CHECK(at.point.damage < 1.0);
  go(&at, c * FAILURE * (1.0 + 1e-9), s * FAILURE * (1.0 + 1e-9));
  OST_CHECK_NEAR(at.point.damage, 1.0, 0.0);
}

/* Half broken, closed and pressed, opened again; then broken, pressed and rubbed. */
static void point_remembers_its_damage(double angle)
{
  const double c = cos(angle), s = sin(angle), half = 0.1, left = 1.0 - damage_at(half);
  Probe        at = probe(the_law(STRENGTH, ENERGY));

  go(&at, c * half, s * half);
  for (int step = 9; step >= 1; step--) {
    const double w = 0.1 * step * half;
    go(&at, c * w, s * w);
    OST_CHECK_NEAR(c * at.pull + s * at.shear, left * K_BOND * w, 1e-11);
  }
  go(&at, 0.0, 0.0);
  go(&at, -2e-3, 0.0);
  OST_CHECK_NEAR(at.pull, -CONTACT * 2e-3, 1e-11);
  OST_CHECK_NEAR(at.point.damage, damage_at(half), 1e-12);
  go(&at, 0.0, 0.0);
  go(&at, c * 0.5 * half, s * 0.5 * half);
  OST_CHECK_NEAR(c * at.pull + s * at.shear, left * K_BOND * 0.5 * half, 1e-11);
  go(&at, c * 1.5 * half, s * 1.5 * half);
  OST_CHECK_NEAR(c * at.pull + s * at.shear, bilinear(1.5 * half), 1e-11);

  go(&at, c * 1.1 * FAILURE, s * 1.1 * FAILURE);
  go(&at, 0.5 * half, 0.0); /* open: nothing */
  OST_CHECK_NEAR(hypot(at.pull, at.shear), 0.0, 1e-12);
  go(&at, -2e-3, 0.0);
  OST_CHECK_NEAR(at.pull, -20.0, 1e-11);
  for (int step = 1; step <= 20; step++) go(&at, -2e-3, 5e-3 * step);
  OST_CHECK_NEAR(at.shear, FRICTION * 20.0, 1e-11);
  for (int step = 1; step <= 20; step++) go(&at, -2e-3, 0.1 - 5e-3 * step);
  OST_CHECK_NEAR(at.shear, -FRICTION * 20.0, 1e-11);
  OST_CHECK_NEAR(at.point.damage, 1.0, 0.0);
}

/* Unequal energies: where the path ends and what it costs. Trapezoids of 4000 steps: 1e-4. */
static void point_fails_by_the_sum_of_energies(double angle)
{
  const double c = cos(angle), s = sin(angle), energy_II = 2.5 * ENERGY;
  const double end = 2.0 / (STRENGTH * (c * c / ENERGY + s * s / energy_II)), step = end / 4000.0;
  double       work[2] = {0.0, 0.0}, last[2] = {0.0, 0.0};
  Probe        at = probe(the_law(STRENGTH, energy_II));

  for (int k = 1; k <= 4004; k++) {
    go(&at, c * step * k, s * step * k);
    work[0] += 0.5 * (at.pull + last[0]) * step * c;
    work[1] += 0.5 * (at.shear + last[1]) * step * s;
    last[0] = at.pull;
    last[1] = at.shear;
    if (k == 3999) OST_CHECK(at.point.damage < 1.0);
  }
  OST_CHECK_NEAR(at.point.damage, 1.0, 0.0);
  OST_CHECK_NEAR(work[0] / ENERGY + work[1] / energy_II, 1.0, 1e-4);
}

/* --- between two blocks ---------------------------------------------------------------------- */

#define AREA 12.0 /* 4 x 3 mm */

static void bent(const double p[3], double x[3], const void *context)
{
  const double bump = 0.2 * sin(M_PI * p[0]) * sin(M_PI * p[1]) * sin(2.0 * M_PI * p[2]);
  (void)context;
  x[0] = 4.0 * p[0] + bump;
  x[1] = 3.0 * p[1] - 0.7 * bump;
  x[2] = 4.0 * (p[2] - 0.5) + 0.5 * bump;
}

/* Far ends are held; the stem's, at z = -2, is moved by -context. */
static int moved(const double x[3], int implant, double u[3], const void *context)
{
  const double *way = context;

  for (int d = 0; d < 3; d++) u[d] = implant ? -way[d] : 0.0;
  return fabs(x[2]) > 2.0 - 1e-9 ? 7 : 0;
}

static int at_rest(const double x[3], int implant, double u[3], const void *context)
{
  const double way[3] = {0.0, 0.0, 0.0};
  (void)context;
  return moved(x, implant, u, way);
}

typedef struct {
  OstProblem p;
  double     pull, shear;     /* last reaction per area [MPa] */
  double     work[2], way[2]; /* opening, sliding; work per area [N/mm] */
  double     damage[2];       /* least and most */
} Blocks;

static PetscErrorCode move(Blocks *b, double open, double slide)
{
  const double way[3] = {slide, 0.0, open};
  double       force[3], moment[3];

  PetscFunctionBeginUser;
  PetscCall(ost_problem_prescribe(&b->p, moved, way));
  PetscCall(ost_problem_reach(&b->p, 0.0));
  PetscCall(ost_problem_reaction(&b->p, 1, force, moment));
  const double pull = -force[2] / AREA, shear = -force[0] / AREA;
  b->work[0] += 0.5 * (pull + b->pull) * (open - b->way[0]);
  b->work[1] += 0.5 * (shear + b->shear) * (slide - b->way[1]);
  b->pull      = pull;
  b->shear     = shear;
  b->way[0]    = open;
  b->way[1]    = slide;
  b->damage[0] = 1.0;
  b->damage[1] = 0.0;
  for (PetscInt k = 0; k < b->p.iface->num_points; k++) {
    b->damage[0] = fmin(b->damage[0], b->p.iface->point[k].damage);
    b->damage[1] = fmax(b->damage[1], b->p.iface->point[k].damage);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, b->damage, 1, MPI_DOUBLE, MPI_MIN, PETSC_COMM_WORLD));
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, &b->damage[1], 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode set_blocks(OstTractionLaw law, Blocks *b)
{
  const OstBlock block = {.n        = {2, 2, 4},
                          .wrap     = -1,
                          .straight = 1,
                          .map      = bent,
                          .region   = ost_block_halves,
                          .surface  = ost_block_ends};
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS] = {0};

  PetscFunctionBeginUser;
  *b = (Blocks){.pull = 0.0};
  for (int r = 0; r < OST_NUM_REGIONS; r++) E[r] = 1e8;
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, at_rest, &b->p));
  PetscCall(ost_problem_bond(&b->p, 1.0, 1.0));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Out to 0.1 mm, back into contact, out again and on to failure, back into contact, past each
   other. Largest difference from the closed form, over the strength. */
static PetscErrorCode blocks_follow_the_path(double strength, double angle, double *most)
{
  const double out[] = {0.025, 0.045, 0.06, 0.1}, on[] = {0.05, 0.1, 0.15, 0.21};
  const double c = cos(angle), s = sin(angle), half = 0.1;
  Blocks       b;

  PetscFunctionBeginUser;
  *most = 0.0;
  PetscCall(set_blocks(the_law(strength, ENERGY), &b));
  for (int k = 0; k < 4; k++) {
    PetscCall(move(&b, c * out[k], s * out[k]));
    *most = fmax(*most, hypot(b.pull - c * bilinear(out[k]), b.shear - s * bilinear(out[k])));
    *most = fmax(*most, STRENGTH * fabs(b.damage[0] - damage_at(out[k])));
    *most = fmax(*most, STRENGTH * fabs(b.damage[1] - damage_at(out[k])));
  }
  PetscCall(move(&b, 0.0, 0.0));
  PetscCall(move(&b, -2e-3, 0.0));
  *most = fmax(*most, fabs(b.pull + CONTACT * 2e-3));
  *most = fmax(*most, STRENGTH * fabs(b.damage[0] - damage_at(half)));
  PetscCall(move(&b, 0.0, 0.0));
  for (int k = 0; k < 4; k++) {
    const double w = on[k], t = w < half ? (1.0 - damage_at(half)) * K_BOND * w : bilinear(w);
    PetscCall(move(&b, c * w, s * w));
    *most = fmax(*most, hypot(b.pull - c * t, b.shear - s * t));
  }
  *most = fmax(*most, STRENGTH * fabs(b.damage[0] - 1.0));
  PetscCall(move(&b, 0.05, 0.0));
  *most = fmax(*most, hypot(b.pull, b.shear));
  PetscCall(move(&b, -2e-3, 0.0));
  PetscCall(move(&b, -2e-3, 0.05));
  *most = fmax(*most, hypot(b.pull + CONTACT * 2e-3, b.shear - FRICTION * CONTACT * 2e-3));
  *most /= STRENGTH;
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "strength %g, %2.0f degrees: off by %.2e of the strength; newton %d\n",
                        strength, 180.0 / M_PI * angle, *most, (int)b.p.eq->count.newton));
  PetscCall(ost_problem_destroy(&b.p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode blocks_fail_by_the_sum_of_energies(double angle)
{
  const double c = cos(angle), s = sin(angle), energy_II = 2.5 * ENERGY;
  const double end   = 2.0 / (STRENGTH * (c * c / ENERGY + s * s / energy_II));
  const int    steps = 40;
  Blocks       b;

  PetscFunctionBeginUser;
  PetscCall(set_blocks(the_law(STRENGTH, energy_II), &b));
  for (int k = 1; k <= steps; k++)
    PetscCall(move(&b, 1.001 * end * c * k / steps, 1.001 * end * s * k / steps));
  const double sum = b.work[0] / ENERGY + b.work[1] / energy_II;
  OST_CHECK_NEAR(b.damage[0], 1.0, 0.0);
  OST_CHECK_NEAR(sum, 1.0, 5e-3);
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%2.0f degrees: W_I/G_I + W_II/G_II = %.5f\n",
                        180.0 / M_PI * angle, sum));
  PetscCall(ost_problem_destroy(&b.p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  const double bar = 1e-3;
  double       most;
  PetscMPIInt  ranks;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &ranks));
  for (int k = 0; k <= 4; k++) {
    const double angle = 0.125 * M_PI * k;
    point_follows_the_bilinear_law(angle);
    point_remembers_its_damage(angle);
    point_fails_by_the_sum_of_energies(angle);
  }
  for (int k = 0; k <= 2; k++) {
    if (ranks > 1 && k != 1) continue; /* many small solves are slow on a shared machine */
    PetscCall(blocks_follow_the_path(STRENGTH, 0.25 * M_PI * k, &most));
    OST_CHECK(most < bar);
    PetscCall(blocks_follow_the_path(1.1 * STRENGTH, 0.25 * M_PI * k, &most));
    OST_CHECK(most > bar);
  }
  if (ranks == 1) PetscCall(blocks_fail_by_the_sum_of_energies(0.25 * M_PI));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
