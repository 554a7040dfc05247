/* POST /v1/hooks/{vendor}. */
#include "door/hook/hook.h"

#include "door/desk.h"

enum {
    HOOK_BYTES_MAX = 1 << 20 /* more than any prediction, whose pictures are addresses */
};

/* The rest of the body is the vendor's business: it is checked as it came. */
typedef struct HookIn {
    const char *vendor;
} HookIn;

static const Field HookIn_fields[] = {
    {FIELD_TEXT(HookIn, vendor), .help = "Name of the vendor", .max = 40},
    {FIELD_END},
};

typedef struct HookOut {
    bool received;
} HookOut;

static const Field HookOut_fields[] = {
    {FIELD_BOOL(HookOut, received), .help = "true, also when it came before"},
    {FIELD_END},
};

HANDLER(hook_take, HookIn, HookOut);

static const Endpoint hook_endpoint = {
    .method = POST,
    .path = HOOK_PATH "/{vendor}",
    .id = "hook_take",
    .summary = "Take a vendor's webhook",
    .about = "Vendors that were asked for a picture say here that it is ready. The signature must "
             "be the vendor's, and no older than five minutes; the same news may come any number "
             "of times.",
    .tag = "Webhooks",
    .max_bytes = HOOK_BYTES_MAX,
    .in = SHAPE_OPEN(HookIn),
    .out = SHAPE(HookOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_UNAUTHENTICATED, ERR_RATE_LIMITED, ERR_UPSTREAM_FAILED),
    .handle = CALLS(hook_take),
};

static const char *header_of(void *call, const char *name)
{
    return call_header(call, name);
}

static Err *hook_take(Call *call, const HookIn *in, HookOut *out)
{
    const Desk *desk = desk_of(call);
    VendorHook hook = {.vendor = in->vendor, .header = header_of, .context = call};

    TRY(desk_rate_address(call));
    hook.body = call_body(call, &hook.size);
    TRY(errand_hook(desk->errands, desk->studio->vendors, &hook, call_arena(call)));
    *out = (HookOut){true};
    return NULL;
}

const FrontDoor hook_door = {
    .name = "hook",
    .title = "Cyclorama: webhooks",
    .version = "1.0",
    .about = "Where vendors say that work is done.",
    .endpoints = (const Endpoint *const[]){&hook_endpoint, NULL},
};
