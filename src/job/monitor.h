/* monitor.h - how queues are, as operators see them: what waits, what was done, why something failed, and when somebody should look.
 *
 * What is done has no row (job.h), so each crew adds up what became of jobs and writes the sums down every few seconds; what a process had not
 * written when it died is missing from them, and from nothing else. They are kept for two days, by five minutes.
 *
 * Alerts: a queue is backed up while more than a hundred jobs wait, and failing while more than a tenth of at least ten jobs that ended
 * in the last hour have died. Whoever sees the line crossed first says so, once: a warning in the log and for Sentry.
 */
#pragma once

#include "job/job.h"

enum {
    QUEUE_BACKLOG = 100,
    QUEUE_ENDED_LEAST = 10
};

#define QUEUE_FAILURE_RATE 0.1

typedef struct QueueState {
    const char *queue;
    bool is_paused;
    int64_t waiting, delayed, active, failed; /* delayed: not before their time; failed: dead */
    int64_t completed_hour, completed_day, failed_hour, failed_day; /* in the last hour, day */
    int64_t started_hour, retried_hour, stalled_hour, progress_hour;
    int64_t oldest_ms;   /* how long the oldest that could be begun has waited */
    int64_t mean_ms;     /* that the work of those completed in the last day took; 0 for none */
    double failure_rate; /* of those that ended in the last hour */
    bool is_backed_up, is_failing;
} QueueState;

extern const Shape queue_state_shape;

/* All queues that were ever used. *RET is a List of QueueState, by name. */
MUST Err *queue_states(DbTx *tx, Arena *mem, List *ret);
MUST Err *queue_state(DbTx *tx, const char *queue, Arena *mem, QueueState *ret); /* NOT_FOUND */

/* The dead, by why they died. */
typedef struct QueueReason {
    const char *queue, *reason;          /* name of the error */
    const char *example;                 /* code and message of one of them */
    int64_t count, newest_ms, oldest_ms; /* when the last one died, and the first */
} QueueReason;

extern const Shape queue_reason_shape;

/* Of QUEUE (NULL for all), those with the newest dead first. */
MUST Err *queue_reasons(DbTx *tx, const char *queue, Arena *mem, List *ret);

/* The dead of QUEUE that died of REASON (NULL for any), LIMIT of them: a List of DeadJob. */
MUST Err *
queue_dead(DbTx *tx, const char *queue, const char *reason, int64_t limit, Arena *mem, List *ret);

/* A dead job, by its id. NOT_FOUND. */
MUST Err *job_dead_find(DbTx *tx, const char *job_id, Arena *mem, DeadJob *ret);

/* Forget the dead jobs about SUBJECT: it is worked on anew. */
MUST Err *job_dead_forget(DbTx *tx, const char *subject);
