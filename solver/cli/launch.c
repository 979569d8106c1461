#include "cli/launch.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Names by which MPI libraries and launchers recognise a child of theirs. */
static const char *const mpi_prefixes[] = {"OMPI_", "PMIX_", "PMI_",   "PRTE_",
                                           "ORTE_", "OPAL_", "HYDRA_", "MPI_LOCAL"};

static PetscBool belongs_to_mpi(const char *variable)
{
  for (size_t i = 0; i < sizeof mpi_prefixes / sizeof *mpi_prefixes; i++)
    if (!strncmp(variable, mpi_prefixes[i], strlen(mpi_prefixes[i]))) {
      /* the user's own permission to run as root stays */
      return strncmp(variable, "OMPI_ALLOW_", 11) ? PETSC_TRUE : PETSC_FALSE;
    }
  return PETSC_FALSE;
}

static char **clean_environment(void)
{
  size_t num = 0, kept = 0;
  while (environ[num]) num++;
  char **clean = malloc((num + 1) * sizeof *clean);
  for (size_t i = 0; clean && i < num; i++)
    if (!belongs_to_mpi(environ[i])) clean[kept++] = environ[i];
  if (clean) clean[kept] = NULL;
  return clean;
}

/* A child alone would go on writing into a directory that another run may have taken since.
   SIGKILL, since MPI or PETSc may catch anything milder. */
static void die_with(pid_t parent)
{
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* refused on no Linux: the signal is a valid one */
  if (getppid() != parent) _exit(127);    /* the parent died before it was asked for */
}

static int run_and_wait(char *const arguments[])
{
  char      **clean = clean_environment();
  int         status;
  const pid_t self  = getpid();
  const pid_t child = clean ? fork() : -1;

  if (child == 0) {
    die_with(self);
    execve(arguments[0], arguments, clean);
    fprintf(stderr, "osteon: error: %s cannot be started: %s\n", arguments[0], strerror(errno));
    _exit(127);
  }
  free(clean);
  if (child < 0) return 127;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : OST_EXIT_BUG;
}

PetscErrorCode ost_launch(char *const arguments[], int *code)
{
  PetscMPIInt rank;
  MPI_Request request;
  int         done = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (!rank) {
    fflush(stdout);
    *code = run_and_wait(arguments);
  }
  PetscCallMPI(MPI_Ibcast(code, 1, MPI_INT, 0, PETSC_COMM_WORLD, &request));
  while (!done) {
    const struct timespec pause = {0, 20 * 1000 * 1000};
    PetscCallMPI(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (!done) nanosleep(&pause, NULL);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- several at a time ------------------------------------------------------------------------ */

static volatile sig_atomic_t passed_on; /* the signal that asks all to end */

static void note(int number)
{
  passed_on = number;
}

static void listen_for_signals(void)
{
  struct sigaction action = {.sa_handler = note}; /* no SA_RESTART: waitpid returns */

  (void)sigemptyset(&action.sa_mask);
  (void)sigaction(SIGTERM, &action, NULL);
  (void)sigaction(SIGUSR1, &action, NULL);
}

static pid_t start(char *const arguments[], const char *output, char **environment)
{
  const pid_t self = getpid(), child = fork();

  if (child) return child;
  die_with(self);
  if (!freopen(output, "a", stdout) || dup2(fileno(stdout), fileno(stderr)) < 0) _exit(127);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

/* Asked again and again: a child that has just been started may not listen yet. */
static void pass_on(PetscInt num, const pid_t child[])
{
  for (PetscInt i = 0; i < num; i++)
    if (child[i] > 0) (void)kill(child[i], passed_on); /* one that has just ended needs none */
}

static int code_of(int status)
{
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return passed_on && WIFSIGNALED(status) && WTERMSIG(status) == passed_on ? OST_EXIT_STOPPED
                                                                           : OST_EXIT_BUG;
}

/* Until one child ends; its exit code goes to its place. Looks instead of sleeping until it ends: a
   signal that comes just before that sleep would go unheard. FALSE: there is none to wait for. */
static PetscBool wait_for_one(PetscInt num, pid_t child[], int codes[])
{
  const struct timespec pause = {0, 50 * 1000 * 1000};
  int                   status, looks = 0;
  pid_t                 ended;

  while (!(ended = waitpid(-1, &status, WNOHANG)) || (ended < 0 && errno == EINTR)) {
    if (passed_on && looks++ % 20 == 0) pass_on(num, child);
    nanosleep(&pause, NULL);
  }
  for (PetscInt i = 0; i < num; i++) {
    if (child[i] != ended) continue;
    codes[i] = code_of(status);
    child[i] = 0;
  }
  return (PetscBool)(ended > 0);
}

PetscErrorCode ost_launch_all(const OstLaunches *what, int codes[])
{
  char   **environment = clean_environment();
  pid_t   *child;
  PetscInt next = 0, running = 0;

  PetscFunctionBeginUser;
  listen_for_signals();
  (void)fflush(stdout);
  PetscCall(PetscCalloc1(what->num, &child));
  for (PetscInt i = 0; i < what->num; i++) codes[i] = OST_EXIT_STOPPED;
  do {
    for (; environment && running < what->jobs && next < what->num && !passed_on; next++) {
      if (what->ready && !what->ready(next, what->context)) continue;
      child[next] = start(what->arguments[next], what->output[next], environment);
      running += child[next] > 0;
      if (child[next] < 0) codes[next] = 127;
    }
    if (running && wait_for_one(what->num, child, codes))
      running--;
    else
      break;
  } while (PETSC_TRUE);
  free(environment);
  PetscCall(PetscFree(child));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_launch_self(char path[PETSC_MAX_PATH_LEN])
{
  const ssize_t length = readlink("/proc/self/exe", path, PETSC_MAX_PATH_LEN - 1);

  PetscFunctionBeginUser;
  PetscCheck(length > 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "/proc/self/exe: %s",
             strerror(errno));
  path[length] = '\0';
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_launch_find(const char *name, char path[PETSC_MAX_PATH_LEN])
{
  /* beside the program; one up, as a build folder lies in the source; and an installation's
     share */
  static const char *const places[] = {"%s/%s", "%s/../%s", "%s/../share/osteon/%s"};
  char                     self[PETSC_MAX_PATH_LEN] = "";
  const ssize_t            length = readlink("/proc/self/exe", self, sizeof self - 1);

  PetscFunctionBeginUser;
  if (length > 0) {
    char *slash;
    self[length] = '\0';
    slash        = strrchr(self, '/');
    if (slash) *slash = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
      PetscCall(PetscSNPrintf(path, PETSC_MAX_PATH_LEN, places[i], self, name));
      if (!access(path, X_OK)) PetscFunctionReturn(PETSC_SUCCESS);
    }
  }
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
          "%s is neither beside this program (%s) nor above it", name, self);
}
