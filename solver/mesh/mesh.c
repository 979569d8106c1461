#include "mesh/mesh.h"

#include "base/log.h"
#include "base/tensor.h"
#include "mesh/split.h"

#include <petscsf.h>

/* What travels with each cell: a tetrahedron or an interface prism, in file numbering. */
enum {
  CELL_NODES = 0,  /* 12 nodes; a tetrahedron uses ten */
  CELL_KIND  = 12, /* region of a tetrahedron; KIND_FACE + coated of a prism */
  CELL_FILE  = 13, /* number of the cell or interface face in the file */
  CELL_FACES = 14, /* surface group on each of the four faces, -1 none; prism: [0] = bone cell */
  CELL_DATA  = 18,
  KIND_FACE  = 100
};
/* What travels with each node: file number and coordinates. */
enum { NODE_FILE = 0, NODE_X = 1, NODE_DATA = 4 };

/* Everything rank 0 knows before distribution; empty on the others. */
typedef struct {
  OstMshFile msh;
  OstSplit   split;
  PetscInt  *face_group;   /* [num_cells x 4] */
  PetscInt   num_vertices; /* corner nodes */
  PetscInt  *vertex;       /* [split.num_nodes] vertex of each corner node, -1 on mid-side nodes */
} Serial;

/* --- on rank 0 ------------------------------------------------------------------------------- */

typedef struct {
  PetscInt corner[3], group;
} FacetKey;

static FacetKey facet_key(PetscInt a, PetscInt b, PetscInt c, PetscInt group)
{
  const PetscInt low = PetscMin(a, PetscMin(b, c)), high = PetscMax(a, PetscMax(b, c));
  return (FacetKey){{low, a + b + c - low - high, high}, group};
}

static int compare_keys(const void *a, const void *b)
{
  const FacetKey *s = a, *t = b;
  for (int i = 0; i < 3; i++)
    if (s->corner[i] != t->corner[i]) return s->corner[i] < t->corner[i] ? -1 : 1;
  return 0;
}

/* Surface group on each face of each tetrahedron; the interface is left out, it has its own cells.
   Done before the cut, while facets and cells still speak of the same nodes. */
static PetscErrorCode find_face_groups(const OstMshFile *msh, const char *path, OstDiagList *list,
                                       PetscInt **face_group)
{
  FacetKey *keys;
  PetscInt *hits, num = 0, loose = 0, inside = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(msh->num_facets, &keys));
  PetscCall(PetscMalloc1(4 * msh->num_cells, face_group));
  for (PetscInt f = 0; f < msh->num_facets; f++) {
    const PetscInt *n = &msh->facets[6 * f];
    if (msh->surface[f] == OST_INTERFACE_COATED || msh->surface[f] == OST_INTERFACE_SMOOTH)
      continue;
    keys[num++] = facet_key(n[0], n[1], n[2], msh->surface[f]);
  }
  qsort(keys, (size_t)num, sizeof *keys, compare_keys);
  PetscCall(PetscCalloc1(num, &hits));
  for (PetscInt c = 0; c < msh->num_cells; c++) {
    for (int k = 0; k < 4; k++) {
      const PetscInt *cell = &msh->cells[10 * c], *face = ost_gmsh_tet_faces[k];
      const FacetKey  key      = facet_key(cell[face[0]], cell[face[1]], cell[face[2]], -1);
      const FacetKey *hit      = bsearch(&key, keys, (size_t)num, sizeof *keys, compare_keys);
      (*face_group)[4 * c + k] = hit ? hit->group : -1;
      if (hit) hits[hit - keys]++;
    }
  }
  for (PetscInt i = 0; i < num; i++) {
    loose += !hits[i];
    inside += hits[i] == 2;
  }
  if (loose || inside)
    PetscCall(ost_diag_error(
        list, (OstWhere){path, 0}, "list each outer face of the tetrahedra once, in one group",
        "surface groups hold %" PetscInt_FMT " faces that are of no tetrahedron or listed twice, "
        "and %" PetscInt_FMT " that lie inside the body",
        loose, inside));
  PetscCall(PetscFree(hits));
  PetscCall(PetscFree(keys));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode number_vertices(Serial *s)
{
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(s->split.num_nodes, &s->vertex));
  for (PetscInt i = 0; i < s->split.num_nodes; i++) s->vertex[i] = -1;
  for (PetscInt c = 0; c < s->msh.num_cells; c++)
    for (int a = 0; a < 4; a++) s->vertex[s->msh.cells[10 * c + a]] = 0;
  for (PetscInt i = 0; i < s->split.num_nodes; i++)
    if (s->vertex[i] == 0) s->vertex[i] = s->num_vertices++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Read, cut and number on rank 0; every rank learns the faults. */
