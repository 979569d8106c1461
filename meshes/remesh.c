#include "meshes/remesh.h"

#include <math.h>
#include <string.h>

PetscErrorCode ost_labelled_surface_destroy(OstLabelledSurface *surface)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(surface->points));
  PetscCall(PetscFree(surface->triangles));
  PetscCall(PetscFree(surface->label));
  PetscCall(PetscMemzero(surface, sizeof(*surface)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- vectors ---------------------------------------------------------------------------------- */

static void sub(const PetscReal a[3], const PetscReal b[3], PetscReal c[3])
{
  for (PetscInt k = 0; k < 3; k++) c[k] = a[k] - b[k];
}

static PetscReal dot(const PetscReal a[3], const PetscReal b[3])
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static PetscReal dist(const PetscReal a[3], const PetscReal b[3])
{
  PetscReal d[3];

  sub(a, b, d);
  return PetscSqrtReal(dot(d, d));
}

static void cross(const PetscReal a[3], const PetscReal b[3], PetscReal c[3])
{
  c[0] = a[1] * b[2] - a[2] * b[1];
  c[1] = a[2] * b[0] - a[0] * b[2];
  c[2] = a[0] * b[1] - a[1] * b[0];
}

/* Unit normal; returns twice the area. */
static PetscReal normal(const PetscReal a[3], const PetscReal b[3], const PetscReal c[3],
                        PetscReal n[3])
{
  PetscReal u[3], v[3], s;

  sub(b, a, u);
  sub(c, a, v);
  cross(u, v, n);
  s = PetscSqrtReal(dot(n, n));
  for (PetscInt k = 0; k < 3; k++) n[k] /= PetscMax(s, 1e-300);
  return s;
}

/* --- the surface while it is worked on -------------------------------------------------------- */

/* Closed and manifold at all times: edge e of triangle t runs from corner e to corner e + 1 and has
   exactly one neighbour. Dead triangles have v[0] < 0. */
typedef struct {
  PetscInt   np, room_p, nt, room_t;
  PetscReal *x;              /* [room_p x 3] */
  PetscInt  *any;            /* [room_p] a triangle of the point, -1: dead */
  PetscInt  *v, *nb, *label; /* [room_t x 3], [room_t x 3], [room_t] */
} Work;

#define AROUND 96 /* more triangles round one point than this are left alone */

static PetscErrorCode grow(Work *w)
{
  PetscFunctionBeginUser;
  if (w->np + 2 > w->room_p) {
    w->room_p = 2 * w->room_p + 64;
    PetscCall(PetscRealloc((size_t)(3 * w->room_p) * sizeof(PetscReal), &w->x));
    PetscCall(PetscRealloc((size_t)w->room_p * sizeof(PetscInt), &w->any));
  }
  if (w->nt + 4 > w->room_t) {
    w->room_t = 2 * w->room_t + 64;
    PetscCall(PetscRealloc((size_t)(3 * w->room_t) * sizeof(PetscInt), &w->v));
    PetscCall(PetscRealloc((size_t)(3 * w->room_t) * sizeof(PetscInt), &w->nb));
    PetscCall(PetscRealloc((size_t)w->room_t * sizeof(PetscInt), &w->label));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscInt corner_of(const Work *w, PetscInt t, PetscInt p)
{
  for (PetscInt a = 0; a < 3; a++) {
    if (w->v[3 * t + a] == p) return a;
  }
  return -1;
}

/* Edge of t behind which n lies, with its first corner p (two triangles may share two edges). */
static PetscInt edge_to(const Work *w, PetscInt t, PetscInt n, PetscInt p)
{
  for (PetscInt e = 0; e < 3; e++) {
    if (w->nb[3 * t + e] == n && w->v[3 * t + e] == p) return e;
  }
  return -1;
}

/* Triangles round a point, in order; returns their number, or AROUND + 1 when there are more. */
static PetscInt ring(const Work *w, PetscInt p, PetscInt tris[AROUND])
{
  PetscInt t = w->any[p], n = 0;

  do {
    PetscInt a;
    if (n == AROUND) return AROUND + 1;
    tris[n++] = t;
    a         = corner_of(w, t, p);
    if (a < 0) return AROUND + 1;
    t = w->nb[3 * t + (a + 2) % 3]; /* over the edge that ends in p */
  } while (t != w->any[p]);
  return n;
}

static PetscBool is_sharp(const Work *w, PetscInt t, PetscInt e)
{
  return (PetscBool)(w->label[t] != w->label[w->nb[3 * t + e]]);
}

/* Sharp edges at a point. */
static PetscInt count_sharp(const Work *w, PetscInt p)
{
  PetscInt tris[AROUND], n = ring(w, p, tris), sharp = 0;

  if (n > AROUND) return 99;
  for (PetscInt i = 0; i < n; i++) sharp += is_sharp(w, tris[i], corner_of(w, tris[i], p));
  return sharp;
}

typedef struct {
  PetscInt a, b, slot;
} HalfEdge;

static int compare_half(const void *p, const void *q)
{
  const HalfEdge *a = p, *b = q;

  if (a->a != b->a) return a->a < b->a ? -1 : 1;
  if (a->b != b->b) return a->b < b->b ? -1 : 1;
  return (a->slot > b->slot) - (a->slot < b->slot);
}

static PetscErrorCode begin(const OstLabelledSurface *s, Work *w)
{
  HalfEdge *half;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(w, sizeof(*w)));
  w->room_p = 2 * s->num_points + 64;
  w->room_t = 2 * s->num_triangles + 64;
  w->np     = s->num_points;
  w->nt     = s->num_triangles;
  PetscCall(PetscMalloc1(3 * w->room_p, &w->x));
  PetscCall(PetscMalloc1(w->room_p, &w->any));
  PetscCall(PetscMalloc1(3 * w->room_t, &w->v));
  PetscCall(PetscMalloc1(3 * w->room_t, &w->nb));
  PetscCall(PetscMalloc1(w->room_t, &w->label));
  PetscCall(PetscArraycpy(w->x, s->points, 3 * w->np));
  PetscCall(PetscArraycpy(w->v, s->triangles, 3 * w->nt));
  PetscCall(PetscArraycpy(w->label, s->label, w->nt));
  for (PetscInt p = 0; p < w->np; p++) w->any[p] = -1;
  PetscCall(PetscMalloc1(3 * w->nt, &half));
  for (PetscInt t = 0; t < w->nt; t++) {
    for (PetscInt e = 0; e < 3; e++) {
      const PetscInt a = w->v[3 * t + e], b = w->v[3 * t + (e + 1) % 3];
      half[3 * t + e] = (HalfEdge){PetscMin(a, b), PetscMax(a, b), 3 * t + e};
      w->any[a]       = t;
    }
  }
  qsort(half, (size_t)(3 * w->nt), sizeof(*half), compare_half);
  for (PetscInt i = 0; i < 3 * w->nt; i += 2) {
    const PetscBool pair =
        (PetscBool)(i + 1 < 3 * w->nt && half[i].a == half[i + 1].a && half[i].b == half[i + 1].b);
    OstAssert(pair, "the surface to remesh is not closed");
    w->nb[half[i].slot]     = half[i + 1].slot / 3;
    w->nb[half[i + 1].slot] = half[i].slot / 3;
  }
  PetscCall(PetscFree(half));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode finish(Work *w, OstLabelledSurface *s)
{
  PetscInt *number, np = 0, nt = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_labelled_surface_destroy(s));
  PetscCall(PetscMalloc1(w->np, &number));
  for (PetscInt p = 0; p < w->np; p++) number[p] = w->any[p] < 0 ? -1 : np++;
  for (PetscInt t = 0; t < w->nt; t++) nt += w->v[3 * t] >= 0;
  s->num_points    = np;
  s->num_triangles = nt;
  PetscCall(PetscMalloc1(3 * np, &s->points));
  PetscCall(PetscMalloc1(3 * nt, &s->triangles));
  PetscCall(PetscMalloc1(nt, &s->label));
  for (PetscInt p = 0; p < w->np; p++) {
    if (number[p] >= 0) PetscCall(PetscArraycpy(s->points + 3 * number[p], w->x + 3 * p, 3));
  }
  nt = 0;
  for (PetscInt t = 0; t < w->nt; t++) {
    if (w->v[3 * t] < 0) continue;
    for (PetscInt a = 0; a < 3; a++) s->triangles[3 * nt + a] = number[w->v[3 * t + a]];
    s->label[nt++] = w->label[t];
  }
  PetscCall(PetscFree(number));
  PetscCall(PetscFree(w->x));
  PetscCall(PetscFree(w->any));
  PetscCall(PetscFree(w->v));
  PetscCall(PetscFree(w->nb));
  PetscCall(PetscFree(w->label));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the original, to be put back onto -------------------------------------------------------- */

typedef struct {
  const OstLabelledSurface *s;
  PetscReal                 low, width; /* slabs in z */
  PetscInt                  num_slabs;
  PetscInt  *first, *tri; /* triangles touching slab i: tri[first[i] .. first[i + 1]] */
  PetscInt   num_sharp;
  PetscReal *sharp; /* [num_sharp x 6] ends of the sharp edges */
} Original;

static PetscInt slab_of(const Original *o, PetscReal z)
{
  const PetscInt i = (PetscInt)PetscFloorReal((z - o->low) / o->width);

  return PetscMin(PetscMax(i, 0), o->num_slabs - 1);
}

static PetscErrorCode original_begin(const OstLabelledSurface *s, const Work *w, Original *o)
{
  PetscReal high;
  PetscInt *fill;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(o, sizeof(*o)));
  o->s   = s;
  o->low = high = s->points[2];
  for (PetscInt p = 0; p < s->num_points; p++) {
    o->low = PetscMin(o->low, s->points[3 * p + 2]);
    high   = PetscMax(high, s->points[3 * p + 2]);
  }
  o->num_slabs = 200;
  o->width     = (high - o->low) / (PetscReal)o->num_slabs;
  PetscCall(PetscCalloc1(o->num_slabs + 1, &o->first));
  for (PetscInt pass = 0; pass < 2; pass++) {
    for (PetscInt t = 0; t < s->num_triangles; t++) {
      PetscReal lo = PETSC_MAX_REAL, hi = -PETSC_MAX_REAL;
      for (PetscInt a = 0; a < 3; a++) {
        const PetscReal z = s->points[3 * s->triangles[3 * t + a] + 2];
        lo                = PetscMin(lo, z);
        hi                = PetscMax(hi, z);
      }
      for (PetscInt i = slab_of(o, lo); i <= slab_of(o, hi); i++) {
        if (pass == 0)
          o->first[i + 1]++;
        else
          o->tri[fill[i]++] = t;
      }
    }
    if (pass == 0) {
      for (PetscInt i = 0; i < o->num_slabs; i++) o->first[i + 1] += o->first[i];
      PetscCall(PetscMalloc1(o->first[o->num_slabs], &o->tri));
      PetscCall(PetscMalloc1(o->num_slabs, &fill));
      PetscCall(PetscArraycpy(fill, o->first, o->num_slabs));
    }
  }
  PetscCall(PetscFree(fill));
  PetscCall(PetscMalloc1(18 * s->num_triangles, &o->sharp));
  for (PetscInt t = 0; t < w->nt; t++) {
    for (PetscInt e = 0; e < 3; e++) {
      if (!is_sharp(w, t, e) || w->nb[3 * t + e] < t) continue;
      PetscCall(PetscArraycpy(o->sharp + 6 * o->num_sharp, w->x + 3 * w->v[3 * t + e], 3));
      PetscCall(
          PetscArraycpy(o->sharp + 6 * o->num_sharp + 3, w->x + 3 * w->v[3 * t + (e + 1) % 3], 3));
      o->num_sharp++;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode original_end(Original *o)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(o->first));
  PetscCall(PetscFree(o->tri));
  PetscCall(PetscFree(o->sharp));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Nearest point of a segment. */
static PetscReal to_segment(const PetscReal x[3], const PetscReal a[3], const PetscReal b[3],
                            PetscReal near[3])
{
  PetscReal u[3], v[3], s;

  sub(b, a, u);
  sub(x, a, v);
  s = dot(u, v) / PetscMax(dot(u, u), 1e-300);
  s = PetscMin(PetscMax(s, 0.0), 1.0);
  for (PetscInt k = 0; k < 3; k++) near[k] = a[k] + s * u[k];
  return dist(x, near);
}

/* Nearest point of a triangle: its plane where the foot is inside, else its edges. */
static PetscReal to_triangle(const PetscReal x[3], const PetscReal a[3], const PetscReal b[3],
                             const PetscReal c[3], PetscReal near[3])
{
  PetscReal        n[3], d[3], h, best = PETSC_MAX_REAL;
  const PetscReal *v[3]   = {a, b, c};
  PetscBool        inside = PETSC_TRUE;

  if (normal(a, b, c, n) > 1e-12) {
    for (PetscInt e = 0; e < 3 && inside; e++) {
      PetscReal u[3], m[3];
      sub(v[(e + 1) % 3], v[e], u);
      cross(n, u, m);
      sub(x, v[e], d);
      inside = (PetscBool)(dot(m, d) >= 0.0);
    }
    if (inside) {
      sub(x, a, d);
      h = dot(d, n);
      for (PetscInt k = 0; k < 3; k++) near[k] = x[k] - h * n[k];
      return PetscAbsReal(h);
    }
  }
  for (PetscInt e = 0; e < 3; e++) {
    PetscReal       p[3];
    const PetscReal g = to_segment(x, v[e], v[(e + 1) % 3], p);
    if (g < best) {
      best = g;
      memcpy(near, p, sizeof(p));
    }
  }
  return best;
}

/* Put x onto the nearest original triangle of this label. */
static void project_to_label(const Original *o, PetscInt label, PetscReal x[3])
{
  const PetscInt home = slab_of(o, x[2]);
  PetscReal      best = PETSC_MAX_REAL, near[3] = {x[0], x[1], x[2]};

  for (PetscInt ring_no = 0; ring_no < o->num_slabs; ring_no++) {
    if ((PetscReal)(ring_no - 1) * o->width > best) break;
    for (PetscInt side = -1; side <= 1; side += 2) {
      const PetscInt i = home + side * ring_no;
      if (i < 0 || i >= o->num_slabs || (ring_no == 0 && side > 0)) continue;
      for (PetscInt k = o->first[i]; k < o->first[i + 1]; k++) {
        const PetscInt *v    = &o->s->triangles[3 * o->tri[k]];
        PetscReal       p[3] = {x[0], x[1], x[2]}, d;
        if (o->s->label[o->tri[k]] != label) continue;
        d = to_triangle(x, o->s->points + 3 * v[0], o->s->points + 3 * v[1],
                        o->s->points + 3 * v[2], p);
        if (d < best) {
          best = d;
          memcpy(near, p, sizeof(p));
        }
      }
    }
  }
  memcpy(x, near, sizeof(near));
}

static void project_to_sharp(const Original *o, PetscReal x[3])
{
  PetscReal best = PETSC_MAX_REAL, near[3] = {x[0], x[1], x[2]};

  for (PetscInt i = 0; i < o->num_sharp; i++) {
    PetscReal       p[3];
    const PetscReal d = to_segment(x, o->sharp + 6 * i, o->sharp + 6 * i + 3, p);
    if (d < best) {
      best = d;
      memcpy(near, p, sizeof(p));
    }
  }
  memcpy(x, near, sizeof(near));
}

/* --- operations ------------------------------------------------------------------------------- */

/* Let the triangle behind edge e of t, which pointed at `from`, point at t. */
static void relink(Work *w, PetscInt n, PetscInt from, PetscInt first_corner, PetscInt to)
{
  const PetscInt e = edge_to(w, n, from, first_corner);

  if (e >= 0) w->nb[3 * n + e] = to;
}

/* Put a point at the middle of edge e of t; t and its neighbour become four. */
static PetscErrorCode split_edge(Work *w, PetscInt t, PetscInt e, const PetscReal mid[3])
{
  PetscInt u, f, a, b, c, d, m, t2, u2, n1, n2;

  PetscFunctionBeginUser;
  PetscCall(grow(w));
  u  = w->nb[3 * t + e];
  a  = w->v[3 * t + e];
  b  = w->v[3 * t + (e + 1) % 3];
  c  = w->v[3 * t + (e + 2) % 3];
  f  = edge_to(w, u, t, b);
  d  = w->v[3 * u + (f + 2) % 3];
  n1 = w->nb[3 * t + (e + 1) % 3]; /* behind b c */
  n2 = w->nb[3 * u + (f + 1) % 3]; /* behind a d */
  m  = w->np++;
  t2 = w->nt++;
  u2 = w->nt++;
  for (PetscInt k = 0; k < 3; k++) w->x[3 * m + k] = mid[k];

  /* t: a m c;  t2: m b c;  u: b m d;  u2: m a d. */
  w->v[3 * t + (e + 1) % 3] = m;
  w->v[3 * t2]              = m;
  w->v[3 * t2 + 1]          = b;
  w->v[3 * t2 + 2]          = c;
  w->v[3 * u + (f + 1) % 3] = m;
  w->v[3 * u2]              = m;
  w->v[3 * u2 + 1]          = a;
  w->v[3 * u2 + 2]          = d;
  relink(w, n1, t, c, t2);
  relink(w, n2, u, d, u2);
  w->nb[3 * t + e]           = u2;
  w->nb[3 * t + (e + 1) % 3] = t2;
  w->nb[3 * t2]              = u;
  w->nb[3 * t2 + 1]          = n1;
  w->nb[3 * t2 + 2]          = t;
  w->nb[3 * u + f]           = t2;
  w->nb[3 * u + (f + 1) % 3] = u2;
  w->nb[3 * u2]              = t;
  w->nb[3 * u2 + 1]          = n2;
  w->nb[3 * u2 + 2]          = u;
  w->label[t2]               = w->label[t];
  w->label[u2]               = w->label[u];
  w->any[m]                  = t;
  w->any[a]                  = t;
  w->any[b]                  = t2;
  w->any[c]                  = t;
  w->any[d]                  = u;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Would moving point p to x turn a triangle round it over, or flatten it more than it is? Triangles
   of edges under `tiny` have no shape worth keeping; `skip` are left out. */
static PetscBool move_harms(const Work *w, PetscInt p, const PetscReal x[3], PetscReal tiny,
                            PetscInt skip1, PetscInt skip2)
{
  PetscInt tris[AROUND], n = ring(w, p, tris);

  if (n > AROUND) return PETSC_TRUE;
  for (PetscInt i = 0; i < n; i++) {
    const PetscInt   t = tris[i], a = corner_of(w, t, p);
    const PetscReal *y = w->x + 3 * p;
    const PetscReal *q = w->x + 3 * w->v[3 * t + (a + 1) % 3];
    const PetscReal *r = w->x + 3 * w->v[3 * t + (a + 2) % 3];
    PetscReal        old[3], new[3], shape0, shape1, edge0, edge1;
    if (t == skip1 || t == skip2) continue;
    edge0 = PetscMax(dist(q, r), PetscMax(dist(y, q), dist(y, r)));
    edge1 = PetscMax(dist(q, r), PetscMax(dist(x, q), dist(x, r)));
    if (edge0 < tiny) continue;
    shape0 = normal(y, q, r, old) / (edge0 * edge0);
    shape1 = normal(x, q, r, new) / PetscMax(edge1 * edge1, 1e-300);
    if (shape1 < 0.1 && shape1 < 0.9 * shape0) return PETSC_TRUE;
    if (shape0 > 0.02 && dot(old, new) < 0.5) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* Points next to both p and q. */
static PetscInt common_neighbours(const Work *w, PetscInt p, PetscInt q)
{
  PetscInt tp[AROUND], tq[AROUND], np = ring(w, p, tp), nq = ring(w, q, tq), both = 0;

  if (np > AROUND || nq > AROUND) return 99;
  for (PetscInt i = 0; i < np; i++) {
    const PetscInt a = w->v[3 * tp[i] + (corner_of(w, tp[i], p) + 1) % 3];
    for (PetscInt j = 0; j < nq; j++) {
      both += w->v[3 * tq[j] + (corner_of(w, tq[j], q) + 1) % 3] == a;
    }
  }
  return both;
}

/* Draw edge e of t together into one point. FALSE where topology or shape forbid it. */
static PetscBool collapse_edge(Work *w, const Original *o, PetscInt t, PetscInt e,
                               PetscReal longest, PetscReal tiny)
{
  const PetscInt u = w->nb[3 * t + e];
  PetscInt       p = w->v[3 * t + e], q = w->v[3 * t + (e + 1) % 3];
  const PetscInt f  = edge_to(w, u, t, q);
  const PetscInt sp = count_sharp(w, p), sq = count_sharp(w, q);
  const PetscInt c = w->v[3 * t + (e + 2) % 3], d = w->v[3 * u + (f + 2) % 3];
  PetscReal      x[3];
  PetscInt       tris[AROUND], n, nt1, nt2, nu1, nu2;

  if (f < 0 || sp > 2 || sq > 2 || c == d) return PETSC_FALSE;
  if (sp && sq && !is_sharp(w, t, e)) return PETSC_FALSE;
  if (common_neighbours(w, p, q) != 2) return PETSC_FALSE;
  for (PetscInt k = 0; k < 3; k++) x[k] = 0.5 * (w->x[3 * p + k] + w->x[3 * q + k]);
  if (sp && sq)
    project_to_sharp(o, x);
  else if (sp)
    memcpy(x, w->x + 3 * p, sizeof(x));
  else if (sq)
    memcpy(x, w->x + 3 * q, sizeof(x));
  else
    project_to_label(o, w->label[t], x);
  if (move_harms(w, p, x, tiny, t, u) || move_harms(w, q, x, tiny, t, u)) return PETSC_FALSE;
  n = ring(w, q, tris);
  for (PetscInt i = 0; i < n; i++) {
    const PetscInt a = corner_of(w, tris[i], q);
    if (dist(x, w->x + 3 * w->v[3 * tris[i] + (a + 1) % 3]) > longest) return PETSC_FALSE;
  }
  /* Neither c nor d may be left with two triangles. */
  {
    PetscInt other[AROUND];
    if (ring(w, c, other) < 4 || ring(w, d, other) < 4) return PETSC_FALSE;
  }

  /* Triangles of q become p's; t and u go, their outer neighbours meet. */
  nt1 = w->nb[3 * t + (e + 1) % 3]; /* behind q c */
  nt2 = w->nb[3 * t + (e + 2) % 3]; /* behind c p */
  nu1 = w->nb[3 * u + (f + 1) % 3]; /* behind p d */
  nu2 = w->nb[3 * u + (f + 2) % 3]; /* behind d q */
  relink(w, nt1, t, c, nt2);
  relink(w, nt2, t, p, nt1);
  relink(w, nu1, u, d, nu2);
  relink(w, nu2, u, q, nu1);
  for (PetscInt i = 0; i < n; i++) {
    const PetscInt a = corner_of(w, tris[i], q);
    if (a >= 0) w->v[3 * tris[i] + a] = p;
  }
  w->v[3 * t] = w->v[3 * u] = -1;
  memcpy(w->x + 3 * p, x, sizeof(x));
  w->any[q] = -1;
  w->any[p] = nt2;
  w->any[c] = nt2;
  w->any[d] = nu1;
  return PETSC_TRUE;
}

static PetscReal angle_at(const PetscReal a[3], const PetscReal b[3], const PetscReal c[3])
{
  PetscReal u[3], v[3], n[3];

  sub(b, a, u);
  sub(c, a, v);
  cross(u, v, n);
  return PetscAtan2Real(PetscSqrtReal(dot(n, n)), dot(u, v));
}

/* Turn edge e of t towards the other diagonal where that is nearer to Delaunay. */
static PetscBool flip_edge(Work *w, PetscInt t, PetscInt e)
{
  const PetscInt   u = w->nb[3 * t + e], a = w->v[3 * t + e], b = w->v[3 * t + (e + 1) % 3];
  const PetscInt   c = w->v[3 * t + (e + 2) % 3], f = edge_to(w, u, t, b);
  const PetscInt   d  = f < 0 ? c : w->v[3 * u + (f + 2) % 3];
  const PetscReal *xa = w->x + 3 * a, *xb = w->x + 3 * b, *xc = w->x + 3 * c, *xd = w->x + 3 * d;
  PetscReal        n0[3], n1[3], m0[3], m1[3], area0, area1, edge;
  PetscInt         nbc, nda, tris[AROUND], n;

  if (c == d || is_sharp(w, t, e)) return PETSC_FALSE;
  if (angle_at(xc, xa, xb) + angle_at(xd, xa, xb) < PETSC_PI + 1e-6) return PETSC_FALSE;
  (void)normal(xa, xb, xc, n0);
  (void)normal(xb, xa, xd, n1);
  area0 = normal(xa, xd, xc, m0);
  area1 = normal(xd, xb, xc, m1);
  edge  = dist(xc, xd);
  if (area0 < 1e-3 * edge * edge || area1 < 1e-3 * edge * edge) return PETSC_FALSE;
  if (dot(m0, m1) < 0.5 && dot(m0, m1) < dot(n0, n1)) return PETSC_FALSE;
  if (dot(n0, n1) > 0.5 && (dot(m0, n0) < 0.3 || dot(m1, n1) < 0.3)) return PETSC_FALSE;
  n = ring(w, c, tris);
  if (n > AROUND) return PETSC_FALSE;
  for (PetscInt i = 0; i < n; i++) { /* is c d an edge already? */
    if (corner_of(w, tris[i], d) >= 0) return PETSC_FALSE;
  }
  {
    PetscInt other[AROUND];
    if (ring(w, a, other) < 4 || ring(w, b, other) < 4) return PETSC_FALSE;
  }

  /* t: a d c;  u: d b c. */
  nbc = w->nb[3 * t + (e + 1) % 3];
  nda = w->nb[3 * u + (f + 1) % 3]; /* behind a d */
  {
    const PetscInt nca = w->nb[3 * t + (e + 2) % 3], ndb = w->nb[3 * u + (f + 2) % 3];
    relink(w, nbc, t, c, u);
    relink(w, nda, u, d, t);
    w->v[3 * t]      = a;
    w->v[3 * t + 1]  = d;
    w->v[3 * t + 2]  = c;
    w->nb[3 * t]     = nda;
    w->nb[3 * t + 1] = u;
    w->nb[3 * t + 2] = nca;
    w->v[3 * u]      = d;
    w->v[3 * u + 1]  = b;
    w->v[3 * u + 2]  = c;
    w->nb[3 * u]     = ndb;
    w->nb[3 * u + 1] = nbc;
    w->nb[3 * u + 2] = t;
  }
  w->any[a] = w->any[c] = w->any[d] = t;
  w->any[b]                         = u;
  return PETSC_TRUE;
}

/* --- passes ----------------------------------------------------------------------------------- */

/* Knots and folds first: the points at an edge whose triangles fold back go to the middle of their
   neighbours. */
static void smooth_folds(Work *w)
{
  for (PetscInt pass = 0; pass < 20; pass++) {
    PetscBool any = PETSC_FALSE;
    for (PetscInt t = 0; t < w->nt; t++) {
      for (PetscInt e = 0; e < 3 && w->v[3 * t] >= 0; e++) {
        const PetscInt u = w->nb[3 * t + e];
        PetscReal      n0[3], n1[3];
        if (u < t || is_sharp(w, t, e)) continue;
        (void)normal(w->x + 3 * w->v[3 * t], w->x + 3 * w->v[3 * t + 1], w->x + 3 * w->v[3 * t + 2],
                     n0);
        (void)normal(w->x + 3 * w->v[3 * u], w->x + 3 * w->v[3 * u + 1], w->x + 3 * w->v[3 * u + 2],
                     n1);
        if (dot(n0, n1) > -0.2) continue;
        for (PetscInt k = 0; k < 2; k++) {
          const PetscInt p = w->v[3 * t + (e + k) % 3];
          PetscInt       tris[AROUND], n = ring(w, p, tris);
          PetscReal      mean[3] = {0.0, 0.0, 0.0};
          if (n > AROUND || count_sharp(w, p)) continue;
          for (PetscInt i = 0; i < n; i++) {
            const PetscInt q = w->v[3 * tris[i] + (corner_of(w, tris[i], p) + 1) % 3];
            for (PetscInt j = 0; j < 3; j++) mean[j] += w->x[3 * q + j] / (PetscReal)n;
          }
          memcpy(w->x + 3 * p, mean, sizeof(mean));
          any = PETSC_TRUE;
        }
      }
    }
    if (!any) return;
  }
}

static void flip_all(Work *w)
{
  for (PetscInt pass = 0; pass < 10; pass++) {
    PetscInt flips = 0;
    for (PetscInt t = 0; t < w->nt; t++) {
      for (PetscInt e = 0; e < 3 && w->v[3 * t] >= 0; e++) flips += flip_edge(w, t, e);
    }
    if (!flips) return;
  }
}

/* Split edges that are too long and the longest of their triangle: in any other order slivers would
   breed slivers. */
static PetscErrorCode split_long(Work *w, const Original *o, OstSizeFunction size, void *context,
                                 PetscInt *num_splits)
{
  const PetscInt before = w->nt;

  PetscFunctionBeginUser;
  *num_splits = 0;
  for (PetscInt t = 0; t < before; t++) {
    PetscReal        length[3], mid[3], on[3];
    const PetscReal *a, *b;
    PetscInt         e = 0;
    if (w->v[3 * t] < 0) continue;
    for (PetscInt k = 0; k < 3; k++) {
      length[k] = dist(w->x + 3 * w->v[3 * t + k], w->x + 3 * w->v[3 * t + (k + 1) % 3]);
      if (length[k] > length[e]) e = k;
    }
    a = w->x + 3 * w->v[3 * t + e];
    b = w->x + 3 * w->v[3 * t + (e + 1) % 3];
    for (PetscInt k = 0; k < 3; k++) mid[k] = on[k] = 0.5 * (a[k] + b[k]);
    if (length[e] < 4.0 / 3.0 * size(mid, context)) continue;
    if (is_sharp(w, t, e))
      project_to_sharp(o, on);
    else
      project_to_label(o, w->label[t], on);
    /* A foot near one end would leave the edge as long as it was. */
    if (dist(on, a) > 0.8 * length[e] || dist(on, b) > 0.8 * length[e]) {
      PetscCall(PetscArraycpy(on, mid, 3));
    }
    PetscCall(split_edge(w, t, e, on));
    (*num_splits)++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void collapse_short(Work *w, const Original *o, OstSizeFunction size, void *context)
{
  for (PetscInt t = 0; t < w->nt; t++) {
    for (PetscInt e = 0; e < 3 && w->v[3 * t] >= 0; e++) {
      const PetscReal *a = w->x + 3 * w->v[3 * t + e], *b = w->x + 3 * w->v[3 * t + (e + 1) % 3];
      PetscReal        mid[3], h;
      for (PetscInt k = 0; k < 3; k++) mid[k] = 0.5 * (a[k] + b[k]);
      h = size(mid, context);
      if (dist(a, b) < 0.8 * h && collapse_edge(w, o, t, e, 1.5 * h, 0.1 * h)) break;
    }
  }
}

/* Move points towards the middle of their neighbours, within the surface; points of a sharp edge
   along it. */
static void relax(Work *w, const Original *o)
{
  for (PetscInt p = 0; p < w->np; p++) {
    PetscInt  tris[AROUND], n, sharp, num = 0;
    PetscReal mean[3] = {0.0, 0.0, 0.0};
    if (w->any[p] < 0) continue;
    n     = ring(w, p, tris);
    sharp = count_sharp(w, p);
    if (n > AROUND || (sharp && sharp != 2)) continue;
    for (PetscInt i = 0; i < n; i++) {
      const PetscInt a = corner_of(w, tris[i], p), q = w->v[3 * tris[i] + (a + 1) % 3];
      if (sharp && !is_sharp(w, tris[i], a)) continue;
      for (PetscInt k = 0; k < 3; k++) mean[k] += w->x[3 * q + k];
      num++;
    }
    for (PetscInt k = 0; k < 3; k++)
      mean[k] = 0.3 * w->x[3 * p + k] + 0.7 * mean[k] / (PetscReal)num;
    if (sharp)
      project_to_sharp(o, mean);
    else
      project_to_label(o, w->label[tris[0]], mean);
    if (!move_harms(w, p, mean, 0.0, -1, -1)) memcpy(w->x + 3 * p, mean, sizeof(mean));
  }
}

PetscErrorCode ost_remesh(OstLabelledSurface *surface, OstSizeFunction size, void *context,
                          PetscInt passes)
{
  OstLabelledSurface kept = *surface;
  Original           original;
  Work               w;

  PetscFunctionBeginUser;
  if (passes < 1) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(begin(surface, &w));
  smooth_folds(&w);

  /* The ironed surface is the original to come back to. */
  PetscCall(PetscArraycpy(kept.points, w.x, 3 * kept.num_points));
  PetscCall(original_begin(&kept, &w, &original));
  for (PetscInt pass = 0; pass < passes; pass++) {
    PetscInt splits = 1;
    for (PetscInt round = 0; round < 12 && splits > 0; round++) {
      PetscCall(split_long(&w, &original, size, context, &splits));
      flip_all(&w);
    }
    collapse_short(&w, &original, size, context);
    flip_all(&w);
    relax(&w, &original);
    flip_all(&w);
  }
  PetscCall(original_end(&original));
  PetscCall(finish(&w, surface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_remesh_quality(const OstLabelledSurface *surface, PetscReal *min_angle)
{
  *min_angle = 180.0;
  for (PetscInt t = 0; t < surface->num_triangles; t++) {
    for (PetscInt a = 0; a < 3; a++) {
      const PetscReal *x[3];
      for (PetscInt k = 0; k < 3; k++) {
        x[k] = surface->points + 3 * surface->triangles[3 * t + (a + k) % 3];
      }
      *min_angle = PetscMin(*min_angle, angle_at(x[0], x[1], x[2]) * 180.0 / PETSC_PI);
    }
  }
}
