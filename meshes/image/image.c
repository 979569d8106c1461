#include "meshes/image/image.h"

#include <math.h>
#include <string.h>

PetscErrorCode ost_image_create(const PetscInt n[3], PetscReal to_world[3][4], OstImage *image)
{
  PetscFunctionBeginUser;
  OstAssert(n[0] > 0 && n[1] > 0 && n[2] > 0, "an image needs voxels");
  for (PetscInt d = 0; d < 3; d++) image->n[d] = n[d];
  memcpy(image->to_world, to_world, sizeof image->to_world);
  PetscCall(PetscCalloc1(ost_image_size(image), &image->voxels));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_image_destroy(OstImage *image)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(image->voxels));
  image->n[0] = image->n[1] = image->n[2] = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_affine_multiply(PetscReal a[3][4], PetscReal b[3][4], PetscReal c[3][4])
{
  PetscReal r[3][4];
  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt j = 0; j < 4; j++) {
      r[i][j] = j == 3 ? a[i][3] : 0.0;
      for (PetscInt k = 0; k < 3; k++) r[i][j] += a[i][k] * b[k][j];
    }
  }
  memcpy(c, r, sizeof r);
}

PetscBool ost_affine_invert(PetscReal a[3][4], PetscReal inverse[3][4])
{
  PetscReal r[3][4], det = 0.0, size = 1.0;
  for (PetscInt i = 0; i < 3; i++) {
    const PetscInt i1 = (i + 1) % 3, i2 = (i + 2) % 3;
    for (PetscInt j = 0; j < 3; j++) {
      const PetscInt j1 = (j + 1) % 3, j2 = (j + 2) % 3;
      r[j][i] = a[i1][j1] * a[i2][j2] - a[i1][j2] * a[i2][j1];
    }
    size *= PetscSqrtReal(a[i][0] * a[i][0] + a[i][1] * a[i][1] + a[i][2] * a[i][2]);
  }
  for (PetscInt j = 0; j < 3; j++) det += a[0][j] * r[j][0];
  if (!(PetscAbsReal(det) > 1e-9 * size)) return PETSC_FALSE;
  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt j = 0; j < 3; j++) r[i][j] /= det;
    r[i][3] = -(r[i][0] * a[0][3] + r[i][1] * a[1][3] + r[i][2] * a[2][3]);
  }
  memcpy(inverse, r, sizeof r);
  return PETSC_TRUE;
}

void ost_affine_apply(PetscReal a[3][4], const PetscReal x[3], PetscReal y[3])
{
  PetscReal r[3];
  for (PetscInt i = 0; i < 3; i++) {
    r[i] = a[i][0] * x[0] + a[i][1] * x[1] + a[i][2] * x[2] + a[i][3];
  }
  for (PetscInt i = 0; i < 3; i++) y[i] = r[i];
}

void ost_image_spacing(const OstImage *image, PetscReal spacing[3])
{
  for (PetscInt d = 0; d < 3; d++) {
    PetscReal sum = 0.0;
    for (PetscInt i = 0; i < 3; i++) sum += image->to_world[i][d] * image->to_world[i][d];
    spacing[d] = PetscSqrtReal(sum);
  }
}

PetscReal ost_image_sample_index(const OstImage *image, const PetscReal v[3])
{
  PetscInt  at[3], step[3];
  PetscReal w[3], value = 0.0;
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal top = (PetscReal)(image->n[d] - 1);
    const PetscReal x   = PetscMin(PetscMax(v[d], 0.0), top);
    at[d]               = (PetscInt)PetscMin(PetscFloorReal(x), PetscMax(top - 1.0, 0.0));
    step[d]             = image->n[d] > 1 ? 1 : 0;
    w[d]                = x - (PetscReal)at[d];
  }
  for (PetscInt c = 0; c < 8; c++) {
    const PetscInt  di = c & 1, dj = (c >> 1) & 1, dk = c >> 2;
    const PetscReal weight =
        (di ? w[0] : 1.0 - w[0]) * (dj ? w[1] : 1.0 - w[1]) * (dk ? w[2] : 1.0 - w[2]);
    if (weight == 0.0) continue;
    value += weight * (PetscReal)image->voxels[ost_image_at(
                          image, at[0] + di * step[0], at[1] + dj * step[1], at[2] + dk * step[2])];
  }
  return value;
}

