/* results_head.h: what stands in results.h5 before the first step: /case, /mesh and /zones. */
#pragma once

#include "io/results.h"

/* Write them. Collective. */
PetscErrorCode ost_results_head_write(OstH5 *file, const OstResultsInfo *info);

/* Bytes that the mesh takes at most, uncompressed. */
double ost_results_head_bytes(const OstMesh *mesh);
