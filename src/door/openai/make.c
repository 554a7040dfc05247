/* From what is asked to the pictures, and what is answered. */
#include "base/base64.h"
#include "base/clock.h"
#include "door/openai/openai_priv.h"

const char *const openai_answer_formats[] = {"url", "b64_json", NULL};
const char *const openai_fidelities[] = {"high", "low", NULL};

enum {
    ANSWER_URL,
    ANSWER_B64
};

/* ---- what is answered ---- */

static const Field OpenaiImage_fields[] = {
    {FIELD_TEXT(OpenaiImage, b64_json), .help = "The file", .optional = true, .nullable = true,
     .omit = true},
    {FIELD_TEXT(OpenaiImage, url), .help = "Where the file is, for an hour", .optional = true,
     .nullable = true, .omit = true},
    {FIELD_TEXT(OpenaiImage, revised_prompt), .help = "The words as the model rewrote them",
     .optional = true, .nullable = true, .omit = true},
    {FIELD_END},
};
static const Shape openai_image_shape = SHAPE(OpenaiImage);

static const Field OpenaiTokens_fields[] = {
    {FIELD_INT(OpenaiTokens, text_tokens), .help = "Of words"},
    {FIELD_INT(OpenaiTokens, image_tokens), .help = "Of pictures"},
    {FIELD_END},
};
static const Shape openai_tokens_shape = SHAPE(OpenaiTokens);

static const Field OpenaiUsage_fields[] = {
    {FIELD_INT(OpenaiUsage, total_tokens), .help = "Tokens in all"},
    {FIELD_INT(OpenaiUsage, input_tokens), .help = "Tokens of what was sent"},
    {FIELD_INT(OpenaiUsage, output_tokens), .help = "Tokens of what was made"},
    {FIELD_OBJECT(OpenaiUsage, input_tokens_details, OpenaiTokens, &openai_tokens_shape),
     .help = "Of what was sent"},
    {FIELD_OBJECT(OpenaiUsage, output_tokens_details, OpenaiTokens, &openai_tokens_shape),
     .help = "Of what was made"},
    {FIELD_END},
};
const Shape openai_usage_shape = SHAPE(OpenaiUsage);

const Field OpenaiImages_fields[] = {
    {FIELD_INT(OpenaiImages, created), .help = "When it was made, in seconds since 1970"},
    {FIELD_LIST(OpenaiImages, data, &openai_image_shape), .help = "The pictures"},
    {FIELD_TEXT(OpenaiImages, background), .help = "transparent or opaque"},
    {FIELD_TEXT(OpenaiImages, output_format), .help = "png, jpeg or webp"},
    {FIELD_TEXT(OpenaiImages, size), .help = "WIDTHxHEIGHT, in pixels"},
    {FIELD_TEXT(OpenaiImages, quality), .help = "The quality that was used", .optional = true,
     .nullable = true, .omit = true},
    {FIELD_OBJECT(OpenaiImages, usage, OpenaiUsage, &openai_usage_shape), .help = "Tokens"},
    {FIELD_END},
};

OpenaiUsage openai_usage_of(const Art *art)
{
    const VendorUsage *usage = &art->usage;

    return (OpenaiUsage){
        .total_tokens = usage->tokens,
        .input_tokens = usage->text_tokens_in + usage->image_tokens_in,
        .output_tokens = usage->text_tokens_out + usage->image_tokens_out,
        .input_tokens_details = {usage->text_tokens_in, usage->image_tokens_in},
        .output_tokens_details = {usage->text_tokens_out, usage->image_tokens_out},
    };
}

static void out_fill(Call *call, const ArtWish *wish, const Art *art, OpenaiImages *out)
{
    Arena *mem = call_arena(call);
    OpenaiImage *images = ARENA_ARRAY(mem, OpenaiImage, art->count + 1);
    const ArtPicture *first = art->pictures;

    for (size_t i = 0; i < art->count; i++) {
        const ArtPicture *picture = &art->pictures[i];

        images[i] = (OpenaiImage){
            .b64_json = wish->is_linked ? NULL : base64_text(picture->bytes, picture->size, mem),
            .url = picture->url,
            .revised_prompt = art->words,
        };
    }
    *out = (OpenaiImages){
        .created = art->created_ms / 1000,
        .data = {images, art->count},
        .background = wish->background && strcmp(wish->background, "transparent") == 0
                          ? "transparent"
                          : "opaque",
        .output_format = first->filetype,
        .size = arena_print(mem, "%dx%d", first->width_px, first->height_px),
        .quality = art->quality,
        .usage = openai_usage_of(art),
    };
}

/* ---- what is asked ---- */

static MUST Err *unfit(const char *param, const char *words)
{
    return err_field(
        err_public(err_new(ERR_INPUT_INVALID, "%s does not fit the rest", param), "%s", words),
        "/%s", param);
}

