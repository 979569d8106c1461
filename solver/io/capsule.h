/* capsule.h: the file a run leaves when a load found no equilibrium, and its reader.

   failure.h5: in words what failed, where, and what to change; the iterations of the increment
   that was given up; states, gaps and moves of the interface's points, in the mesh file's
   numbering. `osteon explain` prints it. */
#pragma once

#include "analysis/observer.h"
#include "base/diag.h"

#define OST_CAPSULE_FILE "failure.h5"

/* Write DIRECTORY/failure.h5 whole, or not at all. Collective. */
PetscErrorCode ost_capsule_write(const OstMesh *mesh, const char *directory,
                                 const OstFailureReport *report);

/* Print the words and the iterations of a capsule on rank 0. A path that is none is told in `list`.
   Collective. */
PetscErrorCode ost_capsule_print(MPI_Comm comm, const char *path, OstDiagList *list);
