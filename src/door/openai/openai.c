/* The OpenAI door: its list, and how it says that something went wrong. */
#include "door/openai/openai.h"

#include "base/clock.h"
#include "door/openai/openai_priv.h"

/* ---- errors ---- */

typedef struct OpenaiFault {
    const char *message, *type, *param, *code;
} OpenaiFault;

typedef struct OpenaiError {
    OpenaiFault error;
} OpenaiError;

static const Field OpenaiFault_fields[] = {
    {FIELD_TEXT(OpenaiFault, message), .help = "What happened and what to do, for people"},
    {FIELD_TEXT(OpenaiFault, type), .help = "Kind of error"},
    {FIELD_TEXT(OpenaiFault, param), .help = "The parameter that is to blame, or null",
     .optional = true, .nullable = true},
    {FIELD_TEXT(OpenaiFault, code), .help = "Name of the error, for programs", .optional = true,
     .nullable = true},
    {FIELD_END},
};
static const Shape openai_fault_shape = SHAPE(OpenaiFault);

static const Field OpenaiError_fields[] = {
    {FIELD_OBJECT(OpenaiError, error, OpenaiFault, &openai_fault_shape), .help = "What went wrong"},
    {FIELD_END},
};
static const Shape openai_error_shape = SHAPE(OpenaiError);

/* How OpenAI says it. Status 0 is the error's own. Who has nothing left to spend is told not to come again (`is_final`): its clients try a
 * 429 twice more. */
static const struct ErrorRow {
    ErrCode code;
    int status;
    const char *type, *name;
    bool is_final;
} rows[] = {
    {ERR_INPUT_INVALID, 400, "invalid_request_error", "invalid_value"},
    {ERR_INPUT_MISSING, 400, "invalid_request_error", "missing_required_parameter"},
    {ERR_REQUEST_INVALID, 400, "invalid_request_error", "invalid_request"},
    {ERR_UNAUTHENTICATED, 401, "invalid_request_error", "invalid_api_key"},
    {ERR_FORBIDDEN, 403, "invalid_request_error", "insufficient_permissions"},
    {ERR_NOT_FOUND, 404, "invalid_request_error", "not_found"},
    {ERR_MODEL_UNKNOWN, 404, "invalid_request_error", "model_not_found"},
    {ERR_MODEL_RETIRED, 404, "invalid_request_error", "model_not_found"},
    {ERR_RATE_LIMITED, 429, "requests", "rate_limit_exceeded"},
    {ERR_CREDITS_SPENT, 429, "insufficient_quota", "insufficient_quota", true},
    {ERR_QUOTA_EXCEEDED, 429, "insufficient_quota", "insufficient_quota", true},
    {ERR_BUDGET_SPENT, 429, "insufficient_quota", "billing_hard_limit_reached", true},
    {ERR_TOKENS_SPENT, 429, "insufficient_quota", "billing_hard_limit_reached", true},
    {ERR_PROMPT_REFUSED, 400, "image_generation_user_error", "moderation_blocked"},
    {ERR_IMAGE_UNREADABLE, 400, "invalid_request_error", "invalid_image"},
    {ERR_IMAGE_UNSUPPORTED, 400, "invalid_request_error", "unsupported_image_media_type"},
    {ERR_IMAGE_TOO_LARGE, 400, "invalid_request_error", "image_too_large"},
    {ERR_IMAGE_TOO_SMALL, 400, "invalid_request_error", "image_too_small"},
    {ERR_PRODUCT_NOT_FOUND, 400, "invalid_request_error", "invalid_image"},
    {ERR_FILE_TOO_LARGE, 413, "invalid_request_error", "image_file_too_large"},
    {ERR_BODY_TOO_LARGE, 413, "invalid_request_error", "image_file_too_large"},
    {ERR_TYPE_UNSUPPORTED, 415, "invalid_request_error", "unsupported_content_type"},
    {ERR_SERVER_BUSY, 503, "server_error", "server_overloaded"},
    {ERR_VENDOR_BUSY, 503, "server_error", "server_overloaded"},
    {ERR_UPSTREAM_FAILED, 502, "server_error", "upstream_error"},
    {ERR_UPSTREAM_REFUSED, 502, "server_error", "upstream_error"},
    {ERR_VENDOR_KEY_REFUSED, 502, "server_error", "upstream_error"},
    {ERR_VENDOR_UNPAID, 502, "server_error", "upstream_error"},
};

