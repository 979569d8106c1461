/* remesh.h: a closed triangulated surface made anew with triangles of a wanted size.

   Owns isotropic remeshing: long edges are split, short ones collapsed, edges flipped, points moved
   in the surface and put back onto the original (after Botsch & Kobbelt 2004). Triangles carry
   labels, and the edges between two labels stay sharp. It needs no parametrisation, so it cannot
   fail on the topology of a bone, and it irons out the knots and folds that coarsening leaves.
   Deterministic. */
#pragma once

#include "base/base.h"

typedef struct {
  PetscInt   num_points, num_triangles;
  PetscReal *points;    /* [num_points x 3] [mm] */
  PetscInt  *triangles; /* [num_triangles x 3] outward */
  PetscInt  *label;     /* [num_triangles] */
} OstLabelledSurface;

PetscErrorCode ost_labelled_surface_destroy(OstLabelledSurface *surface);

/* Wanted edge length at a point [mm]. */
typedef PetscReal (*OstSizeFunction)(const PetscReal x[3], void *context);

/** Remesh in place.
 *  @param[in,out] surface  closed, manifold, oriented; replaced by the new triangles
 *  @param[in]     size     wanted edge length
 *  @param[in]     passes   8 are enough; 0 leaves the surface as it is
 *  Labels 1 and 2 are taken to be flat: their points stay in the plane of the original.
 */
PetscErrorCode ost_remesh(OstLabelledSurface *surface, OstSizeFunction size, void *context,
                          PetscInt passes);

/* Smallest angle of all triangles [degree]. */
void ost_remesh_quality(const OstLabelledSurface *surface, PetscReal *min_angle);
