/* The initial gap: closed forms of each part, the table between its places and round its seam, and
   tables that cannot be read. */
#include "interface/fit.h"

#include "support/check.h"

static const PetscReal shaft[3] = {0.6, 0.8, 0.0}; /* a normal without slope */

/* Gap on the shaft, at a height and an angle [degree]. */
static PetscReal gap_at(const OstFit *fit, PetscReal interference, PetscReal height,
                        PetscReal angle)
{
  const PetscReal phi = angle * PETSC_PI / 180.0;

  return ost_fit_gap(fit, interference, (PetscReal[3]){8.0 * cos(phi), 8.0 * sin(phi), height},
                     shaft);
}

static void interference_acts_where_the_surface_is_radial(void)
{
  const OstFit    fit      = {0};
  const PetscReal place[3] = {8.0, 0.0, 30.0}, up[3] = {0.0, 0.0, 1.0}, tip[3] = {0.6, 0.0, 0.8};

  OST_CHECK_NEAR(ost_fit_gap(&fit, 0.025, place, shaft), -0.025, 1e-15);
  OST_CHECK_NEAR(ost_fit_gap(&fit, 0.025, place, tip), -0.015, 1e-15);
  OST_CHECK_NEAR(ost_fit_gap(&fit, 0.025, place, up), 0.0, 0.0);
  OST_CHECK_NEAR(ost_fit_gap(&fit, -0.1, place, shaft), 0.1, 1e-15);
}

/* Each wide place as wide, each narrow one as narrow; the mean is the interference. */
static void a_bore_out_of_round_has_its_lobes(void)
{
  OstFit fit = {.amplitude = 0.04, .direction = 25.0};

  for (fit.lobes = 1; fit.lobes <= 4; fit.lobes++) {
    PetscReal sum = 0.0;
    for (PetscInt k = 0; k < fit.lobes; k++) {
      const PetscReal wide = 25.0 + 360.0 / (PetscReal)fit.lobes * (PetscReal)k;
      OST_CHECK_NEAR(gap_at(&fit, 0.03, 10.0, wide), 0.01, 1e-12);
      OST_CHECK_NEAR(gap_at(&fit, 0.03, 70.0, wide + 180.0 / (PetscReal)fit.lobes), -0.07, 1e-12);
    }
    for (int k = 0; k < 36; k++) sum += gap_at(&fit, 0.03, 10.0, 10.0 * k) / 36.0;
    OST_CHECK_NEAR(sum, -0.03, 1e-12);
  }
  fit.amplitude = 0.0;
  OST_CHECK_NEAR(gap_at(&fit, 0.03, 10.0, 25.0), -0.03, 1e-15);
}

