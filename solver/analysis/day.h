/* day.h: the mechanics of one day: every activity as load-unload cycles from the state at rest.

   Owns the mechanical objects (stiffness, interface, equilibrium) and what the last day left to be
   looked at: energy densities for the bone, micromotion for the bond, peak fields for the results.
   Starts from and ends in an OstState. Collective. */
#pragma once

#include "analysis/state.h"
#include "fem/recover.h"
#include "interface/micromotion.h"

typedef struct OstDay {
  const OstModel *model;
  OstLinear      *lin;
  OstIface       *iface;
  OstEquilibrium *eq;
  OstElastic     *elastic; /* [num_cells] */
  /* displacement at the last visit of each phase of each exercise, and from its last phase back to
     rest; NULL: not visited yet. Where to begin the next time. */
  Vec         peak[OST_STAGE_EXERCISES][OST_CYCLE_PHASES];
  Vec         back[OST_STAGE_EXERCISES];
  PetscReal   settled_at[OST_STAGE_EXERCISES]; /* largest micromotion of the exercise [mm] */
  PetscInt    stage;                           /* whose exercises these are, */
  PetscReal   lived;                           /* on which day [day], */
  PetscBool   before;                          /* from which side it was reached, */
  OstClock    clock;                           /* and how the protocol's clock went then */
  PetscInt    running, running_phase; /* activity and phase under way, or that failed; -1: none */
  const char *running_name;           /* then what: "press-fit" or "rest" */

  /* what the last ost_day_run found */
  PetscInt   num; /* activities; 0: rest */
  OstDayLoad load[OST_STAGE_EXERCISES];
  PetscInt   leading, leading_phase; /* what asks most of the interface; -1 at rest */
  PetscInt   cycles_to_settle;       /* most cycles that an activity took */
  PetscInt   unsettled;              /* activities that had not settled after the last cycle */
  PetscReal *U; /* [num_cells x num] energy density of each swing from rest to the phase that
                   strains the cell most [MPa] */
  /* largest of the day's cycles at each point [num_points] [mm] (L5) */
  PetscReal *micromotion, *micromotion_normal, *micromotion_shear;
  PetscReal *rest_gap; /* [num_points] gap at rest, > 0 open [mm] */
  PetscReal *behind;   /* [num_points] density of the bone behind the point [g/cm3] */
  /* at the leading activity's leading phase; at rest those of the resting state */
  PetscReal      *peak_u;                              /* [num_nodes x 3] local */
  OstCellResult  *peak_cell;                           /* [num_cells] */
  OstIfaceAnswer *peak_answer;                         /* [num_points] */
  PetscReal       support_force[3], support_moment[3]; /* carried by the support (L4) [N], [N mm] */
  /* work */
  PetscReal *rest_u, *swing_u; /* [num_nodes x 3] before the cycle; from there to a phase */
  PetscReal *visited;   /* [num_points x (OST_CYCLE_PHASES + 1) x 3] jumps since the first load */
  OstMicromotion *last; /* [num_points] of the last cycle */
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

/* What the next day takes from the last one beside the state, to a checkpoint or back: where the
   iterations begin, what micromotion had settled at. */
PetscErrorCode ost_day_archive(OstDay *day, OstArchive *archive);

/* Put eq at the state's rest, with its densities; for falls and tests. */
PetscErrorCode ost_day_enter(OstDay *day, const OstState *state, PetscBool new_stiffness);
