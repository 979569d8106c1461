#include "risk/volume.h"

/* --- adjacency ------------------------------------------------------------------------------- */

typedef struct {
  PetscInt node[3]; /* ascending */
  PetscInt cell;
} Face;

static void sort3(PetscInt v[3])
{
  for (PetscInt pass = 0; pass < 2; pass++) {
    for (PetscInt i = 0; i < 2; i++) {
      if (v[i] > v[i + 1]) {
        const PetscInt swap = v[i];
        v[i]                = v[i + 1];
        v[i + 1]            = swap;
      }
    }
  }
}

static int compare_nodes(const Face *a, const Face *b)
{
  for (PetscInt i = 0; i < 3; i++) {
    if (a->node[i] != b->node[i]) return a->node[i] < b->node[i] ? -1 : 1;
  }
  return 0;
}

/* By nodes, then by cell, so that the result does not depend on the library's qsort. */
static int compare_faces(const void *first, const void *second)
{
  const Face *a = (const Face *)first, *b = (const Face *)second;
  const int   nodes = compare_nodes(a, b);
  if (nodes) return nodes;
  return a->cell < b->cell ? -1 : a->cell > b->cell;
}

static PetscErrorCode sorted_faces(PetscInt num, PetscInt stride, const PetscInt cells[],
                                   Face **faces)
{
  static const PetscInt corners[4][3] = {{0, 1, 2}, {0, 1, 3}, {0, 2, 3}, {1, 2, 3}};

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(4 * num, faces));
  for (PetscInt c = 0; c < num; c++) {
    for (PetscInt f = 0; f < 4; f++) {
      Face *face = &(*faces)[4 * c + f];
      for (PetscInt i = 0; i < 3; i++) face->node[i] = cells[stride * c + corners[f][i]];
      sort3(face->node);
      face->cell = c;
    }
  }
  qsort(*faces, (size_t)(4 * num), sizeof(Face), compare_faces);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_adjacency_create(PetscInt num, PetscInt stride, const PetscInt cells[],
                                    OstAdjacency *graph)
{
  Face     *faces;
  PetscInt *offset, *neighbour, *fill;

  PetscFunctionBeginUser;
  PetscCall(sorted_faces(num, stride, cells, &faces));
  PetscCall(PetscCalloc1(num + 1, &offset));
  PetscCall(PetscMalloc1(num, &fill));
  /* a face of two cells stands twice, in neighbouring places */
  for (PetscInt i = 0; i + 1 < 4 * num; i++) {
    if (compare_nodes(&faces[i], &faces[i + 1])) continue;
    offset[faces[i].cell + 1]++;
    offset[faces[i + 1].cell + 1]++;
  }
  for (PetscInt c = 0; c < num; c++) {
    offset[c + 1] += offset[c];
    fill[c] = offset[c];
  }
  PetscCall(PetscMalloc1(offset[num], &neighbour));
  for (PetscInt i = 0; i + 1 < 4 * num; i++) {
    if (compare_nodes(&faces[i], &faces[i + 1])) continue;
    neighbour[fill[faces[i].cell]++]     = faces[i + 1].cell;
    neighbour[fill[faces[i + 1].cell]++] = faces[i].cell;
  }
  PetscCall(PetscFree(faces));
  PetscCall(PetscFree(fill));
  graph->num       = num;
  graph->offset    = offset;
  graph->neighbour = neighbour;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_adjacency_destroy(OstAdjacency *graph)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(graph->offset));
  PetscCall(PetscFree(graph->neighbour));
  graph->num = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- reduction ------------------------------------------------------------------------------- */

/* Regions that grow as the threshold falls: a forest of elements, one tree a region. Volume and
   lowest risk of a region stand at its root. */
typedef struct {
  PetscInt  *parent; /* [num] -1: not yet above the threshold */
  PetscReal *volume; /* [num] [mm3] */
  PetscReal *lowest; /* [num] [-] */
} Forest;

static PetscInt root_of(Forest *forest, PetscInt c)
{
  while (forest->parent[c] != c) {
    forest->parent[c] = forest->parent[forest->parent[c]];
    c                 = forest->parent[c];
  }
  return c;
}

/* Adds element c and joins it with what it touches; returns the root. *before and *lowest: volume
   and lowest risk of the largest region it joined, 0 if it touches none. */
