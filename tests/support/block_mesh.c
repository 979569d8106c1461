#include "support/block_mesh.h"

typedef struct {
  const OstBlock *block;
  int             points[3]; /* lattice points at half-brick spacing */
} Lattice;

static int lattice_node(const Lattice *l, const int at[3])
{
  int i[3];
  for (int d = 0; d < 3; d++) i[d] = d == l->block->wrap ? at[d] % l->points[d] : at[d];
  return 1 + i[0] + l->points[0] * (i[1] + l->points[1] * i[2]);
}

static void lattice_place(const Lattice *l, const int at[3], double x[3])
{
  double p[3];
  for (int d = 0; d < 3; d++) p[d] = 0.5 * at[d] / l->block->n[d];
  l->block->map(p, x, l->block->context);
}

/* The six tetrahedra of a brick: walks along the axes in each order from corner 0 to corner 7. */
static const int orders[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};

static void tetrahedron(const int brick[3], int which, int corner[4][3])
{
  const int odd = which >= 3;
  for (int d = 0; d < 3; d++) corner[0][d] = 2 * brick[d];
  for (int s = 0; s < 3; s++)
    for (int d = 0; d < 3; d++) corner[s + 1][d] = corner[s][d] + (orders[which][s] == d ? 2 : 0);
  if (odd)
    for (int d = 0; d < 3; d++) {
      const int swap = corner[1][d];
      corner[1][d]   = corner[2][d];
      corner[2][d]   = swap;
    }
}

static int brick_region(const OstBlock *b, const int brick[3])
{
  double centre[3];
  for (int d = 0; d < 3; d++) centre[d] = (brick[d] + 0.5) / b->n[d];
  return b->region(centre, b->context);
}

/* Group of the two triangles on the face of a brick, -1 none. */
static int face_group(const OstBlock *b, const int brick[3], int direction, int side)
{
  int    next[3] = {brick[0], brick[1], brick[2]};
  double centre[3];

  next[direction] += side ? 1 : -1;
  if (direction == b->wrap) next[direction] = (next[direction] + b->n[direction]) % b->n[direction];
  if (next[direction] >= 0 && next[direction] < b->n[direction]) {
    const int here = brick_region(b, brick), there = brick_region(b, next);
    if (!side || ost_region_is_implant(here) == ost_region_is_implant(there)) return -1;
    return b->smooth ? OST_INTERFACE_SMOOTH : OST_INTERFACE_COATED;
  }
  for (int d = 0; d < 3; d++) centre[d] = (brick[d] + (d == direction ? side : 0.5)) / b->n[d];
  return b->surface(direction, side, centre, b->context);
}

/* Triangle of a tetrahedron that lies on the brick's face, as lattice points; 0 when there is
   none. */
static int triangle_on_face(int corner[4][3], const int brick[3], int direction, int side,
                            int tri[3][3])
{
  int n = 0;
  for (int a = 0; a < 4; a++) {
    if (corner[a][direction] != 2 * (brick[direction] + side)) continue;
    if (n == 3) return 0;
    for (int d = 0; d < 3; d++) tri[n][d] = corner[a][d];
    n++;
  }
  return n == 3;
}

static void write_nodes_of(FILE *file, const Lattice *l, int num, int corner[][3], int num_edges,
                           const int edges[][2])
{
  for (int a = 0; a < num; a++) fprintf(file, " %d", lattice_node(l, corner[a]));
  for (int e = 0; e < num_edges; e++) {
    int middle[3];
    for (int d = 0; d < 3; d++) middle[d] = (corner[edges[e][0]][d] + corner[edges[e][1]][d]) / 2;
    fprintf(file, " %d", lattice_node(l, middle));
  }
  fprintf(file, "\n");
}

/* One pass over all bricks; with file NULL it only counts. group < 6: volumes, else surfaces. */
static int write_block_elements(FILE *file, const Lattice *l, int dim, int group, int *tag)
{
  static const int tet_edges[6][2] = {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {2, 3}, {1, 3}};
  static const int tri_edges[3][2] = {{0, 1}, {1, 2}, {2, 0}};
  const OstBlock  *b               = l->block;
  int              count           = 0, brick[3];

  for (brick[2] = 0; brick[2] < b->n[2]; brick[2]++)
    for (brick[1] = 0; brick[1] < b->n[1]; brick[1]++)
      for (brick[0] = 0; brick[0] < b->n[0]; brick[0]++)
        for (int t = 0; t < 6; t++) {
          int corner[4][3], tri[3][3];
          tetrahedron(brick, t, corner);
          if (dim == 3) {
            if (brick_region(b, brick) != group) continue;
            count++;
            if (!file) continue;
            fprintf(file, "%d", (*tag)++);
            write_nodes_of(file, l, 4, corner, 6, tet_edges);
            continue;
          }
          for (int k = 0; k < 6; k++) {
            if (face_group(b, brick, k / 2, k % 2) != group) continue;
            if (!triangle_on_face(corner, brick, k / 2, k % 2, tri)) continue;
            count++;
            if (!file) continue;
            fprintf(file, "%d", (*tag)++);
            write_nodes_of(file, l, 3, tri, 3, tri_edges);
          }
        }
  return count;
}

