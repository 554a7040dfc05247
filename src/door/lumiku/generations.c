/* Generations: work on photos as it goes on, paused, stopped, and tried again. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "door/follow.h"
#include "door/lumiku/lumiku_priv.h"
#include "run/batch.h"

enum {
    GENERATIONS_PAGE_MOST = 100,
    REASON_LETTERS = 64
};

static const char *const type_names[] = {
    [BATCH_PROCESS] = "process",          [BATCH_TEMPLATE] = "template_apply",
    [BATCH_MANY] = "batch_process",       [BATCH_PREVIEW] = "preview",
    [BATCH_CUTOUT] = "background_remove", [BATCH_UPSCALE] = "upscale",
    [BATCH_CAROUSEL] = "carousel",        NULL};

static const char *const item_status_names[] = {"pending", "processing", "completed",
                                                "failed",  "cancelled",  NULL};

/* ---- what it says of itself ---- */

typedef struct GenerationItem {
    const char *item_id, *variation_id, *title, *image_url, *thumbnail_url, *step, *reason,
        *error_message;
    int status;
    double progress;
    int64_t width, height, credits, started_at, completed_at;
    Said *error_said;
} GenerationItem;

static const Field GenerationItem_fields[] = {
    {FIELD_TEXT(GenerationItem, item_id), .name = "itemId", .help = "The photo"},
    {FIELD_TEXT(GenerationItem, variation_id), .name = "variationId",
     .help = "The picture that is made of it"},
    {FIELD_TEXT(GenerationItem, title), .help = "What the picture is called", .nullable = true},
    {FIELD_NAME(GenerationItem, status, item_status_names), .help = "How it stands"},
    {FIELD_NUMBER(GenerationItem, progress), .help = "How much of it is done", .max = 100,
     .unit = "%"},
    {FIELD_TEXT(GenerationItem, step), .help = "What is being done", .nullable = true},
    {FIELD_TEXT(GenerationItem, reason), .help = "Why it failed, as a name", .nullable = true},
    {FIELD_TEXT(GenerationItem, error_message), .name = "errorMessage",
     .help = "Why it failed, and what to do", .nullable = true},
    {FIELD_MAYBE(GenerationItem, error_said, Said, &said_shape), .name = "errorSaid",
     .help = "The same for translators", .omit = true},
    {FIELD_TEXT(GenerationItem, image_url), .name = "imageUrl",
     .help = "The picture, good for an hour; null until it is there, and when it has gone",
     .format = "uri", .nullable = true},
    {FIELD_TEXT(GenerationItem, thumbnail_url), .name = "thumbnailUrl",
     .help = "The same as a WebP of 400 pixels; the picture itself when that is small",
     .format = "uri", .nullable = true},
    {FIELD_INT(GenerationItem, width), .help = "Of the picture", .unit = "px"},
    {FIELD_INT(GenerationItem, height), .help = "Of the picture", .unit = "px"},
    {FIELD_INT(GenerationItem, credits), .help = "What it costs when it succeeds"},
    {FIELD_TIME(GenerationItem, started_at), .name = "startedAt", .help = "When work on it began",
     .nullable = true},
    {FIELD_TIME(GenerationItem, completed_at), .name = "completedAt", .help = "When it ended",
     .nullable = true},
    {FIELD_END},
};
static const Shape generation_item_shape = SHAPE(GenerationItem);

typedef struct GenerationOut {
    bool success;
    const char *id, *project_id, *template_id;
    int generation_type, status;
    int64_t progress, total, completed, failed, cancelled, remaining;
    int64_t credits, credit_charged;
    const char *workflow_config;
    const Value *workflow;
    Texts item_ids;
    List items; /* GenerationItem */
    int64_t created_at, started_at, completed_at;
} GenerationOut;

