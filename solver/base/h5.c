#include "base/h5.h"

#include <hdf5.h>
#include <petscsf.h>
#include <stdlib.h>

struct OstH5 {
  hid_t       id;
  PetscBool   plain; /* nothing is compressed */
  MPI_Comm    comm;
  PetscMPIInt rank, size;
  char        path[PETSC_MAX_PATH_LEN];
};

enum {
  COMPRESS_FROM = 1024,    /* values; below, a chunk costs more than it saves */
  CHUNK_VALUES  = 1 << 16, /* 512 kB of reals: large enough for gzip, small enough for many ranks */
  TABLE_CHUNK   = 256,     /* rows; tables grow */
  GZIP_LEVEL    = 2        /* mantissas hardly compress further, the time grows threefold by 6 */
};

/* --- HDF5 results to PETSc errors ------------------------------------------------------------- */

static herr_t deepest(unsigned n, const H5E_error2_t *error, void *text)
{
  if (n == 0) (void)snprintf(text, 512, "%s", error->desc ? error->desc : "unknown");
  return 0;
}

static const char *h5_message(char text[512])
{
  text[0] = '\0';
  (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, deepest, text);
  return text;
}

/* `call` gives a herr_t, htri_t or hid_t; `where` is the path it is about. */
#define PetscCallH5(call, code, where)                                                             \
  do {                                                                                             \
    if ((call) < 0) {                                                                              \
      char ost_h5_text[512];                                                                       \
      SETERRQ(PETSC_COMM_SELF, code, "%s: %s", where, h5_message(ost_h5_text));                    \
    }                                                                                              \
  } while (0)

/* --- files ------------------------------------------------------------------------------------ */

static PetscErrorCode file_new(MPI_Comm comm, const char *path, OstH5 **file, hid_t *access)
{
  OstH5 *f;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(file));
  f = *file;
  PetscCallMPI(MPI_Comm_dup(comm, &f->comm));
  PetscCallMPI(MPI_Comm_rank(comm, &f->rank));
  PetscCallMPI(MPI_Comm_size(comm, &f->size));
  PetscCall(PetscStrncpy(f->path, path, sizeof f->path));
  PetscCallH5(H5Eset_auto2(H5E_DEFAULT, NULL, NULL), PETSC_ERR_LIB, path); /* we print ourselves */
  PetscCallH5(*access = H5Pcreate(H5P_FILE_ACCESS), PETSC_ERR_LIB, path);
#if H5_VERSION_GE(1, 10, 7)
  /* A viewer that has the results open must not stop the run, and network file systems often cannot
     lock; who may write is settled by the run's own lock file (io/run_dir.h). */
  PetscCallH5(H5Pset_file_locking(*access, 0, 1), PETSC_ERR_LIB, path);
