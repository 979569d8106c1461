/* base.h: what every file of Osteon stands on.

   Owns the version shim over PETSc, the assertion that states what a caller must guarantee, and the
   exit codes of the program. Includes PETSc's system layer only: no mesh, no matrices. */
#pragma once

#include <petscsys.h>

#if PETSC_VERSION_LT(3, 19, 0) && !defined(PETSC_SUCCESS)
  #define PETSC_SUCCESS 0
#endif

/* Exit codes of `osteon` (README, "Exit codes"). */
typedef enum {
  OST_EXIT_DONE    = 0, /* the work was done */
  OST_EXIT_BUG     = 1, /* the program is wrong; a PETSc stack trace was printed */
  OST_EXIT_INPUT   = 2, /* the input is wrong; every fault was listed */
  OST_EXIT_NUMBERS = 3, /* the numbers did not come out; the last good state was kept */
  OST_EXIT_SYSTEM  = 4, /* files or memory */
  OST_EXIT_STOPPED = 5  /* it was asked to end before it was done; it can be resumed */
} OstExit;

/* What a caller must guarantee. Active in every build: a distribution's PETSc is built without
   debugging, and a broken promise in a clinic's batch job must not pass in silence. */
#define OstAssert(condition, ...)                                                                  \
  PetscCheck((condition), PETSC_COMM_SELF, PETSC_ERR_PLIB, __VA_ARGS__)
