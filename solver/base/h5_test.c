#include "base/h5.h"

#include "support/check.h"

#include <unistd.h>

static PetscMPIInt rank, size;
static char        path[PETSC_MAX_PATH_LEN];

/* Row r, component c holds 10 r + c: the data carry their own expected value. */
static PetscReal expected(PetscInt row, PetscInt comp)
{
  return 10.0 * (PetscReal)row + (PetscReal)comp;
}

/* Rows dealt to the ranks like cards, backwards, so that no rank's rows are contiguous; with
   `num_givers` ranks giving, the others hold none. */
static PetscErrorCode deal_rows(PetscInt num_rows, PetscInt num_givers, OstNumbering *rows)
{
  PetscInt *global, n = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num_rows, &global));
  for (PetscInt row = num_rows - 1; row >= 0; row--) {
    if (row % num_givers == rank) global[n++] = row;
  }
  *rows = (OstNumbering){n, global, num_rows};
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode fill(const OstNumbering *rows, PetscInt num_comp, PetscReal **values)
{
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(rows->num_local * num_comp, values));
  for (PetscInt i = 0; i < rows->num_local; i++) {
    for (PetscInt c = 0; c < num_comp; c++) {
      (*values)[i * num_comp + c] = expected(rows->global[i], c);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode rows_come_back(PetscInt num_rows, PetscInt num_comp, PetscInt num_givers,
                                     const char *name)
{
  OstNumbering rows, others;
  PetscReal   *values, *back;
  OstH5       *f;
  PetscInt     num_wrong = 0;

  PetscFunctionBeginUser;
  PetscCall(deal_rows(num_rows, num_givers, &rows));
  PetscCall(fill(&rows, num_comp, &values));
  PetscCall(ost_h5_open(PETSC_COMM_WORLD, path, PETSC_TRUE, &f));
  PetscCall(ost_h5_write_reals(f, name, &rows, num_comp, values, "mm", "test"));
  PetscCall(
      ost_h5_write_reals(f, name, &rows, num_comp, values, "mm", "test")); /* again: replaced */
  PetscCall(ost_h5_close(&f));

  /* Read on a communicator of one rank each: all rows, in order, whatever wrote them. */
  others = (OstNumbering){num_rows, NULL, num_rows};
  PetscCall(PetscMalloc1(num_rows * num_comp, &back));
  PetscCall(ost_h5_open(PETSC_COMM_SELF, path, PETSC_FALSE, &f));
  PetscCall(ost_h5_read_reals(f, name, &others, num_comp, back));
  PetscCall(ost_h5_close(&f));
  for (PetscInt r = 0; r < num_rows; r++) {
    for (PetscInt c = 0; c < num_comp; c++) num_wrong += back[r * num_comp + c] != expected(r, c);
  }
  OST_CHECK_INT(num_wrong, 0);

  /* And by the same scattered rows. */
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscCall(PetscArrayzero(back, num_rows * num_comp));
  PetscCall(ost_h5_open(PETSC_COMM_WORLD, path, PETSC_FALSE, &f));
  PetscCall(ost_h5_read_reals(f, name, &rows, num_comp, back));
  PetscCall(ost_h5_close(&f));
  for (PetscInt i = 0; i < rows.num_local * num_comp; i++) num_wrong += back[i] != values[i];
  OST_CHECK_INT(num_wrong, 0);

  PetscCall(PetscFree(back));
  PetscCall(PetscFree(values));
  PetscCall(PetscFree(rows.global));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ints_attributes_and_texts_come_back(void)
{
  OstNumbering rows;
  PetscInt    *values, *back, i, n0, n1, num;
  PetscReal    x, history[6] = {0.5, 1.5, 2.5, 3.5, 4.5, 5.5}, *table;
  char       **names, *text, word[32];
  PetscBool    exists;
  OstH5       *f;

  PetscFunctionBeginUser;
  PetscCall(deal_rows(2000, size, &rows));
  PetscCall(PetscMalloc2(rows.num_local, &values, rows.num_local, &back));
  for (i = 0; i < rows.num_local; i++) values[i] = -rows.global[i];
  PetscCall(ost_h5_open(PETSC_COMM_WORLD, path, PETSC_TRUE, &f));
  PetscCall(ost_h5_write_ints(f, "/ints/region", &rows, 1, values, "test"));
  PetscCall(ost_h5_write_text(f, "/case/input", "first", "test"));
  PetscCall(ost_h5_write_text(f, "/case/input", "title: Müller\n", "replaced by a longer one"));
  PetscCall(ost_h5_attr_text(f, "/case", "title", "first"));
  PetscCall(ost_h5_attr_text(f, "/case", "title", "second title"));
  PetscCall(ost_h5_attr_text(f, "/case", "empty", ""));
  PetscCall(ost_h5_attr_int(f, "/", "complete", 1));
  PetscCall(ost_h5_attr_real(f, "/case", "day", 30.25));
  PetscCall(ost_h5_write_table(f, "/history/day", 2, 1, history, "day", "grows"));
  PetscCall(ost_h5_write_table(f, "/history/day", 6, 1, history, "day", "grows"));
  PetscCall(ost_h5_write_table(f, "/history/pairs", 3, 2, history, "day", "2-D"));
  PetscCall(ost_h5_group(f, "/steps/00000"));
  PetscCall(ost_h5_group(f, "/steps/00000"));
  PetscCall(ost_h5_group(f, "/steps/00030/node"));
  PetscCall(ost_h5_close(&f));

  PetscCall(ost_h5_open(PETSC_COMM_WORLD, path, PETSC_FALSE, &f));
  PetscCall(ost_h5_read_ints(f, "/ints/region", &rows, 1, back));
  OST_CHECK(!memcmp(values, back, sizeof(PetscInt) * (size_t)rows.num_local));
  PetscCall(ost_h5_read_text(f, "/case/input", &text));
  OST_CHECK(!strcmp(text, "title: Müller\n"));
  PetscCall(PetscFree(text));
  PetscCall(ost_h5_get_attr_text(f, "/case", "title", word, sizeof word));
  OST_CHECK(!strcmp(word, "second title"));
  PetscCall(ost_h5_get_attr_text(f, "/case", "empty", word, sizeof word));
  OST_CHECK(!strcmp(word, ""));
  PetscCall(ost_h5_get_attr_text(f, "/ints/region", "units", word, sizeof word));
  OST_CHECK(!strcmp(word, "1"));
  PetscCall(ost_h5_get_attr_int(f, "/", "complete", &i));
  OST_CHECK_INT(i, 1);
  PetscCall(ost_h5_get_attr_real(f, "/case", "day", &x));
  OST_CHECK_NEAR(x, 30.25, 0.0);
  PetscCall(ost_h5_read_table(f, "/history/day", &n0, &n1, &table));
  OST_CHECK_INT(n0, 6);
  OST_CHECK_INT(n1, 1);
  OST_CHECK_NEAR(table[5], 5.5, 0.0);
  PetscCall(PetscFree(table));
  PetscCall(ost_h5_read_table(f, "history/pairs", &n0, &n1, &table));
  OST_CHECK_INT(n0, 3);
  OST_CHECK_INT(n1, 2);
  OST_CHECK_NEAR(table[4], 4.5, 0.0);
  PetscCall(PetscFree(table));

  PetscCall(ost_h5_exists(f, "/steps/00030/node", NULL, &exists));
  OST_CHECK(exists);
  PetscCall(ost_h5_exists(f, "/nothing/below/this", NULL, &exists));
  OST_CHECK(!exists);
  PetscCall(ost_h5_exists(f, "/case", "day", &exists));
  OST_CHECK(exists);
  PetscCall(ost_h5_exists(f, "/case", "night", &exists));
  OST_CHECK(!exists);
  PetscCall(ost_h5_list(f, "/steps", &num, &names));
  OST_CHECK_INT(num, 3);
  OST_CHECK(!strcmp(names[0], "00000") && !strcmp(names[1], "00001") && !strcmp(names[2], "00030"));
  PetscCall(ost_h5_list_free(num, &names));
  PetscCall(ost_h5_close(&f));
  PetscCall(PetscFree2(values, back));
  PetscCall(PetscFree(rows.global));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Rank 0 brings the rows; none, then some, then none, then more than a chunk. */
static PetscErrorCode appended_rows_follow_one_another(void)
{
  enum { MORE = 700, ALL = 3 + MORE };
  const PetscInt     counts[4] = {0, 3, 0, MORE};
  const OstNumbering rows      = {ALL, NULL, ALL};
  PetscReal          values[ALL], *back;
  PetscInt           ints[ALL], read[ALL], at = 0, n0, n1, wrong = 0;
  OstH5             *f;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < ALL; i++) {
    ints[i]   = 3 * i;
    values[i] = 0.5 + (PetscReal)i;
  }
  for (int k = 0; k < 4; at += counts[k++]) {
    PetscCall(ost_h5_open(PETSC_COMM_WORLD, path, PETSC_TRUE, &f));
    PetscCall(ost_h5_append_reals(f, "/log/day", counts[k], rank || !counts[k] ? NULL : &values[at],
                                  "day", "test"));
    PetscCall(ost_h5_append_ints(f, "/log/face", counts[k], rank || !counts[k] ? NULL : &ints[at],
                                 "test"));
    PetscCall(ost_h5_close(&f));
  }
  PetscCall(ost_h5_open(PETSC_COMM_WORLD, path, PETSC_FALSE, &f));
  PetscCall(ost_h5_read_table(f, "/log/day", &n0, &n1, &back));
  OST_CHECK_INT(n0, ALL);
  OST_CHECK_INT(n1, 1);
  PetscCall(ost_h5_read_ints(f, "/log/face", &rows, 1, read));
  for (PetscInt i = 0; i < n0; i++) wrong += back[i] != values[i] || read[i] != ints[i];
  OST_CHECK_INT(wrong, 0);
  PetscCall(PetscFree(back));
  PetscCall(ost_h5_close(&f));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Each refusal must be an error of the right kind, on every rank, instead of a wrong file. */
static PetscErrorCode wrong_shape_and_missing_rows_are_refused(void)
{
  const PetscInt     row       = rank;
  const PetscReal    values[2] = {1.0, 2.0};
  const OstNumbering all = {1, &row, size}, hole = {1, &row, size + 1}, other = {1, &row, size};
  PetscErrorCode     ierr;
  OstH5             *f;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_open(PETSC_COMM_WORLD, path, PETSC_TRUE, &f));
  PetscCall(ost_h5_write_reals(f, "/refused", &all, 1, values, "", "test"));
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = ost_h5_write_reals(f, "/refused", &other, 2, values, "", "test");
  OST_CHECK_INT(ierr, PETSC_ERR_FILE_UNEXPECTED);
  ierr = ost_h5_read_reals(f, "/refused", &hole, 1, (PetscReal *)values);
  OST_CHECK_INT(ierr, PETSC_ERR_FILE_UNEXPECTED);
  ierr = ost_h5_read_reals(f, "/nothing", &all, 1, (PetscReal *)values);
  OST_CHECK_INT(ierr, PETSC_ERR_FILE_READ);
  if (size == 1) { /* with more ranks only the owner of the hole sees it */
    ierr = ost_h5_write_reals(f, "/hole", &hole, 1, values, "", "test");
    OST_CHECK_INT(ierr, PETSC_ERR_PLIB);
  }
  PetscCall(PetscPopErrorHandler());
  PetscCall(ost_h5_close(&f));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  OstH5 *f;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  if (!rank) {
    (void)snprintf(path, sizeof path, "%s/ost_h5_XXXXXX",
                   getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    PetscCheck(close(mkstemp(path)) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", path);
  }
  PetscCallMPI(MPI_Bcast(path, sizeof path, MPI_CHAR, 0, PETSC_COMM_WORLD));
  PetscCall(ost_h5_create(PETSC_COMM_WORLD, path, &f));
  PetscCall(ost_h5_flush(f));
  PetscCall(ost_h5_close(&f));

  PetscCall(rows_come_back(7, 1, size, "/small"));
  PetscCall(rows_come_back(1, 3, size, "/one_row"));
  PetscCall(rows_come_back(0, 3, size, "/no_rows"));
  PetscCall(rows_come_back(900, 3, size, "/one_chunk"));
  PetscCall(rows_come_back(70000, 3, size, "/steps/00001/node/many_chunks"));
  PetscCall(rows_come_back(70000, 3, 1, "/steps/00001/node/from_rank_0"));
  PetscCall(ints_attributes_and_texts_come_back());
  PetscCall(appended_rows_follow_one_another());
  PetscCall(wrong_shape_and_missing_rows_are_refused());

  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  if (!rank) (void)unlink(path);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
