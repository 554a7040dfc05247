/* queues.h - looking after queues: how they are, and what is done about jobs that died. For operators; rights were asked before.
 *
 * A dead job has been given up: what it held was given back. So what is begun anew is paid for and counted again, by whoever's work it is, in the
 * transaction that queues it (take_up of job.h): pictures, photos that are fetched, packs. Nothing is charged twice, as a failure was charged for nothing.
 */
#pragma once

#include "account/office.h"
#include "job/monitor.h"
#include "run/run.h"

/* *RET is a List of QueueState. */
MUST Err *queues_all(const Studio *studio, Arena *mem, List *ret);

typedef struct QueueView {
    QueueState state;
    List reasons; /* QueueReason */
    List dead;    /* DeadJob, the newest */
} QueueView;

/* The dead are those of REASON unless it is NULL. NOT_FOUND for a queue that was never used. */
MUST Err *queues_view(
    const Studio *studio, const char *queue, const char *reason, Arena *mem, QueueView *ret);

MUST Err *queues_pause(const Studio *studio, const Clerk *clerk, const char *queue, bool is_paused);

/* What died of REASON (NULL: of anything). */
typedef struct QueueRetryWish {
    const char *queue, *reason;
} QueueRetryWish;

typedef struct QueueRetry {
    int64_t retried;   /* were begun anew */
    int64_t forgotten; /* had nothing left to do: what they were about is gone, or was done since */
    int64_t
        left; /* could not be and are dead still: no credits or quota, a suspended account, a photo that has gone, ... */
    const char *why; /* the first of those, as a sentence; NULL */
} QueueRetry;

/* A thousand at most. NOT_FOUND for a queue that was never used. */
MUST Err *queues_retry(
    const Studio *studio, const Clerk *clerk, const QueueRetryWish *wish, Arena *mem,
    QueueRetry *ret);

/* *RET_IS_BEGUN is false when there was nothing left to do, and it was forgotten. NOT_FOUND; CREDITS_SPENT, QUOTA_EXCEEDED, CONFLICT (also
 * for a suspended account) leave it dead. */
MUST Err *
queues_retry_one(const Studio *studio, const Clerk *clerk, const char *job_id, bool *ret_is_begun);
MUST Err *queues_drop_one(const Studio *studio, const Clerk *clerk, const char *job_id);
