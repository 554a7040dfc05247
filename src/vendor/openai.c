/* OpenAI's Images API (platform.openai.com/docs/api-reference/images), and servers of one's own that speak it.
 *
 * Generations are JSON, edits are forms; variations, which the vendor serves no more, are edits with words that ask for one. */
#include <string.h>

#include "vendor/vendor_priv.h"

static const char guide[] = "https://developers.openai.com/api/docs/pricing";
static const char seen[] = "2026-08-21";

#define PICTURE(model_, quality_, size_, micro_usd_) \
    { \
        model_, quality_, size_, PRICE_PICTURE, micro_usd_, seen, guide \
    }
#define TOKENS(model_, unit_, micro_usd_) \
    { \
        model_, NULL, NULL, PRICE_##unit_, micro_usd_, seen, guide \
    }

static const PriceRow prices[] = {
    PICTURE("gpt-image-2", "low", "square", 6000),
    PICTURE("gpt-image-2", "low", "wide", 5000),
    PICTURE("gpt-image-2", "medium", "square", 53000),
    PICTURE("gpt-image-2", "medium", "wide", 41000),
    PICTURE("gpt-image-2", "high", "square", 211000),
    PICTURE("gpt-image-2", "high", "wide", 165000),
    TOKENS("gpt-image-2", TEXT_TOKENS_IN, 5000000),
    TOKENS("gpt-image-2", IMAGE_TOKENS_IN, 8000000),
    TOKENS("gpt-image-2", IMAGE_TOKENS_OUT, 30000000),
    PICTURE("gpt-image-1.5", "low", "square", 9000),
    PICTURE("gpt-image-1.5", "low", "wide", 13000),
    PICTURE("gpt-image-1.5", "medium", "square", 34000),
    PICTURE("gpt-image-1.5", "medium", "wide", 50000),
    PICTURE("gpt-image-1.5", "high", "square", 133000),
    PICTURE("gpt-image-1.5", "high", "wide", 200000),
    TOKENS("gpt-image-1.5", TEXT_TOKENS_IN, 5000000),
    TOKENS("gpt-image-1.5", IMAGE_TOKENS_IN, 8000000),
    TOKENS("gpt-image-1.5", TEXT_TOKENS_OUT, 10000000),
    TOKENS("gpt-image-1.5", IMAGE_TOKENS_OUT, 32000000),
    PICTURE("gpt-image-1", "low", "square", 11000),
    PICTURE("gpt-image-1", "low", "wide", 16000),
    PICTURE("gpt-image-1", "medium", "square", 42000),
    PICTURE("gpt-image-1", "medium", "wide", 63000),
    PICTURE("gpt-image-1", "high", "square", 167000),
    PICTURE("gpt-image-1", "high", "wide", 250000),
    TOKENS("gpt-image-1", TEXT_TOKENS_IN, 5000000),
    TOKENS("gpt-image-1", IMAGE_TOKENS_IN, 10000000),
    TOKENS("gpt-image-1", IMAGE_TOKENS_OUT, 40000000),
    PICTURE("gpt-image-1-mini", "low", "square", 5000),
    PICTURE("gpt-image-1-mini", "low", "wide", 6000),
    PICTURE("gpt-image-1-mini", "medium", "square", 11000),
    PICTURE("gpt-image-1-mini", "medium", "wide", 15000),
    PICTURE("gpt-image-1-mini", "high", "square", 36000),
    PICTURE("gpt-image-1-mini", "high", "wide", 52000),
    TOKENS("gpt-image-1-mini", TEXT_TOKENS_IN, 2000000),
    TOKENS("gpt-image-1-mini", IMAGE_TOKENS_IN, 2500000),
    TOKENS("gpt-image-1-mini", IMAGE_TOKENS_OUT, 8000000),
    {NULL},
};

/* ---- what models take ---- */

typedef struct Talent {
    const char *begins; /* the model's name begins so */
    bool is_gpt;        /* takes the options of the GPT image models */
    bool has_fidelity; /* takes input_fidelity; newer ones are always true to what they are given */
    bool any_size;
} Talent;

