/* table_priv.h - tables that customers send (CSV), read line by line whatever program has saved them. */
#pragma once

#include "run/run_priv.h"

enum {
    TABLE_COLUMNS_MOST = 8 /* that a reader knows */
};

/* A name that a column may go by, in any letters. */
typedef struct TableName {
    const char *name;
    int column;
} TableName;

/* A line below the names. */
typedef struct TableLine {
    int64_t number; /* from 1, as editors count */
    const char
        *cells[TABLE_COLUMNS_MOST]; /* by column, without blanks around; NULL for empty ones */
    int places
        [TABLE_COLUMNS_MOST]; /* which cell of the line that is; -1: there is no such column */
} TableLine;

typedef struct TableReading {
    const TableName *names;
    size_t name_count;

    /* Given which cell each column is (-1 for none): what is missing, as the end of a sentence; NULL for nothing. */
    const char *(*lacks)(const int *places);
    Err *(*line)(void *context, const TableLine *line); /* an Err ends the reading */
    void *context;
    Arena *mem; /* of cells */
} TableReading;

/* INPUT_INVALID names line and column in its sentence; FILE_TOO_LARGE. Lines without a word are passed over. */
MUST Err *table_read(const void *bytes, size_t size, const TableReading *reading);

/* INPUT_INVALID at a line and its cell (-1 for the whole line): WORDS end the sentence. */
MUST Err *table_err(int64_t line, int cell, const char *words);
