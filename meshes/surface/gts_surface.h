/* gts_surface.h: what the GNU Triangulated Surface library does for us; the one place that speaks
   it.

   Iso-surface of a field, coarsening, self-intersection. Surfaces handed in must be free of
   degenerate triangles and non-manifold edges (ost_surface_topology), since the library asserts. */
#pragma once

#include "meshes/image/image.h"
#include "meshes/surface/surface.h"

/* The surface field = level around field > level, closed also where the field is cut by the image's
   border; outward; world coordinates of the field. Ambiguities of the cube cannot arise
   (tetrahedra). */
PetscErrorCode ost_gts_isosurface(const OstImage *field, PetscReal level, OstSurface *surface);

/* Collapse edges shorter than about `edge_length` [mm], the shortest first; the enclosed volume is
   kept. Nothing is collapsed that would make a fold. */
PetscErrorCode ost_gts_coarsen(OstSurface *surface, PetscReal edge_length);

/* Do triangles cut each other that share no edge or point? `at` is the middle of one of them
   [mm]. */
PetscErrorCode ost_gts_self_intersection(const OstSurface *surface, PetscInt *num, PetscReal at[3]);

/* Read GTS' own text format. *why: NULL, or what was wrong, as a string that the caller frees with
   PetscFree. */
PetscErrorCode ost_gts_read(const char *path, OstSurface *surface, char **why);
