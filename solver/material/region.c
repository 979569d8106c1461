#include "material/region.h"

OstMaterialSet ost_material_default(void)
{
  /* theory.md, Table M3. Cortex: 1.85 g/cm3 is a porosity of 4 % and, by Morgan's femoral neck law,
     17.1 GPa. Marrow: soft tissue of Lacroix & Prendergast (2002). */
  OstMaterialSet set = {
      .law          = ost_density_law_default(),
      .nu_porous    = 0.2,
      .nu_dense     = 0.32,
      .nu_density   = 1.2,
      .marrow_below = 0.2,
      .density      = {[OST_CORTICAL] = 1.85, [OST_CANCELLOUS] = 0.30, [OST_BONE] = 1.85},
      .anisotropy   = ost_anisotropy_default(),
      .marrow       = {.E = 2.0, .nu = 0.167},
      .stem         = ost_metal(OST_METAL_TI64_ELI),
      .abutment     = ost_metal(OST_METAL_TI64_ELI)};
  return set;
}

static PetscErrorCode read_bone(OstNode *material, OstRegion region, OstDiagList *list,
                                OstMaterialSet *set)
{
  const OstRealKey key = {"density", "g/cm3", set->density[region], 0.01, 2.2};
  OstNode         *section;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(material, ost_region_name(region), list, &section));
  PetscCall(ost_value_real(section, &key, list, &set->density[region]));
  if (region == OST_BONE) {
    const OstRealKey marrow = {"marrow_below", "g/cm3", set->marrow_below, 0.0, 1.0};
    PetscCall(ost_value_real(section, &marrow, list, &set->marrow_below));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_material_read(OstNode *root, const OstMetal *implant, OstDiagList *list,
                                 OstMaterialSet *set)
{
  OstNode *material, *marrow;

  PetscFunctionBeginUser;
  *set = ost_material_default();
  PetscCall(ost_value_section_or_defaults(root, "material", list, &material));
  PetscCall(ost_density_law_read(material, list, &set->law));
  {
    const OstRealKey porous = {"poisson_porous", "1", set->nu_porous, 0.0, 0.49};
    const OstRealKey dense  = {"poisson_dense", "1", set->nu_dense, 0.0, 0.49};
    const OstRealKey change = {"poisson_density", "g/cm3", set->nu_density, 0.0, 3.0};
    PetscCall(ost_value_real(material, &porous, list, &set->nu_porous));
    PetscCall(ost_value_real(material, &dense, list, &set->nu_dense));
    PetscCall(ost_value_real(material, &change, list, &set->nu_density));
  }
  PetscCall(ost_anisotropy_read(material, &set->law, list, &set->anisotropy));
  PetscCall(read_bone(material, OST_CORTICAL, list, set));
  PetscCall(read_bone(material, OST_CANCELLOUS, list, set));
  PetscCall(read_bone(material, OST_BONE, list, set));
  PetscCall(ost_value_section_or_defaults(material, "marrow", list, &marrow));
  {
    const OstRealKey E  = {"modulus", "MPa", set->marrow.E, 0.01, 1000.0};
    const OstRealKey nu = {"poisson", "1", set->marrow.nu, 0.0, 0.49};
    PetscCall(ost_value_real(marrow, &E, list, &set->marrow.E));
    PetscCall(ost_value_real(marrow, &nu, list, &set->marrow.nu));
  }
  PetscCall(ost_metal_read(material, "stem", implant, list, &set->stem));
  PetscCall(ost_metal_read(material, "abutment", implant, list, &set->abutment));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const OstMetal *ost_material_metal(const OstMaterialSet *set, OstRegion region)
{
  if (region == OST_STEM) return &set->stem;
  return region == OST_ABUTMENT ? &set->abutment : NULL;
}

OstElastic ost_material_elastic(const OstMaterialSet *set, OstRegion region, PetscReal rho,
                                const PetscReal axis[3])
{
  const OstMetal *metal = ost_material_metal(set, region);

  if (metal) return metal->elastic;
  if (region == OST_MARROW) return set->marrow;
  const OstElastic bone = {.E  = ost_density_law_modulus(&set->law, rho),
                           .nu = rho > set->nu_density ? set->nu_dense : set->nu_porous};
  return axis ? ost_anisotropy_elastic(&set->anisotropy, &bone, rho, axis) : bone;
}
