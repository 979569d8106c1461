/* reference.h: what every bone cell felt before the implant.

   Owns the linear analysis of the limb without a stem, under the activities of the protocol's last
   stage, whose stimulus is the reference of `reference: site` (theory.md, A1). */
#pragma once

#include "analysis/model.h"

/* Fill model->reference [num_cells] and model->krylov_linear; everything else of the model is
   complete. *reached FALSE: no equilibrium. Collective. */
PetscErrorCode ost_reference_find(OstModel *model, PetscBool *reached);

/* Append why the mesh cannot give the reference limb that the case asks for. Collective. */
PetscErrorCode ost_reference_check(const OstModel *model, OstDiagList *list);