static bool is_dall_e(const char *model)
{
    return model && strncmp(model, "dall-e-", 7) == 0;
}

static MUST Err *in_check(const OpenaiIn *in)
{
    bool is_png = !in->output_format || strcmp(in->output_format, "png") == 0;

    if (in->partial_images > 0 && !in->stream)
        return unfit("partial_images", "partial_images is for stream: set stream to true.");
    if (in->stream && in->response_format == ANSWER_URL)
        return unfit("response_format", "A stream carries the pictures themselves: b64_json.");
    if (is_png && in->output_compression != FIELD_NONE && in->output_compression < 100)
        return unfit("output_compression", "png is never compressed with a loss: leave it at 100.");
    if (!in->style)
        return NULL;
    if (!in->model || strcmp(in->model, "dall-e-3") != 0)
        return unfit("style", "style is for the model dall-e-3 alone.");
    return strcmp(in->style, "vivid") == 0 || strcmp(in->style, "natural") == 0
               ? NULL
               : unfit("style", "style must be vivid or natural.");
}

/* dall-e-3's two ways of drawing, in words for the models that serve it today. */
static const char *prompt_of(Call *call, const OpenaiIn *in)
{
    if (!in->style || !in->prompt)
        return in->prompt;
    return arena_print(
        call_arena(call), "%s\n\n%s", in->prompt,
        strcmp(in->style, "natural") == 0 ? "Natural, true to life, with calm colours."
                                          : "Vivid, hyper-real and dramatic.");
}

static int64_t said(int64_t number, int64_t otherwise)
{
    return number == FIELD_NONE ? otherwise : number;
}

static bool is_linked(const OpenaiIn *in, ArtKind kind)
{
    if (in->stream || in->response_format >= 0)
        return in->response_format == ANSWER_URL;
    return kind == ART_VARIATION || is_dall_e(in->model);
}

static MUST Err *wish_fill(Call *call, const OpenaiIn *in, ArtWish *wish)
{
    wish->door = "openai";
    wish->caller = desk_caller(call);
    wish->model = in->model;
    wish->prompt = prompt_of(call, in);
    wish->count = said(in->n, 1);
    wish->size = in->size;
    wish->quality = in->quality;
    wish->background = in->background;
    wish->format = in->output_format;
    wish->moderation = in->moderation;
    wish->compression = said(in->output_compression, -1);
    wish->is_linked = is_linked(in, wish->kind);
    wish->request_key = call_idempotency_key(call);
    wish->cancel = call_cancel(call);
    return desk_tenant(call, NULL, &wish->tenant_id);
}

Err *openai_make(Call *call, const OpenaiIn *in, ArtWish *wish, OpenaiImages *out)
{
    int64_t began_ms = clock_ticks_ms();
    OpenaiTelling telling = {.call = call, .wish = wish, .began_ms = began_ms};
    Art art;

    TRY(in_check(in));
    TRY(wish_fill(call, in, wish));
    if (in->stream) {
        wish->partials = said(in->partial_images, 0);
        wish->partial = openai_tell_partial;
        wish->partial_context = &telling;
    }
    Err *err = art_make(desk_of(call)->art, wish, call_arena(call), &art);
    if (!call_has_told(call))
        openai_headers_set(call, began_ms);
    if (err)
        return err;
    if (!call_has_told(call))
        call_log_text(call, "art", art.id);
    if (in->stream)
        return openai_tell_end(&telling, &art);
    out_fill(call, wish, &art, out);
    return NULL;
}

/* ---- from words ---- */

static const Field GenerateIn_fields[] = {
    {OPENAI_PROMPT, .max = 32000},
    OPENAI_MODEL_FIELDS,
    OPENAI_ANSWER_FIELD,
    OPENAI_PICTURE_FIELDS,
    {FIELD_TEXT(OpenaiIn, style), .help = "vivid or natural, of dall-e-3", .optional = true,
     .nullable = true, .max = 10},
    {FIELD_END},
};

HANDLER(generate, OpenaiIn, OpenaiImages);

const Endpoint openai_generate = {
    .method = POST,
    .path = "/v1/images/generations",
    .id = "openai_generate",
    .summary = "Make pictures from words",
    .tag = "Images",
    .scope = "images:write",
    .in = {"GenerateIn", sizeof(OpenaiIn), GenerateIn_fields},
    .out = SHAPE(OpenaiImages),
    .errors = ERRORS(OPENAI_ERRORS),
    .is_patient = true,
    .handle = CALLS(generate),
};

static Err *generate(Call *call, const OpenaiIn *in, OpenaiImages *out)
{
    ArtWish wish = {.kind = ART_GENERATE};

    return openai_make(call, in, &wish, out);
}
