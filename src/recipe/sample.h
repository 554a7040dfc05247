/* sample.h - a product of the program's own: rendered by the scene room and cut out without a network, so that pictures which
 * show what a template does need nobody's photo and no model. */
#pragma once

#include "recipe/recipe.h"

typedef struct SampleWish {
    int side_px; /* of the square it is rendered in; the picture is cropped to the product */
    int threads;
    Cancel *cancel;
} SampleWish;

/* RGBA. The same on every run and any number of threads; its lettering is in the machine's own sans. MEMORY_SPENT, CANCELLED. */
MUST Err *sample_draw(const SampleWish *wish, Image **ret);

/* Stands for what sample_draw gives: another product, another hash. */
Hash sample_identity(void);

/* RECIPE in a frame whose longer side is SIDE_PX, unless it is smaller already: for pictures that only show what it does. One without a
 * frame of its own gets the size it recommends, or a square. */
MUST Err *sample_frame(Recipe *recipe, int side_px);
