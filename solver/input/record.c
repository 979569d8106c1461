#include "input/casefile_private.h"

#include <ctype.h>

PetscErrorCode ost_record_free(OstKeyRecord *r)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(*(char **)&r->path));
  PetscCall(PetscFree(*(char **)&r->unit));
  PetscCall(PetscFree(*(char **)&r->value));
  PetscCall(PetscFree(*(char **)&r->def));
  PetscCall(PetscFree(*(char **)&r->range));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_node_note(OstNode *node, const char *kind, const char *unit, const char *value,
                             const char *def, const char *range)
{
  OstKeyRecord *r;
  OstCase      *owner;
  char         *path, *w;

  PetscFunctionBeginUser;
  if (!node) PetscFunctionReturn(PETSC_SUCCESS);
  r     = &node->record;
  owner = node->file->owner;
  PetscCall(ost_record_free(r));
  /* The places in lists differ from case to case; the schema knows only that it is a list. */
  PetscCall(PetscStrallocpy(node->path, &path));
  w = path;
  for (const char *c = node->path; *c; c++) {
    if (c > node->path && c[-1] == '[' && isdigit((unsigned char)*c)) {
      while (isdigit((unsigned char)*c)) c++;
    }
    *w++ = *c;
  }
  *w       = '\0';
  r->role  = node->file->role;
  r->path  = path;
  r->kind  = kind;
  r->given = node->given;
  PetscCall(PetscStrallocpy(unit, (char **)&r->unit));
  PetscCall(PetscStrallocpy(value, (char **)&r->value));
  PetscCall(PetscStrallocpy(def, (char **)&r->def));
  PetscCall(PetscStrallocpy(range, (char **)&r->range));
  if (!node->noted) {
    PetscCall(ost_grow(owner->num_noted, &owner->capacity_noted, &owner->noted));
    owner->noted[owner->num_noted++] = node;
    node->noted                      = PETSC_TRUE;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt ost_case_num_records(const OstCase *file)
{
  return file->owner->num_noted;
}

OstKeyRecord ost_case_record(const OstCase *file, PetscInt i)
{
  return file->owner->noted[i]->record;
}

/* --- the resolved case ------------------------------------------------------------------------ */

typedef struct {
  char  *text;
  size_t length, capacity;
} Buffer;

static PetscErrorCode add(Buffer *b, const char *text)
{
  const size_t length = strlen(text);

  PetscFunctionBeginUser;
  if (b->length + length + 1 > b->capacity) {
    b->capacity = 2 * (b->length + length + 1);
    PetscCall(PetscRealloc(b->capacity, &b->text));
  }
  PetscCall(PetscMemcpy(b->text + b->length, text, length + 1));
  b->length += length;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* May the text stand in YAML without quotes, in a mapping as well as in [ ]? */
static PetscBool is_plain(const char *text)
{
  const size_t length = strlen(text);

  if (!length || text[length - 1] == ' ') return PETSC_FALSE;
  if (!isalnum((unsigned char)text[0]) && !strchr("./+_", text[0]) &&
      !(text[0] == '-' && isdigit((unsigned char)text[1]))) {
    return PETSC_FALSE;
  }
  for (size_t i = 0; i < length; i++) {
    if (!isalnum((unsigned char)text[i]) && !strchr("_./+- %()", text[i])) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static PetscErrorCode add_scalar(Buffer *b, const char *text)
{
  PetscFunctionBeginUser;
  if (is_plain(text)) {
    PetscCall(add(b, text));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(add(b, "\""));
  for (const char *c = text; *c; c++) {
    char piece[8] = {*c, '\0'};
    if (*c == '"' || *c == '\\')
      (void)snprintf(piece, sizeof piece, "\\%c", *c);
    else if ((unsigned char)*c < 0x20)
      (void)snprintf(piece, sizeof piece, "\\x%02x", *c);
    PetscCall(add(b, piece));
  }
  PetscCall(add(b, "\""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Whether the node or what is below it belongs into the resolved text. */
static PetscBool is_shown(const OstNode *node)
{
  if (node->given) return node->is_read;
  if (node->noted && strcmp(node->record.kind, "section") && node->record.value[0]) {
    return PETSC_TRUE;
  }
  for (PetscInt i = 0; i < node->num_absent; i++) {
    if (is_shown(node->absent[i])) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode add_indent(Buffer *b, const char *prefix, PetscInt depth)
{
  PetscFunctionBeginUser;
  PetscCall(add(b, prefix));
  for (PetscInt i = 0; i < depth; i++) PetscCall(add(b, "  "));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode add_node(Buffer *b, const char *prefix, PetscInt depth, const OstNode *node)
{
  const PetscBool has_value =
      (PetscBool)(node->noted && strcmp(node->record.kind, "section") && node->record.value[0]);
  PetscInt num_shown = 0;

  PetscFunctionBeginUser;
  if (node->parent) {
    PetscCall(add_indent(b, prefix, depth));
    if (node->key) PetscCall(add_scalar(b, node->key));
    PetscCall(add(b, node->key ? ":" : "-"));
    if (has_value || node->kind == OST_NODE_SCALAR) {
      PetscCall(add(b, " "));
      /* Lists of numbers are noted as they are written: [1 mm, 2 mm]. */
      if (has_value && !strcmp(node->record.kind, "list"))
        PetscCall(add(b, node->record.value));
      else
        PetscCall(add_scalar(b, has_value ? node->record.value : node->text));
      PetscCall(add(b, node->given ? "\n" : "  # default\n"));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    for (PetscInt i = 0; i < node->num_absent; i++) {
      if (is_shown(node->absent[i])) num_shown++;
    }
    for (PetscInt i = 0; i < node->num; i++) {
      if (is_shown(node->child[i])) num_shown++;
    }
    if (!num_shown) PetscCall(add(b, node->kind == OST_NODE_SEQUENCE ? " []" : " {}"));
    PetscCall(add(b, "\n"));
  }
  for (PetscInt i = 0; i < node->num; i++) {
    if (is_shown(node->child[i])) PetscCall(add_node(b, prefix, depth + 1, node->child[i]));
  }
  for (PetscInt i = 0; i < node->num_absent; i++) {
    if (is_shown(node->absent[i])) PetscCall(add_node(b, prefix, depth + 1, node->absent[i]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_case_resolved(const OstCase *file, char **text)
{
  Buffer b = {NULL, 0, 0};

  PetscFunctionBeginUser;
  PetscCall(add(&b, ""));
  PetscCall(add_node(&b, "", -1, file->root));
  for (PetscInt i = 0; i < file->num_parts; i++) {
    const OstCase *part = file->part[i];
    PetscCall(add(&b, "\n# "));
    PetscCall(add(&b, part->role));
    PetscCall(add(&b, " "));
    PetscCall(add(&b, part->path));
    PetscCall(add(&b, "\n"));
    PetscCall(add_node(&b, "#   ", -1, part->root));
  }
  *text = b.text;
  PetscFunctionReturn(PETSC_SUCCESS);
}
