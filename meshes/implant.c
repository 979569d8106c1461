#include "meshes/implant.h"

static const char *const kinds[]         = {"press_fit", "screw"};
static const char *const thread_models[] = {"equivalent", "smooth", "resolved"};

OstImplant ost_implant_default(void)
{
  OstImplant implant = {
      .file              = "",
      .name              = "press-fit stem",
      .kind              = OST_IMPLANT_PRESS_FIT,
      .where             = {"", 0},
      .where_length      = {"", 0},
      .where_diameter    = {"", 0},
      .length            = 140.0,
      .diameter          = 18.0,
      .taper             = 0.0,
      .tip_rounding      = 9.0,
      .recess            = 0.0,
      .collar_diameter   = 22.0,
      .collar_length     = 5.0,
      .collar_gap        = 0.0,
      .coated_from       = 0.0,
      .coated_to         = 140.0,
      .coating           = OST_PLASMA_SPRAYED,
      .interference      = 0.05,
      .thread_pitch      = 0.0,
      .thread_depth      = 0.0,
      .thread_flank      = 0.0,
      .thread_lead       = 0.0,
      .where_thread      = {"", 0},
      .abutment_diameter = 12.0,
      .abutment_length   = 60.0,
      .load_distance     = 60.0,
      .material          = "Ti-6Al-4V",
      .young             = 113800.0,
      .poisson           = 0.342,
      .yield             = 790.0,
      .ultimate          = 860.0,
      .fatigue           = 250.0,
  };
  return implant;
}

