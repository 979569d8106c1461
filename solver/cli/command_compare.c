/* One patient under several protocols: a run of each as a child of this program, on one mesh, side
   by side; then table and page. What is complete is left alone, what was cut off is resumed. */
#include "base/log.h"
#include "cli/commands.h"
#include "cli/launch.h"
#include "cli/setup.h"
#include "io/checkpoint.h"
#include "io/files.h"
#include "io/output.h"
#include "io/summary.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = OST_MOST_NAMED, MOST_ARGUMENTS = 16 };

/* One protocol and its run. */
typedef struct {
  char      protocol[PETSC_MAX_PATH_LEN], name[256];
  char      directory[PETSC_MAX_PATH_LEN], output[PETSC_MAX_PATH_LEN];
  char     *arguments[MOST_ARGUMENTS];
  PetscBool begun; /* its folder holds a run of the same case and protocol */
  int       code;
} Arm;

typedef struct {
  const OstCommand *command;
  const char       *directory;
  char              self[PETSC_MAX_PATH_LEN];
  PetscInt          num;
  Arm               arm[MOST];
} Comparison;

/* --- what is compared ------------------------------------------------------------------------- */

/* A file's name without folder and ending. */
static void base_name(const char *path, char name[200])
{
  const char *slash = strrchr(path, '/');
  const char *base  = slash ? slash + 1 : path;

  (void)snprintf(name, 200, "%.*s", (int)strcspn(base, "."), base);
}

/* An arm is called after its protocol, with a number behind where two are the same. */
static void name_arm(Comparison *c, PetscInt k)
{
  char     base[200], other[200];
  PetscInt same = 1;

  base_name(c->arm[k].protocol, base);
  for (PetscInt i = 0; i < k; i++) {
    base_name(c->arm[i].protocol, other);
    same += !strcmp(base, other);
  }
  (void)snprintf(c->arm[k].name, sizeof c->arm[k].name, same > 1 ? "%s-%d" : "%s", base, (int)same);
}

/* The next line of a resolved case that is not the heading of a part, which has the part's path as
   it was written from some folder: "# activity ../activities/level-walking.yaml". */
static const char *next_line(const char *text)
{
  while (text[0] == '#' && text[1] == ' ' && text[2] != ' ') {
    text += strcspn(text, "\n");
    text += *text == '\n';
  }
  return text;
}

static PetscBool are_the_same(const char *a, const char *b)
{
  for (;;) {
    a                   = next_line(a);
    b                   = next_line(b);
    const size_t length = strcspn(a, "\n");
    if (length != strcspn(b, "\n") || strncmp(a, b, length) != 0) return PETSC_FALSE;
    if (!a[length] || !b[length]) return (PetscBool)(a[length] == b[length]);
    a += length + 1;
    b += length + 1;
  }
}

/* Whether an earlier call began this arm; a run of another case is told. */
static PetscErrorCode look_back(Arm *arm, const OstCase *file, OstDiagList *list)
{
  char      path[PETSC_MAX_PATH_LEN];
  char     *now, *then;
  PetscBool there;

  PetscFunctionBeginUser;
  PetscCall(ost_path_in(PETSC_COMM_WORLD, arm->directory, OST_RESOLVED_FILE, path));
  PetscCall(ost_file_exists(PETSC_COMM_WORLD, path, &there));
  if (!there) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_case_read_text(path, (OstWhere){path, 0}, list, &then));
  PetscCall(ost_case_resolved(file, &now));
  arm->begun = (PetscBool)(then && are_the_same(now, then));
  if (!arm->begun)
    PetscCall(ost_diag_error(list, (OstWhere){arm->directory, 0},
                             "choose another folder with -o, or remove that run",
                             "it holds a run of another case, or by another protocol"));
  PetscCall(PetscFree(now));
  PetscCall(PetscFree(then));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Every protocol with the case, so that faults show before the first run begins. */
