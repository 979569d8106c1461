/* implant.h: what a catalogue entry says about an implant, and the shape that follows from it.

   Owns the keys of the implant catalogue (meshes/implants) and of the case section `implant`, and
   the outline of the metal in the half-plane (r, z) of the limb frame: a body of revolution about
   the stem axis, z proximal, z = 0 in the resection plane. Knows no bone, no mesh and no Gmsh, so
   the solver's program reads the same entry for the stem's material, its interference and its
   thread. */
#pragma once

#include "base/groups.h"
#include "input/value.h"

typedef enum { OST_IMPLANT_PRESS_FIT, OST_IMPLANT_SCREW } OstImplantKind;

/* What becomes of a screw's thread: a law on the smooth cylinder, nothing, or rings that are meshed
   (without lead). */
typedef enum { OST_THREAD_EQUIVALENT, OST_THREAD_SMOOTH, OST_THREAD_RESOLVED } OstThreadModel;

typedef struct {
  const char    *file; /* catalogue entry; owned by the case */
  const char    *name; /* for reports; owned by the case */
  OstImplantKind kind;
  OstWhere       where;                        /* of the entry in the case file */
  OstWhere       where_length, where_diameter; /* where the value in force was written */

  /* stem: from z = recess to z = recess + length */
  PetscReal length;   /* [mm] */
  PetscReal diameter; /* at the distal end; a screw: outside where its thread is meshed, else of the
                         pitch cylinder half way between crest and root, which stands for it [mm] */
  PetscReal taper;    /* loss of diameter from the distal end to the tip [mm] */
  PetscReal
      tip_rounding; /* radius of the rounded edge of the tip; radius of the stem: a dome [mm] */
  PetscReal recess; /* depth of the stem's distal end inside the cut bone [mm] */

  /* collar: around the neck, distal of z = -collar_gap; diameter 0: none */
  PetscReal collar_diameter, collar_length, collar_gap; /* [mm] */

  /* rough zone, from the stem's distal end; the rest of the interface is smooth */
  PetscReal  coated_from, coated_to; /* [mm] */
  OstCoating coating;                /* its kind */
  PetscReal  interference;           /* nominal, on the diameter [mm] */

  /* screw only; 0 for a press-fit stem */
  OstThreadModel thread_model;
  PetscReal      thread_pitch, thread_depth; /* [mm] */
  PetscReal      thread_flank;               /* to the plane across the axis [degree] */
  PetscReal      thread_lead;                /* in a turn, < 0 left-handed, 0 rings [mm] */
  OstWhere       where_thread;

  PetscReal abutment_diameter, abutment_length; /* length distal of the resection plane [mm] */
  PetscReal load_distance; /* load point at z = -load_distance on the axis [mm] */

  const char *material; /* name; owned by the case */
  PetscReal   young;    /* [MPa] */
  PetscReal   poisson;  /* [-] */
  PetscReal   yield;    /* [MPa] */
  PetscReal   ultimate; /* [MPa] */
  PetscReal   fatigue;  /* amplitude borne for 1e7 cycles, R = -1, of the surface as it is [MPa] */
} OstImplant;

/* A straight dome-tipped press-fit stem 140 x 18 with the numbers of ref 10, for tests and
   tools. */
OstImplant ost_implant_default(void);

/** Read the section `implant` of a case and the catalogue entry it names.
 *  @param[in]  root     root mapping of the case
 *  @param[out] list     faults, with the place in the case or in the entry
 *  @param[out] implant  filled as far as it could be read; checked by ost_implant_check
 *  Collective (it loads a file). Case keys: implant.file (required), implant.length,
 *  implant.diameter (of a screw as in the catalogue outside, over the crests); a changed length
 *  moves coated_to with it where the coat ran to the tip. Of a screw: implant.thread with model,
 *  pitch, depth, flank, lead.
 */
PetscErrorCode ost_implant_options_read(OstNode *root, OstDiagList *list, OstImplant *implant);

/* Append every reason why the shape cannot be built. */
PetscErrorCode ost_implant_check(const OstImplant *implant, OstDiagList *list);

/* Height of the tip above the resection plane [mm]. */
PetscReal ost_implant_tip(const OstImplant *implant);
/* Where the rounded edge of the tip begins [mm]. */
PetscReal ost_implant_tip_begin(const OstImplant *implant);
/* Radius of the stem at height z in the limb frame, 0 outside recess <= z <= tip [mm]; of a meshed
   thread in its grooves. */
PetscReal ost_implant_radius(const OstImplant *implant, PetscReal z);
/* The same over the crests of a thread, meshed or not. */
PetscReal ost_implant_outer_radius(const OstImplant *implant, PetscReal z);
/* Turns of a thread that are meshed as rings; 0 without. */
PetscInt ost_implant_turns(const OstImplant *implant);
/* Distance [mm] of a point (r, z) to the surface of the stem, not of the abutment, >= 0. */
PetscReal ost_implant_distance(const OstImplant *implant, PetscReal r, PetscReal z);
/* Heights in the limb frame at which the rough zone begins and ends, within the stem [mm]. */
void ost_implant_coated_range(const OstImplant *implant, PetscReal *from, PetscReal *to);

/* The outline of the metal from the axis at the abutment's distal end to the axis at the tip. Each
   entry is a corner; the stretch that leads to it is straight, or the arc of the tip. */
#define OST_IMPLANT_MAX_TURNS   160
#define OST_IMPLANT_MAX_OUTLINE (16 + 4 * OST_IMPLANT_MAX_TURNS)
typedef struct {
  PetscInt  num;
  PetscReal r[OST_IMPLANT_MAX_OUTLINE], z[OST_IMPLANT_MAX_OUTLINE]; /* corners [mm] */
  PetscBool arc[OST_IMPLANT_MAX_OUTLINE]; /* the stretch from i-1 to i is an arc */
  PetscReal arc_r, arc_z;                 /* its centre [mm] */
  PetscInt  split; /* corner at the stem's distal end where the abutment begins: the disc between it
                      and the axis parts abutment (corners before) from stem (corners after) */
} OstImplantOutline;
OstImplantOutline ost_implant_outline(const OstImplant *implant);

/* Volume of the stem and its area against the bone, tip included, from the outline [mm3], [mm2]. */
void ost_implant_stem_measures(const OstImplant *implant, PetscReal *volume, PetscReal *area);
