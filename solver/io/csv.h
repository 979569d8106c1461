/* csv.h: history.csv, one line a step, for scripts and spreadsheets.

   The first line names the columns as `name [unit]`, `[-]` where there is none; a last column
   gives the stage in words. A number that is not known is `nan`. Each line is in the file before
   the call returns, and a line that does not fit on the disk is taken back, so that only whole
   lines stand. */
#pragma once

#include "analysis/observer.h"

#define OST_CSV_FILE "history.csv"

typedef struct OstCsv OstCsv;

/* Opens an empty file. All functions are collective on comm; rank 0 writes; what the system
   refuses is PETSC_ERR_FILE_OPEN or PETSC_ERR_FILE_WRITE on all ranks. */
PetscErrorCode ost_csv_create(MPI_Comm comm, const char *directory, OstCsv **csv);
PetscErrorCode ost_csv_row(OstCsv *csv, const OstHistoryRow *row);
PetscErrorCode ost_csv_destroy(OstCsv **csv); /* syncs and closes; sets NULL */
