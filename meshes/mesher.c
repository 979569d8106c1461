/* mesher.c: osteon-mesh, from a case file to limb.msh, its sidecar and its density image.

   A program of its own because Gmsh is GPL and the solver is not; `osteon mesh` and `osteon run`
   start it. Owns the order of the work, what is printed, the exit code, and that nothing is written
   unless all went well. */
#include "meshes/gmsh_model.h"
#include "meshes/image/nifti.h"
#include "meshes/limb_bone.h"
#include "meshes/limb_case.h"
#include "meshes/limb_file.h"
#include "meshes/quality.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: osteon-mesh CASE [-o DIR | -o FILE.msh] [-q]\n"
    "\n"
    "Meshes the limb and the implant of a case file.\n"
    "  -o DIR       write DIR/limb.msh, DIR/limb.yaml and, with density, DIR/limb-density.nii.gz;\n"
    "               DIR is made when it is missing (default: the working directory)\n"
    "  -o FILE.msh  write FILE.msh, FILE.yaml, FILE-density.nii.gz\n"
    "               files of an earlier mesh there are replaced, others refused\n"
    "  -q           no quality table\n"
    "  --version    versions of osteon-mesh, Gmsh and PETSc\n"
    "\n"
    "Exit codes: 0 done, 2 the input is wrong (every fault is listed), 3 no sound mesh came out,\n"
    "4 files or memory, 1 a bug.\n";

typedef struct {
  const char *case_path, *out;
  PetscBool   quiet, help, version;
} Arguments;

/* What is to be written, gathered while meshing. */
typedef struct {
  OstTetMesh  mesh;
  OstQuality  quality;
  OstLimbBone limb; /* CT or surface */
  PetscReal   bone_length;
  PetscInt    num_canal;
  PetscReal  *canal_z, *canal_radius, *outer_radius; /* parametric; otherwise those of `limb` */
} Work;

/* --- command line ----------------------------------------------------------------------------- */

