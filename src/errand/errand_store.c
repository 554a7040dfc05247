/* Errands and their news in the database. */
#include "errand/errand_priv.h"

typedef struct ErrandRow {
    const char *request;
} ErrandRow;

static const Field ErrandRow_fields[] = {
    {FIELD_TEXT(ErrandRow, request), .help = "The vendor's name of it"},
    {FIELD_END},
};
static const Shape errand_row_shape = SHAPE(ErrandRow);

Err *errand_row_find(DbTx *tx, ErrandName name, Arena *mem, const char **ret)
{
    ErrandRow row = {0};
    bool is_missing;

    TRY(err_expect(
        db_one(
            tx, "SELECT request FROM errands WHERE key = ?1 AND vendor = ?2",
            DB_ARGS(DB_TEXT(name.key), DB_TEXT(name.vendor)), &errand_row_shape, mem, &row),
        ERR_NOT_FOUND, &is_missing));
    *ret = row.request;
    return NULL;
}

Err *errand_row_keep(DbTx *tx, ErrandName name, const char *request, int64_t now_ms)
{
    return db_run(
        tx,
        "INSERT INTO errands (key, vendor, request, begun_ms) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (key, vendor) DO UPDATE SET request = ?3, begun_ms = ?4",
        DB_ARGS(DB_TEXT(name.key), DB_TEXT(name.vendor), DB_TEXT(request), DB_INT(now_ms)), NULL);
}

Err *errand_row_drop(DbTx *tx, ErrandName name)
{
    return db_run(
        tx, "DELETE FROM errands WHERE key = ?1 AND vendor = ?2",
        DB_ARGS(DB_TEXT(name.key), DB_TEXT(name.vendor)), NULL);
}

Err *errand_row_sweep(DbTx *tx, int64_t before_ms)
{
    return db_run(tx, "DELETE FROM errands WHERE begun_ms < ?1", DB_ARGS(DB_INT(before_ms)), NULL);
}

/* ---- news ---- */

Err *news_row_add(DbTx *tx, NewsName name, int64_t now_ms, bool *ret_new)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "INSERT INTO errand_news (vendor, request, told_ms, is_heard) VALUES (?1, ?2, ?3, 0)"
        " ON CONFLICT (vendor, request) DO NOTHING",
        DB_ARGS(DB_TEXT(name.vendor), DB_TEXT(name.request), DB_INT(now_ms)), &changed));
    *ret_new = changed > 0;
    return NULL;
}

Err *news_row_look(DbTx *tx, NewsName name, bool *ret_waits)
{
    int64_t count;

    TRY(db_number(
        tx, "SELECT count(*) FROM errand_news WHERE vendor = ?1 AND request = ?2 AND is_heard = 0",
        DB_ARGS(DB_TEXT(name.vendor), DB_TEXT(name.request)), &count));
    *ret_waits = count > 0;
    return NULL;
}

Err *news_row_hear(DbTx *tx, NewsName name)
{
    return db_run(
        tx, "UPDATE errand_news SET is_heard = 1 WHERE vendor = ?1 AND request = ?2",
        DB_ARGS(DB_TEXT(name.vendor), DB_TEXT(name.request)), NULL);
}

Err *news_row_sweep(DbTx *tx, int64_t before_ms)
{
    return db_run(
        tx, "DELETE FROM errand_news WHERE told_ms < ?1", DB_ARGS(DB_INT(before_ms)), NULL);
}
