#include "loads/events.h"

#include "input/quantity.h"
#include "input/treatment_day.h"

/* {at: S2 + 6 week, fall: FILE} or {at: ..., output: true}: one of the two. */
static PetscErrorCode read_event(OstNode *entry, PetscReal s2_day, OstDiagList *list,
                                 OstPlannedList *events)
{
  OstPlanned *event = &events->event[events->num];
  OstFall    *fall  = &events->falls.fall[events->falls.num];
  PetscBool   output, found;

  PetscFunctionBeginUser;
  *event    = (OstPlanned){.kind = OST_PLANNED_FALL};
  event->at = ost_node_where(ost_node_find(entry, "at") ? ost_node_find(entry, "at") : entry);
  PetscCall(ost_treatment_day_read(entry, "at", 0.0, PETSC_TRUE, s2_day, list, &event->day));
  PetscCall(ost_fall_read_planned(entry, event->day, list, fall, &found));
  PetscCall(ost_value_bool(entry, "output", PETSC_FALSE, list, &output));
  if ((ost_node_find(entry, "fall") ? 1 : 0) + (output ? 1 : 0) != 1) {
    PetscCall(ost_diag_error(list, ost_node_where(entry),
                             "write {at: S2 + 6 week, fall: ../falls/forward.yaml} or {at: ..., "
                             "output: true}",
                             "an event is either a fall or an output"));
  }
  if (found) {
    PetscCall(PetscStrncpy(event->name, fall->name, OST_NAME_LENGTH));
    events->falls.num++;
    events->num++;
  } else if (output) {
    event->kind                           = OST_PLANNED_OUTPUT;
    events->output[events->num_outputs++] = event->day;
    events->num++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Two that fall on one day under one name would overwrite each other. */
static PetscErrorCode refuse_twins(const OstPlannedList *events, OstDiagList *list)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < events->num; i++)
    for (PetscInt j = 0; j < i; j++) {
      const OstPlanned *a = &events->event[j], *b = &events->event[i];
      if (a->kind == b->kind && !strcmp(a->name, b->name) &&
          PetscAbsReal(a->day - b->day) <= OST_DAY_SLACK)
        PetscCall(ost_diag_error(list, b->at, "keep one of them",
                                 "the same event stands twice on day %g", (double)b->day));
    }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_events_read(OstNode *root, PetscReal s2_day, OstDiagList *list,
                               OstPlannedList *events)
{
  OstNode *sequence;

  PetscFunctionBeginUser;
  *events = (OstPlannedList){0};
  PetscCall(ost_value_list(root, "events", PETSC_FALSE, list, &sequence));
  const PetscInt entries = sequence ? ost_node_size(sequence) : 0;
  PetscCall(PetscCalloc1(entries, &events->event));
  PetscCall(PetscCalloc1(entries, &events->output));
  PetscCall(PetscCalloc1(entries, &events->falls.fall));
  for (PetscInt i = 0; i < entries; i++) {
    OstNode *entry = ost_node_item(sequence, i);
    if (ost_node_kind(entry) != OST_NODE_MAPPING)
      PetscCall(ost_diag_error(list, ost_node_where(entry), "write {at: S2 + 6 week, output: true}",
                               "an event is a section"));
    else
      PetscCall(read_event(entry, s2_day, list, events));
  }
  PetscCall(refuse_twins(events, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_events_destroy(OstPlannedList *events)
{
  PetscFunctionBeginUser;
  PetscCall(ost_fall_destroy(&events->falls));
  PetscCall(PetscFree(events->output));
  PetscCall(PetscFree(events->event));
  events->num = events->num_outputs = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}
