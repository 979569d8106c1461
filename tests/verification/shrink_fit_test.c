/* Shrink fit of a hollow shaft in a thick ring (Lame).

   Plane strain (ends held in z), frictionless, radial interference d, contact stiffness k_n. With
   E' = E/(1 - nu^2), nu' = nu/(1 - nu) and radii a (bore), b (interface), c (outer):
       shaft, pressed from outside:  u(b) = -(p b/E') ((b^2 + a^2)/(b^2 - a^2) - nu')
       ring, pressed from inside:    u(b) = +(p b/E') ((c^2 + b^2)/(c^2 - b^2) + nu')
       u_ring - u_shaft + p/k_n = d
       hoop stress in the ring:      p b^2/(c^2 - b^2) (1 + c^2/r^2)
   Source: Timoshenko and Goodier, Theory of Elasticity, art. 28; design figure 1 %.
   Tolerance: the pressure within 1 % at every point; the hoop stress within 1 % of its largest at
   every integration point of the ring, and within 1 % at the corners on the interface, where it is
   largest (raw, nothing averaged). On this mesh 0.4, 0.3 and 0.7 %. Straight cells are 7 and 4 %
   off: why the interface asks for curved ones, and proof that the check can fail. */
#include "support/problem.h"
#include "support/ring.h"

#include "base/tensor.h"
#include "fem/element.h"

static const OstRing scene = {2.0, 7.0, 14.0, 1.0, 3, 8, 48, 1};

#define E_SHAFT      110000.0
#define E_RING       17000.0
#define NU           0.3
#define STIFFNESS    1e5
#define INTERFERENCE 0.025

static int held(const double x[3], int implant, double u[3], const void *context)
{
  (void)implant;
  (void)context;
  u[0] = u[1] = u[2] = 0.0;
  return ost_ring_symmetry(x) | (x[2] < 1e-9 || x[2] > scene.height - 1e-9 ? 4 : 0);
}

static double exact_pressure(void)
{
  const double a = scene.bore, b = scene.middle, c = scene.outer, nu = NU / (1.0 - NU);
  const double shaft = b * (1.0 - NU * NU) / E_SHAFT * ((b * b + a * a) / (b * b - a * a) - nu);
  const double ring  = b * (1.0 - NU * NU) / E_RING * ((c * c + b * b) / (c * c - b * b) + nu);
  return INTERFERENCE / (shaft + ring + 1.0 / STIFFNESS);
}

/* Hoop stress at a barycentric point of a cell, and the radius there. */
static double hoop_stress(const OstProblem *p, PetscInt cell, const PetscReal b[4], double *radius)
{
  const PetscReal lambda = E_RING * NU / ((1.0 + NU) * (1.0 - 2.0 * NU)),
                  mu     = 0.5 * E_RING / (1.0 + NU);
  PetscReal x[30], u[30], grad[OST_TET_NODES][3], N[OST_TET_NODES], eps[6], at[2] = {0, 0};

  for (int a = 0; a < 10; a++)
    for (int d = 0; d < 3; d++) {
      x[3 * a + d] = p->mesh->x[3 * p->mesh->cells[10 * cell + a] + d];
      u[3 * a + d] = p->eq->local_u[3 * p->mesh->cells[10 * cell + a] + d];
    }
  ost_tet10_shape(b, N);
  ost_tet10_gradients(x, b, grad);
  ost_strain(grad, u, eps);
  for (int a = 0; a < 10; a++)
    for (int d = 0; d < 2; d++) at[d] += N[a] * x[3 * a + d];
  *radius        = hypot(at[0], at[1]);
  const double c = at[0] / *radius, s = at[1] / *radius;
  const double hoop = s * s * eps[OST_XX] + c * c * eps[OST_YY] - s * c * eps[OST_XY];
  return lambda * (eps[OST_XX] + eps[OST_YY] + eps[OST_ZZ]) + 2.0 * mu * hoop;
}

typedef struct {
  double pressure, hoop, corner; /* largest relative error over all ranks */
} Errors;

static PetscErrorCode solve(int straight, Errors *errors)
{
  OstBlock       block = ost_ring_block(&scene);
  OstTractionLaw law   = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS];
  OstProblem     p;
  const double   pressure = exact_pressure(), b2 = scene.middle * scene.middle,
               c2 = scene.outer * scene.outer, most = pressure * (c2 + b2) / (c2 - b2);

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    E[r]  = ost_region_is_implant(r) ? E_SHAFT : E_RING;
    nu[r] = NU;
  }
  law.normal_stiffness = law.shear_stiffness = STIFFNESS;
  block.straight                             = straight;
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, held, &p));
  ost_problem_set_fit(&p, -INTERFERENCE);
  p.iface->friction_scale = 0.0;
  PetscCall(ost_problem_reach(&p, 1.0));
  *errors = (Errors){0};
  for (PetscInt k = 0; k < p.iface->num_points; k++)
    errors->pressure = fmax(errors->pressure, fabs(p.eq->answer[k].pressure / pressure - 1.0));
  for (PetscInt c = 0; c < p.mesh->num_cells; c++) {
    double radius;
    if (p.mesh->region[c] != OST_CORTICAL) continue;
    for (PetscInt q = 0; q < ost_tet_rule4.num; q++) {
      const double got    = hoop_stress(&p, c, &ost_tet_rule4.point[4 * q], &radius);
      const double wanted = pressure * b2 / (c2 - b2) * (1.0 + c2 / (radius * radius));
      errors->hoop        = fmax(errors->hoop, fabs(got - wanted) / most);
    }
    for (int a = 0; a < 4; a++) {
      PetscReal        corner[4] = {0};
      const PetscReal *x         = &p.mesh->x[3 * p.mesh->cells[10 * c + a]];
      if (hypot(x[0], x[1]) > scene.middle + 1e-9) continue;
      corner[a]      = 1.0;
      errors->corner = fmax(errors->corner, fabs(hoop_stress(&p, c, corner, &radius) / most - 1.0));
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, errors, 3, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  Errors curved, straight;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(solve(0, &curved));
  PetscCall(solve(1, &straight));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "relative errors, curved: pressure %.2e hoop %.2e at the interface %.2e; "
                        "straight: %.2e %.2e %.2e\n",
                        curved.pressure, curved.hoop, curved.corner, straight.pressure,
                        straight.hoop, straight.corner));
  OST_CHECK(curved.pressure < 0.01);
  OST_CHECK(curved.hoop < 0.01);
  OST_CHECK(curved.corner < 0.01);
  OST_CHECK(straight.pressure >
            0.01); /* why design asks for curved cells; and the check can fail */
  PetscCall(PetscFinalize());
  return ost_check_report();
}
