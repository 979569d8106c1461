#include "mesh/numbering.h"

#include <petscsf.h>

/* A copy of another rank's node. */
typedef struct {
  PetscMPIInt owner;
  PetscInt    place; /* local index there */
  PetscInt    node;  /* here */
} Copy;

/* --- owners ----------------------------------------------------------------------------------- */

/* Each rank offers a number at its nodes; all that have the node learn the reduction of them. */
static PetscErrorCode agree(PetscSF meeting, PetscInt num_met, PetscInt start, MPI_Op op,
                            PetscInt value[])
{
  PetscInt *met;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num_met, &met));
  for (PetscInt k = 0; k < num_met; k++) met[k] = start;
  PetscCall(PetscSFReduceBegin(meeting, MPIU_INT, value, met, op));
  PetscCall(PetscSFReduceEnd(meeting, MPIU_INT, value, met, op));
  PetscCall(PetscSFBcastBegin(meeting, MPIU_INT, met, value, MPI_REPLACE));
  PetscCall(PetscSFBcastEnd(meeting, MPIU_INT, met, value, MPI_REPLACE));
  PetscCall(PetscFree(met));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Of each node the owner, and its number there among the owned; sets num_owned. */
static PetscErrorCode find_owners(OstMesh *mesh, PetscInt of_cells, PetscInt owner[],
                                  PetscInt place[])
{
  PetscMPIInt size, rank;
  PetscLayout layout;
  PetscSF     meeting;
  PetscInt    num_met;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(mesh->comm, &size));
  PetscCallMPI(MPI_Comm_rank(mesh->comm, &rank));
  for (PetscInt i = 0; i < mesh->num_nodes; i++) owner[i] = i < of_cells ? rank : size;
  if (size > 1) {
    PetscCall(PetscLayoutCreateFromSizes(mesh->comm, PETSC_DECIDE, mesh->total_nodes, 1, &layout));
    PetscCall(PetscLayoutGetLocalSize(layout, &num_met));
    PetscCall(PetscSFCreate(mesh->comm, &meeting));
    PetscCall(PetscSFSetGraphLayout(meeting, layout, mesh->num_nodes, NULL, PETSC_OWN_POINTER,
                                    mesh->node_file));
    PetscCall(agree(meeting, num_met, size, MPI_MIN, owner));
  }
  mesh->num_owned = 0;
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    place[i] = owner[i] == rank ? mesh->num_owned++ : -1;
  if (size > 1) {
    PetscCall(agree(meeting, num_met, -1, MPI_MAX, place));
    PetscCall(PetscSFDestroy(&meeting));
    PetscCall(PetscLayoutDestroy(&layout));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int compare_copies(const void *a, const void *b)
{
  const Copy *s = a, *t = b;
  if (s->owner != t->owner) return s->owner < t->owner ? -1 : 1;
  return (s->place > t->place) - (s->place < t->place);
}

/* The halo in its order. */
static PetscErrorCode list_halo(const OstMesh *mesh, const PetscInt owner[], const PetscInt place[],
                                Copy halo[])
{
  PetscMPIInt rank;
  PetscInt    num = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(mesh->comm, &rank));
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    if (owner[i] != rank) halo[num++] = (Copy){(PetscMPIInt)owner[i], place[i], i};
  if (num) qsort(halo, (size_t)num, sizeof *halo, compare_copies);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void renumber(PetscInt num, const PetscInt number[], PetscInt nodes[])
{
  for (PetscInt k = 0; k < num; k++) nodes[k] = number[nodes[k]];
}

static PetscErrorCode renumber_nodes(OstMesh *mesh, const PetscInt number[])
{
  PetscInt  *file;
  PetscReal *x;

  PetscFunctionBeginUser;
  renumber(10 * mesh->num_cells, number, mesh->cells);
  renumber(12 * mesh->num_faces, number, mesh->faces);
  renumber(6 * mesh->num_facets, number, mesh->facets);
  PetscCall(PetscMalloc1(mesh->num_nodes, &file));
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &x));
  for (PetscInt i = 0; i < mesh->num_nodes; i++) {
    file[number[i]] = mesh->node_file[i];
    for (int d = 0; d < 3; d++) x[3 * number[i] + d] = mesh->x[3 * i + d];
  }
  PetscCall(PetscFree(mesh->node_file));
  PetscCall(PetscFree(mesh->x));
  mesh->node_file = file;
  mesh->x         = x;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Owned nodes, then the halo, which is left in its final numbers. */
