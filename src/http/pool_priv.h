/* pool_priv.h - threads that carry out what may wait: a fixed number of them, or as many as there is work for. */
#pragma once

#include "base/err.h"

/* A piece of work, inside of what it is about; in the queue once at a time. */
typedef struct Work {
    void (*run)(void *about);
    void *about;
    struct Work *next;
} Work;

typedef struct Pool Pool;

typedef struct PoolSetup {
    int least, most;    /* threads: LEAST from the beginning, more when they are needed */
    size_t stack_bytes; /* of each; 0 is the system's */
    int64_t idle_ms;    /* a thread beyond LEAST that had nothing to do for so long ends */
} PoolSetup;

/* SERVER_BUSY when the machine gives no thread. */
MUST Err *pool_start(const PoolSetup *setup, Pool **ret);

/* Any thread; first come, first served. WORK stays the caller's and must live until it has begun to run. */
void pool_add(Pool *pool, Work *work);

/* The same when a thread is free for WORK at once or can be made; false when there is none, and WORK was not added. */
bool pool_try(Pool *pool, Work *work);

int pool_queued(Pool *pool);
int pool_busy(Pool *pool);
int pool_threads(Pool *pool);

/* Carry out all that was added, also by what is carried out, then end the threads. NULL is fine. */
void pool_stop(Pool *pool);
