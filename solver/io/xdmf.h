/* xdmf.h: results.xdmf and falls.xdmf, which let ParaView and VTK open results.h5.

   Hold no numbers: only the shapes of what results.h wrote and where it stands. results.xdmf has
   two time series: "limb", the quadratic tetrahedra with the fields on nodes and cells, and
   "interface", the quadratic triangles on the bone's side with the fields of the interface's
   faces. falls.xdmf has one grid for each fall. Fields at quadrature points have no place in
   XDMF and are left to other readers of results.h5. */
#pragma once

#include "analysis/observer.h"

#define OST_XDMF_FILE       "results.xdmf"
#define OST_XDMF_FALLS_FILE "falls.xdmf"

typedef struct OstXdmf OstXdmf;

/* `directory` holds OST_RESULTS_FILE; `fields` are those of its /mesh. Writes nothing yet.
   Collective. */
PetscErrorCode ost_xdmf_create(const char *directory, const OstMesh *mesh,
                               const OstStaticFields *fields, OstXdmf **xdmf);
PetscErrorCode ost_xdmf_destroy(OstXdmf **xdmf); /* sets NULL */

/* The series so far, to a checkpoint; or back, and both files as they were then. */
PetscErrorCode ost_xdmf_archive(OstXdmf *xdmf, OstArchive *archive);

/* Add a snapshot that stands in results.h5 and replace the file by a new whole one. Fails as
   ost_atomic_file_end does. Collective. */
PetscErrorCode ost_xdmf_snapshot(OstXdmf *xdmf, const OstSnapshot *snapshot);

/* The same for a fall that stands in `group` of results.h5 (ost_results_fall). */
PetscErrorCode ost_xdmf_fall(OstXdmf *xdmf, const char *group, const OstFallReport *fall);
