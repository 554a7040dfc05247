/* Making and holding pictures. */
#include "image/image.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE_MAX_PX = 65535,
    ALIGNMENT = 64 /* a cache line, and the widest vector */
};

struct Image {
    atomic_int refs;
    int width, height, channels;
    Depth depth;
    size_t row_bytes;
    unsigned char *pixels; /* inside block, aligned */
    void *block;
};

Err *image_new(int width, int height, int channels, Depth depth, Image **ret)
{
    assert(channels == 1 || channels == 3 || channels == 4);

    if (width < 1 || height < 1)
        return err_new(ERR_BUG, "a picture of %d x %d pixels was asked for", width, height);
    if (width > SIDE_MAX_PX || height > SIDE_MAX_PX)
        return err_public(
            err_new(
                ERR_IMAGE_TOO_LARGE, "a picture of %d x %d pixels was asked for", width, height),
            "A picture may be at most %d pixels wide and high; this one would be %d x %d.",
            SIDE_MAX_PX, width, height);

    size_t row_bytes = (size_t)width * (size_t)channels * depth;
    Image *image = calloc(1, sizeof(*image));
    /* calloc, because the system hands out large zeroed blocks without touching them. */
    void *block = calloc(1, row_bytes * (size_t)height + ALIGNMENT);

    if (!image || !block) {
        free(image);
        free(block);
        return err_new(ERR_MEMORY_SPENT, "no memory for a picture of %d x %d", width, height);
    }
    *image = (Image){
        .refs = 1,
        .width = width,
        .height = height,
        .channels = channels,
        .depth = depth,
        .row_bytes = row_bytes,
        .block = block,
    };
    image->pixels =
        (unsigned char *)(((uintptr_t)block + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
    *ret = image;
    return NULL;
}

Err *image_flat(int width, int height, Colour colour, Image **ret)
{
    AUTO(image_free) Image *image = NULL;
    size_t channels = colour.a == 255 ? 3 : 4;
    const uint8_t values[4] = {colour.r, colour.g, colour.b, colour.a};

    TRY(image_new(width, height, (int)channels, DEPTH_8, &image));
    for (size_t x = 0; x < (size_t)width; x++)
        memcpy(image->pixels + x * channels, values, channels);
    for (int y = 1; y < height; y++)
        memcpy(image_row_mut(image, y), image->pixels, image->row_bytes);
    *ret = TAKE(image);
    return NULL;
}

Image *image_ref(const Image *image)
{
    Image *held = (Image *)image;

    if (held)
        atomic_fetch_add_explicit(&held->refs, 1, memory_order_relaxed);
    return held;
}

void image_free(Image *image)
{
    if (!image || atomic_fetch_sub_explicit(&image->refs, 1, memory_order_acq_rel) != 1)
        return;

    free(image->block);
    free(image);
}

int image_width(const Image *image)
{
    return image->width;
}

int image_height(const Image *image)
{
    return image->height;
}

int image_channels(const Image *image)
{
    return image->channels;
}

Depth image_depth(const Image *image)
{
    return image->depth;
}

bool image_has_alpha(const Image *image)
{
    return image->channels == 4;
}

size_t image_bytes(const Image *image)
{
    return image->row_bytes * (size_t)image->height;
}

const void *image_row(const Image *image, int y)
{
    return image->pixels + image->row_bytes * (size_t)y;
}

void *image_row_mut(Image *image, int y)
{
    return image->pixels + image->row_bytes * (size_t)y;
}
