#include "meshes/image/nifti.h"

#include <math.h>
#include <nifti1_io.h>
#include <string.h>
#include <sys/stat.h>

static PetscBool ends_with(const char *text, const char *end)
{
  const size_t a = strlen(text), b = strlen(end);
  return a >= b && strcasecmp(text + a - b, end) == 0 ? PETSC_TRUE : PETSC_FALSE;
}

PetscBool ost_nifti_is_name(const char *path)
{
  static const char *const ends[] = {".nii", ".nii.gz", ".hdr", ".img", ".img.gz"};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    if (ends_with(path, ends[i])) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* One voxel of the file's type as a real number. */
static double voxel_value(const nifti_image *nim, size_t i)
{
  switch (nim->datatype) {
  case DT_UINT8:
    return (double)((const unsigned char *)nim->data)[i];
  case DT_INT8:
    return (double)((const signed char *)nim->data)[i];
  case DT_INT16:
    return (double)((const short *)nim->data)[i];
  case DT_UINT16:
    return (double)((const unsigned short *)nim->data)[i];
  case DT_INT32:
    return (double)((const int *)nim->data)[i];
  case DT_UINT32:
    return (double)((const unsigned *)nim->data)[i];
  case DT_INT64:
    return (double)((const long long *)nim->data)[i];
  case DT_UINT64:
    return (double)((const unsigned long long *)nim->data)[i];
  case DT_FLOAT32:
    return (double)((const float *)nim->data)[i];
  case DT_FLOAT64:
    return ((const double *)nim->data)[i];
  default:
    return NAN;
  }
}

static PetscBool is_known_type(int datatype)
{
  switch (datatype) {
  case DT_UINT8:
  case DT_INT8:
  case DT_INT16:
  case DT_UINT16:
  case DT_INT32:
  case DT_UINT32:
  case DT_INT64:
  case DT_UINT64:
  case DT_FLOAT32:
  case DT_FLOAT64:
    return PETSC_TRUE;
  default:
    return PETSC_FALSE;
  }
}

/* Does the file hold as many bytes as the header claims? niftiio fills what is missing with zeros
   and says so on stderr only: a truncated limb would become a shorter limb. */
static PetscErrorCode check_length(const char *path, OstWhere at, OstDiagList *list,
                                   const nifti_image *nim, PetscBool *ok)
{
  const size_t want = (size_t)nim->nvox * (size_t)nim->nbyper;
  const size_t skip = nim->iname_offset > 0 ? (size_t)nim->iname_offset : 0;
  size_t       have = 0;
  char        *buffer;
  znzFile      file;

  PetscFunctionBeginUser;
  *ok  = PETSC_FALSE;
  file = znzopen(nim->iname, "rb", nifti_is_gzfile(nim->iname));
  if (znz_isnull(file)) {
    PetscCall(ost_diag_error(list, at, NULL, "%s: cannot open the image data", nim->iname));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscMalloc1(1 << 20, &buffer));
  while (have < skip + want) {
    const size_t got = znzread(buffer, 1, 1 << 20, file);
    if (got == 0 || got > (1 << 20)) break; /* the end, or an error of zlib */
    have += got;
  }
  PetscCall(PetscFree(buffer));
  znzclose(file);
  if (have < skip + want) {
    PetscCall(ost_diag_error(list, at, "copy the file again or convert it anew",
                             "%s: the image is truncated: %zu of %zu bytes of voxels are there",
                             path, have > skip ? have - skip : (size_t)0, want));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *ok = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Size, type and orientation; nothing of the voxels yet. */
static PetscErrorCode check_header(const char *path, OstWhere at, OstDiagList *list,
                                   const nifti_image *nim, PetscReal to_world[3][4], PetscBool *ok)
{
  const mat44 *map    = nim->sform_code > 0 ? &nim->sto_xyz : &nim->qto_xyz;
  PetscReal    factor = 1.0, inverse[3][4];
  PetscInt     before = ost_diag_num_errors(list);

  PetscFunctionBeginUser;
  *ok = PETSC_FALSE;
  if (nim->nx < 2 || nim->ny < 2 || nim->nz < 2 || (double)nim->nx * nim->ny * nim->nz > 2e9) {
    PetscCall(ost_diag_error(list, at, "a volume of several slices is wanted",
                             "%s: %d x %d x %d voxels are no usable volume", path, nim->nx, nim->ny,
                             nim->nz));
  } else if ((double)nim->nvox != (double)nim->nx * nim->ny * nim->nz) {
    PetscCall(ost_diag_error(list, at, "extract one 3-D volume from it",
                             "%s: the image has more than three dimensions", path));
  }
  if (!is_known_type(nim->datatype)) {
    PetscCall(ost_diag_error(list, at, "convert it to 16-bit integers or 32-bit floats",
                             "%s: voxels of type %s are not read", path,
                             nifti_datatype_string(nim->datatype)));
  }
  if (nim->sform_code <= 0 && nim->qform_code <= 0) {
    PetscCall(ost_diag_error(
        list, at, "convert it anew with a program that keeps the orientation",
        "%s: neither sform nor qform is set, so that left and right are unknown", path));
  }
  if (nim->xyz_units == NIFTI_UNITS_METER) factor = 1000.0;
  if (nim->xyz_units == NIFTI_UNITS_MICRON) factor = 0.001;
  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt j = 0; j < 4; j++) to_world[i][j] = factor * (PetscReal)map->m[i][j];
  }
  if (ost_diag_num_errors(list) == before && !ost_affine_invert(to_world, inverse)) {
    PetscCall(ost_diag_error(list, at, NULL, "%s: the orientation matrix is singular", path));
  }
  *ok = ost_diag_num_errors(list) == before;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_nifti_read(const char *path, OstWhere at, OstDiagList *list, OstImage *image)
{
  nifti_image *nim;
  PetscBool    ok;
  PetscReal    to_world[3][4];
  struct stat  status;

  PetscFunctionBeginUser;
  image->n[0]   = 0;
  image->voxels = NULL;
  nifti_set_debug_level(0);
  if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || is_nifti_file(path) <= 0) {
    PetscCall(ost_diag_error(list, at, "give a .nii or .nii.gz file, or a folder of DICOM slices",
                             "%s is no NIfTI image", path));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  nim = nifti_image_read(path, 0);
  if (!nim) {
    PetscCall(ost_diag_error(list, at, "convert the image anew", "%s: the NIfTI header is invalid",
                             path));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(check_header(path, at, list, nim, to_world, &ok));
  if (ok) PetscCall(check_length(path, at, list, nim, &ok));
  if (ok && nifti_image_load(nim) != 0) {
    PetscCall(ost_diag_error(list, at, NULL, "%s: the voxels cannot be read", path));
    ok = PETSC_FALSE;
  }
  if (ok) {
    const PetscInt n[3] = {nim->nx, nim->ny, nim->nz};
    const double   slope =
        nim->scl_slope != 0.0f && isfinite(nim->scl_slope) ? (double)nim->scl_slope : 1.0;
    const double inter =
        nim->scl_slope != 0.0f && isfinite(nim->scl_inter) ? (double)nim->scl_inter : 0.0;
    size_t bad = 0;
    PetscCall(ost_image_create(n, to_world, image));
    for (size_t i = 0; i < ost_image_size(image); i++) {
      const double value = slope * voxel_value(nim, i) + inter;
      bad += !isfinite(value);
      image->voxels[i] = (float)value;
    }
    if (bad) {
      PetscCall(ost_diag_error(list, at, "replace them by air (-1000 HU)",
                               "%s: %zu voxels are not numbers", path, bad));
      PetscCall(ost_image_destroy(image));
    }
  }
  nifti_image_free(nim);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_nifti_write(const char *path, const OstImage *image, const char *description)
{
  const int    dims[8] = {3, (int)image->n[0], (int)image->n[1], (int)image->n[2], 1, 1, 1, 1};
  nifti_image *nim;
  PetscReal    spacing[3];
  struct stat  status;

  PetscFunctionBeginUser;
  OstAssert(ost_nifti_is_name(path), "%s: no name for a NIfTI file", path);
  nifti_set_debug_level(0);
  nim = nifti_make_new_nim(dims, DT_FLOAT32, 0);
  PetscCheck(nim, PETSC_COMM_SELF, PETSC_ERR_MEM, "niftiio made no image");
  ost_image_spacing(image, spacing);
  nim->dx = nim->pixdim[1] = (float)spacing[0];
  nim->dy = nim->pixdim[2] = (float)spacing[1];
  nim->dz = nim->pixdim[3] = (float)spacing[2];
  nim->sform_code          = NIFTI_XFORM_ALIGNED_ANAT;
  nim->xyz_units           = NIFTI_UNITS_MM;
  nim->nifti_type          = NIFTI_FTYPE_NIFTI1_1;
  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt j = 0; j < 4; j++) nim->sto_xyz.m[i][j] = (float)image->to_world[i][j];
  }
  nim->sto_xyz.m[3][3] = 1.0f;
  snprintf(nim->descrip, sizeof nim->descrip, "%s", description);
  nim->data = image->voxels;
  remove(path);
  const int names = nifti_set_filenames(nim, path, 0, 1);
  if (names == 0) nifti_image_write(nim);
  nim->data = NULL; /* ours, not to be freed with the header */
  nifti_image_free(nim);
  /* niftiio reports a full disk on stderr only: what must be there is measured. */
  PetscCheck(names == 0 && stat(path, &status) == 0 && status.st_size > 352 &&
                 (ends_with(path, ".gz") ||
                  (size_t)status.st_size >= 352 + sizeof(float) * ost_image_size(image)),
             PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s cannot be written", path);
  PetscFunctionReturn(PETSC_SUCCESS);
}
