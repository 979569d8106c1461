#include "bench/stem_mesh.h"

/* Slices of 20 mm: to the tip, to the resection, to the end. */
enum { TIP = 3, RESECTION = 10, END = 12 };

/* The lattice: places at half the bricks' spacing. a, b from -reach to reach across, c along z; the
   slab from the resection up has the stem only. */
typedef struct {
  PetscInt rings, slices; /* of the grid */
  PetscInt reach[2];      /* half bricks from the axis outward: of the bone, of the stem */
  PetscInt top[2];        /* last level that has all, and last level */
} Lattice;

static Lattice lattice_of(OstStemGrid grid)
{
  return (Lattice){.rings  = grid.rings,
                   .slices = grid.slices,
                   .reach  = {4 * grid.rings, 2 * grid.rings},
                   .top    = {2 * RESECTION * grid.slices, 2 * END * grid.slices}};
}

static PetscInt points_of_level(const Lattice *l, int part)
{
  return (2 * l->reach[part] + 1) * (2 * l->reach[part] + 1);
}

static PetscInt num_nodes(const Lattice *l)
{
  return points_of_level(l, 0) * (l->top[0] + 1) + points_of_level(l, 1) * (l->top[1] - l->top[0]);
}

static PetscInt node_of(const Lattice *l, const PetscInt at[3])
{
  const int      part  = at[2] > l->top[0];
  const PetscInt reach = l->reach[part], wide = 2 * reach + 1;
  const PetscInt below = part ? points_of_level(l, 0) * (l->top[0] + 1) : 0;
  const PetscInt level = part ? at[2] - l->top[0] - 1 : at[2];

  return below + points_of_level(l, part) * level + wide * (at[1] + reach) + at[0] + reach;
}

/* Of a corner of bricks: squares within the stem become circles towards its surface. */
static void corner_place(const Lattice *l, const PetscInt at[3], PetscReal x[3])
{
  const PetscReal a = 0.5 * (PetscReal)at[0], b = 0.5 * (PetscReal)at[1];
  const PetscReal ring = PetscMax(PetscAbsReal(a), PetscAbsReal(b)), m = (PetscReal)l->rings;
  const PetscReal round = PetscMin(1.0, ring / m), radius = OST_STEM_RADIUS * ring / m;
  const PetscReal square = 0.85 * OST_STEM_RADIUS / m;
  PetscReal       cosine = 0.0, sine = 0.0;

  if (PetscAbsReal(a) >= PetscAbsReal(b) && ring > 0.0) {
    const PetscReal angle = 0.25 * PETSC_PI * b / a;
    cosine                = a > 0.0 ? PetscCosReal(angle) : -PetscCosReal(angle);
    sine                  = a > 0.0 ? PetscSinReal(angle) : -PetscSinReal(angle);
  } else if (ring > 0.0) {
    const PetscReal angle = 0.25 * PETSC_PI * a / b;
    cosine                = b > 0.0 ? PetscSinReal(angle) : -PetscSinReal(angle);
    sine                  = b > 0.0 ? PetscCosReal(angle) : -PetscCosReal(angle);
  }
  x[0] = (1.0 - round) * square * a + round * radius * cosine;
  x[1] = (1.0 - round) * square * b + round * radius * sine;
  x[2] = 0.5 * (PetscReal)at[2] * OST_SHAFT_LENGTH / (RESECTION * (PetscReal)l->slices);
}

/* The edge that a place between corners is the middle of points outward and up, as all do. */
static void place_of(const Lattice *l, const PetscInt at[3], PetscReal x[3])
{
  PetscInt  low[3], high[3];
  PetscReal p[3], q[3];

  for (int d = 0; d < 3; d++) {
    const PetscInt out = at[d] < 0 ? -1 : 1;
    low[d]             = at[d] - out * (PetscAbsInt(at[d]) % 2);
    high[d]            = at[d] + out * (PetscAbsInt(at[d]) % 2);
  }
  corner_place(l, low, p);
  corner_place(l, high, q);
  for (int d = 0; d < 3; d++) x[d] = 0.5 * (p[d] + q[d]);
}

static void fill_places(const Lattice *l, PetscReal x[])
{
  for (PetscInt c = 0; c <= l->top[1]; c++) {
    const PetscInt reach = l->reach[c > l->top[0]];
    for (PetscInt b = -reach; b <= reach; b++)
      for (PetscInt a = -reach; a <= reach; a++, x += 3)
        place_of(l, (const PetscInt[3]){a, b, c}, x);
  }
}

