/* bonded.h: the benchmark's linear problem: a titanium stem grown in everywhere, pulled at its end.

   The limb of stem_mesh.h: titanium of 110 GPa, cortex of 17 GPa, marrow of 300 MPa, at every point
   of the interface the stiffness of a coated surface at rest (theory.md, Table I1). Clamped at
   z = 0, a force of (300, -200, -800) N spread over the stem's end. What a run solves in each
   Newton iteration, to 1e-8 from zero. Collective. */
#pragma once

#include "fem/linear.h"
#include "interface/iface.h"

typedef struct OstBonded OstBonded;

/* How long each part took on the slowest rank, and what was held [s], [B]. */
typedef struct {
  PetscInt  dof, cells, vertices; /* of all ranks */
  double    mesh;                 /* generated, cut, distributed and numbered */
  double    create;               /* linear system and interface, their numbering and memory */
  double    assembly;             /* bulk and interface into both levels */
  double    setup;                /* spectrum of the smoother, hierarchy below P1 */
  double    solve;                /* Krylov iterations */
  PetscInt  iterations;
  PetscBool reached;    /* 1e-8 */
  double    compliance; /* force times displacement [N mm] */
  double    memory; /* of all ranks: most of what they held at a time, less what they held before;
                           0 where the system does not tell */
} OstBondedFigures;

/* Make the mesh with about `dof` displacements, and solve. */
PetscErrorCode ost_bonded_solve(MPI_Comm comm, double dof, OstBonded **bonded,
                                OstBondedFigures *figures);
PetscErrorCode ost_bonded_destroy(OstBonded **bonded);

/* The tangent of an interface that is bonded everywhere. Collective. */
PetscErrorCode ost_bonded_tangent(const OstIface *iface, OstLinear *lin);

/* The product of the bulk stiffness with a vector (fem/product.h), without messages. */
typedef struct {
  double seconds; /* of the slowest rank, best pass */
  double dof;     /* of all ranks, shared nodes counted on each */
  double flops;   /* of all ranks */
  double bytes;   /* that must come from memory or go there, of all ranks */
} OstApplyFigures;

/** Time ost_product_add_single (single) and ost_product_add (precise) on the mesh that was solved.
 *
 *  Operations, as product_kernel.inc has them for a straight isotropic cell, common factors once:
 *    w of the corners        18 + 12 products, 36 + 36 differences          102
 *    gradients               4 corners x 9 entries x (3 products, 2 sums)   180
 *    stresses                4 corners x 15, and 2 mu                        61
 *    sums over the corners   18, and added to each 36                        54
 *    forces of the corners   4 x 9 x (3 products, 2 sums), and 4 x 3 x 2    204
 *    onto the nodes          3 x (4 x 4 + 6 x 2) products and sums           84
 *    into the vector         30                                              30
 *  Bytes: what a cell is kept as (11 reals, 10 ints), and of each node four reals of u read and
 *  four of f read and written, once: nodes that several cells share come from cache.
 */
PetscErrorCode ost_bonded_apply(const OstBonded *bonded, double seconds, OstApplyFigures *single,
                                OstApplyFigures *precise);
