#include "meshes/placement.h"

#include "base/tensor.h"

#include <string.h>

#define PIXEL  0.5 /* of the planes in which sections are measured [mm] */
#define RIM    1.5 /* outermost layer that is never canal: it is blurred by soft tissue [mm] */
#define ROUNDS 6   /* of the axis fit; three settle it to a micrometre on real bones */

/* What a plane square to the axis shows. */
typedef struct {
  PetscReal area, canal_area;           /* [mm2] */
  PetscReal centre[2], canal_centre[2]; /* [mm] in the plane */
} Slice;

/* World to a frame with the given origin, z and x (unit, square to each other). */
static void make_frame(const PetscReal origin[3], const PetscReal z[3], const PetscReal x[3],
                       PetscReal frame[3][4])
{
  PetscReal y[3];
  ost_cross3(z, x, y);
  memcpy(frame[0], x, 3 * sizeof *x);
  memcpy(frame[1], y, sizeof y);
  memcpy(frame[2], z, 3 * sizeof *z);
  for (PetscInt i = 0; i < 3; i++) frame[i][3] = -ost_dot3(frame[i], origin);
}

static void normalise(PetscReal v[3])
{
  const PetscReal length = ost_norm3(v);
  for (PetscInt d = 0; d < 3; d++) v[d] /= length;
}

/* The part of `hint` that is square to the unit vector z. */
static void square_to(const PetscReal z[3], const PetscReal hint[3], PetscReal x[3])
{
  const PetscReal along = ost_dot3(z, hint);
  for (PetscInt d = 0; d < 3; d++) x[d] = hint[d] - along * z[d];
  normalise(x);
}

void ost_placement_extent(const OstBody *body, PetscReal to_limb[3][4], PetscReal *lowest,
                          PetscReal *highest)
{
  const OstImage *image = body->field;
  PetscReal       map[3][4];
  size_t          at = 0;
  memcpy(map, image->to_world, sizeof map);
  ost_affine_multiply(to_limb, map, map);
  *lowest  = PETSC_MAX_REAL;
  *highest = -PETSC_MAX_REAL;
  for (PetscInt k = 0; k < image->n[2]; k++) {
    for (PetscInt j = 0; j < image->n[1]; j++) {
      for (PetscInt i = 0; i < image->n[0]; i++, at++) {
        if (!body->solid[at]) continue;
        const PetscReal z = map[2][0] * (PetscReal)i + map[2][1] * (PetscReal)j +
                            map[2][2] * (PetscReal)k + map[2][3];
        *lowest  = PetscMin(*lowest, z);
        *highest = PetscMax(*highest, z);
      }
    }
  }
}

PetscReal ost_placement_lean(const OstBody *body, PetscReal to_limb[3][4], PetscReal from)
{
  const OstImage *image = body->field;
  PetscReal       map[3][4], sum = 0.0;
  size_t          at = 0, num = 0;
  memcpy(map, image->to_world, sizeof map);
  ost_affine_multiply(to_limb, map, map);
  for (PetscInt k = 0; k < image->n[2]; k++) {
    for (PetscInt j = 0; j < image->n[1]; j++) {
      for (PetscInt i = 0; i < image->n[0]; i++, at++) {
        const PetscReal v[3] = {(PetscReal)i, (PetscReal)j, (PetscReal)k};
        PetscReal       x[3];
        if (!body->solid[at]) continue;
        ost_affine_apply(map, v, x);
        if (x[2] < from) continue;
        sum += x[1];
        num++;
      }
    }
  }
  return num ? sum / (PetscReal)num : 0.0;
}

/* The z of the limb-like frame above which the data hold whole sections: the highest solid voxel on
   the distal face of the image, or the lowest voxel when the bone ends within the image. */
