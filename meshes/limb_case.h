/* limb_case.h: everything a case says about limb, implant and mesh, in one struct.

   Gathers the sections patient (side, bone, sex), geometry, implant and mesh. Opens no image, no
   surface and no mesh, so that the solver's program can `check` a case without the libraries of the
   mesher; what can be checked without them is checked here, down to the stem in a parametric
   bone. */
#pragma once

#include "meshes/bone.h"
#include "meshes/mesh_options.h"

typedef enum {
  OST_GEOMETRY_PARAMETRIC,
  OST_GEOMETRY_SURFACE,
  OST_GEOMETRY_CT,
  OST_GEOMETRY_MESH
} OstGeometrySource;

typedef struct {
  OstSide           side;
  OstBoneKind       kind;
  PetscBool         female;
  OstGeometrySource source;
  OstBone           bone;         /* parametric: placed and checked */
  OstSurfaceOptions surface;      /* surface */
  OstCtOptions      ct;           /* ct */
  const char       *mesh_file;    /* mesh; owned by the case */
  const char       *mesh_density; /* density image in the limb frame, or "" */
  OstWhere          mesh_where;
  OstImplant        implant;
  OstMeshOptions    mesh;
  char              fingerprint[65]; /* SHA-256 of all that decides over the mesh: these keys with
                                        their defaults, and the content of the files they name */
} OstLimbOptions;

/** Read and check.
 *  @param[in]  file     the case; the sections named above and the files they name are read
 *  @param[out] list     all faults
 *  @param[out] options  usable when `list` got no error
 *  Collective (it loads files).
 */
PetscErrorCode ost_limb_options_read(OstCase *file, OstDiagList *list, OstLimbOptions *options);

const char *ost_bone_kind_name(OstBoneKind kind); /* "femur" */
