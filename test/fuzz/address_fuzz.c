/* Any bytes as an address: refused, or taken apart into parts that no file system and no log could misread, and routed. */
#include <string.h>

#include "http/router_priv.h"
#include "http/uri_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static const Endpoint rows[] = {
    {.path = "/", .id = "root"},
    {.path = "/a/{b}/c", .id = "abc"},
    {.path = "/a/x/{c}", .id = "axc"},
    {.path = "/s/{rest*}", .id = "rest"},
    {.path = "/a/{b}", .method = PUT, .id = "ab"},
};

static const FrontDoor door = {
    .name = "fuzz",
    .endpoints = (const Endpoint *const[]){&rows[0], &rows[1], &rows[2], &rows[3], &rows[4], NULL},
};

static void segments_check(const Uri *uri)
{
    for (size_t i = 0; i < uri->segment_count; i++) {
        must(strcmp(uri->segments[i], "..") != 0 && strcmp(uri->segments[i], ".") != 0);
        must(!strpbrk(uri->segments[i], "/\\\r\n") && uri_is_utf8(uri->segments[i]));
    }
    for (size_t i = 0; i < uri->pair_count; i++)
        must(uri_is_utf8(uri->pairs[i].name) && uri_is_utf8(uri->pairs[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const HttpDoor doors[] = {{.door = &door}, {0}};
    static Router *router;
    AUTO(arena_free) Arena *mem = arena_new();
    Uri uri;
    Route route;

    if (!router)
        must(!router_new(doors, &router));
    AUTO(err_free) Err *err = uri_read(arena_text_n(mem, (const char *)bytes, size), mem, &uri);
    if (err)
        return err_code(err) != ERR_REQUEST_INVALID;

    segments_check(&uri);
    router_find(router, &uri, mem, &route);
    for (size_t i = 0; i < route.value_count && route.seats; i++)
        must(*route.values[i]);
    return 0;
}
