#include "io/csv.h"

#include "io/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct OstCsv {
  MPI_Comm    comm;
  PetscMPIInt rank;
  PetscInt    num_rows;
  int         fd; /* -1 on ranks other than 0 */
  char        path[PETSC_MAX_PATH_LEN];
};

static PetscErrorCode report(const OstCsv *csv, int failure, PetscErrorCode code)
{
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(&failure, 1, MPI_INT, 0, csv->comm));
  PetscCheck(!failure, csv->comm, code, "cannot write %s: %s", csv->path, strerror(failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_csv_create(MPI_Comm comm, const char *directory, OstCsv **csv)
{
  OstCsv *c;
  int     failure = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(csv));
  c       = *csv;
  c->comm = comm;
  c->fd   = -1;
  PetscCallMPI(MPI_Comm_rank(comm, &c->rank));
  PetscCall(ost_path_in(comm, directory, OST_CSV_FILE, c->path));
  if (c->rank == 0) {
    c->fd = open(c->path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (c->fd < 0) failure = errno;
  }
  PetscCall(report(c, failure, PETSC_ERR_FILE_OPEN));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_csv_destroy(OstCsv **csv)
{
  OstCsv *c       = *csv;
  int     failure = 0;

  PetscFunctionBeginUser;
  if (!c) PetscFunctionReturn(PETSC_SUCCESS);
  if (c->fd >= 0) {
    if (fsync(c->fd) && errno != EINVAL) failure = errno;
    if (close(c->fd) && !failure) failure = errno;
  }
  PetscCall(report(c, failure, PETSC_ERR_FILE_WRITE));
  PetscCall(PetscFree(*csv));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A text cell: quoted, quotes doubled. */
static void put_quoted(FILE *out, const char *text)
{
  (void)fputc('"', out);
  for (const char *c = text; *c; c++) {
    if (*c == '"') (void)fputc('"', out);
    (void)fputc(*c == '\n' ? ' ' : *c, out);
  }
  (void)fputc('"', out);
}

static void put_head(FILE *out, const OstHistoryRow *row)
{
  for (PetscInt c = 0; c < row->num_columns; c++) {
    const char *unit = row->columns[c].unit;
    const int   none = !unit || !unit[0] || !strcmp(unit, "1") || !strcmp(unit, "index");
    (void)fprintf(out, "%s [%s],", row->columns[c].name, none ? "-" : unit);
  }
  (void)fputs("stage_name\n", out);
}

static void put_row(FILE *out, const OstHistoryRow *row)
{
  for (PetscInt c = 0; c < row->num_columns; c++) {
    const double v = (double)row->values[c];
    if (PetscIsNanReal(row->values[c]))
      (void)fputs("nan,", out); /* printf may put a sign there */
    else
      (void)fprintf(out, "%.10g,", v);
  }
  put_quoted(out, row->stage ? row->stage : "");
  (void)fputc('\n', out);
}

/* All or nothing of `text` at the end of the file; errno. */
static int append(int fd, const char *text, size_t length)
{
  const off_t before = lseek(fd, 0, SEEK_END);
  size_t      done   = 0;
  int         failure;

  while (done < length) {
    const ssize_t n = write(fd, text + done, length - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      failure = n ? errno : ENOSPC;
      if (before >= 0 && ftruncate(fd, before)) return errno;
      return failure;
    }
    done += (size_t)n;
  }
  return 0;
}

PetscErrorCode ost_csv_row(OstCsv *csv, const OstHistoryRow *row)
{
  int failure = 0;

  PetscFunctionBeginUser;
  if (csv->rank == 0) {
    char  *text   = NULL;
    size_t length = 0;
    FILE  *line   = open_memstream(&text, &length);
    if (line) {
      if (!csv->num_rows) put_head(line, row);
      put_row(line, row);
    }
    failure = !line || fclose(line) ? ENOMEM : append(csv->fd, text, length);
    free(text);
  }
  csv->num_rows++;
  PetscCall(report(csv, failure, PETSC_ERR_FILE_WRITE));
  PetscFunctionReturn(PETSC_SUCCESS);
}
