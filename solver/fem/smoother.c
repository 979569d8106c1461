#include "fem/smoother.h"

#include "fem/element.h"

#include <petscksp.h>

/* The filter is a model, not an equilibrium; this is far below what it changes. [-] */
#define TOLERANCE 1e-12

struct OstSmoother {
  const OstMesh *mesh;
  PetscReal      length;
  KSP            ksp;
  Vec            b, S;
  PetscReal     *corner; /* work [num_vertices] */
};

/* Volume of a cell and its share of the matrix, M + l^2 K of the linear shape functions. */
static PetscReal cell_matrix(const OstSmoother *s, PetscInt cell, PetscReal A[4][4])
{
  const OstMesh *mesh = s->mesh;
  PetscReal      x[12], g[4][3];

  for (int a = 0; a < 4; a++)
    for (int i = 0; i < 3; i++) x[3 * a + i] = mesh->x[3 * mesh->cells[10 * cell + a] + i];
  const PetscReal volume = ost_tet4_gradients(x, g);
  for (int a = 0; a < 4; a++)
    for (int b = 0; b < 4; b++) {
      PetscReal slope = 0.0;
      for (int i = 0; i < 3; i++) slope += g[a][i] * g[b][i];
      A[a][b] = volume * ((a == b ? 0.1 : 0.05) + PetscSqr(s->length) * slope);
    }
  return volume;
}

static void rows_of(const OstMesh *mesh, PetscInt cell, PetscInt row[4])
{
  for (int a = 0; a < 4; a++) row[a] = mesh->node_vertex[mesh->cells[10 * cell + a]];
}

