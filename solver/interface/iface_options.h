/* iface_options.h: the section `interface` of a case.

   Owns its keys, defaults and ranges (theory.md, Table I1). The interference's default is the
   implant's own; the caller passes it. */
#pragma once

#include "input/value.h"
#include "interface/traction_law.h"

typedef struct {
  OstTractionLaw law[2];       /* smooth, coated */
  PetscReal      interference; /* on the diameter [mm] */
} OstIfaceOptions;

/** Read section `interface` below `root` (absent: defaults).
 *  @param[in]  interference  default, on the diameter [mm]
 *  Keys: interface.interference; interface.coated and interface.smooth with friction,
 *  normal_stiffness, shear_stiffness, bond_stiffness, tensile_strength, shear_strength,
 *     energy_I, energy_II.
 */
PetscErrorCode ost_iface_options_read(OstNode *root, PetscReal interference, OstDiagList *list,
                                      OstIfaceOptions *options);

/* A machined, uncoated surface: less friction, a weaker bond (theory.md, Table I1). */
OstTractionLaw ost_traction_law_smooth(void);
