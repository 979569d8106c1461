#include "loads/load_plot.h"

#include "base/page.h"
#include "input/quantity.h"

#include <math.h>

#define WEEK 7.0

enum {
  MARGIN      = 9,  /* columns before the axis */
  COLUMNS     = 90, /* of the drawing */
  LOAD_LINES  = 8,
  CYCLE_LINES = 4,
  EIGHTHS     = 8,
  TICK_EVERY  = 15 /* columns between numbers of weeks, about */
};

typedef struct {
  const OstSchedule *schedule;
  PetscBool          utf8;
  OstPage            page;
  PetscReal          load[COLUMNS], cycles[COLUMNS]; /* largest within a column [%BW] [1/day] */
  PetscInt           stage[COLUMNS];                 /* in its middle */
} Plot;

/* --- what is drawn ---------------------------------------------------------------------------- */

static void look_at(Plot *plot, PetscInt column, PetscReal t, PetscBool before)
{
  const OstProtocol *protocol = plot->schedule->protocol;
  const PetscReal    percent =
      100.0 * plot->schedule->load_factor / PetscMax(protocol->body_weight, 1e-9);
  OstActive      active[OST_STAGE_EXERCISES];
  const PetscInt num    = ost_protocol_at(protocol, t, before, active);
  PetscReal      cycles = 0.0;

  for (PetscInt i = 0; i < num; i++) {
    cycles += active[i].cycles;
    plot->load[column] = PetscMax(plot->load[column], percent * active[i].load.axial);
  }
  plot->cycles[column] = PetscMax(plot->cycles[column], cycles);
}

/* Every course of the loads within a column, however short, from both of its ends. */
static void look_through(Plot *plot)
{
  const OstProtocol *protocol = plot->schedule->protocol;
  const PetscReal    width    = plot->schedule->until / (PetscReal)COLUMNS;

  for (PetscInt c = 0; c < COLUMNS; c++) {
    const PetscReal end = width * (PetscReal)(c + 1);
    PetscReal       t   = width * (PetscReal)c;
    plot->stage[c]      = ost_protocol_stage(protocol, 0.5 * (t + end), PETSC_FALSE);
    while (t < end - OST_DAY_SLACK) {
      const PetscReal next = PetscMin(ost_protocol_next_event(protocol, t), end);
      look_at(plot, c, t, PETSC_FALSE);
      look_at(plot, c, next, PETSC_TRUE);
      t = next;
    }
  }
}

/* --- lines ------------------------------------------------------------------------------------ */

static PetscReal largest(const PetscReal values[COLUMNS])
{
  PetscReal most = 0.0;

  for (PetscInt c = 0; c < COLUMNS; c++) most = PetscMax(most, values[c]);
  return most;
}

/* 1, 2 or 5 times a power of ten, not below the value. */
static PetscReal round_up(PetscReal value)
{
  static const PetscReal steps[] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0};
  const PetscReal power = PetscPowReal(10.0, PetscFloorReal(PetscLog10Real(PetscMax(value, 1e-3))));

  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    if (steps[i] * power >= value * (1.0 - 1e-9)) return steps[i] * power;
  return 10.0 * power;
}

