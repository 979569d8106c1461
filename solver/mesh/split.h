/* split.h: cuts a conforming bone-implant mesh open along its interface.

   The mesher lets stem and bone share the interface nodes. Since the implant is a body of its own,
   the cut is a renumbering: every shared node gets a double, and the implant's cells take the
   double. No search through the topology is needed, and the file's numbering is kept. One rank. */
#pragma once

#include "mesh/dual_graph.h"

typedef struct {
  PetscInt  num_nodes; /* nodes after the cut */
  PetscInt *original;  /* [num_nodes - file nodes] file node that each double stands for */
  PetscInt  num_faces; /* interface faces */
  PetscInt *faces;     /* [num_faces x 12] bone side, stem side; normal from stem to bone */
  PetscInt *coated;    /* [num_faces] */
  PetscInt *bone_cell; /* [num_faces] */
} OstSplit;

/* Cuts `msh` in place: the implant's cells take the doubled nodes; facets keep the file's. Appends
   to `list` where stem and bone share faces that are in no interface group, or an interface face
   does not lie between the two. `graph` is that of msh before; `path` names the file in messages.
   */
PetscErrorCode ost_split_interface(OstMshFile *msh, const OstDualGraph *graph, const char *path,
                                   OstDiagList *list, OstSplit *split);
PetscErrorCode ost_split_free(OstSplit *split);