static PetscErrorCode read_serial(MPI_Comm comm, const char *path, PetscBool tied,
                                  OstDiagList *list, Serial *s)
{
  const PetscInt before = ost_diag_num_errors(list);
  PetscMPIInt    rank;
  int            faults = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (!rank) {
    PetscCall(ost_msh_read(path, list, &s->msh));
    if (ost_diag_num_errors(list) == before) {
      PetscCall(find_face_groups(&s->msh, path, list, &s->face_group));
      if (tied)
        s->split.num_nodes = s->msh.num_nodes;
      else
        PetscCall(ost_split_interface(&s->msh, path, list, &s->split));
      PetscCall(number_vertices(s));
    }
    faults = (int)(ost_diag_num_errors(list) - before);
  }
  PetscCallMPI(MPI_Bcast(&faults, 1, MPI_INT, 0, comm));
  if (rank && faults)
    PetscCall(ost_diag_error(list, (OstWhere){path, 0}, NULL, "%d faults, listed by the first rank",
                             faults));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The interpolated DMPlex of corner vertices, tetrahedra and interface prisms, all on rank 0. */
static PetscErrorCode create_serial_plex(MPI_Comm comm, const Serial *s, DM *dm)
{
  const PetscInt num_tets = s->msh.num_cells, num_prisms = s->split.num_faces;
  const PetscInt num_cells = num_tets + num_prisms;
  DM             flat;

  PetscFunctionBeginUser;
  PetscCall(DMCreate(comm, &flat));
  PetscCall(DMSetType(flat, DMPLEX));
  PetscCall(DMSetDimension(flat, 3));
  PetscCall(DMPlexSetChart(flat, 0, num_cells + s->num_vertices));
  for (PetscInt c = 0; c < num_cells; c++)
    PetscCall(DMPlexSetConeSize(flat, c, c < num_tets ? 4 : 6));
  PetscCall(DMSetUp(flat));
  PetscCall(
      DMCreateLabel(flat, "celltype")); /* before any type is set: DMPlex would compute them */
  for (PetscInt c = 0; c < num_cells; c++) {
    PetscInt cone[6];
    if (c < num_tets) {
      for (int a = 0; a < 4; a++) cone[a] = num_cells + s->vertex[s->msh.cells[10 * c + a]];
      /* DMPlex wants tetrahedra turned inside out against Gmsh */
      const PetscInt swap = cone[1];
      cone[1]             = cone[2];
      cone[2]             = swap;
    } else {
      const PetscInt *face = &s->split.faces[12 * (c - num_tets)];
      for (int a = 0; a < 3; a++) {
        cone[a]     = num_cells + s->vertex[face[a]];
        cone[a + 3] = num_cells + s->vertex[face[a + 6]];
      }
    }
    PetscCall(DMPlexSetCone(flat, c, cone));
    PetscCall(DMPlexSetCellType(
        flat, c, c < num_tets ? DM_POLYTOPE_TETRAHEDRON : DM_POLYTOPE_TRI_PRISM_TENSOR));
  }
  for (PetscInt v = 0; v < s->num_vertices; v++)
    PetscCall(DMPlexSetCellType(flat, num_cells + v, DM_POLYTOPE_POINT));
  PetscCall(DMPlexSymmetrize(flat));
  PetscCall(DMPlexStratify(flat));
  PetscCall(DMPlexInterpolate(flat, dm));
  PetscCall(DMDestroy(&flat));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* TRUE where displacements live: vertices and true edges (not the edges that join the two
   sides). */
static PetscErrorCode point_has_node(DM dm, PetscInt point, PetscBool *has)
{
  DMPolytopeType type;

  PetscFunctionBeginUser;
  PetscCall(DMPlexGetCellType(dm, point, &type));
  *has = type == DM_POLYTOPE_POINT || type == DM_POLYTOPE_SEGMENT ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A section with num_comp values on vertices and, if asked for, true edges; on cells with
   `cells`. */
static PetscErrorCode create_section(DM dm, PetscInt num_comp, PetscBool edges, PetscBool cells,
                                     PetscSection *section)
{
  PetscInt pStart, pEnd, vStart, vEnd, cStart, cEnd;

  PetscFunctionBeginUser;
  PetscCall(DMPlexGetChart(dm, &pStart, &pEnd));
  PetscCall(DMPlexGetDepthStratum(dm, 0, &vStart, &vEnd));
  PetscCall(DMPlexGetHeightStratum(dm, 0, &cStart, &cEnd));
  PetscCall(PetscSectionCreate(PetscObjectComm((PetscObject)dm), section));
  PetscCall(PetscSectionSetChart(*section, pStart, pEnd));
  for (PetscInt p = pStart; p < pEnd; p++) {
    PetscBool has = PETSC_FALSE;
    if (cells)
      has = p >= cStart && p < cEnd ? PETSC_TRUE : PETSC_FALSE;
    else if (edges || (p >= vStart && p < vEnd))
      PetscCall(point_has_node(dm, p, &has));
    if (has) PetscCall(PetscSectionSetDof(*section, p, num_comp));
  }
  PetscCall(PetscSectionSetUp(*section));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What travels: a vector of CELL_DATA per cell and one of NODE_DATA per node. */
static PetscErrorCode fill_cargo(DM dm, const Serial *s, PetscSection cell_section,
                                 PetscSection node_section, Vec cell_cargo, Vec node_cargo)
{
  static const int edges[6][2] = {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {2, 3}, {1, 3}}; /* Gmsh order */
  PetscInt         vStart, vEnd, offset;
  PetscScalar     *cell_value, *node_value;

  PetscFunctionBeginUser;
  PetscCall(DMPlexGetDepthStratum(dm, 0, &vStart, &vEnd));
  PetscCall(VecGetArray(cell_cargo, &cell_value));
  PetscCall(VecGetArray(node_cargo, &node_value));
  for (PetscInt c = 0; c < s->msh.num_cells; c++) {
    const PetscInt *cell = &s->msh.cells[10 * c];
    PetscCall(PetscSectionGetOffset(cell_section, c, &offset));
    PetscScalar *cargo = &cell_value[offset];
    for (int a = 0; a < 12; a++) cargo[CELL_NODES + a] = a < 10 ? cell[a] : -1;
    cargo[CELL_NODES + 8] = cell[9]; /* Gmsh orders its last two edges the other way round */
    cargo[CELL_NODES + 9] = cell[8];
    cargo[CELL_KIND]      = s->msh.region[c];
    cargo[CELL_FILE]      = c;
    for (int k = 0; k < 4; k++) cargo[CELL_FACES + k] = s->face_group[4 * c + k];
    for (int a = 0; a < 10; a++) {
      const PetscInt node = cell[a];
      const PetscInt from =
          node < s->msh.num_nodes ? node : s->split.original[node - s->msh.num_nodes];
      PetscInt point;
      if (a < 4)
        point = vStart + s->vertex[node];
      else {
        const PetscInt  ends[2] = {vStart + s->vertex[cell[edges[a - 4][0]]],
                                   vStart + s->vertex[cell[edges[a - 4][1]]]};
        PetscInt        num;
        const PetscInt *join;
        PetscCall(DMPlexGetJoin(dm, 2, ends, &num, &join));
        OstAssert(num == 1, "two vertices joined by %" PetscInt_FMT " edges", num);
        point = join[0];
        PetscCall(DMPlexRestoreJoin(dm, 2, ends, &num, &join));
      }
      PetscCall(PetscSectionGetOffset(node_section, point, &offset));
      node_value[offset + NODE_FILE] = node;
      for (int d = 0; d < 3; d++) node_value[offset + NODE_X + d] = s->msh.x[3 * from + d];
    }
  }
  for (PetscInt f = 0; f < s->split.num_faces; f++) {
    PetscCall(PetscSectionGetOffset(cell_section, s->msh.num_cells + f, &offset));
    PetscScalar *cargo = &cell_value[offset];
    for (int a = 0; a < 12; a++) cargo[CELL_NODES + a] = s->split.faces[12 * f + a];
    cargo[CELL_KIND]  = KIND_FACE + s->split.coated[f];
    cargo[CELL_FILE]  = f;
    cargo[CELL_FACES] = s->split.bone_cell[f];
    for (int k = 1; k < 4; k++) cargo[CELL_FACES + k] = -1;
  }
  PetscCall(VecRestoreArray(cell_cargo, &cell_value));
  PetscCall(VecRestoreArray(node_cargo, &node_value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Distribute topology and cargo. On return dm is the distributed one. */
static PetscErrorCode distribute(DM *dm, PetscSection *cell_section, PetscSection *node_section,
                                 Vec *cell_cargo, Vec *node_cargo)
{
  MPI_Comm         comm = PetscObjectComm((PetscObject)*dm);
  PetscPartitioner partitioner;
  PetscMPIInt      size;
  DM               spread = NULL;
  PetscSF          migration;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  if (size == 1) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(DMPlexGetPartitioner(*dm, &partitioner));
  PetscCall(PetscPartitionerSetType(partitioner, PETSCPARTITIONERPTSCOTCH));
  PetscCall(PetscPartitionerSetFromOptions(partitioner));
  PetscCall(DMPlexDistribute(*dm, 0, &migration, &spread));
  OstAssert(spread, "the mesh was not distributed");
  PetscSection *sections[2] = {cell_section, node_section};
  Vec          *cargo[2]    = {cell_cargo, node_cargo};
  for (int k = 0; k < 2; k++) {
    PetscSection new_section;
    Vec          new_cargo;
    PetscCall(PetscSectionCreate(comm, &new_section));
    PetscCall(VecCreate(PETSC_COMM_SELF, &new_cargo));
    PetscCall(
        DMPlexDistributeField(*dm, migration, *sections[k], *cargo[k], new_section, new_cargo));
    PetscCall(PetscSectionDestroy(sections[k]));
    PetscCall(VecDestroy(cargo[k]));
    *sections[k] = new_section;
    *cargo[k]    = new_cargo;
  }
  PetscCall(PetscSFDestroy(&migration));
  PetscCall(DMDestroy(dm));
  *dm = spread;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- on every rank --------------------------------------------------------------------------- */

static PetscErrorCode create_space(DM plex, PetscBool edges, DM *dm, PetscSection *local,
                                   PetscSection *global)
{
  PetscFunctionBeginUser;
  PetscCall(DMClone(plex, dm));
  PetscCall(create_section(*dm, 3, edges, PETSC_FALSE, local));
  PetscCall(DMSetLocalSection(*dm, *local));
  PetscCall(PetscSectionDestroy(local));
  PetscCall(DMGetLocalSection(*dm, local));
  PetscCall(DMGetGlobalSection(*dm, global));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Nodes of this rank in the order of the local section, and where each stands elsewhere. */
static PetscErrorCode collect_nodes(OstMesh *mesh, PetscSection node_section, Vec node_cargo,
                                    DM plex)
{
  PetscSection       local, global, local1, global1;
  PetscInt           pStart, pEnd, size;
  const PetscScalar *value;

  PetscFunctionBeginUser;
  PetscCall(create_space(plex, PETSC_TRUE, &mesh->dm, &local, &global));
  PetscCall(create_space(plex, PETSC_FALSE, &mesh->dm1, &local1, &global1));
  PetscCall(PetscSectionGetStorageSize(local, &size));
  mesh->num_nodes = size / 3;
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &mesh->x));
  PetscCall(PetscMalloc1(mesh->num_nodes, &mesh->node_global));
  PetscCall(PetscMalloc1(mesh->num_nodes, &mesh->node_vertex));
  PetscCall(PetscMalloc1(mesh->num_nodes, &mesh->node_file));
  PetscCall(PetscMalloc1(mesh->num_nodes, &mesh->owned_nodes));
  PetscCall(VecGetArrayRead(node_cargo, &value));
  PetscCall(PetscSectionGetChart(local, &pStart, &pEnd));
  for (PetscInt p = pStart; p < pEnd; p++) {
    PetscInt dof, at, row, row1 = -1, cargo;
    PetscCall(PetscSectionGetDof(local, p, &dof));
    if (!dof) continue;
    PetscCall(PetscSectionGetOffset(local, p, &at));
    PetscCall(PetscSectionGetOffset(global, p, &row));
    PetscCall(PetscSectionGetDof(local1, p, &dof));
    if (dof) {
      PetscCall(PetscSectionGetOffset(global1, p, &row1));
      row1 = (row1 < 0 ? -(row1 + 1) : row1) / 3;
    }
    PetscCall(PetscSectionGetOffset(node_section, p, &cargo));
    const PetscInt node     = at / 3;
    mesh->node_global[node] = (row < 0 ? -(row + 1) : row) / 3;
    mesh->node_vertex[node] = row1;
    mesh->node_file[node]   = (PetscInt)PetscRealPart(value[cargo + NODE_FILE]);
    for (int d = 0; d < 3; d++) mesh->x[3 * node + d] = PetscRealPart(value[cargo + NODE_X + d]);
    if (row >= 0) mesh->num_owned++;
  }
  PetscCall(VecRestoreArrayRead(node_cargo, &value));

  /* owned nodes in the order of the global vector */
  PetscInt  first = 0, *rows;
  long long owned = mesh->num_owned, below = 0;
  PetscCallMPI(MPI_Exscan(&owned, &below, 1, MPI_LONG_LONG, MPI_SUM, mesh->comm));
  first = (PetscInt)below;
  PetscCall(PetscMalloc1(mesh->num_owned, &rows));
  for (PetscInt i = 0; i < mesh->num_nodes; i++) {
    const PetscInt k = mesh->node_global[i] - first;
    if (k < 0 || k >= mesh->num_owned) continue;
    mesh->owned_nodes[k] = i;
    rows[k]              = mesh->node_file[i];
  }
  mesh->rows_node = (OstNumbering){mesh->num_owned, rows, mesh->total_nodes};
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int compare_pairs(const void *a, const void *b)
{
  const PetscInt *s = a, *t = b;
  return (s[0] > t[0]) - (s[0] < t[0]);
}

static PetscInt local_node(const PetscInt *sorted, PetscInt num, PetscInt file)
{
  const PetscInt  key[2] = {file, 0};
  const PetscInt *hit    = bsearch(key, sorted, (size_t)num, 2 * sizeof *sorted, compare_pairs);
  return hit ? hit[1] : -1;
}

/* Faces of a cell in VTK order of nodes, outward: what ost_gmsh_tet_faces is before the swap. */
static const PetscInt vtk_tet_faces[4][6] = {
    {0, 2, 1, 6, 5, 4}, {0, 1, 3, 4, 8, 7}, {0, 3, 2, 7, 9, 6}, {1, 2, 3, 5, 9, 8}};

static PetscErrorCode collect_cells(OstMesh *mesh, PetscSection cell_section, Vec cell_cargo,
                                    DM plex)
{
  PetscInt           cStart, cEnd, *sorted;
  const PetscScalar *value;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(2 * mesh->num_nodes, &sorted));
  for (PetscInt i = 0; i < mesh->num_nodes; i++) {
    sorted[2 * i]     = mesh->node_file[i];
    sorted[2 * i + 1] = i;
  }
  if (mesh->num_nodes) /* a rank may be empty, and qsort refuses its NULL */
    qsort(sorted, (size_t)mesh->num_nodes, 2 * sizeof *sorted, compare_pairs);
  PetscCall(DMPlexGetHeightStratum(plex, 0, &cStart, &cEnd));
  const PetscInt most = cEnd - cStart;
  PetscCall(PetscMalloc1(10 * most, &mesh->cells));
  PetscCall(PetscMalloc1(most, &mesh->region));
  PetscCall(PetscMalloc1(most, &mesh->cell_file));
  PetscCall(PetscMalloc1(12 * most, &mesh->faces));
  PetscCall(PetscMalloc1(most, &mesh->coated));
  PetscCall(PetscMalloc1(most, &mesh->face_file));
  PetscCall(PetscMalloc1(most, &mesh->face_bone));
  PetscCall(PetscMalloc1(24 * most, &mesh->facets));
  PetscCall(PetscMalloc1(4 * most, &mesh->surface));
  PetscCall(VecGetArrayRead(cell_cargo, &value));
  for (PetscInt c = cStart; c < cEnd; c++) {
    PetscInt offset;
    PetscCall(PetscSectionGetOffset(cell_section, c, &offset));
    const PetscScalar *cargo   = &value[offset];
    const PetscInt     kind    = (PetscInt)PetscRealPart(cargo[CELL_KIND]);
    const PetscBool    is_face = kind >= KIND_FACE ? PETSC_TRUE : PETSC_FALSE;
    PetscInt           node[12];
    for (int a = 0; a < (is_face ? 12 : 10); a++) {
      node[a] = local_node(sorted, mesh->num_nodes, (PetscInt)PetscRealPart(cargo[CELL_NODES + a]));
      OstAssert(node[a] >= 0, "a node of a local cell is not on this rank");
    }
    if (is_face) {
      const PetscInt f = mesh->num_faces++;
      for (int a = 0; a < 12; a++) mesh->faces[12 * f + a] = node[a];
      mesh->coated[f]    = kind - KIND_FACE;
      mesh->face_file[f] = (PetscInt)PetscRealPart(cargo[CELL_FILE]);
      mesh->face_bone[f] = (PetscInt)PetscRealPart(cargo[CELL_FACES]);
    } else {
      const PetscInt t = mesh->num_cells++;
      for (int a = 0; a < 10; a++) mesh->cells[10 * t + a] = node[a];
      mesh->region[t]    = kind;
      mesh->cell_file[t] = (PetscInt)PetscRealPart(cargo[CELL_FILE]);
      for (int k = 0; k < 4; k++) {
        const PetscInt group = (PetscInt)PetscRealPart(cargo[CELL_FACES + k]);
        if (group < 0) continue;
        for (int a = 0; a < 6; a++)
          mesh->facets[6 * mesh->num_facets + a] = node[vtk_tet_faces[k][a]];
        mesh->surface[mesh->num_facets++] = group;
      }
    }
  }
  PetscCall(VecRestoreArrayRead(cell_cargo, &value));
  PetscCall(PetscFree(sorted));
  mesh->rows_cell = (OstNumbering){mesh->num_cells, mesh->cell_file, mesh->total_cells};
  mesh->rows_face = (OstNumbering){mesh->num_faces, mesh->face_file, mesh->total_faces};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_create(MPI_Comm comm, const char *path, OstDiagList *list, OstMesh **out)
{
  const OstMeshTreatment options = {.tied = PETSC_FALSE};

  PetscFunctionBeginUser;
  PetscCall(ost_mesh_create_with(comm, path, &options, list, out));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_create_with(MPI_Comm comm, const char *path,
                                    const OstMeshTreatment *options, OstDiagList *list,
                                    OstMesh **out)
{
  const PetscInt before = ost_diag_num_errors(list);
  Serial         s      = {0};
  OstMesh       *mesh;
  DM             plex;
  PetscSection   cell_section, node_section;
  Vec            cell_cargo, node_cargo;
  PetscInt       size;

  PetscFunctionBeginUser;
  *out = NULL;
  PetscCall(ost_log_begin(OST_EVENT_MESH));
  PetscCall(read_serial(comm, path, options->tied, list, &s));
  if (ost_diag_num_errors(list) == before) {
    PetscCall(PetscNew(&mesh));
    mesh->comm         = comm;
    PetscInt totals[4] = {s.split.num_nodes, s.num_vertices, s.msh.num_cells, s.split.num_faces};
    PetscCallMPI(MPI_Bcast(totals, 4, MPIU_INT, 0, comm));
    mesh->total_nodes    = totals[0];
    mesh->total_vertices = totals[1];
    mesh->total_cells    = totals[2];
    mesh->total_faces    = totals[3];

    PetscCall(create_serial_plex(comm, &s, &plex));
    PetscCall(create_section(plex, CELL_DATA, PETSC_FALSE, PETSC_TRUE, &cell_section));
    PetscCall(create_section(plex, NODE_DATA, PETSC_TRUE, PETSC_FALSE, &node_section));
    PetscCall(PetscSectionGetStorageSize(cell_section, &size));
    PetscCall(VecCreateSeq(PETSC_COMM_SELF, size, &cell_cargo));
    PetscCall(PetscSectionGetStorageSize(node_section, &size));
    PetscCall(VecCreateSeq(PETSC_COMM_SELF, size, &node_cargo));
    PetscCall(fill_cargo(plex, &s, cell_section, node_section, cell_cargo, node_cargo));
    PetscCall(distribute(&plex, &cell_section, &node_section, &cell_cargo, &node_cargo));
    PetscCall(collect_nodes(mesh, node_section, node_cargo, plex));
    PetscCall(collect_cells(mesh, cell_section, cell_cargo, plex));
    PetscCall(VecDestroy(&cell_cargo));
    PetscCall(VecDestroy(&node_cargo));
    PetscCall(PetscSectionDestroy(&cell_section));
    PetscCall(PetscSectionDestroy(&node_section));
    PetscCall(DMDestroy(&plex));
    *out = mesh;
  }
  PetscCall(ost_msh_free(&s.msh));
  PetscCall(ost_split_free(&s.split));
  PetscCall(PetscFree(s.face_group));
  PetscCall(PetscFree(s.vertex));
  PetscCall(ost_log_end(OST_EVENT_MESH));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_destroy(OstMesh **mesh)
{
  PetscFunctionBeginUser;
  if (!*mesh) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(DMDestroy(&(*mesh)->dm));
  PetscCall(DMDestroy(&(*mesh)->dm1));
  void **arrays[] = {
      (void **)&(*mesh)->x,         (void **)&(*mesh)->node_global, (void **)&(*mesh)->node_vertex,
      (void **)&(*mesh)->node_file, (void **)&(*mesh)->owned_nodes, (void **)&(*mesh)->cells,
      (void **)&(*mesh)->region,    (void **)&(*mesh)->cell_file,   (void **)&(*mesh)->faces,
      (void **)&(*mesh)->coated,    (void **)&(*mesh)->face_file,   (void **)&(*mesh)->face_bone,
      (void **)&(*mesh)->facets,    (void **)&(*mesh)->surface};
  PetscCall(PetscFree((*mesh)->rows_node.global));
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) PetscCall(PetscFree(*arrays[i]));
  PetscCall(PetscFree(*mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_check(const OstMesh *mesh)
{
  PetscReal *volume;
  long long  counts[3] = {mesh->num_owned, mesh->num_cells, mesh->num_faces};

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, counts, 3, MPI_LONG_LONG, MPI_SUM, mesh->comm));
  OstAssert(counts[0] == mesh->total_nodes && counts[1] == mesh->total_cells &&
                counts[2] == mesh->total_faces,
            "the ranks hold %lld nodes, %lld cells, %lld faces", counts[0], counts[1], counts[2]);
  PetscCall(PetscMalloc1(mesh->num_cells, &volume));
  ost_mesh_cell_volumes(mesh, volume);
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    OstAssert(volume[c] > 0.0, "cell %" PetscInt_FMT " has volume %g", mesh->cell_file[c],
              (double)volume[c]);
  PetscCall(PetscFree(volume));
  for (PetscInt f = 0; f < mesh->num_faces; f++)
    for (int a = 0; a < 6; a++)
      for (int d = 0; d < 3; d++)
        OstAssert(mesh->x[3 * mesh->faces[12 * f + a] + d] ==
                      mesh->x[3 * mesh->faces[12 * f + 6 + a] + d],
                  "interface face %" PetscInt_FMT " has its sides at two places",
                  mesh->face_file[f]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_cells_to_faces(const OstMesh *mesh, const PetscReal cells[],
                                       PetscReal behind[])
{
  PetscLayout layout;
  PetscSF     from_cells, to_faces;
  PetscInt    num;
  PetscReal  *middle;

  PetscFunctionBeginUser;
  /* meet in a contiguous layout of the file's cell numbers */
  PetscCall(PetscLayoutCreateFromSizes(mesh->comm, PETSC_DECIDE, mesh->total_cells, 1, &layout));
  PetscCall(PetscLayoutGetLocalSize(layout, &num));
  PetscCall(PetscCalloc1(num, &middle));
  PetscCall(PetscSFCreate(mesh->comm, &from_cells));
  PetscCall(PetscSFSetGraphLayout(from_cells, layout, mesh->num_cells, NULL, PETSC_OWN_POINTER,
                                  mesh->cell_file));
  PetscCall(PetscSFReduceBegin(from_cells, MPIU_REAL, cells, middle, MPI_REPLACE));
  PetscCall(PetscSFReduceEnd(from_cells, MPIU_REAL, cells, middle, MPI_REPLACE));
  PetscCall(PetscSFCreate(mesh->comm, &to_faces));
  PetscCall(PetscSFSetGraphLayout(to_faces, layout, mesh->num_faces, NULL, PETSC_OWN_POINTER,
                                  mesh->face_bone));
  PetscCall(PetscSFBcastBegin(to_faces, MPIU_REAL, middle, behind, MPI_REPLACE));
  PetscCall(PetscSFBcastEnd(to_faces, MPIU_REAL, middle, behind, MPI_REPLACE));
  PetscCall(PetscSFDestroy(&from_cells));
  PetscCall(PetscSFDestroy(&to_faces));
  PetscCall(PetscLayoutDestroy(&layout));
  PetscCall(PetscFree(middle));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_mesh_cell_volumes(const OstMesh *mesh, PetscReal volume[])
{
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    const PetscInt *cell = &mesh->cells[10 * c];
    PetscReal       edge[3][3], cross[3];
    for (int k = 0; k < 3; k++)
      for (int d = 0; d < 3; d++)
        edge[k][d] = mesh->x[3 * cell[k + 1] + d] - mesh->x[3 * cell[0] + d];
    ost_cross3(edge[0], edge[1], cross);
    volume[c] = ost_dot3(cross, edge[2]) / 6.0;
  }
}

void ost_mesh_cell_centroids(const OstMesh *mesh, PetscReal centroid[])
{
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    for (int d = 0; d < 3; d++) {
      PetscReal sum = 0.0;
      for (int a = 0; a < 4; a++) sum += mesh->x[3 * mesh->cells[10 * c + a] + d];
      centroid[3 * c + d] = 0.25 * sum;
    }
}
