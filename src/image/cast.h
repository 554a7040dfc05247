/* cast.h - the broad light of one picture, laid on another of the same thing. */
#pragma once

#include "image/image.h"

typedef struct LightCast {
    const Image *image; /* RGB or RGBA, 8 bits: what keeps its own detail */
    const Image
        *lit; /* the same thing in another light, RGB or RGBA, of any size, stretched over IMAGE */
    double limit; /* mean CIEDE2000 that the light may move the opaque pixels by */
    int threads;
} LightCast;

typedef struct LightCastFacts {
    double share; /* of the light that the limit left: 1 is all */
    double mean;  /* CIEDE2000 of what was done */
} LightCastFacts;

/* A copy of IMAGE under LIT's light: only what changes over a twentieth of the picture and more is taken, so text and edges stay its own.
 * Alpha stays. The same bytes on any number of threads. MEMORY_SPENT. */
MUST Err *image_cast_light(const LightCast *cast, Image **ret, LightCastFacts *ret_facts);
