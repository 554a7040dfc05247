/* Replicate: predictions of models. Official models are asked by name, all others by the version that is pinned behind it
 * ("stability-ai/sdxl:7762fd07..."). What they make is deleted after an hour: it is fetched at once.
 */
#include <math.h>
#include <string.h>

#include "vendor/queue_priv.h"
#include "vendor/replicate_priv.h"

enum {
    WAIT_MOST_S = 60,              /* of Prefer: wait */
    INLINE_BYTES_MOST = 256 << 10, /* larger pictures are uploaded first, as Replicate asks */
    WORDS_MOST = 300
};

#define SDXL "stability-ai/sdxl:7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"
#define ESRGAN \
    "nightmareai/real-esrgan:f121d640bd286e1fdc67f9799164c1d5be36ff74576ee11c803ae5b665dd46aa"
#define REMOVER \
    "851-labs/background-remover:a029dff38972b5fda4ec5d75d7d1cd25aeff621d2cf4946a41055d7db66b80bc"
#define SCHNELL "black-forest-labs/flux-schnell"

/* How a model wants to be asked. Names of members of its input; NULL for what it does not take. */
typedef struct ReplicateModel {
    Ability ability;
    const char *name;
    const char *image, *mask, *factor, *format, *avoid, *ratio;
    const char *more; /* members that are always the same, as JSON */
    bool has_prompt, has_seed, has_sides;
    int count_most; /* pictures of one request; 0: one, and it is not said */
} ReplicateModel;

static const ReplicateModel models[] = {
    {.ability = ABILITY_GENERATE,
     .name = SDXL,
     .avoid = "negative_prompt",
     .more = "{\"apply_watermark\":false}",
     .has_prompt = true,
     .has_seed = true,
     .has_sides = true,
     .count_most = 4},
    {.ability = ABILITY_EDIT,
     .name = SDXL,
     .image = "image",
     .mask = "mask",
     .avoid = "negative_prompt",
     .more = "{\"apply_watermark\":false,\"prompt_strength\":0.8}",
     .has_prompt = true,
     .has_seed = true,
     .count_most = 4},
    {.ability = ABILITY_GENERATE,
     .name = SCHNELL,
     .ratio = "aspect_ratio",
     .format = "output_format",
     .has_prompt = true,
     .has_seed = true,
     .count_most = 4},
    {.ability = ABILITY_UPSCALE,
     .name = ESRGAN,
     .image = "image",
     .factor = "scale",
     .more = "{\"face_enhance\":false}"},
    {.ability = ABILITY_CUTOUT,
     .name = REMOVER,
     .image = "image",
     .more = "{\"format\":\"png\",\"background_type\":\"rgba\"}"},
};

/* By the second of the machine that the model runs on. */
#define MACHINE(model_, micro_usd_, usual_ms_) \
    { \
        .model = (model_), .unit = PRICE_SECOND, .micro_usd = (micro_usd_), \
        .usual_ms = (usual_ms_), .as_of = "2026-04-09", .source = "https://replicate.com/pricing" \
    }

static const PriceRow prices[] = {
    MACHINE(SDXL, 975, 6000),    /* L40S */
    MACHINE(ESRGAN, 225, 10000), /* T4 */
    MACHINE(REMOVER, 225, 3000),
    {.model = SCHNELL,
     .unit = PRICE_PICTURE,
     .micro_usd = 3000,
     .as_of = "2026-04-09",
     .source = "https://replicate.com/black-forest-labs/flux-schnell"},
    {0},
};

/* ---- what is asked of which model ---- */

typedef struct Wish {
    const ReplicateModel *row;
    const char *model;
    const char *image, *mask; /* addresses that the models read them from; NULL for none yet */
    LineReply replies[VENDOR_PICTURES_MOST]; /* to each submission; status 0 when there was none */
} Wish;

static const ReplicateModel *model_row(const char *name, Ability ability)
{
    const ReplicateModel *first = NULL;

    for (size_t i = 0; i < COUNT(models); i++) {
        if (models[i].ability != ability)
            continue;
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
        if (!first)
            first = &models[i];
    }
    return first; /* one that an operator named: asked as its kind usually is */
}

