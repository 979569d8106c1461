/* The main job, in the order in which a user would tell it. */
#include "base/log.h"
#include "cli/commands.h"
#include "cli/job.h"
#include "io/files.h"
#include "io/run_dir.h"

#include <errno.h>

/* The mesh that an earlier run, or `osteon mesh`, left in a folder. */
static PetscErrorCode take_mesh(const char *from, const char *part)
{
  static const char *const names[] = {"limb.msh", "limb.yaml", "limb-density.nii",
                                      "limb-density.nii.gz"};
  char                     old[PETSC_MAX_PATH_LEN], new[PETSC_MAX_PATH_LEN];
  PetscBool                there;

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    PetscCall(ost_path_in(PETSC_COMM_WORLD, from, names[i], old));
    PetscCall(ost_path_in(PETSC_COMM_WORLD, part, names[i], new));
    PetscCall(ost_file_exists(PETSC_COMM_WORLD, old, &there));
    if (there || i < 2) PetscCall(ost_file_copy(PETSC_COMM_WORLD, old, new));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Mesh and model, in the part folder: a refusal here costs no earlier result. *code is
   OST_EXIT_DONE when the model can be run. */
static PetscErrorCode prepare(OstJob *job, const char *part, OstExit *code)
{
  char mesh_path[PETSC_MAX_PATH_LEN], log_path[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  PetscCall(ost_path_in(PETSC_COMM_WORLD, part, "limb.msh", mesh_path));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, part, "osteon.log", log_path));
  PetscCall(ost_log_open(log_path)); /* it stays open when it is moved */
  *code = OST_EXIT_DONE;
  if (job->command->mesh) {
    PetscCall(take_mesh(job->command->mesh, part));
  } else {
    PetscCall(ost_log(OST_LOG_STEP, "meshing"));
    PetscCall(ost_commands_mesh(job->case_path, mesh_path, code));
  }
  if (*code == OST_EXIT_DONE) PetscCall(ost_job_model(job, part, code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The protocol that the command line names, from wherever the run will be resumed; "": none. */
static PetscErrorCode find_protocol(const OstCommand *command, OstDiagList *list,
                                    char path[PETSC_MAX_PATH_LEN])
{
  PetscFunctionBeginUser;
  path[0] = '\0';
  if (!command->num_protocols) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_commands_full_path(command->protocol[0], path));
  if (!path[0])
    PetscCall(ost_diag_error(list, (OstWhere){"--protocol", 0}, "name a file of cases/protocols",
                             "%s: %s", command->protocol[0], strerror(errno)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* *written says whether there are results that a report can be made of. */
static PetscErrorCode run_in(const OstCommand *command, OstSetup *setup, OstRunDir *run_dir,
                             const char *directory, const char *protocol, OstExit *code,
                             PetscBool *written)
{
  OstJob job = {.command   = command,
                .setup     = setup,
                .directory = directory,
                .case_path = command->target,
                .protocol  = protocol};

  PetscFunctionBeginUser;
  PetscCall(prepare(&job, ost_run_dir_part(run_dir), code));
  if (*code == OST_EXIT_DONE) {
    PetscCall(ost_run_dir_install(run_dir));
    PetscCall(ost_job_run(&job, code, written));
  }
  PetscCall(ost_job_destroy(&job));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The files a run will read: --force must not remove one of them. The caller frees `inputs`. */
static PetscErrorCode collect_inputs(const OstSetup *setup, const char *case_path, PetscInt *num,
                                     const char ***inputs)
{
  const PetscInt named = setup->file ? ost_case_num_inputs(setup->file) : 0;

  PetscFunctionBeginUser;
  *num = named + 1;
  PetscCall(PetscMalloc1(*num, inputs));
  for (PetscInt i = 0; i < named; i++) (*inputs)[i] = ost_case_input(setup->file, i);
  (*inputs)[named] = case_path;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_command_run(const OstCommand *command, OstExit *code)
{
  const char  *directory = command->output ? command->output : "out";
  char         protocol[PETSC_MAX_PATH_LEN];
  OstDiagList *list;
  OstSetup     setup;
  OstRunDir   *run_dir = NULL;
  PetscInt     num;
  const char **inputs;
  PetscBool    usable, written = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(find_protocol(command, list, protocol));
  PetscCall(ost_setup_read(&(OstCaseSource){.path = command->target, .protocol = protocol}, list,
                           &setup));
  PetscCall(ost_job_read_limits(command, list));
  PetscCall(collect_inputs(&setup, command->target, &num, &inputs));
  const OstRunDirOptions where = {
      .path = directory, .force = command->force, .num_inputs = num, .inputs = inputs};
  if (!ost_diag_num_errors(list))
    PetscCall(ost_run_dir_claim(PETSC_COMM_WORLD, &where, list, &run_dir));
  PetscCall(PetscFree(inputs));
  PetscCall(ost_commands_judge(list, &usable));
  PetscCall(ost_diag_destroy(&list));
  *code = OST_EXIT_INPUT;
  if (usable) {
    PetscCall(run_in(command, &setup, run_dir, directory, protocol, code, &written));
    PetscCall(ost_commands_end_run(command, directory, written, code));
    PetscCall(ost_run_dir_release(&run_dir));
  }
  PetscCall(ost_setup_destroy(&setup));
  PetscFunctionReturn(PETSC_SUCCESS);
}
