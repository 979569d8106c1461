#include "analysis/fall_run.h"

#include "base/gather.h"
#include "base/log.h"
#include "base/tensor.h"

/* How close to 1 the risk must come, or how close the loads that bracket the break [-]. */
#define FACTOR_TOLERANCE 0.01
#define MAX_TRIALS       16
/* A fall is not followed beyond this multiple of its load: the bone survives it many times. [-] */
#define MAX_FACTOR 10.0

/* A fall is loaded in steps of at most this share: where bond breaks, the end depends on the way,
   and a way found by cut-backs would differ between numbers of ranks. [-] */
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

/* The worst direction: it holds at `lower` (at worst the state at rest), it does not at `upper`. */
typedef struct {
  PetscInt       angle;
  Level          rest, full, lower, upper; /* upper.share 0: none yet */
  OstCellResult *cell;                     /* [num_cells] at lower */
  PetscReal     *risk;                     /* [num_cells] at lower */
  OstCellResult *new_cell;                 /* of the last trial */
  PetscReal     *new_risk;
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

/* Go to a load in equal steps. */
static PetscErrorCode raise_to(OstEquilibrium *eq, Vec load, PetscInt num_steps, PetscBool *reached)
{
  Vec part;

  PetscFunctionBeginUser;
  *reached = PETSC_TRUE;
  PetscCall(VecDuplicate(load, &part));
  for (PetscInt k = 1; k <= num_steps && *reached; k++) {
    PetscCall(VecCopy(load, part));
    PetscCall(VecScale(part, (PetscReal)k / (PetscReal)num_steps));
    PetscCall(ost_equilibrium_reach(eq, part, 1.0, NULL, NULL, reached));
  }
  PetscCall(VecDestroy(&part));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Load the state at rest with `share` of the fall in direction `angle`; cells and risks of it. */
static PetscErrorCode try_level(OstDay *day, const OstState *state, const OstFall *fall,
                                PetscInt angle, PetscReal share, OstCellResult cell[],
                                PetscReal risk[], Level *level)
{
  const OstModel   *model = day->model;
  const OstLimbLoad whole = ost_fall_load(fall, angle),
                    part  = ost_limb_load_scaled(&whole, share, share);
  const OstLoad acting    = ost_load_of_limb(&part, model->schedule.right);
  Vec           load;

  PetscFunctionBeginUser;
  *level = (Level){.share = share};
  PetscCall(ost_day_enter(day, state, PETSC_FALSE));
  PetscCall(ost_linear_create_vec(day->lin, &load));
  PetscCall(ost_model_load(model, &acting, load));
  PetscCall(raise_to(day->eq, load, PetscMax(1, (PetscInt)PetscCeilReal(share / LOAD_STEP)),
                     &level->reached));
  PetscCall(VecDestroy(&load));
  if (!level->reached) PetscFunctionReturn(PETSC_SUCCESS);
  ost_recover_cells(model->mesh, day->eq->local_u, day->elastic, cell);
  PetscCall(reduce_risk(day, cell, risk, &level->region));
  level->risk = level->region.factor;
  for (PetscInt c = 0; c < model->mesh->num_cells; c++) {
    const OstMetal *metal = ost_material_metal(&model->material, (OstRegion)model->mesh->region[c]);
    if (metal) level->yield = PetscMax(level->yield, cell[c].von_mises_max / metal->yield);
  }
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, &level->yield, 1, MPIU_REAL, MPIU_MAX, model->mesh->comm));
  PetscCall(debonded_share(day, state, &level->debonded));
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
  return s->lower.risk >= 1.0 - FACTOR_TOLERANCE ? PETSC_TRUE : PETSC_FALSE;
}

/* Nothing is left to look for: the limit, the cap, or bounds that have met. */
static PetscBool settled(const Search *s)
{
  const PetscReal width = s->upper.share - s->lower.share;
  const PetscBool met =
      s->upper.share > 0.0 && width <= FACTOR_TOLERANCE * s->upper.share ? PETSC_TRUE : PETSC_FALSE;
  return at_limit(s) || met || s->lower.share >= MAX_FACTOR ? PETSC_TRUE : PETSC_FALSE;
}

