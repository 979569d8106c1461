/* casefile.h: a YAML text as a tree whose every key knows its file and line and whether it was
   read.

   Owns parsing (libyaml, for its line marks), the "was read" mark, the report of unread and
   repeated keys, and the record of what was read with which unit and default (the resolved case).
   Knows no physics: each module reads its own section through value.h.

   Collective: rank 0 of PETSC_COMM_WORLD reads the file, all ranks parse the same text, so that all
   ranks hold the same tree and the same diagnostics. */
#pragma once

#include "base/diag.h"

typedef struct OstCase OstCase;
typedef struct OstNode OstNode;

typedef enum { OST_NODE_SCALAR, OST_NODE_SEQUENCE, OST_NODE_MAPPING } OstNodeKind;

/** Read a YAML file.
 *  @param[in]  path  file; relative to the working directory. "", which ost_value_path gives after
 *                    a fault, loads nothing and reports nothing more.
 *  @param[in]  role  name of the file's schema, prefix of its keys in the record: "case",
 *                    "implant", "bone", "protocol", "fall", "limb", ...
 *  @param[out] list  gets syntax errors, repeated keys, unreadable file (each with file:line)
 *  @param[out] file  the tree; NULL when it could not be parsed
 *  Collective. Anchors, aliases and multiple documents are refused.
 */
PetscErrorCode ost_case_load(const char *path, const char *role, OstDiagList *list, OstCase **file);

/* The same from a text in memory; `name` stands for the file name in diagnostics. Not
   collective. */
PetscErrorCode ost_case_load_text(const char *name, const char *role, const char *text,
                                  OstDiagList *list, OstCase **file);

/* Load a file that `parent` names (implant, bone, protocol ...): it shares the parent's body weight
   and record, is reported by the parent's ost_case_report_unread, and is destroyed with it.
   `path` must be resolved already (ost_value_path); it stands under `key` of `section`, to which an
   unreadable file is told. A file that was loaded before in the same role
   gives the same tree again. Collective. */
PetscErrorCode ost_case_load_part(OstNode *section, const char *key, const char *path,
                                  const char *role, OstDiagList *list, OstCase **part);

/* The text of a file that is no YAML, as a table of values, and that the user named at `at`; NULL
   when it cannot be read, which is reported there. The caller frees it with PetscFree.
   Collective. */
PetscErrorCode ost_case_read_text(const char *path, OstWhere at, OstDiagList *list, char **text);

/* Another text in place of the scalar that stands under `key` of the root's section; nothing where
   there is no such scalar. For what the command line changes. Not collective. */
PetscErrorCode ost_case_replace(OstCase *file, const char *section, const char *key,
                                const char *text);

/* Frees the tree and its parts, sets *file to NULL. Only for what ost_case_load(_text) gave. */
PetscErrorCode ost_case_destroy(OstCase **file);

OstNode    *ost_case_root(OstCase *file);
const char *ost_case_text(const OstCase *file); /* the text as it was read */

/* Body weight that the units BW and BW.m stand for [N]; until it is set they are refused. */
void      ost_case_set_body_weight(OstCase *file, PetscReal newton);
PetscReal ost_case_body_weight(const OstCase *file); /* 0: not set */

/* --- walking the tree; none of these fails, and only find marks a key as read ----------------- */

OstNodeKind ost_node_kind(const OstNode *node);
OstWhere    ost_node_where(const OstNode *node);
OstCase    *ost_node_case(const OstNode *node);
const char *ost_node_path(const OstNode *node);       /* "interface.coated.friction" */
const char *ost_node_text(const OstNode *node);       /* scalar text, NULL otherwise */
PetscInt    ost_node_size(const OstNode *node);       /* entries of a mapping or a sequence */
OstNode    *ost_node_item(OstNode *node, PetscInt i); /* marks the item as read */
const char *ost_node_key(const OstNode *mapping, PetscInt i); /* key of the i-th entry */

/* The value under `key`, marked as read; NULL when absent (or when `mapping` is NULL). Every key
   asked for is remembered as valid here, so that a misspelt one can be told its neighbour. */
OstNode *ost_node_find(OstNode *mapping, const char *key);

/* Every key of `file` and its parts that nothing has read: an error each, with the nearest key that
   was asked for in the same mapping. Call after all modules have read their sections. */
PetscErrorCode ost_case_report_unread(OstCase *file, OstDiagList *list);

/* Every file and folder that the case and its parts name and that could be read, as
   ost_value_path gave it: nobody must write there. */
PetscInt    ost_case_num_inputs(const OstCase *file);
const char *ost_case_input(const OstCase *file, PetscInt i);

/* --- the record of what was read -------------------------------------------------------------- */

/* One key as the code read it; filled by value.h. Strings owned by the record. */
typedef struct {
  const char *role;  /* schema the key belongs to */
  const char *path;  /* "interface.coated.friction"; sequence items as "[]" */
  const char *kind;  /* real, int, bool, word, text, path, section, list */
  const char *unit;  /* house unit, "" where none applies */
  const char *value; /* resolved value in house units */
  const char *def;   /* default as text, "required" or "optional" */
  const char *range; /* what is allowed, "0 ... 1" or the words; "" where nothing is excluded */
  PetscBool   given; /* the user wrote it; otherwise the default was taken */
} OstKeyRecord;

PetscInt     ost_case_num_records(const OstCase *file);
OstKeyRecord ost_case_record(const OstCase *file, PetscInt i);

/* The resolved case as YAML: every key that was read, with its value in house units, defaults
   marked by a comment. Itself a case file that can be run. The parts (implant, protocol ...) follow
   as comments. *text is freed by the caller with PetscFree. */
PetscErrorCode ost_case_resolved(const OstCase *file, char **text);

/* --- for value.h only ------------------------------------------------------------------------- */

/* What stands for `key` in the record when ost_node_find did not find it; never walked by
   ost_node_item. NULL when `mapping` is NULL or was never asked for the key. */
OstNode *ost_node_absent(OstNode *mapping, const char *key);

/* Enter a node that was found (or its ost_node_absent) into the record; texts are copied. A second
   entry for the same node replaces the first. `node` NULL: nothing is noted. */
PetscErrorCode ost_node_note(OstNode *node, const char *kind, const char *unit, const char *value,
                             const char *def, const char *range);

/* A fault in this node was reported: what stands below it is not reported as unread. */
void ost_node_skip(OstNode *node);

/* Something else where a section should be, or nothing: from now on an empty section. */
PetscErrorCode ost_node_make_section(OstNode *node);

/* Enter a path into the case's inputs; it was kept before. */
PetscErrorCode ost_case_note_input(OstCase *file, const char *kept);

/* A copy of `text` that lives as long as the case file. */
PetscErrorCode ost_case_keep(OstCase *file, const char *text, const char **kept);
