/* A ring pressed on a solid shaft, free at both ends (Lame, plane stress).

   Shaft of radius b, ring from b to c, radial interference d, frictionless, contact stiffness k_n:
       solid shaft, pressed from outside:  u(b) = -(p b/E_s) (1 - nu_s)
       ring, pressed from inside:          u(b) = +(p b/E_r) ((c^2 + b^2)/(c^2 - b^2) + nu_r)
       p = d / (b ((1 - nu_s)/E_s + ((c^2 + b^2)/(c^2 - b^2) + nu_r)/E_r) + 1/k_n)
       hoop stress at the bore of the ring  p (c^2 + b^2)/(c^2 - b^2)
   With b = 9, c = 14, d = 0.05 mm, titanium (110 GPa, 0.33) in bone (17 GPa, 0.3) and k_n infinite:
   p = 33.58 MPa and 80.89 MPa of hoop stress at the endosteum; the numbers fix what is meant by a
   ring of 9/14 mm: radii, and an interference on the radius. The disc is 1 mm thick and held across
   z = 0 only: in-plane stresses are the same at all z, and each body grows thicker by as much
   everywhere, so the ends are free at any thickness. Source: Timoshenko and Goodier, Theory of
   Elasticity, art. 28.
   A quarter of the disc without a bore: concentric squares become circles. Where the brick at the
   corner of a square comes to have a straight angle, its diagonal halves it, so that no tetrahedron
   is flat. k_n is so high that it gives way by 0.2 %, and is left out of what is wanted.
   Tolerance 1 %: the pressure at every point, the hoop stress on the interface at the corners of
   the ring's cells, raw, and the shaft's, -p up to the axis, where any bore would double it. On
   this mesh 0.5, 0.9 and 0.3 %, and the mean pressure 0.22 %. Mutation: with half the interference
   all three must fail. */
#include "support/problem.h"

#include "base/tensor.h"
#include "fem/element.h"

#define SHAFT        9.0
#define OUTER        14.0
#define THICK        1.0
#define INTERFERENCE 0.05
#define STIFFNESS    3e5

static const double modulus[2] = {17000.0, 110000.0}, poisson[2] = {0.3, 0.33}; /* ring, shaft */

typedef struct {
  int shaft, all; /* bricks along the radius */
} Disc;

/* The square of half-width s becomes the circle of its radius; angles by the way round. */
static void place(const double p[3], double x[3], const void *context)
{
  const Disc  *disc  = context;
  const double share = (double)disc->shaft / disc->all, s = fmax(p[0], p[1]);
  const double r =
      s <= share ? SHAFT * s / share : SHAFT + (OUTER - SHAFT) * (s - share) / (1.0 - share);
  const double angle = s <= 0.0       ? 0.0
                       : p[1] <= p[0] ? 0.25 * M_PI * p[1] / p[0]
                                      : M_PI * (0.5 - 0.25 * p[0] / p[1]);
  x[0]               = r * cos(angle);
  x[1]               = r * sin(angle);
  x[2]               = THICK * p[2];
}

static int body(const double centre[3], const void *context)
{
  const Disc *disc = context;
  return fmax(centre[0], centre[1]) * disc->all < disc->shaft ? OST_STEM : OST_CORTICAL;
}

static int ends(int direction, int side, const double centre[3], const void *context)
{
  if (direction != 2) return OST_PERIOSTEUM;
  if (body(centre, context) == OST_STEM) return side ? OST_ABUTMENT_END : OST_RESECTION;
  return side ? OST_RESECTION : OST_PROXIMAL;
}

static int held(const double x[3], int implant, double u[3], const void *context)
{
  (void)implant;
  (void)context;
  u[0] = u[1] = u[2] = 0.0;
  return (fabs(x[0]) < 1e-9 ? 1 : 0) | (fabs(x[1]) < 1e-9 ? 2 : 0) | (x[2] < 1e-9 ? 4 : 0);
}

static double exact_pressure(double b, double c)
{
  return INTERFERENCE / (b * ((1.0 - poisson[1]) / modulus[1] +
                              ((c * c + b * b) / (c * c - b * b) + poisson[0]) / modulus[0]));
}

