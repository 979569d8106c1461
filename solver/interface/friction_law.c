#include "interface/friction_law.h"

#include "base/tensor.h"

PetscReal ost_friction_left(const OstFrictionLaw *law, PetscReal slip, PetscReal *slope)
{
  const PetscReal a = law->wear_from, b = law->wear_width, x = slip / a;

  *slope = 0.0;
  if (x <= 1.0) return 1.0;
  if (x >= 1.0 + 2.0 * b) return 0.0;
  const PetscReal phase = 0.5 * PETSC_PI * ((x - 1.0) / b - 1.0);
  *slope                = -0.25 * PETSC_PI / (a * b) * PetscCosReal(phase);
  return 0.5 - 0.5 * PetscSinReal(phase);
}

PetscReal ost_friction_slip(const OstFrictionLaw *law, PetscReal left)
{
  const PetscReal phase = PetscAsinReal(1.0 - 2.0 * PetscMax(0.0, PetscMin(1.0, left)));

  return law->wear_from * (1.0 + law->wear_width * (1.0 + phase / (0.5 * PETSC_PI)));
}

/* Coefficient of friction after a further slip, and its derivative [1/mm]. */
static PetscReal coefficient(const OstFrictionLaw *law, const OstRubInput *in, PetscReal slid,
                             PetscReal *slope)
{
  PetscReal d_left;

  *slope = 0.0;
  if (law->wear_from <= 0.0) return law->friction;
  const PetscReal more = in->grown * (law->unbroken - law->friction);
  const PetscReal left = ost_friction_left(law, in->worn + slid, &d_left);
  *slope               = more * d_left;
  return law->friction + more * left;
}

/* The slip that brings the way back to the reach: explicit while the reach is the elastic slip;
   where it follows the limit, and the limit the slip, by bisection, since both are monotone. */
static PetscReal slip_of(const OstFrictionLaw *law, const OstRubInput *in, PetscReal way)
{
  PetscReal low = 0.0, high = way, slope;

  if (way <= 0.0) return 0.0;
  for (int i = 0; i < 60; i++) {
    const PetscReal slid  = 0.5 * (low + high);
    const PetscReal limit = coefficient(law, in, slid, &slope) * in->pressure;
    const PetscReal reach = PetscMax(law->elastic_slip, limit / law->stiffness);
    if (way - reach > slid)
      low = slid;
    else
      high = slid;
  }
  return 0.5 * (low + high);
}

/* Without pressure nothing rubs, and the resting place follows. What the step began with goes to
   nothing as the pressure does, with the elastic slip as its reach. */
static OstRub rub_open(const OstFrictionLaw *law, OstRub rub)
{
  const PetscReal a = law->elastic_slip;

  rub.slid   = rub.way;
  rub.rubbed = PetscMax(rub.way - a, 0.0);
  rub.held   = a > 0.0 ? 0.5 * PetscSqr(PetscMin(rub.way, a)) / a : 0.0;
  rub.pumps  = PETSC_TRUE;
  /* a point that touches for the first time must not be loose */
  if (rub.way <= 0.0) rub.across = rub.along = law->stiffness;
  return rub;
}

OstRub ost_friction_rub(const OstFrictionLaw *law, const OstRubInput *in)
{
  OstRub    rub   = {.way = ost_norm3(in->way)};
  PetscReal slope = 0.0;

  for (int i = 0; i < 3 && rub.way > 0.0; i++) rub.sense[i] = in->way[i] / rub.way;
  rub.limit = coefficient(law, in, 0.0, &slope) * in->pressure;
  if (rub.limit <= 0.0) return rub_open(law, rub);
  rub.reach = PetscMax(law->elastic_slip, rub.limit / law->stiffness);
  /* What has just slid stands on the limit, but for rounding: it starts the next step as sticking,
     so that a reversal of load begins with the right tangent. */
  const PetscBool slides = rub.way > rub.reach * (1.0 + 1e-10) ? PETSC_TRUE : PETSC_FALSE;
  if (slides) {
    const PetscBool fixed_reach =
        law->wear_from <= 0.0 || rub.reach == law->elastic_slip ? PETSC_TRUE : PETSC_FALSE;
    rub.slid = rub.rubbed = fixed_reach ? rub.way - rub.reach : slip_of(law, in, rub.way);
    rub.limit             = coefficient(law, in, rub.slid, &slope) * in->pressure;
    rub.reach             = rub.way - rub.slid;
  }
  const PetscReal mu     = rub.limit / in->pressure;
  const PetscBool stiff  = rub.reach > law->elastic_slip * (1.0 + 1e-9) ? PETSC_TRUE : PETSC_FALSE;
  const PetscReal softer = slides ? in->pressure * slope : 0.0; /* d limit / d slip */
  const PetscReal share  = stiff ? 1.0 / (1.0 + softer / law->stiffness) : 1.0;

  for (int i = 0; i < 3; i++)
    rub.traction[i] = slides ? rub.limit * rub.sense[i] : rub.limit / rub.reach * in->way[i];
  rub.across = slides ? rub.limit / rub.way : rub.limit / rub.reach;
  rub.along  = slides ? softer * share : rub.across;
  rub.grip   = slides ? mu * share : stiff ? 0.0 : mu * rub.way / rub.reach;
  rub.held   = 0.5 * PetscSqr(PetscMin(rub.way, rub.reach)) / rub.reach;
  rub.pumps  = stiff ? PETSC_FALSE : PETSC_TRUE;
  return rub;
}
