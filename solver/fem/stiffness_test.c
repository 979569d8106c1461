/* The stiffness of one element: invariants, energy, and its projection to the corners; with an axis
   also against B^T C B, and turned together with its nodes. */
#include "fem/stiffness.h"

#include "support/check.h"

static const int edges[6][2] = {{0, 1}, {1, 2}, {0, 2}, {0, 3}, {1, 3}, {2, 3}};

#define E_MODULUS 1700.0
#define NU        0.3

static const OstElastic isotropic  = {.E = E_MODULUS, .nu = NU};
static const OstElastic transverse = {.E          = 17000.0, /* Reilly & Burstein 1975 */
                                      .nu         = 0.46,
                                      .transverse = PETSC_TRUE,
                                      .E_across   = 11500.0,
                                      .nu_across  = 0.58,
                                      .G_along    = 3280.0,
                                      .axis       = {2.0 / 7.0, -3.0 / 7.0, 6.0 / 7.0}};

static void tetrahedron(int curved, PetscReal x[30])
{
  static const PetscReal corner[4][3] = {
      {0.1, -0.2, 0.3}, {2.2, 0.1, 0.0}, {0.4, 1.9, -0.3}, {0.2, 0.5, 2.4}};

  for (int d = 0; d < 3; d++) {
    for (int a = 0; a < 4; a++) x[3 * a + d] = corner[a][d];
    for (int e = 0; e < 6; e++)
      x[3 * (4 + e) + d] = 0.5 * (corner[edges[e][0]][d] + corner[edges[e][1]][d]) +
                           (curved ? 0.07 * ((e + d) % 3 - 1) : 0.0);
  }
}

static double quadratic_form(const PetscReal K[], int n, const PetscReal u[], const PetscReal v[])
{
  double sum = 0.0;
  for (int r = 0; r < n; r++)
    for (int c = 0; c < n; c++) sum += u[r] * K[n * r + c] * v[c];
  return sum;
}

static void is_symmetric_and_feels_no_rigid_motion(const OstElastic *m)
{
  for (int curved = 0; curved < 2; curved++) {
    PetscReal x[30], K[900], most = 0.0, asymmetry = 0.0, force = 0.0;
    tetrahedron(curved, x);
    ost_stiffness(x, m, K);
    for (int r = 0; r < 30; r++)
      for (int c = 0; c < 30; c++) {
        most      = PetscMax(most, PetscAbsReal(K[30 * r + c]));
        asymmetry = PetscMax(asymmetry, PetscAbsReal(K[30 * r + c] - K[30 * c + r]));
      }
    for (int mode = 0; mode < 6; mode++) {
      PetscReal u[30] = {0};
      for (int a = 0; a < 10; a++) {
        if (mode < 3) {
          u[3 * a + mode] = 1.0;
          continue;
        }
        const int i = (mode + 1) % 3, k = (mode + 2) % 3; /* rotation about axis mode - 3 */
        u[3 * a + i] = -x[3 * a + k];
        u[3 * a + k] = x[3 * a + i];
      }
      for (int r = 0; r < 30; r++) {
        PetscReal f = 0.0;
        for (int c = 0; c < 30; c++) f += K[30 * r + c] * u[c];
        force = PetscMax(force, PetscAbsReal(f));
      }
    }
    OST_CHECK(asymmetry <= 1e-12 * most);
    OST_CHECK(force <= 1e-11 * most);
  }
}

/* u = H x: energy = V/2 sig:eps with eps the symmetric part of H. */
static void energy_of_a_linear_field(void)
{
  static const PetscReal H[3][3] = {{1e-3, 2e-3, -1e-3}, {4e-3, -2e-3, 5e-3}, {0.0, 1e-3, 3e-3}};
  const PetscReal        lambda  = E_MODULUS * NU / ((1.0 + NU) * (1.0 - 2.0 * NU)),
                  mu             = 0.5 * E_MODULUS / (1.0 + NU);
  PetscReal trace = 0.0, square = 0.0;

  for (int i = 0; i < 3; i++) {
    trace += H[i][i];
    for (int k = 0; k < 3; k++) square += PetscSqr(0.5 * (H[i][k] + H[k][i]));
  }
  const PetscReal density = 0.5 * lambda * trace * trace + mu * square;
  for (int curved = 0; curved < 2; curved++) {
    PetscReal x[30], K[900], u[30], volume = 0.0, grad[OST_TET_NODES][3];
    tetrahedron(curved, x);
    ost_stiffness(x, &isotropic, K);
    for (PetscInt q = 0; q < ost_tet_rule14.num; q++)
      volume += ost_tet_rule14.weight[q] *
                ost_tet10_gradients(x, &ost_tet_rule14.point[4 * q], grad) / 6.0;
    for (int a = 0; a < 10; a++)
      for (int i = 0; i < 3; i++)
        u[3 * a + i] = H[i][0] * x[3 * a] + H[i][1] * x[3 * a + 1] + H[i][2] * x[3 * a + 2];
    OST_CHECK_NEAR(0.5 * quadratic_form(K, 30, u, u) / (volume * density), 1.0, 1e-12);
  }
}

