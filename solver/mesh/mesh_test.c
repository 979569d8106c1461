/* The distributed mesh on any number of ranks: totals, numbering, halo, facets, cells behind faces.
   With -petscpartitioner_type gather all cells stay on the first rank and the others are empty. */
#include "mesh/mesh.h"

#include "base/tensor.h"
#include "support/block_mesh.h"
#include "support/check.h"

#include <unistd.h>

static void straight(const double p[3], double x[3], const void *context)
{
  (void)context;
  for (int d = 0; d < 3; d++) x[d] = 2.0 * p[d];
}

static int post(const double c[3], const void *context)
{
  (void)context;
  if (c[0] > 0.25 && c[0] < 0.75 && c[1] > 0.25 && c[1] < 0.75 && c[2] < 0.6) return OST_STEM;
  return c[2] > 0.6 ? OST_MARROW : OST_CORTICAL;
}

static int ends(int direction, int side, const double c[3], const void *context)
{
  if (direction != 2) return OST_PERIOSTEUM;
  if (side) return OST_PROXIMAL;
  return post((const double[3]){c[0], c[1], 0.01}, context) == OST_STEM ? OST_ABUTMENT_END
                                                                        : OST_RESECTION;
}

static PetscErrorCode make(int tied, OstMesh **mesh)
{
  const OstBlock block = {
      .n = {4, 4, 3}, .wrap = -1, .straight = 1, .map = straight, .region = post, .surface = ends};
  const OstMeshTreatment options = {.tied = tied ? PETSC_TRUE : PETSC_FALSE};
  char                   path[64];
  OstDiagList           *list;
  PetscMPIInt            rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  snprintf(path, sizeof path, "/tmp/osteon_mesh_test_%ld.msh", (long)getpid());
  PetscCallMPI(MPI_Bcast(path, sizeof path, MPI_CHAR, 0, PETSC_COMM_WORLD));
  if (!rank) PetscCall(ost_block_write(&block, path));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_mesh_create_with(PETSC_COMM_WORLD, path, &options, list, mesh));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(ost_diag_destroy(&list));
  if (!rank) unlink(path);
  OstAssert(*mesh, "the test's mesh cannot be read");
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Sums over all ranks. */
static double total(double value)
{
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  return value;
}

