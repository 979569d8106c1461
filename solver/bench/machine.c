#include "bench/machine.h"

#include "base/h5.h"
#include "base/simd.h"

#include <math.h>
#include <unistd.h>

/* Time of the slowest rank from a common start. */
static PetscErrorCode slowest(MPI_Comm comm, double *seconds)
{
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, seconds, 1, MPI_DOUBLE, MPI_MAX, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- memory ----------------------------------------------------------------------------------- */

static OST_CLONES void triad(size_t num, double s, double *restrict a, const double *restrict b,
                             const double *restrict c)
{
  for (size_t i = 0; i < num; i++) a[i] = b[i] + s * c[i];
}

static OST_CLONES void update(size_t num, double s, double *restrict a, const double *restrict b)
{
  for (size_t i = 0; i < num; i++) a[i] += s * b[i];
}

/* Best pass of the ranks of comm that have arrays (num > 0) [B/s]. */
static PetscErrorCode best_pass(MPI_Comm comm, double seconds, size_t num, double *array[3],
                                PetscBool adds, double *rate)
{
  double begin = MPI_Wtime(), spent = 0.0, bytes = 24.0 * (double)num;

  PetscFunctionBeginUser;
  *rate = 0.0;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &bytes, 1, MPI_DOUBLE, MPI_SUM, comm));
  for (int pass = 0; pass < 3 || spent < seconds; pass++) {
    PetscCallMPI(MPI_Barrier(comm));
    double time = MPI_Wtime();
    if (adds)
      update(num, 1e-9, array[pass % 3], array[(pass + 1) % 3]);
    else
      triad(num, 1e-9, array[pass % 3], array[(pass + 1) % 3], array[(pass + 2) % 3]);
    time = MPI_Wtime() - time;
    PetscCall(slowest(comm, &time));
    if (pass) *rate = PetscMax(*rate, bytes / time);
    spent = MPI_Wtime() - begin;
    PetscCall(slowest(comm, &spent));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_machine_memory(MPI_Comm comm, double seconds, double *all, double *one,
                                  double *more)
{
  const size_t together = (size_t)512 << 20, least = (size_t)8 << 20; /* bytes of an array */
  MPI_Comm     node;
  PetscMPIInt  rank, neighbours;
  double      *array[3];

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &node));
  PetscCallMPI(MPI_Comm_size(node, &neighbours));
  PetscCallMPI(MPI_Comm_free(&node));
  const size_t num = PetscMax(together / (size_t)neighbours, least) / sizeof(double);
  for (int k = 0; k < 3; k++) {
    PetscCall(PetscMalloc1(num, &array[k]));
    for (size_t i = 0; i < num; i++) array[k][i] = (double)(k + 1);
  }
  PetscCall(best_pass(comm, seconds / 3.0, num, array, PETSC_FALSE, all));
  PetscCall(best_pass(comm, seconds / 3.0, rank ? 0 : num, array, PETSC_FALSE, one));
  PetscCall(best_pass(comm, seconds / 3.0, num, array, PETSC_TRUE, more));
  for (int k = 0; k < 3; k++) PetscCall(PetscFree(array[k]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- arithmetic ------------------------------------------------------------------------------- */

typedef float  Single __attribute__((vector_size(64), may_alias));
typedef double Double __attribute__((vector_size(64), may_alias));

/* How many chains hide the latency and yet find registers depends on the processor: each kind is
   tried with several. A chain stays near 1: x a + b with b = 1 - a. */
#define CHAINS(name, Vec, Real, chains)                                                            \
  static OST_CLONES Real name##_##chains(PetscInt turns, Real a, Real b)                           \
  {                                                                                                \
    Vec x[chains], sum = {0};                                                                      \
    for (int k = 0; k < chains; k++) x[k] = (Vec){0} + (Real)(1.0 + 0.001 * k);                    \
    for (PetscInt t = 0; t < turns; t++)                                                           \
      for (int k = 0; k < chains; k++) x[k] = x[k] * a + b;                                        \
    for (int k = 0; k < chains; k++) sum += x[k];                                                  \
    return sum[0] + sum[1];                                                                        \
  }
CHAINS(single, Single, float, 3)
CHAINS(single, Single, float, 6)
CHAINS(single, Single, float, 12)
CHAINS(double, Double, double, 3)
CHAINS(double, Double, double, 6)
CHAINS(double, Double, double, 12)
#undef CHAINS

enum { NUM_CHAINS = 3, TURNS = 100000 };

static double run_chains(PetscBool precise, int which)
{
  static float (*const singles[NUM_CHAINS])(PetscInt, float, float)    = {single_3, single_6,
                                                                          single_12};
  static double (*const doubles[NUM_CHAINS])(PetscInt, double, double) = {double_3, double_6,
                                                                          double_12};

  return precise ? doubles[which](TURNS, 0.999, 0.001)
                 : (double)singles[which](TURNS, 0.999f, 0.001f);
}

static PetscErrorCode best_chains(MPI_Comm comm, double seconds, PetscBool precise, double *rate)
{
  static const int chains[NUM_CHAINS] = {3, 6, 12};
  double           kept               = 0.0;

  PetscFunctionBeginUser;
  *rate = 0.0;
  for (int which = 0; which < NUM_CHAINS; which++) {
    double flops = 2.0 * chains[which] * TURNS * (precise ? 8.0 : 16.0), spent = 0.0;
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &flops, 1, MPI_DOUBLE, MPI_SUM, comm));
    for (int pass = 0; pass < 3 || spent < seconds / NUM_CHAINS; pass++) {
      PetscCallMPI(MPI_Barrier(comm));
      double time = MPI_Wtime();
      kept += run_chains(precise, which);
      time = MPI_Wtime() - time;
      PetscCall(slowest(comm, &time));
      *rate = PetscMax(*rate, flops / time);
      spent += time;
    }
  }
  OstAssert(kept > 0.0, "the chains have run away");
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_machine_arithmetic(MPI_Comm comm, double seconds, double *single,
                                      double *precise)
{
  PetscFunctionBeginUser;
  PetscCall(best_chains(comm, 0.5 * seconds, PETSC_FALSE, single));
  PetscCall(best_chains(comm, 0.5 * seconds, PETSC_TRUE, precise));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- messages --------------------------------------------------------------------------------- */

/* Time of one way of `bytes` between first and last rank: the best mean of `times` in a row. */
static PetscErrorCode ping_pong(MPI_Comm comm, double seconds, int bytes, int times, double *way)
{
  PetscMPIInt rank, size;
  double      spent = 0.0;
  char       *buffer;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  const PetscMPIInt other = rank ? 0 : size - 1;
  const PetscBool   plays = (PetscBool)(rank == 0 || rank == size - 1);
  PetscCall(PetscCalloc1(bytes, &buffer));
  *way = PETSC_MAX_REAL;
  for (int pass = 0; pass < 3 || spent < seconds; pass++) {
    PetscCallMPI(MPI_Barrier(comm));
    double time = MPI_Wtime();
    for (int k = 0; k < 2 * times && plays; k++)
      if ((k % 2 == 0) == (rank == 0))
        PetscCallMPI(MPI_Send(buffer, bytes, MPI_CHAR, other, 0, comm));
      else
        PetscCallMPI(MPI_Recv(buffer, bytes, MPI_CHAR, other, 0, comm, MPI_STATUS_IGNORE));
    time = plays ? MPI_Wtime() - time : 0.0;
    PetscCall(slowest(comm, &time));
    if (pass) *way = PetscMin(*way, time / (2.0 * times));
    spent += time;
  }
  PetscCall(PetscFree(buffer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode best_reduce(MPI_Comm comm, double seconds, double *best)
{
  enum { TIMES = 100 };
  double spent = 0.0, one = 1.0, sum;

  PetscFunctionBeginUser;
  *best = PETSC_MAX_REAL;
  for (int pass = 0; pass < 3 || spent < seconds; pass++) {
    PetscCallMPI(MPI_Barrier(comm));
    double time = MPI_Wtime();
    for (int k = 0; k < TIMES; k++)
      PetscCallMPI(MPI_Allreduce(&one, &sum, 1, MPI_DOUBLE, MPI_SUM, comm));
    time = MPI_Wtime() - time;
    PetscCall(slowest(comm, &time));
    if (pass) *best = PetscMin(*best, time / TIMES);
    spent += time;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_machine_messages(MPI_Comm comm, double seconds, OstMachineMessages *messages)
{
  enum { LARGE = 4 << 20 };
  MPI_Comm    own;
  PetscMPIInt size;
  double      way;

  PetscFunctionBeginUser;
  *messages = (OstMachineMessages){0};
  PetscCallMPI(MPI_Comm_dup(comm, &own));
  PetscCallMPI(MPI_Comm_size(own, &size));
  if (size > 1) {
    PetscCall(ping_pong(own, seconds / 3.0, 8, 200, &messages->latency));
    PetscCall(ping_pong(own, seconds / 3.0, LARGE, 2, &way));
    messages->bandwidth = LARGE / way;
  }
  PetscCall(best_reduce(own, seconds / 3.0, &messages->reduce));
  PetscCallMPI(MPI_Comm_free(&own));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- files ------------------------------------------------------------------------------------ */

PetscErrorCode ost_machine_write(MPI_Comm comm, const char *folder, double megabytes, double *rate)
{
  PetscMPIInt rank, size;
  char        path[PETSC_MAX_PATH_LEN];
  OstH5      *file;
  PetscInt   *row;
  PetscReal  *value;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscSNPrintf(path, sizeof path, "%s/osteon-bench-%ld.h5", folder, (long)getpid()));
  PetscCallMPI(MPI_Bcast(path, sizeof path, MPI_CHAR, 0, comm));
  /* a displacement of three components, each rank's rows together as partitions have them */
  const PetscInt num = (PetscInt)PetscMax(1.0, megabytes * 1e6 / 24.0 / size);
  PetscCall(PetscMalloc2(num, &row, 3 * num, &value));
  for (PetscInt k = 0; k < num; k++) {
    row[k] = num * rank + k;
    for (int i = 0; i < 3; i++) value[3 * k + i] = sin(0.01 * k + i) * exp(-1e-6 * k);
  }
  const OstNumbering rows = {num, row, num * size};
  PetscCallMPI(MPI_Barrier(comm));
  double time = MPI_Wtime();
  PetscCall(ost_h5_create(comm, path, &file));
  PetscCall(ost_h5_write_reals(file, "/displacement", &rows, 3, value, "mm", "of the benchmark"));
  PetscCall(ost_h5_close(&file));
  time = MPI_Wtime() - time;
  PetscCall(slowest(comm, &time));
  *rate = 24.0 * (double)num * size / time;
  PetscCall(PetscFree2(row, value));
  PetscCallMPI(MPI_Barrier(comm));
  if (!rank) (void)unlink(path);
  PetscFunctionReturn(PETSC_SUCCESS);
}
