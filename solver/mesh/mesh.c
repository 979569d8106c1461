#include "mesh/mesh.h"

#include "base/log.h"
#include "base/tensor.h"
#include "mesh/distribute.h"
#include "mesh/numbering.h"

/* --- making ----------------------------------------------------------------------------------- */

/* Surface groups consist of outer faces, each listed once; the interface is left out, the cut looks
   at it. */
static PetscErrorCode check_surfaces(const OstMshFile *msh, const OstDualGraph *graph,
                                     const char *path, OstDiagList *list)
{
  PetscInt loose = 0, inside = 0;

  PetscFunctionBeginUser;
  for (PetscInt f = 0; f < msh->num_facets; f++) {
    if (ost_surface_is_interface(msh->surface[f])) continue;
    loose += graph->facet[2 * f] < 0;
    inside += graph->facet[2 * f + 1] >= 0;
  }
  if (loose || inside)
    PetscCall(ost_diag_error(
        list, (OstWhere){path, 0}, "list each outer face of the tetrahedra once, in one group",
        "surface groups hold %" PetscInt_FMT " faces that are of no tetrahedron or listed twice, "
        "and %" PetscInt_FMT " that lie inside the body",
        loose, inside));
  if (graph->num_crowded)
    PetscCall(ost_diag_error(list, (OstWhere){path, 0}, "mesh it again with `osteon mesh`",
                             "%" PetscInt_FMT " faces are of more than two tetrahedra",
                             graph->num_crowded));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Cut what rank 0 has open along its interface, unless reading it told of faults. */
static PetscErrorCode cut(const char *name, PetscBool tied, OstDiagList *list, OstSerialMesh *s)
{
  PetscFunctionBeginUser;
  PetscCall(ost_dual_graph_create(&s->msh, &s->graph));
  PetscCall(check_surfaces(&s->msh, &s->graph, name, list));
  if (tied)
    s->split.num_nodes = s->msh.num_nodes;
  else
    PetscCall(ost_split_interface(&s->msh, &s->graph, name, list, &s->split));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode create(MPI_Comm comm, OstSerialMesh *serial, OstMesh **out)
{
  PetscInt totals[3] = {serial->split.num_nodes, serial->msh.num_cells, serial->split.num_faces};
  PetscInt of_cells;
  OstMesh *mesh;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&mesh));
  PetscCallMPI(MPI_Bcast(totals, 3, MPIU_INT, 0, comm));
  mesh->comm        = comm;
  mesh->total_nodes = totals[0];
  mesh->total_cells = totals[1];
  mesh->total_faces = totals[2];
  PetscCall(ost_distribute(serial, mesh, &of_cells));
  PetscCall(ost_number_nodes(mesh, of_cells));
  mesh->rows_node = (OstNumbering){mesh->num_owned, mesh->node_file, mesh->total_nodes};
  mesh->rows_cell = (OstNumbering){mesh->num_cells, mesh->cell_file, mesh->total_cells};
  mesh->rows_face = (OstNumbering){mesh->num_faces, mesh->face_file, mesh->total_faces};
  *out            = mesh;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_create(MPI_Comm comm, const char *path, OstDiagList *list, OstMesh **out)
{
  const OstMeshTreatment options = {.tied = PETSC_FALSE};

  PetscFunctionBeginUser;
  PetscCall(ost_mesh_create_with(comm, path, &options, list, out));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* serial->msh is there on rank 0, unless faults were found since there were `before`; every rank
   learns of them. */
static PetscErrorCode create_from(MPI_Comm comm, const char *name, const OstMeshTreatment *options,
                                  PetscInt before, OstDiagList *list, OstSerialMesh *serial,
                                  OstMesh **out)
{
  PetscMPIInt rank;
  int         faults;

  PetscFunctionBeginUser;
  *out = NULL;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (!rank && ost_diag_num_errors(list) == before)
    PetscCall(cut(name, options->tied, list, serial));
  faults = (int)(ost_diag_num_errors(list) - before);
  PetscCallMPI(MPI_Bcast(&faults, 1, MPI_INT, 0, comm));
  if (rank && faults)
    PetscCall(ost_diag_error(list, (OstWhere){name, 0}, NULL, "%d faults, listed by the first rank",
                             faults));
  if (!faults) PetscCall(create(comm, serial, out));
  PetscCall(ost_msh_free(&serial->msh));
  PetscCall(ost_split_free(&serial->split));
  PetscCall(ost_dual_graph_free(&serial->graph));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_create_with(MPI_Comm comm, const char *path,
                                    const OstMeshTreatment *options, OstDiagList *list,
                                    OstMesh **out)
{
  const PetscInt before = ost_diag_num_errors(list);
  OstSerialMesh  serial = {0};
  PetscMPIInt    rank;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_MESH));
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (!rank) PetscCall(ost_msh_read(path, list, &serial.msh));
  PetscCall(create_from(comm, path, options, before, list, &serial, out));
  PetscCall(ost_log_end(OST_EVENT_MESH));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_create_from(MPI_Comm comm, OstMshFile *msh, const char *name,
                                    const OstMeshTreatment *options, OstDiagList *list,
                                    OstMesh **out)
{
  OstSerialMesh serial = {.msh = *msh};

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_MESH));
  *msh = (OstMshFile){0};
  PetscCall(create_from(comm, name, options, ost_diag_num_errors(list), list, &serial, out));
  PetscCall(ost_log_end(OST_EVENT_MESH));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_destroy(OstMesh **mesh)
{
  OstMesh *m = *mesh;

  PetscFunctionBeginUser;
  if (!m) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_exchange_destroy(&m->node_exchange));
  PetscCall(ost_exchange_destroy(&m->vertex_exchange));
  void *arrays[] = {m->x,           m->node_global, m->node_vertex, m->node_file, m->node_corner,
                    m->vertex_node, m->cells,       m->region,      m->cell_file, m->faces,
                    m->coated,      m->face_file,   m->face_cell,   m->facets,    m->surface};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) PetscCall(PetscFree(arrays[i]));
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
  for (PetscInt v = 0; v < mesh->num_vertices; v++)
    OstAssert(mesh->node_corner[mesh->vertex_node[v]] == v, "vertex %" PetscInt_FMT " is lost", v);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- vectors ---------------------------------------------------------------------------------- */

