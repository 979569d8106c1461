#include "io/summary.h"

#include "base/log.h"
#include "io/files.h"

#include <stdlib.h>

struct OstSummaryFile {
  MPI_Comm  comm;
  char      path[PETSC_MAX_PATH_LEN];
  char     *title, *patient, *side, *bone, *implant;
  PetscInt  nodes, cells;
  PetscReal min_sicn, mean_sicn, interface_area; /* [-] [-] [mm2] */

  PetscInt       num_falls, capacity;
  OstFallReport *fall; /* [num_falls] own texts, no fields */

  PetscInt     num_decisions, decisions_capacity;
  OstDecision *decision; /* [num_decisions] own texts */
};

/* --- JSON ------------------------------------------------------------------------------------- */

void ost_json_text(FILE *out, const char *text)
{
  (void)fputc('"', out);
  for (const char *c = text ? text : ""; *c; c++) {
    const unsigned char byte = (unsigned char)*c;
    if (byte == '"' || byte == '\\')
      (void)fprintf(out, "\\%c", byte);
    else if (byte == '\n')
      (void)fputs("\\n", out);
    else if (byte < ' ' || byte == 127)
      (void)fprintf(out, "\\u%04x", byte);
    else
      (void)fputc(byte, out);
  }
  (void)fputc('"', out);
}

void ost_json_real(FILE *out, PetscReal value)
{
  const double v = (double)value;
  char         text[40];

  if (PetscIsInfOrNanReal(value)) {
    (void)fputs("null", out);
    return;
  }
  for (int digits = 6; digits <= 17; digits++) {
    (void)snprintf(text, sizeof text, "%.*g", digits, v);
    if (strtod(text, NULL) == v) break;
  }
  (void)fputs(text, out);
}

static void put_text(FILE *out, const char *key, const char *text)
{
  (void)fprintf(out, "\"%s\": ", key);
  ost_json_text(out, text);
}

static void put_real(FILE *out, const char *key, PetscReal value)
{
  (void)fprintf(out, "\"%s\": ", key);
  ost_json_real(out, value);
}

static void put_reals(FILE *out, const char *key, PetscInt num, const PetscReal values[])
{
  (void)fprintf(out, "\"%s\": [", key);
  for (PetscInt i = 0; i < num; i++) {
    if (i) (void)fputs(", ", out);
    ost_json_real(out, values[i]);
  }
  (void)fputc(']', out);
}

static void put_int(FILE *out, const char *key, PetscInt value)
{
  (void)fprintf(out, "\"%s\": %" PetscInt_FMT, key, value);
}

static void put_next(FILE *out)
{
  (void)fputs(",\n    ", out);
}

/* --- what is kept ----------------------------------------------------------------------------- */