#endif
  /* One rank needs no MPI-IO, which not every file system serves well. */
  if (f->size > 1) {
    PetscCallH5(H5Pset_fapl_mpio(*access, f->comm, MPI_INFO_NULL), PETSC_ERR_LIB, path);
    PetscCallH5(H5Pset_all_coll_metadata_ops(*access, 1), PETSC_ERR_LIB, path);
    PetscCallH5(H5Pset_coll_metadata_write(*access, 1), PETSC_ERR_LIB, path);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode create(MPI_Comm comm, const char *path, PetscInt head, OstH5 **file)
{
  hid_t access, creation;

  PetscFunctionBeginUser;
  PetscCall(file_new(comm, path, file, &access));
  PetscCallH5(creation = H5Pcreate(H5P_FILE_CREATE), PETSC_ERR_LIB, path);
  PetscCallH5(H5Pset_userblock(creation, (hsize_t)head), PETSC_ERR_LIB, path);
  PetscCallH5((*file)->id = H5Fcreate(path, H5F_ACC_TRUNC, creation, access), PETSC_ERR_FILE_OPEN,
              path);
  PetscCallH5(H5Pclose(creation), PETSC_ERR_LIB, path);
  PetscCallH5(H5Pclose(access), PETSC_ERR_LIB, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_create(MPI_Comm comm, const char *path, OstH5 **file)
{
  PetscFunctionBeginUser;
  PetscCall(create(comm, path, 0, file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_create_plain(MPI_Comm comm, const char *path, PetscInt head, OstH5 **file)
{
  PetscFunctionBeginUser;
  PetscCall(create(comm, path, head, file));
  (*file)->plain = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_open(MPI_Comm comm, const char *path, PetscBool writable, OstH5 **file)
{
  hid_t access;

  PetscFunctionBeginUser;
  PetscCall(file_new(comm, path, file, &access));
  PetscCallH5((*file)->id = H5Fopen(path, writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access),
              PETSC_ERR_FILE_OPEN, path);
  PetscCallH5(H5Pclose(access), PETSC_ERR_LIB, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_open_plain(MPI_Comm comm, const char *path, OstH5 **file)
{
  PetscFunctionBeginUser;
  PetscCall(ost_h5_open(comm, path, PETSC_TRUE, file));
  (*file)->plain = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_close(OstH5 **file)
{
  PetscFunctionBeginUser;
  if (!*file) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCallH5(H5Fclose((*file)->id), PETSC_ERR_FILE_WRITE, (*file)->path);
  PetscCallMPI(MPI_Comm_free(&(*file)->comm));
  PetscCall(PetscFree(*file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_flush(OstH5 *file)
{
  PetscFunctionBeginUser;
  PetscCallH5(H5Fflush(file->id, H5F_SCOPE_GLOBAL), PETSC_ERR_FILE_WRITE, file->path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_version(char text[], size_t length)
{
  unsigned major, minor, release;

  PetscFunctionBeginUser;
  PetscCallH5(H5get_libversion(&major, &minor, &release), PETSC_ERR_LIB, "HDF5");
  (void)snprintf(text, length, "%u.%u.%u", major, minor, release);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- objects ---------------------------------------------------------------------------------- */

PetscErrorCode ost_h5_exists(OstH5 *file, const char *path, const char *attr, PetscBool *exists)
{
  char   part[PETSC_MAX_PATH_LEN];
  htri_t found = 1;

  PetscFunctionBeginUser;
  /* H5Lexists fails, instead of saying no, where a group on the way is missing. */
  for (const char *c = path; *c && found > 0; c++) {
    const PetscBool ends_name = (PetscBool)(*c != '/' && (c[1] == '/' || c[1] == '\0'));
    if (!ends_name) continue;
    (void)snprintf(part, sizeof part, "%.*s", (int)(c + 1 - path), path);
    PetscCallH5(found = H5Lexists(file->id, part, H5P_DEFAULT), PETSC_ERR_FILE_READ, path);
  }
  if (found > 0 && attr) {
    PetscCallH5(found = H5Aexists_by_name(file->id, path, attr, H5P_DEFAULT), PETSC_ERR_FILE_READ,
                path);
  }
  *exists = (PetscBool)(found > 0);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Link creation list that makes the groups on the way. */
static PetscErrorCode make_parents(const char *path, hid_t *list)
{
  PetscFunctionBeginUser;
  PetscCallH5(*list = H5Pcreate(H5P_LINK_CREATE), PETSC_ERR_LIB, path);
  PetscCallH5(H5Pset_create_intermediate_group(*list, 1), PETSC_ERR_LIB, path);
  PetscCallH5(H5Pset_char_encoding(*list, H5T_CSET_UTF8), PETSC_ERR_LIB, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_group(OstH5 *file, const char *path)
{
  PetscBool exists;
  hid_t     parents, group;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_exists(file, path, NULL, &exists));
  if (exists) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(make_parents(path, &parents));
  PetscCallH5(group = H5Gcreate2(file->id, path, parents, H5P_DEFAULT, H5P_DEFAULT),
              PETSC_ERR_FILE_WRITE, path);
  PetscCallH5(H5Gclose(group), PETSC_ERR_FILE_WRITE, path);
  PetscCallH5(H5Pclose(parents), PETSC_ERR_LIB, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  PetscInt num, capacity;
  char   **name;
} Names;

static herr_t append_name(hid_t group, const char *name, const H5L_info_t *info, void *data)
{
  Names *names = data;

  (void)group;
  (void)info;
  if (names->num == names->capacity) {
    names->capacity = PetscMax(16, 2 * names->capacity);
    if (PetscRealloc(sizeof(char *) * (size_t)names->capacity, &names->name)) return -1;
  }
  return PetscStrallocpy(name, &names->name[names->num++]) ? -1 : 0;
}

PetscErrorCode ost_h5_list(OstH5 *file, const char *group, PetscInt *num, char ***names)
{
  Names found = {0, 0, NULL};

  PetscFunctionBeginUser;
  PetscCallH5(H5Literate_by_name(file->id, group, H5_INDEX_NAME, H5_ITER_INC, NULL, append_name,
                                 &found, H5P_DEFAULT),
              PETSC_ERR_FILE_READ, group);
  *num   = found.num;
  *names = found.name;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_list_free(PetscInt num, char ***names)
{
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) PetscCall(PetscFree((*names)[i]));
  PetscCall(PetscFree(*names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_remove(OstH5 *file, const char *path)
{
  PetscFunctionBeginUser;
  PetscCallH5(H5Ldelete(file->id, path, H5P_DEFAULT), PETSC_ERR_FILE_WRITE, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- where values stand ----------------------------------------------------------------------- */

typedef struct {
  const char *except;
  PetscInt    num, capacity;
  OstExtent  *extent;
} Extents;

static PetscErrorCode add_extent(Extents *all, haddr_t offset, hsize_t length)
{
  PetscFunctionBeginUser;
  if (offset == HADDR_UNDEF || !length) PetscFunctionReturn(PETSC_SUCCESS);
  if (all->num == all->capacity) {
    all->capacity = PetscMax(256, 2 * all->capacity);
    PetscCall(PetscRealloc(sizeof *all->extent * (size_t)all->capacity, &all->extent));
  }
  all->extent[all->num++] = (OstExtent){(PetscInt64)offset, (PetscInt64)length};
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The last chunk of a dataset that grows will be written to. */
static PetscErrorCode add_chunks(Extents *all, hid_t dataset, hid_t properties, const char *path)
{
  hsize_t  num, size, first[2], chunk[2], dims[2], most[2];
  haddr_t  offset;
  unsigned filters;
  hid_t    space;

  PetscFunctionBeginUser;
  PetscCallH5(space = H5Dget_space(dataset), PETSC_ERR_FILE_READ, path);
  PetscCallH5(H5Sget_simple_extent_dims(space, dims, most), PETSC_ERR_FILE_READ, path);
  PetscCallH5(H5Pget_chunk(properties, 2, chunk), PETSC_ERR_FILE_READ, path);
  PetscCallH5(H5Dget_num_chunks(dataset, space, &num), PETSC_ERR_FILE_READ, path);
  for (hsize_t i = 0; i < num; i++) {
    PetscCallH5(H5Dget_chunk_info(dataset, space, i, first, &filters, &offset, &size),
                PETSC_ERR_FILE_READ, path);
    const PetscBool grows = (PetscBool)(most[0] == H5S_UNLIMITED && first[0] + chunk[0] > dims[0]);
    if (!grows) PetscCall(add_extent(all, offset, size));
  }
  PetscCallH5(H5Sclose(space), PETSC_ERR_LIB, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode add_dataset(Extents *all, hid_t file, const char *path)
{
  hid_t        dataset, properties;
  H5D_layout_t layout;

  PetscFunctionBeginUser;
  PetscCallH5(dataset = H5Dopen2(file, path, H5P_DEFAULT), PETSC_ERR_FILE_READ, path);
  PetscCallH5(properties = H5Dget_create_plist(dataset), PETSC_ERR_FILE_READ, path);
  PetscCallH5(layout = H5Pget_layout(properties), PETSC_ERR_FILE_READ, path);
  if (layout == H5D_CHUNKED) PetscCall(add_chunks(all, dataset, properties, path));
  if (layout == H5D_CONTIGUOUS)
    PetscCall(add_extent(all, H5Dget_offset(dataset), H5Dget_storage_size(dataset)));
  PetscCallH5(H5Pclose(properties), PETSC_ERR_LIB, path);
  PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_READ, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static herr_t visit_object(hid_t file, const char *name, const H5O_info_t *info, void *context)
{
  Extents *all = context;

  if (info->type != H5O_TYPE_DATASET) return 0;
  if (!strncmp(name, all->except, strlen(all->except))) return 0;
  return add_dataset(all, file, name) ? -1 : 0;
}

static int by_offset(const void *a, const void *b)
{
  const PetscInt64 x = ((const OstExtent *)a)->offset, y = ((const OstExtent *)b)->offset;
  return x < y ? -1 : x > y;
}

PetscErrorCode ost_h5_value_extents(const char *path, const char *except, PetscInt *num,
                                    OstExtent **extents)
{
  Extents all = {.except = except + (except[0] == '/')}; /* names come without it */
  OstH5  *file;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_open(PETSC_COMM_SELF, path, PETSC_FALSE, &file));
  PetscCallH5(
      H5Ovisit2(file->id, H5_INDEX_NAME, H5_ITER_NATIVE, visit_object, &all, H5O_INFO_BASIC),
      PETSC_ERR_FILE_READ, path);
  PetscCall(ost_h5_close(&file));
  if (all.num) qsort(all.extent, (size_t)all.num, sizeof *all.extent, by_offset);
  *num     = all.num;
  *extents = all.extent;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- attributes ------------------------------------------------------------------------------- */

/* A fixed-length UTF-8 string type that holds `length` bytes (at least one). */
static PetscErrorCode text_type(size_t length, const char *where, hid_t *type)
{
  PetscFunctionBeginUser;
  PetscCallH5(*type = H5Tcopy(H5T_C_S1), PETSC_ERR_LIB, where);
  PetscCallH5(H5Tset_size(*type, length ? length : 1), PETSC_ERR_LIB, where);
  PetscCallH5(H5Tset_cset(*type, H5T_CSET_UTF8), PETSC_ERR_LIB, where);
  PetscCallH5(H5Tset_strpad(*type, H5T_STR_NULLPAD), PETSC_ERR_LIB, where);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode attr_write(OstH5 *file, const char *object, const char *name, hid_t type,
                                 const void *value)
{
  hid_t  space, attr;
  htri_t exists;

  PetscFunctionBeginUser;
  PetscCallH5(exists = H5Aexists_by_name(file->id, object, name, H5P_DEFAULT), PETSC_ERR_FILE_WRITE,
              object);
  if (exists) {
    PetscCallH5(H5Adelete_by_name(file->id, object, name, H5P_DEFAULT), PETSC_ERR_FILE_WRITE,
                object);
  }
  PetscCallH5(space = H5Screate(H5S_SCALAR), PETSC_ERR_LIB, object);
  PetscCallH5(attr = H5Acreate_by_name(file->id, object, name, type, space, H5P_DEFAULT,
                                       H5P_DEFAULT, H5P_DEFAULT),
              PETSC_ERR_FILE_WRITE, object);
  PetscCallH5(H5Awrite(attr, type, value), PETSC_ERR_FILE_WRITE, object);
  PetscCallH5(H5Aclose(attr), PETSC_ERR_FILE_WRITE, object);
  PetscCallH5(H5Sclose(space), PETSC_ERR_LIB, object);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_attr_text(OstH5 *file, const char *object, const char *name, const char *text)
{
  hid_t type;

  PetscFunctionBeginUser;
  PetscCall(text_type(strlen(text), object, &type));
  PetscCall(attr_write(file, object, name, type, text));
  PetscCallH5(H5Tclose(type), PETSC_ERR_LIB, object);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_attr_real(OstH5 *file, const char *object, const char *name, PetscReal value)
{
  const double v = (double)value;

  PetscFunctionBeginUser;
  PetscCall(attr_write(file, object, name, H5T_NATIVE_DOUBLE, &v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static hid_t int_type(void)
{
  return sizeof(PetscInt) == 4 ? H5T_NATIVE_INT32 : H5T_NATIVE_INT64;
}

PetscErrorCode ost_h5_attr_int(OstH5 *file, const char *object, const char *name, PetscInt value)
{
  PetscFunctionBeginUser;
  PetscCall(attr_write(file, object, name, int_type(), &value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode attr_read(OstH5 *file, const char *object, const char *name, hid_t type,
                                void *value)
{
  hid_t attr;

  PetscFunctionBeginUser;
  PetscCallH5(attr = H5Aopen_by_name(file->id, object, name, H5P_DEFAULT, H5P_DEFAULT),
              PETSC_ERR_FILE_READ, object);
  PetscCallH5(H5Aread(attr, type, value), PETSC_ERR_FILE_READ, object);
  PetscCallH5(H5Aclose(attr), PETSC_ERR_FILE_READ, object);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_get_attr_text(OstH5 *file, const char *object, const char *name, char text[],
                                    size_t length)
{
  hid_t type;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(text, length));
  PetscCall(text_type(length - 1, object, &type));
  PetscCall(attr_read(file, object, name, type, text));
  PetscCallH5(H5Tclose(type), PETSC_ERR_LIB, object);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_get_attr_real(OstH5 *file, const char *object, const char *name,
                                    PetscReal *value)
{
  double v;

  PetscFunctionBeginUser;
  PetscCall(attr_read(file, object, name, H5T_NATIVE_DOUBLE, &v));
  *value = (PetscReal)v;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_get_attr_int(OstH5 *file, const char *object, const char *name,
                                   PetscInt *value)
{
  PetscFunctionBeginUser;
  PetscCall(attr_read(file, object, name, int_type(), value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- rows of a distributed array -------------------------------------------------------------- */

/* The block of rows that this rank moves to or from the file, and the way there. */
typedef struct {
  PetscSF      sf;         /* leaves: the caller's entities; roots: rows of the block */
  PetscInt     first, num; /* block */
  PetscInt     chunk;      /* rows of a chunk; 0: not chunked */
  MPI_Datatype row;        /* num_comp values */
} Block;

/* Blocks end at chunk ends, so that no chunk is compressed by two ranks. The chunk depends on the
   shape alone, not on the ranks. */
static PetscInt block_begin(PetscInt rank, PetscInt size, PetscInt num_rows, PetscInt unit)
{
  const long long num_units = (num_rows + unit - 1) / unit;
  const long long begin     = unit * (num_units * rank / size);
  return (PetscInt)PetscMin(begin, (long long)num_rows);
}

static PetscInt block_owner(PetscInt row, PetscInt size, PetscInt num_rows, PetscInt unit)
{
  const long long num_units = (num_rows + unit - 1) / unit, u = row / unit;
  /* The last rank whose first unit floor(num_units r / size) is not above u. */
  return (PetscInt)(((u + 1) * size - 1) / num_units);
}

static PetscErrorCode block_create(OstH5 *file, const char *path, const OstNumbering *rows,
                                   PetscInt num_comp, MPI_Datatype type, Block *b)
{
  const PetscInt num_rows = rows->num_global;
  PetscInt       unit;
  PetscSFNode   *remote;
  int            num_bad = 0;

  PetscFunctionBeginUser;
  OstAssert(num_comp > 0 && num_rows >= 0, "%s: shape %d x %d", path, (int)num_rows, (int)num_comp);
  b->chunk = 0;
  if (!file->plain && (long long)num_rows * num_comp >= COMPRESS_FROM) {
    b->chunk = PetscMin(num_rows, PetscMax(1, CHUNK_VALUES / num_comp));
  }
  unit     = b->chunk ? b->chunk : 1;
  b->first = block_begin(file->rank, file->size, num_rows, unit);
  b->num   = block_begin(file->rank + 1, file->size, num_rows, unit) - b->first;

  PetscCall(PetscMalloc1(rows->num_local, &remote));
  for (PetscInt i = 0; i < rows->num_local; i++) {
    const PetscInt row = rows->global ? rows->global[i] : i;
    if (row < 0 || row >= num_rows) {
      num_bad++;
      continue;
    }
    remote[i].rank  = block_owner(row, file->size, num_rows, unit);
    remote[i].index = row - block_begin(remote[i].rank, file->size, num_rows, unit);
  }
  OstAssert(!num_bad, "%s: %d row numbers are outside 0 ... %d", path, num_bad, (int)num_rows - 1);
  PetscCallMPI(MPI_Type_contiguous((PetscMPIInt)num_comp, type, &b->row));
  PetscCallMPI(MPI_Type_commit(&b->row));
  PetscCall(PetscSFCreate(file->comm, &b->sf));
  PetscCall(PetscSFSetGraph(b->sf, b->num, rows->num_local, NULL, PETSC_OWN_POINTER, remote,
                            PETSC_OWN_POINTER));
  PetscCall(PetscSFSetUp(b->sf));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode block_destroy(Block *b)
{
  PetscFunctionBeginUser;
  PetscCall(PetscSFDestroy(&b->sf));
  PetscCallMPI(MPI_Type_free(&b->row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A row that nobody writes, or two ranks, would make the file depend on the ranks. */
static PetscErrorCode check_rows_once(const Block *b, const char *path)
{
  const PetscInt *degree;

  PetscFunctionBeginUser;
  PetscCall(PetscSFComputeDegreeBegin(b->sf, &degree));
  PetscCall(PetscSFComputeDegreeEnd(b->sf, &degree));
  for (PetscInt i = 0; i < b->num; i++) {
    OstAssert(degree[i] == 1, "%s: row %d is written by %d entities, not by one", path,
              (int)(b->first + i), (int)degree[i]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- datasets --------------------------------------------------------------------------------- */

typedef struct {
  hid_t     type; /* in memory and in the file */
  PetscInt  num_rows, num_comp;
  PetscInt  chunk;  /* rows, 0: contiguous */
  PetscBool extend; /* the rows may grow or shrink later */
} Shape;

static PetscErrorCode dataset_create(OstH5 *file, const char *path, const Shape *s, hid_t *dataset)
{
  const int     rank     = s->num_comp > 1 ? 2 : 1;
  const hsize_t dims[2]  = {(hsize_t)s->num_rows, (hsize_t)s->num_comp};
  const hsize_t most[2]  = {s->extend ? H5S_UNLIMITED : dims[0], dims[1]};
  const hsize_t chunk[2] = {(hsize_t)s->chunk, (hsize_t)s->num_comp};
  hid_t         properties, space, parents;

  PetscFunctionBeginUser;
  PetscCallH5(space = H5Screate_simple(rank, dims, most), PETSC_ERR_LIB, path);
  PetscCallH5(properties = H5Pcreate(H5P_DATASET_CREATE), PETSC_ERR_LIB, path);
  /* Every row is written right after; filling it before would write all twice. */
  PetscCallH5(H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER), PETSC_ERR_LIB, path);
  if (s->chunk) {
    PetscCallH5(H5Pset_chunk(properties, rank, chunk), PETSC_ERR_LIB, path);
  }
  if (s->extend) { /* one rank would wait until it writes; several need the room before they do */
    PetscCallH5(H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY), PETSC_ERR_LIB, path);
  }
  if (s->chunk && !s->extend) { /* a chunk that grows when it is packed anew leaves a hole behind */
    PetscCallH5(H5Pset_shuffle(properties), PETSC_ERR_LIB, path);
    PetscCallH5(H5Pset_deflate(properties, GZIP_LEVEL), PETSC_ERR_LIB, path);
  }
  PetscCall(make_parents(path, &parents));
  PetscCallH5(*dataset =
                  H5Dcreate2(file->id, path, s->type, space, parents, properties, H5P_DEFAULT),
              PETSC_ERR_FILE_WRITE, path);
  PetscCallH5(H5Pclose(parents), PETSC_ERR_LIB, path);
  PetscCallH5(H5Pclose(properties), PETSC_ERR_LIB, path);
  PetscCallH5(H5Sclose(space), PETSC_ERR_LIB, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Rows and components of a 1-D or 2-D dataset; 0 x 0 for anything else. */
static PetscErrorCode dataset_shape(hid_t dataset, const char *path, PetscInt *num_rows,
                                    PetscInt *num_comp)
{
  hsize_t dims[2] = {0, 1};
  hid_t   space;
  int     rank;

  PetscFunctionBeginUser;
  PetscCallH5(space = H5Dget_space(dataset), PETSC_ERR_FILE_READ, path);
  PetscCallH5(rank = H5Sget_simple_extent_ndims(space), PETSC_ERR_FILE_READ, path);
  if (rank == 1 || rank == 2) {
    PetscCallH5(H5Sget_simple_extent_dims(space, dims, NULL), PETSC_ERR_FILE_READ, path);
  } else {
    dims[1] = 0;
  }
  *num_rows = (PetscInt)dims[0];
  *num_comp = (PetscInt)dims[1];
  PetscCallH5(H5Sclose(space), PETSC_ERR_LIB, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A file of another shape than the caller's; closed, since a caller may go on. */
static PetscErrorCode refuse_shape(hid_t dataset, const char *path, PetscInt num_rows,
                                   PetscInt num_comp, PetscInt wanted_rows, PetscInt wanted_comp)
{
  PetscFunctionBeginUser;
  PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_READ, path);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "%s: the file has %d x %d, not %d x %d", path,
          (int)num_rows, (int)num_comp, (int)wanted_rows, (int)wanted_comp);
}

/* Open for writing, made or resized where needed. */
static PetscErrorCode dataset_prepare(OstH5 *file, const char *path, const Shape *s, hid_t *dataset)
{
  const hsize_t dims[2] = {(hsize_t)s->num_rows, (hsize_t)s->num_comp};
  PetscInt      num_rows, num_comp;
  PetscBool     exists;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_exists(file, path, NULL, &exists));
  if (!exists) {
    PetscCall(dataset_create(file, path, s, dataset));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCallH5(*dataset = H5Dopen2(file->id, path, H5P_DEFAULT), PETSC_ERR_FILE_WRITE, path);
  PetscCall(dataset_shape(*dataset, path, &num_rows, &num_comp));
  if (num_comp != s->num_comp || (!s->extend && num_rows != s->num_rows)) {
    PetscCall(refuse_shape(*dataset, path, num_rows, num_comp, s->num_rows, s->num_comp));
  }
  if (num_rows != s->num_rows) {
    PetscCallH5(H5Dset_extent(*dataset, dims), PETSC_ERR_FILE_WRITE, path);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Move rows first ... first+num between the file and `values`, all ranks together; a rank without
   rows takes part all the same, as parallel compression demands. */
static PetscErrorCode transfer(OstH5 *file, const char *path, hid_t dataset, const Shape *s,
                               PetscInt first, PetscInt num, PetscBool write, void *values)
{
  const hsize_t start[2]  = {(hsize_t)first, 0};
  const hsize_t count[2]  = {(hsize_t)num, (hsize_t)s->num_comp};
  const hsize_t in_memory = (hsize_t)num * (hsize_t)s->num_comp;
  hid_t         file_space, memory_space, properties;

  PetscFunctionBeginUser;
  if (!s->num_rows) PetscFunctionReturn(PETSC_SUCCESS); /* has no address; MPI-IO would complain */
  PetscCallH5(file_space = H5Dget_space(dataset), PETSC_ERR_FILE_READ, path);
  PetscCallH5(memory_space = H5Screate_simple(1, &in_memory, NULL), PETSC_ERR_LIB, path);
  if (num > 0) {
    PetscCallH5(H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, count, NULL),
                PETSC_ERR_LIB, path);
  } else {
    PetscCallH5(H5Sselect_none(file_space), PETSC_ERR_LIB, path);
    PetscCallH5(H5Sselect_none(memory_space), PETSC_ERR_LIB, path);
  }
  PetscCallH5(properties = H5Pcreate(H5P_DATASET_XFER), PETSC_ERR_LIB, path);
  if (file->size > 1) {
    PetscCallH5(H5Pset_dxpl_mpio(properties, H5FD_MPIO_COLLECTIVE), PETSC_ERR_LIB, path);
  }
  if (write) {
    PetscCallH5(H5Dwrite(dataset, s->type, memory_space, file_space, properties, values),
                PETSC_ERR_FILE_WRITE, path);
  } else {
    PetscCallH5(H5Dread(dataset, s->type, memory_space, file_space, properties, values),
                PETSC_ERR_FILE_READ, path);
  }
  PetscCallH5(H5Pclose(properties), PETSC_ERR_LIB, path);
  PetscCallH5(H5Sclose(memory_space), PETSC_ERR_LIB, path);
  PetscCallH5(H5Sclose(file_space), PETSC_ERR_LIB, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode describe(OstH5 *file, const char *path, const char *unit,
                               const char *description)
{
  PetscFunctionBeginUser;
  if (unit) PetscCall(ost_h5_attr_text(file, path, "units", unit[0] ? unit : "1"));
  PetscCall(ost_h5_attr_text(file, path, "description", description));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_shorten(OstH5 *file, const char *path, PetscInt num)
{
  const hsize_t dims = (hsize_t)num;
  PetscInt      num_rows, num_comp;
  hid_t         dataset;

  PetscFunctionBeginUser;
  PetscCallH5(dataset = H5Dopen2(file->id, path, H5P_DEFAULT), PETSC_ERR_FILE_WRITE, path);
  PetscCall(dataset_shape(dataset, path, &num_rows, &num_comp));
  if (num_comp != 1 || num_rows < num)
    PetscCall(refuse_shape(dataset, path, num_rows, num_comp, num, 1));
  PetscCallH5(H5Dset_extent(dataset, &dims), PETSC_ERR_FILE_WRITE, path);
  PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_WRITE, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- arrays ----------------------------------------------------------------------------------- */

static PetscErrorCode write_array(OstH5 *file, const char *path, const OstNumbering *rows,
                                  PetscInt num_comp, MPI_Datatype mpi_type, size_t bytes,
                                  hid_t h5_type, const void *values)
{
  Shape s = {h5_type, rows->num_global, num_comp, 0, PETSC_FALSE};
  Block b;
  char *buffer;
  hid_t dataset;

  PetscFunctionBeginUser;
  PetscCall(block_create(file, path, rows, num_comp, mpi_type, &b));
  PetscCall(check_rows_once(&b, path));
  PetscCall(PetscMalloc1((size_t)b.num * (size_t)num_comp * bytes + 1, &buffer));
  PetscCall(PetscSFReduceBegin(b.sf, b.row, values, buffer, MPI_REPLACE));
  PetscCall(PetscSFReduceEnd(b.sf, b.row, values, buffer, MPI_REPLACE));

  s.chunk = b.chunk;
  PetscCall(dataset_prepare(file, path, &s, &dataset));
  PetscCall(transfer(file, path, dataset, &s, b.first, b.num, PETSC_TRUE, buffer));
  PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_WRITE, path);
  PetscCall(PetscFree(buffer));
  PetscCall(block_destroy(&b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode read_array(OstH5 *file, const char *path, const OstNumbering *rows,
                                 PetscInt num_comp, MPI_Datatype mpi_type, size_t bytes,
                                 hid_t h5_type, void *values)
{
  const Shape s = {h5_type, rows->num_global, num_comp, 0, PETSC_FALSE};
  Block       b;
  PetscInt    num_rows, num_in_file;
  char       *buffer;
  hid_t       dataset;

  PetscFunctionBeginUser;
  PetscCallH5(dataset = H5Dopen2(file->id, path, H5P_DEFAULT), PETSC_ERR_FILE_READ, path);
  PetscCall(dataset_shape(dataset, path, &num_rows, &num_in_file));
  if (num_rows != rows->num_global || num_in_file != num_comp) {
    PetscCall(refuse_shape(dataset, path, num_rows, num_in_file, rows->num_global, num_comp));
  }

  PetscCall(block_create(file, path, rows, num_comp, mpi_type, &b));
  PetscCall(PetscMalloc1((size_t)b.num * (size_t)num_comp * bytes + 1, &buffer));
  PetscCall(transfer(file, path, dataset, &s, b.first, b.num, PETSC_FALSE, buffer));
  PetscCall(PetscSFBcastBegin(b.sf, b.row, buffer, values, MPI_REPLACE));
  PetscCall(PetscSFBcastEnd(b.sf, b.row, buffer, values, MPI_REPLACE));
  PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_READ, path);
  PetscCall(PetscFree(buffer));
  PetscCall(block_destroy(&b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_write_reals(OstH5 *file, const char *path, const OstNumbering *rows,
                                  PetscInt num_comp, const PetscReal values[], const char *unit,
                                  const char *description)
{
  PetscFunctionBeginUser;
  PetscCall(write_array(file, path, rows, num_comp, MPIU_REAL, sizeof(PetscReal), H5T_NATIVE_DOUBLE,
                        values));
  PetscCall(describe(file, path, unit, description));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_write_ints(OstH5 *file, const char *path, const OstNumbering *rows,
                                 PetscInt num_comp, const PetscInt values[],
                                 const char *description)
{
  PetscFunctionBeginUser;
  PetscCall(
      write_array(file, path, rows, num_comp, MPIU_INT, sizeof(PetscInt), int_type(), values));
  PetscCall(describe(file, path, "1", description));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_read_reals(OstH5 *file, const char *path, const OstNumbering *rows,
                                 PetscInt num_comp, PetscReal values[])
{
  PetscFunctionBeginUser;
  PetscCall(read_array(file, path, rows, num_comp, MPIU_REAL, sizeof(PetscReal), H5T_NATIVE_DOUBLE,
                       values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_read_ints(OstH5 *file, const char *path, const OstNumbering *rows,
                                PetscInt num_comp, PetscInt values[])
{
  PetscFunctionBeginUser;
  PetscCall(read_array(file, path, rows, num_comp, MPIU_INT, sizeof(PetscInt), int_type(), values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- tables and texts ------------------------------------------------------------------------- */

PetscErrorCode ost_h5_write_table(OstH5 *file, const char *path, PetscInt n0, PetscInt n1,
                                  const PetscReal values[], const char *unit,
                                  const char *description)
{
  const Shape s = {H5T_NATIVE_DOUBLE, n0, n1, TABLE_CHUNK, PETSC_TRUE};
  hid_t       dataset;

  PetscFunctionBeginUser;
  PetscCall(dataset_prepare(file, path, &s, &dataset));
  PetscCall(transfer(file, path, dataset, &s, 0, file->rank ? 0 : n0, PETSC_TRUE, (void *)values));
  PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_WRITE, path);
  PetscCall(describe(file, path, unit, description));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode append(OstH5 *file, const char *path, PetscInt num, hid_t type,
                             const void *values)
{
  Shape     s    = {type, num, 1, TABLE_CHUNK, PETSC_TRUE};
  PetscInt  have = 0, num_comp;
  hid_t     dataset;
  PetscBool exists;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_exists(file, path, NULL, &exists));
  if (exists) {
    PetscCallH5(dataset = H5Dopen2(file->id, path, H5P_DEFAULT), PETSC_ERR_FILE_WRITE, path);
    PetscCall(dataset_shape(dataset, path, &have, &num_comp));
    PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_WRITE, path);
    s.num_rows += have;
  }
  PetscCall(dataset_prepare(file, path, &s, &dataset));
  PetscCall(
      transfer(file, path, dataset, &s, have, file->rank ? 0 : num, PETSC_TRUE, (void *)values));
  PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_WRITE, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_append_reals(OstH5 *file, const char *path, PetscInt num,
                                   const PetscReal values[], const char *unit,
                                   const char *description)
{
  PetscFunctionBeginUser;
  PetscCall(append(file, path, num, H5T_NATIVE_DOUBLE, values));
  PetscCall(describe(file, path, unit, description));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_append_ints(OstH5 *file, const char *path, PetscInt num,
                                  const PetscInt values[], const char *description)
{
  PetscFunctionBeginUser;
  PetscCall(append(file, path, num, int_type(), values));
  PetscCall(describe(file, path, "1", description));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_read_table(OstH5 *file, const char *path, PetscInt *n0, PetscInt *n1,
                                 PetscReal **values)
{
  Shape s = {H5T_NATIVE_DOUBLE, 0, 0, 0, PETSC_FALSE};
  hid_t dataset;

  PetscFunctionBeginUser;
  PetscCallH5(dataset = H5Dopen2(file->id, path, H5P_DEFAULT), PETSC_ERR_FILE_READ, path);
  PetscCall(dataset_shape(dataset, path, &s.num_rows, &s.num_comp));
  PetscCheck(s.num_comp > 0, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "%s is no table", path);
  PetscCall(PetscMalloc1((size_t)s.num_rows * (size_t)s.num_comp, values));
  PetscCall(transfer(file, path, dataset, &s, 0, s.num_rows, PETSC_FALSE, *values));
  PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_READ, path);
  *n0 = s.num_rows;
  *n1 = s.num_comp;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_write_text(OstH5 *file, const char *path, const char *text,
                                 const char *description)
{
  hid_t     type, space, parents, dataset;
  PetscBool exists;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_exists(file, path, NULL, &exists));
  if (exists) { /* the length is part of the type */
    PetscCallH5(H5Ldelete(file->id, path, H5P_DEFAULT), PETSC_ERR_FILE_WRITE, path);
  }
  PetscCall(text_type(strlen(text), path, &type));
  PetscCallH5(space = H5Screate(H5S_SCALAR), PETSC_ERR_LIB, path);
  PetscCall(make_parents(path, &parents));
  PetscCallH5(dataset = H5Dcreate2(file->id, path, type, space, parents, H5P_DEFAULT, H5P_DEFAULT),
              PETSC_ERR_FILE_WRITE, path);
  /* Independent: only rank 0 has something to do. */
  if (!file->rank) {
    PetscCallH5(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text), PETSC_ERR_FILE_WRITE,
                path);
  }
  PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_WRITE, path);
  PetscCallH5(H5Pclose(parents), PETSC_ERR_LIB, path);
  PetscCallH5(H5Sclose(space), PETSC_ERR_LIB, path);
  PetscCallH5(H5Tclose(type), PETSC_ERR_LIB, path);
  PetscCall(describe(file, path, NULL, description));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_h5_read_text(OstH5 *file, const char *path, char **text)
{
  hid_t   type, dataset;
  hsize_t bytes;

  PetscFunctionBeginUser;
  PetscCallH5(dataset = H5Dopen2(file->id, path, H5P_DEFAULT), PETSC_ERR_FILE_READ, path);
  bytes = H5Dget_storage_size(dataset);
  PetscCall(PetscCalloc1((size_t)bytes + 1, text));
  PetscCall(text_type((size_t)bytes, path, &type));
  PetscCallH5(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, *text), PETSC_ERR_FILE_READ,
              path);
  PetscCallH5(H5Tclose(type), PETSC_ERR_LIB, path);
  PetscCallH5(H5Dclose(dataset), PETSC_ERR_FILE_READ, path);
  PetscFunctionReturn(PETSC_SUCCESS);
}
