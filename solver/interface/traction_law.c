#include "interface/traction_law.h"

#include "base/tensor.h"

OstTractionLaw ost_traction_law_default(void)
{
  return (OstTractionLaw){.normal_stiffness = 1e4,
                          .shear_stiffness  = 1e4,
                          .bond_stiffness   = 1e3,
                          .friction         = 0.5,
                          .tensile_strength = 1.0,
                          .shear_strength   = 15.0,
                          .energy_I         = 0.02,
                          .energy_II        = 0.08};
}

PetscErrorCode ost_traction_law_check(const OstTractionLaw *law, OstWhere at, OstDiagList *list)
{
  const PetscReal strength[2]  = {law->tensile_strength, law->shear_strength};
  const PetscReal stiffness[2] = {law->bond_stiffness, law->shear_stiffness};
  const PetscReal energy[2]    = {law->energy_I, law->energy_II};
  const char     *name[2]      = {"tensile", "shear"};

  PetscFunctionBeginUser;
  if (!(law->friction >= 0.0))
    PetscCall(ost_diag_error(list, at, "0 is frictionless", "friction %g is negative",
                             (double)law->friction));
  if (!(law->normal_stiffness > 0.0))
    PetscCall(ost_diag_error(list, at, "1e4 N/mm3 gives 1 um at 10 MPa",
                             "contact stiffness %g N/mm3 must be positive",
                             (double)law->normal_stiffness));
  for (int k = 0; k < 2; k++) {
    if (!(strength[k] > 0.0 && stiffness[k] > 0.0 && energy[k] > 0.0)) {
      PetscCall(ost_diag_error(list, at, "for an interface without bond let none grow",
                               "stiffness %g N/mm3, strength %g MPa and fracture energy %g N/mm of "
                               "the %s bond must all be positive",
                               (double)stiffness[k], (double)strength[k], (double)energy[k],
                               name[k]));
      continue;
    }
    const PetscReal elastic = 0.5 * PetscSqr(strength[k]) / stiffness[k];
    if (elastic >= energy[k])
      PetscCall(ost_diag_error(list, at,
                               "lower the strength, or raise the fracture energy or the stiffness",
                               "the %s bond stores %g N/mm elastically before it starts to break, "
                               "more than its fracture energy %g N/mm",
                               name[k], (double)elastic, (double)energy[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void add_outer(PetscReal scale, const PetscReal a[3], const PetscReal b[3], PetscReal T[9])
{
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) T[3 * i + k] += scale * a[i] * b[k];
}

static void add_tangential(PetscReal scale, const PetscReal n[3], PetscReal T[9])
{
  for (int i = 0; i < 3; i++) T[4 * i] += scale;
  add_outer(-scale, n, n, T);
}

/* Damage of the mature bond at an opening and sliding from its origin, and its derivative. (I6, I7)
   F measures the distance to onset, Q the elastic energy against the fracture energy; along a
   straight path damage is that of linear softening, 1 at F = Q. */
static PetscReal bond_damage(const OstTractionLaw *law, PetscReal opening, const PetscReal n[3],
                             const PetscReal sliding[3], PetscReal derivative[3])
{
  const PetscReal kn = law->bond_stiffness, kt = law->shear_stiffness;
  const PetscReal dn = law->tensile_strength / kn, dt = law->shear_strength / kt;
  const PetscReal GI = law->energy_I, GII = law->energy_II;
  const PetscReal open = PetscMax(opening, 0.0), slide2 = ost_dot3(sliding, sliding);
  const PetscReal F = PetscSqrtReal(PetscSqr(open / dn) + slide2 / PetscSqr(dt));
  const PetscReal Q = 0.5 * kn * open * open / GI + 0.5 * kt * slide2 / GII;

  for (int i = 0; i < 3; i++) derivative[i] = 0.0;
  if (F <= 1.0) return 0.0;
  if (F <= Q) return 1.0;
  const PetscReal above = F * F - F, below = F * F - Q;
  for (int i = 0; i < 3; i++) {
    const PetscReal dF2 = 2.0 * (open / (dn * dn) * n[i] + sliding[i] / (dt * dt));
    const PetscReal dQ  = kn * open / GI * n[i] + kt * sliding[i] / GII;
    const PetscReal dF  = 0.5 * dF2 / F;
    derivative[i]       = ((dF2 - dF) * below - above * (dF2 - dQ)) / (below * below);
  }
  return above / below;
}

void ost_traction(const OstTractionLaw *law, const OstIfacePoint *point, const PetscReal n[3],
                  const PetscReal jump[3], OstIfaceAnswer *answer)
{
  const PetscReal kn = law->normal_stiffness, kt = law->shear_stiffness, B = point->bond;
  const PetscReal gap = ost_dot3(jump, n) + point->gap0;
  PetscReal      *t = answer->traction, *T = answer->tangent, *S = answer->support;
  PetscReal       intact, bonded[3] = {0, 0, 0}, rubbed[3], d_damage[3] = {0, 0, 0};
  PetscBool       growing = PETSC_FALSE, slipping = PETSC_FALSE, at_limit;

  answer->next          = *point;
  answer->pressure      = PetscMax(-kn * gap, 0.0);
  answer->friction_work = 0.0;
  for (int i = 0; i < 3; i++) t[i] = 0.0;
  for (int i = 0; i < 9; i++) T[i] = S[i] = 0.0;

  /* grown bond: linear from its origin, carries compression only as far as the gap it bridged.
     Young bond is the mature law with tractions times s at displacements times s: weak, soft, and
     hard to overstretch, as healing tissue is (I9) */
  if (B > 0.0) {
    const PetscReal s = point->strength, kb = s * s * law->bond_stiffness, ks = s * s * kt;
    const PetscReal bridged = PetscMax(ost_dot3(point->origin, n) + point->gap0, 0.0);
    PetscReal       relative[3], sliding[3], opening, damage;
    for (int i = 0; i < 3; i++) relative[i] = jump[i] - point->origin[i];
    opening = ost_dot3(relative, n);
    for (int i = 0; i < 3; i++) sliding[i] = relative[i] - opening * n[i];
    const PetscReal stretched[3] = {s * sliding[0], s * sliding[1], s * sliding[2]};
    damage                       = bond_damage(law, s * opening, n, stretched, d_damage);
    for (int i = 0; i < 3; i++) d_damage[i] *= s;
    growing = damage > point->damage ? PETSC_TRUE : PETSC_FALSE;
    if (growing) answer->next.damage = damage;
    intact = B * (1.0 - answer->next.damage);

    const PetscBool pulled = opening > -bridged ? PETSC_TRUE : PETSC_FALSE;
    const PetscReal normal = pulled ? opening : -bridged;
    for (int i = 0; i < 3; i++) bonded[i] = kb * normal * n[i] + ks * sliding[i];
    if (pulled) {
      add_outer(intact * kb, n, n, T);
      add_outer(intact * kb, n, n, S);
    }
    add_tangential(intact * ks, n, T);
    add_tangential(intact * ks, n, S);
  } else
    intact = 0.0;

  /* friction element of the unbonded part: return mapping at mu p */
  {
    PetscReal       trial[3], size;
    const PetscReal limit = law->friction * answer->pressure, free = 1.0 - intact;
    for (int i = 0; i < 3; i++) trial[i] = jump[i] - point->slip[i];
    const PetscReal along = ost_dot3(trial, n);
    for (int i = 0; i < 3; i++) trial[i] = kt * (trial[i] - along * n[i]);
    size     = ost_norm3(trial);
    at_limit = size >= limit * (1.0 - 1e-9) ? PETSC_TRUE : PETSC_FALSE;
    /* An open point carries nothing, not even before it has moved. A closed point that has just
       slipped stands on the limit: it starts the next step as sticking, so that a reversal of load
       begins with the right tangent. */
    if (gap > 0.0) {
      for (int i = 0; i < 3; i++) {
        rubbed[i]            = 0.0;
        answer->next.slip[i] = point->slip[i] + trial[i] / kt;
      }
    } else if (size <= limit * (1.0 + 1e-10)) {
      for (int i = 0; i < 3; i++) rubbed[i] = trial[i];
      add_tangential(free * kt, n, T);
      add_tangential(free * kt, n, S);
    } else {
      PetscReal way[3];
      slipping = PETSC_TRUE;
      for (int i = 0; i < 3; i++) {
        way[i]               = trial[i] / size;
        rubbed[i]            = limit * way[i];
        answer->next.slip[i] = point->slip[i] + (size - limit) / kt * way[i];
      }
      answer->friction_work = free * limit * (size - limit) / kt;
      add_tangential(free * kt * limit / size, n, T);
      add_outer(-free * kt * limit / size, way, way, T);
      /* a round stem that slides everywhere is a mechanism; the P1 level must stay regular */
      add_tangential(free * kt * PetscMax(limit / size, 1e-4), n, S);
      add_outer(-free * kt * limit / size, way, way, S);
      if (answer->pressure > 0.0) add_outer(-free * law->friction * kn, way, n, T);
    }
  }

  /* contact on the whole area, and the sum of the parts */
  for (int i = 0; i < 3; i++)
    t[i] = -answer->pressure * n[i] + intact * bonded[i] + (1.0 - intact) * rubbed[i];
  if (gap <= 0.0) { /* touching counts as closed: a stem just set in must not be a loose body */
    add_outer(kn, n, n, T);
    add_outer(kn, n, n, S);
  }
  if (growing) {
    PetscReal lost[3];
    for (int i = 0; i < 3; i++) lost[i] = -B * (bonded[i] - rubbed[i]);
    add_outer(1.0, lost, d_damage, T);
  }
  answer->symmetric = !growing && (!slipping || answer->pressure <= 0.0 || law->friction == 0.0)
                          ? PETSC_TRUE
                          : PETSC_FALSE;
  if (B >= 0.1 && answer->next.damage > 0.5)
    answer->state = OST_DEBONDED;
  else if (intact >= 0.1)
    answer->state = OST_BONDED;
  else if (answer->pressure <= 0.0)
    answer->state = OST_OPEN;
  else /* asked again after the step, a point that slid stands at its limit, but for rounding */
    answer->state = at_limit ? OST_SLIP : OST_STICK;
}

void ost_iface_point_grow(OstIfacePoint *point, PetscReal bond, PetscReal strength,
                          PetscReal damage, const PetscReal jump[3])
{
  /* weights are stiffnesses: what is laid down now carries nothing yet */
  const PetscReal old = point->bond * (1.0 - point->damage) * PetscSqr(point->strength);
  const PetscReal now = bond * (1.0 - damage) * PetscSqr(strength);

  if (now > old)
    for (int i = 0; i < 3; i++)
      point->origin[i] = (old * point->origin[i] + (now - old) * jump[i]) / now;
  point->bond     = bond;
  point->strength = strength;
  point->damage   = damage;
}

void ost_iface_point_seat(OstIfacePoint *point, const PetscReal normal[3], const PetscReal jump[3])
{
  const PetscReal along = ost_dot3(jump, normal);

  for (int i = 0; i < 3; i++) point->slip[i] = jump[i] - along * normal[i];
}
