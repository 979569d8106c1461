/* Which surface a face gets, and what the section `interface` makes of laws and zones. */
#include "interface/iface_options.h"
#include "support/check.h"

static PetscErrorCode read_text(const char *text, OstDiagList *list, OstCase **file,
                                OstIfaceOptions *options)
{
  const OstIfaceDefaults defaults = {
      .interference = 0.05, .coating = OST_PLASMA_SPRAYED, .growth = {NAN, NAN, NAN}};

  PetscFunctionBeginUser;
  PetscCall(ost_case_load_text("case.yaml", "case", text, list, file));
  PetscCall(ost_iface_options_read(ost_case_root(*file), &defaults, list, options));
  PetscCall(ost_case_report_unread(*file, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode release(OstDiagList **list, OstCase **file, OstIfaceOptions *options)
{
  PetscFunctionBeginUser;
  PetscCall(ost_iface_options_destroy(options));
  PetscCall(ost_case_destroy(file));
  PetscCall(ost_diag_destroy(list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void the_last_zone_that_holds_a_face_has_it(void)
{
  const OstFinish s[] = {{.name = "smooth"},
                         {.name = "coated"},
                         {.name = "a", .from = 0.0, .to = 30.0},
                         {.name = "b", .from = 20.0, .to = 50.0}};

  OST_CHECK_INT(ost_finish_at(4, s, -1.0, 0), OST_FINISH_SMOOTH);
  OST_CHECK_INT(ost_finish_at(4, s, -1.0, 1), OST_FINISH_COATED);
  OST_CHECK_INT(ost_finish_at(4, s, 10.0, 1), 2);
  OST_CHECK_INT(ost_finish_at(4, s, 25.0, 1), 3);
  OST_CHECK_INT(ost_finish_at(4, s, -1e-15, 1), 2);
  OST_CHECK_INT(ost_finish_at(4, s, 50.0, 0), 3);
  OST_CHECK_INT(ost_finish_at(4, s, 50.1, 0), OST_FINISH_SMOOTH);
  OST_CHECK_INT(ost_finish_at(2, s, 25.0, 1), OST_FINISH_COATED);
}

static PetscErrorCode without_a_section_all_is_default(void)
{
  OstIfaceOptions o;
  OstDiagList    *list;
  OstCase        *file;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(read_text("{}\n", list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list) + ost_diag_num_warnings(list), 0);
  OST_CHECK_INT(o.num_finishes, 2);
  OST_CHECK_INT(o.finish[0].coated, 0);
  OST_CHECK_INT(o.finish[1].coated, 1);
  OST_CHECK_NEAR(o.finish[0].law.friction, 0.3, 0.0);
  OST_CHECK_NEAR(o.finish[1].law.shear_strength, 15.0, 0.0);
  for (int k = 0; k < 2; k++) {
    OST_CHECK_NEAR(o.finish[k].law.wear_from, 0.0, 0.0);
    OST_CHECK_NEAR(o.finish[k].interference, 0.05, 0.0);
    OST_CHECK_NEAR(o.finish[k].bond + o.finish[k].strength, 0.0, 0.0);
  }
  OST_CHECK_NEAR(ost_fit_gap(&o.fit, 0.025, (PetscReal[3]){1, 0, 0}, (PetscReal[3]){1, 0, 0}),
                 -0.025, 0.0);
  PetscCall(release(&list, &file, &o));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What a zone does not say is what its kind of surface, or the whole interface, says. */
static PetscErrorCode zones_inherit(void)
{
  OstIfaceOptions o;
  OstDiagList    *list;
  OstCase        *file;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(read_text("interface:\n"
                      "  interference: 60 um\n"
                      "  initial_strength: 0.5\n"
                      "  initial_bond: 0.2\n"
                      "  coated: {law: wear, friction_unbroken: 0.8, wear_from: 50 um}\n"
                      "  smooth: {friction: 0.2}\n"
                      "  zones:\n"
                      "    - {name: a, from: 0 mm, to: 20 mm, surface: coated}\n"
                      "    - {name: b, from: 20 mm, to: 30 mm, surface: coated, law: bond}\n"
                      "    - {name: c, from: 30 mm, to: 40 mm, surface: smooth, law: wear,\n"
                      "       interference: -0.1 mm, initial_bond: 40 %, initial_strength: 1}\n",
                      list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list) + ost_diag_num_warnings(list), 0);
  OST_CHECK_INT(o.num_finishes, 5);
  const OstFinish *coated = &o.finish[1], *a = &o.finish[2], *b = &o.finish[3], *c = &o.finish[4];
  OST_CHECK_NEAR(coated->law.friction, 0.3, 0.0); /* that of the broken surface */
  OST_CHECK_NEAR(coated->law.unbroken, 0.8, 0.0);
  OST_CHECK_NEAR(coated->law.wear_from, 0.05, 1e-15);
  OST_CHECK_NEAR(coated->law.wear_width, 2.0, 0.0);
  OST_CHECK(!memcmp(&a->law, &coated->law, sizeof a->law));
  OST_CHECK_NEAR(b->law.wear_from, 0.0, 0.0);
  OST_CHECK_NEAR(b->law.shear_strength, 15.0, 0.0);
  OST_CHECK_NEAR(c->law.friction, 0.3, 0.0);
  OST_CHECK_NEAR(c->law.wear_from, 0.1, 0.0);
  OST_CHECK_NEAR(o.finish[0].law.friction, 0.2, 0.0);
  OST_CHECK_INT(c->coated, 0);
  OST_CHECK_NEAR(a->interference, 0.06, 1e-15);
  OST_CHECK_NEAR(a->bond, 0.2, 0.0);
  OST_CHECK_NEAR(c->interference, -0.1, 1e-15);
  OST_CHECK_NEAR(c->bond, 0.4, 1e-15);
  OST_CHECK_NEAR(b->strength + c->strength, 1.5, 0.0);
  PetscCall(release(&list, &file, &o));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Table G2: a kind brings friction, strength and growth; what is given stands above it, and what
   the case gives for all surfaces above the kind's growth only. */
static PetscErrorCode a_kind_of_surface_brings_its_own(void)
{
  OstIfaceOptions o;
  OstDiagList    *list;
  OstCase        *file;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(
      read_text("interface:\n"
                "  coated: {kind: porous, bond_time: 50 day}\n"
                "  zones:\n"
                "    - {name: a, from: 0 mm, to: 20 mm, surface: coated}\n"
                "    - {name: b, from: 20 mm, to: 40 mm, surface: coated, kind: grit-blasted,\n"
                "       friction: 0.45}\n"
                "    - {name: c, from: 40 mm, to: 60 mm, surface: smooth, bond_max: 0.2}\n",
                list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  const OstFinish *smooth = &o.finish[0], *coated = &o.finish[1], *zone = &o.finish[2];
  OST_CHECK_INT(smooth->kind, OST_MACHINED);
  OST_CHECK_NEAR(smooth->growth.bond_max, 0.53, 0.0);
  OST_CHECK_INT(coated->kind, OST_POROUS);
  OST_CHECK_NEAR(coated->growth.bond_time, 50.0, 0.0);
  OST_CHECK_NEAR(zone[0].growth.bond_time, 50.0, 0.0);
  OST_CHECK_INT(zone[0].kind, OST_POROUS);
  OST_CHECK_NEAR(zone[1].law.shear_strength, 7.5, 0.0);
  OST_CHECK_NEAR(zone[1].law.friction, 0.45, 0.0);
  OST_CHECK_NEAR(zone[1].growth.bond_time, ost_coating_growth(OST_PLASMA_SPRAYED).bond_time, 0.0);
  OST_CHECK_NEAR(zone[2].growth.bond_max, 0.2, 0.0);
  OST_CHECK_NEAR(zone[2].growth.bond_time, smooth->growth.bond_time, 0.0);
  OST_CHECK_NEAR(zone[2].law.shear_strength, 2.0, 0.0);
  PetscCall(release(&list, &file, &o));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What `biology.bond` gives is for every kind, and a surface's own key above it. */
static PetscErrorCode growth_for_all_surfaces_stands_between(void)
{
  const OstIfaceDefaults defaults = {.coating = OST_PLASMA_SPRAYED, .growth = {0.4, NAN, 100.0}};
  OstIfaceOptions        o;
  OstDiagList           *list;
  OstCase               *file;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_case_load_text("case.yaml", "case", "interface: {coated: {strength_time: 9 day}}\n",
                               list, &file));
  PetscCall(ost_iface_options_read(ost_case_root(file), &defaults, list, &o));
  for (int k = 0; k < 2; k++) OST_CHECK_NEAR(o.finish[k].growth.bond_max, 0.4, 0.0);
  OST_CHECK_NEAR(o.finish[0].growth.strength_time, 100.0, 0.0);
  OST_CHECK_NEAR(o.finish[1].growth.strength_time, 9.0, 0.0);
  OST_CHECK(o.finish[0].growth.bond_time > o.finish[1].growth.bond_time);
  PetscCall(release(&list, &file, &o));
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define ZONE(rest) "interface:\n  zones:\n    - {name: a, " rest "}\n"

static PetscErrorCode faults_name_their_line(void)
{
  static const struct {
    const char *text;
    PetscInt    line;
    const char *part;
  } bad[] = {
      {"interface:\n  coated: {wear_from: 0.1 mm}\n", 2, "wear_from has no meaning here"},
      {"interface:\n  coated:\n    law: wear\n    shear_strength: 5 MPa\n", 4,
       "shear_strength has no meaning here"},
      {"interface:\n  coated:\n    law: ware\n", 3, "`law` does not know `ware`"},
      {"interface:\n  smooth: {law: wear, friction: 0.6}\n", 2,
       "friction_unbroken 0.5 is below friction 0.6"},
      {"interface:\n  initial_bond: 1.2\n", 2, "initial_bond = 1.2 is outside 0 ... 1"},
      {"interface:\n  out_of_round: {lobes: 3}\n", 2, "`amplitude` is missing"},
      {"interface:\n  zones: [rough]\n", 2, "a zone is a section"},
      {ZONE("from: 0 mm, to: 9 mm"), 3, "`surface` is missing"},
      {ZONE("from: 9 mm, to: 9 mm, surface: coated"), 3, "ends at 9 mm"},
      {ZONE("from: 0 mm, to: 9 mm, surface: coated, frction: 1"), 3, "`frction`"},
      {ZONE("from: 0 mm, to: 9 mm, surface: coated, name: coated"), 3, "`name` is repeated"},
      {"interface:\n  zones:\n    - {name: coated, from: 0 mm, to: 9 mm, surface: smooth}\n", 3,
       "there is a surface `coated` already"},
  };
  OstIfaceOptions o;
  OstDiagList    *list;
  OstCase        *file;

  PetscFunctionBeginUser;
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    PetscCall(ost_diag_create(&list));
    PetscCall(read_text(bad[k].text, list, &file, &o));
    OST_CHECK_INT(ost_diag_num_errors(list), 1);
    if (ost_diag_num_errors(list)) {
      OST_CHECK_TEXT(ost_diag_get(list, 0).message, bad[k].part);
      OST_CHECK_INT(ost_diag_get(list, 0).at.line, bad[k].line);
    }
    PetscCall(release(&list, &file, &o));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode what_is_odd_is_warned_of(void)
{
  const OstIfaceLimits limits = {.low = 0.0, .tip = 80.0};
  OstIfaceOptions      o;
  OstDiagList         *list;
  OstCase             *file;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(
      read_text("interface:\n"
                "  zones:\n"
                "    - {name: a, from: 0 mm, to: 20 mm, surface: coated}\n"
                "    - {name: b, from: 10 mm, to: 30 mm, surface: coated, initial_bond: 0.4,\n"
                "       bond_max: 0.3}\n"
                "    - {name: c, from: 80 mm, to: 90 mm, surface: coated}\n",
                list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(ost_diag_num_warnings(list), 2);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "a bond without strength");
  OST_CHECK_TEXT(ost_diag_get(list, 1).message, "`b` overlaps zone `a` of line 3");
  OST_CHECK_INT(ost_diag_get(list, 1).at.line, 4);
  PetscCall(ost_iface_options_check(&o, &limits, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 2);
  OST_CHECK_TEXT(ost_diag_get(list, 2).message, "initial_bond 0.4 is more than bone ever bonds");
  OST_CHECK_TEXT(ost_diag_get(list, 3).message, "`c` (80 to 90 mm) lies off the stem");
  OST_CHECK_INT(ost_diag_get(list, 3).at.line, 6);
  PetscCall(release(&list, &file, &o));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  the_last_zone_that_holds_a_face_has_it();
  PetscCall(without_a_section_all_is_default());
  PetscCall(zones_inherit());
  PetscCall(a_kind_of_surface_brings_its_own());
  PetscCall(growth_for_all_surfaces_stands_between());
  PetscCall(faults_name_their_line());
  PetscCall(what_is_odd_is_warned_of());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
