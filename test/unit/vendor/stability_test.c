/* Promises of vendor/stability.c. */
#include "begun.h"
#include "call.h"

#define PATH "/v2beta/stable-image/"

static const OutsideRow drawing[] = {
    {"*", "/v2beta/*", .picture = "png", .width_px = 24, .height_px = 16,
     .headers = "finish-reason: SUCCESS\r\nseed: 77\r\nx-request-id: r1\r\n"},
    {NULL},
};

static const VendorAsk shoe = {
    .ability = ABILITY_GENERATE, .prompt = "a shoe on a beach", .compression = -1, .seed = -1};

static VendorAsk of_picture(Call *call, Ability ability)
{
    VendorAsk ask = shoe;

    ask.ability = ability;
    ask.images[0] = call_picture(call, "png", 24, 16);
    ask.image_count = 1;
    return ask;
}

TEST(stability_draws_by_a_form_and_says_what_it_cost)
{
    AUTO(call_end) Call call = call_begin("stability", "", drawing);
    VendorAsk ask = shoe;

    ask.avoid = "people", ask.seed = 5, ask.width_px = 1536, ask.height_px = 1024;
    ask.format = "webp", ask.user = "u-1", ask.count = 2;
    CHECK_OK(call_ask(&call, ask));
    CHECK_TEXT(outside_asked(call.outside, 0)->target, PATH "generate/core");
    CHECK_TEXT(outside_header(call.outside, 0, "authorization"), "Bearer test-key");
    CHECK_TEXT(outside_header(call.outside, 0, "accept"), "image/*");
    CHECK_TEXT(outside_header(call.outside, 0, "stability-client-user-id"), "u-1");
    CHECK_TEXT(outside_field(call.outside, 0, "prompt"), "a shoe on a beach");
    CHECK_TEXT(outside_field(call.outside, 0, "negative_prompt"), "people");
    CHECK_TEXT(outside_field(call.outside, 0, "aspect_ratio"), "3:2");
    CHECK_TEXT(outside_field(call.outside, 0, "seed"), "5");
    CHECK_TEXT(outside_field(call.outside, 1, "seed"), "6");
    CHECK_TEXT(outside_field(call.outside, 0, "output_format"), "webp");
    CHECK_INT(call.answer.count, 2);
    CHECK_INT(call.answer.pictures[0].width_px, 24);
    CHECK_INT(call.answer.seed, 77);
    CHECK_TEXT(call.answer.model, "core");
    CHECK_TEXT(call.answer.vendor, "stability");
    CHECK_TEXT(call.answer.request_id, "r1");
    CHECK_INT(call.answer.cost_micro_usd, 60000);
}

TEST(stability_takes_the_nearest_aspect_it_has)
{
    static const struct {
        int width, height;
        const char *aspect;
    } rows[] = {
        {1024, 1024, "1:1"},  {1920, 1080, "16:9"}, {1080, 1350, "4:5"}, {1000, 2500, "9:21"},
        {3000, 1000, "21:9"}, {1080, 1920, "9:16"}, {0, 0, NULL},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(call_end) Call call = call_begin("stability", "", drawing);
        VendorAsk ask = shoe;

        ask.width_px = rows[i].width, ask.height_px = rows[i].height;
        CHECK_OK(call_ask(&call, ask));
        CHECK_TEXT(outside_field(call.outside, 0, "aspect_ratio"), rows[i].aspect);
    }
}