/* Coordinates of a lattice point; those between corners are placed on the map, or at the middle of
   the one edge they belong to. */
static void node_place(const Lattice *l, const int at[3], double x[3])
{
  int low[3], high[3];
  for (int d = 0; d < 3; d++) {
    low[d]  = at[d] - at[d] % 2;
    high[d] = at[d] + at[d] % 2;
  }
  if (!l->block->straight || !memcmp(low, high, sizeof low)) {
    lattice_place(l, at, x);
    return;
  }
  double p[3], q[3];
  lattice_place(l, low, p);
  lattice_place(l, high, q);
  for (int d = 0; d < 3; d++) x[d] = 0.5 * (p[d] + q[d]);
}

PetscErrorCode ost_block_write(const OstBlock *block, const char *path)
{
  Lattice l    = {.block = block};
  FILE   *file = fopen(path, "w");
  int     tag = 1, num_blocks = 0, total = 0;

  PetscFunctionBeginUser;
  OstAssert(file, "cannot write %s", path);
  for (int d = 0; d < 3; d++) l.points[d] = 2 * block->n[d] + (d == block->wrap ? 0 : 1);
  fprintf(file, "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$PhysicalNames\n%d\n",
          OST_NUM_REGIONS + OST_NUM_SURFACES);
  for (int g = 0; g < OST_NUM_SURFACES; g++)
    fprintf(file, "2 %d \"%s\"\n", 11 + g, ost_surface_name(g));
  for (int g = 0; g < OST_NUM_REGIONS; g++)
    fprintf(file, "3 %d \"%s\"\n", 1 + g, ost_region_name(g));
  fprintf(file, "$EndPhysicalNames\n$Entities\n0 0 %d %d\n", OST_NUM_SURFACES, OST_NUM_REGIONS);
  for (int g = 0; g < OST_NUM_SURFACES; g++)
    fprintf(file, "%d 0 0 0 0 0 0 1 %d 0\n", 1 + g, 11 + g);
  for (int g = 0; g < OST_NUM_REGIONS; g++) fprintf(file, "%d 0 0 0 0 0 0 1 %d 0\n", 1 + g, 1 + g);
  const int num_nodes = l.points[0] * l.points[1] * l.points[2];
  fprintf(file, "$EndEntities\n$Nodes\n1 %d 1 %d\n3 1 0 %d\n", num_nodes, num_nodes, num_nodes);
  for (int i = 1; i <= num_nodes; i++) fprintf(file, "%d\n", i);
  for (int k = 0; k < l.points[2]; k++)
    for (int j = 0; j < l.points[1]; j++)
      for (int i = 0; i < l.points[0]; i++) {
        double x[3];
        node_place(&l, (int[3]){i, j, k}, x);
        fprintf(file, "%.17g %.17g %.17g\n", x[0], x[1], x[2]);
      }
  for (int dim = 2; dim <= 3; dim++)
    for (int g = 0; g < 6; g++) {
      const int count = write_block_elements(NULL, &l, dim, g, &tag);
      num_blocks += count > 0;
      total += count;
    }
  fprintf(file, "$EndNodes\n$Elements\n%d %d 1 %d\n", num_blocks, total, total);
  for (int dim = 2; dim <= 3; dim++)
    for (int g = 0; g < 6; g++) {
      const int count = write_block_elements(NULL, &l, dim, g, &tag);
      if (!count) continue;
      fprintf(file, "%d %d %d %d\n", dim, 1 + g, dim == 3 ? 11 : 9, count);
      write_block_elements(file, &l, dim, g, &tag);
    }
  fprintf(file, "$EndElements\n");
  OstAssert(!fclose(file), "cannot write %s", path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int ost_block_halves(const double centre[3], const void *context)
{
  (void)context;
  return centre[2] > 0.5 ? OST_CORTICAL : OST_STEM;
}

int ost_block_ends(int direction, int side, const double centre[3], const void *context)
{
  (void)context;
  (void)centre;
  if (direction != 2) return OST_PERIOSTEUM;
  return side ? OST_PROXIMAL : OST_ABUTMENT_END;
}
