/* Sibling apps: how their work goes. */
#include "door/lumiku/apps_priv.h"

typedef struct AppJobIn {
    const char *id;
} AppJobIn;

static const Field AppJobIn_fields[] = {
    {FIELD_TEXT(AppJobIn, id), .help = "Name of the job", .max = 64},
    {FIELD_END},
};

typedef struct AppJob {
    bool success;
    const char *job_id, *app, *status, *source_project_id, *source_item_id, *variation_id;
    double progress;
    const char *output_path, *output_url;
    int64_t width, height, credit_charged;
    const char *return_to, *message;
    int64_t created_at, completed_at;
} AppJob;

static const Field AppJob_fields[] = {
    {FIELD_BOOL(AppJob, success), .help = "Always true"},
    {FIELD_TEXT(AppJob, job_id), .name = "jobId", .help = "Its name"},
    {FIELD_TEXT(AppJob, app), .help = "Which app does it"},
    {FIELD_TEXT(AppJob, status), .help = "pending, processing, completed, failed or cancelled"},
    {FIELD_NUMBER(AppJob, progress), .help = "0 to 100", .unit = "%"},
    {FIELD_TEXT(AppJob, source_project_id), .name = "sourceProjectId", .help = "Whose photo"},
    {FIELD_TEXT(AppJob, source_item_id), .name = "sourceItemId", .help = "Which photo"},
    {FIELD_TEXT(AppJob, variation_id), .name = "variationId",
     .help = "The variation that it becomes"},
    {FIELD_TEXT(AppJob, output_path), .name = "outputPath",
     .help = "The picture; null until it is there", .nullable = true},
    {FIELD_TEXT(AppJob, output_url), .name = "outputUrl",
     .help = "Where to fetch it, for an hour; null until it is there", .nullable = true},
    {FIELD_INT(AppJob, width), .help = "Of the picture; 0 until it is there", .unit = "px"},
    {FIELD_INT(AppJob, height), .help = "Of the picture; 0 until it is there", .unit = "px"},
    {FIELD_INT(AppJob, credit_charged), .name = "creditCharged", .help = "Credits taken so far"},
    {FIELD_TEXT(AppJob, return_to), .name = "returnTo", .help = "As it was asked",
     .nullable = true},
    {FIELD_TEXT(AppJob, message), .help = "What went wrong, for people; null when nothing did",
     .nullable = true},
    {FIELD_TIME(AppJob, created_at), .name = "createdAt", .help = "When it was asked for"},
    {FIELD_TIME(AppJob, completed_at), .name = "completedAt",
     .help = "When it ended; null until then", .nullable = true},
    {FIELD_END},
};

static MUST Err *job_show(Call *call, const SiblingApp *app, const char *id, AppJob *out)
{
    const Studio *studio = desk_of(call)->studio;
    Arena *mem = call_arena(call);
    Batch batch;
    List runs;

    TRY(app_batch(call, app, id, &batch));
    TRY(batch_runs(studio, batch.tenant_id, batch.id, mem, &runs));
    const Run *run = runs.items;
    if (!runs.count)
        return err_new(ERR_NOT_FOUND, "batch '%s' has no run any more", id);
    TRY(run_output_url(studio, run, mem, &out->output_url));
    out->success = true;
    out->job_id = batch.id;
    out->app = app->name;
    out->status = batch_state_names[batch.state];
    out->progress = batch.progress * 100;
    out->source_project_id = batch.project_id;
    out->source_item_id = run->photo_id;
    out->variation_id = run->id;
    out->output_path = run->output_key;
    out->width = run->output_width_px;
    out->height = run->output_height_px;
    out->credit_charged = batch.credits_charged;
    out->return_to = value_text(value_get(batch.wish, "returnTo"));
    out->message = said_plain(run->error_text, mem);
    out->created_at = batch.created_ms;
    out->completed_at = batch.ended_ms;
    return NULL;
}

HANDLER(upscaler_job, AppJobIn, AppJob);

const Endpoint lumiku_upscaler_job = {
    .method = GET,
    .path = "/api/apps/image-upscaler/jobs/{id}",
    .id = "lumiku_upscaler_job",
    .summary = "See how an enlargement goes",
    .tag = "Sibling apps",
    .scope = "jobs:read",
    .in = SHAPE(AppJobIn),
    .out = SHAPE(AppJob),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(upscaler_job),
};

static Err *upscaler_job(Call *call, const AppJobIn *in, AppJob *out)
{
    return job_show(call, &app_upscaler, in->id, out);
}

HANDLER(remover_job, AppJobIn, AppJob);

const Endpoint lumiku_remover_job = {
    .method = GET,
    .path = "/api/apps/background-remover/jobs/{id}",
    .id = "lumiku_remover_job",
    .summary = "See how the removal of a background goes",
    .tag = "Sibling apps",
    .scope = "jobs:read",
    .in = SHAPE(AppJobIn),
    .out = SHAPE(AppJob),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(remover_job),
};

static Err *remover_job(Call *call, const AppJobIn *in, AppJob *out)
{
    return job_show(call, &app_remover, in->id, out);
}
