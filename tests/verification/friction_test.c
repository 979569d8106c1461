/* Push-out and twist of a shrink-fitted shaft.

   The shaft is seated without friction (pressure p by Lame, shrink_fit_test.c), then friction is on
   and the shaft is pushed along, or turned about, its axis until it slides everywhere:
       push-out force  F = 2 pi R L mu p
       twist moment    T = 2 pi R^2 L mu p
   Geometries for which p stays the Lame pressure while the shear acts:
   - push-out: plane strain, both ends of the shaft are moved together and both ends of the ring
   held.
     The shear makes axial stress that is odd about the middle, so that its Poisson effect on p
     cancels in F. Bore and outer surface are free.
   - twist: the bore is turned as a rigid body and the outer surface held, so u_r = 0 on both:
     u = A (r - a^2/r) in the shaft, C (r - c^2/r) in the ring, sigma_r = 2 (l + G) A + 2 G A
     a^2/r^2.
     Torsion is pure shear and leaves p alone.
   Source: Coulomb's law on the Lame solution; design figure 2 %. Tolerance: 1 %, of which the mesh
   (curved cells, 16 round) takes 0.1 %.
   Mutations: with friction left off, or with half the interference, the same check must fail. */
#include "support/problem.h"
#include "support/ring.h"

static const OstRing scene = {2.0, 7.0, 14.0, 4.0, 1, 3, 16, 2};

#define E_SHAFT      110000.0
#define E_RING       17000.0
#define NU           0.3
#define STIFFNESS    1e4
#define FRICTION     0.4
#define INTERFERENCE 0.025

typedef struct {
  int    twist;
  double way; /* shift along z [mm] or angle [rad] of the shaft */
} Motion;

static PetscBool at_end(const double x[3])
{
  return x[2] < 1e-9 || x[2] > scene.height - 1e-9 ? PETSC_TRUE : PETSC_FALSE;
}

/* `context` of the block is the ring; the motion is handed over when it changes. */
static int held_at(const double x[3], int implant, double u[3], const Motion *motion)
{
  const double r = hypot(x[0], x[1]);

  u[0] = u[1] = u[2] = 0.0;
  if (!motion->twist) {
    if (implant) u[2] = motion->way;
    return ost_ring_symmetry(x) | (at_end(x) ? 4 : 0);
  }
  if (implant && r < scene.bore * (1.0 + 1e-9)) {
    u[0] = -motion->way * x[1];
    u[1] = motion->way * x[0];
    return 3 | (at_end(x) ? 4 : 0);
  }
  return (r > scene.outer * (1.0 - 1e-9) ? 3 : 0) | (at_end(x) ? 4 : 0);
}

static int held_push(const double x[3], int implant, double u[3], const void *context)
{
  (void)context;
  return held_at(x, implant, u, &(const Motion){0, 0.0});
}

static int held_twist(const double x[3], int implant, double u[3], const void *context)
{
  (void)context;
  return held_at(x, implant, u, &(const Motion){1, 0.0});
}

static int moved(const double x[3], int implant, double u[3], const void *context)
{
  return held_at(x, implant, u, context);
}

/* Radial compliances [mm/MPa] of shaft and ring at the interface. */
static double pressure_of(double interference, int twist)
{
  const double a = scene.bore, b = scene.middle, c = scene.outer, nu = NU / (1.0 - NU);
  double       shaft, ring;

  if (twist) {
    const double Gs = 0.5 * E_SHAFT / (1.0 + NU), Gr = 0.5 * E_RING / (1.0 + NU);
    const double Ks = Gs / (1.0 - 2.0 * NU), Kr = Gr / (1.0 - 2.0 * NU); /* lambda + G */
    shaft = (b - a * a / b) / (2.0 * Ks + 2.0 * Gs * a * a / (b * b));
    ring  = -(b - c * c / b) / (2.0 * Kr + 2.0 * Gr * c * c / (b * b));
  } else {
    shaft = b * (1.0 - NU * NU) / E_SHAFT * ((b * b + a * a) / (b * b - a * a) - nu);
    ring  = b * (1.0 - NU * NU) / E_RING * ((c * c + b * b) / (c * c - b * b) + nu);
  }
  return interference / (shaft + ring + 1.0 / STIFFNESS);
}

