#include "mesh/exchange.h"

/* Runs of entities, one for each rank that shares some with this one. */
typedef struct {
  PetscMPIInt  num;
  PetscMPIInt *rank;  /* [num] ascending */
  PetscInt    *first; /* [num + 1] */
} Neighbours;

struct OstExchange {
  MPI_Comm    comm;
  PetscMPIInt tag;
  PetscInt    num_owned;
  Neighbours  owners; /* of the halo, counted from its start */
  Neighbours  users;  /* of owned entities, in `shared` */
  PetscInt   *shared; /* [users.first[users.num]] their local indices */

  MPI_Request *request; /* [owners.num + users.num] */
  char        *buffer;  /* one value of each of `shared` */
  size_t       buffer_size;

  /* the exchange under way */
  MPI_Datatype type;
  PetscInt     width;
  char        *owned; /* NULL: there is none */
  char        *halo;
};

/* --- making ----------------------------------------------------------------------------------- */

static PetscErrorCode create_neighbours(PetscMPIInt num, Neighbours *n)
{
  PetscFunctionBeginUser;
  n->num = num;
  PetscCall(PetscMalloc1(num, &n->rank));
  PetscCall(PetscCalloc1(num + 1, &n->first));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode find_owners(PetscInt num_halo, const PetscMPIInt owner[], Neighbours *n)
{
  PetscMPIInt num = 0;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < num_halo; k++) {
    OstAssert(k == 0 || owner[k] >= owner[k - 1], "the halo is not in the order of its owners");
    num += k == 0 || owner[k] > owner[k - 1];
  }
  PetscCall(create_neighbours(num, n));
  num = 0;
  for (PetscInt k = 0; k < num_halo; k++) {
    if (k == 0 || owner[k] > owner[k - 1]) n->rank[num++] = owner[k];
    n->first[num] = k + 1;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Owners learn who uses how much of theirs, then what. */
static PetscErrorCode find_users(OstExchange *e, const PetscInt place[])
{
  const Neighbours *owners = &e->owners;
  Neighbours       *users  = &e->users;
  PetscMPIInt       num, *rank;
  PetscInt         *sizes, *counts;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(owners->num, &counts));
  for (PetscMPIInt k = 0; k < owners->num; k++) counts[k] = owners->first[k + 1] - owners->first[k];
  PetscCall(PetscCommBuildTwoSided(e->comm, 1, MPIU_INT, owners->num, owners->rank, counts, &num,
                                   &rank, &sizes));
  PetscCall(create_neighbours(num, users));
  for (PetscMPIInt k = 0; k < num; k++) { /* they come as they please; few: insertion sorts them */
    PetscMPIInt i = k;
    for (; i > 0 && users->rank[i - 1] > rank[k]; i--) {
      users->rank[i]      = users->rank[i - 1];
      users->first[i + 1] = users->first[i];
    }
    users->rank[i]      = rank[k];
    users->first[i + 1] = sizes[k];
  }
  for (PetscMPIInt k = 0; k < num; k++) users->first[k + 1] += users->first[k];
  PetscCall(PetscFree(rank));
  PetscCall(PetscFree(sizes));
  PetscCall(PetscFree(counts));
  PetscCall(PetscMalloc1(users->first[num], &e->shared));
  PetscCall(PetscMalloc1(owners->num + num, &e->request));
  for (PetscMPIInt k = 0; k < num; k++)
    PetscCallMPI(MPI_Irecv(&e->shared[users->first[k]],
                           (PetscMPIInt)(users->first[k + 1] - users->first[k]), MPIU_INT,
                           users->rank[k], e->tag, e->comm, &e->request[k]));
  for (PetscMPIInt k = 0; k < owners->num; k++)
    PetscCallMPI(MPI_Isend(&place[owners->first[k]],
                           (PetscMPIInt)(owners->first[k + 1] - owners->first[k]), MPIU_INT,
                           owners->rank[k], e->tag, e->comm, &e->request[num + k]));
  PetscCallMPI(MPI_Waitall(num + owners->num, e->request, MPI_STATUSES_IGNORE));
  for (PetscInt k = 0; k < users->first[num]; k++)
    OstAssert(e->shared[k] >= 0 && e->shared[k] < e->num_owned, "the halo asks for what is not");
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_exchange_create(MPI_Comm comm, PetscInt num_owned, PetscInt num_halo,
                                   const PetscMPIInt owner[], const PetscInt place[],
                                   OstExchange **exchange)
{
  OstExchange *e;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&e));
  PetscCall(PetscCommDuplicate(comm, &e->comm, &e->tag));
  e->num_owned = num_owned;
  PetscCall(find_owners(num_halo, owner, &e->owners));
  PetscCall(find_users(e, place));
  *exchange = e;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_exchange_destroy(OstExchange **exchange)
{
  OstExchange *e = *exchange;

  PetscFunctionBeginUser;
  if (!e) PetscFunctionReturn(PETSC_SUCCESS);
  OstAssert(!e->owned, "an exchange is under way");
  PetscCall(PetscFree(e->owners.rank));
  PetscCall(PetscFree(e->owners.first));
  PetscCall(PetscFree(e->users.rank));
  PetscCall(PetscFree(e->users.first));
  PetscCall(PetscFree(e->shared));
  PetscCall(PetscFree(e->request));
  PetscCall(PetscFree(e->buffer));
  PetscCall(PetscCommDestroy(&e->comm));
  PetscCall(PetscFree(*exchange));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- exchanging ------------------------------------------------------------------------------- */

static size_t size_of(MPI_Datatype type)
{
  return type == MPI_FLOAT  ? sizeof(float)
         : type == MPIU_INT ? sizeof(PetscInt)
                            : sizeof(PetscReal);
}

static PetscErrorCode start(OstExchange *e, MPI_Datatype type, PetscInt width, void *owned,
                            char *halo)
{
  const size_t needed = (size_t)(e->users.first[e->users.num] * width) * size_of(type);

  PetscFunctionBeginUser;
  OstAssert(type == MPIU_REAL || type == MPI_FLOAT || type == MPIU_INT, "no such type of values");
  OstAssert(!e->owned, "an exchange is under way");
  e->type  = type;
  e->width = width;
  e->owned = owned;
  e->halo  = halo;
  if (needed > e->buffer_size) {
    PetscCall(PetscFree(e->buffer));
    PetscCall(PetscMalloc1(needed, &e->buffer));
    e->buffer_size = needed;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Post the messages of one kind of neighbour: with the halo in place, or with the buffer. */
static PetscErrorCode post(OstExchange *e, const Neighbours *n, PetscBool send, char *from,
                           MPI_Request request[])
{
  const size_t size = (size_t)e->width * size_of(e->type);

  PetscFunctionBeginUser;
  for (PetscMPIInt k = 0; k < n->num; k++) {
    char             *at  = from + (size_t)n->first[k] * size;
    const PetscMPIInt num = (PetscMPIInt)((n->first[k + 1] - n->first[k]) * e->width);
    if (send)
      PetscCallMPI(MPI_Isend(at, num, e->type, n->rank[k], e->tag, e->comm, &request[k]));
    else
      PetscCallMPI(MPI_Irecv(at, num, e->type, n->rank[k], e->tag, e->comm, &request[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode finish(OstExchange *e)
{
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Waitall(e->owners.num + e->users.num, e->request, MPI_STATUSES_IGNORE));
  e->owned = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static char *halo_of(const OstExchange *e, size_t size, void *values)
{
  return (char *)values + (size_t)e->num_owned * size;
}

PetscErrorCode ost_exchange_fill_begin(OstExchange *e, MPI_Datatype type, PetscInt width,
                                       void *values)
{
  const size_t size = (size_t)width * size_of(type);

  PetscFunctionBeginUser;
  if (e->owners.num + e->users.num == 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(start(e, type, width, values, halo_of(e, size, values)));
  PetscCall(post(e, &e->owners, PETSC_FALSE, e->halo, e->request));
  for (PetscInt k = 0; k < e->users.first[e->users.num]; k++)
    memcpy(e->buffer + (size_t)k * size, e->owned + (size_t)e->shared[k] * size, size);
  PetscCall(post(e, &e->users, PETSC_TRUE, e->buffer, &e->request[e->owners.num]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_exchange_fill_end(OstExchange *e)
{
  PetscFunctionBeginUser;
  if (e->owned) PetscCall(finish(e));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_exchange_fill(OstExchange *e, MPI_Datatype type, PetscInt width, void *values)
{
  PetscFunctionBeginUser;
  PetscCall(ost_exchange_fill_begin(e, type, width, values));
  PetscCall(ost_exchange_fill_end(e));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode begin_sum(OstExchange *e, MPI_Datatype type, PetscInt width, void *owned,
                                char *halo)
{
  PetscFunctionBeginUser;
  if (e->owners.num + e->users.num == 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(start(e, type, width, owned, halo));
  PetscCall(post(e, &e->users, PETSC_FALSE, e->buffer, &e->request[e->owners.num]));
  PetscCall(post(e, &e->owners, PETSC_TRUE, e->halo, e->request));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_exchange_sum_begin(OstExchange *e, MPI_Datatype type, PetscInt width,
                                      void *values)
{
  const size_t size = (size_t)width * size_of(type);

  PetscFunctionBeginUser;
  PetscCall(begin_sum(e, type, width, values, halo_of(e, size, values)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define ADD_SHARES(T)                                                                              \
  for (PetscInt k = 0; k < num; k++)                                                               \
    for (PetscInt i = 0; i < e->width; i++)                                                        \
  ((T *)values)[e->width * e->shared[k] + i] += ((const T *)shares)[e->width * k + i]

PetscErrorCode ost_exchange_sum_end(OstExchange *e)
{
  const PetscInt num    = e->users.first[e->users.num];
  void          *values = e->owned, *shares = e->buffer;

  PetscFunctionBeginUser;
  if (!values) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(finish(e));
  if (e->type == MPI_FLOAT)
    ADD_SHARES(float);
  else if (e->type == MPIU_INT)
    ADD_SHARES(PetscInt);
  else
    ADD_SHARES(PetscReal);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_exchange_sum(OstExchange *e, MPI_Datatype type, PetscInt width, void *values)
{
  PetscFunctionBeginUser;
  PetscCall(ost_exchange_sum_begin(e, type, width, values));
  PetscCall(ost_exchange_sum_end(e));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_exchange_sum_onto(OstExchange *e, MPI_Datatype type, PetscInt width,
                                     const void *values, void *owned)
{
  const size_t size = (size_t)width * size_of(type);

  PetscFunctionBeginUser;
  /* MPI's senders take what they only read as constant */
  PetscCall(begin_sum(e, type, width, owned, halo_of(e, size, (void *)(uintptr_t)values)));
  PetscCall(ost_exchange_sum_end(e));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- copies ----------------------------------------------------------------------------------- */

PetscInt ost_exchange_num_copies(const OstExchange *e)
{
  return e->users.first[e->users.num];
}

const PetscInt *ost_exchange_copied(const OstExchange *e)
{
  return e->shared;
}

/* Between halo and copies, each where it stands. */
static PetscErrorCode move_copies(OstExchange *e, MPI_Datatype type, PetscInt width, void *halo,
                                  void *copies, PetscBool gather)
{
  PetscFunctionBeginUser;
  OstAssert(!e->owned, "an exchange is under way");
  e->type  = type;
  e->width = width;
  PetscCall(post(e, gather ? &e->users : &e->owners, PETSC_FALSE, gather ? copies : halo,
                 gather ? &e->request[e->owners.num] : e->request));
  PetscCall(post(e, gather ? &e->owners : &e->users, PETSC_TRUE, gather ? halo : copies,
                 gather ? e->request : &e->request[e->owners.num]));
  PetscCall(finish(e));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_exchange_gather(OstExchange *e, MPI_Datatype type, PetscInt width, void *halo,
                                   void *copies)
{
  PetscFunctionBeginUser;
  PetscCall(move_copies(e, type, width, halo, copies, PETSC_TRUE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_exchange_scatter(OstExchange *e, MPI_Datatype type, PetscInt width, void *copies,
                                    void *halo)
{
  PetscFunctionBeginUser;
  PetscCall(move_copies(e, type, width, halo, copies, PETSC_FALSE));
  PetscFunctionReturn(PETSC_SUCCESS);
}
