/* The direction of the shaft on a bowed tube, where it is known: the tangent.

   A tube (stem inside over 60 % of its length, marrow beyond, bone around) is bent to a circle
   about an axis along y at x = -R. The angle about that axis is harmonic, 0 in the resection,
   constant in the proximal end and level across the walls: it is the potential, and its gradient
   the tangent (-sin, 0, cos). The linear potential leaves an error of the order of the cells' size.
   Bars: mean 1 and largest 2 degrees where the bow is 29 degrees and the stem's own axis, the naive
   direction, 14 off; 0.6 of the mean error at half the size; a straight tube exactly, past the
   stem's tip as well. The same on any number of ranks to 1e-8: one rank writes its figures to the
   file on the command line, the others compare. Below the middle of an end held all round, at a
   radius from it, 1 degree. Without a cut end there is no direction. */
#include "support/problem.h"
#include "support/ring.h"

#include "analysis/shaft_axis.h"
#include "base/tensor.h"

typedef struct {
  OstRing ring;   /* first: the ring's map takes the context for one */
  double  bow;    /* radius [mm]; 0 straight */
  int     open;   /* no group resection */
  int     sleeve; /* proximal is the periosteum of the upper 40 % as well */
} Scene;

static OstBlock straight_block;

static void bowed(const double p[3], double x[3], const void *context)
{
  const Scene *s = context;
  straight_block.map(p, x, context);
  if (s->bow > 0.0) {
    const double radius = s->bow + x[0], angle = x[2] / s->bow;
    x[0] = radius * cos(angle) - s->bow;
    x[2] = radius * sin(angle);
  }
}

static void tangent(const Scene *s, const double x[3], double t[3])
{
  const double angle = s->bow > 0.0 ? atan2(x[2], x[0] + s->bow) : 0.0;
  t[0]               = -sin(angle);
  t[1]               = 0.0;
  t[2]               = cos(angle);
}

static int body(const double c[3], const void *context)
{
  const OstRing *r    = &((const Scene *)context)->ring;
  const int      core = c[0] * (r->shaft + r->ring) < r->shaft;
  if (core) return c[2] < 0.6 ? OST_STEM : OST_MARROW;
  return OST_CORTICAL;
}

static int ends(int direction, int side, const double c[3], const void *context)
{
  if (direction != 2)
    return side && c[2] > 0.6 && ((const Scene *)context)->sleeve ? OST_PROXIMAL : OST_PERIOSTEUM;
  if (side) return OST_PROXIMAL;
  if (body(c, context) == OST_STEM) return OST_ABUTMENT_END;
  return ((const Scene *)context)->open ? OST_PERIOSTEUM : OST_RESECTION;
}

static int free_everywhere(const double x[3], int implant, double u[3], const void *context)
{
  (void)x;
  (void)implant;
  (void)u;
  (void)context;
  return 0;
}

enum { MEAN, LARGEST, NAIVE, SUM, NUM_FIGURES = SUM + 3 };

