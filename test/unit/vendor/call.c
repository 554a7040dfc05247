/* A vendor at the end of a line that a test holds. */
#include "call.h"

#include "base/clock.h"

static Call call_made(const OutsideRow *rows)
{
    Call call = {
        .mem = arena_new(),
        .outside = outside_start(rows),
        .began_ms = (int64_t)CALL_NOW_S * 1000,
    };

    clock_hold(call.began_ms);
    CHECK_OK(net_open(&(NetSetup){.allowed = "127.0.0.1"}, &call.net));
    return call;
}

/* Asks that VENDOR cannot do are left out, as vendors_open refuses them. */
static void route_try(VendorsSetup *setup, Ability ability, const char *vendor, Arena *mem)
{
    Vendors *vendors = NULL;
    Texts *route = &setup->routes[ability], before = *route;
    const char **names = ARENA_ARRAY(mem, const char *, before.count + 1);

    for (size_t i = 0; i < before.count; i++)
        names[i] = before.items[i];
    names[before.count] = vendor;
    *route = (Texts){names, before.count + 1};
    Err *err = vendors_open(setup, &vendors);
    if (err)
        *route = before;
    err_free(err);
    vendors_close(vendors);
}

static void call_open(Call *call, VendorsSetup *setup)
{
    setup->net = call->net;
    for (const VendorKey *key = setup->keys; key->vendor; key++)
        for (int ability = 0; ability < ABILITY_MAX_; ability++)
            route_try(setup, (Ability)ability, key->vendor, call->mem);
    CHECK_OK(vendors_open(setup, &call->vendors));
}

Call call_begin(const char *vendor, const char *prefix, const OutsideRow *rows)
{
    Call call = call_made(rows);
    VendorKey keys[] = {
        {vendor, "test-key", arena_print(call.mem, "%s%s", outside_url(call.outside), prefix)},
        {NULL},
    };

    call_open(&call, &(VendorsSetup){.keys = keys});
    return call;
}

Call call_begin_all(const char *vendors, const OutsideRow *rows, const VendorJournal *journal)
{
    Call call = call_made(rows);
    VendorKey keys[16] = {{NULL}};
    size_t count = 0;

    for (const char *at = vendors; *at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        const char *name = arena_text_n(call.mem, at, length);

        CHECK(count + 1 < COUNT(keys));
        keys[count++] = (VendorKey){
            name, "test-key", arena_print(call.mem, "%s/%s", outside_url(call.outside), name)};
        at += length;
    }
    VendorsSetup setup = {.keys = keys};
    if (journal)
        setup.journal = *journal;
    call_open(&call, &setup);
    return call;
}

void call_end(Call *call)
{
    vendors_close(call->vendors);
    net_close(call->net);
    outside_stop(call->outside);
    arena_free(call->mem);
    clock_hold(0);
}

Err *call_ask(Call *call, VendorAsk ask)
{
    return vendors_ask(call->vendors, &ask, call->mem, &call->answer);
}

int64_t call_waited_ms(const Call *call)
{
    return clock_now_ms() - call->began_ms;
}

VendorPicture call_picture(Call *call, const char *format, int width_px, int height_px)
{
    AUTO(buf_done) Buf bytes = BUF(64 << 20);

    outside_draw(&(OutsidePicture){format, width_px, height_px, 7, 0}, &bytes);
    VendorPicture picture = {
        .size = bytes.size,
        .type = arena_print(call->mem, "image/%s", format),
        .width_px = width_px,
        .height_px = height_px,
    };
    picture.bytes = bytes.bytes;
    arena_keep(call->mem, free, TAKE(bytes.bytes));
    return picture;
}

const char *call_code(Err *err)
{
    const char *name = err ? err_name(err_code(err)) : "no error";

    err_free(err);
    return name;
}
