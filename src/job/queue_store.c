/* The queue as it is seen from outside: jobs come, are cancelled, and are looked after by operators. */
#include <string.h>

#include "base/clock.h"
#include "job/job_priv.h"
#include "job/turn_priv.h"
#include "watch/span.h"

enum {
    PAYLOAD_MOST_BYTES = 64 * 1024,
    PRIORITY_MOST = 100
};

/* ---- coming ---- */

typedef struct NewJob {
    const char *id;
    bool is_crowded;
} NewJob;

static const Field NewJob_fields[] = {
    {FIELD_TEXT(NewJob, id), .help = "Which job"},
    {FIELD_BOOL(NewJob, is_crowded), .help = "Whether many stood before it", .optional = true},
    {FIELD_END},
};
static const Shape new_job_shape = SHAPE(NewJob);

static MUST Err *order_check(const JobOrder *order)
{
    if (!order->queue || !*order->queue)
        return err_new(ERR_BUG, "a job was queued without a queue");
    if (order->priority < -PRIORITY_MOST || order->priority > PRIORITY_MOST)
        return err_new(ERR_BUG, "a job was queued with priority %lld", (long long)order->priority);
    return NULL;
}

/* Where the span of who queues stands; NULL outside of spans. */
static const char *trace_write(char trace[SPAN_TEXT_SIZE])
{
    SpanPlace place = span_here();

    if (!*place.span)
        return NULL;
    span_place_text(&place, trace);
    return trace;
}

/* JSON in MEM; NULL for none. */
static MUST Err *payload_write(const JobOrder *order, Arena *mem, const char **ret)
{
    AUTO(buf_done) Buf payload = BUF(PAYLOAD_MOST_BYTES);

    *ret = NULL;
    if (!order->payload)
        return NULL;
    TRY(value_write(order->payload, VALUE_COMPACT, &payload));
    *ret = arena_text(mem, buf_text(&payload));
    return NULL;
}

static const char *tenant_of(const JobOrder *order)
{
    return order->tenant_id ? order->tenant_id : "";
}

#define SQL_ENQUEUE \
    "INSERT INTO jobs" \
    " (queue, tenant_id, priority, turn, id, subject, key, payload, state, start_ms, queued_ms," \
    " trace)" \
    " VALUES (?1, ?2, ?3, " SQL_TURN ", ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)" \
    " ON CONFLICT (queue, key) WHERE key IS NOT NULL AND state <> 'dead' AND is_cancelled = 0" \
    " DO UPDATE SET key = excluded.key RETURNING id"

/* PostgreSQL commits transactions that signal one after another, each with its own wait for the disk. When so many stand ready, all who
 * could be woken are awake. */
#define SQL_CROWDED \
    ", (SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE queue = ?1 AND state = 'ready' LIMIT 16)" \
    " AS few) / 16 AS is_crowded"

/* A key that is there already gives that job: its row is written to as it was, and so locked until the caller's transaction ends. */
Err *job_enqueue(DbTx *tx, const JobOrder *order, Id *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Id id = id_new("job");
    char trace[SPAN_TEXT_SIZE];
    const char *payload;
    NewJob made;

    TRY(order_check(order));
    TRY(payload_write(order, mem, &payload));
    int64_t now_ms = clock_now_ms(), start_ms = MAX(order->start_ms, now_ms);

    TRY(db_one(
        tx, db_tx_kind(tx) == DB_SQLITE ? SQL_ENQUEUE : SQL_ENQUEUE SQL_CROWDED,
        DB_ARGS(
            DB_TEXT(order->queue), DB_TEXT(tenant_of(order)), DB_INT(order->priority),
            DB_TEXT(id.text), DB_TEXT(order->subject), DB_TEXT(order->key), DB_TEXT(payload),
            DB_TEXT(start_ms > now_ms ? "waiting" : "ready"), DB_INT(start_ms), DB_INT(now_ms),
            DB_TEXT(trace_write(trace))),
        &new_job_shape, mem, &made));
    if (ret)
        snprintf(ret->text, sizeof(ret->text), "%s", made.id);
    return made.is_crowded && start_ms <= now_ms ? NULL : db_signal(tx, TOPIC_JOBS);
}

/* ---- many coming at once ---- */

typedef struct OrderRow {
    const char *id, *subject, *key, *payload;
} OrderRow;

static const Field OrderRow_fields[] = {
    {FIELD_TEXT(OrderRow, id), .help = "Which job"},
    {FIELD_TEXT(OrderRow, subject), .help = "What it is about"},
    {FIELD_TEXT(OrderRow, key), .help = "What it is known by"},
    {FIELD_TEXT(OrderRow, payload), .help = "What its work is told"},
    {FIELD_END},
};
static const Shape order_row_shape = SHAPE(OrderRow);

