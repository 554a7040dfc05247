/* refine.h - the parts of matte_refine. Private to this folder.
 *
 * A Grid is the photo at no more than GRID_SIDE pixels a side, with what is known there about the product's and the background's
 * colours. All that varies slowly is worked out on it; only the edge itself is drawn at full size (draw.c).
 */
#pragma once

#include "matte/field.h"
#include "matte/matte.h"

/* Numbers found by measurement on photos with known mattes. Lengths are thousandths of the photo's longest side. */
typedef struct Tuning {
    float doubt_bias;   /* logits added to a mask for each 1 that its confidence lacks */
    float edge_reach;   /* half width of the unknown band at hard edges */
    float hair_reach;   /* and at hair */
    float colour_reach; /* radius in which the product's and background's colours are learnt */
    float sure;         /* mean mask value from which a pixel teaches a colour */
    float hard_px,
        soft_px; /* transition width in the mask: below the first an edge is hard, above the second it is hair */
    float hard_gain;     /* steepness at hard edges; 1 keeps the mask's */
    float hard_colour;   /* weight of the colour evidence there, in logits */
    float colour_noise;  /* standard deviation that any colour may have */
    float spread_cost;   /* how much scattered colours lower the trust in a mixture */
    float contrast_min;  /* squared colour distance at which that trust is half */
    float hair_trust;    /* weight of the mixture at hair */
    float hair_hold;     /* how firmly the spread of alpha along like colours keeps to its start */
    float hair_gain;     /* contrast of alpha at hair */
    float low, high;     /* alpha below and above which nothing is left to chance */
    float hair_contrast; /* squared colour distance below which nothing can be told about hair */
    int hair_rounds;     /* of the conjugate gradient; 0 leaves it out */
    int hair_radius;     /* of its windows, grid pixels */
} Tuning;

extern const Tuning matte_tuning;

enum {
    GRID_SIDE = 512,
    STRIP_ROWS = 64, /* of the photo; never depends on the number of threads */
};

/* What is known around one grid pixel. A plain row of floats, so that stretching it is one short loop. */
typedef struct Cell {
    float unknown;                    /* 0 where the mask is sure */
    float hair;                       /* 0 hard edge .. 1 hair */
    float solid;                      /* 0..1: mostly product all around */
    float lift;                       /* what the spread along like colours adds to alpha at hair */
    float product[3], product_spread; /* mean colour nearby and its variance a channel */
    float backdrop[3], backdrop_spread;
    float known;      /* 1 where both colours are known */
    float keep, fill; /* alpha is multiplied with the first and raised to the second */
} Cell;

typedef struct Grid {
    int width, height;
    float scale;   /* grid pixels in a thousandth of the photo's longest side */
    Field *rgb[3]; /* 0..1 */
    Field *mask;
    Cell *cells;
} Grid;

void matte_grid_done(Grid *grid);
DEFINE_AUTO_DONE(Grid, matte_grid_done);

/* MASK is the coarse mask as matte_refine uses it, at most the photo's size. */
MUST Err *matte_grid_fill(
    const Image *photo, const Field *mask, const Tuning *tuning, const MatteOptions *options,
    Grid *grid);

/* Alpha of one pixel from its mask value, colour and surroundings. */
float matte_alpha_at(float mask, const float colour[3], const Cell *cell, const Tuning *tuning);

/* Sets cell->lift: a closed-form matte (Levin et al. 2008, in the window form of He et al. 2010) of the unknown hair, on the
 * grid. START is alpha on the grid before it. */
MUST Err *matte_hair_spread(
    Grid *grid, const Field *start, const Tuning *tuning, const MatteOptions *options);

/* Removes specks and fills weak spots by changing the mask on the grid: KEEP is what to multiply with, FILL what to raise to. */
MUST Err *
matte_speck_find(const Field *alpha, const MatteOptions *options, Field *keep, Field *fill);

/* matte_refine with other numbers. */
MUST Err *matte_refine_tuned(
    const Image *photo, const Image *coarse, const MatteOptions *options, const Tuning *tuning,
    Image **ret);
