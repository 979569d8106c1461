/* The file as a whole is read by tests/io/test_results.py; here what JSON demands of its pieces. */
#include "io/summary.h"

#include "support/check.h"

static const char *text_of(const char *text)
{
  static char out[256];
  FILE       *file = fmemopen(out, sizeof out, "w");

  if (!file) return NULL;
  ost_json_text(file, text);
  return fclose(file) ? NULL : out;
}

static const char *real_of(PetscReal value)
{
  static char out[64];
  FILE       *file = fmemopen(out, sizeof out, "w");

  if (!file) return NULL;
  ost_json_real(file, value);
  return fclose(file) ? NULL : out;
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  /* texts_are_escaped */
  OST_CHECK(!strcmp(text_of("M\xc3\xbcller \"x\" \\ y"), "\"M\xc3\xbcller \\\"x\\\" \\\\ y\""));
  OST_CHECK(!strcmp(text_of("a\nb\tc\x01"), "\"a\\nb\\u0009c\\u0001\""));
  OST_CHECK(!strcmp(text_of(NULL), "\"\""));
  /* numbers_read_back_as_the_same */
  OST_CHECK(!strcmp(real_of(0.1), "0.1"));
  OST_CHECK(!strcmp(real_of(42.5), "42.5"));
  OST_CHECK(strtod(real_of(1.0 / 3.0), NULL) == 1.0 / 3.0);
  OST_CHECK(strtod(real_of(-1.2345678901234567e-300), NULL) == -1.2345678901234567e-300);
  /* what_is_not_known_is_null */
  OST_CHECK(!strcmp(real_of((PetscReal)NAN), "null"));
  OST_CHECK(!strcmp(real_of((PetscReal)INFINITY), "null"));
  PetscCall(PetscFinalize());
  return ost_check_report();
}
