/* library.h - libraries that are opened when they are first needed, so that a process which never needs them pays nothing.
 *
 * Their functions are called through a table of pointers, whose types come from the libraries' own headers. A library stays open
 * until the process ends: what it has started may outlive every moment at which it could be closed. Any thread.
 */
#pragma once

#include "base/err.h"

/* A row a function: its name, and where in the table its pointer stands. Ends with {0}. */
typedef struct LibraryRow {
    const char *function;
    size_t at; /* bytes from the table's start */
} LibraryRow;

/* Open FILE (a path, or a name that the system looks for) and fill TABLE, which is of use only when all is found.
 * LIBRARY_MISSING otherwise. */
MUST Err *library_open(const char *file, const LibraryRow *rows, void *table);
