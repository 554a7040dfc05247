/* Promises of fal: what is asked of it, in its own words, and what becomes of its answers. */
#include "base/clock.h"
#include "unit/account/studio.h"
#include "unit/vendor/line_up.h"

static const VendorAsk mug = {.ability = ABILITY_GENERATE, .prompt = "a mug", .seed = -1};

static const char *said_text(LineUp *fal, const char *name)
{
    return value_text(value_get(line_up_said(fal), name));
}

TEST(fal_is_asked_waited_for_and_its_file_fetched)
{
    AUTO(line_up_done) LineUp fal;
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    fal.looks = 1;
    ask.width_px = 1024;
    ask.height_px = 768;
    ask.seed = 5;
    ask.format = "jpeg";
    CHECK_OK(line_up_ask(&fal, ask, &answer));
    CHECK_TEXT(fal.last_target, "/fal-ai/flux/schnell");
    CHECK_TEXT(fal.last_key, "Key the-houses-key");
    CHECK_TEXT(said_text(&fal, "prompt"), "a mug");
    CHECK_TEXT(said_text(&fal, "output_format"), "jpeg");
    const Value *said = line_up_said(&fal), *size = value_get(said, "image_size");
    CHECK_INT(value_int(value_get(size, "width")), 1024);
    CHECK_INT(value_int(value_get(size, "height")), 768);
    CHECK_INT(value_int(value_get(said, "seed")), 5);
    CHECK_INT(value_int(value_get(said, "num_images")), 1);

    CHECK_INT(answer.count, 1);
    CHECK_INT(answer.pictures[0].width_px, 32);
    CHECK_TEXT(answer.vendor, "fal");
    CHECK_TEXT(answer.model, "fal-ai/flux/schnell");
    CHECK_TEXT(answer.request_id, "request-1");
    CHECK_INT(answer.seed, 77);
    CHECK_INT(answer.usage.compute_ms, 1500);
    CHECK(answer.is_cost_known && answer.cost_micro_usd > 0);
    CHECK_INT(fal.seen_looks, 2);
    CHECK_INT(fal.cancels, 0);
    CHECK_INT(fal.leaks, 0);
}

TEST(fal_is_asked_in_batches_for_more_than_a_model_makes_at_once)
{
    AUTO(line_up_done) LineUp fal;
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    ask.count = 10;
    CHECK_OK(line_up_ask(&fal, ask, &answer));
    CHECK_INT(fal.submits, 3);
    CHECK_INT(value_int(value_get(line_up_said(&fal), "num_images")), 2);
    CHECK_INT(answer.count, 3); /* this one makes one a request, whatever it is asked for */
}

TEST(fal_is_told_where_its_webhook_comes_in)
{
    AUTO(line_up_done) LineUp fal;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    fal.hook_url = "https://studio.example/v1/hooks/";
    line_up_open(&fal);
    CHECK_OK(line_up_ask(&fal, mug, &answer));
    CHECK_TEXT(
        fal.last_target,
        "/fal-ai/flux/schnell?fal_webhook=https%3A%2F%2Fstudio.example%2Fv1%2Fhooks%2Ffal");
}

TEST(fal_is_given_pictures_and_white_masks)
{
    AUTO(line_up_done) LineUp fal;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    VendorAsk ask = {
        .ability = ABILITY_EDIT,
        .prompt = "a table",
        .seed = -1,
        .images = {line_up_draw(&fal, (Drawn){.side_px = 16})},
        .image_count = 1,
        .mask = line_up_draw(&fal, (Drawn){16, true}),
    };
    CHECK_OK(line_up_ask(&fal, ask, &answer));
    CHECK_TEXT(fal.last_target, "/fal-ai/flux-pro/v1/fill");
    CHECK(strncmp(said_text(&fal, "image_url"), "data:image/png;base64,iVBOR", 27) == 0);
    CHECK(strncmp(said_text(&fal, "mask_url"), "data:image/png;base64,iVBOR", 27) == 0);

    /* Without a mask the model that needs one can do nothing. */
    ask.mask = (VendorPicture){.size = 0};
    CHECK_OK(line_up_ask(&fal, ask, &answer));
    CHECK_TEXT(fal.last_target, "/fal-ai/flux-pro/kontext");
    CHECK_TEXT(answer.model, "fal-ai/flux-pro/kontext");
}

