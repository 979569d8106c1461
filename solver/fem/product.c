#include "fem/product.h"

#include "base/simd.h"
#include "base/tensor.h"

#include <stdlib.h>
#include <string.h>

/* Node on the edge between two corners. */
static const int edge_between[4][4] = {{-1, 4, 6, 7}, {4, -1, 5, 8}, {6, 5, -1, 9}, {7, 8, 9, -1}};
/* Place of a stress component in xx yy zz xy yz xz. */
static const int voigt[3][3] = {{0, 3, 5}, {3, 1, 4}, {5, 4, 2}};

#define REAL    double
#define LANES   8
#define NAME(x) x##_double
#include "fem/product_kernel.h"
#undef REAL
#undef LANES
#undef NAME

#define REAL    float
#define LANES   16
#define NAME(x) x##_single
#include "fem/product_kernel.h"
#undef REAL
#undef LANES
#undef NAME

enum { WIDE = 8, MAX_POINTS = OST_TET_MAX_POINTS };

/* Curved cells: integrated at points, from the places of their nodes. */
typedef struct {
  Vec_double x[10][3];
  Vec_double moduli[5], axis[3]; /* as of a batch, without V/20 */
  int        node[10][WIDE];
} CurvedBatch;

/* A kind of cells: shape and elasticity decide the kernel. */
enum { ISOTROPIC, TRANSVERSE, NUM_KINDS };

struct OstProduct {
  const OstMesh *mesh;
  char          *curved;         /* [num_cells] */
  PetscInt       num[NUM_KINDS]; /* batches of straight cells */
  PetscInt       num_curved[NUM_KINDS];
  PetscInt       num_single[NUM_KINDS];
  Batch_double  *batch[NUM_KINDS];
  CurvedBatch   *curve[NUM_KINDS];
  Batch_single  *single[NUM_KINDS];
};

/* Reference gradients and weights of the points of a curved cell. */
typedef struct {
  PetscReal grad[MAX_POINTS][10][3], weight[MAX_POINTS];
} Points;

static void fill_points(Points *points)
{
  for (int q = 0; q < MAX_POINTS; q++) {
    ost_tet10_reference_gradients(&ost_tet_rule14.point[4 * q], points->grad[q]);
    points->weight[q] = ost_tet_rule14.weight[q] / 6.0;
  }
}

static inline __attribute__((always_inline)) void curved_cell(const CurvedBatch *b,
                                                              const Points *points, int transverse,
                                                              const double u[], double f[])
{
  Vec_double U[10][3], F[10][3];

  gather_double(b->node, u, U);
  for (int a = 0; a < 10; a++)
    for (int i = 0; i < 3; i++) F[a][i] = (Vec_double){0};
  for (int q = 0; q < MAX_POINTS; q++) {
    const PetscReal(*d)[3] = points->grad[q];
    Vec_double J[3][3], C[3][3], G[3][3], H[3][3], s[6];
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++) {
        J[i][k] = G[i][k] = (Vec_double){0};
        for (int a = 0; a < 10; a++) {
          J[i][k] += b->x[a][i] * d[a][k];
          G[i][k] += U[a][i] * d[a][k];
        }
      }
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++)
        C[k][i] = J[(i + 1) % 3][(k + 1) % 3] * J[(i + 2) % 3][(k + 2) % 3] -
                  J[(i + 1) % 3][(k + 2) % 3] * J[(i + 2) % 3][(k + 1) % 3];
    const Vec_double det   = J[0][0] * C[0][0] + J[0][1] * C[1][0] + J[0][2] * C[2][0];
    const Vec_double scale = points->weight[q] / det; /* w det / det^2 */
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++)
        H[i][k] = G[i][0] * C[0][k] + G[i][1] * C[1][k] + G[i][2] * C[2][k];
    stress_double(b->moduli, b->axis, (const Vec_double(*)[3])H, transverse, s);
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++) {
        const Vec_double t = scale * (s[voigt[i][0]] * C[k][0] + s[voigt[i][1]] * C[k][1] +
                                      s[voigt[i][2]] * C[k][2]);
        for (int a = 0; a < 10; a++) F[a][i] += t * d[a][k];
      }
  }
  scatter_double(b->node, (const Vec_double(*)[3])F, f);
}

