#include "meshes/user_mesh.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

static PetscInt by_name(const char *name, const char *const names[], PetscInt num)
{
  for (PetscInt i = 0; i < num; i++) {
    if (!strcasecmp(name, names[i])) return i;
  }
  return -1;
}

PetscInt ost_part_by_name(const char *name)
{
  return by_name(name, ost_part_names, OST_NUM_PARTS);
}

PetscInt ost_skin_by_name(const char *name)
{
  return by_name(name, ost_skin_names, OST_NUM_SKINS);
}

void ost_user_mesh_add_name(OstUserMesh *user, const char *name)
{
  const size_t used = strlen(user->names), more = strlen(name);
  const char  *at = user->names;

  while ((at = strstr(at, name)) != NULL) {
    const PetscBool begins = (PetscBool)(at == user->names || at[-1] == ' ');
    if (begins && (at[more] == ',' || at[more] == '\0')) return;
    at += 1;
  }
  if (more == 0 || used + more + 3 > OST_USER_MESH_NAMES) return;
  (void)snprintf(user->names + used, OST_USER_MESH_NAMES - used, "%s%s", used ? ", " : "", name);
}

PetscErrorCode ost_user_mesh_destroy(OstUserMesh *user)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFree(user->x));
  PetscCall(PetscFree(user->tet));
  PetscCall(PetscFree(user->part));
  PetscCall(PetscFree(user->corner));
  PetscCall(PetscFree(user->skin));
  PetscCall(PetscMemzero(user, sizeof(*user)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- growing arrays --------------------------------------------------------------------------- */

typedef struct {
  PetscInt  num, room;
  PetscInt *v;
} IntList;

static PetscErrorCode push(IntList *list, PetscInt value)
{
  PetscFunctionBeginUser;
  if (list->num == list->room) {
    list->room = list->room ? 2 * list->room : 1024;
    PetscCall(PetscRealloc((size_t)list->room * sizeof(PetscInt), &list->v));
  }
  list->v[list->num++] = value;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- Abaqus and CalculiX ---------------------------------------------------------------------- */

typedef enum {
  BLOCK_OTHER,
  BLOCK_NODE,
  BLOCK_ELEMENT,
  BLOCK_ELSET,
  BLOCK_NSET,
  BLOCK_SURFACE
} Block;

/* One set of labels under a name. Sets of the same name add up. */
typedef struct {
  char    name[96];
  IntList labels; /* element or node labels */
  IntList sides;  /* of a surface: 1..4 beside each label */
} LabelSet;

#define MAX_SETS 256
typedef struct {
  const char  *path;
  PetscInt     line;
  OstDiagList *list;
  PetscInt     faults;
  /* block at hand */
  Block     block;
  PetscInt  nodes_each, got;
  PetscInt  element[21];
  PetscBool triangle, tetrahedron, generate;
  LabelSet *set; /* receives labels, or NULL */
  /* what was read */
  IntList      node_label, element_label, element_nodes, triangle_label, triangle_nodes;
  PetscInt     tet_nodes; /* 4 or 10, 0 before the first */
  PetscInt     num_other;
  PetscReal   *x; /* [3 node_label.num], room for 3 room_x */
  PetscInt     room_x;
  PetscInt     num_elsets, num_nsets, num_surfaces;
  LabelSet     elsets[MAX_SETS], nsets[MAX_SETS], surfaces[MAX_SETS];
  OstUserMesh *user;
} InpReader;

static PetscErrorCode inp_fault(InpReader *r, const char *fix, const char *text)
{
  PetscFunctionBeginUser;
  /* The file's name outlives the reader: it is the case's. */
  if (r->faults++ < 10) {
    PetscCall(ost_diag_error(r->list, (OstWhere){r->path, r->line}, fix, "%s", text));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The value of KEY= in a keyword line, copied without blanks; FALSE when absent. */
static PetscBool parameter(const char *line, const char *key, char value[], size_t size)
{
  const size_t n = strlen(key);

  for (const char *p = strchr(line, ','); p; p = strchr(p, ',')) {
    size_t m = 0;
    do p++;
    while (isspace((unsigned char)*p));
    if (strncasecmp(p, key, n)) continue;
    p += n;
    while (isspace((unsigned char)*p)) p++;
    if (*p != '=' && *p != ',' && *p != '\0') continue;
    if (*p == '=') {
      p++;
      while (isspace((unsigned char)*p)) p++;
      while (*p && *p != ',' && m + 1 < size) value[m++] = *p++;
      while (m > 0 && isspace((unsigned char)value[m - 1])) m--;
    }
    value[m] = '\0';
    return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static LabelSet *find_set(LabelSet sets[], PetscInt *num, const char *name)
{
  for (PetscInt i = 0; i < *num; i++) {
    if (!strcasecmp(sets[i].name, name)) return &sets[i];
  }
  if (*num == MAX_SETS) return NULL;
  (void)snprintf(sets[*num].name, sizeof(sets[*num].name), "%s", name);
  return &sets[(*num)++];
}

static PetscErrorCode begin_element(InpReader *r, const char *line)
{
  char type[96] = "", name[96];

  PetscFunctionBeginUser;
  (void)parameter(line, "type", type, sizeof(type));
  r->tetrahedron = (PetscBool)(!strncasecmp(type, "C3D4", 4) || !strncasecmp(type, "C3D10", 5));
  r->nodes_each  = !strncasecmp(type, "C3D10", 5) ? 10 : 4;
  r->triangle    = (PetscBool)(!strcasecmp(type, "S3") || !strcasecmp(type, "S3R") ||
                            !strcasecmp(type, "R3D3") || !strcasecmp(type, "SFM3D3") ||
                            !strcasecmp(type, "M3D3") || !strcasecmp(type, "CPS3") ||
                            !strcasecmp(type, "STRI65") || !strcasecmp(type, "S6") ||
                            !strcasecmp(type, "M3D6") || !strcasecmp(type, "CPS6"));
  if (r->triangle) {
    r->nodes_each = (!strcasecmp(type, "STRI65") || strchr(type, '6')) ? 6 : 3;
  }
  r->got   = 0;
  r->block = (r->tetrahedron || r->triangle) ? BLOCK_ELEMENT : BLOCK_OTHER;
  if (r->block == BLOCK_OTHER && !strncasecmp(type, "C3D", 3)) r->num_other++;
  if (r->tetrahedron) {
    if (r->tet_nodes && r->tet_nodes != r->nodes_each) {
      PetscCall(inp_fault(r, "make all of one order", "both C3D4 and C3D10 elements"));
    }
    r->tet_nodes = r->nodes_each;
  }
  r->set = NULL;
  if (parameter(line, "elset", name, sizeof(name))) {
    r->set = find_set(r->elsets, &r->num_elsets, name);
    ost_user_mesh_add_name(r->user, name);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode begin_block(InpReader *r, const char *line)
{
  char      word[32] = "", name[96], ignored[96];
  size_t    n        = 1;
  PetscBool named;

  PetscFunctionBeginUser;
  if (r->block == BLOCK_ELEMENT && r->got > 0) {
    PetscCall(inp_fault(r, NULL, "the element before this line is not complete"));
  }
  while (line[n] && line[n] != ',' && n < sizeof(word)) {
    word[n - 1] = line[n];
    n++;
  }
  while (n > 1 && isspace((unsigned char)word[n - 2])) word[--n - 1] = '\0';
  r->block    = BLOCK_OTHER;
  r->set      = NULL;
  r->generate = parameter(line, "generate", ignored, sizeof(ignored));
  if (!strcasecmp(word, "node")) {
    r->block = BLOCK_NODE;
    if (parameter(line, "nset", name, sizeof(name))) {
      r->set = find_set(r->nsets, &r->num_nsets, name);
    }
  } else if (!strcasecmp(word, "element"))
    PetscCall(begin_element(r, line));
  else if (!strcasecmp(word, "elset")) {
    r->block = BLOCK_ELSET;
    named    = parameter(line, "elset", name, sizeof(name));
    if (named) r->set = find_set(r->elsets, &r->num_elsets, name);
    if (named) ost_user_mesh_add_name(r->user, name);
  } else if (!strcasecmp(word, "nset")) {
    r->block = BLOCK_NSET;
    named    = parameter(line, "nset", name, sizeof(name));
    if (named) r->set = find_set(r->nsets, &r->num_nsets, name);
    if (named) ost_user_mesh_add_name(r->user, name);
  } else if (!strcasecmp(word, "surface")) {
    r->block = BLOCK_SURFACE;
    named    = parameter(line, "name", name, sizeof(name));
    if (named) r->set = find_set(r->surfaces, &r->num_surfaces, name);
    if (named) ost_user_mesh_add_name(r->user, name);
  } else if (!strcasecmp(word, "include")) {
    PetscCall(inp_fault(r, "paste the files into one", "*INCLUDE is not followed"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_node(InpReader *r, char *line)
{
  PetscInt label = 0, n = 0;
  double   x[3] = {0.0, 0.0, 0.0};

  PetscFunctionBeginUser;
  for (char *p = strtok(line, ","); p && n < 4; p = strtok(NULL, ","), n++) {
    char *end;
    if (n == 0)
      label = (PetscInt)strtol(p, &end, 10);
    else
      x[n - 1] = strtod(p, &end);
    while (isspace((unsigned char)*end)) end++;
    if (*end || end == p) {
      PetscCall(inp_fault(r, "label, x, y, z", "this is no node"));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
  }
  if (n < 4 || label < 0 || !isfinite(x[0]) || !isfinite(x[1]) || !isfinite(x[2])) {
    PetscCall(inp_fault(r, "label, x, y, z", "this is no node in space"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (r->node_label.num == r->room_x) {
    r->room_x = r->room_x ? 2 * r->room_x : 1024;
    PetscCall(PetscRealloc((size_t)(3 * r->room_x) * sizeof(PetscReal), &r->x));
  }
  for (PetscInt k = 0; k < 3; k++) r->x[3 * r->node_label.num + k] = x[k];
  PetscCall(push(&r->node_label, label));
  if (r->set) PetscCall(push(&r->set->labels, label));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Elements may go over several lines: nodes are gathered until all are there. */
static PetscErrorCode read_element(InpReader *r, char *line)
{
  PetscFunctionBeginUser;
  for (char *p = strtok(line, ","); p; p = strtok(NULL, ",")) {
    char *end;
    long  v = strtol(p, &end, 10);
    if (end == p && !*end) continue; /* a comma at the end of the line */
    while (isspace((unsigned char)*end)) end++;
    if (*end) {
      PetscCall(inp_fault(r, "label, nodes", "this is no element"));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    r->element[r->got++] = (PetscInt)v;
    if (r->got < r->nodes_each + 1) continue;
    if (r->tetrahedron) {
      PetscCall(push(&r->element_label, r->element[0]));
      for (PetscInt a = 1; a < r->got; a++) PetscCall(push(&r->element_nodes, r->element[a]));
    } else {
      PetscCall(push(&r->triangle_label, r->element[0]));
      for (PetscInt a = 1; a <= 3; a++) PetscCall(push(&r->triangle_nodes, r->element[a]));
    }
    if (r->set) PetscCall(push(&r->set->labels, r->element[0]));
    r->got = 0;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode copy_set(LabelSet sets[], PetscInt num, const char *name, LabelSet *to,
                               PetscInt side, PetscBool *found)
{
  PetscFunctionBeginUser;
  *found = PETSC_FALSE;
  for (PetscInt i = 0; i < num; i++) {
    if (strcasecmp(sets[i].name, name)) continue;
    *found = PETSC_TRUE;
    for (PetscInt k = 0, n = sets[i].labels.num; k < n; k++) {
      PetscCall(push(&to->labels, sets[i].labels.v[k]));
      if (side) PetscCall(push(&to->sides, side));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_labels(InpReader *r, char *line)
{
  const PetscBool nodes    = (PetscBool)(r->block == BLOCK_NSET);
  PetscInt        range[3] = {0, 0, 1}, n = 0;

  PetscFunctionBeginUser;
  for (char *p = strtok(line, ","); p; p = strtok(NULL, ",")) {
    char     *end;
    PetscBool found;
    PetscInt  v;
    while (isspace((unsigned char)*p)) p++;
    if (!*p) continue;
    v = (PetscInt)strtol(p, &end, 10);
    while (isspace((unsigned char)*end)) *end++ = '\0';
    if (*end || end == p) { /* the name of another set */
      PetscCall(copy_set(nodes ? r->nsets : r->elsets, nodes ? r->num_nsets : r->num_elsets, p,
                         r->set, 0, &found));
      if (!found) PetscCall(inp_fault(r, NULL, "a set names one that is not defined before it"));
    } else if (r->generate && n < 3)
      range[n++] = v;
    else
      PetscCall(push(&r->set->labels, v));
  }
  if (r->generate && n >= 2) {
    if (range[2] < 1 || range[1] < range[0] || range[1] - range[0] > 100000000) {
      PetscCall(inp_fault(r, "first, last, step", "this range of labels is empty or endless"));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    for (PetscInt v = range[0]; v <= range[1]; v += range[2]) PetscCall(push(&r->set->labels, v));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* `set or element, S2` */
static PetscErrorCode read_surface(InpReader *r, char *line)
{
  char     *name = strtok(line, ","), *side = strtok(NULL, ","), *end;
  PetscInt  s, label;
  PetscBool found = PETSC_TRUE;

  PetscFunctionBeginUser;
  if (!name || !side) PetscFunctionReturn(PETSC_SUCCESS); /* e.g. a surface of nodes */
  while (isspace((unsigned char)*name)) name++;
  while (isspace((unsigned char)*side)) side++;
  for (end = name + strlen(name); end > name && isspace((unsigned char)end[-1]); end--)
    end[-1] = '\0';
  s = (toupper((unsigned char)side[0]) == 'S') ? (PetscInt)strtol(side + 1, NULL, 10) : 0;
  if (s < 1 || s > 4) {
    PetscCall(inp_fault(r, "S1 to S4", "this is no side of a tetrahedron"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  label = (PetscInt)strtol(name, &end, 10);
  if (*end) {
    PetscCall(copy_set(r->elsets, r->num_elsets, name, r->set, s, &found));
  } else {
    PetscCall(push(&r->set->labels, label));
    PetscCall(push(&r->set->sides, s));
  }
  if (!found) PetscCall(inp_fault(r, NULL, "a surface names a set that is not defined before it"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_line(InpReader *r, char *line)
{
  size_t n = strlen(line);

  PetscFunctionBeginUser;
  while (n > 0 && isspace((unsigned char)line[n - 1])) line[--n] = '\0';
  if (!n || !strncmp(line, "**", 2)) PetscFunctionReturn(PETSC_SUCCESS);
  if (line[0] == '*')
    PetscCall(begin_block(r, line));
  else if (r->block == BLOCK_NODE)
    PetscCall(read_node(r, line));
  else if (r->block == BLOCK_ELEMENT)
    PetscCall(read_element(r, line));
  else if (r->block == BLOCK_SURFACE && r->set)
    PetscCall(read_surface(r, line));
  else if ((r->block == BLOCK_ELSET || r->block == BLOCK_NSET) && r->set) {
    PetscCall(read_labels(r, line));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- from labels to indices ------------------------------------------------------------------- */

typedef struct {
  PetscInt label, index;
} Labelled;

static int compare_labels(const void *p, const void *q)
{
  const Labelled *a = p, *b = q;
  return (a->label > b->label) - (a->label < b->label);
}

static PetscErrorCode index_labels(const IntList *labels, Labelled **table)
{
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(labels->num, table));
  for (PetscInt i = 0; i < labels->num; i++) (*table)[i] = (Labelled){labels->v[i], i};
  if (labels->num) qsort(*table, (size_t)labels->num, sizeof(**table), compare_labels);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscInt index_of(const Labelled table[], PetscInt num, PetscInt label)
{
  const Labelled  key = {label, 0};
  const Labelled *hit = bsearch(&key, table, (size_t)num, sizeof(*table), compare_labels);
  return hit ? hit->index : -1;
}

static PetscErrorCode add_face(IntList *corner, IntList *skin, const PetscInt v[3], PetscInt which)
{
  PetscFunctionBeginUser;
  for (PetscInt a = 0; a < 3; a++) PetscCall(push(corner, v[a]));
  PetscCall(push(skin, which));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Surface groups from sets of triangles, from surfaces, and from sets of nodes. */
static PetscErrorCode gather_faces(InpReader *r, const Labelled *elements,
                                   const Labelled *triangles)
{
  static const PetscInt sides[4][3] = {{0, 1, 2}, {0, 3, 1}, {1, 3, 2}, {2, 3, 0}};
  const PetscInt        each        = r->tet_nodes;
  OstUserMesh          *user        = r->user;
  IntList               corner = {0, 0, NULL}, skin = {0, 0, NULL};
  PetscBool            *in_set;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < r->num_elsets; i++) {
    const PetscInt which = ost_skin_by_name(r->elsets[i].name);
    for (PetscInt k = 0; which >= 0 && k < r->elsets[i].labels.num; k++) {
      const PetscInt t = index_of(triangles, r->triangle_label.num, r->elsets[i].labels.v[k]);
      if (t >= 0) PetscCall(add_face(&corner, &skin, &r->triangle_nodes.v[3 * t], which));
    }
  }
  for (PetscInt i = 0; i < r->num_surfaces; i++) {
    const PetscInt which = ost_skin_by_name(r->surfaces[i].name);
    for (PetscInt k = 0; which >= 0 && k < r->surfaces[i].labels.num; k++) {
      const PetscInt  c = index_of(elements, r->element_label.num, r->surfaces[i].labels.v[k]);
      const PetscInt *s = sides[r->surfaces[i].sides.v[k] - 1];
      PetscInt        v[3];
      if (c < 0) continue;
      for (PetscInt a = 0; a < 3; a++) v[a] = user->tet[each * c + s[a]];
      PetscCall(add_face(&corner, &skin, v, which));
    }
  }
  PetscCall(PetscMalloc1(user->num_nodes, &in_set));
  for (PetscInt i = 0; i < r->num_nsets; i++) {
    const PetscInt which = ost_skin_by_name(r->nsets[i].name);
    if (which < 0) continue;
    PetscCall(PetscArrayzero(in_set, user->num_nodes));
    for (PetscInt k = 0; k < r->nsets[i].labels.num; k++) {
      if (r->nsets[i].labels.v[k] >= 0) in_set[r->nsets[i].labels.v[k]] = PETSC_TRUE;
    }
    for (PetscInt c = 0; c < user->num_tets; c++) {
      for (PetscInt f = 0; f < 4; f++) {
        PetscInt v[3];
        for (PetscInt a = 0; a < 3; a++) v[a] = user->tet[each * c + sides[f][a]];
        if (in_set[v[0]] && in_set[v[1]] && in_set[v[2]]) {
          PetscCall(add_face(&corner, &skin, v, which));
        }
      }
    }
  }
  PetscCall(PetscFree(in_set));
  user->num_faces = skin.num;
  user->corner    = corner.v;
  user->skin      = skin.v;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Replace node labels by indices; the first that is unknown is a fault. */
static PetscErrorCode resolve_nodes(InpReader *r, const Labelled *nodes, IntList *list)
{
  PetscBool bad = PETSC_FALSE;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < list->num; i++) {
    const PetscInt n = index_of(nodes, r->node_label.num, list->v[i]);
    if (n < 0 && !bad) {
      bad = PETSC_TRUE;
      PetscCall(ost_diag_error(r->list, (OstWhere){r->path, 0}, NULL,
                               "node %d of an element is not in the file", (int)list->v[i]));
    }
    list->v[i] = PetscMax(n, 0);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode finish_inp(InpReader *r)
{
  OstUserMesh *user = r->user;
  Labelled    *nodes, *elements, *triangles;

  PetscFunctionBeginUser;
  PetscCall(index_labels(&r->node_label, &nodes));
  PetscCall(index_labels(&r->element_label, &elements));
  PetscCall(index_labels(&r->triangle_label, &triangles));
  PetscCall(resolve_nodes(r, nodes, &r->element_nodes));
  PetscCall(resolve_nodes(r, nodes, &r->triangle_nodes));
  for (PetscInt i = 0; i < r->num_nsets; i++) {
    IntList *l = &r->nsets[i].labels;
    for (PetscInt k = 0; k < l->num; k++) l->v[k] = index_of(nodes, r->node_label.num, l->v[k]);
  }
  user->num_nodes  = r->node_label.num;
  user->x          = r->x;
  user->num_tets   = r->element_label.num;
  user->nodes_each = r->tet_nodes;
  user->num_other  = r->num_other;
  PetscCall(PetscMalloc1(r->element_nodes.num, &user->tet));
  PetscCall(PetscArraycpy(user->tet, r->element_nodes.v, r->element_nodes.num));
  PetscCall(PetscMalloc1(user->num_tets, &user->part));
  for (PetscInt c = 0; c < user->num_tets; c++) {
    user->part[c] = -1;
    if (r->tet_nodes == 10) { /* Abaqus has the edges 13 and 23 the other way round */
      const PetscInt keep   = user->tet[10 * c + 8];
      user->tet[10 * c + 8] = user->tet[10 * c + 9];
      user->tet[10 * c + 9] = keep;
    }
  }
  for (PetscInt i = 0; i < r->num_elsets; i++) {
    const PetscInt part = ost_part_by_name(r->elsets[i].name);
    for (PetscInt k = 0; part >= 0 && k < r->elsets[i].labels.num; k++) {
      const PetscInt c = index_of(elements, user->num_tets, r->elsets[i].labels.v[k]);
      if (c >= 0) user->part[c] = part;
    }
  }
  if (user->num_tets) PetscCall(gather_faces(r, elements, triangles));
  PetscCall(PetscFree(nodes));
  PetscCall(PetscFree(elements));
  PetscCall(PetscFree(triangles));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode free_sets(PetscInt num, LabelSet sets[])
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) {
    PetscCall(PetscFree(sets[i].labels.v));
    PetscCall(PetscFree(sets[i].sides.v));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_user_mesh_read_inp(const char *path, OstWhere at, OstDiagList *list,
                                      OstUserMesh *user)
{
  FILE      *f = fopen(path, "r");
  InpReader *r;
  char      *line = NULL;
  size_t     size = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(user, sizeof(*user)));
  if (!f) {
    PetscCall(ost_diag_error(list, at, NULL, "%s: %s", path, strerror(errno)));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscNew(&r));
  r->path = path;
  r->list = list;
  r->user = user;
  while (getline(&line, &size, f) >= 0) {
    r->line++;
    PetscCall(read_line(r, line));
  }
  free(line);
  (void)fclose(f);
  PetscCall(finish_inp(r));
  PetscCall(PetscFree(r->node_label.v));
  PetscCall(PetscFree(r->element_label.v));
  PetscCall(PetscFree(r->element_nodes.v));
  PetscCall(PetscFree(r->triangle_label.v));
  PetscCall(PetscFree(r->triangle_nodes.v));
  PetscCall(free_sets(r->num_elsets, r->elsets));
  PetscCall(free_sets(r->num_nsets, r->nsets));
  PetscCall(free_sets(r->num_surfaces, r->surfaces));
  PetscCall(PetscFree(r));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- any foreign mesh ------------------------------------------------------------------------- */

static const char wanted[] = "volumes: stem, abutment and cortical (cancellous, marrow) or bone; "
                             "surfaces: interface_coated, "
                             "interface_smooth, proximal, abutment_end (resection, periosteum)";

static PetscErrorCode check_groups(const OstUserMesh *user, const char *path, OstWhere at,
                                   OstDiagList *list)
{
  PetscInt    tets[OST_NUM_PARTS] = {0}, faces[OST_NUM_SKINS] = {0}, none = 0;
  const char *there = user->names[0] ? user->names : "none";

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < user->num_tets; c++) {
    if (user->part[c] < 0)
      none++;
    else
      tets[user->part[c]]++;
  }
  for (PetscInt f = 0; f < user->num_faces; f++) faces[user->skin[f]]++;
  if (!tets[OST_PART_STEM] || !tets[OST_PART_ABUTMENT] ||
      (!tets[OST_PART_CORTICAL] && !tets[OST_PART_BONE]) || !faces[OST_SKIN_PROXIMAL] ||
      !faces[OST_SKIN_ABUTMENT_END] || (!faces[OST_SKIN_COATED] && !faces[OST_SKIN_SMOOTH])) {
    char missing[256] = "";
    if (!tets[OST_PART_STEM]) (void)strcat(missing, ", stem");
    if (!tets[OST_PART_ABUTMENT]) (void)strcat(missing, ", abutment");
    if (!tets[OST_PART_CORTICAL] && !tets[OST_PART_BONE]) (void)strcat(missing, ", cortical|bone");
    if (!faces[OST_SKIN_COATED] && !faces[OST_SKIN_SMOOTH]) {
      (void)strcat(missing, ", interface_coated|interface_smooth");
    }
    if (!faces[OST_SKIN_PROXIMAL]) (void)strcat(missing, ", proximal");
    if (!faces[OST_SKIN_ABUTMENT_END]) (void)strcat(missing, ", abutment_end");
    PetscCall(ost_diag_error(list, at, wanted, "%s lacks the groups %s; groups there: %s", path,
                             missing + 2, there));
  } else if (none > 0) {
    PetscCall(ost_diag_error(list, at, wanted, "%s: %d of %d tetrahedra are in no volume group",
                             path, (int)none, (int)user->num_tets));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_user_mesh_convert(const OstUserMesh *user, const char *path, OstWhere at,
                                     OstDiagList *list, OstTetMesh *mesh)
{
  const PetscInt errors = ost_diag_num_errors(list);
  PetscInt      *corner, *renumber, used = 0, unnamed, misplaced, interface = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(mesh, sizeof(*mesh)));
  if (user->num_tets == 0 || user->num_other > 0) {
    PetscCall(ost_diag_error(list, at, "mesh the solids with four- or ten-node tetrahedra",
                             user->num_tets ? "%s has solid elements that are no tetrahedra"
                                            : "%s has no tetrahedra",
                             path));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(check_groups(user, path, at, list));
  if (ost_diag_num_errors(list) > errors) PetscFunctionReturn(PETSC_SUCCESS);
  if (user->nodes_each == 10) {
    PetscCall(ost_tet_mesh_from_quadratic(user->num_nodes, user->x, user->num_tets, user->tet,
                                          user->part, mesh));
  } else {
    PetscCall(ost_tet_mesh_from_linear(user->num_nodes, user->x, user->num_tets, user->tet,
                                       user->part, mesh));
  }

  /* The new mesh has left out nodes that no tetrahedron uses. */
  PetscCall(PetscMalloc2(user->num_nodes, &renumber, 3 * user->num_faces, &corner));
  for (PetscInt i = 0; i < user->num_nodes; i++) renumber[i] = -1;
  for (PetscInt i = 0; i < user->nodes_each * user->num_tets; i++) renumber[user->tet[i]] = 0;
  for (PetscInt i = 0; i < user->num_nodes; i++) {
    if (renumber[i] == 0) renumber[i] = used++;
  }
  for (PetscInt i = 0; i < 3 * user->num_faces; i++) corner[i] = renumber[user->corner[i]];
  PetscCall(
      ost_tet_mesh_name_faces(mesh, user->num_faces, corner, user->skin, &unnamed, &misplaced));
  PetscCall(PetscFree2(renumber, corner));

  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    interface += (mesh->skin[f] == OST_SKIN_COATED || mesh->skin[f] == OST_SKIN_SMOOTH);
  }
  if (interface == 0) {
    PetscCall(ost_diag_error(list, at, "merge the nodes of stem and bone on their common surface",
                             "%s: stem and bone share no face", path));
    PetscCall(ost_tet_mesh_destroy(mesh));
  } else if (unnamed > 0) {
    PetscCall(
        ost_diag_warning(list, at, "add them to interface_coated or interface_smooth",
                         "%s: %d of %d faces between metal and bone are in no interface group; "
                         "they count as smooth",
                         path, (int)unnamed, (int)interface));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
