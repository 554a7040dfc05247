/* fal.ai: a queue of models. A request is submitted, waited for, and its files are fetched; webhooks only shorten the waiting.
 *
 * Submitting goes to the whole name of a model ("fal-ai/flux/schnell"), everything after that to its owner and app alone ("fal-ai/flux").
 */
#include <string.h>
#include <strings.h>

#include "vendor/fal_priv.h"
#include "vendor/queue_priv.h"

#define FILL "fal-ai/flux-pro/v1/fill"
#define KONTEXT "fal-ai/flux-pro/kontext"

/* How a model wants to be asked. Names of members; NULL for what it does not take. */
typedef struct FalModel {
    Ability ability;
    const char *name;
    const char *image, *mask, *size, *factor;
    const char *more; /* members that are always the same, as JSON */
    bool has_prompt, has_seed, has_format;
    int count_most; /* pictures of one request; 0: one, and it is not said */
} FalModel;

static const FalModel models[] = {
    {.ability = ABILITY_GENERATE,
     .name = "fal-ai/flux/schnell",
     .size = "image_size",
     .has_prompt = true,
     .has_seed = true,
     .has_format = true,
     .count_most = 4},
    {.ability = ABILITY_EDIT,
     .name = FILL,
     .image = "image_url",
     .mask = "mask_url",
     .has_prompt = true,
     .has_seed = true,
     .has_format = true,
     .count_most = 4},
    {.ability = ABILITY_EDIT,
     .name = KONTEXT,
     .image = "image_url",
     .has_prompt = true,
     .has_seed = true,
     .has_format = true,
     .count_most = 4},
    {.ability = ABILITY_RELIGHT,
     .name = "fal-ai/iclight-v2",
     .image = "image_url",
     .mask = "mask_image_url",
     .size = "image_size",
     .has_prompt = true,
     .has_seed = true,
     .has_format = true,
     .count_most = 4},
    {.ability = ABILITY_UPSCALE,
     .name = "fal-ai/esrgan",
     .image = "image_url",
     .factor = "scale",
     .has_format = true,
     .more = "{\"model\":\"RealESRGAN_x4plus\"}"},
    {.ability = ABILITY_UPSCALE,
     .name = "fal-ai/clarity-upscaler",
     .image = "image_url",
     .factor = "upscale_factor",
     .has_seed = true},
    {.ability = ABILITY_CUTOUT,
     .name = "fal-ai/birefnet/v2",
     .image = "image_url",
     .more = "{\"model\":\"General Use (Heavy)\",\"operating_resolution\":\"1024x1024\","
             "\"refine_foreground\":true,\"output_format\":\"png\"}"},
    {.ability = ABILITY_DEPTH,
     .name = "fal-ai/image-preprocessors/depth-anything/v2",
     .image = "image_url"},
};

static const PriceRow prices[] = {
    {.model = "fal-ai/flux/schnell",
     .unit = PRICE_MEGAPIXEL,
     .micro_usd = 3000,
     .as_of = "2026-08-21",
     .source = "https://fal.ai/models/fal-ai/flux/schnell"},
    {.model = FILL,
     .unit = PRICE_MEGAPIXEL,
     .micro_usd = 50000,
     .as_of = "2026-09-27",
     .source = "https://fal.ai/models/fal-ai/flux-pro/v1/fill"},
    {.model = KONTEXT,
     .unit = PRICE_PICTURE,
     .micro_usd = 40000,
     .as_of = "2026-09-27",
     .source = "https://fal.ai/models/fal-ai/flux-pro/kontext"},
    {.model = "fal-ai/iclight-v2",
     .unit = PRICE_MEGAPIXEL,
     .micro_usd = 100000,
     .as_of = "2026-09-12",
     .source = "https://fal.ai/models/fal-ai/iclight-v2"},
    {.model = "fal-ai/esrgan",
     .unit = PRICE_SECOND,
     .micro_usd = 1110,
     .usual_ms = 3000,
     .as_of = "2026-09-06",
     .source = "https://fal.ai/models/fal-ai/esrgan"},
    {.model = "fal-ai/clarity-upscaler",
     .unit = PRICE_MEGAPIXEL,
     .micro_usd = 30000,
     .as_of = "2026-09-06",
     .source = "https://fal.ai/models/fal-ai/clarity-upscaler"},
    {.model = "fal-ai/birefnet/v2",
     .unit = PRICE_SECOND,
     .micro_usd = 1110,
     .usual_ms = 3000,
     .as_of = "2026-09-07",
     .source = "https://fal.ai/models/fal-ai/birefnet/v2"},
    {.model = "fal-ai/image-preprocessors/depth-anything/v2", /* listed at 0 at times */
     .unit = PRICE_SECOND,
     .micro_usd = 1110,
     .usual_ms = 2000,
     .as_of = "2026-09-06",
     .source = "https://fal.ai/models/fal-ai/image-preprocessors/depth-anything/v2"},
    {0},
};

