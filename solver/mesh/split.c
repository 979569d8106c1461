#include "mesh/split.h"

#include "base/tensor.h"

const PetscInt ost_gmsh_tet_faces[4][6] = {
    {0, 2, 1, 6, 5, 4}, {0, 1, 3, 4, 9, 7}, {0, 3, 2, 7, 8, 6}, {1, 2, 3, 5, 8, 9}};

/* A triangle by its sorted corners, for sorting and searching. */
typedef struct {
  PetscInt corner[3];
  PetscInt facet;
} Triangle;

static Triangle triangle_of(const PetscInt nodes[], PetscInt facet)
{
  Triangle t = {{nodes[0], nodes[1], nodes[2]}, facet};
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2 - i; j++)
      if (t.corner[j] > t.corner[j + 1]) {
        const PetscInt swap = t.corner[j];
        t.corner[j]         = t.corner[j + 1];
        t.corner[j + 1]     = swap;
      }
  return t;
}

static int compare_triangles(const void *a, const void *b)
{
  const Triangle *s = a, *t = b;
  for (int i = 0; i < 3; i++)
    if (s->corner[i] != t->corner[i]) return s->corner[i] < t->corner[i] ? -1 : 1;
  return 0;
}

static PetscBool is_interface(PetscInt surface)
{
  return surface == OST_INTERFACE_COATED || surface == OST_INTERFACE_SMOOTH ? PETSC_TRUE
                                                                            : PETSC_FALSE;
}

/* Nodes that bone and implant share, and the double of each (or -1). */
static PetscErrorCode double_shared_nodes(const OstMshFile *msh, OstSplit *split,
                                          PetscInt **doubles)
{
  char    *side;
  PetscInt num = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(msh->num_nodes, &side));
  for (PetscInt c = 0; c < msh->num_cells; c++)
    for (int a = 0; a < 10; a++)
      side[msh->cells[10 * c + a]] |= ost_region_is_implant(msh->region[c]) ? 2 : 1;
  for (PetscInt i = 0; i < msh->num_nodes; i++) num += side[i] == 3;
  PetscCall(PetscMalloc1(num, &split->original));
  PetscCall(PetscMalloc1(msh->num_nodes, doubles));
  split->num_nodes = msh->num_nodes;
  for (PetscInt i = 0; i < msh->num_nodes; i++) {
    (*doubles)[i] = -1;
    if (side[i] != 3) continue;
    split->original[split->num_nodes - msh->num_nodes] = i;
    (*doubles)[i]                                      = split->num_nodes++;
  }
  PetscCall(PetscFree(side));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Face k of a cell; FALSE when a corner of it is not shared by bone and implant. */
static PetscBool shared_face(const OstMshFile *msh, const PetscInt doubles[], PetscInt c, int k,
                             Triangle *face)
{
  PetscInt corner[3];

  for (int a = 0; a < 3; a++) {
    corner[a] = msh->cells[10 * c + ost_gmsh_tet_faces[k][a]];
    if (doubles[corner[a]] < 0) return PETSC_FALSE;
  }
  *face = triangle_of(corner, 0);
  return PETSC_TRUE;
}

