#include "mesh/distribute.h"

#include "mesh/curve.h"

#include <petscpartitioner.h>

/* Where cells go, and the interface faces and facets with them. */
typedef struct {
  PetscInt *cell;  /* [num_cells] cells, rank by rank, each rank's in the order of the curve */
  PetscInt *face;  /* [split.num_faces] the same of interface faces */
  PetscInt *facet; /* the same of faces 4 cell + k with a facet of a surface group */
  PetscInt *group; /* their surface groups, in the same order */
  PetscInt *first_cell, *first_face, *first_facet; /* [size + 1] where a rank's begin */
} Plan;

/* --- order and partition ---------------------------------------------------------------------- */

/* Where a node is: doubled ones are where those are that they double. */
static const PetscReal *place_of(const OstSerialMesh *serial, PetscInt node)
{
  const PetscInt num = serial->msh.num_nodes;

  return &serial->msh.x[3 * (node < num ? node : serial->split.original[node - num])];
}

static PetscErrorCode order_cells(const OstSerialMesh *serial, PetscInt order[])
{
  const PetscInt num = serial->msh.num_cells;
  PetscReal     *middle;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(3 * num, &middle));
  for (PetscInt c = 0; c < num; c++)
    for (int a = 0; a < 4; a++) {
      const PetscReal *x = place_of(serial, serial->msh.cells[10 * c + a]);
      for (int d = 0; d < 3; d++) middle[3 * c + d] += 0.25 * x[d];
    }
  PetscCall(ost_curve_order(num, middle, order));
  PetscCall(PetscFree(middle));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The dual graph in compressed rows, its cells in the order of the curve. Frees the neighbours. */
static PetscErrorCode compress_graph(PetscInt num, const PetscInt order[], OstDualGraph *graph,
                                     PetscInt **start, PetscInt **adjacent)
{
  PetscInt *place, edges = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num, &place));
  PetscCall(PetscMalloc1(num + 1, start));
  for (PetscInt i = 0; i < num; i++) place[order[i]] = i;
  for (PetscInt k = 0; k < 4 * num; k++) edges += graph->neighbour[k] >= 0;
  PetscCall(PetscMalloc1(edges, adjacent));
  edges = 0;
  for (PetscInt i = 0; i < num; i++) {
    (*start)[i] = edges;
    for (int k = 0; k < 4; k++) {
      const PetscInt across = graph->neighbour[4 * order[i] + k];
      if (across >= 0) (*adjacent)[edges++] = place[across];
    }
  }
  (*start)[num] = edges;
  PetscCall(PetscFree(place));
  PetscCall(PetscFree(graph->neighbour));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Sort cells in the order of the curve by their ranks; all is known to the first rank alone. */
