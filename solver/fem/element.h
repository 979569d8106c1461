/* element.h: shape functions, gradients and quadrature of the 10-node tetrahedron and the 6-node
   triangle.

   Node order: corners, then edges 01 12 02 03 13 23 (VTK) for the tetrahedron and 01 12 20 for the
   triangle. Pure functions of one element: no mesh, no MPI, nothing can fail. Elements may be
   curved (isoparametric); a straight one has a constant Jacobian and is integrated with fewer
   points. */
#pragma once

#include "base/base.h"

#define OST_TET_NODES      10
#define OST_TRI_NODES      6
#define OST_TET_MAX_POINTS 14

/* A quadrature rule: barycentric points and weights that sum to 1. */
typedef struct {
  PetscInt         num;
  const PetscReal *point;  /* [num x 4] or [num x 3] barycentric */
  const PetscReal *weight; /* [num] */
} OstRule;

extern const OstRule ost_tet_rule4;  /* degree 2: exact for the stiffness of a straight P2 cell */
extern const OstRule ost_tet_rule14; /* degree 5 (Walkington 2000): curved cells, densities */
extern const OstRule ost_tri_rule6;  /* degree 4 (Dunavant 1985) */

/* Shape functions [10], [6] at a barycentric point. */
void ost_tet10_shape(const PetscReal barycentric[4], PetscReal N[OST_TET_NODES]);
void ost_tri6_shape(const PetscReal barycentric[3], PetscReal N[OST_TRI_NODES]);

/* Derivatives of the shape functions with respect to the barycentric coordinates 1 to 3, when
   coordinate 0 is what they leave of 1. */
void ost_tet10_reference_gradients(const PetscReal barycentric[4], PetscReal d[OST_TET_NODES][3]);

/* Gradients of the barycentric coordinates of a straight cell [1/mm]; x [4 x 3] mm. Returns its
   volume [mm3]. */
PetscReal ost_tet4_gradients(const PetscReal x[], PetscReal grad[4][3]);

/* Gradients of the ten shape functions with respect to x [1/mm].
   x [10 x 3] mm; returns the Jacobian's determinant [mm3] (6 x volume of a straight cell). */
PetscReal ost_tet10_gradients(const PetscReal x[], const PetscReal barycentric[4],
                              PetscReal grad[OST_TET_NODES][3]);

/* Unit normal by the right-hand rule and surface element [mm2 per unit of weight, i.e. the area of
   a flat triangle] of a curved triangle x [6 x 3]. */
PetscReal ost_tri6_normal(const PetscReal x[], const PetscReal barycentric[3], PetscReal normal[3]);

/* TRUE when the mid-side nodes lie at the middles, within 1e-9 of the edge length. */
PetscBool ost_tet10_is_straight(const PetscReal x[]);

/* Strain in Voigt order with engineering shear, from gradients and displacements u [10 x 3]. */
void ost_strain(const PetscReal grad[OST_TET_NODES][3], const PetscReal u[], PetscReal eps[6]);
