/* Those who do the work: threads for light and for heavy jobs, and a clerk who fetches jobs for them.
 *
 * The clerk alone looks into the queue: when it is signalled, when a waiting job is due, when a place has become free while there was
 * more to have, and every few seconds in case a signal was missed. Workers take what it has fetched, and lay down what is done. */
#include "base/crew.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "job/job_priv.h"
#include "watch/metric.h"
#include "watch/span.h"
#include "watch/watch.h"

enum {
    POLL_MS = 2000,
    LOOK_MS = 15000,      /* between looks at what needs looking after */
    FAILED_WAIT_MS = 500, /* before looking again when the database failed */
    KINDS_MOST = 64,
    PLACES_MOST = 256,
    NAME_SIZE = 96
};

typedef struct Lack {
    bool is_there;
    ErrCode why;
} Lack;

typedef struct Pool {
    JobCrew *crew;
    const JobKind *kinds[KINDS_MOST];
    Lack lacks[KINDS_MOST];       /* why this process leaves them to others */
    size_t kind_count, next_kind; /* queues take turns at being first */
    int places, taken;            /* taken: jobs fetched and not yet ended */
    bool is_hungry;               /* there may be more in the queues */
    int64_t due_ms;               /* when the next waiting job is; 0: look */
    JobLease *first, *last;       /* fetched, and not begun */
    pthread_cond_t fetched;
    pthread_t threads[PLACES_MOST];
    int thread_count;
} Pool;

struct JobCrew {
    Db *db;
    void *context;
    char name[NAME_SIZE];
    Pool pools[2]; /* light, heavy */
    Keeper *keeper;
    Sums *sums;
    DbEar *ear;
    pthread_t clerk;
    bool has_clerk;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* for the clerk, and for who waits for the end */
    bool is_ending;
    int64_t rescue_every_ms, rescue_ticks_ms, poll_ticks_ms, look_ticks_ms;
};

/* ---- threads ---- */

Err *job_thread_start(pthread_t *thread, void *(*run)(void *), void *context)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(thread, NULL, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure ? err_new(ERR_MEMORY_SPENT, "unable to start a thread for jobs") : NULL;
}

/* ---- workers ---- */

static JobLease *lease_next(Pool *pool)
{
    JobCrew *crew = pool->crew;
    JobLease *lease = NULL;

    pthread_mutex_lock(&crew->mutex);
    while (!pool->first && !crew->is_ending)
        pthread_cond_wait(&pool->fetched, &crew->mutex);
    if (!crew->is_ending) {
        lease = pool->first;
        pool->first = lease->next;
        if (!pool->first)
            pool->last = NULL;
    }
    pthread_mutex_unlock(&crew->mutex);
    return lease;
}

static void lease_lay_down(Pool *pool, JobLease *lease)
{
    JobCrew *crew = pool->crew;

    keeper_remove(crew->keeper, lease);
    lease_free(lease);
    pthread_mutex_lock(&crew->mutex);
    pool->taken--;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->mutex);
}

/* The work itself, as its log lines, traces and numbers see it. */
static Err *lease_work(JobCrew *crew, JobLease *lease)
{
    const Job *job = &lease->job;
    const char *queue = lease->kind->queue;
    WatchContext about = {.tenant_id = job->tenant_id};
    const WatchContext *before = watch_context_set(&about);
    SpanPlace asked = {0};
    int64_t began_ms = clock_ticks_ms();
    AUTO(span_close)
    Span *span = span_open(
        "job.work", lease->trace && span_place_read(lease->trace, &asked) ? &asked : NULL);

    span_text(span, "queue", queue);
    span_text(span, "job", job->id);
    metric_add(METRIC_JOBS_STARTED_TOTAL, 1, queue);
    sums_add(crew->sums, &(SumRow){.queue = queue, .started = 1});
    if (job->attempt == 1)
        metric_observe(METRIC_JOB_WAIT_SECONDS, MAX(clock_now_ms() - job->queued_ms, 0), queue);

    Err *err = lease->kind->work(crew->context, lease, job);
    lease->work_ms = clock_ticks_ms() - began_ms;
    metric_observe(METRIC_JOB_SECONDS, lease->work_ms, queue);
    if (err)
        span_failed(span, err);
    watch_context_set(before);
    return err;
}

