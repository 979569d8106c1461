#include "fem/linear.h"

#include "base/log.h"
#include "fem/foundation.h"
#include "fem/level2.h"
#include "fem/stiffness.h"

typedef struct {
  const OstFacetSet *set; /* not owned; NULL: there is none */
  PetscReal          normal, shear;
} Foundation;

/* Made for another tangent, for the present one, or for it with room for a larger eigenvalue. */
typedef enum { STALE, FRESH, WIDENED } Upkeep;

struct OstLinear {
  const OstMesh *mesh;
  Foundation     foundation;
  char          *fixed;   /* [num_nodes x 3] local */
  OstLevel2     *level2;  /* the tangent on P2, bulk plus interface */
  OstLevel1     *level1;  /* and on P1 */
  Mat            A2;      /* the first for Krylov methods: a shell */
  KSP            ksp[2];  /* one for symmetric tangents, one for general ones */
  void          *test[2]; /* what PETSc's own convergence test remembers */
  int            kind;    /* of the present tangent: SYMMETRIC, GENERAL */
  PetscBool      present; /* the levels know the present tangent */
  /* of what is costly to make, the hierarchy and the spectrum that the smoother damps; anew when
     going on without has cost as much as making it (S10) */
  PetscBool made;
  Upkeep    upkeep;
  PetscReal pace;       /* iterations for a tenth of the residual when they were fresh [-] */
  PetscReal lost;       /* iterations that staleness has cost since [-] */
  PetscReal norm, left; /* residual of the present attempt, at its start and now [N] */
};

enum { SYMMETRIC, GENERAL };

/* Iterations of one solve that are a failure. */
enum { MOST = 300 };
/* Iterations, and those for each tenth of the residual, after which the P1 level is factorised: a
   very stiff interface holds bodies together that the hierarchy does not know to be joined. */
#define SLOW_START 8.0
#define SLOW_PACE  2.0
/* The same for a hierarchy of another tangent: a pace so much slower than when it was fresh, after
   the first iterations. */
enum { STALE_FIRST = 4 };
#define STALE_PACE 2.0
/* What making hierarchy and spectrum costs, in iterations. */
#define SET_UP_WORTH 3.0