static PetscErrorCode read_real(OstNode *at, const char *key, const char *unit, PetscReal def,
                                PetscReal min, PetscReal max, OstDiagList *list, PetscReal *v)
{
  const OstRealKey k = {key, unit, def, min, max};

  PetscFunctionBeginUser;
  PetscCall(ost_value_real(at, &k, list, v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Every group of numbers in the catalogue says where its numbers come from. */
static PetscErrorCode read_source(OstNode *group, OstDiagList *list)
{
  const char *source = NULL;

  PetscFunctionBeginUser;
  if (group) PetscCall(ost_value_text(group, "source", NULL, list, &source));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Line of a key of this mapping, or of the mapping where the key is absent. */
static OstWhere where_of(OstNode *mapping, const char *key)
{
  for (PetscInt i = 0; mapping && i < ost_node_size(mapping); i++) {
    const char *name  = ost_node_key(mapping, i);
    PetscBool   equal = PETSC_FALSE;
    if (name && PetscStrcmp(name, key, &equal) == 0 && equal) {
      return ost_node_where(ost_node_find(mapping, key));
    }
  }
  if (mapping) return ost_node_where(mapping);
  return (OstWhere){"", 0};
}

static PetscErrorCode read_shape(OstNode *root, OstDiagList *list, OstImplant *implant)
{
  OstNode *stem, *collar, *coating, *fit, *abutment;
  PetscInt kind;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section(root, "stem", PETSC_TRUE, list, &stem));
  PetscCall(ost_value_section(root, "collar", PETSC_FALSE, list, &collar));
  PetscCall(ost_value_section(root, "coating", PETSC_TRUE, list, &coating));
  PetscCall(ost_value_section(root, "fit", PETSC_TRUE, list, &fit));
  PetscCall(ost_value_section(root, "abutment", PETSC_TRUE, list, &abutment));
  if (stem) {
    PetscCall(read_real(stem, "length", "mm", OST_REQUIRED, 10.0, 400.0, list, &implant->length));
    PetscCall(read_real(stem, "diameter", "mm", OST_REQUIRED, 3.0, 40.0, list, &implant->diameter));
    PetscCall(read_real(stem, "taper", "mm", 0.0, 0.0, 10.0, list, &implant->taper));
    PetscCall(read_real(stem, "tip_rounding", "mm", 1.0, 0.2, 20.0, list, &implant->tip_rounding));
    PetscCall(read_real(stem, "recess", "mm", 0.0, 0.0, 60.0, list, &implant->recess));
    implant->where_length   = where_of(stem, "length");
    implant->where_diameter = where_of(stem, "diameter");
  }
  implant->collar_diameter = implant->collar_length = implant->collar_gap = 0.0;
  if (collar) {
    PetscCall(read_real(collar, "diameter", "mm", OST_REQUIRED, 3.0, 60.0, list,
                        &implant->collar_diameter));
    PetscCall(
        read_real(collar, "length", "mm", OST_REQUIRED, 0.5, 40.0, list, &implant->collar_length));
    PetscCall(read_real(collar, "gap", "mm", 0.0, 0.0, 40.0, list, &implant->collar_gap));
  }
  if (coating) {
    PetscCall(read_real(coating, "from", "mm", 0.0, 0.0, 400.0, list, &implant->coated_from));
    PetscCall(read_real(coating, "to", "mm", OST_REQUIRED, 0.0, 400.0, list, &implant->coated_to));
    PetscCall(ost_value_word(coating, "kind", ost_coating_names, OST_NUM_COATINGS,
                             OST_PLASMA_SPRAYED, list, &kind));
    implant->coating = (OstCoating)kind;
  }
  if (fit) {
    PetscCall(
        read_real(fit, "interference", "mm", OST_REQUIRED, 0.0, 1.0, list, &implant->interference));
  }
  if (abutment) {
    PetscCall(read_real(abutment, "diameter", "mm", OST_REQUIRED, 2.0, 40.0, list,
                        &implant->abutment_diameter));
    PetscCall(read_real(abutment, "length", "mm", OST_REQUIRED, 5.0, 200.0, list,
                        &implant->abutment_length));
    PetscCall(read_real(abutment, "load_distance", "mm", implant->abutment_length, 0.0, 400.0, list,
                        &implant->load_distance));
  }
  PetscCall(read_source(stem, list));
  PetscCall(read_source(collar, list));
  PetscCall(read_source(coating, list));
  PetscCall(read_source(fit, list));
  PetscCall(read_source(abutment, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_thread(OstNode *root, OstDiagList *list, OstImplant *implant)
{
  OstNode *thread;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section(root, "thread", (PetscBool)(implant->kind == OST_IMPLANT_SCREW), list,
                              &thread));
  if (!thread) PetscFunctionReturn(PETSC_SUCCESS);
  if (implant->kind != OST_IMPLANT_SCREW) {
    PetscCall(ost_diag_error(list, ost_node_where(thread), "remove it, or write kind: screw",
                             "a press_fit stem has no thread"));
  }
  PetscCall(
      read_real(thread, "pitch", "mm", OST_REQUIRED, 0.2, 10.0, list, &implant->thread_pitch));
  PetscCall(
      read_real(thread, "depth", "mm", OST_REQUIRED, 0.05, 5.0, list, &implant->thread_depth));
  PetscCall(
      read_real(thread, "flank", "degree", OST_REQUIRED, 0.0, 80.0, list, &implant->thread_flank));
  implant->thread_lead  = implant->thread_pitch; /* one start, right-handed */
  implant->where_thread = ost_node_where(thread);
  PetscCall(read_source(thread, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_material(OstNode *root, OstDiagList *list, OstImplant *implant)
{
  OstNode *material;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section(root, "material", PETSC_TRUE, list, &material));
  if (!material) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_value_text(material, "name", NULL, list, &implant->material));
  PetscCall(read_real(material, "young", "MPa", OST_REQUIRED, 1e2, 1e6, list, &implant->young));
  PetscCall(read_real(material, "poisson", "1", OST_REQUIRED, 0.0, 0.49, list, &implant->poisson));
  PetscCall(read_real(material, "yield", "MPa", OST_REQUIRED, 1.0, 1e4, list, &implant->yield));
  PetscCall(
      read_real(material, "ultimate", "MPa", OST_REQUIRED, 1.0, 1e4, list, &implant->ultimate));
  PetscCall(read_real(material, "fatigue", "MPa", OST_REQUIRED, 1.0, 1e4, list, &implant->fatigue));
  PetscCall(read_source(material, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The case may ask for another thread on the same screw, and says what becomes of it. A key that
   the model has no use for stays unread: an error. */
static PetscErrorCode read_thread_overrides(OstNode *section, OstDiagList *list,
                                            OstImplant *implant)
{
  OstNode *thread;
  PetscInt model = 0;

  PetscFunctionBeginUser;
  if (implant->kind != OST_IMPLANT_SCREW) {
    thread = ost_node_find(section, "thread");
    if (thread) {
      PetscCall(ost_diag_error(list, ost_node_where(thread), "remove it, or take a screw",
                               "a press_fit stem has no thread"));
      ost_node_skip(thread);
    }
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_value_section_or_defaults(section, "thread", list, &thread));
  PetscCall(ost_value_word(thread, "model", thread_models, 3, OST_THREAD_EQUIVALENT, list, &model));
  implant->thread_model = (OstThreadModel)model;
  if (ost_node_find(section, "thread")) implant->where_thread = ost_node_where(thread);
  PetscCall(read_real(thread, "depth", "mm", implant->thread_depth, 0.05, 5.0, list,
                      &implant->thread_depth));
  if (implant->thread_model == OST_THREAD_SMOOTH) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(read_real(thread, "pitch", "mm", implant->thread_pitch, 0.2, 10.0, list,
                      &implant->thread_pitch));
  PetscCall(read_real(thread, "flank", "degree", implant->thread_flank, 0.0, 80.0, list,
                      &implant->thread_flank));
  if (implant->thread_model == OST_THREAD_RESOLVED) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(read_real(thread, "lead", "mm", implant->thread_pitch, -40.0, 40.0, list,
                      &implant->thread_lead));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The case may ask for another size of the same system. */
static PetscErrorCode read_overrides(OstNode *section, OstDiagList *list, OstImplant *implant)
{
  const PetscBool to_tip = (PetscBool)(implant->coated_to >= implant->length);
  const PetscBool dome =
      (PetscBool)(2.0 * implant->tip_rounding >= implant->diameter - implant->taper);
  const PetscReal length = implant->length, diameter = implant->diameter;

  PetscFunctionBeginUser;
  PetscCall(
      read_real(section, "length", "mm", implant->length, 10.0, 400.0, list, &implant->length));
  PetscCall(
      read_real(section, "diameter", "mm", implant->diameter, 3.0, 40.0, list, &implant->diameter));
  if (implant->length != length) implant->where_length = where_of(section, "length");
  if (implant->diameter != diameter) implant->where_diameter = where_of(section, "diameter");
  if (to_tip) implant->coated_to = implant->length;
  PetscCall(read_thread_overrides(section, list, implant));
  /* crest and root are as wide: as much metal as in the thread */
  if (implant->thread_model != OST_THREAD_RESOLVED) implant->diameter -= implant->thread_depth;
  if (dome) implant->tip_rounding = 0.5 * (implant->diameter - implant->taper);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_implant_options_read(OstNode *root, OstDiagList *list, OstImplant *implant)
{
  OstNode *section, *entry;
  OstCase *part   = NULL;
  PetscInt kind   = 0;
  PetscInt errors = ost_diag_num_errors(list);

  PetscFunctionBeginUser;
  *implant = ost_implant_default();
  PetscCall(ost_value_section(root, "implant", PETSC_TRUE, list, &section));
  if (!section) PetscFunctionReturn(PETSC_SUCCESS);
  implant->where = ost_node_where(section);
  PetscCall(ost_value_path(section, "file", NULL, list, &implant->file));
  if (implant->file && implant->file[0] && ost_diag_num_errors(list) == errors) {
    PetscCall(ost_case_load_part(section, "file", implant->file, "implant", list, &part));
  }
  if (part) {
    entry = ost_case_root(part);
    PetscCall(ost_value_text(entry, "name", NULL, list, &implant->name));
    PetscCall(ost_value_word(entry, "kind", kinds, 2, -1, list, &kind));
    implant->kind = (OstImplantKind)kind;
    PetscCall(read_shape(entry, list, implant));
    PetscCall(read_thread(entry, list, implant));
    PetscCall(read_material(entry, list, implant));
  }
  PetscCall(read_overrides(section, list, implant));
  if (ost_diag_num_errors(list) == errors) PetscCall(ost_implant_check(implant, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode check_thread(const OstImplant *implant, OstDiagList *list)
{
  const OstWhere  at     = implant->where_thread;
  const PetscReal slant  = PetscTanReal(implant->thread_flank * PETSC_PI / 180.0);
  const PetscBool meshed = implant->thread_model == OST_THREAD_RESOLVED;
  const PetscReal core =
      implant->diameter - implant->taper - (meshed ? 2.0 : 1.0) * implant->thread_depth;

  PetscFunctionBeginUser;
  if (implant->kind != OST_IMPLANT_SCREW) PetscFunctionReturn(PETSC_SUCCESS);
  if (implant->thread_model != OST_THREAD_SMOOTH &&
      2.0 * implant->thread_depth * slant > implant->thread_pitch * (1.0 + 1e-9))
    PetscCall(ost_diag_error(list, at, "take less depth, a longer pitch or steeper flanks",
                             "flanks of %g degrees and a pitch of %g mm meet at a depth of %g mm, "
                             "before the %g mm of the thread",
                             (double)implant->thread_flank, (double)implant->thread_pitch,
                             (double)(0.5 * implant->thread_pitch / slant),
                             (double)implant->thread_depth));
  if (core < 2.0)
    PetscCall(ost_diag_error(list, at, "take less depth",
                             "a thread of %g mm depth leaves a core of %g mm",
                             (double)implant->thread_depth, (double)core));
  if (!meshed) PetscFunctionReturn(PETSC_SUCCESS);
  if (implant->taper > 0.0 || slant <= 0.0)
    PetscCall(
        ost_diag_error(list, at, "take thread.model: equivalent",
                       "only a thread with inclined flanks on a stem without taper is meshed, "
                       "not %g degrees on a taper of %g mm",
                       (double)implant->thread_flank, (double)implant->taper));
  else if (ost_implant_turns(implant) < 1 || ost_implant_turns(implant) > OST_IMPLANT_MAX_TURNS)
    PetscCall(ost_diag_error(list, at, "take another pitch, or thread.model: equivalent",
                             "the stem has %" PetscInt_FMT " turns of %g mm; 1 to %d can be meshed",
                             ost_implant_turns(implant), (double)implant->thread_pitch,
                             OST_IMPLANT_MAX_TURNS));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_implant_check(const OstImplant *implant, OstDiagList *list)
{
  const OstWhere  at  = implant->where;
  const PetscReal tip = 0.5 * (implant->diameter - implant->taper);

  PetscFunctionBeginUser;
  PetscCall(check_thread(implant, list));
  if (tip < 1.0) {
    PetscCall(ost_diag_error(list, at, "take less taper", "taper %g mm leaves a tip of %g mm",
                             (double)implant->taper, 2.0 * (double)tip));
  } else if (implant->tip_rounding > tip * (1.0 + 1e-9)) {
    PetscCall(ost_diag_error(list, at, "at most half the diameter of the tip, which gives a dome",
                             "tip_rounding %g mm is more than the radius of the tip, %g mm",
                             (double)implant->tip_rounding, (double)tip));
  }
  if (implant->coated_from >= implant->coated_to || implant->coated_to > implant->length) {
    PetscCall(ost_diag_error(list, at, "0 <= coating.from < coating.to <= stem.length",
                             "coating from %g to %g mm on a stem of %g mm",
                             (double)implant->coated_from, (double)implant->coated_to,
                             (double)implant->length));
  }
  if (implant->length < implant->diameter) {
    PetscCall(ost_diag_error(list, implant->where_length, "take a longer stem",
                             "the stem is %g mm long, shorter than its diameter of %g mm",
                             (double)implant->length, (double)implant->diameter));
  }
  if (implant->collar_diameter > 0.0) {
    if (implant->collar_diameter <= PetscMax(implant->diameter, implant->abutment_diameter) + 0.5) {
      PetscCall(ost_diag_error(list, at, "a collar stands out at least 0.25 mm all round",
                               "collar diameter %g mm does not exceed stem %g and abutment %g mm",
                               (double)implant->collar_diameter, (double)implant->diameter,
                               (double)implant->abutment_diameter));
    }
    if (implant->collar_gap + implant->collar_length >= implant->abutment_length) {
      PetscCall(ost_diag_error(list, at, "abutment.length counts from the resection plane",
                               "the collar ends %g mm below the resection, the abutment at %g mm",
                               (double)(implant->collar_gap + implant->collar_length),
                               (double)implant->abutment_length));
    }
  }
  if (implant->recess > 0.0 && implant->abutment_diameter > implant->diameter - 0.5) {
    PetscCall(ost_diag_error(list, at, "it passes through the bore: stem diameter - 0.5 mm at most",
                             "abutment diameter %g mm does not pass the canal of a recessed stem",
                             (double)implant->abutment_diameter));
  }
  if (implant->recess > 0.0 && implant->collar_diameter > 0.0) {
    PetscCall(ost_diag_error(list, at, "give either a collar or a recess",
                             "a stem recessed by %g mm has no collar at the resection plane",
                             (double)implant->recess));
  }
  if (implant->ultimate < implant->yield || implant->fatigue > implant->ultimate) {
    PetscCall(ost_diag_error(list, at, "fatigue <= ultimate and yield <= ultimate",
                             "yield %g, ultimate %g and fatigue strength %g MPa contradict",
                             (double)implant->yield, (double)implant->ultimate,
                             (double)implant->fatigue));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscReal ost_implant_tip(const OstImplant *implant)
{
  return implant->recess + implant->length;
}

PetscReal ost_implant_tip_begin(const OstImplant *implant)
{
  return ost_implant_tip(implant) - implant->tip_rounding;
}

/* The rings of a meshed thread, between lands of at least a quarter of the pitch: half a crest,
   flank, root, flank, half a crest each. */
typedef struct {
  PetscInt  num;
  PetscReal from;        /* height at which the first turn begins [mm] */
  PetscReal flat, slant; /* half of a crest or root, and a flank, along the axis [mm] */
} Turns;

static Turns turns_of(const OstImplant *implant)
{
  const PetscReal P = implant->thread_pitch, length = implant->length - implant->tip_rounding;
  Turns           turns = {.num = 0};

  if (implant->kind != OST_IMPLANT_SCREW || implant->thread_model != OST_THREAD_RESOLVED)
    return turns;
  turns.num   = (PetscInt)PetscFloorReal((length - 0.5 * P) / P);
  turns.from  = implant->recess + 0.5 * (length - (PetscReal)turns.num * P);
  turns.slant = implant->thread_depth * PetscTanReal(implant->thread_flank * PETSC_PI / 180.0);
  turns.flat  = 0.25 * (P - 2.0 * turns.slant);
  return turns;
}

PetscInt ost_implant_turns(const OstImplant *implant)
{
  return turns_of(implant).num;
}

/* Is the height z within the rings? */
static PetscBool in_turns(const OstImplant *implant, const Turns *turns, PetscReal z)
{
  return (PetscBool)(turns->num > 0 && z > turns->from &&
                     z < turns->from + (PetscReal)turns->num * implant->thread_pitch);
}

/* How deep the groove is at height z. */
static PetscReal groove(const OstImplant *implant, PetscReal z)
{
  const PetscReal P     = implant->thread_pitch;
  const Turns     turns = turns_of(implant);

  if (!in_turns(implant, &turns, z)) return 0.0;
  PetscReal at = z - turns.from;
  at -= P * PetscFloorReal(at / P);
  at = PetscMin(at, P - at); /* from the middle of the nearer crest */
  return implant->thread_depth * PetscMin(PetscMax(at - turns.flat, 0.0) / turns.slant, 1.0);
}

/* Radius of the stem without grooves. */
static PetscReal body_radius(const OstImplant *implant, PetscReal z)
{
  const PetscReal tip = ost_implant_tip(implant), begin = ost_implant_tip_begin(implant);
  const PetscReal rho = implant->tip_rounding;
  const PetscReal r0 = 0.5 * implant->diameter, r1 = r0 - 0.5 * implant->taper;

  if (z < implant->recess || z > tip) return 0.0;
  if (z <= begin) return r0 - (r0 - r1) * (z - implant->recess) / (begin - implant->recess);
  return (r1 - rho) + PetscSqrtReal(PetscMax(0.0, rho * rho - (z - begin) * (z - begin)));
}

PetscReal ost_implant_radius(const OstImplant *implant, PetscReal z)
{
  return body_radius(implant, z) - groove(implant, z);
}

PetscReal ost_implant_outer_radius(const OstImplant *implant, PetscReal z)
{
  const PetscReal r = body_radius(implant, z);

  if (r <= 0.0 || implant->thread_model == OST_THREAD_RESOLVED) return r;
  return r + 0.5 * implant->thread_depth;
}

PetscReal ost_implant_distance(const OstImplant *implant, PetscReal r, PetscReal z)
{
  const PetscReal tip = ost_implant_tip(implant), begin = ost_implant_tip_begin(implant);
  const PetscReal rho  = implant->tip_rounding,
                  flat = 0.5 * (implant->diameter - implant->taper) - rho;
  PetscReal side, cap;

  /* The side; a taper's slant is too small to matter to a mesh size. */
  const PetscReal at    = PetscMin(PetscMax(z, implant->recess), begin);
  const Turns     turns = turns_of(implant);
  side                  = r - body_radius(implant, at);
  if (in_turns(implant, &turns, at) && side < 0.0) /* the whole band of the grooves is surface */
    side = PetscMin(side + implant->thread_depth, 0.0);
  side = PetscAbsReal(side);
  if (z < implant->recess) side = hypot(side, implant->recess - z);
  if (z > begin) side = hypot(side, z - begin);
  /* The tip: rounded edge, or flat where r is inside its centre. */
  if (r <= flat)
    cap = PetscAbsReal(z - tip);
  else if (z >= begin)
    cap = PetscAbsReal(hypot(r - flat, z - begin) - rho);
  else
    cap = hypot(r - flat - rho, z - begin);
  return PetscMin(side, cap);
}

/* The end of a coat moved to a corner of the stem where it would leave a sliver beside it. */
static PetscReal snap_coat(const OstImplant *implant, PetscReal z)
{
  const PetscReal near = 0.5; /* [mm] */
  const PetscReal tip = ost_implant_tip(implant), begin = ost_implant_tip_begin(implant);
  const Turns     turns = turns_of(implant);

  if (z < implant->recess + near) return implant->recess;
  if (z > tip - near) return tip;
  if (in_turns(implant, &turns, z)) { /* to the edge of a crest, a corner anyway */
    const PetscReal k = PetscFloorReal((z - turns.from) / implant->thread_pitch + 0.5);
    return turns.from + k * implant->thread_pitch +
           (k < (PetscReal)turns.num ? turns.flat : -turns.flat);
  }
  return z > begin - near ? begin : z;
}

void ost_implant_coated_range(const OstImplant *implant, PetscReal *from, PetscReal *to)
{
  *from = snap_coat(implant, implant->recess + implant->coated_from);
  *to   = snap_coat(implant, implant->recess + implant->coated_to);
}

static void outline_add(OstImplantOutline *o, PetscReal r, PetscReal z, PetscBool arc)
{
  if (o->num > 0) {
    const PetscReal dr = r - o->r[o->num - 1], dz = z - o->z[o->num - 1];
    if (dr * dr + dz * dz < 1e-12) return; /* a step of no height */
  }
  o->r[o->num]   = r;
  o->z[o->num]   = z;
  o->arc[o->num] = arc;
  o->num++;
}

OstImplantOutline ost_implant_outline(const OstImplant *implant)
{
  const PetscReal   r0 = 0.5 * implant->diameter, r1 = r0 - 0.5 * implant->taper;
  const PetscReal   ra = 0.5 * implant->abutment_diameter, rc = 0.5 * implant->collar_diameter;
  const PetscReal   tip = ost_implant_tip(implant), begin = ost_implant_tip_begin(implant);
  PetscReal         from, to;
  OstImplantOutline o = {.num = 0};

  outline_add(&o, 0.0, -implant->abutment_length, PETSC_FALSE);
  outline_add(&o, ra, -implant->abutment_length, PETSC_FALSE);
  if (rc > 0.0) {
    outline_add(&o, ra, -implant->collar_gap - implant->collar_length, PETSC_FALSE);
    outline_add(&o, rc, -implant->collar_gap - implant->collar_length, PETSC_FALSE);
    outline_add(&o, rc, -implant->collar_gap, PETSC_FALSE);
    outline_add(&o, r0, -implant->collar_gap, PETSC_FALSE);
  } else {
    outline_add(&o, ra, implant->recess, PETSC_FALSE);
  }
  outline_add(&o, r0, implant->recess, PETSC_FALSE);
  o.split = o.num - 1;

  /* The ends of the coat are corners, so that no facet is half rough. */
  ost_implant_coated_range(implant, &from, &to);
  const Turns turns = turns_of(implant);
  for (PetscInt k = -1; k <= turns.num; k++) {
    const PetscReal z = turns.from + (PetscReal)k * implant->thread_pitch;
    if (k >= 0 && k < turns.num) {
      const PetscReal corner[4] = {turns.flat, turns.flat + turns.slant,
                                   implant->thread_pitch - turns.flat - turns.slant,
                                   implant->thread_pitch - turns.flat};
      for (int i = 0; i < 4; i++)
        outline_add(&o, r0 - (i == 1 || i == 2 ? implant->thread_depth : 0.0), z + corner[i],
                    PETSC_FALSE);
      continue;
    }
    const PetscReal ends[2] = {from, to};
    for (int i = 0; i < 2; i++) {
      const PetscBool first = turns.num == 0 || ends[i] <= turns.from;
      if (first != (k < 0) || in_turns(implant, &turns, ends[i])) continue;
      if (ends[i] > implant->recess && ends[i] < begin)
        outline_add(&o, body_radius(implant, ends[i]), ends[i], PETSC_FALSE);
    }
  }
  o.arc_r = r1 - implant->tip_rounding;
  o.arc_z = begin;
  outline_add(&o, r1, begin, PETSC_FALSE);
  outline_add(&o, o.arc_r, tip, PETSC_TRUE);
  outline_add(&o, 0.0, tip, PETSC_FALSE);
  o.r[o.num - 1] = 0.0; /* a dome's last corner is on the axis to the last bit */
  return o;
}

void ost_implant_stem_measures(const OstImplant *implant, PetscReal *volume, PetscReal *area)
{
  const PetscReal rho = implant->tip_rounding, h = implant->length - rho;
  const PetscReal r0 = 0.5 * implant->diameter, r1 = r0 - 0.5 * implant->taper, a = r1 - rho;

  /* Frustum, then the rounded tip by Pappus: quarter disc and quarter circle about the axis. */
  *volume = PETSC_PI * h / 3.0 * (r0 * r0 + r0 * r1 + r1 * r1) + PETSC_PI * a * a * rho +
            0.5 * PETSC_PI * PETSC_PI * a * rho * rho + 2.0 / 3.0 * PETSC_PI * rho * rho * rho;
  *area = PETSC_PI * (r0 + r1) * hypot(h, r0 - r1) + PETSC_PI * PETSC_PI * a * rho +
          2.0 * PETSC_PI * rho * rho + PETSC_PI * a * a;

  /* Grooves, a trapezoid turned about the axis: mouth, root and centroid; two cones and the root in
     place of the mouth. */
  const Turns     turns = turns_of(implant);
  const PetscReal H = implant->thread_depth, root = 2.0 * turns.flat;
  const PetscReal mouth = root + 2.0 * turns.slant, section = 0.5 * H * (mouth + root);
  if (turns.num < 1) return;
  const PetscReal deep = H * (mouth + 2.0 * root) / (3.0 * (mouth + root));
  *volume -= (PetscReal)turns.num * 2.0 * PETSC_PI * (r0 - deep) * section;
  *area += (PetscReal)turns.num * 2.0 * PETSC_PI *
           ((2.0 * r0 - H) * hypot(H, turns.slant) + (r0 - H) * root - r0 * mouth);
}
