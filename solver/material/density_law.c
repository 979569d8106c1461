#include "material/density_law.h"

const char *const ost_density_law_names[OST_NUM_LAWS] = {"morgan-femoral-neck",
                                                         "morgan-pooled",
                                                         "morgan-greater-trochanter",
                                                         "morgan-proximal-tibia",
                                                         "morgan-vertebra",
                                                         "keller",
                                                         "keyak",
                                                         "carter-hayes",
                                                         "wirtz-axial",
                                                         "wirtz-cortical",
                                                         "wirtz-cortical-transverse",
                                                         "wirtz-cancellous",
                                                         "wirtz-cancellous-transverse",
                                                         "schaffler-burr",
                                                         "lotz",
                                                         "lotz-cortical",
                                                         "lotz-cortical-transverse",
                                                         "lotz-cancellous",
                                                         "beaupre",
                                                         "zysset-curnier",
                                                         "hernandez",
                                                         "power"};

typedef struct {
  PetscInt  num_powers;
  PetscReal c[2], p[2], e0[2]; /* [MPa/(g/cm3)^p], [-], [MPa] */
  PetscBool ash;               /* the law is written in ash density */
  PetscReal from, to;          /* measured range, of the law's own density [g/cm3] */
} Published;

#define ONE(c, p, from, to)                                                                        \
  {                                                                                                \
    1, {c}, {p}, {0.0}, PETSC_FALSE, from, to                                                      \
  }
#define ASH(c, p, from, to)                                                                        \
  {                                                                                                \
    1, {c}, {p}, {0.0}, PETSC_TRUE, from, to                                                       \
  }
#define LINE(e0, c, from, to)                                                                      \
  {                                                                                                \
    1, {c}, {1.0}, {e0}, PETSC_FALSE, from, to                                                     \
  }
#define TWO(c, p, c2, p2, from, to)                                                                \
  {                                                                                                \
    2, {c, c2}, {p, p2}, {0.0, 0.0}, PETSC_FALSE, from, to                                         \
  }

/* theory.md, Table M1 has the sources. Carter-Hayes and Hernandez are filled in by their makers;
   their rows here stand for the default strain rate 0.01 1/s and ash fraction 0.65. */
static const Published published[OST_NUM_LAWS] = {
    [OST_LAW_MORGAN_FEMORAL_NECK]         = ONE(6850.0, 1.49, 0.26, 0.75),
    [OST_LAW_MORGAN_POOLED]               = ONE(8920.0, 1.83, 0.09, 0.75),
    [OST_LAW_MORGAN_GREATER_TROCHANTER]   = ONE(15010.0, 2.18, 0.14, 0.28),
    [OST_LAW_MORGAN_PROXIMAL_TIBIA]       = ONE(15520.0, 1.93, 0.09, 0.41),
    [OST_LAW_MORGAN_VERTEBRA]             = ONE(4730.0, 1.56, 0.11, 0.35),
    [OST_LAW_KELLER]                      = ASH(10500.0, 2.57, 0.03, 1.22),
    [OST_LAW_KEYAK]                       = ASH(14900.0, 1.86, 0.09, 1.22),
    [OST_LAW_CARTER_HAYES]                = ONE(3790.0, 3.0, 0.07, 2.0),
    [OST_LAW_WIRTZ_AXIAL]                 = TWO(1904.0, 1.64, 2065.0, 3.09, 0.1, 2.0),
    [OST_LAW_WIRTZ_CORTICAL]              = ONE(2065.0, 3.09, 1.2, 2.0),
    [OST_LAW_WIRTZ_CORTICAL_TRANSVERSE]   = ONE(2314.0, 1.57, 1.2, 2.0),
    [OST_LAW_WIRTZ_CANCELLOUS]            = ONE(1904.0, 1.64, 0.1, 1.0),
    [OST_LAW_WIRTZ_CANCELLOUS_TRANSVERSE] = ONE(1157.0, 1.78, 0.1, 1.0),
    [OST_LAW_SCHAFFLER_BURR]              = ONE(90.0, 7.4, 1.7, 2.1),
    [OST_LAW_LOTZ] = {2, {1310.0, 14261.0}, {1.40, 1.0}, {0.0, -13430.0}, PETSC_FALSE, 0.18, 1.85},
    [OST_LAW_LOTZ_CORTICAL]            = LINE(-13430.0, 14261.0, 1.2, 1.85),
    [OST_LAW_LOTZ_CORTICAL_TRANSVERSE] = LINE(-6087.0, 10000.0, 1.2, 1.85),
    [OST_LAW_LOTZ_CANCELLOUS]          = ONE(1310.0, 1.40, 0.18, 0.95),
    [OST_LAW_BEAUPRE]                  = TWO(2014.0, 2.5, 1763.0, 3.2, 0.01, 1.92),
    [OST_LAW_ZYSSET_CURNIER]           = TWO(7500.0, 2.0, 7500.0, 1.3, 0.2, 2.0),
    [OST_LAW_HERNANDEZ]                = ONE(84370.0, 2.58, 0.1, 2.0),
    [OST_LAW_POWER]                    = ONE(1000.0, 2.0, 0.0, PETSC_MAX_REAL),
};