static PetscReal distal_end(const OstBody *body, PetscReal frame[3][4])
{
  const OstImage *image = body->field;
  PetscInt        axis  = 0, n[3];
  PetscReal       map[3][4], lowest, highest, end = -PETSC_MAX_REAL, best = 0.0, s[3];
  memcpy(map, image->to_world, sizeof map);
  ost_affine_multiply(frame, map, map);
  ost_image_spacing(image, s);
  for (PetscInt d = 0; d < 3; d++) {
    n[d] = image->n[d];
    if (PetscAbsReal(map[2][d]) / s[d] <= best) continue;
    best = PetscAbsReal(map[2][d]) / s[d];
    axis = d;
  }
  const PetscInt upper = map[2][axis] < 0.0 ? 1 : 0, face = upper ? n[axis] - 1 : 0;
  ost_placement_extent(body, frame, &lowest, &highest);
  if (!body->at_border[axis][upper]) return lowest;
  for (PetscInt k = axis == 2 ? face : 0; k <= (axis == 2 ? face : n[2] - 1); k++) {
    for (PetscInt j = axis == 1 ? face : 0; j <= (axis == 1 ? face : n[1] - 1); j++) {
      for (PetscInt i = axis == 0 ? face : 0; i <= (axis == 0 ? face : n[0] - 1); i++) {
        if (!body->solid[ost_image_at(image, i, j, k)]) continue;
        end = PetscMax(end, map[2][0] * (PetscReal)i + map[2][1] * (PetscReal)j +
                                map[2][2] * (PetscReal)k + map[2][3]);
      }
    }
  }
  return end > -PETSC_MAX_REAL ? end : lowest;
}

/* --- sections --------------------------------------------------------------------------------- */

/* Largest 4-connected component of `flag` [n x n]: its pixels become 2. Returns their number. */
static PetscInt largest_component(PetscInt n, unsigned char flag[], PetscInt stack[])
{
  PetscInt best = 0, best_start = -1;
  for (PetscInt pass = 0; pass < 2; pass++) {
    /* First pass: measure every component (1 becomes 3). Second: mark the best (3 becomes 2). */
    const unsigned char from = pass ? 3 : 1, to = pass ? 2 : 3;
    for (PetscInt start = pass ? PetscMax(best_start, 0) : 0;
         start < (pass ? best_start + 1 : n * n); start++) {
      PetscInt top = 0, count = 0;
      if (flag[start] != from) continue;
      flag[start]  = to;
      stack[top++] = start;
      while (top) {
        const PetscInt at = stack[--top], i = at % n, j = at / n;
        const PetscInt next[4] = {i > 0 ? at - 1 : at, i < n - 1 ? at + 1 : at, j > 0 ? at - n : at,
                                  j < n - 1 ? at + n : at};
        count++;
        for (PetscInt b = 0; b < 4; b++) {
          if (flag[next[b]] != from) continue;
          flag[next[b]] = to;
          stack[top++]  = next[b];
        }
      }
      if (!pass && count > best) {
        best       = count;
        best_start = start;
      }
    }
  }
  return best;
}

/* Measure the plane z of `frame` within `reach` of its axis. flag, stack: work arrays of n x n. */
static void measure(const OstBody *body, PetscReal from_frame[3][4], PetscReal z, PetscReal reach,
                    unsigned char flag[], PetscInt stack[], Slice *slice)
{
  const PetscInt n = 2 * (PetscInt)PetscCeilReal(reach / PIXEL) + 1, half = n / 2;
  PetscReal      world_to_index[3][4], map[3][4];
  PetscInt       count = 0;

  memset(slice, 0, sizeof *slice);
  memcpy(map, body->field->to_world, sizeof map);
  if (!ost_affine_invert(map, world_to_index)) return;
  ost_affine_multiply(world_to_index, from_frame, map);
  for (PetscInt j = 0; j < n; j++) {
    for (PetscInt i = 0; i < n; i++) {
      const PetscReal p[3] = {PIXEL * (PetscReal)(i - half), PIXEL * (PetscReal)(j - half), z};
      PetscReal       v[3];
      PetscBool       in = PETSC_TRUE;
      flag[i + n * j]    = 0;
      ost_affine_apply(map, p, v);
      for (PetscInt d = 0; d < 3; d++) {
        in = in && v[d] > -0.5 && v[d] < (PetscReal)body->field->n[d] - 0.5 ? PETSC_TRUE
                                                                            : PETSC_FALSE;
      }
      if (!in || ost_image_sample_index(body->field, v) < 0.5) continue;
      slice->area += 1.0;
      slice->centre[0] += p[0];
      slice->centre[1] += p[1];
      if (ost_image_sample_index(body->depth, v) < RIM) continue;
      flag[i + n * j] = ost_image_sample_index(body->value, v) < body->canal_level;
    }
  }
  if (slice->area > 0.0) {
    slice->centre[0] /= slice->area;
    slice->centre[1] /= slice->area;
    count = largest_component(n, flag, stack);
  }
  for (PetscInt j = 0; j < n && count; j++) {
    for (PetscInt i = 0; i < n; i++) {
      if (flag[i + n * j] != 2) continue;
      slice->canal_centre[0] += PIXEL * (PetscReal)(i - half) / (PetscReal)count;
      slice->canal_centre[1] += PIXEL * (PetscReal)(j - half) / (PetscReal)count;
    }
  }
  slice->area *= PIXEL * PIXEL;
  slice->canal_area = PIXEL * PIXEL * (PetscReal)count;
}

