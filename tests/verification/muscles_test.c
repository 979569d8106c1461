/* A beam under the prosthesis and two muscles, against statics (theory.md, L1, L2, L4, L6).

   The beam stands along z from the abutment at z = 0 to the support at z = 150. Forces of the
   muscles act at the middles of their patches; the part of the beam below a section carries them
   and the prosthesis to the section's middle as a force F and a moment M, and
       sigma_zz = -F_z/A + x M_y/I_y - y M_x/I_x      (Saint-Venant: exact for shear as well)
   is compared with the strain of the cells between the muscles and the support, 0.6 % of the
   largest. The support carries -F and -M to 1e-8, clamped or on a foundation, of either limb.
   Mutation: without the muscles the same check fails.
   A fall across the beam breaks it next to the support, whichever that is, at the load at which
   the same part of the bone has the strain limit; the report names the support. */
#include "analysis/fall_run.h"
#include "support/limb.h"

#include "base/tensor.h"

#define SIDE_X  10.0
#define SIDE_Y  14.0
#define LENGTH  150.0
#define MODULUS 17000.0
#define POINT   20.0

static void beam(const double p[3], double x[3], const void *context)
{
  (void)context;
  x[0] = SIDE_X * (p[0] - 0.5);
  x[1] = SIDE_Y * (p[1] - 0.5);
  x[2] = LENGTH * p[2];
}

static int halves(const double centre[3], const void *context)
{
  (void)context;
  return centre[2] > 0.2 ? OST_CORTICAL : OST_STEM;
}

static const OstBlock block = {.n        = {3, 4, 30},
                               .wrap     = -1,
                               .straight = 1,
                               .map      = beam,
                               .region   = halves,
                               .surface  = ost_block_ends,
                               .tied     = 1};

#define PATCHES                                                                                    \
  "patches:\n"                                                                                     \
  "  - {name: front, centre: {proximal: 50 mm, anterior: 5 mm}, radius: 6 mm}\n"                   \
  "  - {name: inner, centre: {proximal: 75 mm, medial: 7 mm}, radius: 5 mm}\n"
#define GROUND                                                                                     \
  "support: {type: foundation, normal_stiffness: 200 N/mm3, shear_stiffness: 50 N/mm3}\n"
#define PROSTHESIS                                                                                 \
  "force: {axial: 500 N, anterior: 20 N, lateral: 30 N}, moment: {bending_anterior: 2 N.m, "       \
  "torsion: 1 N.m}"
#define MUSCLES                                                                                    \
  "muscles: [{patch: front, force: {anterior: 100 N, proximal: -150 N}},\n"                        \
  "  {patch: inner, force: {medial: 0.1 BW, anterior: -30 N, proximal: 200 N}}]"

static const char *const stages = "name: beam\n"
                                  "stages:\n"
                                  "  - name: whole\n"
                                  "    until: 10 day\n"
                                  "    do: [{activity: a, cycles: 100 1/day}]\n"
                                  "  - name: relieved\n"
                                  "    aid: one_crutch\n"
                                  "    do: [{activity: a, share: 50 %, cycles: 100 1/day}]\n";

