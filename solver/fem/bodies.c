#include "fem/bodies.h"

#include "fem/aggregate.h"

/* --- bodies ----------------------------------------------------------------------------------- */

/* Bodies of this rank and of others that its nodes have to do with. A body's number in the whole is
   its owner's first plus its number there. */
typedef struct {
  PetscInt   num_owned, num; /* local bodies, owned ones first */
  PetscInt  *first;          /* [ranks + 1] */
  PetscInt   mine;           /* first of this rank */
  PetscInt  *body;           /* [num_rows] number in the whole, -1 none */
  PetscReal *centre;         /* [num_rows x 3] of that body */
  PetscReal  length;         /* mean distance of nodes from their body's centre [mm] */
} Bodies;

static PetscErrorCode find_centres(MPI_Comm comm, const OstAmgLevel *l, Bodies *bodies)
{
  PetscReal *sum, far[2] = {0.0, 0.0};

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(4 * bodies->num_owned, &sum));
  for (PetscInt i = 0; i < l->num_owned; i++) {
    if (bodies->body[i] < 0) continue;
    PetscReal *s = &sum[4 * (bodies->body[i] - bodies->mine)];
    for (int k = 0; k < 3; k++) s[k] += l->place[3 * i + k];
    s[3] += 1.0;
  }
  for (PetscInt i = 0; i < l->num_owned; i++) {
    if (bodies->body[i] < 0) continue;
    const PetscReal *s      = &sum[4 * (bodies->body[i] - bodies->mine)];
    PetscReal        square = 0.0;
    for (int k = 0; k < 3; k++) {
      bodies->centre[3 * i + k] = s[k] / s[3];
      square += PetscSqr(l->place[3 * i + k] - s[k] / s[3]);
    }
    far[0] += PetscSqrtReal(square);
    far[1] += 1.0;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, far, 2, MPIU_REAL, MPIU_SUM, comm));
  bodies->length = far[0] > 0.0 ? far[0] / far[1] : 1.0;
  PetscCall(PetscFree(sum));
  PetscCall(ost_exchange_fill(l->exchange, MPIU_REAL, 3, bodies->centre));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode find_bodies(MPI_Comm comm, const OstAmgLevel *l, const PetscReal norm[],
                                  Bodies *bodies)
{
  PetscMPIInt rank, size;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMalloc3(size + 1, &bodies->first, l->A.num_rows, &bodies->body, 3 * l->A.num_rows,
                         &bodies->centre));
  PetscCall(PetscArrayzero(bodies->centre, 3 * l->A.num_rows));
  PetscCall(ost_aggregate(&l->A, l->num_owned, norm, bodies->body, &bodies->num_owned));
  PetscCallMPI(
      MPI_Allgather(&bodies->num_owned, 1, MPIU_INT, &bodies->first[1], 1, MPIU_INT, comm));
  bodies->first[0] = 0;
  for (PetscMPIInt k = 0; k < size; k++) bodies->first[k + 1] += bodies->first[k];
  bodies->mine = bodies->first[rank];
  for (PetscInt i = 0; i < l->num_owned; i++)
    if (bodies->body[i] >= 0) bodies->body[i] += bodies->mine;
  PetscCall(ost_exchange_fill(l->exchange, MPIU_INT, 1, bodies->body));
  PetscCall(find_centres(comm, l, bodies));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Motions of node i with its body [height x 6]. */
static void rigid_motions(const OstAmgLevel *l, const Bodies *bodies, PetscInt i, PetscReal B[])
{
  const PetscInt n = l->A.height;
  PetscReal      d[3];

  for (int k = 0; k < 3; k++)
    d[k] = (l->place[3 * i + k] - bodies->centre[3 * i + k]) / bodies->length;
  for (PetscInt k = 0; k < 6 * n; k++) B[k] = 0.0;
  for (int k = 0; k < 3; k++) { /* t + w x d */
    const int next = (k + 1) % 3, after = (k + 2) % 3;
    B[6 * k + k]         = 1.0;
    B[6 * k + 3 + next]  = d[after];
    B[6 * k + 3 + after] = -d[next];
  }
  if (n == 6)
    for (int k = 3; k < 6; k++) B[7 * k] = l->length / bodies->length;
  for (PetscInt k = 0; l->fixed && k < 6 * n; k++)
    if (l->fixed[3 * i + k / 6]) B[k] = 0.0;
}

/* --- rows of the prolongator ------------------------------------------------------------------ */

/* A row of the prolongator under way: blocks by the body's number in the whole. */
typedef struct {
  PetscInt   num, width; /* entries of a block */
  PetscInt  *body;
  PetscReal *block;
} Row;