/* The turn is looked up once, and those of the statement follow on it. */
#define SQL_ENQUEUE_EACH(each) \
    "INSERT INTO jobs" \
    " (queue, tenant_id, priority, turn, id, subject, key, payload, state, start_ms, queued_ms," \
    " trace)" \
    " SELECT ?2, ?3, ?4, " SQL_TURN_OF( \
        "?2", "?3", "?4") " + each.number - 1," \
                          " each.value ->> 'id', each.value ->> 'subject', each.value ->> 'key'," \
                          " each.value ->> 'payload', ?5, ?6, ?7, ?8 FROM " each " WHERE 1 = 1" \
                          " ON CONFLICT (queue, key) WHERE key IS NOT NULL AND state <> 'dead' " \
                          "AND is_cancelled = 0" \
                          " DO UPDATE SET key = excluded.key"

/* COUNT orders that differ in subject, key and payload alone. */
static MUST Err *alike_enqueue(DbTx *tx, const JobOrder *orders, size_t count)
{
    AUTO(arena_free) Arena *mem = arena_new();
    OrderRow *rows = ARENA_ARRAY(mem, OrderRow, count);
    char trace[SPAN_TEXT_SIZE];
    int64_t now_ms = clock_now_ms(), start_ms = MAX(orders->start_ms, now_ms);

    for (size_t i = 0; i < count; i++) {
        Id id = id_new("job");

        rows[i] = (OrderRow){arena_text(mem, id.text), orders[i].subject, orders[i].key, NULL};
        TRY(payload_write(&orders[i], mem, &rows[i].payload));
    }
    TRY(db_run_each(
        tx, DB_EACH(tx, SQL_ENQUEUE_EACH),
        DB_ARGS(
            DB_TEXT(orders->queue), DB_TEXT(tenant_of(orders)), DB_INT(orders->priority),
            DB_TEXT(start_ms > now_ms ? "waiting" : "ready"), DB_INT(start_ms), DB_INT(now_ms),
            DB_TEXT(trace_write(trace))),
        &order_row_shape, &(List){rows, count}, NULL));
    return db_signal(tx, TOPIC_JOBS);
}

static bool is_alike(const JobOrder *a, const JobOrder *b)
{
    return strcmp(a->queue, b->queue) == 0 && strcmp(tenant_of(a), tenant_of(b)) == 0 &&
           a->priority == b->priority && a->start_ms == b->start_ms;
}

Err *job_enqueue_all(DbTx *tx, const JobOrder *orders, size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(order_check(&orders[i]));
    for (size_t from = 0, until; from < count; from = until) {
        for (until = from + 1; until < count && is_alike(&orders[from], &orders[until]);)
            until++;
        TRY(alike_enqueue(tx, &orders[from], until - from));
    }
    return NULL;
}

/* Marked first and forgotten second: what is marked stays locked, so none slips from one state to another in between. */
Err *job_cancel(DbTx *tx, const char *subject, int64_t *ret_waiting)
{
    int64_t marked = 0, waiting = 0;

    TRY(db_run(
        tx, "UPDATE jobs SET is_cancelled = 1 WHERE subject = ?1 AND state <> 'dead'",
        DB_ARGS(DB_TEXT(subject)), &marked));
    if (marked)
        TRY(db_run(
            tx, "DELETE FROM jobs WHERE subject = ?1 AND state IN ('waiting', 'ready')",
            DB_ARGS(DB_TEXT(subject)), &waiting));
    *ret_waiting = waiting;
    return marked > waiting ? db_signal(tx, TOPIC_CANCELS) : NULL;
}

Err *job_withdraw(DbTx *tx, const char *subject, int64_t *ret)
{
    int64_t withdrawn = 0;

    TRY(db_run(
        tx, "DELETE FROM jobs WHERE subject = ?1 AND state IN ('waiting', 'ready')",
        DB_ARGS(DB_TEXT(subject)), &withdrawn));
    *ret = withdrawn;
    return NULL;
}

/* ---- queues ---- */

static const Field JobQueueFacts_fields[] = {
    {FIELD_TEXT(JobQueueFacts, queue), .help = "Name of the queue"},
    {FIELD_BOOL(JobQueueFacts, is_paused), .help = "Whether its jobs are held back"},
    {FIELD_INT(JobQueueFacts, ready), .help = "Jobs that could be begun"},
    {FIELD_INT(JobQueueFacts, waiting), .help = "Jobs whose time has not come"},
    {FIELD_INT(JobQueueFacts, running), .help = "Jobs in the hands of workers"},
    {FIELD_INT(JobQueueFacts, dead), .help = "Jobs that are not tried again"},
    {FIELD_INT(JobQueueFacts, oldest_ms), .help = "How long the oldest ready job has waited",
     .unit = "ms"},
    {FIELD_END},
};
const Shape job_queue_facts_shape = SHAPE(JobQueueFacts);