static const struct ErrorRow *row_of(ErrCode code)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].code == code)
            return &rows[i];
    return NULL;
}

static int status_of(ErrCode code)
{
    const struct ErrorRow *row = row_of(code);

    return row && row->status ? row->status : err_http(code);
}

/* Names that this house gives otherwise. */
static const char *param_of(const char *where)
{
    static const char *const names[][2] = {
        {"format", "output_format"}, {"compression", "output_compression"}};
    const char *name = where && *where == '/' ? where + 1 : where;

    for (size_t i = 0; name && i < COUNT(names); i++)
        if (strcmp(names[i][0], name) == 0)
            return names[i][1];
    return name;
}

static bool is_unknown(const Call *call, const char *param)
{
    const Endpoint *endpoint = call_endpoint(call);

    if (!param || strchr(param, '/') || !endpoint)
        return false;
    for (const FileField *file = endpoint->files; file && file->name; file++)
        if (strcmp(file->name, param) == 0)
            return false;
    return !endpoint->in.fields || !shape_find(&endpoint->in, param);
}

static Value *body_write(Call *call, const Err *err, Value *problem)
{
    const struct ErrorRow *row = row_of(err_code(err));
    OpenaiFault fault = {
        .message = err_text(err),
        .type = row                               ? row->type
                : status_of(err_code(err)) >= 500 ? "server_error"
                                                  : "invalid_request_error",
        .param = param_of(err_where(err)),
        .code = row ? row->name : err_name(err_code(err)),
    };

    value_free(problem);
    if (err_code(err) == ERR_INPUT_INVALID && is_unknown(call, fault.param))
        fault.code = "unknown_parameter";
    if (!call_has_told(call)) {
        openai_headers_set(call, 0);
        if (row && row->is_final)
            call_header_set(call, "x-should-retry", "false");
    }
    return shape_write(&openai_error_shape, &(OpenaiError){fault});
}

static const Shape *body_shape(ErrCode code)
{
    (void)code;
    return &openai_error_shape;
}

/* ---- headers ---- */

/* As OpenAI writes durations: "1.5s", "250ms". */
static const char *duration(int64_t ms, Arena *mem)
{
    return ms < 1000 ? arena_print(mem, "%lldms", (long long)ms)
                     : arena_print(mem, "%.3gs", (double)ms / 1000);
}

void openai_headers_set(Call *call, int64_t began_ms)
{
    const Rate *rate = desk_rate(call);
    Arena *mem = call_arena(call);

    if (began_ms)
        call_header_set(
            call, "openai-processing-ms",
            arena_print(mem, "%lld", (long long)(clock_ticks_ms() - began_ms)));
    call_header_set(call, "openai-version", "2020-10-01");
    if (!rate)
        return;
    call_header_set(
        call, "x-ratelimit-limit-requests", arena_print(mem, "%lld", (long long)rate->limit));
    call_header_set(
        call, "x-ratelimit-remaining-requests",
        arena_print(mem, "%lld", (long long)rate->remaining));
    call_header_set(call, "x-ratelimit-reset-requests", duration(rate->reset_ms, mem));
}

const FrontDoor openai_door = {
    .name = "openai",
    .title = "Cyclorama: OpenAI's image API",
    .version = "1.0",
    .about =
        "The image endpoints of OpenAI's API, for its clients: give them `/v1` of this server as "
        "their base address and one of your keys. Models are those of `GET /v1/models`; "
        "names that OpenAI has switched off stay accepted. With no key of OpenAI the built-in "
        "studio draws.\n\n"
        "With `stream` the answer is `text/event-stream`: `image_generation.partial_image` and "
        "`image_generation.completed` (`image_edit.` for edits), one completed event for each "
        "picture. What fails before the first event has a status as ever, what fails later is an "
        "event `error`. A repeat with the same `Idempotency-Key` gives the same pictures and costs "
        "nothing.",
    .endpoints =
        (const Endpoint *const[]){
            &openai_generate,
            &openai_edit,
            &openai_vary,
            &openai_model_list,
            &openai_model_get,
            NULL,
        },
    .dialect =
        {.status = status_of, .body = body_write, .shape = body_shape, .type = "application/json"},
};
