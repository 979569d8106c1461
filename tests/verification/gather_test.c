/* What goes through the first rank: rows arrive whole and in the order of the ranks, also from
   ranks that have none, and the percentile by area (of micromotion) is that of the whole set
   however it is spread. Values k/100 with areas 1, k = 1..100: the 95th percentile is 0.95.
   Tolerance: none. */
#include "analysis/measures.h"

#include "base/gather.h"
#include "support/check.h"

/* Rank r has r rows (r, i); the last has one more. */
static PetscErrorCode rows_arrive_in_order(void)
{
  PetscMPIInt rank, size;
  PetscReal   mine[64] = {0}, *all;
  PetscInt    num, at = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  const PetscInt rows = rank + (rank == size - 1 ? 1 : 0);
  for (PetscInt i = 0; i < rows; i++) {
    mine[2 * i]     = rank;
    mine[2 * i + 1] = i;
  }
  PetscCall(ost_gather_rows(PETSC_COMM_WORLD, 2, rows, mine, &num, &all));
  OST_CHECK_INT(num, rank ? 0 : size * (size - 1) / 2 + 1);
  OST_CHECK(rank ? !all : !!all);
  for (PetscMPIInt r = 0; !rank && r < size; r++)
    for (PetscInt i = 0; i < r + (r == size - 1 ? 1 : 0); i++, at++) {
      OST_CHECK_NEAR(all[2 * at], r, 0.0);
      OST_CHECK_NEAR(all[2 * at + 1], i, 0.0);
    }
  PetscCall(PetscFree(all));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode percentile_is_that_of_the_whole(void)
{
  PetscMPIInt rank, size;
  PetscReal   value[100], area[100], p95, p50;
  PetscInt    n = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  for (PetscInt k = 100; k > 0; k--) {
    if (k % size != rank) continue;
    value[n]  = 0.01 * k;
    area[n++] = 1.0;
  }
  PetscCall(ost_measure_percentile(PETSC_COMM_WORLD, n, value, area, 0.95, &p95));
  OST_CHECK_NEAR(p95, 0.95, 1e-15);
  for (PetscInt i = 0; i < n; i++) area[i] = value[i] > 0.505 ? 3.0 : 1.0;
  PetscCall(ost_measure_percentile(PETSC_COMM_WORLD, n, value, area, 0.5, &p50));
  OST_CHECK_NEAR(p50, 0.67, 1e-15);
  PetscCall(ost_measure_percentile(PETSC_COMM_WORLD, 0, value, area, 0.5, &p50));
  OST_CHECK_NEAR(p50, 0.0, 0.0); /* nothing anywhere */
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(rows_arrive_in_order());
  PetscCall(percentile_is_that_of_the_whole());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
