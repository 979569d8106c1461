/* bone.h: a parametric residual bone, from a template of sections to contours in the limb frame.

   Owns the keys of the bone templates (meshes/bones) and of geometry.parametric, the interpolation
   between sections, what osteoporosis and sex do to them, the bow, and the plan of which stretch of
   the canal holds marrow, which spongy bone, and where the reamed canal is the stem itself. Knows
   no Gmsh. */
#pragma once

#include "meshes/implant.h"
#include "meshes/limb_options.h"

#define OST_BONE_MAX_SECTIONS 24

/* The template: a whole bone, proximal end at s = 0, distal end at s = 1. */
typedef struct {
  const char *file, *name;     /* owned by the case */
  PetscReal   length;          /* of the whole bone [mm] */
  PetscReal   bow_radius;      /* of the shaft's centre line, convex anteriorly; 0: straight [mm] */
  PetscReal   cancellous_to;   /* spongy bone fills the canal from the proximal end to this s [-] */
  PetscReal   cancellous_from; /* and from this s to the distal end [-] */
  PetscReal   female_diameter; /* a woman's diameters against the template's [-] */
  PetscReal   female_length;   /* and her length [-] */
  PetscReal   density[3];      /* apparent: cortical, cancellous, marrow [g/cm3] */
  PetscInt    num;
  PetscReal   s[OST_BONE_MAX_SECTIONS];       /* increasing [-] */
  PetscReal   outer[OST_BONE_MAX_SECTIONS];   /* diameter of the circle of equal mean radius [mm] */
  PetscReal   canal[OST_BONE_MAX_SECTIONS];   /* likewise [mm] */
  PetscReal   ellipse[OST_BONE_MAX_SECTIONS]; /* radius x (1 + e cos 2t), t from anterior [-] */
  PetscReal   triangle[OST_BONE_MAX_SECTIONS]; /* radius x (1 + k cos 3t): a crest in front [-] */
  PetscReal   canal_ellipse[OST_BONE_MAX_SECTIONS]; /* the canal's e [-] */
  PetscReal   canal_back[OST_BONE_MAX_SECTIONS]; /* canal centre posterior of the outline's [mm] */
} OstBoneTemplate;

/* A residual bone: the template with the case's choices. Anatomical: without placement the canal's
   axis over the stem's length is the z axis. */
typedef struct {
  OstBoneTemplate     shape;
  PetscReal           residual_length; /* proximal end of the bone to the cut [mm] */
  PetscReal           osteoporosis; /* 0 none .. 1 thickness x 0.75, cancellous density x 0.7 [-] */
  PetscBool           female, bow;
  PetscReal           proximal_end; /* the model ends this far below the bone's end [mm] */
  PetscReal           scale;        /* of the transverse dimensions [-] */
  PetscReal           min_layer;    /* thinner canal tissue round the stem counts as reamed [mm] */
  OstSide             side;
  OstPlacementOptions placement;
  OstWhere            where, where_residual;
  /* set by ost_bone_place */
  PetscReal length;   /* resection to the model's proximal end [mm] */
  PetscReal chord[2]; /* x = chord[0] + chord[1] z is taken off the bowed centre line */
} OstBone;

/* A cross-section at height z in the limb frame. */
typedef struct {
  PetscReal centre[2];       /* of the outline, x and y [mm] */
  PetscReal canal_centre[2]; /* [mm] */
  PetscReal outer, canal;    /* mean radii [mm] */
  PetscReal ellipse, triangle, canal_ellipse;
} OstBoneSection;

/* A circular tube, 28 outside and 16 inside, for tests and tools: no bow, one section. */
OstBone ost_bone_tube(PetscReal outer_diameter, PetscReal canal_diameter, PetscReal length);

/** Read geometry.parametric, the template it names, and geometry.placement's shifts and tilts.
 *  @param[in]  geometry   the case's geometry section
 *  @param[in]  side, female  of the patient
 *  @param[out] list       faults
 *  @param[out] bone       filled; call ost_bone_place with the implant next
 *  Collective (it loads a file).
 */
PetscErrorCode ost_bone_options_read(OstNode *geometry, OstSide side, PetscBool female,
                                     OstDiagList *list, OstBone *bone);

/* Lay the canal's chord over the stem's length on the z axis, and fix the model's length. */
void ost_bone_place(OstBone *bone, const OstImplant *implant);

OstBoneSection ost_bone_section(const OstBone *bone, PetscReal z);
/* Radius from the section's own centre in direction t [rad] from anterior to +y [mm]. */
PetscReal ost_bone_outer_radius(const OstBoneSection *section, PetscReal t);
PetscReal ost_bone_canal_radius(const OstBoneSection *section, PetscReal t);

/* Thickness of bone between the stem's surface and the periosteum in direction t from the stem
   axis, negative where the stem stands out [mm]. */
PetscReal ost_bone_wall(const OstBone *bone, const OstImplant *implant, PetscReal z, PetscReal t);

/* Distance from the stem axis to the nearest point of the outline at height z [mm]. */
PetscReal ost_bone_least_reach(const OstBone *bone, PetscReal z);

/** Refuse a stem that pierces the cortex, leaves less than `min_wall`, or is longer than the limb.
 *  The message names the place by height and direction, and the depth.
 */
PetscErrorCode ost_bone_check_stem(const OstBone *bone, const OstImplant *implant,
                                   PetscReal min_wall, OstDiagList *list);

/* Anatomical name of direction t [rad] from x towards y in a limb of this side: "anterior",
   "antero-medial", "medial" ... */
const char *ost_bone_direction(OstSide side, PetscReal t);

/* The canal as solids to loft, from distal to proximal; they meet in planes. Where none is, bone
   and stem touch: the canal was reamed. Nowhere does a canal's wall run along the stem's: it clears
   the stem by min_layer or lies inside it, since a wedge that runs out to nothing cannot be
   meshed. */
#define OST_BONE_MAX_FILLS 8
typedef enum { OST_FILL_CANCELLOUS, OST_FILL_MARROW } OstBoneFill;
typedef struct {
  PetscInt    num;
  OstBoneFill fill[OST_BONE_MAX_FILLS];
  PetscReal   from[OST_BONE_MAX_FILLS], to[OST_BONE_MAX_FILLS]; /* heights [mm] */
  PetscReal neck; /* largest canal radius at the tip of a stem that fills the canal; 0: none [mm] */
  PetscReal neck_from; /* it holds from this height on [mm] */
  PetscReal neck_z;    /* the radius is held up to this height, then blends into the canal's [mm] */
} OstBonePlan;
OstBonePlan ost_bone_plan(const OstBone *bone, const OstImplant *implant);
/* ost_bone_section with the canal as it is lofted. */
OstBoneSection ost_bone_plan_section(const OstBone *bone, const OstBonePlan *plan, PetscReal z);
