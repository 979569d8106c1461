/* summary.h: summary.json, the end of a run for scripts.

   Written once, whole, at the very end: where it stands, the run is complete. Keys (README,
   "Results"): osteon title patient side bone implant mesh material final falls decisions solver
   complete.
   Numbers that are not known are null. */
#pragma once

#include "io/results.h"

#define OST_SUMMARY_FILE "summary.json"

typedef struct OstSummaryFile OstSummaryFile;

/* Takes mesh facts and names from info; writes nothing yet. Collective. */
PetscErrorCode ost_summary_create(const OstResultsInfo *info, OstSummaryFile **summary);
PetscErrorCode ost_summary_destroy(OstSummaryFile **summary); /* sets NULL */

/* Keep the numbers of a fall. Not collective. */
PetscErrorCode ost_summary_fall(OstSummaryFile *summary, const OstFallReport *fall);

/* Keep what a rule of the protocol did. Not collective. */
PetscErrorCode ost_summary_decision(OstSummaryFile *summary, const OstDecision *decision);

/* The decisions so far, to a checkpoint or back; the falls stand in the results. Collective. */
PetscErrorCode ost_summary_archive(OstSummaryFile *summary, OstArchive *archive);

/* Write. Fails as ost_atomic_file_end does. Collective. */
PetscErrorCode ost_summary_end(OstSummaryFile *summary, const OstSummary *end);

/* Text as a JSON string with its quotes, number as the shortest JSON number that reads back as the
   same (null when it is not finite). */
void ost_json_text(FILE *out, const char *text);
void ost_json_real(FILE *out, PetscReal value);
