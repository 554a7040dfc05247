/* Stability AI: v2beta, one picture a request, forms in and pictures out; what takes long is fetched later by its id. */
#include <math.h>
#include <string.h>

#include "vendor/vendor_priv.h"

enum {
    PICTURE_BYTES_MOST = 10 << 20,
    BUSY_MS = 60 * 1000, /* what 150 requests in 10 seconds are punished with */
    POLL_FIRST_MS = 500,
    POLL_MOST_MS = 10 * 1000
};

/* What a service is sent, beside what is asked for everywhere. */
typedef enum Part {
    PART_PROMPT = 1 << 0,
    PART_AVOID = 1 << 1,
    PART_SEED = 1 << 2,
    PART_ASPECT = 1 << 3,
    PART_IMAGE = 1 << 4,
    PART_MASK = 1 << 5,
    PART_MODEL = 1 << 6,    /* the path serves several */
    PART_STRENGTH = 1 << 7, /* how far from the picture that is sent */
    PART_SEARCH = 1 << 8,   /* AVOID names what PROMPT comes in place of */
    PART_SUBJECT = 1 << 9,  /* the picture, and the words for what is to be around it */
    IS_WEBP_MISSING = 1 << 10,
    IS_JPEG_MISSING = 1 << 11,
    IS_LATER = 1 << 12 /* answers an id */
} Part;

typedef struct Service {
    const char *name; /* as MODEL of an ask */
    Ability ability;
    const char *path;
    unsigned parts;
    const char *words; /* the prompt when none is given; NULL where one must be */
} Service;

enum {
    SD3_PARTS = PART_PROMPT | PART_AVOID | PART_SEED | PART_ASPECT | PART_MODEL | IS_WEBP_MISSING,
    SD3_EDIT_PARTS = PART_PROMPT | PART_AVOID | PART_SEED | PART_MODEL | PART_IMAGE |
                     PART_STRENGTH | IS_WEBP_MISSING
};

static const char sharper[] = "a sharp product photo, true to every detail of the original";
static const char another[] = "another photo of the same subject";

static const Service services[] = {
    {"core", ABILITY_GENERATE, "generate/core", PART_PROMPT | PART_AVOID | PART_SEED | PART_ASPECT},
    {"ultra", ABILITY_GENERATE, "generate/ultra",
     PART_PROMPT | PART_AVOID | PART_SEED | PART_ASPECT},
    {"sd3.5-large", ABILITY_GENERATE, "generate/sd3", SD3_PARTS},
    {"sd3.5-large-turbo", ABILITY_GENERATE, "generate/sd3", SD3_PARTS},
    {"sd3.5-medium", ABILITY_GENERATE, "generate/sd3", SD3_PARTS},
    {"sd3.5-flash", ABILITY_GENERATE, "generate/sd3", SD3_PARTS},
    {"inpaint", ABILITY_EDIT, "edit/inpaint",
     PART_PROMPT | PART_AVOID | PART_SEED | PART_IMAGE | PART_MASK},
    {"erase", ABILITY_EDIT, "edit/erase", PART_SEED | PART_IMAGE | PART_MASK},
    {"search-and-replace", ABILITY_EDIT, "edit/search-and-replace",
     PART_PROMPT | PART_SEARCH | PART_SEED | PART_IMAGE},
    {"sd3.5-large", ABILITY_EDIT, "generate/sd3", SD3_EDIT_PARTS},
    {"sd3.5-medium", ABILITY_EDIT, "generate/sd3", SD3_EDIT_PARTS},
    {"sd3.5-large", ABILITY_VARIATION, "generate/sd3", SD3_EDIT_PARTS, another},
    {"remove-background", ABILITY_CUTOUT, "edit/remove-background", PART_IMAGE | IS_JPEG_MISSING},
    {"replace-background-and-relight", ABILITY_RELIGHT, "edit/replace-background-and-relight",
     PART_SUBJECT | PART_AVOID | PART_SEED | IS_LATER},
    {"fast", ABILITY_UPSCALE, "upscale/fast", PART_IMAGE},
    {"conservative", ABILITY_UPSCALE, "upscale/conservative",
     PART_PROMPT | PART_AVOID | PART_SEED | PART_IMAGE, sharper},
    {"creative", ABILITY_UPSCALE, "upscale/creative",
     PART_PROMPT | PART_AVOID | PART_SEED | PART_IMAGE | IS_LATER, sharper},
};