static PetscErrorCode build(const char *before, const char *load, PetscBool right, OstModel *model)
{
  char              text[2048];
  const OstTestLimb limb = {.bone       = MODULUS,
                            .metal      = MODULUS,
                            .nu         = 0.3,
                            .law        = ost_traction_law_default(),
                            .load_point = POINT,
                            .right      = right,
                            .text       = text};

  PetscFunctionBeginUser;
  (void)snprintf(text, sizeof text, PATCHES "%sactivities:\n  - {name: a, %s}\n%s", before, load,
                 stages);
  PetscCall(ost_test_limb_model(&block, &limb, model));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What acts below height z, at the middle of the section there. The forces are those of the text,
   written out: x anterior, y the patient's left. */
typedef struct {
  double force[3], moment[3];
} Resultant;

static void add(const double at[3], const double force[3], double z, Resultant *sum)
{
  const double arm[3] = {at[0], at[1], at[2] - z};
  double       turn[3];

  if (at[2] > z) return;
  ost_cross3(arm, force, turn);
  for (int i = 0; i < 3; i++) {
    sum->force[i] += force[i];
    sum->moment[i] += turn[i];
  }
}

static Resultant below(const OstModel *model, double z, double force, double moment)
{
  const double inwards  = model->schedule.right ? 1.0 : -1.0;
  const double limb[3]  = {20.0 * force, -inwards * 30.0 * force, 500.0 * force};
  const double front[3] = {100.0 * force, 0.0, -150.0 * force};
  const double inner[3] = {-30.0 * force, inwards * 70.0 * force, 200.0 * force};
  const double point[3] = {0.0, 0.0, -POINT};
  Resultant    sum      = {{0}, {0.0, -2000.0 * moment, -inwards * 1000.0 * moment}};

  add(point, limb, z, &sum);
  add(model->patches.patch[0].centroid, front, z, &sum);
  add(model->patches.patch[1].centroid, inner, z, &sum);
  return sum;
}

/* Largest difference of the axial stress from the beam's, over the largest of these. */
static PetscErrorCode stress_error(const OstDay *day, double *error)
{
  const OstModel *model = day->model;
  const double    area = SIDE_X * SIDE_Y, I_y = area * SIDE_X * SIDE_X / 12.0,
               I_x = area * SIDE_Y * SIDE_Y / 12.0;
  double worst[2]  = {0.0, 0.0};

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < model->mesh->num_cells; c++) {
    const PetscReal *x = &model->centroid[3 * c];
    if (x[2] < 98.0 || x[2] > 130.0) continue;
    const Resultant R   = below(model, x[2], 1.0, 1.0);
    const double wanted = -R.force[2] / area + x[0] * R.moment[1] / I_y - x[1] * R.moment[0] / I_x;
    worst[0]            = fmax(worst[0], fabs(MODULUS * day->peak_cell[c].strain[OST_ZZ] - wanted));
    worst[1]            = fmax(worst[1], fabs(wanted));
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, worst, 2, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  *error = worst[0] / worst[1];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void check_reaction(const OstDay *day, double force, double moment)
{
  const Resultant R = below(day->model, LENGTH, force, moment);

  for (int i = 0; i < 3; i++) {
    OST_CHECK(fabs(day->support_force[i] + R.force[i]) <= 1e-8 * 600.0);
    OST_CHECK(fabs(day->support_moment[i] + R.moment[i]) <= 1e-8 * 1e5);
  }
}

static PetscErrorCode beam_follows_statics(const char *support, PetscBool right)
{
  OstModel  model;
  OstState  state;
  OstDay   *day;
  PetscBool reached;
  double    error;

  PetscFunctionBeginUser;
  PetscCall(build(support, PROSTHESIS ",\n" MUSCLES, right, &model));
  PetscCall(ost_day_create(&model, &day));
  PetscCall(ost_state_create(&model, &state));
  PetscCall(ost_day_run(day, &state, 5.0, PETSC_FALSE, &reached));
  OST_CHECK(reached);
  PetscCall(stress_error(day, &error));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "stress differs by %.2e, %d iterations\n", error,
                        (int)model.krylov_linear));
  OST_CHECK(error < 0.006);
  check_reaction(day, 1.0, 1.0);
  /* a crutch and half a share take from the muscles what they take from the prosthesis' force */
  PetscCall(ost_day_run(day, &state, 15.0, PETSC_FALSE, &reached));
  check_reaction(day, 0.5 * 0.90, 0.5 * 0.85);
  PetscCall(ost_state_destroy(&state));
  PetscCall(ost_day_destroy(&day));
  PetscCall(ost_model_destroy(&model));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode without_muscles_it_does_not(void)
{
  OstModel  model;
  OstState  state;
  OstDay   *day;
  PetscBool reached;
  double    error;

  PetscFunctionBeginUser;
  PetscCall(build("", PROSTHESIS, PETSC_TRUE, &model));
  PetscCall(ost_day_create(&model, &day));
  PetscCall(ost_state_create(&model, &state));
  PetscCall(ost_day_run(day, &state, 5.0, PETSC_FALSE, &reached));
  PetscCall(stress_error(day, &error));
  OST_CHECK(error > 0.15);
  PetscCall(ost_state_destroy(&state));
  PetscCall(ost_day_destroy(&day));
  PetscCall(ost_model_destroy(&model));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Energies of the same two loads as two activities and as two phases of one; the reference state as
   well. */
static PetscErrorCode each_cell_feels_the_phase_that_strains_it_most(void)
{
  static const char text[] =
      PATCHES "name: beam\n"
              "activities:\n"
              "  - {name: a, force: {axial: 300 N, anterior: 50 N}}\n"
              "  - {name: b, force: {axial: 100 N}, " MUSCLES "}\n"
              "  - name: both\n"
              "    phases:\n"
              "      - {name: first, force: {axial: 300 N, anterior: 50 N}}\n"
              "      - {name: second, force: {axial: 100 N}, " MUSCLES "}\n"
              "stages:\n"
              "  - {name: all, do: [{activity: a, cycles: 10 1/day}, {activity: b, cycles: 10 "
              "1/day}, {activity: both, cycles: 10 1/day}]}\n";
  const OstTestLimb limb = {.bone       = MODULUS,
                            .metal      = MODULUS,
                            .nu         = 0.3,
                            .law        = ost_traction_law_default(),
                            .load_point = POINT,
                            .text       = text};
  OstModel          model;
  OstState          state;
  OstDay           *day;
  PetscBool         reached;
  PetscInt          first = 0, second = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_test_limb_model(&block, &limb, &model));
  PetscCall(ost_day_create(&model, &day));
  PetscCall(ost_state_create(&model, &state));
  PetscCall(ost_day_run(day, &state, 5.0, PETSC_FALSE, &reached));
  OST_CHECK_INT(day->num, 3);
  OST_CHECK_INT(day->load[2].num_phases, 2);
  for (PetscInt c = 0; c < model.mesh->num_cells; c++) {
    const PetscReal *U = &day->U[3 * c], most = PetscMax(U[0], U[1]);
    OST_CHECK_NEAR(U[2] / most, 1.0, 1e-6);
    first += U[0] > 2.0 * U[1];
    second += U[1] > 2.0 * U[0];
    /* all is linear: the day is the reference */
    if (!ost_region_is_bone(model.mesh->region[c])) continue;
    const PetscReal cycles[3] = {10.0, 10.0, 10.0};
    OST_CHECK_NEAR(ost_remodel_stimulus(&model.remodel, 3, U, cycles, MODULUS, 1.85) /
                       model.reference[c],
                   1.0, 1e-6);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPIU_INT, MPI_SUM, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &second, 1, MPIU_INT, MPI_SUM, PETSC_COMM_WORLD));
  OST_CHECK(first > 100 && second > 100); /* both phases lead somewhere */
  PetscCall(ost_state_destroy(&state));
  PetscCall(ost_day_destroy(&day));
  PetscCall(ost_model_destroy(&model));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  double factor;
  char   place[192];
} Told;

