#include "mesh/dual_graph.h"

const PetscInt ost_gmsh_tet_faces[4][6] = {
    {0, 2, 1, 6, 5, 4}, {0, 1, 3, 4, 9, 7}, {0, 3, 2, 7, 8, 6}, {1, 2, 3, 5, 8, 9}};

/* A triangle at its lowest corner: the other two, and which it is. Faces of cells come before
   facets: 4 cell + k, then 4 num_cells + facet. */
typedef struct {
  PetscInt middle, high, which;
} Triangle;

/* Lowest corner of a triangle; the others into t. */
static PetscInt sort_corners(const OstMshFile *msh, PetscInt which, Triangle *t)
{
  PetscInt a, b, c;

  if (which < 4 * msh->num_cells) {
    const PetscInt *cell = &msh->cells[10 * (which / 4)], *face = ost_gmsh_tet_faces[which % 4];
    a = cell[face[0]], b = cell[face[1]], c = cell[face[2]];
  } else {
    const PetscInt *facet = &msh->facets[6 * (which - 4 * msh->num_cells)];
    a = facet[0], b = facet[1], c = facet[2];
  }
  const PetscInt low = PetscMin(a, PetscMin(b, c)), high = PetscMax(a, PetscMax(b, c));
  *t = (Triangle){.middle = a + b + c - low - high, .high = high, .which = which};
  return low;
}

static int compare(const void *a, const void *b)
{
  const Triangle *s = a, *t = b;
  if (s->middle != t->middle) return s->middle < t->middle ? -1 : 1;
  if (s->high != t->high) return s->high < t->high ? -1 : 1;
  return (s->which > t->which) - (s->which < t->which);
}

/* A node has some twenty triangles, which insertion sorts fastest; the hub of a fan may have
   thousands. */
static void sort_triangles(Triangle t[], PetscInt num)
{
  if (num > 64) {
    qsort(t, (size_t)num, sizeof *t, compare);
    return;
  }
  for (PetscInt i = 1; i < num; i++) {
    const Triangle moved = t[i];
    PetscInt       k     = i;
    for (; k > 0 && compare(&moved, &t[k - 1]) < 0; k--) t[k] = t[k - 1];
    t[k] = moved;
  }
}

/* num equal triangles, cells' faces first. */
static void join(OstDualGraph *graph, PetscInt num_cells, const Triangle t[], PetscInt num)
{
  PetscInt faces = 0;

  while (faces < num && t[faces].which < 4 * num_cells) faces++;
  graph->num_crowded += faces > 2;
  if (faces >= 2) {
    graph->neighbour[t[0].which] = t[1].which / 4;
    graph->neighbour[t[1].which] = t[0].which / 4;
  }
  if (faces < num)
    for (PetscInt k = 0; k < PetscMin(faces, 2); k++)
      graph->facet[2 * (t[faces].which - 4 * num_cells) + k] = t[k].which;
}

/* Triangles by their lowest corner: those of node i stand at first[i] .. first[i + 1] - 1. */
static PetscErrorCode group_by_node(const OstMshFile *msh, PetscInt **first, PetscInt **group)
{
  const PetscInt num = 4 * msh->num_cells + msh->num_facets;
  PetscInt      *at;
  Triangle       t;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(msh->num_nodes + 2, first));
  PetscCall(PetscMalloc1(num, group));
  at = *first + 2; /* shifted by two: counting and filling leave the starts in place */
  for (PetscInt k = 0; k < num; k++) at[sort_corners(msh, k, &t)]++;
  for (PetscInt i = 1; i < msh->num_nodes; i++) at[i] += at[i - 1];
  for (PetscInt k = 0; k < num; k++) (*group)[at[sort_corners(msh, k, &t) - 1]++] = k;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_dual_graph_create(const OstMshFile *msh, OstDualGraph *graph)
{
  PetscInt *first, *group, most = 0;
  Triangle *here;

  PetscFunctionBeginUser;
  *graph = (OstDualGraph){0};
  PetscCall(PetscMalloc1(4 * msh->num_cells, &graph->neighbour));
  PetscCall(PetscMalloc1(2 * msh->num_facets, &graph->facet));
  for (PetscInt k = 0; k < 4 * msh->num_cells; k++) graph->neighbour[k] = -1;
  for (PetscInt k = 0; k < 2 * msh->num_facets; k++) graph->facet[k] = -1;
  PetscCall(group_by_node(msh, &first, &group));
  for (PetscInt i = 0; i < msh->num_nodes; i++) most = PetscMax(most, first[i + 1] - first[i]);
  PetscCall(PetscMalloc1(most, &here));
  for (PetscInt i = 0; i < msh->num_nodes; i++) {
    const PetscInt num = first[i + 1] - first[i];
    for (PetscInt k = 0; k < num; k++) sort_corners(msh, group[first[i] + k], &here[k]);
    sort_triangles(here, num);
    for (PetscInt k = 0, end; k < num; k = end) {
      for (end = k + 1;
           end < num && here[end].middle == here[k].middle && here[end].high == here[k].high;)
        end++;
      join(graph, msh->num_cells, &here[k], end - k);
    }
  }
  PetscCall(PetscFree(here));
  PetscCall(PetscFree(group));
  PetscCall(PetscFree(first));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_dual_graph_free(OstDualGraph *graph)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(graph->neighbour));
  PetscCall(PetscFree(graph->facet));
  *graph = (OstDualGraph){0};
  PetscFunctionReturn(PETSC_SUCCESS);
}
