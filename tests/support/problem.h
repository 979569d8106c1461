/* problem.h: from a block of bricks to a mechanical problem that can be solved, for verification.

   Owns what every verification test needs and no test should repeat: the mesh file in a temporary
   place, mesh, linear system, interface, equilibrium, fixed displacements chosen by place, nodal
   forces by surface tractions. */
#pragma once

#include "analysis/equilibrium.h"
#include "support/block_mesh.h"
#include "support/check.h"

typedef struct {
  OstMesh        *mesh;
  OstLinear      *lin;
  OstIface       *iface;
  OstEquilibrium *eq;
  PetscReal      *E, *nu; /* [num_cells] */
  char           *fixed;  /* [num_nodes x 3] */
  Vec             prescribed, load;
} OstProblem;

/* Which components are fixed at x: bits 1, 2, 4; their values into u. */
typedef int (*OstFixedAt)(const double x[3], double u[3], const void *context);

/* Write the block, read and distribute it, and set up with modulus and Poisson's ratio by region,
   laws[2] for smooth and coated faces, and a tight tolerance (1e-12). Collective. */
PetscErrorCode ost_problem_create(const OstBlock *block, const double E[OST_NUM_REGIONS],
                                  const double nu[OST_NUM_REGIONS], const OstTractionLaw laws[2],
                                  OstFixedAt fixed, OstProblem *problem);
PetscErrorCode ost_problem_destroy(OstProblem *problem);

/* Add to load the consistent nodal forces of a traction on a surface group. */
typedef void (*OstTractionAt)(const double x[3], const double normal[3], double t[3],
                              const void *context);
PetscErrorCode ost_problem_add_traction(OstProblem *problem, OstSurfaceGroup surface,
                                        OstTractionAt traction, const void *context);

/* Set the nominal gap of all interface points [mm], < 0 interference. */
void ost_problem_set_fit(OstProblem *problem, double gap);

/* Go to (load, fit share, prescribed); asserts that it was reached. */
PetscErrorCode ost_problem_reach(OstProblem *problem, double fit);

/* Largest difference over all ranks between the displacement and a field. */
typedef void (*OstFieldAt)(const double x[3], double u[3], const void *context);
PetscErrorCode ost_problem_error(const OstProblem *problem, OstFieldAt field, const void *context,
                                 double *largest);
