/* The Osteon side of calculix_contact.py: a press-fit stem in a ring of bone, loaded along and
   across its axis, written as a CalculiX deck and solved.

   Scene: hollow titanium shaft pressed into a bone ring of the same length; the ring is held at
   z = 0, the shaft loaded at its other end. Three states: seated (interference, a fiftieth of the
   friction, which is then raised where it stands), pushed (axial force), and bent (transverse force
   and moment besides). Each is reached in the same increments in both programs, since friction
   remembers its path. The interference of the deck is geometry: the shaft's interface nodes stand
   out by it. Each band of the interface is a contact pair of its own, so that CalculiX prints what
   it transfers.

   usage: calculix_contact DIR
   writes DIR/contact.inp, DIR/pairs.txt (node on the bone, node on the shaft, place), DIR/tip.txt
   (nodes of the loaded end) and, by elastic slip in um, DIR/osteon_0.txt and DIR/osteon_1.txt:
   `state NAME`, then `u node ux uy uz`, `normal BAND fx fy fz mx my mz` and `shear BAND ...`, what
   contact and friction exert on the bone in each band of the interface. */
#include "support/calculix_deck.h"
#include "support/ring.h"

static const OstRing scene = {2.0, 7.0, 14.0, 60.0, 1, 2, 12, 8};

#define FRICTION     0.3
#define STIFFNESS    1e4
#define INTERFERENCE 0.004
#define AXIAL        -2500.0
#define TRANSVERSE   250.0
#define MOMENT       20000.0

static const double modulus[OST_NUM_REGIONS] = {17000.0, 17000.0,  17000.0,
                                                17000.0, 110000.0, 110000.0};
static const double poisson[OST_NUM_REGIONS] = {0.3, 0.3, 0.3, 0.3, 0.342, 0.342};

/* A band: a quarter of the length, one side of the plane x = 0. */
enum { LENGTHS = 4, BANDS = 2 * LENGTHS };

static const struct {
  const char *name;
  int         increments;
} states[] = {{"seated", 1}, {"pushed", 1}, {"bent", 3}};

enum { STATES = 3 };

static int held(const double x[3], int implant, double u[3], const void *context)
{
  (void)context;
  u[0] = u[1] = u[2] = 0.0;
  return !implant && x[2] < 1e-9 ? 7 : 0;
}

static void push(const double x[3], const double normal[3], double t[3], const void *context)
{
  const double a = scene.bore, b = scene.middle, area = M_PI * (b * b - a * a);

  (void)x;
  (void)normal;
  (void)context;
  t[0] = t[1] = 0.0;
  t[2]        = AXIAL / area;
}

static void bend(const double x[3], const double normal[3], double t[3], const void *context)
{
  const double a2 = scene.bore * scene.bore, b2 = scene.middle * scene.middle;

  (void)normal;
  (void)context;
  t[0] = TRANSVERSE / (M_PI * (b2 - a2));
  t[1] = 0.0;
  t[2] = -MOMENT * x[0] / (0.25 * M_PI * (b2 * b2 - a2 * a2)); /* moment about y */
}

static void find_bands(const OstMesh *mesh, int band[])
{
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    double centre[3] = {0};
    for (int a = 0; a < 3; a++)
      for (int d = 0; d < 3; d++) centre[d] += mesh->x[3 * mesh->faces[12 * f + a] + d] / 3.0;
    band[f] = 2 * (int)(centre[2] / scene.height * LENGTHS) + (centre[0] > 0.0);
  }
}

static void write_print(FILE *deck)
{
  fprintf(deck, "*NODE PRINT, NSET=ALL\nU\n");
  for (int b = 0; b < BANDS; b++)
    fprintf(deck, "*CONTACT PRINT, SLAVE=BONE%d, MASTER=SHAFT%d\nCFN, CFS\n", b, b);
}

