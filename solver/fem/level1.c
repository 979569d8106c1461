#include "fem/level1.h"

#include "fem/amg.h"
#include "fem/stiffness.h"

#include <petscksp.h>

/* Steps with a hierarchy for each correction: as good as a factorisation (theory.md, S9). */
enum { INNER_STEPS = 3 };

/* Unknowns beyond which it is not factorised even where a hierarchy serves badly: MUMPS takes
   1.5 GB there. */
enum { DIRECT_MOST = 150000 };
/* So many bulks, days of a history, before the hierarchy is tried again. */
enum { DIRECT_STAYS = 20 };

enum { SYMMETRIC, GENERAL };

struct OstLevel1 {
  const OstMesh *mesh;
  const char    *fixed;     /* [num_nodes x 3] */
  PetscBool      small;     /* always factorised */
  PetscBool      direct;    /* now */
  PetscInt       stays;     /* so for so many bulks more */
  PetscBool      interface; /* there is one, on some rank */
  OstBlocks      A;         /* this rank's share of the tangent */
  PetscReal     *bulk;      /* values of the bulk, likewise */
  int            kind;      /* of the tangent */

  /* P: shares of this rank in each node's value, [weight_start[num_nodes]] */
  PetscInt  *weight_start, *weight_vertex;
  PetscReal *weight;

  /* factorised */
  Mat matrix[2]; /* SYMMETRIC, GENERAL (made when first asked for) */
  KSP ksp[2];
  Vec right, solution;

  /* or with a hierarchy */
  OstAmg    *amg;
  char      *held;  /* [num_vertices x 3] fixed */
  PetscReal *place; /* [num_vertices x 3] */

  PetscReal *r, *e;                                  /* [num_vertices x 3] */
  PetscReal *step[INNER_STEPS], *image[INNER_STEPS]; /* [num_vertices x 3] each */
};

/* --- from and to P2 --------------------------------------------------------------------------- */

typedef struct {
  PetscInt  node, vertex;
  PetscReal weight;
} Entry;

/* What the cells of this rank say of their nodes' values, unsummed: each as much as its share in
   all cells at the node. */
static PetscErrorCode list_weights(const OstMesh *mesh, const PetscReal count[], PetscInt *num,
                                   Entry **entries)
{
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(28 * mesh->num_cells, entries));
  *num = 0;
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    const PetscInt *nodes = &mesh->cells[10 * c];
    PetscReal       x[30], weight[10 * 4] = {0};
    for (int a = 0; a < 10; a++)
      for (int i = 0; i < 3; i++) x[3 * a + i] = mesh->x[3 * nodes[a] + i];
    for (int a = 0; a < 4; a++) weight[5 * a] = 1.0;
    ost_stiffness_p1_weights(x, &weight[16]);
    for (int a = 0; a < 10; a++)
      for (int k = 0; k < 4; k++)
        if (weight[4 * a + k] != 0.0)
          (*entries)[(*num)++] =
              (Entry){nodes[a], mesh->node_corner[nodes[k]], weight[4 * a + k] / count[nodes[a]]};
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Entries by node, those of one vertex summed. */
static PetscErrorCode merge_weights(OstLevel1 *level, PetscInt num, const Entry entries[])
{
  const PetscInt n = level->mesh->num_nodes;
  PetscInt      *start, *order, end = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(n + 2, &start));
  PetscCall(PetscMalloc1(num, &order));
  PetscCall(PetscMalloc1(n + 1, &level->weight_start));
  PetscCall(PetscMalloc2(num, &level->weight_vertex, num, &level->weight));
  for (PetscInt k = 0; k < num; k++) start[entries[k].node + 2]++;
  for (PetscInt i = 0; i < n; i++) start[i + 2] += start[i + 1];
  for (PetscInt k = 0; k < num; k++) order[start[entries[k].node + 1]++] = k;
  for (PetscInt i = 0; i < n; i++) {
    level->weight_start[i] = end;
    for (PetscInt k = start[i]; k < start[i + 1]; k++) {
      const Entry *entry = &entries[order[k]];
      PetscInt     at    = level->weight_start[i];
      while (at < end && level->weight_vertex[at] != entry->vertex) at++;
      if (at == end) {
        level->weight_vertex[end] = entry->vertex;
        level->weight[end++]      = 0.0;
      }
      level->weight[at] += entry->weight;
    }
  }
  level->weight_start[n] = end;
  PetscCall(PetscFree(start));
  PetscCall(PetscFree(order));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Linear fields stay what they are. Corners keep their value, mid-side nodes take the mean of the
   two ends, or on curved edges the mean of what their cells' linear fields are there. */
