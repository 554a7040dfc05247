/* From a file's bytes to an upright sRGB picture.
 *
 * libvips decodes strip by strip; each row is turned to sRGB and put to its upright place at once, so that beside the finished
 * picture only a strip is held.
 */
#include <string.h>

#include "base/clock.h"
#include "image/colour_priv.h"
#include "image/rights_priv.h"
#include "image/vips_priv.h"

enum {
    STRIP_ROWS = 64
};

typedef struct Decoding {
    const Head *head;
    Buf packed; /* what the decoder reads, when it is not the file itself */
    VipsImage *from;
    Paint paint;
    Depth depth;
    bool has_alpha;
    ColourPath *path;
    Cancel *cancel;
    int64_t deadline_ms; /* of clock_ticks_ms */
    Image *to;
    unsigned char *scratch; /* colours without alpha, then a row of 8-bit RGB, then one of RGBA */
} Decoding;

static void decoding_done(Decoding *decoding)
{
    vips_unref(decoding->from);
    buf_done(&decoding->packed);
    colour_path_free(decoding->path);
    image_free(decoding->to);
    free(decoding->scratch);
}
DEFINE_AUTO_DONE(Decoding, decoding_done);

void image_decoded_done(ImageDecoded *decoded)
{
    image_free(decoded->image);
    image_rights_done(&decoded->rights);
    buf_done(&decoded->profile);
    *decoded = (ImageDecoded){0};
}

/* Only these are ever called, each by name: libvips is never asked to guess. */
static int load(ImageFormat format, Span file, VipsImage **ret)
{
    void *bytes = (void *)file.at; /* libvips reads it only */

    switch (format) {
    case IMAGE_JPEG:
        return guest.vips_jpegload_buffer(
            bytes, file.size, ret, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
            VIPS_FAIL_ON_WARNING, NULL);
    case IMAGE_PNG:
        return guest.vips_pngload_buffer(
            bytes, file.size, ret, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
            NULL);
    case IMAGE_WEBP:
        return guest.vips_webpload_buffer(
            bytes, file.size, ret, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
            NULL);
    case IMAGE_TIFF:
        return guest.vips_tiffload_buffer(
            bytes, file.size, ret, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
            NULL);
    default:
        return guest.vips_heifload_buffer(
            bytes, file.size, ret, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
            NULL);
    }
}

/* What lacks its end may yet be whole; when it is not, say so. */
static Err *damaged(const Head *head, const char *what)
{
    Err *cause = vips_err(ERR_IMAGE_UNREADABLE, what);

    return err_because(
        head->lacks_end ? head_cut(head->facts.format)
                        : head_damaged(head->facts.format, "its pixels cannot be decoded"),
        cause);
}

/* Give the decoder a file that it can be trusted with. */
static Err *pack(Decoding *decoding, Span *file)
{
    static const unsigned char jpeg_end[] = {0xff, 0xd9};

    decoding->packed = (Buf)BUF(file->size + sizeof(jpeg_end));
    if (decoding->head->needs_packing)
        TRY(head_pack_png(*file, &decoding->packed));
    else if (decoding->head->lacks_end) {
        /* A missing end marker alone is forgiven; libjpeg then tells whether the picture before it is whole. */
        TRY(buf_add(&decoding->packed, file->at, file->size));
        TRY(buf_add(&decoding->packed, jpeg_end, sizeof(jpeg_end)));
    }
    if (decoding->packed.size)
        *file = (Span){decoding->packed.bytes, decoding->packed.size};
    return NULL;
}

/* Limits were checked on what we read ourselves; a decoder that reads otherwise is not let loose. */
static Err *size_check(const Decoding *decoding)
{
    const VipsImage *from = decoding->from;
    const ImageFacts *facts = &decoding->head->facts;

    if ((int64_t)from->Xsize * from->Ysize <= decoding->head->pixels &&
        MAX(from->Xsize, from->Ysize) <= MAX(facts->width_px, facts->height_px))
        return NULL;
    return err_because(
        head_damaged(facts->format, "its sizes contradict each other"),
        err_new(
            ERR_IMAGE_UNREADABLE, "%d x %d in the head, %d x %d in the data", facts->width_px,
            facts->height_px, from->Xsize, from->Ysize));
}

