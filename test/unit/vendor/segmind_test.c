/* Promises of vendor/segmind.c. */
#include "base/value.h"
#include "begun.h"
#include "call.h"

static VendorAsk cutting(Call *call, const char *key)
{
    VendorAsk ask = {.ability = ABILITY_CUTOUT, .compression = -1, .seed = -1, .key = key};

    ask.images[0] = call_picture(call, "png", 24, 16), ask.image_count = 1;
    return ask;
}

TEST(segmind_cuts_out_at_once)
{
    static const OutsideRow rows[] = {{"POST", "/v1/birefnet", .picture = "png"}, {NULL}};
    AUTO(call_end) Call call = call_begin("segmind", "", rows);
    AUTO(value_free) Value *body = NULL;

    CHECK_OK(call_ask(&call, cutting(&call, NULL)));
    CHECK_TEXT(outside_header(call.outside, 0, "x-api-key"), "test-key");
    CHECK(!outside_header(call.outside, 0, "authorization"));
    CHECK_OK(value_parse(
        outside_asked(call.outside, 0)->body, outside_asked(call.outside, 0)->body_bytes, &body));
    CHECK(strncmp(value_text(value_get(body, "image")), "iVBORw0KGgo", 11) == 0);
    CHECK_INT(call.answer.pictures[0].width_px, 8);
    CHECK_TEXT(call.answer.vendor, "segmind");
    CHECK_INT(call.answer.cost_micro_usd, 6700);
}

TEST(segmind_may_also_answer_in_base64)
{
    static const OutsideRow rows[] = {
        {"POST", "/v1/birefnet", .body = "{\"image\": \"{picture}\"}"}, {NULL}};
    AUTO(call_end) Call call = call_begin("segmind", "", rows);

    CHECK_OK(call_ask(&call, cutting(&call, NULL)));
    CHECK_TEXT(call.answer.pictures[0].type, "image/png");
}

TEST(segmind_has_another_name_for_what_it_has_no_model_for)
{
    static const OutsideRow rows[] = {
        {"POST", "/v1/bg-removal-v2", .picture = "png"},
        {"POST", "/v1/*", .status = 404, .body = "{\"error\": \"Model not found\"}"},
        {NULL},
    };
    AUTO(call_end) Call call = call_begin("segmind", "", rows);
    VendorAsk ask = cutting(&call, NULL);

    CHECK_OK(call_ask(&call, ask));
    CHECK_TEXT(call.answer.model, "bg-removal-v2");
    CHECK_INT(call.answer.cost_micro_usd, 1000);

    /* Whoever names a model gets no other. */
    ask.model = "birefnet-portrait";
    CHECK_ERR(call_ask(&call, ask), ERR_MODEL_UNKNOWN, "'segmind' answered 404 (-)");
}

TEST(segmind_is_found_again_by_the_key_of_an_ask)
{
    static const OutsideRow rows[] = {
        {"POST", "/segmind/v2/birefnet",
         .body = "{\"request_id\": \"q-1\", \"status\": \"QUEUED\"}"},
        {"GET", "/segmind/v2/requests/q-*/status", .body = "{\"status\": \"PROCESSING\"}",
         .times = 2},
        {"GET", "/segmind/v2/requests/q-*/status", .body = "{\"status\": \"COMPLETED\"}"},
        {"GET", "/segmind/v2/requests/q-*",
         .body =
             "{\"status\": \"COMPLETED\", \"output\": \"{origin}/files/a.png\", \"cost\": 0.0075}"},
        {"GET", "/files/a.png", .picture = "png"},
        {NULL},
    };
    Begun begun = {{0}};
    VendorJournal journal = begun_journal(&begun);
    AUTO(call_end) Call call = call_begin_all("segmind", rows, &journal);

    CHECK_OK(call_ask(&call, cutting(&call, "run-1")));
    CHECK_INT(outside_count(call.outside), 6);
    CHECK(!outside_header(call.outside, 5, "x-api-key"));
    CHECK_INT(call.answer.cost_micro_usd, 7500);
    CHECK_TEXT(call.answer.request_id, "q-1");
    CHECK(begun.kept == 1 && begun.dropped == 0);

    /* After a crash nothing is begun a second time. */
    snprintf(begun.request, sizeof(begun.request), "q-9");
    CHECK_OK(call_ask(&call, cutting(&call, "run-1")));
    CHECK_TEXT(outside_asked(call.outside, 6)->target, "/segmind/v2/requests/q-9/status");
    CHECK_INT(outside_count(call.outside), 9);
}
