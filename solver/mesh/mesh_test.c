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
  Vec          v;
  PetscScalar *value;
  PetscReal   *local;

  PetscFunctionBeginUser;
  PetscCall(ost_mesh_create_vec(mesh, &v));
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &local));
  PetscCall(VecGetArray(v, &value));
  for (PetscInt k = 0; k < mesh->num_owned; k++)
    for (int d = 0; d < 3; d++) value[3 * k + d] = mesh->node_file[k] + 0.1 * d;
  PetscCall(VecRestoreArray(v, &value));
  PetscCall(ost_mesh_global_to_local(mesh, v, local));
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    for (int d = 0; d < 3; d++)
      OST_CHECK_NEAR(local[3 * i + d], mesh->node_file[i] + 0.1 * d, 1e-14);
  PetscCall(PetscFree(local));
  PetscCall(VecDestroy(&v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Nodes of this rank come first and in the order of the global vectors, vertices likewise, and a
   rank's rows follow those of the ranks before it. */
static PetscErrorCode owned_come_first(const OstMesh *mesh)
{
  PetscInt first, first1, end, end1, corners = 0;
  Vec      v, v1;

  PetscFunctionBeginUser;
  PetscCall(ost_mesh_create_vec(mesh, &v));
  PetscCall(ost_mesh_create_vec1(mesh, &v1));
  PetscCall(VecGetOwnershipRange(v, &first, &end));
  PetscCall(VecGetOwnershipRange(v1, &first1, &end1));
  OST_CHECK_INT(end - first, 3 * mesh->num_owned);
  OST_CHECK_INT(end1 - first1, 3 * mesh->num_owned_vertices);
  PetscCall(VecGetSize(v, &end));
  PetscCall(VecGetSize(v1, &end1));
  OST_CHECK_INT(end, 3 * mesh->total_nodes);
  OST_CHECK_INT(end1, 3 * mesh->total_vertices);
  for (PetscInt i = 0; i < mesh->num_nodes; i++) {
    const PetscInt vertex = mesh->node_corner[i];
    const int      owned =
        mesh->node_global[i] >= first / 3 && mesh->node_global[i] < first / 3 + mesh->num_owned;
    OST_CHECK_INT(owned, i < mesh->num_owned);
    if (owned) OST_CHECK_INT(mesh->node_global[i], first / 3 + i);
    OST_CHECK_INT(mesh->node_vertex[i] >= 0, vertex >= 0);
    corners += vertex >= 0;
    if (vertex < 0) continue;
    OST_CHECK_INT(mesh->vertex_node[vertex], i);
    OST_CHECK_INT(vertex < mesh->num_owned_vertices, i < mesh->num_owned);
    if (i < mesh->num_owned) OST_CHECK_INT(mesh->node_vertex[i], first1 / 3 + vertex);
  }
  OST_CHECK_INT(corners, mesh->num_vertices);
  PetscCall(VecDestroy(&v));
  PetscCall(VecDestroy(&v1));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The nodes that a rank's first few cells touch are its first few nodes, or the halo. */
static void nodes_stand_as_cells_touch_them(const OstMesh *mesh)
{
  PetscInt touched = 0;

  for (PetscInt k = 0; k < 10 * mesh->num_cells; k++) {
    if (mesh->cells[k] >= mesh->num_owned) continue;
    OST_CHECK(mesh->cells[k] <= touched);
    touched = PetscMax(touched, mesh->cells[k] + 1);
  }
}

/* A value of each node or vertex that tells it from all others, in any type. */
static double value_of(const OstMesh *mesh, PetscInt node, PetscInt k)
{
  return 7.0 * mesh->node_file[node] + (double)k;
}

/* Filling gives the halo what the owner has; the sum of ones is the number of ranks that know the
   node, as all of them count it; for any type and width. */
static PetscErrorCode exchange_fills_and_sums(const OstMesh *mesh, PetscBool vertices)
{
  OstExchange   *exchange = vertices ? mesh->vertex_exchange : mesh->node_exchange;
  const PetscInt num      = vertices ? mesh->num_vertices : mesh->num_nodes;
  const PetscInt owned    = vertices ? mesh->num_owned_vertices : mesh->num_owned;
  PetscReal     *d, *apart;
  float         *f;
  PetscInt      *n, *known;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc5(9 * num, &d, 3 * num, &f, num, &n, mesh->total_nodes, &known, 9 * owned,
                         &apart));
  PetscCall(PetscArrayzero(known, mesh->total_nodes));
  for (PetscInt i = 0; i < num; i++) {
    const PetscInt node          = vertices ? mesh->vertex_node[i] : i;
    known[mesh->node_file[node]] = 1;
    for (PetscInt k = 0; k < 9; k++) d[9 * i + k] = i < owned ? value_of(mesh, node, k) : -1.0;
    for (PetscInt k = 0; k < 3; k++)
      f[3 * i + k] = i < owned ? (float)value_of(mesh, node, k) : -1.0F;
    n[i] = i < owned ? mesh->node_file[node] : -1;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, known, (PetscMPIInt)mesh->total_nodes, MPIU_INT, MPI_SUM,
                             PETSC_COMM_WORLD));
  PetscCall(ost_exchange_fill(exchange, MPIU_REAL, 9, d));
  PetscCall(ost_exchange_fill_begin(exchange, MPI_FLOAT, 3, f));
  PetscCall(ost_exchange_fill_end(exchange));
  PetscCall(ost_exchange_fill(exchange, MPIU_INT, 1, n));
  for (PetscInt i = 0; i < num; i++) {
    const PetscInt node = vertices ? mesh->vertex_node[i] : i;
    for (PetscInt k = 0; k < 9; k++)
      OST_CHECK_NEAR(d[9 * i + k], value_of(mesh, node, k), 0.0); /* moved, not computed */
    for (PetscInt k = 0; k < 3; k++)
      OST_CHECK_NEAR((double)f[3 * i + k], value_of(mesh, node, k), 0.0);
    OST_CHECK_INT(n[i], mesh->node_file[node]);
  }

  for (PetscInt k = 0; k < 9 * num; k++) d[k] = 0.5;
  for (PetscInt k = 0; k < 3 * num; k++) f[k] = 0.25F;
  for (PetscInt k = 0; k < num; k++) n[k] = 1;
  for (PetscInt k = 0; k < 9 * owned; k++) apart[k] = 100.0 + 0.5;
  PetscCall(ost_exchange_sum_onto(exchange, MPIU_REAL, 9, d, apart));
  PetscCall(ost_exchange_sum(exchange, MPIU_REAL, 9, d));
  PetscCall(ost_exchange_sum(exchange, MPI_FLOAT, 3, f));
  PetscCall(ost_exchange_sum_begin(exchange, MPIU_INT, 1, n));
  PetscCall(ost_exchange_sum_end(exchange));
  for (PetscInt i = 0; i < num; i++) {
    const PetscInt node  = vertices ? mesh->vertex_node[i] : i;
    const PetscInt ranks = i < owned ? known[mesh->node_file[node]] : 1; /* the halo stays */
    for (PetscInt k = 0; k < 9; k++) OST_CHECK_NEAR(d[9 * i + k], 0.5 * (double)ranks, 0.0);
    for (PetscInt k = 0; k < 9 && i < owned; k++)
      OST_CHECK_NEAR(apart[9 * i + k], 100.0 + 0.5 * (double)ranks, 0.0);
    for (PetscInt k = 0; k < 3; k++)
      OST_CHECK_NEAR((double)f[3 * i + k], 0.25 * (double)ranks, 0.0);
    OST_CHECK_INT(n[i], ranks);
  }
  PetscCall(PetscFree5(d, f, n, known, apart));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What a rank has of a node, summed where it belongs, is the same on any number of ranks: here the
   volumes of the cells at a node, each cell being on one rank. */
static PetscErrorCode shares_add_up(const OstMesh *mesh)
{
  PetscReal *volume, *local;
  Vec        v;
  PetscReal  sum;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_cells, &volume));
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &local));
  ost_mesh_cell_volumes(mesh, volume);
  for (PetscInt k = 0; k < 10 * mesh->num_cells; k++)
    local[3 * mesh->cells[k] + k % 3] += volume[k / 10];
  PetscCall(ost_mesh_create_vec(mesh, &v));
  PetscCall(ost_mesh_local_to_global(mesh, local, v));
  PetscCall(VecSum(v, &sum));
  OST_CHECK_NEAR(sum, 80.0, 1e-11);
  PetscCall(VecDestroy(&v));
  PetscCall(PetscFree(volume));
  PetscCall(PetscFree(local));
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
  ost_mesh_cells_to_faces(mesh, cells, behind);
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    const double region = 4.0 * (behind[f] - floor(behind[f]));
    const int    top    = mesh->x[3 * mesh->faces[12 * f + 3] + 2] > 4.0 / 3.0 - 1e-9 &&
                    mesh->x[3 * mesh->faces[12 * f + 4] + 2] > 4.0 / 3.0 - 1e-9 &&
                    mesh->x[3 * mesh->faces[12 * f + 5] + 2] > 4.0 / 3.0 - 1e-9;
    OST_CHECK_INT(floor(behind[f]), mesh->cell_file[mesh->face_cell[f]]);
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
    PetscCall(owned_come_first(mesh));
    nodes_stand_as_cells_touch_them(mesh);
    PetscCall(exchange_fills_and_sums(mesh, PETSC_FALSE));
    PetscCall(exchange_fills_and_sums(mesh, PETSC_TRUE));
    PetscCall(shares_add_up(mesh));
    PetscCall(faces_know_the_bone_behind_them(mesh));
    PetscCall(ost_mesh_destroy(&mesh));
  }
  PetscCall(missing_file_is_told_on_every_rank());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
