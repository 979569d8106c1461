#include "meshes/image/dicom.h"

#include "meshes/image/nifti.h"

#include "base/tensor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is read of a file's header. */
typedef struct {
  char      name[256];
  char      modality[20], series[72], pixel_type[72];
  PetscBool is_dicom, has_pixels, has_position, has_orientation, has_spacing, truncated;
  PetscReal position[3], orientation[6], spacing[2]; /* LPS, mm */
  PetscInt  rows, columns, frames;
  PetscReal along; /* position along the slice normal [mm] */
} Slice;

/* --- header ----------------------------------------------------------------------------------- */

typedef struct {
  const unsigned char *at, *end;
  PetscBool            explicit_vr;
} Stream;

static uint32_t u16(const unsigned char *p)
{
  return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}
static uint32_t u32(const unsigned char *p)
{
  return u16(p) | u16(p + 2) << 16;
}

#define TAG(group, element) (((uint32_t)(group) << 16) | (uint32_t)(element))
#define UNDEFINED           0xffffffffu

/* Tag and length of the next element; the stream then stands on its value. */
static PetscBool next_element(Stream *s, uint32_t *tag, uint32_t *length)
{
  if (s->end - s->at < 8) return PETSC_FALSE;
  *tag = TAG(u16(s->at), u16(s->at + 2));
  if (!s->explicit_vr || (*tag >> 16) == 0xfffe) {
    *length = u32(s->at + 4);
    s->at += 8;
    return PETSC_TRUE;
  }
  const char a = (char)s->at[4], b = (char)s->at[5];
  if (a < 'A' || a > 'Z' || b < 'A' || b > 'Z') return PETSC_FALSE;
  const char *const wide[] = {"OB", "OW", "OF", "OD", "OL", "OV", "SQ",
                              "UT", "UN", "UC", "UR", "SV", "UV"};
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
    if (a != wide[i][0] || b != wide[i][1]) continue;
    if (s->end - s->at < 12) return PETSC_FALSE;
    *length = u32(s->at + 8);
    s->at += 12;
    return PETSC_TRUE;
  }
  *length = u16(s->at + 6);
  s->at += 8;
  return PETSC_TRUE;
}

/* Step over a value; a sequence of undefined length ends with its delimiter, items within
   likewise. */
static PetscBool skip_value(Stream *s, uint32_t length, PetscInt depth)
{
  uint32_t tag, inner;
  if (length != UNDEFINED) {
    if ((size_t)(s->end - s->at) < length) return PETSC_FALSE;
    s->at += length;
    return PETSC_TRUE;
  }
  if (depth > 16) return PETSC_FALSE;
  while (next_element(s, &tag, &inner)) {
    if (tag == TAG(0xfffe, 0xe0dd) || tag == TAG(0xfffe, 0xe00d)) return PETSC_TRUE;
    if (!skip_value(s, inner, depth + 1)) return PETSC_FALSE;
  }
  return PETSC_FALSE;
}

static void copy_text(char to[], size_t room, const unsigned char *from, uint32_t length)
{
  size_t n = length < room - 1 ? length : room - 1;
  memcpy(to, from, n);
  while (n > 0 && (to[n - 1] == ' ' || to[n - 1] == 0)) n--;
  to[n] = 0;
}

/* "1.5\2\3" to numbers; are there `num` of them? */
static PetscBool numbers(const unsigned char *from, uint32_t length, PetscInt num, PetscReal v[])
{
  char text[256], *p = text, *end;
  copy_text(text, sizeof text, from, length);
  for (PetscInt i = 0; i < num; i++) {
    v[i] = strtod(p, &end);
    if (end == p) return PETSC_FALSE;
    p = end;
    if (*p == '\\') p++;
  }
  return PETSC_TRUE;
}

