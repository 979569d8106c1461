/* Block matrices against dense ones: pattern of groups, products, Galerkin products of both block
   heights. */
#include "fem/blocks.h"

#include "support/check.h"

enum { NODES = 9, BODIES = 4 };

static double chance(void)
{
  return (double)rand() / RAND_MAX - 0.5;
}

/* Three cells of four nodes and a pair: node 8 has no group but its own. */
static PetscErrorCode create(PetscInt height, OstBlocks *A)
{
  static const PetscInt cells[] = {0, 1, 2, 3, 2, 3, 4, 5, 5, 6, 0, 7}, pairs[] = {1, 6, 8, 8};

  PetscFunctionBeginUser;
  PetscCall(ost_blocks_create_joined(NODES, height, (const PetscInt[2]){3, 2},
                                     (const PetscInt[2]){4, 2},
                                     (const PetscInt *const[2]){cells, pairs}, A));
  for (PetscInt k = 0; k < A->start[NODES] * height * height; k++) A->value[k] = chance();
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Each node with one or two of the bodies. */
static PetscErrorCode create_prolongator(PetscInt height, OstBlocks *P)
{
  PetscFunctionBeginUser;
  *P = (OstBlocks){.num_rows = NODES, .num_columns = BODIES, .height = height, .width = 6};
  PetscCall(PetscMalloc1(NODES + 1, &P->start));
  PetscCall(PetscMalloc1(2 * NODES, &P->column));
  PetscCall(PetscMalloc1(2 * NODES * 6 * height, &P->value));
  P->start[0] = 0;
  for (PetscInt i = 0; i < NODES; i++) {
    P->start[i + 1] = P->start[i];
    for (PetscInt k = 0; k < 1 + i % 2; k++) P->column[P->start[i + 1]++] = (i + k) % BODIES;
  }
  for (PetscInt k = 0; k < P->start[NODES] * 6 * height; k++) P->value[k] = chance();
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode to_dense(const OstBlocks *A, double **dense)
{
  const PetscInt columns = A->num_columns * A->width;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(A->num_rows * A->height * columns, dense));
  for (PetscInt i = 0; i < A->num_rows; i++)
    for (PetscInt k = A->start[i]; k < A->start[i + 1]; k++)
      for (PetscInt r = 0; r < A->height; r++)
        for (PetscInt c = 0; c < A->width; c++)
          (*dense)[(A->height * i + r) * columns + A->width * A->column[k] + c] +=
              A->value[A->width * (A->height * k + r) + c];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode pattern_joins_what_groups_join(void)
{
  const PetscInt width[NODES] = {7, 5, 6, 6, 4, 7, 5, 4, 1};
  OstBlocks      A;

  PetscFunctionBeginUser;
  PetscCall(create(3, &A));
  for (PetscInt i = 0; i < NODES; i++) {
    OST_CHECK_INT(A.start[i + 1] - A.start[i], width[i]);
    for (PetscInt k = A.start[i]; k < A.start[i + 1]; k++) {
      OST_CHECK(k == A.start[i] || A.column[k] > A.column[k - 1]);
      OST_CHECK_INT(ost_blocks_find(&A, i, A.column[k]), k);
    }
  }
  PetscCall(ost_blocks_destroy(&A));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode products_are_those_of_dense_matrices(PetscInt height)
{
  enum { MOST = 6 * NODES };
  const PetscInt n = height * NODES, m = 6 * BODIES;
  OstBlocks      A, P, C;
  double        *a, *p, *c, x[MOST], y[MOST], z[MOST], coarse[6 * BODIES];

  PetscFunctionBeginUser;
  PetscCall(create(height, &A));
  PetscCall(create_prolongator(height, &P));
  PetscCall(ost_blocks_galerkin(&A, &P, &C));
  PetscCall(to_dense(&A, &a));
  PetscCall(to_dense(&P, &p));
  PetscCall(to_dense(&C, &c));
  for (PetscInt k = 0; k < n; k++) x[k] = chance();
  ost_blocks_apply(&A, x, y);
  for (PetscInt i = 0; i < n; i++) {
    z[i] = 0.0;
    for (PetscInt k = 0; k < n; k++) z[i] += a[n * i + k] * x[k];
    OST_CHECK_NEAR(y[i], z[i], 1e-13);
  }
  for (PetscInt k = 0; k < m; k++) coarse[k] = 1.0;
  ost_blocks_add_transpose(&P, x, coarse);
  for (PetscInt k = 0; k < m; k++) {
    double wanted = 1.0;
    for (PetscInt i = 0; i < n; i++) wanted += p[m * i + k] * x[i];
    OST_CHECK_NEAR(coarse[k], wanted, 1e-13);
  }
  ost_blocks_apply(&P, coarse, y);
  for (PetscInt i = 0; i < n; i++) {
    double wanted = 0.0;
    for (PetscInt k = 0; k < m; k++) wanted += p[m * i + k] * coarse[k];
    OST_CHECK_NEAR(y[i], wanted, 1e-13);
  }
  for (PetscInt r = 0; r < m; r++)
    for (PetscInt s = 0; s < m; s++) {
      double wanted = 0.0;
      for (PetscInt i = 0; i < n; i++)
        for (PetscInt k = 0; k < n; k++) wanted += p[m * i + r] * a[n * i + k] * p[m * k + s];
      OST_CHECK_NEAR(c[m * r + s], wanted, 1e-12);
    }
  PetscCall(PetscFree(a));
  PetscCall(PetscFree(p));
  PetscCall(PetscFree(c));
  PetscCall(ost_blocks_destroy(&A));
  PetscCall(ost_blocks_destroy(&P));
  PetscCall(ost_blocks_destroy(&C));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(pattern_joins_what_groups_join());
  PetscCall(products_are_those_of_dense_matrices(3));
  PetscCall(products_are_those_of_dense_matrices(6));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
