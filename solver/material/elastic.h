/* elastic.h: linear elasticity at a point, isotropic or transversely isotropic about an axis.

   Stress from strain, in the Voigt order of base/tensor.h (strains carry engineering shear), and
   the tests of admissibility. Pure functions of one point. */
#pragma once

#include "base/diag.h"
#include "base/tensor.h"

/* An isotropic material is {.E, .nu}; the rest counts with `transverse` only. Axis 3 is the axis of
   symmetry. nu_ij is the contraction along j under load along i: nu31/E3 = nu13/E1. */
typedef struct {
  PetscReal E;          /* Young's modulus; along the axis E3 [MPa] */
  PetscReal nu;         /* Poisson's ratio; under load along the axis nu31 [-] */
  PetscBool transverse; /* transversely isotropic */
  PetscReal E_across;   /* Young's modulus across the axis, E1 = E2 [MPa] */
  PetscReal nu_across;  /* Poisson's ratio in the plane of isotropy, nu12 [-] */
  PetscReal G_along;    /* shear modulus between axis and plane, G13 = G23 [MPa] */
  PetscReal axis[3];    /* unit vector; its sense has no say */
} OstElastic;

/* Stiffness by the axis a (M7):
     sig = (lambda tr eps + alpha a.eps a) 1 + 2 mu eps + (alpha tr eps + beta a.eps a) a a
           + 2 kappa (a (eps a) + (eps a) a)
   Isotropic: Lame's constants, and three zeros. */
typedef struct {
  PetscReal lambda, mu;         /* of the plane of isotropy [MPa] */
  PetscReal alpha, beta, kappa; /* what the axis adds [MPa] */
} OstElasticModuli;

static inline OstElasticModuli ost_elastic_moduli(const OstElastic *m)
{
  OstElasticModuli c = {.lambda = m->E * m->nu / ((1.0 + m->nu) * (1.0 - 2.0 * m->nu)),
                        .mu     = 0.5 * m->E / (1.0 + m->nu)};

  if (m->transverse) {
    const PetscReal n = m->nu_across, E1 = m->E_across, s = m->nu * m->nu * E1 / m->E,
                    d = 1.0 - n - 2.0 * s;
    c.lambda          = E1 * (n + s) / ((1.0 + n) * d);
    c.mu              = 0.5 * E1 / (1.0 + n);
    c.alpha           = m->nu * E1 / d - c.lambda;
    c.kappa           = m->G_along - c.mu;
    c.beta            = m->E * (1.0 - n) / d - c.lambda - 2.0 * (c.mu + c.alpha + 2.0 * c.kappa);
  }
  return c;
}

/* Stress [6] [MPa] of strain eps [6] [-]. */
void ost_elastic_stress(const OstElastic *m, const PetscReal eps[OST_VOIGT],
                        PetscReal sig[OST_VOIGT]);

/* Strain energy density sig.eps/2 [MPa]. */
PetscReal ost_elastic_energy(const OstElastic *m, const PetscReal eps[OST_VOIGT]);

/* C [6 x 6] row by row [MPa], sig = C eps in the frame of the mesh, whatever the axis. */
void ost_elastic_stiffness(const OstElastic *m, PetscReal C[OST_VOIGT * OST_VOIGT]);

/* By how much the energy of every strain is positive: 1 - 2 nu, or 1 - nu12 - 2 nu31^2 E1/E3, or
   what else first comes to zero; admissible where > 0. (M8) */
PetscReal ost_elastic_margin(const OstElastic *m);

/* Append to `list` why `m` is not admissible, if so; `what` names the material. */
PetscErrorCode ost_elastic_check(const OstElastic *m, const char *what, OstWhere at,
                                 OstDiagList *list);
