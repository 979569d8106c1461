#include "mesh/msh_file.h"

#include "base/tensor.h"

#include <errno.h>

enum { TRI6 = 9, TET10 = 11 }; /* Gmsh element types */

/* --- a stream of numbers, ASCII or binary ---------------------------------------------------- */

typedef struct {
  FILE     *file;
  long      size; /* bytes */
  PetscBool binary;
  PetscBool failed; /* sticky: a whole section is read, then looked at once */
} Stream;

/* FALSE, and a failed stream, for a count of things that take `bytes` each and cannot all be in the
   file: a damaged number must not become an allocation. */
static PetscBool is_count(Stream *s, long count, long bytes)
{
  if (count < 0 || count > s->size / bytes) s->failed = PETSC_TRUE;
  return s->failed ? PETSC_FALSE : PETSC_TRUE;
}

static void read_ints(Stream *s, int n, long out[])
{
  for (int i = 0; i < n; i++) {
    int v = 0;
    if (s->binary) {
      if (fread(&v, sizeof v, 1, s->file) != 1) s->failed = PETSC_TRUE;
      out[i] = v;
    } else if (fscanf(s->file, "%ld", &out[i]) != 1) {
      s->failed = PETSC_TRUE;
      out[i]    = 0;
    }
  }
}

/* n numbers that the format has as size_t, which beyond all sense come out negative. */
static void read_sizes(Stream *s, long n, long out[])
{
  _Static_assert(sizeof(long) == sizeof(size_t), "a long holds what Gmsh writes as size_t");
  const long got = s->binary ? (long)fread(out, sizeof *out, (size_t)n, s->file) : 0;

  for (long i = got; i < n; i++) {
    if (!s->binary && !s->failed && fscanf(s->file, "%ld", &out[i]) == 1) continue;
    s->failed = PETSC_TRUE;
    out[i]    = 0;
  }
}

static void read_doubles(Stream *s, long n, double out[])
{
  const long got = s->binary ? (long)fread(out, sizeof *out, (size_t)n, s->file) : 0;

  for (long i = got; i < n; i++) {
    if (!s->binary && !s->failed && fscanf(s->file, "%lf", &out[i]) == 1) continue;
    s->failed = PETSC_TRUE;
    out[i]    = 0.0;
  }
}

/* --- the sections ---------------------------------------------------------------------------- */

typedef struct {
  long dim, tag;
  long group; /* OstRegion or OstSurfaceGroup; -1 none or a name we do not know */
} Entity;

typedef struct {
  long dim, tag, group;
} Physical;

typedef struct {
  Stream       stream;
  const char  *path;
  OstDiagList *list;
  PetscInt     num_physicals, num_entities;
  Physical    *physicals;
  Entity      *entities;
  long         max_node_tag;
  PetscInt    *node_of_tag; /* [max_node_tag + 1] index in file order, -1 */
} Reader;

static OstWhere whole_file(const Reader *r)
{
  return (OstWhere){r->path, 0};
}

