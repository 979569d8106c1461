/* Patches: words of the frame on either side, facets on any number of ranks, and what is refused.
 */
#include "loads/patches.h"

#include "support/problem.h"

/* A block of 20 x 16 x 40 mm about the z axis, bone above a stem. */
static void place(const double p[3], double x[3], const void *context)
{
  (void)context;
  x[0] = 20.0 * (p[0] - 0.5);
  x[1] = 16.0 * (p[1] - 0.5);
  x[2] = 40.0 * p[2];
}

static int body(const double centre[3], const void *context)
{
  (void)context;
  return centre[2] > 0.25 ? OST_CORTICAL : OST_STEM;
}

static int faces(int direction, int side, const double centre[3], const void *context)
{
  (void)context;
  if (direction == 2) return side ? OST_PROXIMAL : OST_ABUTMENT_END;
  return centre[2] > 0.25 ? OST_PERIOSTEUM : OST_RESECTION;
}

static PetscErrorCode reading(const char *text, PetscBool right, OstDiagList *list,
                              OstPatchList *patches, OstCase **file)
{
  PetscFunctionBeginUser;
  PetscCall(ost_case_load_text("case.yaml", "case", text, list, file));
  PetscCall(ost_patches_read(ost_case_root(*file), right, list, patches));
  PetscCall(ost_case_report_unread(*file, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static const char sample[] = "patches:\n"
                             "  - name: inner\n"
                             "    centre: {proximal: 30 mm, anterior: 2 mm, medial: 8 mm}\n"
                             "    radius: 6 mm\n"
                             "  - {name: top, surface: proximal}\n"
                             "  - {name: rim, radius: 0.7 cm, centre: {proximal: 4 cm}}\n";

/* A patch lies on the same place of the body in both limbs: y changes its sign. */
static PetscErrorCode medial_is_inwards_on_either_side(const OstMesh *mesh)
{
  PetscFunctionBeginUser;
  for (int right = 0; right < 2; right++) {
    OstDiagList *list;
    OstPatchList patches;
    OstCase     *file;
    PetscCall(ost_diag_create(&list));
    PetscCall(reading(sample, (PetscBool)right, list, &patches, &file));
    PetscCall(ost_patches_locate(&patches, mesh, (PetscBool)right, list));
    if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
    OST_CHECK_INT(ost_diag_num_errors(list), 0);
    OST_CHECK_INT(patches.num, 3);
    const OstPatch *inner = &patches.patch[0];
    OST_CHECK_NEAR(inner->centroid[1], right ? 8.0 : -8.0, 1e-12);
    OST_CHECK_NEAR(inner->centroid[2], 30.0, 0.1);
    OST_CHECK_NEAR(inner->area, M_PI * 36.0, 0.3); /* facets of 10 mm2 */
    OST_CHECK_INT(ost_patches_find(&patches, "top"), 1);
    OST_CHECK_INT(ost_patches_find(&patches, "bottom"), -1);
    OST_CHECK_NEAR(patches.patch[1].area, 320.0, 1e-12);
    OST_CHECK_NEAR(patches.patch[1].centroid[2], 40.0, 1e-12);
    OST_CHECK_NEAR(patches.patch[2].centroid[2], 40.0, 1e-12); /* outer: the top, not the sides */
    OST_CHECK_NEAR(patches.patch[2].area, M_PI * 49.0, 0.3);
    PetscCall(ost_patches_destroy(&patches));
    PetscCall(ost_case_destroy(&file));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode empty_patch_is_told_the_nearest_facet(const OstMesh *mesh)
{
  OstDiagList *list;
  OstPatchList patches;
  OstCase     *file;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("patches:\n"
                    "  - name: beside\n"
                    "    centre: {proximal: 30 mm, medial: 20 mm, anterior: 0 mm}\n"
                    "    radius: 5 mm\n",
                    PETSC_FALSE, list, &patches, &file));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(ost_patches_locate(&patches, mesh, PETSC_FALSE, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 2);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "beside");
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "within 5 mm");
  OST_CHECK_TEXT(ost_diag_get(list, 0).fix, "12.1 mm away"); /* middle at (1.33, 8, 29.2 or so) */
  OST_CHECK_TEXT(ost_diag_get(list, 0).fix, "medial: 8.0 mm");
  PetscCall(ost_patches_destroy(&patches));
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One text, its number of errors, and what the first says. */
static PetscErrorCode refused(const char *text, PetscInt errors, const char *message)
{
  OstDiagList *list;
  OstPatchList patches;
  OstCase     *file;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading(text, PETSC_TRUE, list, &patches, &file));
  OST_CHECK_INT(ost_diag_num_errors(list), errors);
  if (errors) OST_CHECK_TEXT(ost_diag_get(list, 0).message, message);
  PetscCall(ost_patches_destroy(&patches));
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode faults_are_told(void)
{
  PetscFunctionBeginUser;
  PetscCall(refused("patches: []\n", 0, NULL));
  PetscCall(refused("patches:\n  - {name: a}\n", 2, "`centre` is missing"));
  PetscCall(refused("patches:\n  - {name: a, surface: proximal, radius: 3 mm}\n", 1, "`centre`"));
  PetscCall(refused("patches:\n  - {centre: {proximal: 3 mm}, radius: 3 mm}\n", 1, "`name`"));
  PetscCall(refused("patches:\n  - {name: a, surface: inside}\n", 1, "inside"));
  PetscCall(refused("patches:\n  - a\n", 1, "section with a name"));
  PetscCall(refused("patches:\n  - {name: a, surface: outer}\n  - {name: a, surface: proximal}\n",
                    1, "named twice"));
  PetscCall(refused("patches:\n  - {name: a, centre: {proximal: 3 mm, lateral: 1 mm},\n"
                    "     radius: 3 mm}\n",
                    1, "lateral"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode unknown_name_is_told_its_nearest(void)
{
  OstDiagList *list;
  OstPatchList patches;
  OstCase     *file;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading(sample, PETSC_TRUE, list, &patches, &file));
  PetscCall(ost_patches_check_name(&patches, "iner", (OstWhere){"a.yaml", 7}, list));
  PetscCall(ost_patches_check_name(&patches, "trochanter", (OstWhere){"a.yaml", 9}, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 2);
  OST_CHECK_TEXT(ost_diag_get(list, 0).fix, "did you mean `inner`?");
  OST_CHECK_TEXT(ost_diag_get(list, 1).fix, "section `patches`");
  PetscCall(ost_patches_destroy(&patches));
  PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  const OstBlock block = {
      .n = {5, 4, 8}, .wrap = -1, .straight = 1, .map = place, .region = body, .surface = faces};
  OstMesh *mesh;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(ost_problem_mesh(PETSC_COMM_WORLD, &block, &mesh));
  PetscCall(medial_is_inwards_on_either_side(mesh));
  PetscCall(empty_patch_is_told_the_nearest_facet(mesh));
  PetscCall(faults_are_told());
  PetscCall(unknown_name_is_told_its_nearest());
  PetscCall(ost_mesh_destroy(&mesh));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