static PetscErrorCode totals_are_those_of_the_block(const OstMesh *mesh, int tied)
{
  PetscReal *volume;
  double     sum = 0.0, area[OST_NUM_SURFACES] = {0};

  PetscFunctionBeginUser;
  PetscCall(ost_mesh_check(mesh));
  OST_CHECK_INT(mesh->total_cells, 4 * 4 * 3 * 6);
  OST_CHECK_INT(mesh->total_faces, tied ? 0 : 40);
  OST_CHECK_INT(mesh->total_nodes, 9 * 9 * 7 + (tied ? 0 : 89));
  OST_CHECK_INT(mesh->total_vertices, 5 * 5 * 4 + (tied ? 0 : 27 - 2));
  PetscCall(PetscMalloc1(mesh->num_cells, &volume));
  ost_mesh_cell_volumes(mesh, volume);
  for (PetscInt c = 0; c < mesh->num_cells; c++) sum += volume[c];
  OST_CHECK_NEAR(total(sum), 8.0, 1e-12);
  for (PetscInt f = 0; f < mesh->num_facets; f++) {
    const PetscInt *n = &mesh->facets[6 * f];
    PetscReal       a[3], b[3], cross[3], out = 0.0;
    for (int d = 0; d < 3; d++) {
      a[d] = mesh->x[3 * n[1] + d] - mesh->x[3 * n[0] + d];
      b[d] = mesh->x[3 * n[2] + d] - mesh->x[3 * n[0] + d];
    }
    ost_cross3(a, b, cross);
    for (int d = 0; d < 3; d++) out += cross[d] * (mesh->x[3 * n[0] + d] - 1.0);
    OST_CHECK(out > 0.0); /* outward of the block */
    area[mesh->surface[f]] += 0.5 * ost_norm3(cross);
  }
  OST_CHECK_NEAR(total(area[OST_PROXIMAL]), 4.0, 1e-12);
  OST_CHECK_NEAR(total(area[OST_ABUTMENT_END]), 1.0, 1e-12);
  OST_CHECK_NEAR(total(area[OST_RESECTION]), 3.0, 1e-12);
  OST_CHECK_NEAR(total(area[OST_PERIOSTEUM]), 16.0, 1e-12);
  PetscCall(PetscFree(volume));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Each row of nodes, cells and faces is on exactly one rank. */
static PetscErrorCode every_file_number_occurs_once(const OstMesh *mesh)
{
  const OstNumbering *rows[3] = {&mesh->rows_node, &mesh->rows_cell, &mesh->rows_face};

  PetscFunctionBeginUser;
  for (int k = 0; k < 3; k++) {
    PetscInt *count;
    const int n = (int)rows[k]->num_global;
    PetscCall(PetscCalloc1(n, &count));
    for (PetscInt i = 0; i < rows[k]->num_local; i++) count[rows[k]->global[i]]++;
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, count, n, MPIU_INT, MPI_SUM, PETSC_COMM_WORLD));
    for (int i = 0; i < n; i++) OST_CHECK_INT(count[i], 1);
    PetscCall(PetscFree(count));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What an owner writes is what every rank with a copy of the node reads. */
static PetscErrorCode halo_agrees_with_its_owner(const OstMesh *mesh)
{
  Vec          v, l;
  PetscScalar *value;
  PetscReal   *local;

  PetscFunctionBeginUser;
  PetscCall(DMCreateGlobalVector(mesh->dm, &v));
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &local));
  PetscCall(VecGetArray(v, &value));
  for (PetscInt k = 0; k < mesh->num_owned; k++)
    for (int d = 0; d < 3; d++) value[3 * k + d] = mesh->node_file[mesh->owned_nodes[k]] + 0.1 * d;
  PetscCall(VecRestoreArray(v, &value));
  PetscCall(VecCreateSeqWithArray(PETSC_COMM_SELF, 1, 3 * mesh->num_nodes, local, &l));
  PetscCall(DMGlobalToLocal(mesh->dm, v, INSERT_VALUES, l));
  PetscCall(VecDestroy(&l));
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    for (int d = 0; d < 3; d++)
      OST_CHECK_NEAR(local[3 * i + d], mesh->node_file[i] + 0.1 * d, 1e-14);
  PetscCall(PetscFree(local));
  PetscCall(VecDestroy(&v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The bone cell behind a face has the face's bone nodes; asked by a value that names the cell. */
static PetscErrorCode faces_know_the_bone_behind_them(const OstMesh *mesh)
{
  PetscReal *cells, *behind;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_cells, &cells));
  PetscCall(PetscMalloc1(mesh->num_faces, &behind));
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    cells[c] = mesh->cell_file[c] + 0.25 * mesh->region[c];
  PetscCall(ost_mesh_cells_to_faces(mesh, cells, behind));
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    const double region = 4.0 * (behind[f] - floor(behind[f]));
    const int    top    = mesh->x[3 * mesh->faces[12 * f + 3] + 2] > 4.0 / 3.0 - 1e-9 &&
                    mesh->x[3 * mesh->faces[12 * f + 4] + 2] > 4.0 / 3.0 - 1e-9 &&
                    mesh->x[3 * mesh->faces[12 * f + 5] + 2] > 4.0 / 3.0 - 1e-9;
    OST_CHECK_INT(floor(behind[f]), mesh->face_bone[f]);
    OST_CHECK_NEAR(region, top ? OST_MARROW : OST_CORTICAL, 1e-9); /* marrow above the post */
  }
  PetscCall(PetscFree(cells));
  PetscCall(PetscFree(behind));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode missing_file_is_told_on_every_rank(void)
{
  OstDiagList *list;
  OstMesh     *mesh;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_mesh_create(PETSC_COMM_WORLD, "/nowhere/limb.msh", list, &mesh));
  OST_CHECK(!mesh);
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  for (int tied = 0; tied < 2; tied++) {
    OstMesh *mesh;
    PetscCall(make(tied, &mesh));
    PetscCall(totals_are_those_of_the_block(mesh, tied));
    PetscCall(every_file_number_occurs_once(mesh));
    PetscCall(halo_agrees_with_its_owner(mesh));
    PetscCall(faces_know_the_bone_behind_them(mesh));
    PetscCall(ost_mesh_destroy(&mesh));
  }
  PetscCall(missing_file_is_told_on_every_rank());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
