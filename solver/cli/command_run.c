/* The main job, in the order in which a user would tell it. */
#include "analysis/history.h"
#include "base/log.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/launch.h"
#include "cli/wire.h"
#include "io/files.h"
#include "io/output.h"
#include "io/run_dir.h"

/* --- progress and closing table: the observer that speaks to a person ------------------------- */

typedef struct {
  const OstModel *model;
  PetscReal       start_s;
  PetscInt        rows;
  PetscInt        warned; /* stage of which it was told that something does not settle */
} Teller;

/* Once a stage: a micromotion that still changes is not yet what the bond will feel. */
static PetscErrorCode warn_of_unsettled(Teller *teller, const OstHistoryRow *row)
{
  const PetscReal *v     = row->values;
  const PetscInt   stage = (PetscInt)v[OST_COL_STAGE];

  PetscFunctionBeginUser;
  if (v[OST_COL_UNSETTLED] <= 0.0 || stage == teller->warned) PetscFunctionReturn(PETSC_SUCCESS);
  teller->warned = stage;
  PetscCall(ost_log(OST_LOG_WARNING,
                    "stage %s, day %.1f: the micromotion of %.0f activities still changes after "
                    "%" PetscInt_FMT " cycles (more: solver.cycles_max); it may be a stem that "
                    "works its way on",
                    row->stage, (double)v[OST_COL_DAY], (double)v[OST_COL_UNSETTLED],
                    teller->model->day.max_cycles));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_row(void *context, const OstHistoryRow *row)
{
  Teller          *teller = context;
  const PetscReal *v      = row->values;
  const PetscReal  until  = teller->model->schedule.until;
  const PetscReal  done   = v[OST_COL_DAY] / until;
  const PetscReal  spent  = (PetscReal)MPI_Wtime() - teller->start_s;

  PetscFunctionBeginUser;
  teller->rows++;
  PetscCall(ost_log(OST_LOG_STEP,
                    "day = %8.2f  step = %6.2f  bonded = %.4f  micromotion_p95 = %.3e mm  bone = "
                    "%.3f g  newton = %.1f  krylov = %.1f  %s",
                    (double)v[OST_COL_DAY], (double)v[OST_COL_STEP_SIZE],
                    (double)v[OST_COL_BONDED_AREA], (double)v[OST_COL_MICROMOTION_P95],
                    (double)v[OST_COL_BONE_MASS], (double)v[OST_COL_NEWTON_MEAN],
                    (double)v[OST_COL_KRYLOV_MEAN], row->stage));
  if (done > 0.0)
    PetscCall(ost_log_progress(
        "day %.0f of %.0f (%.0f %%), step %.2f day, Newton %.1f, Krylov %.1f, %.0f s left",
        (double)v[OST_COL_DAY], (double)until, (double)(100.0 * done), (double)v[OST_COL_STEP_SIZE],
        (double)v[OST_COL_NEWTON_MEAN], (double)v[OST_COL_KRYLOV_MEAN],
        (double)(spent * (1.0 / done - 1.0))));
  PetscCall(warn_of_unsettled(teller, row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_fall(void *context, const OstFallReport *fall)
{
  const char *what = fall->at_least                     ? "breaks at more than"
                     : fall->reached && fall->converged ? "breaks at"
                                                        : "holds up to";

  PetscFunctionBeginUser;
  (void)context;
  PetscCall(
      ost_log(OST_LOG_STEP,
              "fall %s on day %.0f: bone %s %.2f x the load, by %s, %s; stem yields at %.2f x",
              fall->name, (double)fall->day, what, (double)fall->factor, fall->mode, fall->place,
              (double)fall->stem_yield_factor));
  if (!fall->reached)
    PetscCall(ost_log(OST_LOG_WARNING,
                      "fall %s: the interface gives way before the bone, beyond %.2f x the load",
                      fall->name, (double)fall->factor));
  if (!fall->converged)
    PetscCall(ost_log(OST_LOG_WARNING,
                      "fall %s: the load that breaks the bone was not found; it holds at %.2f x",
                      fall->name, (double)fall->factor));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_decision(void *context, const OstDecision *decision)
{
  char text[320];

  PetscFunctionBeginUser;
  (void)context;
  ost_decision_tell(decision, text, sizeof text);
  PetscCall(ost_log(OST_LOG_STEP, "%s", text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_failure(void *context, const OstFailureReport *failure)
{
  PetscFunctionBeginUser;
  (void)context;
  PetscCall(ost_log_progress("%s", ""));
  PetscCall(ost_log(OST_LOG_ERROR, "%s", failure->words));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tell_end(void *context, const OstSummary *s)
{
  PetscFunctionBeginUser;
  (void)context;
  PetscCall(ost_log_progress("%s", ""));
  PetscCall(ost_log(OST_LOG_STEP, "%s", s->verdict));
  PetscCall(ost_log(OST_LOG_STEP,
                    "steps = %" PetscInt_FMT "  newton_mean = %.2f  newton_max = %" PetscInt_FMT
                    "  krylov_mean = %.2f  krylov_max = %" PetscInt_FMT
                    "  krylov_linear = %" PetscInt_FMT "  cutbacks = %" PetscInt_FMT
                    "  wall = %.1f s",
                    s->steps, (double)s->newton_mean, s->newton_max, (double)s->krylov_mean,
                    s->krylov_max, s->krylov_linear, s->cutbacks, (double)s->wall_s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- what results remember of their origin ---------------------------------------------------- */

enum { NUM_VERSIONS = 4, MAX_HASHES = 32 };

typedef struct {
  OstNamedText version[NUM_VERSIONS], hash[MAX_HASHES];
  PetscInt     num_hashes;
  char         petsc[128], h5[64], mpi[MPI_MAX_LIBRARY_VERSION_STRING];
  char         hex[MAX_HASHES][65];
} Provenance;

static PetscErrorCode collect_provenance(const OstSetup *setup, const char *case_path,
                                         const char *mesh_path, Provenance *p)
{
  int length;

  PetscFunctionBeginUser;
  PetscCall(PetscGetVersion(p->petsc, sizeof p->petsc));
  PetscCall(ost_h5_version(p->h5, sizeof p->h5));
  PetscCallMPI(MPI_Get_library_version(p->mpi, &length));
  p->mpi[strcspn(p->mpi, ",\n")] = '\0';
  p->version[0]                  = (OstNamedText){"osteon", OSTEON_VERSION};
  p->version[1]                  = (OstNamedText){"PETSc", p->petsc};
  p->version[2]                  = (OstNamedText){"HDF5", p->h5};
  p->version[3]                  = (OstNamedText){"MPI", p->mpi};
  /* the case, the mesh, and every file the case names; of a folder of slices the mesh stands in */
  p->hash[0].name = case_path;
  p->hash[1].name = mesh_path;
  p->num_hashes   = 2;
  for (PetscInt i = 0; i < ost_case_num_inputs(setup->file) && p->num_hashes < MAX_HASHES; i++) {
    PetscBool file;
    PetscCall(PetscTestFile(ost_case_input(setup->file, i), 'r', &file));
    if (file) p->hash[p->num_hashes++].name = ost_case_input(setup->file, i);
  }
  for (PetscInt i = 0; i < p->num_hashes; i++) {
    PetscCall(ost_sha256_file(p->hash[i].name, p->hex[i]));
    p->hash[i].text = p->hex[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode open_output(const OstSetup *setup, const char *directory,
                                  const char *case_path, const char *mesh_path,
                                  const char *limb_text, OstOutput **output)
{
  const OstModel *model = &setup->model;
  Provenance     *provenance;
  const char    **surfaces;
  char            implant[256];
  char           *resolved;
  OstResultsInfo  info = {.directory     = directory,
                          .title         = setup->title,
                          .patient       = setup->patient,
                          .side          = setup->right ? "right" : "left",
                          .bone          = setup->bone,
                          .implant       = implant,
                          .input         = ost_case_text(setup->file),
                          .limb          = limb_text,
                          .mesh          = model->mesh,
                          .fields        = &model->fixed_fields,
                          .stem_length   = model->zones.tip,
                          .stem_diameter = model->zones.diameter};
  char            command[2 * PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  /* the case may have changed the catalogue's sizes */
  (void)snprintf(
      implant, sizeof implant, "%s, as %g x %g mm", setup->limb.implant.name,
      (double)setup->limb.implant.length,
      2.0 * (double)ost_implant_outer_radius(&setup->limb.implant, setup->limb.implant.recess));
  PetscCall(PetscSNPrintf(command, sizeof command, "osteon run %s -o %s", case_path, directory));
  info.command = command;
  PetscCall(PetscNew(&provenance));
  PetscCall(collect_provenance(setup, case_path, mesh_path, provenance));
  PetscCall(ost_case_resolved(setup->file, &resolved));
  info.resolved     = resolved;
  info.num_hashes   = provenance->num_hashes;
  info.hashes       = provenance->hash;
  info.num_versions = NUM_VERSIONS;
  info.versions     = provenance->version;
  for (PetscInt z = 0; z < OST_NUM_ZONES; z++) {
    info.zone_name[z] = ost_zone_name(z + 1);
    ost_zone_limits(&model->zones, z + 1, info.zone_limits[z]);
  }
  PetscCall(PetscMalloc1(model->iface.num_finishes, &surfaces));
  for (PetscInt k = 0; k < model->iface.num_finishes; k++)
    surfaces[k] = model->iface.finish[k].name;
  info.num_surfaces = model->iface.num_finishes;
  info.surface_name = surfaces;
  PetscCall(ost_output_create(&info, output));
  PetscCall(PetscFree(surfaces));
  PetscCall(PetscFree(resolved));
  PetscCall(PetscFree(provenance));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the job ---------------------------------------------------------------------------------- */

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

/* *written: at least the first day is in the results. */
static PetscErrorCode simulate(const OstSetup *setup, OstOutput *output, OstExit *code,
                               PetscBool *written)
{
  Teller teller = {
      .model = &setup->model, .start_s = (PetscReal)MPI_Wtime(), .warned = OST_NO_STAGE - 1};
  const OstObserver observers[2] = {ost_output_observer(output),
                                    {.context  = &teller,
                                     .row      = tell_row,
                                     .fall     = tell_fall,
                                     .decision = tell_decision,
                                     .end      = tell_end,
                                     .failure  = tell_failure}};
  OstHistoryOutcome outcome;
  PetscReal         day;

  PetscFunctionBeginUser;
  PetscCall(ost_history_run(&setup->model, 2, observers, &outcome, &day));
  PetscCall(ost_log_progress("%s", ""));
  *code    = outcome == OST_HISTORY_DONE ? OST_EXIT_DONE : OST_EXIT_NUMBERS;
  *written = teller.rows > 0 ? PETSC_TRUE : PETSC_FALSE;
  if (outcome != OST_HISTORY_DONE && !*written)
    PetscCall(ost_log(OST_LOG_ERROR, "%s found no equilibrium; `osteon explain` reads failure.h5",
                      outcome == OST_HISTORY_NO_FIT ? "the press-fit" : "the first day"));
  else if (outcome != OST_HISTORY_DONE)
    PetscCall(ost_log(OST_LOG_ERROR,
                      "results up to day %.3f are kept; `osteon explain` reads failure.h5",
                      (double)day));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Mesh and model, in the part folder: a refusal here costs no earlier result. *code is
   OST_EXIT_DONE when the model can be run. */
static PetscErrorCode prepare(const OstCommand *command, OstSetup *setup, const char *part,
                              OstCase **sidecar, OstExit *code)
{
  char mesh_path[PETSC_MAX_PATH_LEN], sidecar_path[PETSC_MAX_PATH_LEN],
      log_path[PETSC_MAX_PATH_LEN];
  OstDiagList *list;
  PetscBool    usable, reached;

  PetscFunctionBeginUser;
  PetscCall(ost_path_in(PETSC_COMM_WORLD, part, "limb.msh", mesh_path));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, part, "limb.yaml", sidecar_path));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, part, "osteon.log", log_path));
  PetscCall(ost_log_open(log_path)); /* it stays open when it is moved */
  PetscCall(ost_log(OST_LOG_STEP, "meshing"));
  PetscCall(ost_commands_mesh(command->target, mesh_path, code));
  if (*code != OST_EXIT_DONE) PetscFunctionReturn(PETSC_SUCCESS);

  PetscCall(ost_diag_create(&list));
  PetscCall(ost_wire_model(setup, mesh_path, sidecar_path, list, sidecar, &reached));
  PetscCall(ost_commands_judge(list, &usable));
  PetscCall(ost_diag_destroy(&list));
  if (!usable)
    *code = OST_EXIT_INPUT;
  else if (!reached) {
    *code = OST_EXIT_NUMBERS;
    PetscCall(ost_log(OST_LOG_ERROR, "the linear reference analysis found no equilibrium: is the "
                                     "bone held (surface group proximal)?"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* *written says whether there are results that a report can be made of. */
static PetscErrorCode run_in(const OstCommand *command, OstSetup *setup, OstRunDir *run_dir,
                             const char *directory, OstExit *code, PetscBool *written)
{
  char       mesh_path[PETSC_MAX_PATH_LEN];
  OstCase   *sidecar = NULL;
  OstOutput *output;

  PetscFunctionBeginUser;
  PetscCall(prepare(command, setup, ost_run_dir_part(run_dir), &sidecar, code));
  if (*code == OST_EXIT_DONE) {
    PetscCall(ost_run_dir_install(run_dir));
    PetscCall(ost_path_in(PETSC_COMM_WORLD, directory, "limb.msh", mesh_path));
    PetscCall(log_header(setup, command->target));
    PetscCall(warn_of_densities(&setup->model));
    PetscCall(
        open_output(setup, directory, command->target, mesh_path, ost_case_text(sidecar), &output));
    PetscCall(simulate(setup, output, code, written));
    PetscCall(ost_output_destroy(&output));
  }
  if (sidecar) PetscCall(ost_case_destroy(&sidecar));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The files a run will read: --force must not remove one of them. The caller frees `inputs`. */
static PetscErrorCode collect_inputs(const OstSetup *setup, const char *case_path, PetscInt *num,
                                     const char ***inputs)
{
  const PetscInt named = setup->file ? ost_case_num_inputs(setup->file) : 0;

  PetscFunctionBeginUser;
  *num = named + 1;
  PetscCall(PetscMalloc1(*num, inputs));
  for (PetscInt i = 0; i < named; i++) (*inputs)[i] = ost_case_input(setup->file, i);
  (*inputs)[named] = case_path;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_command_run(const OstCommand *command, OstExit *code)
{
  const char  *directory = command->output ? command->output : "out";
  OstDiagList *list;
  OstSetup     setup;
  OstRunDir   *run_dir = NULL;
  PetscInt     num;
  const char **inputs;
  PetscBool    usable, written = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_setup_read(command->target, list, &setup));
  PetscCall(collect_inputs(&setup, command->target, &num, &inputs));
  const OstRunDirOptions where = {
      .path = directory, .force = command->force, .num_inputs = num, .inputs = inputs};
  if (!ost_diag_num_errors(list))
    PetscCall(ost_run_dir_claim(PETSC_COMM_WORLD, &where, list, &run_dir));
  PetscCall(PetscFree(inputs));
  PetscCall(ost_commands_judge(list, &usable));
  PetscCall(ost_diag_destroy(&list));
  *code = OST_EXIT_INPUT;
  if (usable) {
    PetscCall(run_in(command, &setup, run_dir, directory, code, &written));
    PetscCall(ost_log_open(NULL));
    if (written && !command->no_report) {
      OstExit report;
      PetscCall(ost_commands_report(directory, NULL, &report));
      if (*code == OST_EXIT_DONE) *code = report;
    }
    PetscCall(ost_run_dir_release(&run_dir));
  }
  PetscCall(ost_setup_destroy(&setup));
  PetscFunctionReturn(PETSC_SUCCESS);
}
