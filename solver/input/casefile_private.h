/* casefile_private.h: the tree behind casefile.h, shared by the files that make it (parse.c), walk
   it (casefile.c) and print it (record.c). */
#pragma once

#include "input/casefile.h"

struct OstNode {
  OstNodeKind kind;
  OstCase    *file;
  OstNode    *parent;
  PetscInt    line;
  PetscInt    index; /* place in a sequence, -1 in a mapping */
  char       *key;   /* NULL in a sequence and for the root */
  char       *path;  /* "falls[1].days" */
  char       *text;  /* scalar, else NULL */

  OstNode **child; /* [num] in file order */
  PetscInt  num, capacity;
  OstNode **absent; /* [num_absent] keys that were asked for and are not there */
  PetscInt  num_absent, capacity_absent;

  PetscBool given;   /* the user wrote it */
  PetscBool is_read; /* some module looked at it */
  PetscBool skip;    /* faulty; its content is not reported as unread */

  PetscBool    noted;
  OstKeyRecord record; /* strings owned by this node, but for role and kind */
};

typedef struct {
  char   **text; /* [num] */
  PetscInt num, capacity;
} Keep;

struct OstCase {
  char     *path, *role, *text;
  OstNode  *root;
  OstCase  *owner;       /* the case that loaded this part; itself for a case */
  PetscReal body_weight; /* [N]; of the owner */

  OstCase **part; /* [num_parts]; of the owner, like what follows */
  PetscInt  num_parts, capacity_parts;
  OstNode **noted; /* [num_noted] in the order of reading */
  PetscInt  num_noted, capacity_noted;
  Keep      keep;
  Keep      input; /* paths that the user named; the texts are those of `keep` */
};

/* Room for one more pointer in `*array`, the address of a pointer to pointers. */
PetscErrorCode ost_grow(PetscInt num, PetscInt *capacity, void *array);

/* A node that the user wrote, under `parent` (NULL: the root); `key` NULL: item `index` of a
   list. */
PetscErrorCode ost_node_create(OstCase *file, OstNode *parent, const char *key, PetscInt index,
                               PetscInt line, OstNode **node);
PetscErrorCode ost_node_destroy(OstNode **node);

/* The entry of a mapping, without marking it as read; NULL when there is none. */
OstNode *ost_node_child(const OstNode *mapping, const char *key);

/* file->text to file->root. Faults go to `list`; *ok is false when the tree cannot be used. */
PetscErrorCode ost_case_parse(OstCase *file, OstDiagList *list, PetscBool *ok);

/* Frees the strings that the record owns. */
PetscErrorCode ost_record_free(OstKeyRecord *record);
