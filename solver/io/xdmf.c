#include "io/xdmf.h"

#include "io/files.h"
#include "io/results.h"

#include <stdlib.h>

/* One cell type of a snapshot. */
typedef struct {
  const char   *name, *topology, *cells; /* grid, XDMF's type, dataset of the connectivity */
  PetscInt      num_cells, nodes_per_cell;
  OstFieldPlace place; /* of its cell fields */
} Grid;

struct OstXdmf {
  const OstMesh *mesh;
  PetscMPIInt    rank;
  char           path[PETSC_MAX_PATH_LEN];
  FILE          *grids; /* all snapshots so far, in memory; NULL on ranks other than 0 */
  char          *text;  /* its content after a flush */
  size_t         length;
};

PetscErrorCode ost_xdmf_create(const char *directory, const OstMesh *mesh, OstXdmf **xdmf)
{
  OstXdmf *x;
  int      good = 1;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(xdmf));
  x       = *xdmf;
  x->mesh = mesh;
  PetscCallMPI(MPI_Comm_rank(mesh->comm, &x->rank));
  PetscCall(ost_path_in(mesh->comm, directory, OST_XDMF_FILE, x->path));
  if (x->rank == 0) {
    x->grids = open_memstream(&x->text, &x->length);
    good     = x->grids ? 1 : 0;
  }
  PetscCallMPI(MPI_Bcast(&good, 1, MPI_INT, 0, mesh->comm));
  PetscCheck(good, mesh->comm, PETSC_ERR_MEM, "%s: no memory", x->path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_xdmf_destroy(OstXdmf **xdmf)
{
  PetscFunctionBeginUser;
  if (!*xdmf) PetscFunctionReturn(PETSC_SUCCESS);
  if ((*xdmf)->grids) (void)fclose((*xdmf)->grids); /* memory */
  free((*xdmf)->text);
  PetscCall(PetscFree(*xdmf));
  PetscFunctionReturn(PETSC_SUCCESS);
}

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
static void put_data(FILE *out, const char *indent, PetscBool is_int, PetscInt rows, PetscInt comp,
                     const char *path)
{
  const int precision = (int)(is_int ? sizeof(PetscInt) : sizeof(PetscReal));

  (void)fprintf(out, "%s<DataItem Dimensions=\"%" PetscInt_FMT, indent, rows);
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

static void put_field(FILE *out, const OstFieldInfo *info, PetscInt index, PetscInt rows)
{
  const char     *group  = info->place == OST_ON_NODE   ? "node"
                           : info->place == OST_ON_CELL ? "cell"
                                                        : "interface";
  const PetscBool is_int = (PetscBool)!strcmp(info->unit, "index");
  char            path[512];

  (void)snprintf(path, sizeof path, "/steps/%05d/%s/%s", (int)index, group, info->name);
  (void)fprintf(out, "          <Attribute Name=\"%s\" AttributeType=\"%s\" Center=\"%s\">\n",
                info->name, attribute_type(info->num_comp),
                info->place == OST_ON_NODE ? "Node" : "Cell");
  put_data(out, "            ", is_int, rows, info->num_comp, path);
  (void)fputs("          </Attribute>\n", out);
}

static void put_grid(FILE *out, const OstMesh *mesh, const Grid *g, const OstSnapshot *s)
{
  (void)fprintf(out, "        <Grid Name=\"%s\" GridType=\"Uniform\">\n", g->name);
  (void)fprintf(out, "          <Time Value=\"%.15g\"/>\n", (double)s->day);
  (void)fprintf(out,
                "          <Topology TopologyType=\"%s\" NumberOfElements=\"%" PetscInt_FMT "\">\n",
                g->topology, g->num_cells);
  put_data(out, "            ", PETSC_TRUE, g->num_cells, g->nodes_per_cell, g->cells);
  (void)fputs("          </Topology>\n          <Geometry GeometryType=\"XYZ\">\n", out);
  put_data(out, "            ", PETSC_FALSE, mesh->total_nodes, 3, "/mesh/nodes");
  (void)fputs("          </Geometry>\n", out);
  for (PetscInt i = 0; i < s->num_fields; i++) {
    const OstFieldInfo *info = &s->fields[i].info;
    if (info->place == OST_ON_NODE) put_field(out, info, s->index, mesh->total_nodes);
    if (info->place == g->place) put_field(out, info, s->index, g->num_cells);
  }
}

static void put_static(FILE *out, const char *name, PetscInt rows, const char *path)
{
  (void)fprintf(out, "          <Attribute Name=\"%s\" AttributeType=\"Scalar\" Center=\"Cell\">\n",
                name);
  put_data(out, "            ", PETSC_TRUE, rows, 1, path);
  (void)fputs("          </Attribute>\n", out);
}

static void put_snapshot(FILE *out, const OstMesh *mesh, const OstSnapshot *s)
{
  const Grid limb = {"limb", "Tetrahedron_10", "/mesh/cells", mesh->total_cells, 10, OST_ON_CELL};
  const Grid face = {"interface", "Triangle_6",         "/mesh/interface/faces", mesh->total_faces,
                     6,           OST_ON_INTERFACE_FACE};

  (void)fputs("      <Grid Name=\"day ", out);
  (void)fprintf(out, "%g ", (double)s->day);
  put_escaped(out, s->stage ? s->stage : "");
  (void)fputs("\" GridType=\"Collection\" CollectionType=\"Spatial\">\n", out);
  (void)fprintf(out, "        <Time Value=\"%.15g\"/>\n", (double)s->day);
  put_grid(out, mesh, &limb, s);
  put_static(out, "region", mesh->total_cells, "/mesh/region");
  (void)fputs("        </Grid>\n", out);
  if (mesh->total_faces > 0) {
    put_grid(out, mesh, &face, s);
    put_static(out, "zone", mesh->total_faces, "/mesh/interface/zone");
    put_static(out, "coated", mesh->total_faces, "/mesh/interface/coated");
    (void)fputs("        </Grid>\n", out);
  }
  (void)fputs("      </Grid>\n", out);
}

PetscErrorCode ost_xdmf_snapshot(OstXdmf *x, const OstSnapshot *snapshot)
{
  OstAtomicFile f;

  PetscFunctionBeginUser;
  PetscCall(ost_atomic_file_begin(x->mesh->comm, x->path, &f));
  if (f.file) {
    put_snapshot(x->grids, x->mesh, snapshot);
    (void)fflush(x->grids); /* memory; brings text up to date */
    (void)fprintf(f.file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                          "<Xdmf Version=\"3.0\">\n  <Domain>\n"
                          "    <Grid Name=\"osteon\" GridType=\"Collection\" "
                          "CollectionType=\"Temporal\">\n");
    (void)fwrite(x->text, 1, x->length, f.file);
    (void)fputs("    </Grid>\n  </Domain>\n</Xdmf>\n", f.file);
  }
  PetscCall(ost_atomic_file_end(&f));
  PetscFunctionReturn(PETSC_SUCCESS);
}
