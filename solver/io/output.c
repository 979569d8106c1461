#include "io/output.h"

#include "base/log.h"
#include "io/capsule.h"
#include "io/csv.h"
#include "io/files.h"
#include "io/summary.h"
#include "io/xdmf.h"

struct OstOutput {
  const OstMesh  *mesh;
  char            directory[PETSC_MAX_PATH_LEN];
  OstResults     *results;
  OstXdmf        *xdmf;
  OstCsv         *csv;
  OstSummaryFile *summary;

  char             *case_path, *case_text, *protocol, *hashes;
  double            interval, written; /* between checkpoints; when the last one was [s] */
  OstCheckpointHead next;              /* checkpoint */
  PetscReal         last_day;          /* of the last one that was written; -1: none [day] */
};

static PetscErrorCode keep(const char *text, char **kept)
{
  PetscFunctionBeginUser;
  PetscCall(PetscStrallocpy(text ? text : "", kept));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What both beginnings have in common: all but results.h5. */
static PetscErrorCode begin(const OstResultsInfo *info, OstOutput **output)
{
  MPI_Comm   comm = info->mesh->comm;
  OstOutput *o;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(output));
  o       = *output;
  o->mesh = info->mesh;
  PetscCall(PetscStrncpy(o->directory, info->directory, sizeof o->directory));
  o->last_day = -1.0;
  PetscCall(keep(info->case_path, &o->case_path));
  PetscCall(keep(info->input, &o->case_text));
  PetscCall(keep(info->protocol, &o->protocol));
  PetscCall(ost_results_pairs(info->num_hashes, info->hashes, PETSC_TRUE, &o->hashes));
  PetscCall(ost_xdmf_create(info->directory, info->mesh, info->fields, &o->xdmf));
  PetscCall(ost_csv_create(comm, info->directory, &o->csv));
  PetscCall(ost_summary_create(info, &o->summary));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_output_create(const OstResultsInfo *info, OstOutput **output)
{
  MPI_Comm comm = info->mesh->comm;
  char     path[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  PetscCall(ost_path_in(comm, info->directory, OST_RESOLVED_FILE, path));
  PetscCall(ost_atomic_file_write(comm, path, info->resolved ? info->resolved : ""));
  PetscCall(begin(info, output));
  PetscCall(ost_results_create(info, &(*output)->results));
  PetscCall(ost_log_end(OST_EVENT_OUTPUT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

void ost_output_set_interval(OstOutput *output, double interval_s)
{
  output->interval = interval_s;
}

PetscReal ost_output_last_checkpoint(const OstOutput *output)
{
  return output->last_day;
}

static PetscErrorCode archive_files(OstOutput *o, OstArchive *archive)
{
  PetscFunctionBeginUser;
  if (!archive->loading) { /* read before there was an output */
    PetscCall(archive->text(archive, OST_CHECKPOINT_CASE_PATH, &o->case_path));
    PetscCall(archive->text(archive, OST_CHECKPOINT_CASE_TEXT, &o->case_text));
    PetscCall(archive->text(archive, OST_CHECKPOINT_PROTOCOL, &o->protocol));
    PetscCall(archive->text(archive, OST_CHECKPOINT_HASHES, &o->hashes));
    PetscCall(ost_results_archive(o->results, archive));
  }
  PetscCall(ost_xdmf_archive(o->xdmf, archive));
  PetscCall(ost_summary_archive(o->summary, archive));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode hear_row(void *context, const OstHistoryRow *row)
{
  PetscFunctionBeginUser;
  PetscCall(ost_csv_row(((OstOutput *)context)->csv, row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode hear_fall(void *context, const OstFallReport *fall)
{
  PetscFunctionBeginUser;
  PetscCall(ost_summary_fall(((OstOutput *)context)->summary, fall));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_output_resume(const OstResultsInfo *info, const OstCheckpointHead *head,
                                 OstArchive *from, OstOutput **output)
{
  OstOutput *o;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  PetscCall(begin(info, output));
  o              = *output;
  o->next.serial = head->serial + 1;
  o->next.slot   = 1 - head->slot;
  o->last_day    = head->day;
  o->written     = MPI_Wtime();
  PetscCall(ost_results_resume(info, from, &o->results));
  PetscCall(archive_files(o, from));
  const OstObserver listener = {.context = o, .row = hear_row, .fall = hear_fall};
  PetscCall(ost_results_tell(o->results, &listener));
  PetscCall(ost_log_end(OST_EVENT_OUTPUT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  OstOutput         *output;
  const OstRunState *state;
} Whole;

static PetscErrorCode store(void *context, OstArchive *archive)
{
  const Whole *whole = context;

  PetscFunctionBeginUser;
  PetscCall(whole->state->archive(whole->state->context, archive));
  PetscCall(archive_files(whole->output, archive));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* On rank 0's clock. */
static PetscErrorCode is_due(const OstOutput *o, const OstRunState *state, PetscBool *due)
{
  int yes = !o->next.serial || state->ends || MPI_Wtime() - o->written >= o->interval;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(&yes, 1, MPI_INT, 0, o->mesh->comm));
  *due = yes ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Keeps the message of an error that does not end the program. */
static PetscErrorCode on_error(MPI_Comm comm, int line, const char *function, const char *file,
                               PetscErrorCode code, PetscErrorType type, const char *message,
                               void *context)
{
  (void)comm;
  (void)line;
  (void)function;
  (void)file;
  if (type == PETSC_ERROR_INITIAL) (void)snprintf(context, 512, "%s", message ? message : "");
  return code;
}

/* A disk that has no room for it is no reason to end a run that has the last one. */
static PetscErrorCode on_between(void *context, const OstRunState *state)
{
  OstOutput     *o        = context;
  Whole          whole    = {o, state};
  char           why[512] = "";
  PetscErrorCode failed;
  PetscBool      due = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(is_due(o, state, &due));
  if (!due) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  o->next.day   = state->day;
  o->next.steps = state->steps;
  PetscCall(PetscPushErrorHandler(on_error, why));
  failed = ost_checkpoint_write(o->mesh, o->directory, &o->next, store, &whole);
  PetscCall(PetscPopErrorHandler());
  o->written = MPI_Wtime();
  if (failed == PETSC_ERR_FILE_WRITE || failed == PETSC_ERR_FILE_OPEN)
    PetscCall(ost_log(OST_LOG_WARNING,
                      o->last_day < 0.0 ? "no checkpoint on day %.2f: %s; there is none yet"
                                        : "no checkpoint on day %.2f: %s; the last one is that of "
                                          "day %.2f",
                      (double)state->day, why, (double)o->last_day));
  else
    PetscCheck(!failed, o->mesh->comm, failed, "%s", why);
  if (!failed) {
    o->last_day    = state->day;
    o->next.slot   = 1 - o->next.slot;
    o->next.serial = o->next.serial + 1;
  }
  PetscCall(ost_log_end(OST_EVENT_OUTPUT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_output_destroy(OstOutput **output)
{
  OstOutput *o = *output;

  PetscFunctionBeginUser;
  if (!o) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_csv_destroy(&o->csv));
  PetscCall(ost_summary_destroy(&o->summary));
  PetscCall(ost_xdmf_destroy(&o->xdmf));
  PetscCall(ost_results_destroy(&o->results));
  PetscCall(PetscFree(o->case_path));
  PetscCall(PetscFree(o->case_text));
  PetscCall(PetscFree(o->protocol));
  PetscCall(PetscFree(o->hashes));
  PetscCall(PetscFree(*output));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode on_snapshot(void *context, const OstSnapshot *snapshot)
{
  OstOutput *o = context;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  PetscCall(ost_results_snapshot(o->results, snapshot));
  PetscCall(ost_xdmf_snapshot(o->xdmf, snapshot));
  PetscCall(ost_log_end(OST_EVENT_OUTPUT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode on_row(void *context, const OstHistoryRow *row)
{
  OstOutput *o = context;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  PetscCall(ost_results_row(o->results, row));
  PetscCall(ost_csv_row(o->csv, row));
  PetscCall(ost_log_end(OST_EVENT_OUTPUT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode on_fall(void *context, const OstFallReport *fall)
{
  OstOutput *o = context;
  char       group[OST_RESULTS_GROUP_LENGTH];

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  PetscCall(ost_results_fall(o->results, fall, group));
  PetscCall(ost_xdmf_fall(o->xdmf, group, fall));
  PetscCall(ost_summary_fall(o->summary, fall));
  PetscCall(ost_log_end(OST_EVENT_OUTPUT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode on_decision(void *context, const OstDecision *decision)
{
  const OstOutput *o = context;

  PetscFunctionBeginUser;
  PetscCall(ost_summary_decision(o->summary, decision));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode on_end(void *context, const OstSummary *end)
{
  OstOutput *o = context;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  PetscCall(ost_results_end(o->results));
  PetscCall(ost_summary_end(o->summary, end));
  PetscCall(ost_checkpoint_remove(o->mesh->comm, o->directory));
  PetscCall(ost_log_end(OST_EVENT_OUTPUT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode on_failure(void *context, const OstFailureReport *failure)
{
  const OstOutput *o = context;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  PetscCall(ost_capsule_write(o->mesh, o->directory, failure));
  PetscCall(ost_log_end(OST_EVENT_OUTPUT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

OstObserver ost_output_observer(OstOutput *output)
{
  return (OstObserver){.context  = output,
                       .snapshot = on_snapshot,
                       .row      = on_row,
                       .fall     = on_fall,
                       .end      = on_end,
                       .failure  = on_failure,
                       .decision = on_decision,
                       .between  = on_between};
}
