/* zones.h: seven zones around the stem, in the manner of Gruen, for tables and histories.

   The stem's length is divided in thirds on the lateral (1-3) and on the medial side (5-7); zone 4
   is one stem diameter of bone beyond the tip. Coordinates are those of the limb frame: z proximal
   from the resection along the stem, y the patient's left. Pure. */
#pragma once

#include "base/base.h"

enum { OST_NUM_ZONES = 7 };

typedef struct {
  PetscReal tip;      /* z of the stem's tip [mm], > 0 */
  PetscReal diameter; /* of the stem [mm] */
  PetscBool right;    /* the limb is a right one: medial is +y */
} OstZones;

/* Zone 1..7 of point x [3] [mm]; 0 beyond zone 4. Points below the resection (collar) count with
   the distal third. */
PetscInt ost_zone_of(const OstZones *zones, const PetscReal x[3]);

/* "lateral distal third", ..., "beyond the tip" for 1..7; "away from the stem" for 0. */
const char *ost_zone_name(PetscInt zone);

/* Limits of a zone for attributes and legends: z from, z until [mm]. */
void ost_zone_limits(const OstZones *zones, PetscInt zone, PetscReal limits[2]);

/** Where x is, for a reader: "anterolateral, 12 mm beyond the tip", "medial, 35 mm from the
 *  resection". text [length]. */
void ost_zone_place(const OstZones *zones, const PetscReal x[3], char text[], size_t length);

/* Weighted means by zone: add all points (volumes or areas as weights), sum value and weight over
   the ranks, then divide. */
typedef struct {
  PetscReal value[OST_NUM_ZONES];  /* sum of weight * value; zone z at z - 1 */
  PetscReal weight[OST_NUM_ZONES]; /* sum of weights */
} OstZoneSum;

void ost_zone_add(OstZoneSum *sum, PetscInt zone, PetscReal weight, PetscReal value);
/* Mean of zone 1..7; `empty` where nothing lies in it. */
PetscReal ost_zone_mean(const OstZoneSum *sum, PetscInt zone, PetscReal empty);