/* On curved edges too: with halves there, P1 could not turn a curved body without straining it. */
static void projection_keeps_linear_fields(void)
{
  const PetscReal H[3][3] = {{0.01, 0.02, -0.03}, {0.04, -0.02, 0.01}, {-0.02, 0.03, 0.05}};
  PetscReal       x[30], K2[900], K1[144], weight[24], u[30], energy;

  tetrahedron(1, x);
  ost_stiffness(x, &isotropic, K2);
  ost_stiffness_to_p1(x, K2, K1);
  ost_stiffness_p1_weights(x, weight);
  for (int a = 0; a < 10; a++)
    for (int i = 0; i < 3; i++)
      u[3 * a + i] = H[i][0] * x[3 * a] + H[i][1] * x[3 * a + 1] + H[i][2] * x[3 * a + 2];
  for (int e = 0; e < 6; e++)
    for (int i = 0; i < 3; i++) {
      PetscReal got = 0.0;
      for (int a = 0; a < 4; a++) got += weight[4 * e + a] * u[3 * a + i];
      OST_CHECK_NEAR(got, u[3 * (4 + e) + i], 1e-13);
    }
  energy = quadratic_form(K2, 30, u, u);
  OST_CHECK_NEAR(quadratic_form(K1, 12, u, u) / energy, 1.0, 1e-12);
}

/* The linear tetrahedron in closed form: K_ab = V (lambda ga gb^T + mu gb ga^T + mu ga.gb I). */
static void projection_is_the_linear_tetrahedron(void)
{
  const PetscReal lambda = E_MODULUS * NU / ((1.0 + NU) * (1.0 - 2.0 * NU)),
                  mu     = 0.5 * E_MODULUS / (1.0 + NU);
  PetscReal x[30], K2[900], K1[144], grad[OST_TET_NODES][3], g[4][3], most = 0.0;

  tetrahedron(0, x);
  ost_stiffness(x, &isotropic, K2);
  ost_stiffness_to_p1(x, K2, K1);
  /* the gradient of a barycentric coordinate is that of its corner plus half its three edges */
  const PetscReal volume =
      ost_tet10_gradients(x, (const PetscReal[4]){0.25, 0.25, 0.25, 0.25}, grad) / 6.0;
  for (int i = 0; i < 3; i++) {
    for (int a = 0; a < 4; a++) g[a][i] = grad[a][i];
    for (int e = 0; e < 6; e++)
      for (int k = 0; k < 2; k++) g[edges[e][k]][i] += 0.5 * grad[4 + e][i];
  }
  for (int r = 0; r < 144; r++) most = PetscMax(most, PetscAbsReal(K1[r]));
  for (int a = 0; a < 4; a++)
    for (int b = 0; b < 4; b++)
      for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
          const PetscReal dot    = g[a][0] * g[b][0] + g[a][1] * g[b][1] + g[a][2] * g[b][2];
          const PetscReal wanted = volume * (lambda * g[a][i] * g[b][k] + mu * g[a][k] * g[b][i] +
                                             (i == k ? mu * dot : 0.0));
          OST_CHECK(PetscAbsReal(K1[12 * (3 * a + i) + 3 * b + k] - wanted) <= 1e-13 * most);
        }
}

/* Every entry of sum_q w B^T C B, with C [6 x 6] and the strain of each unit displacement. */
static void axis_is_that_of_the_stiffness_tensor(void)
{
  for (int curved = 0; curved < 2; curved++) {
    const OstRule *rule = curved ? &ost_tet_rule14 : &ost_tet_rule4;
    PetscReal      x[30], K[900], C[36], wanted[900] = {0}, most = 0.0, worst = 0.0;
    tetrahedron(curved, x);
    ost_stiffness(x, &transverse, K);
    ost_elastic_stiffness(&transverse, C);
    for (PetscInt q = 0; q < rule->num; q++) {
      PetscReal       grad[OST_TET_NODES][3], B[30][6];
      const PetscReal w = rule->weight[q] * ost_tet10_gradients(x, &rule->point[4 * q], grad) / 6.0;
      for (int r = 0; r < 30; r++) {
        PetscReal u[30] = {0};
        u[r]            = 1.0;
        ost_strain((const PetscReal(*)[3])grad, u, B[r]);
      }
      for (int r = 0; r < 30; r++)
        for (int c = 0; c < 30; c++)
          for (int i = 0; i < 6; i++)
            for (int k = 0; k < 6; k++) wanted[30 * r + c] += w * B[r][i] * C[6 * i + k] * B[c][k];
    }
    for (int i = 0; i < 900; i++) {
      most  = PetscMax(most, PetscAbsReal(wanted[i]));
      worst = PetscMax(worst, PetscAbsReal(K[i] - wanted[i]));
    }
    OST_CHECK(worst <= 1e-13 * most);
  }
}

