/* Leases in this process's hands, and the one thread that keeps them alive. */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "job/job_priv.h"
#include "watch/watch.h"

enum {
    BEAT_RETRY_MS = 1000
};

/* ---- one ---- */

JobLease *lease_new(const JobRow *row, const JobKind *kind, const char *token, int64_t until_ms)
{
    Arena *mem = arena_new();
    JobLease *lease = arena_take(mem, sizeof(*lease));

    *lease = (JobLease){
        .kind = kind,
        .mem = mem,
        .cancel = CANCEL_INIT,
        .until_ms = until_ms,
        .token = arena_text(mem, token),
        .job = job_of_row(row, kind)};
    lease->job.id = arena_text(mem, row->id);
    lease->job.tenant_id = arena_text(mem, row->tenant_id);
    lease->job.subject = arena_text(mem, row->subject);
    lease->trace = arena_text(mem, row->trace);
    lease->job.payload = row->payload ? value_ref(row->payload) : NULL;
    return lease;
}

void lease_free(JobLease *lease)
{
    if (!lease)
        return;
    value_free((Value *)lease->job.payload);
    pthread_mutex_destroy(&lease->cancel.mutex);
    arena_free(lease->mem);
}

void job_lease_progress(JobLease *lease)
{
    sums_add(lease->sums, &(SumRow){.queue = lease->kind->queue, .progress = 1});
}

Cancel *job_lease_cancel(JobLease *lease)
{
    return &lease->cancel;
}

/* ---- all ---- */

struct Keeper {
    Db *db;
    DbEar *ear;
    int64_t beat_ms;
    Cancel end;
    pthread_t thread;
    pthread_mutex_t mutex;
    JobLease *leases;
};

/* A lease as it was when the beat began; it may be gone when the beat has ended. */
typedef struct Pulse {
    JobLease *lease;
    const char *job_id, *token;
    int64_t until_ms;
    bool is_lost, is_cancelled;
} Pulse;

typedef struct Beat {
    Pulse *pulses;
    size_t count;
} Beat;

static Beat beat_begin(Keeper *keeper, Arena *mem)
{
    int64_t now_ms = clock_now_ms();
    Beat beat = {0};
    size_t i = 0;

    pthread_mutex_lock(&keeper->mutex);
    for (const JobLease *lease = keeper->leases; lease; lease = lease->kept)
        beat.count++;
    beat.pulses = ARENA_ARRAY(mem, Pulse, beat.count + 1);
    for (JobLease *lease = keeper->leases; lease; lease = lease->kept)
        beat.pulses[i++] = (Pulse){
            .lease = lease,
            .job_id = arena_text(mem, lease->job.id),
            .token = arena_text(mem, lease->token),
            .until_ms = now_ms + kind_lease_ms(lease->kind)};
    pthread_mutex_unlock(&keeper->mutex);
    return beat;
}

static Err *beat_write(DbTx *tx, void *beat_any)
{
    const Beat *beat = beat_any;

    TRY(claim_hasten(tx));
    for (size_t i = 0; i < beat->count; i++) {
        Pulse *pulse = &beat->pulses[i];
        Err *err =
            lease_extend(tx, pulse->job_id, pulse->token, pulse->until_ms, &pulse->is_cancelled);

        pulse->is_lost = err && err_code(err) == ERR_LEASE_LOST;
        if (err && !pulse->is_lost)
            return err;
        err_free(err);
    }
    return NULL;
}

static bool lease_is_kept(const Keeper *keeper, const Pulse *pulse)
{
    for (const JobLease *lease = keeper->leases; lease; lease = lease->kept)
        if (lease == pulse->lease)
            return strcmp(lease->token, pulse->token) == 0 &&
                   strcmp(lease->job.id, pulse->job_id) == 0;
    return false;
}

static void beat_end(Keeper *keeper, const Beat *beat)
{
    pthread_mutex_lock(&keeper->mutex);
    for (size_t i = 0; i < beat->count; i++) {
        const Pulse *pulse = &beat->pulses[i];

        if (!lease_is_kept(keeper, pulse))
            continue;
        pulse->lease->until_ms = pulse->until_ms;
        if (pulse->is_cancelled || (pulse->is_lost && !atomic_load(&pulse->lease->is_done)))
            cancel_ask(&pulse->lease->cancel);
    }
    pthread_mutex_unlock(&keeper->mutex);
}

/* The database does not answer: what has ended by the clock may be in other hands. */
static void beat_missed(Keeper *keeper)
{
    int64_t now_ms = clock_now_ms();

    pthread_mutex_lock(&keeper->mutex);
    for (JobLease *lease = keeper->leases; lease; lease = lease->kept)
        if (lease->until_ms < now_ms)
            cancel_ask(&lease->cancel);
    pthread_mutex_unlock(&keeper->mutex);
}

/* How long to wait until the next beat. */
static int64_t keeper_beat(Keeper *keeper)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Beat beat = beat_begin(keeper, mem);

    if (beat.count == 0)
        return keeper->beat_ms;
    AUTO(err_free) Err *err = db_write(keeper->db, beat_write, &beat);
    if (!err) {
        beat_end(keeper, &beat);
        return keeper->beat_ms;
    }
    watch_err("job.heartbeat_missed", err, NULL);
    beat_missed(keeper);
    return MIN(keeper->beat_ms, BEAT_RETRY_MS);
}

static void *keeper_work(void *keeper_any)
{
    Keeper *keeper = keeper_any;
    int64_t wait_ms = keeper->beat_ms;

    while (!cancel_is_asked(&keeper->end)) {
        db_wait(keeper->ear, wait_ms, &keeper->end);
        wait_ms = keeper_beat(keeper);
    }
    return NULL;
}

static void keeper_free(Keeper *keeper)
{
    db_ear_free(keeper->ear);
    pthread_mutex_destroy(&keeper->mutex);
    pthread_mutex_destroy(&keeper->end.mutex);
    free(keeper);
}

Err *keeper_start(Db *db, int64_t beat_ms, Keeper **ret)
{
    Keeper *keeper = calloc(1, sizeof(*keeper));

    if (!keeper)
        abort();
    *keeper = (Keeper){
        .db = db,
        .beat_ms = beat_ms,
        .end = CANCEL_INIT,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .ear = db_listen(db, TOPIC_CANCELS)};
    Err *err = job_thread_start(&keeper->thread, keeper_work, keeper);
    if (err) {
        keeper_free(keeper);
        return err;
    }
    *ret = keeper;
    return NULL;
}

void keeper_stop(Keeper *keeper)
{
    cancel_ask(&keeper->end);
    pthread_join(keeper->thread, NULL);
    keeper_free(keeper);
}

void keeper_add(Keeper *keeper, JobLease *lease)
{
    pthread_mutex_lock(&keeper->mutex);
    lease->kept = keeper->leases;
    keeper->leases = lease;
    pthread_mutex_unlock(&keeper->mutex);
}

void keeper_remove(Keeper *keeper, JobLease *lease)
{
    pthread_mutex_lock(&keeper->mutex);
    for (JobLease **at = &keeper->leases; *at; at = &(*at)->kept)
        if (*at == lease) {
            *at = lease->kept;
            break;
        }
    pthread_mutex_unlock(&keeper->mutex);
}

void keeper_return_all(Keeper *keeper)
{
    pthread_mutex_lock(&keeper->mutex);
    for (JobLease *lease = keeper->leases; lease; lease = lease->kept) {
        atomic_store(&lease->is_returning, true);
        cancel_ask(&lease->cancel);
    }
    pthread_mutex_unlock(&keeper->mutex);
}
