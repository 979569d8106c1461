/* The plane cut of surface.h: triangles are split, the outlines of the section are chained to
   loops, and each loop is closed by flat triangles. */
#include "meshes/surface/surface.h"

#include "base/tensor.h"

#include <string.h>

/* What is being built. Points on the plane that belong to the section are numbered like all
   others. */
typedef struct {
  PetscReal *points;
  PetscInt  *triangles, *segments; /* segments [num x 2]: outline, kept surface on its left */
  PetscInt   num_points, num_triangles, num_segments;
} Build;

/* Cutting points are shared by the two triangles of an edge: a hash of (lo, hi). */
typedef struct {
  PetscInt size, *lo, *hi, *point;
} Cuts;

static PetscInt cut_point(Cuts *cuts, Build *build, const PetscReal height[], PetscInt a,
                          PetscInt b)
{
  const PetscInt lo = PetscMin(a, b), hi = PetscMax(a, b);
  PetscInt       slot =
      (PetscInt)(((size_t)lo * 73856093u ^ (size_t)hi * 19349663u) % (size_t)cuts->size);
  while (cuts->point[slot] >= 0) {
    if (cuts->lo[slot] == lo && cuts->hi[slot] == hi) return cuts->point[slot];
    slot = (slot + 1) % cuts->size;
  }
  const PetscReal w = height[lo] / (height[lo] - height[hi]);
  for (PetscInt d = 0; d < 3; d++) {
    build->points[3 * build->num_points + d] =
        build->points[3 * lo + d] + w * (build->points[3 * hi + d] - build->points[3 * lo + d]);
  }
  cuts->lo[slot]    = lo;
  cuts->hi[slot]    = hi;
  cuts->point[slot] = build->num_points;
  return build->num_points++;
}

static void add_triangle(Build *build, PetscInt a, PetscInt b, PetscInt c)
{
  PetscInt *t = build->triangles + 3 * build->num_triangles++;
  t[0]        = a;
  t[1]        = b;
  t[2]        = c;
}

static void add_segment(Build *build, PetscInt a, PetscInt b)
{
  build->segments[2 * build->num_segments]     = a;
  build->segments[2 * build->num_segments + 1] = b;
  build->num_segments++;
}

/* Keep of one triangle what lies above. height 0: on the plane. */
static void cut_triangle(Build *build, Cuts *cuts, const PetscReal height[], const PetscInt v[3])
{
  PetscInt above = 0, below = 0, shift = 0, w[3];
  for (PetscInt i = 0; i < 3; i++) {
    above += height[v[i]] > 0.0;
    below += height[v[i]] < 0.0;
  }
  if (above == 0) return; /* below, or flat on the plane: the cap replaces it */
  if (below == 0) {
    add_triangle(build, v[0], v[1], v[2]);
    for (PetscInt i = 0; i < 3; i++) {
      const PetscInt a = v[i], b = v[(i + 1) % 3];
      if (height[a] == 0.0 && height[b] == 0.0) add_segment(build, a, b);
    }
    return;
  }
  /* Turn it so that w[0] is the lone one of its kind (or, of three kinds, the one on the plane). */
  for (PetscInt i = 0; i < 3; i++) {
    const PetscReal h = height[v[i]];
    if ((above + below == 2 && h == 0.0) || (above + below == 3 && above == 1 && h > 0.0) ||
        (above + below == 3 && below == 1 && h < 0.0)) {
      shift = i;
    }
  }
  for (PetscInt i = 0; i < 3; i++) w[i] = v[(shift + i) % 3];
  if (above + below == 2) {
    const PetscInt c = cut_point(cuts, build, height, w[1], w[2]);
    if (height[w[1]] > 0.0) {
      add_triangle(build, w[0], w[1], c);
      add_segment(build, c, w[0]);
    } else {
      add_triangle(build, w[0], c, w[2]);
      add_segment(build, w[0], c);
    }
    return;
  }
  const PetscInt c1 = cut_point(cuts, build, height, w[0], w[1]),
                 c2 = cut_point(cuts, build, height, w[2], w[0]);
  if (above == 1) {
    add_triangle(build, w[0], c1, c2);
    add_segment(build, c1, c2);
  } else {
    add_triangle(build, c1, w[1], w[2]);
    add_triangle(build, c1, w[2], c2);
    add_segment(build, c2, c1);
  }
}

/* --- the cap ---------------------------------------------------------------------------------- */

