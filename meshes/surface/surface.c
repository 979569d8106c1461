#include "meshes/surface/surface.h"

#include "base/tensor.h"

#include <string.h>

PetscErrorCode ost_surface_create(PetscInt num_points, PetscInt num_triangles, OstSurface *surface)
{
  PetscFunctionBeginUser;
  surface->num_points    = num_points;
  surface->num_triangles = num_triangles;
  PetscCall(PetscCalloc1(3 * num_points + 1, &surface->points));
  PetscCall(PetscCalloc1(3 * num_triangles + 1, &surface->triangles));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_destroy(OstSurface *surface)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(surface->points));
  PetscCall(PetscFree(surface->triangles));
  surface->num_points = surface->num_triangles = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_copy(const OstSurface *from, OstSurface *to)
{
  PetscFunctionBeginUser;
  PetscCall(ost_surface_create(from->num_points, from->num_triangles, to));
  PetscCall(PetscArraycpy(to->points, from->points, 3 * from->num_points));
  PetscCall(PetscArraycpy(to->triangles, from->triangles, 3 * from->num_triangles));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscReal ost_surface_volume(const OstSurface *surface)
{
  PetscReal six = 0.0;
  for (PetscInt t = 0; t < surface->num_triangles; t++) {
    const PetscInt *v = surface->triangles + 3 * t;
    PetscReal       n[3];
    ost_cross3(surface->points + 3 * v[1], surface->points + 3 * v[2], n);
    six += ost_dot3(surface->points + 3 * v[0], n);
  }
  return six / 6.0;
}

void ost_surface_box(const OstSurface *surface, PetscReal lo[3], PetscReal hi[3])
{
  for (PetscInt d = 0; d < 3; d++) {
    lo[d] = PETSC_MAX_REAL;
    hi[d] = -PETSC_MAX_REAL;
  }
  for (PetscInt p = 0; p < surface->num_points; p++) {
    for (PetscInt d = 0; d < 3; d++) {
      lo[d] = PetscMin(lo[d], surface->points[3 * p + d]);
      hi[d] = PetscMax(hi[d], surface->points[3 * p + d]);
    }
  }
}

static void turn_over(OstSurface *surface, PetscInt t)
{
  const PetscInt keep           = surface->triangles[3 * t + 1];
  surface->triangles[3 * t + 1] = surface->triangles[3 * t + 2];
  surface->triangles[3 * t + 2] = keep;
}

void ost_surface_transform(OstSurface *surface, PetscReal map[3][4])
{
  PetscReal c[3], det;
  for (PetscInt p = 0; p < surface->num_points; p++) {
    PetscReal *x = surface->points + 3 * p, y[3];
    for (PetscInt i = 0; i < 3; i++) {
      y[i] = map[i][0] * x[0] + map[i][1] * x[1] + map[i][2] * x[2] + map[i][3];
    }
    memcpy(x, y, sizeof y);
  }
  ost_cross3(map[0], map[1], c);
  det = ost_dot3(c, map[2]);
  if (det < 0.0) {
    for (PetscInt t = 0; t < surface->num_triangles; t++) turn_over(surface, t);
  }
}

static PetscReal triangle_area(const OstSurface *surface, PetscInt t)
{
  const PetscInt *v = surface->triangles + 3 * t;
  PetscReal       a[3], b[3], n[3];
  for (PetscInt d = 0; d < 3; d++) {
    a[d] = surface->points[3 * v[1] + d] - surface->points[3 * v[0] + d];
    b[d] = surface->points[3 * v[2] + d] - surface->points[3 * v[0] + d];
  }
  ost_cross3(a, b, n);
  return 0.5 * ost_norm3(n);
}

/* --- edges ------------------------------------------------------------------------------------ */

typedef struct {
  PetscInt lo, hi;    /* points, lo < hi */
  PetscInt triangle;  /* that has this edge */
  PetscInt direction; /* +1: it runs from lo to hi */
} Edge;

static int compare_edges(const void *a, const void *b)
{
  const Edge *x = a, *y = b;
  if (x->lo != y->lo) return x->lo < y->lo ? -1 : 1;
  if (x->hi != y->hi) return x->hi < y->hi ? -1 : 1;
  if (x->triangle != y->triangle) return x->triangle < y->triangle ? -1 : 1;
  return 0;
}

/* All 3 x num_triangles half-edges, those of one edge side by side. Freed by the caller. */
static PetscErrorCode sorted_edges(const OstSurface *surface, Edge **edges)
{
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * surface->num_triangles + 1, edges));
  for (PetscInt t = 0; t < surface->num_triangles; t++) {
    for (PetscInt e = 0; e < 3; e++) {
      const PetscInt a = surface->triangles[3 * t + e], b = surface->triangles[3 * t + (e + 1) % 3];
      (*edges)[3 * t + e] = (Edge){PetscMin(a, b), PetscMax(a, b), t, a < b ? 1 : -1};
    }
  }
  qsort(*edges, (size_t)(3 * surface->num_triangles), sizeof(Edge), compare_edges);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One past the last half-edge of the edge that starts at e. */