static PetscBool parse_arguments(int argc, char **argv, Arguments *a)
{
  memset(a, 0, sizeof(*a));
  a->out = ".";
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--")) break;
    if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help"))
      a->help = PETSC_TRUE;
    else if (!strcmp(argv[i], "--version"))
      a->version = PETSC_TRUE;
    else if (!strcmp(argv[i], "-q"))
      a->quiet = PETSC_TRUE;
    else if (!strcmp(argv[i], "-o")) {
      if (++i == argc) {
        fprintf(stderr, "osteon-mesh: error: -o needs a folder or a file\n");
        return PETSC_FALSE;
      }
      a->out = argv[i];
    } else if (argv[i][0] == '-' && argv[i][1]) {
      fprintf(stderr, "osteon-mesh: error: unknown option %s\n    fix: osteon-mesh --help\n",
              argv[i]);
      return PETSC_FALSE;
    } else if (a->case_path) {
      fprintf(stderr, "osteon-mesh: error: more than one case file: %s and %s\n", a->case_path,
              argv[i]);
      return PETSC_FALSE;
    } else
      a->case_path = argv[i];
  }
  if (!a->out[0]) {
    fprintf(stderr, "osteon-mesh: error: no name follows -o\n    fix: osteon-mesh --help\n");
    return PETSC_FALSE;
  }
  if (!a->help && !a->version && !(a->case_path && a->case_path[0])) {
    fprintf(stderr, "osteon-mesh: error: no case file\n    fix: osteon-mesh --help\n");
    return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* Files that cannot be had are no bug: their message stands alone, without a stack trace. */
static PetscErrorCode on_error(MPI_Comm comm, int line, const char *function, const char *file,
                               PetscErrorCode code, PetscErrorType type, const char *message,
                               void *context)
{
  if (code == PETSC_ERR_FILE_OPEN || code == PETSC_ERR_FILE_WRITE || code == PETSC_ERR_FILE_READ ||
      code == PETSC_ERR_MEM) {
    if (type == PETSC_ERROR_INITIAL) {
      fprintf(stderr, "osteon-mesh: error: %s\n",
              message && message[0] ? message : "out of memory");
    }
    return code;
  }
  return PetscTraceBackErrorHandler(comm, line, function, file, code, type, message, context);
}

/* --- reading the case ------------------------------------------------------------------------- */

/* Sections of the case that are the solver's: the mesher must not call their keys unread. */
static void mark_read(OstNode *node)
{
  if (ost_node_kind(node) == OST_NODE_SCALAR) return;
  for (PetscInt i = 0; i < ost_node_size(node); i++) mark_read(ost_node_item(node, i));
}

static PetscErrorCode read_case(const char *path, OstDiagList *list, OstCase **file,
                                OstLimbOptions *options)
{
  static const char *const ours[] = {"geometry", "implant", "mesh"};

  PetscFunctionBeginUser;
  PetscCall(ost_case_load(path, "case", list, file));
  if (!*file) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_limb_options_read(*file, list, options));
  for (PetscInt i = 0; i < ost_node_size(ost_case_root(*file)); i++) {
    const char *key  = ost_node_key(ost_case_root(*file), i);
    PetscBool   mine = PETSC_FALSE;
    for (size_t k = 0; k < sizeof(ours) / sizeof(ours[0]); k++) {
      mine = (PetscBool)(mine || !strcmp(key, ours[k]));
    }
    if (!mine) mark_read(ost_node_item(ost_case_root(*file), i));
  }
  PetscCall(ost_case_report_unread(*file, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- meshing ---------------------------------------------------------------------------------- */

static PetscErrorCode mesh_parametric(const OstLimbOptions *options, OstDiagList *failed,
                                      Work *work)
{
  const OstBone *bone = &options->bone;
  const PetscInt num  = 1 + (PetscInt)PetscCeilReal(bone->length / 5.0);

  PetscFunctionBeginUser;
  PetscCall(ost_gmsh_mesh_parametric(bone, &options->implant, &options->mesh, failed, &work->mesh));
  work->bone_length = bone->length;
  work->num_canal   = num;
  PetscCall(PetscMalloc3(num, &work->canal_z, num, &work->canal_radius, num, &work->outer_radius));
  for (PetscInt i = 0; i < num; i++) {
    const PetscReal      z = bone->length * (PetscReal)i / (PetscReal)(num - 1);
    const OstBoneSection s = ost_bone_section(bone, z);
    work->canal_z[i]       = z;
    work->canal_radius[i]  = s.canal;
    work->outer_radius[i]  = s.outer;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode mesh_scanned(OstLimbOptions *options, OstDiagList *list, OstDiagList *failed,
                                   Work *work)
{
  const PetscBool      ct = (PetscBool)(options->source == OST_GEOMETRY_CT);
  OstPlacementOptions *p  = ct ? &options->ct.placement : &options->surface.placement;
  OstBoneShell         shell;

  PetscFunctionBeginUser;
  if (!p->fit_given) p->fit_to = PetscMax(ost_implant_tip(&options->implant), p->fit_from + 10.0);
  work->limb = ost_limb_bone_empty();
  if (ct) {
    PetscCall(ost_limb_bone_from_ct(&options->ct, options->side, options->kind, list, &work->limb));
  } else {
    PetscCall(ost_limb_bone_from_surface(&options->surface, options->side, options->kind, list,
                                         &work->limb));
  }
  if (ost_diag_num_errors(list) > 0) PetscFunctionReturn(PETSC_SUCCESS);
  shell = (OstBoneShell){
      .num_points    = work->limb.surface.num_points,
      .num_triangles = work->limb.surface.num_triangles,
      .points        = work->limb.surface.points,
      .triangles     = work->limb.surface.triangles,
      .length        = work->limb.length,
      .proximal_from = work->limb.proximal_from,
      .proximal_flat = work->limb.proximal_flat,
      .side          = options->side,
      .where         = ct ? options->ct.where : options->surface.where,
  };
  work->bone_length = shell.length;
  PetscCall(ost_gmsh_shell_check_stem(&shell, &options->implant, options->mesh.min_wall, list));
  if (ost_diag_num_errors(list) > 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_gmsh_mesh_shell(&shell, &options->implant, &options->mesh, failed, &work->mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A user's mesh must be of the implant the case names: loads and zones are placed by it. */
static PetscErrorCode mesh_foreign(const OstLimbOptions *options, OstDiagList *list, Work *work)
{
  const OstImplant *implant = &options->implant;
  PetscReal         radius = 0.0, tip = 0.0, length = 0.0;

  PetscFunctionBeginUser;
  PetscCall(ost_gmsh_read(options->mesh_file, options->mesh_where, list, &work->mesh));
  if (ost_diag_num_errors(list) > 0) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt c = 0; c < work->mesh.num_tets; c++) {
    for (PetscInt a = 0; a < 4; a++) {
      const PetscReal *x = &work->mesh.x[3 * work->mesh.tet[10 * c + a]];
      if (!ost_part_is_metal(work->mesh.part[c]))
        length = PetscMax(length, x[2]);
      else if (work->mesh.part[c] == OST_PART_STEM) {
        radius = PetscMax(radius, hypot(x[0], x[1]));
        tip    = PetscMax(tip, x[2]);
      }
    }
  }
  work->bone_length = length;
  if (PetscAbsReal(radius - 0.5 * implant->diameter) > 0.05 * implant->diameter ||
      PetscAbsReal(tip - ost_implant_tip(implant)) > 0.05 * implant->length) {
    PetscCall(ost_diag_error(list, options->mesh_where,
                             "z is the stem's axis, z = 0 the resection, mm; implant.diameter and "
                             "implant.length as meshed",
                             "the mesh's stem reaches z = %.2f mm with radius %.2f mm, the "
                             "implant's %.2f mm with %.2f mm",
                             (double)tip, (double)radius, (double)ost_implant_tip(implant),
                             0.5 * (double)implant->diameter));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode mesh_limb(OstLimbOptions *options, OstDiagList *list, OstDiagList *failed,
                                Work *work)
{
  PetscInt curved = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_gmsh_begin(&options->mesh));
  switch (options->source) {
  case OST_GEOMETRY_PARAMETRIC:
    PetscCall(mesh_parametric(options, failed, work));
    break;
  case OST_GEOMETRY_SURFACE:
  case OST_GEOMETRY_CT:
    PetscCall(mesh_scanned(options, list, failed, work));
    break;
  case OST_GEOMETRY_MESH:
    PetscCall(mesh_foreign(options, list, work));
    break;
  }
  if (ost_diag_num_errors(list) + ost_diag_num_errors(failed) > 0) {
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (options->mesh.curved) PetscCall(ost_tet_mesh_curve(&work->mesh, &options->implant, &curved));
  PetscCall(ost_quality_measure(&work->mesh, &work->quality));
  if (work->quality.min_sicn < options->mesh.min_sicn) {
    const OstQualityPlace *w = &work->quality.worst[0];
    PetscCall(ost_diag_error(failed, options->mesh.where,
                             "change size_interface or size_bone a little, or lower mesh.min_sicn",
                             "the worst element has SICN %.3f, under min_sicn = %g, in %s at "
                             "x %.1f y %.1f z %.1f mm",
                             (double)w->sicn, (double)options->mesh.min_sicn,
                             ost_part_names[w->part], (double)w->centroid[0],
                             (double)w->centroid[1], (double)w->centroid[2]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- where to write --------------------------------------------------------------------------- */

/* Names of the files, and under which each is written until all are there. */
typedef struct {
  char folder[PETSC_MAX_PATH_LEN], stem[PETSC_MAX_PATH_LEN];
  char msh[PETSC_MAX_PATH_LEN], yaml[PETSC_MAX_PATH_LEN], density[PETSC_MAX_PATH_LEN];
  char msh_tmp[PETSC_MAX_PATH_LEN], yaml_tmp[PETSC_MAX_PATH_LEN], density_tmp[PETSC_MAX_PATH_LEN];
  const char *density_name; /* without folder */
} Names;

static PetscErrorCode make_names(const char *out, const char *density_extension, Names *n)
{
  const size_t size = strlen(out), room = PETSC_MAX_PATH_LEN;
  const int    pid = (int)getpid();
  char        *slash;

  PetscFunctionBeginUser;
  PetscCheck(size + 64 < room, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "the path %s is too long",
             out);
  if (size > 4 && !strcmp(out + size - 4, ".msh")) {
    PetscCall(PetscStrncpy(n->folder, out, room));
    slash = strrchr(n->folder, '/');
    PetscCall(PetscStrncpy(n->stem, slash ? slash + 1 : out, room));
    n->stem[strlen(n->stem) - 4] = '\0';
    if (slash)
      slash[slash == n->folder] = '\0';
    else
      PetscCall(PetscStrncpy(n->folder, ".", room));
  } else {
    PetscCall(PetscStrncpy(n->folder, out, room));
    PetscCall(PetscStrncpy(n->stem, "limb", room));
  }
  PetscCall(PetscSNPrintf(n->msh, room, "%s/%s.msh", n->folder, n->stem));
  PetscCall(PetscSNPrintf(n->yaml, room, "%s/%s.yaml", n->folder, n->stem));
  PetscCall(
      PetscSNPrintf(n->density, room, "%s/%s-density%s", n->folder, n->stem, density_extension));
  PetscCall(PetscSNPrintf(n->msh_tmp, room, "%s/%s.part-%d.msh", n->folder, n->stem, pid));
  PetscCall(PetscSNPrintf(n->yaml_tmp, room, "%s/%s.part-%d.yaml", n->folder, n->stem, pid));
  PetscCall(PetscSNPrintf(n->density_tmp, room, "%s/%s-density.part-%d%s", n->folder, n->stem, pid,
                          density_extension));
  n->density_name = strrchr(n->density, '/') + 1;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The names that the files of these options get. */
static PetscErrorCode name_files(const OstLimbOptions *options, const char *out, Names *n)
{
  const char     *given = options->source == OST_GEOMETRY_MESH ? options->mesh_density : "";
  const size_t    size  = strlen(given);
  const PetscBool plain = (PetscBool)(size > 4 && !strcmp(given + size - 4, ".nii"));

  PetscFunctionBeginUser;
  PetscCall(make_names(out, plain ? ".nii" : ".nii.gz", n));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Whether the case reads this very file, under whatever name. */
static PetscBool is_input(const OstCase *file, const char *case_path, const struct stat *target)
{
  struct stat s;

  for (PetscInt i = -1; i < ost_case_num_inputs(file); i++) {
    if (!stat(i < 0 ? case_path : ost_case_input(file, i), &s) && s.st_dev == target->st_dev &&
        s.st_ino == target->st_ino) {
      return PETSC_TRUE;
    }
  }
  return PETSC_FALSE;
}

/* Nothing that the user wrote or reads is replaced: only files of an earlier mesh, known by its
   sidecar. Said before the work of meshing. */
static PetscErrorCode check_targets(const OstLimbOptions *options, const OstCase *file,
                                    const Arguments *a, OstDiagList *list)
{
  Names       n;
  struct stat s;

  PetscFunctionBeginUser;
  PetscCall(name_files(options, a->out, &n));
  if (!stat(n.folder, &s) && !S_ISDIR(s.st_mode)) {
    PetscCall(ost_diag_error(list, (OstWhere){a->out, 0},
                             "-o takes a folder, or a name that ends in .msh",
                             "%s is there and is no folder", n.folder));
  }
  const char *const target[] = {n.msh, n.yaml, n.density};
  const PetscBool   ours     = ost_limb_file_is_one(n.yaml);
  for (size_t i = 0; i < sizeof target / sizeof *target; i++) {
    if (stat(target[i], &s)) continue;
    if (is_input(file, a->case_path, &s)) {
      PetscCall(ost_diag_error(list, (OstWhere){a->out, 0},
                               "choose another name with -o FILE.msh; FILE.yaml and "
                               "FILE-density.nii.gz go beside it",
                               "the mesh would replace %s, which this case reads", target[i]));
    } else if (!ours || !S_ISREG(s.st_mode)) {
      PetscCall(ost_diag_error(list, (OstWhere){a->out, 0},
                               "choose another name with -o FILE.msh; FILE.yaml and "
                               "FILE-density.nii.gz go beside it",
                               "the mesh would replace %s, which no earlier mesh wrote",
                               target[i]));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- writing ---------------------------------------------------------------------------------- */

static PetscErrorCode make_folder(const char *path)
{
  struct stat s;

  PetscFunctionBeginUser;
  if (mkdir(path, 0777) != 0) {
    PetscCheck(errno == EEXIST, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", path,
               strerror(errno));
    PetscCheck(stat(path, &s) == 0 && S_ISDIR(s.st_mode), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
               "%s is there and is no folder", path);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode copy_file(const char *from, const char *to)
{
  FILE  *in = fopen(from, "rb"), *out = NULL;
  char   block[65536];
  size_t n;
  int    bad = 0;

  PetscFunctionBeginUser;
  PetscCheck(in, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", from, strerror(errno));
  out = fopen(to, "wb");
  if (!out) {
    (void)fclose(in);
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", to, strerror(errno));
  }
  while (!bad && (n = fread(block, 1, sizeof(block), in)) > 0) bad = fwrite(block, 1, n, out) != n;
  bad = ferror(in) || bad;
  bad = fflush(out) != 0 || fsync(fileno(out)) != 0 || bad;
  bad = fclose(out) != 0 || bad;
  (void)fclose(in);
  PetscCheck(!bad, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", to, strerror(errno));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_parts(const OstLimbOptions *options, const Work *work, const Names *n,
                                  PetscBool density)
{
  const PetscBool scanned = (PetscBool)(work->limb.num_canal > 0);
  OstLimbFile     limb    = {
             .side          = options->side,
             .bone          = ost_bone_kind_name(options->kind),
             .implant       = &options->implant,
             .bone_length   = work->bone_length,
             .density_image = density ? n->density_name : NULL,
             .image_to_limb = scanned ? work->limb.image_to_limb : NULL,
             .region_density =
          options->source == OST_GEOMETRY_PARAMETRIC ? options->bone.shape.density : NULL,
             .num_canal    = scanned ? work->limb.num_canal : work->num_canal,
             .canal_z      = scanned ? work->limb.canal_z : work->canal_z,
             .canal_radius = scanned ? work->limb.canal_radius : work->canal_radius,
             .outer_radius = scanned ? work->limb.outer_radius : work->outer_radius,
             .quality      = &work->quality,
             .fingerprint  = options->fingerprint,
  };

  PetscFunctionBeginUser;
  PetscCall(ost_gmsh_write(&work->mesh, n->msh_tmp));
  if (density && options->source == OST_GEOMETRY_MESH) {
    PetscCall(copy_file(options->mesh_density, n->density_tmp));
  } else if (density) {
    PetscCall(ost_nifti_write(n->density_tmp, &work->limb.density, "apparent density, g/cm3"));
  }
  PetscCall(ost_limb_file_write(&limb, n->yaml_tmp));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* All files under temporary names, then renamed: a reader never sees half of them. */
static PetscErrorCode write_limb(const OstLimbOptions *options, const Work *work, const char *out)
{
  const PetscBool given =
      (PetscBool)(options->source == OST_GEOMETRY_MESH && options->mesh_density[0]);
  const PetscBool density = (PetscBool)(work->limb.density.n[0] > 0 || given);
  Names           n;
  PetscErrorCode  ierr;

  PetscFunctionBeginUser;
  PetscCall(name_files(options, out, &n));
  PetscCall(make_folder(n.folder));
  ierr = write_parts(options, work, &n, density);
  if (!ierr && density && rename(n.density_tmp, n.density)) ierr = PETSC_ERR_FILE_WRITE;
  if (!ierr && rename(n.msh_tmp, n.msh)) ierr = PETSC_ERR_FILE_WRITE;
  if (!ierr && rename(n.yaml_tmp, n.yaml)) ierr = PETSC_ERR_FILE_WRITE;
  if (ierr) {
    (void)unlink(n.msh_tmp);
    (void)unlink(n.yaml_tmp);
    (void)unlink(n.density_tmp);
  }
  PetscCall(ierr);
  if (!density) (void)unlink(n.density); /* one of an earlier mesh would be taken for this one's */
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- main ------------------------------------------------------------------------------------- */

static PetscErrorCode work_destroy(Work *work)
{
  PetscFunctionBeginUser;
  PetscCall(ost_tet_mesh_destroy(&work->mesh));
  PetscCall(ost_limb_bone_destroy(&work->limb));
  PetscCall(PetscFree3(work->canal_z, work->canal_radius, work->outer_radius));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Rank 0 does the work; the others learn how it ended. */
static PetscErrorCode run(const Arguments *a, OstExit *exit_code)
{
  OstDiagList   *list, *failed;
  OstCase       *file = NULL;
  OstLimbOptions options;
  Work           work;
  PetscMPIInt    rank;
  int            code = OST_EXIT_DONE;

  PetscFunctionBeginUser;
  memset(&work, 0, sizeof(work));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_diag_create(&failed));
  PetscCall(read_case(a->case_path, list, &file, &options));
  if (rank == 0) {
    if (ost_diag_num_errors(list) == 0) PetscCall(check_targets(&options, file, a, list));
    if (ost_diag_num_errors(list) == 0) {
      PetscCall(mesh_limb(&options, list, failed, &work));
      if (ost_diag_num_errors(list) + ost_diag_num_errors(failed) == 0) {
        PetscCall(write_limb(&options, &work, a->out));
        if (!a->quiet) PetscCall(ost_quality_print(&work.quality, stdout));
      }
      PetscCall(ost_gmsh_end());
    }
    if (ost_diag_num_errors(list) > 0)
      code = OST_EXIT_INPUT;
    else if (ost_diag_num_errors(failed) > 0)
      code = OST_EXIT_NUMBERS;
    if (ost_diag_num_errors(list) + ost_diag_num_warnings(list) > 0) {
      PetscCall(ost_diag_print(list, stderr));
    }
    if (ost_diag_num_errors(failed) + ost_diag_num_warnings(failed) > 0) {
      PetscCall(ost_diag_print(failed, stderr));
    }
    PetscCall(work_destroy(&work));
  }
  PetscCallMPI(MPI_Bcast(&code, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  if (file) PetscCall(ost_case_destroy(&file));
  PetscCall(ost_diag_destroy(&list));
  PetscCall(ost_diag_destroy(&failed));
  *exit_code = (OstExit)code;
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  Arguments      arguments;
  OstExit        code = OST_EXIT_BUG;
  PetscErrorCode ierr;
  int            rest = 1;

  if (!parse_arguments(argc, argv, &arguments)) return OST_EXIT_INPUT;
  if (arguments.help) {
    (void)fputs(help, stdout);
    return ost_diag_exit_code("osteon-mesh", OST_EXIT_DONE);
  }
  if (arguments.version) {
    char gmsh[64], petsc[128];
    ost_gmsh_version(gmsh, sizeof(gmsh));
    (void)PetscGetVersion(petsc, sizeof(petsc));
    printf("osteon-mesh %s\n%s\n%s\n", OSTEON_VERSION, gmsh, petsc);
    return ost_diag_exit_code("osteon-mesh", OST_EXIT_DONE);
  }

  /* PETSc sees what stands behind --, nothing else. */
  while (rest < argc && strcmp(argv[rest], "--")) rest++;
  for (int i = rest + 1; i < argc; i++) argv[1 + i - (rest + 1)] = argv[i];
  argc = rest < argc ? argc - rest : 1;
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return OST_EXIT_BUG;
  if (PetscPushErrorHandler(on_error, NULL)) return OST_EXIT_BUG;
  ierr = run(&arguments, &code);
  if (ierr == PETSC_ERR_FILE_OPEN || ierr == PETSC_ERR_FILE_WRITE || ierr == PETSC_ERR_FILE_READ ||
      ierr == PETSC_ERR_MEM) {
    code = OST_EXIT_SYSTEM;
  } else if (ierr)
    code = OST_EXIT_BUG;
  if (ierr) { /* the other ranks wait for rank 0 */
    int size = 1;
    (void)MPI_Comm_size(PETSC_COMM_WORLD, &size);
    if (size > 1) MPI_Abort(PETSC_COMM_WORLD, (int)code);
  }
  (void)PetscPopErrorHandler();
  code = ost_diag_exit_code("osteon-mesh", code);
  if (PetscFinalize()) return OST_EXIT_BUG;
  return (int)ost_diag_exit_code("osteon-mesh", code);
}
