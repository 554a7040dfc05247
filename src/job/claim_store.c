/* Whose turn it is: jobs pass from waiting to ready, and from ready into a worker's hands. */
#include <string.h>

#include "job/job_priv.h"
#include "job/turn_priv.h"

enum {
    WOKEN_AT_ONCE = 100,
    LOOKED_AT = 200 /* ready jobs, before going from tenant to tenant */
};

static const Field JobRow_fields[] = {
    {FIELD_TEXT(JobRow, id), .help = "Which job"},
    {FIELD_TEXT(JobRow, queue), .help = "Which queue", .optional = true},
    {FIELD_TEXT(JobRow, tenant_id), .help = "Whose; none for the house", .optional = true},
    {FIELD_TEXT(JobRow, subject), .help = "What it is about", .optional = true},
    {FIELD_VALUE(JobRow, payload), .help = "What its work is told", .optional = true},
    {FIELD_TEXT(JobRow, trace), .help = "Span of who queued it", .optional = true},
    {FIELD_TEXT(JobRow, lease), .help = "Under which lease", .optional = true},
    {FIELD_TEXT(JobRow, worker), .help = "In whose hands", .optional = true},
    {FIELD_INT(JobRow, priority), .help = "How urgent", .optional = true},
    {FIELD_INT(JobRow, turn), .help = "Its turn", .optional = true},
    {FIELD_INT(JobRow, start_ms), .help = "Not before", .optional = true},
    {FIELD_INT(JobRow, queued_ms), .help = "When it was queued", .optional = true},
    {FIELD_INT(JobRow, lease_ms), .help = "When its lease ends", .optional = true},
    {FIELD_INT(JobRow, attempt), .help = "How often it was begun", .optional = true},
    {FIELD_BOOL(JobRow, is_cancelled), .help = "Whether it is to stop", .optional = true},
    {FIELD_END},
};
const Shape job_row_shape = SHAPE(JobRow);

Err *claim_hasten(DbTx *tx)
{
    if (db_tx_kind(tx) == DB_SQLITE) /* there it is one commit with those of others */
        return NULL;
    return db_run(tx, "SELECT set_config('synchronous_commit', 'off', true)", DB_NO_ARGS, NULL);
}

/* ---- waking ---- */

Err *claim_wake(DbTx *tx, const char *queue, int64_t now_ms, bool *ret_all)
{
    static const char sqlite[] =
        "SELECT id, tenant_id, priority FROM jobs"
        " WHERE queue = ?1 AND state = 'waiting' AND start_ms <= ?2 ORDER BY start_ms LIMIT ?3";
    static const char postgres[] =
        "SELECT id, tenant_id, priority FROM jobs"
        " WHERE queue = ?1 AND state = 'waiting' AND start_ms <= ?2 ORDER BY start_ms LIMIT ?3"
        " FOR UPDATE SKIP LOCKED";
    AUTO(arena_free) Arena *mem = arena_new();
    List due;

    TRY(db_all(
        tx, db_tx_kind(tx) == DB_SQLITE ? sqlite : postgres,
        DB_ARGS(DB_TEXT(queue), DB_INT(now_ms), DB_INT(WOKEN_AT_ONCE)), &job_row_shape, mem, &due));
    const JobRow *rows = due.items;
    for (size_t i = 0; i < due.count; i++)
        TRY(db_run(
            tx,
            "UPDATE jobs SET state = 'ready', turn = " SQL_TURN
            " WHERE id = ?4 AND state = 'waiting'",
            DB_ARGS(
                DB_TEXT(queue), DB_TEXT(rows[i].tenant_id), DB_INT(rows[i].priority),
                DB_TEXT(rows[i].id)),
            NULL));
    *ret_all = due.count < WOKEN_AT_ONCE;
    return NULL;
}

Err *claim_due(DbTx *tx, const char *queue, int64_t *ret_ms)
{
    int64_t due_ms = 0;

    TRY(db_number(
        tx,
        "SELECT start_ms FROM jobs WHERE queue = ?1 AND state = 'waiting' ORDER BY start_ms LIMIT "
        "1",
        DB_ARGS(DB_TEXT(queue)), &due_ms));
    *ret_ms = due_ms ? due_ms : INT64_MAX;
    return NULL;
}

/* ---- taking ---- */

#define SQL_OPEN " AND NOT EXISTS (SELECT 1 FROM job_queues WHERE name = ?1 AND is_paused = 1)"
#define SQL_IN_TURN " ORDER BY priority DESC, turn, start_ms LIMIT "
#define SQL_BEGIN "UPDATE jobs SET state = 'running', attempt = attempt + 1, lease = "
#define SQL_BEGUN \
    " RETURNING id, NULLIF(tenant_id, '') AS tenant_id, subject, payload, trace, priority, turn, " \
    "start_ms," \
    " queued_ms, attempt"

