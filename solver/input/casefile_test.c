#include "input/value.h"

#include "support/check.h"

#include <unistd.h>

static PetscMPIInt rank;

/* Load `text` and check the one fault that must come of it. `fatal`: no tree. */
static PetscErrorCode refused(const char *text, PetscBool fatal, PetscInt line, const char *message)
{
  OstDiagList *list;
  OstCase     *file;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("bad.yaml", "case", text, list, &file));
  OST_CHECK(fatal ? !file : !!file);
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  if (ost_diag_num_errors(list)) {
    OST_CHECK_TEXT(ost_diag_get(list, 0).message, message);
    OST_CHECK_INT(ost_diag_get(list, 0).at.line, line);
    OST_CHECK_TEXT(ost_diag_get(list, 0).at.file, "bad.yaml");
  }
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode bad_texts_name_their_line(void)
{
  PetscFunctionBeginUser;
  PetscCall(refused("", PETSC_TRUE, 0, "empty"));
  PetscCall(refused("# nothing but this\n", PETSC_TRUE, 0, "empty"));
  PetscCall(refused("just a text\n", PETSC_TRUE, 1, "keys and values"));
  PetscCall(refused("- a\n- b\n", PETSC_TRUE, 1, "keys and values"));
  PetscCall(refused("a: 1\n\tb: 2\n", PETSC_TRUE, 2, "tab character"));
  PetscCall(refused("a: 1\nb: %c\n", PETSC_TRUE, 2, "cannot start any token"));
  PetscCall(refused("a: 1\nb: [1, 2\nc: 3\n", PETSC_TRUE, 3, "YAML"));
  PetscCall(refused("a: 1\nb: c: 2\n", PETSC_TRUE, 2, "mapping values are not allowed"));
  PetscCall(refused("a: &x 1\n", PETSC_TRUE, 1, "anchors"));
  PetscCall(refused("a: 1\nb: *x\n", PETSC_TRUE, 2, "aliases"));
  PetscCall(refused("a: 1\nb: !int 3\n", PETSC_TRUE, 2, "tags"));
  PetscCall(refused("a: 1\n---\nb: 2\n", PETSC_TRUE, 2, "second document"));
  PetscCall(refused("a: 1\n[b, c]: 2\n", PETSC_TRUE, 2, "a key must be a word"));
  PetscCall(refused("a: 1\nb: \xff\n", PETSC_TRUE, 2, "no text"));
  PetscCall(refused("a: 1\nb: 2\na: 3\n", PETSC_FALSE, 3, "`a` is repeated; it stands on line 1"));
  PetscCall(refused("s: {a: 1, b: 2,\n  a: {c: 3}}\n", PETSC_FALSE, 2, "`a` is repeated"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode nesting_without_end_is_refused(void)
{
  char text[4096] = "a: ";

  PetscFunctionBeginUser;
  memset(text + 3, '[', 2000);
  text[2003] = '\0';
  PetscCall(refused(text, PETSC_TRUE, 1, "nested too deeply"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode unread_keys_are_told_their_neighbour(void)
{
  static const struct {
    PetscInt    line;
    const char *message, *fix;
  } wanted[] = {{3, "`fricton` in `interface`", "did you mean `friction`?"},
                {4, "`zzz` in `interface`", "keys that are used here: stiffness, friction"},
                {7, "entry 2 of `falls`", "take it out"},
                {8, "unknown or unused key `mesh`", NULL}};
  OstDiagList *list;
  OstCase     *file;
  OstNode     *root, *section;
  PetscReal    v;
  PetscInt     n = (PetscInt)(sizeof wanted / sizeof wanted[0]);

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("c.yaml", "case",
                               "interface:\n  stiffness: 1 N/mm3\n  fricton: 0.3\n  zzz: 1\n"
                               "falls:\n  - 1\n  - 2\nmesh: {a: 1, b: 2}\n",
                               list, &file));
  root = ost_case_root(file);
  PetscCall(ost_value_section(root, "interface", PETSC_TRUE, list, &section));
  PetscCall(ost_value_real(section, &(OstRealKey){"stiffness", "N/mm3", 1, 0, 2}, list, &v));
  PetscCall(ost_value_real(section, &(OstRealKey){"friction", "1", 0.4, 0, 2}, list, &v));
  PetscCall(ost_value_list(root, "falls", PETSC_TRUE, list, &section));
  OST_CHECK_TEXT(ost_node_path(ost_node_item(section, 0)), "falls[0]");
  PetscCall(ost_case_report_unread(file, list));
  OST_CHECK_INT(ost_diag_num_errors(list), n);
  for (PetscInt i = 0; i < PetscMin(n, ost_diag_num_errors(list)); i++) {
    const OstDiag d = ost_diag_get(list, i);
    OST_CHECK_INT(d.at.line, wanted[i].line);
    OST_CHECK_TEXT(d.message, wanted[i].message);
    if (wanted[i].fix) OST_CHECK_TEXT(d.fix, wanted[i].fix);
  }
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Read everything a small case can hold. */
static PetscErrorCode read_case(OstCase *file, OstDiagList *list, PetscReal *sum)
{
  static const char *const words[] = {"coulomb", "cohesive"};
  OstNode                 *root    = ost_case_root(file), *section, *falls;
  PetscReal                v, *days;
  PetscInt                 n;
  const char              *text;

  PetscFunctionBeginUser;
  *sum = 0.0;
  PetscCall(ost_value_text(root, "title", NULL, list, &text));
  *sum += (PetscReal)strlen(text);
  PetscCall(ost_value_section_or_defaults(root, "interface", list, &section));
  PetscCall(ost_value_real(section, &(OstRealKey){"friction", "1", 0.4, 0, 2}, list, &v));
  *sum += v;
  PetscCall(ost_value_real(section, &(OstRealKey){"k", "N/mm3", 1e4, 0, 1e9}, list, &v));
  *sum += v;
  PetscCall(ost_value_word(section, "law", words, 2, 0, list, &n));
  *sum += (PetscReal)n;
  PetscCall(ost_value_section_or_defaults(root, "time", list, &section));
  PetscCall(ost_value_real(section, &(OstRealKey){"step", "day", 0.5, 0, 9}, list, &v));
  *sum += v;
  PetscCall(ost_value_list(root, "falls", PETSC_FALSE, list, &falls));
  for (PetscInt i = 0; falls && i < ost_node_size(falls); i++) {
    OstNode *fall = ost_node_item(falls, i);
    PetscCall(ost_value_reals(fall, &(OstRealKey){"days", "day", 0, 0, 999}, 0, list, &n, &days));
    for (PetscInt j = 0; j < n; j++) *sum += days[j];
    PetscCall(PetscFree(days));
    PetscCall(ost_value_text(fall, "name", "fall", list, &text));
    *sum += (PetscReal)strlen(text);
  }
  PetscCall(ost_case_report_unread(file, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode resolved_case_reads_back_the_same(void)
{
  OstDiagList *list;
  OstCase     *file;
  PetscReal    first, second;
  char        *text, *again;
  PetscInt     num_lists = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("c.yaml", "case",
                               "title: \"Left: \\\"old\\\" femur # 2\"\n"
                               "interface: {friction: 30 %}\n"
                               "falls:\n  - {days: [1 month, 1 week]}\n  - {name: side}\n",
                               list, &file));
  PetscCall(read_case(file, list, &first));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(ost_case_num_records(file), 12);
  for (PetscInt i = 0; i < ost_case_num_records(file); i++) {
    const OstKeyRecord r = ost_case_record(file, i);
    OST_CHECK_TEXT(r.role, "case");
    if (!strcmp(r.path, "interface.k")) {
      OST_CHECK(!r.given);
      OST_CHECK(!strcmp(r.value, "10000 N/mm3") && !strcmp(r.def, "10000 N/mm3"));
    }
    if (!strcmp(r.path, "interface.friction")) {
      OST_CHECK(r.given);
      OST_CHECK(!strcmp(r.value, "0.3") && !strcmp(r.def, "0.4") && !strcmp(r.kind, "real"));
    }
    if (!strcmp(r.path, "falls[].days")) num_lists++;
  }
  OST_CHECK_INT(num_lists, 2);
  PetscCall(ost_case_resolved(file, &text));
  OST_CHECK_TEXT(text, "  k: 10000 N/mm3  # default\n");
  PetscCall(ost_case_destroy(&file));

  PetscCall(ost_case_load_text("resolved.yaml", "case", text, list, &file));
  OST_CHECK(file != NULL);
  PetscCall(read_case(file, list, &second));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK(first == second);
  PetscCall(ost_case_resolved(file, &again)); /* nothing is a default any more */
  OST_CHECK(!strstr(again, "# default"));
  PetscCall(PetscFree(again));
  PetscCall(PetscFree(text));
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A file that rank 0 alone can see the name of must give the same tree on every rank. */
static PetscErrorCode all_ranks_hold_the_same_tree(void)
{
  char         path[] = "/tmp/ost_case_XXXXXX", missing[64];
  OstDiagList *list;
  OstCase     *file, *part, *again;
  PetscReal    v, sum;
  PetscMPIInt  size;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  if (!rank) {
    const char text[] = "length: 0.5 BW\nwidt: 1 mm\n";
    const int  fd     = mkstemp(path);
    PetscCheck(fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1 &&
                   !close(fd),
               PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s", path);
  }
  PetscCallMPI(MPI_Bcast(path, sizeof path, MPI_CHAR, 0, PETSC_COMM_WORLD));
  (void)snprintf(missing, sizeof missing, "%s.missing", path);

  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("case.yaml", "case", "a: 1", list, &file));
  ost_case_set_body_weight(file, 700.0);
  PetscCall(ost_case_load_part(ost_case_root(file), "a", path, "fall", list, &part));
  PetscCall(ost_case_load_part(ost_case_root(file), "a", path, "fall", list, &again));
  OST_CHECK(part == again);
  PetscCall(ost_value_real(ost_case_root(part), &(OstRealKey){"length", "N", 1, 0, 999}, list, &v));
  OST_CHECK_NEAR(v, 350.0, 1e-15); /* the parent's body weight */
  PetscCallMPI(MPI_Allreduce(&v, &sum, 1, MPIU_REAL, MPIU_SUM, PETSC_COMM_WORLD));
  OST_CHECK_NEAR(sum, 350.0 * (PetscReal)size, 1e-15);
  OST_CHECK_TEXT(ost_case_record(file, 0).role, "fall");
  (void)ost_node_find(ost_case_root(file), "a");
  PetscCall(ost_case_report_unread(file, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).at.file, path);

  PetscCall(ost_case_load(missing, "case", list, &again));
  OST_CHECK(!again);
  PetscCall(ost_case_load("/tmp", "case", list, &again));
  OST_CHECK(!again);
  OST_CHECK_INT(ost_diag_num_errors(list), 3);
  OST_CHECK_TEXT(ost_diag_get(list, 1).message, "No such file");
  OST_CHECK_TEXT(ost_diag_get(list, 2).message, "folder");
  PetscCall(ost_case_load("", "case", list, &again)); /* ost_value_path has told why */
  OST_CHECK(!again);
  OST_CHECK_INT(ost_diag_num_errors(list), 3);

  PetscCall(ost_case_load_part(ost_case_root(file), "a", "/tmp", "fall", list, &again));
  OST_CHECK(!again);
  OST_CHECK_INT(ost_diag_num_errors(list), 4);
  for (PetscInt i = 0; i < ost_diag_num_errors(list); i++) {
    if (strcmp(ost_diag_get(list, i).at.file, "case.yaml")) continue; /* the one that names it */
    OST_CHECK_INT(ost_diag_get(list, i).at.line, 1);
    OST_CHECK_TEXT(ost_diag_get(list, i).message, "/tmp cannot be read: it is a folder");
  }
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  if (!rank) (void)unlink(path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(bad_texts_name_their_line());
  PetscCall(nesting_without_end_is_refused());
  PetscCall(unread_keys_are_told_their_neighbour());
  PetscCall(resolved_case_reads_back_the_same());
  PetscCall(all_ranks_hold_the_same_tree());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
