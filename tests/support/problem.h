/* problem.h: from a block of bricks to a mechanical problem that can be solved, for verification.

   Owns what every verification test needs and no test should repeat: the mesh file in a temporary
   place, mesh, linear system, interface, equilibrium, fixed displacements chosen by place, nodal
   forces by surface tractions and body forces, reactions. Every program that poses its problem here
   takes the options -twin (twin.h), -mutate (mutation.h) and -direct_limit (OstLinearOptions). */
#pragma once

#include "analysis/equilibrium.h"
#include "support/block_mesh.h"
#include "support/check.h"

typedef struct {
  OstMesh        *mesh;
  OstLinear      *lin;
  OstIface       *iface;
  OstEquilibrium *eq;
  OstElastic     *elastic; /* [num_cells] */
  char           *fixed;   /* [num_nodes x 3] */
  char           *implant; /* [num_nodes] 1 on the implant's nodes */
  Vec             prescribed, load;
  struct OstTwin *twin; /* the same problem in another guise, for `-twin`; else NULL */
} OstProblem;

/* Which components are fixed at x: bits 1, 2, 4; their values into u. On the interface two nodes
   share the place: implant is 1 for the one on the stem. */
typedef int (*OstFixedAt)(const double x[3], int implant, double u[3], const void *context);

/* Write the block, read and distribute it; faults are printed. Collective. */
PetscErrorCode ost_problem_mesh(MPI_Comm comm, const OstBlock *block, OstMesh **mesh);

/* Write the block, read and distribute it, and set up with modulus and Poisson's ratio by region,
   laws[2] for smooth and coated faces, and a tight tolerance (1e-12). Collective. Where bone is not
   isotropic: change `elastic`, then ost_linear_set_bulk. */
PetscErrorCode ost_problem_create(const OstBlock *block, const double E[OST_NUM_REGIONS],
                                  const double nu[OST_NUM_REGIONS], const OstTractionLaw laws[2],
                                  OstFixedAt fixed, OstProblem *problem);

/* The two halves of ost_problem_create, for twin.c: mesh and moduli on the ranks of comm; then,
   once `fixed` is filled in, the rest. */
PetscErrorCode ost_problem_read(MPI_Comm comm, const OstBlock *block,
                                const double E[OST_NUM_REGIONS], const double nu[OST_NUM_REGIONS],
                                OstProblem *problem);
PetscErrorCode ost_problem_set_up(const OstTractionLaw laws[2], OstProblem *problem);
PetscErrorCode ost_problem_destroy(OstProblem *problem);

/* Add to load the consistent nodal forces of a traction on a surface group. */
typedef void (*OstTractionAt)(const double x[3], const double normal[3], double t[3],
                              const void *context);
PetscErrorCode ost_problem_add_traction(OstProblem *problem, OstSurfaceGroup surface,
                                        OstTractionAt traction, const void *context);

/* Add to load the consistent nodal forces of a force per volume [N/mm3], by the rule of degree
   5. */
typedef void (*OstForceAt)(const double x[3], double f[3], const void *context);
PetscErrorCode ost_problem_add_body_force(OstProblem *problem, OstForceAt force,
                                          const void *context);

/* Read the prescribed displacements again, at a later value of the context. */
PetscErrorCode ost_problem_prescribe(OstProblem *problem, OstFixedAt fixed, const void *context);

/* Give every interface point bond of a maturity (strength) [-], stressed as the jump says; or let
   it grow to that at the present jump. */
PetscErrorCode ost_problem_bond(OstProblem *problem, double bond, double strength);
PetscErrorCode ost_problem_grow(OstProblem *problem, double bond, double strength);

/* Other laws [num] for its local faces [num_faces], by index. Collective. */
PetscErrorCode ost_problem_set_laws(OstProblem *problem, PetscInt num, const OstTractionLaw laws[],
                                    const PetscInt face_law[]);

/* Put friction at rest where it stands and switch it on: the end of a frictionless seating. */
PetscErrorCode ost_problem_seat(OstProblem *problem);

/* What the supports of one body carry: force [3] and moment [3] about the origin, summed over fixed
   displacements. Positive is the force of the support on the body. */
PetscErrorCode ost_problem_reaction(const OstProblem *problem, int implant, double force[3],
                                    double moment[3]);

/* What is out of balance at all nodes, fixed ones included [N]: bulk and interface less the load.
   The caller destroys r. */
PetscErrorCode ost_problem_unbalanced(const OstProblem *problem, Vec *r);

/* Set the nominal gap of all interface points [mm], < 0 interference; the same by place. */
typedef double (*OstGapAt)(const double x[3], const void *context);
void ost_problem_set_fit(OstProblem *problem, double gap);
void ost_problem_set_gap(OstProblem *problem, OstGapAt gap, const void *context);

/* Go to (load, fit share, prescribed); asserts that it was reached. */
PetscErrorCode ost_problem_reach(OstProblem *problem, double fit);

/* Largest difference over all ranks between the displacement and a field. */
typedef void (*OstFieldAt)(const double x[3], double u[3], const void *context);
PetscErrorCode ost_problem_error(const OstProblem *problem, OstFieldAt field, const void *context,
                                 double *largest);
