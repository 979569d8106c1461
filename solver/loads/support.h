/* support.h: how the proximal end of the bone is held.

   Owns section `support` of the case: clamped, or on an elastic foundation (theory.md, L3), over
   the surface group proximal or a named patch. */
#pragma once

#include "loads/patches.h"

typedef enum { OST_SUPPORT_CLAMP, OST_SUPPORT_FOUNDATION, OST_NUM_SUPPORTS } OstSupportType;
extern const char *const ost_support_names[OST_NUM_SUPPORTS]; /* "clamp", "foundation" */

typedef struct {
  OstSupportType type;
  char           patch[OST_NAME_LENGTH]; /* "": the surface group proximal */
  PetscReal      normal, shear;          /* stiffness of the foundation along and across [N/mm3] */
} OstSupport;

/* Keys: type, patch; with a foundation normal_stiffness and shear_stiffness. `patches` have been
   read. */
PetscErrorCode ost_support_read(OstNode *root, const OstPatchList *patches, OstDiagList *list,
                                OstSupport *support);
