/* Patch tests on an irregular mesh across a bone-implant interface.

   1. A bonded interface between equal materials with a linear displacement prescribed on the whole
      outer surface: the jump is exactly traction / stiffness, constant over the interface.
   2. Compression through unilateral contact: uniform stress sigma = E eps, pressure = -sigma,
      penetration sigma / k_n.
   Both to 1e-10 of the displacement (design figure), on any number of ranks. */
#include "support/problem.h"

static void bent(const double p[3], double x[3], const void *context)
{
  /* inside nodes are displaced, the outer faces and the interface plane z = 0 stay flat */
  const double bump = 0.35 * sin(M_PI * p[0]) * sin(M_PI * p[1]) * sin(2.0 * M_PI * p[2]);
  (void)context;
  x[0] = 4.0 * p[0] + bump;
  x[1] = 3.0 * p[1] - 0.7 * bump;
  x[2] = 6.0 * (p[2] - 0.5) + 0.5 * bump;
}

#define MODULUS   1000.0
#define STIFFNESS 1e4
#define PRESSURE  5.0

/* Uniaxial stress sigma along z: u = sigma/E (z, -nu x, -nu y), and the stem is further up or down
   by what the interface gives. */
static void uniaxial(const double x[3], double sigma, double u[3])
{
  u[0] = -0.3 * sigma / MODULUS * x[0];
  u[1] = -0.3 * sigma / MODULUS * x[1];
  u[2] = sigma / MODULUS * x[2];
}

static int fixed_top(const double x[3], int implant, double u[3], const void *context)
{
  /* symmetry planes x = 0, y = 0 on both bodies, and the top held in z */
  (void)context;
  (void)implant;
  u[0] = u[1] = u[2] = 0.0;
  return (x[0] < 1e-9 ? 1 : 0) | (x[1] < 1e-9 ? 2 : 0) | (x[2] > 3.0 - 1e-9 ? 4 : 0);
}

static void push(const double x[3], const double normal[3], double t[3], const void *context)
{
  (void)x;
  for (int d = 0; d < 3; d++) t[d] = *(const double *)context * normal[d];
}

static double answer_of_side(const double x[3], double sigma, double u[3], int stem)
{
  uniaxial((const double[3]){x[0], x[1], x[2] - 3.0}, sigma, u);
  if (stem) u[2] -= sigma / STIFFNESS; /* jump u_bone - u_stem = sigma / k along z */
  return u[2];
}

/* Nodes at z = 0 exist on both sides: compare each with its own side's answer. */
static double side_error(const OstProblem *p, double sigma)
{
  const OstMesh *mesh  = p->mesh;
  double         worst = 0.0;
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    for (int a = 0; a < 10; a++) {
      const PetscInt i = mesh->cells[10 * c + a];
      double         u[3];
      answer_of_side(&mesh->x[3 * i], sigma, u, ost_region_is_implant(mesh->region[c]));
      for (int d = 0; d < 3; d++) worst = fmax(worst, fabs(u[d] - p->eq->local_u[3 * i + d]));
    }
  MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
  return worst;
}

static PetscErrorCode run(double sigma, double bond)
{
  const OstBlock block = {.n        = {3, 3, 4},
                          .wrap     = -1,
                          .straight = 1,
                          .map      = bent,
                          .region   = ost_block_halves,
                          .surface  = ost_block_ends};
  OstTractionLaw law   = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS];
  OstProblem     p;

  PetscFunctionBeginUser;
  law.normal_stiffness = law.shear_stiffness = law.bond_stiffness = STIFFNESS;
  law.tensile_strength = 1e3; /* the patch does not break */
  law.energy_I         = 1e3;
  law.friction         = 0.0;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    E[r]  = MODULUS;
    nu[r] = 0.3;
  }
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, fixed_top, &p));
  PetscCall(ost_problem_bond(&p, bond, 1.0));
  PetscCall(ost_problem_add_traction(&p, OST_ABUTMENT_END, push, &sigma));
  PetscCall(ost_problem_reach(&p, 0.0));
  OST_CHECK(side_error(&p, sigma) < 1e-10 * 3.0 * fabs(sigma) / MODULUS + 1e-13);
  for (PetscInt k = 0; k < p.iface->num_points; k++)
    OST_CHECK_NEAR(p.eq->answer[k].traction[2], sigma, 1e-9);
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(run(-PRESSURE, 0.0)); /* contact */
  PetscCall(run(PRESSURE, 1.0));  /* bonded, pulled */
  PetscCall(PetscFinalize());
  return ost_check_report();
}
