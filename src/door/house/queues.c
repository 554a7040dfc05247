/* /admin/queues: how queues are, and what is done about it. */
#include "run/queues.h"

#include "door/desk.h"
#include "door/house/house_priv.h"

enum {
    NAME_LETTERS = 64
};

/* ---- all ---- */

typedef struct QueuesOut {
    List queues;
} QueuesOut;

static const Field QueuesOut_fields[] = {
    {FIELD_LIST(QueuesOut, queues, &queue_state_shape), .help = "All that were ever used"},
    {FIELD_END},
};

HANDLER(queues, void, QueuesOut);

const Endpoint house_queues = {
    .method = GET,
    .path = "/admin/queues",
    .id = "house_queues",
    .summary = "See how the queues are",
    .about = "A queue is backed up while more than a hundred jobs wait, and failing while more "
             "than a tenth of the jobs that ended in the last hour have failed, of ten at least.",
    .tag = "Queues",
    .scope = "queues:admin",
    .out = SHAPE(QueuesOut),
    .handle = CALLS(queues),
};

static Err *queues(Call *call, const void *in, QueuesOut *out)
{
    (void)in;
    return queues_all(desk_of(call)->studio, call_arena(call), &out->queues);
}

/* ---- one ---- */

typedef struct QueueIn {
    const char *queue, *reason;
} QueueIn;

static const Field QueueIn_fields[] = {
    {FIELD_TEXT(QueueIn, queue), .help = "Name of the queue", .max = NAME_LETTERS},
    {FIELD_TEXT(QueueIn, reason), .help = "Only what died of this error", .optional = true,
     .max = NAME_LETTERS},
    {FIELD_END},
};

typedef struct QueueOut {
    QueueState state;
    List reasons, dead;
} QueueOut;

static const Field QueueOut_fields[] = {
    {FIELD_OBJECT(QueueOut, state, QueueState, &queue_state_shape), .help = "How it is"},
    {FIELD_LIST(QueueOut, reasons, &queue_reason_shape),
     .help = "Why jobs died, with the newest first"},
    {FIELD_LIST(QueueOut, dead, &dead_job_shape), .help = "The hundred that died last"},
    {FIELD_END},
};

HANDLER(queue_get, QueueIn, QueueOut);