/* ---- what this process cannot do ---- */

static bool kind_is_lacking(const JobCrew *crew, const JobKind *kind, ErrCode why)
{
    return kind->is_lacking && kind->is_lacking(crew->context, why);
}

static void lack_say(const JobKind *kind, ErrCode why, bool is_lacking)
{
    watch(
        is_lacking ? WATCH_ERROR : WATCH_INFO, is_lacking ? "job.left_to_others" : "job.resumed",
        WATCH_TEXT("queue", kind->queue), WATCH_TEXT("error", err_name(why)),
        WATCH_TEXT("text", err_default_text(why)));
}

/* Take no more of KIND. */
static void pool_lacks(Pool *pool, const JobKind *kind, ErrCode why)
{
    bool is_new = false;

    pthread_mutex_lock(&pool->crew->mutex);
    for (size_t i = 0; i < pool->kind_count; i++)
        if (pool->kinds[i] == kind) {
            is_new = !pool->lacks[i].is_there;
            pool->lacks[i] = (Lack){true, why};
        }
    pthread_mutex_unlock(&pool->crew->mutex);
    if (is_new)
        lack_say(kind, why, true);
}

/* Whether it has what it lacked. With the mutex held, which it lays down meanwhile. */
static void pool_lacks_look(Pool *pool)
{
    JobCrew *crew = pool->crew;

    for (size_t i = 0; i < pool->kind_count; i++) {
        Lack lack = pool->lacks[i];

        if (!lack.is_there)
            continue;
        pthread_mutex_unlock(&crew->mutex);
        lack.is_there = kind_is_lacking(crew, pool->kinds[i], lack.why);
        if (!lack.is_there)
            lack_say(pool->kinds[i], lack.why, false);
        pthread_mutex_lock(&crew->mutex);
        pool->lacks[i] = lack;
    }
}

static void *worker_work(void *pool_any)
{
    Pool *pool = pool_any;
    JobCrew *crew = pool->crew;
    JobLease *lease;

    while ((lease = lease_next(pool))) {
        Err *err = lease_work(crew, lease);

        lease->is_lacking = err && kind_is_lacking(crew, lease->kind, err_code(err));
        if (lease->is_lacking)
            pool_lacks(pool, lease->kind, err_code(err));
        ending_write(crew->db, crew->context, lease, err);
        lease_lay_down(pool, lease);
    }
    return NULL;
}

/* ---- fetching ---- */

/* One look into the queues of a pool, in one transaction. */
typedef struct Fetch {
    Pool *pool;
    Id lease;
    int64_t room;
    bool is_waking;           /* waiting jobs may be due */
    bool is_left[KINDS_MOST]; /* to others */
    Arena *mem;
    List taken[KINDS_MOST]; /* of JobRow, by kind */
    int64_t now_ms, due_ms;
    bool is_more;
} Fetch;

static MUST Err *kind_fetch(DbTx *tx, Fetch *fetch, size_t number, int64_t *room)
{
    const JobKind *kind = fetch->pool->kinds[number];
    bool is_all = true;

    if (fetch->is_waking)
        TRY(claim_wake(tx, kind->queue, fetch->now_ms, &is_all));
    fetch->is_more = fetch->is_more || !is_all;
    if (*room == 0 || fetch->is_left[number])
        return NULL;

    TRY(claim_take(
        tx,
        &(ClaimWish){
            .kind = kind,
            .lease = fetch->lease.text,
            .worker = fetch->pool->crew->name,
            .most = *room,
            .now_ms = fetch->now_ms},
        fetch->mem, &fetch->taken[number]));
    *room -= (int64_t)fetch->taken[number].count;
    return NULL;
}

static Err *fetch_carry_out(DbTx *tx, void *fetch_any)
{
    Fetch *fetch = fetch_any;
    Pool *pool = fetch->pool;
    int64_t room = fetch->room;

    memset(fetch->taken, 0, sizeof(fetch->taken));
    fetch->is_more = false;
    fetch->due_ms = INT64_MAX;
    fetch->now_ms = clock_now_ms();
    TRY(claim_hasten(tx));
    for (size_t i = 0; i < pool->kind_count; i++)
        TRY(kind_fetch(tx, fetch, (pool->next_kind + i) % pool->kind_count, &room));

    fetch->is_more = fetch->is_more || room == 0;
    for (size_t i = 0; i < pool->kind_count && !fetch->is_more; i++) {
        int64_t due_ms;

        TRY(claim_due(tx, pool->kinds[i]->queue, &due_ms));
        fetch->due_ms = MIN(fetch->due_ms, due_ms);
    }
    return NULL;
}

