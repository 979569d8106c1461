/* balance.h: where the work of a load went.

   Between two accepted states: what loads, supports and interference did is stored in bulk and
   interface, or lost to friction, fracture and sudden moves (theory.md, S7). Collective. */
#pragma once

#include "analysis/equilibrium.h"

/* What a state holds that the balance of the next increment begins with. */
typedef struct {
  Vec        u, load, reaction;
  PetscReal *pressure, *gap0; /* [num_points] */
  PetscReal  stored;          /* [N.mm] */
} OstHeld;

PetscErrorCode ost_held_create(const OstEquilibrium *eq, OstHeld *held);
PetscErrorCode ost_held_destroy(OstHeld *held);
/* Of the state (u, load) whose answers are at hand. */
PetscErrorCode ost_held_take(OstEquilibrium *eq, Vec u, Vec load, OstHeld *held);
/* `to` is created. */
PetscErrorCode ost_held_copy(const OstEquilibrium *eq, const OstHeld *from, OstHeld *to);

/* Add to eq->energy what happened between two states, by the trapezoidal rule; the answers of the
   second are at hand. After a sudden move what is left over is the drag's. */
PetscErrorCode ost_balance_add(OstEquilibrium *eq, const OstHeld *a, const OstHeld *b,
                               PetscBool sudden);
