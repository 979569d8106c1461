#include "interface/traction_law.h"

#include "base/tensor.h"

OstTractionLaw ost_traction_law_default(void)
{
  return (OstTractionLaw){.normal_stiffness = 1e4,
                          .shear_stiffness  = 1e4,
                          .bond_stiffness   = 1e3,
                          .friction         = 0.5,
                          .elastic_slip     = 1e-3,
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
  if (!(law->elastic_slip >= 0.0))
    PetscCall(ost_diag_error(list, at, "1e-3 mm is far below what tissue feels",
                             "elastic slip %g mm is negative", (double)law->elastic_slip));
  if (!(law->normal_stiffness > 0.0))
    PetscCall(ost_diag_error(list, at, "1e4 N/mm3 gives 1 um at 10 MPa",
                             "contact stiffness %g N/mm3 must be positive",
                             (double)law->normal_stiffness));
  if (law->wear_from > 0.0 && !(law->unbroken >= law->friction))
    PetscCall(ost_diag_error(list, at, "friction is that of the surface once it is broken",
                             "friction_unbroken %g is below friction %g", (double)law->unbroken,
                             (double)law->friction));
  if (law->wear_from > 0.0 && !(law->wear_width > 0.0))
    PetscCall(ost_diag_error(list, at, "1 to 3 are usual", "friction wears over a width of %g",
                             (double)law->wear_width));
  for (int k = 0; k < 2 && !(law->wear_from > 0.0); k++) {
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

/* What the grown bond answers, per bonded area: linear from its origin, in compression only as far
   as the gap it bridged. Young bond is the mature law with tractions times s at displacements times
   s: weak, soft, and hard to overstretch, as healing tissue is. (I5-I7, I9) */
typedef struct {
  PetscReal traction[3], stiffness[9];
  PetscReal damage, d_damage[3]; /* d_damage is zero unless damage grows */
  PetscBool growing;
} Bond;

static Bond bond_part(const OstTractionLaw *law, const OstIfacePoint *point, const PetscReal n[3],
                      const PetscReal jump[3])
{
  const PetscReal s = point->strength, kb = s * s * law->bond_stiffness;
  const PetscReal ks      = s * s * law->shear_stiffness;
  const PetscReal bridged = PetscMax(ost_dot3(point->origin, n) + point->gap0, 0.0);
  Bond            bond    = {.damage = point->damage};
  PetscReal       relative[3], stretched[3], d_damage[3];

  for (int i = 0; i < 3; i++) relative[i] = jump[i] - point->origin[i];
  const PetscReal opening = ost_dot3(relative, n);
  const PetscBool pulled  = opening > -bridged ? PETSC_TRUE : PETSC_FALSE;
  for (int i = 0; i < 3; i++) {
    const PetscReal sliding = relative[i] - opening * n[i];
    bond.traction[i]        = kb * (pulled ? opening : -bridged) * n[i] + ks * sliding;
    stretched[i]            = s * sliding;
  }
  if (pulled) add_outer(kb, n, n, bond.stiffness);
  add_tangential(ks, n, bond.stiffness);
  const PetscReal damage = bond_damage(law, s * opening, n, stretched, d_damage);
  if (damage > point->damage) {
    bond.growing = PETSC_TRUE;
    bond.damage  = damage;
    for (int i = 0; i < 3; i++) bond.d_damage[i] = s * d_damage[i];
  }
  return bond;
}

/* Work that it takes to break the share `damage` of the mature bond, per bonded area, along a
   straight way on which its elastic energy at onset is `onset`, and that over its fracture energy
   `ratio`. (I14) */
static PetscReal broken_work(PetscReal onset, PetscReal ratio, PetscReal damage)
{
  return damage < 1.0 ? onset * damage / (1.0 - damage * (1.0 - ratio)) : onset / ratio;
}

/* Elastic energy of the bond, per whole bonded area. */
static PetscReal bond_energy(const OstTractionLaw *law, const OstIfacePoint *point,
                             const PetscReal n[3], const PetscReal jump[3])
{
  const PetscReal s2      = point->strength * point->strength;
  const PetscReal bridged = PetscMax(ost_dot3(point->origin, n) + point->gap0, 0.0);
  PetscReal       relative[3];

  for (int i = 0; i < 3; i++) relative[i] = jump[i] - point->origin[i];
  const PetscReal opening = ost_dot3(relative, n), held = PetscMax(opening, -bridged);
  const PetscReal slide2 = ost_dot3(relative, relative) - opening * opening;
  /* what is pressed beyond the gap it bridged keeps its traction */
  return s2 *
         (0.5 * law->bond_stiffness * held * held +
          law->bond_stiffness * bridged * (held - opening) + 0.5 * law->shear_stiffness * slide2);
}

static PetscBool wears(const OstTractionLaw *law)
{
  return law->wear_from > 0.0 ? PETSC_TRUE : PETSC_FALSE;
}

static OstFrictionLaw friction_of(const OstTractionLaw *law)
{
  return (OstFrictionLaw){.friction     = law->friction,
                          .unbroken     = law->unbroken,
                          .elastic_slip = law->elastic_slip,
                          .stiffness    = law->shear_stiffness,
                          .wear_from    = law->wear_from,
                          .wear_width   = law->wear_width};
}

static PetscReal worn_share(const OstTractionLaw *law, PetscReal worn)
{
  const OstFrictionLaw friction = friction_of(law);
  PetscReal            slope;

  return 1.0 - ost_friction_left(&friction, worn, &slope);
}

/* The slip accumulated before this step; what biology has healed since is not worn. */
static PetscReal worn_before(const OstTractionLaw *law, const OstIfacePoint *point)
{
  const OstFrictionLaw friction = friction_of(law);

  if (!wears(law) || worn_share(law, point->worn) <= point->damage) return point->worn;
  return ost_friction_slip(&friction, 1.0 - point->damage);
}

static OstRub friction_part(const OstTractionLaw *law, const OstIfacePoint *point, PetscReal worn,
                            const PetscReal n[3], const PetscReal jump[3], PetscReal pressure)
{
  const OstFrictionLaw friction = friction_of(law);
  OstRubInput in = {.pressure = pressure, .grown = point->bond * point->strength, .worn = worn};

  for (int i = 0; i < 3; i++) in.way[i] = jump[i] - point->slip[i];
  const PetscReal along = ost_dot3(in.way, n);
  for (int i = 0; i < 3; i++) in.way[i] -= along * n[i];
  return ost_friction_rub(&friction, &in);
}

/* The tangent asked for. (I11) */
static void linearise(const OstTractionLaw *law, const PetscReal n[3], PetscBool closed,
                      PetscReal B, const Bond *bond, const OstRub *rub, OstTangent tangent,
                      OstIfaceAnswer *answer)
{
  const PetscReal kn = law->normal_stiffness, whole = B * (1.0 - bond->damage), loose = 1.0 - whole;
  PetscReal      *T = answer->tangent;

  for (int i = 0; i < 9; i++) T[i] = whole * bond->stiffness[i];
  if (tangent == OST_SECANT) {
    add_outer(kn, n, n, T);
    add_tangential(loose * rub->across, n, T);
    return;
  }
  if (closed) {
    add_outer(kn, n, n, T);
    add_tangential(loose * rub->across, n, T);
    add_outer(loose * (rub->along - rub->across), rub->sense, rub->sense, T);
    if (rub->grip > 0.0) {
      add_outer(-loose * rub->grip * kn, rub->sense, n, T);
      answer->symmetric = PETSC_FALSE;
    }
  }
  if (bond->growing) {
    PetscReal lost[3];
    for (int i = 0; i < 3; i++) lost[i] = -B * (bond->traction[i] - rub->traction[i]);
    add_outer(1.0, lost, bond->d_damage, T);
    answer->symmetric = PETSC_FALSE;
  }
}

/* Work of the bond that broke in this step, per bonded area: exact for a straight way where it
   begins to break, by the trapezoidal rule after that. */
static PetscReal fracture_of(const OstTractionLaw *law, const OstIfacePoint *point,
                             const PetscReal n[3], const PetscReal jump[3], PetscReal in_bond,
                             PetscReal damage)
{
  const PetscReal s = point->strength, kn = law->bond_stiffness, kt = law->shear_stiffness;
  PetscReal       relative[3];

  if (damage <= point->damage) return 0.0;
  if (point->damage > 0.0) return 0.5 * (point->release + in_bond) * (damage - point->damage);
  for (int i = 0; i < 3; i++) relative[i] = s * (jump[i] - point->origin[i]);
  const PetscReal along = ost_dot3(relative, n), open = PetscMax(along, 0.0);
  const PetscReal slide2 = ost_dot3(relative, relative) - along * along;
  const PetscReal in_I = 0.5 * kn * open * open, in_II = 0.5 * kt * slide2;
  const PetscReal F2    = 2.0 * (in_I * kn / PetscSqr(law->tensile_strength) +
                              in_II * kt / PetscSqr(law->shear_strength));
  const PetscReal onset = (in_I + in_II) / F2;
  const PetscReal ratio = (in_I / law->energy_I + in_II / law->energy_II) / F2;

  return broken_work(onset, ratio, damage);
}

/* Elastic energy, and by the trapezoidal rule what the step has lost since the last accepted
   answer. (I14) */
static void balance(const OstTractionLaw *law, const OstIfacePoint *point, PetscReal in_bond,
                    PetscReal broken, PetscReal damage, const OstRub *rub, OstIfaceAnswer *answer)
{
  const PetscReal B = wears(law) ? 0.0 : point->bond, whole = B * (1.0 - damage);
  OstIfacePoint  *next = &answer->next;

  next->loose    = 1.0 - whole;
  next->limit    = rub->limit;
  next->held     = rub->limit > 0.0 ? rub->held : 0.0; /* the resting place has followed */
  next->release  = in_bond;
  answer->stored = 0.5 * PetscSqr(answer->pressure) / law->normal_stiffness + whole * in_bond +
                   next->loose * next->limit * rub->held;
  answer->friction_work =
      0.5 * (point->loose * point->limit + next->loose * next->limit) * rub->rubbed;
  if (rub->pumps)
    answer->friction_work -= 0.25 * (point->loose + next->loose) * (point->held + rub->held) *
                             (next->limit - point->limit);
  /* what has broken rubs, and so takes over some of the energy */
  answer->fracture_work =
      B * (broken -
           0.5 * (point->limit * point->held + rub->limit * rub->held) * (damage - point->damage));
}

OstIfaceState ost_iface_state(PetscReal bond, PetscReal damage, OstIfaceState rub)
{
  if (bond >= 0.1 && damage > 0.5) return OST_DEBONDED;
  return bond * (1.0 - damage) >= 0.1 ? OST_BONDED : rub;
}

static OstIfaceState rub_state(const OstRub *rub, PetscReal pressure)
{
  if (pressure <= 0.0) return OST_OPEN;
  /* asked again after the step, a point that slid stands at its limit, but for rounding */
  return rub->way >= rub->reach * (1.0 - 1e-9) ? OST_SLIP : OST_STICK;
}

void ost_traction(const OstTractionLaw *law, const OstIfacePoint *point, const PetscReal n[3],
                  const PetscReal jump[3], OstTangent tangent, OstIfaceAnswer *answer)
{
  const PetscReal gap      = ost_dot3(jump, n) + point->gap0;
  const PetscReal pressure = PetscMax(-law->normal_stiffness * gap, 0.0);
  const PetscReal B        = wears(law) ? 0.0 : point->bond;
  const PetscReal worn     = worn_before(law, point);
  const OstRub    rub      = friction_part(law, point, worn, n, jump, pressure);
  const Bond      bond = B > 0.0 ? bond_part(law, point, n, jump) : (Bond){.damage = point->damage};
  const PetscReal whole = B * (1.0 - bond.damage), loose = 1.0 - whole;

  *answer = (OstIfaceAnswer){.pressure = pressure, .next = *point, .symmetric = PETSC_TRUE};
  /* what has not grown, or does not touch, cannot wear */
  answer->next.worn = worn + (point->bond > 0.0 && pressure > 0.0 ? rub.rubbed : 0.0);
  answer->next.damage =
      wears(law) ? PetscMax(point->damage, worn_share(law, answer->next.worn)) : bond.damage;
  answer->state = ost_iface_state(point->bond, answer->next.damage, rub_state(&rub, pressure));
  for (int i = 0; i < 3; i++) {
    answer->traction[i] = -pressure * n[i] + whole * bond.traction[i] + loose * rub.traction[i];
    answer->next.slip[i] += rub.slid * rub.sense[i];
  }
  /* with wear, damage is what friction has lost, not bond */
  const PetscReal in_bond = B > 0.0 ? bond_energy(law, point, n, jump) : 0.0;
  const PetscReal broken  = B > 0.0 ? fracture_of(law, point, n, jump, in_bond, bond.damage) : 0.0;
  balance(law, point, in_bond, broken, bond.damage, &rub, answer);
  linearise(law, n, gap <= 0.0 ? PETSC_TRUE : PETSC_FALSE, B, &bond, &rub, tangent, answer);
}

PetscReal ost_bond_tension(const OstTractionLaw *law, const OstIfacePoint *point,
                           const PetscReal n[3], const PetscReal jump[3])
{
  PetscReal relative[3];

  if (wears(law)) return 0.0;
  for (int i = 0; i < 3; i++) relative[i] = jump[i] - point->origin[i];
  const PetscReal opening = ost_dot3(relative, n);
  const PetscReal slide2  = PetscMax(ost_dot3(relative, relative) - opening * opening, 0.0);
  const PetscReal pulled =
      PetscSqr(PetscMax(opening, 0.0) * law->bond_stiffness / law->tensile_strength);
  const PetscReal sheared = slide2 * PetscSqr(law->shear_stiffness / law->shear_strength);
  /* a young bond scales both alike (I9) */
  return pulled + sheared > 0.0 ? pulled / (pulled + sheared) : 0.0;
}

PetscReal ost_bond_shear_hold(const OstTractionLaw *law, const OstIfacePoint *point)
{
  const PetscReal ratio =
      0.5 * PetscSqr(law->shear_strength) / (law->shear_stiffness * law->energy_II);

  if (wears(law) || point->damage >= 1.0) return 0.0;
  return point->bond * point->strength * law->shear_strength * (1.0 - point->damage) /
         (1.0 - point->damage * (1.0 - ratio));
}

void ost_iface_point_grow(OstIfacePoint *point, PetscReal bond, PetscReal strength,
                          PetscReal damage, const PetscReal jump[3])
{
  /* weights are stiffnesses: what is laid down now carries nothing yet */
  const PetscReal old = point->bond * (1.0 - point->damage) * PetscSqr(point->strength);
  const PetscReal now = bond * (1.0 - damage) * PetscSqr(strength);

  for (int i = 0; i < 3 && now > old; i++) {
    const PetscReal flanks  = jump[i] - point->thread.bent[i];
    point->origin[i]        = (old * point->origin[i] + (now - old) * jump[i]) / now;
    point->thread.origin[i] = (old * point->thread.origin[i] + (now - old) * flanks) / now;
  }
  /* healing takes the same share of every plane's damage (B7) */
  for (int k = 0; k < 3 && point->damage > 0.0; k++)
    point->thread.plane[k].damage *= damage / point->damage;
  point->bond     = bond;
  point->strength = strength;
  point->damage   = damage;
}

void ost_iface_point_seat(OstIfacePoint *point, const PetscReal normal[3], const PetscReal jump[3])
{
  const PetscReal along = ost_dot3(jump, normal);

  for (int i = 0; i < 3; i++) {
    point->slip[i] = jump[i] - along * normal[i];
    /* of a plane's only what lies in it counts */
    for (int k = 0; k < 3; k++) point->thread.plane[k].slip[i] = jump[i];
  }
}
