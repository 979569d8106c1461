/* The limb of the benchmark: volumes, groups, sizes, and no cell turned inside out. */
#include "bench/stem_mesh.h"

#include "base/tensor.h"
#include "mesh/mesh.h"
#include "support/check.h"

static double area_of(const OstMshFile *msh, int group, double centre[3])
{
  double area = 0.0;

  for (int d = 0; d < 3; d++) centre[d] = 0.0;
  for (PetscInt f = 0; f < msh->num_facets; f++) {
    const PetscInt *n = &msh->facets[6 * f];
    PetscReal       a[3], b[3], cross[3];
    if (msh->surface[f] != group) continue;
    for (int d = 0; d < 3; d++) {
      a[d] = msh->x[3 * n[1] + d] - msh->x[3 * n[0] + d];
      b[d] = msh->x[3 * n[2] + d] - msh->x[3 * n[0] + d];
    }
    ost_cross3(a, b, cross);
    const double share = 0.5 * sqrt(ost_dot3(cross, cross));
    area += share;
    for (int d = 0; d < 3; d++)
      for (int k = 0; k < 3; k++) centre[d] += share * msh->x[3 * n[k] + d] / 3.0;
  }
  for (int d = 0; d < 3; d++) centre[d] /= area;
  return area;
}

static double prism(double radius, double corners)
{
  return 0.5 * corners * radius * radius * sin(2.0 * M_PI / corners);
}

/* Groups are told apart by area and centre. */
static void surfaces_are_where_they_belong(const OstMshFile *msh, OstStemGrid grid)
{
  const double stem = 8.0 * (double)grid.rings, bone = 2.0 * stem;
  const double disc = prism(7.0, stem), side = stem * 14.0 * sin(M_PI / stem) * 140.0;
  const double ring                        = prism(14.0, bone) - disc;
  const double wanted[OST_NUM_SURFACES][2] = {
      [OST_INTERFACE_COATED] = {side, 130.0},
      [OST_INTERFACE_SMOOTH] = {disc, 60.0},
      [OST_RESECTION]        = {ring, 200.0},
      [OST_PROXIMAL]         = {prism(14.0, bone), 0.0},
      [OST_ABUTMENT_END]     = {disc, 240.0},
      [OST_PERIOSTEUM]       = {bone * 28.0 * sin(M_PI / bone) * 200.0, 100.0}};

  for (int g = 0; g < OST_NUM_SURFACES; g++) {
    double centre[3];
    OST_CHECK_NEAR(area_of(msh, g, centre), wanted[g][0], 1e-10);
    OST_CHECK_NEAR(centre[0], 0.0, 1e-10);
    OST_CHECK_NEAR(centre[1], 0.0, 1e-10);
    OST_CHECK_NEAR(centre[2], wanted[g][1], 1e-10);
  }
}

static void regions_are_where_they_belong(const OstMesh *mesh)
{
  PetscReal x[3];

  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    for (int d = 0; d < 3; d++) {
      x[d] = 0.0;
      for (int a = 0; a < 4; a++) x[d] += 0.25 * mesh->x[3 * mesh->cells[10 * c + a] + d];
    }
    const double radius = hypot(x[0], x[1]);
    const int    wanted = x[2] > 200.0   ? OST_STEM
                          : radius > 7.0 ? OST_CORTICAL
                          : x[2] > 60.0  ? OST_STEM
                                         : OST_MARROW;
    OST_CHECK(mesh->region[c] == wanted || (radius < 7.0 && radius > 6.0));
  }
}

/* Facets and interface faces of the mesh in use; positive volumes are ost_mesh_check's. */
static PetscErrorCode mesh_is_whole(OstStemGrid grid)
{
  const OstMeshTreatment options = {.tied = PETSC_FALSE};
  OstMshFile             msh     = {0};
  OstDiagList           *list;
  OstMesh               *mesh;
  PetscMPIInt            rank;
  PetscReal             *volume;
  double                 sum[2] = {0.0, 0.0}, stem, whole;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(ost_diag_create(&list));
  if (!rank) {
    PetscCall(ost_stem_mesh(grid, &msh));
    surfaces_are_where_they_belong(&msh, grid);
  }
  PetscCall(ost_mesh_create_from(PETSC_COMM_WORLD, &msh, "stem", &options, list, &mesh));
  OST_CHECK(!msh.x && !msh.cells);
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OstAssert(mesh, "there is no mesh");
  PetscCall(ost_mesh_check(mesh));
  OST_CHECK_NEAR(3.0 * mesh->total_nodes, ost_stem_dof(grid), 1e-14);
  OST_CHECK_INT(mesh->total_faces,
                2 * 8 * grid.rings * 7 * grid.slices + 2 * 4 * grid.rings * grid.rings);
  regions_are_where_they_belong(mesh);
  PetscCall(PetscMalloc1(mesh->num_cells, &volume));
  ost_mesh_cell_volumes(mesh, volume);
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    sum[1] += volume[c];
    if (ost_region_is_implant(mesh->region[c])) sum[0] += volume[c];
  }
  PetscCall(PetscFree(volume));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  ost_stem_volumes(grid, &stem, &whole);
  OST_CHECK_NEAR(sum[0], stem, 1e-11);
  OST_CHECK_NEAR(sum[1], whole, 1e-11);
  PetscCall(ost_mesh_destroy(&mesh));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void sizes_are_met(void)
{
  for (double dof = 1e5; dof < 2e8; dof *= 1.7) {
    const OstStemGrid grid   = ost_stem_grid(dof);
    const double      aspect = 20.0 / (double)grid.slices / (7.0 / (double)grid.rings);
    OST_CHECK(fabs(ost_stem_dof(grid) / dof - 1.0) < 0.15);
    OST_CHECK(aspect > 0.5 && aspect < 3.5);
  }
}

/* A fault of a mesh from memory is told on every rank. */
static PetscErrorCode faults_are_told(void)
{
  const OstMeshTreatment options = {.tied = PETSC_FALSE};
  OstMshFile             msh     = {0};
  OstDiagList           *list;
  OstMesh               *mesh;
  PetscMPIInt            rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(ost_diag_create(&list));
  if (!rank) {
    PetscCall(ost_stem_mesh((OstStemGrid){1, 1}, &msh));
    for (PetscInt f = 0; f < msh.num_facets; f++)
      if (msh.surface[f] == OST_INTERFACE_SMOOTH) msh.surface[f] = OST_PERIOSTEUM;
  }
  PetscCall(ost_mesh_create_from(PETSC_COMM_WORLD, &msh, "stem", &options, list, &mesh));
  OST_CHECK(!mesh);
  OST_CHECK(ost_diag_num_errors(list) > 0);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char *argv[])
{
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  PetscCall(mesh_is_whole((OstStemGrid){1, 1}));
  PetscCall(mesh_is_whole((OstStemGrid){3, 2}));
  sizes_are_met();
  PetscCall(faults_are_told());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
