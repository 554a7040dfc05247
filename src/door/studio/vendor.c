/* GET /v1/vendors. */
#include <math.h>

#include "door/studio/studio_priv.h"
#include "run/offer.h"

/* A vendor as a customer may know it; what it costs and how much it is asked is the operator's. */
typedef struct VendorOut {
    const char *name, *title, *site;
    Texts abilities;
    bool has_key;
    const char *breaker;
    int64_t open_until, under_way, asked, failed, limit, remaining;
    double cost_usd;
    const char *trouble;
    int64_t trouble_at;
} VendorOut;

static const Field VendorOut_fields[] = {
    {FIELD_TEXT(VendorOut, name), .help = "What settings call it"},
    {FIELD_TEXT(VendorOut, title), .help = "Its name for people"},
    {FIELD_TEXT(VendorOut, site), .help = "Where it is on the web", .format = "uri"},
    {FIELD_TEXTS(VendorOut, abilities), .help = "What it can do"},
    {FIELD_BOOL(VendorOut, has_key), .help = "Has the studio a key for it?"},
    {FIELD_TEXT(VendorOut, breaker),
     .help = "open while it is left alone because it kept failing, half_open while one request "
             "sees whether it is well again, else closed"},
    {FIELD_TIME(VendorOut, open_until), .help = "Until when it is left alone", .nullable = true},
    {FIELD_INT(VendorOut, under_way),
     .help = "Requests it is working on now; this and what follows for administrators alone",
     .nullable = true},
    {FIELD_INT(VendorOut, asked), .help = "Requests since the program was started",
     .nullable = true},
    {FIELD_INT(VendorOut, failed), .help = "Those of them that failed", .nullable = true},
    {FIELD_INT(VendorOut, limit), .help = "Its limit of requests, as it last said",
     .nullable = true},
    {FIELD_INT(VendorOut, remaining), .help = "What is left of the limit", .nullable = true},
    {FIELD_NUMBER(VendorOut, cost_usd),
     .help = "What it cost since the program was started, in US dollars", .nullable = true},
    {FIELD_TEXT(VendorOut, trouble), .help = "What went wrong last", .nullable = true},
    {FIELD_TIME(VendorOut, trouble_at), .help = "When that was", .nullable = true},
    {FIELD_END},
};
static const Shape vendor_shape = {"Vendor", sizeof(VendorOut), VendorOut_fields};

typedef struct VendorsOut {
    List work, vendors;
} VendorsOut;

static const Field VendorsOut_fields[] = {
    {FIELD_LIST(VendorsOut, work, &offer_work_shape),
     .help = "What can be done by others than the built-in studio, and by whom it is done"},
    {FIELD_LIST(VendorsOut, vendors, &vendor_shape),
     .help = "All vendors there are; none when no key is set"},
    {FIELD_END},
};

HANDLER(vendors_get, void, VendorsOut);

const Endpoint studio_vendors_get = {
    .method = GET,
    .path = "/v1/vendors",
    .id = "studio_vendors_get",
    .summary = "See who does the work: the built-in studio or vendors",
    .tag = "Vendors",
    .scope = "jobs:read",
    .out = SHAPE(VendorsOut),
    .handle = CALLS(vendors_get),
};

static VendorOut vendor_fill(const VendorState *state, bool is_admin)
{
    VendorOut out = {
        .name = state->name,
        .title = state->title,
        .site = state->site,
        .abilities = state->abilities,
        .has_key = state->has_key,
        .breaker = state->breaker,
        .open_until = state->open_until_ms,
        .under_way = FIELD_NONE,
        .asked = FIELD_NONE,
        .failed = FIELD_NONE,
        .limit = FIELD_NONE,
        .remaining = FIELD_NONE,
        .cost_usd = (double)NAN,
    };

    if (!is_admin)
        return out;
    out.under_way = state->under_way;
    out.asked = state->asked;
    out.failed = state->failed;
    out.limit = state->limit < 0 ? FIELD_NONE : state->limit;
    out.remaining = state->remaining < 0 ? FIELD_NONE : state->remaining;
    out.cost_usd = (double)state->cost_micro_usd / 1e6;
    out.trouble = state->trouble;
    out.trouble_at = state->trouble_ms;
    return out;
}

static Err *vendors_get(Call *call, const void *in, VendorsOut *out)
{
    Arena *mem = call_arena(call);
    const Studio *studio = desk_of(call)->studio;
    bool is_admin = caller_may(desk_caller(call), "house:admin");
    List states;

    (void)in;
    offer_work(studio, mem, &out->work);
    offer_vendors(studio, mem, &states);
    VendorOut *rows = ARENA_ARRAY(mem, VendorOut, states.count + 1);
    for (size_t i = 0; i < states.count; i++)
        rows[i] = vendor_fill(&((const VendorState *)states.items)[i], is_admin);
    out->vendors = (List){rows, states.count};
    return NULL;
}
