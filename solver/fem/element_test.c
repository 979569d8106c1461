/* Shape functions, gradients and quadrature of one element, against closed forms. */
#include "fem/element.h"

#include "support/check.h"

static const int tet_edges[6][2] = {{0, 1}, {1, 2}, {0, 2}, {0, 3}, {1, 3}, {2, 3}};
static const int tri_edges[3][2] = {{0, 1}, {1, 2}, {2, 0}};

/* An irregular tetrahedron; `sag` lifts the middle of edge 01 off it. */
static void tetrahedron(double sag, PetscReal x[30])
{
  static const PetscReal corner[4][3] = {
      {0.1, -0.2, 0.3}, {2.2, 0.1, 0.0}, {0.4, 1.9, -0.3}, {0.2, 0.5, 2.4}};

  for (int d = 0; d < 3; d++) {
    for (int a = 0; a < 4; a++) x[3 * a + d] = corner[a][d];
    for (int e = 0; e < 6; e++)
      x[3 * (4 + e) + d] = 0.5 * (corner[tet_edges[e][0]][d] + corner[tet_edges[e][1]][d]);
  }
  x[3 * 4 + 2] -= sag;
}

static double factorial(int n)
{
  return n < 2 ? 1.0 : n * factorial(n - 1);
}

static void shapes_are_nodal_and_sum_to_one(void)
{
  for (int a = 0; a < 10; a++) {
    PetscReal b[4] = {0}, N[OST_TET_NODES];
    if (a < 4)
      b[a] = 1.0;
    else
      b[tet_edges[a - 4][0]] = b[tet_edges[a - 4][1]] = 0.5;
    ost_tet10_shape(b, N);
    for (int k = 0; k < 10; k++) OST_CHECK_NEAR(N[k], k == a, 1e-15);
  }
  for (int a = 0; a < 6; a++) {
    PetscReal b[3] = {0}, N[OST_TRI_NODES];
    if (a < 3)
      b[a] = 1.0;
    else
      b[tri_edges[a - 3][0]] = b[tri_edges[a - 3][1]] = 0.5;
    ost_tri6_shape(b, N);
    for (int k = 0; k < 6; k++) OST_CHECK_NEAR(N[k], k == a, 1e-15);
  }
  PetscReal N[OST_TET_NODES], sum = 0.0;
  ost_tet10_shape((const PetscReal[4]){0.31, 0.17, 0.4, 0.12}, N);
  for (int k = 0; k < 10; k++) sum += N[k];
  OST_CHECK_NEAR(sum, 1.0, 1e-15);
}

static double quadratic(const PetscReal x[3])
{
  return 1.0 + 2.0 * x[0] - x[1] + 0.5 * x[2] + x[0] * x[0] - 3.0 * x[0] * x[1] + x[1] * x[2] +
         0.7 * x[2] * x[2];
}

/* A straight cell holds every quadratic; a curved one every linear field, whatever its shape. */
static void gradients_are_those_of_the_field(void)
{
  for (int curved = 0; curved < 2; curved++) {
    PetscReal       x[30], grad[OST_TET_NODES][3], N[OST_TET_NODES], at[3] = {0}, got[3] = {0};
    const PetscReal b[4] = {0.2, 0.35, 0.15, 0.3};
    tetrahedron(curved ? 0.3 : 0.0, x);
    OST_CHECK(ost_tet10_is_straight(x) == (curved ? PETSC_FALSE : PETSC_TRUE));
    OST_CHECK(ost_tet10_gradients(x, b, grad) > 0.0);
    ost_tet10_shape(b, N);
    for (int a = 0; a < 10; a++)
      for (int d = 0; d < 3; d++) {
        at[d] += N[a] * x[3 * a + d];
        got[d] += grad[a][d] * (curved ? 3.0 * x[3 * a] - 2.0 * x[3 * a + 1] + x[3 * a + 2]
                                       : quadratic(&x[3 * a]));
      }
    const double straight[3] = {2.0 + 2.0 * at[0] - 3.0 * at[1], -1.0 - 3.0 * at[0] + at[2],
                                0.5 + at[1] + 1.4 * at[2]};
    const double linear[3]   = {3.0, -2.0, 1.0};
    for (int d = 0; d < 3; d++) OST_CHECK_NEAR(got[d], curved ? linear[d] : straight[d], 1e-13);
  }
}

/* Integral over the unit simplex: int b0^i b1^j b2^k b3^l / volume = i! j! k! l! 3! /
   (i+j+k+l+3)!. */
static double worst_tet_error(const OstRule *rule, int degree)
{
  double worst = 0.0;

  for (int i = 0; i <= degree; i++)
    for (int j = 0; i + j <= degree; j++)
      for (int k = 0; i + j + k <= degree; k++) {
        const int l   = degree - i - j - k;
        double    sum = 0.0;
        double    exact =
            factorial(i) * factorial(j) * factorial(k) * factorial(l) * 6.0 / factorial(degree + 3);
        for (PetscInt q = 0; q < rule->num; q++) {
          const PetscReal *b = &rule->point[4 * q];
          sum += rule->weight[q] * pow(b[0], i) * pow(b[1], j) * pow(b[2], k) * pow(b[3], l);
        }
        worst = fmax(worst, fabs(sum - exact));
      }
  return worst;
}

