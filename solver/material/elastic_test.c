/* Elasticity at a point: uniaxial stress, shear, energy; the transversely isotropic stiffness
   against the inverse of a rotated compliance, which shares no formula with it. */
#include "material/elastic.h"

#include "support/check.h"

static const OstElastic metal = {.E = 113800.0, .nu = 0.342};
/* Reilly & Burstein 1975 and Dong & Guo 2004 (theory.md, Table M4); axes at odd angles */
static const OstElastic bones[2] = {{.E          = 17000.0,
                                     .nu         = 0.46,
                                     .transverse = PETSC_TRUE,
                                     .E_across   = 11500.0,
                                     .nu_across  = 0.58,
                                     .G_along    = 3280.0,
                                     .axis       = {2.0 / 7.0, -3.0 / 7.0, 6.0 / 7.0}},
                                    {.E          = 16600.0,
                                     .nu         = 0.37,
                                     .transverse = PETSC_TRUE,
                                     .E_across   = 9600.0,
                                     .nu_across  = 0.4545,
                                     .G_along    = 4700.0,
                                     .axis       = {0.6, 0.0, -0.8}}};

static const int pair[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

/* Two directions that complete the axis to a right-handed frame; rows of R. */
static void frame_of(const PetscReal axis[3], double R[3][3])
{
  const double other[3] = {0.36, 0.48, 0.80};
  double       along = 0.0, length = 0.0;

  for (int i = 0; i < 3; i++) along += other[i] * axis[i];
  for (int i = 0; i < 3; i++) {
    R[2][i] = axis[i];
    R[0][i] = other[i] - along * axis[i];
    length += R[0][i] * R[0][i];
  }
  for (int i = 0; i < 3; i++) R[0][i] /= sqrt(length);
  for (int i = 0; i < 3; i++) {
    const int j = (i + 1) % 3, k = (i + 2) % 3;
    R[1][i] = R[2][j] * R[0][k] - R[2][k] * R[0][j];
  }
}

/* Compliance [6 x 6] in the frame of the mesh: strains with engineering shear from stresses. In
   the material's frame as every textbook has it, turned as the fourth-order tensor that it is. */
static void compliance(const OstElastic *m, double S[6][6])
{
  double R[3][3], local[6][6] = {{0}};

  for (int i = 0; i < 2; i++) {
    local[i][i]     = 1.0 / m->E_across;
    local[i][1 - i] = -m->nu_across / m->E_across;
    local[i][2] = local[2][i] = -m->nu / m->E;
    local[3 + i][3 + i]       = 1.0 / m->G_along;
  }
  local[2][2] = 1.0 / m->E;
  local[5][5] = 2.0 * (1.0 + m->nu_across) / m->E_across;
  frame_of(m->axis, R);
  for (int a = 0; a < 6; a++)
    for (int b = 0; b < 6; b++) {
      /* strain a of the stress b, both in the mesh's frame */
      double stress[6], strain = 0.0;
      for (int c = 0; c < 6; c++) {
        const int i = pair[c][0], j = pair[c][1], k = pair[b][0], l = pair[b][1];
        stress[c] = k == l ? R[i][k] * R[j][k] : R[i][k] * R[j][l] + R[i][l] * R[j][k];
      }
      for (int c = 0; c < 6; c++)
        for (int d = 0; d < 6; d++) {
          const int    i = pair[a][0], j = pair[a][1], k = pair[c][0], l = pair[c][1];
          const double tensor =
              c < 3 ? R[k][i] * R[l][j] : 0.5 * (R[k][i] * R[l][j] + R[l][i] * R[k][j]);
          strain += (a < 3 ? 1.0 : 2.0) * tensor * local[c][d] * stress[d];
        }
      S[a][b] = strain;
    }
}

static void uniaxial_stress_gives_the_modulus(void)
{
  const PetscReal e              = 1e-3;
  const PetscReal eps[OST_VOIGT] = {-metal.nu * e, -metal.nu * e, e, 0, 0, 0};
  PetscReal       sig[OST_VOIGT];

  ost_elastic_stress(&metal, eps, sig);
  OST_CHECK_NEAR(sig[OST_ZZ], metal.E * e, 1e-12);
  OST_CHECK_NEAR(sig[OST_XX], 0.0, 1e-11);
  OST_CHECK_NEAR(sig[OST_YZ], 0.0, 0.0);
}

static void shear_strain_is_engineering_shear(void)
{
  const PetscReal eps[OST_VOIGT] = {0, 0, 0, 2e-3, 0, 0};
  PetscReal       sig[OST_VOIGT];

  ost_elastic_stress(&metal, eps, sig);
  OST_CHECK_NEAR(sig[OST_YZ], metal.E / (2 * (1 + metal.nu)) * 2e-3, 1e-12);
}

static void stiffness_inverts_the_turned_compliance(void)
{
  for (int n = 0; n < 2; n++) {
    PetscReal C[36];
    double    S[6][6];
    compliance(&bones[n], S);
    ost_elastic_stiffness(&bones[n], C);
    for (int i = 0; i < 6; i++)
      for (int k = 0; k < 6; k++) {
        double unity = 0.0;
        for (int j = 0; j < 6; j++) unity += C[6 * i + j] * S[j][k];
        OST_CHECK_NEAR(unity, i == k ? 1.0 : 0.0, 1e-12);
        OST_CHECK_NEAR(C[6 * i + k], C[6 * k + i], 1e-14);
      }
  }
}

/* Bars cut along z from bone whose axis is at an angle t to z, in the plane xz:
   1/E(t) = c4/E3 + s4/E1 + s2 c2 (1/G13 - 2 nu31/E3) (Lekhnitskii). */
static void bars_cut_at_an_angle_are_as_stiff_as_the_formula(void)
{
  const double angles[] = {0.0, 30.0, 45.0, 90.0};

  for (int n = 0; n < 4; n++) {
    const double t = angles[n] * M_PI / 180.0, c2 = cos(t) * cos(t), s2 = sin(t) * sin(t);
    OstElastic   m = bones[0];
    double       S[6][6];
    PetscReal    eps[6], sig[6];
    m.axis[0]            = sin(t);
    m.axis[1]            = 0.0;
    m.axis[2]            = cos(t);
    const double modulus = 1.0 / (c2 * c2 / m.E + s2 * s2 / m.E_across +
                                  s2 * c2 * (1.0 / m.G_along - 2.0 * m.nu / m.E));
    compliance(&m, S);
    OST_CHECK_NEAR(1.0 / S[2][2], modulus, 1e-12);
    for (int i = 0; i < 6; i++) eps[i] = S[i][2];
    ost_elastic_stress(&m, eps, sig);
    for (int i = 0; i < 6; i++) OST_CHECK_NEAR(sig[i], i == 2 ? 1.0 : 0.0, 1e-12);
    /* the same bar with the axis a right angle off is another one */
    m.axis[0] = cos(t);
    m.axis[2] = -sin(t);
    ost_elastic_stress(&m, eps, sig);
    OST_CHECK(fabs(sig[2] - 1.0) > 0.05 || fabs(sig[4]) > 0.05);
  }
}

static void equal_constants_are_isotropic_about_any_axis(void)
{
  const PetscReal eps[6] = {1e-3, -2e-3, 0.5e-3, 0.7e-3, -1.1e-3, 0.3e-3};
  OstElastic      m      = bones[0];
  PetscReal       got[6], wanted[6];

  m.E = m.E_across = metal.E;
  m.nu = m.nu_across = metal.nu;
  m.G_along          = 0.5 * metal.E / (1.0 + metal.nu);
  ost_elastic_stress(&m, eps, got);
  ost_elastic_stress(&metal, eps, wanted);
  for (int i = 0; i < 6; i++) OST_CHECK_NEAR(got[i], wanted[i], 1e-12);
}

static void sense_of_the_axis_has_no_say(void)
{
  const PetscReal eps[6] = {1e-3, -2e-3, 0.5e-3, 0.7e-3, -1.1e-3, 0.3e-3};
  OstElastic      m      = bones[0];
  PetscReal       a[6], b[6];

  ost_elastic_stress(&m, eps, a);
  for (int i = 0; i < 3; i++) m.axis[i] = -m.axis[i];
  ost_elastic_stress(&m, eps, b);
  for (int i = 0; i < 6; i++) OST_CHECK_NEAR(a[i], b[i], 0.0);
}

/* Strain of the stress (1, 1, s) in the material's frame, s = 2 nu31: the weakest there is. */
static void weakest_strain(const OstElastic *m, PetscReal eps[6])
{
  OstElastic upright = *m;
  double     S[6][6];

  upright.axis[0] = upright.axis[1] = 0.0;
  upright.axis[2]                   = 1.0;
  compliance(&upright, S);
  for (int i = 0; i < 6; i++) eps[i] = S[i][0] + S[i][1] + 2.0 * m->nu * S[i][2];
}

static void energy_is_positive_as_long_as_the_margin_is(void)
{
  OstElastic m = bones[0];
  PetscReal  eps[6], sig[6], work = 0.0;

  for (int i = 0; i < 6; i++) eps[i] = 1e-3 * sin(3.7 * i + 1.0);
  ost_elastic_stress(&m, eps, sig);
  for (int i = 0; i < 6; i++) work += 0.5 * sig[i] * eps[i];
  OST_CHECK_NEAR(ost_elastic_energy(&m, eps) / work, 1.0, 1e-14);

  for (int n = 0; n < 2; n++) OST_CHECK(ost_elastic_margin(&bones[n]) > 0.1);
  m.axis[0] = m.axis[1] = 0.0;
  m.axis[2]             = 1.0;
  /* nu31 at which the margin is zero */
  const PetscReal limit = PetscSqrtReal(0.5 * (1.0 - m.nu_across) * m.E / m.E_across);
  for (int k = -1; k <= 1; k += 2) {
    m.nu = limit * (1.0 + 1e-3 * k);
    weakest_strain(&m, eps);
    OST_CHECK((ost_elastic_margin(&m) > 0.0) == (k < 0));
    OST_CHECK((ost_elastic_energy(&m, eps) > 0.0) == (k < 0));
  }
}

static PetscErrorCode inadmissible_constants_are_named(void)
{
  const OstWhere at     = {"x.yaml", 12};
  OstElastic     bad[3] = {bones[0], bones[0], {.E = 1000.0, .nu = 0.5}};
  OstDiagList   *list;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_elastic_check(&bones[0], "cortex", at, list));
  PetscCall(ost_elastic_check(&metal, "metal", at, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  bad[0].nu      = 0.6;
  bad[1].G_along = 0.0;
  for (int n = 0; n < 3; n++) PetscCall(ost_elastic_check(&bad[n], "cortex", at, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 3);
  OST_CHECK_INT(ost_diag_get(list, 0).at.line, 12);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "nu31 = 0.6");
  OST_CHECK_TEXT(ost_diag_get(list, 0).fix, "lower");
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  uniaxial_stress_gives_the_modulus();
  shear_strain_is_engineering_shear();
  stiffness_inverts_the_turned_compliance();
  bars_cut_at_an_angle_are_as_stiff_as_the_formula();
  equal_constants_are_isotropic_about_any_axis();
  sense_of_the_axis_has_no_say();
  energy_is_positive_as_long_as_the_margin_is();
  PetscCall(inadmissible_constants_are_named());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
