/* The same scalars on any number of ranks.

   On one rank the program writes its scalars into the file named on the command line, on more it
   compares with it (CTest runs the former first). Bar: 1e-8 relative, for a linear step and where
   friction decides which points slide. Sums are reordered and the coarse level is factorised
   differently, so bit-equality is not wanted.
   A load 1 % larger must not pass: the comparison is repeated with it and has to fail. */
#include "loads/coupling.h"
#include "support/problem.h"
#include "support/ring.h"

static const OstRing scene = {2.0, 7.0, 14.0, 30.0, 1, 2, 8, 6};

static int held(const double x[3], int implant, double u[3], const void *context)
{
  (void)context;
  u[0] = u[1] = u[2] = 0.0;
  return !implant && x[2] < 1e-9 ? 7 : 0;
}

static void load(const double x[3], const double normal[3], double t[3], const void *context)
{
  const double size = *(const double *)context;
  (void)x;
  (void)normal;
  t[0] = 0.3 * size;
  t[1] = 0.1 * size;
  t[2] = -size;
}

static double all(double value, MPI_Op op)
{
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, op, PETSC_COMM_WORLD);
  return value;
}

enum {
  COMPLIANCE,
  LARGEST,
  ENERGY_OF_BOND,
  ON_GROUND,
  CARRIED,
  MICROMOTION,
  MEAN_PRESSURE,
  SLIDING,
  NUM_SCALARS
};
static const char *const names[] = {"compliance [N mm]",       "largest displacement [mm]",
                                    "energy of bond [N mm]",   "compliance on ground [N mm]",
                                    "energy of ground [N mm]", "micromotion [mm]",
                                    "mean pressure [MPa]",     "sliding area [mm2]"};
static const double      bar     = 1e-8;

static int free_everywhere(const double x[3], int implant, double u[3], const void *context)
{
  (void)x;
  (void)implant;
  (void)context;
  u[0] = u[1] = u[2] = 0.0;
  return 0;
}

