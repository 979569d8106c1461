#include "interface/threaded.h"

#include "base/tensor.h"

enum { FLAT, FLANK0, FLANK1, PLANES };

/* What does not change while a point is asked. */
typedef struct {
  const OstTractionLaw *law;
  const OstThread      *thread;
  const OstIfacePoint  *point;
  const PetscReal      *n, *across, *jump;
  PetscReal             area[PLANES];      /* per nominal area, whole and engaged [-] */
  PetscReal             normal[PLANES][3]; /* unit, from stem to bone */
} Asked;

static void add_outer(PetscReal scale, const PetscReal a[3], const PetscReal b[3], PetscReal T[9])
{
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) T[3 * i + k] += scale * a[i] * b[k];
}

/* The memory a plane has of its own, in the smooth law's form, and back. */
static OstIfacePoint plane_memory(const Asked *asked, int plane)
{
  const OstPlanePoint *own    = &asked->point->thread.plane[plane];
  OstIfacePoint        memory = *asked->point;

  memory.gap0 *= ost_dot3(asked->n, asked->normal[plane]);
  for (int i = 0; i < 3; i++) {
    memory.slip[i] = own->slip[i];
    if (plane != FLAT) memory.origin[i] = asked->point->thread.origin[i];
  }
  memory.damage  = own->damage;
  memory.worn    = own->worn;
  memory.loose   = own->loose;
  memory.limit   = own->limit;
  memory.held    = own->held;
  memory.release = own->release;
  return memory;
}

static OstPlanePoint plane_of(const OstIfacePoint *memory)
{
  return (OstPlanePoint){.slip    = {memory->slip[0], memory->slip[1], memory->slip[2]},
                         .damage  = memory->damage,
                         .worn    = memory->worn,
                         .loose   = memory->loose,
                         .limit   = memory->limit,
                         .held    = memory->held,
                         .release = memory->release};
}

/* --- flanks and tooth ------------------------------------------------------------------------- */

/* Two flanks on a tooth of whole bone, which gives axially by `way`. As the flanks come apart their
   overlap shrinks and with it the elastic energy of their contact: that makes a force along n. */
typedef struct {
  OstIfaceAnswer answer[2];
  PetscReal      way;
  PetscReal      traction[3], tangent[9]; /* nominal; tangent to the flanks' jump */
  PetscReal      pressure, stored, friction_work, fracture_work;
  PetscBool      symmetric;
} Flanks;

static Flanks flanks_at(const Asked *asked, PetscReal way, OstTangent tangent)
{
  const PetscReal kn = asked->law->normal_stiffness, *n = asked->n;
  Flanks          sum = {.way = way, .symmetric = PETSC_TRUE};
  PetscReal       jump[3];

  for (int i = 0; i < 3; i++) jump[i] = asked->jump[i] - way * asked->across[i];
  const OstThreadOverlap overlap =
      ost_thread_overlap(asked->thread, ost_dot3(jump, n) + asked->point->gap0);
  for (int k = FLANK0; k < PLANES; k++) {
    const OstIfacePoint memory = plane_memory(asked, k);
    OstIfaceAnswer     *one    = &sum.answer[k - 1];
    const PetscReal share = overlap.share * asked->area[k], change = overlap.slope * asked->area[k];
    ost_traction(asked->law, &memory, asked->normal[k], jump, tangent, one);
    const PetscReal contact = 0.5 * PetscSqr(one->pressure) / kn;
    for (int i = 0; i < 3; i++)
      sum.traction[i] += share * one->traction[i] + change * contact * n[i];
    for (int i = 0; i < 9; i++) sum.tangent[i] += share * one->tangent[i];
    if (!one->symmetric) sum.symmetric = PETSC_FALSE;
    if (tangent == OST_CONSISTENT && overlap.slope != 0.0) {
      add_outer(change, one->traction, n, sum.tangent);
      add_outer(-change * one->pressure, n, asked->normal[k], sum.tangent);
      add_outer(overlap.curvature * asked->area[k] * contact, n, n, sum.tangent);
      if (one->stored > contact) sum.symmetric = PETSC_FALSE; /* not contact alone */
    }
    sum.pressure += share * one->pressure * ost_dot3(asked->normal[k], n);
    sum.stored += share * one->stored;
    sum.friction_work += share * one->friction_work;
    sum.fracture_work += share * one->fracture_work;
  }
  sum.stored += 0.5 * asked->thread->tooth_stiffness * way * way;
  return sum;
}

