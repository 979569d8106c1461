/* mesh.h: the distributed mesh of bone and implant with the interface between them.

   Rank 0 reads the file, doubles the interface nodes on the implant's side and hands every rank its
   share of the cells, as PTScotch divides them. Element loops get plain arrays; there is no
   topology beyond them, for P2 and P1 need none. Every cell, interface face and facet belongs to
   exactly one rank; nodes on a partition border are shared, and one of their ranks owns them.

   Numbering: local indices 0..num_nodes-1 in all connectivity below. Owned nodes come first and in
   the order of global vectors, so that the array of a global vector is the front of a local one;
   then the halo. Nodes that an element loop visits together stand together. `*_file` gives the
   file's numbering, the same on any number of ranks: file nodes first, then the doubled nodes in
   ascending order of the nodes they double. The struct is read-only after ost_mesh_create. */
#pragma once

#include "base/h5.h"
#include "mesh/exchange.h"
#include "mesh/msh_file.h"

#include <petscvec.h>

/* Points per interface face: the 6-point rule of degree 4; fewer give an hourglass (theory.md,
   I10). */
#define OST_FACE_POINTS 6

typedef struct OstMesh {
  MPI_Comm comm;

  PetscInt   num_nodes;   /* local nodes, owned and halo */
  PetscInt   num_owned;   /* nodes this rank owns: the first ones */
  PetscReal *x;           /* [num_nodes x 3] mm */
  PetscInt  *node_global; /* [num_nodes] row of the node in the P2 system (block index) */
  PetscInt  *node_vertex; /* [num_nodes] row in the P1 system (block index), -1 on mid-side nodes */
  PetscInt  *node_file;   /* [num_nodes] */
  PetscInt  *node_corner; /* [num_nodes] local vertex of the node, -1 on mid-side nodes */
  PetscInt   total_nodes;

  PetscInt  num_vertices;       /* local vertices, owned and halo; in the order of their nodes */
  PetscInt  num_owned_vertices; /* the first ones, in the order of P1 vectors */
  PetscInt *vertex_node;        /* [num_vertices] local node of each vertex */
  PetscInt  total_vertices;

  OstExchange *node_exchange; /* of local arrays of nodes, num_owned and the halo */
  OstExchange *vertex_exchange;

  PetscInt  num_cells;
  PetscInt *cells;     /* [num_cells x 10] corners, then edges 01 12 02 03 13 23 (VTK order) */
  PetscInt *region;    /* [num_cells] OstRegion */
  PetscInt *cell_file; /* [num_cells] */
  PetscInt  total_cells;

  PetscInt  num_faces;
  PetscInt *faces;     /* [num_faces x 12] six nodes on the bone, the six on the stem; normal by the
                           right-hand rule from stem to bone */
  PetscInt *coated;    /* [num_faces] 1 coated, 0 smooth */
  PetscInt *face_file; /* [num_faces] rank of the face among the file's interface faces */
  PetscInt *face_cell; /* [num_faces] bone cell behind the face, which is on the same rank */
  PetscInt  total_faces;

  PetscInt  num_facets; /* facets in surface groups other than the interface */
  PetscInt *facets;     /* [num_facets x 6] nodes, outward from their cell */
  PetscInt *surface;    /* [num_facets] OstSurfaceGroup */

  OstNumbering rows_node; /* owned nodes; rows_node.num_local = num_owned */
  OstNumbering rows_cell;
  OstNumbering rows_face;
} OstMesh;

/** Read and distribute a mesh.
 *  @param[in]  comm  all ranks that compute
 *  @param[in]  path  Gmsh 4.1 file (msh_file.h)
 *  @param[out] list  faults of the file, the same on every rank
 *  @param[out] mesh  NULL when list got an error
 *  Collective.
 */
PetscErrorCode ost_mesh_create(MPI_Comm comm, const char *path, OstDiagList *list, OstMesh **mesh);

typedef struct {
  PetscBool tied; /* stem and bone keep their shared nodes: one body, no interface faces. For linear
                     references against programs that tie them so */
} OstMeshTreatment;

/* The same with options; ost_mesh_create is tied = PETSC_FALSE. */
PetscErrorCode ost_mesh_create_with(MPI_Comm comm, const char *path,
                                    const OstMeshTreatment *options, OstDiagList *list,
                                    OstMesh **mesh);

/* The same of a mesh that rank 0 has made: msh is used up there and counts on no other rank; `name`
   stands for the file in messages. */
PetscErrorCode ost_mesh_create_from(MPI_Comm comm, OstMshFile *msh, const char *name,
                                    const OstMeshTreatment *options, OstDiagList *list,
                                    OstMesh **mesh);
PetscErrorCode ost_mesh_destroy(OstMesh **mesh);

/* Assert what the struct promises: indices in range, positive cell volumes, each interface face
   with its two sides at one place. Collective; for tests and after reading. */
PetscErrorCode ost_mesh_check(const OstMesh *mesh);

/* Global vectors of zeros: three values to a node, or to a vertex. */
PetscErrorCode ost_mesh_create_vec(const OstMesh *mesh, Vec *v);
PetscErrorCode ost_mesh_create_vec1(const OstMesh *mesh, Vec *v);
/* Global P2 vector to a local array [num_nodes x 3] incl. halo. Collective. */
PetscErrorCode ost_mesh_global_to_local(const OstMesh *mesh, Vec global, PetscReal local[]);
/* The reverse: adds the halo's contributions to their owners; global is overwritten. */
PetscErrorCode ost_mesh_local_to_global(const OstMesh *mesh, const PetscReal local[], Vec global);

/* Value of a cell quantity at the bone cell behind each interface face: cells [num_cells] in,
   behind [num_faces] out. */
void ost_mesh_cells_to_faces(const OstMesh *mesh, const PetscReal cells[], PetscReal behind[]);

/* Volumes of the tetrahedra between the corners [num_cells] [mm3] and the mean of the corners
   [num_cells x 3] [mm]. */
void ost_mesh_cell_volumes(const OstMesh *mesh, PetscReal volume[]);
void ost_mesh_cell_centroids(const OstMesh *mesh, PetscReal centroid[]);
