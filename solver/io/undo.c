#include "io/undo.h"

#include "base/h5.h"
#include "io/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* FILE.undo: this head, then `num` pieces, each an OstExtent and its bytes. */
typedef struct {
  char       magic[16];
  PetscInt64 size; /* of the file */
  PetscInt64 num;
} Head;

static const char MAGIC[16] = "osteon undo 1\n";

static int last_error(void)
{
  return errno ? errno : EIO;
}

static void undo_path(const char *path, const char *ending, char name[PETSC_MAX_PATH_LEN + 16])
{
  (void)snprintf(name, PETSC_MAX_PATH_LEN + 16, "%s.undo%s", path, ending);
}

/* The gaps between the extents, up to `size`. The caller frees *gap. */
static PetscErrorCode find_gaps(PetscInt num, const OstExtent extent[], PetscInt64 size,
                                PetscInt *num_gaps, OstExtent **gap)
{
  PetscInt64 at = 0;

  PetscFunctionBeginUser;
  *num_gaps = 0;
  PetscCall(PetscMalloc1(num + 1, gap));
  for (PetscInt i = 0; i <= num; i++) {
    const PetscInt64 next = i < num ? extent[i].offset : size;
    if (next > at) (*gap)[(*num_gaps)++] = (OstExtent){at, next - at};
    if (i < num) at = PetscMax(at, extent[i].offset + extent[i].length);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* All of the bytes, or an errno. */
static int read_at(int fd, void *bytes, PetscInt64 length, PetscInt64 offset)
{
  char *to = bytes;

  while (length > 0) {
    const ssize_t n = pread(fd, to, (size_t)length, (off_t)offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n ? last_error() : EIO;
    to += n;
    length -= n;
    offset += n;
  }
  return 0;
}

static int write_at(int fd, const void *bytes, PetscInt64 length, PetscInt64 offset)
{
  const char *from = bytes;

  while (length > 0) {
    const ssize_t n = pwrite(fd, from, (size_t)length, (off_t)offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n ? last_error() : ENOSPC;
    from += n;
    length -= n;
    offset += n;
  }
  return 0;
}

/* Move one piece from a file to the other; errno. */
static int copy_piece(int from, PetscInt64 from_offset, int to, PetscInt64 to_offset,
                      PetscInt64 length)
{
  enum { BUFFER = 1 << 20 };
  char *buffer  = malloc(BUFFER);
  int   failure = buffer ? 0 : ENOMEM;

  for (PetscInt64 done = 0; !failure && done < length;) {
    const PetscInt64 n = PetscMin(length - done, BUFFER);
    failure            = read_at(from, buffer, n, from_offset + done);
    if (!failure) failure = write_at(to, buffer, n, to_offset + done);
    done += n;
  }
  free(buffer);
  return failure;
}

static int write_copy(const char *path, const char *copy, PetscInt64 size, PetscInt num,
                      const OstExtent gap[])
{
  const int  from    = open(path, O_RDONLY | O_CLOEXEC);
  const int  to      = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  int        failure = from < 0 || to < 0 ? last_error() : 0;
  Head       head    = {.size = size, .num = num};
  PetscInt64 at      = sizeof head;

  memcpy(head.magic, MAGIC, sizeof head.magic);
  if (!failure) failure = write_at(to, &head, sizeof head, 0);
  for (PetscInt i = 0; !failure && i < num; i++) {
    failure = write_at(to, &gap[i], sizeof gap[i], at);
    at += (PetscInt64)sizeof gap[i];
    if (!failure) failure = copy_piece(from, gap[i].offset, to, at, gap[i].length);
    at += gap[i].length;
  }
  if (!failure && fsync(to) && errno != EINVAL) failure = last_error();
  if (from >= 0) (void)close(from); /* read only */
  if (to >= 0 && close(to) && !failure) failure = last_error();
  if (failure) (void)unlink(copy); /* the failure itself is reported */
  return failure;
}

PetscErrorCode ost_undo_begin(MPI_Comm comm, const char *path, const char *rewritten)
{
  char        part[PETSC_MAX_PATH_LEN + 16], copy[PETSC_MAX_PATH_LEN + 16];
  PetscMPIInt rank;
  int         failure = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  undo_path(path, ".part", part);
  undo_path(path, "", copy);
  if (!rank) {
    struct stat s;
    OstExtent  *values, *gap;
    PetscInt    num, num_gaps;
    PetscCall(ost_h5_value_extents(path, rewritten, &num, &values));
    if (stat(path, &s)) {
      failure = last_error();
    } else {
      PetscCall(find_gaps(num, values, (PetscInt64)s.st_size, &num_gaps, &gap));
      failure = write_copy(path, part, (PetscInt64)s.st_size, num_gaps, gap);
      PetscCall(PetscFree(gap));
    }
    PetscCall(PetscFree(values));
  }
  PetscCallMPI(MPI_Bcast(&failure, 1, MPI_INT, 0, comm));
  PetscCheck(!failure, comm, PETSC_ERR_FILE_WRITE, "cannot write %s: %s", copy, strerror(failure));
  PetscCall(ost_file_rename(comm, part, copy));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_undo_end(MPI_Comm comm, const char *path)
{
  char        copy[PETSC_MAX_PATH_LEN + 16];
  PetscMPIInt rank;
  int         failure = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  undo_path(path, "", copy);
  if (!rank && unlink(copy)) failure = last_error();
  PetscCallMPI(MPI_Bcast(&failure, 1, MPI_INT, 0, comm));
  PetscCheck(!failure, comm, PETSC_ERR_FILE_WRITE, "cannot remove %s: %s", copy, strerror(failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The copy has its name only when all of it is on the disk; that it can be put back twice makes a
   kill in here harmless. errno. */
static int put_back(const char *path, const char *copy)
{
  const int  from    = open(copy, O_RDONLY | O_CLOEXEC);
  const int  to      = open(path, O_WRONLY | O_CLOEXEC);
  int        failure = from < 0 || to < 0 ? last_error() : 0;
  Head       head;
  PetscInt64 at = sizeof head;

  if (!failure) failure = read_at(from, &head, sizeof head, 0);
  if (!failure && memcmp(head.magic, MAGIC, sizeof head.magic)) failure = EINVAL;
  if (!failure && ftruncate(to, (off_t)head.size)) failure = last_error();
  for (PetscInt64 i = 0; !failure && i < head.num; i++) {
    OstExtent gap;
    failure = read_at(from, &gap, sizeof gap, at);
    at += (PetscInt64)sizeof gap;
    if (!failure) failure = copy_piece(from, at, to, gap.offset, gap.length);
    at += gap.length;
  }
  if (!failure && fsync(to) && errno != EINVAL) failure = last_error();
  if (from >= 0) (void)close(from); /* read only */
  if (to >= 0 && close(to) && !failure) failure = last_error();
  return failure;
}

PetscErrorCode ost_undo_recover(MPI_Comm comm, const char *path, PetscBool *recovered)
{
  char        copy[PETSC_MAX_PATH_LEN + 16];
  PetscMPIInt rank;
  int         found = 0, failure = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  undo_path(path, "", copy);
  if (!rank) {
    found   = !access(copy, F_OK);
    failure = found ? put_back(path, copy) : 0;
  }
  PetscCallMPI(MPI_Bcast(&found, 1, MPI_INT, 0, comm));
  PetscCallMPI(MPI_Bcast(&failure, 1, MPI_INT, 0, comm));
  PetscCheck(!failure, comm, PETSC_ERR_FILE_WRITE, "cannot put back %s from %s: %s", path, copy,
             strerror(failure));
  *recovered = found ? PETSC_TRUE : PETSC_FALSE;
  if (found) PetscCall(ost_undo_end(comm, path));
  PetscFunctionReturn(PETSC_SUCCESS);
}
