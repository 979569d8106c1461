/* newton.h: Newton's method for one increment of an equilibrium.

   Consistent tangent, a line search on the residual's norm or its work (full steps cycle for ever
   between two contact states), inexact linear solves, and secants for points that keep turning
   (theory.md, S4, S5). Internal to equilibrium.c. Collective. */
#pragma once

#include "analysis/equilibrium.h"

/* Of a residual, what it is measured against, and the rounding errors in it: 2-norms [N]. */
typedef struct {
  PetscReal norm, reference, rounding;
} OstResidual;

/* r = K u + interface forces - load, without the fixed rows. Leaves jumps, answers and local_u of u
   behind. */
PetscErrorCode ost_newton_residual(OstEquilibrium *eq, Vec u, Vec load, Vec r, OstResidual *size);

/* From eq->trial under eq->external. On success trial is the solution and answer its state; else
   eq->stop says why not, and trial and answer are the last iterate's. */
PetscErrorCode ost_newton_iterate(OstEquilibrium *eq, PetscBool *converged);
