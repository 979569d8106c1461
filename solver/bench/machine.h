/* machine.h: what a machine can do, apart from this program: memory, arithmetic, messages, files.

   Each measurement takes about `seconds`, is made by all ranks at once, and gives the best of
   several passes: what disturbs a machine only ever makes it slower. Collective. */
#pragma once

#include "base/base.h"

/* Triad a = b + s c over three arrays much larger than the caches, by the usual count of 24 bytes
   to an element; what the processor reads because it is about to be written comes on top.
   @param[out] all     of all ranks at once [B/s]
   @param[out] one     of the first rank while the others wait [B/s]
   @param[out] update  of all ranks, a = a + s b, 24 bytes to an element with nothing on top: what
                       bounds a kernel that adds to a vector [B/s] */
PetscErrorCode ost_machine_memory(MPI_Comm comm, double seconds, double *all, double *one,
                                  double *update);

/* Independent chains of multiplication and addition in vector registers, compiled as the program's
   kernels are (base/simd.h): two instructions, for a*b + c is not contracted. All ranks [1/s]. */
PetscErrorCode ost_machine_arithmetic(MPI_Comm comm, double seconds, double *single,
                                      double *precise);

typedef struct {
  double latency;   /* of a message of 8 bytes between first and last rank [s] */
  double bandwidth; /* of one of 4 MiB [B/s]; both 0 on one rank */
  double reduce;    /* a sum of one real over all ranks [s] */
} OstMachineMessages;

PetscErrorCode ost_machine_messages(MPI_Comm comm, double seconds, OstMachineMessages *messages);

/* A field as results have it (base/h5.h, compressed), written by all ranks to a file in `folder`
   that is removed afterwards: bytes of the field over the time until the file is closed [B/s].
   PETSC_ERR_FILE_* where it cannot be written. */
PetscErrorCode ost_machine_write(MPI_Comm comm, const char *folder, double megabytes, double *rate);
