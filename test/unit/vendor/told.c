/* A service that answers what it is told. */
#include "told.h"

#include <string.h>

#include "base/clock.h"
#include "base/dice.h"
#include "test.h"

static bool told_answer(void *teller_any, const PeerAsked *asked)
{
    Teller *teller = teller_any;
    int index = MIN(asked->number, TOLD_MOST) - 1;
    const Told *told = &teller->told[MIN((size_t)index, teller->told_count - 1)];
    char body[4096];

    snprintf(teller->asked[index].method, sizeof(teller->asked[index].method), "%s", asked->method);
    snprintf(teller->asked[index].target, sizeof(teller->asked[index].target), "%s", asked->target);
    free(teller->asked[index].head);
    free(teller->asked[index].body);
    teller->asked[index].head = strdup(asked->head);
    teller->asked[index].body = calloc(1, asked->body_bytes + 1);
    teller->asked[index].body_bytes = asked->body_bytes;
    memcpy(teller->asked[index].body, asked->body, asked->body_bytes);
    if (told->picture) {
        const Buf *picture = strcmp(told->picture, "noise") == 0 ? &teller->noise : &teller->drawn;

        peer_say(
            asked, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", told->status, picture->size,
            told->headers ? told->headers : "");
        peer_say_bytes(asked, picture->bytes, picture->size);
        return true;
    }
    const char *hole = told->body ? strstr(told->body, "%s") : NULL;
    if (hole)
        snprintf(
            body, sizeof(body), "%.*s%s%s", (int)(hole - told->body), told->body, teller->base_url,
            hole + 2);
    else
        snprintf(body, sizeof(body), "%s", told->body ? told->body : "");
    return peer_reply(asked, told->status, told->headers ? told->headers : "", body);
}

/* ---- what would be a database ---- */

static Err *
journal_find(void *teller_any, const char *key, const char *vendor, Arena *mem, const char **ret)
{
    const Teller *teller = teller_any;
    (void)key;
    (void)vendor;

    *ret = *teller->begun ? arena_text(mem, teller->begun) : NULL;
    return NULL;
}

static Err *journal_keep(void *teller_any, const char *key, const char *vendor, const char *request)
{
    Teller *teller = teller_any;
    (void)key;
    (void)vendor;

    snprintf(teller->begun, sizeof(teller->begun), "%s", request);
    return NULL;
}

static Err *journal_drop(void *teller_any, const char *key, const char *vendor)
{
    Teller *teller = teller_any;
    (void)key;
    (void)vendor;

    *teller->begun = 0;
    teller->dropped++;
    return NULL;
}

/* ---- life ---- */

static void pictures_draw(Buf *drawn, Buf *noise)
{
    static const ImageEncoding png = {.format = IMAGE_PNG, .effort = 1};
    AUTO(image_free) Image *flat = NULL;
    AUTO(image_free) Image *wild = NULL;
    Dice dice = dice_seeded(3);

    CHECK_OK(image_flat(24, 16, (Colour){200, 120, 40, 128}, &flat));
    CHECK_OK(image_encode(flat, &png, drawn));
    CHECK_OK(image_new(40, 40, 3, DEPTH_8, &wild));
    for (int y = 0; y < 40; y++)
        for (int x = 0; x < 40 * 3; x++)
            ((uint8_t *)image_row_mut(wild, y))[x] = (uint8_t)dice_bits(&dice);
    CHECK_OK(image_encode(wild, &png, noise));
}

void teller_start(Teller *teller, const char *vendor, const Told *told)
{
    *teller = (Teller){.mem = arena_new(), .drawn = BUF(1 << 20), .noise = BUF(1 << 20)};
    pictures_draw(&teller->drawn, &teller->noise);
    for (; told->status && teller->told_count < TOLD_MOST; told++)
        teller->told[teller->told_count++] = *told;
    teller->peer = peer_start(told_answer, teller);
    teller->base_url = arena_print(teller->mem, "http://127.0.0.1:%d", peer_port(teller->peer));
    clock_hold(1800000000000);
    CHECK_OK(net_open(&(NetSetup){.allowed = "127.0.0.1"}, &teller->net));

    const VendorKey keys[] = {{vendor, "secret-key-of-the-house", teller->base_url}, {0}};
    CHECK_OK(vendors_open(
        &(VendorsSetup){
            .net = teller->net,
            .keys = keys,
            .journal =
                {.context = teller,
                 .find = journal_find,
                 .keep = journal_keep,
                 .drop = journal_drop},
        },
        &teller->vendors));
}

void teller_end(Teller *teller)
{
    clock_hold(0);
    vendors_close(teller->vendors);
    net_close(teller->net);
    peer_stop(teller->peer);
    for (size_t i = 0; i < TOLD_MOST; i++) {
        free(teller->asked[i].head);
        free(teller->asked[i].body);
    }
    buf_done(&teller->drawn);
    buf_done(&teller->noise);
    arena_free(teller->mem);
}

Err *teller_ask(Teller *teller, VendorAsk ask)
{
    return vendors_ask(teller->vendors, &ask, teller->mem, &teller->answer);
}

VendorPicture teller_picture(const Teller *teller)
{
    return (VendorPicture){teller->drawn.bytes, teller->drawn.size, "image/png", 24, 16};
}

static const char *bytes_find(const char *bytes, size_t size, const char *text)
{
    return memmem(bytes, size, text, strlen(text));
}

const char *teller_field(Teller *teller, int index, const char *name)
{
    const char *body = teller->asked[index].body;
    const char *head = arena_print(teller->mem, "name=\"%s\"", name);
    const char *end = body + teller->asked[index].body_bytes;
    const char *at = body ? bytes_find(body, (size_t)(end - body), head) : NULL;

    if (!at)
        return NULL;
    at = bytes_find(at, (size_t)(end - at), "\r\n\r\n") + 4;
    const char *until = bytes_find(at, (size_t)(end - at), "\r\n--");
    return arena_text_n(teller->mem, at, (size_t)(until - at));
}
