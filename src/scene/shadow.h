/* shadow.h - shadows and reflections for backdrops that were not rendered with the product: drawn from its outline.
 *
 * Each gives an RGBA layer of frame size that lies between backdrop and product.
 */
#pragma once

#include "image/image.h"

typedef struct ShadowLook {
    double opacity; /* 0..100; 40 is usual */
    double blur;    /* 0..100; 50 is usual: the light of a softbox */
    double
        angle_degrees; /* whence the light comes: 0 from the right, 90 from above, 135 from the upper left, 180 from the left */
    double
        distance_px; /* 0..100 in a frame of 1000 px, larger frames scale it: how far the shadow is thrown; 20 is usual */
    double length;   /* 1..100: how much of the product's height a reflection shows; 45 is usual */
    Colour colour;   /* of the shadow */
} ShadowLook;

typedef struct ShadowCast {
    const Image *product;    /* RGBA, 8 bits */
    Box box;                 /* where it lies in the frame, of any size; may reach over the edges */
    int width_px, height_px; /* the frame */
    ShadowLook look;
    int threads;
} ShadowCast;

/* A dark seam where the product touches the ground, and its outline laid down on the ground away from the light: sharp at the
 * foot, softer and fainter with distance. Light from below the horizon (angles over 180) counts as from straight above. */
MUST Err *shadow_natural(const ShadowCast *cast, Image **ret);

/* The outline, moved away from the light and blurred, as of a card floating before a wall. */
MUST Err *shadow_drop(const ShadowCast *cast, Image **ret);

/* The product mirrored below its foot, fading and blurring with distance, following the lower edge of rounded and slanted feet so
 * that the product does not float. */
MUST Err *shadow_reflection(const ShadowCast *cast, Image **ret);