static PetscReal *block_of(Row *row, PetscInt body)
{
  PetscInt k = 0;

  while (k < row->num && row->body[k] != body) k++;
  if (k == row->num) {
    row->body[row->num++] = body;
    for (PetscInt i = 0; i < row->width; i++) row->block[row->width * k + i] = 0.0;
  }
  return &row->block[row->width * k];
}

/* Add this rank's share of row i of A times the rigid motions. */
static void add_share(const OstAmgLevel *l, const Bodies *bodies, PetscInt i, Row *row)
{
  const PetscInt n = l->A.height;

  for (PetscInt k = l->A.start[i]; k < l->A.start[i + 1]; k++) {
    const PetscInt j = l->A.column[k];
    PetscReal      B[6 * OST_BLOCK_MOST];
    if (bodies->body[j] < 0) continue;
    PetscReal       *block = block_of(row, bodies->body[j]);
    const PetscReal *a     = &l->A.value[(size_t)k * (size_t)(n * n)];
    rigid_motions(l, bodies, j, B);
    for (PetscInt r = 0; r < n; r++)
      for (PetscInt m = 0; m < n; m++)
        for (int c = 0; c < 6; c++) block[6 * r + c] += a[n * r + m] * B[6 * m + c];
  }
}

/* Row of the prolongator from that of A times the motions: B - w D^-1 (A B). */
static void smooth_row(const OstAmgLevel *l, const Bodies *bodies, PetscInt i, Row *row)
{
  const PetscInt   n = l->A.height;
  const PetscReal  w = 4.0 / 3.0 / l->largest;
  const PetscReal *D = &l->inverse[n * n * i];
  PetscReal        B[6 * OST_BLOCK_MOST];

  if (bodies->body[i] >= 0) (void)block_of(row, bodies->body[i]);
  rigid_motions(l, bodies, i, B);
  for (PetscInt k = 0; k < row->num; k++) {
    PetscReal *block = &row->block[row->width * k], was[6 * OST_BLOCK_MOST];
    for (PetscInt m = 0; m < row->width; m++) was[m] = block[m];
    for (PetscInt r = 0; r < n; r++)
      for (int c = 0; c < 6; c++) {
        PetscReal sum = row->body[k] == bodies->body[i] ? B[6 * r + c] : 0.0;
        for (PetscInt m = 0; m < n; m++) sum -= w * D[n * r + m] * was[6 * m + c];
        block[6 * r + c] = sum;
      }
  }
}

/* --- rows that ranks share -------------------------------------------------------------------- */

/* Rows packed to a common width for a message: bodies [most], -1 for none, and their blocks. */
typedef struct {
  PetscInt   most;
  PetscInt  *body;
  PetscReal *block;
} Packed;