/* ---- what is asked of which model ---- */

typedef struct Wish {
    const FalModel *row; /* how to ask */
    const char *model;   /* whom */
    const char *app;     /* "fal-ai/flux" */
} Wish;

static const FalModel *model_row(const char *name, Ability ability)
{
    const FalModel *first = NULL;

    for (size_t i = 0; i < COUNT(models); i++) {
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
        if (!first && models[i].ability == ability)
            first = &models[i];
    }
    return first; /* one that an operator named: asked as its kind usually is */
}

static bool model_name_is_sane(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_./");

    return !name[length] && *name != '/' && !strstr(name, "..") && !strstr(name, "//") &&
           strchr(name, '/');
}

/* Owner and app; with the space they are in, where they are in one ("workflows/ann/mugs"). */
static const char *app_of(const char *model, Arena *mem)
{
    bool has_space = strncmp(model, "workflows/", 10) == 0 || strncmp(model, "comfy/", 6) == 0;
    const char *at = model;

    for (int left = has_space ? 3 : 2; left > 0 && *at; left--) {
        at += strcspn(at, "/");
        if (left > 1 && *at)
            at++;
    }
    return arena_text_n(mem, model, (size_t)(at - model));
}

static MUST Err *wish_of(const VendorAsk *ask, Arena *mem, Wish *ret)
{
    const char *model = ask->model ? ask->model : vendor_fal.usual[ask->ability];

    if (model && strcmp(model, FILL) == 0 && !ask->mask.size)
        model = KONTEXT; /* the other one can do nothing without a mask */
    const FalModel *row = model ? model_row(model, ask->ability) : NULL;
    if (!row || !model_name_is_sane(model))
        return err_new(ERR_MODEL_UNKNOWN, "no name of a model of fal");
    *ret = (Wish){row, model, app_of(model, mem)};
    return NULL;
}

static void size_set(Value *input, const FalModel *row, const VendorAsk *ask)
{
    if (!row->size || !ask->width_px || !ask->height_px)
        return;

    Value *size = value_object();
    value_set(size, "width", value_of_int(ask->width_px));
    value_set(size, "height", value_of_int(ask->height_px));
    value_set(input, row->size, size);
}

static MUST Err *pictures_set(const QueueOrder *order, const FalModel *row, Value *input)
{
    const VendorAsk *ask = order->ask;
    VendorPicture mask;

    if (row->image && ask->image_count)
        queue_text_set(input, row->image, line_data_url(order->line, &ask->images[0]));
    if (!row->mask || !ask->mask.size)
        return NULL;
    TRY(line_mask_white(order->line, ask, &mask));
    queue_text_set(input, row->mask, line_data_url(order->line, &mask));
    return NULL;
}

/* What the model is given for batch INDEX. */
static MUST Err *input_make(const QueueOrder *order, size_t index, Value **ret)
{
    const FalModel *row = ((const Wish *)order->context)->row;
    const VendorAsk *ask = order->ask;
    AUTO(value_free) Value *input = NULL;

    if (row->more)
        TRY(value_parse(row->more, strlen(row->more), &input));
    else
        input = value_object();
    if (row->has_prompt)
        queue_text_set(input, "prompt", ask->prompt ? ask->prompt : "");
    size_set(input, row, ask);
    if (row->count_most)
        value_set(input, "num_images", value_of_int(queue_batch_count(order, index)));
    if (row->has_seed && ask->seed >= 0)
        value_set(input, "seed", value_of_int(ask->seed + (int64_t)index));
    if (row->has_format) {
        bool is_jpeg = ask->format && strcmp(ask->format, "jpeg") == 0;
        queue_text_set(input, "output_format", is_jpeg ? "jpeg" : "png");
    }
    if (row->factor)
        value_set(input, row->factor, value_of_int(ask->factor ? ask->factor : 2));
    TRY(pictures_set(order, row, input));
    *ret = TAKE(input);
    return NULL;
}

