/* Cells across faces, and cutting stem and bone apart: which nodes are doubled, which way the faces
   look, and which meshes are refused because they do not conform. */
#include "mesh/split.h"

#include "base/tensor.h"
#include "support/block_mesh.h"
#include "support/check.h"

#include <unistd.h>

static void straight(const double p[3], double x[3], const void *context)
{
  (void)context;
  for (int d = 0; d < 3; d++) x[d] = 2.0 * p[d];
}

/* A stem that ends inside the bone: the interface has edges, corners and a blind end. */
static int post(const double c[3], const void *context)
{
  (void)context;
  return c[0] > 0.25 && c[0] < 0.75 && c[1] > 0.25 && c[1] < 0.75 && c[2] < 0.6 ? OST_STEM
                                                                                : OST_BONE;
}

static int ends(int direction, int side, const double c[3], const void *context)
{
  if (direction != 2) return OST_PERIOSTEUM;
  if (side) return OST_PROXIMAL;
  return post((const double[3]){c[0], c[1], 0.01}, context) == OST_STEM ? OST_ABUTMENT_END
                                                                        : OST_RESECTION;
}

static PetscErrorCode read_post(OstMshFile *msh)
{
  const OstBlock block = {
      .n = {4, 4, 3}, .wrap = -1, .straight = 1, .map = straight, .region = post, .surface = ends};
  char         path[64];
  OstDiagList *list;

  PetscFunctionBeginUser;
  snprintf(path, sizeof path, "/tmp/osteon_split_test_%ld.msh", (long)getpid());
  PetscCall(ost_block_write(&block, path));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_msh_read(path, list, msh));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(ost_diag_destroy(&list));
  unlink(path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int is_corner(const PetscInt cell[], PetscInt node)
{
  return node == cell[0] || node == cell[1] || node == cell[2] || node == cell[3];
}

/* Cells across a face have its corners and know of each other; what is across no other cell is a
   facet; a cell that is listed twice is found out. */
static PetscErrorCode neighbours_share_a_face(void)
{
  OstMshFile   msh;
  OstDualGraph graph;
  PetscInt     outer = 0, facets = 0;

  PetscFunctionBeginUser;
  PetscCall(read_post(&msh));
  PetscCall(ost_dual_graph_create(&msh, &graph));
  OST_CHECK_INT(graph.num_crowded, 0);
  for (PetscInt k = 0; k < 4 * msh.num_cells; k++) {
    const PetscInt across = graph.neighbour[k];
    int            back   = 0;
    outer += across < 0;
    if (across < 0) continue;
    for (int a = 0; a < 3; a++)
      OST_CHECK(is_corner(&msh.cells[10 * across],
                          msh.cells[10 * (k / 4) + ost_gmsh_tet_faces[k % 4][a]]));
    for (int i = 0; i < 4; i++) back += graph.neighbour[4 * across + i] == k / 4;
    OST_CHECK_INT(back, 1);
  }
  OST_CHECK_INT(outer, 2 * (2 * 4 * 4 + 4 * 4 * 3));
  for (PetscInt f = 0; f < msh.num_facets; f++) {
    const int between = ost_surface_is_interface(msh.surface[f]);
    facets += !between;
    for (int i = 0; i < 1 + between; i++) {
      const PetscInt on = graph.facet[2 * f + i];
      OST_CHECK(on >= 0);
      for (int a = 0; a < 3; a++)
        OST_CHECK(is_corner(&msh.cells[10 * (on / 4)], msh.facets[6 * f + a]));
    }
    if (!between) OST_CHECK_INT(graph.facet[2 * f + 1], -1);
  }
  OST_CHECK_INT(facets, outer);
  PetscCall(ost_dual_graph_free(&graph));

  for (int a = 0; a < 10; a++) msh.cells[10 + a] = msh.cells[a];
  PetscCall(ost_dual_graph_create(&msh, &graph));
  OST_CHECK(graph.num_crowded > 0);
  PetscCall(ost_dual_graph_free(&graph));
  PetscCall(ost_msh_free(&msh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode nodes_are_doubled_and_faces_look_into_the_bone(void)
{
  OstMshFile   msh;
  OstDualGraph graph;
  OstSplit     split;
  OstDiagList *list;
  PetscReal    area[3] = {0, 0, 0}, total = 0.0;

  PetscFunctionBeginUser;
  PetscCall(read_post(&msh));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_dual_graph_create(&msh, &graph));
  PetscCall(ost_split_interface(&msh, &graph, "post.msh", list, &split));
  PetscCall(ost_dual_graph_free(&graph));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  /* post of 2 x 2 x 2 bricks: 4 sides and a top of 4 bricks each, two triangles on each */
  OST_CHECK_INT(split.num_faces, 5 * 4 * 2);
  /* lattice of 5 x 5 x 5 points less the inner ones (3 x 3 x 4: the bottom is no interface) */
  OST_CHECK_INT(split.num_nodes - msh.num_nodes, 125 - 36);
  for (PetscInt k = 1; k < split.num_nodes - msh.num_nodes; k++)
    OST_CHECK(split.original[k] > split.original[k - 1]);
  for (PetscInt f = 0; f < split.num_faces; f++) {
    const PetscInt *face = &split.faces[12 * f];
    PetscReal       a[3], b[3], n[3], out = 0.0;
    for (int k = 0; k < 6; k++) {
      OST_CHECK(face[k] < msh.num_nodes && face[6 + k] >= msh.num_nodes);
      OST_CHECK_INT(split.original[face[6 + k] - msh.num_nodes], face[k]);
    }
    for (int d = 0; d < 3; d++) {
      a[d] = msh.x[3 * face[1] + d] - msh.x[3 * face[0] + d];
      b[d] = msh.x[3 * face[2] + d] - msh.x[3 * face[0] + d];
    }
    ost_cross3(a, b, n);
    /* away from the post's middle */
    for (int d = 0; d < 3; d++)
      out += n[d] * (msh.x[3 * face[0] + d] - (const PetscReal[3]){1.0, 1.0, 0.6}[d]);
    OST_CHECK(out > 0.0);
    OST_CHECK_INT(split.coated[f], 1);
    OST_CHECK(!ost_region_is_implant(msh.region[split.bone_cell[f]]));
    /* mid-side nodes follow the turn */
    for (int e = 0; e < 3; e++)
      for (int d = 0; d < 3; d++)
        OST_CHECK_NEAR(msh.x[3 * face[3 + e] + d],
                       0.5 * (msh.x[3 * face[e] + d] + msh.x[3 * face[(e + 1) % 3] + d]), 1e-15);
    for (int d = 0; d < 3; d++) area[d] += 0.5 * n[d];
    total += 0.5 * ost_norm3(n);
  }
  OST_CHECK_NEAR(total, 4.0 * 4.0 / 3.0 + 1.0, 1e-12); /* four sides 1 x 4/3, top 1 x 1 */
  OST_CHECK_NEAR(area[2], 1.0, 1e-12);
  OST_CHECK_NEAR(area[0], 0.0, 1e-12);
  for (PetscInt c = 0; c < msh.num_cells; c++)
    for (int k = 0; k < 10; k++) {
      const PetscInt node = msh.cells[10 * c + k];
      if (node >= msh.num_nodes) OST_CHECK(ost_region_is_implant(msh.region[c]));
    }
  PetscCall(ost_split_free(&split));
  PetscCall(ost_msh_free(&msh));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef enum { ONE_FACE_LEFT_OUT, FACE_LISTED_TWICE, FACE_INSIDE_THE_BONE, NODES_OF_ITS_OWN } Fault;

static PetscErrorCode refused(Fault fault, const char *message)
{
  OstMshFile   msh;
  OstDualGraph graph;
  OstSplit     split;
  OstDiagList *list;
  PetscInt     first = -1, other = -1;

  PetscFunctionBeginUser;
  PetscCall(read_post(&msh));
  for (PetscInt f = 0; f < msh.num_facets; f++) {
    if (msh.surface[f] == OST_INTERFACE_COATED && first < 0) first = f;
    if (msh.surface[f] == OST_PERIOSTEUM) other = f;
  }
  switch (fault) {
  case ONE_FACE_LEFT_OUT: /* its nodes are all on other interface faces */
    msh.surface[first] = OST_PERIOSTEUM;
    break;
  case FACE_LISTED_TWICE:
    for (int k = 0; k < 6; k++) msh.facets[6 * other + k] = msh.facets[6 * first + k];
    msh.surface[other] = OST_INTERFACE_SMOOTH;
    break;
  case FACE_INSIDE_THE_BONE:
    msh.surface[other] = OST_INTERFACE_COATED;
    break;
  case NODES_OF_ITS_OWN: /* the stem brings its own copy of a node: not conforming */
    PetscCall(PetscRealloc((size_t)(3 * (msh.num_nodes + 1)) * sizeof *msh.x, &msh.x));
    for (int d = 0; d < 3; d++) msh.x[3 * msh.num_nodes + d] = msh.x[3 * msh.facets[6 * first] + d];
    for (PetscInt c = 0; c < msh.num_cells; c++)
      for (int k = 0; k < 10; k++)
        if (ost_region_is_implant(msh.region[c]) && msh.cells[10 * c + k] == msh.facets[6 * first])
          msh.cells[10 * c + k] = msh.num_nodes;
    msh.num_nodes++;
    break;
  }
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_dual_graph_create(&msh, &graph));
  PetscCall(ost_split_interface(&msh, &graph, "post.msh", list, &split));
  PetscCall(ost_dual_graph_free(&graph));
  OST_CHECK(ost_diag_num_errors(list) > 0);
  if (ost_diag_num_errors(list)) OST_CHECK_TEXT(ost_diag_get(list, 0).message, message);
  PetscCall(ost_split_free(&split));
  PetscCall(ost_msh_free(&msh));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(neighbours_share_a_face());
  PetscCall(nodes_are_doubled_and_faces_look_into_the_bone());
  PetscCall(refused(ONE_FACE_LEFT_OUT, "stem and bone share 1 faces and 0 nodes outside"));
  PetscCall(refused(FACE_LISTED_TWICE, "1 interface faces do not lie between"));
  PetscCall(refused(FACE_INSIDE_THE_BONE, "interface faces do not lie between"));
  PetscCall(refused(NODES_OF_ITS_OWN, "interface faces do not lie between"));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
