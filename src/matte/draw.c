/* The edge itself: alpha of one pixel. */
#include <math.h>

#include "matte/refine.h"

static float logit(float alpha)
{
    float inside = CLAMP(alpha, 0.003f, 0.997f);

    return logf(inside / (1 - inside));
}

static float logistic(float x)
{
    return 1 / (1 + expf(-x));
}

#define INSIDE_FROM 0.35f
#define INSIDE_FULL 0.5f
#define SURE_FROM 0.8f
#define SURE_FULL 0.95f
#define EVIDENCE_MAX 5.0f /* logits: one pixel's colour never outvotes a sure mask */

/* What a pixel's colour says, given Gaussians of the product's and backdrop's colours nearby. */
typedef struct Evidence {
    float contrast; /* squared distance of the two means */
    float mixture;  /* alpha if the pixel is a mixture of the two means */
    float trust;    /* 0..1: of that */
    float logits;   /* log odds that the colour is the product's */
} Evidence;

static Evidence weigh(const float colour[3], const Cell *cell, const Tuning *tuning)
{
    float contrast = 0, along = 0, from_product = 0, from_backdrop = 0;
    float noise = tuning->colour_noise * tuning->colour_noise;
    float spread_product = cell->product_spread + noise;
    float spread_backdrop = cell->backdrop_spread + noise;

    for (int c = 0; c < 3; c++) {
        float between = cell->product[c] - cell->backdrop[c];
        float off_product = colour[c] - cell->product[c];
        float off_backdrop = colour[c] - cell->backdrop[c];

        contrast += between * between;
        along += between * off_backdrop;
        from_product += off_product * off_product;
        from_backdrop += off_backdrop * off_backdrop;
    }
    float spread = 3 * (cell->product_spread + cell->backdrop_spread);
    float odds = 0.5f * (from_backdrop / spread_backdrop - from_product / spread_product) +
                 1.5f * logf(spread_backdrop / spread_product);

    return (Evidence){
        .contrast = contrast,
        .mixture = CLAMP(along / (contrast + 1e-6f), 0.0f, 1.0f),
        .trust = contrast / (contrast + tuning->spread_cost * spread + tuning->contrast_min),
        .logits = CLAMP(odds, -EVIDENCE_MAX, EVIDENCE_MAX),
    };
}

/* The mask where it is grey though product lies all around: such a place is pale, not a hole. */
static float mask_inside(float mask, const Cell *cell)
{
    float more_than_not = CLAMP((mask - INSIDE_FROM) / (INSIDE_FULL - INSIDE_FROM), 0.0f, 1.0f);

    return mask + cell->solid * more_than_not * (1 - mask);
}

float matte_alpha_at(float mask, const float colour[3], const Cell *cell, const Tuning *tuning)
{
    float inside = mask_inside(mask, cell), alpha = inside;

    if (cell->unknown > 0) {
        Evidence evidence = weigh(colour, cell, tuning);
        float logits = cell->known * evidence.trust * evidence.logits;
        float hard = logistic(tuning->hard_gain * logit(alpha) + tuning->hard_colour * logits);
        float trust = cell->known * tuning->hair_trust * evidence.trust * cell->unknown;
        float hair = alpha + trust * (evidence.mixture - alpha);

        hair = 0.5f + (hair - 0.5f) * tuning->hair_gain;
        hard = alpha + cell->unknown * (hard - alpha);
        float soft = cell->hair * CLAMP(evidence.contrast / tuning->hair_contrast - 1, 0.0f, 1.0f);
        alpha = hard + soft * (hair - hard) + soft * cell->lift;
        /* What the network is all but sure of is not taken away by a likeness of colours. */
        float sure = CLAMP((inside - SURE_FROM) / (SURE_FULL - SURE_FROM), 0.0f, 1.0f);
        alpha = MAX(alpha, sure * inside * cell->solid);
    }
    return CLAMP((alpha - tuning->low) / (tuning->high - tuning->low), 0.0f, 1.0f);
}