#define CARTER_HAYES_RATE_EXPONENT 0.06 /* E ~ (strain rate / (1/s))^0.06 (Carter & Hayes 1977) */
#define WALKING_STRAIN_RATE        0.01 /* 1/s; walking 0.005-0.02 (Burr et al. 1996) */
#define MATURE_ASH_FRACTION        0.65 /* of mature tissue, 0.65-0.70 (Hernandez et al. 2001) */

static PetscReal power_modulus(const OstDensityLaw *law, const OstDensityPower *power,
                               PetscReal rho)
{
  return power->e0 + power->c * PetscPowReal(law->ash_factor * rho, power->p);
}

static PetscReal power_slope(const OstDensityLaw *law, const OstDensityPower *power, PetscReal rho)
{
  return power->p * (power_modulus(law, power, rho) - power->e0) / rho;
}

/* The regimes change where the powers meet: at the published point E would make a step (Beaupre's
   1.2 g/cm3: 0.5 % down), and have no inverse there. Newton's method; all pairs meet near 1. */
static PetscReal meeting_point(const OstDensityLaw *law)
{
  PetscReal rho = 1.2;

  for (int k = 0; k < 30; k++)
    rho -= (power_modulus(law, &law->power[1], rho) - power_modulus(law, &law->power[0], rho)) /
           (power_slope(law, &law->power[1], rho) - power_slope(law, &law->power[0], rho));
  return rho;
}

static OstDensityLaw law_from_table(OstLawName name)
{
  const Published *row = &published[name];
  OstDensityLaw    law = {.name       = name,
                          .num_powers = row->num_powers,
                          .ash_factor = row->ash ? OST_DENSITY_ASH_PER_APPARENT : 1.0,
                          .rho_min    = 0.01,
                          .rho_max    = 2.1,
                          .E_min      = 2.0,
                          .E_max      = 25000.0};

  for (PetscInt i = 0; i < row->num_powers; i++) {
    law.power[i].c  = row->c[i];
    law.power[i].p  = row->p[i];
    law.power[i].e0 = row->e0[i];
  }
  if (row->num_powers == 2) law.power[1].from = meeting_point(&law);
  law.valid_from = row->from / law.ash_factor;
  law.valid_to   = row->to / law.ash_factor;
  return law;
}

OstDensityLaw ost_density_law_carter_hayes(PetscReal strain_rate)
{
  OstDensityLaw law = law_from_table(OST_LAW_CARTER_HAYES);
  law.power[0].c *= PetscPowReal(strain_rate, CARTER_HAYES_RATE_EXPONENT);
  return law;
}

OstDensityLaw ost_density_law_hernandez(PetscReal ash_fraction)
{
  OstDensityLaw   law    = law_from_table(OST_LAW_HERNANDEZ);
  const PetscReal tissue = 1.41 + 1.29 * ash_fraction; /* g/cm3 of tissue, same paper */
  law.power[0].c *= PetscPowReal(ash_fraction, 2.74) / PetscPowReal(tissue, law.power[0].p);
  return law;
}

OstDensityLaw ost_density_law(OstLawName name)
{
  if (name == OST_LAW_CARTER_HAYES) return ost_density_law_carter_hayes(WALKING_STRAIN_RATE);
  if (name == OST_LAW_HERNANDEZ) return ost_density_law_hernandez(MATURE_ASH_FRACTION);
  return law_from_table(name);
}

OstDensityLaw ost_density_law_default(void)
{
  return ost_density_law(OST_LAW_MORGAN_FEMORAL_NECK);
}

PetscBool ost_density_law_across(const OstDensityLaw *law, OstDensityLaw *across)
{
  switch (law->name) {
  case OST_LAW_WIRTZ_AXIAL:
  case OST_LAW_WIRTZ_CORTICAL:
    *across = law_from_table(OST_LAW_WIRTZ_CORTICAL_TRANSVERSE);
    break;
  case OST_LAW_LOTZ:
  case OST_LAW_LOTZ_CORTICAL:
    *across = law_from_table(OST_LAW_LOTZ_CORTICAL_TRANSVERSE);
    break;
  default:
    return PETSC_FALSE;
  }
  across->rho_min = law->rho_min;
  across->rho_max = law->rho_max;
  across->E_min   = law->E_min;
  across->E_max   = law->E_max;
  return PETSC_TRUE;
}

