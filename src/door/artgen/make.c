/* Making pictures: from words, by changing one, by varying one. */
#include "base/base64.h"
#include "door/artgen/artgen_priv.h"
#include "door/held.h"

enum {
    IMAGE_BYTES_MAX = 20 << 20,
    MASK_BYTES_MAX = 4 << 20,
    FORM_BYTES_MAX = IMAGE_BYTES_MAX + MASK_BYTES_MAX + (1 << 20)
};

/* ---- what is asked ---- */

static const char *const answer_formats[] = {"b64_json", "url", NULL};

typedef struct MakeIn {
    const char *model, *prompt;
    int64_t n;
    const char *size, *quality, *format, *background, *moderation;
    int64_t compression;
    int response_format;
} MakeIn;

#define MODEL_FIELD \
    FIELD_TEXT(MakeIn, model), .help = "Model, of GET /models; left out for the first", \
                               .optional = true, .nullable = true, .max = 100
#define PROMPT_FIELD FIELD_TEXT(MakeIn, prompt), .help = "What the picture shall show", .max = 32000
#define OPTION_FIELDS \
    {FIELD_INT(MakeIn, n), \
     .help = "How many pictures", \
     .preset = "1", \
     .nullable = true, \
     .min = 1, \
     .max = 10}, \
        {FIELD_TEXT(MakeIn, size), .help = "WIDTHxHEIGHT, or auto", .optional = true, \
         .nullable = true, .max = 20}, \
        {FIELD_TEXT(MakeIn, quality), \
         .help = "low, medium, high or auto; older models take standard and hd", .optional = true, \
         .nullable = true, .max = 20}, \
        {FIELD_TEXT(MakeIn, format), .help = "png, jpeg or webp", .optional = true, \
         .nullable = true, .max = 10}, \
        {FIELD_TEXT(MakeIn, background), .help = "transparent, opaque or auto", .optional = true, \
         .nullable = true, .max = 20}, \
        {FIELD_TEXT(MakeIn, moderation), .help = "How strictly words are looked at: auto or low", \
         .optional = true, .nullable = true, .max = 10}, \
        {FIELD_INT(MakeIn, compression), \
         .help = "Quality of jpeg and webp; -1 for the usual one", \
         .preset = "-1", \
         .nullable = true, \
         .min = -1, \
         .max = 100, \
         .unit = "%"}, \
    { \
        FIELD_NAME(MakeIn, response_format, answer_formats), \
            .help = "The pictures themselves, or addresses that are good for an hour", \
            .preset = "b64_json", .nullable = true \
    }

static const Field MakeIn_fields[] = {
    {MODEL_FIELD},
    {PROMPT_FIELD},
    OPTION_FIELDS,
    {FIELD_END},
};

static const Field VaryIn_fields[] = {
    {MODEL_FIELD},
    {PROMPT_FIELD, .preset = ""},
    OPTION_FIELDS,
    {FIELD_END},
};

/* ---- what is answered ---- */

typedef struct MadeImage {
    const char *b64_json, *url, *thumbnail_url, *filetype, *size;
} MadeImage;

typedef struct MadeUsage {
    int64_t prompt_tokens, image_tokens, total_tokens;
} MadeUsage;

typedef struct MakeOut {
    const char *id;
    int64_t created;
    List images;
    const char *model;
    MadeUsage usage;
    const char *note;
} MakeOut;

static const Field MadeImage_fields[] = {
    {FIELD_TEXT(MadeImage, b64_json), .help = "The file", .optional = true, .nullable = true,
     .omit = true},
    {FIELD_TEXT(MadeImage, url), .help = "Where the file is, for an hour", .optional = true,
     .nullable = true, .omit = true},
    {FIELD_TEXT(MadeImage, thumbnail_url),
     .help = "The same as a WebP of 400 pixels; the file itself when that is small",
     .optional = true, .nullable = true, .omit = true},
    {FIELD_TEXT(MadeImage, filetype), .help = "png, jpeg or webp"},
    {FIELD_TEXT(MadeImage, size), .help = "WIDTHxHEIGHT, in pixels"},
    {FIELD_END},
};
static const Shape made_image_shape = SHAPE(MadeImage);

static const Field MadeUsage_fields[] = {
    {FIELD_INT(MadeUsage, prompt_tokens),
     .help = "Tokens of words, and of pictures that were sent"},
    {FIELD_INT(MadeUsage, image_tokens), .help = "Tokens of the pictures"},
    {FIELD_INT(MadeUsage, total_tokens), .help = "Tokens in all"},
    {FIELD_END},
};
static const Shape made_usage_shape = SHAPE(MadeUsage);

