#include "meshes/tet_mesh.h"

const char *const ost_part_names[OST_NUM_PARTS] = {"cortical", "cancellous", "marrow",
                                                   "bone",     "stem",       "abutment"};
const char *const ost_skin_names[OST_NUM_SKINS] = {
    "interface_coated", "interface_smooth", "resection", "proximal", "abutment_end", "periosteum"};

/* Corners of the edges, and corners and edges of the faces (outward for a positive element). */
static const PetscInt edge_corners[6][2] = {{0, 1}, {1, 2}, {0, 2}, {0, 3}, {2, 3}, {1, 3}};
static const PetscInt face_nodes[4][6]   = {
      {0, 2, 1, 6, 5, 4}, {0, 1, 3, 4, 9, 7}, {1, 2, 3, 5, 8, 9}, {0, 3, 2, 7, 8, 6}};

PetscBool ost_part_is_metal(PetscInt part)
{
  return (PetscBool)(part == OST_PART_STEM || part == OST_PART_ABUTMENT);
}

PetscErrorCode ost_tet_mesh_destroy(OstTetMesh *mesh)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(mesh->x));
  PetscCall(PetscFree(mesh->tet));
  PetscCall(PetscFree(mesh->part));
  PetscCall(PetscFree(mesh->face));
  PetscCall(PetscFree(mesh->skin));
  PetscCall(PetscMemzero(mesh, sizeof(*mesh)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal volume6(const PetscReal *a, const PetscReal *b, const PetscReal *c,
                         const PetscReal *d)
{
  PetscReal u[3], v[3], w[3];

  for (PetscInt k = 0; k < 3; k++) {
    u[k] = b[k] - a[k];
    v[k] = c[k] - a[k];
    w[k] = d[k] - a[k];
  }
  return (u[1] * v[2] - u[2] * v[1]) * w[0] + (u[2] * v[0] - u[0] * v[2]) * w[1] +
         (u[0] * v[1] - u[1] * v[0]) * w[2];
}

/* --- mid-side nodes --------------------------------------------------------------------------- */

typedef struct {
  PetscInt low, high; /* corners */
  PetscInt slot;      /* 10 tet + local node */
} EdgeUse;

static int compare_edges(const void *p, const void *q)
{
  const EdgeUse *a = p, *b = q;

  if (a->low != b->low) return a->low < b->low ? -1 : 1;
  if (a->high != b->high) return a->high < b->high ? -1 : 1;
  return (a->slot > b->slot) - (a->slot < b->slot);
}

/* Number the edges in the order in which the tetrahedra meet them; edge[6 num_tets] out. */
static PetscErrorCode number_edges(PetscInt num_tets, const PetscInt tet[], PetscInt *num_edges,
                                   PetscInt edge[])
{
  const PetscInt n = 6 * num_tets;
  EdgeUse       *use;
  PetscInt       next = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &use));
  for (PetscInt c = 0; c < num_tets; c++) {
    for (PetscInt e = 0; e < 6; e++) {
      const PetscInt a = tet[10 * c + edge_corners[e][0]], b = tet[10 * c + edge_corners[e][1]];
      use[6 * c + e] = (EdgeUse){PetscMin(a, b), PetscMax(a, b), 6 * c + e};
    }
  }
  qsort(use, (size_t)n, sizeof(*use), compare_edges);
  /* The first use of an edge is its owner; then owners count up in the order of the slots. */
  for (PetscInt i = 0, owner = 0; i < n; i++) {
    if (i == 0 || use[i].low != use[i - 1].low || use[i].high != use[i - 1].high) {
      owner = use[i].slot;
    }
    edge[use[i].slot] = owner;
  }
  for (PetscInt i = 0; i < n; i++) edge[i] = (edge[i] == i) ? next++ : edge[edge[i]];
  *num_edges = next;
  PetscCall(PetscFree(use));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_tet_mesh_from_linear(PetscInt num_nodes, const PetscReal x[], PetscInt num_tets,
                                        const PetscInt corner[], const PetscInt part[],
                                        OstTetMesh *mesh)
{
  PetscInt *renumber, *edge, num_edges = 0, used = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(mesh, sizeof(*mesh)));
  PetscCall(PetscMalloc1(num_nodes, &renumber));
  for (PetscInt i = 0; i < num_nodes; i++) renumber[i] = -1;
  for (PetscInt i = 0; i < 4 * num_tets; i++) renumber[corner[i]] = 0;
  for (PetscInt i = 0; i < num_nodes; i++) renumber[i] = renumber[i] < 0 ? -1 : used++;

  /* Corners, turned where a tetrahedron stands on its head. */
  PetscCall(PetscMalloc1(10 * num_tets, &mesh->tet));
  PetscCall(PetscMalloc1(num_tets, &mesh->part));
  mesh->num_tets = num_tets;
  for (PetscInt c = 0; c < num_tets; c++) {
    const PetscInt *v = &corner[4 * c];
    PetscInt       *t = &mesh->tet[10 * c];
    for (PetscInt a = 0; a < 4; a++) t[a] = renumber[v[a]];
    if (volume6(&x[3 * v[0]], &x[3 * v[1]], &x[3 * v[2]], &x[3 * v[3]]) < 0.0) {
      const PetscInt keep = t[1];
      t[1]                = t[2];
      t[2]                = keep;
    }
    mesh->part[c] = part[c];
  }

  PetscCall(PetscMalloc1(6 * num_tets, &edge));
  PetscCall(number_edges(num_tets, mesh->tet, &num_edges, edge));
  mesh->num_nodes = used + num_edges;
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &mesh->x));
  for (PetscInt i = 0; i < num_nodes; i++) {
    if (renumber[i] >= 0) PetscCall(PetscArraycpy(&mesh->x[3 * renumber[i]], &x[3 * i], 3));
  }
  for (PetscInt c = 0; c < num_tets; c++) {
    PetscInt *t = &mesh->tet[10 * c];
    for (PetscInt e = 0; e < 6; e++) {
      const PetscInt a = t[edge_corners[e][0]], b = t[edge_corners[e][1]];
      t[4 + e] = used + edge[6 * c + e];
      for (PetscInt k = 0; k < 3; k++) {
        mesh->x[3 * t[4 + e] + k] = 0.5 * (mesh->x[3 * a + k] + mesh->x[3 * b + k]);
      }
    }
  }
  PetscCall(PetscFree(edge));
  PetscCall(PetscFree(renumber));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_tet_mesh_from_quadratic(PetscInt num_nodes, const PetscReal x[],
                                           PetscInt num_tets, const PetscInt tet[],
                                           const PetscInt part[], OstTetMesh *mesh)
{
  /* Corners 1 and 2 exchanged, for an element that is inside out. */
  static const PetscInt turned[10] = {0, 2, 1, 3, 6, 5, 4, 7, 9, 8};
  PetscInt             *renumber;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(mesh, sizeof(*mesh)));
  PetscCall(PetscMalloc1(num_nodes, &renumber));
  for (PetscInt i = 0; i < num_nodes; i++) renumber[i] = -1;
  for (PetscInt i = 0; i < 10 * num_tets; i++) renumber[tet[i]] = 0;
  for (PetscInt i = 0; i < num_nodes; i++) {
    renumber[i] = renumber[i] < 0 ? -1 : mesh->num_nodes++;
  }
  mesh->num_tets = num_tets;
  PetscCall(PetscMalloc1(3 * mesh->num_nodes, &mesh->x));
  PetscCall(PetscMalloc1(10 * num_tets, &mesh->tet));
  PetscCall(PetscMalloc1(num_tets, &mesh->part));
  for (PetscInt i = 0; i < num_nodes; i++) {
    if (renumber[i] >= 0) PetscCall(PetscArraycpy(&mesh->x[3 * renumber[i]], &x[3 * i], 3));
  }
  for (PetscInt c = 0; c < num_tets; c++) {
    const PetscInt *v = &tet[10 * c];
    const PetscBool bad =
        (PetscBool)(volume6(&x[3 * v[0]], &x[3 * v[1]], &x[3 * v[2]], &x[3 * v[3]]) < 0.0);
    for (PetscInt a = 0; a < 10; a++) mesh->tet[10 * c + a] = renumber[v[bad ? turned[a] : a]];
    mesh->part[c] = part[c];
  }
  PetscCall(PetscFree(renumber));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- faces ------------------------------------------------------------------------------------ */

