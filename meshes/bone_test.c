/* Templates as committed, what a patient makes of them, and the stem in them. */
#include "meshes/limb_case.h"

#include "support/check.h"

static const char *const case_format = "patient: {side: %s, bone: femur, sex: %s}\n"
                                       "geometry:\n"
                                       "  source: parametric\n"
                                       "  parametric:\n"
                                       "    bone: meshes/bones/femur.yaml\n"
                                       "    residual_length: 240 mm\n"
                                       "    osteoporosis: %s\n"
                                       "    bow: %s\n"
                                       "  placement: {%s}\n"
                                       "implant:\n"
                                       "  file: meshes/implants/press-fit-femur-140.yaml\n"
                                       "  diameter: 16 mm\n"
                                       "  length: %s\n";

typedef struct {
  const char *side, *sex, *osteoporosis, *bow, *placement, *length;
} Words;

static const Words usual = {"right", "male", "0", "false", "shift_medial: 0 mm", "140 mm"};

static PetscErrorCode read_case(Words w, OstDiagList **list, OstCase **file,
                                OstLimbOptions *options)
{
  char text[1024];

  PetscFunctionBeginUser;
  (void)snprintf(text, sizeof(text), case_format, w.side, w.sex, w.osteoporosis, w.bow, w.placement,
                 w.length);
  PetscCall(ost_diag_create(list));
  PetscCall(ost_case_load_text("case.yaml", "case", text, *list, file));
  PetscCall(ost_limb_options_read(*file, *list, options));
  PetscCall(ost_case_report_unread(*file, *list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode done(OstDiagList **list, OstCase **file)
{
  PetscFunctionBeginUser;
  PetscCall(ost_case_destroy(file));
  PetscCall(ost_diag_destroy(list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode all_parametric_cases_read(void)
{
  static const char *const names[] = {"femur", "tibia", "humerus", "radius"};

  PetscFunctionBeginUser;
  for (int i = 0; i < 4; i++) {
    char           path[128];
    OstDiagList   *list;
    OstCase       *file;
    OstLimbOptions options;
    OstBonePlan    plan;
    (void)snprintf(path, sizeof(path), "cases/%s-parametric/case.yaml", names[i]);
    PetscCall(ost_diag_create(&list));
    PetscCall(ost_case_load(path, "case", list, &file));
    OST_CHECK(file != NULL);
    if (!file) continue;
    PetscCall(ost_limb_options_read(file, list, &options));
    OST_CHECK_INT(ost_diag_num_errors(list), 0);
    if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
    plan = ost_bone_plan(&options.bone, &options.implant);
    OST_CHECK(plan.num >= 1);
    OST_CHECK_NEAR(plan.to[plan.num - 1], options.bone.length, 1e-9);
    PetscCall(done(&list, &file));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode sections_are_the_table(void)
{
  OstDiagList   *list;
  OstCase       *file;
  OstLimbOptions o;
  OstBoneSection s;

  PetscFunctionBeginUser;
  PetscCall(read_case(usual, &list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(o.bone.length, 240.0 - 45.5, 1e-9);
  s = ost_bone_section(&o.bone, 240.0 - 0.35 * 455.0); /* s = 0.35: outside 29, canal 14 mm */
  OST_CHECK_NEAR(2.0 * s.outer, 29.0, 1e-9);
  OST_CHECK_NEAR(2.0 * s.canal, 14.0, 1e-9);
  s = ost_bone_section(&o.bone, 240.0 - 0.50 * 455.0);
  OST_CHECK_NEAR(2.0 * s.canal, 11.5, 1e-9);
  PetscCall(done(&list, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode osteoporosis_thins_the_cortex_by_a_quarter(void)
{
  Words          w = usual;
  OstDiagList   *list;
  OstCase       *file;
  OstLimbOptions o;
  OstBoneSection healthy, thin;
  PetscReal      density;

  PetscFunctionBeginUser;
  PetscCall(read_case(w, &list, &file, &o));
  healthy = ost_bone_section(&o.bone, 50.0);
  density = o.bone.shape.density[1];
  PetscCall(done(&list, &file));
  w.osteoporosis = "1";
  PetscCall(read_case(w, &list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  thin = ost_bone_section(&o.bone, 50.0);
  OST_CHECK_NEAR(thin.outer, healthy.outer, 1e-12);
  OST_CHECK_NEAR(thin.outer - thin.canal, 0.75 * (healthy.outer - healthy.canal), 1e-2);
  OST_CHECK_NEAR(o.bone.shape.density[1], 0.7 * density, 1e-12);
  PetscCall(done(&list, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode a_woman_is_smaller(void)
{
  Words          w = usual;
  OstDiagList   *list;
  OstCase       *file;
  OstLimbOptions o;

  PetscFunctionBeginUser;
  w.sex = "female";
  PetscCall(read_case(w, &list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_NEAR(o.bone.shape.length, 0.934 * 455.0, 1e-9);
  OST_CHECK_NEAR(2.0 * ost_bone_section(&o.bone, 240.0 - 0.5 * 0.934 * 455.0).outer, 25.2, 1e-9);
  PetscCall(done(&list, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The bowed canal's chord is the stem axis: mean offset zero, sagitta L^2 / 8 R (ref 1.1). */
static PetscErrorCode bow_has_the_sagitta_of_its_radius(void)
{
  Words          w = usual;
  OstDiagList   *list;
  OstCase       *file;
  OstLimbOptions o;
  PetscReal      ends, middle, mean = 0.0;

  PetscFunctionBeginUser;
  w.bow = "true";
  PetscCall(read_case(w, &list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  ends =
      0.5 * (ost_bone_section(&o.bone, 0.0).centre[0] + ost_bone_section(&o.bone, 140.0).centre[0]);
  middle = ost_bone_section(&o.bone, 70.0).centre[0];
  OST_CHECK_NEAR(middle - ends, 140.0 * 140.0 / (8.0 * 943.0), 1e-6);
  for (int i = 0; i <= 140; i++) mean += ost_bone_section(&o.bone, (PetscReal)i).centre[0] / 141.0;
  OST_CHECK_NEAR(mean, 0.0, 0.05);
  PetscCall(done(&list, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode left_and_right_mirror(void)
{
  Words          w = usual;
  OstDiagList   *list;
  OstCase       *file;
  OstLimbOptions o;
  PetscReal      right, left;

  PetscFunctionBeginUser;
  OST_CHECK_TEXT(ost_bone_direction(OST_SIDE_RIGHT, 0.5 * PETSC_PI), "medial");
  OST_CHECK_TEXT(ost_bone_direction(OST_SIDE_LEFT, 0.5 * PETSC_PI), "lateral");
  OST_CHECK_TEXT(ost_bone_direction(OST_SIDE_LEFT, -0.5 * PETSC_PI), "medial");
  OST_CHECK_TEXT(ost_bone_direction(OST_SIDE_LEFT, 0.0), "anterior");
  OST_CHECK_TEXT(ost_bone_direction(OST_SIDE_RIGHT, PETSC_PI), "posterior");
  w.placement = "shift_medial: 2 mm";
  PetscCall(read_case(w, &list, &file, &o));
  right = ost_bone_section(&o.bone, 10.0).centre[1];
  PetscCall(done(&list, &file));
  w.side = "left";
  PetscCall(read_case(w, &list, &file, &o));
  left = ost_bone_section(&o.bone, 10.0).centre[1];
  PetscCall(done(&list, &file));
  OST_CHECK_NEAR(right, -2.0, 1e-12); /* the stem is 2 mm medial (+y): the bone lies at -y */
  OST_CHECK_NEAR(left, 2.0, 1e-12);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Tube 28 outside, stem 16 shifted 7.5 mm medially: 14 - 7.5 - 8 = -1.5 mm of wall. */
static PetscErrorCode a_pierced_cortex_names_place_and_depth(void)
{
  Words          w = usual;
  OstDiagList   *list;
  OstCase       *file;
  OstLimbOptions o;
  const char    *message;
  double         depth = 0.0, z = -1.0;
  char           where[64] = "";

  PetscFunctionBeginUser;
  w.placement = "shift_medial: 7.5 mm";
  PetscCall(read_case(w, &list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  message = ost_diag_num_errors(list) ? ost_diag_get(list, 0).message : "";
  OST_CHECK_INT(
      sscanf(message,
             "the stem pierces the cortex by %lf mm, %lf mm above the resection on the %63s",
             &depth, &z, where),
      3);
  OST_CHECK_NEAR(depth, 1.5, 0.011);
  OST_CHECK_NEAR(z, 240.0 - 0.5 * 455.0, 2.0); /* where the bone is thinnest, s = 0.5 */
  OST_CHECK_TEXT(where, "medial");
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 12); /* the stem's diameter */
  PetscCall(done(&list, &file));

  w.placement = "shift_medial: -5.5 mm"; /* 0.5 mm left on the lateral side */
  PetscCall(read_case(w, &list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  message = ost_diag_num_errors(list) ? ost_diag_get(list, 0).message : "";
  OST_CHECK_TEXT(message, "leaves 0.50 mm");
  OST_CHECK_TEXT(message, "lateral");
  PetscCall(done(&list, &file));

  w        = usual;
  w.length = "200 mm";
  PetscCall(read_case(w, &list, &file, &o));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  message = ost_diag_num_errors(list) ? ost_diag_get(list, 0).message : "";
  OST_CHECK_TEXT(message, "longer than the limb");
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 13);
  PetscCall(done(&list, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Whatever the stem's diameter, no canal wall runs within min_layer outside the stem's. */
static PetscErrorCode the_plan_leaves_no_wedges(void)
{
  OstDiagList   *list;
  OstCase       *file;
  OstLimbOptions o;
  Words          w = usual;

  PetscFunctionBeginUser;
  w.bow = "true";
  PetscCall(read_case(w, &list, &file, &o));
  for (int k = 0; k < 20; k++) {
    OstBonePlan plan;
    PetscReal   tip;
    o.implant.diameter     = 11.0 + 0.5 * k;
    o.implant.tip_rounding = 0.5 * o.implant.diameter;
    tip                    = ost_implant_tip(&o.implant);
    plan                   = ost_bone_plan(&o.bone, &o.implant);
    for (PetscInt i = 0; i < plan.num; i++) {
      OST_CHECK(plan.to[i] - plan.from[i] > 1.0);
      if (i > 0) OST_CHECK(plan.from[i] >= plan.to[i - 1] - 1e-9);
      for (PetscReal z = plan.from[i]; z < PetscMin(plan.to[i], tip); z += 1.0) {
        const OstBoneSection s   = ost_bone_plan_section(&o.bone, &plan, z);
        const PetscReal      off = hypot(s.canal_centre[0], s.canal_centre[1]);
        const PetscReal      gap = s.canal - 0.5 * o.implant.diameter;
        OST_CHECK(gap - off > o.bone.min_layer - 0.1 || gap + off < -0.5);
      }
    }
  }
  PetscCall(done(&list, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(all_parametric_cases_read());
  PetscCall(sections_are_the_table());
  PetscCall(osteoporosis_thins_the_cortex_by_a_quarter());
  PetscCall(a_woman_is_smaller());
  PetscCall(bow_has_the_sagitta_of_its_radius());
  PetscCall(left_and_right_mirror());
  PetscCall(a_pierced_cortex_names_place_and_depth());
  PetscCall(the_plan_leaves_no_wedges());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
