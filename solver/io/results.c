#include "io/results.h"

#include "base/groups.h"
#include "io/field_rows.h"
#include "io/files.h"
#include "io/history_table.h"
#include "io/results_fall.h"
#include "io/results_head.h"
#include "io/transition_log.h"
#include "io/undo.h"

#define HISTORY "/history"

struct OstResults {
  const OstMesh   *mesh;
  char             path[PETSC_MAX_PATH_LEN];
  OstHistoryTable *history;
  PetscInt         num_snapshots, num_transitions; /* in the file */
  char            *falls;                          /* their groups, one a line */
};

static const char *text_or_empty(const char *text)
{
  return text ? text : "";
}

enum { OVERHEAD = 1 << 20 }; /* room for headers, chunk indices, texts and the small files [byte] */

/* --- the file --------------------------------------------------------------------------------- */

/* Close, and make sure of the disk: some file systems only then say that they are full. */
static PetscErrorCode close_synced(OstResults *results, OstH5 **file)
{
  PetscFunctionBeginUser;
  PetscCall(ost_h5_close(file));
  PetscCall(ost_file_sync(results->mesh->comm, results->path));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A session on the file begins, for which `bytes` of room are wanted; ended by close_for_good. */
static PetscErrorCode open_undoable(OstResults *results, double bytes, OstH5 **file)
{
  MPI_Comm comm = results->mesh->comm;

  PetscFunctionBeginUser;
  PetscCall(ost_undo_begin(comm, results->path, HISTORY));
  PetscCall(ost_file_reserve(comm, results->path, bytes));
  PetscCall(ost_h5_open(comm, results->path, PETSC_TRUE, file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode close_for_good(OstResults *results, OstH5 **file)
{
  PetscFunctionBeginUser;
  PetscCall(close_synced(results, file));
  PetscCall(ost_undo_end(results->mesh->comm, results->path));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode begin(const OstResultsInfo *info, OstResults **results)
{
  OstResults *r;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(results));
  r       = *results;
  r->mesh = info->mesh;
  PetscCall(ost_path_in(r->mesh->comm, info->directory, OST_RESULTS_FILE, r->path));
  PetscCall(ost_history_table_create(&r->history));
  PetscCall(PetscStrallocpy("", &r->falls));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_create(const OstResultsInfo *info, OstResults **results)
{
  const OstMesh *mesh = info->mesh;
  OstResults    *r;
  OstH5         *file;

  PetscFunctionBeginUser;
  PetscCall(begin(info, results));
  r = *results;
  PetscCall(ost_h5_create(mesh->comm, r->path, &file));
  PetscCall(ost_h5_close(&file));
  PetscCall(ost_file_reserve(mesh->comm, r->path, ost_results_head_bytes(mesh) + OVERHEAD));
  PetscCall(ost_h5_open(mesh->comm, r->path, PETSC_TRUE, &file));
  PetscCall(ost_h5_attr_text(file, "/", "format", OST_RESULTS_FORMAT));
  PetscCall(ost_h5_attr_int(file, "/", "format_version", OST_RESULTS_VERSION));
  PetscCall(ost_h5_attr_text(file, "/", "osteon_version", OSTEON_VERSION));
  PetscCall(ost_h5_attr_int(file, "/", "complete", 0));
  PetscCall(ost_results_head_write(file, info));
  PetscCall(ost_transition_log_create(file));
  PetscCall(close_synced(r, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_destroy(OstResults **results)
{
  PetscFunctionBeginUser;
  if (!*results) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_history_table_destroy(&(*results)->history));
  PetscCall(PetscFree((*results)->falls));
  PetscCall(PetscFree(*results));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- fields ----------------------------------------------------------------------------------- */

static PetscErrorCode write_field(const OstResults *results, OstH5 *file, const char *group,
                                  const OstField *field)
{
  static const char *const places[] = {[OST_ON_NODE]            = "node",
                                       [OST_ON_CELL]            = "cell",
                                       [OST_ON_INTERFACE_FACE]  = "interface",
                                       [OST_ON_INTERFACE_POINT] = "interface_point"};
  const OstFieldInfo      *info     = &field->info;
  const OstNumbering      *rows     = ost_field_rows(results->mesh, info->place);
  const PetscInt           n        = ost_field_row_length(info->place, info->num_comp);
  char                     path[512];
  PetscInt                *index;

  PetscFunctionBeginUser;
  (void)snprintf(path, sizeof path, "%s/%s/%s", group, places[info->place], info->name);
  if (strcmp(info->unit, "index")) {
    PetscCall(
        ost_h5_write_reals(file, path, rows, n, field->values, info->unit, info->description));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscMalloc1(rows->num_local * n, &index));
  for (PetscInt i = 0; i < rows->num_local * n; i++) {
    index[i] = (PetscInt)PetscFloorReal(field->values[i] + 0.5);
  }
  PetscCall(ost_h5_write_ints(file, path, rows, n, index, info->description));
  PetscCall(PetscFree(index));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Reserve room for the fields, uncompressed, then open. Closing gives back what was not needed. */
static PetscErrorCode open_for(OstResults *results, PetscInt num_fields, const OstField fields[],
                               PetscInt num_transitions, OstH5 **file)
{
  double bytes = OVERHEAD + (double)OST_TRANSITION_BYTES * num_transitions;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < num_fields; i++) {
    const OstFieldInfo *info = &fields[i].info;
    bytes += (double)ost_field_rows(results->mesh, info->place)->num_global *
             ost_field_row_length(info->place, info->num_comp) * (double)sizeof(PetscReal);
  }
  PetscCall(open_undoable(results, bytes, file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the observer's calls --------------------------------------------------------------------- */

PetscErrorCode ost_results_snapshot(OstResults *results, const OstSnapshot *s)
{
  char           group[64];
  OstH5         *file;
  PetscInt       num;
  OstTransition *transitions;

  PetscFunctionBeginUser;
  PetscCall(ost_transition_log_gather(results->mesh->comm, s->num_transitions, s->transitions, &num,
                                      &transitions));
  PetscCall(open_for(results, s->num_fields, s->fields, num, &file));
  (void)snprintf(group, sizeof group, "/steps/%05d", (int)s->index);
  PetscCall(ost_h5_group(file, group));
  PetscCall(ost_h5_attr_real(file, group, "day", s->day));
  PetscCall(ost_h5_attr_int(file, group, "step", s->step));
  PetscCall(ost_h5_attr_text(file, group, "stage", text_or_empty(s->stage)));
  PetscCall(ost_h5_attr_text(file, group, "activity", text_or_empty(s->activity)));
  PetscCall(ost_h5_attr_real(file, group, "time_step", s->time_step));
  for (PetscInt i = 0; i < s->num_fields; i++) {
    PetscCall(write_field(results, file, group, &s->fields[i]));
  }
  PetscCall(ost_transition_log_append(file, num, transitions));
  PetscCall(PetscFree(transitions));
  results->num_transitions += num;
  results->num_snapshots = s->index + 1;
  PetscCall(ost_h5_attr_int(file, group, "transitions", results->num_transitions));
  PetscCall(ost_history_table_write(results->history, file));
  PetscCall(close_for_good(results, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_row(OstResults *results, const OstHistoryRow *row)
{
  PetscFunctionBeginUser;
  PetscCall(ost_history_table_add(results->history, row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* "/falls/forward_day0030", with a number behind when the same fall is there already. */
static PetscErrorCode fall_group(OstH5 *file, const OstFallReport *fall,
                                 char group[OST_RESULTS_GROUP_LENGTH])
{
  char      name[128];
  PetscBool taken = PETSC_TRUE;

  PetscFunctionBeginUser;
  (void)snprintf(name, sizeof name, "%s", fall->name);
  for (char *c = name; *c; c++) {
    const PetscBool plain = (PetscBool)((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                                        (*c >= '0' && *c <= '9') || *c == '-');
    if (!plain) *c = '_';
  }
  for (int again = 1; taken; again++) {
    char suffix[16] = "";
    if (again > 1) (void)snprintf(suffix, sizeof suffix, "_%d", again);
    (void)snprintf(group, OST_RESULTS_GROUP_LENGTH, "/falls/%s_day%04.0f%s", name,
                   (double)fall->day, suffix);
    PetscCall(ost_h5_exists(file, group, NULL, &taken));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode add_line(char **text, const char *line)
{
  const size_t length = strlen(*text) + strlen(line) + 2;
  char        *longer;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(length, &longer));
  (void)snprintf(longer, length, "%s%s\n", *text, line);
  PetscCall(PetscFree(*text));
  *text = longer;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_fall(OstResults *results, const OstFallReport *fall,
                                char group[OST_RESULTS_GROUP_LENGTH])
{
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCall(open_for(results, fall->num_fields, fall->fields, 0, &file));
  PetscCall(fall_group(file, fall, group));
  PetscCall(add_line(&results->falls, group));
  PetscCall(ost_results_fall_write(file, group, fall));
  for (PetscInt i = 0; i < fall->num_fields; i++) {
    PetscCall(write_field(results, file, group, &fall->fields[i]));
  }
  PetscCall(ost_history_table_write(results->history, file));
  PetscCall(close_for_good(results, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_end(OstResults *results)
{
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCall(open_for(results, 0, NULL, 0, &file));
  PetscCall(ost_history_table_write(results->history, file));
  PetscCall(close_for_good(results, &file));

  /* Only when all else is on the disk. */
  PetscCall(open_for(results, 0, NULL, 0, &file));
  PetscCall(ost_h5_attr_int(file, "/", "complete", 1));
  PetscCall(close_for_good(results, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- going on from a checkpoint --------------------------------------------------------------- */

PetscErrorCode ost_results_archive(OstResults *results, OstArchive *archive)
{
  MPI_Comm comm = results->mesh->comm;

  PetscFunctionBeginUser;
  PetscCall(ost_archive_int(archive, "output/snapshots", &results->num_snapshots));
  PetscCall(ost_archive_int(archive, "output/transitions", &results->num_transitions));
  if (archive->loading) PetscCall(PetscFree(results->falls));
  PetscCall(ost_archive_text(archive, comm, "output/fall_groups", &results->falls));
  PetscCall(ost_history_table_archive(results->history, comm, archive));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Whether `line` is one of the text. */
static PetscBool has_line(const char *text, const char *line)
{
  const size_t length = strlen(line);

  for (const char *at = text; at && *at; at = strchr(at, '\n'), at += at ? 1 : 0)
    if (!strncmp(at, line, length) && at[length] == '\n') return PETSC_TRUE;
  return PETSC_FALSE;
}

static PetscErrorCode remove_later_steps(const OstResults *results, OstH5 *file)
{
  PetscInt num;
  char   **names, path[64];

  PetscFunctionBeginUser;
  PetscCall(ost_h5_list(file, "/steps", &num, &names));
  for (PetscInt i = 0; i < num; i++) {
    (void)snprintf(path, sizeof path, "/steps/%s", names[i]);
    if (atoi(names[i]) >= results->num_snapshots) PetscCall(ost_h5_remove(file, path));
  }
  PetscCall(ost_h5_list_free(num, &names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode remove_later_falls(const OstResults *results, OstH5 *file)
{
  PetscInt  num;
  char    **names, path[OST_RESULTS_GROUP_LENGTH];
  PetscBool some;

  PetscFunctionBeginUser;
  PetscCall(ost_h5_exists(file, "/falls", NULL, &some));
  if (!some) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ost_h5_list(file, "/falls", &num, &names));
  for (PetscInt i = 0; i < num; i++) {
    (void)snprintf(path, sizeof path, "/falls/%s", names[i]);
    if (!has_line(results->falls, path)) PetscCall(ost_h5_remove(file, path));
  }
  PetscCall(ost_h5_list_free(num, &names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_resume(const OstResultsInfo *info, OstArchive *from,
                                  OstResults **results)
{
  OstResults *r;
  OstH5      *file;
  PetscBool   recovered;

  PetscFunctionBeginUser;
  PetscCall(begin(info, results));
  r = *results;
  PetscCall(ost_undo_recover(r->mesh->comm, r->path, &recovered));
  PetscCall(ost_results_archive(r, from));
  PetscCall(open_for(r, 0, NULL, 0, &file));
  PetscCall(ost_h5_attr_int(file, "/", "complete", 0));
  PetscCall(remove_later_steps(r, file));
  PetscCall(remove_later_falls(r, file));
  PetscCall(ost_transition_log_shorten(file, r->num_transitions));
  PetscCall(ost_history_table_write(r->history, file));
  PetscCall(close_for_good(r, &file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_results_tell(OstResults *results, const OstObserver *listener)
{
  char   group[OST_RESULTS_GROUP_LENGTH];
  OstH5 *file;

  PetscFunctionBeginUser;
  PetscCall(ost_history_table_tell(results->history, listener));
  PetscCall(ost_h5_open(results->mesh->comm, results->path, PETSC_FALSE, &file));
  for (const char *at = results->falls; *at; at = strchr(at, '\n') + 1) {
    (void)snprintf(group, sizeof group, "%.*s", (int)strcspn(at, "\n"), at);
    PetscCall(ost_results_fall_tell(file, group, listener));
  }
  PetscCall(ost_h5_close(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}
