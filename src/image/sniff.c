/* Which format a file has, by its content and never by its name; and what to say of the others. */
#include <string.h>
#include <strings.h>

#include "image/head_priv.h"

enum {
    TEXT_LOOK_BYTES = 4096
};

typedef struct Magic {
    size_t at;
    const char *bytes;
    size_t size;
    const char *says; /* public text */
} Magic;

#define MAGIC(bytes_) (bytes_), sizeof(bytes_) - 1

static const struct {
    Magic magic;
    ImageFormat format;
} wanted[] = {
    {{0, MAGIC("\xff\xd8\xff")}, IMAGE_JPEG}, {{0, MAGIC("\x89PNG\r\n\x1a\n")}, IMAGE_PNG},
    {{8, MAGIC("WEBP")}, IMAGE_WEBP}, /* behind RIFF, which is looked at below */
    {{0, MAGIC("II*\0")}, IMAGE_TIFF},        {{0, MAGIC("MM\0*")}, IMAGE_TIFF},
};

static const char says_video[] =
    "This file is a video, not a photo. Take a still picture from it, as JPEG or PNG.";
static const char says_raw[] = "This file is a camera raw file. Develop it in your photo program "
                               "and export it as JPEG or TIFF.";
static const char says_svg[] =
    "This file is an SVG drawing, not a photo. Export it as PNG or JPEG.";
static const char says_page[] =
    "This file is a web page, not a photo. Save the picture itself from the page.";
static const char says_text[] = "This file is text, not a photo. Choose the picture file itself.";
static const char says_jp2[] = "This file is a JPEG 2000 picture. Export it as JPEG, PNG or TIFF.";
static const char says_jxl[] = "This file is a JPEG XL picture. Export it as JPEG, PNG or WebP.";
static const char says_hdr[] = "This file is an HDR picture. Export it as JPEG, PNG or TIFF.";
static const char says_gif[] = "This file is a GIF. Save the picture as PNG or JPEG.";
static const char says_sound[] = "This file is a sound, not a photo.";

static const Magic others[] = {
    {0, MAGIC("GIF8"), says_gif},
    {0, MAGIC("BM"), "This file is a BMP picture. Save it as PNG or JPEG."},
    {0, MAGIC("\0\0\1\0"), "This file is an icon. Save the picture as PNG or JPEG."},
    {0, MAGIC("\0\0\0\x0cjP  "), says_jp2},
    {0, MAGIC("\xff\x4f\xff\x51"), says_jp2},
    {0, MAGIC("\0\0\0\x0cJXL "), says_jxl},
    {0, MAGIC("\xff\x0a"), says_jxl},
    {0, MAGIC("%PDF"), "This file is a PDF document. Export the photo in it as JPEG or PNG."},
    {0, MAGIC("8BPS"), "This file is a Photoshop document. Export it as PNG, JPEG or TIFF."},
    {0, MAGIC("PK\3\4"), "This file is a ZIP archive. Unpack it and choose the photos in it."},
    {0, MAGIC("\x1f\x8b"), "This file is compressed. Unpack it and choose the photos in it."},
    {0, MAGIC("II+\0"), "This file is a BigTIFF. Save it as an ordinary TIFF, JPEG or PNG."},
    {0, MAGIC("MM\0+"), "This file is a BigTIFF. Save it as an ordinary TIFF, JPEG or PNG."},
    {0, MAGIC("IIU\0"), says_raw},
    {0, MAGIC("IIRO"), says_raw},
    {0, MAGIC("FUJIFILMCCD-RAW"), says_raw},
    {0, MAGIC("\x76\x2f\x31\x01"), says_hdr},
    {0, MAGIC("#?RADIANCE"), says_hdr},
    {8, MAGIC("WAVE"), says_sound},
    {0, MAGIC("ID3"), says_sound},
    {8, MAGIC("AVI "), says_video},
    {0, MAGIC("\x1a\x45\xdf\xa3"), says_video},
};

