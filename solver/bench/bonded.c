#include "bench/bonded.h"

#include "base/log.h"
#include "bench/stem_mesh.h"
#include "fem/product.h"
#include "interface/iface.h"

#ifdef __GLIBC__
  #include <malloc.h>
#endif
#include <stdlib.h>

enum { CELL_FLOPS = 102 + 180 + 61 + 42 + 204 + 102 + 30, CELL_REALS = 11, CELL_INTS = 10 };

struct OstBonded {
  OstMesh    *mesh;
  OstElastic *elastic; /* [num_cells] */
};

/* --- memory ----------------------------------------------------------------------------------- */

/* A line of the kernel's account of this process [B]; 0 where there is none. */
static double status_bytes(const char *name)
{
  FILE  *file = fopen("/proc/self/status", "r");
  char   line[256];
  double found = 0.0;

  while (file && fgets(line, sizeof line, file))
    if (!strncmp(line, name, strlen(name))) found = 1024.0 * strtod(line + strlen(name), NULL);
  if (file) (void)fclose(file);
  return found;
}

/* From now on the most is counted anew, where the kernel allows; what is held now [B]. */
static double forget_most(void)
{
  FILE *file = fopen("/proc/self/clear_refs", "w");

#ifdef __GLIBC__
  (void)malloc_trim(0); /* what was freed is not held */
#endif
  if (file) {
    (void)fputs("5", file);
    (void)fclose(file);
  }
  return status_bytes("VmRSS:");
}

/* --- the problem ------------------------------------------------------------------------------ */

static PetscErrorCode make_mesh(MPI_Comm comm, double dof, OstMesh **mesh)
{
  const OstMeshTreatment options = {.tied = PETSC_FALSE};
  OstMshFile             msh     = {0};
  OstDiagList           *list;
  PetscMPIInt            rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(ost_diag_create(&list));
  if (!rank) PetscCall(ost_stem_mesh(ost_stem_grid(dof), &msh));
  PetscCall(ost_mesh_create_from(comm, &msh, "benchmark", &options, list, mesh));
  PetscCall(ost_diag_destroy(&list));
  OstAssert(*mesh, "the benchmark's mesh is faulty");
  PetscFunctionReturn(PETSC_SUCCESS);
}

static OstElastic elastic_of(PetscInt region)
{
  if (ost_region_is_implant(region)) return (OstElastic){.E = 110e3, .nu = 0.34};
  return region == OST_MARROW ? (OstElastic){.E = 300.0, .nu = 0.3}
                              : (OstElastic){.E = 17e3, .nu = 0.3};
}

static PetscErrorCode create_linear(const OstMesh *mesh, OstLinear **lin)
{
  const OstLinearOptions options = ost_linear_options_default();
  char                  *fixed;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &fixed));
  for (PetscInt k = 0; k < 3 * mesh->num_nodes; k++) fixed[k] = mesh->x[k - k % 3 + 2] == 0.0;
  PetscCall(ost_linear_create(mesh, fixed, &options, lin));
  PetscCall(PetscFree(fixed));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_bonded_tangent(const OstIface *iface, OstLinear *lin)
{
  OstIfaceAnswer *answer;
  PetscBool       symmetric;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(iface->num_points, &answer));
  for (PetscInt p = 0; p < iface->num_points; p++) {
    const OstTractionLaw *law = &iface->law[iface->face_law[p / OST_FACE_POINTS]];
    const PetscReal      *n   = &iface->normal[3 * p];
    const PetscReal       k_t = law->shear_stiffness;
    answer[p].state           = OST_BONDED;
    answer[p].symmetric       = PETSC_TRUE;
    for (int i = 0; i < 9; i++)
      answer[p].tangent[i] =
          (law->normal_stiffness - k_t) * n[i / 3] * n[i % 3] + (i % 4 ? 0.0 : k_t);
  }
  PetscCall(ost_iface_set_tangent(iface, answer, lin, &symmetric));
  PetscCall(PetscFree(answer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  PetscReal  traction[3];
  PetscReal *force; /* [num_nodes x 3] local */
} Pull;

static void pull_at(const OstFacetPoint *point, void *context)
{
  Pull *pull = context;

  for (int a = 0; a < 6; a++)
    for (int i = 0; i < 3; i++)
      pull->force[3 * point->nodes[a] + i] += point->N[a] * point->area * pull->traction[i];
}

static PetscErrorCode make_load(const OstMesh *mesh, Vec load)
{
  const OstFacetChoice end    = ost_facets_of_group(OST_ABUTMENT_END);
  const PetscReal      all[3] = {300.0, -200.0, -800.0};
  Pull                 pull   = {{0.0, 0.0, 0.0}, NULL};
  PetscReal            area, centre[3];
  OstFacetSet          set;

  PetscFunctionBeginUser;
  PetscCall(ost_facets_choose(mesh, &end, &set));
  PetscCall(ost_facets_measure(mesh, &set, &area, centre));
  for (int i = 0; i < 3; i++) pull.traction[i] = all[i] / area;
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &pull.force));
  ost_facets_visit(mesh, &set, pull_at, &pull);
  PetscCall(ost_mesh_local_to_global(mesh, pull.force, load));
  PetscCall(PetscFree(pull.force));
  PetscCall(ost_facets_free(&set));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- solving ---------------------------------------------------------------------------------- */