/* "owner/name", or "owner/name:" and a version. */
static bool model_name_is_sane(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_./:");
    const char *slash = strchr(name, '/');

    return !name[length] && slash && slash != name && slash[1] && !strchr(slash + 1, '/') &&
           !strstr(name, "..");
}

static MUST Err *wish_init(const VendorAsk *ask, Wish *ret)
{
    const char *model = ask->model ? ask->model : vendor_replicate.usual[ask->ability];
    const ReplicateModel *row = model ? model_row(model, ask->ability) : NULL;

    if (!row || !model_name_is_sane(model))
        return err_new(ERR_MODEL_UNKNOWN, "no name of a model of replicate");
    *ret = (Wish){.row = row, .model = model};
    return NULL;
}

/* ---- pictures on their way in ---- */

static MUST Err *
picture_upload(const QueueOrder *order, const VendorPicture *picture, const char **ret)
{
    AUTO(form_done) Form form;
    LineReply reply;

    form_init(&form);
    TRY(form_picture(&form, "content", picture));
    TRY(line_send_form(order->line, (LineRequest){.path = "/files"}, &form, &reply));
    const char *url = value_text(value_get(value_get(reply.json, "urls"), "get"));
    if (!url)
        return err_new(ERR_UPSTREAM_FAILED, "replicate took a file and named no address for it");
    *ret = arena_text(order->mem, url);
    return NULL;
}

static MUST Err *
picture_place(const QueueOrder *order, const VendorPicture *picture, const char **ret)
{
    if (picture->size > INLINE_BYTES_MOST)
        return picture_upload(order, picture, ret);
    *ret = line_data_url(order->line, picture);
    return NULL;
}

/* Once for all predictions of the ask, and only when there is one to begin. */
static MUST Err *pictures_place(const QueueOrder *order, Wish *wish)
{
    const VendorAsk *ask = order->ask;
    VendorPicture mask;

    if (wish->row->image && ask->image_count && !wish->image)
        TRY(picture_place(order, &ask->images[0], &wish->image));
    if (!wish->row->mask || !ask->mask.size || wish->mask)
        return NULL;
    TRY(line_mask_white(order->line, ask, &mask));
    return picture_place(order, &mask, &wish->mask);
}

/* ---- the request ---- */

/* The nearest of the shapes that FLUX knows. */
static const char *ratio_words(const VendorAsk *ask)
{
    static const struct {
        const char *words;
        double ratio;
    } shapes[] = {
        {"1:1", 1},         {"4:5", 4.0 / 5},   {"5:4", 5.0 / 4},   {"2:3", 2.0 / 3},
        {"3:2", 3.0 / 2},   {"3:4", 3.0 / 4},   {"4:3", 4.0 / 3},   {"9:16", 9.0 / 16},
        {"16:9", 16.0 / 9}, {"21:9", 21.0 / 9}, {"9:21", 9.0 / 21},
    };
    size_t best = 0;

    if (!ask->width_px || !ask->height_px)
        return NULL;
    double wanted = log((double)ask->width_px / (double)ask->height_px);
    for (size_t i = 1; i < COUNT(shapes); i++)
        if (fabs(log(shapes[i].ratio) - wanted) < fabs(log(shapes[best].ratio) - wanted))
            best = i;
    return shapes[best].words;
}

static void shape_set(Value *input, const ReplicateModel *row, const VendorAsk *ask)
{
    if (row->has_sides && ask->width_px && ask->height_px) {
        value_set(input, "width", value_of_int(ask->width_px));
        value_set(input, "height", value_of_int(ask->height_px));
    }
    if (row->ratio)
        queue_text_set(input, row->ratio, ratio_words(ask));
    if (row->format)
        queue_text_set(
            input, row->format,
            !ask->format                       ? "png"
            : strcmp(ask->format, "jpeg") == 0 ? "jpg"
                                               : ask->format);
}

