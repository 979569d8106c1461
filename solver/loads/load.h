/* load.h: everything that acts on a limb at one moment, and the nodal forces it makes.

   The one place where an activity's phase or a fall becomes a load vector: force and moment of the
   prosthesis through the abutment's end (theory.md, L1), muscles through their patches (L2). What
   holds the limb is not a load. */
#pragma once

#include "loads/coupling.h"
#include "loads/patches.h"

typedef struct {
  const char *patch;    /* name; owned by the protocol */
  PetscReal   force[3]; /* limb frame [N] */
} OstMuscleForce;

typedef struct {
  PetscReal      force[3];  /* of the prosthesis, limb frame [N] */
  PetscReal      moment[3]; /* about the load point, limb frame [N.mm] */
  PetscInt       num_muscles;
  OstMuscleForce muscle[OST_PHASE_MUSCLES];
} OstLoad;

/* The prosthesis alone: what a fall is known by. */
OstLoad ost_load_of_limb(const OstLimbLoad *load, PetscBool right);

/* A phase of an activity, its forces, those of the muscles among them, times `force`, its moments
   times `moment`. (P4) */
OstLoad ost_load_of_phase(const OstPhase *phase, PetscReal force, PetscReal moment,
                          PetscBool right);

/* Where loads act. */
typedef struct {
  const OstMesh      *mesh;
  const OstFacetSet  *abutment; /* end face of the abutment */
  PetscReal           point[3]; /* load point [mm] */
  const OstPatchList *patches;  /* located; every muscle's is among them */
} OstLoadPlaces;

/* Nodal forces (global) [N]; what was in `forces` is overwritten. Collective. */
PetscErrorCode ost_load_assemble(const OstLoadPlaces *places, const OstLoad *load, Vec forces);