/* ---- the queue ---- */

static MUST Err *nonsense(const char *what)
{
    return err_new(ERR_UPSTREAM_FAILED, "'fal' answered with %s", what);
}

static const char *url_escaped(const char *text, Arena *mem)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    char *escaped = arena_take(mem, 3 * strlen(text) + 1), *at = escaped;

    for (; *text; text++)
        if (strchr(plain, *text))
            *at++ = *text;
        else
            at += snprintf(at, 4, "%%%02X", (unsigned)(unsigned char)*text);
    return escaped;
}

static Err *fal_submit(QueueOrder *order, size_t index, const char **ret)
{
    /* Files stay for a day: long enough for work that was cut off, not for ever. */
    static const NetHeader headers[] = {
        {"X-Fal-Object-Lifecycle-Preference", "{\"expiration_duration_seconds\":86400}"},
        {NULL, NULL},
    };
    const Wish *wish = order->context;
    const char *hook = line_hook_url(order->line);
    AUTO(value_free) Value *input = NULL;
    LineReply reply;

    TRY(input_make(order, index, &input));
    const LineRequest request = {
        .path = arena_print(
            order->mem, "/%s%s%s", wish->model, hook ? "?fal_webhook=" : "",
            hook ? url_escaped(hook, order->mem) : ""),
        .headers = headers,
        .is_billed = true,
    };
    TRY(line_send_json(order->line, request, input, &reply));
    *ret = value_text(value_get(reply.json, "request_id"));
    return NULL;
}

static const char *request_path(const QueueOrder *order, size_t index, const char *ending)
{
    const Wish *wish = order->context;

    return arena_print(order->mem, "/%s/requests/%s%s", wish->app, order->ids[index], ending);
}

static const char *fal_cancel_path(const QueueOrder *order, size_t index)
{
    return request_path(order, index, "/cancel");
}

static MUST Err *request_wait(const QueueOrder *order, size_t index, VendorAnswer *answer)
{
    const char *path = request_path(order, index, "/status");

    for (int64_t pause_ms = 0;;) {
        LineReply reply;

        TRY(line_send(order->line, &(LineRequest){.path = path}, &reply));
        const char *status = value_text(value_get(reply.json, "status"));
        if (status && strcmp(status, "COMPLETED") == 0) {
            const Value *metrics = value_get(reply.json, "metrics");

            queue_seconds_add(value_get(metrics, "inference_time"), answer);
            return NULL;
        }
        if (!status || (strcmp(status, "IN_QUEUE") != 0 && strcmp(status, "IN_PROGRESS") != 0))
            return nonsense("a state that it does not have");
        pause_ms = queue_pause_ms(order, pause_ms);
        TRY(line_wait(order->line, order->ids[index], pause_ms));
    }
}

/* What fal's own checker found unfit is black; when all of it is, the words were refused. */
static MUST Err *images_add(const QueueOrder *order, const Value *result, VendorAnswer *answer)
{
    const Value *images = value_get(result, "images");
    const Value *unfit = value_get(result, "has_nsfw_concepts");
    size_t withheld = 0;

    for (size_t i = 0; i < value_count(images); i++)
        if (value_bool(value_at(unfit, i)))
            withheld++;
        else
            TRY(queue_picture_add(order, value_get(value_at(images, i), "url"), answer));
    if (withheld && withheld == value_count(images))
        return err_public(
            err_new(ERR_PROMPT_REFUSED, "'fal' withheld all pictures"),
            "The service found what it drew unfit to be shown, and withheld it. Change the words "
            "and try again.");
    return NULL;
}

