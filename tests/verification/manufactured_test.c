/* Manufactured solution of elasticity: the P2 displacement converges at its rates.

   u_i = U a_i sin(p_i . x + q_i) on a block of irregular straight cells, one body (tied),
   prescribed on the whole outer surface; with k = p_i (the wave vector of component i) and one
   material
       f = -(lambda + mu) grad div u - mu lap u,
       div u = sum_i U a_i p_i,i cos(.),  d_j div u = -sum_i U a_i p_i,i p_i,j sin(.),
       lap u_i = -|p_i|^2 u_i.
   Errors in L2 (displacement) and H1 (its gradient) are integrated by 14 points per cell.
   Source: the method of manufactured solutions; rates k + 1 and k of degree k = 2: Ciarlet (1978).
   Bar (design): 2.9 in L2 and 1.9 in H1 from mesh to mesh, n = 3, 6, 12 bricks. A body force of the
   wrong sign must lose the rate. */
#include "support/problem.h"

#include "fem/element.h"

#define MODULUS 1000.0
#define NU      0.3
#define LAMBDA  (MODULUS * NU / ((1.0 + NU) * (1.0 - 2.0 * NU)))
#define MU      (0.5 * MODULUS / (1.0 + NU))

static const double amplitude[3] = {1e-3, -0.7e-3, 0.8e-3};
static const double wave[3][3]   = {{1.1, 0.6, -0.4}, {0.5, -1.0, 0.7}, {-0.6, 0.8, 0.9}};
static const double phase[3]     = {0.3, 1.1, -0.5};

static double argument(const double x[3], int i)
{
  return wave[i][0] * x[0] + wave[i][1] * x[1] + wave[i][2] * x[2] + phase[i];
}

static void field(const double x[3], double u[3], const void *context)
{
  (void)context;
  for (int i = 0; i < 3; i++) u[i] = amplitude[i] * sin(argument(x, i));
}

static void force(const double x[3], double f[3], const void *context)
{
  const double sign = *(const double *)context;
  for (int j = 0; j < 3; j++) {
    double grad = 0.0;
    for (int i = 0; i < 3; i++)
      grad -= amplitude[i] * wave[i][i] * wave[i][j] * sin(argument(x, i));
    const double square =
        wave[j][0] * wave[j][0] + wave[j][1] * wave[j][1] + wave[j][2] * wave[j][2];
    const double lap = -square * amplitude[j] * sin(argument(x, j));
    f[j]             = -sign * ((LAMBDA + MU) * grad + MU * lap);
  }
}

static void bent(const double p[3], double x[3], const void *context)
{
  const double bump = 0.12 * sin(M_PI * p[0]) * sin(M_PI * p[1]) * sin(M_PI * p[2]);
  (void)context;
  x[0] = 2.0 * p[0] + bump;
  x[1] = 2.0 * p[1] - 0.7 * bump;
  x[2] = 2.0 * p[2] + 0.5 * bump;
}

static int halves(const double centre[3], const void *context)
{
  (void)context;
  return centre[2] > 0.4 ? OST_CORTICAL : OST_STEM;
}

static int held(const double x[3], int implant, double u[3], const void *context)
{
  int outside = 0;
  (void)implant;
  field(x, u, context);
  for (int d = 0; d < 3; d++) outside |= x[d] < 1e-9 || x[d] > 2.0 - 1e-9;
  return outside ? 7 : 0;
}

static PetscErrorCode solve(int n, double sign, double error[2])
{
  const OstBlock block = {.n        = {n, n, n},
                          .wrap     = -1,
                          .straight = 1,
                          .map      = bent,
                          .region   = halves,
                          .surface  = ost_block_ends,
                          .tied     = 1};
  OstTractionLaw law   = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS], sum[2] = {0.0, 0.0};
  OstProblem     p;

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    E[r]  = MODULUS;
    nu[r] = NU;
  }
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, held, &p));
  p.eq->options.tolerance = 1e-10;
  PetscCall(ost_problem_add_body_force(&p, force, &sign));
  PetscCall(ost_problem_reach(&p, 0.0));
  for (PetscInt c = 0; c < p.mesh->num_cells; c++) {
    const PetscInt *cell = &p.mesh->cells[10 * c];
    PetscReal       x[30];
    for (int a = 0; a < 10; a++)
      for (int d = 0; d < 3; d++) x[3 * a + d] = p.mesh->x[3 * cell[a] + d];
    for (PetscInt q = 0; q < ost_tet_rule14.num; q++) {
      const PetscReal *b = &ost_tet_rule14.point[4 * q];
      PetscReal        grad[OST_TET_NODES][3], N[OST_TET_NODES], at[3] = {0}, got[3] = {0}, u[3];
      const PetscReal  w = ost_tet_rule14.weight[q] * ost_tet10_gradients(x, b, grad) / 6.0;
      ost_tet10_shape(b, N);
      for (int a = 0; a < 10; a++)
        for (int d = 0; d < 3; d++) {
          at[d] += N[a] * x[3 * a + d];
          got[d] += N[a] * p.eq->local_u[3 * cell[a] + d];
        }
      field(at, u, NULL);
      for (int i = 0; i < 3; i++) {
        sum[0] += w * (got[i] - u[i]) * (got[i] - u[i]);
        for (int k = 0; k < 3; k++) {
          double slope = 0.0;
          for (int a = 0; a < 10; a++) slope += grad[a][k] * p.eq->local_u[3 * cell[a] + i];
          slope -= amplitude[i] * wave[i][k] * cos(argument(at, i));
          sum[1] += w * slope * slope;
        }
      }
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  for (int k = 0; k < 2; k++) error[k] = sqrt(sum[k]);
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "n %d: error L2 %.3e H1 %.3e, krylov %d\n", n, error[0],
                        error[1], (int)p.eq->count.krylov_max));
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  double error[4][2];

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  for (int k = 0; k < 3; k++) PetscCall(solve(3 << k, 1.0, error[k]));
  for (int k = 1; k < 3; k++) {
    const double rate[2] = {log2(error[k - 1][0] / error[k][0]),
                            log2(error[k - 1][1] / error[k][1])};
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "rates L2 %.3f H1 %.3f\n", rate[0], rate[1]));
    OST_CHECK(rate[0] >= 2.9);
    OST_CHECK(rate[1] >= 1.9);
  }
  PetscCall(solve(3, -1.0, error[3]));
  OST_CHECK(error[3][0] > 10.0 * error[0][0]);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
