#include "meshes/gmsh_model.h"
#include "meshes/quality.h"
#include "meshes/remesh.h"
#include "meshes/user_mesh.h"

#include <gmshc.h>

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

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
#define GMSH_CALL(call)                                                                            \
  do {                                                                                             \
    int ierr = 0;                                                                                  \
    call;                                                                                          \
    if (ierr) {                                                                                    \
      char words_[512];                                                                            \
      last_words(words_, sizeof(words_));                                                          \
      SETERRQ(PETSC_COMM_SELF, PETSC_ERR_LIB, "Gmsh, error %d: %s", ierr, words_);                 \
    }                                                                                              \
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

void ost_gmsh_version(char text[], size_t size)
{
  char *version = NULL;
  int   ierr    = 0;

  gmshInitialize(0, NULL, 0, &ierr);
  gmshOptionGetString("General.Version", &version, &ierr);
  (void)snprintf(text, size, "Gmsh %s", (!ierr && version) ? version : GMSH_API_VERSION);
  gmshFree(version);
  gmshFinalize(&ierr);
}

/* --- size ------------------------------------------------------------------------------------- */

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
  const PetscReal       ra    = 0.5 * field->implant->abutment_diameter;
  const PetscBool       post  = (PetscBool)(z < field->implant->recess && r < ra + 1e-6);
  const PetscBool metal = (PetscBool)(post || r < ost_implant_radius(field->implant, z) - 1e-6);
  PetscReal       most  = metal ? o->size_stem : o->size_bone;

  /* A post of fewer than a dozen sides would be too thin to bend right. */
  if (post) most = PetscMin(most, 0.5 * ra);
  (void)dim;
  (void)tag;
  return field->factor * PetscMin(o->size_interface + (o->growth - 1.0) * d, most);
}

/* Highest tag of a dimension in the model. */
static PetscErrorCode max_tag(int dim, int *tag)
{
  int   *all = NULL;
  size_t n   = 0;

  PetscFunctionBeginUser;
  *tag = 0;
  GMSH_CALL(gmshModelGetEntities(&all, &n, dim, &ierr));
  for (size_t i = 0; i + 1 < n; i += 2) *tag = all[i + 1] > *tag ? all[i + 1] : *tag;
  gmshFree(all);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- metal ------------------------------------------------------------------------------------ */

/* Corners first..last of the outline closed over the axis, as a face in the plane y = 0, turned
   about the z axis into a solid. */
static PetscErrorCode add_turned(const PetscReal r[], const PetscReal z[], const PetscBool arc[],
                                 PetscInt num, PetscReal arc_r, PetscReal arc_z, int *solid)
{
  int    points[OST_IMPLANT_MAX_OUTLINE + 2], curves[OST_IMPLANT_MAX_OUTLINE + 2], loop, face;
  int   *out   = NULL, dim_tag[2];
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
    } else
      GMSH_CALL(curves[i] = gmshModelOccAddLine(points[i], points[j], -1, &ierr));
  }
  GMSH_CALL(loop = gmshModelOccAddCurveLoop(curves, (size_t)num, -1, &ierr));
  GMSH_CALL(face = gmshModelOccAddPlaneSurface(&loop, 1, -1, &ierr));
  dim_tag[0] = 2;
  dim_tag[1] = face;
  GMSH_CALL(gmshModelOccRevolve(dim_tag, 2, 0, 0, 0, 0, 0, 1, 2.0 * PETSC_PI, &out, &out_n, NULL, 0,
                                NULL, 0, 0, &ierr));
  GMSH_CALL(gmshModelOccRemove(dim_tag, 2, 1, &ierr)); /* the turned face is not of the solid */
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

/* --- parametric bone -------------------------------------------------------------------------- */

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
    GMSH_CALL(points[i] = gmshModelOccAddPoint(c[0] + r * PetscCosReal(t),
                                               c[1] + r * PetscSinReal(t), z, 0.0, -1, &ierr));
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

/* Faces of the metal (and of a recessed stem's bore) that the bone touches or surrounds, and the
   curves at z = 0 along which they leave the bone. */
typedef struct {
  int   *faces, *rim;
  size_t num_faces, num_rim;
} Socket;

