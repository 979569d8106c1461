/* run_dir.h: a run's output directory, made, checked and locked, so that no run harms another.

   Owns the rules: a directory that holds anything is refused unless force is given; force removes
   the files that a run writes (run_dir.c has their names) and never another; a lock file with host,
   process and start keeps a second run out, and one left behind by a process that is gone is taken
   over. Until a run has a mesh it works in a part folder, so that a refusal costs no earlier
   result; one left behind by a run that was cut off is removed. What the user can mend is told in
   the list; what the system refuses (no permission, read-only, no space) is PETSC_ERR_FILE_OPEN or
   PETSC_ERR_FILE_WRITE with the system's words.

   Rank 0 of the communicator acts, all ranks get the same list and the same error. */
#pragma once

#include "base/diag.h"

#define OST_LOCK_FILE   "osteon.lock"
#define OST_PART_FOLDER "osteon.part"

typedef struct OstRunDir OstRunDir;

typedef struct {
  const char        *path;       /* as the user gave it; made with its parents where missing */
  PetscBool          force;      /* replace an earlier run */
  PetscBool          resume;     /* go on with the one that is there: nothing is checked or made */
  PetscInt           num_inputs; /* files that this run is going to read */
  const char *const *inputs;     /* [num_inputs]; force refuses to remove one of them */
} OstRunDirOptions;

/** Take a directory for a run. An earlier run in it stays until ost_run_dir_install.
 *  @param[in]  options copied where it is kept
 *  @param[out] list    errors: in use, not empty, no directory, would remove an input; warnings: a
 *                      lock taken over, foreign files that stay
 *  @param[out] dir     NULL when list got an error
 *  Collective.
 */
PetscErrorCode ost_run_dir_claim(MPI_Comm comm, const OstRunDirOptions *options, OstDiagList *list,
                                 OstRunDir **dir);

/* The folder in it to write to until ost_run_dir_install. */
const char *ost_run_dir_part(const OstRunDir *dir);

/* With force, remove the files of an earlier run; then move those of the part folder to their
   place. From here on the run writes to the directory itself. Collective. */
PetscErrorCode ost_run_dir_install(OstRunDir *dir);

/* Removes the lock, and the part folder where it was not installed; sets NULL. Collective. */
PetscErrorCode ost_run_dir_release(OstRunDir **dir);
