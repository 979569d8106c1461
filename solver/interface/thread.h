/* thread.h: the thread of a screw, as planes and teeth behind each point of a smooth cylinder.

   Owns the shape of a symmetric trapezoid thread with crest as wide as root (theory.md, I21), how
   stiff (I23) and how strong (I24) the teeth of bone between its turns are, and how much of a tooth
   is still engaged (I25). The answer of a threaded point, planes and teeth together, is threaded.h.
   Areas and tractions named "nominal" are those of the smooth cylinder at the pitch diameter, half
   way between crest and root. Pure functions; nothing can fail. */
#pragma once

#include "base/diag.h"

typedef struct {
  PetscReal pitch;  /* P, axial distance of teeth; 0: no thread [mm] */
  PetscReal depth;  /* H, from crest to root [mm] */
  PetscReal flank;  /* of the flanks to the plane across the axis: 30 in a thread of 60 [degree] */
  PetscReal lead;   /* way along the axis in a turn, < 0 left-handed, 0: rings [mm] */
  PetscReal radius; /* of the pitch cylinder, half way between crest and root [mm] */
  PetscReal tooth_stiffness; /* k_z, nominal axial traction over the way the teeth give [N/mm3] */
  PetscReal tooth_strength;  /* S, nominal axial traction that shears the teeth off [MPa] */
  PetscReal tooth_energy;    /* G_S, nominal, to shear them off [N/mm] */
  PetscReal young;           /* of the bone for which these three are given [MPa] */
} OstThread;

/* What a plane of a threaded point remembers on its own; as in OstIfacePoint, per area of the
   plane. */
typedef struct {
  PetscReal slip[3];                     /* [mm] */
  PetscReal damage, worn;                /* [-], [mm] */
  PetscReal loose, limit, held, release; /* for the energy balance [-], [MPa], [mm], [N/mm] */
} OstPlanePoint;

/* What a threaded point remembers beside the smooth one's memory. */
typedef struct {
  OstPlanePoint plane[3];  /* crest and root, flank 0 along the thread's axis, flank 1 against it */
  PetscReal     bent[3];   /* v e, by which the teeth give: the flanks' jump is less by it [mm] */
  PetscReal     origin[3]; /* jump of the flanks at which their bond carries nothing [mm] */
  PetscReal     tooth;     /* D, share of the tooth that is sheared off [-] */
  PetscReal     release;   /* elastic energy on the area of all teeth, sheared off [N/mm] */
} OstThreadPoint;

/* What bone the teeth are of; for ost_thread_set_tooth. */
typedef struct {
  PetscReal young;          /* [MPa] */
  PetscReal poisson;        /* [-] */
  PetscReal shear_strength; /* along the axis [MPa] */
  PetscReal shear_energy;   /* per area of root [N/mm] */
} OstThreadBone;

/* Compact bone along the shaft (theory.md, Table I2). */
OstThreadBone ost_thread_bone_default(void);

/* Stiffness, strength and energy of the teeth that a thread of this shape cuts into this bone.
   (I23, I24) */
void ost_thread_set_tooth(OstThread *thread, const OstThreadBone *bone);

/* The same thread in bone of another modulus [MPa]: stiffness by the ratio of the moduli, strength
   by its power 0.75, energy by 0.5. (I24) */
OstThread ost_thread_in_bone(const OstThread *thread, PetscReal young);

/* Append what makes the thread unusable: a shape whose flanks meet before the root, or teeth that
   store more than their fracture energy before they give.
   @param[in] contact_stiffness  k_n of the surface, in series with the tooth [N/mm3] */
PetscErrorCode ost_thread_check(const OstThread *thread, PetscReal contact_stiffness, OstWhere at,
                                OstDiagList *list);

/* Share of the nominal area on crest and root; the flanks project onto the rest. (I21) */
PetscReal ost_thread_flat_share(const OstThread *thread);
/* Area of one family of flanks per nominal area. (I21) */
PetscReal ost_thread_flank_area(const OstThread *thread);
/* Axial length of a bone tooth's root over the pitch: Chapman's thread shape factor. (I24) */
PetscReal ost_thread_root_share(const OstThread *thread);
/* Nominal axial stiffness of one family of flanks, held radially, and its teeth [N/mm3]. (I23) */
PetscReal ost_thread_axial_stiffness(const OstThread *thread, PetscReal contact_stiffness);

/* Unit normals, from stem to bone, of crest and root (n itself), flank 0 (n tilted towards
   `across`) and flank 1 (against it). (I21)
   @param[in] across  unit vector in the surface, across the thread's run [3] */
void ost_thread_plane_normals(const OstThread *thread, const PetscReal normal[3],
                              const PetscReal across[3], PetscReal planes[3][3]);

/* What of the flanks still overlaps at a radial opening [mm]: from 1 to 0 over the depth, without a
   kink, since the slope times an energy is a force. (I25) */
typedef struct {
  PetscReal share, slope, curvature; /* [-], [1/mm], [1/mm2] */
} OstThreadOverlap;
OstThreadOverlap ost_thread_overlap(const OstThread *thread, PetscReal opening);

/* Share of the tooth sheared off where the intact one would bear the nominal axial traction `load`
   [MPa], and its derivative to it. (I24) */
PetscReal ost_thread_shear_off(const OstThread *thread, PetscReal contact_stiffness, PetscReal load,
                               PetscReal *slope);
/* Most nominal axial traction that teeth of which this share is sheared off can still bear [MPa].
   (I24) */
PetscReal ost_thread_hold(const OstThread *thread, PetscReal contact_stiffness, PetscReal tooth);
/* Nominal work that it takes to shear off the share `tooth` of teeth that, whole, would bear `load`
   [MPa] and hold `stored` [N/mm]: G_S for all of it where the flanks neither rub nor are bonded.
   (I24) */
PetscReal ost_thread_tooth_work(const OstThread *thread, PetscReal contact_stiffness,
                                PetscReal load, PetscReal stored, PetscReal tooth);

/** Unit vector across the thread's run at a place on the surface. (I26)
 *  @param[in]  axis    unit vector along the screw [3]
 *  @param[in]  normal  unit normal there [3]
 *  @param[out] across  [3]; zero where the surface leans more than 0.2 from the axis: the tip
 */
void ost_thread_across(const OstThread *thread, const PetscReal axis[3], const PetscReal normal[3],
                       PetscReal across[3]);
