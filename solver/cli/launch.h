/* launch.h: other programs of the house, started from rank 0.

   The mesher is a program of its own because Gmsh is GPL; the report is Python. A child must not
   think it belongs to this MPI job: the environment that mpirun set is taken from it. It ends with
   this program, however that ends. */
#pragma once

#include "base/base.h"

/** Run a program and wait for it.
 *  @param[in]  arguments  [n + 1] with NULL at the end; [0] is the program's full path
 *  @param[out] code       its exit code, the same on every rank; 127 when it could not be started
 *  Collective: rank 0 runs it, the others wait without burning a core.
 */
PetscErrorCode ost_launch(char *const arguments[], int *code);

/* Several programs to be run. */
typedef struct {
  PetscInt            num, jobs; /* so many at a time */
  char *const *const *arguments; /* [num] each as above */
  const char *const  *output;    /* [num] file that gets stdout and stderr, at its end */
  /* asked before number i is started, may still change its arguments; FALSE: it is left out */
  PetscBool (*ready)(PetscInt i, void *context);
  void *context;
} OstLaunches;

/** Run several programs. SIGTERM and SIGUSR1 are passed on, and then no further one is started.
 *  @param[out] codes  [num] exit codes; 127: could not be started, OST_EXIT_STOPPED: nor tried, or
 *                     ended by the signal that was passed on
 *  On one rank alone.
 */
PetscErrorCode ost_launch_all(const OstLaunches *what, int codes[]);

/* Full path of this program. */
PetscErrorCode ost_launch_self(char path[PETSC_MAX_PATH_LEN]);

/* Full path of a file of the house: beside this program, or of its installation.
   PETSC_ERR_FILE_OPEN with what was looked for when it is nowhere. */
PetscErrorCode ost_launch_find(const char *name, char path[PETSC_MAX_PATH_LEN]);
