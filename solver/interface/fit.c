#include "interface/fit.h"

#include "input/quantity.h"

#include <ctype.h>
#include <math.h>

#define DEGREE (PETSC_PI / 180.0)

/* Places nearer than this are the same one. [mm], [degree] */
#define SAME_PLACE 1e-6

/* A gap wider than this is a mistake in the unit. [mm] */
#define MAX_GAP 10.0

enum { HEIGHT, ANGLE, GAP, NUM_COLUMNS };

static const char *const column_name[NUM_COLUMNS] = {"height", "angle", "gap"};
static const char *const column_unit[NUM_COLUMNS] = {"mm", "degree", "mm"};

#define SAMPLE "begin with the line `height [mm],angle [degree],gap [mm]`"

typedef struct {
  PetscReal value[NUM_COLUMNS]; /* mm, degree in [0, 360), mm */
  PetscInt  line;
} Row;

typedef struct {
  OstWhere     at; /* the line that is being read */
  OstDiagList *list;
  PetscInt     place[NUM_COLUMNS];  /* of the columns in a line */
  PetscReal    factor[NUM_COLUMNS]; /* to the house unit */
  PetscInt     num, capacity;
  Row         *row;
} Reader;

/* --- lines ------------------------------------------------------------------------------------ */

/* The text without blanks at its ends. */
static char *trimmed(char *text)
{
  char *end = text + strlen(text);

  while (isspace((unsigned char)*text)) text++;
  while (end > text && isspace((unsigned char)end[-1])) *--end = '\0';
  return text;
}

/* Cut a line at its commas; at most one field more than there are columns is told apart. */
static PetscInt split(char *line, char *field[NUM_COLUMNS + 1])
{
  PetscInt num = 0;

  for (char *next = line; next && num <= NUM_COLUMNS; num++) {
    char *comma = strchr(next, ',');
    if (comma) *comma = '\0';
    field[num] = trimmed(next);
    next       = comma ? comma + 1 : NULL;
  }
  return num;
}

