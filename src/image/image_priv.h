/* image_priv.h - what the files of this folder know of an Image. */
#pragma once

#include "image/image.h"

/* image_new without zeroing being promised away: the pixels are zero, as always, but come from the system lazily. */
static inline size_t image_row_bytes(const Image *image)
{
    return (size_t)image_width(image) * (size_t)image_channels(image) * image_depth(image);
}

/* Threads that one operation may use, as said to image_start. */
int image_threads(void);

/* One row as floats of 0..1; four channels come premultiplied. VALUES has room for width * channels. */
void row_load(const Image *image, int y, float *values);

/* The way back, clipped and rounded. */
void row_store(Image *image, int y, float *values);

/* As image_resize, to pixels of another depth. */
MUST Err *resize_to_depth(
    const Image *image, int width, int height, ImageKernel kernel, Depth depth, Image **ret);