static const Field MakeOut_fields[] = {
    {FIELD_TEXT(MakeOut, id), .help = "Name of this request: img_..."},
    {FIELD_INT(MakeOut, created), .help = "When it was made, in seconds since 1970"},
    {FIELD_LIST(MakeOut, images, &made_image_shape), .help = "The pictures"},
    {FIELD_TEXT(MakeOut, model), .help = "Model, as asked for"},
    {FIELD_OBJECT(MakeOut, usage, MadeUsage, &made_usage_shape), .help = "Tokens"},
    {FIELD_TEXT(MakeOut, note),
     .help = "For people: who stood in for the model, or that quality was lowered for the budget's "
             "sake",
     .optional = true, .nullable = true, .omit = true},
    {FIELD_END},
};

/* ---- from one to the other ---- */

static void header_number(Call *call, const char *name, int64_t number)
{
    call_header_set(call, name, arena_print(call_arena(call), "%lld", (long long)number));
}

static void headers_tell(Call *call, const Art *art)
{
    call_header_set(call, "X-Model-Requested", art->model);
    call_header_set(
        call, "X-Model-Used",
        strcmp(art->vendor, art->served) == 0
            ? art->vendor
            : arena_print(call_arena(call), "%s/%s", art->vendor, art->served));
    if (art->quality)
        call_header_set(call, "X-Quality-Used", art->quality);
    if (art->is_downgraded)
        call_header_set(call, "X-Quality-Downgraded", "budget");
    header_number(call, "X-Credits-Charged", art->credits);
    if (art->vendor_limit >= 0)
        header_number(call, "X-Vendor-RateLimit-Limit", art->vendor_limit);
    if (art->vendor_remaining >= 0)
        header_number(call, "X-Vendor-RateLimit-Remaining", art->vendor_remaining);
    call_log_text(call, "art", art->id);
}

static void out_fill(Call *call, const Art *art, bool is_linked, MakeOut *out)
{
    Arena *mem = call_arena(call);
    MadeImage *images = ARENA_ARRAY(mem, MadeImage, art->count + 1);

    for (size_t i = 0; i < art->count; i++) {
        const ArtPicture *picture = &art->pictures[i];

        images[i] = (MadeImage){
            .b64_json = is_linked ? NULL : base64_text(picture->bytes, picture->size, mem),
            .url = picture->url,
            .thumbnail_url = picture->thumb_url,
            .filetype = picture->filetype,
            .size = arena_print(mem, "%dx%d", picture->width_px, picture->height_px),
        };
    }
    *out = (MakeOut){
        .id = art->id,
        .created = art->created_ms / 1000,
        .images = {images, art->count},
        .model = art->model,
        .usage =
            {
                .prompt_tokens = art->usage.text_tokens_in + art->usage.image_tokens_in,
                .image_tokens = art->usage.image_tokens_out + art->usage.text_tokens_out,
                .total_tokens = art->usage.tokens,
            },
        .note = art->note,
    };
}

static MUST Err *make(Call *call, const MakeIn *in, ArtWish *wish, MakeOut *out)
{
    Art art;

    wish->door = "artgen";
    wish->caller = desk_caller(call);
    wish->model = in->model;
    wish->prompt = in->prompt;
    wish->count = in->n;
    wish->size = in->size;
    wish->quality = in->quality;
    wish->background = in->background;
    wish->format = in->format;
    wish->moderation = in->moderation;
    wish->compression = in->compression;
    wish->is_linked = in->response_format == 1;
    wish->request_key = call_idempotency_key(call);
    wish->cancel = call_cancel(call);
    TRY(desk_tenant(call, NULL, &wish->tenant_id));
    TRY(art_make(desk_of(call)->art, wish, call_arena(call), &art));
    headers_tell(call, &art);
    out_fill(call, &art, wish->is_linked, out);
    return NULL;
}

#define MAKE_ERRORS \
    ERR_MODEL_UNKNOWN, ERR_MODEL_RETIRED, ERR_CREDITS_SPENT, ERR_BUDGET_SPENT, ERR_TOKENS_SPENT, \
        ERR_PROMPT_REFUSED, ERR_CONFLICT, ERR_VENDOR_BUSY, ERR_VENDOR_KEY_REFUSED, \
        ERR_VENDOR_UNPAID, ERR_VENDOR_UNSURE, ERR_UPSTREAM_FAILED, ERR_UPSTREAM_REFUSED

#define SAID_IN_HEADERS \
    "What served it stands in `X-Model-Used`, the quality in `X-Quality-Used` " \
    "(`X-Quality-Downgraded: budget` when it was lowered), what was charged in " \
    "`X-Credits-Charged`, and what the vendor still takes in `X-Vendor-RateLimit-Remaining`.\n\n" \
    "A repeat with the same `Idempotency-Key` gives the same pictures and costs nothing."

/* ---- from words ---- */

HANDLER(generate, MakeIn, MakeOut);

