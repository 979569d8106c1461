#include "risk/zones.h"

#include <stdio.h>

static PetscReal medial(const OstZones *zones, const PetscReal x[3])
{
  return zones->right ? x[1] : -x[1];
}

PetscInt ost_zone_of(const OstZones *zones, const PetscReal x[3])
{
  PetscInt third;

  if (x[2] > zones->tip) return x[2] <= zones->tip + zones->diameter ? 4 : 0;
  third = (PetscInt)PetscMin(PetscMax(3.0 * x[2] / zones->tip, 0.0), 2.0);
  return medial(zones, x) > 0.0 ? 7 - third : 1 + third;
}

const char *ost_zone_name(PetscInt zone)
{
  static const char *const names[OST_NUM_ZONES + 1] = {
      "away from the stem",     "lateral distal third", "lateral middle third",
      "lateral proximal third", "beyond the tip",       "medial proximal third",
      "medial middle third",    "medial distal third"};
  return zone >= 0 && zone <= OST_NUM_ZONES ? names[zone] : names[0];
}

void ost_zone_limits(const OstZones *zones, PetscInt zone, PetscReal limits[2])
{
  const PetscInt third = zone < 4 ? zone - 1 : 7 - zone;

  limits[0] = zone == 4 ? zones->tip : zones->tip * (PetscReal)third / 3.0;
  limits[1] = zone == 4 ? zones->tip + zones->diameter : zones->tip * (PetscReal)(third + 1) / 3.0;
}

void ost_zone_place(const OstZones *zones, const PetscReal x[3], char text[], size_t length)
{
  static const char *const eight[8] = {"anterior",  "anteromedial",   "medial",  "posteromedial",
                                       "posterior", "posterolateral", "lateral", "anterolateral"};
  const PetscReal          turn     = PetscAtan2Real(medial(zones, x), x[0]) / (PETSC_PI / 4.0);
  const PetscInt           sector   = ((PetscInt)PetscFloorReal(turn + 0.5) + 8) % 8;

  if (x[2] > zones->tip) {
    (void)snprintf(text, length, "%s, %.0f mm beyond the tip", eight[sector],
                   (double)(x[2] - zones->tip));
  } else {
    (void)snprintf(text, length, "%s, %.0f mm from the resection", eight[sector], (double)x[2]);
  }
}

void ost_zone_add(OstZoneSum *sum, PetscInt zone, PetscReal weight, PetscReal value)
{
  if (zone < 1 || zone > OST_NUM_ZONES) return;
  sum->value[zone - 1] += weight * value;
  sum->weight[zone - 1] += weight;
}

PetscReal ost_zone_mean(const OstZoneSum *sum, PetscInt zone, PetscReal empty)
{
  return sum->weight[zone - 1] > 0.0 ? sum->value[zone - 1] / sum->weight[zone - 1] : empty;
}
