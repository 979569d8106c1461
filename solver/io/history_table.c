#include "io/history_table.h"

#include "analysis/measures.h"

struct OstHistoryTable {
  PetscInt   num_columns, num_rows, capacity;
  char     **name, **unit, **description; /* [num_columns] */
  PetscReal *values;                      /* [capacity x num_columns] */
  PetscInt   num_stages;
  char     **stage; /* [num_stages], NULL where none had a row */
};

PetscErrorCode ost_history_table_create(OstHistoryTable **history)
{
  PetscFunctionBeginUser;
  PetscCall(PetscNew(history));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_history_table_destroy(OstHistoryTable **history)
{
  OstHistoryTable *h = *history;

  PetscFunctionBeginUser;
  if (!h) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt c = 0; c < h->num_columns; c++) {
    PetscCall(PetscFree(h->name[c]));
    PetscCall(PetscFree(h->unit[c]));
    PetscCall(PetscFree(h->description[c]));
  }
  for (PetscInt s = 0; s < h->num_stages; s++) PetscCall(PetscFree(h->stage[s]));
  PetscCall(PetscFree3(h->name, h->unit, h->description));
  PetscCall(PetscFree(h->stage));
  PetscCall(PetscFree(h->values));
  PetscCall(PetscFree(*history));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode take_columns(OstHistoryTable *h, const OstHistoryRow *row)
{
  const PetscInt n = row->num_columns;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc3(n, &h->name, n, &h->unit, n, &h->description));
  for (PetscInt c = 0; c < n; c++) {
    PetscCall(PetscStrallocpy(row->columns[c].name, &h->name[c]));
    PetscCall(PetscStrallocpy(row->columns[c].unit, &h->unit[c]));
    PetscCall(PetscStrallocpy(row->columns[c].description, &h->description[c]));
  }
  h->num_columns = n;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode take_stage(OstHistoryTable *h, const OstHistoryRow *row)
{
  PetscInt index = -1;

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < h->num_columns; c++) {
    if (!strcmp(h->name[c], "stage")) index = (PetscInt)row->values[c];
  }
  if (index < 0 || !row->stage) PetscFunctionReturn(PETSC_SUCCESS);
  if (index >= h->num_stages) {
    PetscCall(PetscRealloc(sizeof(char *) * (size_t)(index + 1), &h->stage));
    while (h->num_stages <= index) h->stage[h->num_stages++] = NULL;
  }
  if (!h->stage[index]) PetscCall(PetscStrallocpy(row->stage, &h->stage[index]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_history_table_add(OstHistoryTable *h, const OstHistoryRow *row)
{
  PetscFunctionBeginUser;
  if (!h->num_columns) PetscCall(take_columns(h, row));
  OstAssert(row->num_columns == h->num_columns, "a history row of %d columns after rows of %d",
            (int)row->num_columns, (int)h->num_columns);
  if (h->num_rows == h->capacity) {
    h->capacity = PetscMax(64, 2 * h->capacity);
    PetscCall(
        PetscRealloc(sizeof(PetscReal) * (size_t)h->capacity * (size_t)h->num_columns, &h->values));
  }
  PetscCall(PetscArraycpy(&h->values[h->num_rows * h->num_columns], row->values, h->num_columns));
  h->num_rows++;
  PetscCall(take_stage(h, row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The stages' names, one a line. The caller frees *text. A reader drops empty lines and then
   counts: a stage without a row keeps its line by a dash. */
static PetscErrorCode list_stages(const OstHistoryTable *h, char **text)
{
  size_t length = 1;

  PetscFunctionBeginUser;
  for (PetscInt s = 0; s < h->num_stages; s++) {
    length += (h->stage[s] ? strlen(h->stage[s]) : 0) + 2;
  }
  PetscCall(PetscCalloc1(length, text));
  for (PetscInt s = 0; s < h->num_stages; s++) {
    if (s) (void)strcat(*text, "\n");
    (void)strcat(*text, h->stage[s] && h->stage[s][0] ? h->stage[s] : "-");
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_stages(const OstHistoryTable *h, OstH5 *file)
{
  char *text;

  PetscFunctionBeginUser;
  PetscCall(list_stages(h, &text));
  PetscCall(ost_h5_attr_text(file, "/history", "stages", text));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_history_table_write(const OstHistoryTable *h, OstH5 *file)
{
  char       path[256];
  PetscReal *column;

  PetscFunctionBeginUser;
  if (!h->num_rows) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(h->num_rows, &column));
  for (PetscInt c = 0; c < h->num_columns; c++) {
    for (PetscInt r = 0; r < h->num_rows; r++) column[r] = h->values[r * h->num_columns + c];
    (void)snprintf(path, sizeof path, "/history/%s", h->name[c]);
    PetscCall(
        ost_h5_write_table(file, path, h->num_rows, 1, column, h->unit[c], h->description[c]));
  }
  PetscCall(PetscFree(column));
  PetscCall(write_stages(h, file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

static PetscErrorCode take_stages(OstHistoryTable *h, char *text)
{
  PetscFunctionBeginUser;
  for (char *line = text, *end; line && *line; line = end) {
    end = strchr(line, '\n');
    if (end) *end++ = '\0';
    PetscCall(PetscRealloc(sizeof(char *) * (size_t)(h->num_stages + 1), &h->stage));
    h->stage[h->num_stages] = NULL;
    if (strcmp(line, "-")) PetscCall(PetscStrallocpy(line, &h->stage[h->num_stages]));
    h->num_stages++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Rows that rank 0 has read, to all ranks. */
static PetscErrorCode take_rows(OstHistoryTable *h, MPI_Comm comm, PetscInt num,
                                const PetscReal *rows)
{
  const OstHistoryRow columns = {.num_columns = OST_NUM_COLUMNS, .columns = ost_history_columns};

  PetscFunctionBeginUser;
  PetscCall(take_columns(h, &columns));
  PetscCallMPI(MPI_Bcast(&num, 1, MPIU_INT, 0, comm));
  h->num_rows = h->capacity = num;
  PetscCall(PetscMalloc1(num * OST_NUM_COLUMNS, &h->values));
  if (rows) PetscCall(PetscArraycpy(h->values, rows, num * OST_NUM_COLUMNS));
  PetscCallMPI(MPI_Bcast(h->values, (PetscMPIInt)(num * OST_NUM_COLUMNS), MPIU_REAL, 0, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_history_table_archive(OstHistoryTable *h, MPI_Comm comm, OstArchive *archive)
{
  PetscInt   num   = h->num_rows;
  PetscReal *rows  = h->values;
  char      *names = NULL;

  PetscFunctionBeginUser;
  if (!archive->loading) PetscCall(list_stages(h, &names));
  PetscCall(archive->table(archive, "output/history", OST_NUM_COLUMNS, &num, &rows));
  PetscCall(ost_archive_text(archive, comm, "output/stages", &names));
  if (archive->loading) {
    PetscCall(take_rows(h, comm, num, rows));
    PetscCall(PetscFree(rows));
    PetscCall(take_stages(h, names));
  }
  PetscCall(PetscFree(names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_history_table_tell(const OstHistoryTable *h, const OstObserver *listener)
{
  PetscFunctionBeginUser;
  for (PetscInt r = 0; r < h->num_rows; r++) {
    const PetscReal    *values = &h->values[r * h->num_columns];
    const PetscInt      stage  = (PetscInt)values[OST_COL_STAGE];
    const OstHistoryRow row    = {h->num_columns, ost_history_columns, values,
                               stage >= 0 && stage < h->num_stages ? h->stage[stage] : "no stage"};
    PetscCall(listener->row(listener->context, &row));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
