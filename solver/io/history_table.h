/* history_table.h: the scalar history of a run, kept in memory and written as columns.

   A few hundred steps of some sixty numbers: memory is cheaper than a file that grows by single
   values. Knows the /history group only. */
#pragma once

#include "analysis/observer.h"

typedef struct OstHistoryTable OstHistoryTable;

PetscErrorCode ost_history_table_create(OstHistoryTable **history);
PetscErrorCode ost_history_table_destroy(OstHistoryTable **history); /* sets NULL */

/* Append a row. The first one fixes the columns; another number of columns later is a bug. */
PetscErrorCode ost_history_table_add(OstHistoryTable *history, const OstHistoryRow *row);

/* All rows, to a checkpoint or back into an empty table. */
PetscErrorCode ost_history_table_archive(OstHistoryTable *history, MPI_Comm comm,
                                         OstArchive *archive);

/* Call `row` of a listener for each row. */
PetscErrorCode ost_history_table_tell(const OstHistoryTable *history, const OstObserver *listener);

/* Write all columns as 1-D datasets below /history, and the stages' names, by index and one a line,
   as its attribute `stages`. Nothing when there is no row. Collective. */
PetscErrorCode ost_history_table_write(const OstHistoryTable *history, OstH5 *file);
