/* results.h: results.h5, everything a run computed, in the mesh file's own numbering.

   Owns the layout of the file: which group and dataset holds what (README, "Results"). Knows
   neither how the numbers came about nor how HDF5 is called (base/h5). The file is opened for each
   snapshot and closed again, so that it is whole between two of them whatever happens to the
   program, and a viewer may read it while the run goes on; a kill in between is undone when the run
   is resumed (undo.h). The root's attribute `complete` stays 0 until ost_results_end. The same run
   on any number of ranks gives equal datasets.

   All functions are collective on the mesh's communicator. A file that cannot be written is
   PETSC_ERR_FILE_OPEN or PETSC_ERR_FILE_WRITE with the system's or HDF5's own message; where the
   library alone notices, only the rank that wrote may get it, and the others wait in MPI: a
   program must end all ranks on any rank's failure (MPI_Abort). */
#pragma once

#include "analysis/observer.h"

#define OST_RESULTS_FILE    "results.h5"
#define OST_RESULTS_FORMAT  "osteon-results"
#define OST_RESULTS_VERSION 1

enum { OST_RESULTS_NUM_ZONES = 7, OST_RESULTS_GROUP_LENGTH = 256 };

typedef struct {
  const char *name, *text;
} OstNamedText;

/* What is known before the first step. Pointers are only used during the create functions, but for
   mesh, which must outlive them. Texts may be NULL: then empty. */
typedef struct {
  const char *directory; /* exists and is ours (run_dir.h) */
  const char *title, *patient, *side, *bone, *implant, *command;
  const char *case_path; /* where the user's case is */
  const char *protocol;  /* file in place of the one the case names; "": none */
  const char *resolved;  /* the case with every default, YAML */
  const char *input;     /* the case as the user wrote it */
  const char *limb;      /* the mesh's sidecar, YAML */

  PetscInt               num_hashes, num_versions;
  const OstNamedText    *hashes;   /* input file, its SHA-256 */
  const OstNamedText    *versions; /* program or library, its version; the first is Osteon's */
  const OstMesh         *mesh;
  const OstStaticFields *fields;

  const char *zone_name[OST_RESULTS_NUM_ZONES];
  PetscReal   zone_limits[OST_RESULTS_NUM_ZONES][2]; /* z from, z until [mm] */
  PetscReal   stem_length, stem_diameter;            /* [mm] */

  PetscInt           num_surfaces; /* kinds of surface that fields->surface counts */
  const char *const *surface_name;
} OstResultsInfo;

/* The pairs one a line: "NAME TEXT", or "TEXT  NAME" as sha256sum writes hashes. The caller frees
   *text with PetscFree. */
PetscErrorCode ost_results_pairs(PetscInt num, const OstNamedText pairs[], PetscBool text_first,
                                 char **text);

typedef struct OstResults OstResults;

/* Writes /case, /mesh and /zones. An existing file of that name is replaced. */
PetscErrorCode ost_results_create(const OstResultsInfo *info, OstResults **results);
PetscErrorCode ost_results_destroy(OstResults **results); /* sets NULL */

/* The file of an earlier run of the same model, to go on with from a checkpoint: what was written
   after it is removed, what stood before is kept. */
PetscErrorCode ost_results_resume(const OstResultsInfo *info, OstArchive *from,
                                  OstResults **results);

/* How much of the file belongs to the run so far, and the rows of its history. */
PetscErrorCode ost_results_archive(OstResults *results, OstArchive *archive);

/* The rows of the history so far [*num x OST_NUM_COLUMNS] and the falls, for who has to tell them
   again; the report's texts are valid during `tell`. */
PetscErrorCode ost_results_tell(OstResults *results, const OstObserver *listener);

/* /steps/NNNNN. A field whose unit is "index" is written as integers. Also brings /history and
   /transitions up to date; the step's attribute `transitions` is how many entries there are then.
   Refuses, before it touches the file, when the disk has no room for it. */
PetscErrorCode ost_results_snapshot(OstResults *results, const OstSnapshot *snapshot);

/* A row of /history; kept in memory until the next snapshot, fall or the end. */
PetscErrorCode ost_results_row(OstResults *results, const OstHistoryRow *row);

/* /falls/NAME_dayNNNN; characters that HDF5 or a shell would mind become "_", and the same fall
   again gets a number behind. group: that path. */
PetscErrorCode ost_results_fall(OstResults *results, const OstFallReport *fall,
                                char group[OST_RESULTS_GROUP_LENGTH]);

/* The last of /history, then complete = 1. */
PetscErrorCode ost_results_end(OstResults *results);
