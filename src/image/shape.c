/* Cutting, copying, and the parts of a picture. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "image/image_priv.h"

static Err *new_like(const Image *image, int channels, Image **ret)
{
    return image_new(image_width(image), image_height(image), channels, image_depth(image), ret);
}

Err *image_crop(const Image *image, Box box, Image **ret)
{
    AUTO(image_free) Image *out = NULL;
    size_t pixel_bytes = (size_t)image_channels(image) * image_depth(image);

    if (box.left < 0 || box.top < 0 || box.width < 1 || box.height < 1 ||
        box.width > image_width(image) - box.left || box.height > image_height(image) - box.top)
        return err_new(
            ERR_BUG, "box %d,%d %dx%d lies outside a picture of %d x %d", box.left, box.top,
            box.width, box.height, image_width(image), image_height(image));

    TRY(image_new(box.width, box.height, image_channels(image), image_depth(image), &out));
    for (int y = 0; y < box.height; y++) {
        const unsigned char *from = image_row(image, box.top + y);

        memcpy(image_row_mut(out, y), from + (size_t)box.left * pixel_bytes, image_row_bytes(out));
    }
    *ret = TAKE(out);
    return NULL;
}

Err *image_copy(const Image *image, Image **ret)
{
    return image_crop(image, (Box){0, 0, image_width(image), image_height(image)}, ret);
}

/* Inlined with BYTES known, so that the compiler copies whole words. */
static inline __attribute__((always_inline)) void places_copy(
    const unsigned char *in, size_t in_step, unsigned char *out, size_t out_step, size_t bytes,
    int count)
{
    for (int i = 0; i < count; i++, in += in_step, out += out_step)
        memcpy(out, in, bytes);
}

/* Copy COUNT channels of each pixel, from channel FROM_AT of FROM to channel TO_AT of TO. */
static void channels_copy(const Image *from, int from_at, Image *to, int to_at, int count)
{
    size_t size = image_depth(from);
    size_t in_step = size * (size_t)image_channels(from);
    size_t out_step = size * (size_t)image_channels(to);
    int width = image_width(from);

    for (int y = 0; y < image_height(from); y++) {
        const unsigned char *in =
            (const unsigned char *)image_row(from, y) + size * (size_t)from_at;
        unsigned char *out = (unsigned char *)image_row_mut(to, y) + size * (size_t)to_at;

        if (size * (size_t)count == 1)
            places_copy(in, in_step, out, out_step, 1, width);
        else if (size * (size_t)count == 3)
            places_copy(in, in_step, out, out_step, 3, width);
        else
            places_copy(in, in_step, out, out_step, size * (size_t)count, width);
    }
}

Err *image_join_alpha(const Image *rgb, const Image *alpha, Image **ret)
{
    AUTO(image_free) Image *out = NULL;

    if (image_channels(rgb) != 3 || image_channels(alpha) != 1 ||
        image_depth(rgb) != image_depth(alpha) || image_width(rgb) != image_width(alpha) ||
        image_height(rgb) != image_height(alpha))
        return err_new(
            ERR_BUG, "a mask of %d x %d x %d does not fit a picture of %d x %d x %d",
            image_width(alpha), image_height(alpha), image_channels(alpha), image_width(rgb),
            image_height(rgb), image_channels(rgb));

    TRY(new_like(rgb, 4, &out));
    channels_copy(rgb, 0, out, 0, 3);
    channels_copy(alpha, 0, out, 3, 1);
    *ret = TAKE(out);
    return NULL;
}

static void fill_opaque(Image *mask)
{
    size_t width = (size_t)image_width(mask);

    for (int y = 0; y < image_height(mask); y++) {
        float *row = image_row_mut(mask, y);

        if (image_depth(mask) != DEPTH_FLOAT)
            memset(row, 0xff, image_row_bytes(mask));
        else
            for (size_t x = 0; x < width; x++)
                row[x] = 1;
    }
}

Err *image_take_alpha(const Image *rgba, Image **ret)
{
    AUTO(image_free) Image *out = NULL;

    TRY(new_like(rgba, 1, &out));
    if (image_has_alpha(rgba))
        channels_copy(rgba, 3, out, 0, 1);
    else
        fill_opaque(out);
    *ret = TAKE(out);
    return NULL;
}

