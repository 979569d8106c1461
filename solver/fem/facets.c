#include "fem/facets.h"

#include "base/tensor.h"
#include "fem/element.h"

#include <stdlib.h>

OstFacetChoice ost_facets_of_group(OstSurfaceGroup group)
{
  return (OstFacetChoice){.groups = 1u << group, .radius = PETSC_MAX_REAL};
}

void ost_facets_places(const OstMesh *mesh, PetscInt facet, PetscReal x[18])
{
  for (int a = 0; a < 6; a++)
    for (int i = 0; i < 3; i++) x[3 * a + i] = mesh->x[3 * mesh->facets[6 * facet + a] + i];
}

/* Distance of a facet's middle from the centre; the middle as well. */
static PetscReal distance_of(const OstMesh *mesh, PetscInt facet, const PetscReal centre[3],
                             PetscReal middle[3])
{
  const PetscReal third[3] = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0};
  PetscReal       x[18], N[6], away[3];

  ost_facets_places(mesh, facet, x);
  ost_tri6_shape(third, N);
  for (int i = 0; i < 3; i++) {
    middle[i] = 0.0;
    for (int a = 0; a < 6; a++) middle[i] += N[a] * x[3 * a + i];
    away[i] = middle[i] - centre[i];
  }
  return ost_norm3(away);
}

static PetscBool counts(const OstMesh *mesh, PetscInt facet, const OstFacetChoice *choice)
{
  return choice->groups >> mesh->surface[facet] & 1u ? PETSC_TRUE : PETSC_FALSE;
}

PetscErrorCode ost_facets_choose(const OstMesh *mesh, const OstFacetChoice *choice,
                                 OstFacetSet *set)
{
  PetscFunctionBeginUser;
  *set = (OstFacetSet){.num = 0};
  PetscCall(PetscMalloc1(mesh->num_facets, &set->facet));
  for (PetscInt f = 0; f < mesh->num_facets; f++) {
    PetscReal middle[3];
    if (counts(mesh, f, choice) && distance_of(mesh, f, choice->centre, middle) <= choice->radius)
      set->facet[set->num++] = f;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_facets_free(OstFacetSet *set)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(set->facet));
  PetscCall(PetscFree(set->face));
  set->num = set->num_faces = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the cut through the bone ---------------------------------------------------------------- */

/* As near as this to the height is in the plane. [mm] */
#define IN_PLANE 1e-3

typedef struct {
  PetscInt corner[3]; /* ascending */
  PetscInt facet;
} Triangle;

static int compare_triangles(const void *a, const void *b)
{
  const Triangle *s = a, *t = b;

  for (int i = 0; i < 3; i++)
    if (s->corner[i] != t->corner[i]) return s->corner[i] < t->corner[i] ? -1 : 1;
  return 0;
}

static Triangle triangle_of(PetscInt a, PetscInt b, PetscInt c)
{
  const PetscInt low = PetscMin(a, PetscMin(b, c)), high = PetscMax(a, PetscMax(b, c));

  return (Triangle){.corner = {low, a + b + c - low - high, high}};
}

/* Marks the triangles [num], sorted, that are sides of a bone cell. A facet is on its cell's
   rank. */
static void find_sides(const OstMesh *mesh, PetscInt num, const Triangle triangle[], char of_bone[])
{
  static const int side[4][3] = {{0, 1, 2}, {0, 1, 3}, {0, 2, 3}, {1, 2, 3}};

  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    const PetscInt *node = &mesh->cells[10 * c];
    if (!ost_region_is_bone(mesh->region[c])) continue;
    for (int k = 0; k < 4; k++) {
      const Triangle  key = triangle_of(node[side[k][0]], node[side[k][1]], node[side[k][2]]);
      const Triangle *at  = bsearch(&key, triangle, (size_t)num, sizeof key, compare_triangles);
      if (at) of_bone[at->facet] = 1;
    }
  }
}

