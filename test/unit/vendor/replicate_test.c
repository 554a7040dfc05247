/* Promises of Replicate: what is asked of it, in its own words, and what becomes of its answers. */
#include "base/clock.h"
#include "unit/account/studio.h"
#include "unit/vendor/line_up.h"

static const VendorAsk mug = {.ability = ABILITY_GENERATE, .prompt = "a mug", .seed = -1};

#define SDXL "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"

static const Value *input_of(LineUp *replicate)
{
    return value_get(line_up_said(replicate), "input");
}

TEST(replicate_is_asked_once_when_it_is_ready_within_a_minute)
{
    AUTO(line_up_done) LineUp replicate;
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    ask.width_px = ask.height_px = 1024;
    ask.avoid = "people";
    ask.seed = 7;
    CHECK_OK(line_up_ask(&replicate, ask, &answer));
    CHECK_TEXT(replicate.last_target, "/predictions");
    CHECK_TEXT(replicate.last_prefer, "wait=60");
    CHECK_TEXT(replicate.last_key, "Bearer the-houses-key");
    CHECK_TEXT(value_text(value_get(line_up_said(&replicate), "version")), SDXL);
    CHECK_TEXT(value_text(value_get(input_of(&replicate), "prompt")), "a mug");
    CHECK_TEXT(value_text(value_get(input_of(&replicate), "negative_prompt")), "people");
    CHECK_INT(value_int(value_get(input_of(&replicate), "width")), 1024);
    CHECK_INT(value_int(value_get(input_of(&replicate), "seed")), 7);
    CHECK_INT(answer.count, 1);
    CHECK_TEXT(answer.request_id, "request-1");
    CHECK_INT(answer.usage.compute_ms, 2250);
    CHECK_INT(answer.cost_micro_usd, 2194); /* 2.25 s at $0.000975 */
    CHECK_INT(answer.seed, 7);
    CHECK_INT(replicate.seen_looks, 0);
    CHECK_INT(replicate.leaks, 0);
}

TEST(work_that_is_paid_by_the_second_is_quoted_by_what_it_seldom_exceeds)
{
    AUTO(line_up_done) LineUp replicate;
    VendorAsk ask = mug;
    VendorQuote quote;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    ask.vendor = "replicate";
    ask.count = 2;
    CHECK_OK(vendors_quote(replicate.vendors, &ask, &quote));
    CHECK(quote.is_cost_known);
    CHECK_INT(quote.cost_micro_usd, 2 * 5850); /* 6 s each */
}

TEST(replicate_is_looked_at_until_it_is_ready)
{
    AUTO(line_up_done) LineUp replicate;
    VendorAnswer answer;

    line_up_init(&replicate, "replicate");
    replicate.hook_url = "https://studio.example/v1/hooks/";
    line_up_open(&replicate);
    replicate.looks = 2;
    CHECK_OK(line_up_ask(&replicate, mug, &answer));
    CHECK_INT(replicate.submits, 1);
    CHECK_INT(replicate.seen_looks, 3);
    CHECK_TEXT(replicate.last_look, "/predictions/request-1");
    const Value *said = line_up_said(&replicate);
    CHECK_TEXT(value_text(value_get(said, "webhook")), "https://studio.example/v1/hooks/replicate");
    CHECK_TEXT(value_text(value_at(value_get(said, "webhook_events_filter"), 0)), "completed");
}

TEST(official_models_of_replicate_are_asked_by_name)
{
    AUTO(line_up_done) LineUp replicate;
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    ask.model = "black-forest-labs/flux-schnell";
    ask.width_px = 1080;
    ask.height_px = 1350;
    CHECK_OK(line_up_ask(&replicate, ask, &answer));
    CHECK_TEXT(replicate.last_target, "/models/black-forest-labs/flux-schnell/predictions");
    CHECK(!value_get(line_up_said(&replicate), "version"));
    CHECK_TEXT(value_text(value_get(input_of(&replicate), "aspect_ratio")), "4:5");
    CHECK_TEXT(value_text(value_get(input_of(&replicate), "output_format")), "png");
    CHECK_INT(answer.cost_micro_usd, 3000);

    static const char *const bad[] = {"sdxl", "a/b/c", "../x", "a/b?c", "/b", "a/"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        ask.model = bad[i];
        CHECK_CODE(line_up_ask(&replicate, ask, &answer), ERR_MODEL_UNKNOWN);
    }
}