const Endpoint artgen_generate = {
    .method = POST,
    .path = "/generate",
    .id = "artgen_generate",
    .summary = "Make pictures from words",
    .about = SAID_IN_HEADERS,
    .tag = "Pictures",
    .scope = "images:write",
    .in = SHAPE(MakeIn),
    .out = SHAPE(MakeOut),
    .errors = ERRORS(MAKE_ERRORS),
    .is_patient = true,
    .handle = CALLS(generate),
};

static Err *generate(Call *call, const MakeIn *in, MakeOut *out)
{
    ArtWish wish = {.kind = ART_GENERATE};

    return make(call, in, &wish, out);
}

/* ---- from pictures ---- */

static Err *part_open(Call *call, const Part *part, Sink *ret)
{
    (void)call;
    return held_open(strcmp(part->name, "mask") == 0 ? MASK_BYTES_MAX : IMAGE_BYTES_MAX, ret);
}

/* The files of CALL into WISH; PICTURES is for those that may be several. */
static void files_take(Call *call, ArtWish *wish, VendorPicture *pictures)
{
    size_t count;
    const Part *parts = call_parts(call, &count);

    for (size_t i = 0; i < count; i++) {
        VendorPicture picture = held_picture(&parts[i]);

        if (strcmp(parts[i].name, "mask") == 0)
            wish->mask = picture;
        else if (wish->image_count < VENDOR_IMAGES_MOST)
            pictures[wish->image_count++] = picture;
    }
    wish->images = pictures;
}

static const char *const picture_types[] = {
    "image/png", "image/jpeg", "image/webp", "application/octet-stream", NULL};

HANDLER(edit, MakeIn, MakeOut);

const Endpoint artgen_edit = {
    .method = POST,
    .kind = ENDPOINT_MULTIPART,
    .path = "/edit",
    .id = "artgen_edit",
    .summary = "Change a picture",
    .about =
        "Where the mask is transparent the picture is drawn anew; everywhere else it stays as "
        "it was, to the last bit, whatever the model returns. Without a mask the picture's own "
        "transparent part is drawn, or, when there is none, all of it.\n\n" SAID_IN_HEADERS,
    .tag = "Pictures",
    .scope = "images:write",
    .in = SHAPE(MakeIn),
    .out = SHAPE(MakeOut),
    .files =
        (const FileField[]){
            {.name = "image",
             .help = "The picture",
             .types = picture_types,
             .max_bytes = IMAGE_BYTES_MAX,
             .least = 1,
             .most = 1},
            {.name = "mask",
             .help = "As large as the picture; transparent where it may change",
             .types = picture_types,
             .max_bytes = MASK_BYTES_MAX,
             .most = 1},
            {0},
        },
    .max_bytes = FORM_BYTES_MAX,
    .errors = ERRORS(
        MAKE_ERRORS, ERR_FILE_TOO_LARGE, ERR_IMAGE_UNREADABLE, ERR_IMAGE_UNSUPPORTED,
        ERR_IMAGE_TOO_LARGE),
    .is_patient = true,
    .handle = CALLS(edit),
    .part = part_open,
};

static Err *edit(Call *call, const MakeIn *in, MakeOut *out)
{
    VendorPicture pictures[VENDOR_IMAGES_MOST];
    ArtWish wish = {.kind = ART_EDIT};

    files_take(call, &wish, pictures);
    return make(call, in, &wish, out);
}

HANDLER(variation, MakeIn, MakeOut);

const Endpoint artgen_variation = {
    .method = POST,
    .kind = ENDPOINT_MULTIPART,
    .path = "/variation",
    .id = "artgen_variation",
    .summary = "Make others like a picture",
    .about = SAID_IN_HEADERS,
    .tag = "Pictures",
    .scope = "images:write",
    .in = {"VaryIn", sizeof(MakeIn), VaryIn_fields},
    .out = SHAPE(MakeOut),
    .files =
        (const FileField[]){
            {.name = "image",
             .help = "The picture",
             .types = picture_types,
             .max_bytes = IMAGE_BYTES_MAX,
             .least = 1,
             .most = 1},
            {0},
        },
    .max_bytes = FORM_BYTES_MAX,
    .errors = ERRORS(
        MAKE_ERRORS, ERR_FILE_TOO_LARGE, ERR_IMAGE_UNREADABLE, ERR_IMAGE_UNSUPPORTED,
        ERR_IMAGE_TOO_LARGE),
    .is_patient = true,
    .handle = CALLS(variation),
    .part = part_open,
};

static Err *variation(Call *call, const MakeIn *in, MakeOut *out)
{
    VendorPicture pictures[VENDOR_IMAGES_MOST];
    ArtWish wish = {.kind = ART_VARIATION};

    files_take(call, &wish, pictures);
    return make(call, in, &wish, out);
}
