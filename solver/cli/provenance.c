#include "cli/provenance.h"

#include "base/sha256.h"

PetscErrorCode ost_provenance_collect(const OstSetup *setup, const char *case_path,
                                      const char *mesh_path, OstProvenance *p)
{
  int length;

  PetscFunctionBeginUser;
  PetscCall(PetscGetVersion(p->petsc, sizeof p->petsc));
  PetscCall(ost_h5_version(p->h5, sizeof p->h5));
  PetscCallMPI(MPI_Get_library_version(p->mpi, &length));
  p->mpi[strcspn(p->mpi, ",\n")] = '\0';
  p->version[0]                  = (OstNamedText){"osteon", OSTEON_VERSION};
  p->version[1]                  = (OstNamedText){"PETSc", p->petsc};
  p->version[2]                  = (OstNamedText){"HDF5", p->h5};
  p->version[3]                  = (OstNamedText){"MPI", p->mpi};
  /* the case, the mesh, and every file the case names; of a folder of slices the mesh stands in */
  p->hash[0].name = case_path;
  p->hash[1].name = mesh_path;
  p->num_hashes   = 2;
  for (PetscInt i = 0; i < ost_case_num_inputs(setup->file) && p->num_hashes < OST_MAX_HASHES;
       i++) {
    PetscBool file;
    PetscCall(PetscTestFile(ost_case_input(setup->file, i), 'r', &file));
    if (file) p->hash[p->num_hashes++].name = ost_case_input(setup->file, i);
  }
  for (PetscInt i = 0; i < p->num_hashes; i++) {
    PetscCall(ost_sha256_file(p->hash[i].name, p->hex[i]));
    p->hash[i].text = p->hex[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
