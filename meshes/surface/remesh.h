/* remesh.h: triangles of even size and good shape on a closed surface that a plane may have cut.

   Split, collapse, flip, relax (Botsch and Kobbelt 2004, Symposium on Geometry Processing, p. 189),
   with the points drawn back to the surface as it was. Flat caps at z = bottom and z = top stay flat,
   and their rims stay where they are. */
#pragma once

#include "meshes/surface/surface.h"

typedef struct {
  PetscReal edge_length; /* wanted [mm] */
  PetscReal bottom, top; /* planes z of flat caps [mm]; PETSC_MIN_REAL, PETSC_MAX_REAL: none */
  PetscInt  rounds;      /* 5 to 8 settle it */
  PetscReal sharpest;    /* angle between neighbouring triangles above which an edge off the rims is
                            blunted [degree] */
} OstRemeshOptions;

/** @param[in]     reference  closed surface the points are drawn to (not the caps'); may be finer
 *  @param[in,out] surface    closed, manifold, outward; not checked again */
PetscErrorCode ost_surface_remesh(const OstSurface *reference, const OstRemeshOptions *options,
                                  OstSurface *surface);
