#include "risk/criterion.h"

const char *ost_failure_mode_name(OstFailureMode mode)
{
  return mode == OST_MODE_TENSION ? "tension" : "compression";
}

OstCriterion ost_criterion_default(void)
{
  OstCriterion criterion = {
      .strain_tension = 0.0073, .strain_compression = 0.0104, .volume = 100.0};
  return criterion;
}

PetscErrorCode ost_criterion_read(OstNode *root, OstDiagList *list, OstCriterion *criterion)
{
  const OstCriterion def         = ost_criterion_default();
  const OstRealKey   tension     = {"strain_tension", "1", def.strain_tension, 1e-4, 0.1};
  const OstRealKey   compression = {"strain_compression", "1", def.strain_compression, 1e-4, 0.1};
  const OstRealKey   volume      = {"volume", "mm3", def.volume, 0.0, 1e5};
  OstNode           *section;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(root, "risk", list, &section));
  PetscCall(ost_value_real(section, &tension, list, &criterion->strain_tension));
  PetscCall(ost_value_real(section, &compression, list, &criterion->strain_compression));
  PetscCall(ost_value_real(section, &volume, list, &criterion->volume));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscReal ost_criterion_principal(const OstCriterion *criterion, PetscReal largest,
                                  PetscReal smallest, OstFailureMode *mode)
{
  const PetscReal tension     = largest / criterion->strain_tension;
  const PetscReal compression = -smallest / criterion->strain_compression;

  *mode = compression > tension ? OST_MODE_COMPRESSION : OST_MODE_TENSION;
  return PetscMax(PetscMax(tension, compression), 0.0);
}