/* A picture is changed where a mask says so; without words, what is there goes. Without a mask all of it is drawn anew. */
static const char *service_wanted(const VendorAsk *ask)
{
    const char *usual = vendor_stability.usual[ask->ability];
    const char *model = ask->model ? ask->model : usual;

    if (ask->ability != ABILITY_EDIT || strcmp(model, usual) != 0)
        return model;
    if (ask->mask.size == 0)
        return "sd3.5-large";
    return ask->prompt && *ask->prompt ? model : "erase";
}

static MUST Err *service_find(const VendorAsk *ask, const Service **ret)
{
    const char *name = service_wanted(ask);

    for (size_t i = 0; i < COUNT(services); i++)
        if (services[i].ability == ask->ability && strcmp(services[i].name, name) == 0) {
            *ret = &services[i];
            return NULL;
        }
    return err_new(
        ERR_MODEL_UNKNOWN, "stability has no '%s' for %s", name, ability_names[ask->ability]);
}

/* ---- what is sent ---- */

static const struct {
    const char *name;
    int width, height;
} aspects[] = {
    {"21:9", 21, 9}, {"16:9", 16, 9}, {"3:2", 3, 2},   {"5:4", 5, 4},   {"1:1", 1, 1},
    {"4:5", 4, 5},   {"2:3", 2, 3},   {"9:16", 9, 16}, {"9:21", 9, 21},
};

/* The nearest there is; what is cut off or added is the least. NULL when any will do. */
static const char *aspect_of(const VendorAsk *ask)
{
    double nearest = INFINITY;
    const char *name = NULL;

    if (ask->width_px <= 0 || ask->height_px <= 0)
        return NULL;
    for (size_t i = 0; i < COUNT(aspects); i++) {
        double off = fabs(
            log((double)ask->width_px * aspects[i].height /
                ((double)ask->height_px * aspects[i].width)));

        if (off < nearest)
            nearest = off, name = aspects[i].name;
    }
    return name;
}

static const char *format_of(const Service *service, const VendorAsk *ask)
{
    if (!ask->format || (strcmp(ask->format, "webp") == 0 && service->parts & IS_WEBP_MISSING) ||
        (strcmp(ask->format, "jpeg") == 0 && service->parts & IS_JPEG_MISSING))
        return "png";
    return ask->format;
}

static const char *prompt_of(const Service *service, const VendorAsk *ask)
{
    return ask->prompt && *ask->prompt ? ask->prompt : service->words;
}

static MUST Err *words_add(const Service *service, const VendorAsk *ask, Form *form)
{
    const char *prompt = prompt_of(service, ask);
    const char *avoid = ask->avoid && *ask->avoid ? ask->avoid : NULL;

    if (!prompt &&
        (service->parts & PART_PROMPT || (service->parts & PART_SUBJECT && ask->image_count < 2)))
        return err_public(
            err_field(err_new(ERR_INPUT_INVALID, "stability needs a prompt"), "/prompt"),
            "Say in words what the picture should show.");
    if (service->parts & PART_SEARCH && !avoid)
        return err_public(
            err_field(err_new(ERR_INPUT_INVALID, "stability needs what to replace"), "/avoid"),
            "Name what is to be replaced in the picture.");
    if (service->parts & PART_PROMPT)
        TRY(form_text(form, "prompt", prompt));
    if (service->parts & PART_SUBJECT)
        TRY(form_text(form, "background_prompt", prompt));
    if (service->parts & PART_SEARCH)
        TRY(form_text(form, "search_prompt", avoid));
    else if (service->parts & PART_AVOID)
        TRY(form_text(form, "negative_prompt", avoid));
    return NULL;
}

static MUST Err *
pictures_add(VendorLine *line, const Service *service, const VendorAsk *ask, Form *form)
{
    VendorPicture mask;

    if (service->parts & (PART_IMAGE | PART_SUBJECT) && ask->image_count == 0)
        return err_new(ERR_BUG, "stability's %s was asked without a picture", service->name);
    if (service->parts & PART_SUBJECT) {
        TRY(form_picture(form, "subject_image", &ask->images[0]));
        if (ask->image_count > 1)
            TRY(form_picture(form, "background_reference", &ask->images[1]));
    }
    if (service->parts & PART_IMAGE)
        TRY(form_picture(form, "image", &ask->images[0]));
    if (service->parts & PART_MASK && ask->mask.size > 0) {
        TRY(line_mask_white(line, ask, &mask));
        TRY(form_picture(form, "mask", &mask));
    }
    return NULL;
}

