/* implant.h: the metals stems and abutments are made of, by name.

   Values and sources: theory.md, Table M2. A case may override any of them. */
#pragma once

#include "input/value.h"
#include "material/elastic.h"

typedef enum {
  OST_METAL_TI64_ELI,
  OST_METAL_CPTI_4,
  OST_METAL_COCRMO,
  OST_NUM_METALS
} OstMetalName;

/* "ti-6al-4v-eli", "cp-ti-4", "cocrmo": in the order of OstMetalName. */
extern const char *const ost_metal_names[OST_NUM_METALS];

typedef struct {
  OstElastic elastic;
  PetscReal  yield;    /* 0.2 % proof stress [MPa] */
  PetscReal  ultimate; /* tensile strength [MPa] */
  PetscReal  fatigue;  /* stress amplitude endured at R = -1, 1e7 cycles, coated surface [MPa] */
} OstMetal;

OstMetal ost_metal(OstMetalName name);

/** Read `key` (stem or abutment) of section `material`: metal, modulus, poisson, yield, ultimate,
 *  fatigue. `metal: implant` (default) is what the implant's catalogue entry says, `catalogue`; a
 *  named metal gives its own values as defaults.
 */
PetscErrorCode ost_metal_read(OstNode *material, const char *key, const OstMetal *catalogue,
                              OstDiagList *list, OstMetal *metal);
