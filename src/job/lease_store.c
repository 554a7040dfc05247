/* What becomes of a job that is in a worker's hands: its lease is extended, and it ends. */
#include <string.h>

#include "job/job_priv.h"

typedef struct LeaseFact {
    bool is_cancelled;
} LeaseFact;

static const Field LeaseFact_fields[] = {
    {FIELD_BOOL(LeaseFact, is_cancelled), .help = "Whether the job is to stop"},
    {FIELD_END},
};
static const Shape lease_fact_shape = SHAPE(LeaseFact);

static MUST Err *lease_lost(Err *err, const char *id)
{
    if (!err || err_code(err) != ERR_NOT_FOUND)
        return err;
    err_free(err);
    return err_new(ERR_LEASE_LOST, "job '%s' is no longer held under its lease", id);
}

Err *lease_extend(
    DbTx *tx, const char *id, const char *lease, int64_t until_ms, bool *ret_is_cancelled)
{
    AUTO(arena_free) Arena *mem = arena_new();
    LeaseFact fact;

    TRY(lease_lost(
        db_one(
            tx, "UPDATE jobs SET lease_ms = ?3 WHERE id = ?1 AND lease = ?2 RETURNING is_cancelled",
            DB_ARGS(DB_TEXT(id), DB_TEXT(lease), DB_INT(until_ms)), &lease_fact_shape, mem, &fact),
        id));
    *ret_is_cancelled = fact.is_cancelled;
    return NULL;
}

#define SQL_HELD \
    "SELECT id, queue, NULLIF(tenant_id, '') AS tenant_id, subject, payload, lease, worker," \
    " lease_ms, queued_ms, attempt, is_cancelled FROM jobs"

Err *lease_find(DbTx *tx, const char *id, const char *lease, Arena *mem, JobRow *ret)
{
    const char *sql = db_tx_kind(tx) == DB_SQLITE ? SQL_HELD " WHERE id = ?1 AND lease = ?2"
                                                  : SQL_HELD
                          " WHERE id = ?1 AND lease = ?2 FOR UPDATE";

    return lease_lost(
        db_one(tx, sql, DB_ARGS(DB_TEXT(id), DB_TEXT(lease)), &job_row_shape, mem, ret), id);
}

Err *lease_expired(DbTx *tx, const char *queue, int64_t now_ms, Arena *mem, List *ret)
{
    return db_all(
        tx,
        SQL_HELD " WHERE queue = ?1 AND state = 'running' AND lease_ms < ?2"
                 " ORDER BY lease_ms LIMIT 100",
        DB_ARGS(DB_TEXT(queue), DB_INT(now_ms)), &job_row_shape, mem, ret);
}

/* ---- ends ---- */

Err *job_done(DbTx *tx, JobLease *lease)
{
    int64_t ended = 0;

    atomic_store(&lease->is_done, false);
    TRY(db_run(
        tx, "DELETE FROM jobs WHERE id = ?1 AND lease = ?2 AND is_cancelled = 0",
        DB_ARGS(DB_TEXT(lease->job.id), DB_TEXT(lease->token)), &ended));
    if (!ended)
        return err_new(ERR_LEASE_LOST, "job '%s' is no longer held under its lease", lease->job.id);
    atomic_store(&lease->is_done, true);
    return kind_is_limited(lease->kind) ? db_signal(tx, TOPIC_JOBS) : NULL;
}

Err *lease_forget(DbTx *tx, const JobRow *row)
{
    TRY(db_run(
        tx, "DELETE FROM jobs WHERE id = ?1 AND lease = ?2",
        DB_ARGS(DB_TEXT(row->id), DB_TEXT(row->lease)), NULL));
    return db_signal(tx, TOPIC_JOBS);
}

#define SQL_FREE " lease = NULL, worker = NULL, lease_ms = NULL WHERE id = ?1 AND lease = ?2"

/* It keeps its turn, so it is among the next. */
Err *lease_give_back(DbTx *tx, const JobRow *row)
{
    TRY(db_run(
        tx, "UPDATE jobs SET state = 'ready', attempt = attempt - 1," SQL_FREE,
        DB_ARGS(DB_TEXT(row->id), DB_TEXT(row->lease)), NULL));
    return db_signal(tx, TOPIC_JOBS);
}

Err *lease_retry(DbTx *tx, const JobRow *row, int64_t start_ms, const char *reason)
{
    TRY(db_run(
        tx, "UPDATE jobs SET state = 'waiting', start_ms = ?3, reason = ?4," SQL_FREE,
        DB_ARGS(DB_TEXT(row->id), DB_TEXT(row->lease), DB_INT(start_ms), DB_TEXT(reason)), NULL));
    return db_signal(tx, TOPIC_JOBS);
}

/* What stands before the colon names the error. */
Err *lease_bury(DbTx *tx, const JobRow *row, int64_t now_ms, const char *reason)
{
    AUTO(arena_free) Arena *mem = arena_new();

    TRY(db_run(
        tx, "UPDATE jobs SET state = 'dead', died_ms = ?3, reason = ?4, failure = ?5," SQL_FREE,
        DB_ARGS(
            DB_TEXT(row->id), DB_TEXT(row->lease), DB_INT(now_ms), DB_TEXT(reason),
            DB_TEXT(arena_text_n(mem, reason, strcspn(reason, ":")))),
        NULL));
    return db_signal(tx, TOPIC_JOBS);
}
