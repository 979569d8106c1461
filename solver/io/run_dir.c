#include "io/run_dir.h"

#include "io/capsule.h"
#include "io/csv.h"
#include "io/files.h"
#include "io/output.h"
#include "io/summary.h"
#include "io/xdmf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct OstRunDir {
  MPI_Comm    comm;
  PetscMPIInt rank;
  PetscBool   force;
  char        path[PETSC_MAX_PATH_LEN], part[PETSC_MAX_PATH_LEN];
};

/* All that a run, its mesher and its report write, as shell patterns; the .part ones are left
   behind by a program that was cut off. */
static const char *const run_files[] = {
    OST_RESULTS_FILE,
    OST_XDMF_FILE,
    OST_XDMF_FALLS_FILE,
    OST_CSV_FILE,
    OST_SUMMARY_FILE,
    OST_RESOLVED_FILE,
    OST_XDMF_FILE ".part",
    OST_XDMF_FALLS_FILE ".part",
    OST_SUMMARY_FILE ".part",
    OST_RESOLVED_FILE ".part",
    OST_RESULTS_FILE ".undo*",
    OST_CHECKPOINT_FILES,
    OST_CHECKPOINT_FILES ".part",
    OST_CAPSULE_FILE,
    OST_CAPSULE_FILE ".part",
    "osteon.log",
    "limb.msh",
    "limb.yaml",
    "limb-density.nii",
    "limb-density.nii.gz",
    "limb.part-[0-9]*.msh",
    "limb.part-[0-9]*.yaml",
    "limb-density.part-[0-9]*.nii*",
    "report.html",
    "report.html.part",
};

/* Who holds a directory. The start tells a process from a later one of the same number. */
typedef struct {
  char      host[128];
  long      pid;
  long long start; /* clock ticks since boot, of /proc; 0: not known */
  char      since[32];
} Holder;

/* What rank 0 found, for all ranks to say the same. */
typedef enum { FIND_NOTHING, FIND_ERROR, FIND_WARNING } FindKind;

typedef struct {
  FindKind kind;
  char     message[2 * PETSC_MAX_PATH_LEN], fix[2 * PETSC_MAX_PATH_LEN];
} Finding;

typedef struct {
  int            failure; /* errno of what the system refused; 0: nothing */
  PetscErrorCode code;    /* PETSC_ERR_FILE_* to go with it */
  char           what[2 * PETSC_MAX_PATH_LEN];
  Finding        found[3];
  int            num_found, num_errors;
} Verdict;

static void find(Verdict *v, FindKind kind, const char *fix, const char *format, ...)
    PETSC_ATTRIBUTE_FORMAT(4, 5);

static void find(Verdict *v, FindKind kind, const char *fix, const char *format, ...)
{
  const int most = (int)(sizeof v->found / sizeof *v->found);
  va_list   arguments;

  if (v->num_found == most) return;
  v->found[v->num_found].kind = kind;
  va_start(arguments, format);
  (void)vsnprintf(v->found[v->num_found].message, sizeof v->found->message, format, arguments);
  va_end(arguments);
  (void)snprintf(v->found[v->num_found].fix, sizeof v->found->fix, "%s", fix);
  v->num_found++;
  v->num_errors += kind == FIND_ERROR;
}

static void refuse(Verdict *v, PetscErrorCode code, const char *what, const char *path)
{
  v->failure = errno ? errno : EIO;
  v->code    = code;
  (void)snprintf(v->what, sizeof v->what, "%s %s", what, path);
}

static PetscBool is_bad(const Verdict *v)
{
  return (PetscBool)(v->failure || v->num_errors);
}

/* --- the directory ---------------------------------------------------------------------------- */

