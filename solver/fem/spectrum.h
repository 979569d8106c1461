/* spectrum.h: eigenvalues from what conjugate gradients know. */
#pragma once

#include "base/base.h"

/** Largest Ritz value of the preconditioned matrix from `num` steps of conjugate gradients, which
 *  are Lanczos steps in disguise (Golub & Van Loan 2013, 11.3).
 *  @param[in] alpha  [num] length of each step
 *  @param[in] beta   [num] of each direction; beta[0] is not read
 *  0 without steps. At most OST_SPECTRUM_STEPS.
 */
#define OST_SPECTRUM_STEPS 16
PetscReal ost_spectrum_largest(PetscInt num, const PetscReal alpha[], const PetscReal beta[]);
