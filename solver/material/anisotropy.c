#include "material/anisotropy.h"

static const char *const types[OST_NUM_SYMMETRIES] = {"isotropic", "transverse"};

enum { REILLY_BURSTEIN, DONG_GUO, NUM_SETS };
static const char *const sets[NUM_SETS] = {"reilly-burstein", "dong-guo"};

/* theory.md, Table M4 */
static const struct {
  PetscReal modulus_ratio, shear_ratio, poisson_axial, poisson_transverse;
} published[NUM_SETS] = {
    [REILLY_BURSTEIN] = {0.676, 0.193, 0.46, 0.58}, [DONG_GUO] = {0.578, 0.283, 0.37, 0.45}};

/* Densities at which the constants are tried between density_none and the law's highest. */
#define NUM_TRIED 200

static void use_set(OstAnisotropy *a, PetscInt set)
{
  a->modulus_ratio      = published[set].modulus_ratio;
  a->shear_ratio        = published[set].shear_ratio;
  a->poisson_axial      = published[set].poisson_axial;
  a->poisson_transverse = published[set].poisson_transverse;
}

OstAnisotropy ost_anisotropy_default(void)
{
  OstAnisotropy a = {.type = OST_ISOTROPIC, .density_none = 1.2, .density_full = 1.4};
  use_set(&a, REILLY_BURSTEIN);
  return a;
}