/* INDEX of the pictures of ASK; each has a seed of its own. */
static MUST Err *
form_fill(VendorLine *line, const Service *service, const VendorAsk *ask, int64_t index, Form *form)
{
    static const int64_t seed_most = 4294967294;

    TRY(words_add(service, ask, form));
    TRY(pictures_add(line, service, ask, form));
    if (service->parts & PART_MODEL)
        TRY(form_text(form, "model", service->name));
    if (service->parts & PART_STRENGTH) {
        TRY(form_text(form, "mode", "image-to-image"));
        TRY(form_text(form, "strength", ask->ability == ABILITY_VARIATION ? "0.6" : "0.75"));
    }
    if (service->parts & PART_ASPECT)
        TRY(form_text(form, "aspect_ratio", aspect_of(ask)));
    if (service->parts & PART_SEED && ask->seed >= 0)
        TRY(form_number(form, "seed", (ask->seed + index) % (seed_most + 1)));
    return form_text(form, "output_format", format_of(service, ask));
}

/* ---- what comes back ---- */

/* A picture that was filtered comes blurred, with status 200. */
static MUST Err *picture_take(VendorLine *line, const LineReply *reply, VendorAnswer *answer)
{
    const char *finish = line_header(reply, "finish-reason");
    const char *seed = line_header(reply, "seed");
    const char *request_id = line_header(reply, "x-request-id");

    if (finish && strcmp(finish, "CONTENT_FILTERED") == 0)
        return err_new(ERR_PROMPT_REFUSED, "stability filtered what it had drawn");
    TRY(line_picture(line, reply->body, reply->size, &answer->pictures[answer->count]));
    answer->count++;
    if (answer->count == 1)
        answer->seed = seed ? strtoll(seed, NULL, 10) : -1;
    if (request_id)
        answer->request_id = arena_text(line_mem(line), request_id);
    return NULL;
}

/* Pictures that take long are kept a day under REQUEST. */
static MUST Err *result_wait(VendorLine *line, const char *request, LineReply *ret)
{
    static const NetHeader headers[] = {{"Accept", "image/*"}, {0}};
    LineRequest look = {
        .path = arena_print(line_mem(line), "/v2beta/results/%s", request), .headers = headers};
    LineReply reply = {0};

    for (int64_t wait_ms = POLL_FIRST_MS;; wait_ms = MIN(wait_ms * 2, (int64_t)POLL_MOST_MS)) {
        TRY(line_wait(line, request, wait_ms));
        TRY(line_send(line, &look, &reply));
        if (reply.status != 202)
            break;
    }
    *ret = reply;
    return NULL;
}

/* Ids stand in a path. */
static bool is_id(const char *text)
{
    return text && *text && strlen(text) <= 128 &&
           strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") ==
               strlen(text);
}

static MUST Err *service_ask(
    VendorLine *line, const Service *service, const VendorAsk *ask, int64_t index, LineReply *ret)
{
    NetHeader headers[] = {
        {"Accept", service->parts & IS_LATER ? "application/json" : "image/*"},
        {"stability-client-id", "cyclorama"},
        {ask->user ? "stability-client-user-id" : NULL, ask->user},
        {0},
    };
    LineRequest request = {
        .path = arena_print(line_mem(line), "/v2beta/stable-image/%s", service->path),
        .headers = headers,
        .is_billed = true,
    };
    AUTO(form_done) Form form;
    const char *begun = NULL;
    LineReply reply = {0};

    form_init(&form);
    if (service->parts & IS_LATER)
        TRY(line_begun(line, &begun));
    if (!begun) {
        TRY(form_fill(line, service, ask, index, &form));
        TRY(line_send_form(line, request, &form, &reply));
    }
    if (service->parts & IS_LATER) {
        if (!begun) {
            begun = value_text(value_get(reply.json, "id"));
            if (!is_id(begun))
                return line_nonsense(line, "no id of what was begun");
            TRY(line_begin(line, begun));
        }
        TRY(result_wait(line, begun, &reply));
    }
    *ret = reply;
    return NULL;
}

static Err *stability_ask(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    VendorAnswer answer = {.seed = -1};
    int64_t count = MAX(ask->count, (int64_t)1);
    const Service *service = NULL;

    (void)mem;
    TRY(service_find(ask, &service));
    if (service->parts & IS_LATER)
        count = 1; /* what was begun is found again by the ask's key, which names one */
    for (int64_t i = 0; i < MIN(count, (int64_t)VENDOR_PICTURES_MOST); i++) {
        LineReply reply;

        TRY(service_ask(line, service, ask, i, &reply));
        TRY(picture_take(line, &reply, &answer));
    }
    answer.model = service->name;
    *ret = answer;
    return NULL;
}

/* ---- what goes wrong ---- */