/* row = T^t across, column = T across. */
static void along_axis(const Asked *asked, const PetscReal T[9], PetscReal row[3],
                       PetscReal column[3])
{
  for (int i = 0; i < 3; i++) {
    row[i] = column[i] = 0.0;
    for (int k = 0; k < 3; k++) {
      row[i] += asked->across[k] * T[3 * k + i];
      column[i] += T[3 * i + k] * asked->across[k];
    }
  }
}

/* The way at which the tooth bears what the flanks put on it. Newton's method inside a bracket: the
   flanks' load falls with the way but where bond breaks. */
static Flanks settle(const Asked *asked, OstTangent tangent)
{
  const PetscReal kz     = asked->thread->tooth_stiffness;
  Flanks          flanks = flanks_at(asked, 0.0, OST_CONSISTENT);
  PetscReal       load   = ost_dot3(flanks.traction, asked->across), low, high;

  low  = PetscMin(0.0, load / kz);
  high = PetscMax(0.0, load / kz);
  for (int it = 0; it < 60; it++) {
    PetscReal       row[3], column[3];
    const PetscReal excess = kz * flanks.way - load;
    if (PetscAbsReal(excess) <= 1e-13 * (PetscAbsReal(load) + kz * PetscAbsReal(flanks.way))) break;
    if (excess > 0.0)
      high = flanks.way;
    else
      low = flanks.way;
    along_axis(asked, flanks.tangent, row, column);
    PetscReal next = flanks.way - excess / (kz + ost_dot3(row, asked->across));
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (next == flanks.way) break;
    flanks = flanks_at(asked, next, OST_CONSISTENT);
    load   = ost_dot3(flanks.traction, asked->across);
  }
  return tangent == OST_CONSISTENT ? flanks : flanks_at(asked, flanks.way, tangent);
}

/* Tangents to the flanks' jump become tangents to the whole jump; d_way is that of the way. */
static void condense(const Asked *asked, Flanks *flanks, PetscReal d_way[3])
{
  const PetscReal kz = asked->thread->tooth_stiffness;
  PetscReal       row[3], column[3];

  along_axis(asked, flanks->tangent, row, column);
  const PetscReal chain = kz + ost_dot3(row, asked->across);
  add_outer(-1.0 / chain, column, row, flanks->tangent);
  for (int i = 0; i < 3; i++) d_way[i] = row[i] / chain;
}

/* --- the whole point -------------------------------------------------------------------------- */

static OstIfaceState state(const OstIfaceAnswer *flat, const Flanks *flanks, PetscReal bond,
                           PetscReal damage)
{
  const OstIfaceState of[PLANES] = {flat->state, flanks->answer[0].state, flanks->answer[1].state};
  OstIfaceState       worst      = OST_OPEN;

  if (bond >= 0.1 && damage > 0.5) return OST_DEBONDED;
  if (bond * (1.0 - damage) >= 0.1) return OST_BONDED;
  for (int k = 0; k < PLANES; k++) {
    if (of[k] == OST_STICK) return OST_STICK;
    if (of[k] == OST_SLIP) worst = OST_SLIP;
  }
  return worst;
}

/* What is told: the mean of the damage over the planes' areas, the sum of their limits. */
static OstIfacePoint memory_after(const Asked *asked, const OstIfaceAnswer *flat,
                                  const Flanks *flanks, PetscReal tooth, PetscReal release)
{
  OstIfacePoint next  = flat->next;
  PetscReal     whole = 0.0, broken = 0.0;
  PetscReal     limit = 0.0;

  for (int k = 0; k < PLANES; k++) {
    const OstIfacePoint *of = k == FLAT ? &flat->next : &flanks->answer[k - 1].next;
    next.thread.plane[k]    = plane_of(of);
    whole += asked->area[k];
    broken += asked->area[k] * of->damage;
    limit += asked->area[k] * of->loose * of->limit;
  }
  for (int i = 0; i < 3; i++) next.thread.bent[i] = flanks->way * asked->across[i];
  next.gap0           = asked->point->gap0;
  next.loose          = 1.0;
  next.limit          = limit;
  next.damage         = broken / whole;
  next.thread.tooth   = tooth;
  next.thread.release = release;
  return next;
}

/* Teeth that sheared off in this step took this work: that to the present share less that to the
   one before, both in the present direction. */
static PetscReal sheared(const Asked *asked, const Flanks *flanks, PetscReal tooth)
{
  const OstThread *thread = asked->thread;
  const PetscReal  kn = asked->law->normal_stiffness, before = asked->point->thread.tooth;
  const PetscReal  load = thread->tooth_stiffness * flanks->way;

  if (tooth <= before) return 0.0;
  return ost_thread_tooth_work(thread, kn, load, flanks->stored, tooth) -
         ost_thread_tooth_work(thread, kn, load, flanks->stored, before);
}

