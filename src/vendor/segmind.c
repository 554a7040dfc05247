/* Segmind: BiRefNet cuts a product out. At once, or, for an ask that must be found again after a crash, by its queue. */
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "vendor/vendor_priv.h"

enum {
    PICTURE_BYTES_MOST = 12 << 20,
    POLL_MS = 1000
};

/* Its documents do not agree on what its BiRefNet is called; this one they do name. */
static const char stand_in[] = "bg-removal-v2";

/* Names stand in a path. */
static bool is_name(const char *text)
{
    return text && *text && strlen(text) <= 128 && *text != '.' &&
           strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.") ==
               strlen(text);
}

static MUST Err *model_send(
    VendorLine *line, const VendorAsk *ask, const char *version, const char *model, LineReply *ret)
{
    const VendorPicture *photo = &ask->images[0];
    LineRequest request = {
        .path = arena_print(line_mem(line), "/%s/%s", version, model), .is_billed = true};
    AUTO(value_free) Value *body = value_object();

    if (!is_name(model))
        return err_new(ERR_MODEL_UNKNOWN, "no name of a model: '%s'", model);
    value_set(body, "image", value_of_text(base64_text(photo->bytes, photo->size, line_mem(line))));
    value_set(body, "output_format", value_of_text("png"));
    return line_send_json(line, request, body, ret);
}

/* ---- at once ---- */

static MUST Err *
answer_now(VendorLine *line, const VendorAsk *ask, const char *model, VendorAnswer *answer)
{
    LineReply reply;

    TRY(model_send(line, ask, "v1", model, &reply));
    const char *image = value_text(value_get(reply.json, "image"));

    if (image)
        return line_picture_base64(line, image, &answer->pictures[0]);
    if (reply.json)
        return line_nonsense(line, "JSON without a picture");
    return line_picture(line, reply.body, reply.size, &answer->pictures[0]);
}

/* ---- by the queue ---- */

/* An address, or the first of several, as a text, a list, or the member "image" or "url" of an object. */
static const char *output_url(const Value *output)
{
    if (value_kind(output) == VALUE_LIST)
        output = value_at(output, 0);
    if (value_kind(output) == VALUE_OBJECT) {
        const Value *url = value_get(output, "url");

        output = url ? url : value_get(output, "image");
    }
    return value_text(output);
}

static MUST Err *result_take(VendorLine *line, const char *request, VendorAnswer *answer)
{
    LineRequest fetch = {.path = arena_print(line_mem(line), "/v2/requests/%s", request)};
    const Value *cost;
    const char *url;
    LineReply reply;

    TRY(line_send(line, &fetch, &reply));
    url = output_url(value_get(reply.json, "output"));
    cost = value_get(reply.json, "cost");
    if (!url)
        return line_nonsense(line, "a result without a picture");
    if (cost) {
        answer->cost_micro_usd = (int64_t)(MAX(value_number(cost), 0.0) * 1e6 + 0.5);
        answer->is_cost_known = true;
    }
    return line_fetch(line, url, &answer->pictures[0]);
}

static MUST Err *
answer_later(VendorLine *line, const VendorAsk *ask, const char *model, VendorAnswer *answer)
{
    const char *request = NULL;
    LineReply reply;

    TRY(line_begun(line, &request));
    if (!request) {
        TRY(model_send(line, ask, "v2", model, &reply));
        request = value_text(value_get(reply.json, "request_id"));
        if (!is_name(request))
            return line_nonsense(line, "no id of what was begun");
        TRY(line_begin(line, request));
    }
    answer->request_id = arena_text(line_mem(line), request);
    for (;;) {
        LineRequest look = {.path = arena_print(line_mem(line), "/v2/requests/%s/status", request)};

        TRY(line_wait(line, request, POLL_MS));
        TRY(line_send(line, &look, &reply));

        const char *status = value_text(value_get(reply.json, "status"));

        if (!status)
            return line_nonsense(line, "a status that is none");
        if (strcmp(status, "QUEUED") != 0 && strcmp(status, "PROCESSING") != 0)
            return result_take(line, request, answer);
    }
}

static MUST Err *
answer_by(VendorLine *line, const VendorAsk *ask, const char *model, VendorAnswer *answer)
{
    answer->model = model;
    return ask->key ? answer_later(line, ask, model, answer) : answer_now(line, ask, model, answer);
}

static Err *segmind_ask(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    VendorAnswer answer = {.seed = -1, .count = 1};
    const char *usual = vendor_segmind.usual[ABILITY_CUTOUT];
    const char *model = ask->model ? ask->model : usual;
    bool was_unknown = false;

    (void)mem;
    if (ask->image_count == 0)
        return err_new(ERR_BUG, "segmind was asked without a photo");
    if (strcmp(model, usual) == 0)
        TRY(err_expect(answer_by(line, ask, usual, &answer), ERR_MODEL_UNKNOWN, &was_unknown));
    else
        TRY(answer_by(line, ask, model, &answer));
    if (was_unknown)
        TRY(answer_by(line, ask, stand_in, &answer));
    *ret = answer;
    return NULL;
}

/* ---- what goes wrong ---- */

/* 406 stands for three things that only its text tells apart. */
static FaultKind fault_of_406(const char *words)
{
    if (words && strcasestr(words, "content type"))
        return FAULT_INPUT;
    return FAULT_UNPAID;
}

static void segmind_fault(const LineReply *reply, Arena *mem, VendorFault *ret)
{
    const char *words = value_text(value_get(reply->json, "error"));

    (void)mem;
    fault_by_status(reply, ret);
    ret->words = words; /* the page of HTML that comes with 405 says nothing */
    if (reply->status == 406)
        ret->kind = fault_of_406(words);
    else if (reply->status == 422) /* it was worked on and failed */
        ret->kind = FAULT_INPUT;
    else if (reply->status == 410)
        ret->kind = FAULT_MODEL;
    else if (reply->status == 404)
        ret->kind = words && strcasestr(words, "request") ? FAULT_EXPIRED : FAULT_MODEL;
    else if (reply->status == 403)
        ret->kind = FAULT_MODEL; /* a model that our account may not use */
}

static Err *segmind_credits(VendorLine *line, const Value **ret)
{
    LineReply reply;

    TRY(line_send(line, &(LineRequest){.path = "/v1/get-user-credits"}, &reply));
    *ret = value_get(reply.json, "credits");
    return NULL;
}

static const char specification[] = "https://www.segmind.com/models/birefnet";
static const char background_page[] = "https://www.segmind.com/models/bg-removal-v2/api";

static const PriceRow prices[] = {
    {"birefnet", NULL, NULL, PRICE_PICTURE, 6700, "2025-10-17", specification},
    {"bg-removal-v2", NULL, NULL, PRICE_PICTURE, 1000, "2026-06-01", background_page},
    {0},
};

const Vendor vendor_segmind = {
    .name = "segmind",
    .title = "Segmind",
    .site = "https://www.segmind.com",
    .base_url = "https://api.segmind.com",
    .key_name = "SEGMIND_API_KEY",
    .auth = "x-api-key: %s",
    .usual = {[ABILITY_CUTOUT] = "birefnet"},
    .prices = prices,
    .picture_bytes_most = PICTURE_BYTES_MOST,
    .images_most = 1,
    .ask = segmind_ask,
    .fault = segmind_fault,
    .credits = segmind_credits,
    .low_credits = 1,
};
