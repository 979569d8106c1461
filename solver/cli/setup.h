/* setup.h: a case file becomes the options of every module.

   The only place that knows which module reads which section. Reads everything, so that a user sees
   all faults at once; opens no mesh. */
#pragma once

#include "analysis/model.h"
#include "meshes/limb_case.h"

typedef struct {
  OstCase       *file; /* owned: all strings below belong to it */
  const char    *title, *patient, *bone;
  PetscBool      right;
  PetscReal      body_weight;      /* [N] */
  PetscReal      checkpoint_every; /* wall time between checkpoints [s] */
  OstLimbOptions limb;
  OstModel       model; /* options only; completed when there is a mesh (wire.h) */
} OstSetup;

/* Where a case comes from. */
typedef struct {
  const char *path;     /* of the file, or, with a text, the one it once stood in */
  const char *text;     /* NULL: what the file holds */
  const char *protocol; /* file in place of the one the case names, full path; "" or NULL: none */
} OstCaseSource;

/** Read and check a case.
 *  @param[in]  source
 *  @param[out] list   every fault
 *  @param[out] setup  usable when list got no error; destroy in any case
 *  Collective.
 */
PetscErrorCode ost_setup_read(const OstCaseSource *source, OstDiagList *list, OstSetup *setup);
PetscErrorCode ost_setup_destroy(OstSetup *setup);
