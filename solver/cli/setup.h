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

/** Read and check a case.
 *  @param[in]  path
 *  @param[out] list   every fault
 *  @param[out] setup  usable when list got no error; destroy in any case
 *  Collective.
 */
PetscErrorCode ost_setup_read(const char *path, OstDiagList *list, OstSetup *setup);
/* The same of a text that once stood in `path`, from where it names other files. */
PetscErrorCode ost_setup_read_text(const char *path, const char *text, OstDiagList *list,
                                   OstSetup *setup);

PetscErrorCode ost_setup_destroy(OstSetup *setup);
