/* From a picture to a file's bytes. */
#include <math.h>

#include "image/colour_priv.h"
#include "image/rights_priv.h"
#include "image/splice_priv.h"
#include "image/vips_priv.h"

enum {
    XMP_WRITTEN_MAX_BYTES = 60000 /* one JPEG segment holds it */
};

static const struct {
    int side_max_px; /* 0: the format is not written */
    bool has_alpha, has_16_bits;
} formats[IMAGE_FORMAT_MAX_] = {
    [IMAGE_JPEG] = {65500, false, false}, [IMAGE_PNG] = {65535, true, true},
    [IMAGE_WEBP] = {16383, true, false},  [IMAGE_AVIF] = {16384, true, false},
    [IMAGE_TIFF] = {65535, true, true},
};

/* Deflate level and row filter by effort. On cut-outs "up" costs least; "paeth" buys 1 %, "all" next to nothing. */
static const struct {
    int level;
    VipsForeignPngFilter filter;
} png_efforts[] = {
    {1, VIPS_FOREIGN_PNG_FILTER_UP},    {1, VIPS_FOREIGN_PNG_FILTER_UP},
    {2, VIPS_FOREIGN_PNG_FILTER_UP},    {3, VIPS_FOREIGN_PNG_FILTER_UP},
    {4, VIPS_FOREIGN_PNG_FILTER_PAETH}, {5, VIPS_FOREIGN_PNG_FILTER_PAETH},
    {6, VIPS_FOREIGN_PNG_FILTER_PAETH}, {6, VIPS_FOREIGN_PNG_FILTER_ALL},
    {8, VIPS_FOREIGN_PNG_FILTER_ALL},   {9, VIPS_FOREIGN_PNG_FILTER_ALL},
};

static int save(VipsImage *image, const ImageEncoding *encoding, bool strip, VipsBlob **ret)
{
    int quality = CLAMP(encoding->quality, 1, 100);
    int effort = CLAMP(encoding->effort, 0, 9);
    void *bytes = NULL;
    size_t size = 0;
    int failed;

    /* Colour at half resolution shows on red edges of a product; at high quality nobody wants to save there. */
    VipsForeignSubsample subsample =
        quality >= 90 ? VIPS_FOREIGN_SUBSAMPLE_OFF : VIPS_FOREIGN_SUBSAMPLE_ON;

    switch (encoding->format) {
    case IMAGE_JPEG:
        failed = guest.vips_jpegsave_buffer(
            image, &bytes, &size, "Q", quality, "optimize_coding", TRUE, "interlace", effort > 0,
            "strip", strip, "subsample_mode", subsample, NULL);
        break;
    case IMAGE_PNG:
        failed = guest.vips_pngsave_buffer(
            image, &bytes, &size, "compression", png_efforts[effort].level, "filter",
            png_efforts[effort].filter, "strip", strip, NULL);
        break;
    case IMAGE_WEBP:
        failed = guest.vips_webpsave_buffer(
            image, &bytes, &size, "Q", quality, "lossless", encoding->lossless, "effort",
            effort * 6 / 9, "smart_subsample", quality >= 90 && effort >= 4, "strip", strip, NULL);
        break;
    case IMAGE_AVIF:
        failed = guest.vips_heifsave_buffer(
            image, &bytes, &size, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "Q", quality,
            "lossless", encoding->lossless, "effort", effort, "subsample_mode", subsample, "strip",
            strip, NULL);
        break;
    default:
        failed = guest.vips_tiffsave_buffer(
            image, &bytes, &size, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE, "predictor",
            VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, "strip", strip, NULL);
    }
    if (!failed)
        *ret = guest.vips_blob_new((VipsCallbackFn)(void (*)(void))guest.g_free, bytes, size);
    return failed;
}

static Err *format_check(const Image *image, const ImageEncoding *encoding)
{
    int side_max_px = formats[encoding->format].side_max_px;
    const char *name = image_format_name(encoding->format);

    if (!side_max_px)
        return err_public(
            err_new(ERR_INPUT_INVALID, "%s is not written", name),
            "Pictures are not written as %s. Use jpeg, png, webp, avif or tiff.", name);
    if (image_width(image) > side_max_px || image_height(image) > side_max_px)
        return err_public(
            err_new(
                ERR_IMAGE_TOO_LARGE, "%s of %d x %d", name, image_width(image),
                image_height(image)),
            "A %s picture may be at most %d pixels wide and high. Choose a smaller size or PNG.",
            name, side_max_px);
    return NULL;
}

