/* Sessions in the database. */
#include "account/account_priv.h"

Err *session_insert(DbTx *tx, const char *id, const char *user_id, const char *hash, int64_t now_ms)
{
    return db_run(
        tx,
        "INSERT INTO sessions (id, user_id, hash, created_ms, used_ms, expires_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
        DB_ARGS(
            DB_TEXT(id), DB_TEXT(user_id), DB_TEXT(hash), DB_INT(now_ms),
            DB_INT(now_ms + SESSION_MS)),
        NULL);
}

Err *session_end(DbTx *tx, const char *hash)
{
    TRY(db_run(tx, "DELETE FROM sessions WHERE hash = ?1", DB_ARGS(DB_TEXT(hash)), NULL));
    return db_signal(tx, CALLERS_TOPIC);
}

Err *session_end_all(DbTx *tx, const char *user_id)
{
    TRY(db_run(tx, "DELETE FROM sessions WHERE user_id = ?1", DB_ARGS(DB_TEXT(user_id)), NULL));
    return db_signal(tx, CALLERS_TOPIC);
}

Err *session_sweep(DbTx *tx, int64_t now_ms)
{
    return db_run(tx, "DELETE FROM sessions WHERE expires_ms < ?1", DB_ARGS(DB_INT(now_ms)), NULL);
}
