#include "meshes/limb_bone.h"

#include "base/tensor.h"
#include "meshes/image/calibrate.h"
#include "meshes/image/dicom.h"
#include "meshes/image/nifti.h"
#include "meshes/image/segment.h"
#include "meshes/placement.h"
#include "meshes/surface/gts_surface.h"
#include "meshes/surface/surface_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CEILING                                                                                    \
  3000.0 /* 12-bit scanners clip at 3071: metal, or the rim of a truncated field [HU] */
#define PROFILE_STEP   2.0 /* of the canal profile [mm] */
#define DENSITY_MARGIN 4.0 /* bone carried on beyond its surface [mm] */
#define TEMPLATE_VOXEL 1.0 /* of the density image of a surface bone [mm] */

OstLimbBone ost_limb_bone_empty(void)
{
  OstLimbBone bone;
  memset(&bone, 0, sizeof bone);
  return bone;
}

PetscErrorCode ost_limb_bone_destroy(OstLimbBone *bone)
{
  PetscFunctionBeginUser;
  PetscCall(ost_surface_destroy(&bone->surface));
  PetscCall(ost_image_destroy(&bone->density));
  PetscCall(PetscFree(bone->canal_z));
  PetscCall(PetscFree(bone->canal_radius));
  PetscCall(PetscFree(bone->outer_radius));
  PetscCall(PetscFree(bone->canal_centre));
  *bone = ost_limb_bone_empty();
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal interpolate(PetscInt n, const PetscReal z[], const PetscReal r[], PetscReal at)
{
  if (n == 0) return 0.0;
  if (at <= z[0]) return r[0];
  for (PetscInt i = 1; i < n; i++) {
    if (at <= z[i]) return r[i - 1] + (at - z[i - 1]) / (z[i] - z[i - 1]) * (r[i] - r[i - 1]);
  }
  return r[n - 1];
}

PetscReal ost_limb_bone_canal_radius(const OstLimbBone *bone, PetscReal z)
{
  return interpolate(bone->num_canal, bone->canal_z, bone->canal_radius, z);
}

PetscReal ost_limb_bone_outer_radius(const OstLimbBone *bone, PetscReal z)
{
  return interpolate(bone->num_canal, bone->canal_z, bone->outer_radius, z);
}

static void direction(OstAxis axis, PetscReal v[3])
{
  v[0] = v[1] = v[2] = 0.0;
  v[axis / 2]        = axis % 2 ? -1.0 : 1.0;
}

/* --- common to both sources ------------------------------------------------------------------- */

/* Distance of every voxel of the solid to the outside [mm]. */
static PetscErrorCode depth_image(const OstImage *like, const unsigned char solid[],
                                  OstImage *depth)
{
  const OstGrid grid = ost_grid_of(like);
  PetscReal     map[3][4];

  PetscFunctionBeginUser;
  memcpy(map, like->to_world, sizeof map);
  PetscCall(ost_image_create(like->n, map, depth));
  PetscCall(ost_volume_distance2(&grid, solid, 0, depth->voxels));
  for (size_t i = 0; i < ost_image_size(depth); i++) {
    /* From the centre of the nearest void voxel to the surface it is half a voxel. */
    depth->voxels[i] =
        solid[i] ? (float)(sqrt((double)depth->voxels[i]) - 0.5 * (double)grid.spacing[0]) : 0.0f;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A long bone whose head leans to the wrong side was given the wrong side. Only where the proximal
   end is in the data, and only when the lean is plain. */
static PetscErrorCode check_side(const OstBody *body, PetscReal to_limb[3][4], OstSide side,
                                 OstBoneKind kind, OstWhere at, OstDiagList *list)
{
  PetscReal lowest, highest;

  PetscFunctionBeginUser;
  if (kind != OST_BONE_FEMUR && kind != OST_BONE_HUMERUS) PetscFunctionReturn(PETSC_SUCCESS);
  ost_placement_extent(body, to_limb, &lowest, &highest);
  const PetscReal lean   = ost_placement_lean(body, to_limb, highest - 25.0);
  const PetscReal medial = side == OST_SIDE_RIGHT ? lean : -lean;
  if (medial < -8.0) {
    PetscCall(ost_diag_warning(
        list, at, "check patient.side, and that the image keeps left and right",
        "the head of the %s leans %.0f mm to the side that is lateral in a %s limb",
        kind == OST_BONE_FEMUR ? "femur" : "humerus", (double)-medial,
        side == OST_SIDE_RIGHT ? "right" : "left"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Closed, manifold, one piece? */
static PetscErrorCode is_closed(const OstSurface *surface, PetscBool *closed)
{
  OstSurfaceTopology t;

  PetscFunctionBeginUser;
  PetscCall(ost_surface_topology(surface, &t));
  *closed = !t.num_open && !t.num_nonmanifold && !t.num_flipped && !t.num_pinched &&
                    t.num_pieces == 1 && surface->num_triangles > 3
                ? PETSC_TRUE
                : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Is it a surface Gmsh can take: all that, and not cutting itself? */
static PetscErrorCode is_clean(const OstSurface *surface, PetscBool *clean)
{
  PetscInt  cuts = 0;
  PetscReal at[3];

  PetscFunctionBeginUser;
  PetscCall(is_closed(surface, clean));
  if (*clean) PetscCall(ost_gts_self_intersection(surface, &cuts, at));
  if (cuts) *clean = PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode keep_largest(OstSurface *surface)
{
  PetscInt *piece, num;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(surface->num_triangles + 1, &piece));
  PetscCall(ost_surface_pieces(surface, &num, piece));
  if (num > 1) PetscCall(ost_surface_keep_piece(surface, piece, 0));
  PetscCall(PetscFree(piece));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Coarsen and cut a closed surface in the limb frame; *clean tells whether it came out right. Even
   triangles are the mesher's business. */
static PetscErrorCode coarsen_and_cut(const OstSurface *whole, PetscReal edge_length,
                                      const OstProximalOptions *proximal, OstSurface *surface,
                                      PetscBool *clean)
{
  const PetscReal origin[3] = {0.0, 0.0, 0.0}, up[3] = {0.0, 0.0, 1.0}, down[3] = {0.0, 0.0, -1.0};
  const PetscReal top[3] = {0.0, 0.0, proximal->cut_at}, snap = 0.3 * edge_length;
  PetscReal       area;

  PetscFunctionBeginUser;
  PetscCall(ost_surface_copy(whole, surface));
  PetscCall(ost_gts_coarsen(surface, edge_length));
  PetscCall(ost_surface_clip(surface, origin, up, snap, &area, clean));
  if (*clean && proximal->cut) PetscCall(ost_surface_clip(surface, top, down, snap, &area, clean));
  /* Where the cut passes an edge's end by a hair it leaves points that are one in all but name. */
  if (*clean) PetscCall(ost_surface_merge(surface, 0.02 * edge_length));
  if (*clean) PetscCall(keep_largest(surface));
  if (*clean) PetscCall(is_closed(surface, clean));
  if (*clean) PetscCall(is_clean(surface, clean));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The final surface from a closed one in the limb frame. A coarsening that spoils it is repeated
   with a smaller edge length. */
static PetscErrorCode finish_surface(const OstSurface *whole, PetscReal edge_length,
                                     const OstProximalOptions *proximal, OstWhere at,
                                     OstDiagList *list, OstLimbBone *bone)
{
  PetscBool clean = PETSC_FALSE;
  PetscReal lo[3], hi[3];

  PetscFunctionBeginUser;
  for (PetscInt attempt = 0; attempt < 4 && !clean; attempt++) {
    PetscCall(ost_surface_destroy(&bone->surface));
    PetscCall(coarsen_and_cut(whole, edge_length, proximal, &bone->surface, &clean));
    edge_length *= 0.75;
  }
  if (!clean) {
    PetscCall(ost_diag_error(list, at, "try other values of smoothing, closing or edge_length",
                             "the bone's surface cannot be cut to a clean closed surface"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  ost_surface_box(&bone->surface, lo, hi);
  bone->length        = proximal->cut ? proximal->cut_at : hi[2];
  bone->proximal_flat = proximal->cut && hi[2] > proximal->cut_at - 1e-6 ? PETSC_TRUE : PETSC_FALSE;
  bone->proximal_from =
      proximal->cut ? bone->length - 1e-6 : bone->length - proximal->support_length;
  if (proximal->cut && !bone->proximal_flat) {
    PetscCall(
        ost_diag_error(list, proximal->where, "lower geometry.proximal.cut or leave it out",
                       "the proximal cut at %g mm lies beyond the bone, which ends at %.1f mm",
                       (double)proximal->cut_at, (double)hi[2]));
  } else if (!proximal->cut && bone->proximal_from < 0.5 * bone->length) {
    PetscCall(
        ost_diag_error(list, proximal->where, "shorten geometry.proximal.support_length",
                       "the proximal support of %g mm takes more than half of the bone's %.1f mm",
                       (double)proximal->support_length, (double)bone->length));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The resection must show a whole section of the shaft: a plane through the rounded end of a bone,
   or through its open edge in the data, does not. */
static PetscErrorCode check_section(const OstResectionOptions *resection, OstDiagList *list,
                                    const OstLimbBone *bone)
{
  const PetscReal at_cut = bone->outer_radius[0], above = ost_limb_bone_outer_radius(bone, 10.0);

  PetscFunctionBeginUser;
  if (at_cut < 0.7 * above) {
    PetscCall(
        ost_diag_error(list, resection->where, "move the resection proximally (geometry.resection)",
                       "the resection meets no whole section of the shaft: %.1f mm across, but "
                       "%.1f mm ten millimetres above",
                       2.0 * (double)at_cut, 2.0 * (double)above));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Image in the limb frame: the same voxels, another affine. */
static void move_image(OstImage *image, PetscReal to_limb[3][4])
{
  ost_affine_multiply(to_limb, image->to_world, image->to_world);
}

/* --- CT --------------------------------------------------------------------------------------- */

static PetscErrorCode read_image(const char *path, OstWhere at, OstDiagList *list, OstImage *image)
{
  struct stat status;

  PetscFunctionBeginUser;
  if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
    PetscCall(ost_dicom_read(path, at, list, image));
  } else {
    PetscCall(ost_nifti_read(path, at, list, image));
  }
  if (image->n[0]) PetscCall(ost_image_reorient(image));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Equivalent HU; remarks on values that look like no HU. */
static PetscErrorCode calibrate(const OstCtOptions *options, OstDiagList *list, OstImage *image)
{
  const OstCalibrationOptions *c      = &options->calibration;
  float                        lowest = image->voxels[0];

  PetscFunctionBeginUser;
  for (size_t i = 0; i < ost_image_size(image); i++) {
    lowest           = PetscMin(lowest, image->voxels[i]);
    image->voxels[i] = (float)ost_calibrate_hounsfield(c, (PetscReal)image->voxels[i]);
  }
  if (c->kind == OST_IMAGE_HOUNSFIELD && lowest > -200.0f) {
    PetscCall(ost_diag_warning(
        list, options->where, "if it holds densities, say so in calibration.kind",
        "%s: no voxel below %g: is it in Hounsfield units?", options->image, (double)lowest));
  }
  if (c->phantomless) {
    PetscCall(ost_diag_warning(
        list, c->where, "give calibration.slope and calibration.intercept of the scanner's phantom",
        "no phantom calibration: %.4g g/cm3 per HU is assumed, densities may be off by 10 %%",
        (double)c->slope));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The bone that is used must not be cut by the side of the image, nor hold voxels at the scanner's
   ceiling. Below the resection and above the proximal cut anything goes, and so does the last slice
   at the proximal end. */
static PetscErrorCode check_used_part(const OstCtOptions *options, const OstSegmentation *s,
                                      const OstBody *body, PetscReal to_limb[3][4],
                                      OstDiagList *list)
{
  const OstImage *image = &s->hu;
  const PetscReal top   = options->proximal_end.cut ? options->proximal_end.cut_at : PETSC_MAX_REAL;
  PetscReal       map[3][4], to_world[3][4], side_at[3] = {0}, bright_at[3] = {0}, along[3];
  PetscInt        end_axis = 0, side = 0, bright = 0, distal = 0;
  size_t          at = 0;

  PetscFunctionBeginUser;
  for (PetscInt d = 0; d < 3; d++) {
    along[d] = 0.0;
    for (PetscInt i = 0; i < 3; i++) along[d] += body->proximal[i] * image->to_world[i][d];
    if (PetscAbsReal(along[d]) > PetscAbsReal(along[end_axis])) end_axis = d;
  }
  memcpy(to_world, image->to_world, sizeof to_world);
  ost_affine_multiply(to_limb, to_world, map);
  for (PetscInt k = 0; k < image->n[2]; k++) {
    for (PetscInt j = 0; j < image->n[1]; j++) {
      for (PetscInt i = 0; i < image->n[0]; i++, at++) {
        const PetscInt  x[3] = {i, j, k};
        const PetscReal v[3] = {(PetscReal)i, (PetscReal)j, (PetscReal)k};
        PetscReal       p[3], world[3];
        if (!s->solid[at]) continue;
        ost_affine_apply(map, v, p);
        if (p[2] < 0.0 || p[2] > top) continue;
        ost_affine_apply(to_world, v, world);
        if ((PetscReal)image->voxels[at] >= CEILING && bright++ == 0)
          memcpy(bright_at, world, sizeof world);
        for (PetscInt d = 0; d < 3; d++) {
          const PetscBool low  = s->at_border[d][0] && x[d] == 0,
                          high = s->at_border[d][1] && x[d] == image->n[d] - 1;
          if (!low && !high) continue;
          if (d != end_axis) {
            if (side++ == 0) memcpy(side_at, world, sizeof world);
          } else if ((along[d] > 0.0) == low) {
            distal++;
          }
        }
      }
    }
  }
  if (side) {
    PetscCall(ost_diag_error(
        list, options->where,
        "use a scan whose field of view holds the whole limb, or cut that part off by "
        "geometry.resection and geometry.proximal",
        "%s: the bone leaves the image at its side, first at right %.0f, anterior "
        "%.0f, superior %.0f mm (%d voxels)",
        options->image, (double)side_at[0], (double)side_at[1], (double)side_at[2], (int)side));
  }
  if (distal) {
    PetscCall(
        ost_diag_error(list, options->resection.where,
                       "move the resection proximally (geometry.resection.offset or level)",
                       "%s: the resection plane leaves the image: %d voxels of its bone lie on the "
                       "last slice",
                       options->image, (int)distal));
  }
  if (bright > 5) {
    PetscCall(ost_diag_error(
        list, options->where,
        "metal or a truncated field falsifies the density around it: use another scan",
        "%s: %d voxels of the bone stand at the scanner's ceiling (%g HU and more), "
        "first at right %.0f, anterior %.0f, superior %.0f mm",
        options->image, (int)bright, CEILING, (double)bright_at[0], (double)bright_at[1],
        (double)bright_at[2]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Frame, profile, surface and density of a segmented bone. */
static PetscErrorCode place_ct(const OstCtOptions *options, OstSide side, OstBoneKind kind,
                               OstSegmentation *s, const OstImage *depth, OstDiagList *list,
                               OstLimbBone *bone)
{
  const PetscInt before = ost_diag_num_errors(list);
  OstBody    body  = {&s->field,    &s->hu, depth, s->solid, options->segmentation.canal_threshold,
                      s->at_border, {0},    {0}};
  OstSurface whole = {0, 0, NULL, NULL};
  PetscBool  ok;

  PetscFunctionBeginUser;
  direction(options->proximal, body.proximal);
  direction(options->anterior, body.anterior);
  PetscCall(ost_placement_find(&body, &options->resection, &options->placement, side, list,
                               bone->image_to_limb, &ok));
  if (!ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(check_used_part(options, s, &body, bone->image_to_limb, list));
  if (ost_diag_num_errors(list) > before) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(check_side(&body, bone->image_to_limb, side, kind, options->where, list));

  PetscCall(ost_gts_isosurface(&s->field, 0.4999, &whole));
  PetscCall(keep_largest(&whole));
  ost_surface_transform(&whole, bone->image_to_limb);
  PetscCall(finish_surface(&whole, options->edge_length, &options->proximal_end, options->where,
                           list, bone));
  PetscCall(ost_surface_destroy(&whole));
  if (ost_diag_num_errors(list) > before) PetscFunctionReturn(PETSC_SUCCESS);

  PetscCall(ost_placement_profile(&body, bone->image_to_limb, bone->length, PROFILE_STEP, bone));
  PetscCall(check_section(&options->resection, list, bone));
  PetscCall(
      ost_calibrate_image(&options->calibration, &s->hu, s->solid, DENSITY_MARGIN, &bone->density));
  move_image(&bone->density, bone->image_to_limb);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_limb_bone_from_ct(const OstCtOptions *options, OstSide side, OstBoneKind kind,
                                     OstDiagList *list, OstLimbBone *bone)
{
  const PetscInt before = ost_diag_num_errors(list);
  OstImage image = {{0}, {{0}}, NULL}, labels = {{0}, {{0}}, NULL}, depth = {{0}, {{0}}, NULL};
  OstSegmentation s;

  PetscFunctionBeginUser;
  memset(&s, 0, sizeof s);
  PetscCall(read_image(options->image, options->where, list, &image));
  if (options->segmentation.label[0]) {
    PetscCall(read_image(options->segmentation.label, options->segmentation.where, list, &labels));
  }
  if (ost_diag_num_errors(list) == before) {
    PetscCall(calibrate(options, list, &image));
    PetscCall(ost_segment_bone(&image, &labels, &options->segmentation, list, &s));
  }
  PetscCall(ost_image_destroy(&image));
  PetscCall(ost_image_destroy(&labels));
  if (ost_diag_num_errors(list) == before) {
    PetscCall(depth_image(&s.hu, s.solid, &depth));
    PetscCall(place_ct(options, side, kind, &s, &depth, list, bone));
  }
  PetscCall(ost_image_destroy(&depth));
  PetscCall(ost_segment_destroy(&s));
  if (ost_diag_num_errors(list) > before) PetscCall(ost_limb_bone_destroy(bone));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- surface file ----------------------------------------------------------------------------- */

/* The piece wanted: the one with the seed's nearest point, else the largest, with a warning. */
static PetscErrorCode choose_piece(const OstSurfaceOptions *options, OstDiagList *list,
                                   OstSurface *surface)
{
  PetscInt *piece, num, which = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(surface->num_triangles + 1, &piece));
  PetscCall(ost_surface_pieces(surface, &num, piece));
  if (num > 1 && options->has_seed) {
    PetscReal best = PETSC_MAX_REAL;
    for (PetscInt c = 0; c < 3 * surface->num_triangles; c++) {
      PetscReal d2 = 0.0;
      for (PetscInt d = 0; d < 3; d++) {
        d2 += PetscSqr(surface->points[3 * surface->triangles[c] + d] - options->seed[d]);
      }
      if (d2 >= best) continue;
      best  = d2;
      which = piece[c / 3];
    }
  } else if (num > 1) {
    PetscCall(ost_diag_warning(list, options->where,
                               "name a point near the bone in geometry.surface.seed",
                               "%s holds %d separate pieces; the one of the largest area is taken",
                               options->file, (int)num));
  }
  if (num > 1) PetscCall(ost_surface_keep_piece(surface, piece, which));
  PetscCall(PetscFree(piece));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode check_size(const OstSurfaceOptions *options, const OstSurface *surface,
                                 OstDiagList *list)
{
  PetscReal lo[3], hi[3], size = 0.0;
  PetscFunctionBeginUser;
  ost_surface_box(surface, lo, hi);
  for (PetscInt d = 0; d < 3; d++) size = PetscMax(size, hi[d] - lo[d]);
  if (size < 30.0 || size > 800.0) {
    PetscCall(ost_diag_error(list, options->where, "check geometry.surface.unit and scale",
                             "%s: the bone is %.4g mm long; a long bone has 30 to 800 mm",
                             options->file, (double)size));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int compare_reals(const void *a, const void *b)
{
  const PetscReal x = *(const PetscReal *)a, y = *(const PetscReal *)b;
  return x < y ? -1 : x > y;
}

/* Solid voxels of a closed surface by parity along rays of constant (i, j). */
static PetscErrorCode voxelise(const OstSurface *surface, OstImage *field, unsigned char solid[])
{
  const PetscInt  n0 = field->n[0], n1 = field->n[1], n2 = field->n[2];
  const PetscReal h = field->to_world[0][0];
  PetscInt       *start;
  PetscReal      *hit;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(n0 * n1 + 2, &start));
  for (PetscInt pass = 0; pass < 2; pass++) {
    if (pass) {
      for (PetscInt r = 0; r < n0 * n1; r++) start[r + 1] += start[r];
      for (PetscInt r = n0 * n1; r > 0; r--) start[r] = start[r - 1];
      start[0] = 0;
      PetscCall(PetscMalloc1(start[n0 * n1] + 1, &hit));
    }
    for (PetscInt t = 0; t < surface->num_triangles; t++) {
      const PetscReal *p[3];
      PetscReal        lo[2] = {PETSC_MAX_REAL, PETSC_MAX_REAL},
                hi[2]        = {-PETSC_MAX_REAL, -PETSC_MAX_REAL};
      for (PetscInt i = 0; i < 3; i++) {
        p[i] = surface->points + 3 * surface->triangles[3 * t + i];
        for (PetscInt d = 0; d < 2; d++) {
          lo[d] = PetscMin(lo[d], p[i][d]);
          hi[d] = PetscMax(hi[d], p[i][d]);
        }
      }
      const PetscReal det =
          (p[1][0] - p[0][0]) * (p[2][1] - p[0][1]) - (p[1][1] - p[0][1]) * (p[2][0] - p[0][0]);
      if (det == 0.0) continue;
      /* Rays stand off the grid by an odd fraction, so that none runs through a point or an edge of
         a surface whose coordinates are round numbers. */
      const PetscReal off[2] = {field->to_world[0][3] + 1.2345678e-4,
                                field->to_world[1][3] + 2.3456789e-4};
      for (PetscInt j = (PetscInt)PetscMax(PetscCeilReal((lo[1] - off[1]) / h), 0.0);
           j <= (PetscInt)PetscMin(PetscFloorReal((hi[1] - off[1]) / h), (PetscReal)(n1 - 1));
           j++) {
        for (PetscInt i = (PetscInt)PetscMax(PetscCeilReal((lo[0] - off[0]) / h), 0.0);
             i <= (PetscInt)PetscMin(PetscFloorReal((hi[0] - off[0]) / h), (PetscReal)(n0 - 1));
             i++) {
          const PetscReal x = off[0] + h * (PetscReal)i - p[0][0],
                          y = off[1] + h * (PetscReal)j - p[0][1];
          const PetscReal b = (x * (p[2][1] - p[0][1]) - y * (p[2][0] - p[0][0])) / det;
          const PetscReal c = ((p[1][0] - p[0][0]) * y - (p[1][1] - p[0][1]) * x) / det;
          if (b < 0.0 || c < 0.0 || b + c > 1.0) continue;
          if (!pass)
            start[i + n0 * j]++;
          else
            hit[start[i + n0 * j]++] = p[0][2] + b * (p[1][2] - p[0][2]) + c * (p[2][2] - p[0][2]);
        }
      }
    }
  }
  for (PetscInt r = 0; r < n0 * n1; r++) {
    const PetscInt from = r ? start[r - 1] : 0, num = start[r] - from;
    PetscInt       passed = 0;
    qsort(hit + from, (size_t)num, sizeof *hit, compare_reals);
    for (PetscInt k = 0; k < n2; k++) {
      const PetscReal z = field->to_world[2][3] + h * (PetscReal)k;
      while (passed < num && hit[from + passed] <= z) passed++;
      solid[(size_t)r + (size_t)n0 * (size_t)n1 * (size_t)k] = (unsigned char)(passed & 1);
    }
  }
  PetscCall(PetscFree(hit));
  PetscCall(PetscFree(start));
  for (size_t i = 0; i < ost_image_size(field); i++) field->voxels[i] = solid[i] ? 1.0f : 0.0f;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Density from the depth under the surface. The amount of cortex is about the same in every
   section, so that it thins where the bone widens; there the inside is cancellous, in the shaft it
   is marrow. */
static void template_density(const OstSurfaceOptions *options, const OstImage *depth,
                             const unsigned char solid[], const PetscReal radius[], PetscReal shaft,
                             OstImage *density)
{
  const size_t plane = (size_t)depth->n[0] * (size_t)depth->n[1];
  for (PetscInt k = 0; k < depth->n[2]; k++) {
    const PetscReal wide = radius[k] > 0.0 ? radius[k] / shaft : 1.0;
    const PetscReal cortex =
        PetscMax(options->cortical_thickness * PetscMin(1.0, 1.0 / (wide * wide)), 1.0);
    PetscReal w = PetscMin(PetscMax((wide - 1.1) / (1.4 - 1.1), 0.0), 1.0);
    w           = w * w * (3.0 - 2.0 * w);
    const PetscReal inner =
        options->marrow_density + w * (options->cancellous_density - options->marrow_density);
    for (size_t at = plane * (size_t)k; at < plane * (size_t)(k + 1); at++) {
      const PetscReal d   = (PetscReal)depth->voxels[at];
      density->voxels[at] = (float)(!solid[at] || d <= cortex ? options->cortical_density : inner);
    }
  }
}

/* Radius of the circle of equal area in each plane k, and that of the shaft: the lower quartile of
   the middle of the bone. */
static PetscErrorCode section_radii(const OstImage *field, const unsigned char solid[],
                                    PetscReal radius[], PetscReal *shaft)
{
  const size_t   plane = (size_t)field->n[0] * (size_t)field->n[1];
  const PetscInt n     = field->n[2];
  PetscReal     *sorted;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &sorted));
  for (PetscInt k = 0; k < n; k++) {
    size_t count = 0;
    for (size_t at = plane * (size_t)k; at < plane * (size_t)(k + 1); at++) count += solid[at];
    radius[k] = PetscSqrtReal((PetscReal)count / PETSC_PI) * field->to_world[0][0];
  }
  PetscInt num = 0;
  for (PetscInt k = n / 5; k < n - n / 5; k++) sorted[num++] = radius[k];
  PetscCall(PetscSortReal(num, sorted));
  *shaft = PetscMax(sorted[num / 4], 1.0);
  PetscCall(PetscFree(sorted));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Template images, frame, profile and cut of a closed surface whose z axis is proximal. */
static PetscErrorCode place_surface(const OstSurfaceOptions *options, OstSide side,
                                    OstBoneKind kind, const OstSurface *whole, OstDiagList *list,
                                    OstLimbBone *bone)
{
  static const PetscBool no_border[3][2] = {{PETSC_FALSE, PETSC_FALSE}};
  const PetscInt         before          = ost_diag_num_errors(list);
  OstImage  field = {{0}, {{0}}, NULL}, depth = {{0}, {{0}}, NULL}, density = {{0}, {{0}}, NULL};
  PetscReal lo[3], hi[3], affine[3][4] = {{0}}, *radius, shaft = 1.0;
  PetscInt  n[3];
  unsigned char *solid;
  PetscBool      ok;

  PetscFunctionBeginUser;
  ost_surface_box(whole, lo, hi);
  for (PetscInt d = 0; d < 3; d++) {
    affine[d][d] = TEMPLATE_VOXEL;
    affine[d][3] = lo[d] - 3.0 * TEMPLATE_VOXEL;
    n[d]         = (PetscInt)PetscCeilReal((hi[d] - lo[d]) / TEMPLATE_VOXEL) + 7;
  }
  PetscCall(ost_image_create(n, affine, &field));
  PetscCall(ost_image_create(n, affine, &density));
  PetscCall(PetscMalloc2(ost_image_size(&field), &solid, n[2], &radius));
  PetscCall(voxelise(whole, &field, solid));
  PetscCall(depth_image(&field, solid, &depth));
  PetscCall(section_radii(&field, solid, radius, &shaft));
  template_density(options, &depth, solid, radius, shaft, &density);

  OstBody   body = {&field,
                    &density,
                    &depth,
                    solid,
                    0.5 * (options->cortical_density + options->cancellous_density),
                    no_border,
                    {0.0, 0.0, 1.0},
                    {0.0, 1.0, 0.0}};
  PetscReal to_limb[3][4];
  PetscCall(ost_placement_find(&body, &options->resection, &options->placement, side, list, to_limb,
                               &ok));
  if (ok) {
    OstSurface turned = {0, 0, NULL, NULL};
    PetscCall(check_side(&body, to_limb, side, kind, options->where, list));
    PetscCall(ost_surface_copy(whole, &turned));
    ost_surface_transform(&turned, to_limb);
    PetscCall(finish_surface(&turned, options->edge_length, &options->proximal_end, options->where,
                             list, bone));
    PetscCall(ost_surface_destroy(&turned));
  }
  if (ost_diag_num_errors(list) == before) {
    PetscCall(ost_placement_profile(&body, to_limb, bone->length, PROFILE_STEP, bone));
    PetscCall(check_section(&options->resection, list, bone));
    PetscReal upright[3][4];
    memcpy(upright, bone->image_to_limb, sizeof upright);
    ost_affine_multiply(to_limb, upright, bone->image_to_limb);
    bone->density = density;
    move_image(&bone->density, to_limb);
    density.voxels = NULL;
  }
  PetscCall(PetscFree2(solid, radius));
  PetscCall(ost_image_destroy(&field));
  PetscCall(ost_image_destroy(&depth));
  PetscCall(ost_image_destroy(&density));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_limb_bone_from_surface(const OstSurfaceOptions *options, OstSide side,
                                          OstBoneKind kind, OstDiagList *list, OstLimbBone *bone)
{
  const PetscInt before  = ost_diag_num_errors(list);
  OstSurface     surface = {0, 0, NULL, NULL};
  PetscReal      z[3], y[3], x[3];
  PetscBool      ok;

  PetscFunctionBeginUser;
  PetscCall(ost_surface_read(options->file, options->unit, options->where, list, &surface));
  if (ost_diag_num_errors(list) == before) PetscCall(choose_piece(options, list, &surface));
  if (ost_diag_num_errors(list) == before) PetscCall(check_size(options, &surface, list));
  if (ost_diag_num_errors(list) == before) {
    PetscCall(ost_surface_check(options->file, options->where, list, &surface, &ok));
  }
  if (ost_diag_num_errors(list) == before) {
    /* The file's frame turned so that z is proximal and y anterior, as in a patient's image. */
    direction(options->proximal, z);
    direction(options->anterior, y);
    ost_cross3(y, z, x);
    PetscReal upright[3][4] = {
        {x[0], x[1], x[2], 0.0}, {y[0], y[1], y[2], 0.0}, {z[0], z[1], z[2], 0.0}};
    ost_surface_transform(&surface, upright);
    memcpy(bone->image_to_limb, upright, sizeof upright);
    PetscCall(place_surface(options, side, kind, &surface, list, bone));
  }
  PetscCall(ost_surface_destroy(&surface));
  if (ost_diag_num_errors(list) > before) PetscCall(ost_limb_bone_destroy(bone));
  PetscFunctionReturn(PETSC_SUCCESS);
}
