/* failure.h: what to tell of a load that found no equilibrium.

   From the last increment that was given up and the last good state: in words, what failed and
   where, what holds the stem against what asks of it, and what to change; and the fields of the
   interface for whoever looks closer. Collective. */
#pragma once

#include "analysis/day.h"

typedef struct OstFailureData OstFailureData;

/** @param[in]  day     whose equilibrium failed
 *  @param[in]  t_day   the day it was to reach
 *  @param[in]  stage   name of the protocol's stage
 *  @param[out] data    owns what the report points to
 *  @param[out] report  see observer.h
 */
PetscErrorCode ost_failure_create(const OstDay *day, PetscReal t_day, const char *stage,
                                  OstFailureData **data, OstFailureReport *report);
PetscErrorCode ost_failure_destroy(OstFailureData **data);