typedef struct {
  PetscInt v[3]; /* sorted corners */
  PetscInt tet, local;
} FaceUse;

#define INTERFACE 4 /* added to `local` of a face between metal and bone while faces are sorted */

static int compare_faces(const void *p, const void *q)
{
  const FaceUse *a = p, *b = q;

  for (PetscInt i = 0; i < 3; i++) {
    if (a->v[i] != b->v[i]) return a->v[i] < b->v[i] ? -1 : 1;
  }
  return (a->tet > b->tet) - (a->tet < b->tet);
}

static int compare_by_tet(const void *p, const void *q)
{
  const FaceUse *a = p, *b = q;

  if (a->tet != b->tet) return a->tet < b->tet ? -1 : 1;
  return (a->local % INTERFACE > b->local % INTERFACE) -
         (a->local % INTERFACE < b->local % INTERFACE);
}

static PetscBool same_face(const FaceUse *a, const FaceUse *b)
{
  return (PetscBool)(a->v[0] == b->v[0] && a->v[1] == b->v[1] && a->v[2] == b->v[2]);
}

static void sort3(PetscInt v[3])
{
  for (PetscInt i = 0; i < 2; i++) {
    for (PetscInt j = 0; j < 2 - i; j++) {
      if (v[j] > v[j + 1]) {
        const PetscInt keep = v[j];
        v[j]                = v[j + 1];
        v[j + 1]            = keep;
      }
    }
  }
}