/* Turn nodes and axis by Q: K' = Q K Q^T. Nodes alone: another matrix. */
static void turning_nodes_and_axis_turns_the_matrix(void)
{
  static const PetscReal Q[3][3] = {{2.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0},
                                    {2.0 / 3.0, 2.0 / 3.0, -1.0 / 3.0},
                                    {-1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0}};
  PetscReal  x[30], y[30], K[900], turned[900], alone[900], most = 0.0, worst = 0.0, missed = 0.0;
  OstElastic m = transverse;

  tetrahedron(1, x);
  for (int a = 0; a < 10; a++)
    for (int i = 0; i < 3; i++)
      y[3 * a + i] = Q[i][0] * x[3 * a] + Q[i][1] * x[3 * a + 1] + Q[i][2] * x[3 * a + 2];
  for (int i = 0; i < 3; i++)
    m.axis[i] =
        Q[i][0] * transverse.axis[0] + Q[i][1] * transverse.axis[1] + Q[i][2] * transverse.axis[2];
  ost_stiffness(x, &transverse, K);
  ost_stiffness(y, &m, turned);
  ost_stiffness(y, &transverse, alone);
  for (int a = 0; a < 10; a++)
    for (int b = 0; b < 10; b++)
      for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
          const int at     = 30 * (3 * a + i) + 3 * b + k;
          PetscReal wanted = 0.0;
          for (int j = 0; j < 3; j++)
            for (int l = 0; l < 3; l++)
              wanted += Q[i][j] * K[30 * (3 * a + j) + 3 * b + l] * Q[k][l];
          most   = PetscMax(most, PetscAbsReal(wanted));
          worst  = PetscMax(worst, PetscAbsReal(turned[at] - wanted));
          missed = PetscMax(missed, PetscAbsReal(alone[at] - wanted));
        }
  OST_CHECK(worst <= 1e-12 * most);
  OST_CHECK(missed > 0.05 * most);
}

/* Diagonal blocks and K1 by closed forms, and on a curved cell, are those of the whole matrix. */
static void levels_are_those_of_the_whole_matrix(void)
{
  const OstElastic of[2] = {{.E = 17000.0, .nu = 0.3},
                            {.E          = 17000.0,
                             .nu         = 0.46,
                             .transverse = PETSC_TRUE,
                             .E_across   = 11500.0,
                             .nu_across  = 0.58,
                             .G_along    = 3280.0,
                             .axis       = {2.0 / 7.0, -3.0 / 7.0, 6.0 / 7.0}}};

  for (int curved = 0; curved < 2; curved++)
    for (int m = 0; m < 2; m++) {
      PetscReal x[30], K2[900], K1[144], diagonal[90], wanted[144];
      tetrahedron(curved, x);
      ost_stiffness(x, &of[m], K2);
      ost_stiffness_to_p1(x, K2, wanted);
      ost_stiffness_of_levels(x, &of[m], diagonal, K1);
      for (int k = 0; k < 144; k++) OST_CHECK_NEAR(K1[k] / 17000.0, wanted[k] / 17000.0, 1e-13);
      for (int k = 0; k < 90; k++)
        OST_CHECK_NEAR(diagonal[k] / 17000.0,
                       K2[30 * (3 * (k / 9) + k / 3 % 3) + 3 * (k / 9) + k % 3] / 17000.0, 1e-13);
    }
}

int main(void)
{
  levels_are_those_of_the_whole_matrix();
  is_symmetric_and_feels_no_rigid_motion(&isotropic);
  is_symmetric_and_feels_no_rigid_motion(&transverse);
  energy_of_a_linear_field();
  axis_is_that_of_the_stiffness_tensor();
  turning_nodes_and_axis_turns_the_matrix();
  projection_keeps_linear_fields();
  projection_is_the_linear_tetrahedron();
  return ost_check_report();
}
