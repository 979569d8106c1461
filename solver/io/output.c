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
};

PetscErrorCode ost_output_create(const OstResultsInfo *info, OstOutput **output)
{
  MPI_Comm   comm = info->mesh->comm;
  char       path[PETSC_MAX_PATH_LEN];
  OstOutput *o;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  PetscCall(PetscNew(output));
  o       = *output;
  o->mesh = info->mesh;
  PetscCall(PetscStrncpy(o->directory, info->directory, sizeof o->directory));
  PetscCall(ost_path_in(comm, info->directory, OST_RESOLVED_FILE, path));
  PetscCall(ost_atomic_file_write(comm, path, info->resolved ? info->resolved : ""));
  PetscCall(ost_results_create(info, &o->results));
  PetscCall(ost_xdmf_create(info->directory, info->mesh, info->fields, &o->xdmf));
  PetscCall(ost_csv_create(comm, info->directory, &o->csv));
  PetscCall(ost_summary_create(info, &o->summary));
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
                       .decision = on_decision};
}
