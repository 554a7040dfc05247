/* The ArtGen door: its list, and how it says that something went wrong. */
#include "door/artgen/artgen.h"

#include "door/artgen/artgen_priv.h"
#include "http/said.h"

typedef struct ErrorDetail {
    const char *code, *message, *type, *param;
    Said *said;
} ErrorDetail;

typedef struct ArtgenError {
    ErrorDetail error;
} ArtgenError;

static const Field ErrorDetail_fields[] = {
    {FIELD_TEXT(ErrorDetail, code), .help = "Name of the error; it never changes"},
    {FIELD_TEXT(ErrorDetail, message), .help = "What happened and what to do, for people"},
    {FIELD_TEXT(ErrorDetail, type),
     .help = "Kind: authentication_error, permission_error, budget_error, rate_limit_error, "
             "moderation_error, invalid_request_error, vendor_error or server_error"},
    {FIELD_TEXT(ErrorDetail, param), .help = "The value that is to blame, or null",
     .optional = true, .nullable = true},
    {FIELD_MAYBE(ErrorDetail, said, Said, &said_shape),
     .help = "The message for translators; not there when it is the error's own", .omit = true},
    {FIELD_END},
};
static const Shape error_detail_shape = SHAPE(ErrorDetail);

static const Field ArtgenError_fields[] = {
    {FIELD_OBJECT(ArtgenError, error, ErrorDetail, &error_detail_shape), .help = "What went wrong"},
    {FIELD_END},
};
static const Shape artgen_error_shape = SHAPE(ArtgenError);

static const char *type_of(ErrCode code)
{
    switch (code) {
    case ERR_PROMPT_REFUSED:
        return "moderation_error";
    case ERR_VENDOR_MISSING:
    case ERR_VENDOR_KEY_REFUSED:
    case ERR_VENDOR_UNPAID:
    case ERR_VENDOR_BUSY:
    case ERR_VENDOR_UNSURE:
    case ERR_UPSTREAM_FAILED:
    case ERR_UPSTREAM_REFUSED:
    case ERR_UPSTREAM_TIMED_OUT:
        return "vendor_error";
    default:
        break;
    }
    switch (err_http(code)) {
    case 401:
        return "authentication_error";
    case 402:
        return "budget_error";
    case 403:
        return "permission_error";
    case 429:
        return "rate_limit_error";
    default:
        return err_http(code) < 500 ? "invalid_request_error" : "server_error";
    }
}

static Value *body_write(Call *call, const Err *err, Value *problem)
{
    const char *where = err_where(err);

    value_free(problem);
    return shape_write(
        &artgen_error_shape, &(ArtgenError){{
                                 .code = err_name(err_code(err)),
                                 .message = err_text(err),
                                 .type = type_of(err_code(err)),
                                 .param = where && *where == '/' ? where + 1 : where,
                                 .said = said_of(err_said(err), call_arena(call)),
                             }});
}

static const Shape *body_shape(ErrCode code)
{
    (void)code;
    return &artgen_error_shape;
}

const FrontDoor artgen_door = {
    .name = "artgen",
    .title = "Cyclorama: the ArtGen API",
    .version = "1.0",
    .about =
        "Pictures from words, by the model of your choice.\n\n"
        "`POST /generate` makes them, `POST /edit` changes a picture where its mask is "
        "transparent, `POST /variation` makes others like it. `GET /models` says what there is; "
        "names of models that their makers have switched off stay accepted, and what stands in for "
        "them is said in `X-Model-Used` and `note`.\n\n"
        "Send your key as `Authorization: Bearer KEY` or `X-API-Key: KEY`. What a request may cost "
        "is set aside before a model is asked; what fails costs nothing. Budgets by user and for "
        "the organisation end at what was set: `402` for money, `429` for tokens. `GET /health` "
        "and `GET /metrics` stand in the house's own document.",
    .endpoints =
        (const Endpoint *const[]){
            &artgen_generate,
            &artgen_edit,
            &artgen_variation,
            &artgen_models,
            &artgen_generations,
            &artgen_usage,
            &artgen_alerts,
            &artgen_budget_get,
            &artgen_budget_put,
            NULL,
        },
    .dialect = {.body = body_write, .shape = body_shape, .type = "application/json"},
};
