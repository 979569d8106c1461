#include "fem/element.h"

#include "base/tensor.h"

/* degree 2, Hammer-Marlowe-Stroud */
#define A4 0.58541019662496845446
#define B4 0.13819660112501051518
static const PetscReal tet4_point[]  = {A4, B4, B4, B4, B4, A4, B4, B4,
                                        B4, B4, A4, B4, B4, B4, B4, A4};
static const PetscReal tet4_weight[] = {0.25, 0.25, 0.25, 0.25};
const OstRule          ost_tet_rule4 = {4, tet4_point, tet4_weight};

/* degree 5, Walkington (2000), 14 points */
#define A14  0.31088591926330060980
#define AA14 (1.0 - 3.0 * A14)
#define B14  0.092735250310891226402
#define BB14 (1.0 - 3.0 * B14)
#define C14  0.045503704125649649492
#define CC14 (0.5 - C14)
#define WA   0.11268792571801585080
#define WB   0.073493043116361949544
#define WC   0.042546020777081466438
static const PetscReal tet14_point[] = {
    AA14, A14,  A14,  A14,  A14, AA14, A14,  A14,  A14,  A14,  AA14, A14,  A14,  A14,
    A14,  AA14, BB14, B14,  B14, B14,  B14,  BB14, B14,  B14,  B14,  B14,  BB14, B14,
    B14,  B14,  B14,  BB14, C14, C14,  CC14, CC14, C14,  CC14, C14,  CC14, C14,  CC14,
    CC14, C14,  CC14, C14,  C14, CC14, CC14, C14,  CC14, C14,  CC14, CC14, C14,  C14};
static const PetscReal tet14_weight[] = {WA, WA, WA, WA, WB, WB, WB, WB, WC, WC, WC, WC, WC, WC};
const OstRule          ost_tet_rule14 = {14, tet14_point, tet14_weight};

/* degree 4, Dunavant (1985), 6 points */
#define A6  0.44594849091596488632
#define AA6 (1.0 - 2.0 * A6)
#define B6  0.091576213509770743460
#define BB6 (1.0 - 2.0 * B6)
#define WA6 0.22338158967801146570
#define WB6 0.10995174365532186764
static const PetscReal tri6_point[]  = {AA6, A6, A6, A6, AA6, A6, A6, A6, AA6,
                                        BB6, B6, B6, B6, BB6, B6, B6, B6, BB6};
static const PetscReal tri6_weight[] = {WA6, WA6, WA6, WB6, WB6, WB6};
const OstRule          ost_tri_rule6 = {6, tri6_point, tri6_weight};

static const int tet_edges[6][2] = {{0, 1}, {1, 2}, {0, 2}, {0, 3}, {1, 3}, {2, 3}};
static const int tri_edges[3][2] = {{0, 1}, {1, 2}, {2, 0}};

void ost_tet10_shape(const PetscReal b[4], PetscReal N[OST_TET_NODES])
{
  for (int a = 0; a < 4; a++) N[a] = b[a] * (2.0 * b[a] - 1.0);
  for (int e = 0; e < 6; e++) N[4 + e] = 4.0 * b[tet_edges[e][0]] * b[tet_edges[e][1]];
}

void ost_tri6_shape(const PetscReal b[3], PetscReal N[OST_TRI_NODES])
{
  for (int a = 0; a < 3; a++) N[a] = b[a] * (2.0 * b[a] - 1.0);
  for (int e = 0; e < 3; e++) N[3 + e] = 4.0 * b[tri_edges[e][0]] * b[tri_edges[e][1]];
}

