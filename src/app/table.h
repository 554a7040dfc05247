/* table.h - rows of structs, as a table for people or JSON for programs, from their Shape. */
#pragma once

#include "app/command.h"

typedef struct Table {
    const Shape *shape;
    const char *columns; /* fields that people see, in order, separated by blanks */
    const char *none;    /* said to people when there is no row: a sentence */
} Table;

/* Times are of UTC. JSON is the whole rows, times in milliseconds since 1970. */
MUST Err *table_print(App *app, const Table *table, const List *rows, bool as_json);

/* One struct: a line a field. */
MUST Err *table_print_one(App *app, const Shape *shape, const void *row, bool as_json);
