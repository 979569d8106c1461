#include "fem/level2.h"

#include "base/simd.h"
#include "fem/spectrum.h"

/* Degree of the Chebyshev smoother and the lowest part of the spectrum it damps. CG iterations to
   1e-8 of a bonded femur, 35 k and 78 k dof: 20, 22 with degree 2 from 0.1; 16, 16 with 3 from
   0.06; 15, 14 with 4; 14, 13 with 5; 14, 12 with 6, at equal time from 3 to 6: what degree saves
   in direct solves it costs in products. What remains at any degree (12, 10) is bending, in which
   P1 locks (theory.md, S3). With halves on curved edges; (S8) has the figures without. */
enum { DEGREE = 5, LANCZOS_STEPS = 10 };
#define SMOOTHER_LOWEST 0.06
#define MARGIN          1.15

enum { BLOCK = 18 * 18 };

/* Three values of a node and one that is not used, as product.h takes them. */
typedef float Quad __attribute__((vector_size(4 * sizeof(float))));

struct OstLevel2 {
  const OstMesh *mesh;
  const char    *fixed; /* [num_nodes x 3] */
  OstProduct    *product;

  PetscReal *face;  /* [num_faces x 18 x 18] on the jump, column by column */
  float     *face1; /* the same over size, as all in single precision */
  PetscInt   num_ground;
  PetscInt  *ground_facet; /* [num_ground] */
  PetscReal *ground;       /* [num_ground x 18 x 18] */
  float     *ground1;

  PetscReal *share;    /* [num_nodes x 9] this rank's shares of diagonal blocks; work */
  PetscReal *bulk;     /* [num_owned x 9] diagonal blocks of the bulk */
  PetscReal *faces;    /* [num_owned x 9] those of the faces */
  Quad      *inverse1; /* [num_owned x 3] columns, times size; 0 where fixed */
  PetscInt   num_pairs;
  PetscInt  *pair;    /* [num_pairs x 2] owned nodes of bone and stem at the same place */
  Quad      *across1; /* [num_pairs x 2 x 3] of the inverse: from stem to bone, from bone to stem */
  PetscReal  length;  /* of a cell [mm] */
  PetscReal  size;    /* of a diagonal block [N/mm] */
  PetscReal  largest; /* eigenvalue that the smoother damps [-] */

  PetscReal *u, *f;   /* [num_nodes x 4], the fourth is not used */
  Quad      *d1, *t1; /* [num_nodes] a step of the smoother, and K times it */
  Quad      *r1, *x1; /* [num_owned] */
  Vec        fine;
};

/* --- making ----------------------------------------------------------------------------------- */

