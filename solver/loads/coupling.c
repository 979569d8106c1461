#include "loads/coupling.h"

#include "base/tensor.h"

/* area, first moments, second moments xx yy zz yz xz xy about the origin */
static void add_moments(const OstFacetPoint *point, void *context)
{
  PetscReal      *sum  = context;
  const PetscReal area = point->area, *x = point->x;

  sum[0] += area;
  for (int i = 0; i < 3; i++) sum[1 + i] += area * x[i];
  sum[4] += area * x[0] * x[0];
  sum[5] += area * x[1] * x[1];
  sum[6] += area * x[2] * x[2];
  sum[7] += area * x[1] * x[2];
  sum[8] += area * x[0] * x[2];
  sum[9] += area * x[0] * x[1];
}

typedef struct {
  PetscReal  mean[3], centre[3], spin[3];
  PetscReal *force; /* [num_nodes x 3] */
} Spread;

static void add_traction(const OstFacetPoint *point, void *context)
{
  Spread   *s = context;
  PetscReal arm[3], turn[3];

  for (int i = 0; i < 3; i++) arm[i] = point->x[i] - s->centre[i];
  ost_cross3(s->spin, arm, turn);
  for (int a = 0; a < 6; a++)
    for (int i = 0; i < 3; i++)
      s->force[3 * point->nodes[a] + i] += point->area * point->N[a] * (s->mean[i] + turn[i]);
}

/* x with J x = b, J symmetric 3 x 3 in Voigt order: Cramer's rule. */
static void solve_symmetric(const PetscReal J[6], const PetscReal b[3], PetscReal x[3])
{
  const PetscReal A[3][3] = {{J[0], J[5], J[4]}, {J[5], J[1], J[3]}, {J[4], J[3], J[2]}};
  PetscReal       c0[3], c1[3], c2[3];

  ost_cross3(A[1], A[2], c0);
  ost_cross3(A[2], A[0], c1);
  ost_cross3(A[0], A[1], c2);
  const PetscReal det = ost_dot3(A[0], c0);
  for (int i = 0; i < 3; i++) x[i] = (c0[i] * b[0] + c1[i] * b[1] + c2[i] * b[2]) / det;
}

PetscErrorCode ost_coupling_add(const OstMesh *mesh, const OstFacetSet *set, const PetscReal at[3],
                                const PetscReal force[3], const PetscReal moment[3], Vec load)
{
  PetscReal sum[10] = {0}, J[6], arm[3], extra[3];
  Spread    spread;
  Vec       more;

  PetscFunctionBeginUser;
  ost_facets_visit(mesh, set, add_moments, sum);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 10, MPIU_REAL, MPIU_SUM, mesh->comm));
  PetscCheck(sum[0] > 0.0, mesh->comm, PETSC_ERR_ARG_WRONGSTATE,
             "a load on a surface without faces");
  for (int i = 0; i < 3; i++) {
    spread.mean[i]   = force[i] / sum[0];
    spread.centre[i] = sum[1 + i] / sum[0];
    arm[i]           = at ? at[i] - spread.centre[i] : 0.0;
  }
  /* J = integral of |r|^2 I - r r^T about the centroid: what the spin's moment is made with */
  const PetscReal xx = sum[4] - sum[1] * sum[1] / sum[0], yy = sum[5] - sum[2] * sum[2] / sum[0],
                  zz = sum[6] - sum[3] * sum[3] / sum[0];
  J[OST_XX]          = yy + zz;
  J[OST_YY]          = xx + zz;
  J[OST_ZZ]          = xx + yy;
  J[OST_YZ]          = -(sum[7] - sum[2] * sum[3] / sum[0]);
  J[OST_XZ]          = -(sum[8] - sum[1] * sum[3] / sum[0]);
  J[OST_XY]          = -(sum[9] - sum[1] * sum[2] / sum[0]);
  ost_cross3(arm, force, extra);
  for (int i = 0; i < 3; i++) extra[i] += moment[i];
  solve_symmetric(J, extra, spread.spin);

  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &spread.force));
  ost_facets_visit(mesh, set, add_traction, &spread);
  PetscCall(VecDuplicate(load, &more));
  PetscCall(ost_mesh_local_to_global(mesh, spread.force, more));
  PetscCall(VecAXPY(load, 1.0, more));
  PetscCall(VecDestroy(&more));
  PetscCall(PetscFree(spread.force));
  PetscFunctionReturn(PETSC_SUCCESS);
}
