/* Rows of sums, and what operators are told of queues by them. */
#include "base/clock.h"
#include "job/job_priv.h"
#include "job/monitor.h"

enum {
    HOUR_MS = 60 * 60 * 1000,
    DAY_MS = 24 * HOUR_MS,
    KEPT_MS = 2 * DAY_MS
};

Err *sum_row_add(DbTx *tx, const SumRow *row, int64_t at_ms)
{
    TRY(db_run(
        tx,
        "INSERT INTO job_sums (queue, at_ms, started, completed, retried, failed, stalled, "
        "progress, work_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (queue, at_ms) "
        "DO UPDATE SET started = job_sums.started + excluded.started, completed = "
        "job_sums.completed + excluded.completed, retried = job_sums.retried + excluded.retried, "
        "failed = job_sums.failed + excluded.failed, stalled = job_sums.stalled + "
        "excluded.stalled, progress = job_sums.progress + excluded.progress, work_ms = "
        "job_sums.work_ms + excluded.work_ms",
        DB_ARGS(
            DB_TEXT(row->queue), DB_INT(at_ms), DB_INT(row->started), DB_INT(row->completed),
            DB_INT(row->retried), DB_INT(row->failed), DB_INT(row->stalled), DB_INT(row->progress),
            DB_INT(row->work_ms)),
        NULL));
    return db_run(
        tx, "DELETE FROM job_sums WHERE queue = ?1 AND at_ms < ?2",
        DB_ARGS(DB_TEXT(row->queue), DB_INT(at_ms - KEPT_MS)), NULL);
}

/* ---- states ---- */

static const Field QueueState_fields[] = {
    {FIELD_TEXT(QueueState, queue), .help = "Name of the queue"},
    {FIELD_BOOL(QueueState, is_paused), .help = "Are its jobs held back?"},
    {FIELD_INT(QueueState, waiting), .help = "Jobs that could be begun"},
    {FIELD_INT(QueueState, delayed), .help = "Jobs whose time has not come"},
    {FIELD_INT(QueueState, active), .help = "Jobs in the hands of workers"},
    {FIELD_INT(QueueState, failed), .help = "Jobs that are not tried again"},
    {FIELD_INT(QueueState, completed_hour), .help = "Jobs done in the last hour"},
    {FIELD_INT(QueueState, completed_day), .help = "Jobs done in the last day"},
    {FIELD_INT(QueueState, failed_hour), .help = "Jobs given up in the last hour"},
    {FIELD_INT(QueueState, failed_day), .help = "Jobs given up in the last day"},
    {FIELD_INT(QueueState, started_hour), .help = "Tries begun in the last hour"},
    {FIELD_INT(QueueState, retried_hour), .help = "Tries in vain in the last hour"},
    {FIELD_INT(QueueState, stalled_hour),
     .help = "Jobs taken from workers that fell silent, in the last hour"},
    {FIELD_INT(QueueState, progress_hour), .help = "How often progress was told in the last hour"},
    {FIELD_INT(QueueState, oldest_ms), .help = "How long the oldest that waits has waited",
     .unit = "ms"},
    {FIELD_INT(QueueState, mean_ms), .help = "What one took, of those done in the last day",
     .unit = "ms"},
    {FIELD_NUMBER(QueueState, failure_rate), .help = "Of those that ended in the last hour, of 1"},
    {FIELD_BOOL(QueueState, is_backed_up), .help = "Do more than a hundred wait?"},
    {FIELD_BOOL(QueueState, is_failing), .help = "Has more than a tenth of the last hour failed?"},
    {FIELD_END},
};
const Shape queue_state_shape = SHAPE(QueueState);

#define JOBS_IN(state) "(SELECT COUNT(*) FROM jobs WHERE queue = n.queue AND state = '" state "')"
#define SUM_OF(what, since) \
    "(SELECT CAST(COALESCE(SUM(" what "), 0) AS BIGINT) FROM job_sums WHERE queue = n.queue AND " \
    "at_ms > " since ")"

