#include "base/sha256.h"

#include "support/check.h"

#include <unistd.h>

/* Published examples of FIPS 180: "abc", the empty text, a million times "a". */
int main(int argc, char **argv)
{
  char           path[] = "/tmp/ost_sha256_XXXXXX", hex[65];
  PetscErrorCode ierr;
  FILE          *f;

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  ost_sha256_text("abc", hex);
  OST_CHECK_TEXT(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  ost_sha256_text("", hex);
  OST_CHECK_TEXT(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

  f = fdopen(mkstemp(path), "w");
  for (PetscInt i = 0; i < 1000000; i++) (void)fputc('a', f);
  PetscCheck(!fclose(f), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s", path);
  PetscCall(ost_sha256_file(path, hex));
  OST_CHECK_TEXT(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  (void)unlink(path);
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = ost_sha256_file(path, hex);
  OST_CHECK_INT(ierr, PETSC_ERR_FILE_READ);
  PetscCall(PetscPopErrorHandler());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
