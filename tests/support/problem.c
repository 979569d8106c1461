#include "support/problem.h"

#include "base/tensor.h"
#include "fem/element.h"
#include "support/mutation.h"
#include "support/twin.h"

#include <unistd.h>

PetscErrorCode ost_problem_mesh(MPI_Comm comm, const OstBlock *block, OstMesh **mesh)
{
  const OstMeshTreatment options = {.tied = block->tied ? PETSC_TRUE : PETSC_FALSE};
  char                   path[64];
  PetscMPIInt            rank;
  OstDiagList           *list;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  snprintf(path, sizeof path, "/tmp/osteon_block_%ld.msh", (long)getpid());
  PetscCallMPI(MPI_Bcast(path, sizeof path, MPI_CHAR, 0, comm));
  if (!rank) PetscCall(ost_block_write(block, path));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_mesh_create_with(comm, path, &options, list, mesh));
  if (!rank && ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  PetscCall(ost_diag_destroy(&list));
  if (!rank) unlink(path);
  OstAssert(*mesh, "the test's mesh cannot be read");
  PetscCall(ost_mesh_check(*mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A node may be local without a local cell of the implant: every rank's cells are asked. */
static PetscErrorCode find_implant_nodes(const OstMesh *mesh, char **implant)
{
  PetscReal *count;
  Vec        sum;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &count));
  PetscCall(PetscCalloc1(mesh->num_nodes, implant));
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    for (int a = 0; a < 10; a++)
      count[3 * mesh->cells[10 * c + a] + (ost_region_is_implant(mesh->region[c]) ? 0 : 1)] += 1.0;
  PetscCall(ost_mesh_create_vec(mesh, &sum));
  PetscCall(ost_mesh_local_to_global(mesh, count, sum));
  PetscCall(ost_mesh_global_to_local(mesh, sum, count));
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    (*implant)[i] = count[3 * i] > 0.0 && count[3 * i + 1] == 0.0;
  PetscCall(VecDestroy(&sum));
  PetscCall(PetscFree(count));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_read(MPI_Comm comm, const OstBlock *block,
                                const double E[OST_NUM_REGIONS], const double nu[OST_NUM_REGIONS],
                                OstProblem *p)
{
  PetscFunctionBeginUser;
  *p = (OstProblem){0};
  PetscCall(ost_problem_mesh(comm, block, &p->mesh));
  const OstMesh *mesh = p->mesh;
  PetscCall(PetscMalloc1(mesh->num_cells, &p->elastic));
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &p->fixed));
  PetscCall(find_implant_nodes(mesh, &p->implant));
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    p->elastic[c] = (OstElastic){.E = E[mesh->region[c]], .nu = nu[mesh->region[c]]};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_set_up(const OstTractionLaw laws[2], OstProblem *p)
{
  const OstTractionLaw mutated[2] = {ost_mutate_law(laws[0]), ost_mutate_law(laws[1])};
  OstLinearOptions     options    = ost_linear_options_default();
  OstNewtonOptions     newton     = ost_newton_options_default();

  PetscFunctionBeginUser;
  PetscCall(PetscOptionsGetInt(NULL, NULL, "-direct_limit", &options.direct_limit, NULL));
  PetscCall(ost_linear_create(p->mesh, p->fixed, &options, &p->lin));
  PetscCall(ost_linear_set_bulk(p->lin, p->elastic));
  PetscCall(ost_iface_create(p->mesh, mutated, &p->iface));
  if (ost_mutated(OST_MUTATE_NORMAL))
    for (PetscInt i = 0; i < 3 * p->iface->num_points; i++) p->iface->normal[i] *= -1.0;
  newton.tolerance = 1e-12;
  newton.krylov = newton.krylov_loose = 1e-8;
  PetscCall(ost_equilibrium_create(p->mesh, p->lin, p->iface, &newton, &p->eq));
  PetscCall(ost_linear_create_vec(p->lin, &p->load));
  PetscCall(ost_linear_create_vec(p->lin, &p->prescribed));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_create(const OstBlock *block, const double E[OST_NUM_REGIONS],
                                  const double nu[OST_NUM_REGIONS], const OstTractionLaw laws[2],
                                  OstFixedAt fixed, OstProblem *p)
{
  PetscFunctionBeginUser;
  PetscCall(ost_problem_read(PETSC_COMM_WORLD, block, E, nu, p));
  for (PetscInt i = 0; i < p->mesh->num_nodes; i++) {
    double    u[3]  = {0};
    const int which = fixed(&p->mesh->x[3 * i], p->implant[i], u, block->context);
    for (int d = 0; d < 3; d++) p->fixed[3 * i + d] = (char)((which >> d) & 1);
  }
  PetscCall(ost_problem_set_up(laws, p));
  PetscCall(ost_problem_prescribe(p, fixed, block->context));
  PetscCall(ost_twin_create(block, E, nu, laws, p, &p->twin));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_destroy(OstProblem *p)
{
  PetscFunctionBeginUser;
  PetscCall(ost_twin_destroy(&p->twin));
  PetscCall(VecDestroy(&p->load));
  PetscCall(VecDestroy(&p->prescribed));
  PetscCall(ost_equilibrium_destroy(&p->eq));
  PetscCall(ost_iface_destroy(&p->iface));
  PetscCall(ost_linear_destroy(&p->lin));
  PetscCall(ost_mesh_destroy(&p->mesh));
  PetscCall(PetscFree(p->elastic));
  PetscCall(PetscFree(p->fixed));
  PetscCall(PetscFree(p->implant));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_add_traction(OstProblem *p, OstSurfaceGroup surface,
                                        OstTractionAt traction, const void *context)
{
  const OstMesh *mesh = p->mesh;
  PetscReal     *f;
  Vec            more;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &f));
  for (PetscInt k = 0; k < mesh->num_facets; k++) {
    PetscReal x[18];
    if (mesh->surface[k] != (PetscInt)surface) continue;
    for (int a = 0; a < 6; a++)
      for (int d = 0; d < 3; d++) x[3 * a + d] = mesh->x[3 * mesh->facets[6 * k + a] + d];
    for (PetscInt q = 0; q < ost_tri_rule6.num; q++) {
      const PetscReal *b = &ost_tri_rule6.point[3 * q];
      PetscReal        normal[3], N[6], at[3] = {0}, t[3];
      const PetscReal  area = ost_tri_rule6.weight[q] * ost_tri6_normal(x, b, normal);
      ost_tri6_shape(b, N);
      for (int a = 0; a < 6; a++)
        for (int d = 0; d < 3; d++) at[d] += N[a] * x[3 * a + d];
      traction(at, normal, t, context);
      for (int a = 0; a < 6; a++)
        for (int d = 0; d < 3; d++) f[3 * mesh->facets[6 * k + a] + d] += area * N[a] * t[d];
    }
  }
  PetscCall(VecDuplicate(p->load, &more));
  PetscCall(ost_mesh_local_to_global(mesh, f, more));
  PetscCall(VecAXPY(p->load, 1.0, more));
  PetscCall(VecDestroy(&more));
  PetscCall(PetscFree(f));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_add_body_force(OstProblem *p, OstForceAt force, const void *context)
{
  const OstMesh *mesh = p->mesh;
  PetscReal     *f;
  Vec            more;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &f));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscReal x[30];
    for (int a = 0; a < 10; a++)
      for (int d = 0; d < 3; d++) x[3 * a + d] = mesh->x[3 * mesh->cells[10 * c + a] + d];
    for (PetscInt q = 0; q < ost_tet_rule14.num; q++) {
      const PetscReal *b = &ost_tet_rule14.point[4 * q];
      PetscReal        grad[OST_TET_NODES][3], N[OST_TET_NODES], at[3] = {0}, t[3];
      const PetscReal  w = ost_tet_rule14.weight[q] * ost_tet10_gradients(x, b, grad) / 6.0;
      ost_tet10_shape(b, N);
      for (int a = 0; a < 10; a++)
        for (int d = 0; d < 3; d++) at[d] += N[a] * x[3 * a + d];
      force(at, t, context);
      for (int a = 0; a < 10; a++)
        for (int d = 0; d < 3; d++) f[3 * mesh->cells[10 * c + a] + d] += w * N[a] * t[d];
    }
  }
  PetscCall(VecDuplicate(p->load, &more));
  PetscCall(ost_mesh_local_to_global(mesh, f, more));
  PetscCall(VecAXPY(p->load, 1.0, more));
  PetscCall(VecDestroy(&more));
  PetscCall(PetscFree(f));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_prescribe(OstProblem *p, OstFixedAt fixed, const void *context)
{
  const OstMesh *mesh = p->mesh;
  PetscScalar   *value;

  PetscFunctionBeginUser;
  PetscCall(VecGetArray(p->prescribed, &value));
  for (PetscInt k = 0; k < mesh->num_owned; k++) {
    double u[3] = {0};
    fixed(&mesh->x[3 * k], p->implant[k], u, context);
    for (int d = 0; d < 3; d++) value[3 * k + d] = u[d];
  }
  PetscCall(VecRestoreArray(p->prescribed, &value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_bond(OstProblem *p, double bond, double strength)
{
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < p->iface->num_points; k++) {
    p->iface->point[k].bond     = ost_mutated(OST_MUTATE_BOND) ? 0.0 : bond;
    p->iface->point[k].strength = strength;
  }
  if (p->twin) PetscCall(ost_problem_bond(ost_twin_problem(p->twin), bond, strength));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_grow(OstProblem *p, double bond, double strength)
{
  const double grown = ost_mutated(OST_MUTATE_BOND) ? 0.0 : bond;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < p->iface->num_points; k++)
    ost_iface_point_grow(&p->iface->point[k], grown, strength, 0.0, &p->eq->jump[3 * k]);
  if (p->twin) PetscCall(ost_problem_grow(ost_twin_problem(p->twin), bond, strength));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_set_laws(OstProblem *p, PetscInt num, const OstTractionLaw laws[],
                                    const PetscInt face_law[])
{
  OstTractionLaw *mutated;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num, &mutated));
  for (PetscInt k = 0; k < num; k++) mutated[k] = ost_mutate_law(laws[k]);
  PetscCall(ost_iface_set_laws(p->iface, num, mutated, face_law));
  PetscCall(PetscFree(mutated));
  if (p->twin) PetscCall(ost_twin_set_laws(p->twin, p, num, laws, face_law));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_seat(OstProblem *p)
{
  OstIface *iface = p->iface;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < iface->num_points; k++)
    ost_iface_point_seat(&iface->point[k], &iface->normal[3 * k], &p->eq->jump[3 * k]);
  iface->friction_scale = 1.0;
  PetscCall(ost_equilibrium_refresh(p->eq));
  if (p->twin) PetscCall(ost_problem_seat(ost_twin_problem(p->twin)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_unbalanced(const OstProblem *p, Vec *r)
{
  const OstMesh *mesh = p->mesh;
  Vec            of_interface;
  PetscReal     *f;

  PetscFunctionBeginUser;
  PetscCall(VecDuplicate(p->load, r));
  PetscCall(VecDuplicate(p->load, &of_interface));
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &f));
  ost_iface_add_forces(p->iface, p->eq->answer, f);
  PetscCall(ost_mesh_local_to_global(mesh, f, of_interface));
  PetscCall(ost_linear_apply_bulk(p->lin, p->eq->u, *r));
  PetscCall(VecAXPY(*r, 1.0, of_interface));
  PetscCall(VecAXPY(*r, -1.0, p->load));
  PetscCall(PetscFree(f));
  PetscCall(VecDestroy(&of_interface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_reaction(const OstProblem *p, int implant, double force[3],
                                    double moment[3])
{
  const OstMesh     *mesh = p->mesh;
  Vec                r;
  const PetscScalar *value;
  double             sum[6] = {0};

  PetscFunctionBeginUser;
  PetscCall(ost_problem_unbalanced(p, &r));
  PetscCall(VecGetArrayRead(r, &value));
  for (PetscInt k = 0; k < mesh->num_owned; k++) {
    const PetscReal *x    = &mesh->x[3 * k];
    double           g[3] = {0};
    if (p->implant[k] != implant) continue;
    for (int d = 0; d < 3; d++)
      if (p->fixed[3 * k + d]) g[d] = value[3 * k + d];
    for (int d = 0; d < 3; d++) {
      const int a = (d + 1) % 3, b = (d + 2) % 3;
      sum[d] += g[d];
      sum[3 + d] += x[a] * g[b] - x[b] * g[a];
    }
  }
  PetscCall(VecRestoreArrayRead(r, &value));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 6, MPI_DOUBLE, MPI_SUM, mesh->comm));
  for (int d = 0; d < 3; d++) {
    force[d]  = sum[d];
    moment[d] = sum[3 + d];
  }
  PetscCall(VecDestroy(&r));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_problem_set_gap(OstProblem *p, OstGapAt gap, const void *context)
{
  for (PetscInt k = 0; k < p->iface->num_points; k++)
    p->iface->fit[k] = ost_mutated(OST_MUTATE_FIT) ? 0.0 : gap(&p->iface->place[3 * k], context);
}

static double uniform_gap(const double x[3], const void *context)
{
  (void)x;
  return *(const double *)context;
}

void ost_problem_set_fit(OstProblem *p, double gap)
{
  ost_problem_set_gap(p, uniform_gap, &gap);
}

PetscErrorCode ost_problem_reach(OstProblem *p, double fit)
{
  PetscBool reached;

  PetscFunctionBeginUser;
  /* where a mutation leaves no equilibrium, that is known soon */
  if (!ost_mutated(OST_MUTATE_NOTHING)) p->eq->options.max_cutbacks = 2;
  if (p->twin) PetscCall(ost_twin_prepare(p->twin, p));
  PetscCall(ost_equilibrium_reach(p->eq, p->load, fit, p->prescribed, NULL, &reached));
  OstAssert(reached, "no equilibrium: residual %g", (double)p->eq->count.residual);
  if (p->twin) PetscCall(ost_twin_follow(p->twin, p, fit));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_problem_error(const OstProblem *p, OstFieldAt field, const void *context,
                                 double *largest)
{
  const OstMesh *mesh = p->mesh;

  PetscFunctionBeginUser;
  *largest = 0.0;
  for (PetscInt i = 0; i < mesh->num_nodes; i++) {
    double u[3];
    field(&mesh->x[3 * i], u, context);
    for (int d = 0; d < 3; d++) *largest = fmax(*largest, fabs(u[d] - p->eq->local_u[3 * i + d]));
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, largest, 1, MPI_DOUBLE, MPI_MAX, mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}
