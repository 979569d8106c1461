/* traction_law.h: what one point of the bone-implant interface answers to a relative displacement.

   Owns unilateral contact with interference, and the grown bond with mixed-mode damage on the
   bonded area; friction on the rest is friction_law.h (theory.md, I1-I14). Where the surface's
   friction wears, bond is what friction has more of, and carries no traction of its own (I12).
   Jump j = u_bone - u_stem, normal n from stem to bone, gap g = j.n + gap0, gap0 < 0 is press-fit
   interference. The traction is the force of the interface on the stem side per area, i.e. what
   resists the jump: positive along n when the bond is pulled. Pure functions; nothing can fail. */
#pragma once

#include "base/diag.h"
#include "interface/friction_law.h"
#include "interface/thread.h"

/* Parameters of one kind of surface. */
typedef struct {
  PetscReal normal_stiffness; /* k_n [N/mm3] */
  PetscReal shear_stiffness;  /* k_t, of the mature bond in shear, and the most of stick [N/mm3] */
  PetscReal bond_stiffness;   /* k_b, of the mature bond in tension [N/mm3] */
  PetscReal friction;         /* mu [-] */
  PetscReal elastic_slip;     /* a, way over which friction grows to its limit mu p; 0: as k_t
                                 makes it [mm] */
  PetscReal tensile_strength; /* sigma_0 of the mature bond, per bonded area [MPa] */
  PetscReal shear_strength;   /* tau_0, likewise [MPa] */
  PetscReal energy_I;         /* G_I of the mature bond [N/mm] */
  PetscReal energy_II;        /* G_II [N/mm] */
  PetscReal unbroken;         /* mu_u, friction of the grown surface that wears [-] */
  PetscReal wear_from;        /* a_s, slip from which it wears; 0: it does not, bond carries [mm] */
  PetscReal wear_width;       /* b_s, of its decay, in units of a_s [-] */
} OstTractionLaw;

/* Defaults of a rough, coated surface (theory.md, Table I1). */
OstTractionLaw ost_traction_law_default(void);

/* Appends what makes the law unusable: among others a bond whose elastic energy at onset exceeds
   its fracture energy, which would break with a snap. */
PetscErrorCode ost_traction_law_check(const OstTractionLaw *law, OstWhere at, OstDiagList *list);

/* What a point remembers. */
typedef struct {
  PetscReal gap0;      /* initial gap, < 0 interference [mm] */
  PetscReal slip[3];   /* tangential jump at which friction carries nothing [mm] */
  PetscReal origin[3]; /* jump at which the bond carries nothing [mm] */
  PetscReal bond;      /* B, grown fraction of the area [-] */
  PetscReal
      /* s, maturity of the bond: strength s, stiffness s^2, reach 1/s of the mature [-] */
            strength;
  PetscReal damage; /* d, broken fraction of the bond [-] */
  PetscReal worn;   /* g_s, slip accumulated on the grown surface; for wear only [mm] */
  /* for the energy balance of the next step only (I14) */
  PetscReal      loose;   /* share of the area that rubs [-] */
  PetscReal      limit;   /* its friction limit [MPa] */
  PetscReal      held;    /* its elastic energy over the limit [mm] */
  PetscReal      release; /* elastic energy of the bond, per whole bonded area [N/mm] */
  OstThreadPoint thread;  /* of a threaded point: what its planes remember of the above */
} OstIfacePoint;

typedef enum {
  OST_OPEN,
  OST_STICK,
  OST_SLIP,
  OST_BONDED,   /* more than a tenth of the area carries bond */
  OST_DEBONDED, /* bond that had grown is more than half broken */
  OST_FIBROUS   /* named by the biology, not by the traction law */
} OstIfaceState;

/* What is left of k_t on the P1 level in the direction of slip: a stem that slides everywhere is a
   mechanism there, while on P2 the load finds that out. [-] */
#define OST_SLIDING_FLOOR 1e-4

/* The answer of a point. */
typedef struct {
  PetscReal     traction[3];   /* [MPa] */
  PetscReal     tangent[9];    /* d traction / d jump, row by row [N/mm3] */
  PetscReal     pressure;      /* contact pressure, >= 0 [MPa] */
  PetscReal     stored;        /* elastic energy of contact, bond and stick [N/mm] */
  PetscReal     friction_work; /* lost to friction in this step [N/mm] */
  PetscReal     fracture_work; /* lost to breaking bond in this step [N/mm] */
  OstIfacePoint next;          /* what the point remembers if the step is accepted */
  OstIfaceState state;
  PetscBool     symmetric; /* the tangent is */
} OstIfaceAnswer;

/* What the tangent of an answer is for. */
typedef enum {
  OST_CONSISTENT, /* the derivative of the traction (I11) */
  OST_SECANT      /* stiffer, symmetric, and blind to contact that opens and slip that turns: for
                     points that Newton's method throws from one state to the other (S5) */
} OstTangent;

/** Traction and tangent. (I1-I9)
 *  @param[in]  law       surface; law->friction 0 is frictionless
 *  @param[in]  point     what the point remembered at the start of the step
 *  @param[in]  normal    unit normal from stem to bone [3]
 *  @param[in]  jump      u_bone - u_stem [3] [mm]
 *  @param[in]  tangent   which one the answer gets
 *  @param[out] answer    see above
 */
void ost_traction(const OstTractionLaw *law, const OstIfacePoint *point, const PetscReal normal[3],
                  const PetscReal jump[3], OstTangent tangent, OstIfaceAnswer *answer);

/* What bond and damage make of a point whose contact and friction are `rub`. (B11) */
OstIfaceState ost_iface_state(PetscReal bond, PetscReal damage, OstIfaceState rub);

/* Share of F^2 (I6) that opening has at a jump, in [0, 1]; the rest is sliding's. 0 without either,
   and where the grown surface wears, since that breaks by sliding. */
PetscReal ost_bond_tension(const OstTractionLaw *law, const OstIfacePoint *point,
                           const PetscReal normal[3], const PetscReal jump[3]);

/* Most shear traction that the bond can still carry, per nominal area: what is broken has moved
   out to where the rest carries more than its share. 0 where the surface wears. [MPa] (I7, I9) */
PetscReal ost_bond_shear_hold(const OstTractionLaw *law, const OstIfacePoint *point);

/* Change of bond and damage by the biology at the present jump: new bond is stress-free where it
   forms, old bond keeps its origin. (I8) */
void ost_iface_point_grow(OstIfacePoint *point, PetscReal bond, PetscReal strength,
                          PetscReal damage, const PetscReal jump[3]);

/* Put the friction element at rest at the present jump: the end of the seating. */
void ost_iface_point_seat(OstIfacePoint *point, const PetscReal normal[3], const PetscReal jump[3]);