TEST(fal_does_each_of_its_abilities_by_a_model_of_its_own)
{
    static const struct {
        Ability ability;
        const char *target, *member;
    } cases[] = {
        {ABILITY_RELIGHT, "/fal-ai/iclight-v2", "prompt"},
        {ABILITY_UPSCALE, "/fal-ai/esrgan", "scale"},
        {ABILITY_CUTOUT, "/fal-ai/birefnet/v2", "output_format"},
        {ABILITY_DEPTH, "/fal-ai/image-preprocessors/depth-anything/v2", "image_url"},
    };
    AUTO(line_up_done) LineUp fal;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    fal.result_body = arena_print(
        fal.mem, "{\"image\":{\"url\":\"%s/files/b.png\",\"content_type\":\"image/png\"}}",
        fal.url);
    for (size_t i = 0; i < COUNT(cases); i++) {
        VendorAsk ask = {
            .ability = cases[i].ability,
            .prompt = "by a window",
            .seed = -1,
            .factor = 4,
            .images = {line_up_draw(&fal, (Drawn){.side_px = 16})},
            .image_count = 1,
        };

        CHECK_OK(line_up_ask(&fal, ask, &answer));
        CHECK_TEXT(fal.last_target, cases[i].target);
        CHECK(value_get(line_up_said(&fal), cases[i].member));
        CHECK(value_get(line_up_said(&fal), "image_url"));
        CHECK_INT(answer.count, 1);
    }
}

TEST(fal_is_looked_up_by_owner_and_app_alone)
{
    static const char *const cases[][2] = {
        {"fal-ai/flux/schnell", "/fal-ai/flux/requests/request-"},
        {"fal-ai/birefnet/v2", "/fal-ai/birefnet/requests/request-"},
        {"workflows/ann/mugs", "/workflows/ann/mugs/requests/request-"},
    };
    static const char *const bad[] = {"flux", "../x", "fal-ai/flux?x=1", "fal-ai//x", "/fal-ai/x"};
    AUTO(line_up_done) LineUp fal;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    for (size_t i = 0; i < COUNT(cases); i++) {
        VendorAsk ask = mug;

        ask.model = cases[i][0];
        CHECK_OK(line_up_ask(&fal, ask, &answer));
        CHECK(strncmp(fal.last_look, cases[i][1], strlen(cases[i][1])) == 0);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        VendorAsk ask = mug;

        ask.model = bad[i];
        CHECK_CODE(line_up_ask(&fal, ask, &answer), ERR_MODEL_UNKNOWN);
    }
}

/* ---- what goes wrong ---- */

static void refused(const char *status, const char *body, ErrCode code, const char *words)
{
    AUTO(line_up_done) LineUp fal;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    fal.submit_status = status;
    fal.submit_body = body;
    AUTO(err_free) Err *err = line_up_ask(&fal, mug, &answer);
    CHECK(err);
    if (err_code(err) != code || (words && !strstr(err_text(err), words)))
        test_fail(
            __FILE__, __LINE__, "%s became %s: %s", status, err_name(err_code(err)), err_text(err));
    CHECK(!strstr(err_message(err), "the-houses-key") && !strstr(err_message(err), "a mug"));
}

