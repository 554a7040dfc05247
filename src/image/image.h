/* image.h - pictures, as the rest of the house sees them.
 *
 * An Image is a plain block of pixels: rows from the top, channels interleaved, no padding between pixels. Colours are sRGB with
 * straight (not premultiplied) alpha; 1 channel is grey or a mask, 3 are RGB, 4 are RGBA. Depth is 8 bits a channel, or 16, or
 * 32-bit float of 0..1 (still sRGB-encoded unless a function says linear).
 *
 * An Image is written by the thread that made it and is read-only from the moment it is shared; references are counted
 * atomically and may cross threads. This folder is the only one that includes libvips; nothing of GLib leaves it.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/colour.h"

typedef struct Image Image;

typedef enum Depth {
    DEPTH_8 = 1, /* the value is the size of a channel in bytes */
    DEPTH_16 = 2,
    DEPTH_FLOAT = 4
} Depth;

typedef struct Box {
    int left, top, width, height; /* pixels */
} Box;

/* ---- the house ---- */

/* Before and after all else, from main. THREADS is how many threads one operation may use. The picture library is not opened by
 * this: the first picture that is decoded, encoded or written on does it, in any thread, and so costs nothing before. */
void image_start(int threads);
void image_stop(void);

/* Open the picture library now, so that what is missing is found out before there is work. LIBRARY_MISSING, as of everything
 * below that says so. */
MUST Err *image_open(void);

/* The picture library and its version: "libvips 8.14.1", or "libvips not installed". Opens it. */
const char *image_library(void);

/* Give back what the picture library keeps for the calling thread; call at the end of a worker thread. */
void image_leave_thread(void);

/* ---- making and holding ---- */

/* Zeroed pixels. MEMORY_SPENT when there is no room; IMAGE_TOO_LARGE above 65535 a side. */
MUST Err *image_new(int width, int height, int channels, Depth depth, Image **ret);

/* A picture of one colour, DEPTH_8; RGBA when COLOUR is not opaque, else RGB. */
MUST Err *image_flat(int width, int height, Colour colour, Image **ret);

Image *image_ref(const Image *image);
void image_free(Image *image); /* drops one reference; NULL is fine */
DEFINE_AUTO(Image, image_free);

int image_width(const Image *image);
int image_height(const Image *image);
int image_channels(const Image *image);
Depth image_depth(const Image *image);
bool image_has_alpha(const Image *image); /* 4 channels */
size_t image_bytes(const Image *image);   /* of the pixels */

/* Row Y: width * channels values of uint8_t, uint16_t or float. The second form only while nobody else holds IMAGE. */
const void *image_row(const Image *image, int y);
void *image_row_mut(Image *image, int y);

/* ---- in: bytes from outside ---- */

typedef struct ImageLimits {
    int64_t bytes;  /* of the file; default 20 MiB */
    int64_t pixels; /* width x height, all frames' canvas; default 64 million */
    int side_px;    /* longest side; default 16384 */
    int time_ms;    /* decoding one picture; default 20,000 */
} ImageLimits;

extern const ImageLimits image_limits_default;

typedef enum ImageFormat {
    IMAGE_JPEG,
    IMAGE_PNG,
    IMAGE_WEBP,
    IMAGE_HEIC,
    IMAGE_AVIF,
    IMAGE_TIFF,
    IMAGE_FORMAT_MAX_
} ImageFormat;

const char *image_format_name(ImageFormat format);   /* "jpeg" */
const char *image_format_ending(ImageFormat format); /* "jpg" */
const char *image_format_mime(ImageFormat format);   /* "image/jpeg" */

/* Rights and provenance that may stay with a picture, as UTF-8; each NULL when absent. Personal data is never among them: a
 * creator's name is kept only where copyright, credit or terms are claimed beside it, and EXIF's owner and artist never are. */
typedef struct ImageRights {
    char *copyright, *creator, *credit, *usage_terms;
    char *source_type;            /* IPTC's word for how it came about, mostly as an address */
    char *program, *recipe, *key; /* what made it; RECIPE and KEY are this program's own */
} ImageRights;

void image_rights_done(ImageRights *rights);
DEFINE_AUTO_DONE(ImageRights, image_rights_done);