static PetscErrorCode tell(const OstFallReport *report, void *context)
{
  Told *told = context;

  PetscFunctionBeginUser;
  told->factor = report->factor;
  PetscCall(PetscStrncpy(told->place, report->place, sizeof told->place));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode fall(const char *support, Told *told)
{
  PetscReal angle  = 0.0;
  OstFall   across = {.name        = "across",
                      .force       = 200.0,
                      .tilt        = 90.0,
                      .cap_bending = OST_NO_LIMIT,
                      .cap_torsion = OST_NO_LIMIT,
                      .num_angles  = 1,
                      .angle       = &angle};
  OstModel  model;
  OstState  state;
  OstDay   *day;

  PetscFunctionBeginUser;
  PetscCall(build(support, PROSTHESIS, PETSC_TRUE, &model));
  model.criterion = (OstCriterion){0.0073, 0.0104, 20.0};
  PetscCall(ost_day_create(&model, &day));
  PetscCall(ost_state_create(&model, &state));
  PetscCall(ost_fall_run(day, &state, &across, tell, told));
  PetscCall(ost_state_destroy(&state));
  PetscCall(ost_day_destroy(&day));
  PetscCall(ost_model_destroy(&model));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* F (L + d) = 0.0073 E W at the support; 10 mm below it the moment is 6 % less. */
static PetscErrorCode fall_breaks_next_to_either_support(void)
{
  const double factor =
      0.0073 * MODULUS * SIDE_Y * SIDE_X * SIDE_X / 6.0 / (200.0 * (LENGTH + POINT));
  Told clamped, held;

  PetscFunctionBeginUser;
  PetscCall(fall("", &clamped));
  PetscCall(fall(GROUND, &held));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "breaks at %.3f, %.3f of %.3f: %s\n", clamped.factor,
                        held.factor, factor, held.place));
  OST_CHECK_TEXT(clamped.place, "from where the model is held");
  OST_CHECK_TEXT(held.place, "from where the model is held");
  OST_CHECK(fabs(held.factor / factor - 1.0) < 0.3);
  OST_CHECK(fabs(clamped.factor / factor - 1.0) < 0.3);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(beam_follows_statics("", PETSC_TRUE));
  PetscCall(beam_follows_statics("", PETSC_FALSE));
  PetscCall(beam_follows_statics(GROUND, PETSC_TRUE));
  PetscCall(without_muscles_it_does_not());
  PetscCall(each_cell_feels_the_phase_that_strains_it_most());
  PetscCall(fall_breaks_next_to_either_support());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