TEST(fals_errors_are_told_apart)
{
    refused("401 Unauthorized", "{\"detail\":\"No user found\"}", ERR_VENDOR_KEY_REFUSED, NULL);
    refused(
        "403 Forbidden", "{\"detail\":\"User is locked. Reason: Exhausted balance.\"}",
        ERR_VENDOR_UNPAID, NULL);
    refused("403 Forbidden", "{\"detail\":\"Key lacks access\"}", ERR_VENDOR_KEY_REFUSED, NULL);
    refused(
        "404 Not Found", "{\"detail\":\"Application 'flux' not found\"}", ERR_MODEL_UNKNOWN, NULL);
    refused(
        "422 Unprocessable Entity",
        "{\"detail\":[{\"loc\":[\"body\",\"num_images\"],\"msg\":\"Input should be less than or "
        "equal to 4\",\"type\":\"less_than_equal\"}]}",
        ERR_INPUT_INVALID, "num_images: Input should be less than or equal to 4");
    refused(
        "422 Unprocessable Entity", "{\"detail\":\"Unable to read the picture\"}",
        ERR_INPUT_INVALID, "Unable to read the picture");
    refused(
        "422 Unprocessable Entity",
        "{\"detail\":[{\"loc\":[\"body\",\"prompt\"],\"msg\":\"The content could not be processed "
        "because it contained material flagged by a content checker.\",\"type\":"
        "\"content_policy_violation\"}]}",
        ERR_PROMPT_REFUSED, "flagged by a content checker");
    refused(
        "422 Unprocessable Entity",
        "{\"detail\":[{\"loc\":[\"body\",\"image_url\"],\"msg\":\"Too large\",\"type\":"
        "\"image_too_large\"}]}",
        ERR_FILE_TOO_LARGE, NULL);
}

TEST(fals_server_errors_are_not_repeated_for_what_is_billed)
{
    AUTO(line_up_done) LineUp fal;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    fal.submit_status = "500 Internal Server Error";
    CHECK_CODE(line_up_ask(&fal, mug, &answer), ERR_UPSTREAM_FAILED);
    CHECK_INT(fal.submits, 1);
    fal.submit_status = "200 OK";
    fal.submit_body = "{}";
    CHECK_CODE(line_up_ask(&fal, mug, &answer), ERR_VENDOR_UNSURE);
    CHECK_INT(fal.submits, 2);
}

TEST(what_fal_failed_at_is_called_off_and_told_in_its_words)
{
    AUTO(line_up_done) LineUp fal;
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    ask.count = 8;
    fal.result_status = "422 Unprocessable Entity";
    fal.result_body = "{\"detail\":[{\"loc\":[\"body\",\"prompt\"],\"msg\":\"Not this\",\"type\":"
                      "\"content_policy_violation\"}]}";
    CHECK_CODE(line_up_ask(&fal, ask, &answer), ERR_PROMPT_REFUSED);
    CHECK_INT(fal.submits, 2);
    CHECK_INT(fal.cancels, 2);
}

TEST(what_fal_withheld_itself_is_refused_words)
{
    AUTO(line_up_done) LineUp fal;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    fal.result_body = "{\"images\":[{\"url\":\"https://fal.media/black.png\"}],"
                      "\"has_nsfw_concepts\":[true]}";
    CHECK_CODE(line_up_ask(&fal, mug, &answer), ERR_PROMPT_REFUSED);
    CHECK_INT(fal.files, 0);
}

TEST(fals_results_that_make_no_sense_are_its_failure)
{
    static const char *const bodies[] = {
        "{}",     "[]", "{\"images\":[]}", "{\"images\":[{}]}", "{\"images\":[{\"url\":7}]}",
        "nothing"};

    for (size_t i = 0; i < COUNT(bodies); i++) {
        AUTO(line_up_done) LineUp fal;
        VendorAnswer answer;

        line_up_init(&fal, "fal");
        line_up_open(&fal);
        fal.result_body = bodies[i];
        CHECK_CODE(line_up_ask(&fal, mug, &answer), ERR_UPSTREAM_FAILED);
    }
}

TEST(a_file_of_fal_that_is_gone_says_so)
{
    AUTO(line_up_done) LineUp fal;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    fal.file_status = "404 Not Found";
    AUTO(err_free) Err *err = line_up_ask(&fal, mug, &answer);
    CHECK_INT(err_code(err), ERR_UPSTREAM_FAILED);
    CHECK(strstr(err_text(err), "no longer there"));
}

TEST(fal_is_called_off_when_the_time_is_over)
{
    AUTO(line_up_done) LineUp fal;
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    fal.looks = 1000;
    ask.total_ms = 700;
    CHECK_CODE(line_up_ask(&fal, ask, &answer), ERR_VENDOR_UNSURE);
    CHECK_INT(fal.submits, 1);
    CHECK_INT(fal.cancels, 1);
}

