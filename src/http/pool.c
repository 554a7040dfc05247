/* A queue with threads behind it. */
#include <pthread.h>

#include "http/pool_priv.h"

struct Pool {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    Work *first, **last;
    int queued, busy, count;
    bool is_stopping;
    pthread_t threads[];
};

static void *worker(void *pool_any)
{
    Pool *pool = pool_any;

    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        Work *work = pool->first;

        if (!work && pool->is_stopping && !pool->busy)
            break;
        if (!work) {
            pthread_cond_wait(&pool->filled, &pool->mutex);
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
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

Err *pool_start(int threads, Pool **ret)
{
    Pool *pool = calloc(1, sizeof(*pool) + sizeof(pthread_t) * (size_t)threads);

    if (!pool)
        abort();
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->filled, NULL);
    pool->last = &pool->first;
    for (; pool->count < threads; pool->count++)
        if (pthread_create(&pool->threads[pool->count], NULL, worker, pool) != 0) {
            pool_stop(pool);
            return err_new(ERR_SERVER_BUSY, "unable to start %d worker threads", threads);
        }
    *ret = pool;
    return NULL;
}

void pool_add(Pool *pool, Work *work)
{
    pthread_mutex_lock(&pool->mutex);
    work->next = NULL;
    *pool->last = work;
    pool->last = &work->next;
    pool->queued++;
    pthread_cond_signal(&pool->filled);
    pthread_mutex_unlock(&pool->mutex);
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

void pool_stop(Pool *pool)
{
    if (!pool)
        return;

    pthread_mutex_lock(&pool->mutex);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->filled);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->filled);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}