OST_CLONES static void add_curved_isotropic(PetscInt num, const CurvedBatch batch[],
                                            const Points *points, const double u[], double f[])
{
  for (PetscInt k = 0; k < num; k++) curved_cell(&batch[k], points, 0, u, f);
}

OST_CLONES static void add_curved_transverse(PetscInt num, const CurvedBatch batch[],
                                             const Points *points, const double u[], double f[])
{
  for (PetscInt k = 0; k < num; k++) curved_cell(&batch[k], points, 1, u, f);
}

/* --- the object ------------------------------------------------------------------------------- */

static void cell_places(const OstMesh *mesh, PetscInt cell, PetscReal x[30])
{
  for (int a = 0; a < 10; a++)
    for (int i = 0; i < 3; i++) x[3 * a + i] = mesh->x[3 * mesh->cells[10 * cell + a] + i];
}

PetscErrorCode ost_product_create(const OstMesh *mesh, OstProduct **out)
{
  OstProduct *product;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&product));
  product->mesh = mesh;
  PetscCall(PetscMalloc1(mesh->num_cells, &product->curved));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscReal x[30];
    cell_places(mesh, c, x);
    product->curved[c] = !ost_tet10_is_straight(x);
  }
  *out = product;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void free_batches(OstProduct *product)
{
  for (int k = 0; k < NUM_KINDS; k++) {
    free(product->batch[k]);
    free(product->curve[k]);
    free(product->single[k]);
    product->batch[k]  = NULL;
    product->curve[k]  = NULL;
    product->single[k] = NULL;
  }
}

