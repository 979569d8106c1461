#include "meshes/image/segment.h"

#include "base/tensor.h"

#include <string.h>

#define MAX_VOXELS    5e7   /* of the working grid: 200 MB a float field */
#define MARGIN        8.0   /* kept around the bone [mm] */
#define SOFT_TISSUE   50.0f /* muscle [HU] */
#define CORTEX        1.5   /* times the canal threshold: as bright as cortex */
#define VALLEY        2.5   /* weight of the curvature across a valley [mm2] */
#define MARKER_VOLUME 150.  /* smallest eroded piece that counts as a bone of its own [mm3] */

PetscErrorCode ost_segment_destroy(OstSegmentation *segmentation)
{
  PetscFunctionBeginUser;
  PetscCall(ost_image_destroy(&segmentation->hu));
  PetscCall(ost_image_destroy(&segmentation->field));
  PetscCall(PetscFree(segmentation->solid));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Voxel nearest to a world point; PETSC_FALSE when it lies outside of the grid. */
static PetscBool voxel_of(const OstImage *image, const PetscReal x[3], PetscInt at[3])
{
  PetscReal affine[3][4], inverse[3][4], v[3];
  memcpy(affine, image->to_world, sizeof affine);
  if (!ost_affine_invert(affine, inverse)) return PETSC_FALSE;
  ost_affine_apply(inverse, x, v);
  for (PetscInt d = 0; d < 3; d++) {
    at[d] = (PetscInt)PetscFloorReal(v[d] + 0.5);
    if (at[d] < 0 || at[d] >= image->n[d]) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* The component whose nearest voxel to the seed is within reach, else 0. */
static PetscInt component_at(const OstImage *image, const OstGrid *grid, const int label[],
                             const PetscReal seed[3], PetscReal reach)
{
  PetscInt  centre[3], best = 0, r[3];
  PetscReal best2 = reach * reach;
  if (!voxel_of(image, seed, centre)) return 0;
  for (PetscInt d = 0; d < 3; d++) r[d] = (PetscInt)PetscCeilReal(reach / grid->spacing[d]);
  for (PetscInt k = PetscMax(centre[2] - r[2], 0); k <= PetscMin(centre[2] + r[2], grid->n[2] - 1);
       k++) {
    for (PetscInt j = PetscMax(centre[1] - r[1], 0);
         j <= PetscMin(centre[1] + r[1], grid->n[1] - 1); j++) {
      for (PetscInt i = PetscMax(centre[0] - r[0], 0);
           i <= PetscMin(centre[0] + r[0], grid->n[0] - 1); i++) {
        const PetscReal dx = (PetscReal)(i - centre[0]) * grid->spacing[0],
                        dy = (PetscReal)(j - centre[1]) * grid->spacing[1],
                        dz = (PetscReal)(k - centre[2]) * grid->spacing[2];
        const int at       = label[ost_image_at(image, i, j, k)];
        if (!at || dx * dx + dy * dy + dz * dz > best2) continue;
        best2 = dx * dx + dy * dy + dz * dz;
        best  = at;
      }
    }
  }
  return best;
}

/* Bounding box of the voxels of one label, widened by MARGIN within the image. */
static void box_of(const OstGrid *grid, const int label[], int which, PetscInt lo[3],
                   PetscInt hi[3])
{
  size_t at = 0;
  for (PetscInt d = 0; d < 3; d++) {
    lo[d] = grid->n[d] - 1;
    hi[d] = 0;
  }
  for (PetscInt k = 0; k < grid->n[2]; k++) {
    for (PetscInt j = 0; j < grid->n[1]; j++) {
      for (PetscInt i = 0; i < grid->n[0]; i++, at++) {
        const PetscInt x[3] = {i, j, k};
        if (label[at] != which) continue;
        for (PetscInt d = 0; d < 3; d++) {
          lo[d] = PetscMin(lo[d], x[d]);
          hi[d] = PetscMax(hi[d], x[d]);
        }
      }
    }
  }
  for (PetscInt d = 0; d < 3; d++) {
    const PetscInt margin = (PetscInt)PetscCeilReal(MARGIN / grid->spacing[d]);
    lo[d]                 = PetscMax(lo[d] - margin, 0);
    hi[d]                 = PetscMin(hi[d] + margin, grid->n[d] - 1);
  }
}

/* What of the whole image has to be looked at: the piece above the threshold that holds the seed,
   or the largest one, or the label's voxels. Neighbouring bones that touch it are still in it. */
static PetscErrorCode find_box(const OstImage *image, const OstImage *labels,
                               const OstSegmentationOptions *options, OstDiagList *list,
                               PetscInt lo[3], PetscInt hi[3], PetscBool *ok)
{
  const OstGrid  grid = ost_grid_of(image);
  unsigned char *mask;
  int           *label;
  PetscInt       num, which = 1;

  PetscFunctionBeginUser;
  *ok = PETSC_FALSE;
  PetscCall(PetscMalloc2(ost_grid_size(&grid), &mask, ost_grid_size(&grid), &label));
  for (size_t i = 0; i < ost_grid_size(&grid); i++) {
    mask[i] = labels->n[0] ? labels->voxels[i] == (float)options->label_value
                           : image->voxels[i] >= (float)options->threshold;
  }
  PetscCall(ost_volume_components(&grid, mask, &num, label, NULL));
  if (num == 0 && labels->n[0]) {
    PetscCall(ost_diag_error(list, options->where, "geometry.ct.segmentation.label_value",
                             "no voxel of the label image %s has the value %d", options->label,
                             (int)options->label_value));
  } else if (num == 0) {
    PetscCall(ost_diag_error(
        list, options->where, "lower segmentation.threshold, or check that the image holds HU",
        "no voxel of the image reaches the bone threshold of %g HU", (double)options->threshold));
  } else {
    if (options->has_seed && !labels->n[0]) {
      which = component_at(image, &grid, label, options->seed, 10.0);
      if (!which) {
        PetscCall(ost_diag_error(list, options->where,
                                 "the seed is a point of the patient frame (right, anterior, "
                                 "superior positive) inside the bone",
                                 "no bone within 10 mm of the seed (%g, %g, %g) mm",
                                 (double)options->seed[0], (double)options->seed[1],
                                 (double)options->seed[2]));
      }
    }
    *ok = which > 0;
    if (*ok) {
      if (labels->n[0]) {
        for (size_t i = 0; i < ost_grid_size(&grid); i++) label[i] = mask[i];
      }
      box_of(&grid, label, (int)which, lo, hi);
    }
  }
  PetscCall(PetscFree2(mask, label));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The part of the image on a grid of equal steps, about 1 mm, coarser only for want of memory. */
static PetscErrorCode make_grid(const OstImage *image, const PetscInt lo[3], const PetscInt hi[3],
                                OstSegmentation *result)
{
  PetscReal spacing[3], h, volume = 1.0;

  PetscFunctionBeginUser;
  ost_image_spacing(image, spacing);
  h = PetscMax(PetscMin(spacing[0], PetscMin(spacing[1], spacing[2])), 0.7);
  h = PetscMin(h, 1.5);
  for (PetscInt d = 0; d < 3; d++) {
    volume *= (PetscReal)(hi[d] - lo[d] + 1) * spacing[d];
    result->at_border[d][0] = lo[d] == 0;
    result->at_border[d][1] = hi[d] == image->n[d] - 1;
  }
  h                        = PetscMax(h, PetscPowReal(volume / MAX_VOXELS, 1.0 / 3.0));
  const PetscReal equal[3] = {h, h, h};
  PetscCall(ost_image_resample(image, lo, hi, equal, &result->hu));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Markers: 1 in the bone wanted, 2 and up in others; 0 elsewhere. *found: is there a wanted one? A
   dense island within the bone (the middle of a femoral head) is no bone of its own: a marker must
   hold some voxels as bright as cortex. */
static PetscErrorCode place_markers(const OstSegmentation *s, const OstGrid *grid,
                                    const OstSegmentationOptions *options, int label[],
                                    PetscBool *found)
{
  const size_t    size   = ost_grid_size(grid);
  const PetscReal voxel  = grid->spacing[0] * grid->spacing[1] * grid->spacing[2];
  const float     cortex = (float)(CORTEX * options->canal_threshold);
  PetscInt        num, *count, *bright, which = 1;
  unsigned char  *mask;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(size, &mask));
  for (size_t i = 0; i < size; i++) mask[i] = s->hu.voxels[i] >= (float)options->canal_threshold;
  PetscCall(ost_volume_fill_planes(grid, mask));
  PetscCall(ost_volume_erode(grid, options->separation, mask));
  PetscCall(ost_volume_components(grid, mask, &num, label, &count));
  PetscCall(PetscCalloc1(num + 1, &bright));
  for (size_t i = 0; i < size; i++) {
    if (label[i]) bright[label[i] - 1] += s->hu.voxels[i] >= cortex;
  }
  if (options->has_seed) which = component_at(&s->hu, grid, label, options->seed, 10.0);
  *found = num > 0 && which > 0;
  for (size_t i = 0; i < size && *found; i++) {
    const PetscInt c = label[i] - 1;
    if (c < 0) continue;
    if (c + 1 == which)
      label[i] = 1;
    else
      label[i] = (PetscReal)count[c] * voxel >= MARKER_VOLUME && bright[c] > 5 ? (int)c + 2 : 0;
  }
  for (PetscInt e = 0; e < options->num_exclude && *found; e++) {
    PetscInt at[3];
    if (!voxel_of(&s->hu, options->exclude + 3 * e, at)) continue; /* not in the part looked at */
    label[ost_image_at(&s->hu, at[0], at[1], at[2])] = (int)(num + 2);
  }
  PetscCall(PetscFree(bright));
  PetscCall(PetscFree(count));
  PetscCall(PetscFree(mask));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Brightness with the valleys cut deeper: the joint space between two plates of bone is a dark
   sheet a voxel or two wide, hardly darker than the thin plates themselves, but sharply curved
   across. */
static PetscErrorCode deepen_valleys(const OstGrid *grid, const float value[], PetscReal floor,
                                     float deep[])
{
  static const PetscInt pair[3][2] = {{1, 2}, {0, 2}, {0, 1}}; /* yz xz xy */
  const size_t          n0 = (size_t)grid->n[0], n1 = (size_t)grid->n[1];
  const size_t          step[3] = {1, n0, n0 * n1};
  const PetscReal       h2      = grid->spacing[0] * grid->spacing[0];
  size_t                at      = 0;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < grid->n[2]; k++) {
    for (PetscInt j = 0; j < grid->n[1]; j++) {
      for (PetscInt i = 0; i < grid->n[0]; i++, at++) {
        const PetscInt x[3] = {i, j, k};
        PetscReal      hessian[OST_VOIGT], principal[3];
        size_t up[3], down[3]; /* no step at the border: a plane there must not be a bridge */
        deep[at] = value[at];
        if (value[at] <= (float)floor) continue;
        for (PetscInt d = 0; d < 3; d++) {
          up[d]      = x[d] + 1 < grid->n[d] ? step[d] : 0;
          down[d]    = x[d] > 0 ? step[d] : 0;
          hessian[d] = (PetscReal)(value[at + up[d]] + value[at - down[d]] - 2.0f * value[at]) / h2;
        }
        for (PetscInt p = 0; p < 3; p++) {
          const PetscInt a = pair[p][0], b = pair[p][1];
          hessian[3 + p] =
              (PetscReal)(value[at + up[a] + up[b]] - value[at + up[a] - down[b]] -
                          value[at - down[a] + up[b]] + value[at - down[a] - down[b]]) /
              (4.0 * h2);
        }
        ost_principal_values(hessian, PETSC_FALSE, principal);
        deep[at] -= (float)(VALLEY * PetscMax(principal[0], 0.0));
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The bone wanted by threshold and flooding, as a shell or sponge: canal and marrow still open.
   `other` gets what belongs to the neighbours and must stay out. */
static PetscErrorCode pick_bone(OstSegmentation *s, const OstGrid *grid,
                                const OstSegmentationOptions *options, unsigned char other[],
                                PetscBool *found)
{
  const size_t size = ost_grid_size(grid);
  int         *label;
  float       *smooth, *deep;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(size, &label, size, &smooth, size, &deep));
  PetscCall(place_markers(s, grid, options, label, found));
  if (*found) {
    memcpy(smooth, s->hu.voxels, size * sizeof *smooth);
    PetscCall(ost_volume_gauss(grid, 0.7 * grid->spacing[0], smooth));
    PetscCall(deepen_valleys(grid, smooth, options->threshold, deep));
    /* First without crossing a valley, then the valleys and what only they lead to. */
    PetscCall(ost_volume_flood(grid, deep, options->threshold, label));
    PetscCall(ost_volume_flood(grid, smooth, options->threshold, label));
    for (size_t i = 0; i < size; i++) {
      s->solid[i] = label[i] == 1;
      other[i]    = label[i] > 1;
    }
  }
  PetscCall(PetscFree3(label, smooth, deep));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode keep_largest(const OstGrid *grid, unsigned char solid[])
{
  int     *label;
  PetscInt num;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(ost_grid_size(grid), &label));
  PetscCall(ost_volume_components(grid, solid, &num, label, NULL));
  for (size_t i = 0; i < ost_grid_size(grid); i++) solid[i] = label[i] == 1;
  PetscCall(PetscFree(label));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Copy between a mask and its middle part in a grid padded by `pad` voxels along i and j. */
static void copy_padded(const OstGrid *grid, PetscInt pad, PetscBool into, unsigned char mask[],
                        unsigned char padded[])
{
  const size_t n0 = (size_t)grid->n[0], n1 = (size_t)grid->n[1], m0 = n0 + 2 * (size_t)pad,
               m1 = n1 + 2 * (size_t)pad;
  for (size_t k = 0; k < (size_t)grid->n[2]; k++) {
    for (size_t j = 0; j < n1; j++) {
      unsigned char *inner = mask + n0 * (j + n1 * k);
      unsigned char *outer = padded + (size_t)pad + m0 * (j + (size_t)pad + m1 * k);
      if (into)
        memcpy(outer, inner, n0);
      else
        memcpy(inner, outer, n0);
    }
  }
}

/* Closing, with every plane's holes filled while gaps in the cortex are shut. Room at the sides
   keeps the image's border from holding on to what the dilation put there; at the ends of the image
   the bone goes on, and there is none. */
static PetscErrorCode close_and_fill(const OstGrid *grid, PetscReal radius, unsigned char solid[])
{
  const PetscInt pad   = (PetscInt)PetscCeilReal(radius / grid->spacing[0]) + 2;
  OstGrid        roomy = *grid;
  unsigned char *padded;

  PetscFunctionBeginUser;
  roomy.n[0] += 2 * pad;
  roomy.n[1] += 2 * pad;
  PetscCall(PetscCalloc1(ost_grid_size(&roomy), &padded));
  copy_padded(grid, pad, PETSC_TRUE, solid, padded);
  PetscCall(ost_volume_dilate(&roomy, radius, padded));
  PetscCall(ost_volume_fill_planes(&roomy, padded));
  PetscCall(ost_volume_erode(&roomy, radius, padded));
  copy_padded(grid, pad, PETSC_FALSE, solid, padded);
  PetscCall(PetscFree(padded));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Canal closed, cortex tight, spurs off, one piece. What is closed over a neighbour is taken off
   again only after the erosion, which would otherwise eat into the bone from there. */
static PetscErrorCode make_solid(const OstGrid *grid, const OstSegmentationOptions *options,
                                 const unsigned char other[], unsigned char solid[])
{
  const size_t   size = ost_grid_size(grid);
  unsigned char *shell;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(size, &shell));
  memcpy(shell, solid, size);
  PetscCall(close_and_fill(grid, options->closing, solid));
  for (size_t i = 0; i < size; i++) solid[i] = (solid[i] || shell[i]) && !other[i];
  PetscCall(ost_volume_fill_planes(grid, solid));
  for (size_t i = 0; i < size; i++) solid[i] = solid[i] && !other[i];
  PetscCall(ost_volume_erode(grid, options->opening, solid));
  PetscCall(ost_volume_dilate(grid, options->opening, solid));
  PetscCall(keep_largest(grid, solid));
  PetscCall(PetscFree(shell));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Largest value within `reach` voxels along each axis, one axis after the other. */
static PetscErrorCode box_maximum(const OstGrid *grid, PetscInt reach, float value[])
{
  float *copy;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(ost_grid_size(grid), &copy));
  for (PetscInt d = 0; d < 3; d++) {
    const size_t stride = d == 0   ? 1
                          : d == 1 ? (size_t)grid->n[0]
                                   : (size_t)grid->n[0] * (size_t)grid->n[1];
    size_t       at     = 0;
    memcpy(copy, value, sizeof(float) * ost_grid_size(grid));
    for (PetscInt k = 0; k < grid->n[2]; k++) {
      for (PetscInt j = 0; j < grid->n[1]; j++) {
        for (PetscInt i = 0; i < grid->n[0]; i++, at++) {
          const PetscInt x  = d == 0 ? i : (d == 1 ? j : k);
          const PetscInt lo = PetscMin(x, reach), hi = PetscMin(grid->n[d] - 1 - x, reach);
          for (PetscInt r = -lo; r <= hi; r++) {
            const size_t b = r < 0 ? at - (size_t)(-r) * stride : at + (size_t)r * stride;
            value[at]      = PetscMax(value[at], copy[b]);
          }
        }
      }
    }
  }
  PetscCall(PetscFree(copy));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Grey value at the bone's edge: half way between soft tissue and the brightest bone near by, which
   is right for a thick cortex, and not below the threshold for thin ones. edge [size] */
static PetscErrorCode edge_level(const OstSegmentation *s, const OstGrid *grid,
                                 const OstSegmentationOptions *options, float edge[])
{
  const size_t size = ost_grid_size(grid);
  const float  lo = (float)options->threshold, hi = (float)(CORTEX * options->canal_threshold);

  PetscFunctionBeginUser;
  for (size_t i = 0; i < size; i++) edge[i] = s->solid[i] ? s->hu.voxels[i] : SOFT_TISSUE;
  PetscCall(box_maximum(grid, (PetscInt)PetscCeilReal(3.0 / grid->spacing[0]), edge));
  PetscCall(ost_volume_gauss(grid, 2.0, edge));
  for (size_t i = 0; i < size; i++) {
    edge[i] = PetscMin(PetscMax(0.5f * (edge[i] + SOFT_TISSUE), lo), hi);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Take voxels below the edge's grey value off the outside: two layers where bone was seen, since
   the threshold had to be low enough for the thinnest cortex; one where the closing had filled
   in. */
static PetscErrorCode peel(const OstGrid *grid, const float hu[], const float edge[],
                           float seen_from, unsigned char solid[])
{
  const size_t size  = ost_grid_size(grid);
  const float  near2 = 1.02f * (float)(grid->spacing[0] * grid->spacing[0]);
  float       *to_void;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(size, &to_void));
  for (PetscInt layer = 0; layer < 2; layer++) {
    PetscCall(ost_volume_distance2(grid, solid, 0, to_void));
    for (size_t i = 0; i < size; i++) {
      if (!solid[i] || to_void[i] > near2 || hu[i] >= edge[i]) continue;
      if (layer == 0 || hu[i] >= seen_from) solid[i] = 0;
    }
  }
  PetscCall(PetscFree(to_void));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A field that is 0.5 on the surface. Next to it the grey value says where within a voxel the
   surface lies, which takes the steps out of a thresholded mask; a Gaussian takes the rest. */
static PetscErrorCode make_field(OstSegmentation *s, const OstGrid *grid,
                                 const OstSegmentationOptions *options, PetscBool use_grey)
{
  const size_t size  = ost_grid_size(grid);
  const float  width = 800.0f; /* from bone to soft tissue over one voxel, about [HU] */
  const float  near2 = 1.02f * (float)(grid->spacing[0] * grid->spacing[0]);
  float       *to_bone, *to_void, *edge;

  PetscFunctionBeginUser;
  PetscCall(ost_image_create(s->hu.n, s->hu.to_world, &s->field));
  PetscCall(PetscMalloc3(size, &to_bone, size, &to_void, size, &edge));
  PetscCall(edge_level(s, grid, options, edge));
  if (use_grey) {
    PetscCall(peel(grid, s->hu.voxels, edge, (float)options->threshold, s->solid));
    PetscCall(keep_largest(grid, s->solid));
  }
  PetscCall(ost_volume_distance2(grid, s->solid, 1, to_bone));
  PetscCall(ost_volume_distance2(grid, s->solid, 0, to_void));
  for (size_t i = 0; i < size; i++) {
    const float grey = 0.5f + (s->hu.voxels[i] - edge[i]) / width;
    float       f    = s->solid[i] ? 1.0f : 0.0f;
    if (use_grey && s->solid[i] && to_void[i] <= near2) {
      f = PetscMin(PetscMax(grey, 0.5f), 1.0f);
    } else if (use_grey && !s->solid[i] && to_bone[i] <= near2) {
      f = PetscMin(PetscMax(grey, 0.0f), 0.5f);
    }
    s->field.voxels[i] = f;
  }
  PetscCall(PetscFree3(to_bone, to_void, edge));
  PetscCall(ost_volume_gauss(grid, options->smoothing, s->field.voxels));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The label's voxels, nearest neighbour, on the working grid. */
static PetscErrorCode take_label(const OstSegmentation *s, const OstImage *labels, float value)
{
  PetscReal affine[3][4], inverse[3][4];
  size_t    at = 0;

  PetscFunctionBeginUser;
  memcpy(affine, labels->to_world, sizeof affine);
  PetscCheck(ost_affine_invert(affine, inverse), PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "singular affine");
  for (PetscInt k = 0; k < s->hu.n[2]; k++) {
    for (PetscInt j = 0; j < s->hu.n[1]; j++) {
      for (PetscInt i = 0; i < s->hu.n[0]; i++, at++) {
        const PetscReal v[3] = {(PetscReal)i, (PetscReal)j, (PetscReal)k};
        PetscReal       x[3];
        PetscInt        b[3];
        memcpy(affine, s->hu.to_world, sizeof affine);
        ost_affine_apply(affine, v, x);
        s->solid[at] = voxel_of(labels, x, b) &&
                       labels->voxels[ost_image_at(labels, b[0], b[1], b[2])] == value;
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_segment_bone(const OstImage *image, const OstImage *labels,
                                const OstSegmentationOptions *options, OstDiagList *list,
                                OstSegmentation *result)
{
  PetscInt       lo[3], hi[3];
  PetscBool      ok;
  unsigned char *other;

  PetscFunctionBeginUser;
  memset(result, 0, sizeof *result);
  PetscCall(find_box(image, labels, options, list, lo, hi, &ok));
  if (!ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(make_grid(image, lo, hi, result));

  const OstGrid grid = ost_grid_of(&result->hu);
  PetscCall(PetscMalloc1(ost_grid_size(&grid), &result->solid));
  PetscCall(PetscCalloc1(ost_grid_size(&grid), &other));
  if (labels->n[0])
    PetscCall(take_label(result, labels, (float)options->label_value));
  else
    PetscCall(pick_bone(result, &grid, options, other, &ok));
  if (ok) {
    PetscCall(make_solid(&grid, options, other, result->solid));
    PetscCall(make_field(result, &grid, options, labels->n[0] == 0));
  } else {
    PetscCall(ost_diag_error(list, options->where,
                             "lower segmentation.canal_threshold or segmentation.separation",
                             "nothing is left of the bone above %g HU after an erosion by %g mm",
                             (double)options->canal_threshold, (double)options->separation));
    PetscCall(ost_segment_destroy(result));
  }
  PetscCall(PetscFree(other));
  PetscFunctionReturn(PETSC_SUCCESS);
}
