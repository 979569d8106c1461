/* The P1 level with a hierarchy against the factorised one, at several contrasts of stiffness, on
   any number of ranks, partly fixed nodes among them; bodies end where joints are soft. */
#include "fem/aggregate.h"
#include "fem/linear.h"

#include "support/check.h"
#include "support/problem.h"

static void stretched(const double p[3], double x[3], const void *context)
{
  (void)context;
  x[0] = 20.0 * p[0];
  x[1] = 20.0 * p[1];
  x[2] = 60.0 * p[2];
}

static int post(const double c[3], const void *context)
{
  (void)context;
  if (c[0] > 0.25 && c[0] < 0.75 && c[1] > 0.25 && c[1] < 0.75 && c[2] < 0.8) return OST_STEM;
  return c[2] > 0.8 ? OST_MARROW : OST_CORTICAL;
}

static int ends(int direction, int side, const double c[3], const void *context)
{
  if (direction != 2) return OST_PERIOSTEUM;
  if (side) return OST_PROXIMAL;
  return post((const double[3]){c[0], c[1], 0.01}, context) == OST_STEM ? OST_ABUTMENT_END
                                                                        : OST_RESECTION;
}

static const OstBlock *the_block(void)
{
  static const OstBlock block = {.n        = {8, 8, 20},
                                 .wrap     = -1,
                                 .straight = 1,
                                 .map      = stretched,
                                 .region   = post,
                                 .surface  = ends,
                                 .tied     = 1};
  return &block;
}

/* A load across the lower end, as a function of the place. */
static PetscErrorCode load(const OstMesh *mesh, const OstLinear *lin, Vec b)
{
  PetscScalar *value;

  PetscFunctionBeginUser;
  PetscCall(VecGetArray(b, &value));
  for (PetscInt k = 0; k < 3 * mesh->num_owned; k++)
    value[k] = mesh->x[3 * (k / 3) + 2] > 1e-9 ? 0.0 : 1.0 + (PetscReal)(k % 3);
  PetscCall(VecRestoreArray(b, &value));
  PetscCall(ost_linear_mask(lin, b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode solve(const OstMesh *mesh, const char fixed[], const OstElastic elastic[],
                            PetscInt direct_limit, Vec x, PetscInt *iterations)
{
  const OstLinearOptions options = {.direct_limit = direct_limit};
  OstLinear             *lin;
  PetscBool              reached;
  Vec                    b;

  PetscFunctionBeginUser;
  PetscCall(ost_linear_create(mesh, fixed, &options, &lin));
  PetscCall(ost_linear_set_bulk(lin, elastic));
  PetscCall(VecDuplicate(x, &b));
  PetscCall(load(mesh, lin, b));
  PetscCall(ost_linear_solve(lin, b, x, 1e-10, iterations, &reached));
  OST_CHECK(reached);
  PetscCall(VecDestroy(&b));
  PetscCall(ost_linear_destroy(&lin));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A titanium stem in bone of 17 GPa, 300 MPa and 55 MPa: stiffness 6.5, 367 and 2000 to 1. */
static PetscErrorCode hierarchy_is_as_good_as_factors(const OstMesh *mesh, const char fixed[])
{
  const double moduli[] = {17000.0, 300.0, 55.0};
  OstElastic  *elastic;
  Vec          x[2];

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_cells, &elastic));
  for (int k = 0; k < 2; k++) PetscCall(ost_mesh_create_vec(mesh, &x[k]));
  for (int m = 0; m < 3; m++) {
    PetscInt  iterations[2];
    PetscReal size, difference;
    for (PetscInt c = 0; c < mesh->num_cells; c++)
      elastic[c] = (OstElastic){.E = mesh->region[c] == OST_STEM ? 110000.0 : moduli[m], .nu = 0.3};
    for (int direct = 0; direct < 2; direct++)
      PetscCall(
          solve(mesh, fixed, elastic, direct ? 100000000 : 0, x[direct], &iterations[direct]));
    PetscCall(VecNorm(x[1], NORM_2, &size));
    PetscCall(VecAXPY(x[0], -1.0, x[1]));
    PetscCall(VecNorm(x[0], NORM_2, &difference));
    OST_CHECK_NEAR(difference / size, 0.0, 1e-8);
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%5.0f to 1: %d iterations, factorised %d\n",
                          110000.0 / moduli[m], (int)iterations[0], (int)iterations[1]));
    OST_CHECK(iterations[0] <= 25);
    OST_CHECK(iterations[0] <= iterations[1] + 4);
  }
  for (int k = 0; k < 2; k++) PetscCall(VecDestroy(&x[k]));
  PetscCall(PetscFree(elastic));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Two stiff rows of nodes with a soft joint between each two: bodies are of one row. */
static PetscErrorCode bodies_end_where_joints_are_soft(void)
{
  enum { ROW = 12 };
  PetscInt  along[4 * ROW], across[2 * ROW], body[2 * ROW], num;
  PetscReal diagonal[2 * ROW];
  OstBlocks A;

  PetscFunctionBeginUser;
  for (int k = 0; k < ROW - 1; k++)
    for (int row = 0; row < 2; row++) {
      along[4 * k + 2 * row]     = ROW * row + k;
      along[4 * k + 2 * row + 1] = ROW * row + k + 1;
    }
  for (int k = 0; k < ROW; k++) {
    across[2 * k]     = k;
    across[2 * k + 1] = ROW + k;
  }
  PetscCall(ost_blocks_create_joined(2 * ROW, 3, (const PetscInt[2]){2 * (ROW - 1), ROW},
                                     (const PetscInt[2]){2, 2},
                                     (const PetscInt *const[2]){along, across}, &A));
  for (PetscInt i = 0; i < 2 * ROW; i++) {
    diagonal[i] = 1.0;
    for (PetscInt k = A.start[i]; k < A.start[i + 1]; k++)
      A.value[9 * k] = A.column[k] == i ? 1.0 : A.column[k] % ROW == i % ROW ? 0.01 : 0.3;
  }
  PetscCall(ost_aggregate(&A, 2 * ROW, diagonal, body, &num));
  OST_CHECK(num >= 4 && num <= 2 * ROW / 2);
  for (PetscInt i = 0; i < 2 * ROW; i++) {
    OST_CHECK(body[i] >= 0 && body[i] < num);
    for (PetscInt k = 0; k < i; k++)
      if (i / ROW != k / ROW) OST_CHECK(body[i] != body[k]);
  }
  PetscCall(ost_blocks_destroy(&A));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  OstMesh *mesh;
  char    *fixed;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(bodies_end_where_joints_are_soft());
  PetscCall(ost_problem_mesh(PETSC_COMM_WORLD, the_block(), &mesh));
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &fixed));
  for (PetscInt k = 0; k < 3 * mesh->num_nodes; k++)
    fixed[k] = mesh->x[3 * (k / 3) + 2] > 60.0 - 1e-9 && (k % 3 || mesh->x[3 * (k / 3)] < 10.0);
  PetscCall(hierarchy_is_as_good_as_factors(mesh, fixed));
  PetscCall(PetscFree(fixed));
  PetscCall(ost_mesh_destroy(&mesh));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
