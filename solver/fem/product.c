#include "fem/product.h"

#include "base/simd.h"
#include "base/tensor.h"

#include <stdlib.h>
#include <string.h>

/* Node on the edge between two corners. */
static const int edge_between[4][4] = {{-1, 4, 6, 7}, {4, -1, 5, 8}, {6, 5, -1, 9}, {7, 8, 9, -1}};
/* Place of a stress component in xx yy zz xy yz xz. */
static const int voigt[3][3] = {{0, 3, 5}, {3, 1, 4}, {5, 4, 2}};

/* Places and weights of the points of a curved cell. */
typedef struct {
  int       num;
  PetscReal barycentric[OST_TET_MAX_POINTS][4], weight[OST_TET_MAX_POINTS];
} Points;

#define REAL               double
#define LANES              8
#define NAME(x)            x##_double
#define BLOCKS(a, b, c, d) a, b, c, d, (a) + 4, (b) + 4, (c) + 4, (d) + 4
#define JOIN(q)            __builtin_shufflevector((q)[0], (q)[1], 0, 1, 2, 3, 4, 5, 6, 7)
#define PARTS(v)                                                                                   \
  __builtin_shufflevector(v, v, 0, 1, 2, 3), __builtin_shufflevector(v, v, 4, 5, 6, 7)
#include "fem/product_kernel.inc"
#undef REAL
#undef LANES
#undef NAME
#undef BLOCKS
#undef JOIN
#undef PARTS

#define REAL    float
#define LANES   16
#define NAME(x) x##_single
#define BLOCKS(a, b, c, d)                                                                         \
  a, b, c, d, (a) + 4, (b) + 4, (c) + 4, (d) + 4, (a) + 8, (b) + 8, (c) + 8, (d) + 8, (a) + 12,    \
      (b) + 12, (c) + 12, (d) + 12