/* Reach of a plane around the axis that no long bone's section leaves, and its number of pixels. */
#define REACH 75.0

static PetscErrorCode work_arrays(unsigned char **flag, PetscInt **stack)
{
  const PetscInt n = 2 * (PetscInt)PetscCeilReal(REACH / PIXEL) + 1;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(n * n, flag, n * n, stack));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- axis ------------------------------------------------------------------------------------- */

/* Least-squares line x = a + b z through weighted points. */
typedef struct {
  PetscReal w, z, zz, x[2], zx[2];
} LineSum;

static void line_add(LineSum *s, PetscReal w, PetscReal z, const PetscReal x[2])
{
  s->w += w;
  s->z += w * z;
  s->zz += w * z * z;
  for (PetscInt d = 0; d < 2; d++) {
    s->x[d] += w * x[d];
    s->zx[d] += w * z * x[d];
  }
}

static PetscBool line_solve(const LineSum *s, PetscReal a[2], PetscReal b[2])
{
  const PetscReal det = s->w * s->zz - s->z * s->z;
  if (!(s->w > 0.0) || !(det > 1e-9 * s->w * s->zz)) return PETSC_FALSE;
  for (PetscInt d = 0; d < 2; d++) {
    b[d] = (s->w * s->zx[d] - s->z * s->x[d]) / det;
    a[d] = (s->x[d] - b[d] * s->z) / s->w;
  }
  return PETSC_TRUE;
}

/* z of the resection in a frame whose axis is the present guess of the stem's. */
static PetscReal resection_z(const OstBody *body, const OstResectionOptions *resection,
                             PetscReal frame[3][4], PetscReal from_frame[3][4])
{
  PetscReal lowest, highest, end, rate;
  switch (resection->kind) {
  case OST_RESECT_OFFSET:
    return distal_end(body, frame) + resection->offset;
  case OST_RESECT_RESIDUAL:
    ost_placement_extent(body, frame, &lowest, &highest);
    return highest - resection->residual;
  default:
    /* The point of the axis whose coordinate along the proximal direction is the level. */
    end = from_frame[0][3] * body->proximal[0] + from_frame[1][3] * body->proximal[1] +
          from_frame[2][3] * body->proximal[2];
    rate = from_frame[0][2] * body->proximal[0] + from_frame[1][2] * body->proximal[1] +
           from_frame[2][2] * body->proximal[2];
    /* A level is a patient coordinate: its sign follows the axis, not the limb. */
    const PetscReal sign =
        body->proximal[0] + body->proximal[1] + body->proximal[2] < 0.0 ? -1.0 : 1.0;
    return (sign * resection->level - end) / rate;
  }
}

/* First guess: centroids of slabs along the rough direction, from the resection over the
   stretch. */
