/* The catalogue as it is committed, its overrides, its refusals, and the outline against
   formulas. */
#include "meshes/implant.h"

#include "support/check.h"

static const char *const entries[] = {"press-fit-femur-140", "screw-femur-80", "press-fit-tibia-80",
                                      "press-fit-humerus-80", "press-fit-radius-50"};

static PetscErrorCode read_text(const char *text, OstDiagList **list, OstCase **file,
                                OstImplant *implant)
{
  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(list));
  PetscCall(ost_case_load_text("case.yaml", "case", text, *list, file));
  PetscCall(ost_implant_options_read(ost_case_root(*file), *list, implant));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode every_entry_reads_without_fault(void)
{
  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
    char         text[256];
    OstDiagList *list;
    OstCase     *file;
    OstImplant   implant;
    (void)snprintf(text, sizeof(text), "implant: {file: meshes/implants/%s.yaml}\n", entries[i]);
    PetscCall(read_text(text, &list, &file, &implant));
    PetscCall(ost_case_report_unread(file, list));
    OST_CHECK_INT(ost_diag_num_errors(list), 0);
    OST_CHECK(implant.length > 0.0 && implant.diameter > 0.0 && implant.young > 1e5);
    OST_CHECK((implant.kind == OST_IMPLANT_SCREW) == (implant.thread_pitch > 0.0));
    if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
    PetscCall(ost_case_destroy(&file));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode an_override_moves_coat_and_dome(void)
{
  OstDiagList *list;
  OstCase     *file;
  OstImplant   implant;
  PetscReal    from, to;

  PetscFunctionBeginUser;
  PetscCall(read_text("implant:\n  file: meshes/implants/press-fit-femur-140.yaml\n"
                      "  length: 16 cm\n  diameter: 15 mm\n",
                      &list, &file, &implant));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(implant.length, 160.0, 1e-12);
  OST_CHECK_NEAR(implant.tip_rounding, 7.5, 1e-12);
  ost_implant_coated_range(&implant, &from, &to);
  OST_CHECK_NEAR(from, 0.0, 1e-12);
  OST_CHECK_NEAR(to, 160.0, 1e-12);
  OST_CHECK_INT(implant.where_length.line, 3);
  OST_CHECK_INT(implant.where_diameter.line, 4);
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The smooth cylinder that stands for a thread has its pitch diameter; a thread that is meshed has
   crests on the outside diameter. */
static PetscErrorCode a_thread_is_told_by_its_model(void)
{
  static const char *const texts[]    = {"", "  thread: {model: smooth, depth: 1.2 mm}\n",
                                         "  thread: {model: resolved, pitch: 1.75 mm}\n",
                                         "  thread: {pitch: 1.5 mm, lead: -3 mm}\n"};
  static const PetscReal   diameter[] = {17.0, 16.8, 18.0, 17.0};
  static const PetscReal   lead[]     = {1.6, 1.6, 1.6, -3.0};

  PetscFunctionBeginUser;
  for (int k = 0; k < 4; k++) {
    char         text[256];
    OstDiagList *list;
    OstCase     *file;
    OstImplant   implant;
    (void)snprintf(text, sizeof text, "implant:\n  file: meshes/implants/screw-femur-80.yaml\n%s",
                   texts[k]);
    PetscCall(read_text(text, &list, &file, &implant));
    PetscCall(ost_case_report_unread(file, list));
    OST_CHECK_INT(ost_diag_num_errors(list), 0);
    if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
    OST_CHECK_NEAR(implant.diameter, diameter[k], 1e-12);
    OST_CHECK_NEAR(implant.thread_lead, lead[k], 1e-12);
    OST_CHECK_NEAR(ost_implant_outer_radius(&implant, 50.0), 9.0, 1e-12);
    OST_CHECK_INT(ost_implant_turns(&implant), k == 2 ? 44 : 0);
    if (k == 2) {
      /* 78 mm below the rounding, 44 turns of 1.75 mm: the first begins 0.5 mm up */
      OST_CHECK_NEAR(ost_implant_radius(&implant, 20.5 + 0.0), 9.0, 1e-12);
      OST_CHECK_NEAR(ost_implant_radius(&implant, 20.5 + 0.875), 8.0, 1e-12);
      OST_CHECK_NEAR(ost_implant_radius(&implant, 20.5 + 0.4375), 8.5, 1e-12);
      OST_CHECK_NEAR(ost_implant_radius(&implant, 20.5 + 1.3125 + 1.75), 8.5, 1e-12);
      OST_CHECK_NEAR(ost_implant_distance(&implant, 8.4, 50.0), 0.0, 1e-12);
      OST_CHECK_NEAR(ost_implant_distance(&implant, 7.0, 50.0), 1.0, 1e-12);
    }
    PetscCall(ost_case_destroy(&file));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode bad_values_name_their_line(void)
{
  OstDiagList *list;
  OstCase     *file;
  OstImplant   implant;

  PetscFunctionBeginUser;
  PetscCall(read_text("implant:\n  file: meshes/implants/press-fit-femur-140.yaml\n"
                      "  diameter: 15\n",
                      &list, &file, &implant));
  OST_CHECK(ost_diag_num_errors(list) == 1);
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 3);
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));

  PetscCall(read_text("implant:\n  file: meshes/implants/press-fit-femur-140.yaml\n"
                      "  diameter: 22 mm\n",
                      &list, &file, &implant));
  OST_CHECK(ost_diag_num_errors(list) == 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "collar diameter 22 mm");
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));

  PetscCall(read_text("implant:\n  file: meshes/implants/screw-femur-80.yaml\n"
                      "  thread: {depth: 1.5 mm}\n",
                      &list, &file, &implant));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 3);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "meet at a depth of 1.38564 mm");
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));

  PetscCall(read_text("implant: {file: meshes/implants/no-such.yaml}\n", &list, &file, &implant));
  OST_CHECK(ost_diag_num_errors(list) >= 1);
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Area and volume of the outline turned about the axis, by many thin slices, against the
   formulas. */
