/* field_info.h: name, unit, shape and text of one field, listed once beside the state that owns it.

   The result writer, the checkpoint, the printing and the tests walk such lists, so that a field
   that is added in one place appears in all of them. */
#pragma once

#include "base/base.h"

typedef enum {
  OST_ON_NODE,           /* [nodes x num_comp], TET10 nodes incl. the doubled stem side */
  OST_ON_CELL,           /* [cells x num_comp] */
  OST_ON_INTERFACE_FACE, /* [interface faces x num_comp], means over a face unless said otherwise */
  OST_ON_INTERFACE_POINT, /* [interface faces x OST_FACE_POINTS], quadrature points */
} OstFieldPlace;

typedef struct {
  const char   *name;        /* dataset name, lower case with underscores */
  const char   *unit;        /* "mm", "MPa", "g/cm3", "1" */
  const char   *description; /* one sentence for the `description` attribute */
  OstFieldPlace place;
  PetscInt      num_comp; /* 1 scalar, 3 vector, 6 symmetric tensor xx yy zz yz xz xy */
} OstFieldInfo;
