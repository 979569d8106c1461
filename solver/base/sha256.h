/* sha256.h: the fingerprint of an input file, so that results can be traced to what made them.

   Knows nothing of what is in the file. The digest is libnettle's. */
#pragma once

#include "base/base.h"

/* SHA-256 of the bytes of a file as 64 lower-case hexadecimal digits. Rank 0 of PETSC_COMM_WORLD
   reads, all ranks get it. Collective. PETSC_ERR_FILE_READ on all ranks when it cannot be read. */
PetscErrorCode ost_sha256_file(const char *path, char hex[65]);

/* The same without the first `head` bytes. */
PetscErrorCode ost_sha256_file_after(const char *path, PetscInt head, char hex[65]);

/* The same of a text in memory. Not collective; cannot fail. */
void ost_sha256_text(const char *text, char hex[65]);
