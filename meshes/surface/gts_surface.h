/* gts_surface.h: what the GNU Triangulated Surface library does for us; the one place that speaks it.

   Iso-surface of a field, coarsening, self-intersection, distance. Surfaces handed in must be free of
   degenerate triangles and non-manifold edges (ost_surface_topology), since the library asserts. */
#pragma once

#include "meshes/image/image.h"
#include "meshes/surface/surface.h"

/* The surface field = level around field > level, closed also where the field is cut by the image's
   border; outward; world coordinates of the field. Ambiguities of the cube cannot arise (tetrahedra). */
PetscErrorCode ost_gts_isosurface(const OstImage *field, PetscReal level, OstSurface *surface);

/* Collapse edges shorter than about `edge_length` [mm], the shortest first; the enclosed volume is
   kept. Nothing is collapsed that would make a fold. */
PetscErrorCode ost_gts_coarsen(OstSurface *surface, PetscReal edge_length);

/* Do triangles cut each other that share no edge or point? `at` is the middle of one of them [mm]. */
PetscErrorCode ost_gts_self_intersection(const OstSurface *surface, PetscInt *num, PetscReal at[3]);

/* Distance from each of x [n x 3] [mm] to the surface: distance [n], positive inside [mm]. */
PetscErrorCode ost_gts_distance(const OstSurface *surface, PetscInt n, const PetscReal x[],
                                PetscReal distance[]);

/* Nearest points on a surface, for many questions. */
typedef struct OstProjector OstProjector;
PetscErrorCode ost_projector_create(const OstSurface *surface, OstProjector **projector);
PetscErrorCode ost_projector_destroy(OstProjector **projector);
/* Move x to the nearest point of the surface. */
PetscErrorCode ost_projector_apply(OstProjector *projector, PetscReal x[3]);

/* Read GTS' own text format. *why: NULL, or what was wrong, as a string that the caller frees with
   PetscFree. */
PetscErrorCode ost_gts_read(const char *path, OstSurface *surface, char **why);