static PetscErrorCode read_physical_names(Reader *r)
{
  int n = 0;

  PetscFunctionBeginUser;
  if (fscanf(r->stream.file, "%d", &n) != 1) n = -1;
  if (!is_count(&r->stream, n, 6)) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscCalloc1(n, &r->physicals));
  r->num_physicals = n;
  for (int i = 0; i < n; i++) {
    Physical *p         = &r->physicals[i];
    char      name[128] = "";
    if (fscanf(r->stream.file, "%ld %ld \"%127[^\"]\"", &p->dim, &p->tag, name) != 3) {
      r->stream.failed = PETSC_TRUE;
      break;
    }
    p->group = p->dim == 3 ? ost_region_find(name) : p->dim == 2 ? ost_surface_find(name) : -1;
    if (p->group < 0 && p->dim >= 2)
      PetscCall(ost_diag_warning(r->list, whole_file(r), NULL,
                                 "physical group \"%s\" is not one this program knows; ignored",
                                 name));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static long group_of_physical(const Reader *r, long dim, long tag)
{
  for (PetscInt i = 0; i < r->num_physicals; i++)
    if (r->physicals[i].dim == dim && r->physicals[i].tag == tag) return r->physicals[i].group;
  return -1;
}

static PetscErrorCode read_entities(Reader *r)
{
  long count[4];

  PetscFunctionBeginUser;
  read_sizes(&r->stream, 4, count);
  for (int dim = 0; dim < 4; dim++)
    if (!is_count(&r->stream, count[dim], 8)) PetscFunctionReturn(PETSC_SUCCESS);
  r->num_entities = (PetscInt)(count[0] + count[1] + count[2] + count[3]);
  PetscCall(PetscCalloc1(r->num_entities, &r->entities));
  for (PetscInt e = 0, dim = 0, i = 0; e < r->num_entities && !r->stream.failed; e++, i++) {
    Entity *entity = &r->entities[e];
    double  box[6];
    long    num, value;
    while (i >= count[dim]) dim++, i = 0;
    entity->dim   = dim;
    entity->group = -1;
    read_ints(&r->stream, 1, &entity->tag);
    read_doubles(&r->stream, dim == 0 ? 3 : 6, box);
    read_sizes(&r->stream, 1, &num);
    for (long k = 0; k < num && !r->stream.failed; k++) {
      read_ints(&r->stream, 1, &value);
      const long group = group_of_physical(r, dim, value);
      if (entity->group < 0) entity->group = group;
    }
    if (dim == 0) continue;
    read_sizes(&r->stream, 1, &num); /* bounding entities, not needed */
    for (long k = 0; k < num && !r->stream.failed; k++) read_ints(&r->stream, 1, &value);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Numbers are read as many at a time as this; one by one they take as long as all the rest. */
enum { CHUNK = 4096 };

/* The tags of num nodes, the first of them `first` in the file's order. */
static void read_tags(Reader *r, long num, long first)
{
  long tag[CHUNK];

  for (long done = 0; done < num && !r->stream.failed; done += CHUNK) {
    const long part = PetscMin(num - done, CHUNK);
    read_sizes(&r->stream, part, tag);
    for (long i = 0; i < part; i++)
      if (tag[i] < 1 || tag[i] > r->max_node_tag)
        r->stream.failed = PETSC_TRUE;
      else
        r->node_of_tag[tag[i]] = (PetscInt)(first + done + i);
  }
}

static PetscErrorCode read_nodes(Reader *r, OstMshFile *msh)
{
  long head[4]; /* blocks, nodes, smallest tag, largest tag */

  PetscFunctionBeginUser;
  read_sizes(&r->stream, 4, head);
  if (r->stream.failed || head[1] <= 0 || head[3] < head[1]) r->stream.failed = PETSC_TRUE;
  if (!is_count(&r->stream, head[1], 8)) PetscFunctionReturn(PETSC_SUCCESS);
  if (head[3] / 64 > head[1] + 1000) {
    PetscCall(ost_diag_error(r->list, whole_file(r), "renumber the mesh",
                             "node numbers up to %ld for %ld nodes", head[3], head[1]));
    r->stream.failed = PETSC_TRUE;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  r->max_node_tag = head[3];
  PetscCall(PetscMalloc1(head[3] + 1, &r->node_of_tag));
  for (long i = 0; i <= head[3]; i++) r->node_of_tag[i] = -1;
  PetscCall(PetscMalloc1(3 * head[1], &msh->x));
  for (long b = 0, first = 0; b < head[0] && !r->stream.failed; b++) {
    long block[3], num;
    read_ints(&r->stream, 3, block); /* dimension, entity, parametric */
    read_sizes(&r->stream, 1, &num);
    if (block[2]) r->stream.failed = PETSC_TRUE; /* parametric coordinates are never written */
    if (num < 0 || num > head[1] - first) r->stream.failed = PETSC_TRUE;
    read_tags(r, num, first);
    if (!r->stream.failed) read_doubles(&r->stream, 3 * num, &msh->x[3 * first]);
    first += num;
    msh->num_nodes = (PetscInt)first;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static long group_of_entity(const Reader *r, long dim, long tag)
{
  for (PetscInt i = 0; i < r->num_entities; i++)
    if (r->entities[i].dim == dim && r->entities[i].tag == tag) return r->entities[i].group;
  return -1;
}

/* From tags to the file's order. */
static void take_nodes(Reader *r, int num, const long tag[], PetscInt nodes[])
{
  for (int k = 0; k < num; k++) {
    nodes[k] = tag[k] < 1 || tag[k] > r->max_node_tag ? -1 : r->node_of_tag[tag[k]];
    if (nodes[k] < 0) r->stream.failed = PETSC_TRUE;
  }
}

static PetscErrorCode read_elements(Reader *r, OstMshFile *msh)
{
  long head[4];

  PetscFunctionBeginUser;
  read_sizes(&r->stream, 4, head);
  if (r->stream.failed || head[1] <= 0) r->stream.failed = PETSC_TRUE;
  if (!is_count(&r->stream, head[1], 4)) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(10 * head[1], &msh->cells));
  PetscCall(PetscMalloc1(head[1], &msh->region));
  PetscCall(PetscMalloc1(6 * head[1], &msh->facets));
  PetscCall(PetscMalloc1(head[1], &msh->surface));
  for (long b = 0, first = 0; b < head[0] && !r->stream.failed; b++) {
    static const int nodes_of_type[] = {0, 2, 3, 4, 4, 8, 6, 5, 3, 6, 9, 10, 27, 18, 14, 1};
    long             block[3], num;
    read_ints(&r->stream, 3, block); /* dimension, entity, type */
    read_sizes(&r->stream, 1, &num);
    if (num < 0 || num > head[1] - first) r->stream.failed = PETSC_TRUE;
    if (r->stream.failed) break;
    first += num;
    const long dim = block[0], type = block[2], group = group_of_entity(r, dim, block[1]);
    if (type < 1 || type > 15) {
      PetscCall(ost_diag_error(r->list, whole_file(r), "mesh it again with `osteon mesh`",
                               "element type %ld cannot be read", type));
      break;
    }
    if (dim == 3 && type != TET10)
      PetscCall(ost_diag_error(
          r->list, whole_file(r),
          "name the file under geometry.mesh: `osteon mesh` raises it to 10-node tetrahedra",
          "volume elements of Gmsh type %ld; 10-node tetrahedra (11) are wanted", type));
    else if (dim == 3 && group < 0)
      PetscCall(ost_diag_error(
          r->list, whole_file(r),
          "put every tetrahedron into one of: cortical cancellous marrow bone stem abutment",
          "%ld tetrahedra of volume entity %ld belong to no known group", num, block[1]));
    const int nodes = nodes_of_type[type];
    for (long done = 0; done < num && !r->stream.failed; done += CHUNK / 32) {
      const long part = PetscMin(num - done, CHUNK / 32);
      long       number[CHUNK];
      read_sizes(&r->stream, part * (1 + nodes), number);
      for (long i = 0; i < part && !r->stream.failed; i++) {
        const long *node = &number[i * (1 + nodes) + 1]; /* after the element's tag */
        if (dim == 3 && type == TET10 && group >= 0) {
          take_nodes(r, nodes, node, &msh->cells[10 * msh->num_cells]);
          msh->region[msh->num_cells++] = (PetscInt)group;
        } else if (dim == 2 && type == TRI6 && group >= 0) {
          take_nodes(r, nodes, node, &msh->facets[6 * msh->num_facets]);
          msh->surface[msh->num_facets++] = (PetscInt)group;
        }
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode check_groups(const Reader *r, const OstMshFile *msh)
{
  PetscInt regions[OST_NUM_REGIONS] = {0}, surfaces[OST_NUM_SURFACES] = {0}, bone = 0;

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < msh->num_cells; c++) regions[msh->region[c]]++;
  for (PetscInt f = 0; f < msh->num_facets; f++) surfaces[msh->surface[f]]++;
  for (PetscInt i = 0; i < OST_NUM_REGIONS; i++)
    if (!ost_region_is_implant(i)) bone += regions[i];
  if (!bone)
    PetscCall(ost_diag_error(r->list, whole_file(r),
                             "name the bone volume cortical, cancellous, marrow or bone",
                             "no second-order tetrahedra in a bone group"));
  if (!regions[OST_STEM])
    PetscCall(ost_diag_error(r->list, whole_file(r), "name the implant volume stem",
                             "no second-order tetrahedra in the group stem"));
  if (!(surfaces[OST_INTERFACE_COATED] + surfaces[OST_INTERFACE_SMOOTH]))
    PetscCall(
        ost_diag_error(r->list, whole_file(r),
                       "name the faces between stem and bone interface_coated or interface_smooth",
                       "no interface faces"));
  if (!surfaces[OST_PROXIMAL])
    PetscCall(ost_diag_error(r->list, whole_file(r),
                             "name the faces where the bone is held proximal",
                             "no faces in the group proximal"));
  if (!surfaces[OST_ABUTMENT_END])
    PetscCall(ost_diag_error(r->list, whole_file(r),
                             "name the faces where the prosthesis is fixed abutment_end",
                             "no faces in the group abutment_end"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Leave out nodes that no tetrahedron uses, such as points of the geometry: they would be rows
   without stiffness. Faces that stand on one of them lie on no tetrahedron. */
static PetscErrorCode drop_unused_nodes(const Reader *r, OstMshFile *msh)
{
  PetscInt *kept, num = 0, loose = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(msh->num_nodes, &kept));
  for (PetscInt i = 0; i < msh->num_nodes; i++) kept[i] = -1;
  for (PetscInt k = 0; k < 10 * msh->num_cells; k++) kept[msh->cells[k]] = 0;
  for (PetscInt i = 0; i < msh->num_nodes; i++) {
    if (kept[i] < 0) continue;
    for (int d = 0; d < 3; d++) msh->x[3 * num + d] = msh->x[3 * i + d];
    kept[i] = num++;
  }
  if (num < msh->num_nodes)
    PetscCall(ost_diag_warning(r->list, whole_file(r), NULL,
                               "%" PetscInt_FMT " nodes belong to no tetrahedron; left out",
                               msh->num_nodes - num));
  msh->num_nodes = num;
  for (PetscInt k = 0; k < 10 * msh->num_cells; k++) msh->cells[k] = kept[msh->cells[k]];
  for (PetscInt k = 0; k < 6 * msh->num_facets; k++) {
    msh->facets[k] = kept[msh->facets[k]];
    loose += msh->facets[k] < 0;
  }
  if (loose)
    PetscCall(ost_diag_error(r->list, whole_file(r),
                             "surface groups must consist of faces of the tetrahedra",
                             "faces of the surface groups stand on %" PetscInt_FMT
                             " nodes that belong to no tetrahedron",
                             loose));
  PetscCall(PetscFree(kept));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode check_orientation(const Reader *r, const OstMshFile *msh)
{
  PetscInt bad = 0;

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < msh->num_cells; c++) {
    PetscReal edge[3][3], cross[3];
    for (int k = 0; k < 3; k++)
      for (int d = 0; d < 3; d++)
        edge[k][d] =
            msh->x[3 * msh->cells[10 * c + k + 1] + d] - msh->x[3 * msh->cells[10 * c] + d];
    ost_cross3(edge[0], edge[1], cross);
    bad += !(ost_dot3(cross, edge[2]) > 0.0);
  }
  if (bad)
    PetscCall(ost_diag_error(r->list, whole_file(r), "mesh it again with `osteon mesh`",
                             "%" PetscInt_FMT " tetrahedra are flat or turned inside out", bad));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_sections(Reader *r, OstMshFile *msh)
{
  char      line[512];
  PetscBool seen_format = PETSC_FALSE;

  PetscFunctionBeginUser;
  while (!r->stream.failed && fgets(line, sizeof line, r->stream.file)) {
    if (!strncmp(line, "$MeshFormat", 11)) {
      double version;
      int    binary, size, one = 1;
      seen_format = PETSC_TRUE;
      if (fscanf(r->stream.file, "%lf %d %d%*[ \r]", &version, &binary, &size) < 3 ||
          version < 4.05 || version > 4.15 || size != 8) {
        PetscCall(ost_diag_error(r->list, whole_file(r),
                                 "write it as Gmsh 4.1, or name it under geometry.mesh",
                                 "not a mesh in Gmsh format 4.1"));
        PetscFunctionReturn(PETSC_SUCCESS);
      }
      r->stream.binary = binary ? PETSC_TRUE : PETSC_FALSE;
      if (fgetc(r->stream.file) != '\n') r->stream.failed = PETSC_TRUE;
      if (binary && (fread(&one, sizeof one, 1, r->stream.file) != 1 || one != 1)) {
        PetscCall(ost_diag_error(r->list, whole_file(r), "write it on this machine, or as ASCII",
                                 "binary mesh of a machine with another byte order"));
        PetscFunctionReturn(PETSC_SUCCESS);
      }
    } else if (!strncmp(line, "$PhysicalNames", 14))
      PetscCall(read_physical_names(r));
    else if (!strncmp(line, "$Entities", 9))
      PetscCall(read_entities(r));
    else if (!strncmp(line, "$Nodes", 6))
      PetscCall(read_nodes(r, msh));
    else if (!strncmp(line, "$Elements", 9))
      PetscCall(read_elements(r, msh));
  }
  if (!seen_format)
    PetscCall(ost_diag_error(r->list, whole_file(r),
                             "write it as Gmsh 4.1, or name it under geometry.mesh",
                             "not a Gmsh mesh file"));
  else if (r->stream.failed || !msh->num_nodes ||
           (!msh->num_cells && !ost_diag_num_errors(r->list)))
    PetscCall(ost_diag_error(r->list, whole_file(r), "mesh it again with `osteon mesh`",
                             "the file ends early or is damaged"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_msh_read(const char *path, OstDiagList *list, OstMshFile *msh)
{
  Reader         r      = {.path = path, .list = list};
  const PetscInt before = ost_diag_num_errors(list);

  PetscFunctionBeginUser;
  *msh          = (OstMshFile){0};
  r.stream.file = fopen(path, "rb");
  if (!r.stream.file) {
    PetscCall(ost_diag_error(list, whole_file(&r), NULL, "cannot be opened: %s", strerror(errno)));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (!fseek(r.stream.file, 0, SEEK_END)) r.stream.size = ftell(r.stream.file);
  rewind(r.stream.file);
  PetscCall(read_sections(&r, msh));
  fclose(r.stream.file);
  if (ost_diag_num_errors(list) == before) PetscCall(check_groups(&r, msh));
  if (ost_diag_num_errors(list) == before) PetscCall(drop_unused_nodes(&r, msh));
  if (ost_diag_num_errors(list) == before) PetscCall(check_orientation(&r, msh));
  PetscCall(PetscFree(r.physicals));
  PetscCall(PetscFree(r.entities));
  PetscCall(PetscFree(r.node_of_tag));
  if (ost_diag_num_errors(list) > before) PetscCall(ost_msh_free(msh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_msh_free(OstMshFile *msh)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(msh->x));
  PetscCall(PetscFree(msh->cells));
  PetscCall(PetscFree(msh->region));
  PetscCall(PetscFree(msh->facets));
  PetscCall(PetscFree(msh->surface));
  *msh = (OstMshFile){0};
  PetscFunctionReturn(PETSC_SUCCESS);
}
