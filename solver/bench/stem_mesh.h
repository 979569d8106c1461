/* stem_mesh.h: the limb of the benchmark, made without a mesher: a stem bonded in a shaft of bone.

   Along z a shaft of cortical bone from 0 to 200 mm, 7 mm thick about a canal of radius 7; a stem
   that fills the canal from 60 on and ends at 240; marrow below its tip. Across z a square of
   quadrilaterals is bent to a disc, ring by ring; each brick is cut into six straight tetrahedra
   along the diagonal that points outward and up, so that the cuts of neighbours agree. Interface:
   stem and cortex coated, stem and marrow smooth. Outer faces: proximal at z = 0, resection at the
   bone's end, abutment_end at the stem's, periosteum. One rank. */
#pragma once

#include "mesh/msh_file.h"

#define OST_STEM_RADIUS  7.0   /* of the stem [mm] */
#define OST_SHAFT_RADIUS 14.0  /* of the bone, outside [mm] */
#define OST_SHAFT_LENGTH 200.0 /* [mm] */
#define OST_STEM_TIP     60.0  /* z of its lower end [mm] */
#define OST_STEM_END     240.0 /* z of its upper end [mm] */

/* How fine: bricks over the stem's radius (as many over the bone's thickness), and over 20 mm of
   length. */
typedef struct {
  PetscInt rings, slices;
} OstStemGrid;

/* The grid with as near to `dof` displacements as its cells are not too flat or long for. */
OstStemGrid ost_stem_grid(double dof);
/* Displacements of its P2 mesh, stem and bone apart. */
double ost_stem_dof(OstStemGrid grid);

/* Volume of the polygonal prisms that approach the disc [mm3]: of the stem, and of all. */
void ost_stem_volumes(OstStemGrid grid, double *stem, double *whole);

/* The mesh as a file would give it; freed by ost_msh_free. */
PetscErrorCode ost_stem_mesh(OstStemGrid grid, OstMshFile *msh);