static void take_value(Slice *slice, uint32_t tag, const unsigned char *value, uint32_t length)
{
  PetscReal frames;
  switch (tag) {
  case TAG(0x0008, 0x0060):
    copy_text(slice->modality, sizeof slice->modality, value, length);
    break;
  case TAG(0x0020, 0x000e):
    copy_text(slice->series, sizeof slice->series, value, length);
    break;
  case TAG(0x0020, 0x0032):
    slice->has_position = numbers(value, length, 3, slice->position);
    break;
  case TAG(0x0020, 0x0037):
    slice->has_orientation = numbers(value, length, 6, slice->orientation);
    break;
  case TAG(0x0028, 0x0030):
    slice->has_spacing = numbers(value, length, 2, slice->spacing);
    break;
  case TAG(0x0028, 0x0010):
    slice->rows = length >= 2 ? (PetscInt)u16(value) : 0;
    break;
  case TAG(0x0028, 0x0011):
    slice->columns = length >= 2 ? (PetscInt)u16(value) : 0;
    break;
  case TAG(0x0028, 0x0008):
    if (numbers(value, length, 1, &frames)) slice->frames = (PetscInt)frames;
    break;
  default:
    break;
  }
}

/* The header of a file in memory. */
static void scan(const unsigned char *data, size_t size, Slice *slice)
{
  Stream   s = {data, data + size, PETSC_TRUE};
  uint32_t tag, length;
  char     syntax[72] = "1.2.840.10008.1.2";
  if (size > 132 && memcmp(data + 128, "DICM", 4) == 0) {
    s.at += 132;
    slice->is_dicom = PETSC_TRUE;
    /* The file meta group is explicit little endian whatever follows. */
    while (s.end - s.at >= 8 && u16(s.at) == 2 && next_element(&s, &tag, &length)) {
      if ((size_t)(s.end - s.at) < length) return;
      if (tag == TAG(0x0002, 0x0010)) copy_text(syntax, sizeof syntax, s.at, length);
      s.at += length;
    }
  } else if (size < 16 || u16(data) != 8) {
    return; /* an old file without preamble begins with group 8; this is none */
  }
  if (strcmp(syntax, "1.2.840.10008.1.2.2") == 0) {
    snprintf(slice->pixel_type, sizeof slice->pixel_type, "big endian");
    return;
  }
  s.explicit_vr = strcmp(syntax, "1.2.840.10008.1.2") != 0;
  if (!slice->is_dicom &&
      s.end - s.at > 6) { /* without a meta group the syntax is told by looking */
    s.explicit_vr = s.at[4] >= 'A' && s.at[4] <= 'Z' && s.at[5] >= 'A' && s.at[5] <= 'Z';
  }
  while (next_element(&s, &tag, &length)) {
    if (tag == TAG(0x7fe0, 0x0010)) {
      slice->has_pixels = PETSC_TRUE;
      slice->truncated  = length != UNDEFINED && (size_t)(s.end - s.at) < length;
      break;
    }
    if (length != UNDEFINED && (size_t)(s.end - s.at) < length) {
      slice->truncated = PETSC_TRUE;
      break;
    }
    if (length != UNDEFINED) take_value(slice, tag, s.at, length);
    if (!skip_value(&s, length, 0)) break;
  }
  slice->is_dicom = slice->is_dicom || slice->modality[0];
}

static PetscErrorCode scan_file(const char *path, Slice *slice)
{
  FILE          *file = fopen(path, "rb");
  unsigned char *data;
  long           size;

  PetscFunctionBeginUser;
  if (!file) PetscFunctionReturn(PETSC_SUCCESS);
  if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0 && size < (1L << 30)) {
    rewind(file);
    PetscCall(PetscMalloc1((size_t)size, &data));
    if (fread(data, 1, (size_t)size, file) == (size_t)size) scan(data, (size_t)size, slice);
    PetscCall(PetscFree(data));
  }
  fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- folder ----------------------------------------------------------------------------------- */

static int compare_slices(const void *a, const void *b)
{
  const Slice *x = a, *y = b;
  if (x->along != y->along) return x->along < y->along ? -1 : 1;
  return strcmp(x->name, y->name);
}