/* What the brand in an ISO media file's first box makes it. */
static const struct {
    const char *brand;
    bool is_avif, is_heic;
    const char *says;
} brands[] = {
    {"avif", true, false, NULL},      {"avis", true, false, NULL}, {"heic", false, true, NULL},
    {"heix", false, true, NULL},      {"heim", false, true, NULL}, {"heis", false, true, NULL},
    {"hevc", false, true, NULL},      {"hevx", false, true, NULL}, {"crx ", false, false, says_raw},
    {"jxl ", false, false, says_jxl},
};

static Err *unsupported(const char *says)
{
    Err *err = err_new(ERR_IMAGE_UNSUPPORTED, "file has none of the six formats");

    return says ? err_public(err, "%s", says) : err;
}

static Err *brand_sniff(Span file, ImageFormat *ret)
{
    size_t size = MIN((size_t)span_u32(file.at), file.size);
    bool is_avif = false, is_heic = false;
    const char *says = says_video;

    /* The brand at 8 is the main one, 12 is its version, from 16 on stand those it is compatible with. */
    for (size_t at = 8; at + 4 <= size && at < 256; at += at == 8 ? 8 : 4)
        for (size_t i = 0; i < COUNT(brands); i++)
            if (span_begins(file, at, brands[i].brand, 4)) {
                is_avif |= brands[i].is_avif;
                is_heic |= brands[i].is_heic;
                says = brands[i].says ? brands[i].says : says;
            }
    if (!is_avif && !is_heic)
        return unsupported(says);
    *ret = is_avif ? IMAGE_AVIF : IMAGE_HEIC;
    return NULL;
}

static bool holds(const char *text, const char *word)
{
    return strcasestr(text, word) != NULL;
}

/* What a file of letters seems to be; NULL when it is not one. */
static const char *text_sniff(Span file)
{
    char text[TEXT_LOOK_BYTES + 1];
    size_t size = MIN(file.size, (size_t)TEXT_LOOK_BYTES);

    for (size_t i = 0; i < size; i++) {
        if (file.at[i] < 0x20 && !strchr("\t\n\v\f\r", file.at[i]))
            return NULL;
        text[i] = (char)file.at[i];
    }
    text[size] = 0;
    if (holds(text, "<svg"))
        return says_svg;
    if (holds(text, "<html") || holds(text, "<!doctype html"))
        return says_page;
    return says_text;
}

/* Whether all there is of FILE is the beginning of MAGIC. */
static bool ends_within(Span file, const Magic *magic)
{
    return magic->at == 0 && file.size < magic->size && !memcmp(file.at, magic->bytes, file.size);
}

static bool is_short_riff(Span file)
{
    return file.size < 12 && !memcmp(file.at, "RIFF", MIN(file.size, (size_t)4));
}

Err *head_sniff(Span file, ImageFormat *ret)
{
    if (file.size == 0)
        return err_public(
            err_new(ERR_IMAGE_UNREADABLE, "file is empty"),
            "The file is empty: the upload or copy was not complete. Copy it again.");

    for (size_t i = 0; i < COUNT(wanted); i++) {
        const Magic *magic = &wanted[i].magic;

        if (ends_within(file, magic) || (magic->at == 8 && is_short_riff(file)))
            return head_cut(wanted[i].format);
        if (!span_begins(file, magic->at, magic->bytes, magic->size) ||
            (magic->at == 8 && !span_begins(file, 0, "RIFF", 4)))
            continue;
        *ret = wanted[i].format;
        return NULL;
    }
    if (file.size >= 16 && span_begins(file, 4, "ftyp", 4))
        return brand_sniff(file, ret);
    if (file.size >= 16 && (span_begins(file, 4, "moov", 4) || span_begins(file, 4, "mdat", 4)))
        return unsupported(says_video);
    for (size_t i = 0; i < COUNT(others); i++)
        if (span_begins(file, others[i].at, others[i].bytes, others[i].size))
            return unsupported(others[i].says);
    return unsupported(text_sniff(file));
}
