#include "mesh/curve.h"

/* Cubes along each axis: 2^BITS, finer than any mesh. */
enum { BITS = 16, DIGITS = 1 << 16, PASSES = 3 };

typedef struct {
  uint64_t place; /* along the curve, 3 BITS */
  PetscInt point;
} Key;

static unsigned turn_left(unsigned word, unsigned by)
{
  return ((word << by) | (word >> (3 - by))) & 7;
}

/* Place of a cube along Hilbert's curve, from the outermost of nested cubes inwards. `entry` is the
   corner at which the curve enters the present one and `axis` the direction in which it goes
   through; both from Gray codes (Hamilton and Rau-Chaplin, Compact Hilbert indices, 2008). */
static uint64_t place_of(const unsigned cube[3])
{
  /* corner of entry, and axis, of the eight cubes inside one that is entered at 0 along axis 0 */
  static const unsigned entries[8] = {0, 0, 0, 3, 3, 6, 6, 5}, axes[8] = {0, 1, 1, 2, 2, 1, 1, 0};
  static const unsigned rank_of_gray[8] = {0, 1, 3, 2, 7, 6, 4, 5};
  unsigned              entry = 0, axis = 0;
  uint64_t              place = 0;

  for (int bit = BITS - 1; bit >= 0; bit--) {
    const unsigned corner =
        (cube[0] >> bit & 1) | (cube[1] >> bit & 1) << 1 | (cube[2] >> bit & 1) << 2;
    const unsigned rank = rank_of_gray[turn_left(corner ^ entry, (5 - axis) % 3)];
    entry ^= turn_left(entries[rank], (axis + 1) % 3);
    axis  = (axis + axes[rank] + 1) % 3;
    place = place << 3 | rank;
  }
  return place;
}

static void find_keys(PetscInt num, const PetscReal x[], Key key[])
{
  PetscReal low[3] = {0, 0, 0}, size = 0.0;

  for (int d = 0; d < 3; d++) {
    PetscReal high = low[d] = x[d];
    for (PetscInt i = 1; i < num; i++) {
      low[d] = PetscMin(low[d], x[3 * i + d]);
      high   = PetscMax(high, x[3 * i + d]);
    }
    size = PetscMax(size, high - low[d]);
  }
  for (PetscInt i = 0; i < num; i++) {
    unsigned cube[3];
    for (int d = 0; d < 3; d++) {
      const PetscReal part = size > 0.0 ? (x[3 * i + d] - low[d]) / size : 0.0;
      cube[d]              = PetscMin((unsigned)(part * DIGITS), DIGITS - 1);
    }
    key[i] = (Key){place_of(cube), i};
  }
}

PetscErrorCode ost_curve_order(PetscInt num, const PetscReal x[], PetscInt order[])
{
  Key      *from, *to;
  PetscInt *start;

  PetscFunctionBeginUser;
  if (!num) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc3(num, &from, num, &to, DIGITS + 1, &start));
  Key *const both[] = {from, to};
  find_keys(num, x, from);
  for (int pass = 0; pass < PASSES; pass++) {
    const int  shift = BITS * pass;
    const Key *a     = both[pass % 2];
    Key       *b     = both[(pass + 1) % 2];
    PetscCall(PetscArrayzero(start, DIGITS + 1));
    for (PetscInt i = 0; i < num; i++) start[(a[i].place >> shift & (DIGITS - 1)) + 1]++;
    for (int k = 0; k < DIGITS; k++) start[k + 1] += start[k];
    for (PetscInt i = 0; i < num; i++) b[start[a[i].place >> shift & (DIGITS - 1)]++] = a[i];
  }
  for (PetscInt i = 0; i < num; i++) order[i] = both[PASSES % 2][i].point;
  PetscCall(PetscFree3(from, to, start));
  PetscFunctionReturn(PETSC_SUCCESS);
}
