/* wire.h: case, mesh and sidecar become a model that can be run. */
#pragma once

#include "cli/setup.h"
#include "cli/sidecar.h"

/** Complete setup->model with the mesh in `mesh_path` and the sidecar beside it.
 *  @param[out] list     what is wrong with mesh, sidecar or density image
 *  @param[out] sidecar_file  owned by the caller; NULL when it could not be read
 *  @param[out] reached  FALSE: the reference analysis found no equilibrium
 *  Collective.
 */
PetscErrorCode ost_wire_model(OstSetup *setup, const char *mesh_path, const char *sidecar_path,
                              OstDiagList *list, OstCase **sidecar_file, PetscBool *reached);
