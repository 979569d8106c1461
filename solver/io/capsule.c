#include "io/capsule.h"

#include "base/h5.h"
#include "io/files.h"

#include <stdio.h>
#include <unistd.h>

#define FORMAT  "osteon failure"
#define VERSION 1

static PetscErrorCode write_field(OstH5 *file, const OstMesh *mesh, const OstField *field)
{
  const OstFieldInfo *info = &field->info;
  char                path[128];

  PetscFunctionBeginUser;
  (void)snprintf(path, sizeof path, "interface_point/%s", info->name);
  PetscCall(ost_h5_write_reals(file, path, &mesh->rows_face, OST_FACE_POINTS, field->values,
                               info->unit, info->description));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_capsule_write(const OstMesh *mesh, const char *directory,
                                 const OstFailureReport *report)
{
  char   path[PETSC_MAX_PATH_LEN], part[PETSC_MAX_PATH_LEN + 8];
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCall(ost_path_in(mesh->comm, directory, OST_CAPSULE_FILE, path));
  (void)snprintf(part, sizeof part, "%s.part", path);
  PetscCall(ost_h5_create(mesh->comm, part, &file));
  PetscCall(ost_h5_attr_text(file, "/", "format", FORMAT));
  PetscCall(ost_h5_attr_int(file, "/", "format_version", VERSION));
  PetscCall(ost_h5_attr_real(file, "/", "day", report->day));
  PetscCall(ost_h5_attr_text(file, "/", "stage", report->stage));
  PetscCall(ost_h5_attr_text(file, "/", "load", report->load));
  PetscCall(ost_h5_attr_real(file, "/", "carried", report->carried));
  PetscCall(ost_h5_attr_real(file, "/", "share", report->share));
  PetscCall(ost_h5_write_text(file, "words", report->words, "what failed, and what to change"));
  PetscCall(ost_h5_write_table(file, "iterations", report->num_iterates, 4, report->iterates, "1",
                               "relative residual, share of the step taken, points that turned, "
                               "Krylov iterations"));
  for (PetscInt k = 0; k < report->num_fields; k++)
    PetscCall(write_field(file, mesh, &report->fields[k]));
  PetscCall(ost_h5_close(&file));
  PetscCall(ost_file_sync(mesh->comm, part));
  PetscCall(ost_file_rename(mesh->comm, part, path));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode is_capsule(MPI_Comm comm, const char *path, PetscBool *yes)
{
  OstH5         *file;
  PetscErrorCode failed;
  char           format[64] = "";

  PetscFunctionBeginUser;
  *yes = PETSC_FALSE;
  /* any file may be named: that it is no HDF5 is not the program's error */
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  failed = ost_h5_open(comm, path, PETSC_FALSE, &file);
  if (!failed) {
    if (!ost_h5_get_attr_text(file, "/", "format", format, sizeof format))
      *yes = !strcmp(format, FORMAT) ? PETSC_TRUE : PETSC_FALSE;
    (void)ost_h5_close(&file);
  }
  PetscCall(PetscPopErrorHandler());
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void print_iterations(PetscInt num, const PetscReal rows[])
{
  printf("iteration   residual    step  turned  krylov\n");
  for (PetscInt k = 0; k < num; k++)
    printf("%9d  %9.3e  %6.4g  %6.0f  %6.0f\n", (int)k + 1, (double)rows[4 * k],
           (double)rows[4 * k + 1], (double)rows[4 * k + 2], (double)rows[4 * k + 3]);
}

PetscErrorCode ost_capsule_print(MPI_Comm comm, const char *path, OstDiagList *list)
{
  OstH5      *file;
  PetscBool   yes;
  PetscMPIInt rank;
  PetscInt    num, width;
  PetscReal  *rows;
  char       *words;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(is_capsule(comm, path, &yes));
  if (!yes) {
    PetscCall(ost_diag_error(list, (OstWhere){path, 0},
                             "name the " OST_CAPSULE_FILE " that a run without equilibrium left",
                             "this is no record of a failure"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ost_h5_open(comm, path, PETSC_FALSE, &file));
  PetscCall(ost_h5_read_text(file, "words", &words));
  PetscCall(ost_h5_read_table(file, "iterations", &num, &width, &rows));
  PetscCall(ost_h5_close(&file));
  if (!rank) {
    printf("%s\n", words);
    print_iterations(num, rows);
  }
  PetscCall(PetscFree(words));
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}
