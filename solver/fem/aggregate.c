#include "fem/aggregate.h"

/* Share of the diagonal from which on a joint is strong. 0.02 to 0.08 do alike; with 0.15 whole
   regions of flat cells have no strong joints (theory.md, S9). */
#define STRONG 0.02

static PetscReal norm_of(PetscInt num, const PetscReal block[])
{
  PetscReal sum = 0.0;

  for (PetscInt k = 0; k < num; k++) sum += block[k] * block[k];
  return PetscSqrtReal(sum);
}

/* Strength of each joint [blocks of the first num rows]; 0 for those to oneself or the halo. */
static void find_strengths(const OstBlocks *A, PetscInt num, const PetscReal diagonal[],
                           PetscReal strength[])
{
  const PetscInt size = A->height * A->width;

  for (PetscInt i = 0; i < num; i++)
    for (PetscInt k = A->start[i]; k < A->start[i + 1]; k++) {
      const PetscInt  j    = A->column[k];
      const PetscReal mean = j < num ? PetscSqrtReal(diagonal[i] * diagonal[j]) : 0.0;
      strength[k] =
          j == i || mean <= 0.0 ? 0.0 : norm_of(size, &A->value[(size_t)k * (size_t)size]) / mean;
    }
}

/* A body of node i and those of its neighbours above `least` that are free. */
static void make_body(const OstBlocks *A, const PetscReal strength[], PetscReal least, PetscInt i,
                      PetscInt number, PetscInt body[])
{
  body[i] = number;
  for (PetscInt k = A->start[i]; k < A->start[i + 1]; k++)
    if (strength[k] > least && body[A->column[k]] < 0) body[A->column[k]] = number;
}

/* The body that node i is joined to most, of those that stood before; -1: none. */
static PetscInt nearest_body(const OstBlocks *A, const PetscReal strength[], PetscInt i,
                             const PetscInt body[], PetscReal *most)
{
  PetscInt nearest = -1;

  *most = 0.0;
  for (PetscInt k = A->start[i]; k < A->start[i + 1]; k++)
    if (strength[k] > *most && body[A->column[k]] >= 0) {
      *most   = strength[k];
      nearest = body[A->column[k]];
    }
  return nearest;
}

static PetscBool starts_body(const OstBlocks *A, const PetscReal strength[], PetscInt i,
                             const PetscInt body[])
{
  PetscInt strong = 0;

  for (PetscInt k = A->start[i]; k < A->start[i + 1]; k++) {
    if (strength[k] <= STRONG) continue;
    if (body[A->column[k]] >= 0) return PETSC_FALSE;
    strong++;
  }
  return strong > 1 ? PETSC_TRUE : PETSC_FALSE; /* two nodes are no body: they turn freely */
}

static PetscBool is_alone(const OstBlocks *A, const PetscReal strength[], PetscInt i)
{
  for (PetscInt k = A->start[i]; k < A->start[i + 1]; k++)
    if (strength[k] > 0.0) return PETSC_FALSE;
  return PETSC_TRUE;
}

PetscErrorCode ost_aggregate(const OstBlocks *A, PetscInt num, const PetscReal diagonal[],
                             PetscInt body[], PetscInt *num_bodies)
{
  PetscReal *strength, most;
  PetscInt  *before, number = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(A->start[num], &strength));
  PetscCall(PetscMalloc1(num, &before));
  find_strengths(A, num, diagonal, strength);
  for (PetscInt i = 0; i < num; i++) body[i] = -1;
  for (PetscInt i = 0; i < num; i++)
    if (body[i] < 0 && starts_body(A, strength, i, body))
      make_body(A, strength, STRONG, i, number++, body);
  PetscCall(PetscArraycpy(before, body, num));
  for (PetscInt i = 0; i < num; i++) {
    if (before[i] >= 0) continue;
    const PetscInt nearest = nearest_body(A, strength, i, before, &most);
    if (most > STRONG) body[i] = nearest;
  }
  for (PetscInt i = 0; i < num; i++) {
    if (body[i] >= 0 || is_alone(A, strength, i)) continue;
    body[i] = nearest_body(A, strength, i, body, &most);
    if (body[i] < 0) make_body(A, strength, 0.0, i, number++, body);
  }
  *num_bodies = number;
  PetscCall(PetscFree(strength));
  PetscCall(PetscFree(before));
  PetscFunctionReturn(PETSC_SUCCESS);
}
