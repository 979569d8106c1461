/* patches.h: named parts of the bone's outer surface, where muscles pull or the bone is held.

   Owns section `patches` of the case. A patch is a ball's share of the outer surface, its centre
   given in the words of the limb frame, the same for a left and a right limb, or a whole surface
   group. Its facets are those whose middles lie in the ball, so that its edge follows the mesh. */
#pragma once

#include "fem/facets.h"
#include "input/protocol.h"

typedef struct {
  char           name[OST_NAME_LENGTH];
  OstFacetChoice choice; /* centre in the limb frame; groups */
  OstWhere       at;
  /* --- once there is a mesh --- */
  OstFacetSet facets;
  PetscReal   area;        /* [mm2] */
  PetscReal   centroid[3]; /* [mm] */
} OstPatch;

typedef struct {
  PetscInt  num;
  OstPatch *patch; /* [num] */
} OstPatchList;

/** Read section `patches` of the case: a list of {name, surface, centre: {proximal, anterior,
 *  medial}, radius}; an absent one gives an empty list.
 *  @param[in]  root   root of the case
 *  @param[in]  right  the limb is a right one
 *  Freed by ost_patches_destroy.
 */
PetscErrorCode ost_patches_read(OstNode *root, PetscBool right, OstDiagList *list,
                                OstPatchList *patches);
PetscErrorCode ost_patches_destroy(OstPatchList *patches);

/* Index of the patch of that name, -1 where there is none. */
PetscInt ost_patches_find(const OstPatchList *patches, const char *name);

/* An error at `at` where there is no such patch, with the nearest name. */
PetscErrorCode ost_patches_check_name(const OstPatchList *patches, const char *name, OstWhere at,
                                      OstDiagList *list);

/* Find facets, area and centroid of every patch. One without facets is an error that tells the
   place of the nearest. Collective. */
PetscErrorCode ost_patches_locate(OstPatchList *patches, const OstMesh *mesh, PetscBool right,
                                  OstDiagList *list);
