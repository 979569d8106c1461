/* Connected-volume reduction: hand cases, two regions, and the same number on finer meshes. */
#include "risk/volume.h"

#include "support/check.h"

/* A row of n cells in a line. */
static OstAdjacency row(PetscInt n, PetscInt offset[], PetscInt neighbour[])
{
  PetscInt k = 0;
  for (PetscInt c = 0; c < n; c++) {
    offset[c] = k;
    if (c > 0) neighbour[k++] = c - 1;
    if (c + 1 < n) neighbour[k++] = c + 1;
  }
  offset[n] = k;
  {
    const OstAdjacency graph = {n, offset, neighbour};
    return graph;
  }
}

static PetscErrorCode region_must_hang_together(void)
{
  PetscInt           offset[9], neighbour[16];
  const OstAdjacency graph = row(8, offset, neighbour);
  /*                         two peaks, parted by a valley */
  const PetscReal risk[8]    = {0.9, 1.0, 0.8, 0.1, 0.7, 2.0, 0.6, -1.0};
  const PetscReal volume[8]  = {1, 1, 1, 1, 1, 1, 1, 1};
  const PetscInt  mode[8]    = {0, 0, 1, 0, 0, 0, 0, 0};
  PetscReal       centre[24] = {0};
  PetscBool       inside[8];
  OstVolumeRisk   r;

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < 8; c++) centre[3 * c] = (PetscReal)c;
  /* the maximum is what no volume gives */
  PetscCall(ost_volume_reduce(&graph, risk, volume, centre, mode, 0.0, inside, &r));
  OST_CHECK(r.found);
  OST_CHECK_NEAR(r.factor, 2.0, 0.0);
  OST_CHECK_INT(r.element, 5);
  /* three cells: 0,1,2 hang together at 0.8 before 4,5,6 do at 0.6 */
  PetscCall(ost_volume_reduce(&graph, risk, volume, centre, mode, 3.0, inside, &r));
  OST_CHECK(r.found);
  OST_CHECK_NEAR(r.factor, 0.8, 1e-15);
  OST_CHECK_NEAR(r.centre[0], 1.0, 1e-15);
  OST_CHECK_NEAR(r.second, 1.0 / 3.0, 1e-15);
  OST_CHECK_NEAR(r.peak, 1.0, 0.0);
  OST_CHECK(inside[0] && inside[1] && inside[2] && !inside[3] && !inside[5]);
  /* half of a cell: between the two thresholds */
  PetscCall(ost_volume_reduce(&graph, risk, volume, centre, mode, 2.5, inside, &r));
  OST_CHECK_NEAR(r.factor, 0.85, 1e-15);
  /* seven cells: the regions must meet across the valley */
  PetscCall(ost_volume_reduce(&graph, risk, volume, centre, mode, 7.0, inside, &r));
  OST_CHECK_NEAR(r.factor, 0.1, 1e-15);
  OST_CHECK_NEAR(r.volume, 7.0, 1e-15);
  OST_CHECK_INT(r.element, 5);
  /* more than there is: said so; the cell left out stays out */
  PetscCall(ost_volume_reduce(&graph, risk, volume, centre, NULL, 7.5, inside, &r));
  OST_CHECK(!r.found && !inside[7]);
  OST_CHECK_NEAR(r.factor, 0.1, 1e-15);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode nothing_in_play_gives_nothing(void)
{
  PetscInt           offset[3], neighbour[4];
  const OstAdjacency graph     = row(2, offset, neighbour);
  const PetscReal    risk[2]   = {-1.0, -1.0};
  const PetscReal    volume[2] = {1, 1}, centre[6] = {0};
  OstVolumeRisk      r;

  PetscFunctionBeginUser;
  PetscCall(ost_volume_reduce(&graph, risk, volume, centre, NULL, 1.0, NULL, &r));
  OST_CHECK(!r.found);
  OST_CHECK_INT(r.element, -1);
  OST_CHECK_NEAR(r.factor, 0.0, 0.0);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* n^3 cells on a cube of edge 20 mm. */
typedef struct {
  PetscInt   n, num, *offset, *neighbour;
  PetscReal *volume, *centre, *risk;
} Cube;

static PetscErrorCode cube_create(PetscInt n, Cube *cube)
{
  const PetscReal h = 20.0 / (PetscReal)n;
  PetscInt        k = 0;

  PetscFunctionBeginUser;
  cube->n   = n;
  cube->num = n * n * n;
  PetscCall(PetscMalloc5(cube->num + 1, &cube->offset, 6 * cube->num, &cube->neighbour, cube->num,
                         &cube->volume, 3 * cube->num, &cube->centre, cube->num, &cube->risk));
  for (PetscInt c = 0; c < cube->num; c++) {
    const PetscInt at[3] = {c % n, c / n % n, c / n / n}, stride[3] = {1, n, n * n};
    cube->offset[c] = k;
    cube->volume[c] = h * h * h;
    for (PetscInt i = 0; i < 3; i++) {
      cube->centre[3 * c + i] = h * ((PetscReal)at[i] + 0.5) - 10.0;
      if (at[i] > 0) cube->neighbour[k++] = c - stride[i];
      if (at[i] + 1 < n) cube->neighbour[k++] = c + stride[i];
    }
  }
  cube->offset[cube->num] = k;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode cube_destroy(Cube *cube)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree5(cube->offset, cube->neighbour, cube->volume, cube->centre, cube->risk));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A corner of infinite strain, 1/sqrt(r): the maximum grows without end, the reduced factor
   settles at that of a ball of 100 mm3, r = (3 V / 4 pi)^(1/3). */
static PetscErrorCode singular_field_gives_a_number_of_its_own(void)
{
  const PetscReal wanted = 100.0;
  const PetscReal exact  = 1.0 / sqrt(cbrt(3.0 * wanted / (4.0 * PETSC_PI)));
  PetscReal       reduced[3], peak[3];

  PetscFunctionBeginUser;
  for (PetscInt level = 0; level < 3; level++) {
    Cube          cube;
    OstVolumeRisk r;
    PetscCall(cube_create(12 << level, &cube));
    for (PetscInt c = 0; c < cube.num; c++) {
      const PetscReal *x = &cube.centre[3 * c];
      cube.risk[c]       = 1.0 / sqrt(sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]));
    }
    {
      const OstAdjacency graph = {cube.num, cube.offset, cube.neighbour};
      PetscCall(
          ost_volume_reduce(&graph, cube.risk, cube.volume, cube.centre, NULL, wanted, NULL, &r));
    }
    reduced[level] = r.factor;
    peak[level]    = r.peak;
    OST_CHECK_NEAR(r.centre[0], 0.0, 0.5); /* around the corner */
    PetscCall(cube_destroy(&cube));
  }
  OST_CHECK(peak[2] > 1.9 * peak[0]);
  OST_CHECK_NEAR(reduced[0], exact, 0.03);
  OST_CHECK_NEAR(reduced[2], exact, 0.01);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tetrahedra_touch_through_faces_only(void)
{
  /* 0 and 1 share a face, 2 shares an edge with 1, 3 stands alone; stride 5 */
  const PetscInt cells[4 * 5] = {0, 1, 2, 3, 99, 4,  3,  2,  1,  99,
                                 4, 3, 8, 9, 99, 10, 11, 12, 13, 99};
  OstAdjacency   graph;

  PetscFunctionBeginUser;
  PetscCall(ost_adjacency_create(4, 5, cells, &graph));
  OST_CHECK_INT(graph.num, 4);
  OST_CHECK_INT(graph.offset[4], 2);
  OST_CHECK_INT(graph.neighbour[graph.offset[0]], 1);
  OST_CHECK_INT(graph.neighbour[graph.offset[1]], 0);
  PetscCall(ost_adjacency_destroy(&graph));
  OST_CHECK(graph.offset == NULL);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(region_must_hang_together());
  PetscCall(nothing_in_play_gives_nothing());
  PetscCall(singular_field_gives_a_number_of_its_own());
  PetscCall(tetrahedra_touch_through_faces_only());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
