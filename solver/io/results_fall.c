#include "io/results_fall.h"

typedef struct {
  const char *name; /* of the group's attribute */
  PetscReal  *value;
} FallNumber;

enum { NUM_FALL_NUMBERS = 11 };

static void fall_numbers(OstFallReport *f, FallNumber numbers[NUM_FALL_NUMBERS])
{
  const FallNumber all[NUM_FALL_NUMBERS] = {{"day", &f->day},
                                            {"angle", &f->angle_deg},
                                            {"force", &f->force},
                                            {"moment", &f->moment},
                                            {"factor", &f->factor},
                                            {"x", &f->at[0]},
                                            {"y", &f->at[1]},
                                            {"z", &f->at[2]},
                                            {"share", &f->share},
                                            {"stem_yield_factor", &f->stem_yield_factor},
                                            {"debonded_area_fraction", &f->debonded_area_fraction}};
  memcpy(numbers, all, sizeof all);
}

PetscErrorCode ost_results_fall_write(OstH5 *file, const char *group, const OstFallReport *fall)
{
  OstFallReport copy = *fall;
  FallNumber    attrs[NUM_FALL_NUMBERS];

  PetscFunctionBeginUser;
  PetscCall(ost_h5_group(file, group));
  PetscCall(ost_h5_attr_text(file, group, "name", fall->name ? fall->name : ""));
  PetscCall(ost_h5_attr_text(file, group, "mode", fall->mode ? fall->mode : ""));
  PetscCall(ost_h5_attr_text(file, group, "place", fall->place ? fall->place : ""));
  PetscCall(ost_h5_attr_int(file, group, "zone", fall->zone));
  PetscCall(ost_h5_attr_int(file, group, "at_least", fall->at_least ? 1 : 0));
  PetscCall(ost_h5_attr_int(file, group, "reached", fall->reached ? 1 : 0));
  PetscCall(ost_h5_attr_int(file, group, "converged", fall->converged ? 1 : 0));
  fall_numbers(&copy, attrs);
  for (int i = 0; i < NUM_FALL_NUMBERS; i++)
    PetscCall(ost_h5_attr_real(file, group, attrs[i].name, *attrs[i].value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_fall_tell(OstH5 *file, const char *group, const OstObserver *listener)
{
  OstFallReport fall = {.name = NULL};
  FallNumber    attrs[NUM_FALL_NUMBERS];
  char          name[128], mode[32], place[256];
  PetscInt      flag[3];

  PetscFunctionBeginUser;
  fall_numbers(&fall, attrs);
  for (int i = 0; i < NUM_FALL_NUMBERS; i++)
    PetscCall(ost_h5_get_attr_real(file, group, attrs[i].name, attrs[i].value));
  PetscCall(ost_h5_get_attr_text(file, group, "name", name, sizeof name));
  PetscCall(ost_h5_get_attr_text(file, group, "mode", mode, sizeof mode));
  PetscCall(ost_h5_get_attr_text(file, group, "place", place, sizeof place));
  PetscCall(ost_h5_get_attr_int(file, group, "zone", &fall.zone));
  PetscCall(ost_h5_get_attr_int(file, group, "at_least", &flag[0]));
  PetscCall(ost_h5_get_attr_int(file, group, "reached", &flag[1]));
  PetscCall(ost_h5_get_attr_int(file, group, "converged", &flag[2]));
  fall.name      = name;
  fall.mode      = mode;
  fall.place     = place;
  fall.at_least  = flag[0] ? PETSC_TRUE : PETSC_FALSE;
  fall.reached   = flag[1] ? PETSC_TRUE : PETSC_FALSE;
  fall.converged = flag[2] ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(listener->fall(listener->context, &fall));
  PetscFunctionReturn(PETSC_SUCCESS);
}
