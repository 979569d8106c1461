/* Patch tests of the bulk elements, on an irregular mesh of one body (stem and bone tied, one
   material).

   1. P2, straight cells: displacements of a quadratic field on the outer surface and its body force
      give the quadratic field inside. f = -div sigma = -(lambda + mu) grad div u - mu lap u.
   2. P2, curved cells (mid-side nodes off the middles): the same with a linear field. grad N det J
      is a polynomial of degree 3, which the 14 points integrate, so the patch holds exactly.
   3. P1 (the coarse level): a linear field leaves no force on inner corners, as assembled from the
      projected element matrices.
   4. Recovery: the strain of each cell is that of the field at its centroid (straight, quadratic
      field), or everywhere (curved, linear field); the von Mises stress follows from it.
   Source: Irons and Razzaque (1972); Taylor et al. (1986), Int J Numer Methods Eng 22, 39.
   Tolerance 1e-10 of the largest displacement or force (design figure). A curved cell integrated
   with the four points of a straight one misses it: asserted for the element matrix in
   fem/stiffness_test.c by the energy. */
#include "support/problem.h"

#include "base/tensor.h"
#include "fem/recover.h"
#include "fem/stiffness.h"

static void bent(const double p[3], double x[3], const void *context)
{
  const double bump = 0.35 * sin(M_PI * p[0]) * sin(M_PI * p[1]) * sin(M_PI * p[2]);
  (void)context;
  x[0] = 4.0 * p[0] + bump;
  x[1] = 3.0 * p[1] - 0.7 * bump;
  x[2] = 5.0 * p[2] + 0.5 * bump;
}

#define MODULUS 1000.0
#define NU      0.3
#define LAMBDA  (MODULUS * NU / ((1.0 + NU) * (1.0 - 2.0 * NU)))
#define MU      (0.5 * MODULUS / (1.0 + NU))

static void linear(const double x[3], double u[3], const void *context)
{
  (void)context;
  u[0] = 1e-3 * (1.0 + 2.0 * x[0] - 0.5 * x[1] + 0.3 * x[2]);
  u[1] = 1e-3 * (0.7 * x[0] - 1.0 * x[1] + 0.4 * x[2]);
  u[2] = 1e-3 * (-0.2 * x[0] + 0.9 * x[1] + 0.6 * x[2] - 2.0);
}

static void quadratic(const double x[3], double u[3], const void *context)
{
  linear(x, u, context);
  u[0] += 1e-4 * (2.0 * x[0] * x[0] - x[1] * x[2]);
  u[1] += 1e-4 * (x[0] * x[1] + 3.0 * x[1] * x[1] - x[2] * x[2]);
  u[2] += 1e-4 * (x[0] * x[0] + 0.5 * x[2] * x[2] + x[1] * x[2]);
}

/* div u = 1e-4 (4 x + x + 6 y + z + y) + const: grad = (5, 7, 1); laplacians (4, 6 - 2, 2 + 1). */
static void quadratic_force(const double x[3], double f[3], const void *context)
{
  const double grad[3] = {5.0, 7.0, 1.0}, lap[3] = {4.0, 4.0, 3.0};
  (void)x;
  (void)context;
  for (int d = 0; d < 3; d++) f[d] = -1e-4 * ((LAMBDA + MU) * grad[d] + MU * lap[d]);
}

static int outside(const double x[3])
{
  return x[0] < 1e-9 || x[0] > 4.0 - 1e-9 || x[1] < 1e-9 || x[1] > 3.0 - 1e-9 || x[2] < 1e-9 ||
         x[2] > 5.0 - 1e-9;
}

static int held_linear(const double x[3], int implant, double u[3], const void *context)
{
  (void)implant;
  linear(x, u, context);
  return outside(x) ? 7 : 0;
}

static int held_quadratic(const double x[3], int implant, double u[3], const void *context)
{
  (void)implant;
  quadratic(x, u, context);
  return outside(x) ? 7 : 0;
}

/* Largest force on inner corners of the assembled P1 matrix under the linear field, against the
   largest anywhere. */
