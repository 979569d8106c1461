/* gather.h: rows of numbers from all ranks on the first.

   For what is done once and serially: sorting, walking through a graph, reducing a region. Whole
   numbers pass as reals, exact up to 2^53. */
#pragma once

#include "base/base.h"

/** Rows of all ranks, rank after rank, on the first one. Collective.
 *  @param[in]  width     numbers in a row
 *  @param[in]  num_rows  of this rank
 *  @param[in]  rows      [num_rows x width]
 *  @param[out] num_all   rows of all ranks; 0 but on the first rank
 *  @param[out] all       [num_all x width], to be freed with PetscFree; NULL but on the first rank
 */
PetscErrorCode ost_gather_rows(MPI_Comm comm, PetscInt width, PetscInt num_rows,
                               const PetscReal rows[], PetscInt *num_all, PetscReal **all);
