/* A check of a machine: what it can do, what the solver makes of it, and tables of both. */
#include "base/log.h"
#include "bench/figures.h"
#include "cli/commands.h"
#include "io/files.h"

#include <unistd.h>

/* --- measuring -------------------------------------------------------------------------------- */

typedef struct {
  double seconds;   /* for each figure of the machine */
  double megabytes; /* to write */
  int    num;
  double dof[OST_BENCH_SIZES];
} Extent;

static Extent extent_of(const OstCommand *command)
{
  Extent e = {3.0, 96.0, 3, {5e4, 2e5, 6e5}};

  if (command->quick) {
    e.seconds   = 0.6;
    e.megabytes = 24.0;
    e.num       = 2;
  }
  if (command->dof > 0.0) {
    e.num    = 1;
    e.dof[0] = command->dof;
  }
  return e;
}

static PetscErrorCode name_machine(MPI_Comm comm, OstBenchFigures *f)
{
  FILE       *file = fopen("/proc/cpuinfo", "r");
  char        line[256];
  MPI_Comm    node;
  PetscMPIInt first;

  PetscFunctionBeginUser;
  PetscCall(PetscStrncpy(f->processor, "processor without a name", sizeof f->processor));
  while (file && fgets(line, sizeof line, file)) {
    const char *value = strchr(line, ':');
    if (strncmp(line, "model name", 10) != 0 || !value) continue;
    line[strcspn(line, "\n\"\\")] = '\0';
    PetscCall(PetscStrncpy(f->processor, value + 2, sizeof f->processor));
    break;
  }
  if (file) (void)fclose(file);
  PetscCallMPI(MPI_Comm_size(comm, &f->ranks));
  PetscCallMPI(MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node));
  PetscCallMPI(MPI_Comm_rank(node, &first));
  first = !first;
  PetscCallMPI(MPI_Allreduce(&first, &f->nodes, 1, MPI_INT, MPI_SUM, comm));
  PetscCallMPI(MPI_Comm_free(&node));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- tables ----------------------------------------------------------------------------------- */

