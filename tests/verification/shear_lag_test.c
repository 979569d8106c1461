/* Pull-out of a bonded post: the shear along a compliant bond (shear lag).

   A hollow post (area A_s, modulus E_s) bonded into a ring (A_b, E_b) over its length L with bond
   stiffness k per area, pulled with F at z = L; the ring is held at z = 0. With the relative
   displacement D(z) = u_post - u_ring and tau = k D over the perimeter P:
       E_s A_s u_s'' = P k D,   E_b A_b u_b'' = -P k D   =>   D'' = w^2 D,
       w^2 = P k (1/(E_s A_s) + 1/(E_b A_b)),
       D'(L) = F/(E_s A_s),  D'(0) = -F/(E_b A_b)   (post free at 0, ring free at L, ring carries
       F at 0)
       D = (c_L cosh wz + c_0 cosh w(L - z)) / (w sinh wL),  c_L = F/(E_s A_s), c_0 = F/(E_b A_b).
   Source: Volkersen (1938), Luftfahrtforschung 15, 41; Cox (1952), Br J Appl Phys 3, 72.
   The assumptions are made true: nu = 0 (no radial coupling), and k so small that the shear
   compliance across the two bodies, (b - a)/(3 G_s) + about (c - b)/(3 G_b), is 1.1 % of 1/k; tau
   feels half of it. Tolerance 2 % of the largest shear at every point (design figure); the balance
   of forces to 1e-8. Mutation: with k doubled the same check must fail. */
#include "support/problem.h"
#include "support/ring.h"

static const OstRing scene = {2.0, 5.0, 9.0, 80.0, 1, 1, 12, 40};

#define E_POST 40000.0
#define E_RING 20000.0
#define BOND   30.0
#define PULL   2.0 /* MPa on the end of the post */

static int held(const double x[3], int implant, double u[3], const void *context)
{
  (void)context;
  u[0] = u[1] = u[2] = 0.0;
  return ost_ring_symmetry(x) | (!implant && x[2] < 1e-9 ? 4 : 0);
}

static void pull(const double x[3], const double normal[3], double t[3], const void *context)
{
  (void)x;
  (void)context;
  for (int d = 0; d < 3; d++) t[d] = PULL * normal[d];
}

static double exact_shear(double z)
{
  const double As = M_PI * (scene.middle * scene.middle - scene.bore * scene.bore),
               Ab = M_PI * (scene.outer * scene.outer - scene.middle * scene.middle), F = PULL * As,
               P = 2.0 * M_PI * scene.middle, L = scene.height;
  const double s = 1.0 / (E_POST * As), b = 1.0 / (E_RING * Ab), w = sqrt(P * BOND * (s + b));
  return BOND * F * (s * cosh(w * z) + b * cosh(w * (L - z))) / (w * sinh(w * L));
}

static PetscErrorCode solve(double bond, double *error)
{
  const OstBlock block = ost_ring_block(&scene);
  OstTractionLaw law   = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS] = {0}, force[3], moment[3];
  double         most = 0.0, balance = 0.0;
  OstProblem     p;

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) E[r] = ost_region_is_implant(r) ? E_POST : E_RING;
  law.normal_stiffness = law.bond_stiffness = law.shear_stiffness = bond;
  law.tensile_strength = law.shear_strength = 1e3; /* nothing breaks */
  law.energy_I = law.energy_II = 1e9;
  law.friction                 = 0.0; /* nothing rubs */
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, held, &p));
  PetscCall(ost_problem_bond(&p, 1.0, 1.0));
  PetscCall(ost_problem_add_traction(&p, OST_ABUTMENT_END, pull, NULL));
  PetscCall(ost_problem_reach(&p, 0.0));
  *error = 0.0;
  for (PetscInt k = 0; k < p.iface->num_points; k++) {
    const double tau = -p.eq->answer[k].traction[2]; /* jump is u_bone - u_stem */
    *error           = fmax(*error, fabs(tau - exact_shear(p.iface->place[3 * k + 2])));
    most             = fmax(most, exact_shear(p.iface->place[3 * k + 2]));
    balance += tau * p.iface->area[k];
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, error, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &balance, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  *error /= most;
  PetscCall(ost_problem_reaction(&p, 0, force, moment));
  OST_CHECK_NEAR(force[2] / balance, -1.0, 1e-8);
  const double As = M_PI * (scene.middle * scene.middle - scene.bore * scene.bore);
  OST_CHECK_NEAR(balance / (PULL * As), 1.0, 1e-3); /* the circle of parabolas */
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "bond %g: largest error %.2e of the largest shear %g MPa\n", bond, *error,
                        most));
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  double error;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  OST_CHECK(exact_shear(scene.height) > 1.5 * exact_shear(0.5 * scene.height)); /* lag is there */
  PetscCall(solve(BOND, &error));
  OST_CHECK(error < 0.02);
  PetscCall(solve(2.0 * BOND, &error));
  OST_CHECK(error > 0.02);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
