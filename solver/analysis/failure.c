#include "analysis/failure.h"

#include "base/gather.h"
#include "base/tensor.h"

/* Faces that are named. */
#define NAMED 8
/* A share of the load above this multiple of what can hold it is named as the cause. [-] */
#define ASKS_TOO_MUCH 0.9

enum { MAX_FIELDS = 10, LENGTH = 4096 };

struct OstFailureData {
  PetscInt   num_points;
  PetscReal *values[MAX_FIELDS];
  OstField   fields[MAX_FIELDS];
  PetscInt   num_fields;
  PetscReal  iterates[4 * OST_WATCH_LENGTH];
  char       words[LENGTH], load[2 * OST_NAME_LENGTH];
};

/* --- fields ----------------------------------------------------------------------------------- */

typedef PetscReal (*ValueAt)(const OstEquilibrium *eq, PetscInt point);

static PetscReal state_at(const OstEquilibrium *eq, PetscInt p)
{
  return eq->failure.answer[p].state;
}
static PetscReal good_state_at(const OstEquilibrium *eq, PetscInt p)
{
  return eq->answer[p].state;
}
static PetscReal turns_at(const OstEquilibrium *eq, PetscInt p)
{
  return (PetscReal)eq->failure.turns[p];
}
static PetscReal gap_at(const OstEquilibrium *eq, PetscInt p)
{
  /* the interference of that increment, which need not be that of the state gone back to */
  const PetscReal gap0 = eq->failure.answer[p].next.gap0;
  return ost_dot3(&eq->failure.jump[3 * p], &eq->iface->normal[3 * p]) + gap0;
}
static PetscReal good_gap_at(const OstEquilibrium *eq, PetscInt p)
{
  return ost_dot3(&eq->jump[3 * p], &eq->iface->normal[3 * p]) + eq->iface->point[p].gap0;
}
static PetscReal pressure_at(const OstEquilibrium *eq, PetscInt p)
{
  return eq->failure.answer[p].pressure;
}
static PetscReal shear_at(const OstEquilibrium *eq, PetscInt p)
{
  const PetscReal *t     = eq->failure.answer[p].traction;
  const PetscReal  along = ost_dot3(t, &eq->iface->normal[3 * p]);
  return PetscSqrtReal(PetscMax(ost_dot3(t, t) - along * along, 0.0));
}
static PetscReal moved_at(const OstEquilibrium *eq, PetscInt p)
{
  PetscReal way[3];
  for (int i = 0; i < 3; i++)
    way[i] = eq->failure.jump[3 * p + i] - eq->failure.last_jump[3 * p + i];
  return ost_norm3(way);
}
static PetscReal damage_at(const OstEquilibrium *eq, PetscInt p)
{
  return eq->failure.answer[p].next.damage;
}