static PetscErrorCode parse(const char *text, OstDiagList *list, OstGapTable *table)
{
  PetscFunctionBeginUser;
  PetscCall(ost_gap_table_parse("gap.csv", text, list, table));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Rows in no order, columns in another, other units, comments, another system's ends of lines. */
static PetscErrorCode a_table_is_bilinear_and_periodic(void)
{
  static const char text[] = "# measured\r\nangle [degree], gap [um] ,height [cm]\r\n"
                             "90,20,1\n-90,60,1\n0,10,1\n\n180,40,1\n"
                             "0,110,3\n90,120,3\n180,140,3\n270,160,3\n";
  OstGapTable       table;
  OstDiagList      *list;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(parse(text, list, &table));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(table.num_heights, 2);
  OST_CHECK_INT(table.num_angles, 4);
  OST_CHECK_NEAR(ost_gap_table_at(&table, 10.0, 180.0), 0.040, 1e-14);
  OST_CHECK_NEAR(ost_gap_table_at(&table, 30.0, -90.0), 0.160, 1e-14);
  /* between four places: the mean of their means */
  OST_CHECK_NEAR(ost_gap_table_at(&table, 20.0, 45.0), 0.065, 1e-14);
  OST_CHECK_NEAR(ost_gap_table_at(&table, 15.0, 30.0), 0.75 * 0.04 / 3.0 + 0.25 * 0.34 / 3.0,
                 1e-14);
  /* across the seam, from 270 to 360 */
  OST_CHECK_NEAR(ost_gap_table_at(&table, 10.0, 315.0), 0.035, 1e-14);
  OST_CHECK_NEAR(ost_gap_table_at(&table, 10.0, -45.0), 0.035, 1e-14);
  for (PetscReal angle = -180.0; angle <= 180.0; angle += 7.0)
    OST_CHECK_NEAR(ost_gap_table_at(&table, 23.0, angle),
                   ost_gap_table_at(&table, 23.0, angle + 360.0), 1e-13);
  OST_CHECK_NEAR(ost_gap_table_at(&table, 10.0, 360.0 - 1e-9), 0.010, 1e-9);
  /* beyond the ends as there */
  OST_CHECK_NEAR(ost_gap_table_at(&table, -50.0, 90.0), 0.020, 1e-14);
  OST_CHECK_NEAR(ost_gap_table_at(&table, 500.0, 90.0), 0.120, 1e-14);

  const OstFit fit = {.amplitude = 0.01, .lobes = 2, .table = table};
  OST_CHECK_NEAR(gap_at(&fit, 0.025, 10.0, 90.0), -0.025 - 0.01 + 0.020, 1e-12);
  PetscCall(ost_gap_table_destroy(&table));
  OST_CHECK_NEAR(ost_gap_table_at(&table, 10.0, 90.0), 0.0, 0.0);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The first place not at 0 degree: the seam lies elsewhere. */
static PetscErrorCode a_table_may_begin_anywhere(void)
{
  OstGapTable  table;
  OstDiagList *list;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(
      parse("height [mm],angle [degree],gap [mm]\n5,60,0.1\n5,180,0.4\n5,300,0.7\n", list, &table));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(ost_gap_table_at(&table, 0.0, 0.0), 0.4, 1e-14);
  OST_CHECK_NEAR(ost_gap_table_at(&table, 9.0, 30.0), 0.25, 1e-14);
  OST_CHECK_NEAR(ost_gap_table_at(&table, 9.0, 120.0), 0.25, 1e-14);
  PetscCall(ost_gap_table_destroy(&table));
  PetscCall(parse("height [mm],angle [rad],gap [mm]\n0,1,0.1\n10,1,0.3\n", list, &table));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(ost_gap_table_at(&table, 5.0, 77.0), 0.2, 1e-14); /* the same all round */
  PetscCall(ost_gap_table_destroy(&table));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define HEAD "height [mm],angle [degree],gap [mm]\n"

static PetscErrorCode malformed_tables_name_their_line(void)
{
  static const struct {
    const char *text;
    PetscInt    line;
    const char *part;
  } bad[] = {
      {"", 0, "the table is empty"},
      {"# nothing\n\n", 0, "the table is empty"},
      {HEAD, 0, "the table is empty"},
      {"0,0,0.1\n", 1, "a column is called `0`"},
      {"\nz [mm],angle [degree],gap [mm]\n", 2, "a column is called `z`"},
      {"height [mm],angle [degree]\n", 1, "column `gap` is missing"},
      {"height [mm],gap [mm],gap [mm]\n", 1, "two columns are called `gap`"},
      {"height,angle [degree],gap [mm]\n", 1, "column `height` has no unit"},
      {"height [mm],angle [degree],gap [s]\n", 1, "column `gap`: 1 s is a time; a length is"},
      {"height [mm],angle [degree],gap [bogus]\n", 1, "bogus"},
      {HEAD "0,0\n", 2, "2 values in a line; three are wanted"},
      {HEAD "0,0,0,0\n", 2, "more than 3 values in a line"},
      {HEAD "0;0;0\n", 2, "1 values in a line"},
      {HEAD "0,0,0.1\n0,90,0.1 mm\n", 3, "gap `0.1 mm` is not a number"},
      {HEAD "0,0,\n", 2, "gap `` is not a number"},
      {HEAD "0,0,nan\n", 2, "gap `nan` is not a number"},
      {HEAD "0,0,25\n", 2, "gap 25 mm is outside"},
      {HEAD "0,400,0.1\n", 2, "angle 400 degree is outside"},
      {HEAD "0,0,0.1\n# once more\n0,360,0.1\n", 4, "angle 0 degree stands on line 2 already"},
      {HEAD "0,0,1\n0,90,1\n10,0,1\n", 0, "height 10 mm, angle 90 degree is missing"},
      {HEAD "0,0,1\n1,10,1\n2,20,1\n3,30,1\n4,40,1\n", 0, "5 lines with 5 different heights"},
  };
  OstGapTable  table;
  OstDiagList *list;

  PetscFunctionBeginUser;
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    PetscCall(ost_diag_create(&list));
    PetscCall(parse(bad[k].text, list, &table));
    OST_CHECK_INT(ost_diag_num_errors(list), 1);
    if (ost_diag_num_errors(list)) {
      const OstDiag d = ost_diag_get(list, 0);
      OST_CHECK_TEXT(d.message, bad[k].part);
      OST_CHECK_INT(d.at.line, bad[k].line);
      OST_CHECK_TEXT(d.at.file, "gap.csv");
    }
    OST_CHECK_INT(table.num_heights, 0);
    PetscCall(ost_gap_table_destroy(&table));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* All faults of a table in one go, after others that are in the list. */
static PetscErrorCode every_fault_is_told(void)
{
  OstGapTable  table;
  OstDiagList *list;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_diag_error(list, (OstWhere){"case.yaml", 3}, NULL, "something else"));
  PetscCall(parse(HEAD "0,0,x\n0,1\n0,999,0\n", list, &table));
  OST_CHECK_INT(ost_diag_num_errors(list), 4);
  PetscCall(parse(HEAD "0,0,0\n", list, &table));
  OST_CHECK_INT(table.num_heights, 1);
  OST_CHECK_INT(ost_diag_num_errors(list), 4);
  PetscCall(ost_gap_table_destroy(&table));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  interference_acts_where_the_surface_is_radial();
  a_bore_out_of_round_has_its_lobes();
  PetscCall(a_table_is_bilinear_and_periodic());
  PetscCall(a_table_may_begin_anywhere());
  PetscCall(malformed_tables_name_their_line());
  PetscCall(every_fault_is_told());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