/* Each part reads one index and no job. The last hour is twelve to thirteen sums of five minutes. */
#define SQL_STATES \
    "SELECT n.queue AS queue, (SELECT COUNT(*) FROM job_queues WHERE name = n.queue AND " \
    "is_paused " \
    "= 1) AS is_paused, " JOBS_IN("ready") " AS waiting, " JOBS_IN( \
        "waiting") " AS " \
                   "delayed, " JOBS_IN("running") " AS active, " JOBS_IN( \
                       "dead") " AS failed, " SUM_OF("completed", "?2") " AS " \
                                                                        "complete" \
                                                                        "d_hour," \
                                                                        " " SUM_OF("completed", "?3") " AS completed_day, " SUM_OF("failed", "?2") " AS failed_hour, " SUM_OF("failed", "?3") " AS failed_day, " SUM_OF( \
                                                                            "star" \
                                                                            "ted", \
                                                                            "?2") " AS " \
                                                                                  "started_hour," \
                                                                                  " " SUM_OF("retried", "?2") " AS retried_hour, " SUM_OF( \
                                                                                      "stalled", \
                                                                                      "?2") " AS " \
                                                                                            "stal" \
                                                                                            "led_" \
                                                                                            "hour" \
                                                                                            "," \
                                                                                            " " SUM_OF( \
                                                                                                "progress", \
                                                                                                "?2") " AS progress_hour, COALESCE((SELECT ?1 - " \
                                                                                                      "MIN(start_ms) FROM jobs WHERE queue = n.queue AND state = 'ready'), 0) AS oldest_ms, " SUM_OF( \
                                                                                                          "work_ms", \
                                                                                                          "?3") " AS mean_ms, 0.0 AS failure_rate, 0 AS is_backed_up, 0 AS " \
                                                                                                                "is_failing FROM (SELECT queue FROM jobs WHERE state = 'ready' UNION SELECT queue FROM " \
                                                                                                                "jobs WHERE state = 'waiting' UNION SELECT queue FROM jobs WHERE state = 'running' UNION " \
                                                                                                                "SELECT queue FROM jobs WHERE state = 'dead' UNION SELECT name FROM job_queues UNION " \
                                                                                                                "SELECT queue FROM job_sums) AS n"

/* Sums become means and rates, and alerts. */
static void state_judge(QueueState *state)
{
    int64_t ended = state->completed_hour + state->failed_hour;

    state->mean_ms = state->completed_day ? state->mean_ms / state->completed_day : 0;
    state->failure_rate = ended ? (double)state->failed_hour / (double)ended : 0;
    state->is_backed_up = state->waiting + state->delayed > QUEUE_BACKLOG;
    state->is_failing = ended >= QUEUE_ENDED_LEAST && state->failure_rate > QUEUE_FAILURE_RATE;
}

Err *queue_states(DbTx *tx, Arena *mem, List *ret)
{
    int64_t now_ms = clock_now_ms();

    TRY(db_all(
        tx, SQL_STATES " ORDER BY queue LIMIT 1000",
        DB_ARGS(DB_INT(now_ms), DB_INT(now_ms - HOUR_MS), DB_INT(now_ms - DAY_MS)),
        &queue_state_shape, mem, ret));
    for (size_t i = 0; i < ret->count; i++)
        state_judge((QueueState *)ret->items + i);
    return NULL;
}

Err *queue_state(DbTx *tx, const char *queue, Arena *mem, QueueState *ret)
{
    int64_t now_ms = clock_now_ms();

    TRY(db_one(
        tx, SQL_STATES " WHERE n.queue = ?4",
        DB_ARGS(DB_INT(now_ms), DB_INT(now_ms - HOUR_MS), DB_INT(now_ms - DAY_MS), DB_TEXT(queue)),
        &queue_state_shape, mem, ret));
    state_judge(ret);
    return NULL;
}

