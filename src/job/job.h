/* job.h - the durable queue: work that is done though processes die.
 *
 * A job is a row: queue, payload, when it may start, how often it was tried. A worker takes it under a lease with an end and keeps the lease
 * alive by heartbeats; a worker that dies loses it and another takes the job. So a job may be begun more than once, and its work must be
 * safe to repeat; but it is ended once: job_done with a lease that was lost is LEASE_LOST and undoes the transaction
 * it stands in, which is how results, money and the end of a job are one.
 *
 * Order: higher priority first; within a priority tenants take turns, so that ten thousand jobs of one do not keep another waiting (each
 * job gets a turn when it is queued: one after its tenant's last, and never before the queue's present one).
 * Limits: a queue may be paused, and may run at most so many jobs at once, in all and for one tenant.
 * Failures that may pass are tried again after a while that doubles, with chance in it, and take their turn anew; after the last try, or a
 * failure that cannot pass, the job is dead: kept with its reason until someone revives or drops it. A try counts from its beginning, so a job
 * that kills its workers ends dead too.
 *
 * Leases end by the wall clock: machines that share a database agree about the time to within a few seconds.
 */
#pragma once

#include "base/id.h"
#include "db/db.h"

typedef struct JobOrder {
    const char *queue;     /* name of a JobKind */
    const char *tenant_id; /* NULL for the house's own */
    const char *subject;   /* id of what it is about (a run, a photo), to find and cancel it by */
    const char *key;       /* or NULL; while a job of this key lives in the queue (not done, dead or
                            cancelled), the same key again gives that one */
    const Value *payload;  /* an object, or NULL; as JSON at most 64 KiB */
    int64_t priority;      /* -100..100, higher first; 0 is usual */
    int64_t start_ms;      /* not before; 0 is now */
} JobOrder;

/* Part of the caller's transaction: the job is there if and only if that is committed. Wakes a worker then. RET may be NULL. */
MUST Err *job_enqueue(DbTx *tx, const JobOrder *order, Id *ret);

/* The same for COUNT orders, in a few statements: many take their turns one after the other. Keys must differ; one that lives already is
 * no job again. */
MUST Err *job_enqueue_all(DbTx *tx, const JobOrder *orders, size_t count);

/* Forget the jobs about SUBJECT that are not running: *RET_WAITING of them, and what they held is for the caller to give back, in the same
 * transaction. Running ones are asked to stop, at once in this process and on PostgreSQL, else with the next heartbeat; they cannot
 * end well any more, and end by give_up. Dead ones stay. */
MUST Err *job_cancel(DbTx *tx, const char *subject, int64_t *ret_waiting);

/* Forget the jobs about SUBJECT that no worker has in hand, as if they had never been queued: *RET of them. The others go on. */
MUST Err *job_withdraw(DbTx *tx, const char *subject, int64_t *ret);

/* ---- doing the work ---- */

typedef struct Job {
    const char *id, *queue, *tenant_id, *subject;
    const Value *payload;
    int64_t attempt, attempts_most; /* attempt counts from 1 */
    int64_t queued_ms;
} Job;

/* A job in a worker's hands. */
typedef struct JobLease JobLease;

/* What becomes of a dead job that an operator has begun anew. */
typedef enum JobAnew {
    JOB_ANEW_HERE,  /* it stands in its queue again, with all its tries */
    JOB_ANEW_OTHER, /* its work is queued as other jobs, and it is forgotten */
    JOB_ANEW_NEVER, /* there is nothing left to do: it is forgotten */
} JobAnew;