static void measures_agree_with_the_radius(void)
{
  OstImplant implant = ost_implant_default();

  for (int shape = 0; shape < 4; shape++) {
    const int n   = 20000;
    PetscReal sum = 0.0, skin = 0.0, volume, area, before;
    implant.tip_rounding = shape == 0 ? 9.0 : 2.0;
    implant.taper        = shape == 2 ? 3.0 : 0.0;
    implant.recess       = shape == 1 ? 20.0 : 0.0;
    if (shape == 3) {
      implant.kind         = OST_IMPLANT_SCREW;
      implant.thread_model = OST_THREAD_RESOLVED;
      implant.thread_pitch = 3.0;
      implant.thread_depth = 1.5;
      implant.thread_flank = 30.0;
    }
    before = ost_implant_radius(&implant, implant.recess);
    for (int i = 0; i < n; i++) {
      const PetscReal h  = implant.length / n;
      const PetscReal z1 = implant.recess + h * (i + 1);
      const PetscReal r1 = ost_implant_radius(&implant, PetscMin(z1, ost_implant_tip(&implant)));
      sum += PETSC_PI * h * (before * before + before * r1 + r1 * r1) / 3.0;
      skin += PETSC_PI * (before + r1) * hypot(h, before - r1);
      before = r1;
    }
    skin += PETSC_PI * before * before; /* the flat of the tip */
    ost_implant_stem_measures(&implant, &volume, &area);
    OST_CHECK_NEAR(volume, sum, 1e-4);
    OST_CHECK_NEAR(area, skin, 1e-3);
  }
}

static void distance_is_zero_on_the_surface_and_grows_off_it(void)
{
  OstImplant implant = ost_implant_default();

  OST_CHECK_NEAR(ost_implant_distance(&implant, 9.0, 50.0), 0.0, 1e-12);
  OST_CHECK_NEAR(ost_implant_distance(&implant, 12.0, 50.0), 3.0, 1e-12);
  OST_CHECK_NEAR(ost_implant_distance(&implant, 0.0, 150.0), 10.0, 1e-12);
  OST_CHECK_NEAR(ost_implant_distance(&implant, 9.0, -4.0), 4.0, 1e-12);
  OST_CHECK_NEAR(
      ost_implant_distance(&implant, 9.0 * PetscSqrtReal(0.5), 131.0 + 9.0 * PetscSqrtReal(0.5)),
      0.0, 1e-12);
}

static void outline_is_closed_and_split_at_the_resection(void)
{
  OstImplant implant = ost_implant_default();

  for (int shape = 0; shape < 4; shape++) {
    OstImplantOutline o;
    implant.collar_diameter = shape == 1 || shape == 3 ? 0.0 : 22.0;
    implant.collar_gap      = shape == 2 ? 2.0 : 0.0;
    implant.recess          = shape == 3 ? 20.0 : 0.0;
    implant.coated_to       = 100.0;
    o                       = ost_implant_outline(&implant);
    OST_CHECK_NEAR(o.r[0], 0.0, 1e-12);
    OST_CHECK_NEAR(o.r[o.num - 1], 0.0, 1e-12);
    OST_CHECK_NEAR(o.z[0], -implant.abutment_length, 1e-12);
    OST_CHECK_NEAR(o.z[o.num - 1], ost_implant_tip(&implant), 1e-12);
    OST_CHECK_NEAR(o.z[o.split], implant.recess, 1e-12);
    OST_CHECK_NEAR(o.r[o.split], 9.0, 1e-12);
    for (PetscInt i = 1; i < o.num; i++) {
      OST_CHECK(hypot(o.r[i] - o.r[i - 1], o.z[i] - o.z[i - 1]) > 1e-3);
    }
  }
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(every_entry_reads_without_fault());
  PetscCall(an_override_moves_coat_and_dome());
  PetscCall(a_thread_is_told_by_its_model());
  PetscCall(bad_values_name_their_line());
  measures_agree_with_the_radius();
  distance_is_zero_on_the_surface_and_grows_off_it();
  outline_is_closed_and_split_at_the_resection();
  PetscCall(PetscFinalize());
  return ost_check_report();
}
