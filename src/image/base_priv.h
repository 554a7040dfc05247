/* base_priv.h - how bright a picture is around each place, edges kept: light by areas.
 *
 * A guided filter (He, Sun, Tang 2010) of luma on a small copy: around = a * luma + b with a and b smooth over the picture, so that
 * the line between two areas stays sharp in any size.
 */
#pragma once

#include "image/image.h"

enum {
    LIGHT_BASE_COLUMNS_MAX = 192
};

typedef struct LightBase {
    int width, height; /* of the picture it is for */
    int columns, rows; /* of the small copy */
    float *a, *b;      /* columns * rows each */
} LightBase;

/* What is transparent in IMAGE does not count. MEMORY_SPENT. */
MUST Err *light_base_new(const Image *image, LightBase **ret);
void light_base_free(LightBase *base);
DEFINE_AUTO(LightBase, light_base_free);

/* a and b of row Y, for every column of the small copy: 2 * columns floats. */
void light_base_row(const LightBase *base, int y, float *ret);