/* Group of a face on the outside of a tetrahedron of this part; -1: in no group. */
static PetscInt outer_skin(const PetscReal z[3], PetscInt part, const OstSkinRule *rule)
{
  const PetscReal low  = PetscMin(z[0], PetscMin(z[1], z[2]));
  const PetscReal high = PetscMax(z[0], PetscMax(z[1], z[2])), tol = rule->tolerance;

  if (ost_part_is_metal(part)) {
    return high < rule->abutment_end + tol ? (PetscInt)OST_SKIN_ABUTMENT_END : -1;
  }
  if (high < tol && low > -tol) return OST_SKIN_RESECTION;
  if (rule->proximal_flat) {
    return low > rule->proximal_from - tol ? OST_SKIN_PROXIMAL : OST_SKIN_PERIOSTEUM;
  }
  return (z[0] + z[1] + z[2]) / 3.0 >= rule->proximal_from ? OST_SKIN_PROXIMAL
                                                           : OST_SKIN_PERIOSTEUM;
}

/* Outer faces, and faces between metal and bone, seen from the metal: in the order of their
   tetrahedra, with sorted corners; on_interface [num]. Both freed by PetscFree. */
static PetscErrorCode collect_faces(const OstTetMesh *mesh, PetscInt *num, FaceUse **faces,
                                    PetscBool **on_interface)
{
  const PetscInt n = 4 * mesh->num_tets;
  FaceUse       *use, *keep;
  PetscInt       m = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &use));
  PetscCall(PetscMalloc1(n, &keep));
  for (PetscInt c = 0; c < mesh->num_tets; c++) {
    for (PetscInt f = 0; f < 4; f++) {
      FaceUse *u = &use[4 * c + f];
      for (PetscInt a = 0; a < 3; a++) u->v[a] = mesh->tet[10 * c + face_nodes[f][a]];
      sort3(u->v);
      u->tet   = c;
      u->local = f;
    }
  }
  qsort(use, (size_t)n, sizeof(*use), compare_faces);
  for (PetscInt i = 0, j; i < n; i = j) {
    j = i + 1;
    while (j < n && same_face(&use[i], &use[j])) j++;
    OstAssert(j - i <= 2, "a triangle is shared by %d tetrahedra", (int)(j - i));
    if (j - i == 1) {
      keep[m++] = use[i];
    } else {
      const PetscBool m0 = ost_part_is_metal(mesh->part[use[i].tet]);
      const PetscBool m1 = ost_part_is_metal(mesh->part[use[i + 1].tet]);
      if (m0 != m1) {
        keep[m] = m0 ? use[i] : use[i + 1];
        keep[m++].local += INTERFACE;
      }
    }
  }
  PetscCall(PetscFree(use));
  qsort(keep, (size_t)m, sizeof(*keep), compare_by_tet);
  PetscCall(PetscMalloc1(m, on_interface));
  for (PetscInt i = 0; i < m; i++) {
    (*on_interface)[i] = (PetscBool)(keep[i].local >= INTERFACE);
    keep[i].local %= INTERFACE;
  }
  *num   = m;
  *faces = keep;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Make `faces` the mesh's, those of skin [num] >= 0. */
