/* Friction at a point: Coulomb's limit, the wear of a grown surface against its formula, tangents
   against differences, and that each can be switched off. */
#include "interface/friction_law.h"

#include "base/tensor.h"
#include "support/check.h"

/* Elastic slip 1 um, broken 0.3, grown 0.7, wear from 50 um over 4 x 50 um. */
static OstFrictionLaw worn_law(void)
{
  return (OstFrictionLaw){.friction     = 0.3,
                          .unbroken     = 0.7,
                          .elastic_slip = 1e-3,
                          .stiffness    = 1e4,
                          .wear_from    = 0.05,
                          .wear_width   = 2.0};
}

static OstRub slide(const OstFrictionLaw *law, PetscReal pressure, PetscReal way, PetscReal worn)
{
  const OstRubInput in = {
      .way = {0.6 * way, 0.8 * way, 0.0}, .pressure = pressure, .grown = 1.0, .worn = worn};
  return ost_friction_rub(law, &in);
}

/* f of Immel et al. (2020): 1 up to a_s, 1/2 in the middle, 0 from a_s (1 + 2 b_s) on. */
static void the_grown_surface_wears_by_its_formula(void)
{
  const OstFrictionLaw law = worn_law();
  PetscReal            slope, more, less;

  OST_CHECK_NEAR(ost_friction_left(&law, 0.05, &slope), 1.0, 1e-15);
  OST_CHECK_NEAR(ost_friction_left(&law, 0.15, &slope), 0.5, 1e-15);
  OST_CHECK_NEAR(ost_friction_left(&law, 0.25, &slope), 0.0, 1e-15);
  for (PetscReal slip = 0.06; slip < 0.25; slip += 0.02) {
    const PetscReal left = ost_friction_left(&law, slip, &slope);
    PetscReal       spare;
    more = ost_friction_left(&law, slip + 1e-7, &spare);
    less = ost_friction_left(&law, slip - 1e-7, &spare);
    OST_CHECK_NEAR(slope, (more - less) / 2e-7, 1e-6);
    OST_CHECK_NEAR(ost_friction_slip(&law, left), slip, 1e-12);
  }
}

static void the_limit_falls_from_grown_to_broken(void)
{
  OstFrictionLaw law = worn_law();

  OST_CHECK_NEAR(slide(&law, 10.0, 0.01, 0.0).limit, 7.0, 1e-12);
  OST_CHECK_NEAR(slide(&law, 10.0, 0.001 + 0.15, 0.0).limit, 5.0, 1e-12); /* slid 0.15 */
  OST_CHECK_NEAR(slide(&law, 10.0, 0.5, 0.0).limit, 3.0, 1e-12);
  OST_CHECK_NEAR(slide(&law, 10.0, 0.01, 0.3).limit, 3.0, 1e-12);
  law.wear_from = 0.0; /* Coulomb */
  OST_CHECK_NEAR(slide(&law, 10.0, 0.01, 0.0).limit, 3.0, 1e-12);
  law.friction = 0.0;
  OST_CHECK_NEAR(slide(&law, 10.0, 0.01, 0.0).limit, 0.0, 0.0);
}

/* The resting place moves by way less reach, whatever the reach hangs on. */
static void slip_is_way_less_reach(void)
{
  OstFrictionLaw law = worn_law();

  for (int stiff = 0; stiff < 2; stiff++) {
    if (stiff) law.elastic_slip = 0.0;
    for (PetscReal way = 0.002; way < 0.4; way *= 1.7) {
      const OstRub    rub   = slide(&law, 12.0, way, 0.02);
      const PetscReal reach = PetscMax(law.elastic_slip, rub.limit / law.stiffness);
      OST_CHECK_NEAR(rub.slid, PetscMax(way - reach, 0.0), 1e-12);
      OST_CHECK_NEAR(ost_norm3(rub.traction), rub.slid > 0.0 ? rub.limit : rub.limit / reach * way,
                     1e-9);
    }
  }
}

/* Along the way, across it, and with the pressure. */
static void tangents_are_the_derivatives(void)
{
  OstFrictionLaw law = worn_law();

  for (int stiff = 0; stiff < 2; stiff++) {
    if (stiff) law.elastic_slip = 0.0;
    for (PetscReal way = 0.0003; way < 0.4; way *= 1.9) {
      const OstRub    rub   = slide(&law, 12.0, way, 0.02);
      const PetscReal step  = 1e-8;
      const PetscReal along = (ost_norm3(slide(&law, 12.0, way + step, 0.02).traction) -
                               ost_norm3(slide(&law, 12.0, way - step, 0.02).traction)) /
                              (2.0 * step);
      const PetscReal grip = (ost_norm3(slide(&law, 12.0 + step, way, 0.02).traction) -
                              ost_norm3(slide(&law, 12.0 - step, way, 0.02).traction)) /
                             (2.0 * step);
      OST_CHECK_NEAR(rub.along / law.stiffness, along / law.stiffness, 1e-5);
      OST_CHECK_NEAR(rub.grip, grip, 1e-5);
      OST_CHECK_NEAR(rub.across, ost_norm3(rub.traction) / way, 1e-9 * law.stiffness);
    }
  }
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  the_grown_surface_wears_by_its_formula();
  the_limit_falls_from_grown_to_broken();
  slip_is_way_less_reach();
  tangents_are_the_derivatives();
  PetscCall(PetscFinalize());
  return ost_check_report();
}