static PetscReal turn(const PetscReal *a, const PetscReal *b, const PetscReal *c)
{
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

static PetscBool is_inside(const PetscReal *a, const PetscReal *b, const PetscReal *c,
                           const PetscReal *p)
{
  return turn(a, b, p) >= 0.0 && turn(b, c, p) >= 0.0 && turn(c, a, p) >= 0.0;
}

/* Four times the area over the sum of squared sides, up to a factor: 1 for an equilateral ear. */
static PetscReal shape(const PetscReal *a, const PetscReal *b, const PetscReal *c)
{
  const PetscReal sides = PetscSqr(b[0] - a[0]) + PetscSqr(b[1] - a[1]) + PetscSqr(c[0] - b[0]) +
                          PetscSqr(c[1] - b[1]) + PetscSqr(a[0] - c[0]) + PetscSqr(a[1] - c[1]);
  return sides > 0.0 ? 2.0 * PetscSqrtReal(3.0) * turn(a, b, c) / sides : 0.0;
}

/* Ears of a counter-clockwise loop in the plane, the best shaped first. uv [num x 2]. */
static PetscErrorCode clip_ears(PetscInt num, const PetscInt loop[], const PetscReal uv[],
                                Build *build, PetscBool *ok)
{
  PetscInt *left, remaining = num;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num, &left));
  for (PetscInt i = 0; i < num; i++) left[i] = i;
  *ok = PETSC_TRUE;
  while (remaining > 3) {
    PetscInt  best       = -1;
    PetscReal best_shape = 0.0;
    for (PetscInt i = 0; i < remaining; i++) {
      const PetscInt ia = left[(i + remaining - 1) % remaining], ib = left[i],
                     ic   = left[(i + 1) % remaining];
      const PetscReal s   = shape(uv + 2 * ia, uv + 2 * ib, uv + 2 * ic);
      PetscBool       ear = s > best_shape;
      for (PetscInt j = 0; j < remaining && ear; j++) {
        const PetscInt p = left[j];
        if (p == ia || p == ib || p == ic) continue;
        if (is_inside(uv + 2 * ia, uv + 2 * ib, uv + 2 * ic, uv + 2 * p)) ear = PETSC_FALSE;
      }
      if (!ear) continue;
      best       = i;
      best_shape = s;
    }
    if (best < 0) {
      *ok = PETSC_FALSE;
      break;
    }
    add_triangle(build, loop[left[(best + remaining - 1) % remaining]], loop[left[best]],
                 loop[left[(best + 1) % remaining]]);
    remaining--;
    for (PetscInt i = best; i < remaining; i++) left[i] = left[i + 1];
  }
  if (*ok) add_triangle(build, loop[left[0]], loop[left[1]], loop[left[2]]);
  PetscCall(PetscFree(left));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Chain the segments to loops and cap each. The cap looks against the normal, so that its edges run
   against the kept triangles'. A loop within a loop (a hollow bone) is refused. */
