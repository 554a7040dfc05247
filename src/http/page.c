/* Bytes that travel in the program: their type, their name for caches, and the smallest coding that the client takes. */
#include <string.h>

#include "base/hash.h"
#include "http/server_priv.h"

typedef struct PageType {
    const char *ending, *type;
} PageType;

static const PageType types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

/* Names that change with their bytes need no other tag. */
static const char *tag_of(const Call *call, const Embedded *row, const char *coding)
{
    char digits[HASH_TEXT_SIZE];
    const char *end = coding ? coding : "";

    if (call->endpoint->page->is_lasting)
        return arena_print(call->arena, "\"%s%s\"", row->name, end);
    hash_text(hash_bytes(row->bytes, row->size), digits);
    return arena_print(call->arena, "\"%.20s%s\"", digits, end);
}

/* Scripts and styles of our own alone; pictures also from blobs, since pages show what they have just fetched. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

static const char *type_of(const char *name)
{
    for (size_t i = 0; i < COUNT(types); i++) {
        size_t length = strlen(name), ending = strlen(types[i].ending);

        if (length > ending && strcmp(name + length - ending, types[i].ending) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

static bool coding_is_taken(const Call *call, const char *coding)
{
    const char *taken = call_header(call, "Accept-Encoding");
    const char *at = taken ? strstr(taken, coding) : NULL;

    return at && strncmp(at + strlen(coding), ";q=0", 4) != 0;
}

bool call_has_tag(const Call *call, const char *header, const char *tag)
{
    const char *list = call_header(call, header);
    size_t length = strlen(tag);

    while (list && *list) {
        list += strspn(list, " \t,");
        if (*list == '*')
            return true;
        if (strncmp(list, "W/", 2) == 0)
            list += 2;
        if (strncmp(list, tag, length) == 0)
            return true;
        list += strcspn(list, ",");
    }
    return false;
}

static const Embedded *page_find(const Call *call)
{
    const Page *page = call->endpoint->page;
    const char *name = page->name;

    if (!name)
        name = call->route.value_count ? call->route.values[call->route.value_count - 1] : "";
    return embed_find(page->rows, name);
}

Err *call_page_make(Call *call)
{
    const Page *page = call->endpoint->page;
    const Embedded *row = page_find(call);

    if (!row)
        return err_new(ERR_NOT_FOUND, "no page of that name");

    const char *coding = row->brotli && coding_is_taken(call, "br")   ? "br"
                         : row->gzip && coding_is_taken(call, "gzip") ? "gzip"
                                                                      : NULL;
    const char *tag = tag_of(call, row, coding);
    bool is_chosen = call->endpoint->is_view && call->route.seats[GET].endpoint;

    call_header_set(call, "ETag", tag);
    call_header_set(
        call, "Cache-Control",
        page->is_lasting ? "public, max-age=31536000, immutable" : "no-cache");
    call_header_set(
        call, "Content-Security-Policy", page->policy ? page->policy(call_context(call)) : policy);
    call_header_set(call, "Vary", is_chosen ? "Accept, Accept-Encoding" : "Accept-Encoding");
    call->status = page->status ? page->status : 200;
    if (call->status == 200 && call_has_tag(call, "If-None-Match", tag)) {
        call->status = 304;
        call_reply_bytes(call, "", 0);
        return NULL;
    }
    if (coding)
        call_header_set(call, "Content-Encoding", coding);
    call->reply_type = type_of(row->name);
    if (!coding)
        call_reply_bytes(call, row->bytes, row->size);
    else if (strcmp(coding, "br") == 0)
        call_reply_bytes(call, row->brotli, row->brotli_size);
    else
        call_reply_bytes(call, row->gzip, row->gzip_size);
    return NULL;
}
