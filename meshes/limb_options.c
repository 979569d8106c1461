#include "meshes/limb_options.h"

#include <string.h>

static const char *const axis_words[] = {"+x", "-x", "+y", "-y", "+z", "-z"};
/* The patient's directions in the order of the axes above, in the RAS frame. */
static const char *const patient_words[] = {"right",     "left",     "anterior",
                                            "posterior", "superior", "inferior"};

static OstWhere where_of(OstNode *mapping, const char *key, OstWhere otherwise)
{
  OstNode *node = ost_node_find(mapping, key);
  return node ? ost_node_where(node) : otherwise;
}

static PetscErrorCode read_real(OstNode *at, const char *key, const char *unit, PetscReal def,
                                PetscReal min, PetscReal max, OstDiagList *list, PetscReal *v)
{
  const OstRealKey real = {key, unit, def, min, max};
  PetscFunctionBeginUser;
  PetscCall(ost_value_real(at, &real, list, v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A required section. Missing, it is reported and stands for an empty one: its keys are then missed
   under their own names, and what else `at` holds is not taken for them. */
static PetscErrorCode read_source(OstNode *at, const char *key, OstDiagList *list,
                                  OstNode **section)
{
  PetscFunctionBeginUser;
  PetscCall(ost_value_section(at, key, PETSC_TRUE, list, section));
  if (!*section) PetscCall(ost_value_section_or_defaults(at, key, list, section));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Two directions that must not lie on one axis. */
static PetscErrorCode read_axes(OstNode *at, const char *const words[], const PetscInt def[2],
                                OstWhere where, OstDiagList *list, OstAxis axis[2])
{
  const PetscInt errors = ost_diag_num_errors(list);
  PetscInt       proximal, anterior;

  PetscFunctionBeginUser;
  PetscCall(ost_value_word(at, "proximal", words, 6, def[0], list, &proximal));
  PetscCall(ost_value_word(at, "anterior", words, 6, def[1], list, &anterior));
  axis[0] = (OstAxis)proximal;
  axis[1] = (OstAxis)anterior;
  if (ost_diag_num_errors(list) > errors)
    PetscFunctionReturn(PETSC_SUCCESS); /* not what is meant */
  if (proximal / 2 == anterior / 2) {
    PetscCall(ost_diag_error(list, where, "name two different axes",
                             "proximal and anterior lie on the same axis"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_point(OstNode *at, const char *key, OstDiagList *list, PetscBool *given,
                                 PetscReal x[3])
{
  const OstRealKey real = {key, "mm", 0.0, -OST_NO_LIMIT, OST_NO_LIMIT};
  PetscInt         num;
  PetscReal       *values;

  PetscFunctionBeginUser;
  *given = PETSC_FALSE;
  PetscCall(ost_value_reals(at, &real, 0, list, &num, &values));
  if (num == 3) {
    *given = PETSC_TRUE;
    memcpy(x, values, 3 * sizeof *x);
  } else if (num) {
    PetscCall(ost_diag_error(list, where_of(at, key, (OstWhere){"", 0}), "[10 mm, -20 mm, 300 mm]",
                             "%s needs three coordinates, %d are given", key, (int)num));
  }
  PetscCall(PetscFree(values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_resection(OstNode *geometry, OstDiagList *list, OstResectionOptions *r)
{
  OstNode *at;
  PetscInt given = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(geometry, "resection", list, &at));
  r->where = at ? ost_node_where(at) : ost_node_where(geometry);
  r->kind  = OST_RESECT_OFFSET;
  r->level = r->residual = 0.0;
  if (ost_node_find(at, "level")) {
    r->kind = OST_RESECT_LEVEL;
    given++;
    PetscCall(
        read_real(at, "level", "mm", OST_REQUIRED, -OST_NO_LIMIT, OST_NO_LIMIT, list, &r->level));
  }
  if (ost_node_find(at, "residual_length")) {
    r->kind = OST_RESECT_RESIDUAL;
    given++;
    PetscCall(
        read_real(at, "residual_length", "mm", OST_REQUIRED, 30.0, 600.0, list, &r->residual));
  }
  r->offset = 4.0;
  if (ost_node_find(at, "offset")) given++;
  if (r->kind == OST_RESECT_OFFSET || given > 1)
    PetscCall(read_real(at, "offset", "mm", r->offset, 0.0, 600.0, list, &r->offset));
  if (given > 1) {
    PetscCall(ost_diag_error(list, r->where, "keep one of level, residual_length, offset",
                             "the resection is given in more than one way"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_proximal(OstNode *geometry, OstDiagList *list, OstProximalOptions *p)
{
  OstNode *at;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(geometry, "proximal", list, &at));
  p->where          = at ? ost_node_where(at) : ost_node_where(geometry);
  p->cut            = ost_node_find(at, "cut") ? PETSC_TRUE : PETSC_FALSE;
  p->cut_at         = 0.0;
  p->support_length = 0.0;
  /* With a cut its flat face is the support, and support_length is then left unread: an error. */
  if (p->cut) {
    PetscCall(read_real(at, "cut", "mm", OST_REQUIRED, 20.0, 600.0, list, &p->cut_at));
  } else {
    PetscCall(read_real(at, "support_length", "mm", 30.0, 1.0, 300.0, list, &p->support_length));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_placement(OstNode *geometry, OstDiagList *list, OstPlacementOptions *p)
{
  OstNode *at;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(geometry, "placement", list, &at));
  p->where     = at ? ost_node_where(at) : ost_node_where(geometry);
  p->fit_given = ost_node_find(at, "fit_to") ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(read_real(at, "shift_anterior", "mm", 0.0, -30.0, 30.0, list, &p->shift_anterior));
  PetscCall(read_real(at, "shift_medial", "mm", 0.0, -30.0, 30.0, list, &p->shift_medial));
  PetscCall(read_real(at, "tilt_anterior", "degree", 0.0, -20.0, 20.0, list, &p->tilt_anterior));
  PetscCall(read_real(at, "tilt_medial", "degree", 0.0, -20.0, 20.0, list, &p->tilt_medial));
  PetscCall(read_real(at, "rotation", "degree", 0.0, -180.0, 180.0, list, &p->rotation));
  PetscCall(read_real(at, "fit_from", "mm", 0.0, 0.0, 500.0, list, &p->fit_from));
  PetscCall(read_real(at, "fit_to", "mm", OST_OPTIONAL, 10.0, 600.0, list, &p->fit_to));
  if (PetscIsNanReal(p->fit_to)) p->fit_to = 120.0; /* until the stem's length is known */
  if (p->fit_to < p->fit_from + 10.0) {
    PetscCall(ost_diag_error(list, where_of(at, "fit_to", p->where), NULL,
                             "fit_to must lie at least 10 mm above fit_from"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_calibration(OstNode *ct, OstDiagList *list, OstCalibrationOptions *c)
{
  static const char *const kinds[] = {"hounsfield", "qct_density", "ash_density",
                                      "apparent_density"};
  static const char *const units[] = {"g/cm3", "mg/cm3"};
  OstNode                 *at;
  PetscInt                 kind, unit = 0;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section(ct, "calibration", PETSC_FALSE, list, &at));
  c->where = at ? ost_node_where(at) : ost_node_where(ct);
  c->phantomless =
      ost_node_find(at, "slope") || ost_node_find(at, "intercept") ? PETSC_FALSE : PETSC_TRUE;
  PetscCall(ost_value_word(at, "kind", kinds, 4, OST_IMAGE_HOUNSFIELD, list, &kind));
  c->kind = (OstImageKind)kind;
  if (c->kind != OST_IMAGE_HOUNSFIELD) {
    PetscCall(ost_value_word(at, "unit", units, 2, 0, list, &unit));
    c->phantomless = PETSC_FALSE;
  }
  c->to_g_cm3 = unit ? 0.001 : 1.0;
  PetscCall(read_real(at, "slope", "g/cm3", 0.0008, 1e-5, 0.01, list, &c->slope));
  PetscCall(read_real(at, "intercept", "g/cm3", 0.0, -0.5, 0.5, list, &c->intercept));
  PetscCall(read_real(at, "ash_slope", "1", 0.877, 0.1, 3.0, list, &c->ash_slope));
  PetscCall(read_real(at, "ash_intercept", "g/cm3", 0.079, -0.5, 0.5, list, &c->ash_intercept));
  PetscCall(read_real(at, "ash_fraction", "1", 0.6, 0.3, 1.0, list, &c->ash_fraction));
  PetscCall(read_real(at, "rho_min", "g/cm3", 0.01, 0.001, 1.0, list, &c->rho_min));
  PetscCall(read_real(at, "rho_max", "g/cm3", 2.1, 1.0, 3.0, list, &c->rho_max));
  PetscCall(ost_value_bool(at, "partial_volume", PETSC_TRUE, list, &c->partial_volume));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_segmentation(OstNode *ct, OstDiagList *list, OstSegmentationOptions *s)
{
  const OstRealKey exclude = {"exclude", "mm", 0.0, -OST_NO_LIMIT, OST_NO_LIMIT};
  const OstIntKey  value   = {"label_value", 1, -32768, 65535};
  OstNode         *at;
  PetscInt         num;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(ct, "segmentation", list, &at));
  s->where = at ? ost_node_where(at) : ost_node_where(ct);
  PetscCall(read_real(at, "threshold", "1", 150.0, -200.0, 2000.0, list, &s->threshold));
  PetscCall(
      read_real(at, "canal_threshold", "1", 400.0, -200.0, 2500.0, list, &s->canal_threshold));
  PetscCall(read_point(at, "seed", list, &s->has_seed, s->seed));
  PetscCall(ost_value_reals(at, &exclude, 0, list, &num, &s->exclude));
  s->num_exclude = num / 3;
  if (num % 3) {
    PetscCall(
        ost_diag_error(list, where_of(at, "exclude", s->where), "[x1, y1, z1, x2, y2, z2, ...]",
                       "exclude needs three coordinates a point, %d numbers are given", (int)num));
  }
  PetscCall(ost_value_path(at, "label", "", list, &s->label));
  s->label_value = 1;
  if (s->label[0]) PetscCall(ost_value_int(at, &value, list, &s->label_value));
  PetscCall(read_real(at, "separation", "mm", 2.0, 0.0, 20.0, list, &s->separation));
  PetscCall(read_real(at, "closing", "mm", 6.0, 0.0, 20.0, list, &s->closing));
  PetscCall(read_real(at, "opening", "mm", 2.0, 0.0, 20.0, list, &s->opening));
  PetscCall(read_real(at, "smoothing", "mm", 1.0, 0.0, 5.0, list, &s->smoothing));
  if (s->canal_threshold < s->threshold) {
    PetscCall(ost_diag_error(list, where_of(at, "canal_threshold", s->where), NULL,
                             "canal_threshold %g lies below the bone threshold %g",
                             (double)s->canal_threshold, (double)s->threshold));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_ct_options_read(OstNode *geometry, OstDiagList *list, OstCtOptions *options)
{
  OstNode *ct;
  OstAxis  axis[2];

  PetscFunctionBeginUser;
  memset(options, 0, sizeof *options);
  PetscCall(read_source(geometry, "ct", list, &ct));
  options->where = where_of(ct, "image", ost_node_where(ct));
  PetscCall(ost_value_path(ct, "image", NULL, list, &options->image));
  PetscCall(read_axes(ct, patient_words, (const PetscInt[]){OST_PLUS_Z, OST_PLUS_Y}, options->where,
                      list, axis));
  options->proximal = axis[0];
  options->anterior = axis[1];
  PetscCall(read_real(ct, "edge_length", "mm", 2.5, 0.5, 10.0, list, &options->edge_length));
  PetscCall(read_calibration(ct, list, &options->calibration));
  PetscCall(read_segmentation(ct, list, &options->segmentation));
  PetscCall(read_resection(geometry, list, &options->resection));
  PetscCall(read_proximal(geometry, list, &options->proximal_end));
  PetscCall(read_placement(geometry, list, &options->placement));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_ct_options_destroy(OstCtOptions *options)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(options->segmentation.exclude));
  options->segmentation.num_exclude = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_surface_options_read(OstNode *geometry, OstDiagList *list,
                                        OstSurfaceOptions *options)
{
  static const char *const units[]  = {"mm", "cm", "m"};
  static const PetscReal   factor[] = {1.0, 10.0, 1000.0};
  OstNode                 *at;
  PetscInt                 word;
  PetscReal                scale;
  OstAxis                  axis[2];

  PetscFunctionBeginUser;
  memset(options, 0, sizeof *options);
  PetscCall(read_source(geometry, "surface", list, &at));
  options->where = where_of(at, "file", ost_node_where(at));
  PetscCall(ost_value_path(at, "file", NULL, list, &options->file));
  PetscCall(ost_value_word(at, "unit", units, 3, -1, list, &word));
  PetscCall(read_real(at, "scale", "1", 1.0, 1e-6, 1e6, list, &scale));
  options->unit = scale * factor[PetscMax(word, 0)];
  PetscCall(read_axes(at, axis_words, (const PetscInt[]){-1, -1}, options->where, list, axis));
  options->proximal = axis[0];
  options->anterior = axis[1];
  PetscCall(read_point(at, "seed", list, &options->has_seed, options->seed));
  PetscCall(read_real(at, "edge_length", "mm", 2.5, 0.5, 10.0, list, &options->edge_length));
  PetscCall(read_real(at, "cortical_thickness", "mm", 5.0, 0.5, 15.0, list,
                      &options->cortical_thickness));
  PetscCall(
      read_real(at, "cortical_density", "g/cm3", 1.8, 0.5, 2.1, list, &options->cortical_density));
  PetscCall(read_real(at, "cancellous_density", "g/cm3", 0.5, 0.05, 1.5, list,
                      &options->cancellous_density));
  PetscCall(
      read_real(at, "marrow_density", "g/cm3", 0.1, 0.01, 0.5, list, &options->marrow_density));
  PetscCall(read_resection(geometry, list, &options->resection));
  PetscCall(read_proximal(geometry, list, &options->proximal_end));
  PetscCall(read_placement(geometry, list, &options->placement));
  PetscFunctionReturn(PETSC_SUCCESS);
}
