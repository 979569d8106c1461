/* sidecar.h: what limb.yaml tells the solver about the mesh beside it. */
#pragma once

#include "interface/outline.h"

typedef struct {
  const char *side; /* "left", "right" */
  const char *bone;
  PetscReal   stem_length;   /* [mm] */
  PetscReal   stem_diameter; /* [mm] */
  PetscReal   stem_tip;      /* height of the tip above the resection [mm] */
  PetscReal   load_point;    /* distance of the load point distal of the resection [mm] */
  PetscReal   bone_length;   /* [mm] */
  const char *density_image; /* full path, or "" */
  const char *made_from;     /* fingerprint of what it was made from; "": not known */
  OstOutline  outline;       /* of the stem; the caller takes or destroys it */
  PetscReal   density[3];    /* cortical, cancellous, marrow [g/cm3]; < 0: not given */
} OstSidecar;

/** Read limb.yaml. Strings belong to *file, which the caller destroys. Faults go to list; the
 *  keys it does not need (canal, quality) are left to postproc. Collective.
 */
PetscErrorCode ost_sidecar_read(const char *path, OstDiagList *list, OstCase **file,
                                OstSidecar *sidecar);
