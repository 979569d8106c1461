/* volume.h: from a field of risk factors to one number that does not depend on the mesh.

   The largest value of a risk field grows without end as the mesh is refined towards a corner. What
   breaks a bone is a piece of some size: the reduced factor is the largest threshold above which a
   connected region of at least a given volume lies (F5). Serial arrays in; a parallel caller
   gathers them to one rank. */
#pragma once

#include "base/base.h"

/* Elements and which of them touch, in compressed rows. */
typedef struct {
  PetscInt        num;
  const PetscInt *offset;    /* [num + 1] */
  const PetscInt *neighbour; /* [offset[num]] element numbers; symmetric */
} OstAdjacency;

/** Adjacency of tetrahedra through common faces.
 *  @param[in]  num     elements
 *  @param[in]  stride  entries per element in `cells`, >= 4 (10 for TET10)
 *  @param[in]  cells   node numbers [num x stride], the four corners first
 *  @param[out] graph   arrays are freed by ost_adjacency_destroy
 */
PetscErrorCode ost_adjacency_create(PetscInt num, PetscInt stride, const PetscInt cells[],
                                    OstAdjacency *graph);
PetscErrorCode ost_adjacency_destroy(OstAdjacency *graph);

typedef struct {
  PetscBool found;  /* a region of that volume exists (else: the largest connected one was taken) */
  PetscReal factor; /* reduced risk factor [-] */
  PetscReal peak;   /* largest risk factor in the region [-] */
  PetscReal volume; /* of the region [mm3] */
  PetscReal centre[3]; /* of the region, by volume [mm] */
  PetscReal second;    /* share of the region's volume with mode 1 [-] */
  PetscInt  element;   /* where the peak is, -1 without elements */
} OstVolumeRisk;

/** Connected-volume reduction (F5).
 *  @param[in]  graph     adjacency of the elements
 *  @param[in]  risk      factor of each [num] [-]; elements with risk < 0 are left out (metal,
 *  marrow)
 *  @param[in]  volume    of each [num] [mm3], > 0
 *  @param[in]  centre    of each [num x 3] [mm]
 *  @param[in]  mode      0 or 1 for each [num]; NULL: all 0
 *  @param[in]  wanted    volume that must be beyond the threshold [mm3], >= 0; 0 gives the maximum
 *  @param[out] in_region [num] PETSC_TRUE for elements of the region; NULL if not wanted
 *  @param[out] result
 */
PetscErrorCode ost_volume_reduce(const OstAdjacency *graph, const PetscReal risk[],
                                 const PetscReal volume[], const PetscReal centre[],
                                 const PetscInt mode[], PetscReal wanted, PetscBool in_region[],
                                 OstVolumeRisk *result);
