#include "meshes/bone.h"

/* --- template --------------------------------------------------------------------------------- */

OstBone ost_bone_tube(PetscReal outer_diameter, PetscReal canal_diameter, PetscReal length)
{
  OstBone bone;

  PetscMemzero(&bone, sizeof(bone));
  bone.shape.file            = "";
  bone.shape.name            = "tube";
  bone.shape.length          = length;
  bone.shape.cancellous_to   = -1.0;
  bone.shape.cancellous_from = 2.0;
  bone.shape.female_diameter = bone.shape.female_length = 1.0;
  bone.shape.density[0]                                 = 1.85;
  bone.shape.density[1]                                 = 0.45;
  bone.shape.density[2]                                 = 0.02;
  bone.shape.num                                        = 2;
  for (PetscInt i = 0; i < 2; i++) {
    bone.shape.s[i]     = (PetscReal)i;
    bone.shape.outer[i] = outer_diameter;
    bone.shape.canal[i] = canal_diameter;
  }
  bone.residual_length = length;
  bone.scale           = 1.0;
  bone.min_layer       = 1.5;
  bone.where = bone.where_residual = (OstWhere){"", 0};
  return bone;
}

static PetscErrorCode read_real(OstNode *at, const char *key, const char *unit, PetscReal def,
                                PetscReal min, PetscReal max, OstDiagList *list, PetscReal *v)
{
  const OstRealKey k = {key, unit, def, min, max};

  PetscFunctionBeginUser;
  PetscCall(ost_value_real(at, &k, list, v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One column of the section table; an absent optional column is zero. */
static PetscErrorCode read_column(OstNode *at, const OstRealKey *key, PetscBool required,
                                  PetscInt num, OstDiagList *list, PetscReal column[])
{
  PetscInt   n = 0;
  PetscReal *v = NULL;

  PetscFunctionBeginUser;
  PetscCall(ost_value_reals(at, key, required ? 2 : 0, list, &n, &v));
  if (n > 0 && n != num) {
    PetscCall(ost_diag_error(list, ost_node_where(at), "one value for each entry of s",
                             "sections.%s has %d values, s has %d", key->key, (int)n, (int)num));
  }
  for (PetscInt i = 0; i < num; i++) column[i] = (n == num) ? v[i] : 0.0;
  PetscCall(PetscFree(v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_sections(OstNode *root, OstDiagList *list, OstBoneTemplate *t)
{
  const OstRealKey s_key        = {"s", "1", OST_REQUIRED, 0.0, 1.0};
  const OstRealKey outer_key    = {"outer", "mm", OST_REQUIRED, 2.0, 150.0};
  const OstRealKey canal_key    = {"canal", "mm", OST_REQUIRED, 1.0, 140.0};
  const OstRealKey ellipse_key  = {"ellipse", "1", 0.0, -0.3, 0.3};
  const OstRealKey triangle_key = {"triangle", "1", 0.0, -0.1, 0.1};
  const OstRealKey canal_e_key  = {"canal_ellipse", "1", 0.0, -0.3, 0.3};
  const OstRealKey back_key     = {"canal_back", "mm", 0.0, -10.0, 10.0};
  OstNode         *sections;
  PetscReal       *s = NULL;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section(root, "sections", PETSC_TRUE, list, &sections));
  if (!sections) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_value_reals(sections, &s_key, 2, list, &t->num, &s));
  if (t->num > OST_BONE_MAX_SECTIONS) {
    PetscCall(ost_diag_error(list, ost_node_where(sections), "give fewer sections",
                             "%d sections, at most %d", (int)t->num, OST_BONE_MAX_SECTIONS));
    t->num = OST_BONE_MAX_SECTIONS;
  }
  for (PetscInt i = 0; i < t->num; i++) {
    t->s[i] = s[i];
    if (i > 0 && s[i] <= s[i - 1]) {
      PetscCall(ost_diag_error(list, ost_node_where(sections), "order them from proximal to distal",
                               "sections.s does not increase at entry %d", (int)i + 1));
    }
  }
  PetscCall(PetscFree(s));
  PetscCall(read_column(sections, &outer_key, PETSC_TRUE, t->num, list, t->outer));
  PetscCall(read_column(sections, &canal_key, PETSC_TRUE, t->num, list, t->canal));
  PetscCall(read_column(sections, &ellipse_key, PETSC_FALSE, t->num, list, t->ellipse));
  PetscCall(read_column(sections, &triangle_key, PETSC_FALSE, t->num, list, t->triangle));
  PetscCall(read_column(sections, &canal_e_key, PETSC_FALSE, t->num, list, t->canal_ellipse));
  PetscCall(read_column(sections, &back_key, PETSC_FALSE, t->num, list, t->canal_back));
  for (PetscInt i = 0; i < t->num; i++) {
    if (t->canal[i] > t->outer[i] - 1.0) {
      PetscCall(ost_diag_error(list, ost_node_where(sections), "canal <= outer - 1 mm",
                               "section %d: canal %g mm in a bone of %g mm", (int)i + 1,
                               (double)t->canal[i], (double)t->outer[i]));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_template(OstNode *root, OstDiagList *list, OstBoneTemplate *t)
{
  OstNode    *canal, *density, *female;
  const char *source;

  PetscFunctionBeginUser;
  PetscCall(ost_value_text(root, "name", NULL, list, &t->name));
  PetscCall(ost_value_text(root, "source", NULL, list, &source));
  PetscCall(read_real(root, "length", "mm", OST_REQUIRED, 50.0, 700.0, list, &t->length));
  PetscCall(read_real(root, "bow_radius", "mm", 0.0, 0.0, 1e5, list, &t->bow_radius));
  if (t->bow_radius > 0.0 && t->bow_radius < 200.0) {
    PetscCall(ost_diag_error(list, ost_node_where(root),
                             "0 for a straight bone, or 200 mm and more",
                             "bow_radius %g mm is no bone", (double)t->bow_radius));
  }
  PetscCall(ost_value_section(root, "female", PETSC_TRUE, list, &female));
  if (female) {
    PetscCall(
        read_real(female, "diameter", "1", OST_REQUIRED, 0.5, 1.5, list, &t->female_diameter));
    PetscCall(read_real(female, "length", "1", OST_REQUIRED, 0.5, 1.5, list, &t->female_length));
  }
  PetscCall(ost_value_section(root, "cancellous", PETSC_TRUE, list, &canal));
  if (canal) {
    PetscCall(
        read_real(canal, "proximal_to", "1", OST_REQUIRED, 0.0, 1.0, list, &t->cancellous_to));
    PetscCall(
        read_real(canal, "distal_from", "1", OST_REQUIRED, 0.0, 1.0, list, &t->cancellous_from));
  }
  PetscCall(ost_value_section(root, "density", PETSC_TRUE, list, &density));
  if (density) {
    PetscCall(
        read_real(density, "cortical", "g/cm3", OST_REQUIRED, 0.5, 2.2, list, &t->density[0]));
    PetscCall(
        read_real(density, "cancellous", "g/cm3", OST_REQUIRED, 0.02, 1.5, list, &t->density[1]));
    PetscCall(
        read_real(density, "marrow", "g/cm3", OST_REQUIRED, 0.001, 0.5, list, &t->density[2]));
  }
  PetscCall(read_sections(root, list, t));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- case ------------------------------------------------------------------------------------- */

/* Shift and tilt of the stem against the fitted axis; the keys are those of a scanned bone. */
static PetscErrorCode read_placement(OstNode *geometry, OstDiagList *list, OstPlacementOptions *p)
{
  OstNode *section;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(geometry, "placement", list, &section));
  PetscCall(read_real(section, "shift_anterior", "mm", 0.0, -20.0, 20.0, list, &p->shift_anterior));
  PetscCall(read_real(section, "shift_medial", "mm", 0.0, -20.0, 20.0, list, &p->shift_medial));
  PetscCall(
      read_real(section, "tilt_anterior", "degree", 0.0, -15.0, 15.0, list, &p->tilt_anterior));
  PetscCall(read_real(section, "tilt_medial", "degree", 0.0, -15.0, 15.0, list, &p->tilt_medial));
  p->where = section ? ost_node_where(section) : ost_node_where(geometry);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What sex and osteoporosis make of the template. */
static void apply_patient(OstBone *bone)
{
  OstBoneTemplate *t     = &bone->shape;
  const PetscReal  wide  = bone->scale * (bone->female ? t->female_diameter : 1.0);
  const PetscReal  loss  = 1.0 - 0.25 * bone->osteoporosis; /* thickness kept; ref 2.6 */
  const PetscReal  pores = 1.0 - (0.12 - 0.05) / 0.95 * bone->osteoporosis;

  if (bone->female) t->length *= t->female_length;
  for (PetscInt i = 0; i < t->num; i++) {
    t->outer[i] *= wide;
    t->canal[i] *= wide;
    t->canal_back[i] *= wide;
    t->canal[i] = t->outer[i] - loss * (t->outer[i] - t->canal[i]);
  }
  t->density[0] *= pores;
  t->density[1] *= 1.0 - 0.3 * bone->osteoporosis;
}

PetscErrorCode ost_bone_options_read(OstNode *geometry, OstSide side, PetscBool female,
                                     OstDiagList *list, OstBone *bone)
{
  OstNode *section;
  OstCase *part   = NULL;
  PetscInt errors = ost_diag_num_errors(list);

  PetscFunctionBeginUser;
  *bone        = ost_bone_tube(28.0, 16.0, 240.0);
  bone->side   = side;
  bone->female = female;
  PetscCall(ost_value_section(geometry, "parametric", PETSC_TRUE, list, &section));
  PetscCall(read_placement(geometry, list, &bone->placement));
  if (!section) PetscFunctionReturn(PETSC_SUCCESS);
  bone->where = bone->where_residual = ost_node_where(section);
  PetscCall(ost_value_path(section, "bone", NULL, list, &bone->shape.file));
  PetscCall(read_real(section, "residual_length", "mm", OST_REQUIRED, 20.0, 600.0, list,
                      &bone->residual_length));
  PetscCall(read_real(section, "osteoporosis", "1", 0.0, 0.0, 1.0, list, &bone->osteoporosis));
  PetscCall(read_real(section, "scale", "1", 1.0, 0.7, 1.4, list, &bone->scale));
  PetscCall(read_real(section, "min_layer", "mm", 1.5, 0.3, 5.0, list, &bone->min_layer));
  PetscCall(ost_value_bool(section, "bow", PETSC_FALSE, list, &bone->bow));
  if (ost_diag_num_errors(list) == errors && bone->shape.file) {
    PetscCall(ost_case_load_part(section, "bone", bone->shape.file, "bone", list, &part));
  }
  if (part) PetscCall(read_template(ost_case_root(part), list, &bone->shape));
  if (ost_diag_num_errors(list) == errors) apply_patient(bone);

  /* The model reaches as far up as the template goes, or less. */
  bone->proximal_end = bone->shape.s[0] * bone->shape.length;
  PetscCall(read_real(section, "proximal_end", "mm", bone->proximal_end, 0.0, 600.0, list,
                      &bone->proximal_end));
  if (ost_diag_num_errors(list) > errors) PetscFunctionReturn(PETSC_SUCCESS);
  if (bone->proximal_end < bone->shape.s[0] * bone->shape.length - 1e-6) {
    PetscCall(ost_diag_error(list, bone->where, "leave it out for the template's own end",
                             "proximal_end %g mm: the template begins %g mm below the bone's end",
                             (double)bone->proximal_end,
                             (double)(bone->shape.s[0] * bone->shape.length)));
  }
  if (bone->residual_length > bone->shape.s[bone->shape.num - 1] * bone->shape.length) {
    PetscCall(ost_diag_error(list, bone->where_residual, "cut higher, or extend the template",
                             "residual_length %g mm: the template ends at %g mm of %g",
                             (double)bone->residual_length,
                             (double)(bone->shape.s[bone->shape.num - 1] * bone->shape.length),
                             (double)bone->shape.length));
  }
  if (bone->residual_length - bone->proximal_end < 30.0) {
    PetscCall(ost_diag_error(list, bone->where_residual, "leave more bone",
                             "only %g mm of bone are left above the resection",
                             (double)(bone->residual_length - bone->proximal_end)));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- shape ------------------------------------------------------------------------------------ */

/* Slope at knot i that keeps a cubic monotone between monotone data (Fritsch and Carlson, in the
   weighted harmonic form): a spline that overshoots would invent an isthmus. */
static PetscReal knot_slope(PetscInt n, const PetscReal s[], const PetscReal v[], PetscInt i)
{
  PetscReal h0, h1, d0, d1;

  if (i == 0) return (v[1] - v[0]) / (s[1] - s[0]);
  if (i == n - 1) return (v[n - 1] - v[n - 2]) / (s[n - 1] - s[n - 2]);
  h0 = s[i] - s[i - 1];
  h1 = s[i + 1] - s[i];
  d0 = (v[i] - v[i - 1]) / h0;
  d1 = (v[i + 1] - v[i]) / h1;
  if (d0 * d1 <= 0.0) return 0.0;
  return 3.0 * (h0 + h1) / ((2.0 * h1 + h0) / d0 + (h1 + 2.0 * h0) / d1);
}

static PetscReal interpolate(PetscInt n, const PetscReal s[], const PetscReal v[], PetscReal at)
{
  PetscInt  i = 0;
  PetscReal h, t, m0, m1;

  at = PetscMin(PetscMax(at, s[0]), s[n - 1]);
  while (i < n - 2 && at > s[i + 1]) i++;
  h  = s[i + 1] - s[i];
  t  = (at - s[i]) / h;
  m0 = knot_slope(n, s, v, i) * h;
  m1 = knot_slope(n, s, v, i + 1) * h;
  return v[i] * (1.0 + 2.0 * t) * (1.0 - t) * (1.0 - t) + m0 * t * (1.0 - t) * (1.0 - t) +
         v[i + 1] * t * t * (3.0 - 2.0 * t) + m1 * t * t * (t - 1.0);
}

static PetscReal position(const OstBone *bone, PetscReal z)
{
  return (bone->residual_length - z) / bone->shape.length;
}

/* x of the bowed centre line, convex to the front with its apex at mid-length. */
static PetscReal bow_x(const OstBone *bone, PetscReal z)
{
  const PetscReal d = (position(bone, z) - 0.5) * bone->shape.length;

  if (!bone->bow || bone->shape.bow_radius <= 0.0) return 0.0;
  return -0.5 * d * d / bone->shape.bow_radius;
}

static PetscReal canal_back(const OstBone *bone, PetscReal z)
{
  return interpolate(bone->shape.num, bone->shape.s, bone->shape.canal_back, position(bone, z));
}

void ost_bone_place(OstBone *bone, const OstImplant *implant)
{
  const PetscInt  n = 41;
  const PetscReal a = implant->recess, h = implant->length / (PetscReal)(n - 1);
  PetscReal       sum = 0.0, moment = 0.0, square = 0.0;

  bone->length = bone->residual_length - bone->proximal_end;
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal z = a + h * (PetscReal)i, x = bow_x(bone, z) - canal_back(bone, z);
    const PetscReal d = z - (a + 0.5 * implant->length);
    sum += x;
    moment += x * d;
    square += d * d;
  }
  bone->chord[1] = moment / square;
  bone->chord[0] = sum / (PetscReal)n - bone->chord[1] * (a + 0.5 * implant->length);
}

OstBoneSection ost_bone_section(const OstBone *bone, PetscReal z)
{
  const OstBoneTemplate     *t      = &bone->shape;
  const OstPlacementOptions *p      = &bone->placement;
  const PetscReal            s      = position(bone, z);
  const PetscReal            medial = bone->side == OST_SIDE_RIGHT ? 1.0 : -1.0; /* y of medial */
  const PetscReal            rad    = PETSC_PI / 180.0;
  OstBoneSection             section;

  /* The stem is at home on the z axis, so what moves it moves the bone the other way. */
  section.centre[0] = bow_x(bone, z) - bone->chord[0] - bone->chord[1] * z - p->shift_anterior -
                      PetscTanReal(p->tilt_anterior * rad) * z;
  section.centre[1]       = -medial * (p->shift_medial + PetscTanReal(p->tilt_medial * rad) * z);
  section.canal_centre[0] = section.centre[0] - canal_back(bone, z);
  section.canal_centre[1] = section.centre[1];
  section.outer           = 0.5 * interpolate(t->num, t->s, t->outer, s);
  section.canal           = 0.5 * interpolate(t->num, t->s, t->canal, s);
  section.ellipse         = interpolate(t->num, t->s, t->ellipse, s);
  section.triangle        = interpolate(t->num, t->s, t->triangle, s);
  section.canal_ellipse   = interpolate(t->num, t->s, t->canal_ellipse, s);
  return section;
}

PetscReal ost_bone_outer_radius(const OstBoneSection *section, PetscReal t)
{
  return section->outer * (1.0 + section->ellipse * PetscCosReal(2.0 * t) +
                           section->triangle * PetscCosReal(3.0 * t));
}

PetscReal ost_bone_canal_radius(const OstBoneSection *section, PetscReal t)
{
  return section->canal * (1.0 + section->canal_ellipse * PetscCosReal(2.0 * t));
}

/* How far a point at distance rho from the z axis in direction t lies outside a contour. */
static PetscReal outside(const OstBoneSection *section, PetscBool canal, PetscReal rho, PetscReal t)
{
  const PetscReal *c = canal ? section->canal_centre : section->centre;
  const PetscReal  x = rho * PetscCosReal(t) - c[0], y = rho * PetscSinReal(t) - c[1];
  const PetscReal  phi = PetscAtan2Real(y, x);

  return hypot(x, y) -
         (canal ? ost_bone_canal_radius(section, phi) : ost_bone_outer_radius(section, phi));
}

/* Distance from the z axis to a contour in direction t; negative where the axis is outside. */
static PetscReal reach(const OstBoneSection *section, PetscBool canal, PetscReal t)
{
  PetscReal low = 0.0, high = 200.0;

  if (outside(section, canal, 0.0, t) >= 0.0) return -outside(section, canal, 0.0, t);
  for (PetscInt i = 0; i < 48; i++) {
    const PetscReal mid = 0.5 * (low + high);
    if (outside(section, canal, mid, t) < 0.0)
      low = mid;
    else
      high = mid;
  }
  return low;
}

PetscReal ost_bone_wall(const OstBone *bone, const OstImplant *implant, PetscReal z, PetscReal t)
{
  const OstBoneSection section = ost_bone_section(bone, z);

  return reach(&section, PETSC_FALSE, t) -
         ost_implant_outer_radius(implant, PetscMax(z, implant->recess));
}

PetscReal ost_bone_least_reach(const OstBone *bone, PetscReal z)
{
  const OstBoneSection section = ost_bone_section(bone, z);
  PetscReal            least   = PETSC_MAX_REAL;

  for (PetscInt i = 0; i < 360; i++) {
    least = PetscMin(least, reach(&section, PETSC_FALSE, (PetscReal)i * PETSC_PI / 180.0));
  }
  return least;
}

const char *ost_bone_direction(OstSide side, PetscReal t)
{
  static const char *const names[2][8] = {
      {"anterior", "antero-medial", "medial", "postero-medial", "posterior", "postero-lateral",
       "lateral", "antero-lateral"},
      {"anterior", "antero-lateral", "lateral", "postero-lateral", "posterior", "postero-medial",
       "medial", "antero-medial"},
  };
  PetscInt octant = (PetscInt)PetscFloorReal(t / (PETSC_PI / 4.0) + 0.5) % 8;

  if (octant < 0) octant += 8;
  return names[side == OST_SIDE_LEFT][octant];
}

PetscErrorCode ost_bone_check_stem(const OstBone *bone, const OstImplant *implant,
                                   PetscReal min_wall, OstDiagList *list)
{
  const PetscReal tip = ost_implant_tip(implant), margin = 5.0; /* bone above the tip [mm] */
  PetscReal       worst = PETSC_MAX_REAL, worst_z = 0.0, worst_t = 0.0;

  PetscFunctionBeginUser;
  if (tip > bone->length - margin) {
    PetscCall(ost_diag_error(list, implant->where_length,
                             "take a shorter stem, or give more residual_length",
                             "the stem is longer than the limb: its tip lies %g mm above the "
                             "resection, the modelled bone ends at %g mm",
                             (double)tip, (double)bone->length));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscReal z = 0.0; z <= tip; z += 1.0) {
    for (PetscInt i = 0; i < 72; i++) {
      const PetscReal t = (PetscReal)i * PETSC_PI / 36.0, wall = ost_bone_wall(bone, implant, z, t);
      if (wall < worst - 1e-9) {
        worst   = wall;
        worst_z = z;
        worst_t = t;
      }
    }
  }
  if (worst < 0.0) {
    PetscCall(ost_diag_error(
        list, implant->where_diameter, "take a thinner stem, or move it with geometry.placement",
        "the stem pierces the cortex by %.2f mm, %g mm above the resection on "
        "the %s side",
        -(double)worst, (double)worst_z, ost_bone_direction(bone->side, worst_t)));
  } else if (worst < min_wall) {
    PetscCall(ost_diag_error(list, implant->where_diameter,
                             "take a thinner stem, move it with geometry.placement, or lower "
                             "mesh.min_wall",
                             "the stem leaves %.2f mm of bone, less than min_wall = %g mm, %g mm "
                             "above the resection on the %s side",
                             (double)worst, (double)min_wall, (double)worst_z,
                             ost_bone_direction(bone->side, worst_t)));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the canal as solids ---------------------------------------------------------------------- */

/* Does the canal clear the stem all round by min_layer at height z? */
static PetscBool is_wide(const OstBone *bone, const OstImplant *implant, PetscReal z)
{
  const OstBoneSection section = ost_bone_section(bone, z);
  const PetscReal      at = PetscMin(PetscMax(z, implant->recess), ost_implant_tip_begin(implant));
  const PetscReal      r  = ost_implant_outer_radius(implant, at);

  for (PetscInt i = 0; i < 24; i++) {
    const PetscReal t = (PetscReal)i * PETSC_PI / 12.0;
    if (reach(&section, PETSC_TRUE, t) < r + bone->min_layer) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static void plan_add(OstBonePlan *plan, OstBoneFill fill, PetscReal from, PetscReal to)
{
  if (to - from < 1e-6 || plan->num == OST_BONE_MAX_FILLS) return;
  if (plan->num > 0 && plan->fill[plan->num - 1] == fill &&
      PetscAbsReal(plan->to[plan->num - 1] - from) < 1e-6) {
    plan->to[plan->num - 1] = to;
    return;
  }
  plan->fill[plan->num] = fill;
  plan->from[plan->num] = from;
  plan->to[plan->num]   = to;
  plan->num++;
}

OstBonePlan ost_bone_plan(const OstBone *bone, const OstImplant *implant)
{
  const PetscReal tip = ost_implant_tip(implant), shortest = 6.0; /* [mm] */
  const PetscReal spongy = bone->residual_length - bone->shape.cancellous_to * bone->shape.length;
  const PetscReal spongy0 =
      bone->residual_length - bone->shape.cancellous_from * bone->shape.length;
  const PetscReal tip_radius = 0.5 * (implant->diameter - implant->taper);
  OstBonePlan     plan       = {.num = 0};
  PetscReal       begin      = -1.0, above; /* begin of the wide stretch at hand, -1: none */
  PetscReal       floor_z, marrow_from, marrow_to;

  /* Along the stem: tissue between stem and endosteum is what the rasp leaves, spongy bone. */
  for (PetscReal z = 0.0; z <= tip; z += 1.0) {
    const PetscBool wide = is_wide(bone, implant, z);
    if (wide && begin < 0.0) begin = z;
    if (!wide && begin >= 0.0) {
      if (z - 1.0 - begin >= shortest) plan_add(&plan, OST_FILL_CANCELLOUS, begin, z - 1.0);
      begin = -1.0;
    }
  }
  if (begin >= 0.0 && tip - begin < shortest) begin = -1.0;

  /* From the tip upwards the canal is open. A stem that fills it ends in a narrower neck, so that
     the canal's wall meets the rounded tip at a good angle. */
  if (begin < 0.0) {
    const OstBoneSection section = ost_bone_section(bone, tip);
    plan.neck   = tip_radius - 0.75 - hypot(section.canal_centre[0], section.canal_centre[1]);
    plan.neck   = PetscMax(plan.neck / (1.0 + PetscAbsReal(section.canal_ellipse)), 1.0);
    plan.neck_z = tip + 2.0;

    /* Nor must it run into the edge of a flat tip. */
    {
      const PetscReal flat = tip_radius - implant->tip_rounding;
      const PetscReal off  = 0.5 + hypot(section.canal_centre[0], section.canal_centre[1]);
      if (PetscAbsReal(PetscMin(section.canal, plan.neck) - flat) < off && flat - off > 1.0) {
        plan.neck = flat - off;
      }
    }
    begin          = ost_implant_tip_begin(implant);
    plan.neck_from = begin;
  }
  floor_z     = begin;
  above       = tip + 0.25 * implant->diameter;
  marrow_from = spongy0 > above ? spongy0 : above;
  marrow_to   = PetscMin(spongy, bone->length);
  if (bone->length - marrow_to < shortest) marrow_to = bone->length;
  if (marrow_to - marrow_from < shortest) {
    plan_add(&plan, OST_FILL_CANCELLOUS, floor_z, bone->length);
  } else {
    plan_add(&plan, OST_FILL_CANCELLOUS, floor_z, marrow_from);
    plan_add(&plan, OST_FILL_MARROW, marrow_from, marrow_to);
    plan_add(&plan, OST_FILL_CANCELLOUS, marrow_to, bone->length);
  }
  return plan;
}

OstBoneSection ost_bone_plan_section(const OstBone *bone, const OstBonePlan *plan, PetscReal z)
{
  const PetscReal blend   = 15.0; /* [mm] */
  OstBoneSection  section = ost_bone_section(bone, z);
  PetscReal       w;

  if (plan->neck <= 0.0 || section.canal <= plan->neck) return section;
  if (z < plan->neck_from || z >= plan->neck_z + blend) return section;
  w             = PetscMin(PetscMax((z - plan->neck_z) / blend, 0.0), 1.0);
  w             = w * w * (3.0 - 2.0 * w);
  section.canal = plan->neck + w * (section.canal - plan->neck);
  return section;
}