#define GENERATION_FIELDS \
    {FIELD_TEXT(GenerationOut, id), .help = "Name of the generation"}, \
        {FIELD_TEXT(GenerationOut, project_id), .name = "projectId", .help = "Its project"}, \
        {FIELD_NAME(GenerationOut, generation_type, type_names), .name = "generationType", \
         .help = "What is made"}, \
        {FIELD_TEXT(GenerationOut, template_id), .name = "templateId", \
         .help = "Template it is made with", .nullable = true}, \
        {FIELD_NAME(GenerationOut, status, batch_state_names), .help = "How it stands"}, \
        {FIELD_INT(GenerationOut, progress), \
         .help = "How much has ended, made or failed; less while what failed is tried anew", \
         .max = 100, .unit = "%"}, \
        {FIELD_INT(GenerationOut, total), .help = "Pictures to be made"}, \
        {FIELD_INT(GenerationOut, completed), .help = "Pictures that are there"}, \
        {FIELD_INT(GenerationOut, failed), .help = "Pictures that could not be made"}, \
        {FIELD_INT(GenerationOut, cancelled), .help = "Pictures that are no longer wished"}, \
        {FIELD_INT(GenerationOut, remaining), .help = "Pictures that are still to come"}, \
        {FIELD_INT(GenerationOut, credits), .help = "What it costs when all succeed"}, \
        {FIELD_INT(GenerationOut, credit_charged), .name = "creditCharged", \
         .help = "What was taken so far"}, \
        {FIELD_VALUE(GenerationOut, workflow), .help = "What was asked, as it was asked", \
         .nullable = true}, \
        {FIELD_TEXT(GenerationOut, workflow_config), .name = "workflowConfig", \
         .help = "The same as text", .nullable = true}, \
        {FIELD_TIME(GenerationOut, created_at), .name = "createdAt", .help = "When it was begun"}, \
        {FIELD_TIME(GenerationOut, started_at), .name = "startedAt", \
         .help = "When work on it began", .nullable = true}, \
        {FIELD_TIME(GenerationOut, completed_at), .name = "completedAt", .help = "When it ended", \
         .nullable = true},

typedef GenerationOut GenerationBrief;

static const Field GenerationBrief_fields[] = {
    GENERATION_FIELDS{FIELD_END},
};
static const Shape generation_brief_shape = SHAPE(GenerationBrief);

static const Field GenerationOut_fields[] = {
    {FIELD_BOOL(GenerationOut, success), .help = "Always true"},
    GENERATION_FIELDS{
        FIELD_TEXTS(GenerationOut, item_ids), .name = "itemIds", .help = "Photos it is made of"},
    {FIELD_LIST(GenerationOut, items, &generation_item_shape), .help = "Each picture, in order"},
    {FIELD_END},
};

static MUST Err *brief_fill(Call *call, const Batch *batch, GenerationOut *ret)
{
    *ret = (GenerationOut){
        .success = true,
        .id = batch->id,
        .project_id = batch->project_id,
        .template_id = batch->template,
        .generation_type = batch->kind,
        .status = batch->state,
        .progress = (int64_t)floor(batch->progress * 100),
        .total = batch->total,
        .completed = batch->completed,
        .failed = batch->failed,
        .cancelled = batch->cancelled,
        .remaining = batch->total - batch->completed - batch->failed - batch->cancelled,
        .credits = batch->credits,
        .credit_charged = batch->credits_charged,
        .workflow = batch->wish,
        .created_at = batch->created_ms,
        .started_at = batch->began_ms,
        .completed_at = batch->ended_ms,
    };
    return lumiku_json_text(call, batch->wish, &ret->workflow_config);
}

/* A run that waits is pending, whatever it waits for. */
static int status_of_run(int state)
{
    switch (state) {
    case RUN_PROCESSING:
        return 1;
    case RUN_COMPLETED:
        return 2;
    case RUN_FAILED:
        return 3;
    case RUN_CANCELLED:
        return 4;
    default:
        return 0;
    }
}

