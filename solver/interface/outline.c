#include "interface/outline.h"

#include "base/tensor.h"

/* A piece so many times longer than its neighbour is straight, and does not bend towards it. [-] */
#define STRAIGHT 4.0
/* A point lies on the outline nearer than this share of the largest radius, if its own normal
   leans by less than this sine. [-] */
#define NEAR 0.05
#define LEAN 0.2

PetscErrorCode ost_outline_read(OstNode *section, const char *key, OstDiagList *list,
                                OstOutline *outline)
{
  OstNode *points;

  PetscFunctionBeginUser;
  *outline = (OstOutline){0};
  PetscCall(ost_value_list(section, key, PETSC_FALSE, list, &points));
  if (!points) PetscFunctionReturn(PETSC_SUCCESS);
  outline->num = ost_node_size(points);
  PetscCall(PetscCalloc1(2 * outline->num, &outline->at));
  for (PetscInt i = 0; i < outline->num; i++) {
    OstNode *pair = ost_node_item(points, i);
    if (ost_node_size(pair) != 2) {
      PetscCall(ost_diag_error(list, ost_node_where(pair), "write [height, radius]",
                               "a point of the outline has two numbers"));
      continue;
    }
    for (int k = 0; k < 2; k++) {
      OstNode *item = ost_node_item(pair, k);
      PetscCall(ost_value_parse(ost_node_case(item), ost_node_where(item), ost_node_text(item),
                                "mm", list, &outline->at[2 * i + k]));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_outline_destroy(OstOutline *outline)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(outline->at));
  outline->num = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal length_of(const OstOutline *outline, PetscInt piece)
{
  const PetscReal *a = &outline->at[2 * piece];
  return PetscSqrtReal(PetscSqr(a[2] - a[0]) + PetscSqr(a[3] - a[1]));
}

/* Angle of a piece's outward normal from the radial direction towards z. */
static PetscReal lean_of(const OstOutline *outline, PetscInt piece)
{
  const PetscReal *a = &outline->at[2 * piece];
  return atan2(a[1] - a[3], a[2] - a[0]);
}

/* The same at an end of it: where the neighbour continues the curve, between the two. */
static PetscReal lean_at_end(const OstOutline *outline, PetscInt piece, int end)
{
  const PetscInt  next = end ? piece + 1 : piece - 1;
  const PetscReal own  = lean_of(outline, piece);

  if (end && piece == outline->num - 2 && outline->at[2 * outline->num - 1] == 0.0)
    return 0.5 * PETSC_PI; /* the apex */
  if (next < 0 || next > outline->num - 2) return own;
  const PetscReal mine = length_of(outline, piece), its = length_of(outline, next);
  if (mine > STRAIGHT * its) return own;
  if (its > STRAIGHT * mine) return lean_of(outline, next);
  return (mine * own + its * lean_of(outline, next)) / (mine + its);
}

void ost_outline_normal(const OstOutline *outline, const PetscReal x[3], PetscReal normal[3],
                        PetscReal *distance)
{
  const PetscReal r    = PetscSqrtReal(x[0] * x[0] + x[1] * x[1]);
  PetscReal       lean = 0.0;

  *distance = PETSC_MAX_REAL;
  for (PetscInt piece = 0; piece < outline->num - 1; piece++) {
    const PetscReal *a    = &outline->at[2 * piece];
    const PetscReal  d[2] = {a[2] - a[0], a[3] - a[1]}, length = length_of(outline, piece);
    if (length <= 0.0) continue;
    const PetscReal along = ((x[2] - a[0]) * d[0] + (r - a[1]) * d[1]) / (length * length);
    const PetscReal t     = PetscMax(0.0, PetscMin(1.0, along));
    const PetscReal off =
        PetscSqrtReal(PetscSqr(x[2] - a[0] - t * d[0]) + PetscSqr(r - a[1] - t * d[1]));
    if (off >= *distance) continue;
    *distance = off;
    lean      = (1.0 - t) * lean_at_end(outline, piece, 0) + t * lean_at_end(outline, piece, 1);
  }
  normal[0] = r > 0.0 ? PetscCosReal(lean) * x[0] / r : 0.0;
  normal[1] = r > 0.0 ? PetscCosReal(lean) * x[1] / r : 0.0;
  normal[2] = r > 0.0 ? PetscSinReal(lean) : 1.0;
}

void ost_outline_lead(const OstOutline *outline, OstIface *iface)
{
  PetscReal widest = 0.0;

  if (outline->num < 2) return;
  for (PetscInt i = 0; i < outline->num; i++) widest = PetscMax(widest, outline->at[2 * i + 1]);
  for (PetscInt p = 0; p < iface->num_points; p++) {
    PetscReal normal[3], distance, across[3];
    ost_outline_normal(outline, &iface->place[3 * p], normal, &distance);
    ost_cross3(normal, &iface->normal[3 * p], across);
    if (distance > NEAR * widest || ost_norm3(across) > LEAN ||
        ost_dot3(normal, &iface->normal[3 * p]) < 0.0)
      continue;
    for (int i = 0; i < 3; i++) iface->normal[3 * p + i] = normal[i];
  }
}
