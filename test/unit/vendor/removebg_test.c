/* Promises of src/vendor/removebg.c. */
#include <string.h>

#include "test.h"
#include "told.h"

static VendorAsk cutting(const Teller *teller, int width_px, int height_px)
{
    VendorAsk ask = {
        .ability = ABILITY_CUTOUT, .vendor = "remove.bg", .seed = -1, .compression = -1};

    ask.images[0] = teller_picture(teller), ask.image_count = 1;
    ask.images[0].width_px = width_px, ask.images[0].height_px = height_px;
    return ask;
}

TEST(removebg_cuts_out_and_says_what_it_charged)
{
    static const struct {
        int width_px, height_px;
        const char *charged, *size;
        int64_t cost_micro_usd;
    } rows[] = {{2000, 1500, "1.0", "full", 200000}, {500, 400, "0.25", "preview", 50000}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        char headers[256];
        const Told told[] = {{"200 OK", headers, NULL, "drawn"}, {0}};
        AUTO(teller_end) Teller teller;

        snprintf(
            headers, sizeof(headers),
            "Content-Type: image/png\r\nX-Credits-Charged: %s\r\nX-RateLimit-Limit: 500\r\n"
            "X-RateLimit-Remaining: 499\r\nX-RateLimit-Reset: 1\r\n",
            rows[i].charged);
        teller_start(&teller, "remove.bg", told);
        CHECK_OK(teller_ask(&teller, cutting(&teller, rows[i].width_px, rows[i].height_px)));
        CHECK_TEXT(teller.asked[0].target, "/removebg");
        CHECK(strstr(teller.asked[0].head, "X-API-Key: secret-key-of-the-house\r\n"));
        CHECK(teller_field(&teller, 0, "image_file"));
        CHECK_TEXT(teller_field(&teller, 0, "size"), rows[i].size);
        CHECK_TEXT(teller_field(&teller, 0, "format"), "png");
        CHECK_INT(teller.answer.count, 1);
        CHECK(teller.answer.is_cost_known);
        CHECK_INT(teller.answer.cost_micro_usd, rows[i].cost_micro_usd);

        List states = {0};
        vendors_states(teller.vendors, teller.mem, &states);
        for (size_t j = 0; j < states.count; j++) {
            const VendorState *state = (const VendorState *)states.items + j;

            if (strcmp(state->name, "remove.bg") == 0)
                CHECK(state->limit == 500 && state->remaining == 499);
        }
    }
}
