/* The Osteon side of calculix.py: a bonded bone-stem problem, written as a CalculiX deck and
   solved.

   Scene: hollow titanium stem in a ring of bone over part of its length, marrow beyond its tip, the
   cortex transversely isotropic about an oblique axis, straight 10-node tetrahedra, held at the
   top, loaded along and across the axis at the end of the stem. Stem and bone share their nodes (a
   tied mesh), so that both programs solve the same equations: C3D10 integrates straight cells with
   the same four points. Writes DIR/mesh.inp (deck with the consistent nodal forces of Osteon's own
   load vector) and DIR/osteon.txt (displacements by file node). */
#include "support/calculix_deck.h"
#include "support/ring.h"

static const OstRing scene = {4.0, 7.0, 14.0, 60.0, 1, 2, 12, 12};

static const double modulus[OST_NUM_REGIONS] = {17000.0, 500.0, 10.0, 1000.0, 110000.0, 110000.0};
static const double poisson[OST_NUM_REGIONS] = {0.3, 0.25, 0.45, 0.3, 0.342, 0.342};

/* Reilly & Burstein 1975; CalculiX gets it by engineering constants and an orientation */
static const OstElastic cortex = {.E          = 17000.0,
                                  .nu         = 0.46,
                                  .transverse = PETSC_TRUE,
                                  .E_across   = 11500.0,
                                  .nu_across  = 0.58,
                                  .G_along    = 3280.0,
                                  .axis       = {2.0 / 7.0, -3.0 / 7.0, 6.0 / 7.0}};

static int body(const double c[3], const void *context)
{
  const OstRing *r    = context;
  const int      core = c[0] * (r->shaft + r->ring) < r->shaft;
  if (core) return c[2] < 0.75 ? OST_STEM : OST_MARROW;
  return c[2] < 0.75 ? OST_CORTICAL : OST_CANCELLOUS;
}

static int ends(int direction, int side, const double c[3], const void *context)
{
  if (direction != 2) return OST_PERIOSTEUM;
  if (side) return OST_PROXIMAL;
  return body(c, context) == OST_STEM ? OST_ABUTMENT_END : OST_RESECTION;
}

static int held(const double x[3], int implant, double u[3], const void *context)
{
  (void)implant;
  (void)context;
  u[0] = u[1] = u[2] = 0.0;
  return x[2] > scene.height - 1e-9 ? 7 : 0;
}

static void load(const double x[3], const double normal[3], double t[3], const void *context)
{
  (void)x;
  (void)normal;
  (void)context;
  t[0] = 2.0;
  t[1] = -1.0;
  t[2] = 6.0;
}

static PetscErrorCode write_deck(const OstProblem *p, const double f[], const char *path)
{
  FILE *deck = fopen(path, "w");

  PetscFunctionBeginUser;
  OstAssert(deck, "cannot write %s", path);
  ost_deck_write_model(deck, p, p->mesh->x);
  fprintf(deck, "*STEP\n*STATIC\n");
  ost_deck_write_forces(deck, p->mesh, f);
  fprintf(deck, "*NODE PRINT, NSET=ALL\nU\n*END STEP\n");
  OstAssert(!fclose(deck), "cannot write %s", path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  OstBlock       block = ost_ring_block(&scene);
  OstTractionLaw law   = ost_traction_law_default();
  OstProblem     p;
  double        *u, *f;
  char           path[PETSC_MAX_PATH_LEN];
  FILE          *out;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  OstAssert(argc > 1, "usage: calculix_problem DIR");
  block.region   = body;
  block.surface  = ends;
  block.straight = 1;
  block.tied     = 1;
  PetscCall(ost_problem_create(&block, modulus, poisson, (OstTractionLaw[2]){law, law}, held, &p));
  for (PetscInt c = 0; c < p.mesh->num_cells; c++)
    if (p.mesh->region[c] == OST_CORTICAL) p.elastic[c] = cortex;
  PetscCall(ost_linear_set_bulk(p.lin, p.elastic));
  PetscCall(ost_problem_add_traction(&p, OST_ABUTMENT_END, load, NULL));
  PetscCall(ost_problem_reach(&p, 0.0));
  PetscCall(ost_deck_by_file(p.mesh, p.eq->u, &u));
  PetscCall(ost_deck_by_file(p.mesh, p.load, &f));
  snprintf(path, sizeof path, "%s/mesh.inp", argv[1]);
  PetscCall(write_deck(&p, f, path));
  snprintf(path, sizeof path, "%s/osteon.txt", argv[1]);
  out = fopen(path, "w");
  OstAssert(out, "cannot write %s", path);
  for (PetscInt i = 0; i < p.mesh->total_nodes; i++)
    fprintf(out, "%d %.17g %.17g %.17g\n", (int)i + 1, u[3 * i], u[3 * i + 1], u[3 * i + 2]);
  OstAssert(!fclose(out), "cannot write %s", path);
  PetscCall(PetscFree(u));
  PetscCall(PetscFree(f));
  PetscCall(ost_problem_destroy(&p));
  PetscCall(PetscFinalize());
  return 0;
}