static MUST Err *input_make(const QueueOrder *order, size_t index, Value **ret)
{
    const Wish *wish = order->context;
    const ReplicateModel *row = wish->row;
    const VendorAsk *ask = order->ask;
    AUTO(value_free) Value *input = NULL;

    if (row->more)
        TRY(value_parse(row->more, strlen(row->more), &input));
    else
        input = value_object();
    if (row->has_prompt)
        queue_text_set(input, "prompt", ask->prompt ? ask->prompt : "");
    queue_text_set(input, row->avoid, ask->avoid);
    shape_set(input, row, ask);
    if (row->count_most)
        value_set(input, "num_outputs", value_of_int(queue_batch_count(order, index)));
    if (row->has_seed && ask->seed >= 0)
        value_set(input, "seed", value_of_int(ask->seed + (int64_t)index));
    if (row->factor)
        value_set(input, row->factor, value_of_int(ask->factor ? ask->factor : 2));
    queue_text_set(input, row->image, wish->image);
    queue_text_set(input, row->mask, wish->mask);
    *ret = TAKE(input);
    return NULL;
}

static const char *version_of(const char *model)
{
    const char *colon = strchr(model, ':');

    return colon ? colon + 1 : NULL;
}

static MUST Err *body_make(const QueueOrder *order, size_t index, Value **ret)
{
    const Wish *wish = order->context;
    const char *hook = line_hook_url(order->line);
    AUTO(value_free) Value *body = value_object();
    Value *input;

    TRY(input_make(order, index, &input));
    value_set(body, "input", input);
    queue_text_set(body, "version", version_of(wish->model));
    if (hook) {
        Value *events = value_list();

        value_add(events, value_of_text("completed"));
        queue_text_set(body, "webhook", hook);
        value_set(body, "webhook_events_filter", events);
    }
    *ret = TAKE(body);
    return NULL;
}

/* ---- predictions ---- */

static MUST Err *nonsense(const char *what)
{
    return err_new(ERR_UPSTREAM_FAILED, "'replicate' answered with %s", what);
}

/* An ask that is to survive its process wants the prediction's name at once; any other one is spared the polling. */
static Err *replicate_submit(QueueOrder *order, size_t index, const char **ret)
{
    Wish *wish = order->context;
    const NetHeader headers[] = {
        {"Cancel-After", "15m"}, /* should nobody call it off */
        {order->ask->key ? NULL : "Prefer", arena_print(order->mem, "wait=%d", WAIT_MOST_S)},
        {NULL, NULL},
    };
    AUTO(value_free) Value *body = NULL;
    LineReply *reply = &wish->replies[index];

    TRY(pictures_place(order, wish));
    TRY(body_make(order, index, &body));
    const LineRequest request = {
        .path = version_of(wish->model)
                    ? "/predictions"
                    : arena_print(order->mem, "/models/%s/predictions", wish->model),
        .headers = headers,
        .is_billed = true,
        .stall_ms = (WAIT_MOST_S + 30) * 1000,
    };
    TRY(line_send_json(order->line, request, body, reply));
    *ret = value_text(value_get(reply->json, "id"));
    return NULL;
}

static const char *replicate_cancel_path(const QueueOrder *order, size_t index)
{
    return arena_print(order->mem, "/predictions/%s/cancel", order->ids[index]);
}

static bool is_state(const LineReply *reply, const char *state)
{
    const char *status = value_text(value_get(reply->json, "status"));

    return status && strcmp(status, state) == 0;
}

/* Each model has its own words for it. */
static bool is_unfit(const char *words)
{
    return words && (strcasestr(words, "nsfw") || strcasestr(words, "safety") ||
                     strcasestr(words, "flagged as sensitive"));
}

static MUST Err *prediction_failed(const LineReply *reply, Arena *mem)
{
    const char *words = value_text(value_get(reply->json, "error"));

    if (is_unfit(words))
        return err_public(
            err_new(ERR_PROMPT_REFUSED, "a model of 'replicate' refused"),
            "The service refused this by its content policy: %s",
            arena_text_n(mem, words, MIN(strlen(words), (size_t)WORDS_MOST)));
    return err_new(ERR_UPSTREAM_FAILED, "a prediction of 'replicate' failed");
}

static MUST Err *
prediction_read(const QueueOrder *order, const LineReply *reply, VendorAnswer *answer)
{
    const Value *output = value_get(reply->json, "output");
    const Value *metrics = value_get(reply->json, "metrics");

    queue_seconds_add(value_get(metrics, "predict_time"), answer);
    if (value_bool(value_get(reply->json, "data_removed")))
        return err_public(
            err_new(ERR_UPSTREAM_FAILED, "'replicate' has deleted what it made"),
            "The finished picture was no longer there to fetch. Try again.");
    if (value_text(output))
        return queue_picture_add(order, output, answer);
    for (size_t i = 0; i < value_count(output); i++)
        TRY(queue_picture_add(order, value_at(output, i), answer));
    return value_count(output) ? NULL : nonsense("no picture");
}

