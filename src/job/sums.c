/* What became of the jobs of this process, added up until it is written down. */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "job/job_priv.h"
#include "job/monitor.h"
#include "watch/alert.h"

enum {
    QUEUES_MOST = 64
};

struct Sums {
    pthread_mutex_t mutex;
    SumRow rows[QUEUES_MOST];
    size_t count;
};

Sums *sums_new(void)
{
    Sums *sums = calloc(1, sizeof(*sums));

    if (!sums)
        abort();
    pthread_mutex_init(&sums->mutex, NULL);
    return sums;
}

void sums_free(Sums *sums)
{
    if (!sums)
        return;
    pthread_mutex_destroy(&sums->mutex);
    free(sums);
}

/* The mutex is held. Names of queues are those of kinds, which outlive all. */
static SumRow *row_of(Sums *sums, const char *queue)
{
    for (size_t i = 0; i < sums->count; i++)
        if (strcmp(sums->rows[i].queue, queue) == 0)
            return &sums->rows[i];
    if (sums->count == QUEUES_MOST)
        return NULL;
    sums->rows[sums->count] = (SumRow){.queue = queue};
    return &sums->rows[sums->count++];
}

static void row_add(SumRow *to, const SumRow *more)
{
    to->started += more->started;
    to->completed += more->completed;
    to->retried += more->retried;
    to->failed += more->failed;
    to->stalled += more->stalled;
    to->progress += more->progress;
    to->work_ms += more->work_ms;
}

void sums_add(Sums *sums, const SumRow *more)
{
    if (!sums)
        return;
    pthread_mutex_lock(&sums->mutex);
    SumRow *row = row_of(sums, more->queue);
    if (row)
        row_add(row, more);
    pthread_mutex_unlock(&sums->mutex);
}

/* ---- writing down ---- */

typedef struct Flush {
    SumRow rows[QUEUES_MOST];
    size_t count;
    int64_t at_ms;
} Flush;

static Err *flush_work(DbTx *tx, void *flush_any)
{
    const Flush *flush = flush_any;

    for (size_t i = 0; i < flush->count; i++)
        TRY(sum_row_add(tx, &flush->rows[i], flush->at_ms));
    return NULL;
}

Err *sums_flush(Sums *sums, Db *db)
{
    Flush flush = {.at_ms = clock_now_ms() / SUMS_MS * SUMS_MS};

    pthread_mutex_lock(&sums->mutex);
    memcpy(flush.rows, sums->rows, sums->count * sizeof(SumRow));
    flush.count = sums->count;
    sums->count = 0;
    pthread_mutex_unlock(&sums->mutex);
    if (!flush.count)
        return NULL;

    Err *err = db_write(db, flush_work, &flush);
    for (size_t i = 0; err && i < flush.count; i++)
        sums_add(sums, &flush.rows[i]);
    return err;
}

/* ---- alerts ---- */

typedef struct Crossing {
    const char *queue;
    bool is_backed_up, is_failing;
    int64_t waiting;
    double failure_rate;
} Crossing;

typedef struct Looking {
    Arena *mem;
    Crossing *crossings;
    size_t count;
} Looking;

static Err *look_work(DbTx *tx, void *looking_any)
{
    Looking *looking = looking_any;
    List states = {0};

    TRY(queue_states(tx, looking->mem, &states));
    looking->crossings = ARENA_ARRAY(looking->mem, Crossing, states.count + 1);
    looking->count = 0;
    for (size_t i = 0; i < states.count; i++) {
        const QueueState *state = (const QueueState *)states.items + i;
        Crossing *crossing = &looking->crossings[looking->count];

        *crossing = (Crossing){
            .queue = state->queue,
            .waiting = state->waiting + state->delayed,
            .failure_rate = state->failure_rate,
        };
        TRY(sum_alert_set(tx, state, &crossing->is_backed_up, &crossing->is_failing));
        looking->count += crossing->is_backed_up || crossing->is_failing;
    }
    return NULL;
}

static void crossing_say(const Crossing *crossing)
{
    AUTO(err_free)
    Err *waiting = err_new(
        ERR_SERVER_BUSY, "queue '%s' is backed up: %jd jobs wait", crossing->queue,
        (intmax_t)crossing->waiting);
    AUTO(err_free)
    Err *failing = err_new(
        ERR_SERVER_BUSY, "queue '%s' is failing: %.0f %% of the last hour's jobs", crossing->queue,
        100 * crossing->failure_rate);

    if (crossing->is_backed_up)
        watch_alert("queue.backed_up", waiting, crossing->queue);
    if (crossing->is_failing)
        watch_alert("queue.failing", failing, crossing->queue);
}

Err *sums_look(Db *db)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Looking looking = {.mem = mem};

    TRY(db_write(db, look_work, &looking));
    for (size_t i = 0; i < looking.count; i++)
        crossing_say(&looking.crossings[i]);
    return NULL;
}