TEST(stability_edits_as_the_mask_and_the_words_allow)
{
    static const struct {
        const char *model, *prompt, *avoid;
        bool has_mask;
        const char *path, *field, *value, *served;
    } rows[] = {
        {NULL, "sand", NULL, true, PATH "edit/inpaint", "prompt", "sand", "inpaint"},
        {NULL, NULL, NULL, true, PATH "edit/erase", "prompt", NULL, "erase"},
        {NULL, "sand", NULL, false, PATH "generate/sd3", "mode", "image-to-image", "sd3.5-large"},
        {"search-and-replace", "a cat", "the dog", false, PATH "edit/search-and-replace",
         "search_prompt", "the dog", "search-and-replace"},
        {"sd3.5-medium", "sand", NULL, false, PATH "generate/sd3", "model", "sd3.5-medium",
         "sd3.5-medium"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(call_end) Call call = call_begin("stability", "", drawing);
        VendorAsk ask = of_picture(&call, ABILITY_EDIT);

        ask.model = rows[i].model, ask.prompt = rows[i].prompt, ask.avoid = rows[i].avoid;
        if (rows[i].has_mask)
            ask.mask = call_picture(&call, "png", 24, 16);
        CHECK_OK(call_ask(&call, ask));
        CHECK_TEXT(outside_asked(call.outside, 0)->target, rows[i].path);
        CHECK_TEXT(outside_field(call.outside, 0, rows[i].field), rows[i].value);
        CHECK(outside_field(call.outside, 0, "image"));
        CHECK((outside_field(call.outside, 0, "mask") != NULL) == rows[i].has_mask);
        CHECK_TEXT(call.answer.model, rows[i].served);
        CHECK(call.answer.is_cost_known);
    }
}

TEST(stability_fetches_later_what_takes_long)
{
    static const OutsideRow rows[] = {
        {"POST", "/stability" PATH "edit/replace-background-and-relight",
         .body = "{\"id\": \"gen-1\"}"},
        {"GET", "/stability/v2beta/results/gen-1", .status = 202,
         .body = "{\"id\": \"gen-1\", \"status\": \"in-progress\"}", .times = 3},
        {"GET", "/stability/v2beta/results/gen-1", .picture = "png"},
        {NULL},
    };
    Begun begun = {{0}};
    VendorJournal journal = begun_journal(&begun);
    AUTO(call_end) Call call = call_begin_all("stability", rows, &journal);
    VendorAsk ask = of_picture(&call, ABILITY_RELIGHT);

    ask.key = "run-1", ask.images[1] = ask.images[0], ask.image_count = 2;
    CHECK_OK(call_ask(&call, ask));
    CHECK(outside_field(call.outside, 0, "subject_image"));
    CHECK(outside_field(call.outside, 0, "background_reference"));
    CHECK_TEXT(outside_field(call.outside, 0, "background_prompt"), "a shoe on a beach");
    CHECK_INT(outside_count(call.outside), 5);
    CHECK_INT(call_waited_ms(&call), 500 + 1000 + 2000 + 4000);
    CHECK_INT(call.answer.cost_micro_usd, 80000);
    CHECK(begun.kept == 1 && begun.dropped == 0);
}

TEST(stability_finds_again_what_was_begun_before_a_crash)
{
    static const OutsideRow rows[] = {
        {"GET", "/stability/v2beta/results/gen-7", .picture = "png"}, {NULL}};
    Begun begun = {"gen-7"};
    VendorJournal journal = begun_journal(&begun);
    AUTO(call_end) Call call = call_begin_all("stability", rows, &journal);
    VendorAsk ask = of_picture(&call, ABILITY_UPSCALE);

    ask.model = "creative", ask.key = "run-1";
    CHECK_OK(call_ask(&call, ask));
    CHECK_INT(outside_count(call.outside), 1);
}

TEST(what_stability_filtered_is_no_picture)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .picture = "png", .headers = "finish-reason: CONTENT_FILTERED\r\n"}, {NULL}};
    AUTO(call_end) Call call = call_begin("stability", "", rows);

    CHECK_ERR(call_ask(&call, shoe), ERR_PROMPT_REFUSED, "stability filtered what it had drawn");
    CHECK_INT(outside_count(call.outside), 1);
}

TEST(stability_is_not_asked_for_what_it_lacks)
{
    AUTO(call_end) Call call = call_begin("stability", "", drawing);
    VendorAsk retired = shoe, mute = shoe;

    retired.model = "stable-diffusion-xl-1024-v1-0";
    CHECK_ERR(
        call_ask(&call, retired), ERR_MODEL_UNKNOWN,
        "stability has no 'stable-diffusion-xl-1024-v1-0' for generate");
    mute.prompt = NULL;
    CHECK_ERR(call_ask(&call, mute), ERR_INPUT_INVALID, "stability needs a prompt");
    CHECK_INT(outside_count(call.outside), 0);
}
