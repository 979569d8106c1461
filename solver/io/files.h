/* files.h: what all writers of a run need of the file system.

   Owns the text file that is, at any moment, either the old one or the whole new one: the text
   goes to NAME.part beside it, is synced, and takes the name only when all of it is on the disk.
   A reader never sees half a file, and a full disk leaves the old one. Rank 0 acts; failures
   reach all ranks with the system's own words. */
#pragma once

#include "base/base.h"

#include <stdio.h>

typedef struct {
  MPI_Comm comm;
  FILE    *file; /* to print into (memory); NULL on ranks other than 0 */
  char    *text;
  size_t   length;
  char     path[PETSC_MAX_PATH_LEN];
} OstAtomicFile;

PetscErrorCode ost_atomic_file_begin(MPI_Comm comm, const char *path, OstAtomicFile *f);

/* Write NAME.part, sync, rename. PETSC_ERR_FILE_WRITE on all ranks when the text did not get to
   the disk; NAME.part is then removed and NAME is as it was. Collective. */
PetscErrorCode ost_atomic_file_end(OstAtomicFile *f);

/* Both with a text in memory (that of rank 0). Collective. */
PetscErrorCode ost_atomic_file_write(MPI_Comm comm, const char *path, const char *text);

/* DIRECTORY/NAME; PETSC_ERR_FILE_OPEN when that is too long. Collective. */
PetscErrorCode ost_path_in(MPI_Comm comm, const char *directory, const char *name,
                           char path[PETSC_MAX_PATH_LEN]);

PetscErrorCode ost_file_exists(MPI_Comm comm, const char *path, PetscBool *exists);

/* Sync what was written to `path` by whichever rank, and report a disk that filled up only then.
   Rank 0 acts. Collective. */
PetscErrorCode ost_file_sync(MPI_Comm comm, const char *path);

/* A copy of a file. Rank 0 acts. PETSC_ERR_FILE_READ or PETSC_ERR_FILE_WRITE on all ranks.
   Collective. */
PetscErrorCode ost_file_copy(MPI_Comm comm, const char *from, const char *to);

/* A file that is on the disk takes another's name, and that is on the disk too. Rank 0 acts.
   PETSC_ERR_FILE_WRITE on all ranks. Collective. */
PetscErrorCode ost_file_rename(MPI_Comm comm, const char *from, const char *to);

/** Reserve room behind the end of a file before all ranks write to it.
 *  @param[in]  path   a file that exists
 *  @param[in]  bytes  at most to be written
 *  What MPI writes is not told reliably when the disk or a quota is full (a collective write of
 *  several ranks may fail in silence), so the blocks are asked for first; the file is longer then
 *  until its writer cuts it. Where the file system cannot reserve, the free space is compared.
 *  Rank 0 acts.
 *  PETSC_ERR_FILE_WRITE on all ranks, with the file as it was, when there is no room. Collective.
 */
PetscErrorCode ost_file_reserve(MPI_Comm comm, const char *path, double bytes);
