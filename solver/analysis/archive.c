#include "analysis/archive.h"

PetscErrorCode ost_archive_members(OstArchive *archive, const char *name, OstFieldPlace place,
                                   PetscInt num_comp, PetscInt num, size_t stride, PetscReal *first)
{
  char      *base = (char *)first;
  PetscReal *packed;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num * num_comp, &packed));
  for (PetscInt i = 0; !archive->loading && i < num; i++)
    for (PetscInt c = 0; c < num_comp; c++)
      packed[i * num_comp + c] = ((PetscReal *)(base + (size_t)i * stride))[c];
  PetscCall(archive->field(archive, name, place, num_comp, packed));
  for (PetscInt i = 0; archive->loading && i < num; i++)
    for (PetscInt c = 0; c < num_comp; c++)
      ((PetscReal *)(base + (size_t)i * stride))[c] = packed[i * num_comp + c];
  PetscCall(PetscFree(packed));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_archive_vec(OstArchive *archive, const char *name, Vec v)
{
  PetscReal *values;

  PetscFunctionBeginUser;
  PetscCall(VecGetArray(v, &values));
  PetscCall(archive->field(archive, name, OST_ON_NODE, 3, values));
  PetscCall(VecRestoreArray(v, &values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_archive_text(OstArchive *archive, MPI_Comm comm, const char *name, char **text)
{
  PetscInt    length;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCall(archive->text(archive, name, text));
  if (!archive->loading) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  length = rank ? 0 : (PetscInt)strlen(*text);
  PetscCallMPI(MPI_Bcast(&length, 1, MPIU_INT, 0, comm));
  if (rank) PetscCall(PetscCalloc1(length + 1, text));
  PetscCallMPI(MPI_Bcast(*text, (PetscMPIInt)length, MPI_CHAR, 0, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_archive_real(OstArchive *archive, const char *name, PetscReal *value)
{
  PetscFunctionBeginUser;
  PetscCall(archive->numbers(archive, name, 1, value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_archive_int(OstArchive *archive, const char *name, PetscInt *value)
{
  PetscReal real = (PetscReal)*value; /* exact up to 2^53 */

  PetscFunctionBeginUser;
  PetscCall(archive->numbers(archive, name, 1, &real));
  *value = (PetscInt)real;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_archive_bool(OstArchive *archive, const char *name, PetscBool *value)
{
  PetscInt number = *value ? 1 : 0;

  PetscFunctionBeginUser;
  PetscCall(ost_archive_int(archive, name, &number));
  *value = number ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}