PetscErrorCode ost_product_destroy(OstProduct **product)
{
  PetscFunctionBeginUser;
  if (!*product) PetscFunctionReturn(PETSC_SUCCESS);
  free_batches(*product);
  PetscCall(PetscFree((*product)->curved));
  PetscCall(PetscFree(*product));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Batches lie on the borders of cache lines, which PetscMalloc does not promise. */
static PetscErrorCode allocate(PetscInt num, size_t size, void **batches)
{
  PetscFunctionBeginUser;
  *batches = num ? aligned_alloc(64, (size_t)num * size) : NULL;
  PetscCheck(*batches || !num, PETSC_COMM_SELF, PETSC_ERR_MEM, "out of memory");
  if (num) memset(*batches, 0, (size_t)num * size);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Gradients of the barycentric coordinates 1 to 3 of a straight cell [9]; its volume. */
static PetscReal barycentric_gradients(const PetscReal x[30], PetscReal g[9])
{
  PetscReal e[3][3], det;

  for (int k = 0; k < 3; k++)
    for (int i = 0; i < 3; i++) e[k][i] = x[3 * (k + 1) + i] - x[i];
  for (int k = 0; k < 3; k++) ost_cross3(e[(k + 1) % 3], e[(k + 2) % 3], &g[3 * k]);
  det = ost_dot3(e[0], g);
  for (int i = 0; i < 9; i++) g[i] /= det;
  return det / 6.0;
}

static void put_curved(CurvedBatch *b, int lane, const PetscInt node[10], const PetscReal x[30],
                       const PetscReal moduli[5], const PetscReal axis[3])
{
  for (int a = 0; a < 10; a++) {
    b->node[a][lane] = (int)node[a];
    for (int i = 0; i < 3; i++) b->x[a][i][lane] = x[3 * a + i];
  }
  for (int i = 0; i < 5; i++) b->moduli[i][lane] = moduli[i];
  for (int i = 0; i < 3; i++) b->axis[i][lane] = axis[i];
}

/* An empty lane of a curved batch is a cell without stiffness, but not without volume. */
static void fill_up(CurvedBatch *b, int used)
{
  for (int lane = used; lane < WIDE; lane++)
    for (int a = 0; a < 10; a++) {
      b->node[a][lane] = b->node[a][0];
      for (int i = 0; i < 3; i++) b->x[a][i][lane] = b->x[a][i][0];
    }
}

static PetscInt batches(PetscInt num, PetscInt lanes)
{
  return (num + lanes - 1) / lanes;
}

static PetscErrorCode allocate_batches(OstProduct *p, const OstElastic elastic[])
{
  PetscInt all[NUM_KINDS] = {0}, curved[NUM_KINDS] = {0};

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < p->mesh->num_cells; c++) {
    const int kind = elastic[c].transverse ? TRANSVERSE : ISOTROPIC;
    all[kind]++;
    if (p->curved[c]) curved[kind]++;
  }
  free_batches(p);
  for (int k = 0; k < NUM_KINDS; k++) {
    p->num[k]        = batches(all[k] - curved[k], WIDE);
    p->num_curved[k] = batches(curved[k], WIDE);
    p->num_single[k] = batches(all[k], 2 * WIDE);
    PetscCall(allocate(p->num[k], sizeof *p->batch[k], (void **)&p->batch[k]));
    PetscCall(allocate(p->num_curved[k], sizeof *p->curve[k], (void **)&p->curve[k]));
    PetscCall(allocate(p->num_single[k], sizeof *p->single[k], (void **)&p->single[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_product_set(OstProduct *p, const OstElastic elastic[])
{
  const OstMesh *mesh                = p->mesh;
  PetscInt       straight[NUM_KINDS] = {0}, curved[NUM_KINDS] = {0}, single[NUM_KINDS] = {0};

  PetscFunctionBeginUser;
  PetscCall(allocate_batches(p, elastic));
  for (PetscInt cell = 0; cell < mesh->num_cells; cell++) {
    const OstElasticModuli m         = ost_elastic_moduli(&elastic[cell]);
    const PetscInt        *node      = &mesh->cells[10 * cell];
    const PetscReal       *axis      = elastic[cell].axis;
    const int              kind      = elastic[cell].transverse ? TRANSVERSE : ISOTROPIC;
    PetscReal              moduli[5] = {m.lambda, m.mu, m.alpha, m.beta, m.kappa}, part[5];
    PetscReal              x[30], grad[9];
    cell_places(mesh, cell, x);
    const PetscReal share = barycentric_gradients(x, grad) / 20.0;
    for (int i = 0; i < 5; i++) part[i] = share * moduli[i];
    PetscInt k = single[kind]++;
    put_single(&p->single[kind][k / (2 * WIDE)], (int)(k % (2 * WIDE)), node, grad, part, axis);
    if (p->curved[cell]) {
      k = curved[kind]++;
      put_curved(&p->curve[kind][k / WIDE], (int)(k % WIDE), node, x, moduli, axis);
    } else {
      k = straight[kind]++;
      put_double(&p->batch[kind][k / WIDE], (int)(k % WIDE), node, grad, part, axis);
    }
  }
  for (int k = 0; k < NUM_KINDS; k++)
    if (curved[k] % WIDE) fill_up(&p->curve[k][p->num_curved[k] - 1], (int)(curved[k] % WIDE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_product_add(const OstProduct *p, const PetscReal u[], PetscReal f[])
{
  Points points;

  fill_points(&points);
  add_isotropic_double(p->num[ISOTROPIC], p->batch[ISOTROPIC], u, f);
  add_transverse_double(p->num[TRANSVERSE], p->batch[TRANSVERSE], u, f);
  add_curved_isotropic(p->num_curved[ISOTROPIC], p->curve[ISOTROPIC], &points, u, f);
  add_curved_transverse(p->num_curved[TRANSVERSE], p->curve[TRANSVERSE], &points, u, f);
}

void ost_product_add_single(const OstProduct *p, const float u[], float f[])
{
  add_isotropic_single(p->num_single[ISOTROPIC], p->single[ISOTROPIC], u, f);
  add_transverse_single(p->num_single[TRANSVERSE], p->single[TRANSVERSE], u, f);
}
