#include "meshes/image/segment.h"

#include <string.h>

#define MAX_VOXELS    5e7  /* of the working grid: 200 MB a float field */
#define MARGIN        8.0  /* kept around the bone [mm] */
#define MARKER_VOLUME 150. /* smallest eroded piece that counts as a bone of its own [mm3] */

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

/* What of the whole image has to be looked at: the piece above the threshold that holds the seed, or
   the largest one, or the label's voxels. Neighbouring bones that touch it are still in it. */
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

/* Markers: 1 in the bone wanted, 2 and up in others; 0 elsewhere. *found: is there a wanted one? */
static PetscErrorCode place_markers(const OstSegmentation *s, const OstGrid *grid,
                                    const OstSegmentationOptions *options, int label[],
                                    PetscBool *found)
{
  const size_t    size  = ost_grid_size(grid);
  const PetscReal voxel = grid->spacing[0] * grid->spacing[1] * grid->spacing[2];
  PetscInt        num, *count, which = 1;
  unsigned char  *mask;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(size, &mask));
  for (size_t i = 0; i < size; i++) mask[i] = s->hu.voxels[i] >= (float)options->canal_threshold;
  PetscCall(ost_volume_fill_planes(grid, mask));
  PetscCall(ost_volume_erode(grid, options->separation, mask));
  PetscCall(ost_volume_components(grid, mask, &num, label, &count));
  if (options->has_seed) which = component_at(&s->hu, grid, label, options->seed, 10.0);
  *found = num > 0 && which > 0;
  for (size_t i = 0; i < size && *found; i++) {
    if (!label[i]) continue;
    if (label[i] == which)
      label[i] = 1;
    else
      label[i] = (PetscReal)count[label[i] - 1] * voxel >= MARKER_VOLUME ? label[i] + 1 : 0;
  }
  for (PetscInt e = 0; e < options->num_exclude && *found; e++) {
    PetscInt at[3];
    if (!voxel_of(&s->hu, options->exclude + 3 * e, at)) continue; /* not in the part looked at */
    label[ost_image_at(&s->hu, at[0], at[1], at[2])] = (int)(num + 2);
  }
  PetscCall(PetscFree(count));
  PetscCall(PetscFree(mask));
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
  float       *smooth;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(size, &label, size, &smooth));
  PetscCall(place_markers(s, grid, options, label, found));
  if (*found) {
    memcpy(smooth, s->hu.voxels, size * sizeof *smooth);
    PetscCall(ost_volume_gauss(grid, 0.6 * grid->spacing[0], smooth));
    PetscCall(ost_volume_flood(grid, smooth, options->threshold, label));
    for (size_t i = 0; i < size; i++) {
      s->solid[i] = label[i] == 1;
      other[i]    = label[i] > 1;
    }
  }
  PetscCall(PetscFree2(label, smooth));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Canal closed, cortex tight, spurs off, one piece. */
static PetscErrorCode make_solid(const OstGrid *grid, const OstSegmentationOptions *options,
                                 const unsigned char other[], unsigned char solid[])
{
  const size_t   size = ost_grid_size(grid);
  unsigned char *shell;
  int           *label;
  PetscInt       num;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(size, &shell, size, &label));
  memcpy(shell, solid, size);
  PetscCall(ost_volume_dilate(grid, options->closing, solid));
  for (size_t i = 0; i < size; i++) solid[i] = solid[i] && !other[i];
  PetscCall(ost_volume_fill_planes(grid, solid));
  PetscCall(ost_volume_erode(grid, options->closing, solid));
  for (size_t i = 0; i < size; i++) solid[i] = (solid[i] || shell[i]) && !other[i];
  PetscCall(ost_volume_fill_planes(grid, solid));
  for (size_t i = 0; i < size; i++) solid[i] = solid[i] && !other[i];
  PetscCall(ost_volume_erode(grid, options->opening, solid));
  PetscCall(ost_volume_dilate(grid, options->opening, solid));
  PetscCall(ost_volume_components(grid, solid, &num, label, NULL));
  for (size_t i = 0; i < size; i++) solid[i] = label[i] == 1;
  PetscCall(PetscFree2(shell, label));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A field that is 0.5 on the surface. Next to it the grey value says where within a voxel the
   surface lies, which takes the steps out of a thresholded mask; a Gaussian takes the rest. */
static PetscErrorCode make_field(OstSegmentation *s, const OstGrid *grid, PetscReal threshold,
                                 PetscReal sigma, PetscBool use_grey)
{
  const size_t    size  = ost_grid_size(grid);
  const float     width = 800.0f; /* from bone to soft tissue over one voxel, about [HU] */
  const PetscReal h     = grid->spacing[0];
  float          *to_bone, *to_void;

  PetscFunctionBeginUser;
  PetscCall(ost_image_create(s->hu.n, s->hu.to_world, &s->field));
  PetscCall(PetscMalloc2(size, &to_bone, size, &to_void));
  PetscCall(ost_volume_distance2(grid, s->solid, 1, to_bone));
  PetscCall(ost_volume_distance2(grid, s->solid, 0, to_void));
  for (size_t i = 0; i < size; i++) {
    const float grey = 0.5f + (s->hu.voxels[i] - (float)threshold) / width;
    float       f    = s->solid[i] ? 1.0f : 0.0f;
    if (use_grey && s->solid[i] && to_void[i] <= 1.02f * (float)(h * h)) {
      f = PetscMin(PetscMax(grey, 0.5f), 1.0f);
    } else if (use_grey && !s->solid[i] && to_bone[i] <= 1.02f * (float)(h * h)) {
      f = PetscMin(PetscMax(grey, 0.0f), 0.5f);
    }
    s->field.voxels[i] = f;
  }
  PetscCall(PetscFree2(to_bone, to_void));
  PetscCall(ost_volume_gauss(grid, sigma, s->field.voxels));
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
    PetscCall(make_field(result, &grid, options->threshold, options->smoothing, labels->n[0] == 0));
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