/* A key that acts on nothing is a fault, not a remark. */
static PetscErrorCode refuse_keys(OstNode *section, OstDiagList *list)
{
  static const char *const keys[] = {"constants",     "modulus_ratio",      "shear_ratio",
                                     "poisson_axial", "poisson_transverse", "transverse_modulus",
                                     "density_none",  "density_full"};

  PetscFunctionBeginUser;
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
    OstNode *node = ost_node_find(section, keys[k]);
    if (node)
      PetscCall(ost_diag_error(list, ost_node_where(node),
                               "write type: transverse, or leave it out",
                               "%s does not act with type: isotropic", keys[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The modulus across the shaft: by a ratio, or by the density law's own authors. */
static PetscErrorCode read_modulus(OstNode *section, const OstDensityLaw *law, OstDiagList *list,
                                   OstAnisotropy *a)
{
  static const char *const words[] = {"ratio", "law"};
  const OstRealKey         ratio   = {"modulus_ratio", "1", a->modulus_ratio, 0.01, 2.0};
  OstNode                 *node    = ost_node_find(section, ratio.key);
  PetscInt                 word;

  PetscFunctionBeginUser;
  PetscCall(ost_value_word(section, "transverse_modulus", words, 2, 0, list, &word));
  a->own_law = word == 1 ? PETSC_TRUE : PETSC_FALSE;
  if (!a->own_law) {
    PetscCall(ost_value_real(section, &ratio, list, &a->modulus_ratio));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (node)
    PetscCall(ost_diag_error(list, ost_node_where(node), "write transverse_modulus: ratio",
                             "modulus_ratio does not act with transverse_modulus: law"));
  if (!ost_density_law_across(law, &a->across)) {
    a->own_law = PETSC_FALSE;
    PetscCall(ost_diag_error(
        list, ost_node_where(ost_node_find(section, "transverse_modulus")),
        "write transverse_modulus: ratio, or a density_law of wirtz-axial, wirtz-cortical, lotz or "
        "lotz-cortical",
        "%s has no second law for the modulus across the shaft", ost_density_law_names[law->name]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The cortex's own constants at a density, without transition. */
static OstElastic cortex_at(const OstAnisotropy *a, PetscReal E, PetscReal rho)
{
  return (OstElastic){.E          = E,
                      .nu         = a->poisson_axial,
                      .transverse = PETSC_TRUE,
                      .E_across   = a->own_law ? ost_density_law_modulus(&a->across, rho)
                                               : a->modulus_ratio * E,
                      .nu_across  = a->poisson_transverse,
                      .G_along    = a->shear_ratio * E};
}

/* The ratio of the moduli may hang on the density: try the range. */
static PetscErrorCode check(const OstAnisotropy *a, const OstDensityLaw *law, OstWhere at,
                            OstDiagList *list)
{
  char what[64];

  PetscFunctionBeginUser;
  if (a->density_none > a->density_full)
    PetscCall(ost_diag_error(list, at, "choose density_none up to density_full",
                             "density_none = %g g/cm3 is above density_full = %g g/cm3",
                             (double)a->density_none, (double)a->density_full));
  for (int k = 0; k <= NUM_TRIED; k++) {
    const PetscReal  rho = a->density_none + (law->rho_max - a->density_none) * k / NUM_TRIED;
    const OstElastic m   = cortex_at(a, ost_density_law_modulus(law, rho), rho);
    if (ost_elastic_margin(&m) > 0.0) continue;
    (void)snprintf(what, sizeof what, "cortex of %.4g g/cm3", (double)rho);
    PetscCall(ost_elastic_check(&m, what, at, list));
    break;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_anisotropy_read(OstNode *material, const OstDensityLaw *law, OstDiagList *list,
                                   OstAnisotropy *a)
{
  OstNode *section;
  PetscInt type, set;

  PetscFunctionBeginUser;
  *a = ost_anisotropy_default();
  PetscCall(ost_value_section_or_defaults(material, "anisotropy", list, &section));
  PetscCall(ost_value_word(section, "type", types, OST_NUM_SYMMETRIES, OST_ISOTROPIC, list, &type));
  a->type = (OstSymmetry)type;
  if (a->type == OST_ISOTROPIC) {
    PetscCall(refuse_keys(section, list));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_value_word(section, "constants", sets, NUM_SETS, REILLY_BURSTEIN, list, &set));
  use_set(a, set);
  PetscCall(read_modulus(section, law, list, a));
  {
    const OstRealKey shear  = {"shear_ratio", "1", a->shear_ratio, 0.01, 2.0};
    const OstRealKey axial  = {"poisson_axial", "1", a->poisson_axial, 0.0, 1.5};
    const OstRealKey across = {"poisson_transverse", "1", a->poisson_transverse, 0.0, 0.99};
    const OstRealKey none   = {"density_none", "g/cm3", a->density_none, 0.0, 2.2};
    const OstRealKey full   = {"density_full", "g/cm3", a->density_full, 0.0, 2.2};
    PetscCall(ost_value_real(section, &shear, list, &a->shear_ratio));
    PetscCall(ost_value_real(section, &axial, list, &a->poisson_axial));
    PetscCall(ost_value_real(section, &across, list, &a->poisson_transverse));
    PetscCall(ost_value_real(section, &none, list, &a->density_none));
    PetscCall(ost_value_real(section, &full, list, &a->density_full));
  }
  if (section) PetscCall(check(a, law, ost_node_where(section), list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

OstElastic ost_anisotropy_elastic(const OstAnisotropy *a, const OstElastic *bone, PetscReal rho,
                                  const PetscReal axis[3])
{
  const PetscReal width = a->density_full - a->density_none;
  const PetscReal share =
      width > 0.0 ? PetscMin((rho - a->density_none) / width, 1.0) : rho >= a->density_full;

  if (a->type == OST_ISOTROPIC || share <= 0.0) return *bone;
  /* compliances add up: the sum of two that are positive definite is so as well */
  const PetscReal  rest = 1.0 - share;
  const OstElastic full = cortex_at(a, bone->E, rho);
  OstElastic       m    = full;
  m.E_across            = 1.0 / (rest / bone->E + share / full.E_across);
  m.nu                  = rest * bone->nu + share * full.nu;
  m.nu_across = m.E_across * (rest * bone->nu / bone->E + share * full.nu_across / full.E_across);
  m.G_along   = 1.0 / (rest * 2.0 * (1.0 + bone->nu) / bone->E + share / full.G_along);
  for (int i = 0; i < 3; i++) m.axis[i] = axis[i];
  return m;
}
