/* outline.h: the stem's surface as it was drawn, a body of revolution about z.

   The faces of a mesh only come near it, and their normals lean against it by a hundredth here and
   there. A stem that slides along or turns in such a bed is clamped by it: the points it slides
   towards are pressed more, those behind only less until they open (theory.md, I13). So the points
   take their normals from the outline where they lie on it. Pure but for the reading of a file. */
#pragma once

#include "input/value.h"
#include "interface/iface.h"

typedef struct {
  PetscInt   num;
  PetscReal *at; /* [num x 2] height along z, radius [mm], from the resection to the tip; owned */
} OstOutline;

/* Read key `key` of a section: a list of [height, radius] with units; absent: num 0. */
PetscErrorCode ost_outline_read(OstNode *section, const char *key, OstDiagList *list,
                                OstOutline *outline);
PetscErrorCode ost_outline_destroy(OstOutline *outline);

/* Unit normal outwards at the point of the outline nearest to x [3], and the distance to it [mm].
   Between the ends of short pieces, which stand for a curve, it turns evenly. */
void ost_outline_normal(const OstOutline *outline, const PetscReal x[3], PetscReal normal[3],
                        PetscReal *distance);

/* Give the points that lie on the outline, and lean less than a fifth from it, its normals.
   Not collective. */
void ost_outline_lead(const OstOutline *outline, OstIface *iface);
