/* How many Krylov iterations does one linear solve take, whatever the interface does?

       krylov_states CASE MESH [-climb FACTOR]

   MESH is CASE's own (`osteon mesh CASE -o MESH`), its sidecar beside it. Faults of either are
   printed, exit code 2. Seats the press-fit, goes from there to each
   activity of the protocol's last stage, and on with FACTOR times the load (default 1.5, at most 20
   times) until nothing bears it. In every state the tangent of the way from rest is solved with,
   for one right-hand side, the first activity's load, from zero to 1e-8 of the unpreconditioned
   residual. Row `bonded` has k_n and k_t at every point of the interface: the bonded bulk problem
   that growth is measured against. Shares are those of the interface's area; what touches without
   pressure counts as stick. `give` is the compliance under the right-hand side, over the bonded
   one's. */
#include "analysis/day.h"
#include "base/log.h"
#include "base/tensor.h"
#include "cli/wire.h"

#include <petsctime.h>

#define MOST_FACTOR 20.0

typedef struct {
  OstSetup  setup;
  OstCase  *sidecar;
  OstDay   *day;
  OstState  state;
  Vec       right;  /* the right-hand side of all solves */
  PetscInt  bonded; /* iterations of the bonded bulk problem */
  PetscReal give;   /* its compliance, right . x [N mm] */
  PetscReal climb;
} Bench;