/* Begins with how it stood when it was submitted, unless that was in an earlier life. */
static Err *replicate_take(QueueOrder *order, size_t index, VendorAnswer *answer)
{
    const char *path = arena_print(order->mem, "/predictions/%s", order->ids[index]);
    LineReply reply = ((const Wish *)order->context)->replies[index];

    if (!reply.status)
        TRY(line_send(order->line, &(LineRequest){.path = path}, &reply));
    for (int64_t pause_ms = 0; is_state(&reply, "starting") || is_state(&reply, "processing");) {
        pause_ms = queue_pause_ms(order, pause_ms);
        TRY(line_wait(order->line, order->ids[index], pause_ms));
        TRY(line_send(order->line, &(LineRequest){.path = path}, &reply));
    }
    if (is_state(&reply, "succeeded"))
        return prediction_read(order, &reply, answer);
    if (is_state(&reply, "failed"))
        return prediction_failed(&reply, order->mem);
    return is_state(&reply, "canceled") || is_state(&reply, "aborted")
               ? err_new(ERR_UPSTREAM_FAILED, "a prediction of 'replicate' was called off")
               : nonsense("a state that it does not have");
}

static const Queue queue = {
    .name = "replicate",
    .submit = replicate_submit,
    .take = replicate_take,
    .cancel_method = "POST",
    .cancel_path = replicate_cancel_path,
};

static Err *replicate_ask(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    Wish wish;
    QueueOrder order = {.queue = &queue, .line = line, .ask = ask, .mem = mem, .context = &wish};

    TRY(wish_init(ask, &wish));
    order.batch_most = wish.row->count_most;
    ret->model = wish.model;
    ret->seed = wish.row->has_seed ? ask->seed : -1;
    return queue_carry_out(&order, ret);
}

/* ---- what went wrong ---- */

/* "Request was throttled. Your rate limit resets in ~30s." */
static int64_t resets_in_ms(const char *words)
{
    const char *at = words ? strstr(words, "resets in") : NULL;
    int64_t seconds = 0;

    if (!at)
        return 0;
    at += strcspn(at, "0123456789");
    for (; *at >= '0' && *at <= '9' && seconds < 3600; at++)
        seconds = seconds * 10 + (*at - '0');
    return seconds * 1000;
}

static void replicate_fault(const LineReply *reply, Arena *mem, VendorFault *ret)
{
    (void)mem;
    fault_by_status(reply, ret);
    ret->words = value_text(value_get(reply->json, "detail"));
    ret->code = value_text(value_get(reply->json, "title"));
    switch (reply->status) {
    case 402:
        ret->kind = FAULT_UNPAID;
        break;
    case 404:
        ret->kind =
            ret->words && strcasestr(ret->words, "prediction") ? FAULT_EXPIRED : FAULT_MODEL;
        break;
    case 422:
        ret->kind = is_unfit(ret->words)                              ? FAULT_MODERATED
                    : ret->words && strcasestr(ret->words, "version") ? FAULT_MODEL
                                                                      : FAULT_INPUT;
        break;
    case 429:
        ret->retry_after_ms = MAX(ret->retry_after_ms, resets_in_ms(ret->words));
        break;
    default:
        break;
    }
}

const Vendor vendor_replicate = {
    .name = "replicate",
    .title = "Replicate",
    .site = "https://replicate.com",
    .base_url = "https://api.replicate.com/v1",
    .key_name = "REPLICATE_API_TOKEN",
    .auth = "Authorization: Bearer %s",
    .usual =
        {
            [ABILITY_GENERATE] = SDXL,
            [ABILITY_EDIT] = SDXL,
            [ABILITY_UPSCALE] = ESRGAN,
            [ABILITY_CUTOUT] = REMOVER,
        },
    .prices = prices,
    .picture_bytes_most = 100 << 20,
    .images_most = 1,
    .ask = replicate_ask,
    .fault = replicate_fault,
    .hook = replicate_hook,
    .is_hook_by_account = true,
};
