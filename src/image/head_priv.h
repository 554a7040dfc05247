/* head_priv.h - what the first bytes of a file say, read by our own careful hands before any decoder sees them. */
#pragma once

#include "image/image.h"

/* Bytes inside the file, borrowed; size 0 when absent. */
typedef struct Span {
    const unsigned char *at;
    size_t size;
} Span;

typedef struct Head {
    ImageFacts facts; /* width_px and height_px are upright */
    int64_t
        pixels; /* what decoding has to go through, all layers of an animation's canvas counted once */
    bool alpha_is_premultiplied; /* TIFF with associated alpha */
    bool has_tail;               /* PNG: chunks that the decoder should not see */
    bool lacks_end;              /* JPEG without its end marker */
    int scans;                   /* JPEG: passes over the picture */
    Span exif, xmp, iptc;        /* EXIF begins with the TIFF header */
    Buf profile;                 /* ICC */
} Head;

void head_done(Head *head);
DEFINE_AUTO_DONE(Head, head_done);

/* Sniff, walk and check against LIMITS. Touches each byte once at most; allocates the profile only. */
MUST Err *head_read(Span file, const ImageLimits *limits, Head *ret);

/* IMAGE_UNSUPPORTED, naming what the file seems to be, unless it begins like one of the six formats. */
MUST Err *head_sniff(Span file, ImageFormat *ret);

/* One reader a format: fill what is known, and orientation as EXIF has it, with width and height as stored. */
MUST Err *head_read_jpeg(Span file, Head *head);
MUST Err *head_read_png(Span file, Head *head);
MUST Err *head_read_webp(Span file, Head *head);
MUST Err *head_read_heif(Span file, Head *head);
MUST Err *head_read_tiff(Span file, Head *head);

/* IMAGE_UNREADABLE, saying that the file ends too early, or that it is damaged. */
MUST Err *head_cut(ImageFormat format);
MUST Err *head_damaged(ImageFormat format, const char *what);

static inline unsigned span_u16(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static inline uint32_t span_u32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint32_t span_u32_le(const unsigned char *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}