/* A key that belongs to some laws only, given with another one. */
static PetscErrorCode refuse_key(OstNode *section, const char *key, PetscBool belongs,
                                 const char *fix, const char *law, OstDiagList *list)
{
  OstNode *node = ost_node_find(section, key);

  PetscFunctionBeginUser;
  if (node && !belongs) {
    PetscCall(
        ost_diag_error(list, ost_node_where(node), fix, "%s does not go with law: %s", key, law));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The coefficients: those of the named law, or the user's with law: power. */
static PetscErrorCode read_coefficients(OstNode *section, OstDiagList *list, OstDensityLaw *law)
{
  static const char *const kinds[] = {"apparent", "ash"};
  const char *const        name    = ost_density_law_names[law->name];
  const PetscBool          power   = law->name == OST_LAW_POWER ? PETSC_TRUE : PETSC_FALSE;
  const OstRealKey         c       = {"c", "MPa", law->power[0].c, 1.0, 1e6};
  const OstRealKey         p       = {"p", "1", law->power[0].p, 0.1, 10.0};
  const OstRealKey ratio = {"ash_per_apparent", "1", OST_DENSITY_ASH_PER_APPARENT, 0.3, 1.0};
  PetscInt         kind  = law->ash_factor < 1.0 ? 1 : 0;
  PetscReal        ash_per_apparent = ratio.def;

  PetscFunctionBeginUser;
  PetscCall(refuse_key(section, "c", power, "write law: power to give c and p", name, list));
  PetscCall(refuse_key(section, "p", power, "write law: power to give c and p", name, list));
  PetscCall(
      refuse_key(section, "density", power, "a published law knows its own density", name, list));
  /* a key that acts on nothing is not read: the resolved case shows what acts */
  if (power) {
    PetscCall(ost_value_real(section, &c, list, &law->power[0].c));
    PetscCall(ost_value_real(section, &p, list, &law->power[0].p));
    PetscCall(ost_value_word(section, "density", kinds, 2, kind, list, &kind));
  }
  PetscCall(refuse_key(section, "ash_per_apparent", (PetscBool)(kind == 1),
                       "only laws of ash density depend on it", name, list));
  if (kind == 1) {
    PetscCall(ost_value_real(section, &ratio, list, &ash_per_apparent));
    const PetscReal rescale = law->ash_factor / ash_per_apparent;
    law->ash_factor         = ash_per_apparent;
    law->valid_from *= rescale;
    law->valid_to *= rescale;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_density_law_read(OstNode *material, OstDiagList *list, OstDensityLaw *law)
{
  const OstRealKey rate = {"strain_rate", "1/s", WALKING_STRAIN_RATE, 1e-6, 100.0};
  const OstRealKey ash  = {"ash_fraction", "1", MATURE_ASH_FRACTION, 0.3, 0.8};
  OstNode         *section;
  PetscInt         name;
  PetscReal        strain_rate = rate.def, ash_fraction = ash.def;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(material, "density_law", list, &section));
  PetscCall(ost_value_word(section, "law", ost_density_law_names, OST_NUM_LAWS,
                           OST_LAW_MORGAN_FEMORAL_NECK, list, &name));
  PetscCall(refuse_key(section, "strain_rate", (PetscBool)(name == OST_LAW_CARTER_HAYES),
                       "only carter-hayes depends on it", ost_density_law_names[name], list));
  PetscCall(refuse_key(section, "ash_fraction", (PetscBool)(name == OST_LAW_HERNANDEZ),
                       "only hernandez depends on it", ost_density_law_names[name], list));
  *law = ost_density_law((OstLawName)name);
  if (name == OST_LAW_CARTER_HAYES) {
    PetscCall(ost_value_real(section, &rate, list, &strain_rate));
    *law = ost_density_law_carter_hayes(strain_rate);
  }
  if (name == OST_LAW_HERNANDEZ) {
    PetscCall(ost_value_real(section, &ash, list, &ash_fraction));
    *law = ost_density_law_hernandez(ash_fraction);
  }
  PetscCall(read_coefficients(section, list, law));
  {
    const OstRealKey rho_min = {"density_min", "g/cm3", law->rho_min, 1e-3, 1.0};
    const OstRealKey rho_max = {"density_max", "g/cm3", law->rho_max, 0.5, 3.0};
    const OstRealKey E_min   = {"modulus_min", "MPa", law->E_min, 1e-3, 1000.0};
    const OstRealKey E_max   = {"modulus_max", "MPa", law->E_max, 1000.0, 60000.0};
    PetscCall(ost_value_real(section, &rho_min, list, &law->rho_min));
    PetscCall(ost_value_real(section, &rho_max, list, &law->rho_max));
    PetscCall(ost_value_real(section, &E_min, list, &law->E_min));
    PetscCall(ost_value_real(section, &E_max, list, &law->E_max));
  }
  if (section) PetscCall(ost_density_law_check(law, ost_node_where(section), list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_density_law_check(const OstDensityLaw *law, OstWhere at, OstDiagList *list)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < law->num_powers; i++) {
    if (!(law->power[i].c > 0.0) || !(law->power[i].p > 0.0)) {
      PetscCall(ost_diag_error(list, at, "published values are listed in theory.md, Table M1",
                               "density law E = c rho^p needs c > 0 and p > 0, not c = %g MPa, "
                               "p = %g",
                               (double)law->power[i].c, (double)law->power[i].p));
    }
  }
  if (!(law->rho_min > 0.0) || !(law->rho_min < law->rho_max)) {
    PetscCall(ost_diag_error(list, at, "choose density_min below density_max, both positive",
                             "density_min = %g g/cm3 is not below density_max = %g g/cm3",
                             (double)law->rho_min, (double)law->rho_max));
  }
  if (!(law->E_min > 0.0) || !(law->E_min < law->E_max)) {
    PetscCall(ost_diag_error(list, at, "choose modulus_min below modulus_max, both positive",
                             "modulus_min = %g MPa is not below modulus_max = %g MPa",
                             (double)law->E_min, (double)law->E_max));
  }
  if (law->num_powers == 2 && !(law->power[1].from > 0.0)) {
    PetscCall(ost_diag_error(list, at, "the second power must begin above zero density",
                             "regimes change over at %g g/cm3", (double)law->power[1].from));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal clamp(PetscReal v, PetscReal lo, PetscReal hi)
{
  return PetscMin(PetscMax(v, lo), hi);
}

static const OstDensityPower *power_at(const OstDensityLaw *law, PetscReal rho)
{
  return law->num_powers == 2 && rho >= law->power[1].from ? &law->power[1] : &law->power[0];
}

static PetscReal unclamped_modulus(const OstDensityLaw *law, PetscReal rho)
{
  return power_modulus(law, power_at(law, rho), rho);
}

PetscReal ost_density_law_modulus(const OstDensityLaw *law, PetscReal rho)
{
  return clamp(unclamped_modulus(law, clamp(rho, law->rho_min, law->rho_max)), law->E_min,
               law->E_max);
}

PetscReal ost_density_law_slope(const OstDensityLaw *law, PetscReal rho)
{
  PetscReal E;

  if (!(rho > law->rho_min && rho < law->rho_max)) return 0.0;
  E = unclamped_modulus(law, rho);
  if (!(E > law->E_min && E < law->E_max)) return 0.0;
  return power_slope(law, power_at(law, rho), rho);
}

PetscReal ost_density_law_density(const OstDensityLaw *law, PetscReal E)
{
  const OstDensityPower *power = &law->power[0];
  PetscReal              rho;

  if (E <= 0.0) return law->rho_min;
  if (law->num_powers == 2 && E >= unclamped_modulus(law, law->power[1].from)) power++;
  rho = PetscPowReal((E - power->e0) / power->c, 1.0 / power->p) / law->ash_factor;
  return clamp(rho, law->rho_min, law->rho_max);
}

/* --- the measured range ----------------------------------------------------------------------- */

OstDensityRange ost_density_range_empty(void)
{
  return (OstDensityRange){.least = PETSC_MAX_REAL, .most = -PETSC_MAX_REAL};
}

void ost_density_range_add(OstDensityRange *range, const OstDensityLaw *law, PetscReal rho,
                           PetscReal volume)
{
  range->volume += volume;
  range->least = PetscMin(range->least, rho);
  range->most  = PetscMax(range->most, rho);
  if (rho < law->valid_from) range->below += volume;
  if (rho > law->valid_to) range->above += volume;
}

PetscBool ost_density_range_tell(const OstDensityRange *range, const OstDensityLaw *law,
                                 char text[], size_t length)
{
  const PetscReal below = range->below / range->volume, above = range->above / range->volume;
  char            low[64] = "", high[64] = "";

  text[0] = '\0';
  if (!(range->below + range->above > 0.0)) return PETSC_FALSE;
  if (below > 0.0)
    (void)snprintf(low, sizeof low, ", %.3g %% below, down to %.3g", (double)(100.0 * below),
                   (double)range->least);
  if (above > 0.0)
    (void)snprintf(high, sizeof high, ", %.3g %% above, up to %.3g", (double)(100.0 * above),
                   (double)range->most);
  (void)snprintf(text, length,
                 "density law %s is known from %.3g to %.3g g/cm3 and is extrapolated on "
                 "%.3g %% of the bone's volume%s%s g/cm3",
                 ost_density_law_names[law->name], (double)law->valid_from, (double)law->valid_to,
                 (double)(100.0 * (below + above)), low, high);
  return PETSC_TRUE;
}