TEST(large_pictures_are_uploaded_to_replicate_and_small_ones_sent_along)
{
    AUTO(line_up_done) LineUp replicate;
    VendorAnswer answer;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    VendorAsk ask = {
        .ability = ABILITY_EDIT,
        .prompt = "a table",
        .seed = -1,
        .images = {line_up_draw(&replicate, (Drawn){.side_px = 512})},
        .image_count = 1,
        .mask = line_up_draw(&replicate, (Drawn){512, true}),
    };
    CHECK(ask.images[0].size > 256 << 10);
    CHECK_OK(line_up_ask(&replicate, ask, &answer));
    CHECK_INT(replicate.uploads, 1);
    const char *image = value_text(value_get(input_of(&replicate), "image"));
    CHECK_TEXT(image, arena_print(replicate.mem, "%s/v1/files/f1", replicate.url));
    CHECK(
        strncmp(
            value_text(value_get(input_of(&replicate), "mask")), "data:image/png;base64,", 22) ==
        0);
}

TEST(replicate_does_each_of_its_abilities_by_a_model_of_its_own)
{
    static const struct {
        Ability ability;
        const char *version, *member;
    } cases[] = {
        {ABILITY_UPSCALE, "f121d640bd286e1fdc67f9799164c1d5be36ff74576ee11c803ae5b665dd46aa",
         "scale"},
        {ABILITY_CUTOUT, "a029dff38972b5fda4ec5d75d7d1cd25aeff621d2cf4946a41055d7db66b80bc",
         "background_type"},
    };
    AUTO(line_up_done) LineUp replicate;
    VendorAnswer answer;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    for (size_t i = 0; i < COUNT(cases); i++) {
        VendorAsk ask = {
            .ability = cases[i].ability,
            .seed = -1,
            .factor = 4,
            .images = {line_up_draw(&replicate, (Drawn){.side_px = 16})},
            .image_count = 1,
        };

        CHECK_OK(line_up_ask(&replicate, ask, &answer));
        CHECK_TEXT(value_text(value_get(line_up_said(&replicate), "version")), cases[i].version);
        CHECK(value_get(input_of(&replicate), cases[i].member));
        CHECK_INT(answer.count, 1);
    }
}

/* ---- what goes wrong ---- */

static void refused(const char *status, const char *body, ErrCode code, const char *words)
{
    AUTO(line_up_done) LineUp replicate;
    VendorAnswer answer;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    replicate.submit_status = status;
    replicate.submit_body = body;
    AUTO(err_free) Err *err = line_up_ask(&replicate, mug, &answer);
    CHECK(err);
    if (err_code(err) != code || (words && !strstr(err_text(err), words)))
        test_fail(
            __FILE__, __LINE__, "%s became %s: %s", status, err_name(err_code(err)), err_text(err));
    CHECK_INT(replicate.cancels, 0);
}

TEST(replicates_errors_are_told_apart)
{
    refused(
        "401 Unauthorized",
        "{\"title\":\"Unauthenticated\",\"detail\":\"No token\",\"status\":401}",
        ERR_VENDOR_KEY_REFUSED, NULL);
    refused(
        "402 Payment Required", "{\"title\":\"Insufficient credit\",\"detail\":\"Pay\"}",
        ERR_VENDOR_UNPAID, NULL);
    refused(
        "404 Not Found", "{\"detail\":\"The requested resource could not be found.\"}",
        ERR_MODEL_UNKNOWN, NULL);
    refused(
        "422 Unprocessable Entity",
        "{\"title\":\"Invalid version or not permitted\",\"detail\":\"The specified version does "
        "not exist (or perhaps you don't have permission to use it?)\",\"status\":422}",
        ERR_MODEL_UNKNOWN, NULL);
    refused(
        "422 Unprocessable Entity",
        "{\"title\":\"Input validation failed\",\"detail\":\"- input.width: Must be less than or "
        "equal to 2048\",\"status\":422}",
        ERR_INPUT_INVALID, "input.width: Must be less than or equal to 2048");
    refused("500 Internal Server Error", "{\"detail\":\"Oh\"}", ERR_UPSTREAM_FAILED, NULL);
}

