/* queues.h - looking after queues: how they are, and what is done about jobs that died. For operators; rights were asked before.
 *
 * A dead job has been given up: what it held was given back. So a run of a batch is begun anew as its customer would do it (its money is held
 * again), other jobs begin anew as they are. A run that its project had started cannot be: CONFLICT, its customer may begin it again.
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

/* All that died of REASON (NULL: of anything) in QUEUE, a thousand at most: *RET_RETRIED were begun anew, *RET_LEFT could not be. */
MUST Err *queues_retry(
    const Studio *studio, const Clerk *clerk, const char *queue, const char *reason,
    int64_t *ret_retried, int64_t *ret_left);

MUST Err *queues_retry_one(const Studio *studio, const Clerk *clerk, const char *job_id);
MUST Err *queues_drop_one(const Studio *studio, const Clerk *clerk, const char *job_id);
