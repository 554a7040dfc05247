/* Promises of vendor/openai.c: what is sent, and what is made of the answers. */
#include "base/clock.h"
#include "base/value.h"
#include "call.h"

#define PICTURES "{\"created\":1,\"data\":[{\"b64_json\":\"{picture}\"}]," USAGE "}"
#define USAGE \
    "\"usage\":{\"input_tokens\":62,\"input_tokens_details\":{\"text_tokens\":12,\"image_" \
    "tokens\":50}," \
    "\"output_tokens\":1056,\"total_tokens\":1118}"

static const OutsideRow serving[] = {
    {"POST", "/v1/images/*", .body = PICTURES, .headers = "x-request-id: req_7\r\n"},
    {NULL},
};

static const VendorAsk vase = {
    .ability = ABILITY_GENERATE, .prompt = "a vase", .compression = -1, .seed = -1};

static const Value *sent_json(Call *call, int index)
{
    const OutsideAsked *asked = outside_asked(call->outside, index);
    Value *value = NULL;

    CHECK_OK(value_parse(asked->body, asked->body_bytes, &value));
    arena_keep(call->mem, (void (*)(void *))value_free, value);
    return value;
}

static const char *sent_text(Call *call, const char *name)
{
    return value_text(value_get(sent_json(call, 0), name));
}

TEST(a_generation_is_json_with_the_key_and_gives_a_picture_with_its_usage_and_cost)
{
    AUTO(call_end) Call call = call_begin("openai", "/v1", serving);
    VendorAsk ask = vase;
    ask.quality = "medium";
    ask.format = "webp";
    ask.compression = 80;
    ask.background = "opaque";

    CHECK_OK(call_ask(&call, ask));
    CHECK_TEXT(outside_asked(call.outside, 0)->target, "/v1/images/generations");
    CHECK_TEXT(outside_header(call.outside, 0, "authorization"), "Bearer test-key");
    CHECK_TEXT(outside_header(call.outside, 0, "content-type"), "application/json");
    CHECK_TEXT(sent_text(&call, "model"), "gpt-image-2");
    CHECK_TEXT(sent_text(&call, "prompt"), "a vase");
    CHECK_TEXT(sent_text(&call, "quality"), "medium");
    CHECK_TEXT(sent_text(&call, "output_format"), "webp");
    CHECK_TEXT(sent_text(&call, "background"), "opaque");
    CHECK_INT(value_int(value_get(sent_json(&call, 0), "output_compression")), 80);
    CHECK_INT(value_int(value_get(sent_json(&call, 0), "n")), 1);

    CHECK_INT(call.answer.count, 1);
    CHECK_TEXT(call.answer.pictures[0].type, "image/png");
    CHECK_INT(call.answer.pictures[0].width_px, 8);
    CHECK_TEXT(call.answer.vendor, "openai");
    CHECK_TEXT(call.answer.model, "gpt-image-2");
    CHECK_TEXT(call.answer.request_id, "req_7");
    CHECK_INT(call.answer.usage.image_tokens_in, 50);
    CHECK_INT(call.answer.usage.image_tokens_out, 1056);
    CHECK(call.answer.is_cost_known);
    CHECK_INT(call.answer.cost_micro_usd, 12 * 5 + 50 * 8 + 1056 * 30);
    CHECK_INT(call.answer.tries, 1);
}

