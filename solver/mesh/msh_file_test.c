/* Reading Gmsh 4.1: what is in a good file, and what is said about bad ones. */
#include "mesh/msh_file.h"

#include "support/block_mesh.h"
#include "support/check.h"

#include <unistd.h>

static void straight(const double p[3], double x[3], const void *context)
{
  (void)context;
  for (int d = 0; d < 3; d++) x[d] = 2.0 * p[d];
}

static int halves(const double centre[3], const void *context)
{
  (void)context;
  return centre[2] > 0.5 ? OST_CORTICAL : OST_STEM;
}

static int ends(int direction, int side, const double centre[3], const void *context)
{
  (void)context;
  (void)centre;
  if (direction != 2) return -1;
  return side ? OST_PROXIMAL : OST_ABUTMENT_END;
}

static const OstBlock block = {
    .n = {1, 1, 2}, .wrap = -1, .straight = 1, .map = straight, .region = halves, .surface = ends};

/* The text of the good file. */
static PetscErrorCode good_text(const char *path, char **text)
{
  FILE *file;
  long  size;

  PetscFunctionBeginUser;
  PetscCall(ost_block_write(&block, path));
  file = fopen(path, "rb");
  OstAssert(file, "the block was not written");
  fseek(file, 0, SEEK_END);
  size = ftell(file);
  rewind(file);
  *text = calloc(1, (size_t)size + 1);
  OstAssert(*text && fread(*text, 1, (size_t)size, file) == (size_t)size, "cannot be read back");
  fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Replace the first `old` in text by `new`; the caller frees the result. */
static char *with(const char *text, const char *old, const char *new)
{
  const char *at  = strstr(text, old);
  char       *out = calloc(1, strlen(text) + strlen(new) + 1);

  if (!at || !out) abort(); /* the test itself is wrong */
  memcpy(out, text, (size_t)(at - text));
  strcat(out, new);
  strcat(out, at + strlen(old));
  return out;
}

static PetscErrorCode read_text(const char *path, const char *text, size_t size, OstDiagList **list,
                                OstMshFile *msh)
{
  FILE *file = fopen(path, "wb");

  PetscFunctionBeginUser;
  OstAssert(file && fwrite(text, 1, size, file) == size && !fclose(file), "cannot write %s", path);
  PetscCall(ost_diag_create(list));
  PetscCall(ost_msh_read(path, *list, msh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode good_file_is_read(const char *path, const char *text)
{
  OstDiagList *list;
  OstMshFile   msh;
  PetscInt     stem = 0, interface = 0;

  PetscFunctionBeginUser;
  PetscCall(read_text(path, text, strlen(text), &list, &msh));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(msh.num_nodes, 3 * 3 * 5);
  OST_CHECK_INT(msh.num_cells, 12);
  OST_CHECK_INT(msh.num_facets, 6);
  for (PetscInt c = 0; c < msh.num_cells; c++) stem += msh.region[c] == OST_STEM;
  for (PetscInt f = 0; f < msh.num_facets; f++) interface += msh.surface[f] == OST_INTERFACE_COATED;
  OST_CHECK_INT(stem, 6);
  OST_CHECK_INT(interface, 2);
  /* the file's order: node 2 of the lattice is the second, half a brick along x */
  OST_CHECK_NEAR(msh.x[3], 1.0, 0.0);
  OST_CHECK_NEAR(msh.x[3 * 44], 2.0, 0.0);
  for (PetscInt c = 0; c < msh.num_cells; c++) { /* mid-side node of edge 23 is the ninth of Gmsh */
    const PetscInt *n = &msh.cells[10 * c];
    for (int d = 0; d < 3; d++)
      OST_CHECK_NEAR(msh.x[3 * n[8] + d], 0.5 * (msh.x[3 * n[2] + d] + msh.x[3 * n[3] + d]), 1e-15);
  }
  PetscCall(ost_msh_free(&msh));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The same mesh in binary reads the same. */
static PetscErrorCode binary_equals_ascii(const char *path, const char *text)
{
  OstDiagList *list;
  OstMshFile   ascii, binary;
  FILE        *file;
  const int    one = 1;

  PetscFunctionBeginUser;
  PetscCall(read_text(path, text, strlen(text), &list, &ascii));
  PetscCall(ost_diag_destroy(&list));
  file = fopen(path, "wb");
  OstAssert(file, "cannot write");
  fprintf(file, "$MeshFormat\n4.1 1 8\n");
  fwrite(&one, sizeof one, 1, file);
  fprintf(file,
          "\n$EndMeshFormat\n$PhysicalNames\n5\n2 11 \"interface_coated\"\n2 14 \"proximal\"\n"
          "2 15 \"abutment_end\"\n3 1 \"cortical\"\n3 5 \"stem\"\n$EndPhysicalNames\n$Entities\n");
  const size_t counts[4] = {0, 0, 3, 2}, zero = 0, single = 1;
  const int    surface[3] = {11, 14, 15}, volume[2] = {1, 5};
  const double box[6] = {0};
  fwrite(counts, sizeof *counts, 4, file);
  for (int dim = 2; dim <= 3; dim++)
    for (int e = 0; e < (int)counts[dim]; e++) {
      const int *tag = dim == 2 ? &surface[e] : &volume[e];
      fwrite(tag, sizeof *tag, 1, file);
      fwrite(box, sizeof *box, 6, file);
      fwrite(&single, sizeof single, 1, file);
      fwrite(tag, sizeof *tag, 1, file);
      fwrite(&zero, sizeof zero, 1, file);
    }
  fprintf(file, "\n$EndEntities\n$Nodes\n");
  const size_t nodes[4]    = {1, (size_t)ascii.num_nodes, 1, (size_t)ascii.num_nodes};
  const int    block_of[3] = {3, 1, 0};
  fwrite(nodes, sizeof *nodes, 4, file);
  fwrite(block_of, sizeof *block_of, 3, file);
  fwrite(&nodes[1], sizeof *nodes, 1, file);
  for (size_t i = 1; i <= nodes[1]; i++) fwrite(&i, sizeof i, 1, file);
  fwrite(ascii.x, sizeof *ascii.x, 3 * nodes[1], file);
  fprintf(file, "\n$EndNodes\n$Elements\n");
  const size_t elements = (size_t)(ascii.num_cells + ascii.num_facets);
  const size_t head[4]  = {elements, elements, 1, elements}; /* one block each, the hardest case */
  fwrite(head, sizeof *head, 4, file);
  for (size_t e = 0; e < elements; e++) {
    const PetscInt f   = (PetscInt)e - ascii.num_cells;
    const int      dim = f < 0 ? 3 : 2, type = f < 0 ? 11 : 9, num = f < 0 ? 10 : 6;
    const PetscInt what      = f < 0 ? ascii.region[e] : ascii.surface[f];
    const int      entity[3] = {dim, f < 0 ? (what == OST_STEM ? 5 : 1) : (int)(11 + what), type};
    const size_t   tag       = e + 1;
    fwrite(entity, sizeof *entity, 3, file);
    fwrite(&single, sizeof single, 1, file);
    fwrite(&tag, sizeof tag, 1, file);
    for (int k = 0; k < num; k++) {
      const size_t node =
          1 + (size_t)(f < 0 ? ascii.cells[10 * e + (size_t)k] : ascii.facets[6 * f + k]);
      fwrite(&node, sizeof node, 1, file);
    }
  }
  fprintf(file, "\n$EndElements\n");
  fclose(file);
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_msh_read(path, list, &binary));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(binary.num_cells, ascii.num_cells);
  OST_CHECK_INT(binary.num_facets, ascii.num_facets);
  if (binary.num_cells == ascii.num_cells) {
    OST_CHECK(
        !memcmp(binary.cells, ascii.cells, (size_t)(10 * ascii.num_cells) * sizeof *ascii.cells));
    OST_CHECK(!memcmp(binary.x, ascii.x, (size_t)(3 * ascii.num_nodes) * sizeof *ascii.x));
  }
  PetscCall(ost_diag_destroy(&list));
  PetscCall(ost_msh_free(&ascii));
  PetscCall(ost_msh_free(&binary));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode refused(const char *path, const char *text, size_t size, const char *message)
{
  OstDiagList *list;
  OstMshFile   msh;
  PetscBool    found = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(read_text(path, text, size, &list, &msh));
  for (PetscInt k = 0; k < ost_diag_num_errors(list) + ost_diag_num_warnings(list); k++) {
    const OstDiag diag = ost_diag_get(list, k);
    if (diag.is_error && strstr(diag.message, message)) found = PETSC_TRUE;
    if (diag.is_error) OST_CHECK_TEXT(diag.at.file, path);
  }
  OST_CHECK(found);
  if (!found) {
    printf("    wanted \"%s\" among\n", message);
    PetscCall(ost_diag_print(list, stdout));
  }
  OST_CHECK(!msh.cells && !msh.x); /* nothing is handed out */
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode bad_files_are_refused(const char *path, const char *text)
{
  static const char *const changes[][3] = {
      {"4.1 0 8", "2.2 0 8", "not a mesh in Gmsh format 4.1"},
      {"$MeshFormat", "solid cube", "not a Gmsh mesh file"},
      {"\"proximal\"", "\"top\"", "no faces in the group proximal"},
      {"\"abutment_end\"", "\"end\"", "no faces in the group abutment_end"},
      {"\"interface_coated\"", "\"contact\"", "no interface faces"},
      {"\"stem\"", "\"nail\"", "belong to no known group"},
      {"\n3 5 11 6\n", "\n3 5 4 6\n", "volume elements of Gmsh type 4"},
      {"\n3 5 11 6\n", "\n3 5 99 6\n", "element type 99"},
      {"\n3 5 11 6\n", "\n3 5 11 600\n", "ends early or is damaged"},
      {"$Nodes\n1 45 1 45", "$Nodes\n1 4500000000000 1 4500000000000", "ends early or is damaged"},
      {"$Nodes\n1 45 1 45", "$Nodes\n1 45 1 4500000000000", "node numbers up to"},
      {"$Nodes\n1 45 1 45", "$Nodes\n1 45 1 -3", "ends early or is damaged"},
      {"$Entities\n0 0 6 6", "$Entities\n0 0 6 9000000000", "ends early or is damaged"},
      {"$PhysicalNames\n12", "$PhysicalNames\n-1", "ends early or is damaged"},
      {"$EndEntities", "$EndEntities\n$Nodes\n0 0 0 0\n$EndNodes", "ends early or is damaged"},
      /* the last corner of the brick pulled through the opposite faces */
      {"\n2 2 2\n$EndNodes", "\n-9 -9 -9\n$EndNodes", "turned inside out"},
  };
  const size_t length = strlen(text);
  char        *bad;

  PetscFunctionBeginUser;
  for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
    bad = with(text, changes[k][0], changes[k][1]);
    PetscCall(refused(path, bad, strlen(bad), changes[k][2]));
    free(bad);
  }
  /* cut short anywhere: always an error, never a crash (address sanitizer looks on) */
  for (size_t cut = 1; cut < 40; cut++) {
    OstDiagList *list;
    OstMshFile   msh;
    PetscCall(read_text(path, text, length * cut / 41, &list, &msh));
    OST_CHECK(ost_diag_num_errors(list) > 0);
    PetscCall(ost_diag_destroy(&list));
  }
  /* any byte damaged: read or refused, never a crash */
  bad = with(text, "4.1", "4.1");
  for (size_t k = 0; k < 300; k++) {
    OstDiagList *list;
    OstMshFile   msh;
    const size_t at   = (k * 7919) % length;
    const char   kept = bad[at];
    bad[at]           = (char)(kept == '9' ? '-' : '9');
    PetscCall(read_text(path, bad, length, &list, &msh));
    OST_CHECK((ost_diag_num_errors(list) == 0) == (msh.cells != NULL));
    PetscCall(ost_msh_free(&msh));
    PetscCall(ost_diag_destroy(&list));
    bad[at] = kept;
  }
  free(bad);
  unlink(path);
  OstDiagList *list;
  OstMshFile   msh;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_msh_read(path, list, &msh));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "cannot be opened: No such file");
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A node of the geometry that no cell uses is left out; the others close ranks. */
static PetscErrorCode unused_nodes_are_left_out(const char *path, const char *text)
{
  OstDiagList *list;
  OstMshFile   msh;
  char        *more = with(text, "$Nodes\n1 45 1 45\n3 1 0 45\n",
                           "$Nodes\n2 46 1 46\n0 1 0 1\n46\n7 7 7\n3 1 0 45\n");

  PetscFunctionBeginUser;
  PetscCall(read_text(path, more, strlen(more), &list, &msh));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(ost_diag_num_warnings(list), 1);
  OST_CHECK_INT(msh.num_nodes, 45);
  OST_CHECK_NEAR(msh.x[0], 0.0, 0.0);
  PetscCall(ost_msh_free(&msh));
  PetscCall(ost_diag_destroy(&list));
  free(more);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  char  path[64];
  char *text = NULL;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  snprintf(path, sizeof path, "/tmp/osteon_msh_file_test_%ld.msh", (long)getpid());
  PetscCall(good_text(path, &text));
  PetscCall(good_file_is_read(path, text));
  PetscCall(binary_equals_ascii(path, text));
  PetscCall(unused_nodes_are_left_out(path, text));
  PetscCall(bad_files_are_refused(path, text));
  free(text);
  PetscCall(PetscFinalize());
  return ost_check_report();
}