#define JOIN(q)                                                                                    \
  __builtin_shufflevector(__builtin_shufflevector((q)[0], (q)[1], 0, 1, 2, 3, 4, 5, 6, 7),         \
                          __builtin_shufflevector((q)[2], (q)[3], 0, 1, 2, 3, 4, 5, 6, 7), 0, 1,   \
                          2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define PARTS(v)                                                                                   \
  __builtin_shufflevector(v, v, 0, 1, 2, 3), __builtin_shufflevector(v, v, 4, 5, 6, 7),            \
      __builtin_shufflevector(v, v, 8, 9, 10, 11), __builtin_shufflevector(v, v, 12, 13, 14, 15)
#include "fem/product_kernel.inc"
#undef REAL
#undef LANES
#undef NAME
#undef BLOCKS
#undef JOIN
#undef PARTS

enum { WIDE = 8 }; /* lanes in double precision; twice as many in single */

/* A kind of cells: shape and elasticity decide the kernel. */
enum { ISOTROPIC, TRANSVERSE, NUM_KINDS };

struct OstProduct {
  const OstMesh *mesh;
  char          *curved;         /* [num_cells] */
  PetscInt       num[NUM_KINDS]; /* batches of straight cells */
  PetscInt       num_curved[NUM_KINDS];
  PetscInt       num_single[NUM_KINDS];
  PetscInt       num_curved_single[NUM_KINDS];
  Batch_double  *batch[NUM_KINDS];
  Grain_double  *grain; /* of the transversely isotropic ones */
  Curved_double *curve[NUM_KINDS];
  Batch_single  *single[NUM_KINDS];
  Grain_single  *grain_single;
  Curved_single *curve_single[NUM_KINDS];
  Points         points, points_single; /* the second are fewer: near enough */
};

static void fill_points(const OstRule *rule, Points *points)
{
  points->num = (int)rule->num;
  for (int q = 0; q < points->num; q++) {
    for (int v = 0; v < 4; v++) points->barycentric[q][v] = rule->point[4 * q + v];
    points->weight[q] = rule->weight[q] / 6.0;
  }
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
  fill_points(&ost_tet_rule14, &product->points);
  fill_points(&ost_tet_rule4, &product->points_single);
  *out = product;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void free_batches(OstProduct *product)
{
  for (int k = 0; k < NUM_KINDS; k++) {
    free(product->batch[k]);
    free(product->curve[k]);
    free(product->single[k]);
    free(product->curve_single[k]);
    product->batch[k]        = NULL;
    product->curve[k]        = NULL;
    product->single[k]       = NULL;
    product->curve_single[k] = NULL;
  }
  free(product->grain);
  free(product->grain_single);
  product->grain        = NULL;
  product->grain_single = NULL;
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
    p->num[k]               = batches(all[k] - curved[k], WIDE);
    p->num_curved[k]        = batches(curved[k], WIDE);
    p->num_single[k]        = batches(all[k] - curved[k], 2 * WIDE);
    p->num_curved_single[k] = batches(curved[k], 2 * WIDE);
    PetscCall(allocate(p->num[k], sizeof *p->batch[k], (void **)&p->batch[k]));
    PetscCall(allocate(p->num_curved[k], sizeof *p->curve[k], (void **)&p->curve[k]));
    PetscCall(allocate(p->num_single[k], sizeof *p->single[k], (void **)&p->single[k]));
    PetscCall(allocate(p->num_curved_single[k], sizeof *p->curve_single[k],
                       (void **)&p->curve_single[k]));
  }
  PetscCall(allocate(p->num[TRANSVERSE], sizeof *p->grain, (void **)&p->grain));
  PetscCall(
      allocate(p->num_single[TRANSVERSE], sizeof *p->grain_single, (void **)&p->grain_single));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_product_set(OstProduct *p, const OstElastic elastic[], PetscReal length,
                               PetscReal size)
{
  const OstMesh *mesh                = p->mesh;
  PetscInt       straight[NUM_KINDS] = {0}, curved[NUM_KINDS] = {0};

  PetscFunctionBeginUser;
  PetscCall(allocate_batches(p, elastic));
  for (PetscInt cell = 0; cell < mesh->num_cells; cell++) {
    const OstElasticModuli m         = ost_elastic_moduli(&elastic[cell]);
    const PetscInt        *node      = &mesh->cells[10 * cell];
    const PetscReal       *axis      = elastic[cell].axis;
    const int              kind      = elastic[cell].transverse ? TRANSVERSE : ISOTROPIC;
    PetscReal              moduli[5] = {m.lambda, m.mu, m.alpha, m.beta, m.kappa};
    PetscReal              x[30], g[4][3], grad[9]; /* of coordinates 1 to 3 */
    cell_places(mesh, cell, x);
    if (p->curved[cell]) {
      const PetscInt k = curved[kind]++;
      put_curved_double(p->curve[kind], k, node, x, moduli, axis);
      for (int i = 0; i < 30; i++) x[i] /= length;
      for (int i = 0; i < 5; i++) moduli[i] *= length / size;
      put_curved_single(p->curve_single[kind], k, node, x, moduli, axis);
    } else {
      const PetscInt  k     = straight[kind]++;
      const PetscReal share = ost_tet4_gradients(x, g) / 20.0;
      for (int i = 0; i < 9; i++) grad[i] = g[1 + i / 3][i % 3];
      for (int i = 0; i < 5; i++) moduli[i] *= share;
      put_double(p->batch[kind], kind == TRANSVERSE ? p->grain : NULL, k, node, grad, moduli, axis);
      for (int i = 0; i < 9; i++) grad[i] *= length;
      for (int i = 0; i < 5; i++) moduli[i] /= length * length * size;
      put_single(p->single[kind], kind == TRANSVERSE ? p->grain_single : NULL, k, node, grad,
                 moduli, axis);
    }
  }
  for (int k = 0; k < NUM_KINDS; k++) {
    fill_up_double(p->curve[k], curved[k]);
    fill_up_single(p->curve_single[k], curved[k]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_product_add(const OstProduct *p, const PetscReal u[], PetscReal f[])
{
  add_isotropic_double(p->num[ISOTROPIC], p->batch[ISOTROPIC], u, f);
  add_transverse_double(p->num[TRANSVERSE], p->batch[TRANSVERSE], p->grain, u, f);
  add_curved_isotropic_double(p->num_curved[ISOTROPIC], p->curve[ISOTROPIC], &p->points, u, f);
  add_curved_transverse_double(p->num_curved[TRANSVERSE], p->curve[TRANSVERSE], &p->points, u, f);
}

void ost_product_add_single(const OstProduct *p, const float u[], float f[])
{
  const Points *points = &p->points_single;

  add_isotropic_single(p->num_single[ISOTROPIC], p->single[ISOTROPIC], u, f);
  add_transverse_single(p->num_single[TRANSVERSE], p->single[TRANSVERSE], p->grain_single, u, f);
  add_curved_isotropic_single(p->num_curved_single[ISOTROPIC], p->curve_single[ISOTROPIC], points,
                              u, f);
  add_curved_transverse_single(p->num_curved_single[TRANSVERSE], p->curve_single[TRANSVERSE],
                               points, u, f);
}
