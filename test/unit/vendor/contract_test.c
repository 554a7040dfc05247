/* What we send is what the vendors' own documents ask for. The documents are not part of this program; where they do not lie beside it,
 * in ../shared/specs, this is left out. */
#include "base/file.h"
#include "call.h"
#include "contract/foreign.h"

typedef struct Sent {
    const char *vendor, *document, *prefix;
    Ability ability;
    const char *model; /* NULL: the usual one */
    const char *prompt;
    bool has_mask, has_all; /* all that can be asked for */
    const char *key;
    const char *format;
} Sent;

#define OPENAI "openai", "openai-images", "/v1"
#define FAL "fal", "fal-queue", ""
#define REPLICATE "replicate", "replicate", "/v1"
#define STABILITY "stability", "stability-v2beta", ""
#define SEGMIND "segmind", "segmind", ""
#define REMOVEBG "remove.bg", "removebg", "/v1.0"

static const Sent sent[] = {
    {OPENAI, ABILITY_GENERATE, .prompt = "a shoe"},
    {OPENAI, ABILITY_GENERATE, .prompt = "a shoe", .format = "webp"},
    {OPENAI, ABILITY_GENERATE, .prompt = "a shoe", .format = "jpeg", .has_all = true},
    {OPENAI, ABILITY_EDIT, "gpt-image-1.5", "sand", .format = "webp", .has_all = true},
    {OPENAI, ABILITY_EDIT, .prompt = "sand", .has_mask = true},
    {OPENAI, ABILITY_EDIT, .prompt = "sand"},
    {OPENAI, ABILITY_VARIATION},
    {FAL, ABILITY_GENERATE, .prompt = "a shoe"},
    {FAL, ABILITY_CUTOUT},
    {FAL, ABILITY_RELIGHT, .prompt = "warm light"},
    {FAL, ABILITY_UPSCALE},
    {REPLICATE, ABILITY_GENERATE, .prompt = "a shoe"},
    {REPLICATE, ABILITY_CUTOUT},
    {REPLICATE, ABILITY_UPSCALE},
    {STABILITY, ABILITY_GENERATE, .prompt = "a shoe", .format = "webp"},
    {STABILITY, ABILITY_GENERATE, "ultra", "a shoe"},
    {STABILITY, ABILITY_GENERATE, "sd3.5-large", "a shoe", .format = "webp"},
    {STABILITY, ABILITY_GENERATE, "sd3.5-flash", "a shoe", .format = "jpeg"},
    {STABILITY, ABILITY_EDIT, .prompt = "sand", .has_mask = true},
    {STABILITY, ABILITY_EDIT, .has_mask = true},
    {STABILITY, ABILITY_EDIT, .prompt = "sand"},
    {STABILITY, ABILITY_VARIATION},
    {STABILITY, ABILITY_CUTOUT, .format = "jpeg"},
    {STABILITY, ABILITY_UPSCALE},
    {STABILITY, ABILITY_UPSCALE, "conservative"},
    {STABILITY, ABILITY_UPSCALE, "creative", "sharp"},
    {SEGMIND, ABILITY_CUTOUT},
    {SEGMIND, ABILITY_CUTOUT, .key = "run-1"},
    {REMOVEBG, ABILITY_CUTOUT},
};

static Value *document_read(const char *name, Arena *mem)
{
    AUTO(buf_done) Buf bytes = BUF(4 << 20);
    Value *document = NULL;
    const char *path = arena_print(mem, "%s/../../shared/specs/%s.openapi.json", TEST_SOURCE, name);

    if (!file_exists(path))
        test_skip("there is no ../shared/specs beside this clone");
    CHECK_OK(file_read(path, &bytes));
    CHECK_OK(value_parse(buf_text(&bytes), bytes.size, &document));
    arena_keep(mem, (void (*)(void *))value_free, document);
    return document;
}

