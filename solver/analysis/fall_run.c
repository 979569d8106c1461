#include "analysis/fall_run.h"

#include "base/gather.h"
#include "base/log.h"
#include "base/tensor.h"

/* How close to 1 the risk must come, or how close the loads that bracket the break [-]. */
#define FACTOR_TOLERANCE 0.01
#define MAX_TRIALS       16
/* A fall is not followed beyond this multiple of its load: the bone survives it many times. [-] */
#define MAX_FACTOR 10.0

/* A load is raised by steps of at most this share of the fall, or of what is borne already: where
   bond breaks, the end depends on the way, and a way found by cut-backs would differ between
   numbers of ranks. [-] */
#define LOAD_STEP 0.25
/* Nearer than this to the surface where the model is held, the strain is the support's. [mm] */
#define NEAR_SUPPORT 15.0

/* What one load level showed. */
typedef struct {
  PetscBool     reached;
  PetscReal     share;    /* of the fall's load that was applied [-] */
  PetscReal     risk;     /* reduced risk factor at that load [-] */
  OstVolumeRisk region;   /* on all ranks */
  PetscReal     yield;    /* of stem and abutment [-] */
  PetscReal     debonded; /* share of the bonded area that breaks [-] */
} Level;

/* An equilibrium on the way up, to go on from. */
typedef struct {
  Level          level;
  Vec            u;     /* displacement [mm] */
  OstIfacePoint *point; /* [num_points] */
  OstCellResult *cell;  /* [num_cells] */
  PetscReal     *risk;  /* [num_cells] */
} Rung;

/* One direction of a fall: it holds at `lower` (at worst at rest), it does not at `upper`. */
typedef struct {
  PetscInt  angle;
  Vec       whole;      /* the fall's load (global) [N] */
  Level     rest, full; /* at shares 0 and 1; full.share < 1: all that was carried */
  Level     upper;      /* upper.share 0: none yet */
  PetscReal carried;    /* where upper has no equilibrium: share that was borne below it [-] */
  Rung      lower, next, spare; /* next: of the trial under way */
} Search;

/* Risk of every cell, gathered to rank 0 in file order, reduced there, told to all. */
static PetscErrorCode reduce_risk(const OstDay *day, const OstCellResult cell[], PetscReal risk[],
                                  OstVolumeRisk *region)
{
  const OstModel *model = day->model;
  const OstMesh  *mesh  = model->mesh;
  const PetscInt  n     = mesh->num_cells;
  PetscReal      *mine, *all;
  PetscInt        num;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(7 * n, &mine));
  for (PetscInt c = 0; c < n; c++) {
    OstFailureMode mode = OST_MODE_TENSION;
    risk[c]             = ost_region_is_bone(mesh->region[c])
                              ? ost_criterion_principal(&model->criterion, cell[c].principal_max,
                                                        cell[c].principal_min, &mode)
                              : -1.0;
    PetscReal *row      = &mine[7 * c];
    row[0]              = mesh->cell_file[c];
    row[1]              = risk[c];
    row[2]              = model->volume[c];
    for (int i = 0; i < 3; i++) row[3 + i] = model->centroid[3 * c + i];
    row[6] = mode;
  }
  PetscCall(ost_gather_rows(mesh->comm, 7, n, mine, &num, &all));
  if (all) {
    PetscReal *values, *volume, *centre;
    PetscInt  *modes;
    PetscCall(PetscMalloc4(num, &values, num, &volume, 3 * num, &centre, num, &modes));
    for (PetscInt k = 0; k < num; k++) {
      const PetscReal *row = &all[7 * k];
      const PetscInt   c   = (PetscInt)row[0];
      values[c]            = row[1];
      volume[c]            = row[2];
      for (int i = 0; i < 3; i++) centre[3 * c + i] = row[3 + i];
      modes[c] = (PetscInt)row[6];
    }
    PetscCall(ost_volume_reduce(&model->graph, values, volume, centre, modes,
                                model->criterion.volume, NULL, region));
    PetscCall(PetscFree4(values, volume, centre, modes));
  }
  PetscCallMPI(MPI_Bcast(region, sizeof *region, MPI_BYTE, 0, mesh->comm));
  PetscCall(PetscFree(all));
  PetscCall(PetscFree(mine));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Bond lost between the rest and the present answers, of the bond there was. */
static PetscErrorCode debonded_share(const OstDay *day, const OstState *state, PetscReal *share)
{
  PetscReal sums[2] = {0.0, 0.0};

  PetscFunctionBeginUser;
  for (PetscInt p = 0; p < day->iface->num_points; p++) {
    const OstIfacePoint *rest = &state->point[p], *now = &day->iface->point[p];
    const PetscReal      area = day->iface->area[p];
    sums[0] += area * (rest->bond * (1.0 - rest->damage) - now->bond * (1.0 - now->damage));
    sums[1] += area * rest->bond * (1.0 - rest->damage);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPIU_REAL, MPIU_SUM, day->model->mesh->comm));
  *share = sums[1] > 0.0 ? sums[0] / sums[1] : 0.0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What the equilibrium at hand means for bone, stem and bond, and the way back to it. */