/* Hand the jobs of FETCH to the workers. */
static void pool_fill(Pool *pool, const Fetch *fetch)
{
    JobCrew *crew = pool->crew;

    for (size_t n = 0; n < pool->kind_count; n++) {
        size_t number = (pool->next_kind + n) % pool->kind_count;
        const JobRow *rows = fetch->taken[number].items;
        const JobKind *kind = pool->kinds[number];

        for (size_t i = 0; i < fetch->taken[number].count; i++) {
            JobLease *lease =
                lease_new(&rows[i], kind, fetch->lease.text, fetch->now_ms + kind_lease_ms(kind));

            lease->sums = crew->sums;
            keeper_add(crew->keeper, lease);
            pthread_mutex_lock(&crew->mutex);
            *(pool->last ? &pool->last->next : &pool->first) = lease;
            pool->last = lease;
            pool->taken++;
            pthread_cond_signal(&pool->fetched);
            pthread_mutex_unlock(&crew->mutex);
        }
    }
}

/* Called with the crew's mutex held, which it lays down meanwhile. A signal that comes meanwhile makes the pool hungry again. */
static void pool_fetch(Pool *pool, int64_t room)
{
    JobCrew *crew = pool->crew;
    AUTO(arena_free) Arena *mem = arena_new();
    Fetch fetch = {
        .pool = pool,
        .room = room,
        .lease = id_new("lease"),
        .mem = mem,
        .is_waking = pool->due_ms <= clock_now_ms()};

    pool->is_hungry = false;
    for (size_t i = 0; i < pool->kind_count; i++)
        fetch.is_left[i] = pool->lacks[i].is_there;
    pthread_mutex_unlock(&crew->mutex);
    AUTO(err_free) Err *err = db_write(crew->db, fetch_carry_out, &fetch);
    if (err)
        watch_err("job.fetch_failed", err, NULL);
    else
        pool_fill(pool, &fetch);
    pthread_mutex_lock(&crew->mutex);

    pool->next_kind = (pool->next_kind + 1) % pool->kind_count;
    if (err)
        pool->due_ms = clock_now_ms() + FAILED_WAIT_MS;
    else if (fetch.is_more)
        pool->is_hungry = true;
    else if (!pool->is_hungry)
        pool->due_ms = fetch.due_ms;
}

/* ---- the clerk ---- */

static void pools_call(JobCrew *crew)
{
    for (size_t i = 0; i < COUNT(crew->pools); i++) {
        crew->pools[i].is_hungry = true;
        crew->pools[i].due_ms = 0;
    }
}

static void crew_heard(void *crew_any)
{
    JobCrew *crew = crew_any;

    pthread_mutex_lock(&crew->mutex);
    pools_call(crew);
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->mutex);
}

/* With the mutex held, which it lays down meanwhile. */
static void crew_rescue(JobCrew *crew)
{
    crew->rescue_ticks_ms = clock_ticks_ms() + crew->rescue_every_ms;
    pthread_mutex_unlock(&crew->mutex);
    for (size_t p = 0; p < COUNT(crew->pools); p++)
        for (size_t i = 0; i < crew->pools[p].kind_count; i++) {
            AUTO(err_free)
            Err *err = ending_rescue(crew->db, crew->context, crew->pools[p].kinds[i], crew->sums);

            if (err)
                watch_err("job.rescue_failed", err, NULL);
        }
    pthread_mutex_lock(&crew->mutex);
}

