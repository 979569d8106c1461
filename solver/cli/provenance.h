/* provenance.h: what results remember of their origin: versions, and hashes of every input. */
#pragma once

#include "cli/setup.h"
#include "io/results.h"

enum { OST_NUM_VERSIONS = 4, OST_MAX_HASHES = 128 };

typedef struct {
  OstNamedText version[OST_NUM_VERSIONS], hash[OST_MAX_HASHES];
  PetscInt     num_hashes;
  char         petsc[128], h5[64], mpi[MPI_MAX_LIBRARY_VERSION_STRING];
  char         hex[OST_MAX_HASHES][65];
  char         sidecar[PETSC_MAX_PATH_LEN], density[2][PETSC_MAX_PATH_LEN];
} OstProvenance;

/* Hashes of the case's text, of mesh, sidecar and density image, of the files the case names. The
   texts point into *provenance, which must not be moved, and into the arguments. Collective. */
PetscErrorCode ost_provenance_collect(const OstSetup *setup, const char *case_path,
                                      const char *mesh_path, OstProvenance *provenance);
