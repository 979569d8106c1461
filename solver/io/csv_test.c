#include "io/csv.h"

#include "support/check.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static char top[512], path[600];

static const OstColumn columns[3] = {
    {"day", "day", ""}, {"stage", "index", ""}, {"micromotion_p95", "mm", ""}};

static PetscErrorCode write_row(OstCsv *csv, PetscReal day, PetscReal value)
{
  const PetscReal     values[3] = {day, 1.0, value};
  const OstHistoryRow row       = {3, columns, values, "two \"crutches\", first week"};

  PetscFunctionBeginUser;
  PetscCall(ost_csv_row(csv, &row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static size_t read_all(char text[], size_t size)
{
  FILE  *file   = fopen(path, "r");
  size_t length = 0;

  if (file) {
    length = fread(text, 1, size - 1, file);
    (void)fclose(file);
  }
  text[length] = '\0';
  return length;
}

static PetscErrorCode lines_are_in_the_file_at_once(void)
{
  char    text[1000];
  OstCsv *csv;

  PetscFunctionBeginUser;
  PetscCall(ost_csv_create(PETSC_COMM_WORLD, top, &csv));
  PetscCall(write_row(csv, 0.5, 1.0 / 3.0));
  (void)read_all(text, sizeof text);
  OST_CHECK(!strcmp(text, "day [day],stage [-],micromotion_p95 [mm],stage_name\n"
                          "0.5,1,0.3333333333,\"two \"\"crutches\"\", first week\"\n"));
  PetscCall(write_row(csv, 1.0, -(PetscReal)NAN));
  (void)read_all(text, sizeof text);
  OST_CHECK_TEXT(text, "\n1,1,nan,");
  PetscCall(ost_csv_destroy(&csv));
  OST_CHECK(!csv);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode full_disk_leaves_whole_lines(void)
{
  const struct rlimit small = {1000, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
  char                text[2000];
  PetscErrorCode      code = PETSC_SUCCESS;
  PetscInt            num  = 0;
  size_t              length;
  OstCsv             *csv;

  PetscFunctionBeginUser;
  PetscCall(ost_csv_create(PETSC_COMM_WORLD, top, &csv)); /* empties the file */
  if (setrlimit(RLIMIT_FSIZE, &small)) {
    printf("no limit could be set: a full disk is not tested\n");
    PetscCall(ost_csv_destroy(&csv));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  while (!code && num < 100) {
    code = write_row(csv, (PetscReal)num, 0.125);
    num += !code;
  }
  PetscCall(PetscPopErrorHandler());
  OST_CHECK(!setrlimit(RLIMIT_FSIZE, &none));
  OST_CHECK_INT(code, PETSC_ERR_FILE_WRITE);
  length = read_all(text, sizeof text);
  OST_CHECK(length > 900 && text[length - 1] == '\n');
  for (size_t i = 0; i < length; i++) num -= text[i] == '\n';
  OST_CHECK_INT(num, -1); /* the head and each row that was accepted */
  PetscCall(ost_csv_destroy(&csv));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  OstAssert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR, "signal");
  (void)snprintf(top, sizeof top, "%s/osteon_csv_XXXXXX",
                 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
  PetscCheck(mkdtemp(top), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", top);
  (void)snprintf(path, sizeof path, "%s/%s", top, OST_CSV_FILE);
  PetscCall(lines_are_in_the_file_at_once());
  PetscCall(full_disk_leaves_whole_lines());
  OST_CHECK(!unlink(path) && !rmdir(top));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