void ost_image_sample(const OstImage *image, PetscReal world_to_index[3][4], PetscInt n,
                      const PetscReal x[], PetscReal values[])
{
  for (PetscInt p = 0; p < n; p++) {
    PetscReal v[3];
    ost_affine_apply(world_to_index, &x[3 * p], v);
    values[p] = ost_image_sample_index(image, v);
  }
}

/* For each world axis the voxel axis that runs along it best; greedy on the largest entry first, so
   that an oblique image still gets three different axes. */
static void match_axes(const OstImage *image, PetscInt axis[3], PetscBool flip[3])
{
  PetscReal spacing[3];
  PetscBool row_used[3] = {PETSC_FALSE}, column_used[3] = {PETSC_FALSE};
  ost_image_spacing(image, spacing);
  for (PetscInt pass = 0; pass < 3; pass++) {
    PetscReal best = -1.0;
    PetscInt  row = 0, column = 0;
    for (PetscInt i = 0; i < 3; i++) {
      for (PetscInt d = 0; d < 3; d++) {
        const PetscReal c = PetscAbsReal(image->to_world[i][d]) / spacing[d];
        if (row_used[i] || column_used[d] || c <= best) continue;
        best   = c;
        row    = i;
        column = d;
      }
    }
    row_used[row] = column_used[column] = PETSC_TRUE;
    axis[row]                           = column;
    flip[row]                           = image->to_world[row][column] < 0.0;
  }
}

PetscErrorCode ost_image_reorient(OstImage *image)
{
  PetscInt  axis[3], n[3];
  PetscBool flip[3];
  PetscReal map[3][4] = {{0}}, to_world[3][4]; /* new voxel index to old voxel index */
  float    *voxels;

  PetscFunctionBeginUser;
  match_axes(image, axis, flip);
  for (PetscInt d = 0; d < 3; d++) {
    n[d]            = image->n[axis[d]];
    map[axis[d]][d] = flip[d] ? -1.0 : 1.0;
    map[axis[d]][3] = flip[d] ? (PetscReal)(n[d] - 1) : 0.0;
  }
  PetscCall(PetscMalloc1(ost_image_size(image), &voxels));
  size_t to = 0;
  for (PetscInt k = 0; k < n[2]; k++) {
    for (PetscInt j = 0; j < n[1]; j++) {
      for (PetscInt i = 0; i < n[0]; i++) {
        const PetscInt now[3] = {i, j, k};
        PetscInt       old[3];
        for (PetscInt d = 0; d < 3; d++) old[axis[d]] = flip[d] ? n[d] - 1 - now[d] : now[d];
        voxels[to++] = image->voxels[ost_image_at(image, old[0], old[1], old[2])];
      }
    }
  }
  PetscCall(PetscFree(image->voxels));
  image->voxels = voxels;
  ost_affine_multiply(image->to_world, map, to_world);
  memcpy(image->to_world, to_world, sizeof to_world);
  for (PetscInt d = 0; d < 3; d++) image->n[d] = n[d];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_image_resample(const OstImage *image, const PetscInt lo[3], const PetscInt hi[3],
                                  const PetscReal spacing[3], OstImage *result)
{
  PetscReal old[3], map[3][4] = {{0}}, to_world[3][4];
  PetscInt  n[3];

  PetscFunctionBeginUser;
  ost_image_spacing(image, old);
  for (PetscInt d = 0; d < 3; d++) {
    OstAssert(lo[d] >= 0 && hi[d] >= lo[d] && hi[d] < image->n[d], "part outside of the image");
    n[d] = 1 + (PetscInt)PetscFloorReal((PetscReal)(hi[d] - lo[d]) * old[d] / spacing[d] + 1e-6);
    map[d][d] = spacing[d] / old[d];
    map[d][3] = (PetscReal)lo[d];
  }
  memcpy(to_world, image->to_world, sizeof to_world);
  ost_affine_multiply(to_world, map, to_world);
  PetscCall(ost_image_create(n, to_world, result));
  for (PetscInt k = 0; k < n[2]; k++) {
    for (PetscInt j = 0; j < n[1]; j++) {
      for (PetscInt i = 0; i < n[0]; i++) {
        const PetscReal v[3]                          = {map[0][3] + map[0][0] * (PetscReal)i,
                                                         map[1][3] + map[1][1] * (PetscReal)j,
                                                         map[2][3] + map[2][2] * (PetscReal)k};
        result->voxels[ost_image_at(result, i, j, k)] = (float)ost_image_sample_index(image, v);
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
