/* product.h: the bulk stiffness times a vector, without a matrix.

   Cells are taken several at a time, one to a lane of the processor's vector registers. In double
   precision the product is that of ost_stiffness to rounding; in single precision, for a
   preconditioner, curved cells are integrated with fewer points. Not collective. */
#pragma once

#include "fem/element.h"
#include "material/elastic.h"
#include "mesh/mesh.h"

typedef struct OstProduct OstProduct;

/* The mesh must outlive the object; usable after ost_product_set. */
PetscErrorCode ost_product_create(const OstMesh *mesh, OstProduct **product);
PetscErrorCode ost_product_destroy(OstProduct **product);

/** @param[in] elastic  of each cell [num_cells]
 *  @param[in] length   that of a cell [mm], and
 *  @param[in] size     that of K's entries [N/mm]: single precision computes with K/size of cells
 *                      measured in it, so that no unit comes near the ends of its range
 */
PetscErrorCode ost_product_set(OstProduct *product, const OstElastic elastic[], PetscReal length,
                               PetscReal size);

/* f += K u, both [num_nodes x 4] local, three values of each node and one that is not used: u with
   halo, f the shares of this rank's cells [N]. */
void ost_product_add(const OstProduct *product, const PetscReal u[], PetscReal f[]);
/* f += K u/size in single precision, curved cells with fewer points. */
void ost_product_add_single(const OstProduct *product, const float u[], float f[]);
