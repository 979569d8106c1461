/* surface.h: a triangulated surface in memory.

   Owns the arrays and what can be said of them without a library: volume, box, edges that are open
   or shared by more than two triangles, orientation, pieces, the cap of a plane cut. Files are read
   by surface_file.h; what needs GTS is in gts_surface.h. */
#pragma once

#include "base/base.h"

typedef struct {
  PetscInt   num_points, num_triangles;
  PetscReal *points;    /* [num_points x 3] [mm] */
  PetscInt  *triangles; /* [num_triangles x 3], counter-clockwise seen from outside */
} OstSurface;

PetscErrorCode ost_surface_create(PetscInt num_points, PetscInt num_triangles, OstSurface *surface);
/* Frees the arrays and zeroes the struct. Harmless on an empty surface. */
PetscErrorCode ost_surface_destroy(OstSurface *surface);
PetscErrorCode ost_surface_copy(const OstSurface *from, OstSurface *to);

/* Enclosed volume [mm3]; negative when the triangles look inwards. Meaningful when closed. */
PetscReal ost_surface_volume(const OstSurface *surface);
/* Bounding box lo[3], hi[3] [mm]. */
void ost_surface_box(const OstSurface *surface, PetscReal lo[3], PetscReal hi[3]);
/* Move every point by an affine map; a mirroring map turns the triangles over. */
void ost_surface_transform(OstSurface *surface, PetscReal map[3][4]);

/* Join points nearer than `tolerance` [mm]; drop triangles that lose an edge by it, doubled
   triangles, and points that nothing uses. */
PetscErrorCode ost_surface_merge(OstSurface *surface, PetscReal tolerance);

/* What keeps a surface from being the boundary of a solid. */
typedef struct {
  PetscInt  num_open;        /* edges with one triangle */
  PetscInt  num_nonmanifold; /* edges with more than two triangles */
  PetscInt  num_flipped;     /* edges that their two triangles run through in the same direction */
  PetscInt  num_pinched;     /* points whose triangles form more than one fan */
  PetscInt  num_pieces;      /* connected pieces */
  PetscReal open_at[3], nonmanifold_at[3], flipped_at[3]; /* middle of the first such edge [mm] */
} OstSurfaceTopology;
PetscErrorCode ost_surface_topology(const OstSurface *surface, OstSurfaceTopology *topology);

/* Piece number of each triangle, 0-based, largest (by area) first: piece [num_triangles]. */
PetscErrorCode ost_surface_pieces(const OstSurface *surface, PetscInt *num_pieces,
                                  PetscInt piece[]);
/* Keep the triangles of one piece. */
PetscErrorCode ost_surface_keep_piece(OstSurface *surface, const PetscInt piece[], PetscInt which);

/* Turn triangles so that neighbours agree and each closed piece encloses a positive volume. */
PetscErrorCode ost_surface_orient(OstSurface *surface);

/** Cut a closed surface by the plane through `origin` with unit normal `normal`; keep the side the
 *  normal points to and close the section by flat triangles. Points nearer to the plane than `snap`
 *  [mm] are moved onto it first, so that no slivers arise.
 *  @param[out] area  area of the section [mm2]; 0 when the plane misses the surface
 *  PETSC_ERR_USER_INPUT-free: *ok is PETSC_FALSE when the section is no set of simple closed
 *     curves.
 */
PetscErrorCode ost_surface_clip(OstSurface *surface, const PetscReal origin[3],
                                const PetscReal normal[3], PetscReal snap, PetscReal *area,
                                PetscBool *ok);