static PetscErrorCode read_arms(Comparison *c, OstDiagList *list)
{
  const OstCommand *command = c->command;

  PetscFunctionBeginUser;
  c->num = command->num_protocols;
  for (PetscInt k = 0; k < c->num; k++) {
    Arm          *arm = &c->arm[k];
    char          file[300];
    OstSetup      setup;
    OstCaseSource source = {.path = command->target, .protocol = arm->protocol};
    PetscCall(ost_commands_full_path(command->protocol[k], arm->protocol));
    if (!arm->protocol[0]) {
      PetscCall(ost_diag_error(list, (OstWhere){"--protocol", 0}, "name a file of cases/protocols",
                               "%s: %s", command->protocol[k], strerror(errno)));
      continue;
    }
    name_arm(c, k);
    (void)snprintf(file, sizeof file, "%s.log", arm->name);
    PetscCall(ost_path_in(PETSC_COMM_WORLD, c->directory, arm->name, arm->directory));
    PetscCall(ost_path_in(PETSC_COMM_WORLD, c->directory, file, arm->output));
    PetscCall(ost_setup_read(&source, list, &setup));
    if (!ost_diag_num_errors(list)) PetscCall(look_back(arm, setup.file, list));
    PetscCall(ost_setup_destroy(&setup));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode check_command(const OstCommand *command, OstDiagList *list)
{
  const OstWhere at = {"osteon compare", 0};
  PetscMPIInt    size;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  if (size > 1)
    PetscCall(ost_diag_error(list, at,
                             "start each run with `mpirun -n N osteon run CASE --protocol FILE "
                             "--mesh DIR -o DIR`, then `osteon compare DIR DIR ...` alone",
                             "it runs the protocols side by side, each on one rank"));
  if (command->num_protocols && command->num_further)
    PetscCall(ost_diag_error(list, at, "give one case and protocols, or only directories",
                             "%s is a second thing to work on beside --protocol",
                             command->further[0]));
  if (command->num_protocols == 1 || (!command->num_protocols && !command->num_further))
    PetscCall(ost_diag_error(list, at,
                             "name two protocols with --protocol, or two results directories",
                             "there is nothing to compare it with"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the runs --------------------------------------------------------------------------------- */

/* The mesh of all runs, in the folder of the comparison; one that an arm has begun with stays. */
static PetscErrorCode make_mesh(const Comparison *c, OstExit *code)
{
  char      path[PETSC_MAX_PATH_LEN], sidecar[PETSC_MAX_PATH_LEN];
  PetscBool there, begun = PETSC_FALSE;

  PetscFunctionBeginUser;
  *code = OST_EXIT_DONE;
  for (PetscInt k = 0; k < c->num; k++) begun = (PetscBool)(begun || c->arm[k].begun);
  PetscCheck(!mkdir(c->directory, 0777) || errno == EEXIST, PETSC_COMM_WORLD, PETSC_ERR_FILE_OPEN,
             "cannot make the directory %s: %s", c->directory, strerror(errno));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, c->directory, "limb.msh", path));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, c->directory, "limb.yaml", sidecar));
  PetscCall(ost_file_exists(PETSC_COMM_WORLD, sidecar, &there));
  if (there && begun) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_log(OST_LOG_STEP, "meshing"));
  PetscCall(ost_commands_mesh(c->command->target, path, code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* How the run of one arm is started now; *needed FALSE: it is complete. */
static PetscErrorCode plan_arm(Comparison *c, Arm *arm, PetscBool *needed)
{
  char              summary[PETSC_MAX_PATH_LEN];
  OstDiagList      *list;
  OstCheckpointHead head;
  PetscBool         complete, resumes;
  int               n = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_path_in(PETSC_COMM_WORLD, arm->directory, OST_SUMMARY_FILE, summary));
  PetscCall(ost_file_exists(PETSC_COMM_WORLD, summary, &complete));
  *needed = (PetscBool)!complete;
  if (complete) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_diag_create(&list)); /* the run itself will tell */
  PetscCall(ost_checkpoint_find(PETSC_COMM_WORLD, arm->directory, list, &head, &resumes));
  PetscCall(ost_diag_destroy(&list));
  arm->arguments[n++] = c->self;
  arm->arguments[n++] = (char *)(resumes ? "resume" : "run");
  arm->arguments[n++] = resumes ? arm->directory : (char *)c->command->target;
  if (!resumes) {
    arm->arguments[n++] = (char *)"-o";
    arm->arguments[n++] = arm->directory;
    arm->arguments[n++] = (char *)"--protocol";
    arm->arguments[n++] = arm->protocol;
    arm->arguments[n++] = (char *)"--mesh";
    arm->arguments[n++] = (char *)c->directory;
    if (arm->begun) arm->arguments[n++] = (char *)"--force"; /* what it left without checkpoint */
  }
  if (c->command->time_limit) {
    arm->arguments[n++] = (char *)"--time-limit";
    arm->arguments[n++] = (char *)c->command->time_limit;
  }
  OstAssert(n < MOST_ARGUMENTS, "%d arguments", n);
  arm->arguments[n] = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What the runs ended with; *code is the worst of it. */
static PetscErrorCode tell_runs(const Comparison *c, OstExit *code)
{
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < c->num; k++) {
    const Arm *arm = &c->arm[k];
    if (arm->code == OST_EXIT_DONE) continue;
    if (arm->code == OST_EXIT_STOPPED)
      PetscCall(ost_log(OST_LOG_WARNING, "%s was stopped; the same command goes on", arm->name));
    else
      PetscCall(ost_log(OST_LOG_ERROR, "%s ended with exit code %d: see %s", arm->name, arm->code,
                        arm->output));
    if (*code == OST_EXIT_DONE || arm->code != OST_EXIT_STOPPED)
      *code = arm->code == 127 ? OST_EXIT_SYSTEM : (OstExit)arm->code;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode run_arms(Comparison *c, OstExit *code)
{
  const PetscInt cores = (PetscInt)sysconf(_SC_NPROCESSORS_ONLN);
  const PetscInt jobs  = c->command->jobs ? c->command->jobs : PetscMax(1, cores);
  char *const   *arguments[MOST];
  const char    *output[MOST];
  int            codes[MOST];
  PetscInt       which[MOST], num = 0;

  PetscFunctionBeginUser;
  PetscCall(make_mesh(c, code));
  if (*code != OST_EXIT_DONE) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt k = 0; k < c->num; k++) {
    PetscBool needed;
    PetscCall(plan_arm(c, &c->arm[k], &needed));
    c->arm[k].code = OST_EXIT_DONE;
    if (!needed) continue;
    arguments[num] = c->arm[k].arguments;
    output[num]    = c->arm[k].output;
    which[num++]   = k;
    PetscCall(ost_log(OST_LOG_STEP, "%s: %s, told in %s", c->arm[k].name, c->arm[k].arguments[1],
                      c->arm[k].output));
  }
  PetscCall(ost_launch_all(num, arguments, output, jobs, codes));
  for (PetscInt i = 0; i < num; i++) c->arm[which[i]].code = codes[i];
  PetscCall(tell_runs(c, code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- table and page --------------------------------------------------------------------------- */

static PetscErrorCode make_page(const char *directory, PetscInt num, const char *const results[],
                                OstExit *code)
{
  char  program[PETSC_MAX_PATH_LEN];
  char *arguments[MOST + 5];
  int   result = OST_EXIT_BUG, n = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_launch_find("postproc/compare", program));
  arguments[n++] = program;
  for (PetscInt k = 0; k < num; k++) arguments[n++] = (char *)results[k];
  arguments[n++] = (char *)"-o";
  arguments[n++] = (char *)directory;
  arguments[n]   = NULL;
  PetscCall(ost_launch(arguments, &result));
  *code = result == 127 ? OST_EXIT_SYSTEM : (OstExit)result;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Of the runs that left results, if there are two. */
static PetscErrorCode compare_arms(const Comparison *c, OstExit *code)
{
  const char *results[MOST];
  PetscInt    num = 0;
  OstExit     page;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < c->num; k++) {
    char      path[PETSC_MAX_PATH_LEN];
    PetscBool there;
    PetscCall(ost_path_in(PETSC_COMM_WORLD, c->arm[k].directory, OST_RESULTS_FILE, path));
    PetscCall(ost_file_exists(PETSC_COMM_WORLD, path, &there));
    if (there) results[num++] = c->arm[k].directory;
  }
  if (num < 2) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(make_page(c->directory, num, results, &page));
  if (*code == OST_EXIT_DONE) *code = page;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_command_compare(const OstCommand *command, OstExit *code)
{
  const char  *results[MOST + 1] = {command->target};
  Comparison  *c;
  OstDiagList *list;
  PetscBool    usable;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&c));
  c->command   = command;
  c->directory = command->output ? command->output : "compare";
  PetscCall(ost_diag_create(&list));
  PetscCall(check_command(command, list));
  if (!ost_diag_num_errors(list)) PetscCall(read_arms(c, list));
  PetscCall(ost_commands_judge(list, &usable));
  PetscCall(ost_diag_destroy(&list));
  *code = usable ? OST_EXIT_DONE : OST_EXIT_INPUT;
  if (usable && c->num) {
    PetscCall(ost_launch_self(c->self));
    PetscCall(run_arms(c, code));
    if (*code != OST_EXIT_STOPPED) PetscCall(compare_arms(c, code));
  } else if (usable) {
    for (PetscInt i = 0; i < command->num_further; i++) results[i + 1] = command->further[i];
    PetscCall(make_page(c->directory, command->num_further + 1, results, code));
  }
  PetscCall(PetscFree(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}