static const struct {
    const char *name;
    FaultKind kind;
} fault_names[] = {
    {"bad_request", FAULT_INPUT},
    {"invalid_prompts", FAULT_INPUT},
    {"unauthorized", FAULT_KEY},
    {"permission_denied", FAULT_KEY},
    {"payment_required", FAULT_UNPAID},
    {"content_moderation", FAULT_MODERATED},
    {"payload_too_large", FAULT_TOO_LARGE},
    {"unprocessable_entity", FAULT_INPUT},
    {"rate_limit_exceeded", FAULT_BUSY},
    {"internal_error", FAULT_BROKEN},
};

static void stability_fault(const LineReply *reply, Arena *mem, VendorFault *ret)
{
    const Value *errors = value_get(reply->json, "errors");
    const char *name = value_text(value_get(reply->json, "name"));

    fault_by_status(reply, ret);
    if (reply->status ==
        404) /* paths are ours; what can be unknown is a result, which is kept for a day */
        ret->kind = FAULT_EXPIRED;
    for (size_t i = 0; name && i < COUNT(fault_names); i++)
        if (strcmp(fault_names[i].name, name) == 0)
            ret->kind = fault_names[i].kind;
    if (ret->kind == FAULT_BUSY && ret->retry_after_ms == 0)
        ret->retry_after_ms = BUSY_MS;
    ret->code = name;
    for (size_t i = 0; i < value_count(errors); i++) {
        const char *words = value_text(value_at(errors, i));

        if (words)
            ret->words = ret->words ? arena_print(mem, "%s; %s", ret->words, words) : words;
    }
}

/* ---- what it costs ---- */

static Err *stability_credits(VendorLine *line, const Value **ret)
{
    LineReply reply;

    TRY(line_send(line, &(LineRequest){.path = "/v1/user/balance"}, &reply));
    *ret = value_get(reply.json, "credits");
    return NULL;
}

static const char pricing[] = "https://developer.puter.com/tutorials/stability-ai-api-pricing/";
static const char update[] = "https://stability.ai/api-pricing-update-25";
static const char relight[] = "https://clawmart.sh/l/H2Fdzm";

/* One credit is a US cent. */
static const PriceRow prices[] = {
    {"core", NULL, NULL, PRICE_PICTURE, 30000, "2026-06-01", pricing},
    {"ultra", NULL, NULL, PRICE_PICTURE, 80000, "2026-06-01", pricing},
    {"sd3.5-large", NULL, NULL, PRICE_PICTURE, 65000, "2026-06-01", pricing},
    {"sd3.5-large-turbo", NULL, NULL, PRICE_PICTURE, 40000, "2026-06-01", pricing},
    {"sd3.5-medium", NULL, NULL, PRICE_PICTURE, 35000, "2026-06-01", pricing},
    {"inpaint", NULL, NULL, PRICE_PICTURE, 50000, "2025-08-01", update},
    {"erase", NULL, NULL, PRICE_PICTURE, 50000, "2025-08-01", update},
    {"search-and-replace", NULL, NULL, PRICE_PICTURE, 50000, "2025-08-01", update},
    {"remove-background", NULL, NULL, PRICE_PICTURE, 50000, "2025-08-01", update},
    /* By a reseller's $0.092, which is 1.15 times the price wherever both are known. */
    {"replace-background-and-relight", NULL, NULL, PRICE_PICTURE, 80000, "2026-06-01", relight},
    {"fast", NULL, NULL, PRICE_PICTURE, 20000, "2025-08-01", update},
    {"conservative", NULL, NULL, PRICE_PICTURE, 400000, "2025-08-01", update},
    {"creative", NULL, NULL, PRICE_PICTURE, 600000, "2025-08-01", update},
    {0},
};

const Vendor vendor_stability = {
    .name = "stability",
    .title = "Stability AI",
    .site = "https://platform.stability.ai",
    .base_url = "https://api.stability.ai",
    .key_name = "STABILITY_API_KEY",
    .auth = "Authorization: Bearer %s",
    .usual =
        {
            [ABILITY_GENERATE] = "core",
            [ABILITY_EDIT] = "inpaint",
            [ABILITY_VARIATION] = "sd3.5-large",
            [ABILITY_CUTOUT] = "remove-background",
            [ABILITY_RELIGHT] = "replace-background-and-relight",
            [ABILITY_UPSCALE] = "fast",
        },
    .prices = prices,
    .picture_bytes_most = PICTURE_BYTES_MOST,
    .images_most = 1,
    .ask = stability_ask,
    .fault = stability_fault,
    .credits = stability_credits,
    .low_credits = 200,
};
