#include "cli/commands.h"

#include "base/log.h"
#include "cli/launch.h"
#include "cli/setup.h"
#include "cli/sidecar.h"
#include "io/capsule.h"
#include "loads/load_plot.h"
#include "loads/timetable.h"

#include <stdlib.h>

PetscErrorCode ost_commands_judge(const OstDiagList *list, PetscBool *usable)
{
  const PetscInt num = ost_diag_num_errors(list);
  PetscInt       errors[2]; /* on rank 0, most on any rank */
  PetscMPIInt    rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  errors[0] = num;
  PetscCallMPI(MPI_Bcast(errors, 1, MPIU_INT, 0, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Allreduce(&num, &errors[1], 1, MPIU_INT, MPI_MAX, PETSC_COMM_WORLD));
  /* faults are the same everywhere, but for a file that a rank cannot see */
  if (rank ? num && !errors[0] : num + ost_diag_num_warnings(list) > 0)
    PetscCall(ost_diag_print(list, stderr));
  *usable = errors[1] ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_commands_mesh(const char *case_path, const char *mesh_path, OstExit *code)
{
  char program[PETSC_MAX_PATH_LEN];
  int  result = OST_EXIT_BUG;

  PetscFunctionBeginUser;
  PetscCall(ost_launch_find("osteon-mesh", program));
  char *arguments[] = {program, (char *)case_path, (char *)"-o", (char *)mesh_path, NULL};
  PetscCall(ost_launch(arguments, &result));
  *code = result == 127 ? OST_EXIT_SYSTEM : (OstExit)result;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_commands_report(const char *directory, const char *html, OstExit *code)
{
  char program[PETSC_MAX_PATH_LEN];
  int  result = OST_EXIT_BUG;

  PetscFunctionBeginUser;
  PetscCall(ost_launch_find("postproc/report", program));
  char *arguments[] = {program, (char *)directory, html ? (char *)"-o" : NULL, (char *)html, NULL};
  PetscCall(ost_launch(arguments, &result));
  *code = result == 127 ? OST_EXIT_SYSTEM : (OstExit)result;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_commands_full_path(const char *path, char full[PETSC_MAX_PATH_LEN])
{
  char *real = realpath(path, NULL);

  PetscFunctionBeginUser;
  full[0] = '\0';
  if (real) PetscCall(PetscStrncpy(full, real, PETSC_MAX_PATH_LEN));
  free(real);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_commands_end_run(const OstCommand *command, const char *directory,
                                    PetscBool written, OstExit *code)
{
  OstExit report;

  PetscFunctionBeginUser;
  PetscCall(ost_log_open(NULL));
  if (!written || command->no_report || *code == OST_EXIT_STOPPED) /* time is short then */
    PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_commands_report(directory, NULL, &report));
  if (*code == OST_EXIT_DONE) *code = report;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* As POSIX looks for the character set: the first of these that is set. */
static PetscBool speaks_utf8(void)
{
  static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *locale = getenv(names[i]);
    if (!locale || !locale[0]) continue;
    return strcasestr(locale, "utf-8") || strcasestr(locale, "utf8") ? PETSC_TRUE : PETSC_FALSE;
  }
  return PETSC_FALSE;
}

PetscErrorCode ost_command_check(const OstCommand *command, OstExit *code)
{
  OstDiagList *list;
  OstSetup     setup;
  PetscBool    usable;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_setup_read(&(OstCaseSource){.path = command->target}, list, &setup));
  PetscCall(ost_commands_judge(list, &usable));
  *code = usable ? OST_EXIT_DONE : OST_EXIT_INPUT;
  if (usable) {
    char *resolved, *table, *plot;
    PetscCall(ost_case_resolved(setup.file, &resolved));
    PetscCall(ost_timetable_write(&setup.model.schedule, &table));
    PetscCall(ost_load_plot(&setup.model.schedule, speaks_utf8(), &plot));
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "# %s, in house units\n", command->target));
    /* PetscPrintf has a limit on what it formats; a resolved case may be longer */
    PetscMPIInt rank;
    PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
    if (!rank) printf("%s\n%s\n%s", resolved, table, plot);
    PetscCall(PetscFree(resolved));
    PetscCall(PetscFree(table));
    PetscCall(PetscFree(plot));
  }
  PetscCall(ost_setup_destroy(&setup));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void print_keys(const OstCase *file)
{
  for (PetscInt i = 0; i < ost_case_num_records(file); i++) {
    const OstKeyRecord r = ost_case_record(file, i);
    printf("%s\t%s\t%s\t%s\t%s\t%s\n", r.role, r.path, r.kind, r.unit, r.def, r.range);
  }
}

/* A limb.yaml, which the mesher writes and a run reads, has a schema of its own. */
static PetscErrorCode read_limb(const char *path, OstDiagList *list, OstCase **file)
{
  OstSidecar sidecar;

  PetscFunctionBeginUser;
  PetscCall(ost_case_load(path, "limb", list, file));
  if (!*file) PetscFunctionReturn(PETSC_SUCCESS);
  const PetscBool is_limb = (PetscBool)(ost_node_find(ost_case_root(*file), "limb") != NULL);
  PetscCall(ost_case_destroy(file));
  if (is_limb) {
    PetscCall(ost_sidecar_read(path, list, file, &sidecar));
    PetscCall(ost_outline_destroy(&sidecar.outline));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_command_keys(const OstCommand *command, OstExit *code)
{
  OstDiagList *list;
  OstSetup     setup = {0};
  OstCase     *limb  = NULL;
  PetscBool    usable;
  PetscMPIInt  rank;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(read_limb(command->target, list, &limb));
  if (!limb) PetscCall(ost_setup_read(&(OstCaseSource){.path = command->target}, list, &setup));
  PetscCall(ost_commands_judge(list, &usable));
  *code = usable ? OST_EXIT_DONE : OST_EXIT_INPUT;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (usable && !rank) print_keys(limb ? limb : setup.file);
  if (limb)
    PetscCall(ost_case_destroy(&limb));
  else
    PetscCall(ost_setup_destroy(&setup));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_command_mesh(const OstCommand *command, OstExit *code)
{
  PetscFunctionBeginUser;
  PetscCall(
      ost_commands_mesh(command->target, command->output ? command->output : "limb.msh", code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_command_report(const OstCommand *command, OstExit *code)
{
  PetscFunctionBeginUser;
  PetscCall(ost_commands_report(command->target, command->output, code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_command_explain(const OstCommand *command, OstExit *code)
{
  OstDiagList *list;
  PetscBool    usable;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_capsule_print(PETSC_COMM_WORLD, command->target, list));
  PetscCall(ost_commands_judge(list, &usable));
  *code = usable ? OST_EXIT_DONE : OST_EXIT_INPUT;
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}
