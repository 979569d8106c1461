/* Going on with a run that was cut off or stopped, from its last checkpoint, on as many ranks as
   there are now. */
#include "base/log.h"
#include "cli/commands.h"
#include "cli/job.h"
#include "cli/provenance.h"
#include "io/files.h"
#include "io/output.h"
#include "io/run_dir.h"
#include "io/summary.h"

/* The summary is written last: where it is, nothing is left to do. */
static PetscErrorCode is_complete(const char *directory, PetscBool *complete)
{
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  PetscCall(ost_path_in(PETSC_COMM_WORLD, directory, OST_SUMMARY_FILE, path));
  PetscCall(ost_file_exists(PETSC_COMM_WORLD, path, complete));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What a kill after the summary may have left undone. */
static PetscErrorCode finish(const OstCommand *command, OstExit *code)
{
  char      page[PETSC_MAX_PATH_LEN];
  PetscBool there;

  PetscFunctionBeginUser;
  *code = OST_EXIT_DONE;
  PetscCall(ost_checkpoint_remove(PETSC_COMM_WORLD, command->target));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, command->target, "report.html", page));
  PetscCall(ost_file_exists(PETSC_COMM_WORLD, page, &there));
  if (there || command->no_report)
    PetscCall(ost_log(OST_LOG_STEP, "%s is complete: nothing is left to do", command->target));
  else
    PetscCall(ost_commands_report(command->target, NULL, code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The newest checkpoint; that there is none is an error in the list. */
static PetscErrorCode find_checkpoint(const char *directory, OstDiagList *list,
                                      OstCheckpointHead *head, PetscBool *found)
{
  char      results[PETSC_MAX_PATH_LEN];
  PetscBool there;

  PetscFunctionBeginUser;
  PetscCall(ost_checkpoint_find(PETSC_COMM_WORLD, directory, list, head, found));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, directory, OST_RESULTS_FILE, results));
  PetscCall(ost_file_exists(PETSC_COMM_WORLD, results, &there));
  if (*found && !there)
    PetscCall(ost_diag_error(list, (OstWhere){results, 0},
                             "put it back, or start anew with `osteon run --force`",
                             "there is a checkpoint, but not the results up to it"));
  if (!*found && !ost_diag_num_errors(list))
    PetscCall(ost_diag_error(list, (OstWhere){directory, 0},
                             "name the results directory of a run; one that was cut off before its "
                             "first day was done has to start anew: `osteon run --force`",
                             "there is no checkpoint to go on from"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The case as it was when the run began, whatever has become of the file since. */
static PetscErrorCode read_case(const OstCheckpointHead *head, OstDiagList *list, char **path,
                                char **protocol, OstSetup *setup)
{
  char *text;

  PetscFunctionBeginUser;
  PetscCall(ost_checkpoint_read_text(PETSC_COMM_WORLD, head, OST_CHECKPOINT_CASE_PATH, path));
  PetscCall(ost_checkpoint_read_text(PETSC_COMM_WORLD, head, OST_CHECKPOINT_CASE_TEXT, &text));
  PetscCall(ost_checkpoint_read_text(PETSC_COMM_WORLD, head, OST_CHECKPOINT_PROTOCOL, protocol));
  PetscCall(ost_setup_read(&(OstCaseSource){*path, text, *protocol}, list, setup));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A file that the case names must be what it was, or the rest of the run would be another's. */
static PetscErrorCode check_inputs(const OstCheckpointHead *head, const OstSetup *setup,
                                   const char *case_path, const char *directory, OstDiagList *list)
{
  char           mesh_path[PETSC_MAX_PATH_LEN];
  OstProvenance *now;
  char          *then, *line;

  PetscFunctionBeginUser;
  PetscCall(ost_checkpoint_read_text(PETSC_COMM_WORLD, head, OST_CHECKPOINT_HASHES, &then));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, directory, "limb.msh", mesh_path));
  PetscCall(PetscNew(&now));
  PetscCall(ost_provenance_collect(setup, mesh_path, mesh_path, now)); /* the case is a text */
  line = then;
  for (PetscInt i = 0; i < now->num_hashes && line; i++) {
    if (i > 0 && strncmp(line, now->hash[i].text, strlen(now->hash[i].text)) != 0)
      PetscCall(ost_diag_error(list, (OstWhere){now->hash[i].name, 0},
                               "put the old file back, or start anew with `osteon run`",
                               "this file has changed since the run of %s began", case_path));
    line = strchr(line, '\n');
    if (line) line++;
  }
  PetscCall(PetscFree(now));
  PetscCall(PetscFree(then));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode go_on(OstJob *job, OstExit *code, PetscBool *written)
{
  char log_path[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  PetscCall(ost_path_in(PETSC_COMM_WORLD, job->directory, "osteon.log", log_path));
  PetscCall(ost_log_open(log_path));
  PetscCall(ost_log(OST_LOG_STEP, "going on from day %.2f, step %" PetscInt_FMT,
                    (double)job->from->day, job->from->steps));
  PetscCall(ost_job_model(job, job->directory, code));
  if (*code == OST_EXIT_DONE) PetscCall(ost_job_run(job, code, written));
  PetscCall(ost_job_destroy(job));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* With the directory ours. */
static PetscErrorCode resume_in(const OstCommand *command, const char *directory, OstDiagList *list,
                                OstExit *code)
{
  OstCheckpointHead head;
  OstSetup          setup     = {0};
  char             *case_path = NULL, *protocol = NULL;
  PetscBool         found, usable, written = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(ost_job_read_limits(command, list));
  PetscCall(find_checkpoint(directory, list, &head, &found));
  if (found) PetscCall(read_case(&head, list, &case_path, &protocol, &setup));
  if (found && !ost_diag_num_errors(list))
    PetscCall(check_inputs(&head, &setup, case_path, directory, list));
  PetscCall(ost_commands_judge(list, &usable));
  *code = OST_EXIT_INPUT;
  if (usable) {
    OstJob job = {.command   = command,
                  .setup     = &setup,
                  .directory = directory,
                  .case_path = case_path,
                  .protocol  = protocol,
                  .from      = &head};
    PetscCall(go_on(&job, code, &written));
    PetscCall(ost_commands_end_run(command, directory, written, code));
  }
  PetscCall(ost_setup_destroy(&setup));
  PetscCall(PetscFree(case_path));
  PetscCall(PetscFree(protocol));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_command_resume(const OstCommand *command, OstExit *code)
{
  const OstRunDirOptions where = {.path = command->target, .resume = PETSC_TRUE};
  OstDiagList           *list;
  OstRunDir             *run_dir = NULL;
  PetscBool              usable, complete = PETSC_FALSE;

  PetscFunctionBeginUser;
  *code = OST_EXIT_INPUT;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_run_dir_claim(PETSC_COMM_WORLD, &where, list, &run_dir));
  if (!run_dir) {
    PetscCall(ost_commands_judge(list, &usable));
  } else {
    PetscCall(is_complete(command->target, &complete));
    if (complete) {
      PetscCall(finish(command, code));
    } else {
      PetscCall(resume_in(command, command->target, list, code));
    }
    PetscCall(ost_run_dir_release(&run_dir));
  }
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}
