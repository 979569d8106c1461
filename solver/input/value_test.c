#include "input/value.h"

#include "support/check.h"

#include <unistd.h>

#define NO_LIMIT OST_NO_LIMIT

/* A case from a text, with a list that its faults go to; both are freed by end(). */
typedef struct {
  OstDiagList *list;
  OstCase     *file;
  OstNode     *root;
} Sheet;

static PetscErrorCode begin(const char *text, Sheet *s)
{
  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&s->list));
  PetscCall(ost_case_load_text("case.yaml", "case", text, s->list, &s->file));
  OstAssert(s->file, "the text of a test must be YAML");
  s->root = ost_case_root(s->file);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode end(Sheet *s)
{
  PetscFunctionBeginUser;
  PetscCall(ost_case_destroy(&s->file));
  PetscCall(ost_diag_destroy(&s->list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* `text` as a quantity in `unit`, with a body weight of 700 N; NaN where it is refused. */
static PetscErrorCode quantity(const char *text, const char *unit, PetscReal *v)
{
  Sheet s;

  PetscFunctionBeginUser;
  PetscCall(begin("title: x", &s));
  ost_case_set_body_weight(s.file, 700.0);
  PetscCall(ost_value_parse(s.file, ost_node_where(s.root), text, unit, s.list, v));
  if (ost_diag_num_errors(s.list)) *v = (PetscReal)NAN;
  PetscCall(end(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode units_convert_to_the_house_unit(void)
{
  static const struct {
    const char *text, *unit;
    PetscReal   value;
  } known[] = {{"18 mm", "mm", 18.0},
               {"1.8e1 mm", "mm", 18.0},
               {"-1.8cm", "mm", -18.0},
               {"35 µm", "mm", 0.035},
               {"2 in", "mm", 50.8},
               {"10 lbf", "N", 44.482216152605}, /* exact by definition */
               {"20 kgf", "N", 196.133},
               {"25 N m", "N.mm", 25000.0},
               {"25 N.m", "N.mm", 25000.0},
               {"25 Nm", "N.mm", 25000.0},
               {"0.5 BW", "N", 350.0},
               {"50 %BW", "N", 350.0},
               {"50 % BW", "N", 350.0},
               {"0.02 BW.m", "N.mm", 14000.0},
               {"2 %BW.m", "N.mm", 14000.0},
               {"6 week", "day", 42.0},
               {"90 min", "day", 0.0625},
               {"1 month", "day", 365.24219878125 / 12.0},
               {"2 day", "s", 172800.0},
               {"17 GPa", "MPa", 17000.0},
               {"1.9 g/cm³", "g/cm3", 1.9},
               {"1900 kg/m3", "g/cm3", 1.9},
               {"30 degree", "degree", 30.0},
               {"3.14159265358979 rad", "degree", 180.0},
               {"5000 cycles/day", "1/day", 5000.0},
               {"0.1 1/day", "1/day", 0.1},
               {"0.7 1/week", "1/day", 0.1},
               {"2 kJ/m2", "N/mm", 2.0},
               {"10 MPa/um", "N/mm3", 10000.0},
               {"0.4", "1", 0.4},
               {"40 %", "1", 0.4},
               {"40%", "1", 0.4},
               {"73 kg", "kg", 73.0}};

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    PetscReal v;
    PetscCall(quantity(known[i].text, known[i].unit, &v));
    if (!(PetscAbsReal(v - known[i].value) <= 1e-12 * PetscAbsReal(known[i].value))) {
      printf("%s is %.15g %s\n", known[i].text, (double)v, known[i].unit);
    }
    OST_CHECK(PetscAbsReal(v - known[i].value) <= 1e-12 * PetscAbsReal(known[i].value));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Each of these UDUNITS or strtod would take for something else than the user meant. */
static PetscErrorCode doubtful_quantities_are_refused(void)
{
  static const char *const doubtful[][2] = {
      {"18", "mm"},          {"18 kg", "mm"},    {"3 10 mm", "mm"}, {"3 mm 5", "mm"},
      {"3,5 mm", "mm"},      {"nan mm", "mm"},   {"inf mm", "mm"},  {"1e999 mm", "mm"},
      {"0x10 mm", "mm"},     {"", "mm"},         {"mm", "mm"},      {"0.4 degree", "1"},
      {"5 %", "degree"},     {"2 day", "1/day"}, {"0.4 mm", "1"},   {"300 HU", "g/cm3"},
      {"3 mm @ 5", "mm"},    {"0.5 BW", "mm"},   {"2 BW", "N.mm"},  {"2 BW2", "N"},
      {"3 mm from 1", "mm"}, {"3 dB", "1"},      {"3 rad", "1"},    {"-- 3 mm", "mm"}};

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof doubtful / sizeof doubtful[0]; i++) {
    PetscReal v;
    PetscCall(quantity(doubtful[i][0], doubtful[i][1], &v));
    if (!isnan(v)) printf("%s was taken for %g %s\n", doubtful[i][0], (double)v, doubtful[i][1]);
    OST_CHECK(isnan(v));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode body_weight_must_be_known(void)
{
  Sheet     s;
  PetscReal v;

  PetscFunctionBeginUser;
  PetscCall(begin("load: 0.5 BW", &s));
  PetscCall(ost_value_real(s.root, &(OstRealKey){"load", "N", 10.0, 0.0, NO_LIMIT}, s.list, &v));
  OST_CHECK_NEAR(v, 10.0, 0.0);
  OST_CHECK_INT(ost_diag_num_errors(s.list), 1);
  OST_CHECK_TEXT(ost_diag_get(s.list, 0).message, "body weight");
  OST_CHECK_TEXT(ost_diag_get(s.list, 0).fix, "body_mass");
  PetscCall(end(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One fault after the other, each with its line; the getters go on with the default. */
static PetscErrorCode each_fault_names_its_line_and_what_to_write(void)
{
  static const char *const words[] = {"coulomb", "cohesive"};
  static const struct {
    PetscInt    line;
    const char *message, *fix;
  } wanted[] = {{1, "`patient` is missing", "add `patient:"},
                {1, "`stiffness` is missing", "add `stiffness: ... N/mm3`"},
                {1, "friction = -0.3 is outside 0 ... 2", "from 0 to 2"},
                {2, "`length` 140 has no unit", "write e.g. `140 mm`"},
                {3, "`load` 18 kg is a mass; a force is wanted, e.g. N", "in N"},
                {4, "`moment` 3 N.q: `N.q` is not a unit", "N.mm"},
                {5, "`count` 2.5 is not a whole number", "`10`"},
                {6, "steps = 0 is outside 1 ... 99", "from 1 to 99"},
                {7, "`law` does not know `cohesiv`", "did you mean `cohesive`?"},
                {8, "`flag` maybe is neither true nor false", "`true` or `false`"},
                {9, "`title` has no value", NULL},
                {10, "depth = 2 cm (20 mm) is above the greatest value 10 mm", NULL},
                {11, "`days` entry 2: 3 has no unit", "`3 day`"},
                {12, "`falls` is a section; a list is wanted", "`- `"},
                {13, "`mesh` is a single value; a section with keys is wanted", "indented"},
                {14, "`width` is a list; a number is wanted", NULL},
                {15, "`solver` is a list; a section with keys is wanted", "indented"}};
  OstNode    *section;
  PetscReal   v, *values;
  PetscInt    n;
  PetscBool   flag;
  const char *text;
  Sheet       s;

  PetscFunctionBeginUser;
  PetscCall(begin("friction: -0.3\nlength: 140\nload: 18 kg\nmoment: 3 N.q\ncount: 2.5\nsteps: 0\n"
                  "law: cohesiv\nflag: maybe\ntitle:\ndepth: 2 cm\ndays: [30 day, 3]\n"
                  "falls: {a: 1}\nmesh: fine\nwidth: [1 mm]\nsolver: [1, 2]\n",
                  &s));
  PetscCall(ost_value_section(s.root, "patient", PETSC_TRUE, s.list, &section));
  OST_CHECK(!section);
  PetscCall(ost_value_real(s.root, &(OstRealKey){"stiffness", "N/mm3", OST_REQUIRED, 1.0, NO_LIMIT},
                           s.list, &v));
  OST_CHECK_NEAR(v, 1.0, 0.0); /* the least value where there is no default */
  PetscCall(ost_value_real(s.root, &(OstRealKey){"friction", "1", 0.4, 0, 2}, s.list, &v));
  OST_CHECK_NEAR(v, 0.4, 0.0);
  PetscCall(ost_value_real(s.root, &(OstRealKey){"length", "mm", 150, 20, 300}, s.list, &v));
  OST_CHECK_NEAR(v, 150.0, 0.0);
  PetscCall(ost_value_real(s.root, &(OstRealKey){"load", "N", 1, -NO_LIMIT, NO_LIMIT}, s.list, &v));
  PetscCall(ost_value_real(s.root, &(OstRealKey){"moment", "N.mm", 1, 0, 2}, s.list, &v));
  PetscCall(ost_value_int(s.root, &(OstIntKey){"count", 7, 0, 9}, s.list, &n));
  OST_CHECK_INT(n, 7);
  PetscCall(ost_value_int(s.root, &(OstIntKey){"steps", OST_REQUIRED_INT, 1, 99}, s.list, &n));
  OST_CHECK_INT(n, 1);
  PetscCall(ost_value_word(s.root, "law", words, 2, 0, s.list, &n));
  OST_CHECK_INT(n, 0);
  PetscCall(ost_value_bool(s.root, "flag", PETSC_TRUE, s.list, &flag));
  OST_CHECK(flag);
  PetscCall(ost_value_text(s.root, "title", NULL, s.list, &text));
  OST_CHECK(!text[0]);
  PetscCall(ost_value_real(s.root, &(OstRealKey){"depth", "mm", 1, -NO_LIMIT, 10}, s.list, &v));
  PetscCall(
      ost_value_reals(s.root, &(OstRealKey){"days", "day", 0, 0, 99}, 1, s.list, &n, &values));
  OST_CHECK_INT(n, 2);
  PetscCall(PetscFree(values));
  PetscCall(ost_value_list(s.root, "falls", PETSC_FALSE, s.list, &section));
  OST_CHECK(!section);
  PetscCall(ost_value_section(s.root, "mesh", PETSC_FALSE, s.list, &section));
  OST_CHECK(!section);
  PetscCall(ost_value_real(s.root, &(OstRealKey){"width", "mm", 1, 0, 10}, s.list, &v));
  PetscCall(ost_value_section_or_defaults(s.root, "solver", s.list, &section));
  PetscCall(ost_value_int(section, &(OstIntKey){"iterations", 30, 1, 99}, s.list, &n));
  OST_CHECK_INT(n, 30);

  n = (PetscInt)(sizeof wanted / sizeof wanted[0]);
  OST_CHECK_INT(ost_diag_num_errors(s.list), n);
  for (PetscInt i = 0; i < PetscMin(n, ost_diag_num_errors(s.list)); i++) {
    const OstDiag d = ost_diag_get(s.list, i);
    OST_CHECK_INT(d.at.line, wanted[i].line);
    OST_CHECK_TEXT(d.message, wanted[i].message);
    if (wanted[i].fix) OST_CHECK_TEXT(d.fix, wanted[i].fix);
  }
  /* What was judged is not reported a second time as unread. */
  PetscCall(ost_case_report_unread(s.file, s.list));
  OST_CHECK_INT(ost_diag_num_errors(s.list), n);
  PetscCall(end(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode good_values_are_taken_and_absent_ones_default(void)
{
  static const char *const words[] = {"coulomb", "cohesive"};
  OstNode                 *section, *nested, *list;
  PetscReal                v, *values;
  PetscInt                 n;
  PetscBool                flag;
  const char              *text;
  Sheet                    s;

  PetscFunctionBeginUser;
  PetscCall(begin("a: {length: 14 cm, count: 3, law: cohesive, flag: no, days: [1 week, 9 day]}\n"
                  "empty:\nlist:\n  - x\n  - y\nonly: 4 day\n",
                  &s));
  PetscCall(ost_value_section(s.root, "a", PETSC_TRUE, s.list, &section));
  PetscCall(ost_value_real(section, &(OstRealKey){"length", "mm", 1, 0, 300}, s.list, &v));
  OST_CHECK_NEAR(v, 140.0, 1e-15);
  PetscCall(ost_value_int(section, &(OstIntKey){"count", 1, 1, 9}, s.list, &n));
  OST_CHECK_INT(n, 3);
  PetscCall(ost_value_word(section, "law", words, 2, 0, s.list, &n));
  OST_CHECK_INT(n, 1);
  PetscCall(ost_value_bool(section, "flag", PETSC_TRUE, s.list, &flag));
  OST_CHECK(!flag);
  PetscCall(
      ost_value_reals(section, &(OstRealKey){"days", "day", 0, 0, 99}, 1, s.list, &n, &values));
  OST_CHECK_INT(n, 2);
  OST_CHECK_NEAR(values[0], 7.0, 1e-15);
  OST_CHECK_NEAR(values[1], 9.0, 0.0);
  PetscCall(PetscFree(values));
  PetscCall(
      ost_value_reals(s.root, &(OstRealKey){"only", "day", 0, 0, 99}, 1, s.list, &n, &values));
  OST_CHECK_INT(n, 1);
  OST_CHECK_NEAR(values[0], 4.0, 0.0);
  PetscCall(PetscFree(values));
  PetscCall(ost_value_list(s.root, "list", PETSC_TRUE, s.list, &list));
  OST_CHECK_INT(ost_node_size(list), 2);
  OST_CHECK_TEXT(ost_node_text(ost_node_item(list, 1)), "y");
  OST_CHECK_TEXT(ost_node_text(ost_node_item(list, 0)), "x");

  PetscCall(ost_value_real(section, &(OstRealKey){"width", "mm", OST_OPTIONAL, 0, 9}, s.list, &v));
  OST_CHECK(isnan(v));
  PetscCall(ost_value_text(section, "name", "none", s.list, &text));
  OST_CHECK_TEXT(text, "none");
  PetscCall(ost_value_section_or_defaults(s.root, "absent", s.list, &nested));
  PetscCall(ost_value_real(nested, &(OstRealKey){"k", "N/mm3", 1e4, 0, 1e9}, s.list, &v));
  OST_CHECK_NEAR(v, 1e4, 0.0);
  PetscCall(ost_value_section_or_defaults(s.root, "empty", s.list, &nested));
  PetscCall(ost_value_real(nested, &(OstRealKey){"k", "N/mm3", 1e5, 0, 1e9}, s.list, &v));
  OST_CHECK_NEAR(v, 1e5, 0.0);
  PetscCall(ost_value_real(NULL, &(OstRealKey){"k", "N/mm3", 7, 0, 1e9}, s.list, &v));
  OST_CHECK_NEAR(v, 7.0, 0.0);

  PetscCall(ost_case_report_unread(s.file, s.list));
  OST_CHECK_INT(ost_diag_num_errors(s.list), 0);
  PetscCall(end(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The file is made beside the case that names it. */
static PetscErrorCode paths_are_relative_to_the_file_that_names_them(void)
{
  char         folder[] = "/tmp/ost_value_XXXXXX", path[64], name[64];
  const char  *v;
  FILE        *f;
  OstDiagList *list;
  OstCase     *file;
  OstNode     *root;

  PetscFunctionBeginUser;
  PetscCheck(mkdtemp(folder), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", folder);
  (void)snprintf(path, sizeof path, "%s/femur.yaml", folder);
  (void)snprintf(name, sizeof name, "%s/case.yaml", folder);
  f = fopen(path, "w");
  PetscCheck(f && !fclose(f), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", path);
  (void)setenv("OST_TEST_FOLDER", folder, 1);
  (void)unsetenv("OST_TEST_NOTHING");

  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text(name, "case",
                               "beside: femur.yaml\nmisspelt: femr.yaml\n"
                               "variable: ${OST_TEST_FOLDER}/femur.yaml\n"
                               "unset: ${OST_TEST_NOTHING}/femur.yaml\nopen: ${OST\n",
                               list, &file));
  root = ost_case_root(file);
  PetscCall(ost_value_path(root, "beside", NULL, list, &v));
  OST_CHECK(!strcmp(v, path));
  PetscCall(ost_value_path(root, "variable", NULL, list, &v));
  OST_CHECK(!strcmp(v, path));
  PetscCall(ost_value_path(root, "absent", "", list, &v));
  OST_CHECK(!strcmp(v, ""));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  /* The resolved case may be run from anywhere. */
  OST_CHECK(ost_case_record(file, 0).value[0] == '/');
  OST_CHECK_TEXT(ost_case_record(file, 1).value, "${OST_TEST_FOLDER}/femur.yaml");
  PetscCall(ost_value_path(root, "misspelt", NULL, list, &v));
  OST_CHECK(!strcmp(v, ""));
  PetscCall(ost_value_path(root, "unset", NULL, list, &v));
  PetscCall(ost_value_path(root, "open", NULL, list, &v));
  OST_CHECK_INT(ost_diag_num_errors(list), 3);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "No such file");
  OST_CHECK_TEXT(ost_diag_get(list, 0).fix, "`femur.yaml`");
  OST_CHECK_TEXT(ost_diag_get(list, 1).message, "OST_TEST_NOTHING is not set");
  OST_CHECK_TEXT(ost_diag_get(list, 2).message, "no `}`");
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  (void)unlink(path);
  (void)rmdir(folder);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void formatted_numbers_read_back_the_same(void)
{
  static const PetscReal values[] = {0.1, 1.0 / 3.0, 1e-30, 123456789.125, -0.0, 2.0 / 3.0 * 1e17};

  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    char text[64];
    ost_value_format(values[i], "1", text, sizeof text);
    OST_CHECK(strtod(text, NULL) == (double)values[i]);
  }
  {
    char text[64];
    ost_value_format(0.3, "mm", text, sizeof text);
    OST_CHECK(!strcmp(text, "0.3 mm"));
  }
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(units_convert_to_the_house_unit());
  PetscCall(doubtful_quantities_are_refused());
  PetscCall(body_weight_must_be_known());
  PetscCall(each_fault_names_its_line_and_what_to_write());
  PetscCall(good_values_are_taken_and_absent_ones_default());
  PetscCall(paths_are_relative_to_the_file_that_names_them());
  formatted_numbers_read_back_the_same();
  PetscCall(PetscFinalize());
  return ost_check_report();
}
