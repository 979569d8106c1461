/* A cylinder pressed on a block (Hertz, line contact, plane strain).

   Cylinder of radius R on a plane, force F per length, 1/E* = (1 - nu1^2)/E1 + (1 - nu2^2)/E2:
       a = sqrt(4 F R/(pi E*)),  p(x) = p0 sqrt(1 - x^2/a^2),  p0 = 2 F/(pi a)
   R = 50 mm, E = 210 GPa on 70 GPa, nu = 0.3, F = 35 kN/mm: a = 6.2146 mm, p0 = 3585.36 MPa.
   Source: Johnson 1985, Contact Mechanics, ch. 4; the numbers are those of a known benchmark
   (NAFEMS CT-1, Konter 2006, R0094; recalled, they are the formula's).
   Displacements are small and the two sides of the interface conform here, so both bodies are
   blocks that share the plane z = 0, and the cylinder's shape is the initial gap x^2/(2R) of each
   point: Hertz's own problem, two half-spaces with a parabola between them. (The circle's R -
   sqrt(R^2 - x^2) is 0.4 % more at the edge of contact, a/R = 0.12, and is not his.) What
   half-spaces feel of the far ends falls with the square of a over their distance, 100 mm. The
   upper block is pressed by a rigid plate; its way is found by secants so that it carries F.
   From the tractions, x = 0 to a: p0 and a by the regression of p^2 on x^2 over points with more
   than a fifth of the largest pressure, and a once more by the second moment, int p x^2 / int p =
   a^2/4. Contact stiffness k_n gives way by p0/k_n = 3.6 um, 1 % of the approach a^2/(2R): left
   out of what is wanted.
   Tolerance 3 % (design). Here p0 is 0.3 % low and a 0.4 % wide, by regression and by the moment;
   on 24 x 24 bricks 0.5 % low, 1.5 and 0.2 % wide.
   Mutation: with half the radius the same check must fail. */
#include "support/problem.h"

#define RADIUS    50.0
#define SIZE      100.0
#define THICK     2.0
#define FORCE     35000.0
#define STIFFNESS 1e6