static PetscErrorCode measure_machine(MPI_Comm comm, const Extent *e, OstBenchFigures *f)
{
  PetscFunctionBeginUser;
  PetscCall(ost_machine_memory(comm, e->seconds, &f->memory, &f->memory_one, &f->update));
  PetscCall(ost_machine_arithmetic(comm, e->seconds, &f->flops[0], &f->flops[1]));
  PetscCall(ost_machine_messages(comm, e->seconds, &f->messages));
  PetscCall(PetscPrintf(comm, "%s, %d rank%s on %d node%s\n\n", f->processor, f->ranks,
                        f->ranks > 1 ? "s" : "", f->nodes, f->nodes > 1 ? "s" : ""));
  PetscCall(PetscPrintf(comm, "memory, a = b + s c         %8.1f GB/s   one rank alone %.1f GB/s\n",
                        1e-9 * f->memory, 1e-9 * f->memory_one));
  PetscCall(PetscPrintf(comm, "memory, a = a + s b         %8.1f GB/s\n", 1e-9 * f->update));
  PetscCall(PetscPrintf(comm, "arithmetic, single          %8.1f GFLOP/s\n", 1e-9 * f->flops[0]));
  PetscCall(PetscPrintf(comm, "arithmetic, double          %8.1f GFLOP/s\n", 1e-9 * f->flops[1]));
  if (f->ranks > 1) {
    PetscCall(PetscPrintf(comm, "message of 8 bytes          %8.2f us     first to last rank\n",
                          1e6 * f->messages.latency));
    PetscCall(PetscPrintf(comm, "message of 4 MiB            %8.1f GB/s\n",
                          1e-9 * f->messages.bandwidth));
    PetscCall(
        PetscPrintf(comm, "sum over all ranks          %8.2f us\n", 1e6 * f->messages.reduce));
  }
  PetscCall(PetscPrintf(comm, "results written             %8.1f MB/s   HDF5, compressed\n\n",
                        1e-6 * f->write));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* First of all: where there is no room for a test, there is none for the figures. */
static PetscErrorCode measure_write(MPI_Comm comm, const char *output, double megabytes,
                                    double *rate)
{
  char folder[PETSC_MAX_PATH_LEN] = ".";

  PetscFunctionBeginUser;
  if (output && strrchr(output, '/')) {
    PetscCall(PetscStrncpy(folder, output, sizeof folder));
    char *end          = strrchr(folder, '/');
    end[end == folder] = '\0';
  }
  PetscCall(ost_machine_write(comm, folder, megabytes, rate));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode print_size(MPI_Comm comm, const OstBenchFigures *f, const OstBondedFigures *s)
{
  PetscFunctionBeginUser;
  PetscCall(PetscPrintf(
      comm, "%9" PetscInt_FMT " %8.2f %8.2f %8.2f %8.2f %8.2f %5" PetscInt_FMT " %10.0f %9.0f%s\n",
      s->dof, s->mesh, s->create, s->assembly, s->setup, s->solve, s->iterations,
      ost_bench_rate(f, s), s->memory / (double)s->dof, s->reached ? "" : "  NOT CONVERGED"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Other users of a machine change what memory gives from minute to minute: the product's ceiling is
   the better of before and after. */
static PetscErrorCode measure_product(MPI_Comm comm, double seconds, const OstBonded *bonded,
                                      OstBenchFigures *f)
{
  double again[3];

  PetscFunctionBeginUser;
  PetscCall(ost_bonded_apply(bonded, 2.0 * seconds, &f->apply[0], &f->apply[1]));
  PetscCall(ost_machine_memory(comm, seconds, &again[0], &again[1], &again[2]));
  f->memory     = PetscMax(f->memory, again[0]);
  f->memory_one = PetscMax(f->memory_one, again[1]);
  f->update     = PetscMax(f->update, again[2]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode measure_solver(MPI_Comm comm, const Extent *e, OstBenchFigures *f)
{
  OstBonded *bonded;

  PetscFunctionBeginUser;
  PetscCall(PetscPrintf(comm, "Bonded stem, one linear system to 1e-8: seconds of\n"
                              "      dof     mesh   create assembly   set-up    solve  iter. "
                              "dof/s/rank bytes/dof\n"));
  for (f->num_sizes = 0; f->num_sizes < e->num;) {
    OstBondedFigures *s = &f->size[f->num_sizes];
    PetscCall(ost_bonded_solve(comm, e->dof[f->num_sizes], &bonded, s));
    PetscCall(print_size(comm, f, s));
    if (++f->num_sizes == e->num) PetscCall(measure_product(comm, e->seconds, bonded, f));
    PetscCall(ost_bonded_destroy(&bonded));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A share of memory's ceiling says something where the data are larger than the caches. */
static PetscErrorCode print_roofline(MPI_Comm comm, const OstBenchFigures *f)
{
  static const char *const name[2] = {"single", "double"};
  const double             cache   = (double)sysconf(_SC_LEVEL3_CACHE_SIZE) * f->nodes;
  const PetscBool          held    = (PetscBool)(f->apply[0].bytes < 2.0 * cache);

  PetscFunctionBeginUser;
  PetscCall(PetscPrintf(comm,
                        "\nStiffness times vector on the last mesh%s\n"
                        "a = a + s b, the better of before and after: %.1f GB/s\n"
                        "precision       MB   ns/dof  GFLOP/s     GB/s flop/byte  ceiling    "
                        "share\n",
                        held ? ", much of which a cache holds (--dof 2e6: less)" : "",
                        1e-9 * f->update));
  for (int k = 0; k < 2; k++) {
    const OstApplyFigures *a = &f->apply[k];
    PetscBool              memory;
    const double           ceiling = ost_bench_ceiling(f, k, &memory);
    PetscCall(PetscPrintf(comm, "%-9s %8.0f %8.2f %8.1f %8.1f %9.2f %8.1f %6.0f %%  %s\n", name[k],
                          1e-6 * a->bytes, 1e9 * a->seconds / a->dof, 1e-9 * a->flops / a->seconds,
                          1e-9 * a->bytes / a->seconds, a->flops / a->bytes, 1e-9 * ceiling,
                          100.0 * a->flops / a->seconds / ceiling,
                          memory ? "memory bounds it" : "arithmetic bounds it"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode print_machine(MPI_Comm comm, const OstBenchMachine *m)
{
  PetscFunctionBeginUser;
  PetscCall(PetscPrintf(comm, "%5d %9.1f %8.1f %8.1f %8.1f %8.1f %10.0f %9.0f  %s\n", m->ranks,
                        1e-9 * m->memory, 1e-9 * m->flops[0], 1e-9 * m->flops[1], 1e9 * m->apply[0],
                        1e9 * m->apply[1], m->rate, m->bytes, m->name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode print_comparison(MPI_Comm comm, const OstBenchFigures *f)
{
  int                    num;
  const OstBenchMachine *known = ost_bench_known(&num), here = ost_bench_summary(f);

  PetscFunctionBeginUser;
  PetscCall(PetscPrintf(comm, "\nBy the rank, beside machines that were measured with 600 000 dof\n"
                              "ranks    memory   single   double  product  product     system    "
                              "memory\n"
                              "           GB/s  GFLOP/s  GFLOP/s  ns, s.p.  ns, d.p.     dof/s "
                              "bytes/dof\n"));
  for (int k = 0; k < num; k++) PetscCall(print_machine(comm, &known[k]));
  PetscCall(print_machine(comm, &here));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- for scripts ------------------------------------------------------------------------------ */

static void put_size(FILE *file, const OstBondedFigures *s)
{
  fprintf(file,
          "    {\"dof\": %" PetscInt_FMT ", \"cells\": %" PetscInt_FMT
          ", \"p1_nodes\": %" PetscInt_FMT ", \"mesh_s\": %.6g, \"create_s\": %.6g,\n"
          "     \"assembly_s\": %.6g, \"setup_s\": %.6g, \"solve_s\": %.6g, \"iterations\": "
          "%" PetscInt_FMT ",\n     \"converged\": %s, \"compliance_N_mm\": %.12g, "
          "\"memory_bytes\": %.0f}",
          s->dof, s->cells, s->vertices, s->mesh, s->create, s->assembly, s->setup, s->solve,
          s->iterations, s->reached ? "true" : "false", s->compliance, s->memory);
}

static void put_apply(FILE *file, const OstBenchFigures *f, int precise)
{
  const OstApplyFigures *a = &f->apply[precise];
  PetscBool              memory;
  const double           ceiling = ost_bench_ceiling(f, precise, &memory);

  fprintf(file,
          "    \"%s\": {\"seconds\": %.6g, \"dof\": %.0f, \"flop\": %.6g, \"bytes\": %.6g, "
          "\"ceiling_flop_s\": %.6g,\n      \"bound\": \"%s\", \"share\": %.4f}",
          precise ? "double" : "single", a->seconds, a->dof, a->flops, a->bytes, ceiling,
          memory ? "memory" : "arithmetic", a->flops / a->seconds / ceiling);
}

static void put_figures(FILE *file, const OstBenchFigures *f)
{
  fprintf(
      file,
      "{\n  \"osteon\": \"%s\",\n  \"processor\": \"%s\",\n  \"ranks\": %d,\n  \"nodes\": %d,\n",
      OSTEON_VERSION, f->processor, f->ranks, f->nodes);
  fprintf(file,
          "  \"triad_bytes_s\": %.6g,\n  \"triad_one_rank_bytes_s\": %.6g,\n"
          "  \"update_bytes_s\": %.6g,\n  \"single_flop_s\": %.6g,\n  \"double_flop_s\": %.6g,\n",
          f->memory, f->memory_one, f->update, f->flops[0], f->flops[1]);
  fprintf(file,
          "  \"latency_s\": %.6g,\n  \"message_bytes_s\": %.6g,\n  \"allreduce_s\": %.6g,\n"
          "  \"write_bytes_s\": %.6g,\n  \"product\": {\n",
          f->messages.latency, f->messages.bandwidth, f->messages.reduce, f->write);
  put_apply(file, f, 0);
  fprintf(file, ",\n");
  put_apply(file, f, 1);
  fprintf(file, "},\n  \"bonded\": [\n");
  for (int k = 0; k < f->num_sizes; k++) {
    put_size(file, &f->size[k]);
    fprintf(file, "%s\n", k + 1 < f->num_sizes ? "," : "");
  }
  fprintf(file, "  ]\n}\n");
}

/* Said before minutes are spent on figures that have no place. */
static PetscErrorCode check_output(MPI_Comm comm, const OstCommand *command, PetscBool *usable)
{
  OstDiagList *list;
  PetscMPIInt  rank;
  int          there = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (!rank && command->output) there = !command->force && !access(command->output, F_OK);
  PetscCallMPI(MPI_Bcast(&there, 1, MPI_INT, 0, comm));
  if (there)
    PetscCall(ost_diag_error(list, (OstWhere){command->output, 0},
                             "name another file, or --force to replace it",
                             "there is a file of that name"));
  PetscCall(ost_commands_judge(list, usable));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_command_bench(const OstCommand *command, OstExit *code)
{
  const Extent    extent = extent_of(command);
  MPI_Comm        comm   = PETSC_COMM_WORLD;
  OstBenchFigures f      = {0};
  OstAtomicFile   out;
  PetscBool       usable;

  PetscFunctionBeginUser;
  PetscCall(check_output(comm, command, &usable));
  *code = usable ? OST_EXIT_DONE : OST_EXIT_INPUT;
  if (!usable) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(name_machine(comm, &f));
  PetscCall(measure_write(comm, command->output, extent.megabytes, &f.write));
  PetscCall(measure_machine(comm, &extent, &f));
  PetscCall(measure_solver(comm, &extent, &f));
  PetscCall(print_roofline(comm, &f));
  PetscCall(print_comparison(comm, &f));
  for (int k = 0; k < f.num_sizes; k++)
    if (!f.size[k].reached) *code = OST_EXIT_NUMBERS;
  if (!command->output) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_atomic_file_begin(comm, command->output, &out));
  if (out.file) put_figures(out.file, &f);
  PetscCall(ost_atomic_file_end(&out));
  PetscFunctionReturn(PETSC_SUCCESS);
}
