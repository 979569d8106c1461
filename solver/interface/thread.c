#include "interface/thread.h"

#include "base/tensor.h"

static PetscReal radians(PetscReal degree)
{
  return degree * PETSC_PI / 180.0;
}

static PetscReal tan_flank(const OstThread *thread)
{
  return PetscTanReal(radians(thread->flank));
}

PetscReal ost_thread_flat_share(const OstThread *thread)
{
  return 1.0 - 2.0 * thread->depth * tan_flank(thread) / thread->pitch;
}

PetscReal ost_thread_flank_area(const OstThread *thread)
{
  return thread->depth / (thread->pitch * PetscCosReal(radians(thread->flank)));
}

PetscReal ost_thread_root_share(const OstThread *thread)
{
  return 0.5 + thread->depth * tan_flank(thread) / thread->pitch;
}

/* --- the bone's tooth ------------------------------------------------------------------------- */

OstThreadBone ost_thread_bone_default(void)
{
  return (OstThreadBone){
      .young = 17000.0, .poisson = 0.3, .shear_strength = 51.6, .shear_energy = 1.0};
}

/* Rotation of a half-plane of modulus 1 under unit moments on strips of width w at every pitch, the
   stress linear over a strip: Fourier series of Flamant's logarithm, whose terms fall as k^-3. */
static PetscReal root_tilt(PetscReal w, PetscReal pitch, PetscReal poisson)
{
  PetscReal sum = 0.0;

  for (int k = 1; k <= 64; k++) {
    const PetscReal q   = PETSC_PI * k * w / pitch;
    const PetscReal phi = 6.0 / (w * q * q) * (PetscSinReal(q) - q * PetscCosReal(q));
    sum += phi * phi / k;
  }
  return 2.0 * (1.0 - poisson * poisson) / PETSC_PI * sum;
}

/* Axial way under unit nominal traction in bone of modulus 1: a short trapezoid cantilever in shear
   and bending on a root that tilts, less what the bone that the smooth cylinder has in place of its
   outer half gives. (I23) */
static PetscReal tooth_compliance(const OstThread *thread, PetscReal poisson)
{
  const PetscReal H = thread->depth, P = thread->pitch, slant = tan_flank(thread);
  const PetscReal tip = 0.5 * (P - 2.0 * H * slant), plane = 1.0 - poisson * poisson;
  const PetscReal by_shear = 2.0 * (1.0 + poisson);
  const int       steps    = 64;
  PetscReal       work     = 0.0; /* twice the energy under unit pressure, per length of tooth */

  for (int i = 0; i < steps; i++) {
    const PetscReal y = H * (i + 0.5) / steps, w = tip + 2.0 * y * slant;
    const PetscReal moment = 0.5 * y * (y * (1.0 - slant * slant) - tip * slant);
    work += H / steps * (1.2 * by_shear * y * y / w + 12.0 * plane * moment * moment / (w * w * w));
  }
  const PetscReal moment = 0.5 * H * (H * (1.0 - slant * slant) - tip * slant);
  work += moment * moment * root_tilt(tip + 2.0 * H * slant, P, poisson);
  return work * P / (H * H) - by_shear * 0.5 * H;
}

void ost_thread_set_tooth(OstThread *thread, const OstThreadBone *bone)
{
  /* roots lie on the cylinder round the crests */
  const PetscReal root =
      ost_thread_root_share(thread) * (1.0 + 0.5 * thread->depth / thread->radius);

  thread->tooth_stiffness = bone->young / tooth_compliance(thread, bone->poisson);
  thread->tooth_strength  = bone->shear_strength * root;
  thread->tooth_energy    = bone->shear_energy * root;
  thread->young           = bone->young;
}

OstThread ost_thread_in_bone(const OstThread *thread, PetscReal young)
{
  const PetscReal ratio = young / thread->young;
  OstThread       here  = *thread;

  here.tooth_stiffness *= ratio;
  here.tooth_strength *= PetscPowReal(ratio, 0.75);
  here.tooth_energy *= PetscSqrtReal(ratio);
  here.young = young;
  return here;
}

PetscReal ost_thread_axial_stiffness(const OstThread *thread, PetscReal contact_stiffness)
{
  const PetscReal flanks = ost_thread_flank_area(thread) *
                           PetscSqr(PetscCosReal(radians(thread->flank))) * contact_stiffness;
  return 1.0 / (1.0 / flanks + 1.0 / thread->tooth_stiffness);
}

/* What the teeth store nominally when they begin to give, over what it takes to shear them off. */
static PetscReal stored_at_onset(const OstThread *thread, PetscReal contact_stiffness)
{
  return 0.5 * PetscSqr(thread->tooth_strength) /
         (ost_thread_axial_stiffness(thread, contact_stiffness) * thread->tooth_energy);
}

