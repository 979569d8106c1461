/* criterion.h: how near a point is to breaking.

   Bone by principal strains (F3). Owns section `risk` of the case.
   A factor is load over strength: 1 breaks. Pure. */
#pragma once

#include "base/tensor.h"
#include "input/value.h"

typedef struct {
  PetscReal strain_tension;     /* limit of the largest principal strain [-] */
  PetscReal strain_compression; /* limit of the smallest, as a positive number [-] */
  PetscReal volume;             /* connected bone that must be beyond a limit to break [mm3] */
} OstCriterion;

typedef enum { OST_MODE_TENSION, OST_MODE_COMPRESSION } OstFailureMode;
const char *ost_failure_mode_name(OstFailureMode mode); /* "tension", "compression" */

/* 0.73 % and 1.04 % (Schileo et al. 2014), 100 mm3 (theory.md, F5). */
OstCriterion ost_criterion_default(void);

/* Section `risk` of the case (`root` is its root): strain_tension, strain_compression, volume. */
PetscErrorCode ost_criterion_read(OstNode *root, OstDiagList *list, OstCriterion *criterion);

/* Risk factor of bone from the largest and the smallest principal strain (F3) [-], >= 0; which
   limit governs in *mode. */
PetscReal ost_criterion_principal(const OstCriterion *criterion, PetscReal largest,
                                  PetscReal smallest, OstFailureMode *mode);