/* A common table with FOR UPDATE is worked out once; a plain IN (SELECT ... LIMIT) may be worked out for every row, and then takes more
 * than its limit. */
#define SQL_TAKE(lock) \
    "WITH picked AS (SELECT id FROM jobs WHERE queue = ?1 AND state = 'ready'" SQL_OPEN \
        SQL_IN_TURN "?2" lock ") " SQL_BEGIN "?3, worker = ?4, lease_ms = ?5" \
    " WHERE id IN (SELECT id FROM picked)" SQL_BEGUN

static int row_compare(const void *a_any, const void *b_any)
{
    const JobRow *a = a_any, *b = b_any;

    if (a->priority != b->priority)
        return a->priority > b->priority ? -1 : 1;
    if (a->turn != b->turn)
        return a->turn < b->turn ? -1 : 1;
    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    return strcmp(a->id, b->id);
}

/* In turn, leaving out what others are just taking. RETURNING keeps no order. */
static MUST Err *take_next(DbTx *tx, const ClaimWish *wish, int64_t most, Arena *mem, List *ret)
{
    List taken;

    TRY(db_all(
        tx,
        db_tx_kind(tx) == DB_SQLITE ? SQL_TAKE("") : SQL_TAKE(" FOR UPDATE OF jobs SKIP LOCKED"),
        DB_ARGS(
            DB_TEXT(wish->kind->queue), DB_INT(most), DB_TEXT(wish->lease), DB_TEXT(wish->worker),
            DB_INT(wish->now_ms + kind_lease_ms(wish->kind))),
        &job_row_shape, mem, &taken));
    if (taken.count)
        qsort(taken.items, taken.count, sizeof(JobRow), row_compare);
    *ret = taken;
    return NULL;
}

/* ---- taking within limits ---- */

typedef struct Crowd {
    const char *tenant_id;
    int64_t running;
} Crowd;

static const Field Crowd_fields[] = {
    {FIELD_TEXT(Crowd, tenant_id), .help = "Whose"},
    {FIELD_INT(Crowd, running), .help = "How many are running"},
    {FIELD_END},
};
static const Shape crowd_shape = SHAPE(Crowd);

typedef struct Picking {
    DbTx *tx;
    const ClaimWish *wish;
    int64_t room; /* how many more to take */
    List
        running; /* of Crowd: tenants with something running before, and those of the jobs picked since */
    Arena *mem;
    JobRow *rows;
    size_t count;
} Picking;

static Crowd *crowd_of(Picking *picking, const char *tenant_id)
{
    Crowd *crowds = picking->running.items;

    for (size_t i = 0; i < picking->running.count; i++)
        if (strcmp(crowds[i].tenant_id, tenant_id) == 0)
            return &crowds[i];
    return NULL;
}

/* Counted as running from now on; false when its tenant has no room. */
static bool crowd_joins(Picking *picking, const char *tenant_id)
{
    Crowd *crowd = crowd_of(picking, tenant_id);

    if (!crowd) {
        List *all = &picking->running;
        Crowd *crowds = ARENA_ARRAY(picking->mem, Crowd, all->count + 1);

        if (all->count)
            memcpy(crowds, all->items, all->count * sizeof(Crowd));
        crowd = &crowds[all->count];
        *crowd = (Crowd){.tenant_id = tenant_id};
        *all = (List){crowds, all->count + 1};
    }
    if (crowd->running >= picking->wish->kind->tenant_running_most)
        return false;
    crowd->running++;
    return true;
}

static MUST Err *pick_begin(Picking *picking, const char *job_id)
{
    const ClaimWish *wish = picking->wish;

    TRY(db_one(
        picking->tx, SQL_BEGIN "?2, worker = ?3, lease_ms = ?4 WHERE id = ?1" SQL_BEGUN,
        DB_ARGS(
            DB_TEXT(job_id), DB_TEXT(wish->lease), DB_TEXT(wish->worker),
            DB_INT(wish->now_ms + kind_lease_ms(wish->kind))),
        &job_row_shape, picking->mem, &picking->rows[picking->count]));
    picking->count++;
    picking->room--;
    return NULL;
}

/* Those of SEEN, in their order, whose tenants have room. */
static MUST Err *pick_from(Picking *picking, const List *seen)
{
    const JobRow *rows = seen->items;

    for (size_t i = 0; i < seen->count && picking->room > 0; i++)
        if (crowd_joins(picking, rows[i].tenant_id))
            TRY(pick_begin(picking, rows[i].id));
    return NULL;
}

