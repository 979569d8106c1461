#include "physics/remodel.h"

#include "physics/stimulus.h"

#define MM_PER_UM 1e-3

const char *const ost_remodel_law_names[]       = {"off", "daily-stress", "strain-energy"};
const char *const ost_remodel_reference_names[] = {"site", "fixed"};
const char *const ost_remodel_limb_names[]      = {"filled", "intact"};

static const char *const weights_names[] = {"cycles", "equal"};

OstRemodel ost_remodel_default(OstRemodelKind kind)
{
  /* theory.md, Table R1 has the source of every number. */
  OstRemodel law = {.law               = kind,
                    .reference         = OST_REFERENCE_SITE,
                    .attractor         = 50.0,
                    .reference_min     = 2.0,
                    .lazy_zone         = 0.25,
                    .background        = 0.5,
                    .m                 = 4.0,
                    .formation_um      = 0.02,
                    .resorption_um     = 0.02,
                    .active_surface    = 0.2,
                    .max_formation_um  = 2.0,
                    .max_resorption_um = 5.0,
                    .overload_strain   = 0.004,
                    .overload_um       = 4.0,
                    .rho_c             = 1.92,
                    .rho_min           = 0.05,
                    .rho_max           = 1.92,
                    .bound_width       = 0.05,
                    .surface_min       = 0.084,
                    .whole_volume      = PETSC_FALSE,
                    .bulk_formation    = 1.0,
                    .bulk_resorption   = 1.0,
                    .rim_depth         = 0.5,
                    .rim_until         = 84.0};

  if (kind == OST_REMODEL_ENERGY) {
    law.attractor     = 0.004;
    law.reference_min = 1e-5;
    law.lazy_zone     = 0.75;
    law.background    = 0.0; /* its wide lazy zone stands for the loads that are not modelled */
    law.formation_um = law.resorption_um = 300.0;
  }
  return law;
}

