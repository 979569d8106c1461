/* twin.h: the same problem in another guise, solved step by step beside the first.

   With `-twin NAME` every problem of problem.h gets a twin that follows it through all its states;
   after each, displacements, forces at all nodes (reactions included), jumps, tractions and damage
   must agree, or the program ends. So every closed form that a program checks holds for its twin.

   serial   on one rank: what the ranks may not change
   turned   the block turned by 30 degrees about (1, 2, 3)
   swapped  stem and bone exchange their roles: the normal and the jump change sign
   metres   m, N and Pa instead of mm, N and MPa; also as many Newton and Krylov iterations
   binary   a unit of length of 2^10 mm and one of stress of 2^-20 MPa: that scales without
            rounding, so not a bit may differ, unless a constant of the solver has a unit
   restart  made anew before each step, from what a checkpoint holds of the first: displacement,
            load, share of the fit, memory of the points

   The twin lives on one rank; on several each solves its own. Supports are fixed along global axes
   only. The turned twin gets displacements of the first problem at all nodes that are fixed in any
   direction; that its forces agree, and so vanish in the free directions of these nodes, makes it
   the solution with turned supports. */
#pragma once

#include "support/problem.h"

typedef struct OstTwin OstTwin;

/* NULL without `-twin`. The contexts of the block must outlive the problem. Collective. */
PetscErrorCode ost_twin_create(const OstBlock *block, const double E[OST_NUM_REGIONS],
                               const double nu[OST_NUM_REGIONS], const OstTractionLaw laws[2],
                               const OstProblem *first, OstTwin **twin);
PetscErrorCode ost_twin_destroy(OstTwin **twin);

/* The twin as a problem: what is done to the first problem's memory is done to it too. */
OstProblem *ost_twin_problem(OstTwin *twin);

/* Laws by face of the first problem. */
PetscErrorCode ost_twin_set_laws(OstTwin *twin, const OstProblem *first, PetscInt num,
                                 const OstTractionLaw laws[], const PetscInt face_law[]);

/* Before and after the first problem goes to its next state. */
PetscErrorCode ost_twin_prepare(OstTwin *twin, const OstProblem *first);
PetscErrorCode ost_twin_follow(OstTwin *twin, const OstProblem *first, double fit);
