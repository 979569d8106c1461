/* iface.h: the interface as a whole: geometry and memory of all its points, residual and tangent.

   Owns the points (six per face), their normals, areas and places, and what they remember. Calls
   the traction law; adds to the linear system of fem/. Points are numbered face by face: point =
   OST_FACE_POINTS * face + q, local faces only; every face is on exactly one rank. */
#pragma once

#include "fem/linear.h"
#include "interface/threaded.h"

typedef struct OstIface {
  const OstMesh  *mesh;
  PetscInt        num_points;
  PetscReal      *normal;         /* [num_points x 3] unit, from stem to bone */
  PetscReal      *place;          /* [num_points x 3] mm */
  PetscReal      *area;           /* [num_points] mm2 */
  OstTractionLaw *law;            /* by index */
  PetscInt       *face_law;       /* [num_faces] index of the law of each face */
  PetscReal       friction_scale; /* 1; next to 0 while the press-fit is seated [-] */
  PetscReal
           *fit; /* [num_points] nominal gap, < 0 interference; point[].gap0 is ramped to it [mm] */
  PetscReal total_area; /* all ranks [mm2] */

  OstThread  thread;      /* pitch 0: a smooth stem */
  PetscReal *across;      /* [num_points x 3] across its run; 0 where there is none; or NULL */
  PetscReal *bone_behind; /* [num_faces] modulus of the bone its teeth are of [MPa]; or NULL */

  OstIfacePoint *point; /* [num_points] what each point remembers: the accepted state */
  /* means of the iteration, no part of the state */
  char      *calm;   /* [num_points] iterations for which the tangent is still the secant */
  PetscReal  drag;   /* resists every move of a jump from its anchor; 0: none [N/mm3] */
  PetscReal *anchor; /* [num_points x 3] [mm] */
} OstIface;

/* laws[0] for the smooth faces of the mesh, laws[1] for the coated ones. The mesh must outlive the
   object. */
PetscErrorCode ost_iface_create(const OstMesh *mesh, const OstTractionLaw laws[2],
                                OstIface **iface);
PetscErrorCode ost_iface_destroy(OstIface **iface);

/* Other laws [num] for its faces [num_faces], by index; both are copied. Not collective. */
PetscErrorCode ost_iface_set_laws(OstIface *iface, PetscInt num, const OstTractionLaw laws[],
                                  const PetscInt face_law[]);

/* Make the stem's surface along an axis (unit, proximal [3]) a threaded one; the thread is checked
   (ost_thread_check). Until ost_iface_set_bone its teeth are of the bone it was given for.
   (I21-I26) Not collective. */
PetscErrorCode ost_iface_set_thread(OstIface *iface, const OstThread *thread,
                                    const PetscReal axis[3]);

/* Tell a threaded stem the elasticity of the cells [num_cells]; nothing for a smooth one.
   Collective. */
PetscErrorCode ost_iface_set_bone(OstIface *iface, const OstElastic elastic[]);

/* Jumps [num_points x 3] of a displacement u [num_nodes x 3] (local, with halo). Not collective. */
void ost_iface_jumps(const OstIface *iface, const PetscReal u[], PetscReal jump[]);

/* Answers of all points to jumps [num_points x 3]; answers [num_points]. Not collective. */
void ost_iface_answers(const OstIface *iface, const PetscReal jump[], OstIfaceAnswer answers[]);

/* Nodal forces of the tractions, added to local f [num_nodes x 3] (with halo). Not collective. */
void ost_iface_add_forces(const OstIface *iface, const OstIfaceAnswer answers[], PetscReal f[]);

/* The tangent of bulk and answers into the linear system. *symmetric is set for all ranks: what
   the system is solved with. Collective. */
PetscErrorCode ost_iface_set_tangent(const OstIface *iface, const OstIfaceAnswer answers[],
                                     OstLinear *lin, PetscBool *symmetric);

/* The most that friction, bond and the teeth of a thread bear at a point, per nominal area [MPa]:
   friction and bond along the surface, teeth along the screw. */
typedef struct {
  PetscReal friction, bond, teeth;
} OstPointHold;
/* @param[in] answer  of the point at `jump` [3] */
OstPointHold ost_iface_point_hold(const OstIface *iface, PetscInt p, const OstIfaceAnswer *answer,
                                  const PetscReal jump[3]);

/* Accept a step: every point remembers what its answer says. */
void ost_iface_accept(OstIface *iface, const OstIfaceAnswer answers[]);

/* Begin the energy balance of a step at these answers; no more of the memory is changed. */
void ost_iface_rebase(OstIface *iface, const OstIfaceAnswer answers[]);