typedef struct ImageFacts {
    ImageFormat format;
    int width_px, height_px; /* upright: after the EXIF orientation */
    int channels, bits;      /* as stored: 1..4 (CMYK is 4), 1..16 bits a channel */
    bool has_alpha;
    bool was_cmyk;
    int frames;       /* 1 unless animated; only the first frame is read */
    int orientation;  /* EXIF 1..8 */
    double dpi;       /* 0 when unknown */
    char profile[64]; /* description of the embedded ICC profile, "" when there was none */
} ImageFacts;

/* Read only the head of BYTES and check it against LIMITS: nothing large is decoded or allocated.
 * IMAGE_UNSUPPORTED (not one of the six formats, decided by content), IMAGE_UNREADABLE, IMAGE_TOO_LARGE. */
MUST Err *image_probe(const void *bytes, size_t size, const ImageLimits *limits, ImageFacts *ret);

/* Which of the six formats BYTES, the beginning of a file, are of: IMAGE_UNSUPPORTED for none, naming what they seem to be;
 * IMAGE_UNREADABLE when they are too few to tell. */
MUST Err *image_sniff(const void *bytes, size_t size, ImageFormat *ret);

/* What a file carries beside its pixels. */
typedef struct ImageTraces {
    ImageFacts facts;
    ImageRights rights;
    bool has_place;       /* where it was taken: GPS, or a place by name */
    bool has_owner;       /* a person's name that no right is claimed with */
    bool has_serial;      /* number of the camera or lens */
    bool has_credentials; /* Content Credentials (C2PA); whether they hold is not checked */
} ImageTraces;

void image_traces_done(ImageTraces *traces);
DEFINE_AUTO_DONE(ImageTraces, image_traces_done);

/* As image_probe, and all that the head says. */
MUST Err *
image_inspect(const void *bytes, size_t size, const ImageLimits *limits, ImageTraces *ret);

typedef struct ImageDecoded {
    Image *image; /* upright, sRGB, 1 channel never: RGB or RGBA, DEPTH_8 */
    ImageFacts facts;
    ImageRights rights;
    Buf profile; /* embedded ICC profile of an RGB source, empty when none; to give back on export */
} ImageDecoded;

void image_decoded_done(ImageDecoded *decoded);
DEFINE_AUTO_DONE(ImageDecoded, image_decoded_done);

/* Probe, then decode. Also TIMED_OUT, CANCELLED, MEMORY_SPENT. A truncated picture is IMAGE_UNREADABLE, not half a picture. */
MUST Err *image_decode(
    const void *bytes, size_t size, const ImageLimits *limits, Cancel *cancel, ImageDecoded *ret);

/* A picture to be shown small. */
typedef struct ImageSmall {
    int side_px;               /* of its longer side; it is never enlarged */
    const ImageLimits *limits; /* of the file; NULL for the default */
    Cancel *cancel;
} ImageSmall;

/* As image_decode, all of it, so that what is damaged anywhere is found out; but it is shrunk while it is decoded, in the memory of some rows and
 * of the small picture (and what a progressive or interlaced file needs by its nature). *RET_FACTS are the file's. */
MUST Err *image_decode_small(
    const void *bytes, size_t size, const ImageSmall *wish, ImageFacts *ret_facts, Image **ret);

/* ---- out ---- */

typedef enum ImageMetadata {
    IMAGE_METADATA_NONE,   /* nothing but pixels and profile */
    IMAGE_METADATA_RIGHTS, /* the ImageRights, as XMP */
} ImageMetadata;

typedef struct ImageEncoding {
    ImageFormat format; /* JPEG, PNG, WebP, AVIF or TIFF */
    int quality;        /* 1..100, JPEG, WebP, AVIF */
    bool lossless;      /* WebP, AVIF */
    int effort;         /* 0 fastest .. 9 smallest */
    double dpi;         /* 0 leaves it out */
    Colour ground;      /* what shows through alpha where the format has none (JPEG) */
    ImageMetadata metadata;
    const ImageRights *rights; /* NULL for none */
    const void *profile;
    size_t profile_size; /* convert to this ICC profile and embed it; NULL is sRGB, not embedded */
} ImageEncoding;

/* IMAGE may be 8 or 16 bits deep, 1, 3 or 4 channels. The same picture and settings give the same bytes. */
MUST Err *image_encode(const Image *image, const ImageEncoding *encoding, Buf *buf);

/* ---- shaping; each returns a new picture of the same channels and depth ---- */

MUST Err *image_crop(const Image *image, Box box, Image **ret); /* BOX inside the picture */

