/* model.h: everything that is constant once a run has been set up.

   The cli fills the input part from the case; ost_model_complete derives the rest. What a time step
   may change lives in OstState (state.h); the model is reached const after it is complete. */
#pragma once

#include "analysis/equilibrium.h"
#include "analysis/observer.h"
#include "fem/smoother.h"
#include "interface/outline.h"
#include "interface/iface_options.h"
#include "loads/fall.h"
#include "loads/schedule.h"
#include "loads/support.h"
#include "material/region.h"
#include "physics/mature.h"
#include "physics/remodel.h"
#include "physics/timestep.h"
#include "risk/criterion.h"
#include "risk/volume.h"
#include "risk/zones.h"

typedef struct {
  PetscInt  max_cycles;   /* load-unload cycles of an activity on one day, >= 1 [-] */
  PetscReal settled;      /* change of micromotion from cycle to cycle that counts as settled [-] */
  PetscReal output_every; /* days between snapshots [day] */
} OstDayOptions;

OstDayOptions ost_day_options_default(void);

typedef struct OstModel {
  /* --- input, filled by the caller --- */
  OstMesh         *mesh; /* owned */
  OstMaterialSet   material;
  OstIfaceOptions  iface; /* owned */
  OstRemodel       remodel;
  OstMature        mature;
  OstSchedule      schedule; /* owned */
  OstFallList      falls;    /* owned */
  OstPatchList     patches;  /* owned; located on the mesh */
  OstSupport       support;
  OstCriterion     criterion;
  OstStepOptions   step;
  OstNewtonOptions newton;
  OstLinearOptions linear;
  OstDayOptions    day;
  OstZones         zones;
  PetscReal        load_point; /* distance of the load point distal of the resection plane [mm] */
  OstOutline       outline;    /* of the stem; num 0: not known; owned */
  PetscReal *rho_start; /* apparent density of bone cells at the start [num_cells] [g/cm3]; owned */
  PetscInt  *face_finish; /* [num_faces] index into iface.finish; owned */

  /* --- derived --- */
  OstFacetSet abutment;      /* end face of the abutment, where the prosthesis acts */
  OstFacetSet held;          /* the surface of the support */
  PetscReal   held_at[3];    /* its centroid [mm] */
  char       *fixed;         /* [num_nodes x 3] what is clamped; nothing on a foundation */
  PetscReal  *volume;        /* [num_cells] mm3 */
  PetscReal  *centroid;      /* [num_cells x 3] mm */
  PetscReal  *sicn;          /* [num_cells] */
  PetscInt   *cell_zone;     /* [num_cells] 0..7, bone only */
  PetscReal  *stem_distance; /* [num_cells] of the centroid from the stem's surface [mm] */
  PetscReal *axis; /* direction of the shaft [num_cells x 3], unit; 0 in the implant; NULL where all
                      bone is isotropic */
  OstMature *growth;              /* [iface.num_finishes] how bone grows onto each finish */
  PetscReal *reference;           /* site reference of the stimulus [num_cells] */
  OstSmoother    *smoother;       /* of the stimulus; NULL: none */
  PetscInt       *face_zone;      /* [num_faces] 1..7 */
  PetscReal      *point_angle;    /* [num_points] degree */
  PetscInt        krylov_linear;  /* CG iterations of the linear reference analysis to 1e-8 */
  OstAdjacency    graph;          /* of all cells in file order; rank 0 only */
  OstStaticFields fixed_fields;   /* what results need of the above; pointers into it */
  OstIface       *iface_geometry; /* normals, places, areas, laws and fit; memory unused */
} OstModel;

/* How bone grows at an interface point: the law of the case with what the surface there has of its
   own. */
const OstMature *ost_model_mature(const OstModel *model, PetscInt point);

/* Derive the rest. Collective. *reached FALSE: the reference analysis found no equilibrium. */
PetscErrorCode ost_model_complete(OstModel *model, PetscBool *reached);
PetscErrorCode ost_model_destroy(OstModel *model);

/* An interface with the laws and the fit of the model. Collective. */
PetscErrorCode ost_model_create_iface(const OstModel *model, OstIface **iface);

/* A linear system with the support in place. Collective. */
PetscErrorCode ost_model_create_linear(const OstModel *model, OstLinear **lin);

/* The load vector of an activity's phase or a fall; `forces` (global) [N] is overwritten.
   Collective. */
PetscErrorCode ost_model_load(const OstModel *model, const OstLoad *load, Vec forces);

/* Find the direction of the shaft where the material asks for it; before ost_model_complete.
   *found FALSE: see shaft_axis.h. Collective. */
PetscErrorCode ost_model_find_axis(OstModel *model, PetscBool *found);

/* Elasticity of each cell [num_cells] from region, density and the direction of the shaft. */
void ost_model_elastic(const OstModel *model, const PetscReal rho[], OstElastic elastic[]);

/* How much bone lies outside the range in which the density law was measured. Collective. */
PetscErrorCode ost_model_density_range(const OstModel *model, const PetscReal rho[],
                                       OstDensityRange *range);

/** Density of each bone cell from a density field, by averaging the modulus over the cell: E is
 *  integrated with 14 points and turned back into the density that has it. (M3)
 *  @param[in]  sample  density at a point of the limb frame [g/cm3]
 *  @param[out] rho     [num_cells] [g/cm3]; cells of regions other than `bone` are left alone
 */
typedef PetscReal (*OstDensityAt)(const PetscReal x[3], void *context);
void ost_model_density_from_field(const OstMesh *mesh, const OstDensityLaw *law,
                                  OstDensityAt sample, void *context, PetscReal rho[]);

/* Sum over the ranks of sums by zone. Collective. */
PetscErrorCode ost_model_reduce_zones(const OstModel *model, OstZoneSum *sum);
