/* osteon: the program. Reads the command line, starts PETSC, runs a sub-command, and turns what
   comes back into an exit code. */
#include "base/log.h"
#include "cli/commands.h"

#include <stdlib.h>

static PetscBool is_of_the_system(PetscErrorCode code)
{
  return code == PETSC_ERR_FILE_OPEN || code == PETSC_ERR_FILE_READ ||
                 code == PETSC_ERR_FILE_WRITE || code == PETSC_ERR_FILE_UNEXPECTED ||
                 code == PETSC_ERR_MEM
             ? PETSC_TRUE
             : PETSC_FALSE;
}

/* A full disk is no bug: its message stands alone, without a stack trace. */
static PetscErrorCode on_error(MPI_Comm comm, int line, const char *function, const char *file,
                               PetscErrorCode code, PetscErrorType type, const char *message,
                               void *context)
{
  if (!is_of_the_system(code))
    return PetscTraceBackErrorHandler(comm, line, function, file, code, type, message, context);
  if (type == PETSC_ERROR_INITIAL) {
    ost_log_progress("%s", "");
    fprintf(stderr, "osteon: error: %s\n", message && message[0] ? message : "out of memory");
  }
  return code;
}

static PetscErrorCode run(const OstCommand *command, OstExit *code)
{
  PetscFunctionBeginUser;
  switch (command->name) {
  case OST_COMMAND_CHECK:
    PetscCall(ost_command_check(command, code));
    break;
  case OST_COMMAND_MESH:
    PetscCall(ost_command_mesh(command, code));
    break;
  case OST_COMMAND_RUN:
    PetscCall(ost_command_run(command, code));
    break;
  case OST_COMMAND_RESUME:
    PetscCall(ost_command_resume(command, code));
    break;
  case OST_COMMAND_COMPARE:
    PetscCall(ost_command_compare(command, code));
    break;
  case OST_COMMAND_REPORT:
    PetscCall(ost_command_report(command, code));
    break;
  case OST_COMMAND_EXPLAIN:
    PetscCall(ost_command_explain(command, code));
    break;
  case OST_COMMAND_KEYS:
    PetscCall(ost_command_keys(command, code));
    break;
  case OST_COMMAND_BENCH:
    PetscCall(ost_command_bench(command, code));
    break;
  case OST_COMMAND_PLAN:
    PetscCall(ost_command_plan(command, code));
    break;
  case OST_COMMAND_NONE:
    break;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char *argv[])
{
  OstCommand     command;
  OstExit        code = OST_EXIT_DONE;
  PetscErrorCode error;
  PetscMPIInt    rank;
  int            petsc_argc;
  char         **petsc_argv;

  ost_options_split(&argc, &argv, &petsc_argc, &petsc_argv);
  if (PetscInitialize(&petsc_argc, &petsc_argv, NULL, NULL)) return OST_EXIT_BUG;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  if (!ost_options_parse(argc, argv, rank ? PETSC_FALSE : PETSC_TRUE, &command))
    code = OST_EXIT_INPUT;
  else if (command.name != OST_COMMAND_NONE) {
    PetscPushErrorHandler(on_error, NULL);
    ost_log_register_events();
    ost_log_set_level((OstLogLevel)PetscMax(
        OST_LOG_ERROR, PetscMin(OST_LOG_DEBUG, OST_LOG_STEP + command.verbosity)));
    error = run(&command, &code);
    /* the other ranks may be waiting for this one */
    if (error)
      MPI_Abort(PETSC_COMM_WORLD, is_of_the_system(error) ? OST_EXIT_SYSTEM : OST_EXIT_BUG);
    PetscPopErrorHandler();
  }
  code = ost_diag_exit_code("osteon", code);
  PetscFinalize();
  free(petsc_argv);
  return (int)ost_diag_exit_code("osteon", code);
}
