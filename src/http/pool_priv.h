/* pool_priv.h - the workers: threads that carry out what may wait. */
#pragma once

#include "base/err.h"

/* A piece of work, inside of what it is about; in the queue once at a time. */
typedef struct Work {
    void (*run)(void *about);
    void *about;
    struct Work *next;
} Work;

typedef struct Pool Pool;

/* SERVER_BUSY when the machine gives no thread. */
MUST Err *pool_start(int threads, Pool **ret);

/* Any thread; first come, first served. WORK stays the caller's and must live until it has begun to run. */
void pool_add(Pool *pool, Work *work);

int pool_queued(Pool *pool);
int pool_busy(Pool *pool);

/* Carry out all that was added, also by what is carried out, then end the threads. NULL is fine. */
void pool_stop(Pool *pool);
