#include "input/value.h"

#include "input/quantity.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <unistd.h>

void ost_value_format(PetscReal value, const char *unit, char text[], size_t length)
{
  char number[40];

  for (int digits = 6; digits <= 17; digits++) {
    (void)snprintf(number, sizeof number, "%.*g", digits, (double)value);
    if (strtod(number, NULL) == (double)value) break;
  }
  if (!unit[0] || !strcmp(unit, "1"))
    (void)snprintf(text, length, "%s", number);
  else
    (void)snprintf(text, length, "%s %s", number, unit);
}

PetscErrorCode ost_value_parse(OstCase *file, OstWhere at, const char *text, const char *unit,
                               OstDiagList *list, PetscReal *v)
{
  const OstQuantityContext c = {file, at, "", unit, list};
  PetscBool                ok;

  PetscFunctionBeginUser;
  *v = 0.0;
  PetscCall(ost_quantity_parse(&c, text, v, &ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- getters: what they share ----------------------------------------------------------------- */

static PetscErrorCode report_missing(const OstNode *at, const char *key, const char *sample,
                                     OstDiagList *list)
{
  char fix[256];

  PetscFunctionBeginUser;
  if (!at) PetscFunctionReturn(PETSC_SUCCESS); /* told when the section was found missing */
  (void)snprintf(fix, sizeof fix, "add `%s: %s`", key, sample);
  if (ost_node_path(at)[0]) {
    PetscCall(ost_diag_error(list, ost_node_where(at), fix, "`%s` is missing in `%s`", key,
                             ost_node_path(at)));
  } else {
    PetscCall(ost_diag_error(list, ost_node_where(at), fix, "`%s` is missing", key));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool is_empty(const OstNode *node)
{
  const char *text = ost_node_text(node);
  return (PetscBool)(text && (!text[0] || !strcmp(text, "~") || !strcmp(text, "null")));
}

/* The text of a scalar; NULL when it is none, which is reported. */
static PetscErrorCode scalar_text(OstNode *node, const char *key, const char *wanted,
                                  OstDiagList *list, const char **text)
{
  PetscFunctionBeginUser;
  *text = ost_node_text(node);
  if (!*text) {
    PetscCall(ost_diag_error(list, ost_node_where(node), NULL, "`%s` is a %s; %s is wanted", key,
                             ost_node_kind(node) == OST_NODE_SEQUENCE ? "list" : "section",
                             wanted));
    ost_node_skip(node);
  } else if (!(*text)[0]) {
    PetscCall(ost_diag_error(list, ost_node_where(node), NULL, "`%s` has no value; %s is wanted",
                             key, wanted));
    *text = NULL;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Append an error when v is outside; *ok as well. `written` is what the user wrote. */
static PetscErrorCode check_range(const OstRealKey *key, OstWhere at, const char *written,
                                  PetscReal v, OstDiagList *list, PetscBool *ok)
{
  char value[64], low[64], high[64], shown[192];

  PetscFunctionBeginUser;
  *ok = (PetscBool)(v >= key->min && v <= key->max);
  if (*ok) PetscFunctionReturn(PETSC_SUCCESS);
  ost_value_format(v, key->unit, value, sizeof value);
  ost_value_format(key->min, key->max < OST_NO_LIMIT ? "" : key->unit, low, sizeof low);
  ost_value_format(key->max, key->unit, high, sizeof high);
  if (!strcmp(written, value))
    (void)snprintf(shown, sizeof shown, "%s", value);
  else
    (void)snprintf(shown, sizeof shown, "%s (%s)", written, value);

  if (key->min > -OST_NO_LIMIT && key->max < OST_NO_LIMIT) {
    char fix[256];
    (void)snprintf(fix, sizeof fix, "give a value from %s to %s", low, high);
    PetscCall(
        ost_diag_error(list, at, fix, "%s = %s is outside %s ... %s", key->key, shown, low, high));
  } else if (v < key->min) {
    PetscCall(ost_diag_error(list, at, "give a value that is not below it",
                             "%s = %s is below the least value %s", key->key, shown, low));
  } else {
    PetscCall(ost_diag_error(list, at, "give a value that is not above it",
                             "%s = %s is above the greatest value %s", key->key, shown, high));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What a getter returns when the user's value cannot be used. */
static PetscReal fallback(const OstRealKey *key)
{
  if (key->def != OST_REQUIRED) return key->def;
  return key->min > -OST_NO_LIMIT ? key->min : 0.0;
}

static void format_default(const OstRealKey *key, char text[], size_t length)
{
  if (isnan(key->def))
    (void)snprintf(text, length, "optional");
  else if (key->def == OST_REQUIRED)
    (void)snprintf(text, length, "required");
  else
    ost_value_format(key->def, key->unit, text, length);
}

/* "0 ... 0.49", ">= 0", "<= 5 mm", or nothing. */
static void format_range(const OstRealKey *key, char text[], size_t length)
{
  const PetscBool below = (PetscBool)(key->min > -OST_NO_LIMIT),
                  above = (PetscBool)(key->max < OST_NO_LIMIT);
  char low[48], high[48];

  ost_value_format(key->min, above ? "" : key->unit, low, sizeof low);
  ost_value_format(key->max, key->unit, high, sizeof high);
  if (below && above)
    (void)snprintf(text, length, "%s ... %s", low, high);
  else
    (void)snprintf(text, length, "%s%s",
                   below   ? ">= "
                   : above ? "<= "
                           : "",
                   below   ? low
                   : above ? high
                           : "");
}

/* --- getters ---------------------------------------------------------------------------------- */

PetscErrorCode ost_value_real(OstNode *at, const OstRealKey *key, OstDiagList *list, PetscReal *v)
{
  OstNode    *node = ost_node_find(at, key->key);
  const char *text;
  char        def[64], value[64], label[128], range[160];
  PetscReal   number;
  PetscBool   ok;

  PetscFunctionBeginUser;
  *v = fallback(key);
  format_default(key, def, sizeof def);
  format_range(key, range, sizeof range);
  if (!node) {
    if (key->def == OST_REQUIRED) {
      (void)snprintf(value, sizeof value, "...%s%s", strcmp(key->unit, "1") ? " " : "",
                     strcmp(key->unit, "1") ? key->unit : "");
      PetscCall(report_missing(at, key->key, value, list));
    }
    PetscCall(ost_node_note(ost_node_absent(at, key->key), "real", key->unit,
                            key->def == OST_REQUIRED || isnan(key->def) ? "" : def, def, range));
    PetscFunctionReturn(PETSC_SUCCESS);
  }

  (void)snprintf(label, sizeof label, "`%s` ", key->key);
  PetscCall(scalar_text(node, key->key, "a number", list, &text));
  if (text) {
    const OstQuantityContext c = {ost_node_case(node), ost_node_where(node), label, key->unit,
                                  list};
    PetscCall(ost_quantity_parse(&c, text, &number, &ok));
    if (ok) PetscCall(check_range(key, c.at, text, number, list, &ok));
    if (ok) *v = number;
  }
  ost_value_format(*v, key->unit, value, sizeof value);
  PetscCall(ost_node_note(node, "real", key->unit, value, def, range));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_value_int(OstNode *at, const OstIntKey *key, OstDiagList *list, PetscInt *v)
{
  OstNode        *node     = ost_node_find(at, key->key);
  const PetscBool required = (PetscBool)(key->def == OST_REQUIRED_INT);
  const char     *text;
  char            def[32] = "required", value[32] = "", range[64];

  PetscFunctionBeginUser;
  *v = required ? key->min : key->def;
  if (!required) (void)snprintf(def, sizeof def, "%" PetscInt_FMT, key->def);
  (void)snprintf(range, sizeof range, "%" PetscInt_FMT " ... %" PetscInt_FMT, key->min, key->max);
  if (!node) {
    if (required) PetscCall(report_missing(at, key->key, "...", list));
    PetscCall(
        ost_node_note(ost_node_absent(at, key->key), "int", "", required ? "" : def, def, range));
    PetscFunctionReturn(PETSC_SUCCESS);
  }

  PetscCall(scalar_text(node, key->key, "a whole number", list, &text));
  if (text) {
    char          *end;
    long long      n;
    const OstWhere where = ost_node_where(node);
    errno                = 0;
    n                    = strtoll(text, &end, 10);
    if (end == text || *end) {
      PetscCall(ost_diag_error(list, where, "write e.g. `10`, without a unit",
                               "`%s` %s is not a whole number", key->key, text));
    } else if (errno || n < key->min || n > key->max) {
      char fix[128];
      (void)snprintf(fix, sizeof fix, "give a number from %" PetscInt_FMT " to %" PetscInt_FMT,
                     key->min, key->max);
      PetscCall(ost_diag_error(list, where, fix,
                               "%s = %s is outside %" PetscInt_FMT " ... %" PetscInt_FMT, key->key,
                               text, key->min, key->max));
    } else {
      *v = (PetscInt)n;
    }
  }
  (void)snprintf(value, sizeof value, "%" PetscInt_FMT, *v);
  PetscCall(ost_node_note(node, "int", "", value, def, range));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_value_bool(OstNode *at, const char *key, PetscBool def, OstDiagList *list,
                              PetscBool *v)
{
  static const char *const words[]  = {"false", "true", "no", "yes", "off", "on"};
  OstNode                 *node     = ost_node_find(at, key);
  const char              *def_text = def ? "true" : "false";
  const char              *text;
  PetscBool                found = PETSC_FALSE;

  PetscFunctionBeginUser;
  *v = def;
  if (!node) {
    PetscCall(ost_node_note(ost_node_absent(at, key), "bool", "", def_text, def_text, ""));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(scalar_text(node, key, "true or false", list, &text));
  for (PetscInt i = 0; text && i < 6; i++) {
    if (strcasecmp(text, words[i])) continue;
    *v    = (PetscBool)(i % 2);
    found = PETSC_TRUE;
  }
  if (text && !found) {
    PetscCall(ost_diag_error(list, ost_node_where(node), "write `true` or `false`",
                             "`%s` %s is neither true nor false", key, text));
  }
  PetscCall(ost_node_note(node, "bool", "", *v ? "true" : "false", def_text, ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_value_word(OstNode *at, const char *key, const char *const words[], PetscInt num,
                              PetscInt def, OstDiagList *list, PetscInt *v)
{
  OstNode    *node     = ost_node_find(at, key);
  const char *def_text = def < 0 ? "required" : words[def];
  const char *text;
  PetscInt    found    = -1;
  char        all[512] = "";

  PetscFunctionBeginUser;
  *v = PetscMax(def, 0);
  for (PetscInt i = 0; i < num; i++) {
    PetscCall(PetscStrlcat(all, i ? ", " : "", sizeof all));
    PetscCall(PetscStrlcat(all, words[i], sizeof all));
  }
  if (!node) {
    if (def < 0) PetscCall(report_missing(at, key, all, list));
    PetscCall(ost_node_note(ost_node_absent(at, key), "word", "", def < 0 ? "" : def_text, def_text,
                            all));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(scalar_text(node, key, "a word", list, &text));
  for (PetscInt i = 0; text && i < num; i++) {
    if (!strcmp(text, words[i])) found = i;
  }
  if (text && found < 0) {
    const char *nearest = ost_diag_nearest(text, words, num);
    char        fix[640];
    if (nearest)
      (void)snprintf(fix, sizeof fix, "did you mean `%s`? Allowed: %s", nearest, all);
    else
      (void)snprintf(fix, sizeof fix, "allowed: %s", all);
    PetscCall(
        ost_diag_error(list, ost_node_where(node), fix, "`%s` does not know `%s`", key, text));
  }
  if (found >= 0) *v = found;
  PetscCall(ost_node_note(node, "word", "", words[*v], def_text, all));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_value_text(OstNode *at, const char *key, const char *def, OstDiagList *list,
                              const char **v)
{
  OstNode    *node     = ost_node_find(at, key);
  const char *def_text = !def ? "required" : def[0] ? def : "optional";
  const char *text;

  PetscFunctionBeginUser;
  *v = def ? def : "";
  if (!node) {
    if (!def) PetscCall(report_missing(at, key, "...", list));
    PetscCall(ost_node_note(ost_node_absent(at, key), "text", "", *v, def_text, ""));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(scalar_text(node, key, "a text", list, &text));
  if (text) *v = text;
  PetscCall(ost_node_note(node, "text", "", *v, def_text, ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- paths ------------------------------------------------------------------------------------ */

/* ${NAME} replaced; *ok false: reported. */
static PetscErrorCode expand(const char *text, OstWhere at, OstDiagList *list, char path[],
                             size_t length, PetscBool *ok)
{
  size_t n = 0;

  PetscFunctionBeginUser;
  *ok = PETSC_FALSE;
  while (*text) {
    char        name[128];
    const char *end = strchr(text, '}'), *value;

    if (text[0] != '$' || text[1] != '{') {
      if (n + 1 >= length) break;
      path[n++] = *text++;
      continue;
    }
    if (!end || (size_t)(end - text) >= sizeof name) {
      PetscCall(ost_diag_error(list, at, "write e.g. ${OSTEON_DATA}/file.nii.gz",
                               "`${` has no `}` that closes it"));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)(end - text - 2), text + 2);
    value = getenv(name);
    if ((!value || !value[0]) && !strcmp(name, "OSTEON_DATA")) value = "../shared/data";
    if (!value) {
      char fix[256];
      (void)snprintf(fix, sizeof fix, "export %s=... before the program is started", name);
      PetscCall(ost_diag_error(list, at, fix, "the environment variable %s is not set", name));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    if (n + strlen(value) >= length) break;
    PetscCall(PetscMemcpy(path + n, value, strlen(value)));
    n += strlen(value);
    text = end + 1;
  }
  path[n] = '\0';
  *ok     = (PetscBool) !*text;
  if (!*ok) PetscCall(ost_diag_error(list, at, NULL, "the path is too long"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The entry of the same folder whose name is nearest; "" where there is none. */
static void nearest_file(const char *path, char nearest[], size_t length)
{
  char           folder[PETSC_MAX_PATH_LEN];
  const char    *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *best = NULL;
  DIR           *d;
  struct dirent *entry;

  nearest[0] = '\0';
  (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1,
                 slash ? path : ".");
  d = opendir(folder[0] ? folder : "/");
  if (!d) return;
  while ((entry = readdir(d))) {
    const char *const pair[2] = {best ? nearest : entry->d_name, entry->d_name};
    if (entry->d_name[0] == '.') continue;
    best = ost_diag_nearest(name, pair, 2);
    if (best && best != nearest) (void)snprintf(nearest, length, "%s", best);
  }
  (void)closedir(d);
}

/* Whether rank 0 can read `path`, and its absolute name; else an error on all ranks. Collective. */
static PetscErrorCode check_readable(const char *path, OstWhere at, OstDiagList *list,
                                     char absolute[PETSC_MAX_PATH_LEN], PetscBool *ok)
{
  struct {
    int  failure;
    char nearest[256], absolute[PETSC_MAX_PATH_LEN];
  } answer;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(PetscMemzero(&answer, sizeof answer));
  if (rank == 0 && (access(path, R_OK) || !realpath(path, answer.absolute))) {
    answer.failure = errno ? errno : EIO;
    if (errno == ENOENT) nearest_file(path, answer.nearest, sizeof answer.nearest);
  }
  PetscCallMPI(MPI_Bcast(&answer, (PetscMPIInt)sizeof answer, MPI_BYTE, 0, PETSC_COMM_WORLD));
  *ok = (PetscBool)!answer.failure;
  PetscCall(PetscStrncpy(absolute, answer.absolute, PETSC_MAX_PATH_LEN));
  if (answer.failure) {
    char fix[320];
    (void)snprintf(fix, sizeof fix, "did you mean `%s`?", answer.nearest);
    PetscCall(ost_diag_error(list, at, answer.nearest[0] ? fix : NULL, "%s cannot be read: %s",
                             path, strerror(answer.failure)));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_value_path(OstNode *at, const char *key, const char *def, OstDiagList *list,
                              const char **v)
{
  OstNode    *node = ost_node_find(at, key), *noted = node ? node : ost_node_absent(at, key);
  const char *def_text = !def ? "required" : def[0] ? def : "optional";
  const char *text     = def;
  char        expanded[PETSC_MAX_PATH_LEN], path[2 * PETSC_MAX_PATH_LEN];
  char        absolute[PETSC_MAX_PATH_LEN];
  const char *resolved = ""; /* good from whatever folder the resolved case is run */
  PetscBool   ok;

  PetscFunctionBeginUser;
  *v = "";
  if (!node && !def) PetscCall(report_missing(at, key, "file", list));
  if (node) PetscCall(scalar_text(node, key, "a file or folder", list, &text));
  if (at && text && text[0]) {
    const OstWhere where  = ost_node_where(noted);
    const char    *folder = strrchr(where.file, '/');

    PetscCall(expand(text, where, list, expanded, sizeof expanded, &ok));
    if (ok) {
      if (expanded[0] == '/' || !folder || !strncmp(text, "${", 2)) {
        (void)snprintf(path, sizeof path, "%s", expanded);
      } else {
        (void)snprintf(path, sizeof path, "%.*s/%s", (int)(folder - where.file), where.file,
                       expanded);
      }
      PetscCall(check_readable(path, where, list, absolute, &ok));
    }
    if (ok) {
      PetscCall(ost_case_keep(ost_node_case(noted), path, v));
      PetscCall(ost_case_note_input(ost_node_case(noted), *v));
      resolved = strncmp(text, "${", 2) ? absolute : text;
    }
  }
  PetscCall(ost_node_note(noted, "path", "", resolved, def_text, ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- lists and sections ----------------------------------------------------------------------- */

static PetscErrorCode read_items(OstNode *node, const OstRealKey *key, OstDiagList *list,
                                 PetscInt num, PetscReal values[])
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) {
    OstNode    *item = ost_node_kind(node) == OST_NODE_SEQUENCE ? ost_node_item(node, i) : node;
    const char *text;
    char        label[160];
    PetscBool   ok;

    values[i] = fallback(key);
    (void)snprintf(label, sizeof label, "`%s` entry %d: ", key->key, (int)i + 1);
    PetscCall(scalar_text(item, key->key, "a list of numbers", list, &text));
    if (text) {
      const OstQuantityContext c = {ost_node_case(item), ost_node_where(item), label, key->unit,
                                    list};
      PetscReal                number;
      PetscCall(ost_quantity_parse(&c, text, &number, &ok));
      if (ok) PetscCall(check_range(key, c.at, text, number, list, &ok));
      if (ok) values[i] = number;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* "[1 mm, 2 mm]" */
static PetscErrorCode note_reals(OstNode *node, const OstRealKey *key, PetscInt min_num,
                                 PetscInt num, const PetscReal values[])
{
  const size_t room = 80 * (size_t)num + 4;
  char        *text, one[72], range[160];

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(room, &text));
  PetscCall(PetscStrncpy(text, "[", room));
  for (PetscInt i = 0; i < num; i++) {
    ost_value_format(values[i], key->unit, one, sizeof one);
    if (i) PetscCall(PetscStrlcat(text, ", ", room));
    PetscCall(PetscStrlcat(text, one, room));
  }
  PetscCall(PetscStrlcat(text, "]", room));
  format_range(key, range, sizeof range);
  PetscCall(
      ost_node_note(node, "list", key->unit, text, min_num > 0 ? "required" : "optional", range));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_value_reals(OstNode *at, const OstRealKey *key, PetscInt min_num,
                               OstDiagList *list, PetscInt *num, PetscReal **values)
{
  OstNode *node = ost_node_find(at, key->key);
  char     range[160];

  PetscFunctionBeginUser;
  format_range(key, range, sizeof range);
  *num    = 0;
  *values = NULL;
  if (!node) {
    if (min_num > 0) PetscCall(report_missing(at, key->key, "[...]", list));
    PetscCall(ost_node_note(ost_node_absent(at, key->key), "list", key->unit, "",
                            min_num > 0 ? "required" : "optional", range));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (ost_node_kind(node) == OST_NODE_MAPPING) {
    PetscCall(ost_diag_error(list, ost_node_where(node), "write e.g. `[1, 2, 3]`, with units",
                             "`%s` is a section; a list of numbers is wanted", key->key));
    ost_node_skip(node);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *num = ost_node_kind(node) == OST_NODE_SEQUENCE ? ost_node_size(node) : 1;
  if (*num < min_num) {
    PetscCall(ost_diag_error(list, ost_node_where(node), "add what is missing",
                             "`%s` has %d entries; at least %d are wanted", key->key, (int)*num,
                             (int)min_num));
  }
  PetscCall(PetscMalloc1(*num, values));
  PetscCall(read_items(node, key, list, *num, *values));
  PetscCall(note_reals(node, key, min_num, *num, *values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_value_section(OstNode *at, const char *key, PetscBool required,
                                 OstDiagList *list, OstNode **section)
{
  const char *def  = required ? "required" : "optional";
  OstNode    *node = ost_node_find(at, key);

  PetscFunctionBeginUser;
  *section = NULL;
  if (!node) {
    if (required) PetscCall(report_missing(at, key, "{...}", list));
    PetscCall(ost_node_note(ost_node_absent(at, key), "section", "", "", def, ""));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_node_note(node, "section", "", "", def, ""));
  if (ost_node_kind(node) == OST_NODE_MAPPING) {
    *section = node;
  } else if (!is_empty(node)) {
    PetscCall(ost_diag_error(list, ost_node_where(node), "write its keys below it, indented",
                             "`%s` is a %s; a section with keys is wanted", key,
                             ost_node_text(node) ? "single value" : "list"));
    ost_node_skip(node);
  } else if (required) {
    PetscCall(ost_diag_error(list, ost_node_where(node), "write its keys below it, indented",
                             "section `%s` is empty", key));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_value_section_or_defaults(OstNode *at, const char *key, OstDiagList *list,
                                             OstNode **section)
{
  OstNode *node;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section(at, key, PETSC_FALSE, list, section));
  if (*section) PetscFunctionReturn(PETSC_SUCCESS);
  node = ost_node_find(at, key);
  if (node)
    PetscCall(ost_node_make_section(node)); /* nothing behind the colon, or a reported fault */
  *section = node ? node : ost_node_absent(at, key);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_value_list(OstNode *at, const char *key, PetscBool required, OstDiagList *list,
                              OstNode **sequence)
{
  const char *def  = required ? "required" : "optional";
  OstNode    *node = ost_node_find(at, key);

  PetscFunctionBeginUser;
  *sequence = NULL;
  if (!node) {
    if (required) PetscCall(report_missing(at, key, "[...]", list));
    PetscCall(ost_node_note(ost_node_absent(at, key), "section", "", "", def, ""));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_node_note(node, "section", "", "", def, ""));
  if (ost_node_kind(node) == OST_NODE_SEQUENCE) {
    *sequence = node;
  } else if (!is_empty(node)) {
    PetscCall(ost_diag_error(list, ost_node_where(node), "begin each entry with `- `",
                             "`%s` is a %s; a list is wanted", key,
                             ost_node_text(node) ? "single value" : "section"));
    ost_node_skip(node);
  } else if (required) {
    PetscCall(ost_diag_error(list, ost_node_where(node), "begin each entry with `- `",
                             "list `%s` is empty", key));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
