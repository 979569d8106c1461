/* value.h: typed values of a case file, with unit and range.

   Every dimensional number carries its unit (`18 mm`, `20 kgf`, `6 week`, `0.5 BW`), converted by
   UDUNITS-2 to the house unit of the key; a missing unit or one of another kind is an error that
   says which kind is wanted. Each getter marks the key as read, notes it in the record of the case
   file, and on a fault appends to the list and returns the default (or `min` where there is none),
   so that reading goes on and finds the next fault. None of them stops the program. Not collective,
   except ost_value_path, which asks the file system on rank 0.

   Dimensionless keys have unit "1" and may be written plain (0.4) or as percent (40 %). */
#pragma once

#include "input/casefile.h"

#include <math.h>

#define OST_REQUIRED     PETSC_MIN_REAL /* as `def`: the key must be there */
#define OST_REQUIRED_INT PETSC_MIN_INT
#define OST_OPTIONAL     ((PetscReal)NAN) /* as `def`: may be absent, *v is then NaN (isnan) */
#define OST_NO_LIMIT     PETSC_MAX_REAL   /* as `max` (as `min`: -OST_NO_LIMIT) */

typedef struct {
  const char *key;
  const char *unit; /* house unit: mm N N.mm MPa day s g/cm3 kg degree 1/day N/mm3 1 ... */
  PetscReal   def;  /* in `unit`, or OST_REQUIRED, or OST_OPTIONAL */
  PetscReal   min;  /* in `unit`, allowed */
  PetscReal   max;  /* in `unit`, allowed */
} OstRealKey;

typedef struct {
  const char *key;
  PetscInt    def, min, max;
} OstIntKey;

/* In all of these `at` is the mapping that holds the key; NULL stands for an absent section and
   gives the defaults (a required key is then an error at the section's parent: pass the section
   through ost_value_section, which sees to that). */

PetscErrorCode ost_value_real(OstNode *at, const OstRealKey *key, OstDiagList *list, PetscReal *v);
PetscErrorCode ost_value_int(OstNode *at, const OstIntKey *key, OstDiagList *list, PetscInt *v);
PetscErrorCode ost_value_bool(OstNode *at, const char *key, PetscBool def, OstDiagList *list,
                              PetscBool *v);

/* One of words[num]; *v is its index. def < 0: required. An unknown word is told its nearest. */
PetscErrorCode ost_value_word(OstNode *at, const char *key, const char *const words[], PetscInt num,
                              PetscInt def, OstDiagList *list, PetscInt *v);

/* Free text; NULL `def`: required; *v owned by the case file. */
PetscErrorCode ost_value_text(OstNode *at, const char *key, const char *def, OstDiagList *list,
                              const char **v);

/* A file or folder: ${NAME} replaced from the environment (OSTEON_DATA has the default
   ../shared/data), then relative to the file that names it. Must exist and be readable, else an
   error, and *v is "". def NULL: required; def "": optional, *v is then "". *v owned by the case
   file. A path that begins with ${NAME} is relative to the working directory unless it is absolute.
   Collective. */
PetscErrorCode ost_value_path(OstNode *at, const char *key, const char *def, OstDiagList *list,
                              const char **v);

/* A sequence of reals with one unit: values [*num], freed by the caller with PetscFree. Items may
   each carry the unit, as in [10 mm, 12 mm]. min_num: fewest allowed; 0: the key may be absent. */
PetscErrorCode ost_value_reals(OstNode *at, const OstRealKey *key, PetscInt min_num,
                               OstDiagList *list, PetscInt *num, PetscReal **values);

/* A sub-mapping; *section is NULL when absent. required: absent is an error. */
PetscErrorCode ost_value_section(OstNode *at, const char *key, PetscBool required,
                                 OstDiagList *list, OstNode **section);

/* The same for an optional section whose keys all have defaults: an absent one gives an empty
   section, so that the defaults read from it appear in the record and in the resolved case. NULL
   only if `at` is NULL. Prefer it to ost_value_section wherever absence does not switch something
   off. */
PetscErrorCode ost_value_section_or_defaults(OstNode *at, const char *key, OstDiagList *list,
                                             OstNode **section);

/* A sequence of mappings or scalars; *sequence NULL when absent. */
PetscErrorCode ost_value_list(OstNode *at, const char *key, PetscBool required, OstDiagList *list,
                              OstNode **sequence);

/* One quantity outside a key, e.g. an item of a list, or "-5 kN" from the command line: text to
   number in `unit`. Fault: appended at `at`, *v = 0. `file` gives the body weight; may be NULL. */
PetscErrorCode ost_value_parse(OstCase *file, OstWhere at, const char *text, const char *unit,
                               OstDiagList *list, PetscReal *v);

/* "12.5 mm", "0.4": shortest text that reads back as the same number. */
void ost_value_format(PetscReal value, const char *unit, char text[], size_t length);
