/* Writes everything a run leaves, for a stem in a block of bone with fields that carry their own
   expected values, and reads it back. With an argument the files stay in that directory: the Python
   tests of tests/io/ look at them with the eyes of other programs and compare numbers of ranks.
   With a second one no file may grow beyond that size, as if the disk were full, and the program
   must fail.
       results_test [DIRECTORY [KILOBYTES]] */
#include "io/output.h"

#include "analysis/transitions.h"
#include "base/groups.h"
#include "fem/element.h"
#include "io/csv.h"
#include "io/summary.h"
#include "io/xdmf.h"
#include "support/block_mesh.h"
#include "support/check.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NUM_SNAPSHOTS = 3, NUM_COLUMNS = 52 };

static const PetscReal stem_tip = 80.0, stem_radius = 10.0; /* [mm] */

static char directory[512];

/* --- the scene -------------------------------------------------------------------------------- */

/* 40 x 40 mm across, z from -20 to 120 mm, sheared so that no edge lies along an axis. */
static void place(const double p[3], double x[3], const void *context)
{
  (void)context;
  x[2] = 140.0 * p[2] - 20.0;
  x[0] = 40.0 * (p[0] - 0.5) + 0.05 * x[2] * p[0];
  x[1] = 40.0 * (p[1] - 0.5) - 0.03 * x[2] * p[1];
}

static int region(const double centre[3], const void *context)
{
  const double z      = 140.0 * centre[2] - 20.0;
  const int    inside = fabs(centre[0] - 0.5) < 0.25 && fabs(centre[1] - 0.5) < 0.25;

  (void)context;
  if (inside && z < stem_tip) return z < 0.0 ? OST_ABUTMENT : OST_STEM;
  return inside ? OST_MARROW : OST_CORTICAL;
}

static int surface(int direction, int side, const double centre[3], const void *context)
{
  (void)centre;
  (void)context;
  if (direction != 2) return -1;
  return side == 1 ? OST_PROXIMAL : OST_ABUTMENT_END;
}

static PetscErrorCode create_mesh(OstMesh **mesh)
{
  const OstBlock block = {.n        = {4, 4, 7},
                          .wrap     = -1,
                          .straight = 1,
                          .map      = place,
                          .region   = region,
                          .surface  = surface};
  char           path[600];
  PetscMPIInt    rank;
  OstDiagList   *list;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  (void)snprintf(path, sizeof path, "%s/limb.msh", directory);
  if (!rank) PetscCall(ost_block_write(&block, path));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_mesh_create(PETSC_COMM_WORLD, path, list, mesh));
  if (!rank && ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stderr));
  PetscCall(ost_diag_destroy(&list));
  OstAssert(*mesh, "the test's mesh cannot be read");
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Zones of a right limb, medial +y. */
static PetscInt zone_at(const PetscReal x[3])
{
  const PetscInt third = (PetscInt)PetscMin(PetscMax(3.0 * x[2] / stem_tip, 0.0), 2.0);

  if (x[2] > stem_tip - 1e-6) return 4;
  return x[1] > 0.0 ? 7 - third : 1 + third;
}

typedef struct {
  PetscReal *volume, *sicn, *axis, *place, *area, *angle, *gap;
  PetscInt  *zone, *surface;
} Geometry;

static PetscErrorCode create_geometry(const OstMesh *mesh, Geometry *g)
{
  const PetscInt Q = OST_FACE_POINTS, C = mesh->num_cells, F = mesh->num_faces;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(C, &g->volume, C, &g->sicn, 3 * C, &g->axis));
  PetscCall(PetscCalloc4(3 * F * Q, &g->place, F * Q, &g->area, F * Q, &g->angle, F, &g->zone));
  PetscCall(PetscMalloc2(F, &g->surface, F * Q, &g->gap));
  ost_mesh_cell_volumes(mesh, g->volume);
  for (PetscInt c = 0; c < C; c++) g->sicn[c] = 0.5 + 1e-4 * (PetscReal)mesh->cell_file[c];
  for (PetscInt k = 0; k < 3 * C; k++) g->axis[k] = 3.0 * mesh->cell_file[k / 3] + k % 3;
  for (PetscInt f = 0; f < F; f++) {
    PetscReal x[18], N[6], normal[3], centre[3] = {0.0, 0.0, 0.0};
    for (int a = 0; a < 6; a++) {
      PetscCall(PetscArraycpy(&x[3 * a], &mesh->x[3 * mesh->faces[12 * f + a]], 3));
    }
    for (int q = 0; q < OST_FACE_POINTS; q++) {
      const PetscReal *b = &ost_tri_rule6.point[3 * q];
      PetscReal       *p = &g->place[3 * (f * Q + q)];
      g->area[f * Q + q] = ost_tri_rule6.weight[q] * ost_tri6_normal(x, b, normal);
      ost_tri6_shape(b, N);
      for (int a = 0; a < 6; a++) {
        for (int d = 0; d < 3; d++) p[d] += N[a] * x[3 * a + d];
      }
      g->angle[f * Q + q] = PetscAtan2Real(p[1], p[0]) * 180.0 / PETSC_PI;
      if (g->angle[f * Q + q] < 0.0) g->angle[f * Q + q] += 360.0;
      for (int d = 0; d < 3; d++) centre[d] += p[d] / OST_FACE_POINTS;
    }
    g->zone[f]    = zone_at(centre);
    g->surface[f] = mesh->face_file[f] % 3;
    for (int q = 0; q < Q; q++) g->gap[f * Q + q] = 1e-3 * (PetscReal)(mesh->face_file[f] - q);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode destroy_geometry(Geometry *g)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree3(g->volume, g->sicn, g->axis));
  PetscCall(PetscFree4(g->place, g->area, g->angle, g->zone));
  PetscCall(PetscFree2(g->surface, g->gap));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- fields: row r, component c of field i of snapshot k -------------------------------------- */

