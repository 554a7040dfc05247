/* How work ends: well, to be tried again, given back, cancelled, or dead; and what becomes of work whose worker has vanished. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "job/job_priv.h"
#include "watch/metric.h"
#include "watch/watch.h"

enum {
    WRITES_MOST = 5,
    WRITE_WAIT_MS = 100, /* doubles */
    REASON_MOST_BYTES = 2000
};

typedef enum Verdict {
    VERDICT_LOST, /* in other hands by now */
    VERDICT_CANCELLED,
    VERDICT_RETURNED,
    VERDICT_RETRY,
    VERDICT_DEAD
} Verdict;

/* In the log, and among the numbers. */
static const char *const verdict_events[] = {
    "job.lost", "job.cancelled", "job.returned", "job.failed", "job.dead",
};
static const char *const verdict_outcomes[] = {
    "lost", "cancelled", "returned", "retried", "dead",
};

typedef struct Ending {
    const JobKind *kind;
    Sums *sums;
    void *context; /* for give_up */
    const char *job_id, *token;
    const Err *why;
    bool is_returning, is_lacking;
    bool is_expired; /* only if the lease has ended by the clock */
    Verdict verdict;
} Ending;

static Verdict verdict_of(const Ending *ending, const JobRow *row)
{
    if (row->is_cancelled)
        return VERDICT_CANCELLED;
    if (ending->is_lacking || (ending->is_returning && err_code(ending->why) == ERR_CANCELLED))
        return VERDICT_RETURNED;
    if (err_retry(err_code(ending->why)) && row->attempt < kind_attempts_most(ending->kind))
        return VERDICT_RETRY;
    return VERDICT_DEAD;
}

static MUST Err *work_give_up(const Ending *ending, DbTx *tx, const JobRow *row)
{
    Job job = job_of_row(row, ending->kind);
    AUTO(err_free) Err *cancelled = NULL;

    if (!ending->kind->give_up)
        return NULL;
    if (ending->verdict == VERDICT_CANCELLED)
        cancelled = err_new(ERR_CANCELLED, "job '%s' was cancelled", row->id);
    return ending->kind->give_up(ending->context, tx, &job, cancelled ? cancelled : ending->why);
}

static Err *ending_carry_out(DbTx *tx, void *ending_any)
{
    Ending *ending = ending_any;
    AUTO(arena_free) Arena *mem = arena_new();
    JobRow row;
    int64_t now_ms = clock_now_ms();
    const char *reason = arena_print(
        mem, "%s: %.*s", err_name(err_code(ending->why)), REASON_MOST_BYTES,
        err_message(ending->why));

    ending->verdict = VERDICT_LOST;
    TRY(lease_find(tx, ending->job_id, ending->token, mem, &row));
    if (ending->is_expired && row.lease_ms >= now_ms)
        return err_new(ERR_LEASE_LOST, "job '%s' is alive after all", row.id);

    ending->verdict = verdict_of(ending, &row);
    switch (ending->verdict) {
    case VERDICT_RETURNED:
        return lease_give_back(tx, &row);
    case VERDICT_RETRY:
        return lease_retry(
            tx, &row, now_ms + backoff_ms(ending->kind, row.id, row.attempt), reason);
    case VERDICT_CANCELLED:
        TRY(work_give_up(ending, tx, &row));
        return lease_forget(tx, &row);
    default:
        TRY(work_give_up(ending, tx, &row));
        return lease_bury(tx, &row, now_ms, reason);
    }
}

static Err *done_carry_out(DbTx *tx, void *lease_any)
{
    return job_done(tx, lease_any);
}

static void pause_ms(int64_t wait_ms)
{
    nanosleep(&(struct timespec){wait_ms / 1000, wait_ms % 1000 * 1000000}, NULL);
}

/* A database that is busy for a moment must not cost the work. */
static MUST Err *write_patiently(Db *db, DbWork *work, void *context)
{
    int64_t wait_ms = WRITE_WAIT_MS;

    for (int i = 1;; i++, wait_ms *= 2) {
        Err *err = db_write(db, work, context);

        if (!err || i == WRITES_MOST || err_code(err) == ERR_LEASE_LOST ||
            !err_retry(err_code(err)))
            return err;
        err_free(err);
        pause_ms(wait_ms);
    }
}

static void verdict_say(const Ending *ending)
{
    WatchLevel level = ending->verdict == VERDICT_DEAD    ? WATCH_ERROR
                       : ending->verdict == VERDICT_RETRY ? WATCH_WARN
                                                          : WATCH_INFO;

    metric_add(METRIC_JOBS_ENDED_TOTAL, 1, ending->kind->queue, verdict_outcomes[ending->verdict]);
    watch(
        level, verdict_events[ending->verdict], WATCH_TEXT("job", ending->job_id),
        WATCH_TEXT("queue", ending->kind->queue),
        WATCH_TEXT("error", err_name(err_code(ending->why))),
        WATCH_TEXT("message", err_message(ending->why)));
}

static void verdict_count(const Ending *ending)
{
    SumRow more = {
        .queue = ending->kind->queue,
        .retried = ending->verdict == VERDICT_RETRY,
        .failed = ending->verdict == VERDICT_DEAD,
        .stalled = ending->is_expired,
    };

    sums_add(ending->sums, &more);
}

static void ending_decide(Db *db, Ending *ending)
{
    AUTO(err_free) Err *err = write_patiently(db, ending_carry_out, ending);

    if (err && err_code(err) != ERR_LEASE_LOST)
        watch_err("job.end_failed", err, ending->job_id);
    else if (!ending->is_expired || ending->verdict != VERDICT_LOST) {
        verdict_say(ending);
        verdict_count(ending);
    }
}

void ending_write(Db *db, void *context, JobLease *lease, Err *why)
{
    AUTO(err_free) Err *err = why;

    if (!err && !atomic_load(&lease->is_done))
        err = write_patiently(db, done_carry_out, lease);
    if (!err) {
        metric_add(METRIC_JOBS_ENDED_TOTAL, 1, lease->kind->queue, "done");
        sums_add(
            lease->sums,
            &(SumRow){.queue = lease->kind->queue, .completed = 1, .work_ms = lease->work_ms});
        return;
    }
    ending_decide(
        db, &(Ending){
                .kind = lease->kind,
                .sums = lease->sums,
                .context = context,
                .job_id = lease->job.id,
                .token = lease->token,
                .why = err,
                .is_returning = atomic_load(&lease->is_returning),
                .is_lacking = lease->is_lacking});
}

/* ---- rescue ---- */

typedef struct Search {
    const char *queue;
    Arena *mem;
    List found;
} Search;

static Err *search_carry_out(DbTx *tx, void *search_any)
{
    Search *search = search_any;

    return lease_expired(tx, search->queue, clock_now_ms(), search->mem, &search->found);
}

Err *ending_rescue(Db *db, void *context, const JobKind *kind, Sums *sums)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Search search = {.queue = kind->queue, .mem = mem};

    TRY(db_read(db, search_carry_out, &search));
    const JobRow *rows = search.found.items;
    for (size_t i = 0; i < search.found.count; i++) {
        AUTO(err_free)
        Err *why = err_new(
            ERR_LEASE_LOST, "worker '%s' has not been heard of since its lease ended",
            rows[i].worker);

        ending_decide(
            db, &(Ending){
                    .kind = kind,
                    .sums = sums,
                    .context = context,
                    .job_id = rows[i].id,
                    .token = rows[i].lease,
                    .why = why,
                    .is_expired = true});
    }
    return NULL;
}
