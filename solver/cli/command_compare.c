/* One patient under several protocols: a run of each as a child of this program, on one mesh, side
   by side; then table and page. What is complete is left alone, what was cut off is resumed. */
#include "base/log.h"
#include "cli/commands.h"
#include "cli/job.h"
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
  char      limit[40]; /* what is left of --time-limit when it is started */
  PetscBool earlier;   /* its folder holds a run of the same case and protocol */
  int       code;
} Arm;

typedef struct {
  const OstCommand *command;
  const char       *directory;
  char              self[PETSC_MAX_PATH_LEN], page[PETSC_MAX_PATH_LEN]; /* programs */
  PetscReal         limit;                                              /* [s], 0: none */
  double            begun;                                              /* MPI_Wtime */
  PetscInt          num;
  Arm               arm[MOST];
} Comparison;

/* --- what is compared ------------------------------------------------------------------------- */

/* A file's name without folder and the ending of a YAML file. */
static void base_name(const char *path, char name[200])
{
  const char *slash = strrchr(path, '/');
  const char *base  = slash ? slash + 1 : path;
  const char *dot   = strrchr(base, '.');
  const int   ends  = dot && dot > base && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));

  (void)snprintf(name, 200, "%.*s", ends ? (int)(dot - base) : (int)strlen(base), base);
}

