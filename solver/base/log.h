/* log.h: what the program tells its user while it works, and the names under which -log_view
   counts.

   Owns the levels, the log file, the progress line of a terminal, and every log event. Only the
   analysis layer and above print; kernels report through return values. Lines are written by rank
   0. */
#pragma once

#include "base/base.h"

typedef enum {
  OST_LOG_ERROR,
  OST_LOG_WARNING,
  OST_LOG_STEP,
  OST_LOG_DETAIL,
  OST_LOG_DEBUG
} OstLogLevel;

/* Level of the terminal (default OST_LOG_STEP); -v raises it by one, -q lowers it. */
void ost_log_set_level(OstLogLevel level);
/* All lines up to OST_LOG_DETAIL go to this file too, with the seconds since the start; NULL
   closes. Rank 0 opens it; PETSC_ERR_FILE_OPEN on all ranks where it cannot. Collective. */
PetscErrorCode ost_log_open(const char *path);

/* A line from rank 0; the newline is added. Collective in spirit, no communication. */
PetscErrorCode ost_log(OstLogLevel level, const char *format, ...) PETSC_ATTRIBUTE_FORMAT(2, 3);

/* A progress line that overwrites itself on a terminal and is silent elsewhere. "" clears it. */
PetscErrorCode ost_log_progress(const char *format, ...) PETSC_ATTRIBUTE_FORMAT(1, 2);

typedef enum {
  OST_EVENT_MESH,      /* reading and distributing the mesh */
  OST_EVENT_ASSEMBLY,  /* bulk stiffness */
  OST_EVENT_INTERFACE, /* interface residual and tangent */
  OST_EVENT_SETUP,     /* preconditioner */
  OST_EVENT_SOLVE,     /* Krylov */
  OST_EVENT_RECOVER,   /* strains and energy density */
  OST_EVENT_BIOLOGY,   /* stimulus, remodelling, bond */
  OST_EVENT_OUTPUT,    /* results */
  OST_NUM_EVENTS
} OstEvent;

PetscErrorCode ost_log_register_events(void);
PetscErrorCode ost_log_begin(OstEvent event);
PetscErrorCode ost_log_end(OstEvent event);

/* Wall time of this rank since the program began, without that of events inside it [s]. */
double ost_log_seconds(OstEvent event);
/* What a user calls it: "mesh", "stiffness", ... */
const char *ost_log_event_name(OstEvent event);