/* The wait stands in words alone. */
TEST(replicates_rate_limit_is_read_from_its_words)
{
    AUTO(line_up_done) LineUp replicate;
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    replicate.submit_status = "429 Too Many Requests";
    replicate.submit_body = "{\"title\":\"Too Many Requests\",\"detail\":\"Request was throttled. "
                            "Your rate limit resets in ~30s.\",\"status\":429}";
    ask.total_ms = 5000; /* less than that */
    AUTO(err_free) Err *err = line_up_ask(&replicate, ask, &answer);
    CHECK_INT(err_code(err), ERR_VENDOR_BUSY);
    CHECK(strstr(err_text(err), "30 seconds"));
    CHECK_INT(replicate.submits, 1);
}

static ErrCode ended(const char *body, const char **ret_text)
{
    AUTO(line_up_done) LineUp replicate;
    static char text[500];
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    replicate.looks = 1;
    replicate.result_body = body;
    AUTO(err_free) Err *err = line_up_ask(&replicate, ask, &answer);
    snprintf(text, sizeof(text), "%s", err ? err_text(err) : "");
    *ret_text = text;
    return err ? err_code(err) : ERR_MAX_;
}

TEST(predictions_that_end_otherwise_are_told_apart)
{
    const char *text;

    CHECK_INT(
        ended(
            "{\"status\":\"failed\",\"error\":\"NSFW content detected. Try a different prompt.\"}",
            &text),
        ERR_PROMPT_REFUSED);
    CHECK(strstr(text, "Try a different prompt."));
    CHECK_INT(
        ended("{\"status\":\"failed\",\"error\":\"CUDA out of memory\"}", &text),
        ERR_UPSTREAM_FAILED);
    CHECK(!strstr(text, "CUDA"));
    CHECK_INT(ended("{\"status\":\"canceled\"}", &text), ERR_UPSTREAM_FAILED);
    CHECK_INT(ended("{\"status\":\"aborted\"}", &text), ERR_UPSTREAM_FAILED);
    CHECK_INT(ended("{\"status\":\"sleeping\"}", &text), ERR_UPSTREAM_FAILED);
    CHECK_INT(ended("{}", &text), ERR_UPSTREAM_FAILED);
    CHECK_INT(ended("{\"status\":\"succeeded\",\"output\":null}", &text), ERR_UPSTREAM_FAILED);
    CHECK_INT(
        ended("{\"status\":\"succeeded\",\"output\":[],\"data_removed\":true}", &text),
        ERR_UPSTREAM_FAILED);
    CHECK(strstr(text, "no longer there"));
}

TEST(replicate_is_called_off_when_the_time_is_over)
{
    AUTO(line_up_done) LineUp replicate;
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    replicate.looks = 1000;
    ask.count = 5;
    ask.total_ms = 700;
    CHECK_CODE(line_up_ask(&replicate, ask, &answer), ERR_VENDOR_UNSURE);
    CHECK_INT(replicate.submits, 2);
    CHECK_INT(replicate.cancels, 2);
}

/* ---- webhooks ---- */

static Err *
own_key(void *unused, const char *tenant_id, const char *vendor, Arena *mem, const char **ret)
{
    (void)unused;
    (void)tenant_id;
    (void)vendor;
    *ret = arena_text(mem, "the-tenants-key");
    return NULL;
}

/* They would be signed with a secret of the tenant's account. */
TEST(replicate_is_not_told_to_call_back_for_a_tenants_own_account)
{
    AUTO(line_up_done) LineUp replicate;
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&replicate, "replicate");
    replicate.hook_url = "https://studio.example/v1/hooks/";
    replicate.journal.tenant_key = own_key;
    line_up_open(&replicate);
    ask.tenant_id = "tenant_1";
    CHECK_OK(line_up_ask(&replicate, ask, &answer));
    CHECK_TEXT(replicate.last_key, "Bearer the-tenants-key");
    CHECK(!value_get(line_up_said(&replicate), "webhook"));
}

