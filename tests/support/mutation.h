/* mutation.h: verification programs with a part of the physics taken away, to see that they notice.

   `-mutate NAME` on the command line of any program that poses its problem by problem.h, or asks
   ost_mutate_law for its law, breaks what NAME says. tests/verification/mutation.py runs the table
   of programs and mutations. The solver knows nothing of it. */
#pragma once

#include "interface/traction_law.h"

typedef enum {
  OST_MUTATE_NOTHING,
  OST_MUTATE_FRICTION, /* friction: mu = 0 */
  OST_MUTATE_PENALTY,  /* penalty: contact ten times as soft */
  OST_MUTATE_NORMAL,   /* normal: from bone to stem */
  OST_MUTATE_BOND,     /* bond: none grows */
  OST_MUTATE_FIT,      /* fit: neither interference nor gap */
  OST_MUTATE_TWIN      /* twin: the twin's contact, stick and bond 0.1 % stiffer (twin.h) */
} OstMutation;

/* What the command line asks for; an unknown name ends the program. */
PetscBool ost_mutated(OstMutation mutation);

/* The law with its mutation. */
OstTractionLaw ost_mutate_law(OstTractionLaw law);