/* --- cells and facets ------------------------------------------------------------------------- */

/* A brick of a quadrant: its lattice corner nearest to the axis, and which way is outward. */
typedef struct {
  PetscInt corner[3], out[3]; /* out: 1 or -1; along z 1 */
  PetscInt p[3];              /* bricks between it and the axis, the axis, the floor */
} Brick;

static int region_of(const Lattice *l, const Brick *b)
{
  if (PetscMax(b->p[0], b->p[1]) >= l->rings) return OST_CORTICAL;
  return b->p[2] >= TIP * l->slices ? OST_STEM : OST_MARROW;
}

/* Group of a brick's face across a direction, 0 towards the axis or floor, 1 away; -1: none. Faces
   between two bricks are told of once. */
static int group_of(const Lattice *l, const Brick *b, int direction, int away)
{
  const PetscInt next = b->p[direction] + 1, ring = PetscMax(b->p[0], b->p[1]) + 1;
  const PetscInt level = b->p[2];

  if (direction == 2 && !away)
    return !level                                         ? OST_PROXIMAL
           : level == TIP * l->slices && ring <= l->rings ? OST_INTERFACE_SMOOTH
                                                          : -1;
  if (direction == 2)
    return level + 1 == END * l->slices                            ? OST_ABUTMENT_END
           : level + 1 == RESECTION * l->slices && ring > l->rings ? OST_RESECTION
                                                                   : -1;
  if (!away) return -1;
  if (next == 2 * l->rings) return OST_PERIOSTEUM;
  return next == l->rings && ring == l->rings && level >= TIP * l->slices &&
                 level < RESECTION * l->slices
             ? OST_INTERFACE_COATED
             : -1;
}

/* A node of a brick: half steps [0, 2] outward and up from its corner. */
static PetscInt brick_node(const Lattice *l, const Brick *b, const int step[3])
{
  PetscInt at[3];

  for (int d = 0; d < 3; d++) at[d] = b->corner[d] + b->out[d] * step[d];
  return node_of(l, at);
}

/* Nodes of a tetrahedron (num 4) or triangle (3) from its corners as half steps. */
static void put_nodes(const Lattice *l, const Brick *b, int num, int corner[4][3], PetscInt nodes[])
{
  static const int edge[6][2] = {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {2, 3}, {1, 3}}; /* as Gmsh */

  for (int a = 0; a < num; a++) nodes[a] = brick_node(l, b, corner[a]);
  for (int e = 0; e < (num == 4 ? 6 : 3); e++) {
    int middle[3];
    for (int d = 0; d < 3; d++) middle[d] = (corner[edge[e][0]][d] + corner[edge[e][1]][d]) / 2;
    nodes[num + e] = brick_node(l, b, middle);
  }
}

static void swap_corners(int a[3], int b[3])
{
  for (int d = 0; d < 3; d++) {
    const int keep = a[d];
    a[d]           = b[d];
    b[d]           = keep;
  }
}

/* Walks along the three axes in each order, from the inner corner to the outer one. */
static void put_cells(const Lattice *l, const Brick *b, OstMshFile *msh)
{
  static const int order[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};

  for (int t = 0; t < 6; t++) {
    int corner[4][3] = {{0}};
    for (int s = 0; s < 3; s++)
      for (int d = 0; d < 3; d++) corner[s + 1][d] = corner[s][d] + (order[t][s] == d ? 2 : 0);
    if ((t >= 3) != (b->out[0] * b->out[1] < 0)) swap_corners(corner[1], corner[2]);
    put_nodes(l, b, 4, corner, &msh->cells[10 * msh->num_cells]);
    msh->region[msh->num_cells++] = region_of(l, b);
  }
}

static void put_facets(const Lattice *l, const Brick *b, int direction, int away, int group,
                       OstMshFile *msh)
{
  const int first = (direction + 1) % 3, second = (direction + 2) % 3;

  for (int t = 0; t < 2; t++) {
    int corner[4][3] = {{0}};
    for (int a = 0; a < 3; a++) corner[a][direction] = away ? 2 : 0;
    corner[1][t ? second : first] = 2;
    corner[2][first] = corner[2][second] = 2;
    put_nodes(l, b, 3, corner, &msh->facets[6 * msh->num_facets]);
    msh->surface[msh->num_facets++] = group;
  }
}

typedef void (*Visit)(const Lattice *l, const Brick *brick, OstMshFile *msh);

