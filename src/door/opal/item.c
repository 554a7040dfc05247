/* Items: one picture each, in OPAL's words. */
#include "door/opal/opal_priv.h"

/* OPAL's words for the states of a run: what is queued is being processed, as far as OPAL's callers are concerned. */
static const char *const status_names[] = {
    [RUN_CREATED] = "created",     [RUN_UPLOADED] = "uploaded",
    [RUN_QUEUED] = "processing",   [RUN_PROCESSING] = "processing",
    [RUN_COMPLETED] = "completed", [RUN_FAILED] = "failed",
    [RUN_CANCELLED] = "cancelled", NULL,
};

const Field OpalItem_fields[] = {
    {FIELD_TEXT(OpalItem, item_id), .help = "Name of the item"},
    {FIELD_TEXT(OpalItem, job_id), .help = "The job or batch that it belongs to"},
    {FIELD_TEXT(OpalItem, filename), .help = "Name of the photo"},
    {FIELD_TEXT(OpalItem, product_id), .help = "Your own name of the product", .nullable = true},
    {FIELD_TEXT(OpalItem, source_url), .help = "Where the photo is fetched from", .nullable = true},
    {FIELD_INT(OpalItem, scene_index), .help = "Which of the photo's scenes this is, from 0"},
    {FIELD_TEXT(OpalItem, scene_type), .help = "Kind of scene", .nullable = true},
    {FIELD_TEXT(OpalItem, scene_prompt), .help = "The scene in words", .nullable = true},
    {FIELD_NAME(OpalItem, status, status_names), .help = "How far it is"},
    {FIELD_NUMBER(OpalItem, progress), .help = "How far the work is, 0 to 1"},
    {FIELD_TEXT(OpalItem, step), .help = "What is being done", .nullable = true},
    {FIELD_TEXT(OpalItem, error_code), .help = "Why it failed, for programs", .nullable = true},
    {FIELD_TEXT(OpalItem, error_message), .help = "Why it failed, for people", .nullable = true},
    {FIELD_MAYBE(OpalItem, error_said, Said, &said_shape), .help = "The same for translators",
     .omit = true},
    {FIELD_TEXT(OpalItem, output_url), .help = "Address of the picture, good for an hour",
     .format = "uri", .nullable = true},
    {FIELD_TEXT(OpalItem, thumbnail_url),
     .help =
         "Address of the same as a WebP of 400 pixels, of the picture itself when that is small",
     .format = "uri", .nullable = true},
    {FIELD_INT(OpalItem, width), .help = "Of the picture", .unit = "px"},
    {FIELD_INT(OpalItem, height), .help = "Of the picture", .unit = "px"},
    {FIELD_INT(OpalItem, bytes), .help = "Of the picture's file"},
    {FIELD_NUMBER(OpalItem, cost_usd), .help = "What it cost so far, in US dollars"},
    {FIELD_TIME(OpalItem, created_at), .help = "When it was asked for"},
    {FIELD_TIME(OpalItem, completed_at), .help = "When it ended", .nullable = true},
    {FIELD_END},
};

const Shape opal_item_shape = SHAPE(OpalItem);

Err *opal_item_fill(Call *call, const Run *run, OpalItem *ret)
{
    const char *url, *thumb;

    TRY(run_output_url(desk_of(call)->studio, run, call_arena(call), &url));
    TRY(run_thumb_url(desk_of(call)->studio, run, call_arena(call), &thumb));
    *ret = (OpalItem){
        .item_id = run->id,
        .job_id = run->project_id,
        .filename = run->filename,
        .product_id = run->product_id,
        .source_url = run->source_url,
        .scene_index = run->scene_index,
        .scene_type = run->scene_type,
        .scene_prompt = run->scene_prompt,
        .status = run->state,
        .progress = run->progress,
        .step = run->step,
        .error_code = run->error,
        .error_message = said_plain(run->error_text, call_arena(call)),
        .error_said = said_of(run->error_text, call_arena(call)),
        .output_url = url,
        .thumbnail_url = thumb,
        .width = run->output_width_px,
        .height = run->output_height_px,
        .bytes = run->output_bytes,
        .cost_usd = (double)run->cost_micro_usd / 1e6,
        .created_at = run->created_ms,
        .completed_at = run->ended_ms,
    };
    return NULL;
}