typedef enum ImageKernel {
    IMAGE_NEAREST,
    IMAGE_LINEAR,
    IMAGE_CUBIC,
    IMAGE_LANCZOS3
} ImageKernel;

/* To exactly WIDTH x HEIGHT; shrinking averages. Alpha is premultiplied on the way, so edges keep their colour. */
MUST Err *image_resize(const Image *image, int width, int height, ImageKernel kernel, Image **ret);

MUST Err *image_mirror(const Image *image, Image **ret); /* left and right changed */

typedef struct ImageEnlarging {
    int threads; /* 0 takes image_start's */
    int tile_px; /* 0 takes the best */
    const Cancel *cancel;
    void (*progress)(void *context, double part); /* 0..1 of it is done; may be NULL */
    void *context;
} ImageEnlarging;

/* RGB of 8 bits to twice as wide and high, by a small network that travels in the program: sharper than any kernel, and nothing
 * invented. The same bytes on any number of threads, in tiles of any size and on every processor; takes 4 MB a thread beside the
 * two pictures. OPTIONS may be NULL. CANCELLED, TIMED_OUT, MEMORY_SPENT, IMAGE_TOO_LARGE. */
MUST Err *image_enlarge(const Image *rgb, const ImageEnlarging *options, Image **ret);

/* LARGER, with what it lacks of ORIGINAL put back: shrunk to ORIGINAL's size it is as good as ORIGINAL. Both of 8 bits and as many
 * channels. */
MUST Err *image_faithful(const Image *larger, const Image *original, Image **ret);

MUST Err *image_rotate(
    const Image *image, double degrees, Image **ret); /* clockwise, RGBA out, grown to fit */

/* Gaussian, SIGMA in pixels, for one-channel masks and RGB alike; the edge repeats. */
MUST Err *image_blur(const Image *image, double sigma_px, Image **ret);

/* A copy of another depth: values are rounded, 8-bit 255 is 16-bit 65535 is float 1. */
MUST Err *image_to_depth(const Image *image, Depth depth, Image **ret);

MUST Err *image_copy(const Image *image, Image **ret); /* to be written on */

/* RGB and a mask of the same size and depth to RGBA; and its parts again. */
MUST Err *image_join_alpha(const Image *rgb, const Image *alpha, Image **ret);
MUST Err *
image_take_alpha(const Image *rgba, Image **ret); /* one channel; opaque when there is none */
MUST Err *image_take_rgb(const Image *image, Image **ret); /* alpha is dropped, not blended */
MUST Err *
image_flatten(const Image *image, Colour ground, Image **ret); /* RGB, blended in linear light */

/* TEXT drawn as a one-channel mask, HEIGHT_PX from ascender to descender, in the font called FONT ("sans bold"). */
MUST Err *image_text(const char *text, const char *font, int height_px, Image **ret);

/* A paragraph. */
typedef struct ImageWords {
    const char *text; /* 1 to 1000 bytes; what breaks lines in it is a blank */
    const char *font; /* families and weight: "Inter, DejaVu Sans bold" */
    double size_px;   /* of the letters' em */
    int width_px;     /* lines are no longer */
    int lines_most;   /* what does not fit in them is left out behind an ellipsis */
    double leading;   /* from line to line, of what the font has; 0 for that */
    double
        tracking; /* between letters, of the em; only where letters stand apart in their script */
    bool is_centred;
} ImageWords;

typedef struct ImageWordsFacts {
    int lines;
    bool is_cut; /* there is an ellipsis */
} ImageWordsFacts;

/* WORDS drawn as a one-channel mask, as wide as its longest line, lines broken so that they are about as long as each other. INPUT_INVALID
 * for a text that is none, MEMORY_SPENT. */
MUST Err *image_words(const ImageWords *words, Image **ret, ImageWordsFacts *ret_facts);

/* INK through MASK, one channel of 8 bits, onto IMAGE, RGB of 8 bits, with the mask's corner at LEFT, TOP; what lies beyond the
 * picture is cut. */
void image_ink(Image *image, const Image *mask, int left, int top, Colour ink);

/* The smallest box that holds every pixel whose alpha is above THRESHOLD of 0..255; empty (width 0) when there is none. */
MUST Err *image_alpha_box(const Image *image, int threshold, Box *ret);

/* 64-bit perceptual hash (DCT of the 32x32 grey picture): near pictures differ in few bits. */
MUST Err *image_fingerprint(const Image *image, uint64_t *ret);
