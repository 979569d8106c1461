#include "loads/patches.h"

/* What `surface` may say; the groups of each. */
static const char *const surface_words[]  = {"outer", "periosteum", "proximal", "resection"};
static const unsigned    surface_groups[] = {1u << OST_PERIOSTEUM | 1u << OST_PROXIMAL,
                                             1u << OST_PERIOSTEUM, 1u << OST_PROXIMAL,
                                             1u << OST_RESECTION};
enum { NUM_SURFACE_WORDS = 4 };

/* The ball: both or none of centre and radius. */
static PetscErrorCode read_ball(OstNode *entry, PetscBool right, OstDiagList *list, OstPatch *patch)
{
  const OstRealKey radius   = {"radius", "mm", OST_REQUIRED, 0.5, 200.0};
  const OstRealKey proximal = {"proximal", "mm", OST_REQUIRED, -100.0, 1000.0};
  const OstRealKey anterior = {"anterior", "mm", 0.0, -200.0, 200.0};
  const OstRealKey medial   = {"medial", "mm", 0.0, -200.0, 200.0};
  OstNode         *centre;
  PetscReal        up, forwards, inwards;

  PetscFunctionBeginUser;
  patch->choice.radius = PETSC_MAX_REAL;
  if (!ost_node_find(entry, "centre") && !ost_node_find(entry, "radius") &&
      ost_node_find(entry, "surface"))
    PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_value_section(entry, "centre", PETSC_TRUE, list, &centre));
  PetscCall(ost_value_real(entry, &radius, list, &patch->choice.radius));
  if (!centre) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_value_real(centre, &proximal, list, &up));
  PetscCall(ost_value_real(centre, &anterior, list, &forwards));
  PetscCall(ost_value_real(centre, &medial, list, &inwards));
  ost_limb_vector(forwards, inwards, up, right, patch->choice.centre);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_patch(OstNode *entry, PetscBool right, OstDiagList *list,
                                 OstPatchList *patches)
{
  OstPatch   *patch = &patches->patch[patches->num];
  const char *name;
  PetscInt    surface;

  PetscFunctionBeginUser;
  patch->at = ost_node_where(entry);
  PetscCall(ost_value_text(entry, "name", NULL, list, &name));
  if (strlen(name) >= OST_NAME_LENGTH)
    PetscCall(ost_diag_error(list, patch->at, "shorten it", "name is longer than %d bytes",
                             OST_NAME_LENGTH - 1));
  PetscCall(PetscStrncpy(patch->name, name, OST_NAME_LENGTH));
  if (name[0] && ost_patches_find(patches, name) >= 0)
    PetscCall(
        ost_diag_error(list, patch->at, "give each its own name", "patch %s is named twice", name));
  PetscCall(ost_value_word(entry, "surface", surface_words, NUM_SURFACE_WORDS, 0, list, &surface));
  PetscCall(read_ball(entry, right, list, patch));
  patch->choice.groups = surface_groups[surface];
  patches->num++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_patches_read(OstNode *root, PetscBool right, OstDiagList *list,
                                OstPatchList *patches)
{
  OstNode *sequence;
  PetscInt num;

  PetscFunctionBeginUser;
  *patches = (OstPatchList){0};
  PetscCall(ost_value_list(root, "patches", PETSC_FALSE, list, &sequence));
  num = sequence ? ost_node_size(sequence) : 0;
  PetscCall(PetscCalloc1(num, &patches->patch));
  for (PetscInt i = 0; i < num; i++) {
    OstNode *entry = ost_node_item(sequence, i);
    if (ost_node_kind(entry) == OST_NODE_MAPPING) {
      PetscCall(read_patch(entry, right, list, patches));
      continue;
    }
    PetscCall(ost_diag_error(list, ost_node_where(entry),
                             "write {name: trochanter, centre: {proximal: 200 mm, medial: -40 mm}, "
                             "radius: 12 mm}",
                             "a patch is a section with a name"));
    ost_node_skip(entry);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_patches_destroy(OstPatchList *patches)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < patches->num; i++) PetscCall(ost_facets_free(&patches->patch[i].facets));
  PetscCall(PetscFree(patches->patch));
  patches->num = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt ost_patches_find(const OstPatchList *patches, const char *name)
{
  for (PetscInt i = 0; i < patches->num; i++)
    if (!strcmp(patches->patch[i].name, name)) return i;
  return -1;
}

PetscErrorCode ost_patches_check_name(const OstPatchList *patches, const char *name, OstWhere at,
                                      OstDiagList *list)
{
  const char **names, *nearest;
  char         fix[2 * OST_NAME_LENGTH];

  PetscFunctionBeginUser;
  if (ost_patches_find(patches, name) >= 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(patches->num, &names));
  for (PetscInt i = 0; i < patches->num; i++) names[i] = patches->patch[i].name;
  nearest = ost_diag_nearest(name, names, patches->num);
  if (nearest)
    (void)snprintf(fix, sizeof fix, "did you mean `%s`?", nearest);
  else
    (void)snprintf(fix, sizeof fix, "name it in the section `patches` of the case");
  PetscCall(ost_diag_error(list, at, fix, "there is no patch `%s`", name));
  PetscCall(PetscFree(names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A patch without facets: where the nearest one is. */
static PetscErrorCode report_empty(const OstPatch *patch, const OstMesh *mesh, PetscBool right,
                                   OstDiagList *list)
{
  PetscReal place[3], distance, medial;
  char      fix[192];

  PetscFunctionBeginUser;
  PetscCall(ost_facets_nearest(mesh, &patch->choice, place, &distance));
  medial = right ? place[1] : -place[1];
  if (distance >= PETSC_MAX_REAL) {
    PetscCall(ost_diag_error(list, patch->at, "name another `surface`",
                             "patch %s: the mesh has no such surface", patch->name));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  (void)snprintf(fix, sizeof fix,
                 "the nearest facet is %.1f mm away: centre: {proximal: %.1f mm, anterior: %.1f "
                 "mm, medial: %.1f mm}",
                 (double)distance, (double)place[2], (double)place[0], (double)medial);
  PetscCall(ost_diag_error(list, patch->at, fix,
                           "patch %s: no facet of the surface has its middle within %g mm of the "
                           "centre",
                           patch->name, (double)patch->choice.radius));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_patches_locate(OstPatchList *patches, const OstMesh *mesh, PetscBool right,
                                  OstDiagList *list)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < patches->num; i++) {
    OstPatch *patch = &patches->patch[i];
    PetscCall(ost_facets_choose(mesh, &patch->choice, &patch->facets));
    PetscCall(ost_facets_measure(mesh, &patch->facets, &patch->area, patch->centroid));
    if (patch->area <= 0.0) PetscCall(report_empty(patch, mesh, right, list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