static const Talent talents[] = {
    {"gpt-image-2", .is_gpt = true, .any_size = true},
    {"gpt-image-1-mini", .is_gpt = true},
    {"gpt-image-1", .is_gpt = true, .has_fidelity = true},
    {"gpt-image-", .is_gpt = true, .any_size = true},
    {"chatgpt-image-", .is_gpt = true, .has_fidelity = true},
    {"", .any_size = true}, /* somebody else's, at a base URL of one's own */
};

static const Talent *talent_of(const char *model)
{
    const Talent *talent = talents;

    while (strncmp(model, talent->begins, strlen(talent->begins)) != 0)
        talent++;
    return talent;
}

/* Any multiple of 16 with sides of at most 3 to 1, none longer than 3840; the area is kept within 3840 x 2160. */
static const char *size_free(double width, double height, Arena *mem)
{
    static const double sides_most = 3, side_most = 3840, area_most = 3840.0 * 2160,
                        area_least = 655360;

    width = CLAMP(width, height / sides_most, height * sides_most);
    height = CLAMP(height, width / sides_most, width * sides_most);
    double fit = MIN(side_most / MAX(width, height), 1.0);
    double area = width * fit * height * fit;
    if (area > area_most)
        fit *= __builtin_sqrt(area_most / area);
    else if (area < area_least)
        fit *= __builtin_sqrt(area_least / area);
    return arena_print(
        mem, "%dx%d", MIN(((int)(width * fit) + 15) / 16 * 16, 3840),
        MIN(((int)(height * fit) + 15) / 16 * 16, 3840));
}

static const char *size_of(const Talent *talent, const VendorAsk *ask, Arena *mem)
{
    double ratio;

    if (!ask->width_px || !ask->height_px)
        return NULL;
    if (!talent->is_gpt)
        return arena_print(mem, "%lldx%lld", (long long)ask->width_px, (long long)ask->height_px);
    if (talent->any_size)
        return size_free((double)ask->width_px, (double)ask->height_px, mem);
    ratio = (double)ask->width_px / (double)ask->height_px;
    return ratio > 1.25 ? "1536x1024" : ratio < 0.8 ? "1024x1536" : "1024x1024";
}

/* There is no field for what shall not be in the picture. */
static const char *prompt_of(const VendorAsk *ask, Arena *mem)
{
    static const char variation[] =
        "Another picture like this one: the same subject, style and light, with small changes in "
        "composition and detail.";
    const char *prompt = ask->prompt ? ask->prompt : "";

    if (ask->ability == ABILITY_VARIATION)
        prompt = *prompt ? arena_print(mem, "%s %s", variation, prompt) : variation;
    return ask->avoid && *ask->avoid ? arena_print(mem, "%s\nDo not show: %s.", prompt, ask->avoid)
                                     : prompt;
}

static bool wants_partials(const VendorAsk *ask)
{
    return ask->partial && ask->partials > 0 && ask->count <= 1;
}

/* ---- the answer ---- */

static int64_t tokens_of(const Value *usage, const char *details, const char *name)
{
    return value_int(value_get(value_get(usage, details), name));
}

/* Without details, what comes out are the tokens of pictures. */
static VendorUsage usage_of(const Value *usage)
{
    int64_t out = value_int(value_get(usage, "output_tokens"));
    int64_t text_out = tokens_of(usage, "output_tokens_details", "text_tokens");
    int64_t text_in = tokens_of(usage, "input_tokens_details", "text_tokens");
    int64_t image_in = tokens_of(usage, "input_tokens_details", "image_tokens");

    if (text_in + image_in == 0)
        text_in = value_int(value_get(usage, "input_tokens"));
    return (VendorUsage){
        .text_tokens_in = text_in,
        .image_tokens_in = image_in,
        .text_tokens_out = text_out,
        .image_tokens_out = MAX(out - text_out, (int64_t)0),
        .tokens = value_int(value_get(usage, "total_tokens")),
    };
}

