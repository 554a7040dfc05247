/* The pictures of the stand-in: drawn, cut out, enlarged, kept under an address. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dice.h"
#include "harness/outside.h"
#include "harness/stand_in_priv.h"

/* The same words give the same picture; it is drawn once. */
static void
drawing_add(const Talk *talk, const char *format, int width, int height, int number, Buf *buf)
{
    StandIn *house = talk->house;
    Hash words = hash_bytes(talk->prompt, strlen(talk->prompt));
    char key[64];

    snprintf(
        key, sizeof(key), "%s %dx%d %d %02x%02x", format, width, height, number, words.bytes[0],
        words.bytes[1]);
    pthread_mutex_lock(&house->mutex);
    Drawn *drawn = NULL;
    for (int i = 0; i < MIN(house->drawn_count, (int)DRAWN_MAX); i++)
        if (strcmp(house->drawn[i].key, key) == 0)
            drawn = &house->drawn[i];
    if (!drawn) {
        drawn = &house->drawn[house->drawn_count++ % DRAWN_MAX];
        buf_done(&drawn->bytes);
        *drawn = (Drawn){.bytes = BUF(PICTURE_BYTES_MAX)};
        snprintf(drawn->key, sizeof(drawn->key), "%s", key);
        outside_draw(
            &(OutsidePicture){
                format, width, height,
                dice_hash(words.bytes[0] | words.bytes[1] << 8, (uint64_t)number), 0},
            &drawn->bytes);
    }
    stand_in_must(buf_add(buf, drawn->bytes.bytes, drawn->bytes.size));
    pthread_mutex_unlock(&house->mutex);
}

/* The picture that was sent with nothing around its middle. */
static void cutout_add(const Talk *talk, Buf *buf)
{
    AUTO(image_decoded_done) ImageDecoded decoded = {.image = NULL};
    AUTO(image_free) Image *rgb = NULL, *alpha = NULL, *cut = NULL;
    int width = talk->facts.width_px, height = talk->facts.height_px;

    stand_in_must(
        image_decode(talk->picture, talk->picture_size, &image_limits_default, NULL, &decoded));
    stand_in_must(image_take_rgb(decoded.image, &rgb));
    stand_in_must(image_new(width, height, 1, DEPTH_8, &alpha));
    for (int y = height / 10; y < height - height / 10; y++)
        memset((char *)image_row_mut(alpha, y) + width / 10, 255, (size_t)(width - width / 10 * 2));
    stand_in_must(image_join_alpha(rgb, alpha, &cut));
    stand_in_must(image_encode(cut, &(ImageEncoding){.format = IMAGE_PNG}, buf));
}

static void enlarged_add(const Talk *talk, int factor, Buf *buf)
{
    AUTO(image_decoded_done) ImageDecoded decoded = {.image = NULL};
    AUTO(image_free) Image *large = NULL;

    stand_in_must(
        image_decode(talk->picture, talk->picture_size, &image_limits_default, NULL, &decoded));
    stand_in_must(image_resize(
        decoded.image, MIN(talk->facts.width_px * factor, (int)SIDE_MAX),
        MIN(talk->facts.height_px * factor, (int)SIDE_MAX), IMAGE_LINEAR, &large));
    stand_in_must(image_encode(large, &(ImageEncoding){.format = IMAGE_PNG}, buf));
}

void wish_add(const Talk *talk, const Wish *wish, int number, Buf *buf)
{
    if (wish->kind == WISH_CUTOUT && talk->picture_size)
        cutout_add(talk, buf);
    else if (wish->kind == WISH_LARGER && talk->picture_size)
        enlarged_add(talk, wish->factor, buf);
    else
        drawing_add(
            talk, wish->format, CLAMP(wish->width_px, 1, (int)SIDE_MAX),
            CLAMP(wish->height_px, 1, (int)SIDE_MAX), number, buf);
}

/* "1024x1536", else as large as what was sent, else 1024 each way. */
void wish_size_read(const Talk *talk, const char *size, Wish *wish)
{
    const char *times = size ? strchr(size, 'x') : NULL;

    wish->width_px = talk->picture_size ? talk->facts.width_px : 1024;
    wish->height_px = talk->picture_size ? talk->facts.height_px : 1024;
    if (!times)
        return;
    wish->width_px = (int)strtol(size, NULL, 10);
    wish->height_px = (int)strtol(times + 1, NULL, 10);
}