static PetscBool is_taken(const Comparison *c, PetscInt k, const char *name)
{
  for (PetscInt i = 0; i < k; i++)
    if (!strcmp(c->arm[i].name, name)) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* An arm is called after its protocol, with a number behind where that is taken. */
static void name_arm(Comparison *c, PetscInt k)
{
  char base[200], name[256];

  base_name(c->arm[k].protocol, base);
  (void)snprintf(name, sizeof name, "%s", base);
  for (int again = 2; is_taken(c, k, name); again++)
    (void)snprintf(name, sizeof name, "%s-%d", base, again);
  (void)snprintf(c->arm[k].name, sizeof c->arm[k].name, "%s", name);
}

/* A resolved case's next line that says something of the case: files are named by their path, which
   depends on where the command is given. FALSE at the end. */
static PetscBool next_line(FILE *in, char **line, size_t *room, PetscInt *number)
{
  while (getline(line, room, in) >= 0) {
    ++*number;
    (*line)[strcspn(*line, "\n")] = '\0';
    if (strncmp(*line, "# ", 2) != 0 || (*line)[2] == ' ') return PETSC_TRUE;
  }
  (*line)[0] = '\0';
  return PETSC_FALSE;
}

/* A run that is there has to be one of this case: it is left alone or resumed as it stands. */
static PetscErrorCode check_earlier(Arm *arm, const OstSetup *setup, OstDiagList *list)
{
  char      path[PETSC_MAX_PATH_LEN];
  char     *resolved, *line[2] = {calloc(1, 1), calloc(1, 1)};
  size_t    room[2]   = {1, 1};
  PetscInt  number[2] = {0, 0};
  PetscBool more[2], same;

  PetscFunctionBeginUser;
  PetscCheck(line[0] && line[1], PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a line");
  PetscCall(ost_path_in(PETSC_COMM_WORLD, arm->directory, OST_RESOLVED_FILE, path));
  PetscCall(ost_case_resolved(setup->file, &resolved));
  FILE *const old = fopen(path, "r"), *const now = fmemopen(resolved, strlen(resolved), "r");
  if (old && now) {
    do {
      more[0] = next_line(old, &line[0], &room[0], &number[0]);
      more[1] = next_line(now, &line[1], &room[1], &number[1]);
      same    = (PetscBool)(more[0] == more[1] && !strcmp(line[0], line[1]));
    } while (same && more[0]);
    arm->earlier = same;
    if (!same)
      PetscCall(ost_diag_error(
          list, (OstWhere){path, (int)number[0]}, "name another folder with -o, or remove this one",
          "a run of another case is there: `%s`, where it now is `%s`", line[0], line[1]));
  }
  if (old) (void)fclose(old); /* was only read, as was the other */
  if (now) (void)fclose(now);
  free(line[0]);
  free(line[1]);
  PetscCall(PetscFree(resolved));
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
    const PetscInt faults = ost_diag_num_errors(list);
    PetscCall(ost_setup_read(&source, list, &setup));
    if (ost_diag_num_errors(list) == faults) PetscCall(check_earlier(arm, &setup, list));
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
  PetscBool there, earlier = PETSC_FALSE;

  PetscFunctionBeginUser;
  *code = OST_EXIT_DONE;
  for (PetscInt k = 0; k < c->num; k++) earlier = (PetscBool)(earlier || c->arm[k].earlier);
  PetscCheck(!mkdir(c->directory, 0777) || errno == EEXIST, PETSC_COMM_WORLD, PETSC_ERR_FILE_OPEN,
             "cannot make the directory %s: %s", c->directory, strerror(errno));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, c->directory, "limb.msh", path));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, c->directory, "limb.yaml", sidecar));
  PetscCall(ost_file_exists(PETSC_COMM_WORLD, sidecar, &there));
  if (there && earlier) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_log(OST_LOG_STEP, "meshing"));
  PetscCall(ost_commands_mesh(c->command->target, path, code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The arms that have to be run. */
typedef struct {
  const Comparison *comparison;
  Arm              *arm[MOST];
} Waiting;

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
  *needed = (PetscBool) !(complete && arm->earlier);
  if (!*needed) PetscFunctionReturn(PETSC_SUCCESS);
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
    if (arm->earlier) arm->arguments[n++] = (char *)"--force"; /* what it left without checkpoint */
  }
  if (c->command->time_limit) {
    arm->arguments[n++] = (char *)"--time-limit";
    arm->arguments[n++] = arm->limit;
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

/* The limit is for the whole: what begins later has less. */
static PetscBool set_limit(PetscInt i, void *context)
{
  const Waiting  *w    = context;
  Arm            *arm  = w->arm[i];
  const PetscReal left = w->comparison->limit - (MPI_Wtime() - w->comparison->begun);

  (void)snprintf(arm->limit, sizeof arm->limit, "%.3f s", (double)left);
  return (PetscBool)(w->comparison->limit <= 0.0 || left > 0.0);
}

static PetscErrorCode run_arms(Comparison *c, OstExit *code)
{
  const PetscInt cores = (PetscInt)sysconf(_SC_NPROCESSORS_ONLN);
  const PetscInt jobs  = c->command->jobs ? c->command->jobs : PetscMax(1, cores);
  char *const   *arguments[MOST];
  const char    *output[MOST];
  int            codes[MOST];
  Waiting        waiting = {.comparison = c};
  PetscInt       num     = 0;

  PetscFunctionBeginUser;
  PetscCall(make_mesh(c, code));
  if (*code != OST_EXIT_DONE) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt k = 0; k < c->num; k++) {
    PetscBool needed;
    PetscCall(plan_arm(c, &c->arm[k], &needed));
    c->arm[k].code = OST_EXIT_DONE;
    if (!needed) continue;
    arguments[num]     = c->arm[k].arguments;
    output[num]        = c->arm[k].output;
    waiting.arm[num++] = &c->arm[k];
    PetscCall(ost_log(OST_LOG_STEP, "%s: %s, told in %s", c->arm[k].name, c->arm[k].arguments[1],
                      c->arm[k].output));
  }
  const OstLaunches what = {.num       = num,
                            .jobs      = jobs,
                            .arguments = arguments,
                            .output    = output,
                            .ready     = set_limit,
                            .context   = &waiting};
  PetscCall(ost_launch_all(&what, codes));
  for (PetscInt i = 0; i < num; i++) waiting.arm[i]->code = codes[i];
  PetscCall(tell_runs(c, code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- table and page --------------------------------------------------------------------------- */

static PetscErrorCode make_page(Comparison *c, PetscInt num, const char *const results[],
                                OstExit *code)
{
  char *arguments[MOST + 5];
  int   result = OST_EXIT_BUG, n = 0;

  PetscFunctionBeginUser;
  arguments[n++] = c->page;
  for (PetscInt k = 0; k < num; k++) arguments[n++] = (char *)results[k];
  arguments[n++] = (char *)"-o";
  arguments[n++] = (char *)c->directory;
  arguments[n]   = NULL;
  PetscCall(ost_launch(arguments, &result));
  *code = result == 127 ? OST_EXIT_SYSTEM : (OstExit)result;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Of the runs that left results, if there are two. */
static PetscErrorCode compare_arms(Comparison *c, OstExit *code)
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
  if (num < 2) {
    PetscCall(ost_log(OST_LOG_ERROR, "fewer than two runs left results: nothing to compare"));
    if (*code == OST_EXIT_DONE) *code = OST_EXIT_NUMBERS;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(make_page(c, num, results, &page));
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
  c->begun     = MPI_Wtime();
  c->command   = command;
  c->directory = command->output ? command->output : "compare";
  PetscCall(ost_diag_create(&list));
  PetscCall(check_command(command, list));
  PetscCall(ost_job_time_limit(command, list, &c->limit));
  if (!ost_diag_num_errors(list)) PetscCall(read_arms(c, list));
  PetscCall(ost_commands_judge(list, &usable));
  PetscCall(ost_diag_destroy(&list));
  *code = usable ? OST_EXIT_DONE : OST_EXIT_INPUT;
  /* one that is missing is better known before the runs than after them */
  if (usable) PetscCall(ost_launch_find("postproc/compare", c->page));
  if (usable && c->num) {
    PetscCall(ost_launch_self(c->self));
    PetscCall(run_arms(c, code));
    if (*code != OST_EXIT_STOPPED) PetscCall(compare_arms(c, code));
  } else if (usable) {
    for (PetscInt i = 0; i < command->num_further; i++) results[i + 1] = command->further[i];
    PetscCall(make_page(c, command->num_further + 1, results, code));
  }
  PetscCall(PetscFree(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}
