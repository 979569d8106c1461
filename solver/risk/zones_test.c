/* Zones: left and right limbs mirror, limits, means and words. */
#include "risk/zones.h"

#include "support/check.h"

static const OstZones right = {120.0, 15.0, PETSC_TRUE}, left = {120.0, 15.0, PETSC_FALSE};

static void zones_walk_round_the_stem(void)
{
  const struct {
    PetscReal y, z;
    PetscInt  zone;
  } points[] = {{-9, 5, 1},  {-9, 41, 2}, {-9, 81, 3}, {-9, 121, 4}, {9, 134, 4}, {9, 136, 0},
                {9, 119, 5}, {9, 79, 6},  {9, 39, 7},  {9, -3, 7},   {-9, -3, 1}, {-9, 120, 3}};

  for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
    const PetscReal on_right[3] = {1.0, points[i].y, points[i].z};
    const PetscReal on_left[3]  = {1.0, -points[i].y, points[i].z};
    OST_CHECK_INT(ost_zone_of(&right, on_right), points[i].zone);
    OST_CHECK_INT(ost_zone_of(&left, on_left), points[i].zone);
  }
}

static void limits_and_names_belong_together(void)
{
  for (PetscInt zone = 1; zone <= OST_NUM_ZONES; zone++) {
    PetscReal limits[2];
    ost_zone_limits(&right, zone, limits);
    {
      const PetscReal middle[3] = {0.0, zone > 4 ? 5.0 : -5.0, 0.5 * (limits[0] + limits[1])};
      OST_CHECK_INT(ost_zone_of(&right, middle), zone);
    }
  }
  OST_CHECK_TEXT(ost_zone_name(1), "lateral distal third");
  OST_CHECK_TEXT(ost_zone_name(5), "medial proximal third");
  OST_CHECK_TEXT(ost_zone_name(0), "away");
}

static void place_is_said_in_words(void)
{
  const PetscReal beyond[3] = {5.0, -5.0, 132.0}, low[3] = {0.0, 7.0, 35.0},
                  back[3] = {-7.0, 0.1, 0};
  char text[80];

  ost_zone_place(&right, beyond, text, sizeof text);
  OST_CHECK_TEXT(text, "anterolateral, 12 mm beyond the tip");
  ost_zone_place(&left, beyond, text, sizeof text);
  OST_CHECK_TEXT(text, "anteromedial, 12 mm beyond the tip");
  ost_zone_place(&right, low, text, sizeof text);
  OST_CHECK_TEXT(text, "medial, 35 mm from the resection");
  ost_zone_place(&right, back, text, sizeof text);
  OST_CHECK_TEXT(text, "posterior, 0 mm");
}

static void means_are_weighted(void)
{
  OstZoneSum sum = {{0}, {0}};
  ost_zone_add(&sum, 3, 2.0, 10.0);
  ost_zone_add(&sum, 3, 6.0, 2.0);
  ost_zone_add(&sum, 0, 100.0, 100.0);
  OST_CHECK_NEAR(ost_zone_mean(&sum, 3, -1.0), 4.0, 1e-15);
  OST_CHECK_NEAR(ost_zone_mean(&sum, 4, -1.0), -1.0, 0.0);
}

int main(void)
{
  zones_walk_round_the_stem();
  limits_and_names_belong_together();
  place_is_said_in_words();
  means_are_weighted();
  return ost_check_report();
}