static const OstFieldInfo infos[] = {
    {"displacement", "mm", "displacement at the peak", OST_ON_NODE, 3},
    {"density", "g/cm3", "apparent density", OST_ON_CELL, 1},
    {"modulus", "MPa", "Young's modulus", OST_ON_CELL, 1},
    {"strain_tension", "1", "largest principal strain", OST_ON_CELL, 1},
    {"strain_compression", "1", "smallest principal strain", OST_ON_CELL, 1},
    {"energy_density", "MPa", "strain energy density", OST_ON_CELL, 1},
    {"stimulus", "MPa", "daily stimulus", OST_ON_CELL, 1},
    {"von_mises", "MPa", "von Mises stress", OST_ON_CELL, 1},
    {"bond", "1", "bonded share of the face", OST_ON_INTERFACE_FACE, 1},
    {"strength", "1", "strength of the bond", OST_ON_INTERFACE_FACE, 1},
    {"damage", "1", "damage of the bond", OST_ON_INTERFACE_FACE, 1},
    {"gap", "mm", "gap", OST_ON_INTERFACE_FACE, 1},
    {"pressure", "MPa", "contact pressure", OST_ON_INTERFACE_FACE, 1},
    {"shear", "MPa", "shear stress", OST_ON_INTERFACE_FACE, 1},
    {"micromotion", "mm", "largest micromotion of the face", OST_ON_INTERFACE_FACE, 1},
    {"state", "index", "0 open 1 stick 2 slip 3 bonded 4 debonded 5 fibrous", OST_ON_INTERFACE_FACE,
     1},
    {"micromotion", "mm", "micromotion", OST_ON_INTERFACE_POINT, 1},
    {"bond", "1", "bond", OST_ON_INTERFACE_POINT, 1},
    {"state", "index", "0 open 1 stick 2 slip 3 bonded 4 debonded 5 fibrous",
     OST_ON_INTERFACE_POINT, 1},
};
enum { NUM_FIELDS = sizeof infos / sizeof *infos };

/* Two notes before each snapshot but the first; a fifth of the faces changes with each, at one of
   its points. */
static PetscBool changes(PetscInt note, PetscInt face)
{
  return (face + note) % 5 == 0 ? PETSC_TRUE : PETSC_FALSE;
}

static PetscInt state_at(PetscInt note, PetscInt face, PetscInt point)
{
  PetscInt state = face;

  for (PetscInt n = 1; n <= note && point == face % OST_FACE_POINTS; n++) state += changes(n, face);
  return state % OST_NUM_STATES;
}

static PetscReal expected(PetscInt i, PetscInt k, PetscInt row, PetscInt comp)
{
  const PetscReal ramp = 0.001 * (PetscReal)(row % 997) + 0.1 * (PetscReal)comp;

  if (!strcmp(infos[i].unit, "index") && infos[i].place == OST_ON_INTERFACE_POINT)
    return (PetscReal)state_at(2 * k, row, comp);
  if (!strcmp(infos[i].unit, "index")) return (PetscReal)((row + k) % 6);
  if (!strcmp(infos[i].name, "strain_compression")) return -0.001 * (1.0 + ramp + (PetscReal)k);
  if (!strcmp(infos[i].name, "strain_tension")) return 0.0005 * (1.0 + ramp + (PetscReal)k);
  if (!strcmp(infos[i].name, "bond")) return 0.3 * (PetscReal)k + 0.3 * ramp;
  if (!strcmp(infos[i].name, "micromotion")) return 0.1 * (1.0 + ramp) / (1.0 + (PetscReal)k);
  return 1.0 + ramp + 0.25 * (PetscReal)k + 0.01 * (PetscReal)i;
}

