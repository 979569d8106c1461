#include "analysis/shaft_axis.h"

#include "base/tensor.h"
#include "fem/linear.h"

/* As near as this to z = 0 is in the plane of the resection. [mm] */
#define IN_PLANE 1e-3
/* Held faces whose mean normal is shorter than this look all round: no cut, but a sleeve. [-] */
#define CUT 0.9

enum { AT_RESECTION, AT_PROXIMAL, OF_IMPLANT }; /* marks of a node, > 0 if so */
enum { ROW, VALUE, COUNT }; /* what a stem's node learns of the bone's beside it */

/* What a corner node is in the system. */
typedef struct {
  PetscInt  row;   /* of the potential; stem and bone share one across the interface */
  PetscBool given; /* the potential is known */
  PetscReal value; /* then [-] */
} Corner;

/* Sums over the ranks of what each knows of its nodes, [num_nodes x 3], told to all. */
static PetscErrorCode add_up(const OstMesh *mesh, PetscReal local[])
{
  Vec sum;

  PetscFunctionBeginUser;
  PetscCall(ost_mesh_create_vec(mesh, &sum));
  PetscCall(ost_mesh_local_to_global(mesh, local, sum));
  PetscCall(ost_mesh_global_to_local(mesh, sum, local));
  PetscCall(VecDestroy(&sum));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The ends of the limb: the surface groups, the cut end under a collar, which has none, and of the
   implant all that lies outside the bone. */
static PetscErrorCode mark_nodes(const OstMesh *mesh, PetscReal mark[])
{
  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    for (int a = 0; a < 4 && ost_region_is_implant(mesh->region[c]); a++) {
      const PetscInt node         = mesh->cells[10 * c + a];
      mark[3 * node + OF_IMPLANT] = 1.0;
      if (mesh->x[3 * node + 2] < IN_PLANE) mark[3 * node + AT_RESECTION] = 1.0;
    }
  for (PetscInt f = 0; f < mesh->num_facets; f++)
    for (int a = 0; a < 3; a++) {
      const PetscInt node = mesh->facets[6 * f + a];
      if (mesh->surface[f] == OST_RESECTION) mark[3 * node + AT_RESECTION] = 1.0;
      if (mesh->surface[f] == OST_PROXIMAL) mark[3 * node + AT_PROXIMAL] = 1.0;
    }
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    const PetscInt *corner = &mesh->faces[12 * f];
    PetscInt        flat   = 0;
    for (int a = 0; a < 3; a++) flat += PetscAbsReal(mesh->x[3 * corner[a] + 2]) < IN_PLANE;
    for (int a = 0; a < 3 && flat == 3; a++) mark[3 * corner[a] + AT_RESECTION] = 1.0;
  }
  PetscCall(add_up(mesh, mark));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Whether the held end is a plane cut or nearly so. */
static PetscErrorCode is_cut(const OstMesh *mesh, PetscBool *cut)
{
  PetscReal sum[4] = {0, 0, 0, 0}; /* normals times areas, areas; twice */

  PetscFunctionBeginUser;
  for (PetscInt f = 0; f < mesh->num_facets; f++) {
    const PetscInt *node = &mesh->facets[6 * f];
    PetscReal       edge[2][3], n[3];
    if (mesh->surface[f] != OST_PROXIMAL) continue;
    for (int e = 0; e < 2; e++)
      for (int i = 0; i < 3; i++)
        edge[e][i] = mesh->x[3 * node[e + 1] + i] - mesh->x[3 * node[0] + i];
    ost_cross3(edge[0], edge[1], n);
    for (int i = 0; i < 3; i++) sum[i] += n[i];
    sum[3] += ost_norm3(n);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 4, MPIU_REAL, MPIU_SUM, mesh->comm));
  *cut = ost_norm3(sum) > CUT * sum[3] ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Ends of the bone alone: an implant's end is no end of the shaft. Of a sleeve only the upper half
   is kept: with one potential all round, the direction inside would be anything. */
static PetscErrorCode settle_ends(const OstMesh *mesh, PetscReal mark[], PetscBool *there)
{
  PetscReal most[3] = {-1.0, -PETSC_MAX_REAL, -PETSC_MAX_REAL}; /* any cut; least z, most z held */
  PetscBool cut     = PETSC_TRUE;

  PetscFunctionBeginUser;
  for (PetscInt n = 0; n < mesh->num_nodes; n++) {
    const PetscReal z = mesh->x[3 * n + 2];
    if (mark[3 * n + OF_IMPLANT] > 0.0) continue;
    if (mark[3 * n + AT_RESECTION] > 0.0) most[0] = 1.0;
    if (!(mark[3 * n + AT_PROXIMAL] > 0.0)) continue;
    most[1] = PetscMax(most[1], -z);
    most[2] = PetscMax(most[2], z);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, most, 3, MPIU_REAL, MPIU_MAX, mesh->comm));
  *there = most[0] > 0.0 && most[2] > -PETSC_MAX_REAL ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(is_cut(mesh, &cut));
  for (PetscInt n = 0; n < mesh->num_nodes && !cut; n++)
    if (mesh->x[3 * n + 2] < 0.5 * (most[2] - most[1])) mark[3 * n + AT_PROXIMAL] = 0.0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* mark [num_nodes x 3] is used up. */
static PetscErrorCode number_corners(const OstMesh *mesh, PetscReal mark[], Corner corner[])
{
  PetscFunctionBeginUser;
  for (PetscInt n = 0; n < mesh->num_nodes; n++) {
    const PetscReal *m = &mark[3 * n];
    corner[n]          = (Corner){.row   = mesh->node_vertex[n],
                                  .given = m[AT_RESECTION] > 0.0 || m[AT_PROXIMAL] > 0.0,
                                  .value = m[AT_PROXIMAL] > 0.0 ? 1.0 : 0.0};
  }
  /* the interface is no wall: the stem's nodes stand for the bone's */
  for (PetscInt k = 0; k < 3 * mesh->num_nodes; k++) mark[k] = 0.0;
  for (PetscInt f = 0; f < mesh->num_faces; f++)
    for (int a = 0; a < 3; a++) {
      const Corner *bone = &corner[mesh->faces[12 * f + a]];
      PetscReal    *stem = &mark[3 * mesh->faces[12 * f + 6 + a]];
      stem[ROW]          = (PetscReal)bone->row;
      stem[VALUE]        = bone->given ? 1.0 + bone->value : 0.0;
      stem[COUNT]        = 1.0;
    }
  PetscCall(add_up(mesh, mark));
  for (PetscInt n = 0; n < mesh->num_nodes; n++) {
    const PetscReal *m = &mark[3 * n];
    if (!(m[COUNT] > 0.0)) continue;
    corner[n].row   = (PetscInt)PetscFloorReal(m[ROW] / m[COUNT] + 0.5);
    corner[n].given = m[VALUE] > 0.0 ? PETSC_TRUE : PETSC_FALSE;
    corner[n].value = m[VALUE] / m[COUNT] - 1.0;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Gradients of the four linear shape functions [1/mm] and the volume [mm3]. */
static PetscReal corner_gradients(const OstMesh *mesh, PetscInt cell, PetscReal g[4][3])
{
  const PetscInt *node = &mesh->cells[10 * cell];
  PetscReal       edge[3][3], det;

  for (int e = 0; e < 3; e++)
    for (int i = 0; i < 3; i++)
      edge[e][i] = mesh->x[3 * node[e + 1] + i] - mesh->x[3 * node[0] + i];
  for (int e = 0; e < 3; e++) ost_cross3(edge[(e + 1) % 3], edge[(e + 2) % 3], g[e + 1]);
  det = ost_dot3(edge[0], g[1]);
  for (int i = 0; i < 3; i++) {
    for (int e = 1; e < 4; e++) g[e][i] /= det;
    g[0][i] = -g[1][i] - g[2][i] - g[3][i];
  }
  return det / 6.0;
}

/* Conductivity matrix and right-hand side; given potentials are moved to the right. b NULL: the
   pattern only. */
static PetscErrorCode add_cells(const OstMesh *mesh, const Corner corner[], Mat A, Vec b)
{
  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscInt        row[4];
    PetscReal       g[4][3], K[4][4], flow[4] = {0, 0, 0, 0};
    const PetscReal volume = corner_gradients(mesh, c, g);
    for (int i = 0; i < 4; i++) {
      const Corner *to = &corner[mesh->cells[10 * c + i]];
      row[i]           = to->row;
      for (int k = 0; k < 4; k++) {
        const Corner   *from  = &corner[mesh->cells[10 * c + k]];
        const PetscReal value = to->given ? 0.0 : volume * ost_dot3(g[i], g[k]);
        K[i][k]               = from->given ? 0.0 : value;
        flow[i] -= from->given ? value * from->value : 0.0;
      }
    }
    PetscCall(MatSetValues(A, 4, row, 4, row, &K[0][0], ADD_VALUES));
    if (b) PetscCall(VecSetValues(b, 4, row, flow, ADD_VALUES));
  }
  for (PetscInt k = 0; k < mesh->num_owned; k++) {
    const PetscInt  row  = mesh->node_vertex[k];
    const Corner   *at   = &corner[k];
    const PetscBool idle = at->row != row ? PETSC_TRUE : PETSC_FALSE; /* the bone's row serves */
    if (row < 0) continue;
    PetscCall(MatSetValue(A, row, row, at->given || idle ? 1.0 : 0.0, ADD_VALUES));
    if (b && at->given && !idle) PetscCall(VecSetValue(b, row, at->value, ADD_VALUES));
  }
  PetscCall(MatAssemblyBegin(A, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(A, MAT_FINAL_ASSEMBLY));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One row for each vertex, in the order of the P1 displacements. */
static PetscErrorCode create_system(const OstMesh *mesh, const Corner corner[], Mat *A, Vec *b)
{
  const PetscInt local = mesh->num_owned_vertices;
  Mat            pattern;

  PetscFunctionBeginUser;
  PetscCall(MatCreate(mesh->comm, &pattern));
  PetscCall(MatSetSizes(pattern, local, local, PETSC_DETERMINE, PETSC_DETERMINE));
  PetscCall(MatSetType(pattern, MATPREALLOCATOR));
  PetscCall(MatSetUp(pattern));
  PetscCall(add_cells(mesh, corner, pattern, NULL));
  PetscCall(MatCreate(mesh->comm, A));
  PetscCall(MatSetSizes(*A, local, local, PETSC_DETERMINE, PETSC_DETERMINE));
  PetscCall(MatSetType(*A, MATAIJ));
  PetscCall(MatPreallocatorPreallocate(pattern, PETSC_TRUE, *A));
  PetscCall(MatSetOption(*A, MAT_SPD, PETSC_TRUE));
  PetscCall(MatDestroy(&pattern));
  PetscCall(MatCreateVecs(*A, NULL, b));
  PetscCall(add_cells(mesh, corner, *A, *b));
  PetscCall(VecAssemblyBegin(*b));
  PetscCall(VecAssemblyEnd(*b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode solve(Mat A, Vec b, Vec potential, PetscBool *reached)
{
  KSP                ksp;
  PC                 pc;
  KSPConvergedReason reason;

  PetscFunctionBeginUser;
  PetscCall(KSPCreate(PetscObjectComm((PetscObject)A), &ksp));
  PetscCall(KSPSetOptionsPrefix(ksp, "shaft_"));
  PetscCall(KSPSetOperators(ksp, A, A));
  PetscCall(KSPSetType(ksp, KSPCG));
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCSetType(pc, PCGAMG));
  PetscCall(KSPSetTolerances(ksp, 1e-12, 1e-300, PETSC_DEFAULT, 1000));
  PetscCall(KSPSetFromOptions(ksp));
  PetscCall(KSPSolve(ksp, b, potential));
  PetscCall(KSPGetConvergedReason(ksp, &reason));
  *reached = reason > 0 ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(KSPDestroy(&ksp));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* From rows of vertices to nodes, halo included: local [num_nodes x 3], the first of three. */
static PetscErrorCode to_nodes(const OstMesh *mesh, Vec potential, PetscReal local[])
{
  const PetscScalar *value;
  PetscScalar       *node;
  PetscInt           first;
  Vec                on_nodes;

  PetscFunctionBeginUser;
  PetscCall(ost_mesh_create_vec(mesh, &on_nodes));
  PetscCall(VecGetOwnershipRange(potential, &first, NULL));
  PetscCall(VecGetArrayRead(potential, &value));
  PetscCall(VecGetArray(on_nodes, &node));
  for (PetscInt k = 0; k < mesh->num_owned; k++) {
    const PetscInt row = mesh->node_vertex[k];
    if (row >= 0) node[3 * k] = value[row - first];
  }
  PetscCall(VecRestoreArray(on_nodes, &node));
  PetscCall(VecRestoreArrayRead(potential, &value));
  PetscCall(ost_mesh_global_to_local(mesh, on_nodes, local));
  PetscCall(VecDestroy(&on_nodes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void directions(const OstMesh *mesh, const PetscReal potential[], PetscReal axis[])
{
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscReal g[4][3], *a = &axis[3 * c];
    a[0] = a[1] = a[2] = 0.0;
    if (ost_region_is_implant(mesh->region[c])) continue;
    corner_gradients(mesh, c, g);
    for (int k = 0; k < 4; k++)
      for (int i = 0; i < 3; i++) a[i] += g[k][i] * potential[3 * mesh->cells[10 * c + k]];
    const PetscReal slope = ost_norm3(a);
    if (slope > 0.0)
      for (int i = 0; i < 3; i++) a[i] /= slope;
    else
      a[2] = 1.0; /* all corners in one end */
  }
}

PetscErrorCode ost_shaft_axis_find(const OstMesh *mesh, PetscReal axis[], PetscBool *found)
{
  PetscReal *work; /* [num_nodes x 3] marks, then potentials */
  Corner    *corner;
  Mat        A;
  Vec        b, potential;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &work));
  PetscCall(mark_nodes(mesh, work));
  PetscCall(settle_ends(mesh, work, found));
  if (*found) {
    PetscCall(PetscMalloc1(mesh->num_nodes, &corner));
    PetscCall(number_corners(mesh, work, corner));
    PetscCall(create_system(mesh, corner, &A, &b));
    PetscCall(VecDuplicate(b, &potential));
    PetscCall(solve(A, b, potential, found));
    PetscCall(to_nodes(mesh, potential, work));
    directions(mesh, work, axis);
    PetscCall(VecDestroy(&potential));
    PetscCall(VecDestroy(&b));
    PetscCall(MatDestroy(&A));
    PetscCall(PetscFree(corner));
  }
  PetscCall(PetscFree(work));
  PetscFunctionReturn(PETSC_SUCCESS);
}
