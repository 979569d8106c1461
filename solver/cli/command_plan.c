/* What a run will take, before it is submitted: the mesh is made, the work counted, an iteration of
   the solver timed here or taken from a machine's figures. Leaves nothing behind. */
#include "analysis/plan.h"
#include "base/log.h"
#include "bench/bonded.h"
#include "cli/commands.h"
#include "cli/wire.h"
#include "io/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* What a run takes beside the Krylov iterations, of their time: tangents, residuals, strains,
   output (theory.md, T3). */
#define BESIDE 0.38
/* The same of memory, of what this command takes: states of the history, fields on their way to
   the file. */
#define MEMORY_BESIDE 0.4
/* Bytes in results.h5, compressed: of each node once, of each node and snapshot, of each node and
   fall. */
#define BYTES_MESH     110.0
#define BYTES_SNAPSHOT 40.0
#define BYTES_FALL     50.0
/* Unknowns below which a rank has more to say to others than to compute. */
#define FEWEST 20000.0

/* A machine by its ranks: time of an iteration, per unknown and rank [s]. */
typedef struct {
  char        name[160];
  PetscMPIInt ranks; /* with which it was measured */
  double      iteration;
} Machine;

/* --- a machine's figures ---------------------------------------------------------------------- */

/* From the file that `osteon bench -o` wrote: JSON is YAML. Its largest system counts. */
static PetscErrorCode read_machine(const char *path, OstDiagList *list, Machine *m)
{
  OstCase    *file;
  OstNode    *root, *systems, *system;
  const char *name;
  PetscInt    ranks, iterations;
  PetscReal   dof, solve;

  PetscFunctionBeginUser;
  PetscCall(ost_case_load(path, "machine", list, &file));
  if (!file) PetscFunctionReturn(PETSC_SUCCESS);
  root = ost_case_root(file);
  PetscCall(ost_value_text(root, "processor", NULL, list, &name));
  PetscCall(
      ost_value_int(root, &(OstIntKey){"ranks", OST_REQUIRED_INT, 1, 100000000}, list, &ranks));
  PetscCall(ost_value_list(root, "bonded", PETSC_TRUE, list, &systems));
  if (systems && ost_node_size(systems) > 0) {
    system = ost_node_item(systems, ost_node_size(systems) - 1);
    PetscCall(
        ost_value_real(system, &(OstRealKey){"dof", "1", OST_REQUIRED, 1.0, 1e12}, list, &dof));
    PetscCall(ost_value_real(system, &(OstRealKey){"solve_s", "1", OST_REQUIRED, 1e-9, 1e9}, list,
                             &solve));
    PetscCall(ost_value_int(system, &(OstIntKey){"iterations", OST_REQUIRED_INT, 1, 100000}, list,
                            &iterations));
    m->ranks     = (PetscMPIInt)ranks;
    m->iteration = solve / (double)iterations / dof * (double)ranks;
    PetscCall(PetscStrncpy(m->name, name, sizeof m->name));
  } else if (systems)
    PetscCall(ost_diag_error(list, ost_node_where(systems),
                             "let `osteon bench -o FILE.json` write it", "no system was solved"));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A linear system of this model, bonded, solved twice: the second time counts. Collective. */
static PetscErrorCode time_here(const OstModel *model, Machine *m, PetscBool *reached)
{
  OstLinear  *lin;
  OstIface   *iface;
  OstElastic *elastic;
  PetscInt    iterations = 0;
  double      seconds    = 0.0;
  Vec         b, x;

  PetscFunctionBeginUser;
  PetscCall(PetscStrncpy(m->name, "here", sizeof m->name));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &m->ranks));
  PetscCall(ost_model_create_linear(model, &lin));
  PetscCall(PetscMalloc1(model->mesh->num_cells, &elastic));
  ost_model_elastic(model, model->rho_start, elastic);
  PetscCall(ost_linear_set_bulk(lin, elastic));
  PetscCall(ost_model_create_iface(model, &iface));
  PetscCall(ost_bonded_tangent(iface, lin));
  PetscCall(ost_linear_create_vec(lin, &b));
  PetscCall(VecDuplicate(b, &x));
  PetscCall(VecSet(b, 1.0));
  PetscCall(ost_linear_mask(lin, b));
  for (int time = 0; time < 2; time++) {
    seconds = MPI_Wtime();
    PetscCall(ost_linear_solve(lin, b, x, 1e-4, &iterations, reached));
    seconds = MPI_Wtime() - seconds;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  m->iteration = seconds / (double)PetscMax(1, iterations) * m->ranks /
                 (3.0 * (double)model->mesh->total_nodes);
  PetscCall(VecDestroy(&b));
  PetscCall(VecDestroy(&x));
  PetscCall(PetscFree(elastic));
  PetscCall(ost_iface_destroy(&iface));
  PetscCall(ost_linear_destroy(&lin));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the limb --------------------------------------------------------------------------------- */

/* A folder for the mesh in the working directory, which all ranks see. */
static PetscErrorCode make_folder(char folder[PETSC_MAX_PATH_LEN])
{
  PetscMPIInt rank;
  int         error = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  (void)snprintf(folder, PETSC_MAX_PATH_LEN, "osteon-plan-XXXXXX");
  if (!rank && !mkdtemp(folder)) error = errno;
  PetscCallMPI(MPI_Bcast(&error, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Bcast(folder, PETSC_MAX_PATH_LEN, MPI_CHAR, 0, PETSC_COMM_WORLD));
  PetscCheck(!error, PETSC_COMM_WORLD, PETSC_ERR_FILE_WRITE,
             "cannot make a folder for the mesh in the working directory: %s", strerror(error));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* With all that is in it. After a failure of one rank the others may not come: rank 0 acts
   alone. */
static void remove_folder(const char *folder)
{
  PetscMPIInt    rank;
  struct dirent *entry;
  DIR           *directory;

  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  directory = rank ? NULL : opendir(folder);
  while (directory && (entry = readdir(directory))) {
    char path[PETSC_MAX_PATH_LEN + 256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    (void)unlink(path); /* fails for . and .. */
  }
  if (directory) (void)closedir(directory);
  if (!rank) (void)rmdir(folder);
}

/* Mesh in the folder, and model. */
static PetscErrorCode make_limb_in(const char *folder, const char *case_path, OstSetup *setup,
                                   OstExit *code)
{
  char         mesh[PETSC_MAX_PATH_LEN], sidecar[PETSC_MAX_PATH_LEN];
  OstCase     *read = NULL;
  OstDiagList *list;
  PetscBool    usable, reached;

  PetscFunctionBeginUser;
  PetscCall(ost_path_in(PETSC_COMM_WORLD, folder, "limb.msh", mesh));
  PetscCall(ost_path_in(PETSC_COMM_WORLD, folder, "limb.yaml", sidecar));
  PetscCall(ost_commands_mesh(case_path, mesh, code));
  if (*code != OST_EXIT_DONE) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_wire_model(setup, mesh, sidecar, list, &read, &reached));
  PetscCall(ost_commands_judge(list, &usable));
  PetscCall(ost_diag_destroy(&list));
  if (read) PetscCall(ost_case_destroy(&read));
  *code = !usable ? OST_EXIT_INPUT : reached ? OST_EXIT_DONE : OST_EXIT_NUMBERS;
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD)); /* all have read */
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* *code is OST_EXIT_DONE when mesh and model are there. */
static PetscErrorCode make_limb(const char *case_path, OstSetup *setup, OstExit *code)
{
  char           folder[PETSC_MAX_PATH_LEN];
  PetscErrorCode error;

  PetscFunctionBeginUser;
  PetscCall(make_folder(folder));
  error = make_limb_in(folder, case_path, setup, code);
  remove_folder(folder);
  PetscCall(error);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the table -------------------------------------------------------------------------------- */

static void say_time(double seconds, char text[32])
{
  if (seconds < 90.0)
    (void)snprintf(text, 32, "%.0f s", seconds);
  else if (seconds < 5400.0)
    (void)snprintf(text, 32, "%.0f min", seconds / 60.0);
  else
    (void)snprintf(text, 32, "%.1f h", seconds / 3600.0);
}

/* Peak memory of all ranks so far [B]. */
static PetscErrorCode find_memory(double *all)
{
  struct rusage usage;

  PetscFunctionBeginUser;
  getrusage(RUSAGE_SELF, &usage);
  *all = 1024.0 * (double)usage.ru_maxrss;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, all, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode print_work(const OstModel *model, const OstPlan *plan)
{
  const MPI_Comm comm  = PETSC_COMM_WORLD;
  const double   nodes = (double)model->mesh->total_nodes;
  const double   bytes = nodes * (BYTES_MESH + BYTES_SNAPSHOT * (double)plan->snapshots +
                                BYTES_FALL * (double)plan->falls);

  PetscFunctionBeginUser;
  PetscCall(PetscPrintf(comm,
                        "\nmesh        %" PetscInt_FMT " nodes, %" PetscInt_FMT
                        " cells, %" PetscInt_FMT " interface faces: %" PetscInt_FMT " unknowns\n",
                        model->mesh->total_nodes, model->mesh->total_cells,
                        model->mesh->total_faces, 3 * model->mesh->total_nodes));
  PetscCall(PetscPrintf(comm,
                        "history     %.0f days in about %" PetscInt_FMT
                        " steps, loads change on %" PetscInt_FMT " days: about %.0f equilibria\n",
                        (double)model->schedule.until, plan->steps, plan->breaks,
                        (double)plan->days_lived));
  PetscCall(PetscPrintf(comm, "falls       %" PetscInt_FMT ", about %.0f equilibria\n", plan->falls,
                        (double)plan->in_falls));
  PetscCall(PetscPrintf(comm, "work        about %.0f linear solves, %.0f iterations\n",
                        (double)plan->newton, (double)plan->krylov));
  PetscCall(PetscPrintf(comm, "results.h5  about %.0f MB, %" PetscInt_FMT " snapshots\n",
                        1e-6 * bytes, plan->snapshots));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode print_times(const OstModel *model, const OstPlan *plan, const Machine *m)
{
  const MPI_Comm comm = PETSC_COMM_WORLD;
  const double   dof  = 3.0 * (double)model->mesh->total_nodes;
  const double   work = (double)plan->krylov * dof * m->iteration * (1.0 + BESIDE);
  double         memory;

  PetscFunctionBeginUser;
  PetscCall(find_memory(&memory));
  PetscCall(PetscPrintf(comm, "memory      about %.1f GB on all ranks together\n\n",
                        1e-9 * (1.0 + MEMORY_BESIDE) * memory));
  PetscCall(PetscPrintf(
      comm, "An iteration takes %.0f ns per unknown and rank (%s, %d rank%s).\n  ranks      time\n",
      1e9 * m->iteration, m->name, m->ranks, m->ranks > 1 ? "s" : ""));
  for (PetscInt ranks = 1; ranks == 1 || dof / (double)ranks >= FEWEST; ranks *= 2) {
    char text[32];
    say_time(work / (double)ranks, text);
    PetscCall(PetscPrintf(comm, "%7" PetscInt_FMT "  %8s%s\n", ranks, text,
                          ranks == m->ranks ? "  as measured" : ""));
  }
  PetscCall(PetscPrintf(
      comm,
      "Other numbers of ranks are thought as quick each as those measured. A stem that slides "
      "far or\ncomes loose takes two or three times as long.\n"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_command_plan(const OstCommand *command, OstExit *code)
{
  Machine      machine = {.ranks = 1};
  OstDiagList *list;
  OstSetup     setup;
  OstPlan      plan;
  PetscBool    usable;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_setup_read(&(OstCaseSource){.path = command->target}, list, &setup));
  if (command->machine) PetscCall(read_machine(command->machine, list, &machine));
  PetscCall(ost_commands_judge(list, &usable));
  PetscCall(ost_diag_destroy(&list));
  *code = OST_EXIT_INPUT;
  if (usable) PetscCall(make_limb(command->target, &setup, code));
  if (usable && *code == OST_EXIT_DONE) {
    plan              = ost_plan_make(&setup.model);
    PetscBool reached = PETSC_TRUE;
    if (!command->machine) PetscCall(time_here(&setup.model, &machine, &reached));
    if (!reached) *code = OST_EXIT_NUMBERS;
    PetscCall(print_work(&setup.model, &plan));
    if (reached) PetscCall(print_times(&setup.model, &plan, &machine));
  }
  if (*code == OST_EXIT_NUMBERS)
    PetscCall(ost_log(OST_LOG_ERROR, "a linear analysis found no equilibrium: is the bone held "
                                     "(surface group proximal)?"));
  PetscCall(ost_setup_destroy(&setup));
  PetscFunctionReturn(PETSC_SUCCESS);
}