static PetscErrorCode put_owned_first(OstMesh *mesh, PetscInt of_cells, Copy halo[])
{
  PetscInt *owner, *place;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(mesh->num_nodes, &owner, mesh->num_nodes, &place));
  PetscCall(find_owners(mesh, of_cells, owner, place));
  PetscCall(list_halo(mesh, owner, place, halo));
  for (PetscInt k = 0; k < mesh->num_nodes - mesh->num_owned; k++) {
    place[halo[k].node] = mesh->num_owned + k;
    halo[k].node        = mesh->num_owned + k;
  }
  if (mesh->num_owned < mesh->num_nodes) PetscCall(renumber_nodes(mesh, place));
  PetscCall(PetscFree2(owner, place));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode create_exchange(const OstMesh *mesh, PetscInt num_owned, PetscInt num_halo,
                                      const Copy halo[], OstExchange **exchange)
{
  PetscMPIInt *owner;
  PetscInt    *place;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(num_halo, &owner, num_halo, &place));
  for (PetscInt k = 0; k < num_halo; k++) {
    owner[k] = halo[k].owner;
    place[k] = halo[k].place;
  }
  PetscCall(ost_exchange_create(mesh->comm, num_owned, num_halo, owner, place, exchange));
  PetscCall(PetscFree2(owner, place));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- vertices --------------------------------------------------------------------------------- */

static PetscErrorCode number_vertices(OstMesh *mesh)
{
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_nodes, &mesh->node_corner));
  for (PetscInt i = 0; i < mesh->num_nodes; i++) mesh->node_corner[i] = -1;
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    for (int a = 0; a < 4; a++) mesh->node_corner[mesh->cells[10 * c + a]] = 0;
  for (PetscInt f = 0; f < mesh->num_faces; f++)
    for (int a = 0; a < 3; a++)
      mesh->node_corner[mesh->faces[12 * f + a]] = mesh->node_corner[mesh->faces[12 * f + 6 + a]] =
          0;
  for (PetscInt i = 0; i < mesh->num_nodes; i++) {
    if (mesh->node_corner[i] < 0) continue;
    mesh->node_corner[i] = mesh->num_vertices++;
    mesh->num_owned_vertices += i < mesh->num_owned;
  }
  PetscCall(PetscMalloc1(mesh->num_vertices, &mesh->vertex_node));
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    if (mesh->node_corner[i] >= 0) mesh->vertex_node[mesh->node_corner[i]] = i;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The halo's vertices, by the numbers that their owners have given them. */
static PetscErrorCode create_vertex_exchange(OstMesh *mesh, const Copy halo[])
{
  PetscInt *there, num = 0;
  Copy     *vertices;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_nodes, &there));
  PetscCall(PetscMalloc1(mesh->num_vertices - mesh->num_owned_vertices, &vertices));
  PetscCall(PetscArraycpy(there, mesh->node_corner, mesh->num_nodes));
  PetscCall(ost_exchange_fill(mesh->node_exchange, MPIU_INT, 1, there));
  for (PetscInt k = 0; k < mesh->num_nodes - mesh->num_owned; k++) {
    const Copy *h = &halo[k];
    if (mesh->node_corner[h->node] < 0) continue;
    vertices[num++] = (Copy){h->owner, there[h->node], mesh->node_corner[h->node]};
  }
  PetscCall(create_exchange(mesh, mesh->num_owned_vertices, num, vertices, &mesh->vertex_exchange));
  PetscCall(PetscFree(vertices));
  PetscCall(PetscFree(there));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Rows of the global vectors: ranks one after the other. */
static PetscErrorCode find_rows(OstMesh *mesh)
{
  PetscInt owned[2] = {mesh->num_owned, mesh->num_owned_vertices}, end[2];

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Scan(owned, end, 2, MPIU_INT, MPI_SUM, mesh->comm));
  PetscCall(PetscMalloc1(mesh->num_nodes, &mesh->node_global));
  PetscCall(PetscMalloc1(mesh->num_nodes, &mesh->node_vertex));
  for (PetscInt i = 0; i < mesh->num_owned; i++) {
    const PetscInt vertex = mesh->node_corner[i];
    mesh->node_global[i]  = end[0] - owned[0] + i;
    mesh->node_vertex[i]  = vertex < 0 ? -1 : end[1] - owned[1] + vertex;
  }
  PetscCall(ost_exchange_fill(mesh->node_exchange, MPIU_INT, 1, mesh->node_global));
  PetscCall(ost_exchange_fill(mesh->node_exchange, MPIU_INT, 1, mesh->node_vertex));
  PetscCallMPI(MPI_Allreduce(&mesh->num_owned_vertices, &mesh->total_vertices, 1, MPIU_INT, MPI_SUM,
                             mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_number_nodes(OstMesh *mesh, PetscInt of_cells)
{
  Copy *halo;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_nodes, &halo));
  PetscCall(put_owned_first(mesh, of_cells, halo));
  PetscCall(create_exchange(mesh, mesh->num_owned, mesh->num_nodes - mesh->num_owned, halo,
                            &mesh->node_exchange));
  PetscCall(number_vertices(mesh));
  PetscCall(create_vertex_exchange(mesh, halo));
  PetscCall(find_rows(mesh));
  PetscCall(PetscFree(halo));
  PetscFunctionReturn(PETSC_SUCCESS);
}