PetscErrorCode ost_facets_cut(const OstMesh *mesh, PetscReal at, OstFacetSet *set)
{
  Triangle *triangle;
  char     *of_bone;
  PetscInt  num = 0;

  PetscFunctionBeginUser;
  *set = (OstFacetSet){.num = 0};
  PetscCall(PetscMalloc2(mesh->num_facets, &triangle, mesh->num_facets, &of_bone));
  PetscCall(PetscArrayzero(of_bone, mesh->num_facets));
  for (PetscInt f = 0; f < mesh->num_facets; f++) {
    const PetscInt *node = &mesh->facets[6 * f];
    if (mesh->surface[f] != OST_RESECTION) continue;
    triangle[num]         = triangle_of(node[0], node[1], node[2]);
    triangle[num++].facet = f;
  }
  qsort(triangle, (size_t)num, sizeof *triangle, compare_triangles);
  find_sides(mesh, num, triangle, of_bone);
  PetscCall(PetscMalloc1(mesh->num_facets, &set->facet));
  for (PetscInt f = 0; f < mesh->num_facets; f++)
    if (of_bone[f]) set->facet[set->num++] = f;
  PetscCall(PetscMalloc1(mesh->num_faces, &set->face));
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    PetscInt flat = 0;
    for (int a = 0; a < 3; a++)
      flat += PetscAbsReal(mesh->x[3 * mesh->faces[12 * f + a] + 2] - at) < IN_PLANE;
    if (flat == 3 && ost_region_is_bone(mesh->region[mesh->face_cell[f]]))
      set->face[set->num_faces++] = f;
  }
  PetscCall(PetscFree2(triangle, of_bone));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_facets_clamp(const OstMesh *mesh, const OstFacetSet *set, char **fixed)
{
  PetscReal *mark;
  Vec        count;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, fixed));
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &mark));
  for (PetscInt k = 0; k < set->num; k++)
    for (int a = 0; a < 6; a++)
      for (int i = 0; i < 3; i++) mark[3 * mesh->facets[6 * set->facet[k] + a] + i] = 1.0;
  PetscCall(ost_mesh_create_vec(mesh, &count));
  PetscCall(ost_mesh_local_to_global(mesh, mark, count));
  PetscCall(ost_mesh_global_to_local(mesh, count, mark));
  for (PetscInt k = 0; k < 3 * mesh->num_nodes; k++) (*fixed)[k] = mark[k] > 0.5;
  PetscCall(VecDestroy(&count));
  PetscCall(PetscFree(mark));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_facets_shared(const OstMesh *mesh, const OstFacetSet *a, const OstFacetSet *b,
                                 PetscReal *share)
{
  PetscReal sums[2] = {0.0, (PetscReal)a->num};

  PetscFunctionBeginUser;
  for (PetscInt i = 0, k = 0; i < a->num; i++) {
    while (k < b->num && b->facet[k] < a->facet[i]) k++;
    if (k < b->num && b->facet[k] == a->facet[i]) sums[0] += 1.0;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPIU_REAL, MPIU_SUM, mesh->comm));
  *share = sums[1] > 0.0 ? sums[0] / sums[1] : 0.0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_facets_nearest(const OstMesh *mesh, const OstFacetChoice *choice,
                                  PetscReal place[3], PetscReal *distance)
{
  PetscReal   mine = PETSC_MAX_REAL;
  PetscMPIInt rank, size, first;

  PetscFunctionBeginUser;
  for (int i = 0; i < 3; i++) place[i] = 0.0;
  for (PetscInt f = 0; f < mesh->num_facets; f++) {
    PetscReal middle[3];
    if (!counts(mesh, f, choice)) continue;
    const PetscReal away = distance_of(mesh, f, choice->centre, middle);
    if (away >= mine) continue;
    mine = away;
    for (int i = 0; i < 3; i++) place[i] = middle[i];
  }
  PetscCallMPI(MPI_Comm_rank(mesh->comm, &rank));
  PetscCallMPI(MPI_Comm_size(mesh->comm, &size));
  *distance = mine;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, distance, 1, MPIU_REAL, MPIU_MIN, mesh->comm));
  first = mine == *distance ? rank : size;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, mesh->comm));
  PetscCallMPI(MPI_Bcast(place, 3, MPIU_REAL, first, mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Visit the points of a curved triangle with nodes [6]; `out` 1 or -1 turns the normal outward. */
static void visit_triangle(const OstMesh *mesh, const PetscInt nodes[], PetscReal out,
                           OstFacetVisit visit, void *context)
{
  OstFacetPoint point = {.nodes = nodes};
  PetscReal     corner[18];

  for (int a = 0; a < 6; a++)
    for (int i = 0; i < 3; i++) corner[3 * a + i] = mesh->x[3 * nodes[a] + i];
  for (PetscInt q = 0; q < ost_tri_rule6.num; q++) {
    const PetscReal *b = &ost_tri_rule6.point[3 * q];
    point.area         = ost_tri_rule6.weight[q] * ost_tri6_normal(corner, b, point.normal);
    ost_tri6_shape(b, point.N);
    for (int i = 0; i < 3; i++) {
      point.normal[i] *= out;
      point.x[i] = 0.0;
      for (int a = 0; a < 6; a++) point.x[i] += point.N[a] * corner[3 * a + i];
    }
    visit(&point, context);
  }
}

void ost_facets_visit(const OstMesh *mesh, const OstFacetSet *set, OstFacetVisit visit,
                      void *context)
{
  for (PetscInt k = 0; k < set->num; k++)
    visit_triangle(mesh, &mesh->facets[6 * set->facet[k]], 1.0, visit, context);
  /* the interface's normal points into the bone */
  for (PetscInt k = 0; k < set->num_faces; k++)
    visit_triangle(mesh, &mesh->faces[12 * set->face[k]], -1.0, visit, context);
}

static void add_place(const OstFacetPoint *point, void *context)
{
  PetscReal *sum = context;

  sum[0] += point->area;
  for (int i = 0; i < 3; i++) sum[1 + i] += point->area * point->x[i];
}

PetscErrorCode ost_facets_measure(const OstMesh *mesh, const OstFacetSet *set, PetscReal *area,
                                  PetscReal centroid[3])
{
  PetscReal sum[4] = {0};

  PetscFunctionBeginUser;
  ost_facets_visit(mesh, set, add_place, sum);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 4, MPIU_REAL, MPIU_SUM, mesh->comm));
  *area = sum[0];
  for (int i = 0; i < 3; i++) centroid[i] = sum[0] > 0.0 ? sum[1 + i] / sum[0] : 0.0;
  PetscFunctionReturn(PETSC_SUCCESS);
}