/* Made by Node.js: createHmac('sha256', secret).update(`${id}.${time}.${body}`). */
static const char hook_body[] =
    "{\"id\":\"rrr4z55ocneqzikepnug6xezpe\",\"status\":\"succeeded\",\"output\":null}";
#define SIGNATURE "v1,3ucMAXvns+99HyGUvYEHyJTiUwvpeIwQCYUnq87tJw4="
static const char *const hook_headers[][2] = {
    {"webhook-id", "msg_2a"},
    {"webhook-timestamp", "1795000000"},
    {"webhook-signature", SIGNATURE},
};

TEST(a_webhook_of_replicate_is_believed_when_one_of_its_signatures_is_right)
{
    static const char *const good[] = {
        SIGNATURE, "v1,AAAA v1a,x " SIGNATURE, SIGNATURE " v1,BBBB", "v2,zzz  " SIGNATURE};
    static const char *const bad[] = {
        "v1,AAAA",
        "v1",
        "v2,3ucMAXvns+99HyGUvYEHyJTiUwvpeIwQCYUnq87tJw4=",
        "v1,",
        " ",
        "3ucMAXvns+99HyGUvYEHyJTiUwvpeIwQCYUnq87tJw4=",
        "v1,3ucMAXvns+99HyGUvYEHyJTiUwvpeIwQCYUnq87tJw8=",
        "v1,3ucMAXvns+99HyGUvYEHyJTiUwvpeIwQCYUnq87tJw4=x"};
    AUTO(line_up_done) LineUp replicate;
    const char *request = NULL;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    clock_hold(1795000000000);
    for (size_t i = 0; i < COUNT(good); i++) {
        Hooked hooked = hooked_of("replicate", hook_headers, COUNT(hook_headers), hook_body);

        hooked.headers[2][1] = good[i];
        CHECK_OK(hooked_send(&replicate, &hooked, &request));
        CHECK_TEXT(request, "rrr4z55ocneqzikepnug6xezpe");
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        Hooked hooked = hooked_of("replicate", hook_headers, COUNT(hook_headers), hook_body);

        hooked.headers[2][1] = bad[i];
        CHECK_CODE(hooked_send(&replicate, &hooked, &request), ERR_UNAUTHENTICATED);
    }
    Hooked touched = hooked_of("replicate", hook_headers, COUNT(hook_headers), "{\"id\":\"x\"}");
    CHECK_CODE(hooked_send(&replicate, &touched, &request), ERR_UNAUTHENTICATED);
    Hooked renamed = hooked_of("replicate", hook_headers, COUNT(hook_headers), hook_body);
    renamed.headers[0][1] = "msg_2b";
    CHECK_CODE(hooked_send(&replicate, &renamed, &request), ERR_UNAUTHENTICATED);
    Hooked old = hooked_of("replicate", hook_headers, COUNT(hook_headers), hook_body);
    clock_hold(1795000000000 + 302000);
    CHECK_CODE(hooked_send(&replicate, &old, &request), ERR_UNAUTHENTICATED);
    clock_hold(0);
    CHECK_INT(replicate.keys, 1);
}

TEST(webhooks_of_others_are_not_known)
{
    AUTO(line_up_done) LineUp replicate;
    Hooked hooked = hooked_of("fal", hook_headers, COUNT(hook_headers), hook_body);
    const char *request = NULL;

    line_up_init(&replicate, "replicate");
    line_up_open(&replicate);
    CHECK_CODE(hooked_send(&replicate, &hooked, &request), ERR_NOT_FOUND);
    hooked.vendor = "openai";
    CHECK_CODE(hooked_send(&replicate, &hooked, &request), ERR_NOT_FOUND);
    hooked.vendor = "nobody";
    CHECK_CODE(hooked_send(&replicate, &hooked, &request), ERR_NOT_FOUND);
}