static PetscErrorCode keep(const char *text, char **kept)
{
  PetscFunctionBeginUser;
  PetscCall(PetscStrallocpy(text ? text : "", kept));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode mesh_facts(const OstResultsInfo *info, OstSummaryFile *s)
{
  const OstMesh *mesh   = info->mesh;
  double         least  = 1.0;
  double         sum[2] = {0.0, 0.0}; /* quality, area */

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    const double sicn = (double)info->fields->sicn[c];
    least             = PetscMin(least, sicn);
    sum[0] += sicn;
  }
  for (PetscInt k = 0; k < mesh->num_faces * OST_FACE_POINTS; k++) {
    sum[1] += (double)info->fields->area[k];
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_DOUBLE, MPI_MIN, mesh->comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPI_DOUBLE, MPI_SUM, mesh->comm));
  s->nodes          = mesh->total_nodes;
  s->cells          = mesh->total_cells;
  s->min_sicn       = least;
  s->mean_sicn      = sum[0] / (double)mesh->total_cells;
  s->interface_area = sum[1];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_summary_create(const OstResultsInfo *info, OstSummaryFile **summary)
{
  OstSummaryFile *s;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(summary));
  s       = *summary;
  s->comm = info->mesh->comm;
  PetscCall(ost_path_in(s->comm, info->directory, OST_SUMMARY_FILE, s->path));
  PetscCall(keep(info->title, &s->title));
  PetscCall(keep(info->patient, &s->patient));
  PetscCall(keep(info->side, &s->side));
  PetscCall(keep(info->bone, &s->bone));
  PetscCall(keep(info->implant, &s->implant));
  PetscCall(mesh_facts(info, s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_summary_destroy(OstSummaryFile **summary)
{
  OstSummaryFile *s = *summary;

  PetscFunctionBeginUser;
  if (!s) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < s->num_falls; i++) {
    PetscCall(PetscFree(s->fall[i].name));
    PetscCall(PetscFree(s->fall[i].mode));
    PetscCall(PetscFree(s->fall[i].place));
  }
  PetscCall(PetscFree(s->fall));
  for (PetscInt i = 0; i < s->num_decisions; i++) {
    PetscCall(PetscFree(s->decision[i].rule));
    PetscCall(PetscFree(s->decision[i].stage));
  }
  PetscCall(PetscFree(s->decision));
  PetscCall(PetscFree(s->title));
  PetscCall(PetscFree(s->patient));
  PetscCall(PetscFree(s->side));
  PetscCall(PetscFree(s->bone));
  PetscCall(PetscFree(s->implant));
  PetscCall(PetscFree(*summary));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_summary_fall(OstSummaryFile *s, const OstFallReport *fall)
{
  OstFallReport *kept;

  PetscFunctionBeginUser;
  if (s->num_falls == s->capacity) {
    s->capacity = PetscMax(8, 2 * s->capacity);
    PetscCall(PetscRealloc(sizeof(OstFallReport) * (size_t)s->capacity, &s->fall));
  }
  kept             = &s->fall[s->num_falls++];
  *kept            = *fall;
  kept->num_fields = 0;
  kept->fields     = NULL;
  PetscCall(keep(fall->name, (char **)&kept->name));
  PetscCall(keep(fall->mode, (char **)&kept->mode));
  PetscCall(keep(fall->place, (char **)&kept->place));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_summary_decision(OstSummaryFile *s, const OstDecision *decision)
{
  OstDecision *kept;

  PetscFunctionBeginUser;
  if (s->num_decisions == s->decisions_capacity) {
    s->decisions_capacity = PetscMax(8, 2 * s->decisions_capacity);
    PetscCall(PetscRealloc(sizeof(OstDecision) * (size_t)s->decisions_capacity, &s->decision));
  }
  kept  = &s->decision[s->num_decisions++];
  *kept = *decision;
  PetscCall(keep(decision->rule, (char **)&kept->rule));
  PetscCall(keep(decision->stage, (char **)&kept->stage));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

enum { DECISION_REALS = 6 };

/* Their texts, rule and stage of each on two lines. */
static PetscErrorCode list_decisions(const OstSummaryFile *s, char **text)
{
  size_t length = 1;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < s->num_decisions; i++)
    length += strlen(s->decision[i].rule) + strlen(s->decision[i].stage) + 2;
  PetscCall(PetscCalloc1(length, text));
  for (PetscInt i = 0; i < s->num_decisions; i++) {
    const size_t used = strlen(*text);
    (void)snprintf(*text + used, length - used, "%s\n%s\n", s->decision[i].rule,
                   s->decision[i].stage);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode take_decisions(OstSummaryFile *s, PetscInt num, const PetscReal rows[],
                                     char *text)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) {
    const PetscReal *v         = &rows[DECISION_REALS * i];
    char            *rule      = text;
    char            *stage     = strchr(rule, '\n');
    *stage++                   = '\0';
    text                       = strchr(stage, '\n');
    *text++                    = '\0';
    const OstDecision decision = {.kind     = (OstDecisionKind)v[0],
                                  .day      = v[1],
                                  .from_day = v[2],
                                  .to_day   = v[3],
                                  .sign     = (OstSign)v[4],
                                  .value    = v[5],
                                  .rule     = rule,
                                  .stage    = stage};
    PetscCall(ost_summary_decision(s, &decision));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_summary_archive(OstSummaryFile *s, OstArchive *archive)
{
  PetscInt   num  = s->num_decisions;
  PetscReal *rows = NULL;
  char      *text = NULL;

  PetscFunctionBeginUser;
  if (!archive->loading) {
    PetscCall(list_decisions(s, &text));
    PetscCall(PetscMalloc1(DECISION_REALS * num, &rows));
    for (PetscInt i = 0; i < num; i++) {
      const OstDecision *d                 = &s->decision[i];
      const PetscReal    v[DECISION_REALS] = {(PetscReal)d->kind, d->day,  d->from_day, d->to_day,
                                              (PetscReal)d->sign, d->value};
      PetscCall(PetscArraycpy(&rows[DECISION_REALS * i], v, DECISION_REALS));
    }
  }
  PetscCall(archive->table(archive, "output/decisions", DECISION_REALS, &num, &rows));
  PetscCall(archive->text(archive, "output/decision_texts", &text));
  if (archive->loading && rows) PetscCall(take_decisions(s, num, rows, text)); /* rank 0 writes */
  PetscCall(PetscFree(rows));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the file --------------------------------------------------------------------------------- */

static void put_mesh(FILE *out, const OstSummaryFile *s)
{
  (void)fputs("  \"mesh\": {\n    ", out);
  put_int(out, "nodes", s->nodes);
  put_next(out);
  put_int(out, "cells", s->cells);
  put_next(out);
  put_int(out, "dofs", 3 * s->nodes);
  put_next(out);
  put_real(out, "min_sicn", s->min_sicn);
  put_next(out);
  put_real(out, "mean_sicn", s->mean_sicn);
  put_next(out);
  put_real(out, "interface_area_mm2", s->interface_area);
  (void)fputs("\n  },\n", out);
}

static void put_final(FILE *out, const OstSummary *e)
{
  (void)fputs("  \"final\": {\n    ", out);
  put_real(out, "day", e->day);
  put_next(out);
  put_real(out, "bonded_area_fraction", e->bonded_area_fraction);
  put_next(out);
  put_real(out, "strength_mean", e->strength_mean);
  put_next(out);
  put_real(out, "micromotion_p95_um", 1000.0 * e->micromotion_p95);
  put_next(out);
  put_real(out, "area_over_40um", e->area_over_40um);
  put_next(out);
  put_real(out, "area_over_150um", e->area_over_150um);
  put_next(out);
  put_reals(out, "density_change_zone", 7, e->density_change_zone);
  put_next(out);
  put_reals(out, "bond_zone", 7, e->bond_zone);
  put_next(out);
  put_text(out, "verdict", e->verdict);
  (void)fputs("\n  },\n", out);
}

/* A bound that is none is null. */
static PetscReal bound(PetscReal value)
{
  return PetscAbsReal(value) < PETSC_MAX_REAL ? value : (PetscReal)NAN;
}

static void put_material(FILE *out, const OstSummary *e)
{
  const PetscReal known[2] = {bound(e->density_known[0]), bound(e->density_known[1])};

  (void)fputs("  \"material\": {\n    ", out);
  put_text(out, "density_law", e->density_law);
  put_next(out);
  put_reals(out, "known_g_cm3", 2, known);
  put_next(out);
  put_reals(out, "found_g_cm3", 2, e->density_found);
  put_next(out);
  put_real(out, "volume_below", e->volume_below);
  put_next(out);
  put_real(out, "volume_above", e->volume_above);
  (void)fputs("\n  },\n", out);
}

static void put_remodelling(FILE *out, const OstSummary *e)
{
  (void)fputs("  \"remodelling\": {\n    ", out);
  put_text(out, "law", e->remodelling);
  put_next(out);
  put_text(out, "reference", e->reference);
  put_next(out);
  put_text(out, "reference_limb", e->reference_limb);
  put_next(out);
  put_real(out, "smoothing_mm", e->smoothing);
  (void)fputs("\n  },\n", out);
}

static void put_fall(FILE *out, const OstFallReport *f)
{
  (void)fputs("\n    {", out);
  put_text(out, "name", f->name);
  (void)fputs(", ", out);
  put_real(out, "day", f->day);
  (void)fputs(", ", out);
  put_real(out, "factor", f->factor);
  (void)fputs(",\n     ", out);
  put_text(out, "mode", f->mode);
  (void)fputs(", ", out);
  put_text(out, "place", f->place);
  (void)fputs(", ", out);
  put_int(out, "zone", f->zone);
  (void)fputs(",\n     ", out);
  put_reals(out, "xyz", 3, f->at);
  (void)fputs(", ", out);
  put_real(out, "stem_yield_factor", f->stem_yield_factor);
  (void)fputs(", ", out);
  put_real(out, "debonded_area_fraction", f->debonded_area_fraction);
  (void)fputs(", ", out);
  put_real(out, "share", f->share);
  (void)fprintf(out, ",\n     \"at_least\": %s, \"reached\": %s, \"converged\": %s}",
                f->at_least ? "true" : "false", f->reached ? "true" : "false",
                f->converged ? "true" : "false");
}

static void put_decision(FILE *out, const OstDecision *d)
{
  (void)fputs("\n    {", out);
  put_real(out, "day", d->day);
  (void)fputs(", ", out);
  put_real(out, "protocol_day_before", d->from_day);
  (void)fputs(", ", out);
  put_real(out, "protocol_day", d->to_day);
  (void)fputs(", ", out);
  put_text(out, "did", ost_decision_names[d->kind]);
  (void)fputs(",\n     ", out);
  put_text(out, "stage", d->stage);
  (void)fputs(", ", out);
  put_text(out, "rule", d->rule);
  (void)fputs(", ", out);
  put_text(out, "sign", ost_signs[d->sign].name);
  (void)fputs(", ", out);
  put_real(out, "value", d->value);
  (void)fputs("}", out);
}

/* Where the time went. */
static void put_seconds(FILE *out, const PetscReal seconds[OST_NUM_EVENTS])
{
  (void)fputs("\"seconds\": {", out);
  for (int e = 0; e < OST_NUM_EVENTS; e++) {
    if (e) (void)fputs(", ", out);
    put_real(out, ost_log_event_name((OstEvent)e), seconds[e]);
  }
  (void)fputs("}", out);
}

static void put_solver(FILE *out, const OstSummary *e)
{
  (void)fputs("  \"solver\": {\n    ", out);
  put_real(out, "newton_mean", e->newton_mean);
  put_next(out);
  put_int(out, "newton_max", e->newton_max);
  put_next(out);
  put_real(out, "krylov_mean", e->krylov_mean);
  put_next(out);
  put_int(out, "krylov_max", e->krylov_max);
  put_next(out);
  put_int(out, "linear_solves", e->linear_solves);
  put_next(out);
  put_int(out, "iterations", e->iterations);
  put_next(out);
  put_int(out, "krylov_linear", e->krylov_linear);
  put_next(out);
  put_int(out, "steps", e->steps);
  put_next(out);
  put_int(out, "cutbacks", e->cutbacks);
  put_next(out);
  put_real(out, "rates_turned", e->rates_turned);
  put_next(out);
  put_int(out, "calmed_increments", e->calmed);
  put_next(out);
  put_int(out, "sudden_moves", e->sudden);
  put_next(out);
  put_real(out, "energy_imbalance", e->energy_imbalance);
  put_next(out);
  put_real(out, "wall_s", e->wall_s);
  put_next(out);
  put_seconds(out, e->seconds);
  (void)fputs("\n  },\n", out);
}

static void put_all(FILE *out, const OstSummaryFile *s, const OstSummary *e)
{
  const char *const names[] = {"osteon", "title", "patient", "side", "bone", "implant"};
  const char *const texts[] = {OSTEON_VERSION, s->title, s->patient, s->side, s->bone, s->implant};

  (void)fputs("{\n", out);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    (void)fputs("  ", out);
    put_text(out, names[i], texts[i]);
    (void)fputs(",\n", out);
  }
  put_mesh(out, s);
  put_material(out, e);
  put_remodelling(out, e);
  put_final(out, e);
  (void)fputs("  \"falls\": [", out);
  for (PetscInt i = 0; i < s->num_falls; i++) {
    if (i) (void)fputc(',', out);
    put_fall(out, &s->fall[i]);
  }
  (void)fputs("],\n  \"decisions\": [", out);
  for (PetscInt i = 0; i < s->num_decisions; i++) {
    if (i) (void)fputc(',', out);
    put_decision(out, &s->decision[i]);
  }
  (void)fputs("],\n", out);
  put_solver(out, e);
  (void)fputs("  \"complete\": true\n}\n", out);
}

PetscErrorCode ost_summary_end(OstSummaryFile *s, const OstSummary *end)
{
  OstAtomicFile f;

  PetscFunctionBeginUser;
  PetscCall(ost_atomic_file_begin(s->comm, s->path, &f));
  if (f.file) put_all(f.file, s, end);
  PetscCall(ost_atomic_file_end(&f));
  PetscFunctionReturn(PETSC_SUCCESS);
}