/* IMAGE in a form that the format can hold: without alpha, with fewer bits, in RGB. */
static Err *fit(const Image *image, const ImageEncoding *encoding, Image **ret)
{
    AUTO(image_free) Image *now = image_ref(image);
    Depth depth =
        image_depth(image) != DEPTH_8 && formats[encoding->format].has_16_bits ? DEPTH_16 : DEPTH_8;

    if (image_has_alpha(now) && !formats[encoding->format].has_alpha) {
        AUTO(image_free) Image *before = TAKE(now);
        TRY(image_flatten(before, encoding->ground, &now));
    }
    if (image_depth(now) != depth) {
        AUTO(image_free) Image *before = TAKE(now);
        TRY(image_to_depth(before, depth, &now));
    }
    if (image_channels(now) == 1 && encoding->profile) {
        AUTO(image_free) Image *before = TAKE(now);
        TRY(image_take_rgb(before, &now));
    }
    *ret = TAKE(now);
    return NULL;
}

static Err *colours_convert(const Image *image, const ColourPath *path, Image **ret)
{
    AUTO(image_free) Image *out = NULL;
    AUTO(image_free) Image *alpha = NULL;
    AUTO(image_free) Image *rgb = NULL;

    TRY(image_take_rgb(image, &rgb));
    TRY(image_new(image_width(image), image_height(image), 3, image_depth(image), &out));
    for (int y = 0; y < image_height(image); y++)
        colour_path_row(path, image_row(rgb, y), (size_t)image_width(image), image_row_mut(out, y));
    if (image_has_alpha(image)) {
        TRY(image_take_alpha(image, &alpha));
        return image_join_alpha(out, alpha, ret);
    }
    *ret = TAKE(out);
    return NULL;
}

/* AVIF and TIFF are written by libvips whole, metadata too. */
static void extras_attach(VipsImage *image, const Extras *extras)
{
    if (extras->xmp.size)
        guest.vips_image_set_blob_copy(image, VIPS_META_XMP_NAME, extras->xmp.at, extras->xmp.size);
    if (extras->profile.size)
        guest.vips_image_set_blob_copy(
            image, VIPS_META_ICC_NAME, extras->profile.at, extras->profile.size);
    if (extras->dpi > 0) {
        image->Xres = image->Yres = extras->dpi / 25.4;
        guest.vips_image_set_string(image, VIPS_META_RESOLUTION_UNIT, "in");
    }
}

static Err *splice(ImageFormat format, Span file, const Extras *extras, Buf *buf)
{
    switch (format) {
    case IMAGE_JPEG:
        return splice_jpeg(file, extras, buf);
    case IMAGE_PNG:
        return splice_png(file, extras, buf);
    case IMAGE_WEBP:
        return splice_webp(file, extras, buf);
    default:
        return buf_add(buf, file.at, file.size);
    }
}

static Err *
fitting_write(const Image *image, const ImageEncoding *encoding, const Extras *extras, Buf *buf)
{
    AUTO(vips_unref) VipsImage *wrapped = NULL;
    ImageFormat format = encoding->format;
    bool is_written_whole = format == IMAGE_AVIF || format == IMAGE_TIFF;
    bool strip =
        !is_written_whole || (format == IMAGE_AVIF && !extras->xmp.size && !extras->profile.size);
    VipsBlob *blob = NULL;
    Span file = {0};

    TRY(image_to_vips(image, &wrapped));
    if (is_written_whole)
        extras_attach(wrapped, extras);
    if (save(wrapped, encoding, strip, &blob) != 0)
        return vips_err(ERR_MEMORY_SPENT, "unable to encode");
    file.at = guest.vips_blob_get(blob, &file.size);
    Err *err = splice(format, file, extras, buf);
    guest.vips_area_unref(VIPS_AREA(blob));
    return err;
}

Err *image_encode(const Image *image, const ImageEncoding *encoding, Buf *buf)
{
    AUTO(image_free) Image *fitting = NULL;
    AUTO(buf_done) Buf xmp = BUF(XMP_WRITTEN_MAX_BYTES);
    Extras extras = {.dpi = encoding->dpi};

    TRY(format_check(image, encoding));
    TRY(guest_open());
    if (encoding->metadata == IMAGE_METADATA_RIGHTS && encoding->rights)
        TRY(rights_write(encoding->rights, &xmp));
    extras.xmp = (Span){xmp.bytes, xmp.size};
    TRY(fit(image, encoding, &fitting));
    if (encoding->profile) {
        AUTO(colour_path_free) ColourPath *path = NULL;
        AUTO(image_free) Image *before = TAKE(fitting);

        extras.profile = (Span){encoding->profile, encoding->profile_size};
        TRY(colour_path_out(image_depth(before), encoding->profile, encoding->profile_size, &path));
        TRY(colours_convert(before, path, &fitting));
    }
    return fitting_write(fitting, encoding, &extras, buf);
}