static Err *fal_take(QueueOrder *order, size_t index, VendorAnswer *answer)
{
    const char *path = request_path(order, index, "");
    size_t count = answer->count;
    LineReply reply;

    TRY(request_wait(order, index, answer));
    TRY(line_send(order->line, &(LineRequest){.path = path}, &reply));
    const Value *image = value_get(reply.json, "image"), *seed = value_get(reply.json, "seed");

    TRY(images_add(order, reply.json, answer));
    if (image && answer->count == count)
        TRY(queue_picture_add(order, value_get(image, "url"), answer));
    if (answer->count == count)
        return nonsense("no picture");
    if (value_kind(seed) == VALUE_INT && index == 0)
        answer->seed = value_int(seed);
    return NULL;
}

static const Queue queue = {
    .name = "fal",
    .submit = fal_submit,
    .take = fal_take,
    .cancel_method = "PUT",
    .cancel_path = fal_cancel_path,
};

static Err *fal_ask(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    Wish wish;
    QueueOrder order = {.queue = &queue, .line = line, .ask = ask, .mem = mem, .context = &wish};

    TRY(wish_of(ask, mem, &wish));
    order.batch_most = wish.row->count_most;
    ret->model = wish.model;
    return queue_carry_out(&order, ret);
}

/* ---- what went wrong ---- */

static const char *place_words(const Value *loc, Arena *mem)
{
    const Value *last = value_count(loc) ? value_at(loc, value_count(loc) - 1) : NULL;
    const char *name = value_text(last);

    return name ? arena_print(mem, "%s: ", name) : "";
}

/* {"detail": [{"loc", "msg", "type"}, ...]} or {"detail": "words"} */
static void detail_read(const Value *json, Arena *mem, VendorFault *fault)
{
    const Value *detail = value_get(json, "detail"), *first = value_at(detail, 0);

    if (value_text(detail))
        fault->words = value_text(detail);
    else if (value_text(value_get(first, "msg")))
        fault->words = arena_print(
            mem, "%s%s", place_words(value_get(first, "loc"), mem),
            value_text(value_get(first, "msg")));
    fault->code = value_text(value_get(first, "type"));
    if (!fault->code)
        fault->code = value_text(value_get(json, "error_type"));
}

static bool says(const VendorFault *fault, const char *word)
{
    return (fault->words && strcasestr(fault->words, word)) ||
           (fault->code && strcasestr(fault->code, word));
}

static bool was_our_limit(const LineReply *reply)
{
    for (const NetHeader *header = reply->headers; header && header->name; header++)
        if (strcasecmp(header->name, "x-fal-request-timeout-type") == 0)
            return strcasecmp(header->value, "user") == 0;
    return false;
}

static void fal_fault(const LineReply *reply, Arena *mem, VendorFault *ret)
{
    fault_by_status(reply, ret);
    detail_read(reply->json, mem, ret);
    switch (reply->status) {
    case 403:
        ret->kind = says(ret, "balance") || says(ret, "locked") ? FAULT_UNPAID : FAULT_KEY;
        break;
    case 404:
        ret->kind = says(ret, "request") ? FAULT_EXPIRED : FAULT_MODEL;
        break;
    case 422:
        ret->kind = says(ret, "content_policy") ? FAULT_MODERATED
                    : says(ret, "too_large")    ? FAULT_TOO_LARGE
                                                : FAULT_INPUT;
        break;
    case 504:
        ret->kind = was_our_limit(reply) ? FAULT_SLOW : FAULT_BROKEN;
        break;
    default:
        break;
    }
}

const Vendor vendor_fal = {
    .name = "fal",
    .title = "fal",
    .site = "https://fal.ai",
    .base_url = "https://queue.fal.run",
    .key_name = "FAL_KEY",
    .auth = "Authorization: Key %s",
    .usual =
        {
            [ABILITY_GENERATE] = "fal-ai/flux/schnell",
            [ABILITY_EDIT] = FILL,
            [ABILITY_RELIGHT] = "fal-ai/iclight-v2",
            [ABILITY_UPSCALE] = "fal-ai/esrgan",
            [ABILITY_CUTOUT] = "fal-ai/birefnet/v2",
            [ABILITY_DEPTH] = "fal-ai/image-preprocessors/depth-anything/v2",
        },
    .prices = prices,
    .picture_bytes_most = 20 << 20,
    .images_most = 1,
    .ask = fal_ask,
    .fault = fal_fault,
    .hook = fal_hook,
};
