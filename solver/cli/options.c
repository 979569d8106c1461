#include "cli/options.h"

#include "base/diag.h"
#include "base/h5.h"

#include <stdio.h>
#include <stdlib.h>

/* One command as the user knows it. `later` names what is designed but not there yet: it is refused
   with a clear word instead of being unknown. */
typedef struct {
  const char    *word;
  OstCommandName name;
  const char    *usage, *text;
  const char *flags; /* a letter for each option it takes; first `-`: works on nothing named, `+`:
                           on several */
} Command;

#define TIME_LIMIT                                                                                 \
  "  --time-limit TIME  end before so much time has passed, with a checkpoint: '11.5 h'. The "     \
  "same "                                                                                          \
  "on SIGTERM\n"                                                                                   \
  "                     and SIGUSR1. Exit code 5; `osteon resume DIR` goes on\n"

static const Command commands[] = {
    {"check", OST_COMMAND_CHECK, "osteon check CASE",
     "Read and validate a case, list every fault with file and line, print the case resolved to "
     "house\n"
     "units with every default, and the loading protocol week by week. Touches nothing.\n",
     "vq"},
    {"mesh", OST_COMMAND_MESH, "osteon mesh CASE [-o FILE.msh]",
     "Geometry and mesh of a case, with a table of quality. Writes FILE.msh (default limb.msh), "
     "with\n"
     "FILE.yaml and, where there is a density image, FILE-density.nii.gz beside it. An earlier\n"
     "mesh there is replaced when the new one is whole; any other file is left alone: exit code "
     "2.\n"
     "  -o FILE.msh   where to write\n",
     "ovq"},
    {"run", OST_COMMAND_RUN, "osteon run CASE [-o DIR]",
     "The main job: mesh, press-fit, the loading protocol day by day, the falls, results and "
     "report.\n"
     "Under mpirun -n N on N ranks.\n"
     "  -o DIR        results directory (default: out)\n"
     "  --force       replace the results of an earlier run in DIR\n"
     "  --no-report   results only; `osteon report DIR` makes the page later\n"
     "  --protocol FILE    loads by this protocol in place of the one that the case names\n"
     "  --mesh DIR         take limb.msh and limb.yaml from there: `osteon mesh` or an earlier run "
     "of "
     "the\n"
     "                     same patient left them\n" TIME_LIMIT,
     "ofntpMvq"},
    {"resume", OST_COMMAND_RESUME, "osteon resume DIR",
     "Go on with the run in DIR from its last checkpoint, on any number of ranks, to what it would "
     "have been.\n"
     "Of a run that is complete nothing is left to do: exit code 0.\n"
     "  --no-report   results only; `osteon report DIR` makes the page later\n" TIME_LIMIT,
     "ntvq"},
    {"compare", OST_COMMAND_COMPARE,
     "osteon compare CASE --protocol FILE --protocol FILE ... [-o DIR]\n"
     "  osteon compare DIR DIR ... [-o DIR]",
     "One patient under several loading protocols: a run of each on the same mesh, side by side, "
     "then a table\n"
     "(printed, and DIR/compare.csv) and a page of curves (DIR/compare.html) with what differs and "
     "what that\n"
     "rests on. Given directories, only table and page, of runs that were jobs of their own: "
     "`osteon run CASE\n"
     "--protocol FILE --mesh DIR`. Called again, it goes on with what was cut off.\n"
     "  -o DIR             where to (default: compare); each run in a folder named after its "
     "protocol\n"
     "  --jobs N           as many runs at a time (default: one for each core)\n" TIME_LIMIT,
     "+otpjvq"},
    {"report", OST_COMMAND_REPORT, "osteon report DIR [-o FILE.html]",
     "(Re)make the report page from a results directory.\n"
     "  -o FILE.html  where to write (default DIR/report.html)\n",
     "ovq"},
    {"keys", OST_COMMAND_KEYS, "osteon keys CASE",
     "Every key that a case may have under the choices it makes, as `schema path kind unit default "
     "range`;\n"
     "the same list as cases/reference.yaml, from the code that reads it. Takes a limb.yaml as "
     "well.\n",
     "vq"},
    {"explain", OST_COMMAND_EXPLAIN, "osteon explain FILE",
     "Why a run found no equilibrium: FILE is the failure.h5 it left. Prints what failed, on which "
     "faces,\n"
     "what holds the stem against what the load asks, what to change, and the last iterations.\n",
     "vq"},
    {"plan", OST_COMMAND_PLAN, "osteon plan CASE [--machine FILE.json]",
     "What a run of the case will take, before it is submitted: unknowns, time steps, linear "
     "solves,\n"
     "time by number of ranks, memory, size of the results. Makes the mesh, solves one linear "
     "system to\n"
     "time an iteration, and leaves nothing behind. Under mpirun -n N on N ranks.\n"
     "  --machine FILE.json  times of another machine, where `osteon bench -o FILE.json` wrote "
     "them\n",
     "mvq"},
    {"bench", OST_COMMAND_BENCH, "osteon bench [-o FILE.json]",
     "What this machine can do and what the solver makes of it, in at most five minutes: memory, "
     "arithmetic,\n"
     "messages, files, a linear system of three sizes, the product at its core against the two "
     "ceilings, and\n"
     "a machine that is known. Under mpirun -n N on N ranks.\n"
     "  --quick       one minute, two sizes\n"
     "  --dof N       one size of about N displacements (6e3 to 5e8) in place of the usual ones\n"
     "  -o FILE.json  the figures, for scripts; what is written for a test goes to its folder\n"
     "  --force       replace FILE.json\n",
     "-ofsdvq"},
};
static const char *const later[] = {"fall", "size", "ensemble"};

