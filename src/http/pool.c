/* A queue with threads behind it. */
#include <pthread.h>

#include "base/clock.h"
#include "http/pool_priv.h"

/* Where a thread sits. One that has left is joined by who takes its seat, or at the end. */
typedef struct Seat {
    struct Pool *pool;
    pthread_t thread;
    bool is_taken, has_left;
} Seat;

struct Pool {
    PoolSetup setup;
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    Work *first, **last;
    int queued, busy, count;
    bool is_stopping;
    Seat seats[];
};

/* Wait for work; false when this thread was idle for long enough. The mutex is held. */
static bool work_await(Pool *pool)
{
    if (pool->count <= pool->setup.least) {
        pthread_cond_wait(&pool->filled, &pool->mutex);
        return true;
    }
    return clock_cond_wait(&pool->filled, &pool->mutex, clock_ticks_ms() + pool->setup.idle_ms) ||
           pool->first || pool->count <= pool->setup.least;
}

static void *worker(void *seat_any)
{
    Seat *seat = seat_any;
    Pool *pool = seat->pool;

    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        Work *work = pool->first;

        if (!work && pool->is_stopping && !pool->busy)
            break;
        if (!work) {
            if (!work_await(pool))
                break;
            continue;
        }
        if (!(pool->first = work->next))
            pool->last = &pool->first;
        pool->queued--;
        pool->busy++;
        pthread_mutex_unlock(&pool->mutex);
        work->run(work->about);
        pthread_mutex_lock(&pool->mutex);
        pool->busy--;
        if (pool->is_stopping)
            pthread_cond_broadcast(&pool->filled);
    }
    pool->count--;
    seat->has_left = true;
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static bool thread_make(Seat *seat)
{
    size_t stack_bytes = seat->pool->setup.stack_bytes;
    pthread_attr_t how;

    pthread_attr_init(&how);
    if (stack_bytes)
        pthread_attr_setstacksize(&how, stack_bytes);
    bool is_made = pthread_create(&seat->thread, &how, worker, seat) == 0;
    pthread_attr_destroy(&how);
    return is_made;
}

/* One thread more; false when the machine gives none, or there are enough. The mutex is held. */
static bool thread_add(Pool *pool)
{
    Seat *seat = pool->seats;

    if (pool->count == pool->setup.most)
        return false;
    while (seat->is_taken && !seat->has_left)
        seat++;
    if (seat->is_taken)
        pthread_join(seat->thread, NULL);
    *seat = (Seat){.pool = pool};
    seat->is_taken = thread_make(seat);
    pool->count += seat->is_taken;
    return seat->is_taken;
}

Err *pool_start(const PoolSetup *setup, Pool **ret)
{
    Pool *pool = calloc(1, sizeof(*pool) + sizeof(Seat) * (size_t)setup->most);
    bool is_full = true;

    if (!pool)
        abort();
    pool->setup = *setup;
    pthread_mutex_init(&pool->mutex, NULL);
    clock_cond_init(&pool->filled);
    pool->last = &pool->first;

    pthread_mutex_lock(&pool->mutex);
    while (pool->count < setup->least && is_full)
        is_full = thread_add(pool);
    pthread_mutex_unlock(&pool->mutex);
    if (!is_full) {
        pool_stop(pool);
        return err_new(ERR_SERVER_BUSY, "unable to start %d worker threads", setup->least);
    }
    *ret = pool;
    return NULL;
}

/* The mutex is held. */
static void work_queue(Pool *pool, Work *work)
{
    work->next = NULL;
    *pool->last = work;
    pool->last = &work->next;
    pool->queued++;
    pthread_cond_signal(&pool->filled);
}

void pool_add(Pool *pool, Work *work)
{
    pthread_mutex_lock(&pool->mutex);
    work_queue(pool, work);
    pthread_mutex_unlock(&pool->mutex);
}

bool pool_try(Pool *pool, Work *work)
{
    pthread_mutex_lock(&pool->mutex);
    bool has_room = pool->busy + pool->queued < pool->count || thread_add(pool);
    if (has_room)
        work_queue(pool, work);
    pthread_mutex_unlock(&pool->mutex);
    return has_room;
}

int pool_queued(Pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    int queued = pool->queued;
    pthread_mutex_unlock(&pool->mutex);
    return queued;
}

int pool_busy(Pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    int busy = pool->busy;
    pthread_mutex_unlock(&pool->mutex);
    return busy;
}

int pool_threads(Pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    int count = pool->count;
    pthread_mutex_unlock(&pool->mutex);
    return count;
}

void pool_stop(Pool *pool)
{
    if (!pool)
        return;

    pthread_mutex_lock(&pool->mutex);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->filled);
    pthread_mutex_unlock(&pool->mutex);
    for (Seat *seat = pool->seats; seat < pool->seats + pool->setup.most; seat++)
        if (seat->is_taken)
            pthread_join(seat->thread, NULL);
    pthread_cond_destroy(&pool->filled);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}
