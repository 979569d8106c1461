/* block_mesh.h: meshes for tests, written as the solver reads them, without Gmsh.

   A block of n0 x n1 x n2 bricks, each cut into six tetrahedra along its main diagonal, is bent by
   a map of the unit cube into space. Bricks belong to regions; where an implant brick meets a bone
   brick lies the interface. One scene serves patch tests, rings, posts and beams. */
#pragma once

#include "mesh/msh_file.h"

typedef struct OstBlock {
  int n[3];     /* bricks along each direction */
  int wrap;     /* direction that closes on itself (a ring), or -1 */
  int straight; /* 1: mid-side nodes at the middle of their edge; 0: on the map (curved) */
  void (*map)(const double p[3], double x[3], const void *context); /* right-handed */
  int (*region)(const double centre[3], const void *context);       /* OstRegion of a brick */
  /* group of an outer face, by its direction, side (0, 1) and centre in the unit cube; -1 none */
  int (*surface)(int direction, int side, const double centre[3], const void *context);
  const void *context;
  int         smooth; /* 1: the interface is interface_smooth, else interface_coated */
  int         tied;   /* 1: problem.h keeps the shared nodes, one body without interface */
} OstBlock;

/* The commonest scene: stem below the middle of the third direction, cortical bone above; the
   abutment's end and the proximal surface at its two ends, periosteum around. */
int ost_block_halves(const double centre[3], const void *context);
int ost_block_ends(int direction, int side, const double centre[3], const void *context);

/* Write the block as ASCII Gmsh 4.1. Call on one rank. */
PetscErrorCode ost_block_write(const OstBlock *block, const char *path);
