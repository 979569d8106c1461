#include "meshes/limb_case.h"

#include "base/sha256.h"

#include <string.h>

static const char *const side_words[]   = {"right", "left"};
static const char *const bone_words[]   = {"femur", "tibia", "humerus", "radius"};
static const char *const sex_words[]    = {"male", "female"};
static const char *const source_words[] = {"parametric", "surface", "ct", "mesh"};

const char *ost_bone_kind_name(OstBoneKind kind)
{
  return bone_words[kind];
}

static PetscErrorCode read_patient(OstNode *root, OstDiagList *list, OstLimbOptions *options)
{
  OstNode *patient;
  PetscInt side = 0, kind = 0, sex = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section(root, "patient", PETSC_TRUE, list, &patient));
  if (patient) {
    PetscCall(ost_value_word(patient, "side", side_words, 2, -1, list, &side));
    PetscCall(ost_value_word(patient, "bone", bone_words, 4, -1, list, &kind));
    PetscCall(ost_value_word(patient, "sex", sex_words, 2, 0, list, &sex));
  }
  options->side   = (OstSide)side;
  options->kind   = (OstBoneKind)kind;
  options->female = (PetscBool)(sex == 1);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A parametric bone is complete here: the stem can be tried in it. */
static PetscErrorCode read_parametric(OstNode *geometry, OstDiagList *list, OstLimbOptions *options)
{
  const char *wanted = bone_words[options->kind];

  PetscFunctionBeginUser;
  PetscCall(ost_bone_options_read(geometry, options->side, options->female, list, &options->bone));
  if (ost_diag_num_errors(list) > 0) PetscFunctionReturn(PETSC_SUCCESS);
  if (strcmp(options->bone.shape.name, wanted) != 0) {
    PetscCall(ost_diag_error(list, options->bone.where, "name the template of the patient's bone",
                             "the template is a %s, patient.bone is %s", options->bone.shape.name,
                             wanted));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  ost_bone_place(&options->bone, &options->implant);
  PetscCall(ost_bone_check_stem(&options->bone, &options->implant, options->mesh.min_wall, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Cells of a limb whose thread is meshed, nearly all of them near it: on either side regular
   tetrahedra of edge h(d) = size + (growth - 1) d at the distance d. Counted on two limbs: 46 and
   82 thousand for 37 and 83. */
static PetscReal thread_cells(const OstImplant *implant, const OstMeshOptions *mesh)
{
  PetscReal volume, area;

  ost_implant_stem_measures(implant, &volume, &area);
  return area / (0.1179 * (mesh->growth - 1.0) * PetscSqr(mesh->size_interface));
}

/* A thread is worth meshing where the cells see it and the machine bears them. */
static PetscErrorCode check_thread(const OstLimbOptions *options, OstDiagList *list)
{
  const OstImplant *implant = &options->implant;
  const PetscReal   flank =
      implant->thread_depth / PetscCosReal(implant->thread_flank * PETSC_PI / 180.0);
  const PetscReal most = 3e6;

  PetscFunctionBeginUser;
  if (ost_implant_turns(implant) < 1 || options->source == OST_GEOMETRY_MESH)
    PetscFunctionReturn(PETSC_SUCCESS);
  if (options->mesh.size_interface > flank)
    PetscCall(ost_diag_error(list, options->mesh.where,
                             "take a smaller mesh.size_interface, or thread.model: equivalent",
                             "edges of %g mm do not see the thread, whose flanks are %.3g mm long",
                             (double)options->mesh.size_interface, (double)flank));
  else if (thread_cells(implant, &options->mesh) > most)
    PetscCall(ost_diag_error(
        list, options->mesh.where, "take larger cells, fewer turns, or thread.model: equivalent",
        "a thread of %" PetscInt_FMT " turns in edges of %g mm is about %.1f "
        "million cells, more than %g million",
        ost_implant_turns(implant), (double)options->mesh.size_interface,
        1e-6 * (double)thread_cells(implant, &options->mesh), 1e-6 * (double)most));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Whether a key is one that the mesh hangs on; a file counts by its content, not by its name. */
static PetscBool decides(const OstKeyRecord *r)
{
  static const char *const begins[] = {"geometry", "implant", "mesh", "patient.s", "patient.bone"};

  if (!strcmp(r->kind, "path")) return PETSC_FALSE;
  if (strcmp(r->role, "case") != 0) return PETSC_TRUE;
  for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
    if (!strncmp(r->path, begins[i], strlen(begins[i]))) return PETSC_TRUE;
  return PETSC_FALSE;
}

static PetscErrorCode find_fingerprint(const OstCase *file, char hex[65])
{
  size_t length = 1;
  char  *text;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < ost_case_num_records(file); i++) {
    const OstKeyRecord r = ost_case_record(file, i);
    length += strlen(r.path) + strlen(r.value) + 2;
  }
  length += 66 * (size_t)ost_case_num_inputs(file);
  PetscCall(PetscCalloc1(length, &text));
  for (PetscInt i = 0; i < ost_case_num_records(file); i++) {
    const OstKeyRecord r    = ost_case_record(file, i);
    const size_t       used = strlen(text);
    if (decides(&r)) (void)snprintf(text + used, length - used, "%s %s\n", r.path, r.value);
  }
  for (PetscInt i = 0; i < ost_case_num_inputs(file); i++) {
    const size_t used = strlen(text);
    PetscBool    there;
    PetscCall(PetscTestFile(ost_case_input(file, i), 'r', &there)); /* not a folder of slices */
    if (there) PetscCall(ost_sha256_file(ost_case_input(file, i), hex));
    if (there) (void)snprintf(text + used, length - used, "%s\n", hex);
  }
  ost_sha256_text(text, hex);
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_limb_options_read(OstCase *file, OstDiagList *list, OstLimbOptions *options)
{
  OstNode *root   = ost_case_root(file), *geometry, *mesh;
  PetscInt source = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(options, sizeof(*options)));
  PetscCall(read_patient(root, list, options));
  PetscCall(ost_implant_options_read(root, list, &options->implant));
  PetscCall(ost_mesh_options_read(root, list, &options->mesh));
  PetscCall(ost_value_section(root, "geometry", PETSC_TRUE, list, &geometry));
  if (!geometry) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_value_word(geometry, "source", source_words, 4, -1, list, &source));
  options->source = (OstGeometrySource)source;
  if (!ost_diag_num_errors(list)) PetscCall(check_thread(options, list));
  switch (options->source) {
  case OST_GEOMETRY_PARAMETRIC:
    PetscCall(read_parametric(geometry, list, options));
    break;
  case OST_GEOMETRY_SURFACE:
    PetscCall(ost_surface_options_read(geometry, list, &options->surface));
    break;
  case OST_GEOMETRY_CT:
    PetscCall(ost_ct_options_read(geometry, list, &options->ct));
    break;
  case OST_GEOMETRY_MESH:
    PetscCall(ost_value_section(geometry, "mesh", PETSC_TRUE, list, &mesh));
    if (!mesh) break;
    options->mesh_where = ost_node_where(mesh);
    PetscCall(ost_value_path(mesh, "file", NULL, list, &options->mesh_file));
    PetscCall(ost_value_path(mesh, "density", "", list, &options->mesh_density));
    break;
  }
  if (!ost_diag_num_errors(list)) PetscCall(find_fingerprint(file, options->fingerprint));
  PetscFunctionReturn(PETSC_SUCCESS);
}