/* What closes a bone from a surface, once the metal's faces are meshed. */
typedef struct {
  Socket  socket;
  int     skin;      /* the bone's triangles but those in the resection plane; 0: no such bone */
  size_t  num_outer; /* edges of the skin at z = 0 ... */
  size_t *outer;     /* ... as pairs of node tags [2 x num_outer] */
} Closure;

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
                               PetscBool remove_void, Volumes *volumes)
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
  GMSH_CALL(gmshModelOccFragment(objects, 2, tools, (size_t)(2 * num - 2), &out, &out_n, &map,
                                 &map_n, &map_nn, -1, 1, 1, &ierr));
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
    if (found.part[i] == PART_VOID && remove_void)
      GMSH_CALL(gmshModelOccRemove(dim_tag, 2, 1, &ierr));
    else
      set_part(volumes, found.tag[i], found.part[i]);
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
    GMSH_CALL(solids[num] =
                  gmshModelOccAddCylinder(0, 0, 0, 0, 0, implant->recess, 0.5 * implant->diameter,
                                          -1, 2.0 * PETSC_PI, &ierr));
    parts[num++] = PART_VOID;
  }
  PetscCall(add_metal(implant, &stem, &abutment));
  solids[num]  = abutment;
  parts[num++] = OST_PART_ABUTMENT;
  solids[num]  = stem;
  parts[num++] = OST_PART_STEM;
  PetscCall(fragment(num, solids, parts, PETSC_TRUE, volumes));
  GMSH_CALL(gmshModelOccSynchronize(&ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- meshing ---------------------------------------------------------------------------------- */

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
  PetscCall(set_number("Mesh.Renumber", 0)); /* close_bone goes by node tags */
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
  GMSH_CALL(gmshModelMeshGetNodes(&tags, &tags_n, &xyz, &xyz_n, &par, &par_n, -1, -1, 0, 0, &ierr));
  for (size_t i = 0; i < tags_n; i++) top = tags[i] > top ? tags[i] : top;
  PetscCall(PetscMalloc1(top + 1, &index));
  for (size_t i = 0; i < tags_n; i++) index[tags[i]] = (PetscInt)i;
  for (PetscInt v = 0; v < volumes->num; v++) {
    GMSH_CALL(gmshModelMeshGetElementsByType(4, &elements[v], &elements_n[v], &nodes[v],
                                             &nodes_n[v], volumes->tag[v], 0, 1, &ierr));
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

/* Was there an error since gmshLoggerStart? Its text in `words`. */
static PetscErrorCode read_log(int *failed, char words[], size_t size)
{
  char **log = NULL;
  size_t n   = 0;

  PetscFunctionBeginUser;
  GMSH_CALL(gmshLoggerGet(&log, &n, &ierr));
  for (size_t i = 0; i < n; i++) {
    if (!strncmp(log[i], "Error", 5)) {
      if (!*failed || !words[0]) (void)snprintf(words, size, "%s", log[i]);
      *failed = 1;
    }
    gmshFree(log[i]);
  }
  gmshFree(log);
  GMSH_CALL(gmshLoggerStop(&ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Mesh up to a dimension; *failed with Gmsh's words where it could not. Gmsh meshes faces in an
   OpenMP loop, out of which the exception that its errors normally raise would end the program:
   here it must go on and be asked afterwards. */
static PetscErrorCode mesh_dimension(int dim, int *failed, char words[], size_t size)
{
  PetscFunctionBeginUser;
  *failed = 0;
  PetscCall(set_number("General.AbortOnError", 0));
  GMSH_CALL(gmshLoggerStart(&ierr));
  gmshModelMeshGenerate(dim, failed);
  PetscCall(read_log(failed, words, size));
  PetscCall(set_number("General.AbortOnError", 2));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Edges of the meshed curves as pairs of node tags [2 *num]; freed by PetscFree. */
static PetscErrorCode curve_edges(const int curves[], size_t num_curves, size_t *num,
                                  size_t **edges)
{
  PetscFunctionBeginUser;
  *num   = 0;
  *edges = NULL;
  for (size_t i = 0; i < num_curves; i++) {
    size_t *tags = NULL, *nodes = NULL, tags_n = 0, nodes_n = 0;
    GMSH_CALL(gmshModelMeshGetElementsByType(1, &tags, &tags_n, &nodes, &nodes_n, abs(curves[i]), 0,
                                             1, &ierr));
    PetscCall(PetscRealloc((*num + tags_n) * 2 * sizeof(size_t), edges));
    if (tags_n) PetscCall(PetscArraycpy(*edges + 2 * *num, nodes, 2 * tags_n));
    *num += tags_n;
    gmshFree(tags);
    gmshFree(nodes);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A flat mesh between two polygons. */
typedef struct {
  size_t  num_new, num_triangles;
  double *new_nodes; /* [num_new x 3] */
  size_t *
      triangles; /* [num_triangles x 3]: tags of the polygons' nodes; new node i is first_new + i */
} FlatMesh;

/* In a model of its own: every edge of the polygons is a straight line that is not divided, so that
   the mesh keeps the polygons as they are. */
static PetscErrorCode mesh_flat(size_t num_outer, size_t num_inner, const size_t edges[],
                                const double xyz_of[], size_t first_new, FlatMesh *flat,
                                int *failed, char words[], size_t size)
{
  const size_t num = num_outer + num_inner;
  int         *lines, loops[2], plane, *point_of;
  size_t      *tags = NULL, *nodes = NULL, tags_n = 0, nodes_n = 0, *back, top = 0;
  double      *xyz = NULL, *par = NULL;
  size_t       xyz_n = 0, par_n = 0;

  PetscFunctionBeginUser;
  GMSH_CALL(gmshModelAdd("flat", &ierr));
  PetscCall(PetscMalloc1(num, &lines));
  PetscCall(PetscCalloc1(first_new, &point_of));
  for (size_t i = 0; i < num; i++) {
    for (size_t k = 0; k < 2; k++) {
      const size_t node = edges[2 * i + k];
      if (point_of[node]) continue;
      GMSH_CALL(point_of[node] = gmshModelGeoAddPoint(xyz_of[3 * node], xyz_of[3 * node + 1], 0.0,
                                                      0.0, -1, &ierr));
    }
    GMSH_CALL(lines[i] = gmshModelGeoAddLine(point_of[edges[2 * i]], point_of[edges[2 * i + 1]], -1,
                                             &ierr));
  }
  GMSH_CALL(loops[0] = gmshModelGeoAddCurveLoop(lines, num_outer, -1, 1, &ierr));
  GMSH_CALL(loops[1] = gmshModelGeoAddCurveLoop(lines + num_outer, num_inner, -1, 1, &ierr));
  GMSH_CALL(plane = gmshModelGeoAddPlaneSurface(loops, 2, -1, &ierr));
  GMSH_CALL(gmshModelGeoSynchronize(&ierr));
  for (size_t i = 0; i < num; i++) {
    GMSH_CALL(gmshModelMeshSetTransfiniteCurve(lines[i], 2, "Progression", 1.0, &ierr));
  }
  PetscCall(mesh_dimension(2, failed, words, size));
  if (!*failed) {
    /* Back to the tags of the first model: a point's node is that of its polygon. */
    GMSH_CALL(
        gmshModelMeshGetNodes(&tags, &tags_n, &xyz, &xyz_n, &par, &par_n, -1, -1, 0, 0, &ierr));
    for (size_t i = 0; i < tags_n; i++) top = tags[i] > top ? tags[i] : top;
    PetscCall(PetscCalloc1(top + 1, &back));
    for (size_t node = 0; node < first_new; node++) {
      size_t *at = NULL, at_n = 0, x_n = 0, p_n = 0;
      double *x = NULL, *p = NULL;
      if (!point_of[node]) continue;
      GMSH_CALL(
          gmshModelMeshGetNodes(&at, &at_n, &x, &x_n, &p, &p_n, 0, point_of[node], 0, 0, &ierr));
      if (at_n == 1) back[at[0]] = node;
      gmshFree(at);
      gmshFree(x);
      gmshFree(p);
    }
    flat->num_new = 0;
    PetscCall(PetscMalloc1(3 * tags_n, &flat->new_nodes));
    for (size_t i = 0; i < tags_n; i++) {
      if (back[tags[i]]) continue;
      PetscCall(PetscArraycpy(flat->new_nodes + 3 * flat->num_new, xyz + 3 * i, 3));
      back[tags[i]] = first_new + flat->num_new++;
    }
    gmshFree(tags);
    GMSH_CALL(
        gmshModelMeshGetElementsByType(2, &tags, &tags_n, &nodes, &nodes_n, plane, 0, 1, &ierr));
    flat->num_triangles = tags_n;
    PetscCall(PetscMalloc1(nodes_n, &flat->triangles));
    for (size_t i = 0; i < nodes_n; i++) flat->triangles[i] = back[nodes[i]];
    PetscCall(PetscFree(back));
    gmshFree(tags);
    gmshFree(nodes);
    gmshFree(xyz);
    gmshFree(par);
  }
  PetscCall(PetscFree(lines));
  PetscCall(PetscFree(point_of));
  GMSH_CALL(gmshModelRemove(&ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Close the bone: skin and socket are meshed, the resection face between them is meshed apart and
   comes in as a discrete face. (Gmsh's plane face takes curves of other kernels, but puts no point
   inside it then.) */
static PetscErrorCode close_bone(const Closure *c, Volumes *volumes, int *failed, char words[],
                                 size_t size)
{
  size_t  *inner, *edges, num_inner, first_new = 0, *tags = NULL, tags_n = 0;
  double  *xyz = NULL, *par = NULL, *xyz_of;
  size_t   xyz_n = 0, par_n = 0, *new_tags;
  FlatMesh flat = {0, 0, NULL, NULL};
  int     *faces, plane, shell, volume;

  PetscFunctionBeginUser;
  PetscCall(curve_edges(c->socket.rim, c->socket.num_rim, &num_inner, &inner));
  PetscCall(PetscMalloc1(2 * (c->num_outer + num_inner), &edges));
  PetscCall(PetscArraycpy(edges, c->outer, 2 * c->num_outer));
  PetscCall(PetscArraycpy(edges + 2 * c->num_outer, inner, 2 * num_inner));
  GMSH_CALL(gmshModelMeshGetNodes(&tags, &tags_n, &xyz, &xyz_n, &par, &par_n, -1, -1, 0, 0, &ierr));
  for (size_t i = 0; i < tags_n; i++) first_new = tags[i] + 1 > first_new ? tags[i] + 1 : first_new;
  PetscCall(PetscCalloc1(3 * first_new, &xyz_of));
  for (size_t i = 0; i < tags_n; i++)
    PetscCall(PetscArraycpy(xyz_of + 3 * tags[i], xyz + 3 * i, 3));
  PetscCall(
      mesh_flat(c->num_outer, num_inner, edges, xyz_of, first_new, &flat, failed, words, size));
  GMSH_CALL(gmshModelSetCurrent("limb", &ierr));
  if (!*failed) {
    GMSH_CALL(plane = gmshModelAddDiscreteEntity(2, -1, NULL, 0, &ierr));
    PetscCall(PetscMalloc1(flat.num_new, &new_tags));
    for (size_t i = 0; i < flat.num_new; i++) new_tags[i] = first_new + i;
    GMSH_CALL(gmshModelMeshAddNodes(2, plane, new_tags, flat.num_new, flat.new_nodes,
                                    3 * flat.num_new, NULL, 0, &ierr));
    GMSH_CALL(gmshModelMeshAddElementsByType(plane, 2, NULL, 0, flat.triangles,
                                             3 * flat.num_triangles, &ierr));
    PetscCall(PetscMalloc1(2 + c->socket.num_faces, &faces));
    faces[0] = c->skin;
    faces[1] = plane;
    PetscCall(PetscArraycpy(faces + 2, c->socket.faces, c->socket.num_faces));
    GMSH_CALL(shell = gmshModelGeoAddSurfaceLoop(faces, 2 + c->socket.num_faces, -1, &ierr));
    PetscCall(max_tag(3, &volume));
    GMSH_CALL(volume = gmshModelGeoAddVolume(&shell, 1, volume + 1, &ierr));
    GMSH_CALL(gmshModelGeoSynchronize(&ierr));
    set_part(volumes, volume, OST_PART_BONE);
    PetscCall(PetscFree(faces));
    PetscCall(PetscFree(new_tags));
  }
  gmshFree(tags);
  gmshFree(xyz);
  gmshFree(par);
  PetscCall(PetscFree(flat.new_nodes));
  PetscCall(PetscFree(flat.triangles));
  PetscCall(PetscFree(xyz_of));
  PetscCall(PetscFree(edges));
  PetscCall(PetscFree(inner));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Generate what has been built; *ok is FALSE when Gmsh gave up, with its words. */
static PetscErrorCode generate(Volumes *volumes, const Closure *closure, PetscReal min_sicn,
                               OstTetMesh *mesh, PetscReal *sicn, PetscBool *ok, char words[],
                               size_t size)
{
  static const char *const methods[] = {"", "Netgen", "Relocate3D"};
  OstQuality               quality;
  int                      failed = 0;

  PetscFunctionBeginUser;
  *ok = PETSC_FALSE;
  if (closure->skin > 0) {
    PetscCall(mesh_dimension(2, &failed, words, size));
    if (!failed) PetscCall(close_bone(closure, volumes, &failed, words, size));
  }
  /* The faces stay as they are: Gmsh would begin with the curves again. */
  PetscCall(set_number("Mesh.MeshOnlyEmpty", closure->skin > 0 ? 1 : 0));
  if (!failed) PetscCall(mesh_dimension(3, &failed, words, size));
  PetscCall(set_number("Mesh.MeshOnlyEmpty", 0));
  if (failed) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(extract(volumes, mesh));
  if (mesh->num_tets == 0) {
    (void)snprintf(words, size, "no tetrahedra came out");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_quality_measure(mesh, &quality));
  *sicn = quality.min_sicn;
  *ok   = PETSC_TRUE;

  /* Repair: each method may help or harm, so the best mesh is kept. */
  for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]) && *sicn < min_sicn; i++) {
    OstTetMesh better;
    gmshModelMeshOptimize(methods[i], 0, 3, NULL, 0, &failed);
    if (failed) continue;
    PetscCall(extract(volumes, &better));
    PetscCall(ost_quality_measure(&better, &quality));
    if (quality.min_sicn > *sicn) {
      PetscCall(ost_tet_mesh_destroy(mesh));
      *mesh = better;
      *sicn = quality.min_sicn;
    } else
      PetscCall(ost_tet_mesh_destroy(&better));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef PetscErrorCode (*Builder)(const void *bone, SizeField *field, Volumes *volumes,
                                  Closure *closure);

/* Build and mesh, up to four more times with elements a little smaller: a fresh start often ends
   without the one bad element. The best mesh is kept. */
static PetscErrorCode build_and_mesh(Builder build, const void *bone, const OstImplant *implant,
                                     const OstMeshOptions *options, OstDiagList *list,
                                     OstTetMesh *mesh)
{
  static const PetscReal factors[]  = {1.0, 0.97, 0.94, 0.90, 0.85};
  PetscReal              best       = -2.0;
  char                   words[512] = "";

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(mesh, sizeof(*mesh)));
  for (size_t attempt = 0;
       attempt < sizeof(factors) / sizeof(factors[0]) && best < options->min_sicn; attempt++) {
    SizeField  field   = {implant, options, factors[attempt]};
    Volumes    volumes = {.num = 0};
    Closure    closure = {.skin = 0};
    OstTetMesh trial   = {.num_nodes = 0};
    PetscReal  sicn    = -1.0;
    PetscBool  ok      = PETSC_FALSE;
    GMSH_CALL(gmshModelAdd("limb", &ierr));
    PetscCall(set_mesh_options(options, &field));
    PetscCall(build(bone, &field, &volumes, &closure));
    PetscCall(
        generate(&volumes, &closure, options->min_sicn, &trial, &sicn, &ok, words, sizeof(words)));
    GMSH_CALL(gmshModelRemove(&ierr));
    PetscCall(PetscFree2(closure.socket.faces, closure.socket.rim));
    PetscCall(PetscFree(closure.outer));
    if (ok && sicn > best) {
      PetscCall(ost_tet_mesh_destroy(mesh));
      *mesh = trial;
      best  = sicn;
    } else
      PetscCall(ost_tet_mesh_destroy(&trial));
  }
  if (best <= -2.0) {
    PetscCall(ost_diag_error(list, options->where, "change size_interface or size_bone",
                             "Gmsh could not mesh the limb: %s", words));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode build_from_sections(const void *bone, SizeField *field, Volumes *volumes,
                                          Closure *closure)
{
  PetscFunctionBeginUser;
  (void)closure; /* its volumes are whole */
  PetscCall(build_parametric(bone, field->implant, volumes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static OstSkinRule skin_rule(const OstImplant *implant)
{
  OstSkinRule rule = {.tolerance = 1e-4, .abutment_end = -implant->abutment_length};

  ost_implant_coated_range(implant, &rule.coated_from, &rule.coated_to);
  return rule;
}

/* A collar is no wider than the bone's section at the resection, less a rim that can be meshed. */
static PetscErrorCode trim_collar(PetscReal least, OstImplant *implant, OstDiagList *list)
{
  const PetscReal rim = 1.0; /* [mm] */

  PetscFunctionBeginUser;
  if (implant->collar_diameter <= 0.0 || implant->collar_gap > 0.0) {
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (0.5 * implant->collar_diameter <= least - rim) PetscFunctionReturn(PETSC_SUCCESS);
  if (least - rim >= 0.5 * PetscMax(implant->diameter, implant->abutment_diameter) + rim) {
    PetscCall(ost_diag_warning(list, implant->where,
                               "it bears on less bone than drawn; shift the stem if that matters",
                               "the collar of %g mm is trimmed to %.1f mm, the bone's narrowest at "
                               "the resection less a rim",
                               (double)implant->collar_diameter, 2.0 * (double)(least - rim)));
    implant->collar_diameter = 2.0 * (least - rim);
  } else {
    PetscCall(ost_diag_warning(
        list, implant->where, "give implant entries with a collar the bone can carry",
        "the collar of %g mm finds no bearing on the bone and is held 1 mm off",
        (double)implant->collar_diameter));
    implant->collar_gap = 1.0;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gmsh_mesh_parametric(const OstBone *bone, const OstImplant *implant,
                                        const OstMeshOptions *options, OstDiagList *list,
                                        OstTetMesh *mesh)
{
  OstImplant  fitted = *implant;
  OstSkinRule rule   = skin_rule(implant);

  PetscFunctionBeginUser;
  PetscCall(trim_collar(ost_bone_least_reach(bone, 0.0), &fitted, list));
  PetscCall(build_and_mesh(build_from_sections, bone, &fitted, options, list, mesh));
  if (mesh->num_tets == 0) PetscFunctionReturn(PETSC_SUCCESS);
  rule.proximal_from = bone->length;
  rule.proximal_flat = PETSC_TRUE;
  PetscCall(ost_tet_mesh_find_faces(mesh, &rule));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- bone from a surface: the stem in it ------------------------------------------------------ */

/* Where the shell's section at height z meets the ray from the axis in direction t: how often, and
   the nearest. Segments [num x 4]: x0 y0 x1 y1. */
static PetscInt cast_ray(PetscInt num, const PetscReal segments[], PetscReal t, PetscReal *nearest)
{
  const PetscReal c = PetscCosReal(t), s = PetscSinReal(t);
  PetscInt        hits = 0;

  *nearest = PETSC_MAX_REAL;
  for (PetscInt i = 0; i < num; i++) {
    const PetscReal *e  = &segments[4 * i];
    const PetscReal  v0 = -s * e[0] + c * e[1], v1 = -s * e[2] + c * e[3];
    PetscReal        u;
    if ((v0 < 0.0) == (v1 < 0.0)) continue;
    u = (c * e[0] + s * e[1]) + (c * (e[2] - e[0]) + s * (e[3] - e[1])) * v0 / (v0 - v1);
    if (u <= 0.0) continue;
    hits++;
    *nearest = PetscMin(*nearest, u);
  }
  return hits;
}

/* The section of the shell at height z as segments; z is no vertex's height. */
static PetscInt cut_shell(const OstBoneShell *shell, PetscReal z, PetscReal segments[])
{
  PetscInt num = 0;

  for (PetscInt i = 0; i < shell->num_triangles; i++) {
    PetscReal *e = &segments[4 * num];
    PetscInt   n = 0;
    for (PetscInt a = 0; a < 3 && n < 2; a++) {
      const PetscReal *p = &shell->points[3 * shell->triangles[3 * i + a]];
      const PetscReal *q = &shell->points[3 * shell->triangles[3 * i + (a + 1) % 3]];
      PetscReal        w;
      if ((p[2] < z) == (q[2] < z)) continue;
      w            = (z - p[2]) / (q[2] - p[2]);
      e[2 * n]     = p[0] + w * (q[0] - p[0]);
      e[2 * n + 1] = p[1] + w * (q[1] - p[1]);
      n++;
    }
    if (n == 2) num++;
  }
  return num;
}

PetscErrorCode ost_gmsh_shell_wall(const OstBoneShell *shell, const OstImplant *implant,
                                   PetscReal *wall, PetscReal *z, PetscReal *t)
{
  const PetscReal tip = PetscMin(ost_implant_tip(implant), shell->length);
  PetscReal      *segments;

  PetscFunctionBeginUser;
  *wall = PETSC_MAX_REAL;
  *z = *t = 0.0;
  PetscCall(PetscMalloc1(4 * shell->num_triangles + 4, &segments));
  for (PetscInt i = 0; i <= (PetscInt)PetscFloorReal(tip); i++) {
    /* Off whole heights by an odd little, so that no vertex lies in the plane. */
    const PetscReal height = (PetscReal)i + 0.0123457;
    const PetscInt  num    = cut_shell(shell, height, segments);
    const PetscReal r =
        ost_implant_outer_radius(implant, PetscMax(PetscMin(height, tip), implant->recess));
    for (PetscInt k = 0; k < 72; k++) {
      const PetscReal angle = ((PetscReal)k + 1e-4) * PETSC_PI / 36.0;
      PetscReal       reach;
      const PetscInt  hits = cast_ray(num, segments, angle, &reach);
      if (hits % 2 == 0) reach = 0.0; /* the axis is outside */
      if (reach - r >= *wall - 1e-9) continue;
      *wall = reach - r;
      *z    = height;
      *t    = angle;
    }
  }
  PetscCall(PetscFree(segments));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gmsh_shell_check_stem(const OstBoneShell *shell, const OstImplant *implant,
                                         PetscReal min_wall, OstDiagList *list)
{
  const PetscReal tip = ost_implant_tip(implant), margin = 5.0; /* bone above the tip [mm] */
  PetscReal       wall, z, t;

  PetscFunctionBeginUser;
  if (tip > shell->length - margin) {
    PetscCall(ost_diag_error(list, implant->where_length, "take a shorter stem, or resect less",
                             "the stem is longer than the limb: its tip lies %.1f mm above the "
                             "resection, the bone ends at %.1f mm",
                             (double)tip, (double)shell->length));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_gmsh_shell_wall(shell, implant, &wall, &z, &t));
  if (wall < 0.0) {
    PetscCall(ost_diag_error(
        list, implant->where_diameter, "take a thinner stem, or move it with geometry.placement",
        "the stem pierces the cortex by %.2f mm, %.0f mm above the resection on "
        "the %s side",
        -(double)wall, (double)z, ost_bone_direction(shell->side, t)));
  } else if (wall < min_wall) {
    PetscCall(ost_diag_error(list, implant->where_diameter,
                             "take a thinner stem, move it with geometry.placement, or lower "
                             "mesh.min_wall",
                             "the stem leaves %.2f mm of bone, less than min_wall = %g mm, %.0f mm "
                             "above the resection on the %s side",
                             (double)wall, (double)min_wall, (double)z,
                             ost_bone_direction(shell->side, t)));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- bone from a surface: the model ----------------------------------------------------------- */

/* OpenCASCADE counts its own tags and would give out those of discrete entities again. Something
   with a high tag in each dimension moves its counters on, as long as it is there. */
static PetscErrorCode skip_tags(int first)
{
  int points[2];

  PetscFunctionBeginUser;
  GMSH_CALL(points[0] = gmshModelOccAddPoint(0, 0, 0, 0, first, &ierr));
  GMSH_CALL(points[1] = gmshModelOccAddPoint(1, 0, 0, 0, first + 1, &ierr));
  GMSH_CALL((void)gmshModelOccAddLine(points[0], points[1], first, &ierr));
  GMSH_CALL((void)gmshModelOccAddDisk(0, 0, 0, 1, 1, first, &ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode forget_skipped(int first)
{
  int line[2] = {1, first}, disk[2] = {2, first};

  PetscFunctionBeginUser;
  GMSH_CALL(gmshModelOccRemove(line, 2, 1, &ierr));
  GMSH_CALL(gmshModelOccRemove(disk, 2, 1, &ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The metal in OpenCASCADE, with tags from `first` on. */
static PetscErrorCode build_metal(const OstImplant *implant, int first, Volumes *volumes,
                                  Socket *socket)
{
  int      solids[3], *out = NULL, union_of[2 * MAX_VOLUMES], *faces = NULL, *rim = NULL;
  PetscInt parts[3], num = 0;
  size_t   out_n = 0, n = 0, rim_n = 0;
  int      bore = -1;

  PetscFunctionBeginUser;
  PetscCall(skip_tags(first));
  if (implant->recess > 0.0) {
    GMSH_CALL(solids[num] =
                  gmshModelOccAddCylinder(0, 0, 0, 0, 0, implant->recess, 0.5 * implant->diameter,
                                          -1, 2.0 * PETSC_PI, &ierr));
    parts[num++] = PART_VOID;
  }
  PetscCall(add_metal(implant, &solids[num + 1], &solids[num]));
  parts[num++] = OST_PART_ABUTMENT;
  parts[num++] = OST_PART_STEM;
  PetscCall(fragment(num, solids, parts, PETSC_FALSE, volumes));
  PetscCall(forget_skipped(first));
  GMSH_CALL(gmshModelOccSynchronize(&ierr));

  for (PetscInt i = 0; i < volumes->num; i++) {
    union_of[2 * i]     = 3;
    union_of[2 * i + 1] = volumes->tag[i];
    if (volumes->part[i] == PART_VOID) bore = volumes->tag[i];
  }
  GMSH_CALL(
      gmshModelGetBoundary(union_of, (size_t)(2 * volumes->num), &out, &out_n, 1, 0, 0, &ierr));
  PetscCall(PetscMalloc1(out_n, &faces));
  for (size_t i = 0; i + 1 < out_n; i += 2) {
    double cx, cy, cz;
    GMSH_CALL(gmshModelOccGetCenterOfMass(2, out[i + 1], &cx, &cy, &cz, &ierr));
    if (cz < -1e-6) continue;
    if (bore >= 0 && cz < 1e-6) continue; /* the open end of the bore */
    faces[n++] = 2;
    faces[n++] = out[i + 1];
  }
  gmshFree(out);
  GMSH_CALL(gmshModelGetBoundary(faces, n, &rim, &rim_n, 1, 0, 0, &ierr));
  PetscCall(PetscMalloc2(n / 2, &socket->faces, rim_n / 2, &socket->rim));
  socket->num_faces = n / 2;
  socket->num_rim   = rim_n / 2;
  for (size_t i = 0; i < n / 2; i++) socket->faces[i] = faces[2 * i + 1];
  for (size_t i = 0; i < rim_n / 2; i++) socket->rim[i] = rim[2 * i + 1];
  gmshFree(rim);
  PetscCall(PetscFree(faces));

  /* The bore is empty: its volume and its open end go. */
  for (PetscInt i = 0; i < volumes->num; i++) {
    int gone[2] = {3, volumes->tag[i]};
    if (volumes->part[i] != PART_VOID) continue;
    GMSH_CALL(gmshModelRemoveEntities(gone, 2, 0, &ierr));
    volumes->tag[i]  = volumes->tag[volumes->num - 1];
    volumes->part[i] = volumes->part[volumes->num - 1];
    volumes->num--;
    i--;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

enum { LABEL_SKIN, LABEL_RESECTION, LABEL_PROXIMAL };

/* The shell with its flat ends labelled, so that remeshing keeps their edges. */
static PetscErrorCode label_shell(const OstBoneShell *shell, OstLabelledSurface *s)
{
  const PetscReal flat = 1e-3; /* [mm] */

  PetscFunctionBeginUser;
  s->num_points    = shell->num_points;
  s->num_triangles = shell->num_triangles;
  PetscCall(PetscMalloc1(3 * s->num_points, &s->points));
  PetscCall(PetscMalloc1(3 * s->num_triangles, &s->triangles));
  PetscCall(PetscMalloc1(s->num_triangles, &s->label));
  PetscCall(PetscArraycpy(s->points, shell->points, 3 * s->num_points));
  PetscCall(PetscArraycpy(s->triangles, shell->triangles, 3 * s->num_triangles));
  for (PetscInt p = 0; p < s->num_points; p++) {
    PetscReal *z = &s->points[3 * p + 2];
    if (PetscAbsReal(*z) < flat) *z = 0.0;
    if (shell->proximal_flat && PetscAbsReal(*z - shell->length) < flat) *z = shell->length;
  }
  for (PetscInt t = 0; t < s->num_triangles; t++) {
    PetscInt low = 0, high = 0;
    for (PetscInt a = 0; a < 3; a++) {
      const PetscReal z = s->points[3 * s->triangles[3 * t + a] + 2];
      low += z == 0.0;
      high += shell->proximal_flat && z == shell->length;
    }
    s->label[t] = low == 3 ? LABEL_RESECTION : (high == 3 ? LABEL_PROXIMAL : LABEL_SKIN);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal size_on_shell(const PetscReal x[3], void *field)
{
  return size_at(2, 0, x[0], x[1], x[2], field);
}

static int compare_edges(const void *p, const void *q)
{
  const PetscInt *a = p, *b = q;

  if (a[0] != b[0]) return a[0] < b[0] ? -1 : 1;
  return (a[1] > b[1]) - (a[1] < b[1]);
}

/* Edges between the resection and the rest, as pairs of node tags: those that a triangle of the cap
   runs through one way and one of the skin the other way. */
static PetscErrorCode find_outer_edges(const OstLabelledSurface *s, Closure *c)
{
  PetscInt *cap; /* [num x 2] directed edges of the cap */
  size_t    num = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(6 * s->num_triangles, &cap));
  for (PetscInt t = 0; t < s->num_triangles; t++) {
    for (PetscInt e = 0; e < 3 && s->label[t] == LABEL_RESECTION; e++, num++) {
      cap[2 * num]     = s->triangles[3 * t + e];
      cap[2 * num + 1] = s->triangles[3 * t + (e + 1) % 3];
    }
  }
  qsort(cap, num, 2 * sizeof(PetscInt), compare_edges);
  PetscCall(PetscMalloc1(2 * num, &c->outer));
  c->num_outer = 0;
  for (PetscInt t = 0; t < s->num_triangles; t++) {
    for (PetscInt e = 0; e < 3 && s->label[t] != LABEL_RESECTION; e++) {
      const PetscInt back[2] = {s->triangles[3 * t + (e + 1) % 3], s->triangles[3 * t + e]};
      if (!bsearch(back, cap, num, 2 * sizeof(PetscInt), compare_edges)) continue;
      c->outer[2 * c->num_outer]     = (size_t)back[0] + 1;
      c->outer[2 * c->num_outer + 1] = (size_t)back[1] + 1;
      c->num_outer++;
    }
  }
  PetscCall(PetscFree(cap));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The surface but its face at z = 0 as a discrete surface; node tags are point numbers + 1. */
static PetscErrorCode add_skin(const OstLabelledSurface *s, int *entity)
{
  size_t    *tags, *connectivity, n = 0, used = 0;
  double    *xyz;
  PetscBool *in_skin;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc4(s->num_points, &tags, 3 * s->num_triangles, &connectivity,
                         3 * s->num_points, &xyz, s->num_points, &in_skin));
  PetscCall(PetscArrayzero(in_skin, s->num_points));
  for (PetscInt t = 0; t < s->num_triangles; t++) {
    if (s->label[t] == LABEL_RESECTION) continue;
    for (PetscInt a = 0; a < 3; a++) {
      in_skin[s->triangles[3 * t + a]] = PETSC_TRUE;
      connectivity[n++]                = (size_t)s->triangles[3 * t + a] + 1;
    }
  }
  for (PetscInt p = 0; p < s->num_points; p++) {
    if (!in_skin[p]) continue;
    PetscCall(PetscArraycpy(xyz + 3 * used, s->points + 3 * p, 3));
    tags[used++] = (size_t)p + 1;
  }
  GMSH_CALL(*entity = gmshModelAddDiscreteEntity(2, -1, NULL, 0, &ierr));
  GMSH_CALL(gmshModelMeshAddNodes(2, *entity, tags, used, xyz, 3 * used, NULL, 0, &ierr));
  GMSH_CALL(gmshModelMeshAddElementsByType(*entity, 2, NULL, 0, connectivity, n, &ierr));
  PetscCall(PetscFree4(tags, connectivity, xyz, in_skin));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The bone's skin with triangles of the wanted size, and the metal. (Gmsh can remesh a discrete
   surface too, by parametrising pieces of it; on bones from CT that failed, or never came back.) */
static PetscErrorCode build_shell(const void *bone, SizeField *field, Volumes *volumes,
                                  Closure *closure)
{
  OstLabelledSurface surface;

  PetscFunctionBeginUser;
  PetscCall(label_shell(bone, &surface));
  PetscCall(ost_remesh(&surface, size_on_shell, field, 8));
  PetscCall(find_outer_edges(&surface, closure));
  PetscCall(add_skin(&surface, &closure->skin));
  PetscCall(build_metal(field->implant, closure->skin + 1, volumes, &closure->socket));
  PetscCall(ost_labelled_surface_destroy(&surface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Distance from the axis to the nearest point of the shell's outline at the resection. */
static PetscErrorCode shell_least_reach(const OstBoneShell *shell, PetscReal *least)
{
  PetscReal *segments;
  PetscInt   num;

  PetscFunctionBeginUser;
  *least = PETSC_MAX_REAL;
  PetscCall(PetscMalloc1(4 * shell->num_triangles + 4, &segments));
  num = cut_shell(shell, 0.0123457, segments);
  for (PetscInt k = 0; k < 360; k++) {
    PetscReal reach;
    if (cast_ray(num, segments, ((PetscReal)k + 1e-4) * PETSC_PI / 180.0, &reach)) {
      *least = PetscMin(*least, reach);
    }
  }
  PetscCall(PetscFree(segments));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gmsh_mesh_shell(const OstBoneShell *shell, const OstImplant *implant,
                                   const OstMeshOptions *options, OstDiagList *list,
                                   OstTetMesh *mesh)
{
  OstImplant  fitted = *implant;
  OstSkinRule rule;
  PetscReal   least;

  PetscFunctionBeginUser;
  PetscCall(shell_least_reach(shell, &least));
  PetscCall(trim_collar(least, &fitted, list));
  PetscCall(build_and_mesh(build_shell, shell, &fitted, options, list, mesh));
  if (mesh->num_tets == 0) PetscFunctionReturn(PETSC_SUCCESS);
  rule               = skin_rule(&fitted);
  rule.proximal_from = shell->proximal_flat ? shell->length : shell->proximal_from;
  rule.proximal_flat = shell->proximal_flat;
  rule.tolerance     = 1e-3;
  PetscCall(ost_tet_mesh_find_faces(mesh, &rule));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- files ------------------------------------------------------------------------------------ */

/* Index of every node tag: index [top + 1]; freed by PetscFree. */
static PetscErrorCode read_nodes(OstUserMesh *user, PetscInt **index, size_t *top)
{
  size_t *tags = NULL, n = 0, xyz_n = 0, par_n = 0;
  double *xyz = NULL, *par = NULL;

  PetscFunctionBeginUser;
  GMSH_CALL(gmshModelMeshGetNodes(&tags, &n, &xyz, &xyz_n, &par, &par_n, -1, -1, 0, 0, &ierr));
  *top = 0;
  for (size_t i = 0; i < n; i++) *top = tags[i] > *top ? tags[i] : *top;
  PetscCall(PetscCalloc1(*top + 1, index));
  PetscCall(PetscMalloc1(3 * n, &user->x));
  PetscCall(PetscArraycpy(user->x, xyz, 3 * n));
  for (size_t i = 0; i < n; i++) (*index)[tags[i]] = (PetscInt)i;
  user->num_nodes = (PetscInt)n;
  gmshFree(tags);
  gmshFree(xyz);
  gmshFree(par);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Group of an entity by the names of its physical groups, -1: none of ours. */
static PetscErrorCode entity_group(int dim, int tag, OstUserMesh *user, PetscInt *group)
{
  int   *physical = NULL;
  size_t n        = 0;

  PetscFunctionBeginUser;
  *group = -1;
  GMSH_CALL(gmshModelGetPhysicalGroupsForEntity(dim, tag, &physical, &n, &ierr));
  for (size_t i = 0; i < n; i++) {
    char    *name = NULL;
    PetscInt found;
    GMSH_CALL(gmshModelGetPhysicalName(dim, physical[i], &name, &ierr));
    ost_user_mesh_add_name(user, name);
    found = dim == 3 ? ost_part_by_name(name) : ost_skin_by_name(name);
    if (found >= 0) *group = found;
    gmshFree(name);
  }
  gmshFree(physical);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Append the elements of one entity: tetrahedra (types 4, 11) or corners of triangles (2, 9). */
static PetscErrorCode append_elements(int type, int tag, PetscInt each, PetscInt keep,
                                      const PetscInt index[], PetscInt group, PetscInt *num,
                                      PetscInt **nodes, PetscInt **groups)
{
  size_t *tags = NULL, *connectivity = NULL, n = 0, m = 0;

  PetscFunctionBeginUser;
  GMSH_CALL(gmshModelMeshGetElementsByType(type, &tags, &n, &connectivity, &m, tag, 0, 1, &ierr));
  if (n > 0) {
    PetscCall(PetscRealloc((size_t)(*num + (PetscInt)n) * (size_t)keep * sizeof(PetscInt), nodes));
    PetscCall(PetscRealloc((size_t)(*num + (PetscInt)n) * sizeof(PetscInt), groups));
    for (size_t i = 0; i < n; i++, (*num)++) {
      (*groups)[*num] = group;
      for (PetscInt a = 0; a < keep; a++) {
        (*nodes)[keep * *num + a] = index[connectivity[i * (size_t)each + (size_t)a]];
      }
    }
  }
  gmshFree(tags);
  gmshFree(connectivity);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The elements of the current model. */
static PetscErrorCode read_elements(OstUserMesh *user, const PetscInt index[])
{
  PetscInt linear = 0, quadratic = 0;

  PetscFunctionBeginUser;
  for (int pass = 0; pass < 2; pass++) {
    const int dim = pass == 0 ? 3 : 2;
    int      *all = NULL;
    size_t    n   = 0;
    GMSH_CALL(gmshModelGetEntities(&all, &n, dim, &ierr));
    for (size_t i = 0; i + 1 < n; i += 2) {
      int     *types   = NULL;
      size_t   types_n = 0;
      PetscInt group;
      PetscCall(entity_group(dim, all[i + 1], user, &group));
      GMSH_CALL(gmshModelMeshGetElementTypes(&types, &types_n, dim, all[i + 1], &ierr));
      for (size_t k = 0; k < types_n; k++) {
        if (dim == 3 && types[k] != 4 && types[k] != 11) user->num_other++;
        if (types[k] == 4) linear++;
        if (types[k] == 11) quadratic++;
        if (types[k] == 4 || types[k] == 11) {
          user->nodes_each = types[k] == 4 ? 4 : 10;
          if (linear && quadratic) continue;
          PetscCall(append_elements(types[k], all[i + 1], user->nodes_each, user->nodes_each, index,
                                    group, &user->num_tets, &user->tet, &user->part));
        } else if ((types[k] == 2 || types[k] == 9) && group >= 0) {
          PetscCall(append_elements(types[k], all[i + 1], types[k] == 2 ? 3 : 6, 3, index, group,
                                    &user->num_faces, &user->corner, &user->skin));
        }
      }
      gmshFree(types);
    }
    gmshFree(all);
  }
  if (linear && quadratic) user->num_other++; /* mixed orders: refused like any other element */
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_gmsh(const char *path, OstWhere at, OstDiagList *list, OstUserMesh *user)
{
  PetscInt *index = NULL;
  size_t    top;
  int       failed     = 0;
  char      words[512] = "";

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(user, sizeof(*user)));
  GMSH_CALL(gmshModelAdd("user", &ierr));
  PetscCall(set_number("General.AbortOnError", 0));
  GMSH_CALL(gmshLoggerStart(&ierr));
  gmshMerge(path, &failed);
  PetscCall(read_log(&failed, words, sizeof(words)));
  PetscCall(set_number("General.AbortOnError", 2));
  if (failed) {
    PetscCall(ost_diag_error(list, at, "a Gmsh mesh (.msh) or an Abaqus or CalculiX input (.inp)",
                             "%s cannot be read: %s", path, words));
  } else {
    PetscCall(read_nodes(user, &index, &top));
    PetscCall(read_elements(user, index));
    PetscCall(PetscFree(index));
  }
  GMSH_CALL(gmshModelRemove(&ierr));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gmsh_read(const char *path, OstWhere at, OstDiagList *list, OstTetMesh *mesh)
{
  const size_t   size   = strlen(path);
  const PetscInt errors = ost_diag_num_errors(list);
  OstUserMesh    user;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(mesh, sizeof(*mesh)));
  PetscCall(PetscMemzero(&user, sizeof(user)));
  if (size > 4 && !strcasecmp(path + size - 4, ".inp")) {
    PetscCall(ost_user_mesh_read_inp(path, at, list, &user));
  } else if (size > 4 && !strcasecmp(path + size - 4, ".msh")) {
    PetscCall(read_gmsh(path, at, list, &user));
  } else {
    PetscCall(ost_diag_error(list, at, "a Gmsh mesh (.msh) or an Abaqus or CalculiX input (.inp)",
                             "%s is named like neither", path));
  }
  if (ost_diag_num_errors(list) == errors) {
    PetscCall(ost_user_mesh_convert(&user, path, at, list, mesh));
  }
  PetscCall(ost_user_mesh_destroy(&user));
  PetscFunctionReturn(PETSC_SUCCESS);
}

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

/* Gmsh does not notice a full disk: look whether the end of the file is there, and on the disk. */
static PetscErrorCode check_written(const char *path)
{
  static const char end[]             = "$EndElements\n";
  char              tail[sizeof(end)] = "";
  FILE             *f                 = fopen(path, "rb+");
  int               bad;

  PetscFunctionBeginUser;
  PetscCheck(f, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", path, strerror(errno));
  bad = fseek(f, -(long)(sizeof(end) - 1), SEEK_END) != 0 ||
        fread(tail, 1, sizeof(end) - 1, f) != sizeof(end) - 1 || strcmp(tail, end) != 0;
  bad = fsync(fileno(f)) != 0 || bad;
  bad = fclose(f) != 0 || bad;
  PetscCheck(!bad, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: the disk did not take the whole mesh", path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_gmsh_write(const OstTetMesh *mesh, const char *path)
{
  size_t  *tags, next_element = 1;
  PetscInt first      = -1;
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
  GMSH_CALL(gmshModelRemove(&ierr));
  if (ierr_write) {
    char words[512];
    last_words(words, sizeof(words));
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", path, words);
  }
  PetscCall(check_written(path));
  PetscFunctionReturn(PETSC_SUCCESS);
}
