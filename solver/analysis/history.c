#include "analysis/history.h"

#include "analysis/calendar.h"
#include "analysis/failure.h"
#include "analysis/fall_run.h"
#include "analysis/review.h"
#include "base/log.h"
#include "base/stop.h"

#include <petsctime.h>

typedef struct {
  const OstModel    *model;
  PetscInt           num_observers;
  const OstObserver *observers;
  OstDay            *day;
  OstState           state, saved;
  OstRates           k0, k1;
  OstMaturity       *maturity; /* work [num_points] */
  OstStepControl     control;
  OstNewtonCount     counted; /* at the last row */
  PetscReal          row[OST_NUM_COLUMNS];
  OstTransitions    *transitions;
  OstSnapshotData   *kept;     /* fields of the last good day that nobody was told; or NULL */
  OstSnapshot        snapshot; /* of it */
  char               activity[2 * OST_NAME_LENGTH];
  PetscInt           steps, snapshots;
  PetscReal          last_output, tried; /* the day that was last tried */
  PetscReal          turned; /* largest share of bone whose rate a step has turned round (T5) [-] */
  PetscBool begins; /* a course of the loads does: k0 is to be found before the next step */
  /* time that earlier runs of the same history took, and where it went; longest round of the loop,
     by which a limit of time is foreseen [s] */
  PetscReal      spent, spent_on[OST_NUM_EVENTS], longest;
  PetscLogDouble started;
} History;

/* --- telling the observers -------------------------------------------------------------------- */

static const char *stage_on(const History *h, PetscReal t, PetscBool before, PetscInt *index)
{
  return ost_schedule_stage(&h->model->schedule, &h->state.clock, t, before, index);
}

