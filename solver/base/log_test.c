#include "base/log.h"

#include "support/check.h"

#include <unistd.h>

/* The whole of a small file. */
static void slurp(const char *path, char text[], size_t length)
{
  FILE  *f = fopen(path, "r");
  size_t n = f ? fread(text, 1, length - 1, f) : 0;

  text[n] = '\0';
  if (f) (void)fclose(f);
}

static PetscErrorCode file_holds_detail_whatever_the_terminal_shows(void)
{
  char           path[] = "/tmp/ost_log_XXXXXX", text[1024];
  PetscErrorCode ierr;

  PetscFunctionBeginUser;
  PetscCheck(close(mkstemp(path)) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", path);
  ost_log_set_level(OST_LOG_ERROR); /* a silent terminal */
  PetscCall(ost_log_open(path));
  PetscCall(ost_log(OST_LOG_STEP, "day = %d", 30));
  PetscCall(ost_log(OST_LOG_DETAIL, "newton = %d", 3));
  PetscCall(ost_log(OST_LOG_DEBUG, "never in the file"));
  PetscCall(ost_log(OST_LOG_WARNING, "few elements"));
  PetscCall(ost_log_open(NULL));
  PetscCall(ost_log(OST_LOG_STEP, "after closing"));
  slurp(path, text, sizeof text);
  OST_CHECK_TEXT(text, "day = 30\n");
  OST_CHECK_TEXT(text, "newton = 3\n");
  OST_CHECK_TEXT(text, "warning: few elements\n");
  OST_CHECK(!strstr(text, "never"));
  OST_CHECK(!strstr(text, "after"));

  PetscCall(ost_log_open(path)); /* a resumed run goes on in the same file */
  PetscCall(ost_log(OST_LOG_STEP, "day = 31"));
  PetscCall(ost_log_open(NULL));
  slurp(path, text, sizeof text);
  OST_CHECK_TEXT(text, "day = 30\n");
  OST_CHECK_TEXT(text, "day = 31\n");
  (void)unlink(path);

  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = ost_log_open("/nowhere/at/all/osteon.log");
  OST_CHECK_INT(ierr, PETSC_ERR_FILE_OPEN);
  PetscCall(PetscPopErrorHandler());
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode events_have_our_names(void)
{
  PetscLogEvent event;

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_SOLVE));
  PetscCall(ost_log_end(OST_EVENT_SOLVE));
  PetscCall(PetscLogEventGetId("OstSolve", &event));
  OST_CHECK(event > 0);
  PetscCall(PetscLogEventGetId("OstOutput", &event));
  OST_CHECK(event > 0);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What happens inside another event is not its time. */
static PetscErrorCode time_goes_to_the_innermost_event(void)
{
  const double before[2] = {ost_log_seconds(OST_EVENT_OUTPUT), ost_log_seconds(OST_EVENT_BIOLOGY)};

  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_OUTPUT));
  PetscCall(PetscSleep(0.02));
  PetscCall(ost_log_begin(OST_EVENT_BIOLOGY));
  PetscCall(PetscSleep(0.2));
  PetscCall(ost_log_end(OST_EVENT_BIOLOGY));
  PetscCall(ost_log_end(OST_EVENT_OUTPUT));
  const double output = ost_log_seconds(OST_EVENT_OUTPUT) - before[0];
  OST_CHECK(output >= 0.02);
  OST_CHECK(ost_log_seconds(OST_EVENT_BIOLOGY) - before[1] >= 0.2);
  for (int e = 0; e < OST_NUM_EVENTS; e++) OST_CHECK(ost_log_event_name((OstEvent)e) != NULL);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(file_holds_detail_whatever_the_terminal_shows());
  PetscCall(events_have_our_names());
  PetscCall(time_goes_to_the_innermost_event());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