/* Rows of corners without bone are those of the identity. */
static PetscErrorCode add_cells(const OstSmoother *s, const PetscReal touched[], Mat A)
{
  const OstMesh *mesh = s->mesh;

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscReal share[4][4];
    PetscInt  row[4];
    if (!ost_region_is_bone(mesh->region[c])) continue;
    (void)cell_matrix(s, c, share);
    rows_of(mesh, c, row);
    PetscCall(MatSetValues(A, 4, row, 4, row, &share[0][0], ADD_VALUES));
  }
  for (PetscInt v = 0; v < mesh->num_owned_vertices; v++) {
    const PetscInt row = mesh->node_vertex[mesh->vertex_node[v]];
    PetscCall(MatSetValue(A, row, row, touched[v] > 0.0 ? 0.0 : 1.0, ADD_VALUES));
  }
  PetscCall(MatAssemblyBegin(A, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(A, MAT_FINAL_ASSEMBLY));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* How many bone cells of all ranks meet in each vertex [num_vertices]. */
static PetscErrorCode touch(const OstMesh *mesh, PetscReal touched[])
{
  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(touched, mesh->num_vertices));
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    for (int a = 0; a < 4 && ost_region_is_bone(mesh->region[c]); a++)
      touched[mesh->node_corner[mesh->cells[10 * c + a]]] += 1.0;
  PetscCall(ost_exchange_sum(mesh->vertex_exchange, MPIU_REAL, 1, touched));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode create_matrix(OstSmoother *s, Mat *A)
{
  const PetscInt local = s->mesh->num_owned_vertices;
  Mat            pattern;

  PetscFunctionBeginUser;
  PetscCall(touch(s->mesh, s->corner));
  PetscCall(MatCreate(s->mesh->comm, &pattern));
  PetscCall(MatSetSizes(pattern, local, local, PETSC_DETERMINE, PETSC_DETERMINE));
  PetscCall(MatSetType(pattern, MATPREALLOCATOR));
  PetscCall(MatSetUp(pattern));
  PetscCall(add_cells(s, s->corner, pattern));
  PetscCall(MatCreate(s->mesh->comm, A));
  PetscCall(MatSetSizes(*A, local, local, PETSC_DETERMINE, PETSC_DETERMINE));
  PetscCall(MatSetType(*A, MATAIJ));
  PetscCall(MatPreallocatorPreallocate(pattern, PETSC_TRUE, *A));
  PetscCall(MatSetOption(*A, MAT_SPD, PETSC_TRUE));
  PetscCall(MatDestroy(&pattern));
  PetscCall(add_cells(s, s->corner, *A));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_smoother_create(const OstMesh *mesh, PetscReal length, OstSmoother **out)
{
  OstSmoother *s;
  Mat          A;
  PC           pc;

  PetscFunctionBeginUser;
  OstAssert(length > 0.0, "a smoothing length of %g mm", (double)length);
  PetscCall(PetscNew(&s));
  s->mesh   = mesh;
  s->length = length;
  PetscCall(PetscMalloc1(mesh->num_vertices, &s->corner));
  PetscCall(create_matrix(s, &A));
  PetscCall(MatCreateVecs(A, &s->S, &s->b));
  PetscCall(KSPCreate(mesh->comm, &s->ksp));
  PetscCall(KSPSetOptionsPrefix(s->ksp, "smooth_"));
  PetscCall(KSPSetOperators(s->ksp, A, A));
  PetscCall(KSPSetType(s->ksp, KSPCG));
  PetscCall(KSPGetPC(s->ksp, &pc));
  PetscCall(PCSetType(pc, PCJACOBI));
  PetscCall(KSPSetTolerances(s->ksp, TOLERANCE, 1e-300, PETSC_DEFAULT, 10000));
  PetscCall(KSPSetFromOptions(s->ksp));
  PetscCall(MatDestroy(&A));
  *out = s;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_smoother_destroy(OstSmoother **out)
{
  PetscFunctionBeginUser;
  if (!*out) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(KSPDestroy(&(*out)->ksp));
  PetscCall(VecDestroy(&(*out)->b));
  PetscCall(VecDestroy(&(*out)->S));
  PetscCall(PetscFree((*out)->corner));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The least value is taken off first and put back last: a constant then stays to the last digit. */
static PetscErrorCode find_least(const OstMesh *mesh, const PetscReal rough[], PetscReal *least)
{
  PetscFunctionBeginUser;
  *least = PETSC_MAX_REAL;
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    if (ost_region_is_bone(mesh->region[c])) *least = PetscMin(*least, rough[c]);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, least, 1, MPIU_REAL, MPIU_MIN, mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode set_source(OstSmoother *s, const PetscReal rough[], PetscReal least)
{
  PetscFunctionBeginUser;
  PetscCall(VecZeroEntries(s->b));
  for (PetscInt c = 0; c < s->mesh->num_cells; c++) {
    PetscReal A[4][4], share[4];
    PetscInt  row[4];
    if (!ost_region_is_bone(s->mesh->region[c])) continue;
    const PetscReal volume = cell_matrix(s, c, A);
    for (int a = 0; a < 4; a++) share[a] = 0.25 * volume * (rough[c] - least);
    rows_of(s->mesh, c, row);
    PetscCall(VecSetValues(s->b, 4, row, share, ADD_VALUES));
  }
  PetscCall(VecAssemblyBegin(s->b));
  PetscCall(VecAssemblyEnd(s->b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_smoother_apply(OstSmoother *s, const PetscReal rough[], PetscReal smooth[])
{
  const OstMesh     *mesh = s->mesh;
  const PetscScalar *S;
  KSPConvergedReason reason;
  PetscReal          least;

  PetscFunctionBeginUser;
  PetscCall(find_least(mesh, rough, &least));
  PetscCall(set_source(s, rough, least));
  PetscCall(KSPSolve(s->ksp, s->b, s->S));
  PetscCall(KSPGetConvergedReason(s->ksp, &reason));
  PetscCheck(reason > 0, mesh->comm, PETSC_ERR_NOT_CONVERGED, "the smoothed stimulus: %s",
             KSPConvergedReasons[reason]);
  PetscCall(VecGetArrayRead(s->S, &S));
  for (PetscInt v = 0; v < mesh->num_owned_vertices; v++) s->corner[v] = S[v];
  PetscCall(VecRestoreArrayRead(s->S, &S));
  PetscCall(ost_exchange_fill(mesh->vertex_exchange, MPIU_REAL, 1, s->corner));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscReal sum = 0.0;
    for (int a = 0; a < 4; a++) sum += s->corner[mesh->node_corner[mesh->cells[10 * c + a]]];
    smooth[c] = ost_region_is_bone(mesh->region[c]) ? least + 0.25 * sum : 0.0;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