static PetscErrorCode first_axis(const OstBody *body, const OstResectionOptions *resection,
                                 const OstPlacementOptions *placement, PetscReal origin[3],
                                 PetscReal z[3], PetscBool *ok)
{
  const OstImage *image = body->field;
  PetscReal       x[3], frame[3][4], map[3][4], back[3][4], a[2], b[2];
  const PetscReal zero[3] = {0.0, 0.0, 0.0};
  LineSum         sum     = {0};
  size_t          at      = 0;

  PetscFunctionBeginUser;
  square_to(body->proximal, body->anterior, x);
  make_frame(zero, body->proximal, x, frame);
  *ok                = ost_affine_invert(frame, back);
  const PetscReal z0 = resection_z(body, resection, frame, back);
  memcpy(map, image->to_world, sizeof map);
  ost_affine_multiply(frame, map, map);
  for (PetscInt k = 0; k < image->n[2]; k++) {
    for (PetscInt j = 0; j < image->n[1]; j++) {
      for (PetscInt i = 0; i < image->n[0]; i++, at++) {
        const PetscReal v[3] = {(PetscReal)i, (PetscReal)j, (PetscReal)k};
        PetscReal       p[3];
        if (!body->solid[at]) continue;
        ost_affine_apply(map, v, p);
        if (p[2] < z0 + placement->fit_from || p[2] > z0 + placement->fit_to) continue;
        line_add(&sum, 1.0, p[2] - z0, p);
      }
    }
  }
  *ok = *ok && line_solve(&sum, a, b);
  if (*ok) {
    const PetscReal p[3] = {a[0], a[1], z0};
    ost_affine_apply(back, p, origin);
    for (PetscInt d = 0; d < 3; d++) z[d] = b[0] * frame[0][d] + b[1] * frame[1][d] + frame[2][d];
    normalise(z);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One round: canal centroids in planes square to the present axis, new axis and origin. */
static PetscErrorCode refine_axis(const OstBody *body, const OstResectionOptions *resection,
                                  const OstPlacementOptions *placement, unsigned char flag[],
                                  PetscInt stack[], PetscReal origin[3], PetscReal z[3],
                                  PetscBool *ok)
{
  PetscReal x[3], frame[3][4], back[3][4], a[2], b[2];
  LineSum   sum = {0};

  PetscFunctionBeginUser;
  square_to(z, body->anterior, x);
  make_frame(origin, z, x, frame);
  *ok                = ost_affine_invert(frame, back);
  const PetscReal z0 = resection_z(body, resection, frame, back);
  for (PetscReal at = placement->fit_from; at <= placement->fit_to + 1e-9; at += 2.0) {
    Slice slice;
    measure(body, back, z0 + at, 45.0, flag, stack, &slice);
    if (slice.area < 20.0) continue;
    line_add(&sum, 1.0, at, slice.canal_area > 4.0 ? slice.canal_centre : slice.centre);
  }
  *ok = *ok && line_solve(&sum, a, b);
  if (*ok) {
    const PetscReal p[3] = {a[0], a[1], z0};
    ost_affine_apply(back, p, origin);
    for (PetscInt d = 0; d < 3; d++) z[d] = b[0] * frame[0][d] + b[1] * frame[1][d] + frame[2][d];
    normalise(z);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Turn x and z of a right-handed frame by `angle` in the plane from `from` to `to` (rows). */
static void turn_rows(PetscReal from[3], PetscReal to[3], PetscReal angle)
{
  const PetscReal c = PetscCosReal(angle), s = PetscSinReal(angle);
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal f = from[d], t = to[d];
    from[d] = c * f + s * t;
    to[d]   = c * t - s * f;
  }
}

PetscErrorCode ost_placement_find(const OstBody *body, const OstResectionOptions *resection,
                                  const OstPlacementOptions *placement, OstSide side,
                                  OstDiagList *list, PetscReal to_limb[3][4], PetscBool *ok)
{
  const PetscReal medial = side == OST_SIDE_RIGHT ? 1.0 : -1.0, degree = PETSC_PI / 180.0;
  PetscReal       origin[3] = {0}, z[3] = {0}, x[3], lowest, highest;
  unsigned char  *flag;
  PetscInt       *stack;

  PetscFunctionBeginUser;
  PetscCall(work_arrays(&flag, &stack));
  PetscCall(first_axis(body, resection, placement, origin, z, ok));
  for (PetscInt round = 0; round < ROUNDS && *ok; round++) {
    PetscCall(refine_axis(body, resection, placement, flag, stack, origin, z, ok));
  }
  PetscCall(PetscFree2(flag, stack));
  if (!*ok) {
    PetscCall(
        ost_diag_error(list, resection->where,
                       "choose a resection within the bone; `osteon mesh` with the default "
                       "shows where it ends",
                       "no bone is found at the resection, or too little above it for an axis"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }

  /* x towards anterior, then the user's rotation, shift and tilt. */
  square_to(z, body->anterior, x);
  make_frame(origin, z, x, to_limb);
  turn_rows(to_limb[0], to_limb[1], placement->rotation * degree);
  for (PetscInt d = 0; d < 3; d++) {
    origin[d] += placement->shift_anterior * to_limb[0][d] +
                 placement->shift_medial * medial * to_limb[1][d];
  }
  turn_rows(to_limb[2], to_limb[0], placement->tilt_anterior * degree);
  turn_rows(to_limb[2], to_limb[1], placement->tilt_medial * medial * degree);
  for (PetscInt i = 0; i < 3; i++) to_limb[i][3] = -ost_dot3(to_limb[i], origin);

  ost_placement_extent(body, to_limb, &lowest, &highest);
  if (highest < 30.0 || lowest > 1.0) {
    *ok = PETSC_FALSE;
    PetscCall(ost_diag_error(list, resection->where, "the bone in the data must lie on both sides",
                             "the resection leaves a bone from z = %.1f to %.1f mm above it",
                             (double)lowest, (double)highest));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_placement_profile(const OstBody *body, PetscReal to_limb[3][4], PetscReal top,
                                     PetscReal step, OstLimbBone *bone)
{
  const PetscInt num = 1 + (PetscInt)PetscFloorReal((top - 1.0) / step);
  PetscReal      back[3][4];
  unsigned char *flag;
  PetscInt      *stack;

  PetscFunctionBeginUser;
  PetscCheck(ost_affine_invert(to_limb, back), PETSC_COMM_SELF, PETSC_ERR_PLIB, "singular frame");
  PetscCall(work_arrays(&flag, &stack));
  PetscCall(PetscCalloc1(num, &bone->canal_z));
  PetscCall(PetscCalloc1(num, &bone->canal_radius));
  PetscCall(PetscCalloc1(num, &bone->outer_radius));
  PetscCall(PetscCalloc1(2 * num, &bone->canal_centre));
  bone->num_canal = num;
  for (PetscInt s = 0; s < num; s++) {
    Slice slice;
    bone->canal_z[s] = 0.5 + step * (PetscReal)s; /* half a millimetre off the cut */
    measure(body, back, bone->canal_z[s], REACH, flag, stack, &slice);
    bone->outer_radius[s] = PetscSqrtReal(slice.area / PETSC_PI);
    bone->canal_radius[s] = PetscSqrtReal(slice.canal_area / PETSC_PI);
    for (PetscInt d = 0; d < 2; d++) {
      bone->canal_centre[2 * s + d] =
          slice.canal_area > 0.0 ? slice.canal_centre[d] : slice.centre[d];
    }
  }
  PetscCall(PetscFree2(flag, stack));

  /* The isthmus is looked for in the shaft: from the resection to where the bone flares. */
  PetscReal slimmest   = PETSC_MAX_REAL;
  bone->isthmus_z      = 0.0;
  bone->isthmus_radius = 0.0;
  for (PetscInt s = 0; s < num; s++) {
    const PetscReal r = bone->canal_radius[s];
    slimmest          = PetscMin(slimmest, bone->outer_radius[s]);
    if (bone->outer_radius[s] > 1.3 * slimmest) break;
    if (r <= 1.0 || (bone->isthmus_radius > 0.0 && r >= bone->isthmus_radius)) continue;
    bone->isthmus_z      = bone->canal_z[s];
    bone->isthmus_radius = r;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
