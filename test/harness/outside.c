/* A server that says what rows say. */
#include "harness/outside.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/dice.h"
#include "harness/peer.h"
#include "image/image.h"

enum {
    ROWS_MAX = 64,
    ASKED_MAX = 4096,
    ANSWER_BYTES_MAX = 64 << 20
};

struct Outside {
    const OutsideRow *rows;
    Peer *peer;
    char url[64];
    pthread_mutex_t mutex;
    Arena *mem;
    int answered[ROWS_MAX];
    OutsideAsked asked[ASKED_MAX];
    int asked_count;
    atomic_bool is_ending;
};

static void must(Err *err)
{
    if (!err)
        return;
    fprintf(stderr, "outside: %s\n", err_message(err));
    abort();
}

/* ---- pictures ---- */

static Colour colour_of(uint64_t seed)
{
    Dice dice = dice_seeded(seed);
    uint64_t bits = dice_bits(&dice);

    return (Colour){(uint8_t)bits, (uint8_t)(bits >> 8), (uint8_t)(bits >> 16), 255};
}

static void pixel_draw(const OutsidePicture *picture, int x, int y, unsigned char *pixel)
{
    Colour from = colour_of(picture->seed), to = colour_of(picture->seed + 1);
    int part = (x + y) * 255 / MAX(picture->width_px + picture->height_px - 2, 1);
    int edge_x = picture->width_px * picture->hole_percent / 100;
    int edge_y = picture->height_px * picture->hole_percent / 100;
    bool is_hole = x < edge_x || y < edge_y || x >= picture->width_px - edge_x ||
                   y >= picture->height_px - edge_y;

    pixel[0] = (unsigned char)(from.r + (to.r - from.r) * part / 255);
    pixel[1] = (unsigned char)(from.g + (to.g - from.g) * part / 255);
    pixel[2] = (unsigned char)(from.b + (to.b - from.b) * part / 255);
    if (picture->hole_percent)
        pixel[3] = is_hole ? 0 : 255;
}

void outside_draw(const OutsidePicture *picture, Buf *buf)
{
    AUTO(image_free) Image *image = NULL;
    int channels = picture->hole_percent ? 4 : 3;
    ImageEncoding encoding = {
        .format = strcmp(picture->format, "jpeg") == 0   ? IMAGE_JPEG
                  : strcmp(picture->format, "webp") == 0 ? IMAGE_WEBP
                                                         : IMAGE_PNG,
        .quality = 90,
        .ground = {255, 255, 255, 255},
    };

    must(image_new(picture->width_px, picture->height_px, channels, DEPTH_8, &image));
    for (int y = 0; y < picture->height_px; y++) {
        unsigned char *row = image_row_mut(image, y);

        for (int x = 0; x < picture->width_px; x++)
            pixel_draw(picture, x, y, row + x * channels);
    }
    must(image_encode(image, &encoding, buf));
}

/* ---- which row ---- */

static bool fits(const char *pattern, const char *text, const char *end)
{
    if (*pattern == 0)
        return text == end;
    if (*pattern == '*')
        return fits(pattern + 1, text, end) || (text < end && fits(pattern, text + 1, end));
    return text < end && *pattern == *text && fits(pattern + 1, text + 1, end);
}

static const OutsideRow *row_take(Outside *outside, const PeerAsked *asked)
{
    const char *end = asked->target + strcspn(asked->target, "?");

    for (int i = 0; outside->rows[i].method && i < ROWS_MAX; i++) {
        const OutsideRow *row = &outside->rows[i];

        if ((strcmp(row->method, "*") == 0 || strcmp(row->method, asked->method) == 0) &&
            fits(row->path, asked->target, end) &&
            (!row->times || outside->answered[i] < row->times)) {
            outside->answered[i]++;
            return row;
        }
    }
    return NULL;
}

static void asked_keep(Outside *outside, const PeerAsked *asked)
{
    if (outside->asked_count == ASKED_MAX)
        abort();
    outside->asked[outside->asked_count++] = (OutsideAsked){
        arena_text(outside->mem, asked->method),
        arena_text(outside->mem, asked->target),
        arena_text(outside->mem, asked->head),
        arena_text_n(outside->mem, asked->body, asked->body_bytes),
        asked->body_bytes,
    };
}

/* ---- answering ---- */

static void filled(const Outside *outside, const char *text, int number, Buf *buf)
{
    AUTO(arena_free) Arena *mem = arena_new();

    while (*text) {
        size_t plain = strcspn(text, "{");

        must(buf_add(buf, text, plain));
        text += plain;
        if (strncmp(text, "{origin}", 8) == 0) {
            must(buf_add_text(buf, outside->url));
            text += 8;
        } else if (strncmp(text, "{number}", 8) == 0) {
            must(buf_print(buf, "%d", number));
            text += 8;
        } else if (strncmp(text, "{picture}", 9) == 0) {
            AUTO(buf_done) Buf png = BUF(1 << 20);

            outside_draw(&(OutsidePicture){"png", 8, 8, (uint64_t)number, 0}, &png);
            must(buf_add_text(buf, base64_text(png.bytes, png.size, mem)));
            text += 9;
        } else if (*text) {
            must(buf_add(buf, text++, 1));
        }
    }
}