static MUST Err *item_fill(Call *call, const Run *run, GenerationItem *ret)
{
    const char *url, *thumb;

    TRY(run_output_url(desk_of(call)->studio, run, call_arena(call), &url));
    TRY(run_thumb_url(desk_of(call)->studio, run, call_arena(call), &thumb));
    *ret = (GenerationItem){
        .item_id = run->photo_id,
        .variation_id = run->id,
        .title = run->title,
        .status = status_of_run(run->state),
        .progress = round(run->progress * 1000) / 10,
        .step = run->step,
        .reason = run->error,
        .error_message = said_plain(run->error_text, call_arena(call)),
        .error_said = said_of(run->error_text, call_arena(call)),
        .image_url = url,
        .thumbnail_url = thumb,
        .width = run->output_width_px,
        .height = run->output_height_px,
        .credits = run->credits,
        .started_at = run->began_ms,
        .completed_at = run->ended_ms,
    };
    return NULL;
}

static void item_id_add(Texts *ids, const char *id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (strcmp(ids->items[i], id) == 0)
            return;
    ids->items[ids->count++] = id;
}

static MUST Err *generation_fill(Call *call, const Batch *batch, GenerationOut *ret)
{
    Arena *mem = call_arena(call);
    List runs;

    TRY(batch_runs(desk_of(call)->studio, batch->tenant_id, batch->id, mem, &runs));
    GenerationItem *items = ARENA_ARRAY(mem, GenerationItem, runs.count + 1);
    TRY(brief_fill(call, batch, ret));
    ret->item_ids.items = ARENA_ARRAY(mem, const char *, runs.count + 1);
    for (size_t i = 0; i < runs.count; i++) {
        const Run *run = (const Run *)runs.items + i;

        TRY(item_fill(call, run, &items[i]));
        item_id_add(&ret->item_ids, run->photo_id);
    }
    ret->items = (List){items, runs.count};
    return NULL;
}

/* ---- one ---- */

typedef struct GenerationIn {
    const char *id;
} GenerationIn;

static const Field GenerationIn_fields[] = {
    {FIELD_TEXT(GenerationIn, id), .help = "Name of the generation", .max = 64},
    {FIELD_END},
};

HANDLER(generation_get, GenerationIn, GenerationOut);

