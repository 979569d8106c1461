#include "meshes/surface/remesh.h"

#include "base/tensor.h"
#include "meshes/surface/gts_surface.h"

#include <stdlib.h>
#include <string.h>

/* What a point may do. */
typedef enum { ON_SURFACE, ON_BOTTOM, ON_TOP, ON_RIM } Place;

/* The surface while it changes; triangles that are gone have a corner -1. */
typedef struct {
  PetscReal *points;
  PetscInt  *triangles;
  Place     *place; /* [num_points] */
  int       *cap;   /* [num_triangles] 0 surface, 1 bottom, 2 top */
  PetscInt   num_points, room_points, num_triangles, room_triangles;
  PetscReal  low, high; /* edges shorter are collapsed, longer ones split [mm] */
} Mesh;

/* An edge and its two triangles. */
typedef struct {
  PetscInt  a, b, t[2];
  PetscReal length;
} Edge;

/* Triangles around each point, compressed rows. */
typedef struct {
  PetscInt *start, *triangle;
} Rings;

static PetscErrorCode grow(Mesh *m, PetscInt points, PetscInt triangles)
{
  PetscFunctionBeginUser;
  if (points > m->room_points) {
    m->room_points = PetscMax(points, 2 * m->room_points);
    PetscCall(PetscRealloc(sizeof(PetscReal) * 3 * (size_t)m->room_points, &m->points));
    PetscCall(PetscRealloc(sizeof(Place) * (size_t)m->room_points, &m->place));
  }
  if (triangles > m->room_triangles) {
    m->room_triangles = PetscMax(triangles, 2 * m->room_triangles);
    PetscCall(PetscRealloc(sizeof(PetscInt) * 3 * (size_t)m->room_triangles, &m->triangles));
    PetscCall(PetscRealloc(sizeof(int) * (size_t)m->room_triangles, &m->cap));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal distance(const Mesh *m, PetscInt a, PetscInt b)
{
  PetscReal d[3];
  for (PetscInt i = 0; i < 3; i++) d[i] = m->points[3 * a + i] - m->points[3 * b + i];
  return ost_norm3(d);
}

/* Normal of length twice the area. */
static void normal_of(const PetscReal *a, const PetscReal *b, const PetscReal *c, PetscReal n[3])
{
  PetscReal u[3], v[3];
  for (PetscInt d = 0; d < 3; d++) {
    u[d] = b[d] - a[d];
    v[d] = c[d] - a[d];
  }
  ost_cross3(u, v, n);
}

static void triangle_normal(const Mesh *m, PetscInt t, PetscReal n[3])
{
  const PetscInt *v = m->triangles + 3 * t;
  normal_of(m->points + 3 * v[0], m->points + 3 * v[1], m->points + 3 * v[2], n);
}

/* 1 for an equilateral triangle, 0 for a degenerate one. */
static PetscReal shape_of(const PetscReal *a, const PetscReal *b, const PetscReal *c)
{
  PetscReal n[3], sides = 0.0;
  for (PetscInt d = 0; d < 3; d++) {
    sides += PetscSqr(b[d] - a[d]) + PetscSqr(c[d] - b[d]) + PetscSqr(a[d] - c[d]);
  }
  normal_of(a, b, c, n);
  return sides > 0.0 ? 2.0 * PetscSqrtReal(3.0) * ost_norm3(n) / sides : 0.0;
}

/* --- connectivity, made anew for each pass --------------------------------------------------------- */

static int compare_pairs(const void *x, const void *y)
{
  const Edge *a = x, *b = y;
  if (a->a != b->a) return a->a < b->a ? -1 : 1;
  if (a->b != b->b) return a->b < b->b ? -1 : 1;
  return a->t[0] < b->t[0] ? -1 : 1;
}

static int compare_lengths(const void *x, const void *y)
{
  const Edge *a = x, *b = y;
  if (a->length != b->length) return a->length < b->length ? -1 : 1;
  return compare_pairs(x, y); /* the same order on every machine */
}

/* All edges, shortest first. Freed by the caller. */
static PetscErrorCode list_edges(const Mesh *m, PetscInt *num, Edge **edges)
{
  PetscInt halves = 0, kept = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * m->num_triangles + 1, edges));
  for (PetscInt t = 0; t < m->num_triangles; t++) {
    const PetscInt *v = m->triangles + 3 * t;
    if (v[0] < 0) continue;
    for (PetscInt i = 0; i < 3; i++) {
      const PetscInt a = v[i], b = v[(i + 1) % 3];
      (*edges)[halves++] = (Edge){PetscMin(a, b), PetscMax(a, b), {t, -1}, 0.0};
    }
  }
  qsort(*edges, (size_t)halves, sizeof(Edge), compare_pairs);
  for (PetscInt h = 0; h + 1 < halves; h += 2) {
    Edge e   = (*edges)[h];
    e.t[1]   = (*edges)[h + 1].t[0];
    e.length = distance(m, e.a, e.b);
    OstAssert(e.a == (*edges)[h + 1].a && e.b == (*edges)[h + 1].b, "the surface is not closed");
    (*edges)[kept++] = e;
  }
  qsort(*edges, (size_t)kept, sizeof(Edge), compare_lengths);
  *num = kept;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode make_rings(const Mesh *m, Rings *r)
{
  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(m->num_points + 2, &r->start));
  PetscCall(PetscMalloc1(3 * m->num_triangles + 1, &r->triangle));
  for (PetscInt t = 0; t < m->num_triangles; t++) {
    if (m->triangles[3 * t] < 0) continue;
    for (PetscInt i = 0; i < 3; i++) r->start[m->triangles[3 * t + i] + 2]++;
  }
  for (PetscInt p = 0; p < m->num_points; p++) r->start[p + 2] += r->start[p + 1];
  for (PetscInt t = 0; t < m->num_triangles; t++) {
    if (m->triangles[3 * t] < 0) continue;
    for (PetscInt i = 0; i < 3; i++) r->triangle[r->start[m->triangles[3 * t + i] + 1]++] = t;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode destroy_rings(Rings *r)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(r->start));
  PetscCall(PetscFree(r->triangle));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The corner of triangle t that is neither a nor b. */
static PetscInt opposite(const Mesh *m, PetscInt t, PetscInt a, PetscInt b)
{
  for (PetscInt i = 0; i < 3; i++) {
    const PetscInt p = m->triangles[3 * t + i];
    if (p != a && p != b) return p;
  }
  return -1;
}

static void replace_corner(Mesh *m, PetscInt t, PetscInt from, PetscInt to)
{
  for (PetscInt i = 0; i < 3; i++) {
    if (m->triangles[3 * t + i] == from) m->triangles[3 * t + i] = to;
  }
}

static PetscBool is_rim(const Mesh *m, const Edge *e)
{
  return m->cap[e->t[0]] != m->cap[e->t[1]] ? PETSC_TRUE : PETSC_FALSE;
}

/* --- passes ------------------------------------------------------------------------------------------- */

/* Halve edges that are too long, the longest first; a triangle takes part once a pass. */
static PetscErrorCode split_pass(Mesh *m, PetscInt *changed)
{
  Edge      *edges;
  PetscInt   num;
  PetscBool *busy;

  PetscFunctionBeginUser;
  *changed = 0;
  PetscCall(list_edges(m, &num, &edges));
  PetscCall(PetscCalloc1(m->num_triangles + 1, &busy));
  for (PetscInt i = num - 1; i >= 0 && edges[i].length > m->high; i--) {
    const Edge *e = &edges[i];
    if (busy[e->t[0]] || busy[e->t[1]]) continue;
    const PetscInt p = m->num_points, t = m->num_triangles;
    PetscCall(grow(m, p + 1, t + 2));
    for (PetscInt d = 0; d < 3; d++) {
      m->points[3 * p + d] = 0.5 * (m->points[3 * e->a + d] + m->points[3 * e->b + d]);
    }
    m->place[p] = is_rim(m, e) ? ON_RIM : (m->cap[e->t[0]] ? (Place)m->cap[e->t[0]] : ON_SURFACE);
    for (PetscInt s = 0; s < 2; s++) {
      memcpy(m->triangles + 3 * (t + s), m->triangles + 3 * e->t[s], 3 * sizeof(PetscInt));
      m->cap[t + s] = m->cap[e->t[s]];
      replace_corner(m, e->t[s], e->b, p);
      replace_corner(m, t + s, e->a, p);
      busy[e->t[s]] = PETSC_TRUE;
    }
    m->num_points++;
    m->num_triangles += 2;
    (*changed)++;
  }
  PetscCall(PetscFree(busy));
  PetscCall(PetscFree(edges));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* May a be drawn into b, as far as caps and rims go? */
static PetscBool may_merge(const Mesh *m, const Edge *e, PetscInt a, PetscInt b)
{
  switch (m->place[a]) {
  case ON_RIM:
    return m->place[b] == ON_RIM && is_rim(m, e);
  case ON_SURFACE:
    return PETSC_TRUE;
  default:
    return m->place[b] == m->place[a] || m->place[b] == ON_RIM;
  }
}

/* Would the triangles around p, but for those that hold `other`, keep their side and a fair shape with
   p at x, and no edge grow too long? */
static PetscBool keeps_shape(const Mesh *m, const Rings *r, PetscInt p, PetscInt other,
                             const PetscReal x[3])
{
  for (PetscInt i = r->start[p]; i < r->start[p + 1]; i++) {
    const PetscInt   t = r->triangle[i], *v = m->triangles + 3 * t;
    const PetscReal *c[3];
    PetscReal        before[3], after[3];
    if (v[0] == other || v[1] == other || v[2] == other) continue;
    for (PetscInt k = 0; k < 3; k++) {
      c[k] = v[k] == p ? x : m->points + 3 * v[k];
      if (v[k] == p) continue;
      PetscReal d[3];
      for (PetscInt q = 0; q < 3; q++) d[q] = m->points[3 * v[k] + q] - x[q];
      if (ost_norm3(d) > m->high) return PETSC_FALSE;
    }
    triangle_normal(m, t, before);
    normal_of(c[0], c[1], c[2], after);
    const PetscReal scale = ost_norm3(before) * ost_norm3(after);
    /* A sliver has no trustworthy side; any fair triangle is better than it. */
    const PetscReal was =
        shape_of(m->points + 3 * v[0], m->points + 3 * v[1], m->points + 3 * v[2]);
    if (was > 0.05 && ost_dot3(before, after) < 0.7 * scale) return PETSC_FALSE;
    if (shape_of(c[0], c[1], c[2]) < PetscMin(0.2, 0.9 * was)) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* Points that are neighbours of both ends: exactly two, or the surface would pinch. `mark` is zero. */
static PetscInt common_neighbours(const Mesh *m, const Rings *r, PetscInt a, PetscInt b,
                                  char mark[])
{
  PetscInt common = 0;
  for (PetscInt pass = 0; pass < 3; pass++) {
    const PetscInt p = pass == 1 ? b : a;
    for (PetscInt i = r->start[p]; i < r->start[p + 1]; i++) {
      for (PetscInt k = 0; k < 3; k++) {
        const PetscInt q = m->triangles[3 * r->triangle[i] + k];
        if (q == a || q == b) continue;
        if (pass == 1 && mark[q] == 1) {
          common++;
          mark[q] = 2;
        } else if (pass != 1) {
          mark[q] = pass == 0 ? 1 : 0;
        }
      }
    }
  }
  return common;
}

static void lock_ring(const Mesh *m, const Rings *r, PetscInt p, PetscBool locked[])
{
  for (PetscInt i = r->start[p]; i < r->start[p + 1]; i++) {
    for (PetscInt k = 0; k < 3; k++) locked[m->triangles[3 * r->triangle[i] + k]] = PETSC_TRUE;
  }
}

static PetscBool ring_is_locked(const Mesh *m, const Rings *r, PetscInt p, const PetscBool locked[])
{
  for (PetscInt i = r->start[p]; i < r->start[p + 1]; i++) {
    for (PetscInt k = 0; k < 3; k++) {
      if (locked[m->triangles[3 * r->triangle[i] + k]]) return PETSC_TRUE;
    }
  }
  return PETSC_FALSE;
}

/* Draw `gone` into `stay`, which moves to x. */
static void collapse(Mesh *m, const Rings *r, PetscInt gone, PetscInt stay, const PetscReal x[3])
{
  for (PetscInt i = r->start[gone]; i < r->start[gone + 1]; i++) {
    const PetscInt t = r->triangle[i];
    if (m->triangles[3 * t] == stay || m->triangles[3 * t + 1] == stay ||
        m->triangles[3 * t + 2] == stay) {
      for (PetscInt k = 0; k < 3; k++) m->triangles[3 * t + k] = -1;
    } else {
      replace_corner(m, t, gone, stay);
    }
  }
  memcpy(m->points + 3 * stay, x, 3 * sizeof *x);
}

/* Collapse edges that are too short, the shortest first; a neighbourhood takes part once a pass. */
static PetscErrorCode collapse_pass(Mesh *m, PetscInt *changed)
{
  Edge      *edges;
  Rings      rings;
  PetscInt   num;
  PetscBool *locked;
  char      *mark;

  PetscFunctionBeginUser;
  *changed = 0;
  PetscCall(list_edges(m, &num, &edges));
  PetscCall(make_rings(m, &rings));
  PetscCall(PetscCalloc2(m->num_points + 1, &locked, m->num_points + 1, &mark));
  for (PetscInt i = 0; i < num && edges[i].length < m->low; i++) {
    const Edge *e = &edges[i];
    if (ring_is_locked(m, &rings, e->a, locked) || ring_is_locked(m, &rings, e->b, locked))
      continue;
    if (common_neighbours(m, &rings, e->a, e->b, mark) != 2) continue;
    PetscReal middle[3];
    for (PetscInt d = 0; d < 3; d++) {
      middle[d] = 0.5 * (m->points[3 * e->a + d] + m->points[3 * e->b + d]);
    }
    for (PetscInt way = 0; way < 2; way++) {
      const PetscInt   gone = way ? e->b : e->a, stay = way ? e->a : e->b;
      const PetscBool  alike  = m->place[gone] == m->place[stay] ? PETSC_TRUE : PETSC_FALSE;
      const PetscReal *target = alike && m->place[gone] != ON_RIM ? middle : m->points + 3 * stay;
      PetscReal        x[3];
      memcpy(x, target, sizeof x);
      if (!may_merge(m, e, gone, stay) || !keeps_shape(m, &rings, gone, stay, x) ||
          !keeps_shape(m, &rings, stay, gone, x)) {
        continue;
      }
      lock_ring(m, &rings, gone, locked);
      lock_ring(m, &rings, stay, locked);
      collapse(m, &rings, gone, stay, x);
      (*changed)++;
      break;
    }
  }
  PetscCall(PetscFree2(locked, mark));
  PetscCall(destroy_rings(&rings));
  PetscCall(PetscFree(edges));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Flip edges where the worse of the two triangles gains by it and the surface is nearly flat. */
static PetscErrorCode flip_pass(Mesh *m, PetscInt *changed)
{
  Edge      *edges;
  Rings      rings;
  PetscInt   num;
  PetscBool *locked;

  PetscFunctionBeginUser;
  *changed = 0;
  PetscCall(list_edges(m, &num, &edges));
  PetscCall(make_rings(m, &rings));
  PetscCall(PetscCalloc1(m->num_points + 1, &locked));
  for (PetscInt i = num - 1; i >= 0; i--) {
    const Edge *e = &edges[i];
    if (is_rim(m, e) || locked[e->a] || locked[e->b]) continue;
    const PetscInt c = opposite(m, e->t[0], e->a, e->b), d = opposite(m, e->t[1], e->a, e->b);
    if (c < 0 || d < 0 || c == d || locked[c] || locked[d]) continue;
    /* Order a, b as triangle t[0] runs through them: (a, b, c) and (b, a, d). */
    PetscInt a = e->a, b = e->b;
    for (PetscInt k = 0; k < 3; k++) {
      if (m->triangles[3 * e->t[0] + k] == e->b &&
          m->triangles[3 * e->t[0] + (k + 1) % 3] == e->a) {
        a = e->b;
        b = e->a;
      }
    }
    const PetscReal *pa = m->points + 3 * a, *pb = m->points + 3 * b, *pc = m->points + 3 * c,
                    *pd  = m->points + 3 * d;
    const PetscReal now  = PetscMin(shape_of(pa, pb, pc), shape_of(pb, pa, pd));
    const PetscReal then = PetscMin(shape_of(pa, pd, pc), shape_of(pd, pb, pc));
    if (then < now + 0.02) continue;
    PetscReal n0[3], n1[3], n2[3], n3[3];
    normal_of(pa, pb, pc, n0);
    normal_of(pb, pa, pd, n1);
    normal_of(pa, pd, pc, n2);
    normal_of(pd, pb, pc, n3);
    PetscReal sum[3];
    for (PetscInt k = 0; k < 3; k++) sum[k] = n0[k] + n1[k];
    const PetscReal size = ost_norm3(sum);
    if (ost_dot3(n2, sum) < 0.8 * size * ost_norm3(n2) ||
        ost_dot3(n3, sum) < 0.8 * size * ost_norm3(n3)) {
      continue;
    }
    PetscBool joined = PETSC_FALSE; /* c and d must not be neighbours already */
    for (PetscInt k = rings.start[c]; k < rings.start[c + 1]; k++) {
      for (PetscInt q = 0; q < 3; q++) {
        if (m->triangles[3 * rings.triangle[k] + q] == d) joined = PETSC_TRUE;
      }
    }
    if (joined) continue;
    const PetscInt first[3] = {a, d, c}, second[3] = {d, b, c};
    memcpy(m->triangles + 3 * e->t[0], first, sizeof first);
    memcpy(m->triangles + 3 * e->t[1], second, sizeof second);
    locked[a] = locked[b] = locked[c] = locked[d] = PETSC_TRUE;
    (*changed)++;
  }
  PetscCall(PetscFree(locked));
  PetscCall(destroy_rings(&rings));
  PetscCall(PetscFree(edges));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Move points towards the middle of their neighbours, along the surface; then back onto it. A move
   that would turn or flatten a triangle is not made. */
static PetscErrorCode relax_pass(Mesh *m, OstProjector *projector)
{
  Rings rings;

  PetscFunctionBeginUser;
  PetscCall(make_rings(m, &rings));
  for (PetscInt p = 0; p < m->num_points; p++) {
    PetscReal middle[3] = {0.0, 0.0, 0.0}, normal[3] = {0.0, 0.0, 0.0}, move[3], x[3];
    PetscInt  num = 0;
    if (m->place[p] == ON_RIM || rings.start[p] == rings.start[p + 1]) continue;
    for (PetscInt i = rings.start[p]; i < rings.start[p + 1]; i++) {
      PetscReal n[3];
      triangle_normal(m, rings.triangle[i], n);
      for (PetscInt d = 0; d < 3; d++) normal[d] += n[d];
      for (PetscInt k = 0; k < 3; k++) {
        const PetscInt q = m->triangles[3 * rings.triangle[i] + k];
        if (q == p) continue;
        for (PetscInt d = 0; d < 3; d++) middle[d] += m->points[3 * q + d];
        num++;
      }
    }
    const PetscReal size = ost_norm3(normal);
    if (!(size > 0.0)) continue;
    for (PetscInt d = 0; d < 3; d++) move[d] = middle[d] / (PetscReal)num - m->points[3 * p + d];
    const PetscReal along = ost_dot3(move, normal) / (size * size);
    for (PetscInt d = 0; d < 3; d++)
      x[d] = m->points[3 * p + d] + 0.6 * (move[d] - along * normal[d]);
    if (m->place[p] == ON_SURFACE)
      PetscCall(ost_projector_apply(projector, x));
    else
      x[2] = m->points[3 * p + 2];
    if (keeps_shape(m, &rings, p, -1, x)) memcpy(m->points + 3 * p, x, sizeof x);
  }
  PetscCall(destroy_rings(&rings));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Blunt edges that are sharper than the caps' rims should be alone in being: their ends move towards the
   middle of their neighbours until none is left, off the old surface if need be. */
static PetscErrorCode blunt_pass(Mesh *m, PetscReal sharpest, PetscInt *changed)
{
  const PetscReal least = PetscCosReal(sharpest * PETSC_PI / 180.0);
  Edge           *edges;
  Rings           rings;
  PetscInt        num;
  PetscBool      *moves;

  PetscFunctionBeginUser;
  *changed = 0;
  PetscCall(list_edges(m, &num, &edges));
  PetscCall(make_rings(m, &rings));
  PetscCall(PetscCalloc1(m->num_points + 1, &moves));
  for (PetscInt i = 0; i < num; i++) {
    PetscReal n[2][3];
    if (is_rim(m, &edges[i])) continue;
    for (PetscInt s = 0; s < 2; s++) triangle_normal(m, edges[i].t[s], n[s]);
    if (ost_dot3(n[0], n[1]) >= least * ost_norm3(n[0]) * ost_norm3(n[1])) continue;
    (*changed)++;
    for (PetscInt s = 0; s < 2; s++) {
      moves[edges[i].a] = moves[edges[i].b]                     = PETSC_TRUE;
      moves[opposite(m, edges[i].t[s], edges[i].a, edges[i].b)] = PETSC_TRUE;
    }
  }
  for (PetscInt p = 0; p < m->num_points; p++) {
    PetscReal middle[3] = {0.0, 0.0, 0.0};
    PetscInt  count     = 0;
    if (!moves[p] || m->place[p] != ON_SURFACE) continue;
    for (PetscInt i = rings.start[p]; i < rings.start[p + 1]; i++) {
      for (PetscInt k = 0; k < 3; k++) {
        const PetscInt q = m->triangles[3 * rings.triangle[i] + k];
        if (q == p) continue;
        for (PetscInt d = 0; d < 3; d++) middle[d] += m->points[3 * q + d];
        count++;
      }
    }
    for (PetscInt d = 0; d < 3; d++) {
      m->points[3 * p + d] += 0.5 * (middle[d] / (PetscReal)count - m->points[3 * p + d]);
    }
  }
  PetscCall(PetscFree(moves));
  PetscCall(destroy_rings(&rings));
  PetscCall(PetscFree(edges));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- whole --------------------------------------------------------------------------------------------- */

/* Triangles that lie in a cap's plane, and from them the place of every point. */
static void classify(const OstRemeshOptions *options, Mesh *m)
{
  const PetscReal near = 1e-7;
  for (PetscInt p = 0; p < m->num_points; p++) m->place[p] = ON_SURFACE;
  for (PetscInt t = 0; t < m->num_triangles; t++) {
    PetscInt low = 0, high = 0;
    for (PetscInt i = 0; i < 3; i++) {
      const PetscReal z = m->points[3 * m->triangles[3 * t + i] + 2];
      low += PetscAbsReal(z - options->bottom) < near;
      high += PetscAbsReal(z - options->top) < near;
    }
    m->cap[t] = low == 3 ? 1 : (high == 3 ? 2 : 0);
  }
  /* A corner shared by a cap and another triangle is on the rim. */
  for (PetscInt pass = 0; pass < 2; pass++) {
    for (PetscInt t = 0; t < m->num_triangles; t++) {
      for (PetscInt i = 0; i < 3; i++) {
        Place *place = &m->place[m->triangles[3 * t + i]];
        if (pass == 0 && m->cap[t]) *place = (Place)m->cap[t];
        if (pass == 1 && !m->cap[t] && *place != ON_SURFACE) *place = ON_RIM;
      }
    }
  }
}

PetscErrorCode ost_surface_remesh(const OstSurface *reference, const OstRemeshOptions *options,
                                  OstSurface *surface)
{
  Mesh          m = {NULL,
                     NULL,
                     NULL,
                     NULL,
                     0,
                     0,
                     0,
                     0,
                     0.8 * options->edge_length,
                     4.0 / 3.0 * options->edge_length};
  OstProjector *projector;
  PetscInt      changed, kept = 0;

  PetscFunctionBeginUser;
  PetscCall(grow(&m, surface->num_points, surface->num_triangles));
  m.num_points    = surface->num_points;
  m.num_triangles = surface->num_triangles;
  PetscCall(PetscArraycpy(m.points, surface->points, 3 * m.num_points));
  PetscCall(PetscArraycpy(m.triangles, surface->triangles, 3 * m.num_triangles));
  classify(options, &m);
  PetscCall(ost_projector_create(reference, &projector));
  for (PetscInt round = 0; round < options->rounds; round++) {
    changed = 1;
    for (PetscInt pass = 0; pass < 12 && changed; pass++) PetscCall(split_pass(&m, &changed));
    changed = 1;
    for (PetscInt pass = 0; pass < 12 && changed; pass++) PetscCall(collapse_pass(&m, &changed));
    changed = 1;
    for (PetscInt pass = 0; pass < 12 && changed; pass++) PetscCall(flip_pass(&m, &changed));
    for (PetscInt pass = 0; pass < 3; pass++) PetscCall(relax_pass(&m, projector));
  }
  PetscCall(ost_projector_destroy(&projector));
  changed = 1;
  for (PetscInt pass = 0; pass < 60 && changed; pass++) {
    PetscInt flips;
    PetscCall(blunt_pass(&m, options->sharpest, &changed));
    PetscCall(flip_pass(&m, &flips));
    if (pass % 5 == 4) PetscCall(collapse_pass(&m, &flips));
  }

  for (PetscInt t = 0; t < m.num_triangles; t++) {
    if (m.triangles[3 * t] < 0) continue;
    memmove(m.triangles + 3 * kept++, m.triangles + 3 * t, 3 * sizeof(PetscInt));
  }
  PetscCall(ost_surface_destroy(surface));
  *surface = (OstSurface){m.num_points, kept, m.points, m.triangles};
  PetscCall(PetscFree(m.place));
  PetscCall(PetscFree(m.cap));
  PetscCall(ost_surface_merge(surface, 0.0)); /* drops the points that nothing uses */
  PetscFunctionReturn(PETSC_SUCCESS);
}