/* Linear softening, as (I7) along a straight path: F = load over strength, done when F stored = 1.
 */
PetscReal ost_thread_shear_off(const OstThread *thread, PetscReal contact_stiffness, PetscReal load,
                               PetscReal *slope)
{
  const PetscReal stored = stored_at_onset(thread, contact_stiffness);
  const PetscReal F      = PetscAbsReal(load) / thread->tooth_strength;

  *slope = 0.0;
  if (F <= 1.0) return 0.0;
  if (F * stored >= 1.0) return 1.0;
  *slope = (load > 0.0 ? 1.0 : -1.0) / (F * F * (1.0 - stored) * thread->tooth_strength);
  return (1.0 - 1.0 / F) / (1.0 - stored);
}

PetscReal ost_thread_hold(const OstThread *thread, PetscReal contact_stiffness, PetscReal tooth)
{
  const PetscReal ratio = stored_at_onset(thread, contact_stiffness);

  if (tooth >= 1.0) return 0.0;
  return thread->tooth_strength * (1.0 - tooth) / (1.0 - tooth * (1.0 - ratio));
}

PetscReal ost_thread_tooth_work(const OstThread *thread, PetscReal contact_stiffness,
                                PetscReal load, PetscReal stored, PetscReal tooth)
{
  const PetscReal ratio = stored_at_onset(thread, contact_stiffness);

  if (load == 0.0) return 0.0;
  const PetscReal onset = stored / PetscSqr(load / thread->tooth_strength);
  return tooth < 1.0 ? onset * tooth / (1.0 - tooth * (1.0 - ratio)) : onset / ratio;
}

PetscErrorCode ost_thread_check(const OstThread *thread, PetscReal contact_stiffness, OstWhere at,
                                OstDiagList *list)
{
  PetscFunctionBeginUser;
  if (thread->pitch <= 0.0) PetscFunctionReturn(PETSC_SUCCESS);
  const PetscReal deepest = 0.5 * thread->pitch / tan_flank(thread);
  if (thread->depth > deepest * (1.0 + 1e-9)) {
    PetscCall(ost_diag_error(
        list, at, "take less depth, a longer pitch or steeper flanks",
        "flanks of %g degrees and pitch %g mm meet at a depth of %g mm, before "
        "the thread's %g mm",
        (double)thread->flank, (double)thread->pitch, (double)deepest, (double)thread->depth));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  const PetscReal stored = stored_at_onset(thread, contact_stiffness);
  if (stored >= 1.0) {
    PetscCall(ost_diag_error(
        list, at, "lower the bone's shear strength, or raise its shear energy",
        "the teeth of bone in the thread store %g N/mm elastically before they shear off, more "
        "than their fracture energy %g N/mm",
        (double)(stored * thread->tooth_energy), (double)thread->tooth_energy));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- planes ----------------------------------------------------------------------------------- */

void ost_thread_plane_normals(const OstThread *thread, const PetscReal normal[3],
                              const PetscReal across[3], PetscReal planes[3][3])
{
  const PetscReal along = PetscSinReal(radians(thread->flank));
  const PetscReal tilt  = PetscCosReal(radians(thread->flank));

  for (int i = 0; i < 3; i++) {
    planes[0][i] = normal[i];
    planes[1][i] = along * normal[i] + tilt * across[i];
    planes[2][i] = along * normal[i] - tilt * across[i];
  }
}

OstThreadOverlap ost_thread_overlap(const OstThread *thread, PetscReal opening)
{
  const PetscReal H = thread->depth, x = opening / H;

  if (x <= 0.0) return (OstThreadOverlap){.share = 1.0};
  if (x >= 1.0) return (OstThreadOverlap){.share = 0.0};
  return (OstThreadOverlap){.share     = 1.0 - x * x * (3.0 - 2.0 * x),
                            .slope     = -6.0 * x * (1.0 - x) / H,
                            .curvature = -6.0 * (1.0 - 2.0 * x) / (H * H)};
}

void ost_thread_across(const OstThread *thread, const PetscReal axis[3], const PetscReal normal[3],
                       PetscReal across[3])
{
  const PetscReal lean = ost_dot3(axis, normal);
  PetscReal       along[3], around[3];

  for (int i = 0; i < 3; i++) across[i] = 0.0;
  if (PetscAbsReal(lean) > 0.2) return;
  for (int i = 0; i < 3; i++) along[i] = axis[i] - lean * normal[i];
  const PetscReal length = ost_norm3(along);
  for (int i = 0; i < 3; i++) along[i] /= length;
  ost_cross3(along, normal, around);
  const PetscReal rise = PetscAtanReal(thread->lead / (2.0 * PETSC_PI * thread->radius));
  for (int i = 0; i < 3; i++)
    across[i] = PetscCosReal(rise) * along[i] - PetscSinReal(rise) * around[i];
}
