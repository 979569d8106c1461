#include "io/files.h"

#include "support/check.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static PetscMPIInt rank;
static char        top[512];

static const char *in_top(const char *name)
{
  static char path[600];
  (void)snprintf(path, sizeof path, "%s/%s", top, name);
  return path;
}

/* First bytes of a file, "" when it is not there. Every rank reads. */
static const char *content(const char *name)
{
  static char text[64];
  FILE       *file;
  size_t      length = 0;

  (void)MPI_Barrier(PETSC_COMM_WORLD);
  file = fopen(in_top(name), "r");
  if (file) {
    length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
  }
  text[length] = '\0';
  (void)MPI_Barrier(PETSC_COMM_WORLD);
  return text;
}

static char last_message[1024];

static PetscErrorCode on_error(MPI_Comm comm, int line, const char *function, const char *file,
                               PetscErrorCode code, PetscErrorType type, const char *message,
                               void *context)
{
  (void)comm;
  (void)line;
  (void)function;
  (void)file;
  (void)context;
  if (type == PETSC_ERROR_INITIAL) {
    (void)snprintf(last_message, sizeof last_message, "%s", message);
  }
  return code;
}

/* As if the disk were full: no file of this process grows beyond `bytes`. */
static PetscErrorCode limit_files(rlim_t bytes)
{
  struct rlimit limit;

  PetscFunctionBeginUser;
  OstAssert(!getrlimit(RLIMIT_FSIZE, &limit), "getrlimit");
  limit.rlim_cur = PetscMin(bytes, limit.rlim_max);
  OstAssert(!setrlimit(RLIMIT_FSIZE, &limit), "setrlimit");
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode whole_text_replaces_the_old_one(void)
{
  OstAtomicFile f;

  PetscFunctionBeginUser;
  PetscCall(ost_atomic_file_write(PETSC_COMM_WORLD, in_top("a"), "old"));
  OST_CHECK(!strcmp(content("a"), "old"));
  PetscCall(ost_atomic_file_begin(PETSC_COMM_WORLD, in_top("a"), &f));
  OST_CHECK_INT(f.file != NULL, rank == 0);
  if (f.file) fprintf(f.file, "%s %d", "new", 2);
  OST_CHECK(!strcmp(content("a"), "old")); /* until the end */
  PetscCall(ost_atomic_file_end(&f));
  OST_CHECK(!strcmp(content("a"), "new 2"));
  OST_CHECK(access(in_top("a.part"), F_OK));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode full_disk_leaves_the_old_text(void)
{
  static char    long_text[10000];
  PetscErrorCode code;

  PetscFunctionBeginUser;
  (void)memset(long_text, 'x', sizeof long_text - 1);
  PetscCall(limit_files(4096));
  PetscCall(PetscPushErrorHandler(on_error, NULL));
  code = ost_atomic_file_write(PETSC_COMM_WORLD, in_top("a"), long_text);
  PetscCall(PetscPopErrorHandler());
  PetscCall(limit_files(RLIM_INFINITY));
  OST_CHECK_INT(code, PETSC_ERR_FILE_WRITE); /* on every rank */
  if (!rank) OST_CHECK_TEXT(last_message, "File too large");
  OST_CHECK(!strcmp(content("a"), "new 2"));
  OST_CHECK(access(in_top("a.part"), F_OK));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode missing_folder_is_told(void)
{
  PetscErrorCode code;

  PetscFunctionBeginUser;
  PetscCall(PetscPushErrorHandler(on_error, NULL));
  code = ost_atomic_file_write(PETSC_COMM_WORLD, in_top("none/a"), "text");
  PetscCall(PetscPopErrorHandler());
  OST_CHECK_INT(code, PETSC_ERR_FILE_WRITE);
  if (!rank) OST_CHECK_TEXT(last_message, "none/a: No such file or directory");
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode room_is_reserved_or_refused(void)
{
  PetscErrorCode code;
  struct stat    s;

  PetscFunctionBeginUser;
  PetscCall(ost_file_reserve(PETSC_COMM_WORLD, in_top("a"), 50000.0));
  OST_CHECK(!strncmp(content("a"), "new 2", 5)); /* what stood there still stands */
  PetscCall(limit_files(100000));
  PetscCall(PetscPushErrorHandler(on_error, NULL));
  code = ost_file_reserve(PETSC_COMM_WORLD, in_top("a"), 5e6);
  PetscCall(PetscPopErrorHandler());
  PetscCall(limit_files(RLIM_INFINITY));
  OST_CHECK_INT(code, PETSC_ERR_FILE_WRITE);
  if (!rank) OST_CHECK_TEXT(last_message, "up to 5.0 MB are to be written");
  OST_CHECK(!stat(in_top("a"), &s));
  OST_CHECK(s.st_size <= 50005); /* the refused part was given back */
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  OstAssert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR, "signal");
  if (!rank) {
    (void)snprintf(top, sizeof top, "%s/osteon_files_XXXXXX",
                   getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    PetscCheck(mkdtemp(top), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", top);
  }
  PetscCallMPI(MPI_Bcast(top, sizeof top, MPI_CHAR, 0, PETSC_COMM_WORLD));
  PetscCall(whole_text_replaces_the_old_one());
  PetscCall(full_disk_leaves_the_old_text());
  PetscCall(missing_folder_is_told());
  PetscCall(room_is_reserved_or_refused());
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  if (!rank) OST_CHECK(!unlink(in_top("a")) && !rmdir(top));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
