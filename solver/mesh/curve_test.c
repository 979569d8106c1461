/* The space-filling curve: through every cube once, from each to a neighbour. */
#include "mesh/curve.h"

#include "support/check.h"

/* On a lattice the points along Hilbert's curve are one step apart, wherever it lies. */
static PetscErrorCode neighbours_follow_each_other(PetscReal size)
{
  enum { N = 16, NUM = N * N * N };
  PetscReal *x;
  PetscInt  *order;
  char       seen[NUM] = {0};

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(3 * NUM, &x, NUM, &order));
  for (int i = 0; i < NUM; i++) {
    const int at[3] = {i % N, i / N % N, i / (N * N)};
    for (int d = 0; d < 3; d++) x[3 * i + d] = size * at[d] - 3.0 * size;
  }
  PetscCall(ost_curve_order(NUM, x, order));
  for (int k = 0; k < NUM; k++) {
    seen[order[k]]++;
    if (k == 0) continue;
    PetscReal step = 0.0;
    for (int d = 0; d < 3; d++)
      step += PetscAbsReal(x[3 * order[k] + d] - x[3 * order[k - 1] + d]) / size;
    OST_CHECK_NEAR(step, 1.0, 1e-12);
  }
  for (int i = 0; i < NUM; i++) OST_CHECK_INT(seen[i], 1);
  PetscCall(PetscFree2(x, order));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Points at one place keep their order; no points are none. */
static PetscErrorCode equal_points_stay(void)
{
  const PetscReal x[9]     = {1.5, 2.0, -1.0, 1.5, 2.0, -1.0, 1.5, 2.0, -1.0};
  PetscInt        order[3] = {-1, -1, -1};

  PetscFunctionBeginUser;
  PetscCall(ost_curve_order(0, NULL, NULL));
  PetscCall(ost_curve_order(3, x, order));
  for (int i = 0; i < 3; i++) OST_CHECK_INT(order[i], i);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(neighbours_follow_each_other(1.0));
  PetscCall(neighbours_follow_each_other(0.37));
  PetscCall(equal_points_stay());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
