/* reaction.h: what the support carries. */
#pragma once

#include "analysis/model.h"

/** Force and moment of the support on the bone in the accepted state of `eq`. (L4)
 *  @param[out] force   [3] [N]
 *  @param[out] moment  about the centroid of the surface that is held, model->held_at [3] [N mm]
 *  Collective.
 */
PetscErrorCode ost_reaction_find(const OstModel *model, const OstEquilibrium *eq,
                                 PetscReal force[3], PetscReal moment[3]);
