#include "cli/provenance.h"

#include "base/sha256.h"

/* A file that is there; a folder has no hash. */
static PetscErrorCode add_file(OstProvenance *p, const char *path)
{
  PetscBool there;

  PetscFunctionBeginUser;
  PetscCall(PetscTestFile(path, 'r', &there));
  PetscCallMPI(MPI_Bcast(&there, 1, MPIU_BOOL, 0, PETSC_COMM_WORLD));
  if (!there || p->num_hashes == OST_MAX_HASHES) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_sha256_file(path, p->hex[p->num_hashes]));
  p->hash[p->num_hashes++].name = path;
  PetscFunctionReturn(PETSC_SUCCESS);
}

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
  /* the case, what the mesher left, and every file the case names; of a folder of slices the
     density image stands for the mesh's own */
  PetscCall(PetscSNPrintf(p->sidecar, sizeof p->sidecar, "%.*s.yaml",
                          (int)(strlen(mesh_path) - strlen(".msh")), mesh_path));
  p->hash[0].name = case_path;
  ost_sha256_text(ost_case_text(setup->file), p->hex[0]); /* the file itself may be gone */
  p->num_hashes = 1;
  PetscCall(add_file(p, mesh_path));
  PetscCall(add_file(p, p->sidecar));
  for (PetscInt k = 0; k < 2; k++) {
    (void)snprintf(p->density[k], sizeof p->density[k], "%.*s-density.nii%s",
                   (int)(strlen(mesh_path) - strlen(".msh")), mesh_path, k ? ".gz" : "");
    PetscCall(add_file(p, p->density[k]));
  }
  for (PetscInt i = 0; i < ost_case_num_inputs(setup->file); i++)
    PetscCall(add_file(p, ost_case_input(setup->file, i)));
  for (PetscInt i = 0; i < p->num_hashes; i++) p->hash[i].text = p->hex[i];
  PetscFunctionReturn(PETSC_SUCCESS);
}