TEST(sizes_become_ones_that_the_model_draws)
{
    static const struct {
        const char *model;
        int width, height;
        const char *size;
    } rows[] = {
        {"gpt-image-2", 1024, 1024, "1024x1024"}, {"gpt-image-2", 1080, 1350, "1088x1360"},
        {"gpt-image-2", 8000, 1000, "3008x1008"}, {"gpt-image-2", 4000, 4000, "2880x2880"},
        {"gpt-image-2", 256, 256, "816x816"},     {"gpt-image-1", 2000, 2000, "1024x1024"},
        {"gpt-image-1", 1600, 900, "1536x1024"},  {"gpt-image-1-mini", 900, 1600, "1024x1536"},
        {"flux-at-home", 640, 480, "640x480"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(call_end) Call call = call_begin("openai", "/v1", serving);
        VendorAsk ask = vase;
        ask.model = rows[i].model;
        ask.width_px = rows[i].width;
        ask.height_px = rows[i].height;

        CHECK_OK(call_ask(&call, ask));
        CHECK_TEXT(sent_text(&call, "size"), rows[i].size);
    }
}

TEST(an_edit_is_a_form_with_pictures_mask_and_fidelity_where_the_model_has_it)
{
    AUTO(call_end) Call call = call_begin("openai", "/v1", serving);
    VendorAsk ask = vase;
    ask.ability = ABILITY_EDIT;
    ask.model = "gpt-image-1.5";
    ask.image_count = 2;
    ask.images[0] = call_picture(&call, "png", 16, 16);
    ask.images[1] = call_picture(&call, "jpeg", 16, 16);
    ask.mask = call_picture(&call, "png", 16, 16);

    CHECK_OK(call_ask(&call, ask));
    CHECK_TEXT(outside_asked(call.outside, 0)->target, "/v1/images/edits");
    CHECK_TEXT(outside_field(call.outside, 0, "model"), "gpt-image-1.5");
    CHECK_TEXT(outside_field(call.outside, 0, "input_fidelity"), "high");
    CHECK(outside_field(call.outside, 0, "image[]"));
    CHECK(memcmp(outside_field(call.outside, 0, "mask"), "\x89PNG", 4) == 0);
    CHECK_INT(
        memcmp(outside_field(call.outside, 0, "image[]"), ask.images[0].bytes, ask.images[0].size),
        0);

    ask.model = "gpt-image-2";
    ask.image_count = 1;
    CHECK_OK(call_ask(&call, ask));
    CHECK_TEXT(outside_field(call.outside, 1, "input_fidelity"), NULL);
    CHECK(outside_field(call.outside, 1, "image"));
}

TEST(a_variation_is_an_edit_with_words_that_ask_for_one)
{
    AUTO(call_end) Call call = call_begin("openai", "/v1", serving);
    VendorAsk ask = {
        .ability = ABILITY_VARIATION, .compression = -1, .seed = -1, .count = 2, .image_count = 1};
    ask.images[0] = call_picture(&call, "png", 16, 16);

    CHECK_OK(call_ask(&call, ask));
    CHECK_TEXT(outside_asked(call.outside, 0)->target, "/v1/images/edits");
    CHECK(strstr(outside_field(call.outside, 0, "prompt"), "Another picture like this one"));
    CHECK_TEXT(outside_field(call.outside, 0, "n"), "2");
}

TEST(a_server_of_ones_own_needs_no_key_and_may_answer_with_addresses)
{
    static const OutsideRow rows[] = {
        {"POST", "/studio/v1/images/generations",
         .body =
             "{\"data\":[{\"url\":\"{origin}/files/1.png\"},{\"url\":\"{origin}/files/2.png\"}]}"},
        {"GET", "/files/*", .picture = "jpeg", .width_px = 12},
        {NULL},
    };
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(outside_stop) Outside *outside = outside_start(rows);
    AUTO(net_close) NetClient *net = NULL;
    AUTO(vendors_close) Vendors *vendors = NULL;
    const VendorKey keys[] = {
        {"openai", NULL, arena_print(mem, "%s/studio/v1/", outside_url(outside)), "flux-at-home"},
        {NULL}};
    const char *route[] = {"openai"};
    VendorAnswer answer;

    CHECK_OK(net_open(&(NetSetup){.allowed = NULL}, &net)); /* its own files need no exception */
    CHECK_OK(vendors_open(
        &(VendorsSetup){.net = net, .keys = keys, .routes[ABILITY_GENERATE] = {route, 1}},
        &vendors));
    CHECK_OK(vendors_ask(vendors, &vase, mem, &answer));
    CHECK_TEXT(outside_header(outside, 0, "authorization"), NULL);
    CHECK_TEXT(outside_header(outside, 1, "authorization"), NULL);
    CHECK_INT(answer.count, 2);
    CHECK_TEXT(answer.pictures[1].type, "image/jpeg");
    CHECK_INT(answer.pictures[1].width_px, 12);
    CHECK_TEXT(answer.model, "flux-at-home");
    CHECK(!answer.is_cost_known);
    CHECK_INT(answer.cost_micro_usd, 0);
    CHECK(strstr(outside_asked(outside, 0)->body, "\"response_format\":\"b64_json\""));
    CHECK(!strstr(outside_asked(outside, 0)->body, "output_format"));
}

/* ---- streams ---- */

typedef struct Seen {
    int count, last_index, width_px;
    bool stops;
} Seen;

static Err *partial_see(void *context, int index, const VendorPicture *picture)
{
    Seen *seen = context;

    seen->count++;
    seen->last_index = index;
    seen->width_px = picture->width_px;
    return seen->stops ? err_new(ERR_CANCELLED, "nobody looks any more") : NULL;
}

#define PARTIAL(kind, index) \
    "event: " kind ".partial_image\ndata: {\"type\":\"" kind \
    ".partial_image\",\"b64_json\":\"{picture}\"," \
    "\"partial_image_index\":" #index "}\n\n"

TEST(partial_pictures_come_as_the_vendor_draws_them)
{
    static const OutsideRow rows[] = {
        {"POST", "/v1/images/generations", .type = "text/event-stream",
         .body = ": ping\n\n" PARTIAL("image_generation", 0)
             PARTIAL("image_generation", 1) "event: image_generation.completed\r\ndata: "
                                            "{\"type\":\"image_generation.completed\",\r\n"
                                            "data: \"b64_json\":\"{picture}\"," USAGE "}\r\n\r\n"},
        {NULL},
    };
    AUTO(call_end) Call call = call_begin("openai", "/v1", rows);
    Seen seen = {0};
    VendorAsk ask = vase;
    ask.partials = 2;
    ask.partial = partial_see;
    ask.partial_context = &seen;

    CHECK_OK(call_ask(&call, ask));
    CHECK_INT(seen.count, 2);
    CHECK_INT(seen.last_index, 1);
    CHECK_INT(seen.width_px, 8);
    CHECK_INT(call.answer.count, 1);
    CHECK_INT(call.answer.usage.image_tokens_out, 1056);
    CHECK(value_bool(value_get(sent_json(&call, 0), "stream")));
    CHECK_INT(value_int(value_get(sent_json(&call, 0), "partial_images")), 2);
}

TEST(a_server_that_does_not_stream_is_understood_all_the_same)
{
    AUTO(call_end) Call call = call_begin("openai", "/v1", serving);
    Seen seen = {0};
    VendorAsk ask = vase;
    ask.partials = 2;
    ask.partial = partial_see;
    ask.partial_context = &seen;

    CHECK_OK(call_ask(&call, ask));
    CHECK_INT(seen.count, 0);
    CHECK_INT(call.answer.count, 1);
}

TEST(a_stream_that_ends_early_leaves_us_unsure_and_one_that_nobody_watches_is_left)
{
    static const OutsideRow rows[] = {
        {"POST", "/v1/images/generations", .type = "text/event-stream",
         .body = PARTIAL("image_generation", 0)},
        {NULL},
    };
    AUTO(call_end) Call call = call_begin("openai", "/v1", rows);
    Seen seen = {0};
    VendorAsk ask = vase;
    ask.partials = 1;
    ask.partial = partial_see;
    ask.partial_context = &seen;

    CHECK_TEXT(call_code(call_ask(&call, ask)), "vendor_unsure");
    seen.stops = true;
    CHECK_TEXT(call_code(call_ask(&call, ask)), "cancelled");
    CHECK_INT(outside_count(call.outside), 2);
}

TEST(a_refusal_within_the_stream_is_one)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .type = "text/event-stream",
         .body = PARTIAL(
             "image_generation",
             0) "event: error\ndata: {\"type\":\"error\",\"error\":{"
                "\"code\":\"moderation_blocked\",\"message\":\"Not this.\"}}\n\n"},
        {NULL},
    };
    AUTO(call_end) Call call = call_begin("openai", "/v1", rows);
    Seen seen = {0};
    VendorAsk ask = vase;
    ask.partials = 1;
    ask.partial = partial_see;
    ask.partial_context = &seen;

    CHECK_TEXT(call_code(call_ask(&call, ask)), "prompt_refused");
    CHECK_INT(seen.count, 1);
}

