/* How many credits are left at a vendor, for operators. */
#include "call.h"

static double credits_of(Call *call, const char *vendor)
{
    List states;

    vendors_states(call->vendors, call->mem, &states);
    for (size_t i = 0; i < states.count; i++) {
        const VendorState *state = (const VendorState *)states.items + i;

        if (strcmp(state->name, vendor) == 0)
            return state->credits;
    }
    return -2;
}

TEST(a_look_at_vendors_tells_what_credits_are_left)
{
    static const struct {
        const char *vendor, *path, *body;
        double credits;
    } rows[] = {
        {"stability", "/v1/user/balance", "{\"credits\": 42.5}", 42.5},
        {"segmind", "/v1/get-user-credits", "{\"credits\": 9.25}", 9.25},
        {"remove.bg", "/account",
         "{\"data\": {\"attributes\": {\"credits\": {\"total\": 200, \"payg\": 50}}}}", 200},
        {"remove.bg", "/account", "{\"data\": {}}", -1},
        {"openai", "/v1/nothing", "", -1},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const OutsideRow answers[] = {{"GET", rows[i].path, .body = rows[i].body}, {NULL}};
        AUTO(call_end) Call call = call_begin(rows[i].vendor, "", answers);

        CHECK(credits_of(&call, rows[i].vendor) == -1);
        vendors_look(call.vendors, NULL);
        CHECK(credits_of(&call, rows[i].vendor) == rows[i].credits);
    }
}