typedef struct JobKind {
    const char *queue;           /* "jobs", "batch-jobs", ... */
    const char *summary;         /* one sentence, no full stop */
    int64_t attempts_most;       /* 0 for 5 */
    int64_t lease_ms;            /* 0 for 60,000; heartbeats come at a third of it */
    int64_t retry_first_ms;      /* 0 for 1,000; doubles, up to an hour */
    bool is_punctual;            /* waits are just that long, without chance */
    int64_t running_most;        /* at once in all processes together; 0 for no limit */
    int64_t tenant_running_most; /* the same for one tenant; the house counts as one */
    bool is_heavy; /* takes a core for seconds: shares the workers' few heavy places */

    /* Do it, on a worker's thread, and end the job by job_done in the last transaction. Returning without an Err and without having
     * ended it ends it then. An Err fails it: err_retry says whether it may be tried again. An Err of the transaction that ends the job
     * must be returned. */
    Err *(*work)(void *context, JobLease *lease, const Job *job);

    /* Did work fail with WHY because this process lacks something (a network that is not installed), and does it lack it still? Then the
     * job goes back, which costs it no try, and this process leaves jobs of the kind to others until the answer is no; asked every two
     * seconds, on another thread. Optional. */
    bool (*is_lacking)(void *context, ErrCode why);

    /* The job was begun and will not be tried again: give back what it held, in the transaction that makes it dead, or forgets it when it
     * was cancelled while it ran (WHY is CANCELLED then). Once for each job, on any thread; while it fails it is asked again. Optional. */
    Err *(*give_up)(void *context, DbTx *tx, const Job *job, const Err *why);

    /* An operator has the dead job begun anew: take again what give_up gave back, in the transaction that does it, and say how in *RET. An Err leaves
     * the job dead. Optional: nothing was given back, and it begins as it is. */
    Err *(*take_up)(void *context, DbTx *tx, const Job *job, JobAnew *ret);
} JobKind;

/* End the job well, in TX: it is deleted. LEASE_LOST when another has it by now, or it was cancelled. */
MUST Err *job_done(DbTx *tx, JobLease *lease);

/* Asked by job_cancel, by a lost lease and by the end of the process; work that then returns CANCELLED has done right (at the end of the
 * process its job goes back and costs no attempt). For recipes. */
Cancel *job_lease_cancel(JobLease *lease);

/* Progress of LEASE's job was told: counted for operators (job/monitor.h). Any thread of its work. */
void job_lease_progress(JobLease *lease);

typedef struct JobCrew JobCrew;

typedef struct JobCrewSetup {
    Db *db;
    const JobKind *const *kinds; /* NULL-ended; those this process works on */
    void *context;               /* for work and give_up */
    int light, heavy;            /* threads; 0 for 8, and a core's worth each up to 2 */
    const char *name; /* of this worker, for leases and people: "host/pid"; NULL makes one */
} JobCrewSetup;

MUST Err *job_crew_start(const JobCrewSetup *setup, JobCrew **ret);

/* Take no more jobs; wait PATIENCE_MS for those in hand, then ask them to stop and give them back. Returns when all have. Frees CREW. */
void job_crew_stop(JobCrew *crew, int64_t patience_ms);

/* ---- looking after it: operators ---- */

typedef struct JobQueueFacts {
    const char *queue;
    bool is_paused;
    int64_t ready, waiting, running, dead; /* waiting: not before its time */
    int64_t oldest_ms;                     /* how long the oldest ready one has waited */
} JobQueueFacts;

extern const Shape job_queue_facts_shape;

MUST Err *job_queues(DbTx *tx, Arena *mem, List *ret);
MUST Err *job_queue_pause(DbTx *tx, const char *queue, bool is_paused);

typedef struct DeadJob {
    const char *id, *queue, *tenant_id, *subject,
        *reason; /* reason: code and message of the last failure */
    int64_t attempts, died_ms;
} DeadJob;

extern const Shape dead_job_shape;

/* The dead of QUEUE (NULL for all) in the order of their ids, LIMIT of them, those behind the id AFTER (NULL for the first). */
MUST Err *
job_dead(DbTx *tx, const char *queue, const char *after, int64_t limit, Arena *mem, List *ret);

/* Let a dead job begin anew, with all its tries, and take its turn. What its give_up gave back stays so. NOT_FOUND; ROW_TAKEN when a new
 * job has its key. */
MUST Err *job_revive(DbTx *tx, const char *job_id);
MUST Err *job_drop(DbTx *tx, const char *job_id); /* NOT_FOUND */
