#include "cli/job.h"

#include "analysis/history.h"
#include "base/log.h"
#include "base/stop.h"
#include "cli/commands.h"
#include "cli/provenance.h"
#include "cli/teller.h"
#include "cli/wire.h"
#include "input/quantity.h"
#include "io/files.h"
#include "io/output.h"

PetscErrorCode ost_job_time_limit(const OstCommand *command, OstDiagList *list, PetscReal *limit)
{
  const OstQuantityContext context = {
      .at = {"--time-limit", 0}, .label = "", .unit = "s", .list = list};
  PetscBool ok;

  PetscFunctionBeginUser;
  *limit = 0.0;
  if (command->time_limit) {
    PetscCall(ost_quantity_parse(&context, command->time_limit, limit, &ok));
    if (ok && !(*limit > 0.0))
      PetscCall(ost_diag_error(list, context.at, "write e.g. --time-limit '11.5 h'",
                               "%s is no time to work in", command->time_limit));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_job_read_limits(const OstCommand *command, OstDiagList *list)
{
  PetscReal limit;

  PetscFunctionBeginUser;
  PetscCall(ost_job_time_limit(command, list, &limit));
  ost_stop_after((double)limit);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A mesh that was made for another limb, implant or size of cells. */
static PetscErrorCode check_mesh(const OstJob *job, OstDiagList *list)
{
  OstNode    *limb  = ost_node_find(ost_case_root(job->sidecar), "limb");
  OstNode    *found = limb ? ost_node_find(limb, "made_from") : NULL;
  const char *from  = found ? ost_node_text(found) : NULL;

  PetscFunctionBeginUser;
  if (!from || strcmp(from, job->setup->limb.fingerprint) != 0)
    PetscCall(ost_diag_error(list, (OstWhere){job->command->mesh, 0},
                             "take the mesh of this case, or leave out --mesh",
                             "the mesh was made for another limb, implant, placement or size of "
                             "cells than this case has"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_job_model(OstJob *job, const char *folder, OstExit *code)
{
  char         mesh_path[PETSC_MAX_PATH_LEN], sidecar_path[PETSC_MAX_PATH_LEN];
  OstDiagList *list;
  PetscBool    usable, reached;

  PetscFunctionBeginUser;
  PetscCall(ost_path_in(PETSC_COMM_WORLD, folder, "limb.msh", mesh_path));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, folder, "limb.yaml", sidecar_path));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_wire_model(job->setup, mesh_path, sidecar_path, list, &job->sidecar, &reached));
  if (job->command->mesh && job->sidecar) PetscCall(check_mesh(job, list));
  PetscCall(ost_commands_judge(list, &usable));
  PetscCall(ost_diag_destroy(&list));
  *code = OST_EXIT_DONE;
  if (!usable)
    *code = OST_EXIT_INPUT;
  else if (!reached) {
    *code = OST_EXIT_NUMBERS;
    PetscCall(ost_log(OST_LOG_ERROR, "the linear reference analysis found no equilibrium: is the "
                                     "bone held (surface group proximal)?"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- what is told before the first day -------------------------------------------------------- */

static PetscErrorCode log_header(const OstSetup *setup, const char *case_path)
{
  const OstMesh *mesh   = setup->model.mesh;
  PetscReal      low[3] = {PETSC_MAX_REAL, PETSC_MAX_REAL, PETSC_MAX_REAL}, high[3];
  PetscMPIInt    size;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  for (int d = 0; d < 3; d++) high[d] = -low[d];
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    for (int d = 0; d < 3; d++) {
      low[d]  = PetscMin(low[d], mesh->x[3 * i + d]);
      high[d] = PetscMax(high[d], mesh->x[3 * i + d]);
    }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, low, 3, MPIU_REAL, MPIU_MIN, mesh->comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, high, 3, MPIU_REAL, MPIU_MAX, mesh->comm));
  PetscCall(
      ost_log(OST_LOG_STEP, "osteon %s  case = %s  ranks = %d", OSTEON_VERSION, case_path, size));
  PetscCall(ost_log(OST_LOG_STEP,
                    "nodes = %" PetscInt_FMT "  cells = %" PetscInt_FMT "  dof = %" PetscInt_FMT
                    "  interface faces = %" PetscInt_FMT
                    "  box = [%.1f %.1f] x [%.1f %.1f] x [%.1f %.1f] mm",
                    mesh->total_nodes, mesh->total_cells, 3 * mesh->total_nodes, mesh->total_faces,
                    (double)low[0], (double)high[0], (double)low[1], (double)high[1],
                    (double)low[2], (double)high[2]));
  for (PetscInt i = 0; i < setup->model.patches.num; i++) {
    const OstPatch *patch = &setup->model.patches.patch[i];
    PetscCall(ost_log(OST_LOG_STEP,
                      "patch = %s  area = %.0f mm2  middle = proximal %.1f  anterior %.1f  medial "
                      "%.1f mm",
                      patch->name, (double)patch->area, (double)patch->centroid[2],
                      (double)patch->centroid[0],
                      (double)(setup->right ? patch->centroid[1] : -patch->centroid[1])));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Bone outside the range in which its density law was measured: a law carried on is a guess. */
static PetscErrorCode warn_of_densities(const OstModel *model)
{
  const OstDensityLaw *law = &model->material.law;
  OstDensityRange      range;
  char                 text[512];

  PetscFunctionBeginUser;
  PetscCall(ost_model_density_range(model, model->rho_start, &range));
  if (ost_density_range_tell(&range, law, text, sizeof text))
    PetscCall(ost_log(OST_LOG_WARNING,
                      "%s; see whether the conclusion survives other laws (theory.md, Table M1)",
                      text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- files ------------------------------------------------------------------------------------ */

/* What the results have to know, in pieces that live as long as this. */
typedef struct {
  OstResultsInfo info;
  OstProvenance  provenance;
  char           implant[256], command[2 * PETSC_MAX_PATH_LEN], mesh_path[PETSC_MAX_PATH_LEN];
  char           case_path[PETSC_MAX_PATH_LEN];
  const char   **surfaces;
  char          *resolved;
} Facts;

static PetscErrorCode collect_facts(const OstJob *job, Facts *f)
{
  const OstSetup   *setup   = job->setup;
  const OstModel   *model   = &setup->model;
  const OstImplant *implant = &setup->limb.implant;

  PetscFunctionBeginUser;
  PetscCall(ost_path_in(PETSC_COMM_WORLD, job->directory, "limb.msh", f->mesh_path));
  /* the case may be looked for from another folder when the run is resumed */
  PetscCall(ost_commands_full_path(job->case_path, f->case_path));
  if (!f->case_path[0]) PetscCall(PetscStrncpy(f->case_path, job->case_path, sizeof f->case_path));
  /* the case may have changed the catalogue's sizes */
  (void)snprintf(f->implant, sizeof f->implant, "%s, as %g x %g mm", implant->name,
                 (double)implant->length,
                 2.0 * (double)ost_implant_outer_radius(implant, implant->recess));
  PetscCall(PetscSNPrintf(f->command, sizeof f->command, "osteon run %s -o %s", job->case_path,
                          job->directory));
  PetscCall(ost_provenance_collect(setup, job->case_path, f->mesh_path, &f->provenance));
  PetscCall(ost_case_resolved(setup->file, &f->resolved));
  PetscCall(PetscMalloc1(model->iface.num_finishes, &f->surfaces));
  for (PetscInt k = 0; k < model->iface.num_finishes; k++)
    f->surfaces[k] = model->iface.finish[k].name;
  f->info = (OstResultsInfo){.directory     = job->directory,
                             .title         = setup->title,
                             .patient       = setup->patient,
                             .side          = setup->right ? "right" : "left",
                             .bone          = setup->bone,
                             .implant       = f->implant,
                             .command       = f->command,
                             .case_path     = f->case_path,
                             .protocol      = job->protocol,
                             .input         = ost_case_text(setup->file),
                             .resolved      = f->resolved,
                             .limb          = ost_case_text(job->sidecar),
                             .num_hashes    = f->provenance.num_hashes,
                             .hashes        = f->provenance.hash,
                             .num_versions  = OST_NUM_VERSIONS,
                             .versions      = f->provenance.version,
                             .mesh          = model->mesh,
                             .fields        = &model->fixed_fields,
                             .stem_length   = model->zones.tip,
                             .stem_diameter = model->zones.diameter,
                             .num_surfaces  = model->iface.num_finishes,
                             .surface_name  = f->surfaces};
  for (PetscInt z = 0; z < OST_NUM_ZONES; z++) {
    f->info.zone_name[z] = ost_zone_name(z + 1);
    ost_zone_limits(&model->zones, z + 1, f->info.zone_limits[z]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode open_output(const OstJob *job, OstArchive *from, OstOutput **output)
{
  Facts *facts;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&facts));
  PetscCall(collect_facts(job, facts));
  if (from)
    PetscCall(ost_output_resume(&facts->info, job->from, from, output));
  else
    PetscCall(ost_output_create(&facts->info, output));
  ost_output_set_interval(*output, (double)job->setup->checkpoint_every);
  PetscCall(PetscFree(facts->surfaces));
  PetscCall(PetscFree(facts->resolved));
  PetscCall(PetscFree(facts));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the history ------------------------------------------------------------------------------ */

/* @param[in] last  day of the last checkpoint, -1: none */
static PetscErrorCode tell_outcome(const OstJob *job, OstHistoryOutcome outcome, PetscBool written,
                                   PetscReal day, PetscReal last)
{
  PetscFunctionBeginUser;
  if (outcome == OST_HISTORY_DONE) PetscFunctionReturn(PETSC_SUCCESS);
  if (outcome == OST_HISTORY_STOPPED && last >= 0.0)
    PetscCall(ost_log(OST_LOG_WARNING,
                      "stopped on day %.3f (%s); `osteon resume %s` goes on from day %.3f",
                      (double)day, ost_stop_reason(), job->directory, (double)last));
  else if (outcome == OST_HISTORY_STOPPED)
    PetscCall(ost_log(OST_LOG_ERROR,
                      "stopped on day %.3f (%s) without a checkpoint: nothing can be resumed",
                      (double)day, ost_stop_reason()));
  else if (!written)
    PetscCall(ost_log(OST_LOG_ERROR, "%s found no equilibrium; `osteon explain` reads failure.h5",
                      outcome == OST_HISTORY_NO_FIT ? "the press-fit" : "the first day"));
  else
    PetscCall(ost_log(OST_LOG_ERROR,
                      "results up to day %.3f are kept; `osteon explain` reads failure.h5",
                      (double)day));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static OstExit exit_code(OstHistoryOutcome outcome, PetscReal last)
{
  if (outcome == OST_HISTORY_DONE) return OST_EXIT_DONE;
  if (outcome != OST_HISTORY_STOPPED) return OST_EXIT_NUMBERS;
  return last >= 0.0 ? OST_EXIT_STOPPED : OST_EXIT_SYSTEM;
}

PetscErrorCode ost_job_run(const OstJob *job, OstExit *code, PetscBool *written)
{
  const OstModel   *model  = &job->setup->model;
  OstTeller         teller = ost_teller_start(model);
  OstArchive       *from   = NULL;
  OstOutput        *output;
  OstHistoryOutcome outcome;
  PetscReal         day;

  PetscFunctionBeginUser;
  PetscCall(log_header(job->setup, job->case_path));
  PetscCall(warn_of_densities(model));
  if (job->from) PetscCall(ost_checkpoint_open(model->mesh, job->from, &from));
  PetscCall(open_output(job, from, &output));
  ost_stop_listen(PETSC_TRUE);
  const OstObserver observers[2] = {ost_teller_observer(&teller), ost_output_observer(output)};
  PetscCall(ost_history_run(model, from, 2, observers, &outcome, &day));
  ost_stop_listen(PETSC_FALSE);
  PetscCall(ost_log_progress("%s", ""));
  *written             = (PetscBool)(job->from || teller.rows > 0);
  const PetscReal last = ost_output_last_checkpoint(output);
  PetscCall(tell_outcome(job, outcome, *written, day, last));
  *code = exit_code(outcome, last);
  PetscCall(ost_output_destroy(&output));
  PetscCall(ost_checkpoint_close(&from));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_job_destroy(OstJob *job)
{
  PetscFunctionBeginUser;
  if (job->sidecar) PetscCall(ost_case_destroy(&job->sidecar));
  PetscFunctionReturn(PETSC_SUCCESS);
}