/* The longest reach of a cell along an axis: measures lengths in any unit alike, to the bit. */
static PetscErrorCode find_length(OstLevel2 *s)
{
  const OstMesh *mesh = s->mesh;

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    for (int a = 1; a < 4; a++)
      for (int i = 0; i < 3; i++)
        s->length = PetscMax(s->length, PetscAbsReal(mesh->x[3 * mesh->cells[10 * c + a] + i] -
                                                     mesh->x[3 * mesh->cells[10 * c] + i]));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &s->length, 1, MPIU_REAL, MPIU_MAX, mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Nodes that the interface holds together: the smoother takes them as one, for a stiff interface
   lets neither move without the other. Nodes of two owners stay apart. */
static PetscErrorCode list_pairs(OstLevel2 *s)
{
  const OstMesh *mesh = s->mesh;
  char          *seen;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(mesh->num_owned, &seen));
  PetscCall(PetscMalloc1(12 * mesh->num_faces, &s->pair));
  for (PetscInt f = 0; f < mesh->num_faces; f++)
    for (int a = 0; a < 6; a++) {
      const PetscInt bone = mesh->faces[12 * f + a], stem = mesh->faces[12 * f + 6 + a];
      if (bone >= mesh->num_owned || stem >= mesh->num_owned || bone == stem || seen[bone])
        continue;
      seen[bone]                      = 1;
      s->pair[2 * s->num_pairs]       = bone;
      s->pair[2 * s->num_pairs++ + 1] = stem;
    }
  PetscCall(PetscFree(seen));
  PetscCall(PetscCalloc1(6 * s->num_pairs, &s->across1));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_level2_create(const OstMesh *mesh, const char fixed[], OstLevel2 **out)
{
  const PetscInt n = mesh->num_nodes, owned = mesh->num_owned;
  OstLevel2     *s;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&s));
  s->mesh  = mesh;
  s->fixed = fixed;
  PetscCall(ost_product_create(mesh, &s->product));
  PetscCall(find_length(s));
  PetscCall(PetscCalloc1(BLOCK * mesh->num_faces, &s->face));
  PetscCall(PetscCalloc1(BLOCK * mesh->num_faces, &s->face1));
  PetscCall(list_pairs(s));
  PetscCall(PetscMalloc3(9 * n, &s->share, 9 * owned, &s->bulk, 9 * owned, &s->faces));
  PetscCall(PetscCalloc3(3 * owned, &s->inverse1, 4 * n, &s->u, 4 * n, &s->f));
  PetscCall(PetscCalloc4(owned, &s->r1, owned, &s->x1, n, &s->d1, n, &s->t1));
  PetscCall(ost_mesh_create_vec(mesh, &s->fine));
  *out = s;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_level2_destroy(OstLevel2 **level)
{
  OstLevel2 *s = *level;

  PetscFunctionBeginUser;
  if (!s) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_product_destroy(&s->product));
  PetscCall(PetscFree(s->face));
  PetscCall(PetscFree(s->face1));
  PetscCall(PetscFree3(s->ground_facet, s->ground, s->ground1));
  PetscCall(PetscFree3(s->share, s->bulk, s->faces));
  PetscCall(PetscFree(s->pair));
  PetscCall(PetscFree(s->across1));
  PetscCall(PetscFree3(s->inverse1, s->u, s->f));
  PetscCall(PetscFree4(s->r1, s->x1, s->d1, s->t1));
  PetscCall(VecDestroy(&s->fine));
  PetscCall(PetscFree(*level));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- filling ---------------------------------------------------------------------------------- */

/* The diagonal blocks of a facet's K [18 x 18], column by column, to its nodes'. */
static void add_diagonal(PetscReal block[], const PetscInt nodes[6], const PetscReal K[])
{
  for (int a = 0; a < 6; a++)
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++)
        block[9 * nodes[a] + 3 * i + k] += K[18 * (3 * a + k) + 3 * a + i];
}

