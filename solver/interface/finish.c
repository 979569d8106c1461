#include "interface/finish.h"

/* Faces in a zone's end plane, as on the resection, are in it however they were rounded. [mm] */
#define SLACK 1e-6

PetscInt ost_finish_at(PetscInt num, const OstFinish finishes[], PetscReal height, PetscInt coated)
{
  for (PetscInt k = num - 1; k >= OST_FINISH_FIRST_ZONE; k--)
    if (height >= finishes[k].from - SLACK && height <= finishes[k].to + SLACK) return k;
  return coated ? OST_FINISH_COATED : OST_FINISH_SMOOTH;
}

PetscErrorCode ost_finish_assign(const OstMesh *mesh, PetscInt num, const OstFinish finishes[],
                                 OstDiagList *list, PetscInt face_finish[])
{
  PetscInt *faces;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(num, &faces));
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    PetscReal height = 0.0;
    for (int a = 0; a < 3; a++) height += mesh->x[3 * mesh->faces[12 * f + a] + 2] / 3.0;
    face_finish[f] = ost_finish_at(num, finishes, height, mesh->coated[f]);
    faces[face_finish[f]]++;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, faces, (PetscMPIInt)num, MPIU_INT, MPI_SUM, mesh->comm));
  for (PetscInt k = OST_FINISH_FIRST_ZONE; k < num; k++) {
    if (faces[k]) continue;
    PetscCall(ost_diag_error(list, finishes[k].where,
                             "widen it, move it onto the stem, or refine mesh.size_interface",
                             "zone `%s` (%g to %g mm) gets no face of the interface",
                             finishes[k].name, (double)finishes[k].from, (double)finishes[k].to));
  }
  PetscCall(PetscFree(faces));
  PetscFunctionReturn(PETSC_SUCCESS);
}
