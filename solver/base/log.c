#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_DEPTH = 8 }; /* events within events */

/* The one piece of file-scope mutable data besides caches: a terminal and a log file belong to the
   process, as stdout does, and every function of the layers above would else carry a handle. */
static struct {
  OstLogLevel   level;
  FILE         *file;
  double        start; /* MPI_Wtime when the file was opened [s] */
  PetscBool     progress_shown;
  PetscBool     events_registered;
  PetscLogEvent event[OST_NUM_EVENTS];
  /* a clock of our own: PETSc's is off without -log_view */
  int      depth;
  OstEvent open[MOST_DEPTH];
  double   since; /* MPI_Wtime of the last begin or end [s] */
  double   seconds[OST_NUM_EVENTS];
} the_log = {.level = OST_LOG_STEP};

void ost_log_set_level(OstLogLevel level)
{
  the_log.level = PetscMax(OST_LOG_ERROR, PetscMin(OST_LOG_DEBUG, level));
}

PetscErrorCode ost_log_open(const char *path)
{
  int         failure = 0;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank == 0) {
    if (the_log.file) (void)fclose(the_log.file); /* every line was flushed */
    the_log.file = NULL;
    if (path) {
      the_log.file = fopen(path, "a"); /* a resumed run goes on in the file of the first */
      if (!the_log.file) failure = errno ? errno : EIO;
    }
  }
  the_log.start = MPI_Wtime();
  PetscCallMPI(MPI_Bcast(&failure, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  PetscCheck(!failure, PETSC_COMM_WORLD, PETSC_ERR_FILE_OPEN, "log file %s: %s", path,
             strerror(failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Rank 0, or no PETSc yet: a message before PetscInitialize must not be lost. */
static PetscBool is_writer(void)
{
  return (PetscBool)(PetscGlobalRank <= 0);
}

static void clear_progress(void)
{
  if (!the_log.progress_shown) return;
  (void)fputs("\r\033[K", stdout);
  the_log.progress_shown = PETSC_FALSE;
}

PetscErrorCode ost_log(OstLogLevel level, const char *format, ...)
{
  FILE   *terminal = level <= OST_LOG_WARNING ? stderr : stdout;
  va_list arguments, again;

  PetscFunctionBeginUser;
  if (!is_writer()) PetscFunctionReturn(PETSC_SUCCESS);
  va_start(arguments, format);
  va_copy(again, arguments);
  if (level <= the_log.level) {
    clear_progress();
    (void)fflush(stdout);
    if (level == OST_LOG_ERROR) (void)fputs("error: ", terminal);
    if (level == OST_LOG_WARNING) (void)fputs("warning: ", terminal);
    (void)vfprintf(terminal, format, arguments);
    (void)fputc('\n', terminal);
    (void)fflush(terminal);
  }
  if (the_log.file && level <= OST_LOG_DETAIL) {
    (void)fprintf(the_log.file, "%10.2f  ", MPI_Wtime() - the_log.start);
    if (level == OST_LOG_ERROR) (void)fputs("error: ", the_log.file);
    if (level == OST_LOG_WARNING) (void)fputs("warning: ", the_log.file);
    (void)vfprintf(the_log.file, format, again);
    (void)fputc('\n', the_log.file);
    (void)fflush(the_log.file); /* a killed job must leave its last line behind */
  }
  va_end(again);
  va_end(arguments);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Is a person looking? mpirun gives its ranks a terminal of their own whatever its output is: then
   it is the launcher's that counts. */
static PetscBool on_terminal(void)
{
  char link[64], target[16] = "";

  if (!isatty(STDOUT_FILENO)) return PETSC_FALSE;
  if (!getenv("OMPI_COMM_WORLD_SIZE") && !getenv("PMI_SIZE")) return PETSC_TRUE;
  (void)snprintf(link, sizeof link, "/proc/%ld/fd/1", (long)getppid());
  return readlink(link, target, sizeof target - 1) > 0 &&
                 (!strncmp(target, "/dev/pts", 8) || !strncmp(target, "/dev/tty", 8))
             ? PETSC_TRUE
             : PETSC_FALSE;
}

PetscErrorCode ost_log_progress(const char *format, ...)
{
  char    line[512];
  va_list arguments;

  PetscFunctionBeginUser;
  if (!is_writer() || the_log.level < OST_LOG_STEP || !on_terminal()) {
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  va_start(arguments, format);
  (void)vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  clear_progress();
  (void)fputs(line, stdout);
  (void)fflush(stdout);
  the_log.progress_shown = (PetscBool)(line[0] != '\0');
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_log_register_events(void)
{
  static const char *const names[OST_NUM_EVENTS] = {
      [OST_EVENT_MESH] = "OstMesh",           [OST_EVENT_ASSEMBLY] = "OstAssembly",
      [OST_EVENT_INTERFACE] = "OstInterface", [OST_EVENT_SETUP] = "OstSetUp",
      [OST_EVENT_SOLVE] = "OstSolve",         [OST_EVENT_RECOVER] = "OstRecover",
      [OST_EVENT_BIOLOGY] = "OstBiology",     [OST_EVENT_OUTPUT] = "OstOutput"};
  PetscClassId class_id;

  PetscFunctionBeginUser;
  if (the_log.events_registered) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscClassIdRegister("Osteon", &class_id));
  for (PetscInt e = 0; e < OST_NUM_EVENTS; e++) {
    PetscCall(PetscLogEventRegister(names[e], class_id, &the_log.event[e]));
  }
  the_log.events_registered = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The time since the last call goes to the innermost event that is open. */
static void take_time(void)
{
  const double now = MPI_Wtime();

  if (the_log.depth) the_log.seconds[the_log.open[the_log.depth - 1]] += now - the_log.since;
  the_log.since = now;
}

/* Programs that never registered (unit tests) may still call what is timed. */
PetscErrorCode ost_log_begin(OstEvent event)
{
  PetscFunctionBeginUser;
  PetscCall(ost_log_register_events());
  PetscCall(PetscLogEventBegin(the_log.event[event], NULL, NULL, NULL, NULL));
  OstAssert(the_log.depth < MOST_DEPTH, "events too deep within each other");
  take_time();
  the_log.open[the_log.depth++] = event;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_log_end(OstEvent event)
{
  PetscFunctionBeginUser;
  OstAssert(the_log.depth > 0 && the_log.open[the_log.depth - 1] == event,
            "events end in another order than they began");
  take_time();
  the_log.depth--;
  PetscCall(PetscLogEventEnd(the_log.event[event], NULL, NULL, NULL, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

double ost_log_seconds(OstEvent event)
{
  return the_log.seconds[event];
}

const char *ost_log_event_name(OstEvent event)
{
  static const char *const names[OST_NUM_EVENTS] = {
      [OST_EVENT_MESH] = "mesh",           [OST_EVENT_ASSEMBLY] = "stiffness",
      [OST_EVENT_INTERFACE] = "interface", [OST_EVENT_SETUP] = "preconditioner",
      [OST_EVENT_SOLVE] = "krylov",        [OST_EVENT_RECOVER] = "strains",
      [OST_EVENT_BIOLOGY] = "biology",     [OST_EVENT_OUTPUT] = "output"};

  return names[event];
}