/* The interface faces, each with its bone cell, turned so that the normal points into the bone. */
static PetscErrorCode collect_faces(const OstMshFile *msh, const PetscInt doubles[],
                                    const char *path, OstDiagList *list, OstSplit *split)
{
  Triangle *sorted;
  PetscInt *implant_cell, num = 0, loose = 0, open = 0;

  PetscFunctionBeginUser;
  for (PetscInt f = 0; f < msh->num_facets; f++) num += is_interface(msh->surface[f]);
  split->num_faces = num;
  PetscCall(PetscMalloc1(num, &sorted));
  PetscCall(PetscMalloc1(num, &implant_cell));
  PetscCall(PetscMalloc1(12 * num, &split->faces));
  PetscCall(PetscMalloc1(num, &split->coated));
  PetscCall(PetscMalloc1(num, &split->bone_cell));
  for (PetscInt f = 0, i = 0; f < msh->num_facets; f++) {
    if (!is_interface(msh->surface[f])) continue;
    split->coated[i]    = msh->surface[f] == OST_INTERFACE_COATED;
    split->bone_cell[i] = implant_cell[i] = -1;
    for (int k = 0; k < 6; k++) split->faces[12 * i + k] = msh->facets[6 * f + k];
    sorted[i] = triangle_of(&msh->facets[6 * f], i);
    i++;
  }
  qsort(sorted, (size_t)num, sizeof *sorted, compare_triangles);

  /* find the two cells of each interface face */
  for (PetscInt c = 0; c < msh->num_cells; c++) {
    for (int k = 0; k < 4; k++) {
      Triangle key;
      if (!shared_face(msh, doubles, c, k, &key)) continue;
      const Triangle *hit = bsearch(&key, sorted, (size_t)num, sizeof *sorted, compare_triangles);
      if (!hit) continue;
      if (ost_region_is_implant(msh->region[c]))
        implant_cell[hit->facet] = c;
      else
        split->bone_cell[hit->facet] = c;
    }
  }
  for (PetscInt i = 0; i < num; i++) {
    PetscInt *face = &split->faces[12 * i];
    if (split->bone_cell[i] < 0 || implant_cell[i] < 0) {
      loose++;
      continue;
    }
    /* turn the face by the corner of the bone cell that is not on it */
    const PetscInt *cell = &msh->cells[10 * split->bone_cell[i]];
    PetscReal       a[3], b[3], into[3] = {0, 0, 0}, normal[3];
    for (int d = 0; d < 3; d++) {
      const PetscReal x0 = msh->x[3 * face[0] + d];
      a[d]               = msh->x[3 * face[1] + d] - x0;
      b[d]               = msh->x[3 * face[2] + d] - x0;
      for (int k = 0; k < 4; k++) into[d] += msh->x[3 * cell[k] + d] - x0;
    }
    ost_cross3(a, b, normal);
    if (ost_dot3(normal, into) < 0.0) {
      const PetscInt turned[6] = {face[0], face[2], face[1], face[5], face[4], face[3]};
      for (int k = 0; k < 6; k++) face[k] = turned[k];
    }
    for (int k = 0; k < 6; k++) {
      face[6 + k] = doubles[face[k]];
      open += doubles[face[k]] < 0;
    }
  }
  if (loose || open)
    PetscCall(ost_diag_error(
        list, (OstWhere){path, 0},
        "stem and bone must share the nodes and faces of their interface (a conforming mesh)",
        "%" PetscInt_FMT " interface faces do not lie between a bone and an implant cell",
        loose + open));
  PetscCall(PetscFree(sorted));
  PetscCall(PetscFree(implant_cell));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Faces between a bone and an implant cell must be as many as the interface groups have: with a
   face left out the two would come apart there unseen. Shared nodes without any face are the same
   fault. */
static PetscErrorCode check_leaks(const OstMshFile *msh, const PetscInt doubles[], const char *path,
                                  OstDiagList *list, const OstSplit *split)
{
  char     *covered;
  Triangle *all;
  PetscInt  nodes = 0, faces = 0, num = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(msh->num_nodes, &covered));
  for (PetscInt i = 0; i < split->num_faces; i++)
    for (int k = 0; k < 6; k++) covered[split->faces[12 * i + k]] = 1;
  for (PetscInt i = 0; i < msh->num_nodes; i++) nodes += doubles[i] >= 0 && !covered[i];
  PetscCall(PetscFree(covered));

  /* two equal triangles, one of each side; `facet` tells the side here */
  PetscCall(PetscMalloc1(4 * msh->num_cells, &all));
  for (PetscInt c = 0; c < msh->num_cells; c++)
    for (int k = 0; k < 4; k++)
      if (shared_face(msh, doubles, c, k, &all[num]))
        all[num++].facet = ost_region_is_implant(msh->region[c]);
  qsort(all, (size_t)num, sizeof *all, compare_triangles);
  for (PetscInt i = 0; i + 1 < num; i++)
    faces += !compare_triangles(&all[i], &all[i + 1]) && all[i].facet != all[i + 1].facet;
  PetscCall(PetscFree(all));
  if (nodes || faces > split->num_faces)
    PetscCall(ost_diag_error(
        list, (OstWhere){path, 0},
        "put every face between stem and bone into interface_coated or interface_smooth",
        "stem and bone share %" PetscInt_FMT " faces and %" PetscInt_FMT
        " nodes outside the interface groups",
        PetscMax(faces - split->num_faces, 0), nodes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_split_interface(OstMshFile *msh, const char *path, OstDiagList *list,
                                   OstSplit *split)
{
  PetscInt *doubles;

  PetscFunctionBeginUser;
  *split = (OstSplit){0};
  PetscCall(double_shared_nodes(msh, split, &doubles));
  PetscCall(collect_faces(msh, doubles, path, list, split));
  PetscCall(check_leaks(msh, doubles, path, list, split));
  for (PetscInt c = 0; c < msh->num_cells; c++) {
    if (!ost_region_is_implant(msh->region[c])) continue;
    for (int a = 0; a < 10; a++) {
      PetscInt *node = &msh->cells[10 * c + a];
      if (doubles[*node] >= 0) *node = doubles[*node];
    }
  }
  PetscCall(PetscFree(doubles));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_split_free(OstSplit *split)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(split->original));
  PetscCall(PetscFree(split->faces));
  PetscCall(PetscFree(split->coated));
  PetscCall(PetscFree(split->bone_cell));
  *split = (OstSplit){0};
  PetscFunctionReturn(PETSC_SUCCESS);
}
