/* A wedge on an incline: the horizontal force that pushes it up, or lets it down.

   A body of weight G stands on a plane of inclination alpha and is moved sideways by a force F on
   its upright back, which is free to rise. Forces along and across the plane, with the normal force
   N and friction mu N against the motion:
       up:    F cos a = G sin a + mu N,  N = G cos a + F sin a   =>  F/G = (t + mu)/(1 - mu t)
       down:  F cos a = G sin a - mu N                          =>  F/G = (t - mu)/(1 + mu t)
   with t = tan a = 0.1: F/G = 0.1, 0.202020, 0.306122, 0.412371 up for mu = 0, 0.1, 0.2, 0.3.
   Source: statics of Coulomb's law; the problem is that of a known contact benchmark (Feng and
   Prinja 2001, NAFEMS R0081; recalled, the numbers above are the formula's).
   The law is linear in the pressure, so the sums hold however the elastic bodies share N, as long
   as no point is open and all slide one way: Poisson's ratio is 0 and the sides are held, so that
   none slides sideways, and the wedge is low, so that it does not tip. The way is 0.1 mm up and
   0.2 mm down again; at a thousandth of the height of the bodies it is small.
   Tolerance: 0.5 % (design); rounding is left. The vertical force on the plane is the weight to
   1e-8. Mutations: each friction misses the bar of the next by far; friction must point against the
   motion, so that the down-hill force is another one. */
#include "support/problem.h"

#define SLOPE  0.1
#define LENGTH 30.0
#define HEIGHT 8.0 /* of the wedge at x = LENGTH and of the base at x = 0, where they are lowest */
#define WIDTH  4.0
#define WEIGHT 0.05 /* N/mm3 */

/* The plane is z = SLOPE (x - LENGTH); the wedge stands on it with a flat top, the base on the
   floor. */
static void place(const double p[3], double x[3], const void *context)
{
  const double plane = SLOPE * LENGTH * (p[0] - 1.0), floor = -SLOPE * LENGTH - HEIGHT;
  (void)context;
  x[0] = LENGTH * p[0];
  x[1] = WIDTH * p[1];
  x[2] = p[2] < 0.5 ? floor + 2.0 * p[2] * (plane - floor)
                    : plane + (2.0 * p[2] - 1.0) * (HEIGHT - plane);
}

static int body(const double centre[3], const void *context)
{
  (void)context;
  return centre[2] > 0.5 ? OST_STEM : OST_CORTICAL;
}

static int surface(int direction, int side, const double centre[3], const void *context)
{
  (void)centre;
  (void)context;
  if (direction != 2) return OST_PERIOSTEUM;
  return side ? OST_ABUTMENT_END : OST_PROXIMAL;
}

/* The back of the wedge, its high side, is moved by the context; the base stands on its floor. */
static int moved(const double x[3], int implant, double u[3], const void *context)
{
  const int sides = x[1] < 1e-9 || x[1] > WIDTH - 1e-9 ? 2 : 0;

  u[0] = u[1] = u[2] = 0.0;
  if (!implant) return x[2] < -SLOPE * LENGTH - HEIGHT + 1e-9 ? 7 : sides;
  if (x[0] > 1e-9) return sides;
  u[0] = *(const double *)context;
  return sides | 1;
}

static int at_rest(const double x[3], int implant, double u[3], const void *context)
{
  const double way = 0.0;
  (void)context;
  return moved(x, implant, u, &way);
}

static void weight(const double x[3], double f[3], const void *context)
{
  (void)context;
  f[0] = f[1] = 0.0;
  f[2]        = x[2] > SLOPE * (x[0] - LENGTH) ? -WEIGHT : 0.0;
}

typedef struct {
  double up, down; /* F/G */
} Push;

static PetscErrorCode push_to(OstProblem *p, double way, double *force)
{
  double f[3], moment[3], floor[3], all = 0.0;

  PetscFunctionBeginUser;
  PetscCall(ost_problem_prescribe(p, moved, &way));
  PetscCall(ost_problem_reach(p, 0.0));
  PetscCall(ost_problem_reaction(p, 1, f, moment));
  PetscCall(ost_problem_reaction(p, 0, floor, moment));
  const double volume = LENGTH * WIDTH * (HEIGHT + 0.5 * SLOPE * LENGTH);
  OST_CHECK_NEAR(floor[2] / (WEIGHT * volume), 1.0, 1e-8);
  OST_CHECK_NEAR((floor[0] + f[0]) / (WEIGHT * volume), 0.0, 1e-8);
  *force = f[0] / (WEIGHT * volume);
  for (PetscInt k = 0; k < p->iface->num_points; k++)
    all += p->eq->answer[k].pressure > 0.0 ? p->iface->area[k] : 0.0;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  OST_CHECK_NEAR(all / p->iface->total_area, 1.0, 1e-12); /* pressed everywhere */
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode slide(double friction, Push *push)
{
  const OstBlock block = {
      .n = {6, 1, 4}, .wrap = -1, .straight = 1, .map = place, .region = body, .surface = surface};
  OstTractionLaw law = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS] = {0};
  OstProblem     p;

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) E[r] = 20000.0;
  law.friction     = friction;
  law.elastic_slip = 0.0;
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, at_rest, &p));
  PetscCall(ost_problem_add_body_force(&p, weight, NULL));
  PetscCall(push_to(&p, 0.1, &push->up));
  PetscCall(push_to(&p, -0.1, &push->down));
  const double up = (SLOPE + friction) / (1.0 - friction * SLOPE);
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "mu %g: F/G up %.6f of %.6f, down %.6f of %.6f; newton %d\n", friction,
                        push->up, up, push->down, (SLOPE - friction) / (1.0 + friction * SLOPE),
                        (int)p.eq->count.newton));
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static double off(double value, double wanted)
{
  return fabs(value - wanted) / fabs(wanted);
}

int main(int argc, char **argv)
{
  const double friction[4] = {0.0, 0.1, 0.2, 0.3}, bar = 5e-3;
  const double wanted[4] = {0.1, 0.202020, 0.306122, 0.412371};
  Push         push[4];

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  for (int k = 0; k < 4; k++) {
    const double mu = friction[k], down = (SLOPE - mu) / (1.0 + mu * SLOPE);
    PetscCall(slide(mu, &push[k]));
    OST_CHECK(off(push[k].up, (SLOPE + mu) / (1.0 - mu * SLOPE)) < bar);
    OST_CHECK(off(push[k].up, wanted[k]) < bar);
    OST_CHECK(down != 0.0 ? off(push[k].down, down) < bar : fabs(push[k].down) < bar * SLOPE);
  }
  for (int k = 1; k < 4; k++) {
    OST_CHECK(off(push[k - 1].up, wanted[k]) > bar);
    OST_CHECK(off(push[k].down, wanted[k]) > bar);
  }
  PetscCall(PetscFinalize());
  return ost_check_report();
}