const Endpoint house_queue_get = {
    .method = GET,
    .path = "/admin/queues/{queue}",
    .id = "house_queue_get",
    .summary = "See how a queue is, and why jobs died",
    .tag = "Queues",
    .scope = "queues:admin",
    .in = SHAPE(QueueIn),
    .out = SHAPE(QueueOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(queue_get),
};

static Err *queue_get(Call *call, const QueueIn *in, QueueOut *out)
{
    QueueView view;

    TRY(queues_view(desk_of(call)->studio, in->queue, in->reason, call_arena(call), &view));
    *out = (QueueOut){view.state, view.reasons, view.dead};
    return NULL;
}

/* ---- held back, let go on ---- */

typedef struct QueueNamed {
    const char *queue;
} QueueNamed;

static const Field QueueNamed_fields[] = {
    {FIELD_TEXT(QueueNamed, queue), .help = "Name of the queue", .max = NAME_LETTERS},
    {FIELD_END},
};

typedef struct QueueDone {
    bool is_done;
} QueueDone;

static const Field QueueDone_fields[] = {
    {FIELD_BOOL(QueueDone, is_done), .help = "Always true"},
    {FIELD_END},
};

HANDLER(queue_pause, QueueNamed, QueueDone);

const Endpoint house_queue_pause = {
    .method = POST,
    .path = "/admin/queues/{queue}/pause",
    .id = "house_queue_pause",
    .summary = "Hold a queue back: nothing more of it is begun",
    .tag = "Queues",
    .scope = "queues:admin",
    .in = SHAPE(QueueNamed),
    .out = SHAPE(QueueDone),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(queue_pause),
};

static MUST Err *queue_hold(Call *call, const char *queue, bool is_paused, QueueDone *out)
{
    const Clerk clerk = desk_clerk(call);

    out->is_done = true;
    return queues_pause(desk_of(call)->studio, &clerk, queue, is_paused);
}

static Err *queue_pause(Call *call, const QueueNamed *in, QueueDone *out)
{
    return queue_hold(call, in->queue, true, out);
}

HANDLER(queue_resume, QueueNamed, QueueDone);

const Endpoint house_queue_resume = {
    .method = POST,
    .path = "/admin/queues/{queue}/resume",
    .id = "house_queue_resume",
    .summary = "Let a queue go on",
    .tag = "Queues",
    .scope = "queues:admin",
    .in = SHAPE(QueueNamed),
    .out = SHAPE(QueueDone),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(queue_resume),
};

static Err *queue_resume(Call *call, const QueueNamed *in, QueueDone *out)
{
    return queue_hold(call, in->queue, false, out);
}

/* ---- the dead ---- */

typedef struct RetryIn {
    const char *queue, *reason;
} RetryIn;

static const Field RetryIn_fields[] = {
    {FIELD_TEXT(RetryIn, queue), .help = "Name of the queue", .max = NAME_LETTERS},
    {FIELD_TEXT(RetryIn, reason), .help = "Only what died of this error", .optional = true,
     .nullable = true, .max = NAME_LETTERS},
    {FIELD_END},
};

typedef struct RetryOut {
    int64_t retried, forgotten, left;
    const char *why;
} RetryOut;

static const Field RetryOut_fields[] = {
    {FIELD_INT(RetryOut, retried), .help = "Jobs that were begun anew"},
    {FIELD_INT(RetryOut, forgotten),
     .help = "Jobs that had nothing left to do: what they were about is gone, or was done since"},
    {FIELD_INT(RetryOut, left), .help = "Jobs that could not be, and are dead still"},
    {FIELD_TEXT(RetryOut, why), .help = "Why the first of those could not be", .nullable = true},
    {FIELD_END},
};

HANDLER(queue_retry, RetryIn, RetryOut);

const Endpoint house_queue_retry = {
    .method = POST,
    .path = "/admin/queues/{queue}/retry",
    .id = "house_queue_retry",
    .summary = "Begin the dead of a queue anew, all or those of one reason",
    .about = "What failed was charged for nothing; what is begun anew holds its credits and counts "
             "against the month's images again, and is charged when it succeeds.",
    .tag = "Queues",
    .scope = "queues:admin",
    .in = SHAPE(RetryIn),
    .out = SHAPE(RetryOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(queue_retry),
};

static Err *queue_retry(Call *call, const RetryIn *in, RetryOut *out)
{
    const Clerk clerk = desk_clerk(call);
    QueueRetry sum;

    TRY(queues_retry(
        desk_of(call)->studio, &clerk, &(QueueRetryWish){in->queue, in->reason}, call_arena(call),
        &sum));
    *out = (RetryOut){sum.retried, sum.forgotten, sum.left, sum.why};
    return NULL;
}

typedef struct DeadIn {
    const char *job_id;
} DeadIn;

static const Field DeadIn_fields[] = {
    {FIELD_TEXT(DeadIn, job_id), .help = "Which job", .max = NAME_LETTERS},
    {FIELD_END},
};

typedef struct DeadRetried {
    bool is_done, is_begun;
} DeadRetried;

static const Field DeadRetried_fields[] = {
    {FIELD_BOOL(DeadRetried, is_done), .help = "Always true"},
    {FIELD_BOOL(DeadRetried, is_begun),
     .help = "False: there was nothing left to do, and it is forgotten"},
    {FIELD_END},
};

HANDLER(dead_retry, DeadIn, DeadRetried);

const Endpoint house_dead_retry = {
    .method = POST,
    .path = "/admin/jobs/{job_id}/retry",
    .id = "house_dead_retry",
    .summary = "Begin a dead job anew",
    .about =
        "Its credits are held and its images counted again: 402 or 429 when its tenant has none "
        "left, 409 when it cannot be made any more; it stays dead then.",
    .tag = "Queues",
    .scope = "queues:admin",
    .in = SHAPE(DeadIn),
    .out = SHAPE(DeadRetried),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT, ERR_QUOTA_EXCEEDED),
    .handle = CALLS(dead_retry),
};

static Err *dead_retry(Call *call, const DeadIn *in, DeadRetried *out)
{
    const Clerk clerk = desk_clerk(call);

    out->is_done = true;
    return queues_retry_one(desk_of(call)->studio, &clerk, in->job_id, &out->is_begun);
}

HANDLER(dead_drop, DeadIn, QueueDone);

const Endpoint house_dead_drop = {
    .method = DELETE,
    .path = "/admin/jobs/{job_id}",
    .id = "house_dead_drop",
    .summary = "Forget a dead job",
    .tag = "Queues",
    .scope = "queues:admin",
    .in = SHAPE(DeadIn),
    .out = SHAPE(QueueDone),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(dead_drop),
};

static Err *dead_drop(Call *call, const DeadIn *in, QueueDone *out)
{
    const Clerk clerk = desk_clerk(call);

    out->is_done = true;
    return queues_drop_one(desk_of(call)->studio, &clerk, in->job_id);
}
