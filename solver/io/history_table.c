#include "io/history_table.h"

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

static PetscErrorCode write_stages(const OstHistoryTable *h, OstH5 *file)
{
  size_t length = 1;
  char  *text;

  PetscFunctionBeginUser;
  /* A reader drops empty lines and then counts: a stage without a row keeps its line by a dash. */
  for (PetscInt s = 0; s < h->num_stages; s++) {
    length += (h->stage[s] ? strlen(h->stage[s]) : 0) + 2;
  }
  PetscCall(PetscCalloc1(length, &text));
  for (PetscInt s = 0; s < h->num_stages; s++) {
    if (s) (void)strcat(text, "\n");
    (void)strcat(text, h->stage[s] && h->stage[s][0] ? h->stage[s] : "-");
  }
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