static PetscInt add_element(Forest *forest, const OstAdjacency *graph, PetscInt c, PetscReal volume,
                            PetscReal risk, PetscReal *before, PetscReal *lowest)
{
  PetscInt root = c;

  *before = *lowest = 0.0;
  forest->parent[c] = c;
  forest->volume[c] = volume;
  for (PetscInt k = graph->offset[c]; k < graph->offset[c + 1]; k++) {
    const PetscInt other = graph->neighbour[k];
    PetscInt       joined;
    if (forest->parent[other] < 0) continue;
    joined = root_of(forest, other);
    if (joined == root) continue;
    if (forest->volume[joined] > *before && joined != c) {
      *before = forest->volume[joined];
      *lowest = forest->lowest[joined];
    }
    if (forest->volume[joined] > forest->volume[root]) {
      const PetscInt swap = root;
      root                = joined;
      joined              = swap;
    }
    forest->volume[root] += forest->volume[joined];
    forest->parent[joined] = root;
  }
  forest->lowest[root] = risk;
  return root;
}

typedef struct {
  PetscReal risk;
  PetscInt  cell;
} Ranked;

/* By falling risk, ties by number. */
static int compare_ranked(const void *first, const void *second)
{
  const Ranked *a = (const Ranked *)first, *b = (const Ranked *)second;
  if (a->risk != b->risk) return a->risk > b->risk ? -1 : 1;
  return a->cell < b->cell ? -1 : a->cell > b->cell;
}

/* The elements in play in that order; freed by the caller. */
static PetscErrorCode rank_elements(PetscInt num, const PetscReal risk[], PetscInt *count,
                                    Ranked **ranked)
{
  PetscInt n = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num, ranked));
  for (PetscInt c = 0; c < num; c++) {
    if (!(risk[c] >= 0.0)) continue;
    (*ranked)[n].risk   = risk[c];
    (*ranked)[n++].cell = c;
  }
  qsort(*ranked, (size_t)n, sizeof(Ranked), compare_ranked);
  *count = n;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void describe(Forest *forest, PetscInt num, PetscInt root, const PetscReal risk[],
                     const PetscReal volume[], const PetscReal centre[], const PetscInt mode[],
                     PetscBool in_region[], OstVolumeRisk *result)
{
  for (PetscInt c = 0; c < num; c++) {
    const PetscBool inside = (PetscBool)(forest->parent[c] >= 0 && root_of(forest, c) == root);
    if (in_region) in_region[c] = inside;
    if (!inside) continue;
    result->volume += volume[c];
    if (mode && mode[c]) result->second += volume[c];
    for (PetscInt i = 0; i < 3; i++) result->centre[i] += volume[c] * centre[3 * c + i];
    if (result->element < 0 || risk[c] > result->peak) {
      result->peak    = risk[c];
      result->element = c;
    }
  }
  for (PetscInt i = 0; i < 3; i++) result->centre[i] /= result->volume;
  result->second /= result->volume;
}

PetscErrorCode ost_volume_reduce(const OstAdjacency *graph, const PetscReal risk[],
                                 const PetscReal volume[], const PetscReal centre[],
                                 const PetscInt mode[], PetscReal wanted, PetscBool in_region[],
                                 OstVolumeRisk *result)
{
  const PetscInt num = graph->num;
  Forest         forest;
  Ranked        *ranked;
  PetscInt       count, root = -1;
  PetscReal      largest = 0.0;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(result, sizeof(*result)));
  result->element = -1;
  if (in_region) PetscCall(PetscArrayzero(in_region, num));
  PetscCall(rank_elements(num, risk, &count, &ranked));
  PetscCall(PetscMalloc3(num, &forest.parent, num, &forest.volume, num, &forest.lowest));
  for (PetscInt c = 0; c < num; c++) forest.parent[c] = -1;

  for (PetscInt i = 0; i < count && !result->found; i++) {
    const PetscInt c = ranked[i].cell;
    PetscReal      before, lowest;
    const PetscInt grown = add_element(&forest, graph, c, volume[c], risk[c], &before, &lowest);

    if (forest.volume[grown] <= largest) continue;
    largest        = forest.volume[grown];
    root           = grown;
    result->factor = risk[c];
    result->found  = (PetscBool)(largest >= wanted);
    /* the last element counts in part, so that the factor moves smoothly with the field */
    if (result->found && before > 0.0) {
      result->factor = lowest + (wanted - before) / (largest - before) * (risk[c] - lowest);
    }
  }
  if (root >= 0) {
    describe(&forest, num, root_of(&forest, root), risk, volume, centre, mode, in_region, result);
  }
  PetscCall(PetscFree3(forest.parent, forest.volume, forest.lowest));
  PetscCall(PetscFree(ranked));
  PetscFunctionReturn(PETSC_SUCCESS);
}
