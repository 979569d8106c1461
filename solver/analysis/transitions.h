/* transitions.h: what every point of the interface is on a day, and why it is not what it was.

   Owns the one decision on a point's state (theory.md, B11), the cause of a change (B12), and the
   log of changes between two outputs. A point that is what it was on the day before leaves no
   entry, whatever it did within the day, so that a day adds one entry a point at most; what takes
   the log with each snapshot and clears it bounds the memory of a long run. Not collective. */
#pragma once

#include "analysis/day.h"
#include "analysis/observer.h"

/* What happened to a point between two days. */
typedef enum {
  OST_PRESSED,        /* came into contact */
  OST_LIFTED,         /* lost it */
  OST_SLID,           /* reached the friction limit */
  OST_HELD,           /* came below it */
  OST_GREW,           /* bond grew */
  OST_BROKE_TENSION,  /* bond broke, more by opening than by sliding (I6) */
  OST_BROKE_SHEAR,    /* bond broke, more by sliding */
  OST_RESORBED,       /* bond, whole or broken, became less */
  OST_HEALED,         /* broken bond became whole */
  OST_FIBROUS_MOTION, /* turned fibrous where bone could bridge the gap */
  OST_FIBROUS_GAP,    /* turned fibrous across a gap that hinders bone besides (B2) */
  OST_MATURED,        /* fibrous tissue gave way to bone again */
  OST_UNEXPLAINED,    /* no law of ours gives this change; a run that has it is wrong */
  OST_NUM_CAUSES
} OstCause;

enum { OST_NUM_STATES = OST_FIBROUS + 1 };

/* Names as the results have them: "stick", "broke_shear". */
extern const char *const ost_state_names[OST_NUM_STATES];
extern const char *const ost_cause_names[OST_NUM_CAUSES];

/* A point on a day, at the leading activity's peak, and what its state hangs on. */
typedef struct {
  OstIfaceState state;
  PetscReal     bond, damage; /* B, d that the peak was answered with [-] */
  PetscReal     tension;      /* share of F^2 that opening has at the peak [-] */
  PetscReal     micromotion;  /* of the day [mm] */
  PetscReal     gap;          /* at rest, > 0 open [mm] */
} OstPointDay;

/* The state of a point whose leading peak was answered so and whose biology stands so. (B11) */
OstIfaceState ost_point_state(const OstIfaceAnswer *peak, const OstMaturity *maturity);

/* Why `before` became `after`, whose states differ. (B12) */
OstCause ost_transition_cause(const OstMature *law, const OstPointDay *before,
                              const OstPointDay *after);

/* A change as numbers, in the order of its members, and back. */
enum { OST_TRANSITION_REALS = 7 };
void          ost_transition_pack(const OstTransition *change, PetscReal v[OST_TRANSITION_REALS]);
OstTransition ost_transition_unpack(const PetscReal v[OST_TRANSITION_REALS]);

typedef struct OstTransitions OstTransitions;

/* A log for num_points points, on which no day was noted yet. */
PetscErrorCode ost_transitions_create(PetscInt num_points, OstTransitions **log);
PetscErrorCode ost_transitions_destroy(OstTransitions **log);

/* The points as the last ost_day_run of `day` left them at state->day, against the note before; the
   first only notes. */
PetscErrorCode ost_transitions_note(OstTransitions *log, const OstDay *day, const OstState *state);

/* All of it, to a checkpoint or back. Collective on mesh's ranks. */
PetscErrorCode ost_transitions_archive(OstTransitions *log, const OstMesh *mesh,
                                       OstArchive *archive);

/* The changes of this rank's points since the last clear [*num], in the order of the notes; valid
   until the next note or clear. */
void ost_transitions_get(const OstTransitions *log, PetscInt *num, const OstTransition **changes);
void ost_transitions_clear(OstTransitions *log);
