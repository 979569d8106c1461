/* A tube phantom of known size, bad images, and the options: from a case text to the bone. */
#include "meshes/limb_bone.h"

#include "meshes/image/calibrate.h"
#include "meshes/image/dicom.h"
#include "meshes/image/nifti.h"

#include "support/check.h"
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/osteon-limb-XXXXXX";

static const char *path_of(const char *name)
{
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

/* --- phantom ---------------------------------------------------------------------------------- */

#define OUTER 13.0
#define CANAL 6.5
#define TILT  8.0 /* of the tube from z towards the left [degree] */

/* HU at a point of the patient frame: a tilted tube of cortex in muscle, air beyond 22 mm, and a
   plate of a second bone beside it at the top. The tube's axis passes (20, -10, 0). */
static double phantom(const double x[3])
{
  const double a = TILT * M_PI / 180.0, axis[3] = {-sin(a), 0.0, cos(a)};
  const double p[3] = {x[0] - 20.0, x[1] + 10.0, x[2]};
  const double t    = p[0] * axis[0] + p[1] * axis[1] + p[2] * axis[2];
  double       r2   = 0.0;
  for (int d = 0; d < 3; d++) r2 += (p[d] - t * axis[d]) * (p[d] - t * axis[d]);
  const double r = sqrt(r2);
  if (r < CANAL) return -20.0;
  if (r < OUTER) return 1200.0;
  if (x[2] > 100.0 && x[1] > 6.0 && x[1] < 16.0 && fabs(x[0]) < 12.0) return 1000.0;
  return r < 22.0 ? 50.0 : -1000.0;
}

/* The phantom on a grid of 0.9 x 0.9 x 2.5 mm whose first two axes run left and posterior (LPS, as
   a scanner's do); each voxel the mean of 27 points. */
static PetscErrorCode make_phantom(OstImage *image)
{
  const PetscInt n[3]         = {60, 60, 52};
  PetscReal      affine[3][4] = {{-0.9, 0, 0, 40.0}, {0, -0.9, 0, 22.0}, {0, 0, 2.5, 0.0}};

  PetscFunctionBeginUser;
  PetscCall(ost_image_create(n, affine, image));
  for (PetscInt k = 0; k < n[2]; k++) {
    for (PetscInt j = 0; j < n[1]; j++) {
      for (PetscInt i = 0; i < n[0]; i++) {
        double sum = 0.0;
        for (int s = 0; s < 27; s++) {
          const PetscReal v[3] = {(PetscReal)i + (s % 3 - 1) / 3.0,
                                  (PetscReal)j + (s / 3 % 3 - 1) / 3.0,
                                  (PetscReal)k + (s / 9 - 1) / 3.0};
          PetscReal       x[3];
          ost_affine_apply(affine, v, x);
          sum += phantom(x);
        }
        image->voxels[ost_image_at(image, i, j, k)] = (float)(sum / 27.0);
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The same without its first `skip` columns, which lie at the patient's right. */
static PetscErrorCode crop_phantom(const OstImage *image, PetscInt skip, OstImage *part)
{
  const PetscInt lo[3] = {skip, 0, 0}, hi[3] = {image->n[0] - 1, image->n[1] - 1, image->n[2] - 1};
  PetscReal      spacing[3];

  PetscFunctionBeginUser;
  ost_image_spacing(image, spacing);
  PetscCall(ost_image_resample(image, lo, hi, spacing, part));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The bone of a case text; the list is the caller's. */
static PetscErrorCode run_case(const char *text, OstSide side, OstDiagList *list, OstLimbBone *bone)
{
  OstCase     *file;
  OstNode     *geometry;
  OstCtOptions options;

  PetscFunctionBeginUser;
  *bone = ost_limb_bone_empty();
  PetscCall(ost_case_load_text("case.yaml", "case", text, list, &file));
  PetscCall(ost_value_section(ost_case_root(file), "geometry", PETSC_TRUE, list, &geometry));
  PetscCall(ost_ct_options_read(geometry, list, &options));
  PetscCall(ost_case_report_unread(file, list));
  if (!ost_diag_num_errors(list)) {
    PetscCall(ost_limb_bone_from_ct(&options, side, OST_BONE_FEMUR, list, bone));
  }
  PetscCall(ost_ct_options_destroy(&options));
  /* Diagnostics name places in the file's strings: print before they go. */
  for (PetscInt i = 0; i < ost_diag_num_errors(list) + ost_diag_num_warnings(list); i++) {
    printf("  (%s)\n", ost_diag_get(list, i).message);
  }
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode a_tilted_tube_is_measured_and_turned_upright(void)
{
  const PetscReal    a = TILT * PETSC_PI / 180.0;
  char               text[1024];
  OstDiagList       *list;
  OstLimbBone        bone;
  OstSurfaceTopology t;

  PetscFunctionBeginUser;
  snprintf(text, sizeof text,
           "geometry:\n  ct:\n    image: %s\n    calibration: {slope: 0.0007 g/cm3, intercept: "
           "0.01 g/cm3}\n"
           "  resection: {level: 20 mm}\n  proximal: {cut: 90 mm}\n  placement: {fit_to: 80 mm}\n",
           path_of("tube.nii.gz"));
  PetscCall(ost_diag_create(&list));
  PetscCall(run_case(text, OST_SIDE_RIGHT, list, &bone));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(ost_diag_num_warnings(list), 0);
  if (ost_diag_num_errors(list))
    PetscFunctionReturn(ost_diag_destroy(&list)); /* nothing to measure */

  /* The axis: rows of the map to the limb frame are x, y and z in the patient frame. */
  const PetscReal axis[3] = {-PetscSinReal(a), 0.0, PetscCosReal(a)};
  for (PetscInt d = 0; d < 3; d++) OST_CHECK_NEAR(bone.image_to_limb[2][d], axis[d], 0.002);
  OST_CHECK_NEAR(bone.image_to_limb[0][1], 1.0, 1e-3); /* x anterior */
  OST_CHECK(bone.image_to_limb[1][0] < -0.98);         /* y to the patient's left */
  const PetscReal foot[3] = {20.0 - 20.0 * PetscTanReal(a), -10.0, 20.0};
  PetscReal       origin[3];
  ost_affine_apply(bone.image_to_limb, foot, origin);
  for (PetscInt d = 0; d < 3; d++) OST_CHECK_NEAR(origin[d], 0.0, 0.25);

  /* Size: the canal's edge at 400 of 1200 HU lies a little inside the half height. */
  for (PetscReal z = 10.0; z < 85.0; z += 25.0) {
    OST_CHECK_NEAR(ost_limb_bone_canal_radius(&bone, z), CANAL, 0.06);
    OST_CHECK_NEAR(ost_limb_bone_outer_radius(&bone, z), OUTER, 0.03);
  }
  PetscCall(ost_surface_topology(&bone.surface, &t));
  OST_CHECK_INT(t.num_open + t.num_nonmanifold + t.num_flipped + t.num_pinched, 0);
  OST_CHECK_INT(t.num_pieces, 1);
  OST_CHECK_NEAR(ost_surface_volume(&bone.surface), PETSC_PI * OUTER * OUTER * 90.0, 0.05);
  OST_CHECK(bone.proximal_flat);
  OST_CHECK_NEAR(bone.length, 90.0, 1e-9);

  /* Density: cortex in the middle of the wall, marrow on the axis, cortex carried on outside. */
  const PetscReal x[9] = {9.5, 0.0, 40.0, 0.0, 0.0, 40.0, 0.0, OUTER + 1.0, 40.0};
  PetscReal       rho[3], inverse[3][4];
  OST_CHECK(ost_affine_invert(bone.density.to_world, inverse));
  ost_image_sample(&bone.density, inverse, 3, x, rho);
  const PetscReal cortex = (0.877 * (0.01 + 0.0007 * 1200.0) + 0.079) / 0.6;
  OST_CHECK_NEAR(rho[0], cortex, 0.02);
  OST_CHECK_NEAR(rho[1], (0.877 * (0.01 - 0.0007 * 20.0) + 0.079) / 0.6, 0.02);
  OST_CHECK(rho[2] > 0.8 * cortex);
  PetscCall(ost_limb_bone_destroy(&bone));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode shifts_follow_the_side(void)
{
  char         text[1024];
  OstDiagList *list;
  OstLimbBone  right, left;

  PetscFunctionBeginUser;
  snprintf(text, sizeof text,
           "geometry:\n  ct: {image: %s}\n  resection: {level: 20 mm}\n  proximal: {cut: 90 mm}\n"
           "  placement: {fit_to: 80 mm, shift_medial: 2 mm, shift_anterior: 1 mm, tilt_medial: 3 "
           "degree}\n",
           path_of("tube.nii.gz"));
  PetscCall(ost_diag_create(&list));
  PetscCall(run_case(text, OST_SIDE_RIGHT, list, &right));
  PetscCall(run_case(text, OST_SIDE_LEFT, list, &left));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  if (ost_diag_num_errors(list)) PetscFunctionReturn(ost_diag_destroy(&list));
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "phantom");
  /* Medial is the patient's left (+y, -x of RAS) in a right limb: the canal then lies at -y. */
  OST_CHECK_NEAR(right.canal_centre[1], -2.0, 0.15);
  OST_CHECK_NEAR(left.canal_centre[1], 2.0, 0.15);
  OST_CHECK_NEAR(right.canal_centre[0], -1.0, 0.15);
  const PetscReal tilt = 3.0 * PETSC_PI / 180.0, a = TILT * PETSC_PI / 180.0;
  OST_CHECK_NEAR(right.image_to_limb[2][0], -PetscSinReal(a + tilt), 0.002);
  OST_CHECK_NEAR(left.image_to_limb[2][0], -PetscSinReal(a - tilt), 0.002);
  PetscCall(ost_limb_bone_destroy(&right));
  PetscCall(ost_limb_bone_destroy(&left));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A case that must end in errors, the first of which contains `part`. */
static PetscErrorCode refuses(const char *text, const char *part)
{
  OstDiagList *list;
  OstLimbBone  bone;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(run_case(text, OST_SIDE_RIGHT, list, &bone));
  OST_CHECK(ost_diag_num_errors(list) > 0);
  OST_CHECK_INT(bone.surface.num_points, 0);
  PetscBool found = PETSC_FALSE;
  for (PetscInt i = 0; i < ost_diag_num_errors(list) + ost_diag_num_warnings(list); i++) {
    const OstDiag d = ost_diag_get(list, i);
    if (d.is_error && strstr(d.message, part)) found = PETSC_TRUE;
  }
  if (!found) printf("wanted an error with \"%s\"\n", part);
  OST_CHECK(found);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode refuses_image(const char *image, const char *more, const char *part)
{
  char text[1024];
  PetscFunctionBeginUser;
  snprintf(text, sizeof text, "geometry:\n  ct:\n    image: %s\n%s", image, more);
  PetscCall(refuses(text, part));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode bad_images_and_options_are_refused(const OstImage *image)
{
  char        cut[256], gz[256], side[256], name[256];
  struct stat status;
  OstImage    part = {{0}, {{0}}, NULL};

  PetscFunctionBeginUser;
  snprintf(gz, sizeof gz, "%s", path_of("tube.nii.gz"));
  snprintf(cut, sizeof cut, "%s", path_of("cut.nii"));
  snprintf(side, sizeof side, "%s", path_of("side.nii"));
  PetscCall(ost_nifti_write(cut, image, ""));
  OST_CHECK(stat(cut, &status) == 0 && truncate(cut, status.st_size / 2) == 0);
  PetscCall(refuses_image(cut, "", "truncated"));
  snprintf(name, sizeof name, "%s", path_of("cut.nii.gz"));
  PetscCall(ost_nifti_write(name, image, ""));
  OST_CHECK(stat(name, &status) == 0 && truncate(name, status.st_size / 2) == 0);
  PetscCall(refuses_image(name, "", "truncated"));
  FILE *file = fopen(path_of("note.nii"), "w");
  OST_CHECK(file && fputs("no image at all\n", file) >= 0 && fclose(file) == 0);
  PetscCall(refuses_image(path_of("note.nii"), "", "no NIfTI"));

  PetscCall(crop_phantom(image, 14, &part)); /* the tube leaves the image at its right */
  PetscCall(ost_nifti_write(side, &part, ""));
  PetscCall(ost_image_destroy(&part));
  PetscCall(refuses_image(side, "", "leaves the image at its side"));
  PetscCall(refuses_image(gz, "    segmentation: {threshold: 1900, canal_threshold: 2000}\n",
                          "threshold"));
  PetscCall(refuses_image(gz, "    segmentation: {seed: [400 mm, 0 mm, 30 mm]}\n", "seed"));
  PetscCall(refuses_image(gz, "    segmentation: {seed: [400 mm, 0 mm]}\n", "three coordinates"));
  PetscCall(refuses_image(gz, "  resection: {level: 900 mm}\n", "resection"));
  PetscCall(refuses_image(gz, "  resection: {level: 20 mm, offset: 5 mm}\n", "more than one way"));
  PetscCall(refuses_image(gz, "  proximal: {cut: 400 mm}\n", "beyond the bone"));
  PetscCall(
      refuses_image(gz, "  proximal: {cut: 90 mm, support_length: 20 mm}\n", "support_length"));
  PetscCall(refuses_image(gz, "    proximal: anterior\n", "same axis"));
  PetscCall(refuses_image(path_of("nowhere.nii"), "", "nowhere.nii"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode density_images_come_back_through_equivalent_hu(void)
{
  OstCalibrationOptions c = {OST_IMAGE_QCT, 0.001, 0.0008, 0.02, PETSC_FALSE, 0.877,
                             0.079,         0.6,   0.01,   2.1,  PETSC_TRUE,  {"", 0}};

  PetscFunctionBeginUser;
  OST_CHECK_NEAR(ost_calibrate_density(&c, ost_calibrate_hounsfield(&c, 900.0)),
                 (0.877 * 0.9 + 0.079) / 0.6, 1e-12);
  c.kind     = OST_IMAGE_APPARENT;
  c.to_g_cm3 = 1.0;
  OST_CHECK_NEAR(ost_calibrate_density(&c, ost_calibrate_hounsfield(&c, 1.3)), 1.3, 1e-12);
  c.kind = OST_IMAGE_ASH;
  OST_CHECK_NEAR(ost_calibrate_density(&c, ost_calibrate_hounsfield(&c, 0.6)), 1.0, 1e-12);
  c.kind = OST_IMAGE_HOUNSFIELD;
  OST_CHECK_NEAR(ost_calibrate_density(&c, -1000.0), 0.01, 1e-12); /* clipped */
  OST_CHECK_NEAR(ost_calibrate_density(&c, 3000.0), 2.1, 1e-12);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- DICOM: headers written here, implicit little endian -------------------------------------- */

static void element(FILE *f, unsigned group, unsigned number, const char *text, size_t length)
{
  const size_t        padded  = length + length % 2;
  const unsigned char head[8] = {
      (unsigned char)(group & 255),        (unsigned char)(group >> 8),
      (unsigned char)(number & 255),       (unsigned char)(number >> 8),
      (unsigned char)(padded & 255),       (unsigned char)(padded >> 8 & 255),
      (unsigned char)(padded >> 16 & 255), 0};
  fwrite(head, 1, 8, f);
  fwrite(text, 1, length, f);
  if (length % 2) fputc(' ', f);
}

static void write_slice(const char *in, const char *name, const char *modality, const char *series,
                        double z, PetscBool pixels)
{
  char       path[512], text[128];
  const char size[2] = {8, 0}, voxels[128] = {0};
  FILE      *f;
  snprintf(path, sizeof path, "%s/%s", in, name);
  f = fopen(path, "wb");
  if (!f) {
    OST_CHECK(0);
    return;
  }
  for (int i = 0; i < 128; i++) fputc(0, f);
  fputs("DICM", f);
  /* File meta in explicit form: transfer syntax only. */
  fwrite("\x02\x00\x10\x00UI\x12\x00"
         "1.2.840.10008.1.2\0",
         1, 26, f);
  element(f, 0x0008, 0x0060, modality, strlen(modality));
  element(f, 0x0020, 0x000e, series, strlen(series));
  snprintf(text, sizeof text, "-4\\-4\\%g", z);
  element(f, 0x0020, 0x0032, text, strlen(text));
  element(f, 0x0020, 0x0037, "1\\0\\0\\0\\1\\0", 11);
  element(f, 0x0028, 0x0010, size, 2);
  element(f, 0x0028, 0x0011, size, 2);
  element(f, 0x0028, 0x0030, "1\\1", 3);
  if (pixels) element(f, 0x7fe0, 0x0010, voxels, 128);
  fclose(f);
}

static PetscErrorCode refuses_folder(const char *in, const char *part)
{
  const OstWhere at = {"case.yaml", 7};
  OstDiagList   *list;
  OstImage       image;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_dicom_read(in, at, list, &image));
  OST_CHECK_INT(image.n[0], 0);
  OST_CHECK(ost_diag_num_errors(list) > 0);
  if (ost_diag_num_errors(list)) OST_CHECK_TEXT(ost_diag_get(list, 0).message, part);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode dicom_folders_with_faults_are_refused(void)
{
  char in[256], name[32];

  PetscFunctionBeginUser;
  snprintf(in, sizeof in, "%s/dicom", folder);
  OST_CHECK_INT(mkdir(in, 0700), 0);
  PetscCall(refuses_folder(in, "no DICOM image"));
  write_slice(in, "contours", "RTSTRUCT", "9.9", 0.0, PETSC_FALSE);
  PetscCall(refuses_folder(in, "contours or reports"));
  for (int i = 0; i < 8; i++) {
    snprintf(name, sizeof name, "slice%d", 7 - i); /* the order of names is not that of positions */
    if (i != 3) write_slice(in, name, "CT", "1.2", 3.0 * i, PETSC_TRUE);
  }
  PetscCall(refuses_folder(in, "1 slice is missing"));
  PetscCall(refuses_folder(in, "6.00 mm"));
  write_slice(in, "slice4", "CT", "1.3", 9.0, PETSC_TRUE);
  PetscCall(refuses_folder(in, "more than one series"));
  write_slice(in, "slice4", "MR", "1.2", 9.0, PETSC_TRUE);
  PetscCall(refuses_folder(in, "not CT"));
  write_slice(in, "slice4", "CT", "1.2", 9.7, PETSC_TRUE);
  PetscCall(refuses_folder(in, "mm apart"));
  write_slice(in, "slice4", "CT", "1.2", 6.0, PETSC_TRUE);
  PetscCall(refuses_folder(in, "same slice"));
  char path[512];
  snprintf(path, sizeof path, "%s/slice4", in);
  OST_CHECK_INT(truncate(path, 300), 0);
  PetscCall(refuses_folder(in, "truncated"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  char     command[128];
  OstImage image = {{0}, {{0}}, NULL};
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  if (!mkdtemp(folder)) return 1;
  PetscCall(make_phantom(&image));
  PetscCall(ost_nifti_write(path_of("tube.nii.gz"), &image, "tube phantom"));
  PetscCall(a_tilted_tube_is_measured_and_turned_upright());
  PetscCall(shifts_follow_the_side());
  PetscCall(bad_images_and_options_are_refused(&image));
  PetscCall(density_images_come_back_through_equivalent_hu());
  PetscCall(dicom_folders_with_faults_are_refused());
  PetscCall(ost_image_destroy(&image));
  snprintf(command, sizeof command, "rm -r %s", folder);
  OST_CHECK_INT(system(command), 0);
  const int result = ost_check_report();
  PetscCall(PetscFinalize());
  return result;
}