static MUST Err *picture_read(VendorLine *line, const Value *item, VendorPicture *ret)
{
    const char *base64 = value_text(value_get(item, "b64_json"));
    const char *url = value_text(value_get(item, "url"));

    if (base64)
        return line_picture_base64(line, base64, ret);
    return url ? line_fetch(line, url, ret) : line_nonsense(line, "a picture that is nowhere");
}

static MUST Err *answer_read(VendorLine *line, const Value *json, VendorAnswer *ret)
{
    const Value *data = value_get(json, "data");
    size_t count = MIN(value_count(data), (size_t)VENDOR_PICTURES_MOST);

    if (value_kind(json) != VALUE_OBJECT || count == 0)
        return line_nonsense(line, "no list of pictures");
    for (size_t i = 0; i < count; i++)
        TRY(picture_read(line, value_at(data, i), &ret->pictures[i]));
    ret->count = count;
    ret->words =
        arena_text(line_mem(line), value_text(value_get(value_at(data, 0), "revised_prompt")));
    ret->usage = usage_of(value_get(json, "usage"));
    return NULL;
}

/* ---- pictures as they come ---- */

enum {
    EVENT_BYTES_MOST = VENDOR_PICTURE_BYTES_MOST / 3 * 4 + (64 << 10)
};

typedef struct Stream {
    VendorLine *line;
    const VendorAsk *ask;
    VendorAnswer *answer;
    Buf held; /* bytes of an event that is not whole; all of a reply that is no stream */
} Stream;

static void stream_done(Stream *stream)
{
    buf_done(&stream->held);
}
DEFINE_AUTO_DONE(Stream, stream_done);

/* {"type": "error", "error": {"code": ...}}: the stream ends with what a status would have said. */
static MUST Err *event_failed(Stream *stream, const Value *json)
{
    return line_refuse(stream->line, &(LineReply){.status = 500, .json = json});
}

static MUST Err *event_take(Stream *stream, const Value *json)
{
    const char *type = value_text(value_get(json, "type"));
    const char *kind = type ? strrchr(type, '.') : NULL;
    VendorPicture picture;

    if (value_get(json, "error") || (type && strcmp(type, "error") == 0))
        return event_failed(stream, json);
    if (kind && strcmp(kind, ".partial_image") == 0) {
        TRY(picture_read(stream->line, json, &picture));
        return stream->ask->partial(
            stream->ask->partial_context, (int)value_int(value_get(json, "partial_image_index")),
            &picture);
    }
    if (!kind || strcmp(kind, ".completed") != 0)
        return NULL;
    TRY(picture_read(stream->line, json, &stream->answer->pictures[0]));
    stream->answer->count = 1;
    stream->answer->usage = usage_of(value_get(json, "usage"));
    return NULL;
}

/* The `data:` lines of one event, joined (WHATWG HTML, "server-sent events"). */
static MUST Err *event_read(Stream *stream, const char *event, size_t size)
{
    AUTO(buf_done) Buf data = BUF(EVENT_BYTES_MOST);
    AUTO(value_free) Value *json = NULL;

    for (size_t at = 0; at < size;) {
        const char *end = memchr(event + at, '\n', size - at);
        size_t length = end ? (size_t)(end - event) - at : size - at;
        size_t text = length > 0 && event[at + length - 1] == '\r' ? length - 1 : length;

        if (text >= 5 && memcmp(event + at, "data:", 5) == 0) {
            size_t skip = text > 5 && event[at + 5] == ' ' ? 6 : 5;

            TRY(buf_add(&data, event + at + skip, text - skip));
        }
        at += length + 1;
    }
    if (data.size == 0 || strcmp(buf_text(&data), "[DONE]") == 0)
        return NULL;
    err_free(value_parse(buf_text(&data), data.size, &json)); /* NULL is told below */
    return json ? event_take(stream, json)
                : line_nonsense(stream->line, "an event that is no JSON");
}

/* Where the event that begins HELD ends, its empty line included; 0 while it is not whole. */
static size_t event_end(const Buf *held)
{
    const char *text = buf_text(held), *plain = strstr(text, "\n\n"),
               *dos = strstr(text, "\r\n\r\n");

    if (dos && (!plain || dos < plain))
        return (size_t)(dos - text) + 4;
    return plain ? (size_t)(plain - text) + 2 : 0;
}

