/* What a collar on the cut does to the bone beside it: signs (theory.md, A1, R5).

   A stem bonded into a tube of cortex is pressed into it at its distal end, once with a collar
   that bears on the cut and once with marrow in the collar's place. Beside the stem the bone
   feels less than it did (shielding), near the cut least, and less without the collar than with
   it, as in sheep, where distal bone was kept or thickened only where the collar bore on the
   cut (Jeyapalina 2019). Held: stimulus over reference and rate of density of the distal 15 mm
   are higher with the collar by more than a tenth; without it the distal bone feels less than
   half of what it did; half way up the tube, where the stem has handed over, the two differ by
   less than a tenth as much as at the cut; a stem as stiff as titanium shields more than one as
   stiff as bone. */
#include "analysis/biology.h"
#include "analysis/reference.h"
#include "support/limb.h"
#include "support/ring.h"

#define LENGTH 60.0
#define PLATE  4.0 /* thickness of the collar [mm] */
#define RADIUS 7.0
#define OUTER  12.0
#define DISTAL 15.0

static void place(const double p[3], double x[3], const void *context)
{
  const double radius = p[0] < 0.5 ? 3.0 + (RADIUS - 3.0) * 2.0 * p[0]
                                   : RADIUS + (OUTER - RADIUS) * (2.0 * p[0] - 1.0);
  const double angle  = 2.0 * M_PI * p[1];

  (void)context;
  x[0] = radius * cos(angle);
  x[1] = radius * sin(angle);
  x[2] = 16.0 * p[2] < 1.0 ? PLATE * (16.0 * p[2] - 1.0) : LENGTH * (16.0 * p[2] - 1.0) / 15.0;
}

static int body(const double centre[3], const void *context)
{
  const PetscBool collar = *(const PetscBool *)context;

  if (centre[0] < 0.5) return OST_STEM;
  if (16.0 * centre[2] > 1.0) return OST_CORTICAL;
  return collar ? OST_STEM : OST_MARROW;
}

static int ends(int direction, int side, const double centre[3], const void *context)
{
  (void)context;
  if (direction != 2) return OST_PERIOSTEUM;
  if (!side) return centre[0] < 0.5 ? OST_ABUTMENT_END : OST_RESECTION;
  return centre[0] < 0.5 ? OST_PERIOSTEUM : OST_PROXIMAL;
}

static const char *const text = "interface: {initial_bond: 0.7, initial_strength: 1}\n"
                                "activities: [{name: a, force: {axial: 600 N}}]\n"
                                "name: press\n"
                                "stages:\n"
                                "  - {name: s, do: [{activity: a, cycles: 1000 1/day}]}\n";

static PetscErrorCode no_rim(OstModel *model, const void *context)
{
  PetscFunctionBeginUser;
  (void)context;
  model->remodel.rim_depth  = 0.0;
  model->remodel.background = 0.0;
  model->remodel.lazy_zone  = 0.0;
  model->material.marrow    = (OstElastic){.E = 2.0, .nu = 0.17};
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  double distal, middle; /* stimulus over reference, mean over the volume [-] */
  double rate;           /* of density, distal [g/cm3/day] */
} Felt;

