#include "base/diag.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>

typedef struct {
  OstDiag  shown;
  char    *file, *message, *fix;
  PetscInt file_rank; /* order in which the files first turned up: the case before its parts */
} Entry;

struct OstDiagList {
  Entry   *entry; /* [num], in printing order */
  PetscInt num, capacity, num_errors, num_files;
};

PetscErrorCode ost_diag_create(OstDiagList **list)
{
  PetscFunctionBeginUser;
  PetscCall(PetscNew(list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_diag_destroy(OstDiagList **list)
{
  PetscFunctionBeginUser;
  if (!*list) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < (*list)->num; i++) {
    PetscCall(PetscFree((*list)->entry[i].file));
    PetscCall(PetscFree((*list)->entry[i].message));
    PetscCall(PetscFree((*list)->entry[i].fix));
  }
  PetscCall(PetscFree((*list)->entry));
  PetscCall(PetscFree(*list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool is_same(const char *a, const char *b)
{
  return (PetscBool)(strcmp(a, b) == 0);
}

static PetscInt rank_of_file(const OstDiagList *list, const char *file)
{
  for (PetscInt i = 0; i < list->num; i++) {
    if (is_same(list->entry[i].file, file)) return list->entry[i].file_rank;
  }
  return list->num_files;
}

static PetscBool is_known(const OstDiagList *list, const char *file, PetscInt line,
                          const char *message)
{
  for (PetscInt i = 0; i < list->num; i++) {
    const Entry *e = &list->entry[i];
    if (e->shown.at.line == line && is_same(e->file, file) && is_same(e->message, message)) {
      return PETSC_TRUE;
    }
  }
  return PETSC_FALSE;
}

static PetscErrorCode append(OstDiagList *list, PetscBool is_error, OstWhere at, const char *fix,
                             const char *format, va_list arguments)
{
  char        message[2048];
  const char *file = at.file ? at.file : "";
  Entry       e;
  PetscInt    i;

  PetscFunctionBeginUser;
  (void)vsnprintf(message, sizeof message, format, arguments); /* a cut message is still one */
  if (is_known(list, file, at.line, message)) PetscFunctionReturn(PETSC_SUCCESS);

  if (list->num == list->capacity) {
    list->capacity = PetscMax(16, 2 * list->capacity);
    PetscCall(PetscRealloc(sizeof(Entry) * (size_t)list->capacity, &list->entry));
  }
  e.file_rank = rank_of_file(list, file);
  if (e.file_rank == list->num_files) list->num_files++;
  /* PETSc copies a NULL text to NULL. The file name is copied too: a file that could not be parsed
     has no OstCase left that could own it. */
  PetscCall(PetscStrallocpy(file, &e.file));
  PetscCall(PetscStrallocpy(message, &e.message));
  PetscCall(PetscStrallocpy(fix, &e.fix));
  e.shown = (OstDiag){{e.file, at.line}, is_error, e.message, e.fix};

  for (i = list->num; i > 0; i--) {
    const Entry *before = &list->entry[i - 1];
    if (before->file_rank < e.file_rank) break;
    if (before->file_rank == e.file_rank && before->shown.at.line <= at.line) break;
    list->entry[i] = *before;
  }
  list->entry[i] = e;
  list->num++;
  if (is_error) list->num_errors++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_diag_error(OstDiagList *list, OstWhere at, const char *fix, const char *format,
                              ...)
{
  va_list arguments;

  PetscFunctionBeginUser;
  va_start(arguments, format);
  PetscCall(append(list, PETSC_TRUE, at, fix, format, arguments));
  va_end(arguments);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_diag_warning(OstDiagList *list, OstWhere at, const char *fix, const char *format,
                                ...)
{
  va_list arguments;

  PetscFunctionBeginUser;
  va_start(arguments, format);
  PetscCall(append(list, PETSC_FALSE, at, fix, format, arguments));
  va_end(arguments);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt ost_diag_num_errors(const OstDiagList *list)
{
  return list->num_errors;
}

PetscInt ost_diag_num_warnings(const OstDiagList *list)
{
  return list->num - list->num_errors;
}

OstDiag ost_diag_get(const OstDiagList *list, PetscInt i)
{
  return list->entry[i].shown;
}

PetscErrorCode ost_diag_print(const OstDiagList *list, FILE *out)
{
  const PetscInt num_errors = list->num_errors, num_warnings = list->num - num_errors;

  PetscFunctionBeginUser;
  if (!list->num) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < list->num; i++) {
    const OstDiag d = list->entry[i].shown;
    if (d.at.file[0]) fprintf(out, "%s:", d.at.file);
    if (d.at.line > 0) fprintf(out, "%d:", (int)d.at.line);
    fprintf(out, "%s%s: %s\n", d.at.file[0] ? " " : "", d.is_error ? "error" : "warning",
            d.message);
    if (d.fix) fprintf(out, "    fix: %s\n", d.fix);
  }
  if (num_errors) fprintf(out, "%d error%s", (int)num_errors, num_errors == 1 ? "" : "s");
  if (num_errors && num_warnings) fprintf(out, ", ");
  if (num_warnings) fprintf(out, "%d warning%s", (int)num_warnings, num_warnings == 1 ? "" : "s");
  fprintf(out, "\n");
  PetscFunctionReturn(PETSC_SUCCESS);
}

enum { MAX_WORD = 64 }; /* longer words are no keys; nothing is suggested for them */

/* Edit distance with swapped neighbours as one edit; case is not counted, nor is - against _. */
static PetscInt distance(const char *a, const char *b)
{
  const PetscInt na = (PetscInt)strlen(a), nb = (PetscInt)strlen(b);
  PetscInt       d[MAX_WORD + 1][MAX_WORD + 1];
  char           x[MAX_WORD], y[MAX_WORD];

  if (na > MAX_WORD || nb > MAX_WORD) return 2 * MAX_WORD;
  for (PetscInt i = 0; i < na; i++) x[i] = (char)(a[i] == '-' ? '_' : tolower((unsigned char)a[i]));
  for (PetscInt j = 0; j < nb; j++) y[j] = (char)(b[j] == '-' ? '_' : tolower((unsigned char)b[j]));
  for (PetscInt i = 0; i <= na; i++) d[i][0] = i;
  for (PetscInt j = 0; j <= nb; j++) d[0][j] = j;
  for (PetscInt i = 1; i <= na; i++) {
    for (PetscInt j = 1; j <= nb; j++) {
      const PetscInt change = d[i - 1][j - 1] + (x[i - 1] != y[j - 1]);
      d[i][j]               = PetscMin(change, PetscMin(d[i - 1][j], d[i][j - 1]) + 1);
      if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1]) {
        d[i][j] = PetscMin(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[na][nb];
}

const char *ost_diag_nearest(const char *word, const char *const candidates[], PetscInt num)
{
  const PetscInt limit   = 1 + (PetscInt)strlen(word) / 3;
  PetscInt       least   = limit + 1;
  const char    *nearest = NULL;

  for (PetscInt i = 0; i < num; i++) {
    const PetscInt edits = distance(word, candidates[i]);
    if (edits < least) {
      least   = edits;
      nearest = candidates[i];
    }
  }
  return nearest;
}

OstExit ost_diag_exit_code(const char *program, OstExit code)
{
  errno = 0;
  if (!fflush(stdout) && !ferror(stdout)) return code;
  /* an earlier write may have failed, whose reason is gone */
  fprintf(stderr, "%s: error: standard output cannot be written%s%s\n", program, errno ? ": " : "",
          errno ? strerror(errno) : "");
  /* what still waits would fail again in PetscFinalize, with a stack trace */
  if (!freopen("/dev/null", "w", stdout)) clearerr(stdout);
  return OST_EXIT_SYSTEM;
}