/* The files of the folder that hold pixels. */
static PetscErrorCode list_slices(const char *folder, OstWhere at, OstDiagList *list, PetscInt *num,
                                  Slice **slices)
{
  DIR           *dir = opendir(folder);
  struct dirent *entry;
  PetscInt       room = 0, other = 0;

  PetscFunctionBeginUser;
  *num    = 0;
  *slices = NULL;
  if (!dir) {
    PetscCall(ost_diag_error(list, at, NULL, "the folder %s cannot be read", folder));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  while ((entry = readdir(dir))) {
    char        path[PATH_MAX];
    struct stat status;
    Slice       slice;
    memset(&slice, 0, sizeof slice);
    if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path) continue;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) continue;
    snprintf(slice.name, sizeof slice.name, "%s", entry->d_name);
    PetscCall(scan_file(path, &slice));
    if (slice.pixel_type[0]) {
      PetscCall(ost_diag_error(list, at, "convert the series to little endian",
                               "%s: DICOM in %s byte order is not read", path, slice.pixel_type));
    }
    if (slice.truncated) {
      PetscCall(ost_diag_error(list, at, "copy the slice again from the archive",
                               "%s: the DICOM file is truncated", path));
    }
    if (!slice.has_pixels) {
      other += slice.is_dicom;
      continue;
    }
    if (*num == room) {
      room = PetscMax(2 * room, 64);
      PetscCall(PetscRealloc(sizeof(Slice) * (size_t)room, slices));
    }
    (*slices)[(*num)++] = slice;
  }
  closedir(dir);
  if (*num == 0 && ost_diag_num_errors(list) == 0) {
    PetscCall(ost_diag_error(list, at, "name the folder that holds the slices of one CT series",
                             "no DICOM image in %s%s", folder,
                             other ? " (its DICOM files hold contours or reports only)" : ""));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* One CT series of equal slices? */
static PetscErrorCode check_series(const char *folder, OstWhere at, OstDiagList *list, PetscInt num,
                                   const Slice slices[])
{
  const Slice *first = &slices[0];

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num; i++) {
    const Slice *s = &slices[i];
    if (strcmp(s->modality, "CT") != 0) {
      PetscCall(ost_diag_error(list, at, "only CT carries bone density",
                               "%s/%s: the modality is %s, not CT", folder, s->name,
                               s->modality[0] ? s->modality : "missing"));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    if (s->frames > 1 || !s->has_position || !s->has_orientation || !s->has_spacing) {
      PetscCall(
          ost_diag_error(list, at, "export the series as one CT slice a file",
                         "%s/%s: position, orientation or pixel spacing of the slice is missing",
                         folder, s->name));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    if (strcmp(s->series, first->series) != 0) {
      PetscCall(ost_diag_error(list, at, "keep one series in the folder",
                               "%s holds more than one series: %s and %s differ", folder,
                               first->name, s->name));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    PetscReal change = 0.0;
    for (PetscInt d = 0; d < 6; d++) {
      change = PetscMax(change, PetscAbsReal(s->orientation[d] - first->orientation[d]));
    }
    for (PetscInt d = 0; d < 2; d++) {
      change = PetscMax(change, PetscAbsReal(s->spacing[d] - first->spacing[d]));
    }
    if (change > 1e-3 || s->rows != first->rows || s->columns != first->columns) {
      PetscCall(ost_diag_error(list, at, "keep one reconstruction in the folder",
                               "%s: size, spacing or orientation of %s and %s differ", folder,
                               first->name, s->name));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Sorted slices: equal steps along the normal, and no sideways drift (a tilted gantry)? */
static PetscErrorCode check_steps(const char *folder, OstWhere at, OstDiagList *list, PetscInt num,
                                  const Slice slices[], const PetscReal normal[3])
{
  PetscReal *steps, median;
  PetscInt   faults = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num, &steps));
  for (PetscInt i = 0; i + 1 < num; i++) steps[i] = slices[i + 1].along - slices[i].along;
  PetscCall(PetscSortReal(num - 1, steps));
  median = steps[(num - 1) / 2];
  PetscCall(PetscFree(steps));
  for (PetscInt i = 0; i + 1 < num && faults < 5; i++) {
    const Slice    *a = &slices[i], *b = &slices[i + 1];
    const PetscReal step  = b->along - a->along;
    PetscReal       drift = 0.0;
    for (PetscInt d = 0; d < 3; d++) {
      drift = PetscMax(drift, PetscAbsReal(b->position[d] - a->position[d] - step * normal[d]));
    }
    if (step < 0.01) {
      PetscCall(ost_diag_error(list, at, "remove one of the two",
                               "%s: %s and %s show the same slice", folder, a->name, b->name));
      faults++;
    } else if (PetscAbsReal(step - median) > PetscMax(0.02 * median, 0.01)) {
      const PetscInt missing = (PetscInt)PetscFloorReal(step / median + 0.5) - 1;
      if (missing > 0) {
        PetscCall(ost_diag_error(list, at, "export the whole series again",
                                 "%s: %d slice%s missing between %s (position %.2f mm) and %s "
                                 "(%.2f mm); slices are %.3g "
                                 "mm apart elsewhere",
                                 folder, (int)missing, missing > 1 ? "s are" : " is", a->name,
                                 (double)a->along, b->name, (double)b->along, (double)median));
      } else {
        PetscCall(ost_diag_error(list, at, "export one reconstruction with equal steps",
                                 "%s: slices %s and %s are %.3g mm apart, others %.3g mm", folder,
                                 a->name, b->name, (double)step, (double)median));
      }
      faults++;
    } else if (drift > 0.05) {
      PetscCall(
          ost_diag_error(list, at, "resample it to square slices first",
                         "%s: the slices are sheared (tilted gantry): %.3g mm sideways between "
                         "%s and %s",
                         folder, (double)drift, a->name, b->name));
      break;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- conversion ------------------------------------------------------------------------------- */

static void remove_tree(const char *folder)
{
  DIR           *dir = opendir(folder);
  struct dirent *entry;
  if (!dir) return;
  while ((entry = readdir(dir))) {
    char path[PATH_MAX];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path) continue;
    if (unlink(path) != 0) remove_tree(path);
  }
  closedir(dir);
  rmdir(folder);
}

/* Run dcm2niix; its output goes to `log`. Returns its exit status, -1 when it could not be run. */
static int run_converter(const char *from, const char *to, const char *log)
{
  int         status;
  const pid_t child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    const int out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600), in = open("/dev/null", O_RDONLY);
    if (out < 0 || in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(127);
    execlp("dcm2niix", "dcm2niix", "-z", "n", "-b", "n", "-m", "n", "-x", "n", "-f", "osteon", "-o",
           to, from, (char *)NULL);
    _exit(127);
  }
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  if (!WIFEXITED(status)) return 1;
  return WEXITSTATUS(status) == 127 ? -1 : WEXITSTATUS(status);
}

/* The last few hundred characters of a text file. */
static void last_lines(const char *path, char text[], size_t room)
{
  FILE *file = fopen(path, "r");
  text[0]    = 0;
  if (!file) return;
  if (fseek(file, 0, SEEK_END) == 0) {
    const long size = ftell(file), from = size > (long)room - 1 ? size - (long)room + 1 : 0;
    if (size >= 0 && fseek(file, from, SEEK_SET) == 0) text[fread(text, 1, room - 1, file)] = 0;
  }
  fclose(file);
  for (size_t n = strlen(text); n > 0 && text[n - 1] == '\n'; n--) text[n - 1] = 0;
}

/* Convert the slices (linked into a folder of their own, so that nothing else is converted). */
static PetscErrorCode convert(const char *folder, OstWhere at, OstDiagList *list, PetscInt num,
                              const Slice slices[], OstImage *image)
{
  const char *base = getenv("TMPDIR");
  char        temporary[PATH_MAX], from[PATH_MAX + 16], log[PATH_MAX + 16], nifti[PATH_MAX + 16],
      real[PATH_MAX], text[600];
  int status = -1;

  PetscFunctionBeginUser;
  snprintf(temporary, sizeof temporary, "%s/osteon-dicom-XXXXXX", base && base[0] ? base : "/tmp");
  PetscCheck(mkdtemp(temporary), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "no temporary folder can be made: %s", temporary);
  snprintf(from, sizeof from, "%s/slices", temporary);
  snprintf(log, sizeof log, "%s/log", temporary);
  snprintf(nifti, sizeof nifti, "%s/osteon.nii", temporary);
  PetscBool linked = mkdir(from, 0700) == 0 && realpath(folder, real) ? PETSC_TRUE : PETSC_FALSE;
  for (PetscInt i = 0; i < num && linked; i++) {
    char source[2 * PATH_MAX], target[2 * PATH_MAX];
    snprintf(source, sizeof source, "%s/%s", real, slices[i].name);
    snprintf(target, sizeof target, "%s/%06d.dcm", from, (int)i);
    linked = symlink(source, target) == 0 ? PETSC_TRUE : PETSC_FALSE;
  }
  if (linked) status = run_converter(from, temporary, log);
  last_lines(log, text, sizeof text);
  if (!linked) {
    PetscCall(ost_diag_error(list, at, NULL, "the slices of %s cannot be linked into %s", folder,
                             temporary));
  } else if (status < 0) {
    PetscCall(ost_diag_error(list, at,
                             "install dcm2niix (Debian package dcm2niix), or give a NIfTI file",
                             "the program dcm2niix that reads DICOM cannot be run"));
  } else if (status > 0 || access(nifti, R_OK) != 0) {
    PetscCall(ost_diag_error(list, at, "convert the series to NIfTI with a program that reads it",
                             "dcm2niix does not convert %s: %s", folder, text));
  } else {
    PetscCall(ost_nifti_read(nifti, at, list, image));
    if (image->n[0] &&
        (image->n[2] != num || image->n[0] != slices[0].columns || image->n[1] != slices[0].rows)) {
      PetscCall(ost_diag_error(list, at, "convert the series to NIfTI and check it",
                               "dcm2niix made %d x %d x %d voxels of %d slices of %d x %d: %s",
                               (int)image->n[0], (int)image->n[1], (int)image->n[2], (int)num,
                               (int)slices[0].columns, (int)slices[0].rows, text));
      PetscCall(ost_image_destroy(image));
    }
  }
  remove_tree(temporary);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_dicom_read(const char *folder, OstWhere at, OstDiagList *list, OstImage *image)
{
  const PetscInt before = ost_diag_num_errors(list);
  PetscInt       num;
  Slice         *slices;
  PetscReal      normal[3];

  PetscFunctionBeginUser;
  image->n[0]   = 0;
  image->voxels = NULL;
  PetscCall(list_slices(folder, at, list, &num, &slices));
  if (ost_diag_num_errors(list) == before) PetscCall(check_series(folder, at, list, num, slices));
  if (ost_diag_num_errors(list) == before && num < 3) {
    PetscCall(ost_diag_error(list, at, "a limb needs a volume", "%s holds %d slices only", folder,
                             (int)num));
  }
  if (ost_diag_num_errors(list) == before) {
    ost_cross3(slices[0].orientation, slices[0].orientation + 3, normal);
    for (PetscInt i = 0; i < num; i++) slices[i].along = ost_dot3(slices[i].position, normal);
    qsort(slices, (size_t)num, sizeof *slices, compare_slices);
    PetscCall(check_steps(folder, at, list, num, slices, normal));
  }
  if (ost_diag_num_errors(list) == before) {
    PetscCall(convert(folder, at, list, num, slices, image));
  }
  PetscCall(PetscFree(slices));
  PetscFunctionReturn(PETSC_SUCCESS);
}