static double worst_tri_error(const OstRule *rule, int degree)
{
  double worst = 0.0;

  for (int i = 0; i <= degree; i++)
    for (int j = 0; i + j <= degree; j++) {
      const int k     = degree - i - j;
      double    sum   = 0.0;
      double    exact = factorial(i) * factorial(j) * factorial(k) * 2.0 / factorial(degree + 2);
      for (PetscInt q = 0; q < rule->num; q++) {
        const PetscReal *b = &rule->point[3 * q];
        sum += rule->weight[q] * pow(b[0], i) * pow(b[1], j) * pow(b[2], k);
      }
      worst = fmax(worst, fabs(sum - exact));
    }
  return worst;
}

/* Homogeneous barycentric polynomials of a degree span all polynomials up to it. */
static void rules_integrate_to_their_degree_and_no_further(void)
{
  OST_CHECK(worst_tet_error(&ost_tet_rule4, 2) < 1e-15);
  OST_CHECK(worst_tet_error(&ost_tet_rule4, 3) > 1e-6);
  OST_CHECK(worst_tet_error(&ost_tet_rule14, 5) < 1e-15);
  OST_CHECK(worst_tet_error(&ost_tet_rule14, 6) > 1e-6);
  OST_CHECK(worst_tri_error(&ost_tri_rule6, 4) < 1e-15);
  OST_CHECK(worst_tri_error(&ost_tri_rule6, 5) > 1e-6);
}

/* Edge 01 of the unit tetrahedron lowered by s in z: x(b) moves by -4 s b0 b1 in z only, so that J
   = J0 with dz/dxi_3 = 1 + 4 s b1 (b0 = 1 - xi1 - xi2 - xi3): volume = 1/6 + 4 s int b1 = 1/6 +
   s/6. */
static void volume_of_a_curved_cell(void)
{
  const double s     = 0.2;
  PetscReal    x[30] = {0}, volume = 0.0, grad[OST_TET_NODES][3];

  for (int a = 1; a < 4; a++) x[3 * a + a - 1] = 1.0;
  for (int e = 0; e < 6; e++)
    for (int d = 0; d < 3; d++)
      x[3 * (4 + e) + d] = 0.5 * (x[3 * tet_edges[e][0] + d] + x[3 * tet_edges[e][1] + d]);
  x[3 * 4 + 2] -= s;
  for (PetscInt q = 0; q < ost_tet_rule14.num; q++)
    volume +=
        ost_tet_rule14.weight[q] * ost_tet10_gradients(x, &ost_tet_rule14.point[4 * q], grad) / 6.0;
  OST_CHECK_NEAR(volume, (1.0 + s) / 6.0, 1e-14);
}

/* A triangle bent onto a cylinder of radius R: the normal is radial to the order of the
   interpolation, and the area that of the patch. */
static void normal_of_a_curved_face_is_radial(void)
{
  const double R = 2.0, angle[3] = {0.0, 0.2, 0.0}, height[3] = {0.0, 0.0, 0.5};
  PetscReal    x[18], normal[3], area                         = 0.0;

  for (int a = 0; a < 6; a++) {
    const int    p = a < 3 ? a : tri_edges[a - 3][0], q = a < 3 ? a : tri_edges[a - 3][1];
    const double t = 0.5 * (angle[p] + angle[q]);
    x[3 * a]       = R * cos(t);
    x[3 * a + 1]   = R * sin(t);
    x[3 * a + 2]   = 0.5 * (height[p] + height[q]);
  }
  for (PetscInt q = 0; q < ost_tri_rule6.num; q++) {
    const PetscReal *b = &ost_tri_rule6.point[3 * q];
    const double     t = b[1] * angle[1];
    area += ost_tri_rule6.weight[q] * ost_tri6_normal(x, b, normal);
    OST_CHECK_NEAR(normal[0] * cos(t) + normal[1] * sin(t), 1.0, 1e-5);
  }
  OST_CHECK_NEAR(area, 0.5 * R * 0.2 * 0.5, 1e-5);
}

static void strain_of_a_linear_displacement(void)
{
  static const PetscReal H[3][3] = {{1e-3, 2e-3, -1e-3}, {4e-3, -2e-3, 5e-3}, {0.0, 1e-3, 3e-3}};
  PetscReal              x[30], u[30], grad[OST_TET_NODES][3], eps[6];

  tetrahedron(0.2, x);
  for (int a = 0; a < 10; a++)
    for (int i = 0; i < 3; i++)
      u[3 * a + i] = H[i][0] * x[3 * a] + H[i][1] * x[3 * a + 1] + H[i][2] * x[3 * a + 2];
  ost_tet10_gradients(x, (const PetscReal[4]){0.1, 0.2, 0.3, 0.4}, grad);
  ost_strain(grad, u, eps);
  const double wanted[6] = {1e-3, -2e-3, 3e-3, 6e-3, -1e-3, 6e-3}; /* xx yy zz yz xz xy */
  for (int i = 0; i < 6; i++) OST_CHECK_NEAR(eps[i], wanted[i], 1e-16);
}

int main(void)
{
  shapes_are_nodal_and_sum_to_one();
  gradients_are_those_of_the_field();
  rules_integrate_to_their_degree_and_no_further();
  volume_of_a_curved_cell();
  normal_of_a_curved_face_is_radial();
  strain_of_a_linear_displacement();
  return ost_check_report();
}
