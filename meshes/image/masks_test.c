/* Masks and images: distances, filling, components, flooding, sampling, orientation. */
#include "meshes/image/volume.h"

#include "support/check.h"

static PetscErrorCode distance_is_exact_on_a_stretched_grid(void)
{
  const OstGrid grid            = {{9, 8, 7}, {1.0, 0.5, 3.0}};
  unsigned char mask[9 * 8 * 7] = {0};
  float         d2[9 * 8 * 7];

  PetscFunctionBeginUser;
  const PetscInt spot[2][3] = {{2, 1, 5}, {7, 6, 0}};
  for (PetscInt s = 0; s < 2; s++) mask[spot[s][0] + 9 * (spot[s][1] + 8 * spot[s][2])] = 1;
  PetscCall(ost_volume_distance2(&grid, mask, 1, d2));
  double worst = 0.0;
  for (PetscInt k = 0; k < 7; k++) {
    for (PetscInt j = 0; j < 8; j++) {
      for (PetscInt i = 0; i < 9; i++) {
        double best = 1e30;
        for (PetscInt s = 0; s < 2; s++) {
          const double x = 1.0 * (double)(i - spot[s][0]), y = 0.5 * (double)(j - spot[s][1]),
                       z = 3.0 * (double)(k - spot[s][2]);
          best           = fmin(best, x * x + y * y + z * z);
        }
        worst = fmax(worst, fabs(best - (double)d2[i + 9 * (j + 8 * k)]));
      }
    }
  }
  OST_CHECK_NEAR(worst, 0.0, 1e-4);
  mask[0] = 0;
  memset(mask, 0, sizeof mask);
  PetscCall(ost_volume_distance2(&grid, mask, 1, d2));
  OST_CHECK(d2[100] > 1e11f); /* nothing to be near to */
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode an_open_tube_becomes_solid(void)
{
  const OstGrid grid              = {{20, 20, 4}, {1.0, 1.0, 1.0}};
  unsigned char mask[20 * 20 * 4] = {0};
  PetscInt      inside = 0, count = 0;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < 4; k++) {
    for (PetscInt j = 0; j < 20; j++) {
      for (PetscInt i = 0; i < 20; i++) {
        const double r              = hypot((double)i - 9.5, (double)j - 9.5);
        mask[i + 20 * (j + 20 * k)] = r < 8.0 && r > 5.0;
        inside += r < 8.0;
      }
    }
  }
  PetscCall(ost_volume_fill_planes(&grid, mask));
  for (PetscInt i = 0; i < 20 * 20 * 4; i++) count += mask[i];
  OST_CHECK_INT(count, inside);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Two plates that touch in a bridge darker than either: regions meet in the bridge. */
static PetscErrorCode flooding_parts_two_bodies_where_it_is_darkest(void)
{
  const OstGrid grid = {{30, 6, 6}, {1.0, 1.0, 1.0}};
  float         value[30 * 36];
  int           label[30 * 36] = {0};

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < 30; i++) {
    const float v = i == 12 ? 200.0f : (i < 12 ? 500.0f : 900.0f); /* joint space at i = 12 */
    for (PetscInt r = 0; r < 36; r++) value[i + 30 * r] = v;
  }
  label[0]  = 1;
  label[29] = 2;
  PetscCall(ost_volume_flood(&grid, value, 100.0, label));
  PetscInt wrong = 0;
  for (PetscInt r = 0; r < 36; r++) {
    for (PetscInt i = 0; i < 30; i++) {
      const int l = label[i + 30 * r];
      if (i < 12) wrong += l != 1;
      if (i > 12) wrong += l != 2;
    }
  }
  OST_CHECK_INT(wrong, 0);
  memset(label, 0, sizeof label);
  label[0] = 1;
  PetscCall(ost_volume_flood(&grid, value, 300.0, label)); /* the floor stops it */
  OST_CHECK_INT(label[20], 0);
  OST_CHECK_INT(label[11], 1);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode components_are_numbered_by_size(void)
{
  const OstGrid grid     = {{10, 1, 1}, {1.0, 1.0, 1.0}};
  unsigned char mask[10] = {1, 0, 1, 1, 1, 0, 1, 1, 0, 0};
  int           label[10];
  PetscInt      num, *count;

  PetscFunctionBeginUser;
  PetscCall(ost_volume_components(&grid, mask, &num, label, &count));
  OST_CHECK_INT(num, 3);
  OST_CHECK_INT(label[3], 1);
  OST_CHECK_INT(label[6], 2);
  OST_CHECK_INT(label[0], 3);
  OST_CHECK_INT(label[1], 0);
  OST_CHECK_INT(count[0], 3);
  PetscCall(PetscFree(count));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode closing_shuts_a_gap_and_opening_cuts_a_spur(void)
{
  const OstGrid grid          = {{40, 20, 1}, {1.0, 1.0, 1.0}};
  unsigned char mask[40 * 20] = {0};

  PetscFunctionBeginUser;
  for (PetscInt j = 4; j < 16; j++) {
    for (PetscInt i = 4; i < 30; i++) mask[i + 40 * j] = i != 15; /* a slit of one voxel */
  }
  for (PetscInt i = 30; i < 37; i++) mask[i + 40 * 10] = 1; /* a spur one voxel thick */
  PetscCall(ost_volume_dilate(&grid, 2.0, mask));
  PetscCall(ost_volume_erode(&grid, 2.0, mask));
  OST_CHECK_INT(mask[15 + 40 * 10], 1);
  PetscCall(ost_volume_erode(&grid, 2.0, mask));
  PetscCall(ost_volume_dilate(&grid, 2.0, mask));
  OST_CHECK_INT(mask[35 + 40 * 10], 0);
  OST_CHECK_INT(mask[10 + 40 * 10], 1);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode sampling_is_exact_for_a_linear_field(void)
{
  const PetscInt n[3]    = {5, 6, 7};
  PetscReal affine[3][4] = {{0.0, -1.5, 0.1, 3.0}, {0.9, 0.0, 0.0, -7.0}, {0.0, 0.2, 2.0, 11.0}};
  PetscReal inverse[3][4], value;
  OstImage  image = {{0}, {{0}}, NULL};

  PetscFunctionBeginUser;
  PetscCall(ost_image_create(n, affine, &image));
  for (PetscInt pass = 0; pass < 2; pass++) { /* as made, and with its axes turned to RAS order */
    for (PetscInt k = 0; k < image.n[2] && !pass; k++) {
      for (PetscInt j = 0; j < image.n[1]; j++) {
        for (PetscInt i = 0; i < image.n[0]; i++) {
          const PetscReal v[3] = {(PetscReal)i, (PetscReal)j, (PetscReal)k};
          PetscReal       x[3];
          ost_affine_apply(image.to_world, v, x);
          image.voxels[ost_image_at(&image, i, j, k)] = (float)(2.0 * x[0] - 3.0 * x[1] + x[2]);
        }
      }
    }
    if (pass) PetscCall(ost_image_reorient(&image));
    const PetscReal v[3] = {2.3, 3.7, 4.1};
    PetscReal       x[3];
    ost_affine_apply(affine, v, x);
    OST_CHECK(ost_affine_invert(image.to_world, inverse));
    ost_image_sample(&image, inverse, 1, x, &value);
    OST_CHECK_NEAR(value, 2.0 * x[0] - 3.0 * x[1] + x[2], 1e-5);
  }
  for (PetscInt d = 0; d < 3; d++) OST_CHECK(image.to_world[d][d] > 0.0);
  OST_CHECK_INT(image.n[0], 6); /* the old j runs along x now */
  PetscCall(ost_image_destroy(&image));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(distance_is_exact_on_a_stretched_grid());
  PetscCall(an_open_tube_becomes_solid());
  PetscCall(flooding_parts_two_bodies_where_it_is_darkest());
  PetscCall(components_are_numbered_by_size());
  PetscCall(closing_shuts_a_gap_and_opening_cuts_a_spur());
  PetscCall(sampling_is_exact_for_a_linear_field());
  const int result = ost_check_report();
  PetscCall(PetscFinalize());
  return result;
}
