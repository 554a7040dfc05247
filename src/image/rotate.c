/* Rotating by any angle, and mirroring. */
#include <math.h>
#include <string.h>

#include "base/crew.h"
#include "image/image_priv.h"

/* A quarter turn is COUNT quarters clockwise, without loss. */
static void quarters_turn(const Image *from, int quarters, Image *to)
{
    int last_x = image_width(from) - 1, last_y = image_height(from) - 1;
    size_t bytes = (size_t)image_channels(from) * image_depth(from);

    for (int y = 0; y <= last_y; y++) {
        const unsigned char *in = image_row(from, y);

        for (int x = 0; x <= last_x; x++, in += bytes) {
            int to_x = quarters == 1 ? last_y - y : quarters == 2 ? last_x - x : y;
            int to_y = quarters == 1 ? x : quarters == 2 ? last_y - y : last_x - x;

            memcpy((unsigned char *)image_row_mut(to, to_y) + (size_t)to_x * bytes, in, bytes);
        }
    }
}

Err *image_mirror(const Image *image, Image **ret)
{
    AUTO(image_free) Image *to = NULL;
    size_t bytes = (size_t)image_channels(image) * image_depth(image);
    int width = image_width(image);

    TRY(image_new(width, image_height(image), image_channels(image), image_depth(image), &to));
    for (int y = 0; y < image_height(image); y++) {
        const unsigned char *in = image_row(image, y);
        unsigned char *out = image_row_mut(to, y);

        for (int x = 0; x < width; x++)
            memcpy(out + (size_t)(width - 1 - x) * bytes, in + (size_t)x * bytes, bytes);
    }
    *ret = TAKE(to);
    return NULL;
}

static Err *with_alpha(const Image *image, Image **ret)
{
    AUTO(image_free) Image *rgb = NULL;
    AUTO(image_free) Image *alpha = NULL;

    if (image_has_alpha(image))
        return image_copy(image, ret);
    TRY(image_take_rgb(image, &rgb));
    TRY(image_take_alpha(image, &alpha));
    return image_join_alpha(rgb, alpha, ret);
}

typedef struct Rotation {
    const float *from; /* premultiplied, with a clear border of BORDER pixels */
    int width, height; /* with the border */
    double cosine, sine;
    Image *to;
} Rotation;

enum {
    BORDER = 3 /* what the filter reaches out of the picture */
};

/* Catmull-Rom for the four places around a point that lies PART of 0..1 after the second. */
static void cubic_weights(float part, float weights[4])
{
    weights[0] = ((-0.5f * part + 1) * part - 0.5f) * part;
    weights[1] = (1.5f * part - 2.5f) * part * part + 1;
    weights[2] = ((-1.5f * part + 2) * part + 0.5f) * part;
    weights[3] = (0.5f * part - 0.5f) * part * part;
}

static void pixel_sample(const Rotation *rotation, double x, double y, float pixel[4])
{
    int left = (int)floor(x) - 1, top = (int)floor(y) - 1;
    float across[4], down[4];

    memset(pixel, 0, 4 * sizeof(*pixel));
    if (left < 0 || top < 0 || left + 4 > rotation->width || top + 4 > rotation->height)
        return;
    cubic_weights((float)(x - floor(x)), across);
    cubic_weights((float)(y - floor(y)), down);
    for (int j = 0; j < 4; j++)
        for (int i = 0; i < 4; i++) {
            const float *at =
                rotation->from +
                ((size_t)(top + j) * (size_t)rotation->width + (size_t)(left + i)) * 4;

            for (int c = 0; c < 4; c++)
                pixel[c] += at[c] * across[i] * down[j];
        }
    pixel[3] = CLAMP(pixel[3], 0.0f, 1.0f);
    for (int c = 0; c < 3; c++)
        pixel[c] = CLAMP(pixel[c], 0.0f, pixel[3]);
}

static void row_rotate(void *rotation_any, size_t row)
{
    Rotation *rotation = rotation_any;
    int width = image_width(rotation->to);
    double y = (double)row + 0.5 - image_height(rotation->to) / 2.0;
    AUTO(free) float *values = malloc((size_t)width * 4 * sizeof(*values));

    if (!values)
        abort(); /* one row */
    for (int i = 0; i < width; i++) {
        double x = i + 0.5 - width / 2.0;

        pixel_sample(
            rotation, x * rotation->cosine + y * rotation->sine + rotation->width / 2.0 - 0.5,
            y * rotation->cosine - x * rotation->sine + rotation->height / 2.0 - 0.5,
            values + (size_t)i * 4);
    }
    row_store(rotation->to, (int)row, values);
}

static Err *rotate_freely(const Image *rgba, double degrees, Image **ret)
{
    AUTO(image_free) Image *out = NULL;
    Rotation rotation = {
        .width = image_width(rgba) + 2 * BORDER,
        .height = image_height(rgba) + 2 * BORDER,
        .cosine = cos(degrees * M_PI / 180),
        .sine = sin(degrees * M_PI / 180),
    };
    double cosine = fabs(rotation.cosine), sine = fabs(rotation.sine);
    double width = image_width(rgba) * cosine + image_height(rgba) * sine;
    double height = image_width(rgba) * sine + image_height(rgba) * cosine;
    AUTO(free)
    float *from = calloc((size_t)rotation.width * (size_t)rotation.height, 4 * sizeof(*from));

    if (!from)
        return err_new(ERR_MEMORY_SPENT, "no memory to rotate a picture");
    for (int y = 0; y < image_height(rgba); y++)
        row_load(rgba, y, from + ((size_t)(y + BORDER) * (size_t)rotation.width + BORDER) * 4);
    rotation.from = from;
    TRY(image_new((int)ceil(width - 1e-6), (int)ceil(height - 1e-6), 4, image_depth(rgba), &out));
    rotation.to = out;
    crew_run(image_threads(), (size_t)image_height(out), row_rotate, &rotation);
    *ret = TAKE(out);
    return NULL;
}

Err *image_rotate(const Image *image, double degrees, Image **ret)
{
    AUTO(image_free) Image *rgba = NULL;
    AUTO(image_free) Image *out = NULL;
    double turn = fmod(fmod(degrees, 360) + 360, 360);
    int quarters = (int)(turn / 90);

    TRY(with_alpha(image, &rgba));
    if (turn != quarters * 90)
        return rotate_freely(rgba, turn, ret);
    if (quarters == 0) {
        *ret = TAKE(rgba);
        return NULL;
    }

    bool swap = quarters % 2;
    TRY(image_new(
        swap ? image_height(rgba) : image_width(rgba),
        swap ? image_width(rgba) : image_height(rgba), 4, image_depth(rgba), &out));
    quarters_turn(rgba, quarters, out);
    *ret = TAKE(out);
    return NULL;
}
