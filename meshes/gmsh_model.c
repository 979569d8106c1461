#include "meshes/gmsh_model.h"
#include "meshes/quality.h"

#include <gmshc.h>

#include <string.h>

/* Gmsh's own last words, in a buffer of the caller. */
static void last_words(char *text, size_t size)
{
  char *words = NULL;
  int   ierr  = 0;

  gmshLoggerGetLastError(&words, &ierr);
  (void)snprintf(text, size, "%s", (words && words[0]) ? words : "no reason given");
  for (size_t n = strlen(text); n > 0 && text[n - 1] == '\n'; n--) text[n - 1] = '\0';
  gmshFree(words);
}

/* What should not fail: the library's error becomes PETSc's, with the library's words. The call's
   last argument is &ierr. */
#define GMSH_CALL(call)                                                             \
  do {                                                                              \
    int ierr = 0;                                                                   \
    call;                                                                           \
    if (ierr) {                                                                     \
      char words_[512];                                                             \
      last_words(words_, sizeof(words_));                                           \
      SETERRQ(PETSC_COMM_SELF, PETSC_ERR_LIB, "Gmsh, error %d: %s", ierr, words_);  \
    }                                                                               \
  } while (0)

static PetscErrorCode set_number(const char *name, double value)
{
  PetscFunctionBeginUser;
  GMSH_CALL(gmshOptionSetNumber(name, value, &ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gmsh_begin(const OstMeshOptions *options)
{
  char  name[] = "osteon-mesh";
  char *argv[] = {name, NULL};

  PetscFunctionBeginUser;
  GMSH_CALL(gmshInitialize(1, argv, 0, &ierr)); /* 0: a user's .gmshrc must not change the mesh */
  PetscCall(set_number("General.Terminal", 0));
  PetscCall(set_number("General.NumThreads", (double)options->threads));
  PetscCall(set_number("General.ExpertMode", 1));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gmsh_end(void)
{
  PetscFunctionBeginUser;
  GMSH_CALL(gmshFinalize(&ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- size ------------------------------------------------------------------------------------------------ */

typedef struct {
  const OstImplant     *implant;
  const OstMeshOptions *options;
  PetscReal             factor; /* of all sizes; under 1 in a retry */
} SizeField;

/* Edge length at a point: smallest on the interface, growing with the distance to it. An exact
   distance to the stem's outline: a sampled Distance field would cost more and repeat less well. */
static double size_at(int dim, int tag, double x, double y, double z, void *data)
{
  const SizeField      *field = data;
  const OstMeshOptions *o     = field->options;
  const PetscReal       r     = hypot(x, y);
  const PetscReal       d     = ost_implant_distance(field->implant, r, z);
  const PetscBool       metal = (PetscBool)(z < field->implant->recess - 1e-6 ||
                                      r < ost_implant_radius(field->implant, z) - 1e-6);
  const PetscReal       most  = metal ? o->size_stem : o->size_bone;

  (void)dim;
  (void)tag;
  return field->factor * PetscMin(o->size_interface + (o->growth - 1.0) * d, most);
}

/* --- metal -------------------------------------------------------------------------------------------------- */

/* Corners first..last of the outline closed over the axis, as a face in the plane y = 0, turned about
   the z axis into a solid. */
static PetscErrorCode add_turned(const PetscReal r[], const PetscReal z[], const PetscBool arc[],
                                 PetscInt num, PetscReal arc_r, PetscReal arc_z, int *solid)
{
  int    points[OST_IMPLANT_MAX_OUTLINE + 2], curves[OST_IMPLANT_MAX_OUTLINE + 2], loop, face;
  int   *out = NULL, dim_tag[2];
  size_t out_n = 0;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) {
    GMSH_CALL(points[i] = gmshModelOccAddPoint(r[i], 0.0, z[i], 0.0, -1, &ierr));
  }
  for (PetscInt i = 0; i < num; i++) {
    const PetscInt j = (i + 1) % num;
    if (arc[j]) {
      int centre = -1;
      GMSH_CALL(centre = gmshModelOccAddPoint(arc_r, 0.0, arc_z, 0.0, -1, &ierr));
      GMSH_CALL(curves[i] = gmshModelOccAddCircleArc(points[i], centre, points[j], -1, &ierr));
    } else GMSH_CALL(curves[i] = gmshModelOccAddLine(points[i], points[j], -1, &ierr));
  }
  GMSH_CALL(loop = gmshModelOccAddCurveLoop(curves, (size_t)num, -1, &ierr));
  GMSH_CALL(face = gmshModelOccAddPlaneSurface(&loop, 1, -1, &ierr));
  dim_tag[0] = 2;
  dim_tag[1] = face;
  GMSH_CALL(gmshModelOccRevolve(dim_tag, 2, 0, 0, 0, 0, 0, 1, 2.0 * PETSC_PI, &out, &out_n, NULL, 0,
                                NULL, 0, 0, &ierr));
  *solid = -1;
  for (size_t i = 0; i + 1 < out_n; i += 2) {
    if (out[i] == 3) *solid = out[i + 1];
  }
  gmshFree(out);
  OstAssert(*solid >= 0, "the implant's outline did not turn into a solid");
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode add_metal(const OstImplant *implant, int *stem, int *abutment)
{
  const OstImplantOutline o = ost_implant_outline(implant);
  const PetscInt          s = o.split;
  PetscReal               r[OST_IMPLANT_MAX_OUTLINE + 1], z[OST_IMPLANT_MAX_OUTLINE + 1];
  PetscBool               arc[OST_IMPLANT_MAX_OUTLINE + 1] = {PETSC_FALSE};
  PetscInt                n;

  PetscFunctionBeginUser;
  /* Abutment: up to the stem's distal plane, then back to the axis. */
  n = (o.z[s - 1] > o.z[s] - 1e-9) ? s : s + 1;
  for (PetscInt i = 0; i < n; i++) {
    r[i] = o.r[i];
    z[i] = o.z[i];
  }
  r[n] = 0.0;
  z[n] = o.z[s];
  PetscCall(add_turned(r, z, arc, n + 1, 0.0, 0.0, abutment));

  /* Stem: from the axis in that plane to the tip. */
  r[0] = 0.0;
  z[0] = o.z[s];
  n    = 1;
  for (PetscInt i = s; i < o.num; i++, n++) {
    r[n]   = o.r[i];
    z[n]   = o.z[i];
    arc[n] = o.arc[i];
  }
  PetscCall(add_turned(r, z, arc, n, o.arc_r, o.arc_z, stem));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- parametric bone ----------------------------------------------------------------------------------------- */

/* A closed spline through a contour at height z. */
static PetscErrorCode add_contour(const OstBoneSection *section, PetscBool canal, PetscReal z,
                                  int *wire)
{
  enum { NUM = 16 };
  const PetscReal *c = canal ? section->canal_centre : section->centre;
  int              points[NUM + 1], curve;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < NUM; i++) {
    const PetscReal t = 2.0 * PETSC_PI * (PetscReal)i / NUM;
    const PetscReal r =
      canal ? ost_bone_canal_radius(section, t) : ost_bone_outer_radius(section, t);
    GMSH_CALL(points[i] = gmshModelOccAddPoint(c[0] + r * PetscCosReal(t), c[1] + r * PetscSinReal(t),
                                               z, 0.0, -1, &ierr));
  }
  points[NUM] = points[0];
  GMSH_CALL(curve = gmshModelOccAddSpline(points, NUM + 1, -1, &ierr));
  GMSH_CALL(*wire = gmshModelOccAddWire(&curve, 1, -1, 1, &ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A solid lofted through contours about every 8 mm. */
static PetscErrorCode add_loft(const OstBone *bone, const OstBonePlan *plan, PetscBool canal,
                               PetscReal from, PetscReal to, int *solid)
{
  const PetscInt num = PetscMin(60, 2 + (PetscInt)PetscFloorReal((to - from) / 8.0));
  int            wires[60], *out = NULL;
  size_t         out_n = 0;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) {
    const PetscReal      z = from + (to - from) * (PetscReal)i / (PetscReal)(num - 1);
    const OstBoneSection section =
      canal ? ost_bone_plan_section(bone, plan, z) : ost_bone_section(bone, z);
    PetscCall(add_contour(&section, canal, z, &wires[i]));
  }
  GMSH_CALL(gmshModelOccAddThruSections(wires, (size_t)num, &out, &out_n, -1, 1, 0, -1, &ierr));
  *solid = -1;
  for (size_t i = 0; i + 1 < out_n; i += 2) {
    if (out[i] == 3) *solid = out[i + 1];
  }
  gmshFree(out);
  OstAssert(*solid >= 0, "the sections did not loft into a solid");
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The parts of a model: which volume of Gmsh is which part of the limb. */
#define MAX_VOLUMES 64
typedef struct {
  PetscInt num;
  int      tag[MAX_VOLUMES];
  PetscInt part[MAX_VOLUMES];
} Volumes;

#define PART_VOID (-1) /* the empty bore distal of a recessed stem */

static void set_part(Volumes *volumes, int tag, PetscInt part)
{
  for (PetscInt i = 0; i < volumes->num; i++) {
    if (volumes->tag[i] == tag) {
      volumes->part[i] = part;
      return;
    }
  }
  if (volumes->num == MAX_VOLUMES) return;
  volumes->tag[volumes->num]    = tag;
  volumes->part[volumes->num++] = part;
}

/* Cut all solids against each other. Where they overlap, the later in the list wins. */
static PetscErrorCode fragment(PetscInt num, const int solids[], const PetscInt parts[],
                               Volumes *volumes)
{
  int     objects[2], tools[2 * MAX_VOLUMES], *out = NULL, **map = NULL;
  size_t  out_n = 0, *map_n = NULL, map_nn = 0;
  Volumes found = {.num = 0};

  PetscFunctionBeginUser;
  objects[0] = 3;
  objects[1] = solids[0];
  for (PetscInt i = 1; i < num; i++) {
    tools[2 * i - 2] = 3;
    tools[2 * i - 1] = solids[i];
  }
  GMSH_CALL(gmshModelOccFragment(objects, 2, tools, (size_t)(2 * num - 2), &out, &out_n, &map, &map_n,
                                 &map_nn, -1, 1, 1, &ierr));
  OstAssert(map_nn == (size_t)num, "fragment lost a solid");
  for (size_t i = 0; i < map_nn; i++) {
    for (size_t k = 0; k + 1 < map_n[i]; k += 2) {
      if (map[i][k] == 3) set_part(&found, map[i][k + 1], parts[i]);
    }
    gmshFree(map[i]);
  }
  gmshFree(map);
  gmshFree(map_n);
  gmshFree(out);
  volumes->num = 0;
  for (PetscInt i = 0; i < found.num; i++) {
    int dim_tag[2] = {3, found.tag[i]};
    if (found.part[i] == PART_VOID) GMSH_CALL(gmshModelOccRemove(dim_tag, 2, 1, &ierr));
    else set_part(volumes, found.tag[i], found.part[i]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode build_parametric(const OstBone *bone, const OstImplant *implant,
                                       Volumes *volumes)
{
  const OstBonePlan plan = ost_bone_plan(bone, implant);
  int               solids[OST_BONE_MAX_FILLS + 4];
  PetscInt          parts[OST_BONE_MAX_FILLS + 4], num = 0;
  int               stem, abutment;

  PetscFunctionBeginUser;
  PetscCall(add_loft(bone, &plan, PETSC_FALSE, 0.0, bone->length, &solids[num]));
  parts[num++] = OST_PART_CORTICAL;
  for (PetscInt i = 0; i < plan.num; i++) {
    PetscCall(add_loft(bone, &plan, PETSC_TRUE, plan.from[i], plan.to[i], &solids[num]));
    parts[num++] = plan.fill[i] == OST_FILL_MARROW ? OST_PART_MARROW : OST_PART_CANCELLOUS;
  }
  if (implant->recess > 0.0) {
    GMSH_CALL(solids[num] = gmshModelOccAddCylinder(0, 0, 0, 0, 0, implant->recess,
                                                    0.5 * implant->diameter, -1, 2.0 * PETSC_PI,
                                                    &ierr));
    parts[num++] = PART_VOID;
  }
  PetscCall(add_metal(implant, &stem, &abutment));
  solids[num]  = abutment;
  parts[num++] = OST_PART_ABUTMENT;
  solids[num]  = stem;
  parts[num++] = OST_PART_STEM;
  PetscCall(fragment(num, solids, parts, volumes));
  GMSH_CALL(gmshModelOccSynchronize(&ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- meshing ------------------------------------------------------------------------------------------------- */

static PetscErrorCode set_mesh_options(const OstMeshOptions *o, SizeField *field)
{
  PetscFunctionBeginUser;
  PetscCall(set_number("Mesh.MeshSizeFromPoints", 0));
  PetscCall(set_number("Mesh.MeshSizeFromCurvature", 0));
  PetscCall(set_number("Mesh.MeshSizeExtendFromBoundary", 0));
  PetscCall(set_number("Mesh.Algorithm", 6));
  PetscCall(set_number("Mesh.Algorithm3D", o->algorithm == OST_MESHER_HXT ? 10 : 1));
  PetscCall(set_number("Mesh.Optimize", 1));
  PetscCall(set_number("Mesh.RandomSeed", 1));
  PetscCall(set_number("Mesh.MaxNumThreads2D", (double)o->threads));
  PetscCall(set_number("Mesh.MaxNumThreads3D", (double)o->threads));
  GMSH_CALL(gmshModelMeshSetSizeCallback(size_at, field, &ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The tetrahedra of the named volumes as arrays. */
static PetscErrorCode extract(const Volumes *volumes, OstTetMesh *mesh)
{
  size_t   *tags = NULL, tags_n = 0, xyz_n = 0, par_n = 0, top = 0, num_tets = 0;
  double   *xyz = NULL, *par = NULL;
  PetscInt *index, *corner, *part, next = 0;
  size_t   *elements[MAX_VOLUMES] = {NULL}, elements_n[MAX_VOLUMES] = {0};
  size_t   *nodes[MAX_VOLUMES] = {NULL}, nodes_n[MAX_VOLUMES] = {0};

  PetscFunctionBeginUser;
  GMSH_CALL(
    gmshModelMeshGetNodes(&tags, &tags_n, &xyz, &xyz_n, &par, &par_n, -1, -1, 0, 0, &ierr));
  for (size_t i = 0; i < tags_n; i++) top = tags[i] > top ? tags[i] : top;
  PetscCall(PetscMalloc1(top + 1, &index));
  for (size_t i = 0; i < tags_n; i++) index[tags[i]] = (PetscInt)i;
  for (PetscInt v = 0; v < volumes->num; v++) {
    GMSH_CALL(gmshModelMeshGetElementsByType(4, &elements[v], &elements_n[v], &nodes[v], &nodes_n[v],
                                             volumes->tag[v], 0, 1, &ierr));
    num_tets += elements_n[v];
  }
  PetscCall(PetscMalloc2(4 * num_tets, &corner, num_tets, &part));
  for (PetscInt v = 0; v < volumes->num; v++) {
    for (size_t i = 0; i < elements_n[v]; i++, next++) {
      part[next] = volumes->part[v];
      for (PetscInt a = 0; a < 4; a++) {
        corner[4 * next + a] = index[nodes[v][4 * i + (size_t)a]];
      }
    }
    gmshFree(elements[v]);
    gmshFree(nodes[v]);
  }
  PetscCall(
    ost_tet_mesh_from_linear((PetscInt)tags_n, xyz, (PetscInt)num_tets, corner, part, mesh));
  PetscCall(PetscFree2(corner, part));
  PetscCall(PetscFree(index));
  gmshFree(tags);
  gmshFree(xyz);
  gmshFree(par);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gmsh_mesh_parametric(const OstBone *bone, const OstImplant *implant,
                                        const OstMeshOptions *options, OstDiagList *list,
                                        OstTetMesh *mesh)
{
  SizeField   field = {implant, options, 1.0};
  Volumes     volumes = {.num = 0};
  OstSkinRule rule = {0};
  int         ierr_generate = 0;

  PetscFunctionBeginUser;
  GMSH_CALL(gmshModelAdd("limb", &ierr));
  PetscCall(build_parametric(bone, implant, &volumes));
  PetscCall(set_mesh_options(options, &field));
  gmshModelMeshGenerate(3, &ierr_generate);
  if (ierr_generate) {
    char words[512];
    last_words(words, sizeof(words));
    PetscCall(ost_diag_error(list, options->where, NULL, "Gmsh: %s", words));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(extract(&volumes, mesh));
  ost_implant_coated_range(implant, &rule.coated_from, &rule.coated_to);
  rule.abutment_end  = -implant->abutment_length;
  rule.proximal_from = bone->length;
  rule.proximal_flat = PETSC_TRUE;
  rule.tolerance     = 1e-6 * bone->length;
  PetscCall(ost_tet_mesh_find_faces(mesh, &rule));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- files ------------------------------------------------------------------------------------------------ */

/* Elements of one group as a discrete entity with its physical group. */
static PetscErrorCode add_group(int dim, PetscInt group, int physical, const char *name,
                                PetscInt num, PetscInt nodes_each, const PetscInt nodes[],
                                const PetscInt group_of[], size_t *next_element)
{
  const int type = dim == 3 ? 11 : 9; /* ten-node tetrahedron, six-node triangle */
  size_t   *tags, *node_tags, n = 0;
  int       entity = physical;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(num, &tags, num * nodes_each, &node_tags));
  for (PetscInt i = 0; i < num; i++) {
    if (group_of[i] != group) continue;
    tags[n] = (*next_element)++;
    for (PetscInt a = 0; a < nodes_each; a++) {
      node_tags[n * (size_t)nodes_each + (size_t)a] = (size_t)nodes[nodes_each * i + a] + 1;
    }
    n++;
  }
  if (n > 0) {
    int tag = -1;
    /* Volume 1 holds all nodes and may be there already. */
    GMSH_CALL(gmshModelMeshAddElementsByType(entity, type, tags, n, node_tags,
                                             n * (size_t)nodes_each, &ierr));
    GMSH_CALL(tag = gmshModelAddPhysicalGroup(dim, &entity, 1, physical, &ierr));
    GMSH_CALL(gmshModelSetPhysicalName(dim, tag, name, &ierr));
  }
  PetscCall(PetscFree2(tags, node_tags));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gmsh_write(const OstTetMesh *mesh, const char *path)
{
  size_t  *tags, next_element = 1;
  PetscInt first = -1;
  int      ierr_write = 0;

  PetscFunctionBeginUser;
  GMSH_CALL(gmshModelAdd("file", &ierr));
  for (PetscInt p = 0; p < OST_NUM_PARTS; p++) {
    PetscBool there = PETSC_FALSE;
    for (PetscInt c = 0; c < mesh->num_tets && !there; c++) there = (PetscBool)(mesh->part[c] == p);
    if (!there) continue;
    GMSH_CALL((void)gmshModelAddDiscreteEntity(3, (int)p + 1, NULL, 0, &ierr));
    if (first < 0) first = p + 1;
  }
  for (PetscInt s = 0; s < OST_NUM_SKINS; s++) {
    GMSH_CALL((void)gmshModelAddDiscreteEntity(2, (int)s + 11, NULL, 0, &ierr));
  }
  PetscCall(PetscMalloc1(mesh->num_nodes, &tags));
  for (PetscInt i = 0; i < mesh->num_nodes; i++) tags[i] = (size_t)i + 1;
  GMSH_CALL(gmshModelMeshAddNodes(3, (int)first, tags, (size_t)mesh->num_nodes, mesh->x,
                                  (size_t)(3 * mesh->num_nodes), NULL, 0, &ierr));
  PetscCall(PetscFree(tags));
  for (PetscInt s = 0; s < OST_NUM_SKINS; s++) {
    PetscCall(add_group(2, s, (int)s + 11, ost_skin_names[s], mesh->num_faces, 6, mesh->face,
                        mesh->skin, &next_element));
  }
  for (PetscInt p = 0; p < OST_NUM_PARTS; p++) {
    PetscCall(add_group(3, p, (int)p + 1, ost_part_names[p], mesh->num_tets, 10, mesh->tet,
                        mesh->part, &next_element));
  }
  PetscCall(set_number("Mesh.MshFileVersion", 4.1));
  PetscCall(set_number("Mesh.Binary", 1));
  PetscCall(set_number("Mesh.SaveAll", 0));
  gmshWrite(path, &ierr_write);
  if (ierr_write) {
    char words[512];
    last_words(words, sizeof(words));
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", path, words);
  }
  GMSH_CALL(gmshModelRemove(&ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}