static void describe(const OstModel *model, const Search *s, OstFallReport *out)
{
  const Level    *lower = &s->lower, *whole = s->full.reached ? &s->full : lower;
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
    tension[c]     = s->cell[c].principal_max;
    compression[c] = s->cell[c].principal_min;
  }
  const OstField fields[3] = {
      {{"strain_tension", "1", "largest principal strain at the load factor", OST_ON_CELL, 1},
       tension},
      {{"strain_compression", "1", "smallest principal strain at the load factor", OST_ON_CELL, 1},
       compression},
      {{"risk", "1", "strain over its limit at the load factor; -1 outside bone", OST_ON_CELL, 1},
       s->risk}};
  describe(model, s, &out);
  PetscCall(name_place(model, s->lower.region.centre, place, sizeof place));
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

static PetscBool is_carried(const Level *level)
{
  return level->reached && level->risk <= 1.0 + FACTOR_TOLERANCE ? PETSC_TRUE : PETSC_FALSE;
}

/* The last trial becomes the lower bound, with its fields. */
static void keep(Search *s, const Level *level)
{
  OstCellResult *cell = s->cell;
  PetscReal     *risk = s->risk;

  s->lower    = *level;
  s->cell     = s->new_cell;
  s->risk     = s->new_risk;
  s->new_cell = cell;
  s->new_risk = risk;
}

/* Where the line through the risks at two loads is 1; not a number where it never is. */
static PetscReal crossing(const Level *a, const Level *b)
{
  const PetscReal risk = b->risk - a->risk, share = b->share - a->share;
  return risk * share > 0.0 ? b->share + (1.0 - b->risk) * share / risk : (PetscReal)NAN;
}

/* The load to try next, by the line of the risks. Every third time the middle, or the cap: the line
   may creep up from one side for ever. */
static PetscReal next_share(const Search *s, PetscInt trial)
{
  const Level    *lower = &s->lower, *upper = &s->upper;
  const PetscReal guess = crossing(upper->reached ? upper : &s->rest, lower);
  const PetscReal high  = upper->share > 0.0 ? upper->share : MAX_FACTOR;
  const PetscBool use =
      trial % 3 != 2 && guess > lower->share && guess < high ? PETSC_TRUE : PETSC_FALSE;
  if (use) return guess;
  return upper->share > 0.0 ? 0.5 * (lower->share + upper->share) : MAX_FACTOR;
}

/* The direction in which the whole fall strains the bone most; one without equilibrium is worse. */
static PetscErrorCode sweep(OstDay *day, const OstState *state, const OstFall *fall, Search *s)
{
  Level level;

  PetscFunctionBeginUser;
  for (PetscInt a = 0; a < fall->num_angles; a++) {
    PetscCall(try_level(day, state, fall, a, 1.0, s->new_cell, s->new_risk, &level));
    if (a > 0 && (!s->full.reached || (level.reached && level.risk <= s->full.risk))) continue;
    s->angle = a;
    s->full  = level;
    if (level.reached) keep(s, &level);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Close in on the load at which the reduced risk is 1, or beyond which there is no equilibrium. */
static PetscErrorCode bracket(OstDay *day, const OstState *state, const OstFall *fall, Search *s)
{
  Level level;

  PetscFunctionBeginUser;
  PetscCall(try_level(day, state, fall, s->angle, 0.0, s->new_cell, s->new_risk, &s->rest));
  if (!is_carried(&s->full)) {
    s->upper = s->full;
    keep(s, &s->rest);
  }
  for (PetscInt trial = 0; trial < MAX_TRIALS && !settled(s); trial++) {
    PetscCall(try_level(day, state, fall, s->angle, next_share(s, trial), s->new_cell, s->new_risk,
                        &level));
    if (is_carried(&level))
      keep(s, &level);
    else
      s->upper = level;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_fall_run(OstDay *day, const OstState *state, const OstFall *fall,
                            OstFallTell tell, void *context)
{
  const PetscInt n = day->model->mesh->num_cells;
  Search         s = {0};
  OstCellResult *cell[2];
  PetscReal     *risk[2];

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc4(n, &cell[0], n, &cell[1], n, &risk[0], n, &risk[1]));
  s.cell     = cell[0];
  s.new_cell = cell[1];
  s.risk     = risk[0];
  s.new_risk = risk[1];
  ost_model_elastic(day->model, state->rho, day->elastic);
  PetscCall(ost_linear_set_bulk(day->lin, day->elastic));
  PetscCall(ost_iface_set_bone(day->iface, day->elastic));
  PetscCall(sweep(day, state, fall, &s));
  PetscCall(bracket(day, state, fall, &s));
  PetscCall(report(day, state, fall, &s, tell, context));
  PetscCall(PetscFree4(cell[0], cell[1], risk[0], risk[1]));
  PetscFunctionReturn(PETSC_SUCCESS);
}