OstLinearOptions ost_linear_options_default(void)
{
  /* the hierarchy beats MUMPS from here on in set-up and solve together (theory.md, S1) */
  return (OstLinearOptions){.direct_limit = 2000};
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

/* --- the solver ------------------------------------------------------------------------------- */

/* Iterations for a tenth of the residual. */
static PetscReal pace_of(const OstLinear *lin, PetscInt iterations, PetscReal norm)
{
  const PetscReal decades = norm > 0.0 && norm < lin->norm ? PetscLog10Real(lin->norm / norm) : 0.0;
  return (PetscReal)iterations / PetscMax(decades, 1e-3);
}

/* A solve with the hierarchy of another tangent is broken off as soon as it is seen to be slow. */
static PetscErrorCode test_residual(KSP ksp, PetscInt iteration, PetscReal norm,
                                    KSPConvergedReason *reason, void *context)
{
  OstLinear *lin = context;

  PetscFunctionBeginUser;
  if (!iteration) lin->norm = norm;
  lin->left = norm;
  PetscCall(KSPConvergedDefault(ksp, iteration, norm, reason, lin->test[lin->kind]));
  if (!*reason && lin->upkeep == STALE && iteration >= STALE_FIRST &&
      pace_of(lin, iteration, norm) > STALE_PACE * lin->pace)
    *reason = KSP_DIVERGED_ITS;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode multigrid(PC pc, Vec r, Vec x)
{
  OstLinear *lin;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &lin));
  PetscCall(ost_level2_cycle(lin->level2, lin->level1, r, x));
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
    /* flexible: the P1 level's answer is not quite linear in its residual; one direction back is
       enough, and thirty are memory */
    PetscCall(KSPSetType(ksp, KSPFCG));
    PetscCall(KSPFCGSetMmax(ksp, 1));
    PetscCall(KSPFCGSetNprealloc(ksp, 1));
    PetscCall(KSPSetNormType(ksp, KSP_NORM_UNPRECONDITIONED));
  } else {
    PetscCall(KSPSetType(ksp, KSPFGMRES));
    PetscCall(KSPGMRESSetRestart(ksp, 60));
  }
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCSetType(pc, PCSHELL));
  PetscCall(PCShellSetContext(pc, lin));
  PetscCall(PCShellSetApply(pc, multigrid));
  PetscCall(KSPConvergedDefaultCreate(&lin->test[kind]));
  PetscCall(KSPSetConvergenceTest(ksp, test_residual, lin, NULL));
  PetscCall(KSPSetFromOptions(ksp));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_create(const OstMesh *mesh, const char fixed[],
                                 const OstLinearOptions *options, OstLinear **out)
{
  OstLinear *lin;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&lin));
  lin->mesh = mesh;
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &lin->fixed));
  PetscCall(PetscArraycpy(lin->fixed, fixed, 3 * mesh->num_nodes));
  PetscCall(create_tangent(lin));
  PetscCall(ost_level1_create(mesh, lin->fixed, options->direct_limit, &lin->level1));
  PetscCall(create_solver(lin, SYMMETRIC));
  *out = lin;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_destroy(OstLinear **lin)
{
  PetscFunctionBeginUser;
  if (!*lin) PetscFunctionReturn(PETSC_SUCCESS);
  for (int kind = SYMMETRIC; kind <= GENERAL; kind++) {
    if ((*lin)->ksp[kind]) PetscCall(KSPConvergedDefaultDestroy((*lin)->test[kind]));
    PetscCall(KSPDestroy(&(*lin)->ksp[kind]));
  }
  PetscCall(ost_level2_destroy(&(*lin)->level2));
  PetscCall(ost_level1_destroy(&(*lin)->level1));
  PetscCall(MatDestroy(&(*lin)->A2));
  PetscCall(PetscFree((*lin)->fixed));
  PetscCall(PetscFree(*lin));
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
  const OstFacetSet *set = lin->foundation.set;
  const PetscInt     num = set ? set->num : 0;
  PetscReal         *K2;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(18 * 18 * num, &K2));
  for (PetscInt k = 0; k < num; k++) {
    PetscReal       K1[9 * 9];
    const PetscInt *nodes = foundation_facet(lin, k, &K2[18 * 18 * k], K1);
    ost_level1_add(lin->level1, 3, nodes, K1);
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
  const OstMesh  *mesh      = lin->mesh;
  const PetscBool hierarchy = ost_level1_may_factorise(lin->level1);

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_ASSEMBLY));
  PetscCall(ost_level1_begin_bulk(lin->level1));
  PetscCall(ost_level2_begin_bulk(lin->level2));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    const PetscInt *cell = &mesh->cells[10 * c];
    PetscReal       x[30], diagonal[90], K1[144];
    for (int a = 0; a < 10; a++)
      for (int i = 0; i < 3; i++) x[3 * a + i] = mesh->x[3 * cell[a] + i];
    ost_stiffness_of_levels(x, &elastic[c], diagonal, K1);
    ost_level2_add_cell(lin->level2, c, diagonal);
    ost_level1_add(lin->level1, 4, cell, K1);
  }
  PetscCall(add_foundation(lin, elastic));
  PetscCall(ost_level1_end_bulk(lin->level1, ost_level2_size(lin->level2)));
  /* back from factors, whose pace says nothing of the hierarchy that failed before them */
  if (!hierarchy && ost_level1_may_factorise(lin->level1)) lin->made = PETSC_FALSE;
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
  /* rows' absolute sums are 4 to 5 times the largest diagonal block's */
  return PETSC_MACHINE_EPSILON * 5.0 * ost_level2_size(lin->level2) * norm_u;
}

