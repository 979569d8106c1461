#include "input/casefile_private.h"

#include <errno.h>
#include <sys/stat.h>

enum { MAX_BYTES = 1 << 24 }; /* a case file is written by hand; more is some other kind of file */

PetscErrorCode ost_grow(PetscInt num, PetscInt *capacity, void *array)
{
  PetscFunctionBeginUser;
  if (num == *capacity) {
    *capacity = PetscMax(4, 2 * *capacity);
    PetscCall(PetscRealloc(sizeof(void *) * (size_t)*capacity, array));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- nodes ------------------------------------------------------------------------------------ */

PetscErrorCode ost_node_create(OstCase *file, OstNode *parent, const char *key, PetscInt index,
                               PetscInt line, OstNode **node)
{
  OstNode *n;
  size_t   length;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(node));
  n         = *node;
  n->file   = file;
  n->parent = parent;
  n->index  = index;
  n->line   = line;
  n->given  = PETSC_TRUE;
  PetscCall(PetscStrallocpy(key, &n->key));
  length = (parent ? strlen(parent->path) : 0) + (key ? strlen(key) : 0) + 32;
  PetscCall(PetscMalloc1(length, &n->path));
  if (!parent)
    n->path[0] = '\0';
  else if (!key)
    PetscCall(PetscSNPrintf(n->path, length, "%s[%d]", parent->path, (int)index));
  else if (!parent->path[0])
    PetscCall(PetscStrncpy(n->path, key, length));
  else
    PetscCall(PetscSNPrintf(n->path, length, "%s.%s", parent->path, key));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_node_destroy(OstNode **node)
{
  OstNode *n = *node;

  PetscFunctionBeginUser;
  if (!n) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < n->num; i++) PetscCall(ost_node_destroy(&n->child[i]));
  for (PetscInt i = 0; i < n->num_absent; i++) PetscCall(ost_node_destroy(&n->absent[i]));
  PetscCall(PetscFree(n->child));
  PetscCall(PetscFree(n->absent));
  PetscCall(PetscFree(n->key));
  PetscCall(PetscFree(n->path));
  PetscCall(PetscFree(n->text));
  PetscCall(ost_record_free(&n->record));
  PetscCall(PetscFree(*node));
  PetscFunctionReturn(PETSC_SUCCESS);
}

OstNode *ost_node_child(const OstNode *mapping, const char *key)
{
  for (PetscInt i = 0; i < mapping->num; i++) {
    if (strcmp(mapping->child[i]->key, key) == 0) return mapping->child[i];
  }
  return NULL;
}

PetscErrorCode ost_case_replace(OstCase *file, const char *section, const char *key,
                                const char *text)
{
  OstNode *at   = ost_node_child(file->root, section);
  OstNode *node = at && at->kind == OST_NODE_MAPPING ? ost_node_child(at, key) : NULL;

  PetscFunctionBeginUser;
  if (!node || node->kind != OST_NODE_SCALAR) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree(node->text));
  PetscCall(PetscStrallocpy(text, &node->text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

OstNodeKind ost_node_kind(const OstNode *node)
{
  return node->kind;
}

OstWhere ost_node_where(const OstNode *node)
{
  return (OstWhere){node->file->path, node->line};
}

OstCase *ost_node_case(const OstNode *node)
{
  return node->file;
}

const char *ost_node_path(const OstNode *node)
{
  return node->path;
}

const char *ost_node_text(const OstNode *node)
{
  return node->kind == OST_NODE_SCALAR ? node->text : NULL;
}

PetscInt ost_node_size(const OstNode *node)
{
  return node->num;
}

OstNode *ost_node_item(OstNode *node, PetscInt i)
{
  node->child[i]->is_read = PETSC_TRUE;
  return node->child[i];
}

const char *ost_node_key(const OstNode *mapping, PetscInt i)
{
  return mapping->child[i]->key;
}

OstNode *ost_node_absent(OstNode *mapping, const char *key)
{
  if (!mapping) return NULL;
  for (PetscInt i = 0; i < mapping->num_absent; i++) {
    if (strcmp(mapping->absent[i]->key, key) == 0) return mapping->absent[i];
  }
  return NULL;
}

static PetscErrorCode add_absent(OstNode *mapping, const char *key)
{
  OstNode *n;

  PetscFunctionBeginUser;
  if (ost_node_absent(mapping, key)) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_grow(mapping->num_absent, &mapping->capacity_absent, &mapping->absent));
  PetscCall(ost_node_create(mapping->file, mapping, key, -1, mapping->line, &n));
  n->kind    = OST_NODE_MAPPING; /* an absent section can be asked for its keys */
  n->given   = PETSC_FALSE;
  n->is_read = PETSC_TRUE;

  mapping->absent[mapping->num_absent++] = n;
  PetscFunctionReturn(PETSC_SUCCESS);
}

OstNode *ost_node_find(OstNode *mapping, const char *key)
{
  OstNode *n;

  if (!mapping || mapping->kind != OST_NODE_MAPPING) return NULL;
  n = ost_node_child(mapping, key);
  if (n)
    n->is_read = PETSC_TRUE;
  else if (add_absent(mapping, key))
    return NULL; /* out of memory costs only a suggestion */
  return n;
}

void ost_node_skip(OstNode *node)
{
  node->skip = PETSC_TRUE;
}

PetscErrorCode ost_node_make_section(OstNode *node)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < node->num; i++) PetscCall(ost_node_destroy(&node->child[i]));
  node->num  = 0;
  node->kind = OST_NODE_MAPPING;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- files ------------------------------------------------------------------------------------ */

static PetscErrorCode case_free(OstCase **file)
{
  OstCase *c = *file;

  PetscFunctionBeginUser;
  if (!c) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < c->num_parts; i++) PetscCall(case_free(&c->part[i]));
  for (PetscInt i = 0; i < c->keep.num; i++) PetscCall(PetscFree(c->keep.text[i]));
  PetscCall(ost_node_destroy(&c->root));
  PetscCall(PetscFree(c->part));
  PetscCall(PetscFree(c->noted));
  PetscCall(PetscFree(c->keep.text));
  PetscCall(PetscFree(c->input.text));
  PetscCall(PetscFree(c->path));
  PetscCall(PetscFree(c->role));
  PetscCall(PetscFree(c->text));
  PetscCall(PetscFree(*file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_case_load_text(const char *name, const char *role, const char *text,
                                  OstDiagList *list, OstCase **file)
{
  OstCase  *c;
  PetscBool ok;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&c));
  c->owner = c;
  PetscCall(PetscStrallocpy(name, &c->path));
  PetscCall(PetscStrallocpy(role, &c->role));
  PetscCall(PetscStrallocpy(text, &c->text));

  PetscCall(ost_case_parse(c, list, &ok));
  if (!ok) PetscCall(case_free(&c));
  *file = c;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The bytes of a file on this rank; *trouble is a text for the user, NULL when all went well. */
static PetscErrorCode read_file(const char *path, char **text, PetscMPIInt *length,
                                const char **trouble)
{
  struct stat status;
  FILE       *f = fopen(path, "rb");

  PetscFunctionBeginUser;
  *text    = NULL;
  *length  = 0;
  *trouble = NULL;
  if (!f) {
    *trouble = strerror(errno);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (fstat(fileno(f), &status))
    *trouble = strerror(errno);
  else if (S_ISDIR(status.st_mode))
    *trouble = "it is a folder";
  else if (status.st_size > MAX_BYTES)
    *trouble = "it is far too long to be such a file";
  if (!*trouble) {
    PetscCall(PetscMalloc1(MAX_BYTES + 1, text));
    *length          = (PetscMPIInt)fread(*text, 1, MAX_BYTES, f);
    (*text)[*length] = '\0';
    if (ferror(f))
      *trouble = strerror(errno);
    else if (memchr(*text, 0, (size_t)*length))
      *trouble = "it is no text file";
  }
  (void)fclose(f);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* `at`: where the user named the file; NULL: on the command line. *text is NULL after a fault. */
static PetscErrorCode read_text(const char *path, const OstWhere *at, OstDiagList *list,
                                char **text)
{
  char        message[256] = "";
  PetscMPIInt rank, length = 0;

  PetscFunctionBeginUser;
  *text = NULL;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank == 0) {
    const char *trouble;
    PetscCall(read_file(path, text, &length, &trouble));
    if (trouble) PetscCall(PetscStrncpy(message, trouble, sizeof message));
  }
  PetscCallMPI(MPI_Bcast(message, (PetscMPIInt)sizeof message, MPI_CHAR, 0, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Bcast(&length, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  if (message[0]) {
    if (at)
      PetscCall(ost_diag_error(list, *at, NULL, "%s cannot be read: %s", path, message));
    else
      PetscCall(ost_diag_error(list, (OstWhere){path, 0}, NULL, "cannot be read: %s", message));
    PetscCall(PetscFree(*text));
  } else {
    if (rank) PetscCall(PetscMalloc1(length + 1, text));
    PetscCallMPI(MPI_Bcast(*text, length + 1, MPI_CHAR, 0, PETSC_COMM_WORLD));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_case_read_text(const char *path, OstWhere at, OstDiagList *list, char **text)
{
  PetscFunctionBeginUser;
  PetscCall(read_text(path, &at, list, text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode load(const char *path, const char *role, const OstWhere *at,
                           OstDiagList *list, OstCase **file)
{
  char *text;

  PetscFunctionBeginUser;
  *file = NULL;
  if (!path[0]) PetscFunctionReturn(PETSC_SUCCESS); /* ost_value_path has told why */
  PetscCall(read_text(path, at, list, &text));
  if (text) PetscCall(ost_case_load_text(path, role, text, list, file));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_case_load(const char *path, const char *role, OstDiagList *list, OstCase **file)
{
  PetscFunctionBeginUser;
  PetscCall(load(path, role, NULL, list, file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_case_load_part(OstNode *section, const char *key, const char *path,
                                  const char *role, OstDiagList *list, OstCase **part)
{
  const OstNode *named = ost_node_child(section, key); /* absent where `path` is the default */
  const OstWhere at    = ost_node_where(named ? named : section);
  OstCase       *owner = section->file->owner;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < owner->num_parts; i++) {
    *part = owner->part[i];
    if (!strcmp((*part)->path, path) && !strcmp((*part)->role, role)) {
      PetscFunctionReturn(PETSC_SUCCESS);
    }
  }
  PetscCall(load(path, role, &at, list, part));
  if (*part) {
    (*part)->owner = owner;
    PetscCall(ost_grow(owner->num_parts, &owner->capacity_parts, &owner->part));
    owner->part[owner->num_parts++] = *part;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_case_destroy(OstCase **file)
{
  PetscFunctionBeginUser;
  OstAssert(!*file || (*file)->owner == *file, "a part is destroyed with its case");
  PetscCall(case_free(file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

OstNode *ost_case_root(OstCase *file)
{
  return file->root;
}

const char *ost_case_text(const OstCase *file)
{
  return file->text;
}

void ost_case_set_body_weight(OstCase *file, PetscReal newton)
{
  file->owner->body_weight = newton;
}

PetscReal ost_case_body_weight(const OstCase *file)
{
  return file->owner->body_weight;
}

PetscErrorCode ost_case_keep(OstCase *file, const char *text, const char **kept)
{
  Keep *keep = &file->owner->keep;

  PetscFunctionBeginUser;
  PetscCall(ost_grow(keep->num, &keep->capacity, &keep->text));
  PetscCall(PetscStrallocpy(text, &keep->text[keep->num]));
  *kept = keep->text[keep->num++];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_case_note_input(OstCase *file, const char *kept)
{
  Keep *input = &file->owner->input;

  PetscFunctionBeginUser;
  PetscCall(ost_grow(input->num, &input->capacity, &input->text));
  input->text[input->num++] = (char *)kept;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt ost_case_num_inputs(const OstCase *file)
{
  return file->owner->input.num;
}

const char *ost_case_input(const OstCase *file, PetscInt i)
{
  return file->owner->input.text[i];
}

/* --- what nobody read ------------------------------------------------------------------------- */

/* "did you mean ...": from the keys of this mapping that the code asked for. */
static PetscErrorCode report_unknown_key(const OstNode *mapping, const OstNode *node,
                                         OstDiagList *list)
{
  const PetscInt most = mapping->num + mapping->num_absent;
  const char   **valid, *nearest;
  PetscInt       num = 0;
  char           fix[1024], section[256] = "";

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(most, &valid));
  for (PetscInt i = 0; i < mapping->num; i++) {
    if (mapping->child[i]->is_read) valid[num++] = mapping->child[i]->key;
  }
  for (PetscInt i = 0; i < mapping->num_absent; i++) valid[num++] = mapping->absent[i]->key;

  nearest = ost_diag_nearest(node->key, valid, num);
  if (nearest) {
    PetscCall(PetscSNPrintf(fix, sizeof fix, "did you mean `%s`?", nearest));
  } else if (num) {
    PetscCall(PetscStrncpy(fix, "keys that are used here:", sizeof fix));
    for (PetscInt i = 0; i < num; i++) {
      PetscCall(PetscStrlcat(fix, i ? ", " : " ", sizeof fix));
      PetscCall(PetscStrlcat(fix, valid[i], sizeof fix));
    }
  } else {
    PetscCall(PetscStrncpy(fix, "no keys are used here; take it out", sizeof fix));
  }
  if (mapping->path[0]) {
    PetscCall(PetscSNPrintf(section, sizeof section, " in `%s`", mapping->path));
  }
  PetscCall(ost_diag_error(list, ost_node_where(node), fix, "unknown or unused key `%s`%s",
                           node->key, section));
  PetscCall(PetscFree(valid));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode report_unread(const OstNode *node, OstDiagList *list)
{
  PetscFunctionBeginUser;
  if (node->skip) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < node->num; i++) {
    const OstNode *child = node->child[i];
    if (child->is_read) {
      PetscCall(report_unread(child, list));
    } else if (node->kind == OST_NODE_MAPPING) {
      PetscCall(report_unknown_key(node, child, list));
    } else {
      PetscCall(ost_diag_error(list, ost_node_where(child), "take it out",
                               "entry %d of `%s` is not used", (int)i + 1, node->path));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_case_report_unread(OstCase *file, OstDiagList *list)
{
  PetscFunctionBeginUser;
  PetscCall(report_unread(file->root, list));
  for (PetscInt i = 0; i < file->num_parts; i++)
    PetscCall(report_unread(file->part[i]->root, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}
