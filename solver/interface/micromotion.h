/* micromotion.h: how far the two sides of an interface point move against each other in a cycle.

   Peak to valley (theory.md, L5): the largest distance between any two of the jumps that the point
   visits after the first load of the cycle, and its parts along and across the normal. Pure
   function of one point. */
#pragma once

#include "base/base.h"

typedef struct {
  PetscReal length; /* of the whole relative displacement [mm] */
  PetscReal normal; /* of its part along the normal: opening and closing [mm] */
  PetscReal shear;  /* of its part across the normal: sliding [mm] */
} OstMicromotion;

/* Span of num >= 0 visited jumps [num x 3] [mm] at a point of unit normal [3]. Each part is the
   largest of its own pairs, which need not be the same. */
OstMicromotion ost_micromotion_span(PetscInt num, const PetscReal jump[],
                                    const PetscReal normal[3]);

/* The larger of both, part by part. */
OstMicromotion ost_micromotion_larger(OstMicromotion a, OstMicromotion b);