PetscErrorCode ost_linear_begin_tangent(OstLinear *lin, PetscBool symmetric)
{
  PetscFunctionBeginUser;
  lin->kind = symmetric ? SYMMETRIC : GENERAL;
  if (!lin->ksp[lin->kind]) PetscCall(create_solver(lin, lin->kind));
  PetscCall(ost_level2_begin_faces(lin->level2));
  PetscCall(ost_level1_begin_faces(lin->level1, symmetric));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_add_face(OstLinear *lin, PetscInt face, const PetscReal K2[6 * 6 * 9],
                                   const PetscReal K1[3 * 3 * 9])
{
  PetscFunctionBeginUser;
  ost_level2_add_face(lin->level2, face, K2);
  ost_level1_add_face(lin->level1, face, K1);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_end_tangent(OstLinear *lin)
{
  PetscFunctionBeginUser;
  PetscCall(ost_level2_end_faces(lin->level2));
  lin->present = PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- solving ---------------------------------------------------------------------------------- */

/* Levels that know the present tangent: the hierarchy and the spectrum made anew, or going on. */
static PetscErrorCode set_up(OstLinear *lin, Upkeep upkeep)
{
  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_SETUP));
  if (upkeep == FRESH) PetscCall(ost_level2_set_up(lin->level2));
  PetscCall(ost_level1_set_up(lin->level1, upkeep == FRESH ? PETSC_TRUE : PETSC_FALSE));
  lin->upkeep  = upkeep;
  lin->present = lin->made = PETSC_TRUE;
  PetscCall(ost_log_end(OST_EVENT_SETUP));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Iterations after which it is better to try otherwise: those that pay for a factorisation. */
static PetscInt patience(const OstLinear *lin, PetscReal rtol)
{
  if (lin->upkeep == FRESH && ost_level1_may_factorise(lin->level1))
    return (PetscInt)PetscCeilReal(SLOW_START - SLOW_PACE * PetscLog10Real(rtol));
  return MOST;
}

/* Krylov iterations on x, from zero or from what it is. What they say of the hierarchy is noted. */
static PetscErrorCode attempt(OstLinear *lin, Vec b, Vec x, PetscReal rtol, PetscBool from_x,
                              PetscInt *iterations, PetscBool *reached)
{
  KSP                ksp = lin->ksp[lin->kind];
  KSPConvergedReason reason;
  PetscReal          pace;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_SOLVE));
  PetscCall(KSPSetInitialGuessNonzero(ksp, from_x));
  PetscCall(KSPSetTolerances(ksp, rtol, 1e-300, 1e8, patience(lin, rtol)));
  PetscCall(KSPSolve(ksp, b, x));
  PetscCall(KSPGetConvergedReason(ksp, &reason));
  PetscCall(KSPGetIterationNumber(ksp, iterations));
  *reached = reason > 0 ? PETSC_TRUE : PETSC_FALSE;
  pace     = pace_of(lin, *iterations, lin->left);
  if (*iterations && lin->upkeep != STALE) {
    lin->pace = pace;
    lin->lost = 0.0;
  } else if (*iterations)
    lin->lost = PetscMax(0.0, lin->lost + (PetscReal)*iterations * (1.0 - lin->pace / pace));
  PetscCall(ost_log_end(OST_EVENT_SOLVE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* After an attempt that failed: what may do better, if anything. */
static PetscErrorCode try_harder(OstLinear *lin, PetscBool *from_x, PetscBool *more)
{
  PetscFunctionBeginUser;
  /* on from there, unless it is worse than nothing, or not a number */
  *from_x = lin->left < lin->norm ? PETSC_TRUE : PETSC_FALSE;
  *more   = PETSC_TRUE;
  if (lin->upkeep == STALE)
    PetscCall(set_up(lin, FRESH));
  else if (lin->upkeep == FRESH && ost_level1_may_factorise(lin->level1)) {
    ost_level1_factorise(lin->level1);
    PetscCall(set_up(lin, FRESH));
  } else if (lin->upkeep == FRESH) {
    /* how it fails even so: by an eigenvalue above the estimate, which the smoother amplifies */
    ost_level2_widen(lin->level2, 1.5);
    lin->upkeep = WIDENED;
    *from_x     = PETSC_FALSE;
  } else
    *more = PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_linear_solve(OstLinear *lin, Vec b, Vec x, PetscReal rtol, PetscInt *iterations,
                                PetscBool *reached)
{
  PetscBool from_x = PETSC_FALSE, more = PETSC_TRUE;
  PetscInt  num;

  PetscFunctionBeginUser;
  *iterations = 0;
  *reached    = PETSC_FALSE;
  if (!lin->present) PetscCall(set_up(lin, lin->made && lin->lost < SET_UP_WORTH ? STALE : FRESH));
  while (!*reached && more) {
    PetscCall(attempt(lin, b, x, rtol, from_x, &num, reached));
    *iterations += num;
    if (!*reached) PetscCall(try_harder(lin, &from_x, &more));
  }
  lin->made = *reached; /* what failed serves no other tangent */
  PetscFunctionReturn(PETSC_SUCCESS);
}
