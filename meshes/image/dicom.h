/* dicom.h: a folder of DICOM slices as one image.

   Looks at the headers itself, since a converter fills or hides what a clinic must know: a missing
   slice, two series in one folder, a tilted gantry, something that is no CT. What passes is
   converted by the program dcm2niix into a temporary folder that is removed again. Files that are
   no images (a contour set, a report) are passed over. */
#pragma once

#include "base/diag.h"
#include "meshes/image/image.h"

/* Read the series in `folder` (files directly in it); faults go to `list` at `at`, and the image is
   then left empty. Values are Hounsfield units; world is RAS+ as in image.h. */
PetscErrorCode ost_dicom_read(const char *folder, OstWhere at, OstDiagList *list, OstImage *image);