/* mkdir -p */
static void make_directory(const char *path, Verdict *v)
{
  char        part[PETSC_MAX_PATH_LEN];
  struct stat s;

  (void)snprintf(part, sizeof part, "%s", path);
  for (char *c = part + 1;; c++) {
    const char end = *c;
    if (end != '/' && end != '\0') continue;
    *c = '\0';
    if (mkdir(part, 0777) && errno != EEXIST) {
      const int why = errno;
      if (stat(part, &s) || !S_ISDIR(s.st_mode)) { /* "/" on a read-only file system is no fault */
        errno = why;
        refuse(v, PETSC_ERR_FILE_OPEN, "cannot make the directory", part);
        return;
      }
    }
    *c = end;
    if (end == '\0') break;
  }
  if (!stat(path, &s) && !S_ISDIR(s.st_mode)) {
    find(v, FIND_ERROR, "give a directory, or a name that is not taken", "%s is not a directory",
         path);
  }
}

static PetscBool is_run_file(const char *name)
{
  for (size_t i = 0; i < sizeof run_files / sizeof *run_files; i++) {
    if (!fnmatch(run_files[i], name, 0)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static int is_run_entry(const struct dirent *entry)
{
  return is_run_file(entry->d_name) ? 1 : 0;
}

/* Count what stands in the directory beside our lock and the part folder of a run that was cut off,
   which holds no results; note one name of each kind. */
static void look_around(const char *path, int num[2], char name[2][256], Verdict *v)
{
  DIR           *d = opendir(path);
  struct dirent *entry;

  num[0] = num[1] = 0;
  if (!d) {
    refuse(v, PETSC_ERR_FILE_OPEN, "cannot read the directory", path);
    return;
  }
  while ((entry = readdir(d))) {
    const char *n = entry->d_name;
    if (!strcmp(n, ".") || !strcmp(n, "..") || !strcmp(n, OST_LOCK_FILE) ||
        !strcmp(n, OST_PART_FOLDER)) {
      continue;
    }
    const int ours = is_run_file(n) ? 1 : 0;
    if (!num[ours]++) (void)snprintf(name[ours], 256, "%s", n);
  }
  (void)closedir(d);
}

/* Whether the file is one that the run is going to read, under whatever name. */
static const char *input_at(const OstRunDirOptions *options, const struct stat *file)
{
  struct stat s;

  for (PetscInt i = 0; i < options->num_inputs; i++) {
    if (!stat(options->inputs[i], &s) && s.st_dev == file->st_dev && s.st_ino == file->st_ino) {
      return options->inputs[i];
    }
  }
  return NULL;
}

static void remove_one(const OstRunDirOptions *options, const char *file, PetscBool rehearsal,
                       Verdict *v)
{
  struct stat s;

  if (rehearsal) {
    const char *input = stat(file, &s) ? NULL : input_at(options, &s);
    if (!input) return;
    find(v, FIND_ERROR, "choose another directory with -o, or move the input elsewhere",
         "%s would remove %s, which this run reads", options->force ? "--force" : "the run", input);
  } else if (unlink(file) && errno != ENOENT) {
    refuse(v, PETSC_ERR_FILE_WRITE, "cannot remove", file);
  }
}

/* Remove the files of a run; in the rehearsal only see that none is an input. */
static void clear_run_files(const OstRunDirOptions *options, const char *path, PetscBool rehearsal,
                            Verdict *v)
{
  char            file[PETSC_MAX_PATH_LEN + 300];
  struct dirent **entry = NULL;
  const int       num   = scandir(path, &entry, is_run_entry, alphasort);

  if (num < 0 && errno == ENOENT) return; /* a part folder need not be there */
  if (num < 0) refuse(v, PETSC_ERR_FILE_OPEN, "cannot read the directory", path);
  for (int i = 0; i < num; i++) {
    (void)snprintf(file, sizeof file, "%s/%s", path, entry[i]->d_name);
    if (!is_bad(v)) remove_one(options, file, rehearsal, v);
    free(entry[i]);
  }
  free(entry);
}

static void check_content(const OstRunDirOptions *options, const char *path, Verdict *v)
{
  int  num[2];
  char name[2][256];

  look_around(path, num, name, v);
  if (v->failure || num[0] + num[1] == 0) return;
  if (!options->force && num[1]) {
    find(v, FIND_ERROR, "choose another directory with -o, or replace that run with --force",
         "%s holds the results of a run (%s)", path, name[1]);
  } else if (!options->force) {
    find(v, FIND_ERROR, "choose a new or empty directory with -o, or --force to write beside them",
         "%s is not empty: it holds %s%s", path, name[0], num[0] > 1 ? " and more" : "");
  } else {
    clear_run_files(options, path, PETSC_TRUE, v);
    if (num[0] && !is_bad(v)) {
      find(v, FIND_WARNING, "remove what does not belong to this run",
           "%s still holds %d other file%s, among them %s", path, num[0], num[0] > 1 ? "s" : "",
           name[0]);
    }
  }
}

/* Make the part folder, in place of one that was left behind. */
static void make_part(const OstRunDirOptions *options, const char *part, Verdict *v)
{
  clear_run_files(options, part, PETSC_TRUE, v);
  if (!is_bad(v)) clear_run_files(options, part, PETSC_FALSE, v);
  if (is_bad(v)) return;
  if (rmdir(part) && errno != ENOENT) {
    find(v, FIND_ERROR, "move it elsewhere: a run keeps its mesh there until it is whole",
         "%s is in the way: %s", part, strerror(errno));
  } else if (mkdir(part, 0777)) {
    refuse(v, PETSC_ERR_FILE_WRITE, "cannot make the directory", part);
  }
}

static void move_run_files(const char *from, const char *to, Verdict *v)
{
  char            old[PETSC_MAX_PATH_LEN + 300], new[PETSC_MAX_PATH_LEN + 300];
  struct dirent **entry = NULL;
  const int       num   = scandir(from, &entry, is_run_entry, alphasort);

  if (num < 0) refuse(v, PETSC_ERR_FILE_OPEN, "cannot read the directory", from);
  for (int i = 0; i < num; i++) {
    (void)snprintf(old, sizeof old, "%s/%s", from, entry[i]->d_name);
    (void)snprintf(new, sizeof new, "%s/%s", to, entry[i]->d_name);
    if (!is_bad(v) && rename(old, new)) refuse(v, PETSC_ERR_FILE_WRITE, "cannot write", new);
    free(entry[i]);
  }
  free(entry);
}

/* --- the lock --------------------------------------------------------------------------------- */

/* Start of a process in clock ticks since boot, 0 where /proc does not tell. *ended: it was killed
   or has ended, and only its parent does not know yet. */
static long long start_of(long pid, PetscBool *ended)
{
  char      path[64], text[1024];
  long long start = 0;
  size_t    length;
  FILE     *file;

  *ended = PETSC_FALSE;
  (void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  file = fopen(path, "r");
  if (!file) return 0;
  length       = fread(text, 1, sizeof text - 1, file);
  text[length] = '\0';
  (void)fclose(file); /* read only */
  /* the 22nd field; the second is the name in parentheses and may hold anything */
  const char *c = strrchr(text, ')');
  if (c && c[1] && (c[2] == 'Z' || c[2] == 'X')) *ended = PETSC_TRUE;
  for (int field = 2; c && field < 22; field++) c = strchr(c + 1, ' ');
  if (c) start = strtoll(c, NULL, 10);
  return start;
}

static Holder this_process(void)
{
  Holder       h = {.pid = (long)getpid()};
  PetscBool    ended;
  const time_t now = time(NULL);
  struct tm    utc;

  if (gethostname(h.host, sizeof h.host - 1) || !h.host[0]) {
    (void)snprintf(h.host, sizeof h.host, "unknown");
  }
  h.start = start_of(h.pid, &ended);
  if (gmtime_r(&now, &utc)) (void)strftime(h.since, sizeof h.since, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return h;
}

static PetscBool read_lock(const char *path, Holder *h)
{
  FILE *file = fopen(path, "r");
  int   n;

  if (!file) return PETSC_FALSE;
  n = fscanf(file, "host %127s pid %ld start %lld since %31s", h->host, &h->pid, &h->start,
             h->since);
  (void)fclose(file); /* read only */
  return (PetscBool)(n == 4 && h->pid > 0);
}

static PetscBool is_gone(const Holder *h, const Holder *here)
{
  PetscBool       ended;
  const long long start = start_of(h->pid, &ended);

  if (strcmp(h->host, here->host)) return PETSC_FALSE; /* cannot be known from here */
  if (ended || (kill((pid_t)h->pid, 0) && errno == ESRCH)) return PETSC_TRUE;
  return (PetscBool)(start && h->start && start != h->start);
}

/* O_EXCL: of two runs only one makes the file. errno in *failure, EEXIST when it is there. */
static void make_lock(const char *path, const Holder *h, int *failure)
{
  char text[512];
  int  fd, length;

  *failure = 0;
  fd       = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) {
    *failure = errno;
    return;
  }
  length = snprintf(text, sizeof text, "host %s\npid %ld\nstart %lld\nsince %s\n", h->host, h->pid,
                    h->start, h->since);
  errno  = 0;
  if (write(fd, text, (size_t)length) != length) *failure = errno ? errno : ENOSPC;
  if (close(fd) && !*failure) *failure = errno;
  if (*failure) (void)unlink(path); /* the failure itself is reported */
}

/* Move a lock whose holder is gone out of the way; FALSE when another run was faster, or with errno
   in *failure when the system forbids it. */
static PetscBool take_away(const char *path, const Holder *gone, const Holder *here, int *failure)
{
  char   aside[PETSC_MAX_PATH_LEN + 64];
  Holder moved = {.pid = 0};

  (void)snprintf(aside, sizeof aside, "%s.%ld", path, here->pid);
  *failure = 0;
  if (rename(path, aside)) {
    if (errno != ENOENT) *failure = errno;
    return PETSC_FALSE;
  }
  if (!read_lock(aside, &moved) || moved.pid != gone->pid || moved.start != gone->start) {
    if (!link(aside, path)) (void)unlink(aside); /* it was a new run's: give it back */
    return PETSC_FALSE;
  }
  return (PetscBool)!unlink(aside);
}

static void lock(const char *directory, Verdict *v)
{
  const Holder here = this_process();
  Holder       h    = {.pid = 0};
  char         path[PETSC_MAX_PATH_LEN + 32], fix[PETSC_MAX_PATH_LEN + 256];
  PetscBool    legible;
  int          failure;

  (void)snprintf(path, sizeof path, "%s/%s", directory, OST_LOCK_FILE);
  make_lock(path, &here, &failure);
  if (!failure) return;
  if (failure != EEXIST) {
    errno = failure;
    refuse(v, PETSC_ERR_FILE_WRITE, "cannot write", path);
    return;
  }

  /* A lock is filled just after it is made: give its maker a second. */
  legible = read_lock(path, &h);
  for (int wait = 0; !legible && wait < 10; wait++) {
    const struct timespec tenth = {0, 100000000};
    (void)nanosleep(&tenth, NULL);
    legible = read_lock(path, &h);
  }
  failure = 0;
  if (legible && is_gone(&h, &here) && take_away(path, &h, &here, &failure)) {
    make_lock(path, &here, &failure);
    if (!failure) {
      find(v, FIND_WARNING, "if that run was cut off, see why in its osteon.log",
           "%s was left locked by a run that is gone (process %ld, begun %s)", directory, h.pid,
           h.since);
      return;
    }
  }
  if (failure && failure != EEXIST) {
    errno = failure;
    refuse(v, PETSC_ERR_FILE_WRITE, "cannot remove the lock of a run that is gone,", path);
    return;
  }
  (void)snprintf(fix, sizeof fix,
                 "wait until that run has ended or choose another directory with -o; if there is "
                 "no such run, remove %s",
                 path);
  if (legible) {
    find(v, FIND_ERROR, fix, "%s is in use by a run on %s (process %ld, begun %s)", directory,
         h.host, h.pid, h.since);
  } else {
    find(v, FIND_ERROR, fix, "%s is in use: its lock file %s tells not by whom", directory,
         OST_LOCK_FILE);
  }
}

static void unlock(const char *directory)
{
  char path[PETSC_MAX_PATH_LEN + 32];

  (void)snprintf(path, sizeof path, "%s/%s", directory, OST_LOCK_FILE);
  (void)unlink(path); /* a lock that stays is taken over by the next run */
}

/* --- both ------------------------------------------------------------------------------------- */

static void claim(const OstRunDirOptions *options, const char *path, const char *part, Verdict *v)
{
  struct stat s;

  if (options->resume && (stat(path, &s) || !S_ISDIR(s.st_mode)))
    find(v, FIND_ERROR, "name the results directory of a run", "%s is no directory", path);
  if (!options->resume) make_directory(path, v);
  if (is_bad(v)) return;
  lock(path, v);
  if (is_bad(v) || options->resume) return;
  check_content(options, path, v);
  if (!is_bad(v)) make_part(options, part, v);
  if (is_bad(v)) unlock(path);
}

static PetscErrorCode tell(const Verdict *v, const char *path, OstDiagList *list)
{
  const OstWhere at = {path, 0};

  PetscFunctionBeginUser;
  for (int i = 0; i < v->num_found; i++) {
    const Finding *f = &v->found[i];
    if (f->kind == FIND_ERROR)
      PetscCall(ost_diag_error(list, at, f->fix, "%s", f->message));
    else
      PetscCall(ost_diag_warning(list, at, f->fix, "%s", f->message));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_run_dir_claim(MPI_Comm comm, const OstRunDirOptions *options, OstDiagList *list,
                                 OstRunDir **dir)
{
  Verdict    v = {.failure = 0};
  OstRunDir *d;
  size_t     length = strlen(options->path);

  PetscFunctionBeginUser;
  *dir = NULL;
  OstAssert(length > 0, "a run directory without a name");
  /* the longest file in it must fit, too */
  PetscCheck(length + 64 < sizeof d->path, comm, PETSC_ERR_FILE_OPEN, "%s: the path is too long",
             options->path);
  PetscCall(PetscNew(&d));
  d->comm  = comm;
  d->force = options->force;
  PetscCallMPI(MPI_Comm_rank(comm, &d->rank));
  while (length > 1 && options->path[length - 1] == '/') length--;
  (void)snprintf(d->path, sizeof d->path, "%.*s", (int)length, options->path);
  (void)snprintf(d->part, sizeof d->part, "%.*s/%s", (int)length, options->path, OST_PART_FOLDER);

  if (d->rank == 0) claim(options, d->path, d->part, &v);
  PetscCallMPI(MPI_Bcast(&v, sizeof v, MPI_BYTE, 0, comm));
  PetscCall(tell(&v, d->path, list));
  if (!is_bad(&v)) {
    *dir = d;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscFree(d));
  PetscCheck(!v.failure, comm, v.code, "%s: %s", v.what, strerror(v.failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const char *ost_run_dir_part(const OstRunDir *dir)
{
  return dir->part;
}

PetscErrorCode ost_run_dir_install(OstRunDir *dir)
{
  Verdict v = {.failure = 0};

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Barrier(dir->comm)); /* no rank reads or writes in the part folder any more */
  if (dir->rank == 0) {
    if (dir->force) clear_run_files(NULL, dir->path, PETSC_FALSE, &v);
    if (!is_bad(&v)) move_run_files(dir->part, dir->path, &v);
    if (!is_bad(&v)) (void)rmdir(dir->part); /* one that stays is removed by the next run */
  }
  PetscCallMPI(MPI_Bcast(&v, sizeof v, MPI_BYTE, 0, dir->comm));
  PetscCheck(!v.failure, dir->comm, v.code, "%s: %s", v.what, strerror(v.failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_run_dir_release(OstRunDir **dir)
{
  Verdict v = {.failure = 0}; /* a part folder that stays is removed by the next run */

  PetscFunctionBeginUser;
  if (!*dir) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCallMPI(MPI_Barrier((*dir)->comm)); /* no rank writes any more */
  if ((*dir)->rank == 0) {
    clear_run_files(NULL, (*dir)->part, PETSC_FALSE, &v);
    (void)rmdir((*dir)->part);
    unlock((*dir)->path);
  }
  PetscCallMPI(MPI_Barrier((*dir)->comm)); /* no rank finds the lock still there */
  PetscCall(PetscFree(*dir));
  PetscFunctionReturn(PETSC_SUCCESS);
}
