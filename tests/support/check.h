/* check.h: the whole test framework. A check that fails prints place, value and what was wanted, is
   counted, and the test goes on; main returns ost_check_report(). */
#pragma once

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int ost_check_count, ost_check_failures;

#define OST_CHECK(condition) ost_check_true((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
/* |value - wanted| <= tolerance * max(1, |wanted|) */
#define OST_CHECK_NEAR(value, wanted, tolerance)                                                   \
  ost_check_near((double)(value), (double)(wanted), (double)(tolerance), #value, __FILE__, __LINE__)
#define OST_CHECK_INT(value, wanted)                                                               \
  ost_check_int((long)(value), (long)(wanted), #value, __FILE__, __LINE__)
#define OST_CHECK_TEXT(value, part) ost_check_text((value), (part), #value, __FILE__, __LINE__)

/* With OST_CHECK_FIRST in the environment the first failure ends the program: enough for who only
   wants to know that there is one. */
static inline void ost_check_fail(void)
{
  ost_check_failures++;
  if (!getenv("OST_CHECK_FIRST")) return;
  fflush(stdout);
  _Exit(1);
}

static inline void ost_check_true(int ok, const char *what, const char *file, int line)
{
  ost_check_count++;
  if (ok) return;
  printf("%s:%d: FAILED %s\n", file, line, what);
  ost_check_fail();
}

static inline void ost_check_near(double value, double wanted, double tolerance, const char *what,
                                  const char *file, int line)
{
  const double scale = fmax(1.0, fabs(wanted));
  ost_check_count++;
  if (fabs(value - wanted) <= tolerance * scale) return; /* a NaN fails */
  printf("%s:%d: FAILED %s = %.15g, wanted %.15g within %g\n", file, line, what, value, wanted,
         tolerance * scale);
  ost_check_fail();
}

static inline void ost_check_int(long value, long wanted, const char *what, const char *file,
                                 int line)
{
  ost_check_count++;
  if (value == wanted) return;
  printf("%s:%d: FAILED %s = %ld, wanted %ld\n", file, line, what, value, wanted);
  ost_check_fail();
}

static inline void ost_check_text(const char *value, const char *part, const char *what,
                                  const char *file, int line)
{
  ost_check_count++;
  if (value && strstr(value, part)) return;
  printf("%s:%d: FAILED %s = \"%s\", wanted it to contain \"%s\"\n", file, line, what,
         value ? value : "(null)", part);
  ost_check_fail();
}

/* A test of real data where the data are missing: say so, and exit with CTest's skip code. */
static inline int ost_check_skip(const char *why)
{
  printf("SKIPPED: %s\n", why);
  return 200;
}

static inline int ost_check_report(void)
{
  printf("%d checks, %d failed\n", ost_check_count, ost_check_failures);
  if (!ost_check_count) printf("FAILED: no check was made\n");
  return ost_check_failures || !ost_check_count;
}