static const OstNumbering *rows_at(const OstMesh *mesh, OstFieldPlace where)
{
  if (where == OST_ON_NODE) return &mesh->rows_node;
  return where == OST_ON_CELL ? &mesh->rows_cell : &mesh->rows_face;
}

static PetscInt row_length(PetscInt i)
{
  return infos[i].num_comp * (infos[i].place == OST_ON_INTERFACE_POINT ? OST_FACE_POINTS : 1);
}

static PetscErrorCode fill_field(const OstMesh *mesh, PetscInt i, PetscInt k, OstField *field)
{
  const OstNumbering *rows = rows_at(mesh, infos[i].place);
  const PetscInt      n    = row_length(i);
  PetscReal          *values;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(rows->num_local * n, &values));
  for (PetscInt r = 0; r < rows->num_local; r++) {
    for (PetscInt c = 0; c < n; c++) values[r * n + c] = expected(i, k, rows->global[r], c);
  }
  *field = (OstField){infos[i], values};
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- changes of state ------------------------------------------------------------------------- */

static OstTransition change_of(PetscInt note, PetscInt face)
{
  return (OstTransition){.day   = 15.0 * (PetscReal)note,
                         .note  = note,
                         .face  = face,
                         .point = (char)(face % OST_FACE_POINTS),
                         .from  = (char)state_at(note - 1, face, face % OST_FACE_POINTS),
                         .to    = (char)state_at(note, face, face % OST_FACE_POINTS),
                         .cause = (char)(face % OST_NUM_CAUSES)};
}

