#include "io/results_head.h"

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

/* --- all of it -------------------------------------------------------------------------------- */

PetscErrorCode ost_results_head_write(OstH5 *file, const OstResultsInfo *info)
{
  PetscFunctionBeginUser;
  PetscCall(write_case(file, info));
  PetscCall(write_places(file, info->mesh));
  PetscCall(write_cells(file, info->mesh, info->fields));
  PetscCall(write_interface(file, info));
  PetscCall(write_zones(file, info));
  PetscFunctionReturn(PETSC_SUCCESS);
}

double ost_results_head_bytes(const OstMesh *mesh)
{
  const double node = 3 * sizeof(PetscReal);
  const double cell = 11 * sizeof(PetscInt) + 5 * sizeof(PetscReal);
  const double face = 15 * sizeof(PetscInt) + 7.0 * OST_FACE_POINTS * sizeof(PetscReal);

  return node * mesh->total_nodes + cell * mesh->total_cells + face * mesh->total_faces;
}
