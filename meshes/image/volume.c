#include "meshes/image/volume.h"

#include <math.h>
#include <string.h>

#define FAR_AWAY 1e12f

OstGrid ost_grid_of(const OstImage *image)
{
  OstGrid grid;
  for (PetscInt d = 0; d < 3; d++) grid.n[d] = image->n[d];
  ost_image_spacing(image, grid.spacing);
  return grid;
}

/* Start and stride of the lines along axis d; `other` are the two axes that number the lines. */
static size_t stride_of(const OstGrid *grid, PetscInt d)
{
  return d == 0 ? 1 : (d == 1 ? (size_t)grid->n[0] : (size_t)grid->n[0] * (size_t)grid->n[1]);
}

static size_t num_lines(const OstGrid *grid, PetscInt d)
{
  return ost_grid_size(grid) / (size_t)grid->n[d];
}

static size_t line_start(const OstGrid *grid, PetscInt d, size_t line)
{
  const size_t n0 = (size_t)grid->n[0], n1 = (size_t)grid->n[1];
  if (d == 0) return line * n0;
  if (d == 1) return (line / n0) * n0 * n1 + line % n0;
  return line;
}

/* Lower envelope of the parabolas f[q] + h2 (p - q)^2 at the integers p, in place. v and z are work
   arrays of n and n + 1. */
static void envelope(PetscInt n, double h2, const double f[], PetscInt v[], double z[], float out[],
                     size_t stride)
{
  PetscInt k = -1;
  for (PetscInt q = 0; q < n; q++) {
    double s = -HUGE_VAL;
    if (f[q] >= (double)FAR_AWAY) continue;
    while (k >= 0) {
      const PetscInt p = v[k];
      s                = (f[q] - f[p] + h2 * ((double)q * (double)q - (double)p * (double)p)) /
          (2.0 * h2 * (double)(q - p));
      if (s > z[k]) break;
      k--;
      s = -HUGE_VAL;
    }
    k++;
    v[k]     = q;
    z[k]     = s;
    z[k + 1] = HUGE_VAL;
  }
  if (k < 0) return; /* nothing on this line: it stays far away */
  PetscInt at = 0;
  for (PetscInt p = 0; p < n; p++) {
    while (z[at + 1] < (double)p) at++;
    const double step       = (double)(p - v[at]);
    out[(size_t)p * stride] = (float)(h2 * step * step + f[v[at]]);
  }
}