static PetscErrorCode fill_fields(const OstEquilibrium *eq, OstFailureData *data)
{
#define ON_POINT(name, unit, text)                                                                 \
  {                                                                                                \
    name, unit, text, OST_ON_INTERFACE_POINT, 1                                                    \
  }
  static const struct {
    OstFieldInfo info;
    ValueAt      at;
  } list[] = {
      {ON_POINT("state", "index",
                "state at the last iterate: 0 open, 1 stick, 2 slip, 3 bonded, "
                "4 debonded"),
       state_at},
      {ON_POINT("state_good", "index", "state at the last good state"), good_state_at},
      {ON_POINT("turns", "index", "times the point went back on itself in the iterations"),
       turns_at},
      {ON_POINT("gap", "mm", "gap at the last iterate"), gap_at},
      {ON_POINT("gap_good", "mm", "gap at the last good state"), good_gap_at},
      {ON_POINT("pressure", "MPa", "contact pressure at the last iterate"), pressure_at},
      {ON_POINT("shear", "MPa", "tangential traction at the last iterate"), shear_at},
      {ON_POINT("moved", "mm", "relative displacement since the last good state"), moved_at},
      {ON_POINT("damage", "1", "broken share of the bond at the last iterate"), damage_at}};
#undef ON_POINT

  PetscFunctionBeginUser;
  data->num_points = eq->iface->num_points;
  data->num_fields = sizeof list / sizeof *list;
  for (PetscInt k = 0; k < data->num_fields; k++) {
    PetscCall(PetscMalloc1(data->num_points, &data->values[k]));
    for (PetscInt p = 0; p < data->num_points; p++) data->values[k][p] = list[k].at(eq, p);
    data->fields[k] = (OstField){list[k].info, data->values[k]};
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- what holds and what asks ----------------------------------------------------------------- */

typedef struct {
  PetscReal friction, bond, teeth;    /* along the axis at most [N] */
  PetscReal friction_turn, bond_turn; /* about it [N mm] */
  PetscReal area, closed;             /* [mm2] */
  PetscReal axial, turn;              /* mean move of the bone against the stem [mm], [rad] */
} Hold;

static PetscErrorCode find_hold(const OstEquilibrium *eq, Hold *hold)
{
  const OstIface *iface   = eq->iface;
  PetscReal       sum[10] = {0};

  PetscFunctionBeginUser;
  for (PetscInt p = 0; p < iface->num_points; p++) {
    const OstIfaceAnswer *good = &eq->answer[p];
    const OstPointHold    at   = ost_iface_point_hold(iface, p, good, &eq->jump[3 * p]);
    const PetscReal      *x = &iface->place[3 * p], area = iface->area[p];
    const PetscReal       r  = PetscSqrtReal(x[0] * x[0] + x[1] * x[1]);
    const PetscReal      *to = &eq->failure.jump[3 * p], *from = &eq->failure.last_jump[3 * p];
    sum[0] += area * at.friction;
    sum[1] += area * at.bond;
    sum[2] += area * at.friction * r;
    sum[3] += area * at.bond * r;
    sum[9] += area * at.teeth;
    sum[4] += area;
    sum[5] += good->pressure > 0.0 ? area : 0.0;
    sum[6] += area * (to[2] - from[2]);
    sum[7] += area * (x[0] * (to[1] - from[1]) - x[1] * (to[0] - from[0]));
    sum[8] += area * r * r;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 10, MPIU_REAL, MPIU_SUM, eq->mesh->comm));
  *hold = (Hold){.friction      = sum[0],
                 .bond          = sum[1],
                 .teeth         = sum[9],
                 .friction_turn = sum[2],
                 .bond_turn     = sum[3],
                 .area          = sum[4],
                 .closed        = sum[5],
                 .axial         = sum[6] / sum[4],
                 .turn          = sum[7] / sum[8]};
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- words ------------------------------------------------------------------------------------ */

typedef struct {
  char  *text;
  size_t used;
} Page;

__attribute__((format(printf, 2, 3))) static void say(Page *page, const char *format, ...)
{
  va_list list;

  va_start(list, format);
  const int more = vsnprintf(page->text + page->used, LENGTH - page->used, format, list);
  va_end(list);
  if (more > 0) page->used = PetscMin(page->used + (size_t)more, (size_t)LENGTH - 1);
}

/* Rows of num [2]: how bad, and the point's face, height and place. */
static int worse(const void *a, const void *b)
{
  const PetscReal *x = a, *y = b;
  if (x[0] != y[0]) return x[0] < y[0] ? 1 : -1;
  return (x[1] > y[1]) - (x[1] < y[1]);
}

/* The faces on which most turns, or most moves: on rank 0 in words, then to all. */
static PetscErrorCode name_faces(const OstDay *day, PetscBool by_turns, Page *page)
{
  enum { WIDTH = 5 };
  const OstEquilibrium *eq    = day->eq;
  const OstIface       *iface = eq->iface;
  const OstMesh        *mesh  = eq->mesh;
  PetscReal            *mine, *all;
  PetscInt              num;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(WIDTH * mesh->num_faces, &mine));
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    PetscReal *row = &mine[WIDTH * f];
    row[1]         = mesh->face_file[f];
    for (PetscInt p = OST_FACE_POINTS * f; p < OST_FACE_POINTS * (f + 1); p++) {
      row[0] = PetscMax(row[0], by_turns ? turns_at(eq, p) : moved_at(eq, p));
      for (int i = 0; i < 3; i++) row[2 + i] += iface->place[3 * p + i] / OST_FACE_POINTS;
    }
  }
  PetscCall(ost_gather_rows(mesh->comm, WIDTH, mesh->num_faces, mine, &num, &all));
  if (all) {
    qsort(all, (size_t)num, WIDTH * sizeof *all, worse);
    for (PetscInt k = 0; k < PetscMin(num, NAMED) && all[WIDTH * k] > (by_turns ? 1.5 : 0.0); k++) {
      const PetscReal *row = &all[WIDTH * k];
      char             place[128];
      ost_zone_place(&day->model->zones, &row[2], place, sizeof place);
      if (by_turns)
        say(page, "    face %.0f, %s: %.0f turns\n", (double)row[1], place, (double)row[0]);
      else
        say(page, "    face %.0f, %s: %.3g mm\n", (double)row[1], place, (double)row[0]);
    }
  }
  PetscCall(PetscFree(all));
  PetscCall(PetscFree(mine));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void say_what(const OstFailure *failure, const Hold *hold, Page *page)
{
  switch (failure->why) {
  case OST_STOP_TURNING:
    say(page,
        "What failed: points of the interface keep turning between open and closed, stick and "
        "slip,\nor from one sense of sliding to the other, and the iteration does not end:\n");
    break;
  case OST_STOP_LOOSE:
    say(page,
        "What failed: nothing holds the stem. The bone moves %.2g mm along it (%s) and turns by "
        "%.2g degree about it,\nand would move on.\n",
        (double)PetscAbsReal(hold->axial), hold->axial > 0.0 ? "proximally" : "distally",
        (double)(hold->turn * 180.0 / PETSC_PI));
    break;
  case OST_STOP_LINEAR:
    say(page, "What failed: a linear solve did not converge. Largest relative displacements:\n");
    break;
  case OST_STOP_NOT_FINITE:
    say(page, "What failed: a number that is none (infinite or undefined).\n");
    break;
  default:
    say(page,
        "What failed: the iteration comes down too slowly. Largest relative displacements:\n");
  }
}

static void say_hold(const Hold *hold, const OstLoad *load, const char *name, Page *page)
{
  say(page,
      "What holds the stem at the last good state: %.0f %% of its surface is pressed; friction "
      "bears at most %.0f N along\nthe axis or %.2f N m about it, bond %.0f N or %.2f N m.\n",
      (double)(100.0 * hold->closed / hold->area), (double)hold->friction,
      (double)(1e-3 * hold->friction_turn), (double)hold->bond, (double)(1e-3 * hold->bond_turn));
  if (hold->teeth > 0.0)
    say(page, "The teeth of bone in its thread bear at most %.0f N along it.\n",
        (double)hold->teeth);
  if (!load) return;
  say(page, "What asks: %s with %.0f N along the axis and %.2f N m about it.\n", name,
      (double)PetscAbsReal(load->force[2]), (double)(1e-3 * PetscAbsReal(load->moment[2])));
}

static void say_advice(const OstFailure *failure, const Hold *hold, const OstLoad *load, Page *page)
{
  const PetscBool asks_force =
      load &&
      PetscAbsReal(load->force[2]) > ASKS_TOO_MUCH * (hold->friction + hold->bond + hold->teeth);
  const PetscBool asks_turn = load && PetscAbsReal(load->moment[2]) >
                                          ASKS_TOO_MUCH * (hold->friction_turn + hold->bond_turn);

  say(page, "What to change:\n");
  if (asks_force || asks_turn)
    say(page,
        "    the load is more than the interface can bear %s: load later or less (protocol), "
        "or give more\n    hold (interface.interference, friction, a longer or thicker stem)\n",
        asks_force ? "along the axis" : "about the axis");
  if (failure->why == OST_STOP_TURNING)
    say(page,
        "    a larger interface.*.elastic_slip, or a lower normal_stiffness, calms the points; "
        "a finer\n    mesh.size_interface spreads them\n");
  if (failure->why == OST_STOP_SLOW || failure->why == OST_STOP_LINEAR)
    say(page,
        "    look at the quality table of the mesh near the places named (mesh.size_interface), "
        "and at the\n    ratio of the interface's stiffness to the bone's\n");
  if (failure->why == OST_STOP_LOOSE && !asks_force && !asks_turn)
    say(page, "    bending lifts the stem off its seat: see gap and state in this file; more "
              "interference or a\n    longer stem holds better\n");
  say(page, "    allow shorter steps: time.step_min for days, solver.cutbacks_max for loads");
}

static PetscErrorCode write_words(const OstDay *day, const OstFailureReport *report,
                                  OstFailureData *data)
{
  const OstFailure *failure = &day->eq->failure;
  const OstLoad    *load =
      day->running >= 0 ? &day->load[day->running].phase[day->running_phase].load : NULL;
  Page page = {.text = data->words};
  Hold hold = {0};

  PetscFunctionBeginUser;
  PetscCall(find_hold(day->eq, &hold));
  say(&page,
      "No equilibrium on day %.3f (%s): %s. %.0f %% of the way was carried; the increment to "
      "%.0f %% was given up\nafter %d iterations.\n",
      (double)report->day, report->stage, report->load, (double)(100.0 * report->carried),
      (double)(100.0 * report->share), (int)failure->num);
  say_what(failure, &hold, &page);
  if (failure->why != OST_STOP_NOT_FINITE && failure->why != OST_STOP_LOOSE)
    PetscCall(name_faces(day, failure->why == OST_STOP_TURNING ? PETSC_TRUE : PETSC_FALSE, &page));
  say_hold(&hold, load, report->load, &page);
  say_advice(failure, &hold, load, &page);
  PetscCallMPI(MPI_Bcast(data->words, LENGTH, MPI_CHAR, 0, day->eq->mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_failure_create(const OstDay *day, PetscReal t_day, const char *stage,
                                  OstFailureData **out, OstFailureReport *report)
{
  const OstFailure *failure = &day->eq->failure;
  OstFailureData   *data;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&data));
  const PetscInt num = PetscMin(failure->num, OST_WATCH_LENGTH);
  for (PetscInt k = 0; k < num; k++) {
    const OstIterate *at     = &failure->iterate[(failure->num - num + k) % OST_WATCH_LENGTH];
    const PetscReal   row[4] = {at->residual, at->step, at->turned, at->krylov};
    PetscCall(PetscArraycpy(&data->iterates[4 * k], row, 4));
  }
  PetscCall(fill_fields(day->eq, data));
  if (day->running >= 0)
    ost_schedule_name_phase(&day->load[day->running], day->running_phase, data->load,
                            sizeof data->load);
  else
    (void)snprintf(data->load, sizeof data->load, "%s", day->running_name);
  *report = (OstFailureReport){.day          = t_day,
                               .stage        = stage,
                               .load         = data->load,
                               .carried      = failure->carried,
                               .share        = failure->share,
                               .words        = data->words,
                               .num_iterates = num,
                               .iterates     = data->iterates,
                               .num_fields   = data->num_fields,
                               .fields       = data->fields};
  PetscCall(write_words(day, report, data));
  *out = data;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_failure_destroy(OstFailureData **data)
{
  PetscFunctionBeginUser;
  if (!*data) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt k = 0; k < (*data)->num_fields; k++) PetscCall(PetscFree((*data)->values[k]));
  PetscCall(PetscFree(*data));
  PetscFunctionReturn(PETSC_SUCCESS);
}
