/* checkpoint.h: the state of a run on disk, twice, so that one of them is always whole.

   A checkpoint is an HDF5 file in the mesh's own numbering, which any number of ranks can read. It
   is written to NAME.part, synced, and takes its name, that of the older of two slots, only when
   all of it is on the disk; its head has the SHA-256 of the rest. Knows how numbers, fields, tables
   and texts get there (analysis/archive.h), not what they mean.

   All collective. What a disk refuses is PETSC_ERR_FILE_WRITE; the slots are then as they were. */
#pragma once

#include "analysis/archive.h"
#include "base/diag.h"

#define OST_CHECKPOINT_FILES "checkpoint-[ab].h5" /* as a shell pattern */

/* What the head tells of a checkpoint. */
typedef struct {
  char      path[PETSC_MAX_PATH_LEN];
  PetscInt  slot;   /* 0, 1 */
  PetscInt  serial; /* counts the checkpoints of a run, over all its resumptions */
  PetscReal day;
  PetscInt  steps;
} OstCheckpointHead;

/* Store what `store` names. head: slot, serial, day and steps are to be set. */
PetscErrorCode ost_checkpoint_write(const OstMesh *mesh, const char *directory,
                                    const OstCheckpointHead *head,
                                    PetscErrorCode (*store)(void *context, OstArchive *archive),
                                    void *context);

/* The newest whole checkpoint of a directory; *found FALSE: there is none. What is wrong with the
   others is told in `list`. */
PetscErrorCode ost_checkpoint_find(MPI_Comm comm, const char *directory, OstDiagList *list,
                                   OstCheckpointHead *head, PetscBool *found);

/* A text of a checkpoint, before there is a mesh; on all ranks, freed with PetscFree. */
PetscErrorCode ost_checkpoint_read_text(MPI_Comm comm, const OstCheckpointHead *head,
                                        const char *name, char **text);

/* An archive to restore from; closed by ost_checkpoint_close, which sets NULL. */
PetscErrorCode ost_checkpoint_open(const OstMesh *mesh, const OstCheckpointHead *head,
                                   OstArchive **archive);
PetscErrorCode ost_checkpoint_close(OstArchive **archive);

/* Both slots of a run that needs them no more. */
PetscErrorCode ost_checkpoint_remove(MPI_Comm comm, const char *directory);
