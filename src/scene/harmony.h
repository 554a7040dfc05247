/* harmony.h - a product's own pixels, brought into the light of the picture it stands in.
 *
 * Each part is a strength of 0..1, and with all of them 0 the product's bytes stay as they are. Only broad light is laid on, so
 * labels stay readable, and all parts are taken back together until the product's mean colour difference keeps the limit.
 */
#pragma once

#include "image/image.h"

typedef struct HarmonyLook {
    double exposure;  /* as bright as a white card would be there */
    double tint;      /* and as coloured */
    double relight;   /* broad light and shade over its form */
    double masks;     /* shadows that leaves, blinds and panes before the lamps throw on it */
    double occlusion; /* darker towards the ground it stands on */
    double wrap;      /* the backdrop's light around its edge */
    double grain;     /* the picture's own */
    double limit;     /* mean CIEDE2000 of the product, grain left aside */
} HarmonyLook;

typedef struct Harmony {
    const Image *product;  /* RGBA, 8 bits */
    Box box;               /* where it lies on the backdrop, of its own size */
    const Image *backdrop; /* RGB, 8 bits */
    const Image *light;    /* SceneShot.light; NULL takes light from the backdrop's colours alone */
    double grain;          /* of the backdrop: SceneFacts.grain */
    HarmonyLook look;
    uint64_t seed; /* of the grain */
    int threads;
} Harmony;

typedef struct HarmonyFacts {
    double gain;      /* of the product's linear light, before the limit */
    double share;     /* of what was asked for that the limit left: 1 is all */
    double mean, p95; /* CIEDE2000 of its opaque pixels */
} HarmonyFacts;

/* A copy of the product; alpha stays. INPUT_INVALID for other pictures, MEMORY_SPENT. */
MUST Err *harmony_apply(const Harmony *harmony, Image **ret, HarmonyFacts *ret_facts);
