/* archive.h: the way of an analysis' state to a checkpoint and back.

   Every part of a run that the next step depends on has one function, ost_..._archive, that names
   its members one by one to an archive; the same function stores and restores, so that the two can
   never differ. Fields are in the mesh file's numbering and come back on any number of ranks. What
   an archive is (a file, a test's memory) the state does not know. All collective. */
#pragma once

#include "base/field_info.h"
#include "mesh/mesh.h"

typedef struct OstArchive OstArchive;
struct OstArchive {
  void     *context;
  PetscBool loading; /* values come back; else they are only read */

  /* What this rank owns of a field: values [rows of `place` x num_comp]. */
  PetscErrorCode (*field)(OstArchive *archive, const char *name, OstFieldPlace place,
                          PetscInt num_comp, PetscReal values[]);
  /* Numbers that are the same on every rank. */
  PetscErrorCode (*numbers)(OstArchive *archive, const char *name, PetscInt num,
                            PetscReal values[]);
  /* A table of rank 0, of which only the width is known before: *rows [*num_rows x width] is made
     by PetscMalloc when loading, NULL on the other ranks. */
  PetscErrorCode (*table)(OstArchive *archive, const char *name, PetscInt width, PetscInt *num_rows,
                          PetscReal **rows);
  /* A text of rank 0; *text is made by PetscMalloc when loading, NULL on the other ranks. */
  PetscErrorCode (*text)(OstArchive *archive, const char *name, char **text);
};

/* Members of an array of structs: `first` is the member [num_comp] in the first struct, the next
   one is `stride` bytes on; num structs. */
PetscErrorCode ost_archive_members(OstArchive *archive, const char *name, OstFieldPlace place,
                                   PetscInt num_comp, PetscInt num, size_t stride,
                                   PetscReal *first);

/* The owned values of a global vector of nodes [x 3]. */
PetscErrorCode ost_archive_vec(OstArchive *archive, const char *name, Vec v);

/* A text that all ranks have, and get back; *text is freed with PetscFree. */
PetscErrorCode ost_archive_text(OstArchive *archive, MPI_Comm comm, const char *name, char **text);

PetscErrorCode ost_archive_real(OstArchive *archive, const char *name, PetscReal *value);
PetscErrorCode ost_archive_int(OstArchive *archive, const char *name, PetscInt *value);
PetscErrorCode ost_archive_bool(OstArchive *archive, const char *name, PetscBool *value);
