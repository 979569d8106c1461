/* h5.h: HDF5 files written by all ranks together, in a numbering that does not depend on the ranks.

   Owns everything that touches the HDF5 library, and the rearrangement from "whatever entities this
   rank owns" to "rows 0..N-1 of the file in the mesh's own numbering", so that files from 1 and 64
   ranks compare equal. Knows no physics. All functions are collective on the file's communicator
   and return PETSC_ERR_FILE_* with HDF5's own message when the library refuses. Groups on the way
   to a path are made as needed. Datasets of 1024 values or more are chunked and gzip-compressed.
   Texts are of fixed length (parallel HDF5 cannot write others): h5py gives them as bytes. */
#pragma once

#include "base/base.h"

typedef struct OstH5 OstH5;

/* Where the entities of this rank stand in the file. `global` must be distinct over all ranks. */
typedef struct {
  PetscInt        num_local; /* entities this rank writes or reads */
  const PetscInt *global;    /* [num_local] row in the file; NULL: rows are local (one-rank data) */
  PetscInt        num_global; /* rows in the file */
} OstNumbering;

PetscErrorCode ost_h5_create(MPI_Comm comm, const char *path, OstH5 **file); /* truncates */
/* The same with `head` bytes in front of what is HDF5's (512, or a power of two above it), for the
   caller, and without compression: a file that has to be written fast. */
PetscErrorCode ost_h5_create_plain(MPI_Comm comm, const char *path, PetscInt head, OstH5 **file);
PetscErrorCode ost_h5_open_plain(MPI_Comm comm, const char *path, OstH5 **file); /* to write */
PetscErrorCode ost_h5_open(MPI_Comm comm, const char *path, PetscBool writable, OstH5 **file);
PetscErrorCode ost_h5_close(OstH5 **file); /* flushes; sets NULL */
PetscErrorCode ost_h5_flush(OstH5 *file);

/* A piece of a file [byte]. */
typedef struct {
  PetscInt64 offset, length;
} OstExtent;

/** Where the values of the datasets stand in a file that no one has open: bytes that HDF5 leaves
 *  alone as long as nobody writes to those datasets. All else (its own tables, what it freed) it
 *  may overwrite in any session.
 *  @param[in]  except   group of which the datasets are left out, "/history"
 *  @param[out] extents  [*num] in the order of the file, not overlapping; freed with PetscFree
 *  Not collective: one rank alone.
 */
PetscErrorCode ost_h5_value_extents(const char *path, const char *except, PetscInt *num,
                                    OstExtent **extents);

/* Distributed array [num_global x num_comp]; num_comp 1 gives a 1-D dataset. Each row must be given
   exactly once over all ranks. An existing dataset of that path and shape is overwritten; another
   shape is PETSC_ERR_FILE_UNEXPECTED. unit "" : dimensionless, written as "1". */
PetscErrorCode ost_h5_write_reals(OstH5 *file, const char *path, const OstNumbering *rows,
                                  PetscInt num_comp, const PetscReal values[], const char *unit,
                                  const char *description);
PetscErrorCode ost_h5_write_ints(OstH5 *file, const char *path, const OstNumbering *rows,
                                 PetscInt num_comp, const PetscInt values[],
                                 const char *description);
/* Any rows, also a part of them or the same one on several ranks. Shape must agree with the file:
   PETSC_ERR_FILE_UNEXPECTED otherwise. */
PetscErrorCode ost_h5_read_reals(OstH5 *file, const char *path, const OstNumbering *rows,
                                 PetscInt num_comp, PetscReal values[]);
PetscErrorCode ost_h5_read_ints(OstH5 *file, const char *path, const OstNumbering *rows,
                                PetscInt num_comp, PetscInt values[]);

/* The same array on every rank, written once: [n0 x n1], n1 = 1 gives 1-D. A table that exists may
   have grown or shrunk in n0. */
PetscErrorCode ost_h5_write_table(OstH5 *file, const char *path, PetscInt n0, PetscInt n1,
                                  const PetscReal values[], const char *unit,
                                  const char *description);

/* Further rows for a 1-D dataset of reals or ints that grows; the first call makes it, also with
   num = 0. num is the same on every rank, values [num] are those of rank 0. Not compressed. */
PetscErrorCode ost_h5_append_reals(OstH5 *file, const char *path, PetscInt num,
                                   const PetscReal values[], const char *unit,
                                   const char *description);
PetscErrorCode ost_h5_append_ints(OstH5 *file, const char *path, PetscInt num,
                                  const PetscInt values[], const char *description);

/* A UTF-8 text as a scalar string dataset; a text, real or int as an attribute of an object that
   exists ("/" is the root). */
PetscErrorCode ost_h5_write_text(OstH5 *file, const char *path, const char *text,
                                 const char *description);
PetscErrorCode ost_h5_attr_text(OstH5 *file, const char *object, const char *name,
                                const char *text);
PetscErrorCode ost_h5_attr_real(OstH5 *file, const char *object, const char *name, PetscReal value);
PetscErrorCode ost_h5_attr_int(OstH5 *file, const char *object, const char *name, PetscInt value);
PetscErrorCode ost_h5_group(OstH5 *file, const char *path);

/* Remove a group with all below it, or a dataset. */
PetscErrorCode ost_h5_remove(OstH5 *file, const char *path);
/* Leave only the first num rows of a 1-D dataset that grows; it must have as many. */
PetscErrorCode ost_h5_shorten(OstH5 *file, const char *path, PetscInt num);

/* The reverse, all ranks get the same. *values [n0 x n1] and *text are freed with PetscFree. A text
   attribute longer than `length` is cut. What is not there is PETSC_ERR_FILE_READ. */
PetscErrorCode ost_h5_read_table(OstH5 *file, const char *path, PetscInt *n0, PetscInt *n1,
                                 PetscReal **values);
PetscErrorCode ost_h5_read_text(OstH5 *file, const char *path, char **text);
PetscErrorCode ost_h5_get_attr_text(OstH5 *file, const char *object, const char *name, char text[],
                                    size_t length);
PetscErrorCode ost_h5_get_attr_real(OstH5 *file, const char *object, const char *name,
                                    PetscReal *value);
PetscErrorCode ost_h5_get_attr_int(OstH5 *file, const char *object, const char *name,
                                   PetscInt *value);

/* Whether a group or dataset (attr NULL) or an attribute of it is there. */
PetscErrorCode ost_h5_exists(OstH5 *file, const char *path, const char *attr, PetscBool *exists);
/* Names [num] in a group, in alphabetical order; free with ost_h5_list_free. */
PetscErrorCode ost_h5_list(OstH5 *file, const char *group, PetscInt *num, char ***names);
PetscErrorCode ost_h5_list_free(PetscInt num, char ***names); /* sets NULL */

PetscErrorCode ost_h5_version(char text[], size_t length); /* "1.10.8" */
