/* output.h: all that a run leaves in its directory, as one observer.

   Binds results.h5, results.xdmf, history.csv, summary.json, case.resolved.yaml and the checkpoints
   together and owns their order: what refers to a file is written after it, and what says
   "complete" comes last. */
#pragma once

#include "io/checkpoint.h"
#include "io/results.h"

#define OST_RESOLVED_FILE "case.resolved.yaml"

typedef struct OstOutput OstOutput;

/** Begin the files of a run.
 *  @param[in]  info    what is known before the first step; info->directory is ours (run_dir.h)
 *  @param[out] output  to be destroyed by ost_output_destroy
 *  Collective on info->mesh->comm. Fails as results.h says.
 */
PetscErrorCode ost_output_create(const OstResultsInfo *info, OstOutput **output);

/** Go on with the files of an earlier run of the same model.
 *  @param[in] head  checkpoint that the run goes on from
 *  @param[in] from  the archive of it: the files become what they were when it was written
 */
PetscErrorCode ost_output_resume(const OstResultsInfo *info, const OstCheckpointHead *head,
                                 OstArchive *from, OstOutput **output);

/* Day of the last checkpoint that got to the disk; -1: there is none. */
PetscReal ost_output_last_checkpoint(const OstOutput *output);

/* A checkpoint is due when the last one is so old [s]; 0: after every step. */
void ost_output_set_interval(OstOutput *output, double interval_s);

/* Texts of a checkpoint that are wanted before there is a mesh (ost_checkpoint_read_text). */
#define OST_CHECKPOINT_CASE_PATH "case/path"
#define OST_CHECKPOINT_CASE_TEXT "case/text"
#define OST_CHECKPOINT_PROTOCOL  "case/protocol"
#define OST_CHECKPOINT_HASHES    "case/hashes" /* "SHA-256  FILE" lines of all inputs */

/* The observer to hand to an analysis; valid as long as the output. */
OstObserver ost_output_observer(OstOutput *output);

/* Closes the files; sets NULL. Without a call of the observer's `end` before, the results stay
   marked as not complete and there is no summary.json. Collective. */
PetscErrorCode ost_output_destroy(OstOutput **output);
