/* Promises of vendor/removebg.c. */
#include "call.h"

TEST(removebg_cuts_out_and_says_what_it_charged)
{
    static const struct {
        int width_px, height_px;
        const char *headers, *size;
        int64_t cost_micro_usd;
    } rows[] = {
        {2000, 1500, "X-Credits-Charged: 1.0\r\n", "full", 200000},
        {500, 400, "X-Credits-Charged: 0.25\r\n", "preview", 50000},
        {0, 0, "", "full", 200000}, /* its price list counts when it says nothing */
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const OutsideRow answers[] = {
            {"POST", "/v1.0/removebg", .picture = "png", .headers = rows[i].headers}, {NULL}};
        AUTO(call_end) Call call = call_begin("remove.bg", "/v1.0", answers);
        VendorAsk ask = {.ability = ABILITY_CUTOUT, .compression = -1, .seed = -1};

        ask.images[0] = call_picture(&call, "jpeg", 24, 16), ask.image_count = 1;
        ask.images[0].width_px = rows[i].width_px, ask.images[0].height_px = rows[i].height_px;
        CHECK_OK(call_ask(&call, ask));
        CHECK_TEXT(outside_header(call.outside, 0, "x-api-key"), "test-key");
        CHECK(outside_field(call.outside, 0, "image_file"));
        CHECK_TEXT(outside_field(call.outside, 0, "size"), rows[i].size);
        CHECK_TEXT(outside_field(call.outside, 0, "format"), "png");
        CHECK_INT(call.answer.count, 1);
        CHECK_TEXT(call.answer.vendor, "remove.bg");
        CHECK(call.answer.is_cost_known);
        CHECK_INT(call.answer.cost_micro_usd, rows[i].cost_micro_usd);
    }
}