/* Write down what became of jobs. With the mutex held, which it lays down meanwhile. */
static void crew_sum_up(JobCrew *crew)
{
    bool is_looking = clock_ticks_ms() >= crew->look_ticks_ms;

    if (is_looking)
        crew->look_ticks_ms = clock_ticks_ms() + LOOK_MS;
    pthread_mutex_unlock(&crew->mutex);
    AUTO(err_free) Err *err = sums_flush(crew->sums, crew->db);
    AUTO(err_free) Err *unseen = is_looking ? sums_look(crew->db) : NULL;
    if (err)
        watch_err("job.sums_failed", err, NULL);
    if (unseen)
        watch_err("job.alerts_failed", unseen, NULL);
    pthread_mutex_lock(&crew->mutex);
}

/* True when it has done something, so that the clerk looks around again before it rests. */
static bool pool_serve(Pool *pool)
{
    int room = pool->places - pool->taken;

    if (pool->due_ms <= clock_now_ms())
        pool->is_hungry = true;
    if (pool->kind_count == 0 || !pool->is_hungry || room <= 0)
        return false;
    pool_fetch(pool, room);
    return true;
}

/* When the clerk has to look around again, if nobody calls. */
static int64_t crew_rest_until(const JobCrew *crew)
{
    int64_t until_ms = MIN(crew->poll_ticks_ms, crew->rescue_ticks_ms), now_ms = clock_now_ms();

    for (size_t i = 0; i < COUNT(crew->pools); i++) {
        const Pool *pool = &crew->pools[i];

        if (pool->kind_count > 0 && pool->taken < pool->places && pool->due_ms < now_ms + POLL_MS)
            until_ms = MIN(until_ms, clock_ticks_ms() + MAX(pool->due_ms - now_ms, 1));
    }
    return until_ms;
}

static void *clerk_work(void *crew_any)
{
    JobCrew *crew = crew_any;

    pthread_mutex_lock(&crew->mutex);
    while (!crew->is_ending) {
        if (clock_ticks_ms() >= crew->rescue_ticks_ms)
            crew_rescue(crew);
        if (clock_ticks_ms() >= crew->poll_ticks_ms) {
            crew->poll_ticks_ms = clock_ticks_ms() + POLL_MS;
            for (size_t i = 0; i < COUNT(crew->pools); i++)
                pool_lacks_look(&crew->pools[i]);
            pools_call(crew);
            crew_sum_up(crew);
        }

        bool is_busy = false;
        for (size_t i = 0; i < COUNT(crew->pools) && !crew->is_ending; i++)
            is_busy = pool_serve(&crew->pools[i]) || is_busy;
        if (!is_busy && !crew->is_ending)
            clock_cond_wait(&crew->changed, &crew->mutex, crew_rest_until(crew));
    }
    pthread_mutex_unlock(&crew->mutex);
    return NULL;
}

/* ---- coming and going ---- */

static MUST Err *kinds_share_out(JobCrew *crew, const JobKind *const *kinds)
{
    int64_t shortest_ms = LEASE_PRESET_MS;

    for (size_t i = 0; kinds[i]; i++) {
        Pool *pool = &crew->pools[kinds[i]->is_heavy];

        if (pool->kind_count == KINDS_MOST)
            return err_new(ERR_BUG, "more than %d kinds of jobs", KINDS_MOST);
        pool->kinds[pool->kind_count++] = kinds[i];
        shortest_ms = MIN(shortest_ms, kind_lease_ms(kinds[i]));
    }
    crew->rescue_every_ms = MAX(shortest_ms / 2, 1);
    return keeper_start(crew->db, MAX(shortest_ms / 3, 1), &crew->keeper);
}

static void crew_name(JobCrew *crew, const char *name)
{
    char host[NAME_SIZE / 2] = "";

    gethostname(host, sizeof(host) - 1);
    if (name)
        snprintf(crew->name, sizeof(crew->name), "%s", name);
    else
        snprintf(crew->name, sizeof(crew->name), "%s/%d", host, (int)getpid());
}

static JobCrew *crew_new(const JobCrewSetup *setup)
{
    JobCrew *crew = calloc(1, sizeof(*crew));
    int light = setup->light > 0 ? setup->light : LIGHT_PRESET;
    int heavy = setup->heavy > 0 ? setup->heavy : MIN(crew_cores(), HEAVY_MOST_PRESET);

    if (!crew)
        abort();
    crew->db = setup->db;
    crew->sums = sums_new();
    crew->context = setup->context;
    crew_name(crew, setup->name);
    crew->pools[0] = (Pool){.crew = crew, .is_hungry = true, .places = MIN(light, PLACES_MOST)};
    crew->pools[1] = (Pool){.crew = crew, .is_hungry = true, .places = MIN(heavy, PLACES_MOST)};
    pthread_mutex_init(&crew->mutex, NULL);
    clock_cond_init(&crew->changed);
    for (size_t i = 0; i < COUNT(crew->pools); i++)
        clock_cond_init(&crew->pools[i].fetched);
    return crew;
}

