/* A body on an elastic foundation (theory.md, L3), held by nothing else.

   1. Exact: a prism without Poisson's ratio, pushed and bent by the end opposite to the foundation.
      The stress is -(P + m.x) everywhere, the ground answers with the same, so
        u_z = (P + m.x) (1/k_n + (L - z)/E),   u_x = m_x ((L - z)/k_n + (L - z)^2/2E), u_y alike:
      quadratic, hence what P2 has exactly, on skew cells; 1e-9 of the largest displacement. The
      shear stiffness has no part in it, but must be there.
   2. Rigid block (k L/E = 3e-6) on its flat end: u = F/(k_n A), F/(k_t A), theta = M/(k_n I),
      T/(k_t J_p); 1e-4.
   3. Rigid tube held on its round outer surface, whose facets have normals of their own, from the
      middle: axial 2 pi R L k_t, across pi R L (k_n + k_t), torsion 2 pi R^3 L k_t, rocking
      pi R (k_n + k_t) L^3/12 + pi R^3 L k_t; 1e-3, of which the 16 curved cells round take 1e-4.
   What the support carries is the load's opposite, force and moment, to 1e-8; in 2 and 3, where the
   rounding errors of a stiffness of 1e7 MPa are all that is left, to 1e-6.
   Mutation: a foundation twice as stiff fails the same checks; and conjugate gradients stay few,
   which they do not when the P1 level does not know the foundation. */
#include "analysis/reaction.h"
#include "support/problem.h"

#define AREA_SIDE_X 12.0
#define AREA_SIDE_Y 8.0
#define LENGTH      30.0
#define NORMAL      2.0
#define SHEAR       0.5

static void prism(const double p[3], double x[3], const void *context)
{
  /* inside nodes are displaced, the outer faces stay flat */
  const double bump = 0.8 * sin(M_PI * p[0]) * sin(M_PI * p[1]) * sin(M_PI * p[2]);
  (void)context;
  x[0] = AREA_SIDE_X * (p[0] - 0.5) + bump;
  x[1] = AREA_SIDE_Y * (p[1] - 0.5) - 0.7 * bump;
  x[2] = LENGTH * p[2] + 0.5 * bump;
}

#define RADIUS 10.0
#define HEIGHT 24.0

static void tube(const double p[3], double x[3], const void *context)
{
  const double r = 4.0 + (RADIUS - 4.0) * p[0], angle = 2.0 * M_PI * p[1];
  (void)context;
  x[0] = r * cos(angle);
  x[1] = r * sin(angle);
  x[2] = HEIGHT * (p[2] - 0.5);
}

static int mantle(int direction, int side, const double centre[3], const void *context)
{
  (void)context;
  (void)centre;
  if (direction == 0) return side ? OST_PROXIMAL : OST_PERIOSTEUM;
  return side ? OST_RESECTION : OST_ABUTMENT_END;
}

static int free_everywhere(const double x[3], int implant, double u[3], const void *context)
{
  (void)x;
  (void)implant;
  (void)context;
  u[0] = u[1] = u[2] = 0.0;
  return 0;
}

typedef struct {
  double at[3], force[3], moment[3]; /* about `at` */
} Load;

/* Everything that one scene needs; `held` must stay until the problem is gone. */
typedef struct {
  OstProblem  p;
  OstFacetSet held, end;
} Scene;

static const OstBlock blocks[2] = {{.n        = {3, 2, 5},
                                    .wrap     = -1,
                                    .straight = 1,
                                    .map      = prism,
                                    .region   = ost_block_halves,
                                    .surface  = ost_block_ends,
                                    .tied     = 1},
                                   {.n       = {1, 16, 4},
                                    .wrap    = 1,
                                    .map     = tube,
                                    .region  = ost_block_halves,
                                    .surface = mantle,
                                    .tied    = 1}};

