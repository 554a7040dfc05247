/* field.h - a plane of floats, and the few things the matte does with one. Private to this folder. */
#pragma once

#include <stddef.h>

#include "image/image.h"

typedef struct Field {
    int width, height;
    float values[];
} Field;

/* Zeroed. MEMORY_SPENT. */
MUST Err *matte_field_new(int width, int height, Field **ret);
void matte_field_free(Field *field);
DEFINE_AUTO(Field, matte_field_free);

size_t matte_field_count(const Field *field);

/* The mean over (2 radius + 1) squared pixels, fewer at the border. FROM and TO may be one; SPARE is overwritten. */
void matte_field_box(const Field *from, int radius, Field *spare, Field *to);

/* Where position INDEX of LENGTH lies in a row of FROM_LENGTH samples, pixel centres on pixel centres. */
typedef struct Tap {
    int near, far;
    float weight; /* of the far one */
} Tap;

Tap matte_tap_at(int index, int length, int from_length);

/* Row Y of FIELD stretched to WIDTH x HEIGHT; TAPS has one for each x. */
void matte_field_stretch_row(
    const Field *field, const Tap *taps, int width, int y, int height, float *row);

/* The first PLANES channels of IMAGE, DEPTH_8, as 0..1: each value the mean of the pixels under it. No field is larger than IMAGE. */
void matte_field_shrink(const Image *image, int threads, Field *const *to, int planes);
