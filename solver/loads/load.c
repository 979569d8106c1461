#include "loads/load.h"

OstLoad ost_load_of_limb(const OstLimbLoad *limb, PetscBool right)
{
  OstLoad load = {.num_muscles = 0};

  ost_limb_load_vectors(limb, right, load.force, load.moment);
  return load;
}

OstLoad ost_load_of_phase(const OstPhase *phase, PetscReal force, PetscReal moment, PetscBool right)
{
  const OstLimbLoad scaled = ost_limb_load_scaled(&phase->load, force, moment);
  OstLoad           load   = ost_load_of_limb(&scaled, right);

  load.num_muscles = phase->num_muscles;
  for (PetscInt i = 0; i < phase->num_muscles; i++) {
    const OstMuscle *muscle = &phase->muscle[i];
    load.muscle[i].patch    = muscle->patch;
    ost_limb_vector(force * muscle->anterior, force * muscle->medial, force * muscle->proximal,
                    right, load.muscle[i].force);
  }
  return load;
}

PetscErrorCode ost_load_assemble(const OstLoadPlaces *places, const OstLoad *load, Vec forces)
{
  const PetscReal none[3] = {0.0, 0.0, 0.0};

  PetscFunctionBeginUser;
  PetscCall(VecZeroEntries(forces));
  PetscCall(ost_coupling_add(places->mesh, places->abutment, places->point, load->force,
                             load->moment, forces));
  for (PetscInt i = 0; i < load->num_muscles; i++) {
    const OstMuscleForce *muscle = &load->muscle[i];
    const PetscInt        k      = ost_patches_find(places->patches, muscle->patch);
    OstAssert(k >= 0, "a muscle on the patch %s, which there is not", muscle->patch);
    PetscCall(ost_coupling_add(places->mesh, &places->patches->patch[k].facets, NULL, muscle->force,
                               none, forces));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
