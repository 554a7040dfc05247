/* job_priv.h - rows of jobs, leases in hand, and the statements behind them. Not for other folders. */
#pragma once

#include <stdatomic.h>

#include "job/job.h"

enum {
    LEASE_PRESET_MS = 60000,
    ATTEMPTS_PRESET = 5,
    RETRY_FIRST_PRESET_MS = 1000,
    RETRY_MOST_MS = 60 * 60 * 1000,
    LIGHT_PRESET = 8,
    HEAVY_MOST_PRESET = 2
};

/* Who waits for work, and who waits to be told that running work is cancelled. */
#define TOPIC_JOBS "jobs"
#define TOPIC_CANCELS "job-cancels"

int64_t kind_attempts_most(const JobKind *kind);
int64_t kind_lease_ms(const JobKind *kind);
bool kind_is_limited(const JobKind *kind);

/* How long to wait after the failure of attempt number ATTEMPT: doubles from the kind's first wait up to an hour; a quarter more or less by
 * chance, which is the same for the same job and attempt, unless the kind is punctual. */
int64_t backoff_ms(const JobKind *kind, const char *job_id, int64_t attempt);

/* ---- rows (claim_store.c, lease_store.c) ---- */

typedef struct JobRow {
    const char *id, *queue, *tenant_id, *subject, *lease, *worker, *trace;
    const Value *payload;
    int64_t priority, turn, start_ms, queued_ms, attempt, lease_ms; /* lease_ms: when it ends */
    bool is_cancelled;
} JobRow;

extern const Shape job_row_shape;

/* ROW as its work sees it; borrows from it. */
Job job_of_row(const JobRow *row, const JobKind *kind);

typedef struct ClaimWish {
    const JobKind *kind;
    const char *lease, *worker;
    int64_t most; /* above 0 */
    int64_t now_ms;
} ClaimWish;

/* The commit of TX need not wait for the disk: what a crash of the database undoes is only that jobs were taken or kept, and ends of those
 * jobs, which do wait, come later in its log. */
MUST Err *claim_hasten(DbTx *tx);

/* Take the next jobs of a queue, within the limits of its kind. *RET is a List of JobRow in their order, from MEM. */
MUST Err *claim_take(DbTx *tx, const ClaimWish *wish, Arena *mem, List *ret);

/* Give turns to the jobs of QUEUE whose time has come; *RET_ALL is false when there may be more. */
MUST Err *claim_wake(DbTx *tx, const char *queue, int64_t now_ms, bool *ret_all);

/* When the next waiting job of QUEUE is due; INT64_MAX for none. */
MUST Err *claim_due(DbTx *tx, const char *queue, int64_t *ret_ms);

/* LEASE_LOST when ID is no longer held under LEASE. */
MUST Err *
lease_extend(DbTx *tx, const char *id, const char *lease, int64_t until_ms, bool *ret_is_cancelled);
MUST Err *lease_find(DbTx *tx, const char *id, const char *lease, Arena *mem, JobRow *ret);

/* How a lease ends; each frees the job from it, and is asked after lease_find in the same transaction. */
MUST Err *lease_forget(DbTx *tx, const JobRow *row);
MUST Err *lease_give_back(DbTx *tx, const JobRow *row);
MUST Err *lease_retry(DbTx *tx, const JobRow *row, int64_t start_ms, const char *reason);
MUST Err *lease_bury(DbTx *tx, const JobRow *row, int64_t now_ms, const char *reason);

/* Leases of QUEUE that ended before NOW_MS: a List of JobRow, at most a hundred. */
MUST Err *lease_expired(DbTx *tx, const char *queue, int64_t now_ms, Arena *mem, List *ret);

/* ---- what became of jobs (sums.c) ---- */

typedef struct SumRow {
    const char *queue; /* lives as long as the program */
    int64_t started, completed, retried, failed, stalled, progress, work_ms;
} SumRow;

enum {
    SUMS_MS = 5 * 60 * 1000
};

typedef struct Sums Sums; /* any thread; NULL adds nothing up */
Sums *sums_new(void);
void sums_free(Sums *sums);
void sums_add(Sums *sums, const SumRow *more);

/* What cannot be written now is kept for the next time. */
MUST Err *sums_flush(Sums *sums, Db *db);
MUST Err *sum_row_add(DbTx *tx, const SumRow *row, int64_t at_ms);

/* Which queues need looking after; those that do since now are told. */
MUST Err *sums_look(Db *db);

/* STATE's alerts as they are now: true for those that are new. */
typedef struct QueueState QueueState;
MUST Err *sum_alert_set(DbTx *tx, const QueueState *state, bool *ret_backed_up, bool *ret_failing);

/* ---- leases in hand (lease.c) ---- */

typedef struct Keeper Keeper;

struct JobLease {
    const JobKind *kind;
    Job job;
    const char *token, *trace;
    Sums *sums;      /* of its crew */
    int64_t work_ms; /* that its work took */
    Arena *mem;      /* of all its texts, and of itself */
    Cancel cancel;
    atomic_bool is_returning; /* the process ends: a job that stops for it goes back */
    bool is_lacking;          /* its worker cannot do it, others can: it goes back */
    atomic_bool is_done;      /* job_done went well, in a transaction that may still be undone */
    int64_t until_ms;         /* the keeper's */
    JobLease *next;           /* in the row of those that no worker has begun */
    JobLease *kept;           /* in the keeper's */
};

/* A lease on ROW, which was claimed just now under TOKEN; copies both. */
JobLease *lease_new(const JobRow *row, const JobKind *kind, const char *token, int64_t until_ms);
void lease_free(JobLease *lease);
DEFINE_AUTO(JobLease, lease_free);

/* A thread that keeps leases alive, each BEAT_MS, and hears of jobs that are cancelled. */
MUST Err *keeper_start(Db *db, int64_t beat_ms, Keeper **ret);
void keeper_stop(Keeper *keeper); /* when it keeps none */

void keeper_add(Keeper *keeper, JobLease *lease);
void keeper_remove(Keeper *keeper, JobLease *lease);

/* The process ends: ask all to stop. */
void keeper_return_all(Keeper *keeper);

/* ---- how work ends (ending.c) ---- */

/* End LEASE in the database after its work returned WHY (NULL: well), which is taken over. What cannot be written is left to the end of the lease. */
void ending_write(Db *db, void *context, JobLease *lease, Err *why);

/* Take up the jobs of KIND whose leases have ended, up to a hundred. */
MUST Err *ending_rescue(Db *db, void *context, const JobKind *kind, Sums *sums);

/* A thread that no signal is delivered to. */
MUST Err *job_thread_start(pthread_t *thread, void *(*run)(void *), void *context);
