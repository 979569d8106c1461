#include "fem/blocks.h"

#include "base/simd.h"

PetscErrorCode ost_blocks_destroy(OstBlocks *A)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(A->start));
  PetscCall(PetscFree(A->column));
  PetscCall(PetscFree(A->value));
  *A = (OstBlocks){0};
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- patterns --------------------------------------------------------------------------------- */

static int compare_columns(const void *a, const void *b)
{
  const PetscInt *s = a, *t = b;
  return (*s > *t) - (*s < *t);
}

/* Groups at each node: of node i those in list[start[i]..start[i+1]], as kind + 2 group. */
static PetscErrorCode groups_of_nodes(PetscInt num_nodes, const PetscInt num[2],
                                      const PetscInt size[2], const PetscInt *const node[2],
                                      PetscInt **start, PetscInt **list)
{
  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(num_nodes + 2, start));
  PetscCall(PetscMalloc1(num[0] * size[0] + num[1] * size[1], list));
  PetscInt *at = *start + 1;
  for (int kind = 0; kind < 2; kind++)
    for (PetscInt k = 0; k < num[kind] * size[kind]; k++) at[node[kind][k] + 1]++;
  for (PetscInt i = 0; i < num_nodes; i++) at[i + 1] += at[i];
  for (int kind = 0; kind < 2; kind++)
    for (PetscInt k = 0; k < num[kind] * size[kind]; k++)
      (*list)[at[node[kind][k]]++] = kind + 2 * (k / size[kind]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_blocks_create_joined(PetscInt num_nodes, PetscInt height, const PetscInt num[2],
                                        const PetscInt size[2], const PetscInt *const node[2],
                                        OstBlocks *A)
{
  PetscInt *start, *list, *seen, most = 0;

  PetscFunctionBeginUser;
  *A       = (OstBlocks){.num_rows = num_nodes, .num_columns = num_nodes, .height = height};
  A->width = height;
  PetscCall(groups_of_nodes(num_nodes, num, size, node, &start, &list));
  for (PetscInt i = 0; i < num_nodes; i++)
    for (PetscInt g = start[i]; g < start[i + 1]; g++) most += size[list[g] % 2];
  PetscCall(PetscMalloc1(num_nodes, &seen));
  PetscCall(PetscMalloc1(num_nodes + 1, &A->start));
  PetscCall(PetscMalloc1(most, &A->column));
  for (PetscInt i = 0; i < num_nodes; i++) seen[i] = -1;
  A->start[0] = 0;
  for (PetscInt i = 0; i < num_nodes; i++) {
    PetscInt end = A->start[i];
    for (PetscInt g = start[i]; g < start[i + 1]; g++) {
      const PetscInt  kind = list[g] % 2;
      const PetscInt *of   = &node[kind][list[g] / 2 * size[kind]];
      for (PetscInt a = 0; a < size[kind]; a++) {
        if (seen[of[a]] == i) continue;
        seen[of[a]]      = i;
        A->column[end++] = of[a];
      }
    }
    qsort(&A->column[A->start[i]], (size_t)(end - A->start[i]), sizeof(PetscInt), compare_columns);
    A->start[i + 1] = end;
  }
  PetscCall(PetscFree(seen));
  PetscCall(PetscFree(start));
  PetscCall(PetscFree(list));
  PetscCall(PetscRealloc((size_t)A->start[num_nodes] * sizeof(PetscInt), &A->column));
  PetscCall(PetscCalloc1((size_t)A->start[num_nodes] * height * height, &A->value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt ost_blocks_find(const OstBlocks *A, PetscInt row, PetscInt column)
{
  PetscInt low = A->start[row], high = A->start[row + 1];

  while (high - low > 1) {
    const PetscInt middle = (low + high) / 2;
    if (A->column[middle] <= column)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* --- products --------------------------------------------------------------------------------- */

/* Always inlined with sizes that are constants where it is called: loops unrolled. */
static inline __attribute__((always_inline)) void
add_rows(const OstBlocks *A, PetscInt height, PetscInt width, const PetscReal x[], PetscReal y[])
{
  for (PetscInt i = 0; i < A->num_rows; i++) {
    PetscReal sum[OST_BLOCK_MOST] = {0};
    for (PetscInt k = A->start[i]; k < A->start[i + 1]; k++) {
      const PetscReal *block = &A->value[(size_t)k * (size_t)(height * width)];
      const PetscReal *from  = &x[width * A->column[k]];
      for (PetscInt r = 0; r < height; r++)
        for (PetscInt c = 0; c < width; c++) sum[r] += block[width * r + c] * from[c];
    }
    for (PetscInt r = 0; r < height; r++) y[height * i + r] += sum[r];
  }
}

static inline __attribute__((always_inline)) void
add_rows_transposed(const OstBlocks *A, PetscInt height, PetscInt width, const PetscReal x[],
                    PetscReal y[])
{
  for (PetscInt i = 0; i < A->num_rows; i++)
    for (PetscInt k = A->start[i]; k < A->start[i + 1]; k++) {
      const PetscReal *block = &A->value[(size_t)k * (size_t)(height * width)];
      PetscReal       *to    = &y[width * A->column[k]];
      for (PetscInt r = 0; r < height; r++)
        for (PetscInt c = 0; c < width; c++) to[c] += block[width * r + c] * x[height * i + r];
    }
}

OST_CLONES void ost_blocks_add(const OstBlocks *A, const PetscReal x[], PetscReal y[])
{
  if (A->height == 3 && A->width == 3)
    add_rows(A, 3, 3, x, y);
  else if (A->height == 3)
    add_rows(A, 3, 6, x, y);
  else
    add_rows(A, 6, 6, x, y);
}

OST_CLONES void ost_blocks_add_transpose(const OstBlocks *A, const PetscReal x[], PetscReal y[])
{
  if (A->height == 3)
    add_rows_transposed(A, 3, 6, x, y);
  else
    add_rows_transposed(A, 6, 6, x, y);
}

void ost_blocks_apply(const OstBlocks *A, const PetscReal x[], PetscReal y[])
{
  for (PetscInt k = 0; k < A->height * A->num_rows; k++) y[k] = 0.0;
  ost_blocks_add(A, x, y);
}

/* --- Galerkin products ------------------------------------------------------------------------ */

/* C += A B and C += A^T B of blocks: [h x w] times [w x 6], and [h x 6] transposed times [h x 6] */
static inline __attribute__((always_inline)) void
add_block(PetscInt h, PetscInt w, const PetscReal A[], const PetscReal B[], PetscReal C[])
{
  for (PetscInt r = 0; r < h; r++)
    for (PetscInt m = 0; m < w; m++)
      for (int c = 0; c < 6; c++) C[6 * r + c] += A[w * r + m] * B[6 * m + c];
}

static inline __attribute__((always_inline)) void
add_transposed_block(PetscInt h, const PetscReal A[], const PetscReal B[], PetscReal C[])
{
  for (PetscInt m = 0; m < h; m++)
    for (int r = 0; r < 6; r++)
      for (int c = 0; c < 6; c++) C[6 * r + c] += A[6 * m + r] * B[6 * m + c];
}

/* Columns of A P row by row, in order of first touch. place: scratch [P->num_columns], all -1. */
static PetscErrorCode product_pattern(const OstBlocks *A, const OstBlocks *P, PetscInt place[],
                                      OstBlocks *AP)
{
  PetscInt most = 0;

  PetscFunctionBeginUser;
  *AP = (OstBlocks){A->num_rows, P->num_columns, A->height, 6, NULL, NULL, NULL};
  for (PetscInt k = 0; k < A->start[A->num_rows]; k++)
    most += P->start[A->column[k] + 1] - P->start[A->column[k]];
  PetscCall(PetscMalloc1(A->num_rows + 1, &AP->start));
  PetscCall(PetscMalloc1(most, &AP->column));
  AP->start[0] = 0;
  for (PetscInt i = 0; i < A->num_rows; i++) {
    PetscInt end = AP->start[i];
    for (PetscInt k = A->start[i]; k < A->start[i + 1]; k++)
      for (PetscInt m = P->start[A->column[k]]; m < P->start[A->column[k] + 1]; m++) {
        const PetscInt column = P->column[m];
        if (place[column] >= AP->start[i]) continue;
        place[column]     = end;
        AP->column[end++] = column;
      }
    AP->start[i + 1] = end;
  }
  for (PetscInt k = 0; k < P->num_columns; k++) place[k] = -1;
  PetscCall(PetscCalloc1((size_t)AP->start[A->num_rows] * A->height * 6, &AP->value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline __attribute__((always_inline)) void
product_values(const OstBlocks *A, const OstBlocks *P, PetscInt h, PetscInt place[], OstBlocks *AP)
{
  for (PetscInt i = 0; i < A->num_rows; i++) {
    for (PetscInt k = AP->start[i]; k < AP->start[i + 1]; k++) place[AP->column[k]] = k;
    for (PetscInt k = A->start[i]; k < A->start[i + 1]; k++)
      for (PetscInt m = P->start[A->column[k]]; m < P->start[A->column[k] + 1]; m++)
        add_block(h, h, &A->value[(size_t)k * (size_t)(h * h)],
                  &P->value[(size_t)m * (size_t)(6 * h)],
                  &AP->value[(size_t)place[P->column[m]] * (size_t)(6 * h)]);
  }
}

static OST_CLONES void product_of(const OstBlocks *A, const OstBlocks *P, PetscInt place[],
                                  OstBlocks *AP)
{
  if (A->height == 3)
    product_values(A, P, 3, place, AP);
  else
    product_values(A, P, 6, place, AP);
}

/* Rows of P by columns: of column c those in row[start[c]..], each with its block's index. */
static PetscErrorCode transpose_pattern(const OstBlocks *P, PetscInt **start, PetscInt **row,
                                        PetscInt **block)
{
  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(P->num_columns + 2, start));
  PetscCall(PetscMalloc2(P->start[P->num_rows], row, P->start[P->num_rows], block));
  PetscInt *at = *start + 1;
  for (PetscInt k = 0; k < P->start[P->num_rows]; k++) at[P->column[k] + 1]++;
  for (PetscInt c = 0; c < P->num_columns; c++) at[c + 1] += at[c];
  for (PetscInt i = 0; i < P->num_rows; i++)
    for (PetscInt k = P->start[i]; k < P->start[i + 1]; k++) {
      const PetscInt to = at[P->column[k]]++;
      (*row)[to]        = i;
      (*block)[to]      = k;
    }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline __attribute__((always_inline)) void
coarse_values(const OstBlocks *P, const OstBlocks *AP, PetscInt h, const PetscInt start[],
              const PetscInt row[], const PetscInt block[], PetscInt place[], OstBlocks *C)
{
  for (PetscInt J = 0; J < C->num_rows; J++) {
    for (PetscInt k = C->start[J]; k < C->start[J + 1]; k++) place[C->column[k]] = k;
    for (PetscInt t = start[J]; t < start[J + 1]; t++)
      for (PetscInt k = AP->start[row[t]]; k < AP->start[row[t] + 1]; k++)
        add_transposed_block(h, &P->value[(size_t)block[t] * (size_t)(6 * h)],
                             &AP->value[(size_t)k * (size_t)(6 * h)],
                             &C->value[(size_t)place[AP->column[k]] * 36]);
  }
}

static OST_CLONES void coarse_of(const OstBlocks *P, const OstBlocks *AP, const PetscInt start[],
                                 const PetscInt row[], const PetscInt block[], PetscInt place[],
                                 OstBlocks *C)
{
  if (P->height == 3)
    coarse_values(P, AP, 3, start, row, block, place, C);
  else
    coarse_values(P, AP, 6, start, row, block, place, C);
}

/* Columns of P^T (A P). */
static PetscErrorCode coarse_pattern(const OstBlocks *AP, const PetscInt start[],
                                     const PetscInt row[], PetscInt place[], OstBlocks *C)
{
  PetscInt num = AP->num_columns, end = 0;

  PetscFunctionBeginUser;
  *C = (OstBlocks){num, num, 6, 6, NULL, NULL, NULL};
  PetscCall(PetscMalloc1(num + 1, &C->start));
  for (int pass = 0; pass < 2; pass++) { /* count, then fill */
    if (pass) PetscCall(PetscMalloc1(end, &C->column));
    end = 0;
    for (PetscInt J = 0; J < num; J++) {
      C->start[J] = end;
      for (PetscInt t = start[J]; t < start[J + 1]; t++)
        for (PetscInt k = AP->start[row[t]]; k < AP->start[row[t] + 1]; k++) {
          const PetscInt column = AP->column[k];
          if (place[column] >= C->start[J]) continue;
          place[column] = end;
          if (pass) C->column[end] = column;
          end++;
        }
    }
    C->start[num] = end;
    for (PetscInt k = 0; k < num; k++) place[k] = -1;
  }
  PetscCall(PetscCalloc1((size_t)end * 36, &C->value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_blocks_galerkin(const OstBlocks *A, const OstBlocks *P, OstBlocks *C)
{
  OstBlocks AP;
  PetscInt *place, *start, *row, *block;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(P->num_columns, &place));
  for (PetscInt k = 0; k < P->num_columns; k++) place[k] = -1;
  PetscCall(product_pattern(A, P, place, &AP));
  product_of(A, P, place, &AP);
  for (PetscInt k = 0; k < P->num_columns; k++) place[k] = -1;
  PetscCall(transpose_pattern(P, &start, &row, &block));
  PetscCall(coarse_pattern(&AP, start, row, place, C));
  coarse_of(P, &AP, start, row, block, place, C);
  PetscCall(ost_blocks_destroy(&AP));
  PetscCall(PetscFree2(row, block));
  PetscCall(PetscFree(start));
  PetscCall(PetscFree(place));
  PetscFunctionReturn(PETSC_SUCCESS);
}
