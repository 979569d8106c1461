/* numbering.h: who owns a shared node, and the numbers that follow from it.

   Ranks find out which nodes they share by meeting at the file's numbers, spread over all of them,
   so that no rank need know the whole. The lowest rank with a cell at a node owns it. Owned nodes
   come first, in the order in which they stood, then the halo in the order of its owners. The same
   for vertices, which are the nodes at corners. Collective. */
#pragma once

#include "mesh/mesh.h"

/* Renumber the nodes of a share (distribute.h) and set up what mesh.h promises of nodes, vertices
   and their exchange. The first of_cells nodes are of cells. */
PetscErrorCode ost_number_nodes(OstMesh *mesh, PetscInt of_cells);
