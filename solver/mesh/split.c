#include "mesh/split.h"

#include "base/tensor.h"

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

/* Turn a face so that its normal points into a cell on it. */
static void turn_into(const OstMshFile *msh, PetscInt cell, PetscInt face[6])
{
  const PetscInt *nodes = &msh->cells[10 * cell];
  PetscReal       a[3], b[3], into[3] = {0, 0, 0}, normal[3];

  for (int d = 0; d < 3; d++) {
    const PetscReal x0 = msh->x[3 * face[0] + d];
    a[d]               = msh->x[3 * face[1] + d] - x0;
    b[d]               = msh->x[3 * face[2] + d] - x0;
    for (int k = 0; k < 4; k++) into[d] += msh->x[3 * nodes[k] + d] - x0;
  }
  ost_cross3(a, b, normal);
  if (ost_dot3(normal, into) < 0.0) {
    const PetscInt turned[6] = {face[0], face[2], face[1], face[5], face[4], face[3]};
    for (int k = 0; k < 6; k++) face[k] = turned[k];
  }
}

/* The bone cell of two faces 4 cell + k if the other is the implant's, or -1. */
static PetscInt bone_of(const OstMshFile *msh, const PetscInt on[2])
{
  if (on[0] < 0 || on[1] < 0) return -1;
  const PetscInt  cell[2]    = {on[0] / 4, on[1] / 4};
  const PetscBool implant[2] = {ost_region_is_implant(msh->region[cell[0]]),
                                ost_region_is_implant(msh->region[cell[1]])};
  return implant[0] == implant[1] ? -1 : implant[0] ? cell[1] : cell[0];
}

/* The interface faces, each with its bone cell, turned so that the normal points into the bone. */
static PetscErrorCode collect_faces(const OstMshFile *msh, const OstDualGraph *graph,
                                    const PetscInt doubles[], const char *path, OstDiagList *list,
                                    OstSplit *split)
{
  PetscInt num = 0, loose = 0, open = 0;

  PetscFunctionBeginUser;
  for (PetscInt f = 0; f < msh->num_facets; f++) num += ost_surface_is_interface(msh->surface[f]);
  split->num_faces = num;
  PetscCall(PetscMalloc1(12 * num, &split->faces));
  PetscCall(PetscMalloc1(num, &split->coated));
  PetscCall(PetscMalloc1(num, &split->bone_cell));
  for (PetscInt f = 0, i = 0; f < msh->num_facets; f++) {
    if (!ost_surface_is_interface(msh->surface[f])) continue;
    PetscInt *face      = &split->faces[12 * i];
    split->coated[i]    = msh->surface[f] == OST_INTERFACE_COATED;
    split->bone_cell[i] = bone_of(msh, &graph->facet[2 * f]);
    for (int k = 0; k < 6; k++) face[k] = face[6 + k] = msh->facets[6 * f + k];
    if (split->bone_cell[i++] < 0) {
      loose++;
      continue;
    }
    turn_into(msh, split->bone_cell[i - 1], face);
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
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Faces between a bone and an implant cell must be as many as the interface groups have: with a
   face left out the two would come apart there unseen. Shared nodes without any face are the same
   fault. */
static PetscErrorCode check_leaks(const OstMshFile *msh, const OstDualGraph *graph,
                                  const PetscInt doubles[], const char *path, OstDiagList *list,
                                  const OstSplit *split)
{
  char    *covered;
  PetscInt nodes = 0, faces = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(msh->num_nodes, &covered));
  for (PetscInt i = 0; i < split->num_faces; i++)
    for (int k = 0; k < 6; k++) covered[split->faces[12 * i + k]] = 1;
  for (PetscInt i = 0; i < msh->num_nodes; i++) nodes += doubles[i] >= 0 && !covered[i];
  PetscCall(PetscFree(covered));

  for (PetscInt c = 0; c < msh->num_cells; c++) /* from the implant, which has fewer cells */
    for (int k = 0; k < 4 && ost_region_is_implant(msh->region[c]); k++) {
      const PetscInt across = graph->neighbour[4 * c + k];
      faces += across >= 0 && !ost_region_is_implant(msh->region[across]);
    }
  if (nodes || faces > split->num_faces)
    PetscCall(ost_diag_error(
        list, (OstWhere){path, 0},
        "put every face between stem and bone into interface_coated or interface_smooth",
        "stem and bone share %" PetscInt_FMT " faces and %" PetscInt_FMT
        " nodes outside the interface groups",
        PetscMax(faces - split->num_faces, 0), nodes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_split_interface(OstMshFile *msh, const OstDualGraph *graph, const char *path,
                                   OstDiagList *list, OstSplit *split)
{
  PetscInt *doubles;

  PetscFunctionBeginUser;
  *split = (OstSplit){0};
  PetscCall(double_shared_nodes(msh, split, &doubles));
  PetscCall(collect_faces(msh, graph, doubles, path, list, split));
  PetscCall(check_leaks(msh, graph, doubles, path, list, split));
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
