/* Real data: both encodings of a scan agree, the femur and the tibia come out as their READMEs say,
   and what must be refused is refused. Skipped where OSTEON_DATA has none of it. */
#include "meshes/limb_bone.h"

#include "meshes/image/dicom.h"
#include "meshes/image/nifti.h"
#include "meshes/surface/gts_surface.h"

#include "support/check.h"
#include <dirent.h>
#include <math.h>
#include <unistd.h>

static const char *data_path(const char *name)
{
  static char path[4][512];
  static int  next;
  const char *data = getenv("OSTEON_DATA");
  next             = (next + 1) % 4;
  snprintf(path[next], sizeof path[next], "%s/%s", data ? data : "../shared/data", name);
  return path[next];
}

/* --- images ----------------------------------------------------------------------------------- */

static PetscErrorCode read_both(const char *dicom, const char *nifti, OstImage *a, OstImage *b)
{
  const OstWhere at = {"case.yaml", 1};
  OstDiagList   *list;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_dicom_read(data_path(dicom), at, list, a));
  PetscCall(ost_nifti_read(data_path(nifti), at, list, b));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(ost_diag_print(list, stdout));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Largest difference of b at the world points of a's voxels; `mirror`: z turned over. */
static PetscReal largest_difference(const OstImage *a, OstImage *b, PetscBool mirror)
{
  PetscReal inverse[3][4], affine[3][4], worst = 0.0;
  memcpy(affine, a->to_world, sizeof affine);
  if (!ost_affine_invert(b->to_world, inverse)) return PETSC_MAX_REAL;
  for (PetscInt k = 0; k < a->n[2]; k++) {
    for (PetscInt j = 0; j < a->n[1]; j++) {
      for (PetscInt i = 0; i < a->n[0]; i++) {
        const PetscReal v[3] = {(PetscReal)i, (PetscReal)j, (PetscReal)k};
        PetscReal       x[3], w[3];
        ost_affine_apply(affine, v, x);
        if (mirror) x[2] = -x[2];
        ost_affine_apply(inverse, x, w);
        for (PetscInt d = 0; d < 3;
             d++) { /* headers carry few decimals: the nearest voxel is meant */
          if (PetscAbsReal(w[d] - round(w[d])) > 0.05) return PETSC_MAX_REAL;
          w[d] = round(w[d]);
          if (w[d] < 0.0 || w[d] >= (PetscReal)b->n[d]) return PETSC_MAX_REAL;
        }
        const PetscReal difference =
            ost_image_sample_index(b, w) - (PetscReal)a->voxels[ost_image_at(a, i, j, k)];
        worst = PetscMax(worst, PetscAbsReal(difference));
      }
    }
  }
  return worst;
}

