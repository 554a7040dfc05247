/* The head of a WebP: RIFF chunks. */
#include <string.h>

#include "image/head_priv.h"

enum {
    FLAG_ALPHA = 0x10
};

static uint32_t u24_le(const unsigned char *at)
{
    return (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static void size_keep(Head *head, uint32_t width, uint32_t height)
{
    /* Of an extended file the canvas comes first, and counts. */
    if (head->facts.width_px)
        return;
    head->facts.width_px = (int)width;
    head->facts.height_px = (int)height;
}

static Err *chunk_read(const unsigned char *type, Span body, Head *head)
{
    if (!memcmp(type, "VP8X", 4) && body.size >= 10) {
        size_keep(head, u24_le(body.at + 4) + 1, u24_le(body.at + 7) + 1);
        head->facts.has_alpha = body.at[0] & FLAG_ALPHA;
    } else if (!memcmp(type, "VP8 ", 4) && body.size >= 10) {
        size_keep(head, span_u16_le(body.at + 6) & 0x3fff, span_u16_le(body.at + 8) & 0x3fff);
    } else if (!memcmp(type, "VP8L", 4) && body.size >= 5) {
        uint32_t bits = span_u32_le(body.at + 1);

        size_keep(head, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
        head->facts.has_alpha |= bits >> 28 & 1;
    } else if (!memcmp(type, "ANMF", 4)) {
        head->facts.frames++;
    } else if (!memcmp(type, "ICCP", 4)) {
        if (!head->profile.size && body.size <= PROFILE_MAX_BYTES)
            return buf_add(&head->profile, body.at, body.size);
    } else if (!memcmp(type, "EXIF", 4)) {
        /* Some writers keep JPEG's prefix. */
        size_t skip = span_begins(body, 0, "Exif\0", 6) ? 6 : 0;

        head->exif = (Span){body.at + skip, body.size - skip};
    } else if (!memcmp(type, "XMP ", 4)) {
        head->xmp = body;
    } else if (!memcmp(type, "C2PA", 4)) {
        head->has_credentials = true;
    }
    return NULL;
}

Err *head_read_webp(Span file, Head *head)
{
    size_t size = (size_t)span_u32_le(file.at + 4) + 8;

    if (file.size < size)
        return head_cut(IMAGE_WEBP);

    head->facts.bits = 8;
    head->facts.frames = 0;
    file.size = size;
    for (size_t at = 12; at + 8 <= file.size;) {
        uint32_t length = span_u32_le(file.at + at + 4);
        Span body = span_part(file, at + 8, length);

        if (length && !body.size)
            return head_damaged(IMAGE_WEBP, "a chunk reaches past its end");
        if (body.size)
            TRY(chunk_read(file.at + at, body, head));
        at += 8 + (((size_t)length + 1) & ~(size_t)1);
    }
    head->facts.frames = MAX(head->facts.frames, 1);
    head->facts.channels = head->facts.has_alpha ? 4 : 3;
    return head->facts.width_px ? NULL : head_damaged(IMAGE_WEBP, "no picture in it");
}
