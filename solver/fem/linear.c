#include "fem/linear.h"

#include "base/log.h"
#include "fem/foundation.h"
#include "fem/level2.h"
#include "fem/stiffness.h"

/* Degree of the Chebyshev smoother and the lowest part of the spectrum it damps. CG iterations to
   1e-8 of a bonded femur, 35 k and 78 k dof: 20, 22 with degree 2 from 0.1; 16, 16 with 3 from
   0.06; 15, 14 with 4; 14, 13 with 5; 14, 12 with 6, at equal time from 3 to 6: what degree saves
   in direct solves it costs in products. What remains at any degree (12, 10) is bending, in which
   P1 locks (theory.md, S3). With halves on curved edges; (S8) has the figures without. */
#define SMOOTHER_DEGREE 5
#define SMOOTHER_LOWEST 0.06

typedef struct {
  const OstFacetSet *set; /* not owned; NULL: there is none */
  PetscReal          normal, shear;
} Foundation;

struct OstLinear {
  const OstMesh   *mesh;
  OstLinearOptions options;
  Foundation       foundation;
  char            *fixed;  /* [num_nodes x 3] local */
  OstLevel2       *level2; /* the tangent on P2, bulk plus interface */
  Mat              A2;     /* the same for Krylov methods: a shell */
  Mat              bulk1;  /* P1, fixed rows and columns replaced */
  Mat              A1[2];  /* with the interface: symmetric, general (made when first asked for) */
  Mat              P;      /* P1 -> P2, zero where fixed */
  KSP              ksp[2]; /* one for symmetric tangents, one for general ones */
  KSP              coarse[2]; /* their P1 solvers */
  int              kind;      /* of the present tangent: SYMMETRIC, GENERAL */
  PetscBool        estimated; /* the smoother's eigenvalues belong to the present tangent */
  PetscReal        largest;   /* eigenvalue the smoother is set up for [-] */
};

enum { SYMMETRIC, GENERAL };

OstLinearOptions ost_linear_options_default(void)
{
  /* MUMPS beats GAMG on the P1 level up to here in set-up and solve together (theory.md, S1) */
  return (OstLinearOptions){.direct_limit = 300000};
}

/* --- vectors ---------------------------------------------------------------------------------- */

