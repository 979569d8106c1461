/* Energy balance of every load step: external work = stored + friction + fracture.

   A hollow shaft is shrunk into a ring, bond grows on half of the area, then it is pushed out and
   back: the bond stretches, breaks, and what is left slides. The work of the supports (their
   reactions along the way) and of the interference against the elastic energy of both bodies and of
   the interface, the work of friction and that of breaking bond (theory.md, I14, S7), each counted
   by itself. What is open comes from the trapezoidal rule where a step goes over the onset of
   breaking or sliding: there it falls with the step, elsewhere with its square.
   Closed form: broken bond has taken B G_II 2 pi R L, without friction; with it less by the elastic
   energy that the new rubbing area holds.
   Bars: 1e-3 of the step's own work in every step, 1e-4 of all work; fracture within 0.1 %. With
   the friction or the bond off, its work is 0. */
#include "support/problem.h"
#include "support/ring.h"

static const OstRing scene = {2.0, 7.0, 14.0, 4.0, 1, 1, 8, 1};

#define BOND  0.5
#define WAY   0.02 /* of the shaft, there and back [mm] */
#define STEPS 1280

typedef struct {
  double worst; /* imbalance of a step, of its work */
  double open;  /* of all work so far */
  double friction, fracture;
  double failed; /* steps that needed the drag */
} Outcome;

static int held_at(const double x[3], int implant, double u[3], double way)
{
  const int end = x[2] < 1e-9 || x[2] > scene.height - 1e-9;

  u[0] = u[1] = u[2] = 0.0;
  if (implant) u[2] = way;
  return ost_ring_symmetry(x) | (end ? 4 : 0);
}

static int held(const double x[3], int implant, double u[3], const void *context)
{
  (void)context;
  return held_at(x, implant, u, 0.0);
}

static int moved(const double x[3], int implant, double u[3], const void *context)
{
  const double *way = context;
  return held_at(x, implant, u, *way);
}

static PetscErrorCode push(double friction, double bond, int steps, Outcome *out)
{
  OstBlock       block = ost_ring_block(&scene);
  OstTractionLaw law   = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS];
  OstProblem     p;
  double         gap = 0.0, gross = 0.0;

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    E[r]  = ost_region_is_implant(r) ? 110000.0 : 17000.0;
    nu[r] = 0.3;
  }
  law.friction = friction;
  *out         = (Outcome){0};
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, held, &p));
  p.eq->options.tolerance = 1e-9;
  p.eq->options.krylov    = 1e-6;
  ost_problem_set_fit(&p, -0.01);
  p.iface->friction_scale = 0.0;
  PetscCall(ost_problem_reach(&p, 1.0));
  out->worst = ost_energy_imbalance(&p.eq->energy);
  PetscCall(ost_problem_seat(&p));
  PetscCall(ost_problem_grow(&p, bond, 1.0));
  PetscCall(ost_problem_reach(&p, 1.0)); /* the friction that new bond takes over is let go */
  for (int k = 1; k <= 2 * steps; k++) {
    const double way = WAY * (k <= steps ? k : 2 * steps - k) / steps;
    PetscCall(ost_problem_prescribe(&p, moved, &way));
    PetscCall(ost_problem_reach(&p, 1.0));
    out->worst         = fmax(out->worst, ost_energy_imbalance(&p.eq->energy));
    const OstEnergy *w = &p.eq->energy;
    gap += w->external - w->stored - w->friction - w->fracture;
    gross += w->gross;
    out->open = fmax(out->open, fabs(gap) / gross);
    out->friction += p.eq->energy.friction;
    out->fracture += p.eq->energy.fracture;
  }
  out->failed       = p.eq->count.sudden;
  const double area = 2.0 * M_PI * scene.middle * scene.height;
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "mu %g bond %g, %d steps: imbalance %.1e of a step, %.1e of all, "
                        "friction %.4f N mm, fracture "
                        "%.4f G A\n",
                        friction, bond, steps, out->worst, out->open, out->friction,
                        out->fracture / (law.energy_II * area)));
  out->fracture /= law.energy_II * area;
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  Outcome fine, coarse, smooth, loose;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(push(0.4, BOND, STEPS, &fine));
  PetscCall(push(0.4, BOND, STEPS / 4, &coarse));
  PetscCall(push(0.0, BOND, STEPS / 4, &smooth));
  PetscCall(push(0.4, 0.0, STEPS / 4, &loose));
  OST_CHECK(fine.worst < 1e-3);
  OST_CHECK(fine.open < 1e-4);
  OST_CHECK(coarse.worst > 2.0 * fine.worst);
  OST_CHECK_NEAR(fine.failed, 0.0, 0.0);
  OST_CHECK(fine.fracture < BOND && fine.fracture > 0.9 * BOND);
  OST_CHECK_NEAR(smooth.fracture, BOND, 1e-3 * BOND);
  OST_CHECK_NEAR(smooth.friction, 0.0, 1e-12);
  OST_CHECK_NEAR(loose.fracture, 0.0, 0.0);
  OST_CHECK(loose.friction > fine.friction);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