/* *loaded FALSE: what is wrong with case or mesh has been printed. */
static PetscErrorCode load_limb(const char *path, const char *mesh, Bench *bench, PetscBool *loaded)
{
  char         sidecar[PETSC_MAX_PATH_LEN];
  OstDiagList *list;
  PetscBool    reached = PETSC_TRUE;

  PetscFunctionBeginUser;
  PetscCall(PetscStrncpy(sidecar, mesh, sizeof sidecar));
  char *end = strrchr(sidecar, '.');
  OstAssert(end && strlen(end) == 4, "the mesh is a .msh file");
  PetscCall(PetscStrncpy(end, ".yaml", sizeof sidecar - (size_t)(end - sidecar)));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_setup_read(&(OstCaseSource){.path = path}, list, &bench->setup));
  if (!ost_diag_num_errors(list))
    PetscCall(ost_wire_model(&bench->setup, mesh, sidecar, list, &bench->sidecar, &reached));
  *loaded = !ost_diag_num_errors(list) && reached ? PETSC_TRUE : PETSC_FALSE;
  if (!*loaded) {
    PetscMPIInt rank;
    PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
    if (!rank) PetscCall(ost_diag_print(list, stderr));
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "krylov_states: %s cannot be used with %s%s\n",
                           path, mesh,
                           reached ? "" : ": its reference analysis found no equilibrium"));
  }
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode shares(const OstIface *iface, const OstIfaceAnswer answer[],
                             PetscReal share[3])
{
  PetscFunctionBeginUser;
  share[OST_OPEN] = share[OST_STICK] = share[OST_SLIP] = 0.0;
  for (PetscInt p = 0; p < iface->num_points; p++) {
    const PetscReal *T     = answer[p].tangent;
    OstIfaceState    state = answer[p].state;
    /* what touches without pressure is as stiff as what sticks (theory.md, I1) */
    if (state == OST_OPEN && T[0] + T[4] + T[8] > 0.0) state = OST_STICK;
    if (state <= OST_SLIP) share[state] += iface->area[p] / iface->total_area;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, share, 3, MPIU_REAL, MPIU_SUM, PETSC_COMM_WORLD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One solve with the tangent of eq->answer. */
static PetscErrorCode measure(Bench *bench, const char *name, PetscReal factor)
{
  OstEquilibrium *eq = bench->day->eq;
  PetscReal       share[3], give;
  PetscInt        iterations;
  PetscBool       symmetric, reached;
  PetscLogDouble  from, to;
  Vec             x;

  PetscFunctionBeginUser;
  PetscCall(VecDuplicate(bench->right, &x));
  PetscCall(shares(eq->iface, eq->answer, share));
  PetscCall(ost_iface_set_tangent(eq->iface, eq->answer, eq->lin, &symmetric));
  PetscCall(PetscTime(&from));
  PetscCall(ost_linear_solve(eq->lin, bench->right, x, 1e-8, &iterations, &reached));
  PetscCall(PetscTime(&to));
  PetscCall(VecDot(bench->right, x, &give));
  if (!bench->bonded) {
    bench->bonded = iterations;
    bench->give   = give;
  }
  PetscCall(PetscPrintf(
      PETSC_COMM_WORLD, "%-10s %5.2f %5.0f %5.0f %5.0f %7.3g  %-6s %4d %+5.0f %% %6.2f s%s\n", name,
      (double)factor, 100.0 * (double)share[OST_STICK], 100.0 * (double)share[OST_SLIP],
      100.0 * (double)share[OST_OPEN], (double)(give / bench->give), symmetric ? "cg" : "fgmres",
      (int)iterations, 100.0 * ((double)iterations / (double)bench->bonded - 1.0), to - from,
      reached ? "" : "  NOT CONVERGED"));
  PetscCall(VecDestroy(&x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode measure_bonded(Bench *bench)
{
  OstEquilibrium *eq    = bench->day->eq;
  const OstIface *iface = eq->iface;

  PetscFunctionBeginUser;
  for (PetscInt p = 0; p < iface->num_points; p++) {
    const OstTractionLaw *law = &iface->law[iface->face_law[p / OST_FACE_POINTS]];
    const PetscReal      *n   = &iface->normal[3 * p];
    OstIfaceAnswer       *one = &eq->answer[p];
    *one                      = (OstIfaceAnswer){.state = OST_BONDED, .symmetric = PETSC_TRUE};
    for (int i = 0; i < 9; i++)
      one->tangent[i] = (law->normal_stiffness - law->shear_stiffness) * n[i / 3] * n[i % 3] +
                        (i % 4 ? 0.0 : law->shear_stiffness);
  }
  PetscCall(measure(bench, "bonded", 0.0));
  PetscCall(ost_equilibrium_refresh(eq));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The tangent of the whole way from rest: what slid on it slides there, while the accepted state
   would begin to stick again (theory.md, I4). */
static PetscErrorCode measure_way(Bench *bench, const char *name, PetscReal factor)
{
  OstEquilibrium *eq = bench->day->eq;
  const PetscInt  n  = eq->iface->num_points;
  OstIfacePoint  *now;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &now));
  PetscCall(PetscArraycpy(now, eq->iface->point, n));
  PetscCall(PetscArraycpy(eq->iface->point, bench->state.point, n));
  PetscCall(ost_equilibrium_refresh(eq));
  PetscCall(measure(bench, name, factor));
  PetscCall(PetscArraycpy(eq->iface->point, now, n));
  PetscCall(ost_equilibrium_refresh(eq));
  PetscCall(PetscFree(now));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* From rest to an activity and on until nothing bears it. */
static PetscErrorCode climb(Bench *bench, const OstDayLoad *load)
{
  OstEquilibrium *eq      = bench->day->eq;
  PetscBool       reached = PETSC_TRUE;
  Vec             force;

  PetscFunctionBeginUser;
  PetscCall(ost_day_enter(bench->day, &bench->state, PETSC_FALSE));
  PetscCall(VecDuplicate(bench->right, &force));
  for (PetscReal factor = 1.0; factor <= MOST_FACTOR && reached; factor *= bench->climb) {
    PetscCall(ost_model_load(&bench->setup.model, &load->phase[0].load, force));
    PetscCall(VecScale(force, factor));
    PetscCall(ost_equilibrium_reach(eq, force, 1.0, NULL, NULL, &reached));
    if (reached) PetscCall(measure_way(bench, load->name, factor));
  }
  PetscCall(VecDestroy(&force));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode run(Bench *bench)
{
  OstModel  *model = &bench->setup.model;
  OstDayLoad load[OST_STAGE_EXERCISES];
  PetscBool  reached;

  PetscFunctionBeginUser;
  const PetscInt num =
      ost_schedule_at(&model->schedule, NULL, model->schedule.until, PETSC_TRUE, load);
  OstAssert(num > 0, "the protocol ends without an activity");
  PetscCall(ost_day_create(model, &bench->day));
  PetscCall(ost_state_create(model, &bench->state));
  bench->day->eq->options.max_cutbacks = 3; /* a load that is not borne should be known soon */
  PetscCall(ost_linear_create_vec(bench->day->lin, &bench->right));
  PetscCall(ost_model_load(model, &load[0].phase[0].load, bench->right));
  PetscCall(ost_linear_mask(bench->day->lin, bench->right));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%d unknowns, %d on P1\n",
                        (int)(3 * model->mesh->total_nodes),
                        (int)(3 * model->mesh->total_vertices)));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%-10s %5s %5s %5s %5s %7s  %-6s %4s %7s %8s\n", "state",
                        "load", "stick", "slip", "open", "give", "method", "its", "growth",
                        "time"));
  PetscCall(ost_day_press_fit(bench->day, &bench->state, &reached));
  OstAssert(reached, "the press-fit found no equilibrium");
  PetscCall(measure_bonded(bench));
  PetscCall(measure(bench, "fitted", 0.0));
  for (PetscInt k = 0; k < num; k++) PetscCall(climb(bench, &load[k]));
  PetscCall(VecDestroy(&bench->right));
  PetscCall(ost_state_destroy(&bench->state));
  PetscCall(ost_day_destroy(&bench->day));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  Bench     bench  = {.climb = 1.5};
  PetscBool loaded = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  OstAssert(argc >= 3, "usage: krylov_states CASE MESH [-climb FACTOR]");
  ost_log_register_events();
  PetscCall(PetscOptionsGetReal(NULL, NULL, "-climb", &bench.climb, NULL));
  PetscCall(load_limb(argv[1], argv[2], &bench, &loaded));
  if (loaded) PetscCall(run(&bench));
  PetscCall(ost_case_destroy(&bench.sidecar));
  PetscCall(ost_setup_destroy(&bench.setup));
  PetscCall(PetscFinalize());
  return loaded ? 0 : 2;
}
