#include "support/ring.h"

#include <math.h>

static void place(const double p[3], double x[3], const void *context)
{
  const OstRing *r     = context;
  const double   share = (double)r->shaft / (r->shaft + r->ring), angle = 2.0 * M_PI * p[1];
  const double   s      = (p[0] - share) / (1.0 - share);
  const double   radius = p[0] <= share ? r->bore + (r->middle - r->bore) * p[0] / share
                                        : r->middle + (r->outer - r->middle) * s;
  x[0]                  = radius * cos(angle);
  x[1]                  = radius * sin(angle);
  x[2]                  = r->height * p[2];
}

static int body(const double centre[3], const void *context)
{
  const OstRing *r = context;
  return centre[0] * (r->shaft + r->ring) < r->shaft ? OST_STEM : OST_CORTICAL;
}

static int ends(int direction, int side, const double centre[3], const void *context)
{
  const int is_shaft = body(centre, context) == OST_STEM;
  if (direction != 2) return OST_PERIOSTEUM;
  if (is_shaft) return side ? OST_ABUTMENT_END : OST_RESECTION;
  return side ? OST_RESECTION : OST_PROXIMAL;
}

OstBlock ost_ring_block(const OstRing *ring)
{
  return (OstBlock){.n       = {ring->shaft + ring->ring, ring->round, ring->along},
                    .wrap    = 1,
                    .map     = place,
                    .region  = body,
                    .surface = ends,
                    .context = ring};
}

int ost_ring_symmetry(const double x[3])
{
  const double near = 1e-9 * (fabs(x[0]) + fabs(x[1]));
  return (fabs(x[0]) <= near ? 1 : 0) | (fabs(x[1]) <= near ? 2 : 0);
}

const double ost_ring_limb_modulus[OST_NUM_REGIONS] = {17000.0, 500.0,    10.0,
                                                       1000.0,  110000.0, 110000.0};
const double ost_ring_limb_poisson[OST_NUM_REGIONS] = {0.3, 0.3, 0.45, 0.3, 0.3, 0.3};

static int limb_body(const double centre[3], const void *context)
{
  if (body(centre, context) == OST_STEM) return centre[2] < 0.6 ? OST_STEM : OST_MARROW;
  return centre[2] < 0.6 ? OST_CORTICAL : OST_CANCELLOUS;
}

static int limb_ends(int direction, int side, const double centre[3], const void *context)
{
  if (direction != 2) return OST_PERIOSTEUM;
  if (side) return OST_PROXIMAL;
  return body(centre, context) == OST_STEM ? OST_ABUTMENT_END : OST_RESECTION;
}

OstBlock ost_ring_limb(const OstRing *ring)
{
  OstBlock block = ost_ring_block(ring);

  block.region  = limb_body;
  block.surface = limb_ends;
  return block;
}

int ost_ring_limb_held(const double x[3], int implant, double u[3], const void *context)
{
  const OstRing *r = context;

  (void)implant;
  u[0] = u[1] = u[2] = 0.0;
  return x[2] > r->height - 1e-9 ? 7 : 0;
}