/* Sum of the ranks' shares of the diagonal blocks at the owned nodes [num_owned x 9]. */
static PetscErrorCode sum_shares(const OstLevel2 *s, PetscReal sum[])
{
  PetscFunctionBeginUser;
  PetscCall(PetscArraycpy(sum, s->share, 9 * s->mesh->num_owned));
  PetscCall(ost_exchange_sum_onto(s->mesh->node_exchange, MPIU_REAL, 9, s->share, sum));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The largest row sum of the diagonal blocks. */
static PetscErrorCode find_size(OstLevel2 *s)
{
  PetscFunctionBeginUser;
  s->size = 0.0;
  for (PetscInt k = 0; k < 3 * s->mesh->num_owned; k++) {
    const PetscReal *row = &s->bulk[3 * k];
    s->size = PetscMax(s->size, PetscAbsReal(row[0]) + PetscAbsReal(row[1]) + PetscAbsReal(row[2]));
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &s->size, 1, MPIU_REAL, MPIU_MAX, s->mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_level2_begin_bulk(OstLevel2 *s)
{
  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(s->share, 9 * s->mesh->num_nodes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_level2_add_cell(OstLevel2 *s, PetscInt cell, const PetscReal diagonal[10 * 9])
{
  for (int a = 0; a < 10; a++)
    for (int k = 0; k < 9; k++)
      s->share[9 * s->mesh->cells[10 * cell + a] + k] += diagonal[9 * a + k];
}

PetscErrorCode ost_level2_end_bulk(OstLevel2 *s, const OstElastic elastic[], PetscInt num_ground,
                                   const PetscInt facet[], const PetscReal ground[])
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree3(s->ground_facet, s->ground, s->ground1));
  s->num_ground = num_ground;
  PetscCall(PetscMalloc3(num_ground, &s->ground_facet, BLOCK * num_ground, &s->ground,
                         BLOCK * num_ground, &s->ground1));
  PetscCall(PetscArraycpy(s->ground_facet, facet, num_ground));
  PetscCall(PetscArraycpy(s->ground, ground, BLOCK * num_ground));
  for (PetscInt k = 0; k < num_ground; k++)
    add_diagonal(s->share, &s->mesh->facets[6 * facet[k]], &ground[BLOCK * k]);
  PetscCall(sum_shares(s, s->bulk));
  PetscCall(find_size(s));
  for (PetscInt k = 0; k < BLOCK * num_ground; k++) s->ground1[k] = (float)(ground[k] / s->size);
  PetscCall(ost_product_set(s->product, elastic, s->length, s->size));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscReal ost_level2_size(const OstLevel2 *s)
{
  return s->size;
}

PetscErrorCode ost_level2_begin_faces(OstLevel2 *s)
{
  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(s->face, BLOCK * s->mesh->num_faces));
  PetscCall(PetscArrayzero(s->face1, BLOCK * s->mesh->num_faces));
  PetscCall(PetscArrayzero(s->share, 9 * s->mesh->num_nodes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_level2_add_face(OstLevel2 *s, PetscInt face, const PetscReal K2[6 * 6 * 9])
{
  PetscReal *K = &s->face[BLOCK * face];

  for (int a = 0; a < 6; a++)
    for (int b = 0; b < 6; b++)
      for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
          K[18 * (3 * b + k) + 3 * a + i] = K2[9 * (6 * a + b) + 3 * i + k];
  for (int k = 0; k < BLOCK; k++) s->face1[BLOCK * face + k] = (float)(K[k] / s->size);
  add_diagonal(s->share, &s->mesh->faces[12 * face], K);
  add_diagonal(s->share, &s->mesh->faces[12 * face + 6], K);
}

/* Rows and columns of fixed displacements become those of the identity times the size. */
static void release_fixed(const OstLevel2 *s, PetscInt node, PetscReal B[9])
{
  for (int i = 0; i < 3; i++) {
    if (!s->fixed[3 * node + i]) continue;
    for (int k = 0; k < 3; k++) B[3 * i + k] = B[3 * k + i] = 0.0;
    B[4 * i] = s->size;
  }
}

static void invert(const PetscReal B[9], PetscReal inverse[9])
{
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++)
      inverse[3 * k + i] = B[3 * ((i + 1) % 3) + (k + 1) % 3] * B[3 * ((i + 2) % 3) + (k + 2) % 3] -
                           B[3 * ((i + 1) % 3) + (k + 2) % 3] * B[3 * ((i + 2) % 3) + (k + 1) % 3];
  const PetscReal det = B[0] * inverse[0] + B[1] * inverse[3] + B[2] * inverse[6];
  for (int k = 0; k < 9; k++) inverse[k] /= det;
}

/* The block of a node with its faces. */
static void diagonal_of(const OstLevel2 *s, PetscInt node, PetscReal B[9])
{
  for (int i = 0; i < 9; i++) B[i] = s->bulk[9 * node + i] + s->faces[9 * node + i];
  release_fixed(s, node, B);
}

/* Columns of a block of the inverse, from the displacements of node `from` to those of `to`. */
static void keep_columns(const OstLevel2 *s, PetscInt to, PetscInt from, const PetscReal inverse[9],
                         Quad column[3])
{
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++)
      column[k][i] = s->fixed[3 * to + i] || s->fixed[3 * from + k]
                         ? 0.0F
                         : (float)(s->size * inverse[3 * i + k]);
}

/* C = A B */
static void times(const PetscReal A[9], const PetscReal B[9], PetscReal C[9])
{
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++)
      C[3 * i + k] = A[3 * i] * B[k] + A[3 * i + 1] * B[3 + k] + A[3 * i + 2] * B[6 + k];
}

/* The block of the faces from node `from` to node `to`, less what is fixed. */
static void coupling(const OstLevel2 *s, PetscInt to, PetscInt from, PetscReal F[9])
{
  for (int i = 0; i < 9; i++)
    F[i] = s->fixed[3 * to + i / 3] || s->fixed[3 * from + i % 3] ? 0.0 : s->faces[9 * to + i];
}

/* Inverse of the blocks of two nodes, A and D on the diagonal and -F of the faces beside them: with
   S = D - F A^-1 F it is [A^-1 + A^-1 F S^-1 F A^-1, A^-1 F S^-1; S^-1 F A^-1, S^-1]. */
static void invert_pair(OstLevel2 *s, PetscInt k)
{
  const PetscInt bone = s->pair[2 * k], stem = s->pair[2 * k + 1];
  PetscReal      A[9], D[9], to_bone[9], to_stem[9], AF[9], FA[9], S[9], product[9];

  diagonal_of(s, bone, D);
  invert(D, A);
  diagonal_of(s, stem, D);
  coupling(s, bone, stem, to_bone);
  coupling(s, stem, bone, to_stem);
  times(A, to_bone, AF);
  times(to_stem, A, FA);
  times(to_stem, AF, product);
  for (int i = 0; i < 9; i++) D[i] -= product[i];
  invert(D, S);
  keep_columns(s, stem, stem, S, &s->inverse1[3 * stem]);
  times(S, FA, product);
  keep_columns(s, stem, bone, product, &s->across1[6 * k + 3]);
  times(AF, S, product);
  keep_columns(s, bone, stem, product, &s->across1[6 * k]);
  times(product, FA, D);
  for (int i = 0; i < 9; i++) A[i] += D[i];
  keep_columns(s, bone, bone, A, &s->inverse1[3 * bone]);
}

PetscErrorCode ost_level2_end_faces(OstLevel2 *s)
{
  PetscFunctionBeginUser;
  PetscCall(sum_shares(s, s->faces));
  for (PetscInt k = 0; k < s->mesh->num_owned; k++) {
    PetscReal B[9], inverse[9];
    diagonal_of(s, k, B);
    invert(B, inverse);
    keep_columns(s, k, k, inverse, &s->inverse1[3 * k]);
  }
  for (PetscInt k = 0; k < s->num_pairs; k++) invert_pair(s, k);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the operator ----------------------------------------------------------------------------- */

#define REAL    double
#define NAME(x) x##_double
#include "fem/level2_kernel.inc"
#undef REAL
#undef NAME

#define REAL    float
#define NAME(x) x##_single
#include "fem/level2_kernel.inc"
#undef REAL
#undef NAME

static void mask(PetscInt num_nodes, const char fixed[], PetscReal v[])
{
  for (PetscInt k = 0; k < 3 * num_nodes; k++)
    if (fixed[k]) v[k / 3 * 4 + k % 3] = 0.0;
}

/* f = K u on global vectors, from their owned values. */
static PetscErrorCode apply_double(OstLevel2 *s, Vec x, Vec y, PetscBool tangent)
{
  const OstMesh     *mesh = s->mesh;
  const PetscScalar *from;
  PetscScalar       *to;

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(x, &from));
  for (PetscInt k = 0; k < mesh->num_owned; k++)
    for (int i = 0; i < 3; i++) s->u[4 * k + i] = from[3 * k + i];
  PetscCall(VecRestoreArrayRead(x, &from));
  if (tangent) mask(mesh->num_owned, s->fixed, s->u);
  PetscCall(ost_exchange_fill(mesh->node_exchange, MPIU_REAL, 4, s->u));
  PetscCall(PetscArrayzero(s->f, 4 * mesh->num_nodes));
  ost_product_add(s->product, s->u, s->f);
  add_ground_double(s, s->ground, s->u, s->f);
  if (tangent) add_faces_double(mesh, s->face, s->u, s->f);
  PetscCall(ost_exchange_sum(mesh->node_exchange, MPIU_REAL, 4, s->f));
  if (tangent) mask(mesh->num_owned, s->fixed, s->f);
  PetscCall(VecGetArrayWrite(y, &to));
  for (PetscInt k = 0; k < mesh->num_owned; k++)
    for (int i = 0; i < 3; i++) to[3 * k + i] = s->f[4 * k + i];
  PetscCall(VecRestoreArrayWrite(y, &to));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_level2_apply(OstLevel2 *s, Vec x, Vec y)
{
  PetscFunctionBeginUser;
  PetscCall(apply_double(s, x, y, PETSC_TRUE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_level2_apply_bulk(OstLevel2 *s, Vec u, Vec f)
{
  PetscFunctionBeginUser;
  PetscCall(apply_double(s, u, f, PETSC_FALSE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* t1 += K d1/size of the tangent in single precision, for a d1 that is zero where fixed: owned
   values of both. */
static PetscErrorCode apply_single(OstLevel2 *s)
{
  const OstMesh *mesh = s->mesh;
  float         *d = (float *)s->d1, *t = (float *)s->t1;

  PetscFunctionBeginUser;
  PetscCall(ost_exchange_fill(mesh->node_exchange, MPI_FLOAT, 4, d));
  ost_product_add_single(s->product, d, t);
  add_ground_single(s, s->ground1, d, t);
  add_faces_single(mesh, s->face1, d, t);
  PetscCall(ost_exchange_sum(mesh->node_exchange, MPI_FLOAT, 4, t));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- smoother and cycle ----------------------------------------------------------------------- */

/* r -= t, and t is spent: it is zero. */
static void take_from_residual(OstLevel2 *s)
{
  for (PetscInt k = 0; k < s->mesh->num_owned; k++) s->r1[k] -= s->t1[k];
  for (PetscInt k = 0; k < s->mesh->num_nodes; k++) s->t1[k] = (Quad){0};
}

static Quad image(const Quad column[3], Quad r)
{
  return r[0] * column[0] + r[1] * column[1] + r[2] * column[2];
}

/* d = a d + b D^-1 r, x += d: in one sweep, for it is memory that takes the time */
static void take_step(OstLevel2 *s, float a, float b)
{
  for (PetscInt k = 0; k < s->mesh->num_owned; k++) {
    s->d1[k] = a * s->d1[k] + b * image(&s->inverse1[3 * k], s->r1[k]);
    s->x1[k] += s->d1[k];
  }
  for (PetscInt k = 0; k < s->num_pairs; k++) {
    const PetscInt bone = s->pair[2 * k], stem = s->pair[2 * k + 1];
    const Quad     to_bone = b * image(&s->across1[6 * k], s->r1[stem]);
    const Quad     to_stem = b * image(&s->across1[6 * k + 3], s->r1[bone]);
    s->d1[bone] += to_bone;
    s->x1[bone] += to_bone;
    s->d1[stem] += to_stem;
    s->x1[stem] += to_stem;
  }
}

/* x1 by the polynomial, from zero. r1 is the residual before, and if `follow` also after. */
static PetscErrorCode smooth(OstLevel2 *s, PetscBool follow)
{
  const PetscReal lowest = SMOOTHER_LOWEST * s->largest;
  const PetscReal centre = 0.5 * (s->largest + lowest), half = 0.5 * (s->largest - lowest);
  const PetscReal sigma = centre / half;
  PetscReal       rho = 1.0 / sigma, a = 0.0, b = 1.0 / centre;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(s->x1, s->mesh->num_owned));
  PetscCall(PetscArrayzero(s->d1, s->mesh->num_owned));
  PetscCall(PetscArrayzero(s->t1, s->mesh->num_nodes));
  for (PetscInt k = 0; k < DEGREE; k++) {
    if (k) {
      const PetscReal next = 1.0 / (2.0 * sigma - rho);
      a                    = next * rho;
      b                    = 2.0 * next / half;
      rho                  = next;
    }
    take_step(s, (float)a, (float)b);
    if (!follow && k == DEGREE - 1) break;
    PetscCall(apply_single(s));
    take_from_residual(s);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static double dot(PetscInt num, const Quad a[], const Quad b[])
{
  double sum = 0.0;

  for (PetscInt k = 0; k < num; k++)
    for (int i = 0; i < 3; i++) sum += (double)a[k][i] * (double)b[k][i];
  return sum;
}

/* x1 = D^-1 r1 */
static void jacobi(OstLevel2 *s)
{
  for (PetscInt k = 0; k < s->mesh->num_owned; k++) s->x1[k] = image(&s->inverse1[3 * k], s->r1[k]);
  for (PetscInt k = 0; k < s->num_pairs; k++) {
    const PetscInt bone = s->pair[2 * k], stem = s->pair[2 * k + 1];
    s->x1[bone] += image(&s->across1[6 * k], s->r1[stem]);
    s->x1[stem] += image(&s->across1[6 * k + 3], s->r1[bone]);
  }
}

/* Largest eigenvalue of the preconditioned tangent, by blocks of nodes and of pairs: by conjugate
   gradients, as if it were symmetric, for friction adds little; from a start that does not depend
   on the ranks; with a margin, for a Chebyshev polynomial is large above its interval. */
PetscErrorCode ost_level2_set_up(OstLevel2 *s)
{
  const OstMesh *mesh = s->mesh;
  PetscReal      alpha[LANCZOS_STEPS], beta[LANCZOS_STEPS], was = 1.0;
  PetscInt       steps = 0;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < mesh->num_owned; k++) /* rough in every direction */
    for (int i = 0; i < 3; i++)
      s->r1[k][i] = (float)PetscSinReal(12.9898 * (mesh->node_file[k] + 1) + 78.233 * i);
  PetscCall(PetscArrayzero(s->d1, mesh->num_owned));
  for (; steps < LANCZOS_STEPS; steps++) {
    double rz, dt;
    jacobi(s);
    rz = dot(mesh->num_owned, s->r1, s->x1);
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &rz, 1, MPI_DOUBLE, MPI_SUM, mesh->comm));
    beta[steps] = steps ? rz / was : 0.0;
    if (rz <= 0.0 || (steps && beta[steps] < 1e-8)) break;
    for (PetscInt k = 0; k < mesh->num_owned; k++)
      s->d1[k] = s->x1[k] + (float)beta[steps] * s->d1[k];
    PetscCall(PetscArrayzero(s->t1, mesh->num_nodes));
    PetscCall(apply_single(s));
    dt = dot(mesh->num_owned, s->d1, s->t1);
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &dt, 1, MPI_DOUBLE, MPI_SUM, mesh->comm));
    if (dt <= 0.0) break;
    was          = rz;
    alpha[steps] = rz / dt;
    for (PetscInt k = 0; k < mesh->num_owned; k++) s->r1[k] -= (float)alpha[steps] * s->t1[k];
  }
  s->largest = MARGIN * ost_spectrum_largest(steps, alpha, beta);
  if (s->largest <= 0.0) s->largest = 3.0; /* everything is fixed */
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_level2_widen(OstLevel2 *s, PetscReal more)
{
  s->largest *= more;
}

/* r1 = (r - t)/norm, owned values; t may be NULL. */
static PetscErrorCode to_single(const OstLevel2 *s, Vec r, Vec t, PetscReal norm)
{
  const PetscScalar *from, *less = NULL;

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(r, &from));
  if (t) PetscCall(VecGetArrayRead(t, &less));
  for (PetscInt k = 0; k < 3 * s->mesh->num_owned; k++)
    s->r1[k / 3][k % 3] = (float)((from[k] - (less ? less[k] : 0.0)) / norm);
  if (t) PetscCall(VecRestoreArrayRead(t, &less));
  PetscCall(VecRestoreArrayRead(r, &from));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* x += x1 norm/size */
static PetscErrorCode add_single(const OstLevel2 *s, PetscReal norm, Vec x)
{
  PetscScalar *to;

  PetscFunctionBeginUser;
  PetscCall(VecGetArray(x, &to));
  for (PetscInt k = 0; k < 3 * s->mesh->num_owned; k++)
    to[k] += norm / s->size * (PetscReal)s->x1[k / 3][k % 3];
  PetscCall(VecRestoreArray(x, &to));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* x = P A1^-1 P^T r of the residual in r1. */
static PetscErrorCode correct(OstLevel2 *s, OstLevel1 *level1, PetscReal norm, Vec x)
{
  PetscScalar *to;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < 3 * s->mesh->num_owned; k++)
    s->f[k / 3 * 4 + k % 3] = s->fixed[k] ? 0.0 : norm * (PetscReal)s->r1[k / 3][k % 3];
  PetscCall(ost_level1_correct(level1, s->f, s->u));
  PetscCall(VecGetArrayWrite(x, &to));
  for (PetscInt k = 0; k < 3 * s->mesh->num_owned; k++) to[k] = s->u[k / 3 * 4 + k % 3];
  PetscCall(VecRestoreArrayWrite(x, &to));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What the P1 level adds may be a large motion under small forces, of a stem that few points hold:
   single precision would lose the forces. So it is added, and its residual formed, in double. */
PetscErrorCode ost_level2_cycle(OstLevel2 *s, OstLevel1 *level1, Vec r, Vec x)
{
  PetscReal norm;

  PetscFunctionBeginUser;
  PetscCall(VecNorm(r, NORM_INFINITY, &norm));
  if (norm <= 0.0) norm = 1.0;
  PetscCall(to_single(s, r, NULL, norm));
  PetscCall(smooth(s, PETSC_TRUE));
  PetscCall(correct(s, level1, norm, x));
  PetscCall(add_single(s, norm, x));
  PetscCall(ost_level2_apply(s, x, s->fine));
  PetscCall(to_single(s, r, s->fine, norm));
  PetscCall(smooth(s, PETSC_FALSE));
  PetscCall(add_single(s, norm, x));
  PetscFunctionReturn(PETSC_SUCCESS);
}
