/* gradient.h - backdrops of one to five colours, even to the eye and without bands. */
#pragma once

#include <stdint.h>

#include "image/image.h"

enum {
    GRADIENT_STOPS_MAX = 5
};

typedef enum GradientKind {
    GRADIENT_LINEAR,
    GRADIENT_RADIAL,
} GradientKind;

typedef struct GradientStop {
    Colour colour; /* alpha is left aside */
    double at;     /* 0 where the gradient begins .. 1 where it ends; rising */
} GradientStop;

typedef struct Gradient {
    GradientKind kind;
    const GradientStop *stops;
    size_t count; /* 1 .. GRADIENT_STOPS_MAX */
    double
        angle_degrees; /* which way a linear one runs: 0 up, 90 right, 180 down; corner to corner, as in CSS */
    double centre[2]; /* of a radial one, across and down: 0..1 is inside the frame */
    double radius;    /* of a radial one, in the frame's longer sides */
    uint64_t seed;    /* of the dither */
} Gradient;

/* An RGB picture, 8 bits. Colours are mixed in Oklab, so that the way between two looks even and stays colourful; rounding to
 * 8 bits is dithered by less than one step, so that slow gradients show no bands. INPUT_INVALID for no or too many stops. */
MUST Err *gradient_paint(const Gradient *gradient, int width_px, int height_px, Image **ret);
