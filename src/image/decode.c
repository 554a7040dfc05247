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
    STRIP_ROWS = 64,
    SHRINK_MOST = 256 /* its sums fit 32 bits */
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
    int shrink;     /* so many pixels of a row, and so many rows, become one; 1 for all of them */
    uint32_t *sums; /* of a shrunk row: colours times their alpha, and alpha; NULL unless shrunk */
} Decoding;

static void decoding_done(Decoding *decoding)
{
    vips_unref(decoding->from);
    buf_done(&decoding->packed);
    colour_path_free(decoding->path);
    image_free(decoding->to);
    free(decoding->scratch);
    free(decoding->sums);
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

/* ROW as 8-bit RGB or RGBA, in READY. */
static void row_paint(const Decoding *decoding, const unsigned char *row, unsigned char *ready)
{
    size_t width = (size_t)decoding->from->Xsize;
    size_t colour_bytes = (size_t)decoding->paint * decoding->depth;
    unsigned char *colours = decoding->scratch;
    unsigned char *rgb = colours + width * colour_bytes;

    if (!decoding->has_alpha) {
        colour_path_row(decoding->path, row, width, ready);
        return;
    }
    colours_take(row, width, colour_bytes + decoding->depth, colour_bytes, colours);
    colour_path_row(decoding->path, colours, width, rgb);
    alpha_join(decoding, row, rgb, width, ready);
}

/* Where a row is painted that is not painted in its place: behind what row_paint uses. */
static unsigned char *row_aside(const Decoding *decoding)
{
    size_t width = (size_t)decoding->from->Xsize;

    return decoding->scratch + width * ((size_t)decoding->paint * decoding->depth + 3);
}

static void
row_place(const Decoding *decoding, const unsigned char *ready, size_t width, int y, Turn turn)
{
    size_t channels = (size_t)image_channels(decoding->to);
    unsigned char *out = (unsigned char *)image_row_mut(decoding->to, 0) + turn.start;

    out += turn.step_y * y;
    for (size_t x = 0; x < width; x++, out += turn.step_x)
        for (size_t c = 0; c < channels; c++)
            out[c] = ready[x * channels + c];
}

static void row_put(const Decoding *decoding, const unsigned char *row, int y, Turn turn)
{
    unsigned char *out = image_row_mut(decoding->to, 0);

    if (turn.step_x == image_channels(decoding->to)) {
        row_paint(decoding, row, out + turn.start + turn.step_y * y);
        return;
    }
    row_paint(decoding, row, row_aside(decoding));
    row_place(decoding, row_aside(decoding), (size_t)decoding->from->Xsize, y, turn);
}

/* ---- the same, smaller: every square of shrink x shrink pixels becomes their mean ---- */

static int shrunk(const Decoding *decoding, int side)
{
    return side / decoding->shrink;
}

static void sums_add(const Decoding *decoding, const unsigned char *ready)
{
    size_t channels = (size_t)image_channels(decoding->to);
    size_t shrink = (size_t)decoding->shrink;
    size_t width = (size_t)shrunk(decoding, decoding->from->Xsize) * shrink;

    for (size_t x = 0; x < width; x++, ready += channels) {
        uint32_t *sum = decoding->sums + x / shrink * 4;
        uint32_t alpha = channels == 4 ? ready[3] : 255;

        for (size_t c = 0; c < 3; c++)
            sum[c] += ready[c] * alpha;
        sum[3] += alpha;
    }
}

static void sums_take(const Decoding *decoding, unsigned char *ready)
{
    size_t channels = (size_t)image_channels(decoding->to);
    size_t width = (size_t)shrunk(decoding, decoding->from->Xsize);
    uint32_t area = (uint32_t)decoding->shrink * (uint32_t)decoding->shrink;

    for (size_t x = 0; x < width; x++, ready += channels) {
        uint32_t *sum = decoding->sums + x * 4;
        uint32_t weight = MAX(sum[3], 1u);

        for (size_t c = 0; c < 3; c++)
            ready[c] = (uint8_t)((sum[c] + weight / 2) / weight);
        if (channels == 4)
            ready[3] = (uint8_t)((sum[3] + area / 2) / area);
    }
    memset(decoding->sums, 0, width * 4 * sizeof(*decoding->sums));
}

static void row_shrink(const Decoding *decoding, const unsigned char *row, int y, Turn turn)
{
    unsigned char *ready = row_aside(decoding);

    row_paint(decoding, row, ready);
    sums_add(decoding, ready);
    if ((y + 1) % decoding->shrink != 0)
        return;
    sums_take(decoding, ready);
    row_place(
        decoding, ready, (size_t)shrunk(decoding, decoding->from->Xsize), y / decoding->shrink,
        turn);
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
    Turn turn = turn_of(
        decoding->head->facts.orientation, shrunk(decoding, width), shrunk(decoding, height),
        image_channels(decoding->to));

    for (int top = 0; top < height; top += STRIP_ROWS) {
        VipsRect rect = {0, top, width, MIN(STRIP_ROWS, height - top)};

        TRY(time_check(decoding));
        if (guest.vips_region_prepare(region, &rect) != 0)
            return damaged(decoding->head, "unable to decode");
        for (int y = top; y < top + rect.height; y++)
            if (decoding->shrink > 1)
                row_shrink(decoding, vips_row(region, y), y, turn);
            else
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
    int width = MAX(shrunk(decoding, from->Xsize), 1),
        height = MAX(shrunk(decoding, from->Ysize), 1);
    TRY(image_new(
        swap ? height : width, swap ? width : height, decoding->has_alpha ? 4 : 3, DEPTH_8,
        &decoding->to));
    decoding->scratch = malloc(scratch_bytes);
    if (decoding->shrink > 1)
        decoding->sums = calloc((size_t)width * 4, sizeof(*decoding->sums));
    if (!decoding->scratch || (decoding->shrink > 1 && !decoding->sums))
        return err_new(ERR_MEMORY_SPENT, "no memory for a row of %d pixels", from->Xsize);

    VipsRegion *region = guest.vips_region_new(decoding->from);
    Err *err = strips_read(decoding, region);
    guest.g_object_unref(region);
    return err;
}

/* From FILE's bytes to pixels: HEAD, LIMITS and shrink of DECODING have been set. */
static MUST Err *decode(Decoding *decoding, Span file, Head *head)
{
    TRY(cancel_check(decoding->cancel));
    TRY(guest_open());
    TRY(pack(decoding, &file));
    if (load(head->facts.format, file, &decoding->from) != 0)
        return damaged(head, "unable to open");
    TRY(size_check(decoding));
    TRY(pixels_understand(decoding));
    TRY(pixels_read(decoding, head->facts.profile));
    head->facts.has_alpha = decoding->has_alpha;
    head->facts.was_cmyk = decoding->paint == PAINT_CMYK;
    return NULL;
}

static int64_t deadline_of(const ImageLimits *limits)
{
    return clock_ticks_ms() + (limits ? limits : &image_limits_default)->time_ms;
}

Err *image_decode(
    const void *bytes, size_t size, const ImageLimits *limits, Cancel *cancel, ImageDecoded *ret)
{
    AUTO(head_done) Head head = {0};
    AUTO(decoding_done) Decoding decoding = {
        .head = &head, .cancel = cancel, .deadline_ms = deadline_of(limits), .shrink = 1};
    AUTO(image_decoded_done) ImageDecoded out = {0};
    Span file = {bytes, size};

    TRY(head_read(file, limits, &head));
    TRY(decode(&decoding, file, &head));

    out.facts = head.facts;
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

Err *image_decode_small(
    const void *bytes, size_t size, const ImageSmall *wish, ImageFacts *ret_facts, Image **ret)
{
    AUTO(head_done) Head head = {0};
    AUTO(decoding_done) Decoding decoding = {
        .head = &head, .cancel = wish->cancel, .deadline_ms = deadline_of(wish->limits)};
    Span file = {bytes, size};

    TRY(head_read(file, wish->limits, &head));
    const ImageFacts facts = head.facts;
    int longest = MAX(facts.width_px, facts.height_px);
    int shortest = MIN(facts.width_px, facts.height_px);

    /* Twice the wished size is left to the better kernel; a strip of a picture does not shrink to nothing. */
    decoding.shrink = CLAMP(longest / (2 * wish->side_px), 1, MIN(shortest, SHRINK_MOST));
    TRY(decode(&decoding, file, &head));
    double scale = MIN((double)wish->side_px / longest, 1.0);
    TRY(image_resize(
        decoding.to, MAX((int)(facts.width_px * scale + 0.5), 1),
        MAX((int)(facts.height_px * scale + 0.5), 1), IMAGE_LANCZOS3, ret));
    *ret_facts = head.facts;
    return NULL;
}