static void crew_free(JobCrew *crew)
{
    db_ear_free(crew->ear);
    sums_free(crew->sums);
    pthread_mutex_destroy(&crew->mutex);
    pthread_cond_destroy(&crew->changed);
    for (size_t i = 0; i < COUNT(crew->pools); i++)
        pthread_cond_destroy(&crew->pools[i].fetched);
    free(crew);
}

static MUST Err *crew_begin(JobCrew *crew, const JobCrewSetup *setup)
{
    TRY(kinds_share_out(crew, setup->kinds));
    for (size_t i = 0; i < COUNT(crew->pools); i++) {
        Pool *pool = &crew->pools[i];

        for (int t = 0; pool->kind_count > 0 && t < pool->places; t++, pool->thread_count++)
            TRY(job_thread_start(&pool->threads[t], worker_work, pool));
    }
    crew->ear = db_listen(crew->db, TOPIC_JOBS);
    db_ear_watch(crew->ear, crew_heard, crew);
    TRY(job_thread_start(&crew->clerk, clerk_work, crew));
    crew->has_clerk = true;
    return NULL;
}

Err *job_crew_start(const JobCrewSetup *setup, JobCrew **ret)
{
    JobCrew *crew = crew_new(setup);
    Err *err = crew_begin(crew, setup);

    if (err) {
        job_crew_stop(crew, 0);
        return err;
    }
    *ret = crew;
    return NULL;
}

/* What was fetched and not begun. */
static void pool_return(Pool *pool)
{
    JobCrew *crew = pool->crew;

    pthread_mutex_lock(&crew->mutex);
    JobLease *next = pool->first;
    pool->first = pool->last = NULL;
    pthread_mutex_unlock(&crew->mutex);

    while (next) {
        JobLease *lease = next;

        next = lease->next;
        atomic_store(&lease->is_returning, true);
        ending_write(
            crew->db, crew->context, lease,
            err_new(ERR_CANCELLED, "the worker ended before it began"));
        lease_lay_down(pool, lease);
    }
}

static bool crew_is_at_work(const JobCrew *crew)
{
    return crew->pools[0].taken + crew->pools[1].taken > 0;
}

void job_crew_stop(JobCrew *crew, int64_t patience_ms)
{
    int64_t end_ms = clock_ticks_ms() + patience_ms;

    pthread_mutex_lock(&crew->mutex);
    crew->is_ending = true;
    pthread_cond_broadcast(&crew->changed);
    for (size_t i = 0; i < COUNT(crew->pools); i++)
        pthread_cond_broadcast(&crew->pools[i].fetched);
    pthread_mutex_unlock(&crew->mutex);

    if (crew->ear)
        db_ear_watch(crew->ear, NULL, NULL);
    if (crew->has_clerk)
        pthread_join(crew->clerk, NULL);
    for (size_t i = 0; i < COUNT(crew->pools); i++)
        pool_return(&crew->pools[i]);

    pthread_mutex_lock(&crew->mutex);
    while (crew_is_at_work(crew) && clock_ticks_ms() < end_ms)
        clock_cond_wait(&crew->changed, &crew->mutex, end_ms);
    pthread_mutex_unlock(&crew->mutex);

    if (crew->keeper)
        keeper_return_all(crew->keeper);
    for (size_t i = 0; i < COUNT(crew->pools); i++)
        for (int t = 0; t < crew->pools[i].thread_count; t++)
            pthread_join(crew->pools[i].threads[t], NULL);
    if (crew->keeper)
        keeper_stop(crew->keeper);
    AUTO(err_free) Err *err = sums_flush(crew->sums, crew->db);
    if (err)
        watch_err("job.sums_failed", err, NULL);
    crew_free(crew);
}
