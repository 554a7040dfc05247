/* batch.h - runs that are begun together, by one recipe or several side by side, for photos that are there.
 *
 * A batch is rows and holds, made in one transaction; then it sends its runs to the queue, at_once of them at a time: whenever one ends, the
 * next is sent in the same transaction. So a batch of a hundred takes no more than its share of the workers, goes on where it was when
 * processes die, and is paused by sending nothing more.
 *
 *     pending ── first run begins ──▶ processing ◀── pause, resume ──▶ paused
 *                                         └──▶ completed (some picture came), failed (none did), cancelled
 *
 * Each run holds its own credits and takes them with its picture; the price of the batch itself (base) is taken with its first picture, and
 * given back when none comes. A failed run costs nothing and may be tried again (batch_retry) without paying anew for the base.
 * Pictures are variations of their photo: all are kept, one may be selected to stand for it. A preview is none.
 */
#pragma once

#include "run/run.h"

typedef enum BatchKind {
    BATCH_PROCESS,  /* one photo by a workflow */
    BATCH_TEMPLATE, /* ... by a template */
    BATCH_MANY,     /* several photos */
    BATCH_PREVIEW,  /* free, small, marked, kept for a day */
    BATCH_CUTOUT,   /* by sibling apps */
    BATCH_UPSCALE,
    BATCH_CAROUSEL, /* one run a slide */
} BatchKind;

extern const char *const batch_kind_names
    []; /* "process", "template", "many", "preview", "cutout", "upscale", "carousel", NULL */

typedef enum BatchState {
    BATCH_PENDING,
    BATCH_PROCESSING,
    BATCH_PAUSED,
    BATCH_COMPLETED,
    BATCH_FAILED,
    BATCH_CANCELLED
} BatchState;

extern const char *const batch_state_names[];

enum {
    BATCH_AT_ONCE = 5,
    BATCH_PHOTOS_MOST = 100,
    BATCH_LOOKS_MOST = 8,
    BATCH_RUNS_MOST = BATCH_PHOTOS_MOST * BATCH_LOOKS_MOST,
};

typedef struct Batch {
    const char *id, *tenant_id, *project_id;
    int kind, state;
    const Value *recipe;
    const Value *wish;    /* what was asked, in the words of the door; NULL */
    const char *template; /* name or id; NULL */
    int64_t total, completed, failed, cancelled;
    double
        progress; /* 0..1; of all its runs: those that have ended, however they ended, and what those at work have got to. Falls only when what
                     failed is tried again; 1 at the end, unless the whole was cancelled */
    int64_t credits;         /* what it costs if all succeeds */
    int64_t credits_charged; /* what was taken so far */
    const Value *bill;       /* the lines it was priced by; NULL */
    int64_t created_ms, began_ms, ended_ms;
} Batch;

extern const Shape batch_shape;

/* One run of it. */
typedef struct BatchItem {
    const char *photo_id;
    const char *source_run_id; /* made of that run's picture; NULL: of the photo */
    const Value *recipe;       /* of its own (a slide with its words); NULL: the batch's */
    const char *title;         /* of the variation; NULL for none */
    int64_t credits;           /* of its own; 0: the order's run_credits */
} BatchItem;

typedef struct BatchOrder {
    const char *tenant_id, *project_id;
    int kind;
    const BatchItem *items;
    size_t count; /* 1 to BATCH_RUNS_MOST */
    const Value *recipe, *wish, *bill;
    const char *template;
    const char *queue; /* name of a JobKind that makes pictures; NULL for "jobs" */
    int64_t priority;  /* as in JobOrder */
    int64_t at_once;   /* 0 for BATCH_AT_ONCE */
    int64_t base_credits, run_credits;
    const char *reason; /* on the statement: "Batch of 10 photos", marked (base/said.h) */
    Once once;          /* again gives what it made the first time */
    int64_t seed;
} BatchOrder;

/* NOT_FOUND for a photo or run that is not the tenant's and the project's; CONFLICT for one that has no bytes (any more); CREDITS_SPENT, saying how many are
 * missing; INPUT_INVALID with the field of the recipe. */
MUST Err *batch_begin(const Studio *studio, const BatchOrder *order, Arena *mem, Batch *ret);

/* The same as part of TX, so that whoever sells it can write beside it what was sold. */
MUST Err *
batch_add(DbTx *tx, const Studio *studio, const BatchOrder *order, Arena *mem, Batch *ret);

MUST Err *
batch_find(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Batch *ret);

typedef struct BatchQuery {
    const char *tenant_id, *project_id; /* project NULL: all */
    const char *before;                 /* the newest come first */
    int64_t limit;
    bool no_previews;
} BatchQuery;

MUST Err *batch_list(const Studio *studio, const BatchQuery *query, Arena *mem, List *ret);
MUST Err *batch_runs(
    const Studio *studio, const char *tenant_id, const char *id, Arena *mem,
    List *ret); /* of Run, in order */

/* The batch of each of RUN_IDS, in its place; NULL for one that is of none, gone, or not the tenant's. */
MUST Err *batch_of_runs(
    const Studio *studio, const char *tenant_id, const Texts *run_ids, Arena *mem, Texts *ret);

/* Nothing new is begun; what is at work is finished. Twice is no error; CONFLICT when it has ended. */
MUST Err *
batch_pause(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Batch *ret);
MUST Err *
batch_resume(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Batch *ret);

/* What has not ended is cancelled and its money given back. Twice is no error. */
MUST Err *
batch_cancel(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Batch *ret);

/* What failed (only the runs of RUN_IDS unless there are none; only those that failed with REASON unless it is NULL) is held for and sent
 * again. CONFLICT when nothing has failed; CREDITS_SPENT. */
typedef struct BatchRetry {
    const char *tenant_id, *id, *reason;
    Texts run_ids;
} BatchRetry;
MUST Err *batch_retry(const Studio *studio, const BatchRetry *wish, Arena *mem, Batch *ret);

/* Events are those of its project (run_events); run.* of its runs carry "batch", and batch.started, batch.progress, batch.paused, batch.resumed,
 * batch.retried, batch.completed, batch.failed, batch.cancelled are its own. Only those of BATCH_ID unless it is NULL. What batch.progress says is how the
 * batch stands now, under the number of the event before it, once in each list. *RET_ENDED as run_events has it. A list of half of the query's limit or
 * more may not be all. */
MUST Err *batch_events(
    const Studio *studio, const EventQuery *query, const char *batch_id, Arena *mem, List *ret,
    bool *ret_ended);

/* ---- variations: completed runs of a photo that are neither previews nor slides of a carousel ---- */

MUST Err *variation_list(
    const Studio *studio, const char *tenant_id, const char *photo_id, Arena *mem,
    List *ret); /* of Run, newest first */

/* RUN_ID stands for its photo from now on. */
MUST Err *variation_select(
    const Studio *studio, const char *tenant_id, const char *run_id, Arena *mem, Run *ret);

/* The picture that stands for a photo: the selected one, else the newest variation. CONFLICT when there is none. */
MUST Err *variation_of_photo(
    const Studio *studio, const char *tenant_id, const char *photo_id, Arena *mem, Run *ret);
MUST Err *variation_delete(const Studio *studio, const char *tenant_id, const char *run_id);
