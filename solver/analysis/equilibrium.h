/* equilibrium.h: from one accepted state to the next under given loads.

   Load increments with cut-back and growth around Newton's method (newton.h); where there is no
   equilibrium nearby, because bond has broken, the way to the next one is found under a drag that
   fades (theory.md, S6). Owns the displacement, the energy balance and the record of what failed;
   the interface's memory is changed only when an increment is accepted, and on failure everything
   is as it was before the call. Collective. */
#pragma once

#include "analysis/archive.h"
#include "analysis/watch.h"

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
  PetscInt  sudden;   /* increments that needed the drag */
  PetscInt  calmed;   /* increments in which points were calmed */
  PetscReal residual; /* of the last increment, relative [-] */
} OstNewtonCount;

/* Where the work of the last call of ost_equilibrium_reach went [N.mm]. (S7) */
typedef struct {
  PetscReal external; /* of loads, supports and interference */
  PetscReal stored;   /* change of the elastic energy of bulk and interface */
  PetscReal friction, fracture;
  PetscReal drag;  /* what a sudden move lost; by difference */
  PetscReal gross; /* sum of the absolute values of the increments' parts */
} OstEnergy;

/* |external - stored - friction - fracture - drag| / gross; 0 without work. */
PetscReal ost_energy_imbalance(const OstEnergy *energy);

typedef enum {
  OST_STOP_NONE,
  OST_STOP_TURNING, /* interface points keep turning from one state to another */
  OST_STOP_SLOW,    /* the iteration comes down too slowly, or not at all */
  OST_STOP_LINEAR,  /* a linear solve did not converge */
  OST_STOP_LOOSE,   /* the stem moves on and on: nothing holds it */
  OST_STOP_NOT_FINITE
} OstStop;

/* The last increment that was given up, for whoever has to explain it. */
typedef struct {
  OstStop         why;
  PetscReal       share;   /* of the way from the accepted to the wanted load [-] */
  PetscReal       carried; /* the share that was reached [-] */
  PetscInt        num;     /* iterations */
  OstIterate      iterate[OST_WATCH_LENGTH];
  PetscInt       *turns;     /* [num_points] */
  OstIfaceAnswer *answer;    /* [num_points] at the last iterate */
  PetscReal      *jump;      /* [num_points x 3] at the last iterate [mm] */
  PetscReal      *last_jump; /* [num_points x 3] at the last accepted state [mm] */
} OstFailure;

typedef struct OstEquilibrium {
  const OstMesh   *mesh;
  OstLinear       *lin;   /* not owned */
  OstIface        *iface; /* not owned */
  OstNewtonOptions options;
  OstNewtonCount   count;
  Vec              u;        /* displacement of the accepted state (global) [mm] */
  Vec              load;     /* external nodal forces it is in equilibrium with (global) [N] */
  Vec              reaction; /* forces of the supports at fixed displacements, 0 elsewhere [N] */
  PetscReal        fit;      /* share of the interference that is present [-] */
  PetscReal       *local_u;  /* [num_nodes x 3] u with halo, of the accepted state */
  PetscReal       *jump;     /* [num_points x 3] likewise */
  OstIfaceAnswer  *answer;   /* [num_points] likewise */
  OstEnergy        energy;   /* of the last call of ost_equilibrium_reach */
  PetscReal        work, unaccounted; /* sums over all calls: gross, and what the balance leaves
                                         open in absolute value [N.mm] */
  OstFailure       failure;
  /* work */
  OstWatch  *watch;
  PetscReal  stride; /* share of a load that the last call could take at once [-] */
  OstStop    stop;   /* why the last iteration ended */
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
 *                         they are
 *  @param[in]  guess      displacement to start the iteration from; NULL: the accepted one
 *  @param[out] reached    FALSE: not converged after the cut-backs; the accepted state is that
 *                         before the call, and eq->failure tells
 */
PetscErrorCode ost_equilibrium_reach(OstEquilibrium *eq, Vec load, PetscReal fit, Vec prescribed,
                                     Vec guess, PetscBool *reached);

/* What it counted, and how far it trusts itself to go at once, to a checkpoint or back; not the
   displacement, which belongs to a state. */
PetscErrorCode ost_equilibrium_archive(OstEquilibrium *eq, OstArchive *archive);

/* Counts alone, under names that begin with `prefix`. */
PetscErrorCode ost_newton_count_archive(OstNewtonCount *count, const char *prefix,
                                        OstArchive *archive);

/* Recompute jumps and answers from u and the interface's memory, e.g. after roll-back or growth. */
PetscErrorCode ost_equilibrium_refresh(OstEquilibrium *eq);
