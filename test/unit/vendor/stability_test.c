/* Promises of src/vendor/stability.c. */
#include <string.h>

#include "test.h"
#include "told.h"

static const Told one_picture[] = {
    {"200 OK",
     "Content-Type: image/png\r\nfinish-reason: SUCCESS\r\nseed: 77\r\nx-request-id: r1\r\n", NULL,
     "drawn"},
    {0},
};

static VendorAsk asking(Ability ability)
{
    return (VendorAsk){
        .ability = ability,
        .vendor = "stability",
        .prompt = "a shoe on a beach",
        .seed = -1,
        .compression = -1,
    };
}

TEST(stability_draws_by_a_form_and_says_what_it_cost)
{
    AUTO(teller_end) Teller teller;
    VendorAsk ask = asking(ABILITY_GENERATE);

    teller_start(&teller, "stability", one_picture);
    ask.avoid = "people", ask.seed = 5, ask.width_px = 1536, ask.height_px = 1024;
    ask.format = "webp", ask.user = "u-1", ask.count = 2;
    CHECK_OK(teller_ask(&teller, ask));
    CHECK_TEXT(teller.asked[0].target, "/v2beta/stable-image/generate/core");
    CHECK(strstr(teller.asked[0].head, "Authorization: Bearer secret-key-of-the-house\r\n"));
    CHECK(strstr(teller.asked[0].head, "Accept: image/*\r\n"));
    CHECK(strstr(teller.asked[0].head, "stability-client-user-id: u-1\r\n"));
    CHECK_TEXT(teller_field(&teller, 0, "prompt"), "a shoe on a beach");
    CHECK_TEXT(teller_field(&teller, 0, "negative_prompt"), "people");
    CHECK_TEXT(teller_field(&teller, 0, "aspect_ratio"), "3:2");
    CHECK_TEXT(teller_field(&teller, 0, "seed"), "5");
    CHECK_TEXT(teller_field(&teller, 1, "seed"), "6");
    CHECK_TEXT(teller_field(&teller, 0, "output_format"), "webp");
    CHECK_INT(teller.answer.count, 2);
    CHECK_INT(teller.answer.pictures[0].width_px, 24);
    CHECK_INT(teller.answer.seed, 77);
    CHECK_TEXT(teller.answer.model, "core");
    CHECK_TEXT(teller.answer.request_id, "r1");
    CHECK_INT(teller.answer.cost_micro_usd, 60000);
}

TEST(stability_takes_the_nearest_aspect_it_has)
{
    static const struct {
        int width, height;
        const char *aspect;
    } rows[] = {{1024, 1024, "1:1"},  {1920, 1080, "16:9"}, {1080, 1350, "4:5"},
                {1000, 2500, "9:21"}, {0, 0, NULL},         {3000, 1000, "21:9"},
                {1080, 1920, "9:16"}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(teller_end) Teller teller;
        VendorAsk ask = asking(ABILITY_GENERATE);

        teller_start(&teller, "stability", one_picture);
        ask.width_px = rows[i].width, ask.height_px = rows[i].height;
        CHECK_OK(teller_ask(&teller, ask));
        CHECK_TEXT(teller_field(&teller, 0, "aspect_ratio"), rows[i].aspect);
    }
}

