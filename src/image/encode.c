/* From a picture to a file's bytes. */
#include "image/vips_priv.h"

static Err *save(VipsImage *image, const ImageEncoding *encoding, void **bytes, size_t *size)
{
    int quality = CLAMP(encoding->quality, 1, 100);
    int effort = CLAMP(encoding->effort, 0, 9);
    int failed = -1;

    switch (encoding->format) {
    case IMAGE_JPEG:
        failed = vips_jpegsave_buffer(
            image, bytes, size, "Q", quality, "optimize_coding", TRUE, "interlace", TRUE, "strip",
            TRUE, "subsample_mode",
            quality >= 90 ? VIPS_FOREIGN_SUBSAMPLE_OFF : VIPS_FOREIGN_SUBSAMPLE_ON, NULL);
        break;
    case IMAGE_PNG:
        failed = vips_pngsave_buffer(
            image, bytes, size, "compression", CLAMP(effort, 1, 9), "strip", TRUE, NULL);
        break;
    case IMAGE_WEBP:
        failed = vips_webpsave_buffer(
            image, bytes, size, "Q", quality, "lossless", encoding->lossless, "effort",
            effort * 6 / 9, "strip", TRUE, NULL);
        break;
    case IMAGE_AVIF:
        failed = vips_heifsave_buffer(
            image, bytes, size, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "Q", quality,
            "lossless", encoding->lossless, "effort", effort, "strip", TRUE, NULL);
        break;
    case IMAGE_TIFF:
        failed = vips_tiffsave_buffer(
            image, bytes, size, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE, "predictor",
            VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, "strip", TRUE, NULL);
        break;
    default:
        return err_new(ERR_BUG, "no %s is written", image_format_name(encoding->format));
    }
    return failed ? vips_err(ERR_MEMORY_SPENT, "unable to encode") : NULL;
}

Err *image_encode(const Image *image, const ImageEncoding *encoding, Buf *buf)
{
    AUTO(image_free) Image *flat = NULL;
    AUTO(vips_unref) VipsImage *wrapped = NULL;
    void *bytes = NULL;
    size_t size = 0;

    if (encoding->format == IMAGE_JPEG && image_has_alpha(image)) {
        TRY(image_flatten(image, encoding->ground, &flat));
        image = flat;
    }
    TRY(image_to_vips(image, &wrapped));
    TRY(save(wrapped, encoding, &bytes, &size));
    Err *err = buf_add(buf, bytes, size);
    g_free(bytes);
    return err;
}
