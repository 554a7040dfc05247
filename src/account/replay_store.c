/* Requests that may come twice, in the database. */
#include "account/account_priv.h"

static const Field ReplayRow_fields[] = {
    {FIELD_TEXT(ReplayRow, request), .help = "Hash"},
    {FIELD_INT(ReplayRow, status), .help = "Answered with; 0 for not yet"},
    {FIELD_TEXT(ReplayRow, body), .help = "Answered with", .optional = true},
    {FIELD_INT(ReplayRow, begun_ms), .help = "When it came first"},
    {FIELD_END},
};
static const Shape replay_row_shape = SHAPE(ReplayRow);

Err *replay_insert(DbTx *tx, ReplayName name, const char *request, int64_t now_ms, bool *ret_new)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "INSERT INTO replays (tenant_id, key, request, status, begun_ms)"
        " VALUES (?1, ?2, ?3, 0, ?4) ON CONFLICT (tenant_id, key) DO NOTHING",
        DB_ARGS(DB_TEXT(name.tenant_id), DB_TEXT(name.key), DB_TEXT(request), DB_INT(now_ms)),
        &changed));
    *ret_new = changed > 0;
    return NULL;
}

Err *replay_select(DbTx *tx, ReplayName name, Arena *mem, ReplayRow *ret)
{
    return db_one(
        tx, "SELECT request, status, body, begun_ms FROM replays WHERE tenant_id = ?1 AND key = ?2",
        DB_ARGS(DB_TEXT(name.tenant_id), DB_TEXT(name.key)), &replay_row_shape, mem, ret);
}

Err *replay_forget(DbTx *tx, ReplayName name, int64_t begun_ms)
{
    return db_run(
        tx, "DELETE FROM replays WHERE tenant_id = ?1 AND key = ?2 AND begun_ms = ?3",
        DB_ARGS(DB_TEXT(name.tenant_id), DB_TEXT(name.key), DB_INT(begun_ms)), NULL);
}

Err *replay_answer(DbTx *tx, ReplayName name, const Replay *replay)
{
    return db_run(
        tx,
        "UPDATE replays SET status = ?3, body = ?4"
        " WHERE tenant_id = ?1 AND key = ?2 AND status = 0",
        DB_ARGS(
            DB_TEXT(name.tenant_id), DB_TEXT(name.key), DB_INT(replay->status),
            DB_TEXT(replay->body)),
        NULL);
}

Err *replay_drop(DbTx *tx, ReplayName name)
{
    return db_run(
        tx, "DELETE FROM replays WHERE tenant_id = ?1 AND key = ?2 AND status = 0",
        DB_ARGS(DB_TEXT(name.tenant_id), DB_TEXT(name.key)), NULL);
}

Err *replay_sweep(DbTx *tx, int64_t now_ms)
{
    return db_run(
        tx, "DELETE FROM replays WHERE begun_ms < ?1", DB_ARGS(DB_INT(now_ms - REPLAY_KEPT_MS)),
        NULL);
}