static PetscErrorCode both_encodings_of_a_scan_agree_in_the_world(void)
{
  OstImage a, b;

  PetscFunctionBeginUser;
  PetscCall(read_both("ct-femur-sts001-dicom-and-nifti/ct",
                      "ct-femur-sts001-dicom-and-nifti/nifti/image.nii.gz", &a, &b));
  OST_CHECK(a.n[0] && largest_difference(&a, &b, PETSC_FALSE) == 0.0);
  PetscCall(ost_image_destroy(&a));
  PetscCall(ost_image_destroy(&b));

  PetscCall(read_both("ct-femur-proximal-sts046/ct",
                      "ct-femur-proximal-sts046/derived/sts046_ct.nii.gz", &a, &b));
  OST_CHECK(a.n[0] && largest_difference(&a, &b, PETSC_FALSE) == 0.0);
  PetscCall(ost_image_destroy(&a));
  PetscCall(ost_image_destroy(&b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The ramp shows every swapped or mirrored axis. Its two files are mirrored in z against each other
   by their makers (README of the folder), and in nothing else. */
static PetscErrorCode the_orientation_phantom_keeps_its_axes(void)
{
  const char *folder     = data_path("formats-orientation-ibsi/nifti/orientation/image");
  DIR        *dir        = opendir(folder);
  char        nifti[512] = "";
  OstImage    a, b;

  PetscFunctionBeginUser;
  for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
    if (ost_nifti_is_name(e->d_name)) {
      snprintf(nifti, sizeof nifti, "formats-orientation-ibsi/nifti/orientation/image/%s",
               e->d_name);
    }
  }
  if (dir) closedir(dir);
  PetscCall(read_both("formats-orientation-ibsi/dicom/orientation", nifti, &a, &b));
  OST_CHECK(a.n[0] && largest_difference(&a, &b, PETSC_TRUE) == 0.0);
  OST_CHECK_INT(largest_difference(&b, &a, PETSC_FALSE) == 0.0, 0);
  PetscCall(ost_image_destroy(&a));
  PetscCall(ost_image_destroy(&b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode a_slice_taken_out_of_a_real_series_is_missed(void)
{
  char           folder[] = "/tmp/osteon-series-XXXXXX", from[512], command[128];
  DIR           *dir;
  OstDiagList   *list;
  OstImage       image;
  const OstWhere at = {"case.yaml", 5};

  PetscFunctionBeginUser;
  snprintf(from, sizeof from, "%s", data_path("ct-tibia-sts010/ct"));
  OST_CHECK(mkdtemp(folder) != NULL);
  dir = opendir(from);
  for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
    char source[1024], target[1024];
    if (e->d_name[0] == '.' || strcmp(e->d_name, "000020.dcm") == 0) continue;
    snprintf(source, sizeof source, "%s/%s", from, e->d_name);
    snprintf(target, sizeof target, "%s/%s", folder, e->d_name);
    OST_CHECK_INT(symlink(source, target), 0);
  }
  if (dir) closedir(dir);
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_dicom_read(folder, at, list, &image));
  OST_CHECK_INT(image.n[0], 0);
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "1 slice is missing between 000019.dcm");
  PetscCall(ost_diag_destroy(&list));
  snprintf(command, sizeof command, "rm -r %s", folder);
  OST_CHECK_INT(system(command), 0);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- bones ------------------------------------------------------------------------------------ */

static PetscErrorCode run_case(const char *text, OstSide side, OstBoneKind kind, OstDiagList *list,
                               OstLimbBone *bone)
{
  OstCase *file;
  OstNode *geometry;

  PetscFunctionBeginUser;
  *bone = ost_limb_bone_empty();
  PetscCall(ost_case_load_text("case.yaml", "case", text, list, &file));
  PetscCall(ost_value_section(ost_case_root(file), "geometry", PETSC_TRUE, list, &geometry));
  if (ost_node_find(geometry, "ct")) {
    OstCtOptions options;
    PetscCall(ost_ct_options_read(geometry, list, &options));
    if (!ost_diag_num_errors(list))
      PetscCall(ost_limb_bone_from_ct(&options, side, kind, list, bone));
    PetscCall(ost_ct_options_destroy(&options));
  } else {
    OstSurfaceOptions options;
    PetscCall(ost_surface_options_read(geometry, list, &options));
    if (!ost_diag_num_errors(list)) {
      PetscCall(ost_limb_bone_from_surface(&options, side, kind, list, bone));
    }
  }
  PetscCall(ost_diag_print(list, stdout));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Closed, manifold, one piece, no handle, not cutting itself, flat at the resection. */
static PetscErrorCode check_surface(const OstSurface *s)
{
  OstSurfaceTopology t;
  PetscReal          lo[3], hi[3], at[3];
  PetscInt           cuts;

  PetscFunctionBeginUser;
  OST_CHECK(s->num_triangles > 0);
  if (s->num_triangles == 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_surface_topology(s, &t));
  OST_CHECK_INT(t.num_open + t.num_nonmanifold + t.num_flipped + t.num_pinched, 0);
  OST_CHECK_INT(t.num_pieces, 1);
  OST_CHECK_INT(s->num_points - s->num_triangles / 2, 2); /* Euler: a sphere */
  PetscCall(ost_gts_self_intersection(s, &cuts, at));
  OST_CHECK_INT(cuts, 0);
  ost_surface_box(s, lo, hi);
  OST_CHECK_NEAR(lo[2], 0.0, 1e-9);
  OST_CHECK(ost_surface_volume(s) > 0.0);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Limb z of the axis point whose patient coordinate along the superior direction is `level`. */
static PetscReal limb_z(OstLimbBone *bone, PetscReal level)
{
  PetscReal back[3][4];
  if (!ost_affine_invert(bone->image_to_limb, back)) return -1.0;
  return (level - back[2][3]) / back[2][2];
}

static PetscErrorCode the_proximal_femur_is_measured_as_documented(void)
{
  OstDiagList *list;
  OstLimbBone  bone;
  char         text[1024];

  PetscFunctionBeginUser;
  snprintf(text, sizeof text, "geometry: {ct: {image: %s}}\n",
           data_path("ct-femur-proximal-sts046/derived/sts046_ct.nii.gz"));
  PetscCall(ost_diag_create(&list));
  PetscCall(run_case(text, OST_SIDE_RIGHT, OST_BONE_FEMUR, list, &bone));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(check_surface(&bone.surface));
  if (bone.num_canal) {
    const PetscReal isthmus = limb_z(&bone, 765.2), high = limb_z(&bone, 863.3);
    OST_CHECK(fabs((double)(2.0 * ost_limb_bone_canal_radius(&bone, isthmus)) - 12.8) < 1.0);
    OST_CHECK(fabs((double)(2.0 * ost_limb_bone_outer_radius(&bone, isthmus)) - 26.7) < 1.0);
    OST_CHECK(fabs((double)(2.0 * ost_limb_bone_canal_radius(&bone, high)) - 14.9) < 1.5);
    OST_CHECK(fabs((double)(2.0 * ost_limb_bone_outer_radius(&bone, high)) - 27.8) < 1.5);
    OST_CHECK(fabs((double)(2.0 * bone.isthmus_radius) - 12.8) < 1.0);
    OST_CHECK(bone.length > 255.0 && bone.length < 270.0);
    /* Shaft, trochanters, neck and the lower half of the head; a pelvis would double it. */
    OST_CHECK(ost_surface_volume(&bone.surface) > 190e3 &&
              ost_surface_volume(&bone.surface) < 235e3);
    /* z proximal, x anterior, y to the patient's left, nearly along the scanner's axes. */
    OST_CHECK(bone.image_to_limb[2][2] > 0.98);
    OST_CHECK(bone.image_to_limb[0][1] > 0.98);
    OST_CHECK(bone.image_to_limb[1][0] < -0.98);
    PetscReal lo[3], hi[3];
    ost_surface_box(&bone.surface, lo, hi);
    OST_CHECK(hi[1] > 50.0 && lo[1] > -30.0); /* the head is medial, which is +y in a right limb */
  }
  PetscCall(ost_limb_bone_destroy(&bone));
  PetscCall(ost_diag_destroy(&list));

  /* The same called a left limb: the head would be lateral, which is told. */
  PetscCall(ost_diag_create(&list));
  snprintf(text, sizeof text,
           "geometry:\n  ct:\n    image: %s\n    edge_length: 6 mm\n    calibration: {slope: "
           "0.0008 g/cm3}\n",
           data_path("ct-femur-proximal-sts046/derived/sts046_ct.nii.gz"));
  PetscCall(run_case(text, OST_SIDE_LEFT, OST_BONE_FEMUR, list, &bone));
  OST_CHECK_INT(ost_diag_num_warnings(list), 1);
  if (ost_diag_num_warnings(list))
    OST_CHECK_TEXT(ost_diag_get(list, 0).message, "lateral in a left limb");
  PetscCall(ost_limb_bone_destroy(&bone));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode the_tibia_is_parted_from_its_neighbours(void)
{
  OstDiagList *list;
  OstLimbBone  bone;
  char         text[1024];

  PetscFunctionBeginUser;
  snprintf(text, sizeof text, "geometry: {ct: {image: %s}, proximal: {cut: 145 mm}}\n",
           data_path("ct-tibia-sts010/ct"));
  PetscCall(ost_diag_create(&list));
  PetscCall(run_case(text, OST_SIDE_LEFT, OST_BONE_TIBIA, list, &bone));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(check_surface(&bone.surface));
  if (bone.num_canal) {
    OST_CHECK(fabs((double)(2.0 * ost_limb_bone_canal_radius(&bone, limb_z(&bone, 424.8))) - 15.5) <
              1.5);
    OST_CHECK(fabs((double)(2.0 * ost_limb_bone_outer_radius(&bone, limb_z(&bone, 424.8))) - 25.9) <
              1.5);
    OST_CHECK(bone.proximal_flat);
    PetscReal lo[3], hi[3];
    ost_surface_box(&bone.surface, lo, hi);
    OST_CHECK(hi[0] - lo[0] < 65.0 && hi[1] - lo[1] < 75.0); /* no fibula, no table */
  }
  PetscCall(ost_limb_bone_destroy(&bone));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A case that ends in errors, one of which contains `part` and one `also`. */
static PetscErrorCode refuses(const char *text, const char *part, const char *also)
{
  OstDiagList *list;
  OstLimbBone  bone;
  PetscBool    found = PETSC_FALSE, found_also = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(run_case(text, OST_SIDE_LEFT, OST_BONE_HUMERUS, list, &bone));
  for (PetscInt i = 0; i < ost_diag_num_errors(list) + ost_diag_num_warnings(list); i++) {
    const OstDiag d = ost_diag_get(list, i);
    if (d.is_error && strstr(d.message, part)) found = PETSC_TRUE;
    if (d.is_error && strstr(d.message, also)) found_also = PETSC_TRUE;
  }
  OST_CHECK(found && found_also);
  OST_CHECK_INT(bone.surface.num_points, 0);
  PetscCall(ost_limb_bone_destroy(&bone));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode what_cannot_be_used_is_refused(void)
{
  char text[1024];

  PetscFunctionBeginUser;
  snprintf(text, sizeof text, "geometry: {ct: {image: %s}}\n",
           data_path("ct-arm-artefact-sts005/ct"));
  PetscCall(refuses(text, "leaves the image at its side", "ceiling"));
  snprintf(text, sizeof text, "geometry: {ct: {image: %s}}\n",
           data_path("ct-tibia-sts010/rtstruct"));
  PetscCall(refuses(text, "contours or reports", ""));
  snprintf(text, sizeof text, "geometry: {ct: {image: %s}}\n", data_path("formats-dicom-pydicom"));
  PetscCall(refuses(text, "formats-dicom-pydicom", ""));
  snprintf(text, sizeof text, "geometry: {ct: {image: %s}}\n",
           data_path("formats-nrrd-pynrrd/BallBinary30x30x30.nrrd"));
  PetscCall(refuses(text, "no NIfTI", ""));
  snprintf(text, sizeof text,
           "geometry: {surface: {file: %s, unit: mm, proximal: +z, anterior: -y}}\n",
           data_path("surface-residual-limb-openlimb/full_size_mean_limb_shape.stl"));
  PetscCall(
      refuses(text, "open edges", "")); /* the largest piece is the skin, cut open at the top */
  snprintf(text, sizeof text,
           "geometry: {surface: {file: %s, unit: mm, proximal: +z, anterior: -y}}\n",
           data_path("surface-residual-limb-openlimb/mean_bones_shape.stl"));
  PetscCall(refuses(text, "mm long", ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode foreign_surfaces_become_bones(void)
{
  static const struct {
    const char *file, *more;
    OstBoneKind kind;
  } bones[] = {{"surface-femur-comodo/femur.stl",
                "unit: mm, proximal: +y, anterior: +x}, resection: {residual_length: 240 mm}",
                OST_BONE_FEMUR},
               {"surface-bones-opensim/femur_r.vtp",
                "unit: m, proximal: +y, anterior: +x}, resection: {residual_length: 240 mm}",
                OST_BONE_FEMUR},
               {"surface-bones-opensim/tibia_r.vtp",
                "unit: m, proximal: +y, anterior: +x}, resection: {residual_length: 150 mm}, "
                "proximal: {cut: 120 mm}",
                OST_BONE_TIBIA},
               {"surface-bones-opensim/humerus_rv.vtp",
                "unit: m, proximal: +y, anterior: +x}, resection: {residual_length: 160 mm}",
                OST_BONE_HUMERUS},
               {"surface-bones-opensim/radius_rv.vtp",
                "unit: m, proximal: +y, anterior: +x, cortical_thickness: 3 mm}, resection: "
                "{residual_length: 120 mm}",
                OST_BONE_RADIUS},
               {"surface-residual-limb-openlimb/full_size_mean_limb_shape.stl",
                "unit: mm, proximal: +z, anterior: -y, seed: [10 mm, 0 mm, -60 mm]}, resection: "
                "{offset: 6 mm}",
                OST_BONE_TIBIA}};

  PetscFunctionBeginUser;
  for (size_t b = 0; b < sizeof bones / sizeof *bones; b++) {
    OstDiagList *list;
    OstLimbBone  bone;
    char         text[1024];
    snprintf(text, sizeof text, "geometry: {surface: {file: %s, %s}\n", data_path(bones[b].file),
             bones[b].more);
    PetscCall(ost_diag_create(&list));
    PetscCall(run_case(text, OST_SIDE_RIGHT, bones[b].kind, list, &bone));
    OST_CHECK_INT(ost_diag_num_errors(list), 0);
    PetscCall(check_surface(&bone.surface));
    PetscCall(ost_limb_bone_destroy(&bone));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  if (access(data_path("ct-femur-proximal-sts046/derived/sts046_ct.nii.gz"), R_OK) != 0) {
    return ost_check_skip("OSTEON_DATA holds no ct-femur-proximal-sts046");
  }
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(both_encodings_of_a_scan_agree_in_the_world());
  PetscCall(the_orientation_phantom_keeps_its_axes());
  PetscCall(a_slice_taken_out_of_a_real_series_is_missed());
  PetscCall(the_proximal_femur_is_measured_as_documented());
  PetscCall(the_tibia_is_parted_from_its_neighbours());
  PetscCall(what_cannot_be_used_is_refused());
  PetscCall(foreign_surfaces_become_bones());
  const int result = ost_check_report();
  PetscCall(PetscFinalize());
  return result;
}
