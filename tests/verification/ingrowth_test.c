/* Ingrowth and pull-out of a porous stem in sheep (theory.md, B4-B6, I6-I9).

   Measured (Jeyapalina et al. 2014): ingrowth 48 % at 3 and 71 % at 12 months, pull-out 5066 +-
   1543 and 13485 +- 1855 N. Both clocks are calibrated on 3 months, 12 months are predicted:
   bond_time so that 48 % has grown onto a surface that can bond to 70 %; strength_time so that
   the stem comes out at 5066 N. Out it comes by the traction law: a stem bonded into a tube of
   cortex is drawn by its end, and the largest force counts. Not in the abstract, so assumed: a
   stem of 14 x 60 mm (2639 mm2) in a cortex of 3 mm, and the shear strength of a mature porous
   surface, 15 MPa. The area decides: where it is larger the strength at 3 months is less and
   its clock slower.
   The test holds that the calibration meets 3 months (without a clock of the strength it
   cannot: mature as it grows, the bond bears a fifth more), that the ingrowth of 12 months is
   met within 5 %, and that the force of 12 months comes out within a factor of 2, rising by a
   quarter at least. It is too low, since the bond breaks from its end: `-energy N/mm` is
   another fracture energy in shear than the default's. The figures stand in
   cases/validation/README.md. */
#include "physics/mature.h"

#include "input/quantity.h"
#include "interface/coating.h"
#include "support/problem.h"
#include "support/ring.h"

static const OstRing scene = {3.0, 7.0, 10.0, 60.0, 1, 1, 8, 6};

#define EARLY    (3.0 * OST_MONTH)
#define LATE     (12.0 * OST_MONTH)
#define INGROWTH 0.48
#define FORCE    5066.0

/* --- the laws of growth ----------------------------------------------------------------------- */

static OstMaturity grown(const OstMature *law, double t_day)
{
  const OstMatureInput rest  = {.density = 1.8};
  const int            steps = 400;
  const double         dt    = t_day / steps;
  OstMaturity          m     = {0};

  for (int i = 0; i < steps; i++) { /* Heun */
    const OstMaturity a   = ost_mature_rate(law, &m, &rest);
    const OstMaturity end = {.bond     = m.bond + dt * a.bond,
                             .strength = m.strength + dt * a.strength};
    const OstMaturity b   = ost_mature_rate(law, &end, &rest);
    m.bond += 0.5 * dt * (a.bond + b.bond);
    m.strength += 0.5 * dt * (a.strength + b.strength);
  }
  return m;
}

/* The clock at which `wanted` is reached at EARLY: both fall as the clock grows. */
static double calibrated(OstMature *law, PetscReal *clock, int of_strength, double wanted)
{
  double low = 1.0, high = 3650.0;

  while (high - low > 1e-6 * high) {
    *clock              = 0.5 * (low + high);
    const OstMaturity m = grown(law, EARLY);
    if ((of_strength ? m.strength : m.bond) > wanted)
      low = *clock;
    else
      high = *clock;
  }
  return *clock;
}

/* --- the pull-out ----------------------------------------------------------------------------- */

/* The stem's end is drawn along z, the cortex held at the far end. */
static int held(const double x[3], int implant, double u[3], const void *context)
{
  u[0] = u[1] = u[2] = 0.0;
  if (implant && x[2] > scene.height - 1e-9) {
    u[2] = *(const double *)context;
    return ost_ring_symmetry(x) | 4;
  }
  return ost_ring_symmetry(x) | (!implant && x[2] < 1e-9 ? 4 : 0);
}

/* Largest force of the way out [N]. */
static PetscErrorCode pull_out(double bond, double strength, double *most)
{
  const OstBlock block               = ost_ring_block(&scene);
  OstTractionLaw law                 = ost_coating_law(OST_POROUS);
  const double   E[OST_NUM_REGIONS]  = {[OST_CORTICAL] = 17000.0, [OST_STEM] = 113800.0};
  const double   nu[OST_NUM_REGIONS] = {[OST_CORTICAL] = 0.3, [OST_STEM] = 0.342};
  double         way                 = 0.0, force[3], moment[3];
  OstProblem     p;

  PetscFunctionBeginUser;
  PetscCall(PetscOptionsGetReal(NULL, NULL, "-energy", &law.energy_II, NULL));
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, held, &p));
  PetscCall(ost_problem_bond(&p, bond, strength));
  p.eq->options.tolerance = 1e-6;
  *most                   = 0.0;
  for (way = 0.005; way < 0.2; way *= 1.2) {
    PetscCall(ost_problem_prescribe(&p, held, &way));
    PetscCall(ost_problem_reach(&p, 0.0));
    PetscCall(ost_problem_reaction(&p, 1, force, moment));
    *most = fmax(*most, force[2]);
    if (force[2] < 0.95 * *most) break;
  }
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The strength at which the bond of 3 months gives way at the measured force, which grows less than
   the strength: the bond breaks from its end. */
static PetscErrorCode strength_of_force(double bond, double *strength, double *force)
{
  PetscFunctionBeginUser;
  *strength = 0.3;
  for (int i = 0; i < 6; i++) {
    PetscCall(pull_out(bond, *strength, force));
    if (fabs(*force / FORCE - 1.0) < 0.01) break;
    *strength *= pow(FORCE / *force, 2.0);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  OstMature law = ost_mature_default();
  double    strength, early, mature, late;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  const double area = 2.0 * M_PI * scene.middle * scene.height;
  calibrated(&law, &law.bond_time, 0, INGROWTH);
  PetscCall(pull_out(INGROWTH, 1.0, &mature));
  PetscCall(strength_of_force(INGROWTH, &strength, &early));
  calibrated(&law, &law.strength_time, 1, strength);
  const OstMaturity at_3 = grown(&law, EARLY), at_12 = grown(&law, LATE);
  PetscCall(pull_out(at_12.bond, at_12.strength, &late));
  PetscCall(PetscPrintf(
      PETSC_COMM_WORLD,
      "bond_time %.2f month, strength_time %.2f month\n"
      " 3 months: ingrowth %.3f, strength %.3f, %.0f N (%.2f of area x B x s x tau); mature %.0f "
      "N\n"
      "12 months: ingrowth %.3f, strength %.3f, %.0f N (%.2f of area x B x s x tau)\n",
      law.bond_time / OST_MONTH, law.strength_time / OST_MONTH, at_3.bond, at_3.strength, early,
      early / (area * at_3.bond * at_3.strength * 15.0), mature, at_12.bond, at_12.strength, late,
      late / (area * at_12.bond * at_12.strength * 15.0)));
  OST_CHECK_NEAR(at_3.bond, INGROWTH, 1e-4);
  OST_CHECK_NEAR(early / FORCE, 1.0, 0.02);
  OST_CHECK(mature > 1.1 * FORCE);
  OST_CHECK_NEAR(at_12.bond / 0.71, 1.0, 0.05);
  OST_CHECK(late > 0.5 * 13485.0 && late < 2.0 * 13485.0);
  OST_CHECK(late > 1.25 * early);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