TEST(stability_edits_as_the_mask_and_the_words_allow)
{
    static const struct {
        const char *model, *prompt, *avoid;
        bool has_mask;
        const char *path, *field, *value, *answers;
    } rows[] = {
        {NULL, "sand", NULL, true, "edit/inpaint", "prompt", "sand", "inpaint"},
        {NULL, NULL, NULL, true, "edit/erase", "prompt", NULL, "erase"},
        {NULL, "sand", NULL, false, "generate/sd3", "mode", "image-to-image", "sd3.5-large"},
        {"search-and-replace", "a cat", "the dog", false, "edit/search-and-replace",
         "search_prompt", "the dog", "search-and-replace"},
        {"sd3.5-medium", "sand", NULL, false, "generate/sd3", "model", "sd3.5-medium",
         "sd3.5-medium"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(teller_end) Teller teller;
        VendorAsk ask = asking(ABILITY_EDIT);

        teller_start(&teller, "stability", one_picture);
        ask.model = rows[i].model, ask.prompt = rows[i].prompt, ask.avoid = rows[i].avoid;
        ask.images[0] = teller_picture(&teller), ask.image_count = 1;
        if (rows[i].has_mask)
            ask.mask = teller_picture(&teller);
        CHECK_OK(teller_ask(&teller, ask));
        CHECK_TEXT(
            teller.asked[0].target,
            arena_print(teller.mem, "/v2beta/stable-image/%s", rows[i].path));
        CHECK_TEXT(teller_field(&teller, 0, rows[i].field), rows[i].value);
        CHECK(teller_field(&teller, 0, "image"));
        CHECK((teller_field(&teller, 0, "mask") != NULL) == rows[i].has_mask);
        CHECK_TEXT(teller.answer.model, rows[i].answers);
        CHECK(teller.answer.is_cost_known);
    }
}

TEST(stability_fetches_later_what_takes_long)
{
    static const Told told[] = {
        {"200 OK", "Content-Type: application/json\r\n", "{\"id\": \"gen-1\"}", NULL},
        {"202 Accepted", "Content-Type: application/json\r\n",
         "{\"id\": \"gen-1\", \"status\": \"in-progress\"}", NULL},
        {"202 Accepted", "Content-Type: application/json\r\n",
         "{\"id\": \"gen-1\", \"status\": \"in-progress\"}", NULL},
        {"200 OK", "Content-Type: image/png\r\nfinish-reason: SUCCESS\r\n", NULL, "drawn"},
        {0},
    };
    AUTO(teller_end) Teller teller;
    VendorAsk ask = asking(ABILITY_RELIGHT);

    teller_start(&teller, "stability", told);
    ask.key = "run-1";
    ask.images[0] = ask.images[1] = teller_picture(&teller), ask.image_count = 2;
    CHECK_OK(teller_ask(&teller, ask));
    CHECK_TEXT(teller.asked[0].target, "/v2beta/stable-image/edit/replace-background-and-relight");
    CHECK(
        teller_field(&teller, 0, "subject_image") &&
        teller_field(&teller, 0, "background_reference"));
    CHECK_TEXT(teller_field(&teller, 0, "background_prompt"), "a shoe on a beach");
    CHECK_TEXT(teller.asked[1].target, "/v2beta/results/gen-1");
    CHECK_TEXT(teller.asked[3].method, "GET");
    CHECK_INT(peer_asked(teller.peer), 4);
    CHECK_INT(teller.answer.cost_micro_usd, 80000);
    CHECK_INT(teller.dropped, 1);
}

TEST(stability_finds_again_what_was_begun_before_a_crash)
{
    AUTO(teller_end) Teller teller;
    VendorAsk ask = asking(ABILITY_UPSCALE);

    teller_start(&teller, "stability", one_picture);
    snprintf(teller.begun, sizeof(teller.begun), "gen-7");
    ask.model = "creative", ask.key = "run-1";
    ask.images[0] = teller_picture(&teller), ask.image_count = 1;
    CHECK_OK(teller_ask(&teller, ask));
    CHECK_INT(peer_asked(teller.peer), 1);
    CHECK_TEXT(teller.asked[0].target, "/v2beta/results/gen-7");
}

TEST(what_stability_filtered_is_no_picture)
{
    static const Told told[] = {
        {"200 OK", "Content-Type: image/png\r\nfinish-reason: CONTENT_FILTERED\r\n", NULL, "drawn"},
        {0},
    };
    AUTO(teller_end) Teller teller;

    teller_start(&teller, "stability", told);
    CHECK_ERR(
        teller_ask(&teller, asking(ABILITY_GENERATE)), ERR_PROMPT_REFUSED,
        "stability filtered what it had drawn");
    CHECK_INT(peer_asked(teller.peer), 1);
}

TEST(stability_is_not_asked_for_what_it_lacks)
{
    AUTO(teller_end) Teller teller;
    VendorAsk ask = asking(ABILITY_GENERATE), mute = asking(ABILITY_GENERATE);

    teller_start(&teller, "stability", one_picture);
    ask.model = "stable-diffusion-xl-1024-v1-0";
    CHECK_ERR(
        teller_ask(&teller, ask), ERR_MODEL_UNKNOWN,
        "stability has no 'stable-diffusion-xl-1024-v1-0' for generate");
    mute.prompt = NULL;
    CHECK_ERR(teller_ask(&teller, mute), ERR_INPUT_INVALID, "stability needs a prompt");
    CHECK_INT(peer_asked(teller.peer), 0);
}
