#include "loads/abutment.h"

#include "base/tensor.h"
#include "fem/element.h"

/* Call `visit` at each quadrature point of the surface on this rank. */
typedef struct {
  const OstMesh  *mesh;
  OstSurfaceGroup surface;
} Surface;

typedef void (*Visit)(const PetscInt nodes[], const PetscReal N[], const PetscReal x[3],
                      PetscReal area, void *context);

static void for_each_point(const Surface *s, Visit visit, void *context)
{
  const OstMesh *mesh = s->mesh;

  for (PetscInt f = 0; f < mesh->num_facets; f++) {
    const PetscInt *nodes = &mesh->facets[6 * f];
    PetscReal       corner[18];
    if (mesh->surface[f] != (PetscInt)s->surface) continue;
    for (int a = 0; a < 6; a++)
      for (int i = 0; i < 3; i++) corner[3 * a + i] = mesh->x[3 * nodes[a] + i];
    for (PetscInt q = 0; q < ost_tri_rule6.num; q++) {
      const PetscReal *b = &ost_tri_rule6.point[3 * q];
      PetscReal        N[6], normal[3], x[3] = {0, 0, 0};
      const PetscReal  area = ost_tri_rule6.weight[q] * ost_tri6_normal(corner, b, normal);
      ost_tri6_shape(b, N);
      for (int a = 0; a < 6; a++)
        for (int i = 0; i < 3; i++) x[i] += N[a] * corner[3 * a + i];
      visit(nodes, N, x, area, context);
    }
  }
}

/* area, first moments, second moments xx yy zz yz xz xy about the origin */
static void add_moments(const PetscInt nodes[], const PetscReal N[], const PetscReal x[3],
                        PetscReal area, void *context)
{
  PetscReal *sum = context;

  (void)nodes;
  (void)N;
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

static void add_traction(const PetscInt nodes[], const PetscReal N[], const PetscReal x[3],
                         PetscReal area, void *context)
{
  Spread   *s = context;
  PetscReal arm[3], turn[3];

  for (int i = 0; i < 3; i++) arm[i] = x[i] - s->centre[i];
  ost_cross3(s->spin, arm, turn);
  for (int a = 0; a < 6; a++)
    for (int i = 0; i < 3; i++) s->force[3 * nodes[a] + i] += area * N[a] * (s->mean[i] + turn[i]);
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

PetscErrorCode ost_abutment_add(const OstMesh *mesh, OstSurfaceGroup surface, const PetscReal at[3],
                                const PetscReal force[3], const PetscReal moment[3], Vec load)
{
  const Surface where   = {mesh, surface};
  PetscReal     sum[10] = {0}, J[6], arm[3], extra[3];
  Spread        spread;
  Vec           more;

  PetscFunctionBeginUser;
  for_each_point(&where, add_moments, sum);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 10, MPIU_REAL, MPIU_SUM, mesh->comm));
  PetscCheck(sum[0] > 0.0, mesh->comm, PETSC_ERR_ARG_WRONGSTATE,
             "the surface group %s has no faces", ost_surface_name(surface));
  for (int i = 0; i < 3; i++) {
    spread.mean[i]   = force[i] / sum[0];
    spread.centre[i] = sum[1 + i] / sum[0];
    arm[i]           = at[i] - spread.centre[i];
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
  for_each_point(&where, add_traction, &spread);
  PetscCall(VecDuplicate(load, &more));
  PetscCall(ost_mesh_local_to_global(mesh, spread.force, more));
  PetscCall(VecAXPY(load, 1.0, more));
  PetscCall(VecDestroy(&more));
  PetscCall(PetscFree(spread.force));
  PetscFunctionReturn(PETSC_SUCCESS);
}
