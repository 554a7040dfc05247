/* matte.h - from a network's coarse mask to a cut-out with clean edges.
 *
 * Three steps, each one call: matte_refine finds the true edge in the photo itself, matte_decontaminate takes the old background's
 * colour out of the edge, matte_confidence says how sure the network was. All work is split into strips whose height does not
 * depend on the number of threads, so the same input gives the same bytes on any machine. Besides its result and its input a
 * call holds at most 64 MB, whatever the size of the photo.
 *
 *     TRY(matte_refine(photo, coarse, &options, &alpha));
 *     TRY(matte_decontaminate(photo, alpha, &options, &cutout));
 */
#pragma once

#include "image/image.h"

typedef enum MatteRefine {
    MATTE_REFINE_NONE, /* the mask, resized linearly: the baseline that is measured against */
    MATTE_REFINE_EDGES, /* edges snapped to the photo, hair and fur followed, specks and pinholes removed */
    MATTE_REFINE_MAX_
} MatteRefine;

typedef struct MatteOptions {
    MatteRefine refine;
    double edge_shift; /* -1..1: below 0 trims the edge, above 0 widens it; default 0 */
    double hair;       /* 0..1: how far soft edges may reach out for hair; default 1 */
    double
        island_percent; /* a loose part smaller than this part of the product, and faint or far from it, goes; default 0.2 */
    double
        hole_percent; /* a weak spot inside the product smaller than this part of it is filled; default 0.05 */
    int threads;    /* at least 1 */
    Cancel *cancel; /* NULL for none */
} MatteOptions;

extern const MatteOptions matte_options_default;

/* PHOTO is RGB or RGBA, DEPTH_8; COARSE is one channel of DEPTH_FLOAT, any size, stretched over the whole photo.
 * RET is one channel of DEPTH_8 at the photo's size. CANCELLED, TIMED_OUT, MEMORY_SPENT. */
MUST Err *
matte_refine(const Image *photo, const Image *coarse, const MatteOptions *options, Image **ret);

/* RGBA of the photo's size: where ALPHA is partial the colour is the product's alone; it goes on a little beyond the edge, so
 * that a later resize finds no foreign colour, and is 0 farther out. Opaque pixels are the photo's own bytes.
 * ALPHA is one channel of DEPTH_8, PHOTO as above. CANCELLED, TIMED_OUT, MEMORY_SPENT. */
MUST Err *matte_decontaminate(
    const Image *photo, const Image *alpha, const MatteOptions *options, Image **ret);

/* 0..1: how decided COARSE is where it sees a product; 0 when it sees none. Clear products have 0.9 and more; below
 * MATTE_DOUBTFUL the result wants a look. */
double matte_confidence(const Image *coarse);

#define MATTE_DOUBTFUL 0.7 /* cluttered rooms, landscapes, glass */

/* ---- glass ---- */

/* 0..1: how surely the old background is seen through the product: its colour goes on inside the outline. A guess, and next to nothing
 * before white or where the background is as grey as the product. PHOTO and ALPHA as above. MEMORY_SPENT. */
MUST Err *matte_glass_find(const Image *photo, const Image *alpha, double *ret);

#define MATTE_GLASS_LIKELY 0.5

/* CUTOUT of PHOTO, both of one size, with STRENGTH (0..1) of the background that is seen through it taken out: what was mixed is
 * unmixed and its alpha lowered, so that laid on another background that one is seen through. MEMORY_SPENT. */
MUST Err *matte_glass_clear(
    const Image *photo, const Image *cutout, double strength, int threads, Image **ret);
