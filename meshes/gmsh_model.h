/* gmsh_model.h: the one file that speaks Gmsh: geometry to tetrahedra, mesh files in and out.

   Owns the geometry kernels' calls, the size field, the retry with smaller elements, and the file
   format. Three sources of bone: parametric sections (OpenCASCADE), a closed triangulated surface
   (discrete surface with the stem in Gmsh's built-in kernel), a user's mesh file. All of them end
   in an OstTetMesh with the groups of tet_mesh.h.

   Same input, same mesh, with the Delaunay algorithm on one thread. What Gmsh cannot mesh is told
   to the user through the OstDiagList with Gmsh's own words; what should not happen is a PETSc
   error with its words. One rank; not collective. Gmsh is one per process: ost_gmsh_begin first,
   ost_gmsh_end last. */
#pragma once

#include "meshes/bone.h"
#include "meshes/mesh_options.h"
#include "meshes/tet_mesh.h"

PetscErrorCode ost_gmsh_begin(const OstMeshOptions *options);
PetscErrorCode ost_gmsh_end(void);
void           ost_gmsh_version(char text[], size_t size); /* "Gmsh 4.8.4" */

/** Mesh a parametric bone with its implant.
 *  @param[in]  bone     placed (ost_bone_place) and checked (ost_bone_check_stem)
 *  @param[in]  options  sizes; min_sicn is the caller's to check
 *  @param[out] list     Gmsh's failure; a warning where a collar wider than the bone's section was
 *                       trimmed to it (its overhang bears nothing)
 *  @param[out] mesh     groups and faces filled; empty when list got an error
 */
PetscErrorCode ost_gmsh_mesh_parametric(const OstBone *bone, const OstImplant *implant,
                                        const OstMeshOptions *options, OstDiagList *list,
                                        OstTetMesh *mesh);

/* A closed triangulated bone in the limb frame, flat at z = 0. */
typedef struct {
  PetscInt         num_points, num_triangles;
  const PetscReal *points;        /* [num_points x 3] [mm] */
  const PetscInt  *triangles;     /* [num_triangles x 3] outward */
  PetscReal        length;        /* [mm] */
  PetscReal        proximal_from; /* [mm] */
  PetscBool        proximal_flat;
  OstSide          side;
  OstWhere         where; /* of the data, for messages */
} OstBoneShell;

/** Thickness of bone between the stem's side and the shell, horizontally from the stem axis:
 *  smallest
 *  over heights (every millimetre from the resection to the tip) and directions (every 5 degrees).
 *  @param[out] wall  negative where the stem stands out; minus its radius where the axis itself
 *     does
 *  @param[out] z, t  where: height [mm] and direction from anterior towards +y [rad]
 */
PetscErrorCode ost_gmsh_shell_wall(const OstBoneShell *shell, const OstImplant *implant,
                                   PetscReal *wall, PetscReal *z, PetscReal *t);
/* The stem against the shell: pierced, thin, longer than the limb. Appended with place and
   depth. */
PetscErrorCode ost_gmsh_shell_check_stem(const OstBoneShell *shell, const OstImplant *implant,
                                         PetscReal min_wall, OstDiagList *list);

/* Mesh a shell with its implant; as above. */
PetscErrorCode ost_gmsh_mesh_shell(const OstBoneShell *shell, const OstImplant *implant,
                                   const OstMeshOptions *options, OstDiagList *list,
                                   OstTetMesh *mesh);

/** Open a user's mesh (.msh, Abaqus or CalculiX .inp), raise it to ten nodes where it has four.
 *  @param[in]  path   file
 *  @param[in]  at     where the case names it
 *  @param[out] list   what is wrong: unreadable, no tetrahedra, groups missing (which are there,
 *                     which are wanted), bad elements
 *  @param[out] mesh   with the file's own groups; empty when list got an error
 */
PetscErrorCode ost_gmsh_read(const char *path, OstWhere at, OstDiagList *list, OstTetMesh *mesh);

/* Write Gmsh 4.1, binary. PETSC_ERR_FILE_WRITE with Gmsh's words when it cannot. */
PetscErrorCode ost_gmsh_write(const OstTetMesh *mesh, const char *path);
