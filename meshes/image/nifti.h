/* nifti.h: NIfTI files in and out; the one place that speaks niftiio.

   Reads .nii, .nii.gz and .hdr/.img of any scalar type, with scl_slope and scl_inter, oriented by
   sform, else qform; checks header and length of the data before it believes them. */
#pragma once

#include "meshes/image/image.h"

#include "base/diag.h"

/* Is this path named like a NIfTI file (.nii, .nii.gz, .hdr, .img, .img.gz)? */
PetscBool ost_nifti_is_name(const char *path);

/* Read `path`; faults (not NIfTI, truncated, 4-D, no orientation, NaN) go to `list` at `at`, and
   the image is then left empty. */
PetscErrorCode ost_nifti_read(const char *path, OstWhere at, OstDiagList *list, OstImage *image);

/* Write as float32 with the affine in sform and qform code 0; ".gz" compresses.
   PETSC_ERR_FILE_WRITE when the disk refuses. */
PetscErrorCode ost_nifti_write(const char *path, const OstImage *image, const char *description);
