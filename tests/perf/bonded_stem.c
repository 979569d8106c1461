/* Osteon's side of scripts/bench: a stem in a hollow bone (peers/deck.py), tied to it or pressed
   in, solved once from cold.

       bonded_stem MESH [-rtol R] [-contrast C] [-direct_limit N]
       bonded_stem MESH -contact [-normal_stiffness K] [-shear_stiffness K] [-elastic_slip A]
                        [-tolerance T] [-contrast C] [-direct_limit N]

   The proximal end is clamped, the end of the abutment carries FORCE as a uniform traction. Tied:
   one linear solve to the relative unpreconditioned residual R (default 1e-8); C is the ratio of
   the moduli of stem and bone (default 110000/17000). With -contact: friction 0.4 and 10 um of
   radial interference; first the press-fit, then the load, as `osteon run` does and to its
   tolerances. Stiffnesses and elastic slip are those of the traction law, its defaults if not
   given; the elastic slip counts from the load on, for with none the press-fit leaves the stem free
   along its axis. An option that is not used is an error.

   Prints one line of JSON: seconds by phase (the slowest rank's), iterations, displacement of the
   abutment's end, peak memory of all ranks together. */
#include "analysis/equilibrium.h"
#include "base/log.h"
#include "fem/element.h"
#include "fem/facets.h"
#include "support/problem.h"

#include <sys/resource.h>

#define SEATING 0.02 /* of the friction, while the stem is pressed in (solver/analysis/day.c) */

static const double FORCE[3]     = {300.0, -200.0, -800.0};
static const double STEM_MODULUS = 110000.0, BONE_MODULUS = 17000.0, POISSON = 0.3;
static const double FRICTION = 0.4, GAP = -0.01;

typedef struct {
  double mesh, create, assembly, setup, solve; /* setup and solve: of all linear solves */
  double fit, load;                            /* of the contact case */
} Seconds;

typedef struct {
  OstProblem       p;
  Seconds          seconds;
  PetscBool        contact;
  PetscReal        contrast, rtol;
  OstTractionLaw   law;          /* of the contact case, */
  PetscReal        elastic_slip; /* but from the load on [mm] */
  OstLinearOptions linear;
  OstNewtonOptions newton;
  double           area; /* of the abutment's end [mm2] */
  double           tip[3];
  PetscInt         iterations; /* of Krylov, in all */
  PetscReal residual; /* relative, unpreconditioned, recomputed; of the last Newton iteration */
} Job;

/* Wall time since the last call. Collective. */
static double lap(double *last)
{
  MPI_Barrier(PETSC_COMM_WORLD);
  const double now = MPI_Wtime(), since = now - *last;
  *last = now;
  return since;
}