PetscErrorCode ost_volume_distance2(const OstGrid *grid, const unsigned char mask[],
                                    unsigned char of, float distance2[])
{
  const PetscInt longest = PetscMax(grid->n[0], PetscMax(grid->n[1], grid->n[2]));
  double        *f, *z;
  PetscInt      *v;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(longest, &f, longest + 1, &z, longest, &v));
  for (size_t i = 0; i < ost_grid_size(grid); i++) distance2[i] = mask[i] == of ? 0.0f : FAR_AWAY;
  for (PetscInt d = 0; d < 3; d++) {
    const size_t stride = stride_of(grid, d);
    const double h2     = (double)grid->spacing[d] * (double)grid->spacing[d];
    for (size_t line = 0; line < num_lines(grid, d); line++) {
      float *start = distance2 + line_start(grid, d, line);
      for (PetscInt p = 0; p < grid->n[d]; p++) f[p] = (double)start[(size_t)p * stride];
      envelope(grid->n[d], h2, f, v, z, start, stride);
    }
  }
  PetscCall(PetscFree3(f, z, v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode grow(const OstGrid *grid, PetscReal radius, unsigned char of,
                           unsigned char mask[])
{
  const float limit = (float)(radius * radius * (1.0 + 1e-6));
  float      *distance2;

  PetscFunctionBeginUser;
  if (radius <= 0.0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(ost_grid_size(grid), &distance2));
  PetscCall(ost_volume_distance2(grid, mask, of, distance2));
  for (size_t i = 0; i < ost_grid_size(grid); i++) {
    if (distance2[i] <= limit) mask[i] = of;
  }
  PetscCall(PetscFree(distance2));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_volume_dilate(const OstGrid *grid, PetscReal radius, unsigned char mask[])
{
  PetscFunctionBeginUser;
  PetscCall(grow(grid, radius, 1, mask));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_volume_erode(const OstGrid *grid, PetscReal radius, unsigned char mask[])
{
  PetscFunctionBeginUser;
  PetscCall(grow(grid, radius, 0, mask));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_volume_fill_planes(const OstGrid *grid, unsigned char mask[])
{
  const PetscInt n0 = grid->n[0], n1 = grid->n[1];
  const size_t   plane = (size_t)n0 * (size_t)n1;
  unsigned char *reached;
  PetscInt      *stack;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(plane, &reached, plane, &stack));
  for (PetscInt k = 0; k < grid->n[2]; k++) {
    unsigned char *m   = mask + plane * (size_t)k;
    size_t         top = 0;
    memset(reached, 0, plane);
#define REACH(index)                                                                               \
  do {                                                                                             \
    const PetscInt at_ = (index);                                                                  \
    if (!m[at_] && !reached[at_]) {                                                                \
      reached[at_] = 1;                                                                            \
      stack[top++] = at_;                                                                          \
    }                                                                                              \
  } while (0)
    for (PetscInt i = 0; i < n0; i++) {
      REACH(i);
      REACH(i + n0 * (n1 - 1));
    }
    for (PetscInt j = 0; j < n1; j++) {
      REACH(n0 * j);
      REACH(n0 * j + n0 - 1);
    }
    while (top) {
      const PetscInt at = stack[--top], i = at % n0, j = at / n0;
      if (i > 0) REACH(at - 1);
      if (i < n0 - 1) REACH(at + 1);
      if (j > 0) REACH(at - n0);
      if (j < n1 - 1) REACH(at + n0);
    }
#undef REACH
    for (size_t i = 0; i < plane; i++) m[i] = !reached[i];
  }
  PetscCall(PetscFree2(reached, stack));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The six neighbours of voxel `at`; returns how many are inside the grid. */
static PetscInt neighbours(const OstGrid *grid, size_t at, size_t out[6])
{
  const size_t n0 = (size_t)grid->n[0], n1 = (size_t)grid->n[1], n2 = (size_t)grid->n[2];
  const size_t i = at % n0, j = (at / n0) % n1, k = at / (n0 * n1);
  PetscInt     num = 0;
  if (i > 0) out[num++] = at - 1;
  if (i + 1 < n0) out[num++] = at + 1;
  if (j > 0) out[num++] = at - n0;
  if (j + 1 < n1) out[num++] = at + n0;
  if (k > 0) out[num++] = at - n0 * n1;
  if (k + 1 < n2) out[num++] = at + n0 * n1;
  return num;
}

PetscErrorCode ost_volume_components(const OstGrid *grid, const unsigned char mask[], PetscInt *num,
                                     int label[], PetscInt **count)
{
  const size_t size = ost_grid_size(grid);
  size_t      *stack, set = 0;
  PetscInt    *sizes, *order, *rank, found = 0, room = 0;

  PetscFunctionBeginUser;
  for (size_t i = 0; i < size; i++) {
    set += mask[i] != 0;
    label[i] = 0;
  }
  PetscCall(PetscMalloc1(set + 1, &stack));
  room = 64;
  PetscCall(PetscMalloc1(room, &sizes));
  for (size_t start = 0; start < size; start++) {
    size_t   top = 0;
    PetscInt n   = 0;
    if (!mask[start] || label[start]) continue;
    found++;
    label[start] = (int)found;
    stack[top++] = start;
    while (top) {
      size_t         next[6];
      const size_t   at       = stack[--top];
      const PetscInt num_next = neighbours(grid, at, next);
      n++;
      for (PetscInt b = 0; b < num_next; b++) {
        if (!mask[next[b]] || label[next[b]]) continue;
        label[next[b]] = (int)found;
        stack[top++]   = next[b];
      }
    }
    if (found > room) {
      room *= 2;
      PetscCall(PetscRealloc(sizeof(PetscInt) * (size_t)room, &sizes));
    }
    sizes[found - 1] = n;
  }
  PetscCall(PetscFree(stack));

  /* Number them by size. */
  PetscCall(PetscMalloc2(found + 1, &order, found + 1, &rank));
  for (PetscInt c = 0; c < found; c++) {
    order[c] = c;
    rank[c]  = -sizes[c];
  }
  PetscCall(PetscSortIntWithArray(found, rank, order));
  if (count) PetscCall(PetscMalloc1(found + 1, count));
  for (PetscInt c = 0; c < found; c++) {
    if (count) (*count)[c] = sizes[order[c]];
    rank[order[c]] = c + 1;
  }
  for (size_t i = 0; i < size; i++) {
    if (label[i]) label[i] = (int)rank[label[i] - 1];
  }
  PetscCall(PetscFree2(order, rank));
  PetscCall(PetscFree(sizes));
  *num = found;
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define LEVELS 512

PetscErrorCode ost_volume_flood(const OstGrid *grid, const float value[], PetscReal floor,
                                int label[])
{
  const size_t size = ost_grid_size(grid);
  float        top  = (float)floor + 1.0f;
  size_t      *next, head[LEVELS], tail[LEVELS];
  PetscInt     level;

  PetscFunctionBeginUser;
  /* One queue a brightness level, linked through `next`; SIZE_MAX ends a queue. First in, first out
     within a level, so that equal brightness is shared out by distance. */
  PetscCall(PetscMalloc1(size, &next));
  for (PetscInt l = 0; l < LEVELS; l++) head[l] = tail[l] = SIZE_MAX;
  for (size_t i = 0; i < size; i++) top = PetscMax(top, value[i]);
  const double scale = (LEVELS - 1) / ((double)top - (double)floor);
#define LEVEL(i) (PetscInt)(((double)value[i] - (double)floor) * scale)
#define PUSH(i, l)                                                                                 \
  do {                                                                                             \
    next[i] = SIZE_MAX;                                                                            \
    if (head[l] == SIZE_MAX)                                                                       \
      head[l] = (i);                                                                               \
    else                                                                                           \
      next[tail[l]] = (i);                                                                         \
    tail[l] = (i);                                                                                 \
  } while (0)
  for (size_t i = 0; i < size; i++) {
    if (label[i] <= 0) continue;
    const PetscInt l = value[i] > (float)floor ? LEVEL(i) : 0;
    PUSH(i, l);
  }
  level = LEVELS - 1;
  while (level >= 0) {
    size_t around[6];
    if (head[level] == SIZE_MAX) {
      level--;
      continue;
    }
    const size_t at    = head[level];
    head[level]        = next[at];
    const PetscInt num = neighbours(grid, at, around);
    for (PetscInt b = 0; b < num; b++) {
      const size_t i = around[b];
      if (label[i] != 0 || !(value[i] > (float)floor)) continue;
      const PetscInt l = PetscMin(LEVEL(i), level);
      label[i]         = label[at];
      PUSH(i, l);
    }
  }
#undef LEVEL
#undef PUSH
  PetscCall(PetscFree(next));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_volume_gauss(const OstGrid *grid, PetscReal sigma, float value[])
{
  const PetscInt longest = PetscMax(grid->n[0], PetscMax(grid->n[1], grid->n[2]));
  double        *line, *kernel;

  PetscFunctionBeginUser;
  if (sigma <= 0.0) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal h     = grid->spacing[d];
    const PetscInt  reach = (PetscInt)PetscCeilReal(3.0 * sigma / h), n = grid->n[d];
    const size_t    stride = stride_of(grid, d);
    double          sum    = 0.0;
    PetscCall(PetscMalloc2(longest, &line, 2 * reach + 1, &kernel));
    for (PetscInt r = -reach; r <= reach; r++) {
      const double x    = (double)r * (double)h / (double)sigma;
      kernel[r + reach] = exp(-0.5 * x * x);
      sum += kernel[r + reach];
    }
    for (size_t l = 0; l < num_lines(grid, d); l++) {
      float *start = value + line_start(grid, d, l);
      for (PetscInt p = 0; p < n; p++) line[p] = (double)start[(size_t)p * stride];
      for (PetscInt p = 0; p < n; p++) {
        double v = 0.0;
        for (PetscInt r = -reach; r <= reach; r++) {
          v += kernel[r + reach] * line[PetscMin(PetscMax(p + r, 0), n - 1)];
        }
        start[(size_t)p * stride] = (float)(v / sum);
      }
    }
    PetscCall(PetscFree2(line, kernel));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
