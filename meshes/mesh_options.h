/* mesh_options.h: the `mesh` section of a case: element sizes, what is curved, how good is good. */
#pragma once

#include "input/value.h"

/* Delaunay gives the same mesh for the same input; HXT is quicker and does not, even on one
   thread. */
typedef enum { OST_MESHER_DELAUNAY, OST_MESHER_HXT } OstMesherAlgorithm;

typedef struct {
  PetscReal          size_interface; /* edge length on the bone-implant surface [mm] */
  PetscReal          size_bone;      /* largest in bone [mm] */
  PetscReal          size_stem;      /* largest in metal [mm] */
  PetscReal          growth; /* ratio of neighbouring edge lengths away from the interface [-] */
  PetscBool          curved; /* mid-side nodes of the interface lie on the stem's true surface */
  OstMesherAlgorithm algorithm;
  PetscReal          min_sicn; /* floor of the signed inverse condition number [-] */
  PetscReal          min_wall; /* least bone between stem and periosteum [mm] */
  PetscInt           threads;  /* of Gmsh; more than one may not repeat bit for bit */
  OstWhere           where;
} OstMeshOptions;

OstMeshOptions ost_mesh_options_default(void);
/* Read section `mesh` below `root`; absent: the defaults. */
PetscErrorCode ost_mesh_options_read(OstNode *root, OstDiagList *list, OstMeshOptions *options);
