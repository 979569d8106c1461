/* timestep.h: how long the next step in days may be.

   The step is Heun's, its error the distance from Euler's (T1); the controller keeps that error
   under a tolerance (T2), hits events exactly, and shortens a step that the mechanics could not
   follow. Pure: knows neither fields nor ranks; a parallel caller reduces the error itself. */
#pragma once

#include "input/value.h"

typedef struct {
  PetscReal first;     /* first step, and the first after an event [day] */
  PetscReal min;       /* a step that must be shorter than this has failed [day] */
  PetscReal max;       /* [day] */
  PetscReal tolerance; /* largest error of a step, of fields scaled to order 1 [-] */
} OstStepOptions;

/* first 1 day, min 0.01 day, max 30 day, tolerance 0.005. */
OstStepOptions ost_step_default(void);

/* Section `time` of the case (`root` is the case's root): step_first, step_min, step_max,
   tolerance. */
PetscErrorCode ost_step_read(OstNode *root, OstDiagList *list, OstStepOptions *options);
PetscErrorCode ost_step_check(const OstStepOptions *options, OstWhere at, OstDiagList *list);

typedef struct {
  OstStepOptions options;
  PetscReal      next;       /* proposed step [day] */
  PetscReal      last_error; /* of the last accepted step / tolerance; 0: none yet */
  PetscInt       accepted, rejected;
} OstStepControl;

OstStepControl ost_step_start(const OstStepOptions *options);

/** Step to take from t_day: the proposed one, but not past `event`, and not so that a sliver is
 *  left before it (what remains within two steps is split evenly). Returns [day], > 0 if event >
 *  t_day; when the step reaches the event, t_day + step == event exactly holds if the caller then
 *  sets t_day = event. */
PetscReal ost_step_clip(const OstStepControl *control, PetscReal t_day, PetscReal event);

/** Judge a step of length dt with scaled error `error` (T1) [-].
 *  Accepted: the next step is proposed (T2); a step that an event cut short takes no proposal back.
 *  Rejected: a shorter one is proposed. `next` may then be below options.min: see
 *  ost_step_failed. */
PetscBool ost_step_judge(OstStepControl *control, PetscReal dt, PetscReal error);

/* The mechanics failed in a step of length dt: propose a quarter of it. */
void ost_step_cut(OstStepControl *control, PetscReal dt);

/* The proposed step is below options.min: give up. */
PetscBool ost_step_failed(const OstStepControl *control);

/* After an event (stage start, fall) the past says little: back to the first step, if shorter. */
void ost_step_restart(OstStepControl *control);
