/* commands.h: what each sub-command does. Each returns the program's exit code; collective. */
#pragma once

#include "base/diag.h"
#include "cli/options.h"

PetscErrorCode ost_command_check(const OstCommand *command, OstExit *code);
PetscErrorCode ost_command_keys(const OstCommand *command, OstExit *code);
PetscErrorCode ost_command_mesh(const OstCommand *command, OstExit *code);
PetscErrorCode ost_command_run(const OstCommand *command, OstExit *code);
PetscErrorCode ost_command_resume(const OstCommand *command, OstExit *code);
PetscErrorCode ost_command_compare(const OstCommand *command, OstExit *code);
PetscErrorCode ost_command_report(const OstCommand *command, OstExit *code);
PetscErrorCode ost_command_bench(const OstCommand *command, OstExit *code);
PetscErrorCode ost_command_plan(const OstCommand *command, OstExit *code);
PetscErrorCode ost_command_explain(const OstCommand *command, OstExit *code);

/* Print the list on rank 0 and say whether the input can be used. Warnings alone do not stop. */
PetscErrorCode ost_commands_judge(const OstDiagList *list, PetscBool *usable);

/* Mesh a case with osteon-mesh; *code is that program's exit code, its messages are printed. */
PetscErrorCode ost_commands_mesh(const char *case_path, const char *mesh_path, OstExit *code);

/* The full path of a file that exists; "" and errno otherwise. */
PetscErrorCode ost_commands_full_path(const char *path, char full[PETSC_MAX_PATH_LEN]);

/* The log ends, and a report is made where there are results and the run was not only stopped. */
PetscErrorCode ost_commands_end_run(const OstCommand *command, const char *directory,
                                    PetscBool written, OstExit *code);

/* Make the report of a results directory; html NULL: DIR/report.html. */
PetscErrorCode ost_commands_report(const char *directory, const char *html, OstExit *code);