/* Of this rank's faces, from the last to the first; none before the first snapshot. */
static PetscErrorCode fill_transitions(const OstMesh *mesh, PetscInt k, PetscInt *num,
                                       OstTransition **all)
{
  PetscFunctionBeginUser;
  *num = 0;
  PetscCall(PetscMalloc1(2 * mesh->num_faces, all));
  for (PetscInt note = 2 * k - 1; k > 0 && note <= 2 * k; note++) {
    for (PetscInt f = mesh->num_faces - 1; f >= 0; f--) {
      const PetscInt face = mesh->rows_face.global[f];
      if (changes(note, face)) (*all)[(*num)++] = change_of(note, face);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static const char *const stages[NUM_SNAPSHOTS] = {"rest", "training <light>", "free \"walking\""};

static PetscErrorCode send_snapshot(const OstMesh *mesh, const OstObserver *to, PetscInt k)
{
  OstField       fields[NUM_FIELDS];
  OstTransition *transitions;
  OstSnapshot    snapshot = {.index      = k,
                             .step       = 10 * k,
                             .day        = 30.0 * (PetscReal)k,
                             .time_step  = 2.5,
                             .stage      = stages[k],
                             .activity   = k ? "walking" : "",
                             .num_fields = NUM_FIELDS,
                             .fields     = fields};

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < NUM_FIELDS; i++) PetscCall(fill_field(mesh, i, k, &fields[i]));
  PetscCall(fill_transitions(mesh, k, &snapshot.num_transitions, &transitions));
  snapshot.transitions = transitions;
  PetscCall(to->snapshot(to->context, &snapshot));
  PetscCall(PetscFree(transitions));
  for (PetscInt i = 0; i < NUM_FIELDS; i++) PetscCall(PetscFree(fields[i].values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- history ---------------------------------------------------------------------------------- */

static char      column_text[NUM_COLUMNS][40];
static OstColumn columns[NUM_COLUMNS];
static PetscInt  num_columns;

static void add_column(const char *name, const char *unit)
{
  (void)snprintf(column_text[num_columns], sizeof *column_text, "%s", name);
  columns[num_columns] = (OstColumn){column_text[num_columns], unit, "a column of the test"};
  num_columns++;
}

static void make_columns(void)
{
  static const OstColumn plain[] = {
      {"day", "day", ""},
      {"step", "1", ""},
      {"stage", "index", ""},
      {"load_axial", "N", ""},
      {"load_moment", "N.mm", ""},
      {"cycles_per_day", "1/day", ""},
      {"bonded_area_fraction", "1", ""},
      {"bond_mean", "1", ""},
      {"strength_mean", "1", ""},
      {"debonded_area_fraction", "1", ""},
      {"micromotion_mean", "mm", ""},
      {"micromotion_p95", "mm", ""},
      {"micromotion_max", "mm", ""},
      {"area_over_40um", "1", ""},
      {"area_over_150um", "1", ""},
      {"bone_mass", "g", ""},
      {"strain_tension_max", "1", ""},
      {"strain_compression_min", "1", ""},
      {"contact_pressure_max", "MPa", ""},
      {"newton_mean", "1", ""},
      {"krylov_mean", "1", ""},
      {"step_size", "day", ""},
      {"stem_stress_max", "MPa", ""},
  };
  static const char *const by_zone[] = {"bond", "strength", "micromotion", "density_change"};

  for (size_t c = 0; c < sizeof plain / sizeof *plain; c++) {
    add_column(plain[c].name, plain[c].unit);
  }
  for (size_t b = 0; b < sizeof by_zone / sizeof *by_zone; b++) {
    for (int z = 1; z <= 7; z++) {
      char name[32];
      (void)snprintf(name, sizeof name, "%s_zone_%d", by_zone[b], z);
      add_column(name, b == 2 ? "mm" : "1");
    }
  }
}

/* The third column is the stage, the sixth has no value in row 1. */
static PetscReal history_value(PetscInt row, PetscInt column)
{
  if (column == 0) return 10.0 * (PetscReal)row;
  if (column == 2) return (PetscReal)(row / 3);
  if (column == 6 && row == 1) return (PetscReal)NAN;
  return 0.01 * (PetscReal)(row + 1) + 0.001 * (PetscReal)column / 3.0;
}

static PetscErrorCode send_row(const OstObserver *to, PetscInt row)
{
  PetscReal           values[NUM_COLUMNS];
  const OstHistoryRow r = {num_columns, columns, values, stages[row / 3]};

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < num_columns; c++) values[c] = history_value(row, c);
  PetscCall(to->row(to->context, &r));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- falls and end ---------------------------------------------------------------------------- */

static PetscErrorCode send_fall(const OstMesh *mesh, const OstObserver *to, const char *name)
{
  static const char *const names[3] = {"strain_tension", "strain_compression", "risk"};
  OstField                 fields[3];
  OstFallReport            fall = {.name                   = name,
                                   .day                    = 30.0,
                                   .angle_deg              = 25.0,
                                   .force                  = 2300.0,
                                   .moment                 = 95000.0,
                                   .factor                 = 1.25,
                                   .at_least               = PETSC_TRUE,
                                   .mode                   = "compression",
                                   .place                  = "posterior, 12 mm beyond the tip",
                                   .zone                   = 4,
                                   .at                     = {1.0, -2.0, 92.0},
                                   .share                  = 0.875,
                                   .stem_yield_factor      = (PetscReal)NAN,
                                   .debonded_area_fraction = 0.04,
                                   .reached                = PETSC_TRUE,
                                   .num_fields             = 3,
                                   .fields                 = fields};

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < 3; i++) {
    PetscCall(fill_field(mesh, 3 + i, 1, &fields[i]));
    fields[i].info.name = names[i];
  }
  PetscCall(to->fall(to->context, &fall));
  for (PetscInt i = 0; i < 3; i++) PetscCall(PetscFree(fields[i].values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static const OstSummary the_end = {.day                  = 60.0,
                                   .bonded_area_fraction = 0.75,
                                   .strength_mean        = 1.0 / 3.0,
                                   .micromotion_p95      = 0.0425,
                                   .area_over_40um       = 0.1,
                                   .area_over_150um      = 0.0,
                                   .density_change_zone  = {-0.1, -0.05, 0, 0.02, 0, -0.04, -0.2},
                                   .bond_zone      = {0.5, 0.6, 0.7, (PetscReal)NAN, 0.7, 0.6, 0.5},
                                   .density_law    = "keller",
                                   .density_known  = {0.05, PETSC_MAX_REAL},
                                   .density_found  = {0.25, 1.875},
                                   .volume_below   = 0.0,
                                   .volume_above   = 0.125,
                                   .remodelling    = "strain-energy",
                                   .reference      = "site",
                                   .reference_limb = "intact",
                                   .smoothing      = 1.5,
                                   .verdict        = "The stem holds: \"bonded\" on 75 %.",
                                   .newton_mean    = 3.5,
                                   .krylov_mean    = 12.0,
                                   .newton_max     = 7,
                                   .krylov_max     = 19,
                                   .linear_solves  = 41,
                                   .iterations     = 160,
                                   .krylov_linear  = 9,
                                   .steps          = 9,
                                   .cutbacks       = 1,
                                   .calmed         = 2,
                                   .sudden         = 1,
                                   .rates_turned   = 0.002,
                                   .energy_imbalance = 1e-5,
                                   .wall_s           = 12.5};

/* --- what must be so while it runs and afterwards --------------------------------------------- */

static PetscErrorCode complete_is(PetscInt wanted)
{
  char     path[600];
  PetscInt complete;
  OstH5   *file;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  (void)snprintf(path, sizeof path, "%s/%s", directory, OST_RESULTS_FILE);
  PetscCall(ost_h5_open(PETSC_COMM_SELF, path, PETSC_FALSE, &file));
  PetscCall(ost_h5_get_attr_int(file, "/", "complete", &complete));
  OST_CHECK_INT(complete, wanted);
  PetscCall(ost_h5_close(&file));
  (void)snprintf(path, sizeof path, "%s/%s", directory, OST_SUMMARY_FILE);
  OST_CHECK_INT(access(path, F_OK) == 0, wanted);
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Every rank reads the whole file by itself: what stands there is a function of the row alone,
   so the files of any number of ranks are equal. */
static PetscErrorCode fields_stand_in_rows_of_the_mesh_file(const OstMesh *mesh, OstH5 *file)
{
  static const char *const places[] = {"node", "cell", "interface", "interface_point"};

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < NUM_SNAPSHOTS; k++) {
    for (PetscInt i = 0; i < NUM_FIELDS; i++) {
      const PetscInt     num = rows_at(mesh, infos[i].place)->num_global, n = row_length(i);
      const OstNumbering all       = {num, NULL, num};
      PetscInt           num_wrong = 0;
      PetscReal         *back;
      char               path[256], unit[32];

      (void)snprintf(path, sizeof path, "/steps/%05d/%s/%s", (int)k, places[infos[i].place],
                     infos[i].name);
      PetscCall(PetscMalloc1(num * n, &back));
      PetscCall(ost_h5_read_reals(file, path, &all, n, back));
      for (PetscInt r = 0; r < num; r++) {
        for (PetscInt c = 0; c < n; c++) num_wrong += back[r * n + c] != expected(i, k, r, c);
      }
      OST_CHECK_INT(num_wrong, 0);
      PetscCall(ost_h5_get_attr_text(file, path, "units", unit, sizeof unit));
      OST_CHECK(!strcmp(unit, strcmp(infos[i].unit, "index") ? infos[i].unit : "1"));
      PetscCall(PetscFree(back));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Mid-side nodes at the middle of the edges that VTK's order gives them, also across the ranks. */
static PetscErrorCode cells_and_faces_join_their_nodes(const OstMesh *mesh, OstH5 *file)
{
  static const int   tet_edges[6][2] = {{0, 1}, {1, 2}, {0, 2}, {0, 3}, {1, 3}, {2, 3}};
  static const int   tri_edges[3][2] = {{0, 1}, {1, 2}, {2, 0}};
  const PetscInt     N = mesh->total_nodes, C = mesh->total_cells, F = mesh->total_faces;
  const OstNumbering nodes = {N, NULL, N}, cells = {C, NULL, C}, faces = {F, NULL, F};
  PetscReal         *x;
  PetscInt          *cell, *bone, *stem, num_off = 0, num_apart = 0, num_same = 0;

  PetscFunctionBeginUser;
  OST_CHECK(F > 0);
  PetscCall(PetscMalloc4(3 * N, &x, 10 * C, &cell, 6 * F, &bone, 6 * F, &stem));
  PetscCall(ost_h5_read_reals(file, "/mesh/nodes", &nodes, 3, x));
  PetscCall(ost_h5_read_ints(file, "/mesh/cells", &cells, 10, cell));
  PetscCall(ost_h5_read_ints(file, "/mesh/interface/faces", &faces, 6, bone));
  PetscCall(ost_h5_read_ints(file, "/mesh/interface/stem_faces", &faces, 6, stem));
  for (PetscInt c = 0; c < C; c++) {
    for (int e = 0; e < 6; e++) {
      const PetscInt *n = &cell[10 * c];
      for (int d = 0; d < 3; d++) {
        const PetscReal middle =
            0.5 * (x[3 * n[tet_edges[e][0]] + d] + x[3 * n[tet_edges[e][1]] + d]);
        num_off += PetscAbsReal(x[3 * n[4 + e] + d] - middle) > 1e-9;
      }
    }
  }
  for (PetscInt f = 0; f < F; f++) {
    for (int a = 0; a < 6; a++) {
      num_same += bone[6 * f + a] == stem[6 * f + a];
      for (int d = 0; d < 3; d++) {
        num_apart += x[3 * bone[6 * f + a] + d] != x[3 * stem[6 * f + a] + d];
      }
    }
    for (int e = 0; e < 3; e++) {
      const PetscInt *n = &bone[6 * f];
      for (int d = 0; d < 3; d++) {
        const PetscReal middle =
            0.5 * (x[3 * n[tri_edges[e][0]] + d] + x[3 * n[tri_edges[e][1]] + d]);
        num_off += PetscAbsReal(x[3 * n[3 + e] + d] - middle) > 1e-9;
      }
    }
  }
  OST_CHECK_INT(num_off, 0);
  OST_CHECK_INT(num_apart, 0);
  OST_CHECK_INT(num_same, 0);
  PetscCall(PetscFree4(x, cell, bone, stem));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode history_has_all_rows(OstH5 *file)
{
  char       names[256], path[128], unit[32];
  PetscInt   num, n1, wrong = 0;
  PetscReal *column;

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < num_columns; c++) {
    (void)snprintf(path, sizeof path, "/history/%s", columns[c].name);
    PetscCall(ost_h5_read_table(file, path, &num, &n1, &column));
    OST_CHECK_INT(num, 9);
    for (PetscInt r = 0; r < num; r++) {
      const PetscReal wanted = history_value(r, c);
      wrong += PetscIsNanReal(wanted) ? !PetscIsNanReal(column[r]) : column[r] != wanted;
    }
    PetscCall(PetscFree(column));
  }
  OST_CHECK_INT(wrong, 0);
  PetscCall(ost_h5_get_attr_text(file, "/history/load_moment", "units", unit, sizeof unit));
  OST_CHECK(!strcmp(unit, "N.mm"));
  PetscCall(ost_h5_get_attr_text(file, "/history", "stages", names, sizeof names));
  OST_CHECK(!strcmp(names, "rest\ntraining <light>\nfree \"walking\""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode faces_know_their_surface_and_gap(const OstMesh *mesh, OstH5 *file)
{
  const PetscInt     F = mesh->total_faces, Q = OST_FACE_POINTS;
  const OstNumbering faces = {F, NULL, F};
  PetscInt          *surface, wrong = 0;
  PetscReal         *gap;
  char               names[64];

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(F, &surface, F * Q, &gap));
  PetscCall(ost_h5_read_ints(file, "/mesh/interface/surface", &faces, 1, surface));
  PetscCall(ost_h5_read_reals(file, "/mesh/interface/initial_gap", &faces, Q, gap));
  for (PetscInt f = 0; f < F; f++) {
    wrong += surface[f] != f % 3;
    for (PetscInt q = 0; q < Q; q++)
      wrong += PetscAbsReal(gap[f * Q + q] - 1e-3 * (PetscReal)(f - q)) > 1e-12;
  }
  OST_CHECK_INT(wrong, 0);
  PetscCall(ost_h5_get_attr_text(file, "/mesh/interface/surface", "names", names, sizeof names));
  OST_CHECK(!strcmp(names, "smooth\ncoated\na rim"));
  PetscCall(PetscFree2(surface, gap));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode transitions_stand_in_order(const OstMesh *mesh, OstH5 *file)
{
  static const char *const paths[] = {"/transitions/face", "/transitions/point",
                                      "/transitions/from", "/transitions/to", "/transitions/cause"};
  PetscReal               *day;
  PetscInt                 num, width, at = 0, wrong = 0, *column[5];
  char                     names[256];

  PetscFunctionBeginUser;
  PetscCall(ost_h5_read_table(file, "/transitions/day", &num, &width, &day));
  const OstNumbering all = {num, NULL, num};
  for (int c = 0; c < 5; c++) {
    PetscCall(PetscMalloc1(num, &column[c]));
    PetscCall(ost_h5_read_ints(file, paths[c], &all, 1, column[c]));
  }
  for (PetscInt note = 1; note < 2 * NUM_SNAPSHOTS - 1; note++) {
    for (PetscInt face = 0; face < mesh->total_faces; face++) {
      if (!changes(note, face)) continue;
      const OstTransition e         = change_of(note, face);
      const PetscInt      wanted[5] = {e.face, e.point, e.from, e.to, e.cause};
      OST_CHECK(at < num);
      if (at < num) wrong += day[at] != e.day;
      for (int c = 0; c < 5 && at < num; c++) wrong += column[c][at] != wanted[c];
      at++;
    }
    if (note % 2) continue;
    char     path[64];
    PetscInt counted;
    (void)snprintf(path, sizeof path, "/steps/%05d", (int)note / 2);
    PetscCall(ost_h5_get_attr_int(file, path, "transitions", &counted));
    OST_CHECK_INT(counted, at);
  }
  OST_CHECK_INT(num, at);
  OST_CHECK_INT(wrong, 0);
  PetscCall(ost_h5_get_attr_text(file, "/transitions/to", "names", names, sizeof names));
  OST_CHECK(!strcmp(names, "open stick slip bonded debonded fibrous"));
  PetscCall(ost_h5_get_attr_text(file, "/transitions/cause", "names", names, sizeof names));
  OST_CHECK_TEXT(names, "pressed lifted slid held grew broke_tension broke_shear resorbed healed");
  PetscCall(PetscFree(day));
  for (int c = 0; c < 5; c++) PetscCall(PetscFree(column[c]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode fall_flags_are_kept(OstH5 *file)
{
  PetscInt flag;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_get_attr_int(file, "/falls/on_the_side_day0030", "at_least", &flag));
  OST_CHECK_INT(flag, 1);
  PetscCall(ost_h5_get_attr_int(file, "/falls/on_the_side_day0030", "reached", &flag));
  OST_CHECK_INT(flag, 1);
  PetscCall(ost_h5_get_attr_int(file, "/falls/on_the_side_day0030", "converged", &flag));
  OST_CHECK_INT(flag, 0);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode attributes_say_what_was_run(OstH5 *file)
{
  char        text[256], *lines;
  PetscInt    i, num;
  PetscMPIInt size;
  PetscReal   x;
  char      **names;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_get_attr_text(file, "/", "format", text, sizeof text));
  OST_CHECK(!strcmp(text, "osteon-results"));
  PetscCall(ost_h5_get_attr_text(file, "/case", "title", text, sizeof text));
  OST_CHECK(!strcmp(text, "A block & a stem"));
  PetscCall(ost_h5_get_attr_int(file, "/case", "ranks", &i));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  OST_CHECK_INT(i, size);
  PetscCall(ost_h5_read_text(file, "/case/hashes", &lines));
  OST_CHECK(!strcmp(lines, "0123abcd  case.yaml\n4567ef  limb.msh\n"));
  PetscCall(PetscFree(lines));
  PetscCall(ost_h5_read_text(file, "/case/versions", &lines));
  OST_CHECK(!strcmp(lines, "osteon 0.1.0\nHDF5 1.10\n"));
  PetscCall(PetscFree(lines));
  PetscCall(ost_h5_get_attr_real(file, "/steps/00002", "day", &x));
  OST_CHECK_NEAR(x, 60.0, 0.0);
  PetscCall(ost_h5_get_attr_text(file, "/steps/00001", "stage", text, sizeof text));
  OST_CHECK(!strcmp(text, "training <light>"));
  PetscCall(ost_h5_get_attr_text(file, "/steps/00000", "activity", text, sizeof text));
  OST_CHECK(!strcmp(text, ""));
  PetscCall(ost_h5_get_attr_text(file, "/mesh/region", "names", text, sizeof text));
  OST_CHECK(!strcmp(text, "cortical cancellous marrow bone stem abutment"));
  PetscCall(ost_h5_list(file, "/falls", &num, &names));
  OST_CHECK_INT(num, 3);
  OST_CHECK_TEXT(names[0], "forward_day0030");
  OST_CHECK_TEXT(names[1], "forward_day0030_2"); /* the same again is kept beside the first */
  OST_CHECK_TEXT(names[2], "on_the_side_day0030");
  PetscCall(ost_h5_list_free(num, &names));
  PetscCall(ost_h5_get_attr_real(file, "/falls/on_the_side_day0030", "z", &x));
  OST_CHECK_NEAR(x, 92.0, 0.0);
  PetscCall(ost_h5_get_attr_real(file, "/falls/on_the_side_day0030", "share", &x));
  OST_CHECK_NEAR(x, 0.875, 0.0);
  PetscCall(fall_flags_are_kept(file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_back(const OstMesh *mesh)
{
  char   path[600];
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  (void)snprintf(path, sizeof path, "%s/%s", directory, OST_RESULTS_FILE);
  PetscCall(ost_h5_open(PETSC_COMM_SELF, path, PETSC_FALSE, &file));
  PetscCall(fields_stand_in_rows_of_the_mesh_file(mesh, file));
  PetscCall(cells_and_faces_join_their_nodes(mesh, file));
  PetscCall(faces_know_their_surface_and_gap(mesh, file));
  PetscCall(history_has_all_rows(file));
  PetscCall(transitions_stand_in_order(mesh, file));
  PetscCall(attributes_say_what_was_run(file));
  PetscCall(ost_h5_close(&file));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the run ---------------------------------------------------------------------------------- */

static PetscErrorCode write_run(const OstMesh *mesh, const Geometry *g)
{
  static const char limb[] =
      "limb:\n  side: right\n  bone: femur\n  load_point: {distance: 20 mm}\n"
      "  bone_length: 120 mm\n"
      "  stem: {length: 80 mm, diameter: 20 mm, coated_from: 0 mm, "
      "coated_to: 80 mm, tip: 80 mm}\n";
  const OstNamedText    hashes[]   = {{"case.yaml", "0123abcd"}, {"limb.msh", "4567ef"}};
  const OstNamedText    versions[] = {{"osteon", "0.1.0"}, {"HDF5", "1.10"}};
  const char *const     surfaces[] = {"smooth", "coated", "a rim"};
  const OstStaticFields fields     = {.volume    = g->volume,
                                      .sicn      = g->sicn,
                                      .axis      = g->axis,
                                      .place     = g->place,
                                      .area      = g->area,
                                      .angle_deg = g->angle,
                                      .face_zone = g->zone,
                                      .surface   = g->surface,
                                      .gap       = g->gap};
  OstResultsInfo        info       = {.directory     = directory,
                                      .title         = "A block & a stem",
                                      .patient       = "test-1",
                                      .side          = "right",
                                      .bone          = "femur",
                                      .implant       = "square stem",
                                      .command       = "osteon run case.yaml -o out",
                                      .resolved      = "title: A block & a stem\n",
                                      .input         = "title: A block & a stem # short\n",
                                      .limb          = limb,
                                      .num_hashes    = 2,
                                      .num_versions  = 2,
                                      .hashes        = hashes,
                                      .versions      = versions,
                                      .mesh          = mesh,
                                      .fields        = &fields,
                                      .stem_length   = stem_tip,
                                      .stem_diameter = 2.0 * stem_radius,
                                      .num_surfaces  = 3,
                                      .surface_name  = surfaces};
  OstOutput            *output;
  OstObserver           to;

  PetscFunctionBeginUser;
  for (PetscInt z = 0; z < OST_RESULTS_NUM_ZONES; z++) info.zone_name[z] = "a zone";
  PetscCall(ost_output_create(&info, &output));
  to = ost_output_observer(output);
  PetscCall(complete_is(0));
  for (PetscInt k = 0; k < NUM_SNAPSHOTS; k++) {
    for (PetscInt row = 3 * k; row < 3 * k + 3; row++) PetscCall(send_row(&to, row));
    PetscCall(send_snapshot(mesh, &to, k));
    PetscCall(complete_is(0));
  }
  PetscCall(send_fall(mesh, &to, "forward"));
  PetscCall(send_fall(mesh, &to, "on the/side"));
  PetscCall(send_fall(mesh, &to, "forward"));
  PetscCall(complete_is(0));
  PetscCall(to.end(to.context, &the_end));
  PetscCall(complete_is(1));
  PetscCall(ost_output_destroy(&output));
  OST_CHECK(!output);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode remove_files(void)
{
  static const char *const names[] = {OST_RESULTS_FILE, OST_XDMF_FILE,    OST_XDMF_FALLS_FILE,
                                      OST_CSV_FILE,     OST_SUMMARY_FILE, OST_RESOLVED_FILE,
                                      "limb.msh"};
  char                     path[600];

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    (void)snprintf(path, sizeof path, "%s/%s", directory, names[i]);
    OST_CHECK(!unlink(path)); /* it was written */
  }
  OST_CHECK(!rmdir(directory)); /* and nothing else */
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  OstMesh    *mesh;
  Geometry    geometry;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (!rank) {
    if (argc > 1) {
      (void)snprintf(directory, sizeof directory, "%s", argv[1]);
      PetscCheck(!mkdir(directory, 0777), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", directory);
    } else {
      (void)snprintf(directory, sizeof directory, "%s/osteon_results_XXXXXX",
                     getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
      PetscCheck(mkdtemp(directory), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", directory);
    }
  }
  PetscCallMPI(MPI_Bcast(directory, sizeof directory, MPI_CHAR, 0, PETSC_COMM_WORLD));
  if (argc > 2) {
    const rlim_t bytes = 1024 * (rlim_t)atol(argv[2]);
    PetscCheck(signal(SIGXFSZ, SIG_IGN) != SIG_ERR && /* a write then fails with "File too large" */
                   !setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, bytes}),
               PETSC_COMM_SELF, PETSC_ERR_SYS, "no limit could be set");
  }
  make_columns();
  PetscCall(create_mesh(&mesh));
  PetscCall(create_geometry(mesh, &geometry));
  PetscCall(write_run(mesh, &geometry));
  PetscCall(read_back(mesh));
  PetscCall(destroy_geometry(&geometry));
  PetscCall(ost_mesh_destroy(&mesh));
  if (!rank && argc == 1) PetscCall(remove_files());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