static double since(double *mark)
{
  const double now = MPI_Wtime(), passed = now - *mark;

  *mark = now;
  return passed;
}

static PetscErrorCode solve(const OstBonded *b, OstLinear *lin, OstBondedFigures *f)
{
  const double before[2] = {ost_log_seconds(OST_EVENT_SETUP), ost_log_seconds(OST_EVENT_SOLVE)};
  Vec          load, x;
  PetscScalar  work;

  PetscFunctionBeginUser;
  PetscCall(ost_linear_create_vec(lin, &load));
  PetscCall(VecDuplicate(load, &x));
  PetscCall(make_load(b->mesh, load));
  PetscCall(ost_linear_solve(lin, load, x, 1e-8, &f->iterations, &f->reached));
  f->setup = ost_log_seconds(OST_EVENT_SETUP) - before[0];
  f->solve = ost_log_seconds(OST_EVENT_SOLVE) - before[1];
  PetscCall(VecDot(load, x, &work));
  f->compliance = (double)work;
  PetscCall(VecDestroy(&load));
  PetscCall(VecDestroy(&x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode pose_and_solve(OstBonded *b, OstBondedFigures *f)
{
  const OstTractionLaw laws[2] = {ost_traction_law_default(), ost_traction_law_default()};
  const OstMesh       *mesh    = b->mesh;
  double               mark;
  OstLinear           *lin;
  OstIface            *iface;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Barrier(mesh->comm));
  mark = MPI_Wtime();
  PetscCall(create_linear(mesh, &lin));
  PetscCall(ost_iface_create(mesh, laws, &iface));
  f->create = since(&mark);
  PetscCall(ost_linear_set_bulk(lin, b->elastic));
  PetscCall(ost_bonded_tangent(iface, lin));
  f->assembly = since(&mark);
  PetscCall(ost_iface_destroy(&iface));
  PetscCall(solve(b, lin, f));
  PetscCall(ost_linear_destroy(&lin));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_bonded_solve(MPI_Comm comm, double dof, OstBonded **out, OstBondedFigures *f)
{
  const double held = forget_most();
  double       mark;
  OstBonded   *b;

  PetscFunctionBeginUser;
  *f = (OstBondedFigures){0};
  PetscCall(PetscNew(&b));
  PetscCallMPI(MPI_Barrier(comm));
  mark = MPI_Wtime();
  PetscCall(make_mesh(comm, dof, &b->mesh));
  f->mesh     = since(&mark);
  f->dof      = 3 * b->mesh->total_nodes;
  f->cells    = b->mesh->total_cells;
  f->vertices = b->mesh->total_vertices;
  PetscCall(PetscMalloc1(b->mesh->num_cells, &b->elastic));
  for (PetscInt c = 0; c < b->mesh->num_cells; c++) b->elastic[c] = elastic_of(b->mesh->region[c]);
  PetscCall(pose_and_solve(b, f));
  double times[5] = {f->mesh, f->create, f->assembly, f->setup, f->solve};
  f->memory       = PetscMax(0.0, status_bytes("VmHWM:") - held);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &f->memory, 1, MPI_DOUBLE, MPI_SUM, comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, times, 5, MPI_DOUBLE, MPI_MAX, comm));
  f->mesh     = times[0];
  f->create   = times[1];
  f->assembly = times[2];
  f->setup    = times[3];
  f->solve    = times[4];
  *out        = b;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_bonded_destroy(OstBonded **bonded)
{
  PetscFunctionBeginUser;
  if (!*bonded) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_mesh_destroy(&(*bonded)->mesh));
  PetscCall(PetscFree((*bonded)->elastic));
  PetscCall(PetscFree(*bonded));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the product ------------------------------------------------------------------------------ */

/* u and f [num_nodes x 4] are single or double: the product that goes with them is timed. */
typedef struct {
  const OstProduct *product;
  float            *single[2];
  double           *precise[2];
} Apply;

static PetscErrorCode time_product(const OstMesh *mesh, const Apply *a, double seconds,
                                   OstApplyFigures *f)
{
  const double real   = a->single[0] ? sizeof(float) : sizeof(double);
  const double cells  = (double)mesh->num_cells;
  double       sum[3] = {3.0 * (double)mesh->num_nodes, cells * CELL_FLOPS,
                         cells * (CELL_REALS * real + CELL_INTS * sizeof(int)) +
                             12.0 * real * (double)mesh->num_nodes};
  double       spent  = 0.0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 3, MPI_DOUBLE, MPI_SUM, mesh->comm));
  *f =
      (OstApplyFigures){.seconds = PETSC_MAX_REAL, .dof = sum[0], .flops = sum[1], .bytes = sum[2]};
  for (int pass = 0; pass < 3 || spent < seconds; pass++) {
    PetscCallMPI(MPI_Barrier(mesh->comm));
    double time = MPI_Wtime();
    if (a->single[0])
      ost_product_add_single(a->product, a->single[0], a->single[1]);
    else
      ost_product_add(a->product, a->precise[0], a->precise[1]);
    time = MPI_Wtime() - time;
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &time, 1, MPI_DOUBLE, MPI_MAX, mesh->comm));
    f->seconds = PetscMin(f->seconds, time);
    spent += time;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_bonded_apply(const OstBonded *b, double seconds, OstApplyFigures *single,
                                OstApplyFigures *precise)
{
  const PetscInt num = 4 * b->mesh->num_nodes;
  OstProduct    *product;
  Apply          a = {0};

  PetscFunctionBeginUser;
  PetscCall(ost_product_create(b->mesh, &product));
  PetscCall(ost_product_set(product, b->elastic, 1.0, 1e5));
  a.product = product;
  for (int k = 0; k < 2; k++) PetscCall(PetscCalloc1(num, &a.single[k]));
  for (PetscInt i = 0; i < num; i++) a.single[0][i] = i % 4 == 3 ? 0.0f : 1e-3f * (float)(i % 7);
  PetscCall(time_product(b->mesh, &a, 0.5 * seconds, single));
  for (int k = 0; k < 2; k++) PetscCall(PetscFree(a.single[k]));
  for (int k = 0; k < 2; k++) PetscCall(PetscCalloc1(num, &a.precise[k]));
  for (PetscInt i = 0; i < num; i++) a.precise[0][i] = i % 4 == 3 ? 0.0 : 1e-3 * (double)(i % 7);
  PetscCall(time_product(b->mesh, &a, 0.5 * seconds, precise));
  for (int k = 0; k < 2; k++) PetscCall(PetscFree(a.precise[k]));
  PetscCall(ost_product_destroy(&product));
  PetscFunctionReturn(PETSC_SUCCESS);
}
