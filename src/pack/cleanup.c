/* cleanup_temp: packs whose days are over go, bytes and all; retention (run) forgets what the row of their asset says. */
#include "base/clock.h"
#include "pack/pack_priv.h"
#include "watch/watch.h"

enum {
    AT_ONCE = 100,
    HOUR_MS = 60 * 60 * 1000
};

typedef struct Cleaning {
    int64_t now_ms;
    Arena *mem;
    List over;
    const Pack *pack;
} Cleaning;

static Err *over_work(DbTx *tx, void *cleaning_any)
{
    Cleaning *cleaning = cleaning_any;

    return pack_rows_over(tx, cleaning->now_ms, AT_ONCE, cleaning->mem, &cleaning->over);
}

static Err *expire_work(DbTx *tx, void *cleaning_any)
{
    const Cleaning *cleaning = cleaning_any;

    TRY(asset_forget_key(tx, cleaning->pack->key));
    return pack_row_expired(tx, cleaning->pack->id);
}

/* The rows go before the bytes: bytes that nobody names are swept one day, a row without bytes would promise what is not there. */
static Err *cleanup_do(void *studio_any, JobLease *lease, const Job *job)
{
    const Studio *studio = studio_any;
    int64_t count = 0;

    (void)job;
    for (bool more = true; more;) {
        AUTO(arena_free) Arena *mem = arena_new();
        Cleaning cleaning = {.now_ms = clock_now_ms(), .mem = mem};

        TRY(db_read(studio->shelf.db, over_work, &cleaning));
        for (size_t i = 0; i < cleaning.over.count; i++) {
            cleaning.pack = (const Pack *)cleaning.over.items + i;
            TRY(cancel_check(job_lease_cancel(lease)));
            TRY(db_write(studio->shelf.db, expire_work, &cleaning));
            TRY(blob_delete(studio->shelf.blob, cleaning.pack->key, job_lease_cancel(lease)));
            count++;
        }
        more = cleaning.over.count == AT_ONCE;
    }
    if (count)
        watch(WATCH_INFO, "exports.expired", WATCH_INT("count", count));
    return NULL;
}

const JobKind pack_cleanup_work = {
    .queue = "cleanup_temp",
    .summary = "Remove ZIPs whose days are over",
    .running_most = 1,
    .work = cleanup_do,
};

static Err *tend_work(DbTx *tx, void *start_ms)
{
    Id job;

    return job_enqueue(
        tx,
        &(JobOrder){
            .queue = pack_cleanup_work.queue, .key = "hourly", .start_ms = *(int64_t *)start_ms},
        &job);
}

/* The key keeps it to one that waits. */
Err *pack_tend(const Studio *studio)
{
    int64_t start_ms = (clock_now_ms() / HOUR_MS + 1) * HOUR_MS;

    return db_write(studio->shelf.db, tend_work, &start_ms);
}