static PetscErrorCode create(double size, OstFixedAt fixed, OstProblem *p)
{
  const OstBlock block = ost_ring_block(&scene);
  OstTractionLaw law   = ost_traction_law_default();
  double         E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS];

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    E[r]  = ost_region_is_implant(r) ? 110000.0 : 17000.0;
    nu[r] = 0.3;
  }
  law.friction         = 0.4;
  law.bond_stiffness   = 1e4;
  law.tensile_strength = 50.0; /* nothing breaks: the first step is linear */
  law.energy_I         = 1.0;
  law.shear_strength   = 50.0;
  law.energy_II        = 1.0;
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, fixed, p));
  PetscCall(ost_problem_add_traction(p, OST_ABUTMENT_END, load, &size));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode bonded_step(double size, double scalar[])
{
  OstProblem p;
  PetscReal  value, energy = 0.0;

  PetscFunctionBeginUser;
  PetscCall(create(size, held, &p));
  /* k_n k_b: bonded points that are pressed and pulled must be equally stiff for a linear step, so
     contact is lifted off by a wide gap over which the bond has grown */
  PetscCall(ost_problem_bond(&p, 1.0, 1.0));
  ost_problem_set_fit(&p, 1.0);
  PetscCall(ost_problem_reach(&p, 1.0));
  OST_CHECK(p.eq->count.newton <= 3); /* linear: 1e-12 by solves of 1e-8 */
  PetscCall(VecDot(p.eq->u, p.load, &value));
  scalar[COMPLIANCE] = value;
  PetscCall(VecNorm(p.eq->u, NORM_INFINITY, &value));
  scalar[LARGEST] = value;
  for (PetscInt k = 0; k < p.iface->num_points; k++)
    for (int d = 0; d < 3; d++)
      energy += 0.5 * p.iface->area[k] * p.eq->answer[k].traction[d] * p.eq->jump[3 * k + d];
  scalar[ENERGY_OF_BOND] = all(energy, MPI_SUM);
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The same on an elastic foundation, with a muscle on a patch of the outer surface. A twin would
   not know the foundation: with one, the sizes stand in for the scalars. */
static PetscErrorCode ground_step(double size, double scalar[])
{
  const OstFacetChoice end  = ost_facets_of_group(OST_PROXIMAL);
  const OstFacetChoice spot = {1u << OST_PERIOSTEUM, {0.0, scene.outer, 0.5 * scene.height}, 8.0};
  const double         pull[3] = {20.0 * size, 50.0 * size, 30.0 * size}, none[3] = {0, 0, 0};
  OstProblem           p;
  OstFacetSet          ground, patch;
  PetscReal           *f;
  Vec                  carried;
  PetscReal            value;
  PetscBool            twin;

  PetscFunctionBeginUser;
  scalar[ON_GROUND] = scalar[CARRIED] = size;
  PetscCall(PetscOptionsHasName(NULL, NULL, "-twin", &twin));
  if (twin) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(create(size, free_everywhere, &p));
  PetscCall(ost_facets_choose(p.mesh, &end, &ground));
  PetscCall(ost_facets_choose(p.mesh, &spot, &patch));
  PetscCall(ost_linear_set_foundation(p.lin, &ground, 20.0, 5.0));
  PetscCall(ost_linear_set_bulk(p.lin, p.elastic));
  PetscCall(ost_coupling_add(p.mesh, &patch, NULL, pull, none, p.load));
  PetscCall(ost_problem_bond(&p, 1.0, 1.0));
  ost_problem_set_fit(&p, 1.0);
  PetscCall(ost_problem_reach(&p, 1.0));
  PetscCall(VecDot(p.eq->u, p.load, &value));
  scalar[ON_GROUND] = value;
  PetscCall(PetscCalloc1(3 * p.mesh->num_nodes, &f));
  PetscCall(VecDuplicate(p.load, &carried));
  ost_linear_foundation_forces(p.lin, p.eq->local_u, f);
  PetscCall(ost_mesh_local_to_global(p.mesh, f, carried));
  PetscCall(VecDot(p.eq->u, carried, &value));
  scalar[CARRIED] = -0.5 * value;
  PetscCall(VecDestroy(&carried));
  PetscCall(PetscFree(f));
  PetscCall(ost_facets_free(&patch));
  PetscCall(ost_facets_free(&ground));
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Press-fit, then load, in two increments. Friction acts from the start: without it a round stem is
   free to turn and to shift, and where it comes to rest is left to rounding. */
static PetscErrorCode friction_step(double size, double scalar[])
{
  OstProblem p;
  Vec        full;
  PetscReal *seated, largest = 0.0, pressure = 0.0, sliding = 0.0;

  PetscFunctionBeginUser;
  PetscCall(create(size, held, &p));
  ost_problem_set_fit(&p, -0.01);
  PetscCall(VecDuplicate(p.load, &full));
  PetscCall(VecCopy(p.load, full));
  PetscCall(VecZeroEntries(p.load));
  PetscCall(ost_problem_reach(&p, 1.0));
  PetscCall(PetscMalloc1(3 * p.iface->num_points, &seated));
  PetscCall(PetscArraycpy(seated, p.eq->jump, 3 * p.iface->num_points));
  for (int step = 1; step <= 2; step++) {
    PetscCall(VecCopy(full, p.load));
    PetscCall(VecScale(p.load, 0.5 * step));
    PetscCall(ost_problem_reach(&p, 1.0));
  }
  for (PetscInt k = 0; k < p.iface->num_points; k++) {
    const PetscReal *n      = &p.iface->normal[3 * k];
    PetscReal        moved2 = 0.0, along = 0.0;
    for (int d = 0; d < 3; d++) along += (p.eq->jump[3 * k + d] - seated[3 * k + d]) * n[d];
    for (int d = 0; d < 3; d++)
      moved2 += PetscSqr(p.eq->jump[3 * k + d] - seated[3 * k + d] - along * n[d]);
    largest = PetscMax(largest, PetscSqrtReal(moved2));
    pressure += p.iface->area[k] * p.eq->answer[k].pressure;
    if (p.eq->answer[k].state == OST_SLIP) sliding += p.iface->area[k];
  }
  scalar[MICROMOTION]   = all(largest, MPI_MAX);
  scalar[MEAN_PRESSURE] = all(pressure, MPI_SUM) / p.iface->total_area;
  scalar[SLIDING]       = all(sliding, MPI_SUM);
  OST_CHECK(scalar[SLIDING] > 0.02 * p.iface->total_area &&
            scalar[SLIDING] < 0.98 * p.iface->total_area);
  PetscCall(VecDestroy(&full));
  PetscCall(PetscFree(seated));
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  const double size = 20.0;
  double       scalar[NUM_SCALARS], other[NUM_SCALARS], wanted[NUM_SCALARS];
  PetscMPIInt  ranks, rank;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &ranks));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  OstAssert(argc > 1, "usage: ranks_test FILE");
  PetscCall(bonded_step(size, scalar));
  PetscCall(ground_step(size, scalar));
  PetscCall(friction_step(2.0 * size, scalar));
  PetscCall(bonded_step(1.01 * size, other));
  PetscCall(ground_step(1.01 * size, other));
  FILE *file = fopen(argv[1], ranks == 1 ? "w" : "r");
  OstAssert(file, "cannot open %s: run on one rank first", argv[1]);
  for (int k = 0; k < NUM_SCALARS; k++) {
    if (ranks == 1) {
      OST_CHECK(fprintf(file, "%.17g\n", scalar[k]) > 0);
      printf("%-28s %.12g\n", names[k], scalar[k]);
      continue;
    }
    OstAssert(fscanf(file, "%lf", &wanted[k]) == 1, "%s is damaged", argv[1]);
    if (!rank)
      printf("%-28s %.12g, differs by %.1e\n", names[k], scalar[k],
             fabs(scalar[k] / wanted[k] - 1.0));
    OST_CHECK(fabs(scalar[k] / wanted[k] - 1.0) < bar);
  }
  fclose(file);
  for (int k = 0; k <= CARRIED; k++) OST_CHECK(fabs(other[k] / scalar[k] - 1.0) > 100.0 * bar);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
