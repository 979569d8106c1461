#include "io/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static PetscErrorCode rank_of(MPI_Comm comm, PetscMPIInt *rank)
{
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, rank));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The verdict of rank 0 [errno, 0: good] becomes that of all. */
static PetscErrorCode agree(MPI_Comm comm, int *failure)
{
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(failure, 1, MPI_INT, 0, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int last_error(void)
{
  return errno ? errno : EIO;
}

PetscErrorCode ost_atomic_file_begin(MPI_Comm comm, const char *path, OstAtomicFile *f)
{
  PetscMPIInt rank;
  int         failure = 0;

  PetscFunctionBeginUser;
  *f = (OstAtomicFile){.comm = comm};
  PetscCall(rank_of(comm, &rank));
  PetscCall(PetscStrncpy(f->path, path, sizeof f->path));
  if (rank == 0) {
    f->file = open_memstream(&f->text, &f->length);
    if (!f->file) failure = last_error();
  }
  PetscCall(agree(comm, &failure));
  PetscCheck(!failure, comm, PETSC_ERR_MEM, "%s: %s", path, strerror(failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* All of `text` to a new file that is on the disk on return; errno otherwise. */
static int write_synced(const char *path, const char *text, size_t length)
{
  const int fd      = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  int       failure = fd < 0 ? last_error() : 0;
  size_t    done    = 0;

  while (!failure && done < length) {
    const ssize_t n = write(fd, text + done, length - done);
    if (n > 0)
      done += (size_t)n;
    else if (n == 0 || errno != EINTR)
      failure = n ? last_error() : ENOSPC;
  }
  if (!failure && fsync(fd) && errno != EINVAL) failure = last_error();
  if (fd >= 0 && close(fd) && !failure) failure = last_error();
  return failure;
}

PetscErrorCode ost_atomic_file_end(OstAtomicFile *f)
{
  char part[PETSC_MAX_PATH_LEN + 8];
  int  failure = 0;

  PetscFunctionBeginUser;
  (void)snprintf(part, sizeof part, "%s.part", f->path);
  if (f->file) {
    if (ferror(f->file) || fclose(f->file)) failure = ENOMEM;
    if (!failure) failure = write_synced(part, f->text, f->length);
    if (!failure && rename(part, f->path)) failure = last_error();
    if (failure) (void)unlink(part); /* the failure itself is reported below */
    free(f->text);
    f->file = NULL;
    f->text = NULL;
  }
  PetscCall(agree(f->comm, &failure));
  PetscCheck(!failure, f->comm, PETSC_ERR_FILE_WRITE, "cannot write %s: %s", f->path,
             strerror(failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_atomic_file_write(MPI_Comm comm, const char *path, const char *text)
{
  OstAtomicFile f;

  PetscFunctionBeginUser;
  PetscCall(ost_atomic_file_begin(comm, path, &f));
  if (f.file) (void)fputs(text, f.file); /* checked at the end */
  PetscCall(ost_atomic_file_end(&f));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_path_in(MPI_Comm comm, const char *directory, const char *name,
                           char path[PETSC_MAX_PATH_LEN])
{
  const int length = snprintf(path, PETSC_MAX_PATH_LEN, "%s/%s", directory, name);

  PetscFunctionBeginUser;
  PetscCheck(length < PETSC_MAX_PATH_LEN, comm, PETSC_ERR_FILE_OPEN, "%s/%s: the path is too long",
             directory, name);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_file_exists(MPI_Comm comm, const char *path, PetscBool *exists)
{
  PetscMPIInt rank;
  int         there = 0;

  PetscFunctionBeginUser;
  PetscCall(rank_of(comm, &rank));
  if (rank == 0) there = !access(path, F_OK);
  PetscCall(agree(comm, &there));
  *exists = there ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_file_sync(MPI_Comm comm, const char *path)
{
  PetscMPIInt rank;
  int         failure = 0;

  PetscFunctionBeginUser;
  PetscCall(rank_of(comm, &rank));
  if (rank == 0) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd)) failure = last_error();
    if (failure == EINVAL) failure = 0; /* a file system that has nothing to sync */
    if (fd >= 0) (void)close(fd);
  }
  PetscCall(agree(comm, &failure));
  PetscCheck(!failure, comm, PETSC_ERR_FILE_WRITE, "cannot write %s: %s", path, strerror(failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* All of one file to the other; errno, and in *code whose fault it is. */
static int copy(const char *from, const char *to, PetscErrorCode *code)
{
  FILE  *in  = fopen(from, "rb");
  FILE  *out = in ? fopen(to, "wb") : NULL;
  char   buffer[1 << 16];
  size_t n;
  int    failure = in && out ? 0 : last_error();

  *code = in ? PETSC_ERR_FILE_WRITE : PETSC_ERR_FILE_READ;
  while (!failure && (n = fread(buffer, 1, sizeof buffer, in)) > 0)
    if (fwrite(buffer, 1, n, out) < n) failure = last_error();
  if (!failure && ferror(in)) {
    failure = last_error();
    *code   = PETSC_ERR_FILE_READ;
  }
  if (in) (void)fclose(in); /* read only */
  if (out && fclose(out) && !failure) failure = last_error();
  return failure;
}

PetscErrorCode ost_file_copy(MPI_Comm comm, const char *from, const char *to)
{
  PetscErrorCode code = PETSC_SUCCESS;
  PetscMPIInt    rank;
  int            failure = 0;

  PetscFunctionBeginUser;
  PetscCall(rank_of(comm, &rank));
  if (rank == 0) failure = copy(from, to, &code);
  PetscCall(agree(comm, &failure));
  PetscCallMPI(MPI_Bcast(&code, (PetscMPIInt)sizeof code, MPI_BYTE, 0, comm));
  PetscCheck(!failure, comm, code, "cannot copy %s to %s: %s", from, to, strerror(failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The name itself is an entry of its folder; errno. */
static int sync_folder(const char *path)
{
  char        folder[PETSC_MAX_PATH_LEN];
  const char *slash   = strrchr(path, '/');
  int         failure = 0, fd;

  (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
                 slash ? path : ".");
  fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fsync(fd)) failure = last_error();
  if (fd >= 0) (void)close(fd);
  return failure == EINVAL ? 0 : failure; /* a file system that has nothing to sync */
}

PetscErrorCode ost_file_rename(MPI_Comm comm, const char *from, const char *to)
{
  PetscMPIInt rank;
  int         failure = 0;

  PetscFunctionBeginUser;
  PetscCall(rank_of(comm, &rank));
  if (rank == 0) failure = rename(from, to) ? last_error() : sync_folder(to);
  PetscCall(agree(comm, &failure));
  PetscCheck(!failure, comm, PETSC_ERR_FILE_WRITE, "cannot write %s: %s", to, strerror(failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Bytes left to this user on the file system of an open file; a negative number: not known. */
static double bytes_left(int fd)
{
  struct statvfs s;
  return fstatvfs(fd, &s) ? -1.0 : (double)s.f_bavail * (double)s.f_frsize;
}

static int reserve(int fd, double bytes)
{
  struct stat s;
  double      left;
  int         failure;

  if (fstat(fd, &s)) return last_error();
  if (!fallocate(fd, 0, s.st_size, (off_t)bytes)) return 0;
  failure = last_error();
  if (ftruncate(fd, s.st_size)) return last_error(); /* what was reserved until it failed */
  if (failure != EOPNOTSUPP && failure != ENOSYS && failure != EINVAL) return failure;
  left = bytes_left(fd);
  return left >= 0.0 && left < bytes ? ENOSPC : 0;
}

PetscErrorCode ost_file_reserve(MPI_Comm comm, const char *path, double bytes)
{
  PetscMPIInt rank;
  double      left    = -1.0;
  int         failure = 0;

  PetscFunctionBeginUser;
  PetscCall(rank_of(comm, &rank));
  if (rank == 0) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    failure      = fd < 0 ? last_error() : reserve(fd, bytes);
    if (fd >= 0) {
      left = bytes_left(fd);
      (void)close(fd);
    }
  }
  PetscCall(agree(comm, &failure));
  PetscCallMPI(MPI_Bcast(&left, 1, MPI_DOUBLE, 0, comm));
  PetscCheck(!failure, comm, PETSC_ERR_FILE_WRITE,
             "cannot write %s: %s (up to %.1f MB are to be written, %.1f MB are free)", path,
             strerror(failure), bytes / 1e6, left / 1e6);
  PetscFunctionReturn(PETSC_SUCCESS);
}
