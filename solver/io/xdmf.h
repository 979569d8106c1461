/* xdmf.h: results.xdmf, which lets ParaView and VTK open results.h5 as a time series.

   Holds no numbers: only the shapes of what results.h wrote and where it stands. Two grids per
   snapshot: "limb", the quadratic tetrahedra with the fields on nodes and cells, and "interface", the
   quadratic triangles on the bone's side with the fields of the interface's faces. Fields at
   quadrature points have no place in XDMF and are left to other readers of results.h5. */
#pragma once

#include "analysis/observer.h"

#define OST_XDMF_FILE "results.xdmf"

typedef struct OstXdmf OstXdmf;

/* `directory` holds OST_RESULTS_FILE. Writes nothing yet. Collective. */
PetscErrorCode ost_xdmf_create(const char *directory, const OstMesh *mesh, OstXdmf **xdmf);
PetscErrorCode ost_xdmf_destroy(OstXdmf **xdmf); /* sets NULL */

/* Add a snapshot that stands in results.h5 and replace the file by a new whole one. Fails as
   ost_atomic_file_end does. Collective. */
PetscErrorCode ost_xdmf_snapshot(OstXdmf *xdmf, const OstSnapshot *snapshot);
