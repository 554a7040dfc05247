/* sample.h - a product of the program's own: rendered by the scene room and cut out without a network, so that pictures which
 * show what a template does need nobody's photo and no model. */
#pragma once

#include "base/cancel.h"
#include "base/hash.h"
#include "image/image.h"

typedef struct SampleWish {
    int side_px; /* of the square it is rendered in; the picture is cropped to the product */
    int threads;
    Cancel *cancel;
} SampleWish;

/* RGBA. The same on every run and any number of threads; its lettering is in the machine's own sans. MEMORY_SPENT, CANCELLED. */
MUST Err *sample_draw(const SampleWish *wish, Image **ret);

/* Stands for what sample_draw gives: another product, another hash. */
Hash sample_identity(void);