static void visit_bricks(const Lattice *l, Visit visit, OstMshFile *msh)
{
  for (PetscInt level = 0; 2 * level < l->top[1]; level++) {
    const PetscInt wide = l->reach[2 * level >= l->top[0]] / 2;
    for (PetscInt j = -wide; j < wide; j++)
      for (PetscInt i = -wide; i < wide; i++) {
        const PetscInt p = i < 0 ? -i - 1 : i, q = j < 0 ? -j - 1 : j;
        const PetscInt x = i < 0 ? -1 : 1, y = j < 0 ? -1 : 1;
        const Brick    brick = {{2 * p * x, 2 * q * y, 2 * level}, {x, y, 1}, {p, q, level}};
        visit(l, &brick, msh);
      }
  }
}

static void count_brick(const Lattice *l, const Brick *brick, OstMshFile *msh)
{
  msh->num_cells += 6;
  for (int k = 0; k < 6; k++)
    if (group_of(l, brick, k / 2, k % 2) >= 0) msh->num_facets += 2;
}

static void put_brick(const Lattice *l, const Brick *brick, OstMshFile *msh)
{
  put_cells(l, brick, msh);
  for (int k = 0; k < 6; k++) {
    const int group = group_of(l, brick, k / 2, k % 2);
    if (group >= 0) put_facets(l, brick, k / 2, k % 2, group, msh);
  }
}

PetscErrorCode ost_stem_mesh(OstStemGrid grid, OstMshFile *msh)
{
  const Lattice l = lattice_of(grid);

  PetscFunctionBeginUser;
  *msh           = (OstMshFile){0};
  msh->num_nodes = num_nodes(&l);
  visit_bricks(&l, count_brick, msh);
  PetscCall(PetscMalloc1(3 * msh->num_nodes, &msh->x));
  PetscCall(PetscMalloc1(10 * msh->num_cells, &msh->cells));
  PetscCall(PetscMalloc1(msh->num_cells, &msh->region));
  PetscCall(PetscMalloc1(6 * msh->num_facets, &msh->facets));
  PetscCall(PetscMalloc1(msh->num_facets, &msh->surface));
  fill_places(&l, msh->x);
  msh->num_cells = msh->num_facets = 0;
  visit_bricks(&l, put_brick, msh);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- sizes ------------------------------------------------------------------------------------ */

double ost_stem_dof(OstStemGrid grid)
{
  const double across = 8.0 * (double)grid.rings + 1.0, stem = 4.0 * (double)grid.rings + 1.0;
  const double slices = (double)grid.slices;
  const double sides  = (2.0 * (RESECTION - TIP) * slices + 1.0) * 16.0 * (double)grid.rings;
  const double tip    = stem * stem - 16.0 * (double)grid.rings;

  return 3.0 * (across * across * (2.0 * RESECTION * slices + 1.0) +
                stem * stem * 2.0 * (END - RESECTION) * slices + sides + tip);
}

OstStemGrid ost_stem_grid(double dof)
{
  enum { MOST_RINGS = 64 };
  OstStemGrid best   = {1, 1};
  double      lowest = PETSC_MAX_REAL;

  for (PetscInt rings = 1; rings <= MOST_RINGS; rings++) {
    const double one = ost_stem_dof((OstStemGrid){rings, 1});
    const double two = ost_stem_dof((OstStemGrid){rings, 2}) - one; /* what a slice adds */
    for (int more = 0; more < 2; more++) {
      const double      slices = floor(1.0 + (dof - one) / two) + more;
      const OstStemGrid grid   = {rings, (PetscInt)PetscMax(1.0, slices)};
      const double      length = 20.0 / (double)grid.slices, width = 7.0 / (double)rings;
      const double      cost =
          fabs(log(ost_stem_dof(grid) / dof)) + 0.2 * fabs(log(length / (1.3 * width)));
      if (cost >= lowest) continue;
      lowest = cost;
      best   = grid;
    }
  }
  return best;
}

void ost_stem_volumes(OstStemGrid grid, double *stem, double *whole)
{
  /* a ring of 8 sides to each brick from the axis outward */
  double       area[2];
  const double radius[2] = {OST_STEM_RADIUS, OST_SHAFT_RADIUS};

  for (int k = 0; k < 2; k++) {
    const double corners = 8.0 * (double)grid.rings * (k + 1);
    area[k]              = 0.5 * corners * radius[k] * radius[k] * sin(2.0 * M_PI / corners);
  }
  *stem  = area[0] * (OST_STEM_END - OST_STEM_TIP);
  *whole = area[1] * OST_SHAFT_LENGTH + area[0] * (OST_STEM_END - OST_SHAFT_LENGTH);
}
