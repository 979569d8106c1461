#include "input/casefile_private.h"

#include <yaml.h>

enum { MAX_DEPTH = 32 };

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
  if (strstr(problem, "tab character")) return "indent with spaces, not tabs";
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
  PetscCall(ost_grow(parent->num, &parent->capacity, &parent->child));
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
    PetscCall(ost_node_create(p->file, node, NULL, node->num, line, &item));
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

    first = ost_node_child(node, (const char *)p->event.data.scalar.value);
    PetscCall(
        ost_node_create(p->file, node, (const char *)p->event.data.scalar.value, -1, line, &entry));
    PetscCall(advance(p));
    if (!p->failed) PetscCall(parse_node(p, depth + 1, entry));
    if (first) {
      if (!p->failed) {
        PetscCall(ost_diag_error(p->list, at_line(p, line), "keep one of the two",
                                 "key `%s` is repeated; it stands on line %d already", entry->key,
                                 (int)first->line));
      }
      PetscCall(ost_node_destroy(&entry));
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
  PetscCall(ost_node_create(p->file, NULL, NULL, -1, 1, &p->file->root));
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

PetscErrorCode ost_case_parse(OstCase *file, OstDiagList *list, PetscBool *ok)
{
  Parser p = {.file = file, .list = list};

  PetscFunctionBeginUser;
  PetscCheck(yaml_parser_initialize(&p.yaml), PETSC_COMM_SELF, PETSC_ERR_MEM, "libyaml");
  yaml_parser_set_input_string(&p.yaml, (const unsigned char *)file->text, strlen(file->text));
  PetscCall(parse_document(&p));
  if (p.has_event) yaml_event_delete(&p.event);
  yaml_parser_delete(&p.yaml);
  *ok = (PetscBool)!p.failed;
  PetscFunctionReturn(PETSC_SUCCESS);
}