/* "gap [um]": which column, and its factor to the house unit. */
static PetscErrorCode read_column(Reader *r, PetscInt place, char *text)
{
  char     *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
  char      one[64], label[32];
  PetscInt  k  = 0;
  PetscBool ok = PETSC_FALSE;

  PetscFunctionBeginUser;
  if (open) *open = '\0';
  if (close) *close = '\0';
  text = trimmed(text);
  while (k < NUM_COLUMNS && strcasecmp(text, column_name[k])) k++;
  if (k == NUM_COLUMNS) {
    PetscCall(ost_diag_error(r->list, r->at, SAMPLE, "a column is called `%s`", text));
  } else if (r->place[k] >= 0) {
    PetscCall(ost_diag_error(r->list, r->at, SAMPLE, "two columns are called `%s`", text));
  } else if (!close) {
    PetscCall(ost_diag_error(r->list, r->at, SAMPLE, "column `%s` has no unit", text));
    r->place[k] = place;
  } else {
    (void)snprintf(one, sizeof one, "1 %s", trimmed(open + 1));
    (void)snprintf(label, sizeof label, "column `%s`: ", text);
    const OstQuantityContext c = {NULL, r->at, label, column_unit[k], r->list};
    PetscCall(ost_quantity_parse(&c, one, &r->factor[k], &ok));
    r->place[k] = place;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_header(Reader *r, char *line)
{
  char          *field[NUM_COLUMNS + 1];
  const PetscInt num    = split(line, field);
  const PetscInt before = ost_diag_num_errors(r->list);

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < NUM_COLUMNS; k++) r->place[k] = -1;
  for (PetscInt i = 0; i < num && ost_diag_num_errors(r->list) == before; i++)
    PetscCall(read_column(r, i, field[i]));
  for (PetscInt k = 0; k < NUM_COLUMNS && ost_diag_num_errors(r->list) == before; k++)
    if (r->place[k] < 0)
      PetscCall(ost_diag_error(r->list, r->at, SAMPLE, "column `%s` is missing", column_name[k]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode check_row(const Reader *r, const Row *row)
{
  PetscFunctionBeginUser;
  if (PetscAbsReal(row->value[ANGLE]) > 360.0)
    PetscCall(ost_diag_error(r->list, r->at, "once round are the angles from 0 to 360 degree",
                             "angle %g degree is outside -360 ... 360 degree",
                             (double)row->value[ANGLE]));
  if (PetscAbsReal(row->value[GAP]) > MAX_GAP)
    PetscCall(ost_diag_error(r->list, r->at, "is the unit in the first line the right one?",
                             "gap %g mm is outside %g ... %g mm", (double)row->value[GAP], -MAX_GAP,
                             MAX_GAP));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_row(Reader *r, char *line)
{
  char          *field[NUM_COLUMNS + 1];
  const PetscInt num = split(line, field);
  Row            row = {.line = r->at.line};

  PetscFunctionBeginUser;
  if (num != NUM_COLUMNS) {
    PetscCall(ost_diag_error(r->list, r->at, "separate the numbers of a line by commas",
                             "%s%d values in a line; three are wanted",
                             num > NUM_COLUMNS ? "more than " : "",
                             (int)PetscMin(num, NUM_COLUMNS)));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt k = 0; k < NUM_COLUMNS; k++) {
    const char *text = field[r->place[k]];
    char       *end;
    row.value[k] = r->factor[k] * strtod(text, &end);
    if (end == text || *end || !isfinite(row.value[k])) {
      PetscCall(ost_diag_error(r->list, r->at, "units stand in the first line only",
                               "%s `%s` is not a number", column_name[k], text));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
  }
  PetscCall(check_row(r, &row));
  row.value[ANGLE] = fmod(row.value[ANGLE] + 720.0, 360.0);
  if (row.value[ANGLE] > 360.0 - SAME_PLACE) row.value[ANGLE] = 0.0;
  if (r->num == r->capacity) {
    r->capacity = PetscMax(64, 2 * r->capacity);
    PetscCall(PetscRealloc(sizeof *r->row * (size_t)r->capacity, &r->row));
  }
  r->row[r->num++] = row;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Lines of a text that is cut up on the way. The first that is not passed over names the
   columns. */
static PetscErrorCode read_lines(Reader *r, char *text)
{
  PetscBool headed = PETSC_FALSE;

  PetscFunctionBeginUser;
  for (char *next = text; next;) {
    char *end  = strchr(next, '\n');
    char *line = next;
    if (end) *end = '\0';
    next = end ? end + 1 : NULL;
    line = trimmed(line);
    r->at.line++;
    if (!*line || *line == '#') continue;
    if (headed) {
      PetscCall(read_row(r, line));
      continue;
    }
    PetscCall(read_header(r, line));
    if (ost_diag_num_errors(r->list)) PetscFunctionReturn(PETSC_SUCCESS);
    headed = PETSC_TRUE;
  }
  r->at.line = 0;
  if (!r->num && !ost_diag_num_errors(r->list))
    PetscCall(ost_diag_error(r->list, r->at, headed ? NULL : SAMPLE, "the table is empty"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the grid --------------------------------------------------------------------------------- */

static int compare_reals(const void *a, const void *b)
{
  const PetscReal *s = a, *t = b;
  return (*s > *t) - (*s < *t);
}

/* The different values of a column, rising. */
static PetscErrorCode distinct(const Reader *r, PetscInt column, PetscInt *num, PetscReal **values)
{
  PetscReal *v;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(r->num, &v));
  for (PetscInt i = 0; i < r->num; i++) v[i] = r->row[i].value[column];
  qsort(v, (size_t)r->num, sizeof *v, compare_reals);
  *num = 0;
  for (PetscInt i = 0; i < r->num; i++)
    if (!*num || v[i] - v[*num - 1] > SAME_PLACE) v[(*num)++] = v[i];
  *values = v;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Last of rising values that is not above v, but for rounding; at least 0. */
static PetscInt last_below(PetscInt num, const PetscReal values[], PetscReal v)
{
  PetscInt low = 0, high = num;

  while (high - low > 1) {
    const PetscInt middle = low + (high - low) / 2;
    if (values[middle] <= v)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* Every row to its place in the grid; one that is taken or stays empty is told. */
static PetscErrorCode fill_grid(const Reader *r, OstGapTable *table)
{
  const PetscInt size = table->num_heights * table->num_angles;
  PetscInt      *line;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(size, &table->gap));
  PetscCall(PetscCalloc1(size, &line));
  for (PetscInt i = 0; i < r->num; i++) {
    const PetscReal *v  = r->row[i].value;
    const OstWhere   at = {r->at.file, r->row[i].line};
    const PetscInt   h  = last_below(table->num_heights, table->height, v[HEIGHT] + SAME_PLACE),
                   a    = last_below(table->num_angles, table->angle, v[ANGLE] + SAME_PLACE),
                   k    = h * table->num_angles + a;
    if (line[k])
      PetscCall(ost_diag_error(r->list, at, "give each place once; 360 degree is 0 degree again",
                               "height %g mm, angle %g degree stands on line %d already",
                               (double)v[HEIGHT], (double)v[ANGLE], (int)line[k]));
    else
      line[k] = at.line;
    table->gap[k] = v[GAP];
  }
  for (PetscInt k = 0, told = 0; k < size && told < 3; k++) {
    if (line[k]) continue;
    told++;
    PetscCall(ost_diag_error(r->list, r->at, "every height needs every angle, and no other",
                             "the gap at height %g mm, angle %g degree is missing",
                             (double)table->height[k / table->num_angles],
                             (double)table->angle[k % table->num_angles]));
  }
  PetscCall(PetscFree(line));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode make_grid(const Reader *r, OstGapTable *table)
{
  PetscFunctionBeginUser;
  PetscCall(distinct(r, HEIGHT, &table->num_heights, &table->height));
  PetscCall(distinct(r, ANGLE, &table->num_angles, &table->angle));
  if (table->num_heights > 2 * r->num / table->num_angles) /* a cloud of points, not a grid */
    PetscCall(ost_diag_error(r->list, r->at, "every height needs every angle, and no other",
                             "%d lines with %d different heights and %d different angles are no "
                             "regular grid",
                             (int)r->num, (int)table->num_heights, (int)table->num_angles));
  else
    PetscCall(fill_grid(r, table));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gap_table_parse(const char *file, const char *text, OstDiagList *list,
                                   OstGapTable *table)
{
  Reader r = {.at = {file, 0}};
  char  *copy;

  PetscFunctionBeginUser;
  *table = (OstGapTable){.file = file};
  PetscCall(ost_diag_create(&r.list)); /* of this table only: it decides how far to read */
  PetscCall(PetscStrallocpy(text, &copy));
  PetscCall(read_lines(&r, copy));
  if (!ost_diag_num_errors(r.list)) PetscCall(make_grid(&r, table));
  if (ost_diag_num_errors(r.list)) PetscCall(ost_gap_table_destroy(table));
  for (PetscInt i = 0; i < ost_diag_num_errors(r.list); i++) {
    const OstDiag d = ost_diag_get(r.list, i);
    PetscCall(ost_diag_error(list, d.at, d.fix, "%s", d.message));
  }
  PetscCall(ost_diag_destroy(&r.list));
  PetscCall(PetscFree(copy));
  PetscCall(PetscFree(r.row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gap_table_destroy(OstGapTable *table)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(table->height));
  PetscCall(PetscFree(table->angle));
  PetscCall(PetscFree(table->gap));
  *table = (OstGapTable){0};
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the gap ---------------------------------------------------------------------------------- */

PetscReal ost_gap_table_at(const OstGapTable *table, PetscReal height, PetscReal angle)
{
  const PetscInt   nh = table->num_heights, na = table->num_angles;
  const PetscReal *z = table->height, *phi = table->angle;

  if (!nh) return 0.0;
  height = PetscMax(z[0], PetscMin(z[nh - 1], height));
  angle  = fmod(fmod(angle, 360.0) + 360.0, 360.0);
  if (angle < phi[0]) angle += 360.0;
  const PetscInt  i0 = last_below(nh, z, height), i1 = PetscMin(i0 + 1, nh - 1);
  const PetscInt  k0 = last_below(na, phi, angle), k1 = (k0 + 1) % na;
  const PetscReal to = k1 > k0 ? phi[k1] : phi[k1] + 360.0; /* once round */
  const PetscReal s  = i1 > i0 ? (height - z[i0]) / (z[i1] - z[i0]) : 0.0;
  const PetscReal t  = (angle - phi[k0]) / (to - phi[k0]);

  return (1.0 - s) * ((1.0 - t) * table->gap[i0 * na + k0] + t * table->gap[i0 * na + k1]) +
         s * ((1.0 - t) * table->gap[i1 * na + k0] + t * table->gap[i1 * na + k1]);
}

PetscReal ost_fit_gap(const OstFit *fit, PetscReal interference, const PetscReal place[3],
                      const PetscReal normal[3])
{
  const PetscReal radial = PetscSqrtReal(normal[0] * normal[0] + normal[1] * normal[1]);
  const PetscReal angle  = atan2(place[1], place[0]) / DEGREE;
  const PetscReal wider =
      fit->amplitude * cos((double)fit->lobes * (angle - fit->direction) * DEGREE) +
      ost_gap_table_at(&fit->table, place[2], angle);

  return (wider - interference) * radial;
}