const Endpoint lumiku_generation_get = {
    .method = GET,
    .path = LUMIKU "/generations/{id}",
    .id = "lumiku_generation_get",
    .summary = "See how a generation goes, and each of its pictures",
    .tag = "Generations",
    .scope = "projects:read",
    .in = SHAPE(GenerationIn),
    .out = SHAPE(GenerationOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(generation_get),
};

static Err *generation_get(Call *call, const GenerationIn *in, GenerationOut *out)
{
    const char *tenant_id;
    Batch batch;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(batch_find(desk_of(call)->studio, tenant_id, in->id, call_arena(call), &batch));
    return generation_fill(call, &batch, out);
}

/* ---- all ---- */

typedef struct GenerationsIn {
    const char *project_id, *before;
    int64_t limit;
    bool previews;
} GenerationsIn;

static const Field GenerationsIn_fields[] = {
    {FIELD_TEXT(GenerationsIn, project_id), .name = "projectId", .help = "Of this project alone",
     .optional = true, .max = 64},
    {FIELD_TEXT(GenerationsIn, before), .help = "Go on with those older than this one",
     .optional = true, .max = 64},
    {FIELD_INT(GenerationsIn, limit), .help = "How many at most", .preset = "20", .min = 1,
     .max = GENERATIONS_PAGE_MOST},
    {FIELD_BOOL(GenerationsIn, previews), .help = "Previews as well", .preset = "true"},
    {FIELD_END},
};

typedef struct GenerationsOut {
    bool success;
    List generations;
    const char *next_before;
} GenerationsOut;

static const Field GenerationsOut_fields[] = {
    {FIELD_BOOL(GenerationsOut, success), .help = "Always true"},
    {FIELD_LIST(GenerationsOut, generations, &generation_brief_shape), .help = "Newest first"},
    {FIELD_TEXT(GenerationsOut, next_before), .name = "nextBefore",
     .help = "What `before` takes for the next page; null when this is the last", .nullable = true},
    {FIELD_END},
};

HANDLER(generation_list, GenerationsIn, GenerationsOut);

const Endpoint lumiku_generation_list = {
    .method = GET,
    .path = LUMIKU "/generations",
    .id = "lumiku_generation_list",
    .summary = "List generations",
    .tag = "Generations",
    .scope = "projects:read",
    .in = SHAPE(GenerationsIn),
    .out = SHAPE(GenerationsOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(generation_list),
};

static Err *generation_list(Call *call, const GenerationsIn *in, GenerationsOut *out)
{
    Arena *mem = call_arena(call);
    BatchQuery query = {
        .project_id = in->project_id,
        .before = in->before,
        .limit = in->limit + 1,
        .no_previews = !in->previews,
    };
    List batches;

    TRY(desk_tenant(call, NULL, &query.tenant_id));
    TRY(batch_list(desk_of(call)->studio, &query, mem, &batches));
    bool has_more = batches.count > (size_t)in->limit;
    size_t count = has_more ? (size_t)in->limit : batches.count;
    GenerationBrief *briefs = ARENA_ARRAY(mem, GenerationBrief, count + 1);

    for (size_t i = 0; i < count; i++)
        TRY(brief_fill(call, (const Batch *)batches.items + i, &briefs[i]));
    *out = (GenerationsOut){.success = true, .generations = {briefs, count}};
    if (has_more)
        out->next_before = briefs[count - 1].id;
    return NULL;
}

/* ---- paused, let go on, stopped, tried again ---- */

typedef Err *
BatchMove(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Batch *ret);

static MUST Err *
generation_move(Call *call, const GenerationIn *in, BatchMove *move, GenerationOut *out)
{
    const char *tenant_id;
    Batch batch;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(move(desk_of(call)->studio, tenant_id, in->id, call_arena(call), &batch));
    return generation_fill(call, &batch, out);
}

HANDLER(generation_pause, GenerationIn, GenerationOut);

const Endpoint lumiku_generation_pause = {
    .method = POST,
    .path = LUMIKU "/generations/{id}/pause",
    .id = "lumiku_generation_pause",
    .summary = "Pause a generation",
    .about = "Nothing new is begun; what is at work is finished. Twice is no error.",
    .tag = "Generations",
    .scope = "jobs:write",
    .in = SHAPE(GenerationIn),
    .out = SHAPE(GenerationOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(generation_pause),
};

static Err *generation_pause(Call *call, const GenerationIn *in, GenerationOut *out)
{
    return generation_move(call, in, batch_pause, out);
}

HANDLER(generation_resume, GenerationIn, GenerationOut);

const Endpoint lumiku_generation_resume = {
    .method = POST,
    .path = LUMIKU "/generations/{id}/resume",
    .id = "lumiku_generation_resume",
    .summary = "Let a paused generation go on",
    .tag = "Generations",
    .scope = "jobs:write",
    .in = SHAPE(GenerationIn),
    .out = SHAPE(GenerationOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(generation_resume),
};

static Err *generation_resume(Call *call, const GenerationIn *in, GenerationOut *out)
{
    return generation_move(call, in, batch_resume, out);
}

HANDLER(generation_cancel, GenerationIn, GenerationOut);

const Endpoint lumiku_generation_cancel = {
    .method = POST,
    .path = LUMIKU "/generations/{id}/cancel",
    .id = "lumiku_generation_cancel",
    .summary = "Stop a generation",
    .about = "What is there stays and is paid for; the rest is given back. Twice is no error.",
    .tag = "Generations",
    .scope = "jobs:write",
    .in = SHAPE(GenerationIn),
    .out = SHAPE(GenerationOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(generation_cancel),
};

static Err *generation_cancel(Call *call, const GenerationIn *in, GenerationOut *out)
{
    return generation_move(call, in, batch_cancel, out);
}

typedef struct RetryIn {
    const char *id, *reason;
    Texts item_ids;
} RetryIn;

static const Field RetryIn_fields[] = {
    {FIELD_TEXT(RetryIn, id), .help = "Name of the generation", .max = 64},
    {FIELD_TEXTS(RetryIn, item_ids), .name = "itemIds",
     .help = "Photos, or pictures of them, to be tried again; all that failed if left out",
     .preset = "", .max = BATCH_RUNS_MOST},
    {FIELD_TEXT(RetryIn, reason), .help = "Only what failed for this reason", .optional = true,
     .nullable = true, .max = REASON_LETTERS},
    {FIELD_END},
};

HANDLER(generation_retry, RetryIn, GenerationOut);

const Endpoint lumiku_generation_retry = {
    .method = POST,
    .path = LUMIKU "/generations/{id}/retry",
    .id = "lumiku_generation_retry",
    .summary = "Try again what failed",
    .about = "What failed has cost nothing; what succeeds now costs what it would have cost then.",
    .tag = "Generations",
    .scope = "jobs:write",
    .in = SHAPE(RetryIn),
    .out = SHAPE(GenerationOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT),
    .handle = CALLS(generation_retry),
};

/* Runs of the photos that are named, or runs that are. */
static MUST Err *retry_runs(Call *call, const char *tenant_id, const RetryIn *in, Texts *ret)
{
    Arena *mem = call_arena(call);
    List runs;

    TRY(batch_runs(desk_of(call)->studio, tenant_id, in->id, mem, &runs));
    ret->items = ARENA_ARRAY(mem, const char *, runs.count + 1);
    ret->count = 0;
    for (size_t i = 0; i < in->item_ids.count; i++) {
        const char *asked = in->item_ids.items[i];
        bool is_there = false;

        for (size_t j = 0; j < runs.count; j++) {
            const Run *run = (const Run *)runs.items + j;

            if (strcmp(run->photo_id, asked) != 0 && strcmp(run->id, asked) != 0)
                continue;
            item_id_add(ret, run->id);
            is_there = true;
        }
        if (!is_there)
            return err_field(
                err_public(
                    err_new(ERR_INPUT_INVALID, "item '%s' is not of this batch", asked),
                    "This photo is not in this generation."),
                "/itemIds/%zu", i);
    }
    return NULL;
}

static Err *generation_retry(Call *call, const RetryIn *in, GenerationOut *out)
{
    BatchRetry wish = {.id = in->id, .reason = in->reason};
    Batch batch;

    TRY(desk_tenant(call, NULL, &wish.tenant_id));
    if (in->item_ids.count)
        TRY(retry_runs(call, wish.tenant_id, in, &wish.run_ids));
    TRY(batch_retry(desk_of(call)->studio, &wish, call_arena(call), &batch));
    return generation_fill(call, &batch, out);
}

/* ---- as it happens ---- */

HANDLER(generation_events, GenerationIn, void);

const Endpoint lumiku_generation_events = {
    .method = GET,
    .kind = ENDPOINT_EVENTS,
    .path = LUMIKU "/generations/{id}/events",
    .id = "lumiku_generation_events",
    .summary = "Follow a generation as it happens",
    .about =
        "Server-sent events. `batch.progress` says how the whole stands, and less than before "
        "only when what failed is tried again; `run.queued`, `run.progress`, `run.completed`, "
        "`run.failed` and `run.cancelled` "
        "tell of one picture (its `variationId` is called `run`); `batch.started`, `batch.paused`, "
        "`batch.resumed`, `batch.retried` and `batch.completed` (`failed`, `cancelled`) of the "
        "whole. The stream ends with the generation. A client that comes back with `Last-Event-ID` "
        "misses nothing.",
    .tag = "Generations",
    .scope = "projects:read",
    .in = SHAPE(GenerationIn),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(generation_events),
};

static Err *generation_events(Call *call, const GenerationIn *in, void *out)
{
    const char *tenant_id;
    Batch batch;

    (void)out;
    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(batch_find(desk_of(call)->studio, tenant_id, in->id, call_arena(call), &batch));
    return follow_project(
        call,
        &(Following){.tenant_id = tenant_id, .project_id = batch.project_id, .batch_id = batch.id});
}
