#include "analysis/review.h"

static const int columns[OST_NUM_SIGNS] = {
    [OST_SIGN_BONDED_AREA]      = OST_COL_BONDED_AREA,
    [OST_SIGN_DEBONDED_AREA]    = OST_COL_DEBONDED_AREA,
    [OST_SIGN_FIBROUS_AREA]     = OST_COL_AREA_IN + OST_FIBROUS,
    [OST_SIGN_STRENGTH]         = OST_COL_STRENGTH_MEAN,
    [OST_SIGN_MICROMOTION_MEAN] = OST_COL_MICROMOTION_MEAN,
    [OST_SIGN_MICROMOTION_P95]  = OST_COL_MICROMOTION_P95,
    [OST_SIGN_MICROMOTION_MAX]  = OST_COL_MICROMOTION_MAX,
    [OST_SIGN_OVER_40UM]        = OST_COL_OVER_40,
    [OST_SIGN_OVER_150UM]       = OST_COL_OVER_150,
};

PetscInt ost_review_day(const OstModel *model, OstState *state, const PetscReal row[],
                        OstDecision decisions[])
{
  PetscReal signs[OST_NUM_SIGNS];

  for (int i = 0; i < OST_NUM_SIGNS; i++) signs[i] = row[columns[i]];
  return ost_clock_judge(&state->clock, model->schedule.protocol, state->day, signs, decisions);
}