/* Reaction over its closed form, less 1. */
static PetscErrorCode slide(int twist, double interference, double friction, double *error)
{
  OstBlock       block = ost_ring_block(&scene);
  OstTractionLaw law   = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS], force[3], moment[3], against[3], spare[3];
  OstProblem     p;
  Motion         motion  = {twist, twist ? 0.04 / 7.0 : 0.04};
  PetscInt       sliding = 0;
  double         outward = 0.0;

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    E[r]  = ost_region_is_implant(r) ? E_SHAFT : E_RING;
    nu[r] = NU;
  }
  law.normal_stiffness = law.shear_stiffness = STIFFNESS;
  law.friction                               = friction;
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law},
                               twist ? held_twist : held_push, &p));
  p.eq->options.tolerance = 1e-9;
  p.eq->options.krylov    = 1e-6;
  ost_problem_set_fit(&p, -interference);
  p.iface->friction_scale = 0.0;
  PetscCall(ost_problem_reach(&p, 1.0));
  PetscCall(ost_problem_seat(&p));
  for (int step = 1; step <= 2; step++) { /* the way in two halves: friction remembers its path */
    Motion part = motion;
    part.way *= 0.5 * step;
    PetscCall(ost_problem_prescribe(&p, moved, &part));
    PetscCall(ost_problem_reach(&p, 1.0));
  }
  PetscCall(ost_problem_reaction(&p, 1, force, moment));
  PetscCall(ost_problem_reaction(&p, 0, against, spare));
  if (!twist) { /* in plane the symmetry planes carry the spare */
    OST_CHECK_NEAR(force[2] + against[2], 0.0, 1e-6 * (1.0 + fabs(force[2])));
  } else
    OST_CHECK_NEAR(moment[2] + spare[2], 0.0, 1e-6 * (1.0 + fabs(moment[2])));
  for (PetscInt k = 0; k < p.iface->num_points; k++) {
    const PetscReal *x = &p.iface->place[3 * k], *t = p.eq->answer[k].traction;
    sliding += p.eq->answer[k].state == OST_SLIP;
    outward = fmax(outward, x[0] * t[0] + x[1] * t[1]);
  }
  OST_CHECK_INT(sliding, p.iface->num_points);
  OST_CHECK(outward <= 0.0); /* the shaft is pressed, not pulled: sliding alone cannot tell */
  const double R      = scene.middle;
  const double wanted = 2.0 * M_PI * R * scene.height * FRICTION *
                        pressure_of(INTERFERENCE, twist) * (twist ? R : 1.0);
  *error = (twist ? moment[2] : force[2]) / wanted - 1.0;
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "%s mu %g d %g: %.4f of %.2f, newton %d in %d increments\n",
                        twist ? "twist" : "push-out", friction, interference, 1.0 + *error, wanted,
                        (int)p.eq->count.newton, (int)p.eq->count.increments));
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool within_bar(double error)
{
  return fabs(error) < 0.01 ? PETSC_TRUE : PETSC_FALSE;
}

int main(int argc, char **argv)
{
  double error;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  for (int twist = 0; twist < 2; twist++) {
    PetscCall(slide(twist, INTERFERENCE, FRICTION, &error));
    OST_CHECK(within_bar(error));
    PetscCall(slide(twist, INTERFERENCE, 0.0, &error));
    OST_CHECK(!within_bar(error));
    OST_CHECK_NEAR(error, -1.0, 1e-4);
  }
  PetscCall(slide(0, 0.5 * INTERFERENCE, FRICTION, &error));
  OST_CHECK(!within_bar(error));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