static Err *stream_push(void *context, const void *bytes, size_t size)
{
    Stream *stream = context;

    TRY(buf_add(&stream->held, bytes, size));
    if (buf_text(&stream->held)[0] == '{') /* it does not stream: all of it is the answer */
        return NULL;
    for (size_t end; (end = event_end(&stream->held)) > 0;) {
        TRY(event_read(stream, buf_text(&stream->held), end));
        memmove(stream->held.bytes, stream->held.bytes + end, stream->held.size - end + 1);
        stream->held.size -= end;
    }
    return NULL;
}

/* What is left when the stream has ended: a reply that was no stream, or an event without its empty line. */
static MUST Err *stream_end(Stream *stream)
{
    AUTO(value_free) Value *json = NULL;

    if (buf_text(&stream->held)[0] == '{') {
        err_free(value_parse(buf_text(&stream->held), stream->held.size, &json));
        return json ? answer_read(stream->line, json, stream->answer)
                    : line_nonsense(stream->line, "no JSON");
    }
    TRY(event_read(stream, buf_text(&stream->held), stream->held.size));
    return stream->answer->count ? NULL : line_nonsense(stream->line, "a stream without a picture");
}

/* ---- asking ---- */

static void set_text(Value *object, const char *name, const char *text)
{
    if (text)
        value_set(object, name, value_of_text(text));
}

enum {
    SEVERAL_BYTES_MOST = 256 << 20
};

/* How it is sent is the caller's: by FORM, or JSON. */
static MUST Err *send_and_read(
    VendorLine *line, const VendorAsk *ask, LineRequest request, const Value *json, Form *form,
    VendorAnswer *ret)
{
    AUTO(stream_done) Stream stream = {line, ask, ret, BUF(EVENT_BYTES_MOST)};
    bool streams = wants_partials(ask);
    LineReply reply;

    request.is_billed = true;
    if (ask->count > 1)
        request.most_bytes = SEVERAL_BYTES_MOST;
    if (streams) {
        request.push = stream_push;
        request.push_context = &stream;
    }
    TRY(form ? line_send_form(line, request, form, &reply)
             : line_send_json(line, request, json, &reply));
    ret->request_id = line_header(&reply, "x-request-id");
    return streams ? stream_end(&stream) : answer_read(line, reply.json, ret);
}

static MUST Err *generate(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    const Talent *talent = talent_of(ask->model);
    AUTO(value_free) Value *json = value_object();

    set_text(json, "model", ask->model);
    set_text(json, "prompt", prompt_of(ask, mem));
    value_set(json, "n", value_of_int(MAX(ask->count, (int64_t)1)));
    set_text(json, "size", size_of(talent, ask, mem));
    set_text(json, "quality", ask->quality);
    set_text(json, "user", ask->user);
    if (talent->is_gpt) {
        set_text(json, "background", ask->background);
        set_text(json, "output_format", ask->format);
        set_text(json, "moderation", ask->moderation);
        if (ask->compression >= 0 && ask->format && strcmp(ask->format, "png") != 0)
            value_set(json, "output_compression", value_of_int(ask->compression));
    } else {
        set_text(json, "response_format", "b64_json");
    }
    if (wants_partials(ask)) {
        value_set(json, "stream", value_of_bool(true));
        value_set(json, "partial_images", value_of_int(ask->partials));
    }
    return send_and_read(line, ask, (LineRequest){.path = "/images/generations"}, json, NULL, ret);
}

