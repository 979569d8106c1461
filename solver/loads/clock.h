/* clock.h: the day of the protocol on a day of the treatment.

   The protocol's day is the real day until a rule holds it, a stage waits for its end, or it is set
   back; from then on all that the protocol says comes later (theory.md, P6 to P9). Owns that clock
   and the judging of rules on days of review. Pure: what is judged is given as numbers; knows
   neither who measured them nor what acts on a day. */
#pragma once

#include "input/protocol.h"

/* Plain data, to be copied and stored as it is. */
typedef struct {
  PetscReal day;         /* of the protocol, on the real day `since` [day] */
  PetscReal since;       /* [day] */
  PetscInt  held_by;     /* the rule that holds it: of the protocol 0, 1 ..., of the stage from
                        OST_MAX_RULES on; -1: none */
  PetscInt  waits;       /* 1: the stage's end is put off; 0 */
  PetscInt  left;        /* 1: where it stands the day is seen as it is left; 0: as it is reached */
  PetscReal waits_since; /* real [day] */
  PetscReal no_back_till; /* real day before which there is no further step back */
  PetscReal furthest;     /* what the protocol had planned until this day has happened [day]; before
                             the first step back lower than any */
} OstClock;

/* A clock that nothing has held yet: the protocol's day is the real one. */
OstClock ost_clock_start(void);

/* The protocol's day on the real day t_day, not before the clock's last decision. */
PetscReal ost_clock_day(const OstClock *clock, PetscReal t_day);

/* TRUE while the protocol's day does not move on. */
PetscBool ost_clock_stands(const OstClock *clock);

/* From which side the protocol's day is to be seen: while it stands, as it was reached, whatever
   was asked. */
PetscBool ost_clock_before(const OstClock *clock, PetscBool before);

/* TRUE when the protocol's day `planned` falls on t_day for the first time. */
PetscBool ost_clock_reaches(const OstClock *clock, PetscReal planned, PetscReal t_day);

/* The real day after t_day on which the loads change their course if the clock goes on as it
   does. PETSC_MAX_REAL if none; so all of these. */
PetscReal ost_clock_next_change(const OstClock *clock, const OstProtocol *protocol,
                                PetscReal t_day);
/* The next on which a rule has to be judged: a review where there are rules, the latest end of a
   stage that waits. */
PetscReal ost_clock_next_review(const OstClock *clock, const OstProtocol *protocol,
                                PetscReal t_day);
/* The next on which one of the protocol's days planned [num] comes for the first time. */
PetscReal ost_clock_next_of(const OstClock *clock, PetscInt num, const PetscReal planned[],
                            PetscReal t_day);

typedef enum {
  OST_DECIDED_TO_HOLD,
  OST_DECIDED_TO_RELEASE,
  OST_DECIDED_TO_STEP_BACK,
  OST_DECIDED_TO_WAIT,
  OST_DECIDED_TO_GO_ON,      /* what the stage waited for is true */
  OST_DECIDED_AT_THE_LATEST, /* it is not, but the wait has an end */
  OST_NUM_DECISIONS
} OstDecisionKind;

extern const char *const ost_decision_names[OST_NUM_DECISIONS]; /* "hold", "release", ... */

enum { OST_CLOCK_DECISIONS = 3 }; /* most of one day */

typedef struct {
  OstDecisionKind kind;
  PetscReal       day;      /* real */
  PetscReal       from_day; /* the protocol's, before it and */
  PetscReal       to_day;   /* after it */
  const char     *rule;     /* as it was written, owned by the protocol */
  const char     *stage;    /* name, owned by the protocol */
  OstSign         sign;     /* what was looked at */
  PetscReal       value;    /* of it, in house units */
} OstDecision;

/** Judge the day t_day, which has just been reached, and set the clock by it. (P6 to P8)
 *  @param[in]  signs      [OST_NUM_SIGNS] of that day, in house units; NaN where not known
 *  @param[out] decisions  [OST_CLOCK_DECISIONS] in the order in which they were taken
 *  Returns how many; 0 when the clock goes on as it did.
 */
PetscInt ost_clock_judge(OstClock *clock, const OstProtocol *protocol, PetscReal t_day,
                         const PetscReal signs[], OstDecision decisions[]);

/* "held: micromotion.p95 is 52.1 um (hold while micromotion.p95 > 40 um)" */
void ost_decision_tell(const OstDecision *decision, char text[], size_t length);