/* ---- one item ---- */

typedef struct ItemIn {
    const char *job_id, *item_id, *tenant_id;
} ItemIn;

static const Field ItemIn_fields[] = {
    {FIELD_TEXT(ItemIn, job_id), .help = "Name of the job", .max = 64},
    {FIELD_TEXT(ItemIn, item_id), .help = "Name of the item", .max = 64},
    {FIELD_TEXT(ItemIn, tenant_id), .help = "Whose it is; your own if left out", .optional = true,
     .max = 64},
    {FIELD_END},
};

Err *opal_run_find(Call *call, const OpalItemName *name, Run *ret)
{
    const char *tenant_id;
    Project project;

    TRY(desk_tenant(call, name->tenant_id, &tenant_id));
    TRY(run_find(desk_of(call)->studio, tenant_id, name->item_id, call_arena(call), ret));
    TRY(project_find(
        &desk_of(call)->studio->shelf, tenant_id, ret->project_id, call_arena(call), &project));
    if (strcmp(ret->project_id, name->job_id) != 0 || strcmp(project.door, "opal") != 0)
        return err_new(ERR_NOT_FOUND, "item '%s' is not of job '%s'", name->item_id, name->job_id);
    return NULL;
}

HANDLER(item_get, ItemIn, OpalItem);

const Endpoint opal_item_get = {
    .method = GET,
    .path = "/v1/jobs/{job_id}/items/{item_id}",
    .id = "opal_item_get",
    .summary = "See how one item is doing",
    .tag = "Jobs",
    .scope = "jobs:read",
    .in = SHAPE(ItemIn),
    .out = SHAPE(OpalItem),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(item_get),
};

static Err *item_get(Call *call, const ItemIn *in, OpalItem *out)
{
    Run run;

    TRY(opal_run_find(call, &(OpalItemName){in->tenant_id, in->job_id, in->item_id}, &run));
    return opal_item_fill(call, &run, out);
}

typedef struct ItemLink {
    const char *download_url, *output_url;
    int64_t expires_at;
} ItemLink;

static const Field ItemLink_fields[] = {
    {FIELD_TEXT(ItemLink, download_url), .help = "Address that saves the picture under a name",
     .format = "uri"},
    {FIELD_TEXT(ItemLink, output_url), .help = "Address that shows the picture", .format = "uri"},
    {FIELD_TIME(ItemLink, expires_at), .help = "Until when both are good"},
    {FIELD_END},
};

HANDLER(item_link, ItemIn, ItemLink);

const Endpoint opal_item_link = {
    .method = GET,
    .path = "/v1/jobs/{job_id}/items/{item_id}/download-sas",
    .id = "opal_item_link",
    .summary = "Get an address to fetch an item's picture from",
    .about = "No key is needed to fetch it; hand it on only to those who may see the picture.",
    .tag = "Jobs",
    .scope = "jobs:read",
    .in = SHAPE(ItemIn),
    .out = SHAPE(ItemLink),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(item_link),
};

static Err *item_link(Call *call, const ItemIn *in, ItemLink *out)
{
    const Studio *studio = desk_of(call)->studio;
    Link shown, saved;
    Run run;

    TRY(opal_run_find(call, &(OpalItemName){in->tenant_id, in->job_id, in->item_id}, &run));
    RunLinkWish wish = {.tenant_id = run.tenant_id, .run_id = run.id};
    TRY(run_output_link(studio, &wish, call_arena(call), &shown));
    wish.saves = true;
    TRY(run_output_link(studio, &wish, call_arena(call), &saved));
    *out = (ItemLink){saved.url, shown.url, saved.until_ms};
    return NULL;
}
