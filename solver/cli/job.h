/* job.h: what `osteon run` and `osteon resume` have in common once there is a mesh. */
#pragma once

#include "cli/options.h"
#include "cli/setup.h"
#include "io/checkpoint.h"

typedef struct {
  const OstCommand        *command;
  OstSetup                *setup;
  const char              *directory; /* results; ours (run_dir.h) */
  const char              *case_path; /* as the user knows it */
  const char              *protocol;  /* full path; "": that of the case */
  const OstCheckpointHead *from;      /* NULL: from the press-fit on */
  OstCase                 *sidecar;   /* of the mesh; destroyed by ost_job_destroy */
} OstJob;

/* What the command line says of the job's time, which begins now; faults into the list. */
PetscErrorCode ost_job_read_limits(const OstCommand *command, OstDiagList *list);

/* --time-limit in seconds; 0: none. */
PetscErrorCode ost_job_time_limit(const OstCommand *command, OstDiagList *list, PetscReal *limit);

/* The model from limb.msh and limb.yaml in `folder`; *code is OST_EXIT_DONE when it can be run.
   Faults are printed. */
PetscErrorCode ost_job_model(OstJob *job, const char *folder, OstExit *code);

/* The history, into the directory. *written: at least the first day is in the results. */
PetscErrorCode ost_job_run(const OstJob *job, OstExit *code, PetscBool *written);

PetscErrorCode ost_job_destroy(OstJob *job);
