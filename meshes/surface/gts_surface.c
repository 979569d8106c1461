#include "meshes/surface/gts_surface.h"

#include "base/tensor.h"

#include <gts.h>
#include <string.h>

static GtsSurface *new_surface(void)
{
  return gts_surface_new(gts_surface_class(), gts_face_class(), gts_edge_class(),
                         gts_vertex_class());
}

static void destroy(GtsSurface *surface)
{
  gts_object_destroy(GTS_OBJECT(surface));
}

/* --- ours to theirs and back ------------------------------------------------------------------ */

static PetscErrorCode to_gts(const OstSurface *from, GtsSurface **to)
{
  GtsVertex **vertices;
  GHashTable *edges;

  PetscFunctionBeginUser;
  *to = new_surface();
  PetscCall(PetscMalloc1(from->num_points + 1, &vertices));
  for (PetscInt p = 0; p < from->num_points; p++) {
    const PetscReal *x = from->points + 3 * p;
    vertices[p]        = gts_vertex_new(gts_vertex_class(), x[0], x[1], x[2]);
  }
  edges = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  for (PetscInt t = 0; t < from->num_triangles; t++) {
    GtsEdge *e[3];
    for (PetscInt i = 0; i < 3; i++) {
      const PetscInt a = from->triangles[3 * t + i], b = from->triangles[3 * t + (i + 1) % 3];
      gint64         key = ((gint64)PetscMin(a, b) << 32) | (gint64)PetscMax(a, b);
      e[i]               = g_hash_table_lookup(edges, &key);
      if (e[i]) continue;
      gint64 *kept = g_new(gint64, 1);
      *kept        = key;
      e[i]         = gts_edge_new(gts_edge_class(), vertices[a], vertices[b]);
      g_hash_table_insert(edges, kept, e[i]);
    }
    gts_surface_add_face(*to, gts_face_new(gts_face_class(), e[0], e[1], e[2]));
  }
  g_hash_table_destroy(edges);
  PetscCall(PetscFree(vertices));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  OstSurface *surface;
  GHashTable *index;
  PetscInt    num;
} Taking;

static gint take_vertex(gpointer item, gpointer data)
{
  const GtsPoint *p = GTS_POINT(item);
  Taking         *t = data;
  PetscReal      *x = t->surface->points + 3 * t->num;
  x[0]              = p->x;
  x[1]              = p->y;
  x[2]              = p->z;
  g_hash_table_insert(t->index, item, GINT_TO_POINTER((gint)t->num));
  t->num++;
  return 0;
}

static gint take_face(gpointer item, gpointer data)
{
  Taking    *t = data;
  GtsVertex *v[3];
  gts_triangle_vertices(GTS_TRIANGLE(item), &v[0], &v[1], &v[2]);
  for (PetscInt i = 0; i < 3; i++) {
    t->surface->triangles[3 * t->num + i] =
        (PetscInt)GPOINTER_TO_INT(g_hash_table_lookup(t->index, v[i]));
  }
  t->num++;
  return 0;
}

static int compare_points(const void *a, const void *b, void *points)
{
  const PetscReal *p = (const PetscReal *)points + 3 * *(const PetscInt *)a;
  const PetscReal *q = (const PetscReal *)points + 3 * *(const PetscInt *)b;
  for (int i = 2; i >= 0; i--)
    if (p[i] != q[i]) return p[i] < q[i] ? -1 : 1;
  return 0;
}

static int compare_corners(const void *a, const void *b)
{
  const PetscInt *s = a, *t = b;
  for (int i = 0; i < 3; i++)
    if (s[i] != t[i]) return s[i] < t[i] ? -1 : 1;
  return 0;
}

/* GTS walks its sets in the order of their addresses, another in each run. Points are put on a grid
   of 1e-8 mm, far above rounding and far below meaning, and points and triangles into an order of
   their own, so that the same image gives the same surface and the same mesh. */
