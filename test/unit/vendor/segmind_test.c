/* Promises of src/vendor/segmind.c. */
#include <string.h>

#include "base/value.h"
#include "test.h"
#include "told.h"

static VendorAsk cutting(const Teller *teller, const char *key)
{
    VendorAsk ask = {
        .ability = ABILITY_CUTOUT, .vendor = "segmind", .seed = -1, .compression = -1, .key = key};

    ask.images[0] = teller_picture(teller), ask.image_count = 1;
    return ask;
}

TEST(segmind_cuts_out_at_once)
{
    static const Told told[] = {
        {"200 OK", "Content-Type: image/png\r\nx-remaining-credits: 9\r\n", NULL, "drawn"}, {0}};
    AUTO(teller_end) Teller teller;
    AUTO(value_free) Value *body = NULL;

    teller_start(&teller, "segmind", told);
    CHECK_OK(teller_ask(&teller, cutting(&teller, NULL)));
    CHECK_TEXT(teller.asked[0].target, "/v1/birefnet");
    CHECK(strstr(teller.asked[0].head, "x-api-key: secret-key-of-the-house\r\n"));
    CHECK(!strstr(teller.asked[0].head, "Bearer"));
    CHECK_OK(value_parse(teller.asked[0].body, teller.asked[0].body_bytes, &body));
    CHECK(strncmp(value_text(value_get(body, "image")), "iVBORw0KGgo", 11) == 0);
    CHECK_INT(teller.answer.pictures[0].width_px, 24);
    CHECK_INT(teller.answer.cost_micro_usd, 6700);
}

TEST(segmind_has_another_name_for_what_it_has_no_model_for)
{
    static const Told told[] = {
        {"404 Not Found", "Content-Type: application/json\r\n", "{\"error\": \"Model not found\"}",
         NULL},
        {"200 OK", "Content-Type: image/png\r\n", NULL, "drawn"},
        {0},
    };
    AUTO(teller_end) Teller teller, strict;
    VendorAsk ask;

    teller_start(&teller, "segmind", told);
    CHECK_OK(teller_ask(&teller, cutting(&teller, NULL)));
    CHECK_TEXT(teller.asked[1].target, "/v1/bg-removal-v2");
    CHECK_TEXT(teller.answer.model, "bg-removal-v2");
    CHECK_INT(teller.answer.cost_micro_usd, 1000);

    /* Whoever names a model gets no other. */
    teller_start(&strict, "segmind", told);
    ask = cutting(&strict, NULL), ask.model = "birefnet-portrait";
    CHECK_ERR(teller_ask(&strict, ask), ERR_MODEL_UNKNOWN, "'segmind' answered 404 (-)");
}

TEST(segmind_is_found_again_by_the_key_of_an_ask)
{
    static const char json[] = "Content-Type: application/json\r\n";
    static const Told told[] = {
        {"200 OK", json, "{\"request_id\": \"q-1\", \"status\": \"QUEUED\"}", NULL},
        {"200 OK", json, "{\"request_id\": \"q-1\", \"status\": \"PROCESSING\"}", NULL},
        {"200 OK", json, "{\"request_id\": \"q-1\", \"status\": \"COMPLETED\"}", NULL},
        {"200 OK", json,
         "{\"status\": \"COMPLETED\", \"output\": \"%s/files/a.png\", \"cost\": 0.0075}", NULL},
        {"200 OK", "Content-Type: image/png\r\n", NULL, "drawn"},
        {0},
    };
    AUTO(teller_end) Teller teller, again;

    teller_start(&teller, "segmind", told);
    CHECK_OK(teller_ask(&teller, cutting(&teller, "run-1")));
    CHECK_TEXT(teller.asked[0].target, "/v2/birefnet");
    CHECK_TEXT(teller.asked[1].target, "/v2/requests/q-1/status");
    CHECK_TEXT(teller.asked[3].target, "/v2/requests/q-1");
    CHECK_TEXT(teller.asked[4].target, "/files/a.png");
    CHECK(!strstr(teller.asked[4].head, "secret-key"));
    CHECK_INT(teller.answer.cost_micro_usd, 7500);
    CHECK_TEXT(teller.answer.request_id, "q-1");

    /* After a crash nothing is begun a second time. */
    teller_start(&again, "segmind", told + 2);
    snprintf(again.begun, sizeof(again.begun), "q-9");
    CHECK_OK(teller_ask(&again, cutting(&again, "run-1")));
    CHECK_TEXT(again.asked[0].target, "/v2/requests/q-9/status");
    CHECK_INT(peer_asked(again.peer), 3);
}
