/* Abaqus and CalculiX files, groups that are missing, and shapes of tetrahedra. */
#include "meshes/quality.h"
#include "meshes/user_mesh.h"

#include "support/check.h"

#include <unistd.h>

/* A column of three unit tetrahedra would do for the topology: abutment, stem and bone share
   faces. */
static const char good[] =
    "*HEADING\n"
    "** two sets of one name add up, a surface by sides, one by nodes, one by triangles\n"
    "*NODE\n"
    "1, 0., 0., 0.\n 2, 1., 0., 0.\n 3, 0., 1., 0.\n 14, 0., 0., 1.\n 15, 1., 1., 1.\n 16, 0., 0., "
    "-1.\n"
    "*ELEMENT, TYPE=C3D4, ELSET=STEM\n"
    "10, 1, 2, 3, 14\n"
    "*ELEMENT, TYPE=C3D4\n"
    "20, 2, 15, 3,\n 14\n"
    "30, 1, 3, 2, 16\n"
    "*ELSET, ELSET=Bone\n20\n"
    "*ELSET, ELSET=abutment, GENERATE\n30, 30, 1\n"
    "*SURFACE, NAME=INTERFACE_COATED, TYPE=ELEMENT\nSTEM, S3\n"
    "*NSET, NSET=Proximal\n15, 3, 14\n"
    "*ELEMENT, TYPE=S3, ELSET=ABUTMENT_END\n40, 1, 2, 16\n";

static PetscErrorCode read_text(const char *text, OstDiagList **list, OstUserMesh *user)
{
  const char *path = "user_mesh_test.part.inp";
  FILE       *f    = fopen(path, "w");

  PetscFunctionBeginUser;
  OstAssert(f, "cannot write %s", path);
  (void)fputs(text, f);
  (void)fclose(f);
  PetscCall(ost_diag_create(list));
  PetscCall(ost_user_mesh_read_inp(path, (OstWhere){"case.yaml", 3}, *list, user));
  (void)unlink(path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode an_inp_file_becomes_a_mesh(void)
{
  OstDiagList *list;
  OstUserMesh  user;
  OstTetMesh   mesh;
  PetscInt     skins[OST_NUM_SKINS] = {0};

  PetscFunctionBeginUser;
  PetscCall(read_text(good, &list, &user));
  OST_CHECK_INT(user.num_tets, 3);
  OST_CHECK_INT(user.nodes_each, 4);
  PetscCall(ost_user_mesh_convert(&user, "x.inp", (OstWhere){"case.yaml", 3}, list, &mesh));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(mesh.num_tets, 3);
  OST_CHECK_INT(mesh.num_nodes, 6 + 12);
  OST_CHECK_NEAR(ost_tet_mesh_part_volume(&mesh, OST_PART_STEM), 1.0 / 6.0, 1e-14);
  OST_CHECK_NEAR(ost_tet_mesh_part_volume(&mesh, OST_PART_BONE), 1.0 / 3.0, 1e-14);
  OST_CHECK_NEAR(ost_tet_mesh_part_volume(&mesh, OST_PART_ABUTMENT), 1.0 / 6.0, 1e-14);
  for (PetscInt f = 0; f < mesh.num_faces; f++) skins[mesh.skin[f]]++;
  OST_CHECK_INT(skins[OST_SKIN_COATED], 1);
  OST_CHECK_INT(skins[OST_SKIN_SMOOTH], 0);
  OST_CHECK_INT(skins[OST_SKIN_PROXIMAL], 1);
  OST_CHECK_INT(skins[OST_SKIN_ABUTMENT_END], 1);
  PetscCall(ost_tet_mesh_destroy(&mesh));
  PetscCall(ost_user_mesh_destroy(&user));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode missing_groups_are_listed(void)
{
  OstDiagList *list;
  OstUserMesh  user;
  OstTetMesh   mesh;

  PetscFunctionBeginUser;
  PetscCall(read_text("*NODE\n1,0,0,0\n2,1,0,0\n3,0,1,0\n4,0,0,1\n"
                      "*ELEMENT, TYPE=C3D4, ELSET=TIBIA\n1, 1, 2, 3, 4\n",
                      &list, &user));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(ost_user_mesh_convert(&user, "x.inp", (OstWhere){"case.yaml", 3}, list, &mesh));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "groups there: TIBIA");
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "stem, abutment");
  OST_CHECK_TEXT(ost_diag_get(list, 0).fix, "abutment_end");
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 3);
  OST_CHECK_INT(mesh.num_tets, 0);
  PetscCall(ost_user_mesh_destroy(&user));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Text that is no mesh, or half of one, is refused with its line and never followed. */
static PetscErrorCode broken_files_are_refused(void)
{
  static const struct {
    const char *text, *message;
    PetscInt    line;
  } cases[] = {
      {"*NODE\n1, 0, 0, 0\n2, x, 0, 0\n", "no node", 3},
      {"*NODE\n1, 0, 0, 0\n*ELEMENT, TYPE=C3D4\n1, 1, 2\n*NODE\n", "not complete", 5},
      {"*NODE\n1, 0, 0, 0\n*ELEMENT, TYPE=C3D4\n1, 1, 1, 1, 7\n", "node 7 of an element", 0},
      {"*ELSET, ELSET=A, GENERATE\n1, 999999999, 1\n", "empty or endless", 2},
      {"*ELSET, ELSET=A\nB\n", "not defined before it", 2},
      {"*INCLUDE, INPUT=other.inp\n", "not followed", 1},
  };

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    OstDiagList *list;
    OstUserMesh  user;
    PetscCall(read_text(cases[i].text, &list, &user));
    OST_CHECK(ost_diag_num_errors(list) >= 1);
    if (ost_diag_num_errors(list)) {
      OST_CHECK_TEXT(ost_diag_get(list, 0).message, cases[i].message);
      OST_CHECK_INT(ost_diag_get(list, 0).at.line, cases[i].line);
    }
    PetscCall(ost_user_mesh_destroy(&user));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void sicn_is_one_for_the_regular_tetrahedron(void)
{
  static const int edges[6][2] = {{0, 1}, {1, 2}, {0, 2}, {0, 3}, {2, 3}, {1, 3}};
  PetscReal        x[10][3]    = {{0, 0, 0},
                                  {1, 0, 0},
                                  {0.5, 0.8660254037844386, 0},
                                  {0.5, 0.28867513459481287, 0.816496580927726}};

  for (int turn = 0; turn < 3; turn++) {
    if (turn == 1) x[3][2] *= -1.0;
    if (turn == 2) x[3][2] = 0.0;
    for (int e = 0; e < 6; e++) {
      for (int k = 0; k < 3; k++) x[4 + e][k] = 0.5 * (x[edges[e][0]][k] + x[edges[e][1]][k]);
    }
    OST_CHECK_NEAR(ost_tet_mesh_sicn((const PetscReal(*)[3])x),
                   turn == 0 ? 1.0 : (turn == 1 ? -1.0 : 0.0), 1e-12);
  }
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(an_inp_file_becomes_a_mesh());
  PetscCall(missing_groups_are_listed());
  PetscCall(broken_files_are_refused());
  sicn_is_one_for_the_regular_tetrahedron();
  PetscCall(PetscFinalize());
  return ost_check_report();
}