static PetscErrorCode write_deck(const OstProblem *p, double *const loads[STATES], const char *path)
{
  const OstMesh *mesh = p->mesh;
  FILE          *deck = fopen(path, "w");
  int           *band;
  PetscReal     *x;

  PetscFunctionBeginUser;
  OstAssert(deck, "cannot write %s", path);
  PetscCall(PetscMalloc1(mesh->num_faces, &band));
  find_bands(mesh, band);
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &x));
  PetscCall(PetscArraycpy(x, mesh->x, 3 * mesh->num_nodes));
  for (PetscInt f = 0; f < mesh->num_faces; f++)
    for (int a = 6; a < 12; a++) {
      const PetscInt i = mesh->faces[12 * f + a];
      for (int d = 0; d < 2; d++)
        x[3 * i + d] = mesh->x[3 * i + d] * (1.0 + INTERFERENCE / scene.middle);
    }
  ost_deck_write_model(deck, p, x);
  for (int b = 0; b < BANDS; b++) {
    fprintf(deck, "*SURFACE, NAME=BONE%d, TYPE=ELEMENT\n", b);
    PetscCall(ost_deck_write_faces(deck, mesh, 0, band, b));
    fprintf(deck, "*SURFACE, NAME=SHAFT%d, TYPE=ELEMENT\n", b);
    PetscCall(ost_deck_write_faces(deck, mesh, 1, band, b));
  }
  fprintf(deck,
          "*SURFACE INTERACTION, NAME=FIT\n*SURFACE BEHAVIOR, PRESSURE-OVERCLOSURE=LINEAR\n"
          "%g\n*FRICTION\n%g, %g\n",
          STIFFNESS, FRICTION / 50.0, STIFFNESS);
  for (int b = 0; b < BANDS; b++)
    fprintf(deck, "*CONTACT PAIR, INTERACTION=FIT, TYPE=SURFACE TO SURFACE\nBONE%d, SHAFT%d\n", b,
            b);
  for (int s = 0; s < STATES; s++) {
    fprintf(deck, "*STEP, INC=100\n*STATIC, DIRECT\n%.15g, 1.\n", 1.0 / states[s].increments);
    if (s == 0) fprintf(deck, "*CONTROLS, PARAMETERS=FIELD\n1e-6, 1e-3\n");
    if (s == 1)
      fprintf(deck, "*CHANGE FRICTION, INTERACTION=FIT\n*FRICTION\n%g, %g\n", FRICTION, STIFFNESS);
    if (s > 0) ost_deck_write_forces(deck, mesh, loads[s]);
    write_print(deck);
    fprintf(deck, "*END STEP\n");
  }
  PetscCall(PetscFree(x));
  PetscCall(PetscFree(band));
  OstAssert(!fclose(deck), "cannot write %s", path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_pairs(const OstMesh *mesh, const char *folder)
{
  char  path[PETSC_MAX_PATH_LEN];
  FILE *out;

  PetscFunctionBeginUser;
  snprintf(path, sizeof path, "%s/pairs.txt", folder);
  out = fopen(path, "w");
  OstAssert(out, "cannot write %s", path);
  for (PetscInt f = 0; f < mesh->num_faces; f++)
    for (int a = 0; a < 6; a++) {
      const PetscInt i = mesh->faces[12 * f + a], j = mesh->faces[12 * f + 6 + a];
      fprintf(out, "%d %d %.15g %.15g %.15g\n", (int)mesh->node_file[i] + 1,
              (int)mesh->node_file[j] + 1, mesh->x[3 * i], mesh->x[3 * i + 1], mesh->x[3 * i + 2]);
    }
  OstAssert(!fclose(out), "cannot write %s", path);
  snprintf(path, sizeof path, "%s/tip.txt", folder);
  out = fopen(path, "w");
  OstAssert(out, "cannot write %s", path);
  for (PetscInt k = 0; k < mesh->num_facets; k++)
    for (int a = 0; a < 6; a++)
      if (mesh->surface[k] == OST_ABUTMENT_END)
        fprintf(out, "%d\n", (int)mesh->node_file[mesh->facets[6 * k + a]] + 1);
  OstAssert(!fclose(out), "cannot write %s", path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Forces on the bone and their moments about the origin, by band: contact and friction apart. */
static PetscErrorCode write_resultants(const OstProblem *p, FILE *out)
{
  const OstIface *iface            = p->iface;
  double          sum[2][BANDS][6] = {0};
  int            *band;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(p->mesh->num_faces, &band));
  find_bands(p->mesh, band);
  for (PetscInt k = 0; k < iface->num_points; k++) {
    const OstIfaceAnswer *answer = &p->eq->answer[k];
    const PetscReal      *n = &iface->normal[3 * k], *x = &iface->place[3 * k];
    for (int shear = 0; shear < 2; shear++) {
      double *s = sum[shear][band[k / OST_FACE_POINTS]], f[3];
      for (int d = 0; d < 3; d++) { /* of the traction, which acts on the shaft, the opposite */
        const double contact = answer->pressure * n[d];
        f[d]                 = iface->area[k] * (shear ? -answer->traction[d] - contact : contact);
      }
      for (int d = 0; d < 3; d++) {
        const int a = (d + 1) % 3, b = (d + 2) % 3;
        s[d] += f[d];
        s[3 + d] += x[a] * f[b] - x[b] * f[a];
      }
    }
  }
  for (int shear = 0; shear < 2; shear++)
    for (int b = 0; b < BANDS; b++) {
      fprintf(out, "%s %d", shear ? "shear" : "normal", b);
      for (int d = 0; d < 6; d++) fprintf(out, " %.10g", sum[shear][b][d]);
      fprintf(out, "\n");
    }
  PetscCall(PetscFree(band));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_state(const OstProblem *p, const char *name, FILE *out)
{
  double *u;

  PetscFunctionBeginUser;
  PetscCall(ost_deck_by_file(p->mesh, p->eq->u, &u));
  fprintf(out, "state %s\n", name);
  for (PetscInt i = 0; i < p->mesh->total_nodes; i++)
    fprintf(out, "u %d %.12g %.12g %.12g\n", (int)i + 1, u[3 * i], u[3 * i + 1], u[3 * i + 2]);
  PetscCall(write_resultants(p, out));
  PetscCall(PetscFree(u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* From state to state in equal increments of the load. With hardly any friction the shaft is free
   to move along its axis, unless friction grows over a way: the seating has the default one. */
static PetscErrorCode run(OstProblem *p, double elastic_slip, Vec loads[STATES], FILE *out)
{
  Vec start;

  PetscFunctionBeginUser;
  PetscCall(VecDuplicate(p->load, &start));
  p->iface->friction_scale = 1.0 / 50.0;
  for (int s = 0; s < STATES; s++) {
    PetscCall(VecCopy(p->eq->load, start));
    for (int i = 1; i <= states[s].increments; i++) {
      const double share = (double)i / states[s].increments;
      PetscCall(VecCopy(start, p->load));
      PetscCall(VecAXPBY(p->load, share, 1.0 - share, loads[s]));
      PetscCall(ost_problem_reach(p, 1.0));
    }
    PetscCall(write_state(p, states[s].name, out));
    if (s > 0) continue;
    p->iface->law[0].elastic_slip = p->iface->law[1].elastic_slip = elastic_slip;
    PetscCall(ost_problem_seat(p));
  }
  printf("osteon: newton %d in %d increments, %d cut-backs\n", (int)p->eq->count.newton,
         (int)p->eq->count.increments, (int)p->eq->count.cutbacks);
  PetscCall(VecDestroy(&start));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode solve(const char *folder, double elastic_slip)
{
  OstBlock       block = ost_ring_block(&scene);
  OstTractionLaw law   = ost_traction_law_default();
  OstProblem     p;
  Vec            loads[STATES];
  double        *forces[STATES];
  char           path[PETSC_MAX_PATH_LEN];
  FILE          *out;

  PetscFunctionBeginUser;
  law.friction         = FRICTION;
  law.normal_stiffness = law.shear_stiffness = STIFFNESS;
  PetscCall(ost_problem_create(&block, modulus, poisson, (OstTractionLaw[2]){law, law}, held, &p));
  p.eq->options.tolerance = 1e-9;
  p.eq->options.krylov    = 1e-6;
  ost_problem_set_fit(&p, -INTERFERENCE);
  for (int s = 0; s < STATES; s++) {
    if (s > 0)
      PetscCall(ost_problem_add_traction(&p, OST_ABUTMENT_END, s == 1 ? push : bend, NULL));
    PetscCall(VecDuplicate(p.load, &loads[s]));
    PetscCall(VecCopy(p.load, loads[s]));
    PetscCall(ost_deck_by_file(p.mesh, loads[s], &forces[s]));
  }
  snprintf(path, sizeof path, "%s/contact.inp", folder);
  PetscCall(write_deck(&p, forces, path));
  PetscCall(write_pairs(p.mesh, folder));
  snprintf(path, sizeof path, "%s/osteon_%g.txt", folder, 1e3 * elastic_slip);
  out = fopen(path, "w");
  OstAssert(out, "cannot write %s", path);
  PetscCall(run(&p, elastic_slip, loads, out));
  OstAssert(!fclose(out), "cannot write %s", path);
  for (int s = 0; s < STATES; s++) {
    PetscCall(VecDestroy(&loads[s]));
    PetscCall(PetscFree(forces[s]));
  }
  PetscCall(ost_problem_destroy(&p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  OstAssert(argc > 1, "usage: calculix_contact DIR");
  PetscCall(solve(argv[1], 1e-3));
  PetscCall(solve(argv[1], 0.0));
  PetscCall(PetscFinalize());
  return 0;
}
