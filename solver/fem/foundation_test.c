/* The foundation under one facet: closed forms on a flat one, own normals on a curved one, and a
   coarse matrix that is the projection of the fine. */
#include "fem/foundation.h"

#include "base/tensor.h"
#include "fem/element.h"

#include "support/check.h"

#define NORMAL 5.0
#define SHEAR  0.75

static const int edges[3][2] = {{0, 1}, {1, 2}, {2, 0}};

/* A triangle in a skew plane, its edges bulged by `bulge`. */
static void triangle(double bulge, PetscReal x[18])
{
  const PetscReal corner[9] = {0.0, 0.0, 0.0, 4.0, 1.0, 0.5, 1.0, 3.0, -1.0};

  for (int k = 0; k < 9; k++) x[k] = corner[k];
  for (int e = 0; e < 3; e++)
    for (int i = 0; i < 3; i++)
      x[9 + 3 * e + i] = 0.5 * (x[3 * edges[e][0] + i] + x[3 * edges[e][1] + i]) +
                         bulge * (i == 2 ? 1.0 : 0.2 * e);
}

static PetscReal energy(PetscInt n, const PetscReal K[], const PetscReal u[])
{
  PetscReal sum = 0.0;

  for (PetscInt r = 0; r < n; r++)
    for (PetscInt c = 0; c < n; c++) sum += u[r] * K[n * r + c] * u[c];
  return sum;
}

/* A flat facet pushed along its normal by 1 answers with k_n A, along its plane with k_t A. */
static void flat_facet_has_its_two_stiffnesses(void)
{
  PetscReal       x[18], K2[18 * 18], K1[81], n[3], u[18];
  const PetscReal middle[3] = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0};

  triangle(0.0, x);
  ost_foundation_stiffness(x, NORMAL, SHEAR, K2, K1);
  const PetscReal area = ost_tri6_normal(x, middle, n);
  for (int k = 0; k < 18; k++) u[k] = n[k % 3];
  OST_CHECK_NEAR(energy(18, K2, u), NORMAL * area, 1e-13);
  OST_CHECK_NEAR(energy(9, K1, u), NORMAL * area, 1e-13);
  const PetscReal along[3] = {x[3] / ost_norm3(&x[3]), x[4] / ost_norm3(&x[3]),
                              x[5] / ost_norm3(&x[3])};
  for (int k = 0; k < 18; k++) u[k] = along[k % 3];
  OST_CHECK_NEAR(energy(18, K2, u), SHEAR * area, 1e-13);
  OST_CHECK_NEAR(energy(9, K1, u), SHEAR * area, 1e-13);
}

/* K1 = P' K2 P with mid-side nodes at the mean of their ends, also where the facet is curved. */
static void coarse_matrix_is_the_projection_of_the_fine(void)
{
  PetscReal x[18], K2[18 * 18], K1[81], P[18][9] = {{0}};

  triangle(0.3, x);
  ost_foundation_stiffness(x, NORMAL, SHEAR, K2, K1);
  for (int i = 0; i < 3; i++) {
    for (int a = 0; a < 3; a++) P[3 * a + i][3 * a + i] = 1.0;
    for (int e = 0; e < 3; e++)
      for (int k = 0; k < 2; k++) P[9 + 3 * e + i][3 * edges[e][k] + i] = 0.5;
  }
  for (int r = 0; r < 9; r++)
    for (int c = 0; c < 9; c++) {
      PetscReal sum = 0.0;
      for (int a = 0; a < 18; a++)
        for (int b = 0; b < 18; b++) sum += P[a][r] * K2[18 * a + b] * P[b][c];
      OST_CHECK_NEAR(K1[9 * r + c], sum, 1e-13);
      OST_CHECK_NEAR(K1[9 * r + c], K1[9 * c + r], 1e-14);
    }
}

/* On a curved facet no single direction is normal everywhere: the answer lies between the two, and
   with equal stiffnesses the shape does not matter. */
static void curved_facet_has_its_own_normals(void)
{
  PetscReal       flat[18], x[18], K2[18 * 18], K1[81], n[3], spare[3], u[18], area = 0.0;
  const PetscReal middle[3] = {1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0};

  triangle(0.0, flat);
  triangle(0.5, x);
  (void)ost_tri6_normal(flat, middle, n);
  for (PetscInt q = 0; q < ost_tri_rule6.num; q++)
    area += ost_tri_rule6.weight[q] * ost_tri6_normal(x, &ost_tri_rule6.point[3 * q], spare);
  for (int k = 0; k < 18; k++) u[k] = n[k % 3];
  ost_foundation_stiffness(x, NORMAL, SHEAR, K2, K1);
  OST_CHECK(energy(18, K2, u) < 0.95 * NORMAL * area);
  OST_CHECK(energy(18, K2, u) > 1.05 * SHEAR * area);
  ost_foundation_stiffness(x, NORMAL, NORMAL, K2, K1);
  OST_CHECK_NEAR(energy(18, K2, u), NORMAL * area, 1e-12);
}

int main(void)
{
  flat_facet_has_its_two_stiffnesses();
  coarse_matrix_is_the_projection_of_the_fine();
  curved_facet_has_its_own_normals();
  return ost_check_report();
}
