/* field_rows.h: how a field of the analysis lies in a file: which rows, and how long one is. */
#pragma once

#include "base/field_info.h"
#include "mesh/mesh.h"

static inline const OstNumbering *ost_field_rows(const OstMesh *mesh, OstFieldPlace place)
{
  if (place == OST_ON_NODE) return &mesh->rows_node;
  return place == OST_ON_CELL ? &mesh->rows_cell : &mesh->rows_face;
}

/* Values in a row: all points of a face stand in one. */
static inline PetscInt ost_field_row_length(OstFieldPlace place, PetscInt num_comp)
{
  return num_comp * (place == OST_ON_INTERFACE_POINT ? OST_FACE_POINTS : 1);
}
