/* output.h: all that a run leaves in its directory, as one observer.

   Binds results.h5, results.xdmf, history.csv, summary.json and case.resolved.yaml together and
   owns their order: what refers to a file is written after it, and what says "complete" comes
   last. */
#pragma once

#include "io/results.h"

#define OST_RESOLVED_FILE "case.resolved.yaml"

typedef struct OstOutput OstOutput;

/** Begin the files of a run.
 *  @param[in]  info    what is known before the first step; info->directory is ours (run_dir.h)
 *  @param[out] output  to be destroyed by ost_output_destroy
 *  Collective on info->mesh->comm. Fails as results.h says.
 */
PetscErrorCode ost_output_create(const OstResultsInfo *info, OstOutput **output);

/* The observer to hand to an analysis; valid as long as the output. */
OstObserver ost_output_observer(OstOutput *output);

/* Closes the files; sets NULL. Without a call of the observer's `end` before, the results stay
   marked as not complete and there is no summary.json. Collective. */
PetscErrorCode ost_output_destroy(OstOutput **output);