static PetscErrorCode p1_patch(const OstProblem *p, double *inner)
{
  const OstMesh *mesh = p->mesh;
  PetscReal     *f;
  Vec            sum;
  double         most[2] = {0.0, 0.0};

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &f));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscReal x[30], K2[900], K1[144], u[12];
    for (int a = 0; a < 10; a++)
      for (int d = 0; d < 3; d++) x[3 * a + d] = mesh->x[3 * mesh->cells[10 * c + a] + d];
    for (int a = 0; a < 4; a++) linear(&x[3 * a], &u[3 * a], NULL);
    ost_stiffness(x, &(OstElastic){.E = MODULUS, .nu = NU}, K2);
    ost_stiffness_to_p1(x, K2, K1);
    for (int r = 0; r < 12; r++)
      for (int k = 0; k < 12; k++)
        f[3 * mesh->cells[10 * c + r / 3] + r % 3] += K1[12 * r + k] * u[k];
  }
  PetscCall(VecDuplicate(p->load, &sum));
  PetscCall(ost_mesh_local_to_global(mesh, f, sum));
  PetscCall(ost_mesh_global_to_local(mesh, sum, f));
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    for (int d = 0; d < 3; d++) {
      most[1] = fmax(most[1], fabs(f[3 * i + d]));
      if (!outside(&mesh->x[3 * i])) most[0] = fmax(most[0], fabs(f[3 * i + d]));
    }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, most, 2, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  *inner = most[0] / most[1];
  PetscCall(VecDestroy(&sum));
  PetscCall(PetscFree(f));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Largest difference of the recovered strains from those of the field at the mean of the corners,
   and of the von Mises stress from the one they give. */
static PetscErrorCode recovery_error(const OstProblem *p, int curved, double *worst)
{
  const OstMesh *mesh = p->mesh;
  OstCellResult *cell;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_cells, &cell));
  PetscCall(ost_recover_cells(mesh, p->eq->local_u, p->elastic, cell));
  *worst = 0.0;
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscReal x[3] = {0}, sig[6], principal[3];
    for (int a = 0; a < 4; a++)
      for (int d = 0; d < 3; d++) x[d] += 0.25 * mesh->x[3 * mesh->cells[10 * c + a] + d];
    double h[3][3] = {{2e-3, -0.5e-3, 0.3e-3}, {0.7e-3, -1e-3, 0.4e-3}, {-0.2e-3, 0.9e-3, 0.6e-3}};
    const double more[3][3] = {{4.0 * x[0], -x[2], -x[1]},
                               {x[1], x[0] + 6.0 * x[1], -2.0 * x[2]},
                               {2.0 * x[0], x[2], x[2] + x[1]}};
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++) h[i][k] += curved ? 0.0 : 1e-4 * more[i][k];
    const double eps[6] = {h[0][0],           h[1][1],           h[2][2],
                           h[1][2] + h[2][1], h[0][2] + h[2][0], h[0][1] + h[1][0]};
    for (int i = 0; i < 6; i++) {
      *worst = fmax(*worst, fabs(cell[c].strain[i] - eps[i]));
      sig[i] = i < 3 ? LAMBDA * (eps[0] + eps[1] + eps[2]) + 2.0 * MU * eps[i] : MU * eps[i];
    }
    *worst = fmax(*worst, fabs(cell[c].von_mises - ost_von_mises(sig)) / MODULUS);
    ost_principal_values(eps, PETSC_TRUE, principal);
    *worst = fmax(*worst, fabs(cell[c].principal_max - principal[0]));
    *worst = fmax(*worst, fabs(cell[c].principal_min - principal[2]));
    if (curved) { /* uniform strain: the energy density is that of the mean */
      double density = 0.0;
      for (int i = 0; i < 6; i++) density += 0.5 * sig[i] * eps[i];
      *worst = fmax(*worst, fabs(cell[c].energy_density - density) / MODULUS);
      *worst = fmax(*worst, fabs(cell[c].von_mises_max - cell[c].von_mises) / MODULUS);
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, worst, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscCall(PetscFree(cell));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode run(int curved)
{
  const OstBlock block = {.n        = {3, 3, 4},
                          .wrap     = -1,
                          .straight = !curved,
                          .map      = bent,
                          .region   = ost_block_halves,
                          .surface  = ost_block_ends,
                          .tied     = 1};
  OstTractionLaw law   = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS], error;
  OstProblem     p;

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    E[r]  = MODULUS;
    nu[r] = NU;
  }
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law},
                               curved ? held_linear : held_quadratic, &p));
  OST_CHECK_INT(p.mesh->total_faces, 0);
  if (!curved) PetscCall(ost_problem_add_body_force(&p, quadratic_force, NULL));
  PetscCall(ost_problem_reach(&p, 0.0));
  PetscCall(ost_problem_error(&p, curved ? linear : quadratic, NULL, &error));
  OST_CHECK(error < 1e-10 * 0.01);
  PetscCall(recovery_error(&p, curved, &error));
  OST_CHECK(error < 1e-10 * 0.01);
  if (!curved) {
    PetscCall(p1_patch(&p, &error));
    OST_CHECK(error < 1e-10);
  }
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(run(0));
  PetscCall(run(1));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