/* Parts weighted by what of the nominal area they hold; sheared-off teeth leave a smooth surface
   that bears no bond. What they lose is weighted by the mean of the step. (I22) */
static void combine(const Asked *asked, const OstIfaceAnswer *flat, const OstIfaceAnswer *bare,
                    const Flanks *flanks, PetscReal tooth, OstIfaceAnswer *answer)
{
  const OstThreadPoint *before = &asked->point->thread;
  const PetscReal       a = asked->area[FLAT], gone = tooth * (1.0 - a), whole = 1.0 - tooth;
  const PetscReal       mean    = 0.5 * (tooth + before->tooth);
  const PetscReal       release = (1.0 - a) * bare->stored;

  *answer = (OstIfaceAnswer){
      .pressure      = a * flat->pressure + gone * bare->pressure + whole * flanks->pressure,
      .stored        = a * flat->stored + gone * bare->stored + whole * flanks->stored,
      .friction_work = a * flat->friction_work + mean * (1.0 - a) * bare->friction_work +
                       (1.0 - mean) * flanks->friction_work,
      .fracture_work = a * flat->fracture_work + (1.0 - mean) * flanks->fracture_work +
                       sheared(asked, flanks, tooth) -
                       0.5 * (release + before->release) * (tooth - before->tooth),
      .next      = memory_after(asked, flat, flanks, tooth, release),
      .symmetric = flat->symmetric && (gone == 0.0 || bare->symmetric) &&
                   (whole == 0.0 || flanks->symmetric)};
  answer->state = state(flat, flanks, asked->point->bond, answer->next.damage);
  for (int i = 0; i < 3; i++)
    answer->traction[i] =
        a * flat->traction[i] + gone * bare->traction[i] + whole * flanks->traction[i];
  for (int i = 0; i < 9; i++)
    answer->tangent[i] =
        a * flat->tangent[i] + gone * bare->tangent[i] + whole * flanks->tangent[i];
}

void ost_threaded_traction(const OstTractionLaw *law, const OstThread *thread,
                           const OstIfacePoint *point, const PetscReal n[3],
                           const PetscReal across[3], const PetscReal jump[3], OstTangent tangent,
                           OstIfaceAnswer *answer)
{
  if (thread->pitch <= 0.0 || thread->depth <= 0.0 || ost_norm3(across) == 0.0) {
    ost_traction(law, point, n, jump, tangent, answer);
    return;
  }
  Asked asked = {law, thread, point, n, across, jump, .area = {ost_thread_flat_share(thread)}};
  OstIfaceAnswer flat, bare;
  PetscReal      d_way[3], slope = 0.0, lost[3];

  asked.area[FLANK0] = asked.area[FLANK1] = ost_thread_flank_area(thread);
  ost_thread_plane_normals(thread, n, across, asked.normal);
  OstIfacePoint memory = plane_memory(&asked, FLAT);
  ost_traction(law, &memory, n, jump, tangent, &flat);
  memory.bond = 0.0;
  ost_traction(law, &memory, n, jump, tangent, &bare);
  Flanks flanks = settle(&asked, tangent);
  condense(&asked, &flanks, d_way);

  /* once out of its groove a tooth meets another one, if any: this one is done with */
  const PetscBool out = ost_dot3(jump, n) + point->gap0 >= thread->depth;
  const PetscReal reached =
      out ? 1.0
          : ost_thread_shear_off(thread, law->normal_stiffness,
                                 thread->tooth_stiffness * flanks.way, &slope);
  combine(&asked, &flat, &bare, &flanks, PetscMax(reached, point->thread.tooth), answer);
  if (tangent == OST_CONSISTENT && slope != 0.0 && reached > point->thread.tooth) {
    for (int i = 0; i < 3; i++)
      lost[i] = (1.0 - asked.area[FLAT]) * bare.traction[i] - flanks.traction[i];
    add_outer(slope * thread->tooth_stiffness, lost, d_way, answer->tangent);
    answer->symmetric = PETSC_FALSE;
  }
}

void ost_threaded_rebase(OstThreadPoint *point, const OstThreadPoint *now)
{
  for (int k = 0; k < PLANES; k++) {
    point->plane[k].loose   = now->plane[k].loose;
    point->plane[k].limit   = now->plane[k].limit;
    point->plane[k].held    = now->plane[k].held;
    point->plane[k].release = now->plane[k].release;
  }
  point->release = now->release;
}