/* Bars of `lines` lines, `most` the value of the top. */
static PetscErrorCode draw_bars(Plot *plot, const char *title, const PetscReal values[COLUMNS],
                                PetscInt lines)
{
  static const char *const blocks[EIGHTHS + 1] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static const char *const ascii[EIGHTHS + 1] = {" ", ".", ".", ".", ":", ":", "#", "#", "#"};
  const PetscReal          most               = round_up(largest(values));

  PetscFunctionBeginUser;
  PetscCall(ost_page_add(&plot->page, "%s\n", title));
  for (PetscInt line = lines - 1; line >= 0; line--) {
    const PetscReal top = most * (PetscReal)(line + 1) / (PetscReal)lines;
    if (line == lines - 1 || line == lines / 2 - 1)
      PetscCall(ost_page_add(&plot->page, "%*.4g ", (int)MARGIN - 2, (double)top));
    else
      PetscCall(ost_page_add(&plot->page, "%*s", (int)MARGIN - 1, ""));
    PetscCall(ost_page_add(&plot->page, "%s", plot->utf8 ? "│" : "|"));
    for (PetscInt c = 0; c < COLUMNS; c++) {
      const PetscReal filled = (PetscReal)lines * values[c] / most - (PetscReal)line;
      /* what is not nothing shows */
      const PetscReal eighths = PetscCeilReal(EIGHTHS * filled - 1e-6);
      const PetscInt  level   = (PetscInt)PetscMin(PetscMax(eighths, 0.0), (PetscReal)EIGHTHS);
      PetscCall(ost_page_add(&plot->page, "%s", plot->utf8 ? blocks[level] : ascii[level]));
    }
    PetscCall(ost_page_add(&plot->page, "\n"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Column of a day, or -1 after the end. */
static PetscInt column_of(const Plot *plot, PetscReal day)
{
  const PetscInt c = (PetscInt)PetscFloorReal(COLUMNS * day / plot->schedule->until + 1e-9);

  return c < COLUMNS ? c : -1;
}

static PetscErrorCode draw_axis(Plot *plot)
{
  const PetscReal every =
      PetscMax(round_up(plot->schedule->until / WEEK * TICK_EVERY / COLUMNS), 1.0);
  char ticks[COLUMNS + 1], numbers[COLUMNS + 16];

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < COLUMNS; c++) ticks[c] = '-';
  ticks[COLUMNS] = '\0';
  (void)memset(numbers, ' ', sizeof numbers);
  for (PetscInt k = 0;; k++) {
    const PetscReal week = every * (PetscReal)k;
    const PetscInt  c    = column_of(plot, WEEK * week);
    char            number[16];
    if (c < 0) break;
    ticks[c]     = '+';
    const int n  = snprintf(number, sizeof number, "%g", (double)week);
    const int at = (int)c;
    if (at + n <= COLUMNS) (void)memcpy(numbers + at, number, (size_t)n);
  }
  numbers[COLUMNS] = '\0';
  PetscCall(ost_page_add(&plot->page, "%*s+", (int)MARGIN - 1, ""));
  for (PetscInt c = 0; c < COLUMNS; c++)
    PetscCall(ost_page_add(&plot->page, "%s",
                           !plot->utf8       ? (ticks[c] == '+' ? "+" : "-")
                           : ticks[c] == '+' ? "┬"
                                             : "─"));
  PetscCall(ost_page_add(&plot->page, "\n%*s %s\n", (int)MARGIN - 1, "week", numbers));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static char letter_of(PetscInt stage)
{
  return stage == OST_NO_STAGE ? ' ' : stage < 26 ? (char)('A' + stage) : (char)('a' + stage % 26);
}

/* A letter where each stage begins and dots over its length; then their names. */
static PetscErrorCode draw_stages(Plot *plot)
{
  const OstProtocol *protocol = plot->schedule->protocol;
  PetscInt           width    = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_page_add(&plot->page, "%*s ", (int)MARGIN - 1, "stage"));
  for (PetscInt c = 0; c < COLUMNS; c++) {
    const PetscBool first = c == 0 || plot->stage[c] != plot->stage[c - 1];
    PetscCall(ost_page_add(&plot->page, "%c",
                           first                            ? letter_of(plot->stage[c])
                           : plot->stage[c] == OST_NO_STAGE ? ' '
                                                            : '.'));
  }
  for (PetscInt i = 0; i < protocol->num_stages; i++) {
    const OstStage *stage = &protocol->stage[i];
    char            name[OST_NAME_LENGTH + 16];
    if (stage->from >= plot->schedule->until) break;
    const int length = snprintf(name, sizeof name, "%c %s", letter_of(i), stage->name);
    if (i == 0 || width + length + 3 > COLUMNS) {
      PetscCall(ost_page_add(&plot->page, "\n%*s ", (int)MARGIN - 1, ""));
      width = 0;
    }
    PetscCall(ost_page_add(&plot->page, "%s%s", width ? "   " : "", name));
    width += length + 3;
  }
  PetscCall(ost_page_add(&plot->page, "\n"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_load_plot(const OstSchedule *schedule, PetscBool utf8, char **text)
{
  Plot *plot;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&plot));
  plot->schedule = schedule;
  plot->utf8     = utf8;
  look_through(plot);
  PetscCall(ost_page_create(&plot->page));
  PetscCall(draw_bars(plot, "peak axial load, % of body weight", plot->load, LOAD_LINES));
  PetscCall(draw_bars(plot, "load cycles a day", plot->cycles, CYCLE_LINES));
  PetscCall(draw_axis(plot));
  PetscCall(draw_stages(plot));
  *text = plot->page.text;
  PetscCall(PetscFree(plot));
  PetscFunctionReturn(PETSC_SUCCESS);
}
