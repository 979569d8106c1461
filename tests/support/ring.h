/* ring.h: a hollow shaft in a thick ring, the scene of the shrink fit, the push-out and the post.

   Shaft (stem) from radius `bore` to `middle`, ring (cortical) from there to `outer`, z from 0 to
   `height`; the direction round the axis closes on itself and the cells are curved. With the number
   of bricks round a multiple of four, nodes lie on the x and y axes. */
#pragma once

#include "support/block_mesh.h"

typedef struct {
  double bore, middle, outer, height; /* mm */
  int    shaft, ring, round, along;   /* bricks in each direction */
} OstRing;

/* The block of a ring; ring must outlive it. Surface groups: end of the shaft at z = height is
   abutment_end, end of the ring at z = 0 proximal, the other ends resection, the rest
   periosteum. */
OstBlock ost_ring_block(const OstRing *ring);

/* Displacements are zero across the planes x = 0 and y = 0: bits for OstFixedAt. */
int ost_ring_symmetry(const double x[3]);

/* The same as a limb: the shaft is a stem up to 0.6 of the height and marrow above, the ring is
   cortical and then cancellous; moduli from 10 to 110 000 MPa. Surface groups: the ends at z = 0
   are abutment_end and resection, both ends at the top proximal. */
OstBlock            ost_ring_limb(const OstRing *ring);
extern const double ost_ring_limb_modulus[OST_NUM_REGIONS]; /* [MPa] */
extern const double ost_ring_limb_poisson[OST_NUM_REGIONS];

/* Held at the top: an OstFixedAt, context the ring. */
int ost_ring_limb_held(const double x[3], int implant, double u[3], const void *context);
