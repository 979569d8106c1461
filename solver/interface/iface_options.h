/* iface_options.h: the section `interface` of a case.

   Owns its keys, defaults and ranges (theory.md, Tables I1 and G1). The interference's default is
   the implant's own; the caller passes it. */
#pragma once

#include "input/value.h"
#include "interface/fit.h"
#include "interface/finish.h"

typedef struct {
  PetscInt   num_finishes;
  OstFinish *finish; /* [num_finishes] smooth, coated, then the zones as the case has them */
  OstFit     fit;
  OstThread  thread; /* that the interface stands for; pitch 0: none */
} OstIfaceOptions;

/* What the implant and other sections of the case say of the interface. */
typedef struct {
  PetscReal  interference; /* on the diameter [mm] */
  OstCoating coating;      /* of the coated surface */
  OstThread  thread;       /* shape of a thread that the interface has to stand for; pitch 0: none,
                              and then there is no section interface.thread */
  OstGrowth  growth;       /* given for all surfaces; NaN where each kind has its own */
} OstIfaceDefaults;

/** Read section `interface` below `root` (absent: defaults).
 *  @param[out] options       destroy in any case
 *  Keys: cases/reference.yaml. Collective (it may load a table of gaps).
 */
PetscErrorCode ost_iface_options_read(OstNode *root, const OstIfaceDefaults *defaults,
                                      OstDiagList *list, OstIfaceOptions *options);
PetscErrorCode ost_iface_options_destroy(OstIfaceOptions *options);

/* What zones must lie on; of other modules. */
typedef struct {
  PetscReal low, tip; /* heights between which the stem is; equal: not known yet [mm] */
} OstIfaceLimits;

/* Append zones that lie off the stem and more bond at the start than grows. */
PetscErrorCode ost_iface_options_check(const OstIfaceOptions *options, const OstIfaceLimits *limits,
                                       OstDiagList *list);
