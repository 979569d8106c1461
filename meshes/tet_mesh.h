/* tet_mesh.h: a tetrahedral mesh of limb and implant as plain arrays, between Gmsh and the file.

   Owns the names of the groups, the step from four to ten nodes, the curving of the interface, and
   the rule that says which triangle belongs to which surface group. That rule works on the mesh
   itself and not on the mesher's geometry, so it is the same for every source of bone. Knows no
   Gmsh. */
#pragma once

#include "meshes/implant.h"

/* Volume groups. */
typedef enum {
  OST_PART_CORTICAL,
  OST_PART_CANCELLOUS,
  OST_PART_MARROW,
  OST_PART_BONE, /* density from an image */
  OST_PART_STEM,
  OST_PART_ABUTMENT, /* metal distal of the stem, collar included */
  OST_NUM_PARTS
} OstPart;

/* Surface groups. */
typedef enum {
  OST_SKIN_COATED, /* interface_coated and ... */
  OST_SKIN_SMOOTH, /* ... interface_smooth: together all faces between metal and bone */
  OST_SKIN_RESECTION,
  OST_SKIN_PROXIMAL,
  OST_SKIN_ABUTMENT_END,
  OST_SKIN_PERIOSTEUM,
  OST_NUM_SKINS
} OstSkin;

extern const char *const ost_part_names[OST_NUM_PARTS];
extern const char *const ost_skin_names[OST_NUM_SKINS];

typedef struct {
  PetscInt   num_nodes;
  PetscReal *x; /* [num_nodes x 3] limb frame [mm] */
  PetscInt   num_tets;
  PetscInt  *tet;  /* [num_tets x 10] corners, then edges 01 12 02 03 23 13 (Gmsh's order) */
  PetscInt  *part; /* [num_tets] OstPart */
  PetscInt   num_faces;
  PetscInt  *face; /* [num_faces x 6] corners, then edges 01 12 20; outward, on the interface from
                      stem to bone */
  PetscInt  *skin; /* [num_faces] OstSkin */
} OstTetMesh;

PetscErrorCode ost_tet_mesh_destroy(OstTetMesh *mesh);
PetscBool      ost_part_is_metal(PetscInt part);

/** A mesh from four-node tetrahedra: nodes no tetrahedron uses are dropped, straight mid-side nodes
 *  added (in the order in which the tetrahedra first meet their edges), orientation made positive.
 *  @param[in] num_nodes  nodes of x [num_nodes x 3]
 *  @param[in] num_tets   tetrahedra of corner [num_tets x 4] and part [num_tets]
 *  @param[out] mesh      without faces; freed by ost_tet_mesh_destroy
 */
PetscErrorCode ost_tet_mesh_from_linear(PetscInt num_nodes, const PetscReal x[], PetscInt num_tets,
                                        const PetscInt corner[], const PetscInt part[],
                                        OstTetMesh *mesh);

/* The same from ten-node tetrahedra, tet [num_tets x 10] in Gmsh's order; mid-side nodes stay where
   they are. */
PetscErrorCode ost_tet_mesh_from_quadratic(PetscInt num_nodes, const PetscReal x[],
                                           PetscInt num_tets, const PetscInt tet[],
                                           const PetscInt part[], OstTetMesh *mesh);

/* What the surface groups are told apart by. */
typedef struct {
  PetscReal coated_from, coated_to; /* interface faces with their centroid between are rough [mm] */
  PetscReal abutment_end;           /* height of the abutment's distal face, negative [mm] */
  PetscReal proximal_from;          /* bone surface above this is the support ... [mm] */
  PetscBool proximal_flat;          /* ... and only where all corners lie at this height */
  PetscReal tolerance;              /* of "lies at this height" [mm] */
} OstSkinRule;

/* Fill the faces of `mesh` by the rule. */
PetscErrorCode ost_tet_mesh_find_faces(OstTetMesh *mesh, const OstSkinRule *rule);

/** Fill the faces of `mesh` by given triangles: corner [num x 3] node numbers of the mesh, skin
 *  [num].
 *  @param[out] num_unnamed    interface faces that no triangle names; they become smooth
 *  @param[out] num_misplaced  triangles that are no outer face, or an interface's where none is
 */
PetscErrorCode ost_tet_mesh_name_faces(OstTetMesh *mesh, PetscInt num, const PetscInt corner[],
                                       const PetscInt skin[], PetscInt *num_unnamed,
                                       PetscInt *num_misplaced);

/** Put the mid-side nodes of interface edges on the stem's true surface of revolution, as far as
 *  the
 *  elements stay sound: where one would get a SICN under 0.2, or a worse one if it is under that
 *  already, its nodes go back by halves and in the end stay straight.
 *  @param[out] num_curved  nodes that lie on the surface
 */
PetscErrorCode ost_tet_mesh_curve(OstTetMesh *mesh, const OstImplant *implant,
                                  PetscInt *num_curved);

/* Jacobian J[i][k] = d x_k / d xi_i of a ten-node tetrahedron with nodes x [mm] at point p of
   0 <= p < OST_TET_POINTS: its ten nodes and its centroid. */
#define OST_TET_POINTS 11
void      ost_tet_mesh_jacobian(const PetscReal x[10][3], PetscInt p, PetscReal J[3][3]);
PetscReal ost_tet_mesh_det(const PetscReal J[3][3]);

/* Signed inverse condition number of the map from the regular tetrahedron: 1 regular, 0 flat,
   negative turned inside out. Of a curved element the smallest over its nodes and centroid. */
PetscReal ost_tet_mesh_sicn(const PetscReal x[10][3]);

PetscReal ost_tet_mesh_part_volume(const OstTetMesh *mesh, PetscInt part); /* straight [mm3] */
PetscReal ost_tet_mesh_skin_area(const OstTetMesh *mesh, PetscInt skin);   /* straight [mm2] */
