#include "fem/amg.h"

#include "fem/bodies.h"
#include "fem/spectrum.h"

#include <petscblaslapack.h>

/* Chosen by measurement on the bonded stem (theory.md, S9). */
enum { MOST_LEVELS = 12, SMALL = 600, DEGREE = 2, LANCZOS_STEPS = 10 };
#define SMOOTHER_LOWEST 0.1
#define MARGIN          1.1

struct OstAmg {
  MPI_Comm    comm;
  PetscInt    num_levels; /* 0 before the first set-up */
  OstAmgLevel level[MOST_LEVELS];
  /* the last level, densely, on every rank */
  PetscBLASInt  num;    /* unknowns */
  PetscReal    *factor; /* [num x num] LU of the transpose */
  PetscBLASInt *pivot;  /* [num] */
  PetscReal    *right;  /* [num] */
  PetscMPIInt  *count;  /* [ranks] unknowns of each */
  PetscMPIInt  *first;  /* [ranks] */
};

/* --- making and unmaking ---------------------------------------------------------------------- */

PetscErrorCode ost_amg_create(MPI_Comm comm, const OstBlocks *A, OstExchange *exchange,
                              PetscInt num_owned, const PetscReal place[], const char fixed[],
                              OstAmg **out)
{
  OstAmg     *amg;
  PetscMPIInt size;
  PetscReal   far = 0.0;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&amg));
  amg->comm     = comm;
  amg->level[0] = (OstAmgLevel){.A         = *A,
                                .exchange  = exchange,
                                .num_owned = num_owned,
                                .place     = (PetscReal *)(uintptr_t)place,
                                .fixed     = fixed};
  /* no rotations here; a length all the same, for the start vector to be rough in any unit */
  for (PetscInt k = 0; k < 3 * A->num_rows; k++) far = PetscMax(far, PetscAbsReal(place[k]));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &far, 1, MPIU_REAL, MPIU_MAX, comm));
  amg->level[0].length = far > 0.0 ? far / 64.0 : 1.0;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMalloc2(size, &amg->count, size, &amg->first));
  *out = amg;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode clear_levels(OstAmg *amg)
{
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < amg->num_levels; k++) {
    OstAmgLevel *l = &amg->level[k];
    PetscCall(ost_blocks_destroy(&l->P));
    PetscCall(PetscFree(l->inverse)); /* and NULL */
    PetscCall(PetscFree5(l->b, l->x, l->r, l->d, l->t));
    if (k == 0) continue;
    PetscCall(ost_blocks_destroy(&l->A));
    PetscCall(ost_exchange_destroy(&l->exchange));
    PetscCall(PetscFree(l->place));
    *l = (OstAmgLevel){0};
  }
  amg->num_levels = 0;
  PetscCall(PetscFree3(amg->factor, amg->pivot, amg->right));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_amg_destroy(OstAmg **amg)
{
  PetscFunctionBeginUser;
  if (!*amg) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(clear_levels(*amg));
  PetscCall(PetscFree2((*amg)->count, (*amg)->first));
  PetscCall(PetscFree(*amg));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- one level -------------------------------------------------------------------------------- */

/* y = A x: x gets its halo, y its owned values. */
static PetscErrorCode apply(const OstAmgLevel *l, PetscReal x[], PetscReal y[])
{
  PetscFunctionBeginUser;
  PetscCall(ost_exchange_fill(l->exchange, MPIU_REAL, l->A.height, x));
  ost_blocks_apply(&l->A, x, y);
  PetscCall(ost_exchange_sum(l->exchange, MPIU_REAL, l->A.height, y));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_amg_apply(OstAmg *amg, PetscReal x[], PetscReal y[])
{
  PetscFunctionBeginUser;
  PetscCall(apply(&amg->level[0], x, y));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* z = D^-1 r, owned values */
static void jacobi(const OstAmgLevel *l, const PetscReal r[], PetscReal z[])
{
  const PetscInt n = l->A.height;

  for (PetscInt i = 0; i < l->num_owned; i++)
    for (PetscInt k = 0; k < n; k++) {
      const PetscReal *row = &l->inverse[n * (n * i + k)];
      PetscReal        sum = 0.0;
      for (PetscInt c = 0; c < n; c++) sum += row[c] * r[n * i + c];
      z[n * i + k] = sum;
    }
}

static PetscReal dot(PetscInt num, const PetscReal a[], const PetscReal b[])
{
  PetscReal sum = 0.0;

  for (PetscInt k = 0; k < num; k++) sum += a[k] * b[k];
  return sum;
}

/* Cholesky factor L of the block A, its diagonal made 1 by `scale`. Motions without stiffness stay
   out (scale 0): a body of few nodes does not resist all of them. */
static void factorise(PetscInt n, const PetscReal A[], PetscReal L[][OST_BLOCK_MOST],
                      PetscReal scale[])
{
  for (PetscInt i = 0; i < n; i++)
    scale[i] = A[(n + 1) * i] > 0.0 ? 1.0 / PetscSqrtReal(A[(n + 1) * i]) : 0.0;
  for (PetscInt j = 0; j < n; j++) {
    const PetscReal left = 1.0 - dot(j, L[j], L[j]);
    if (left < 1e-8) scale[j] = 0.0;
    L[j][j] = scale[j] > 0.0 ? PetscSqrtReal(left) : 1.0;
    for (PetscInt i = j + 1; i < n; i++)
      L[i][j] = (A[n * i + j] * scale[i] * scale[j] - dot(j, L[i], L[j])) / L[j][j];
    if (scale[j] > 0.0) continue;
    for (PetscInt k = 0; k < j; k++) L[j][k] = 0.0;
    for (PetscInt i = j + 1; i < n; i++) L[i][j] = 0.0;
  }
}

/* Inverse of the block's symmetric part. */
static void invert(PetscInt n, const PetscReal A[], PetscReal inverse[])
{
  PetscReal L[OST_BLOCK_MOST][OST_BLOCK_MOST] = {{0}}, scale[OST_BLOCK_MOST];
  PetscReal S[OST_BLOCK_MOST * OST_BLOCK_MOST];

  for (PetscInt i = 0; i < n; i++)
    for (PetscInt k = 0; k < n; k++) S[n * i + k] = 0.5 * (A[n * i + k] + A[n * k + i]);
  factorise(n, S, L, scale);
  for (PetscInt c = 0; c < n; c++) {
    PetscReal v[OST_BLOCK_MOST];
    for (PetscInt i = 0; i < n; i++) v[i] = ((i == c) - dot(i, L[i], v)) / L[i][i];
    for (PetscInt i = n - 1; i >= 0; i--) {
      for (PetscInt k = i + 1; k < n; k++) v[i] -= L[k][i] * v[k];
      v[i] /= L[i][i];
    }
    for (PetscInt i = 0; i < n; i++) inverse[n * i + c] = scale[i] * v[i] * scale[c];
  }
}

/* The diagonal blocks, their norms [num_owned] and inverses. */
static PetscErrorCode invert_diagonal(OstAmgLevel *l, PetscReal norm[])
{
  const PetscInt n = l->A.height, size = n * n;
  PetscReal     *block;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(size * l->A.num_rows, &block));
  for (PetscInt i = 0; i < l->A.num_rows; i++)
    for (PetscInt k = l->A.start[i]; k < l->A.start[i + 1]; k++)
      if (l->A.column[k] == i)
        PetscCall(PetscArraycpy(&block[size * i], &l->A.value[(size_t)(size * k)], size));
  PetscCall(ost_exchange_sum(l->exchange, MPIU_REAL, size, block));
  for (PetscInt i = 0; i < l->num_owned; i++) {
    invert(n, &block[size * i], &l->inverse[size * i]);
    norm[i] = PetscSqrtReal(dot(size, &block[size * i], &block[size * i]));
  }
  PetscCall(PetscFree(block));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Rough in every direction, as a function of the place only. */
static void fill_rough(const OstAmgLevel *l, PetscReal v[])
{
  const PetscInt n = l->A.height;

  for (PetscInt i = 0; i < l->num_owned; i++)
    for (PetscInt k = 0; k < n; k++)
      v[n * i + k] = PetscSinReal((12.9898 * l->place[3 * i] + 78.233 * l->place[3 * i + 1] +
                                   37.719 * l->place[3 * i + 2]) /
                                      l->length +
                                  1.7 * (PetscReal)k);
}

/* Largest eigenvalue of D^-1 A by conjugate gradients, as if A were symmetric: what friction adds
   is little. */
static PetscErrorCode estimate_largest(const OstAmg *amg, OstAmgLevel *l)
{
  const PetscInt num = l->num_owned * l->A.height;
  PetscReal      alpha[LANCZOS_STEPS], beta[LANCZOS_STEPS], rz, pt, was = 1.0;
  PetscInt       steps = 0;

  PetscFunctionBeginUser;
  fill_rough(l, l->r);
  PetscCall(PetscArrayzero(l->d, num));
  for (; steps < LANCZOS_STEPS; steps++) {
    jacobi(l, l->r, l->x);
    rz = dot(num, l->r, l->x);
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &rz, 1, MPIU_REAL, MPIU_SUM, amg->comm));
    beta[steps] = steps ? rz / was : 0.0;
    if (rz <= 0.0 || (steps && beta[steps] < 1e-12)) break;
    for (PetscInt k = 0; k < num; k++) l->d[k] = l->x[k] + beta[steps] * l->d[k];
    PetscCall(apply(l, l->d, l->t));
    pt = dot(num, l->d, l->t);
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &pt, 1, MPIU_REAL, MPIU_SUM, amg->comm));
    if (pt <= 0.0) break;
    was          = rz;
    alpha[steps] = rz / pt;
    for (PetscInt k = 0; k < num; k++) l->r[k] -= alpha[steps] * l->t[k];
  }
  l->largest = MARGIN * ost_spectrum_largest(steps, alpha, beta);
  if (l->largest <= 0.0) l->largest = 1.0; /* everything is fixed */
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Improve x by the Chebyshev polynomial; r is the residual at x, before and after. */
static PetscErrorCode smooth(OstAmgLevel *l, PetscReal r[], PetscReal x[])
{
  const PetscInt  num    = l->num_owned * l->A.height;
  const PetscReal lowest = SMOOTHER_LOWEST * l->largest;
  const PetscReal centre = 0.5 * (l->largest + lowest), half = 0.5 * (l->largest - lowest);
  PetscReal       rho = half / centre, a = 0.0, b = 1.0 / centre;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(l->d, num));
  for (int k = 0; k < DEGREE; k++) {
    if (k) {
      const PetscReal next = 1.0 / (2.0 * centre / half - rho);
      a                    = next * rho;
      b                    = 2.0 * next / half;
      rho                  = next;
    }
    jacobi(l, r, l->t);
    for (PetscInt i = 0; i < num; i++) {
      l->d[i] = a * l->d[i] + b * l->t[i];
      x[i] += l->d[i];
    }
    PetscCall(apply(l, l->d, l->t));
    for (PetscInt i = 0; i < num; i++) r[i] -= l->t[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the last level --------------------------------------------------------------------------- */

/* Number of each local row in the whole [num_rows]. */
static PetscErrorCode number_rows(OstAmg *amg, const OstAmgLevel *l, PetscInt number[])
{
  PetscMPIInt rank, size, mine = (PetscMPIInt)(l->num_owned * l->A.height);

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(amg->comm, &rank));
  PetscCallMPI(MPI_Comm_size(amg->comm, &size));
  PetscCallMPI(MPI_Allgather(&mine, 1, MPI_INT, amg->count, 1, MPI_INT, amg->comm));
  amg->first[0] = 0;
  for (PetscMPIInt k = 1; k < size; k++) amg->first[k] = amg->first[k - 1] + amg->count[k - 1];
  amg->num = (PetscBLASInt)(amg->first[size - 1] + amg->count[size - 1]);
  for (PetscInt i = 0; i < l->num_owned; i++) number[i] = amg->first[rank] / l->A.height + i;
  PetscCall(ost_exchange_fill(l->exchange, MPIU_INT, 1, number));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Motions without stiffness get some: rounding could make it negative. */
static void stiffen(PetscInt n, PetscReal matrix[])
{
  for (PetscInt k = 0; k < n; k++) {
    PetscReal *diagonal = &matrix[(n + 1) * k];
    *diagonal           = *diagonal > 0.0 ? (1.0 + 1e-13) * *diagonal : 1.0;
  }
}

static PetscErrorCode create_dense(OstAmg *amg, const OstAmgLevel *l)
{
  const PetscInt b = l->A.height;
  PetscInt      *number, n;
  PetscBLASInt   info;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(l->A.num_rows, &number));
  PetscCall(number_rows(amg, l, number));
  n = amg->num;
  PetscCall(PetscFree3(amg->factor, amg->pivot, amg->right));
  PetscCall(PetscMalloc3(n * n, &amg->factor, n, &amg->pivot, n, &amg->right));
  PetscCall(PetscArrayzero(amg->factor, n * n));
  for (PetscInt i = 0; i < l->A.num_rows; i++)
    for (PetscInt k = l->A.start[i]; k < l->A.start[i + 1]; k++)
      for (PetscInt r = 0; r < b; r++)
        for (PetscInt c = 0; c < b; c++)
          amg->factor[n * (b * number[i] + r) + b * number[l->A.column[k]] + c] +=
              l->A.value[(size_t)(b * (b * k + r) + c)];
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, amg->factor, (PetscMPIInt)(n * n), MPIU_REAL, MPIU_SUM,
                             amg->comm));
  stiffen(n, amg->factor);
  LAPACKgetrf_(&amg->num, &amg->num, amg->factor, &amg->num, amg->pivot, &info);
  PetscCall(PetscFree(number));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode solve_dense(const OstAmg *amg, const OstAmgLevel *l, const PetscReal r[],
                                  PetscReal x[])
{
  const PetscInt mine = l->num_owned * l->A.height;
  PetscBLASInt   one  = 1, info;
  PetscMPIInt    rank;

  PetscFunctionBeginUser;
  if (!amg->num) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCallMPI(MPI_Comm_rank(amg->comm, &rank));
  PetscCallMPI(MPI_Allgatherv(r, (PetscMPIInt)mine, MPIU_REAL, amg->right, amg->count, amg->first,
                              MPIU_REAL, amg->comm));
  LAPACKgetrs_("T", &amg->num, &one, amg->factor, &amg->num, amg->pivot, amg->right, &amg->num,
               &info);
  PetscCall(PetscArraycpy(x, &amg->right[amg->first[rank]], mine));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- all levels ------------------------------------------------------------------------------- */

static PetscErrorCode create_work(OstAmgLevel *l)
{
  const PetscInt n = l->A.height * l->A.num_rows;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(l->num_owned * l->A.height * l->A.height, &l->inverse));
  PetscCall(PetscCalloc5(n, &l->b, n, &l->x, n, &l->r, n, &l->d, n, &l->t));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Smoother and its spectrum from the present values of A. */
static PetscErrorCode set_up_level(const OstAmg *amg, OstAmgLevel *l, PetscReal norm[])
{
  PetscFunctionBeginUser;
  PetscCall(invert_diagonal(l, norm));
  PetscCall(estimate_largest(amg, l));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode total_rows(const OstAmg *amg, const OstAmgLevel *l, PetscInt *total)
{
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Allreduce(&l->num_owned, total, 1, MPIU_INT, MPI_SUM, amg->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* New levels, of the values that the first one has. */
static PetscErrorCode coarsen(OstAmg *amg)
{
  PetscInt rows, next_rows;

  PetscFunctionBeginUser;
  PetscCall(clear_levels(amg));
  PetscCall(total_rows(amg, &amg->level[0], &rows));
  for (amg->num_levels = 1; amg->num_levels < MOST_LEVELS; amg->num_levels++) {
    OstAmgLevel *l = &amg->level[amg->num_levels - 1];
    PetscReal   *norm;
    PetscCall(create_work(l));
    if (rows * l->A.height <= SMALL) break;
    PetscCall(PetscMalloc1(l->num_owned, &norm));
    PetscCall(set_up_level(amg, l, norm));
    PetscCall(ost_bodies_create(amg->comm, l, norm, l + 1));
    PetscCall(PetscFree(norm));
    PetscCall(total_rows(amg, l + 1, &next_rows));
    OstAssert(next_rows < rows, "nodes do not come together to bodies");
    rows = next_rows;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The same levels, of other values. The last needs no smoother. */
static PetscErrorCode fill_levels(OstAmg *amg)
{
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < amg->num_levels; k++) {
    OstAmgLevel *l = &amg->level[k];
    PetscReal   *norm;
    if (k) {
      PetscCall(ost_blocks_destroy(&l->A));
      PetscCall(ost_blocks_galerkin(&amg->level[k - 1].A, &amg->level[k - 1].P, &l->A));
    }
    if (k == amg->num_levels - 1) break;
    PetscCall(PetscMalloc1(l->num_owned, &norm));
    PetscCall(set_up_level(amg, l, norm));
    PetscCall(PetscFree(norm));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_amg_set_up(OstAmg *amg, PetscReal bulk[], PetscBool same)
{
  PetscReal *value = amg->level[0].A.value;

  PetscFunctionBeginUser;
  amg->level[0].A.value = bulk;
  PetscCall(coarsen(amg));
  amg->level[0].A.value = value;
  if (!same) PetscCall(fill_levels(amg));
  PetscCall(create_dense(amg, &amg->level[amg->num_levels - 1]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_amg_follow(OstAmg *amg)
{
  PetscReal *norm;

  PetscFunctionBeginUser;
  if (amg->num_levels == 1) {
    PetscCall(create_dense(amg, &amg->level[0]));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscMalloc1(amg->level[0].num_owned, &norm));
  PetscCall(invert_diagonal(&amg->level[0], norm));
  PetscCall(PetscFree(norm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* x = B r on level k; x is not read. */
static PetscErrorCode cycle(OstAmg *amg, PetscInt k, const PetscReal r[], PetscReal x[])
{
  OstAmgLevel   *l = &amg->level[k], *next = l + 1;
  const PetscInt num = l->num_owned * l->A.height;
  OstBlocks      P   = l->P;

  PetscFunctionBeginUser;
  if (k == amg->num_levels - 1) {
    PetscCall(solve_dense(amg, l, r, x));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  P.num_rows = l->num_owned; /* halo rows are for the Galerkin product only */
  PetscCall(PetscArraycpy(l->r, r, num));
  PetscCall(PetscArrayzero(x, num));
  PetscCall(smooth(l, l->r, x));
  PetscCall(PetscArrayzero(next->b, 6 * next->A.num_rows));
  ost_blocks_add_transpose(&P, l->r, next->b);
  PetscCall(ost_exchange_sum(next->exchange, MPIU_REAL, 6, next->b));
  PetscCall(cycle(amg, k + 1, next->b, next->x));
  PetscCall(ost_exchange_fill(next->exchange, MPIU_REAL, 6, next->x));
  ost_blocks_apply(&P, next->x, l->d);
  for (PetscInt i = 0; i < num; i++) x[i] += l->d[i];
  PetscCall(apply(l, l->d, l->t));
  for (PetscInt i = 0; i < num; i++) l->r[i] -= l->t[i];
  PetscCall(smooth(l, l->r, x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_amg_cycle(OstAmg *amg, const PetscReal r[], PetscReal x[])
{
  PetscFunctionBeginUser;
  PetscCall(cycle(amg, 0, r, x));
  PetscFunctionReturn(PETSC_SUCCESS);
}
