/* diag.h: the list of everything that is wrong with the user's input.

   Faults are collected, not thrown: a user sees all of them in one run, each with file:line and
   what to write instead. Owns the wording's frame and the order (by file, then line); knows nothing
   of what is checked. Not collective: every rank reads the same text and builds the same list; only
   printing is left to rank 0. */
#pragma once

#include "base/base.h"

#include <stdio.h>

/* A place in a text the user wrote. `file` is owned by the OstCase it came from, or a string
   literal; line counts from 1, and 0 means the file as a whole. */
typedef struct {
  const char *file;
  PetscInt    line;
} OstWhere;

typedef struct OstDiagList OstDiagList;

PetscErrorCode ost_diag_create(OstDiagList **list);
/* Frees the list and sets *list to NULL. */
PetscErrorCode ost_diag_destroy(OstDiagList **list);

/* Append an error or a warning at `at`. `fix` says what to write instead; NULL where nothing better
   can be said than the message. Both are copied. A message that is already there is not
   repeated. */
PetscErrorCode ost_diag_error(OstDiagList *list, OstWhere at, const char *fix, const char *format,
                              ...) PETSC_ATTRIBUTE_FORMAT(4, 5);
PetscErrorCode ost_diag_warning(OstDiagList *list, OstWhere at, const char *fix, const char *format,
                                ...) PETSC_ATTRIBUTE_FORMAT(4, 5);

PetscInt ost_diag_num_errors(const OstDiagList *list);
PetscInt ost_diag_num_warnings(const OstDiagList *list);

/* i-th entry in printing order, 0 <= i < errors + warnings; strings stay owned by the list. */
typedef struct {
  OstWhere    at;
  PetscBool   is_error;
  const char *message;
  const char *fix; /* or NULL */
} OstDiag;
OstDiag ost_diag_get(const OstDiagList *list, PetscInt i);

/* All entries as
       FILE:LINE: error: MESSAGE
           fix: FIX
   followed by a line that counts them. Call on rank 0. */
PetscErrorCode ost_diag_print(const OstDiagList *list, FILE *out);

/* `code`, or OST_EXIT_SYSTEM with a message from `program` when not all that went to stdout could
   be written there. Call before PetscFinalize, which would fail of it, and after it: it prints. */
OstExit ost_diag_exit_code(const char *program, OstExit code);

/* The candidate nearest to `word` by edit distance, or NULL when none is near enough to be meant
   (distance > 1 + length/3). `candidates` [num]. The result is one of the candidates. */
const char *ost_diag_nearest(const char *word, const char *const candidates[], PetscInt num);