static PetscInt edge_end(const Edge edges[], PetscInt num, PetscInt e)
{
  PetscInt end = e + 1;
  while (end < num && edges[end].lo == edges[e].lo && edges[end].hi == edges[e].hi) end++;
  return end;
}

static PetscInt root_of(PetscInt parent[], PetscInt i)
{
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i         = parent[i];
  }
  return i;
}

static void middle_of(const OstSurface *surface, const Edge *edge, PetscReal at[3])
{
  for (PetscInt d = 0; d < 3; d++) {
    at[d] = 0.5 * (surface->points[3 * edge->lo + d] + surface->points[3 * edge->hi + d]);
  }
}

/* Points whose triangles hang together only in the point: fans are counted as the pieces that
   corners at the point form when joined over shared edges. */
static PetscErrorCode count_pinched(const OstSurface *surface, const Edge edges[], PetscInt *num)
{
  const PetscInt num_corners = 3 * surface->num_triangles;
  PetscInt      *parent, *fans;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(num_corners + 1, &parent, surface->num_points + 1, &fans));
  for (PetscInt c = 0; c < num_corners; c++) parent[c] = c;
  PetscCall(PetscArrayzero(fans, surface->num_points));
  for (PetscInt e = 0; e < num_corners; e = edge_end(edges, num_corners, e)) {
    const PetscInt end = edge_end(edges, num_corners, e);
    for (PetscInt f = e + 1; f < end; f++) {
      for (PetscInt side = 0; side < 2; side++) {
        const PetscInt p = side ? edges[e].hi : edges[e].lo;
        PetscInt       a = -1, b = -1;
        for (PetscInt i = 0; i < 3; i++) {
          if (surface->triangles[3 * edges[e].triangle + i] == p) a = 3 * edges[e].triangle + i;
          if (surface->triangles[3 * edges[f].triangle + i] == p) b = 3 * edges[f].triangle + i;
        }
        a = root_of(parent, a);
        b = root_of(parent, b);
        if (a != b) parent[a] = b;
      }
    }
  }
  for (PetscInt c = 0; c < num_corners; c++) fans[surface->triangles[c]] += parent[c] == c;
  *num = 0;
  for (PetscInt p = 0; p < surface->num_points; p++) *num += fans[p] > 1;
  PetscCall(PetscFree2(parent, fans));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_topology(const OstSurface *surface, OstSurfaceTopology *topology)
{
  const PetscInt num = 3 * surface->num_triangles;
  Edge          *edges;
  PetscInt      *piece;

  PetscFunctionBeginUser;
  memset(topology, 0, sizeof *topology);
  PetscCall(sorted_edges(surface, &edges));
  for (PetscInt e = 0; e < num; e = edge_end(edges, num, e)) {
    const PetscInt count = edge_end(edges, num, e) - e;
    if (count == 1 && topology->num_open++ == 0) middle_of(surface, &edges[e], topology->open_at);
    if (count > 2 && topology->num_nonmanifold++ == 0) {
      middle_of(surface, &edges[e], topology->nonmanifold_at);
    }
    if (count == 2 && edges[e].direction == edges[e + 1].direction &&
        topology->num_flipped++ == 0) {
      middle_of(surface, &edges[e], topology->flipped_at);
    }
  }
  PetscCall(count_pinched(surface, edges, &topology->num_pinched));
  PetscCall(PetscFree(edges));
  PetscCall(PetscMalloc1(surface->num_triangles + 1, &piece));
  PetscCall(ost_surface_pieces(surface, &topology->num_pieces, piece));
  PetscCall(PetscFree(piece));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_pieces(const OstSurface *surface, PetscInt *num_pieces, PetscInt piece[])
{
  const PetscInt num = surface->num_triangles;
  PetscInt      *parent, *number, *order, found = 0;
  PetscReal     *area;
  Edge          *edges;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc4(num + 1, &parent, num + 1, &number, num + 1, &order, num + 1, &area));
  for (PetscInt t = 0; t < num; t++) parent[t] = t;
  PetscCall(sorted_edges(surface, &edges));
  for (PetscInt e = 0; e + 1 < 3 * num; e++) {
    if (edges[e].lo != edges[e + 1].lo || edges[e].hi != edges[e + 1].hi) continue;
    const PetscInt a = root_of(parent, edges[e].triangle),
                   b = root_of(parent, edges[e + 1].triangle);
    if (a != b) parent[a] = b;
  }
  PetscCall(PetscFree(edges));
  for (PetscInt t = 0; t < num; t++) {
    if (parent[t] == t) {
      number[t]    = found;
      area[found]  = 0.0;
      order[found] = found;
      found++;
    }
  }
  for (PetscInt t = 0; t < num; t++) {
    piece[t] = number[root_of(parent, t)];
    area[piece[t]] -= triangle_area(surface, t);
  }
  PetscCall(PetscSortRealWithArrayInt(found, area, order));
  for (PetscInt p = 0; p < found; p++) number[order[p]] = p;
  for (PetscInt t = 0; t < num; t++) piece[t] = number[piece[t]];
  *num_pieces = found;
  PetscCall(PetscFree4(parent, number, order, area));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Drop points that no triangle uses. */
static PetscErrorCode compact(OstSurface *surface)
{
  PetscInt *now, kept = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(surface->num_points + 1, &now));
  for (PetscInt p = 0; p < surface->num_points; p++) now[p] = -1;
  for (PetscInt c = 0; c < 3 * surface->num_triangles; c++) now[surface->triangles[c]] = 0;
  for (PetscInt p = 0; p < surface->num_points; p++) {
    if (now[p] < 0) continue;
    memmove(surface->points + 3 * kept, surface->points + 3 * p, 3 * sizeof(PetscReal));
    now[p] = kept++;
  }
  for (PetscInt c = 0; c < 3 * surface->num_triangles; c++) {
    surface->triangles[c] = now[surface->triangles[c]];
  }
  surface->num_points = kept;
  PetscCall(PetscFree(now));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_keep_piece(OstSurface *surface, const PetscInt piece[], PetscInt which)
{
  PetscInt kept = 0;
  PetscFunctionBeginUser;
  for (PetscInt t = 0; t < surface->num_triangles; t++) {
    if (piece[t] != which) continue;
    memmove(surface->triangles + 3 * kept, surface->triangles + 3 * t, 3 * sizeof(PetscInt));
    kept++;
  }
  surface->num_triangles = kept;
  PetscCall(compact(surface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- merging ---------------------------------------------------------------------------------- */

typedef struct {
  PetscReal x[3];
  PetscInt  index;
} Spot;

static int compare_spots(const void *a, const void *b)
{
  const Spot *x = a, *y = b;
  for (PetscInt d = 0; d < 3; d++) {
    if (x->x[d] < y->x[d]) return -1;
    if (x->x[d] > y->x[d]) return 1;
  }
  return x->index < y->index ? -1 : 1;
}

static int compare_triples(const void *a, const void *b)
{
  const PetscInt *x = a, *y = b;
  for (PetscInt d = 0; d < 3; d++) {
    if (x[d] != y[d]) return x[d] < y[d] ? -1 : 1;
  }
  return 0;
}

/* Which point each point becomes: sweep along x, join to the first earlier point within reach. */
static PetscErrorCode join_points(const OstSurface *surface, PetscReal tolerance, PetscInt now[])
{
  Spot *spots;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(surface->num_points + 1, &spots));
  for (PetscInt p = 0; p < surface->num_points; p++) {
    memcpy(spots[p].x, surface->points + 3 * p, sizeof spots[p].x);
    spots[p].index = p;
    now[p]         = p;
  }
  qsort(spots, (size_t)surface->num_points, sizeof *spots, compare_spots);
  for (PetscInt s = 0; s < surface->num_points; s++) {
    for (PetscInt b = s - 1; b >= 0 && spots[s].x[0] - spots[b].x[0] <= tolerance; b--) {
      PetscReal d2 = 0.0;
      if (now[spots[b].index] != spots[b].index) continue;
      for (PetscInt d = 0; d < 3; d++) {
        d2 += (spots[s].x[d] - spots[b].x[d]) * (spots[s].x[d] - spots[b].x[d]);
      }
      if (d2 > tolerance * tolerance) continue;
      now[spots[s].index] = spots[b].index;
      break;
    }
  }
  PetscCall(PetscFree(spots));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_merge(OstSurface *surface, PetscReal tolerance)
{
  PetscInt *now, *keys, kept = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(surface->num_points + 1, &now, 4 * surface->num_triangles + 1, &keys));
  PetscCall(join_points(surface, tolerance, now));
  for (PetscInt t = 0; t < surface->num_triangles; t++) {
    PetscInt v[3];
    for (PetscInt i = 0; i < 3; i++) v[i] = now[surface->triangles[3 * t + i]];
    if (v[0] == v[1] || v[1] == v[2] || v[2] == v[0]) continue;
    memcpy(surface->triangles + 3 * kept++, v, sizeof v);
  }
  surface->num_triangles = kept;

  /* A triangle that stands there twice is kept once, whichever way round it is. */
  for (PetscInt t = 0; t < kept; t++) {
    memcpy(keys + 4 * t, surface->triangles + 3 * t, 3 * sizeof(PetscInt));
    PetscCall(PetscSortInt(3, keys + 4 * t));
    keys[4 * t + 3] = t;
  }
  qsort(keys, (size_t)kept, 4 * sizeof(PetscInt), compare_triples);
  for (PetscInt t = 1; t < kept; t++) {
    if (compare_triples(keys + 4 * t - 4, keys + 4 * t) == 0) {
      surface->triangles[3 * keys[4 * t + 3]] = -1;
    }
  }
  kept = 0;
  for (PetscInt t = 0; t < surface->num_triangles; t++) {
    if (surface->triangles[3 * t] < 0) continue;
    memmove(surface->triangles + 3 * kept++, surface->triangles + 3 * t, 3 * sizeof(PetscInt));
  }
  surface->num_triangles = kept;
  PetscCall(PetscFree2(now, keys));
  PetscCall(compact(surface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- orientation ------------------------------------------------------------------------------ */

/* neighbour [3 x num_triangles]: the triangle across edge e of t, -1 at an open or branching edge;
   agrees: whether the two run through the edge in opposite directions, as they should. */
static PetscErrorCode find_neighbours(const OstSurface *surface, PetscInt neighbour[],
                                      PetscBool agrees[])
{
  const PetscInt num = 3 * surface->num_triangles;
  Edge          *edges;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) neighbour[i] = -1;
  PetscCall(sorted_edges(surface, &edges));
  for (PetscInt e = 0; e < num; e = edge_end(edges, num, e)) {
    if (edge_end(edges, num, e) - e != 2) continue;
    for (PetscInt side = 0; side < 2; side++) {
      const Edge *mine = &edges[e + side], *theirs = &edges[e + 1 - side];
      for (PetscInt i = 0; i < 3; i++) {
        const PetscInt a = surface->triangles[3 * mine->triangle + i],
                       b = surface->triangles[3 * mine->triangle + (i + 1) % 3];
        if (PetscMin(a, b) != mine->lo || PetscMax(a, b) != mine->hi) continue;
        neighbour[3 * mine->triangle + i] = theirs->triangle;
        agrees[3 * mine->triangle + i]    = mine->direction != theirs->direction;
      }
    }
  }
  PetscCall(PetscFree(edges));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_orient(OstSurface *surface)
{
  const PetscInt num = surface->num_triangles;
  PetscInt      *neighbour, *stack, *flip, *piece, num_pieces;
  PetscBool     *agrees;
  PetscReal     *volume;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc5(3 * num + 1, &neighbour, num + 1, &stack, num + 1, &flip, num + 1, &piece,
                         3 * num + 1, &agrees));
  PetscCall(find_neighbours(surface, neighbour, agrees));
  for (PetscInt t = 0; t < num; t++) flip[t] = -1;
  for (PetscInt start = 0; start < num; start++) {
    PetscInt top = 0;
    if (flip[start] >= 0) continue;
    flip[start]  = 0;
    stack[top++] = start;
    while (top) {
      const PetscInt t = stack[--top];
      for (PetscInt e = 0; e < 3; e++) {
        const PetscInt b = neighbour[3 * t + e];
        if (b < 0 || flip[b] >= 0) continue;
        flip[b]      = agrees[3 * t + e] ? flip[t] : 1 - flip[t];
        stack[top++] = b;
      }
    }
  }
  for (PetscInt t = 0; t < num; t++) {
    if (flip[t]) turn_over(surface, t);
  }

  PetscCall(ost_surface_pieces(surface, &num_pieces, piece));
  PetscCall(PetscCalloc1(num_pieces + 1, &volume));
  for (PetscInt t = 0; t < num; t++) {
    const PetscInt  *v = surface->triangles + 3 * t;
    const PetscReal *o = surface->points + 3 * surface->triangles[0];
    PetscReal        x[3][3], n[3];
    for (PetscInt i = 0; i < 3; i++) {
      for (PetscInt d = 0; d < 3; d++) x[i][d] = surface->points[3 * v[i] + d] - o[d];
    }
    ost_cross3(x[1], x[2], n);
    volume[piece[t]] += ost_dot3(x[0], n);
  }
  for (PetscInt t = 0; t < num; t++) {
    if (volume[piece[t]] < 0.0) turn_over(surface, t);
  }
  PetscCall(PetscFree(volume));
  PetscCall(PetscFree5(neighbour, stack, flip, piece, agrees));
  PetscFunctionReturn(PETSC_SUCCESS);
}
