/* A session on an HDF5 file that is cut off: the file becomes, byte by byte, what it was.

   The session does all that the results do to their file: new groups and datasets, attributes that
   are written anew, a table that grows and is rewritten, rows that are appended, datasets that are
   removed. What it leaves is spoilt further, as a kill between two writes would. That values are
   not copied, and need not be, shows in the size of the copy. */
#include "io/undo.h"

#include "base/h5.h"
#include "support/check.h"

#include <sys/stat.h>
#include <unistd.h>

enum { NUM = 20000, APPENDED = 300 };

static PetscMPIInt rank;
static char        path[512];

/* All bytes of a file, on rank 0. */
static PetscErrorCode slurp(const char *name, size_t *size, char **bytes)
{
  struct stat s = {.st_size = 0};
  FILE       *file;

  PetscFunctionBeginUser;
  *size  = 0;
  *bytes = NULL;
  if (rank) PetscFunctionReturn(PETSC_SUCCESS);
  file = fopen(name, "rb");
  if (file && !stat(name, &s)) {
    PetscCall(PetscMalloc1(s.st_size + 1, bytes));
    *size = fread(*bytes, 1, (size_t)s.st_size, file);
  }
  if (file) (void)fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_field(OstH5 *file, const char *name, PetscReal factor)
{
  PetscMPIInt  size;
  OstNumbering rows = {.num_global = NUM};
  PetscInt    *global;
  PetscReal   *values;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCall(PetscMalloc2(NUM, &global, NUM, &values));
  for (PetscInt i = rank; i < NUM; i += size) {
    values[rows.num_local]   = factor * PetscSqrtReal((PetscReal)i);
    global[rows.num_local++] = i;
  }
  rows.global = global;
  PetscCall(ost_h5_write_reals(file, name, &rows, 1, values, "mm", "a field"));
  PetscCall(PetscFree2(global, values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_table(OstH5 *file, PetscInt num, PetscReal factor)
{
  PetscReal *values;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num, &values));
  for (PetscInt i = 0; i < num; i++) values[i] = factor * (PetscReal)i;
  PetscCall(ost_h5_write_table(file, "/history/day", num, 1, values, "day", "a column"));
  PetscCall(PetscFree(values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode append(OstH5 *file, PetscInt num)
{
  PetscInt values[APPENDED];

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) values[i] = i;
  PetscCall(ost_h5_append_ints(file, "/transitions/face", num, values, "appended"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode make(void)
{
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_create(PETSC_COMM_WORLD, path, &file));
  PetscCall(ost_h5_attr_int(file, "/", "complete", 0));
  PetscCall(ost_h5_write_text(file, "/case/input", "title: a limb", "the case"));
  PetscCall(write_field(file, "/mesh/nodes", 1.0));
  PetscCall(write_field(file, "/steps/00000/node/displacement", 2.0));
  PetscCall(write_field(file, "/steps/00001/node/displacement", 3.0));
  PetscCall(write_table(file, 200, 1.0));
  PetscCall(append(file, 100));
  PetscCall(ost_h5_close(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode session(PetscBool removes)
{
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_open(PETSC_COMM_WORLD, path, PETSC_TRUE, &file));
  PetscCall(ost_h5_attr_int(file, "/", "complete", 1));
  if (removes) {
    PetscCall(ost_h5_remove(file, "/steps/00001"));
    PetscCall(ost_h5_shorten(file, "/transitions/face", 10));
  }
  PetscCall(write_table(file, 900, 2.0));
  PetscCall(append(file, APPENDED));
  for (int k = 2; k < 12 && !removes; k++) {
    char name[64];
    (void)snprintf(name, sizeof name, "/steps/%05d/node/displacement", k);
    PetscCall(write_field(file, name, k));
    (void)snprintf(name, sizeof name, "/steps/%05d", k);
    PetscCall(ost_h5_attr_real(file, name, "day", k));
  }
  PetscCall(ost_h5_close(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* As if only some of the writes had come through: HDF5's own tables at the front are gone, and
   there is more at the end. */
static void spoil(void)
{
  const char zeros[2048] = {0};
  FILE      *file        = rank ? NULL : fopen(path, "r+b");

  if (file) {
    OST_CHECK(fwrite(zeros, 1, sizeof zeros, file) == sizeof zeros);
    (void)fseek(file, 0, SEEK_END);
    OST_CHECK(fwrite(zeros, 1, sizeof zeros, file) == sizeof zeros);
    OST_CHECK(!fclose(file));
  }
  (void)MPI_Barrier(PETSC_COMM_WORLD);
}

static PetscErrorCode a_session_that_was_cut_off_is_undone(PetscBool spoilt)
{
  size_t    size[3];
  char     *bytes[3], copy[600];
  PetscBool recovered;

  PetscFunctionBeginUser;
  PetscCall(make());
  PetscCall(slurp(path, &size[0], &bytes[0]));
  PetscCall(ost_undo_begin(PETSC_COMM_WORLD, path, "/history"));
  (void)snprintf(copy, sizeof copy, "%s.undo", path);
  PetscCall(slurp(copy, &size[1], &bytes[1]));
  PetscCall(session(PETSC_FALSE));
  if (spoilt) spoil();
  PetscCall(ost_undo_recover(PETSC_COMM_WORLD, path, &recovered));
  OST_CHECK(recovered);
  PetscCall(slurp(path, &size[2], &bytes[2]));
  if (!rank) {
    OST_CHECK(size[2] == size[0] && !memcmp(bytes[0], bytes[2], size[0]));
    OST_CHECK(5 * size[1] < size[0]); /* three fields, which it leaves out, are most of the file */
    OST_CHECK(access(copy, F_OK));
  }
  PetscCall(ost_undo_recover(PETSC_COMM_WORLD, path, &recovered));
  OST_CHECK(!recovered);
  for (int i = 0; i < 3; i++) PetscCall(PetscFree(bytes[i]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Going back to a checkpoint removes steps: should that be cut off, it is done again, and what
   stands before them is as it was. */
static PetscErrorCode a_removal_that_was_cut_off_can_be_done_again(void)
{
  OstNumbering rows = {.num_local = NUM, .num_global = NUM};
  PetscReal   *values;
  OstH5       *file;
  PetscBool    recovered, there;

  PetscFunctionBeginUser;
  PetscCall(make());
  for (int again = 0; again < 2; again++) {
    PetscCall(ost_undo_begin(PETSC_COMM_WORLD, path, "/history"));
    PetscCall(session(PETSC_TRUE));
    if (!again) PetscCall(ost_undo_recover(PETSC_COMM_WORLD, path, &recovered));
  }
  PetscCall(ost_undo_end(PETSC_COMM_WORLD, path));
  PetscCall(PetscMalloc1(NUM, &values));
  PetscCall(ost_h5_open(PETSC_COMM_WORLD, path, PETSC_FALSE, &file));
  PetscCall(ost_h5_exists(file, "/steps/00001", NULL, &there));
  OST_CHECK(!there);
  PetscCall(ost_h5_read_reals(file, "/steps/00000/node/displacement", &rows, 1, values));
  for (PetscInt i = 0; i < NUM; i++) OST_CHECK(values[i] == 2.0 * PetscSqrtReal((PetscReal)i));
  PetscCall(ost_h5_close(&file));
  PetscCall(PetscFree(values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  char top[256] = "/tmp/osteon_undo_XXXXXX";

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (!rank) OST_CHECK(mkdtemp(top));
  PetscCallMPI(MPI_Bcast(top, sizeof top, MPI_CHAR, 0, PETSC_COMM_WORLD));
  (void)snprintf(path, sizeof path, "%s/results.h5", top);
  PetscCall(a_session_that_was_cut_off_is_undone(PETSC_FALSE));
  PetscCall(a_session_that_was_cut_off_is_undone(PETSC_TRUE));
  PetscCall(a_removal_that_was_cut_off_can_be_done_again());
  if (!rank) {
    OST_CHECK(!unlink(path));
    OST_CHECK(!rmdir(top));
  }
  PetscCall(PetscFinalize());
  return ost_check_report();
}
