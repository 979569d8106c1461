#include "io/xdmf.h"

#include "io/files.h"
#include "io/results.h"

#include <stdlib.h>

/* What is known of the grids of one series so far, as text. */
typedef struct {
  FILE  *file; /* in memory; NULL on ranks other than 0 */
  char  *text; /* after a flush: all that was printed */
  size_t length;
} Memory;

enum { LIMB, INTERFACE, FALLS, NUM_SERIES };

struct OstXdmf {
  const OstMesh *mesh;
  PetscBool      axis; /* /mesh has the direction of the shaft */
  PetscMPIInt    rank;
  char           path[PETSC_MAX_PATH_LEN], falls_path[PETSC_MAX_PATH_LEN];
  Memory         series[NUM_SERIES];
};

/* A grid's cells. */
typedef struct {
  const char   *topology, *dataset; /* XDMF's type; the connectivity in results.h5 */
  PetscInt      num, num_nodes;     /* cells, nodes of each */
  OstFieldPlace place;              /* of its cell fields */
} Cells;

static Cells limb_cells(const OstMesh *mesh)
{
  return (Cells){"Tetrahedron_10", "/mesh/cells", mesh->total_cells, 10, OST_ON_CELL};
}

static Cells interface_cells(const OstMesh *mesh)
{
  return (Cells){"Triangle_6", "/mesh/interface/faces", mesh->total_faces, 6,
                 OST_ON_INTERFACE_FACE};
}

