/* Rows of any depth as floats, and back. */
#include <math.h>

#include "image/image_priv.h"

static void values_load(const void *row, Depth depth, size_t count, float *values)
{
    if (depth == DEPTH_8) {
        const uint8_t *from = row;
        for (size_t i = 0; i < count; i++)
            values[i] = (float)from[i] * (1.0f / 255);
    } else if (depth == DEPTH_16) {
        const uint16_t *from = row;
        for (size_t i = 0; i < count; i++)
            values[i] = (float)from[i] * (1.0f / 65535);
    } else {
        const float *from = row;
        for (size_t i = 0; i < count; i++)
            values[i] = from[i];
    }
}

/* Not lrintf, which asks for the rounding mode and does not vectorise; values are never negative here. */
static void values_store(const float *values, Depth depth, size_t count, void *row)
{
    if (depth == DEPTH_8) {
        uint8_t *to = row;
        for (size_t i = 0; i < count; i++)
            to[i] = (uint8_t)(int)(CLAMP(values[i], 0.0f, 1.0f) * 255 + 0.5f);
    } else if (depth == DEPTH_16) {
        uint16_t *to = row;
        for (size_t i = 0; i < count; i++)
            to[i] = (uint16_t)(int)(CLAMP(values[i], 0.0f, 1.0f) * 65535 + 0.5f);
    } else {
        float *to = row;
        for (size_t i = 0; i < count; i++)
            to[i] = CLAMP(values[i], 0.0f, 1.0f);
    }
}

void row_load(const Image *image, int y, float *values)
{
    size_t width = (size_t)image_width(image);

    values_load(
        image_row(image, y), image_depth(image), width * (size_t)image_channels(image), values);
    if (!image_has_alpha(image))
        return;
    for (float *v = values; v < values + width * 4; v += 4) {
        v[0] *= v[3];
        v[1] *= v[3];
        v[2] *= v[3];
    }
}

void row_store(Image *image, int y, float *values)
{
    size_t width = (size_t)image_width(image);

    if (image_has_alpha(image))
        for (float *v = values; v < values + width * 4; v += 4) {
            float scale = v[3] > 0 ? 1 / v[3] : 0;

            v[0] *= scale;
            v[1] *= scale;
            v[2] *= scale;
        }
    values_store(
        values, image_depth(image), width * (size_t)image_channels(image), image_row_mut(image, y));
}

Err *image_to_depth(const Image *image, Depth depth, Image **ret)
{
    AUTO(image_free) Image *out = NULL;
    size_t count = (size_t)image_width(image) * (size_t)image_channels(image);

    if (depth == image_depth(image))
        return image_copy(image, ret);

    AUTO(free) float *values = malloc(count * sizeof(*values));
    if (!values)
        return err_new(ERR_MEMORY_SPENT, "no memory for a row of %zu values", count);
    TRY(image_new(image_width(image), image_height(image), image_channels(image), depth, &out));
    for (int y = 0; y < image_height(image); y++) {
        values_load(image_row(image, y), image_depth(image), count, values);
        values_store(values, depth, count, image_row_mut(out, y));
    }
    *ret = TAKE(out);
    return NULL;
}
