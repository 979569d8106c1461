/* undo.h: a results file that a kill at any moment leaves as it was before, or can be brought back.

   HDF5 updates its tables in place: a program that is killed while it writes leaves a file that no
   one can open. So, before each session of writing, what such a session may overwrite (all but the
   values of the datasets, which stay) is copied to FILE.undo; the copy is removed when the session
   is on the disk. A copy that is still there is put back, and the file is what it was.

   Rank 0 acts; failures reach all ranks. Collective. */
#pragma once

#include "base/base.h"

/* Before a session on an HDF5 file that no one has open. Datasets below the group `rewritten` are
   copied too, for the session writes to them. PETSC_ERR_FILE_WRITE when the copy does not get to
   the disk; the file is then as it was. */
PetscErrorCode ost_undo_begin(MPI_Comm comm, const char *path, const char *rewritten);

/* The session is on the disk. */
PetscErrorCode ost_undo_end(MPI_Comm comm, const char *path);

/* Put back what a session that was cut off has changed; *recovered: there was one. */
PetscErrorCode ost_undo_recover(MPI_Comm comm, const char *path, PetscBool *recovered);
