/* The protocol in words and in characters: what is said of each week, and that it fits a terminal.
 */
#include "loads/load_plot.h"
#include "loads/timetable.h"

#include "support/check.h"

#define BW (73.0 * 9.80665)

static const char text[] =
    "name: sample\n"
    "second_operation: 10 week\n"
    "rules: [hold while micromotion.p95 > 40 um]\n"
    "activities:\n"
    "  - {name: standing, force: {axial: 100 N, anterior: 10 N}}\n"
    "  - {name: walking, force: {axial: 600 N}, moment: {bending_anterior: 30 N.m}}\n"
    "events:\n"
    "  - {at: S2 + 1 week, output: true}\n"
    "  - {at: 24 week, fall: cases/falls/forward.yaml}\n"
    "stages:\n"
    "  - {name: rest, until: S2 + 1 week}\n"
    "  - name: a stage with a name that is rather too long for any table\n"
    "    until: S2 + 5 week\n"
    "    go_on_when: bonded_area > 30 %\n"
    "    at_latest: S2 + 8 week\n"
    "    rest_days: 1\n"
    "    do:\n"
    "      - {activity: standing, start: 200 N, increment: 100 N/week, every: 1 week,\n"
    "         target: 400 N, cycles: 210 1/day}\n"
    "  - name: free\n"
    "    aid: one_crutch\n"
    "    until: 24 week\n"
    "    do:\n"
    "      - {activity: walking, cycles: 200 1/day, cycles_end: 3000 1/day}\n"
    "      - {activity: standing, start: 0.2 BW, cycles: 100 1/day}\n";

static PetscErrorCode reading(OstSchedule *schedule)
{
  OstDiagList *list;
  OstCase     *file;

  PetscFunctionBeginUser;
  *schedule = (OstSchedule){.until = 30 * 7.0, .load_factor = 1.0};
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("p.yaml", "protocol", text, list, &file));
  ost_case_set_body_weight(file, BW);
  PetscCall(ost_protocol_read(ost_case_root(file), -1.0, list, &schedule->protocol));
  PetscCall(ost_events_read(ost_case_root(file), 70.0, list, &schedule->events));
  PetscCall(ost_case_report_unread(file, list));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The widest line in characters: of UTF-8, every byte that does not continue one. */
static int width(const char *c)
{
  int widest = 0, now = 0;

  for (; *c; c++) {
    if ((*c & 0xC0) != 0x80) now++;
    if (*c == '\n') now = 0;
    widest = now > widest ? now : widest;
  }
  return widest;
}

static PetscErrorCode table_shows_weeks_events_and_rules(const OstSchedule *schedule)
{
  char *table;

  PetscFunctionBeginUser;
  PetscCall(ost_timetable_write(schedule, &table));
  OST_CHECK_TEXT(table, "sample\n");
  OST_CHECK_TEXT(table, "\n0-10      rest"); /* ten weeks in one line, up to the event */
  OST_CHECK_TEXT(table, "\n10        * S2, second operation\n");
  OST_CHECK_TEXT(table, "\n11        * output\n");
  OST_CHECK_TEXT(table, "\n24        * fall forward\n");
  /* 210 a day on six days of seven */
  OST_CHECK_TEXT(table, "\n11-12     a stage with a name tha            standing            200"
                        "     28   0.0  0.0       180   1\n");
  OST_CHECK_TEXT(table, "\n12-13                                        standing            300");
  OST_CHECK_TEXT(table, "\n13-15                                        standing            400");
  OST_CHECK_TEXT(table, "free                    1 crutch   walking             540");
  OST_CHECK_TEXT(table, "200-3000\n"); /* rising over nine weeks, in one line */
  OST_CHECK_TEXT(table, "judged every 7 days from S1");
  OST_CHECK_TEXT(table, "whenever there are loads: hold while micromotion.p95 > 40 um\n");
  OST_CHECK_TEXT(table, "ends when bonded_area > 30 %, at the latest in week 18\n");
  OST_CHECK(width(table) <= OST_TIMETABLE_WIDTH);
  PetscCall(PetscFree(table));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode plot_fits_a_terminal(const OstSchedule *schedule)
{
  for (PetscInt utf8 = 0; utf8 < 2; utf8++) {
    char    *plot;
    PetscInt high = 0;
    PetscFunctionBeginUser;
    PetscCall(ost_load_plot(schedule, (PetscBool)utf8, &plot));
    for (const char *c = plot; *c; c++) high += (*c & 0x80) ? 1 : 0;
    OST_CHECK(utf8 ? high > 100 : high == 0);
    OST_CHECK(width(plot) <= OST_TIMETABLE_WIDTH && width(plot) > 90);
    OST_CHECK_TEXT(plot, "peak axial load, % of body weight\n     80 ");
    OST_CHECK_TEXT(plot, "load cycles a day\n   4000 ");
    OST_CHECK_TEXT(plot, "A rest   B a stage");
    PetscCall(PetscFree(plot));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  OstSchedule schedule;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(reading(&schedule));
  PetscCall(table_shows_weeks_events_and_rules(&schedule));
  PetscCall(plot_fits_a_terminal(&schedule));
  PetscCall(ost_schedule_destroy(&schedule));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
