#include "io/run_dir.h"

#include "support/check.h"

#include <errno.h>
#include <ftw.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static PetscMPIInt rank;
static char        top[512]; /* our own temporary directory */

/* --- tools ------------------------------------------------------------------------------------ */

static const char *in_top(const char *name)
{
  static char path[4][800];
  static int  turn;

  turn = (turn + 1) % 4;
  (void)snprintf(path[turn], sizeof *path, "%s/%s", top, name);
  return path[turn];
}

/* Rank 0 prepares, all wait. */
static PetscErrorCode make_file(const char *name, const char *text)
{
  PetscFunctionBeginUser;
  if (!rank) {
    FILE *file = fopen(in_top(name), "w");
    OstAssert(file, "%s: %s", name, strerror(errno));
    (void)fputs(text, file);
    OstAssert(!fclose(file), "%s: %s", name, strerror(errno));
  }
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode make_folder(const char *name)
{
  PetscFunctionBeginUser;
  if (!rank) OstAssert(!mkdir(in_top(name), 0777), "%s: %s", name, strerror(errno));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* All ranks look before any goes on to change it. */
static PetscBool is_there(const char *name)
{
  (void)MPI_Barrier(PETSC_COMM_WORLD);
  const PetscBool there = access(in_top(name), F_OK) == 0 ? PETSC_TRUE : PETSC_FALSE;
  (void)MPI_Barrier(PETSC_COMM_WORLD);
  return there;
}

static PetscErrorCode claim(const char *name, PetscBool force, OstDiagList **list, OstRunDir **dir)
{
  const OstRunDirOptions options = {.path = in_top(name), .force = force};

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(list));
  PetscCall(ost_run_dir_claim(PETSC_COMM_WORLD, &options, *list, dir));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Expect one error that holds both texts, and no lock left by us. */
static PetscErrorCode expect_refusal(const char *name, PetscBool force, const char *message,
                                     const char *fix)
{
  OstDiagList *list;
  OstRunDir   *dir;

  PetscFunctionBeginUser;
  PetscCall(claim(name, force, &list, &dir));
  OST_CHECK(!dir);
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  if (ost_diag_num_errors(list)) {
    OST_CHECK_TEXT(ost_diag_get(list, 0).message, message);
    OST_CHECK_TEXT(ost_diag_get(list, 0).fix, fix);
  }
  PetscCall(ost_run_dir_release(&dir));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the rules -------------------------------------------------------------------------------- */

static PetscErrorCode new_directory_is_made_with_its_parents(void)
{
  OstDiagList *list;
  OstRunDir   *dir;

  PetscFunctionBeginUser;
  PetscCall(claim("new/deep/out///", PETSC_FALSE, &list, &dir));
  OST_CHECK(dir);
  OST_CHECK_INT(ost_diag_num_errors(list) + ost_diag_num_warnings(list), 0);
  OST_CHECK(is_there("new/deep/out/osteon.lock"));
  PetscCall(ost_run_dir_release(&dir));
  OST_CHECK(!dir);
  OST_CHECK(!is_there("new/deep/out/osteon.lock"));
  PetscCall(ost_diag_destroy(&list));

  /* empty: may be taken again */
  PetscCall(claim("new/deep/out", PETSC_FALSE, &list, &dir));
  OST_CHECK(dir);
  PetscCall(ost_run_dir_release(&dir));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode directory_of_a_run_is_refused_and_untouched(void)
{
  PetscFunctionBeginUser;
  PetscCall(make_folder("earlier"));
  PetscCall(make_file("earlier/results.h5", "earlier"));
  PetscCall(
      expect_refusal("earlier", PETSC_FALSE, "holds the results of a run (results.h5)", "--force"));
  OST_CHECK(is_there("earlier/results.h5"));
  OST_CHECK(!is_there("earlier/osteon.lock"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode directory_that_is_not_empty_is_refused(void)
{
  PetscFunctionBeginUser;
  PetscCall(make_folder("foreign"));
  PetscCall(make_file("foreign/thesis.tex", "years of work"));
  PetscCall(expect_refusal("foreign", PETSC_FALSE, "is not empty: it holds thesis.tex", "-o"));
  PetscCall(expect_refusal("foreign/thesis.tex", PETSC_FALSE, "is not a directory", "directory"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode force_removes_the_run_once_there_is_another_and_nothing_else(void)
{
  OstDiagList *list;
  OstRunDir   *dir;

  PetscFunctionBeginUser;
  PetscCall(make_folder("mixed"));
  PetscCall(make_folder("mixed/figures"));
  PetscCall(make_file("mixed/results.h5", ""));
  PetscCall(make_file("mixed/results.xdmf.part", ""));
  PetscCall(make_file("mixed/summary.json", ""));
  PetscCall(make_file("mixed/limb.part-4711.yaml", ""));
  PetscCall(make_file("mixed/limb.msh", ""));
  PetscCall(make_file("mixed/results.h5.bak", "mine"));
  PetscCall(make_file("mixed/case.yaml", "mine"));
  PetscCall(claim("mixed", PETSC_TRUE, &list, &dir));
  OST_CHECK(dir);
  OST_CHECK_INT(ost_diag_num_warnings(list), 1);
  if (ost_diag_num_warnings(list)) {
    OST_CHECK_TEXT(ost_diag_get(list, 0).message, "still holds 3 other files");
  }
  OST_CHECK(is_there("mixed/osteon.part"));
  OST_CHECK(is_there("mixed/results.h5"));
  PetscCall(make_file("mixed/osteon.part/limb.yaml", "new"));
  PetscCall(ost_run_dir_install(dir));
  OST_CHECK(!is_there("mixed/osteon.part"));
  OST_CHECK(is_there("mixed/limb.yaml"));
  OST_CHECK(!is_there("mixed/results.h5"));
  OST_CHECK(!is_there("mixed/results.xdmf.part"));
  OST_CHECK(!is_there("mixed/summary.json"));
  OST_CHECK(!is_there("mixed/limb.msh"));
  OST_CHECK(!is_there("mixed/limb.part-4711.yaml"));
  OST_CHECK(is_there("mixed/results.h5.bak"));
  OST_CHECK(is_there("mixed/case.yaml"));
  OST_CHECK(is_there("mixed/figures"));
  PetscCall(ost_run_dir_release(&dir));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode run_that_ends_before_its_mesh_leaves_the_earlier_one(void)
{
  OstDiagList *list;
  OstRunDir   *dir;

  PetscFunctionBeginUser;
  PetscCall(make_folder("kept"));
  PetscCall(make_file("kept/results.h5", "earlier"));
  PetscCall(claim("kept", PETSC_TRUE, &list, &dir));
  OST_CHECK(dir);
  PetscCall(make_file("kept/osteon.part/limb.part-7.msh", "half"));
  PetscCall(ost_run_dir_release(&dir));
  OST_CHECK(is_there("kept/results.h5"));
  OST_CHECK(!is_there("kept/osteon.part"));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode part_folder_of_a_killed_run_is_removed_but_not_with_foreign_files(void)
{
  OstDiagList *list;
  OstRunDir   *dir;

  PetscFunctionBeginUser;
  PetscCall(make_folder("killed"));
  PetscCall(make_folder("killed/osteon.part"));
  PetscCall(make_file("killed/osteon.part/limb.msh", ""));
  PetscCall(claim("killed", PETSC_FALSE, &list, &dir));
  OST_CHECK(dir);
  OST_CHECK(!is_there("killed/osteon.part/limb.msh"));
  PetscCall(ost_run_dir_release(&dir));
  PetscCall(ost_diag_destroy(&list));

  PetscCall(make_folder("killed/osteon.part"));
  PetscCall(make_file("killed/osteon.part/thesis.tex", "years of work"));
  PetscCall(expect_refusal("killed", PETSC_TRUE, "osteon.part is in the way", "elsewhere"));
  OST_CHECK(is_there("killed/osteon.part/thesis.tex"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode force_spares_what_the_run_reads(void)
{
  const char      *input;
  OstRunDirOptions options;
  OstDiagList     *list;
  OstRunDir       *dir;

  PetscFunctionBeginUser;
  PetscCall(make_folder("own"));
  PetscCall(make_file("own/limb.msh", "input"));
  PetscCall(make_file("own/results.h5", "earlier"));
  if (!rank) OstAssert(!symlink("own/limb.msh", in_top("link.msh")), "%s", strerror(errno));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  input   = in_top("link.msh"); /* by another name */
  options = (OstRunDirOptions){
      .path = in_top("own"), .force = PETSC_TRUE, .num_inputs = 1, .inputs = &input};
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_run_dir_claim(PETSC_COMM_WORLD, &options, list, &dir));
  OST_CHECK(!dir);
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  if (ost_diag_num_errors(list)) OST_CHECK_TEXT(ost_diag_get(list, 0).message, "link.msh");
  OST_CHECK(is_there("own/limb.msh"));
  OST_CHECK(is_there("own/results.h5"));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- locks ------------------------------------------------------------------------------------ */

static PetscErrorCode second_run_is_kept_out(void)
{
  OstDiagList *list;
  OstRunDir   *dir;
  char         pid[64];

  PetscFunctionBeginUser;
  PetscCall(claim("busy", PETSC_FALSE, &list, &dir));
  OST_CHECK(dir);
  (void)snprintf(pid, sizeof pid, "process %ld", (long)getpid());
  PetscCallMPI(MPI_Bcast(pid, sizeof pid, MPI_CHAR, 0, PETSC_COMM_WORLD));
  PetscCall(expect_refusal("busy", PETSC_FALSE, "is in use by a run on", "wait until"));
  PetscCall(expect_refusal("busy", PETSC_TRUE, pid, "remove"));
  OST_CHECK(is_there("busy/osteon.lock")); /* the first one's, still */
  PetscCall(ost_run_dir_release(&dir));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A process number that certainly was and is no more. */
static long dead_process(void)
{
  const pid_t child = fork();

  if (child == 0) _exit(0);
  if (child > 0) (void)waitpid(child, NULL, 0);
  return (long)child;
}

static PetscErrorCode lock_text(const char *name, const char *host, long pid, long start)
{
  char text[256], self[128] = "unknown";

  PetscFunctionBeginUser;
  (void)gethostname(self, sizeof self - 1);
  (void)snprintf(text, sizeof text, "host %s\npid %ld\nstart %ld\nsince 2020-01-02T03:04:05Z\n",
                 host ? host : self, pid, start);
  PetscCall(make_file(name, text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode lock_of_a_dead_process_is_taken_over(void)
{
  OstDiagList *list;
  OstRunDir   *dir;

  PetscFunctionBeginUser;
  PetscCall(make_folder("stale"));
  PetscCall(lock_text("stale/osteon.lock", NULL, rank ? 0 : dead_process(), 77));
  PetscCall(claim("stale", PETSC_FALSE, &list, &dir));
  OST_CHECK(dir);
  OST_CHECK_INT(ost_diag_num_warnings(list), 1);
  if (ost_diag_num_warnings(list)) {
    OST_CHECK_TEXT(ost_diag_get(list, 0).message, "begun 2020-01-02T03:04:05Z");
  }
  PetscCall(ost_run_dir_release(&dir));
  OST_CHECK(!is_there("stale/osteon.lock"));
  PetscCall(ost_diag_destroy(&list));

  /* the number of a living process, but of one that began at another time */
  PetscCall(lock_text("stale/osteon.lock", NULL, (long)getpid(), 1));
  PetscCall(claim("stale", PETSC_FALSE, &list, &dir));
  OST_CHECK(dir);
  PetscCall(ost_run_dir_release(&dir));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode lock_that_cannot_be_judged_is_respected(void)
{
  PetscFunctionBeginUser;
  PetscCall(make_folder("far"));
  PetscCall(lock_text("far/osteon.lock", "another-host", 1, 1));
  PetscCall(expect_refusal("far", PETSC_TRUE, "on another-host", "osteon.lock"));
  PetscCall(make_file("far/osteon.lock", "scribble"));
  PetscCall(expect_refusal("far", PETSC_TRUE, "tells not by whom", "osteon.lock"));
  OST_CHECK(is_there("far/osteon.lock"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- what the system refuses ------------------------------------------------------------------ */

static char last_message[1024];

static PetscErrorCode on_error(MPI_Comm comm, int line, const char *function, const char *file,
                               PetscErrorCode code, PetscErrorType type, const char *message,
                               void *context)
{
  (void)comm;
  (void)line;
  (void)function;
  (void)file;
  (void)context;
  if (type == PETSC_ERROR_INITIAL) {
    (void)snprintf(last_message, sizeof last_message, "%s", message);
  }
  return code;
}

static PetscErrorCode expect_error(const char *path, PetscErrorCode wanted, const char *message)
{
  const OstRunDirOptions options = {.path = path};
  PetscErrorCode         code;
  OstDiagList           *list;
  OstRunDir             *dir = NULL;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  last_message[0] = '\0';
  PetscCall(PetscPushErrorHandler(on_error, NULL));
  code = ost_run_dir_claim(PETSC_COMM_WORLD, &options, list, &dir);
  PetscCall(PetscPopErrorHandler());
  OST_CHECK_INT(code, wanted);
  OST_CHECK(!dir);
  OST_CHECK_TEXT(last_message, message);
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode refusals_of_the_system_come_with_its_words(void)
{
  PetscFunctionBeginUser;
  PetscCall(make_file("plain", ""));
  PetscCall(expect_error(in_top("plain/out"), PETSC_ERR_FILE_OPEN, "Not a directory"));
  PetscCall(expect_error("/proc/osteon/out", PETSC_ERR_FILE_OPEN, "No such file or directory"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Only where this process may mount: a file system that is read-only, one that is full. */
static PetscErrorCode read_only_and_full_disks_are_told(void)
{
  int mounted = 0;

  PetscFunctionBeginUser;
  PetscCall(make_folder("disk"));
  if (!rank) mounted = !mount("tmpfs", in_top("disk"), "tmpfs", 0, "size=64k");
  PetscCallMPI(MPI_Bcast(&mounted, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  if (!mounted) {
    printf("no right to mount: read-only and full disks are not tested\n");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (!rank) { /* fill it */
    char  block[4096] = {0};
    FILE *file        = fopen(in_top("disk/filler"), "w");
    OstAssert(file, "%s", strerror(errno));
    while (fwrite(block, sizeof block, 1, file) == 1 && !fflush(file)) continue;
    (void)fclose(file); /* full by intent */
  }
  PetscCall(make_folder("disk/out"));
  PetscCall(expect_error(in_top("disk/out"), PETSC_ERR_FILE_WRITE, "No space left on device"));
  OST_CHECK(!is_there("disk/out/osteon.lock"));
  if (!rank) {
    OST_CHECK(!mount("tmpfs", in_top("disk"), "tmpfs", MS_REMOUNT | MS_RDONLY, NULL));
  }
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscCall(expect_error(in_top("disk/out"), PETSC_ERR_FILE_WRITE, "Read-only file system"));
  PetscCall(expect_error(in_top("disk/new"), PETSC_ERR_FILE_OPEN, "Read-only file system"));
  if (!rank) OST_CHECK(!umount(in_top("disk")));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int remove_entry(const char *path, const struct stat *s, int type, struct FTW *ftw)
{
  (void)s;
  (void)type;
  (void)ftw;
  return remove(path);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (!rank) {
    (void)snprintf(top, sizeof top, "%s/osteon_run_dir_XXXXXX",
                   getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    PetscCheck(mkdtemp(top), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", top);
  }
  PetscCallMPI(MPI_Bcast(top, sizeof top, MPI_CHAR, 0, PETSC_COMM_WORLD));

  PetscCall(new_directory_is_made_with_its_parents());
  PetscCall(directory_of_a_run_is_refused_and_untouched());
  PetscCall(directory_that_is_not_empty_is_refused());
  PetscCall(force_removes_the_run_once_there_is_another_and_nothing_else());
  PetscCall(run_that_ends_before_its_mesh_leaves_the_earlier_one());
  PetscCall(part_folder_of_a_killed_run_is_removed_but_not_with_foreign_files());
  PetscCall(force_spares_what_the_run_reads());
  PetscCall(second_run_is_kept_out());
  PetscCall(lock_of_a_dead_process_is_taken_over());
  PetscCall(lock_that_cannot_be_judged_is_respected());
  PetscCall(refusals_of_the_system_come_with_its_words());
  PetscCall(read_only_and_full_disks_are_told());

  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  if (!rank) OST_CHECK(!nftw(top, remove_entry, 16, FTW_DEPTH | FTW_PHYS));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