static PetscErrorCode sum_up(const OstModel *model, const OstRates *rates, Felt *felt)
{
  double s[5] = {0};

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < model->mesh->num_cells; c++) {
    const double z = model->centroid[3 * c + 2], volume = model->volume[c];
    if (!ost_region_is_bone(model->mesh->region[c])) continue;
    if (z < DISTAL) {
      s[0] += volume * rates->stimulus[c];
      s[1] += volume * rates->rho[c];
      s[2] += volume;
    } else if (z > 25.0 && z < 40.0) {
      s[3] += volume * rates->stimulus[c];
      s[4] += volume;
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, s, 5, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  *felt = (Felt){.distal = s[0] / s[2], .rate = s[1] / s[2], .middle = s[3] / s[4]};
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode feel(PetscBool collar, double metal, Felt *felt)
{
  const OstBlock    block = {.n       = {2, 8, 16},
                             .wrap    = 1,
                             .map     = place,
                             .region  = body,
                             .surface = ends,
                             .context = &collar};
  const OstTestLimb limb  = {.bone   = 17000.0,
                             .metal  = metal,
                             .nu     = 0.3,
                             .law    = ost_traction_law_default(),
                             .right  = PETSC_TRUE,
                             .text   = text,
                             .adjust = no_rim};
  OstModel          model;
  OstDay           *day;
  OstState          state;
  OstRates          rates;
  PetscBool         reached;

  PetscFunctionBeginUser;
  PetscCall(ost_test_limb_model(&block, &limb, &model));
  PetscCall(ost_day_create(&model, &day));
  PetscCall(ost_state_create(&model, &state));
  PetscCall(ost_rates_create(&model, &rates));
  PetscCall(ost_day_press_fit(day, &state, &reached));
  OST_CHECK(reached);
  PetscCall(ost_day_run(day, &state, 1.0, PETSC_FALSE, &reached));
  OST_CHECK(reached);
  PetscCall(ost_rates_find(day, &state, 1.0, &rates));
  PetscCall(sum_up(&model, &rates, felt));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "%-9s stem %6.0f MPa: distal %.3f of the reference, %+.2e g/cm3/day; "
                        "middle %.3f\n",
                        collar ? "collar," : "none,", metal, felt->distal, felt->rate,
                        felt->middle));
  PetscCall(ost_rates_destroy(&rates));
  PetscCall(ost_state_destroy(&state));
  PetscCall(ost_day_destroy(&day));
  PetscCall(ost_model_destroy(&model));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Area of the cut at a height over that of a ring of radii a and b. */
static PetscErrorCode cut_share(const OstMesh *mesh, double at, double a, double b, double *share)
{
  OstFacetSet cut;
  PetscReal   area, centroid[3];

  PetscFunctionBeginUser;
  PetscCall(ost_facets_cut(mesh, at, &cut));
  PetscCall(ost_facets_measure(mesh, &cut, &area, centroid));
  PetscCall(ost_facets_free(&cut));
  *share = area / (M_PI * (b * b - a * a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The intact limb is loaded at its cut: bone under a collar, or bone in the group resection but not
   the stem there; where there is neither it is refused. */
static PetscErrorCode the_cut_is_of_bone(void)
{
  const OstRing  ring  = {2.0, 5.0, 9.0, 10.0, 1, 1, 16, 2};
  const OstBlock plain = ost_ring_block(&ring);

  PetscFunctionBeginUser;
  for (int collar = 0; collar < 2; collar++) {
    const PetscBool with  = collar ? PETSC_TRUE : PETSC_FALSE;
    const OstBlock  block = {.n       = {2, 16, 16},
                             .wrap    = 1,
                             .map     = place,
                             .region  = body,
                             .surface = ends,
                             .context = &with};
    OstModel        model = {.remodel = {.limb = OST_LIMB_INTACT}};
    OstDiagList    *list;
    double          share;
    PetscCall(ost_diag_create(&list));
    PetscCall(ost_problem_mesh(PETSC_COMM_WORLD, &block, &model.mesh));
    PetscCall(ost_reference_check(&model, list));
    PetscCall(cut_share(model.mesh, 0.0, RADIUS, OUTER, &share));
    OST_CHECK_INT(ost_diag_num_errors(list), !collar);
    OST_CHECK_NEAR(share, collar ? 1.0 : 0.0, 0.01);
    if (!collar) OST_CHECK_TEXT(ost_diag_get(list, 0).message, "no face of bone");
    PetscCall(ost_mesh_destroy(&model.mesh));
    PetscCall(ost_diag_destroy(&list));
  }
  OstMesh *mesh;
  double   share;
  PetscCall(ost_problem_mesh(PETSC_COMM_WORLD, &plain, &mesh));
  PetscCall(cut_share(mesh, -1.0, ring.middle, ring.outer, &share));
  OST_CHECK_NEAR(share, 1.0, 0.01); /* the shaft's end is in the group, too */
  PetscCall(ost_mesh_destroy(&mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  Felt with, without, soft;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(the_cut_is_of_bone());
  PetscCall(feel(PETSC_TRUE, 113800.0, &with));
  PetscCall(feel(PETSC_FALSE, 113800.0, &without));
  PetscCall(feel(PETSC_FALSE, 17000.0, &soft));
  OST_CHECK(with.distal > 1.1 * without.distal);
  OST_CHECK(with.rate > without.rate);
  OST_CHECK(without.distal < 0.5 && without.rate < 0.0);
  OST_CHECK(fabs(with.middle - without.middle) < 0.1 * (with.distal - without.distal));
  OST_CHECK(soft.middle > without.middle);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
