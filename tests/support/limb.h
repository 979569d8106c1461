/* limb.h: a whole model from a block of bricks and a few lines of a case, for tests of days.

   Patches, support and protocol are read by the code that reads a user's; material, interface and
   tolerances are set by hand, so that closed forms can be met: bone and metal have one modulus
   each, whatever the density. Takes -mutate friction, penalty and fit (mutation.h). */
#pragma once

#include "analysis/day.h"
#include "support/problem.h"

typedef struct {
  double         bone, metal, nu; /* moduli [MPa], Poisson's ratio of both */
  OstTractionLaw law;             /* of the whole interface */
  double         interference;    /* radial [mm] */
  double         load_point;      /* distal of z = 0 [mm] */
  PetscBool      right;
  const char    *text; /* YAML: sections patches and support of a case, keys of a protocol */
  /* change the model before the rest is derived from it; NULL: as it is */
  PetscErrorCode (*adjust)(OstModel *model, const void *context);
  const void *context;
} OstTestLimb;

/* Complete and with tight tolerances; asserts that text and reference analysis are good. The body
   weight is 700 N. Freed by ost_model_destroy. Collective. */
PetscErrorCode ost_test_limb_model(const OstBlock *block, const OstTestLimb *limb, OstModel *model);
