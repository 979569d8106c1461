#include "base/gather.h"

PetscErrorCode ost_gather_rows(MPI_Comm comm, PetscInt width, PetscInt num_rows,
                               const PetscReal rows[], PetscInt *num_all, PetscReal **all)
{
  PetscMPIInt rank, size, mine, *counts = NULL, *starts = NULL;
  PetscMPIInt num = 0;

  PetscFunctionBeginUser;
  *all = NULL;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMPIIntCast(width * num_rows, &mine));
  if (!rank) PetscCall(PetscMalloc2(size, &counts, size, &starts));
  PetscCallMPI(MPI_Gather(&mine, 1, MPI_INT, counts, 1, MPI_INT, 0, comm));
  if (!rank) {
    for (PetscMPIInt r = 0; r < size; num += counts[r++]) starts[r] = num;
    PetscCall(PetscMalloc1(num, all));
  }
  PetscCallMPI(MPI_Gatherv(rows, mine, MPIU_REAL, *all, counts, starts, MPIU_REAL, 0, comm));
  if (!rank) PetscCall(PetscFree2(counts, starts));
  *num_all = num / width;
  PetscFunctionReturn(PETSC_SUCCESS);
}