/* ---- what it says went wrong ---- */

TEST(what_openai_says_went_wrong_is_told_apart)
{
    static const struct {
        int status;
        const char *code, *message; /* of the error in the body */
        const char *ends_as, *text; /* our code, and public text */
        int tries;
    } rows[] = {
        {400, "moderation_blocked", "Rejected by the safety system. safety_violations=[violence].",
         "prompt_refused",
         "The service refused this by its content policy: Rejected by the safety system. "
         "safety_violations=[violence].",
         1},
        {400, "invalid_value", "Invalid size '7x7'.", "input_invalid",
         "The service refuses this: Invalid size '7x7'.", 1},
        {401, "invalid_api_key", "Incorrect API key provided: test-key.", "vendor_key_refused",
         "The service does not accept the studio's key. Ask whoever runs this studio.", 1},
        {403, "unsupported_country", "Your organization must be verified to use the model.",
         "vendor_key_refused",
         "The service does not accept the studio's key. Ask whoever runs this studio.", 1},
        {404, "model_not_found", "The model does not exist.", "model_unknown",
         "The service has no model by that name.", 1},
        {429, "insufficient_quota", "You exceeded your current quota.", "vendor_unpaid",
         "The studio's account at the service is used up. Ask whoever runs this studio.", 1},
        {429, "rate_limit_exceeded", "Rate limit reached.", "vendor_busy",
         "The service takes no more requests right now. Try again in a moment.", 4},
        {500, "server_error", "The server had an error.", "upstream_failed",
         "Another service did not answer as it should. Try again in a few minutes.", 1},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char body[512];
        snprintf(
            body, sizeof(body),
            "{\"error\":{\"message\":\"%s\",\"type\":\"t\",\"param\":null,\"code\":\"%s\"}}",
            rows[i].message, rows[i].code);
        const OutsideRow says[] = {{"POST", "*", .status = rows[i].status, .body = body}, {NULL}};
        AUTO(call_end) Call call = call_begin("openai", "/v1", says);
        Err *err = call_ask(&call, vase);

        CHECK(err);
        CHECK_TEXT(err_text(err), rows[i].text);
        CHECK(!strstr(err_message(err), "test-key"));
        CHECK(!!strstr(err_message(err), rows[i].message) == (rows[i].status == 403 || i == 5));
        CHECK_TEXT(call_code(err), rows[i].ends_as);
        CHECK_INT(outside_count(call.outside), rows[i].tries);
    }
}
