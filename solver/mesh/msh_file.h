/* msh_file.h: the solver's reader of Gmsh 4.1 meshes, ASCII or binary.

   PETSc can read such files too, but not keep the numbering of the mid-side nodes, in which all
   results are written. Reads straight or curved second-order tetrahedra and triangles in named
   physical groups, and nothing else: foreign formats and orders go through `osteon mesh`, which
   writes this one. One rank reads; knows nothing of MPI or of what the groups mean mechanically. */
#pragma once

#include "base/diag.h"
#include "base/groups.h"

/* A mesh as it stands in the file. Nodes and cells keep the file's order; nodes that no tetrahedron
   uses are left out. */
typedef struct {
  PetscInt   num_nodes;
  PetscReal *x; /* [num_nodes x 3] mm */
  PetscInt   num_cells;
  PetscInt  *cells;  /* [num_cells x 10] nodes, Gmsh order: corners, then edges 01 12 02 03 23 13 */
  PetscInt  *region; /* [num_cells] OstRegion */
  PetscInt   num_facets;
  PetscInt  *facets;  /* [num_facets x 6] nodes: corners, then edges 01 12 20 */
  PetscInt  *surface; /* [num_facets] OstSurfaceGroup */
} OstMshFile;

/** Read a mesh file on the calling rank.
 *  @param[in]  path  file as the user named it
 *  @param[out] list  what is wrong with it: unreadable, not 4.1, first-order elements, unknown or
 *                    missing groups, no interface, tetrahedra turned inside out
 *  @param[out] msh   owned by the caller (ost_msh_free); empty when list got an error
 *  Not collective. Groups of other names are ignored with a warning.
 */
PetscErrorCode ost_msh_read(const char *path, OstDiagList *list, OstMshFile *msh);
PetscErrorCode ost_msh_free(OstMshFile *msh);