/* Fine towards x = 0, z = 0. */
static void place(const double p[3], double x[3], const void *context)
{
  const double kx = 4.2, kz = 5.0, from_plane = fabs(2.0 * p[2] - 1.0);
  (void)context;
  x[0] = SIZE * sinh(kx * p[0]) / sinh(kx);
  x[1] = THICK * p[1];
  x[2] = copysign(SIZE * expm1(kz * from_plane) / expm1(kz), p[2] - 0.5);
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

static int pressed(const double x[3], int implant, double u[3], const void *context)
{
  const int end  = fabs(x[2]) > SIZE * (1.0 - 1e-9);
  const int side = x[1] < 1e-9 || x[1] > THICK - 1e-9;

  u[0] = u[1] = 0.0;
  u[2]        = implant && end ? -*(const double *)context : 0.0;
  return (x[0] < 1e-9 ? 1 : 0) | (side ? 2 : 0) | (end ? 4 : 0);
}

static int at_rest(const double x[3], int implant, double u[3], const void *context)
{
  const double way = 0.0;
  (void)context;
  return pressed(x, implant, u, &way);
}

static double parabola(const double x[3], const void *context)
{
  return 0.5 * x[0] * x[0] / *(const double *)context;
}

typedef struct {
  double force, p0, a, a_moment;
} Contact;

static PetscErrorCode press(OstProblem *p, double way, Contact *contact)
{
  double force[3], moment[3], most = 0.0, sum[7] = {0}; /* of p, p x2; 1, x2, x4, p2, p2 x2 */

  PetscFunctionBeginUser;
  PetscCall(ost_problem_prescribe(p, pressed, &way));
  PetscCall(ost_problem_reach(p, 1.0));
  PetscCall(ost_problem_reaction(p, 1, force, moment));
  for (PetscInt k = 0; k < p->iface->num_points; k++) most = fmax(most, p->eq->answer[k].pressure);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  for (PetscInt k = 0; k < p->iface->num_points; k++) {
    const double x2 = p->iface->place[3 * k] * p->iface->place[3 * k], w = p->iface->area[k],
                 pressure = p->eq->answer[k].pressure, p2 = pressure * pressure;
    sum[0] += w * pressure;
    sum[1] += w * pressure * x2;
    if (pressure < 0.2 * most) continue;
    sum[2] += w;
    sum[3] += w * x2;
    sum[4] += w * x2 * x2;
    sum[5] += w * p2;
    sum[6] += w * p2 * x2;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 7, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  const double slope = (sum[2] * sum[6] - sum[3] * sum[5]) / (sum[2] * sum[4] - sum[3] * sum[3]);
  const double top   = (sum[5] - slope * sum[3]) / sum[2]; /* p2 = top + slope x2 */
  *contact           = (Contact){.force    = -2.0 * force[2] / THICK,
                                 .p0       = sqrt(top),
                                 .a        = sqrt(-top / slope),
                                 .a_moment = 2.0 * sqrt(sum[1] / sum[0])};
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "way %.4f mm: F %.1f N/mm, p0 %.2f MPa, a %.4f mm, by moment %.4f mm; "
                        "newton %d krylov %d\n",
                        way, contact->force, contact->p0, contact->a, contact->a_moment,
                        (int)p->eq->count.newton, (int)p->eq->count.krylov));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The way at which the plate carries F, by secants from two guesses [mm]. */
static PetscErrorCode solve(double radius, double first, double second, Contact *contact)
{
  const OstBlock block = {.n        = {20, 1, 20},
                          .wrap     = -1,
                          .straight = 1,
                          .map      = place,
                          .region   = body,
                          .surface  = surface};
  OstTractionLaw law   = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS];
  OstProblem     p;
  Contact        last;
  double         way[2] = {first, second};

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    E[r]  = ost_region_is_implant(r) ? 210000.0 : 70000.0;
    nu[r] = 0.3;
  }
  law.normal_stiffness = STIFFNESS;
  law.friction         = 0.0;
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, at_rest, &p));
  p.eq->options           = ost_newton_options_default();
  p.eq->options.tolerance = 1e-10;
  ost_problem_set_gap(&p, parabola, &radius);
  PetscCall(press(&p, way[0], &last));
  for (int k = 0; k < 4; k++) {
    PetscCall(press(&p, way[1], contact));
    if (fabs(contact->force / FORCE - 1.0) < 1e-3) break;
    const double next =
        way[1] + (way[1] - way[0]) * (FORCE - contact->force) / (contact->force - last.force);
    way[0] = way[1];
    way[1] = next;
    last   = *contact;
  }
  OST_CHECK_NEAR(contact->force / FORCE, 1.0, 1e-3);
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool within_bar(const Contact *contact)
{
  const double bar = 0.03, a = 6.2146, p0 = 3585.36;
  return fabs(contact->a / a - 1.0) < bar && fabs(contact->a_moment / a - 1.0) < bar &&
                 fabs(contact->p0 / p0 - 1.0) < bar
             ? PETSC_TRUE
             : PETSC_FALSE;
}

int main(int argc, char **argv)
{
  const double compliance = 0.91 * (1.0 / 210000.0 + 1.0 / 70000.0);
  const double a          = sqrt(4.0 * FORCE * RADIUS * compliance / M_PI);
  Contact      contact;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  OST_CHECK_NEAR(a, 6.2146, 1e-5);
  OST_CHECK_NEAR(2.0 * FORCE / (M_PI * a), 3585.36, 1e-5);
  PetscCall(solve(RADIUS, 1.4, 1.4155, &contact));
  OST_CHECK(within_bar(&contact));
  PetscCall(solve(0.5 * RADIUS, 1.4, 1.55, &contact));
  OST_CHECK(!within_bar(&contact));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