enum {
  NUM_COMMANDS = sizeof commands / sizeof *commands,
  NUM_LATER    = sizeof later / sizeof *later
};

void ost_options_split(int *argc, char **argv[], int *petsc_argc, char **petsc_argv[])
{
  int cut = 1;

  while (cut < *argc && strcmp((*argv)[cut], "--") != 0) cut++;
  *petsc_argc = cut < *argc ? *argc - cut : 1;
  *petsc_argv = malloc(((size_t)*petsc_argc + 1) * sizeof(char *));
  if (!*petsc_argv) exit(OST_EXIT_SYSTEM);
  (*petsc_argv)[0] = (*argv)[0];
  for (int i = 1; i < *petsc_argc; i++) (*petsc_argv)[i] = (*argv)[cut + i];
  (*petsc_argv)[*petsc_argc] = NULL;
  *argc                      = cut;
}

static void print_help(void)
{
  printf("osteon %s: the bone-implant interface of bone-anchored limb prostheses\n\n",
         OSTEON_VERSION);
  for (int i = 0; i < NUM_COMMANDS; i++) printf("  %s\n", commands[i].usage);
  printf("\n`osteon COMMAND --help` says more. -v tells more, -q less; --version names the "
         "libraries.\n"
         "Options for PETSC follow after `--`, e.g. `-- -log_view`.\n"
         "Exit codes: 0 done, 2 input wrong, 3 no equilibrium, 4 files or memory,\n"
         "5 stopped on request, 1 a bug.\n");
}

static void print_version(void)
{
  char petsc[128], h5[64] = "", mpi[MPI_MAX_LIBRARY_VERSION_STRING];
  int  length;

  PetscGetVersion(petsc, sizeof petsc);
  ost_h5_version(h5, sizeof h5);
  MPI_Get_library_version(mpi, &length);
  mpi[strcspn(mpi, ",\n")] = '\0';
  printf("osteon %s\n%s\nHDF5 %s\n%s\nGmsh: see `osteon-mesh --version`\n", OSTEON_VERSION, petsc,
         h5, mpi);
}

static PetscBool complain(PetscBool print, const char *what, const char *word, const char *advice)
{
  if (print)
    fprintf(stderr, "osteon: error: %s%s%s%s\n    fix: %s\n", what, word ? " `" : "",
            word ? word : "", word ? "`" : "", advice);
  return PETSC_FALSE;
}

static const Command *find_command(const char *word, PetscBool print)
{
  const char *words[NUM_COMMANDS];
  char        advice[128];

  for (int i = 0; i < NUM_COMMANDS; i++) {
    words[i] = commands[i].word;
    if (!strcmp(word, words[i])) return &commands[i];
  }
  for (int i = 0; i < NUM_LATER; i++)
    if (!strcmp(word, later[i])) {
      complain(print, "not in this version yet: the command", word,
               "`osteon --help` lists what there is");
      return NULL;
    }
  const char *near = ost_diag_nearest(word, words, NUM_COMMANDS);
  snprintf(advice, sizeof advice,
           near ? "did you mean `osteon %s`? `osteon --help` lists the commands"
                : "%.0s`osteon --help` lists the commands",
           near ? near : "");
  complain(print, "unknown command", word, advice);
  return NULL;
}

