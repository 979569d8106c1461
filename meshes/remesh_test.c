/* Remeshing keeps shape, topology and sharp ends, and makes good triangles of bad ones. */
#include "meshes/remesh.h"

#include "support/check.h"

static PetscReal three(const PetscReal x[3], void *context)
{
  (void)x;
  (void)context;
  return 3.0;
}

/* A cylinder 20 x 60 with flat labelled ends, of long thin triangles; `knot` draws nine of its
   points together into a hundredth of a millimetre, `fold` pushes one through its neighbours. */
static PetscErrorCode make_cylinder(PetscBool knot, PetscBool fold, OstLabelledSurface *s)
{
  enum { AROUND = 24, UP = 10 };
  PetscInt n = 0;

  PetscFunctionBeginUser;
  s->num_points    = AROUND * (UP + 1) + 2;
  s->num_triangles = 2 * AROUND * UP + 2 * AROUND;
  PetscCall(PetscMalloc1(3 * s->num_points, &s->points));
  PetscCall(PetscMalloc1(3 * s->num_triangles, &s->triangles));
  PetscCall(PetscMalloc1(s->num_triangles, &s->label));
  for (PetscInt j = 0; j <= UP; j++) {
    for (PetscInt i = 0; i < AROUND; i++) {
      const PetscReal a = 2.0 * PETSC_PI * (PetscReal)i / AROUND;
      PetscReal      *p = &s->points[3 * (j * AROUND + i)];
      p[0]              = 10.0 * PetscCosReal(a);
      p[1]              = 10.0 * PetscSinReal(a);
      p[2]              = 60.0 * (PetscReal)j / UP;
      if (knot && j >= 4 && j <= 6 && i >= 4 && i <= 6) {
        const PetscReal mid = 2.0 * PETSC_PI * 5.0 / AROUND, w = 1e-3;
        p[0] = (1.0 - w) * 10.0 * PetscCosReal(mid) + w * p[0];
        p[1] = (1.0 - w) * 10.0 * PetscSinReal(mid) + w * p[1];
        p[2] = (1.0 - w) * 30.0 + w * p[2];
      }
      if (fold && j == 5 && i == 15) p[2] += 8.0;
    }
  }
  for (PetscInt k = 0; k < 2; k++) {
    PetscReal *p = &s->points[3 * (AROUND * (UP + 1) + k)];
    p[0] = p[1] = 0.0;
    p[2]        = k ? 60.0 : 0.0;
  }
  for (PetscInt j = 0; j <= UP; j++) {
    for (PetscInt i = 0; i < AROUND; i++) {
      const PetscInt a = j * AROUND + i, b = j * AROUND + (i + 1) % AROUND;
      const PetscInt tri[4][3] = {{a, b, b + AROUND},
                                  {a, b + AROUND, a + AROUND},
                                  {AROUND * (UP + 1), b, a},
                                  {AROUND * (UP + 1) + 1, a, b}};
      for (PetscInt k = 0; k < 4; k++) {
        if ((k < 2 && j == UP) || (k == 2 && j != 0) || (k == 3 && j != UP)) continue;
        for (PetscInt c = 0; c < 3; c++) s->triangles[3 * n + c] = tri[k][c];
        s->label[n++] = k < 2 ? 0 : k - 1;
      }
    }
  }
  OST_CHECK_INT(n, s->num_triangles);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal volume(const OstLabelledSurface *s)
{
  PetscReal sum = 0.0;

  for (PetscInt t = 0; t < s->num_triangles; t++) {
    const PetscReal *a = &s->points[3 * s->triangles[3 * t]];
    const PetscReal *b = &s->points[3 * s->triangles[3 * t + 1]];
    const PetscReal *c = &s->points[3 * s->triangles[3 * t + 2]];
    sum += a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) +
           a[2] * (b[0] * c[1] - b[1] * c[0]);
  }
  return sum / 6.0;
}

static PetscErrorCode remesh_one(PetscBool knot, PetscBool fold)
{
  OstLabelledSurface s;
  PetscReal          before, angle, longest = 0.0, shortest = 1e9;
  PetscInt           flat[2] = {0, 0};

  PetscFunctionBeginUser;
  PetscCall(make_cylinder(PETSC_FALSE, PETSC_FALSE, &s));
  before = volume(&s);
  PetscCall(ost_labelled_surface_destroy(&s));
  PetscCall(make_cylinder(knot, fold, &s));
  PetscCall(ost_remesh(&s, three, NULL, 8));
  /* Euler's formula of a sphere: the topology is what it was. */
  OST_CHECK_INT(s.num_points - 3 * s.num_triangles / 2 + s.num_triangles, 2);
  OST_CHECK_NEAR(volume(&s) / before, 1.0, 0.02);
  ost_remesh_quality(&s, &angle);
  OST_CHECK(angle > 15.0);
  for (PetscInt t = 0; t < s.num_triangles; t++) {
    for (PetscInt e = 0; e < 3; e++) {
      const PetscReal *a = &s.points[3 * s.triangles[3 * t + e]];
      const PetscReal *b = &s.points[3 * s.triangles[3 * t + (e + 1) % 3]];
      const PetscReal  d =
          PetscSqrtReal(PetscSqr(a[0] - b[0]) + PetscSqr(a[1] - b[1]) + PetscSqr(a[2] - b[2]));
      longest  = PetscMax(longest, d);
      shortest = PetscMin(shortest, d);
      if (s.label[t] == 0) continue;
      flat[s.label[t] - 1]++;
      OST_CHECK_NEAR(a[2], s.label[t] == 1 ? 0.0 : 60.0, 1e-12);
    }
  }
  OST_CHECK(longest < 3.0 * 1.7);
  OST_CHECK(shortest > 3.0 * 0.4);
  OST_CHECK(flat[0] > 60 && flat[1] > 60); /* the ends are there, and meshed like the rest */
  PetscCall(ost_labelled_surface_destroy(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(remesh_one(PETSC_FALSE, PETSC_FALSE));
  PetscCall(remesh_one(PETSC_TRUE, PETSC_FALSE));
  PetscCall(remesh_one(PETSC_FALSE, PETSC_TRUE));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