/* Each part reads one partial index and no job. */
Err *job_queues(DbTx *tx, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT names.queue AS queue,"
        " (SELECT COUNT(*) FROM job_queues WHERE name = names.queue AND is_paused = 1) AS "
        "is_paused,"
        " (SELECT COUNT(*) FROM jobs WHERE queue = names.queue AND state = 'ready') AS ready,"
        " (SELECT COUNT(*) FROM jobs WHERE queue = names.queue AND state = 'waiting') AS waiting,"
        " (SELECT COUNT(*) FROM jobs WHERE queue = names.queue AND state = 'running') AS running,"
        " (SELECT COUNT(*) FROM jobs WHERE queue = names.queue AND state = 'dead') AS dead,"
        " (SELECT ?1 - MIN(start_ms) FROM jobs WHERE queue = names.queue AND state = 'ready')"
        " AS oldest_ms"
        " FROM (SELECT queue FROM jobs WHERE state = 'ready'"
        " UNION SELECT queue FROM jobs WHERE state = 'waiting'"
        " UNION SELECT queue FROM jobs WHERE state = 'running'"
        " UNION SELECT queue FROM jobs WHERE state = 'dead'"
        " UNION SELECT name FROM job_queues) AS names ORDER BY queue LIMIT 1000",
        DB_ARGS(DB_INT(clock_now_ms())), &job_queue_facts_shape, mem, ret);
}

Err *job_queue_pause(DbTx *tx, const char *queue, bool is_paused)
{
    TRY(db_run(
        tx,
        "INSERT INTO job_queues (name, is_paused) VALUES (?1, ?2)"
        " ON CONFLICT (name) DO UPDATE SET is_paused = excluded.is_paused",
        DB_ARGS(DB_TEXT(queue), DB_INT(is_paused)), NULL));
    return is_paused ? NULL : db_signal(tx, TOPIC_JOBS);
}

/* ---- the dead ---- */

static const Field DeadJob_fields[] = {
    {FIELD_TEXT(DeadJob, id), .help = "Which job"},
    {FIELD_TEXT(DeadJob, queue), .help = "Queue it was in"},
    {FIELD_TEXT(DeadJob, tenant_id), .help = "Whose it was; none for the house", .optional = true},
    {FIELD_TEXT(DeadJob, subject), .help = "What it was about", .optional = true},
    {FIELD_TEXT(DeadJob, reason), .help = "Code and message of its last failure", .optional = true},
    {FIELD_INT(DeadJob, attempts), .help = "How often it was tried"},
    {FIELD_INT(DeadJob, died_ms), .help = "When it was given up", .unit = "ms"},
    {FIELD_END},
};
const Shape dead_job_shape = SHAPE(DeadJob);

#define SQL_DEAD \
    "SELECT id, queue, NULLIF(tenant_id, '') AS tenant_id, subject, reason, attempt AS attempts," \
    " died_ms FROM jobs WHERE state = 'dead' AND id > ?1"

Err *job_dead(DbTx *tx, const char *queue, const char *after, int64_t limit, Arena *mem, List *ret)
{
    DbArg start = DB_TEXT(after ? after : ""), most = DB_INT(limit);

    if (!queue)
        return db_all(
            tx, SQL_DEAD " ORDER BY id LIMIT ?2", DB_ARGS(start, most), &dead_job_shape, mem, ret);
    return db_all(
        tx, SQL_DEAD " AND queue = ?3 ORDER BY id LIMIT ?2", DB_ARGS(start, most, DB_TEXT(queue)),
        &dead_job_shape, mem, ret);
}

static const Field JobPlace_fields[] = {
    {FIELD_TEXT(JobRow, queue), .help = "Which queue"},
    {FIELD_TEXT(JobRow, tenant_id), .help = "Whose; '' for the house"},
    {FIELD_INT(JobRow, priority), .help = "How urgent"},
    {FIELD_END},
};
static const Shape job_place_shape = {"JobPlace", sizeof(JobRow), JobPlace_fields};

Err *job_revive(DbTx *tx, const char *job_id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    JobRow job;

    TRY(db_one(
        tx, "SELECT queue, tenant_id, priority FROM jobs WHERE id = ?1 AND state = 'dead'",
        DB_ARGS(DB_TEXT(job_id)), &job_place_shape, mem, &job));
    TRY(db_run(
        tx,
        "UPDATE jobs SET state = 'ready', turn = " SQL_TURN ", start_ms = ?5, attempt = 0,"
        " died_ms = NULL, is_cancelled = 0 WHERE id = ?4 AND state = 'dead'",
        DB_ARGS(
            DB_TEXT(job.queue), DB_TEXT(job.tenant_id), DB_INT(job.priority), DB_TEXT(job_id),
            DB_INT(clock_now_ms())),
        NULL));
    return db_signal(tx, TOPIC_JOBS);
}

Err *job_drop(DbTx *tx, const char *job_id)
{
    int64_t dropped = 0;

    TRY(db_run(
        tx, "DELETE FROM jobs WHERE id = ?1 AND state = 'dead'", DB_ARGS(DB_TEXT(job_id)),
        &dropped));
    return dropped ? NULL : err_new(ERR_NOT_FOUND, "no dead job '%s' is there", job_id);
}