static PetscErrorCode create_vec(MPI_Comm comm, PetscInt num, Vec *v)
{
  PetscFunctionBeginUser;
  PetscCall(VecCreate(comm, v));
  PetscCall(VecSetSizes(*v, 3 * num, PETSC_DETERMINE));
  PetscCall(VecSetBlockSize(*v, 3));
  PetscCall(VecSetType(*v, VECSTANDARD));
  PetscCall(VecZeroEntries(*v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_create_vec(const OstMesh *mesh, Vec *v)
{
  PetscFunctionBeginUser;
  PetscCall(create_vec(mesh->comm, mesh->num_owned, v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_create_vec1(const OstMesh *mesh, Vec *v)
{
  PetscFunctionBeginUser;
  PetscCall(create_vec(mesh->comm, mesh->num_owned_vertices, v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_global_to_local(const OstMesh *mesh, Vec global, PetscReal local[])
{
  const PetscScalar *owned;

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(global, &owned));
  PetscCall(PetscArraycpy(local, owned, 3 * mesh->num_owned));
  PetscCall(VecRestoreArrayRead(global, &owned));
  PetscCall(ost_exchange_fill(mesh->node_exchange, MPIU_REAL, 3, local));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_mesh_local_to_global(const OstMesh *mesh, const PetscReal local[], Vec global)
{
  PetscScalar *owned;

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayWrite(global, &owned));
  PetscCall(PetscArraycpy(owned, local, 3 * mesh->num_owned));
  PetscCall(ost_exchange_sum_onto(mesh->node_exchange, MPIU_REAL, 3, local, owned));
  PetscCall(VecRestoreArrayWrite(global, &owned));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- cells ------------------------------------------------------------------------------------ */

void ost_mesh_cells_to_faces(const OstMesh *mesh, const PetscReal cells[], PetscReal behind[])
{
  for (PetscInt f = 0; f < mesh->num_faces; f++) behind[f] = cells[mesh->face_cell[f]];
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