/* ---- alerts ---- */

Err *sum_alert_set(DbTx *tx, const QueueState *state, bool *ret_backed_up, bool *ret_failing)
{
    int64_t backed_up = 0, failing = 0;

    if (state->is_backed_up || state->is_failing)
        TRY(db_run(
            tx,
            "INSERT INTO job_queues (name, is_paused) VALUES (?1, 0) ON CONFLICT (name) DO NOTHING",
            DB_ARGS(DB_TEXT(state->queue)), NULL));
    TRY(db_run(
        tx, "UPDATE job_queues SET is_backed_up = ?2 WHERE name = ?1 AND is_backed_up <> ?2",
        DB_ARGS(DB_TEXT(state->queue), DB_INT(state->is_backed_up)), &backed_up));
    TRY(db_run(
        tx, "UPDATE job_queues SET is_failing = ?2 WHERE name = ?1 AND is_failing <> ?2",
        DB_ARGS(DB_TEXT(state->queue), DB_INT(state->is_failing)), &failing));
    *ret_backed_up = backed_up && state->is_backed_up;
    *ret_failing = failing && state->is_failing;
    return NULL;
}

/* ---- the dead ---- */

static const Field QueueReason_fields[] = {
    {FIELD_TEXT(QueueReason, queue), .help = "Name of the queue"},
    {FIELD_TEXT(QueueReason, reason), .help = "Name of the error"},
    {FIELD_TEXT(QueueReason, example), .help = "What one of them died of", .optional = true},
    {FIELD_INT(QueueReason, count), .help = "How many died of it"},
    {FIELD_INT(QueueReason, newest_ms), .help = "When the last one did", .unit = "ms"},
    {FIELD_INT(QueueReason, oldest_ms), .help = "When the first one did", .unit = "ms"},
    {FIELD_END},
};
const Shape queue_reason_shape = SHAPE(QueueReason);

Err *queue_reasons(DbTx *tx, const char *queue, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT queue, COALESCE(failure, 'unknown') AS reason, MAX(reason) AS example, COUNT(*) AS "
        "count, MAX(died_ms) AS newest_ms, MIN(died_ms) AS oldest_ms FROM jobs WHERE state = "
        "'dead' AND (?1 = '' OR queue = "
        "?1) GROUP BY queue, COALESCE(failure, 'unknown') ORDER BY newest_ms DESC LIMIT 1000",
        DB_ARGS(DB_TEXT(queue ? queue : "")), &queue_reason_shape, mem, ret);
}

#define SQL_DEAD \
    "SELECT id, queue, NULLIF(tenant_id, '') AS tenant_id, subject, reason, attempt AS attempts, " \
    "died_ms FROM jobs WHERE state = 'dead' AND "

Err *queue_dead(
    DbTx *tx, const char *queue, const char *reason, int64_t limit, Arena *mem, List *ret)
{
    return db_all(
        tx,
        SQL_DEAD "queue = ?1 AND (?2 = '' OR COALESCE(failure, 'unknown') = ?2) ORDER BY died_ms "
                 "DESC, id LIMIT ?3",
        DB_ARGS(DB_TEXT(queue), DB_TEXT(reason ? reason : ""), DB_INT(limit)), &dead_job_shape, mem,
        ret);
}

Err *job_dead_find(DbTx *tx, const char *job_id, Arena *mem, DeadJob *ret)
{
    return db_one(tx, SQL_DEAD "id = ?1", DB_ARGS(DB_TEXT(job_id)), &dead_job_shape, mem, ret);
}

Err *job_dead_forget(DbTx *tx, const char *subject)
{
    return db_run(
        tx, "DELETE FROM jobs WHERE subject = ?1 AND state = 'dead'", DB_ARGS(DB_TEXT(subject)),
        NULL);
}