TEST(fal_is_called_off_when_nobody_waits_any_more)
{
    AUTO(line_up_done) LineUp fal;
    Cancel cancel = CANCEL_INIT;
    VendorAsk ask = mug;
    VendorAnswer answer;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    fal.looks = 1000;
    fal.tired = &cancel;
    ask.cancel = &cancel;
    CHECK_CODE(line_up_ask(&fal, ask, &answer), ERR_CANCELLED);
    CHECK_INT(fal.submits, 1);
    CHECK_INT(fal.cancels, 1);
}

/* ---- webhooks ---- */

/* Made by Node.js: crypto.sign(null, request LF user LF time LF hex(sha256(body))) with the key whose seed is 32 bytes of 7. */
#define HOOKED "024ca5b1-45d3-4afd-883e-ad3abe2a1c4d"
static const char hook_body[] = "{\"request_id\":\"" HOOKED "\",\"gateway_request_id\":\"" HOOKED
                                "\",\"status\":\"OK\",\"payload\":{\"images\":[]}}";
static const char *const hook_headers[][2] = {
    {"X-Fal-Webhook-Request-Id", HOOKED},
    {"X-Fal-Webhook-User-Id", "user_7"},
    {"X-Fal-Webhook-Timestamp", "1795000000"},
    {"X-Fal-Webhook-Signature",
     "5ba38b5c5d7ce946ef882620a472078869d8d2d647293830f8916d9b61a6fdb690faf889e4e589ec889087d839f0"
     "77b133fac17d400f3b6f523aab2f83bc0809"},
};

TEST(a_webhook_of_fal_is_believed_when_its_signature_and_time_are_right)
{
    AUTO(line_up_done) LineUp fal;
    Hooked hooked = hooked_of("fal", hook_headers, COUNT(hook_headers), hook_body);
    const char *request = NULL;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    clock_hold(1795000000000 + 299000);
    AUTO(err_free) Err *err = hooked_send(&fal, &hooked, &request);
    CHECK_OK(hooked_send(&fal, &hooked, &request)); /* comes again: its keys are known */
    clock_hold(1795000000000 - 299000);
    CHECK_OK(hooked_send(&fal, &hooked, &request));
    clock_hold(0);
    CHECK_OK(TAKE(err));
    CHECK_TEXT(request, HOOKED);
    CHECK_INT(fal.keys, 1);
}

TEST(a_webhook_of_fal_that_was_touched_is_refused)
{
    AUTO(line_up_done) LineUp fal;
    const char *request = NULL;

    line_up_init(&fal, "fal");
    line_up_open(&fal);
    clock_hold(1795000000000);
    for (size_t i = 0; i < COUNT(hook_headers); i++) {
        Hooked hooked = hooked_of("fal", hook_headers, COUNT(hook_headers), hook_body);

        hooked.headers[i][1] = NULL;
        CHECK_CODE(hooked_send(&fal, &hooked, &request), ERR_UNAUTHENTICATED);
        hooked.headers[i][1] = "x";
        CHECK_CODE(hooked_send(&fal, &hooked, &request), ERR_UNAUTHENTICATED);
        hooked.headers[i][1] = "1795000001";
        CHECK_CODE(hooked_send(&fal, &hooked, &request), ERR_UNAUTHENTICATED);
    }
    Hooked other = hooked_of("fal", hook_headers, COUNT(hook_headers), "{\"request_id\":\"x\"}");
    CHECK_CODE(hooked_send(&fal, &other, &request), ERR_UNAUTHENTICATED);
    Hooked old = hooked_of("fal", hook_headers, COUNT(hook_headers), hook_body);
    clock_hold(1795000000000 + 302000);
    CHECK_CODE(hooked_send(&fal, &old, &request), ERR_UNAUTHENTICATED);
    clock_hold(1795000000000 - 302000);
    CHECK_CODE(hooked_send(&fal, &old, &request), ERR_UNAUTHENTICATED);
    clock_hold(0);
    CHECK_INT(fal.keys, 1); /* not fetched again for each forgery */
}