static PetscErrorCode partition(MPI_Comm comm, PetscInt num, const PetscInt order[],
                                OstDualGraph *graph, PetscInt cell[], PetscInt first[])
{
  PetscPartitioner partitioner;
  PetscSection     section;
  PetscMPIInt      size;
  PetscInt        *start, *adjacent;
  const PetscInt  *place;
  IS               is;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(compress_graph(num, order, graph, &start, &adjacent));
  PetscCall(PetscPartitionerCreate(comm, &partitioner));
  PetscCall(PetscPartitionerSetType(partitioner, PETSCPARTITIONERPTSCOTCH));
  PetscCall(PetscPartitionerSetFromOptions(partitioner));
  PetscCall(PetscSectionCreate(comm, &section));
  PetscCall(
      PetscPartitionerPartition(partitioner, size, num, start, adjacent, NULL, NULL, section, &is));
  PetscCall(ISGetIndices(is, &place));
  for (PetscMPIInt r = 0; r < size && num; r++) {
    PetscInt count, at;
    PetscCall(PetscSectionGetDof(section, r, &count));
    PetscCall(PetscSectionGetOffset(section, r, &at));
    first[r + 1] = first[r] + count;
    PetscCall(PetscArraycpy(&cell[first[r]], &place[at], count));
    PetscCall(PetscSortInt(count, &cell[first[r]]));
  }
  OstAssert(!num || first[size] == num, "the partitioner lost cells");
  for (PetscInt i = 0; i < num; i++) cell[i] = order[cell[i]];
  PetscCall(ISRestoreIndices(is, &place));
  PetscCall(ISDestroy(&is));
  PetscCall(PetscSectionDestroy(&section));
  PetscCall(PetscPartitionerDestroy(&partitioner));
  PetscCall(PetscFree(start));
  PetscCall(PetscFree(adjacent));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- what goes with the cells ----------------------------------------------------------------- */

/* Something on a cell: sorted by where the cell is in the plan, then by its own number. */
typedef struct {
  PetscInt place, number, value;
} Rider;

static int compare_riders(const void *a, const void *b)
{
  const Rider *s = a, *t = b;
  if (s->place != t->place) return s->place < t->place ? -1 : 1;
  return (s->number > t->number) - (s->number < t->number);
}

/* number, value [num]: the riders in order; first [size + 1]: where those of a rank begin. */
static PetscErrorCode seat(PetscInt num, Rider rider[], PetscInt size, const PetscInt first_cell[],
                           PetscInt number[], PetscInt value[], PetscInt first[])
{
  PetscFunctionBeginUser;
  if (num) qsort(rider, (size_t)num, sizeof *rider, compare_riders);
  for (PetscInt k = 0, r = 0; r < size; r++) {
    while (k < num && rider[k].place < first_cell[r + 1]) k++;
    first[r + 1] = k;
  }
  for (PetscInt k = 0; k < num; k++) {
    number[k] = rider[k].number;
    if (value) value[k] = rider[k].value;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode seat_faces_and_facets(const OstSerialMesh *serial, PetscInt size, Plan *plan)
{
  const OstMshFile *msh = &serial->msh;
  const PetscInt    num = PetscMax(msh->num_facets, serial->split.num_faces);
  PetscInt         *place, facets = 0;
  Rider            *rider;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(msh->num_cells, &place, num, &rider));
  for (PetscInt i = 0; i < msh->num_cells; i++) place[plan->cell[i]] = i;
  for (PetscInt f = 0; f < serial->split.num_faces; f++)
    rider[f] = (Rider){place[serial->split.bone_cell[f]], f, 0};
  PetscCall(seat(serial->split.num_faces, rider, size, plan->first_cell, plan->face, NULL,
                 plan->first_face));
  for (PetscInt f = 0; f < msh->num_facets; f++) {
    const PetscInt on = serial->graph.facet[2 * f];
    if (ost_surface_is_interface(msh->surface[f])) continue;
    rider[facets++] = (Rider){place[on / 4], on, msh->surface[f]};
  }
  PetscCall(
      seat(facets, rider, size, plan->first_cell, plan->facet, plan->group, plan->first_facet));
  PetscCall(PetscFree2(place, rider));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode make_plan(MPI_Comm comm, OstSerialMesh *serial, Plan *plan)
{
  const OstMshFile *msh = &serial->msh;
  PetscMPIInt       size, rank;
  PetscInt         *order;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(PetscMalloc1(msh->num_cells, &plan->cell));
  PetscCall(PetscMalloc3(serial->split.num_faces, &plan->face, msh->num_facets, &plan->facet,
                         msh->num_facets, &plan->group));
  PetscCall(PetscCalloc3(size + 1, &plan->first_cell, size + 1, &plan->first_face, size + 1,
                         &plan->first_facet));
  if (size == 1) {
    PetscCall(order_cells(serial, plan->cell));
    plan->first_cell[1] = msh->num_cells;
    PetscCall(PetscFree(serial->graph.neighbour));
  } else {
    PetscCall(PetscMalloc1(msh->num_cells, &order));
    PetscCall(order_cells(serial, order));
    PetscCall(partition(comm, msh->num_cells, order, &serial->graph, plan->cell, plan->first_cell));
    PetscCall(PetscFree(order));
  }
  if (!rank) PetscCall(seat_faces_and_facets(serial, size, plan));
  PetscCall(ost_dual_graph_free(&serial->graph));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode free_plan(Plan *plan)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(plan->cell));
  PetscCall(PetscFree3(plan->face, plan->facet, plan->group));
  PetscCall(PetscFree3(plan->first_cell, plan->first_face, plan->first_facet));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- shares ----------------------------------------------------------------------------------- */

/* A rank's numbering of nodes, as it grows. */
typedef struct {
  PetscInt *local; /* [split.num_nodes] local node of each file node, -1 */
  PetscInt *file;  /* [split.num_nodes] the reverse, for the first num */
  PetscInt  num;
} Touch;

static PetscInt touch(Touch *t, PetscInt file)
{
  if (t->local[file] < 0) {
    t->local[file]    = t->num;
    t->file[t->num++] = file;
  }
  return t->local[file];
}

static PetscErrorCode allocate(OstMesh *share)
{
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(10 * share->num_cells, &share->cells));
  PetscCall(PetscMalloc1(share->num_cells, &share->region));
  PetscCall(PetscMalloc1(share->num_cells, &share->cell_file));
  PetscCall(PetscMalloc1(12 * share->num_faces, &share->faces));
  PetscCall(PetscMalloc1(share->num_faces, &share->coated));
  PetscCall(PetscMalloc1(share->num_faces, &share->face_file));
  PetscCall(PetscMalloc1(share->num_faces, &share->face_cell));
  PetscCall(PetscMalloc1(6 * share->num_facets, &share->facets));
  PetscCall(PetscMalloc1(share->num_facets, &share->surface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode allocate_nodes(OstMesh *share)
{
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(share->num_nodes, &share->node_file));
  PetscCall(PetscMalloc1(3 * share->num_nodes, &share->x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Cells of a rank, and on them its faces and facets, which follow in the same order. */
static void fill_share(const OstSerialMesh *serial, const Plan *plan, PetscMPIInt rank, Touch *t,
                       OstMesh *share, PetscInt *of_cells)
{
  /* Gmsh orders its last two edges the other way round than VTK */
  static const int      gmsh[10] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 8};
  const OstMshFile     *msh      = &serial->msh;
  const PetscInt *const cells    = &plan->cell[plan->first_cell[rank]];
  const PetscInt *const faces    = &plan->face[plan->first_face[rank]];
  const PetscInt        facet    = plan->first_facet[rank];

  for (PetscInt c = 0; c < share->num_cells; c++) {
    const PetscInt *nodes = &msh->cells[10 * cells[c]];
    for (int a = 0; a < 10; a++) share->cells[10 * c + a] = touch(t, nodes[gmsh[a]]);
    share->region[c]    = msh->region[cells[c]];
    share->cell_file[c] = cells[c];
  }
  *of_cells = t->num;
  for (PetscInt f = 0, c = 0; f < share->num_faces; f++) {
    for (int a = 0; a < 12; a++)
      share->faces[12 * f + a] = touch(t, serial->split.faces[12 * faces[f] + a]);
    share->coated[f]    = serial->split.coated[faces[f]];
    share->face_file[f] = faces[f];
    while (cells[c] != serial->split.bone_cell[faces[f]]) c++;
    share->face_cell[f] = c;
  }
  for (PetscInt k = 0; k < share->num_facets; k++) {
    const PetscInt *nodes = &msh->cells[10 * (plan->facet[facet + k] / 4)];
    const PetscInt *on    = ost_gmsh_tet_faces[plan->facet[facet + k] % 4];
    for (int a = 0; a < 6; a++) share->facets[6 * k + a] = t->local[nodes[on[a]]];
    share->surface[k] = plan->group[facet + k];
  }
}

static PetscErrorCode make_share(OstSerialMesh *serial, const Plan *plan, PetscMPIInt rank,
                                 PetscBool last, Touch *t, OstMesh *share, PetscInt *of_cells)
{
  PetscFunctionBeginUser;
  share->num_cells  = plan->first_cell[rank + 1] - plan->first_cell[rank];
  share->num_faces  = plan->first_face[rank + 1] - plan->first_face[rank];
  share->num_facets = plan->first_facet[rank + 1] - plan->first_facet[rank];
  PetscCall(allocate(share));
  fill_share(serial, plan, rank, t, share, of_cells);
  if (last) {
    PetscCall(PetscFree(serial->msh.cells));
    PetscCall(PetscFree(t->local));
  }
  share->num_nodes = t->num;
  PetscCall(allocate_nodes(share));
  for (PetscInt i = 0; i < t->num; i++) {
    const PetscInt file = t->file[i];
    share->node_file[i] = file;
    PetscCall(PetscArraycpy(&share->x[3 * i], place_of(serial, file), 3));
    if (!last) t->local[file] = -1;
  }
  t->num = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The arrays of a share, in the order in which they are sent. */
enum { NUM_ARRAYS = 11 };

typedef struct {
  void        *values;
  PetscInt     num;
  MPI_Datatype type;
} Array;

static void list_arrays(const OstMesh *s, Array list[NUM_ARRAYS])
{
  const PetscInt cells = s->num_cells, faces = s->num_faces, facets = s->num_facets;
  void *const    values[NUM_ARRAYS] = {s->cells,   s->region,    s->cell_file, s->faces,
                                       s->coated,  s->face_file, s->face_cell, s->facets,
                                       s->surface, s->node_file, s->x};
  const PetscInt num[NUM_ARRAYS]    = {10 * cells, cells,        cells,           12 * faces,
                                       faces,      faces,        faces,           6 * facets,
                                       facets,     s->num_nodes, 3 * s->num_nodes};

  for (int a = 0; a < NUM_ARRAYS; a++)
    list[a] = (Array){values[a], num[a], a == NUM_ARRAYS - 1 ? MPIU_REAL : MPIU_INT};
}

static PetscErrorCode send_share(MPI_Comm comm, PetscMPIInt tag, PetscMPIInt rank,
                                 const OstMesh *share, PetscInt of_cells)
{
  const PetscInt sizes[5] = {share->num_cells, share->num_faces, share->num_facets,
                             share->num_nodes, of_cells};
  Array          array[NUM_ARRAYS];

  PetscFunctionBeginUser;
  list_arrays(share, array);
  PetscCallMPI(MPI_Send(sizes, 5, MPIU_INT, rank, tag, comm));
  for (int a = 0; a < NUM_ARRAYS; a++)
    PetscCallMPI(
        MPI_Send(array[a].values, (PetscMPIInt)array[a].num, array[a].type, rank, tag, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode receive_share(MPI_Comm comm, PetscMPIInt tag, OstMesh *share,
                                    PetscInt *of_cells)
{
  PetscInt sizes[5];
  Array    array[NUM_ARRAYS];

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Recv(sizes, 5, MPIU_INT, 0, tag, comm, MPI_STATUS_IGNORE));
  share->num_cells  = sizes[0];
  share->num_faces  = sizes[1];
  share->num_facets = sizes[2];
  share->num_nodes  = sizes[3];
  *of_cells         = sizes[4];
  PetscCall(allocate(share));
  PetscCall(allocate_nodes(share));
  list_arrays(share, array);
  for (int a = 0; a < NUM_ARRAYS; a++)
    PetscCallMPI(MPI_Recv(array[a].values, (PetscMPIInt)array[a].num, array[a].type, 0, tag, comm,
                          MPI_STATUS_IGNORE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode free_share(OstMesh *share)
{
  Array array[NUM_ARRAYS];

  PetscFunctionBeginUser;
  list_arrays(share, array);
  for (int a = 0; a < NUM_ARRAYS; a++) PetscCall(PetscFree(array[a].values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The first rank keeps its own share for last, when it can free what it read. */
static PetscErrorCode hand_out(MPI_Comm comm, PetscMPIInt tag, OstSerialMesh *serial,
                               const Plan *plan, OstMesh *mesh, PetscInt *of_cells)
{
  const PetscInt num = serial->split.num_nodes;
  PetscMPIInt    size;
  Touch          t = {0};

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMalloc1(num, &t.local));
  PetscCall(PetscMalloc1(num, &t.file));
  for (PetscInt i = 0; i < num; i++) t.local[i] = -1;
  for (PetscMPIInt r = 1; r < size; r++) {
    OstMesh  share = {0};
    PetscInt nodes;
    PetscCall(make_share(serial, plan, r, PETSC_FALSE, &t, &share, &nodes));
    PetscCall(send_share(comm, tag, r, &share, nodes));
    PetscCall(free_share(&share));
  }
  PetscCall(make_share(serial, plan, 0, PETSC_TRUE, &t, mesh, of_cells));
  PetscCall(PetscFree(t.file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_distribute(OstSerialMesh *serial, OstMesh *mesh, PetscInt *of_cells)
{
  MPI_Comm    comm;
  PetscMPIInt rank, tag;
  Plan        plan = {0};

  PetscFunctionBeginUser;
  PetscCall(PetscCommDuplicate(mesh->comm, &comm, &tag));
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(make_plan(comm, serial, &plan));
  if (rank)
    PetscCall(receive_share(comm, tag, mesh, of_cells));
  else
    PetscCall(hand_out(comm, tag, serial, &plan, mesh, of_cells));
  PetscCall(free_plan(&plan));
  PetscCall(ost_msh_free(&serial->msh));
  PetscCall(ost_split_free(&serial->split));
  PetscCall(PetscCommDestroy(&comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}