static PetscErrorCode create(int round, double modulus, double poisson, double stiffer, Scene *s)
{
  const OstFacetChoice held = ost_facets_of_group(OST_PROXIMAL);
  const OstFacetChoice end  = ost_facets_of_group(OST_ABUTMENT_END);
  const OstTractionLaw law  = ost_traction_law_default();
  double               E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS];

  PetscFunctionBeginUser;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    E[r]  = modulus;
    nu[r] = poisson;
  }
  PetscCall(ost_problem_create(&blocks[round], E, nu, (OstTractionLaw[2]){law, law},
                               free_everywhere, &s->p));
  PetscCall(ost_facets_choose(s->p.mesh, &held, &s->held));
  PetscCall(ost_facets_choose(s->p.mesh, &end, &s->end));
  PetscCall(ost_linear_set_foundation(s->p.lin, &s->held, stiffer * NORMAL, stiffer * SHEAR));
  PetscCall(ost_linear_set_bulk(s->p.lin, s->p.elastic));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode destroy(Scene *s)
{
  PetscFunctionBeginUser;
  PetscCall(ost_facets_free(&s->held));
  PetscCall(ost_facets_free(&s->end));
  PetscCall(ost_problem_destroy(&s->p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Apply the load and check that the support carries it. */
static PetscErrorCode carry(Scene *s, const Load *load, double tolerance)
{
  OstModel model = {.mesh = s->p.mesh, .support = {.type = OST_SUPPORT_FOUNDATION}};
  double   force[3], moment[3], area, arm[3], turn[3], size = 0.0, size_moment = 0.0;

  PetscFunctionBeginUser;
  PetscCall(VecZeroEntries(s->p.load));
  PetscCall(ost_coupling_add(s->p.mesh, &s->end, load->at, load->force, load->moment, s->p.load));
  PetscCall(ost_problem_reach(&s->p, 0.0));
  PetscCall(ost_facets_measure(s->p.mesh, &s->held, &area, model.held_at));
  PetscCall(ost_reaction_find(&model, s->p.eq, force, moment));
  for (int i = 0; i < 3; i++) {
    arm[i] = load->at[i] - model.held_at[i];
    size += fabs(load->force[i]);
    size_moment += fabs(load->moment[i]);
  }
  size_moment += LENGTH * size;
  size += size_moment / LENGTH;
  for (int i = 0; i < 3; i++) {
    const int a = (i + 1) % 3, b = (i + 2) % 3;
    turn[i] = arm[a] * load->force[b] - arm[b] * load->force[a] + load->moment[i];
    OST_CHECK(fabs(force[i] + load->force[i]) <= tolerance * size);
    OST_CHECK(fabs(moment[i] + turn[i]) <= tolerance * size_moment);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- exact ------------------------------------------------------------------------------------ */

#define MODULUS 1000.0

typedef struct {
  double mean, across[2]; /* P [MPa], m [MPa/mm] */
} Pressure;

static void exact(const double x[3], double u[3], const void *context)
{
  const Pressure *p = context;
  const double    t = p->mean + p->across[0] * x[0] + p->across[1] * x[1], up = LENGTH - x[2];

  for (int i = 0; i < 2; i++) u[i] = p->across[i] * (up / NORMAL + 0.5 * up * up / MODULUS);
  u[2] = t * (1.0 / NORMAL + up / MODULUS);
}

static PetscErrorCode prism_is_exact(double stiffer)
{
  const double area   = AREA_SIDE_X * AREA_SIDE_Y;
  const double Ix     = area * AREA_SIDE_X * AREA_SIDE_X / 12.0,
               Iy     = area * AREA_SIDE_Y * AREA_SIDE_Y / 12.0;
  const Pressure p    = {1.5, {0.2, -0.1}};
  const Load     load = {{0.0, 0.0, 0.0},
                         {0.0, 0.0, p.mean * area},
                         {p.across[1] * Iy, -p.across[0] * Ix, 0.0}}; /* r x t */
  double         error, u[3];
  Scene          s;

  PetscFunctionBeginUser;
  exact((const double[3]){0.5 * AREA_SIDE_X, -0.5 * AREA_SIDE_Y, 0.0}, u, &p);
  PetscCall(create(0, MODULUS, 0.0, stiffer, &s));
  PetscCall(carry(&s, &load, 1e-8));
  PetscCall(ost_problem_error(&s.p, exact, &p, &error));
  if (stiffer == 1.0)
    OST_CHECK(error <= 1e-9 * u[2]);
  else
    OST_CHECK(error > 0.1 * u[2]);
  PetscCall(destroy(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- rigid ------------------------------------------------------------------------------------ */

typedef struct {
  double at[3], shift[3], turn[3]; /* of the body, about `at` */
} Motion;

static void rigid(const double x[3], double u[3], const void *context)
{
  const Motion *m = context;

  for (int i = 0; i < 3; i++) {
    const int a = (i + 1) % 3, b = (i + 2) % 3;
    u[i] = m->shift[i] + m->turn[a] * (x[b] - m->at[b]) - m->turn[b] * (x[a] - m->at[a]);
  }
}

/* Every load on its own, by the stiffness of the ground to shifts and turns about `at`. */
static PetscErrorCode moves_as_rigid(int round, const double at[3], const double shift[3],
                                     const double turn[3], double tolerance, double stiffer)
{
  Scene s;

  PetscFunctionBeginUser;
  PetscCall(create(round, 1e7, 0.3, stiffer, &s));
  for (int k = 0; k < 6; k++) {
    const double way    = 0.1;
    Load         load   = {{at[0], at[1], at[2]}, {0}, {0}};
    Motion       motion = {{at[0], at[1], at[2]}, {0}, {0}};
    double       error;
    if (k < 3) {
      motion.shift[k] = way;
      load.force[k]   = way * shift[k];
    } else {
      motion.turn[k - 3] = way / LENGTH;
      load.moment[k - 3] = way / LENGTH * turn[k - 3];
    }
    PetscCall(carry(&s, &load, 1e-6));
    PetscCall(ost_problem_error(&s.p, rigid, &motion, &error));
    if (stiffer == 1.0)
      OST_CHECK(error <= tolerance * way);
    else
      OST_CHECK(error > 0.1 * way);
  }
  PetscCall(destroy(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode block_moves_as_rigid(double stiffer)
{
  const double a = AREA_SIDE_X, b = AREA_SIDE_Y, area = a * b;
  const double at[3]    = {0.0, 0.0, LENGTH};
  const double shift[3] = {SHEAR * area, SHEAR * area, NORMAL * area};
  const double turn[3]  = {NORMAL * area * b * b / 12.0, NORMAL * area * a * a / 12.0,
                           SHEAR * area * (a * a + b * b) / 12.0};

  PetscFunctionBeginUser;
  PetscCall(moves_as_rigid(0, at, shift, turn, 1e-4, stiffer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode tube_moves_as_rigid(double stiffer)
{
  const double R = RADIUS, L = HEIGHT, across = M_PI * R * L * (NORMAL + SHEAR);
  const double rocking =
      M_PI * R * (NORMAL + SHEAR) * L * L * L / 12.0 + M_PI * R * R * R * L * SHEAR;
  const double at[3]    = {0.0, 0.0, 0.0};
  const double shift[3] = {across, across, 2.0 * M_PI * R * L * SHEAR};
  const double turn[3]  = {rocking, rocking, 2.0 * M_PI * R * R * R * L * SHEAR};

  PetscFunctionBeginUser;
  PetscCall(moves_as_rigid(1, at, shift, turn, 1e-3, stiffer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A bone-like prism on a soft ground: all six rigid motions are the foundation's alone. */
static PetscErrorCode iterations_stay_few(void)
{
  const Load load = {{0.0, 0.0, 0.0}, {60.0, -30.0, 600.0}, {1e4, 2e4, 3e3}};
  Scene      s;

  PetscFunctionBeginUser;
  PetscCall(create(0, 17000.0, 0.3, 0.1, &s));
  PetscCall(carry(&s, &load, 1e-8));
  OST_CHECK(s.p.eq->count.krylov_max <= 15);
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%d iterations\n", (int)s.p.eq->count.krylov_max));
  PetscCall(destroy(&s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  for (int mutated = 0; mutated < 2; mutated++) {
    PetscCall(prism_is_exact(1.0 + mutated));
    PetscCall(block_moves_as_rigid(1.0 + mutated));
    PetscCall(tube_moves_as_rigid(1.0 + mutated));
  }
  PetscCall(iterations_stay_few());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
