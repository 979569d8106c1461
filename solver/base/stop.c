#include "base/stop.h"

#include <signal.h>

static volatile sig_atomic_t signalled; /* number of the signal */
static double                deadline;  /* MPI_Wtime; 0: none */
static PetscBool             late;

static void note(int number)
{
  signalled = number;
}

void ost_stop_after(double limit_s)
{
  deadline = limit_s > 0.0 ? MPI_Wtime() + limit_s : 0.0;
}

void ost_stop_listen(PetscBool on)
{
  struct sigaction action = {.sa_handler = on ? note : SIG_DFL, .sa_flags = SA_RESTART};

  (void)sigemptyset(&action.sa_mask);
  (void)sigaction(SIGTERM, &action, NULL);
  (void)sigaction(SIGUSR1, &action, NULL);
}

PetscErrorCode ost_stop_asked(MPI_Comm comm, double ahead_s, PetscBool *stop)
{
  int asked;

  PetscFunctionBeginUser;
  late  = (PetscBool)(deadline > 0.0 && MPI_Wtime() + ahead_s >= deadline);
  asked = signalled ? (int)signalled : (int)late; /* no signal of these has number 1 */
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &asked, 1, MPI_INT, MPI_MAX, comm));
  if (asked > 1) signalled = asked;
  *stop = asked ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

const char *ost_stop_reason(void)
{
  if (signalled) return signalled == SIGTERM ? "signal SIGTERM" : "signal SIGUSR1";
  return late ? "time limit" : "";
}
