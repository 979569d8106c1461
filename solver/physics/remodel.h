/* remodel.h: how fast the density of bone changes, from what it feels.

   Two published laws share one form (R5): bone surfaces move by a rate [um/day] that is
   proportional to the stimulus outside a lazy zone around a reference, and the density follows
   through the surface per volume S_v (R6). Formation is capped, overload resorbs, density limits
   are soft, and a rim that reaming killed sleeps for a while.

   The reference (attractor) is a choice of the case. `fixed` is the published number: right for the
   benchmark, but a limb whose loads are known only in part then drifts although nothing happened to
   it. `site` is the stimulus that the same point had in a reference state, computed by the caller;
   the unchanged state then stays as it is by construction. Pure: no mesh. */
#pragma once

#include "input/value.h"

typedef enum { OST_REMODEL_OFF, OST_REMODEL_DAILY_STRESS, OST_REMODEL_ENERGY } OstRemodelKind;
typedef enum { OST_REFERENCE_SITE, OST_REFERENCE_FIXED } OstReferenceKind;
/* The limb that gives the site's reference (theory.md, A1). */
typedef enum { OST_LIMB_FILLED, OST_LIMB_INTACT } OstReferenceLimb;
extern const char *const ost_remodel_law_names[3], *const ost_remodel_reference_names[2],
                                                       *const ost_remodel_limb_names[2];

/* "Stimulus" is [MPa/day] with OST_REMODEL_DAILY_STRESS, [J/g] with OST_REMODEL_ENERGY. */
typedef struct {
  OstRemodelKind   law;
  OstReferenceKind reference;
  OstReferenceLimb limb;
  OstWhere         where_limb;       /* in the case, or its section */
  PetscReal        attractor;        /* reference of `fixed` [stimulus] */
  PetscReal        reference_min;    /* least reference of `site` [stimulus] */
  PetscReal        lazy_zone;        /* half width / reference [-] */
  PetscReal        background;       /* stress, as a share of the reference state, that muscles keep
                                         up whatever the prosthesis does [-] */
  PetscReal        m;                /* exponent of the daily stress stimulus [-] */
  PetscReal        formation_um;     /* surface rate per stimulus above the lazy zone, */
  PetscReal        resorption_um;    /* and below it [um/day/stimulus] */
  PetscBool        equal_weights;    /* energy: load cases count alike, not by their cycles */
  PetscReal        active_surface;   /* share of the surfaces at work at a time [-] */
  PetscReal        max_formation_um; /* fastest formation [um/day] */
  PetscReal        max_resorption_um; /* fastest resorption [um/day] */
  PetscReal        overload_strain;   /* effective strain from which bone is damaged [-] */
  PetscReal        overload_um;       /* resorption at twice that strain [um/day] */
  PetscReal        rho_c;             /* density of bone without pores [g/cm3] */
  PetscReal        rho_min, rho_max;  /* soft limits [g/cm3] */
  PetscReal        bound_width;       /* over which a rate fades towards its limit [g/cm3] */
  PetscReal        surface_min;       /* S_v never counts less than this [1/mm] */
  PetscBool        whole_volume; /* benchmark form of the energy law: no surface, drho/dt = bulk
                                     rate times the excess */
  PetscReal        bulk_formation, bulk_resorption; /* [(g/cm3)/day/(J/g)] */
  PetscReal        smoothing; /* length over which the stimulus is smoothed; 0: not [mm] */
  PetscReal        rim_depth; /* dead bone around the stem [mm] */
  PetscReal        rim_until; /* day on which it has been revascularised [day] */
} OstRemodel;

/* The law with the parameters of theory.md, Table R1. */
OstRemodel ost_remodel_default(OstRemodelKind law);

/* Read section `remodelling` of `biology` (NULL: defaults). Keys, units: theory.md, Table R1. */
PetscErrorCode ost_remodel_read(OstNode *biology, OstDiagList *list, OstRemodel *law);

PetscErrorCode ost_remodel_check(const OstRemodel *law, OstWhere at, OstDiagList *list);

/* Martin's surface per volume [1/mm] of bone of porosity p in [0, 1] (R6); at most 4.19. */
PetscReal ost_remodel_specific_surface(PetscReal p);

/** The law's stimulus at a point: the daily stress (R2), or the energy per mass (R3), weighted by
 *  cycles unless equal_weights. Arrays as in stimulus.h. */
PetscReal ost_remodel_stimulus(const OstRemodel *law, PetscInt num, const PetscReal U[],
                               const PetscReal cycles[], PetscReal E, PetscReal rho);

/* Reference that the rate takes: the attractor, or the site's own stimulus in the reference state,
   not below reference_min. */
PetscReal ost_remodel_reference(const OstRemodel *law, PetscReal site);

/** Rate of density (R5).
 *  @param[in] stimulus     of the day
 *  @param[in] reference    from ost_remodel_reference
 *  @param[in] strain_peak  effective strain of the hardest activity (R4) [-]
 *  @param[in] rho          apparent density [g/cm3]
 *  Returns d rho / dt [g/cm3/day]. Cannot fail.
 */
PetscReal ost_remodel_rate(const OstRemodel *law, PetscReal stimulus, PetscReal reference,
                           PetscReal strain_peak, PetscReal rho);

/* The rate of the surfaces alone [um/day], formation positive, before density limits. (R5) */
PetscReal ost_remodel_surface_rate(const OstRemodel *law, PetscReal stimulus, PetscReal reference,
                                   PetscReal strain_peak);

/** Share of a piece of bone that is alive at t_day: multiply the rate by it. (R7)
 *  @param[in] distance  of the piece's centre from the stem's surface [mm]
 *  @param[in] size      edge length of the piece [mm], > 0: the rim is thinner than an element
 */
PetscReal ost_remodel_alive(const OstRemodel *law, PetscReal distance, PetscReal size,
                            PetscReal t_day);

/* Next day after t_day on which the law itself changes (the rim wakes); PETSC_MAX_REAL if none. */
PetscReal ost_remodel_next_event(const OstRemodel *law, PetscReal t_day);
