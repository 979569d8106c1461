#include "io/results.h"

#include "base/groups.h"
#include "io/files.h"
#include "io/history_table.h"
#include "io/transition_log.h"
#include "io/undo.h"

#define HISTORY "/history"

struct OstResults {
  const OstMesh   *mesh;
  char             path[PETSC_MAX_PATH_LEN];
  OstHistoryTable *history;
  PetscInt         num_snapshots, num_transitions; /* in the file */
  char            *falls;                          /* their groups, one a line */
};

enum { OVERHEAD = 1 << 20 }; /* room for headers, chunk indices, texts and the small files [byte] */

static const char *text_or_empty(const char *text)
{
  return text ? text : "";
}

/* --- /case ------------------------------------------------------------------------------------ */

PetscErrorCode ost_results_pairs(PetscInt num, const OstNamedText pairs[], PetscBool text_first,
                                 char **text)
{
  size_t length = 1;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) length += strlen(pairs[i].name) + strlen(pairs[i].text) + 3;
  PetscCall(PetscCalloc1(length, text));
  for (PetscInt i = 0; i < num; i++) {
    (void)strcat(*text, text_first ? pairs[i].text : pairs[i].name);
    (void)strcat(*text, text_first ? "  " : " ");
    (void)strcat(*text, text_first ? pairs[i].name : pairs[i].text);
    (void)strcat(*text, "\n");
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_pairs(OstH5 *file, const char *path, PetscInt num,
                                  const OstNamedText pairs[], PetscBool text_first,
                                  const char *description)
{
  char *text;

  PetscFunctionBeginUser;
  PetscCall(ost_results_pairs(num, pairs, text_first, &text));
  PetscCall(ost_h5_write_text(file, path, text, description));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_case(OstH5 *file, const OstResultsInfo *info)
{
  const struct {
    const char *name, *text;
  } attrs[] = {{"title", info->title}, {"patient", info->patient}, {"side", info->side},
               {"bone", info->bone},   {"implant", info->implant}, {"command", info->command}};
  PetscMPIInt size;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_write_text(file, "/case/resolved", text_or_empty(info->resolved),
                              "case with every default, in house units"));
  PetscCall(
      ost_h5_write_text(file, "/case/input", text_or_empty(info->input), "case as it was written"));
  PetscCall(ost_h5_write_text(file, "/case/limb", text_or_empty(info->limb),
                              "sidecar of the mesh: side, stem, load point, quality"));
  PetscCall(write_pairs(file, "/case/hashes", info->num_hashes, info->hashes, PETSC_TRUE,
                        "SHA-256 and name of each input file"));
  PetscCall(write_pairs(file, "/case/versions", info->num_versions, info->versions, PETSC_FALSE,
                        "name and version of the program and its libraries"));
  for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
    PetscCall(ost_h5_attr_text(file, "/case", attrs[i].name, text_or_empty(attrs[i].text)));
  }
  PetscCallMPI(MPI_Comm_size(info->mesh->comm, &size));
  PetscCall(ost_h5_attr_int(file, "/case", "ranks", size));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- /mesh ------------------------------------------------------------------------------------ */

/* Connectivity of `num` entities whose nodes stand `stride` apart, from `first`, in file
   numbers. */
static PetscErrorCode write_nodes_of(OstH5 *file, const char *path, const OstMesh *mesh,
                                     const OstNumbering *rows, const PetscInt nodes[],
                                     PetscInt stride, PetscInt first, PetscInt num,
                                     const char *description)
{
  PetscInt *in_file;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(rows->num_local * num, &in_file));
  for (PetscInt i = 0; i < rows->num_local; i++) {
    for (PetscInt a = 0; a < num; a++) {
      in_file[i * num + a] = mesh->node_file[nodes[i * stride + first + a]];
    }
  }
  PetscCall(ost_h5_write_ints(file, path, rows, num, in_file, description));
  PetscCall(PetscFree(in_file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_places(OstH5 *file, const OstMesh *mesh)
{
  PetscFunctionBeginUser;
  PetscCall(ost_h5_write_reals(file, "/mesh/nodes", &mesh->rows_node, 3, mesh->x, "mm",
                               "place of each node: x anterior, y the patient's left, z proximal "
                               "along the stem from the resection; doubled stem-side nodes last"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_cells(OstH5 *file, const OstMesh *mesh, const OstStaticFields *fields)
{
  const OstNumbering *rows                        = &mesh->rows_cell;
  char                names[16 * OST_NUM_REGIONS] = "";

  PetscFunctionBeginUser;
  PetscCall(write_nodes_of(file, "/mesh/cells", mesh, rows, mesh->cells, 10, 0, 10,
                           "nodes of each tetrahedron: corners, then edges 01 12 02 03 13 23"));
  PetscCall(ost_h5_write_ints(file, "/mesh/region", rows, 1, mesh->region,
                              "index of the region in `names`"));
  for (PetscInt r = 0; r < OST_NUM_REGIONS; r++) {
    if (r) (void)strcat(names, " ");
    (void)strcat(names, ost_region_name(r));
  }
  PetscCall(ost_h5_attr_text(file, "/mesh/region", "names", names));
  PetscCall(ost_h5_write_reals(file, "/mesh/volume", rows, 1, fields->volume, "mm3",
                               "volume of each cell"));
  PetscCall(ost_h5_write_reals(file, "/mesh/sicn", rows, 1, fields->sicn, "1",
                               "signed inverse condition number of the corner tetrahedron, "
                               "1 regular, 0 flat"));
  if (fields->axis)
    PetscCall(ost_h5_write_reals(file, "/mesh/shaft_axis", rows, 3, fields->axis, "1",
                                 "unit vector along the shaft, the stiff direction of dense bone; "
                                 "0 in the implant"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Which kind of surface each face has, and their names. */
static PetscErrorCode write_surfaces(OstH5 *file, const OstResultsInfo *info)
{
  const char path[] = "/mesh/interface/surface";
  size_t     length = 1;
  char      *names;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_write_ints(file, path, &info->mesh->rows_face, 1, info->fields->surface,
                              "index of the face's surface in `names`, one a line"));
  for (PetscInt k = 0; k < info->num_surfaces; k++) length += strlen(info->surface_name[k]) + 1;
  PetscCall(PetscCalloc1(length, &names));
  for (PetscInt k = 0; k < info->num_surfaces; k++) {
    if (k) (void)strcat(names, "\n");
    (void)strcat(names, info->surface_name[k]);
  }
  PetscCall(ost_h5_attr_text(file, path, "names", names));
  PetscCall(PetscFree(names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_interface(OstH5 *file, const OstResultsInfo *info)
{
  const OstMesh         *mesh   = info->mesh;
  const OstStaticFields *fields = info->fields;
  const OstNumbering    *rows   = &mesh->rows_face;
  const PetscInt         Q      = OST_FACE_POINTS;
  PetscReal             *depth;

  PetscFunctionBeginUser;
  PetscCall(write_nodes_of(file, "/mesh/interface/faces", mesh, rows, mesh->faces, 12, 0, 6,
                           "nodes of each face on the bone: corners, then edges 01 12 20; normal "
                           "from stem to bone"));
  PetscCall(write_nodes_of(file, "/mesh/interface/stem_faces", mesh, rows, mesh->faces, 12, 6, 6,
                           "the same faces on the stem, node by node"));
  PetscCall(ost_h5_write_ints(file, "/mesh/interface/coated", rows, 1, mesh->coated,
                              "1 on the coated part of the stem, 0 on the smooth one"));
  PetscCall(write_surfaces(file, info));
  PetscCall(ost_h5_write_ints(file, "/mesh/interface/zone", rows, 1, fields->face_zone,
                              "zone of the face's centre, 1..7; 0 outside (see /zones)"));
  PetscCall(
      ost_h5_write_reals(file, "/mesh/interface/points", rows, 3 * Q, fields->place, "mm",
                         "place of each quadrature point: x y z of the first, the second ..."));
  PetscCall(ost_h5_write_reals(file, "/mesh/interface/weights", rows, Q, fields->area, "mm2",
                               "area that each quadrature point stands for"));
  PetscCall(ost_h5_write_reals(file, "/mesh/interface/angle", rows, Q, fields->angle_deg, "degree",
                               "angle about the stem axis, 0 anterior, 90 the patient's left"));
  PetscCall(ost_h5_write_reals(file, "/mesh/interface/initial_gap", rows, Q, fields->gap, "mm",
                               "gap between stem and bone before the press-fit, normal to the "
                               "stem, < 0 interference"));
  PetscCall(PetscMalloc1(rows->num_local * Q, &depth));
  for (PetscInt k = 0; k < rows->num_local * Q; k++) depth[k] = fields->place[3 * k + 2];
  PetscCall(ost_h5_write_reals(file, "/mesh/interface/depth", rows, Q, depth, "mm",
                               "distance from the resection along the stem axis"));
  PetscCall(PetscFree(depth));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_zones(OstH5 *file, const OstResultsInfo *info)
{
  char names[OST_RESULTS_NUM_ZONES * 64] = "";

  PetscFunctionBeginUser;
  for (PetscInt z = 0; z < OST_RESULTS_NUM_ZONES; z++) {
    const size_t used = strlen(names);
    (void)snprintf(names + used, sizeof names - used, "%s%s", z ? "\n" : "",
                   text_or_empty(info->zone_name[z]));
  }
  PetscCall(ost_h5_write_table(file, "/zones/limits", OST_RESULTS_NUM_ZONES, 2,
                               &info->zone_limits[0][0], "mm",
                               "zones 1..7: z from, z until, along the stem from the resection"));
  PetscCall(ost_h5_attr_text(file, "/zones", "names", names));
  PetscCall(ost_h5_attr_real(file, "/zones", "stem_length", info->stem_length));
  PetscCall(ost_h5_attr_real(file, "/zones", "stem_diameter", info->stem_diameter));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the file --------------------------------------------------------------------------------- */

static double bytes_of_mesh(const OstMesh *mesh)
{
  const double node = 3 * sizeof(PetscReal);
  const double cell = 11 * sizeof(PetscInt) + 5 * sizeof(PetscReal);
  const double face = 15 * sizeof(PetscInt) + 7.0 * OST_FACE_POINTS * sizeof(PetscReal);

  return node * mesh->total_nodes + cell * mesh->total_cells + face * mesh->total_faces;
}

/* Close, and make sure of the disk: some file systems only then say that they are full. */
static PetscErrorCode close_synced(OstResults *results, OstH5 **file)
{
  PetscFunctionBeginUser;
  PetscCall(ost_h5_close(file));
  PetscCall(ost_file_sync(results->mesh->comm, results->path));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A session on the file begins, for which `bytes` of room are wanted; ended by close_for_good. */
static PetscErrorCode open_undoable(OstResults *results, double bytes, OstH5 **file)
{
  MPI_Comm comm = results->mesh->comm;

  PetscFunctionBeginUser;
  PetscCall(ost_undo_begin(comm, results->path, HISTORY));
  PetscCall(ost_file_reserve(comm, results->path, bytes));
  PetscCall(ost_h5_open(comm, results->path, PETSC_TRUE, file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode close_for_good(OstResults *results, OstH5 **file)
{
  PetscFunctionBeginUser;
  PetscCall(close_synced(results, file));
  PetscCall(ost_undo_end(results->mesh->comm, results->path));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode begin(const OstResultsInfo *info, OstResults **results)
{
  OstResults *r;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(results));
  r       = *results;
  r->mesh = info->mesh;
  PetscCall(ost_path_in(r->mesh->comm, info->directory, OST_RESULTS_FILE, r->path));
  PetscCall(ost_history_table_create(&r->history));
  PetscCall(PetscStrallocpy("", &r->falls));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_create(const OstResultsInfo *info, OstResults **results)
{
  const OstMesh *mesh = info->mesh;
  OstResults    *r;
  OstH5         *file;

  PetscFunctionBeginUser;
  PetscCall(begin(info, results));
  r = *results;
  PetscCall(ost_h5_create(mesh->comm, r->path, &file));
  PetscCall(ost_h5_close(&file));
  PetscCall(ost_file_reserve(mesh->comm, r->path, bytes_of_mesh(mesh) + OVERHEAD));
  PetscCall(ost_h5_open(mesh->comm, r->path, PETSC_TRUE, &file));
  PetscCall(ost_h5_attr_text(file, "/", "format", OST_RESULTS_FORMAT));
  PetscCall(ost_h5_attr_int(file, "/", "format_version", OST_RESULTS_VERSION));
  PetscCall(ost_h5_attr_text(file, "/", "osteon_version", OSTEON_VERSION));
  PetscCall(ost_h5_attr_int(file, "/", "complete", 0));
  PetscCall(write_case(file, info));
  PetscCall(write_places(file, mesh));
  PetscCall(write_cells(file, mesh, info->fields));
  PetscCall(write_interface(file, info));
  PetscCall(write_zones(file, info));
  PetscCall(ost_transition_log_create(file));
  PetscCall(close_synced(r, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_destroy(OstResults **results)
{
  PetscFunctionBeginUser;
  if (!*results) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_history_table_destroy(&(*results)->history));
  PetscCall(PetscFree((*results)->falls));
  PetscCall(PetscFree(*results));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- fields ----------------------------------------------------------------------------------- */

static const OstNumbering *rows_of(const OstMesh *mesh, OstFieldPlace place)
{
  if (place == OST_ON_NODE) return &mesh->rows_node;
  return place == OST_ON_CELL ? &mesh->rows_cell : &mesh->rows_face;
}

/* Values in a row of the dataset. */
static PetscInt row_length(const OstFieldInfo *info)
{
  return info->num_comp * (info->place == OST_ON_INTERFACE_POINT ? OST_FACE_POINTS : 1);
}

static PetscErrorCode write_field(const OstResults *results, OstH5 *file, const char *group,
                                  const OstField *field)
{
  static const char *const places[] = {[OST_ON_NODE]            = "node",
                                       [OST_ON_CELL]            = "cell",
                                       [OST_ON_INTERFACE_FACE]  = "interface",
                                       [OST_ON_INTERFACE_POINT] = "interface_point"};
  const OstFieldInfo      *info     = &field->info;
  const OstNumbering      *rows     = rows_of(results->mesh, info->place);
  const PetscInt           n        = row_length(info);
  char                     path[512];
  PetscInt                *index;

  PetscFunctionBeginUser;
  (void)snprintf(path, sizeof path, "%s/%s/%s", group, places[info->place], info->name);
  if (strcmp(info->unit, "index")) {
    PetscCall(
        ost_h5_write_reals(file, path, rows, n, field->values, info->unit, info->description));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscMalloc1(rows->num_local * n, &index));
  for (PetscInt i = 0; i < rows->num_local * n; i++) {
    index[i] = (PetscInt)PetscFloorReal(field->values[i] + 0.5);
  }
  PetscCall(ost_h5_write_ints(file, path, rows, n, index, info->description));
  PetscCall(PetscFree(index));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Reserve room for the fields, uncompressed, then open. Closing gives back what was not needed. */
static PetscErrorCode open_for(OstResults *results, PetscInt num_fields, const OstField fields[],
                               PetscInt num_transitions, OstH5 **file)
{
  double bytes = OVERHEAD + (double)OST_TRANSITION_BYTES * num_transitions;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num_fields; i++) {
    const OstFieldInfo *info = &fields[i].info;
    bytes += (double)rows_of(results->mesh, info->place)->num_global * row_length(info) *
             (double)sizeof(PetscReal);
  }
  PetscCall(open_undoable(results, bytes, file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the observer's calls --------------------------------------------------------------------- */

PetscErrorCode ost_results_snapshot(OstResults *results, const OstSnapshot *s)
{
  char           group[64];
  OstH5         *file;
  PetscInt       num;
  OstTransition *transitions;

  PetscFunctionBeginUser;
  PetscCall(ost_transition_log_gather(results->mesh->comm, s->num_transitions, s->transitions, &num,
                                      &transitions));
  PetscCall(open_for(results, s->num_fields, s->fields, num, &file));
  (void)snprintf(group, sizeof group, "/steps/%05d", (int)s->index);
  PetscCall(ost_h5_group(file, group));
  PetscCall(ost_h5_attr_real(file, group, "day", s->day));
  PetscCall(ost_h5_attr_int(file, group, "step", s->step));
  PetscCall(ost_h5_attr_text(file, group, "stage", text_or_empty(s->stage)));
  PetscCall(ost_h5_attr_text(file, group, "activity", text_or_empty(s->activity)));
  PetscCall(ost_h5_attr_real(file, group, "time_step", s->time_step));
  for (PetscInt i = 0; i < s->num_fields; i++) {
    PetscCall(write_field(results, file, group, &s->fields[i]));
  }
  PetscCall(ost_transition_log_append(file, num, transitions));
  PetscCall(PetscFree(transitions));
  results->num_transitions += num;
  results->num_snapshots = s->index + 1;
  PetscCall(ost_h5_attr_int(file, group, "transitions", results->num_transitions));
  PetscCall(ost_history_table_write(results->history, file));
  PetscCall(close_for_good(results, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_row(OstResults *results, const OstHistoryRow *row)
{
  PetscFunctionBeginUser;
  PetscCall(ost_history_table_add(results->history, row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* "/falls/forward_day0030", with a number behind when the same fall is there already. */
static PetscErrorCode fall_group(OstH5 *file, const OstFallReport *fall,
                                 char group[OST_RESULTS_GROUP_LENGTH])
{
  char      name[128];
  PetscBool taken = PETSC_TRUE;

  PetscFunctionBeginUser;
  (void)snprintf(name, sizeof name, "%s", fall->name);
  for (char *c = name; *c; c++) {
    const PetscBool plain = (PetscBool)((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                                        (*c >= '0' && *c <= '9') || *c == '-');
    if (!plain) *c = '_';
  }
  for (int again = 1; taken; again++) {
    char suffix[16] = "";
    if (again > 1) (void)snprintf(suffix, sizeof suffix, "_%d", again);
    (void)snprintf(group, OST_RESULTS_GROUP_LENGTH, "/falls/%s_day%04.0f%s", name,
                   (double)fall->day, suffix);
    PetscCall(ost_h5_exists(file, group, NULL, &taken));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  const char *name; /* of the group's attribute */
  PetscReal  *value;
} FallNumber;

enum { NUM_FALL_NUMBERS = 11 };

static void fall_numbers(OstFallReport *f, FallNumber numbers[NUM_FALL_NUMBERS])
{
  const FallNumber all[NUM_FALL_NUMBERS] = {{"day", &f->day},
                                            {"angle", &f->angle_deg},
                                            {"force", &f->force},
                                            {"moment", &f->moment},
                                            {"factor", &f->factor},
                                            {"x", &f->at[0]},
                                            {"y", &f->at[1]},
                                            {"z", &f->at[2]},
                                            {"share", &f->share},
                                            {"stem_yield_factor", &f->stem_yield_factor},
                                            {"debonded_area_fraction", &f->debonded_area_fraction}};
  memcpy(numbers, all, sizeof all);
}

static PetscErrorCode add_line(char **text, const char *line)
{
  const size_t length = strlen(*text) + strlen(line) + 2;
  char        *longer;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(length, &longer));
  (void)snprintf(longer, length, "%s%s\n", *text, line);
  PetscCall(PetscFree(*text));
  *text = longer;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_fall(OstResults *results, const OstFallReport *fall,
                                char group[OST_RESULTS_GROUP_LENGTH])
{
  OstFallReport copy = *fall;
  FallNumber    attrs[NUM_FALL_NUMBERS];
  OstH5        *file;

  PetscFunctionBeginUser;
  PetscCall(open_for(results, fall->num_fields, fall->fields, 0, &file));
  PetscCall(fall_group(file, fall, group));
  PetscCall(add_line(&results->falls, group));
  PetscCall(ost_h5_group(file, group));
  PetscCall(ost_h5_attr_text(file, group, "name", text_or_empty(fall->name)));
  PetscCall(ost_h5_attr_text(file, group, "mode", text_or_empty(fall->mode)));
  PetscCall(ost_h5_attr_text(file, group, "place", text_or_empty(fall->place)));
  PetscCall(ost_h5_attr_int(file, group, "zone", fall->zone));
  PetscCall(ost_h5_attr_int(file, group, "at_least", fall->at_least ? 1 : 0));
  PetscCall(ost_h5_attr_int(file, group, "reached", fall->reached ? 1 : 0));
  PetscCall(ost_h5_attr_int(file, group, "converged", fall->converged ? 1 : 0));
  fall_numbers(&copy, attrs);
  for (int i = 0; i < NUM_FALL_NUMBERS; i++)
    PetscCall(ost_h5_attr_real(file, group, attrs[i].name, *attrs[i].value));
  for (PetscInt i = 0; i < fall->num_fields; i++) {
    PetscCall(write_field(results, file, group, &fall->fields[i]));
  }
  PetscCall(ost_history_table_write(results->history, file));
  PetscCall(close_for_good(results, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_end(OstResults *results)
{
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCall(open_for(results, 0, NULL, 0, &file));
  PetscCall(ost_history_table_write(results->history, file));
  PetscCall(close_for_good(results, &file));

  /* Only when all else is on the disk. */
  PetscCall(open_for(results, 0, NULL, 0, &file));
  PetscCall(ost_h5_attr_int(file, "/", "complete", 1));
  PetscCall(close_for_good(results, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- going on from a checkpoint --------------------------------------------------------------- */

PetscErrorCode ost_results_archive(OstResults *results, OstArchive *archive)
{
  MPI_Comm comm = results->mesh->comm;

  PetscFunctionBeginUser;
  PetscCall(ost_archive_int(archive, "output/snapshots", &results->num_snapshots));
  PetscCall(ost_archive_int(archive, "output/transitions", &results->num_transitions));
  if (archive->loading) PetscCall(PetscFree(results->falls));
  PetscCall(ost_archive_text(archive, comm, "output/fall_groups", &results->falls));
  PetscCall(ost_history_table_archive(results->history, comm, archive));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Whether `line` is one of the text. */
static PetscBool has_line(const char *text, const char *line)
{
  const size_t length = strlen(line);

  for (const char *at = text; at && *at; at = strchr(at, '\n'), at += at ? 1 : 0)
    if (!strncmp(at, line, length) && at[length] == '\n') return PETSC_TRUE;
  return PETSC_FALSE;
}

static PetscErrorCode remove_later_steps(const OstResults *results, OstH5 *file)
{
  PetscInt num;
  char   **names, path[64];

  PetscFunctionBeginUser;
  PetscCall(ost_h5_list(file, "/steps", &num, &names));
  for (PetscInt i = 0; i < num; i++) {
    (void)snprintf(path, sizeof path, "/steps/%s", names[i]);
    if (atoi(names[i]) >= results->num_snapshots) PetscCall(ost_h5_remove(file, path));
  }
  PetscCall(ost_h5_list_free(num, &names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode remove_later_falls(const OstResults *results, OstH5 *file)
{
  PetscInt  num;
  char    **names, path[OST_RESULTS_GROUP_LENGTH];
  PetscBool some;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_exists(file, "/falls", NULL, &some));
  if (!some) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_h5_list(file, "/falls", &num, &names));
  for (PetscInt i = 0; i < num; i++) {
    (void)snprintf(path, sizeof path, "/falls/%s", names[i]);
    if (!has_line(results->falls, path)) PetscCall(ost_h5_remove(file, path));
  }
  PetscCall(ost_h5_list_free(num, &names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_resume(const OstResultsInfo *info, OstArchive *from,
                                  OstResults **results)
{
  OstResults *r;
  OstH5      *file;
  PetscBool   recovered;

  PetscFunctionBeginUser;
  PetscCall(begin(info, results));
  r = *results;
  PetscCall(ost_undo_recover(r->mesh->comm, r->path, &recovered));
  PetscCall(ost_results_archive(r, from));
  PetscCall(open_for(r, 0, NULL, 0, &file));
  PetscCall(ost_h5_attr_int(file, "/", "complete", 0));
  PetscCall(remove_later_steps(r, file));
  PetscCall(remove_later_falls(r, file));
  PetscCall(ost_transition_log_shorten(file, r->num_transitions));
  PetscCall(ost_history_table_write(r->history, file));
  PetscCall(close_for_good(r, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A fall's group as the report it was written from, without fields. */
static PetscErrorCode tell_fall(OstH5 *file, const char *group, const OstObserver *listener)
{
  OstFallReport fall = {.name = NULL};
  FallNumber    attrs[NUM_FALL_NUMBERS];
  char          name[128], mode[32], place[256];
  PetscInt      flag[3];

  PetscFunctionBeginUser;
  fall_numbers(&fall, attrs);
  for (int i = 0; i < NUM_FALL_NUMBERS; i++)
    PetscCall(ost_h5_get_attr_real(file, group, attrs[i].name, attrs[i].value));
  PetscCall(ost_h5_get_attr_text(file, group, "name", name, sizeof name));
  PetscCall(ost_h5_get_attr_text(file, group, "mode", mode, sizeof mode));
  PetscCall(ost_h5_get_attr_text(file, group, "place", place, sizeof place));
  PetscCall(ost_h5_get_attr_int(file, group, "zone", &fall.zone));
  PetscCall(ost_h5_get_attr_int(file, group, "at_least", &flag[0]));
  PetscCall(ost_h5_get_attr_int(file, group, "reached", &flag[1]));
  PetscCall(ost_h5_get_attr_int(file, group, "converged", &flag[2]));
  fall.name      = name;
  fall.mode      = mode;
  fall.place     = place;
  fall.at_least  = flag[0] ? PETSC_TRUE : PETSC_FALSE;
  fall.reached   = flag[1] ? PETSC_TRUE : PETSC_FALSE;
  fall.converged = flag[2] ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(listener->fall(listener->context, &fall));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_tell(OstResults *results, const OstObserver *listener)
{
  char   group[OST_RESULTS_GROUP_LENGTH];
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCall(ost_history_table_tell(results->history, listener));
  PetscCall(ost_h5_open(results->mesh->comm, results->path, PETSC_FALSE, &file));
  for (const char *at = results->falls; *at; at = strchr(at, '\n') + 1) {
    (void)snprintf(group, sizeof group, "%.*s", (int)strcspn(at, "\n"), at);
    PetscCall(tell_fall(file, group, listener));
  }
  PetscCall(ost_h5_close(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}
