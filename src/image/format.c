/* The six formats and what they are called. */
#include "image/image.h"

const ImageLimits image_limits_default = {
    .bytes = 20LL << 20,
    .pixels = 64LL * 1000 * 1000,
    .side_px = 16384,
    .time_ms = 20 * 1000,
};

static const struct {
    const char *name, *ending, *mime;
} formats[] = {
    [IMAGE_JPEG] = {"jpeg", "jpg", "image/jpeg"},  [IMAGE_PNG] = {"png", "png", "image/png"},
    [IMAGE_WEBP] = {"webp", "webp", "image/webp"}, [IMAGE_HEIC] = {"heic", "heic", "image/heic"},
    [IMAGE_AVIF] = {"avif", "avif", "image/avif"}, [IMAGE_TIFF] = {"tiff", "tif", "image/tiff"},
};

const char *image_format_name(ImageFormat format)
{
    return formats[format].name;
}

const char *image_format_ending(ImageFormat format)
{
    return formats[format].ending;
}

const char *image_format_mime(ImageFormat format)
{
    return formats[format].mime;
}