PetscErrorCode ost_linear_create_vec(const OstLinear *lin, Vec *v)
{
  PetscFunctionBeginUser;
  PetscCall(ost_mesh_create_vec(lin->mesh, v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_mask(const OstLinear *lin, Vec r)
{
  const OstMesh *mesh = lin->mesh;
  PetscScalar   *value;

  PetscFunctionBeginUser;
  PetscCall(VecGetArray(r, &value));
  for (PetscInt k = 0; k < mesh->num_owned; k++)
    for (int i = 0; i < 3; i++)
      if (lin->fixed[3 * k + i]) value[3 * k + i] = 0.0;
  PetscCall(VecRestoreArray(r, &value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- patterns --------------------------------------------------------------------------------- */

/* Rows of a face's corners on both sides. */
static void face_rows(const OstMesh *mesh, PetscInt face, PetscInt rows[6])
{
  for (int side = 0; side < 2; side++)
    for (int a = 0; a < 3; a++)
      rows[3 * side + a] = mesh->node_vertex[mesh->faces[12 * face + 6 * side + a]];
}

/* An empty P1 matrix with the pattern of cells and interface faces. */
static PetscErrorCode create_matrix(const OstMesh *mesh, Mat *A)
{
  const PetscReal zeros[12 * 12] = {0}, zeros_face[18 * 18] = {0};
  const PetscInt  local = 3 * mesh->num_owned_vertices;
  Mat             pattern;

  PetscFunctionBeginUser;
  PetscCall(MatCreate(mesh->comm, &pattern));
  PetscCall(MatSetSizes(pattern, local, local, PETSC_DETERMINE, PETSC_DETERMINE));
  PetscCall(MatSetBlockSize(pattern, 3));
  PetscCall(MatSetType(pattern, MATPREALLOCATOR));
  PetscCall(MatSetUp(pattern));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscInt rows[4];
    for (int a = 0; a < 4; a++) rows[a] = mesh->node_vertex[mesh->cells[10 * c + a]];
    PetscCall(MatSetValuesBlocked(pattern, 4, rows, 4, rows, zeros, INSERT_VALUES));
  }
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    PetscInt rows[6];
    face_rows(mesh, f, rows);
    PetscCall(MatSetValuesBlocked(pattern, 6, rows, 6, rows, zeros_face, INSERT_VALUES));
  }
  PetscCall(MatAssemblyBegin(pattern, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(pattern, MAT_FINAL_ASSEMBLY));
  PetscCall(MatCreate(mesh->comm, A));
  PetscCall(MatSetSizes(*A, local, local, PETSC_DETERMINE, PETSC_DETERMINE));
  PetscCall(MatSetBlockSize(*A, 3));
  PetscCall(MatSetType(*A, MATAIJ));
  PetscCall(MatPreallocatorPreallocate(pattern, PETSC_TRUE, *A));
  PetscCall(MatSetOption(*A, MAT_NEW_NONZERO_LOCATION_ERR, PETSC_TRUE));
  PetscCall(MatDestroy(&pattern));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Cells of all ranks at each local node, in the first of three components [num_nodes x 3]. */
static PetscErrorCode count_cells(const OstMesh *mesh, PetscReal count[])
{
  Vec sum;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(count, 3 * mesh->num_nodes));
  for (PetscInt k = 0; k < 10 * mesh->num_cells; k++) count[3 * mesh->cells[k]] += 1.0;
  PetscCall(ost_mesh_create_vec(mesh, &sum));
  PetscCall(ost_mesh_local_to_global(mesh, count, sum));
  PetscCall(ost_mesh_global_to_local(mesh, sum, count));
  PetscCall(VecDestroy(&sum));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What one cell has to say of its nodes' rows. */
static PetscErrorCode interpolate_cell(const OstLinear *lin, PetscInt cell, const PetscReal count[],
                                       Mat P)
{
  const OstMesh  *mesh  = lin->mesh;
  const PetscInt *nodes = &mesh->cells[10 * cell];
  PetscReal       x[30], weight[10 * 4] = {0};

  PetscFunctionBeginUser;
  for (int a = 0; a < 10; a++)
    for (int i = 0; i < 3; i++) x[3 * a + i] = mesh->x[3 * nodes[a] + i];
  for (int a = 0; a < 4; a++) weight[5 * a] = 1.0;
  ost_stiffness_p1_weights(x, &weight[16]);
  for (int a = 0; a < 10; a++)
    for (int i = 0; i < 3; i++) {
      const PetscInt row = 3 * mesh->node_global[nodes[a]] + i;
      if (lin->fixed[3 * nodes[a] + i]) continue;
      for (int k = 0; k < 4; k++)
        if (weight[4 * a + k] != 0.0 && !lin->fixed[3 * nodes[k] + i])
          PetscCall(MatSetValue(P, row, 3 * mesh->node_vertex[nodes[k]] + i,
                                weight[4 * a + k] / count[3 * nodes[a]], ADD_VALUES));
    }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* P1 -> P2: linear fields stay what they are. Corners keep their value, mid-side nodes take the
   mean of the two ends, or on curved edges the mean of what their cells' linear fields are there.
 */
static PetscErrorCode create_interpolation(OstLinear *lin)
{
  const OstMesh *mesh = lin->mesh;
  const PetscInt fine = 3 * mesh->num_owned, coarse = 3 * mesh->num_owned_vertices;
  PetscReal     *count;
  Mat            pattern;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &count));
  PetscCall(count_cells(mesh, count));
  PetscCall(MatCreate(mesh->comm, &pattern));
  PetscCall(MatCreate(mesh->comm, &lin->P));
  Mat both[] = {pattern, lin->P};
  for (int k = 0; k < 2; k++) {
    PetscCall(MatSetSizes(both[k], fine, coarse, PETSC_DETERMINE, PETSC_DETERMINE));
    PetscCall(MatSetType(both[k], k ? MATAIJ : MATPREALLOCATOR));
    if (k)
      PetscCall(MatPreallocatorPreallocate(pattern, PETSC_TRUE, lin->P));
    else
      PetscCall(MatSetUp(pattern));
    for (PetscInt c = 0; c < mesh->num_cells; c++)
      PetscCall(interpolate_cell(lin, c, count, both[k]));
    PetscCall(MatAssemblyBegin(both[k], MAT_FINAL_ASSEMBLY));
    PetscCall(MatAssemblyEnd(both[k], MAT_FINAL_ASSEMBLY));
  }
  PetscCall(MatDestroy(&pattern));
  PetscCall(PetscFree(count));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the solver ------------------------------------------------------------------------------- */

/* Rigid-body modes of the P1 space, for the aggregation of GAMG. */
static PetscErrorCode set_near_null_space(const OstLinear *lin)
{
  const OstMesh *mesh = lin->mesh;
  Vec            x;
  PetscScalar   *value;
  MatNullSpace   modes;
  PetscInt       first;

  PetscFunctionBeginUser;
  PetscCall(ost_mesh_create_vec1(mesh, &x));
  PetscCall(VecSetBlockSize(x, 3));
  PetscCall(VecGetOwnershipRange(x, &first, NULL));
  PetscCall(VecGetArray(x, &value));
  for (PetscInt k = 0; k < mesh->num_owned; k++) {
    const PetscInt row = mesh->node_vertex[k];
    if (row < 0) continue;
    for (int i = 0; i < 3; i++) value[3 * row + i - first] = mesh->x[3 * k + i];
  }
  PetscCall(VecRestoreArray(x, &value));
  PetscCall(MatNullSpaceCreateRigidBody(x, &modes));
  PetscCall(MatSetNearNullSpace(lin->A1[SYMMETRIC], modes));
  PetscCall(MatNullSpaceDestroy(&modes));
  PetscCall(VecDestroy(&x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscBool ost_linear_takes_general(const OstLinear *lin)
{
  return 3 * lin->mesh->total_vertices <= lin->options.direct_limit ? PETSC_TRUE : PETSC_FALSE;
}

/* By how much more than it expects MUMPS may need [%]: on several ranks it decides while it factors
   who does what, and with its own margin some partitions of small systems fail (INFOG(1) = -9).
   Memory that is not needed is not touched. */
#define MUMPS_MARGIN 100

static PetscErrorCode create_coarse(OstLinear *lin, int kind)
{
  KSP       coarse;
  PC        pc;
  Mat       factor;
  PetscBool given;

  PetscFunctionBeginUser;
  PetscCall(KSPCreate(lin->mesh->comm, &coarse));
  lin->coarse[kind] = coarse;
  PetscCall(KSPSetOptionsPrefix(coarse, "mech_mg_coarse_"));
  PetscCall(KSPSetOperators(coarse, lin->A1[kind], lin->A1[kind]));
  PetscCall(KSPGetPC(coarse, &pc));
  if (ost_linear_takes_general(lin)) {
    PetscCall(KSPSetType(coarse, KSPPREONLY));
    PetscCall(PCSetType(pc, kind == SYMMETRIC ? PCCHOLESKY : PCLU));
    PetscCall(PCFactorSetMatSolverType(pc, MATSOLVERMUMPS));
    PetscCall(KSPSetFromOptions(coarse));
    PetscCall(PCFactorSetUpMatSolverType(pc));
    PetscCall(PCFactorGetMatrix(pc, &factor));
    PetscCall(MatMumpsSetIcntl(factor, 14, MUMPS_MARGIN));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  /* a weak cycle on P1 costs iterations on P2, which are dearer: four cycles for each */
  PetscCall(KSPSetType(coarse, KSPRICHARDSON));
  PetscCall(KSPSetTolerances(coarse, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, 4));
  PetscCall(KSPSetNormType(coarse, KSP_NORM_NONE));
  PetscCall(PCSetType(pc, PCGAMG));
  /* GAMG makes its levels, and forgets a cycle set before, only at set-up: told as an option */
  PetscCall(PetscOptionsHasName(NULL, "mech_mg_coarse_", "-pc_mg_cycle_type", &given));
  if (!given) PetscCall(PetscOptionsSetValue(NULL, "-mech_mg_coarse_pc_mg_cycle_type", "w"));
  PetscCall(KSPSetFromOptions(coarse));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode solve_coarse(void *context, Vec r, Vec e)
{
  OstLinear *lin = context;

  PetscFunctionBeginUser;
  PetscCall(KSPSolve(lin->coarse[lin->kind], r, e));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode multigrid(PC pc, Vec r, Vec x)
{
  OstLinear *lin;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &lin));
  PetscCall(ost_level2_cycle(lin->level2, lin->P, solve_coarse, lin, r, x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode apply_tangent(Mat A, Vec x, Vec y)
{
  OstLinear *lin;

  PetscFunctionBeginUser;
  PetscCall(MatShellGetContext(A, &lin));
  PetscCall(ost_level2_apply(lin->level2, x, y));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode apply_jacobi(PC pc, Vec r, Vec z)
{
  OstLinear *lin;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &lin));
  PetscCall(ost_level2_jacobi(lin->level2, r, z));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode create_tangent(OstLinear *lin)
{
  const PetscInt local = 3 * lin->mesh->num_owned;

  PetscFunctionBeginUser;
  PetscCall(ost_level2_create(lin->mesh, lin->fixed, &lin->level2));
  PetscCall(MatCreateShell(lin->mesh->comm, local, local, PETSC_DETERMINE, PETSC_DETERMINE, lin,
                           &lin->A2));
  PetscCall(MatShellSetOperation(lin->A2, MATOP_MULT, (void (*)(void))apply_tangent));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode create_solver(OstLinear *lin, int kind)
{
  KSP ksp;
  PC  pc;

  PetscFunctionBeginUser;
  PetscCall(KSPCreate(lin->mesh->comm, &ksp));
  lin->ksp[kind] = ksp;
  PetscCall(KSPSetOptionsPrefix(ksp, "mech_"));
  PetscCall(KSPSetOperators(ksp, lin->A2, lin->A2));
  if (kind == SYMMETRIC) {
    PetscCall(KSPSetType(ksp, KSPCG));
    PetscCall(KSPSetNormType(ksp, KSP_NORM_UNPRECONDITIONED));
  } else {
    PetscCall(KSPSetType(ksp, KSPFGMRES));
    PetscCall(KSPGMRESSetRestart(ksp, 60));
  }
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCSetType(pc, PCSHELL));
  PetscCall(PCShellSetContext(pc, lin));
  PetscCall(PCShellSetApply(pc, multigrid));
  PetscCall(create_coarse(lin, kind));
  PetscCall(KSPSetFromOptions(ksp));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void set_spectrum(OstLinear *lin, PetscReal largest)
{
  lin->largest = largest;
  ost_level2_set_spectrum(lin->level2, largest, SMOOTHER_LOWEST * largest, SMOOTHER_DEGREE);
}

/* Largest eigenvalue of the point-block Jacobi preconditioned tangent: Ritz values of 12 Arnoldi
   steps (the tangent of friction is not symmetric) from a start vector that does not depend on the
   ranks, with a margin. Made anew for every tangent: stiff contact that closes raises it by a
   third, and a Chebyshev polynomial is large above its interval. The price is that of one
   iteration. */
static PetscErrorCode estimate_spectrum(OstLinear *lin)
{
  enum { STEPS = 12 };
  const OstMesh *mesh = lin->mesh;
  KSP            arnoldi;
  PC             jacobi;
  Vec            b, x;
  PetscScalar   *value;
  PetscReal      re[STEPS], im[STEPS], most = 0.0;
  PetscInt       found;

  PetscFunctionBeginUser;
  /* start rough in every direction, as a function of the file's numbering only */
  PetscCall(ost_mesh_create_vec(mesh, &b));
  PetscCall(VecDuplicate(b, &x));
  PetscCall(VecGetArray(b, &value));
  for (PetscInt k = 0; k < mesh->num_owned; k++)
    for (int i = 0; i < 3; i++)
      value[3 * k + i] = PetscSinReal(12.9898 * (mesh->node_file[k] + 1) + 78.233 * i);
  PetscCall(VecRestoreArray(b, &value));
  PetscCall(ost_linear_mask(lin, b));
  PetscCall(KSPCreate(mesh->comm, &arnoldi));
  PetscCall(KSPSetOperators(arnoldi, lin->A2, lin->A2));
  PetscCall(KSPSetType(arnoldi, KSPGMRES));
  PetscCall(KSPGetPC(arnoldi, &jacobi));
  PetscCall(PCSetType(jacobi, PCSHELL));
  PetscCall(PCShellSetContext(jacobi, lin));
  PetscCall(PCShellSetApply(jacobi, apply_jacobi));
  PetscCall(KSPSetComputeEigenvalues(arnoldi, PETSC_TRUE));
  PetscCall(KSPSetTolerances(arnoldi, 1e-30, 1e-300, PETSC_DEFAULT, STEPS));
  PetscCall(KSPSolve(arnoldi, b, x));
  PetscCall(KSPComputeEigenvalues(arnoldi, STEPS, re, im, &found));
  for (PetscInt k = 0; k < found; k++) most = PetscMax(most, re[k]);
  if (most <= 0.0) most = 3.0; /* everything is fixed */
  most *= 1.15;
  set_spectrum(lin, most);
  PetscCall(KSPDestroy(&arnoldi));
  PetscCall(VecDestroy(&b));
  PetscCall(VecDestroy(&x));
  lin->estimated = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_create(const OstMesh *mesh, const char fixed[],
                                 const OstLinearOptions *options, OstLinear **out)
{
  OstLinear *lin;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&lin));
  lin->mesh    = mesh;
  lin->options = *options;
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &lin->fixed));
  PetscCall(PetscArraycpy(lin->fixed, fixed, 3 * mesh->num_nodes));
  PetscCall(create_tangent(lin));
  PetscCall(create_matrix(mesh, &lin->bulk1));
  PetscCall(MatDuplicate(lin->bulk1, MAT_DO_NOT_COPY_VALUES, &lin->A1[SYMMETRIC]));
  PetscCall(MatSetOption(lin->A1[SYMMETRIC], MAT_SPD, PETSC_TRUE));
  PetscCall(set_near_null_space(lin));
  PetscCall(create_interpolation(lin));
  PetscCall(create_solver(lin, SYMMETRIC));
  *out = lin;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_destroy(OstLinear **lin)
{
  PetscFunctionBeginUser;
  if (!*lin) PetscFunctionReturn(PETSC_SUCCESS);
  for (int kind = SYMMETRIC; kind <= GENERAL; kind++) {
    PetscCall(KSPDestroy(&(*lin)->ksp[kind]));
    PetscCall(KSPDestroy(&(*lin)->coarse[kind]));
    PetscCall(MatDestroy(&(*lin)->A1[kind]));
  }
  PetscCall(ost_level2_destroy(&(*lin)->level2));
  PetscCall(MatDestroy(&(*lin)->bulk1));
  PetscCall(MatDestroy(&(*lin)->A2));
  PetscCall(MatDestroy(&(*lin)->P));
  PetscCall(PetscFree((*lin)->fixed));
  PetscCall(PetscFree(*lin));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Zero the fixed rows and columns of a cell matrix of n nodes. */
static void mask_cell(const char fixed[], const PetscInt nodes[], PetscInt n, PetscReal K[])
{
  for (PetscInt a = 0; a < n; a++)
    for (int i = 0; i < 3; i++) {
      if (!fixed[3 * nodes[a] + i]) continue;
      for (PetscInt k = 0; k < 3 * n; k++)
        K[3 * n * (3 * a + i) + k] = K[3 * n * k + 3 * a + i] = 0.0;
    }
}

/* A diagonal of the size of its neighbours on the fixed rows, so that they do no harm to the
   smoother's spectrum or to the factorisation. */
static PetscErrorCode set_fixed_diagonal(const OstLinear *lin)
{
  const OstMesh  *mesh = lin->mesh;
  const PetscReal size = ost_level2_size(lin->level2);

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < mesh->num_owned; k++) {
    const PetscInt row      = mesh->node_vertex[k];
    PetscReal      block[9] = {0};
    if (row < 0) continue;
    for (int i = 0; i < 3; i++) block[4 * i] = lin->fixed[3 * k + i] ? size : 0.0;
    PetscCall(MatSetValuesBlocked(lin->bulk1, 1, &row, 1, &row, block, ADD_VALUES));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the foundation --------------------------------------------------------------------------- */

PetscErrorCode ost_linear_set_foundation(OstLinear *lin, const OstFacetSet *set, PetscReal normal,
                                         PetscReal shear)
{
  PetscFunctionBeginUser;
  lin->foundation = (Foundation){set, normal, shear};
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Stiffness of the k-th facet of the set, and its nodes. */
static const PetscInt *foundation_facet(const OstLinear *lin, PetscInt k, PetscReal K2[18 * 18],
                                        PetscReal K1[9 * 9])
{
  const Foundation *ground = &lin->foundation;
  PetscReal         x[18];

  ost_facets_places(lin->mesh, ground->set->facet[k], x);
  ost_foundation_stiffness(x, ground->normal, ground->shear, K2, K1);
  return &lin->mesh->facets[6 * ground->set->facet[k]];
}

/* All of the foundation into both levels, which ends the bulk on P2. */
static PetscErrorCode add_foundation(OstLinear *lin, const OstElastic elastic[])
{
  const OstMesh     *mesh = lin->mesh;
  const OstFacetSet *set  = lin->foundation.set;
  const PetscInt     num  = set ? set->num : 0;
  PetscReal         *K2;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(18 * 18 * num, &K2));
  for (PetscInt k = 0; k < num; k++) {
    PetscReal       K1[9 * 9];
    PetscInt        rows[3];
    const PetscInt *nodes = foundation_facet(lin, k, &K2[18 * 18 * k], K1);
    for (int a = 0; a < 3; a++) rows[a] = mesh->node_vertex[nodes[a]];
    mask_cell(lin->fixed, nodes, 3, K1);
    PetscCall(MatSetValuesBlocked(lin->bulk1, 3, rows, 3, rows, K1, ADD_VALUES));
  }
  PetscCall(ost_level2_end_bulk(lin->level2, elastic, num, set ? set->facet : NULL, K2));
  PetscCall(PetscFree(K2));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_linear_foundation_forces(const OstLinear *lin, const PetscReal u[], PetscReal f[])
{
  if (!lin->foundation.set) return;
  for (PetscInt k = 0; k < lin->foundation.set->num; k++) {
    PetscReal       K2[18 * 18], K1[9 * 9];
    const PetscInt *nodes = foundation_facet(lin, k, K2, K1);
    for (int r = 0; r < 18; r++)
      for (int c = 0; c < 18; c++)
        f[3 * nodes[r / 3] + r % 3] -= K2[18 * r + c] * u[3 * nodes[c / 3] + c % 3];
  }
}

/* --- the bulk --------------------------------------------------------------------------------- */

PetscErrorCode ost_linear_set_bulk(OstLinear *lin, const OstElastic elastic[])
{
  const OstMesh *mesh = lin->mesh;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_ASSEMBLY));
  PetscCall(MatZeroEntries(lin->bulk1));
  PetscCall(ost_level2_begin_bulk(lin->level2));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    const PetscInt *cell = &mesh->cells[10 * c];
    PetscReal       x[30], K2[900], K1[144];
    PetscInt        rows[4];
    for (int a = 0; a < 10; a++)
      for (int i = 0; i < 3; i++) x[3 * a + i] = mesh->x[3 * cell[a] + i];
    for (int a = 0; a < 4; a++) rows[a] = mesh->node_vertex[cell[a]];
    ost_stiffness(x, &elastic[c], K2);
    ost_level2_add_cell(lin->level2, c, K2);
    ost_stiffness_to_p1(x, K2, K1);
    mask_cell(lin->fixed, cell, 4, K1);
    PetscCall(MatSetValuesBlocked(lin->bulk1, 4, rows, 4, rows, K1, ADD_VALUES));
  }
  PetscCall(add_foundation(lin, elastic));
  PetscCall(set_fixed_diagonal(lin));
  PetscCall(MatAssemblyBegin(lin->bulk1, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(lin->bulk1, MAT_FINAL_ASSEMBLY));
  PetscCall(ost_log_end(OST_EVENT_ASSEMBLY));
  PetscCall(ost_linear_begin_tangent(lin, PETSC_TRUE));
  PetscCall(ost_linear_end_tangent(lin));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_apply_bulk(const OstLinear *lin, Vec u, Vec f)
{
  PetscFunctionBeginUser;
  PetscCall(ost_level2_apply_bulk(lin->level2, u, f));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscReal ost_linear_rounding(const OstLinear *lin, PetscReal norm_u)
{
  return PETSC_MACHINE_EPSILON * ost_level2_norm(lin->level2) * norm_u;
}

PetscErrorCode ost_linear_begin_tangent(OstLinear *lin, PetscBool symmetric)
{
  PetscFunctionBeginUser;
  lin->kind = symmetric ? SYMMETRIC : GENERAL;
  if (!lin->ksp[GENERAL] && !symmetric) {
    if (ost_linear_takes_general(lin))
      PetscCall(MatDuplicate(lin->bulk1, MAT_DO_NOT_COPY_VALUES, &lin->A1[GENERAL]));
    else {
      PetscCall(PetscObjectReference((PetscObject)lin->A1[SYMMETRIC]));
      lin->A1[GENERAL] = lin->A1[SYMMETRIC];
    }
    PetscCall(create_solver(lin, GENERAL));
  }
  PetscCall(ost_level2_begin_faces(lin->level2));
  PetscCall(MatCopy(lin->bulk1, lin->A1[lin->kind], SAME_NONZERO_PATTERN));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Spread the blocks of a face's corners over its two sides: + on equal sides, - across. */
static PetscErrorCode add_corners(const OstLinear *lin, PetscInt face,
                                  const PetscReal blocks[3 * 3 * 9])
{
  const OstMesh *mesh = lin->mesh;
  PetscReal      K[18 * 18];
  PetscInt       rows[6], nodes[6];

  PetscFunctionBeginUser;
  face_rows(mesh, face, rows);
  for (int side = 0; side < 2; side++)
    for (int a = 0; a < 3; a++) nodes[3 * side + a] = mesh->faces[12 * face + 6 * side + a];
  for (int r = 0; r < 6; r++)
    for (int c = 0; c < 6; c++) {
      const PetscReal  sign  = r / 3 == c / 3 ? 1.0 : -1.0;
      const PetscReal *block = &blocks[9 * (3 * (r % 3) + c % 3)];
      for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) K[18 * (3 * r + i) + 3 * c + k] = sign * block[3 * i + k];
    }
  mask_cell(lin->fixed, nodes, 6, K);
  PetscCall(MatSetValuesBlocked(lin->A1[lin->kind], 6, rows, 6, rows, K, ADD_VALUES));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_add_face(OstLinear *lin, PetscInt face, const PetscReal K2[6 * 6 * 9],
                                   const PetscReal K1[3 * 3 * 9])
{
  PetscFunctionBeginUser;
  ost_level2_add_face(lin->level2, face, K2);
  PetscCall(add_corners(lin, face, K1));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_end_tangent(OstLinear *lin)
{
  PetscFunctionBeginUser;
  PetscCall(ost_level2_end_faces(lin->level2));
  PetscCall(MatAssemblyBegin(lin->A1[lin->kind], MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(lin->A1[lin->kind], MAT_FINAL_ASSEMBLY));
  lin->estimated = PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_solve(OstLinear *lin, Vec b, Vec x, PetscReal rtol, PetscInt *iterations,
                                PetscBool *reached)
{
  KSP                ksp = lin->ksp[lin->kind];
  KSPConvergedReason reason;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_SETUP));
  if (!lin->estimated) PetscCall(estimate_spectrum(lin));
  PetscCall(KSPSetTolerances(ksp, rtol, 1e-300, 1e8, 300));
  PetscCall(KSPSetOperators(lin->coarse[lin->kind], lin->A1[lin->kind], lin->A1[lin->kind]));
  PetscCall(KSPSetUp(lin->coarse[lin->kind]));
  PetscCall(KSPSetUp(ksp));
  PetscCall(ost_log_end(OST_EVENT_SETUP));
  PetscCall(ost_log_begin(OST_EVENT_SOLVE));
  PetscCall(KSPSolve(ksp, b, x));
  PetscCall(KSPGetConvergedReason(ksp, &reason));
  PetscCall(KSPGetIterationNumber(ksp, iterations));
  if (reason <= 0) {
    /* the one way this preconditioner fails: an eigenvalue above the estimate, which the smoother
       amplifies; once more with room for it */
    PetscInt first = *iterations;
    set_spectrum(lin, 1.5 * lin->largest);
    PetscCall(KSPSolve(ksp, b, x));
    PetscCall(KSPGetConvergedReason(ksp, &reason));
    PetscCall(KSPGetIterationNumber(ksp, iterations));
    *iterations += first;
  }
  *reached = reason > 0 ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(ost_log_end(OST_EVENT_SOLVE));
  PetscFunctionReturn(PETSC_SUCCESS);
}
