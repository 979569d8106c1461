#include "base/tensor.h"

#include "support/check.h"

/* Q diag(p) Q^T for the rotation by a about (1, 2, 2)/3, in Voigt order; shears doubled for
   strains. */
static void rotated(const PetscReal p[3], PetscReal a, PetscBool is_strain, PetscReal voigt[6])
{
  static const PetscInt pairs[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
  const PetscReal       n[3] = {1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0}, c = cos(a), s = sin(a);
  const PetscReal       k[3][3] = {{0, -n[2], n[1]}, {n[2], 0, -n[0]}, {-n[1], n[0], 0}};
  PetscReal             q[3][3];

  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt j = 0; j < 3; j++) {
      q[i][j] = (i == j ? c : 0.0) + s * k[i][j] + (1.0 - c) * n[i] * n[j];
    }
  }
  for (PetscInt v = 0; v < 6; v++) {
    voigt[v] = 0.0;
    for (PetscInt m = 0; m < 3; m++) voigt[v] += q[pairs[v][0]][m] * p[m] * q[pairs[v][1]][m];
    if (is_strain && v > 2) voigt[v] *= 2.0;
  }
}

static void principal_values_do_not_depend_on_the_frame(void)
{
  static const PetscReal cases[][3] = {{3, 2, 1},        {5, 5, -1}, {4, -2, -2},       {7, 7, 7},
                                       {1e-3, 0, -1e-3}, {0, 0, 0},  {100, 99.999, -50}};

  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    for (PetscInt strain = 0; strain < 2; strain++) {
      for (PetscReal angle = 0.0; angle < 3.0; angle += 0.7) {
        PetscReal voigt[6], values[3];
        rotated(cases[i], angle, (PetscBool)strain, voigt);
        ost_principal_values(voigt, (PetscBool)strain, values);
        /* The angle of a double root is known only to the root of the rounding. */
        for (PetscInt c = 0; c < 3; c++) OST_CHECK_NEAR(values[c], cases[i][c], 1e-7);
      }
    }
  }
}

static void von_mises_of_known_states(void)
{
  const PetscReal tension[6] = {0, 250, 0, 0, 0, 0}, pressure[6] = {-9, -9, -9, 0, 0, 0},
                  shear[6] = {0, 0, 0, 0, 10, 0};

  OST_CHECK_NEAR(ost_von_mises(tension), 250.0, 1e-15);
  OST_CHECK_NEAR(ost_von_mises(pressure), 0.0, 1e-15);
  OST_CHECK_NEAR(ost_von_mises(shear), 10.0 * sqrt(3.0), 1e-15);
}

static void cross_product_is_right_handed(void)
{
  const PetscReal x[3] = {2, 0, 0}, y[3] = {0, 3, 0};
  PetscReal       z[3];

  ost_cross3(x, y, z);
  OST_CHECK_NEAR(z[2], 6.0, 0.0);
  OST_CHECK_NEAR(ost_dot3(z, x), 0.0, 0.0);
  OST_CHECK_NEAR(ost_norm3(z), 6.0, 0.0);
}

int main(void)
{
  principal_values_do_not_depend_on_the_frame();
  von_mises_of_known_states();
  cross_product_is_right_handed();
  return ost_check_report();
}
