/* dual_graph.h: which tetrahedra share a face, and on which of their faces the listed facets lie.

   One matching of corners answers what every step on the first rank asks: the outer faces of the
   surface groups, the two sides of the interface, faces left out of it, and the graph that the
   partitioner cuts. Made before the interface is cut open, so that the cells on its two sides are
   neighbours and stay on one rank where they can. Linear in the number of cells. One rank. */
#pragma once

#include "mesh/msh_file.h"

typedef struct {
  PetscInt *neighbour;   /* [num_cells x 4] cell across each face (order of ost_gmsh_tet_faces), -1:
                          none */
  PetscInt *facet;       /* [num_facets x 2] faces 4 cell + k that the facet lies on, -1: none. Of
                          facets listed twice the first has them */
  PetscInt  num_crowded; /* faces of more than two cells: these overlap */
} OstDualGraph;

PetscErrorCode ost_dual_graph_create(const OstMshFile *msh, OstDualGraph *graph);
PetscErrorCode ost_dual_graph_free(OstDualGraph *graph);

/* The four faces of a tetrahedron as corners and edges of a 10-node cell in Gmsh order, outward. */
extern const PetscInt ost_gmsh_tet_faces[4][6];
