/* facets.h: sets of outer facets and integrals over them.

   A set is what a load is spread over or a support acts on: facets of chosen surface groups, whole
   or as far as their middles lie in a ball. Owns the loop over the quadrature points of a set. A
   facet is on exactly one rank; sums over a set are the same on any number of ranks. */
#pragma once

#include "mesh/mesh.h"

/* Facets of this rank, possibly none. Freed by ost_facets_free. */
typedef struct {
  PetscInt  num;
  PetscInt *facet; /* [num] ascending indices into the mesh's facets */
  PetscInt  num_faces;
  PetscInt *face; /* [num_faces] interface faces that count with their bone's side; mostly none */
} OstFacetSet;

/* Which facets: those of the groups whose middle is not farther than radius from centre. */
typedef struct {
  unsigned  groups;    /* 1u << OstSurfaceGroup for each group that counts */
  PetscReal centre[3]; /* [mm] */
  PetscReal radius;    /* PETSC_MAX_REAL: wherever they are [mm] */
} OstFacetChoice;

/* All facets of one group. */
OstFacetChoice ost_facets_of_group(OstSurfaceGroup group);

/* Not collective. */
PetscErrorCode ost_facets_choose(const OstMesh *mesh, const OstFacetChoice *choice,
                                 OstFacetSet *set);
PetscErrorCode ost_facets_free(OstFacetSet *set);

/** The cut through the bone: facets of the group resection that are a bone cell's, and the bone's
 *  side of interface faces in that plane (under a collar).
 *  @param[in]  at   height of the plane [mm]
 *  Not collective; the set may be empty.
 */
PetscErrorCode ost_facets_cut(const OstMesh *mesh, PetscReal at, OstFacetSet *set);

/* Facets that are in both sets over those of `a`, by number, on all ranks; 0 for an empty a.
   Collective. */
PetscErrorCode ost_facets_shared(const OstMesh *mesh, const OstFacetSet *a, const OstFacetSet *b,
                                 PetscReal *share);

/* Middle of that facet of the groups which is nearest to the centre, whatever the radius, and its
   distance; PETSC_MAX_REAL where the groups have no facet. Collective. */
PetscErrorCode ost_facets_nearest(const OstMesh *mesh, const OstFacetChoice *choice,
                                  PetscReal place[3], PetscReal *distance);

/* Fixed components [num_nodes x 3] of a set that is clamped: 1 at nodes that are on a facet of the
   set on any rank, else 0. The caller frees *fixed. Collective. */
PetscErrorCode ost_facets_clamp(const OstMesh *mesh, const OstFacetSet *set, char **fixed);

/* Area [mm2] and centroid [mm] of a set on all ranks; area 0 where it is empty. Collective. */
PetscErrorCode ost_facets_measure(const OstMesh *mesh, const OstFacetSet *set, PetscReal *area,
                                  PetscReal centroid[3]);

/* A quadrature point: 6-point rule of degree 4 on the curved facet. */
typedef struct {
  const PetscInt *nodes;     /* [6] local */
  PetscReal       N[6];      /* shape functions of the nodes */
  PetscReal       x[3];      /* place [mm] */
  PetscReal       normal[3]; /* unit, outward */
  PetscReal       area;      /* share of the facet's area [mm2] */
} OstFacetPoint;

typedef void (*OstFacetVisit)(const OstFacetPoint *point, void *context);

/* Call `visit` at each quadrature point of the set on this rank. */
void ost_facets_visit(const OstMesh *mesh, const OstFacetSet *set, OstFacetVisit visit,
                      void *context);

/* Places of a facet's nodes [6 x 3] [mm]. */
void ost_facets_places(const OstMesh *mesh, PetscInt facet, PetscReal x[18]);
