/* product_kernel.h: f += K u for LANES cells at a time; included by product.c once for each
   precision, with REAL, LANES and NAME(x) defined.

   In a straight cell the gradient of a P2 field is linear, so its four values at the corners say
   everything, and a mass-like sum over them integrates exactly: with the strains e_v at the corners
   and s_v their stresses, the energy is V/20 sum_v (s_v + sum_w s_w):e_v. At corner v the gradient
   is sum_j w_j (x) grad(lambda_j), w_v = 3 u_v and w_j = 4 u_edge(vj) - u_j: no quadrature points, no
   shape functions (theory.md, E8). */

typedef REAL NAME(Vec) __attribute__((vector_size(LANES * sizeof(REAL))));

/* moduli: lambda, mu, alpha, beta, kappa of OstElasticModuli, times V/20 */
typedef struct {
  NAME(Vec) grad[9]; /* of the barycentric coordinates 1 to 3 [1/mm] */
  NAME(Vec) moduli[5], axis[3];
  int node[10][LANES];
} NAME(Batch);

/* Curved cells: integrated at points, from the places of their nodes; moduli without V/20. */
typedef struct {
  NAME(Vec) x[10][3];
  NAME(Vec) moduli[5], axis[3];
  int node[10][LANES];
} NAME(Curved);

/* The k-th cell into its lane; the lanes of an empty batch have no stiffness. */
static void NAME(put)(NAME(Batch) batch[], PetscInt k, const PetscInt node[10],
                      const PetscReal grad[9], const PetscReal moduli[5], const PetscReal axis[3])
{
  NAME(Batch) *b = &batch[k / LANES];
  const int lane = (int)(k % LANES);

  for (int a = 0; a < 10; a++) b->node[a][lane] = (int)node[a];
  for (int i = 0; i < 9; i++) b->grad[i][lane] = (REAL)grad[i];
  for (int i = 0; i < 5; i++) b->moduli[i][lane] = (REAL)moduli[i];
  for (int i = 0; i < 3; i++) b->axis[i][lane] = (REAL)axis[i];
}

static void NAME(put_curved)(NAME(Curved) batch[], PetscInt k, const PetscInt node[10],
                             const PetscReal x[30], const PetscReal moduli[5],
                             const PetscReal axis[3])
{
  NAME(Curved) *b = &batch[k / LANES];
  const int lane  = (int)(k % LANES);

  for (int a = 0; a < 10; a++) {
    b->node[a][lane] = (int)node[a];
    for (int i = 0; i < 3; i++) b->x[a][i][lane] = (REAL)x[3 * a + i];
  }
  for (int i = 0; i < 5; i++) b->moduli[i][lane] = (REAL)moduli[i];
  for (int i = 0; i < 3; i++) b->axis[i][lane] = (REAL)axis[i];
}

/* The lanes behind the last of `num` curved cells are cells without stiffness, but not without
   volume. */
static void NAME(fill_up)(NAME(Curved) batch[], PetscInt num)
{
  for (PetscInt k = num; k % LANES; k++) {
    NAME(Curved) *b = &batch[k / LANES];
    for (int a = 0; a < 10; a++) {
      b->node[a][k % LANES] = b->node[a][0];
      for (int i = 0; i < 3; i++) b->x[a][i][k % LANES] = b->x[a][i][0];
    }
  }
}