static MUST Err *form_fill(Form *form, const Talent *talent, const VendorAsk *ask, Arena *mem)
{
    const char *name = ask->image_count == 1 ? "image" : "image[]";

    TRY(form_text(form, "model", ask->model));
    TRY(form_text(form, "prompt", prompt_of(ask, mem)));
    TRY(form_number(form, "n", MAX(ask->count, (int64_t)1)));
    TRY(form_text(form, "size", size_of(talent, ask, mem)));
    TRY(form_text(form, "quality", ask->quality));
    TRY(form_text(form, "user", ask->user));
    if (talent->is_gpt) {
        TRY(form_text(form, "background", ask->background));
        TRY(form_text(form, "output_format", ask->format));
        if (ask->compression >= 0 && ask->format && strcmp(ask->format, "png") != 0)
            TRY(form_number(form, "output_compression", ask->compression));
        TRY(form_text(form, "input_fidelity", talent->has_fidelity ? "high" : NULL));
    } else {
        TRY(form_text(form, "response_format", "b64_json"));
    }
    if (wants_partials(ask)) {
        TRY(form_text(form, "stream", "true"));
        TRY(form_number(form, "partial_images", ask->partials));
    }
    for (size_t i = 0; i < ask->image_count; i++)
        TRY(form_picture(form, name, &ask->images[i]));
    return ask->mask.size ? form_picture(form, "mask", &ask->mask) : NULL;
}

static MUST Err *edit(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    AUTO(form_done) Form form;

    form_init(&form);
    if (ask->image_count == 0)
        return err_new(ERR_INPUT_MISSING, "an edit without a picture");
    TRY(form_fill(&form, talent_of(ask->model), ask, mem));
    return send_and_read(line, ask, (LineRequest){.path = "/images/edits"}, NULL, &form, ret);
}

static Err *openai_ask(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    return ask->ability == ABILITY_GENERATE ? generate(line, ask, mem, ret)
                                            : edit(line, ask, mem, ret);
}

/* ---- what went wrong ---- */

static const struct {
    const char *code;
    FaultKind kind;
} codes[] = {
    {"moderation_blocked", FAULT_MODERATED}, {"content_policy_violation", FAULT_MODERATED},
    {"insufficient_quota", FAULT_QUOTA},     {"billing_hard_limit_reached", FAULT_QUOTA},
    {"billing_not_active", FAULT_QUOTA},     {"model_not_found", FAULT_MODEL},
    {"rate_limit_exceeded", FAULT_BUSY},     {"invalid_api_key", FAULT_KEY},
};

static void openai_fault(const LineReply *reply, Arena *mem, VendorFault *ret)
{
    const Value *error = value_get(reply->json, "error");
    const char *code = value_text(value_get(error, "code"));
    const char *type = value_text(value_get(error, "type"));

    (void)mem;
    ret->words = value_text(value_get(error, "message"));
    ret->code = code ? code : type;
    if (!error && reply->status == 404) /* not the model but the address is unknown there */
        ret->kind = FAULT_BROKEN;
    for (size_t i = 0; i < COUNT(codes); i++)
        if ((code && strcmp(code, codes[i].code) == 0) ||
            (type && strcmp(type, codes[i].code) == 0))
            ret->kind = codes[i].kind;
}

static Err *openai_models(VendorLine *line, Arena *mem, List *ret)
{
    LineReply reply;

    TRY(line_send(line, &(LineRequest){.path = "/models"}, &reply));
    const Value *data = value_get(reply.json, "data");
    size_t count = value_count(data);
    if (value_kind(data) != VALUE_LIST)
        return line_nonsense(line, "no list of models");

    VendorModel *models = ARENA_ARRAY(mem, VendorModel, count + 1);
    for (size_t i = 0; i < count; i++)
        models[i] = (VendorModel){
            arena_text(mem, value_text(value_get(value_at(data, i), "id"))),
            arena_text(mem, value_text(value_get(value_at(data, i), "shutdown_date"))),
        };
    *ret = (List){models, count};
    return NULL;
}

const Vendor vendor_openai = {
    .name = "openai",
    .title = "OpenAI",
    .site = "https://platform.openai.com",
    .base_url = "https://api.openai.com/v1",
    .key_name = "OPENAI_API_KEY",
    .auth = "Authorization: Bearer %s",
    .usual =
        {
            [ABILITY_GENERATE] = "gpt-image-2",
            [ABILITY_EDIT] = "gpt-image-2",
            [ABILITY_VARIATION] = "gpt-image-2",
        },
    .prices = prices,
    .picture_bytes_most = 50 << 20,
    .images_most = 16,
    .ask = openai_ask,
    .fault = openai_fault,
    .models = openai_models,
};
