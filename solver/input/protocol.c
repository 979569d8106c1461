#include "input/protocol.h"

#include "input/quantity.h"

/* --- reading ---------------------------------------------------------------------------------- */

/* Factors by which a walking aid unloads the limb (P3). */
static PetscErrorCode read_aids(OstNode *root, OstDiagList *list, OstProtocol *p)
{
  static const PetscReal force[OST_NUM_AIDS] = {1.0, 0.90, 0.50}, moment[] = {1.0, 0.85, 0.50};
  OstNode               *aids, *aid;

  PetscFunctionBeginUser;
  PetscCall(ost_value_section_or_defaults(root, "aids", list, &aids));
  p->aid_force[OST_AID_NONE] = p->aid_moment[OST_AID_NONE] = 1.0;
  for (PetscInt i = OST_AID_ONE_CRUTCH; i < OST_NUM_AIDS; i++) {
    const OstRealKey f = {"force", "1", force[i], 0.0, 1.5},
                     m = {"moment", "1", moment[i], 0.0, 1.5};
    PetscCall(ost_value_section_or_defaults(aids, ost_aid_names[i], list, &aid));
    PetscCall(ost_value_real(aid, &f, list, &p->aid_force[i]));
    PetscCall(ost_value_real(aid, &m, list, &p->aid_moment[i]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_protocol_read(OstNode *root, PetscReal s2_day, OstDiagList *list,
                                 OstProtocol **protocol)
{
  const OstRealKey second = {"second_operation", "day", 0.0, 0.0, 3650.0};
  const OstRealKey review = {"review", "day", 7.0, 0.5, 365.0};
  const char      *description;
  OstProtocol     *p;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(protocol));
  p              = *protocol;
  p->body_weight = ost_case_body_weight(ost_node_case(root));
  PetscCall(ost_name_read(root, list, p->name));
  PetscCall(ost_value_text(root, "description", "", list, &description));
  PetscCall(ost_value_real(root, &second, list, &p->second_operation));
  if (s2_day >= 0.0) p->second_operation = s2_day;
  PetscCall(read_aids(root, list, p));
  PetscCall(ost_activities_read(root, list, &p->num_activities, &p->activity));
  OstStageContext context = {.num_activities   = p->num_activities,
                             .activity         = p->activity,
                             .second_operation = p->second_operation};
  PetscCall(PetscArraycpy(context.aid_force, p->aid_force, OST_NUM_AIDS));
  PetscCall(ost_stages_read(root, &context, list, &p->num_stages, &p->stage));
  PetscCall(ost_value_real(root, &review, list, &p->review));
  PetscCall(ost_rules_read(root, list, &p->rules));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_protocol_destroy(OstProtocol **protocol)
{
  PetscFunctionBeginUser;
  if (!*protocol) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_activities_destroy((*protocol)->num_activities, &(*protocol)->activity));
  PetscCall(PetscFree((*protocol)->stage));
  PetscCall(PetscFree(*protocol));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- asking ----------------------------------------------------------------------------------- */

PetscInt ost_protocol_stage(const OstProtocol *protocol, PetscReal t_day, PetscBool before)
{
  /* just inside the interval that is meant */
  const PetscReal t = t_day + (before ? -OST_DAY_SLACK : OST_DAY_SLACK);

  for (PetscInt i = 0; i < protocol->num_stages; i++) {
    if (t >= protocol->stage[i].from && t < protocol->stage[i].until) return i;
  }
  return OST_NO_STAGE;
}

PetscInt ost_protocol_at(const OstProtocol *protocol, PetscReal t_day, PetscBool before,
                         OstActive active[OST_STAGE_EXERCISES])
{
  const PetscInt  index = ost_protocol_stage(protocol, t_day, before);
  const OstStage *stage;
  PetscInt        num = 0;

  if (index == OST_NO_STAGE) return 0;
  stage = &protocol->stage[index];
  /* of the days of a week, those of exercise (P5) */
  const PetscReal week = (PetscReal)(7 - stage->rest_days) / 7.0;
  for (PetscInt i = 0; i < stage->num_exercises; i++) {
    const OstExercise *e    = &stage->exercise[i];
    const OstLimbLoad *peak = &ost_activity_peak(&protocol->activity[e->activity])->load;
    const PetscReal    done = ost_stage_progress(stage, t_day);
    PetscReal          force, moment;

    if (e->by_scale) {
      force = moment = ost_exercise_scale_load(stage, e, t_day, before) / peak->axial;
    } else {
      const PetscReal share = e->share + (e->share_end - e->share) * done;
      force                 = share * protocol->aid_force[stage->aid];
      moment                = share * protocol->aid_moment[stage->aid];
    }
    active[num].activity = e->activity;
    active[num].force    = force;
    active[num].moment   = moment;
    active[num].load     = ost_limb_load_scaled(peak, force, moment);
    active[num].cycles   = week * (e->cycles + (e->cycles_end - e->cycles) * done);
    if (active[num].cycles > 0.0 && (force > 0.0 || moment > 0.0)) num++;
  }
  return num;
}

PetscReal ost_protocol_next_event(const OstProtocol *protocol, PetscReal t_day)
{
  PetscReal next = PETSC_MAX_REAL;

  for (PetscInt i = 0; i < protocol->num_stages; i++) {
    const OstStage *stage = &protocol->stage[i];
    if (stage->from > t_day + OST_DAY_SLACK) next = PetscMin(next, stage->from);
    if (stage->until > t_day + OST_DAY_SLACK) next = PetscMin(next, stage->until);
    if (stage->from > t_day + OST_DAY_SLACK || stage->until <= t_day + OST_DAY_SLACK) continue;
    for (PetscInt k = 0; k < stage->num_exercises; k++) {
      next = PetscMin(next, ost_exercise_next_raise(stage, &stage->exercise[k], t_day));
    }
  }
  return next;
}
