/* The Lumiku door: its list, and how it says that something went wrong. */
#include "door/lumiku/lumiku.h"

#include "base/clock.h"
#include "door/lumiku/items.h"

/* ---- errors, in the specification's statuses: 403 without credits, 400 for what cannot be read ---- */

typedef struct LumikuError {
    bool success;
    const char *error, *message, *request_id;
    Said *said;
    List details; /* LumikuFault */
} LumikuError;

static const Field LumikuFault_fields[] = {
    {FIELD_TEXT(LumikuFault, field), .help = "Pointer to the field"},
    {FIELD_TEXT(LumikuFault, message), .help = "What is wrong with it"},
    {FIELD_END},
};
static const Shape lumiku_fault_shape = SHAPE(LumikuFault);

static const Field LumikuError_fields[] = {
    {FIELD_BOOL(LumikuError, success), .help = "Always false"},
    {FIELD_TEXT(LumikuError, error), .help = "Name of the error; it never changes"},
    {FIELD_TEXT(LumikuError, message), .help = "What happened and what to do, for people"},
    {FIELD_LIST(LumikuError, details, &lumiku_fault_shape), .help = "Fields that are to blame"},
    {FIELD_MAYBE(LumikuError, said, Said, &said_shape),
     .help = "The message for translators; not there when it is the error's own", .omit = true},
    {FIELD_TEXT(LumikuError, request_id), .name = "requestId", .help = "To ask us about it"},
    {FIELD_END},
};
static const Shape lumiku_error_shape = SHAPE(LumikuError);

static int status_of(ErrCode code)
{
    int status = err_http(code);

    if (code == ERR_CREDITS_SPENT || code == ERR_QUOTA_EXCEEDED)
        return 403;
    return status == 422 || status == 415 ? 400 : status;
}

static Value *body_write(Call *call, const Err *err, Value *problem)
{
    Arena *mem = call_arena(call);
    const Value *errors = value_get(problem, "errors");
    LumikuFault *faults = ARENA_ARRAY(mem, LumikuFault, value_count(errors) + 1);

    for (size_t i = 0; i < value_count(errors); i++) {
        const Value *fault = value_at(errors, i);

        faults[i] = (LumikuFault){
            arena_text(mem, value_text(value_get(fault, "pointer"))),
            arena_text(mem, value_text(value_get(fault, "detail")))};
    }
    List several = lumiku_upload_faults(call);
    LumikuError error = {
        .error = err_name(err_code(err)),
        .message = err_text(err),
        .request_id = call_id(call),
        .said = said_of(err_said(err), mem),
        .details = several.count ? several : (List){faults, value_count(errors)},
    };
    Value *body = shape_write(&lumiku_error_shape, &error);
    value_free(problem);
    return body;
}

static const Shape *body_shape(ErrCode code)
{
    (void)code;
    return &lumiku_error_shape;
}

/* ---- what may be left out ---- */

static const Field TagsIn_fields[] = {
    {FIELD_TEXTS(TagsIn, tags), .help = "Words to find it by", .max = PRODUCT_TAGS_MOST},
    {FIELD_END},
};
const Shape lumiku_tags_shape = SHAPE_BARE(TagsIn);

static const Field Yes_fields[] = {
    {FIELD_BOOL(Yes, yes), .help = "Is it so?"},
    {FIELD_END},
};
const Shape lumiku_yes_shape = SHAPE_BARE(Yes);

int lumiku_yes(const Yes *yes)
{
    return yes ? yes->yes : -1;
}

/* ---- is it there? ---- */

typedef struct LumikuHealth {
    const char *status, *app;
    int64_t uptime;
} LumikuHealth;

static const Field LumikuHealth_fields[] = {
    {FIELD_TEXT(LumikuHealth, status), .help = "ok; `/health` of the house knows more"},
    {FIELD_TEXT(LumikuHealth, app), .help = "product-photo-studio"},
    {FIELD_INT(LumikuHealth, uptime), .help = "Of this server", .unit = "s"},
    {FIELD_END},
};

HANDLER(health, void, LumikuHealth);

const Endpoint lumiku_health = {
    .method = GET,
    .path = LUMIKU "/health",
    .id = "lumiku_health",
    .summary = "Is the app there?",
    .tag = "App",
    .out = SHAPE(LumikuHealth),
    .handle = CALLS(health),
};

static Err *health(Call *call, const void *in, LumikuHealth *out)
{
    (void)in;
    *out = (LumikuHealth){
        .status = "ok",
        .app = "product-photo-studio",
        .uptime = (clock_ticks_ms() - desk_of(call)->started_ms) / 1000,
    };
    return NULL;
}

const FrontDoor lumiku_door = {
    .name = "lumiku",
    .title = "Cyclorama: the Lumiku Product Photo Studio API",
    .version = "1.0",
    .about =
        "From plain product photos to pictures for shops: projects, photos, workflows, batches, "
        "templates, exports, and sibling apps that enlarge, cut out and make carousels.\n\n"
        "Send your key as `Authorization: Bearer KEY`. Prices are in credits, set aside when work "
        "is accepted and taken when it succeeded; what fails or is cancelled costs nothing, and "
        "previews are free. Without enough credits the answer is `403`.",
    .endpoints =
        (const Endpoint *const[]){
            /* the app */
            &lumiku_health,
            /* projects and photos: projects.c, items.c, upload.c, variations.c */
            &lumiku_project_create,
            &lumiku_project_list,
            &lumiku_project_get,
            &lumiku_project_change,
            &lumiku_project_delete,
            &lumiku_item_upload,
            &lumiku_item_import,
            &lumiku_item_list,
            &lumiku_item_change_many,
            &lumiku_item_delete_many,
            &lumiku_item_get,
            &lumiku_item_change,
            &lumiku_item_delete,
            &lumiku_variation_list,
            &lumiku_variation_select,
            &lumiku_variation_delete,
            /* work: process.c, generations.c */
            &lumiku_generation_list,
            &lumiku_generation_get,
            &lumiku_generation_pause,
            &lumiku_generation_resume,
            &lumiku_generation_cancel,
            &lumiku_generation_retry,
            &lumiku_generation_events,
            &lumiku_item_process,
            &lumiku_item_preview,
            &lumiku_item_apply,
            &lumiku_project_process,
            &lumiku_project_apply,
            &lumiku_quote,
            /* templates: templates.c */
            &lumiku_template_list,
            &lumiku_template_get,
            &lumiku_template_create,
            &lumiku_template_change,
            &lumiku_template_delete,
            &lumiku_template_rate,
            &lumiku_template_preview,
            &lumiku_template_thumbnail,
            /* exports: exports.c, download.c */
            &lumiku_export_begin,
            &lumiku_export_list,
            &lumiku_export_get,
            &lumiku_export_download,
            &lumiku_export_events,
            &lumiku_item_download,
            &lumiku_platform_list,
            /* sibling apps: apps.c, carousel.c */
            &lumiku_item_upscale,
            &lumiku_item_remover,
            &lumiku_upscaler_begin,
            &lumiku_upscaler_job,
            &lumiku_remover_begin,
            &lumiku_remover_job,
            &lumiku_item_export_to,
            &lumiku_carousel_create,
            &lumiku_carousel_mix,
            &lumiku_carousel_get,
            /* money: credits.c */
            &lumiku_credits,
            &lumiku_credits_history,
            &lumiku_usage,
            &lumiku_stats,
            &lumiku_prices,
            NULL,
        },
    .dialect =
        {
            .status = status_of,
            .body = body_write,
            .shape = body_shape,
            .type = "application/json",
        },
};