/* Errors over the bone [degree], and a sum over the cells that notices any change. */
static PetscErrorCode figures_of(const Scene *s, double figures[NUM_FIGURES], PetscBool *found)
{
  const double   E[OST_NUM_REGIONS]  = {1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0};
  const double   nu[OST_NUM_REGIONS] = {0.3, 0.3, 0.3, 0.3, 0.3, 0.3};
  OstTractionLaw law                 = ost_traction_law_default();
  OstBlock       block;
  OstProblem     p;
  PetscReal     *axis, *volume, *x;
  double         sums[NUM_FIGURES] = {0}, total = 0.0, wrong = 0.0;

  PetscFunctionBeginUser;
  straight_block = ost_ring_block(&s->ring);
  block          = straight_block;
  block.map      = bowed;
  block.region   = body;
  block.surface  = ends;
  block.context  = s;
  PetscCall(ost_problem_create(&block, E, nu, (OstTractionLaw[2]){law, law}, free_everywhere, &p));
  const OstMesh *mesh = p.mesh;
  PetscCall(
      PetscMalloc3(3 * mesh->num_cells, &axis, mesh->num_cells, &volume, 3 * mesh->num_cells, &x));
  PetscCall(ost_shaft_axis_find(mesh, axis, found));
  ost_mesh_cell_volumes(mesh, volume);
  ost_mesh_cell_centroids(mesh, x);
  for (PetscInt c = 0; c < mesh->num_cells && *found; c++) {
    const PetscReal *a = &axis[3 * c];
    double           t[3], off[3];
    wrong = fmax(wrong, fabs(ost_norm3(a) - (ost_region_is_implant(mesh->region[c]) ? 0.0 : 1.0)));
    for (int i = 0; i < 3; i++) sums[SUM + i] += sin(mesh->cell_file[c]) * a[i];
    if (!ost_region_is_bone(mesh->region[c])) continue;
    if (s->sleeve && x[3 * c + 2] > 0.65 * s->ring.height) continue;
    tangent(s, &x[3 * c], t);
    ost_cross3(a, t, off);
    const double angle = 180.0 / M_PI * atan2(ost_norm3(off), ost_dot3(a, t));
    total += volume[c];
    sums[MEAN] += volume[c] * angle;
    sums[NAIVE] += volume[c] * 180.0 / M_PI * acos(fmin(1.0, t[2]));
    sums[LARGEST] = fmax(sums[LARGEST], angle);
  }
  OST_CHECK(wrong < 1e-12);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &total, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  for (int i = 0; i < NUM_FIGURES; i++) {
    PetscCallMPI(MPI_Allreduce(&sums[i], &figures[i], 1, MPI_DOUBLE,
                               i == LARGEST ? MPI_MAX : MPI_SUM, PETSC_COMM_WORLD));
    if (i == MEAN || i == NAIVE) figures[i] /= total;
  }
  PetscCall(PetscFree3(axis, volume, x));
  PetscCall(ost_problem_destroy(&p));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "bow %g mm: mean %.3g, largest %.3g, naive %.3g degrees\n", s->bow,
                        figures[MEAN], figures[LARGEST], figures[NAIVE]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode same_on_any_ranks(const char *path, const double figures[])
{
  PetscMPIInt size, rank;
  FILE       *file;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank) PetscFunctionReturn(PETSC_SUCCESS);
  file = fopen(path, size == 1 ? "w" : "r");
  OST_CHECK(file != NULL);
  for (int i = 0; i < NUM_FIGURES && file; i++) {
    double one = figures[i];
    if (size == 1)
      fprintf(file, "%.17g\n", one);
    else
      OST_CHECK_INT(fscanf(file, "%lf", &one), 1);
    OST_CHECK_NEAR(figures[i], one, 1e-8);
  }
  OST_CHECK(file && !fclose(file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  Scene     bow = {.ring = {4.0, 7.0, 14.0, 100.0, 1, 2, 8, 12}, .bow = 200.0}, fine, other;
  double    figures[NUM_FIGURES], finer[NUM_FIGURES];
  PetscBool found;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  OstAssert(argc > 1, "usage: shaft_axis_test FILE");
  PetscCall(figures_of(&bow, figures, &found));
  OST_CHECK(found);
  OST_CHECK(figures[MEAN] < 1.0 && figures[LARGEST] < 2.0);
  OST_CHECK(figures[NAIVE] > 10.0);
  PetscCall(same_on_any_ranks(argv[1], figures));
  fine            = bow;
  fine.ring.shaft = 2;
  fine.ring.ring  = 4;
  fine.ring.round = 16;
  fine.ring.along = 24;
  PetscCall(figures_of(&fine, finer, &found));
  OST_CHECK(finer[MEAN] < 0.6 * figures[MEAN]);
  other     = bow;
  other.bow = 0.0;
  PetscCall(figures_of(&other, figures, &found));
  OST_CHECK(found && figures[LARGEST] < 1e-6);
  other.sleeve = 1;
  PetscCall(figures_of(&other, figures, &found));
  OST_CHECK(found && figures[LARGEST] < 1.0);
  other.sleeve = 0;
  other.open   = 1;
  PetscCall(figures_of(&other, figures, &found));
  OST_CHECK(!found);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
