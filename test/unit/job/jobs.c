/* What tests of the queue do over and over. */
#include "unit/job/jobs.h"

#include <time.h>

void jobs_begin(Db *db)
{
    DbVersion version;

    clock_hold(0);
    watch_divert(NULL, NULL);
    CHECK_OK(db_migrate(db, &version));
}

void jobs_hush(void *context, const char *line, size_t size)
{
    (void)context;
    (void)line;
    (void)size;
}

typedef struct Put {
    const JobOrder *order;
    int count;
    Id id;
} Put;

static Err *put_work(DbTx *tx, void *put_any)
{
    Put *put = put_any;

    for (int i = 0; i < put->count; i++)
        TRY(job_enqueue(tx, put->order, &put->id));
    return NULL;
}

Id jobs_put(Db *db, const JobOrder *order, int count)
{
    Put put = {.order = order, .count = count};

    CHECK_OK(db_write(db, put_work, &put));
    return put.id;
}

typedef struct Take {
    ClaimWish wish;
    Arena *mem;
    List taken;
} Take;

static Err *take_work(DbTx *tx, void *take_any)
{
    Take *take = take_any;

    return claim_take(tx, &take->wish, take->mem, &take->taken);
}

List jobs_take(Db *db, const JobKind *kind, const char *lease, int64_t most, Arena *mem)
{
    Take take = {
        .mem = mem,
        .wish = {
            .kind = kind,
            .lease = lease,
            .worker = "tester",
            .most = most,
            .now_ms = clock_now_ms()}};

    CHECK_OK(db_write(db, take_work, &take));
    return take.taken;
}

static Err *end_work(DbTx *tx, void *lease)
{
    return job_done(tx, lease);
}

Err *jobs_end(Db *db, JobLease *lease)
{
    return db_write(db, end_work, lease);
}

typedef struct CancelWish {
    const char *subject;
    int64_t waiting;
} CancelWish;

static Err *cancel_work(DbTx *tx, void *wish_any)
{
    CancelWish *wish = wish_any;

    return job_cancel(tx, wish->subject, &wish->waiting);
}

Err *jobs_cancel(Db *db, const char *subject, int64_t *ret_waiting)
{
    CancelWish wish = {.subject = subject};

    TRY(db_write(db, cancel_work, &wish));
    *ret_waiting = wish.waiting;
    return NULL;
}

const char *jobs_do(Db *db, const JobKind *kind, Arena *mem)
{
    List taken = jobs_take(db, kind, "lease_now", 1, mem);
    const JobRow *row = taken.items;

    if (taken.count == 0)
        return NULL;
    AUTO(lease_free) JobLease *lease = lease_new(row, kind, "lease_now", 0);
    CHECK_OK(jobs_end(db, lease));
    return row->tenant_id ? row->tenant_id : "";
}

static Err *wake_work(DbTx *tx, void *queue)
{
    bool is_all = false;

    while (!is_all)
        TRY(claim_wake(tx, queue, clock_now_ms(), &is_all));
    return NULL;
}

void jobs_wake(Db *db, const char *queue)
{
    CHECK_OK(db_write(db, wake_work, (void *)queue));
}

long long jobs_in(Db *db, const char *state)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM jobs WHERE state = '%s'", state);
    return test_db_number(db, sql);
}

void jobs_await(Db *db, const char *sql, long long want)
{
    const struct timespec pause = {0, 5 * 1000000};
    int64_t end_ms = clock_ticks_ms() + TEST_PATIENCE_MS;
    long long got;

    while ((got = test_db_number(db, sql)) != want && clock_ticks_ms() < end_ms)
        nanosleep(&pause, NULL);
    if (got != want)
        test_fail(__FILE__, __LINE__, "'%s' stays %lld, expected %lld", sql, got, want);
}
