/* The head of a PNG: its chunks. */
#include <string.h>
#include <zlib.h>

#include "image/head_priv.h"

typedef struct Chunk {
    const char *type; /* four letters in the file */
    Span body;
    Span whole;
} Chunk;

/* The chunk at AT; false at the end of the file. */
static bool chunk_at(Span file, size_t at, Chunk *ret)
{
    Span start = span_part(file, at, 8);

    if (!start.size)
        return false;
    uint32_t size = span_u32(start.at);
    Span whole = span_part(file, at, (size_t)size + 12);
    if (!whole.size || size > INT32_MAX)
        return false;
    *ret = (Chunk){
        .type = (const char *)start.at + 4,
        .body = {start.at + 8, size},
        .whole = whole,
    };
    return true;
}

static bool is_type(const Chunk *chunk, const char *type)
{
    return !memcmp(chunk->type, type, 4);
}

/* Inflate FROM to at most TO's limit; FILE_TOO_LARGE past it. Damaged data leaves TO empty. */
static Err *inflate_bounded(Span from, Buf *to)
{
    unsigned char part[16 * 1024];
    z_stream stream = {.next_in = (unsigned char *)from.at, .avail_in = (unsigned)from.size};
    Err *err = NULL;
    int state = Z_OK;

    if (inflateInit(&stream) != Z_OK)
        return err_new(ERR_MEMORY_SPENT, "no memory to inflate");
    while (state == Z_OK && !err) {
        stream.next_out = part;
        stream.avail_out = sizeof(part);
        state = inflate(&stream, Z_NO_FLUSH);
        if (state == Z_OK || state == Z_STREAM_END)
            err = buf_add(to, part, sizeof(part) - stream.avail_out);
    }
    inflateEnd(&stream);
    if (!err && state != Z_STREAM_END)
        buf_done(to);
    return err;
}

static Err *too_much_inside(const char *what, size_t limit, Err *cause)
{
    return err_because(
        err_public(
            err_new(ERR_IMAGE_TOO_LARGE, "%s of more than %zu bytes", what, limit),
            "A %s of more than %zu MB is hidden in this picture, which no photo needs. Export it "
            "again from your photo program.",
            what, limit / (1024 * 1024)),
        cause);
}

/* iCCP: name, NUL, method, compressed profile. */
static Err *profile_read(Span body, Head *head)
{
    const unsigned char *name_end = memchr(body.at, 0, MIN(body.size, (size_t)80));

    if (!name_end || head->profile.size)
        return NULL;
    size_t at = (size_t)(name_end - body.at) + 2;
    Err *err =
        inflate_bounded(span_part(body, at, body.size > at ? body.size - at : 0), &head->profile);
    return err ? too_much_inside("colour profile", PROFILE_MAX_BYTES, err) : NULL;
}

/* iTXt: keyword, NUL, compressed?, method, language, NUL, translated keyword, NUL, text. */
static Err *text_read(Span body, Head *head)
{
    static const char keyword[] = "XML:com.adobe.xmp";
    size_t at = sizeof(keyword) + 2;

    if (!span_begins(body, 0, keyword, sizeof(keyword)) || body.size < at || head->xmp.size)
        return NULL;
    for (int names = 0; names < 2; names++) {
        const unsigned char *end = memchr(body.at + at, 0, body.size - at);

        if (!end)
            return NULL;
        at = (size_t)(end - body.at) + 1;
    }
    Span text = span_part(body, at, body.size - at);
    if (!body.at[sizeof(keyword)]) {
        head->xmp = text;
        return NULL;
    }
    Err *err = inflate_bounded(text, &head->unpacked_xmp);
    head->xmp = (Span){head->unpacked_xmp.bytes, head->unpacked_xmp.size};
    return err ? too_much_inside("text", XMP_MAX_BYTES, err) : NULL;
}

static Err *header_read(Span body, Head *head)
{
    /* Of colour type 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
    static const signed char channels[] = {1, -1, 3, 3, 2, -1, 4};

    if (body.size != 13 || body.at[9] >= COUNT(channels) || channels[body.at[9]] < 0)
        return head_damaged(IMAGE_PNG, "its header is not valid");
    uint32_t width = span_u32(body.at), height = span_u32(body.at + 4);
    if (width > INT32_MAX || height > INT32_MAX)
        return head_damaged(IMAGE_PNG, "its size is not valid");
    head->facts.width_px = (int)width;
    head->facts.height_px = (int)height;
    head->facts.bits = body.at[8];
    head->facts.channels = channels[body.at[9]];
    head->facts.has_alpha = body.at[9] & 4;
    return NULL;
}

/* All that libpng needs to give the pixels. */
static bool is_kept(const Chunk *chunk)
{
    static const char *const kept[] = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};

    for (size_t i = 0; i < COUNT(kept); i++)
        if (is_type(chunk, kept[i]))
            return true;
    return false;
}

static Err *chunk_read(const Chunk *chunk, Head *head)
{
    Span body = chunk->body;

    if (is_type(chunk, "iCCP"))
        return profile_read(body, head);
    if (is_type(chunk, "iTXt"))
        return text_read(body, head);
    if (is_type(chunk, "eXIf"))
        head->exif = body;
    else if (is_type(chunk, "caBX"))
        head->has_credentials = true;
    else if (is_type(chunk, "tRNS"))
        head->facts.has_alpha = true;
    else if (is_type(chunk, "pHYs") && body.size == 9 && body.at[8] == 1)
        head->facts.dpi = span_u32(body.at) * 0.0254;
    else if (is_type(chunk, "acTL") && body.size == 8)
        head->facts.frames = (int)CLAMP(span_u32(body.at), 1u, 100000u);
    return NULL;
}

Err *head_read_png(Span file, Head *head)
{
    size_t at = 8;
    Chunk chunk;
    bool has_pixels = false, is_whole = false;

    if (!chunk_at(file, at, &chunk))
        return head_cut(IMAGE_PNG);
    if (!is_type(&chunk, "IHDR"))
        return head_damaged(IMAGE_PNG, "it does not begin with its header");
    TRY(header_read(chunk.body, head));

    while (!is_whole && chunk_at(file, at, &chunk)) {
        TRY(chunk_read(&chunk, head));
        has_pixels |= is_type(&chunk, "IDAT");
        is_whole = is_type(&chunk, "IEND");
        head->needs_packing |= !is_kept(&chunk);
        at += chunk.whole.size;
    }
    if (!is_whole)
        return head_cut(IMAGE_PNG);
    return has_pixels ? NULL : head_damaged(IMAGE_PNG, "no picture in it");
}

Err *head_pack_png(Span file, Buf *buf)
{
    Chunk chunk;

    TRY(buf_reserve(buf, file.size));
    TRY(buf_add(buf, file.at, 8));
    for (size_t at = 8; chunk_at(file, at, &chunk); at += chunk.whole.size) {
        if (is_kept(&chunk))
            TRY(buf_add(buf, chunk.whole.at, chunk.whole.size));
        if (is_type(&chunk, "IEND"))
            break;
    }
    return NULL;
}
