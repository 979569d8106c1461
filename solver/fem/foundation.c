#include "fem/foundation.h"

#include "fem/element.h"

/* Add w A_a A_b block to a matrix of n nodes. */
static void add(PetscInt n, const PetscReal shape[], PetscReal w, const PetscReal block[9],
                PetscReal K[])
{
  for (PetscInt a = 0; a < n; a++)
    for (PetscInt b = 0; b < n; b++)
      for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
          K[3 * n * (3 * a + i) + 3 * b + k] += w * shape[a] * shape[b] * block[3 * i + k];
}

void ost_foundation_stiffness(const PetscReal x[18], PetscReal normal, PetscReal shear,
                              PetscReal K2[18 * 18], PetscReal K1[9 * 9])
{
  for (int k = 0; k < 18 * 18; k++) K2[k] = 0.0;
  for (int k = 0; k < 9 * 9; k++) K1[k] = 0.0;
  for (PetscInt q = 0; q < ost_tri_rule6.num; q++) {
    const PetscReal *b = &ost_tri_rule6.point[3 * q]; /* = the P1 shape functions */
    PetscReal        n[3], N[6], block[9];
    const PetscReal  w = ost_tri_rule6.weight[q] * ost_tri6_normal(x, b, n);
    ost_tri6_shape(b, N);
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++)
        block[3 * i + k] = (normal - shear) * n[i] * n[k] + (i == k ? shear : 0.0);
    add(6, N, w, block, K2);
    add(3, b, w, block, K1);
  }
}
