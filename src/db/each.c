/* One statement for many rows: they travel as one JSON text. */
#include <string.h>

#include "db/db_priv.h"

enum {
    ROWS_AT_ONCE = 500,
    ROWS_BYTES_MAX = 64 << 20
};

static MUST Err *rows_write(const Shape *row, const char *rows, size_t count, Buf *text)
{
    AUTO(value_free) Value *list = value_list();

    for (size_t i = 0; i < count; i++)
        value_add(list, shape_write(row, rows + i * row->size));
    return value_write(list, VALUE_COMPACT, text);
}

Err *db_run_each(
    DbTx *tx, const char *sql, const DbArg *args, const Shape *row, const List *rows,
    int64_t *ret_changed)
{
    DbArg all[ARGS_MAX + 1] = {{.kind = DB_ARG_END}};
    int64_t changed = 0, sum = 0;
    size_t given = 0;

    for (; args && args[given].kind != DB_ARG_END; given++) {
        if (given + 1 == ARGS_MAX)
            return err_new(ERR_BUG, "more than %d arguments", ARGS_MAX);
        all[given + 1] = args[given];
    }
    all[given + 1].kind = DB_ARG_END;
    for (size_t at = 0; at < rows->count; at += ROWS_AT_ONCE) {
        AUTO(buf_done) Buf text = BUF(ROWS_BYTES_MAX);

        TRY(rows_write(
            row, (const char *)rows->items + at * row->size,
            MIN(rows->count - at, (size_t)ROWS_AT_ONCE), &text));
        all[0] = (DbArg)DB_TEXT(buf_text(&text));
        TRY(db_run(tx, sql, all, &changed));
        sum += changed;
    }
    if (ret_changed)
        *ret_changed = sum;
    return NULL;
}
