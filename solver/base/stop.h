/* stop.h: the wish that a long job ends soon: a signal, or a limit of time.

   SIGTERM and SIGUSR1 are what batch systems send before they kill. The handler only notes them;
   a job asks at places where it can end in good order. A wish is not taken back. */
#pragma once

#include "base/base.h"

/* The job asks to stop when `limit_s` seconds have passed since this call, less what it says it
   needs. limit_s <= 0: no limit. Not collective. */
void ost_stop_after(double limit_s);

/* While `on`, SIGTERM and SIGUSR1 ask to stop; before and after they end the program, which then
   has nothing to lose. Not collective. */
void ost_stop_listen(PetscBool on);

/* @param[in]  ahead_s  what the job is about to begin takes so long; 0: it can end at any time
   @param[out] stop     the same on all ranks, whichever got the signal
   Collective. */
PetscErrorCode ost_stop_asked(MPI_Comm comm, double ahead_s, PetscBool *stop);

/* Why: "signal SIGUSR1", "time limit"; "" where nothing has asked. */
const char *ost_stop_reason(void);
