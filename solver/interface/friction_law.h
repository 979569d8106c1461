/* friction_law.h: what rubs at a point of the interface.

   Owns the friction limit, by Coulomb or by the state-variable law of a surface that bone has grown
   onto (theory.md, I4, I12), and its return mapping over an elastic slip. Works in the tangential
   plane of one point; knows nothing of bond traction. Pure functions; nothing can fail. */
#pragma once

#include "base/base.h"

typedef struct {
  PetscReal friction; /* mu, of the broken surface [-] */
  PetscReal unbroken; /* mu_u, of the surface that bone has grown onto; for wear only [-] */
  PetscReal
      elastic_slip;     /* a, way over which friction grows to its limit; 0: as k_t makes it [mm] */
  PetscReal stiffness;  /* k_t, the most of stick [N/mm3] */
  PetscReal wear_from;  /* a_s, slip from which the grown surface breaks; 0: Coulomb's law [mm] */
  PetscReal wear_width; /* b_s, of the decay, in units of a_s [-] */
} OstFrictionLaw;

/* Share f of a grown surface that is left after the accumulated slip, and its derivative [1/mm]. */
PetscReal ost_friction_left(const OstFrictionLaw *law, PetscReal slip, PetscReal *slope);
/* The accumulated slip at which the share `left` < 1 is left. */
PetscReal ost_friction_slip(const OstFrictionLaw *law, PetscReal left);

/* What a point that rubs brings along. */
typedef struct {
  PetscReal way[3];   /* tangential, from where friction carries nothing [mm] */
  PetscReal pressure; /* >= 0 [MPa] */
  PetscReal grown;    /* phi_0, degree of osseointegration; for wear only [-] */
  PetscReal worn;     /* g_s, slip accumulated before this step [mm] */
} OstRubInput;

/* What it answers, per rubbing area. */
typedef struct {
  PetscReal traction[3]; /* [MPa] */
  PetscReal limit;       /* L = mu p [MPa] */
  PetscReal reach;       /* r, elastic way at the limit [mm] */
  PetscReal way;         /* length of the input's [mm] */
  PetscReal sense[3];    /* its unit direction; 0 without way */
  PetscReal slid;        /* by which the resting place moves along the way [mm] */
  PetscReal rubbed;      /* of it what took work [mm] */
  PetscReal across;      /* d traction across the way [N/mm3] */
  PetscReal along;       /* and along it */
  PetscReal grip;        /* d |traction| / d pressure [-] */
  PetscReal held;        /* q, elastic energy over L [mm] */
  PetscBool pumps;       /* stick stiffens with pressure: q dL is no elastic energy (I14) */
} OstRub;

OstRub ost_friction_rub(const OstFrictionLaw *law, const OstRubInput *in);
