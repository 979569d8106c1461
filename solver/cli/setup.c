#include "cli/setup.h"

#include "input/quantity.h"

/* Standard gravity: body weight in newtons from body mass [m/s2]. */
#define GRAVITY 9.80665

static PetscErrorCode read_patient(OstNode *root, OstDiagList *list, OstSetup *setup)
{
  OstNode  *patient;
  PetscReal mass = 70.0;

  PetscFunctionBeginUser;
  PetscCall(ost_value_text(root, "title", "", list, &setup->title));
  PetscCall(ost_value_section(root, "patient", PETSC_TRUE, list, &patient));
  if (patient) {
    PetscCall(ost_value_text(patient, "id", "", list, &setup->patient));
    PetscCall(ost_value_real(patient, &(OstRealKey){"body_mass", "kg", OST_REQUIRED, 10.0, 300.0},
                             list, &mass));
  }
  setup->body_weight = mass * GRAVITY;
  ost_case_set_body_weight(setup->file, setup->body_weight);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_output(OstNode *root, OstDiagList *list, OstSetup *setup)
{
  const OstRealKey every = {"every", "day", ost_day_options_default().output_every, 0.1, 36500.0};
  const OstRealKey checkpoint = {"checkpoint_every", "s", 600.0, 0.0, 1e6};
  OstNode         *output;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(root, "output", list, &output));
  PetscCall(ost_value_real(output, &every, list, &setup->model.day.output_every));
  PetscCall(ost_value_real(output, &checkpoint, list, &setup->checkpoint_every));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_solver(OstNode *root, OstDiagList *list, OstModel *model)
{
  const OstNewtonOptions newton = ost_newton_options_default();
  const OstLinearOptions linear = ost_linear_options_default();
  const OstDayOptions    day    = ost_day_options_default();
  OstNode               *solver;

  PetscFunctionBeginUser;
  model->newton = newton;
  model->linear = linear;
  model->day    = day;
  PetscCall(ost_value_section_or_defaults(root, "solver", list, &solver));
  PetscCall(ost_value_real(solver,
                           &(OstRealKey){"newton_tolerance", "1", newton.tolerance, 1e-13, 1e-3},
                           list, &model->newton.tolerance));
  PetscCall(ost_value_real(solver,
                           &(OstRealKey){"krylov_tolerance", "1", newton.krylov, 1e-13, 1e-2}, list,
                           &model->newton.krylov));
  PetscCall(ost_value_int(solver, &(OstIntKey){"newton_max", newton.max_newton, 1, 200}, list,
                          &model->newton.max_newton));
  PetscCall(ost_value_int(solver, &(OstIntKey){"cutbacks_max", newton.max_cutbacks, 0, 50}, list,
                          &model->newton.max_cutbacks));
  PetscCall(ost_value_int(solver, &(OstIntKey){"direct_limit", linear.direct_limit, 0, 100000000},
                          list, &model->linear.direct_limit));
  PetscCall(ost_value_int(solver, &(OstIntKey){"cycles_max", day.max_cycles, 1, 100}, list,
                          &model->day.max_cycles));
  PetscCall(ost_value_real(solver, &(OstRealKey){"cycles_settled", "1", day.settled, 1e-6, 1.0},
                           list, &model->day.settled));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The same of what the protocol plans. */
static PetscErrorCode warn_of_late_events(const OstSchedule *schedule, OstDiagList *list)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < schedule->events.num; i++) {
    const OstPlanned *event = &schedule->events.event[i];
    if (event->day < schedule->until + OST_DAY_SLACK) continue;
    PetscCall(ost_diag_warning(list, event->at, "set protocol.until of the case to a later day",
                               "the event on day %g is not reached: the run ends on day %g",
                               (double)event->day, (double)schedule->until));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Falls after the last day are left out: usual while `until` is short, but never silently. */
static PetscErrorCode warn_of_late_falls(OstNode *root, const OstModel *model, OstDiagList *list)
{
  OstNode *sequence = ost_node_find(root, "falls");

  PetscFunctionBeginUser;
  /* after an error the list may be shorter than the sequence, and `until` missing */
  if (ost_diag_num_errors(list)) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(warn_of_late_events(&model->schedule, list));
  for (PetscInt i = 0; i < model->falls.num && !model->falls.fall[i].by_protocol; i++) {
    const OstFall *fall = &model->falls.fall[i];
    const OstWhere at   = ost_node_where(ost_node_find(ost_node_item(sequence, i), "days"));
    for (PetscInt k = 0; k < fall->num_days; k++) {
      if (fall->day[k] < model->schedule.until + OST_DAY_SLACK) continue;
      PetscCall(ost_diag_warning(list, at, "set protocol.until to that day or later",
                                 "the fall %s on day %g is not reached: the run ends on day %g",
                                 fall->name, (double)fall->day[k], (double)model->schedule.until));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Of a mesh that is read, the stem is only known with it (wire.h). */
static PetscErrorCode check_interface(const OstSetup *setup, OstDiagList *list)
{
  const OstImplant *implant = &setup->limb.implant;
  OstIfaceLimits    limits  = {.low = 0.0};

  PetscFunctionBeginUser;
  if (setup->limb.source != OST_GEOMETRY_MESH) {
    limits.low = implant->recess;
    limits.tip = ost_implant_tip(implant);
  }
  PetscCall(ost_iface_options_check(&setup->model.iface, &limits, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The thread that the interface has to stand for; a meshed one or none at all has pitch 0. */
static OstThread thread_of(const OstImplant *implant)
{
  if (implant->kind != OST_IMPLANT_SCREW || implant->thread_model != OST_THREAD_EQUIVALENT)
    return (OstThread){.pitch = 0.0};
  return (OstThread){.pitch  = implant->thread_pitch,
                     .depth  = implant->thread_depth,
                     .flank  = implant->thread_flank,
                     .lead   = implant->thread_lead,
                     .radius = 0.5 * implant->diameter};
}

/* Catalogue entry and section `biology` before the section `interface`. */
static OstIfaceDefaults iface_defaults(const OstImplant *implant, const OstMature *mature)
{
  const OstGrowth  own = {(PetscReal)NAN, (PetscReal)NAN, (PetscReal)NAN};
  OstIfaceDefaults d   = {.interference = implant->interference,
                          .coating      = implant->coating,
                          .thread       = thread_of(implant),
                          .growth       = own};

  if (mature->given[0]) d.growth.bond_max = mature->bond_max;
  if (mature->given[1]) d.growth.bond_time = mature->bond_time;
  if (mature->given[2]) d.growth.strength_time = mature->strength_time;
  return d;
}

static PetscErrorCode read_all(OstDiagList *list, OstSetup *setup)
{
  OstModel *model = &setup->model;
  OstNode  *root, *biology;

  PetscFunctionBeginUser;
  if (!setup->file) PetscFunctionReturn(PETSC_SUCCESS);
  root = ost_case_root(setup->file);
  PetscCall(read_patient(root, list, setup)); /* first: the others may speak of body weights */
  PetscCall(ost_limb_options_read(setup->file, list, &setup->limb));
  setup->right = setup->limb.side == OST_SIDE_RIGHT ? PETSC_TRUE : PETSC_FALSE;
  setup->bone  = ost_bone_kind_name(setup->limb.kind);
  /* the catalogue entry knows its own metal */
  const OstImplant *implant = &setup->limb.implant;
  const OstMetal    metal   = {.elastic  = {.E = implant->young, .nu = implant->poisson},
                               .yield    = implant->yield,
                               .ultimate = implant->ultimate,
                               .fatigue  = implant->fatigue};
  PetscCall(ost_material_read(root, &metal, list, &model->material));
  PetscCall(ost_value_section_or_defaults(root, "biology", list, &biology));
  PetscCall(ost_mature_read(biology, list, &model->mature));
  const OstIfaceDefaults iface = iface_defaults(implant, &model->mature);
  PetscCall(ost_iface_options_read(root, &iface, list, &model->iface));
  PetscCall(ost_patches_read(root, setup->right, list, &model->patches));
  PetscCall(ost_support_read(root, &model->patches, list, &model->support));
  PetscCall(ost_schedule_read(root, setup->right, list, &model->schedule));
  PetscCall(ost_schedule_check_patches(&model->schedule, &model->patches, list));
  PetscCall(ost_fall_read(root, list, &model->falls));
  OstNode *protocol = ost_node_find(root, "protocol"); /* that it is missing has been told */
  PetscCall(ost_fall_join(&model->falls, &model->schedule.events.falls,
                          ost_node_where(protocol ? protocol : root), list));
  PetscCall(ost_remodel_read(biology, list, &model->remodel));
  PetscCall(ost_criterion_read(root, list, &model->criterion));
  PetscCall(ost_step_read(root, list, &model->step));
  PetscCall(read_solver(root, list, model));
  PetscCall(read_output(root, list, setup));
  PetscCall(check_interface(setup, list));
  PetscCall(ost_case_report_unread(setup->file, list));
  PetscCall(warn_of_late_falls(root, model, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_setup_read(const OstCaseSource *source, OstDiagList *list, OstSetup *setup)
{
  PetscFunctionBeginUser;
  *setup = (OstSetup){0};
  if (source->text)
    PetscCall(ost_case_load_text(source->path, "case", source->text, list, &setup->file));
  else
    PetscCall(ost_case_load(source->path, "case", list, &setup->file));
  if (setup->file && source->protocol && source->protocol[0])
    PetscCall(ost_case_replace(setup->file, "protocol", "file", source->protocol));
  PetscCall(read_all(list, setup));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_setup_destroy(OstSetup *setup)
{
  PetscFunctionBeginUser;
  PetscCall(ost_model_destroy(&setup->model));
  if (setup->limb.source == OST_GEOMETRY_CT) PetscCall(ost_ct_options_destroy(&setup->limb.ct));
  PetscCall(ost_case_destroy(&setup->file));
  PetscFunctionReturn(PETSC_SUCCESS);
}
