#include "input/casefile.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <yaml.h>

enum { MAX_BYTES = 1 << 24 }; /* a case file is written by hand; more is some other kind of file */
enum { MAX_DEPTH = 32 };

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
};

/* Room for one more pointer. */
static PetscErrorCode grow(PetscInt num, PetscInt *capacity, void *array)
{
  PetscFunctionBeginUser;
  if (num == *capacity) {
    *capacity = PetscMax(4, 2 * *capacity);
    PetscCall(PetscRealloc(sizeof(void *) * (size_t)*capacity, array));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- nodes ------------------------------------------------------------------------------------ */

static PetscErrorCode node_create(OstCase *file, OstNode *parent, const char *key, PetscInt index,
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

static PetscErrorCode record_free(OstKeyRecord *r)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(*(char **)&r->path));
  PetscCall(PetscFree(*(char **)&r->unit));
  PetscCall(PetscFree(*(char **)&r->value));
  PetscCall(PetscFree(*(char **)&r->def));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode node_destroy(OstNode **node)
{
  OstNode *n = *node;

  PetscFunctionBeginUser;
  if (!n) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < n->num; i++) PetscCall(node_destroy(&n->child[i]));
  for (PetscInt i = 0; i < n->num_absent; i++) PetscCall(node_destroy(&n->absent[i]));
  PetscCall(PetscFree(n->child));
  PetscCall(PetscFree(n->absent));
  PetscCall(PetscFree(n->key));
  PetscCall(PetscFree(n->path));
  PetscCall(PetscFree(n->text));
  PetscCall(record_free(&n->record));
  PetscCall(PetscFree(*node));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static OstNode *child_of(const OstNode *mapping, const char *key)
{
  for (PetscInt i = 0; i < mapping->num; i++) {
    if (strcmp(mapping->child[i]->key, key) == 0) return mapping->child[i];
  }
  return NULL;
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
  PetscCall(grow(mapping->num_absent, &mapping->capacity_absent, &mapping->absent));
  PetscCall(node_create(mapping->file, mapping, key, -1, mapping->line, &n));
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
  n = child_of(mapping, key);
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

void ost_node_make_section(OstNode *node)
{
  node->kind = OST_NODE_MAPPING;
  if (node->text) node->text[0] = '\0';
}

/* --- parsing ---------------------------------------------------------------------------------- */

typedef struct {
  yaml_parser_t yaml;
  yaml_event_t  event;
  PetscBool     has_event;
  OstCase      *file;
  OstDiagList  *list;
  PetscBool     failed; /* a fault after which the rest of the text means nothing */
} Parser;

static OstWhere at_line(const Parser *p, PetscInt line)
{
  return (OstWhere){p->file->path, line};
}

/* Fix lines for what people get wrong most often. */
static const char *syntax_fix(const char *problem)
{
  if (strstr(problem, "cannot start any token")) {
    return "indent with spaces, not tabs; put a text that begins with % @ or ` in quotes";
  }
  if (strstr(problem, "mapping values are not allowed")) {
    return "a text that contains `: ` must stand in quotes; otherwise look at the indentation";
  }
  if (strstr(problem, "did not find expected")) return "look at the indentation and the brackets";
  if (strstr(problem, "could not find expected ':'")) return "write `key: value`, with the colon";
  return NULL;
}

static PetscErrorCode report_syntax(Parser *p)
{
  const char *problem = p->yaml.problem ? p->yaml.problem : "the text cannot be read";
  PetscInt    line    = (PetscInt)p->yaml.problem_mark.line + 1;

  PetscFunctionBeginUser;
  if (p->yaml.error == YAML_READER_ERROR) { /* no mark, but the byte */
    line = 1;
    for (size_t i = 0; i < p->yaml.problem_offset && p->file->text[i]; i++) {
      line += p->file->text[i] == '\n';
    }
    PetscCall(ost_diag_error(p->list, at_line(p, line), "save the file as UTF-8 text",
                             "this is no text: %s", problem));
  } else {
    /* The end of the text is behind its last line. */
    PetscInt num_lines = 1;
    for (const char *c = p->file->text; *c; c++) num_lines += *c == '\n' && c[1];
    PetscCall(ost_diag_error(p->list, at_line(p, PetscMin(line, num_lines)), syntax_fix(problem),
                             "YAML: %s%s%s", p->yaml.context ? p->yaml.context : "",
                             p->yaml.context ? ", " : "", problem));
  }
  p->failed = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The next event into p->event; p->failed when there is none. */
static PetscErrorCode advance(Parser *p)
{
  PetscFunctionBeginUser;
  if (p->has_event) yaml_event_delete(&p->event);
  p->has_event = (PetscBool)(yaml_parser_parse(&p->yaml, &p->event) != 0);
  if (!p->has_event) PetscCall(report_syntax(p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode fail(Parser *p, PetscInt line, const char *fix, const char *message)
{
  PetscFunctionBeginUser;
  PetscCall(ost_diag_error(p->list, at_line(p, line), fix, "%s", message));
  p->failed = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode refuse_marks(Parser *p, PetscInt line, const yaml_char_t *anchor,
                                   const yaml_char_t *tag)
{
  PetscFunctionBeginUser;
  if (anchor)
    PetscCall(fail(p, line, "write the values out", "anchors (&name) are not allowed"));
  else if (tag)
    PetscCall(
        fail(p, line, "put a text that begins with ! in quotes", "tags (!name) are not allowed"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode parse_node(Parser *p, PetscInt depth, OstNode *node);

static PetscErrorCode append_child(OstNode *parent, OstNode *child)
{
  PetscFunctionBeginUser;
  PetscCall(grow(parent->num, &parent->capacity, &parent->child));
  parent->child[parent->num++] = child;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode parse_sequence(Parser *p, PetscInt depth, OstNode *node)
{
  PetscFunctionBeginUser;
  node->kind = OST_NODE_SEQUENCE;
  PetscCall(advance(p));
  while (!p->failed && p->event.type != YAML_SEQUENCE_END_EVENT) {
    OstNode       *item;
    const PetscInt line = (PetscInt)p->event.start_mark.line + 1;
    PetscCall(node_create(p->file, node, NULL, node->num, line, &item));
    PetscCall(append_child(node, item));
    PetscCall(parse_node(p, depth + 1, item));
    if (!p->failed) PetscCall(advance(p));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode parse_mapping(Parser *p, PetscInt depth, OstNode *node)
{
  PetscFunctionBeginUser;
  node->kind = OST_NODE_MAPPING;
  PetscCall(advance(p));
  while (!p->failed && p->event.type != YAML_MAPPING_END_EVENT) {
    const PetscInt line = (PetscInt)p->event.start_mark.line + 1;
    OstNode       *entry, *first;

    if (p->event.type == YAML_ALIAS_EVENT) {
      PetscCall(fail(p, line, "write the values out", "aliases (*name) are not allowed"));
      break;
    }
    if (p->event.type != YAML_SCALAR_EVENT) {
      PetscCall(fail(p, line, NULL, "a key must be a word"));
      break;
    }
    PetscCall(refuse_marks(p, line, p->event.data.scalar.anchor, p->event.data.scalar.tag));
    if (p->failed) break;

    first = child_of(node, (const char *)p->event.data.scalar.value);
    PetscCall(
        node_create(p->file, node, (const char *)p->event.data.scalar.value, -1, line, &entry));
    PetscCall(advance(p));
    if (!p->failed) PetscCall(parse_node(p, depth + 1, entry));
    if (first) {
      if (!p->failed) {
        PetscCall(ost_diag_error(p->list, at_line(p, line), "keep one of the two",
                                 "key `%s` is repeated; it stands on line %d already", entry->key,
                                 (int)first->line));
      }
      PetscCall(node_destroy(&entry));
    } else {
      PetscCall(append_child(node, entry));
    }
    if (!p->failed) PetscCall(advance(p));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Fill `node` from the event that begins it; ends at its last event. */
static PetscErrorCode parse_node(Parser *p, PetscInt depth, OstNode *node)
{
  const PetscInt line = (PetscInt)p->event.start_mark.line + 1;

  PetscFunctionBeginUser;
  if (depth > MAX_DEPTH) {
    PetscCall(fail(p, line, "look at the brackets", "the keys are nested too deeply"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  switch (p->event.type) {
  case YAML_SCALAR_EVENT:
    PetscCall(refuse_marks(p, line, p->event.data.scalar.anchor, p->event.data.scalar.tag));
    node->kind = OST_NODE_SCALAR;
    if (strlen((const char *)p->event.data.scalar.value) != p->event.data.scalar.length) {
      PetscCall(fail(p, line, NULL, "the value contains a NUL character"));
    }
    PetscCall(PetscStrallocpy((const char *)p->event.data.scalar.value, &node->text));
    break;
  case YAML_SEQUENCE_START_EVENT:
    PetscCall(refuse_marks(p, line, p->event.data.sequence_start.anchor,
                           p->event.data.sequence_start.tag));
    if (!p->failed) PetscCall(parse_sequence(p, depth, node));
    break;
  case YAML_MAPPING_START_EVENT:
    PetscCall(
        refuse_marks(p, line, p->event.data.mapping_start.anchor, p->event.data.mapping_start.tag));
    if (!p->failed) PetscCall(parse_mapping(p, depth, node));
    break;
  case YAML_ALIAS_EVENT:
    PetscCall(fail(p, line, "write the values out", "aliases (*name) are not allowed"));
    break;
  default:
    PetscCall(fail(p, line, NULL, "a value is missing"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode parse_document(Parser *p)
{
  OstNode *root;

  PetscFunctionBeginUser;
  PetscCall(node_create(p->file, NULL, NULL, -1, 1, &p->file->root));
  root          = p->file->root;
  root->is_read = PETSC_TRUE;
  PetscCall(advance(p)); /* stream start */
  if (!p->failed) PetscCall(advance(p));
  if (p->failed) PetscFunctionReturn(PETSC_SUCCESS);
  if (p->event.type == YAML_STREAM_END_EVENT) {
    PetscCall(fail(p, 0, NULL, "the file is empty"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(advance(p));
  if (!p->failed) PetscCall(parse_node(p, 0, root));
  if (!p->failed && root->kind != OST_NODE_MAPPING) {
    PetscCall(fail(p, 1, "begin with a line like `title: my case`",
                   "the file must consist of keys and values"));
  }
  if (!p->failed) PetscCall(advance(p)); /* document end */
  if (!p->failed) PetscCall(advance(p));
  if (!p->failed && p->event.type != YAML_STREAM_END_EVENT) {
    PetscCall(fail(p, (PetscInt)p->event.start_mark.line + 1, "write one file for each",
                   "a second document (---) in one file is not allowed"));
  }
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
  PetscCall(node_destroy(&c->root));
  PetscCall(PetscFree(c->part));
  PetscCall(PetscFree(c->noted));
  PetscCall(PetscFree(c->keep.text));
  PetscCall(PetscFree(c->path));
  PetscCall(PetscFree(c->role));
  PetscCall(PetscFree(c->text));
  PetscCall(PetscFree(*file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_case_load_text(const char *name, const char *role, const char *text,
                                  OstDiagList *list, OstCase **file)
{
  Parser   p = {.list = list};
  OstCase *c;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&c));
  c->owner = c;
  PetscCall(PetscStrallocpy(name, &c->path));
  PetscCall(PetscStrallocpy(role, &c->role));
  PetscCall(PetscStrallocpy(text, &c->text));

  PetscCheck(yaml_parser_initialize(&p.yaml), PETSC_COMM_SELF, PETSC_ERR_MEM, "libyaml");
  yaml_parser_set_input_string(&p.yaml, (const unsigned char *)c->text, strlen(c->text));
  p.file = c;
  PetscCall(parse_document(&p));
  if (p.has_event) yaml_event_delete(&p.event);
  yaml_parser_delete(&p.yaml);
  if (p.failed) PetscCall(case_free(&c));
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

PetscErrorCode ost_case_load(const char *path, const char *role, OstDiagList *list, OstCase **file)
{
  char        message[256] = "";
  char       *text         = NULL;
  PetscMPIInt rank, length = 0;

  PetscFunctionBeginUser;
  *file = NULL;
  if (!path[0]) PetscFunctionReturn(PETSC_SUCCESS); /* ost_value_path has told why */
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank == 0) {
    const char *trouble;
    PetscCall(read_file(path, &text, &length, &trouble));
    if (trouble) PetscCall(PetscStrncpy(message, trouble, sizeof message));
  }
  PetscCallMPI(MPI_Bcast(message, (PetscMPIInt)sizeof message, MPI_CHAR, 0, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Bcast(&length, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  if (message[0]) {
    PetscCall(ost_diag_error(list, (OstWhere){path, 0}, NULL, "cannot be read: %s", message));
  } else {
    if (rank) PetscCall(PetscMalloc1(length + 1, &text));
    PetscCallMPI(MPI_Bcast(text, length + 1, MPI_CHAR, 0, PETSC_COMM_WORLD));
    PetscCall(ost_case_load_text(path, role, text, list, file));
  }
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_case_load_part(OstCase *parent, const char *path, const char *role,
                                  OstDiagList *list, OstCase **part)
{
  OstCase *owner = parent->owner;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < owner->num_parts; i++) {
    *part = owner->part[i];
    if (!strcmp((*part)->path, path) && !strcmp((*part)->role, role)) {
      PetscFunctionReturn(PETSC_SUCCESS);
    }
  }
  PetscCall(ost_case_load(path, role, list, part));
  if (*part) {
    (*part)->owner = owner;
    PetscCall(grow(owner->num_parts, &owner->capacity_parts, &owner->part));
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

const char *ost_case_path(const OstCase *file)
{
  return file->path;
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
  PetscCall(grow(keep->num, &keep->capacity, &keep->text));
  PetscCall(PetscStrallocpy(text, &keep->text[keep->num]));
  *kept = keep->text[keep->num++];
  PetscFunctionReturn(PETSC_SUCCESS);
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

/* --- the record ------------------------------------------------------------------------------- */

PetscErrorCode ost_node_note(OstNode *node, const char *kind, const char *unit, const char *value,
                             const char *def)
{
  OstKeyRecord *r;
  OstCase      *owner;
  char         *path, *w;

  PetscFunctionBeginUser;
  if (!node) PetscFunctionReturn(PETSC_SUCCESS);
  r     = &node->record;
  owner = node->file->owner;
  PetscCall(record_free(r));
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
  if (!node->noted) {
    PetscCall(grow(owner->num_noted, &owner->capacity_noted, &owner->noted));
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