static PetscErrorCode cap(Build *build, const PetscReal normal[3], PetscReal *area, PetscBool *ok)
{
  const PetscInt num = build->num_segments;
  PetscInt      *next, *loop;
  PetscReal     *uv, u[3] = {0.0, 0.0, 0.0}, v[3];
  PetscInt       small = 0;

  PetscFunctionBeginUser;
  /* u, v, -normal right-handed: counter-clockwise in (u, v) looks along -normal. */
  for (PetscInt d = 1; d < 3; d++) {
    if (PetscAbsReal(normal[d]) < PetscAbsReal(normal[small])) small = d;
  }
  u[small] = 1.0;
  ost_cross3(u, normal, v);
  const PetscReal length = ost_norm3(v);
  for (PetscInt d = 0; d < 3; d++) v[d] /= length;
  ost_cross3(v, normal, u);
  for (PetscInt d = 0; d < 3; d++) u[d] = -u[d];
  PetscReal w[3];
  ost_cross3(u, v, w);
  if (ost_dot3(w, normal) > 0.0) {
    for (PetscInt d = 0; d < 3; d++) u[d] = -u[d];
  }

  PetscCall(PetscMalloc3(build->num_points + 1, &next, num + 1, &loop, 2 * num + 2, &uv));
  for (PetscInt p = 0; p < build->num_points; p++) next[p] = -1;
  *ok   = PETSC_TRUE;
  *area = 0.0;
  for (PetscInt s = 0; s < num; s++) {
    /* The kept triangle runs from a to b; the cap must run from b to a. */
    const PetscInt a = build->segments[2 * s], b = build->segments[2 * s + 1];
    if (next[b] >= 0) *ok = PETSC_FALSE; /* the outline touches itself */
    next[b] = a;
  }
  for (PetscInt s = 0; s < num && *ok; s++) {
    PetscInt  at = build->segments[2 * s], count = 0;
    PetscReal two = 0.0;
    if (next[at] < 0) continue; /* its loop is capped already */
    while (at >= 0 && next[at] >= 0 && count < num) {
      const PetscInt now = at;
      loop[count++]      = at;
      at                 = next[at];
      next[now]          = -1;
    }
    if (at != loop[0] || count < 3) {
      *ok = PETSC_FALSE;
      break;
    }
    for (PetscInt i = 0; i < count; i++) {
      uv[2 * i]     = ost_dot3(build->points + 3 * loop[i], u);
      uv[2 * i + 1] = ost_dot3(build->points + 3 * loop[i], v);
    }
    for (PetscInt i = 0; i < count; i++) {
      const PetscInt j = (i + 1) % count;
      two += uv[2 * i] * uv[2 * j + 1] - uv[2 * i + 1] * uv[2 * j];
    }
    *area += 0.5 * two;
    if (two <= 0.0)
      *ok = PETSC_FALSE; /* a hole */
    else
      PetscCall(clip_ears(count, loop, uv, build, ok));
  }
  PetscCall(PetscFree3(next, loop, uv));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_clip(OstSurface *surface, const PetscReal origin[3],
                                const PetscReal normal[3], PetscReal snap, PetscReal *area,
                                PetscBool *ok)
{
  const PetscInt np = surface->num_points, nt = surface->num_triangles;
  Build          build = {NULL, NULL, NULL, np, 0, 0};
  Cuts           cuts  = {0, NULL, NULL, NULL};
  PetscReal     *height;
  PetscInt       below = 0;

  PetscFunctionBeginUser;
  *area = 0.0;
  *ok   = PETSC_TRUE;
  PetscCall(PetscMalloc1(np + 1, &height));
  for (PetscInt p = 0; p < np; p++) {
    PetscReal *x = surface->points + 3 * p, h = 0.0;
    for (PetscInt d = 0; d < 3; d++) h += normal[d] * (x[d] - origin[d]);
    if (PetscAbsReal(h) <= snap) {
      for (PetscInt d = 0; d < 3; d++) x[d] -= h * normal[d];
      h = 0.0;
    }
    height[p] = h;
    below += h < 0.0;
  }
  if (!below) {
    PetscCall(PetscFree(height));
    PetscFunctionReturn(PETSC_SUCCESS);
  }

  /* A cut makes at most one point an edge and two triangles a triangle; the cap has fewer triangles
     than the outline has segments. */
  cuts.size = 4 * nt + 16;
  PetscCall(PetscMalloc3(cuts.size, &cuts.lo, cuts.size, &cuts.hi, cuts.size, &cuts.point));
  for (PetscInt s = 0; s < cuts.size; s++) cuts.point[s] = -1;
  PetscCall(PetscMalloc1(3 * (np + 2 * nt) + 1, &build.points));
  PetscCall(PetscMalloc1(9 * nt + 1, &build.triangles));
  PetscCall(PetscMalloc1(6 * nt + 1, &build.segments));
  PetscCall(PetscArraycpy(build.points, surface->points, 3 * np));
  for (PetscInt t = 0; t < nt; t++) cut_triangle(&build, &cuts, height, surface->triangles + 3 * t);

  /* An edge on the plane whose two triangles both stand above it is no outline: the pair
     cancels. */
  PetscInt kept = 0;
  for (PetscInt s = 0; s < build.num_segments; s++) {
    PetscBool twin = PETSC_FALSE;
    for (PetscInt b = 0; b < build.num_segments && !twin; b++) {
      twin = build.segments[2 * b] == build.segments[2 * s + 1] &&
             build.segments[2 * b + 1] == build.segments[2 * s];
    }
    if (twin) continue;
    build.segments[2 * build.num_segments + 2 * kept]     = build.segments[2 * s];
    build.segments[2 * build.num_segments + 2 * kept + 1] = build.segments[2 * s + 1];
    kept++;
  }
  memmove(build.segments, build.segments + 2 * build.num_segments,
          sizeof(PetscInt) * 2 * (size_t)kept);
  build.num_segments = kept;
  PetscCall(cap(&build, normal, area, ok));

  PetscCall(PetscFree3(cuts.lo, cuts.hi, cuts.point));
  PetscCall(PetscFree(build.segments));
  PetscCall(PetscFree(height));
  PetscCall(ost_surface_destroy(surface));
  surface->points        = build.points;
  surface->triangles     = build.triangles;
  surface->num_points    = build.num_points;
  surface->num_triangles = build.num_triangles;
  PetscCall(ost_surface_merge(surface, 0.0));
  PetscFunctionReturn(PETSC_SUCCESS);
}
