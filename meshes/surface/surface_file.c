#include "meshes/surface/surface_file.h"

#include "base/tensor.h"
#include "meshes/surface/gts_surface.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file as one text or block of bytes, with a zero behind. */
typedef struct {
  char  *data;
  size_t size;
} Bytes;

/* The surface while it is read; arrays grow by doubling. */
typedef struct {
  PetscReal *points;
  PetscInt  *triangles;
  PetscInt   num_points, room_points, num_triangles, room_triangles;
  char       why[512]; /* first fault; empty: none */
} Reading;

#define MAX_ENTITIES                                                                               \
  50000000 /* more points or triangles than this are taken for a damaged header */

static PetscErrorCode slurp(const char *path, Bytes *bytes, PetscBool *ok)
{
  FILE *file = fopen(path, "rb");
  long  size;

  PetscFunctionBeginUser;
  *ok         = PETSC_FALSE;
  bytes->data = NULL;
  bytes->size = 0;
  if (!file) PetscFunctionReturn(PETSC_SUCCESS);
  if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && size < (1L << 31)) {
    rewind(file);
    PetscCall(PetscMalloc1((size_t)size + 1, &bytes->data));
    bytes->size              = fread(bytes->data, 1, (size_t)size, file);
    bytes->data[bytes->size] = 0;
    *ok                      = bytes->size == (size_t)size;
  }
  fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode add_point(Reading *r, const double x[3])
{
  PetscFunctionBeginUser;
  if (r->num_points == r->room_points) {
    r->room_points = PetscMax(2 * r->room_points, 1024);
    PetscCall(PetscRealloc(sizeof(PetscReal) * 3 * (size_t)r->room_points, &r->points));
  }
  for (PetscInt d = 0; d < 3; d++) r->points[3 * r->num_points + d] = (PetscReal)x[d];
  if (!(isfinite(x[0]) && isfinite(x[1]) && isfinite(x[2])) && !r->why[0]) {
    snprintf(r->why, sizeof r->why, "point %d is not a number", (int)r->num_points + 1);
  }
  r->num_points++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode add_triangle(Reading *r, PetscInt a, PetscInt b, PetscInt c)
{
  PetscFunctionBeginUser;
  if (r->num_triangles == r->room_triangles) {
    r->room_triangles = PetscMax(2 * r->room_triangles, 1024);
    PetscCall(PetscRealloc(sizeof(PetscInt) * 3 * (size_t)r->room_triangles, &r->triangles));
  }
  PetscInt *t = r->triangles + 3 * r->num_triangles++;
  t[0]        = a;
  t[1]        = b;
  t[2]        = c;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- STL -------------------------------------------------------------------------------------- */

static uint32_t u32_at(const char *p)
{
  const unsigned char *b = (const unsigned char *)p;
  return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static float f32_at(const char *p)
{
  const uint32_t u = u32_at(p);
  float          f;
  memcpy(&f, &u, sizeof f);
  return f;
}

/* A binary STL is told by its length, since headers that begin with "solid" or "COLOR=" exist. */
static PetscBool is_binary_stl(const Bytes *b)
{
  return b->size >= 84 && b->size == 84 + 50 * (size_t)u32_at(b->data + 80) ? PETSC_TRUE
                                                                            : PETSC_FALSE;
}

static PetscErrorCode read_stl_binary(const Bytes *b, Reading *r)
{
  PetscFunctionBeginUser;
  for (uint32_t t = 0; t < u32_at(b->data + 80); t++) {
    const char *p = b->data + 84 + 50 * (size_t)t + 12;
    for (PetscInt i = 0; i < 3; i++, p += 12) {
      const double x[3] = {(double)f32_at(p), (double)f32_at(p + 4), (double)f32_at(p + 8)};
      PetscCall(add_point(r, x));
    }
    PetscCall(add_triangle(r, r->num_points - 3, r->num_points - 2, r->num_points - 1));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_stl_text(const Bytes *b, Reading *r)
{
  const char *p      = b->data;
  PetscInt    corner = 0;

  PetscFunctionBeginUser;
  while ((p = strstr(p, "vertex")) != NULL && !r->why[0]) {
    double x[3];
    char  *end;
    p += 6;
    for (PetscInt d = 0; d < 3; d++) {
      x[d] = strtod(p, &end);
      if (end == p) {
        snprintf(r->why, sizeof r->why, "vertex %d has no three numbers", (int)r->num_points + 1);
        PetscFunctionReturn(PETSC_SUCCESS);
      }
      p = end;
    }
    PetscCall(add_point(r, x));
    if (++corner == 3) {
      PetscCall(add_triangle(r, r->num_points - 3, r->num_points - 2, r->num_points - 1));
      corner = 0;
    }
  }
  if (corner && !r->why[0]) snprintf(r->why, sizeof r->why, "the last triangle is incomplete");
  if (!r->why[0] && !strstr(b->data, "endsolid")) {
    snprintf(r->why, sizeof r->why, "the file is truncated: \"endsolid\" is missing");
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- OBJ -------------------------------------------------------------------------------------- */

static PetscErrorCode read_obj(Bytes *b, Reading *r)
{
  PetscInt number = 0;

  PetscFunctionBeginUser;
  for (char *line = b->data, *next; line && !r->why[0]; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = 0;
    number++;
    while (isspace((unsigned char)*line)) line++;
    if (line[0] == 'v' && isspace((unsigned char)line[1])) {
      double x[3];
      if (sscanf(line + 1, "%lf %lf %lf", &x[0], &x[1], &x[2]) != 3) {
        snprintf(r->why, sizeof r->why, "line %d: a point needs three numbers", (int)number);
      } else {
        PetscCall(add_point(r, x));
      }
    } else if (line[0] == 'f' && isspace((unsigned char)line[1])) {
      PetscInt first = -1, last = -1, count = 0;
      char    *p = line + 1, *end;
      for (;;) {
        long v = strtol(p, &end, 10);
        if (end == p) break;
        p = end;
        while (*p && !isspace((unsigned char)*p)) p++; /* texture and normal indices */
        v = v < 0 ? r->num_points + v : v - 1;
        if (v < 0 || v >= r->num_points) {
          snprintf(r->why, sizeof r->why, "line %d: point %ld does not exist", (int)number, v + 1);
          break;
        }
        if (count == 0) first = (PetscInt)v;
        if (count >= 2) PetscCall(add_triangle(r, first, last, (PetscInt)v));
        last = (PetscInt)v;
        count++;
      }
      if (count < 3 && !r->why[0]) {
        snprintf(r->why, sizeof r->why, "line %d: a face needs three points", (int)number);
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- PLY -------------------------------------------------------------------------------------- */

typedef enum { PLY_TEXT, PLY_LITTLE, PLY_BIG } PlyForm;

typedef struct {
  char name[32], type[16], count_type[16]; /* count_type empty: no list */
} PlyProperty;

typedef struct {
  char        name[32];
  long        count;
  PetscInt    num_properties;
  PlyProperty property[64];
} PlyElement;

typedef struct {
  const char *at, *end;
  PlyForm     form;
  PetscBool   failed;
} PlyStream;

static size_t ply_size(const char *type)
{
  static const struct {
    const char *name;
    size_t      size;
  } types[] = {{"char", 1},  {"uchar", 1},   {"int8", 1},   {"uint8", 1},
               {"short", 2}, {"ushort", 2},  {"int16", 2},  {"uint16", 2},
               {"int", 4},   {"uint", 4},    {"int32", 4},  {"uint32", 4},
               {"float", 4}, {"float32", 4}, {"double", 8}, {"float64", 8}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    if (strcmp(types[i].name, type) == 0) return types[i].size;
  }
  return 0;
}

static double ply_value(PlyStream *s, const char *type)
{
  const size_t  size = ply_size(type);
  unsigned char raw[8];
  uint64_t      u = 0;
  if (s->form == PLY_TEXT) {
    char        *end;
    const double v = strtod(s->at, &end);
    if (end == s->at) s->failed = PETSC_TRUE;
    s->at = end;
    return v;
  }
  if (size == 0 || (size_t)(s->end - s->at) < size) {
    s->failed = PETSC_TRUE;
    return 0.0;
  }
  memcpy(raw, s->at, size);
  s->at += size;
  for (size_t i = 0; i < size; i++) {
    u |= (uint64_t)raw[s->form == PLY_LITTLE ? i : size - 1 - i] << (8 * i);
  }
  if (type[0] == 'f') {
    float          f;
    const uint32_t w = (uint32_t)u;
    memcpy(&f, &w, sizeof f);
    return (double)f;
  }
  if (type[0] == 'd') {
    double d;
    memcpy(&d, &u, sizeof d);
    return d;
  }
  if (type[0] == 'u') return (double)u;
  const int shift = (int)(64 - 8 * size);
  return (double)((int64_t)(u << shift) >> shift);
}

/* Header up to and with end_header. Returns the number of elements, 0 when it is no PLY header. */
static PetscInt ply_header(const Bytes *b, PlyStream *s, PlyElement element[8], char why[256])
{
  PetscInt    num = 0;
  const char *p   = b->data;
  s->form         = PLY_TEXT;
  while (p && *p) {
    const char *next = strchr(p, '\n');
    char        line[256], w[3][64];
    if (!next) break;
    snprintf(line, sizeof line, "%.*s", (int)PetscMin(next - p, 255), p);
    p       = next + 1;
    w[0][0] = w[1][0] = w[2][0] = 0;
    if (strncmp(line, "end_header", 10) == 0) {
      s->at  = p;
      s->end = b->data + b->size;
      return num;
    }
    if (sscanf(line, "format %63s", w[0]) == 1) {
      if (strcmp(w[0], "binary_little_endian") == 0)
        s->form = PLY_LITTLE;
      else if (strcmp(w[0], "binary_big_endian") == 0)
        s->form = PLY_BIG;
    } else if (sscanf(line, "element %31s %63s", w[0], w[1]) == 2) {
      if (num == 8) break;
      snprintf(element[num].name, sizeof element[num].name, "%.31s", w[0]);
      element[num].count          = strtol(w[1], NULL, 10);
      element[num].num_properties = 0;
      if (element[num].count < 0 || element[num].count > MAX_ENTITIES) break;
      num++;
    } else if (strncmp(line, "property", 8) == 0 && num > 0) {
      PlyElement *e = &element[num - 1];
      if (e->num_properties == 64) break;
      PlyProperty *q = &e->property[e->num_properties++];
      memset(q, 0, sizeof *q);
      if (sscanf(line, "property list %15s %15s %31s", q->count_type, q->type, q->name) != 3) {
        q->count_type[0] = 0;
        if (sscanf(line, "property %15s %31s", q->type, q->name) != 2) break;
      }
      if (!ply_size(q->type) || (q->count_type[0] && !ply_size(q->count_type))) break;
    }
  }
  snprintf(why, 256, "the header is damaged");
  return 0;
}

static PetscErrorCode read_ply(const Bytes *b, Reading *r)
{
  PlyElement element[8];
  PlyStream  s = {NULL, NULL, PLY_TEXT, PETSC_FALSE};

  PetscFunctionBeginUser;
  const PetscInt num = ply_header(b, &s, element, r->why);
  for (PetscInt e = 0; e < num && !r->why[0]; e++) {
    const PetscBool is_point = strcmp(element[e].name, "vertex") == 0,
                    is_face  = strcmp(element[e].name, "face") == 0;
    for (long i = 0; i < element[e].count && !r->why[0]; i++) {
      double x[3] = {0.0, 0.0, 0.0};
      for (PetscInt q = 0; q < element[e].num_properties && !s.failed; q++) {
        const PlyProperty *property  = &element[e].property[q];
        const PetscBool    is_corner = is_face && (strcmp(property->name, "vertex_indices") == 0 ||
                                                strcmp(property->name, "vertex_index") == 0);
        const long items = property->count_type[0] ? (long)ply_value(&s, property->count_type) : 1;
        PetscInt   first = -1, last = -1;
        for (long v = 0; v < items && !s.failed; v++) {
          const double value = ply_value(&s, property->type);
          if (is_point && property->name[0] >= 'x' && property->name[0] <= 'z' &&
              !property->name[1]) {
            x[property->name[0] - 'x'] = value;
          }
          if (!is_corner) continue;
          if (!(value >= 0.0 && value < (double)r->num_points)) {
            snprintf(r->why, sizeof r->why, "face %ld: point %g does not exist", i, value);
            break;
          }
          if (v == 0) first = (PetscInt)value;
          if (v >= 2) PetscCall(add_triangle(r, first, last, (PetscInt)value));
          last = (PetscInt)value;
        }
      }
      if (s.failed && !r->why[0]) {
        snprintf(r->why, sizeof r->why, "the file is truncated in element \"%.31s\" number %ld",
                 element[e].name, i + 1);
      }
      if (is_point && !s.failed) PetscCall(add_point(r, x));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- VTP -------------------------------------------------------------------------------------- */

/* The text array that follows `tag` within [from, to) (a tag with the attribute wanted), as
   numbers. *values NULL when there is none or it is not text. */
static PetscErrorCode vtp_array(const char *from, const char *to, const char *attribute,
                                PetscInt *num, double **values)
{
  PetscInt room = 0;

  PetscFunctionBeginUser;
  *num    = 0;
  *values = NULL;
  for (const char *p = from; p && p < to;) {
    const char *tag = strstr(p, "<DataArray"), *end = tag ? strchr(tag, '>') : NULL;
    if (!tag || !end || end >= to) break;
    const char *hit = attribute ? strstr(tag, attribute) : tag;
    if (hit && hit < end && strstr(tag, "format=\"ascii\"") &&
        strstr(tag, "format=\"ascii\"") < end) {
      const char *at = end + 1;
      for (;;) {
        char        *stop;
        const double v = strtod(at, &stop);
        if (stop == at) break;
        at = stop;
        if (*num == room) {
          room = PetscMax(2 * room, 1024);
          PetscCall(PetscRealloc(sizeof(double) * (size_t)room, values));
        }
        (*values)[(*num)++] = v;
      }
      break;
    }
    p = end;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_vtp(const Bytes *b, Reading *r)
{
  const char *points = strstr(b->data, "<Points"), *points_end, *polys, *polys_end;
  double     *x = NULL, *corners = NULL, *offsets = NULL;
  PetscInt    num_x = 0, num_corners = 0, num_offsets = 0, from = 0;

  PetscFunctionBeginUser;
  points_end = points ? strstr(points, "</Points>") : NULL;
  polys      = strstr(b->data, "<Polys");
  polys_end  = polys ? strstr(polys, "</Polys>") : NULL;
  if (!points_end || !polys_end) {
    snprintf(r->why, sizeof r->why, "Points or Polys are missing");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(vtp_array(points, points_end, NULL, &num_x, &x));
  PetscCall(vtp_array(polys, polys_end, "Name=\"connectivity\"", &num_corners, &corners));
  PetscCall(vtp_array(polys, polys_end, "Name=\"offsets\"", &num_offsets, &offsets));
  if (!num_x || num_x % 3 || !num_corners || !num_offsets) {
    snprintf(r->why, sizeof r->why, "only arrays of format=\"ascii\" are read");
  }
  for (PetscInt p = 0; p < num_x / 3 && !r->why[0]; p++) PetscCall(add_point(r, x + 3 * p));
  for (PetscInt f = 0; f < num_offsets && !r->why[0]; f++) {
    const PetscInt to =
        offsets[f] >= 0.0 && offsets[f] <= (double)num_corners ? (PetscInt)offsets[f] : -1;
    if (to < from) {
      snprintf(r->why, sizeof r->why, "offset %d is wrong", (int)f + 1);
      break;
    }
    for (PetscInt c = from; c < to; c++) {
      if (!(corners[c] >= 0.0 && corners[c] < (double)r->num_points)) {
        snprintf(r->why, sizeof r->why, "polygon %d: point %g does not exist", (int)f, corners[c]);
        break;
      }
      if (c >= from + 2) {
        PetscCall(add_triangle(r, (PetscInt)corners[from], (PetscInt)corners[c - 1],
                               (PetscInt)corners[c]));
      }
    }
    from = to;
  }
  PetscCall(PetscFree(x));
  PetscCall(PetscFree(corners));
  PetscCall(PetscFree(offsets));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- all of them ------------------------------------------------------------------------------ */

static PetscBool begins(const Bytes *b, const char *text)
{
  return b->size >= strlen(text) && strncmp(b->data, text, strlen(text)) == 0;
}

static PetscBool ends_with(const char *text, const char *end)
{
  const size_t a = strlen(text), b = strlen(end);
  return a >= b && strcasecmp(text + a - b, end) == 0 ? PETSC_TRUE : PETSC_FALSE;
}

static PetscErrorCode read_any(const char *path, Bytes *b, Reading *r)
{
  PetscFunctionBeginUser;
  if (is_binary_stl(b)) {
    PetscCall(read_stl_binary(b, r));
  } else if (begins(b, "ply")) {
    PetscCall(read_ply(b, r));
  } else if (strstr(b->data, "<VTKFile") && strstr(b->data, "PolyData")) {
    PetscCall(read_vtp(b, r));
  } else if (ends_with(path, ".gts")) {
    OstSurface s = {0, 0, NULL, NULL};
    char      *why;
    PetscCall(ost_gts_read(path, &s, &why));
    if (why) snprintf(r->why, sizeof r->why, "%.500s", why);
    PetscCall(PetscFree(why));
    r->points        = s.points;
    r->triangles     = s.triangles;
    r->num_points    = s.num_points;
    r->num_triangles = s.num_triangles;
  } else if (ends_with(path, ".obj")) {
    PetscCall(read_obj(b, r));
  } else if (begins(b, "solid") && strstr(b->data, "facet")) {
    PetscCall(read_stl_text(b, r));
  } else if (ends_with(path, ".stl") && b->size >= 84) {
    snprintf(r->why, sizeof r->why,
             "the file is truncated: %zu bytes, but its header promises %u triangles (%zu bytes)",
             b->size, (unsigned)u32_at(b->data + 80), 84 + 50 * (size_t)u32_at(b->data + 80));
  } else {
    snprintf(r->why, sizeof r->why, "no known format: STL, PLY, OBJ, GTS or VTP is wanted");
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_read(const char *path, PetscReal unit, OstWhere at, OstDiagList *list,
                                OstSurface *surface)
{
  Bytes     bytes;
  Reading   r = {NULL, NULL, 0, 0, 0, 0, ""};
  PetscBool ok;

  PetscFunctionBeginUser;
  *surface = (OstSurface){0, 0, NULL, NULL};
  PetscCall(slurp(path, &bytes, &ok));
  if (!ok)
    snprintf(r.why, sizeof r.why, "it cannot be read");
  else
    PetscCall(read_any(path, &bytes, &r));
  PetscCall(PetscFree(bytes.data));
  if (!r.why[0] && r.num_triangles == 0) snprintf(r.why, sizeof r.why, "it has no triangles");
  if (r.why[0]) {
    PetscCall(ost_diag_error(list, at, NULL, "surface file %s: %s", path, r.why));
    PetscCall(PetscFree(r.points));
    PetscCall(PetscFree(r.triangles));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *surface = (OstSurface){r.num_points, r.num_triangles, r.points, r.triangles};
  PetscReal lo[3], hi[3], map[3][4] = {{0}}, size = 0.0;
  for (PetscInt d = 0; d < 3; d++) map[d][d] = unit;
  ost_surface_transform(surface, map);
  ost_surface_box(surface, lo, hi);
  for (PetscInt d = 0; d < 3; d++) size = PetscMax(size, hi[d] - lo[d]);
  /* STL writes each corner by itself; single precision leaves them apart by a few units in the last
     place at most. */
  PetscCall(ost_surface_merge(surface, 1e-6 * size));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_check(const char *path, OstWhere at, OstDiagList *list,
                                 OstSurface *surface, PetscBool *ok)
{
  const PetscInt     before = ost_diag_num_errors(list);
  OstSurfaceTopology topology;
  PetscReal          lo[3], hi[3], where[3];
  PetscInt           cuts;

  PetscFunctionBeginUser;
  PetscCall(ost_surface_orient(surface));
  PetscCall(ost_surface_topology(surface, &topology));
  ost_surface_box(surface, lo, hi);
  if (topology.num_open) {
    PetscCall(
        ost_diag_error(list, at, "close the holes in a mesh editor, or export the bone whole",
                       "%s: the surface is open: %d open edges, the first at (%.4g, %.4g, %.4g) mm",
                       path, (int)topology.num_open, (double)topology.open_at[0],
                       (double)topology.open_at[1], (double)topology.open_at[2]));
  }
  if (topology.num_nonmanifold || topology.num_flipped || topology.num_pinched) {
    const PetscReal *x = topology.num_nonmanifold ? topology.nonmanifold_at : topology.flipped_at;
    PetscCall(ost_diag_error(
        list, at, "repair it in a mesh editor",
        "%s: no surface of a solid: %d edges with more than two triangles, %d that cannot be "
        "oriented, %d pinched points; near (%.4g, %.4g, %.4g) mm",
        path, (int)topology.num_nonmanifold, (int)topology.num_flipped, (int)topology.num_pinched,
        (double)x[0], (double)x[1], (double)x[2]));
  }
  if (ost_diag_num_errors(list) == before) {
    PetscCall(ost_gts_self_intersection(surface, &cuts, where));
    if (cuts) {
      PetscCall(ost_diag_error(list, at, "repair it in a mesh editor",
                               "%s: the surface cuts itself in %d triangles, one at (%.4g, %.4g, "
                               "%.4g) mm",
                               path, (int)cuts, (double)where[0], (double)where[1],
                               (double)where[2]));
    }
  }
  *ok = ost_diag_num_errors(list) == before;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_write_stl(const char *path, const OstSurface *surface)
{
  FILE          *file       = fopen(path, "wb");
  char           header[80] = "osteon bone surface, millimetres";
  const uint32_t num        = (uint32_t)surface->num_triangles;
  PetscBool      ok;

  PetscFunctionBeginUser;
  PetscCheck(file, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s cannot be written", path);
  ok = fwrite(header, 1, sizeof header, file) == sizeof header && fwrite(&num, 4, 1, file) == 1;
  for (PetscInt t = 0; t < surface->num_triangles && ok; t++) {
    float          record[12] = {0};
    const uint16_t attribute  = 0;
    for (PetscInt i = 0; i < 3; i++) {
      for (PetscInt d = 0; d < 3; d++) {
        record[3 + 3 * i + d] = (float)surface->points[3 * surface->triangles[3 * t + i] + d];
      }
    }
    ok = fwrite(record, sizeof record, 1, file) == 1 && fwrite(&attribute, 2, 1, file) == 1;
  }
  ok = fclose(file) == 0 && ok;
  PetscCheck(ok, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s cannot be written", path);
  PetscFunctionReturn(PETSC_SUCCESS);
}