static PetscErrorCode tell_row(History *h, PetscReal step_size, PetscBool before)
{
  PetscInt    stage;
  const char *name = stage_on(h, h->state.day, before, &stage);

  PetscFunctionBeginUser;
  PetscCall(ost_measure_day(h->day, &h->state, h->steps, step_size, stage, &h->counted, h->row));
  h->counted              = h->day->eq->count;
  const OstHistoryRow row = {OST_NUM_COLUMNS, ost_history_columns, h->row, name};
  for (PetscInt i = 0; i < h->num_observers; i++)
    if (h->observers[i].row) PetscCall(h->observers[i].row(h->observers[i].context, &row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The fields of the day that was just lived, whether or not they will be told: the next may fail,
   and these are then the last good ones. */
static PetscErrorCode keep_snapshot(History *h, PetscReal step_size, PetscBool before)
{
  const OstDay *day = h->day;

  PetscFunctionBeginUser;
  PetscCall(ost_snapshot_destroy(&h->kept));
  h->activity[0] = '\0';
  if (day->leading >= 0)
    ost_schedule_name_phase(&day->load[day->leading], day->leading_phase, h->activity,
                            sizeof h->activity);
  h->snapshot = (OstSnapshot){.step      = h->steps,
                              .day       = h->state.day,
                              .time_step = step_size,
                              .stage     = stage_on(h, h->state.day, before, NULL),
                              .activity  = h->activity};
  PetscCall(ost_snapshot_create(day, &h->state, h->k0.stimulus, &h->kept, &h->snapshot.num_fields,
                                &h->snapshot.fields));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_snapshot(History *h)
{
  PetscFunctionBeginUser;
  if (!h->kept) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  h->snapshot.index = h->snapshots++;
  ost_transitions_get(h->transitions, &h->snapshot.num_transitions, &h->snapshot.transitions);
  for (PetscInt i = 0; i < h->num_observers; i++)
    if (h->observers[i].snapshot)
      PetscCall(h->observers[i].snapshot(h->observers[i].context, &h->snapshot));
  ost_transitions_clear(h->transitions);
  PetscCall(ost_snapshot_destroy(&h->kept));
  h->last_output = h->snapshot.day;
  PetscCall(ost_log_end(OST_EVENT_OUTPUT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_fall(const OstFallReport *report, void *context)
{
  const History *h = context;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < h->num_observers; i++)
    if (h->observers[i].fall) PetscCall(h->observers[i].fall(h->observers[i].context, report));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The day that could not be reached, in h->tried. */
static PetscErrorCode tell_failure(const History *h)
{
  const PetscBool  before = h->tried > h->state.day ? PETSC_TRUE : PETSC_FALSE;
  const char      *stage  = stage_on(h, h->tried, before, NULL);
  OstFailureData  *data;
  OstFailureReport report;

  PetscFunctionBeginUser;
  PetscCall(ost_failure_create(h->day, h->tried, stage, &data, &report));
  for (PetscInt i = 0; i < h->num_observers; i++)
    if (h->observers[i].failure)
      PetscCall(h->observers[i].failure(h->observers[i].context, &report));
  PetscCall(ost_failure_destroy(&data));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* In plain words, from the last row; thresholds are those of theory.md, Table B1 and Jasty 1997. */
static void verdict(const PetscReal row[], char text[], size_t length)
{
  const PetscReal bonded = row[OST_COL_BONDED_AREA], strength = row[OST_COL_STRENGTH_MEAN],
                  moving = row[OST_COL_OVER_150], fibrous = row[OST_COL_AREA_IN + OST_FIBROUS];
  const char *word     = fibrous > 0.2 || moving > 0.2    ? "the stem is loosening"
                         : bonded > 0.5 && strength > 0.5 ? "the stem is well bonded"
                         : bonded > 0.2                   ? "the stem is partly bonded"
                                        : "the stem is held by its press-fit, hardly by bone";
  char        move[64] = "at rest";
  if (row[OST_COL_CYCLES] > 0.0)
    snprintf(move, sizeof move, "95 %% of it moves less than %.1f um a cycle",
             1e3 * row[OST_COL_MICROMOTION_P95]);
  snprintf(text, length,
           "%s: %.0f %% of the interface carries bond, which has %.0f %% of full strength; %s, "
           "%.0f %% is fibrous",
           word, 100.0 * bonded, 100.0 * strength, move, 100.0 * fibrous);
}

static PetscErrorCode sum_up_densities(const History *h, OstSummary *s)
{
  const OstDensityLaw *law = &h->model->material.law;
  OstDensityRange      range;

  PetscFunctionBeginUser;
  PetscCall(ost_model_density_range(h->model, h->state.rho, &range));
  s->density_law      = ost_density_law_names[law->name];
  s->density_known[0] = law->valid_from;
  s->density_known[1] = law->valid_to;
  s->density_found[0] = range.least;
  s->density_found[1] = range.most;
  s->volume_below     = range.below / range.volume;
  s->volume_above     = range.above / range.volume;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* By which law bone remodelled, against what. */
static void sum_up_remodelling(const OstRemodel *law, OstSummary *s)
{
  const PetscBool by_site =
      (PetscBool)(law->law != OST_REMODEL_OFF && law->reference == OST_REFERENCE_SITE);

  s->remodelling = ost_remodel_law_names[law->law];
  s->reference = law->law == OST_REMODEL_OFF ? "none" : ost_remodel_reference_names[law->reference];
  s->reference_limb = by_site ? ost_remodel_limb_names[law->limb] : "none";
  s->smoothing      = law->smoothing;
}

static PetscErrorCode tell_end(History *h)
{
  const OstNewtonCount *count = &h->day->eq->count;
  OstSummary            s     = {.day = h->state.day};
  PetscLogDouble        now;
  char                  text[256];

  PetscFunctionBeginUser;
  verdict(h->row, text, sizeof text);
  PetscCall(PetscTime(&now));
  s.verdict              = text;
  s.bonded_area_fraction = h->row[OST_COL_BONDED_AREA];
  s.strength_mean        = h->row[OST_COL_STRENGTH_MEAN];
  s.micromotion_p95      = h->row[OST_COL_MICROMOTION_P95];
  s.area_over_40um       = h->row[OST_COL_OVER_40];
  s.area_over_150um      = h->row[OST_COL_OVER_150];
  for (int z = 0; z < OST_NUM_ZONES; z++) {
    s.density_change_zone[z] = h->row[OST_COL_DENSITY_ZONE + z];
    s.bond_zone[z]           = h->row[OST_COL_BOND_ZONE + z];
  }
  PetscCall(sum_up_densities(h, &s));
  sum_up_remodelling(&h->model->remodel, &s);
  s.newton_mean      = (PetscReal)count->newton / PetscMax(1, count->increments);
  s.newton_max       = count->newton_max;
  s.krylov_mean      = (PetscReal)count->krylov / PetscMax(1, count->solves);
  s.krylov_max       = count->krylov_max;
  s.linear_solves    = count->solves;
  s.iterations       = count->krylov;
  s.krylov_linear    = h->model->krylov_linear;
  s.steps            = h->steps;
  s.cutbacks         = count->cutbacks;
  s.rates_turned     = h->turned;
  s.calmed           = count->calmed;
  s.sudden           = count->sudden;
  s.energy_imbalance = h->day->eq->work > 0.0 ? h->day->eq->unaccounted / h->day->eq->work : 0.0;
  s.wall_s           = h->spent + now - h->started;
  for (int e = 0; e < OST_NUM_EVENTS; e++)
    s.seconds[e] = h->spent_on[e] + (PetscReal)ost_log_seconds((OstEvent)e);
  for (PetscInt i = 0; i < h->num_observers; i++)
    if (h->observers[i].end) PetscCall(h->observers[i].end(h->observers[i].context, &s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

static PetscErrorCode archive_control(OstStepControl *control, OstArchive *archive)
{
  PetscFunctionBeginUser;
  PetscCall(ost_archive_real(archive, "step/next", &control->next));
  PetscCall(ost_archive_real(archive, "step/last_error", &control->last_error));
  PetscCall(ost_archive_int(archive, "step/accepted", &control->accepted));
  PetscCall(ost_archive_int(archive, "step/rejected", &control->rejected));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode archive_spent(History *h, OstArchive *archive)
{
  PetscReal      spent[OST_NUM_EVENTS + 1];
  PetscLogDouble now;

  PetscFunctionBeginUser;
  PetscCall(PetscTime(&now));
  for (int e = 0; e < OST_NUM_EVENTS; e++)
    spent[e] = h->spent_on[e] + (PetscReal)ost_log_seconds((OstEvent)e);
  spent[OST_NUM_EVENTS] = h->spent + now - h->started;
  PetscCall(archive->numbers(archive, "spent", OST_NUM_EVENTS + 1, spent));
  if (!archive->loading) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscArraycpy(h->spent_on, spent, OST_NUM_EVENTS));
  h->spent = spent[OST_NUM_EVENTS];
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* All that the rest of the history depends on. Its observers have a memory of their own. */
static PetscErrorCode archive_history(void *context, OstArchive *archive)
{
  History *h = context;

  PetscFunctionBeginUser;
  PetscCall(ost_state_archive(h->model, &h->state, archive));
  PetscCall(ost_day_archive(h->day, archive));
  PetscCall(ost_rates_archive(&h->k0, archive));
  PetscCall(ost_transitions_archive(h->transitions, h->model->mesh, archive));
  PetscCall(archive_control(&h->control, archive));
  PetscCall(ost_newton_count_archive(&h->counted, "told", archive));
  PetscCall(archive->numbers(archive, "row", OST_NUM_COLUMNS, h->row));
  PetscCall(ost_archive_int(archive, "steps", &h->steps));
  PetscCall(ost_archive_int(archive, "snapshots", &h->snapshots));
  PetscCall(ost_archive_real(archive, "last_output", &h->last_output));
  PetscCall(ost_archive_real(archive, "turned", &h->turned));
  PetscCall(ost_archive_bool(archive, "begins", &h->begins));
  PetscCall(archive_spent(h, archive));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_between(History *h, PetscBool ends)
{
  const OstRunState state = {h->state.day, h->steps, ends, h, archive_history};

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < h->num_observers; i++)
    if (h->observers[i].between)
      PetscCall(h->observers[i].between(h->observers[i].context, &state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the loop --------------------------------------------------------------------------------- */

/* Rates of the day as it is left; the step that follows starts with them. */
static PetscErrorCode begin_stage(History *h, PetscBool *reached)
{
  PetscFunctionBeginUser;
  h->tried = h->state.day;
  PetscCall(ost_day_run(h->day, &h->state, h->state.day, PETSC_FALSE, reached));
  if (!*reached) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_rates_find(h->day, &h->state, h->state.day, &h->k0));
  PetscCall(ost_transitions_note(h->transitions, h->day, &h->state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One step of length dt to day `end`: predict, live through the day, correct. */
static PetscErrorCode take_step(History *h, PetscReal dt, PetscReal end, PetscBool *accepted)
{
  const OstModel *model = h->model;
  PetscBool       reached;
  PetscReal       error, turned;

  PetscFunctionBeginUser;
  PetscCall(ost_state_copy(model, &h->state, &h->saved));
  ost_rates_predict(model, &h->saved, dt, &h->k0, h->state.rho, h->maturity);
  PetscCall(ost_day_grow(h->day, &h->state, h->maturity));
  h->state.day = h->tried = end;
  PetscCall(ost_day_run(h->day, &h->state, end, PETSC_TRUE, &reached));
  if (reached) {
    PetscCall(ost_log_begin(OST_EVENT_BIOLOGY));
    PetscCall(ost_rates_find(h->day, &h->state, end, &h->k1));
    PetscCall(
        ost_rates_correct(model, dt, &h->k0, &h->k1, &h->state, h->maturity, &error, &turned));
    PetscCall(ost_log_end(OST_EVENT_BIOLOGY));
    *accepted = ost_step_judge(&h->control, dt, error);
    if (*accepted) h->turned = PetscMax(h->turned, turned);
    if (*accepted) PetscCall(ost_day_grow(h->day, &h->state, h->maturity));
  } else {
    *accepted = PETSC_FALSE;
    ost_step_cut(&h->control, dt);
  }
  if (!*accepted) PetscCall(ost_state_copy(model, &h->saved, &h->state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode run_falls(History *h)
{
  const OstFallList *falls = &h->model->falls;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < falls->num; i++)
    if (ost_fall_is_due(&falls->fall[i], &h->state.clock, h->state.day))
      PetscCall(ost_fall_run(h->day, &h->state, &falls->fall[i], tell_fall, h));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The protocol's rules on the day that was just told. *decided: its clock goes on in another
   way. */
static PetscErrorCode judge_protocol(History *h, PetscBool *decided)
{
  OstDecision    decision[OST_CLOCK_DECISIONS];
  const PetscInt num = ost_review_day(h->model, &h->state, h->row, decision);

  PetscFunctionBeginUser;
  *decided = num > 0 ? PETSC_TRUE : PETSC_FALSE;
  for (PetscInt k = 0; k < num; k++)
    for (PetscInt i = 0; i < h->num_observers; i++)
      if (h->observers[i].decision)
        PetscCall(h->observers[i].decision(h->observers[i].context, &decision[k]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Press-fit and first day. */
static PetscErrorCode begin(History *h, OstHistoryOutcome *outcome, PetscBool *reached)
{
  PetscFunctionBeginUser;
  *outcome = OST_HISTORY_NO_FIT;
  PetscCall(ost_day_press_fit(h->day, &h->state, reached));
  if (!*reached) PetscFunctionReturn(PETSC_SUCCESS);
  *outcome = OST_HISTORY_NO_STEP;
  PetscCall(begin_stage(h, reached));
  if (!*reached) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(tell_row(h, 0.0, PETSC_FALSE));
  PetscCall(keep_snapshot(h, 0.0, PETSC_FALSE));
  PetscCall(tell_snapshot(h));
  PetscCall(run_falls(h));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What an accepted step of length dt from `start` brings with it. */
static PetscErrorCode tell_step(History *h, PetscReal start, PetscReal dt, PetscBool is_event)
{
  const OstModel *model   = h->model;
  const OstClock *clock   = &h->state.clock;
  const PetscReal end     = h->state.day;
  PetscBool       decided = PETSC_FALSE;

  PetscFunctionBeginUser;
  h->steps++;
  PetscCall(ost_transitions_note(h->transitions, h->day, &h->state));
  PetscCall(tell_row(h, dt, PETSC_TRUE));
  PetscCall(keep_snapshot(h, dt, PETSC_TRUE));
  if (is_event && ost_calendar_writes(model, clock, end, h->last_output))
    PetscCall(tell_snapshot(h));
  if (is_event) PetscCall(run_falls(h));
  /* where the loads change course the old rates end; elsewhere the end's rates begin the next
     step */
  const PetscBool breaks = ost_calendar_breaks(model, clock, start, end);
  if (is_event) PetscCall(judge_protocol(h, &decided));
  h->begins = (PetscBool)(is_event && (breaks || decided));
  if (!h->begins) {
    const OstRates swap = h->k0;
    h->k0               = h->k1;
    h->k1               = swap;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One round of the loop: a course of the loads may begin, then a step is tried. *reached FALSE: the
   history ends here, with *outcome. */
static PetscErrorCode go_on(History *h, OstHistoryOutcome *outcome, PetscBool *reached)
{
  const PetscReal start = h->state.day;
  const PetscReal event = ost_calendar_next(h->model, &h->state.clock, start, h->last_output);
  PetscReal       dt, end;
  PetscBool       accepted = PETSC_FALSE;

  PetscFunctionBeginUser;
  *outcome = OST_HISTORY_NO_STEP;
  *reached = PETSC_TRUE;
  if (h->begins) {
    PetscCall(begin_stage(h, reached));
    if (!*reached) PetscFunctionReturn(PETSC_SUCCESS);
    ost_step_restart(&h->control);
    h->begins = PETSC_FALSE;
  }
  *reached = (PetscBool)!ost_step_failed(&h->control);
  if (!*reached) PetscFunctionReturn(PETSC_SUCCESS);
  dt  = ost_step_clip(&h->control, start, event);
  end = start + dt >= event * (1.0 - 1e-12) ? event : start + dt;
  PetscCall(take_step(h, dt, end, &accepted));
  if (accepted) PetscCall(tell_step(h, start, dt, (PetscBool)(end == event)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* *stop: the job has to end, now or before another round would. */
static PetscErrorCode look_up(History *h, PetscLogDouble since, PetscBool *stop)
{
  PetscLogDouble now;

  PetscFunctionBeginUser;
  PetscCall(PetscTime(&now));
  h->longest = PetscMax(h->longest, (PetscReal)(now - since));
  PetscCall(ost_stop_asked(h->model->mesh->comm, h->longest, stop));
  PetscCall(tell_between(h, (PetscBool)(*stop && h->state.day < h->model->schedule.until)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode loop(History *h, OstHistoryOutcome *outcome)
{
  PetscLogDouble since = h->started;
  PetscBool      reached, stop;

  PetscFunctionBeginUser;
  *outcome = OST_HISTORY_STOPPED;
  if (h->steps == 0 && h->snapshots == 0) {
    PetscCall(begin(h, outcome, &reached));
    if (!reached) PetscFunctionReturn(PETSC_SUCCESS);
    PetscCall(look_up(h, since, &stop));
    *outcome = OST_HISTORY_STOPPED;
    if (stop) PetscFunctionReturn(PETSC_SUCCESS);
  }
  while (h->state.day < h->model->schedule.until) {
    PetscCall(PetscTime(&since));
    PetscCall(go_on(h, outcome, &reached));
    if (!reached) PetscFunctionReturn(PETSC_SUCCESS);
    PetscCall(look_up(h, since, &stop));
    *outcome = OST_HISTORY_STOPPED;
    if (stop && h->state.day < h->model->schedule.until) PetscFunctionReturn(PETSC_SUCCESS);
  }
  *outcome = OST_HISTORY_DONE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A history that went on from a checkpoint and came no further has no fields of its last good day:
   they are found by living through it once more. */
static PetscErrorCode live_again(History *h)
{
  const PetscBool before = h->state.day > 0.0 ? PETSC_TRUE : PETSC_FALSE;
  PetscBool       reached;

  PetscFunctionBeginUser;
  if (h->kept || ost_calendar_same(h->state.day, h->last_output))
    PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_state_copy(h->model, &h->state, &h->saved));
  PetscCall(ost_day_run(h->day, &h->saved, h->state.day, before, &reached));
  if (reached) PetscCall(keep_snapshot(h, h->row[OST_COL_STEP_SIZE], before));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_history_run(const OstModel *model, OstArchive *from, PetscInt num,
                               const OstObserver observers[], OstHistoryOutcome *outcome,
                               PetscReal *last_day)
{
  History h = {.model = model, .num_observers = num, .observers = observers};

  PetscFunctionBeginUser;
  PetscCall(PetscTime(&h.started));
  h.control = ost_step_start(&model->step);
  PetscCall(ost_day_create(model, &h.day));
  PetscCall(ost_state_create(model, &h.state));
  PetscCall(ost_state_create(model, &h.saved));
  PetscCall(ost_rates_create(model, &h.k0));
  PetscCall(ost_rates_create(model, &h.k1));
  PetscCall(PetscMalloc1(h.day->iface->num_points, &h.maturity));
  PetscCall(ost_transitions_create(h.day->iface->num_points, &h.transitions));
  if (from) PetscCall(archive_history(&h, from));
  PetscCall(loop(&h, outcome));
  *last_day = h.state.day;
  if (*outcome == OST_HISTORY_DONE) {
    PetscCall(tell_snapshot(&h));
    PetscCall(tell_end(&h));
  } else if (*outcome != OST_HISTORY_STOPPED) {
    PetscCall(tell_failure(&h));
    if (from) PetscCall(live_again(&h));
    PetscCall(tell_snapshot(&h));
  }
  PetscCall(ost_snapshot_destroy(&h.kept));
  PetscCall(ost_transitions_destroy(&h.transitions));
  PetscCall(PetscFree(h.maturity));
  PetscCall(ost_rates_destroy(&h.k0));
  PetscCall(ost_rates_destroy(&h.k1));
  PetscCall(ost_state_destroy(&h.state));
  PetscCall(ost_state_destroy(&h.saved));
  PetscCall(ost_day_destroy(&h.day));
  PetscFunctionReturn(PETSC_SUCCESS);
}
