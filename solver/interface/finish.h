/* finish.h: which finish (kind of surface) the stem has where.

   Owns what a finish brings along (law, growth, interference, the bond it starts with) and the rule
   that gives one to every face: the last zone that holds the face's centre, else the group of the
   mesh (theory.md, G1). */
#pragma once

#include "interface/coating.h"
#include "mesh/mesh.h"

enum { OST_FINISH_SMOOTH, OST_FINISH_COATED, OST_FINISH_FIRST_ZONE };

typedef struct {
  const char    *name;         /* "smooth", "coated", or the zone's; owned by the case */
  PetscInt       coated;       /* 1 rough, 0 smooth */
  PetscReal      from, to;     /* zones: heights above the resection plane [mm] */
  PetscReal      interference; /* on the diameter, < 0: a gap [mm] */
  PetscReal      bond;         /* grown at the start, of the area [-] */
  PetscReal      strength;     /* its maturity [-] */
  OstTractionLaw law;
  OstCoating     kind;
  OstGrowth      growth;
  OstWhere       where, where_bond; /* of the zone; of the bond it starts with */
} OstFinish;

/* Index of the finish of a face at a height [mm]; coated: the mesh's group of the face. (G1) */
PetscInt ost_finish_at(PetscInt num, const OstFinish finishes[], PetscReal height, PetscInt coated);

/** The same for every face of a mesh.
 *  @param[in]  finishes     [num] smooth, coated, zones
 *  @param[out] list         zones that get no face, on all ranks
 *  @param[out] face_finish  [num_faces]
 *  Collective.
 */
PetscErrorCode ost_finish_assign(const OstMesh *mesh, PetscInt num, const OstFinish finishes[],
                                 OstDiagList *list, PetscInt face_finish[]);
