/* distribute.h: from the mesh on the first rank to a share of it on each.

   The first rank puts the cells in the order of a space-filling curve, has the partitioner cut
   their dual graph, and sends each rank its share, one after the other, so that no more than the
   mesh and one share is held at a time. An interface face goes with the bone cell behind it, a
   facet with its cell. Cells, faces and facets keep the curve's order; nodes are numbered as these
   first touch them, which is what makes element loops run from cache. Collective. */
#pragma once

#include "mesh/dual_graph.h"
#include "mesh/mesh.h"
#include "mesh/split.h"

/* What the first rank read; empty on the others. */
typedef struct {
  OstMshFile   msh;
  OstSplit     split;
  OstDualGraph graph;
} OstSerialMesh;

/** @param[in,out] serial       used up: its arrays are freed as soon as they are not needed
 *  @param[in,out] mesh         comm is given; gets this rank's num_*, cells to surface, node_file
 *                              and x, in local numbering by first touch (owners come later)
 *  @param[out]    of_cells     how many of the nodes, the first ones, are of cells; the others are
 *                              of interface faces alone
 */
PetscErrorCode ost_distribute(OstSerialMesh *serial, OstMesh *mesh, PetscInt *of_cells);
