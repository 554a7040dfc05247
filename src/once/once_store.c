/* Requests that may come twice, in the database. */
#include "once/once_priv.h"

static const char *owner(const Once *once)
{
    return once->tenant_id ? once->tenant_id : "";
}

static const Field OnceRow_fields[] = {
    {FIELD_TEXT(OnceRow, request), .help = "Hash"},
    {FIELD_TEXT(OnceRow, made), .help = "What it made", .optional = true},
    {FIELD_INT(OnceRow, status), .help = "Answered with; 0 for not yet"},
    {FIELD_TEXT(OnceRow, body), .help = "Answered with", .optional = true},
    {FIELD_INT(OnceRow, begun_ms), .help = "When it came first"},
    {FIELD_END},
};
static const Shape once_row_shape = SHAPE(OnceRow);

Err *once_row_add(DbTx *tx, const Once *once, const char *request, int64_t now_ms, bool *ret_new)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "INSERT INTO replays (tenant_id, key, request, status, begun_ms)"
        " VALUES (?1, ?2, ?3, 0, ?4) ON CONFLICT (tenant_id, key) DO NOTHING",
        DB_ARGS(DB_TEXT(owner(once)), DB_TEXT(once->key), DB_TEXT(request), DB_INT(now_ms)),
        &changed));
    *ret_new = changed > 0;
    return NULL;
}

Err *once_row(DbTx *tx, const Once *once, Arena *mem, OnceRow *ret)
{
    return db_one(
        tx,
        "SELECT request, made, status, body, begun_ms FROM replays WHERE tenant_id = ?1 AND key = "
        "?2",
        DB_ARGS(DB_TEXT(owner(once)), DB_TEXT(once->key)), &once_row_shape, mem, ret);
}

Err *once_row_forget(DbTx *tx, const Once *once, int64_t begun_ms)
{
    return db_run(
        tx, "DELETE FROM replays WHERE tenant_id = ?1 AND key = ?2 AND begun_ms = ?3",
        DB_ARGS(DB_TEXT(owner(once)), DB_TEXT(once->key), DB_INT(begun_ms)), NULL);
}

Err *once_row_answer(DbTx *tx, const Once *once, const OnceAnswer *answer)
{
    return db_run(
        tx,
        "UPDATE replays SET status = ?3, body = ?4"
        " WHERE tenant_id = ?1 AND key = ?2 AND status = 0",
        DB_ARGS(
            DB_TEXT(owner(once)), DB_TEXT(once->key), DB_INT(answer->status),
            DB_TEXT(answer->body)),
        NULL);
}

Err *once_row_drop(DbTx *tx, const Once *once)
{
    return db_run(
        tx, "DELETE FROM replays WHERE tenant_id = ?1 AND key = ?2 AND status = 0 AND made IS NULL",
        DB_ARGS(DB_TEXT(owner(once)), DB_TEXT(once->key)), NULL);
}

typedef struct ClaimRow {
    const char *made;
} ClaimRow;

static const Field ClaimRow_fields[] = {
    {FIELD_TEXT(ClaimRow, made), .help = "What it made", .optional = true},
    {FIELD_END},
};
static const Shape claim_shape = SHAPE(ClaimRow);

/* Writing what is there already is what makes others wait, on PostgreSQL too, where reading would not. */
Err *once_row_lock(DbTx *tx, const Once *once, int64_t now_ms, Arena *mem, const char **ret_made)
{
    ClaimRow row;

    TRY(db_one(
        tx,
        "INSERT INTO replays (tenant_id, key, request, status, begun_ms) VALUES (?1, ?2, '', 0, ?3)"
        " ON CONFLICT (tenant_id, key) DO UPDATE SET status = replays.status RETURNING made",
        DB_ARGS(DB_TEXT(owner(once)), DB_TEXT(once->key), DB_INT(now_ms)), &claim_shape, mem,
        &row));
    *ret_made = row.made;
    return NULL;
}

Err *once_row_made(DbTx *tx, const Once *once, const char *made)
{
    return db_run(
        tx, "UPDATE replays SET made = ?3 WHERE tenant_id = ?1 AND key = ?2",
        DB_ARGS(DB_TEXT(owner(once)), DB_TEXT(once->key), DB_TEXT(made)), NULL);
}

Err *once_sweep(DbTx *tx, int64_t now_ms)
{
    return db_run(
        tx, "DELETE FROM replays WHERE begun_ms < ?1", DB_ARGS(DB_INT(now_ms - ONCE_KEPT_MS)),
        NULL);
}
