/* watch.h: what the points of the interface do while Newton's method iterates.

   Owns the record of an increment's iterations and, for each point, how often it went back on
   itself: from open to closed, from stick to slip, or from one sense of sliding to the other. A
   point that keeps doing so is what a contact iteration fails on; the watch names it, and calms it
   by a secant tangent (theory.md, S5). Collective where it says so. */
#pragma once

#include "interface/iface.h"

#define OST_WATCH_LENGTH 64

typedef struct {
  PetscReal residual;  /* relative [-] */
  PetscReal step;      /* share of the Newton step taken [-] */
  PetscInt  krylov;    /* of the linear solve */
  PetscInt  turned;    /* points that turned in it, all ranks */
  PetscBool symmetric; /* the tangent was */
} OstIterate;

typedef struct OstWatch {
  const OstIface *iface;
  PetscInt        num; /* iterations of the present increment */
  OstIterate      iterate[OST_WATCH_LENGTH];
  char           *way;         /* [num_points] bits: closed, slides; at the last iterate */
  PetscReal      *traction;    /* [num_points x 3] at the last iterate [MPa] */
  PetscInt       *turns;       /* [num_points] in the present increment */
  char           *turned;      /* [num_points] in the last iteration */
  PetscInt        calmed;      /* points, all ranks, at present */
  PetscBool       ever_calmed; /* any, in the present increment */
} OstWatch;

PetscErrorCode ost_watch_create(const OstIface *iface, OstWatch **watch);
PetscErrorCode ost_watch_destroy(OstWatch **watch);

/* An increment begins at these answers: nothing has turned, nobody is calmed. */
void ost_watch_begin(OstWatch *watch, const OstIfaceAnswer answers[]);

/* An iteration ended in these answers; iterate->turned is counted here. Collective. */
PetscErrorCode ost_watch_add(OstWatch *watch, OstIterate *iterate, const OstIfaceAnswer answers[]);

/* Calm the points that keep turning in a long iteration, and let go of those that have come to
   rest. Collective. */
PetscErrorCode ost_watch_calm(OstWatch *watch, OstIface *iface);
