/* quality.h: how good a mesh is: counts, shape of the elements, the worst places. */
#pragma once

#include "meshes/tet_mesh.h"

#include <stdio.h>

#define OST_QUALITY_NUM_WORST 5

typedef struct {
  PetscReal sicn;
  PetscReal centroid[3]; /* [mm] */
  PetscInt  tet, part;
} OstQualityPlace;

typedef struct {
  PetscInt        num_nodes, num_tets, num_dofs; /* dofs with the interface nodes doubled */
  PetscInt        tets[OST_NUM_PARTS], faces[OST_NUM_SKINS];
  PetscReal       volume[OST_NUM_PARTS]; /* [mm3] */
  PetscReal       area[OST_NUM_SKINS];   /* [mm2] */
  PetscReal       min_sicn, mean_sicn;
  PetscReal       part_min_sicn[OST_NUM_PARTS], part_mean_sicn[OST_NUM_PARTS];
  PetscInt        num_worst;
  OstQualityPlace worst[OST_QUALITY_NUM_WORST]; /* worst first */
} OstQuality;

PetscErrorCode ost_quality_measure(const OstTetMesh *mesh, OstQuality *quality);
PetscErrorCode ost_quality_print(const OstQuality *quality, FILE *out);