void ost_tet10_reference_gradients(const PetscReal b[4], PetscReal d[OST_TET_NODES][3])
{
  static const PetscReal db[4][3] = {{-1, -1, -1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

  for (int k = 0; k < 3; k++) {
    for (int a = 0; a < 4; a++) d[a][k] = (4.0 * b[a] - 1.0) * db[a][k];
    for (int e = 0; e < 6; e++) {
      const int i = tet_edges[e][0], j = tet_edges[e][1];
      d[4 + e][k] = 4.0 * (b[i] * db[j][k] + b[j] * db[i][k]);
    }
  }
}

PetscReal ost_tet4_gradients(const PetscReal x[], PetscReal grad[4][3])
{
  PetscReal e[3][3], det;

  for (int k = 0; k < 3; k++)
    for (int i = 0; i < 3; i++) e[k][i] = x[3 * (k + 1) + i] - x[i];
  for (int k = 0; k < 3; k++) ost_cross3(e[(k + 1) % 3], e[(k + 2) % 3], grad[k + 1]);
  det = ost_dot3(e[0], grad[1]);
  for (int i = 0; i < 3; i++) {
    for (int k = 1; k < 4; k++) grad[k][i] /= det;
    grad[0][i] = -(grad[1][i] + grad[2][i] + grad[3][i]);
  }
  return det / 6.0;
}

PetscReal ost_tet10_gradients(const PetscReal x[], const PetscReal barycentric[4],
                              PetscReal grad[OST_TET_NODES][3])
{
  PetscReal d[OST_TET_NODES][3], J[3][3] = {{0}}, inv[3][3], det;

  ost_tet10_reference_gradients(barycentric, d);
  for (int a = 0; a < OST_TET_NODES; a++)
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++) J[i][k] += x[3 * a + i] * d[a][k];
  for (int i = 0; i < 3; i++) {
    const int p = (i + 1) % 3, q = (i + 2) % 3;
    for (int k = 0; k < 3; k++) {
      const int r = (k + 1) % 3, s = (k + 2) % 3;
      inv[k][i] = J[p][r] * J[q][s] - J[p][s] * J[q][r]; /* cofactor, divided below */
    }
  }
  det = J[0][0] * inv[0][0] + J[0][1] * inv[1][0] + J[0][2] * inv[2][0];
  for (int a = 0; a < OST_TET_NODES; a++)
    for (int i = 0; i < 3; i++)
      grad[a][i] = (d[a][0] * inv[0][i] + d[a][1] * inv[1][i] + d[a][2] * inv[2][i]) / det;
  return det;
}

PetscReal ost_tri6_normal(const PetscReal x[], const PetscReal b[3], PetscReal normal[3])
{
  static const PetscReal db[3][2] = {{-1, -1}, {1, 0}, {0, 1}};
  PetscReal              t[2][3]  = {{0}};

  for (int k = 0; k < 2; k++)
    for (int i = 0; i < 3; i++) {
      for (int a = 0; a < 3; a++) t[k][i] += (4.0 * b[a] - 1.0) * db[a][k] * x[3 * a + i];
      for (int e = 0; e < 3; e++) {
        const int p = tri_edges[e][0], q = tri_edges[e][1];
        t[k][i] += 4.0 * (b[p] * db[q][k] + b[q] * db[p][k]) * x[3 * (3 + e) + i];
      }
    }
  ost_cross3(t[0], t[1], normal);
  const PetscReal twice = ost_norm3(normal);
  for (int i = 0; i < 3; i++) normal[i] /= twice;
  return 0.5 * twice;
}

PetscBool ost_tet10_is_straight(const PetscReal x[])
{
  for (int e = 0; e < 6; e++) {
    const PetscReal *p = &x[3 * tet_edges[e][0]], *q = &x[3 * tet_edges[e][1]],
                    *m = &x[3 * (4 + e)];
    PetscReal off = 0.0, length = 0.0;
    for (int i = 0; i < 3; i++) {
      off += PetscSqr(m[i] - 0.5 * (p[i] + q[i]));
      length += PetscSqr(q[i] - p[i]);
    }
    if (off > 1e-18 * length) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

void ost_strain(const PetscReal grad[OST_TET_NODES][3], const PetscReal u[], PetscReal eps[6])
{
  PetscReal h[3][3] = {{0}}; /* displacement gradient */

  for (int a = 0; a < OST_TET_NODES; a++)
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++) h[i][k] += u[3 * a + i] * grad[a][k];
  eps[OST_XX] = h[0][0];
  eps[OST_YY] = h[1][1];
  eps[OST_ZZ] = h[2][2];
  eps[OST_YZ] = h[1][2] + h[2][1];
  eps[OST_XZ] = h[0][2] + h[2][0];
  eps[OST_XY] = h[0][1] + h[1][0];
}
