/* exchange.h: values of the nodes that ranks share, from owner to halo and back.

   A local array holds what this rank owns, then the halo in the order of its owners. So an owner's
   message is received where it belongs and the halo's shares are sent from where they stand; only
   owners pack. Nothing is copied for values that one rank alone uses, and on one rank nothing at
   all is done. Messages are passed by MPI itself: PetscSF adds single-precision values one call at
   a time and copies what is contiguous. The order of additions depends on the ranks, not on the
   order in which messages arrive.

   `type` is PetscReal's, float's or PetscInt's MPI type (MPIU_REAL, MPI_FLOAT, MPIU_INT) and
   `width` the number of them to an entity. Between begin and end of one exchange nothing else is
   exchanged by the same object, and the values it moves are left alone: the halo of both, and the
   owned ones of fill. All collective. */
#pragma once

#include "base/base.h"

typedef struct OstExchange OstExchange;

/** @param[in] num_owned  entities of this rank
 *  @param[in] num_halo   copies of others, which follow them in local arrays
 *  @param[in] owner      [num_halo] rank of each, ascending
 *  @param[in] place      [num_halo] local index there, < its num_owned
 */
PetscErrorCode ost_exchange_create(MPI_Comm comm, PetscInt num_owned, PetscInt num_halo,
                                   const PetscMPIInt owner[], const PetscInt place[],
                                   OstExchange **exchange);
PetscErrorCode ost_exchange_destroy(OstExchange **exchange);

/* Halo = what its owners have; values [num_owned + num_halo x width]. */
PetscErrorCode ost_exchange_fill(OstExchange *exchange, MPI_Datatype type, PetscInt width,
                                 void *values);
PetscErrorCode ost_exchange_fill_begin(OstExchange *exchange, MPI_Datatype type, PetscInt width,
                                       void *values);
PetscErrorCode ost_exchange_fill_end(OstExchange *exchange);

/* Owned values += all that other ranks have in their halo for them; the halo stays as it is. */
PetscErrorCode ost_exchange_sum(OstExchange *exchange, MPI_Datatype type, PetscInt width,
                                void *values);
PetscErrorCode ost_exchange_sum_begin(OstExchange *exchange, MPI_Datatype type, PetscInt width,
                                      void *values);
PetscErrorCode ost_exchange_sum_end(OstExchange *exchange);

/* The same with the owned ones elsewhere: owned [num_owned x width] += what others have for them;
   values [num_owned + num_halo x width] is only read, and only its halo. */
PetscErrorCode ost_exchange_sum_onto(OstExchange *exchange, MPI_Datatype type, PetscInt width,
                                     const void *values, void *owned);

/* Copies of owned entities in other ranks' halos, one after the other: how many, and of which
   [num_copies]. */
PetscInt        ost_exchange_num_copies(const OstExchange *exchange);
const PetscInt *ost_exchange_copied(const OstExchange *exchange);

/* For values of which the sum makes no sense: copies [num_copies x width] = what the other ranks
   have there, from their halo [num_halo x width]; and the reverse. */
PetscErrorCode ost_exchange_gather(OstExchange *exchange, MPI_Datatype type, PetscInt width,
                                   void *halo, void *copies);
PetscErrorCode ost_exchange_scatter(OstExchange *exchange, MPI_Datatype type, PetscInt width,
                                    void *copies, void *halo);