static PetscErrorCode store_faces(OstTetMesh *mesh, PetscInt num, const FaceUse faces[],
                                  const PetscInt skin[])
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(mesh->face));
  PetscCall(PetscFree(mesh->skin));
  PetscCall(PetscMalloc1(6 * num, &mesh->face));
  PetscCall(PetscMalloc1(num, &mesh->skin));
  mesh->num_faces = 0;
  for (PetscInt i = 0; i < num; i++) {
    const PetscInt *t = &mesh->tet[10 * faces[i].tet], *nodes = face_nodes[faces[i].local];
    if (skin[i] < 0) continue;
    for (PetscInt a = 0; a < 6; a++) mesh->face[6 * mesh->num_faces + a] = t[nodes[a]];
    mesh->skin[mesh->num_faces++] = skin[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_tet_mesh_find_faces(OstTetMesh *mesh, const OstSkinRule *rule)
{
  FaceUse   *faces;
  PetscBool *on_interface;
  PetscInt   num, *skin;

  PetscFunctionBeginUser;
  PetscCall(collect_faces(mesh, &num, &faces, &on_interface));
  PetscCall(PetscMalloc1(num, &skin));
  for (PetscInt i = 0; i < num; i++) {
    const PetscInt part = mesh->part[faces[i].tet];
    PetscReal      z[3], mid;
    for (PetscInt a = 0; a < 3; a++) z[a] = mesh->x[3 * faces[i].v[a] + 2];
    mid = (z[0] + z[1] + z[2]) / 3.0;
    /* A collar's underside at z = 0 is not of the stem: it stays smooth. */
    if (!on_interface[i])
      skin[i] = outer_skin(z, part, rule);
    else if (part == OST_PART_STEM && mid > rule->coated_from - rule->tolerance &&
             mid < rule->coated_to + rule->tolerance) {
      skin[i] = OST_SKIN_COATED;
    } else
      skin[i] = OST_SKIN_SMOOTH;
  }
  PetscCall(store_faces(mesh, num, faces, skin));
  PetscCall(PetscFree(skin));
  PetscCall(PetscFree(faces));
  PetscCall(PetscFree(on_interface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_tet_mesh_name_faces(OstTetMesh *mesh, PetscInt num_given,
                                       const PetscInt corner[], const PetscInt given[],
                                       PetscInt *num_unnamed, PetscInt *num_misplaced)
{
  FaceUse   *faces, *sorted;
  PetscBool *on_interface;
  PetscInt   num, *skin;

  PetscFunctionBeginUser;
  *num_unnamed = *num_misplaced = 0;
  PetscCall(collect_faces(mesh, &num, &faces, &on_interface));
  PetscCall(PetscMalloc1(num, &skin));
  PetscCall(PetscMalloc1(num, &sorted));
  for (PetscInt i = 0; i < num; i++) {
    skin[i]         = -1;
    sorted[i]       = faces[i];
    sorted[i].tet   = 0; /* found by its corners alone; .local says which face it is */
    sorted[i].local = i;
  }
  qsort(sorted, (size_t)num, sizeof(*sorted), compare_faces);
  for (PetscInt i = 0; i < num_given; i++) {
    const PetscBool interface =
        (PetscBool)(given[i] == OST_SKIN_COATED || given[i] == OST_SKIN_SMOOTH);
    FaceUse        key = {.tet = 0};
    const FaceUse *hit;
    for (PetscInt a = 0; a < 3; a++) key.v[a] = corner[3 * i + a];
    sort3(key.v);
    hit = bsearch(&key, sorted, (size_t)num, sizeof(*sorted), compare_faces);
    if (!hit || interface != on_interface[hit->local])
      (*num_misplaced)++;
    else
      skin[hit->local] = given[i];
  }
  for (PetscInt i = 0; i < num; i++) {
    if (!on_interface[i] || skin[i] >= 0) continue;
    skin[i] = OST_SKIN_SMOOTH;
    (*num_unnamed)++;
  }
  PetscCall(store_faces(mesh, num, faces, skin));
  PetscCall(PetscFree(sorted));
  PetscCall(PetscFree(skin));
  PetscCall(PetscFree(faces));
  PetscCall(PetscFree(on_interface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- curved interface ------------------------------------------------------------------------- */

void ost_tet_mesh_jacobian(const PetscReal x[10][3], PetscInt p, PetscReal J[3][3])
{
  /* Barycentric coordinates of corners, edge middles and centroid. */
  static const PetscReal points[OST_TET_POINTS][4] = {{1, 0, 0, 0},
                                                      {0, 1, 0, 0},
                                                      {0, 0, 1, 0},
                                                      {0, 0, 0, 1},
                                                      {0.5, 0.5, 0, 0},
                                                      {0, 0.5, 0.5, 0},
                                                      {0.5, 0, 0.5, 0},
                                                      {0.5, 0, 0, 0.5},
                                                      {0, 0, 0.5, 0.5},
                                                      {0, 0.5, 0, 0.5},
                                                      {0.25, 0.25, 0.25, 0.25}};
  PetscReal              d[4][3]; /* derivatives by the four coordinates */

  for (PetscInt a = 0; a < 4; a++) {
    for (PetscInt k = 0; k < 3; k++) d[a][k] = (4.0 * points[p][a] - 1.0) * x[a][k];
  }
  for (PetscInt e = 0; e < 6; e++) {
    const PetscInt a = edge_corners[e][0], b = edge_corners[e][1];
    for (PetscInt k = 0; k < 3; k++) {
      d[a][k] += 4.0 * points[p][b] * x[4 + e][k];
      d[b][k] += 4.0 * points[p][a] * x[4 + e][k];
    }
  }
  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt k = 0; k < 3; k++) J[i][k] = d[i + 1][k] - d[0][k];
  }
}

PetscReal ost_tet_mesh_det(const PetscReal J[3][3])
{
  return J[0][0] * (J[1][1] * J[2][2] - J[1][2] * J[2][1]) -
         J[0][1] * (J[1][0] * J[2][2] - J[1][2] * J[2][0]) +
         J[0][2] * (J[1][0] * J[2][1] - J[1][1] * J[2][0]);
}

/* 3 / (|A| |A^-1|) for A = J^T W^-1, W the regular tetrahedron's edges. */
static PetscReal sicn_of(const PetscReal J[3][3])
{
  /* Inverse of the matrix whose columns are the edges (1,0,0), (1/2, sqrt 3/2, 0),
     (1/2, sqrt 3/6, sqrt(2/3)) of the regular tetrahedron. */
  const PetscReal a = 1.0 / PetscSqrtReal(3.0), b = 1.0 / PetscSqrtReal(6.0);
  const PetscReal W[3][3] = {{1.0, -a, -b}, {0.0, 2.0 * a, -b}, {0.0, 0.0, 3.0 * b}};
  PetscReal       A[3][3], C[3][3], det, norm = 0.0, conorm = 0.0;

  for (PetscInt k = 0; k < 3; k++) {
    for (PetscInt j = 0; j < 3; j++) {
      A[k][j] = J[0][k] * W[0][j] + J[1][k] * W[1][j] + J[2][k] * W[2][j];
    }
  }
  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt j = 0; j < 3; j++) {
      const PetscInt p = (i + 1) % 3, q = (i + 2) % 3, r = (j + 1) % 3, s = (j + 2) % 3;
      C[i][j] = A[p][r] * A[q][s] - A[p][s] * A[q][r];
      norm += A[i][j] * A[i][j];
      conorm += C[i][j] * C[i][j];
    }
  }
  det = ost_tet_mesh_det((const PetscReal(*)[3])A);
  if (norm <= 0.0 || conorm <= 0.0) return 0.0;
  return 3.0 * det / PetscSqrtReal(norm * conorm); /* |A^-1| = |cof A| / |det A| */
}

PetscReal ost_tet_mesh_sicn(const PetscReal x[10][3])
{
  PetscReal min = PETSC_MAX_REAL, J[3][3];

  for (PetscInt p = 0; p < OST_TET_POINTS; p++) {
    ost_tet_mesh_jacobian(x, p, J);
    min = PetscMin(min, sicn_of((const PetscReal(*)[3])J));
  }
  return min;
}

/* Distance of a point to the stem's surface, shaft below and rounded edge or dome above `begin`. */
static PetscReal off_surface(const OstImplant *implant, PetscReal begin, PetscReal centre,
                             const PetscReal x[3])
{
  const PetscReal r = hypot(x[0], x[1]);

  if (x[2] <= begin) return PetscAbsReal(r - ost_implant_radius(implant, x[2]));
  return PetscAbsReal(hypot(r - centre, x[2] - begin) - implant->tip_rounding);
}

/* The point of the stem's surface nearest to a mid-side node whose edge lies on that surface; FALSE
   where an end is not on its round part (collar, flat of the tip). Shaft and rounding meet in a
   common tangent, so that an edge may cross from one to the other. */
static PetscBool project(const OstImplant *implant, const PetscReal a[3], const PetscReal b[3],
                         PetscReal x[3])
{
  const PetscReal begin = ost_implant_tip_begin(implant), rho = implant->tip_rounding;
  const PetscReal centre = 0.5 * (implant->diameter - implant->taper) - rho;
  const PetscReal tol    = 1e-4 * implant->diameter;
  const PetscReal r      = hypot(x[0], x[1]);
  PetscReal       target_r, target_z = x[2];

  if (r < tol || off_surface(implant, begin, centre, a) > tol ||
      off_surface(implant, begin, centre, b) > tol)
    return PETSC_FALSE;
  if (x[2] <= begin)
    target_r = ost_implant_radius(implant, x[2]);
  else {
    const PetscReal d = hypot(r - centre, x[2] - begin);
    if (d < tol || r < centre) return PETSC_FALSE;
    target_r = centre + (r - centre) * rho / d;
    target_z = begin + (x[2] - begin) * rho / d;
  }
  x[0] *= target_r / r;
  x[1] *= target_r / r;
  x[2] = target_z;
  return PETSC_TRUE;
}

/* Does curving harm cell c: under SICN 0.2, and worse than its straight self? */
static PetscBool is_harmed(const OstTetMesh *mesh, PetscInt c)
{
  const PetscInt *t = &mesh->tet[10 * c];
  PetscReal       x[10][3];

  for (PetscInt a = 0; a < 10; a++)
    for (PetscInt k = 0; k < 3; k++) x[a][k] = mesh->x[3 * t[a] + k];
  const PetscReal curved = ost_tet_mesh_sicn((const PetscReal(*)[3])x);
  if (curved >= 0.2) return PETSC_FALSE;
  for (PetscInt e = 0; e < 6; e++)
    for (PetscInt k = 0; k < 3; k++)
      x[4 + e][k] = 0.5 * (x[edge_corners[e][0]][k] + x[edge_corners[e][1]][k]);
  return curved < ost_tet_mesh_sicn((const PetscReal(*)[3])x) - 1e-9 ? PETSC_TRUE : PETSC_FALSE;
}

PetscErrorCode ost_tet_mesh_curve(OstTetMesh *mesh, const OstImplant *implant, PetscInt *num_curved)
{
  PetscReal *shift; /* of each node from the straight place */
  PetscBool  again = PETSC_TRUE;

  PetscFunctionBeginUser;
  *num_curved = 0;
  PetscCall(PetscCalloc1(3 * mesh->num_nodes, &shift));
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    if (mesh->skin[f] != OST_SKIN_COATED && mesh->skin[f] != OST_SKIN_SMOOTH) continue;
    for (PetscInt e = 0; e < 3; e++) {
      const PetscInt a = mesh->face[6 * f + e], b = mesh->face[6 * f + (e + 1) % 3];
      const PetscInt m = mesh->face[6 * f + 3 + e];
      PetscReal      x[3];
      PetscCall(PetscArraycpy(x, &mesh->x[3 * m], 3));
      if (!project(implant, &mesh->x[3 * a], &mesh->x[3 * b], x)) continue;
      for (PetscInt k = 0; k < 3; k++) shift[3 * m + k] += x[k] - mesh->x[3 * m + k];
      PetscCall(PetscArraycpy(&mesh->x[3 * m], x, 3)); /* its second face projects it onto itself */
    }
  }

  /* Take back what harms an element. */
  for (PetscInt pass = 0; again && pass < 12; pass++) {
    again = PETSC_FALSE;
    for (PetscInt c = 0; c < mesh->num_tets; c++) {
      const PetscReal back = pass < 4 ? 0.5 : 1.0;
      if (!is_harmed(mesh, c)) continue;
      for (PetscInt e = 4; e < 10; e++) {
        const PetscInt m = mesh->tet[10 * c + e];
        for (PetscInt k = 0; k < 3; k++) {
          if (shift[3 * m + k] == 0.0) continue;
          mesh->x[3 * m + k] -= back * shift[3 * m + k];
          shift[3 * m + k] *= 1.0 - back;
          again = PETSC_TRUE;
        }
      }
    }
  }
  for (PetscInt i = 0; i < mesh->num_nodes; i++) {
    if (shift[3 * i] != 0.0 || shift[3 * i + 1] != 0.0 || shift[3 * i + 2] != 0.0) (*num_curved)++;
  }
  PetscCall(PetscFree(shift));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- measures --------------------------------------------------------------------------------- */

PetscReal ost_tet_mesh_part_volume(const OstTetMesh *mesh, PetscInt part)
{
  PetscReal sum = 0.0;

  for (PetscInt c = 0; c < mesh->num_tets; c++) {
    const PetscInt *t = &mesh->tet[10 * c];
    if (mesh->part[c] != part) continue;
    sum += volume6(&mesh->x[3 * t[0]], &mesh->x[3 * t[1]], &mesh->x[3 * t[2]], &mesh->x[3 * t[3]]);
  }
  return sum / 6.0;
}

PetscReal ost_tet_mesh_skin_area(const OstTetMesh *mesh, PetscInt skin)
{
  PetscReal sum = 0.0;

  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    const PetscReal *a = &mesh->x[3 * mesh->face[6 * f]], *b = &mesh->x[3 * mesh->face[6 * f + 1]];
    const PetscReal *c = &mesh->x[3 * mesh->face[6 * f + 2]];
    PetscReal        u[3], v[3];
    if (mesh->skin[f] != skin) continue;
    for (PetscInt k = 0; k < 3; k++) {
      u[k] = b[k] - a[k];
      v[k] = c[k] - a[k];
    }
    sum += 0.5 *
           PetscSqrtReal(PetscSqr(u[1] * v[2] - u[2] * v[1]) + PetscSqr(u[2] * v[0] - u[0] * v[2]) +
                         PetscSqr(u[0] * v[1] - u[1] * v[0]));
  }
  return sum;
}
