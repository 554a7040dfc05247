/* head_priv.h - what the first bytes of a file say, read by our own careful hands before any decoder sees them. */
#pragma once

#include <string.h>

#include "image/image.h"

/* Bytes inside the file, borrowed; size 0 when absent. */
typedef struct Span {
    const unsigned char *at;
    size_t size;
} Span;

enum {
    PROFILE_MAX_BYTES = 4 * 1024 * 1024, /* larger than any printer's */
    XMP_MAX_BYTES = 1024 * 1024
};

typedef struct Head {
    ImageFacts facts;            /* width_px and height_px are upright */
    int64_t pixels;              /* what decoding has to go through */
    bool alpha_is_premultiplied; /* TIFF with associated alpha */
    bool needs_packing;          /* PNG: there are chunks that the decoder should not see */
    bool is_progressive;         /* JPEG */
    bool lacks_end;              /* JPEG without its end marker */
    bool has_credentials;        /* a C2PA manifest */
    int scans;                   /* JPEG: passes over the picture */
    Span exif, xmp, iptc;        /* EXIF begins with its TIFF header, IPTC with its first record */
    Buf profile;                 /* ICC */
    Buf unpacked_xmp;            /* what xmp points to when the file keeps it compressed */
} Head;

void head_done(Head *head);
DEFINE_AUTO_DONE(Head, head_done);

/* Sniff, walk and check against LIMITS (NULL for the default). Touches each byte once at most. */
MUST Err *head_read(Span file, const ImageLimits *limits, Head *ret);

/* Which of the six formats; else IMAGE_UNSUPPORTED, naming what the file seems to be, or IMAGE_UNREADABLE when too little of it is
 * there to tell. */
MUST Err *head_sniff(Span file, ImageFormat *ret);

/* One reader a format: fill what is known, with width and height as stored. */
MUST Err *head_read_jpeg(Span file, Head *head);
MUST Err *head_read_png(Span file, Head *head);
MUST Err *head_read_webp(Span file, Head *head);
MUST Err *head_read_heif(Span file, Head *head);
MUST Err *head_read_tiff(Span file, Head *head);

/* FILE without the chunks that a picture does not need: a PNG decoder would inflate some of them without a bound. */
MUST Err *head_pack_png(Span file, Buf *buf);

/* IMAGE_UNREADABLE, saying that the file ends too early, or that it is damaged. */
MUST Err *head_cut(ImageFormat format);
MUST Err *head_damaged(ImageFormat format, const char *what);

/* ---- TIFF directories: of EXIF data and of TIFF files ---- */

typedef struct Directory {
    Span file;
    bool little_endian;
    size_t at; /* of its first entry */
    unsigned count;
} Directory;

typedef struct Entry {
    unsigned type;
    uint32_t count;
    Span value;
    bool little_endian;
} Entry;

/* The first directory of FILE; false when there is none. */
bool directory_open(Span file, Directory *ret);
bool directory_next(Directory *directory); /* to the one that follows */
/* The one that TAG of PARENT points to. */
bool directory_below(const Directory *parent, unsigned tag, Directory *ret);
bool directory_find(const Directory *directory, unsigned tag, Entry *ret);
uint32_t entry_number(const Entry *entry, uint32_t index); /* BYTE, SHORT and LONG; else 0 */
double entry_ratio(const Entry *entry);                    /* RATIONAL; else 0 */
uint32_t directory_number(const Directory *directory, unsigned tag, uint32_t otherwise);

/* Orientation and resolution, from EXIF or TIFF. An invalid orientation is 1. */
void directory_facts(const Directory *directory, ImageFacts *facts);

/* ---- bytes ---- */

static inline bool span_begins(Span span, size_t at, const char *with, size_t size)
{
    return span.size >= size && at <= span.size - size && !memcmp(span.at + at, with, size);
}

/* SIZE bytes at AT of SPAN, or an empty span when they are not all there. */
static inline Span span_part(Span span, size_t at, size_t size)
{
    return at <= span.size && size <= span.size - at ? (Span){span.at + at, size} : (Span){0};
}

static inline bool span_holds(Span span, const char *word)
{
    return span.at && memmem(span.at, span.size, word, strlen(word));
}

static inline unsigned span_u16(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static inline uint32_t span_u32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline unsigned span_u16_le(const unsigned char *at)
{
    return (unsigned)at[1] << 8 | at[0];
}

static inline uint32_t span_u32_le(const unsigned char *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}