/* A key of one law, given with another one, would be read and not used: refuse it. */
static PetscErrorCode refuse_key(OstNode *section, const char *key, PetscBool belongs,
                                 const char *fix, OstDiagList *list)
{
  OstNode *node = ost_node_find(section, key);

  PetscFunctionBeginUser;
  if (node && !belongs) {
    PetscCall(ost_diag_error(list, ost_node_where(node), fix, "%s has no meaning here", key));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Attractor, least reference and rates carry the unit of the law's stimulus. */
static PetscErrorCode read_stimulus_keys(OstNode *section, OstDiagList *list, OstRemodel *law)
{
  enum { NUM = 4 };
  const OstRemodel stress       = ost_remodel_default(OST_REMODEL_DAILY_STRESS);
  const OstRemodel energy       = ost_remodel_default(OST_REMODEL_ENERGY);
  const PetscBool  is_energy    = (PetscBool)(law->law == OST_REMODEL_ENERGY);
  const OstRealKey keys[2][NUM] = {
      {{"attractor", "MPa", stress.attractor, 0.1, 500.0},
       {"reference_min", "MPa", stress.reference_min, 1e-3, 100.0},
       {"formation_rate", "um/day/MPa", stress.formation_um, 0.0, 10.0},
       {"resorption_rate", "um/day/MPa", stress.resorption_um, 0.0, 10.0}},
      {{"attractor_energy", "J/g", energy.attractor, 1e-6, 1.0},
       {"reference_min_energy", "J/g", energy.reference_min, 1e-9, 1.0},
       {"formation_rate_energy", "um.g/day/J", energy.formation_um, 0.0, 1e7},
       {"resorption_rate_energy", "um.g/day/J", energy.resorption_um, 0.0, 1e7}},
  };
  PetscReal *const value[NUM] = {&law->attractor, &law->reference_min, &law->formation_um,
                                 &law->resorption_um};

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < NUM; i++) {
    PetscCall(ost_value_real(section, &keys[is_energy][i], list, value[i]));
    PetscCall(refuse_key(section, keys[!is_energy][i].key, PETSC_FALSE,
                         is_energy ? "with law: strain-energy use the key that ends in _energy"
                                   : "keys that end in _energy belong to law: strain-energy",
                         list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What the energy law alone has: how load cases are weighed, and its benchmark form, in which every
   part of the volume remodels, not its surfaces. */
static PetscErrorCode read_energy_form(OstNode *section, OstDiagList *list, OstRemodel *law)
{
  const PetscBool  is_energy  = (PetscBool)(law->law == OST_REMODEL_ENERGY);
  const char      *unit       = "g2.cm-3.J-1.day-1";
  const OstRealKey formation  = {"bulk_formation_rate", unit, law->bulk_formation, 0.0, 1e6};
  const OstRealKey resorption = {"bulk_resorption_rate", unit, law->bulk_resorption, 0.0, 1e6};
  const char      *fix        = "it belongs to law: strain-energy with whole_volume: true";
  PetscInt         weights    = 0;

  PetscFunctionBeginUser;
  if (is_energy) {
    PetscCall(ost_value_word(section, "weights", weights_names, 2, 0, list, &weights));
    PetscCall(ost_value_bool(section, "whole_volume", law->whole_volume, list, &law->whole_volume));
  }
  law->equal_weights = (PetscBool)(weights == 1);
  PetscCall(refuse_key(section, "weights", is_energy, "it belongs to law: strain-energy", list));
  PetscCall(
      refuse_key(section, "whole_volume", is_energy, "it belongs to law: strain-energy", list));
  if (law->whole_volume) {
    PetscCall(ost_value_real(section, &formation, list, &law->bulk_formation));
    PetscCall(ost_value_real(section, &resorption, list, &law->bulk_resorption));
  }
  PetscCall(refuse_key(section, formation.key, law->whole_volume, fix, list));
  PetscCall(refuse_key(section, resorption.key, law->whole_volume, fix, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_rim(OstNode *section, OstDiagList *list, OstRemodel *law)
{
  const OstRealKey depth = {"depth", "mm", law->rim_depth, 0.0, 5.0};
  const OstRealKey until = {"until", "day", law->rim_until, 0.0, 1000.0};
  OstNode         *rim;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(section, "dead_rim", list, &rim));
  PetscCall(ost_value_real(rim, &depth, list, &law->rim_depth));
  PetscCall(ost_value_real(rim, &until, list, &law->rim_until));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What the stimulus is compared with, and whose it is. */
static PetscErrorCode read_reference(OstNode *section, OstDiagList *list, OstRemodel *law)
{
  PetscInt reference, limb = OST_LIMB_FILLED;

  PetscFunctionBeginUser;
  PetscCall(ost_value_word(section, "reference", ost_remodel_reference_names, 2, law->reference,
                           list, &reference));
  law->reference = (OstReferenceKind)reference;
  if (law->reference == OST_REFERENCE_SITE)
    PetscCall(
        ost_value_word(section, "reference_limb", ost_remodel_limb_names, 2, limb, list, &limb));
  PetscCall(refuse_key(section, "reference_limb", (PetscBool)(reference == OST_REFERENCE_SITE),
                       "it belongs to reference: site", list));
  law->limb     = (OstReferenceLimb)limb;
  OstNode *node = ost_node_find(section, "reference_limb");
  if (section) law->where_limb = ost_node_where(node ? node : section);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_remodel_read(OstNode *biology, OstDiagList *list, OstRemodel *law)
{
  OstNode *section;
  PetscInt kind;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(biology, "remodelling", list, &section));
  PetscCall(ost_value_word(section, "law", ost_remodel_law_names, 3, OST_REMODEL_DAILY_STRESS, list,
                           &kind));
  *law = ost_remodel_default((OstRemodelKind)kind);
  PetscCall(read_reference(section, list, law));
  PetscCall(read_stimulus_keys(section, list, law));
  {
    const struct {
      OstRealKey key;
      PetscReal *value;
    } reals[] = {
        {{"lazy_zone", "1", law->lazy_zone, 0.0, 0.95}, &law->lazy_zone},
        {{"background", "1", law->background, 0.0, 1.0}, &law->background},
        {{"m", "1", law->m, 1.0, 10.0}, &law->m},
        {{"active_surface", "1", law->active_surface, 0.0, 1.0}, &law->active_surface},
        {{"max_formation", "um/day", law->max_formation_um, 0.0, 1e6}, &law->max_formation_um},
        {{"max_resorption", "um/day", law->max_resorption_um, 0.0, 1e6}, &law->max_resorption_um},
        {{"overload_strain", "1", law->overload_strain, 1e-4, 1.0}, &law->overload_strain},
        {{"overload_rate", "um/day", law->overload_um, 0.0, 100.0}, &law->overload_um},
        {{"density_solid", "g/cm3", law->rho_c, 1.0, 2.5}, &law->rho_c},
        {{"density_min", "g/cm3", law->rho_min, 1e-3, 1.0}, &law->rho_min},
        {{"density_max", "g/cm3", law->rho_max, 0.5, 2.5}, &law->rho_max},
        {{"bound_width", "g/cm3", law->bound_width, 0.0, 0.5}, &law->bound_width},
        {{"surface_min", "1/mm", law->surface_min, 0.0, 4.19}, &law->surface_min},
        {{"smoothing_length", "mm", law->smoothing, 0.0, 50.0}, &law->smoothing},
    };
    for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
      PetscCall(ost_value_real(section, &reals[i].key, list, reals[i].value));
    }
  }
  PetscCall(read_energy_form(section, list, law));
  PetscCall(read_rim(section, list, law));
  if (section) PetscCall(ost_remodel_check(law, ost_node_where(section), list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_remodel_check(const OstRemodel *law, OstWhere at, OstDiagList *list)
{
  PetscFunctionBeginUser;
  if (!(law->rho_min < law->rho_max)) {
    PetscCall(ost_diag_error(list, at, "0.05 and 1.92 g/cm3 are usual",
                             "density_min = %g g/cm3 is not below density_max = %g g/cm3",
                             (double)law->rho_min, (double)law->rho_max));
  }
  if (law->rho_max > law->rho_c) {
    PetscCall(ost_diag_error(list, at, "bone without pores is the densest there is",
                             "density_max = %g g/cm3 is above density_solid = %g g/cm3",
                             (double)law->rho_max, (double)law->rho_c));
  }
  if (!(2.0 * law->bound_width < law->rho_max - law->rho_min)) {
    PetscCall(ost_diag_error(list, at, "0.05 g/cm3 is usual",
                             "bound_width = %g g/cm3 leaves no room between the density limits",
                             (double)law->bound_width));
  }
  if (!(law->lazy_zone < 1.0)) {
    PetscCall(ost_diag_error(list, at, "25 % (daily stress) or 75 % (strain energy)",
                             "lazy_zone = %g leaves no stimulus at which bone resorbs",
                             (double)law->lazy_zone));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscReal ost_remodel_specific_surface(PetscReal p)
{
  const PetscReal s =
      p * (32.3 + p * (-93.9 + p * (134.0 + p * (-101.0 + p * 28.8)))); /* Martin (1984) */
  return PetscMax(s, 0.0);
}

PetscReal ost_remodel_stimulus(const OstRemodel *law, PetscInt num, const PetscReal U[],
                               const PetscReal cycles[], PetscReal E, PetscReal rho)
{
  switch (law->law) {
  case OST_REMODEL_DAILY_STRESS:
    return ost_stimulus_daily_stress(num, U, cycles, E, rho, law->rho_c, law->m);
  case OST_REMODEL_ENERGY:
    return ost_stimulus_energy(num, U, law->equal_weights ? NULL : cycles, rho);
  default:
    return 0.0;
  }
}

PetscReal ost_remodel_reference(const OstRemodel *law, PetscReal site)
{
  return law->reference == OST_REFERENCE_FIXED ? law->attractor
                                               : PetscMax(site, law->reference_min);
}

/* Distance of the stimulus from the lazy zone, signed; the muscles' share is its floor. */
static PetscReal excess(const OstRemodel *law, PetscReal stimulus, PetscReal reference)
{
  /* background is a share of stress; energy goes with its square */
  const PetscReal share =
      law->law == OST_REMODEL_ENERGY ? PetscSqr(law->background) : law->background;
  const PetscReal felt = PetscMax(stimulus, share * reference);
  const PetscReal low  = (1.0 - law->lazy_zone) * reference,
                  high = (1.0 + law->lazy_zone) * reference;

  if (felt < low) return felt - low;
  return felt > high ? felt - high : 0.0;
}

PetscReal ost_remodel_surface_rate(const OstRemodel *law, PetscReal stimulus, PetscReal reference,
                                   PetscReal strain_peak)
{
  /* a site's own reference may be far from the published one: what counts is the ratio, so that all
     sites answer to half their usual stimulus alike */
  const PetscReal scale = law->reference == OST_REFERENCE_SITE ? law->attractor / reference : 1.0;
  const PetscReal over  = scale * excess(law, stimulus, reference);
  PetscReal       rate =
      PetscMin((over > 0.0 ? law->formation_um : law->resorption_um) * over, law->max_formation_um);

  if (strain_peak > law->overload_strain) {
    rate -= law->overload_um * (strain_peak / law->overload_strain - 1.0);
  }
  return law->active_surface * PetscMax(rate, -law->max_resorption_um);
}

/* 1 away from a limit, falling to 0 as the density reaches it. */
static PetscReal room(const OstRemodel *law, PetscReal to_limit)
{
  if (to_limit <= 0.0) return 0.0;
  return law->bound_width > 0.0 ? PetscMin(1.0, to_limit / law->bound_width) : 1.0;
}

PetscReal ost_remodel_rate(const OstRemodel *law, PetscReal stimulus, PetscReal reference,
                           PetscReal strain_peak, PetscReal rho)
{
  PetscReal rate;

  if (law->law == OST_REMODEL_OFF) return 0.0;
  if (law->whole_volume) {
    rate = excess(law, stimulus, reference);
    rate *= rate > 0.0 ? law->bulk_formation : law->bulk_resorption;
  } else {
    const PetscReal p       = PetscMin(PetscMax(1.0 - rho / law->rho_c, 0.0), 1.0);
    const PetscReal surface = PetscMax(ost_remodel_specific_surface(p), law->surface_min);
    rate = MM_PER_UM * ost_remodel_surface_rate(law, stimulus, reference, strain_peak) * surface *
           law->rho_c;
  }
  return rate * (rate > 0.0 ? room(law, law->rho_max - rho) : room(law, rho - law->rho_min));
}

PetscReal ost_remodel_alive(const OstRemodel *law, PetscReal distance, PetscReal size,
                            PetscReal t_day)
{
  const PetscReal dead = (law->rim_depth - (distance - 0.5 * size)) / size;

  if (law->rim_depth <= 0.0 || t_day >= law->rim_until) return 1.0;
  return 1.0 - PetscMin(PetscMax(dead, 0.0), 1.0);
}

PetscReal ost_remodel_next_event(const OstRemodel *law, PetscReal t_day)
{
  const PetscBool has_rim = (PetscBool)(law->law != OST_REMODEL_OFF && law->rim_depth > 0.0);
  return has_rim && t_day < law->rim_until ? law->rim_until : PETSC_MAX_REAL;
}