static void wait_ms(const Outside *outside, int ms)
{
    static const int slice_ms = 20;

    for (; ms > 0 && !atomic_load(&outside->is_ending); ms -= slice_ms)
        usleep((useconds_t)MIN(ms, slice_ms) * 1000);
}

/* So that the other side sees an end that was not announced, at once. */
static bool cut(const PeerAsked *asked)
{
    const struct linger now = {.l_onoff = 0};

    setsockopt(asked->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    shutdown(asked->fd, SHUT_RDWR);
    return false;
}

static bool row_say(const Outside *outside, const OutsideRow *row, const PeerAsked *asked)
{
    AUTO(buf_done) Buf body = BUF(ANSWER_BYTES_MAX);
    char type[32];

    snprintf(type, sizeof(type), "image/%s", row->picture ? row->picture : "png");
    if (row->picture)
        outside_draw(
            &(OutsidePicture){
                row->picture, row->width_px ? row->width_px : 8,
                row->height_px ? row->height_px : 8, (uint64_t)asked->number, 0},
            &body);
    else
        filled(outside, row->body ? row->body : "", asked->number, &body);
    wait_ms(outside, row->delay_ms);
    if (row->cut_at < 0)
        return cut(asked);
    peer_say(
        asked, "HTTP/1.1 %d Said\r\nContent-Length: %zu\r\nContent-Type: %s\r\n%s\r\n",
        row->status ? row->status : 200, body.size,
        row->type      ? row->type
        : row->picture ? type
                       : "application/json",
        row->headers ? row->headers : "");

    size_t whole = row->cut_at ? MIN((size_t)row->cut_at, body.size) : body.size;
    if (!row->drip_ms)
        peer_say_bytes(asked, buf_text(&body), whole);
    for (size_t i = 0; row->drip_ms && i < whole; i++) {
        peer_say_bytes(asked, body.bytes + i, 1);
        wait_ms(outside, row->drip_ms);
    }
    return row->cut_at ? cut(asked) : true;
}

static bool outside_answer(void *outside_any, const PeerAsked *asked)
{
    Outside *outside = outside_any;

    pthread_mutex_lock(&outside->mutex);
    asked_keep(outside, asked);
    const OutsideRow *row = row_take(outside, asked);
    pthread_mutex_unlock(&outside->mutex);
    return row ? row_say(outside, row, asked) : peer_reply(asked, "599 No Row", "", "");
}

Outside *outside_start(const OutsideRow *rows)
{
    Outside *outside = calloc(1, sizeof(*outside));

    if (!outside)
        abort();
    outside->rows = rows;
    outside->mem = arena_new();
    pthread_mutex_init(&outside->mutex, NULL);
    outside->peer = peer_start(outside_answer, outside);
    snprintf(outside->url, sizeof(outside->url), "http://127.0.0.1:%d", peer_port(outside->peer));
    return outside;
}

void outside_stop(Outside *outside)
{
    if (!outside)
        return;
    atomic_store(&outside->is_ending, true);
    peer_stop(outside->peer);
    pthread_mutex_destroy(&outside->mutex);
    arena_free(outside->mem);
    free(outside);
}

const char *outside_url(const Outside *outside)
{
    return outside->url;
}

/* ---- what it was asked ---- */

int outside_count(Outside *outside)
{
    pthread_mutex_lock(&outside->mutex);
    int count = outside->asked_count;
    pthread_mutex_unlock(&outside->mutex);
    return count;
}

const OutsideAsked *outside_asked(Outside *outside, int index)
{
    static const OutsideAsked nothing = {"", "", "", "", 0};

    return index < outside_count(outside) ? &outside->asked[index] : &nothing;
}

const char *outside_header(Outside *outside, int index, const char *name)
{
    const char *head = outside_asked(outside, index)->head;

    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':') {
            const char *from = line + strlen(name) + 1;

            from += strspn(from, " ");
            pthread_mutex_lock(&outside->mutex);
            const char *value = arena_text_n(outside->mem, from, strcspn(from, "\r"));
            pthread_mutex_unlock(&outside->mutex);
            return value;
        }
    }
    return NULL;
}

const char *outside_field(Outside *outside, int index, const char *name)
{
    const OutsideAsked *asked = outside_asked(outside, index);
    size_t line = strcspn(asked->body, "\r");
    char wanted[128];

    snprintf(wanted, sizeof(wanted), "; name=\"%s\"", name);
    pthread_mutex_lock(&outside->mutex);
    const char *end = arena_print(outside->mem, "\r\n%.*s", (int)line, asked->body), *value = NULL;
    const char *found = memmem(asked->body, asked->body_bytes, wanted, strlen(wanted));
    const char *from = found ? strstr(found, "\r\n\r\n") : NULL;
    if (from) {
        from += 4;
        size_t left = asked->body_bytes - (size_t)(from - asked->body);
        const char *stop = memmem(from, left, end, strlen(end));

        value = arena_text_n(outside->mem, from, stop ? (size_t)(stop - from) : left);
    }
    pthread_mutex_unlock(&outside->mutex);
    return value;
}