PetscErrorCode ost_xdmf_create(const char *directory, const OstMesh *mesh,
                               const OstStaticFields *fields, OstXdmf **xdmf)
{
  OstXdmf *x;
  int      good = 1;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(xdmf));
  x       = *xdmf;
  x->mesh = mesh;
  x->axis = fields->axis ? PETSC_TRUE : PETSC_FALSE;
  PetscCallMPI(MPI_Comm_rank(mesh->comm, &x->rank));
  PetscCall(ost_path_in(mesh->comm, directory, OST_XDMF_FILE, x->path));
  PetscCall(ost_path_in(mesh->comm, directory, OST_XDMF_FALLS_FILE, x->falls_path));
  for (int i = 0; i < NUM_SERIES && x->rank == 0; i++) {
    Memory *m = &x->series[i];
    m->file   = open_memstream(&m->text, &m->length);
    good      = good && m->file;
  }
  PetscCallMPI(MPI_Bcast(&good, 1, MPI_INT, 0, mesh->comm));
  PetscCheck(good, mesh->comm, PETSC_ERR_MEM, "%s: no memory", x->path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_xdmf_destroy(OstXdmf **xdmf)
{
  PetscFunctionBeginUser;
  if (!*xdmf) PetscFunctionReturn(PETSC_SUCCESS);
  for (int i = 0; i < NUM_SERIES; i++) {
    Memory *m = &(*xdmf)->series[i];
    if (m->file) (void)fclose(m->file); /* memory */
    free(m->text);
  }
  PetscCall(PetscFree(*xdmf));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- pieces of XML ---------------------------------------------------------------------------- */

static void put_escaped(FILE *out, const char *text)
{
  for (const char *c = text; *c; c++) {
    switch (*c) {
    case '&':
      (void)fputs("&amp;", out);
      break;
    case '<':
      (void)fputs("&lt;", out);
      break;
    case '>':
      (void)fputs("&gt;", out);
      break;
    case '"':
      (void)fputs("&quot;", out);
      break;
    default:
      (void)fputc((unsigned char)*c < ' ' ? ' ' : *c, out);
    }
  }
}

/* A dataset of results.h5 [rows x comp]. */
static void put_data(FILE *out, PetscBool is_int, PetscInt rows, PetscInt comp, const char *path)
{
  const int precision = (int)(is_int ? sizeof(PetscInt) : sizeof(PetscReal));

  (void)fprintf(out, "          <DataItem Dimensions=\"%" PetscInt_FMT, rows);
  if (comp > 1) (void)fprintf(out, " %" PetscInt_FMT, comp);
  (void)fprintf(out, "\" NumberType=\"%s\" Precision=\"%d\" Format=\"HDF\">%s:%s</DataItem>\n",
                is_int ? "Int" : "Float", precision, OST_RESULTS_FILE, path);
}

static const char *attribute_type(PetscInt num_comp)
{
  if (num_comp == 1) return "Scalar";
  if (num_comp == 3) return "Vector";
  return num_comp == 9 ? "Tensor" : "Matrix";
}

/* A field below `group` of results.h5. */
static void put_field(FILE *out, const OstMesh *mesh, const char *group, const OstFieldInfo *info,
                      PetscInt num_cells)
{
  const PetscBool on_node = (PetscBool)(info->place == OST_ON_NODE);
  const char     *folder  = on_node ? "node" : info->place == OST_ON_CELL ? "cell" : "interface";
  char            path[512];

  (void)snprintf(path, sizeof path, "%s/%s/%s", group, folder, info->name);
  (void)fprintf(out, "        <Attribute Name=\"%s\" AttributeType=\"%s\" Center=\"%s\">\n",
                info->name, attribute_type(info->num_comp), on_node ? "Node" : "Cell");
  put_data(out, (PetscBool)!strcmp(info->unit, "index"), on_node ? mesh->total_nodes : num_cells,
           info->num_comp, path);
  (void)fputs("        </Attribute>\n", out);
}

/* What stays the same of each cell: a number, or a vector of reals. */
static void put_static(FILE *out, const char *name, PetscInt num_cells, PetscInt num_comp,
                       const char *path)
{
  (void)fprintf(out, "        <Attribute Name=\"%s\" AttributeType=\"%s\" Center=\"Cell\">\n", name,
                attribute_type(num_comp));
  put_data(out, (PetscBool)(num_comp == 1), num_cells, num_comp, path);
  (void)fputs("        </Attribute>\n", out);
}

static void put_limb_static(FILE *out, const OstXdmf *x, PetscInt num_cells)
{
  put_static(out, "region", num_cells, 1, "/mesh/region");
  if (x->axis) put_static(out, "shaft_axis", num_cells, 3, "/mesh/shaft_axis");
}

static void put_grid_begin(FILE *out, const OstMesh *mesh, const char *name, const char *more,
                           PetscReal day, const Cells *cells)
{
  (void)fputs("      <Grid Name=\"", out);
  put_escaped(out, name);
  (void)fprintf(out, " day %g%s", (double)day, more && more[0] ? ", " : "");
  put_escaped(out, more ? more : "");
  (void)fprintf(out,
                "\" GridType=\"Uniform\">\n        <Time Value=\"%.15g\"/>\n"
                "        <Topology TopologyType=\"%s\" NumberOfElements=\"%" PetscInt_FMT "\">\n",
                (double)day, cells->topology, cells->num);
  put_data(out, PETSC_TRUE, cells->num, cells->num_nodes, cells->dataset);
  (void)fputs("        </Topology>\n        <Geometry GeometryType=\"XYZ\">\n", out);
  put_data(out, PETSC_FALSE, mesh->total_nodes, 3, "/mesh/nodes");
  (void)fputs("        </Geometry>\n", out);
}

static void put_grid_end(FILE *out)
{
  (void)fputs("      </Grid>\n", out);
}

/* The fields of a snapshot that live on these cells or on nodes. */
static void put_fields(FILE *out, const OstMesh *mesh, const char *group, PetscInt num,
                       const OstField fields[], const Cells *cells)
{
  for (PetscInt i = 0; i < num; i++) {
    const OstFieldInfo *info = &fields[i].info;
    if (info->place != OST_ON_NODE && info->place != cells->place) continue;
    put_field(out, mesh, group, info, cells->num);
  }
}

static void put_head(FILE *out)
{
  (void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Xdmf Version=\"3.0\">\n  <Domain>\n",
              out);
}

static void put_tail(FILE *out)
{
  (void)fputs("  </Domain>\n</Xdmf>\n", out);
}

static void put_memory(FILE *out, Memory *m)
{
  (void)fflush(m->file); /* memory; brings text up to date */
  (void)fwrite(m->text, 1, m->length, out);
}

static void put_series(FILE *out, const char *name, Memory *m)
{
  (void)fprintf(out, "    <Grid Name=\"%s\" GridType=\"Collection\" CollectionType=\"Temporal\">\n",
                name);
  put_memory(out, m);
  (void)fputs("    </Grid>\n", out);
}

/* --- the files -------------------------------------------------------------------------------- */

static void add_snapshot(OstXdmf *x, const OstSnapshot *s)
{
  const OstMesh *mesh = x->mesh;
  const Cells    limb = limb_cells(mesh), face = interface_cells(mesh);
  FILE          *out = x->series[LIMB].file, *faces_out = x->series[INTERFACE].file;
  char           group[64];

  (void)snprintf(group, sizeof group, "/steps/%05d", (int)s->index);
  put_grid_begin(out, mesh, "limb", s->stage, s->day, &limb);
  put_fields(out, mesh, group, s->num_fields, s->fields, &limb);
  put_limb_static(out, x, limb.num);
  put_grid_end(out);
  if (!face.num) return;
  put_grid_begin(faces_out, mesh, "interface", s->stage, s->day, &face);
  put_fields(faces_out, mesh, group, s->num_fields, s->fields, &face);
  put_static(faces_out, "zone", face.num, 1, "/mesh/interface/zone");
  put_static(faces_out, "coated", face.num, 1, "/mesh/interface/coated");
  put_static(faces_out, "surface", face.num, 1, "/mesh/interface/surface");
  put_grid_end(faces_out);
}

static PetscErrorCode write_series(OstXdmf *x)
{
  OstAtomicFile f;

  PetscFunctionBeginUser;
  PetscCall(ost_atomic_file_begin(x->mesh->comm, x->path, &f));
  if (f.file) {
    put_head(f.file);
    put_series(f.file, "limb", &x->series[LIMB]);
    if (x->mesh->total_faces > 0) put_series(f.file, "interface", &x->series[INTERFACE]);
    put_tail(f.file);
  }
  PetscCall(ost_atomic_file_end(&f));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_xdmf_snapshot(OstXdmf *x, const OstSnapshot *snapshot)
{
  PetscFunctionBeginUser;
  if (x->series[LIMB].file) add_snapshot(x, snapshot);
  PetscCall(write_series(x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode write_falls(OstXdmf *x)
{
  OstAtomicFile f;

  PetscFunctionBeginUser;
  PetscCall(ost_atomic_file_begin(x->mesh->comm, x->falls_path, &f));
  if (f.file) {
    put_head(f.file);
    put_memory(f.file, &x->series[FALLS]);
    put_tail(f.file);
  }
  PetscCall(ost_atomic_file_end(&f));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_xdmf_fall(OstXdmf *x, const char *group, const OstFallReport *fall)
{
  const Cells limb = limb_cells(x->mesh);
  FILE       *out  = x->series[FALLS].file;

  PetscFunctionBeginUser;
  if (out) {
    put_grid_begin(out, x->mesh, fall->name, NULL, fall->day, &limb);
    put_fields(out, x->mesh, group, fall->num_fields, fall->fields, &limb);
    put_limb_static(out, x, limb.num);
    put_grid_end(out);
  }
  PetscCall(write_falls(x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_xdmf_archive(OstXdmf *x, OstArchive *archive)
{
  static const char *const names[NUM_SERIES] = {
      [LIMB] = "output/limb", [INTERFACE] = "output/interface", [FALLS] = "output/falls"};
  PetscInt some_falls = 0;

  PetscFunctionBeginUser;
  for (int i = 0; i < NUM_SERIES; i++) {
    Memory *m    = &x->series[i];
    char   *text = NULL;
    if (m->file) (void)fflush(m->file); /* memory; brings text up to date */
    if (!archive->loading) text = m->text;
    PetscCall(archive->text(archive, names[i], &text));
    if (!archive->loading) continue;
    if (m->file) (void)fputs(text, m->file);
    if (i == FALLS && m->file) some_falls = text[0] != '\0';
    PetscCall(PetscFree(text));
  }
  if (!archive->loading) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCallMPI(MPI_Bcast(&some_falls, 1, MPIU_INT, 0, x->mesh->comm));
  PetscCall(write_series(x));
  if (some_falls) PetscCall(write_falls(x));
  PetscFunctionReturn(PETSC_SUCCESS);
}