static Err *unsupported_pixels(const VipsImage *image)
{
    return err_public(
        err_new(
            ERR_IMAGE_UNSUPPORTED, "%d channels of %s as %s", image->Bands,
            guest.vips_enum_nick(guest.vips_band_format_get_type(), image->BandFmt),
            guest.vips_enum_nick(guest.vips_interpretation_get_type(), image->Type)),
        "This picture stores its colours in a way that photos do not. Export it as JPEG or PNG.");
}

/* What the rows that libvips gives mean. */
static Err *pixels_understand(Decoding *decoding)
{
    const VipsImage *from = decoding->from;

    decoding->paint = from->Type == VIPS_INTERPRETATION_CMYK ? PAINT_CMYK
                      : from->Bands < 3                      ? PAINT_GREY
                                                             : PAINT_RGB;
    decoding->depth = from->BandFmt == VIPS_FORMAT_UCHAR ? DEPTH_8 : DEPTH_16;
    decoding->has_alpha = from->Bands > (int)decoding->paint;

    switch (from->Type) {
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16:
    case VIPS_INTERPRETATION_sRGB:
    case VIPS_INTERPRETATION_RGB:
    case VIPS_INTERPRETATION_RGB16:
    case VIPS_INTERPRETATION_CMYK:
        break;
    default:
        return unsupported_pixels(from);
    }
    if ((from->BandFmt != VIPS_FORMAT_UCHAR && from->BandFmt != VIPS_FORMAT_USHORT) ||
        from->Bands > (int)decoding->paint + 1)
        return unsupported_pixels(from);
    return NULL;
}

/* Where the pixel at (x, y) of the stored picture stands in the upright one: at start + x * step_x + y * step_y. */
typedef struct Turn {
    ptrdiff_t start, step_x, step_y; /* bytes */
} Turn;

static bool swaps_sides(int orientation)
{
    return orientation >= 5;
}

static Turn turn_of(int orientation, int width, int height, int channels)
{
    /* By EXIF orientation: does the stored x run along the upright y; do x and y run backwards? */
    static const struct {
        bool swap, back_x, back_y;
    } turns[] = {
        [1] = {false, false, false}, [2] = {false, true, false}, [3] = {false, true, true},
        [4] = {false, false, true},  [5] = {true, false, false}, [6] = {true, false, true},
        [7] = {true, true, true},    [8] = {true, true, false},
    };
    bool swap = turns[orientation].swap;
    ptrdiff_t pixel = channels, row = (ptrdiff_t)channels * (swap ? height : width);
    Turn turn = {0, swap ? row : pixel, swap ? pixel : row};

    if (turns[orientation].back_x) {
        turn.start += turn.step_x * (width - 1);
        turn.step_x = -turn.step_x;
    }
    if (turns[orientation].back_y) {
        turn.start += turn.step_y * (height - 1);
        turn.step_y = -turn.step_y;
    }
    return turn;
}

/* Colour in row of COUNT-channel pixels of SIZE-byte values, without the alpha after them. */
static void colours_take(
    const unsigned char *row, size_t width, size_t pixel_bytes, size_t colour_bytes,
    unsigned char *out)
{
    for (size_t x = 0; x < width; x++, row += pixel_bytes, out += colour_bytes)
        for (size_t i = 0; i < colour_bytes; i++)
            out[i] = row[i];
}

static void alpha_join(
    const Decoding *decoding, const unsigned char *row, const unsigned char *rgb, size_t width,
    unsigned char *rgba)
{
    size_t bands = (size_t)decoding->paint + 1;

    for (size_t x = 0; x < width; x++, rgb += 3, rgba += 4) {
        size_t at = x * bands + (size_t)decoding->paint;
        unsigned alpha = decoding->depth == DEPTH_8
                             ? row[at]
                             : (((const uint16_t *)(const void *)row)[at] * 255u + 32767) / 65535;
        bool divide = decoding->head->alpha_is_premultiplied && alpha > 0 && alpha < 255;

        for (int c = 0; c < 3; c++)
            rgba[c] = (uint8_t)(divide ? MIN((rgb[c] * 255u + alpha / 2) / alpha, 255u) : rgb[c]);
        rgba[3] = (uint8_t)alpha;
    }
}