static bool is_here(const Call *call, const char *vendor, Ability ability)
{
    List states;

    vendors_states(call->vendors, call->mem, &states);
    for (size_t i = 0; i < states.count; i++) {
        const VendorState *state = (const VendorState *)states.items + i;

        for (size_t j = 0; strcmp(state->name, vendor) == 0 && j < state->abilities.count; j++)
            if (strcmp(state->abilities.items[j], ability_names[ability]) == 0)
                return true;
    }
    return false;
}

static Err *partial_ignore(void *context, int index, const VendorPicture *picture)
{
    (void)context;
    (void)index;
    (void)picture;
    return NULL;
}

/* Whatever the stand-in answers: the request was sent. */
static void sent_check(const Sent *row)
{
    static const OutsideRow refusing[] = {{"*", "*", .status = 400, .body = "{}"}, {NULL}};
    AUTO(call_end) Call call = call_begin(row->vendor, row->prefix, refusing);
    VendorAsk ask = {
        .ability = row->ability,
        .model = row->model,
        .prompt = row->prompt,
        .avoid = "people",
        .key = row->key,
        .format = row->format,
        .user = "u-1",
        .width_px = 1024,
        .height_px = 768,
        .factor = 2,
        .seed = 5,
        .compression = -1,
    };

    if (!is_here(&call, row->vendor, row->ability))
        return;
    if (row->ability != ABILITY_GENERATE)
        ask.images[0] = call_picture(&call, "png", 64, 48), ask.image_count = 1;
    if (row->has_all) {
        ask.quality = "medium";
        ask.background = "opaque";
        ask.moderation = "low";
        ask.compression = 70;
        ask.partials = 2;
        ask.partial = partial_ignore;
    }
    if (row->has_mask)
        ask.mask = call_picture(&call, "png", 64, 48);
    err_free(call_ask(&call, ask));
    CHECK(outside_count(call.outside) > 0);
    for (int i = 0; i < outside_count(call.outside); i++) {
        const char *wrong = foreign_breach(
            &(ForeignAsked){document_read(row->document, call.mem), call.outside, i, row->prefix},
            call.mem);

        if (wrong)
            test_fail(
                __FILE__, __LINE__, "%s, %s %s: %s", row->vendor,
                outside_asked(call.outside, i)->method, outside_asked(call.outside, i)->target,
                wrong);
    }
}

TEST(what_is_sent_is_what_the_vendors_documents_ask_for)
{
    for (size_t i = 0; i < COUNT(sent); i++)
        sent_check(&sent[i]);
}

TEST(a_breach_of_a_vendors_document_is_seen)
{
    static const OutsideRow refusing[] = {{"*", "*", .status = 400, .body = "{}"}, {NULL}};
    static const struct {
        const char *vendor, *document;
        VendorAsk ask;
        const char *wrong;
    } rows[] = {
        {"stability",
         "stability-v2beta",
         {.ability = ABILITY_GENERATE, .prompt = "a shoe", .format = "bmp"},
         "/output_format is none of the allowed words"},
        {"stability",
         "openai-images",
         {.ability = ABILITY_GENERATE, .prompt = "a shoe"},
         "they have no POST /v2beta/stable-image/generate/core"},
        {"stability",
         "removebg",
         {.ability = ABILITY_EDIT, .model = "search-and-replace", .prompt = "a", .avoid = "b"},
         "they have no POST /v2beta/stable-image/edit/search-and-replace"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(call_end) Call call = call_begin(rows[i].vendor, "", refusing);
        VendorAsk ask = rows[i].ask;

        ask.images[0] = call_picture(&call, "png", 64, 48), ask.image_count = 1;
        err_free(call_ask(&call, ask));
        CHECK_TEXT(
            foreign_breach(
                &(ForeignAsked){document_read(rows[i].document, call.mem), call.outside, 0, ""},
                call.mem),
            rows[i].wrong);
    }
}
