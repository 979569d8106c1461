#include "io/checkpoint.h"

#include "base/h5.h"
#include "base/sha256.h"
#include "io/field_rows.h"
#include "io/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT "osteon checkpoint 1"

enum { HEAD = 512, NUM_SLOTS = 2, OVERHEAD = 4096 /* HDF5's own for one dataset [byte] */ };

static const char *const slot_name[NUM_SLOTS] = {"checkpoint-a.h5", "checkpoint-b.h5"};

/* The context of the archives. */
typedef struct {
  const OstMesh *mesh;
  OstH5         *file;
  double         bytes; /* counted, by the archive that only counts */
} Slot;

/* --- counting: how much room all of it needs -------------------------------------------------- */

static PetscErrorCode count_field(OstArchive *archive, const char *name, OstFieldPlace place,
                                  PetscInt num_comp, PetscReal values[])
{
  Slot *slot = archive->context;

  PetscFunctionBeginUser;
  (void)name;
  (void)values;
  slot->bytes += OVERHEAD + (double)ost_field_rows(slot->mesh, place)->num_global *
                                ost_field_row_length(place, num_comp) * (double)sizeof(PetscReal);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode count_numbers(OstArchive *archive, const char *name, PetscInt num,
                                    PetscReal values[])
{
  PetscFunctionBeginUser;
  (void)name;
  (void)values;
  ((Slot *)archive->context)->bytes += OVERHEAD + (double)num * (double)sizeof(PetscReal);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode count_table(OstArchive *archive, const char *name, PetscInt width,
                                  PetscInt *num_rows, PetscReal **rows)
{
  PetscFunctionBeginUser;
  (void)name;
  (void)rows;
  /* tables grow by chunks of 256 rows */
  ((Slot *)archive->context)->bytes +=
      OVERHEAD + ((double)*num_rows + 256.0) * width * (double)sizeof(PetscReal);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode count_text(OstArchive *archive, const char *name, char **text)
{
  PetscFunctionBeginUser;
  (void)name;
  ((Slot *)archive->context)->bytes += OVERHEAD + (*text ? (double)strlen(*text) : 0.0);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- storing ---------------------------------------------------------------------------------- */

static PetscErrorCode store_field(OstArchive *archive, const char *name, OstFieldPlace place,
                                  PetscInt num_comp, PetscReal values[])
{
  const Slot *slot = archive->context;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_write_reals(slot->file, name, ost_field_rows(slot->mesh, place),
                               ost_field_row_length(place, num_comp), values, "", ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode store_numbers(OstArchive *archive, const char *name, PetscInt num,
                                    PetscReal values[])
{
  const Slot *slot = archive->context;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_write_table(slot->file, name, num, 1, values, "", ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode store_table(OstArchive *archive, const char *name, PetscInt width,
                                  PetscInt *num_rows, PetscReal **rows)
{
  const Slot *slot = archive->context;
  PetscInt    num  = *num_rows;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(&num, 1, MPIU_INT, 0, slot->mesh->comm));
  PetscCall(ost_h5_write_table(slot->file, name, num, width, *rows, "", ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode store_text(OstArchive *archive, const char *name, char **text)
{
  const Slot *slot   = archive->context;
  PetscInt    length = *text ? (PetscInt)strlen(*text) : 0;
  char       *same   = *text;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(slot->mesh->comm, &rank));
  PetscCallMPI(MPI_Bcast(&length, 1, MPIU_INT, 0, slot->mesh->comm));
  if (rank) { /* the others take part with as many bytes, which are not written */
    PetscCall(PetscMalloc1(length + 1, &same));
    memset(same, ' ', (size_t)length);
    same[length] = '\0';
  }
  PetscCall(ost_h5_write_text(slot->file, name, same ? same : "", ""));
  if (rank) PetscCall(PetscFree(same));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- restoring -------------------------------------------------------------------------------- */

static PetscErrorCode restore_field(OstArchive *archive, const char *name, OstFieldPlace place,
                                    PetscInt num_comp, PetscReal values[])
{
  const Slot *slot = archive->context;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_read_reals(slot->file, name, ost_field_rows(slot->mesh, place),
                              ost_field_row_length(place, num_comp), values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode restore_numbers(OstArchive *archive, const char *name, PetscInt num,
                                      PetscReal values[])
{
  const Slot *slot = archive->context;
  PetscReal  *read;
  PetscInt    n0, n1;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_read_table(slot->file, name, &n0, &n1, &read));
  PetscCheck(n0 == num && n1 == 1, slot->mesh->comm, PETSC_ERR_FILE_UNEXPECTED,
             "%s of the checkpoint has %d x %d numbers, not %d", name, (int)n0, (int)n1, (int)num);
  PetscCall(PetscArraycpy(values, read, num));
  PetscCall(PetscFree(read));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode restore_table(OstArchive *archive, const char *name, PetscInt width,
                                    PetscInt *num_rows, PetscReal **rows)
{
  const Slot *slot = archive->context;
  PetscInt    n1;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(slot->mesh->comm, &rank));
  PetscCall(ost_h5_read_table(slot->file, name, num_rows, &n1, rows));
  PetscCheck(n1 == width, slot->mesh->comm, PETSC_ERR_FILE_UNEXPECTED,
             "%s of the checkpoint has %d columns, not %d", name, (int)n1, (int)width);
  if (rank) PetscCall(PetscFree(*rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode restore_text(OstArchive *archive, const char *name, char **text)
{
  const Slot *slot = archive->context;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(slot->mesh->comm, &rank));
  PetscCall(ost_h5_read_text(slot->file, name, text));
  if (rank) PetscCall(PetscFree(*text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the head --------------------------------------------------------------------------------- */

/* Into the first bytes of a file that is otherwise whole; errno. */
static int write_head(const char *path, const OstCheckpointHead *head, const char hex[])
{
  char        text[HEAD] = "";
  struct stat s;
  const int   fd      = open(path, O_WRONLY | O_CLOEXEC);
  int         failure = fd < 0 || fstat(fd, &s) ? errno : 0;

  if (!failure) {
    (void)snprintf(text, sizeof text,
                   FORMAT "\nserial %" PetscInt_FMT "\nday %.17g\nsteps %" PetscInt_FMT
                          "\nbytes %lld\nsha256 %s\n",
                   head->serial, (double)head->day, head->steps, (long long)s.st_size, hex);
    if (pwrite(fd, text, sizeof text, 0) != (ssize_t)sizeof text) failure = errno ? errno : ENOSPC;
  }
  if (!failure && fsync(fd) && errno != EINVAL) failure = errno;
  if (fd >= 0 && close(fd) && !failure) failure = errno;
  return failure;
}

/* Rank 0: TRUE where the file has a head and its length; `why` else. */
static PetscBool read_head(const char *path, OstCheckpointHead *head, char hex[65], char why[128])
{
  char        text[HEAD + 1] = "";
  long long   bytes          = 0, serial, steps;
  double      day;
  struct stat s;
  FILE       *file = fopen(path, "rb");

  (void)snprintf(why, 128, "%s", file ? "" : strerror(errno));
  if (!file) return PETSC_FALSE;
  if (fread(text, 1, HEAD, file) < HEAD) text[0] = '\0';
  (void)fclose(file); /* read only */
  if (sscanf(text, FORMAT " serial %lld day %lf steps %lld bytes %lld sha256 %64[0-9a-f]", &serial,
             &day, &steps, &bytes, hex) != 5) {
    (void)snprintf(why, 128, "its head is not one of a checkpoint of this version");
    return PETSC_FALSE;
  }
  head->serial = (PetscInt)serial;
  head->day    = (PetscReal)day;
  head->steps  = (PetscInt)steps;
  if (stat(path, &s) || (long long)s.st_size != bytes) {
    (void)snprintf(why, 128, "it has not the length it was written with");
    return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* One slot: whether it is whole. `why` is empty where there is no such file. */
static PetscErrorCode look_at(MPI_Comm comm, OstCheckpointHead *head, PetscBool *whole,
                              char why[128])
{
  char        hex[65] = "", found[65];
  int         there = 0, good = 0;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  why[0] = '\0';
  *whole = PETSC_FALSE;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (!rank) {
    there = !access(head->path, F_OK);
    good  = there && read_head(head->path, head, hex, why);
  }
  PetscCallMPI(MPI_Bcast(&good, 1, MPI_INT, 0, comm));
  PetscCallMPI(MPI_Bcast(why, 128, MPI_CHAR, 0, comm));
  if (!good) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCallMPI(MPI_Bcast(head, sizeof *head, MPI_BYTE, 0, comm));
  PetscCallMPI(MPI_Bcast(hex, sizeof hex, MPI_CHAR, 0, comm));
  PetscCall(ost_sha256_file_after(head->path, HEAD, found));
  *whole = strcmp(hex, found) ? PETSC_FALSE : PETSC_TRUE;
  if (!*whole) (void)snprintf(why, 128, "its content is not what was written (SHA-256 differs)");
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the files -------------------------------------------------------------------------------- */

/* A new file with room for all that will be written. */
static PetscErrorCode make_room(MPI_Comm comm, const char *part, double bytes)
{
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_create_plain(comm, part, HEAD, &file));
  PetscCall(ost_h5_close(&file));
  PetscCall(ost_file_reserve(comm, part, bytes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_checkpoint_write(const OstMesh *mesh, const char *directory,
                                    const OstCheckpointHead *head,
                                    PetscErrorCode (*store)(void *context, OstArchive *archive),
                                    void *context)
{
  Slot        slot  = {.mesh = mesh};
  OstArchive  count = {&slot, PETSC_FALSE, count_field, count_numbers, count_table, count_text};
  OstArchive  write = {&slot, PETSC_FALSE, store_field, store_numbers, store_table, store_text};
  char        path[PETSC_MAX_PATH_LEN], part[PETSC_MAX_PATH_LEN + 8], hex[65];
  PetscMPIInt rank;
  int         failure = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(mesh->comm, &rank));
  PetscCall(ost_path_in(mesh->comm, directory, slot_name[head->slot], path));
  (void)snprintf(part, sizeof part, "%s.part", path);
  PetscCall(store(context, &count));
  PetscCall(make_room(mesh->comm, part, slot.bytes));
  PetscCall(ost_h5_open_plain(mesh->comm, part, &slot.file));
  PetscCall(store(context, &write));
  PetscCall(ost_h5_close(&slot.file));
  PetscCall(ost_file_sync(mesh->comm, part));
  PetscCall(ost_sha256_file_after(part, HEAD, hex));
  if (!rank) failure = write_head(part, head, hex);
  PetscCallMPI(MPI_Bcast(&failure, 1, MPI_INT, 0, mesh->comm));
  PetscCheck(!failure, mesh->comm, PETSC_ERR_FILE_WRITE, "cannot write %s: %s", part,
             strerror(failure));
  PetscCall(ost_file_rename(mesh->comm, part, path));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_checkpoint_find(MPI_Comm comm, const char *directory, OstDiagList *list,
                                   OstCheckpointHead *head, PetscBool *found)
{
  OstCheckpointHead slot[NUM_SLOTS];
  PetscBool         whole[NUM_SLOTS];
  char              why[NUM_SLOTS][128];
  PetscInt          best = -1;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < NUM_SLOTS; i++) {
    slot[i] = (OstCheckpointHead){.slot = i};
    PetscCall(ost_path_in(comm, directory, slot_name[i], slot[i].path));
    PetscCall(look_at(comm, &slot[i], &whole[i], why[i]));
    if (whole[i] && (best < 0 || slot[i].serial > slot[best].serial)) best = i;
  }
  for (PetscInt i = 0; i < NUM_SLOTS; i++) {
    const OstWhere at = {slot[i].path, 0};
    if (whole[i] || !why[i][0]) continue;
    if (best >= 0)
      PetscCall(ost_diag_warning(list, at,
                                 "the older one is used; nothing else is lost than the "
                                 "time since",
                                 "this checkpoint cannot be used: %s", why[i]));
    else
      PetscCall(ost_diag_error(list, at, "start anew with `osteon run --force`",
                               "this checkpoint cannot be used: %s", why[i]));
  }
  *found = (PetscBool)(best >= 0);
  if (*found) *head = slot[best];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_checkpoint_read_text(MPI_Comm comm, const OstCheckpointHead *head,
                                        const char *name, char **text)
{
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_open(comm, head->path, PETSC_FALSE, &file));
  PetscCall(ost_h5_read_text(file, name, text));
  PetscCall(ost_h5_close(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_checkpoint_open(const OstMesh *mesh, const OstCheckpointHead *head,
                                   OstArchive **archive)
{
  Slot *slot;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&slot));
  slot->mesh = mesh;
  PetscCall(ost_h5_open(mesh->comm, head->path, PETSC_FALSE, &slot->file));
  PetscCall(PetscNew(archive));
  **archive =
      (OstArchive){slot, PETSC_TRUE, restore_field, restore_numbers, restore_table, restore_text};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_checkpoint_close(OstArchive **archive)
{
  Slot *slot;

  PetscFunctionBeginUser;
  if (!*archive) PetscFunctionReturn(PETSC_SUCCESS);
  slot = (*archive)->context;
  PetscCall(ost_h5_close(&slot->file));
  PetscCall(PetscFree(slot));
  PetscCall(PetscFree(*archive));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_checkpoint_remove(MPI_Comm comm, const char *directory)
{
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  for (PetscInt i = 0; i < NUM_SLOTS; i++) {
    char path[PETSC_MAX_PATH_LEN], part[PETSC_MAX_PATH_LEN + 8];
    PetscCall(ost_path_in(comm, directory, slot_name[i], path));
    (void)snprintf(part, sizeof part, "%s.part", path);
    if (!rank) (void)unlink(path); /* one that stays does no harm: the run is complete */
    if (!rank) (void)unlink(part);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