static void row_put(const Decoding *decoding, const unsigned char *row, int y, Turn turn)
{
    size_t width = (size_t)decoding->from->Xsize;
    size_t channels = (size_t)image_channels(decoding->to);
    size_t colour_bytes = (size_t)decoding->paint * decoding->depth;
    unsigned char *colours = decoding->scratch;
    unsigned char *rgb = colours + width * colour_bytes;
    unsigned char *ready = rgb;
    unsigned char *out = image_row_mut(decoding->to, 0);
    bool straight = turn.step_x == (ptrdiff_t)channels;

    out += turn.start + turn.step_y * y;
    if (decoding->has_alpha) {
        ready = straight ? out : rgb + width * 3;
        colours_take(row, width, colour_bytes + decoding->depth, colour_bytes, colours);
        colour_path_row(decoding->path, colours, width, rgb);
        alpha_join(decoding, row, rgb, width, ready);
    } else {
        ready = straight ? out : rgb;
        colour_path_row(decoding->path, row, width, ready);
    }
    if (!straight)
        for (size_t x = 0; x < width; x++, out += turn.step_x)
            for (size_t c = 0; c < channels; c++)
                out[c] = ready[x * channels + c];
}

static Err *time_check(const Decoding *decoding)
{
    TRY(cancel_check(decoding->cancel));
    if (clock_ticks_ms() > decoding->deadline_ms)
        return err_public(
            err_new(ERR_TIMED_OUT, "decoding took longer than its limit"),
            "Opening this picture takes too long. Save it smaller or as a plain JPEG.");
    return NULL;
}

static Err *strips_read(Decoding *decoding, VipsRegion *region)
{
    int width = decoding->from->Xsize, height = decoding->from->Ysize;
    Turn turn =
        turn_of(decoding->head->facts.orientation, width, height, image_channels(decoding->to));

    for (int top = 0; top < height; top += STRIP_ROWS) {
        VipsRect rect = {0, top, width, MIN(STRIP_ROWS, height - top)};

        TRY(time_check(decoding));
        if (guest.vips_region_prepare(region, &rect) != 0)
            return damaged(decoding->head, "unable to decode");
        for (int y = top; y < top + rect.height; y++)
            row_put(decoding, vips_row(region, y), y, turn);
    }
    return NULL;
}

static Err *pixels_read(Decoding *decoding, char profile_name[64])
{
    const Head *head = decoding->head;
    const VipsImage *from = decoding->from;
    bool swap = swaps_sides(head->facts.orientation);
    size_t scratch_bytes = (size_t)from->Xsize * ((size_t)decoding->paint * decoding->depth + 7);

    TRY(colour_path_in(
        decoding->paint, decoding->depth, head->profile.bytes, head->profile.size, profile_name,
        &decoding->path));
    TRY(image_new(
        swap ? from->Ysize : from->Xsize, swap ? from->Xsize : from->Ysize,
        decoding->has_alpha ? 4 : 3, DEPTH_8, &decoding->to));
    decoding->scratch = malloc(scratch_bytes);
    if (!decoding->scratch)
        return err_new(ERR_MEMORY_SPENT, "no memory for a row of %d pixels", from->Xsize);

    VipsRegion *region = guest.vips_region_new(decoding->from);
    Err *err = strips_read(decoding, region);
    guest.g_object_unref(region);
    return err;
}

Err *image_decode(
    const void *bytes, size_t size, const ImageLimits *limits, Cancel *cancel, ImageDecoded *ret)
{
    AUTO(head_done) Head head = {0};
    AUTO(decoding_done) Decoding decoding = {
        .head = &head,
        .cancel = cancel,
        .deadline_ms = clock_ticks_ms() + (limits ? limits : &image_limits_default)->time_ms,
    };
    AUTO(image_decoded_done) ImageDecoded out = {0};
    Span file = {bytes, size};

    TRY(head_read(file, limits, &head));
    TRY(cancel_check(cancel));
    TRY(guest_open());
    TRY(pack(&decoding, &file));
    if (load(head.facts.format, file, &decoding.from) != 0)
        return damaged(&head, "unable to open");
    TRY(size_check(&decoding));
    TRY(pixels_understand(&decoding));
    TRY(pixels_read(&decoding, head.facts.profile));

    out.facts = head.facts;
    out.facts.has_alpha = decoding.has_alpha;
    out.facts.was_cmyk = decoding.paint == PAINT_CMYK;
    out.facts.width_px = image_width(decoding.to);
    out.facts.height_px = image_height(decoding.to);
    out.image = TAKE(decoding.to);
    rights_read(&head, &out.rights);
    if (decoding.paint == PAINT_RGB && out.facts.profile[0]) {
        out.profile = head.profile;
        head.profile = (Buf){0};
    }
    *ret = out;
    out = (ImageDecoded){0};
    return NULL;
}