/* Stress of a displacement gradient H[i][k] = du_i/dx_k: xx yy zz xy yz xz. */
static inline __attribute__((always_inline)) void NAME(stress)(const NAME(Vec) moduli[5],
                                                               const NAME(Vec) axis[3],
                                                               const NAME(Vec) H[3][3],
                                                               int transverse, NAME(Vec) s[6])
{
  const NAME(Vec) mu = moduli[1], trace = H[0][0] + H[1][1] + H[2][2];
  const NAME(Vec) xy = H[0][1] + H[1][0], yz = H[1][2] + H[2][1], xz = H[0][2] + H[2][0];
  NAME(Vec) all = moduli[0] * trace;

  if (transverse) {
    const NAME(Vec) *a = axis, half = (NAME(Vec)){0} + (REAL)0.5;
    const NAME(Vec) ea[3] = {H[0][0] * a[0] + half * (xy * a[1] + xz * a[2]),
                             H[1][1] * a[1] + half * (xy * a[0] + yz * a[2]),
                             H[2][2] * a[2] + half * (xz * a[0] + yz * a[1])};
    const NAME(Vec) along = ea[0] * a[0] + ea[1] * a[1] + ea[2] * a[2];
    const NAME(Vec) twice = moduli[4] + moduli[4], both = moduli[2] * trace + moduli[3] * along;
    NAME(Vec) v[3]; /* both a a + 2 kappa (a ea + ea a) = a v + v a */
    for (int i = 0; i < 3; i++) v[i] = half * both * a[i] + twice * ea[i];
    all += moduli[2] * along;
    s[0] = a[0] * v[0] + v[0] * a[0];
    s[1] = a[1] * v[1] + v[1] * a[1];
    s[2] = a[2] * v[2] + v[2] * a[2];
    s[3] = a[0] * v[1] + v[0] * a[1];
    s[4] = a[1] * v[2] + v[1] * a[2];
    s[5] = a[0] * v[2] + v[0] * a[2];
  } else
    for (int k = 0; k < 6; k++) s[k] = (NAME(Vec)){0};
  s[0] += all + (mu + mu) * H[0][0];
  s[1] += all + (mu + mu) * H[1][1];
  s[2] += all + (mu + mu) * H[2][2];
  s[3] += mu * xy;
  s[4] += mu * yz;
  s[5] += mu * xz;
}

static inline __attribute__((always_inline)) void NAME(gather)(const int  node[10][LANES],
                                                               const REAL u[], NAME(Vec) U[10][3])
{
  for (int a = 0; a < 10; a++)
    for (int l = 0; l < LANES; l++)
      for (int i = 0; i < 3; i++) U[a][i][l] = u[3 * node[a][l] + i];
}

static inline __attribute__((always_inline)) void NAME(scatter)(const int node[10][LANES],
                                                                const NAME(Vec) F[10][3], REAL f[])
{
  for (int a = 0; a < 10; a++)
    for (int l = 0; l < LANES; l++)
      for (int i = 0; i < 3; i++) f[3 * node[a][l] + i] += F[a][i][l];
}

static inline __attribute__((always_inline)) void
NAME(straight)(const NAME(Batch) * b, int transverse, const REAL u[], REAL f[])
{
  NAME(Vec) U[10][3], F[10][3], s[4][6], sum[6];

  NAME(gather)(b->node, u, U);
  for (int k = 0; k < 6; k++) sum[k] = (NAME(Vec)){0};
  for (int v = 0; v < 4; v++) {
    NAME(Vec) H[3][3];
    for (int i = 0; i < 3; i++) {
      NAME(Vec) w[4];
      for (int j = 0; j < 4; j++)
        w[j] = j == v ? (REAL)3 * U[v][i] : (REAL)4 * U[edge_between[v][j]][i] - U[j][i];
      for (int k = 0; k < 3; k++)
        H[i][k] = (w[1] - w[0]) * b->grad[k] + (w[2] - w[0]) * b->grad[3 + k] +
                  (w[3] - w[0]) * b->grad[6 + k];
    }
    NAME(stress)(b->moduli, b->axis, (const NAME(Vec)(*)[3])H, transverse, s[v]);
    for (int k = 0; k < 6; k++) sum[k] += s[v][k];
  }
  for (int a = 0; a < 10; a++)
    for (int i = 0; i < 3; i++) F[a][i] = (NAME(Vec)){0};
  for (int v = 0; v < 4; v++) {
    NAME(Vec) t[6];
    for (int k = 0; k < 6; k++) t[k] = s[v][k] + sum[k];
    for (int i = 0; i < 3; i++) {
      NAME(Vec) q[4];
      for (int j = 1; j < 4; j++)
        q[j] = t[voigt[i][0]] * b->grad[3 * j - 3] + t[voigt[i][1]] * b->grad[3 * j - 2] +
               t[voigt[i][2]] * b->grad[3 * j - 1];
      q[0] = -(q[1] + q[2] + q[3]);
      F[v][i] += (REAL)3 * q[v];
      for (int j = 0; j < 4; j++)
        if (j != v) {
          F[edge_between[v][j]][i] += (REAL)4 * q[j];
          F[j][i] -= q[j];
        }
    }
  }
  NAME(scatter)(b->node, (const NAME(Vec)(*)[3])F, f);
}