static PetscErrorCode measure(const OstDay *day, const OstState *state, Rung *rung)
{
  const OstModel *model = day->model;
  Level          *level = &rung->level;

  PetscFunctionBeginUser;
  PetscCall(VecCopy(day->eq->u, rung->u));
  PetscCall(PetscArraycpy(rung->point, day->iface->point, day->iface->num_points));
  PetscCall(ost_recover_cells(model->mesh, day->eq->local_u, day->elastic, rung->cell));
  PetscCall(reduce_risk(day, rung->cell, rung->risk, &level->region));
  level->risk  = level->region.factor;
  level->yield = 0.0;
  for (PetscInt c = 0; c < model->mesh->num_cells; c++) {
    const OstMetal *metal = ost_material_metal(&model->material, (OstRegion)model->mesh->region[c]);
    if (metal) level->yield = PetscMax(level->yield, rung->cell[c].von_mises_max / metal->yield);
  }
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, &level->yield, 1, MPIU_REAL, MPIU_MAX, model->mesh->comm));
  PetscCall(debonded_share(day, state, &level->debonded));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* From one rung to another at `share` of the fall, in one step. */
static PetscErrorCode step_up(OstDay *day, const OstState *state, Search *s, const Rung *from,
                              Rung *to, PetscReal share)
{
  OstEquilibrium *eq    = day->eq;
  Level          *level = &to->level;
  const PetscReal way   = share - from->level.share;
  Vec             load;

  PetscFunctionBeginUser;
  *level = (Level){.share = share};
  PetscCall(VecCopy(from->u, eq->u));
  PetscCall(VecCopy(s->whole, eq->load));
  PetscCall(VecScale(eq->load, from->level.share));
  PetscCall(PetscArraycpy(day->iface->point, from->point, day->iface->num_points));
  PetscCall(VecDuplicate(s->whole, &load));
  PetscCall(VecCopy(s->whole, load));
  PetscCall(VecScale(load, share));
  PetscCall(ost_equilibrium_reach(eq, load, 1.0, NULL, NULL, &level->reached));
  PetscCall(VecDestroy(&load));
  if (level->reached)
    PetscCall(measure(day, state, to));
  else {
    level->share = from->level.share + eq->failure.share * way;
    s->carried   = from->level.share + eq->failure.carried * way;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void swap_rungs(Rung *a, Rung *b)
{
  const Rung rung = *a;
  *a              = *b;
  *b              = rung;
}

static PetscReal next_step(const Rung *from, PetscReal goal)
{
  const PetscReal share = from->level.share;
  return PetscMin(goal, share + LOAD_STEP * PetscMax(1.0, share));
}

static PetscBool is_carried(const Level *level)
{
  return level->reached && level->risk <= 1.0 + FACTOR_TOLERANCE ? PETSC_TRUE : PETSC_FALSE;
}

/* Up to `share` while bone and interface bear it; else the first level that they do not bear is the
   upper bound. */
static PetscErrorCode climb(OstDay *day, const OstState *state, Search *s, PetscReal share)
{
  PetscFunctionBeginUser;
  s->upper = (Level){0};
  while (s->lower.level.share < share && s->upper.share == 0.0) {
    PetscCall(step_up(day, state, s, &s->lower, &s->next, next_step(&s->lower, share)));
    if (is_carried(&s->next.level))
      swap_rungs(&s->lower, &s->next);
    else
      s->upper = s->next.level;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Where the bone breaks, in words; says so where the way the model is held decides. */
static PetscErrorCode name_place(const OstModel *model, const PetscReal x[3], char place[],
                                 size_t size)
{
  const OstMesh *mesh    = model->mesh;
  PetscReal      nearest = PETSC_MAX_REAL;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < model->held.num; k++)
    for (int a = 0; a < 6; a++) {
      const PetscReal *y    = &mesh->x[3 * mesh->facets[6 * model->held.facet[k] + a]];
      const PetscReal  d[3] = {x[0] - y[0], x[1] - y[1], x[2] - y[2]};
      nearest               = PetscMin(nearest, ost_norm3(d));
    }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &nearest, 1, MPIU_REAL, MPIU_MIN, mesh->comm));
  ost_zone_place(&model->zones, x, place, size);
  if (nearest < NEAR_SUPPORT) {
    size_t length;
    PetscCall(PetscStrlen(place, &length));
    PetscCall(PetscSNPrintf(place + length, size - length,
                            ", %.0f mm from where the model is held: the support decides",
                            (double)nearest));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The bone is at its limit at the lower bound; past it only where rest is past it already. */
static PetscBool at_limit(const Search *s)
{
  return s->lower.level.risk >= 1.0 - FACTOR_TOLERANCE ? PETSC_TRUE : PETSC_FALSE;
}

/* Nothing is left to look for: the limit, the cap, or bounds that have met. */
static PetscBool settled(const Search *s)
{
  const PetscReal lower = s->lower.level.share, width = s->upper.share - lower;
  const PetscBool met =
      s->upper.share > 0.0 && width <= FACTOR_TOLERANCE * s->upper.share ? PETSC_TRUE : PETSC_FALSE;
  return at_limit(s) || met || lower >= MAX_FACTOR ? PETSC_TRUE : PETSC_FALSE;
}

static void describe(const OstModel *model, const Search *s, OstFallReport *out)
{
  const Level    *lower = &s->lower.level, *whole = s->full.reached ? &s->full : lower;
  const PetscBool limit = at_limit(s);

  /* next to the limit the last per cent is taken as proportional; otherwise what was carried */
  out->factor    = limit ? lower->share / lower->risk : lower->share;
  out->converged = settled(s);
  out->at_least  = !limit && lower->share >= MAX_FACTOR ? PETSC_TRUE : PETSC_FALSE;
  out->reached   = limit || s->upper.share == 0.0 || s->upper.reached ? PETSC_TRUE : PETSC_FALSE;
  out->mode =
      ost_failure_mode_name(lower->region.second > 0.5 ? OST_MODE_COMPRESSION : OST_MODE_TENSION);
  out->zone  = ost_zone_of(&model->zones, lower->region.centre);
  out->share = whole->share;
  out->stem_yield_factor =
      whole->share > 0.0 && whole->yield > 0.0 ? whole->share / whole->yield : (PetscReal)NAN;
  out->debonded_area_fraction = whole->debonded;
  for (int i = 0; i < 3; i++) out->at[i] = lower->region.centre[i];
}

/* Pass the result on, with the fields at the lower bound. */
static PetscErrorCode report(const OstDay *day, const OstState *state, const OstFall *fall,
                             const Search *s, OstFallTell tell, void *context)
{
  const OstModel   *model  = day->model;
  const PetscInt    n      = model->mesh->num_cells;
  const OstLimbLoad load   = ost_fall_load(fall, s->angle);
  const OstLoad     acting = ost_load_of_limb(&load, model->schedule.right);
  PetscReal        *tension, *compression;
  char              place[192];
  OstFallReport out = {.name = fall->name, .day = state->day, .angle_deg = fall->angle[s->angle]};

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(n, &tension, n, &compression));
  for (PetscInt c = 0; c < n; c++) {
    tension[c]     = s->lower.cell[c].principal_max;
    compression[c] = s->lower.cell[c].principal_min;
  }
  const OstField fields[3] = {
      {{"strain_tension", "1", "largest principal strain at the load factor", OST_ON_CELL, 1},
       tension},
      {{"strain_compression", "1", "smallest principal strain at the load factor", OST_ON_CELL, 1},
       compression},
      {{"risk", "1", "strain over its limit at the load factor; -1 outside bone", OST_ON_CELL, 1},
       s->lower.risk}};
  describe(model, s, &out);
  PetscCall(name_place(model, s->lower.level.region.centre, place, sizeof place));
  out.force      = ost_norm3(acting.force);
  out.moment     = ost_norm3(acting.moment);
  out.place      = place;
  out.num_fields = 3;
  out.fields     = fields;
  PetscCall(tell(&out, context));
  PetscCall(PetscFree2(tension, compression));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the search for the load that breaks the bone --------------------------------------------- */

/* Where the line through the risks at two loads is 1; not a number where it never is. */
static PetscReal crossing(const Level *a, const Level *b)
{
  const PetscReal risk = b->risk - a->risk, share = b->share - a->share;
  return risk * share > 0.0 ? b->share + (1.0 - b->risk) * share / risk : (PetscReal)NAN;
}

/* The load to try next: what was borne on the way to a load without equilibrium; else by the line
   of the risks, which may creep up from one side for ever: every third time the middle, or the
   cap. */
static PetscReal next_share(const Search *s, PetscInt trial)
{
  const Level    *lower = &s->lower.level, *upper = &s->upper;
  const PetscBool open  = upper->share == 0.0 ? PETSC_TRUE : PETSC_FALSE;
  const PetscReal guess = crossing(upper->reached ? upper : &s->rest, lower);
  const PetscReal high  = open ? MAX_FACTOR : upper->share;
  if (!open && !upper->reached && s->carried > lower->share) return s->carried;
  if (trial % 3 != 2 && guess > lower->share && guess < high) return guess;
  return open ? MAX_FACTOR : 0.5 * (lower->share + upper->share);
}

static PetscErrorCode rung_create(const OstDay *day, Rung *rung)
{
  const PetscInt num_cells = day->model->mesh->num_cells;

  PetscFunctionBeginUser;
  *rung = (Rung){0};
  PetscCall(VecDuplicate(day->eq->u, &rung->u));
  PetscCall(PetscCalloc3(day->iface->num_points, &rung->point, num_cells, &rung->cell, num_cells,
                         &rung->risk));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode rung_destroy(Rung *rung)
{
  PetscFunctionBeginUser;
  PetscCall(VecDestroy(&rung->u));
  PetscCall(PetscFree3(rung->point, rung->cell, rung->risk));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode search_destroy(Search *s)
{
  PetscFunctionBeginUser;
  PetscCall(VecDestroy(&s->whole));
  PetscCall(rung_destroy(&s->lower));
  PetscCall(rung_destroy(&s->next));
  PetscCall(rung_destroy(&s->spare));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A search that stands at rest before direction `angle`. */
static PetscErrorCode search_create(OstDay *day, const OstState *state, const OstFall *fall,
                                    PetscInt angle, Search *s)
{
  const OstModel   *model  = day->model;
  const OstLimbLoad load   = ost_fall_load(fall, angle);
  const OstLoad     acting = ost_load_of_limb(&load, model->schedule.right);

  PetscFunctionBeginUser;
  *s = (Search){.angle = angle};
  PetscCall(ost_linear_create_vec(day->lin, &s->whole));
  PetscCall(ost_model_load(model, &acting, s->whole));
  PetscCall(rung_create(day, &s->lower));
  PetscCall(rung_create(day, &s->next));
  PetscCall(rung_create(day, &s->spare));
  PetscCall(ost_day_enter(day, state, PETSC_FALSE));
  s->lower.level = (Level){.reached = PETSC_TRUE};
  PetscCall(measure(day, state, &s->lower));
  s->rest = s->lower.level;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The whole fall, also past the load that the bone bears: what it does to bone and stem. */
static PetscErrorCode whole_fall(OstDay *day, const OstState *state, Search *s)
{
  PetscFunctionBeginUser;
  PetscCall(climb(day, state, s, 1.0));
  s->full = s->upper.share > 0.0 ? s->upper : s->lower.level;
  while (s->full.reached && s->full.share < 1.0) {
    PetscCall(step_up(day, state, s, &s->next, &s->spare, next_step(&s->next, 1.0)));
    swap_rungs(&s->next, &s->spare);
    s->full = s->next.level;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The higher risk under the whole fall; no equilibrium is worse, the sooner the worse. */
static PetscBool is_worse(const Search *a, const Search *b)
{
  if (a->full.reached != b->full.reached) return b->full.reached;
  const PetscBool worse =
      a->full.reached ? a->full.risk > b->full.risk : a->full.share < b->full.share;
  return worse;
}

/* The direction that harms most. */
static PetscErrorCode sweep(OstDay *day, const OstState *state, const OstFall *fall, Search *worst)
{
  Search s;

  PetscFunctionBeginUser;
  for (PetscInt a = 0; a < fall->num_angles; a++) {
    PetscCall(search_create(day, state, fall, a, &s));
    PetscCall(whole_fall(day, state, &s));
    if (a == 0 || is_worse(&s, worst)) {
      if (a > 0) PetscCall(search_destroy(worst));
      *worst = s;
    } else
      PetscCall(search_destroy(&s));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Close in on the load at which the reduced risk is 1, or beyond which there is no equilibrium. */
static PetscErrorCode bracket(OstDay *day, const OstState *state, Search *s)
{
  PetscFunctionBeginUser;
  for (PetscInt trial = 0; trial < MAX_TRIALS && !settled(s); trial++) {
    const Level upper = s->upper;
    PetscCall(climb(day, state, s, next_share(s, trial)));
    if (s->upper.share == 0.0) s->upper = upper;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_fall_run(OstDay *day, const OstState *state, const OstFall *fall,
                            OstFallTell tell, void *context)
{
  Search worst;

  PetscFunctionBeginUser;
  ost_model_elastic(day->model, state->rho, day->elastic);
  PetscCall(ost_linear_set_bulk(day->lin, day->elastic));
  PetscCall(ost_iface_set_bone(day->iface, day->elastic));
  PetscCall(sweep(day, state, fall, &worst));
  PetscCall(bracket(day, state, &worst));
  PetscCall(report(day, state, fall, &worst, tell, context));
  PetscCall(search_destroy(&worst));
  PetscFunctionReturn(PETSC_SUCCESS);
}
