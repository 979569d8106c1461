/* user_mesh.h: a mesh that somebody else made, on its way to an OstTetMesh.

   Owns the reader of Abaqus and CalculiX .inp files and the checks that every foreign mesh passes:
   which groups are there, which are wanted, four- or ten-node tetrahedra, stem and bone sharing
   their nodes. Gmsh files come in through gmsh_model.h. Knows no Gmsh. */
#pragma once

#include "meshes/tet_mesh.h"

#define OST_USER_MESH_NAMES 1024

typedef struct {
  PetscInt   num_nodes;
  PetscReal *x;                    /* [num_nodes x 3] [mm] */
  PetscInt   num_tets, nodes_each; /* 4 or 10; 10 in Gmsh's order */
  PetscInt  *tet;                  /* [num_tets x nodes_each] */
  PetscInt  *part;                 /* [num_tets] OstPart; -1: in no group of that name */
  PetscInt   num_faces;
  PetscInt  *corner;                     /* [num_faces x 3] */
  PetscInt  *skin;                       /* [num_faces] OstSkin */
  PetscInt   num_other;                  /* volume elements that are no tetrahedra */
  char       names[OST_USER_MESH_NAMES]; /* all groups of the file, for messages */
} OstUserMesh;

PetscErrorCode ost_user_mesh_destroy(OstUserMesh *user);

/* Index of a group by its name, upper or lower case; -1: no such group. */
PetscInt ost_part_by_name(const char *name);
PetscInt ost_skin_by_name(const char *name);
/* Append a name to user->names, once, as far as there is room. */
void ost_user_mesh_add_name(OstUserMesh *user, const char *name);

/** Read an Abaqus or CalculiX input file: *NODE, *ELEMENT (C3D4, C3D10, and triangles as surface
 *  groups), *ELSET with GENERATE, *NSET, *SURFACE of element faces. Volume groups are element sets;
 *  surface groups are sets of triangles, surfaces, or sets of nodes that cover faces.
 *  @param[in]  at    where the case names the file
 *  @param[out] list  faults with the file's own line
 *  @param[out] user  freed by ost_user_mesh_destroy
 */
PetscErrorCode ost_user_mesh_read_inp(const char *path, OstWhere at, OstDiagList *list,
                                      OstUserMesh *user);

/** Check a foreign mesh and make it ours.
 *  @param[in]  path  for messages
 *  @param[out] list  missing groups (which are there, which are wanted), no tetrahedra, stem and
 *     bone
 *                    that share no face, elements inside out
 *  @param[out] mesh  with faces; empty when list got an error
 */
PetscErrorCode ost_user_mesh_convert(const OstUserMesh *user, const char *path, OstWhere at,
                                     OstDiagList *list, OstTetMesh *mesh);
