/* Surfaces: files in every format, faults found, cut and cap, coarsening. */
#include "meshes/surface/surface.h"

#include "base/tensor.h"
#include "meshes/surface/gts_surface.h"
#include "meshes/surface/surface_file.h"

#include "support/check.h"
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/osteon-surface-XXXXXX";

/* A closed tube-like solid: a cylinder of `sides` about z from z0 to z1, triangulated, outward. */
static PetscErrorCode make_cylinder(PetscInt sides, PetscInt rings, PetscReal radius, PetscReal z0,
                                    PetscReal z1, OstSurface *s)
{
  PetscInt t = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_surface_create(sides * (rings + 1) + 2, 2 * sides * rings + 2 * sides, s));
  for (PetscInt r = 0; r <= rings; r++) {
    for (PetscInt i = 0; i < sides; i++) {
      const PetscReal a =
          2.0 * PETSC_PI * ((PetscReal)i + 0.5 * (PetscReal)(r % 2)) / (PetscReal)sides;
      PetscReal *x = s->points + 3 * (r * sides + i);
      x[0]         = radius * PetscCosReal(a);
      x[1]         = radius * PetscSinReal(a);
      x[2]         = z0 + (z1 - z0) * (PetscReal)r / (PetscReal)rings;
    }
  }
  const PetscInt bottom = sides * (rings + 1), top = bottom + 1;
  s->points[3 * bottom + 2] = z0;
  s->points[3 * top + 2]    = z1;
#define TRIANGLE(a, b, c)                                                                          \
  do {                                                                                             \
    s->triangles[3 * t]     = (a);                                                                 \
    s->triangles[3 * t + 1] = (b);                                                                 \
    s->triangles[3 * t + 2] = (c);                                                                 \
    t++;                                                                                           \
  } while (0)
  for (PetscInt r = 0; r < rings; r++) {
    for (PetscInt i = 0; i < sides; i++) {
      const PetscInt j = (i + 1) % sides, a = r * sides + i, b = r * sides + j, c = a + sides,
                     d = b + sides;
      if (r % 2 == 0) {
        TRIANGLE(a, b, c);
        TRIANGLE(b, d, c);
      } else {
        TRIANGLE(a, b, d);
        TRIANGLE(a, d, c);
      }
    }
  }
  for (PetscInt i = 0; i < sides; i++) {
    const PetscInt j = (i + 1) % sides;
    TRIANGLE(bottom, j, i);
    TRIANGLE(top, rings * sides + i, rings * sides + j);
  }
#undef TRIANGLE
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Area of the regular polygon that a section of the cylinder is. */
static PetscReal polygon(PetscInt sides, PetscReal radius)
{
  return 0.5 * (PetscReal)sides * radius * radius * PetscSinReal(2.0 * PETSC_PI / (PetscReal)sides);
}

static void check_closed(const OstSurface *s)
{
  OstSurfaceTopology t;
  if (ost_surface_topology(s, &t)) OST_CHECK(0);
  OST_CHECK_INT(t.num_open, 0);
  OST_CHECK_INT(t.num_nonmanifold, 0);
  OST_CHECK_INT(t.num_flipped, 0);
  OST_CHECK_INT(t.num_pinched, 0);
  OST_CHECK_INT(t.num_pieces, 1);
}

