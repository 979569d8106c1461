/* limb_options.h: what the `geometry` section says about a bone from CT or from a surface file.

   Owns the keys of geometry.ct, geometry.surface, geometry.resection, geometry.proximal and
   geometry.placement, their defaults and ranges. Opens no image and no surface, so that the solver
   program can `check` a case without the libraries of the mesher. */
#pragma once

#include "input/value.h"

typedef enum { OST_SIDE_RIGHT, OST_SIDE_LEFT } OstSide;
typedef enum { OST_BONE_FEMUR, OST_BONE_TIBIA, OST_BONE_HUMERUS, OST_BONE_RADIUS } OstBoneKind;

/* Where the limb is cut; exactly one of the three is used. */
typedef enum { OST_RESECT_OFFSET, OST_RESECT_LEVEL, OST_RESECT_RESIDUAL } OstResectionKind;

typedef struct {
  OstResectionKind kind;
  PetscReal        offset; /* from the distal end of the bone in the data [mm] */
  PetscReal        level;  /* coordinate along the data's proximal axis (CT: patient z) [mm] */
  PetscReal residual; /* from the proximal end of the bone to the cut, along the stem axis [mm] */
  OstWhere  where;
} OstResectionOptions;

typedef struct {
  PetscBool cut;            /* is there a plane cut at the proximal end? */
  PetscReal cut_at;         /* its distance from the resection [mm] */
  PetscReal support_length; /* without a cut: this much of the proximal end is `proximal` [mm] */
  OstWhere  where;
} OstProximalOptions;

typedef struct {
  PetscReal shift_anterior, shift_medial; /* of the stem axis against the fitted one [mm] */
  PetscReal tilt_anterior, tilt_medial;   /* proximal end of the stem leans so [degree] */
  PetscReal rotation; /* of x about z, from anterior to the patient's left [degree] */
  PetscReal fit_from,
      fit_to;          /* stretch of the canal the axis is fitted to, from the resection [mm] */
  PetscBool fit_given; /* fit_to stands in the case file; otherwise the mesher may put the
                                 stem's length there */
  OstWhere  where;
} OstPlacementOptions;

/* Directions of the patient or of a surface file's own axes. */
typedef enum { OST_PLUS_X, OST_MINUS_X, OST_PLUS_Y, OST_MINUS_Y, OST_PLUS_Z, OST_MINUS_Z } OstAxis;

typedef enum {
  OST_IMAGE_HOUNSFIELD,
  OST_IMAGE_QCT,
  OST_IMAGE_ASH,
  OST_IMAGE_APPARENT
} OstImageKind;

typedef struct {
  OstImageKind kind;
  PetscReal    to_g_cm3;    /* densities in the image times this are g/cm3 (kind not Hounsfield) */
  PetscReal    slope;       /* rho_QCT = intercept + slope HU [g/cm3] */
  PetscReal    intercept;   /* [g/cm3] */
  PetscBool    phantomless; /* neither slope nor intercept was given */
  PetscReal ash_slope, ash_intercept; /* rho_ash = ash_intercept + ash_slope rho_QCT [-], [g/cm3] */
  PetscReal ash_fraction;             /* rho_ash / rho_app [-] */
  PetscReal rho_min, rho_max;         /* apparent density is clipped to this [g/cm3] */
  PetscBool partial_volume;           /* outer voxel layer takes the largest inner neighbour */
  OstWhere  where;
} OstCalibrationOptions;

typedef struct {
  PetscReal   threshold;       /* bone against soft tissue [HU] */
  PetscReal   canal_threshold; /* cortex against marrow, for the canal profile [HU] */
  PetscBool   has_seed;
  PetscReal   seed[3]; /* a point in the bone wanted, patient frame RAS [mm] */
  const char *label;   /* label image, or "" */
  PetscInt    label_value;
  PetscReal   separation; /* radius of the erosion that parts touching bones, 0: off [mm] */
  PetscInt    num_exclude;
  PetscReal  *exclude;   /* [num_exclude x 3] points in other bones, patient frame RAS [mm] */
  PetscReal   closing;   /* radius of the closing that makes the cortex tight [mm] */
  PetscReal   opening;   /* radius of the opening that removes spurs and vessels [mm] */
  PetscReal   smoothing; /* standard deviation of the Gaussian before the iso-surface [mm] */
  OstWhere    where;
} OstSegmentationOptions;

typedef struct {
  const char            *image; /* NIfTI file or DICOM folder */
  OstWhere               where;
  OstAxis                proximal, anterior; /* in the patient frame RAS */
  PetscReal              edge_length;        /* of the triangles of the bone's surface [mm] */
  OstCalibrationOptions  calibration;
  OstSegmentationOptions segmentation;
  OstResectionOptions    resection;
  OstProximalOptions     proximal_end;
  OstPlacementOptions    placement;
} OstCtOptions;

typedef struct {
  const char         *file;
  OstWhere            where;
  PetscReal           unit; /* mm of one unit of the file, scale included */
  OstAxis             proximal, anterior;
  PetscBool           has_seed;
  PetscReal           seed[3];     /* a point near the piece wanted, in the file's frame [mm] */
  PetscReal           edge_length; /* of the triangles of the bone's surface [mm] */
  PetscReal           cortical_thickness; /* of the shaft; thinner where the bone is wide [mm] */
  PetscReal           cortical_density, cancellous_density, marrow_density; /* apparent [g/cm3] */
  OstResectionOptions resection;
  OstProximalOptions  proximal_end;
  OstPlacementOptions placement;
} OstSurfaceOptions;

/* Read geometry.ct (or geometry.surface) with the sections resection, proximal and placement beside
   it. `geometry` is the section itself. Faults are appended to `list`, defaults stand in. */
PetscErrorCode ost_ct_options_read(OstNode *geometry, OstDiagList *list, OstCtOptions *options);
/* Frees what the options own (strings belong to the case file). */
PetscErrorCode ost_ct_options_destroy(OstCtOptions *options);
PetscErrorCode ost_surface_options_read(OstNode *geometry, OstDiagList *list,
                                        OstSurfaceOptions *options);
