/* Putting our own metadata, and no other, into a finished file.
 *
 * libvips would write an EXIF block of its own, so it is told to strip everything and the three containers are rebuilt here.
 */
#include <math.h>
#include <string.h>
#include <zlib.h>

#include "image/splice_priv.h"

static void put_u16(unsigned char *at, unsigned number)
{
    at[0] = (unsigned char)(number >> 8);
    at[1] = (unsigned char)number;
}

static void put_u32(unsigned char *at, uint32_t number)
{
    put_u16(at, number >> 16);
    put_u16(at + 2, number & 0xffff);
}

static void put_u32_le(unsigned char *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(number >> 8 * i);
}

/* ---- JPEG ---- */

enum {
    SEGMENT_MAX_BYTES = 65533,
    ICC_PART_BYTES = SEGMENT_MAX_BYTES - 14
};

static Err *segment_add(Buf *buf, int marker, Span name, Span body)
{
    unsigned char head[4] = {0xff, (unsigned char)marker};

    if (name.size + body.size > SEGMENT_MAX_BYTES)
        return err_new(ERR_INPUT_INVALID, "jpeg segment of %zu bytes", name.size + body.size);
    put_u16(head + 2, (unsigned)(name.size + body.size + 2));
    TRY(buf_add(buf, head, sizeof(head)));
    TRY(buf_add(buf, name.at, name.size));
    return buf_add(buf, body.at, body.size);
}

static Err *jpeg_profile_add(Buf *buf, Span profile)
{
    size_t parts = (profile.size + ICC_PART_BYTES - 1) / ICC_PART_BYTES;

    if (parts > 255)
        return err_new(ERR_INPUT_INVALID, "profile of %zu bytes", profile.size);
    for (size_t i = 0; i < parts; i++) {
        const unsigned char name[] = "ICC_PROFILE";
        unsigned char head[14];
        size_t at = i * ICC_PART_BYTES;

        memcpy(head, name, 12);
        head[12] = (unsigned char)(i + 1);
        head[13] = (unsigned char)parts;
        TRY(segment_add(
            buf, 0xe2, (Span){head, sizeof(head)},
            (Span){profile.at + at, MIN(profile.size - at, (size_t)ICC_PART_BYTES)}));
    }
    return NULL;
}

