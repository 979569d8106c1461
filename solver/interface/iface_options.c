#include "interface/iface_options.h"

/* --- laws ------------------------------------------------------------------------------------- */

enum { LAW_BOND, LAW_WEAR };

typedef struct {
  OstRealKey key;
  PetscReal *value;
} Key;

static PetscErrorCode read_keys(OstNode *at, PetscInt num, const Key keys[], OstDiagList *list)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++)
    PetscCall(ost_value_real(at, &keys[i].key, list, keys[i].value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Keys of the law that is not in force: none may be given. */
static PetscErrorCode refuse_keys(OstNode *at, PetscInt num, const Key keys[], const char *fix,
                                  OstDiagList *list)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) {
    OstNode *node = ost_node_find(at, keys[i].key.key);
    if (node)
      PetscCall(ost_diag_error(list, ost_node_where(node), fix, "%s has no meaning here",
                               keys[i].key.key));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Defaults of a law: the surface's own, and those of wear where the surface does not wear, whose
   friction is not that of a broken one either (theory.md, Table I1). */
static OstTractionLaw law_defaults(const OstTractionLaw *surface, PetscInt which)
{
  OstTractionLaw law = *surface;

  if (law.wear_from > 0.0) return law;
  if (which == LAW_WEAR) law.friction = 0.3;
  law.unbroken   = 0.5;
  law.wear_from  = 0.1;
  law.wear_width = 2.0;
  return law;
}

/* A law, as the surface's in what is not given; after a fault all as the surface's. */
static PetscErrorCode read_law(OstNode *at, const OstTractionLaw *surface, OstDiagList *list,
                               OstTractionLaw *law)
{
  static const char *const words[] = {"bond", "wear"};
  const PetscInt           before  = ost_diag_num_errors(list);
  PetscInt                 which;

  PetscFunctionBeginUser;
  PetscCall(ost_value_word(at, "law", words, 2, surface->wear_from > 0.0 ? LAW_WEAR : LAW_BOND,
                           list, &which));
  *law                = law_defaults(surface, which);
  const Key common[4] = {
      {{"friction", "1", law->friction, 0.0, 2.0}, &law->friction},
      {{"elastic_slip", "mm", law->elastic_slip, 0.0, 0.1}, &law->elastic_slip},
      {{"normal_stiffness", "N/mm3", law->normal_stiffness, 1e2, 1e7}, &law->normal_stiffness},
      {{"shear_stiffness", "N/mm3", law->shear_stiffness, 1e2, 1e7}, &law->shear_stiffness},
  };
  const Key bond[5] = {
      {{"bond_stiffness", "N/mm3", law->bond_stiffness, 1.0, 1e7}, &law->bond_stiffness},
      {{"tensile_strength", "MPa", law->tensile_strength, 1e-3, 100.0}, &law->tensile_strength},
      {{"shear_strength", "MPa", law->shear_strength, 1e-3, 100.0}, &law->shear_strength},
      {{"energy_I", "N/mm", law->energy_I, 1e-6, 10.0}, &law->energy_I},
      {{"energy_II", "N/mm", law->energy_II, 1e-6, 10.0}, &law->energy_II},
  };
  const Key wear[3] = {
      {{"friction_unbroken", "1", law->unbroken, 0.0, 2.0}, &law->unbroken},
      {{"wear_from", "mm", law->wear_from, 1e-3, 10.0}, &law->wear_from},
      {{"wear_width", "1", law->wear_width, 1e-2, 100.0}, &law->wear_width},
  };
  PetscCall(read_keys(at, 4, common, list));
  if (which == LAW_BOND) {
    PetscCall(read_keys(at, 5, bond, list));
    law->wear_from = 0.0;
  } else
    PetscCall(read_keys(at, 3, wear, list));
  if (at && ost_diag_num_errors(list) == before)
    PetscCall(ost_traction_law_check(law, ost_node_where(at), list));
  if (ost_diag_num_errors(list) > before) *law = *surface; /* zones do not inherit the fault */
  if (which == LAW_BOND)
    PetscCall(refuse_keys(at, 3, wear, "it belongs to law: wear", list));
  else
    PetscCall(
        refuse_keys(at, 5, bond, "with law: wear bond is friction and carries nothing else", list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- growth ----------------------------------------------------------------------------------- */

/* Of a kind of surface, where the case does not give it for all. */
static OstGrowth growth_of(OstCoating kind, const OstGrowth *given)
{
  OstGrowth growth = ost_coating_growth(kind);

  if (!isnan(given->bond_max)) growth.bond_max = given->bond_max;
  if (!isnan(given->bond_time)) growth.bond_time = given->bond_time;
  if (!isnan(given->strength_time)) growth.strength_time = given->strength_time;
  return growth;
}

/* Kind, law and growth of a surface or a zone; what is not given is that of the kind, and where
   none is given that of `finish` as it comes. */
static PetscErrorCode read_surface(OstNode *at, const OstGrowth *given, OstDiagList *list,
                                   OstFinish *finish)
{
  PetscInt kind;

  PetscFunctionBeginUser;
  PetscCall(ost_value_word(at, "kind", ost_coating_names, OST_NUM_COATINGS, (PetscInt)finish->kind,
                           list, &kind));
  if (ost_node_find(at, "kind")) {
    finish->kind   = (OstCoating)kind;
    finish->law    = ost_coating_law(finish->kind);
    finish->growth = growth_of(finish->kind, given);
  }
  const OstTractionLaw law = finish->law;
  OstGrowth           *g   = &finish->growth;
  PetscCall(read_law(at, &law, list, &finish->law));
  PetscCall(ost_value_real(at, &(OstRealKey){"bond_max", "1", g->bond_max, 0.0, 1.0}, list,
                           &g->bond_max));
  PetscCall(ost_value_real(at, &(OstRealKey){"bond_time", "day", g->bond_time, 1.0, 3650.0}, list,
                           &g->bond_time));
  PetscCall(ost_value_real(at, &(OstRealKey){"strength_time", "day", g->strength_time, 1.0, 3650.0},
                           list, &g->strength_time));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- finishes --------------------------------------------------------------------------------- */

/* Interference and the bond of the start: of the whole interface, or of a zone. */
static PetscErrorCode read_start(OstNode *at, const OstFinish *def, OstDiagList *list,
                                 OstFinish *finish)
{
  const OstRealKey interference = {"interference", "mm", def->interference, -0.5, 0.5};
  const OstRealKey bond         = {"initial_bond", "1", def->bond, 0.0, 1.0};
  const OstRealKey strength     = {"initial_strength", "1", def->strength, 0.0, 1.0};

  PetscFunctionBeginUser;
  PetscCall(ost_value_real(at, &interference, list, &finish->interference));
  PetscCall(ost_value_real(at, &bond, list, &finish->bond));
  PetscCall(ost_value_real(at, &strength, list, &finish->strength));
  OstNode *given     = ost_node_find(at, bond.key);
  finish->where_bond = given ? ost_node_where(given) : def->where_bond;
  if (given && finish->bond > 0.0 && finish->strength <= 0.0)
    PetscCall(ost_diag_warning(list, finish->where_bond,
                               "give initial_strength too, up to 1 for a mature bond",
                               "a bond without strength carries nothing"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode check_zone(const OstIfaceOptions *options, const OstFinish *zone,
                                 OstDiagList *list)
{
  PetscFunctionBeginUser;
  if (zone->from >= zone->to) {
    PetscCall(ost_diag_error(list, zone->where, "`from` is the lower height",
                             "zone `%s` ends at %g mm, not above its beginning at %g mm",
                             zone->name, (double)zone->to, (double)zone->from));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt k = 0; k < options->num_finishes; k++) {
    const OstFinish *other = &options->finish[k];
    if (!strcmp(zone->name, other->name))
      PetscCall(ost_diag_error(list, zone->where, "give it another `name`",
                               "there is a surface `%s` already", zone->name));
    else if (k >= OST_FINISH_FIRST_ZONE && zone->from < other->to && other->from < zone->to)
      PetscCall(ost_diag_warning(list, zone->where, "end one where the other begins",
                                 "zone `%s` overlaps zone `%s` of line %d: it takes the faces of "
                                 "both",
                                 zone->name, other->name, (int)other->where.line));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_zone(OstNode *at, const OstFinish *whole, const OstGrowth *given,
                                OstDiagList *list, OstIfaceOptions *options)
{
  static const char *const words[] = {"smooth", "coated"};
  const PetscInt           before  = ost_diag_num_errors(list);
  OstFinish                zone    = {.where = ost_node_where(at)};

  PetscFunctionBeginUser;
  PetscCall(ost_value_text(at, "name", NULL, list, &zone.name));
  PetscCall(ost_value_real(at, &(OstRealKey){"from", "mm", OST_REQUIRED, -100.0, 1000.0}, list,
                           &zone.from));
  PetscCall(
      ost_value_real(at, &(OstRealKey){"to", "mm", OST_REQUIRED, -100.0, 1000.0}, list, &zone.to));
  PetscCall(ost_value_word(at, "surface", words, 2, -1, list, &zone.coated));
  const OstFinish *surface = &options->finish[zone.coated];
  zone.kind                = surface->kind;
  zone.law                 = surface->law;
  zone.growth              = surface->growth;
  PetscCall(read_surface(at, given, list, &zone));
  PetscCall(read_start(at, whole, list, &zone));
  if (ost_diag_num_errors(list) == before) PetscCall(check_zone(options, &zone, list));
  options->finish[options->num_finishes++] = zone;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Smooth or coated: one of the two kinds of face the mesh knows. */
static PetscErrorCode read_whole_surface(OstNode *section, const char *name, OstCoating kind,
                                         const OstGrowth *given, OstDiagList *list,
                                         OstFinish *finish)
{
  OstNode *at;

  PetscFunctionBeginUser;
  finish->name   = name;
  finish->kind   = kind;
  finish->law    = ost_coating_law(kind);
  finish->growth = growth_of(kind, given);
  PetscCall(ost_value_section_or_defaults(section, name, list, &at));
  PetscCall(read_surface(at, given, list, finish));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_finishes(OstNode *section, const OstIfaceDefaults *defaults,
                                    OstDiagList *list, OstIfaceOptions *options)
{
  const OstGrowth *given = &defaults->growth;
  OstFinish whole = {.interference = defaults->interference, .where_bond = ost_node_where(section)};
  OstFinish smooth, coated;
  OstNode  *zones;

  PetscFunctionBeginUser;
  PetscCall(read_start(section, &whole, list, &whole));
  smooth = coated = whole;
  coated.coated   = 1;
  PetscCall(read_whole_surface(section, "smooth", OST_MACHINED, given, list, &smooth));
  PetscCall(read_whole_surface(section, "coated", defaults->coating, given, list, &coated));
  PetscCall(ost_value_list(section, "zones", PETSC_FALSE, list, &zones));
  const PetscInt num = zones ? ost_node_size(zones) : 0;
  PetscCall(PetscMalloc1(OST_FINISH_FIRST_ZONE + num, &options->finish));
  options->finish[OST_FINISH_SMOOTH] = smooth;
  options->finish[OST_FINISH_COATED] = coated;
  options->num_finishes              = OST_FINISH_FIRST_ZONE;
  for (PetscInt i = 0; i < num; i++) {
    OstNode *entry = ost_node_item(zones, i);
    if (ost_node_kind(entry) == OST_NODE_MAPPING)
      PetscCall(read_zone(entry, &whole, given, list, options));
    else
      PetscCall(ost_diag_error(list, ost_node_where(entry),
                               "write {name: neck, from: 0 mm, to: 20 mm, surface: smooth}",
                               "a zone is a section with a name, heights and a surface"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- fit -------------------------------------------------------------------------------------- */

static PetscErrorCode read_fit(OstNode *section, OstDiagList *list, OstFit *fit)
{
  OstNode    *at;
  const char *path;
  char       *text;

  PetscFunctionBeginUser;
  fit->lobes = 2;
  PetscCall(ost_value_section(section, "out_of_round", PETSC_FALSE, list, &at));
  if (at) {
    PetscCall(ost_value_real(at, &(OstRealKey){"amplitude", "mm", OST_REQUIRED, 0.0, 1.0}, list,
                             &fit->amplitude));
    PetscCall(ost_value_int(at, &(OstIntKey){"lobes", fit->lobes, 1, 12}, list, &fit->lobes));
    PetscCall(ost_value_real(at, &(OstRealKey){"direction", "degree", 0.0, -360.0, 360.0}, list,
                             &fit->direction));
  }
  PetscCall(ost_value_path(section, "gap_table", "", list, &path));
  if (!path[0]) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(
      ost_case_read_text(path, ost_node_where(ost_node_find(section, "gap_table")), list, &text));
  if (text) PetscCall(ost_gap_table_parse(path, text, list, &fit->table));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The bone in a thread that is not meshed: compact bone, unless the case says otherwise. */
static PetscErrorCode read_thread(OstNode *section, const OstThread *shape, OstDiagList *list,
                                  OstIfaceOptions *options)
{
  OstThreadBone bone = ost_thread_bone_default();
  OstNode      *at;

  PetscFunctionBeginUser;
  options->thread = *shape;
  if (shape->pitch <= 0.0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_value_section_or_defaults(section, "thread", list, &at));
  const OstRealKey strength = {"shear_strength", "MPa", bone.shear_strength, 0.1, 500.0};
  const OstRealKey energy   = {"shear_energy", "N/mm", bone.shear_energy, 1e-3, 100.0};
  PetscCall(ost_value_real(at, &strength, list, &bone.shear_strength));
  PetscCall(ost_value_real(at, &energy, list, &bone.shear_energy));
  /* after a fault the shape may be none */
  if (!ost_diag_num_errors(list)) ost_thread_set_tooth(&options->thread, &bone);
  const OstRealKey stiffness = {"tooth_stiffness", "N/mm3", options->thread.tooth_stiffness, 1.0,
                                1e7};
  PetscCall(ost_value_real(at, &stiffness, list, &options->thread.tooth_stiffness));
  for (PetscInt k = 0; k < options->num_finishes && !ost_diag_num_errors(list); k++)
    PetscCall(ost_thread_check(&options->thread, options->finish[k].law.normal_stiffness,
                               ost_node_where(at), list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_iface_options_read(OstNode *root, const OstIfaceDefaults *defaults,
                                      OstDiagList *list, OstIfaceOptions *options)
{
  OstNode *section;

  PetscFunctionBeginUser;
  *options = (OstIfaceOptions){0};
  PetscCall(ost_value_section_or_defaults(root, "interface", list, &section));
  PetscCall(read_finishes(section, defaults, list, options));
  PetscCall(read_fit(section, list, &options->fit));
  PetscCall(read_thread(section, &defaults->thread, list, options));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_iface_options_destroy(OstIfaceOptions *options)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(options->finish));
  PetscCall(ost_gap_table_destroy(&options->fit.table));
  options->num_finishes = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What the table leaves out of the stem it does not say. */
static PetscErrorCode check_table(const OstGapTable *table, const OstIfaceLimits *limits,
                                  OstDiagList *list)
{
  const PetscReal *z = table->height, slack = 0.02 * (limits->tip - limits->low);
  const PetscInt   n = table->num_heights;

  PetscFunctionBeginUser;
  if (n > 1 && (z[0] > limits->low + slack || z[n - 1] < limits->tip - slack))
    PetscCall(ost_diag_warning(list, (OstWhere){table->file, 0}, "give gaps at the stem's ends too",
                               "gaps from %g to %g mm height for a stem from %g to %g mm: beyond, "
                               "the outermost ones hold",
                               (double)z[0], (double)z[n - 1], (double)limits->low,
                               (double)limits->tip));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The most that can grow where an initial bond is meant to be: given for the whole interface it
   need not be reached on every surface. */
static PetscReal most_bond(const OstIfaceOptions *options, const OstFinish *finish)
{
  PetscReal most = finish->growth.bond_max;

  for (PetscInt k = 0; k < options->num_finishes; k++)
    if (options->finish[k].where_bond.line == finish->where_bond.line)
      most = PetscMax(most, options->finish[k].growth.bond_max);
  return most;
}

PetscErrorCode ost_iface_options_check(const OstIfaceOptions *options, const OstIfaceLimits *limits,
                                       OstDiagList *list)
{
  PetscFunctionBeginUser;
  if (limits->tip > limits->low) PetscCall(check_table(&options->fit.table, limits, list));
  for (PetscInt k = 0; k < options->num_finishes; k++) {
    const OstFinish *s    = &options->finish[k];
    const PetscReal  most = most_bond(options, s);
    if (s->bond > most)
      PetscCall(ost_diag_error(list, s->where_bond, "lower it, or raise the surface's bond_max",
                               "initial_bond %g is more than bone ever bonds, bond_max = %g",
                               (double)s->bond, (double)most));
    if (k >= OST_FINISH_FIRST_ZONE && limits->tip > limits->low &&
        (s->from >= limits->tip || s->to <= limits->low))
      PetscCall(ost_diag_error(
          list, s->where, "heights are those above the resection plane, along the stem",
          "zone `%s` (%g to %g mm) lies off the stem, which is between %g and "
          "%g mm",
          s->name, (double)s->from, (double)s->to, (double)limits->low, (double)limits->tip));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