/* Stress along a direction in the plane at a corner of a cell. */
static double stress_along(const OstProblem *p, PetscInt cell, int corner, const double along[3])
{
  const int       shaft = ost_region_is_implant(p->mesh->region[cell]) ? 1 : 0;
  const PetscReal E = modulus[shaft], nu = poisson[shaft];
  const PetscReal lambda = E * nu / ((1.0 + nu) * (1.0 - 2.0 * nu)), mu = 0.5 * E / (1.0 + nu);
  PetscReal       x[30], u[30], b[4] = {0}, grad[OST_TET_NODES][3], eps[6];

  for (int a = 0; a < 10; a++)
    for (int d = 0; d < 3; d++) {
      x[3 * a + d] = p->mesh->x[3 * p->mesh->cells[10 * cell + a] + d];
      u[3 * a + d] = p->eq->local_u[3 * p->mesh->cells[10 * cell + a] + d];
    }
  b[corner] = 1.0;
  ost_tet10_gradients(x, b, grad);
  ost_strain(grad, u, eps);
  return lambda * (eps[OST_XX] + eps[OST_YY] + eps[OST_ZZ]) +
         2.0 * mu *
             (along[0] * along[0] * eps[OST_XX] + along[1] * along[1] * eps[OST_YY] +
              along[0] * along[1] * eps[OST_XY]);
}

typedef struct {
  double pressure, hoop, shaft; /* largest relative error */
} Errors;

static void stress_errors(const OstProblem *p, double pressure, Errors *errors)
{
  const double hoop = pressure * (OUTER * OUTER + SHAFT * SHAFT) / (OUTER * OUTER - SHAFT * SHAFT);

  for (PetscInt c = 0; c < p->mesh->num_cells; c++)
    for (int a = 0; a < 4; a++) {
      const PetscReal *x        = &p->mesh->x[3 * p->mesh->cells[10 * c + a]];
      const double     r        = hypot(x[0], x[1]);
      const double     round[3] = {r > 0.0 ? -x[1] / r : 1.0, r > 0.0 ? x[0] / r : 0.0, 0.0};
      const double     got      = stress_along(p, c, a, round);
      if (ost_region_is_implant(p->mesh->region[c]))
        errors->shaft = fmax(errors->shaft, fabs(got / pressure + 1.0));
      else if (r < SHAFT + 1e-9)
        errors->hoop = fmax(errors->hoop, fabs(got / hoop - 1.0));
    }
}

static PetscErrorCode solve(const Disc *disc, double interference, Errors *errors)
{
  const OstBlock block = {.n       = {disc->all, disc->all, 1},
                          .wrap    = -1,
                          .map     = place,
                          .region  = body,
                          .surface = ends,
                          .context = disc};
  OstTractionLaw law   = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS], mean = 0.0;
  const double   pressure = exact_pressure(SHAFT, OUTER);
  OstProblem     p;

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    E[r]  = modulus[ost_region_is_implant(r) ? 1 : 0];
    nu[r] = poisson[ost_region_is_implant(r) ? 1 : 0];
  }
  law.normal_stiffness = STIFFNESS;
  law.friction         = 0.0;
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, held, &p));
  ost_problem_set_fit(&p, -interference);
  PetscCall(ost_problem_reach(&p, 1.0));
  *errors = (Errors){0};
  for (PetscInt k = 0; k < p.iface->num_points; k++) {
    errors->pressure = fmax(errors->pressure, fabs(p.eq->answer[k].pressure / pressure - 1.0));
    mean += p.iface->area[k] * p.eq->answer[k].pressure / p.iface->total_area;
  }
  stress_errors(&p, pressure, errors);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, errors, 3, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &mean, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "d %g: pressure %.4f of %.4f MPa, errors: pressure %.2e hoop %.2e shaft "
                        "%.2e; newton %d krylov %d\n",
                        interference, mean, pressure, errors->pressure, errors->hoop, errors->shaft,
                        (int)p.eq->count.newton, (int)p.eq->count.krylov));
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  const Disc   fine = {12, 24}, coarse = {4, 8};
  const double bar = 0.01;
  Errors       errors;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  OST_CHECK_NEAR(exact_pressure(SHAFT, OUTER), 33.58, 2e-4);
  OST_CHECK_NEAR(exact_pressure(SHAFT, OUTER) * 277.0 / 115.0, 80.89, 2e-4);
  PetscCall(solve(&fine, INTERFERENCE, &errors));
  OST_CHECK(errors.pressure < bar);
  OST_CHECK(errors.hoop < bar);
  OST_CHECK(errors.shaft < bar);
  PetscCall(solve(&coarse, 0.5 * INTERFERENCE, &errors));
  OST_CHECK(errors.pressure > bar);
  OST_CHECK(errors.hoop > bar);
  OST_CHECK(errors.shaft > bar);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