Err *splice_jpeg(Span file, const Extras *extras, Buf *buf)
{
    static const unsigned char xmp_name[] = "http://ns.adobe.com/xap/1.0/";
    unsigned char jfif[] = {'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
    size_t at = 2;

    if (extras->dpi > 0) {
        jfif[7] = 1; /* per inch */
        put_u16(jfif + 8, (unsigned)lround(MIN(extras->dpi, 65535.0)));
        put_u16(jfif + 10, (unsigned)lround(MIN(extras->dpi, 65535.0)));
    }
    TRY(buf_reserve(buf, file.size + extras->xmp.size + extras->profile.size + 4096));
    TRY(buf_add(buf, file.at, 2));
    TRY(segment_add(buf, 0xe0, (Span){jfif, sizeof(jfif)}, (Span){0}));
    if (extras->xmp.size)
        TRY(segment_add(buf, 0xe1, (Span){xmp_name, sizeof(xmp_name)}, extras->xmp));
    TRY(jpeg_profile_add(buf, extras->profile));
    /* Skip the application segments and comments that stand before the picture. */
    while (at + 4 <= file.size && file.at[at] == 0xff &&
           ((file.at[at + 1] & 0xf0) == 0xe0 || file.at[at + 1] == 0xfe))
        at += 2 + span_u16(file.at + at + 2);
    return buf_add(buf, file.at + at, file.size - at);
}

/* ---- PNG ---- */

static Err *chunk_add(Buf *buf, const char *type, Span name, Span body)
{
    unsigned char head[8], tail[4];
    uLong crc = crc32(0, (const Bytef *)type, 4);

    put_u32(head, (uint32_t)(name.size + body.size));
    memcpy(head + 4, type, 4);
    if (name.size)
        crc = crc32(crc, name.at, (uInt)name.size);
    if (body.size)
        crc = crc32(crc, body.at, (uInt)body.size);
    put_u32(tail, (uint32_t)crc);
    TRY(buf_add(buf, head, sizeof(head)));
    TRY(buf_add(buf, name.at, name.size));
    TRY(buf_add(buf, body.at, body.size));
    return buf_add(buf, tail, sizeof(tail));
}

static Err *png_profile_add(Buf *buf, Span profile)
{
    static const unsigned char name[] = {'I', 'C', 'C', 0, 0};
    uLongf size = compressBound(profile.size);
    AUTO(free) unsigned char *packed = malloc(size);

    if (!packed || compress2(packed, &size, profile.at, profile.size, 6) != Z_OK)
        return err_new(ERR_MEMORY_SPENT, "no memory to compress a profile");
    return chunk_add(buf, "iCCP", (Span){name, sizeof(name)}, (Span){packed, size});
}

Err *splice_png(Span file, const Extras *extras, Buf *buf)
{
    static const unsigned char xmp_name[] =
        "XML:com.adobe.xmp\0\0\0\0"; /* five zeros with its own */
    const size_t header_end = 8 + 25;

    TRY(buf_reserve(buf, file.size + extras->xmp.size + extras->profile.size + 4096));
    TRY(buf_add(buf, file.at, header_end));
    if (extras->profile.size)
        TRY(png_profile_add(buf, extras->profile));
    if (extras->dpi > 0) {
        unsigned char density[9];

        put_u32(density, (uint32_t)lround(extras->dpi / 0.0254));
        put_u32(density + 4, (uint32_t)lround(extras->dpi / 0.0254));
        density[8] = 1; /* per metre */
        TRY(chunk_add(buf, "pHYs", (Span){density, sizeof(density)}, (Span){0}));
    }
    if (extras->xmp.size)
        TRY(chunk_add(buf, "iTXt", (Span){xmp_name, sizeof(xmp_name)}, extras->xmp));
    for (size_t at = header_end; at + 12 <= file.size;) {
        size_t size = (size_t)span_u32(file.at + at) + 12;

        if (span_begins(file, at + 4, "IDAT", 4) || span_begins(file, at + 4, "IEND", 4))
            TRY(buf_add(buf, file.at + at, MIN(size, file.size - at)));
        at += size;
    }
    return NULL;
}

/* ---- WebP ---- */

static Err *riff_add(Buf *buf, const char *type, Span body)
{
    unsigned char head[8];

    memcpy(head, type, 4);
    put_u32_le(head + 4, (uint32_t)body.size);
    TRY(buf_add(buf, head, sizeof(head)));
    TRY(buf_add(buf, body.at, body.size));
    return body.size & 1 ? buf_add(buf, "", 1) : NULL;
}

Err *splice_webp(Span file, const Extras *extras, Buf *buf)
{
    static const char *const kept[] = {"ALPH", "VP8 ", "VP8L"};
    AUTO(head_done) Head head = {.profile = BUF(PROFILE_MAX_BYTES)};
    unsigned char extended[10] = {0};
    size_t start = buf->size;

    TRY(head_read_webp(file, &head));
    TRY(buf_reserve(buf, file.size + extras->xmp.size + extras->profile.size + 4096));
    TRY(buf_add(buf, "RIFF\0\0\0\0WEBP", 12));
    if (extras->xmp.size || extras->profile.size || head.facts.has_alpha) {
        extended[0] = (unsigned char)((extras->profile.size ? 0x20 : 0) |
                                      (head.facts.has_alpha ? 0x10 : 0) |
                                      (extras->xmp.size ? 0x04 : 0));
        for (int i = 0; i < 3; i++) {
            extended[4 + i] = (unsigned char)((head.facts.width_px - 1) >> 8 * i);
            extended[7 + i] = (unsigned char)((head.facts.height_px - 1) >> 8 * i);
        }
        TRY(riff_add(buf, "VP8X", (Span){extended, sizeof(extended)}));
    }
    if (extras->profile.size)
        TRY(riff_add(buf, "ICCP", extras->profile));
    for (size_t at = 12; at + 8 <= file.size;) {
        size_t size = span_u32_le(file.at + at + 4);

        for (size_t i = 0; i < COUNT(kept); i++)
            if (span_begins(file, at, kept[i], 4))
                TRY(riff_add(buf, kept[i], span_part(file, at + 8, size)));
        at += 8 + ((size + 1) & ~(size_t)1);
    }
    if (extras->xmp.size)
        TRY(riff_add(buf, "XMP ", extras->xmp));
    put_u32_le(buf->bytes + start + 4, (uint32_t)(buf->size - start - 8));
    return NULL;
}
