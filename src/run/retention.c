/* What is kept comes to its end: the house's own work, once a day. */
#include "base/clock.h"
#include "run/run_priv.h"
#include "watch/watch.h"

enum {
    HOUR_MS = 60 * 60 * 1000,
    DAY_MS = 24 * HOUR_MS,
    QUIET_HOUR = 3 /* UTC */
};

static const RunEnd photo_gone = {
    .state = RUN_CANCELLED,
    .error = "photo_gone",
    .text = "The photo was not used in time and is no longer kept. Upload it again in a new job."};

/* A photo is needed while work on it is paid for. Runs that were never started end with it. */
static MUST Err *raw_leave(DbTx *tx, const Asset *asset, Arena *mem, bool *ret_needed)
{
    List queued = {0}, processing = {0}, waiting = {0};
    Project project;

    TRY(db_lock(tx, asset->project_id));
    TRY(run_ids_of_photo(tx, asset->owner, RUN_QUEUED, mem, &queued));
    TRY(run_ids_of_photo(tx, asset->owner, RUN_PROCESSING, mem, &processing));
    *ret_needed = queued.count + processing.count > 0;
    if (*ret_needed)
        return NULL;
    TRY(photo_state_set(tx, asset->owner, PHOTO_GONE));
    TRY(run_ids_of_photo(tx, asset->owner, RUN_UPLOADED, mem, &waiting));
    if (!waiting.count)
        return NULL;
    return runs_end(
        tx, &(RunsEnding){.project_id = asset->project_id, .ids = &waiting, .end = photo_gone}, mem,
        &project);
}

static Err *leave(void *context, DbTx *tx, const Asset *asset, bool *ret_needed)
{
    AUTO(arena_free) Arena *mem = arena_new();

    (void)context;
    switch ((Purpose)asset->purpose) {
    case PURPOSE_RAW:
        return raw_leave(tx, asset, mem, ret_needed);
    case PURPOSE_OUTPUT:
        TRY(db_lock(tx, asset->project_id));
        TRY(run_row_is_source(tx, asset->owner, ret_needed));
        return *ret_needed ? NULL : run_row_asset_gone(tx, asset->owner);
    case PURPOSE_EXPORT:
        return export_row_gone(tx, asset->owner);
    case PURPOSE_THUMB:
        TRY(run_row_thumb_gone(tx, asset->owner));
        return item_thumb_gone(tx, asset->owner);
    }
    return NULL;
}

static Err *retention_do(void *studio_any, JobLease *lease, const Job *job)
{
    const Studio *studio = studio_any;
    TidySum sum;

    (void)job;
    TRY(asset_tidy(
        &studio->shelf, &(Tidying){.leave = leave, .cancel = job_lease_cancel(lease)}, &sum));
    watch(
        WATCH_INFO, "retention.done", WATCH_INT("expired", sum.expired),
        WATCH_INT("orphans", sum.orphans), WATCH_INT("bytes", sum.bytes));
    return NULL;
}

const JobKind retention_work = {
    .queue = "retention",
    .summary = "Remove what is kept no longer",
    .running_most = 1,
    .work = retention_do,
};

static Err *tend_work(DbTx *tx, void *start_ms)
{
    Id job;

    return job_enqueue(
        tx,
        &(JobOrder){
            .queue = retention_work.queue, .key = "daily", .start_ms = *(int64_t *)start_ms},
        &job);
}

/* The key keeps it to one that waits. */
Err *run_tend(const Studio *studio)
{
    int64_t now_ms = clock_now_ms(), start_ms = now_ms / DAY_MS * DAY_MS + QUIET_HOUR * HOUR_MS;

    if (start_ms <= now_ms)
        start_ms += DAY_MS;
    return db_write(studio->shelf.db, tend_work, &start_ms);
}