static PetscErrorCode a_cut_is_flat_closed_and_of_the_right_volume(void)
{
  OstSurface      s = {0, 0, NULL, NULL};
  PetscReal       area, lo[3], hi[3];
  PetscBool       ok;
  const PetscReal origin[3] = {0.0, 0.0, 13.3}, up[3] = {0.0, 0.0, 1.0}, down[3] = {0.0, 0.0, -1.0},
                  top[3] = {0.0, 0.0, 41.0};

  PetscFunctionBeginUser;
  PetscCall(make_cylinder(24, 10, 12.0, 0.0, 60.0, &s));
  check_closed(&s);
  OST_CHECK(ost_surface_volume(&s) > 0.0);
  PetscCall(ost_surface_clip(&s, origin, up, 0.8, &area, &ok));
  OST_CHECK(ok);
  PetscCall(ost_surface_clip(&s, top, down, 0.8, &area, &ok));
  OST_CHECK(ok);
  check_closed(&s);
  ost_surface_box(&s, lo, hi);
  OST_CHECK_NEAR(lo[2], 13.3, 1e-12);
  OST_CHECK_NEAR(hi[2], 41.0, 1e-12);
  OST_CHECK_NEAR(area, polygon(24, 12.0), 0.02);
  OST_CHECK_NEAR(ost_surface_volume(&s), polygon(24, 12.0) * 27.7, 0.02);
  PetscCall(ost_surface_destroy(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode an_oblique_cut_of_a_coarse_body_is_closed(void)
{
  OstSurface s         = {0, 0, NULL, NULL};
  PetscReal  normal[3] = {0.3, -0.2, 0.9}, origin[3] = {1.0, 2.0, 21.0}, area, volume;
  PetscBool  ok;

  PetscFunctionBeginUser;
  PetscCall(make_cylinder(9, 4, 12.0, 0.0, 60.0, &s));
  const PetscReal length = ost_norm3(normal), whole = ost_surface_volume(&s);
  for (PetscInt d = 0; d < 3; d++) normal[d] /= length;
  PetscCall(ost_surface_clip(&s, origin, normal, 0.0, &area, &ok));
  OST_CHECK(ok);
  check_closed(&s);
  volume = ost_surface_volume(&s);
  PetscCall(ost_surface_destroy(&s));
  /* The two parts together are the whole. */
  PetscCall(make_cylinder(9, 4, 12.0, 0.0, 60.0, &s));
  for (PetscInt d = 0; d < 3; d++) normal[d] = -normal[d];
  PetscCall(ost_surface_clip(&s, origin, normal, 0.0, &area, &ok));
  OST_CHECK(ok);
  OST_CHECK_NEAR(volume + ost_surface_volume(&s), whole, 1e-12);
  PetscCall(ost_surface_destroy(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode orientation_and_merging_mend_a_soup(void)
{
  OstSurface s = {0, 0, NULL, NULL}, soup = {0, 0, NULL, NULL};

  PetscFunctionBeginUser;
  PetscCall(make_cylinder(12, 6, 10.0, 0.0, 50.0, &s));
  PetscCall(ost_surface_create(3 * s.num_triangles, s.num_triangles, &soup));
  for (PetscInt t = 0; t < s.num_triangles; t++) {
    for (PetscInt i = 0; i < 3; i++) {
      const PetscInt to = t % 3 == 0 ? 2 - i : i; /* every third is turned over */
      memcpy(soup.points + 3 * (3 * t + to), s.points + 3 * s.triangles[3 * t + i],
             3 * sizeof(PetscReal));
      soup.triangles[3 * t + i] = 3 * t + i;
    }
  }
  PetscCall(ost_surface_merge(&soup, 1e-9));
  OST_CHECK_INT(soup.num_points, s.num_points);
  PetscCall(ost_surface_orient(&soup));
  check_closed(&soup);
  OST_CHECK_NEAR(ost_surface_volume(&soup), ost_surface_volume(&s), 1e-12);
  PetscCall(ost_surface_destroy(&s));
  PetscCall(ost_surface_destroy(&soup));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode coarsening_keeps_volume_and_closedness(void)
{
  OstSurface s = {0, 0, NULL, NULL};

  PetscFunctionBeginUser;
  PetscCall(make_cylinder(60, 60, 12.0, 0.0, 80.0, &s));
  const PetscInt  before = s.num_triangles;
  const PetscReal volume = ost_surface_volume(&s);
  PetscCall(ost_gts_coarsen(&s, 3.0));
  check_closed(&s);
  OST_CHECK(s.num_triangles < before / 2);
  OST_CHECK_NEAR(ost_surface_volume(&s), volume, 0.01);
  PetscCall(ost_surface_destroy(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode an_isosurface_of_a_ball_is_a_ball(void)
{
  const PetscInt n[3]     = {24, 24, 24};
  PetscReal  affine[3][4] = {{-1.0, 0.0, 0.0, 5.0}, {0.0, 1.0, 0.0, 0.0}, {0.0, 0.0, 1.0, -3.0}};
  OstImage   image        = {{0}, {{0}}, NULL};
  OstSurface s            = {0, 0, NULL, NULL};

  PetscFunctionBeginUser;
  PetscCall(ost_image_create(n, affine, &image));
  for (PetscInt k = 0; k < 24; k++) {
    for (PetscInt j = 0; j < 24; j++) {
      for (PetscInt i = 0; i < 24; i++) {
        const double r =
            sqrt((i - 11.3) * (i - 11.3) + (j - 11.9) * (j - 11.9) + (k - 12.1) * (k - 12.1));
        image.voxels[ost_image_at(&image, i, j, k)] = (float)(9.0 - r);
      }
    }
  }
  PetscCall(ost_gts_isosurface(&image, 0.0, &s));
  check_closed(&s);
  OST_CHECK_NEAR(ost_surface_volume(&s), 4.0 / 3.0 * PETSC_PI * 729.0,
                 0.01); /* outward though mirrored */
  PetscCall(ost_surface_destroy(&s));
  PetscCall(ost_image_destroy(&image));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- files ------------------------------------------------------------------------------------ */

static const char *path_of(const char *name)
{
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void write_text(const char *name, const char *text)
{
  FILE *file = fopen(path_of(name), "w");
  if (!file || fputs(text, file) < 0 || fclose(file) != 0) OST_CHECK(0);
}

/* A tetrahedron of 60 mm in each format: same volume from all. */
static const double corner[4][3] = {{0, 0, 0}, {60, 0, 0}, {0, 60, 0}, {0, 0, 60}};
static const int    face[4][3]   = {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}};

static void write_formats(void)
{
  char text[4096], *p = text;
  p += sprintf(p, "solid t\n");
  for (int f = 0; f < 4; f++) {
    p += sprintf(p, " facet normal 0 0 0\n  outer loop\n");
    for (int i = 0; i < 3; i++) {
      const double *x = corner[face[f][i]];
      p += sprintf(p, "   vertex %g %g %g\n", x[0], x[1], x[2]);
    }
    p += sprintf(p, "  endloop\n endfacet\n");
  }
  sprintf(p, "endsolid t\n");
  write_text("t.stl", text);
  *strstr(text, "endsolid") = 0;
  write_text("cut.stl", text);

  p = text;
  for (int i = 0; i < 4; i++)
    p += sprintf(p, "v %g %g %g\n", corner[i][0], corner[i][1], corner[i][2]);
  for (int f = 0; f < 4; f++) {
    p += sprintf(p, "f %d//1 %d//1 %d//1\n", face[f][0] + 1, face[f][1] + 1, face[f][2] + 1);
  }
  write_text("t.obj", text);
  sprintf(p, "f 1 2 9\n");
  write_text("bad.obj", text);

  p = text;
  p += sprintf(
      p, "ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\n"
         "property float z\nelement face 4\nproperty list uchar int vertex_indices\nend_header\n");
  for (int i = 0; i < 4; i++)
    p += sprintf(p, "%g %g %g\n", corner[i][0], corner[i][1], corner[i][2]);
  for (int f = 0; f < 4; f++) p += sprintf(p, "3 %d %d %d\n", face[f][0], face[f][1], face[f][2]);
  write_text("t.ply", text);
  *(p - 8) = 0;
  write_text("cut.ply", text);

  p = text;
  p += sprintf(p, "4 6 4 GtsSurface GtsFace GtsEdge GtsVertex\n");
  for (int i = 0; i < 4; i++)
    p += sprintf(p, "%g %g %g\n", corner[i][0], corner[i][1], corner[i][2]);
  p += sprintf(p, "1 2\n1 3\n1 4\n2 3\n2 4\n3 4\n2 4 1\n1 5 3\n3 6 2\n4 6 5\n");
  write_text("t.gts", text);

  p = text;
  p += sprintf(p, "<?xml version=\"1.0\"?>\n<VTKFile type=\"PolyData\"><PolyData><Piece><Points>\n"
                  "<DataArray type=\"Float32\" format=\"ascii\">\n");
  for (int i = 0; i < 4; i++)
    p += sprintf(p, "%g %g %g\n", corner[i][0], corner[i][1], corner[i][2]);
  p += sprintf(p,
               "</DataArray></Points><Polys>\n<DataArray Name=\"connectivity\" format=\"ascii\">");
  for (int f = 0; f < 4; f++) p += sprintf(p, " %d %d %d", face[f][0], face[f][1], face[f][2]);
  sprintf(p, "</DataArray>\n<DataArray Name=\"offsets\" format=\"ascii\">3 6 9 12</DataArray>\n"
             "</Polys></Piece></PolyData></VTKFile>\n");
  write_text("t.vtp", text);
}

static PetscErrorCode every_format_gives_the_same_solid(void)
{
  static const char *const names[] = {"t.stl", "t.obj", "t.ply", "t.gts", "t.vtp", "t2.stl"};
  const OstWhere           at      = {"case.yaml", 3};

  PetscFunctionBeginUser;
  write_formats();
  for (PetscInt i = 0; i < 6; i++) {
    OstDiagList *list;
    OstSurface   s = {0, 0, NULL, NULL};
    PetscBool    ok;
    PetscCall(ost_diag_create(&list));
    PetscCall(ost_surface_read(path_of(names[i]), i == 1 ? 10.0 : 1.0, at, list, &s));
    OST_CHECK_INT(ost_diag_num_errors(list), 0);
    OST_CHECK_INT(s.num_points, 4);
    PetscCall(ost_surface_check(names[i], at, list, &s, &ok));
    OST_CHECK(ok);
    OST_CHECK_NEAR(ost_surface_volume(&s), (i == 1 ? 1000.0 : 1.0) * 36000.0, 1e-6);
    if (i == 0) PetscCall(ost_surface_write_stl(path_of("t2.stl"), &s)); /* read again at the end */
    PetscCall(ost_surface_destroy(&s));
    PetscCall(ost_diag_destroy(&list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Reading `name` fails with one error at case.yaml:3 that contains `part`. */
static PetscErrorCode refuses(const char *name, const char *part)
{
  const OstWhere at = {"case.yaml", 3};
  OstDiagList   *list;
  OstSurface     s  = {0, 0, NULL, NULL};
  PetscBool      ok = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_surface_read(path_of(name), 1.0, at, list, &s));
  if (s.num_triangles) PetscCall(ost_surface_check(name, at, list, &s, &ok));
  OST_CHECK(!ok);
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  if (ost_diag_num_errors(list)) {
    OST_CHECK_TEXT(ost_diag_get(list, 0).message, part);
    OST_CHECK_INT(ost_diag_get(list, 0).at.line, 3);
  }
  PetscCall(ost_surface_destroy(&s));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode faulty_surfaces_are_refused_with_the_reason(void)
{
  OstSurface s = {0, 0, NULL, NULL};

  PetscFunctionBeginUser;
  PetscCall(refuses("cut.stl", "truncated"));
  PetscCall(refuses("cut.ply", "truncated"));
  PetscCall(refuses("bad.obj", "does not exist"));
  write_text("text.stl", "this is a letter, not a surface\n");
  PetscCall(refuses("text.stl", "no known format"));

  PetscCall(make_cylinder(16, 8, 10.0, 0.0, 80.0, &s));
  s.num_triangles -= 5;
  PetscCall(ost_surface_write_stl(path_of("open.stl"), &s));
  PetscCall(refuses("open.stl", "open"));
  FILE *file = fopen(path_of("open.stl"), "r+b");
  OST_CHECK(file && ftruncate(fileno(file), 2000) == 0 && fclose(file) == 0);
  PetscCall(refuses("open.stl", "truncated"));
  s.num_triangles += 5;

  /* One ring pushed through the opposite wall: closed and manifold, but it cuts itself. */
  for (PetscInt i = 0; i < 3; i++) s.points[3 * (4 * 16 + i)] -= 35.0;
  PetscCall(ost_surface_write_stl(path_of("knot.stl"), &s));
  PetscCall(refuses("knot.stl", "cuts itself"));
  PetscCall(ost_surface_destroy(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  char command[128];
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  if (!mkdtemp(folder)) return 1;
  PetscCall(a_cut_is_flat_closed_and_of_the_right_volume());
  PetscCall(an_oblique_cut_of_a_coarse_body_is_closed());
  PetscCall(orientation_and_merging_mend_a_soup());
  PetscCall(coarsening_keeps_volume_and_closedness());
  PetscCall(an_isosurface_of_a_ball_is_a_ball());
  PetscCall(every_format_gives_the_same_solid());
  PetscCall(faulty_surfaces_are_refused_with_the_reason());
  snprintf(command, sizeof command, "rm -r %s", folder);
  OST_CHECK_INT(system(command), 0);
  const int result = ost_check_report();
  PetscCall(PetscFinalize());
  return result;
}