static PetscErrorCode create_packed(PetscInt num, PetscInt most, PetscInt width, Packed *p)
{
  PetscFunctionBeginUser;
  p->most = most;
  PetscCall(PetscMalloc2(num * most, &p->body, num * most * width, &p->block));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void pack(const Row *row, PetscInt k, Packed *p)
{
  for (PetscInt m = 0; m < p->most; m++)
    p->body[p->most * k + m] = m < row->num ? row->body[m] : -1;
  for (PetscInt m = 0; m < p->most * row->width; m++)
    p->block[p->most * row->width * k + m] = m < row->num * row->width ? row->block[m] : 0.0;
}

static void unpack_onto(const Packed *p, PetscInt k, Row *row)
{
  for (PetscInt m = 0; m < p->most && p->body[p->most * k + m] >= 0; m++) {
    PetscReal       *block = block_of(row, p->body[p->most * k + m]);
    const PetscReal *from  = &p->block[row->width * (p->most * k + m)];
    for (PetscInt i = 0; i < row->width; i++) block[i] += from[i];
  }
}

/* Append a finished row to P, its columns still numbers in the whole. */
static PetscErrorCode append(const Row *row, PetscInt *room, OstBlocks *P)
{
  const PetscInt end = P->start[P->num_rows];

  PetscFunctionBeginUser;
  if (end + row->num > *room) {
    *room = 2 * (*room + row->num);
    PetscCall(PetscRealloc((size_t)*room * sizeof(PetscInt), &P->column));
    PetscCall(PetscRealloc((size_t)*room * (size_t)row->width * sizeof(PetscReal), &P->value));
  }
  PetscCall(PetscArraycpy(&P->column[end], row->body, row->num));
  PetscCall(PetscArraycpy(&P->value[(size_t)end * (size_t)row->width], row->block,
                          row->num * row->width));
  P->start[++P->num_rows] = end + row->num;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode most_of_all(MPI_Comm comm, PetscInt *most)
{
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, most, 1, MPIU_INT, MPI_MAX, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Copies that other ranks send of their shares of the rows they have in common with this one. */
static PetscErrorCode gather_shares(MPI_Comm comm, const OstAmgLevel *l, const Bodies *bodies,
                                    Row *row, Packed *copies)
{
  const PetscInt halo = l->A.num_rows - l->num_owned;
  PetscInt       most = 0, num;
  Packed         shares;

  PetscFunctionBeginUser;
  for (int pass = 0; pass < 2; pass++) { /* how wide, then what */
    if (pass) {
      PetscCall(most_of_all(comm, &most));
      PetscCall(create_packed(halo, most, row->width, &shares));
    }
    for (PetscInt k = 0; k < halo; k++) {
      row->num = 0;
      add_share(l, bodies, l->num_owned + k, row);
      most = PetscMax(most, row->num);
      if (pass) pack(row, k, &shares);
    }
  }
  num = ost_exchange_num_copies(l->exchange);
  PetscCall(create_packed(num, most, row->width, copies));
  PetscCall(ost_exchange_gather(l->exchange, MPIU_INT, most, shares.body, copies->body));
  PetscCall(
      ost_exchange_gather(l->exchange, MPIU_REAL, most * row->width, shares.block, copies->block));
  PetscCall(PetscFree2(shares.body, shares.block));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Rows of owned nodes, to which other ranks' shares are added. */
static PetscErrorCode own_rows(const OstAmgLevel *l, const Bodies *bodies, const Packed *copies,
                               Row *row, PetscInt *room, OstBlocks *P)
{
  const PetscInt *of  = ost_exchange_copied(l->exchange);
  PetscInt        num = ost_exchange_num_copies(l->exchange), *next, *first;

  PetscFunctionBeginUser;
  /* copies of each node as a list */
  PetscCall(PetscMalloc2(num, &next, l->num_owned, &first));
  for (PetscInt i = 0; i < l->num_owned; i++) first[i] = -1;
  for (PetscInt k = num - 1; k >= 0; k--) {
    next[k]      = first[of[k]];
    first[of[k]] = k;
  }
  for (PetscInt i = 0; i < l->num_owned; i++) {
    row->num = 0;
    add_share(l, bodies, i, row);
    for (PetscInt k = first[i]; k >= 0; k = next[k]) unpack_onto(copies, k, row);
    smooth_row(l, bodies, i, row);
    PetscCall(append(row, room, P));
  }
  PetscCall(PetscFree2(next, first));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void take_row(const OstBlocks *P, PetscInt i, Row *row)
{
  row->num = P->start[i + 1] - P->start[i];
  for (PetscInt k = 0; k < row->num; k++) row->body[k] = P->column[P->start[i] + k];
  for (PetscInt k = 0; k < row->num * row->width; k++)
    row->block[k] = P->value[(size_t)(row->width * P->start[i] + k)];
}

/* Rows of the halo, as their owners made them. */
static PetscErrorCode halo_rows(MPI_Comm comm, const OstAmgLevel *l, Row *row, PetscInt *room,
                                OstBlocks *P)
{
  const PetscInt *of   = ost_exchange_copied(l->exchange);
  const PetscInt  num  = ost_exchange_num_copies(l->exchange);
  const PetscInt  halo = l->A.num_rows - l->num_owned;
  PetscInt        most = 0;
  Packed          sent, received;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < num; k++) most = PetscMax(most, P->start[of[k] + 1] - P->start[of[k]]);
  PetscCall(most_of_all(comm, &most));
  PetscCall(create_packed(num, most, row->width, &sent));
  PetscCall(create_packed(halo, most, row->width, &received));
  for (PetscInt k = 0; k < num; k++) {
    take_row(P, of[k], row);
    pack(row, k, &sent);
  }
  PetscCall(ost_exchange_scatter(l->exchange, MPIU_INT, most, sent.body, received.body));
  PetscCall(
      ost_exchange_scatter(l->exchange, MPIU_REAL, most * row->width, sent.block, received.block));
  for (PetscInt k = 0; k < halo; k++) {
    row->num = 0;
    unpack_onto(&received, k, row);
    PetscCall(append(row, room, P));
  }
  PetscCall(PetscFree2(sent.body, sent.block));
  PetscCall(PetscFree2(received.body, received.block));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Room for the widest row that can come about: all neighbours here, and all copies. */
static PetscErrorCode create_row(MPI_Comm comm, const OstAmgLevel *l, Row *row)
{
  PetscInt    most = 0;
  PetscMPIInt size;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  for (PetscInt i = 0; i < l->A.num_rows; i++)
    most = PetscMax(most, l->A.start[i + 1] - l->A.start[i]);
  PetscCall(most_of_all(comm, &most));
  most = 1 + most * PetscMin(size, 64); /* one node is shared by a few ranks only */
  *row = (Row){.width = 6 * l->A.height};
  PetscCall(PetscMalloc2(most, &row->body, most * row->width, &row->block));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the next level --------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
  const PetscInt *s = a, *t = b;
  return (*s > *t) - (*s < *t);
}

/* From numbers in the whole to local ones: bodies of this rank, then the others that P speaks of in
   ascending order, which is that of their owners. other [num - num_owned] are their numbers. */
static PetscErrorCode number_locally(Bodies *bodies, OstBlocks *P, PetscInt **other)
{
  PetscInt num = 0, *list;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(P->start[P->num_rows], &list));
  for (PetscInt k = 0; k < P->start[P->num_rows]; k++) {
    const PetscInt local = P->column[k] - bodies->mine;
    if (local < 0 || local >= bodies->num_owned) list[num++] = P->column[k];
  }
  PetscCall(PetscSortRemoveDupsInt(&num, list));
  for (PetscInt k = 0; k < P->start[P->num_rows]; k++) {
    const PetscInt local = P->column[k] - bodies->mine;
    if (local >= 0 && local < bodies->num_owned)
      P->column[k] = local;
    else
      P->column[k] =
          bodies->num_owned + (PetscInt)((PetscInt *)bsearch(&P->column[k], list, (size_t)num,
                                                             sizeof(PetscInt), compare_numbers) -
                                         list);
  }
  bodies->num    = bodies->num_owned + num;
  P->num_columns = bodies->num;
  *other         = list;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode create_prolongator(MPI_Comm comm, OstAmgLevel *l, Bodies *bodies,
                                         PetscInt **other)
{
  OstBlocks *P    = &l->P;
  PetscInt   room = 4 * l->A.num_rows;
  Row        row;
  Packed     copies;

  PetscFunctionBeginUser;
  *P = (OstBlocks){.height = l->A.height, .width = 6};
  PetscCall(PetscMalloc1(l->A.num_rows + 1, &P->start));
  PetscCall(PetscMalloc1(room, &P->column));
  PetscCall(PetscMalloc1((size_t)room * (size_t)(6 * P->height), &P->value));
  P->start[0] = 0;
  PetscCall(create_row(comm, l, &row));
  PetscCall(gather_shares(comm, l, bodies, &row, &copies));
  PetscCall(own_rows(l, bodies, &copies, &row, &room, P));
  PetscCall(halo_rows(comm, l, &row, &room, P));
  PetscCall(PetscFree2(copies.body, copies.block));
  PetscCall(PetscFree2(row.body, row.block));
  PetscCall(number_locally(bodies, P, other));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode create_body_exchange(MPI_Comm comm, const Bodies *bodies,
                                           const PetscInt other[], OstExchange **exchange)
{
  const PetscInt num = bodies->num - bodies->num_owned;
  PetscMPIInt   *owner, rank = 0;
  PetscInt      *place;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(num, &owner, num, &place));
  for (PetscInt k = 0; k < num; k++) {
    while (other[k] >= bodies->first[rank + 1]) rank++;
    owner[k] = rank;
    place[k] = other[k] - bodies->first[rank];
  }
  PetscCall(ost_exchange_create(comm, bodies->num_owned, num, owner, place, exchange));
  PetscCall(PetscFree2(owner, place));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Where the bodies are. */
static PetscErrorCode place_bodies(const OstAmgLevel *l, const Bodies *bodies, OstAmgLevel *next)
{
  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(3 * bodies->num, &next->place));
  for (PetscInt i = 0; i < l->num_owned; i++)
    if (bodies->body[i] >= 0)
      for (int k = 0; k < 3; k++)
        next->place[3 * (bodies->body[i] - bodies->mine) + k] = bodies->centre[3 * i + k];
  PetscCall(ost_exchange_fill(next->exchange, MPIU_REAL, 3, next->place));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_bodies_create(MPI_Comm comm, OstAmgLevel *l, const PetscReal norm[],
                                 OstAmgLevel *next)
{
  Bodies    bodies;
  PetscInt *other;

  PetscFunctionBeginUser;
  PetscCall(find_bodies(comm, l, norm, &bodies));
  PetscCall(create_prolongator(comm, l, &bodies, &other));
  *next = (OstAmgLevel){.num_owned = bodies.num_owned, .length = bodies.length};
  PetscCall(create_body_exchange(comm, &bodies, other, &next->exchange));
  PetscCall(place_bodies(l, &bodies, next));
  PetscCall(ost_blocks_galerkin(&l->A, &l->P, &next->A));
  PetscCall(PetscFree(other));
  PetscCall(PetscFree3(bodies.first, bodies.body, bodies.centre));
  PetscFunctionReturn(PETSC_SUCCESS);
}
