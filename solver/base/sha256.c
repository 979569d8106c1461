#include "base/sha256.h"

#include <errno.h>
#include <nettle/sha2.h>

static void digest_to_hex(struct sha256_ctx *context, char hex[65])
{
  uint8_t digest[SHA256_DIGEST_SIZE];

  sha256_digest(context, sizeof digest, digest);
  for (size_t i = 0; i < sizeof digest; i++) (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* 0 or the errno of what went wrong. */
static int digest_file(const char *path, PetscInt head, char hex[65])
{
  struct sha256_ctx context;
  uint8_t           buffer[1 << 16];
  FILE             *f = fopen(path, "rb");
  size_t            n;
  int               failure;

  if (!f) return errno ? errno : EIO;
  sha256_init(&context);
  failure = fseek(f, (long)head, SEEK_SET) ? errno : 0;
  while (!failure && (n = fread(buffer, 1, sizeof buffer, f)) > 0)
    sha256_update(&context, n, buffer);
  if (ferror(f)) failure = errno ? errno : EIO;
  (void)fclose(f);
  digest_to_hex(&context, hex);
  return failure;
}

PetscErrorCode ost_sha256_file(const char *path, char hex[65])
{
  PetscFunctionBeginUser;
  PetscCall(ost_sha256_file_after(path, 0, hex));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_sha256_file_after(const char *path, PetscInt head, char hex[65])
{
  int         failure = 0;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  hex[0] = '\0';
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (!rank) failure = digest_file(path, head, hex);
  PetscCallMPI(MPI_Bcast(&failure, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  PetscCheck(!failure, PETSC_COMM_WORLD, PETSC_ERR_FILE_READ, "%s: %s", path, strerror(failure));
  PetscCallMPI(MPI_Bcast(hex, 65, MPI_CHAR, 0, PETSC_COMM_WORLD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_sha256_text(const char *text, char hex[65])
{
  struct sha256_ctx context;

  sha256_init(&context);
  sha256_update(&context, strlen(text), (const uint8_t *)text);
  digest_to_hex(&context, hex);
}