static MUST Err *ready_seen(Picking *picking, List *ret)
{
    static const char sqlite[] =
        "SELECT id, tenant_id FROM jobs WHERE queue = ?1 AND state = 'ready'" SQL_OPEN SQL_IN_TURN
        "?2";
    static const char postgres[] =
        "SELECT id, tenant_id FROM jobs WHERE queue = ?1 AND state = 'ready'" SQL_OPEN SQL_IN_TURN
        "?2 FOR UPDATE OF jobs SKIP LOCKED";

    return db_all(
        picking->tx, db_tx_kind(picking->tx) == DB_SQLITE ? sqlite : postgres,
        DB_ARGS(DB_TEXT(picking->wish->kind->queue), DB_INT(LOOKED_AT)), &job_row_shape,
        picking->mem, ret);
}

/* The next job of each tenant that has room. From one tenant to the next by the index, so the many jobs of one that is full are
 * not looked at. */
#define SQL_FIRSTS(lock) \
    "WITH RECURSIVE tenants(tenant_id) AS (" \
    "SELECT MIN(tenant_id) FROM jobs WHERE queue = ?1 AND state = 'ready'" SQL_OPEN \
    " UNION ALL SELECT (SELECT MIN(jobs.tenant_id) FROM jobs WHERE queue = ?1 AND state = 'ready'" \
    " AND jobs.tenant_id > tenants.tenant_id) FROM tenants WHERE tenants.tenant_id IS NOT NULL)," \
    " firsts AS (SELECT (SELECT id FROM jobs WHERE queue = ?1 AND state = 'ready'" \
    " AND jobs.tenant_id = tenants.tenant_id ORDER BY priority DESC, turn + 0 LIMIT 1) AS id" \
    " FROM tenants WHERE tenants.tenant_id IS NOT NULL AND tenants.tenant_id NOT IN" \
    " (SELECT tenant_id FROM jobs WHERE queue = ?1 AND state = 'running' GROUP BY tenant_id" \
    " HAVING COUNT(*) >= ?2))" \
    " SELECT id, tenant_id FROM jobs WHERE state = 'ready' AND id IN (SELECT id FROM " \
    "firsts)" SQL_IN_TURN "?3" lock

static MUST Err *firsts_seen(Picking *picking, List *ret)
{
    const JobKind *kind = picking->wish->kind;

    return db_all(
        picking->tx,
        db_tx_kind(picking->tx) == DB_SQLITE ? SQL_FIRSTS("")
                                             : SQL_FIRSTS(" FOR UPDATE OF jobs SKIP LOCKED"),
        DB_ARGS(DB_TEXT(kind->queue), DB_INT(kind->tenant_running_most), DB_INT(LOOKED_AT)),
        &job_row_shape, picking->mem, ret);
}

static MUST Err *pick_for_tenants(Picking *picking)
{
    List seen;

    TRY(db_all(
        picking->tx,
        "SELECT tenant_id, COUNT(*) AS running FROM jobs WHERE queue = ?1 AND state = 'running'"
        " GROUP BY tenant_id",
        DB_ARGS(DB_TEXT(picking->wish->kind->queue)), &crowd_shape, picking->mem,
        &picking->running));
    TRY(ready_seen(picking, &seen));
    picking->rows = ARENA_ARRAY(picking->mem, JobRow, (size_t)picking->room);
    TRY(pick_from(picking, &seen));
    if (picking->room == 0 || seen.count < LOOKED_AT)
        return NULL;

    TRY(firsts_seen(picking, &seen));
    return pick_from(picking, &seen);
}

/* What is counted must not change in between, so claims of one queue with limits come one after another. */
static MUST Err *take_within_limits(DbTx *tx, const ClaimWish *wish, Arena *mem, List *ret)
{
    const JobKind *kind = wish->kind;
    Picking picking = {.tx = tx, .wish = wish, .room = wish->most, .mem = mem};

    TRY(db_lock(tx, arena_print(mem, "queue:%s", kind->queue)));
    if (kind->running_most > 0) {
        int64_t running = 0;

        TRY(db_number(
            tx, "SELECT COUNT(*) FROM jobs WHERE queue = ?1 AND state = 'running'",
            DB_ARGS(DB_TEXT(kind->queue)), &running));
        picking.room = MIN(picking.room, kind->running_most - running);
    }
    if (picking.room <= 0) {
        *ret = (List){0};
        return NULL;
    }
    if (kind->tenant_running_most <= 0)
        return take_next(tx, wish, picking.room, mem, ret);

    TRY(pick_for_tenants(&picking));
    *ret = (List){picking.rows, picking.count};
    return NULL;
}

Err *claim_take(DbTx *tx, const ClaimWish *wish, Arena *mem, List *ret)
{
    return kind_is_limited(wish->kind) ? take_within_limits(tx, wish, mem, ret)
                                       : take_next(tx, wish, wish->most, mem, ret);
}
