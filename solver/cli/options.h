/* options.h: the command line of osteon. */
#pragma once

#include "base/base.h"

typedef enum {
  OST_COMMAND_NONE, /* nothing to do: help or version was printed */
  OST_COMMAND_CHECK,
  OST_COMMAND_MESH,
  OST_COMMAND_RUN,
  OST_COMMAND_RESUME,
  OST_COMMAND_COMPARE,
  OST_COMMAND_REPORT,
  OST_COMMAND_KEYS,
  OST_COMMAND_EXPLAIN,
  OST_COMMAND_BENCH,
  OST_COMMAND_PLAN
} OstCommandName;

enum { OST_MOST_NAMED = 16 };

typedef struct {
  OstCommandName name;
  const char    *target;      /* CASE, or DIR of report */
  PetscInt       num_further; /* of compare: further directories */
  const char    *further[OST_MOST_NAMED];
  PetscInt       num_protocols; /* --protocol, repeated */
  const char    *protocol[OST_MOST_NAMED];
  const char    *mesh;       /* --mesh; NULL: it is made */
  PetscInt       jobs;       /* --jobs; 0: one for each core */
  const char    *output;     /* -o; NULL: the command's own default */
  PetscBool      force;      /* --force */
  PetscBool      no_report;  /* --no-report */
  PetscBool      quick;      /* --quick */
  double         dof;        /* --dof; 0: the command's own sizes */
  const char    *machine;    /* --machine; NULL: this one */
  const char    *time_limit; /* --time-limit, with its unit; NULL: none */
  PetscInt       verbosity;  /* -v counts up, -q down */
} OstCommand;

/* Arguments of PETSC: what stands after `--`. *argc and *argv are cut off before it. The array is
   allocated once and lives as long as the program. */
void ost_options_split(int *argc, char **argv[], int *petsc_argc, char **petsc_argv[]);

/* Returns FALSE on a wrong command line; then a message and the way out were printed by rank 0. */
PetscBool ost_options_parse(int argc, char *argv[], PetscBool print, OstCommand *command);
