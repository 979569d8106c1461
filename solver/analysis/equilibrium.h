/* equilibrium.h: from one accepted state to the next under given loads.

   Newton's method with the consistent tangent and backtracking on the residual norm (full steps
   cycle for ever between two contact states), load increments with automatic cut-back and growth.
   Owns the displacement; the interface's memory is changed only when an increment is accepted, and
   on failure everything is as it was before the call. Collective. */
#pragma once

#include "interface/iface.h"

typedef struct {
  PetscReal tolerance;    /* residual against the larger of load and interface forces [-] */
  PetscReal krylov;       /* tightest relative tolerance of a linear solve [-] */
  PetscReal krylov_loose; /* loosest, while contact still changes [-] */
  PetscInt  max_newton;   /* per increment */
  PetscInt  max_cutbacks; /* per call of ost_equilibrium_reach */
} OstNewtonOptions;

OstNewtonOptions ost_newton_options_default(void);

/* What the iterations cost since the object was made. */
typedef struct {
  PetscInt  increments, newton, newton_max, krylov, krylov_max, solves, cutbacks;
  PetscReal residual; /* of the last increment, relative [-] */
} OstNewtonCount;

typedef struct OstEquilibrium {
  const OstMesh   *mesh;
  OstLinear       *lin;   /* not owned */
  OstIface        *iface; /* not owned */
  OstNewtonOptions options;
  OstNewtonCount   count;
  Vec              u;       /* displacement of the accepted state (global) [mm] */
  Vec              load;    /* external nodal forces it is in equilibrium with (global) [N] */
  PetscReal        fit;     /* share of the interference that is present [-] */
  PetscReal       *local_u; /* [num_nodes x 3] u with halo, of the accepted state */
  PetscReal       *jump;    /* [num_points x 3] likewise */
  OstIfaceAnswer  *answer;  /* [num_points] likewise */
  /* work */
  Vec        r, spare, du, trial, force, external;
  PetscReal *local_f;
} OstEquilibrium;

PetscErrorCode ost_equilibrium_create(const OstMesh *mesh, OstLinear *lin, OstIface *iface,
                                      const OstNewtonOptions *options, OstEquilibrium **eq);
PetscErrorCode ost_equilibrium_destroy(OstEquilibrium **eq);

/** Go to a load.
 *  @param[in]  load       external nodal forces (global) [N]; NULL: none
 *  @param[in]  fit        share of the interference at the end [-]
 *  @param[in]  prescribed displacements at the end, read where they are fixed (global); NULL: as
 *     they are
 *  @param[in]  guess      displacement to start the iteration from; NULL: the accepted one
 *  @param[out] reached    FALSE: not converged after the cut-backs; the accepted state is that
 *     before
 *                         the call
 */
PetscErrorCode ost_equilibrium_reach(OstEquilibrium *eq, Vec load, PetscReal fit, Vec prescribed,
                                     Vec guess, PetscBool *reached);

/* Recompute jumps and answers from u and the interface's memory, e.g. after roll-back or growth. */
PetscErrorCode ost_equilibrium_refresh(OstEquilibrium *eq);