OST_CLONES static void NAME(add_isotropic)(PetscInt num, const NAME(Batch) batch[], const REAL u[],
                                           REAL f[])
{
  for (PetscInt k = 0; k < num; k++) NAME(straight)(&batch[k], 0, u, f);
}

OST_CLONES static void NAME(add_transverse)(PetscInt num, const NAME(Batch) batch[], const REAL u[],
                                            REAL f[])
{
  for (PetscInt k = 0; k < num; k++) NAME(straight)(&batch[k], 1, u, f);
}

static inline __attribute__((always_inline)) void
NAME(curved)(const NAME(Curved) * b, const Points *points, int transverse, const REAL u[], REAL f[])
{
  NAME(Vec) U[10][3], F[10][3];

  NAME(gather)(b->node, u, U);
  for (int a = 0; a < 10; a++)
    for (int i = 0; i < 3; i++) F[a][i] = (NAME(Vec)){0};
  for (int q = 0; q < points->num; q++) {
    NAME(Vec) J[3][3], C[3][3], G[3][3], H[3][3], s[6];
    REAL d[10][3];
    for (int a = 0; a < 10; a++)
      for (int k = 0; k < 3; k++) d[a][k] = (REAL)points->grad[q][a][k];
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++) {
        J[i][k] = G[i][k] = (NAME(Vec)){0};
        for (int a = 0; a < 10; a++) {
          J[i][k] += b->x[a][i] * d[a][k];
          G[i][k] += U[a][i] * d[a][k];
        }
      }
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++)
        C[k][i] = J[(i + 1) % 3][(k + 1) % 3] * J[(i + 2) % 3][(k + 2) % 3] -
                  J[(i + 1) % 3][(k + 2) % 3] * J[(i + 2) % 3][(k + 1) % 3];
    const NAME(Vec) det   = J[0][0] * C[0][0] + J[0][1] * C[1][0] + J[0][2] * C[2][0];
    const NAME(Vec) scale = (REAL)points->weight[q] / det; /* w det / det^2 */
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++)
        H[i][k] = G[i][0] * C[0][k] + G[i][1] * C[1][k] + G[i][2] * C[2][k];
    NAME(stress)(b->moduli, b->axis, (const NAME(Vec)(*)[3])H, transverse, s);
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++) {
        const NAME(Vec) t = scale * (s[voigt[i][0]] * C[k][0] + s[voigt[i][1]] * C[k][1] +
                                     s[voigt[i][2]] * C[k][2]);
        for (int a = 0; a < 10; a++) F[a][i] += t * d[a][k];
      }
  }
  NAME(scatter)(b->node, (const NAME(Vec)(*)[3])F, f);
}

OST_CLONES static void NAME(add_curved_isotropic)(PetscInt      num, const NAME(Curved) batch[],
                                                  const Points *points, const REAL u[], REAL f[])
{
  for (PetscInt k = 0; k < num; k++) NAME(curved)(&batch[k], points, 0, u, f);
}

OST_CLONES static void NAME(add_curved_transverse)(PetscInt      num, const NAME(Curved) batch[],
                                                   const Points *points, const REAL u[], REAL f[])
{
  for (PetscInt k = 0; k < num; k++) NAME(curved)(&batch[k], points, 1, u, f);
}