/* Keep PICTURE under an address. */
const char *talk_keep(const Talk *talk, const Buf *picture, const char *format)
{
    StandIn *house = talk->house;
    unsigned char *bytes = malloc(picture->size);
    if (!bytes)
        abort();
    memcpy(bytes, picture->bytes, picture->size);

    pthread_mutex_lock(&house->mutex);
    int number = house->kept_count++;
    Kept *kept = &house->kept[number % KEPT_MAX];
    free(kept->bytes);
    *kept = (Kept){bytes, picture->size, ""};
    snprintf(kept->type, sizeof(kept->type), "%s", format);
    pthread_mutex_unlock(&house->mutex);
    if (strstr(talk->prompt, "fault-expired"))
        number += 1000000;
    return arena_print(
        talk->mem, "http://127.0.0.1:%d/files/%d.%s", peer_port(house->peer), number, format);
}

bool talk_say_bytes(const Talk *talk, const char *type, const char *headers, const Buf *body)
{
    peer_say(
        talk->asked, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nContent-Type: %s\r\n%s\r\n",
        body->size, type, headers);
    if (strstr(talk->prompt, "fault-cut")) {
        peer_say_bytes(talk->asked, body->bytes, body->size / 2);
        return false;
    }
    for (size_t i = 0; strstr(talk->prompt, "fault-drip") && i < body->size; i++) {
        peer_say_bytes(talk->asked, body->bytes + i, 1);
        sleep(1);
    }
    if (!strstr(talk->prompt, "fault-drip"))
        peer_say_bytes(talk->asked, body->bytes, body->size);
    return true;
}

bool talk_say_json(const Talk *talk, int status, Value *value)
{
    AUTO(value_free) Value *own = value;
    AUTO(buf_done) Buf body = BUF(PICTURE_BYTES_MAX * 2);

    stand_in_must(value_write(own, VALUE_COMPACT, &body));
    if (status == 200)
        return talk_say_bytes(talk, "application/json", "", &body);
    peer_say(
        talk->asked,
        "HTTP/1.1 %d Said\r\nContent-Length: %zu\r\nContent-Type: application/json\r\n\r\n", status,
        body.size);
    bool is_cut = status < 300 && strstr(talk->prompt, "fault-cut");
    peer_say_bytes(talk->asked, body.bytes, is_cut ? body.size / 2 : body.size);
    return !is_cut;
}

bool stand_in_say_file(StandIn *house, const PeerAsked *asked)
{
    int number = (int)strtol(asked->target + strlen("/files/"), NULL, 10);

    pthread_mutex_lock(&house->mutex);
    bool is_there =
        number >= 0 && number < house->kept_count && number >= house->kept_count - KEPT_MAX;
    if (is_there) {
        const Kept *kept = &house->kept[number % KEPT_MAX];

        peer_say(
            asked, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nContent-Type: image/%s\r\n\r\n",
            kept->size, kept->type);
        peer_say_bytes(asked, kept->bytes, kept->size);
    }
    pthread_mutex_unlock(&house->mutex);
    return is_there ? true : peer_reply(asked, "404 Not Found", "", "gone");
}

/* What the model's name asks for. */
Wish talk_wish(const Talk *talk)
{
    Wish wish = {
        .format = "png",
        .factor = talk_number(talk, "scale", talk_number(talk, "upscale_factor", 2))};
    const char *size = NULL;
    int width = talk_number(talk, "width", 0), height = talk_number(talk, "height", 0);
    const Value *image_size = talk_json(talk, "image_size");

    if (value_kind(image_size) == VALUE_OBJECT) {
        width = (int)value_int(value_get(image_size, "width"));
        height = (int)value_int(value_get(image_size, "height"));
    }
    if (width && height)
        size = arena_print(talk->mem, "%dx%d", width, height);
    wish_size_read(talk, size, &wish);
    if (strstr(talk->path, "rembg") || strstr(talk->path, "birefnet") ||
        strstr(talk->path, "remove") || strstr(talk->path, "bg-"))
        wish.kind = WISH_CUTOUT;
    else if (strstr(talk->path, "upscal") || strstr(talk->path, "esrgan"))
        wish.kind = WISH_LARGER;
    return wish;
}