static PetscBool read_dof(const char *text, double *dof)
{
  char *end;

  *dof = strtod(text, &end);
  return (PetscBool)(end != text && !*end && *dof >= 6e3 && *dof <= 5e8);
}

PetscBool ost_options_parse(int argc, char *argv[], PetscBool print, OstCommand *out)
{
  const Command *command = NULL;

  *out = (OstCommand){0};
  if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
      !strcmp(argv[1], "help")) {
    if (print) print_help();
    return argc < 2 ? PETSC_FALSE : PETSC_TRUE;
  }
  if (!strcmp(argv[1], "--version")) {
    if (print) print_version();
    return PETSC_TRUE;
  }
  command = find_command(argv[1], print);
  if (!command) return PETSC_FALSE;
  out->name = command->name;
  for (int i = 2; i < argc; i++) {
    const char *word = argv[i];
    if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
      if (print) printf("%s\n\n%s", command->usage, command->text);
      *out = (OstCommand){0};
      return PETSC_TRUE;
    }
    if (!strcmp(word, "-v"))
      out->verbosity++;
    else if (!strcmp(word, "-q"))
      out->verbosity--;
    else if (!strcmp(word, "-o") && strchr(command->flags, 'o')) {
      if (i + 1 >= argc) return complain(print, "nothing follows", word, command->usage);
      out->output = argv[++i];
      if (!out->output[0]) return complain(print, "no name follows", word, command->usage);
    } else if (!strcmp(word, "--force") && strchr(command->flags, 'f'))
      out->force = PETSC_TRUE;
    else if (!strcmp(word, "--no-report") && strchr(command->flags, 'n'))
      out->no_report = PETSC_TRUE;
    else if (!strcmp(word, "--quick") && strchr(command->flags, 's'))
      out->quick = PETSC_TRUE;
    else if (!strcmp(word, "--protocol") && strchr(command->flags, 'p')) {
      const PetscInt most = strchr(command->flags, '+') ? OST_MOST_NAMED : 1;
      if (i + 1 >= argc || !argv[i + 1][0])
        return complain(print, "no file follows", word, command->usage);
      if (out->num_protocols == most)
        return complain(print, "one too many:", argv[i + 1], command->usage);
      out->protocol[out->num_protocols++] = argv[++i];
    } else if (!strcmp(word, "--mesh") && strchr(command->flags, 'M')) {
      if (i + 1 >= argc || !argv[i + 1][0])
        return complain(print, "no folder follows", word, command->usage);
      out->mesh = argv[++i];
    } else if (!strcmp(word, "--jobs") && strchr(command->flags, 'j')) {
      out->jobs = i + 1 < argc ? (PetscInt)strtol(argv[++i], NULL, 10) : 0;
      if (out->jobs < 1) return complain(print, "no number of jobs follows", word, command->usage);
    } else if (!strcmp(word, "--time-limit") && strchr(command->flags, 't')) {
      if (i + 1 >= argc) return complain(print, "no time follows", word, command->usage);
      out->time_limit = argv[++i];
    } else if (!strcmp(word, "--machine") && strchr(command->flags, 'm')) {
      if (i + 1 >= argc || !argv[i + 1][0])
        return complain(print, "no file follows", word, command->usage);
      out->machine = argv[++i];
    } else if (!strcmp(word, "--dof") && strchr(command->flags, 'd')) {
      if (i + 1 >= argc) return complain(print, "nothing follows", word, command->usage);
      if (!read_dof(argv[++i], &out->dof))
        return complain(print, "not a number of displacements:", argv[i],
                        "write one from 6e3 to 5e8 after --dof, e.g. 5e6");
    } else if (word[0] == '-')
      return complain(print, "unknown option", word, command->usage);
    else if (out->target && command->flags[0] == '+' && out->num_further < OST_MOST_NAMED)
      out->further[out->num_further++] = word;
    else if (out->target || command->flags[0] == '-')
      return complain(print, "one too many:", word, command->usage);
    else
      out->target = word;
  }
  if (out->target && !out->target[0])
    return complain(print, "the name of what to work on is empty", NULL, command->usage);
  if (!out->target && command->flags[0] != '-')
    return complain(print, "what to work on is missing", NULL, command->usage);
  return PETSC_TRUE;
}
