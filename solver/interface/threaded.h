/* threaded.h: what one point of a threaded interface answers to a relative displacement.

   The smooth law (traction_law.h) asked on three planes, crest and root along the nominal normal
   and the two flanks tilted from it, each with contact, friction and bond of its own, weighted by
   area; the teeth of bone between the turns soften the flanks and can be sheared off, which leaves
   a smooth cylinder (theory.md, I21-I25). With depth 0 it is the smooth law. A pure function;
   nothing can fail. */
#pragma once

#include "interface/traction_law.h"

/* Begin an energy balance anew: of the present state take over what only that is about. */
void ost_threaded_rebase(OstThreadPoint *point, const OstThreadPoint *now);

/** Traction per nominal area and consistent tangent; arguments as ost_traction.
 *  @param[in] thread  already in the bone of this place (ost_thread_in_bone)
 *  @param[in] across  unit vector across the thread's run (ost_thread_across) [3]; zero: no thread
 *  answer->pressure is the radial one; answer->next.damage the mean over the planes' areas;
 *  answer->fracture_work holds that of the teeth.
 */
void ost_threaded_traction(const OstTractionLaw *law, const OstThread *thread,
                           const OstIfacePoint *point, const PetscReal normal[3],
                           const PetscReal across[3], const PetscReal jump[3], OstTangent tangent,
                           OstIfaceAnswer *answer);