static PetscErrorCode read_mesh(const char *path, Job *job)
{
  const OstMeshTreatment options = {.tied = job->contact ? PETSC_FALSE : PETSC_TRUE};
  OstProblem            *p       = &job->p;
  OstDiagList           *list;
  double                 last = MPI_Wtime();

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_mesh_create_with(PETSC_COMM_WORLD, path, &options, list, &p->mesh));
  if (!p->mesh) {
    PetscMPIInt rank;
    PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
    if (!rank) PetscCall(ost_diag_print(list, stderr));
  }
  PetscCall(ost_diag_destroy(&list));
  OstAssert(p->mesh, "the mesh %s cannot be used", path);
  job->seconds.mesh = lap(&last);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode clamp(OstProblem *p)
{
  const OstFacetChoice proximal = ost_facets_of_group(OST_PROXIMAL);
  OstFacetSet          held;

  PetscFunctionBeginUser;
  PetscCall(ost_facets_choose(p->mesh, &proximal, &held));
  PetscCall(ost_facets_clamp(p->mesh, &held, &p->fixed));
  PetscCall(ost_facets_free(&held));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Area of the abutment's end, and with a displacement u [num_nodes x 3] its mean there. */
static PetscErrorCode end_of_abutment(const OstMesh *mesh, const PetscReal u[], double *area,
                                      double mean[3])
{
  double sum[4] = {0};

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < mesh->num_facets; k++) {
    const PetscInt *nodes = &mesh->facets[6 * k];
    PetscReal       x[18];
    if (mesh->surface[k] != OST_ABUTMENT_END) continue;
    for (int i = 0; i < 18; i++) x[i] = mesh->x[3 * nodes[i / 3] + i % 3];
    for (PetscInt q = 0; q < ost_tri_rule6.num; q++) {
      const PetscReal *b = &ost_tri_rule6.point[3 * q];
      PetscReal        normal[3], N[6];
      const double     w = ost_tri_rule6.weight[q] * ost_tri6_normal(x, b, normal);
      ost_tri6_shape(b, N);
      sum[3] += w;
      for (int i = 0; u && i < 18; i++) sum[i % 3] += w * N[i / 3] * u[3 * nodes[i / 3] + i % 3];
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 4, MPI_DOUBLE, MPI_SUM, mesh->comm));
  *area = sum[3];
  for (int d = 0; d < 3 && u; d++) mean[d] = sum[d] / sum[3];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void pull(const double x[3], const double normal[3], double t[3], const void *context)
{
  (void)x;
  (void)normal;
  for (int d = 0; d < 3; d++) t[d] = FORCE[d] / *(const double *)context;
}

/* Linear system with the bulk, and the load. */
static PetscErrorCode set_up(Job *job)
{
  OstProblem *p = &job->p;
  double      last;

  PetscFunctionBeginUser;
  PetscCall(clamp(p));
  PetscCall(PetscMalloc1(p->mesh->num_cells, &p->elastic));
  for (PetscInt c = 0; c < p->mesh->num_cells; c++) {
    const double E = p->mesh->region[c] == OST_STEM ? STEM_MODULUS : STEM_MODULUS / job->contrast;
    p->elastic[c]  = (OstElastic){.E = E, .nu = POISSON};
  }
  last = MPI_Wtime();
  PetscCall(ost_linear_create(p->mesh, p->fixed, &job->linear, &p->lin));
  job->seconds.create = lap(&last);
  PetscCall(ost_linear_set_bulk(p->lin, p->elastic));
  job->seconds.assembly = lap(&last);
  PetscCall(ost_linear_create_vec(p->lin, &p->load));
  PetscCall(end_of_abutment(p->mesh, NULL, &job->area, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode add_load(Job *job)
{
  PetscFunctionBeginUser;
  PetscCall(ost_problem_add_traction(&job->p, OST_ABUTMENT_END, pull, &job->area));
  PetscCall(ost_linear_mask(job->p.lin, job->p.load));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode solve_tied(Job *job)
{
  OstProblem *p = &job->p;
  PetscReal  *u, norm;
  PetscBool   reached;
  Vec         x, r;

  PetscFunctionBeginUser;
  PetscCall(add_load(job));
  PetscCall(VecDuplicate(p->load, &x));
  PetscCall(VecDuplicate(p->load, &r));
  PetscCall(ost_linear_solve(p->lin, p->load, x, job->rtol, &job->iterations, &reached));
  OstAssert(reached, "the linear solve did not converge in %d iterations", (int)job->iterations);
  PetscCall(ost_linear_apply_bulk(p->lin, x, r));
  PetscCall(VecAYPX(r, -1.0, p->load));
  PetscCall(ost_linear_mask(p->lin, r));
  PetscCall(VecNorm(r, NORM_2, &job->residual));
  PetscCall(VecNorm(p->load, NORM_2, &norm));
  job->residual /= norm;
  PetscCall(PetscMalloc1(3 * p->mesh->num_nodes, &u));
  PetscCall(ost_mesh_global_to_local(p->mesh, x, u));
  PetscCall(end_of_abutment(p->mesh, u, &job->area, job->tip));
  PetscCall(PetscFree(u));
  PetscCall(VecDestroy(&x));
  PetscCall(VecDestroy(&r));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The stem is pressed in with hardly any friction, then held by all of it, then loaded. */
static PetscErrorCode solve_contact(Job *job)
{
  OstProblem *p    = &job->p;
  double      last = MPI_Wtime();
  PetscBool   reached;

  PetscFunctionBeginUser;
  PetscCall(ost_iface_create(p->mesh, (OstTractionLaw[2]){job->law, job->law}, &p->iface));
  PetscCall(ost_equilibrium_create(p->mesh, p->lin, p->iface, &job->newton, &p->eq));
  ost_problem_set_fit(p, GAP);
  p->iface->friction_scale = SEATING;
  PetscCall(ost_equilibrium_reach(p->eq, NULL, 1.0, NULL, NULL, &reached));
  OstAssert(reached, "the press-fit found no equilibrium");
  p->iface->law[0].elastic_slip = p->iface->law[1].elastic_slip = job->elastic_slip;
  PetscCall(ost_problem_seat(p));
  job->seconds.fit = lap(&last);
  PetscCall(add_load(job));
  PetscCall(ost_equilibrium_reach(p->eq, p->load, 1.0, NULL, NULL, &reached));
  OstAssert(reached, "the load found no equilibrium");
  job->seconds.load = lap(&last);
  job->iterations   = p->eq->count.krylov;
  job->residual     = p->eq->count.residual;
  PetscCall(end_of_abutment(p->mesh, p->eq->local_u, &job->area, job->tip));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What all ranks together say of themselves. */
static PetscErrorCode gather(Job *job, double *memory)
{
  double        linear[2] = {ost_log_seconds(OST_EVENT_SETUP), ost_log_seconds(OST_EVENT_SOLVE)};
  struct rusage usage;

  PetscFunctionBeginUser;
  getrusage(RUSAGE_SELF, &usage);
  *memory = (double)usage.ru_maxrss / 1024.0;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, memory, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, linear, 2, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  job->seconds.setup = linear[0];
  job->seconds.solve = linear[1];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode report(Job *job)
{
  const OstProblem *p       = &job->p;
  const Seconds    *s       = &job->seconds;
  const double      unknown = 3.0 * (double)p->mesh->total_nodes;
  double            memory, total;
  PetscMPIInt       ranks;

  PetscFunctionBeginUser;
  PetscCall(gather(job, &memory));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &ranks));
  total = s->create + s->assembly + (job->contact ? s->fit + s->load : s->setup + s->solve);
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "{\"dof\": %.0f, \"ranks\": %d, ", unknown, ranks));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "\"seconds\": {\"mesh\": %.4f, \"create\": %.4f, \"assembly\": %.4f, "
                        "\"setup\": %.4f, \"solve\": %.4f, \"fit\": %.4f, \"load\": %.4f, "
                        "\"total\": %.4f}, ",
                        s->mesh, s->create, s->assembly, s->setup, s->solve, s->fit, s->load,
                        total));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "\"newton\": %d, \"iterations\": %d, \"residual\": %.3e, "
                        "\"tip\": [%.12g, %.12g, %.12g], \"memory_mb\": %.1f, "
                        "\"dof_per_second_per_core\": %.0f}\n",
                        p->eq ? (int)p->eq->count.newton : 0, (int)job->iterations,
                        (double)job->residual, job->tip[0], job->tip[1], job->tip[2], memory,
                        unknown / total / ranks));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_options(Job *job)
{
  PetscBool verbose = PETSC_FALSE;
  PetscInt  unused;

  PetscFunctionBeginUser;
  job->contrast     = STEM_MODULUS / BONE_MODULUS;
  job->rtol         = 1e-8;
  job->linear       = ost_linear_options_default();
  job->law          = ost_traction_law_default();
  job->law.friction = FRICTION;
  job->elastic_slip = job->law.elastic_slip;
  job->newton       = ost_newton_options_default();
  PetscCall(PetscOptionsGetBool(NULL, NULL, "-contact", &job->contact, NULL));
  PetscCall(PetscOptionsGetBool(NULL, NULL, "-verbose", &verbose, NULL));
  if (verbose) ost_log_set_level(OST_LOG_DEBUG);
  PetscCall(PetscOptionsGetReal(NULL, NULL, "-contrast", &job->contrast, NULL));
  PetscCall(PetscOptionsGetInt(NULL, NULL, "-direct_limit", &job->linear.direct_limit, NULL));
  if (job->contact) {
    PetscReal *kn = &job->law.normal_stiffness, *kt = &job->law.shear_stiffness;
    PetscCall(PetscOptionsGetReal(NULL, NULL, "-normal_stiffness", kn, NULL));
    PetscCall(PetscOptionsGetReal(NULL, NULL, "-shear_stiffness", kt, NULL));
    PetscCall(PetscOptionsGetReal(NULL, NULL, "-tolerance", &job->newton.tolerance, NULL));
    PetscCall(PetscOptionsGetReal(NULL, NULL, "-elastic_slip", &job->elastic_slip, NULL));
  } else {
    PetscCall(PetscOptionsGetReal(NULL, NULL, "-rtol", &job->rtol, NULL));
  }
  PetscCall(PetscOptionsAllUsed(NULL, &unused));
  OstAssert(!unused, "%d of the options are not known here: see bonded_stem.c", (int)unused);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  Job job = {0};

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  OstAssert(argc >= 2 && argv[1][0] != '-', "usage: bonded_stem MESH [-contact] [option...]");
  PetscCall(ost_log_register_events());
  PetscCall(read_options(&job));
  PetscCall(read_mesh(argv[1], &job));
  PetscCall(set_up(&job));
  PetscCall(job.contact ? solve_contact(&job) : solve_tied(&job));
  PetscCall(report(&job));
  PetscCall(ost_problem_destroy(&job.p));
  PetscCall(PetscFinalize());
  return 0;
}