static PetscErrorCode settle_order(OstSurface *surface)
{
  const PetscInt n = surface->num_points;
  PetscInt      *order, *rank;
  PetscReal     *points;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(n, &order, n, &rank, 3 * n, &points));
  for (PetscInt i = 0; i < 3 * n; i++) points[i] = rint(surface->points[i] * 1e8) * 1e-8;
  for (PetscInt i = 0; i < n; i++) order[i] = i;
  qsort_r(order, (size_t)n, sizeof *order, compare_points, points);
  for (PetscInt i = 0; i < n; i++) {
    rank[order[i]] = i;
    for (int d = 0; d < 3; d++) surface->points[3 * i + d] = points[3 * order[i] + d];
  }
  for (PetscInt t = 0; t < surface->num_triangles; t++) {
    PetscInt *v = &surface->triangles[3 * t];
    for (int i = 0; i < 3; i++) v[i] = rank[v[i]];
    while (v[0] > v[1] || v[0] > v[2]) { /* turn, keeping the side */
      const PetscInt first = v[0];
      v[0]                 = v[1];
      v[1]                 = v[2];
      v[2]                 = first;
    }
  }
  qsort(surface->triangles, (size_t)surface->num_triangles, 3 * sizeof(PetscInt), compare_corners);
  PetscCall(PetscFree3(order, rank, points));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode from_gts(GtsSurface *from, OstSurface *to)
{
  Taking taking = {to, NULL, 0};

  PetscFunctionBeginUser;
  PetscCall(ost_surface_create((PetscInt)gts_surface_vertex_number(from),
                               (PetscInt)gts_surface_face_number(from), to));
  taking.index = g_hash_table_new(NULL, NULL);
  gts_surface_foreach_vertex(from, take_vertex, &taking);
  taking.num = 0;
  gts_surface_foreach_face(from, take_face, &taking);
  g_hash_table_destroy(taking.index);
  PetscCall(settle_order(to));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- iso-surface ------------------------------------------------------------------------------ */

typedef struct {
  const OstImage *image;
  gdouble         outside; /* value of the padding */
} Field;

/* One plane of the padded grid, in voxel coordinates; a voxel of padding on all sides closes the
   surface at the image's border. */
static void fill_plane(gdouble **a, GtsCartesianGrid g, guint k, gpointer data)
{
  const Field    *padded = data;
  const OstImage *field  = padded->image;
  const PetscInt  kk     = (PetscInt)k - 1;
  for (guint i = 0; i < g.nx; i++) {
    for (guint j = 0; j < g.ny; j++) {
      const PetscInt ii = (PetscInt)i - 1, jj = (PetscInt)j - 1;
      const gboolean in =
          ii >= 0 && jj >= 0 && kk >= 0 && ii < field->n[0] && jj < field->n[1] && kk < field->n[2];
      a[i][j] = in ? (gdouble)field->voxels[ost_image_at(field, ii, jj, kk)] : padded->outside;
    }
  }
}

PetscErrorCode ost_gts_isosurface(const OstImage *field, PetscReal level, OstSurface *surface)
{
  GtsCartesianGrid g;
  GtsSurface      *s      = new_surface();
  Field            padded = {field, level - 0.5};
  PetscReal        map[3][4];

  PetscFunctionBeginUser;
  g.nx = (guint)field->n[0] + 2;
  g.ny = (guint)field->n[1] + 2;
  g.nz = (guint)field->n[2] + 2;
  g.x = g.y = g.z = -1.0;
  g.dx = g.dy = g.dz = 1.0;
  gts_isosurface_tetra(s, g, fill_plane, &padded, level);
  PetscCall(from_gts(s, surface));
  destroy(s);
  memcpy(map, field->to_world, sizeof map);
  ost_surface_transform(surface, map);
  /* Points that fall on a grid node come several times. */
  PetscCall(ost_surface_merge(surface, 1e-6));
  PetscCall(ost_surface_orient(surface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- coarsening ------------------------------------------------------------------------------- */

/* Squared length, times up to 1 + 1e-5 by a number that hangs on the edge's place: on a voxel grid
   many edges are equally long, and which of them goes first must not hang on addresses. */
static gdouble length_cost(gpointer item, gpointer data)
{
  const GtsSegment *s = GTS_SEGMENT(item);
  GtsPoint         *p = GTS_POINT(s->v1), *q = GTS_POINT(s->v2);
  const gdouble     middle[3] = {p->x + q->x, p->y + q->y, p->z + q->z};
  guint64           mixed     = 0;

  (void)data;
  for (int i = 0; i < 3; i++)
    mixed =
        (mixed ^ (guint64)(gint64)rint(middle[i] * 1e5)) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
  return gts_point_distance2(p, q) * (1.0 + 1e-5 * (gdouble)(mixed >> 40) / (gdouble)(1 << 24));
}

PetscErrorCode ost_gts_coarsen(OstSurface *surface, PetscReal edge_length)
{
  GtsVolumeOptimizedParams params = {0.5, 0.5, 1e-3};
  gdouble                  stop   = edge_length * edge_length;
  GtsSurface              *s;

  PetscFunctionBeginUser;
  PetscCall(to_gts(surface, &s));
  gts_surface_coarsen(s, (GtsKeyFunc)length_cost, NULL, (GtsCoarsenFunc)gts_volume_optimized_vertex,
                      &params, (GtsStopFunc)gts_coarsen_stop_cost, &stop, 30.0 * M_PI / 180.0);
  PetscCall(ost_surface_destroy(surface));
  PetscCall(from_gts(s, surface));
  destroy(s);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- questions -------------------------------------------------------------------------------- */

static gint first_face(gpointer item, gpointer data)
{
  GtsFace **first = data;
  *first          = item;
  return 1;
}

PetscErrorCode ost_gts_self_intersection(const OstSurface *surface, PetscInt *num, PetscReal at[3])
{
  GtsSurface *s, *cut;

  PetscFunctionBeginUser;
  *num = 0;
  PetscCall(to_gts(surface, &s));
  cut = gts_surface_is_self_intersecting(s);
  if (cut) {
    GtsFace   *face = NULL;
    GtsVertex *v[3];
    *num = (PetscInt)gts_surface_face_number(cut);
    gts_surface_foreach_face(cut, first_face, &face);
    gts_triangle_vertices(GTS_TRIANGLE(face), &v[0], &v[1], &v[2]);
    at[0] = (GTS_POINT(v[0])->x + GTS_POINT(v[1])->x + GTS_POINT(v[2])->x) / 3.0;
    at[1] = (GTS_POINT(v[0])->y + GTS_POINT(v[1])->y + GTS_POINT(v[2])->y) / 3.0;
    at[2] = (GTS_POINT(v[0])->z + GTS_POINT(v[1])->z + GTS_POINT(v[2])->z) / 3.0;
    destroy(cut);
  }
  destroy(s);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gts_read(const char *path, OstSurface *surface, char **why)
{
  FILE       *file = fopen(path, "r");
  GtsFile    *in;
  GtsSurface *s;

  PetscFunctionBeginUser;
  *why = NULL;
  if (!file) {
    PetscCall(PetscStrallocpy("it cannot be opened", why));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  s  = new_surface();
  in = gts_file_new(file);
  if (gts_surface_read(s, in)) {
    char text[256];
    PetscCall(PetscSNPrintf(text, sizeof text, "line %d: %s", (int)in->line, in->error));
    PetscCall(PetscStrallocpy(text, why));
  } else {
    PetscCall(from_gts(s, surface));
  }
  gts_file_destroy(in);
  destroy(s);
  fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}