static PetscErrorCode create_weights(OstLevel1 *level)
{
  const OstMesh *mesh = level->mesh;
  PetscReal     *count;
  PetscInt       num;
  Entry         *entries;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(mesh->num_nodes, &count));
  for (PetscInt k = 0; k < 10 * mesh->num_cells; k++) count[mesh->cells[k]] += 1.0;
  PetscCall(ost_exchange_sum(mesh->node_exchange, MPIU_REAL, 1, count));
  PetscCall(ost_exchange_fill(mesh->node_exchange, MPIU_REAL, 1, count));
  PetscCall(list_weights(mesh, count, &num, &entries));
  PetscCall(merge_weights(level, num, entries));
  PetscCall(PetscFree(entries));
  PetscCall(PetscFree(count));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Owned values of v [num_vertices x 3] that are fixed become 0. */
static void mask(const OstLevel1 *level, PetscReal v[])
{
  for (PetscInt k = 0; k < 3 * level->mesh->num_owned_vertices; k++)
    if (level->held[k]) v[k] = 0.0;
}

/* rc = P^T r */
static PetscErrorCode restrict_residual(const OstLevel1 *level, PetscReal r[], PetscReal rc[])
{
  const OstMesh *mesh = level->mesh;

  PetscFunctionBeginUser;
  PetscCall(ost_exchange_fill(mesh->node_exchange, MPIU_REAL, 4, r));
  PetscCall(PetscArrayzero(rc, 3 * mesh->num_vertices));
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    for (PetscInt k = level->weight_start[i]; k < level->weight_start[i + 1]; k++) {
      PetscReal *to = &rc[3 * level->weight_vertex[k]];
      for (int d = 0; d < 3; d++) to[d] += level->weight[k] * r[4 * i + d];
    }
  PetscCall(ost_exchange_sum(mesh->vertex_exchange, MPIU_REAL, 3, rc));
  mask(level, rc);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* x = P e, zero where fixed */
static PetscErrorCode prolong(const OstLevel1 *level, PetscReal e[], PetscReal x[])
{
  const OstMesh *mesh = level->mesh;

  PetscFunctionBeginUser;
  PetscCall(ost_exchange_fill(mesh->vertex_exchange, MPIU_REAL, 3, e));
  for (PetscInt i = 0; i < mesh->num_nodes; i++) {
    PetscReal sum[3] = {0.0, 0.0, 0.0};
    for (PetscInt k = level->weight_start[i]; k < level->weight_start[i + 1]; k++)
      for (int d = 0; d < 3; d++) sum[d] += level->weight[k] * e[3 * level->weight_vertex[k] + d];
    for (int d = 0; d < 3; d++) x[4 * i + d] = sum[d];
  }
  PetscCall(ost_exchange_sum(mesh->node_exchange, MPIU_REAL, 4, x));
  for (PetscInt k = 0; k < 3 * mesh->num_owned; k++)
    if (level->fixed[k]) x[k / 3 * 4 + k % 3] = 0.0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- making ----------------------------------------------------------------------------------- */

/* Vertices of each cell [num_cells x 4] and of both sides of each face [num_faces x 6]. */
static PetscErrorCode list_corners(const OstMesh *mesh, PetscInt **cells, PetscInt **faces)
{
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(4 * mesh->num_cells, cells));
  PetscCall(PetscMalloc1(6 * mesh->num_faces, faces));
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    for (int a = 0; a < 4; a++) (*cells)[4 * c + a] = mesh->node_corner[mesh->cells[10 * c + a]];
  for (PetscInt f = 0; f < mesh->num_faces; f++)
    for (int side = 0; side < 2; side++)
      for (int a = 0; a < 3; a++)
        (*faces)[6 * f + 3 * side + a] = mesh->node_corner[mesh->faces[12 * f + 6 * side + a]];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode create_blocks(OstLevel1 *level)
{
  const OstMesh *mesh = level->mesh;
  PetscInt      *cells, *faces;

  PetscFunctionBeginUser;
  PetscCall(list_corners(mesh, &cells, &faces));
  PetscCall(ost_blocks_create_joined(
      mesh->num_vertices, 3, (const PetscInt[2]){mesh->num_cells, mesh->num_faces},
      (const PetscInt[2]){4, 6}, (const PetscInt *const[2]){cells, faces}, &level->A));
  PetscCall(PetscCalloc1((size_t)level->A.start[mesh->num_vertices] * 9, &level->bulk));
  PetscCall(PetscFree(cells));
  PetscCall(PetscFree(faces));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_level1_create(const OstMesh *mesh, const char fixed[], PetscInt direct_limit,
                                 OstLevel1 **out)
{
  const PetscInt n = 3 * mesh->num_vertices, num_faces = mesh->num_faces;
  PetscInt       all_faces;
  OstLevel1     *level;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&level));
  level->mesh  = mesh;
  level->fixed = fixed;
  level->small = level->direct =
      3 * mesh->total_vertices <= direct_limit ? PETSC_TRUE : PETSC_FALSE;
  PetscCallMPI(MPI_Allreduce(&num_faces, &all_faces, 1, MPIU_INT, MPI_SUM, mesh->comm));
  level->interface = all_faces > 0 ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(create_blocks(level));
  PetscCall(create_weights(level));
  PetscCall(PetscMalloc2(n, &level->held, n, &level->place));
  for (PetscInt k = 0; k < n; k++) {
    level->held[k]  = fixed[3 * mesh->vertex_node[k / 3] + k % 3];
    level->place[k] = mesh->x[3 * mesh->vertex_node[k / 3] + k % 3];
  }
  PetscCall(PetscMalloc2(n, &level->r, n, &level->e));
  for (int k = 0; k < INNER_STEPS; k++)
    PetscCall(PetscMalloc2(n, &level->step[k], n, &level->image[k]));
  if (!level->small)
    PetscCall(ost_amg_create(mesh->comm, &level->A, mesh->vertex_exchange, mesh->num_owned_vertices,
                             level->place, level->held, &level->amg));
  *out = level;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_level1_destroy(OstLevel1 **out)
{
  OstLevel1 *level = *out;

  PetscFunctionBeginUser;
  if (!level) PetscFunctionReturn(PETSC_SUCCESS);
  for (int kind = SYMMETRIC; kind <= GENERAL; kind++) {
    PetscCall(KSPDestroy(&level->ksp[kind]));
    PetscCall(MatDestroy(&level->matrix[kind]));
  }
  PetscCall(VecDestroy(&level->right));
  PetscCall(VecDestroy(&level->solution));
  PetscCall(ost_amg_destroy(&level->amg));
  PetscCall(ost_blocks_destroy(&level->A));
  PetscCall(PetscFree(level->bulk));
  PetscCall(PetscFree(level->weight_start));
  PetscCall(PetscFree2(level->weight_vertex, level->weight));
  PetscCall(PetscFree2(level->held, level->place));
  PetscCall(PetscFree2(level->r, level->e));
  for (int k = 0; k < INNER_STEPS; k++) PetscCall(PetscFree2(level->step[k], level->image[k]));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- filling ---------------------------------------------------------------------------------- */

PetscErrorCode ost_level1_begin_bulk(OstLevel1 *level)
{
  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(level->A.value, 9 * level->A.start[level->A.num_rows]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Add the block [3 x 3] of two vertices, without the rows and columns of what is fixed. */
static void add_block(OstLevel1 *level, PetscInt row, PetscInt column, const PetscReal *K,
                      PetscInt stride)
{
  PetscReal *to = &level->A.value[9 * (size_t)ost_blocks_find(&level->A, row, column)];

  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++)
      if (!level->held[3 * row + i] && !level->held[3 * column + k])
        to[3 * i + k] += K[stride * i + k];
}

void ost_level1_add(OstLevel1 *level, PetscInt num, const PetscInt nodes[], const PetscReal K[])
{
  const PetscInt *vertex = level->mesh->node_corner;

  for (PetscInt a = 0; a < num; a++)
    for (PetscInt b = 0; b < num; b++)
      add_block(level, vertex[nodes[a]], vertex[nodes[b]], &K[9 * num * a + 3 * b], 3 * num);
}

/* Fixed rows get a diagonal of the size of their neighbours', which harms neither smoother nor
   factorisation. */
PetscErrorCode ost_level1_end_bulk(OstLevel1 *level, PetscReal size)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < level->mesh->num_owned_vertices; i++) {
    PetscReal *block = &level->A.value[9 * (size_t)ost_blocks_find(&level->A, i, i)];
    for (int k = 0; k < 3; k++)
      if (level->held[3 * i + k]) block[4 * k] = size;
  }
  PetscCall(PetscArraycpy(level->bulk, level->A.value, 9 * level->A.start[level->A.num_rows]));
  level->direct = level->small || level->stays > 0 ? PETSC_TRUE : PETSC_FALSE;
  if (level->stays > 0) level->stays--;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_level1_begin_faces(OstLevel1 *level, PetscBool symmetric)
{
  PetscFunctionBeginUser;
  level->kind = symmetric ? SYMMETRIC : GENERAL;
  PetscCall(PetscArraycpy(level->A.value, level->bulk, 9 * level->A.start[level->A.num_rows]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The blocks go to both sides: + on equal sides, - across. */
void ost_level1_add_face(OstLevel1 *level, PetscInt face, const PetscReal K[3 * 3 * 9])
{
  const OstMesh  *mesh = level->mesh;
  const PetscInt *node = &mesh->faces[12 * face];

  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) {
      const PetscReal *block = &K[9 * (3 * a + b)];
      PetscReal        across[9];
      for (int k = 0; k < 9; k++) across[k] = -block[k];
      for (int r = 0; r < 2; r++)
        for (int c = 0; c < 2; c++)
          add_block(level, mesh->node_corner[node[6 * r + a]], mesh->node_corner[node[6 * c + b]],
                    r == c ? block : across, 3);
    }
}

/* --- the solver: factorised ------------------------------------------------------------------- */

/* The shares' rows into the PETSc matrix. */
static PetscErrorCode add_rows(const OstLevel1 *level, Mat matrix)
{
  const OstBlocks *A = &level->A;
  PetscInt        *columns, most = 0;
  PetscReal       *values;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < A->num_rows; i++) most = PetscMax(most, A->start[i + 1] - A->start[i]);
  PetscCall(PetscMalloc2(most, &columns, 9 * most, &values));
  for (PetscInt i = 0; i < A->num_rows; i++) {
    const PetscInt num = A->start[i + 1] - A->start[i];
    const PetscInt row = level->mesh->node_vertex[level->mesh->vertex_node[i]];
    for (PetscInt k = 0; k < num; k++) {
      const PetscReal *block = &A->value[9 * (size_t)(A->start[i] + k)];
      columns[k] = level->mesh->node_vertex[level->mesh->vertex_node[A->column[A->start[i] + k]]];
      for (PetscInt r = 0; r < 3; r++)
        for (PetscInt c = 0; c < 3; c++) values[3 * (num * r + k) + c] = block[3 * r + c];
    }
    PetscCall(MatSetValuesBlocked(matrix, 1, &row, num, columns, values, ADD_VALUES));
  }
  PetscCall(PetscFree2(columns, values));
  PetscCall(MatAssemblyBegin(matrix, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(matrix, MAT_FINAL_ASSEMBLY));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode create_matrix(const OstLevel1 *level, Mat *matrix)
{
  const PetscInt local = 3 * level->mesh->num_owned_vertices;
  Mat            pattern;

  PetscFunctionBeginUser;
  PetscCall(MatCreate(level->mesh->comm, &pattern));
  PetscCall(MatSetSizes(pattern, local, local, PETSC_DETERMINE, PETSC_DETERMINE));
  PetscCall(MatSetBlockSize(pattern, 3));
  PetscCall(MatSetType(pattern, MATPREALLOCATOR));
  PetscCall(MatSetUp(pattern));
  PetscCall(add_rows(level, pattern));
  PetscCall(MatCreate(level->mesh->comm, matrix));
  PetscCall(MatSetSizes(*matrix, local, local, PETSC_DETERMINE, PETSC_DETERMINE));
  PetscCall(MatSetBlockSize(*matrix, 3));
  PetscCall(MatSetType(*matrix, MATAIJ));
  PetscCall(MatPreallocatorPreallocate(pattern, PETSC_TRUE, *matrix));
  PetscCall(MatSetOption(*matrix, MAT_NEW_NONZERO_LOCATION_ERR, PETSC_TRUE));
  PetscCall(MatDestroy(&pattern));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* By how much more than it expects MUMPS may need [%]: on several ranks it decides while it factors
   who does what, and with its own margin some partitions of small systems fail (INFOG(1) = -9).
   Memory that is not needed is not touched. */
#define MUMPS_MARGIN 100

static PetscErrorCode create_direct(OstLevel1 *level)
{
  const int kind = level->kind;
  KSP       ksp;
  PC        pc;
  Mat       factor;

  PetscFunctionBeginUser;
  PetscCall(create_matrix(level, &level->matrix[kind]));
  if (kind == SYMMETRIC) PetscCall(MatSetOption(level->matrix[kind], MAT_SPD, PETSC_TRUE));
  PetscCall(KSPCreate(level->mesh->comm, &ksp));
  PetscCall(KSPSetOptionsPrefix(ksp, "mech_mg_coarse_"));
  PetscCall(KSPSetType(ksp, KSPPREONLY));
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCSetType(pc, kind == SYMMETRIC ? PCCHOLESKY : PCLU));
  PetscCall(PCFactorSetMatSolverType(pc, MATSOLVERMUMPS));
  PetscCall(KSPSetFromOptions(ksp));
  PetscCall(KSPSetOperators(ksp, level->matrix[kind], level->matrix[kind]));
  PetscCall(PCFactorSetUpMatSolverType(pc));
  PetscCall(PCFactorGetMatrix(pc, &factor));
  PetscCall(MatMumpsSetIcntl(factor, 14, MUMPS_MARGIN));
  level->ksp[kind] = ksp;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode set_up_direct(OstLevel1 *level)
{
  const int kind = level->kind;

  PetscFunctionBeginUser;
  if (!level->right) {
    PetscCall(ost_mesh_create_vec1(level->mesh, &level->right));
    PetscCall(VecDuplicate(level->right, &level->solution));
  }
  if (!level->ksp[kind]) PetscCall(create_direct(level));
  PetscCall(MatZeroEntries(level->matrix[kind]));
  PetscCall(add_rows(level, level->matrix[kind]));
  PetscCall(KSPSetOperators(level->ksp[kind], level->matrix[kind], level->matrix[kind]));
  PetscCall(KSPSetUp(level->ksp[kind]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode solve_direct(OstLevel1 *level)
{
  const PetscInt     num = 3 * level->mesh->num_owned_vertices;
  PetscScalar       *to;
  const PetscScalar *from;

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayWrite(level->right, &to));
  PetscCall(PetscArraycpy(to, level->r, num));
  PetscCall(VecRestoreArrayWrite(level->right, &to));
  PetscCall(KSPSolve(level->ksp[level->kind], level->right, level->solution));
  PetscCall(VecGetArrayRead(level->solution, &from));
  PetscCall(PetscArraycpy(level->e, from, num));
  PetscCall(VecRestoreArrayRead(level->solution, &from));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the solver: with a hierarchy ------------------------------------------------------------- */

static PetscErrorCode dot(const OstLevel1 *level, const PetscReal a[], const PetscReal b[],
                          PetscReal *sum)
{
  PetscFunctionBeginUser;
  *sum = 0.0;
  for (PetscInt k = 0; k < 3 * level->mesh->num_owned_vertices; k++) *sum += a[k] * b[k];
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 1, MPIU_REAL, MPIU_SUM, level->mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Steps that minimise the residual (GCR): the tangent of friction is not symmetric. */
static PetscErrorCode solve_by_steps(OstLevel1 *level)
{
  const PetscInt num = 3 * level->mesh->num_owned_vertices;
  PetscReal      along[INNER_STEPS], size[INNER_STEPS];

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(level->e, num));
  for (int step = 0; step < INNER_STEPS; step++) {
    PetscReal *p = level->step[step], *t = level->image[step];
    PetscCall(ost_amg_cycle(level->amg, level->r, p));
    PetscCall(ost_amg_apply(level->amg, p, t));
    for (int k = 0; k < step; k++) {
      PetscCall(dot(level, t, level->image[k], &along[k]));
      for (PetscInt i = 0; i < num; i++) {
        p[i] -= along[k] / size[k] * level->step[k][i];
        t[i] -= along[k] / size[k] * level->image[k][i];
      }
    }
    PetscCall(dot(level, t, t, &size[step]));
    PetscCall(dot(level, level->r, t, &along[step]));
    if (size[step] <= 0.0) break;
    for (PetscInt i = 0; i < num; i++) {
      level->e[i] += along[step] / size[step] * p[i];
      level->r[i] -= along[step] / size[step] * t[i];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- both ------------------------------------------------------------------------------------- */

PetscErrorCode ost_level1_set_up(OstLevel1 *level, PetscBool anew)
{
  PetscFunctionBeginUser;
  if (level->direct)
    PetscCall(set_up_direct(level));
  else if (anew)
    PetscCall(ost_amg_set_up(level->amg, level->bulk, (PetscBool)!level->interface));
  else
    PetscCall(ost_amg_follow(level->amg));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscBool ost_level1_may_factorise(const OstLevel1 *level)
{
  return !level->direct && 3 * level->mesh->total_vertices <= DIRECT_MOST ? PETSC_TRUE
                                                                          : PETSC_FALSE;
}

void ost_level1_factorise(OstLevel1 *level)
{
  level->direct = PETSC_TRUE;
  level->stays  = DIRECT_STAYS;
}

PetscErrorCode ost_level1_correct(OstLevel1 *level, PetscReal r[], PetscReal x[])
{
  PetscFunctionBeginUser;
  PetscCall(restrict_residual(level, r, level->r));
  if (level->direct)
    PetscCall(solve_direct(level));
  else
    PetscCall(solve_by_steps(level));
  PetscCall(prolong(level, level->e, x));
  PetscFunctionReturn(PETSC_SUCCESS);
}
