/* The distributing coupling (theory.md, L1): nodal forces on a skew, curved end face have exactly
   the force and the moment asked for, about any point, on any number of ranks, and nothing else: a
   force through the centroid without moment is a uniform traction. Tolerance: rounding. */
#include "support/problem.h"

#include "base/tensor.h"
#include "loads/coupling.h"

#include <unistd.h>

static void bent(const double p[3], double x[3], const void *context)
{
  (void)context;
  x[0] = 6.0 * p[0] + 0.8 * p[1] * p[1];
  x[1] = 4.0 * p[1];
  x[2] = 10.0 * p[2] - 5.0 + (1.0 - p[2]) * (0.6 * p[0] + 0.5 * p[0] * p[0]); /* a sloping end */
}

static PetscErrorCode resultant(const OstMesh *mesh, Vec load, const double about[3],
                                double force[3], double moment[3])
{
  const PetscScalar *f;
  double             sums[6] = {0};

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(load, &f));
  for (PetscInt k = 0; k < mesh->num_owned; k++) {
    double arm[3], turn[3];
    for (int i = 0; i < 3; i++) arm[i] = mesh->x[3 * k + i] - about[i];
    ost_cross3(arm, &f[3 * k], turn);
    for (int i = 0; i < 3; i++) {
      sums[i] += f[3 * k + i];
      sums[3 + i] += turn[i];
    }
  }
  PetscCall(VecRestoreArrayRead(load, &f));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sums, 6, MPI_DOUBLE, MPI_SUM, mesh->comm));
  for (int i = 0; i < 3; i++) {
    force[i]  = sums[i];
    moment[i] = sums[3 + i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  const OstBlock       block = {.n        = {3, 2, 4},
                                .wrap     = -1,
                                .straight = 0,
                                .map      = bent,
                                .region   = ost_block_halves,
                                .surface  = ost_block_ends};
  const double         at[3] = {1.0, -2.0, -60.0}, force[3] = {86.0, -64.0, 590.0};
  const double         moment[3] = {24300.0, -22300.0, 4300.0}, none[3] = {0, 0, 0};
  double               got_force[3], got_moment[3];
  const OstFacetChoice choice = ost_facets_of_group(OST_ABUTMENT_END);
  OstFacetSet          end;
  OstDiagList         *list;
  OstMesh             *mesh;
  Vec                  load;
  PetscMPIInt          rank;
  char                 path[64] = "";

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  snprintf(path, sizeof path, "/tmp/osteon_abutment_%ld.msh", (long)getpid());
  PetscCallMPI(MPI_Bcast(path, sizeof path, MPI_CHAR, 0, PETSC_COMM_WORLD));
  if (!rank) PetscCall(ost_block_write(&block, path));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_mesh_create(PETSC_COMM_WORLD, path, list, &mesh));
  if (!rank) unlink(path);
  OST_CHECK(mesh != NULL);
  PetscCall(ost_facets_choose(mesh, &choice, &end));
  PetscCall(ost_mesh_create_vec(mesh, &load));

  PetscCall(VecZeroEntries(load));
  PetscCall(ost_coupling_add(mesh, &end, at, force, moment, load));
  PetscCall(resultant(mesh, load, at, got_force, got_moment));
  for (int i = 0; i < 3; i++) {
    OST_CHECK_NEAR(got_force[i], force[i], 1e-12);
    OST_CHECK_NEAR(got_moment[i], moment[i], 1e-11);
  }
  /* it adds: the opposite load leaves nothing */
  PetscCall(ost_coupling_add(mesh, &end, at, (double[3]){-86.0, 64.0, -590.0},
                             (double[3]){-24300.0, 22300.0, -4300.0}, load));
  PetscReal left;
  PetscCall(VecNorm(load, NORM_INFINITY, &left));
  OST_CHECK(left < 1e-9);

  /* a pure couple pushes nowhere, about any point the same */
  PetscCall(VecZeroEntries(load));
  PetscCall(ost_coupling_add(mesh, &end, at, none, moment, load));
  PetscCall(resultant(mesh, load, (double[3]){7.0, 8.0, 9.0}, got_force, got_moment));
  for (int i = 0; i < 3; i++) {
    OST_CHECK(fabs(got_force[i]) < 1e-8);
    OST_CHECK_NEAR(got_moment[i], moment[i], 1e-11);
  }
  /* without a point a force goes through the centroid: evenly spread, without a moment there */
  PetscReal area, middle[3];
  PetscCall(ost_facets_measure(mesh, &end, &area, middle));
  PetscCall(VecZeroEntries(load));
  PetscCall(ost_coupling_add(mesh, &end, NULL, force, none, load));
  PetscCall(resultant(mesh, load, middle, got_force, got_moment));
  for (int i = 0; i < 3; i++) {
    OST_CHECK_NEAR(got_force[i], force[i], 1e-12);
    OST_CHECK(fabs(got_moment[i]) < 1e-8);
  }
  PetscCall(ost_facets_free(&end));
  PetscCall(VecDestroy(&load));
  PetscCall(ost_mesh_destroy(&mesh));
  PetscCall(ost_diag_destroy(&list));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