Err *image_take_rgb(const Image *image, Image **ret)
{
    AUTO(image_free) Image *out = NULL;

    if (image_channels(image) == 3)
        return image_copy(image, ret);

    TRY(new_like(image, 3, &out));
    if (image_has_alpha(image))
        channels_copy(image, 0, out, 0, 3);
    else
        for (int c = 0; c < 3; c++)
            channels_copy(image, 0, out, c, 1);
    *ret = TAKE(out);
    return NULL;
}

static float linear_of(float encoded)
{
    return encoded <= 0.04045f ? encoded / 12.92f : powf((encoded + 0.055f) / 1.055f, 2.4f);
}

/* OVER, with alpha of 0..1, blended onto GROUND, all sRGB-encoded 0..1; the sum is made of light. */
static float blend(float over, float alpha, float ground_linear)
{
    return colour_encoded(linear_of(over) * alpha + ground_linear * (1 - alpha)) / 255;
}

static void flatten_row_8(const uint8_t *in, const uint8_t ground[3], size_t width, uint8_t *out)
{
    for (size_t x = 0; x < width; x++, in += 4, out += 3) {
        float alpha = (float)in[3] / 255;

        if (in[3] == 255 || in[3] == 0) {
            memcpy(out, in[3] ? in : ground, 3);
            continue;
        }
        for (int c = 0; c < 3; c++)
            out[c] =
                (uint8_t)(colour_encoded(colour_linear(in[c]) * alpha + colour_linear(ground[c]) * (1 - alpha)) + 0.5f);
    }
}

static void flatten_row_16(const uint16_t *in, const uint8_t ground[3], size_t width, uint16_t *out)
{
    for (size_t x = 0; x < width; x++, in += 4, out += 3)
        for (int c = 0; c < 3; c++) {
            float value =
                blend((float)in[c] / 65535, (float)in[3] / 65535, colour_linear(ground[c]));

            out[c] = in[3] == 65535 ? in[c]
                     : in[3] == 0   ? (uint16_t)(ground[c] * 257)
                                    : (uint16_t)(value * 65535 + 0.5f);
        }
}

static void flatten_row_float(const float *in, const uint8_t ground[3], size_t width, float *out)
{
    for (size_t x = 0; x < width; x++, in += 4, out += 3)
        for (int c = 0; c < 3; c++)
            out[c] = in[3] >= 1 ? in[c] : blend(in[c], in[3], colour_linear(ground[c]));
}

Err *image_flatten(const Image *image, Colour ground, Image **ret)
{
    AUTO(image_free) Image *out = NULL;
    const uint8_t values[3] = {ground.r, ground.g, ground.b};
    size_t width = (size_t)image_width(image);

    if (!image_has_alpha(image))
        return image_take_rgb(image, ret);

    TRY(new_like(image, 3, &out));
    for (int y = 0; y < image_height(image); y++)
        if (image_depth(image) == DEPTH_8)
            flatten_row_8(image_row(image, y), values, width, image_row_mut(out, y));
        else if (image_depth(image) == DEPTH_16)
            flatten_row_16(image_row(image, y), values, width, image_row_mut(out, y));
        else
            flatten_row_float(image_row(image, y), values, width, image_row_mut(out, y));
    *ret = TAKE(out);
    return NULL;
}

static bool is_above(const void *row, Depth depth, size_t at, int threshold)
{
    if (depth == DEPTH_8)
        return ((const uint8_t *)row)[at] > threshold;
    if (depth == DEPTH_16)
        return ((const uint16_t *)row)[at] > threshold * 257;
    return ((const float *)row)[at] * 255 > (float)threshold;
}

Err *image_alpha_box(const Image *image, int threshold, Box *ret)
{
    int left = image_width(image), top = image_height(image), right = -1, bottom = -1;
    size_t channels = (size_t)image_channels(image);

    if (channels == 3) {
        *ret = (Box){0, 0, image_width(image), image_height(image)};
        return NULL;
    }
    for (int y = 0; y < image_height(image); y++) {
        const void *row = image_row(image, y);
        Depth depth = image_depth(image);
        int first = 0, last = image_width(image) - 1;

        while (first <= last &&
               !is_above(row, depth, ((size_t)first + 1) * channels - 1, threshold))
            first++;
        if (first > last)
            continue;
        while (!is_above(row, depth, ((size_t)last + 1) * channels - 1, threshold))
            last--;
        left = MIN(left, first);
        right = MAX(right, last);
        top = MIN(top, y);
        bottom = y;
    }
    *ret = right < 0 ? (Box){0} : (Box){left, top, right - left + 1, bottom - top + 1};
    return NULL;
}
