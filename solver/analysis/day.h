/* day.h: the mechanics of one day: every activity as load-unload cycles from the state at rest.

   Owns the mechanical objects (stiffness, interface, equilibrium) and what the last day left to be
   looked at: energy densities for the bone, micromotion for the bond, peak fields for the results.
   Starts from and ends in an OstState. Collective. */
#pragma once

#include "analysis/state.h"
#include "fem/recover.h"

typedef struct OstDay {
  const OstModel *model;
  OstLinear      *lin;
  OstIface       *iface;
  OstEquilibrium *eq;
  OstElastic     *elastic;                   /* [num_cells] */
  Vec             peak[OST_STAGE_EXERCISES]; /* displacement at the last peak of each exercise */
  PetscBool       has_peak[OST_STAGE_EXERCISES];
  PetscReal       settled_at[OST_STAGE_EXERCISES]; /* its largest micromotion [mm] */
  PetscInt        stage;                           /* whose exercises these are */
  PetscInt        running;      /* activity under way, or that failed; -1: none of them */
  const char     *running_name; /* then what: "press-fit" or "rest" */

  /* what the last ost_day_run found */
  PetscInt   num; /* activities; 0: rest */
  OstDayLoad load[OST_STAGE_EXERCISES];
  PetscInt   leading;     /* the one that asks most of the interface, -1 at rest */
  PetscReal *U;           /* [num_cells x num] energy density of each swing from rest
                             to peak [MPa] */
  PetscReal *micromotion; /* [num_points] largest peak-to-valley jump of the day [mm] */
  PetscReal *rest_gap;    /* [num_points] gap at rest, > 0 open [mm] */
  PetscReal *behind;      /* [num_points] density of the bone behind the point [g/cm3] */
  /* at the leading activity's peak; at rest those of the resting state */
  PetscReal      *peak_u;      /* [num_nodes x 3] local */
  PetscReal      *swing_u;     /* [num_nodes x 3] work: from rest to peak */
  OstCellResult  *peak_cell;   /* [num_cells] */
  OstIfaceAnswer *peak_answer; /* [num_points] */
  /* work */
  PetscReal *jump0, *last;
} OstDay;

PetscErrorCode ost_day_create(const OstModel *model, OstDay **day);
PetscErrorCode ost_day_destroy(OstDay **day);

/* Seat the press-fit with next to no friction, then let friction act and the bond of the start
   carry from there. *reached FALSE: no equilibrium, state unchanged. */
PetscErrorCode ost_day_press_fit(OstDay *day, OstState *state, PetscBool *reached);

/* Bring bond, strength and damage of the interface to `maturity` [num_points]: new bond is
   stress-free at the present rest. */
PetscErrorCode ost_day_grow(OstDay *day, OstState *state, const OstMaturity maturity[]);

/** Live through t_day's activities.
 *  @param[in]     before  activities as the day is reached (a step's end), not as it is left
 *  @param[in,out] state   from rest to rest: friction, damage and displacement move on; maturity's
 *                         damage follows the interface's
 *  @param[out]    reached FALSE: an activity found no equilibrium; state unchanged
 */
PetscErrorCode ost_day_run(OstDay *day, OstState *state, PetscReal t_day, PetscBool before,
                           PetscBool *reached);

/* Put eq at the state's rest, with its densities; for falls and tests. */
PetscErrorCode ost_day_enter(OstDay *day, const OstState *state, PetscBool new_stiffness);
